//! Declarations: variables, aliases, bound cursors; types as they are written there.

use super::Parser;
use super::expression::{SEMICOLON, Until};
use crate::failure::{Failure, Outcome};
use crate::host::RowKind;
use crate::names::Kind;
use crate::settings::Found;
use crate::tree::{BoundCursor, Variable};
use diagnostic::SqlState;
use syntax::lexer::{Token, TokenKind};
use types::Type;
use types::catalog::oid;

/// What the declaration of a variable says.
struct Said {
    of: Type,
    constant: bool,
    not_null: bool,
}

impl<'a> Parser<'a, '_> {
    /// All declarations up to `BEGIN`.
    pub(super) fn declarations(&mut self, variables: &mut Vec<u32>) -> Outcome<()> {
        loop {
            if self.reader.at("begin")? {
                return Ok(());
            }
            if self.reader.eat("declare")? {
                continue;
            }
            if self.reader.at_operator("<<")? {
                let place = self.reader.peek()?.start;
                let message = "block label must be placed before DECLARE, not after";
                return Err(Failure::syntax(message).at(place));
            }
            self.declaration(variables)?;
        }
    }

    fn declaration(&mut self, variables: &mut Vec<u32>) -> Outcome<()> {
        let name = self.declared_name()?;
        let line = self.reader.line(name.start);
        if self.reader.at("alias")? && self.reader.look(1)?.text == "for" {
            return self.alias(name.text);
        }
        let scroll = self.scroll()?;
        if self.reader.at("cursor")? {
            self.reader.take()?;
            return self.cursor((name.text, line), scroll, variables);
        }
        if scroll.is_some() {
            return Err(self.reader.unexpected());
        }
        let constant = self.reader.eat("constant")?;
        let of = self.data_type()?;
        self.collate(of)?;
        let not_null_at = self.reader.peek()?.start;
        let not_null = self.reader.eat("not")?;
        if not_null {
            self.reader.expect("null")?;
        }
        let said = Said { of, constant, not_null };
        let number = self.variable((name.text, line), said)?;
        variables.push(number);
        let assigns = matches!(self.reader.peek()?.kind, TokenKind::ColonEquals | TokenKind::Equals)
            || self.reader.at("default")?;
        if assigns {
            self.reader.take()?;
            // The variable is no part of its own first value.
            let own = self.scope;
            self.scope = self.scope_before(own);
            let (default, _) = self.expression(&[SEMICOLON], ";")?;
            self.scope = own;
            self.variables[number as usize].default = Some(default);
        } else {
            if not_null {
                let message = format!(
                    "variable \"{}\" must have a default value, since it's declared NOT NULL",
                    name.text
                );
                return Err(Failure::new(SqlState::NullValueNotAllowed, message).at(not_null_at));
            }
            self.reader.expect_kind(TokenKind::Semicolon)?;
        }
        Ok(())
    }

    fn scope_before(&self, scope: crate::names::Scope) -> crate::names::Scope {
        self.names.before(scope)
    }

    /// The name of something new in this block.
    fn declared_name(&mut self) -> Outcome<Token<'a>> {
        let token = self.reader.peek()?;
        if !self.reader.is_name(&token) {
            return Err(self.reader.unexpected());
        }
        if self.names.find(self.scope, &[token.text], true).is_some() {
            return Err(self.reader.refused("duplicate declaration"));
        }
        self.look_for_shadowed(token)?;
        self.reader.take()
    }

    /// Whether a new name hides a variable further out, if that is asked.
    fn look_for_shadowed(&mut self, name: Token<'_>) -> Outcome<()> {
        let Some(grave) = self.declared.looks.shadowed else { return Ok(()) };
        if self.names.find(self.scope, &[name.text], false).is_none() {
            return Ok(());
        }
        let message = format!("variable \"{}\" shadows a previously defined variable", name.text);
        let failure = Failure::new(SqlState::DuplicateAlias, message).at(name.start);
        match grave {
            Found::Error => Err(failure),
            Found::Warning => {
                self.warnings.push(*failure);
                Ok(())
            }
        }
    }

    fn alias(&mut self, name: &str) -> Outcome<()> {
        self.reader.expect("alias")?;
        self.reader.expect("for")?;
        let place = self.reader.peek()?;
        let Some((found, names)) = self.look_for_variable()? else {
            let names = self.look_at_names()?;
            let end = names.last().map_or(place.end, |last| last.end);
            let shown = match place.kind {
                TokenKind::Parameter(_) => self.reader.text(place.start, end).to_owned(),
                _ => names.iter().map(|name| name.text).collect::<Vec<_>>().join("."),
            };
            let message = format!("variable \"{shown}\" does not exist");
            return Err(Failure::new(SqlState::UndefinedObject, message).at(place.start));
        };
        for _ in 0..names.len() * 2 - 1 {
            self.reader.take()?;
        }
        self.reader.expect_kind(TokenKind::Semicolon)?;
        let kind = if found.is_record { Kind::Record(found.variable) } else { Kind::Scalar(found.variable) };
        self.scope = self.names.add(self.scope, kind, name);
        Ok(())
    }

    /// `SCROLL`, `NO SCROLL`
    pub(super) fn scroll(&mut self) -> Outcome<Option<bool>> {
        if self.reader.at("no")? && self.reader.look(1)?.text == "scroll" {
            self.reader.take()?;
            self.reader.take()?;
            return Ok(Some(false));
        }
        let next = self.reader.look(1)?;
        let scrolls =
            self.reader.at("scroll")? && (self.reader.is(&next, "cursor") || self.reader.is(&next, "for"));
        Ok(if scrolls && self.reader.eat("scroll")? { Some(true) } else { None })
    }

    /// `name CURSOR (arguments) FOR query;` behind the word.
    fn cursor(
        &mut self,
        (name, line): (&str, u32),
        scroll: Option<bool>,
        variables: &mut Vec<u32>,
    ) -> Outcome<()> {
        let around = self.scope;
        self.scope = self.names.add(self.scope, Kind::Block, "");
        let mut arguments = Vec::new();
        if self.reader.eat_kind(TokenKind::LeftParenthesis)? {
            loop {
                let argument = self.declared_name()?;
                let argument_line = self.reader.line(argument.start);
                let of = self.data_type()?;
                let said = Said { of, constant: false, not_null: false };
                arguments.push(self.variable((argument.text, argument_line), said)?);
                if !self.reader.eat_kind(TokenKind::Comma)? {
                    break;
                }
            }
            self.reader.expect_kind(TokenKind::RightParenthesis)?;
        }
        if !self.reader.eat("is")? {
            self.reader.expect("for")?;
        }
        let query = self.statement_text()?;
        self.scope = around;
        let said = Said { of: Type::of(oid::REFCURSOR), constant: false, not_null: false };
        let number = self.variable((name, line), said)?;
        self.variables[number as usize].cursor = Some(Box::new(BoundCursor { query, arguments, scroll }));
        variables.push(number);
        Ok(())
    }

    fn variable(&mut self, (name, line): (&str, u32), said: Said) -> Outcome<u32> {
        let is_record = match self.catalog.row_kind(said.of) {
            RowKind::Row => true,
            RowKind::Scalar => false,
            RowKind::Pseudo => {
                let shown = self.catalog.shown(said.of);
                let message = format!("variable \"{name}\" has pseudo-type {shown}");
                return Err(Failure::new(SqlState::FeatureNotSupported, message));
            }
        };
        let number = u32::try_from(self.variables.len()).unwrap_or(u32::MAX);
        self.variables.push(Variable {
            name: name.to_owned(),
            line,
            of: said.of,
            is_record,
            constant: said.constant,
            not_null: said.not_null,
            of_case: false,
            default: None,
            cursor: None,
        });
        let kind = if is_record { Kind::Record(number) } else { Kind::Scalar(number) };
        self.scope = self.names.add(self.scope, kind, name);
        Ok(number)
    }

    fn collate(&mut self, of: Type) -> Outcome<()> {
        if !self.reader.eat("collate")? {
            return Ok(());
        }
        let mut names = vec![self.reader.name()?];
        while self.reader.eat_kind(TokenKind::Dot)? {
            names.push(self.reader.take()?);
        }
        let texts: Vec<&str> = names.iter().map(|name| name.text).collect();
        self.catalog.collation(&texts, of)
    }

    /// A type: `name(…)[]`, `variable%TYPE`, `table.column%TYPE`, `table%ROWTYPE`.
    fn data_type(&mut self) -> Outcome<Type> {
        let start = self.reader.peek()?.start;
        if let Some(of) = self.copied_type()? {
            return Ok(of);
        }
        let (mut end, mut open) = (start, 0_u32);
        loop {
            let token = self.reader.peek()?;
            let ends = match token.kind {
                TokenKind::Semicolon => true,
                TokenKind::ColonEquals | TokenKind::Equals => open == 0,
                TokenKind::Comma | TokenKind::RightParenthesis if open == 0 => true,
                TokenKind::LeftParenthesis => {
                    open += 1;
                    false
                }
                TokenKind::RightParenthesis => {
                    open -= 1;
                    false
                }
                TokenKind::End if open > 0 => return Err(self.reader.refused("mismatched parentheses")),
                TokenKind::End => return Err(self.reader.refused("incomplete data type declaration")),
                _ => ["collate", "not", "default"].iter().any(|word| self.reader.is(&token, word)),
            };
            if ends {
                break;
            }
            end = token.end;
            self.reader.take()?;
        }
        if start == end {
            return Err(self.reader.refused("missing data type declaration"));
        }
        let text = self.reader.text(start, end);
        self.catalog.type_named(text).map_err(|mut failure| {
            failure.position = Some(failure.position.unwrap_or(0) + start);
            failure
        })
    }

    /// `%TYPE` and `%ROWTYPE` of something that is known here.
    fn copied_type(&mut self) -> Outcome<Option<Type>> {
        let names = self.look_at_names()?;
        if names[0].kind == TokenKind::Parameter(0) || !self.is_variable_name(&names[0]) {
            return Ok(None);
        }
        let behind = names.len() * 2 - 1;
        let word = self.reader.look(behind + 1)?;
        if self.reader.look(behind)?.kind != TokenKind::Percent || !self.reader.is_word(&word) {
            return Ok(None);
        }
        let words = super::words_of(&names);
        let texts: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let found = match word.text {
            "type" => self.type_of(&texts)?,
            "rowtype" => Some(self.catalog.row_of(&texts)?),
            _ => None,
        };
        if found.is_none() && word.text == "type" && self.names.find(self.scope, &texts, false).is_some() {
            return Err(self.no_copied_type(behind));
        }
        if found.is_some() {
            for _ in 0..behind + 2 {
                self.reader.take()?;
            }
            return self.array_of(found);
        }
        Ok(None)
    }

    /// The refusal of a type that is written so far as a copied one, whose `%` is so many tokens ahead.
    fn no_copied_type(&mut self, percent: usize) -> Box<Failure> {
        let ends = (self.reader.peek(), self.reader.look(percent), self.reader.look(percent + 1));
        match ends {
            (Ok(first), Ok(percent), Ok(last)) => {
                let written = self.reader.text(first.start, last.end);
                self.reader
                    .refused_at("syntax error", percent)
                    .within(format!("invalid type name \"{written}\""))
            }
            (Err(failure), ..) | (_, Err(failure), _) | (.., Err(failure)) => failure,
        }
    }

    /// PostgreSQL 15 takes no brackets behind `%TYPE`.
    fn array_of(&mut self, found: Option<Type>) -> Outcome<Option<Type>> {
        match self.reader.peek()?.kind {
            TokenKind::LeftBracket => Err(self.reader.unexpected()),
            _ => Ok(found),
        }
    }

    fn type_of(&mut self, names: &[&str]) -> Outcome<Option<Type>> {
        if let Some(found) = self.names.find(self.scope, names, false) {
            let of = self.variables[found.variable as usize].of;
            // PostgreSQL 15 copies no types of rows and their fields.
            return Ok(Some(of).filter(|_| !found.is_record && found.parts == names.len()));
        }
        match names {
            [.., column] if names.len() > 1 => self.catalog.column_of(&names[..names.len() - 1], column),
            _ => Ok(None),
        }
    }

    /// Until a word.
    pub(super) fn until_word(&mut self, word: &'static str) -> Outcome<crate::tree::Expression> {
        Ok(self.expression(&[Until::Word(word)], &word.to_ascii_uppercase())?.0)
    }
}
