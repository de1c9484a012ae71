//! What is in `FROM`, as text.

use super::Deparse;
use super::level::Level;
use super::output::Output;
use super::query::{append_names, plain_rows};
use crate::shape::{
    Body, DefinedColumn, EntryShape, EntrySource, FromShape, FunctionsShape, JoinShape, JoinWord, Shape,
};
use catalog::name::quote_identifier;
use plan::expression::{Expression, ExpressionKind, FunctionId};

impl Deparse<'_> {
    pub(super) fn append_item(&self, item: &FromShape, output: &mut Output) -> Option<()> {
        let deparse = Deparse { within_from: true, ..*self };
        match item {
            FromShape::Entry(entry) => deparse.append_entry(entry, output),
            FromShape::Join(join) => deparse.append_join(join, output),
        }
    }

    fn append_entry(&self, entry: &EntryShape, output: &mut Output) -> Option<()> {
        let level = self.level?;
        let named = level.named(entry)?;
        let lateral = entry.lateral || is_lateral(level, entry);
        output.push(if lateral { "LATERAL " } else { "" });
        let renamed = match &entry.source {
            EntrySource::Relation { relation, only, .. } => {
                let found = self.scope.relation(*relation)?;
                output.push(if *only { "ONLY " } else { "" });
                output.push(&self.relation_text(&found)?);
                named.name != found.name() || entry.alias.is_some()
            }
            EntrySource::Query(shape) => {
                output.push("(");
                // What is not LATERAL sees nothing beside it; names are told apart all the same.
                let within = Deparse { within_from: false, ..*self };
                let shape = shape.as_deref()?;
                match own_values(entry, shape) {
                    // A view that is nothing but VALUES with other names has been written so: it is no query within one.
                    Some(rows) => within.append_rows(rows, output)?,
                    None => within.append_query(shape, None, true, output)?,
                }
                output.push(")");
                true
            }
            EntrySource::Values(rows) => {
                output.push("(");
                self.append_rows(rows, output)?;
                output.push(")");
                true
            }
            EntrySource::Common(name) => {
                output.push(&quote_identifier(name));
                named.name != *name || entry.alias.is_some()
            }
            EntrySource::Functions(functions) => {
                self.append_functions(functions, output)?;
                true
            }
        };
        if renamed || named.shows_columns {
            output.push(&format!(" {}", quote_identifier(&named.name)));
        }
        let defined = match &entry.source {
            EntrySource::Functions(functions) => functions.behind_alias(),
            EntrySource::Relation { .. }
            | EntrySource::Query(_)
            | EntrySource::Values(_)
            | EntrySource::Common(_) => None,
        };
        match defined {
            Some(defined) => self.append_definitions(defined, Some(&named.columns), output)?,
            None if named.shows_columns => append_names(&named.shown, output),
            None => {}
        }
        if let EntrySource::Relation { sample: Some(sample), .. } = &entry.source {
            let method = if sample.by_rows { "bernoulli" } else { "system" };
            output.push(&format!(" TABLESAMPLE {method} ("));
            self.append_number(&sample.percentage, output)?;
            output.push(")");
            if let Some(seed) = &sample.seed {
                output.push(" REPEATABLE (");
                self.append_number(seed, output)?;
                output.push(")");
            }
        }
        Some(())
    }

    fn append_functions(&self, functions: &FunctionsShape, output: &mut Output) -> Option<()> {
        let [first, rest @ ..] = &functions.calls[..] else { return None };
        let defined = functions.definitions.iter().any(|columns| !columns.is_empty());
        let alone = rest.is_empty() && (!defined || functions.behind_alias().is_some());
        let arrays = self.unnested(&functions.calls).filter(|_| !defined);
        if alone && !looks_like_call(first) {
            output.push("CAST(");
            self.append(first, true, output)?;
            output.push(&format!(" AS {})", self.type_text(first.result)));
        } else if alone {
            self.append(first, true, output)?;
        } else if let Some(arrays) = arrays {
            self.listed("UNNEST(", &arrays, ")", output)?;
        } else {
            for (place, call) in functions.calls.iter().enumerate() {
                output.push(if place == 0 { "ROWS FROM(" } else { ", " });
                self.append(call, true, output)?;
                let defined = functions.definitions.get(place)?;
                if !defined.is_empty() {
                    output.push(" AS ");
                    self.append_definitions(defined, None, output)?;
                }
            }
            output.push(")");
        }
        output.push(if functions.ordinality { " WITH ORDINALITY" } else { "" });
        Some(())
    }

    /// Column definitions, with the names that the columns have now, if these are given.
    fn append_definitions(
        &self,
        defined: &[DefinedColumn],
        names: Option<&[String]>,
        output: &mut Output,
    ) -> Option<()> {
        for (place, column) in defined.iter().enumerate() {
            output.push(if place == 0 { "(" } else { ", " });
            let name = names.map_or(Some(&column.name), |names| names.get(place))?;
            output.push(&format!("{} {}", quote_identifier(name), self.type_text(column.of)));
            if let Some(collation) =
                column.collation.filter(|it| *it != self.scope.type_collation(column.of.oid))
            {
                output.push(&format!(" COLLATE {}", self.scope.collation_name(collation)?));
            }
        }
        output.push(")");
        Some(())
    }

    /// The arrays, if all of some functions are `unnest`.
    fn unnested(&self, calls: &[Expression]) -> Option<Vec<Expression>> {
        /// `unnest(anyarray)`
        const UNNEST: FunctionId = FunctionId(2331);
        let array = |call: &Expression| match &call.kind {
            ExpressionKind::Call(call) if call.function == UNNEST => call.arguments.first().cloned(),
            _ => None,
        };
        calls.iter().map(array).collect()
    }

    fn append_join(&self, join: &JoinShape, output: &mut Output) -> Option<()> {
        let parentheses = !self.pretty || join.alias.is_some();
        output.push(if parentheses { "(" } else { "" });
        self.append_item(&join.left, output)?;
        let conditional = join.on.is_some() || !join.using.is_empty();
        let word = match join.kind {
            JoinWord::Inner if conditional => " JOIN ",
            JoinWord::Inner => " CROSS JOIN ",
            JoinWord::Left => " LEFT JOIN ",
            JoinWord::Right => " RIGHT JOIN ",
            JoinWord::Full => " FULL JOIN ",
        };
        Deparse::join_line(word, output);
        let wrapped = self.pretty && matches!(&join.right, FromShape::Join(right) if right.alias.is_none());
        output.push(if wrapped { "(" } else { "" });
        self.append_item(&join.right, output)?;
        output.push(if wrapped { ")" } else { "" });
        if !join.using.is_empty() {
            output.push(" USING ");
            append_names(self.level?.joined_names(join), output);
            if let Some(alias) = &join.using_alias {
                output.push(&format!(" AS {}", quote_identifier(alias)));
            }
        } else if let Some(condition) = &join.on {
            output.push(if self.pretty { " ON " } else { " ON (" });
            self.append(condition, false, output)?;
            output.push(if self.pretty { "" } else { ")" });
        } else if join.kind != JoinWord::Inner {
            output.push(" ON TRUE");
        }
        output.push(if parentheses { ")" } else { "" });
        if let Some(alias) = &join.alias {
            let named = self.level?.named_join(alias)?;
            output.push(&format!(" {}", quote_identifier(&named.name)));
            if named.shows_columns {
                append_names(&named.shown, output);
            }
        }
        Some(())
    }
}

