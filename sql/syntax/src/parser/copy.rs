//! `COPY`.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::copy::{CopyStatement, CopySubject};
use crate::tree::option::{Definition, DefinitionValue};
use crate::tree::{Name, StatementKind};

impl<'a> Parser<'a> {
    /// `COPY …`
    pub(super) fn copy(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Copy)?;
        if self.at(TokenKind::LeftParenthesis) {
            return self.copy_query();
        }
        let mut first = self.list();
        if self.at_keyword(Keyword::Binary) {
            let token = self.take()?;
            first.push(self.format("binary", token.start));
        }
        let table = self.relation_name()?;
        let subject = CopySubject::Table(table, self.optional_names()?);
        let from = self.eat_keyword(Keyword::From)?;
        if !from {
            self.expect_keyword(Keyword::To)?;
        }
        let (program, file) = self.copy_file()?;
        if self.at_keyword(Keyword::Using) || self.at_keyword(Keyword::Delimiters) {
            let position = self.position();
            self.eat_keyword(Keyword::Using)?;
            self.expect_keyword(Keyword::Delimiters)?;
            let text = self.string()?;
            first.push(self.text_option("delimiter", text, position));
        }
        self.eat_plain_with()?;
        first.extend(self.copy_options()?.iter().copied());
        let place = self.position();
        let condition = self.optional_after(Keyword::Where)?;
        if condition.is_some() && !from {
            return Err(self.refused(Rule::WhereInCopyTo, place));
        }
        let options = first.into_bump_slice();
        let copy = CopyStatement { subject, from, program, file, options, condition };
        Ok(StatementKind::Copy(self.boxed(copy)))
    }

    fn copy_query(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect(TokenKind::LeftParenthesis)?;
        let statement = self.deeper(Parser::preparable_statement)?;
        self.expect(TokenKind::RightParenthesis)?;
        let subject = match statement.kind {
            StatementKind::Query(query) => CopySubject::Query(query),
            _ => CopySubject::Change(self.boxed(statement)),
        };
        self.expect_keyword(Keyword::To)?;
        let (program, file) = self.copy_file()?;
        self.eat_plain_with()?;
        let options = self.copy_options()?;
        let copy = CopyStatement { subject, from: false, program, file, options, condition: None };
        Ok(StatementKind::Copy(self.boxed(copy)))
    }

    fn copy_file(&mut self) -> SyntaxResult<(bool, Option<&'a str>)> {
        let place = self.position();
        let program = self.eat_keyword(Keyword::Program)?;
        let file = match self.kind() {
            TokenKind::Keyword(Keyword::Stdin | Keyword::Stdout) => {
                self.take()?;
                None
            }
            _ => Some(self.string()?),
        };
        match program && file.is_none() {
            true => Err(self.refused(Rule::ProgramWithStandardStream, place)),
            false => Ok((program, file)),
        }
    }

    fn format(&self, text: &'static str, position: u32) -> Definition<'a> {
        self.text_option("format", text, position)
    }

    fn text_option(&self, name: &'static str, text: &'a str, position: u32) -> Definition<'a> {
        let value = Some(DefinitionValue::String(text));
        Definition { namespace: None, name: Name { text: name, position }, value }
    }

    /// Options in parentheses, or in the older form without.
    fn copy_options(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        if self.at(TokenKind::LeftParenthesis) {
            return self.parenthesised(Parser::copy_option);
        }
        let mut options = self.list();
        while let Some(option) = self.old_copy_option()? {
            options.push(option);
        }
        Ok(options.into_bump_slice())
    }

    fn copy_option(&mut self) -> SyntaxResult<Definition<'a>> {
        let name = self.label()?;
        let value = match self.kind() {
            TokenKind::Comma | TokenKind::RightParenthesis => None,
            TokenKind::Integer(_) | TokenKind::Decimal | TokenKind::Plus | TokenKind::Minus => {
                Some(DefinitionValue::Number(self.signed_number()?))
            }
            TokenKind::Star => {
                self.take()?;
                Some(DefinitionValue::Star)
            }
            TokenKind::LeftParenthesis => {
                Some(DefinitionValue::List(self.parenthesised(Parser::boolean_or_string)?))
            }
            _ => Some(DefinitionValue::String(self.boolean_or_string()?)),
        };
        Ok(Definition { namespace: None, name, value })
    }

    fn old_copy_option(&mut self) -> SyntaxResult<Option<Definition<'a>>> {
        let position = self.position();
        let TokenKind::Keyword(keyword) = self.kind() else { return Ok(None) };
        let texts = match keyword {
            Keyword::Delimiter => Some("delimiter"),
            Keyword::Null => Some("null"),
            Keyword::Quote => Some("quote"),
            Keyword::Escape => Some("escape"),
            Keyword::Binary
            | Keyword::Freeze
            | Keyword::Csv
            | Keyword::Header
            | Keyword::Force
            | Keyword::Encoding => None,
            _ => return Ok(None),
        };
        self.take()?;
        if let Some(name) = texts {
            self.eat_keyword(Keyword::As)?;
            let text = self.string()?;
            return Ok(Some(self.text_option(name, text, position)));
        }
        Ok(Some(match keyword {
            Keyword::Binary => self.format("binary", position),
            Keyword::Csv => self.format("csv", position),
            Keyword::Freeze => self.text_option("freeze", "true", position),
            Keyword::Header => self.text_option("header", "true", position),
            Keyword::Encoding => {
                let text = self.string()?;
                self.text_option("encoding", text, position)
            }
            // `FORCE`: the last of the words above.
            _ => self.forced_columns(position)?,
        }))
    }

    /// `QUOTE columns`, `QUOTE *`, `NOT NULL columns`, `NULL columns` behind `FORCE`.
    fn forced_columns(&mut self, position: u32) -> SyntaxResult<Definition<'a>> {
        let name = match self.kind() {
            TokenKind::Keyword(Keyword::Quote) => "force_quote",
            TokenKind::Keyword(Keyword::Null) => "force_null",
            _ => {
                self.expect_keyword(Keyword::Not)?;
                "force_not_null"
            }
        };
        match name {
            "force_quote" => self.expect_keyword(Keyword::Quote)?,
            _ => self.expect_keyword(Keyword::Null)?,
        };
        let value = match name == "force_quote" && self.eat(TokenKind::Star)? {
            true => DefinitionValue::Star,
            false => DefinitionValue::List(self.separated(|parser| Ok(parser.name()?.text))?),
        };
        Ok(Definition { namespace: None, name: Name { text: name, position }, value: Some(value) })
    }
}
