//! Expressions of plans as PostgreSQL writes them.

use super::nodes::quoted;
use crate::expression::{
    Aggregate, Call, CallForm, Expression, ExpressionKind, FunctionId, OuterId, ReplacePath, RowComparison,
    SortKey, SqlValue, SubplanTest, SubscriptStep, WindowCall,
};
use crate::facts::Facts;
use crate::physical::Plan;
use crate::written::{Piece, in_words};
use std::collections::BTreeMap;
use types::catalog::oid;
use types::vector::Operator;
use types::{Type, Value};

/// What a slot is called above the operator that makes it.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// With its table's name where the statement has several, or VERBOSE is given.
    pub(super) text: String,
    /// Without.
    pub(super) bare: String,
    /// Whether it is a column: anything else stands in parentheses above what computes it.
    pub(super) plain: bool,
    /// Whether the operator that it is a slot of computes it.
    pub(super) fresh: bool,
}

impl Slot {
    fn referred(&self) -> String {
        if self.plain || self.fresh { self.text.clone() } else { format!("({})", self.text) }
    }

    /// As the slot of an operator above that hands it on.
    pub(super) fn handed_on(mut self) -> Slot {
        self.fresh = false;
        self
    }

    /// Without the name of a table.
    pub(super) fn local(&self) -> Slot {
        Slot { text: self.bare.clone(), ..self.clone() }
    }
}

/// Writes expressions over the slots of one input.
pub(super) struct Deparser<'a> {
    pub(super) facts: &'a dyn Facts,
    pub(super) plan: &'a Plan,
    /// What outer values are called.
    pub(super) outer: BTreeMap<OuterId, String>,
}

