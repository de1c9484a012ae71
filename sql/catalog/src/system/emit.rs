//! Rows in the making, and what they are made from.

use super::SystemTable;
use crate::error::CatalogResult;
use crate::large_object::LargeObjectTrees;
use crate::object::{Acl, ExtendedStatistics, Index, Oid, RewriteRule, Sequence, Table, Trigger, View};
use crate::snapshot::Scope;
use types::Types;
use types::array::{ArrayBuilder, Dimension};
use types::catalog::oid;
use types::kind::Kind;
use types::text::TextSettings;
use types::value::Item;
use types::vector::{Chunk, VectorBuilder};

/// What was counted of a table since the database was opened. Times are microseconds since 2000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub struct TableFigures {
    /// Rows that are there; none where they cannot be counted.
    pub live: Option<u64>,
    pub scans: u64,
    pub rows_scanned: u64,
    /// By bitmaps of indexes.
    pub rows_fetched: u64,
    pub inserted: u64,
    pub updated: u64,
    pub deleted: u64,
    /// Rows that nobody sees any more.
    pub dead: u64,
    pub changed_since_analyze: u64,
    pub inserted_since_vacuum: u64,
    pub analyzed: Option<i64>,
    pub analyses: u64,
    pub vacuumed: Option<i64>,
    pub vacuums: u64,
}

/// The same of an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub struct IndexFigures {
    pub scans: u64,
    pub entries: u64,
    pub rows_fetched: u64,
}

/// How a function was called; times in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub struct FunctionFigures {
    pub calls: u64,
    pub total: f64,
    pub own: f64,
}

/// Whose figures are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Those of all sessions, as far as they have handed them on.
    ByAll,
    /// Those that the session itself has not handed on.
    Lately,
}

/// What only the session knows.
pub trait SessionRows {
    /// The rows of a relation about the session or the server: `pg_settings`, `pg_cursors`, `pg_prepared_statements`,
    /// `pg_locks`, `pg_stat_activity`, `pg_timezone_names`, `pg_timezone_abbrevs`. Each has all columns of the table.
    ///
    /// # Errors
    /// What `emit` answers.
    fn rows(
        &self,
        table: &SystemTable,
        emit: &mut dyn FnMut(&[Item<'_>]) -> CatalogResult<()>,
    ) -> CatalogResult<()>;

    /// The query of a view, as `pg_get_viewdef` tells it: who has no binder tells it as it is kept.
    fn view_definition(&self, view: &View) -> String {
        format!(" {};", view.query)
    }

    /// A rule, as `pg_get_ruledef` tells it; none where nobody can write it down.
    fn rule_definition(&self, rule: &RewriteRule) -> Option<String> {
        let _ = rule;
        None
    }

    /// A trigger, as `pg_get_triggerdef` tells it; none where nobody can write it down.
    fn trigger_definition(&self, trigger: &Trigger) -> Option<String> {
        let _ = trigger;
        None
    }

    /// An expression that the catalog keeps of a relation, as `pg_get_expr` tells it: who has no binder tells it as it is kept.
    fn expression(&self, kept: &str, relation: Oid) -> String {
        let _ = relation;
        kept.to_owned()
    }

    /// The expressions that statistics are of, as `pg_get_statisticsobjdef_expressions` tells them.
    fn gathered_expressions(&self, statistics: &ExtendedStatistics) -> Vec<String> {
        statistics.expressions.iter().map(|expression| expression.text.clone()).collect()
    }

    /// The same of a materialized view; none of another table.
    fn materialized_definition(&self, table: &Table) -> Option<String> {
        table.materialized().map(|view| format!(" {};", view.query))
    }

    /// What can be done with a relation's rows, as `pg_relation_is_updatable` counts it without triggers; nothing where nobody knows.
    fn updatable_events(&self, relation: Oid) -> i32 {
        let _ = relation;
        0
    }

    /// Whether a column can be written to, as `pg_column_is_updatable` tells it without triggers. Columns count from 1.
    fn column_is_updatable(&self, relation: Oid, number: i32) -> bool {
        let _ = (relation, number);
        false
    }

    /// What was counted of a table; none where nobody counts.
    fn table_figures(&self, table: &Table, counted: Counted) -> Option<TableFigures> {
        let _ = (table, counted);
        None
    }

    /// The same of an index.
    fn index_figures(&self, index: &Index, counted: Counted) -> Option<IndexFigures> {
        let _ = (index, counted);
        None
    }

    /// The same of a function; none if nobody has called it.
    fn function_figures(&self, function: Oid, counted: Counted) -> Option<FunctionFigures> {
        let _ = (function, counted);
        None
    }

    /// The last value that a sequence gave; `None` if it has given none.
    ///
    /// # Errors
    /// As reading its counter fails.
    fn last_value(&self, sequence: &Sequence) -> CatalogResult<Option<i64>>;
}

/// From what rows are made.
pub struct SystemContext<'a> {
    /// The catalog as the session sees it.
    pub scope: &'a Scope,
    /// The database that the session is in.
    pub database: Oid,
    /// The role that asks.
    pub user: Oid,
    /// How the session shows values.
    pub settings: &'a TextSettings,
    /// What the statement reads from, which shows large objects; nobody else's.
    pub view: Option<&'a store::View>,
    /// The rest.
    pub session: &'a dyn SessionRows,
}

impl SystemContext<'_> {
    /// Where large objects lie, and the view that shows them; none where there are none.
    pub(super) fn large_objects(&self) -> Option<(LargeObjectTrees, &store::View)> {
        Some((self.scope.large_objects()?, self.view?))
    }
}

