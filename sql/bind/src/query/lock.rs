//! `FOR UPDATE` and its like.

use super::select::{DistinctBy, Target};
use crate::binder::{Binder, unsupported};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{FromLock, Item, ItemKind, LentLock};
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
    /// Whether a query around asks for it, and this one does not say so.
    inherited: bool,
}

/// How a table is locked: how strongly, how long one waits, whether a query around asks for it, and where.
type WrittenLock = (select::LockStrength, select::LockWait, bool, u32);

impl LockTarget {
    pub fn is_inherited(&self) -> bool {
        self.inherited
    }

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
        let level = self.level();
        let own = query.locking.iter().map(|locking| locking.strength);
        let Some(first) = own.chain(level.locks.iter().map(|lock| lock.strength)).next() else {
            return Ok(());
        };
        let with = match distinct {
            DistinctBy::Rows | DistinctBy::On(_) => Some("DISTINCT clause"),
            DistinctBy::All if grouped => Some("GROUP BY clause"),
            DistinctBy::All if !level.aggregates.is_empty() => Some("aggregate functions"),
            DistinctBy::All if !level.windows.is_empty() => Some("window functions"),
            DistinctBy::All if !level.sets.is_empty() => Some("set-returning functions in the target list"),
            DistinctBy::All => None,
        };
        match with {
            None => Ok(()),
            Some(with) => {
                let strength = strength_name(first);
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
        let mut wanted = Vec::new();
        for locking in query.locking {
            let how = (locking.strength, locking.wait, false, locking.position);
            wanted.extend(self.locked_relations(locking)?.into_iter().map(|relation| (relation, how)));
        }
        for lock in self.level().locks.clone().into_iter().filter(|lock| lock.inherited) {
            let how = (lock.strength, lock.wait, true, query.position);
            let tables = tables_of(&self.level().items).collect::<Vec<_>>();
            wanted.extend(tables.into_iter().map(|relation| (relation, how)));
        }
        let mut locks = self.lock_each(wanted, targets)?;
        for lent in std::mem::take(&mut self.level().lent) {
            let mut hidden = |column: Column, of: u32| {
                let expression = Expression::column(column, Type::of(of));
                targets.push(Target {
                    expression,
                    position: query.position,
                    name: String::new(),
                    hidden: true,
                });
                targets.len() - 1
            };
            let LentLock { relation, strength, wait, .. } = lent;
            let target = hidden(lent.row_id, oid::INT8);
            let table_oid = lent.table_oid.map(|column| hidden(column, oid::OID));
            locks.push(LockTarget { target, table_oid, relation, strength, wait, inherited: true });
        }
        Ok(locks)
    }

    /// Whether the rows that the query reads are locked by the one around it alone, as it hands them up as they are: then only
    /// those are locked that the one around wants (PostgreSQL's `is_simple_subquery`).
    fn lends(&mut self, query: &Query<'_>) -> bool {
        let locks = &self.level().locks;
        let wanted = !locks.is_empty() && locks.iter().all(|lock| lock.lends);
        let whole = query.limit.is_none() && query.offset.is_none() && query.order.is_empty();
        wanted && whole && query.with.is_none() && query.locking.is_empty()
    }

    /// Leaves rows, whose ids are in a projection, to be locked by the query around.
    fn lend(&mut self, locks: Vec<LockTarget>, projection: RelationId) {
        let column = |target: usize| Column { relation: projection, index: target as u32 };
        let lent = locks.into_iter().map(|lock| LentLock {
            row_id: column(lock.target),
            table_oid: lock.table_oid.map(column),
            relation: lock.relation,
            strength: lock.strength,
            wait: lock.wait,
        });
        self.lent = lent.collect();
    }

    fn lock_each(
        &mut self,
        wanted: Vec<(RelationId, WrittenLock)>,
        targets: &mut Vec<Target>,
    ) -> BindResult<Vec<LockTarget>> {
        let mut locks: Vec<LockTarget> = Vec::new();
        for (relation, (strength, wait, inherited, position)) in wanted {
            let (strength, wait) = (strength_of(strength), wait_of(wait));
            if let Some(known) = locks.iter_mut().find(|known| known.relation == relation) {
                // The strongest counts, and of what is done about others' locks what waits least.
                known.strength = known.strength.max(strength);
                if known.wait == LockWait::Block || wait == LockWait::NoWait {
                    known.wait = wait;
                }
                continue;
            }
            let mut hidden = |column: Column, of: Type| {
                let expression = Expression::column(column, of);
                targets.push(Target { expression, position, name: String::new(), hidden: true });
                targets.len() - 1
            };
            let of = Type::of(oid::INT8);
            let target = hidden(self.scan_column(relation, ScanSource::RowId, of)?, of);
            let table_oid = self.member_column(relation)?.map(|column| hidden(column, Type::of(oid::OID)));
            locks.push(LockTarget { target, table_oid, relation, strength, wait, inherited });
            if let Some(table) = self.described.get(&relation).and_then(|entry| entry.table.clone()) {
                if table.is_materialized() {
                    let kind = BindErrorKind::Plain {
                        state: diagnostic::SqlState::WrongObjectType,
                        message: format!("cannot lock rows in materialized view \"{}\"", table.name),
                    };
                    return Err(BindError::new(kind));
                }
                let used = self.note_use(table.oid);
                used.lock_rows = used.lock_rows.max(Some(strength));
                for member in self.members_of(&table)? {
                    let used = self.note_inherited(member.oid);
                    used.lock_rows = used.lock_rows.max(Some(strength));
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
            if items.iter().any(|item| item.is_query) {
                self.no_lock_in_text(strength, locking.position)?;
            }
            return Ok(tables_of(&items).collect());
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
                // Its tables were locked when it was bound.
                Some((_, true)) => self.no_lock_in_text(strength, table.position)?,
                Some(_) if found.is_some_and(|item| item.is_common) => {
                    return Err(BindError::at(BindErrorKind::LockWith { strength }, table.position));
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

    /// What locks the rows of a view or a subquery cannot be written down again.
    fn no_lock_in_text(&self, strength: &str, position: u32) -> BindResult<()> {
        match &self.shapes {
            None => Ok(()),
            Some(_) => {
                Err(unsupported(format!("{strength} of a view or a subquery in a definition"), position))
            }
        }
    }

    /// How a query's entries of `FROM` are locked, by it and those around it.
    pub(super) fn locks_of(&mut self, query: &Query<'_>) -> Vec<FromLock> {
        let mut locks = std::mem::take(&mut self.inherited_locks);
        locks.extend(query.locking.iter().map(|locking| FromLock {
            of: locking.of.iter().map(|name| name.object().to_owned()).collect(),
            strength: locking.strength,
            wait: locking.wait,
            inherited: false,
            lends: false,
        }));
        locks
    }

    /// How the tables of a query are locked that stands in `FROM` by this name.
    pub(super) fn locks_on(&mut self, name: &str) -> Vec<FromLock> {
        let locks = self.level().locks.iter();
        let on = locks.filter(|lock| lock.of.is_empty() || lock.of.iter().any(|of| of == name));
        on.map(|lock| FromLock { of: Vec::new(), inherited: true, lends: true, ..*lock }).collect()
    }

    /// Locks the rows of a query, unless the one around it does.
    pub(super) fn locked(
        &mut self,
        query: &Query<'_>,
        input: Logical,
        locks: Vec<LockTarget>,
        projection: RelationId,
    ) -> Logical {
        if self.lends(query) {
            self.lend(locks, projection);
            return input;
        }
        let mut rows: Vec<RowLocking> = locks
            .into_iter()
            .filter_map(|lock| {
                let scan = self.scans.get(&lock.relation)?;
                Some(RowLocking {
                    row_id: Column { relation: projection, index: lock.target as u32 },
                    table: scan.table,
                    tree: scan.tree,
                    strength: lock.strength,
                    wait: lock.wait,
                    members: lock.table_oid.map(|place| {
                        let member = |member: &plan::logical::Scan| LockedMember {
                            table: member.table,
                            tree: member.tree,
                        };
                        let members = scan.members.iter().map(member).collect();
                        (Column { relation: projection, index: place as u32 }, members)
                    }),
                })
            })
            .collect();
        // PostgreSQL locks rows of tables that have members when it has locked all others.
        rows.sort_by_key(|row| row.members.is_some());
        if rows.is_empty() { input } else { Logical::LockRows { input: Box::new(input), locks: rows } }
    }
}

/// The tables among items; rows of functions and the like are nobody's to lock.
fn tables_of(items: &[Item]) -> impl Iterator<Item = RelationId> {
    items.iter().filter_map(|item| match item.kind {
        ItemKind::Table { relation, .. } => Some(relation),
        ItemKind::Join | ItemKind::Scalar | ItemKind::Composite(_) | ItemKind::Rows => None,
    })
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

pub(super) fn strength_of(strength: select::LockStrength) -> LockStrength {
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
