//! Cursors: their variables hold their names.

use super::Runner;
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Around, Query, Way};
use crate::tree::{Expression, FetchWay, OpenQuery, Target};
use diagnostic::SqlState;
use types::catalog::oid;
use types::{Type, Value};

impl Runner<'_> {
    /// The name that a cursor's variable holds.
    fn held_name(&mut self, cursor: u32) -> Option<String> {
        match &self.frame.values[cursor as usize] {
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
            _ => None,
        }
    }

    fn cursor_name(&mut self, cursor: u32) -> Outcome<String> {
        match self.held_name(cursor) {
            Some(name) => Ok(name),
            None => {
                let name = &self.function.variables[cursor as usize].name;
                let message = format!("cursor variable \"{name}\" is null");
                Err(Failure::new(SqlState::NullValueNotAllowed, message))
            }
        }
    }

    fn keep_name(&mut self, cursor: u32, name: &str) -> Outcome<()> {
        let value = Value::text(name);
        self.assign_variable(cursor, Answer { value, of: Type::of(oid::REFCURSOR), shape: None })
    }

    pub(super) fn open(&mut self, cursor: u32, query: &OpenQuery, scroll: Option<bool>) -> Outcome<()> {
        match query {
            OpenQuery::Bound(arguments) => self.open_bound(cursor, arguments).map(drop),
            OpenQuery::Query(query) => {
                let name = self.held_name(cursor);
                let around = Around { function: self.function, frame: &self.frame };
                let query = Query::Written(query, around);
                let opened = self.host.open_cursor(name.as_deref(), query, scroll)?;
                self.keep_name(cursor, &opened)
            }
            OpenQuery::Dynamic(text, arguments) => {
                let name = self.held_name(cursor);
                let (text, arguments) = self.dynamic_text(text, arguments)?;
                let query = Query::Dynamic(&text, arguments);
                let opened = self.host.open_cursor(name.as_deref(), query, scroll)?;
                self.keep_name(cursor, &opened)
            }
        }
    }

    /// Opens a bound cursor: its name.
    pub(super) fn open_bound(&mut self, cursor: u32, arguments: &[Expression]) -> Outcome<String> {
        let name = self.held_name(cursor);
        let function = self.function;
        let Some(bound) = &function.variables[cursor as usize].cursor else {
            return Err(Failure::new(SqlState::InternalError, "cursor has no query"));
        };
        // All are computed before any of them counts.
        let given =
            arguments.iter().map(|argument| self.evaluate(argument)).collect::<Outcome<Vec<Answer>>>()?;
        for (variable, answer) in bound.arguments.iter().zip(given) {
            self.assign_variable(*variable, answer)?;
        }
        let around = Around { function, frame: &self.frame };
        let opened =
            self.host.open_cursor(name.as_deref(), Query::Written(&bound.query, around), bound.scroll)?;
        self.keep_name(cursor, &opened)?;
        Ok(opened)
    }

    pub(super) fn fetch(
        &mut self,
        cursor: u32,
        way: &FetchWay,
        target: Option<&Target>,
        moves: bool,
    ) -> Outcome<()> {
        let name = self.cursor_name(cursor)?;
        let steps = match &way.count {
            None => way.steps,
            Some(count) => match self.evaluate_as(count, Type::of(oid::INT4))? {
                Value::Int32(count) => i64::from(count),
                _ => {
                    let message = "relative or absolute cursor position is null";
                    return Err(Failure::new(SqlState::NullValueNotAllowed, message));
                }
            },
        };
        let (rows, passed) = self.host.fetch(&name, Way { direction: way.direction, steps }, moves)?;
        self.row_count = passed;
        if let Some(target) = target {
            self.assign_first(target, rows)?;
        }
        self.set_found(passed != 0);
        Ok(())
    }

    pub(super) fn close(&mut self, cursor: u32) -> Outcome<()> {
        let name = self.cursor_name(cursor)?;
        self.host.close_cursor(&name)
    }
}
