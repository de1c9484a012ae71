//! The input of an operator that makes less of its rows, read by several tasks: the rows of the first stretch come as they are, then
//! what helpers have made of the rows of theirs by the same operator, in the order of the stretches.
//!
//! A helper that has more rows than fit into its memory gives up, and its stretch is read here. Where so many are expected none
//! is asked, nor where it was told since which rows are of use: then few are read.

use crate::error::ExecuteResult;
use crate::memory::{Held, chunk_bytes};
use crate::operator::{BoxedOperator, Builder, Operator, Restriction};
use crate::parallel::{Divided, Help, Stretch};
use crate::run::Run;
use plan::physical::Node;
use std::collections::VecDeque;
use types::vector::Chunk;

/// What is done with each stretch.
pub struct Shares {
    /// What helpers do.
    pub helpers: Node,
    /// What is done here, if that is something else.
    pub own: Option<Node>,
}

impl Shares {
    fn own(&self) -> &Node {
        self.own.as_ref().unwrap_or(&self.helpers)
    }
}

/// The operator.
pub struct DividedInput {
    /// The input as one task reads it.
    undivided: BoxedOperator,
    divided: Divided<Shares>,
    /// Whether whoever is above takes all rows before it hands one up.
    taken_whole: bool,
    /// Whether it was told which rows are of use.
    restricted: bool,
    progress: Progress,
}

enum Progress {
    Before,
    Undivided,
    In(Stretches),
}

/// All rows of an operator; none if they do not fit into memory.
type AllRows = Option<Vec<Chunk>>;

/// Stretches under way.
struct Stretches {
    /// The rows of a stretch that is read here.
    own: Option<BoxedOperator>,
    /// What a helper has handed over.
    given: VecDeque<Chunk>,
    /// Held for that.
    held: Held,
    others: VecDeque<(Stretch, Option<Help<AllRows>>)>,
}

impl DividedInput {
    /// An input, and how it is divided.
    pub fn new(undivided: BoxedOperator, divided: Divided<Shares>, taken_whole: bool) -> DividedInput {
        DividedInput { undivided, divided, taken_whole, restricted: false, progress: Progress::Before }
    }

    fn begin(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Progress> {
        if self.restricted {
            return Ok(Progress::Undivided);
        }
        let stretches = self.divided.stretches(run)?;
        let Some((first, others)) = stretches.split_first() else { return Ok(Progress::Undivided) };
        let mut asked = VecDeque::with_capacity(others.len());
        for stretch in others {
            let (plan, of) = (self.divided.plan.clone(), stretch.clone());
            let work = move |run: &mut Run<'_, '_>| {
                let mut operator = Builder::of_stretch(&of, run).build(&plan.helpers)?;
                all_rows(&mut *operator, run)
            };
            asked.push_back((stretch.clone(), Help::ask(run, work)));
        }
        let own = Some(self.read(first, run)?);
        Ok(Progress::In(Stretches { own, given: VecDeque::new(), held: Held::default(), others: asked }))
    }

    /// What reads a stretch here.
    fn read(&self, stretch: &Stretch, run: &mut Run<'_, '_>) -> ExecuteResult<BoxedOperator> {
        let builder = Builder::of_stretch(stretch, run);
        let builder = if self.taken_whole { builder.whole() } else { builder };
        let mut operator = builder.build(self.divided.plan.own())?;
        operator.rewind(run)?;
        Ok(operator)
    }

    fn next_of(&self, stretches: &mut Stretches, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            if let Some(own) = &mut stretches.own {
                if let Some(chunk) = own.next(run)? {
                    return Ok(Some(chunk));
                }
                stretches.own = None;
            }
            if let Some(chunk) = stretches.given.pop_front() {
                stretches.held.give(chunk_bytes(&chunk));
                return Ok(Some(chunk));
            }
            let Some((stretch, help)) = stretches.others.pop_front() else { return Ok(None) };
            let answer = match help {
                Some(help) => help.answer(run)?.flatten(),
                None => None,
            };
            match answer {
                Some(chunks) => {
                    stretches.held.grow(run, chunks.iter().map(chunk_bytes).sum())?;
                    stretches.given = chunks.into();
                }
                None => stretches.own = Some(self.read(&stretch, run)?),
            }
        }
    }
}

fn all_rows(operator: &mut dyn Operator, run: &mut Run<'_, '_>) -> ExecuteResult<AllRows> {
    operator.rewind(run)?;
    let (mut chunks, mut bytes) = (Vec::new(), 0);
    while let Some(chunk) = operator.next(run)? {
        run.check()?;
        let chunk = chunk.densify()?;
        bytes += chunk_bytes(&chunk);
        if bytes > run.world.settings.work_mem {
            return Ok(None);
        }
        chunks.push(chunk);
    }
    Ok(Some(chunks))
}

impl Operator for DividedInput {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let mut progress = std::mem::replace(&mut self.progress, Progress::Undivided);
        if matches!(progress, Progress::Before) {
            progress = self.begin(run)?;
        }
        let chunk = match &mut progress {
            Progress::In(stretches) => self.next_of(stretches, run),
            Progress::Before | Progress::Undivided => self.undivided.next(run),
        };
        self.progress = progress;
        chunk
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.progress, self.restricted) = (Progress::Before, false);
        self.undivided.rewind(run)
    }

    fn restrictable(&self, slot: usize) -> bool {
        self.undivided.restrictable(slot)
    }

    fn restrict(&mut self, restriction: Restriction) {
        self.restricted = true;
        self.undivided.restrict(restriction);
    }
}
