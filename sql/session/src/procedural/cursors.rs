//! Cursors of bodies: those of the session, under names that variables hold.

use super::host::{BodyHost, failure_of, kind_of, located};
use super::other::Given;
use super::rows::{given_parameters, in_text};
use crate::client::ResultColumn;
use crate::error::SessionError;
use crate::prepared::is_planned;
use bumpalo::Bump;
use diagnostic::SqlState;
use procedural::host::{Field, Query, Rows, Way};
use procedural::tree::Direction;
use procedural::{Failure, Outcome};
use syntax::tree::Name;
use syntax::tree::session::{Fetch, FetchDirection};
use types::vector::{Chunk, VectorBuilder};

/// That there is no cursor of a name.
pub(super) fn no_cursor(name: &str) -> Box<Failure> {
    Failure::new(SqlState::InvalidCursorName, format!("cursor \"{name}\" does not exist"))
}

/// What is wrong with a cursor, and not with its query, is told without the query.
pub(super) fn unless_cursor(
    failure: Box<Failure>,
    told: impl FnOnce(Box<Failure>) -> Box<Failure>,
) -> Box<Failure> {
    match failure.state {
        SqlState::InvalidCursorDefinition => failure,
        _ => told(failure),
    }
}

impl BodyHost<'_, '_> {
    /// Opens a cursor.
    pub fn open_named(
        &mut self,
        name: Option<&str>,
        query: Query<'_>,
        scroll: Option<bool>,
    ) -> Outcome<String> {
        self.begin_statement()?;
        let name = match name {
            Some(name) => name.to_owned(),
            None => {
                let transient = self.session.transient.get_mut();
                transient.unnamed += 1;
                format!("<unnamed portal {}>", transient.unnamed)
            }
        };
        if self.session.name_is_taken(&name) {
            let message = format!("cursor \"{name}\" already in use");
            return Err(Failure::new(SqlState::DuplicateCursor, message));
        }
        match query {
            Query::Written(expression, around) => {
                let given = Given::Variables(expression, around);
                let opened = self.open_text(&name, &expression.text, scroll, given);
                opened.map_err(|failure| unless_cursor(failure, |failure| located(failure, expression)))?;
            }
            Query::Dynamic(text, arguments) => {
                let opened = self.open_text(&name, text, scroll, Given::Values(&arguments));
                opened.map_err(|failure| unless_cursor(failure, |failure| in_text(failure, text)))?;
            }
        }
        Ok(name)
    }

    fn open_text(
        &mut self,
        name: &str,
        text: &str,
        scroll: Option<bool>,
        given: Given<'_, '_>,
    ) -> Outcome<()> {
        let arena = Bump::new();
        let statements = self.session.parse(text, &arena);
        let statements = statements.map_err(|error| Failure::of(&error))?;
        let [statement] = statements else {
            let message = "cannot open multi-query plan as cursor";
            return Err(Failure::new(SqlState::InvalidCursorDefinition, message));
        };
        if !is_planned(&statement.kind) {
            let rows = self.rows_of_other(text, statement, given)?;
            return self.open_over(name, text, scroll, rows);
        }
        let (parameters, values) = match given {
            Given::Variables(expression, around) => {
                (self.parameters(expression, around), around.frame.values.clone())
            }
            Given::Values(arguments) => (
                given_parameters(arguments),
                arguments.iter().map(|argument| argument.value.clone()).collect(),
            ),
        };
        let opened =
            self.session.open_cursor(name, text, statement, (parameters, values), (scroll, &self.scope));
        opened.map_err(|error| failure_of(&error))
    }

    /// Opens a cursor over rows that are there.
    fn open_over(&mut self, name: &str, text: &str, scroll: Option<bool>, rows: Rows) -> Outcome<()> {
        let scope = &self.scope;
        let column = |field: &Field| ResultColumn::new(scope, &field.name, field.of);
        let columns = rows.shape.iter().map(column).collect();
        let mut vectors = Vec::with_capacity(rows.shape.len());
        for (place, field) in rows.shape.iter().enumerate() {
            let mut builder = VectorBuilder::new(field.kind, rows.rows.len());
            for row in &rows.rows {
                builder
                    .push(&row[place])
                    .map_err(|error| failure_of(&SessionError::Function(error.into())))?;
            }
            vectors.push(builder.finish());
        }
        let chunk = Chunk::new(vectors, rows.rows.len());
        self.session
            .open_cursor_over(name, text, (columns, chunk), scroll)
            .map_err(|error| failure_of(&error))
    }

    /// Moves a cursor.
    pub fn fetch_named(&mut self, name: &str, way: Way, moves: bool) -> Outcome<(Rows, u64)> {
        let Some(columns) = self.session.cursors.get_mut().columns(name) else {
            return Err(no_cursor(name));
        };
        let direction = match way.direction {
            Direction::Forward => FetchDirection::Forward(way.steps),
            Direction::Backward => FetchDirection::Backward(way.steps),
            Direction::Absolute => FetchDirection::Absolute(way.steps),
            Direction::Relative => FetchDirection::Relative(way.steps),
        };
        let fetch = Fetch { direction, cursor: Name { text: name, position: 0 }, only_move: moves };
        self.calls(None);
        let fetched = self.session.fetch_values(&fetch).map_err(|error| failure_of(&error));
        self.tell_pending();
        let (rows, passed) = fetched?;
        let field = |column: crate::client::ResultColumn| Field {
            kind: kind_of(&self.scope, column.column_type),
            name: column.name,
            of: column.column_type,
            dropped: false,
        };
        Ok((Rows { shape: columns.into_iter().map(field).collect(), rows }, passed))
    }
}
