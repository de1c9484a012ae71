//! What operators and expressions share while a statement runs.

use crate::change;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::Members;
use crate::memory::{Held, Memory};
use crate::operator::{Observations, Operator};
use crate::spill::{Kept, SpillFile};
use crate::tally::Tally;
use crate::world::World;
use env::hash::HashSet;
use plan::expression::OuterId;
use plan::physical::Making;
use plan::trigger::TransitionTable;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::locks::RelationMode;
use store::{CommitNumber, TransactionId, TreeId, TreeView, View};
use types::{Kind, Value};

/// What is done to fewer rows in memory takes less time than to begin a task.
const ROWS_FOR_HELPERS: usize = 1 << 16;

/// A plan that is run beside the others.
pub struct Side {
    /// What it does.
    pub root: Box<dyn Operator>,
    /// Whether it is run at most once.
    pub once: bool,
    /// How its rows are made, where it does more than read.
    pub making: Making,
    /// Those that it has made, once it has begun, of one that is run at most once.
    pub rows: Option<Kept>,
    /// Whether there are no more.
    pub ended: bool,
    /// Its answers by the values that it was given, as far as they depend on nothing else.
    pub answers: BTreeMap<Vec<u8>, Value>,
    /// What those take.
    pub held: Held,
    /// Its rows by what is looked for among them, of one that is run at most once.
    pub members: Option<Members>,
}

/// What an answer depends on, noted while it is looked for.
#[derive(Debug, Default)]
pub struct Dependencies {
    /// Outer values that were set by whoever looks for it, or below.
    pub own: Vec<u32>,
    /// Those that were read and set by others.
    pub others: Vec<u32>,
    /// Whether it may be another one the next time.
    pub volatile: bool,
}

/// A table of `WITH`: its rows as far as somebody asked for them.
pub struct CommonTable {
    /// Who makes them; `None` while he is being asked, and when there are no more.
    pub source: Option<Box<dyn Operator>>,
    /// What he has failed of: whoever asks again is told again.
    pub failed: Option<Arc<ExecuteError>>,
    /// Those that he has made.
    pub rows: Kept,
    /// Whether they are made anew for each round of a recursion.
    pub renews: bool,
    /// Of those who does so, while there are no more.
    pub spent: Option<Box<dyn Operator>>,
    /// Whether he changes rows, and so is run to his end in any case.
    pub changes: bool,
}

/// Rows that were changed, by their trees.
pub type ChangedRows = BTreeMap<u64, HashSet<i64>>;

/// What lasts as long as a statement.
#[derive(Default)]
pub struct State {
    /// What outer operators have set for their current rows.
    pub outer: Vec<Value>,
    /// Subplans; `None` while one runs.
    pub subplans: Vec<Option<Box<Side>>>,
    /// Tables of `WITH`.
    pub common: Vec<CommonTable>,
    /// Rows of the round before.
    pub work_tables: Vec<Arc<Kept>>,
    /// Where rows go that do not fit into memory, once there are some.
    pub spill: Option<SpillFile>,
    /// What the statement reads from, once somebody reads what it may have written over.
    pub view: Option<View>,
    /// The newest commit that it saw when it began.
    pub began: Option<CommitNumber>,
    /// How many statements of routines had changed rows when it began.
    pub routines_began: Option<u64>,
    /// Whether it is a `MERGE`.
    pub merges: bool,
    /// What its operators hold.
    pub memory: Memory,
    /// How many rows its root has changed.
    pub affected: u64,
    /// What is noted of answers that are being looked for, the innermost last.
    pub noted: Vec<Dependencies>,
    /// What stands in the places of scans, while rows are looked at again.
    pub recheck: Option<change::Standing>,
    /// Tables that events look at, by their numbers.
    pub tables: BTreeMap<u32, Arc<change::Table>>,
    /// Tables whose rows foreign keys change, by their numbers.
    pub referring: BTreeMap<u32, Arc<change::Targets>>,
    /// What its operators have done, if they are watched.
    pub observed: Observations,
    /// Rows that the statement has changed, by their trees: it does not change them again.
    pub changed: ChangedRows,
    /// The ids of rows that an insertion writes, in the order in which it does, where they are asked for.
    pub written: Option<Vec<i64>>,
    /// What the function of a trigger was given that it is a statement of: it reads that however long it goes on.
    pub given: Arc<[TransitionTable]>,
    /// How often it has begun again.
    pub beginnings: u64,
    /// How many functions with effects were called, a chunk at a time.
    pub effects: u64,
    /// Whether it helps a statement, which has locked what is read.
    pub helps: bool,
}

