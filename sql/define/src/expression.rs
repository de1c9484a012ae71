//! Expressions within definitions: bound to be looked at, and written down as text with every name resolved.
//!
//! The text is the bound expression's, not the user's: it means the same whatever the search path is, and what is constant
//! in it was read when it was defined, as PostgreSQL does.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use bind::deparse::Deparse;
use bind::{Clause, Context, definition};
use catalog::name::quote_identifier;
use catalog::object::{Oid, Source, Table};
use catalog::{Address, DependencyKind};
use plan::expression::{CallForm, Column, Expression, ExpressionKind, RelationId};
use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::tree::expression::Expression as Written;
use types::catalog::oid;
use types::text::TextSettings;
use types::{Type, Types, Value};

/// The columns of a definition's table, while its expressions are bound: a number that the binder gives to nothing else.
pub(crate) const ROW: RelationId = RelationId(u32::MAX);

/// An expression of a definition.
pub struct Defined {
    /// As it is bound.
    pub expression: Expression,
    /// Its collation, if it is a key; 0 without.
    pub collation: Oid,
    /// As it is kept.
    pub text: String,
    /// The name that an index's column of it has.
    pub name: String,
    /// Places of the table's columns that it uses.
    pub columns: BTreeSet<u16>,
    /// Whether it names `tableoid`.
    pub of_table: bool,
    /// Whether it reads a whole row of the table.
    pub of_row: bool,
    /// Whether it gives the same for the same row, always.
    pub immutable: bool,
    /// On what it depends.
    pub references: Vec<(Address, DependencyKind)>,
}

