//! What domains demand, bound once a statement.

use crate::binder::{Binder, internal};
use crate::clause::Clause;
use crate::error::BindResult;
use crate::parse::parsed_expression;
use catalog::object::Rule;
use plan::expression::{Call, CallForm, DomainRules, Expression, ExpressionKind, FunctionId};
use std::sync::Arc;
use types::catalog::{Form, oid};
use types::range::RangeNames;
use types::{Type, Value};

impl Binder<'_> {
    /// What a domain over `base` demands; not what domains that it is made of do.
    pub fn domain_rules(&mut self, domain: u32, base: Type) -> BindResult<Arc<DomainRules>> {
        if let Some(known) = self.domains.get(&domain) {
            return known.clone().ok_or_else(|| internal("a domain's check casts to the domain itself"));
        }
        let Some(object) = self.scope().domain(domain).cloned() else {
            return Err(internal("a domain is not in the catalog"));
        };
        self.domains.insert(domain, None);
        let mut texts: Vec<(String, String)> = self
            .scope()
            .constraints_of(domain)
            .filter_map(|constraint| match &constraint.rule {
                Rule::Check(text) => Some((constraint.name.clone(), text.clone())),
                Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::ForeignKey { .. } | Rule::Exclude(..) => None,
            })
            .collect();
        texts.sort();
        let mut checks = Vec::with_capacity(texts.len());
        for (name, text) in texts {
            let limit = self.context.depth_limit;
            let condition = self.kept(|binder| {
                binder.level().domain_value = Some(base);
                binder.level().clause = Clause::DomainCheck;
                parsed_expression(&text, limit, |tree| binder.condition(tree, "CHECK"))
            })?;
            checks.push((name, condition));
        }
        let schema = self.scope().schema(object.schema).map_or_else(String::new, |it| it.name.clone());
        let rules =
            Arc::new(DomainRules { schema, name: object.name.clone(), not_null: object.not_null, checks });
        self.domains.insert(domain, Some(rules.clone()));
        Ok(rules)
    }

    /// A value that was read from a text: of its elements, fields and bounds that are of a domain nobody has asked what the domain
    /// asks.
    pub(crate) fn with_checked_parts(&mut self, value: Expression, of: u32) -> BindResult<Expression> {
        if value.as_constant().is_some_and(Value::is_null) {
            return Ok(value);
        }
        Ok(self.checked_parts(&value, of, 0)?.unwrap_or(value))
    }

    /// The same; none where there is nothing to ask.
    fn checked_parts(&mut self, value: &Expression, of: u32, depth: usize) -> BindResult<Option<Expression>> {
        let Some((form, element)) = self.types().entry(of).map(|entry| (entry.form, entry.element)) else {
            return Ok(None);
        };
        // The bound is for a damaged catalog.
        if depth > NESTING_MAX {
            return Ok(None);
        }
        let operand = || Box::new(value.clone());
        let kind = match form {
            Form::Range | Form::Multirange => return self.with_checked_bounds(value, of),
            Form::Array => {
                let Some(element) = self.checked_part(element, depth)? else { return Ok(None) };
                ExpressionKind::ArrayCast { operand: operand(), element: Box::new(element) }
            }
            Form::Composite => {
                let columns = self.types().columns(of).unwrap_or(&[]);
                let types: Vec<Option<u32>> = columns
                    .iter()
                    .map(|column| (!column.dropped).then_some(column.column_type.oid))
                    .collect();
                let mut fields = Vec::with_capacity(types.len());
                for (place, of) in (0u32..).zip(types) {
                    fields.push((Some(place), of.map_or(Ok(None), |of| self.checked_part(of, depth))?));
                }
                if fields.iter().all(|(_, cast)| cast.is_none()) {
                    return Ok(None);
                }
                ExpressionKind::RowCast { operand: operand(), fields }
            }
            Form::Base | Form::Enum | Form::Domain | Form::Pseudo => return Ok(None),
        };
        Ok(Some(Expression::new(kind, value.result)))
    }

    /// An element or a field, asked what its domain asks, and what the domains of its own parts do.
    fn checked_part(&mut self, of: u32, depth: usize) -> BindResult<Option<Expression>> {
        let base = self.types().undomained(Type::of(of));
        let part = Expression::new(ExpressionKind::Element, Type::of(base.oid));
        let inner = self.checked_parts(&part, base.oid, depth + 1)?;
        if base.oid == of {
            return Ok(inner);
        }
        self.as_domain(inner.unwrap_or(part), Type::of(of)).map(Some)
    }

    fn with_checked_bounds(&mut self, value: &Expression, of: u32) -> BindResult<Option<Expression>> {
        let Some(names) = self.types().range(of) else { return Ok(None) };
        if self.types().base(names.subtype).is_none() {
            return Ok(None);
        }
        if of == names.range {
            return self.with_checked_sides(value.clone(), names).map(Some);
        }
        // A set of ranges lies in memory as an array of them.
        let array = Type::of(self.array_of(names.range));
        let ranges = Expression::new(ExpressionKind::Relabel(Box::new(value.clone())), array);
        let element = Expression::new(ExpressionKind::Element, Type::of(names.range));
        let element = Box::new(self.with_checked_sides(element, names)?);
        let kind = ExpressionKind::ArrayCast { operand: Box::new(ranges), element };
        let checked = Box::new(Expression::new(kind, array));
        Ok(Some(Expression::new(ExpressionKind::Relabel(checked), Type::of(of))))
    }

    fn with_checked_sides(&mut self, range: Expression, names: RangeNames) -> BindResult<Expression> {
        let sides = [LOWER, UPPER].map(|side| self.checked_side(side, names));
        let checks = sides.into_iter().map(|check| Ok((String::new(), check?)));
        let checks = checks.collect::<BindResult<Vec<_>>>()?;
        let domain =
            Arc::new(DomainRules { schema: String::new(), name: String::new(), not_null: false, checks });
        let kind = ExpressionKind::DomainCheck { operand: Box::new(range), domain };
        Ok(Expression::new(kind, Type::of(names.range)))
    }

    /// True, or an error. A bound that is not there is not asked.
    fn checked_side(&mut self, side: FunctionId, names: RangeNames) -> BindResult<Expression> {
        let range = Expression::new(ExpressionKind::Element, Type::of(names.range));
        let base = self.types().undomained(Type::of(names.subtype));
        let call = Call {
            function: side,
            arguments: vec![range],
            operator: None,
            form: CallForm::Call,
            variadic: false,
            written: None,
        };
        let bound = Expression::new(ExpressionKind::Call(call), base);
        let checked = self.as_domain(bound.clone(), Type::of(names.subtype))?;
        let is = |operand: Expression, negated| {
            let kind = ExpressionKind::IsNull { operand: Box::new(operand), negated };
            Expression::new(kind, Type::of(oid::BOOL))
        };
        let terms = vec![is(bound, false), is(checked, true)];
        Ok(Expression::new(ExpressionKind::Or(terms), Type::of(oid::BOOL)))
    }
}

