//! Functions that a key word introduces: `EXTRACT`, `SUBSTRING`, `TRIM`, `COALESCE` and their like.

use super::Parser;
use super::expression::Behind;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::expression::{Argument, CallSyntax, CastSyntax, Expression, ExpressionKind};
use crate::tree::type_name::{TypeName, TypeNameKind};
use crate::tree::{Name, QualifiedName};

impl<'a> Parser<'a> {
    /// Whether a parenthesis behind the word opens a syntax of its own.
    pub(super) fn has_call_syntax(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::Extract
                | Keyword::Normalize
                | Keyword::Overlay
                | Keyword::Position
                | Keyword::Substring
                | Keyword::Treat
                | Keyword::Trim
                | Keyword::Nullif
                | Keyword::Coalesce
                | Keyword::Greatest
                | Keyword::Least
                | Keyword::Xmlconcat
                | Keyword::Xmlelement
                | Keyword::Xmlexists
                | Keyword::Xmlforest
                | Keyword::Xmlparse
                | Keyword::Xmlpi
                | Keyword::Xmlroot
                | Keyword::Xmlserialize
        )
    }

    /// The function that the current word introduces; a parenthesis follows.
    pub(super) fn special_function(&mut self, keyword: Keyword) -> SyntaxResult<Expression<'a>> {
        let position = self.take()?.start;
        self.expect(TokenKind::LeftParenthesis)?;
        let expression = self.deeper(|parser| parser.special_arguments(keyword, position))?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(expression)
    }

    fn special_arguments(&mut self, keyword: Keyword, position: u32) -> SyntaxResult<Expression<'a>> {
        match keyword {
            Keyword::Extract => self.extract(position),
            Keyword::Normalize => self.normalize(position),
            Keyword::Overlay => self.overlay(position),
            Keyword::Position => self.position_in(position),
            Keyword::Substring => self.substring(position),
            Keyword::Trim => self.trim(position),
            Keyword::Treat => self.treat(position),
            Keyword::Nullif => {
                let left = self.boxed_expression()?;
                self.expect(TokenKind::Comma)?;
                let right = self.boxed_expression()?;
                Ok(Expression { kind: ExpressionKind::NullIf(left, right), position })
            }
            Keyword::Coalesce | Keyword::Greatest | Keyword::Least => {
                let list = self.separated(Parser::expression)?;
                let kind = match keyword {
                    Keyword::Coalesce => ExpressionKind::Coalesce(list),
                    Keyword::Greatest => ExpressionKind::Greatest(list),
                    // The caller's list of words leaves this one.
                    _ => ExpressionKind::Least(list),
                };
                Ok(Expression { kind, position })
            }
            // The caller's list of words leaves those of XML.
            _ => self.xml_function(keyword, position),
        }
    }

    fn special(
        &mut self,
        function: &'static str,
        syntax: CallSyntax,
        values: &[Expression<'a>],
        position: u32,
    ) -> Expression<'a> {
        let name = self.system_function(function, position);
        let arguments = self.arguments(values);
        self.special_call(name, syntax, arguments, position)
    }

    /// `EXTRACT(field FROM a)`; any name or a string may be the field.
    fn extract(&mut self, position: u32) -> SyntaxResult<Expression<'a>> {
        let token = self.current();
        let is_field = match token.kind {
            TokenKind::Identifier | TokenKind::String => true,
            TokenKind::Keyword(keyword) => matches!(
                keyword,
                Keyword::Year
                    | Keyword::Month
                    | Keyword::Day
                    | Keyword::Hour
                    | Keyword::Minute
                    | Keyword::Second
            ),
            _ => false,
        };
        if !is_field {
            return Err(self.unexpected());
        }
        self.take()?;
        let field = Expression { kind: ExpressionKind::String(token.text), position: token.start };
        self.expect_keyword(Keyword::From)?;
        let source = self.expression()?;
        Ok(self.special("extract", CallSyntax::Extract, &[field, source], position))
    }

    /// `NORMALIZE(a)`, `NORMALIZE(a, NFC)`
    fn normalize(&mut self, position: u32) -> SyntaxResult<Expression<'a>> {
        let operand = self.expression()?;
        if !self.eat(TokenKind::Comma)? {
            return Ok(self.special("normalize", CallSyntax::Normalize, &[operand], position));
        }
        let token = self.current();
        if self.normal_form()?.is_none() {
            return Err(self.unexpected());
        }
        let form = ExpressionKind::String(self.arena.alloc_str(&token.text.to_ascii_uppercase()));
        let form = Expression { kind: form, position: token.start };
        Ok(self.special("normalize", CallSyntax::Normalize, &[operand, form], position))
    }

    /// `OVERLAY(a PLACING b FROM c FOR d)`, or plain arguments.
    fn overlay(&mut self, position: u32) -> SyntaxResult<Expression<'a>> {
        if self.at(TokenKind::RightParenthesis) {
            return Ok(self.special("overlay", CallSyntax::Plain, &[], position));
        }
        if self.at_named_argument()? {
            return self.plain_arguments("overlay", position);
        }
        let first = self.expression()?;
        if !self.eat_keyword(Keyword::Placing)? {
            return self.plain_rest("overlay", first, position);
        }
        let placed = self.expression()?;
        self.expect_keyword(Keyword::From)?;
        let from = self.expression()?;
        if !self.eat_keyword(Keyword::For)? {
            return Ok(self.special("overlay", CallSyntax::Overlay, &[first, placed, from], position));
        }
        let length = self.expression()?;
        Ok(self.special("overlay", CallSyntax::Overlay, &[first, placed, from, length], position))
    }

    /// A call with plain arguments, the first of which has been read.
    fn plain_rest(
        &mut self,
        function: &'static str,
        first: Expression<'a>,
        position: u32,
    ) -> SyntaxResult<Expression<'a>> {
        let mut arguments = self.list();
        arguments.push(Argument { name: None, value: first, kept: false });
        while self.eat(TokenKind::Comma)? {
            arguments.push(self.argument()?);
        }
        Ok(self.plain_call_of(function, arguments.into_bump_slice(), position))
    }

    /// A call with plain arguments, the first of which is named.
    fn plain_arguments(&mut self, function: &'static str, position: u32) -> SyntaxResult<Expression<'a>> {
        let arguments = self.separated(Parser::argument)?;
        Ok(self.plain_call_of(function, arguments, position))
    }

    fn plain_call_of(
        &self,
        function: &'static str,
        arguments: &'a [Argument<'a>],
        position: u32,
    ) -> Expression<'a> {
        let name = Name { text: function, position };
        let name = QualifiedName { parts: std::slice::from_ref(self.boxed(name)) };
        self.special_call(name, CallSyntax::Plain, arguments, position)
    }

    /// `POSITION(a IN b)`: where `a` is in `b`, so that the call has them the other way round.
    fn position_in(&mut self, position: u32) -> SyntaxResult<Expression<'a>> {
        let sought = self.restricted_expression()?;
        self.expect_keyword(Keyword::In)?;
        let place = self.restricted_expression()?;
        Ok(self.special("position", CallSyntax::Position, &[place, sought], position))
    }

    /// `SUBSTRING(a FROM b FOR c)` in its five forms, or plain arguments.
    fn substring(&mut self, position: u32) -> SyntaxResult<Expression<'a>> {
        if self.at(TokenKind::RightParenthesis) {
            return Ok(self.special("substring", CallSyntax::Plain, &[], position));
        }
        if self.at_named_argument()? {
            return self.plain_arguments("substring", position);
        }
        let text = self.expression_before(Behind::Similar)?;
        let values = match self.kind() {
            TokenKind::Keyword(Keyword::From) => {
                self.take()?;
                let from = self.expression()?;
                match self.eat_keyword(Keyword::For)? {
                    true => vec![text, from, self.expression()?],
                    false => vec![text, from],
                }
            }
            TokenKind::Keyword(Keyword::For) => {
                self.take()?;
                let length = self.expression()?;
                match self.eat_keyword(Keyword::From)? {
                    true => vec![text, self.expression()?, length],
                    false => {
                        let one = Expression { kind: ExpressionKind::Integer(1), position };
                        vec![text, one, self.as_integer(length)]
                    }
                }
            }
            TokenKind::Keyword(Keyword::Similar) => {
                self.take()?;
                let pattern = self.expression()?;
                self.expect_keyword(Keyword::Escape)?;
                vec![text, pattern, self.expression()?]
            }
            _ => return self.plain_rest("substring", text, position),
        };
        Ok(self.special("substring", CallSyntax::Substring, &values, position))
    }

    /// The length of `SUBSTRING(a FOR b)` is cast, so that it cannot be taken for a pattern.
    fn as_integer(&self, operand: Expression<'a>) -> Expression<'a> {
        let position = operand.position;
        let name = self.system_function("int4", position);
        let kind = TypeNameKind::Named(name);
        let target = TypeName { kind, modifiers: &[], dimensions: &[], set: false, position };
        let operand = self.boxed(operand);
        let kind = ExpressionKind::Cast { operand, target: self.boxed(target), syntax: CastSyntax::Cast };
        Expression { kind, position }
    }

    /// `TRIM(LEADING a FROM b)`
    fn trim(&mut self, position: u32) -> SyntaxResult<Expression<'a>> {
        let function = match self.kind() {
            TokenKind::Keyword(Keyword::Leading) => "ltrim",
            TokenKind::Keyword(Keyword::Trailing) => "rtrim",
            _ => "btrim",
        };
        if matches!(self.kind(), TokenKind::Keyword(Keyword::Leading | Keyword::Trailing | Keyword::Both)) {
            self.take()?;
        }
        let mut values = Vec::new();
        let mut characters = None;
        if !self.at_keyword(Keyword::From) {
            let first = self.expression()?;
            match self.at_keyword(Keyword::From) {
                true => characters = Some(first),
                false => values.push(first),
            }
        }
        let from = self.eat_keyword(Keyword::From)?;
        if from {
            values.push(self.expression()?);
        }
        while self.eat(TokenKind::Comma)? {
            values.push(self.expression()?);
        }
        values.extend(characters);
        Ok(self.special(function, CallSyntax::Trim, &values, position))
    }

    /// `TREAT(a AS t)` calls the function named as the type.
    fn treat(&mut self, position: u32) -> SyntaxResult<Expression<'a>> {
        let operand = self.expression()?;
        self.expect_keyword(Keyword::As)?;
        let target = self.type_name()?;
        let function = match target.kind {
            TypeNameKind::Named(name) | TypeNameKind::OfColumn(name) => name.object(),
            TypeNameKind::Interval(_) => "interval",
        };
        let parts = [Name { text: "pg_catalog", position }, Name { text: function, position }];
        let name = QualifiedName { parts: self.boxed(parts) };
        let arguments = self.arguments(&[operand]);
        Ok(self.special_call(name, CallSyntax::Plain, arguments, position))
    }
}
