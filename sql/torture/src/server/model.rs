//! What may and what must be there of what clients wrote: what was acknowledged must, what was asked for may, wholly or not
//! at all, and nothing else.
//!
//! Each thing that a client does for good is a [`Deed`] with a number of its own: a transfer, lines that are copied in, or both in
//! one transaction. Moments order what clients know: a deed whose acknowledgement came before another was asked for is before it.

use std::collections::BTreeMap;
use torture::model::ModelCounts;
use torture::promise::{Failure, Promise};

/// How many accounts there are.
pub const ACCOUNTS: i64 = 5;
/// What each of them has at first.
pub const FIRST_BALANCE: i64 = 100;

/// A transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// From this account.
    pub source: i64,
    /// To this one.
    pub target: i64,
    /// So much.
    pub amount: i64,
}

/// What a transaction of a client leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    /// Money that it moves.
    pub transfer: Option<Transfer>,
    /// Lines that it copies in.
    pub lines: i64,
}

impl Deed {
    /// A transfer, and nothing else.
    pub fn of(transfer: Transfer) -> Deed {
        Deed { transfer: Some(transfer), lines: 0 }
    }
}

/// What a line of a load says.
pub fn note(number: i64, line: i64) -> Option<String> {
    match line % 4 {
        0 => None,
        1 => Some(String::new()),
        2 => Some(format!("{number:x}\t{line}\\.\n\\N")),
        _ => Some(format!("{}ü{line}", "x".repeat((number + 7 * line).rem_euclid(90) as usize))),
    }
}

/// The lines of a load, by their numbers.
pub type Lines = BTreeMap<i64, Option<String>>;

/// What tables hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What is written down, by number.
    pub transfers: BTreeMap<i64, Transfer>,
    /// What was copied in, by number.
    pub loads: BTreeMap<i64, Lines>,
    /// What the accounts have.
    pub balances: BTreeMap<i64, i64>,
}

impl Found {
    /// What is there of a deed.
    fn deed(&self, number: i64) -> Option<Deed> {
        let transfer = self.transfers.get(&number).copied();
        let lines = self.loads.get(&number).map_or(0, |lines| lines.len() as i64);
        (transfer.is_some() || lines > 0).then_some(Deed { transfer, lines })
    }

    fn numbers(&self) -> impl Iterator<Item = i64> {
        self.transfers.keys().chain(self.loads.keys()).copied()
    }

    /// The balances are what the transfers make of the first ones.
    ///
    /// # Errors
    /// When they are not.
    pub fn adds_up(&self) -> Result<(), Failure> {
        let mut balances: BTreeMap<i64, i64> = (0..ACCOUNTS).map(|id| (id, FIRST_BALANCE)).collect();
        for Transfer { source, target, amount } in self.transfers.values() {
            *balances.entry(*source).or_default() -= amount;
            *balances.entry(*target).or_default() += amount;
        }
        if balances == self.balances {
            return Ok(());
        }
        let detail = format!(
            "the accounts have {:?}, and by the transfers that are there {balances:?}",
            self.balances
        );
        Err(broken(Promise::CommitIsAtomic, detail))
    }
}

/// What is known of a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its commit is under way.
    Asked,
    /// It was acknowledged, or seen, at this moment.
    Acknowledged(u64),
    /// Nobody knows.
    Unknown,
}

/// A deed since the last comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// What it leaves.
    pub deed: Deed,
    /// What is known of it.
    pub fate: Fate,
    /// When its commit was asked for.
    pub asked: u64,
}

/// Which of the deeds that were acknowledged must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Must {
    /// All of them.
    All,
    /// Those that were before this moment.
    Before(u64),
    /// None: it is a copy that was made while others wrote.
    Nothing,
}

/// Whether the tables are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Tables {
    #[default]
    Missing,
    Asked,
    There,
}

/// The model.
#[derive(Debug, Clone, Default)]
pub struct Model {
    tables: Tables,
    /// Those that a comparison has found.
    certain: BTreeMap<i64, Deed>,
    /// Those since.
    open: BTreeMap<i64, Open>,
    serials: BTreeMap<u8, i64>,
    moment: u64,
    counts: ModelCounts,
}

