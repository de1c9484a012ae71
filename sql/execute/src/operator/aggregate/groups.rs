//! Groups while rows come: which there are, what their aggregates have seen, and rows of those that do not fit.

use super::call::{State, StatePart};
use super::operator::{Aggregate, Grouped};
use crate::error::ExecuteResult;
use crate::evaluate::Evaluator;
use crate::keys::{KeyTable, NONE};
use crate::memory::Held;
use crate::run::Run;
use crate::spill::{Partitions, hashes};
use types::vector::{Chunk, Order, VectorBuilder};
use types::{Value, Vector};

/// The numbers of rows among all that came.
#[derive(Clone, Copy)]
pub enum Places<'p> {
    /// From one on.
    From(u64),
    /// Each its own.
    Each(&'p [u64]),
}

impl Places<'_> {
    fn get(self, row: usize) -> u64 {
        match self {
            Places::From(first) => first + row as u64,
            Places::Each(places) => places[row],
        }
    }
}

/// The groups of one grouping set.
struct Groups {
    /// Which keys, and how they are told apart.
    set: Vec<usize>,
    orders: Vec<Order>,
    table: Option<KeyTable>,
    /// The keys' values of each group.
    values: Vec<VectorBuilder>,
    /// The number of each group's first row.
    first: Vec<u64>,
    count: usize,
    /// Rows of groups that were not begun.
    apart: Option<Partitions>,
}

/// The groups of a set that one task has found.
pub struct GroupsPart {
    /// The values of the set's keys.
    keys: Vec<Vector>,
    count: usize,
    /// For each call.
    states: Vec<StatePart>,
}

/// Grouping under way.
pub struct Work {
    groups: Vec<Groups>,
    /// For each call its states, one for each set.
    states: Vec<Vec<State>>,
    held: Held,
    level: u32,
}

impl Groups {
    fn new(aggregate: &Aggregate, set: &[u32]) -> Groups {
        let set: Vec<usize> = set.iter().map(|key| *key as usize).collect();
        let orders: Vec<Order> = set.iter().map(|key| aggregate.orders[*key].clone()).collect();
        Groups {
            table: (!set.is_empty()).then(|| KeyTable::new(orders.clone())),
            values: set.iter().map(|key| VectorBuilder::new(aggregate.keys[*key].kind(), 0)).collect(),
            first: Vec::new(),
            // Without keys there is one group, whatever comes.
            count: usize::from(set.is_empty()),
            apart: None,
            orders,
            set,
        }
    }

    fn own(&self, keys: &[Vector]) -> Vec<Vector> {
        self.set.iter().map(|key| keys[*key].clone()).collect()
    }

    /// The group of each row; `None` if there is but one.
    fn assign(
        &mut self,
        keys: &[Vector],
        rows: usize,
        places: Option<Places<'_>>,
    ) -> ExecuteResult<Option<Vec<u32>>> {
        let own = self.own(keys);
        self.assign_own(&own, rows, places)
    }

    /// The same by the keys of the set alone.
    fn assign_own(
        &mut self,
        own: &[Vector],
        rows: usize,
        places: Option<Places<'_>>,
    ) -> ExecuteResult<Option<Vec<u32>>> {
        let Some(table) = &mut self.table else { return Ok(None) };
        let mut numbers = Vec::with_capacity(rows);
        table.insert(own, rows, &mut numbers);
        if table.len() > self.count {
            let mut firsts = Vec::with_capacity(table.len() - self.count);
            for (row, number) in numbers.iter().enumerate() {
                if *number as usize == self.count {
                    self.count += 1;
                    self.first.extend(places.map(|places| places.get(row)));
                    firsts.push(row as u32);
                }
            }
            for (builder, key) in self.values.iter_mut().zip(own) {
                builder.append_rows(key, &firsts)?;
            }
        }
        Ok(Some(numbers))
    }

    /// The rows of groups that are there, and their groups; the others are put apart.
    fn part(
        &mut self,
        keys: &[Vector],
        chunk: &Chunk,
        places: Places<'_>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<(Vec<u32>, Vec<u32>)> {
        let own = self.own(keys);
        let (mut chosen, mut numbers, mut found) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(table) = &self.table {
            table.find(&own, chunk.rows(), &mut found);
        }
        let hashes = hashes(&own, &self.orders, chunk.rows());
        let columns: Vec<Vector> = keys.iter().chain(chunk.columns()).cloned().collect();
        for (row, number) in found.into_iter().enumerate() {
            match &mut self.apart {
                Some(apart) if number == NONE => {
                    apart.push(run, (hashes[row], places.get(row)), &columns, row)?;
                }
                Some(_) | None => {
                    chosen.push(row as u32);
                    numbers.push(number);
                }
            }
        }
        Ok((chosen, numbers))
    }

    /// The values of all keys for each group: null for those that are not in the set.
    fn finish(self, keys: &[Evaluator]) -> ExecuteResult<Vec<Vector>> {
        let mut columns: Vec<Option<Vector>> = vec![None; keys.len()];
        for (key, builder) in self.set.iter().zip(self.values) {
            columns[*key] = Some(builder.finish());
        }
        let all = columns.into_iter().zip(keys).map(|(column, key)| match column {
            Some(column) => Ok(column),
            None => Ok(Vector::constant(key.kind(), &Value::Null, self.count)?),
        });
        all.collect()
    }
}

