//! What operators and expressions share while a statement runs.

use crate::change;
use crate::error::{ExecuteError, ExecuteResult};
use crate::memory::Memory;
use crate::operator::Operator;
use crate::world::World;
use env::hash::HashSet;
use plan::expression::OuterId;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::locks::{RelationMode, WaitPolicy};
use store::{TreeId, TreeView, View};
use types::vector::Chunk;
use types::{Kind, Value};

/// A plan that is run beside the others.
pub struct Side {
    /// What it does.
    pub root: Box<dyn Operator>,
    /// Whether it is run at most once.
    pub once: bool,
    /// Its rows, once it was run to its end and they are kept.
    pub rows: Option<Arc<Vec<Chunk>>>,
}

/// A table of `WITH`: its rows as far as somebody asked for them.
pub struct CommonTable {
    /// Who makes them; `None` while he is being asked, and when there are no more.
    pub source: Option<Box<dyn Operator>>,
    /// Those that he has made.
    pub rows: Vec<Chunk>,
    /// Whether he changes rows, and so is run to his end in any case.
    pub changes: bool,
}

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
    pub work_tables: Vec<Arc<Vec<Chunk>>>,
    /// What the statement reads from.
    pub view: Option<View>,
    /// What its operators hold.
    pub memory: Memory,
    /// How many rows its root has changed.
    pub affected: u64,
    /// The row that is looked at again, if one is.
    pub recheck: Option<change::Row>,
    /// Rows that the statement has changed, by their trees: it does not change them again.
    pub changed: BTreeMap<u64, HashSet<i64>>,
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
    pub fn outer(&self, id: OuterId) -> &Value {
        self.state.outer.get(id.0 as usize).unwrap_or(&Value::Null)
    }

    /// Sets a value for what runs below.
    pub fn set_outer(&mut self, id: OuterId, value: Value) {
        let index = id.0 as usize;
        if self.state.outer.len() <= index {
            self.state.outer.resize(index + 1, Value::Null);
        }
        self.state.outer[index] = value;
    }

    /// A tree as the statement sees it.
    pub fn tree(&mut self, tree: u64) -> ExecuteResult<TreeView> {
        self.world.transaction.lock_tree(TreeId(tree), RelationMode::AccessShare, WaitPolicy::FOREVER)?;
        Ok(self.view()?.tree(TreeId(tree))?)
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
    }

    /// Whether the statement has changed a row.
    pub fn was_changed(&self, tree: u64, id: i64) -> bool {
        self.state.changed.get(&tree).is_some_and(|rows| rows.contains(&id))
    }

    /// Notes bytes that an operator holds.
    pub fn hold(&mut self, bytes: usize) -> ExecuteResult<()> {
        self.state.memory.take(bytes, self.world.settings.memory_limit)
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