/// A text in SQL's quotes.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Deparser<'_> {
    /// An expression over slots.
    pub(super) fn text(&self, expression: &Expression, slots: &[Slot]) -> String {
        match &expression.kind {
            ExpressionKind::Constant(value) => self.constant(value, expression.result),
            ExpressionKind::Parameter(number) => format!("${}", number + 1),
            ExpressionKind::Slot(slot) => {
                slots.get(*slot as usize).map_or_else(|| format!("${slot}"), Slot::referred)
            }
            ExpressionKind::Outer(outer) => {
                self.outer.get(outer).cloned().unwrap_or_else(|| format!("${}", outer.0))
            }
            ExpressionKind::Column(column) => column.to_string(),
            ExpressionKind::Call(call) => self.call(call, expression.result, slots),
            ExpressionKind::And(terms) => format!("({})", self.joined(terms, " AND ", slots)),
            ExpressionKind::Or(terms) => format!("({})", self.joined(terms, " OR ", slots)),
            ExpressionKind::Not(operand) => format!("(NOT {})", self.text(operand, slots)),
            ExpressionKind::IsNull { operand, negated } => {
                format!("({} IS {}NULL)", self.text(operand, slots), not(*negated))
            }
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                let wanted = match wanted {
                    Some(true) => "TRUE",
                    Some(false) => "FALSE",
                    None => "UNKNOWN",
                };
                format!("({} IS {}{wanted})", self.text(operand, slots), not(*negated))
            }
            ExpressionKind::IsDistinct { operands, negated, .. } => {
                let (left, right) = (self.text(&operands.0, slots), self.text(&operands.1, slots));
                let distinct = format!("({left} IS DISTINCT FROM {right})");
                if *negated { format!("(NOT {distinct})") } else { distinct }
            }
            ExpressionKind::Coalesce(terms) => format!("COALESCE({})", self.joined(terms, ", ", slots)),
            ExpressionKind::NullIf { operands, .. } => {
                format!("NULLIF({}, {})", self.text(&operands.0, slots), self.text(&operands.1, slots))
            }
            ExpressionKind::Extreme { greatest, operands, .. } => {
                let name = if *greatest { "GREATEST" } else { "LEAST" };
                format!("{name}({})", self.joined(operands, ", ", slots))
            }
            ExpressionKind::InList { operand, list, negated, .. } => {
                self.in_list(operand, list, *negated, slots)
            }
            ExpressionKind::Quantified { function, all, operands } => {
                let name = self.operator_name(*function);
                let word = if *all { "ALL" } else { "ANY" };
                let (left, right) = (self.text(&operands.0, slots), self.text(&operands.1, slots));
                format!("({left} {name} {word} ({right}))")
            }
            // Rows are compared as what they are.
            ExpressionKind::Relabel(operand) if expression.result.oid == oid::RECORD => {
                self.text(operand, slots)
            }
            ExpressionKind::Relabel(operand) => {
                let name = self.facts.type_name(expression.result);
                format!("({})::{name}", self.text(operand, slots))
            }
            ExpressionKind::Subplan { plan, test, outer: _ } => self.subplan(plan.0 as usize, test),
            _ => self.rarer(expression, slots),
        }
    }

    /// A side of an equality: PostgreSQL compares values of related types as they are, without a cast.
    pub(super) fn side(&self, expression: &Expression, slots: &[Slot]) -> String {
        match &expression.kind {
            ExpressionKind::Call(call)
                if call.form == CallForm::ImplicitCast
                    && call.arguments.len() == 1
                    && are_related(call.arguments[0].result.oid, expression.result.oid) =>
            {
                self.text(&call.arguments[0], slots)
            }
            _ => self.text(expression, slots),
        }
    }

    fn rarer(&self, expression: &Expression, slots: &[Slot]) -> String {
        match &expression.kind {
            ExpressionKind::Case { operand, arms, otherwise } => {
                let mut text = "CASE".to_owned();
                if let Some(operand) = operand {
                    text.push_str(&format!(" {}", self.text(operand, slots)));
                }
                for (condition, result) in arms {
                    let condition = match &condition.kind {
                        // With an operand only what it is compared with is written.
                        ExpressionKind::Call(call) if operand.is_some() && call.arguments.len() == 2 => {
                            &call.arguments[1]
                        }
                        _ => condition,
                    };
                    let (condition, result) = (self.text(condition, slots), self.text(result, slots));
                    text.push_str(&format!(" WHEN {condition} THEN {result}"));
                }
                if let Some(otherwise) = otherwise {
                    text.push_str(&format!(" ELSE {}", self.text(otherwise, slots)));
                }
                text + " END"
            }
            ExpressionKind::ThroughText(operand)
            | ExpressionKind::ArrayCast { operand, .. }
            | ExpressionKind::RowCast { operand, .. }
            | ExpressionKind::DomainCheck { operand, .. } => {
                format!("({})::{}", self.text(operand, slots), self.facts.type_name(expression.result))
            }
            ExpressionKind::Array { elements, .. } => {
                format!("ARRAY[{}]", self.joined(elements, ", ", slots))
            }
            ExpressionKind::Row(fields) => format!("ROW({})", self.joined(fields, ", ", slots)),
            ExpressionKind::Field { operand, index } => {
                let name = self.facts.field_name(operand.result, *index);
                format!("({}).{name}", self.text(operand, slots))
            }
            ExpressionKind::Subscript { operand, steps } => {
                let whole = self.text(operand, slots);
                let simple = matches!(operand.kind, ExpressionKind::Slot(_));
                let whole = if simple { whole } else { format!("({whole})") };
                format!("{whole}{}", self.steps(steps, slots))
            }
            ExpressionKind::Replace { path, value, .. } => match path {
                ReplacePath::Subscript(_) | ReplacePath::Field(_) => self.text(value, slots),
            },
            ExpressionKind::RowCompare { comparison, fields } => {
                let word = match comparison {
                    RowComparison::Less => "<",
                    RowComparison::LessOrEqual => "<=",
                    RowComparison::Greater => ">",
                    RowComparison::GreaterOrEqual => ">=",
                };
                let left = fields.iter().map(|field| self.text(&field.operands.0, slots)).collect::<Vec<_>>();
                let right =
                    fields.iter().map(|field| self.text(&field.operands.1, slots)).collect::<Vec<_>>();
                format!("(ROW({}) {word} ROW({}))", left.join(", "), right.join(", "))
            }
            ExpressionKind::SqlValue(value) => sql_value(*value),
            ExpressionKind::CaseOperand => "CASE_TEST_EXPR".to_owned(),
            ExpressionKind::Element => "VALUE".to_owned(),
            _ => expression.to_string(),
        }
    }

    /// Conditions, all of which must be true.
    pub(super) fn all(&self, conditions: &[Expression], slots: &[Slot]) -> String {
        match conditions {
            [only] => self.text(only, slots),
            _ => format!("({})", self.joined(conditions, " AND ", slots)),
        }
    }

    pub(super) fn joined(&self, terms: &[Expression], word: &str, slots: &[Slot]) -> String {
        terms.iter().map(|term| self.text(term, slots)).collect::<Vec<_>>().join(word)
    }

    fn steps(&self, steps: &[SubscriptStep], slots: &[Slot]) -> String {
        let bound = |bound: &Option<Expression>| {
            bound.as_ref().map_or_else(String::new, |bound| self.text(bound, slots))
        };
        steps
            .iter()
            .map(|step| match step {
                SubscriptStep::Index(index) => format!("[{}]", self.text(index, slots)),
                SubscriptStep::Slice(low, high) => format!("[{}:{}]", bound(low), bound(high)),
            })
            .collect()
    }

    fn call(&self, call: &Call, result: Type, slots: &[Slot]) -> String {
        match (&call.operator, call.arguments.as_slice()) {
            (Some(name), [left, right]) => {
                format!("({} {name} {})", self.text(left, slots), self.text(right, slots))
            }
            (Some(name), [operand]) => format!("({name} {})", self.text(operand, slots)),
            (_, arguments) => {
                let name = self.facts.function_name(call.function);
                if call.form == CallForm::Words
                    && let Some(pieces) = in_words(&name, arguments)
                {
                    let of_piece = |piece: Piece| match piece {
                        Piece::Words(words) => words.to_owned(),
                        Piece::Keyword(word) => word,
                        Piece::Name(name) => quoted(&name),
                        Piece::Argument(place) | Piece::Operand(place) => arguments
                            .get(place)
                            .map_or_else(String::new, |argument| self.text(argument, slots)),
                    };
                    return pieces.into_iter().map(of_piece).collect();
                }
                // A cast's function is called as its type is.
                let type_name = types::catalog::builtin(result.oid).map(|entry| entry.name);
                if type_name == Some(&*name) && matches!(arguments.len(), 1 | 3) || call.form.is_cast() {
                    let operand = self.text(&arguments[0], slots);
                    return format!("({operand})::{}", self.facts.type_name(result));
                }
                format!("{name}({})", self.joined(arguments, ", ", slots))
            }
        }
    }

    fn operator_name(&self, function: FunctionId) -> String {
        match self.facts.comparison(function).map(|known| known.operator) {
            Some(Operator::Equal) => "=".to_owned(),
            Some(Operator::NotEqual) => "<>".to_owned(),
            Some(Operator::Less) => "<".to_owned(),
            Some(Operator::LessOrEqual) => "<=".to_owned(),
            Some(Operator::Greater) => ">".to_owned(),
            Some(Operator::GreaterOrEqual) => ">=".to_owned(),
            None => self.facts.function_name(function).to_string(),
        }
    }

    fn in_list(&self, operand: &Expression, list: &[Expression], negated: bool, slots: &[Slot]) -> String {
        let word = if negated { "<> ALL" } else { "= ANY" };
        let operand_text = self.text(operand, slots);
        let known = list.iter().map(Expression::as_constant).collect::<Option<Vec<_>>>();
        let array = match known {
            Some(values) => {
                let texts = values.iter().map(|value| match value {
                    Value::Null => "NULL".to_owned(),
                    value => element(&self.facts.value_text(operand.result, value)),
                });
                let type_name = self.facts.type_name(Type::of(operand.result.oid));
                format!("{}::{type_name}[]", literal(&format!("{{{}}}", texts.collect::<Vec<_>>().join(","))))
            }
            None => format!("ARRAY[{}]", self.joined(list, ", ", slots)),
        };
        format!("({operand_text} {word} ({array}))")
    }

    /// A value as PostgreSQL shows it: its type is said where the text alone would be another.
    fn constant(&self, value: &Value, of: Type) -> String {
        if value.is_null() {
            return format!("NULL::{}", self.facts.type_name(of));
        }
        let text = self.facts.value_text(of, value);
        let bare = match of.oid {
            oid::BOOL => return if text == "t" { "true" } else { "false" }.to_owned(),
            oid::INT4 => !text.starts_with('-'),
            oid::NUMERIC => of.modifier < 0 && !text.starts_with('-') && text.contains('.'),
            _ => false,
        };
        if bare { text } else { format!("{}::{}", literal(&text), self.facts.type_name(of)) }
    }

    fn subplan(&self, plan: usize, test: &SubplanTest) -> String {
        let Some(subplan) = self.plan.subplans.get(plan) else { return "(SubPlan)".to_owned() };
        if subplan.once
            && matches!(test, SubplanTest::Field(_) | SubplanTest::Exists | SubplanTest::Array { .. })
        {
            return format!("${}", super::nodes::init_plan_number(self.plan, plan));
        }
        let number = subplan.name.rsplit(' ').next().unwrap_or("");
        let hashed = if subplan.once { "hashed " } else { "" };
        format!("({hashed}SubPlan {number})")
    }

    /// Keys of a sort.
    pub(super) fn keys(&self, keys: &[SortKey], slots: &[Slot]) -> Vec<String> {
        keys.iter().map(|key| format!("{}{}", self.text(&key.expression, slots), direction(key))).collect()
    }

    /// Keys of what computes them below itself: those that are no columns stand in parentheses.
    pub(super) fn computed_keys(&self, keys: &[SortKey], slots: &[Slot]) -> Vec<String> {
        let text = |key: &SortKey| {
            let text = self.text(&key.expression, slots);
            let plain = matches!(key.expression.kind, ExpressionKind::Slot(_));
            format!("{}{}", if plain { text } else { format!("({text})") }, direction(key))
        };
        keys.iter().map(text).collect()
    }

    /// Keys of a grouping, which are shown as what is below computes them.
    pub(super) fn group_keys(&self, keys: &[SortKey], slots: &[Slot]) -> Vec<String> {
        keys.iter().map(|key| self.text(&key.expression, slots)).collect()
    }

    /// An aggregate.
    pub(super) fn aggregate(&self, aggregate: &Aggregate, slots: &[Slot]) -> String {
        let name = self.facts.function_name(aggregate.function);
        let direct = (aggregate.direct as usize).min(aggregate.arguments.len());
        let ordered_set = direct > 0 && !aggregate.order.is_empty();
        let mut arguments = self.joined(&aggregate.arguments, ", ", slots);
        if ordered_set {
            arguments = self.joined(&aggregate.arguments[..direct], ", ", slots);
        } else if aggregate.arguments.is_empty() {
            arguments = "*".to_owned();
        }
        let distinct = if aggregate.distinct.is_empty() { "" } else { "DISTINCT " };
        let keys = self.keys(&aggregate.order, slots).join(", ");
        let mut text = match (aggregate.order.is_empty(), ordered_set) {
            (true, _) => format!("{name}({distinct}{arguments})"),
            (false, true) => format!("{name}({arguments}) WITHIN GROUP (ORDER BY {keys})"),
            (false, false) => format!("{name}({distinct}{arguments} ORDER BY {keys})"),
        };
        if let Some(filter) = &aggregate.filter {
            text.push_str(&format!(" FILTER (WHERE {})", self.text(filter, slots)));
        }
        text
    }

    /// A window function.
    pub(super) fn window(&self, call: &WindowCall, slots: &[Slot]) -> String {
        let name = self.facts.function_name(call.function);
        // The only aggregate without arguments is written with a star.
        let star = call.arguments.is_empty() && &*name == "count";
        let arguments = if star { "*".to_owned() } else { self.joined(&call.arguments, ", ", slots) };
        format!("{name}({arguments}) OVER (?)")
    }
}