/// The columns that are wanted, in the making.
pub(super) struct Emit {
    names: Vec<&'static str>,
    columns: Vec<(usize, VectorBuilder)>,
    rows: usize,
}

impl Emit {
    /// Nothing yet of these columns of a table; their places are counted from 0.
    pub(super) fn new(scope: &Scope, table: &SystemTable, wanted: &[u16]) -> Emit {
        let column = |place: &u16| {
            let place = usize::from(*place);
            let kind = table.columns.get(place).and_then(|column| scope.entry(column.type_oid)?.kind);
            (place, VectorBuilder::new(kind.unwrap_or(Kind::Bytes), 0))
        };
        let names = table.columns.iter().map(|column| column.name).collect();
        Emit { names, columns: wanted.iter().map(column).collect(), rows: 0 }
    }

    /// One row by the names of the table's columns.
    pub(super) fn named<'v>(&mut self, value: impl Fn(&str) -> Item<'v>) -> CatalogResult<()> {
        let row: Vec<Item<'v>> = self.names.iter().map(|name| value(name)).collect();
        self.row(&row)
    }

    /// One row, of all columns of the table.
    pub(super) fn row(&mut self, values: &[Item<'_>]) -> CatalogResult<()> {
        for (place, builder) in &mut self.columns {
            match values.get(*place) {
                // A value of another kind would be a mistake here or of a session: it is shown as NULL, and tests see it.
                Some(value) if value.kind().is_none_or(|kind| kind == builder.kind()) => {
                    builder.push_item(value)?;
                }
                Some(_) | None => {
                    debug_assert!(false, "column {place} of {values:?}");
                    builder.push_null();
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> Chunk {
        Chunk::new(self.columns.into_iter().map(|(_, builder)| builder.finish()).collect(), self.rows)
    }
}

/// A number of an object.
pub(super) fn number(oid: Oid) -> Item<'static> {
    Item::Int32(oid.cast_signed())
}

/// An integer.
pub(super) fn int(value: impl TryInto<i32>) -> Item<'static> {
    Item::Int32(value.try_into().unwrap_or(i32::MAX))
}

/// A smallint.
pub(super) fn small(value: impl TryInto<i16>) -> Item<'static> {
    Item::Int16(value.try_into().unwrap_or(i16::MAX))
}

/// A `"char"`.
pub(super) fn letter(byte: u8) -> Item<'static> {
    Item::Int16(i16::from(byte))
}

/// A truth value.
pub(super) fn flag(value: bool) -> Item<'static> {
    Item::Bool(value)
}

/// A name or text.
pub(super) fn text(text: &str) -> Item<'_> {
    Item::Bytes(text.as_bytes())
}

/// A text, or NULL.
pub(super) fn maybe(text: Option<&str>) -> Item<'_> {
    text.map_or(Item::Null, |text| Item::Bytes(text.as_bytes()))
}

/// `YES` or `NO`.
pub(super) fn yes(value: bool) -> Item<'static> {
    text(if value { "YES" } else { "NO" })
}

/// An array's bytes, or NULL.
pub(super) fn bytes(bytes: &Option<Vec<u8>>) -> Item<'_> {
    bytes.as_ref().map_or(Item::Null, |bytes| Item::Bytes(bytes))
}

/// An array of texts or names.
pub(super) fn texts<'t>(of: Oid, values: impl IntoIterator<Item = &'t str>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(of, Kind::Bytes);
    for value in values {
        builder.push(&Item::Bytes(value.as_bytes()));
    }
    builder.finish_list()
}

/// An array of numbers of objects.
pub(super) fn numbers(values: impl IntoIterator<Item = Oid>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::OID, Kind::Int32);
    for value in values {
        builder.push(&number(value));
    }
    builder.finish_list()
}

/// An array of `"char"`.
pub(super) fn letters(values: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::CHAR, Kind::Int16);
    for value in values {
        builder.push(&letter(value));
    }
    builder.finish_list()
}

/// An array of columns' numbers in `pg_attribute`.
pub(super) fn places(columns: &[u16]) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::INT2, Kind::Int16);
    for column in columns {
        builder.push(&small(u32::from(*column) + 1));
    }
    builder.finish_list()
}

/// An `oidvector`.
pub(super) fn number_vector(values: impl IntoIterator<Item = Oid>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::OID, Kind::Int32);
    for value in values {
        builder.push(&number(value));
    }
    finish_vector(builder)
}

/// An `int2vector`.
pub(super) fn small_vector(values: impl IntoIterator<Item = i16>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::INT2, Kind::Int16);
    for value in values {
        builder.push(&Item::Int16(value));
    }
    finish_vector(builder)
}

/// Vectors begin with subscript zero.
fn finish_vector(builder: ArrayBuilder) -> Vec<u8> {
    let length = i32::try_from(builder.len()).unwrap_or(i32::MAX);
    builder.finish(&[Dimension { length, lower: 0 }])
}

/// An `aclitem[]`, or NULL.
pub(super) fn acl(scope: &Scope, acl: &Acl) -> Option<Vec<u8>> {
    let grants = acl.as_ref()?;
    let items: Vec<String> = grants.iter().map(|grant| scope.grant_text(grant)).collect();
    Some(texts(oid::ACLITEM, items.iter().map(String::as_str)))
}
