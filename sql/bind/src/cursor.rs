//! Cursors: queries whose rows may be changed where a cursor stands, and `WHERE CURRENT OF`.
//!
//! Such a query yields, behind its own columns, the ids of the rows of its tables. A condition `CURRENT OF` is one on the
//! id of the row that the cursor stands on, which whoever keeps cursors knows.

use crate::binder::{Binder, Bound, Context, Parameters, carried, unsupported};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::ItemKind;
use crate::query::{DistinctBy, Target};
use plan::expression::{Call, CallForm, Expression, ExpressionKind, FunctionId, WrittenArgument};
use plan::logical::{Query, ScanSource};
use std::sync::Arc;
use syntax::tree::{Name, select};
use types::catalog::oid;
use types::{Type, Value};

/// `int8eq(bigint, bigint)`
const EQUAL: FunctionId = FunctionId(467);
/// `oideq(oid, oid)`
const SAME_OID: FunctionId = FunctionId(184);

/// A table of a cursor's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorTable {
    /// Its number.
    pub table: u32,
    /// The tables whose rows it yields instead of its own, if it has such.
    pub members: Vec<u32>,
    /// Whether its rows are locked.
    pub locked: bool,
    /// The column of the query that has the id of its row, and the one that says of which member the row is.
    pub column: usize,
    pub member: Option<usize>,
}

/// What a cursor's query means, its own columns being followed by ids of rows.
#[derive(Debug)]
pub struct CursorQuery {
    /// It.
    pub query: Query,
    /// How many columns are its own.
    pub columns: usize,
    /// Tables of which each row of it has one row.
    pub tables: Vec<CursorTable>,
    /// Whether it is but a scan of one table.
    pub is_simple: bool,
}

/// What the query of a cursor means.
///
/// # Errors
/// When it means nothing.
pub fn bind_cursor(
    context: Context<'_>,
    query: &select::Query<'_>,
    parameters: Parameters,
) -> BindResult<CursorQuery> {
    let mut binder = Binder::new(context, parameters);
    binder.row_ids_wanted = true;
    let bound = binder.query(query)?;
    let tables = std::mem::take(&mut binder.cursor_tables);
    let query_of = binder.finish(bound)?;
    let columns = tables.iter().map(|table| table.column).min().unwrap_or(query_of.output.len());
    let is_simple = tables.len() == 1 && query.order.is_empty();
    Ok(CursorQuery { query: query_of, columns, tables, is_simple })
}

impl Binder<'_> {
    /// Adds the ids of the rows of a query's tables to what is selected, if they are wanted and there are such.
    pub(crate) fn row_id_targets(
        &mut self,
        targets: &mut Vec<Target>,
        distinct: &DistinctBy,
        grouped: bool,
        position: u32,
    ) -> BindResult<()> {
        let level = self.level();
        let plain = !grouped
            && matches!(distinct, DistinctBy::All)
            && level.aggregates.is_empty()
            && level.windows.is_empty()
            && level.sets.is_empty();
        if !std::mem::take(&mut level.row_ids_wanted) || !plain {
            return Ok(());
        }
        let (items, locks) = (level.items.clone(), level.locks.clone());
        let mut next = targets.iter().filter(|target| !target.hidden).count();
        for item in &items {
            let ItemKind::Table { relation, .. } = item.kind else { continue };
            let Some(table) = self.described.get(&relation).and_then(|entry| entry.table.clone()) else {
                continue;
            };
            let name = item.name.as_deref().unwrap_or("");
            let locked = locks.iter().any(|lock| lock.of.is_empty() || lock.of.iter().any(|of| of == name));
            let of = Type::of(oid::INT8);
            let mut put = |column, of| {
                let expression = Expression::column(column, of);
                targets.push(Target { expression, position, name: String::new(), hidden: false });
                next += 1;
                next - 1
            };
            let column = put(self.scan_column(relation, ScanSource::RowId, of)?, of);
            let member = self.member_column(relation)?.map(|column| put(column, Type::of(oid::OID)));
            let members = self.members_of(&table)?.iter().map(|member| member.oid).collect();
            self.cursor_tables.push(CursorTable { table: table.oid, members, locked, column, member });
        }
        Ok(())
    }

    /// `CURRENT OF cursor`: the row of the table that is changed on which the cursor stands.
    pub(crate) fn current_of(&mut self, cursor: &Name<'_>, position: u32) -> BindResult<Bound> {
        let of_view = || {
            BindError::new(BindErrorKind::Plain {
                state: diagnostic::SqlState::FeatureNotSupported,
                message: "WHERE CURRENT OF on a view is not implemented".to_owned(),
            })
        };
        if self.changed.is_some() {
            return Err(of_view());
        }
        let relation = match self.level().items.first().map(|item| item.kind.clone()) {
            Some(ItemKind::Table { relation, .. }) => relation,
            _ => return Err(of_view()),
        };
        let Some(table) = self.described.get(&relation).and_then(|entry| entry.table.clone()) else {
            return Err(of_view());
        };
        let Some(row) = self.context.literals.current_row(cursor.text, table.oid, &table.name) else {
            return Err(unsupported("WHERE CURRENT OF", position));
        };
        let (member, row) = row.map_err(|error| carried(&*error, position).nowhere())?;
        let of = Type::of(oid::INT8);
        let column = self.scan_column(relation, ScanSource::RowId, of)?;
        let call = Call {
            function: EQUAL,
            arguments: vec![Expression::column(column, of), Expression::constant(Value::Int64(row), of)],
            operator: None,
            form: CallForm::Call,
            variadic: false,
            // The row goes by the cursor's name, in texts.
            written: Some(Arc::from([WrittenArgument { place: 1, name: Some(cursor.text.into()) }])),
        };
        let is_row = Expression { kind: ExpressionKind::Call(call), result: Type::of(oid::BOOL) };
        let expression = match self.member_column(relation)? {
            None if member == table.oid => is_row,
            // It stands on a row of another table of the family.
            None => Expression::truth(false),
            Some(column) => {
                let of = Type::of(oid::OID);
                let number = Expression::constant(Value::Int32(member.cast_signed()), of);
                let call = Call {
                    function: SAME_OID,
                    arguments: vec![Expression::column(column, of), number],
                    operator: None,
                    form: CallForm::Call,
                    variadic: false,
                    written: None,
                };
                let is_member = Expression { kind: ExpressionKind::Call(call), result: Type::of(oid::BOOL) };
                let kind = ExpressionKind::And(vec![is_member, is_row]);
                Expression { kind, result: Type::of(oid::BOOL) }
            }
        };
        Ok(Bound { expression, position })
    }
}