impl Work {
    /// No rows yet. Above level 0 the numbers of groups' first rows are kept.
    pub fn new(
        aggregate: &Aggregate,
        sets: &[Vec<u32>],
        level: u32,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Work> {
        let groups: Vec<Groups> = sets.iter().map(|set| Groups::new(aggregate, set)).collect();
        let mut states = Vec::with_capacity(aggregate.calls.len());
        for call in &aggregate.calls {
            let states_of: ExecuteResult<Vec<State>> = groups.iter().map(|_| call.state(run)).collect();
            states.push(states_of?);
        }
        Ok(Work { groups, states, held: Held::default(), level })
    }

    /// Whoever makes results of it holds its memory from now on.
    pub fn take_held(&mut self) -> Held {
        std::mem::take(&mut self.held)
    }

    /// Takes rows with their keys.
    pub fn take(
        &mut self,
        aggregate: &Aggregate,
        keys: &[Vector],
        chunk: &Chunk,
        places: Places<'_>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        if self.groups.iter().all(|groups| groups.apart.is_none()) {
            let firsts = (self.level > 0).then_some(places);
            let mut numbers = Vec::with_capacity(self.groups.len());
            for groups in &mut self.groups {
                numbers.push(groups.assign(keys, chunk.rows(), firsts)?);
            }
            let counts: Vec<usize> = self.groups.iter().map(|groups| groups.count).collect();
            for (call, states) in aggregate.calls.iter().zip(&mut self.states) {
                call.update(states, &numbers, &counts, chunk, run)?;
            }
        } else {
            for set in 0..self.groups.len() {
                self.take_for(set, aggregate, keys, chunk, places, run)?;
            }
        }
        self.weigh(aggregate, run)
    }

    /// Notes the memory that it holds; where that is too much no more groups are begun.
    fn weigh(&mut self, aggregate: &Aggregate, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let tables: usize =
            self.groups.iter().filter_map(|groups| groups.table.as_ref()).map(KeyTable::size).sum();
        let now = tables * 2 + self.states.iter().flatten().map(State::memory).sum::<usize>();
        self.held.grow(run, now)?;
        if now > run.world.settings.work_mem {
            for groups in self.groups.iter_mut().filter(|groups| groups.apart.is_none()) {
                if groups.table.is_some() {
                    groups.apart = Partitions::new(&aggregate.apart_kinds(), self.level);
                }
            }
        }
        Ok(())
    }

    /// Takes rows for one set, which begins no more groups if it has keys.
    fn take_for(
        &mut self,
        set: usize,
        aggregate: &Aggregate,
        keys: &[Vector],
        chunk: &Chunk,
        places: Places<'_>,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let groups = &mut self.groups[set];
        let (numbers, mut chosen) = (groups.table.is_some(), chunk.clone());
        let numbers = if numbers {
            let (rows, numbers) = groups.part(keys, chunk, places, run)?;
            chosen.select(rows);
            chosen = chosen.densify()?;
            Some(numbers)
        } else {
            None
        };
        let count = groups.count;
        for (call, states) in aggregate.calls.iter().zip(&mut self.states) {
            call.update(&mut states[set..=set], std::slice::from_ref(&numbers), &[count], &chosen, run)?;
        }
        Ok(())
    }

    /// Whether rows were put apart, or may be.
    pub fn is_apart(&self) -> bool {
        self.groups.iter().any(|groups| groups.apart.is_some())
    }

    /// What another task can take in; `None` if something did not fit into memory.
    pub fn into_parts(self, aggregate: &Aggregate) -> ExecuteResult<Option<Vec<GroupsPart>>> {
        if self.is_apart() {
            return Ok(None);
        }
        let mut parts: Vec<GroupsPart> = Vec::with_capacity(self.groups.len());
        for groups in self.groups {
            let keys = groups.values.into_iter().map(VectorBuilder::finish).collect();
            parts.push(GroupsPart { keys, count: groups.count, states: Vec::new() });
        }
        for (call, states) in aggregate.calls.iter().zip(self.states) {
            for (part, state) in parts.iter_mut().zip(states) {
                let Some(state) = call.part(state)? else { return Ok(None) };
                part.states.push(state);
            }
        }
        Ok(Some(parts))
    }

    /// Takes in groups of rows that come after all that came here.
    pub fn take_in(
        &mut self,
        parts: Vec<GroupsPart>,
        aggregate: &Aggregate,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        for (set, (groups, part)) in self.groups.iter_mut().zip(parts).enumerate() {
            let numbers = groups.assign_own(&part.keys, part.count, None)?;
            let numbers = numbers.unwrap_or_else(|| vec![0; part.count]);
            for ((call, states), other) in aggregate.calls.iter().zip(&mut self.states).zip(part.states) {
                call.merge(&mut states[set], other, &numbers, groups.count, run)?;
            }
        }
        self.weigh(aggregate, run)
    }

    /// All rows came: the groups of each set, and what was put apart.
    pub fn finish(
        mut self,
        aggregate: &Aggregate,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Vec<(Grouped, Option<Partitions>)>> {
        for (call, states) in aggregate.calls.iter().zip(&mut self.states) {
            for (state, groups) in states.iter_mut().zip(&self.groups) {
                call.settle(state, groups.count, run)?;
            }
        }
        let calls = self.states.len();
        let mut by_set: Vec<Vec<State>> = self.groups.iter().map(|_| Vec::with_capacity(calls)).collect();
        for states in self.states {
            for (of_set, state) in by_set.iter_mut().zip(states) {
                of_set.push(state);
            }
        }
        let mut done = Vec::with_capacity(by_set.len());
        for (mut groups, states) in self.groups.into_iter().zip(by_set) {
            let (count, apart) = (groups.count, groups.apart.take());
            let first = std::mem::take(&mut groups.first);
            let keys = groups.finish(&aggregate.keys)?;
            done.push((Grouped { keys, count, states, first }, apart));
        }
        Ok(done)
    }
}
