//! INSERT … ON CONFLICT: a row at a time.
//!
//! Keys that are columns are locked when they are looked at. Those that are computed are not, as computing them may take long and
//! may wait for others: they are looked at, computed again for the row that is written, and looked at again then; if somebody has
//! one by now it all begins anew. That is what PostgreSQL's speculative insertions look like from outside, down to how often
//! functions are called: of a row that is found the key is computed, too. Who meets a key while the row's others are being computed
//! waits for the insertion alone, and for the transaction only if the row was inserted.

use super::constraint::{ExistingChecks, first_own_violation};
use super::index::{Entry, Index};
use super::insert::insert_unless_held;
use super::locked::{Locked, lock};
use super::member::MemberTable;
use super::table::Table;
use super::update::{assign, update_mode, write_row};
use super::write::{Looked, NOT_WRITTEN, give_back, holder, key_owner, look};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Evaluator};
use crate::operator::join_rows;
use crate::run::Run;
use diagnostic::SqlState;
use plan::expression::{Expression, ExpressionKind};
use plan::physical::PhysicalConflict;
use plan::target::PolicyCheck;
use plan::trigger::TriggerEvent;
use store::locks::RowMode;
use types::vector::Chunk;
use types::{Kind, Value, Vector};

/// What is done about rows whose keys somebody has.
pub struct Conflict {
    /// Places of the indexes that decide.
    indexes: Vec<usize>,
    update: Option<Update>,
}

struct Update {
    assignments: Vec<(usize, Evaluator)>,
    condition: Conditions,
    /// What policies ask of the row that is there; they are of the table of this name.
    existing_checks: ExistingChecks,
    named: String,
    /// In which mode the row is locked.
    mode: RowMode,
    /// The columns that are assigned to, and those that are generated from them.
    assigned: Vec<u32>,
}

/// A row that was inserted, or one that was updated because it was there.
pub struct Made {
    /// What it is now.
    pub columns: Vec<Vector>,
    /// What it was before it was updated.
    pub before: Option<Vec<Vector>>,
}

impl Made {
    /// As what policies and views look at it.
    pub fn made_as(&self) -> PolicyCheck {
        if self.before.is_some() { PolicyCheck::Updated } else { PolicyCheck::Inserted }
    }

    /// Keeps it for those of a table's triggers that look at all rows, in the form of that table.
    pub fn keep_for(&self, table: &Table, run: &mut Run<'_, '_>, form: impl Fn(&[Vector]) -> Vec<Vector>) {
        let before = self.before.as_deref().map(&form);
        let event = if before.is_some() { TriggerEvent::Update } else { TriggerEvent::Insert };
        table.keep_changed(run, event, (before.as_deref(), Some(&form(&self.columns))), 1);
    }
}

/// What became of a row.
enum Outcome {
    Free,
    Nothing,
    Updated(Made),
    /// The row was removed as soon as it was found, or somebody has the key since it was looked for.
    Again,
}

