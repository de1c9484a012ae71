//! `OPEN`, `FETCH`, `MOVE`, `CLOSE`.

use super::Parser;
use super::expression::{COMMA, SEMICOLON, Until};
use crate::failure::{Failure, Outcome};
use crate::tree::{Direction, Expression, FetchWay, OpenQuery, Plain};
use diagnostic::SqlState;
use syntax::lexer::TokenKind;
use types::catalog::oid;

impl Parser<'_, '_> {
    /// Takes a cursor's variable.
    fn cursor_variable(&mut self) -> Outcome<u32> {
        let at = self.reader.peek()?.start;
        let Some((found, names)) = self.look_for_variable()? else { return Err(self.not_a_variable()) };
        if found.is_record {
            let message = "cursor variable must be a simple variable";
            return Err(Failure::new(SqlState::DatatypeMismatch, message).at(at));
        }
        let variable = &self.variables[found.variable as usize];
        if variable.of.oid != oid::REFCURSOR {
            let message = format!("variable \"{}\" must be of type cursor or refcursor", variable.name);
            return Err(Failure::new(SqlState::DatatypeMismatch, message).at(at));
        }
        for _ in 0..found.parts.min(names.len()) * 2 - 1 {
            self.reader.take()?;
        }
        Ok(found.variable)
    }

    pub(super) fn open(&mut self) -> Outcome<Plain> {
        self.reader.take()?;
        let cursor = self.cursor_variable()?;
        if self.variables[cursor as usize].cursor.is_some() {
            let arguments = self.cursor_arguments(cursor, SEMICOLON)?;
            return Ok(Plain::Open { cursor, query: OpenQuery::Bound(arguments), scroll: None });
        }
        let scroll = self.scroll()?;
        if !self.reader.eat("for")? {
            return Err(self.reader.refused("syntax error, expected \"FOR\""));
        }
        let query = if self.reader.eat("execute")? {
            let (text, arguments) = self.dynamic(&[SEMICOLON], ";")?;
            OpenQuery::Dynamic(text, arguments)
        } else {
            OpenQuery::Query(self.statement_text()?)
        };
        Ok(Plain::Open { cursor, query, scroll })
    }

    /// The arguments of a bound cursor, in its order, and what ends them.
    pub(super) fn cursor_arguments(&mut self, cursor: u32, end: Until) -> Outcome<Vec<Expression>> {
        let at = self.reader.peek()?;
        let name = self.variables[cursor as usize].name.clone();
        let declared: Vec<u32> = self.variables[cursor as usize]
            .cursor
            .as_ref()
            .map(|it| it.arguments.clone())
            .unwrap_or_default();
        let open = at.kind == TokenKind::LeftParenthesis;
        if declared.is_empty() {
            if open {
                let message = format!("cursor \"{name}\" has no arguments");
                return Err(Failure::syntax(message).at(at.start));
            }
            self.take_end(end)?;
            return Ok(Vec::new());
        }
        if !open {
            let message = format!("cursor \"{name}\" has arguments");
            return Err(Failure::syntax(message).at(at.start));
        }
        self.reader.take()?;
        let mut given: Vec<Option<Expression>> = declared.iter().map(|_| None).collect();
        let mut next = 0;
        loop {
            let token = self.reader.peek()?;
            let named = self.reader.is_name(&token)
                && matches!(self.reader.look(1)?.kind, TokenKind::ColonEquals | TokenKind::EqualsGreater);
            let place = if named {
                let known = |number: &u32| self.variables[*number as usize].name == token.text;
                let Some(place) = declared.iter().position(known) else {
                    let message = format!("cursor \"{name}\" has no argument named \"{}\"", token.text);
                    return Err(Failure::syntax(message).at(token.start));
                };
                self.reader.take()?;
                self.reader.take()?;
                place
            } else {
                next
            };
            next += 1;
            let too_many =
                |at: u32| Failure::syntax(format!("too many arguments for cursor \"{name}\"")).at(at);
            let Some(known) = declared.get(place) else { return Err(too_many(token.start)) };
            if given[place].is_some() {
                let argument = &self.variables[*known as usize].name;
                let message = format!(
                    "value for parameter \"{argument}\" of cursor \"{name}\" specified more than once"
                );
                return Err(Failure::syntax(message).at(token.start));
            }
            let close = Until::Kind(TokenKind::RightParenthesis);
            let (value, ended) = self.expression(&[COMMA, close], ",\" or \")")?;
            given[place] = Some(value);
            if ended.kind == TokenKind::RightParenthesis {
                break;
            }
            if next == declared.len() {
                return Err(too_many(ended.start));
            }
        }
        let all: Option<Vec<Expression>> = given.into_iter().collect();
        let Some(all) = all else {
            let place = self.reader.taken_to().saturating_sub(1);
            return Err(Failure::syntax(format!("not enough arguments for cursor \"{name}\"")).at(place));
        };
        self.take_end(end)?;
        Ok(all)
    }

