//! A script and what is expected of it, step by step: what a line completes, and what psql printed before it went on.

use super::scan::{Piece, Scanner};
use std::collections::BTreeMap;

/// What one line completes.
#[derive(Debug)]
pub struct Step {
    /// The line it ends in, from 1.
    pub line: usize,
    /// What it completes.
    pub pieces: Vec<Piece>,
    /// Lines of data that follow a `COPY … FROM stdin`, with the mark that ends them.
    pub data: Vec<String>,
    /// What psql printed of it.
    pub answer: String,
}

/// Takes a script apart. `expected` is the output of `psql -a -q`: lines of the script, each with its answer behind.
///
/// Variables are set while it runs, so the caller says them beforehand.
pub fn steps(script: &str, expected: &str, variables: &mut BTreeMap<String, String>) -> Vec<Step> {
    let answers: Vec<&str> = expected.lines().collect();
    let lines: Vec<&str> = script.lines().collect();
    let mut scanner = Scanner::default();
    let mut steps: Vec<Step> = Vec::new();
    let (mut echo, mut cursor, mut at): (Vec<&str>, usize, usize) = (Vec::new(), 0, 0);
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if line.is_empty() && scanner.skips_empty_lines() {
            continue;
        }
        // What follows `COPY … FROM stdin` is data, unless psql went on with the next line because the statement failed.
        echo.push(line);
        let pieces = scanner.line(line, variables);
        for piece in &pieces {
            if let Piece::Command(command, _) = piece {
                set_variable(command, variables);
            }
        }
        if pieces.is_empty() {
            continue;
        }
        cursor = answered(&answers, cursor, &echo, steps.last_mut());
        echo.clear();
        let mut data = Vec::new();
        if copies_in(&pieces) {
            let next = lines[at..].iter().find(|line| !line.is_empty()).copied();
            let told = answers[cursor..].iter().find(|line| !is_error(line)).copied();
            if told != next {
                while let Some(line) = lines.get(at) {
                    at += 1;
                    data.push((*line).to_owned());
                    if *line == "\\." {
                        break;
                    }
                }
            }
        }
        steps.push(Step { line: at, pieces, data, answer: String::new() });
    }
    if let Some(last) = steps.last_mut() {
        let end = if echo.is_empty() {
            answers.len()
        } else {
            find(&answers, cursor, &echo).unwrap_or(answers.len())
        };
        last.answer = joined(&answers[cursor..end]);
    }
    steps
}

/// What lies before the lines `echo` belongs to the step before. Tells where the answer to the new one begins.
fn answered(answers: &[&str], cursor: usize, echo: &[&str], before: Option<&mut Step>) -> usize {
    let Some(begin) = find(answers, cursor, echo) else { return cursor };
    if let Some(before) = before {
        before.answer = joined(&answers[cursor..begin]);
    }
    begin + echo.len()
}

fn find(answers: &[&str], from: usize, echo: &[&str]) -> Option<usize> {
    let last = answers.len().checked_sub(echo.len())?;
    (from..=last).find(|begin| answers[*begin..*begin + echo.len()] == *echo)
}

fn joined(lines: &[&str]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn copies_in(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| {
        let (Piece::Statement(text) | Piece::Command(text, _)) = piece;
        let lower = text.to_lowercase();
        (lower.starts_with("copy") || lower.starts_with("\\copy")) && lower.contains("from stdin")
    })
}

/// Whether a line of an answer tells of an error.
fn is_error(line: &str) -> bool {
    let words = ["ERROR:  ", "DETAIL:  ", "HINT:  ", "CONTEXT:  ", "LINE "];
    words.iter().any(|word| line.starts_with(word)) || line.trim() == "^"
}

fn set_variable(command: &str, variables: &mut BTreeMap<String, String>) {
    let mut words = command.split_whitespace();
    if words.next() == Some("\\set")
        && let Some(name) = words.next()
    {
        let value: String = words.map(|word| word.trim_matches('\'')).collect();
        variables.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers_belong_to_what_stands_before_them() {
        let script = "-- first\n\nselect 1,\n 2;\ncopy t from stdin;\n1\n\\.\nselect 3; select 4;\n-- end\n";
        let expected =
            "-- first\nselect 1,\n 2;\n a\n\ncopy t from stdin;\nselect 3; select 4;\n b\n c\n-- end\n";
        let found = super::steps(script, expected, &mut Default::default());
        let told: Vec<_> =
            found.iter().map(|step| (step.pieces.len(), step.data.len(), step.answer.as_str())).collect();
        assert_eq!(told, [(1, 0, " a\n\n"), (1, 2, "\n"), (2, 0, " b\n c\n")]);
    }

    #[test]
    fn a_copy_that_is_refused_takes_no_lines() {
        let script = "copy t from stdin with (x);\nrollback;\ncopy t from stdin;\nx\n\\.\nselect 1;\n";
        let expected = "copy t from stdin with (x);\nERROR:  no\nLINE 1: c\n        ^\nrollback;\n\
                        copy t from stdin;\nERROR:  bad\nCONTEXT:  x\nselect 1;\n 1\n";
        let found = super::steps(script, expected, &mut Default::default());
        let data: Vec<usize> = found.iter().map(|step| step.data.len()).collect();
        assert_eq!(data, [0, 0, 2, 0]);
    }
}
