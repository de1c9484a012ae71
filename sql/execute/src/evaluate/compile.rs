//! From expressions to nodes: implementations are looked up, constants are made.

use super::node::{Among, CastField, Comparison, FixedList, Node, RowField, Step, SubplanTest};
use crate::error::{ExecuteError, ExecuteResult};
use crate::keys::{KeyTable, ShortTexts};
use crate::routine::RoutineCall;
use crate::run::kind_of;
use functions::{FunctionEntry, Implementation, Site, compared_type};
use plan::expression::{
    Call, DomainRules, Expression, ExpressionKind, FunctionId, RelationId, ReplacePath, SqlValue,
    SubscriptStep,
};
use plan::physical::SubplanId;
use types::catalog::{Form, oid};
use types::vector::Order;
use types::{Kind, Type, Types, Value, Vector};

/// How deep expressions may be nested.
const DEPTH_MAX: u32 = 2_000;

/// Compiles expressions.
#[derive(Clone, Copy)]
pub struct Compiler<'t> {
    types: &'t dyn Types,
    /// Whose columns are slots, for expressions that come with a table.
    relation: Option<RelationId>,
    /// Which subplans have effects whenever they are asked.
    with_effects: &'t [bool],
}

/// The type that a function is given: of a row that goes by the name of a record its own, which says what is dropped.
pub(crate) fn given_type(argument: &Expression) -> Type {
    match &argument.kind {
        ExpressionKind::Relabel(operand) if argument.result.oid == oid::RECORD => operand.result,
        _ => argument.result,
    }
}

/// A function by its number.
pub fn function(id: FunctionId) -> ExecuteResult<&'static FunctionEntry> {
    let found = functions::table::function(id.0).or_else(|| functions::table::native_entry(id.0));
    found.ok_or_else(|| ExecuteError::plan(format!("there is no function {}", id.0)))
}

/// A function's number as its call's site needs it: of one that the program has given.
pub fn native_number(id: FunctionId) -> u32 {
    if functions::table::is_native(id.0) { id.0 } else { 0 }
}

/// The function that tells what only the session knows.
fn session_function(value: SqlValue) -> Option<FunctionId> {
    match value {
        SqlValue::CurrentUser => Some(FunctionId(745)),
        SqlValue::SessionUser => Some(FunctionId(746)),
        SqlValue::CurrentCatalog => Some(FunctionId(861)),
        SqlValue::CurrentSchema => Some(FunctionId(1402)),
        SqlValue::CurrentDate
        | SqlValue::CurrentTime(_)
        | SqlValue::CurrentTimestamp(_)
        | SqlValue::LocalTime(_)
        | SqlValue::LocalTimestamp(_) => None,
    }
}