impl Definer<'_> {
    /// A condition over a table's columns: of a check, of a partial index.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn table_condition(
        &mut self,
        table: &Arc<Table>,
        written: &Written<'_>,
        clause: Clause,
    ) -> DefineResult<Defined> {
        let (bound, collation) = match clause {
            Clause::IndexExpression | Clause::PartitionKey => {
                definition::key_over_table(self.binding(), table, ROW, written, clause)?
            }
            _ => (definition::over_table(self.binding(), table, ROW, written, clause)?, 0),
        };
        Ok(Defined { collation, ..defined(self, Some(table), bound, None, written)? })
    }

    /// An expression over a table's columns: of an index.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn table_expression(&mut self, table: &Arc<Table>, written: &Written<'_>) -> DefineResult<Defined> {
        self.table_condition(table, written, Clause::IndexExpression)
    }

    /// A text that the catalog keeps of another table with the same columns, for this one, and on what it depends.
    ///
    /// # Errors
    /// When it means nothing here.
    pub fn kept_text(
        &mut self,
        table: &Arc<Table>,
        text: &str,
    ) -> DefineResult<(String, Vec<(Address, DependencyKind)>)> {
        let bound = definition::kept_over_table(self.binding(), table, ROW, text)?;
        let places: Vec<u16> = table.live_columns().map(|(place, _)| crate::table::place(place)).collect();
        let mut columns = BTreeSet::new();
        bound.for_each_column(&mut |column| columns.extend(places.get(column.index as usize)));
        let mut references: Vec<(Address, DependencyKind)> = columns
            .iter()
            .map(|column| (Address::column(table.oid, *column), DependencyKind::Auto))
            .collect();
        bound.walk_written(&mut |part| {
            references.extend(referred_to(self, part));
        });
        Ok((self.text_of(&bound, &column_names(table))?, references))
    }

    /// A default of a column of this name and type.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn default_expression(
        &mut self,
        column: (&str, Type),
        written: &Written<'_>,
    ) -> DefineResult<Defined> {
        let bound = definition::default_value(self.binding(), written, column)?;
        let shown = Some(&bound.written);
        defined(self, None, bound.value.clone(), shown, written)
    }

    /// Whether a default is none at all: a null. One of a domain, or one whose length is seen to when a row is made, is kept.
    pub(crate) fn is_no_default(&self, value: &Expression, of: Type) -> bool {
        let is_cut = of.modifier >= 0 && of.oid != oid::INTERVAL;
        value.as_constant().is_some_and(Value::is_null) && !is_cut && self.scope.base(of.oid).is_none()
    }

    /// What a generated column is generated from.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn generated_expression(
        &mut self,
        table: &Arc<Table>,
        place: u16,
        written: &Written<'_>,
    ) -> DefineResult<Defined> {
        let column = &table.columns[usize::from(place)];
        let of = (column.name.as_str(), column.column_type());
        let bound = definition::column_value(self.binding(), table, ROW, written, of, Clause::Generated)?;
        let shown = Some(&bound.written);
        let mut defined = defined(self, Some(table), bound.value.clone(), shown, written)?;
        // A column that another is generated from does not go without being told.
        for (_, kind) in &mut defined.references {
            *kind = DependencyKind::Normal;
        }
        for used in &defined.columns {
            let column = &table.columns[usize::from(*used)];
            if matches!(column.source, Source::Generated(_)) || *used == place {
                let is_it = |index: u32| {
                    table.live_columns().nth(index as usize).is_some_and(|(at, _)| at == usize::from(*used))
                };
                let at = bound.uses.iter().find(|(index, _)| is_it(*index));
                let position = at.map_or_else(|| written.start(), |(_, position)| *position);
                return Err(DefineError::GeneratedOnGenerated { column: column.name.clone(), position });
            }
        }
        if !defined.immutable {
            return Err(DefineError::GeneratedNotImmutable);
        }
        Ok(defined)
    }

    /// What definitions are bound against.
    pub fn binding(&self) -> Context<'_> {
        Context {
            scope: &self.scope,
            literals: self.literals,
            depth_limit: self.depth_limit,
            strings: self.strings,
        }
    }

    /// The text of a bound expression, in which columns have these names by their places.
    ///
    /// # Errors
    /// When a part of it has no text.
    pub fn text_of(&self, expression: &Expression, columns: &[String]) -> DefineResult<String> {
        // Along a path of pg_catalog alone every other name is written with its schema.
        let plain = self.scope.plain();
        let name = |column: Column| {
            columns.get(column.index as usize).map_or_else(String::new, |name| quote_identifier(name))
        };
        let settings = TextSettings::default();
        let deparse = Deparse::new(plain, &settings, &name);
        match deparse.expression(expression) {
            Some(text) => Ok(text),
            None => self.unsupported("such an expression in a definition", None),
        }
    }
}

/// Names of a table's columns, as expressions over it count them.
pub(crate) fn column_names(table: &Table) -> Vec<String> {
    let own = table.live_columns().map(|(_, column)| column.name.clone());
    own.chain(["tableoid".to_owned()]).collect()
}

fn defined(
    definer: &Definer<'_>,
    table: Option<&Arc<Table>>,
    bound: Expression,
    shown: Option<&Expression>,
    written: &Written<'_>,
) -> DefineResult<Defined> {
    let mut columns = BTreeSet::new();
    let (mut of_table, mut of_row) = (false, false);
    let mut references: Vec<(Address, DependencyKind)> = Vec::new();
    if let Some(table) = table {
        let places: Vec<u16> = table.live_columns().map(|(place, _)| crate::table::place(place)).collect();
        bound.for_each_column(&mut |column| {
            columns.extend(places.get(column.index as usize));
            of_table |= column.relation == ROW && column.index as usize == places.len();
        });
        references
            .extend(columns.iter().map(|column| (Address::column(table.oid, *column), DependencyKind::Auto)));
    }
    bound.walk_written(&mut |part| {
        of_row |= table.is_some_and(|table| part.result.oid == table.row_type);
        references.extend(referred_to(definer, part));
    });
    let names = table.map(|table| column_names(table)).unwrap_or_default();
    Ok(Defined {
        collation: 0,
        of_table,
        of_row,
        text: definer.text_of(shown.unwrap_or(&bound), &names)?,
        name: bind::figure::index_column_name(written).unwrap_or_else(|| "expr".into()),
        immutable: definition::is_immutable(definer.binding(), &bound),
        expression: bound,
        columns,
        references,
    })
}

