//! The functions of a window over rows of whole partitions, by as many tasks as the statement may have: each computes those of some
//! partitions, and what comes out is what one task finds.
//!
//! Where frames have but few rows about their own, partitions are cut anywhere: each task has a few rows more on both sides. So large
//! partitions are computed by stretches that stay in the processor's cache, too.

use super::call::Call;
use super::frame::Stretch;
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Conditions, Evaluator, evaluate_all};
use crate::keys::{SortColumn, changes, sort_columns};
use crate::memory::{Held, vector_bytes};
use crate::parallel::{Help, is_known, is_known_function};
use crate::run::Run;
use functions::{Implementation, Volatility};
use plan::expression::{Expression, FrameBound, SortKey, WindowCall};
use std::ops::Range;
use std::sync::Arc;
use types::Vector;
use types::vector::Chunk;

/// So many rows are computed at a time where partitions may be cut, and so many may be looked at again beside them.
const CUT_ROWS: usize = 16 << 10;
const REACH_MOST: usize = 1 << 10;

/// What is planned for the rows of each partition.
pub struct Planned {
    /// By what they are ordered.
    pub order: Vec<SortKey>,
    /// The functions.
    pub functions: Vec<WindowCall>,
    /// Behind the first row for which these are not true no row of a partition is handed up.
    pub until: Vec<Expression>,
}

impl Planned {
    /// Whether a task that knows nothing but the program can compute it.
    fn is_divisible(&self) -> bool {
        let Planned { order, functions, until } = self;
        let keys = order.iter().map(|key| &key.expression);
        keys.chain(until).all(is_known) && functions.iter().all(is_known_call)
    }
}

fn is_known_call(call: &WindowCall) -> bool {
    let WindowCall { function, arguments, filter, made, frame, result: _ } = call;
    let of_window = functions::table::function(function.0).is_some_and(|entry| {
        matches!(entry.implementation, Implementation::Window(_)) && entry.volatility != Volatility::Volatile
    });
    let known = made.is_none() && (of_window || is_known_function(function.0));
    let is_known_bound = |bound: &FrameBound| match bound {
        FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => true,
        FrameBound::Preceding(offset, in_range) | FrameBound::Following(offset, in_range) => {
            is_known(offset) && in_range.is_none_or(|function| is_known_function(function.0))
        }
    };
    let bounds = is_known_bound(&frame.start) && is_known_bound(&frame.end);
    known && bounds && arguments.iter().chain(filter).all(is_known)
}

/// What is planned, compiled.
pub struct Functions {
    planned: Arc<Planned>,
    divisible: bool,
    order: Vec<Evaluator>,
    order_columns: Vec<SortColumn>,
    calls: Vec<Call>,
    until: Conditions,
}

/// Rows of whole partitions in their order.
struct Sorted<'r> {
    rows: &'r Chunk,
    /// What they are ordered by.
    keys: &'r [Vector],
    /// Where partitions begin.
    begins: &'r [bool],
}

/// What was computed of some rows.
pub struct Computed {
    /// Of each function a value for each row, in pieces.
    results: Vec<Vec<Vector>>,
    /// The rows that are handed up, if not all are.
    kept: Vec<u32>,
    /// Bytes of the results.
    held: Held,
}

impl Computed {
    /// Of no rows yet, by so many functions.
    fn of(functions: usize) -> Computed {
        Computed { results: vec![Vec::new(); functions], kept: Vec::new(), held: Held::default() }
    }

    fn append(&mut self, other: Computed, before: usize, run: &Run<'_, '_>) -> ExecuteResult<()> {
        self.held.take(run, other.held.bytes())?;
        self.results.iter_mut().zip(other.results).for_each(|(all, more)| all.extend(more));
        // Fewer than 2^32 rows are in memory.
        self.kept.extend(other.kept.into_iter().map(|row| row + before as u32));
        Ok(())
    }

    /// Whoever makes columns of them holds their memory from now on.
    pub fn take_held(&mut self) -> Held {
        std::mem::take(&mut self.held)
    }

    /// Of each function a column, and the rows that are handed up, if not all are.
    ///
    /// # Errors
    /// When there is no room for them.
    pub fn into_columns(self, functions: &Functions) -> ExecuteResult<(Vec<Vector>, Option<Vec<u32>>)> {
        let of = |(call, pieces): (&Call, &Vec<Vector>)| {
            Ok(Vector::concat(call.kind(), &pieces.iter().collect::<Vec<_>>())?)
        };
        let columns: ExecuteResult<Vec<Vector>> = functions.calls.iter().zip(&self.results).map(of).collect();
        Ok((columns?, (!functions.until.is_empty()).then_some(self.kept)))
    }
}

