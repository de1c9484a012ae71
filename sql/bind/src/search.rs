//! `SEARCH` and `CYCLE` of a table of `WITH RECURSIVE`: further columns that each round makes of those of the round before.
//!
//! A path is an array of rows; the order of a breadth-first search is a row that begins with how deep it is. The rows of the
//! round before bring these columns along with their own, so the recursive term has to read them without anything between.

use crate::binder::{Binder, Bound, internal};
use crate::constant::constant;
use crate::deparse::Deparse;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::query::{BoundQuery, QueryColumn, column_value};
use catalog::name::quote_identifier;
use diagnostic::SqlState;
use functions::table::CastContext;
use plan::expression::{Call, CallForm, Column, Expression, ExpressionKind, FunctionId, RelationId};
use plan::logical::{Logical, WorkTableId};
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::select::{CommonTable, CycleClause, QueryBody, SearchClause, SetOperation};
use types::catalog::oid;
use types::text::TextSettings;
use types::{Type, Value};

/// `array_cat`
const ARRAY_CAT: FunctionId = FunctionId(383);
/// `int8inc`
const NEXT: FunctionId = FunctionId(1219);
/// `record_eq`
const SAME_ROW: FunctionId = FunctionId(2981);

/// The two terms of a recursive query with the further columns, and the types of all columns.
pub(crate) struct Searched {
    pub start: BoundQuery,
    pub step: BoundQuery,
    pub types: Vec<Type>,
}

/// What marks a row that was there already, and all others.
struct Marks {
    value: Expression,
    default: Expression,
}

/// The clauses, with the places of the columns that they name.
struct Clauses<'s> {
    search: Option<(&'s SearchClause<'s>, Vec<usize>)>,
    cycle: Option<(&'s CycleClause<'s>, Vec<usize>, Marks)>,
}

fn at(state: SqlState, message: String, position: u32) -> BindError {
    BindError::at(BindErrorKind::Plain { state, message }, position)
}

/// `SEARCH` or `CYCLE` without recursion.
pub(crate) fn not_recursive(table: &CommonTable<'_>) -> BindError {
    at(SqlState::SyntaxError, "WITH query is not recursive".to_owned(), table.name.position)
}

