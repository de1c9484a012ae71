//! A hash join whose right side does not fit into memory: both sides are put apart by the hashes of their keys, and joined
//! part by part. What the parts yield is merged by the numbers of the left's rows, so that it comes in the order in which
//! it comes otherwise.
//!
//! Where an unknown comparison counts (`NOT IN`, marks), a null meets every row of the right, and every row of the left meets the
//! right's nulls. That something is unknown is known from one row: so the right's first row, and its first with a null, are put
//! into every part. Such joins have no other conditions, and how often a partner comes does not matter to them.

use super::hash::{HashJoin, Table};
use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::memory::Held;
use crate::operator::rows::join;
use crate::run::Run;
use crate::spill::{Merge, Partitions, Rows, hashes, merged, sequence};
use types::vector::Chunk;
use types::{Kind, Vector};

/// What is left to be handed up.
pub struct Spilled {
    pairs: Merge,
    /// Rows of the right without a partner.
    rest: Merge,
}

impl Spilled {
    /// The next rows.
    pub fn next(&mut self, limit: usize) -> ExecuteResult<Option<Chunk>> {
        match self.pairs.next(limit)? {
            Some(chunk) => Ok(Some(chunk)),
            None => self.rest.next(limit),
        }
    }
}

/// What the parts have yielded so far.
#[derive(Default)]
struct Yield {
    pairs: Vec<Rows>,
    rest: Vec<Rows>,
}

/// One side of a part.
struct Side {
    keys: Vec<Vector>,
    rows: Chunk,
    numbers: Vec<u64>,
}

/// What every part has been told of the right.
#[derive(Default)]
struct Told {
    /// That it has a row.
    row: bool,
    /// That it has one with a null among its keys.
    null: bool,
}

/// Writes the rows of a chunk, each with a number.
fn write(
    into: &mut Option<Rows>,
    chunk: &Chunk,
    numbers: &[u64],
    run: &mut Run<'_, '_>,
) -> ExecuteResult<()> {
    let kinds = || chunk.columns().iter().map(Vector::kind).collect::<Vec<Kind>>();
    let rows = into.get_or_insert_with(|| Rows::new(&kinds()));
    for (row, number) in numbers.iter().enumerate() {
        rows.push(run, &sequence(*number), chunk.columns(), row)?;
    }
    Ok(())
}

impl HashJoin {
    fn key_kinds(&self) -> Vec<Kind> {
        self.left_keys.iter().map(Evaluator::kind).collect()
    }

    /// The kinds of what is put apart of the right: keys, then columns.
    fn right_apart(&self) -> Vec<Kind> {
        let keys = self.right_keys.iter().map(Evaluator::kind);
        keys.chain(self.matcher.right_kinds().iter().copied()).collect()
    }

    fn left_apart(&self) -> Vec<Kind> {
        self.key_kinds().into_iter().chain(self.matcher.left_kinds().iter().copied()).collect()
    }

    /// Puts rows of the right apart; those that every part has to have into each.
    fn put_right(
        &self,
        parts: &mut Partitions,
        side: &Side,
        told: &mut Told,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        self.put(parts, &side.keys, &side.rows, |row| side.numbers[row], run)?;
        if !self.matcher.asks_unknown() {
            return Ok(());
        }
        let columns: Vec<Vector> = side.keys.iter().chain(side.rows.columns()).cloned().collect();
        let null = |row: &usize| side.keys.iter().any(|key| key.is_null(*row));
        let first = (0..side.rows.rows()).next().filter(|_| !std::mem::replace(&mut told.row, true));
        let first_null = if told.null { None } else { (0..side.rows.rows()).find(null) };
        told.null = told.null || first_null.is_some();
        for row in first.into_iter().chain(first_null) {
            parts.push_to_all(run, side.numbers[row], &columns, row)?;
        }
        Ok(())
    }

    /// Puts rows of a side apart, with the numbers that they have from `first` on.
    fn put(
        &self,
        parts: &mut Partitions,
        keys: &[Vector],
        chunk: &Chunk,
        number: impl Fn(usize) -> u64,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let hashes = hashes(keys, &self.orders, chunk.rows());
        let columns: Vec<Vector> = keys.iter().chain(chunk.columns()).cloned().collect();
        for (row, hash) in hashes.into_iter().enumerate() {
            parts.push(run, (hash, number(row)), &columns, row)?;
        }
        Ok(())
    }

