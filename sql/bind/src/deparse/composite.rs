//! Arrays, rows, their parts and comparisons with them, as text.

use super::Deparse;
use super::output::Output;
use super::simple::Around;
use catalog::name::quote_identifier;
use plan::expression::{Expression, ExpressionKind, ReplacePath, RowComparison, SubscriptStep};
use types::Types;
use types::catalog::oid;

impl Deparse<'_> {
    pub(super) fn append_composite(&self, expression: &Expression, output: &mut Output) -> Option<()> {
        match &expression.kind {
            ExpressionKind::Array { elements, .. } if elements.is_empty() => {
                output.push(&format!("ARRAY[]::{}", self.type_text(expression.result)));
                Some(())
            }
            ExpressionKind::Array { elements, .. } => self.listed("ARRAY[", elements, "]", output),
            ExpressionKind::Row(fields) => {
                if self.level.is_some() && self.plain_column_of(expression, false, output)?.is_some() {
                    return Some(());
                }
                // A cast of it that is written is an expression of its own.
                self.listed_whole("ROW(", fields, ")", output)
            }
            ExpressionKind::Field { operand, index } => {
                let of = self.scope.undomained(operand.result);
                let record = self.scope.record_columns(of.modifier).filter(|_| of.oid == oid::RECORD);
                let columns = match &record {
                    Some(columns) => columns,
                    None => self.scope.columns(of.oid)?,
                };
                let name = quote_identifier(&columns.get(*index as usize)?.name);
                output.push("(");
                self.append(operand, true, output)?;
                output.push(&format!(").{name}"));
                Some(())
            }
            ExpressionKind::Subscript { operand, steps } => self.subscript(operand, steps, output),
            _ => None,
        }
    }

    /// What is assigned to a column as it is written: to parts of it, one by one, if it is no value of the whole.
    pub(super) fn assignments<'e>(
        &self,
        column: &str,
        value: &'e Expression,
    ) -> Option<Vec<(String, &'e Expression)>> {
        let mut inner = value;
        while let ExpressionKind::DomainCheck { operand, .. } = &inner.kind {
            inner = operand;
        }
        let ExpressionKind::Replace { operand, path, value: part } = &inner.kind else {
            return Some(vec![(column.to_owned(), value)]);
        };
        let mut before = operand;
        while let ExpressionKind::DomainCheck { operand, .. } = &before.kind {
            before = operand;
        }
        let mut found = match &before.kind {
            ExpressionKind::Replace { .. } => self.assignments(column, before)?,
            _ => Vec::new(),
        };
        let mut place = Output::new(false);
        place.push(column);
        match path {
            ReplacePath::Field(index) => {
                let of = self.scope.undomained(operand.result);
                let field = self.scope.columns(of.oid)?.get(*index as usize)?;
                place.push(&format!(".{}", quote_identifier(&field.name)));
            }
            ReplacePath::Subscript(steps) => self.append_steps(steps, &mut place)?,
        }
        found.extend(self.assignments(&place.text, part)?);
        Some(found)
    }

    fn subscript(&self, operand: &Expression, steps: &[SubscriptStep], output: &mut Output) -> Option<()> {
        let plain = matches!(operand.kind, ExpressionKind::Column(_) | ExpressionKind::Parameter(_));
        output.push(if plain { "" } else { "(" });
        self.append(operand, true, output)?;
        output.push(if plain { "" } else { ")" });
        self.append_steps(steps, output)
    }

    fn append_steps(&self, steps: &[SubscriptStep], output: &mut Output) -> Option<()> {
        for step in steps {
            output.push("[");
            match step {
                SubscriptStep::Index(index) => self.append(index, false, output)?,
                SubscriptStep::Slice(from, to) => {
                    if let Some(from) = from {
                        self.append(from, false, output)?;
                    }
                    output.push(":");
                    if let Some(to) = to {
                        self.append(to, false, output)?;
                    }
                }
            }
            output.push("]");
        }
        Some(())
    }

    pub(super) fn append_comparison(&self, expression: &Expression, output: &mut Output) -> Option<()> {
        match &expression.kind {
            ExpressionKind::Quantified { function, all, operands } => {
                self.open(output);
                self.operand(&operands.0, true, Around::Test, output)?;
                let word = if *all { "ALL" } else { "ANY" };
                output.push(&format!(" {} {word} (", self.operator_of(function.0)?));
                // A query that gives one array is no list of rows: without a cast it would be read as such.
                let query = matches!(operands.1.kind, ExpressionKind::Subquery(_));
                output.push(if query { "(" } else { "" });
                self.append(&operands.1, true, output)?;
                if query {
                    output.push(&format!(")::{}", self.type_text(operands.1.result)));
                }
                output.push(")");
                self.close(output);
            }
            ExpressionKind::InList { operand, list, negated, .. } => {
                self.open(output);
                self.operand(operand, true, Around::Test, output)?;
                output.push(if *negated { " <> ALL (" } else { " = ANY (" });
                self.listed("ARRAY[", list, "])", output)?;
                self.close(output);
            }
            ExpressionKind::RowCompare { comparison, fields } => {
                let (left, right): (Vec<Expression>, Vec<Expression>) =
                    fields.iter().map(|field| field.operands.clone()).unzip();
                self.listed_whole("(ROW(", &left, ")", output)?;
                output.push(&format!(" {} ", comparison_of(*comparison)));
                self.listed_whole("ROW(", &right, "))", output)?;
            }
            _ => return None,
        }
        Some(())
    }
}

/// How rows are compared, as it is written.
pub(super) fn comparison_of(comparison: RowComparison) -> &'static str {
    match comparison {
        RowComparison::Less => "<",
        RowComparison::LessOrEqual => "<=",
        RowComparison::Greater => ">",
        RowComparison::GreaterOrEqual => ">=",
    }
}
