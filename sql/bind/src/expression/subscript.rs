//! Subscripts and fields of values.

use crate::binder::{Binder, Bound};
use crate::error::{BindError, BindErrorKind, BindResult};
use diagnostic::Diagnostic;
use functions::table::CastContext;
use plan::expression::{Expression, ExpressionKind, SubscriptStep};
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree, Indirection};
use types::Type;
use types::array::{ArrayError, DIMENSIONS_MAX};
use types::catalog::oid;

impl Binder<'_> {
    /// `(t).field…`, where the name may be that of a relation, whose columns are its fields.
    pub(super) fn indirection_of(
        &mut self,
        base: &Syntax<'_>,
        path: &[Indirection<'_>],
        position: u32,
    ) -> BindResult<Bound> {
        if let (Tree::Column(name), [Indirection::Field(field), rest @ ..]) = (&base.kind, path)
            && let [table] = name.parts
            && !self.is_open_column(table.text)
            && let Some(place) = self.table_item(None, table.text, base.position)?
        {
            let expression = self.column_of_item(place, field.text, base.position)?;
            return self.indirection(Bound { expression, position: base.position }, rest, position);
        }
        let base = self.expression(base)?;
        self.indirection(base, path, position)
    }

    fn is_open_column(&self, name: &str) -> bool {
        let items = self.levels.iter().flat_map(|level| &level.items).filter(|item| item.open);
        items.flat_map(|item| &item.columns).any(|column| &*column.name == name)
    }

    /// Goes into a value, step by step.
    pub(super) fn indirection(
        &mut self,
        base: Bound,
        path: &[Indirection<'_>],
        position: u32,
    ) -> BindResult<Bound> {
        let mut bound = base;
        let mut rest = path;
        while let Some(step) = rest.first() {
            match step {
                Indirection::Field(field) => {
                    bound = self.field(bound, field.text, position)?;
                    rest = &rest[1..];
                }
                Indirection::Star(at) => return Err(BindError::at(BindErrorKind::StarNotAllowed, *at)),
                Indirection::Subscript(_) | Indirection::Slice(..) => {
                    let steps = rest
                        .iter()
                        .take_while(|step| matches!(step, Indirection::Subscript(_) | Indirection::Slice(..)))
                        .count();
                    bound = self.subscript(bound, &rest[..steps])?;
                    rest = &rest[steps..];
                }
            }
        }
        Ok(bound)
    }

    /// A field of a row.
    pub fn field(&mut self, row: Bound, name: &str, position: u32) -> BindResult<Bound> {
        let start = row.position;
        let base = self.types().undomained(row.expression.result);
        if base.oid == oid::RECORD {
            if let ExpressionKind::Row(fields) = &row.expression.kind
                && let Some(number) = name.strip_prefix('f').and_then(|digits| digits.parse::<usize>().ok())
                && let Some(field) = number.checked_sub(1).and_then(|place| fields.get(place))
            {
                return Ok(Bound { expression: field.clone(), position: start });
            }
            let declared = self.declared_columns(&row.expression);
            if let Some(index) = declared.iter().position(|(known, _)| **known == *name) {
                let result = declared[index].1;
                let kind = ExpressionKind::Field { operand: Box::new(row.expression), index: index as u32 };
                return Ok(Bound { expression: Expression { kind, result }, position: start });
            }
            let columns = self.types().record_columns(base.modifier).unwrap_or_default();
            if let Some(index) = columns.iter().position(|known| !known.dropped && known.name == name) {
                let result = columns[index].column_type;
                let kind = ExpressionKind::Field { operand: Box::new(row.expression), index: index as u32 };
                return Ok(Bound { expression: Expression { kind, result }, position: start });
            }
            let kind = BindErrorKind::NoColumnInRecord { column: name.to_owned() };
            return Err(BindError::at(kind, position));
        }
        let Some(columns) = self.types().columns(base.oid) else {
            let type_name = self.type_name(row.oid());
            let kind = BindErrorKind::NotComposite { column: name.to_owned(), type_name };
            return Err(BindError::at(kind, position));
        };
        let found = columns.iter().position(|column| !column.dropped && column.name == name);
        let Some(index) = found else {
            if let Some(called) = self.function_of_row(&row, name)? {
                return Ok(called);
            }
            let type_name = self.type_name(base.oid);
            let kind = BindErrorKind::NoColumnInType { column: name.to_owned(), type_name };
            return Err(BindError::at(kind, start));
        };
        let result = columns[index].column_type;
        let kind = ExpressionKind::Field { operand: Box::new(row.expression), index: index as u32 };
        Ok(Bound { expression: Expression { kind, result }, position: start })
    }

    fn subscript(&mut self, of: Bound, path: &[Indirection<'_>]) -> BindResult<Bound> {
        let position = of.position;
        let container = self.types().undomained(of.expression.result);
        if let Some(element) = element_of_shape(container.oid) {
            return self.part_of_shape(of, element, path);
        }
        let steps = self.subscript_steps(container.oid, path, position)?;
        let sliced = steps.iter().any(|step| matches!(step, SubscriptStep::Slice(..)));
        let result = match self.element_of(container.oid) {
            None => Type::of(oid::JSONB),
            Some(_) if sliced => container,
            Some(element) => Type { oid: element, modifier: container.modifier },
        };
        let kind = ExpressionKind::Subscript { operand: Box::new(of.expression), steps };
        Ok(Bound { expression: Expression { kind, result }, position })
    }

    /// A coordinate of a point, a point of a segment or a box: null beyond them.
    fn part_of_shape(&mut self, of: Bound, element: u32, path: &[Indirection<'_>]) -> BindResult<Bound> {
        let position = of.position;
        let plain = |message: &str| {
            let message = message.to_owned();
            // It is told of when the value is there, without a place.
            BindError::new(BindErrorKind::Plain { state: diagnostic::SqlState::FeatureNotSupported, message })
        };
        let [step] = path else {
            // It has one dimension.
            let expression = crate::names::null(Type::of(element));
            return Ok(Bound { expression, position });
        };
        let Indirection::Subscript(index) = step else {
            return Err(plain("slices of fixed-length arrays not implemented"));
        };
        let steps = vec![SubscriptStep::Index(self.subscript_value(index, false)?)];
        let kind = ExpressionKind::Subscript { operand: Box::new(of.expression), steps };
        Ok(Bound { expression: Expression { kind, result: Type::of(element) }, position })
    }

    /// Subscripts of an array or a jsonb.
    pub fn subscript_steps(
        &mut self,
        container: u32,
        path: &[Indirection<'_>],
        position: u32,
    ) -> BindResult<Vec<SubscriptStep>> {
        let json = container == oid::JSONB;
        if element_of_shape(container).is_some() {
            return Err(crate::binder::unsupported("assignment to a part of a shape", position));
        }
        if !json && self.element_of(container).is_none() {
            let type_name = self.type_name(container);
            return Err(BindError::at(BindErrorKind::NotSubscriptable { type_name }, position));
        }
        if !json && path.len() > DIMENSIONS_MAX {
            let error = ArrayError::TooManyDimensions(path.len());
            let kind = BindErrorKind::Plain { state: error.sqlstate(), message: error.to_string() };
            return Err(BindError::new(kind));
        }
        let mut steps = Vec::with_capacity(path.len());
        for step in path {
            steps.push(match step {
                Indirection::Subscript(index) => SubscriptStep::Index(self.subscript_value(index, json)?),
                Indirection::Slice(..) if json => {
                    return Err(BindError::at(BindErrorKind::SliceOfJson, position));
                }
                Indirection::Slice(from, to) => {
                    let from = from.map(|from| self.subscript_value(from, json)).transpose()?;
                    let to = to.map(|to| self.subscript_value(to, json)).transpose()?;
                    SubscriptStep::Slice(from, to)
                }
                Indirection::Field(_) | Indirection::Star(_) => {
                    return Err(crate::binder::internal("a field is no subscript"));
                }
            });
        }
        Ok(steps)
    }

    fn subscript_value(&mut self, value: &Syntax<'_>, json: bool) -> BindResult<Expression> {
        let bound = self.expression(value)?;
        let (position, of) = (bound.position, bound.oid());
        if json {
            let wanted = match of {
                oid::INT2 | oid::INT4 => oid::INT4,
                _ => oid::TEXT,
            };
            return match self.coerce(bound, Type::of(wanted), CastContext::Implicit)? {
                Some(expression) => Ok(expression),
                None => {
                    let type_name = self.type_name(of);
                    Err(BindError::at(BindErrorKind::JsonSubscriptType { type_name }, position))
                }
            };
        }
        match self.coerce(bound, Type::of(oid::INT4), CastContext::Assignment)? {
            Some(expression) => Ok(expression),
            None => {
                let kind = BindErrorKind::SubscriptType { type_name: "array" };
                Err(BindError::at(kind, position))
            }
        }
    }
}

/// What the parts of a shape are that subscripts name.
fn element_of_shape(of: u32) -> Option<u32> {
    match of {
        oid::POINT | oid::LINE => Some(oid::FLOAT8),
        oid::LSEG | oid::BOX => Some(oid::POINT),
        oid::NAME => Some(oid::CHAR),
        _ => None,
    }
}
