//! A join by a hash table of the right side's rows.

use super::matcher::{Candidates, Matcher};
use super::spilled::Spilled;
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::keys::{KeyTable, NONE, Present};
use crate::memory::{Held, chunk_bytes};
use crate::operator::{BoxedOperator, Operator, Restriction};
use crate::run::Run;
use plan::physical;
use std::sync::Arc;
use types::Vector;
use types::vector::{Chunk, Order};

/// The operator.
pub struct HashJoin {
    pub(super) left: BoxedOperator,
    pub(super) right: BoxedOperator,
    pub(super) left_keys: Vec<Evaluator>,
    pub(super) right_keys: Vec<Evaluator>,
    pub(super) orders: Vec<Order>,
    nulls_equal: Vec<bool>,
    pub(super) matcher: Matcher,
    table: Option<Table>,
    probe: Option<Probe>,
    /// From which row of the right on those without a partner are still to be handed up; `None` before the left's end.
    rest: Option<usize>,
    /// What was joined in parts, since the right did not fit into memory.
    spilled: Option<Spilled>,
}

/// The right side.
pub(super) struct Table {
    /// Its rows, and a row of nulls.
    pub rows: Chunk,
    pub count: usize,
    keys: Vec<Vector>,
    numbers: KeyTable,
    /// The first row of each key, and the next row of the same key.
    first: Vec<u32>,
    next: Vec<u32>,
    /// Whether no two rows have the same key.
    unique: bool,
    /// Rows with a null among keys that nulls are not equal in.
    null_rows: Vec<u32>,
    /// Memory that it holds.
    held: Held,
}

/// A chunk of the left.
pub(super) struct Probe {
    rows: Chunk,
    keys: Vec<Vector>,
    numbers: Vec<u32>,
    row: u32,
    /// The next candidate of `row`, if it was begun.
    chain: Option<u32>,
}

impl Table {
    /// Of so many rows, behind which there may be one of nulls, their keys, and what they hold.
    pub(super) fn new(
        of: &HashJoin,
        keys: Vec<Vector>,
        (rows, count): (Chunk, usize),
        mut held: Held,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Table> {
        let mut table = KeyTable::new(of.orders.clone());
        let mut numbers = Vec::new();
        table.insert(&keys, count, &mut numbers);
        let mut null_rows = Vec::new();
        of.exclude_nulls(&keys, &mut numbers, Some(&mut null_rows));
        let mut first = vec![NONE; table.len()];
        let mut next = vec![NONE; count];
        // From the last to the first, so that chains go from the first to the last.
        let mut unique = true;
        for (row, number) in numbers.iter().enumerate().rev() {
            if *number != NONE {
                next[row] = std::mem::replace(&mut first[*number as usize], row as u32);
                unique &= next[row] == NONE;
            }
        }
        held.take(run, table.size() + count * 8)?;
        Ok(Table { rows, count, keys, numbers: table, first, next, unique, null_rows, held })
    }
}

impl HashJoin {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        plan: &physical::HashJoin,
        left: BoxedOperator,
        right: BoxedOperator,
        matcher: Matcher,
    ) -> ExecuteResult<HashJoin> {
        let (mut left_keys, mut right_keys, mut orders) = (Vec::new(), Vec::new(), Vec::new());
        for (left, right, order) in &plan.keys {
            left_keys.push(Evaluator::new(compiler, left)?);
            right_keys.push(Evaluator::new(compiler, right)?);
            orders.push(order.clone());
        }
        let mut nulls_equal = plan.nulls_equal.clone();
        nulls_equal.resize(orders.len(), false);
        Ok(HashJoin {
            left,
            right,
            left_keys,
            right_keys,
            orders,
            nulls_equal,
            matcher,
            table: None,
            probe: None,
            rest: None,
            spilled: None,
        })
    }

