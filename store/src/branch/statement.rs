//! The undoing of statements: what a failing one has done is taken back, what stood before it in its transaction stays.
//!
//! Invariants
//!
//! 1. Statements nest, as functions within one run others: what one within another has done is undone with that one, too.
//! 2. A statement is undone by steps, each of which says what a row was, or by going back to the roots that were kept once its
//!    steps had become too many ([`STATEMENT_UNDO_BYTES`]), and then by the steps before.
//! 3. Steps say what rows were, not what has to be done: they can be carried out any number of times.
//!
//! Undoing may fail half-way, when a page cannot be read: the branch is broken then, until it is tried again and succeeds.

use super::{Branch, SavedState};
use crate::error::StoreResult;
use crate::ids::TreeId;
use crate::record::Operation;
use btree::RunRow;
use pager::{FreedPage, FreedRef, PageSet, Pager};

/// Undo of a statement is kept up to so many bytes; then the roots are kept instead.
const STATEMENT_UNDO_BYTES: usize = 256 << 10;

/// How much of a running statement was done when a state was saved.
#[derive(Debug, Clone, Copy)]
pub(super) struct StatementMark {
    number: u64,
    steps: usize,
    bytes: usize,
    has_state: bool,
}

/// How to undo a statement that is running. What a statement within it does is added when that ends.
#[derive(Default)]
pub(super) struct StatementUndo {
    number: u64,
    steps: Vec<UndoStep>,
    bytes: usize,
    operations: usize,
    count: u64,
    by_roots: bool,
    dropped_sequences: usize,
    moved: usize,
    /// The roots, once the steps alone no longer suffice: taken after the last step.
    state: Option<SavedState>,
}

enum UndoStep {
    /// A key had a value, or none.
    Was { tree: TreeId, key: Vec<u8>, old: Option<Vec<u8>> },
    /// There was none of some keys, which stand here one after another, each before its length.
    New { tree: TreeId, keys: Vec<u8> },
}

impl Branch {
    /// A statement begins, within the one that is running if there is one: [`Branch::undo_statement`] will undo what follows.
    pub fn begin_statement(&mut self) {
        let undo = StatementUndo {
            number: self.next_statement,
            operations: self.operations.len(),
            count: self.count,
            by_roots: self.by_roots,
            dropped_sequences: self.dropped_sequences.len(),
            moved: self.moved.len(),
            ..StatementUndo::default()
        };
        self.next_statement += 1;
        self.statements.push(undo);
    }

    /// How many statements have begun and not ended.
    pub fn statements(&self) -> usize {
        self.statements.len()
    }

    /// The statement that began last succeeded. The one around it, if any, may still be undone, and that with it.
    pub fn end_statement(&mut self) {
        let Some(ended) = self.statements.pop() else { return };
        let Some(around) = self.statements.last_mut() else { return };
        // What has been done since a state was kept is undone by going back to that.
        if around.state.is_none() {
            around.steps.extend(ended.steps);
            around.bytes += ended.bytes;
            around.state = ended.state;
            if around.bytes >= STATEMENT_UNDO_BYTES && around.state.is_none() {
                self.remember_state();
            }
        }
    }

    /// Undoes what was done since the last [`Branch::begin_statement`] whose statement has not ended.
    ///
    /// # Errors
    /// When a page cannot be read; the branch is then broken, until this is tried again and succeeds.
    pub fn undo_statement(&mut self, pager: &Pager) -> StoreResult<()> {
        let Some(mut undo) = self.statements.pop() else { return Ok(()) };
        let result = self.carry_out_undo(pager, &mut undo);
        self.broken = result.is_err();
        if result.is_err() {
            // The steps say what the rows were, not what has to be done: they can be carried out any number of times.
            self.statements.push(undo);
            return result;
        }
        self.operations.truncate(undo.operations);
        self.count = undo.count;
        self.by_roots = undo.by_roots;
        self.dropped_sequences.truncate(undo.dropped_sequences);
        self.moved.truncate(undo.moved);
        Ok(())
    }

    fn carry_out_undo(&mut self, pager: &Pager, undo: &mut StatementUndo) -> StoreResult<()> {
        if let Some(mut state) = undo.state.take() {
            // What the statement wrote down may have been dropped since; it is forgotten below in any case.
            state.operations = undo.operations;
            self.restore(pager, &state)?;
        }
        undo.steps.iter().rev().try_for_each(|step| match step {
            UndoStep::Was { tree, key, old } => self.put_back(pager, *tree, key, old.as_deref()),
            UndoStep::New { tree, keys } => self.take_out(pager, *tree, keys),
        })
    }

    /// Removes keys of which there was none.
    fn take_out(&mut self, pager: &Pager, tree: TreeId, keys: &[u8]) -> StoreResult<()> {
        let mut rest = keys;
        while let Some((before, length)) = rest.split_last_chunk() {
            let start = before.len().saturating_sub(u32::from_le_bytes(*length) as usize);
            let (others, key) = before.split_at(start);
            self.carry_out(pager, &Operation::Delete { tree: tree.0, key })?;
            rest = others;
        }
        Ok(())
    }

