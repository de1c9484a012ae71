//! Statement cases: a set-up, an input, and what `psql -tA` prints of it.

use crate::Database;
use display::{Format, Options};
use shell::collect::{Collect, Event};

/// A case.
#[derive(Debug, Default)]
pub struct Case {
    /// Statements that are run before.
    pub setup: String,
    /// The statements whose output counts.
    pub input: String,
    /// Their output.
    pub output: Option<String>,
    /// Whether they fail.
    pub fails: bool,
}

impl Case {
    /// Reads a case.
    pub fn read(text: &str) -> Case {
        let mut case = Case::default();
        let mut section = "";
        for line in text.lines() {
            if let Some(word) = line.strip_prefix("-- ") {
                if let Some(status) = word.strip_prefix("expected status:") {
                    case.fails = status.trim() == "error";
                    section = "";
                    continue;
                }
                if matches!(word, "setup:" | "input:" | "expected output:") {
                    section = word;
                    if word == "expected output:" {
                        case.output = Some(String::new());
                    }
                    continue;
                }
            }
            match section {
                "setup:" => case.setup.extend([line, "\n"]),
                "input:" => case.input.extend([line, "\n"]),
                "expected output:" => case.output.iter_mut().for_each(|output| output.extend([line, "\n"])),
                _ => {}
            }
        }
        case
    }

    /// Runs it in an empty database.
    ///
    /// # Errors
    /// What differs.
    pub fn run(&self) -> Result<(), String> {
        let mut database = Database::new();
        for statement in shell::split::statements(&self.setup) {
            // A set-up may fail on purpose.
            let _ = database.session.execute(statement, &mut Collect::default());
        }
        let (mut printed, mut failed) = (String::new(), None);
        for statement in shell::split::statements(&self.input) {
            let mut client = Collect::default();
            if let Err(report) = database.session.execute(statement, &mut client) {
                failed = Some(report);
                client.forget_unfinished();
            }
            print(&client, &mut printed);
        }
        match (&failed, self.fails) {
            (Some(report), false) => {
                return Err(format!("{} {}", report.sqlstate.code(), report.message));
            }
            (None, true) => return Err("no error".to_owned()),
            (Some(_), true) | (None, false) => {}
        }
        match &self.output {
            Some(output) if lines(output) != lines(&printed) => {
                Err(format!("expected {:?}, found {:?}", output.trim_end(), printed.trim_end()))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

fn print(client: &Collect, out: &mut String) {
    let options = Options { format: Format::Unaligned, tuples_only: true, ..Options::default() };
    let mut rows = false;
    for event in &client.events {
        match event {
            Event::Rows(table, _) => {
                table.write(&options, out);
                rows = true;
            }
            Event::Complete(tag) => {
                // psql prints the tags of what yields no rows, and of changes that return some.
                let changed =
                    ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|verb| tag.starts_with(verb));
                if !std::mem::take(&mut rows) || changed {
                    out.extend([tag.as_str(), "\n"]);
                }
            }
            Event::Notice(_) => {}
        }
    }
}
