//! `SELECT … INTO`: another way to write `CREATE TABLE … AS SELECT …`.

use bumpalo::Bump;
use syntax::tree::Statement;
use syntax::tree::select::{IntoTable, Query, QueryBody, Select, SetOperation};
use syntax::tree::statement::StatementKind;
use syntax::tree::table::{CreateTableAs, TableSource};

/// What a query is that makes a table of its rows; none if it sends them. `INTO` stands in the first `SELECT`; in any
/// other place it is for the binder to refuse.
pub(crate) fn as_create_table<'a>(query: &'a Query<'a>, arena: &'a Bump) -> Option<CreateTableAs<'a>> {
    let IntoTable { name, persistence } = *into(&query.body)?;
    let query = arena.alloc(Query { body: without_into(&query.body, arena), ..*query });
    Some(CreateTableAs {
        materialized_view: false,
        persistence,
        if_not_exists: false,
        name,
        columns: &[],
        method: None,
        options: &[],
        on_commit: None,
        tablespace: None,
        source: TableSource::Query(query),
        with_data: true,
    })
}

/// `SELECT … INTO` as what it means, and any other statement as it is.
pub(crate) fn as_made_table<'a>(statement: &Statement<'a>, arena: &'a Bump) -> Statement<'a> {
    let StatementKind::Query(query) = statement.kind else { return *statement };
    match as_create_table(query, arena) {
        Some(create) => Statement { kind: StatementKind::CreateTableAs(arena.alloc(create)), ..*statement },
        None => *statement,
    }
}

/// Whether a query makes a table of its rows.
pub(crate) fn makes_table(query: &Query<'_>) -> bool {
    into(&query.body).is_some()
}

fn into<'a>(body: &QueryBody<'a>) -> Option<&'a IntoTable<'a>> {
    match body {
        QueryBody::Select(select) => select.into,
        QueryBody::Set(operation) => into(&operation.left),
        QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Nested(_) => None,
    }
}

fn without_into<'a>(body: &QueryBody<'a>, arena: &'a Bump) -> QueryBody<'a> {
    match body {
        QueryBody::Select(select) => QueryBody::Select(arena.alloc(Select { into: None, ..**select })),
        QueryBody::Set(operation) => {
            let left = without_into(&operation.left, arena);
            QueryBody::Set(arena.alloc(SetOperation { left, ..**operation }))
        }
        QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Nested(_) => *body,
    }
}
