//! Cursors of bodies: those of the session, under names that variables hold.

use super::host::{BodyHost, failure_of, kind_of, located};
use super::rows::{in_text, no_query};
use crate::query::Verb;
use bumpalo::Bump;
use diagnostic::SqlState;
use procedural::host::{Field, Query, Rows, Way};
use procedural::tree::Direction;
use procedural::{Failure, Outcome};
use syntax::tree::session::{Fetch, FetchDirection};
use syntax::tree::statement::StatementKind;
use syntax::tree::{Name, Statement};
use types::{Type, Value};

/// That there is no cursor of a name.
pub(super) fn no_cursor(name: &str) -> Box<Failure> {
    Failure::new(SqlState::InvalidCursorName, format!("cursor \"{name}\" does not exist"))
}

/// What is wrong with a cursor, and not with its query, is told without the query.
fn unless_cursor(failure: Box<Failure>, told: impl FnOnce(Box<Failure>) -> Box<Failure>) -> Box<Failure> {
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
        if self.session.cursors.get_mut().columns(&name).is_some() {
            let message = format!("cursor \"{name}\" already in use");
            return Err(Failure::new(SqlState::DuplicateCursor, message));
        }
        match query {
            Query::Written(expression, around) => {
                let values = around.frame.values.clone();
                let opened = self.open_text(&name, &expression.text, scroll, values, &|host| {
                    host.parameters(expression, around)
                });
                opened.map_err(|failure| unless_cursor(failure, |failure| located(failure, expression)))?;
            }
            Query::Dynamic(text, arguments) => {
                let types: Vec<Option<Type>> = arguments.iter().map(|argument| Some(argument.of)).collect();
                let values: Vec<Value> = arguments.into_iter().map(|argument| argument.value).collect();
                let opened = self.open_text(&name, text, scroll, values, &|_| match types.is_empty() {
                    true => bind::Parameters::None,
                    false => bind::Parameters::Inferred(types.clone()),
                });
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
        values: Vec<Value>,
        parameters: &dyn Fn(&BodyHost<'_, '_>) -> bind::Parameters,
    ) -> Outcome<()> {
        let arena = Bump::new();
        let statements = syntax::parse(text, &arena, self.session.depth_limit());
        let statements = statements.map_err(|error| Failure::of(&error))?;
        let [Statement { kind: StatementKind::Query(query), .. }] = statements else {
            return Err(match statements {
                [statement] => no_query(match Verb::of(&statement.kind) {
                    Verb::Select => crate::definition::command(&statement.kind),
                    verb => verb.name(),
                }),
                _ => {
                    let message = "cannot open multi-query plan as cursor";
                    Failure::new(SqlState::InvalidCursorDefinition, message)
                }
            });
        };
        let parameters = parameters(self);
        let opened = self.session.open_cursor(name, text, query, (parameters, values), (scroll, &self.scope));
        opened.map_err(|error| failure_of(&error))
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
