//! Statement cases: a set-up, inputs, and what `psql -tA` prints of each.

use crate::Database;
use display::{Format, Options};
use shell::collect::{Collect, Event};
use shell::message::{self, Verbosity};

/// A case.
#[derive(Debug, Default)]
pub struct Case {
    /// Statements that are run before, by a session of their own.
    pub setup: String,
    /// Statements whose output counts, and that output where one is expected.
    pub inputs: Vec<(String, Option<String>)>,
    /// Whether one of them fails, where only that is told.
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
                    case.fails = matches!(status.trim(), "error" | "1");
                    section = "";
                    continue;
                }
                if matches!(word, "setup:" | "input:" | "expected output:") {
                    section = word;
                    match (word, case.inputs.last_mut()) {
                        ("input:", _) => case.inputs.push((String::new(), None)),
                        ("expected output:", Some(last)) => last.1 = Some(String::new()),
                        _ => {}
                    }
                    continue;
                }
            }
            match (section, case.inputs.last_mut()) {
                ("setup:", _) => case.setup.extend([line, "\n"]),
                ("input:", Some((input, _))) => input.extend([line, "\n"]),
                ("expected output:", Some((_, Some(output)))) => output.extend([line, "\n"]),
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
        // Without a semicolon each line is a statement.
        let statements = match self.setup.contains(';') {
            true => shell::split::statements(&self.setup),
            false => self.setup.lines().collect(),
        };
        for statement in statements {
            // A set-up may fail on purpose.
            let _ = database.session.execute(statement, &mut Collect::default());
        }
        database.session = database.another();
        let mut failure = None;
        for (input, expected) in &self.inputs {
            let mut printed = String::new();
            let mut rest = input.as_str();
            while let Some((statement, following)) = shell::split::first(rest) {
                let mut client = Collect::with_data(following);
                let failed = database.session.execute(statement, &mut client).err();
                if failed.is_some() {
                    client.forget_unfinished();
                }
                print(&client, &mut printed);
                rest = &following[client.following.end()..];
                if let Some(report) = failed {
                    message::write("", &report, Verbosity::Default, &mut printed);
                    failure = Some(report);
                }
            }
            if let Some(expected) = expected
                && lines(expected, expected) != lines(&printed, expected)
            {
                return Err(format!("expected {:?}, found {:?}", expected.trim_end(), printed.trim_end()));
            }
        }
        let told = self.inputs.iter().any(|(_, expected)| expected.is_some());
        match (failure, self.fails) {
            (None, true) => Err("no error".to_owned()),
            (Some(report), false) if !told => Err(format!("{} {}", report.sqlstate.code(), report.message)),
            _ => Ok(()),
        }
    }
}

/// The lines that count: psql points at places in lines of its own, which cases leave out. Whether a case has errors and
/// hints among its lines shows in what it expects.
fn lines<'t>(text: &'t str, expected: &str) -> Vec<&'t str> {
    let told = |line: &str, word: &str| !line.starts_with(word) || expected.contains(word);
    let counts = |line: &&str| {
        let points = line.starts_with("LINE ") || line.trim() == "^";
        !points && told(line, "ERROR: ") && told(line, "HINT: ")
    };
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).filter(counts).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

fn print(client: &Collect, out: &mut String) {
    let options = Options { format: Format::Unaligned, tuples_only: true, ..Options::default() };
    let (mut rows, mut copied) = (false, false);
    for event in &client.events {
        match event {
            // What was copied to the output stands for the tag.
            Event::Complete(_) if std::mem::take(&mut copied) => {}
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
            Event::Copied(bytes) => {
                out.push_str(&String::from_utf8_lossy(bytes));
                copied = true;
            }
            Event::Notice(_) => {}
        }
    }
}
