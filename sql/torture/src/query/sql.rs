//! Queries as SQL writes them.

use super::frame::Framed;
use super::{
    Filter, Join, JoinKind, Query, Recursion, Rows, SetOperation, Shape, Source, Subquery, Way, column_within,
};
use crate::expression::Expression;
use crate::model::table::KEY;

impl JoinKind {
    fn sql(self) -> &'static str {
        match self {
            JoinKind::Inner => "JOIN",
            JoinKind::Left => "LEFT JOIN",
            JoinKind::Right => "RIGHT JOIN",
            JoinKind::Full => "FULL JOIN",
        }
    }
}

impl SetOperation {
    fn sql(self, all: bool) -> String {
        let name = match self {
            SetOperation::Union => "UNION",
            SetOperation::Intersect => "INTERSECT",
            SetOperation::Except => "EXCEPT",
        };
        format!("{name}{}", if all { " ALL" } else { "" })
    }
}

impl Way {
    /// What follows what is ordered.
    pub fn sql(self) -> &'static str {
        match (self.descending, self.nulls_moved) {
            (false, false) => "",
            (true, false) => " DESC",
            (false, true) => " NULLS FIRST",
            (true, true) => " DESC NULLS LAST",
        }
    }
}

impl Source {
    fn sql(&self) -> String {
        let Source { table, alias, join } = self;
        match join {
            None => format!("{table} {alias}"),
            Some(Join { kind, left, how, right, more }) => {
                let more = more.as_ref().map_or(String::new(), |more| format!(" AND {}", more.sql("")));
                let (kind, left, how, right) = (kind.sql(), left.sql(""), how.sign(), right.sql(""));
                format!(" {kind} {table} {alias} ON {left} {how} {right}{more}")
            }
        }
    }
}

impl Subquery {
    fn from(&self) -> String {
        format!("FROM {} s WHERE {}", self.table, self.condition.sql(""))
    }

    /// How many of its rows give the value of an outer expression.
    fn count(&self, of: &Expression) -> String {
        let Subquery { table, value, condition } = self;
        let (value, of, condition) = (value.sql(""), of.sql(""), condition.sql(""));
        format!("(SELECT count(*) FROM {table} s WHERE {value} = {of} AND {condition})")
    }
}

impl Filter {
    /// The condition.
    pub fn sql(&self) -> String {
        let not = |not: bool| if not { "NOT " } else { "" };
        match self {
            Filter::Plain(condition) => condition.sql(""),
            Filter::Exists(negated, outer, Subquery { table, value, condition }) => format!(
                "{}EXISTS (SELECT 1 FROM {table} s WHERE {} = {} AND {})",
                not(*negated),
                value.sql(""),
                outer.sql(""),
                condition.sql("")
            ),
            Filter::In(negated, outer, subquery) => format!(
                "{} {}IN (SELECT {} {})",
                outer.sql(""),
                not(*negated),
                subquery.value.sql(""),
                subquery.from()
            ),
            Filter::AtMost(outer, subquery, or) => format!(
                "{} <= (SELECT max({}) {}) OR {}",
                outer.sql(""),
                subquery.value.sql(""),
                subquery.from(),
                or.sql("")
            ),
        }
    }
}

impl Rows {
    /// What follows `FROM`, before the filter.
    pub fn from(&self) -> String {
        self.sources.iter().map(Source::sql).collect()
    }

