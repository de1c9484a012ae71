//! What may and what must be there of transfers: those that were acknowledged must, those that were asked for may, wholly or not
//! at all, and no others.

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

/// What tables hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What is written down, by number.
    pub transfers: BTreeMap<i64, Transfer>,
    /// What the accounts have.
    pub balances: BTreeMap<i64, i64>,
}

/// What is known of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its commit is under way.
    Asked,
    /// It was acknowledged, or seen.
    Acknowledged,
    /// Nobody knows.
    Unknown,
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
    certain: BTreeMap<i64, Transfer>,
    /// Those since.
    open: BTreeMap<i64, (Transfer, Fate)>,
    serials: BTreeMap<u8, i64>,
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

    /// A number for a transfer of a client; none is given twice.
    pub fn next_number(&mut self, client: u8) -> i64 {
        let serial = self.serials.entry(client).or_default();
        *serial += 1;
        i64::from(client) << 32 | *serial
    }

    /// The commit of a transfer is asked for.
    pub fn asked(&mut self, number: i64, transfer: Transfer) {
        self.open.insert(number, (transfer, Fate::Asked));
    }

    /// It is there.
    pub fn acknowledged(&mut self, number: i64) {
        if let Some((_, fate)) = self.open.get_mut(&number) {
            self.counts.acknowledged += u64::from(*fate != Fate::Acknowledged);
            *fate = Fate::Acknowledged;
        }
    }

    /// It is not there, and never will be.
    pub fn refused(&mut self, number: i64) {
        self.open.remove(&number);
    }

    /// Nobody knows.
    pub fn unknown(&mut self, number: i64) {
        if let Some((_, fate)) = self.open.get_mut(&number)
            && *fate == Fate::Asked
        {
            self.counts.unknown += 1;
            *fate = Fate::Unknown;
        }
    }

    /// The transfers of a client of which nobody knows.
    pub fn unknown_of(&self, client: u8) -> Vec<(i64, Transfer)> {
        let own = |number: i64| number >> 32 == i64::from(client);
        let unknown = self.open.iter().filter(|(number, (_, fate))| own(**number) && *fate == Fate::Unknown);
        unknown.map(|(number, (transfer, _))| (*number, *transfer)).collect()
    }

    /// What is known of a transfer; none if it is not to be there.
    pub fn fate(&self, number: i64) -> Option<Fate> {
        let open = self.open.get(&number).map(|(_, fate)| *fate);
        open.or_else(|| self.certain.contains_key(&number).then_some(Fate::Acknowledged))
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

    /// Holds what was found against what may and must be there; in a copy that was made while others wrote, what was
    /// acknowledged may be missing.
    ///
    /// # Errors
    /// The promise that it breaks.
    pub fn judge(&self, found: Option<&Found>, complete: bool) -> Result<(), Failure> {
        let Some(found) = found else {
            return match self.tables {
                Tables::There if complete => {
                    Err(broken(Promise::AcknowledgedSurvives, "the tables are gone".to_owned()))
                }
                Tables::There | Tables::Missing | Tables::Asked => Ok(()),
            };
        };
        let must = self.open.iter().filter(|(_, (_, fate))| *fate == Fate::Acknowledged);
        let must = must.map(|(number, (transfer, _))| (number, transfer)).chain(&self.certain);
        for (number, transfer) in must {
            match found.transfers.get(number) {
                None if complete => {
                    let detail = format!("transfer {number:x} was acknowledged, and is not there");
                    return Err(broken(Promise::AcknowledgedSurvives, detail));
                }
                Some(other) if other != transfer => {
                    let detail = format!("transfer {number:x} is {other:?}, and was {transfer:?}");
                    return Err(broken(Promise::CommitIsAtomic, detail));
                }
                Some(_) | None => {}
            }
        }
        if let Some(number) = found.transfers.keys().find(|number| self.fate(**number).is_none()) {
            let detail = format!("transfer {number:x} is there, and nobody committed it");
            return Err(broken(Promise::RefusedLeavesNothing, detail));
        }
        let mut balances: BTreeMap<i64, i64> = (0..ACCOUNTS).map(|id| (id, FIRST_BALANCE)).collect();
        for Transfer { source, target, amount } in found.transfers.values() {
            *balances.entry(*source).or_default() -= amount;
            *balances.entry(*target).or_default() += amount;
        }
        if balances != found.balances {
            let detail = format!(
                "the accounts have {:?}, and by the transfers that are there {balances:?}",
                found.balances
            );
            return Err(broken(Promise::CommitIsAtomic, detail));
        }
        Ok(())
    }

    /// What was found is certain from now on. Answers how many had been acknowledged since the last time.
    pub fn settle(&mut self, found: Option<Found>) -> usize {
        let acknowledged = self.open.values().filter(|(_, fate)| *fate == Fate::Acknowledged).count();
        self.counts.verified += acknowledged as u64;
        self.tables = if found.is_some() { Tables::There } else { Tables::Missing };
        self.open.clear();
        self.certain = found.map(|found| found.transfers).unwrap_or_default();
        acknowledged
    }
}
