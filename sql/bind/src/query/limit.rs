//! `LIMIT`, `OFFSET`, `FETCH FIRST`.

use crate::binder::Binder;
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use functions::table::CastContext;
use plan::expression::{Expression, SortKey};
use plan::logical::Logical;
use syntax::tree::expression::Expression as Syntax;
use syntax::tree::select::{Limit, Query};
use types::catalog::oid;
use types::{Type, Value};

impl Binder<'_> {
    /// The first rows of `input`, as many as the query wants. `keys` are what it is sorted by.
    pub(super) fn limited(
        &mut self,
        input: Logical,
        query: &Query<'_>,
        keys: &[SortKey],
    ) -> BindResult<Logical> {
        let offset =
            query.offset.as_ref().map(|offset| self.row_count(offset, Clause::Offset)).transpose()?;
        let (limit, ties) = match &query.limit {
            None | Some(Limit::All(_)) => (None, false),
            Some(Limit::Rows(limit)) => (Some(self.row_count(limit, Clause::Limit)?), false),
            Some(Limit::WithTies(limit)) => {
                let limit = self.row_count(limit, Clause::Limit)?;
                if limit.as_constant().is_some_and(Value::is_null) {
                    return Err(BindError::new(BindErrorKind::NullTies));
                }
                (Some(limit), true)
            }
        };
        if limit.is_none() && offset.is_none() {
            return Ok(input);
        }
        let with_ties = if ties { keys.to_vec() } else { Vec::new() };
        Ok(Logical::Limit { input: Box::new(input), limit, offset, with_ties })
    }

    fn row_count(&mut self, count: &Syntax<'_>, clause: Clause) -> BindResult<Expression> {
        let bound = self.clause(clause, |binder| binder.expression(count))?;
        let position = bound.position;
        let own = self.levels.len().saturating_sub(1);
        let mut variables = false;
        bound.expression.for_each_column(&mut |column| variables |= self.owner(column.relation) == own);
        if variables {
            let clause = clause.name();
            return Err(BindError::at(BindErrorKind::VariablesInLimit { clause }, position));
        }
        let actual = self.type_name(bound.oid());
        match self.coerce(bound, Type::of(oid::INT8), CastContext::Assignment)? {
            Some(expression) => Ok(expression),
            None => {
                let (construct, wanted) = (clause.name().to_owned(), "bigint".to_owned());
                Err(BindError::at(BindErrorKind::NotOfType { construct, wanted, actual }, position))
            }
        }
    }
}
