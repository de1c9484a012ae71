//! Grouping by several tasks: each groups a stretch of the rows, and the groups of the later ones are taken in by the first.
//!
//! So groups come in the order of their first rows, as if one task had made them. A helper whose groups do not fit into its memory
//! gives up, and its rows are grouped where the statement is run; so are those of all others once no more groups are begun there.
//! Whether there are helpers makes no difference to what comes out: a stretch that nobody has grouped is grouped by itself, too.

use super::groups::{GroupsPart, Places, Work};
use super::operator::Aggregate;
use crate::error::ExecuteResult;
use crate::operator::{Builder, Operator};
use crate::parallel::{Divided, Help, Stretch, is_known, is_known_function};
use crate::run::Run;
use plan::expression::Aggregate as PlannedCall;
use plan::physical::AggregateNode;
use std::collections::VecDeque;
use types::Vector;
use types::vector::Chunk;

/// Whether what several tasks have grouped can be put together.
pub fn is_divisible(plan: &AggregateNode) -> bool {
    // The input was looked at already.
    let AggregateNode { input: _, keys, sets: _, phases: _, aggregates, grouping_calls: _ } = plan;
    aggregates.iter().all(is_known_call) && keys.iter().all(|key| is_known(&key.expression))
}

fn is_known_call(call: &PlannedCall) -> bool {
    let PlannedCall { function, arguments, direct: _, distinct: _, order, filter, made, result: _ } = call;
    let order = order.iter().map(|key| &key.expression);
    let mut computed = arguments.iter().chain(filter).chain(order);
    made.is_none() && is_known_function(function.0) && computed.all(is_known)
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

    /// Whoever takes it in reckons it anew.
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
        let ask = |stretch: &Stretch| {
            let (plan, of) = (divided.plan.clone(), stretch.clone());
            Help::ask(run, move |run| {
                let mut aggregate = Aggregate::new(&Builder::of_stretch(&of, run), &plan)?;
                let mut input = aggregate.take_input();
                aggregate.partial(&mut *input, run)
            })
        };
        let mut helps: VecDeque<Option<Help<Option<Partial>>>> = others.iter().map(ask).collect();
        let input = &divided.plan.input;
        self.gather_all(gathered, &mut *Builder::of_stretch(first, run).build(input)?, run)?;
        for stretch in others {
            if gathered.is_apart() {
                // Whatever helpers find is taken in no more.
                helps.clear();
            }
            let answer = match helps.pop_front().flatten() {
                Some(help) => help.answer(run)?,
                None => None,
            };
            let partial = match answer {
                Some(partial) => partial,
                None if gathered.is_apart() => None,
                // Sums come out as they do where there is a helper.
                None => self.partial(&mut *Builder::of_stretch(stretch, run).build(input)?, run)?,
            };
            match partial {
                Some(partial) => gathered.take_in(partial, self, run)?,
                None => {
                    self.gather_all(gathered, &mut *Builder::of_stretch(stretch, run).build(input)?, run)?;
                }
            }
        }
        Ok(())
    }

    /// What a helper gathers of all rows of an input; none if they do not fit into memory.
    fn partial(&self, input: &mut dyn Operator, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Partial>> {
        let helps = std::mem::replace(&mut run.state.helps, true);
        let mut gathered = Gathering::default();
        let done = input.rewind(run).and_then(|()| self.gather(&mut gathered, input, true, run));
        run.state.helps = helps;
        done?;
        gathered.into_partial(self)
    }

    fn gather_all(
        &self,
        gathered: &mut Gathering,
        input: &mut dyn Operator,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        input.rewind(run)?;
        self.gather(gathered, input, false, run)
    }
}
