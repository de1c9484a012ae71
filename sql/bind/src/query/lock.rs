//! `FOR UPDATE` and its like.

use super::select::{DistinctBy, Target};
use crate::binder::{Binder, unsupported};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::ItemKind;
use crate::shape::LockShape;
use plan::expression::{Column, Expression, RelationId};
use plan::logical::{LockStrength, LockWait, LockedMember, Logical, RowLocking, ScanSource};
use syntax::tree::select::{self, Locking, Query};
use types::Type;
use types::catalog::oid;

/// A table whose rows are locked, and the target that holds its row's id.
pub(super) struct LockTarget {
    target: usize,
    /// The target that says of which table the row is, if there are several.
    table_oid: Option<usize>,
    relation: RelationId,
    strength: LockStrength,
    wait: LockWait,
}

impl LockTarget {
    /// As it is written.
    pub fn shape(&self) -> LockShape {
        LockShape { relation: self.relation, strength: self.strength, wait: self.wait }
    }
}

impl Binder<'_> {
    pub(super) fn lock_allowed(
        &mut self,
        query: &Query<'_>,
        distinct: &DistinctBy,
        grouped: bool,
    ) -> BindResult<()> {
        let Some(first) = query.locking.first() else { return Ok(()) };
        let level = self.level();
        let with = match distinct {
            DistinctBy::Rows | DistinctBy::On(_) => Some("DISTINCT clause"),
            DistinctBy::All if grouped && level.aggregates.is_empty() => Some("GROUP BY clause"),
            DistinctBy::All if !level.aggregates.is_empty() => Some("aggregate functions"),
            DistinctBy::All if !level.windows.is_empty() => Some("window functions"),
            DistinctBy::All if !level.sets.is_empty() => Some("set-returning functions in the target list"),
            DistinctBy::All => None,
        };
        match with {
            None => Ok(()),
            Some(with) => {
                let strength = strength_name(first.strength);
                Err(BindError::new(BindErrorKind::LockNotAllowed { strength, with }))
            }
        }
    }

    /// Adds the ids of the rows that are locked to what is selected, hidden.
    pub(super) fn lock_targets(
        &mut self,
        query: &Query<'_>,
        targets: &mut Vec<Target>,
    ) -> BindResult<Vec<LockTarget>> {
        let mut locks: Vec<LockTarget> = Vec::new();
        for locking in query.locking {
            for relation in self.locked_relations(locking)? {
                let (strength, wait) = (strength_of(locking.strength), wait_of(locking.wait));
                if let Some(known) = locks.iter_mut().find(|known| known.relation == relation) {
                    // The strongest counts, and of what is done about others' locks what waits least.
                    known.strength = known.strength.max(strength);
                    if known.wait == LockWait::Block || wait == LockWait::NoWait {
                        known.wait = wait;
                    }
                    continue;
                }
                let of = Type::of(oid::INT8);
                let column = self.scan_column(relation, ScanSource::RowId, of)?;
                targets.push(Target {
                    expression: Expression::column(column, of),
                    position: locking.position,
                    name: String::new(),
                    hidden: true,
                });
                let target = targets.len() - 1;
                let table_oid = self.member_column(relation)?.map(|column| {
                    let of = Type::of(oid::OID);
                    targets.push(Target {
                        expression: Expression::column(column, of),
                        position: locking.position,
                        name: String::new(),
                        hidden: true,
                    });
                    targets.len() - 1
                });
                locks.push(LockTarget { target, table_oid, relation, strength, wait });
                if let Some(table) = self.described.get(&relation).and_then(|entry| entry.table.clone()) {
                    self.note_use(table.oid).lock_rows = true;
                    for member in self.members_of(&table)? {
                        self.note_inherited(member.oid).lock_rows = true;
                    }
                }
            }
        }
        Ok(locks)
    }

    fn locked_relations(&mut self, locking: &Locking<'_>) -> BindResult<Vec<RelationId>> {
        let strength = strength_name(locking.strength);
        let items = self.level().items.clone();
        let mut relations = Vec::new();
        if locking.of.is_empty() {
            for item in &items {
                match item.kind {
                    ItemKind::Table { relation, .. } => relations.push(relation),
                    ItemKind::Join | ItemKind::Scalar => {}
                    ItemKind::Composite(_) | ItemKind::Rows => {
                        if item.is_query {
                            let feature = format!("{strength} of a view or a subquery");
                            return Err(unsupported(feature, locking.position));
                        }
                    }
                }
            }
            return Ok(relations);
        }
        for name in locking.of {
            let [table] = name.parts else {
                return Err(BindError::at(BindErrorKind::LockQualified { strength }, name.position()));
            };
            let found = items.iter().find(|item| item.named && item.name.as_deref() == Some(table.text));
            match found.map(|item| (&item.kind, item.is_query)) {
                Some((ItemKind::Table { relation, .. }, _)) => relations.push(*relation),
                Some((ItemKind::Join, _)) => {
                    return Err(BindError::at(BindErrorKind::LockJoin { strength }, table.position));
                }
                Some((_, true)) => {
                    let feature = format!("{strength} of a view or a subquery");
                    return Err(unsupported(feature, table.position));
                }
                Some((_, false)) => {
                    return Err(BindError::at(BindErrorKind::LockFunction { strength }, table.position));
                }
                None => {
                    let table_name = table.text.to_owned();
                    let kind = BindErrorKind::NoLockRelation { strength, table: table_name };
                    return Err(BindError::at(kind, table.position));
                }
            }
        }
        Ok(relations)
    }

    pub(super) fn locked(&self, input: Logical, locks: Vec<LockTarget>, projection: RelationId) -> Logical {
        let rows: Vec<RowLocking> = locks
            .into_iter()
            .filter_map(|lock| {
                let scan = self.scans.get(&lock.relation)?;
                Some(RowLocking {
                    row_id: Column { relation: projection, index: lock.target as u32 },
                    table: scan.table,
                    tree: scan.tree,
                    layout: scan.layout.clone(),
                    strength: lock.strength,
                    wait: lock.wait,
                    members: lock.table_oid.map(|place| {
                        let member = |member: &plan::logical::Scan| LockedMember {
                            table: member.table,
                            tree: member.tree,
                            layout: member.layout.clone(),
                        };
                        let members = scan.members.iter().map(member).collect();
                        (Column { relation: projection, index: place as u32 }, members)
                    }),
                })
            })
            .collect();
        if rows.is_empty() { input } else { Logical::LockRows { input: Box::new(input), locks: rows } }
    }
}

/// What messages call it.
pub(super) fn strength_name(strength: select::LockStrength) -> &'static str {
    match strength {
        select::LockStrength::KeyShare => "FOR KEY SHARE",
        select::LockStrength::Share => "FOR SHARE",
        select::LockStrength::NoKeyUpdate => "FOR NO KEY UPDATE",
        select::LockStrength::Update => "FOR UPDATE",
    }
}

fn strength_of(strength: select::LockStrength) -> LockStrength {
    match strength {
        select::LockStrength::KeyShare => LockStrength::KeyShare,
        select::LockStrength::Share => LockStrength::Share,
        select::LockStrength::NoKeyUpdate => LockStrength::NoKeyUpdate,
        select::LockStrength::Update => LockStrength::Update,
    }
}

fn wait_of(wait: select::LockWait) -> LockWait {
    match wait {
        select::LockWait::Block => LockWait::Block,
        select::LockWait::Error => LockWait::NoWait,
        select::LockWait::Skip => LockWait::SkipLocked,
    }
}
