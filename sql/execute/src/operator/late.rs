//! Errors that wait until the rows before them have been handed up.
//!
//! Operators work in chunks, PostgreSQL row by row: there the rows in front of one that cannot be computed are with the client when
//! the statement fails, and whoever wants no more of them never hears of the error. So an operator that fails of a chunk looks for the
//! first row that it fails of, hands up those before it, and says the error when it is asked again.
//!
//! Invariants
//!
//! 1. Nothing is looked for where it would show: what has called a function with effects, or one that a user has made, is not computed
//!    again, and its error is told at once. (Such functions get their rows one by one wherever that shows: `effects`.)
//!    Nor is what has failed of a table of `WITH`, which is made once, whoever asks for it.
//! 2. Of several rows that fail it is the error of the first that is told, whoever is found first.
//! 3. Where no chunk fails, all of this costs one look at a number for a chunk.

use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use diagnostic::Diagnostic;
use std::cell::RefCell;
use types::vector::Chunk;

/// Beginnings of what goes wrong however few rows there are, or is not about rows: limits of resources and of the stack, what others
/// do, damage.
const NOT_OF_ROWS: [&str; 8] = ["40", "53", "54001", "55", "57", "58", "F0", "XX"];

/// The error of an operator that waits, if there is one.
#[derive(Debug, Default)]
pub struct Late {
    error: RefCell<Option<ExecuteError>>,
    /// Whether whoever is above takes all rows before it hands one up, as far as can be seen: then no row comes before an error.
    whole: bool,
}

impl Late {
    /// Of an operator of whose rows all are taken, or some.
    pub fn new(whole: bool) -> Late {
        Late { error: RefCell::default(), whole }
    }

    /// The error that waits; to be asked before anything is done, and before it is said that there are no more rows.
    ///
    /// # Errors
    /// That one.
    pub fn check(&self) -> ExecuteResult<()> {
        match self.error.borrow_mut().take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Whether an error waits.
    pub fn waits(&self) -> bool {
        self.error.borrow().is_some()
    }

    /// The operator begins again.
    pub fn forget(&self) {
        *self.error.borrow_mut() = None;
    }

    /// Lets an error wait whose rows before it are handed up; gives it back where it may not.
    pub fn hold(&self, error: ExecuteError) -> ExecuteResult<()> {
        if self.whole || !is_of_rows(&error) {
            return Err(error);
        }
        *self.error.borrow_mut() = Some(error);
        Ok(())
    }

    /// What `of` makes of the rows of a chunk in front of the first that it fails of. It has failed of all of them, when so many
    /// functions with effects had been called before.
    ///
    /// # Errors
    /// Where there are no such rows, or they cannot be computed again.
    #[cold]
    pub fn front<T>(
        &self,
        run: &mut Run<'_, '_>,
        (chunk, effects): (&Chunk, u64),
        error: ExecuteError,
        mut of: impl FnMut(&mut Run<'_, '_>, Chunk) -> ExecuteResult<T>,
    ) -> ExecuteResult<T> {
        let mut made = None;
        let (_, error) = first_failing(run, (chunk.len(), effects), error, |run, rows| {
            made = Some(of(run, chunk.slice(0, rows))?);
            Ok(())
        })?;
        match made {
            Some(made) => self.hold(error).map(|()| made),
            None => Err(error),
        }
    }
}

/// How many rows can be computed in front of the first of which that fails, and of what it does; `of` computes the first so many.
///
/// # Errors
/// Where they cannot be computed again.
#[cold]
pub fn first_failing(
    run: &mut Run<'_, '_>,
    (rows, effects): (usize, u64),
    mut error: ExecuteError,
    mut of: impl FnMut(&mut Run<'_, '_>, usize) -> ExecuteResult<()>,
) -> ExecuteResult<(usize, ExecuteError)> {
    if !may_be_tried_again(run, effects, &error) {
        return Err(error);
    }
    // So many rows can be computed, so many cannot.
    let (mut good, mut bad) = (0, rows);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        match of(run, middle) {
            Ok(()) => good = middle,
            Err(found) if is_of_rows(&found) => (bad, error) = (middle, found),
            Err(found) => return Err(found),
        }
    }
    Ok((good, error))
}

/// Whether what has failed, when so many functions with effects had been called before, may be computed again row by row.
pub fn may_be_tried_again(run: &Run<'_, '_>, effects: u64, error: &ExecuteError) -> bool {
    run.state.effects == effects && is_of_rows(error)
}

/// Whether an error is about rows, so that those before it are not concerned.
pub fn is_of_rows(error: &ExecuteError) -> bool {
    if let ExecuteError::OfCommonTable(_) = error {
        return false;
    }
    let state = error.sqlstate();
    !NOT_OF_ROWS.iter().any(|class| state.code().starts_with(class))
}
