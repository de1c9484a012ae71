//! One transfer: in messages of several kinds, with savepoints in between, broken off at any place.

use super::client::{Client, Stopped};
use super::marks;
use super::messages::{bind, execute, parse, query, steps, sync};
use super::model::{ACCOUNTS, Deed, Transfer};
use super::wire::Answer;
use crate::labels;
use torture::promise::Promise;

/// A client vanishes so often at each place where it may, in a million.
const VANISHES: u32 = 25_000;
/// So often it does something within a savepoint before a statement.
const ASIDE: u32 = 150_000;

/// In which messages a transfer is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Messages {
    /// One for each statement.
    Single,
    /// One for all, with `BEGIN` and `COMMIT`.
    Batch,
    /// One for all, which are a transaction by themselves.
    Implicit,
    /// Steps with values, one after the other, and a `Sync` at the end.
    Pipeline,
    /// The same with statements that were prepared once.
    Prepared,
}

const ALL: [Messages; 5] =
    [Messages::Single, Messages::Batch, Messages::Implicit, Messages::Pipeline, Messages::Prepared];
/// The levels of isolation.
pub const LEVELS: [&str; 3] = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// A statement with its name, where it is prepared, and the values of `$1` and so on.
pub type Statement = (&'static str, &'static str, Vec<i64>);

/// Keeps whoever looks for what became of this client's deeds waiting.
pub fn lock(client: u8) -> Statement {
    ("lock", "SELECT pg_advisory_xact_lock($1)", vec![i64::from(client)])
}

/// Tells of a deed.
pub fn tell(number: i64) -> Statement {
    ("tell", "SELECT pg_notify('moved', $1::bigint::text)", vec![number])
}

/// The statements of a transfer between `BEGIN` and `COMMIT`.
pub fn statements(client: u8, number: i64, transfer: Transfer) -> Vec<Statement> {
    let Transfer { source, target, amount } = transfer;
    vec![
        lock(client),
        ("debit", "UPDATE accounts SET balance = balance - $1 WHERE id = $2", vec![amount, source]),
        ("credit", "UPDATE accounts SET balance = balance + $1 WHERE id = $2", vec![amount, target]),
        ("write", "INSERT INTO transfers VALUES ($1, $2, $3, $4)", vec![number, source, target, amount]),
        tell(number),
    ]
}

/// A statement with its values in their places.
pub fn filled((_, text, values): &Statement) -> String {
    let places = (1..).zip(values);
    places.fold((*text).to_owned(), |text, (place, value)| {
        text.replace(&format!("${place}"), &value.to_string())
    })
}

/// Values as they are bound.
pub fn texts(values: &[i64]) -> Vec<String> {
    values.iter().map(i64::to_string).collect()
}

