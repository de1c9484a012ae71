//! Bound expressions as SQL text, as `pg_get_expr` prints them: what the catalog keeps, and shows.
//!
//! Every name in the text is resolved: it means the same again whatever the search path is, as far as users' functions and
//! types are named with their schemas where the path at hand does not find them.

use catalog::Scope;
use catalog::name::quote_identifier;
use functions::table::{CastMethod, cast_entry, function, length_cast};
use plan::expression::{Call, Column, Expression, ExpressionKind, RowComparison, SqlValue, SubscriptStep};
use types::catalog::{oid, type_name};
use types::text::TextSettings;
use types::{Item, Type, Types, Value};

/// What is printed by.
#[derive(Clone, Copy)]
pub struct Deparse<'d> {
    /// What names mean.
    pub scope: &'d Scope,
    /// How values look.
    pub settings: &'d TextSettings,
    /// What a column is called.
    pub column: &'d dyn Fn(Column) -> String,
}

impl Deparse<'_> {
    /// The text of an expression. `None` if there is a part that cannot be printed: a subquery.
    pub fn expression(&self, expression: &Expression) -> Option<String> {
        let mut text = String::new();
        self.append(expression, false, &mut text)?;
        Some(text)
    }

    fn type_text(&self, of: Type) -> String {
        type_name(self.scope, of.oid, Some(of.modifier))
    }

    /// Appends an expression; casts that nobody wrote are shown within operators and calls alone.
    fn append(&self, expression: &Expression, implicit: bool, text: &mut String) -> Option<()> {
        match &expression.kind {
            ExpressionKind::Constant(value) => self.constant(value, expression.result, true, text)?,
            ExpressionKind::Parameter(number) => text.push_str(&format!("${}", number + 1)),
            ExpressionKind::Column(column) => text.push_str(&(self.column)(*column)),
            ExpressionKind::Call(call) => self.call(call, expression.result, implicit, text)?,
            ExpressionKind::And(terms) => self.joined(terms, " AND ", text)?,
            ExpressionKind::Or(terms) => self.joined(terms, " OR ", text)?,
            ExpressionKind::Not(operand) => {
                text.push_str("(NOT ");
                self.append(operand, false, text)?;
                text.push(')');
            }
            ExpressionKind::IsNull { operand, negated } => {
                let test = if *negated { " IS NOT NULL)" } else { " IS NULL)" };
                self.tested(operand, test, text)?;
            }
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                let wanted = match wanted {
                    Some(true) => "TRUE",
                    Some(false) => "FALSE",
                    None => "UNKNOWN",
                };
                let not = if *negated { "NOT " } else { "" };
                self.tested(operand, &format!(" IS {not}{wanted})"), text)?;
            }
            ExpressionKind::IsDistinct { operands, negated, .. } => {
                text.push_str(if *negated { "(NOT (" } else { "(" });
                self.append(&operands.0, true, text)?;
                text.push_str(" IS DISTINCT FROM ");
                self.append(&operands.1, true, text)?;
                text.push_str(if *negated { "))" } else { ")" });
            }
            _ => return self.append_construct(expression, text),
        }
        Some(())
    }

    /// The kinds of expressions that [`Deparse::append`] leaves.
    fn append_construct(&self, expression: &Expression, text: &mut String) -> Option<()> {
        match &expression.kind {
            ExpressionKind::Case { operand, arms, otherwise } => {
                self.case(operand.as_deref(), arms, otherwise.as_deref(), text)?;
            }
            ExpressionKind::Element => text.push_str("VALUE"),
            ExpressionKind::Coalesce(terms) => self.listed("COALESCE(", terms, true, ")", text)?,
            ExpressionKind::NullIf { operands, .. } => {
                text.push_str("NULLIF(");
                self.append(&operands.0, true, text)?;
                text.push_str(", ");
                self.append(&operands.1, true, text)?;
                text.push(')');
            }
            ExpressionKind::Extreme { greatest, operands, .. } => {
                let open = if *greatest { "GREATEST(" } else { "LEAST(" };
                self.listed(open, operands, true, ")", text)?;
            }
            ExpressionKind::Relabel(operand) | ExpressionKind::ThroughText(operand) => {
                self.cast(operand, expression.result, text)?;
            }
            ExpressionKind::ArrayCast { operand, .. } | ExpressionKind::RowCast { operand, .. } => {
                self.cast(operand, expression.result, text)?;
            }
            ExpressionKind::DomainCheck { operand, .. } => {
                self.cast(operand, expression.result, text)?;
            }
            ExpressionKind::Array { elements, .. } if elements.is_empty() => {
                text.push_str(&format!("ARRAY[]::{}", self.type_text(expression.result)));
            }
            ExpressionKind::Array { elements, .. } => self.listed("ARRAY[", elements, true, "]", text)?,
            ExpressionKind::Row(fields) => self.listed("ROW(", fields, true, ")", text)?,
            ExpressionKind::Field { operand, index } => {
                let columns = self.scope.columns(self.scope.undomained(operand.result).oid)?;
                let name = quote_identifier(&columns.get(*index as usize)?.name);
                text.push('(');
                self.append(operand, true, text)?;
                text.push_str(&format!(").{name}"));
            }
            ExpressionKind::Subscript { operand, steps } => self.subscript(operand, steps, text)?,
            ExpressionKind::SqlValue(value) => text.push_str(&sql_value(*value)),
            ExpressionKind::Quantified { .. }
            | ExpressionKind::InList { .. }
            | ExpressionKind::RowCompare { .. } => self.append_comparison(expression, text)?,
            // What is printed above, what only queries have, and what only plans have.
            ExpressionKind::Constant(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Call(_)
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::IsDistinct { .. }
            | ExpressionKind::CaseOperand
            | ExpressionKind::Replace { .. }
            | ExpressionKind::Grouping(_)
            | ExpressionKind::Subquery(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::Subplan { .. } => return None,
        }
        Some(())
    }

    fn append_comparison(&self, expression: &Expression, text: &mut String) -> Option<()> {
        match &expression.kind {
            ExpressionKind::Quantified { function, all, operands } => {
                text.push('(');
                self.append(&operands.0, true, text)?;
                let word = if *all { "ALL" } else { "ANY" };
                text.push_str(&format!(" {} {word} (", self.operator_of(function.0)?));
                self.append(&operands.1, true, text)?;
                text.push_str("))");
            }
            ExpressionKind::InList { operand, list, negated, .. } => {
                text.push('(');
                self.append(operand, true, text)?;
                text.push_str(if *negated { " <> ALL (" } else { " = ANY (" });
                self.listed("ARRAY[", list, true, "]))", text)?;
            }
            ExpressionKind::RowCompare { comparison, fields } => {
                let operator = match comparison {
                    RowComparison::Equal => "=",
                    RowComparison::NotEqual => "<>",
                    RowComparison::Less => "<",
                    RowComparison::LessOrEqual => "<=",
                    RowComparison::Greater => ">",
                    RowComparison::GreaterOrEqual => ">=",
                };
                let (left, right): (Vec<Expression>, Vec<Expression>) =
                    fields.iter().map(|field| field.operands.clone()).unzip();
                self.listed("(ROW(", &left, true, ")", text)?;
                text.push_str(&format!(" {operator} "));
                self.listed("ROW(", &right, true, "))", text)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn joined(&self, terms: &[Expression], between: &str, text: &mut String) -> Option<()> {
        text.push('(');
        for (place, term) in terms.iter().enumerate() {
            if place > 0 {
                text.push_str(between);
            }
            self.append(term, false, text)?;
        }
        text.push(')');
        Some(())
    }

    fn tested(&self, operand: &Expression, test: &str, text: &mut String) -> Option<()> {
        text.push('(');
        self.append(operand, true, text)?;
        text.push_str(test);
        Some(())
    }

    fn listed(
        &self,
        open: &str,
        terms: &[Expression],
        implicit: bool,
        close: &str,
        text: &mut String,
    ) -> Option<()> {
        text.push_str(open);
        for (place, term) in terms.iter().enumerate() {
            if place > 0 {
                text.push_str(", ");
            }
            self.append(term, implicit, text)?;
        }
        text.push_str(close);
        Some(())
    }

    fn case(
        &self,
        operand: Option<&Expression>,
        arms: &[(Expression, Expression)],
        otherwise: Option<&Expression>,
        text: &mut String,
    ) -> Option<()> {
        text.push_str("CASE");
        if let Some(operand) = operand {
            text.push(' ');
            self.append(operand, true, text)?;
        }
        for (condition, result) in arms {
            text.push_str(" WHEN ");
            match (operand, &condition.kind) {
                // The comparison with the operand is not written.
                (Some(_), ExpressionKind::Call(call)) => self.append(call.arguments.get(1)?, false, text)?,
                (Some(_), _) => return None,
                (None, _) => self.append(condition, false, text)?,
            }
            text.push_str(" THEN ");
            self.append(result, true, text)?;
        }
        if let Some(otherwise) = otherwise {
            text.push_str(" ELSE ");
            self.append(otherwise, true, text)?;
        }
        text.push_str(" END");
        Some(())
    }

    fn subscript(&self, operand: &Expression, steps: &[SubscriptStep], text: &mut String) -> Option<()> {
        let plain = matches!(operand.kind, ExpressionKind::Column(_));
        if !plain {
            text.push('(');
        }
        self.append(operand, true, text)?;
        if !plain {
            text.push(')');
        }
        for step in steps {
            text.push('[');
            match step {
                SubscriptStep::Index(index) => self.append(index, false, text)?,
                SubscriptStep::Slice(from, to) => {
                    if let Some(from) = from {
                        self.append(from, false, text)?;
                    }
                    text.push(':');
                    if let Some(to) = to {
                        self.append(to, false, text)?;
                    }
                }
            }
            text.push(']');
        }
        Some(())
    }

    fn call(&self, call: &Call, result: Type, implicit: bool, text: &mut String) -> Option<()> {
        if let Some(operator) = &call.operator {
            text.push('(');
            if let [left, right] = &call.arguments[..] {
                self.append(left, true, text)?;
                text.push_str(&format!(" {operator} "));
                self.append(right, true, text)?;
            } else {
                text.push_str(&format!("{operator} "));
                self.append(call.arguments.first()?, true, text)?;
            }
            text.push(')');
            return Some(());
        }
        if is_cast(call, result) {
            let operand = call.arguments.first()?;
            if call.implicit && !implicit {
                return self.append(operand, false, text);
            }
            return self.cast(operand, result, text);
        }
        let name = match function(call.function.0) {
            Some(entry) => quote_identifier(entry.name),
            None => {
                let known = self.scope.function(call.function.0)?;
                let first = self
                    .scope
                    .path()
                    .schemas_of_functions()
                    .find(|schema| self.scope.functions_named(*schema, &known.name).next().is_some());
                if first == Some(known.schema) {
                    quote_identifier(&known.name)
                } else {
                    catalog::name::qualified(&self.scope.schema(known.schema)?.name, &known.name)
                }
            }
        };
        text.push_str(&name);
        self.listed("(", &call.arguments, true, ")", text)
    }

    /// `(operand)::type`; a literal of the type itself stands without parentheses.
    fn cast(&self, operand: &Expression, to: Type, text: &mut String) -> Option<()> {
        match &operand.kind {
            ExpressionKind::Constant(value)
                if operand.result.oid == to.oid && operand.result.modifier == -1 =>
            {
                self.constant(value, operand.result, false, text)?;
            }
            _ => {
                text.push('(');
                self.append(operand, false, text)?;
                text.push(')');
            }
        }
        text.push_str(&format!("::{}", self.type_text(to)));
        Some(())
    }

    fn constant(&self, value: &Value, of: Type, labelled: bool, text: &mut String) -> Option<()> {
        if value.is_null() {
            text.push_str("NULL");
            if labelled && of.oid != oid::UNKNOWN {
                text.push_str(&format!("::{}", self.type_text(of)));
            }
            return Some(());
        }
        let shown = self.output(value, of)?;
        let digits = shown.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'e');
        let label = match of.oid {
            oid::BOOL => {
                text.push_str(if shown == "t" { "true" } else { "false" });
                return Some(());
            }
            oid::INT4 if digits => {
                text.push_str(&shown);
                return Some(());
            }
            oid::NUMERIC if digits => {
                text.push_str(&shown);
                of.modifier >= 0 || !shown.contains(['.', 'e'])
            }
            oid::UNKNOWN => {
                text.push_str(&quoted(&shown));
                false
            }
            _ => {
                text.push_str(&quoted(&shown));
                true
            }
        };
        if labelled && label {
            text.push_str(&format!("::{}", self.type_text(of)));
        }
        Some(())
    }

    fn output(&self, value: &Value, of: Type) -> Option<String> {
        // A sequence, a table: what is kept must go on meaning the object, so it is named.
        if of.oid == oid::REGCLASS
            && let Value::Int32(number) = value
            && let Some(relation) = self.scope.relation(*number as u32)
        {
            let name = relation.name().to_owned();
            return Some(if self.scope.is_relation_visible(relation.schema(), &name) {
                quote_identifier(&name)
            } else {
                catalog::name::qualified(&self.scope.schema(relation.schema())?.name, &name)
            });
        }
        let mut shown = String::new();
        types::text::output(self.scope, of, &Item::from(value), self.settings, &mut shown).ok()?;
        Some(shown)
    }

    fn operator_of(&self, number: u32) -> Option<&'static str> {
        functions::table::operators().find(|entry| entry.function == number).map(|entry| entry.name)
    }
}

/// Whether a call is how a cast is made.
fn is_cast(call: &Call, result: Type) -> bool {
    let Some(operand) = call.arguments.first() else { return false };
    let by_length = length_cast(result.oid) == Some(call.function.0) && call.arguments.len() > 1;
    let entry = cast_entry(operand.result.oid, result.oid);
    by_length || entry.is_some_and(|entry| entry.method == CastMethod::Function(call.function.0))
}

fn quoted(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") }
}

fn sql_value(value: SqlValue) -> String {
    let timed = |name: &str, precision: Option<i32>| match precision {
        Some(precision) => format!("{name}({precision})"),
        None => name.to_owned(),
    };
    match value {
        SqlValue::CurrentDate => "CURRENT_DATE".to_owned(),
        SqlValue::CurrentTime(precision) => timed("CURRENT_TIME", precision),
        SqlValue::CurrentTimestamp(precision) => timed("CURRENT_TIMESTAMP", precision),
        SqlValue::LocalTime(precision) => timed("LOCALTIME", precision),
        SqlValue::LocalTimestamp(precision) => timed("LOCALTIMESTAMP", precision),
        SqlValue::CurrentUser => "CURRENT_USER".to_owned(),
        SqlValue::SessionUser => "SESSION_USER".to_owned(),
        SqlValue::CurrentCatalog => "CURRENT_CATALOG".to_owned(),
        SqlValue::CurrentSchema => "CURRENT_SCHEMA".to_owned(),
    }
}
