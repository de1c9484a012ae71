//! Functions and procedures: parameters, options, bodies.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::{Token, TokenKind};
use crate::tree::object::ObjectKind;
use crate::tree::routine::{
    AlterRoutine, CreateRoutine, Parameter, ParameterMode, Returns, RoutineBody, RoutineOption,
    RoutineOptionKind,
};
use crate::tree::{Name, Statement, StatementKind, TypeName};

impl<'a> Parser<'a> {
    /// `CREATE [OR REPLACE] FUNCTION …`, `PROCEDURE …`; the current token is that word.
    pub(super) fn create_routine(&mut self, or_replace: bool) -> SyntaxResult<StatementKind<'a>> {
        let procedure = self.take()?.kind == TokenKind::Keyword(Keyword::Procedure);
        let name = self.routine_name()?;
        let parameters = self.parameters(true)?;
        let says_result = !procedure
            && self.at_keyword(Keyword::Returns)
            && self.next()?.kind != TokenKind::Keyword(Keyword::Null);
        let returns = match says_result {
            true => {
                self.take()?;
                Some(self.returns()?)
            }
            false => None,
        };
        let options = self.routine_options(true)?;
        let body = self.routine_body()?;
        Ok(StatementKind::CreateRoutine(self.boxed(CreateRoutine {
            procedure,
            or_replace,
            name,
            parameters,
            returns,
            options,
            body,
        })))
    }

    fn returns(&mut self) -> SyntaxResult<Returns<'a>> {
        if !self.eat_keyword(Keyword::Table)? {
            return Ok(Returns::Type(self.function_type()?));
        }
        Ok(Returns::Table(self.parenthesised(|parser| {
            let name = parser.type_or_function_name()?;
            Ok((name, parser.function_type()?))
        })?))
    }

    /// Parameters without defaults (`func_args`).
    pub(super) fn signature_parameters(&mut self) -> SyntaxResult<&'a [Parameter<'a>]> {
        self.parameters(false)
    }

    fn parameters(&mut self, defaults: bool) -> SyntaxResult<&'a [Parameter<'a>]> {
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat(TokenKind::RightParenthesis)? {
            return Ok(&[]);
        }
        let parameters = self.separated(|parser| parser.parameter(defaults))?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(parameters)
    }

    pub(super) fn parameter(&mut self, defaults: bool) -> SyntaxResult<Parameter<'a>> {
        let mut mode = self.parameter_mode()?;
        let name = self.parameter_name()?;
        if mode.is_none() && name.is_some() {
            mode = self.parameter_mode()?;
        }
        let type_name = self.function_type()?;
        let default = match defaults && (self.at_keyword(Keyword::Default) || self.at(TokenKind::Equals)) {
            true => {
                self.take()?;
                Some(self.expression()?)
            }
            false => None,
        };
        Ok(Parameter { mode, name, type_name, default })
    }

    fn parameter_mode(&mut self) -> SyntaxResult<Option<ParameterMode>> {
        let mode = match self.kind() {
            TokenKind::Keyword(Keyword::In) => {
                self.take()?;
                let both = self.eat_keyword(Keyword::Out)?;
                return Ok(Some(if both { ParameterMode::InOut } else { ParameterMode::In }));
            }
            TokenKind::Keyword(Keyword::Out) => ParameterMode::Out,
            TokenKind::Keyword(Keyword::Inout) => ParameterMode::InOut,
            TokenKind::Keyword(Keyword::Variadic) => ParameterMode::Variadic,
            _ => return Ok(None),
        };
        self.take()?;
        Ok(Some(mode))
    }

    /// A parameter's name: a word that a type or a mode follows.
    fn parameter_name(&mut self) -> SyntaxResult<Option<Name<'a>>> {
        let names = Parser::is_name(self.current(), &[KeywordClass::TypeOrFunctionName]);
        if !names {
            return Ok(None);
        }
        let next = self.next()?;
        let is_double =
            self.at_keyword(Keyword::Double) && next.kind == TokenKind::Keyword(Keyword::Precision);
        match !is_double && begins_parameter_type(next) {
            true => self.type_or_function_name().map(Some),
            false => Ok(None),
        }
    }

    /// A type, perhaps `table.column%TYPE` (`func_type`).
    pub(crate) fn function_type(&mut self) -> SyntaxResult<TypeName<'a>> {
        self.type_name_with(true)
    }

    /// Options of a routine as long as there are any; `all` of them, or those that may be altered.
    fn routine_options(&mut self, all: bool) -> SyntaxResult<&'a [RoutineOption<'a>]> {
        let mut options = self.list();
        loop {
            let position = self.position();
            let kind = match all {
                true => self.routine_definition()?,
                false => None,
            };
            let kind = match kind {
                Some(kind) => Some(kind),
                None => self.routine_property()?,
            };
            match kind {
                Some(kind) => options.push(RoutineOption { kind, position }),
                None => return Ok(options.into_bump_slice()),
            }
        }
    }

    /// What only `CREATE` says.
    fn routine_definition(&mut self) -> SyntaxResult<Option<RoutineOptionKind<'a>>> {
        Ok(Some(match self.kind() {
            TokenKind::Keyword(Keyword::As) => {
                self.take()?;
                let body = self.string()?;
                let symbol = match self.eat(TokenKind::Comma)? {
                    true => Some(self.string()?),
                    false => None,
                };
                RoutineOptionKind::As(body, symbol)
            }
            TokenKind::Keyword(Keyword::Language) => {
                self.take()?;
                RoutineOptionKind::Language(self.unreserved_name_or_string()?.text)
            }
            TokenKind::Keyword(Keyword::Transform) => {
                self.take()?;
                RoutineOptionKind::Transform(self.separated(|parser| {
                    parser.expect_keyword(Keyword::For)?;
                    parser.expect_keyword(Keyword::Type)?;
                    parser.type_name()
                })?)
            }
            TokenKind::Keyword(Keyword::Window) => {
                self.take()?;
                RoutineOptionKind::Window
            }
            _ => return Ok(None),
        }))
    }

    /// What `ALTER` may say, too (`common_func_opt_item`).
    fn routine_property(&mut self) -> SyntaxResult<Option<RoutineOptionKind<'a>>> {
        let TokenKind::Keyword(keyword) = self.kind() else { return Ok(None) };
        match keyword {
            Keyword::Set | Keyword::Reset => return self.routine_set().map(Some),
            Keyword::Called
            | Keyword::Returns
            | Keyword::Strict
            | Keyword::Immutable
            | Keyword::Stable
            | Keyword::Volatile
            | Keyword::External
            | Keyword::Security
            | Keyword::Leakproof
            | Keyword::Not
            | Keyword::Cost
            | Keyword::Rows
            | Keyword::Support
            | Keyword::Parallel => {}
            _ => return Ok(None),
        }
        self.take()?;
        Ok(Some(match keyword {
            Keyword::Called => {
                self.on_null_input()?;
                RoutineOptionKind::Strict(false)
            }
            Keyword::Returns => {
                self.expect_keyword(Keyword::Null)?;
                self.on_null_input()?;
                RoutineOptionKind::Strict(true)
            }
            Keyword::Strict => RoutineOptionKind::Strict(true),
            Keyword::Immutable => RoutineOptionKind::Immutable,
            Keyword::Stable => RoutineOptionKind::Stable,
            Keyword::Volatile => RoutineOptionKind::Volatile,
            Keyword::External => {
                self.expect_keyword(Keyword::Security)?;
                self.security()?
            }
            Keyword::Security => self.security()?,
            Keyword::Leakproof => RoutineOptionKind::Leakproof(true),
            Keyword::Not => {
                self.expect_keyword(Keyword::Leakproof)?;
                RoutineOptionKind::Leakproof(false)
            }
            Keyword::Cost => RoutineOptionKind::Cost(self.signed_number()?),
            Keyword::Rows => RoutineOptionKind::Rows(self.signed_number()?),
            Keyword::Support => RoutineOptionKind::Support(self.qualified_name()?),
            // `PARALLEL`: the last of the words above.
            _ => RoutineOptionKind::Parallel(self.name()?),
        }))
    }

    fn routine_set(&mut self) -> SyntaxResult<RoutineOptionKind<'a>> {
        Ok(RoutineOptionKind::Set(self.set_or_reset()?))
    }

    fn security(&mut self) -> SyntaxResult<RoutineOptionKind<'a>> {
        let definer = self.eat_keyword(Keyword::Definer)?;
        if !definer {
            self.expect_keyword(Keyword::Invoker)?;
        }
        Ok(RoutineOptionKind::SecurityDefiner(definer))
    }

    fn on_null_input(&mut self) -> SyntaxResult<()> {
        self.expect_keyword(Keyword::On)?;
        self.expect_keyword(Keyword::Null)?;
        self.expect_keyword(Keyword::Input)?;
        Ok(())
    }

    /// `RETURN …` or `BEGIN ATOMIC … END`, if one stands here.
    fn routine_body(&mut self) -> SyntaxResult<Option<RoutineBody<'a>>> {
        if self.at_keyword(Keyword::Return) {
            let start = self.take()?.start;
            let value = self.expression()?;
            return Ok(Some(RoutineBody::Return { value, start, end: self.taken_to }));
        }
        if !self.eat_keyword(Keyword::Begin)? {
            return Ok(None);
        }
        self.expect_keyword(Keyword::Atomic)?;
        let mut statements = self.list();
        while !self.eat_keyword(Keyword::End)? {
            if self.eat(TokenKind::Semicolon)? {
                continue;
            }
            statements.push(self.deeper(Parser::routine_statement)?);
            self.expect(TokenKind::Semicolon)?;
        }
        Ok(Some(RoutineBody::Block(statements.into_bump_slice())))
    }

    /// A statement of a block: any, or `RETURN …`, which is a query of one value.
    fn routine_statement(&mut self) -> SyntaxResult<Statement<'a>> {
        if !self.at_keyword(Keyword::Return) {
            return self.statement();
        }
        let start = self.take()?.start;
        let expression = self.expression()?;
        let query = self.query_of_value(expression, start);
        Ok(Statement { kind: StatementKind::Query(query), start, end: self.taken_to })
    }

    /// `ALTER FUNCTION signature options` behind the signature.
    pub(super) fn alter_routine(
        &mut self,
        kind: ObjectKind,
        routine: crate::tree::object::Signature<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let options = self.routine_options(false)?;
        if options.is_empty() {
            return Err(self.unexpected());
        }
        self.eat_keyword(Keyword::Restrict)?;
        Ok(StatementKind::AlterRoutine(self.boxed(AlterRoutine { kind, routine, options })))
    }
}

/// Whether the token goes on with a parameter's type or mode, so that the word before it is a name.
fn begins_parameter_type(token: Token<'_>) -> bool {
    match token.kind {
        TokenKind::Identifier => true,
        TokenKind::Keyword(keyword) => match keyword.class() {
            KeywordClass::Unreserved | KeywordClass::TypeOrFunctionName => true,
            KeywordClass::ColumnName => {
                super::type_name::begins_type(keyword)
                    || matches!(keyword, Keyword::Setof | Keyword::Out | Keyword::Inout)
            }
            KeywordClass::Reserved => matches!(keyword, Keyword::In | Keyword::Variadic),
        },
        _ => false,
    }
}
