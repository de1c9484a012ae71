//! Calls: plain ones with all that an aggregate or a window function may have behind it, and the functions of the SQL
//! standard that have a syntax of their own. The latter become calls of `pg_catalog`'s functions, as in PostgreSQL.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::TokenKind;
use crate::tree::expression::{Argument, Call, CallSyntax, CastSyntax, Expression, ExpressionKind};
use crate::tree::select::Over;
use crate::tree::type_name::{TypeName, TypeNameKind};
use crate::tree::{Name, QualifiedName};

impl<'a> Parser<'a> {
    /// What begins with a name: a column, a call, a literal of a type.
    pub(super) fn named(&mut self) -> SyntaxResult<Expression<'a>> {
        let only_column = match self.kind() {
            TokenKind::Keyword(keyword) => keyword.class() == KeywordClass::ColumnName,
            _ => false,
        };
        let only_function = match self.kind() {
            TokenKind::Keyword(keyword) => keyword.class() == KeywordClass::TypeOrFunctionName,
            _ => false,
        };
        let token = self.take()?;
        let first = Name { text: token.text, position: token.start };
        match self.kind() {
            TokenKind::LeftParenthesis if !only_column => self.call_of(first),
            TokenKind::String if !only_column => {
                let name = QualifiedName { parts: std::slice::from_ref(self.boxed(first)) };
                self.literal_of(TypeNameKind::Named(name), &[], first.position)
            }
            _ if only_function => Err(self.unexpected()),
            TokenKind::Dot => self.qualified(first),
            _ => self.column_from(first),
        }
    }

    /// A name with dots: still a column, a call or a literal.
    fn qualified(&mut self, first: Name<'a>) -> SyntaxResult<Expression<'a>> {
        let mut names = self.list();
        names.push(first);
        while self.at(TokenKind::Dot) {
            if self.next()?.kind == TokenKind::Star {
                self.take()?;
                self.take()?;
                self.nothing_behind_star()?;
                let kind = ExpressionKind::Star(names.into_bump_slice());
                return Ok(Expression { kind, position: first.position });
            }
            self.take()?;
            names.push(self.label()?);
        }
        let name = QualifiedName { parts: names.into_bump_slice() };
        match self.kind() {
            TokenKind::LeftParenthesis => self.call(name),
            TokenKind::String => self.literal_of(TypeNameKind::Named(name), &[], first.position),
            _ => {
                let kind = ExpressionKind::Column(name);
                self.with_indirection(Expression { kind, position: first.position })
            }
        }
    }

    /// A call of a function whose only name has been read.
    pub(super) fn call_of(&mut self, name: Name<'a>) -> SyntaxResult<Expression<'a>> {
        let name = QualifiedName { parts: std::slice::from_ref(self.boxed(name)) };
        self.call(name)
    }

    /// A call whose name has been read; or, with a string behind it, a literal of a type with modifiers.
    fn call(&mut self, name: QualifiedName<'a>) -> SyntaxResult<Expression<'a>> {
        let position = name.position();
        let call = self.deeper(|parser| parser.application(name))?;
        if self.at(TokenKind::String) && is_modified_type(&call)? {
            let mut modifiers = self.list();
            modifiers.extend(call.arguments.iter().map(|argument| argument.value));
            let modifiers = modifiers.into_bump_slice();
            return self.literal_of(TypeNameKind::Named(name), modifiers, position);
        }
        let call = self.call_suffixes(call)?;
        Ok(Expression { kind: ExpressionKind::Call(self.boxed(call)), position })
    }

    /// The parentheses of a call (`func_application`).
    pub(crate) fn application(&mut self, name: QualifiedName<'a>) -> SyntaxResult<Call<'a>> {
        let mut call = plain_call(name, CallSyntax::Plain, &[]);
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat(TokenKind::RightParenthesis)? {
            return Ok(call);
        }
        if self.eat(TokenKind::Star)? {
            call.star = true;
            self.expect(TokenKind::RightParenthesis)?;
            return Ok(call);
        }
        let quantified = self.at_keyword(Keyword::All) || self.at_keyword(Keyword::Distinct);
        if quantified {
            call.distinct = self.take()?.kind == TokenKind::Keyword(Keyword::Distinct);
        }
        let mut arguments = self.list();
        loop {
            if !quantified && self.eat_keyword(Keyword::Variadic)? {
                call.variadic = true;
                arguments.push(self.argument()?);
                break;
            }
            arguments.push(self.argument()?);
            if !self.eat(TokenKind::Comma)? {
                break;
            }
        }
        call.arguments = arguments.into_bump_slice();
        call.order = self.order_by()?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(call)
    }

    /// Whether an argument with a name stands here.
    pub(super) fn at_named_argument(&mut self) -> SyntaxResult<bool> {
        let names = Parser::is_name(self.current(), &[KeywordClass::TypeOrFunctionName]);
        Ok(names && matches!(self.next()?.kind, TokenKind::ColonEquals | TokenKind::EqualsGreater))
    }

    /// `value`, `name => value`, `name := value`
    pub(super) fn argument(&mut self) -> SyntaxResult<Argument<'a>> {
        if self.at_named_argument()? {
            let name = self.type_or_function_name()?;
            self.take()?;
            return Ok(Argument { name: Some(name), value: self.expression()?, kept: self.kept() });
        }
        Ok(Argument { name: None, value: self.expression()?, kept: self.kept() })
    }

    /// `WITHIN GROUP`, `FILTER` and `OVER` behind a call.
    fn call_suffixes(&mut self, mut call: Call<'a>) -> SyntaxResult<Call<'a>> {
        let position = self.position();
        if self.eat_keyword(Keyword::Within)? {
            self.expect_keyword(Keyword::Group)?;
            self.expect(TokenKind::LeftParenthesis)?;
            if !self.at_keyword(Keyword::Order) {
                return Err(self.unexpected());
            }
            let order = self.order_by()?;
            self.expect(TokenKind::RightParenthesis)?;
            let rule = match &call {
                _ if !call.order.is_empty() => Some(Rule::TwoOrdersInCall),
                _ if call.distinct => Some(Rule::DistinctWithinGroup),
                _ if call.variadic => Some(Rule::VariadicWithinGroup),
                _ => None,
            };
            if let Some(rule) = rule {
                return Err(self.refused(rule, position));
            }
            call.within_group = true;
            call.order = order;
        }
        if self.eat_keyword(Keyword::Filter)? {
            self.expect(TokenKind::LeftParenthesis)?;
            self.expect_keyword(Keyword::Where)?;
            call.filter = Some(self.boxed_expression()?);
            self.expect(TokenKind::RightParenthesis)?;
        }
        if self.eat_keyword(Keyword::Over)? {
            call.over = Some(match self.at(TokenKind::LeftParenthesis) {
                true => {
                    let window = self.window()?;
                    Over::Window(self.boxed(window))
                }
                false => Over::Named(self.name()?),
            });
        }
        Ok(call)
    }

    /// A call in a syntax of its own.
    pub(super) fn special_call(
        &self,
        name: QualifiedName<'a>,
        syntax: CallSyntax,
        arguments: &'a [Argument<'a>],
        position: u32,
    ) -> Expression<'a> {
        let call = self.boxed(plain_call(name, syntax, arguments));
        Expression { kind: ExpressionKind::Call(call), position }
    }

    /// `CAST(a AS t)`
    pub(super) fn cast(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.take()?.start;
        self.expect(TokenKind::LeftParenthesis)?;
        let operand = self.boxed_expression()?;
        self.expect_keyword(Keyword::As)?;
        let target = self.type_name()?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(Expression {
            kind: ExpressionKind::Cast { operand, target: self.boxed(target), syntax: CastSyntax::Cast },
            position,
        })
    }

    /// `UNIQUE (SELECT …)`, which PostgreSQL parses and refuses.
    pub(super) fn unique(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.take()?.start;
        self.nulls_distinct()?;
        self.parenthesised_query()?;
        Err(self.refused(Rule::UniquePredicate, position))
    }

    /// `COLLATION FOR (a)`
    pub(super) fn collation_for(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.take()?.start;
        self.expect_keyword(Keyword::For)?;
        self.expect(TokenKind::LeftParenthesis)?;
        let operand = self.expression()?;
        self.expect(TokenKind::RightParenthesis)?;
        let name = self.system_function("pg_collation_for", position);
        let arguments = self.arguments(&[operand]);
        Ok(self.special_call(name, CallSyntax::CollationFor, arguments, position))
    }

    /// A literal whose type has been read: the string follows.
    pub(super) fn literal_of(
        &mut self,
        kind: TypeNameKind<'a>,
        modifiers: &'a [Expression<'a>],
        position: u32,
    ) -> SyntaxResult<Expression<'a>> {
        let target = TypeName { kind, modifiers, dimensions: &[], set: false, position };
        self.literal_with(target)
    }

    pub(super) fn literal_with(&mut self, target: TypeName<'a>) -> SyntaxResult<Expression<'a>> {
        let token = self.expect(TokenKind::String)?;
        let literal = Expression { kind: ExpressionKind::String(token.text), position: token.start };
        let operand = self.boxed(literal);
        let kind = ExpressionKind::Cast { operand, target: self.boxed(target), syntax: CastSyntax::Literal };
        Ok(Expression { kind, position: target.position })
    }

    /// Values as arguments without names.
    pub(super) fn arguments(&self, values: &[Expression<'a>]) -> &'a [Argument<'a>] {
        let mut arguments = self.list();
        arguments.extend(values.iter().map(|value| Argument { name: None, value: *value, kept: false }));
        arguments.into_bump_slice()
    }
}

fn plain_call<'a>(name: QualifiedName<'a>, syntax: CallSyntax, arguments: &'a [Argument<'a>]) -> Call<'a> {
    Call {
        name,
        syntax,
        arguments,
        variadic: false,
        star: false,
        distinct: false,
        order: &[],
        within_group: false,
        filter: None,
        over: None,
    }
}

/// Whether a call with a string behind it may be a type with modifiers: PostgreSQL refuses names and orders there.
fn is_modified_type(call: &Call<'_>) -> SyntaxResult<bool> {
    let plain = !call.star && !call.distinct && !call.variadic && !call.arguments.is_empty();
    Ok(plain && call.order.is_empty() && call.arguments.iter().all(|argument| argument.name.is_none()))
}
