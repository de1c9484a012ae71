//! Rows, arrays, and how rows are compared.

use crate::binder::{Binder, Bound, carried, internal};
use crate::error::{BindError, BindErrorKind, BindResult};
use catalog::object::{Oid, PG_CATALOG};
use functions::ResolveError;
use functions::resolve::{common_array_type, common_type};
use functions::table::CastContext;
use plan::expression::{Expression, ExpressionKind, RowCompareField, RowComparison};
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree};
use types::Type;
use types::catalog::{Column, Form, oid};

impl Binder<'_> {
    /// `ROW(…)`; `t.*` within stands for all columns.
    pub fn row(&mut self, fields: &[Syntax<'_>], position: u32) -> BindResult<Bound> {
        let fields = self.list_with_stars(fields)?;
        let fields = fields.into_iter().map(|field| field.expression).collect();
        Ok(Bound { expression: self.unnamed_row(fields), position })
    }

    /// A row of these fields, which its type describes as `f1`, `f2` and so on.
    pub(crate) fn unnamed_row(&self, fields: Vec<Expression>) -> Expression {
        let column = |(place, field): (usize, &Expression)| Column {
            name: format!("f{}", place + 1),
            // A literal of no type becomes text.
            column_type: if field.result.oid == oid::UNKNOWN { Type::of(oid::TEXT) } else { field.result },
            dropped: false,
        };
        let columns: Vec<Column> = fields.iter().enumerate().map(column).collect();
        let result = self.scope().record_type(&columns);
        Expression { kind: ExpressionKind::Row(fields), result }
    }

    /// Expressions, in which `t.*` stands for all columns.
    pub fn list_with_stars(&mut self, list: &[Syntax<'_>]) -> BindResult<Vec<Bound>> {
        let mut bound = Vec::with_capacity(list.len());
        for term in list {
            match &term.kind {
                Tree::Star(names) => {
                    bound.extend(self.star(names, term.position)?.into_iter().map(|(_, column)| column));
                }
                _ => bound.push(self.expression(term)?),
            }
        }
        Ok(bound)
    }

    /// The fields of two rows, as many in the one as in the other.
    pub fn row_fields(
        &self,
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<(Vec<Bound>, Vec<Bound>)> {
        let (Some(left), Some(right)) = (fields_of(left), fields_of(right)) else {
            return Err(internal("a row has no fields"));
        };
        if left.len() != right.len() {
            return Err(BindError::at(BindErrorKind::UnequalRows, position));
        }
        Ok((left, right))
    }

    /// `(a, b) operator (c, d)`
    pub fn row_operation(
        &mut self,
        name: (Option<Oid>, &str),
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<Bound> {
        let start = left.position.min(position);
        let (left, right) = self.row_fields(left, right, position)?;
        let expression = self.compare_rows(name, left, right, position)?;
        Ok(Bound { expression, position: start })
    }

    /// Compares rows, or single values, by an operator, maybe one of a schema.
    pub fn compare_rows(
        &mut self,
        (schema, name): (Option<Oid>, &str),
        left: Vec<Bound>,
        right: Vec<Bound>,
        position: u32,
    ) -> BindResult<Expression> {
        if left.is_empty() {
            return Err(BindError::at(BindErrorKind::EmptyRows, position));
        }
        if left.len() == 1 {
            let (mut left, mut right) = (left, right);
            let (Some(left), Some(right)) = (left.pop(), right.pop()) else {
                return Err(internal("a row has no fields"));
            };
            return self.compared_pair((schema, name), left, right, position);
        }
        // What users have made is of no family that orders rows.
        if schema.is_some_and(|schema| schema != PG_CATALOG) {
            let kind = BindErrorKind::RowComparisonOperator { name: name.to_owned() };
            return Err(BindError::at(kind, position));
        }
        // Equality is that of each pair, and is written so where it is shown.
        if name == "=" || name == "<>" {
            let pairs = left.into_iter().zip(right);
            let terms = pairs
                .map(|(left, right)| self.compared_pair((schema, name), left, right, position))
                .collect::<BindResult<Vec<_>>>()?;
            let kind = if name == "=" { ExpressionKind::And(terms) } else { ExpressionKind::Or(terms) };
            return Ok(Expression { kind, result: Type::of(oid::BOOL) });
        }
        let mut fields = Vec::with_capacity(left.len());
        let strict = match name {
            "<=" => "<",
            ">=" => ">",
            "~<=~" => "~<~",
            "~>=~" => "~>~",
            other => other,
        };
        for (left, right) in left.into_iter().zip(right) {
            fields.push(self.compared_field((name, strict), left, right, position)?);
        }
        let comparison = match name {
            "<" | "~<~" => RowComparison::Less,
            "<=" | "~<=~" => RowComparison::LessOrEqual,
            ">" | "~>~" => RowComparison::Greater,
            ">=" | "~>=~" => RowComparison::GreaterOrEqual,
            other => {
                let kind = BindErrorKind::RowComparisonOperator { name: other.to_owned() };
                return Err(BindError::at(kind, position));
            }
        };
        let kind = ExpressionKind::RowCompare { comparison, fields };
        Ok(Expression { kind, result: Type::of(oid::BOOL) })
    }

    fn compared_pair(
        &mut self,
        (schema, name): (Option<Oid>, &str),
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<Expression> {
        let compared = self.operation_of(schema, name, left, right, position)?;
        if compared.oid() != oid::BOOL {
            let type_name = self.type_name(compared.oid());
            let kind = BindErrorKind::RowOperatorType { name: name.to_owned(), type_name };
            return Err(BindError::at(kind, position));
        }
        Ok(compared.expression)
    }

    fn compared_field(
        &mut self,
        (name, strict): (&str, &str),
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<RowCompareField> {
        let find = |binder: &Self, name: &str| binder.row_operator(name, (left.oid(), right.oid()), position);
        let found = find(self, name)?;
        if found.result != oid::BOOL {
            let type_name = self.type_name(found.result);
            let kind = BindErrorKind::RowOperatorType { name: name.to_owned(), type_name };
            return Err(BindError::at(kind, position));
        }
        let strict = find(self, strict)?;
        let equality = find(self, "=")?;
        let (Some(of_left), Some(of_right)) = (found.arguments.first(), found.arguments.get(1)) else {
            return Err(internal("an operator has no operands"));
        };
        Ok(RowCompareField {
            operands: (self.implicit(left, *of_left)?, self.implicit(right, *of_right)?),
            equality: equality.function,
            comparison: found.function,
            strict: strict.function,
        })
    }

    /// `ARRAY[…]`, of a type that a cast around it says.
    pub fn array(
        &mut self,
        elements: &[Syntax<'_>],
        wanted: Option<Type>,
        position: u32,
    ) -> BindResult<Bound> {
        self.deeper(|binder| binder.array_within(elements, wanted, position))
    }

    fn array_within(
        &mut self,
        elements: &[Syntax<'_>],
        wanted: Option<Type>,
        position: u32,
    ) -> BindResult<Bound> {
        let mut bound = Vec::with_capacity(elements.len());
        let mut nested = false;
        for element in elements {
            let element = match &element.kind {
                Tree::Array(inner) => {
                    nested = true;
                    self.array(inner, wanted, element.position)?
                }
                _ => {
                    let element = self.expression(element)?;
                    nested = nested || self.is_plain_array(element.oid());
                    element
                }
            };
            bound.push(element);
        }
        let (array, element) = match wanted {
            Some(wanted) => {
                let element = self.element_of(wanted.oid).unwrap_or(wanted.oid);
                // Arrays within are of the type of the whole.
                let of = if nested { wanted } else { Type { oid: element, ..wanted } };
                (wanted.oid, of)
            }
            None => self.array_type(&bound, nested, position)?,
        };
        let context = if wanted.is_some() { CastContext::Explicit } else { CastContext::Implicit };
        let mut coerced = Vec::with_capacity(bound.len());
        for value in bound {
            let at = value.position;
            coerced.push(self.cast(value, element, context, at)?);
        }
        let kind = ExpressionKind::Array { elements: coerced, nested };
        Ok(Bound { expression: Expression { kind, result: Type::of(array) }, position })
    }

    fn array_type(&self, elements: &[Bound], nested: bool, position: u32) -> BindResult<(u32, Type)> {
        if elements.is_empty() {
            return Err(BindError::at(BindErrorKind::EmptyArray, position));
        }
        let given: Vec<u32> = elements.iter().map(Bound::oid).collect();
        let common = common_type(self.types(), &given, "ARRAY").map_err(|(place, error)| {
            carried(&error, elements.get(place).map_or(position, |element| element.position))
        })?;
        if nested {
            return Ok((common, Type::of(common)));
        }
        // Domains that are arrays are elements as others are; what they have in common may be an array, of which there is none.
        if self.is_plain_array(common) {
            let error = ResolveError::NoArrayType(self.type_name(common));
            return Err(carried(&error, position));
        }
        let array = common_array_type(self.types(), common).map_err(|error| carried(&error, position))?;
        Ok((array, Type::of(common)))
    }

    /// Whether a type is one of arrays, and not a domain over one.
    fn is_plain_array(&self, of: u32) -> bool {
        self.types().entry(of).is_some_and(|entry| entry.form == Form::Array)
    }

    /// Whether a type is one of arrays.
    pub fn is_array(&self, of: u32) -> bool {
        let base = self.types().undomained(Type::of(of)).oid;
        self.types().entry(base).is_some_and(|entry| entry.form == Form::Array)
    }
}

/// The fields of a row that is written, each at the row's place.
fn fields_of(row: Bound) -> Option<Vec<Bound>> {
    let position = row.position;
    match row.expression.kind {
        ExpressionKind::Row(fields) => {
            Some(fields.into_iter().map(|expression| Bound { expression, position }).collect())
        }
        _ => None,
    }
}
