//! Changes of rows as SQL text, as `pg_get_ruledef` prints them, and what of rules is no query.

use super::Deparse;
use super::from::looks_like_call;
use super::level::Level;
use super::output::{Output, STANDARD};
use super::query::Style;
use crate::shape::{
    ArbiterKey, ArbiterShape, Body, ChangeHow, ChangeShape, ConflictShape, EntrySource, InsertedShape, Shapes,
};
use catalog::name::quote_identifier;
use plan::expression::Expression;

impl Deparse<'_> {
    /// The text of a rule's action. `None` if a part of it cannot be printed.
    pub fn action(&self, shapes: &Shapes, style: Style) -> Option<String> {
        let rows = shapes.rows.as_deref().map(|rows| Level::of_rows(rows, self.scope));
        let mut output = Output::new(style.indented);
        let deparse = Deparse { pretty: style.pretty, shapes: Some(shapes), level: rows.as_ref(), ..*self };
        deparse.append_query(shapes.root.as_deref()?, None, true, &mut output)?;
        Some(output.text)
    }

    /// The text of a statement of a function's body: nobody sees what its columns are called.
    pub fn statement(&self, shapes: &Shapes, style: Style) -> Option<String> {
        let mut output = Output::new(style.indented);
        let deparse = Deparse { pretty: style.pretty, shapes: Some(shapes), ..*self };
        deparse.append_query(shapes.root.as_deref()?, None, false, &mut output)?;
        Some(output.text)
    }

    /// The text of the one value that a body yields which is an expression.
    pub fn returned(&self, shapes: &Shapes, indented: bool) -> Option<String> {
        let Body::Select(select) = &shapes.root.as_deref()?.body else { return None };
        let [target] = &select.targets[..] else { return None };
        let mut output = Output::new(indented);
        Deparse { shapes: Some(shapes), ..*self }.append(&target.expression, false, &mut output)?;
        Some(output.text)
    }

    /// The text of a rule's condition.
    pub fn rule_condition(&self, condition: &Expression, shapes: &Shapes, style: Style) -> Option<String> {
        let rows = shapes.rows.as_deref().map(|rows| Level::of_rows(rows, self.scope));
        let mut output = Output::new(style.indented);
        let deparse = Deparse { pretty: style.pretty, shapes: Some(shapes), level: rows.as_ref(), ..*self };
        deparse.append(condition, false, &mut output)?;
        Some(output.text)
    }

    pub(super) fn append_change(&self, change: &ChangeShape, output: &mut Output) -> Option<()> {
        if output.indented {
            output.level += STANDARD;
            output.push(" ");
        }
        let EntrySource::Relation { relation, only, .. } = &change.target.source else { return None };
        let found = self.scope.relation(*relation)?;
        let name = format!("{}{}", if *only { "ONLY " } else { "" }, self.relation_text(&found)?);
        let own = self.level?.named(&change.target)?;
        let alias =
            (change.target.alias.is_some() || own.name != found.name()).then(|| quote_identifier(&own.name));
        match &change.how {
            ChangeHow::Insert { columns, overriding, source, conflict } => {
                output.push(&format!("INSERT INTO {name} "));
                if let Some(alias) = alias {
                    output.push(&format!("AS {alias} "));
                }
                for (place, column) in columns.iter().enumerate() {
                    output.push(if place == 0 { "(" } else { ", " });
                    output.push(&quote_identifier(own.columns.get(*column)?));
                }
                output.push(if columns.is_empty() { "" } else { ") " });
                output.push(match overriding {
                    Some(true) => "OVERRIDING SYSTEM VALUE ",
                    Some(false) => "OVERRIDING USER VALUE ",
                    None => "",
                });
                self.append_inserted(source, output)?;
                if let Some(conflict) = conflict {
                    self.append_conflict(conflict, &own.columns, output)?;
                }
            }
            ChangeHow::Update(assignments) => {
                output.push(&format!("UPDATE {name}"));
                if let Some(alias) = alias {
                    output.push(&format!(" {alias}"));
                }
                output.push(" SET ");
                self.append_assignments(assignments, &own.columns, output)?;
                self.append_from(&change.from, output)?;
            }
            ChangeHow::Delete => {
                output.push(&format!("DELETE FROM {name}"));
                if let Some(alias) = alias {
                    output.push(&format!(" {alias}"));
                }
                self.append_list_of_from(" USING ", &change.from, output)?;
            }
        }
        if let Some(condition) = &change.condition {
            output.line(" WHERE ", -STANDARD, STANDARD, 1);
            self.append(condition, false, output)?;
        }
        if !change.returning.is_empty() {
            output.line(" RETURNING", -STANDARD, STANDARD, 1);
            self.append_targets(change.returning.iter(), None, true, output)?;
        }
        Some(())
    }

    fn append_conflict(&self, conflict: &ConflictShape, names: &[String], output: &mut Output) -> Option<()> {
        output.push(" ON CONFLICT");
        match &conflict.arbiter {
            ArbiterShape::Any => {}
            ArbiterShape::Keys { row, keys, condition } => {
                let level = Level::of_rows(row, self.scope);
                let deparse = Deparse { level: Some(&level), ..*self };
                output.push("(");
                for (place, key) in keys.iter().enumerate() {
                    output.push(if place > 0 { ", " } else { "" });
                    deparse.append_arbiter_key(key, output)?;
                }
                output.push(")");
                if let Some(condition) = condition {
                    output.line(" WHERE ", -STANDARD, STANDARD, 1);
                    deparse.append(condition, false, output)?;
                }
            }
            ArbiterShape::Constraint(name) => {
                output.push(&format!(" ON CONSTRAINT {}", quote_identifier(name)));
            }
        }
        let Some(update) = &conflict.update else {
            output.push(" DO NOTHING");
            return Some(());
        };
        output.push(" DO UPDATE SET ");
        self.append_assignments(&update.assignments, names, output)?;
        if let Some(condition) = &update.condition {
            output.line(" WHERE ", -STANDARD, STANDARD, 1);
            self.append(condition, false, output)?;
        }
        Some(())
    }

    fn append_arbiter_key(&self, key: &ArbiterKey, output: &mut Output) -> Option<()> {
        let plain = key.expression.as_column().is_some() || looks_like_call(&key.expression);
        output.push(if plain { "" } else { "(" });
        self.append(&key.expression, false, output)?;
        output.push(if plain { "" } else { ")" });
        if let Some(collation) = key.collation {
            output.push(&format!(" COLLATE {}", self.scope.collation_name(collation)?));
        }
        if let Some(class) = key.class {
            output.push(&format!(" {}", self.scope.operator_class_text(class)));
        }
        Some(())
    }

    fn append_assignments(
        &self,
        assignments: &[(usize, Option<Expression>)],
        names: &[String],
        output: &mut Output,
    ) -> Option<()> {
        let mut between = "";
        for (column, value) in assignments {
            let column = quote_identifier(names.get(*column)?);
            let parts = match value {
                Some(value) => {
                    self.assignments(&column, value)?.into_iter().map(|(to, part)| (to, Some(part))).collect()
                }
                None => vec![(column, None)],
            };
            for (to, part) in parts {
                output.push(&format!("{between}{to} = "));
                self.append_given(part, output)?;
                between = ", ";
            }
        }
        Some(())
    }

    fn append_inserted(&self, source: &InsertedShape, output: &mut Output) -> Option<()> {
        match source {
            InsertedShape::Defaults => output.push("DEFAULT VALUES"),
            InsertedShape::Values(rows) if rows.len() == 1 => {
                output.line("VALUES (", -STANDARD, STANDARD, 2);
                self.append_row(rows.first()?, ", ", output)?;
                output.push(")");
            }
            InsertedShape::Values(rows) => {
                output.push("VALUES ");
                for (place, row) in rows.iter().enumerate() {
                    output.push(if place > 0 { ", (" } else { "(" });
                    self.append_row(row, ",", output)?;
                    output.push(")");
                }
            }
            InsertedShape::Query(query) => self.append_query(query, None, false, output)?,
        }
        Some(())
    }

    fn append_row(&self, row: &[Option<Expression>], between: &str, output: &mut Output) -> Option<()> {
        for (place, value) in row.iter().enumerate() {
            output.push(if place > 0 { between } else { "" });
            self.append_given(value.as_ref(), output)?;
        }
        Some(())
    }

    /// A value, or `DEFAULT`.
    fn append_given(&self, value: Option<&Expression>, output: &mut Output) -> Option<()> {
        match value {
            Some(value) => self.append_whole(value, false, output),
            None => {
                output.push("DEFAULT");
                Some(())
            }
        }
    }
}