impl Conflict {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        table: &Table,
        plan: &PhysicalConflict,
        named: &str,
    ) -> ExecuteResult<Conflict> {
        let decides = |index: &Index| {
            index.decides() && (plan.indexes.is_empty() || plan.indexes.contains(&index.number))
        };
        let indexes = (0..table.indexes.len()).filter(|place| decides(&table.indexes[*place])).collect();
        let update = match &plan.update {
            None => None,
            Some(update) => {
                let assignments = update
                    .assignments
                    .iter()
                    .map(|(place, value)| Ok((*place as usize, Evaluator::new(compiler, value)?)));
                let assigned = || update.assignments.iter().map(|(place, _)| *place);
                Some(Update {
                    assignments: assignments.collect::<ExecuteResult<_>>()?,
                    condition: Conditions::new(compiler, update.condition.as_slice())?,
                    existing_checks: ExistingChecks::new(compiler, &update.existing_checks)?,
                    named: named.to_owned(),
                    mode: update_mode(table, assigned()),
                    assigned: table.with_generated(assigned()),
                })
            }
        };
        Ok(Conflict { indexes, update })
    }

    /// The same for a member of the table that the plan is about: its own indexes decide, and expressions are over its rows.
    pub fn of_member(
        compiler: &Compiler<'_>,
        member: &MemberTable,
        plan: &PhysicalConflict,
        named: &str,
    ) -> ExecuteResult<Conflict> {
        let mut own = plan.clone();
        let parts = member.table.target.indexes.iter();
        let is_part = |parent: &u32| plan.indexes.contains(parent);
        own.indexes =
            parts.filter(|index| index.parents.iter().any(is_part)).map(|index| index.index).collect();
        if let Some(update) = &mut own.update {
            let move_slots = |expression: &mut Expression| {
                expression.rewrite(&mut |part| {
                    if let ExpressionKind::Slot(slot) = &mut part.kind {
                        *slot = member.slot(*slot);
                    }
                });
            };
            for (place, value) in &mut update.assignments {
                *place = member.place(*place);
                move_slots(value);
            }
            update.condition.iter_mut().for_each(move_slots);
            update.existing_checks.iter_mut().for_each(|check| move_slots(&mut check.condition));
        }
        Conflict::new(compiler, &member.table, &own, named)
    }

    /// Whether rows may be updated instead.
    pub fn updates(&self) -> bool {
        self.update.is_some()
    }

    /// Inserts rows, or does what is to be done instead; what was inserted or updated comes back, where rows may be updated with
    /// `xmax`: the transaction has locked those before it updated them.
    pub fn insert(&self, table: &Table, run: &mut Run<'_, '_>, rows: &Chunk) -> ExecuteResult<Chunk> {
        let mut made = Vec::new();
        for row in 0..rows.rows() {
            let one: Vec<Vector> = rows.columns().iter().map(|column| column.slice(row, 1)).collect();
            let ready = table.before_row(run, TriggerEvent::Insert, &[], (None, Some(one)))?;
            let Some(ready) = ready else { continue };
            let Some(done) = self.insert_ready(table, run, &ready)? else { continue };
            done.keep_for(table, run, <[Vector]>::to_vec);
            let is_updated = done.before.is_some();
            let mut columns = done.columns;
            if self.updates() {
                let ender = if is_updated { transaction_number(run) } else { 0 };
                columns.push(Vector::constant(Kind::Int32, &Value::Int32(ender), 1)?);
            }
            made.push(Chunk::new(columns, 1));
        }
        let ender = self.updates().then_some(Kind::Int32);
        let kinds: Vec<Kind> = table.kinds.iter().copied().chain(ender).collect();
        join_rows(&kinds, made)
    }

    /// The same of one row that triggers have seen. Whoever asks keeps it for triggers that look at all rows.
    pub fn insert_ready(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        one: &[Vector],
    ) -> ExecuteResult<Option<Made>> {
        loop {
            let mut looked = Looked::new();
            let outcome = self.meet(table, run, one, &mut looked)?;
            if matches!(outcome, Outcome::Nothing | Outcome::Updated(_)) {
                run.state.observed.own.conflicting += 1;
            }
            // Who writes nothing keeps no key from others.
            if matches!(outcome, Outcome::Nothing | Outcome::Again) {
                give_back(run, &looked)?;
            }
            match outcome {
                Outcome::Free => {
                    if let Some(columns) = self.inserted_alone(table, run, one)? {
                        return Ok(Some(Made { columns, before: None }));
                    }
                }
                Outcome::Nothing => return Ok(None),
                Outcome::Updated(made) => return Ok(Some(made)),
                Outcome::Again => {}
            }
            run.check()?;
        }
    }

    /// As [`Conflict::inserted`]. Who meets one of the row's keys while functions compute others waits for the insertion first.
    fn inserted_alone(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        row: &[Vector],
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        if !table.indexes.iter().any(Index::computes) {
            return self.inserted(table, run, row);
        }
        let began = run.world.transaction.begin_insertion()?;
        let inserted = self.inserted(table, run, row);
        if began {
            run.world.transaction.end_insertion();
        }
        inserted
    }

    /// Inserts a row, unless somebody has one of its keys by now.
    fn inserted(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        row: &[Vector],
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        let computed = |place: &&usize| table.indexes[**place].computes();
        let looked_at: Vec<usize> = self.indexes.iter().filter(computed).copied().collect();
        insert_unless_held(table, run, row.to_vec(), &looked_at)
    }

    /// Looks whether somebody has a key of a row.
    fn meet(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        row: &[Vector],
        looked: &mut Looked,
    ) -> ExecuteResult<Outcome> {
        let mut columns = row.to_vec();
        table.generate(run, &mut columns, 1)?;
        // Constraints are looked at before keys are, as PostgreSQL does; what views ask, of what is written in the end.
        if let Some((_, error)) = first_own_violation(table, run, &columns, 1)? {
            return Err(error);
        }
        for place in &self.indexes {
            let index = &table.indexes[*place];
            if index.deferrable {
                let message = "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters";
                return Err(ExecuteError::plain(SqlState::ObjectNotInPrerequisiteState, message));
            }
            let entries = index.entries(run, &columns, 1)?;
            if let Some(exclusion) = &index.exclusion {
                if entries.has(0) && exclusion.meet(table, index, run, &entries.keys, None)?.is_some() {
                    return Ok(Outcome::Nothing);
                }
                continue;
            }
            let Some(entry) = index.entry(&entries, 0, 0)?.filter(|entry| entry.alone) else { continue };
            let found = match index.computes() {
                true => self.found_computed(table, run, (index, &entry), &columns, looked)?,
                false => look(table, run.world.transaction, (index, &entry), self.mode(), looked)?,
            };
            let Some(id) = found else { continue };
            return match &self.update {
                None => Ok(Outcome::Nothing),
                Some(update) => update.run(table, run, (index, &entry, id), &columns),
            };
        }
        Ok(Outcome::Free)
    }

    /// In which mode a row that is found is locked.
    fn mode(&self) -> RowMode {
        self.update.as_ref().map_or(NOT_WRITTEN, |update| update.mode)
    }

    /// Who has a key that was computed. It is locked only if somebody has it, or is about to.
    fn found_computed(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        (index, entry): (&Index, &Entry),
        columns: &[Vector],
        looked: &mut Looked,
    ) -> ExecuteResult<Option<i64>> {
        let transaction = &mut *run.world.transaction;
        let known = key_owner(transaction, index, entry)?;
        let owner = known.map(|id| vec![id.to_be_bytes()]).unwrap_or_default();
        let waits = transaction.is_key_held(index.tree, entry.values())?
            || transaction.held_by_others(table.tree(), self.mode(), owner)?.is_some();
        if known.is_none() && !waits {
            return Ok(None);
        }
        compute_found(table, run, index, known, columns)?;
        if run.world.transaction.await_insertion(index.tree, entry.values())? {
            let known = key_owner(run.world.transaction, index, entry)?;
            if known.is_none() && !run.world.transaction.is_key_held(index.tree, entry.values())? {
                return Ok(None);
            }
            compute_found(table, run, index, known, columns)?;
        }
        let found = look(table, run.world.transaction, (index, entry), self.mode(), looked)?;
        if found.is_some() && waits {
            // It was looked for again.
            compute_found(table, run, index, found, columns)?;
        }
        Ok(found)
    }
}

