//! Assignments to parts of variables: `v.f[1] := …`.

use super::body::{Plan, Planned};
use super::host::{BodyHost, failure_of};
use super::names::{BoundTo, Visible};
use super::other::only_expression;
use crate::query::Verb;
use bind::Parameters;
use bind::variable::{Assigned, Variable};
use bumpalo::Bump;
use procedural::Outcome;
use procedural::host::Around;
use procedural::tree::Expression;
use std::sync::Arc;
use syntax::tree::expression::{Expression as Written, ExpressionKind as Tree, Indirection};
use syntax::tree::{Query, Statement};

impl BodyHost<'_, '_> {
    /// `v.f[1] := …`: the whole new value; none if the variable itself is assigned to.
    pub fn bind_assignment(
        &mut self,
        expression: &Expression,
        target: u32,
        query: &Query<'_>,
        parameters: &Parameters,
    ) -> Outcome<Option<plan::expression::Expression>> {
        let text = target_of(expression, target);
        let arena = Bump::new();
        let statements = self.session.parse(&text, &arena).map_err(|error| failure_of(&error))?;
        self.binding(|context| match assigned(statements, parameters) {
            Some((names, found, path)) => {
                let assigned = assigned_to(path, &found, &names);
                bind::variable::assignment(context, assigned, query, parameters.clone())
            }
            None => Ok(None),
        })
    }

    /// The same where the new value is computed by reading rows.
    pub fn plan_assigned(
        &mut self,
        expression: &Expression,
        (target, query): (u32, &Query<'_>),
        around: Around<'_>,
    ) -> Outcome<Plan> {
        let text = target_of(expression, target);
        let arena = Bump::new();
        let statements = self.session.parse(&text, &arena).map_err(|error| failure_of(&error))?;
        let function = self.function.clone();
        let (ready, shape, named) = self.ready_bound(Verb::Select, false, &|session, scope| {
            let visible = Visible::new(function.clone(), expression, around, scope);
            let parameters = Parameters::Variables(Arc::new(visible));
            session.bind_by(scope, parameters, |context, parameters| {
                match assigned(statements, &parameters) {
                    Some((names, found, path)) => bind::variable::assigned_row(
                        context,
                        assigned_to(path, &found, &names),
                        query,
                        parameters,
                    ),
                    None => Ok(None),
                }
            })
        })?;
        Ok(Plan::Rows(Arc::new(Planned { ready, shape, named, bound_to: BoundTo::now(around) })))
    }
}

/// The target of an assignment as a query, so that it can be read.
fn target_of(expression: &Expression, target: u32) -> String {
    format!("SELECT {}", expression.text.get(..target as usize).unwrap_or_default())
}

/// The names of what is assigned to, the variable that they begin with, and all of the target.
fn assigned<'a>(
    target: &'a [Statement<'a>],
    parameters: &Parameters,
) -> Option<(Vec<String>, Variable, &'a Written<'a>)> {
    let Parameters::Variables(variables) = parameters else { return None };
    let path = only_expression(target)?;
    let names = names_of(path);
    let found = variables.find(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    Some((names, found, path))
}

/// A field of a row is assigned to by its name: what is put into it is a value of its own.
fn assigned_to<'t, 'a>(
    target: &'t Written<'a>,
    variable: &'t Variable,
    names: &'t [String],
) -> Assigned<'t, 'a> {
    let field = names.get(variable.parts).filter(|_| variable.is_record).map(String::as_str);
    let own = variable.parts + usize::from(field.is_some());
    Assigned { target, variable, field, names: own }
}

/// The names with which the target of an assignment begins; `$1` is one.
pub(super) fn names_of(target: &Written<'_>) -> Vec<String> {
    let (base, path) = match &target.kind {
        Tree::Indirection { base, path } => (*base, *path),
        _ => (target, &[][..]),
    };
    match &base.kind {
        Tree::Column(name) => name.parts.iter().map(|part| part.text.to_owned()).collect(),
        Tree::Parameter(number) => {
            let fields = path.iter().map_while(|step| match step {
                Indirection::Field(field) => Some(field.text.to_owned()),
                Indirection::Subscript(_) | Indirection::Slice(..) | Indirection::Star(_) => None,
            });
            std::iter::once(format!("${number}")).chain(fields).collect()
        }
        _ => Vec::new(), // no names stand there
    }
}