/// A function, if it has an entry. What the program has given has none: it is there or not when the text is read.
pub(crate) fn named_function(definer: &Definer<'_>, oid: Oid) -> Option<Oid> {
    definer.scope.function(oid).filter(|function| !function.is_native()).map(|function| function.oid)
}

/// What a part of an expression depends on: objects of users' that it names, fields of their types that it reads.
pub(crate) fn referred_to(
    definer: &Definer<'_>,
    part: &Expression,
) -> impl Iterator<Item = (Address, DependencyKind)> {
    let named = named(definer, part).map(Address::of);
    named.chain(named_field(definer, part)).map(|address| (address, DependencyKind::Normal))
}

/// The field of a users' composite type that a part of an expression reads.
fn named_field(definer: &Definer<'_>, part: &Expression) -> Option<Address> {
    let ExpressionKind::Field { operand, index } = &part.kind else { return None };
    let mut of = operand.result.oid;
    while let Some(domain) = definer.scope.domain(of) {
        of = domain.base_oid;
    }
    let place = u16::try_from(*index).ok()?;
    match definer.scope.object_of_type(of)? {
        catalog::Object::Composite(composite) => Some(Address::column(composite.oid, place)),
        catalog::Object::Table(table) if table.row_type == of => Some(Address::column(table.oid, place)),
        _ => None, // a view's columns come and go with it
    }
}

/// The objects of users' that a part of an expression names: a sequence, what belongs to text search, a type, a function, a cast that is written or not.
fn named(definer: &Definer<'_>, part: &Expression) -> impl Iterator<Item = Oid> {
    let object = match &part.kind {
        ExpressionKind::Constant(Value::Int32(number))
            if matches!(part.result.oid, oid::REGCLASS | oid::REGCONFIG | oid::REGDICTIONARY) =>
        {
            let number = number.cast_unsigned();
            definer.scope.object(number).map(catalog::Object::oid)
        }
        ExpressionKind::Call(call) => match call.form {
            CallForm::Made(operator) => Some(operator),
            CallForm::Call | CallForm::Cast | CallForm::ImplicitCast | CallForm::Words => {
                named_function(definer, call.function.0)
            }
        },
        ExpressionKind::Collate { collation, .. } => definer.scope.collation(*collation).map(|made| made.oid),
        _ => definer.scope.type_address(part.result.oid).map(|address| address.oid),
    };
    object.into_iter().chain(named_cast(definer, part)).chain(compared_by(definer, part))
}

/// The operators of users' by which a part of an expression compares, where it is no call of one: `IS DISTINCT FROM`, `NULLIF`, `ANY`.
fn compared_by(definer: &Definer<'_>, part: &Expression) -> Vec<Oid> {
    let mut found = Vec::new();
    if let ExpressionKind::Call(_) = part.kind {
        return found;
    }
    part.for_each_function(&mut |called| {
        let Some(function) = named_function(definer, called.0) else { return };
        let operator = definer.scope.objects().find_map(|object| match object {
            catalog::Object::Operator(operator) if operator.function == called.0 => Some(operator.oid),
            _ => None, // another object
        });
        found.push(operator.unwrap_or(function));
    });
    found
}

/// The cast by which a part of an expression is what it is, if users have made it: the text that is kept of the expression
/// means nothing without it.
fn named_cast(definer: &Definer<'_>, part: &Expression) -> Option<Oid> {
    let operand = match &part.kind {
        ExpressionKind::Call(call) if call.form.is_cast() => call.arguments.first()?,
        ExpressionKind::ThroughText(operand) | ExpressionKind::Relabel(operand) => operand,
        _ => return None,
    };
    let base = |of: Type| definer.scope.undomained(of).oid;
    let cast = definer.scope.cast_between(base(operand.result), base(part.result))?;
    Some(cast.oid)
}
