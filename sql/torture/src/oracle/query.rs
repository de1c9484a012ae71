//! Queries that are drawn: over several tables, with joins of all kinds, subqueries, groups, windows, set operations.
//!
//! What they give is determined up to the order of the rows, and with `ORDER BY` over all columns that, too. Nothing in them
//! fails.

use crate::client::Client;
use crate::expression::Expression;
use crate::labels;
use crate::model::contents::Contents;
use crate::value::Kind;

/// Tables of a query at most.
const SOURCES: usize = 3;

/// A query of rows of several tables, before anything is made of them.
#[derive(Debug, Clone)]
pub struct Rows {
    /// What follows `FROM`.
    pub from: String,
    /// The columns there are.
    pub columns: Vec<(String, Kind)>,
    /// Which rows.
    pub filter: String,
}

impl Rows {
    /// All columns.
    pub fn list(&self) -> String {
        self.columns.iter().map(|column| column.0.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Client<'_> {
    /// Rows of one table or of several; none if there is no table.
    pub fn rows(&self, view: &Contents) -> Option<Rows> {
        let mut from = String::new();
        let mut columns: Vec<(String, Kind)> = Vec::new();
        for number in 0..=self.choose(&labels::COUNT, SOURCES) {
            let (name, table) = self.table(view)?;
            let alias = ["a", "b", "c"].get(number)?;
            let own: Vec<(String, Kind)> =
                table.typed().into_iter().map(|(name, kind)| (format!("{alias}.{name}"), kind)).collect();
            if number > 0 {
                let both: Vec<(String, Kind)> = columns.iter().chain(&own).cloned().collect();
                let kind = [Kind::Int, Kind::Int, Kind::Int, Kind::Text][self.choose(&labels::VARIANT, 4)];
                let (left, right) = (self.column(&columns, kind).sql(""), self.column(&own, kind).sql(""));
                let joins = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"];
                let join = joins[self.choose(&labels::QUERY, joins.len())];
                // A full join needs columns on both sides; numbers there are always.
                let (left, right) = match join {
                    "FULL JOIN" => {
                        (self.column(&columns, Kind::Int).sql(""), self.column(&own, Kind::Int).sql(""))
                    }
                    _ => (left, right),
                };
                let more = match self.choose(&labels::VARIANT, 4) {
                    3 if join != "FULL JOIN" => format!(" AND {}", self.predicate(&both, 1).sql("")),
                    _ => String::new(),
                };
                from.push_str(&format!(" {join} {name} {alias} ON {left} = {right}{more}"));
            } else {
                from = format!("{name} {alias}");
            }
            columns.extend(own);
        }
        let filter = self.query_filter(view, &columns)?;
        Some(Rows { from, columns, filter })
    }

    fn query_filter(&self, view: &Contents, columns: &[(String, Kind)]) -> Option<String> {
        let plain = self.predicate(columns, 2).sql("");
        let (name, table) = self.table(view)?;
        let own: Vec<(String, Kind)> =
            table.typed().into_iter().map(|(name, kind)| (format!("s.{name}"), kind)).collect();
        let outer = self.column(columns, Kind::Int).sql("");
        let inner = self.column(&own, Kind::Int).sql("");
        let both: Vec<(String, Kind)> = columns.iter().chain(&own).cloned().collect();
        let condition = |columns: &[(String, Kind)]| self.predicate(columns, 1).sql("");
        Some(match self.choose(&labels::QUERY, 9) {
            4 => format!("EXISTS (SELECT 1 FROM {name} s WHERE {inner} = {outer} AND {})", condition(&both)),
            5 => format!(
                "NOT EXISTS (SELECT 1 FROM {name} s WHERE {inner} = {outer} AND {})",
                condition(&both)
            ),
            6 => format!("{outer} IN (SELECT {inner} FROM {name} s WHERE {})", condition(&own)),
            7 => format!("{outer} NOT IN (SELECT {inner} FROM {name} s WHERE {})", condition(&both)),
            8 => format!(
                "{outer} <= (SELECT max({inner}) FROM {name} s WHERE {}) OR {plain}",
                condition(&both)
            ),
            _ => plain,
        })
    }

    /// A whole query, with whether the order of its rows is determined.
    pub fn whole_query(&self, view: &Contents) -> Option<(String, bool)> {
        let rows = self.rows(view)?;
        let Rows { from, filter, .. } = &rows;
        let number = |rows: &Rows| self.column(&rows.columns, Kind::Int).sql("");
        let text = |rows: &Rows| self.column(&rows.columns, Kind::Text).sql("");
        let list = rows.list();
        let plain = format!("SELECT {list} FROM {from} WHERE {filter}");
        Some(match self.choose(&labels::QUERY, 9) {
            0 => (plain, false),
            1 => {
                let (by, of) = (number(&rows), number(&rows));
                let having = self.choose(&labels::VARIANT, 3);
                let having = if having == 2 { " HAVING count(*) > 1" } else { "" };
                let word = text(&rows);
                (
                    format!(
                        "SELECT {by}, count(*), sum({of}), min({word}), max({of}), count(DISTINCT {word}) \
                         FROM {from} WHERE {filter} GROUP BY {by}{having}"
                    ),
                    false,
                )
            }
            2 => (
                format!("SELECT DISTINCT {}, {} FROM {from} WHERE {filter}", number(&rows), text(&rows)),
                false,
            ),
            3 => {
                let (of, by, word) = (number(&rows), number(&rows), text(&rows));
                (
                    format!(
                        "SELECT {list}, sum({of}) OVER (PARTITION BY {by}), rank() OVER (ORDER BY {word}, {of} DESC) \
                         FROM {from} WHERE {filter}"
                    ),
                    false,
                )
            }
            4 => {
                let other = self.rows(view)?;
                let operations = ["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL"];
                let operation = operations[self.choose(&labels::QUERY, operations.len())];
                let (left, right) = (number(&rows), number(&other));
                (
                    format!(
                        "SELECT {left} FROM {from} WHERE {filter} {operation} SELECT {right} FROM {} WHERE {}",
                        other.from, other.filter
                    ),
                    false,
                )
            }
            5 | 6 => {
                let places = 1..=rows.columns.len();
                let ways = ["", " DESC", " NULLS FIRST", " DESC NULLS LAST"];
                let order: Vec<String> = places
                    .map(|place| format!("{place}{}", ways[self.choose(&labels::VARIANT, ways.len())]))
                    .collect();
                let limit = match self.choose(&labels::VARIANT, 3) {
                    2 => format!(
                        " LIMIT {} OFFSET {}",
                        self.choose(&labels::COUNT, 6),
                        self.choose(&labels::COUNT, 3)
                    ),
                    _ => String::new(),
                };
                (format!("{plain} ORDER BY {}{limit}", order.join(", ")), true)
            }
            7 => (
                format!(
                    "SELECT count(*), sum({}), avg({}) FROM {from} WHERE {filter}",
                    number(&rows),
                    number(&rows)
                ),
                true,
            ),
            _ => {
                let (of, inner) = (number(&rows), number(&rows));
                (
                    format!(
                        "WITH q AS (SELECT {of} AS x, {inner} AS y FROM {from} WHERE {filter}) \
                         SELECT q.x, r.y FROM q JOIN q r ON q.x = r.y"
                    ),
                    false,
                )
            }
        })
    }
}

/// A condition that is drawn apart from the rows' own filter, for judges that take queries to parts.
pub fn parts(condition: &Expression) -> [String; 3] {
    let text = condition.sql("");
    [text.clone(), format!("NOT {text}"), format!("{text} IS NULL")]
}