    /// Reads the right. What does not fit into memory is joined in parts.
    fn build(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let (mut chunks, mut held) = (Vec::new(), Held::default());
        let may_spill = self.matcher.may_be_parted();
        while let Some(chunk) = self.right.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            held.take(run, chunk_bytes(&chunk))?;
            chunks.push(chunk);
            if may_spill && held.bytes() > run.world.settings.work_mem {
                drop(held);
                self.spilled = self.spill(chunks, run)?;
                return Ok(());
            }
        }
        let count = chunks.iter().map(Chunk::rows).sum();
        let rows = self.matcher.right_side(chunks)?;
        let keys = evaluate_all(&self.right_keys, run, &rows.slice(0, count))?;
        let mut table = Table::new(self, keys, (rows, count), held, run)?;
        self.matcher.begin(count);
        self.restrict_left(&mut table, run)?;
        self.table = Some(table);
        Ok(())
    }

    /// Tells the left which keys the right has, if rows with others come to nothing.
    fn restrict_left(&mut self, table: &mut Table, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if !self.matcher.needs_right() {
            return Ok(());
        }
        for ((key, values), nulls_equal) in self.left_keys.iter().zip(&table.keys).zip(&self.nulls_equal) {
            let Some(slot) = key.slot().filter(|slot| !nulls_equal && self.left.restrictable(*slot)) else {
                continue;
            };
            if let Some(keys) = Present::new(values) {
                table.held.take(run, keys.size())?;
                let values = values.clone();
                self.left.restrict(Restriction { slot, keys: Arc::new(keys), values });
            }
        }
        Ok(())
    }

    /// Takes the numbers away from rows with nulls in keys where nulls are not equal.
    pub(super) fn exclude_nulls(
        &self,
        keys: &[Vector],
        numbers: &mut [u32],
        mut found: Option<&mut Vec<u32>>,
    ) {
        let asked: Vec<&Vector> = keys
            .iter()
            .zip(&self.nulls_equal)
            .filter(|(key, equal)| !**equal && key.has_nulls())
            .map(|(key, _)| key)
            .collect();
        if asked.is_empty() {
            return;
        }
        for (row, number) in numbers.iter_mut().enumerate() {
            if asked.iter().any(|key| key.is_null(row)) {
                *number = NONE;
                if let Some(found) = &mut found {
                    found.push(row as u32);
                }
            }
        }
    }

    fn next_probe(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        let Some(chunk) = self.left.next(run)? else { return Ok(false) };
        let rows = chunk.densify()?;
        let keys = evaluate_all(&self.left_keys, run, &rows)?;
        let Some(table) = self.table.take() else { return Ok(false) };
        self.probe = Some(self.probe(rows, keys, &table));
        self.table = Some(table);
        Ok(true)
    }

    /// Rows of the left that are looked up.
    pub(super) fn probe(&mut self, rows: Chunk, keys: Vec<Vector>, table: &Table) -> Probe {
        let mut numbers = Vec::new();
        table.numbers.find(&keys, rows.rows(), &mut numbers);
        self.exclude_nulls(&keys, &mut numbers, None);
        self.matcher.begin_left();
        Probe { rows, keys, numbers, row: 0, chain: None }
    }

    /// What the next candidates yield.
    pub(super) fn candidates_of(
        &mut self,
        probe: &mut Probe,
        table: &Table,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Chunk>> {
        let facts = JoinFacts {
            one_is_enough: self.matcher.one_is_enough(),
            asks_unknown: self.matcher.asks_unknown(),
            orders: &self.orders,
            nulls_equal: &self.nulls_equal,
            at_once: self.matcher.at_once(run.chunk_rows()),
        };
        let candidates = probe.candidates(table, &facts, run.chunk_rows());
        self.matcher.take(run, &probe.rows, &table.rows, &candidates, probe.row)
    }
}

impl Probe {
    /// Whether all its rows have had their candidates.
    pub(super) fn is_done(&self) -> bool {
        self.row as usize >= self.rows.rows()
    }

    /// The next candidates, at least `limit` unless the rows come to their end.
    fn candidates(&mut self, table: &Table, join: &JoinFacts<'_>, limit: usize) -> Candidates {
        if (table.unique || join.one_is_enough) && !join.asks_unknown {
            return self.only_candidates(table, limit);
        }
        let mut found = Candidates::default();
        let rows = self.rows.rows() as u32;
        let likely = limit.min((rows - self.row) as usize);
        found.left.reserve(likely);
        found.right.reserve(likely);
        while self.row < rows && found.left.len() < limit {
            let number = self.numbers[self.row as usize];
            let mut chain = match self.chain.take() {
                Some(chain) => chain,
                None if number == NONE => NONE,
                None => table.first[number as usize],
            };
            while chain != NONE && found.left.len() < join.at_once {
                found.left.push(self.row);
                found.right.push(chain);
                chain = if join.one_is_enough { NONE } else { table.next[chain as usize] };
            }
            if chain != NONE {
                self.chain = Some(chain);
                return found;
            }
            if join.asks_unknown {
                self.uncertain(table, join, number, &mut found);
            }
            self.row += 1;
        }
        found
    }

