//! Errors and notices as psql shows them.

use session::client::{Report, Severity};
use std::fmt::Write;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// `ERROR:  42601`
    State,
    /// `ERROR:  message at character 8`, and nothing below.
    Terse,
    /// `ERROR:  message`
    Default,
    /// `ERROR:  42601: message`
    WithState,
    /// The same, and the names of what it is about.
    Verbose,
}

/// Appends a message about `statement`, with the line that it points at.
pub fn write(statement: &str, report: &Report, verbosity: Verbosity, out: &mut String) {
    let (severity, state, message) = (report.severity.name(), report.sqlstate.code(), &report.message);
    // Writing to a string cannot fail.
    let _ = match verbosity {
        Verbosity::State => writeln!(out, "{severity}:  {state}"),
        Verbosity::Terse => writeln!(out, "{severity}:  {message}{}", character(statement, report)),
        Verbosity::Default => writeln!(out, "{severity}:  {message}"),
        Verbosity::WithState | Verbosity::Verbose => writeln!(out, "{severity}:  {state}: {message}"),
    };
    if matches!(verbosity, Verbosity::State | Verbosity::Terse) {
        return;
    }
    if let Some(position) = report.position {
        place(report.query.as_deref().unwrap_or(statement), position as usize, out);
    }
    let subject = &report.subject;
    let named = verbosity == Verbosity::Verbose;
    let lines = [
        ("DETAIL", &report.detail, true),
        ("HINT", &report.hint, true),
        ("QUERY", &report.query, true),
        // psql tells it of errors alone.
        ("CONTEXT", &report.context, report.severity >= Severity::Error),
        ("SCHEMA NAME", &subject.schema, named),
        ("TABLE NAME", &subject.table, named),
        ("COLUMN NAME", &subject.column, named),
        ("DATATYPE NAME", &subject.data_type, named),
        ("CONSTRAINT NAME", &subject.constraint, named),
    ];
    for (head, text, told) in lines {
        if let (Some(text), true) = (text, told) {
            let _ = writeln!(out, "{head}:  {text}");
        }
    }
}

/// ` at character 8`, counted from 1, where a place is told.
fn character(statement: &str, report: &Report) -> String {
    let before = report.position.and_then(|position| statement.get(..position as usize));
    let before = before.filter(|_| report.query.is_none());
    before.map_or_else(String::new, |before| format!(" at character {}", before.chars().count() + 1))
}

/// The line that is pointed at, and a caret below. Of a long line the part around it.
fn place(statement: &str, position: usize, out: &mut String) {
    /// Characters of a line that are shown, and how many of them before the place.
    const WIDTH: usize = 60;
    const BEFORE: usize = 10;
    let position = position.min(statement.len());
    let Some(before) = statement.get(..position) else { return };
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let end = statement[start..].find('\n').map_or(statement.len(), |length| start + length);
    let line: Vec<char> = statement[start..end].trim_end_matches('\r').replace('\t', " ").chars().collect();
    let number = before.matches('\n').count() + 1;
    let mut at = statement[start..position].chars().count();
    let (mut from, mut to) = (0, line.len());
    if line.len() > WIDTH {
        // As psql: what is beyond the width is cut at the end, or else at the beginning, with dots in its place.
        if at + BEFORE < WIDTH {
            to = WIDTH;
        } else {
            to = (at + BEFORE).min(line.len());
            from = to - WIDTH.min(to);
        }
    }
    let mut head = format!("LINE {number}: ");
    if from > 0 {
        head.push_str("...");
    }
    let shown: String = line[from..to].iter().collect();
    let tail = if to < line.len() { "..." } else { "" };
    at = at.saturating_sub(from);
    let _ = writeln!(out, "{head}{shown}{tail}");
    let _ = writeln!(out, "{}^", " ".repeat(head.chars().count() + at));
}