/// Whether there are operators that compare values of both types.
fn are_related(one: u32, other: u32) -> bool {
    let family = |of: u32| match of {
        oid::INT2 | oid::INT4 | oid::INT8 => Some(0),
        oid::FLOAT4 | oid::FLOAT8 => Some(1),
        oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ => Some(2),
        oid::NAME | oid::TEXT => Some(3),
        _ => None,
    };
    family(one).is_some() && family(one) == family(other)
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn direction(key: &SortKey) -> &'static str {
    match (key.descending, key.nulls_first) {
        (false, false) => "",
        (false, true) => " NULLS FIRST",
        (true, true) => " DESC",
        (true, false) => " DESC NULLS LAST",
    }
}

/// An element in the text of an array.
fn element(text: &str) -> String {
    let special = |character: char| {
        matches!(character, '"' | '\\' | '{' | '}' | ',') || character.is_ascii_whitespace()
    };
    if text.is_empty() || text.contains(special) || text.eq_ignore_ascii_case("null") {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text.to_owned()
    }
}

fn sql_value(value: SqlValue) -> String {
    let precise = |name: &str, precision: Option<i32>| match precision {
        Some(precision) => format!("{name}({precision})"),
        None => name.to_owned(),
    };
    match value {
        SqlValue::CurrentDate => "CURRENT_DATE".to_owned(),
        SqlValue::CurrentTime(precision) => precise("CURRENT_TIME", precision),
        SqlValue::CurrentTimestamp(precision) => precise("CURRENT_TIMESTAMP", precision),
        SqlValue::LocalTime(precision) => precise("LOCALTIME", precision),
        SqlValue::LocalTimestamp(precision) => precise("LOCALTIMESTAMP", precision),
        SqlValue::CurrentUser => "CURRENT_USER".to_owned(),
        SqlValue::SessionUser => "SESSION_USER".to_owned(),
        SqlValue::CurrentCatalog => "CURRENT_CATALOG".to_owned(),
        SqlValue::CurrentSchema => "CURRENT_SCHEMA".to_owned(),
    }
}