impl State {
    /// The statement begins again; its subplans and tables of `WITH`, if it has any, are made anew by whoever says so.
    pub fn begin_again(&mut self) {
        self.beginnings += 1;
        self.outer.fill(Value::Null);
        self.work_tables.fill(Arc::default());
        self.noted.clear();
        self.changed.clear();
        self.written = None;
        (self.view, self.began, self.recheck, self.spill) = (None, None, None, None);
        self.routines_began = None;
        (self.memory, self.affected) = (Memory::default(), 0);
        self.observed.begin_again();
    }
}

/// A statement that runs: what it was lent, and what is its own.
pub struct Run<'r, 'a> {
    /// What it was lent.
    pub world: &'r mut World<'a>,
    /// What is its own.
    pub state: &'r mut State,
}

impl Run<'_, '_> {
    /// How many rows a chunk has.
    pub fn chunk_rows(&self) -> usize {
        self.world.settings.chunk_rows.max(1)
    }

    /// How many others may help at once.
    pub fn helpers_most(&self) -> usize {
        self.world.helpers.map_or(0, |helpers| helpers.most().min(self.world.settings.helping.most))
    }

    /// How many others may help with so many rows that are in memory. Fewer than a task is worth are soon done, unless the settings say
    /// that tasks cost nothing.
    pub fn helpers_for(&self, rows: usize) -> usize {
        let least = if self.world.settings.helping.scan_cost > 0.0 { ROWS_FOR_HELPERS } else { 2 };
        if rows < least { 0 } else { self.helpers_most() }
    }

    /// Counts something.
    pub fn count(&mut self, count: impl FnOnce(&mut Tally)) {
        count(&mut self.world.tally.borrow_mut());
    }

    /// An error if the statement is cancelled, or has run too long.
    pub fn check(&mut self) -> ExecuteResult<()> {
        Ok(self.world.context.session.check()?)
    }

    /// The value of a parameter.
    pub fn parameter(&self, index: u32) -> ExecuteResult<&Value> {
        let value = self.world.parameters.get(index as usize);
        value.ok_or_else(|| ExecuteError::plan(format!("no value for parameter ${}", u64::from(index) + 1)))
    }

    /// A value that an outer operator has set.
    pub fn outer(&mut self, id: OuterId) -> &Value {
        if let Some(noted) = self.state.noted.last_mut()
            && !noted.own.contains(&id.0)
            && !noted.others.contains(&id.0)
        {
            noted.others.push(id.0);
        }
        self.state.outer.get(id.0 as usize).unwrap_or(&Value::Null)
    }

    /// Sets a value for what runs below.
    pub fn set_outer(&mut self, id: OuterId, value: Value) {
        if let Some(noted) = self.state.noted.last_mut()
            && !noted.own.contains(&id.0)
        {
            noted.own.push(id.0);
        }
        let index = id.0 as usize;
        if self.state.outer.len() <= index {
            self.state.outer.resize(index + 1, Value::Null);
        }
        self.state.outer[index] = value;
    }

    /// A tree as the statement sees it.
    pub fn tree(&mut self, tree: u64) -> ExecuteResult<TreeView> {
        if !self.state.helps {
            let wait = self.world.transaction.wait();
            self.world.transaction.lock_tree(TreeId(tree), RelationMode::AccessShare, wait)?;
        }
        Ok(self.view()?.tree(TreeId(tree))?)
    }