impl Functions {
    /// As planned.
    pub fn new(compiler: &Compiler<'_>, planned: Arc<Planned>) -> ExecuteResult<Functions> {
        let Planned { order, functions, until } = &*planned;
        let evaluators = order.iter().map(|key| Evaluator::new(compiler, &key.expression));
        let calls = functions.iter().map(|call| Call::new(compiler, call, order.first()));
        Ok(Functions {
            divisible: planned.is_divisible(),
            order: evaluators.collect::<ExecuteResult<_>>()?,
            order_columns: sort_columns(order),
            calls: calls.collect::<ExecuteResult<_>>()?,
            until: Conditions::new(compiler, until)?,
            planned,
        })
    }

    /// Before the first rows.
    ///
    /// # Errors
    /// When a frame's offsets may not be.
    pub fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.calls.iter_mut().try_for_each(|call| call.begin(run))
    }

    /// Whether the values of rows depend on nothing behind their peers, and are the same when they are computed again.
    pub fn are_settled_by_peers(&self) -> bool {
        let settled = |call: &WindowCall| {
            functions::table::function(call.function.0)
                .is_some_and(|entry| call.is_settled_by_peers(entry.name))
        };
        self.divisible && self.until.is_empty() && self.planned.functions.iter().all(settled)
    }

    /// Which of rows that are sorted are ordered otherwise than the one before them.
    ///
    /// # Errors
    /// What computing the keys fails of.
    pub fn changes(&self, rows: &Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<bool>> {
        let keys = evaluate_all(&self.order, run, rows)?;
        Ok(changes(&self.order_columns, &keys, rows.rows()))
    }

    /// How many rows before and behind a row its values depend on, if those are few; `None` if partitions are computed as a whole: also
    /// where arguments may be others when they are computed again, as those of rows beside a stretch are.
    fn reach(&self) -> Option<(usize, usize)> {
        if !self.divisible || !self.until.is_empty() || self.calls.is_empty() {
            return None;
        }
        let mut reach = (0, 0);
        for call in &self.calls {
            let (before, behind) = call.reach()?;
            reach = (reach.0.max(before), reach.1.max(behind));
        }
        (reach.0.max(reach.1) <= REACH_MOST).then_some(reach)
    }

    /// Of rows of whole partitions, and where these begin. The results are held.
    ///
    /// # Errors
    /// What computing fails of; when there is no memory for the results.
    pub fn compute(&self, rows: &Chunk, begins: &[bool], run: &mut Run<'_, '_>) -> ExecuteResult<Computed> {
        let keys = evaluate_all(&self.order, run, rows)?;
        let mut computed = Computed::of(self.calls.len());
        self.compute_all(&mut computed, &Sorted { rows, keys: &keys, begins }, run)?;
        Ok(computed)
    }

    fn compute_all(
        &self,
        computed: &mut Computed,
        sorted: &Sorted<'_>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let helpers = if self.divisible { run.helpers_for(sorted.begins.len()) } else { 0 };
        let parts = match self.reach() {
            Some(_) => cut_anywhere(sorted.begins.len(), helpers + 1),
            None => cut(sorted.begins, helpers + 1),
        };
        let Some((first, others)) = parts.split_first() else { return Ok(()) };
        let helps: Vec<_> = others.iter().map(|part| self.ask(sorted, part, run)).collect();
        self.compute_part(computed, sorted, first, run)?;
        for (part, help) in others.iter().zip(helps) {
            let answer = match help {
                Some(help) => help.answer(run)?,
                None => None,
            };
            match answer {
                Some(answer) => computed.append(answer, part.start, run)?,
                None => self.compute_part(computed, sorted, part, run)?,
            }
        }
        Ok(())
    }

    /// Asks somebody else for a part.
    fn ask(&self, sorted: &Sorted<'_>, part: &Range<usize>, run: &Run<'_, '_>) -> Option<Help<Computed>> {
        let seen = around(part, self.reach(), sorted.begins.len());
        let (planned, begins) = (self.planned.clone(), sorted.begins[seen.clone()].to_vec());
        let slice = |key: &Vector| key.slice(seen.start, seen.len());
        let (rows, keys) =
            (sorted.rows.slice(seen.start, seen.len()), sorted.keys.iter().map(slice).collect());
        let part = part.start - seen.start..part.end - seen.start;
        Help::ask(run, move |run| {
            let keys: Vec<Vector> = keys;
            let mut functions = Functions::new(&Compiler::new(run.world.context.types), planned)?;
            functions.begin(run)?;
            let mut computed = Computed::of(functions.calls.len());
            let sorted = Sorted { rows: &rows, keys: &keys, begins: &begins };
            functions.compute_part(&mut computed, &sorted, &part, run)?;
            Ok(computed)
        })
    }

    /// Computes a part of the rows, by this task.
    fn compute_part(
        &self,
        computed: &mut Computed,
        sorted: &Sorted<'_>,
        part: &Range<usize>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let Sorted { rows, keys, begins } = sorted;
        let reach = self.reach();
        let mut start = part.start;
        while start < part.end {
            run.check()?;
            let end = match reach {
                Some(_) => (start + CUT_ROWS).min(part.end),
                None => {
                    // As many partitions as make it worth the trouble.
                    let least = (start + run.chunk_rows()).min(part.end);
                    (least..part.end).find(|row| begins[*row]).unwrap_or(part.end)
                }
            };
            let seen = around(&(start..end), reach, begins.len());
            let of_seen = |row: usize| row - seen.start;
            let begun = seen.clone().skip(1).filter(|row| begins[*row]).map(of_seen);
            // What was cut off at the beginning is not looked at: nobody sees whether a partition begins there.
            let starts = std::iter::once(0).chain(begun).collect();
            let keys: Vec<Vector> = keys.iter().map(|key| key.slice(seen.start, seen.len())).collect();
            let looked_at = rows.slice(seen.start, seen.len());
            let stretch = Stretch::new(looked_at, starts, keys, &self.order_columns);
            for (call, results) in self.calls.iter().zip(&mut computed.results) {
                let of_call = call.run(&stretch, run)?.slice(start - seen.start, end - start);
                let bytes = vector_bytes(&of_call);
                computed.held.take(run, bytes)?;
                results.push(of_call);
            }
            if !self.until.is_empty() {
                let mut columns = stretch.rows.columns().to_vec();
                columns.extend(computed.results.iter().filter_map(|results| results.last().cloned()));
                let truths = self.until.truths(run, &columns, end - start)?;
                for part in &stretch.parts {
                    let of_part = part.rows.clone().take_while(|row| truths[*row] == Some(true));
                    computed.kept.extend(of_part.map(|row| (start + row) as u32));
                }
            }
            start = end;
        }
        Ok(())
    }
}