impl<'t> Compiler<'t> {
    /// Of expressions over slots.
    pub fn new(types: &'t dyn Types) -> Compiler<'t> {
        Compiler { types, relation: None, with_effects: &[] }
    }

    /// Of expressions over the columns of a relation, whose places are the slots.
    pub fn of_relation(types: &'t dyn Types, relation: RelationId) -> Compiler<'t> {
        Compiler { types, relation: Some(relation), with_effects: &[] }
    }

    /// The same beside subplans of which some have effects whenever they are asked.
    pub fn beside(self, with_effects: &'t [bool]) -> Compiler<'t> {
        Compiler { with_effects, ..self }
    }

    /// Whether a subplan does something whenever it is asked.
    pub fn has_effects(&self, plan: SubplanId) -> bool {
        self.with_effects.get(plan.0 as usize).copied().unwrap_or(false)
    }

    /// The kind of an expression's values.
    pub fn kind(&self, expression: &Expression) -> ExecuteResult<Kind> {
        kind_of(self.types, expression.result)
    }

    fn known_kind(&self, of: Type) -> Option<Kind> {
        self.types.entry(self.types.undomained(of).oid).and_then(|entry| entry.kind)
    }

    /// The types that are known.
    pub fn types(&self) -> &'t dyn Types {
        self.types
    }

    /// What computes a function, if it is not one in SQL.
    fn working(&self, id: FunctionId) -> Option<&'static FunctionEntry> {
        functions::table::working(self.types, id.0)
    }

    /// A call of a function on arguments of these types.
    pub fn site(&self, id: FunctionId, arguments: &[&Expression], result: Type) -> ExecuteResult<Box<Site>> {
        let function = function(id)?;
        let arguments = arguments.iter().map(|argument| argument.result).collect();
        let (native, columns) = (native_number(id), Box::default());
        Ok(Box::new(Site { function, native, arguments, result, variadic: false, columns }))
    }

    fn boxed(&self, expression: &Expression, depth: u32) -> ExecuteResult<Box<Node>> {
        Ok(Box::new(self.compile(expression, depth)?))
    }

    fn all(&self, expressions: &[Expression], depth: u32) -> ExecuteResult<Vec<Node>> {
        expressions.iter().map(|expression| self.compile(expression, depth)).collect()
    }

    fn pair(&self, pair: &(Expression, Expression), depth: u32) -> ExecuteResult<Box<(Node, Node)>> {
        Ok(Box::new((self.compile(&pair.0, depth)?, self.compile(&pair.1, depth)?)))
    }

    fn equality(&self, id: FunctionId, pair: &(Expression, Expression)) -> ExecuteResult<Comparison> {
        self.comparison(id, [pair.0.result, pair.1.result])
    }

    /// An operator's function between two values of these types.
    fn comparison(&self, id: FunctionId, arguments: [Type; 2]) -> ExecuteResult<Comparison> {
        let (arguments, result) = (Box::from(arguments), Type::of(oid::BOOL));
        Ok(match self.working(id) {
            Some(function) => {
                let (native, columns) = (native_number(id), Box::default());
                let site = Site { function, native, arguments, result, variadic: false, columns };
                Comparison::Site(Box::new(site))
            }
            None => {
                let (function, kind, columns) = (id.0, Kind::Bool, Box::default());
                let rows = arguments.iter().map(|_| None).collect();
                let call = RoutineCall { function, arguments, rows, result, columns, kind, counted: true };
                Comparison::Routine(Box::new(call))
            }
        })
    }

    /// A value that is taken for one of another type, which may be kept as another kind of the same width.
    fn relabelled(&self, operand: &Expression, result: Type, depth: u32) -> ExecuteResult<Node> {
        let (from, to) = (self.known_kind(operand.result), self.known_kind(result));
        let operand = self.compile(operand, depth)?;
        Ok(match to {
            Some(kind) if from.is_some_and(|from| from.is_as_wide(kind)) => {
                Node::SameBits { operand: Box::new(operand), kind }
            }
            Some(_) | None => operand,
        })
    }

    /// Compiles what stands `depth` deep.
    pub fn compile(&self, expression: &Expression, depth: u32) -> ExecuteResult<Node> {
        if depth > DEPTH_MAX {
            return Err(ExecuteError::TooDeep);
        }
        let below = depth + 1;
        let kind = || self.kind(expression);
        Ok(match &expression.kind {
            ExpressionKind::Constant(value) => Node::Constant(Vector::constant(kind()?, value, 1)?),
            ExpressionKind::Parameter(index) => Node::Parameter(*index, kind()?),
            ExpressionKind::Column(column) if Some(column.relation) == self.relation => {
                Node::Slot(column.index)
            }
            ExpressionKind::Column(_) => return Err(ExecuteError::plan("a column that is no slot")),
            ExpressionKind::Slot(slot) => Node::Slot(*slot),
            ExpressionKind::Outer(id) => Node::Outer(*id, kind()?),
            ExpressionKind::Call(call) => self.call(call, expression.result, below)?,
            ExpressionKind::And(terms) => Node::And(self.all(terms, below)?),
            ExpressionKind::Or(terms) => Node::Or(self.all(terms, below)?),
            ExpressionKind::Not(operand) => Node::Not(self.boxed(operand, below)?),
            ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::IsDistinct { .. }
            | ExpressionKind::NullIf { .. } => self.test_of(expression, below)?,
            ExpressionKind::Case { .. }
            | ExpressionKind::Coalesce(_)
            | ExpressionKind::Extreme { .. }
            | ExpressionKind::InList { .. }
            | ExpressionKind::Quantified { .. }
            | ExpressionKind::RowCompare { .. } => self.conditional(expression, below)?,
            ExpressionKind::CaseOperand => Node::CaseOperand,
            ExpressionKind::Element => Node::Element,
            ExpressionKind::Relabel(operand) => self.relabelled(operand, expression.result, below)?,
            ExpressionKind::Collate { operand, .. } => self.compile(operand, below)?,
            ExpressionKind::ThroughText(operand) => Node::ThroughText {
                from: operand.result,
                operand: self.boxed(operand, below)?,
                to: expression.result,
            },
            ExpressionKind::DomainCheck { operand, domain } => {
                self.domain(operand, domain, expression.result, below)?
            }
            ExpressionKind::ArrayCast { .. }
            | ExpressionKind::RowCast { .. }
            | ExpressionKind::Array { .. }
            | ExpressionKind::Row(_)
            | ExpressionKind::Field { .. }
            | ExpressionKind::Subscript { .. }
            | ExpressionKind::Replace { .. } => self.composite(expression, below)?,
            ExpressionKind::SqlValue(value) => match session_function(*value) {
                Some(id) => {
                    Node::Call { site: self.site(id, &[], expression.result)?, arguments: Vec::new() }
                }
                None => Node::SqlValue { value: *value, kind: kind()? },
            },
            ExpressionKind::Grouping(_) => return Err(ExecuteError::plan("GROUPING outside of aggregation")),
            ExpressionKind::Subquery(_) => return Err(ExecuteError::plan("a subquery that was not planned")),
            ExpressionKind::Subplan { plan, test, outer } => {
                let outer: ExecuteResult<Vec<_>> =
                    outer.iter().map(|(id, value)| Ok((*id, self.compile(value, below)?))).collect();
                let test = self.test(test, expression.result, below)?;
                Node::Subplan { plan: *plan, test, outer: outer?, kind: kind()? }
            }
        })
    }

    /// A call of a function in SQL, if it is one.
    pub fn routine(&self, call: &Call, result: Type) -> ExecuteResult<Option<RoutineCall>> {
        if self.working(call.function).is_some() {
            return Ok(None);
        }
        let result = (result, kind_of(self.types, result)?);
        Ok(Some(RoutineCall::of(self.types, call.function.0, &call.arguments, result)))
    }

    fn call(&self, call: &Call, result: Type, depth: u32) -> ExecuteResult<Node> {
        if let Some(routine) = self.routine(call, result)? {
            let arguments = self.all(&call.arguments, depth)?;
            return Ok(Node::Routine { call: Box::new(routine), arguments });
        }
        let found = self.working(call.function);
        let function = found.ok_or_else(|| ExecuteError::plan("a call of a function that is not there"))?;
        let native = native_number(call.function);
        let arguments = self.all(&call.arguments, depth)?;
        let types: Box<[Type]> = call.arguments.iter().map(given_type).collect();
        if let (Implementation::Comparison(operator), [left, _]) = (&function.implementation, &types[..])
            && let Some(order) = self.types.order(compared_type(self.types, function, *left))
        {
            let mut sides = arguments.into_iter();
            if let (Some(left), Some(right)) = (sides.next(), sides.next()) {
                return Ok(Node::Compare { operator: *operator, order, sides: Box::new((left, right)) });
            }
            return Err(ExecuteError::plan("a comparison of one side"));
        }
        let (variadic, columns) = (call.variadic, Box::default());
        let site = Site { function, native, arguments: types, result, variadic, columns };
        Ok(Node::Call { site: Box::new(site), arguments })
    }

    /// Tests for null, truth and distinctness.
    fn test_of(&self, expression: &Expression, below: u32) -> ExecuteResult<Node> {
        Ok(match &expression.kind {
            ExpressionKind::IsNull { operand, negated } => Node::IsNull {
                row: self.is_row(operand.result).then(|| self.columns_there(operand.result)),
                operand: self.boxed(operand, below)?,
                negated: *negated,
            },
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                Node::IsBoolean { operand: self.boxed(operand, below)?, wanted: *wanted, negated: *negated }
            }
            ExpressionKind::IsDistinct { equality, operands, negated } => Node::IsDistinct {
                equality: self.equality(*equality, operands)?,
                sides: self.pair(operands, below)?,
                negated: *negated,
            },
            ExpressionKind::NullIf { equality, operands } => Node::NullIf {
                equality: self.equality(*equality, operands)?,
                sides: self.pair(operands, below)?,
            },
            other => return Err(ExecuteError::plan(format!("not a test: {other:?}"))),
        })
    }

