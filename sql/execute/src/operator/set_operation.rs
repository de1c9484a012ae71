//! INTERSECT and EXCEPT by a hash table: the right side is counted, the left passes or not.

use crate::error::{ExecuteError, ExecuteResult};
use crate::keys::{KeyTable, NONE};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::logical::SetOperator;
use types::vector::{Chunk, Order};

/// The operator.
pub struct SetOperation {
    intersect: bool,
    all: bool,
    left: BoxedOperator,
    right: BoxedOperator,
    table: KeyTable,
    /// How often each key may still be matched.
    counts: Vec<u64>,
    built: bool,
}

impl SetOperation {
    /// As the plan says.
    pub fn new(
        operator: SetOperator,
        all: bool,
        left: BoxedOperator,
        right: BoxedOperator,
        orders: Vec<Order>,
    ) -> ExecuteResult<SetOperation> {
        let intersect = match operator {
            SetOperator::Intersect => true,
            SetOperator::Except => false,
            SetOperator::Union => return Err(ExecuteError::plan("UNION is an append")),
        };
        let table = KeyTable::new(orders);
        Ok(SetOperation { intersect, all, left, right, table, counts: Vec::new(), built: false })
    }

    fn build(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let mut numbers = Vec::new();
        while let Some(chunk) = self.right.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            let before = self.table.size();
            self.table.insert(chunk.columns(), chunk.rows(), &mut numbers);
            run.hold(self.table.size().saturating_sub(before))?;
            self.counts.resize(self.table.len(), 0);
            numbers.iter().for_each(|number| self.counts[*number as usize] += 1);
        }
        self.built = true;
        Ok(())
    }

    /// Whether a row of the left with this key passes, and what that changes.
    fn passes(&mut self, number: u32, is_new: bool) -> bool {
        let Some(count) = self.counts.get_mut(number as usize).filter(|_| number != NONE) else {
            return !self.intersect;
        };
        match (self.intersect, self.all) {
            (true, true) => std::mem::replace(count, count.saturating_sub(1)) > 0,
            (false, true) => std::mem::replace(count, count.saturating_sub(1)) == 0,
            // Once: the count says from then on that it was there.
            (true, false) => std::mem::replace(count, 0) > 0,
            (false, false) => is_new,
        }
    }
}

impl Operator for SetOperation {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if !self.built {
            self.build(run)?;
        }
        let mut numbers = Vec::new();
        while let Some(chunk) = self.left.next(run)? {
            run.check()?;
            let mut chunk = chunk.densify()?;
            let mut known = self.table.len() as u32;
            if self.intersect || self.all {
                self.table.find(chunk.columns(), chunk.rows(), &mut numbers);
            } else {
                // EXCEPT hands up each row once: those of the left are remembered too.
                let before = self.table.size();
                self.table.insert(chunk.columns(), chunk.rows(), &mut numbers);
                run.hold(self.table.size().saturating_sub(before))?;
                self.counts.resize(self.table.len(), 0);
            }
            let mut chosen = Vec::new();
            for (row, number) in numbers.iter().enumerate() {
                let is_new = *number == known;
                known += u32::from(is_new && *number != NONE);
                if self.passes(*number, is_new) {
                    chosen.push(row as u32);
                }
            }
            chunk.select(chosen);
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.table.clear();
        self.counts.clear();
        self.built = false;
        self.left.rewind(run)?;
        self.right.rewind(run)
    }
}
