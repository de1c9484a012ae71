//! Functions in `FROM`.

use super::assemble::filtered;
use super::from::{FromEntry, renamed};
use crate::binder::{Binder, Bound, Described};
use crate::clause::Clause;
use crate::domain::as_written;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::figure::column_name;
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::shape::{DefinedColumn, EntrySource, FunctionsShape};
use catalog::object::ArgumentMode;
use functions::resolve::stands_for;
use functions::table::function;
use plan::expression::{Expression, ExpressionKind};
use plan::logical::{Logical, TableFunction};
use std::sync::Arc;
use syntax::tree::expression::{Call as SyntaxCall, Expression as Syntax, ExpressionKind as Tree};
use syntax::tree::select::{self, Alias, ColumnDefinition};
use types::Type;
use types::catalog::oid;

/// Functions as they are written.
pub(crate) struct Call<'c> {
    pub rows_from: bool,
    pub functions: &'c [select::TableFunction<'c>],
    pub ordinality: bool,
    pub alias: Option<&'c Alias<'c>>,
    pub columns: &'c [ColumnDefinition<'c>],
    pub position: u32,
}

/// The columns that a function yields.
struct Columns {
    names: Vec<Arc<str>>,
    types: Vec<Type>,
    /// Whether they are the fields of one row.
    expand: bool,
    /// Whether there is one, which is the function's value.
    scalar: bool,
    /// Collations that column definitions name; none without definitions.
    collations: Vec<Option<u32>>,
}

