//! Words of statements that are no expressions: options, values of settings.

use crate::error::SessionError;
use crate::session::Session;
use crate::world::literals::SessionLiterals;
use bind::{BindResult, Clause, Context, definition};
use catalog::Scope;
use execute::{ExecuteResult, Execution, World};
use plan::expression::{Expression, ExpressionKind};
use plan::physical::{Estimate, Node, NodeKind, Plan};
use std::sync::Arc;
use syntax::tree::expression::{Expression as Written, ExpressionKind as WrittenKind};
use syntax::tree::option::{Definition, DefinitionValue};
use types::catalog::oid;
use types::{Type, Value};

/// Whether an option is on: it is if nothing else is said.
///
/// # Errors
/// When what is said is neither yes nor no.
pub(crate) fn is_on(option: &Definition<'_>) -> Result<bool, SessionError> {
    let word = match option.value {
        None => return Ok(true),
        Some(DefinitionValue::Word(word) | DefinitionValue::String(word)) => word.to_owned(),
        Some(DefinitionValue::Number(number)) => number_text(&number),
        Some(
            DefinitionValue::Type(_)
            | DefinitionValue::Operator(_)
            | DefinitionValue::Star
            | DefinitionValue::List(_),
        ) => String::new(),
    };
    let found = crate::settings::boolean(&word);
    found.ok_or_else(|| SessionError::NotBoolean { name: option.name.text.to_owned() })
}

/// A word or string that an option says.
pub(crate) fn word<'a>(option: &Definition<'a>) -> Option<&'a str> {
    match option.value {
        Some(DefinitionValue::Word(word) | DefinitionValue::String(word)) => Some(word),
        Some(
            DefinitionValue::Number(_)
            | DefinitionValue::Type(_)
            | DefinitionValue::Operator(_)
            | DefinitionValue::Star
            | DefinitionValue::List(_),
        )
        | None => None,
    }
}

/// A number as it is written.
pub(crate) fn number_text(number: &Written<'_>) -> String {
    match number.kind {
        WrittenKind::Integer(value) => value.to_string(),
        WrittenKind::Decimal(digits) => digits.to_owned(),
        _ => String::new(),
    }
}

impl Session {
    /// The value of an expression of a type, that stands alone in a statement.
    pub(crate) fn value_of(
        &mut self,
        scope: &Scope,
        bound: impl FnOnce(Context<'_>) -> BindResult<Expression>,
    ) -> Result<Value, SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let expression = bound(self.context(scope, &literals))?;
        self.computed(scope, expression)
    }

    /// A parameter's value, which has been read, if its type is a domain, or has parts that are of one, and it is what those ask.
    pub(crate) fn asked(&mut self, scope: &Scope, value: Value, of: Type) -> Result<Value, SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(scope, &literals);
        let base = Type::of(types::Types::undomained(scope, of).oid);
        let read = Expression::new(ExpressionKind::Constant(value.clone()), base);
        let asked = match base.oid == of.oid {
            true => definition::as_read(context, &read, of)?,
            false => definition::assignment_cast(context, read, of)?,
        };
        asked.map_or(Ok(value), |expression| self.computed(scope, expression))
    }

    /// The value of an expression that reads nothing.
    fn computed(&mut self, scope: &Scope, expression: Expression) -> Result<Value, SessionError> {
        if let ExpressionKind::Constant(value) = &expression.kind {
            return Ok(value.clone());
        }
        crate::privileges::may_evaluate(scope, self.role, self.database.0, &expression)?;
        let text = self.text_settings();
        let (transaction, mut parts) = self.split(&text)?;
        Ok(parts.within(scope, transaction, &[], |world| evaluated(world, expression))?)
    }

    /// `SET TIME ZONE INTERVAL '…'`: as many seconds east as the interval is long.
    pub(crate) fn zone_of_interval(&mut self, written: &Written<'_>) -> Result<String, SessionError> {
        let scope = self.scope()?;
        let value = self.value_of(&scope, |context| {
            definition::value(context, written, Some(Type::of(oid::INTERVAL)), Clause::ExecuteParameter)
        })?;
        let seconds = match value {
            Value::Interval(interval) if interval.months == 0 && interval.days == 0 => {
                i32::try_from(interval.microseconds / 1_000_000).ok()
            }
            _ => None,
        };
        let zone = seconds.and_then(datetime::zone::TimeZone::fixed);
        zone.map(|zone| zone.name().to_owned()).ok_or(SessionError::ZoneInterval)
    }
}

/// The value of an expression that reads nothing. Whether the role may call what it calls is not asked here.
///
/// # Errors
/// Those of the expression.
pub(crate) fn evaluated(world: &mut World<'_>, expression: Expression) -> ExecuteResult<Value> {
    let mut execution = Execution::new(Arc::new(constant_plan(expression)), world)?;
    let chunk = execution.next(world)?.filter(|chunk| !chunk.is_empty());
    Ok(chunk.map_or(Value::Null, |chunk| chunk.column(0).value(0)))
}

/// A plan that yields one row of one expression.
fn constant_plan(expression: Expression) -> Plan {
    let result = expression.result;
    let root = Node {
        kind: NodeKind::Values { rows: vec![vec![expression]] },
        columns: vec![result],
        unasked: Vec::new(),
        estimate: Estimate::default(),
    };
    let column = plan::logical::OutputColumn {
        name: String::new(),
        column: plan::expression::Column { relation: plan::expression::RelationId(0), index: 0 },
        column_type: result,
        collation: 0,
        origin: None,
    };
    Plan {
        root,
        output: vec![(0, column)],
        subplans: Vec::new(),
        common_tables: Vec::new(),
        parameters: Vec::new(),
        ranges: 1,
        outer_values: 0,
        work_tables: 0,
        relations: Vec::new(),
        functions: Vec::new(),
        reads_only: None,
        before: Vec::new(),
        after: Vec::new(),
    }
}
