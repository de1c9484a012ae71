//! Lists of options, roles, and other small things that many statements have.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::TokenKind;
use crate::tree::expression::{Expression, Operator};
use crate::tree::option::{Definition, DefinitionValue, DropBehavior, RoleKind, RoleName};
use crate::tree::{Name, QualifiedName};

impl<'a> Parser<'a> {
    /// A string (`Sconst`).
    pub(crate) fn string(&mut self) -> SyntaxResult<&'a str> {
        Ok(self.expect(TokenKind::String)?.text)
    }

    /// A string, and where it stands.
    pub(crate) fn string_name(&mut self) -> SyntaxResult<Name<'a>> {
        let token = self.expect(TokenKind::String)?;
        Ok(Name { text: token.text, position: token.start })
    }

    /// An integer of 32 bits, perhaps with a sign (`SignedIconst`).
    pub(crate) fn signed_integer(&mut self) -> SyntaxResult<i32> {
        let negative = self.eat(TokenKind::Minus)?;
        if !negative {
            self.eat(TokenKind::Plus)?;
        }
        let value = self.integer()?;
        // What is read has no sign, so its opposite fits.
        Ok(if negative { -value } else { value })
    }

    /// A name that only reserved words are not (`NonReservedWord`).
    pub(crate) fn unreserved_name(&mut self) -> SyntaxResult<Name<'a>> {
        self.name_of(&[KeywordClass::ColumnName, KeywordClass::TypeOrFunctionName])
    }

    /// The same, or a string (`NonReservedWord_or_Sconst`).
    pub(crate) fn unreserved_name_or_string(&mut self) -> SyntaxResult<Name<'a>> {
        match self.at(TokenKind::String) {
            true => self.string_name(),
            false => self.unreserved_name(),
        }
    }

    /// Names with dots, where a star or a subscript behind them is read and then refused (`qualified_name`): a relation.
    pub(crate) fn relation_name(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        let first = self.name()?;
        self.relation_name_from(first)
    }

    /// The same behind its first name.
    pub(crate) fn relation_name_from(&mut self, first: Name<'a>) -> SyntaxResult<QualifiedName<'a>> {
        let name = self.more_names_to(first)?;
        if self.at(TokenKind::LeftBracket) || self.at(TokenKind::Dot) {
            self.indirection()?;
            return Err(self.unexpected());
        }
        self.at_most_three(name)?;
        Ok(name)
    }

    /// Refuses a relation's name of more than three parts.
    pub(crate) fn at_most_three(&self, name: QualifiedName<'a>) -> SyntaxResult<()> {
        match name.parts.len() > 3 {
            true => Err(self.refused(Rule::TooManyDottedNames(name.to_string()), name.position())),
            false => Ok(()),
        }
    }

    /// `CASCADE`, `RESTRICT` or nothing.
    pub(crate) fn drop_behavior(&mut self) -> SyntaxResult<DropBehavior> {
        if self.eat_keyword(Keyword::Cascade)? {
            return Ok(DropBehavior::Cascade);
        }
        self.eat_keyword(Keyword::Restrict)?;
        Ok(DropBehavior::Restrict)
    }

    /// `IF EXISTS`, if it stands here.
    pub(crate) fn if_exists(&mut self) -> SyntaxResult<bool> {
        let found = self.at_keywords(Keyword::If, Keyword::Exists)?;
        if found {
            self.take()?;
            self.take()?;
        }
        Ok(found)
    }

    /// `IF NOT EXISTS`, if it stands here.
    pub(crate) fn if_not_exists(&mut self) -> SyntaxResult<bool> {
        let found = self.at_keywords(Keyword::If, Keyword::Not)?;
        if found {
            self.take()?;
            self.take()?;
            self.expect_keyword(Keyword::Exists)?;
        }
        Ok(found)
    }

    /// Whoever a name stands for (`RoleSpec`).
    pub(crate) fn role(&mut self) -> SyntaxResult<RoleName<'a>> {
        let position = self.position();
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::CurrentRole) => RoleKind::CurrentRole,
            TokenKind::Keyword(Keyword::CurrentUser) => RoleKind::CurrentUser,
            TokenKind::Keyword(Keyword::SessionUser) => RoleKind::SessionUser,
            _ => {
                let name = self.unreserved_name()?;
                let kind = match name.text {
                    "public" => RoleKind::Public,
                    "none" => return Err(self.refused(Rule::ReservedRole("none"), position)),
                    text => RoleKind::Named(text),
                };
                return Ok(RoleName { kind, position });
            }
        };
        self.take()?;
        Ok(RoleName { kind, position })
    }

    /// A role by its name only (`RoleId`).
    pub(crate) fn role_id(&mut self) -> SyntaxResult<Name<'a>> {
        let role = self.role()?;
        self.named_role(role)
    }

    /// A role that must be named.
    pub(crate) fn named_role(&self, role: RoleName<'a>) -> SyntaxResult<Name<'a>> {
        let rule = match role.kind {
            RoleKind::Named(text) => return Ok(Name { text, position: role.position }),
            RoleKind::Public => Rule::ReservedRole("public"),
            RoleKind::CurrentRole => Rule::NoRoleHere("CURRENT_ROLE"),
            RoleKind::CurrentUser => Rule::NoRoleHere("CURRENT_USER"),
            RoleKind::SessionUser => Rule::NoRoleHere("SESSION_USER"),
        };
        Err(self.refused(rule, role.position))
    }

    /// `(name = value, …)` with namespaces (`reloptions`).
    pub(crate) fn relation_options(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        self.parenthesised(|parser| {
            let first = parser.label()?;
            let (namespace, name) = match parser.eat(TokenKind::Dot)? {
                true => (Some(first), parser.label()?),
                false => (None, first),
            };
            let value = match parser.eat(TokenKind::Equals)? {
                true => Some(parser.definition_value()?),
                false => None,
            };
            Ok(Definition { namespace, name, value })
        })
    }

    /// `WITH (…)` of a relation, if it stands here.
    pub(crate) fn with_relation_options(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        match self.eat_keyword(Keyword::With)? {
            true => self.relation_options(),
            false => Ok(&[]),
        }
    }

    /// `(name = value, …)` (`definition`).
    pub(crate) fn definitions(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        self.parenthesised(|parser| {
            let name = parser.label()?;
            let value = match parser.eat(TokenKind::Equals)? {
                true => Some(parser.definition_value()?),
                false => None,
            };
            Ok(Definition { namespace: None, name, value })
        })
    }

    /// `WITH (…)`, if it stands here (`opt_definition`).
    pub(crate) fn with_definitions(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        match self.eat_keyword(Keyword::With)? {
            true => self.definitions(),
            false => Ok(&[]),
        }
    }

    /// What an option is set to (`def_arg`).
    pub(crate) fn definition_value(&mut self) -> SyntaxResult<DefinitionValue<'a>> {
        let token = self.current();
        match token.kind {
            TokenKind::String => Ok(DefinitionValue::String(self.string()?)),
            TokenKind::Integer(_) | TokenKind::Decimal => Ok(DefinitionValue::Number(self.signed_number()?)),
            TokenKind::Plus | TokenKind::Minus => {
                match matches!(self.next()?.kind, TokenKind::Integer(_) | TokenKind::Decimal) {
                    true => Ok(DefinitionValue::Number(self.signed_number()?)),
                    false => Ok(DefinitionValue::Operator(self.operator()?)),
                }
            }
            TokenKind::Keyword(Keyword::Operator) if self.next()?.kind == TokenKind::LeftParenthesis => {
                Ok(DefinitionValue::Operator(self.operator()?))
            }
            TokenKind::Keyword(Keyword::None) => {
                self.take()?;
                Ok(DefinitionValue::Word("none"))
            }
            TokenKind::Keyword(keyword) if keyword.class() == KeywordClass::Reserved => {
                self.take()?;
                Ok(DefinitionValue::Word(keyword.text()))
            }
            TokenKind::Identifier | TokenKind::Keyword(_) => Ok(DefinitionValue::Type(self.function_type()?)),
            _ => Ok(DefinitionValue::Operator(self.operator()?)),
        }
    }

    /// `true`, `false`, `on`, a word or a string (`opt_boolean_or_string`).
    pub(crate) fn boolean_or_string(&mut self) -> SyntaxResult<&'a str> {
        if let TokenKind::Keyword(keyword @ (Keyword::True | Keyword::False | Keyword::On)) = self.kind() {
            self.take()?;
            return Ok(keyword.text());
        }
        Ok(self.unreserved_name_or_string()?.text)
    }

    /// `(name value, …)` of `EXPLAIN`, `VACUUM` and their like (`utility_option_list`).
    pub(crate) fn utility_options(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        self.parenthesised(|parser| {
            let name = match parser.kind() {
                TokenKind::Keyword(keyword @ (Keyword::Analyze | Keyword::Analyse)) => {
                    let position = parser.take()?.start;
                    // Both spellings say the same.
                    debug_assert!(matches!(keyword, Keyword::Analyze | Keyword::Analyse));
                    Name { text: "analyze", position }
                }
                _ => parser.unreserved_name()?,
            };
            let value = match parser.kind() {
                TokenKind::Comma | TokenKind::RightParenthesis => None,
                TokenKind::Integer(_) | TokenKind::Decimal | TokenKind::Plus | TokenKind::Minus => {
                    Some(DefinitionValue::Number(parser.signed_number()?))
                }
                _ => Some(DefinitionValue::String(parser.boolean_or_string()?)),
            };
            Ok(Definition { namespace: None, name, value })
        })
    }

    /// A word as an option without a value.
    pub(crate) fn flag(&self, text: &'static str, position: u32) -> Definition<'a> {
        Definition { namespace: None, name: Name { text, position }, value: None }
    }

    /// `schema.+` with all that an operator may be called (`any_operator`), which is named, not applied.
    pub(crate) fn named_operator(&mut self) -> SyntaxResult<Operator<'a>> {
        let position = self.position();
        let operator = self.qualified_operator()?;
        Ok(Operator { position, ..operator })
    }

    /// An expression in parentheses.
    pub(crate) fn expression_in_parentheses(&mut self) -> SyntaxResult<Expression<'a>> {
        self.expect(TokenKind::LeftParenthesis)?;
        let expression = self.expression()?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(expression)
    }

    /// Names in parentheses, if a parenthesis stands here.
    pub(crate) fn optional_names(&mut self) -> SyntaxResult<&'a [Name<'a>]> {
        match self.at(TokenKind::LeftParenthesis) {
            true => self.parenthesised(Parser::name),
            false => Ok(&[]),
        }
    }

    /// A name behind a key word, if the word stands here.
    pub(crate) fn name_after(&mut self, word: Keyword) -> SyntaxResult<Option<Name<'a>>> {
        match self.eat_keyword(word)? {
            true => self.name().map(Some),
            false => Ok(None),
        }
    }
}
