//! Expressions as text.

use super::List;
use crate::expression::{
    Aggregate, Column, Expression, ExpressionKind, ReplacePath, RowComparison, SortKey, SubplanTest,
    SubqueryTest, SubscriptStep, WindowCall,
};
use std::fmt::{self, Display, Formatter};
use types::Value;

/// A value, as far as it can be told without its type.
pub(super) struct Plain<'a>(pub(super) &'a Value);

impl Display for Plain<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => formatter.write_str("null"),
            Value::Bool(value) => write!(formatter, "{value}"),
            Value::Int16(value) => write!(formatter, "{value}"),
            Value::Int32(value) => write!(formatter, "{value}"),
            Value::Int64(value) => write!(formatter, "{value}"),
            Value::Float32(value) => write!(formatter, "{value}"),
            Value::Float64(value) => write!(formatter, "{value}"),
            Value::Numeric(value) => write!(formatter, "{value:?}"),
            Value::Bytes(value) => write!(formatter, "'{}'", value.escape_ascii()),
            Value::Interval(value) => write!(formatter, "{value:?}"),
            Value::TimeTz(value) => write!(formatter, "{value:?}"),
            Value::Uuid(value) => write!(formatter, "{value:?}"),
        }
    }
}

impl Display for Column {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}.{}", self.relation.0, self.index)
    }
}

impl Display for SortKey {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.expression)?;
        if self.descending {
            formatter.write_str(" desc")?;
        }
        if self.nulls_first != self.descending {
            formatter.write_str(if self.nulls_first { " nulls first" } else { " nulls last" })?;
        }
        Ok(())
    }
}

impl Display for Aggregate {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "agg{}(", self.function.0)?;
        if !self.distinct.is_empty() {
            formatter.write_str("distinct ")?;
        }
        write!(formatter, "{}", List(&self.arguments))?;
        if !self.order.is_empty() {
            write!(formatter, " order by {}", List(&self.order))?;
        }
        formatter.write_str(")")?;
        match &self.filter {
            Some(filter) => write!(formatter, " filter {filter}"),
            None => Ok(()),
        }
    }
}

impl Display for WindowCall {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "win{}({})", self.function.0, List(&self.arguments))?;
        match &self.filter {
            Some(filter) => write!(formatter, " filter {filter}"),
            None => Ok(()),
        }
    }
}

fn joined(formatter: &mut Formatter<'_>, terms: &[Expression], word: &str) -> fmt::Result {
    formatter.write_str("(")?;
    for (place, term) in terms.iter().enumerate() {
        if place > 0 {
            write!(formatter, " {word} ")?;
        }
        write!(formatter, "{term}")?;
    }
    formatter.write_str(")")
}

fn steps(formatter: &mut Formatter<'_>, steps: &[SubscriptStep]) -> fmt::Result {
    for step in steps {
        match step {
            SubscriptStep::Index(index) => write!(formatter, "[{index}]")?,
            SubscriptStep::Slice(low, high) => {
                formatter.write_str("[")?;
                low.iter().try_for_each(|low| write!(formatter, "{low}"))?;
                formatter.write_str(":")?;
                high.iter().try_for_each(|high| write!(formatter, "{high}"))?;
                formatter.write_str("]")?;
            }
        }
    }
    Ok(())
}

impl Display for Expression {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExpressionKind::Constant(value) => write!(formatter, "{}", Plain(value)),
            ExpressionKind::Parameter(number) => write!(formatter, "?{number}"),
            ExpressionKind::Column(column) => write!(formatter, "{column}"),
            ExpressionKind::Slot(slot) => write!(formatter, "${slot}"),
            ExpressionKind::Outer(outer) => write!(formatter, "^{}", outer.0),
            ExpressionKind::Call(call) => match (&call.operator, call.arguments.as_slice()) {
                (Some(name), [left, right]) => write!(formatter, "({left} {name} {right})"),
                (Some(name), [operand]) => write!(formatter, "({name} {operand})"),
                _ => write!(formatter, "f{}({})", call.function.0, List(&call.arguments)),
            },
            ExpressionKind::And(terms) => joined(formatter, terms, "and"),
            ExpressionKind::Or(terms) => joined(formatter, terms, "or"),
            ExpressionKind::Not(operand) => write!(formatter, "(not {operand})"),
            ExpressionKind::IsNull { operand, negated } => {
                write!(formatter, "({operand} is {}null)", if *negated { "not " } else { "" })
            }
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                let wanted = wanted.map_or("unknown".to_owned(), |wanted| wanted.to_string());
                write!(formatter, "({operand} is {}{wanted})", if *negated { "not " } else { "" })
            }
            ExpressionKind::IsDistinct { operands, negated, .. } => {
                let not = if *negated { "not " } else { "" };
                write!(formatter, "({} is {not}distinct from {})", operands.0, operands.1)
            }
            ExpressionKind::Coalesce(terms) => write!(formatter, "coalesce({})", List(terms)),
            ExpressionKind::NullIf { operands, .. } => {
                write!(formatter, "nullif({}, {})", operands.0, operands.1)
            }
            ExpressionKind::Extreme { greatest, operands, .. } => {
                let name = if *greatest { "greatest" } else { "least" };
                write!(formatter, "{name}({})", List(operands))
            }
            ExpressionKind::InList { operand, list, negated, .. } => {
                write!(formatter, "({operand} {}in ({}))", if *negated { "not " } else { "" }, List(list))
            }
            ExpressionKind::Quantified { function, all, operands } => {
                let word = if *all { "all" } else { "any" };
                write!(formatter, "({} f{} {word} {})", operands.0, function.0, operands.1)
            }
            _ => self.rarer(formatter),
        }
    }
}

