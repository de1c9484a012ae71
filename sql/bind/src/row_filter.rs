//! What rows of a table a publication publishes: conditions that any server can work out alone, from a row and nothing else.
//!
//! PostgreSQL looks at wholes before their parts. Here parts are bound first: what is found in them is forgotten when the whole
//! is found to be wrong itself, and the first of what is left is told.

use crate::binder::{Binder, Bound, Context};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::kept_policy::{PolicyCondition, row_condition};
use catalog::object::{FIRST_USER_OID, Oid};
use diagnostic::SqlState;
use functions::table::{Volatility, function};
use plan::expression::{CallForm, Expression, ExpressionKind};
use plan::logical::ScanSource;
use syntax::tree::Expression as Syntax;

/// What is wrong with a part of a condition, and where that stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Violation {
    detail: &'static str,
    position: u32,
}

const SYSTEM_COLUMN: &str = "System columns are not allowed.";
const OPERATOR: &str = "User-defined operators are not allowed.";
const TYPE: &str = "User-defined types are not allowed.";
const FUNCTION: &str = "User-defined or built-in mutable functions are not allowed.";
const COLLATION: &str = "User-defined collations are not allowed.";
const OTHER: &str = "Only columns, constants, built-in operators, built-in data types, built-in collations, and immutable \
                     built-in functions are allowed.";

/// The condition of a table in a publication.
///
/// # Errors
/// When it means nothing, or is not of what it may be made of.
pub fn row_filter(context: Context<'_>, table: Oid, condition: &Syntax<'_>) -> BindResult<PolicyCondition> {
    let mut binder = Binder::defining(context, crate::binder::Parameters::None);
    binder.violations = Some(Vec::new());
    let found = row_condition(&mut binder, table, (Clause::Where, "PUBLICATION WHERE"), condition)?;
    let violations = binder.violations.take().unwrap_or_default();
    let hidden = || {
        let mut hidden = None;
        found.condition.walk(&mut |part| hidden = hidden.or_else(|| binder.wrong_part(part)));
        hidden.map(|detail| Violation { detail, position: condition.start() })
    };
    match violations.first().copied().or_else(hidden) {
        Some(Violation { detail, position }) => Err(BindError::at(
            BindErrorKind::PlainWith {
                state: SqlState::FeatureNotSupported,
                message: "invalid publication WHERE expression".to_owned(),
                detail: Some(detail.to_owned()),
                hint: None,
            },
            position,
        )),
        None => Ok(found),
    }
}

