//! What the fuzz targets share: a small schema in memory, and statements made of it.
//!
//! A target fails by a panic, by running out of stack or memory, or by a statement that does not end within its time.
//! Errors of statements are what is expected.

#![forbid(unsafe_code)]

mod generate;

pub use generate::Script;

use hornbeam::{Connection, Database};

/// How long a statement may take, in milliseconds. What a statement does without looking at the clock adds to it.
const TIMEOUT: u32 = 300;

/// The rows that a query may yield before it is left.
const ROWS: usize = 2_000;

/// A few tables with a few rows each: constraints, indexes, a view, a function, an enumeration, a domain, a sequence.
const SCHEMA: &str = include_str!("schema.sql");

/// A database in memory with the small schema, and a connection to it.
///
/// # Panics
/// When it cannot be made, which no input has a part in.
pub fn connect() -> Connection {
    let database = Database::open_in_memory().expect("a database in memory");
    let mut connection = database.connect().expect("a connection");
    connection.batch(SCHEMA).expect("the schema");
    connection
}

/// The statements of a text, as their texts; none if it cannot be read.
pub fn statements(text: &str) -> Vec<String> {
    let arena = bumpalo::Bump::new();
    let limit = syntax::depth_limit(512 * 1024);
    let Ok(statements) = syntax::parse(text, &arena, limit) else { return Vec::new() };
    let slice = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or(text).to_owned();
    statements.iter().map(|statement| slice(statement.start, statement.end)).collect()
}

/// Runs a statement, and reads the first of its rows.
pub fn run(connection: &mut Connection, text: &str) {
    // In a transaction that has failed it fails, and so does what follows.
    let _ = connection.batch(&format!("set statement_timeout = {TIMEOUT}; set lock_timeout = {TIMEOUT}"));
    let Ok(mut rows) = connection.query(text, ()) else { return };
    for _ in 0..ROWS {
        match rows.next() {
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => break,
        }
    }
}
