//! Statements: texts, and those that were prepared.

/// A prepared statement: read and planned once, run as often as one likes, on the connection that prepared it.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) of_session: session::Statement,
}

impl Statement {
    /// The text that was prepared.
    pub fn text(&self) -> &str {
        self.of_session.text()
    }

    /// How many values it takes.
    pub fn parameter_count(&self) -> usize {
        self.of_session.parameters().len()
    }
}

/// What can be run: a text, or a prepared [`Statement`].
pub trait Sql {
    /// The prepared statement, if it is one.
    fn prepared(&self) -> Option<&Statement>;

    /// Its text.
    fn text(&self) -> &str;
}

impl Sql for &str {
    fn prepared(&self) -> Option<&Statement> {
        None
    }

    fn text(&self) -> &str {
        self
    }
}

impl Sql for &String {
    fn prepared(&self) -> Option<&Statement> {
        None
    }

    fn text(&self) -> &str {
        self
    }
}

impl Sql for &Statement {
    fn prepared(&self) -> Option<&Statement> {
        Some(self)
    }

    fn text(&self) -> &str {
        Statement::text(self)
    }
}
