//! SQLLogicTest files, run as the engine `postgresql`.

use crate::Database;
use md5::{Digest, Md5};
use session::client::Report;
use shell::collect::Collect;

/// A record that did not pass.
#[derive(Debug)]
pub struct Failure {
    /// The line of its first word, from 1.
    pub line: usize,
    /// The statement.
    pub sql: String,
    /// What is wrong.
    pub reason: String,
}

/// What came of a file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many records were run.
    pub run: usize,
    /// How many of them are queries.
    pub queries: usize,
    /// Those that did not pass.
    pub failures: Vec<Failure>,
}

/// What a query's record says.
struct Query<'t> {
    types: &'t str,
    sort: &'t str,
    sql: String,
    expected: Vec<&'t str>,
}

/// Runs a file on a fresh database.
pub fn run(text: &str) -> Outcome {
    let mut database = Database::new();
    let mut outcome = Outcome::default();
    let mut threshold = 0usize;
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let mut skip = false;
        while at < lines.len() {
            let mut words = lines[at].split('#').next().unwrap_or("").split_whitespace();
            match (words.next(), words.next()) {
                (Some("skipif"), Some(engine)) => skip |= engine == "postgresql",
                (Some("onlyif"), Some(engine)) => skip |= engine != "postgresql",
                _ => break,
            }
            at += 1;
        }
        let Some(line) = lines.get(at) else { break };
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.first().copied() {
            Some("statement") => {
                let (sql, next) = sql_of(&lines, at + 1);
                if !skip {
                    statement(&mut database, words.get(1) == Some(&"ok"), sql, at + 1, &mut outcome);
                }
                at = next;
            }
            Some("query") => {
                let (query, next) = query_of(&lines, at, &words);
                if !skip {
                    ask(&mut database, &query, threshold, at + 1, &mut outcome);
                }
                at = next;
            }
            Some("hash-threshold") => {
                threshold = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(0);
                at += 1;
            }
            Some("halt") if !skip => break,
            _ => at += 1,
        }
    }
    outcome
}

fn sql_of(lines: &[&str], from: usize) -> (String, usize) {
    let end = lines[from..]
        .iter()
        .position(|line| line.trim().is_empty())
        .map_or(lines.len(), |length| from + length);
    (lines[from..end].join("\n"), end)
}

fn query_of<'t>(lines: &[&'t str], at: usize, words: &[&'t str]) -> (Query<'t>, usize) {
    let end =
        lines[at..].iter().position(|line| line.trim().is_empty()).map_or(lines.len(), |length| at + length);
    let divider = lines[at..end].iter().position(|line| *line == "----").map_or(end, |length| at + length);
    let expected = lines.get(divider + 1..end).unwrap_or_default().to_vec();
    let query = Query {
        types: words.get(1).copied().unwrap_or(""),
        sort: words.get(2).copied().unwrap_or("nosort"),
        sql: lines[at + 1..divider].join("\n"),
        expected,
    };
    (query, end)
}

fn statement(database: &mut Database, ok: bool, sql: String, line: usize, outcome: &mut Outcome) {
    outcome.run += 1;
    let done = database.session.execute(&sql, &mut Collect::default());
    let reason = match (ok, done) {
        (true, Err(report)) => told(&report),
        (false, Ok(())) => "no-error".to_owned(),
        (true, Ok(())) | (false, Err(_)) => return,
    };
    outcome.failures.push(Failure { line, sql, reason });
}

fn told(report: &Report) -> String {
    format!("{} {}", report.sqlstate.code(), report.message)
}

fn ask(database: &mut Database, query: &Query<'_>, threshold: usize, line: usize, outcome: &mut Outcome) {
    outcome.run += 1;
    outcome.queries += 1;
    let mut client = Collect::default();
    let reason = match database.session.execute(&query.sql, &mut client) {
        Err(report) => told(&report),
        Ok(()) => {
            let found = values(client.rows(), query.types, query.sort);
            match compare(&found, &query.expected, threshold) {
                None => return,
                Some(reason) => reason,
            }
        }
    };
    outcome.failures.push(Failure { line, sql: query.sql.clone(), reason });
}

/// The values as the file writes them, in the order that it asks for.
fn values(rows: &[Vec<Option<String>>], types: &str, sort: &str) -> Vec<String> {
    let mut shown: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let types = types.chars().chain(std::iter::repeat('T'));
            row.iter().zip(types).map(|(value, of)| value_text(value.as_deref(), of)).collect()
        })
        .collect();
    if sort == "rowsort" {
        shown.sort();
    }
    let mut values: Vec<String> = shown.into_iter().flatten().collect();
    if sort == "valuesort" {
        values.sort();
    }
    values
}

fn value_text(value: Option<&str>, of: char) -> String {
    let Some(value) = value else { return "NULL".into() };
    match of {
        'I' => match value {
            "t" => "1".into(),
            "f" => "0".into(),
            _ => match value.parse::<i64>() {
                Ok(number) => number.to_string(),
                // A fraction is cut off; what is no number is 0, as `%d` of SQLite's library has it.
                Err(_) => value
                    .parse::<f64>()
                    .map_or_else(|_| "0".into(), |number| format!("{}", number.trunc() as i64)),
            },
        },
        'R' => format!("{:.3}", value.parse::<f64>().unwrap_or(0.0)),
        _ if value.is_empty() => "(empty)".into(),
        _ => value.chars().map(|found| if (' '..='~').contains(&found) { found } else { '@' }).collect(),
    }
}

fn compare(found: &[String], expected: &[&str], threshold: usize) -> Option<String> {
    if let [one] = expected
        && one.contains(" values hashing to ")
    {
        let mut hash = Md5::new();
        for value in found {
            hash.update(value.as_bytes());
            hash.update(b"\n");
        }
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let text = format!("{} values hashing to {digest}", found.len());
        return (text != *one).then(|| format!("result: expected {one}, found {text}"));
    }
    let _ = threshold;
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| found == expected);
    (!same).then(|| {
        let shorten = |values: Vec<&str>| values.into_iter().take(12).collect::<Vec<_>>().join(",");
        let (expected, found) =
            (shorten(expected.to_vec()), shorten(found.iter().map(String::as_str).collect()));
        format!("result: expected {expected}; found {found}")
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_file_is_run() {
        let outcome = super::run(
            "hash-threshold 8\n\nstatement ok\nCREATE TABLE t(a INTEGER, b TEXT)\n\nstatement ok\nINSERT INTO t VALUES \
             (2, 'x'), (1, NULL), (3, '')\n\nquery IT rowsort\nSELECT a, b FROM t\n----\n1\nNULL\n2\nx\n3\n(empty)\n\n\
             statement error\nSELECT nosuch FROM t\n\nskipif postgresql\nquery I\nSELECT 1\n----\n2\n\nquery I nosort\n\
             SELECT a FROM t ORDER BY a\n----\n3 values hashing to c0710d6b4f15dfa88f600b0e6b624077\n",
        );
        let reasons: Vec<&str> = outcome.failures.iter().map(|failure| failure.reason.as_str()).collect();
        assert!(reasons.is_empty(), "{reasons:?}");
        assert_eq!((outcome.run, outcome.queries), (5, 2));
    }
}
