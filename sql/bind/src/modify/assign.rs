//! Assignment to columns, and into them.

use crate::binder::{Binder, Bound};
use crate::error::{BindError, BindErrorKind, BindResult};
use functions::table::CastContext;
use plan::expression::{Expression, ExpressionKind, ReplacePath, SubscriptStep};
use syntax::tree::expression::Indirection;
use types::Type;
use types::catalog::oid;

/// What an assignment's messages say of it.
#[derive(Clone, Copy)]
enum Place<'p> {
    Column,
    Subscript,
    Field(&'p str),
}

impl Binder<'_> {
    /// A value as one of a column's type.
    pub(super) fn assigned(&mut self, value: Bound, column: &str, of: Type) -> BindResult<Expression> {
        self.assigned_to(value, column, of, Place::Column)
    }

    fn assigned_to(
        &mut self,
        value: Bound,
        column: &str,
        of: Type,
        place: Place<'_>,
    ) -> BindResult<Expression> {
        let (position, actual) = (value.position, value.oid());
        let given = self.assigns_by_text.then(|| value.expression.clone());
        if let Some(expression) = self.coerce(value, of, CastContext::Assignment)? {
            return Ok(expression);
        }
        if let Some(given) = given {
            return self.through_text(given, of);
        }
        let (wanted, actual) = (self.type_name(of.oid), self.type_name(actual));
        let column = column.to_owned();
        let kind = match place {
            Place::Column => BindErrorKind::AssignmentType { column, wanted, actual },
            Place::Subscript => BindErrorKind::SubscriptedAssignment { column, wanted, actual },
            Place::Field(field) => BindErrorKind::FieldAssignment { field: field.to_owned(), wanted, actual },
        };
        Err(BindError::at(kind, position))
    }

    /// `base` with a value put in where a path leads.
    pub(crate) fn assigned_into(
        &mut self,
        base: Expression,
        column: &str,
        path: &[Indirection<'_>],
        value: Bound,
        position: u32,
    ) -> BindResult<Expression> {
        self.deeper(|binder| binder.put_at_path(base, column, path, value, position, Place::Column))
    }

    fn put_at_path(
        &mut self,
        base: Expression,
        column: &str,
        path: &[Indirection<'_>],
        value: Bound,
        position: u32,
        place: Place<'_>,
    ) -> BindResult<Expression> {
        let whole = base.result;
        let container = self.types().undomained(whole);
        match path.first() {
            None => self.assigned_to(value, column, whole, place),
            Some(Indirection::Star(at)) => Err(BindError::at(BindErrorKind::StarNotAllowed, *at)),
            Some(Indirection::Field(field)) => {
                let index = self.assigned_field(container, column, field.text, position)?;
                let of = self.types().columns(container.oid).and_then(|columns| columns.get(index));
                let of = of.map_or(Type::of(oid::UNKNOWN), |column| column.column_type);
                let kind = ExpressionKind::Field { operand: Box::new(base.clone()), index: index as u32 };
                let inner = Expression { kind, result: of };
                let place = Place::Field(field.text);
                let value = self
                    .deeper(|binder| binder.put_at_path(inner, column, &path[1..], value, position, place))?;
                self.replaced(base, ReplacePath::Field(index as u32), value, whole)
            }
            Some(Indirection::Subscript(_) | Indirection::Slice(..)) => {
                let count = path
                    .iter()
                    .take_while(|step| matches!(step, Indirection::Subscript(_) | Indirection::Slice(..)))
                    .count();
                let steps = self.subscript_steps(container.oid, &path[..count], position)?;
                let sliced = steps.iter().any(|step| matches!(step, SubscriptStep::Slice(..)));
                let of = match self.element_of(container.oid) {
                    None => Type::of(oid::JSONB),
                    Some(_) if sliced => container,
                    Some(element) => Type { oid: element, modifier: container.modifier },
                };
                let kind =
                    ExpressionKind::Subscript { operand: Box::new(base.clone()), steps: steps.clone() };
                let inner = Expression { kind, result: of };
                let place = Place::Subscript;
                let rest = &path[count..];
                let value =
                    self.deeper(|binder| binder.put_at_path(inner, column, rest, value, position, place))?;
                self.replaced(base, ReplacePath::Subscript(steps), value, whole)
            }
        }
    }

    fn replaced(
        &mut self,
        base: Expression,
        path: ReplacePath,
        value: Expression,
        whole: Type,
    ) -> BindResult<Expression> {
        let container = self.types().undomained(whole);
        let kind = ExpressionKind::Replace { operand: Box::new(base), path, value: Box::new(value) };
        self.as_domain(Expression { kind, result: container }, whole)
    }

    fn assigned_field(&self, container: Type, column: &str, field: &str, position: u32) -> BindResult<usize> {
        let type_name = || self.type_name(container.oid);
        let (column, field) = (column.to_owned(), field.to_owned());
        let Some(columns) = self.types().columns(container.oid) else {
            let kind = BindErrorKind::AssignInto { column, field, type_name: type_name() };
            return Err(BindError::at(kind, position));
        };
        match columns.iter().position(|known| !known.dropped && known.name == field) {
            Some(index) => Ok(index),
            None => {
                let kind = BindErrorKind::AssignNoField { column, field, type_name: type_name() };
                Err(BindError::at(kind, position))
            }
        }
    }
}
