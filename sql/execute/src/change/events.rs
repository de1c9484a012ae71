//! What is run after rows have changed: at the end of the statement, or later if it is deferred.
//!
//! One queue for everything that looks at rows afterwards. The session keeps it as long as the transaction lasts, runs what
//! was deferred before it commits, and tells it which constraints are deferred (`SET CONSTRAINTS`).

use super::exclusion::look_again;
use super::foreign_key::KeyEvent;
use super::routine_changes::RoutineChanges;
use super::table::Table;
use super::trigger::FiredTrigger;
use super::write::{NOT_WRITTEN, deferrable_owners};
use crate::error::ExecuteResult;
use crate::evaluate::Compiler;
use crate::run::{Run, State};
use crate::world::World;
use plan::target::TargetTable;
use plan::trigger::{TransitionTable, Trigger, TriggerEvent, TriggerTable};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use store::TreeId;
use types::vector::Chunk;

/// Something to be looked at.
pub struct Event {
    what: What,
}

enum What {
    /// That a key stands once.
    Unique { target: Arc<TargetTable>, index: usize, values: Vec<u8>, id: i64 },
    /// That a row is excluded by no other.
    Exclusion { target: Arc<TargetTable>, index: usize, id: i64 },
    /// A foreign key.
    Key(KeyEvent),
    /// A trigger, and where the rows are that its statement has changed.
    Trigger(FiredTrigger, Option<usize>),
}

/// When events are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A statement is over.
    Statement,
    /// The transaction is about to commit, or all constraints are set immediate.
    Commit,
    /// A constraint is set immediate.
    Constraint(u32),
}

/// Events that wait.
#[derive(Default)]
pub struct Events {
    /// Those of the outermost statement.
    outermost: Level,
    /// Those of statements of routines within it, the innermost last.
    inner: Vec<Level>,
    /// In the order in which they came. What has been run stays: going back to before that brings it up again.
    deferred: Vec<Deferred>,
    /// The places of those that have been run, in that order.
    done: Vec<usize>,
    /// None before it has not been run.
    first: usize,
    said: Said,
    /// The rows that functions of triggers were given, those of the innermost last.
    given: Vec<Arc<[TransitionTable]>>,
    /// What routines have changed.
    routine_changes: RoutineChanges,
}

/// What waits for the end of a statement.
#[derive(Default)]
struct Level {
    immediate: VecDeque<Event>,
    changes: Vec<Changes>,
    /// How often triggers of a statement were forgotten that waited: those of an earlier turn are passed over.
    turns: BTreeMap<(u32, TriggerEvent), u64>,
}

/// What a statement has done to a table.
struct Changes {
    table: u32,
    event: TriggerEvent,
    /// Whether what comes before it has been called.
    begun: bool,
    /// The old rows and the new ones, once somebody has seen them: then there are no more of them.
    closed: Option<[Arc<Vec<Chunk>>; 2]>,
    old: Vec<Chunk>,
    new: Vec<Chunk>,
}

impl Changes {
    /// The old rows and the new ones; no more come.
    fn close(&mut self) -> [Arc<Vec<Chunk>>; 2] {
        let rows = [&mut self.old, &mut self.new].map(std::mem::take);
        self.closed.get_or_insert_with(|| rows.map(Arc::new)).clone()
    }
}

impl Level {
    /// The place of what is noted of a table.
    fn changes_of(&mut self, table: u32, event: TriggerEvent) -> usize {
        let is_it = |it: &Changes| it.table == table && it.event == event && it.closed.is_none();
        self.changes.iter().position(is_it).unwrap_or_else(|| {
            let (old, new) = (Vec::new(), Vec::new());
            self.changes.push(Changes { table, event, begun: false, closed: None, old, new });
            self.changes.len() - 1
        })
    }
}

impl Level {
    /// The turn of triggers like this one; 0 of a row's.
    fn turn(&self, fired: &FiredTrigger) -> u64 {
        match fired.is_for_statement() {
            true => self.turns.get(&(fired.target.table, fired.event)).copied().unwrap_or(0),
            false => 0,
        }
    }

    /// Whether it was not forgotten.
    fn stands(&self, event: &Event) -> bool {
        match &event.what {
            What::Trigger(fired, _) => fired.turn == self.turn(fired),
            What::Unique { .. } | What::Exclusion { .. } | What::Key(_) => true,
        }
    }
}

struct Deferred {
    constraint: Option<u32>,
    event: Arc<Event>,
    done: bool,
}

/// What `SET CONSTRAINTS` has said: of all, then of single ones.
#[derive(Debug, Clone, Default)]
struct Said {
    all: Option<bool>,
    single: BTreeMap<u32, bool>,
}

/// A place in the queue to go back to.
#[derive(Debug, Clone)]
pub struct Mark {
    levels: usize,
    immediate: usize,
    changes: usize,
    deferred: usize,
    done: usize,
    said: Said,
}

