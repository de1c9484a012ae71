//! Objects of every kind as statements name them, and the statements that are about all kinds: `DROP`, `COMMENT`,
//! `SECURITY LABEL`.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::expression::Operator;
use crate::tree::object::{Comment, Drop, ObjectKind, ObjectName, Signature};
use crate::tree::option::DropBehavior;
use crate::tree::role::DropRole;
use crate::tree::{Name, QualifiedName, StatementKind, TypeName};

impl<'a> Parser<'a> {
    /// The words that say a kind of object, if it is one of those allowed; they are taken.
    pub(super) fn object_kind(&mut self, allowed: fn(ObjectKind) -> bool) -> SyntaxResult<ObjectKind> {
        let TokenKind::Keyword(first) = self.kind() else { return Err(self.unexpected()) };
        if let Some(kind) = kind_of_word(first) {
            return match allowed(kind) {
                true => {
                    self.take()?;
                    Ok(kind)
                }
                false => Err(self.unexpected()),
            };
        }
        if first == Keyword::Operator {
            return self.operator_kind(allowed);
        }
        let family = kinds_of_words(first);
        if !family.iter().any(|(_, kind)| allowed(*kind)) {
            return Err(self.unexpected());
        }
        self.take()?;
        if first == Keyword::Text {
            self.expect_keyword(Keyword::Search)?;
        }
        let second = self.kind();
        let found = family.iter().find(|(word, kind)| second == TokenKind::Keyword(*word) && allowed(*kind));
        let Some((word, kind)) = found else { return Err(self.unexpected()) };
        self.take()?;
        if *word == Keyword::Data {
            self.expect_keyword(Keyword::Wrapper)?;
        }
        Ok(*kind)
    }

