//! INTERSECT and EXCEPT by a hash table: the right side is counted, the left passes or not.
//!
//! When the table is as large as memory is, it gets no more keys: rows of both sides whose keys are not in it are put apart by
//! the hashes of those, and compared part by part when the left is at its end. What passes is merged by the numbers of the
//! left's rows, so that it comes in the order in which it comes otherwise.

use crate::error::{ExecuteError, ExecuteResult};
use crate::keys::{KeyTable, NONE};
use crate::memory::Held;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use crate::spill::{Merge, Partitions, Rows, hashes, merged, sequence};
use plan::logical::SetOperator;
use types::vector::{Chunk, Order};
use types::{Kind, Vector};

/// The operator.
pub struct SetOperation {
    left: BoxedOperator,
    right: BoxedOperator,
    rule: Rule,
    /// While the inputs are read.
    work: Option<Work>,
    /// Rows of the left that came so far.
    count: u64,
    /// What passed of the left since rows are put apart.
    passed: Option<Rows>,
    rest: Option<Merge>,
}

/// What passes.
struct Rule {
    intersect: bool,
    all: bool,
    kinds: Vec<Kind>,
    orders: Vec<Order>,
}

/// The keys of the right, or of a part of it.
struct Work {
    table: KeyTable,
    held: Held,
    /// How often each key may still be matched.
    counts: Vec<u64>,
    /// Rows of the right and of the left that the table has no room for.
    apart: Option<(Partitions, Partitions)>,
    level: u32,
    numbers: Vec<u32>,
}

impl SetOperation {
    /// As the plan says.
    pub fn new(
        operator: SetOperator,
        all: bool,
        (left, right): (BoxedOperator, BoxedOperator),
        kinds: Vec<Kind>,
        orders: Vec<Order>,
    ) -> ExecuteResult<SetOperation> {
        let intersect = match operator {
            SetOperator::Intersect => true,
            SetOperator::Except => false,
            SetOperator::Union => return Err(ExecuteError::plan("UNION is an append")),
        };
        let rule = Rule { intersect, all, kinds, orders };
        Ok(SetOperation { left, right, rule, work: None, count: 0, passed: None, rest: None })
    }

    /// The left is at its end: what was put apart is compared.
    fn finish(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Merge> {
        let mut done = Vec::new();
        if let Some(mut passed) = self.passed.take() {
            passed.flush(run)?;
            done.push(passed);
        }
        if let Some(work) = self.work.take() {
            work.settle(&self.rule, &mut done, run)?;
        }
        merged(done, run)
    }
}

impl Rule {
    /// Whether a row of the left passes whose key may be matched so often, and what that changes.
    fn passes(&self, count: Option<&mut u64>, is_new: bool) -> bool {
        let Some(count) = count else { return !self.intersect };
        match (self.intersect, self.all) {
            (true, true) => std::mem::replace(count, count.saturating_sub(1)) > 0,
            (false, true) => std::mem::replace(count, count.saturating_sub(1)) == 0,
            // Once: the count says from then on that it was there.
            (true, false) => std::mem::replace(count, 0) > 0,
            (false, false) => is_new,
        }
    }
}

impl Work {
    fn new(rule: &Rule, level: u32) -> Work {
        let table = KeyTable::new(rule.orders.clone());
        let (counts, numbers) = (Vec::new(), Vec::new());
        Work { table, held: Held::default(), counts, apart: None, level, numbers }
    }

    /// Finds the keys of rows, as new ones too if there is room.
    fn look(
        &mut self,
        rule: &Rule,
        columns: &[Vector],
        rows: usize,
        grows: bool,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        if !grows || self.apart.is_some() {
            self.table.find(columns, rows, &mut self.numbers);
            return Ok(());
        }
        self.table.insert(columns, rows, &mut self.numbers);
        self.held.grow(run, self.table.size())?;
        self.counts.resize(self.table.len(), 0);
        if self.table.size() > run.world.settings.work_mem {
            let parts = || Partitions::new(&rule.kinds, self.level);
            self.apart = parts().zip(parts());
        }
        Ok(())
    }

    /// The hashes of rows, where some may be put apart.
    fn hashes(&self, rule: &Rule, columns: &[Vector], rows: usize) -> Vec<u64> {
        if self.apart.is_some() { hashes(columns, &rule.orders, rows) } else { Vec::new() }
    }

