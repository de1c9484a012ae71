//! One transfer: in messages of several kinds, broken off at any place, or cancelled.

use super::client::{Client, Stopped};
use super::model::{ACCOUNTS, Transfer};
use super::wire::{Answer, query, steps, sync};
use crate::labels;
use torture::promise::Promise;

/// A client vanishes so often at each place where it may, in a million.
const VANISHES: u32 = 25_000;

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
}

const ALL: [Messages; 4] = [Messages::Single, Messages::Batch, Messages::Implicit, Messages::Pipeline];
const LEVELS: [&str; 3] = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"];

/// The statements of a transfer between `BEGIN` and `COMMIT`, their values in the places of `$1` and so on.
fn statements(client: u8, number: i64, transfer: Transfer) -> Vec<(&'static str, Vec<i64>)> {
    let Transfer { source, target, amount } = transfer;
    vec![
        ("SELECT pg_advisory_xact_lock($1)", vec![i64::from(client)]),
        ("UPDATE accounts SET balance = balance - $1 WHERE id = $2", vec![amount, source]),
        ("UPDATE accounts SET balance = balance + $1 WHERE id = $2", vec![amount, target]),
        ("INSERT INTO transfers VALUES ($1, $2, $3, $4)", vec![number, source, target, amount]),
        ("SELECT pg_notify('moved', $1::bigint::text)", vec![number]),
    ]
}

fn filled((text, values): &(&'static str, Vec<i64>)) -> String {
    let places = (1..).zip(values);
    places.fold((*text).to_owned(), |text, (place, value)| {
        text.replace(&format!("${place}"), &value.to_string())
    })
}

impl Client<'_> {
    /// A transfer between two accounts.
    pub fn transfer(&mut self) -> Result<(), Stopped> {
        let number = self.kept.with(|kept| kept.model.next_number(self.number));
        let drawn = i64::from(self.choose(&labels::ACCOUNTS, (ACCOUNTS * ACCOUNTS * 9) as u32));
        let (source, target) = (drawn % ACCOUNTS, drawn / ACCOUNTS % ACCOUNTS);
        let transfer = Transfer { source, target, amount: drawn / ACCOUNTS / ACCOUNTS + 1 };
        let messages = ALL[self.choose(&labels::MESSAGES, 4) as usize];
        self.note(&format!("moves {transfer:?} as {number:x}, {messages:?}"));
        let all = statements(self.number, number, transfer);
        match messages {
            Messages::Single => {
                let level = LEVELS[self.choose(&labels::MESSAGES, 3) as usize];
                let Some(_) = self.simply(&format!("BEGIN ISOLATION LEVEL {level}"))? else { return Ok(()) };
                self.step_by_step(number, transfer, &all)
            }
            Messages::Batch => {
                let texts: Vec<String> = all.iter().map(filled).collect();
                self.at_once(number, transfer, query(&format!("BEGIN; {}; COMMIT", texts.join("; "))))
            }
            Messages::Implicit => {
                let texts: Vec<String> = all.iter().map(filled).collect();
                self.at_once(number, transfer, query(&texts.join("; ")))
            }
            Messages::Pipeline => {
                let mut bytes = steps("BEGIN", &[]);
                for (text, values) in &all {
                    let values: Vec<String> = values.iter().map(i64::to_string).collect();
                    bytes.extend_from_slice(&steps(text, &values));
                }
                bytes.extend_from_slice(&steps("COMMIT", &[]));
                bytes.extend_from_slice(&sync());
                self.at_once(number, transfer, bytes)
            }
        }
    }

    /// Makes a transfer again that was not there, in the transaction that has looked for it.
    pub fn make(&mut self, number: i64, transfer: Transfer) -> Result<(), Stopped> {
        let all = statements(self.number, number, transfer);
        self.step_by_step(number, transfer, &all[1..])
    }

    /// Whether the client goes away here, without a word.
    fn vanishes(&mut self) -> bool {
        let vanishes = self.happens(&labels::VANISH, VANISHES);
        if vanishes {
            self.note("goes away in the midst of it");
        }
        vanishes
    }

    fn step_by_step(
        &mut self,
        number: i64,
        transfer: Transfer,
        all: &[(&'static str, Vec<i64>)],
    ) -> Result<(), Stopped> {
        for statement in all {
            if self.vanishes() {
                return Err(Stopped::Gone);
            }
            let Some(_) = self.simply(&filled(statement))? else { return Ok(()) };
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
        self.at_once(number, transfer, query("COMMIT"))
    }

    /// Says what ends in a commit, and hears what became of it.
    fn at_once(&mut self, number: i64, transfer: Transfer, bytes: Vec<u8>) -> Result<(), Stopped> {
        self.kept.with(|kept| kept.model.asked(number, transfer));
        let done = self.commit(number, &bytes);
        // Whoever has not heard does not know.
        self.kept.with(|kept| kept.model.unknown(number));
        done
    }

    fn commit(&mut self, number: i64, bytes: &[u8]) -> Result<(), Stopped> {
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let said = wire.say(bytes);
        if self.vanishes() {
            return Err(Stopped::Gone);
        }
        let answered =
            said.and_then(|()| self.wire.as_mut().map_or(Ok(Answer::default()), |wire| wire.answer()));
        let answer = self.heard(answered)?;
        if answer.error.is_some() {
            self.kept.with(|kept| kept.model.refused(number));
            if answer.status != b'I' {
                self.ask("ROLLBACK")?;
            }
            return Ok(());
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
        torture::oracle::accounting::account(self.session)
            .map_err(|failure| self.broken(failure.promise, failure.detail))
    }

    /// Asks to cancel what it does itself, and takes whatever comes of that.
    pub fn cancelled(&mut self) -> Result<(), Stopped> {
        self.note("has itself cancelled");
        self.simply("BEGIN")?;
        let account = self.choose(&labels::ACCOUNTS, ACCOUNTS as u32);
        self.cancels = true;
        let text = format!("SELECT pg_sleep(1) FROM accounts WHERE id = {account} FOR UPDATE");
        let Some(wire) = &mut self.wire else { return Err(Stopped::Gone) };
        let said = wire.say(&query(&text));
        wire.cancel(&*self.session.stage.env());
        let answered =
            said.and_then(|()| self.wire.as_mut().map_or(Ok(Answer::default()), |wire| wire.answer()));
        self.heard(answered)?;
        self.ask("ROLLBACK").map(drop)
    }
}
