//! PostgreSQL's regression scripts, statement by statement: what a session answers beside what `psql -a -q` printed.
//!
//! * [`Runner`]: runs scripts on one database, each in a session of its own. [`steps`]: a script and its expected output,
//!   taken apart. [`scan`]: psql's view of lines. [`compare`]: whether two answers say the same.
//!
//! Backslash commands that describe objects are the shell's and are not counted; those that decide how results look are
//! followed.

pub mod compare;
pub mod scan;
pub mod steps;

use crate::Database;
use display::{Format, Options};
use scan::Piece;
use session::Session;
use shell::collect::{Collect, Event};
use shell::message::{self, Verbosity};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use steps::Step;

/// Where scripts find their data, in the database's world.
const FOLDER: &str = "/regress";

/// The order of scripts that build on others; those not named come last, by name.
const FIRST: &[&str] = &[
    "test_setup",
    "boolean",
    "bit",
    "name",
    "oid",
    "enum",
    "float4",
    "float8",
    "int2",
    "int8",
    "money",
    "uuid",
    "text",
    "varchar",
    "numerology",
    "point",
    "lseg",
    "path",
    "circle",
    "strings",
    "timetz",
    "timestamptz",
    "inet",
    "macaddr8",
    "rangetypes",
    "multirangetypes",
    "geometry",
    "horology",
    "regex",
    "copy",
    "copyselect",
    "copydml",
    "create_function_sql",
    "create_misc",
    "create_table",
    "create_type",
    "create_index",
    "create_view",
];

/// What came of a statement.
#[derive(Debug)]
pub struct Answered {
    /// Where it ends in its script.
    pub line: usize,
    /// The statement.
    pub sql: String,
    /// Whether rows, names of columns and messages are the same.
    pub alike: bool,
    /// Whether all that psql prints is the same.
    pub exact: bool,
    /// Our answer.
    pub ours: String,
    /// PostgreSQL's.
    pub theirs: String,
}

/// Runs scripts on one database.
pub struct Runner {
    database: Database,
    session: Session,
    options: Options,
    variables: BTreeMap<String, String>,
}

impl Runner {
    /// On a fresh database whose world holds these data files, by their names.
    pub fn new(data: BTreeMap<String, Vec<u8>>) -> Runner {
        let at = |name: String| Path::new(FOLDER).join("data").join(name);
        let files = data.into_iter().map(|(name, bytes)| (at(name), bytes)).collect();
        let database = Database::with_files(files);
        let session = database.another();
        let variables = BTreeMap::from([
            ("abs_srcdir".to_owned(), FOLDER.to_owned()),
            ("abs_builddir".to_owned(), FOLDER.to_owned()),
            ("libdir".to_owned(), FOLDER.to_owned()),
            ("dlsuffix".to_owned(), ".so".to_owned()),
        ]);
        Runner { database, session, options: Options::default(), variables }
    }

    /// Runs a script in a session of its own, and tells of every statement.
    pub fn run(&mut self, script: &str, expected: &str) -> Vec<Answered> {
        self.session = self.database.another();
        self.options = Options::default();
        // What PostgreSQL's own tests connect with.
        let defaults = [
            ("timezone", "America/Los_Angeles"),
            ("datestyle", "Postgres, MDY"),
            ("intervalstyle", "postgres_verbose"),
        ];
        let defaults = defaults.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.session.settings_mut().set_defaults(BTreeMap::from(defaults));
        let steps = steps::steps(script, expected, &mut self.variables);
        steps.iter().flat_map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &Step) -> Vec<Answered> {
        let mut told = Vec::new();
        // The rest of the statement's own line comes before its data.
        let data: String = std::iter::once("")
            .chain(step.data.iter().map(String::as_str))
            .flat_map(|line| [line, "\n"])
            .collect();
        for piece in &step.pieces {
            match piece {
                Piece::Statement(sql) => told.push((sql.clone(), self.answer(sql, &data))),
                Piece::Command(command, sql) => {
                    let before = self.options.clone();
                    if self.command(command) && !sql.trim().is_empty() {
                        told.push((sql.clone(), self.answer(sql, &data)));
                        self.options = before;
                    }
                }
            }
        }
        let whole: String = told.iter().map(|(_, answer)| answer.as_str()).collect();
        let theirs = step.answer.as_str();
        let alike = same(&told, &whole, theirs);
        let exact = alike && compare::exact(&whole) == compare::exact(theirs);
        // Of several on one line those pass whose answers come first.
        let mut rest = theirs;
        let several = told.len() > 1;
        told.into_iter()
            .map(|(sql, ours)| {
                let leads = several && !alike && rest.starts_with(ours.as_str());
                if leads {
                    rest = &rest[ours.len()..];
                } else {
                    rest = if alike { rest } else { "\0" };
                }
                let (alike, exact) = (alike || leads, exact || leads);
                Answered { line: step.line, sql, alike, exact, ours, theirs: theirs.to_owned() }
            })
            .collect()
    }

    /// Follows a backslash command; tells whether a statement before it is to be run.
    fn command(&mut self, command: &str) -> bool {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words.as_slice() {
            ["\\pset", "null", rest @ ..] => self.options.null = rest.join(" ").trim_matches('\'').to_owned(),
            ["\\a"] => {
                let aligned = self.options.format == Format::Aligned;
                self.options.format = if aligned { Format::Unaligned } else { Format::Aligned };
            }
            ["\\t"] => self.options.tuples_only = !self.options.tuples_only,
            ["\\x", rest @ ..] => {
                self.options.expanded = rest.first().map_or(!self.options.expanded, |word| *word == "on");
            }
            ["\\gx"] => {
                self.options.expanded = true;
                return true;
            }
            ["\\g"] => return true,
            _ => {}
        }
        false
    }

    /// What psql would print of a text's statements.
    fn answer(&mut self, sql: &str, data: &str) -> String {
        let mut client = Collect::with_data(data);
        let session = &mut self.session;
        let done = catch_unwind(AssertUnwindSafe(|| session.execute(sql, &mut client)));
        let Ok(done) = done else {
            self.session = self.database.another();
            return "PANIC\n".to_owned();
        };
        let failed = done.err();
        if failed.is_some() {
            client.forget_unfinished();
        }
        let mut out = String::new();
        for event in &client.events {
            match event {
                Event::Rows(table, _) => table.write(&self.options, &mut out),
                Event::Complete(_) => {}
                Event::Copied(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
                Event::Notice(report) => message::write(sql, report, Verbosity::Default, &mut out),
            }
        }
        if let Some(report) = failed {
            message::write(sql, &report, Verbosity::Default, &mut out);
        }
        out
    }
}

fn same(told: &[(String, String)], ours: &str, theirs: &str) -> bool {
    let ordered = told.iter().all(|(sql, _)| sql.to_lowercase().contains("order by"));
    compare::essence(ours, ordered) == compare::essence(theirs, ordered)
}

/// Names of scripts in the order that they are run.
pub fn in_order(mut names: Vec<String>) -> Vec<String> {
    let rank = |name: &String| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len());
    names.sort_by_key(|name| (rank(name), name.clone()));
    names
}
