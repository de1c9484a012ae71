//! How a partition leaves its table: at once, or `CONCURRENTLY` in two transactions.
//!
//! The first transaction of the latter marks the partition (`Inheritance::detaching`): whoever takes a snapshot afterwards does not
//! see it as one, whoever has an older one does. The session then waits for all who may have one, and the second transaction takes
//! the partition away. Between both it keeps its bound, is in the way of others that overlap it, and refuses rows that are not
//! its own. Nobody finishes what is left when the second transaction does not come to its end but `FINALIZE`.

use super::{parts, referred};
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, detailed, plain};
use crate::table::column::{InheritedKey, KeyDraft, RuleDraft};
use crate::table::constraint::{ConstraintMaker, NOWHERE};
use crate::table::inherit::inherited_table;
use bumpalo::Bump;
use catalog::object::{Constraint, Oid, Rule, Table};
use diagnostic::SqlState;
use std::sync::Arc;
use store::TreeId;
use store::locks::RelationMode;
use syntax::tree::QualifiedName;
use syntax::tree::alter::Detach;

/// A partition that a statement has begun to detach, and will when its first transaction is committed and nobody uses the table
/// any more who may see it there.
#[derive(Debug, Clone)]
pub struct Detaching {
    /// The table and its name.
    parent: (Oid, String),
    /// The partition and its name.
    part: (Oid, String),
    /// What stands for the table when it is locked.
    lock: TreeId,
}

impl Detaching {
    /// The tree whose holders have to be waited for.
    pub fn lock(&self) -> TreeId {
        self.lock
    }
}

/// What is said to whoever meets a partition that is being detached.
fn pending_hint() -> Option<String> {
    let hint = "Use ALTER TABLE ... DETACH PARTITION ... FINALIZE to complete the pending detach operation.";
    Some(hint.to_owned())
}

fn wrong_state(message: String, detail: Option<&str>, hint: Option<String>) -> DefineError {
    let (state, detail) = (SqlState::ObjectNotInPrerequisiteState, detail.map(str::to_owned));
    DefineError::Plain { state, message, detail, hint, position: None }
}

/// The table, which must be partitioned.
fn divided(definer: &Definer<'_>, parent: Oid) -> DefineResult<Arc<Table>> {
    let parent = definer.table(parent)?;
    if !parent.is_partitioned() {
        let message = format!("table \"{}\" is not partitioned", parent.name);
        return Err(plain(SqlState::InvalidObjectDefinition, message));
    }
    Ok(parent)
}

fn expect_part(table: &Table, parent: &Table) -> DefineResult<()> {
    if table.partition_of() == Some(parent.oid) {
        return Ok(());
    }
    let message = format!("relation \"{}\" is not a partition of relation \"{}\"", table.name, parent.name);
    Err(plain(SqlState::UndefinedTable, message))
}

/// `ALTER TABLE … DETACH PARTITION` of each kind; answers what is only begun.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn leave(
    definer: &mut Definer<'_>,
    parent: Oid,
    name: &QualifiedName<'_>,
    how: Detach,
) -> DefineResult<Option<Detaching>> {
    match how {
        Detach::Now => detach(definer, parent, name).map(|()| None),
        Detach::Concurrently => begin_detaching(definer, parent, name).map(Some),
        Detach::Finalize => finalize(definer, parent, name).map(|()| None),
    }
}

fn detach(definer: &mut Definer<'_>, parent: Oid, name: &QualifiedName<'_>) -> DefineResult<()> {
    let parent = divided(definer, parent)?;
    let table = inherited_table(definer, name)?;
    expect_part(&table, &parent)?;
    let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
    expect_part(&table, &parent)?;
    if table.inheritance.detaching.is_some() {
        let detail = "The partition is being detached concurrently or has an unfinished detach.";
        let message = format!("cannot detach partition \"{}\"", table.name);
        return Err(wrong_state(message, Some(detail), pending_hint()));
    }
    let referring = lock_referring(definer, &parent)?;
    let demands = demands_on(definer, &table);
    take_away(definer, &parent, &table)?;
    referring.into_iter().try_for_each(|table| definer.touch(table))?;
    definer.refresh()?;
    refuse_referred(definer, &table, &demands)
}

/// Makes a partition, which nobody else uses, a table of its own.
fn take_away(definer: &mut Definer<'_>, parent: &Arc<Table>, table: &Arc<Table>) -> DefineResult<()> {
    let keys = parts::let_go(definer, table)?;
    crate::trigger::give_back(definer, table.oid)?;
    keep_as_own(definer, table.oid)?;
    definer.alter_table(table.oid, |table| {
        table.inheritance.parents.clear();
        (table.inheritance.bound, table.inheritance.detaching) = (None, None);
    })?;
    definer.undepend(table.oid, parent.oid)?;
    definer.touch(parent.oid)?;
    definer.refresh()?;
    for key in keys {
        let key = definer.scope.constraint(key).cloned();
        key.map_or(Ok(()), |key| referred::refer_to_parts(definer, &key))?;
    }
    referred::let_go(definer, table.oid)
}

