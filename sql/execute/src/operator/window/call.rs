//! A window function, or an aggregate, over the rows of a partition.

use super::frame::{Clause, Partition};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::operator::aggregate::{Gather, Gathered};
use crate::run::Run;
use functions::evaluate::Groups;
use functions::{Frame, Implementation, WindowInput};
use plan::expression::{FrameBound, SortKey, WindowCall};
use std::ops::Range;
use types::vector::{VectorBuilder, select};
use types::{Kind, Type, Vector};

/// Frames with so many rows on average are computed each from the beginning, which is simple enough for many at a time.
const NARROW: usize = 24;
/// So many of them at a time, and rows in them.
const STRETCH: usize = 8192;

/// A call, compiled.
pub struct Call {
    gather: Gather,
    arguments: Vec<Evaluator>,
    filter: Option<Evaluator>,
    clause: Clause,
    kind: Kind,
}

/// Rows that an aggregate is shown: all of a partition, or those that its FILTER keeps.
struct Shown {
    arguments: Vec<Vector>,
    /// How many of the rows before a place are shown; `None` if all are.
    before: Option<Vec<usize>>,
}

impl Shown {
    /// The rows of a stretch, among those that are shown.
    fn place(&self, rows: &Range<usize>) -> Range<usize> {
        match &self.before {
            None => rows.clone(),
            Some(before) => before[rows.start]..before[rows.end],
        }
    }

    fn arguments(&self, rows: &Range<usize>) -> Vec<Vector> {
        self.arguments.iter().map(|argument| argument.slice(rows.start, rows.len())).collect()
    }
}

impl Call {
    /// As the plan says; `order` is the first key of the window's order.
    pub fn new(compiler: &Compiler<'_>, plan: &WindowCall, order: Option<&SortKey>) -> ExecuteResult<Call> {
        let arguments: Vec<Type> = plan.arguments.iter().map(|argument| argument.result).collect();
        // Rows are taken back where a frame begins within its partition.
        let moves = plan.frame.start != FrameBound::UnboundedPreceding;
        let made = plan.made.as_deref();
        let gather = Gather::new(compiler, plan.function, made, arguments, plan.result, moves)?;
        Ok(Call {
            gather,
            arguments: Evaluator::list(compiler, &plan.arguments)?,
            filter: plan.filter.as_ref().map(|filter| Evaluator::new(compiler, filter)).transpose()?,
            clause: Clause::new(compiler, &plan.frame, order)?,
            kind: crate::run::kind_of(compiler.types(), plan.result)?,
        })
    }

    /// The kind of its values.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its value for each row.
    pub fn run(&self, partition: &Partition, run: &mut Run<'_, '_>) -> ExecuteResult<Vector> {
        let site = match &self.gather {
            Gather::Known(site) => site,
            Gather::Made(_) => return self.aggregate(partition, run),
        };
        match site.function.implementation {
            Implementation::Window(function) => {
                let arguments = evaluate_all(&self.arguments, run, &partition.rows)?;
                let frames = self.frames(site.function.name, partition, run)?;
                let input = WindowInput {
                    rows: partition.len(),
                    arguments: &arguments,
                    peers: &partition.peers,
                    frames: &frames,
                };
                Ok(function(&mut run.world.context, site, &input)?)
            }
            Implementation::Aggregate(_) => self.aggregate(partition, run),
            Implementation::Missing => {
                Err(ExecuteError::Unsupported(format!("window function {}", site.function.name)))
            }
            Implementation::Scalar(_)
            | Implementation::Narrow(_)
            | Implementation::Masked(_)
            | Implementation::Comparison(_)
            | Implementation::Session(_)
            | Implementation::SessionSet(_)
            | Implementation::Set(_) => {
                Err(ExecuteError::plan(format!("{} is no window function", site.function.name)))
            }
        }
    }