    /// Joins what was read of the right, and the rest of it, with the left.
    pub(super) fn spill(
        &mut self,
        begun: Vec<Chunk>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Spilled>> {
        let Some(mut right) = Partitions::new(&self.right_apart(), 0) else { return Ok(None) };
        let Some(mut left) = Partitions::new(&self.left_apart(), 0) else { return Ok(None) };
        let mut begun = begun.into_iter();
        let (mut count, mut told) = (0, Told::default());
        while let Some(chunk) = match begun.next() {
            Some(chunk) => Some(chunk),
            None => self.right.next(run)?,
        } {
            run.check()?;
            let chunk = chunk.densify()?;
            let keys = evaluate_all(&self.right_keys, run, &chunk)?;
            let numbers = (count..).take(chunk.rows()).collect();
            count += chunk.rows() as u64;
            self.put_right(&mut right, &Side { keys, rows: chunk, numbers }, &mut told, run)?;
        }
        let mut count = 0;
        while let Some(chunk) = self.left.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            let keys = evaluate_all(&self.left_keys, run, &chunk)?;
            self.put(&mut left, &keys, &chunk, |row| count + row as u64, run)?;
            count += chunk.rows() as u64;
        }
        let mut done = Yield::default();
        self.parts(left, right, &mut done, run)?;
        Ok(Some(Spilled { pairs: merged(done.pairs, run)?, rest: merged(done.rest, run)? }))
    }

    fn parts(
        &mut self,
        left: Partitions,
        right: Partitions,
        done: &mut Yield,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let level = left.below();
        for (left, right) in left.parts.into_iter().zip(right.parts) {
            run.check()?;
            let unasked = self.matcher.asks_unknown() && left.len() == 0;
            if unasked || left.len() == 0 && right.len() == 0 {
                continue;
            }
            // What every part has to have cannot be taken apart: two rows, which may also be there for themselves.
            let together = if self.matcher.asks_unknown() { 4 } else { 1 };
            if right.bytes() > run.world.settings.work_mem as u64
                && right.len() > together
                && let Some(right_parts) = Partitions::new(&self.right_apart(), level)
                && let Some(left_parts) = Partitions::new(&self.left_apart(), level)
            {
                let right = self.right_again(right, right_parts, run)?;
                let left = self.left_again(left, left_parts, run)?;
                self.parts(left, right, done, run)?;
                continue;
            }
            self.part(left, right, done, run)?;
        }
        Ok(())
    }

    /// Takes a part of the left apart.
    fn left_again(
        &self,
        rows: Rows,
        mut parts: Partitions,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Partitions> {
        let mut reader = rows.reader(run)?;
        while let Some((chunk, numbers)) = reader.next(run.chunk_rows())? {
            run.check()?;
            let side = side(chunk, numbers, self.left_keys.len());
            self.put(&mut parts, &side.keys, &side.rows, |row| side.numbers[row], run)?;
        }
        Ok(parts)
    }

    /// Takes a part of the right apart.
    fn right_again(
        &self,
        rows: Rows,
        mut parts: Partitions,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Partitions> {
        let mut told = Told::default();
        let mut reader = rows.reader(run)?;
        while let Some((chunk, numbers)) = reader.next(run.chunk_rows())? {
            run.check()?;
            let side = side(chunk, numbers, self.right_keys.len());
            self.put_right(&mut parts, &side, &mut told, run)?;
        }
        Ok(parts)
    }

    /// Joins a part with its other side.
    fn part(
        &mut self,
        left: Rows,
        right: Rows,
        done: &mut Yield,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let (mut chunks, mut numbers) = (Vec::new(), Vec::new());
        let mut reader = right.reader(run)?;
        while let Some((chunk, next)) = reader.next(run.chunk_rows())? {
            chunks.push(chunk);
            numbers.extend(next);
        }
        let all = side(join(&self.right_apart(), chunks)?, numbers, self.right_keys.len());
        let count = all.rows.rows();
        let rows = self.matcher.right_side(vec![all.rows])?;
        let table = Table::new(self, all.keys, (rows, count), Held::default(), run)?;
        self.matcher.begin(table.count);
        let (mut pairs, mut rest) = (None, None);
        let mut reader = left.reader(run)?;
        while let Some((chunk, numbers)) = reader.next(run.chunk_rows())? {
            let left = side(chunk, numbers, self.left_keys.len());
            let mut probe = self.probe(left.rows, left.keys, &table);
            while !probe.is_done() {
                run.check()?;
                if let Some(chunk) = self.candidates_of(&mut probe, &table, run)? {
                    let of = self.matcher.origins().iter().map(|row| left.numbers[*row as usize]);
                    write(&mut pairs, &chunk, &of.collect::<Vec<u64>>(), run)?;
                }
                // Rows of parts are in no order: none comes before what fails.
                self.matcher.late()?;
            }
        }
        let mut from = 0;
        while let Some((chunk, rows, next)) = self.matcher.rest(&table.rows, from, run.chunk_rows())? {
            let of = rows.iter().map(|row| all.numbers[*row as usize]);
            write(&mut rest, &chunk, &of.collect::<Vec<u64>>(), run)?;
            from = next;
        }
        for (written, all) in [(pairs, &mut done.pairs), (rest, &mut done.rest)] {
            if let Some(mut written) = written {
                written.flush(run)?;
                all.push(written);
            }
        }
        Ok(())
    }
}

/// Keys and columns of what was put apart.
fn side(chunk: Chunk, numbers: Vec<u64>, keys: usize) -> Side {
    let rows = chunk.rows();
    let mut columns = chunk.into_columns();
    let own = columns.split_off(keys);
    Side { keys: columns, rows: Chunk::new(own, rows), numbers }
}