/// Columns and checks that a partition has from its table are its own, whatever has become of the table's.
fn keep_as_own(definer: &mut Definer<'_>, table: Oid) -> DefineResult<()> {
    definer.alter_table(table, |table| {
        for column in table.columns.iter_mut().filter(|column| column.inherited > 0) {
            (column.inherited, column.local) = (0, true);
        }
    })?;
    let checks = definer.scope.constraints_of(table).filter(|own| matches!(own.rule, Rule::Check(_)));
    let inherited: Vec<Oid> = checks.filter(|own| own.inherited > 0).map(|own| own.oid).collect();
    for check in inherited {
        definer.alter_constraint(check, |own| (own.inherited, own.local) = (0, true))?;
    }
    definer.refresh()
}

/// Refuses to alter a partition that is being detached.
pub(crate) fn refuse_detaching(table: &Table) -> DefineResult<()> {
    if table.inheritance.detaching.is_none() {
        return Ok(());
    }
    let message = format!("cannot alter partition \"{}\" with an incomplete detach", table.name);
    Err(wrong_state(message, None, pending_hint()))
}

/// The first transaction of `DETACH PARTITION … CONCURRENTLY`: readers and writers of both tables go on.
fn begin_detaching(
    definer: &mut Definer<'_>,
    parent: Oid,
    name: &QualifiedName<'_>,
) -> DefineResult<Detaching> {
    let parent = divided(definer, parent)?;
    if super::default_of(definer, parent.oid).is_some() {
        let message = "cannot detach partitions concurrently when a default partition exists";
        return Err(wrong_state(message.to_owned(), None, None));
    }
    let table = inherited_table(definer, name)?;
    let table = definer.lock_table(&table, RelationMode::ShareUpdateExclusive)?;
    if let Some(pending) = definer.scope.detaching_from(parent.oid) {
        let schema = definer.scope.schema(parent.schema).map_or("", |schema| &schema.name);
        let message = format!(
            "partition \"{}\" already pending detach in partitioned table \"{schema}.{}\"",
            pending.name, parent.name
        );
        return Err(wrong_state(message, None, pending_hint()));
    }
    expect_part(&table, &parent)?;
    // Whoever writes into them finds the partition gone when he comes to look at his keys.
    lock_referring(definer, &parent)?;
    let revision = table.revision;
    let demands = demands_on(definer, &table);
    keep_bound(definer, &table)?;
    definer.alter_table(table.oid, |table| table.inheritance.detaching = Some(revision))?;
    definer.refresh()?;
    refuse_referred(definer, &table, &demands)?;
    Ok(Detaching {
        parent: (parent.oid, parent.name.clone()),
        part: (table.oid, table.name.clone()),
        lock: TreeId(parent.lock),
    })
}

/// Gives a partition a check that says of its rows what its bound does, unless its own checks say it: whoever has planned with
/// that is right as long as he goes on. Its rows are not looked at.
fn keep_bound(definer: &mut Definer<'_>, table: &Arc<Table>) -> DefineResult<()> {
    let Some(text) = definer.scope.plain().partition_check_text(table) else { return Ok(()) };
    let mut known: Vec<String> = Vec::new();
    for check in definer.scope.constraints_of(table.oid).filter(|check| check.validated) {
        if let Rule::Check(text) = &check.rule {
            known.push(text.clone());
        }
    }
    let filled = table.live_columns().filter(|(_, column)| column.not_null);
    known.extend(
        filled.map(|(_, column)| format!("{} IS NOT NULL", catalog::name::quote_identifier(&column.name))),
    );
    if bind::definition::say_as_much(definer.binding(), table, &known, &text)? {
        return Ok(());
    }
    let arena = Bump::new();
    let draft = KeyDraft {
        name: None,
        rule: RuleDraft::Check(crate::table::like::parsed(definer, &text, &arena)?),
        deferrable: false,
        initially_deferred: false,
        not_valid: false,
        no_inherit: false,
        only: false,
        inherited: None,
        position: NOWHERE,
    };
    let made = ConstraintMaker::new(definer, table.clone()).make(definer, &draft, true)?;
    definer.refresh()?;
    let name = definer.scope.constraint(made).map(|made| made.name.clone());
    hand_down(definer, table.oid, &KeyDraft { name: name.as_deref(), ..draft })
}

/// Gives the same check to the partitions of a partition.
fn hand_down(definer: &mut Definer<'_>, table: Oid, draft: &KeyDraft<'_>) -> DefineResult<()> {
    let below: Vec<Arc<Table>> = definer.scope.attached_to(table).cloned().collect();
    let inherited = Some(InheritedKey { local: false, count: 1, parent: 0 });
    let draft = KeyDraft { inherited, ..draft.clone() };
    for part in below {
        let part = definer.lock_table(&part, RelationMode::ShareUpdateExclusive)?;
        ConstraintMaker::new(definer, part.clone()).make(definer, &draft, true)?;
        definer.refresh()?;
        hand_down(definer, part.oid, &draft)?;
    }
    Ok(())
}

