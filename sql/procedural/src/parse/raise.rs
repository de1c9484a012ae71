//! `RAISE`

use super::Parser;
use super::block::unknown_condition;
use super::expression::{COMMA, SEMICOLON, Until};
use crate::conditions;
use crate::failure::{Failure, Outcome};
use crate::tree::{Level, Plain, Raise, RaiseOption};
use syntax::lexer::{Token, TokenKind};

impl<'a> Parser<'a, '_> {
    pub(super) fn raise(&mut self) -> Outcome<Plain> {
        self.reader.take()?;
        let mut raise = Raise {
            level: Level::Exception,
            condition: None,
            message: None,
            parameters: Vec::new(),
            options: Vec::new(),
        };
        if self.reader.eat_kind(TokenKind::Semicolon)? {
            return Ok(Plain::Raise(raise));
        }
        let token = self.reader.peek()?;
        let word = if self.reader.is_word(&token) { token.text } else { "" };
        let level = match word {
            "exception" => Some(Level::Exception),
            "warning" => Some(Level::Warning),
            "notice" => Some(Level::Notice),
            "info" => Some(Level::Info),
            "log" => Some(Level::Log),
            "debug" => Some(Level::Debug),
            _ => None,
        };
        if let Some(level) = level {
            self.reader.take()?;
            raise.level = level;
        }
        let ended = self.raised_what(&mut raise)?;
        if self.reader.is(&ended, "using") {
            self.raise_options(&mut raise)?;
        }
        self.count_parameters(&raise)?;
        Ok(Plain::Raise(raise))
    }

    /// The message or condition; answers the token behind it, which is taken.
    fn raised_what(&mut self, raise: &mut Raise) -> Outcome<Token<'a>> {
        let token = self.reader.peek()?;
        if token.kind == TokenKind::End {
            return Err(self.reader.refused("unexpected end of function definition"));
        }
        if token.kind == TokenKind::String {
            self.reader.take()?;
            raise.message = Some(token.text.to_owned());
            let mut ended = self.reader.peek()?;
            let goes_on = matches!(ended.kind, TokenKind::Comma | TokenKind::Semicolon)
                || self.reader.is(&ended, "using");
            if !goes_on {
                return Err(self.reader.unexpected());
            }
            self.reader.take()?;
            while ended.kind == TokenKind::Comma {
                let ends = [COMMA, SEMICOLON, Until::Word("using")];
                let (parameter, end) = self.expression(&ends, ", or ; or USING")?;
                raise.parameters.push(parameter);
                ended = end;
            }
            return Ok(ended);
        }
        if self.reader.is(&token, "using") {
            return self.reader.take();
        }
        raise.condition = Some(self.raised_condition(token)?);
        let ended = self.reader.peek()?;
        if ended.kind != TokenKind::Semicolon && !self.reader.is(&ended, "using") {
            return Err(self.reader.unexpected());
        }
        self.reader.take()
    }

    fn raised_condition(&mut self, token: Token<'_>) -> Outcome<(String, diagnostic::SqlState)> {
        if self.reader.is(&token, "sqlstate") {
            self.reader.take()?;
            let text = self.reader.peek()?.text.to_owned();
            return Ok((text, self.state()?));
        }
        if !self.reader.is_name(&token) {
            return Err(self.reader.unexpected());
        }
        self.reader.take()?;
        match conditions::named(token.text).next() {
            Some(state) => Ok((token.text.to_owned(), state)),
            None => Err(unknown_condition(token.text)),
        }
    }

    /// `USING option = expression, …`
    fn raise_options(&mut self, raise: &mut Raise) -> Outcome<()> {
        loop {
            let token = self.reader.peek()?;
            let word = if self.reader.is_word(&token) { token.text } else { "" };
            let option = match word {
                "errcode" => RaiseOption::Errcode,
                "message" => RaiseOption::Message,
                "detail" => RaiseOption::Detail,
                "hint" => RaiseOption::Hint,
                "column" => RaiseOption::Column,
                "constraint" => RaiseOption::Constraint,
                "datatype" => RaiseOption::Datatype,
                "table" => RaiseOption::Table,
                "schema" => RaiseOption::Schema,
                _ => return Err(self.reader.refused("unrecognized RAISE statement option")),
            };
            self.reader.take()?;
            if !matches!(self.reader.peek()?.kind, TokenKind::Equals | TokenKind::ColonEquals) {
                return Err(self.reader.refused("syntax error, expected \"=\""));
            }
            self.reader.take()?;
            let (value, ended) = self.expression(&[COMMA, SEMICOLON], ", or ;")?;
            raise.options.push((option, value));
            if ended.kind == TokenKind::Semicolon {
                return Ok(());
            }
        }
    }

    /// That a message has as many places as there are parameters.
    fn count_parameters(&self, raise: &Raise) -> Outcome<()> {
        let Some(message) = &raise.message else { return Ok(()) };
        let places = message.replace("%%", "").matches('%').count();
        match places.cmp(&raise.parameters.len()) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => Err(Failure::syntax("too many parameters specified for RAISE")),
            std::cmp::Ordering::Greater => Err(Failure::syntax("too few parameters specified for RAISE")),
        }
    }
}