    fn conditional(&self, expression: &Expression, depth: u32) -> ExecuteResult<Node> {
        let kind = self.kind(expression)?;
        Ok(match &expression.kind {
            ExpressionKind::Case { operand, arms, otherwise } => {
                let arms: ExecuteResult<Vec<_>> = arms
                    .iter()
                    .map(|(when, then)| Ok((self.compile(when, depth)?, self.compile(then, depth)?)))
                    .collect();
                Node::Case {
                    operand: operand.as_ref().map(|operand| self.boxed(operand, depth)).transpose()?,
                    arms: arms?,
                    otherwise: otherwise.as_ref().map(|other| self.boxed(other, depth)).transpose()?,
                    kind,
                }
            }
            ExpressionKind::Coalesce(terms) => Node::Coalesce(self.all(terms, depth)?, kind),
            ExpressionKind::Extreme { greatest, order, operands } => Node::Extreme {
                greatest: *greatest,
                order: order.clone(),
                operands: self.all(operands, depth)?,
                kind,
            },
            ExpressionKind::InList { operand, list, order, negated } => {
                let list = self.all(list, depth)?;
                Node::InList {
                    operand: self.boxed(operand, depth)?,
                    fixed: fixed_list(&list, order)?.map(Box::new),
                    list,
                    order: order.clone(),
                    negated: *negated,
                }
            }
            ExpressionKind::Quantified { function, all, operands } => {
                let element = self.element_type(operands.1.result)?;
                let comparison = self.comparison(*function, [operands.0.result, element])?;
                let element_kind = kind_of(self.types, element)?;
                Node::Quantified { comparison, all: *all, sides: self.pair(operands, depth)?, element_kind }
            }
            ExpressionKind::RowCompare { fields, .. } => {
                let fields: ExecuteResult<Vec<RowField>> = fields
                    .iter()
                    .map(|field| {
                        Ok(RowField {
                            left: self.compile(&field.operands.0, depth)?,
                            right: self.compile(&field.operands.1, depth)?,
                            equality: self.equality(field.equality, &field.operands)?,
                            comparison: self.equality(field.comparison, &field.operands)?,
                            strict: self.equality(field.strict, &field.operands)?,
                        })
                    })
                    .collect();
                Node::RowCompare { fields: fields? }
            }
            other => return Err(ExecuteError::plan(format!("not conditional: {other:?}"))),
        })
    }