/// Nesting of types beyond which a catalog is taken to be damaged.
const NESTING_MAX: usize = 64;

/// `lower` of a range.
const LOWER: FunctionId = FunctionId(3848);
/// `upper` of a range.
const UPPER: FunctionId = FunctionId(3849);

impl Binder<'_> {
    /// Conditions that rows of `FROM` always fulfil, or are refused by: `columns` are those of the rows that a call makes of a document.
    pub(crate) fn populated_rows(
        &mut self,
        call: &Expression,
        columns: Vec<Expression>,
    ) -> BindResult<Vec<Expression>> {
        let of = call.result;
        let base = self.types().undomained(of);
        let parts: Vec<(Expression, Type)> = match populates(call) {
            Some(Populates::Rows) if base.oid != oid::RECORD => {
                let row = ExpressionKind::Row(self.placed(base.oid, columns));
                vec![(Expression { kind: row, result: base }, of)]
            }
            // Of a record the columns are all that is known.
            Some(Populates::Rows | Populates::Columns) => {
                columns.into_iter().map(|column| (column.clone(), column.result)).collect()
            }
            Some(Populates::Row) | None => Vec::new(),
        };
        let mut conditions = Vec::new();
        for (value, of) in parts {
            let plain = Expression { result: self.types().undomained(of), ..value };
            let checked = self.populated(plain.clone(), of)?;
            if checked != plain {
                conditions.push(never_unknown(checked));
            }
        }
        Ok(conditions)
    }

    /// A value of type `of` that a document was made: what the domains of its parts ask, and its own, is asked of it.
    pub(crate) fn populated(&mut self, value: Expression, of: Type) -> BindResult<Expression> {
        let base = self.types().undomained(of);
        let value = self.with_checked_parts(Expression { result: base, ..value }, base.oid)?;
        if of.oid == base.oid { Ok(value) } else { self.as_domain(value, of) }
    }
}

/// What a function makes of a document.
#[derive(PartialEq, Eq)]
pub(crate) enum Populates {
    Row,
    Rows,
    /// One row or several, whose columns the query says.
    Columns,
}

pub(crate) fn populates(call: &Expression) -> Option<Populates> {
    let ExpressionKind::Call(call) = &call.kind else { return None };
    match functions::table::function(call.function.0)?.name {
        "json_populate_record" | "jsonb_populate_record" => Some(Populates::Row),
        "json_populate_recordset" | "jsonb_populate_recordset" => Some(Populates::Rows),
        "json_to_record" | "jsonb_to_record" | "json_to_recordset" | "jsonb_to_recordset" => {
            Some(Populates::Columns)
        }
        _ => None,
    }
}

/// A call that makes something of a document, without what domains ask of that: nobody has written it.
pub(crate) fn as_written(expression: &Expression) -> &Expression {
    let mut inner = expression;
    while let ExpressionKind::RowCast { operand, .. } | ExpressionKind::DomainCheck { operand, .. } =
        &inner.kind
    {
        inner = operand;
    }
    if populates(inner).is_some() { inner } else { expression }
}

/// True, or an error: what is asked of the operand has refused what it does not take.
fn never_unknown(operand: Expression) -> Expression {
    let boolean = Type::of(oid::BOOL);
    let known = ExpressionKind::IsNull { operand: Box::new(operand), negated: false };
    let operand = Box::new(Expression { kind: known, result: boolean });
    let kind = ExpressionKind::IsBoolean { operand, wanted: None, negated: true };
    Expression { kind, result: boolean }
}