    /// A key of a tree as the statement sees it. Without a view the statement has not written yet, and sees what the
    /// transaction does.
    pub fn get(&mut self, tree: u64, key: &[u8]) -> ExecuteResult<Option<Vec<u8>>> {
        if self.state.view.is_some() {
            return Ok(self.tree(tree)?.get(key)?);
        }
        Ok(self.world.transaction.get(TreeId(tree), key)?)
    }

    /// A row of a tree, likewise, and who wrote it.
    pub fn get_row_with<R>(
        &mut self,
        tree: u64,
        key: &[u8],
        read: impl FnOnce(Option<TransactionId>, &[u8]) -> R,
    ) -> ExecuteResult<Option<R>> {
        if self.state.view.is_some() {
            return Ok(self.tree(tree)?.get_row_with(key, read)?);
        }
        Ok(self.world.transaction.get_row_with(TreeId(tree), key, read)?)
    }

    /// The newest commit that the statement saw when it began; whoever asks first begins it.
    pub fn began(&mut self) -> CommitNumber {
        let routines = self.world.events.routine_changes().statements();
        self.state.routines_began.get_or_insert(routines);
        let now = self.world.transaction.snapshot();
        *self.state.began.get_or_insert(now)
    }

    /// What the statement reads from.
    pub fn view(&mut self) -> ExecuteResult<&View> {
        if self.state.view.is_none() {
            self.state.view = Some(self.world.transaction.view()?);
        }
        self.state.view.as_ref().ok_or_else(|| ExecuteError::plan("no view"))
    }

    /// Notes that the statement has changed a row.
    pub fn note_changed(&mut self, tree: u64, id: i64) {
        self.state.changed.entry(tree).or_default().insert(id);
        if let Some(written) = &mut self.state.written {
            written.push(id);
        }
    }

    /// Takes back that the statement has changed a row, as it is looked at again.
    pub fn forget_changed(&mut self, tree: u64, id: i64) {
        if let Some(rows) = self.state.changed.get_mut(&tree) {
            rows.remove(&id);
        }
    }

    /// Whether the statement has changed a row.
    pub fn was_changed(&self, tree: u64, id: i64) -> bool {
        self.state.changed.get(&tree).is_some_and(|rows| rows.contains(&id))
    }

    /// Notes that what is computed may be something else the next time.
    pub fn note_volatile(&mut self) {
        if let Some(noted) = self.state.noted.last_mut() {
            noted.volatile = true;
        }
    }

    /// Notes that something was done that is not to be done again.
    pub fn note_effect(&mut self) {
        self.state.effects += 1;
        self.world.context.room = usize::MAX;
        self.note_volatile();
    }

    /// An answer is found: whether it depends on nothing but what whoever looked for it has set. What it depends on
    /// besides, those who look for another one depend on, too.
    pub fn end_noting(&mut self) -> bool {
        let Some(done) = self.state.noted.pop() else { return false };
        if let Some(around) = self.state.noted.last_mut() {
            around.volatile |= done.volatile;
            for id in &done.others {
                if !around.own.contains(id) && !around.others.contains(id) {
                    around.others.push(*id);
                }
            }
        }
        !done.volatile && done.others.is_empty()
    }

    /// Notes rows that a filter of the operator that runs has refused.
    pub fn note_removed(&mut self, rows: usize) {
        self.state.observed.own.removed += rows as u64;
    }

    /// What time it is, for whoever watches; always the same if times are not taken.
    pub fn time(&self) -> Duration {
        if self.state.observed.watching.timing { (self.world.timer)() } else { Duration::ZERO }
    }
}

/// The kind of a type's values.
pub fn kind_of(types: &dyn types::Types, of: types::Type) -> ExecuteResult<Kind> {
    let of = types.undomained(of);
    let kind = types.entry(of.oid).and_then(|entry| entry.kind);
    kind.ok_or_else(|| {
        ExecuteError::Unsupported(format!("type {}", types::catalog::type_name(types, of.oid, None)))
    })
}