    /// Counts rows of the right.
    fn count(
        &mut self,
        rule: &Rule,
        columns: &[Vector],
        rows: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        self.look(rule, columns, rows, true, run)?;
        let hashes = self.hashes(rule, columns, rows);
        for (row, number) in self.numbers.iter().enumerate() {
            match (self.counts.get_mut(*number as usize), &mut self.apart) {
                (Some(count), _) => *count += 1,
                (None, Some((right, _))) => right.push(run, (hashes[row], 0), columns, row)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// The rows of the left that pass; what cannot be told yet is put apart with its number.
    fn choose(
        &mut self,
        rule: &Rule,
        columns: &[Vector],
        rows: usize,
        number_of: &dyn Fn(usize) -> u64,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Vec<u32>> {
        let mut known = self.table.len() as u32;
        // EXCEPT hands up each row once: those of the left are remembered too.
        self.look(rule, columns, rows, !rule.intersect && !rule.all, run)?;
        let hashes = self.hashes(rule, columns, rows);
        let mut chosen = Vec::new();
        for (row, number) in self.numbers.iter().enumerate() {
            let is_new = *number == known;
            known += u32::from(is_new && *number != NONE);
            if *number == NONE
                && let Some((_, left)) = &mut self.apart
            {
                left.push(run, (hashes[row], number_of(row)), columns, row)?;
            } else if rule.passes(self.counts.get_mut(*number as usize), is_new) {
                chosen.push(row as u32);
            }
        }
        Ok(chosen)
    }

    /// Compares what was put apart, part by part; what passes of a part is a sequence of rows.
    fn settle(self, rule: &Rule, done: &mut Vec<Rows>, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let Work { table, held, apart, .. } = self;
        drop((table, held));
        let Some((right, left)) = apart else { return Ok(()) };
        let level = left.below();
        for (right, left) in right.parts.into_iter().zip(left.parts).filter(|part| part.1.len() > 0) {
            let mut work = Work::new(rule, level);
            let mut reader = right.reader(run)?;
            while let Some((chunk, _)) = reader.next(run.chunk_rows())? {
                run.check()?;
                work.count(rule, chunk.columns(), chunk.rows(), run)?;
            }
            let mut passed = Rows::new(&rule.kinds);
            let mut reader = left.reader(run)?;
            while let Some((chunk, numbers)) = reader.next(run.chunk_rows())? {
                run.check()?;
                for row in work.choose(rule, chunk.columns(), chunk.rows(), &|row| numbers[row], run)? {
                    let row = row as usize;
                    passed.push(run, &sequence(numbers[row]), chunk.columns(), row)?;
                }
            }
            passed.flush(run)?;
            done.push(passed);
            work.settle(rule, done, run)?;
        }
        Ok(())
    }
}

impl Operator for SetOperation {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.rest.is_none() && self.work.is_none() {
            let mut work = Work::new(&self.rule, 0);
            while let Some(chunk) = self.right.next(run)? {
                run.check()?;
                let chunk = chunk.densify()?;
                work.count(&self.rule, chunk.columns(), chunk.rows(), run)?;
            }
            self.work = Some(work);
        }
        while let Some(work) = &mut self.work {
            let Some(chunk) = self.left.next(run)? else {
                self.rest = Some(self.finish(run)?);
                break;
            };
            run.check()?;
            let mut chunk = chunk.densify()?;
            let (rows, first) = (chunk.rows(), self.count);
            let was_apart = work.apart.is_some();
            let chosen = work.choose(&self.rule, chunk.columns(), rows, &|row| first + row as u64, run)?;
            self.count += rows as u64;
            // What comes after rows that were put apart waits for them.
            if was_apart {
                let passed = self.passed.get_or_insert_with(|| Rows::new(&self.rule.kinds));
                for row in chosen {
                    passed.push(run, &sequence(first + u64::from(row)), chunk.columns(), row as usize)?;
                }
                continue;
            }
            chunk.select(chosen);
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        let limit = run.chunk_rows();
        self.rest.as_mut().map_or(Ok(None), |rest| rest.next(limit))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.work, self.count, self.passed, self.rest) = (None, 0, None, None);
        self.left.rewind(run)?;
        self.right.rewind(run)
    }
}
