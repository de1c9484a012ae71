//! Finds groups by hash tables, one for each grouping set; groups come in the order of their first rows, which for a
//! sorted input is the input's. Sets that the plan groups together by an order come together in that order (`rollup`).
//!
//! When tables and states are as large as memory is, no more groups are begun: rows of others are put apart by the hashes
//! of their keys, with their numbers, and grouped part by part when everything else was handed up. Their groups come in the
//! order of their first rows, too.

use super::call::{Call, State};
use super::groups::{Places, Work};
use super::partial::Gathering;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::keys::{SortColumn, sort_columns};
use crate::memory::Held;
use crate::operator::effects::effects;
use crate::operator::rows::Nothing;
use crate::operator::{BoxedOperator, Builder, Operator, Restriction};
use crate::parallel::Divided;
use crate::run::Run;
use crate::spill::{Merge, Partitions, Rows, merged, sequence};
use plan::physical::{AggregateNode, Phase};
use types::vector::{Chunk, Order};
use types::{Kind, Value, Vector};

/// The operator.
pub struct Aggregate {
    input: BoxedOperator,
    /// The kinds of the input's columns.
    kinds: Vec<Kind>,
    pub(super) keys: Vec<Evaluator>,
    pub(super) orders: Vec<Order>,
    pub(super) sets: Vec<Vec<u32>>,
    pub(super) calls: Vec<Call>,
    grouping_calls: Vec<Vec<u32>>,
    /// Whether nothing that it computes has effects, which would be missed if it was not computed.
    free: bool,
    phases: Vec<Phase>,
    /// How each key is sorted by.
    pub(super) columns: Vec<SortColumn>,
    /// What several tasks do, if they can.
    divided: Option<Divided<AggregateNode>>,
    /// Whether it was told since it began which rows are of use: then few are read.
    restricted: bool,
    result: Option<Result>,
}

/// What is handed up.
struct Result {
    /// What is left, the next last.
    steps: Vec<Step>,
    /// Memory that it holds.
    _held: Held,
}

/// What is handed up one after the other.
enum Step {
    /// The groups of a set from one on.
    Set(SetResult, usize),
    /// Rows in an order.
    Ordered(Merge),
}

/// The groups of a set.
pub(super) struct SetResult {
    pub set: usize,
    pub groups: Grouped,
    /// Rows of groups that did not fit.
    pub apart: Option<Partitions>,
    pub rest: Option<Merge>,
}

/// Groups that are complete.
pub(super) struct Grouped {
    /// All keys' values.
    pub keys: Vec<Vector>,
    pub count: usize,
    /// For each call.
    pub states: Vec<State>,
    /// The numbers of the first rows, if they are asked for.
    pub first: Vec<u64>,
}

fn is_free(compiler: &Compiler<'_>, plan: &AggregateNode) -> bool {
    let keys = plan.keys.iter().map(|key| &key.expression);
    let computed = plan.aggregates.iter().flat_map(|call| {
        let order = call.order.iter().map(|key| &key.expression);
        call.arguments.iter().chain(&call.filter).chain(order)
    });
    plan.aggregates.iter().all(|call| call.made.is_none()) && effects(compiler, keys.chain(computed)) == 0
}

impl Aggregate {
    /// As the plan says.
    pub fn new(builder: &Builder<'_>, plan: &AggregateNode) -> ExecuteResult<Aggregate> {
        let compiler = &builder.compiler;
        let keys = plan.keys.iter().map(|key| Evaluator::new(compiler, &key.expression));
        let calls = plan.aggregates.iter().map(|aggregate| Call::new(compiler, aggregate));
        if plan.sets.iter().flatten().any(|key| *key as usize >= plan.keys.len()) {
            return Err(ExecuteError::plan("a grouping set with a key that is not there"));
        }
        Ok(Aggregate {
            input: builder.build(&plan.input)?,
            kinds: builder.kinds(&plan.input.columns)?,
            keys: keys.collect::<ExecuteResult<_>>()?,
            orders: plan.keys.iter().map(|key| key.order.clone()).collect(),
            sets: plan.sets.clone(),
            calls: calls.collect::<ExecuteResult<_>>()?,
            grouping_calls: plan.grouping_calls.clone(),
            free: is_free(compiler, plan),
            phases: plan.phases.clone(),
            columns: sort_columns(&plan.keys),
            divided: None,
            restricted: false,
            result: None,
        })
    }