    /// `OPERATOR`, `OPERATOR CLASS`, `OPERATOR FAMILY`; a schema may be called `class`.
    fn operator_kind(&mut self, allowed: fn(ObjectKind) -> bool) -> SyntaxResult<ObjectKind> {
        if !allowed(ObjectKind::Operator) {
            return Err(self.unexpected());
        }
        self.take()?;
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Class) => ObjectKind::OperatorClass,
            TokenKind::Keyword(Keyword::Family) => ObjectKind::OperatorFamily,
            _ => return Ok(ObjectKind::Operator),
        };
        if self.next()?.kind == TokenKind::Dot {
            return Ok(ObjectKind::Operator);
        }
        self.take()?;
        Ok(kind)
    }

    /// The name of an object of this kind.
    pub(super) fn object_name(&mut self, kind: ObjectKind) -> SyntaxResult<ObjectName<'a>> {
        Ok(match kind {
            ObjectKind::Collation
            | ObjectKind::Column
            | ObjectKind::Conversion
            | ObjectKind::ForeignTable
            | ObjectKind::Index
            | ObjectKind::MaterializedView
            | ObjectKind::Sequence
            | ObjectKind::Statistics
            | ObjectKind::Table
            | ObjectKind::TextSearchConfiguration
            | ObjectKind::TextSearchDictionary
            | ObjectKind::TextSearchParser
            | ObjectKind::TextSearchTemplate
            | ObjectKind::View => ObjectName::Named(self.qualified_name()?),
            ObjectKind::AccessMethod
            | ObjectKind::Database
            | ObjectKind::EventTrigger
            | ObjectKind::Extension
            | ObjectKind::ForeignDataWrapper
            | ObjectKind::Language
            | ObjectKind::Publication
            | ObjectKind::Role
            | ObjectKind::Schema
            | ObjectKind::Server
            | ObjectKind::Subscription
            | ObjectKind::Tablespace => ObjectName::Named(self.simple_name()?),
            ObjectKind::Type | ObjectKind::Domain => ObjectName::Type(self.type_name()?),
            ObjectKind::Aggregate => ObjectName::Routine(self.aggregate_signature()?),
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => {
                ObjectName::Routine(self.signature()?)
            }
            ObjectKind::Operator => {
                let (operator, operands) = self.operator_signature()?;
                ObjectName::Operator(operator, operands)
            }
            ObjectKind::OperatorClass | ObjectKind::OperatorFamily => {
                let name = self.qualified_name()?;
                self.expect_keyword(Keyword::Using)?;
                ObjectName::Using(name, self.name()?)
            }
            ObjectKind::Policy | ObjectKind::Rule | ObjectKind::Trigger => {
                let name = self.name()?;
                self.expect_keyword(Keyword::On)?;
                ObjectName::Of(name, self.qualified_name()?)
            }
            ObjectKind::Constraint | ObjectKind::DomainConstraint => self.constraint_name()?,
            ObjectKind::Cast => {
                let (from, to) = self.cast_types()?;
                ObjectName::Cast(from, to)
            }
            ObjectKind::Transform => {
                self.expect_keyword(Keyword::For)?;
                let of = self.type_name()?;
                self.expect_keyword(Keyword::Language)?;
                ObjectName::Transform(of, self.name()?)
            }
            ObjectKind::LargeObject => ObjectName::Number(self.signed_number()?),
        })
    }

    /// A name without dots as a qualified one.
    pub(super) fn simple_name(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        let name = self.name()?;
        Ok(QualifiedName { parts: std::slice::from_ref(self.boxed(name)) })
    }

    /// `name ON table`, `name ON DOMAIN domain`
    fn constraint_name(&mut self) -> SyntaxResult<ObjectName<'a>> {
        let name = self.name()?;
        self.expect_keyword(Keyword::On)?;
        // `domain` may be a table's name, too.
        let next = self.next()?;
        let of_domain = self.at_keyword(Keyword::Domain)
            && Parser::is_name(next, &[crate::keyword::KeywordClass::ColumnName])
            && next.kind != TokenKind::Keyword(Keyword::Is);
        if of_domain {
            let position = self.take()?.start;
            let domain = self.qualified_name()?;
            let kind = crate::tree::type_name::TypeNameKind::Named(domain);
            let of = TypeName { kind, modifiers: &[], dimensions: &[], set: false, position };
            return Ok(ObjectName::OfDomain(name, of));
        }
        Ok(ObjectName::Of(name, self.qualified_name()?))
    }

    /// `(source AS target)`
    pub(super) fn cast_types(&mut self) -> SyntaxResult<(TypeName<'a>, TypeName<'a>)> {
        self.expect(TokenKind::LeftParenthesis)?;
        let from = self.type_name()?;
        self.expect_keyword(Keyword::As)?;
        let to = self.type_name()?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok((from, to))
    }

    /// A routine with its parameters or without (`function_with_argtypes`).
    pub(super) fn signature(&mut self) -> SyntaxResult<Signature<'a>> {
        let name = self.routine_name()?;
        let parameters = match self.at(TokenKind::LeftParenthesis) {
            true => Some(self.signature_parameters()?),
            false => None,
        };
        Ok(Signature { name, parameters })
    }

    fn aggregate_signature(&mut self) -> SyntaxResult<Signature<'a>> {
        let name = self.routine_name()?;
        let parameters = Some(self.aggregate_parameters()?.all);
        Ok(Signature { name, parameters })
    }

    /// An operator with the types of its operands, `NONE` for one that it has not.
    pub(super) fn operator_signature(&mut self) -> SyntaxResult<(Operator<'a>, [Option<TypeName<'a>>; 2])> {
        let operator = self.named_operator()?;
        Ok((operator, self.operand_types()?))
    }

    /// `(left, right)` (`oper_argtypes`).
    pub(super) fn operand_types(&mut self) -> SyntaxResult<[Option<TypeName<'a>>; 2]> {
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat_keyword(Keyword::None)? {
            self.expect(TokenKind::Comma)?;
            let right = self.type_name()?;
            self.expect(TokenKind::RightParenthesis)?;
            return Ok([None, Some(right)]);
        }
        let left = self.type_name()?;
        if self.at(TokenKind::RightParenthesis) {
            return Err(self.refused(Rule::MissingOperand, self.position()));
        }
        self.expect(TokenKind::Comma)?;
        let right = match self.eat_keyword(Keyword::None)? {
            true => None,
            false => Some(self.type_name()?),
        };
        self.expect(TokenKind::RightParenthesis)?;
        Ok([Some(left), right])
    }

    /// `DROP …`
    pub(super) fn drop_statement(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Drop)?;
        match self.kind() {
            TokenKind::Keyword(Keyword::Role | Keyword::Group) => return self.drop_role(),
            TokenKind::Keyword(Keyword::User) => {
                if self.next()?.kind == TokenKind::Keyword(Keyword::Mapping) {
                    return self.drop_user_mapping();
                }
                return self.drop_role();
            }
            TokenKind::Keyword(Keyword::Owned) => return self.drop_owned(),
            _ => {}
        }
        let kind = self.object_kind(may_be_dropped)?;
        let concurrently = kind == ObjectKind::Index && self.eat_keyword(Keyword::Concurrently)?;
        let if_exists = match kind {
            // Neither has a name that the word could be.
            ObjectKind::Cast | ObjectKind::Transform => self.trailing_if_exists()?,
            _ => self.if_exists()?,
        };
        let mut drop = Drop {
            kind,
            if_exists,
            concurrently,
            objects: &[],
            behavior: DropBehavior::Restrict,
            force: false,
        };
        let is_alone = matches!(
            kind,
            ObjectKind::Policy
                | ObjectKind::Rule
                | ObjectKind::Trigger
                | ObjectKind::OperatorClass
                | ObjectKind::OperatorFamily
                | ObjectKind::Cast
                | ObjectKind::Transform
                | ObjectKind::Subscription
                | ObjectKind::Database
                | ObjectKind::Tablespace
        );
        drop.objects = match is_alone {
            true => std::slice::from_ref({
                let object = self.object_name(kind)?;
                self.boxed(object)
            }),
            false => self.separated(|parser| parser.object_name(kind))?,
        };
        match kind {
            ObjectKind::Database => drop.force = self.force_option()?,
            ObjectKind::Tablespace => {}
            _ => drop.behavior = self.drop_behavior()?,
        }
        Ok(StatementKind::Drop(self.boxed(drop)))
    }

    /// `[WITH] (FORCE, …)`
    fn force_option(&mut self) -> SyntaxResult<bool> {
        let with = self.eat_keyword(Keyword::With)?;
        if !with && !self.at(TokenKind::LeftParenthesis) {
            return Ok(false);
        }
        self.parenthesised(|parser| parser.expect_keyword(Keyword::Force))?;
        Ok(true)
    }

    fn drop_role(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let if_exists = self.if_exists()?;
        let roles = self.separated(Parser::role)?;
        Ok(StatementKind::DropRole(self.boxed(DropRole { if_exists, roles })))
    }

    /// `COMMENT ON … IS …`
    pub(super) fn comment(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Comment)?;
        self.expect_keyword(Keyword::On)?;
        let kind = self.object_kind(may_have_comment)?;
        let object = self.object_name(kind)?;
        self.expect_keyword(Keyword::Is)?;
        let text = match self.eat_keyword(Keyword::Null)? {
            true => None,
            false => Some(self.string()?),
        };
        let kind =
            if matches!(object, ObjectName::OfDomain(..)) { ObjectKind::DomainConstraint } else { kind };
        Ok(StatementKind::Comment(self.boxed(Comment { kind, object, text })))
    }

    /// `SECURITY LABEL …`
    pub(super) fn security_label(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Security)?;
        self.expect_keyword(Keyword::Label)?;
        let provider = match self.eat_keyword(Keyword::For)? {
            true => Some(self.unreserved_name_or_string()?),
            false => None,
        };
        self.expect_keyword(Keyword::On)?;
        let kind = self.object_kind(may_have_label)?;
        self.object_name(kind)?;
        self.expect_keyword(Keyword::Is)?;
        if !self.eat_keyword(Keyword::Null)? {
            self.string()?;
        }
        Ok(StatementKind::SecurityLabel(provider))
    }

    /// A name that a routine may have (`func_name`).
    pub(super) fn routine_name(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        if let TokenKind::Keyword(keyword) = self.kind() {
            match keyword.class() {
                crate::keyword::KeywordClass::TypeOrFunctionName => {
                    let name = self.type_or_function_name()?;
                    return Ok(QualifiedName { parts: std::slice::from_ref(self.boxed(name)) });
                }
                crate::keyword::KeywordClass::ColumnName => {
                    let name = self.name()?;
                    if !self.at(TokenKind::Dot) {
                        return self.column_word_as_routine(name);
                    }
                    return self.checked_names(name);
                }
                crate::keyword::KeywordClass::Unreserved | crate::keyword::KeywordClass::Reserved => {}
            }
        }
        let first = self.name()?;
        self.checked_names(first)
    }

    /// A word that names columns names a routine only where no parameters follow.
    fn column_word_as_routine(&mut self, name: Name<'a>) -> SyntaxResult<QualifiedName<'a>> {
        match self.at(TokenKind::LeftParenthesis) {
            true => Err(self.unexpected()),
            false => Ok(QualifiedName { parts: std::slice::from_ref(self.boxed(name)) }),
        }
    }

    /// A name that a call may have: a word that names columns only with a schema before it.
    pub(super) fn call_name(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        match self.kind() {
            TokenKind::Keyword(keyword) if keyword.class() == crate::keyword::KeywordClass::ColumnName => {
                let first = self.name()?;
                if !self.at(TokenKind::Dot) && !self.at(TokenKind::LeftBracket) {
                    return Err(self.unexpected());
                }
                self.checked_names(first)
            }
            _ => self.routine_name(),
        }
    }

    /// Names with dots behind `first`; a star or a subscript is read and then refused.
    pub(super) fn checked_names(&mut self, first: Name<'a>) -> SyntaxResult<QualifiedName<'a>> {
        let name = self.more_names_to(first)?;
        if self.at(TokenKind::LeftBracket) || self.at(TokenKind::Dot) {
            self.indirection()?;
            return Err(self.unexpected());
        }
        Ok(name)
    }
}

fn kind_of_word(word: Keyword) -> Option<ObjectKind> {
    Some(match word {
        Keyword::Aggregate => ObjectKind::Aggregate,
        Keyword::Cast => ObjectKind::Cast,
        Keyword::Collation => ObjectKind::Collation,
        Keyword::Column => ObjectKind::Column,
        Keyword::Constraint => ObjectKind::Constraint,
        Keyword::Conversion => ObjectKind::Conversion,
        Keyword::Database => ObjectKind::Database,
        Keyword::Domain => ObjectKind::Domain,
        Keyword::Extension => ObjectKind::Extension,
        Keyword::Function => ObjectKind::Function,
        Keyword::Index => ObjectKind::Index,
        Keyword::Language => ObjectKind::Language,
        Keyword::Policy => ObjectKind::Policy,
        Keyword::Procedure => ObjectKind::Procedure,
        Keyword::Publication => ObjectKind::Publication,
        Keyword::Role => ObjectKind::Role,
        Keyword::Routine => ObjectKind::Routine,
        Keyword::Rule => ObjectKind::Rule,
        Keyword::Schema => ObjectKind::Schema,
        Keyword::Sequence => ObjectKind::Sequence,
        Keyword::Server => ObjectKind::Server,
        Keyword::Statistics => ObjectKind::Statistics,
        Keyword::Subscription => ObjectKind::Subscription,
        Keyword::Table => ObjectKind::Table,
        Keyword::Tablespace => ObjectKind::Tablespace,
        Keyword::Transform => ObjectKind::Transform,
        Keyword::Trigger => ObjectKind::Trigger,
        Keyword::Type => ObjectKind::Type,
        Keyword::View => ObjectKind::View,
        _ => return None,
    })
}

/// Kinds that two words or more say: the last word that tells them apart.
fn kinds_of_words(first: Keyword) -> &'static [(Keyword, ObjectKind)] {
    match first {
        Keyword::Access => &[(Keyword::Method, ObjectKind::AccessMethod)],
        Keyword::Event => &[(Keyword::Trigger, ObjectKind::EventTrigger)],
        Keyword::Foreign => {
            &[(Keyword::Table, ObjectKind::ForeignTable), (Keyword::Data, ObjectKind::ForeignDataWrapper)]
        }
        Keyword::Large => &[(Keyword::Object, ObjectKind::LargeObject)],
        Keyword::Materialized => &[(Keyword::View, ObjectKind::MaterializedView)],
        Keyword::Procedural => &[(Keyword::Language, ObjectKind::Language)],
        Keyword::Text => &[
            (Keyword::Configuration, ObjectKind::TextSearchConfiguration),
            (Keyword::Dictionary, ObjectKind::TextSearchDictionary),
            (Keyword::Parser, ObjectKind::TextSearchParser),
            (Keyword::Template, ObjectKind::TextSearchTemplate),
        ],
        _ => &[],
    }
}

fn may_be_dropped(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::Column
            | ObjectKind::Constraint
            | ObjectKind::DomainConstraint
            | ObjectKind::LargeObject
            | ObjectKind::Role
    )
}

fn may_have_comment(kind: ObjectKind) -> bool {
    kind != ObjectKind::DomainConstraint
}

fn may_have_label(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::Constraint
            | ObjectKind::DomainConstraint
            | ObjectKind::Policy
            | ObjectKind::Rule
            | ObjectKind::Trigger
            | ObjectKind::Transform
            | ObjectKind::Operator
            | ObjectKind::OperatorClass
            | ObjectKind::OperatorFamily
            | ObjectKind::Cast
    )
}