/// Computes the key of a row that was found, as PostgreSQL does. Of one that nobody else sees yet it is that of the row that is
/// to be inserted.
fn compute_found(
    table: &Table,
    run: &mut Run<'_, '_>,
    index: &Index,
    found: Option<i64>,
    columns: &[Vector],
) -> ExecuteResult<()> {
    let bytes = match found {
        Some(id) => run.world.transaction.get_newest(table.tree(), &id.to_be_bytes())?,
        None => None,
    };
    match bytes {
        Some(bytes) => index.entries(run, &table.decode(&[bytes])?, 1)?,
        None => index.entries(run, columns, 1)?,
    };
    Ok(())
}

impl Update {
    /// Changes row `id`, which has the key of `entry`.
    fn run(
        &self,
        table: &Table,
        run: &mut Run<'_, '_>,
        (index, entry, id): (&Index, &Entry, i64),
        excluded: &[Vector],
    ) -> ExecuteResult<Outcome> {
        refuse_second_time(table, run, id)?;
        let wait = run.world.transaction.wait();
        let bytes = match lock(run, table.tree(), id, self.mode.without_writing(), wait)? {
            Locked::Same(bytes) => bytes,
            // Whoever changed it may have given it another key.
            Locked::Changed(bytes) => match holder(table, run.world.transaction, index, entry, self.mode)? {
                Some(still) if still == id => bytes,
                Some(_) | None => return Ok(Outcome::Again),
            },
            Locked::Gone | Locked::Moved | Locked::Skipped => return Ok(Outcome::Again),
        };
        let bytes = [bytes];
        let before = table.decode(&bytes)?;
        let mut both = before.clone();
        both.extend_from_slice(excluded);
        let mut chunk = Chunk::new(both, 1);
        self.condition.filter(run, &mut chunk)?;
        if chunk.is_empty() {
            run.note_removed(1);
            return Ok(Outcome::Nothing);
        }
        self.existing_checks.ask(run, &chunk, &self.named)?;
        let mut after = before.clone();
        assign(&self.assignments, run, &chunk, &mut after)?;
        run.refuse_changed_by_routine(table.target.tree, &[id], "updated")?;
        let written = write_row(table, run, id, (before.clone(), after), &self.assigned)?;
        Ok(match written {
            Some(columns) => Outcome::Updated(Made { columns, before: Some(before) }),
            None => Outcome::Nothing,
        })
    }
}

/// The transaction's number, as rows show it.
fn transaction_number(run: &Run<'_, '_>) -> i32 {
    let id = run.world.transaction.session().transaction_id(true);
    // Of the number the lower half is shown.
    id.map_or(0, |id| (id.0 as u32).cast_signed())
}

/// Refuses a row that the statement has inserted or changed itself, or a routine that it called.
fn refuse_second_time(table: &Table, run: &Run<'_, '_>, id: i64) -> ExecuteResult<()> {
    let tree = table.target.tree;
    if !run.was_changed(tree, id) && !run.was_changed_by_routine(tree, id) {
        return Ok(());
    }
    Err(ExecuteError::Plain {
        state: SqlState::CardinalityViolation,
        message: "ON CONFLICT DO UPDATE command cannot affect row a second time".to_owned(),
        detail: None,
        hint: Some(
            "Ensure that no rows proposed for insertion within the same command have duplicate constrained values."
                .to_owned(),
        ),
    })
}