/// The second transaction: those who might have seen the partition are gone.
///
/// # Errors
/// PostgreSQL's.
pub fn finish_detaching(definer: &mut Definer<'_>, detaching: &Detaching) -> DefineResult<()> {
    let find = |definer: &Definer<'_>, oid: Oid| definer.scope.table(oid).cloned();
    let Some(parent) = find(definer, detaching.parent.0) else {
        let message = format!("partitioned table \"{}\" was removed concurrently", detaching.parent.1);
        return Err(wrong_state(message, None, None));
    };
    let parent = definer.lock_table(&parent, RelationMode::ShareUpdateExclusive)?;
    let Some(table) = find(definer, detaching.part.0) else {
        let message = format!("partition \"{}\" was removed concurrently", detaching.part.1);
        return Err(wrong_state(message, None, None));
    };
    let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
    finish(definer, &parent, &table)
}

/// `DETACH PARTITION … FINALIZE`
fn finalize(definer: &mut Definer<'_>, parent: Oid, name: &QualifiedName<'_>) -> DefineResult<()> {
    let parent = definer.table(parent)?;
    let table = inherited_table(definer, name)?;
    let table = definer.lock_table(&table, RelationMode::AccessExclusive)?;
    // Whoever waited for them before may have been cancelled.
    let wait = definer.transaction.wait();
    definer.transaction.await_snapshots(wait)?;
    finish(definer, &parent, &table)
}

fn finish(definer: &mut Definer<'_>, parent: &Arc<Table>, table: &Arc<Table>) -> DefineResult<()> {
    if parent.is_partitioned() {
        expect_part(table, parent)?;
    } else if !table.inheritance.parents.contains(&parent.oid) {
        let message = format!("relation \"{}\" is not a parent of relation \"{}\"", parent.name, table.name);
        return Err(plain(SqlState::UndefinedTable, message));
    }
    if table.inheritance.detaching.is_none() {
        let message = format!("cannot complete detaching partition \"{}\"", table.name);
        return Err(wrong_state(message, Some("There's no pending concurrent detach."), None));
    }
    take_away(definer, parent, table)
}

/// Waits until nobody writes into the tables that refer to a partitioned one, or to what it is a part of: what is written
/// meanwhile would not be looked at when a partition leaves. Answers them.
fn lock_referring(definer: &mut Definer<'_>, parent: &Arc<Table>) -> DefineResult<Vec<Oid>> {
    let mut locked = Vec::new();
    let mut above = Some(parent.clone());
    while let Some(one) = above {
        let referring: Vec<Oid> = definer.scope.foreign_keys_to(one.oid).map(|key| key.table).collect();
        for table in referring {
            let table = definer.table(table)?;
            locked.push(definer.lock_table(&table, RelationMode::Share)?.oid);
        }
        above = one.partition_of().and_then(|oid| definer.scope.table(oid).cloned());
    }
    Ok(locked)
}

/// A foreign key's part for a partition.
struct Demand {
    part: Arc<Constraint>,
    /// The key, and its parts in partitions of the table that refers, whose rows are looked at.
    keys: Vec<Oid>,
}

/// What foreign keys to the table that a partition is one of demand of it.
fn demands_on(definer: &Definer<'_>, table: &Table) -> Vec<Demand> {
    let scope = &definer.scope;
    let demand = |part: Arc<Constraint>| {
        let mut keys = vec![scope.written_key(&part)];
        let mut seen = 0;
        while let Some(key) = keys.get(seen).copied() {
            let below = scope.children_of(key.table).flat_map(|child| scope.constraints_of(child.oid));
            keys.extend(below.filter(|below| below.parent == key.oid).map(|below| &**below));
            seen += 1;
        }
        Demand { keys: keys.iter().map(|key| key.oid).collect(), part: part.clone() }
    };
    referred::parts_for(definer, table.oid).into_iter().map(demand).collect()
}

/// Rows that others refer to cannot leave with their partition, which is gone.
fn refuse_referred(definer: &mut Definer<'_>, table: &Table, demands: &[Demand]) -> DefineResult<()> {
    for demand in demands {
        for key in &demand.keys {
            let Err(error) = definer.validate(*key) else { continue };
            if diagnostic::Diagnostic::sqlstate(&error) != SqlState::ForeignKeyViolation {
                return Err(error);
            }
            let from = definer.table(demand.part.table)?.name.clone();
            let missing = diagnostic::Diagnostic::detail(&error).unwrap_or_default();
            let shown = missing.split(" is not present").next().unwrap_or_default();
            let message = format!(
                "removing partition \"{}\" violates foreign key constraint \"{}\"",
                table.name, demand.part.name
            );
            let detail = format!("{shown} is still referenced from table \"{from}\".");
            return Err(detailed(SqlState::ForeignKeyViolation, message, detail));
        }
    }
    Ok(())
}
