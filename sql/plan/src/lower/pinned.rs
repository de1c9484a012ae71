//! What rows that are locked or changed are made of: each tells the rows of the tables that were joined, so that it can be looked
//! at again with these and no others when one of them has changed meanwhile (PostgreSQL's `preprocess_rowmarks`).
//!
//! Rows of functions, of queries that stay apart and the like have no ids; those are read again as a whole.

use super::change::maker;
use super::{Lowering, place};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, RelationId};
use crate::logical::{JoinKind, Logical, Scan, ScanColumn, ScanSource};
use crate::physical::PinnedScan;
use types::Type;
use types::catalog::oid;

/// A scan and the columns that tell its rows: their ids, and of which table they are if they may be of several.
pub(super) struct Pinned {
    relation: RelationId,
    row_id: Column,
    table_oid: Option<Column>,
}

/// Has an input hand up the rows' ids of the tables that it joins, besides those `known` that it hands up already.
pub(super) fn pin(input: &mut Logical, known: Vec<(Column, Option<Column>)>) -> Vec<Pinned> {
    let known = known.into_iter().map(|(row_id, table_oid)| {
        let relation = maker(input, row_id);
        Pinned { relation, row_id, table_oid }
    });
    let mut pinned: Vec<Pinned> = known.collect();
    let others = others(input, &pinned);
    pinned.extend(others);
    pinned
}

/// Those of the joined tables that are not known.
fn others(input: &mut Logical, known: &[Pinned]) -> Vec<Pinned> {
    match input {
        Logical::Scan(scan) => {
            let is_known = known.iter().any(|known| known.relation == scan.relation);
            if is_known { Vec::new() } else { vec![pinned(scan)] }
        }
        Logical::Filter { input, .. } | Logical::Sort { input, .. } => others(input, known),
        Logical::Project { relation, input, expressions } => {
            let mut handed_on = |column: Column, of: u32| {
                expressions.push(Expression::column(column, Type::of(of)));
                Column { relation: *relation, index: expressions.len() as u32 - 1 }
            };
            let below = others(input, known).into_iter();
            below
                .map(|one| Pinned {
                    row_id: handed_on(one.row_id, oid::INT8),
                    table_oid: one.table_oid.map(|column| handed_on(column, oid::OID)),
                    ..one
                })
                .collect()
        }
        Logical::Join(join) => {
            let mut found = others(&mut join.left, known);
            match join.kind {
                JoinKind::Inner | JoinKind::Left | JoinKind::Full => {
                    found.extend(others(&mut join.right, known));
                }
                // Nothing of the right side is handed up.
                JoinKind::Semi
                | JoinKind::Anti
                | JoinKind::AntiNull
                | JoinKind::Mark(_)
                | JoinKind::Single => {}
            }
            found
        }
        Logical::Values { .. }
        | Logical::Empty { .. }
        | Logical::SystemScan { .. }
        | Logical::Functions { .. }
        | Logical::CommonTable { .. }
        | Logical::WorkTable { .. }
        | Logical::Given { .. }
        | Logical::ProjectSet { .. }
        | Logical::Aggregate(_)
        | Logical::Window(_)
        | Logical::Limit { .. }
        | Logical::Distinct { .. }
        | Logical::Set(_)
        | Logical::Recursive(_)
        | Logical::LockRows { .. }
        | Logical::Insert(_)
        | Logical::Update(_)
        | Logical::Delete(_)
        | Logical::Merge(_) => Vec::new(),
    }
}

fn pinned(scan: &mut Scan) -> Pinned {
    let relation = scan.relation;
    let row_id = Column { relation, index: read(scan, &ScanSource::RowId, oid::INT8) };
    let several = !scan.members.is_empty();
    let table_oid = several.then(|| Column { relation, index: read(scan, &ScanSource::TableOid, oid::OID) });
    Pinned { relation, row_id, table_oid }
}

/// The place of something among what is read of a table, which it becomes if it is not there.
fn read(scan: &mut Scan, source: &ScanSource, of: u32) -> u32 {
    let column_type = Type::of(of);
    let is_it = |column: &ScanColumn| column.source == *source && column.column_type == column_type;
    if let Some(place) = scan.columns.iter().position(is_it) {
        return place as u32;
    }
    let column = ScanColumn { source: source.clone(), column_type };
    scan.members.iter_mut().for_each(|member| member.columns.push(column.clone()));
    scan.columns.push(column);
    scan.columns.len() as u32 - 1
}

impl Lowering<'_> {
    /// The slots of what was pinned.
    pub(super) fn pinned(&self, pinned: Vec<Pinned>, layout: &[Column]) -> PlanResult<Vec<PinnedScan>> {
        let slots = pinned.into_iter().map(|Pinned { relation, row_id, table_oid }| {
            let table_oid = table_oid.map(|column| place(layout, column)).transpose()?;
            Ok(PinnedScan { relation, row_id: place(layout, row_id)?, table_oid })
        });
        slots.collect()
    }
}
