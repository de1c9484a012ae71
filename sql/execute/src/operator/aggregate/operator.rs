//! Finds groups by hash tables, one for each grouping set; groups come in the order of their first rows, which for a
//! sorted input is the input's.

use super::call::{Call, State};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::keys::KeyTable;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::physical::AggregateNode;
use types::vector::{Chunk, Order, VectorBuilder};
use types::{Kind, Value, Vector};

/// The operator.
pub struct Aggregate {
    input: BoxedOperator,
    keys: Vec<Evaluator>,
    orders: Vec<Order>,
    sets: Vec<Vec<u32>>,
    calls: Vec<Call>,
    grouping_calls: Vec<Vec<u32>>,
    result: Option<Result>,
}

/// The groups of one grouping set.
struct Groups {
    /// Which keys.
    set: Vec<usize>,
    table: Option<KeyTable>,
    /// The keys' values of each group.
    values: Vec<VectorBuilder>,
    count: usize,
}

/// What is handed up.
struct Result {
    /// For each set the values of its groups' keys.
    keys: Vec<Vec<Vector>>,
    counts: Vec<usize>,
    /// For each call its states, one for each set.
    states: Vec<Vec<State>>,
    set: usize,
    given: usize,
}

impl Aggregate {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        plan: &AggregateNode,
        input: BoxedOperator,
    ) -> ExecuteResult<Aggregate> {
        let keys = plan.keys.iter().map(|key| Evaluator::new(compiler, &key.expression));
        let calls = plan.aggregates.iter().map(|aggregate| Call::new(compiler, aggregate));
        if plan.sets.iter().flatten().any(|key| *key as usize >= plan.keys.len()) {
            return Err(ExecuteError::plan("a grouping set with a key that is not there"));
        }
        Ok(Aggregate {
            input,
            keys: keys.collect::<ExecuteResult<_>>()?,
            orders: plan.keys.iter().map(|key| key.order.clone()).collect(),
            sets: plan.sets.clone(),
            calls: calls.collect::<ExecuteResult<_>>()?,
            grouping_calls: plan.grouping_calls.clone(),
            result: None,
        })
    }

    fn groups(&self, set: &[u32]) -> Groups {
        let set: Vec<usize> = set.iter().map(|key| *key as usize).collect();
        let orders = set.iter().map(|key| self.orders[*key].clone()).collect();
        Groups {
            table: (!set.is_empty()).then(|| KeyTable::new(orders)),
            values: set.iter().map(|key| VectorBuilder::new(self.keys[*key].kind(), 0)).collect(),
            // Without keys there is one group, whatever comes.
            count: usize::from(set.is_empty()),
            set,
        }
    }

    fn run(&self, input: &mut dyn Operator, run: &mut Run<'_, '_>) -> ExecuteResult<Result> {
        let mut groups: Vec<Groups> = self.sets.iter().map(|set| self.groups(set)).collect();
        let mut states = Vec::with_capacity(self.calls.len());
        for call in &self.calls {
            let states_of: ExecuteResult<Vec<State>> =
                groups.iter().map(|_| call.state(&run.world.context)).collect();
            states.push(states_of?);
        }
        let mut held = 0;
        while let Some(chunk) = input.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            let keys = evaluate_all(&self.keys, run, &chunk)?;
            let mut numbers = Vec::with_capacity(groups.len());
            for groups in &mut groups {
                numbers.push(groups.assign(&keys, chunk.rows())?);
            }
            let counts: Vec<usize> = groups.iter().map(|groups| groups.count).collect();
            for (call, states) in self.calls.iter().zip(&mut states) {
                call.update(states, &numbers, &counts, &chunk, run)?;
            }
            let tables: usize =
                groups.iter().filter_map(|groups| groups.table.as_ref()).map(KeyTable::size).sum();
            let now = tables * 2 + states.iter().flatten().map(State::memory).sum::<usize>();
            run.hold(now.saturating_sub(held))?;
            held = held.max(now);
        }
        for (call, states) in self.calls.iter().zip(&mut states) {
            for (state, groups) in states.iter_mut().zip(&groups) {
                call.settle(state, groups.count, run)?;
            }
        }
        let counts = groups.iter().map(|groups| groups.count).collect();
        let mut keys = Vec::with_capacity(groups.len());
        for groups in groups {
            keys.push(groups.finish(&self.keys)?);
        }
        Ok(Result { keys, counts, states, set: 0, given: 0 })
    }
}

impl Groups {
    /// The group of each row; `None` if there is but one.
    fn assign(&mut self, keys: &[Vector], rows: usize) -> ExecuteResult<Option<Vec<u32>>> {
        let Some(table) = &mut self.table else { return Ok(None) };
        let own: Vec<Vector> = self.set.iter().map(|key| keys[*key].clone()).collect();
        let mut numbers = Vec::with_capacity(rows);
        table.insert(&own, rows, &mut numbers);
        if table.len() > self.count {
            for (row, number) in numbers.iter().enumerate() {
                if *number as usize == self.count {
                    self.count += 1;
                    for (builder, key) in self.values.iter_mut().zip(&own) {
                        builder.push_from(key, row)?;
                    }
                }
            }
        }
        Ok(Some(numbers))
    }

    /// The values of all keys for each group: null for those that are not in the set.
    fn finish(self, keys: &[Evaluator]) -> ExecuteResult<Vec<Vector>> {
        let mut columns = Vec::with_capacity(keys.len());
        for key in keys {
            columns.push(Vector::constant(key.kind(), &Value::Null, self.count)?);
        }
        for (key, builder) in self.set.iter().zip(self.values) {
            columns[*key] = builder.finish();
        }
        Ok(columns)
    }
}

impl Operator for Aggregate {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.result.is_none() {
            let mut input = std::mem::replace(&mut self.input, Box::new(crate::operator::rows::Nothing));
            let result = self.run(&mut *input, run);
            self.input = input;
            self.result = Some(result?);
        }
        let limit = run.chunk_rows();
        let Some(result) = &mut self.result else { return Ok(None) };
        while result.set < self.sets.len() && result.given >= result.counts[result.set] {
            (result.set, result.given) = (result.set + 1, 0);
        }
        let set = result.set;
        if set >= self.sets.len() {
            return Ok(None);
        }
        let start = result.given;
        let rows = limit.min(result.counts[set] - start);
        result.given += rows;
        let mut columns: Vec<Vector> = result.keys[set].iter().map(|key| key.slice(start, rows)).collect();
        for states in &result.states {
            columns.push(states[set].finish(&mut run.world.context, start..start + rows)?);
        }
        for call in &self.grouping_calls {
            let bits =
                call.iter().fold(0, |bits: i32, key| bits << 1 | i32::from(!self.sets[set].contains(key)));
            columns.push(Vector::constant(Kind::Int32, &Value::Int32(bits), rows)?);
        }
        Ok(Some(Chunk::new(columns, rows)))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.result = None;
        self.input.rewind(run)
    }
}
