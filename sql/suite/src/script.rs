//! A script as `psql -a -q` shows it: each statement, then what came of it.

use crate::Database;
use display::Options;
use shell::collect::{Collect, Event};
use shell::message::{self, Verbosity};

/// Runs a script, statement by statement, and tells all that a psql user sees.
pub fn run(database: &mut Database, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((statement, following)) = shell::split::first(rest) {
        out.push_str(statement.trim_end());
        out.push('\n');
        let data = one(database, statement, following, &mut out);
        rest = &following[data..];
    }
    out
}

/// Runs one statement, and appends what comes of it. Answers how many bytes of what follows it were data of it.
pub fn one(database: &mut Database, statement: &str, following: &str, out: &mut String) -> usize {
    let mut client = Collect::with_data(following);
    let failed = database.session.execute(statement, &mut client).err();
    if failed.is_some() {
        client.forget_unfinished();
    }
    for event in &client.events {
        match event {
            Event::Rows(table, _) => table.write(&Options::default(), out),
            Event::Complete(_) => {}
            Event::Copied(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
            Event::Notice(report) => message::write(statement, report, Verbosity::WithState, out),
        }
    }
    if let Some(report) = failed {
        message::write(statement, &report, Verbosity::WithState, out);
    }
    client.following.end()
}
