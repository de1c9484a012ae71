//! Statistics as SQL: what `CREATE STATISTICS` made, and of what.

use crate::services::describe::Describe;
use bind::deparse::Style;
use catalog::definition::key_text;
use catalog::name::quote_identifier;
use catalog::object::{ExtendedKinds, ExtendedStatistics, Oid};
use functions::SessionFunction;
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::{Item, Kind, Value};

/// The answer, if the function is about statistics; null where there are none of that number.
pub(crate) fn answer(describe: &Describe<'_>, function: SessionFunction, statistics: Oid) -> Option<Value> {
    let known = describe.context.scope.statistics(statistics);
    let text = |told: Option<String>| told.map_or(Value::Null, |told| Value::text(&told));
    Some(match function {
        SessionFunction::StatisticsDefinition => {
            text(known.and_then(|known| describe.statistics_definition(known)))
        }
        SessionFunction::StatisticsColumns => {
            text(known.and_then(|known| describe.statistics_columns(known)))
        }
        SessionFunction::StatisticsExpressions => match known.filter(|known| !known.expressions.is_empty()) {
            Some(known) => {
                let mut texts = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
                for told in describe.gathered_expressions(known) {
                    texts.push(&Item::Bytes(told.as_bytes()));
                }
                Value::Bytes(texts.finish_list().into())
            }
            None => Value::Null,
        },
        _ => return None, // about something else
    })
}

impl Describe<'_> {
    /// The expressions of statistics, each by itself.
    pub(crate) fn gathered_expressions(&self, known: &ExtendedStatistics) -> Vec<String> {
        self.gathered(known, Style { pretty: false, indented: true })
    }

    /// A text that is that of all expressions of statistics of a table, of which there are several.
    pub(crate) fn expressions_of_statistics(&self, table: Oid, text: &str, pretty: bool) -> Option<String> {
        let all = |known: &ExtendedStatistics| {
            let texts: Vec<&str> = known.expressions.iter().map(|it| it.text.as_str()).collect();
            texts.len() > 1 && texts.join(", ") == text
        };
        let known = self.context.scope.statistics_of(table).find(|known| all(known))?;
        Some(self.gathered(known, Style { pretty, indented: true }).join(", "))
    }

    fn gathered(&self, known: &ExtendedStatistics, style: Style) -> Vec<String> {
        let table = self.context.scope.table(known.table);
        let told = |text: &String| table.and_then(|table| self.over_table_in(table, text, style));
        let texts = known.expressions.iter().map(|expression| &expression.text);
        texts.map(|text| told(text).unwrap_or_else(|| text.clone())).collect()
    }

    /// What statistics are of, as it is written.
    fn statistics_columns(&self, known: &ExtendedStatistics) -> Option<String> {
        let table = self.context.scope.table(known.table)?;
        let columns = known.columns.iter().filter_map(|place| table.columns.get(usize::from(*place)));
        let expressions = self.gathered(known, Style { pretty: true, indented: false });
        let mut names: Vec<String> = columns.map(|column| quote_identifier(&column.name)).collect();
        names.extend(expressions.iter().map(|text| key_text(text)));
        Some(names.join(", "))
    }

    /// `CREATE STATISTICS` of statistics.
    fn statistics_definition(&self, known: &ExtendedStatistics) -> Option<String> {
        let scope = self.context.scope;
        let (table, schema) = (scope.table(known.table)?, scope.schema(known.schema)?);
        let (schema, name) = (quote_identifier(&schema.name), quote_identifier(&known.name));
        let kinds: Vec<&str> = known.kinds.shown().map(|(word, _)| word).collect();
        let unsaid = known.kinds == ExtendedKinds::ALL || known.width() < 2;
        let kinds = if unsaid { String::new() } else { format!(" ({})", kinds.join(", ")) };
        let of = scope.relation_name(table.schema, &table.name);
        Some(format!(
            "CREATE STATISTICS {schema}.{name}{kinds} ON {} FROM {of}",
            self.statistics_columns(known)?
        ))
    }
}
