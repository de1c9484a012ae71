//! Columns of rows that no type describes: those of subqueries and their like.
//!
//! A value of type `record` carries the types of its columns, and not their names. Where a statement knows them, the type of
//! the expression refers to them by its modifier, as PostgreSQL's registered row types do. They live as long as the scope of the
//! statement and the plans made in it.

use crate::labels::RECORDS_LOCK;
use env::sync::Mutex;
use std::sync::Arc;
use types::catalog::Column;

/// Rows of columns by their numbers.
#[derive(Debug)]
pub(super) struct Records(Mutex<Vec<Arc<[Column]>>>);

impl Default for Records {
    fn default() -> Records {
        Records(Mutex::new(&RECORDS_LOCK, Vec::new()))
    }
}

impl Records {
    /// The number of such a row; -1 if there is no room for its columns, whose names are lost then.
    pub fn number(&self, columns: &[Column]) -> i32 {
        let mut known = self.0.lock();
        let found = known.iter().position(|row| **row == *columns);
        let number = found.unwrap_or_else(|| {
            known.push(columns.into());
            known.len() - 1
        });
        i32::try_from(number).unwrap_or(-1)
    }

    /// The columns of a number.
    pub fn columns(&self, number: i32) -> Option<Arc<[Column]>> {
        let number = usize::try_from(number).ok()?;
        self.0.lock().get(number).cloned()
    }
}
