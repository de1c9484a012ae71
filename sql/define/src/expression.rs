//! Expressions within definitions: bound to be looked at, and written down as text.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use crate::written;
use bind::{Clause, Context, definition};
use catalog::object::{Oid, Source, Table};
use catalog::{Address, DependencyKind};
use functions::Volatility;
use plan::expression::{Expression, ExpressionKind, RelationId};
use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::tree::expression::Expression as Written;
use types::catalog::oid;
use types::{Type, Value};

/// The columns of a definition's table, while its expressions are bound.
const ROW: RelationId = RelationId(0);

/// An expression of a definition.
pub struct Defined {
    /// As it is bound.
    pub expression: Expression,
    /// As it is kept.
    pub text: String,
    /// The name that an index's column of it has.
    pub name: String,
    /// Places of the table's columns that it uses.
    pub columns: BTreeSet<u16>,
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
        let bound = definition::over_table(self.binding(), table, ROW, written, clause)?;
        Ok(defined(self, Some(table), bound, written))
    }

    /// An expression over a table's columns: of an index.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn table_expression(&mut self, table: &Arc<Table>, written: &Written<'_>) -> DefineResult<Defined> {
        self.table_condition(table, written, Clause::IndexExpression)
    }

    /// A default of a column of this type.
    ///
    /// # Errors
    /// PostgreSQL's.
    pub fn default_expression(&mut self, of: Type, written: &Written<'_>) -> DefineResult<Defined> {
        let bound = definition::value(self.binding(), written, Some(of), Clause::Default)?;
        Ok(defined(self, None, bound, written))
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
        let defined = self.table_condition(table, written, Clause::Generated)?;
        for used in &defined.columns {
            let column = &table.columns[usize::from(*used)];
            if matches!(column.source, Source::Generated(_)) || *used == place {
                return Err(DefineError::GeneratedOnGenerated {
                    column: column.name.clone(),
                    position: written.start(),
                });
            }
        }
        if !defined.immutable {
            return Err(DefineError::GeneratedNotImmutable);
        }
        Ok(defined)
    }

    /// What definitions are bound against.
    pub fn binding(&self) -> Context<'_> {
        Context { scope: &self.scope, literals: self.literals, depth_limit: self.depth_limit }
    }
}

fn defined(
    definer: &Definer<'_>,
    table: Option<&Arc<Table>>,
    bound: Expression,
    written: &Written<'_>,
) -> Defined {
    let mut columns = BTreeSet::new();
    let mut references: Vec<(Address, DependencyKind)> = Vec::new();
    if let Some(table) = table {
        let places: Vec<u16> = table.live_columns().map(|(place, _)| crate::table::place(place)).collect();
        bound.for_each_column(&mut |column| columns.extend(places.get(column.index as usize)));
        references
            .extend(columns.iter().map(|column| (Address::column(table.oid, *column), DependencyKind::Auto)));
    }
    let mut immutable = true;
    bound.walk(&mut |part| {
        immutable &= is_immutable(part);
        references.extend(named(definer, part).map(|oid| (Address::of(oid), DependencyKind::Normal)));
    });
    Defined {
        text: written::expression(written),
        name: bind::figure::index_column_name(written).unwrap_or_else(|| "expr".into()),
        expression: bound,
        columns,
        immutable,
        references,
    }
}

fn is_immutable(part: &Expression) -> bool {
    match &part.kind {
        ExpressionKind::Call(call) => functions::table::function(call.function.0)
            .is_some_and(|function| function.volatility == Volatility::Immutable),
        ExpressionKind::SqlValue(_) | ExpressionKind::Subquery(_) => false,
        _ => true,
    }
}

/// The object of users' that a part of an expression names: a sequence, a type, a function.
fn named(definer: &Definer<'_>, part: &Expression) -> Option<Oid> {
    match &part.kind {
        ExpressionKind::Constant(Value::Int32(number)) if part.result.oid == oid::REGCLASS => {
            let number = number.cast_unsigned();
            definer.scope.object(number).map(catalog::Object::oid)
        }
        ExpressionKind::Call(call) => definer.scope.function(call.function.0).map(|function| function.oid),
        _ => definer.scope.type_address(part.result.oid).map(|address| address.oid),
    }
}
