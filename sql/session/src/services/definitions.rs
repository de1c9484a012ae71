//! Objects by their names, and their definitions as SQL (`pg_get_…def`).

use crate::services::describe::{Describe, routine};
use crate::services::privileges::QuestionError;
use crate::services::{Services, first, number, other, text};
use crate::world::literals::SessionLiterals;
use catalog::object::{FunctionKind, Privileges};
use catalog::{Oid, Relation};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, SessionFunction};
use std::sync::Arc;
use types::catalog::oid;
use types::{Item, Value};

impl Services<'_> {
    /// Names, definitions and privileges.
    pub(crate) fn of_catalog(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::ToRegClass => self.object_named(oid::REGCLASS, arguments)?,
            F::ToRegType => self.object_named(oid::REGTYPE, arguments)?,
            F::ToRegProc => self.object_named(oid::REGPROC, arguments)?,
            F::ToRegProcedure => self.object_named(oid::REGPROCEDURE, arguments)?,
            F::ToRegOper => self.object_named(oid::REGOPER, arguments)?,
            F::ToRegOperator => self.object_named(oid::REGOPERATOR, arguments)?,
            F::ToRegNamespace => self.object_named(oid::REGNAMESPACE, arguments)?,
            F::ToRegRole => self.object_named(oid::REGROLE, arguments)?,
            F::ToRegCollation => self.object_named(oid::REGCOLLATION, arguments)?,
            F::TextToRegClass => self.relation_of(text(first(arguments)))?,
            F::UserById => match self.scope.role(number(first(arguments))) {
                Some(role) => Value::text(&role.name),
                None => Value::text(&format!("unknown (OID={})", number(first(arguments)))),
            },
            F::RowSecurityActive => self.row_security_active(number(first(arguments))),
            F::DescribeObject => self.described(arguments)?,
            F::SequenceParameters => {
                let sequence = self.sequence(first(arguments))?;
                let any = [Privileges::USAGE, Privileges::SELECT, Privileges::UPDATE];
                self.require_sequence(&sequence, &any)?;
                crate::services::describe::words::sequence_parameters(&sequence)
            }
            F::FunctionDefinition => {
                self.refuse_aggregate(number(first(arguments)))?;
                return Ok(self.of_definitions(function, arguments));
            }
            F::ViewDefinitionByName | F::ViewDefinitionByNamePretty => {
                let name = text(first(arguments));
                if self.relation_named(name)?.is_none() {
                    return Err(FunctionError::Other(Box::new(QuestionError::NoRelation {
                        name: name.to_owned(),
                    })));
                }
                return Ok(self.of_definitions(function, arguments));
            }
            F::RelationIsUpdatable | F::ColumnIsUpdatable => {
                let table = self.scope.table(number(first(arguments)));
                if let Some(foreign) = table.and_then(|table| table.foreign()) {
                    let message = self.scope.no_handler(foreign.server);
                    return Err(FunctionError::plain(SqlState::ObjectNotInPrerequisiteState, message));
                }
                return Ok(self.of_definitions(function, arguments));
            }
            _ => return Ok(self.of_definitions(function, arguments)),
        }))
    }

    /// Refuses an aggregate: `CREATE FUNCTION` makes none.
    fn refuse_aggregate(&self, oid: Oid) -> FunctionResult<()> {
        let name = match (functions::table::function(oid), self.scope.function(oid)) {
            (Some(entry), _) => entry.kind.is_aggregate().then_some(entry.name),
            (None, Some(made)) => (made.kind == FunctionKind::Aggregate).then_some(made.name.as_str()),
            (None, None) => None,
        };
        match name {
            None => Ok(()),
            Some(name) => {
                let message = format!("\"{name}\" is an aggregate function");
                Err(FunctionError::plain(SqlState::WrongObjectType, message))
            }
        }
    }

    /// Who tells definitions.
    pub(crate) fn describe<'s>(&'s self, literals: &'s SessionLiterals<'s>) -> Describe<'s> {
        let (scope, strings) = (self.scope, self.settings.typed().strings);
        let context = bind::Context { scope, literals, depth_limit: self.depth_limit, strings };
        Describe { context, text: self.text }
    }

    /// Definitions as SQL.
    fn of_definitions(&self, function: SessionFunction, arguments: &[Item<'_>]) -> Option<Value> {
        use SessionFunction as F;
        let literals = SessionLiterals { text: self.text };
        let describe = self.describe(&literals);
        let (object, is_true) =
            (number(first(arguments)), |place: usize| matches!(arguments.get(place), Some(Item::Bool(true))));
        let told = match function {
            F::IndexDefinition => self.scope.index(object).and_then(|index| describe.index(index, 0, false)),
            F::IndexDefinitionColumn => {
                let key = if let Some(Item::Int32(key)) = arguments.get(1) { *key } else { 0 };
                self.scope.index(object).and_then(|index| describe.index(index, key, is_true(2)))
            }
            F::ConstraintDefinition | F::ConstraintDefinitionPretty => {
                let constraint = self.scope.constraint(object);
                constraint.map(|constraint| describe.constraint(constraint, is_true(1)))
            }
            F::ViewDefinition | F::ViewDefinitionPretty | F::ViewDefinitionWrapped => {
                let pretty = function == F::ViewDefinitionWrapped || is_true(1);
                self.scope.relation(object).and_then(|view| describe.query_of(&view, pretty))
            }
            F::ViewDefinitionByName | F::ViewDefinitionByNamePretty => {
                // Whether it may be looked for has been asked.
                let named = self.relation_named(text(first(arguments))).ok().flatten();
                named.and_then(|view| describe.query_of(&view, is_true(1)))
            }
            F::RuleDefinition | F::RuleDefinitionPretty => self.rule(&describe, object, is_true(1)),
            F::TriggerDefinition | F::TriggerDefinitionPretty => {
                let of_key = self.scope.key_trigger(object);
                let trigger = self.scope.trigger(object).map(Arc::as_ref).or(of_key.as_ref());
                trigger.and_then(|trigger| describe.trigger(trigger, is_true(1)))
            }
            F::FunctionDefinition => {
                self.scope.function(object).map(|function| routine::definition(&describe, function))
            }
            F::FunctionSqlBody => routine::bound_body(&describe, object),
            F::FunctionArguments | F::FunctionIdentityArguments => {
                let defaults = function == F::FunctionArguments;
                match self.scope.function(object) {
                    Some(known) => Some(routine::arguments(&describe, known, defaults)),
                    None => functions::table::function(object)
                        .map(|known| routine::native_arguments(self.scope, known, defaults)),
                }
            }
            F::FunctionResultType => match self.scope.function(object) {
                Some(known) => routine::result(self.scope, known),
                None => {
                    functions::table::function(object).map(|known| routine::native_result(self.scope, known))
                }
            },
            F::Expression | F::ExpressionPretty => match (first(arguments), arguments.get(1)) {
                (kept @ Item::Bytes(_), Some(relation)) => {
                    Some(describe.expression(text(kept), number(relation), is_true(2)))
                }
                _ => None,
            },
            F::RelationIsUpdatable => return Some(Value::Int32(describe.events(object, None, is_true(1)))),
            F::ColumnIsUpdatable => {
                let column =
                    if let Some(Item::Int16(column)) = arguments.get(1) { i32::from(*column) } else { 0 };
                return Some(Value::Bool(describe.column_is_updatable(object, column, is_true(2))));
            }
            _ => {
                return crate::services::describe::statistics::answer(&describe, function, object)
                    .or_else(|| crate::services::partition::answer(self.scope, function, object));
            }
        };
        Some(told.map_or(Value::Null, |told| Value::text(&told)))
    }

    /// The relation that a text names, if there is one.
    pub(crate) fn relation_named(&self, text: &str) -> FunctionResult<Option<Relation>> {
        let Ok((schema, name)) = catalog::names::parts(text) else { return Ok(None) };
        if let Some(schema) = &schema {
            self.scope.may_look_in(schema).map_err(other)?;
        }
        Ok(self.scope.look_for_relation(schema.as_deref(), &name))
    }
}