impl Event {
    /// That a key of an index stands once.
    pub fn unique(target: &Arc<TargetTable>, index: usize, values: Vec<u8>, id: i64) -> Event {
        Event { what: What::Unique { target: target.clone(), index, values, id } }
    }

    /// That a row is excluded by no other.
    pub fn exclusion(target: &Arc<TargetTable>, index: usize, id: i64) -> Event {
        Event { what: What::Exclusion { target: target.clone(), index, id } }
    }

    /// Something about a foreign key.
    pub fn key(event: KeyEvent) -> Event {
        Event { what: What::Key(event) }
    }

    /// A trigger that was fired.
    pub(super) fn of_trigger(fired: FiredTrigger, changes: Option<usize>) -> Event {
        Event { what: What::Trigger(fired, changes) }
    }

    /// The table whose rows have changed.
    fn table(&self) -> u32 {
        match &self.what {
            What::Trigger(fired, _) => fired.target.table,
            What::Unique { target, .. }
            | What::Exclusion { target, .. }
            | What::Key(KeyEvent::Referring { target, .. } | KeyEvent::Referred { target, .. }) => {
                target.table
            }
        }
    }
}

impl Events {
    /// What routines have changed.
    pub(crate) fn routine_changes(&self) -> &RoutineChanges {
        &self.routine_changes
    }

    /// The same, to be added to.
    pub(crate) fn routine_changes_mut(&mut self) -> &mut RoutineChanges {
        &mut self.routine_changes
    }

    /// Where the queue stands.
    pub fn mark(&self) -> Mark {
        let top = self.inner.last().unwrap_or(&self.outermost);
        Mark {
            levels: self.inner.len(),
            immediate: top.immediate.len(),
            changes: top.changes.len(),
            deferred: self.deferred.len(),
            done: self.done.len(),
            said: self.said.clone(),
        }
    }

    /// Forgets what came since, what has been run since, and what `SET CONSTRAINTS` has said since.
    pub fn forget(&mut self, mark: Mark) {
        self.inner.truncate(mark.levels);
        let top = self.top();
        top.immediate.truncate(mark.immediate);
        top.changes.truncate(mark.changes);
        for place in self.done.drain(mark.done.min(self.done.len())..) {
            self.deferred[place].done = false;
            self.first = self.first.min(place);
        }
        self.deferred.truncate(mark.deferred);
        self.said = mark.said;
    }

    /// Forgets everything: the transaction is over.
    pub fn clear(&mut self) {
        *self = Events::default();
    }

    /// Whether nothing waits for the end of the statement.
    fn rest(&self) -> bool {
        let top = self.inner.last().unwrap_or(&self.outermost);
        top.immediate.is_empty() && top.changes.is_empty()
    }

    /// Whether something waits for the commit.
    pub fn has_deferred(&self) -> bool {
        self.done.len() < self.deferred.len()
    }

    /// Whether something waits for the commit that is about a table's rows.
    pub fn concern(&self, table: u32) -> bool {
        self.deferred.iter().any(|waiting| !waiting.done && waiting.event.table() == table)
    }

    /// `SET CONSTRAINTS ALL`
    pub fn set_all(&mut self, deferred: bool) {
        self.said.all = Some(deferred);
        self.said.single.clear();
    }

    /// `SET CONSTRAINTS` of one.
    pub fn set(&mut self, constraint: u32, deferred: bool) {
        self.said.single.insert(constraint, deferred);
    }

    /// Queues an event of a deferrable constraint, which is deferred at first or not.
    pub fn push(&mut self, event: Event, constraint: Option<u32>, initially: bool) {
        let single = constraint.and_then(|constraint| self.said.single.get(&constraint).copied());
        if single.or(self.said.all).unwrap_or(initially) {
            self.deferred.push(Deferred { constraint, event: Arc::new(event), done: false });
        } else {
            self.top().immediate.push_back(event);
        }
    }

    /// Queues an event that is never deferred.
    pub fn push_immediate(&mut self, event: Event) {
        self.top().immediate.push_back(event);
    }

    fn top(&mut self) -> &mut Level {
        self.inner.last_mut().unwrap_or(&mut self.outermost)
    }

    /// A statement of a routine begins: what it leaves is its own.
    pub fn enter(&mut self) {
        self.inner.push(Level::default());
    }

    /// It has ended, and its events were run.
    pub fn leave(&mut self) {
        self.inner.pop();
    }

    /// Queues a trigger; of one that can be deferred its constraint, and whether it is at first.
    pub fn push_trigger(&mut self, mut fired: FiredTrigger, deferrable: Option<(u32, bool)>) {
        if let Some((constraint, initially)) = deferrable {
            return self.push(Event::of_trigger(fired, None), Some(constraint), initially);
        }
        fired.turn = self.top().turn(&fired);
        let looks = |trigger: &Arc<Trigger>| trigger.old_table.is_some() || trigger.new_table.is_some();
        let changes = fired
            .trigger()
            .is_some_and(looks)
            .then(|| self.top().changes_of(fired.target.table, fired.event));
        self.push_immediate(Event::of_trigger(fired, changes));
    }

