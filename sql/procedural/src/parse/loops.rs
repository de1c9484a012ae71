//! Loops.

use super::Parser;
use super::expression::Until;
use crate::failure::{Failure, Outcome};
use crate::names::Kind;
use crate::tree::{Loop, LoopKind, LoopQuery, Place, Target};
use syntax::lexer::{Token, TokenKind};
use types::Type;
use types::catalog::oid;

/// The word that ends what a loop is over.
const LOOP: Until = Until::Word("loop");

/// What stands behind `FOR`.
struct LoopVariable<'a> {
    first: Token<'a>,
    /// Of how many names it is.
    parts: usize,
    /// What it is, if it is known.
    target: Option<Target>,
}

impl<'a> Parser<'a, '_> {
    /// A loop, whose label has been read.
    pub(super) fn any_loop(&mut self, label: Option<String>) -> Outcome<LoopKind> {
        let around = self.scope;
        self.scope = self.names.add(self.scope, Kind::Loop, label.as_deref().unwrap_or(""));
        let word = self.reader.take()?.text;
        let kind = match word {
            "loop" => LoopKind::Loop(self.loop_body(label)?),
            "while" => {
                let condition = self.until_word("loop")?;
                LoopKind::While(condition, self.loop_body(label)?)
            }
            "for" => self.for_loop(label)?,
            _ => self.foreach(label)?,
        };
        self.scope = around;
        Ok(kind)
    }

    fn loop_body(&mut self, label: Option<String>) -> Outcome<Loop> {
        let body = self.statements()?;
        self.reader.expect("end")?;
        self.reader.expect("loop")?;
        self.end_label(label.as_deref())?;
        self.reader.expect_kind(TokenKind::Semicolon)?;
        Ok(Loop { label, body })
    }

    fn loop_variable(&mut self) -> Outcome<LoopVariable<'a>> {
        let first = self.reader.peek()?;
        if self.look_for_variable()?.is_none() {
            if !self.reader.is_name(&first) {
                return Err(self.reader.unexpected());
            }
            let names = self.look_at_names()?.len();
            if names > 1 || self.reader.look(1)?.kind == TokenKind::Comma {
                return Err(self.not_a_variable());
            }
            self.reader.take()?;
            return Ok(LoopVariable { first, parts: 1, target: None });
        }
        let parts = self.look_at_names()?.len();
        // The variable of a loop over numbers is a new one: it does not matter whether this one may be changed.
        let (place, is_row) = self.place()?;
        let target = match is_row {
            true => Target::Record(place),
            false => self.scalar_list(place)?,
        };
        Ok(LoopVariable { first, parts, target: Some(target) })
    }

    fn for_loop(&mut self, label: Option<String>) -> Outcome<LoopKind> {
        let variable = self.loop_variable()?;
        self.reader.expect("in")?;
        if self.reader.eat("execute")? {
            let target = self.rows_target(&variable)?;
            let (text, arguments) = self.dynamic(&[LOOP], "LOOP")?;
            let body = self.loop_body(label)?;
            return Ok(LoopKind::ForRows { target, query: LoopQuery::Dynamic(text, arguments), body });
        }
        if let Some((found, names)) = self.look_for_variable()?
            && found.parts == names.len()
            && self.variables[found.variable as usize].of.oid == oid::REFCURSOR
        {
            return self.for_cursor(label, &variable, found.variable, names.len());
        }
        let reverse_at = self.reader.peek()?.start;
        let reverse = self.reader.eat("reverse")?;
        let dots = Until::Kind(TokenKind::DoubleDot);
        let (start, end, token) = self.stretch(&[dots, LOOP], "LOOP", true)?;
        if token.kind == TokenKind::DoubleDot {
            let from = self.expression_of(start, end)?;
            return self.for_integer(label, &variable, from, reverse);
        }
        if reverse {
            let message = "cannot specify REVERSE in query FOR loop";
            return Err(Failure::syntax(message).at(reverse_at));
        }
        let query = self.statement_of(start, end)?;
        let target = self.rows_target(&variable)?;
        let body = self.loop_body(label)?;
        Ok(LoopKind::ForRows { target, query: LoopQuery::Static(query), body })
    }

    fn rows_target(&self, variable: &LoopVariable<'_>) -> Outcome<Target> {
        match &variable.target {
            Some(target) => Ok(target.clone()),
            None => {
                let message =
                    "loop variable of loop over rows must be a record variable or list of scalar variables";
                Err(Failure::syntax(message).at(variable.first.start))
            }
        }
    }

    fn for_integer(
        &mut self,
        label: Option<String>,
        variable: &LoopVariable<'_>,
        from: crate::tree::Expression,
        reverse: bool,
    ) -> Outcome<LoopKind> {
        let (to, token) = self.expression(&[LOOP, Until::Word("by")], "LOOP")?;
        let by = match self.reader.is(&token, "by") {
            true => Some(self.until_word("loop")?),
            false => None,
        };
        if matches!(&variable.target, Some(Target::List(places)) if places.len() > 1) {
            let message = "integer FOR loop must have only one target variable";
            return Err(Failure::syntax(message).at(variable.first.start));
        }
        let number = self.declare(variable.first.text, Type::of(oid::INT4), false, true);
        let body = self.loop_body(label)?;
        Ok(LoopKind::ForInteger { variable: number, from, to, by, reverse, body })
    }

    fn for_cursor(
        &mut self,
        label: Option<String>,
        variable: &LoopVariable<'_>,
        cursor: u32,
        names: usize,
    ) -> Outcome<LoopKind> {
        let at = self.reader.peek()?.start;
        for _ in 0..names * 2 - 1 {
            self.reader.take()?;
        }
        if matches!(&variable.target, Some(Target::List(places)) if places.len() > 1) || variable.parts > 1 {
            let message = "cursor FOR loop must have only one target variable";
            return Err(Failure::syntax(message).at(variable.first.start));
        }
        if self.variables[cursor as usize].cursor.is_none() {
            return Err(Failure::syntax("cursor FOR loop must use a bound cursor variable").at(at));
        }
        let arguments = self.cursor_arguments(cursor, LOOP)?;
        let number = self.declare(variable.first.text, Type::of(oid::RECORD), true, true);
        let target = Target::Record(Place { variable: number, field: None });
        let body = self.loop_body(label)?;
        Ok(LoopKind::ForRows { target, query: LoopQuery::Cursor(cursor, arguments), body })
    }

    fn foreach(&mut self, label: Option<String>) -> Outcome<LoopKind> {
        let variable = self.loop_variable()?;
        let mut slice = 0;
        if self.reader.eat("slice")? {
            let token = self.reader.peek()?;
            let TokenKind::Integer(number) = token.kind else { return Err(self.reader.unexpected()) };
            self.reader.take()?;
            slice = number;
        }
        self.reader.expect("in")?;
        self.reader.expect("array")?;
        let array = self.until_word("loop")?;
        let Some(target) = variable.target else {
            let message = "loop variable of FOREACH must be a known variable or list of variables";
            return Err(Failure::syntax(message).at(variable.first.start));
        };
        let body = self.loop_body(label)?;
        Ok(LoopKind::Foreach { target, slice, array, body })
    }
}
