//! Columns that take one another's place, each with a value of its own in all rows: who reads must not see the value of one that
//! was certainly replaced before.

use torture::promise::{Failure, Promise};

/// A column that came.
#[derive(Debug, Clone, Copy)]
struct Stamp {
    table: &'static str,
    value: i64,
    asked: u64,
    /// When it was certain that it had come.
    acknowledged: Option<u64>,
}

/// All columns that came, in all lives.
#[derive(Debug, Clone, Default)]
pub struct Stamps(Vec<Stamp>);

impl Stamps {
    /// A table is asked, at this moment, for a column with this value.
    pub fn asked(&mut self, table: &'static str, value: i64, asked: u64) {
        self.0.push(Stamp { table, value, asked, acknowledged: None });
    }

    /// It came.
    pub fn acknowledged(&mut self, value: i64, moment: u64) {
        if let Some(stamp) = self.0.iter_mut().find(|stamp| stamp.value == value) {
            stamp.acknowledged = Some(moment);
        }
    }

    /// A value was read of a table by one who spoke at this moment.
    ///
    /// # Errors
    /// When no column has it, or the column that has it had been replaced.
    pub fn judge(&self, table: &str, value: i64, spoke: u64) -> Result<(), Failure> {
        let broken = |detail| Err(Failure::new(Promise::StatementsMatchModel, detail));
        let Some(read) = self.0.iter().find(|stamp| stamp.table == table && stamp.value == value) else {
            return broken(format!("{table} has a column of {value:x}, which nobody has asked for"));
        };
        let came = read.acknowledged.unwrap_or(u64::MAX);
        let is_later = |stamp: &&Stamp| {
            let before = stamp.acknowledged.is_some_and(|moment| moment < spoke);
            stamp.table == table && before && stamp.asked > came
        };
        match self.0.iter().find(is_later) {
            None => Ok(()),
            Some(later) => {
                broken(format!("{table} shows a column of {value:x}, which {:x} has replaced", later.value))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_replaced_is_not_seen_by_who_speaks_later() {
        let mut stamps = Stamps::default();
        stamps.asked("accounts", 1, 10);
        stamps.acknowledged(1, 11);
        stamps.asked("accounts", 2, 20);
        assert!(stamps.judge("accounts", 1, 30).is_ok(), "it may not have been replaced yet");
        stamps.acknowledged(2, 40);
        assert!(stamps.judge("accounts", 1, 39).is_ok());
        assert!(stamps.judge("accounts", 1, 41).is_err());
        assert!(stamps.judge("accounts", 2, 41).is_ok());
        assert!(stamps.judge("transfers", 2, 41).is_err(), "it is another's");
    }
}
