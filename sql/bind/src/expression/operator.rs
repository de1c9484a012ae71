//! Operators, and what they stand for between rows and lists.

use super::negation;
use crate::binder::{Binder, Bound, carried};
use crate::error::{BindError, BindErrorKind, BindResult};
use catalog::object::{Oid, Operator as Made, PG_CATALOG};
use functions::ResolveError;
use functions::resolve::{
    FoundOperator, MadeOperator, ResolvedOperator, common_type, resolve_among, resolve_operator,
    resolve_quantified,
};
use functions::table::CastContext;
use plan::expression::{Call, CallForm, Expression, ExpressionKind, FunctionId};
use std::sync::Arc;
use syntax::tree::expression::{Expression as Syntax, Operator, Quantifier};
use types::Type;
use types::catalog::oid;

/// `||` of a text and something else.
const TEXT_AND_ANYTHING: [FunctionId; 2] = [FunctionId(2003), FunctionId(2004)];
/// `||` of two texts.
const TEXT_AND_TEXT: FunctionId = FunctionId(1258);

/// An operator that was found.
pub(super) struct Resolved {
    pub(super) function: FunctionId,
    form: CallForm,
    /// What its operands must be cast to.
    pub(super) arguments: Vec<u32>,
    pub(super) result: u32,
}

impl From<ResolvedOperator> for Resolved {
    fn from(found: ResolvedOperator) -> Resolved {
        let function = FunctionId(found.entry.function);
        Resolved { function, form: CallForm::Call, arguments: found.arguments, result: found.result }
    }
}