impl Binder<'_> {
    /// Adds the columns of `SEARCH` and `CYCLE` to the terms of a recursive query, whose own columns have these types.
    pub(crate) fn searched(
        &mut self,
        table: &CommonTable<'_>,
        (start, step): (BoundQuery, BoundQuery),
        types: &[Type],
        set: &SetOperation<'_>,
        id: WorkTableId,
    ) -> BindResult<Searched> {
        refuse_sets(set)?;
        let clauses = self.clauses(table, &start)?;
        let first = self.first_values(&clauses, &start, types)?;
        let more: Vec<(String, Type)> = clauses.names().zip(first.iter().map(|value| value.result)).collect();
        let more_types: Vec<Type> = more.iter().map(|(_, of)| *of).collect();
        let mut step = step;
        let Some(carried) = carry(&mut step.logical, id, &more_types) else {
            let message = format!(
                "with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{}\" must be at the top \
                 level of its right-hand SELECT",
                table.name.text
            );
            return Err(BindError::new(BindErrorKind::Plain {
                state: SqlState::FeatureNotSupported,
                message,
            }));
        };
        let start = self.with_more(start, first, types, &more, Vec::new())?;
        let own: Vec<Expression> = step
            .columns
            .iter()
            .zip(types)
            .map(|(column, of)| self.cast(column_value(column), *of, CastContext::Implicit, column.position))
            .collect::<BindResult<_>>()?;
        let (next, conditions) = self.next_values(&clauses, &own, &carried)?;
        let step = self.with_more(step, next, types, &more, conditions)?;
        let types = types.iter().copied().chain(more_types).collect();
        Ok(Searched { start, step, types })
    }

    /// The columns that `SEARCH` and `CYCLE` add: the recursive term sees them, though not by `*`.
    pub(crate) fn search_columns(
        &mut self,
        table: &CommonTable<'_>,
        start: &BoundQuery,
    ) -> BindResult<Vec<(Arc<str>, Type)>> {
        if table.search.is_none() && table.cycle.is_none() {
            return Ok(Vec::new());
        }
        let types: Vec<Type> = start.columns.iter().map(|column| column.column_type).collect();
        let clauses = self.clauses(table, start)?;
        let first = self.first_values(&clauses, start, &types)?;
        let named = clauses.names().zip(first.iter().map(|value| value.result));
        Ok(named.map(|(name, of)| (Arc::from(name), of)).collect())
    }

    fn clauses<'s>(&mut self, table: &CommonTable<'s>, start: &BoundQuery) -> BindResult<Clauses<'s>> {
        let named = |(place, column): (usize, &QueryColumn)| {
            table.columns.get(place).map_or(column.name.clone(), |name| name.text.to_owned())
        };
        let names: Vec<String> = start.columns.iter().enumerate().map(named).collect();
        let search = match table.search {
            Some(search) => {
                let places = places(search.by, &names, "search", search.position)?;
                new_name(&search.sequence, &names, "search sequence", search.position)?;
                Some((search, places))
            }
            None => None,
        };
        let cycle = match table.cycle {
            Some(cycle) => {
                let places = places(cycle.columns, &names, "cycle", cycle.position)?;
                let marks = self.marks(cycle)?;
                new_name(&cycle.mark, &names, "cycle mark", cycle.position)?;
                new_name(&cycle.path, &names, "cycle path", cycle.position)?;
                Some((cycle, places, marks))
            }
            None => None,
        };
        let clauses = Clauses { search, cycle };
        clauses.refuse_same()?;
        Ok(clauses)
    }

    /// What marks rows; true and false if nothing is written.
    fn marks(&mut self, cycle: &CycleClause<'_>) -> BindResult<Marks> {
        let (value, default) = match &cycle.values {
            Some((value, default)) => (self.expression(value)?, self.expression(default)?),
            None => {
                let truth = |truth| constant(Value::Bool(truth), oid::BOOL, cycle.position);
                (truth(true), truth(false))
            }
        };
        let common = self.common(&[&value, &default], "CYCLE")?;
        if self.types().order(Type::of(common)).is_none() {
            return Err(BindError::new(BindErrorKind::NoEquality { type_name: self.type_name(common) }));
        }
        Ok(Marks { value: self.implicit(value, common)?, default: self.implicit(default, common)? })
    }

    /// The further columns of the first rows.
    fn first_values(
        &mut self,
        clauses: &Clauses<'_>,
        start: &BoundQuery,
        types: &[Type],
    ) -> BindResult<Vec<Expression>> {
        let own = start.columns.iter().zip(types);
        let own: Vec<Expression> = own.map(|(column, of)| Expression::column(column.column, *of)).collect();
        let mut values = Vec::new();
        if let Some((search, places)) = &clauses.search {
            values.push(if search.breadth_first {
                self.row_of(
                    Some(constant(Value::Int64(0), oid::INT8, search.position).expression),
                    &own,
                    places,
                )
            } else {
                path(self.row_of(None, &own, places))
            });
        }
        if let Some((_, places, marks)) = &clauses.cycle {
            values.push(marks.default.clone());
            values.push(path(self.row_of(None, &own, places)));
        }
        Ok(values)
    }

    /// The further columns of the rows of the next round, and which rows of the round before it is made of.
    fn next_values(
        &mut self,
        clauses: &Clauses<'_>,
        own: &[Expression],
        carried: &[Expression],
    ) -> BindResult<(Vec<Expression>, Vec<Expression>)> {
        let (mut values, mut conditions) = (Vec::new(), Vec::new());
        let mut carried = carried.iter().cloned();
        let mut before = || carried.next().ok_or_else(|| internal("a column of a search is missing"));
        if let Some((search, places)) = &clauses.search {
            let before = before()?;
            values.push(if search.breadth_first {
                let kind = ExpressionKind::Field { operand: Box::new(before), index: 0 };
                let depth = Expression { kind, result: Type::of(oid::INT8) };
                self.row_of(Some(call(NEXT, vec![depth], oid::INT8)), own, places)
            } else {
                call(ARRAY_CAT, vec![before, path(self.row_of(None, own, places))], oid::RECORD_ARRAY)
            });
        }
        if let Some((cycle, places, marks)) = &clauses.cycle {
            let (mark, rows) = (before()?, before()?);
            let row = self.row_of(None, own, places);
            let operands = Box::new((row.clone(), rows.clone()));
            let kind = ExpressionKind::Quantified { function: SAME_ROW, all: false, operands };
            let seen = Expression { kind, result: Type::of(oid::BOOL) };
            let kind = ExpressionKind::Case {
                operand: None,
                arms: vec![(seen, marks.value.clone())],
                otherwise: Some(Box::new(marks.default.clone())),
            };
            let result = marks.value.result;
            values.push(Expression { kind, result });
            values.push(call(ARRAY_CAT, vec![rows, path(row)], oid::RECORD_ARRAY));
            let position = cycle.position;
            let bound = |expression| Bound { expression, position };
            let differs = self.operation("<>", bound(mark), bound(marks.value.clone()), position)?;
            conditions.push(differs.expression);
        }
        Ok((values, conditions))
    }

    fn row_of(&self, first: Option<Expression>, own: &[Expression], places: &[usize]) -> Expression {
        let fields: Vec<Expression> =
            first.into_iter().chain(places.iter().filter_map(|place| own.get(*place).cloned())).collect();
        self.unnamed_row(fields)
    }

    /// A term with its own columns, cast to these types, and further ones.
    fn with_more(
        &mut self,
        term: BoundQuery,
        values: Vec<Expression>,
        types: &[Type],
        more: &[(String, Type)],
        conditions: Vec<Expression>,
    ) -> BindResult<BoundQuery> {
        let relation = self.inner_relation();
        let mut expressions = Vec::with_capacity(types.len() + values.len());
        let mut columns = Vec::with_capacity(types.len() + values.len());
        for (column, of) in term.columns.into_iter().zip(types) {
            let value = column_value(&column);
            expressions.push(self.cast(value, *of, CastContext::Implicit, column.position)?);
            let index = columns.len() as u32;
            columns.push(QueryColumn {
                column: Column { relation, index },
                column_type: *of,
                literal: None,
                ..column
            });
        }
        for (value, (name, of)) in values.into_iter().zip(more) {
            let index = columns.len() as u32;
            expressions.push(value);
            columns.push(QueryColumn {
                name: name.clone(),
                column: Column { relation, index },
                column_type: *of,
                literal: None,
                position: 0,
                origin: None,
            });
        }
        let mut input = Box::new(term.logical);
        if !conditions.is_empty() {
            input = Box::new(Logical::Filter { input, conditions });
        }
        let logical = Logical::Project { relation, input, expressions };
        Ok(BoundQuery { logical, columns, shape: term.shape })
    }
}