    /// The input, as long as it is read; nothing stands in its place.
    pub(super) fn take_input(&mut self) -> BoxedOperator {
        std::mem::replace(&mut self.input, Box::new(Nothing))
    }

    /// From now on others help, if its input can be divided.
    pub fn divide(&mut self, divided: Option<Divided<AggregateNode>>) {
        self.divided = divided;
    }

    /// The kinds of rows that are put apart: the keys, then the input's columns.
    pub(super) fn apart_kinds(&self) -> Vec<Kind> {
        self.keys.iter().map(Evaluator::kind).chain(self.kinds.iter().copied()).collect()
    }

    /// Whether nothing is asked of rows but how many there are.
    fn only_counts(&self) -> bool {
        self.keys.is_empty() && self.calls.iter().all(Call::only_counts)
    }

    /// Takes as many rows as come, for whom it is only how many there are that counts.
    fn count(
        &self,
        gathered: &mut Gathering,
        input: &mut dyn Operator,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        const TOGETHER: usize = 1 << 31;
        let mut known = input.take_count(run)?.unwrap_or(0);
        while known > 0 {
            let rows = usize::try_from(known).unwrap_or(TOGETHER).min(TOGETHER);
            gathered.take(self, &[], &Chunk::new(Vec::new(), rows), run)?;
            known -= rows as u64;
        }
        let mut rows = 0;
        loop {
            let chunk = input.next(run)?;
            run.check()?;
            rows += chunk.as_ref().map_or(0, Chunk::len);
            if rows >= TOGETHER || chunk.is_none() {
                gathered.take(self, &[], &Chunk::new(Vec::new(), rows), run)?;
                rows = 0;
            }
            if chunk.is_none() {
                return Ok(());
            }
        }
    }

    /// Takes all rows of an input; gives up where memory does not do, if that is `bounded`.
    pub(super) fn gather(
        &self,
        gathered: &mut Gathering,
        input: &mut dyn Operator,
        bounded: bool,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        if self.only_counts() {
            return self.count(gathered, input, run);
        }
        while let Some(chunk) = input.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            let keys = evaluate_all(&self.keys, run, &chunk)?;
            gathered.take(self, &keys, &chunk, run)?;
            if bounded && gathered.is_apart() {
                break;
            }
        }
        Ok(())
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Result> {
        let mut gathered = Gathering::default();
        let divided = self.divided.as_ref().filter(|_| !self.restricted);
        let stretches = divided.map(|divided| divided.stretches(run)).transpose()?;
        match (&self.divided, stretches.as_deref()) {
            (Some(divided), Some([first, others @ ..])) => {
                self.gather_divided(&mut gathered, divided, (first, others), run)?;
            }
            _ => {
                let mut input = self.take_input();
                let done = self.gather(&mut gathered, &mut *input, false, run);
                self.input = input;
                done?;
            }
        }
        match gathered.into_work() {
            Some(work) => self.finished(work, run),
            // Of no rows there are no groups: beside a row of a join that has no partner this is what is mostly asked.
            None if self.sets.iter().all(|set| !set.is_empty()) => {
                Ok(Result { steps: Vec::new(), _held: Held::default() })
            }
            None => self.finished(Work::new(self, &self.sets, 0, run)?, run),
        }
    }

    /// All rows came.
    fn finished(&self, mut work: Work, run: &mut Run<'_, '_>) -> ExecuteResult<Result> {
        let held = work.take_held();
        let made = work.finish(self, run)?.into_iter().enumerate();
        let mut sets: Vec<Option<SetResult>> =
            made.map(|(set, (groups, apart))| Some(SetResult { set, groups, apart, rest: None })).collect();
        let mut steps = Vec::new();
        for phase in &self.phases {
            if let Phase::Sorted { keys, sets: places } = phase {
                let of = places.iter().filter_map(|place| sets.get_mut(*place as usize)?.take()).collect();
                steps.push(Step::Ordered(self.in_order(keys, of, run)?));
            }
        }
        steps.extend(sets.into_iter().flatten().map(|of_set| Step::Set(of_set, 0)));
        steps.reverse();
        Ok(Result { steps, _held: held })
    }