    /// Whether what comes before the statement has been called for a table; from now on it has.
    pub fn was_begun(&mut self, table: u32, event: TriggerEvent) -> bool {
        let level = self.top();
        let place = level.changes_of(table, event);
        std::mem::replace(&mut level.changes[place].begun, true)
    }

    /// Forgets triggers of a statement that wait: they come again, behind what the statement has done since.
    pub fn forget_statement(&mut self, table: u32, event: TriggerEvent) {
        *self.top().turns.entry((table, event)).or_default() += 1;
    }

    /// Keeps rows for triggers that look at all of them.
    pub fn keep_changed(
        &mut self,
        table: u32,
        event: TriggerEvent,
        (old, new): (Option<Chunk>, Option<Chunk>),
    ) {
        let level = self.top();
        let place = level.changes_of(table, event);
        level.changes[place].old.extend(old);
        level.changes[place].new.extend(new);
    }

    /// A trigger's function is called with these rows.
    pub(crate) fn give(&mut self, transitions: Arc<[TransitionTable]>) {
        self.given.push(transitions);
    }

    /// It is over.
    pub(crate) fn take_back(&mut self) {
        self.given.pop();
    }

    /// What the innermost function of a trigger was given.
    pub(crate) fn given(&self) -> Arc<[TransitionTable]> {
        self.given.last().cloned().unwrap_or_default()
    }

    /// The rows that a trigger looks at, under their names.
    pub fn transitions(
        &mut self,
        table: &Arc<TriggerTable>,
        trigger: &Trigger,
        place: Option<usize>,
    ) -> Arc<[TransitionTable]> {
        let Some(changes) = place.and_then(|place| self.top().changes.get_mut(place)) else {
            return Arc::default();
        };
        let sides = [&trigger.old_table, &trigger.new_table].into_iter().zip(changes.close());
        let named = sides.filter_map(|(name, rows)| {
            let name = name.clone()?;
            Some(TransitionTable { name, table: table.clone(), rows })
        });
        named.collect()
    }

    fn next(&mut self, when: When) -> Option<Arc<Event>> {
        let level = self.top();
        while let Some(event) = level.immediate.pop_front() {
            if level.stands(&event) {
                return Some(Arc::new(event));
            }
        }
        level.changes.clear();
        level.turns.clear();
        if when == When::Statement {
            return None;
        }
        while self.deferred.get(self.first).is_some_and(|event| event.done) {
            self.first += 1;
        }
        let waits = |event: &Deferred| match when {
            When::Commit => !event.done,
            When::Constraint(wanted) => !event.done && event.constraint == Some(wanted),
            When::Statement => false,
        };
        let place = self.first + self.deferred[self.first..].iter().position(waits)?;
        self.done.push(place);
        self.deferred[place].done = true;
        Some(self.deferred[place].event.clone())
    }
}

/// Runs events, and those that they bring about.
///
/// # Errors
/// When a constraint does not hold.
pub fn run_events(world: &mut World<'_>, when: When) -> ExecuteResult<()> {
    if world.events.rest() && (when == When::Statement || !world.events.has_deferred()) {
        return Ok(());
    }
    let mut state = State::default();
    let mut run = Run { world, state: &mut state };
    while let Some(event) = run.world.events.next(when) {
        run.check()?;
        event.run(&mut run)?;
    }
    if world.settings.depth > 0 {
        world.events.routine_changes.note(state.changed);
    }
    Ok(())
}

impl Event {
    fn run(&self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        match &self.what {
            What::Unique { target, index, values, id } => unique(run, target, *index, values, *id),
            What::Exclusion { target, index, id } => {
                let table = Table::new(&Compiler::new(run.world.context.types), target)?;
                look_again(&table, *index, run, *id)
            }
            What::Key(event) => event.run(run),
            What::Trigger(fired, changes) => fired.run(run, *changes),
        }
    }
}

/// That nobody else has a key, if the row still has it.
fn unique(
    run: &mut Run<'_, '_>,
    target: &Arc<TargetTable>,
    index: usize,
    values: &[u8],
    id: i64,
) -> ExecuteResult<()> {
    let tree = TreeId(target.indexes[index].tree);
    let rows = (TreeId(target.tree), NOT_WRITTEN);
    let holders = run.world.transaction.lock_key(tree, values, rows, |transaction| {
        let holders = deferrable_owners(transaction, tree, values)?;
        let owners = holders.iter().map(|id| id.to_be_bytes()).collect();
        ExecuteResult::Ok((holders, owners))
    })?;
    if !holders.contains(&id) || holders.len() < 2 {
        return Ok(());
    }
    let table = Table::new(&Compiler::new(run.world.context.types), target)?;
    let row = run.world.transaction.get(table.tree(), &id.to_be_bytes())?;
    let columns = table.decode(&[row.unwrap_or_default()])?;
    let entries = table.indexes[index].entries(run, &columns, 1)?;
    Err(super::constraint::duplicate(&table, &table.indexes[index], &run.world.context, &entries, 0)?)
}