impl Client<'_> {
    /// Two accounts, and an amount.
    pub fn draw_transfer(&self) -> Transfer {
        let drawn = i64::from(self.choose(&labels::ACCOUNTS, (ACCOUNTS * ACCOUNTS * 9) as u32));
        let (source, target) = (drawn % ACCOUNTS, drawn / ACCOUNTS % ACCOUNTS);
        Transfer { source, target, amount: drawn / ACCOUNTS / ACCOUNTS + 1 }
    }

    /// A number for something that it does.
    pub fn next_number(&self) -> i64 {
        self.kept.with(|kept| kept.model.next_number(self.number))
    }

    /// A transfer between two accounts.
    pub fn transfer(&mut self) -> Result<(), Stopped> {
        let (number, transfer) = (self.next_number(), self.draw_transfer());
        let messages = ALL[self.choose(&labels::MESSAGES, ALL.len() as u32) as usize];
        self.note(&format!("moves {transfer:?} as {number:x}, {messages:?}"));
        let all = statements(self.number, number, transfer);
        let deed = Deed::of(transfer);
        match messages {
            Messages::Single => {
                let level = LEVELS[self.choose(&labels::MESSAGES, 3) as usize];
                let Some(_) = self.begins(level)? else { return Ok(()) };
                self.step_by_step(number, deed, &all)
            }
            Messages::Batch => {
                let texts: Vec<String> = all.iter().map(filled).collect();
                self.at_once(number, deed, query(&format!("BEGIN; {}; COMMIT", texts.join("; "))))
            }
            Messages::Implicit => {
                let texts: Vec<String> = all.iter().map(filled).collect();
                self.at_once(number, deed, query(&texts.join("; ")))
            }
            Messages::Pipeline => {
                let mut bytes = steps("BEGIN", &[]);
                for (_, text, values) in &all {
                    bytes.extend_from_slice(&steps(text, &texts(values)));
                }
                bytes.extend_from_slice(&steps("COMMIT", &[]));
                bytes.extend_from_slice(&sync());
                self.at_once(number, deed, bytes)
            }
            Messages::Prepared => self.prepared(number, deed, &all),
        }
    }

    fn prepared(&mut self, number: i64, deed: Deed, all: &[Statement]) -> Result<(), Stopped> {
        let mut again = true;
        for (name, text, _) in all {
            again &= self.wire.as_ref().is_some_and(|wire| wire.prepared.contains(name));
            if !self.prepares(name, text)? {
                return Ok(());
            }
        }
        if again {
            self.reached(&marks::PREPARED_AGAIN);
        }
        let mut bytes = steps("BEGIN", &[]);
        for (name, _, values) in all {
            bytes.extend_from_slice(&[bind("", name, &texts(values)), execute("", 0)].concat());
        }
        bytes.extend_from_slice(&steps("COMMIT", &[]));
        bytes.extend_from_slice(&sync());
        self.at_once(number, deed, bytes)
    }

    /// Prepares a statement, if its connection does not have it; whether it has it then.
    pub fn prepares(&mut self, name: &'static str, text: &str) -> Result<bool, Stopped> {
        if self.wire.as_ref().is_some_and(|wire| wire.prepared.contains(name)) {
            return Ok(true);
        }
        let answer = self.ask(&[parse(name, text), sync()].concat(), &[])?;
        let Some(_) = self.or_back(answer)? else { return Ok(false) };
        if let Some(wire) = &mut self.wire {
            wire.prepared.insert(name);
        }
        Ok(true)
    }

    /// Makes a deed again that was not there, in the transaction that has looked for it.
    pub fn make(&mut self, number: i64, deed: Deed) -> Result<(), Stopped> {
        if deed.lines > 0 && !self.copy_whole(number, deed.lines)? {
            return Ok(());
        }
        match deed.transfer {
            Some(transfer) => {
                self.step_by_step(number, deed, &statements(self.number, number, transfer)[1..])
            }
            None => self.step_by_step(number, deed, &[tell(number)]),
        }
    }

    /// Whether the client goes away here, without a word.
    pub fn vanishes(&mut self) -> bool {
        let vanishes = self.happens(&labels::VANISH, VANISHES);
        if vanishes {
            self.note("goes away in the midst of it");
            self.reached(&marks::VANISHED);
        }
        vanishes
    }

    /// Says these statements, and `COMMIT`.
    pub fn step_by_step(&mut self, number: i64, deed: Deed, all: &[Statement]) -> Result<(), Stopped> {
        for statement in all {
            if self.vanishes() {
                return Err(Stopped::Gone);
            }
            if self.happens(&labels::SAVEPOINT, ASIDE) && !self.aside()? {
                return Ok(());
            }
            let is_kept = self.happens(&labels::SAVEPOINT, ASIDE);
            if is_kept && self.simply("SAVEPOINT keep")?.is_none() {
                return Ok(());
            }
            let Some(_) = self.simply(&filled(statement))? else { return Ok(()) };
            if is_kept {
                self.reached(&marks::RELEASED);
                let Some(_) = self.simply("RELEASE keep")? else { return Ok(()) };
            }
        }
        if !self.sums()? {
            return Ok(());
        }
        if self.happens(&labels::VANISH, VANISHES) {
            // A message that does not come to its end is none.
            self.note("goes away while it says COMMIT");
            let commit = query("COMMIT");
            let length = 1 + self.choose(&labels::VANISH, commit.len() as u32 - 1) as usize;
            if let Some(wire) = &mut self.wire {
                let _ = wire.say(&commit[..length.min(commit.len() - 1)]);
            }
            return Err(Stopped::Gone);
        }
        self.at_once(number, deed, query("COMMIT"))
    }

    /// Does what leaves nothing, as it goes back to a savepoint; whether the transaction goes on.
    fn aside(&mut self) -> Result<bool, Stopped> {
        let decoy = self.next_number();
        let Some(_) = self.simply("SAVEPOINT aside")? else { return Ok(false) };
        let account = self.choose(&labels::ACCOUNTS, ACCOUNTS as u32);
        let goes_on = match self.choose(&labels::SAVEPOINT, 3) {
            0 => {
                let all = format!(
                    "UPDATE accounts SET balance = balance + 1000 WHERE id = {account}; \
                     INSERT INTO transfers VALUES ({decoy}, 0, {account}, 1000); \
                     INSERT INTO loads VALUES ({decoy}, 1, 'aside'); SELECT pg_notify('moved', '{decoy}')"
                );
                self.simply(&all)?.is_some()
            }
            1 => self.fails("SELECT 1 / (balance - balance) FROM accounts", "22012")?,
            _ => self.fails(&format!("INSERT INTO accounts VALUES ({account}, 1000)"), "23505")?,
        };
        if !goes_on {
            return Ok(false);
        }
        self.reached(&marks::ROLLED_BACK_TO);
        let ends = ["ROLLBACK TO aside", "ROLLBACK TO aside; RELEASE aside"];
        Ok(self.simply(ends[self.choose(&labels::SAVEPOINT, 2) as usize])?.is_some())
    }

    /// Says what fails with this error; whether the transaction may go back to a savepoint.
    pub fn fails(&mut self, text: &str, state: &str) -> Result<bool, Stopped> {
        let answer = self.ask(&query(text), &[state])?;
        match &answer.error {
            Some(told) if told.state == state => Ok(true),
            Some(_) => self.or_back(answer).map(|_| false),
            None => Err(self.broken(Promise::StatementsMatchModel, format!("{text} did not fail"))),
        }
    }

    /// Says what ends in a commit, and hears what became of it.
    pub fn at_once(&mut self, number: i64, deed: Deed, bytes: Vec<u8>) -> Result<(), Stopped> {
        self.kept.with(|kept| kept.model.asked(number, deed));
        let done = self.commit(number, &bytes);
        // Whoever has not heard does not know.
        self.kept.with(|kept| kept.model.unknown(number));
        done
    }

    fn commit(&mut self, number: i64, bytes: &[u8]) -> Result<(), Stopped> {
        let spoke = self.moment();
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let said = wire.say(bytes);
        if self.vanishes() {
            return Err(Stopped::Gone);
        }
        let answered =
            said.and_then(|()| self.wire.as_mut().map_or(Ok(Answer::default()), |wire| wire.answer()));
        let answer = self.heard(spoke, answered, &[])?;
        if answer.error.is_some() {
            self.kept.with(|kept| kept.model.refused(number));
            return self.or_back(answer).map(drop);
        }
        if answer.status != b'I' || answer.tags.last().is_some_and(|tag| tag == "ROLLBACK") {
            let detail = format!("a commit was answered {:?}", answer.tags);
            return Err(self.broken(Promise::StatementsMatchModel, detail));
        }
        self.kept.with(|kept| kept.model.acknowledged(number));
        self.account()
    }

    /// Now and then an acknowledgement is held against the synced bytes alone.
    fn account(&self) -> Result<(), Stopped> {
        let rate = self.session.intensity.accounting;
        if rate == 0 || !self.happens(&labels::ACCOUNT, rate) {
            return Ok(());
        }
        torture::oracle::accounting::account(self.session).map_err(|failure| self.failed(failure))
    }
}
