//! What is run after rows have changed: at the end of the statement, or later if it is deferred.
//!
//! One queue for everything that looks at rows afterwards. The session keeps it as long as the transaction lasts, runs what
//! was deferred before it commits, and tells it which constraints are deferred (`SET CONSTRAINTS`).

use super::exclusion::look_again;
use super::foreign_key::KeyEvent;
use super::index::entry_row;
use super::routine_changes::RoutineChanges;
use super::table::Table;
use crate::error::{ConstraintError, ExecuteResult};
use crate::evaluate::Compiler;
use crate::run::{Run, State};
use crate::world::World;
use diagnostic::{SqlState, Subject};
use plan::target::TargetTable;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use store::locks::RowMode;
use store::{Bounds, TreeId};

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
    immediate: VecDeque<Event>,
    /// In the order in which they came. What has been run stays: going back to before that brings it up again.
    deferred: Vec<Deferred>,
    /// The places of those that have been run, in that order.
    done: Vec<usize>,
    /// None before it has not been run.
    first: usize,
    said: Said,
    /// What routines have changed.
    routine_changes: RoutineChanges,
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

    /// The table whose rows have changed.
    fn table(&self) -> u32 {
        match &self.what {
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
        Mark { deferred: self.deferred.len(), done: self.done.len(), said: self.said.clone() }
    }

    /// Forgets what came since, what has been run since, and what `SET CONSTRAINTS` has said since.
    pub fn forget(&mut self, mark: Mark) {
        self.immediate.clear();
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
            self.immediate.push_back(event);
        }
    }

    /// Queues an event that is never deferred.
    pub fn push_immediate(&mut self, event: Event) {
        self.immediate.push_back(event);
    }

    fn next(&mut self, when: When) -> Option<Arc<Event>> {
        if let Some(event) = self.immediate.pop_front() {
            return Some(Arc::new(event));
        }
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
    if world.events.immediate.is_empty() && (when == When::Statement || !world.events.has_deferred()) {
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
    let rows = (TreeId(target.tree), RowMode::KeyShare);
    let holders = run.world.transaction.lock_key(tree, values, rows, |transaction| {
        let mut scan = transaction.scan_newest(tree, Bounds::prefix(values))?;
        let mut holders = Vec::new();
        while scan.next()? {
            // Behind the values stands an id; a longer key is another one's.
            if scan.key().len() == values.len() + 8 {
                holders.push(entry_row(&scan.value()?)?);
            }
        }
        let owners = holders.iter().map(|id| id.to_be_bytes()).collect();
        ExecuteResult::Ok((holders, owners))
    })?;
    if !holders.contains(&id) || holders.len() < 2 {
        return Ok(());
    }
    let plan = &target.indexes[index];
    let table = Table::new(&Compiler::new(run.world.context.types), target)?;
    let row = run.world.transaction.get(table.tree(), &id.to_be_bytes())?;
    let columns = table.decode(&[row.unwrap_or_default()])?;
    let entries = table.indexes[index].entries(run, &columns, 1)?;
    let types = &table.indexes[index].key_types;
    let key = super::constraint::key_text(&run.world.context, &plan.key_names, types, &entries.keys, 0)?;
    Err(ConstraintError {
        state: SqlState::UniqueViolation,
        message: format!("duplicate key value violates unique constraint \"{}\"", plan.name),
        detail: Some(format!("Key {key} already exists.")),
        subject: Subject {
            schema: Some(target.schema.clone()),
            table: Some(target.name.clone()),
            constraint: Some(plan.name.clone()),
            ..Subject::default()
        },
    }
    .into())
}
