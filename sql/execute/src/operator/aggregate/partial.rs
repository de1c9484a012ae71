//! Grouping by several tasks: each groups a stretch of the rows, and the groups of the later ones are taken in by the first.
//!
//! So groups come in the order of their first rows, as if one task had made them. A helper whose groups do not fit into its memory
//! gives up, and its rows are grouped where the statement is run; so are those of helpers behind whom no more groups are begun.

use super::groups::{GroupsPart, Places, Work};
use super::operator::Aggregate;
use crate::error::ExecuteResult;
use crate::operator::Builder;
use crate::parallel::{Divided, Help, Stretch, is_known, is_known_function};
use crate::run::Run;
use plan::physical::AggregateNode;
use std::sync::Arc;
use types::Vector;
use types::vector::Chunk;

/// Whether what several tasks have grouped can be put together.
pub fn is_divisible(plan: &AggregateNode) -> bool {
    let known_call = |call: &plan::expression::Aggregate| {
        let order = call.order.iter().map(|key| &key.expression);
        let computed = call.arguments.iter().chain(&call.filter).chain(order);
        call.made.is_none() && is_known_function(call.function.0) && computed.into_iter().all(is_known)
    };
    plan.aggregates.iter().all(known_call) && plan.keys.iter().all(|key| is_known(&key.expression))
}

/// What was gathered so far; nothing is made before the first row comes.
#[derive(Default)]
pub struct Gathering {
    work: Option<Work>,
    rows: u64,
}

/// What a helper has gathered.
struct Partial {
    groups: Vec<GroupsPart>,
    rows: u64,
}

impl Gathering {
    /// Takes rows with their keys.
    pub fn take(
        &mut self,
        aggregate: &Aggregate,
        keys: &[Vector],
        chunk: &Chunk,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let places = Places::From(self.rows);
        self.rows += chunk.rows() as u64;
        self.begun(aggregate, run)?.take(aggregate, keys, chunk, places, run)
    }

    fn begun(&mut self, aggregate: &Aggregate, run: &mut Run<'_, '_>) -> ExecuteResult<&mut Work> {
        match &mut self.work {
            Some(work) => Ok(work),
            nothing => Ok(nothing.insert(Work::new(aggregate, &aggregate.sets, 0, run)?)),
        }
    }

    /// Whether there are rows of groups that were not begun, or may be.
    pub fn is_apart(&self) -> bool {
        self.work.as_ref().is_some_and(Work::is_apart)
    }

    /// What was made of the rows, if there were any.
    pub fn into_work(self) -> Option<Work> {
        self.work
    }

    fn into_partial(self, aggregate: &Aggregate) -> ExecuteResult<Option<Partial>> {
        let groups = match self.work {
            Some(work) => work.into_parts(aggregate)?,
            None => Some(Vec::new()),
        };
        Ok(groups.map(|groups| Partial { groups, rows: self.rows }))
    }

    fn take_in(
        &mut self,
        partial: Partial,
        aggregate: &Aggregate,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        self.rows += partial.rows;
        if partial.groups.is_empty() {
            return Ok(());
        }
        self.begun(aggregate, run)?.take_in(partial.groups, aggregate, run)
    }
}

impl Aggregate {
    /// Gathers the rows of the first stretch, while helpers gather those of the others.
    pub(super) fn gather_divided(
        &self,
        gathered: &mut Gathering,
        divided: &Divided<AggregateNode>,
        (first, others): (&Stretch, &[Stretch]),
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let mut helps = Vec::with_capacity(others.len());
        for stretch in others {
            let restrictions = self.restrictions.clone();
            let (plan, of) = (divided.plan.clone(), stretch.clone());
            let work = move |run: &mut Run<'_, '_>| {
                let mut aggregate = Aggregate::new(&Builder::of_stretch(&of, run), &plan)?;
                aggregate.restrictions = restrictions;
                let mut gathered = Gathering::default();
                aggregate.gather_stretch(&mut gathered, (&plan, &of), true, run)?;
                gathered.into_partial(&aggregate)
            };
            helps.push(Help::ask(run, work));
        }
        self.gather_stretch(gathered, (&divided.plan, first), false, run)?;
        for (stretch, help) in others.iter().zip(helps) {
            let partial = match help {
                Some(help) if !gathered.is_apart() => help.answer(run)?.flatten(),
                Some(_) | None => None,
            };
            match partial {
                Some(partial) => gathered.take_in(partial, self, run)?,
                None => self.gather_stretch(gathered, (&divided.plan, stretch), false, run)?,
            }
        }
        Ok(())
    }

    fn gather_stretch(
        &self,
        gathered: &mut Gathering,
        (plan, stretch): (&Arc<AggregateNode>, &Stretch),
        bounded: bool,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let mut input = Builder::of_stretch(stretch, run).build(&plan.input)?;
        input.rewind(run)?;
        self.restrictions.iter().for_each(|restriction| input.restrict(restriction.clone()));
        self.gather(gathered, &mut *input, bounded, run)
    }
}