    /// Groups the rows of each part; the groups of a part are a sorted sequence of rows of results.
    pub(super) fn settle(
        &self,
        parts: Partitions,
        (set, by): (usize, Option<&[u32]>),
        done: &mut Vec<Rows>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let level = parts.below();
        for rows in parts.parts.into_iter().filter(|rows| rows.len() > 0) {
            let mut work = Work::new(self, &self.sets[set..=set], level, run)?;
            let mut reader = rows.reader(run)?;
            while let Some((chunk, places)) = reader.next(run.chunk_rows())? {
                run.check()?;
                let rows = chunk.rows();
                let mut keys = chunk.into_columns();
                let own = keys.split_off(self.keys.len());
                work.take(self, &keys, &Chunk::new(own, rows), Places::Each(&places), run)?;
            }
            // Until the part is done.
            let _held = work.take_held();
            for (groups, apart) in work.finish(self, run)? {
                if let Some(keys) = by {
                    self.write_in_order(&groups, (set, keys), done, run)?;
                }
                let mut written: Option<Rows> = None;
                let mut given = if by.is_some() { groups.count } else { 0 };
                while given < groups.count {
                    let chunk = self.rows(&groups, set, given, run)?;
                    let kinds = || chunk.columns().iter().map(Vector::kind).collect::<Vec<_>>();
                    let written = written.get_or_insert_with(|| Rows::new(&kinds()));
                    for row in 0..chunk.rows() {
                        written.push(run, &sequence(groups.first[given + row]), chunk.columns(), row)?;
                    }
                    given += chunk.rows();
                }
                if let Some(mut written) = written {
                    written.flush(run)?;
                    done.push(written);
                }
                if let Some(apart) = apart {
                    self.settle(apart, (set, by), done, run)?;
                }
            }
        }
        Ok(())
    }

    /// The results of some groups from one on.
    pub(super) fn rows(
        &self,
        groups: &Grouped,
        set: usize,
        start: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Chunk> {
        let rows = run.chunk_rows().min(groups.count - start);
        let mut columns: Vec<Vector> = groups.keys.iter().map(|key| key.slice(start, rows)).collect();
        for state in &groups.states {
            columns.push(state.finish(run, start..start + rows)?);
        }
        for call in &self.grouping_calls {
            let bits =
                call.iter().fold(0, |bits: i32, key| bits << 1 | i32::from(!self.sets[set].contains(key)));
            columns.push(Vector::constant(Kind::Int32, &Value::Int32(bits), rows)?);
        }
        Ok(Chunk::new(columns, rows))
    }

    fn give(&self, result: &mut Result, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        while let Some(step) = result.steps.last_mut() {
            let limit = run.chunk_rows();
            match step {
                Step::Ordered(rows) => {
                    if let Some(chunk) = rows.next(limit)? {
                        return Ok(Some(chunk));
                    }
                }
                Step::Set(of_set, given) => {
                    if *given < of_set.groups.count {
                        let chunk = self.rows(&of_set.groups, of_set.set, *given, run)?;
                        *given += chunk.rows();
                        return Ok(Some(chunk));
                    }
                    if let Some(apart) = of_set.apart.take() {
                        let mut done = Vec::new();
                        self.settle(apart, (of_set.set, None), &mut done, run)?;
                        of_set.rest = Some(merged(done, run)?);
                    }
                    if let Some(rest) = &mut of_set.rest
                        && let Some(chunk) = rest.next(limit)?
                    {
                        return Ok(Some(chunk));
                    }
                }
            }
            result.steps.pop();
        }
        Ok(None)
    }
}

impl Operator for Aggregate {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let mut result = match self.result.take() {
            Some(result) => result,
            None => self.run(run)?,
        };
        let chunk = self.give(&mut result, run);
        self.result = Some(result);
        chunk
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.result = None;
        self.restricted = false;
        self.input.rewind(run)
    }

    fn restrictable(&self, slot: usize) -> bool {
        let [set] = self.sets.as_slice() else { return false };
        let key = self.keys.get(slot).filter(|_| set.contains(&(slot as u32)));
        self.free && key.and_then(Evaluator::slot).is_some_and(|below| self.input.restrictable(below))
    }

    /// Groups with other keys are of no use, and neither are the rows of such groups.
    fn restrict(&mut self, restriction: Restriction) {
        if let Some(slot) = self.keys.get(restriction.slot).and_then(Evaluator::slot) {
            self.restricted = true;
            self.input.restrict(Restriction { slot, ..restriction });
        }
    }
}
