//! A session that is asked directly, for tests that need more than a script shows: its rows as lines, its tags.

use session::Session;
use shell::collect::{Collect, Event};

/// Runs statements.
///
/// # Panics
/// When one fails.
#[allow(clippy::expect_used)]
pub fn execute(session: &mut Session, text: &str) {
    session.execute(text, &mut Collect::default()).expect("statements that do not fail");
}

/// The tag that an event tells.
pub fn complete(event: &Event) -> Option<String> {
    if let Event::Complete(tag) = event { Some(tag.clone()) } else { None }
}

/// The rows of a query, a line each, with `-` for null.
///
/// # Panics
/// When it fails.
#[allow(clippy::expect_used)]
pub fn lines(session: &mut Session, query: &str) -> Vec<String> {
    let mut client = Collect::default();
    session.execute(query, &mut client).expect("a query that does not fail");
    let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
    client.rows().iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}