impl Binder<'_> {
    pub(crate) fn functions_entry(&mut self, call: &Call<'_>) -> BindResult<FromEntry> {
        if call.ordinality && !call.columns.is_empty() {
            return Err(BindError::at(BindErrorKind::OrdinalityDefinitions, call.position));
        }
        if call.rows_from && call.functions.len() > 1 && !call.columns.is_empty() {
            return Err(BindError::at(BindErrorKind::RowsFromDefinitions, call.position));
        }
        let relation = self.relation();
        let mut functions = Vec::new();
        let mut own: Vec<(Arc<str>, Type)> = Vec::new();
        let mut kind = ItemKind::Rows;
        let mut first_name = None;
        let mut definitions_of = Vec::new();
        let alone = call.functions.len() == 1 && !call.ordinality;
        for written in call.functions {
            let definitions = if written.columns.is_empty() { call.columns } else { written.columns };
            let alias = call.alias.filter(|_| call.functions.len() == 1);
            for single in self.side_by_side(&written.call)? {
                let name: Arc<str> = column_name(&written.call).into();
                let columns = self.function_columns(&single, &name, alias, definitions)?;
                kind = match &columns {
                    _ if !alone => ItemKind::Rows,
                    columns if columns.scalar => ItemKind::Scalar,
                    _ if self.is_composite(single.oid()) => ItemKind::Composite(single.oid()),
                    _ => ItemKind::Rows,
                };
                let types = columns.names.iter().map(ToString::to_string).zip(columns.types.iter().copied());
                let named = types.zip(&columns.collations);
                let named =
                    named.map(|((name, of), collation)| DefinedColumn { name, of, collation: *collation });
                definitions_of.push(named.collect());
                own.extend(columns.names.iter().cloned().zip(columns.types.iter().copied()));
                functions.push(TableFunction {
                    call: single.expression,
                    types: columns.types,
                    names: columns.names,
                    expand: columns.expand,
                    name: name.clone(),
                });
                first_name.get_or_insert(name);
            }
        }
        if functions.len() > 1 {
            kind = ItemKind::Rows;
        }
        if call.ordinality {
            own.push(("ordinality".into(), Type::of(oid::INT8)));
        }
        let name: Arc<str> = match call.alias {
            Some(alias) => alias.name.text.into(),
            None => first_name.unwrap_or_else(|| "".into()),
        };
        let names = renamed(&own, call.alias, &name)?;
        let shown = name.to_string();
        self.described
            .insert(relation, Described { alias: name.clone(), columns: names.clone(), table: None });
        let typed = names.into_iter().zip(own.iter().map(|(_, of)| *of));
        let item = Item::open(name, item_columns(relation, typed), kind);
        let source = EntrySource::Functions(FunctionsShape {
            calls: functions.iter().map(|function| as_written(&function.call).clone()).collect(),
            ordinality: call.ordinality,
            definitions: definitions_of,
        });
        let shape = self.entry_shape(source, &shown, call.alias, &item);
        let checked = self.populated_entry(&functions, &item)?;
        let logical = Logical::Functions { relation, functions, ordinality: call.ordinality };
        let logical = checked.into_iter().fold(logical, |input, condition| filtered(input, Some(condition)));
        Ok(FromEntry { logical, items: vec![item], lateral: true, shape })
    }

    /// What domains ask of the rows that functions make of documents. Beside other functions a row may be one of nulls that fills up,
    /// of which nothing is asked.
    fn populated_entry(&mut self, functions: &[TableFunction], item: &Item) -> BindResult<Vec<Expression>> {
        let mut conditions = Vec::new();
        let mut start = 0;
        for function in functions {
            let end = start + function.types.len();
            let columns: Vec<Expression> =
                item.columns[start..end].iter().map(|column| column.expression.clone()).collect();
            start = end;
            let asked = self.populated_rows(&function.call, columns.clone())?;
            conditions.extend(asked.into_iter().map(|condition| match functions.len() {
                1 => condition,
                _ => unless_null(&columns, condition),
            }));
        }
        Ok(conditions)
    }

    /// The function as an expression; `unnest` of several arrays is several, side by side.
    fn side_by_side(&mut self, call: &Syntax<'_>) -> BindResult<Vec<Bound>> {
        if let Tree::Call(written) = &call.kind
            && written.name.parts.len() == 1
            && written.name.object() == "unnest"
            && written.arguments.len() > 1
            && !written.variadic
            && written.arguments.iter().all(|argument| argument.name.is_none())
        {
            let mut bound = Vec::with_capacity(written.arguments.len());
            for argument in written.arguments {
                let single = SyntaxCall { arguments: std::slice::from_ref(argument), ..**written };
                let single = Syntax { kind: Tree::Call(&single), position: call.position };
                bound.push(self.function_of_from(&single)?);
            }
            return Ok(bound);
        }
        Ok(vec![self.function_of_from(call)?])
    }

    fn function_of_from(&mut self, call: &Syntax<'_>) -> BindResult<Bound> {
        let bound = self.laterally(true, |binder| {
            binder.clause(Clause::FromFunction, |binder| binder.expression(call))
        })?;
        let bound = self.settle(bound)?;
        let mut nested = false;
        bound.expression.for_each_part(&mut |part| {
            nested |= part.any(&mut |part| match &part.kind {
                ExpressionKind::Call(call) => self.returns_set(call.function.0),
                _ => false,
            });
        });
        if nested {
            return Err(BindError::at(BindErrorKind::SetMustBeTop, bound.position));
        }
        Ok(bound)
    }

    /// Whether a function returns rows.
    pub fn returns_set(&self, number: u32) -> bool {
        match function(number) {
            Some(entry) => entry.returns_set,
            None => self.scope().function(number).is_some_and(|function| function.returns_set),
        }
    }

    fn function_columns(
        &mut self,
        bound: &Bound,
        name: &Arc<str>,
        alias: Option<&Alias<'_>>,
        definitions: &[ColumnDefinition<'_>],
    ) -> BindResult<Columns> {
        let of = self.types().undomained(bound.expression.result);
        let declared = self.declared_columns(&bound.expression);
        if !definitions.is_empty() {
            let place = definitions.first().map_or(bound.position, |first| first.name.position);
            let kind = match () {
                () if of.oid == oid::RECORD && declared.is_empty() => {
                    return self.defined_columns(definitions);
                }
                () if of.oid == oid::RECORD => BindErrorKind::ColumnDefinitionsOut,
                () if self.types().columns(of.oid).is_some() => BindErrorKind::ColumnDefinitionsNamed,
                () => BindErrorKind::ColumnDefinitionsOnly,
            };
            return Err(BindError::at(kind, place));
        }
        if of.oid == oid::RECORD {
            if declared.is_empty() {
                return Err(BindError::at(BindErrorKind::ColumnDefinitionsNeeded, bound.position));
            }
            let (names, types) = declared.into_iter().unzip();
            return Ok(Columns { names, types, expand: true, scalar: false, collations: Vec::new() });
        }
        if let Some(columns) = self.types().columns(of.oid) {
            let live = columns.iter().filter(|column| !column.dropped);
            let (names, types) =
                live.map(|column| (Arc::from(column.name.as_str()), column.column_type)).unzip();
            return Ok(Columns { names, types, expand: true, scalar: false, collations: Vec::new() });
        }
        // A result's own name comes first, then the alias, then the function's name.
        let column = match (&declared[..], alias) {
            ([(name, _)], _) => name.clone(),
            (_, Some(alias)) => alias.name.text.into(),
            (_, None) => name.clone(),
        };
        let types = vec![bound.expression.result];
        Ok(Columns { names: vec![column], types, expand: false, scalar: true, collations: Vec::new() })
    }

    /// Names and types of results as the function declares them.
    pub fn declared_columns(&self, call: &Expression) -> Vec<(Arc<str>, Type)> {
        let ExpressionKind::Call(call) = &call.kind else { return Vec::new() };
        if let Some(entry) = function(call.function.0) {
            let given: Vec<u32> = call.arguments.iter().map(|argument| argument.result.oid).collect();
            let of = |(name, of): &(&'static str, u32)| {
                let known = stands_for(self.types(), *of, &given, entry.arguments);
                (Arc::from(*name), Type::of(known.unwrap_or(*of)))
            };
            return entry.columns.iter().map(of).collect();
        }
        let Some(function) = self.scope().function(call.function.0) else { return Vec::new() };
        let out = function.arguments.iter().filter(|argument| match argument.mode {
            ArgumentMode::Out | ArgumentMode::InOut | ArgumentMode::Table => true,
            ArgumentMode::In | ArgumentMode::Variadic => false,
        });
        out.enumerate()
            .map(|(place, argument)| {
                let name = match argument.name.as_str() {
                    "" => format!("column{}", place + 1).into(),
                    name => Arc::from(name),
                };
                let given = call.arguments.iter().map(|argument| argument.result);
                (name, self.output_type(function, given, argument.type_oid))
            })
            .collect()
    }

    fn defined_columns(&mut self, definitions: &[ColumnDefinition<'_>]) -> BindResult<Columns> {
        let mut columns = Columns {
            names: Vec::new(),
            types: Vec::new(),
            expand: true,
            scalar: false,
            collations: Vec::new(),
        };
        for definition in definitions {
            if definition.type_name.set {
                let name = definition.name.text.to_owned();
                let kind = BindErrorKind::SetColumnType { name };
                return Err(BindError::at(kind, definition.name.position));
            }
            let of = self.type_named(&definition.type_name)?;
            let mut named = None;
            if let Some(collation) = &definition.collation {
                if self.scope().type_collation(of.oid) == 0 {
                    let type_name = self.type_name(of.oid);
                    let kind = BindErrorKind::NoCollations { type_name };
                    return Err(BindError::at(kind, collation.position()));
                }
                named = Some(self.known_collation(collation)?);
            }
            if columns.names.iter().any(|known| **known == *definition.name.text) {
                let column = definition.name.text.to_owned();
                return Err(BindError::at(BindErrorKind::ColumnTwice { column }, definition.name.position));
            }
            columns.names.push(definition.name.text.into());
            columns.types.push(of);
            columns.collations.push(named);
        }
        Ok(columns)
    }
}

/// A condition, or true where all columns are null.
fn unless_null(columns: &[Expression], condition: Expression) -> Expression {
    let boolean = Type::of(oid::BOOL);
    let is_null = |column: &Expression| {
        let kind = ExpressionKind::IsNull { operand: Box::new(column.clone()), negated: false };
        Expression { kind, result: boolean }
    };
    let all = ExpressionKind::And(columns.iter().map(is_null).collect());
    let arms = vec![(Expression { kind: all, result: boolean }, Expression::truth(true))];
    let kind = ExpressionKind::Case { operand: None, arms, otherwise: Some(Box::new(condition)) };
    Expression { kind, result: boolean }
}