    /// Makes a row what it was. A large value that is the base's becomes the base's again, page for page: written anew,
    /// the row would look unchanged to others, as its writer is who it was, and yet its pages would have been given up.
    fn put_back(&mut self, pager: &Pager, tree: TreeId, key: &[u8], old: Option<&[u8]>) -> StoreResult<()> {
        let Some(content) = old else {
            return self.carry_out(pager, &Operation::Delete { tree: tree.0, key }).map(drop);
        };
        let before = self.base.forest.database(self.database)?.tree(pager, tree)?;
        let of_base = match before {
            Some(entry) => entry.tree.get(pager, key)?.filter(|value| value.overflow().is_some()),
            None => None,
        };
        match of_base {
            Some(value) if value.read(pager)? == content => {
                let mut pages = PageSet::new();
                value.overflow_pages(pager, &mut |page, _| {
                    pages.insert(page);
                })?;
                let (entry, mut edit) = self.touch(pager, tree)?;
                entry.tree.insert_value(&mut edit, key, &value)?;
                let is_kept = |freed: &FreedPage| match &freed.page {
                    FreedRef::Stored(page) => pages.contains(*page),
                    // Values in pages of their own are written at once.
                    FreedRef::Resident(_) => false,
                };
                self.retain_freed(|freed| !is_kept(freed));
                Ok(())
            }
            Some(_) | None => {
                self.carry_out(pager, &Operation::Put { tree: tree.0, key, value: content }).map(drop)
            }
        }
    }

    pub(super) fn remember_for_statement(
        &mut self,
        pager: &Pager,
        operation: &Operation<'_>,
    ) -> StoreResult<()> {
        let Some(undo) = self.statements.last() else { return Ok(()) };
        if undo.state.is_some() {
            return Ok(());
        }
        let (tree, key) = match *operation {
            Operation::Put { tree, key, .. } | Operation::Delete { tree, key }
                if undo.bytes < STATEMENT_UNDO_BYTES =>
            {
                (TreeId(tree), key)
            }
            Operation::Put { .. }
            | Operation::Delete { .. }
            | Operation::DeleteRange { .. }
            | Operation::CreateTree { .. }
            | Operation::DropTree { .. }
            | Operation::DropSequence { .. } => {
                self.remember_state();
                return Ok(());
            }
        };
        let old = self.value(pager, tree, key)?.map(|value| value.read(pager)).transpose()?;
        self.remember_was(tree, key, old);
        Ok(())
    }

    /// A key that had this value, or none, has it again when the statement is undone.
    pub(super) fn remember_was(&mut self, tree: TreeId, key: &[u8], old: Option<Vec<u8>>) {
        let Some(undo) = self.statements.last_mut() else { return };
        undo.bytes += key.len() + old.as_ref().map_or(0, Vec::len) + 64;
        undo.steps.push(UndoStep::Was { tree, key: key.to_vec(), old });
    }

    /// The same for rows that are not there.
    pub(super) fn remember_new(&mut self, tree: TreeId, rows: &[RunRow<'_>]) {
        if self.takes_steps() {
            self.remember_steps(tree, rows);
        }
    }

    /// Whether what a statement does next is undone by a step. Where there are too many of them, the state before it is kept from
    /// here on: to be asked before anything of it is done.
    pub(super) fn takes_steps(&mut self) -> bool {
        match self.statements.last() {
            None => false,
            Some(undo) if undo.state.is_some() => false,
            Some(undo) if undo.bytes >= STATEMENT_UNDO_BYTES => {
                self.remember_state();
                false
            }
            Some(_) => true,
        }
    }

    /// Rows that are not there, or have been put in just now, go when the statement is undone.
    pub(super) fn remember_steps(&mut self, tree: TreeId, rows: &[RunRow<'_>]) {
        let Some(undo) = self.statements.last_mut() else { return };
        let mut keys = Vec::with_capacity(rows.iter().map(|row| row.key.len() + size_of::<u32>()).sum());
        for row in rows {
            keys.extend_from_slice(row.key);
            // Keys fit into a page.
            keys.extend_from_slice(&(row.key.len() as u32).to_le_bytes());
        }
        undo.bytes += keys.len() + 64;
        undo.steps.push(UndoStep::New { tree, keys });
    }

    /// What the statement did until now is undone by steps, the rest by going back to here.
    fn remember_state(&mut self) {
        let state = self.save();
        if let Some(undo) = self.statements.last_mut() {
            undo.state = Some(state);
        }
    }

    /// Statements that have begun since are over, and the others have done what they had done then.
    pub(super) fn go_back_in_statements(&mut self, marks: &[StatementMark]) {
        self.statements.retain_mut(|undo| {
            let Some(mark) = marks.iter().find(|mark| mark.number == undo.number) else { return false };
            undo.steps.truncate(mark.steps);
            undo.bytes = mark.bytes;
            if !mark.has_state {
                undo.state = None;
            }
            true
        });
    }

    /// How much of each running statement is done.
    pub(super) fn statement_marks(&self) -> Vec<StatementMark> {
        let mark = |undo: &StatementUndo| StatementMark {
            number: undo.number,
            steps: undo.steps.len(),
            bytes: undo.bytes,
            has_state: undo.state.is_some(),
        };
        self.statements.iter().map(mark).collect()
    }

    /// The bytes of `operations` that were there when the last statement began.
    pub(super) fn operations_before_statement(&self) -> usize {
        self.statements.last().map_or(0, |undo| undo.operations)
    }
}