impl Expression {
    /// Text of what is seen less often; the rest is in `Display`.
    fn rarer(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExpressionKind::Case { operand, arms, otherwise } => {
                formatter.write_str("case")?;
                operand.iter().try_for_each(|operand| write!(formatter, " {operand}"))?;
                for (condition, result) in arms {
                    write!(formatter, " when {condition} then {result}")?;
                }
                otherwise.iter().try_for_each(|otherwise| write!(formatter, " else {otherwise}"))?;
                formatter.write_str(" end")
            }
            ExpressionKind::CaseOperand => formatter.write_str("operand"),
            ExpressionKind::Element => formatter.write_str("element"),
            ExpressionKind::Relabel(operand) => write!(formatter, "relabel({operand})"),
            ExpressionKind::Collate { operand, collation } => {
                write!(formatter, "collate({operand}, {collation})")
            }
            ExpressionKind::ThroughText(operand) => write!(formatter, "text({operand})"),
            ExpressionKind::ArrayCast { operand, element } => {
                write!(formatter, "each({operand}: {element})")
            }
            ExpressionKind::RowCast { operand, .. } => write!(formatter, "rowcast({operand})"),
            ExpressionKind::DomainCheck { operand, domain } => {
                write!(formatter, "domain({operand}, {})", domain.name)
            }
            ExpressionKind::Array { elements, .. } => write!(formatter, "array[{}]", List(elements)),
            ExpressionKind::Row(fields) => write!(formatter, "row({})", List(fields)),
            ExpressionKind::Field { operand, index } => write!(formatter, "{operand}.{index}"),
            ExpressionKind::Subscript { operand, steps: path } => {
                write!(formatter, "{operand}")?;
                steps(formatter, path)
            }
            ExpressionKind::Replace { operand, path, value } => {
                write!(formatter, "replace({operand}")?;
                match path {
                    ReplacePath::Subscript(path) => steps(formatter, path)?,
                    ReplacePath::Field(index) => write!(formatter, ".{index}")?,
                }
                write!(formatter, ", {value})")
            }
            _ => self.rarest(formatter),
        }
    }

    fn rarest(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExpressionKind::RowCompare { comparison, fields } => {
                let word = match comparison {
                    RowComparison::Less => "<",
                    RowComparison::LessOrEqual => "<=",
                    RowComparison::Greater => ">",
                    RowComparison::GreaterOrEqual => ">=",
                };
                let left = fields.iter().map(|field| field.operands.0.to_string()).collect::<Vec<_>>();
                let right = fields.iter().map(|field| field.operands.1.to_string()).collect::<Vec<_>>();
                write!(formatter, "(row({}) {word} row({}))", left.join(", "), right.join(", "))
            }
            ExpressionKind::SqlValue(value) => write!(formatter, "{value:?}"),
            ExpressionKind::Grouping(places) => write!(formatter, "grouping({})", List(places)),
            ExpressionKind::Subquery(_) | ExpressionKind::Subplan { .. } => self.query(formatter),
            ExpressionKind::Constant(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::Call(_)
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::IsDistinct { .. }
            | ExpressionKind::Coalesce(_)
            | ExpressionKind::NullIf { .. }
            | ExpressionKind::Extreme { .. }
            | ExpressionKind::InList { .. }
            | ExpressionKind::Quantified { .. }
            | ExpressionKind::Case { .. }
            | ExpressionKind::CaseOperand
            | ExpressionKind::Element
            | ExpressionKind::Relabel(_)
            | ExpressionKind::Collate { .. }
            | ExpressionKind::ThroughText(_)
            | ExpressionKind::ArrayCast { .. }
            | ExpressionKind::RowCast { .. }
            | ExpressionKind::DomainCheck { .. }
            | ExpressionKind::Array { .. }
            | ExpressionKind::Row(_)
            | ExpressionKind::Field { .. }
            | ExpressionKind::Subscript { .. }
            | ExpressionKind::Replace { .. } => Ok(()),
        }
    }

    fn query(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExpressionKind::Subquery(subquery) => {
                match &subquery.test {
                    SubqueryTest::Scalar => formatter.write_str("scalar")?,
                    SubqueryTest::Exists => formatter.write_str("exists")?,
                    SubqueryTest::Array { .. } => formatter.write_str("array")?,
                    SubqueryTest::Any(comparison) => write!(formatter, "any({comparison})")?,
                    SubqueryTest::All(comparison) => write!(formatter, "all({comparison})")?,
                    SubqueryTest::RowField(field) => write!(formatter, "field {field}")?,
                }
                let query = subquery.query.to_string();
                write!(formatter, "{{{}}}", query.trim_end().replace('\n', "; "))
            }
            ExpressionKind::Subplan { plan, test, outer } => {
                match test {
                    SubplanTest::Field(field) => write!(formatter, "subplan{}.{field}", plan.0)?,
                    SubplanTest::Exists => write!(formatter, "exists subplan{}", plan.0)?,
                    SubplanTest::Array { .. } => write!(formatter, "array subplan{}", plan.0)?,
                    SubplanTest::Any(test) => write!(formatter, "any subplan{} {test}", plan.0)?,
                    SubplanTest::Among(among) => {
                        write!(formatter, "among subplan{} {}", plan.0, among.comparison)?;
                    }
                    SubplanTest::All(test) => write!(formatter, "all subplan{} {test}", plan.0)?,
                }
                for (outer, value) in outer {
                    write!(formatter, " ^{}={value}", outer.0)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
