//! Queries within expressions, as text.

use super::Deparse;
use super::composite::comparison_of;
use super::output::Output;
use crate::shape::yields;
use plan::expression::{Expression, ExpressionKind, Subquery, SubqueryTest};

impl Deparse<'_> {
    pub(super) fn append_subquery(&self, subquery: &Subquery, output: &mut Output) -> Option<()> {
        let shapes = self.shapes?;
        let relation = yields(&subquery.query, &|relation| shapes.subqueries.contains_key(&relation))?;
        let shape = shapes.subqueries.get(&relation)?;
        let wrapped = match &subquery.test {
            SubqueryTest::Scalar => {
                output.push("(");
                false
            }
            SubqueryTest::Array { .. } => {
                output.push("ARRAY(");
                false
            }
            SubqueryTest::Exists => {
                output.push("(EXISTS (");
                true
            }
            SubqueryTest::Any(comparison) | SubqueryTest::All(comparison) => {
                output.push("(");
                let operator = self.append_left(comparison, output)?;
                output.push(&match &subquery.test {
                    SubqueryTest::Any(_) if operator == "=" => " IN (".to_owned(),
                    SubqueryTest::Any(_) => format!(" {operator} ANY ("),
                    _ => format!(" {operator} ALL ("),
                });
                true
            }
            // Its copies belong together: what is made of them cannot be told from here.
            SubqueryTest::RowField(_) => return None,
        };
        let within = Deparse { within_from: false, ..*self };
        within.append_query(shape, None, false, output)?;
        output.push(if wrapped { "))" } else { ")" });
        Some(())
    }

    /// What stands at the left of a comparison with a query; answers the operator.
    fn append_left(&self, comparison: &Expression, output: &mut Output) -> Option<String> {
        let terms: Vec<&Expression> = match &comparison.kind {
            ExpressionKind::And(terms) | ExpressionKind::Or(terms) => terms.iter().collect(),
            ExpressionKind::RowCompare { comparison, fields } => {
                let left: Vec<Expression> = fields.iter().map(|field| field.operands.0.clone()).collect();
                self.listed("(", &left, ")", output)?;
                return Some(comparison_of(*comparison).to_owned());
            }
            _ => vec![comparison],
        };
        let row = terms.len() > 1;
        let mut operator = None;
        output.push(if row { "(" } else { "" });
        for (place, term) in terms.iter().enumerate() {
            let ExpressionKind::Call(call) = &term.kind else { return None };
            let [left, _] = &call.arguments[..] else { return None };
            output.push(if place > 0 { ", " } else { "" });
            self.append(left, true, output)?;
            operator = call.operator.as_deref();
        }
        output.push(if row { ")" } else { "" });
        operator.map(str::to_owned)
    }
}