    /// Frames, for the functions that look at them.
    fn frames(&self, name: &str, partition: &Partition, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<Frame>> {
        if !matches!(name, "first_value" | "last_value" | "nth_value") {
            return Ok(Vec::new());
        }
        let ranges = self.clause.ranges(partition, run)?;
        Ok(ranges.iter().enumerate().map(|(row, range)| self.clause.cut(range, row, partition)).collect())
    }

    fn shown(&self, partition: &Partition, run: &mut Run<'_, '_>) -> ExecuteResult<Shown> {
        let mut rows = partition.rows.clone();
        let mut before = None;
        if let Some(filter) = &self.filter {
            let chosen = select(&filter.evaluate(run, &rows)?);
            let mut counts = vec![0; partition.len() + 1];
            chosen.iter().for_each(|row| counts[*row as usize + 1] = 1);
            for place in 1..counts.len() {
                counts[place] += counts[place - 1];
            }
            before = Some(counts);
            rows.select(chosen);
        }
        Ok(Shown { arguments: evaluate_all(&self.arguments, run, &rows)?, before })
    }

    /// The results of narrow frames, many at a time: each is a group of its own, and a row is shown to each that it is in.
    fn at_once(
        &self,
        ranges: &[Range<usize>],
        shown: &Shown,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Vector> {
        let mut state = self.gather.start(run)?;
        let (mut results, mut groups, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = ranges;
        while !rest.is_empty() {
            run.check()?;
            groups.clear();
            places.clear();
            let mut count = 0;
            while count < rest.len().min(STRETCH) && places.len() < STRETCH {
                let frame = shown.place(&rest[count]);
                groups.resize(groups.len() + frame.len(), count as u32);
                places.extend(frame.map(|place| place as u32));
                count += 1;
            }
            let arguments = shown.arguments.iter().map(|argument| argument.gather(&places));
            let arguments = arguments.collect::<Result<Vec<Vector>, _>>()?;
            state.clear();
            state.update(run, Groups::Each(&groups), count, places.len(), &arguments)?;
            results.push(state.finish(run, 0..count)?);
            rest = &rest[count..];
        }
        Ok(Vector::concat(self.kind, &results.iter().collect::<Vec<_>>())?)
    }

    fn aggregate(&self, partition: &Partition, run: &mut Run<'_, '_>) -> ExecuteResult<Vector> {
        let ranges = self.clause.ranges(partition, run)?;
        let shown = self.shown(partition, run)?;
        let narrow = ranges.iter().map(Range::len).sum::<usize>() <= ranges.len() * NARROW;
        if narrow && matches!(self.gather, Gather::Known(_)) && !self.clause.excludes() {
            return self.at_once(&ranges, &shown, run);
        }
        let mut sliding = Sliding { state: self.gather.start(run)?, rows: 0..0, fresh: true };
        let mut builder = VectorBuilder::new(self.kind, partition.len());
        let mut last: Option<(Frame, Vector)> = None;
        for (row, range) in ranges.iter().enumerate() {
            if row % 1024 == 1023 {
                run.check()?;
            }
            let frame = self.clause.cut(range, row, partition);
            let result = match last.take() {
                Some((before, result)) if before == frame => result,
                _ if self.clause.excludes() => sliding.anew(&frame, &shown, run)?,
                _ => sliding.slide(shown.place(range), &shown, run)?,
            };
            builder.push_from(&result, 0)?;
            last = Some((frame, result));
        }
        Ok(builder.finish())
    }
}

/// An aggregate's state over rows that slide.
struct Sliding {
    state: Gathered,
    /// The rows that it has seen.
    rows: Range<usize>,
    fresh: bool,
}

impl Sliding {
    fn add(&mut self, rows: &Range<usize>, shown: &Shown, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let arguments = shown.arguments(rows);
        self.state.update(run, Groups::One(0), 1, rows.len(), &arguments)?;
        self.fresh = false;
        Ok(())
    }

    fn result(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Vector> {
        self.state.finish(run, 0..1)
    }

    /// The result for these rows, from what was seen before if that can be.
    fn slide(&mut self, rows: Range<usize>, shown: &Shown, run: &mut Run<'_, '_>) -> ExecuteResult<Vector> {
        let (seen, goes_on) = (self.rows.clone(), rows.start <= self.rows.end);
        let forward = !self.fresh && goes_on && rows.start >= seen.start && rows.end >= seen.end;
        let gone = seen.start..rows.start;
        let kept = forward
            && (gone.is_empty() || {
                let arguments = shown.arguments(&gone);
                self.state.retract(run, gone.len(), &arguments)?
            });
        if kept {
            self.add(&(seen.end..rows.end), shown, run)?;
        } else {
            self.state.clear();
            self.add(&rows, shown, run)?;
        }
        self.rows = rows;
        self.result(run)
    }

    /// The result for the rows of a frame, from the beginning.
    fn anew(&mut self, frame: &Frame, shown: &Shown, run: &mut Run<'_, '_>) -> ExecuteResult<Vector> {
        self.state.clear();
        self.add(&(0..0), shown, run)?;
        for part in frame.0.iter().filter(|part| !part.is_empty()) {
            self.add(&shown.place(part), shown, run)?;
        }
        self.fresh = true;
        self.result(run)
    }
}