    /// All columns.
    pub fn list(&self) -> String {
        self.columns.iter().map(|column| column.0.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn columns(of: &[Expression]) -> String {
    of.iter().map(|column| column.sql("")).collect::<Vec<_>>().join(", ")
}

fn filter_clause(filter: Option<&Expression>) -> String {
    filter.map_or(String::new(), |filter| format!(" FILTER (WHERE {})", filter.sql("")))
}

fn group([by, of, word]: [&Expression; 3], having: bool, filter: Option<&Expression>, rows: &str) -> String {
    let (by, of, word, filter) = (by.sql(""), of.sql(""), word.sql(""), filter_clause(filter));
    let having = if having { " HAVING count(*) > 1" } else { "" };
    format!(
        "SELECT {by}, count(*){filter}, sum({of}){filter}, min({word}), max({of}), count(DISTINCT {word}) \
         {rows} GROUP BY {by}{having}"
    )
}

impl Query {
    /// In SQL.
    pub fn sql(&self) -> String {
        let rows = format!("FROM {} WHERE {}", self.rows.from(), self.rows.filter.sql());
        let list = self.rows.list();
        match &self.shape {
            Shape::Plain => format!("SELECT {list} {rows}"),
            Shape::Group { by, of, word, having, filter } => {
                group([by, of, word], *having, filter.as_ref(), &rows)
            }
            Shape::Rollup { by, word, of } => {
                let (by, of, word) = (by.sql(""), of.sql(""), word.sql(""));
                format!(
                    "SELECT {by}, {word}, count(*), sum({of}), GROUPING({by}, {word}) {rows} \
                     GROUP BY ROLLUP ({by}, {word})"
                )
            }
            Shape::Whole { of, other, filter } => {
                let (of, other, filter) = (of.sql(""), other.sql(""), filter_clause(filter.as_ref()));
                format!(
                    "SELECT count(*){filter}, count({of}), sum({of}){filter}, min({other}), \
                     round(avg({of}), 2) {rows}"
                )
            }
            Shape::Distinct(one, other) => {
                format!("SELECT DISTINCT {}, {} {rows}", one.sql(""), other.sql(""))
            }
            Shape::DistinctOn(on, way) => self.distinct_on(on, *way),
            Shape::Window { of, by, word } => {
                let (of, by, word) = (of.sql(""), by.sql(""), word.sql(""));
                format!(
                    "SELECT {list}, sum({of}) OVER (PARTITION BY {by}), \
                     rank() OVER (ORDER BY {word}, {of} DESC) {rows}"
                )
            }
            Shape::Framed(framed) => self.framed(framed),
            Shape::Further(further) => further.sql(&list, &self.rows.from(), &self.rows.filter.sql()),
            Shape::Ties { by, way, limit } => format!(
                "SELECT {list} {rows} ORDER BY {}{} FETCH FIRST {limit} ROWS WITH TIES",
                by.sql(""),
                way.sql()
            ),
            Shape::Recursive(recursion) => recursive(recursion, &rows),
            Shape::Lateral { of, subquery, limit, left } => self.lateral(of, subquery, *limit, *left),
            Shape::Operation { operation, all, left, other, right } => format!(
                "SELECT {} {rows} {} SELECT {} FROM {} WHERE {}",
                columns(left),
                operation.sql(*all),
                columns(right),
                other.from(),
                other.filter.sql()
            ),
            Shape::Ordered { order, limit } => {
                let order: Vec<String> =
                    order.iter().map(|(place, way)| format!("{}{}", place + 1, way.sql())).collect();
                let limit =
                    limit.map_or(String::new(), |(limit, offset)| format!(" LIMIT {limit} OFFSET {offset}"));
                format!("SELECT {list} {rows} ORDER BY {}{limit}", order.join(", "))
            }
            Shape::Twice { of, other } => twice(of, other, &rows),
            Shape::Listed { arms, otherwise, of, subquery } => {
                format!("SELECT {}, {} {rows}", case(arms, otherwise), subquery.count(of))
            }
            Shape::Extremes { of, least, greatest } => {
                format!("SELECT {} {rows}", extremes(of, *least, *greatest))
            }
            Shape::Within { inner, condition } => self.within(inner, condition),
        }
    }
}

fn twice(of: &Expression, other: &Expression, rows: &str) -> String {
    format!(
        "WITH q AS (SELECT {} AS x, {} AS y {rows}) SELECT q.x, r.y FROM q JOIN q r ON q.x = r.y",
        of.sql(""),
        other.sql("")
    )
}

fn case(arms: &[(Expression, Expression)], otherwise: &Expression) -> String {
    let arm =
        |(when, then): &(Expression, Expression)| format!(" WHEN {} THEN {}", when.sql(""), then.sql(""));
    let arms: String = arms.iter().map(arm).collect();
    format!("CASE{arms} ELSE {} END", otherwise.sql(""))
}

fn extremes(of: &Expression, least: bool, greatest: bool) -> String {
    let asked = [(least, "min"), (greatest, "max")].into_iter().filter(|(asked, _)| *asked);
    asked.map(|(_, name)| format!("{name}({})", of.sql(""))).collect::<Vec<_>>().join(", ")
}

fn recursive(recursion: &Recursion, rows: &str) -> String {
    let Recursion { from, table, column, steps, up, kept } = recursion;
    let key = format!("s.{KEY}");
    let (of, to) = if *up { (column, &key) } else { (&key, column) };
    let (before, last, behind) = match kept {
        true => ("(WITH q AS MATERIALIZED (SELECT x, n FROM r) ", "q", ")"),
        false => ("", "r", ""),
    };
    let next = format!("FROM {last} JOIN {table} s ON {of} = {last}.x");
    let step = match steps {
        None => format!("UNION {before}SELECT {to}, 0 {next}{behind}"),
        Some(steps) => format!("UNION ALL {before}SELECT {to}, n + 1 {next} WHERE n < {steps}{behind}"),
    };
    format!("WITH RECURSIVE r(x, n) AS (SELECT {}, 0 {rows} {step}) SELECT x, n FROM r", from.sql(""))
}

impl Query {
    fn within(&self, inner: &Shape, condition: &Expression) -> String {
        let last = inner.numbers(self.rows.columns.len()).into_iter().max().unwrap_or_default();
        let names: Vec<String> = (0..=last).map(column_within).collect();
        let inner = Query { rows: self.rows.clone(), shape: inner.clone() };
        format!("SELECT * FROM ({}) q({}) WHERE {}", inner.sql(), names.join(", "), condition.sql(""))
    }

    fn distinct_on(&self, on: &Expression, way: Way) -> String {
        let others: Vec<String> = (2..self.rows.columns.len() + 2).map(|place| place.to_string()).collect();
        let (on, way, others) = (on.sql(""), way.sql(), others.join(", "));
        format!(
            "SELECT DISTINCT ON ({on}) {on}, {} FROM {} WHERE {} ORDER BY 1{way}, {others}",
            self.rows.list(),
            self.rows.from(),
            self.rows.filter.sql()
        )
    }

    fn framed(&self, frames: &[Framed]) -> String {
        let list = self.rows.list();
        let calls = frames.iter().enumerate().map(|(number, framed)| {
            let (of, filter) = (framed.of.sql(""), filter_clause(framed.filter.as_ref()));
            let exact = if framed.exact { "::numeric" } else { "" };
            format!(
                "sum({of}{exact}) OVER w{number}, min({of}) OVER w{number}, count(*){filter} OVER w{number}, \
                 sum({of}){filter} OVER w{number}"
            )
        });
        let windows =
            frames.iter().enumerate().map(|(number, framed)| format!("w{number} AS {}", framed.over(&list)));
        format!(
            "SELECT {list}, {} FROM {} WHERE {} WINDOW {}",
            calls.collect::<Vec<_>>().join(", "),
            self.rows.from(),
            self.rows.filter.sql(),
            windows.collect::<Vec<_>>().join(", ")
        )
    }

    fn lateral(&self, of: &Expression, subquery: &Subquery, limit: usize, left: bool) -> String {
        let Subquery { table, value, condition } = subquery;
        let (value, of, condition) = (value.sql(""), of.sql(""), condition.sql(""));
        format!(
            "SELECT {}, l.v FROM {} {} LATERAL (SELECT s.{KEY} AS v FROM {table} s WHERE {value} = {of} AND {condition} \
             ORDER BY s.{KEY} LIMIT {limit}) l ON true WHERE {}",
            self.rows.list(),
            self.rows.from(),
            if left { "LEFT JOIN" } else { "JOIN" },
            self.rows.filter.sql()
        )
    }
}

/// A condition that is drawn apart from the rows' own filter, for judges that take queries to parts.
pub fn parts(condition: &Expression) -> [String; 3] {
    let text = condition.sql("");
    [text.clone(), format!("NOT {text}"), format!("{text} IS NULL")]
}