    fn composite(&self, expression: &Expression, depth: u32) -> ExecuteResult<Node> {
        let kind = self.kind(expression)?;
        Ok(match &expression.kind {
            ExpressionKind::ArrayCast { operand, element } => Node::ArrayCast {
                operand: self.boxed(operand, depth)?,
                to: element.result.oid,
                kind: self.kind(element)?,
                element: self.boxed(element, depth)?,
            },
            ExpressionKind::RowCast { operand, fields } => {
                let types = self.row_types(expression.result)?;
                let compiled = fields.iter().zip(types).map(|((place, cast), of)| {
                    let cast = cast.as_ref().map(|cast| self.compile(cast, depth)).transpose()?;
                    Ok(CastField { place: *place, cast, of })
                });
                let fields = compiled.collect::<ExecuteResult<_>>()?;
                Node::RowCast { operand: self.boxed(operand, depth)?, fields }
            }
            ExpressionKind::Array { elements, nested } => {
                let element = self.element_type(expression.result)?;
                Node::Array {
                    elements: self.all(elements, depth)?,
                    nested: *nested,
                    element_type: element.oid,
                    element_kind: kind_of(self.types, element)?,
                }
            }
            ExpressionKind::Row(fields) => {
                let fields: ExecuteResult<Vec<_>> = fields
                    .iter()
                    .map(|field| Ok((self.compile(field, depth)?, field.result.oid, self.kind(field)?)))
                    .collect();
                Node::Row(fields?)
            }
            ExpressionKind::Field { operand, index } => {
                Node::Field { operand: self.boxed(operand, depth)?, index: *index, kind }
            }
            ExpressionKind::Subscript { operand, steps }
                if matches!(
                    self.types.undomained(operand.result).oid,
                    oid::POINT | oid::LINE | oid::LSEG | oid::BOX | oid::NAME
                ) =>
            {
                let [SubscriptStep::Index(index)] = &steps[..] else {
                    return Err(ExecuteError::plan("a part of a shape has one subscript"));
                };
                Node::ShapePart {
                    operand: self.boxed(operand, depth)?,
                    index: self.boxed(index, depth)?,
                    kind,
                }
            }
            ExpressionKind::Subscript { operand, steps } => Node::Subscript {
                json: self.types.undomained(operand.result).oid == oid::JSONB,
                operand: self.boxed(operand, depth)?,
                steps: self.steps(steps, depth)?,
                kind,
            },
            ExpressionKind::Replace { operand, path, value } => {
                self.replace(operand, path, value, expression.result, depth)?
            }
            other => return Err(ExecuteError::plan(format!("not composite: {other:?}"))),
        })
    }

