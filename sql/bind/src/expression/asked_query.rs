//! Functions that are given the text of a query and look at its rows: `ts_stat`, and `ts_rewrite` by a query. A text that is
//! written is bound, and its rows stand in its place as an array.

use super::call::Resolved;
use super::subquery::asked;
use crate::binder::{Binder, unsupported};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::parse::parsed_query;
use crate::query::BoundQuery;
use plan::expression::{Expression, ExpressionKind, SubqueryTest};
use types::catalog::oid;
use types::{Type, Value};

/// The type of arrays of `tsvector`.
const TSVECTOR_ARRAY: u32 = 3643;
/// `ts_rewrite(tsquery, text)`
const REWRITE: u32 = 3685;
/// `ts_stat(text)`
const STATISTICS: u32 = 3689;
/// `ts_stat(text, text)`
const WEIGHED_STATISTICS: u32 = 3690;

impl Binder<'_> {
    /// Puts the rows of a query in the place of its text.
    pub(super) fn ask_query(&mut self, resolved: &mut Resolved) -> BindResult<()> {
        let (place, wanted) = match resolved.found.function.0 {
            STATISTICS | WEIGHED_STATISTICS => (0, 1),
            REWRITE => (1, 2),
            _ => return Ok(()),
        };
        let (name, position) = (resolved.name.clone(), resolved.position);
        let Some(argument) = resolved.arguments.get_mut(place) else { return Ok(()) };
        let Some(Value::Bytes(text)) = argument.as_constant() else {
            if argument.as_constant().is_some_and(Value::is_null) {
                return Ok(());
            }
            return Err(unsupported(format!("{name} of a query that is no constant"), position));
        };
        if self.shapes.is_some() {
            return Err(unsupported(format!("{name} of a query in a definition"), position));
        }
        let text = String::from_utf8_lossy(text).into_owned();
        let limit = self.context.depth_limit;
        let bound = self.apart(|binder| parsed_query(&text, limit, |query| binder.query(query)))?;
        let of = if wanted == 1 { oid::TSVECTOR } else { oid::TSQUERY };
        let fits = bound.columns.len() == wanted && bound.columns.iter().all(|it| it.column_type.oid == of);
        if !fits {
            let message = match wanted {
                1 => "ts_stat query must return one tsvector column",
                _ => "ts_rewrite query must return two tsquery columns",
            };
            let state = diagnostic::SqlState::InvalidParameterValue;
            return Err(BindError::new(BindErrorKind::Plain { state, message: message.to_owned() }));
        }
        let (bound, array) = match wanted {
            1 => (bound, TSVECTOR_ARRAY),
            _ => (self.one_row_each(bound), oid::RECORD_ARRAY),
        };
        *argument = asked(bound, SubqueryTest::Array { nested: false }, Type::of(array), position).expression;
        Ok(())
    }

    /// The columns of a query as one row.
    fn one_row_each(&mut self, bound: BoundQuery) -> BoundQuery {
        let fields = bound.columns.iter().map(|it| Expression::column(it.column, it.column_type)).collect();
        let row = Expression { kind: ExpressionKind::Row(fields), result: Type::of(oid::RECORD) };
        let relation = self.inner_relation();
        BoundQuery::of_value(relation, "row", bound.logical, row)
    }
}