    /// The candidates of the next `limit` rows, where each has one at most.
    fn only_candidates(&mut self, table: &Table, limit: usize) -> Candidates {
        let asked = &self.numbers[self.row as usize..];
        let asked = &asked[..asked.len().min(limit)];
        let (mut left, mut right) = (Vec::with_capacity(asked.len()), Vec::with_capacity(asked.len()));
        for (row, number) in (self.row..).zip(asked) {
            if *number != NONE {
                left.push(row);
                right.push(table.first[*number as usize]);
            }
        }
        self.row += asked.len() as u32;
        Candidates { left, right, uncertain: Vec::new() }
    }

    /// Pairs that a null keeps from being told apart.
    fn uncertain(&self, table: &Table, join: &JoinFacts<'_>, number: u32, found: &mut Candidates) {
        let row = self.row as usize;
        let null_here = self.keys.iter().zip(join.nulls_equal).any(|(key, equal)| !equal && key.is_null(row));
        if !null_here && number != NONE && join.one_is_enough {
            return;
        }
        let may_match = |right: &u32| {
            let right = *right as usize;
            self.keys.iter().zip(&table.keys).zip(join.orders).zip(join.nulls_equal).all(
                |(((left, other), order), equal)| match (left.is_null(row), other.is_null(right)) {
                    (false, false) => order.compare(&left.item(row), &other.item(right)).is_eq(),
                    (true, true) => true,
                    (true, false) | (false, true) => !equal,
                },
            )
        };
        let mut push = |right: u32| {
            found.uncertain.push(found.left.len() as u32);
            found.left.push(self.row);
            found.right.push(right);
        };
        // One doubtful pair is as good as many, unless conditions tell them apart.
        let enough = if join.one_is_enough { 1 } else { usize::MAX };
        if null_here {
            (0..table.count as u32).filter(may_match).take(enough).for_each(&mut push);
        } else {
            table.null_rows.iter().copied().filter(may_match).take(enough).for_each(&mut push);
        }
    }
}

/// What finding candidates must know of the join.
struct JoinFacts<'j> {
    one_is_enough: bool,
    asks_unknown: bool,
    orders: &'j [Order],
    nulls_equal: &'j [bool],
    /// How many candidates may come at once, of one row.
    at_once: usize,
}

impl Operator for HashJoin {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.table.is_none() && self.spilled.is_none() {
            self.build(run)?;
        }
        self.matcher.late()?;
        let limit = run.chunk_rows();
        if let Some(spilled) = &mut self.spilled {
            run.check()?;
            return spilled.next(limit);
        }
        loop {
            run.check()?;
            if let (Some(from), Some(table)) = (self.rest, &self.table) {
                let Some((chunk, _, next)) = self.matcher.rest(&table.rows, from, limit)? else {
                    return Ok(None);
                };
                self.rest = Some(next);
                return Ok(Some(chunk));
            }
            let empty = self.table.as_ref().is_some_and(|table| table.count == 0);
            if empty && self.matcher.needs_right() {
                return Ok(None);
            }
            if self.probe.as_ref().is_none_or(Probe::is_done) && !self.next_probe(run)? {
                self.rest = Some(0);
                continue;
            }
            let (Some(mut probe), Some(table)) = (self.probe.take(), self.table.take()) else {
                return Ok(None);
            };
            let found = self.candidates_of(&mut probe, &table, run);
            (self.probe, self.table) = (Some(probe), Some(table));
            if let Some(chunk) = found? {
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.table, self.probe, self.rest, self.spilled) = (None, None, None, None);
        self.matcher.begin(0);
        self.left.rewind(run)?;
        self.right.rewind(run)
    }

    fn restrictable(&self, slot: usize) -> bool {
        match slot.checked_sub(self.matcher.left_kinds().len()) {
            None => self.matcher.left_is_free() && self.left.restrictable(slot),
            Some(slot) => self.matcher.right_is_free() && self.right.restrictable(slot),
        }
    }

    fn restrict(&mut self, restriction: Restriction) {
        match restriction.slot.checked_sub(self.matcher.left_kinds().len()) {
            None => self.left.restrict(restriction),
            Some(slot) => self.right.restrict(Restriction { slot, ..restriction }),
        }
    }
}