    fn take_end(&mut self, end: Until) -> Outcome<()> {
        match end {
            Until::Word(word) => self.reader.expect(word),
            Until::Kind(kind) => self.reader.expect_kind(kind).map(drop),
        }
    }

    /// `FETCH … INTO`, `MOVE`
    pub(super) fn fetch(&mut self, moves: bool) -> Outcome<Plain> {
        self.reader.take()?;
        let way = self.fetch_way()?;
        let cursor = self.cursor_variable()?;
        if moves {
            self.reader.expect_kind(TokenKind::Semicolon)?;
            return Ok(Plain::Fetch { cursor, way: way.0, target: None, moves });
        }
        self.reader.expect("into")?;
        let target = self.target()?;
        self.reader.expect_kind(TokenKind::Semicolon)?;
        if way.1 {
            let message = "FETCH statement cannot return multiple rows";
            return Err(Failure::new(SqlState::FeatureNotSupported, message));
        }
        Ok(Plain::Fetch { cursor, way: way.0, target: Some(target), moves })
    }

    /// Whence a cursor goes, and whether it may pass several rows.
    fn fetch_way(&mut self) -> Outcome<(FetchWay, bool)> {
        let way = |direction, steps| FetchWay { direction, count: None, steps };
        let one = |direction| (way(direction, 1), false);
        if self.look_for_variable()?.is_some() {
            return Ok(one(Direction::Forward));
        }
        let token = self.reader.peek()?;
        let word = if self.reader.is_word(&token) { token.text } else { "" };
        let simple = match word {
            "next" => Some(one(Direction::Forward)),
            "prior" => Some(one(Direction::Backward)),
            "first" => Some((way(Direction::Absolute, 1), false)),
            "last" => Some((way(Direction::Absolute, -1), false)),
            "all" => Some((way(Direction::Forward, i64::MAX), true)),
            _ => None,
        };
        if let Some(found) = simple {
            self.reader.take()?;
            if !self.reader.eat("from")? && !self.reader.eat("in")? {
                return Err(self.reader.refused("expected FROM or IN"));
            }
            return Ok(found);
        }
        let ends = [Until::Word("from"), Until::Word("in")];
        match word {
            "from" | "in" => {
                self.reader.take()?;
                Ok(one(Direction::Forward))
            }
            "absolute" | "relative" => {
                self.reader.take()?;
                let direction = if word == "absolute" { Direction::Absolute } else { Direction::Relative };
                let (count, _) = self.expression(&ends, "FROM or IN")?;
                Ok((FetchWay { direction, count: Some(count), steps: 0 }, false))
            }
            "forward" | "backward" => {
                self.reader.take()?;
                let direction = if word == "forward" { Direction::Forward } else { Direction::Backward };
                if self.reader.eat("from")? || self.reader.eat("in")? {
                    return Ok(one(direction));
                }
                if self.reader.eat("all")? {
                    if !self.reader.eat("from")? && !self.reader.eat("in")? {
                        return Err(self.reader.refused("expected FROM or IN"));
                    }
                    return Ok((way(direction, i64::MAX), true));
                }
                let (count, _) = self.expression(&ends, "FROM or IN")?;
                Ok((FetchWay { direction, count: Some(count), steps: 0 }, true))
            }
            _ => {
                let (count, _) = self.expression(&ends, "FROM or IN")?;
                Ok((FetchWay { direction: Direction::Forward, count: Some(count), steps: 0 }, true))
            }
        }
    }

    pub(super) fn close(&mut self) -> Outcome<Plain> {
        self.reader.take()?;
        let cursor = self.cursor_variable()?;
        self.reader.expect_kind(TokenKind::Semicolon)?;
        Ok(Plain::Close(cursor))
    }
}
