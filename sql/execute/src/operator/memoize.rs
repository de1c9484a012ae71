//! Rows that are kept for each of the outer values that they depend on. When they take more memory than a hash table may, all
//! are forgotten.

use crate::error::ExecuteResult;
use crate::keys::{KeyTable, NONE};
use crate::memory::{Held, chunk_bytes};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::expression::OuterId;
use types::vector::{Chunk, Order};
use types::{Kind, Vector};

/// The operator.
pub struct Memoize {
    input: BoxedOperator,
    keys: Vec<(OuterId, Kind)>,
    table: KeyTable,
    /// For each key its rows, if all of them are there.
    entries: Vec<Option<Vec<Chunk>>>,
    present: Present,
    held: Held,
    /// The run of the statement that the entries are of.
    of_run: u64,
}

/// What is handed up.
enum Present {
    /// Nothing yet: the outer values have to be looked at.
    Begun,
    /// The rows of an entry, so many of whose chunks were given.
    Kept(usize, usize),
    /// The input's, which are collected for an entry.
    Run(usize, Vec<Chunk>),
    /// The input's, which are too many to be kept.
    Loose,
    Ended,
}

impl Memoize {
    /// By these outer values.
    pub fn new(input: BoxedOperator, keys: Vec<(OuterId, Kind)>, orders: Vec<Order>) -> Memoize {
        let table = KeyTable::new(orders);
        Memoize {
            input,
            keys,
            table,
            entries: Vec::new(),
            present: Present::Begun,
            held: Held::default(),
            of_run: 0,
        }
    }

    /// Finds the entry of the present outer values, and runs the input if there is none.
    fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Present> {
        let mut values: Vec<Vector> = Vec::with_capacity(self.keys.len());
        for (id, kind) in &self.keys {
            values.push(Vector::constant(*kind, run.outer(*id), 1)?);
        }
        let mut numbers = Vec::new();
        self.table.find(&values, 1, &mut numbers);
        if numbers.first().is_none_or(|number| *number == NONE) {
            self.table.insert(&values, 1, &mut numbers);
        }
        let number = numbers.first().map_or(0, |number| *number as usize);
        if self.entries.len() <= number {
            self.entries.resize(number + 1, None);
        }
        if self.entries[number].is_some() {
            return Ok(Present::Kept(number, 0));
        }
        self.input.rewind(run)?;
        Ok(Present::Run(number, Vec::new()))
    }

    fn forget(&mut self) {
        self.table.clear();
        self.entries.clear();
        self.held.release();
    }

    /// Forgets all entries if they are too large.
    fn make_room(&mut self, run: &Run<'_, '_>) -> bool {
        let limit = run.world.settings.work_mem.saturating_mul(2);
        if self.held.bytes().saturating_add(self.table.size()) <= limit {
            return true;
        }
        self.forget();
        false
    }
}

impl Operator for Memoize {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        run.check()?;
        if matches!(self.present, Present::Begun) {
            if self.of_run != run.state.beginnings {
                self.forget();
                self.of_run = run.state.beginnings;
            }
            self.make_room(run);
            self.present = self.begin(run)?;
        }
        match &mut self.present {
            Present::Kept(number, given) => {
                let rows = self.entries.get(*number).and_then(Option::as_ref);
                let chunk = rows.and_then(|rows| rows.get(*given)).cloned();
                *given += 1;
                Ok(chunk)
            }
            Present::Run(number, rows) => match self.input.next(run)? {
                Some(chunk) => {
                    let chunk = chunk.densify()?;
                    let bytes = chunk_bytes(&chunk);
                    self.held.take(run, bytes)?;
                    rows.push(chunk.clone());
                    if !self.make_room(run) {
                        self.present = Present::Loose;
                    }
                    Ok(Some(chunk))
                }
                None => {
                    let (number, rows) = (*number, std::mem::take(rows));
                    if let Some(entry) = self.entries.get_mut(number) {
                        *entry = Some(rows);
                    }
                    self.present = Present::Ended;
                    Ok(None)
                }
            },
            Present::Loose => self.input.next(run),
            Present::Begun | Present::Ended => Ok(None),
        }
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if let Present::Run(_, rows) = &self.present {
            // It was not read to its end, so it is no entry.
            self.held.give(rows.iter().map(chunk_bytes).sum());
        }
        self.present = Present::Begun;
        Ok(())
    }
}