impl Binder<'_> {
    /// How much has been found wrong so far, if that is looked for.
    pub(crate) fn violations_so_far(&self) -> usize {
        self.violations.as_ref().map_or(0, Vec::len)
    }

    /// Looks at an expression whose parts have been looked at since `before`.
    pub(crate) fn look_at_filter(&mut self, bound: &Bound, written: &Syntax<'_>, before: usize) {
        if self.violations.is_none() {
            return;
        }
        let mut part = Some(&bound.expression);
        let mut found = None;
        while let Some(looked_at) = part {
            found = found.or_else(|| self.wrong_part(looked_at));
            part = unwritten(looked_at);
        }
        let found = found.or_else(|| self.wrong_arguments(&bound.expression));
        if let (Some(violations), Some(detail)) = (&mut self.violations, found) {
            violations.truncate(before);
            violations.push(Violation { detail, position: written.start() });
        }
    }

    /// What is wrong with casts of arguments that nobody wrote.
    fn wrong_arguments(&self, expression: &Expression) -> Option<&'static str> {
        let mut found = None;
        expression.for_each_part(&mut |part| {
            if found.is_none() && unwritten(part).is_some() {
                found = self.wrong_part(part);
            }
        });
        found
    }

    /// What is wrong with a part of a condition by itself.
    fn wrong_part(&self, part: &Expression) -> Option<&'static str> {
        if let Some(detail) = self.wrong_kind(part) {
            return Some(detail);
        }
        if part.result.oid >= FIRST_USER_OID {
            return Some(TYPE);
        }
        let mut mutable = false;
        part.for_each_function(&mut |called| {
            mutable |= match function(called.0) {
                Some(entry) => called.0 >= FIRST_USER_OID || entry.volatility != Volatility::Immutable,
                None => true,
            };
        });
        if mutable {
            return Some(FUNCTION);
        }
        let own = self.made_collation(part);
        // What is compared is compared by the collation of what it is made of.
        let mut compared = false;
        part.for_each_part(&mut |inner| compared |= self.made_collation(inner));
        let mut compares = false;
        part.for_each_function(&mut |_| compares = true);
        (own || compared && compares).then_some(COLLATION)
    }

    /// Whether an expression is collated as a user has made it.
    fn made_collation(&self, part: &Expression) -> bool {
        match &part.kind {
            ExpressionKind::Collate { collation, .. } => *collation >= FIRST_USER_OID,
            ExpressionKind::Column(column) => {
                self.collations.get(column).is_some_and(|collation| *collation >= FIRST_USER_OID)
            }
            ExpressionKind::Relabel(operand) => self.made_collation(operand),
            _ => false, // others have those of their parts
        }
    }

    fn wrong_kind(&self, part: &Expression) -> Option<&'static str> {
        match &part.kind {
            ExpressionKind::Column(column) => {
                let scan = self.scans.get(&column.relation)?;
                match scan.columns.get(column.index as usize)?.source {
                    ScanSource::Column { .. } | ScanSource::WholeRow(_) => None,
                    ScanSource::RowId | ScanSource::Writer | ScanSource::TableOid => Some(SYSTEM_COLUMN),
                }
            }
            ExpressionKind::Call(call) => match call.form {
                CallForm::Made(_) => Some(OPERATOR),
                CallForm::Call | CallForm::Words | CallForm::Cast | CallForm::ImplicitCast => None,
            },
            ExpressionKind::IsDistinct { equality: called, .. }
            | ExpressionKind::NullIf { equality: called, .. }
            | ExpressionKind::Quantified { function: called, .. }
                if called.0 >= FIRST_USER_OID =>
            {
                Some(OPERATOR)
            }
            ExpressionKind::Constant(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::IsDistinct { .. }
            | ExpressionKind::Case { .. }
            | ExpressionKind::CaseOperand
            | ExpressionKind::Coalesce(_)
            | ExpressionKind::NullIf { .. }
            | ExpressionKind::Extreme { .. }
            | ExpressionKind::Relabel(_)
            | ExpressionKind::Collate { .. }
            | ExpressionKind::Array { .. }
            | ExpressionKind::Row(_)
            | ExpressionKind::Quantified { .. }
            | ExpressionKind::InList { .. }
            | ExpressionKind::RowCompare { .. } => None,
            ExpressionKind::Parameter(_)
            | ExpressionKind::ThroughText(_)
            | ExpressionKind::ArrayCast { .. }
            | ExpressionKind::Element
            | ExpressionKind::RowCast { .. }
            | ExpressionKind::DomainCheck { .. }
            | ExpressionKind::Field { .. }
            | ExpressionKind::Subscript { .. }
            | ExpressionKind::Replace { .. }
            | ExpressionKind::SqlValue(_)
            | ExpressionKind::Grouping(_)
            | ExpressionKind::Subquery(_)
            | ExpressionKind::Subplan { .. } => Some(OTHER),
        }
    }
}

/// What a cast is of that nobody wrote.
fn unwritten(expression: &Expression) -> Option<&Expression> {
    match &expression.kind {
        ExpressionKind::Call(call) if call.form == CallForm::ImplicitCast => call.arguments.first(),
        ExpressionKind::Relabel(operand) => Some(operand),
        _ => None, // was written
    }
}
