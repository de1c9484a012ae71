//! What the names of a body's variables mean to the binder.

use bind::variable::{Meant, Variable, Variables};
use catalog::Scope;
use plan::expression::ExpressionKind;
use plan::logical::Query;
use procedural::host::{Around, Field, Named, Shape};
use procedural::names;
use procedural::tree::{Conflict, Expression, Function};
use std::collections::BTreeSet;
use std::sync::Arc;
use types::catalog::{Column, oid};
use types::{Type, Value};

/// The variables that a body's SQL sees where it stands.
#[derive(Debug)]
pub(super) struct Visible {
    function: Arc<Function>,
    scope: names::Scope,
    /// The types that they have now; none of a `record` that nothing was assigned to.
    types: Vec<Option<Type>>,
    /// The cursors that variables name, by the variables' numbers; none where nobody asks for them.
    cursors: Vec<(u32, String)>,
}

/// The columns of a row, as types know them.
fn columns(shape: &[Field]) -> Vec<Column> {
    // To what reads it, a literal of no type is a text.
    let of = |field: &Field| if field.of.oid == oid::UNKNOWN { Type::of(oid::TEXT) } else { field.of };
    let column =
        |field: &Field| Column { name: field.name.clone(), column_type: of(field), dropped: field.dropped };
    shape.iter().map(column).collect()
}

impl Visible {
    /// Those that are declared where an expression stands. Rows of no type of their own get one of the statement's.
    pub fn new(
        function: Arc<Function>,
        expression: &Expression,
        around: Around<'_>,
        types: &Scope,
    ) -> Visible {
        let frame = around.frame;
        let of = |place: usize| {
            let of = frame.types.get(place).copied()?;
            match (of.oid, frame.shapes.get(place)) {
                (oid::RECORD, Some(Some(shape))) => Some(types.record_type(&columns(shape))),
                (oid::RECORD, _) => None,
                _ => Some(of),
            }
        };
        let all = (0..function.variables.len()).map(of).collect();
        let cursor = |(number, value): (u32, &Value)| {
            let is_cursor = function.variables.get(number as usize)?.of.oid == oid::REFCURSOR;
            let name = std::str::from_utf8(value.as_bytes().filter(|_| is_cursor)?).ok()?;
            Some((number, name.to_owned()))
        };
        let cursors = match expression.names_cursor {
            true => (0..).zip(&frame.values).filter_map(cursor).collect(),
            false => Vec::new(),
        };
        Visible { scope: expression.scope, types: all, cursors, function }
    }

    fn variable(&self, number: u32, parts: usize) -> Variable {
        let place = number as usize;
        let known = &self.function.variables[place];
        Variable {
            number,
            of: self.types.get(place).copied().flatten(),
            is_record: known.is_record,
            name: known.name.clone(),
            parts,
        }
    }
}

impl Variables for Visible {
    fn find(&self, name: &[&str]) -> Option<Variable> {
        let found = self.function.names.find(self.scope, name, false)?;
        Some(self.variable(found.variable, found.parts))
    }

    fn positional(&self, number: i32) -> Option<Variable> {
        let found = self.function.names.find(self.scope, &[&format!("${number}")], false)?;
        Some(self.variable(found.variable, 1))
    }

    fn cursor(&self, name: &str) -> Option<&str> {
        let found = self.function.names.find(self.scope, &[name], false)?;
        let known = self.cursors.iter().find(|(number, _)| *number == found.variable)?;
        Some(&known.1)
    }

    fn meant(&self) -> Meant {
        match self.function.conflict {
            Conflict::Error => Meant::Refused,
            Conflict::Variable => Meant::Variable,
            Conflict::Column => Meant::Column,
        }
    }
}

/// The variables that a query names, and fields of such, each once: whole ones first, in the order of their declarations.
pub(super) fn variables_in(query: &Query) -> Vec<Named> {
    let (mut whole, mut fields) = (BTreeSet::new(), Vec::new());
    let mut within = BTreeSet::new();
    query.root.walk(&mut |operator| {
        operator.for_each_expression(&mut |expression| {
            expression.walk(&mut |part| match &part.kind {
                ExpressionKind::Field { operand, index } => {
                    if let ExpressionKind::Parameter(variable) = operand.kind {
                        let named = Named { variable, field: Some(*index) };
                        within.insert(std::ptr::from_ref(&**operand));
                        if !fields.contains(&named) {
                            fields.push(named);
                        }
                    }
                }
                ExpressionKind::Parameter(variable) if !within.contains(&std::ptr::from_ref(part)) => {
                    whole.insert(*variable);
                }
                _ => {} // all others name no variable themselves
            });
        });
    });
    let whole = whole.into_iter().map(|variable| Named { variable, field: None });
    whole.chain(fields).collect()
}

/// The types and shapes by which SQL was bound: of all rows, and of variables whose type changes.
#[derive(Debug)]
pub(crate) struct BoundTo(Vec<(usize, Type, Option<Shape>)>);

impl BoundTo {
    /// As they are now.
    pub fn now(around: Around<'_>) -> BoundTo {
        let changes = around.function.variables.iter().enumerate();
        let changes = changes.filter(|(_, it)| it.is_record || it.of_case);
        let now = |place: usize| {
            (place, around.frame.types[place], around.frame.shapes.get(place).cloned().flatten())
        };
        BoundTo(changes.map(|(place, _)| now(place)).collect())
    }

    /// Whether they are the same.
    pub fn holds(&self, around: Around<'_>) -> bool {
        self.0.iter().all(|(place, of, shape)| {
            around.frame.types[*place] == *of
                && match (shape, around.frame.shapes.get(*place)) {
                    (Some(one), Some(Some(other))) => Arc::ptr_eq(one, other) || one == other,
                    (None, Some(None) | None) => true,
                    _ => false,
                }
        })
    }
}