fn broken(promise: Promise, detail: String) -> Failure {
    Failure::new(promise, detail)
}

impl Model {
    /// Whether the tables are certain to be there.
    pub fn is_set_up(&self) -> bool {
        self.tables == Tables::There
    }

    /// The tables are asked for.
    pub fn set_up_called(&mut self) {
        self.tables = Tables::Asked;
    }

    /// They were made.
    pub fn set_up_acknowledged(&mut self) {
        self.tables = Tables::There;
    }

    /// A moment later than all before.
    pub fn moment(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }

    /// A number for something that a client does; none is given twice.
    pub fn next_number(&mut self, client: u8) -> i64 {
        let serial = self.serials.entry(client).or_default();
        *serial += 1;
        i64::from(client) << 32 | *serial
    }

    /// The commit of a deed is asked for.
    pub fn asked(&mut self, number: i64, deed: Deed) {
        let asked = self.moment();
        self.open.insert(number, Open { deed, fate: Fate::Asked, asked });
    }

    /// It is there.
    pub fn acknowledged(&mut self, number: i64) {
        let moment = self.moment();
        if let Some(open) = self.open.get_mut(&number)
            && !matches!(open.fate, Fate::Acknowledged(_))
        {
            self.counts.acknowledged += 1;
            open.fate = Fate::Acknowledged(moment);
        }
    }

    /// It is not there, and never will be.
    pub fn refused(&mut self, number: i64) {
        self.open.remove(&number);
    }

    /// Nobody knows.
    pub fn unknown(&mut self, number: i64) {
        if let Some(open) = self.open.get_mut(&number)
            && open.fate == Fate::Asked
        {
            self.counts.unknown += 1;
            open.fate = Fate::Unknown;
        }
    }

    /// The deeds of a client of which nobody knows.
    pub fn unknown_of(&self, client: u8) -> Vec<(i64, Deed)> {
        let own = |number: i64| number >> 32 == i64::from(client);
        let unknown = self.open.iter().filter(|(number, open)| own(**number) && open.fate == Fate::Unknown);
        unknown.map(|(number, open)| (*number, open.deed)).collect()
    }

    /// The deeds since the last comparison.
    pub fn open(&self) -> &BTreeMap<i64, Open> {
        &self.open
    }

    /// What is known of a deed; none if it is not to be there.
    pub fn fate(&self, number: i64) -> Option<Fate> {
        let open = self.open.get(&number).map(|open| open.fate);
        open.or_else(|| self.certain.contains_key(&number).then_some(Fate::Acknowledged(0)))
    }

    /// Something that was read was what it had to be.
    pub fn read_verified(&mut self) {
        self.counts.reads_verified += 1;
    }

    /// All tasks are gone: what was under way is unknown.
    pub fn tasks_are_gone(&mut self) {
        for number in self.open.keys().copied().collect::<Vec<_>>() {
            self.unknown(number);
        }
    }

    /// What was counted.
    pub fn counts(&self) -> ModelCounts {
        self.counts
    }

    /// Those that must be there.
    fn must(&self, must: Must) -> impl Iterator<Item = (i64, Deed)> {
        let since = self.open.iter().filter(move |(_, open)| match (open.fate, must) {
            (Fate::Acknowledged(_), Must::All) => true,
            (Fate::Acknowledged(moment), Must::Before(before)) => moment < before,
            (Fate::Acknowledged(_), Must::Nothing) | (Fate::Asked | Fate::Unknown, _) => false,
        });
        let certain = self.certain.iter().filter(move |_| must != Must::Nothing);
        let certain = certain.map(|(number, deed)| (*number, *deed));
        since.map(|(number, open)| (*number, open.deed)).chain(certain)
    }

    /// What a deed leaves that may be there.
    fn deed(&self, number: i64) -> Option<Deed> {
        self.open.get(&number).map(|open| open.deed).or_else(|| self.certain.get(&number).copied())
    }