impl Clauses<'_> {
    /// The names of the further columns.
    fn names(&self) -> impl Iterator<Item = String> {
        let search = self.search.iter().map(|(search, _)| search.sequence.text);
        let cycle = self.cycle.iter().flat_map(|(cycle, ..)| [cycle.mark.text, cycle.path.text]);
        search.chain(cycle).map(str::to_owned)
    }

    fn refuse_same(&self) -> BindResult<()> {
        let Some((cycle, ..)) = &self.cycle else { return Ok(()) };
        let (mark, path) = (cycle.mark.text, cycle.path.text);
        let sequence = self.search.as_ref().map(|(search, _)| (search.sequence.text, search.position));
        let same = match sequence {
            _ if mark == path => Some(("cycle mark", "cycle path", cycle.position)),
            Some((sequence, position)) if sequence == mark => {
                Some(("search sequence", "cycle mark", position))
            }
            Some((sequence, position)) if sequence == path => {
                Some(("search sequence", "cycle path", position))
            }
            Some(_) | None => None,
        };
        match same {
            None => Ok(()),
            Some((one, other, position)) => {
                let message = format!("{one} column name and {other} column name are the same");
                Err(at(SqlState::SyntaxError, message, position))
            }
        }
    }
}

/// The places of the columns that a clause names.
fn places(named: &[Name<'_>], columns: &[String], clause: &str, position: u32) -> BindResult<Vec<usize>> {
    let mut places = Vec::with_capacity(named.len());
    for name in named {
        let Some(place) = columns.iter().position(|column| column == name.text) else {
            let message = format!("{clause} column \"{}\" not in WITH query column list", name.text);
            return Err(at(SqlState::SyntaxError, message, position));
        };
        if places.contains(&place) {
            let message = format!("{clause} column \"{}\" specified more than once", name.text);
            return Err(at(SqlState::DuplicateColumn, message, position));
        }
        places.push(place);
    }
    Ok(places)
}

fn new_name(name: &Name<'_>, columns: &[String], what: &str, position: u32) -> BindResult<()> {
    if !columns.iter().any(|column| column == name.text) {
        return Ok(());
    }
    let message = format!("{what} column name \"{}\" already used in WITH query column list", name.text);
    Err(at(SqlState::SyntaxError, message, position))
}

/// Each side of the `UNION` is one query.
fn refuse_sets(set: &SetOperation<'_>) -> BindResult<()> {
    let sides =
        [(&set.left, "left", SqlState::FeatureNotSupported), (&set.right, "right", SqlState::SyntaxError)];
    for (side, name, state) in sides {
        if is_set(side) {
            let message =
                format!("with a SEARCH or CYCLE clause, the {name} side of the UNION must be a SELECT");
            return Err(BindError::new(BindErrorKind::Plain { state, message }));
        }
    }
    Ok(())
}

fn is_set(body: &QueryBody<'_>) -> bool {
    let mut body = body;
    loop {
        match body {
            QueryBody::Set(_) => return true,
            QueryBody::Nested(inner) => body = &inner.body,
            QueryBody::Select(_) | QueryBody::Values(_) | QueryBody::Table(_) => return false,
        }
    }
}

fn call(function: FunctionId, arguments: Vec<Expression>, result: u32) -> Expression {
    let call =
        Call { function, arguments, operator: None, form: CallForm::Call, variadic: false, written: None };
    Expression { kind: ExpressionKind::Call(call), result: Type::of(result) }
}

/// A path of one row.
fn path(row: Expression) -> Expression {
    let kind = ExpressionKind::Array { elements: vec![row], nested: false };
    Expression { kind, result: Type::of(oid::RECORD_ARRAY) }
}

/// Lets the rows of the round before bring further columns, and the select list that reads them hand these on.
fn carry(term: &mut Logical, id: WorkTableId, types: &[Type]) -> Option<Vec<Expression>> {
    match term {
        Logical::Project { relation, input, expressions } => {
            let (work, from) = widened(input, id, types)?;
            let mut carried = Vec::with_capacity(types.len());
            for (place, of) in (0..).zip(types) {
                let column = Column { relation: *relation, index: expressions.len() as u32 };
                carried.push(Expression::column(column, *of));
                let column = Column { relation: work, index: from + place };
                expressions.push(Expression::column(column, *of));
            }
            Some(carried)
        }
        Logical::Distinct { input, .. } => carry(input, id, types),
        _ => None,
    }
}

/// The table of the round before among what a select list reads, and from which place on it has the further columns.
fn widened(input: &Logical, id: WorkTableId, more: &[Type]) -> Option<(RelationId, u32)> {
    match input {
        Logical::WorkTable { relation, table, types } if *table == id => {
            let from = types.len().checked_sub(more.len())? as u32;
            Some((*relation, from))
        }
        Logical::Filter { input, .. } | Logical::ProjectSet { input, .. } => widened(input, id, more),
        Logical::Window(window) => widened(&window.input, id, more),
        Logical::Join(join) => widened(&join.left, id, more).or_else(|| widened(&join.right, id, more)),
        _ => None,
    }
}

impl Binder<'_> {
    /// How the clauses are written, for the text of a view.
    pub(crate) fn clause_texts(&mut self, table: &CommonTable<'_>) -> BindResult<Vec<String>> {
        let list =
            |names: &[Name<'_>]| names.iter().map(|name| quote_identifier(name.text)).collect::<Vec<_>>();
        let mut texts = Vec::new();
        if let Some(search) = table.search {
            let order = if search.breadth_first { "BREADTH" } else { "DEPTH" };
            let (by, sequence) = (list(search.by).join(", "), quote_identifier(search.sequence.text));
            texts.push(format!(" SEARCH {order} FIRST BY {by} SET {sequence}"));
        }
        if let Some(cycle) = table.cycle {
            let marks = self.marks(cycle)?;
            let is = |mark: &Expression, truth| mark.as_constant() == Some(&Value::Bool(truth));
            let values = match is(&marks.value, true) && is(&marks.default, false) {
                true => String::new(),
                false => {
                    let (value, default) = (self.mark_text(&marks.value)?, self.mark_text(&marks.default)?);
                    format!(" TO {value} DEFAULT {default}")
                }
            };
            let (mark, path) = (quote_identifier(cycle.mark.text), quote_identifier(cycle.path.text));
            let columns = list(cycle.columns).join(", ");
            texts.push(format!(" CYCLE {columns} SET {mark}{values} USING {path}"));
        }
        Ok(texts)
    }

    fn mark_text(&self, mark: &Expression) -> BindResult<String> {
        let settings = TextSettings::default();
        let text = Deparse::new(self.scope().plain(), &settings, &|_| String::new()).expression(mark);
        text.ok_or_else(|| internal("what marks rows of a cycle has no text"))
    }
}
