//! A window function, or an aggregate, over the rows of some partitions.

use super::frame::{Clause, Part, Shape, Stretch};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::operator::aggregate::{Gather, Gathered};
use crate::run::Run;
use functions::evaluate::Groups;
use functions::{Frame, Implementation, WindowInput};
use plan::expression::{FrameBound, SortKey, WindowCall};
use std::borrow::Cow;
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

/// Rows that an aggregate is shown: all of a stretch, or those that its FILTER keeps.
struct Shown {
    arguments: Vec<Vector>,
    /// Which they are; `None` if all are.
    chosen: Option<Vec<u32>>,
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

    /// The groups of those that are shown, of `all` rows' groups.
    fn groups<'g>(&self, all: &'g [u32]) -> Cow<'g, [u32]> {
        match &self.chosen {
            None => Cow::Borrowed(all),
            Some(chosen) => chosen.iter().map(|row| all[*row as usize]).collect(),
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

    /// Before the first rows.
    ///
    /// # Errors
    /// When its frame's offsets may not be.
    pub fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.clause.begin(run)
    }

    /// How many rows before and behind a row its value depends on, if on no others, whatever partition and peers those have; to be asked
    /// when it was begun.
    pub fn reach(&self) -> Option<(usize, usize)> {
        match &self.gather {
            Gather::Known(site) if matches!(site.function.implementation, Implementation::Aggregate(_)) => {
                self.clause.reach()
            }
            // Functions that look at their partitions, and steps of users that may tell how they are called.
            Gather::Known(_) | Gather::Made(_) => None,
        }
    }

    /// Its value for each row.
    pub fn run(&self, stretch: &Stretch, run: &mut Run<'_, '_>) -> ExecuteResult<Vector> {
        let site = match &self.gather {
            Gather::Known(site) => site,
            Gather::Made(_) => return self.aggregate(stretch, run),
        };
        match site.function.implementation {
            Implementation::Window(function) => {
                let arguments = evaluate_all(&self.arguments, run, &stretch.rows)?;
                let frames = self.frames(site.function.name, stretch, run)?;
                let input = WindowInput {
                    rows: stretch.len(),
                    arguments: &arguments,
                    partitions: &stretch.starts,
                    peers: &stretch.peers,
                    frames: &frames,
                };
                Ok(function(&mut run.world.context, site, &input)?)
            }
            Implementation::Aggregate(_) => self.aggregate(stretch, run),
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
    fn frames(&self, name: &str, stretch: &Stretch, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<Frame>> {
        if !matches!(name, "first_value" | "last_value" | "nth_value") {
            return Ok(Vec::new());
        }
        let ranges = self.clause.ranges(stretch, run)?;
        Ok(ranges.iter().enumerate().map(|(row, range)| self.clause.cut(range, row, stretch)).collect())
    }

    fn shown(&self, stretch: &Stretch, run: &mut Run<'_, '_>) -> ExecuteResult<Shown> {
        let mut rows = stretch.rows.clone();
        let (mut before, mut shown) = (None, None);
        if let Some(filter) = &self.filter {
            let chosen = select(&filter.evaluate(run, &rows)?);
            let mut counts = vec![0; stretch.len() + 1];
            chosen.iter().for_each(|row| counts[*row as usize + 1] = 1);
            for place in 1..counts.len() {
                counts[place] += counts[place - 1];
            }
            before = Some(counts);
            shown = Some(chosen.clone());
            rows.select(chosen);
        }
        Ok(Shown { arguments: evaluate_all(&self.arguments, run, &rows)?, chosen: shown, before })
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

    /// The results where all frames begin with their partitions, or where what is in them is what is in larger ones without what is
    /// in smaller ones: each row, or each group of peers, is taken in once. None if this function cannot do that exactly.
    fn summed(
        &self,
        stretch: &Stretch,
        shown: &Shown,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Option<Vector>> {
        let shape = self.clause.shape();
        let mut state = self.gather.start(run)?;
        let can = shape == Shape::Whole
            || state.accumulate(0, &[])? && (shape != Shape::Other || state.subtract(&[], &[])?);
        if !can {
            return Ok(None);
        }
        let of_rows = || (0..stretch.len() as u32).collect();
        let of_parts = || {
            let part = |(number, part): (u32, &Part)| std::iter::repeat_n(number, part.rows.len());
            (0..).zip(&stretch.parts).flat_map(part).collect()
        };
        let groups: Cow<'_, [u32]> = match shape {
            Shape::Whole => Cow::Owned(of_parts()),
            Shape::ToPeers => Cow::Borrowed(stretch.groups()),
            Shape::ToRow | Shape::Other => Cow::Owned(of_rows()),
        };
        let count = groups.last().map_or(0, |last| *last as usize + 1);
        let seen = shown.groups(&groups);
        state.update(run, Groups::Each(&seen), count, seen.len(), &shown.arguments)?;
        let starts: Cow<'_, [usize]> = match shape {
            Shape::Whole => Cow::Borrowed(&[]),
            Shape::ToPeers => stretch.parts.iter().map(|part| part.groups.start).collect(),
            Shape::ToRow | Shape::Other => Cow::Borrowed(&stretch.starts),
        };
        if shape != Shape::Whole && !state.accumulate(count, &starts)? {
            return Ok(None);
        }
        if shape == Shape::Other && !state.subtract(&self.clause.ranges(stretch, run)?, &starts)? {
            return Ok(None);
        }
        let results = state.finish(run, 0..count)?;
        Ok(Some(if count == stretch.len() { results } else { results.gather(&groups)? }))
    }

    fn aggregate(&self, stretch: &Stretch, run: &mut Run<'_, '_>) -> ExecuteResult<Vector> {
        let shown = self.shown(stretch, run)?;
        let known = matches!(self.gather, Gather::Known(_));
        if known
            && !self.clause.excludes()
            && let Some(results) = self.summed(stretch, &shown, run)?
        {
            return Ok(results);
        }
        let ranges = self.clause.ranges(stretch, run)?;
        let narrow = ranges.iter().map(Range::len).sum::<usize>() <= ranges.len() * NARROW;
        if narrow && known && !self.clause.excludes() {
            return self.at_once(&ranges, &shown, run);
        }
        let mut sliding = Sliding { state: self.gather.start(run)?, rows: 0..0, fresh: true };
        let mut builder = VectorBuilder::new(self.kind, stretch.len());
        let mut last: Option<(Frame, Vector)> = None;
        let mut starts = stretch.starts.iter().copied().peekable();
        for (row, range) in ranges.iter().enumerate() {
            if starts.next_if_eq(&row).is_some() {
                // Nothing is taken over from another partition.
                (sliding.fresh, last) = (true, None);
            }
            if row % 1024 == 1023 {
                run.check()?;
            }
            let frame = self.clause.cut(range, row, stretch);
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