/// The rows that some rows' values depend on, among so many.
fn around(rows: &Range<usize>, reach: Option<(usize, usize)>, all: usize) -> Range<usize> {
    let (before, behind) = reach.unwrap_or_default();
    rows.start.saturating_sub(before)..(rows.end + behind).min(all)
}

/// About equally many of so many rows for each of so many tasks.
fn cut_anywhere(rows: usize, tasks: usize) -> Vec<Range<usize>> {
    let all = (0..tasks).map(|task| rows * task / tasks..rows * (task + 1) / tasks);
    all.filter(|part| !part.is_empty()).collect()
}

/// About equally many rows for each of so many tasks, where partitions begin.
fn cut(begins: &[bool], tasks: usize) -> Vec<Range<usize>> {
    let (mut parts, mut start) = (Vec::with_capacity(tasks), 0);
    for task in 1..=tasks {
        let least = begins.len() * task / tasks;
        let end = (least.max(start)..begins.len()).find(|row| begins[*row]).unwrap_or(begins.len());
        if end > start {
            parts.push(start..end);
            start = end;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn partitions_are_never_cut() {
        let begins = |places: &[usize]| (0..10).map(|row| places.contains(&row)).collect::<Vec<bool>>();
        assert_eq!(cut(&begins(&[0, 5, 7]), 2), [0..5, 5..10]);
        assert_eq!(cut(&begins(&[0, 6, 7]), 2), [0..6, 6..10]);
        assert_eq!(cut(&begins(&[0, 9]), 3), [0..9, 9..10]);
        assert_eq!(cut(&begins(&[0]), 4), vec![0..10; 1]);
        assert_eq!(cut(&begins(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 3), [0..3, 3..6, 6..10]);
        assert!(cut(&[], 3).is_empty());
    }
}
