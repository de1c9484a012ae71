//! The functions of SQL/XML: read whole, so that they can be refused by name.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::expression::{Expression, ExpressionKind};
use crate::tree::select::TableExpression;

impl<'a> Parser<'a> {
    /// A function whose word and parenthesis have been taken; the closing one is left.
    pub(super) fn xml_function(&mut self, keyword: Keyword, position: u32) -> SyntaxResult<Expression<'a>> {
        let mut arguments = self.list();
        match keyword {
            Keyword::Xmlconcat => arguments.extend(self.separated(Parser::expression)?.iter().copied()),
            Keyword::Xmlelement => {
                self.expect_keyword(Keyword::Name)?;
                self.label()?;
                while self.eat(TokenKind::Comma)? {
                    match self.eat_keyword(Keyword::Xmlattributes)? {
                        true => arguments.extend(self.xml_attributes()?.iter().copied()),
                        false => arguments.push(self.expression()?),
                    }
                }
            }
            Keyword::Xmlexists => {
                arguments.push(self.primary()?);
                arguments.push(self.xml_passing()?);
            }
            Keyword::Xmlforest => arguments.extend(self.separated(Parser::xml_attribute)?.iter().copied()),
            Keyword::Xmlparse => {
                self.document_or_content()?;
                arguments.push(self.expression()?);
                if self.eat_keywords(Keyword::Preserve, Keyword::Whitespace)? {
                } else if self.eat_keyword(Keyword::Strip)? {
                    self.expect_keyword(Keyword::Whitespace)?;
                }
            }
            Keyword::Xmlpi => {
                self.expect_keyword(Keyword::Name)?;
                self.label()?;
                if self.eat(TokenKind::Comma)? {
                    arguments.push(self.expression()?);
                }
            }
            Keyword::Xmlroot => {
                arguments.push(self.expression()?);
                self.xml_version()?;
            }
            // `XMLSERIALIZE`: the last of the caller's words.
            _ => {
                self.document_or_content()?;
                arguments.push(self.expression()?);
                self.expect_keyword(Keyword::As)?;
                self.simple_type()?;
            }
        }
        Ok(Expression { kind: ExpressionKind::Xml(keyword.text(), arguments.into_bump_slice()), position })
    }

    fn document_or_content(&mut self) -> SyntaxResult<()> {
        if !self.eat_keyword(Keyword::Document)? {
            self.expect_keyword(Keyword::Content)?;
        }
        Ok(())
    }

    fn xml_attributes(&mut self) -> SyntaxResult<&'a [Expression<'a>]> {
        self.parenthesised(Parser::xml_attribute)
    }

    fn xml_attribute(&mut self) -> SyntaxResult<Expression<'a>> {
        let value = self.expression()?;
        if self.eat_keyword(Keyword::As)? {
            self.label()?;
        }
        Ok(value)
    }

    /// `PASSING [BY REF] a [BY REF]`
    fn xml_passing(&mut self) -> SyntaxResult<Expression<'a>> {
        self.expect_keyword(Keyword::Passing)?;
        self.xml_mechanism()?;
        let value = self.primary()?;
        self.xml_mechanism()?;
        Ok(value)
    }

    fn xml_mechanism(&mut self) -> SyntaxResult<()> {
        if self.eat_keyword(Keyword::By)? && !self.eat_keyword(Keyword::Ref)? {
            self.expect_keyword(Keyword::Value)?;
        }
        Ok(())
    }

    /// `, VERSION a [, STANDALONE YES]`
    fn xml_version(&mut self) -> SyntaxResult<()> {
        self.expect(TokenKind::Comma)?;
        self.expect_keyword(Keyword::Version)?;
        if !self.eat_keywords(Keyword::No, Keyword::Value)? {
            self.expression()?;
        }
        if self.eat(TokenKind::Comma)? {
            self.expect_keyword(Keyword::Standalone)?;
            if self.eat_keyword(Keyword::No)? {
                self.eat_keyword(Keyword::Value)?;
            } else {
                self.expect_keyword(Keyword::Yes)?;
            }
        }
        Ok(())
    }

    /// `XMLTABLE (… PASSING … COLUMNS …)`
    pub(super) fn xml_table(&mut self) -> SyntaxResult<TableExpression<'a>> {
        let position = self.take()?.start;
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat_keyword(Keyword::Xmlnamespaces)? {
            self.parenthesised(|parser| {
                if parser.eat_keyword(Keyword::Default)? {
                    return parser.restricted_expression();
                }
                let uri = parser.restricted_expression()?;
                parser.expect_keyword(Keyword::As)?;
                parser.label()?;
                Ok(uri)
            })?;
            self.expect(TokenKind::Comma)?;
        }
        self.primary()?;
        self.xml_passing()?;
        self.expect_keyword(Keyword::Columns)?;
        self.separated(Parser::xml_column)?;
        self.expect(TokenKind::RightParenthesis)?;
        self.alias()?;
        Ok(TableExpression::XmlTable(position))
    }

    fn xml_column(&mut self) -> SyntaxResult<()> {
        self.name()?;
        if self.eat_keyword(Keyword::For)? {
            self.expect_keyword(Keyword::Ordinality)?;
            return Ok(());
        }
        self.type_name()?;
        loop {
            match self.kind() {
                TokenKind::Keyword(Keyword::Not) => {
                    self.take()?;
                    self.expect_keyword(Keyword::Null)?;
                }
                TokenKind::Keyword(Keyword::Null) => {
                    self.take()?;
                }
                TokenKind::Keyword(Keyword::Default) => {
                    self.take()?;
                    self.restricted_expression()?;
                }
                TokenKind::Identifier => {
                    // `PATH` is no key word of PostgreSQL 15's.
                    self.take()?;
                    self.restricted_expression()?;
                }
                _ => return Ok(()),
            }
        }
    }
}
