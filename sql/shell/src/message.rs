//! Errors and notices as psql shows them.

use session::client::Report;
use std::fmt::Write;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// `ERROR:  message`
    Default,
    /// `ERROR:  42601: message`
    WithState,
}

/// Appends a message about `statement`, with the line that it points at.
pub fn write(statement: &str, report: &Report, verbosity: Verbosity, out: &mut String) {
    let severity = report.severity.name();
    // Writing to a string cannot fail.
    let _ = match verbosity {
        Verbosity::Default => writeln!(out, "{severity}:  {}", report.message),
        Verbosity::WithState => writeln!(out, "{severity}:  {}: {}", report.sqlstate.code(), report.message),
    };
    if let Some(position) = report.position {
        place(statement, position as usize, out);
    }
    if let Some(detail) = &report.detail {
        let _ = writeln!(out, "DETAIL:  {detail}");
    }
    if let Some(hint) = &report.hint {
        let _ = writeln!(out, "HINT:  {hint}");
    }
    if let Some(context) = &report.context {
        let _ = writeln!(out, "CONTEXT:  {context}");
    }
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