    /// Holds what was found against what may and must be there.
    ///
    /// # Errors
    /// The promise that it breaks.
    pub fn judge(&self, found: Option<&Found>, must: Must) -> Result<(), Failure> {
        let Some(found) = found else {
            return match self.tables {
                Tables::There if must != Must::Nothing => {
                    Err(broken(Promise::AcknowledgedSurvives, "the tables are gone".to_owned()))
                }
                Tables::There | Tables::Missing | Tables::Asked => Ok(()),
            };
        };
        if let Some((number, _)) = self.must(must).find(|(number, _)| found.deed(*number).is_none()) {
            let detail = format!("{number:x} was acknowledged, and is not there");
            return Err(broken(Promise::AcknowledgedSurvives, detail));
        }
        for number in found.numbers() {
            let (Some(deed), Some(there)) = (self.deed(number), found.deed(number)) else {
                let detail = format!("{number:x} is there, and nobody committed it");
                return Err(broken(Promise::RefusedLeavesNothing, detail));
            };
            if deed != there {
                let detail = format!("{number:x} is there as {there:?}, and was {deed:?}");
                return Err(broken(Promise::CommitIsAtomic, detail));
            }
        }
        for (number, lines) in &found.loads {
            self.judge_lines(*number, lines)?;
        }
        found.adds_up()
    }

    /// Holds what was read of all transfers by one statement against what may and must be there, the deeds without one aside.
    ///
    /// # Errors
    /// The promise that it breaks.
    pub fn judge_transfers(&self, found: &BTreeMap<i64, Transfer>, must: Must) -> Result<(), Failure> {
        let missing = |(number, deed): &(i64, Deed)| deed.transfer.is_some() && !found.contains_key(number);
        if let Some((number, _)) = self.must(must).find(missing) {
            let detail = format!("transfer {number:x} was acknowledged, and then not read");
            return Err(broken(Promise::ReadsMatchSnapshot, detail));
        }
        match found
            .iter()
            .find(|(number, there)| self.deed(**number).is_none_or(|deed| deed.transfer != Some(**there)))
        {
            None => Ok(()),
            Some((number, there)) => {
                let detail = format!("transfer {number:x} was read as {there:?}, and nobody committed it so");
                Err(broken(Promise::RefusedLeavesNothing, detail))
            }
        }
    }

    /// Holds what was read of all loads by one statement against what may and must be there, the deeds without lines aside.
    ///
    /// # Errors
    /// The promise that it breaks.
    pub fn judge_loads(&self, loads: &BTreeMap<i64, Lines>, must: Must) -> Result<(), Failure> {
        let missing = |(number, deed): &(i64, Deed)| deed.lines > 0 && !loads.contains_key(number);
        if let Some((number, _)) = self.must(must).find(missing) {
            let detail = format!("the lines of {number:x} were acknowledged, and not copied out");
            return Err(broken(Promise::ReadsMatchSnapshot, detail));
        }
        loads.iter().try_for_each(|(number, lines)| self.judge_lines(*number, lines))
    }

    fn judge_lines(&self, number: i64, lines: &Lines) -> Result<(), Failure> {
        let Some(deed) = self.deed(number) else {
            let detail = format!("lines of {number:x} are there, and nobody committed them");
            return Err(broken(Promise::RefusedLeavesNothing, detail));
        };
        let expected: Lines = (1..=deed.lines).map(|line| (line, note(number, line))).collect();
        if *lines == expected {
            return Ok(());
        }
        let detail = format!("the lines of {number:x} are {lines:?}, and were {expected:?}");
        Err(broken(Promise::CommitIsAtomic, detail))
    }

    /// What was found is certain from now on. Answers how many had been acknowledged since the last time.
    pub fn settle(&mut self, found: Option<&Found>) -> usize {
        let acknowledged =
            self.open.values().filter(|open| matches!(open.fate, Fate::Acknowledged(_))).count();
        self.counts.verified += acknowledged as u64;
        self.tables = if found.is_some() { Tables::There } else { Tables::Missing };
        self.open.clear();
        self.certain.clear();
        if let Some(found) = found {
            let numbers: Vec<i64> = found.numbers().collect();
            self.certain.extend(numbers.iter().filter_map(|number| Some((*number, found.deed(*number)?))));
        }
        acknowledged
    }
}