/// The rows of `VALUES` that goes by the name that it has without a query around it.
fn own_values<'s>(entry: &EntryShape, shape: &'s Shape) -> Option<&'s [Vec<Expression>]> {
    let Body::Select(select) = &shape.body else { return None };
    let bare = entry.alias.as_deref() == Some("*VALUES*") && !shape.is_wrapped();
    if bare { plain_rows(select, None) } else { None }
}

/// Whether `FROM` takes an expression for a call of a function.
pub(super) fn looks_like_call(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Call(call) => call.operator.is_none() && !call.form.is_cast(),
        ExpressionKind::Coalesce(_)
        | ExpressionKind::Extreme { .. }
        | ExpressionKind::NullIf { .. }
        | ExpressionKind::SqlValue(_)
        | ExpressionKind::Grouping(_)
        // A column that has no name stands for an aggregate, a window function or a set.
        | ExpressionKind::Column(_) => true,
        _ => false,
    }
}

/// Functions may use what stands beside them without saying so.
fn is_lateral(level: &Level<'_>, entry: &EntryShape) -> bool {
    match &entry.source {
        EntrySource::Functions(functions) => level.owns_any(&functions.calls),
        EntrySource::Relation { .. }
        | EntrySource::Query(_)
        | EntrySource::Values(_)
        | EntrySource::Common(_) => false,
    }
}
