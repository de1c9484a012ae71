//! What rules are asked of trees, and of views as if these were tables.

use bumpalo::Bump;
use catalog::object::{Column as Stored, ColumnStorage, Inheritance, RuleEvent, Source, Table, View};
use plan::expression::{Column, Expression, RelationId};
use syntax::tree::modify;
use syntax::tree::select::Target;
use syntax::tree::{QualifiedName, StatementKind};
use types::Kind;
use types::row::Storage;

/// A view as if it were a table: what is said of its rows goes no further than its rules.
pub fn view_as_table(view: &View) -> Table {
    let column = |column: &catalog::object::ViewColumn| Stored {
        name: column.column.name.clone(),
        type_oid: column.column.type_oid,
        modifier: column.column.modifier,
        collation: column.column.collation,
        storage: ColumnStorage(Storage::Plain(Kind::Int32)),
        not_null: false,
        source: column.default.clone().map_or(Source::Null, Source::Default),
        missing: None,
        statistics_target: -1,
        details: catalog::object::ColumnDetails::default(),
        acl: None,
        local: true,
        inherited: 0,
        dropped: column.column.dropped,
    };
    Table {
        oid: view.oid,
        name: view.name.clone(),
        schema: view.schema,
        owner: view.owner,
        persistence: view.persistence,
        tree: 0,
        lock: view.lock,
        row_type: view.row_type,
        array_type: view.array_type,
        columns: view.columns.iter().map(column).collect(),
        inheritance: Inheritance::default(),
        options: Vec::new(),
        origin: catalog::object::Origin::Own,
        clustered: 0,
        replica: catalog::object::Replica::Default,
        row_security: false,
        forces_row_security: false,
        of_type: 0,
        acl: None,
        revision: view.revision,
    }
}

pub(super) fn columns_as_found(table: &Table, scanned: RelationId) -> Vec<Expression> {
    let columns = table.live_columns().zip(0u32..);
    let column = |((_, column), index): ((usize, &Stored), u32)| {
        Expression::column(Column { relation: scanned, index }, column.column_type())
    };
    columns.map(column).collect()
}

pub(super) fn event_of(kind: &StatementKind<'_>) -> Option<RuleEvent> {
    match kind {
        StatementKind::Insert(_) => Some(RuleEvent::Insert),
        StatementKind::Update(_) => Some(RuleEvent::Update),
        StatementKind::Delete(_) => Some(RuleEvent::Delete),
        _ => None,
    }
}

/// What a statement changes, and whether with those that inherit from it.
pub(super) fn target_of<'k, 's>(kind: &'k StatementKind<'s>) -> Option<(&'k QualifiedName<'s>, bool)> {
    match kind {
        StatementKind::Insert(insert) => Some((&insert.table, false)),
        StatementKind::Update(update) => Some((&update.table.name, update.table.only)),
        StatementKind::Delete(delete) => Some((&delete.table.name, delete.table.only)),
        _ => None,
    }
}

pub(super) fn alias_of<'s>(kind: &StatementKind<'s>) -> Option<&'s str> {
    match kind {
        StatementKind::Insert(insert) => insert.alias.map(|alias| alias.text),
        StatementKind::Update(update) => update.alias.map(|alias| alias.text),
        StatementKind::Delete(delete) => delete.alias.map(|alias| alias.text),
        _ => None,
    }
}

pub(super) fn with_of(kind: &StatementKind<'_>) -> bool {
    match kind {
        StatementKind::Insert(insert) => insert.with.is_some(),
        StatementKind::Update(update) => update.with.is_some(),
        StatementKind::Delete(delete) => delete.with.is_some(),
        _ => false,
    }
}

/// `RETURNING` of a statement.
pub(crate) fn returning_of<'s>(kind: &StatementKind<'s>) -> &'s [Target<'s>] {
    match kind {
        StatementKind::Insert(insert) => insert.returning,
        StatementKind::Update(update) => update.returning,
        StatementKind::Delete(delete) => delete.returning,
        _ => &[],
    }
}

/// The same statement with another `RETURNING`.
pub(super) fn with_returning<'s>(
    kind: &StatementKind<'s>,
    returning: &'s [Target<'s>],
    arena: &'s Bump,
) -> StatementKind<'s> {
    match kind {
        StatementKind::Insert(insert) => {
            StatementKind::Insert(arena.alloc(modify::Insert { returning, ..**insert }))
        }
        StatementKind::Update(update) => {
            StatementKind::Update(arena.alloc(modify::Update { returning, ..**update }))
        }
        StatementKind::Delete(delete) => {
            StatementKind::Delete(arena.alloc(modify::Delete { returning, ..**delete }))
        }
        other => *other,
    }
}