    fn replace(
        &self,
        operand: &Expression,
        path: &ReplacePath,
        value: &Expression,
        result: Type,
        depth: u32,
    ) -> ExecuteResult<Node> {
        let whole = self.boxed(operand, depth)?;
        let part = self.boxed(value, depth)?;
        Ok(match path {
            ReplacePath::Field(index) => Node::ReplaceField {
                operand: whole,
                index: *index,
                value: part,
                types: self.row_types(result)?,
            },
            ReplacePath::Subscript(steps) if self.types.undomained(result).oid == oid::JSONB => {
                Node::ReplaceMember { operand: whole, steps: self.steps(steps, depth)?, value: part }
            }
            ReplacePath::Subscript(steps) => {
                let element = self.element_type(result)?;
                Node::ReplaceElement {
                    operand: whole,
                    steps: self.steps(steps, depth)?,
                    value: part,
                    element_type: element.oid,
                    element_kind: kind_of(self.types, element)?,
                }
            }
        })
    }

    /// The types of the columns of a row type; of an anonymous one those of what its fields become.
    fn row_types(&self, of: Type) -> ExecuteResult<Vec<(u32, Kind)>> {
        let columns = self.types.columns(self.types.undomained(of).oid).unwrap_or_default();
        columns
            .iter()
            .map(|column| match column.dropped {
                true => Ok((0, Kind::Bytes)),
                false => Ok((column.column_type.oid, kind_of(self.types, column.column_type)?)),
            })
            .collect()
    }

    fn domain(
        &self,
        operand: &Expression,
        domain: &DomainRules,
        result: Type,
        depth: u32,
    ) -> ExecuteResult<Node> {
        let checks: ExecuteResult<Vec<_>> = domain
            .checks
            .iter()
            .map(|(name, check)| Ok((name.clone(), self.compile(check, depth)?)))
            .collect();
        Ok(Node::DomainCheck {
            operand: self.boxed(operand, depth)?,
            name: Box::new((domain.schema.clone(), domain.name.clone())),
            shown: types::catalog::type_name(self.types, result.oid, None),
            not_null: domain.not_null,
            checks: checks?,
        })
    }