impl Binder<'_> {
    /// `left operator right`
    pub fn binary(
        &mut self,
        operator: &Operator<'_>,
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<Bound> {
        let schema = self.operator_schema(operator, position)?;
        if let (ExpressionKind::Row(_), ExpressionKind::Row(_)) =
            (&left.expression.kind, &right.expression.kind)
            && left.oid() == oid::RECORD
            && right.oid() == oid::RECORD
        {
            return self.row_operation((schema, operator.symbol), left, right, position);
        }
        let found =
            self.operator_between(schema, operator.symbol, (Some(left.oid()), right.oid()), position)?;
        let start = left.position.min(position);
        self.operator_call(operator.symbol, &found, vec![left, right], start)
    }

    /// The same by the operator's name alone.
    pub fn operation(&mut self, name: &str, left: Bound, right: Bound, position: u32) -> BindResult<Bound> {
        self.operation_of(None, name, left, right, position)
    }

    /// The same of an operator of a schema.
    pub fn operation_of(
        &mut self,
        schema: Option<Oid>,
        name: &str,
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<Bound> {
        let found = self.operator_between(schema, name, (Some(left.oid()), right.oid()), position)?;
        let start = left.position.min(position);
        self.operator_call(name, &found, vec![left, right], start)
    }

    /// `operator right`
    pub fn prefix(&mut self, operator: &Operator<'_>, right: Bound, position: u32) -> BindResult<Bound> {
        let schema = self.operator_schema(operator, position)?;
        let found = self.operator_between(schema, operator.symbol, (None, right.oid()), position)?;
        self.operator_call(operator.symbol, &found, vec![right], position)
    }

    /// Sees to it that there is such an operator between values of a type.
    pub(crate) fn require_operator(&self, operator: &Operator<'_>, of: u32) -> BindResult<()> {
        let schema = self.operator_schema(operator, operator.position)?;
        self.operator_between(schema, operator.symbol, (Some(of), of), operator.position).map(drop)
    }

    /// The operator that a symbol means between operands of these types.
    fn operator_between(
        &self,
        schema: Option<Oid>,
        name: &str,
        sides: (Option<u32>, u32),
        position: u32,
    ) -> BindResult<Resolved> {
        let failed = |error: ResolveError| carried(&error, position);
        let mut users = self.users_operators(schema, name);
        if users.is_empty() && schema.is_none_or(|schema| schema == PG_CATALOG) {
            let known = self.operators.borrow().iter().find_map(|(left, right, found)| {
                ((*left, *right) == sides && found.entry.name == name).then(|| found.clone())
            });
            if let Some(known) = known {
                return Ok(Resolved::from(known));
            }
            let found = resolve_operator(self.types(), name, sides.0, sides.1).map_err(failed)?;
            self.operators.borrow_mut().push((sides.0, sides.1, found.clone()));
            return Ok(Resolved::from(found));
        }
        users.retain(|made| made.function != 0);
        let first = |made: &Made| schema.is_none() && self.scope().is_before_the_systems(made.schema);
        let made: Vec<MadeOperator> = users
            .iter()
            .map(|it| MadeOperator { left: it.left, right: it.right, result: it.result, first: first(it) })
            .collect();
        let built_in = schema.is_none_or(|schema| schema == PG_CATALOG);
        let found = resolve_among(self.types(), name, sides, &made, built_in);
        match found {
            Ok(FoundOperator::BuiltIn(found)) => Ok(Resolved::from(found)),
            Ok(FoundOperator::Made(place, arguments, result)) => {
                let own = &users[place];
                let (function, form) = (FunctionId(own.function), CallForm::Made(own.oid));
                Ok(Resolved { function, form, arguments, result })
            }
            Err(error) => Err(self.in_schema(schema, name, failed(error))),
        }
    }

    /// The operator by which a field of a row is compared: of users' one that goes by the order of its type.
    pub(super) fn row_operator(
        &self,
        name: &str,
        (left, right): (u32, u32),
        position: u32,
    ) -> BindResult<Resolved> {
        let found = self.operator_between(None, name, (Some(left), right), position)?;
        let ordered = || crate::comparison::comparison(self.scope(), found.function).is_some();
        if matches!(found.form, CallForm::Made(_)) && !ordered() {
            let kind = BindErrorKind::RowComparisonOperator { name: name.to_owned() };
            return Err(BindError::at(kind, position));
        }
        Ok(found)
    }

    /// What is said of an operator that is not there names the schema that was looked in.
    fn in_schema(&self, schema: Option<Oid>, name: &str, error: BindError) -> BindError {
        let Some(schema) = schema.filter(|schema| *schema != PG_CATALOG) else { return error };
        let schema = self.scope().schema(schema).map_or("", |schema| schema.name.as_str()).to_owned();
        match *error.kind {
            BindErrorKind::Carried(mut carried) => {
                let written = format!("{schema}.{name}");
                carried.message = carried.message.replacen(name, &written, 1);
                BindError { kind: Box::new(BindErrorKind::Carried(carried)), ..error }
            }
            _ => error,
        }
    }

    /// The operators of a symbol that users have made, those of the schemas that are searched first before the others.
    fn users_operators(&self, schema: Option<Oid>, name: &str) -> Vec<Arc<Made>> {
        let scope = self.scope();
        if scope.operators_named(name).next().is_none() {
            return Vec::new();
        }
        let within = |schema: Oid| {
            let named = scope.operators_named(name);
            named.filter(move |made| made.schema == schema).cloned().collect::<Vec<_>>()
        };
        match schema {
            Some(schema) => within(schema),
            None => scope.path().schemas_of_functions().flat_map(within).collect(),
        }
    }

    fn operator_call(
        &mut self,
        name: &str,
        found: &Resolved,
        arguments: Vec<Bound>,
        position: u32,
    ) -> BindResult<Bound> {
        let mut function = found.function;
        let mut coerced = Vec::with_capacity(arguments.len());
        for (argument, to) in arguments.into_iter().zip(&found.arguments) {
            coerced.push(match TEXT_AND_ANYTHING.contains(&function) && self.has_users_text(&argument) {
                true => {
                    // What puts anything behind a text casts it; a cast of users' has to be seen here.
                    function = TEXT_AND_TEXT;
                    self.cast(argument, Type::of(oid::TEXT), CastContext::Explicit, position)?
                }
                false => self.implicit(argument, *to)?,
            });
        }
        let call = Call {
            function,
            arguments: coerced,
            operator: Some(Arc::from(name)),
            form: found.form,
            variadic: false,
            written: None,
        };
        let expression = Expression { kind: ExpressionKind::Call(call), result: Type::of(found.result) };
        if self.returns_set(function.0) {
            return self.set(expression, position);
        }
        Ok(Bound { expression, position })
    }

    /// Whether users have made a cast from an expression's type to `text`.
    fn has_users_text(&self, bound: &Bound) -> bool {
        let base = self.types().undomained(bound.expression.result).oid;
        self.types().made_cast(base, oid::TEXT).is_some()
    }

    /// The schema that is written before an operator.
    pub(super) fn operator_schema(&self, operator: &Operator<'_>, position: u32) -> BindResult<Option<Oid>> {
        let [.., schema] = operator.schema else { return Ok(None) };
        self.look_in_schema(Some(schema.text), position)?;
        Ok(self.scope().schema_named(schema.text))
    }

    /// `left operator ANY (array)`
    pub fn quantified(
        &mut self,
        left: Bound,
        operator: &Operator<'_>,
        quantifier: Quantifier,
        array: &Syntax<'_>,
        position: u32,
    ) -> BindResult<Bound> {
        let schema = self.operator_schema(operator, position)?;
        let array = self.expression(array)?;
        let all = quantifier == Quantifier::All;
        self.quantified_bound(left, (schema, operator.symbol), all, array, position)
    }

    fn quantified_bound(
        &mut self,
        left: Bound,
        (schema, name): (Option<Oid>, &str),
        all: bool,
        array: Bound,
        position: u32,
    ) -> BindResult<Bound> {
        let built_in = schema.is_none_or(|schema| schema == PG_CATALOG);
        let found = match self.users_operators(schema, name)[..] {
            [] if built_in => Resolved::from(
                resolve_quantified(self.types(), name, left.oid(), array.oid())
                    .map_err(|error| carried(&error, position))?,
            ),
            [..] => self.quantified_between((schema, name), (left.oid(), array.oid()), position)?,
        };
        let start = left.position.min(position);
        let (Some(of_left), Some(of_array)) = (found.arguments.first(), found.arguments.get(1)) else {
            return Err(crate::binder::internal("an operator has no operands"));
        };
        let left = self.implicit(left, *of_left)?;
        let array_type = self.array_of(*of_array);
        let array = self.implicit(array, array_type)?;
        let kind =
            ExpressionKind::Quantified { function: found.function, all, operands: Box::new((left, array)) };
        let expression = Expression { kind, result: Type::of(oid::BOOL) };
        Ok(Bound { expression, position: start })
    }

    /// The operator of `left name ANY|ALL (array)`, users' among those that may be meant.
    fn quantified_between(
        &self,
        (schema, name): (Option<Oid>, &str),
        (left, array): (u32, u32),
        position: u32,
    ) -> BindResult<Resolved> {
        let element = match array {
            oid::UNKNOWN => Some(oid::UNKNOWN),
            array => self.element_of(array),
        };
        let refused = |error: ResolveError| carried(&error, position);
        let element = element.ok_or_else(|| refused(ResolveError::NotArrayOperand))?;
        let found = self.operator_between(schema, name, (Some(left), element), position)?;
        if found.result == oid::BOOL { Ok(found) } else { Err(refused(ResolveError::NotBoolean)) }
    }

    /// The type of arrays of a type; the type itself where it is one already.
    pub(crate) fn array_of(&self, of: u32) -> u32 {
        match self.types().entry(of) {
            Some(entry) if entry.array != 0 => entry.array,
            _ => of,
        }
    }

    /// `left IN (list)`. Terms without columns are looked up together, if they have a type in common; the others are
    /// compared one by one.
    pub fn in_list(
        &mut self,
        left: Bound,
        list: &[Syntax<'_>],
        negated: bool,
        position: u32,
    ) -> BindResult<Bound> {
        let start = left.position.min(position);
        let is_row = matches!(left.expression.kind, ExpressionKind::Row(_));
        let mut together: Vec<Bound> = Vec::new();
        let mut apart: Vec<Bound> = Vec::new();
        for term in list {
            let bound = self.expression(term)?;
            if is_row || bound.expression.has_column() {
                apart.push(bound);
            } else {
                together.push(bound);
            }
        }
        let mut tests = Vec::new();
        match self.common_of_list(&left, &together) {
            Some(common) => tests.push(self.looked_up(left.clone(), together, common, negated, position)?),
            None => {
                // As they are written.
                together.append(&mut apart);
                std::mem::swap(&mut together, &mut apart);
            }
        }
        let name = if negated { "<>" } else { "=" };
        for term in apart {
            let test = if is_row && matches!(term.expression.kind, ExpressionKind::Row(_)) {
                self.row_operation((None, name), left.clone(), term, position)?
            } else {
                self.operation(name, left.clone(), term, position)?
            };
            tests.push(self.boolean(test, "IN")?);
        }
        let expression = match tests.len() {
            1 => tests.swap_remove(0),
            _ => {
                let kind = if negated { ExpressionKind::And(tests) } else { ExpressionKind::Or(tests) };
                Expression { kind, result: Type::of(oid::BOOL) }
            }
        };
        Ok(Bound { expression, position: start })
    }

    fn common_of_list(&self, left: &Bound, together: &[Bound]) -> Option<u32> {
        if together.len() < 2 {
            return None;
        }
        let given: Vec<u32> = std::iter::once(left.oid()).chain(together.iter().map(Bound::oid)).collect();
        let common = common_type(self.types(), &given, "IN").ok()?;
        let has_array = self.types().entry(common).is_some_and(|entry| entry.array != 0);
        (common != oid::RECORD && has_array).then_some(common)
    }

    fn looked_up(
        &mut self,
        left: Bound,
        terms: Vec<Bound>,
        common: u32,
        negated: bool,
        position: u32,
    ) -> BindResult<Expression> {
        let mut list = Vec::with_capacity(terms.len());
        for term in terms {
            list.push(self.implicit(term, common)?);
        }
        let name = if negated { "<>" } else { "=" };
        let found = self.operator_between(None, name, (Some(left.oid()), common), position)?;
        // The order of a type knows nothing of operators that users have made for it.
        let same =
            found.arguments.first() == found.arguments.get(1) && !matches!(found.form, CallForm::Made(_));
        let (of, start) = (found.arguments.first().copied().unwrap_or(common), left.position);
        fn plain(term: &Expression) -> bool {
            match &term.kind {
                ExpressionKind::Constant(_) | ExpressionKind::Parameter(_) => true,
                ExpressionKind::Call(call) => call.form.is_cast() && call.arguments.iter().all(plain),
                _ => false,
            }
        }
        let order = self.types().order(Type::of(of));
        if let (true, true, Some(order)) = (same, list.iter().all(plain), order)
            && (of == common || self.types().undomained(Type::of(common)).oid == of || is_text(of, common))
        {
            let operand = Box::new(self.implicit(left, of)?);
            let list = list
                .into_iter()
                .map(|term| if term.result.oid == of { term } else { relabelled(term, of) })
                .collect();
            let kind = ExpressionKind::InList { operand, list, order, negated };
            return Ok(Expression { kind, result: Type::of(oid::BOOL) });
        }
        let elements = ExpressionKind::Array { elements: list, nested: false };
        let array = Expression { kind: elements, result: Type::of(self.array_of(common)) };
        let array = Bound { expression: array, position: start };
        Ok(self.quantified_bound(left, (None, name), negated, array, position)?.expression)
    }

    /// `a BETWEEN low AND high`
    pub fn between(
        &mut self,
        operand: Bound,
        low: Bound,
        high: Bound,
        (symmetric, negated): (bool, bool),
        position: u32,
    ) -> BindResult<Bound> {
        let start = operand.position.min(position);
        let mut ranges = Vec::new();
        let mut pairs = vec![(low.clone(), high.clone())];
        if symmetric {
            pairs.push((high, low));
        }
        let (from, to) = if negated { ("<", ">") } else { (">=", "<=") };
        for (low, high) in pairs {
            // Each comparison is read of its own: a parameter has by now the type that the one before asked for.
            let (above, low) = (self.read_anew(operand.clone())?, self.read_anew(low)?);
            let above = self.operation_or_row(from, above, low, position)?;
            let (below, high) = (self.read_anew(operand.clone())?, self.read_anew(high)?);
            let below = self.operation_or_row(to, below, high, position)?;
            let terms = vec![self.boolean(above, "BETWEEN")?, self.boolean(below, "BETWEEN")?];
            let kind = if negated { ExpressionKind::Or(terms) } else { ExpressionKind::And(terms) };
            ranges.push(Expression { kind, result: Type::of(oid::BOOL) });
        }
        let expression = match ranges.len() {
            1 => ranges.swap_remove(0),
            _ => {
                let kind = if negated { ExpressionKind::And(ranges) } else { ExpressionKind::Or(ranges) };
                Expression { kind, result: Type::of(oid::BOOL) }
            }
        };
        Ok(Bound { expression, position: start })
    }

    /// An operator between rows, where both sides are rows.
    pub fn operation_or_row(
        &mut self,
        name: &str,
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<Bound> {
        let rows = matches!(left.expression.kind, ExpressionKind::Row(_))
            && matches!(right.expression.kind, ExpressionKind::Row(_));
        if rows {
            self.row_operation((None, name), left, right, position)
        } else {
            self.operation(name, left, right, position)
        }
    }

    /// `a IS [NOT] DISTINCT FROM b`
    pub fn is_distinct(
        &mut self,
        left: Bound,
        right: Bound,
        negated: bool,
        position: u32,
    ) -> BindResult<Bound> {
        let start = left.position.min(position);
        if let (ExpressionKind::Row(_), ExpressionKind::Row(_)) =
            (&left.expression.kind, &right.expression.kind)
            && left.oid() == oid::RECORD
            && right.oid() == oid::RECORD
        {
            let tests = self.distinct_rows(left, right, position)?;
            let expression = if negated { negation(tests) } else { tests };
            return Ok(Bound { expression, position: start });
        }
        let expression = self.distinct(left, right, negated, position)?;
        Ok(Bound { expression, position: start })
    }

    fn distinct(
        &mut self,
        left: Bound,
        right: Bound,
        negated: bool,
        position: u32,
    ) -> BindResult<Expression> {
        // A test against NULL is one for null.
        for (one, other) in [(&left, &right), (&right, &left)] {
            let null = one.expression.as_constant().is_some_and(types::Value::is_null);
            // Of a row that would ask whether its fields are null.
            let row = self.types().columns(self.types().undomained(other.expression.result).oid).is_some()
                || other.oid() == oid::RECORD;
            if null && !row && one.oid() == oid::UNKNOWN && other.oid() != oid::UNKNOWN {
                let operand = Box::new(other.expression.clone());
                let kind = ExpressionKind::IsNull { operand, negated: !negated };
                return Ok(Expression { kind, result: Type::of(oid::BOOL) });
            }
        }
        let equal = self.equality("IS DISTINCT FROM", left, right, position)?;
        let kind = ExpressionKind::IsDistinct { equality: equal.0, operands: Box::new(equal.1), negated };
        Ok(Expression { kind, result: Type::of(oid::BOOL) })
    }

    /// The function of `=` between two operands, and the operands as it takes them.
    pub fn equality(
        &mut self,
        construct: &'static str,
        left: Bound,
        right: Bound,
        position: u32,
    ) -> BindResult<(FunctionId, (Expression, Expression))> {
        let found = self.operator_between(None, "=", (Some(left.oid()), right.oid()), position)?;
        if found.result != oid::BOOL {
            return Err(BindError::at(BindErrorKind::OperatorNotBoolean { construct }, position));
        }
        let (Some(of_left), Some(of_right)) = (found.arguments.first(), found.arguments.get(1)) else {
            return Err(crate::binder::internal("an operator has no operands"));
        };
        let operands = (self.implicit(left, *of_left)?, self.implicit(right, *of_right)?);
        Ok((found.function, operands))
    }

    fn distinct_rows(&mut self, left: Bound, right: Bound, position: u32) -> BindResult<Expression> {
        let (left, right) = self.row_fields(left, right, position)?;
        let mut tests = Vec::with_capacity(left.len());
        for (left, right) in left.into_iter().zip(right) {
            tests.push(self.distinct(left, right, false, position)?);
        }
        Ok(match tests.len() {
            0 => Expression::truth(false),
            1 => tests.swap_remove(0),
            _ => Expression { kind: ExpressionKind::Or(tests), result: Type::of(oid::BOOL) },
        })
    }

    /// An expression of the type that several have in common.
    pub fn cast_to_common(&mut self, bound: Bound, common: u32) -> BindResult<Expression> {
        let position = bound.position;
        self.cast(bound, Type::of(common), CastContext::Implicit, position)
    }
}

/// `varchar` and `text` have the same values.
fn is_text(one: u32, other: u32) -> bool {
    let text = |of: u32| matches!(of, oid::TEXT | oid::VARCHAR);
    text(one) && text(other)
}

fn relabelled(term: Expression, of: u32) -> Expression {
    match term.kind {
        kind @ (ExpressionKind::Constant(_) | ExpressionKind::Parameter(_)) => {
            Expression { kind, result: Type::of(of) }
        }
        kind => {
            let operand = Box::new(Expression { kind, result: term.result });
            Expression { kind: ExpressionKind::Relabel(operand), result: Type::of(of) }
        }
    }
}