    fn steps(&self, steps: &[SubscriptStep], depth: u32) -> ExecuteResult<Vec<Step>> {
        let bound =
            |bound: &Option<Expression>| bound.as_ref().map(|bound| self.compile(bound, depth)).transpose();
        let step = |step: &SubscriptStep| {
            Ok(match step {
                SubscriptStep::Index(index) => Step::Index(self.compile(index, depth)?),
                SubscriptStep::Slice(low, high) => Step::Slice(bound(low)?, bound(high)?),
            })
        };
        steps.iter().map(step).collect()
    }

    fn test(
        &self,
        test: &plan::expression::SubplanTest,
        result: Type,
        depth: u32,
    ) -> ExecuteResult<SubplanTest> {
        use plan::expression::SubplanTest as Planned;
        Ok(match test {
            Planned::Field(index) => SubplanTest::Field(*index),
            Planned::Exists => SubplanTest::Exists,
            Planned::Array { nested } => {
                let element = self.element_type(result)?;
                SubplanTest::Array {
                    element_type: element.oid,
                    element_kind: kind_of(self.types, element)?,
                    nested: *nested,
                }
            }
            Planned::Any(comparison) => SubplanTest::Quantified(self.boxed(comparison, depth)?, false),
            Planned::Among(among) => {
                let pairs = among.pairs.iter();
                let given = pairs.clone().map(|pair| self.compile(&pair.given, depth));
                let own = pairs.clone().map(|pair| self.compile(&pair.own, depth));
                SubplanTest::Among(Box::new(Among {
                    comparison: self.compile(&among.comparison, depth)?,
                    given: given.collect::<ExecuteResult<_>>()?,
                    own: own.collect::<ExecuteResult<_>>()?,
                    orders: pairs.map(|pair| pair.order.clone()).collect(),
                    unknown_is_no: among.unknown_is_no,
                }))
            }
            Planned::All(comparison) => SubplanTest::Quantified(self.boxed(comparison, depth)?, true),
        })
    }

    fn is_row(&self, of: Type) -> bool {
        let of = self.types.undomained(of);
        of.oid == oid::RECORD || self.types.entry(of.oid).is_some_and(|entry| entry.form == Form::Composite)
    }

    /// Of a composite type which columns are there still.
    fn columns_there(&self, of: Type) -> Box<[bool]> {
        let columns = self.types.columns(self.types.undomained(of).oid).unwrap_or_default();
        columns.iter().map(|column| !column.dropped).collect()
    }

    fn element_type(&self, of: Type) -> ExecuteResult<Type> {
        let of = self.types.undomained(of);
        let element = self.types.entry(of.oid).map_or(0, |entry| entry.element);
        if element == 0 {
            return Err(ExecuteError::plan(format!("type {} is no array", of.oid)));
        }
        Ok(Type { oid: element, modifier: of.modifier })
    }
}

/// A list as a table, if all of it is known.
fn fixed_list(list: &[Node], order: &Order) -> ExecuteResult<Option<FixedList>> {
    let values: Option<Vec<Value>> = list.iter().map(Node::constant).collect();
    let Some(values) = values else { return Ok(None) };
    let has_null = values.iter().any(Value::is_null);
    let mut builder = types::vector::VectorBuilder::new(order.kind(), values.len());
    for value in values.iter().filter(|value| !value.is_null()) {
        builder.push(value)?;
    }
    let vector = builder.finish();
    let mut table = KeyTable::new(vec![order.clone()]);
    table.insert(std::slice::from_ref(&vector), vector.len(), &mut Vec::new());
    // What else has bytes is not compared by all of them.
    let short = if matches!(order, Order::Bytes) { ShortTexts::new(&vector) } else { None };
    Ok(Some(FixedList { table, short, has_null }))
}
