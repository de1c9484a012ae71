//! Transactions and settings.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::expression::{CastSyntax, Expression, ExpressionKind};
use crate::tree::session::{
    Isolation, SetAction, SetConstraints, SetScope, SetValue, SetVariable, Show, Transaction, TransactionMode,
};
use crate::tree::type_name::{IntervalFields, TypeNameKind};
use crate::tree::{Name, QualifiedName, StatementKind};

impl<'a> Parser<'a> {
    /// `BEGIN`, `COMMIT` and what else is about transactions; the current token is the word.
    pub(super) fn transaction(&mut self, word: Keyword) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let transaction = match word {
            Keyword::Begin => {
                self.transaction_word()?;
                Transaction::Begin(self.transaction_modes(true)?)
            }
            Keyword::Start => {
                self.expect_keyword(Keyword::Transaction)?;
                Transaction::Start(self.transaction_modes(true)?)
            }
            Keyword::Commit if self.eat_keyword(Keyword::Prepared)? => {
                Transaction::CommitPrepared(self.string()?)
            }
            Keyword::Rollback if self.eat_keyword(Keyword::Prepared)? => {
                Transaction::RollbackPrepared(self.string()?)
            }
            Keyword::Commit | Keyword::End => {
                self.transaction_word()?;
                Transaction::Commit(self.and_chain()?)
            }
            Keyword::Savepoint => Transaction::Savepoint(self.name()?),
            Keyword::Release => Transaction::Release(self.savepoint_name()?),
            // `ROLLBACK` and `ABORT`: the last of the caller's words.
            _ => {
                self.transaction_word()?;
                match word == Keyword::Rollback && self.eat_keyword(Keyword::To)? {
                    true => Transaction::RollbackTo(self.savepoint_name()?),
                    false => Transaction::Rollback(self.and_chain()?),
                }
            }
        };
        Ok(StatementKind::Transaction(transaction))
    }

    /// `[SAVEPOINT] name`: the word may be the name.
    fn savepoint_name(&mut self) -> SyntaxResult<Name<'a>> {
        if self.at_keyword(Keyword::Savepoint)
            && !matches!(self.next()?.kind, TokenKind::End | TokenKind::Semicolon)
        {
            self.take()?;
        }
        self.name()
    }

    /// `WORK`, `TRANSACTION` or nothing.
    fn transaction_word(&mut self) -> SyntaxResult<()> {
        if !self.eat_keyword(Keyword::Work)? {
            self.eat_keyword(Keyword::Transaction)?;
        }
        Ok(())
    }

    fn and_chain(&mut self) -> SyntaxResult<bool> {
        if !self.eat_keyword(Keyword::And)? {
            return Ok(false);
        }
        let without = self.eat_keyword(Keyword::No)?;
        self.expect_keyword(Keyword::Chain)?;
        Ok(!without)
    }

    /// Modes with commas between them or without.
    fn transaction_modes(&mut self, optional: bool) -> SyntaxResult<&'a [TransactionMode]> {
        let mut modes = self.list();
        loop {
            let position = self.position();
            let mode = match self.kind() {
                TokenKind::Keyword(Keyword::Isolation) => {
                    self.take()?;
                    self.expect_keyword(Keyword::Level)?;
                    TransactionMode::Isolation(self.isolation()?, position)
                }
                TokenKind::Keyword(Keyword::Read) => {
                    self.take()?;
                    let only = self.eat_keyword(Keyword::Only)?;
                    if !only {
                        self.expect_keyword(Keyword::Write)?;
                    }
                    TransactionMode::ReadOnly(only)
                }
                TokenKind::Keyword(Keyword::Deferrable) => {
                    self.take()?;
                    TransactionMode::Deferrable(true)
                }
                TokenKind::Keyword(Keyword::Not) => {
                    self.take()?;
                    self.expect_keyword(Keyword::Deferrable)?;
                    TransactionMode::Deferrable(false)
                }
                _ if modes.is_empty() && optional => return Ok(&[]),
                _ => return Err(self.unexpected()),
            };
            modes.push(mode);
            let goes_on = matches!(
                self.kind(),
                TokenKind::Keyword(Keyword::Isolation | Keyword::Read | Keyword::Deferrable | Keyword::Not)
            );
            if !goes_on && !self.eat(TokenKind::Comma)? {
                return Ok(modes.into_bump_slice());
            }
        }
    }

    fn isolation(&mut self) -> SyntaxResult<Isolation> {
        if self.eat_keyword(Keyword::Serializable)? {
            return Ok(Isolation::Serializable);
        }
        if self.eat_keyword(Keyword::Repeatable)? {
            self.expect_keyword(Keyword::Read)?;
            return Ok(Isolation::RepeatableRead);
        }
        self.expect_keyword(Keyword::Read)?;
        if self.eat_keyword(Keyword::Uncommitted)? {
            return Ok(Isolation::ReadUncommitted);
        }
        self.expect_keyword(Keyword::Committed)?;
        Ok(Isolation::ReadCommitted)
    }

    /// `SET …`
    pub(super) fn set(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Set)?;
        if self.at_keyword(Keyword::Constraints) && !self.names_variable()? {
            return self.set_constraints();
        }
        let mut scope = SetScope::Default;
        if matches!(self.kind(), TokenKind::Keyword(Keyword::Local | Keyword::Session))
            && !self.names_variable()?
        {
            let is_local = self.at_keyword(Keyword::Local);
            let introduces = !matches!(
                self.next()?.kind,
                TokenKind::Keyword(Keyword::Characteristics | Keyword::Authorization)
            );
            // `SESSION CHARACTERISTICS` and `SESSION AUTHORIZATION` are settings.
            if is_local || introduces {
                self.take()?;
                scope = if is_local { SetScope::Local } else { SetScope::Session };
            }
        }
        let action = self.set_action_of(true)?;
        Ok(StatementKind::Set(self.boxed(SetVariable { scope, action })))
    }

    /// `RESET …`
    pub(super) fn reset(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let set = self.set_or_reset()?;
        Ok(StatementKind::Set(self.boxed(set)))
    }

    /// `SET …` or `RESET …` of a routine (`FunctionSetResetClause`).
    pub(super) fn set_or_reset(&mut self) -> SyntaxResult<SetVariable<'a>> {
        self.set_or_reset_with(false)
    }

    /// `SET …` or `RESET …` of a role or a database (`SetResetClause`).
    pub(super) fn any_set_or_reset(&mut self) -> SyntaxResult<SetVariable<'a>> {
        self.set_or_reset_with(true)
    }

    fn set_or_reset_with(&mut self, transactions: bool) -> SyntaxResult<SetVariable<'a>> {
        let scope = SetScope::Default;
        if self.eat_keyword(Keyword::Set)? {
            return Ok(SetVariable { scope, action: self.set_action_of(transactions)? });
        }
        self.expect_keyword(Keyword::Reset)?;
        let action = match self.eat_keyword(Keyword::All)? {
            true => SetAction::ResetAll,
            false => SetAction::Reset(self.shown_variable()?),
        };
        Ok(SetVariable { scope, action })
    }

    /// Whether the current word is a variable's name, whatever else it may be.
    fn names_variable(&mut self) -> SyntaxResult<bool> {
        Ok(matches!(
            self.next()?.kind,
            TokenKind::Equals | TokenKind::Dot | TokenKind::Keyword(Keyword::To | Keyword::From)
        ))
    }

    /// What is set: a variable, or what has a syntax of its own.
    fn set_action_of(&mut self, transactions: bool) -> SyntaxResult<SetAction<'a>> {
        if let TokenKind::Keyword(keyword) = self.kind()
            && !self.names_variable()?
            && let Some(action) = self.special_setting(keyword, transactions)?
        {
            return Ok(action);
        }
        let name = self.variable_name()?;
        if self.eat_keyword(Keyword::From)? {
            self.expect_keyword(Keyword::Current)?;
            return Ok(SetAction::Current(name));
        }
        self.generic_setting(name)
    }

    /// `name TO …`, `name = …` behind the name.
    pub(super) fn generic_setting(&mut self, name: QualifiedName<'a>) -> SyntaxResult<SetAction<'a>> {
        if !self.eat(TokenKind::Equals)? {
            self.expect_keyword(Keyword::To)?;
        }
        if self.eat_keyword(Keyword::Default)? {
            return Ok(SetAction::Default(name));
        }
        Ok(SetAction::Values(name, self.separated(Parser::set_value)?))
    }

    /// `a`, `a.b`: the name of a setting (`var_name`).
    pub(super) fn variable_name(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        let mut parts = self.list();
        parts.push(self.name()?);
        while self.eat(TokenKind::Dot)? {
            parts.push(self.name()?);
        }
        Ok(QualifiedName { parts: parts.into_bump_slice() })
    }

    fn set_value(&mut self) -> SyntaxResult<SetValue<'a>> {
        match self.kind() {
            TokenKind::Integer(_) | TokenKind::Decimal | TokenKind::Plus | TokenKind::Minus => {
                Ok(SetValue::Number(self.signed_number()?))
            }
            _ => Ok(SetValue::String(self.boolean_or_string()?)),
        }
    }

    fn setting_called(&self, text: &'static str, position: u32) -> QualifiedName<'a> {
        QualifiedName { parts: std::slice::from_ref(self.boxed(Name { text, position })) }
    }

    fn one_value(&self, value: SetValue<'a>) -> &'a [SetValue<'a>] {
        std::slice::from_ref(self.boxed(value))
    }

    /// A setting with a syntax of its own, if the word introduces one.
    fn special_setting(
        &mut self,
        keyword: Keyword,
        transactions: bool,
    ) -> SyntaxResult<Option<SetAction<'a>>> {
        let position = self.position();
        match keyword {
            Keyword::Transaction
                if transactions || self.next()?.kind == TokenKind::Keyword(Keyword::Snapshot) =>
            {
                self.take()?;
                if self.eat_keyword(Keyword::Snapshot)? {
                    return Ok(Some(SetAction::Snapshot(self.string()?)));
                }
                return Ok(Some(SetAction::Transaction(self.transaction_modes(false)?)));
            }
            Keyword::Session => return self.session_setting(transactions).map(Some),
            Keyword::Time => return self.time_zone().map(Some),
            Keyword::Catalog | Keyword::Schema | Keyword::Names | Keyword::Role | Keyword::Xml => {}
            _ => return Ok(None),
        }
        self.take()?;
        let (name, value) = match keyword {
            Keyword::Catalog => {
                let place = self.position();
                self.string()?;
                return Err(self.refused(Rule::DatabaseCannotChange, place));
            }
            Keyword::Schema => ("search_path", self.string()?),
            Keyword::Names => match self.kind() {
                TokenKind::String => ("client_encoding", self.string()?),
                _ => {
                    self.eat_keyword(Keyword::Default)?;
                    return Ok(Some(SetAction::Default(self.setting_called("client_encoding", position))));
                }
            },
            Keyword::Role => ("role", self.unreserved_name_or_string()?.text),
            // `XML`: the last of the words above.
            _ => {
                self.expect_keyword(Keyword::Option)?;
                let document = self.eat_keyword(Keyword::Document)?;
                if !document {
                    self.expect_keyword(Keyword::Content)?;
                }
                ("xmloption", if document { "document" } else { "content" })
            }
        };
        let values = self.one_value(SetValue::String(value));
        Ok(Some(SetAction::Values(self.setting_called(name, position), values)))
    }

    fn session_setting(&mut self, transactions: bool) -> SyntaxResult<SetAction<'a>> {
        let position = self.take()?.start;
        if transactions && self.eat_keyword(Keyword::Characteristics)? {
            self.expect_keyword(Keyword::As)?;
            self.expect_keyword(Keyword::Transaction)?;
            return Ok(SetAction::Characteristics(self.transaction_modes(false)?));
        }
        self.expect_keyword(Keyword::Authorization)?;
        let name = self.setting_called("session_authorization", position);
        if self.eat_keyword(Keyword::Default)? {
            return Ok(SetAction::Default(name));
        }
        let role = self.unreserved_name_or_string()?.text;
        Ok(SetAction::Values(name, self.one_value(SetValue::String(role))))
    }

    /// `TIME ZONE …`
    fn time_zone(&mut self) -> SyntaxResult<SetAction<'a>> {
        let position = self.take()?.start;
        self.expect_keyword(Keyword::Zone)?;
        let name = self.setting_called("timezone", position);
        let value = match self.kind() {
            TokenKind::Keyword(Keyword::Default | Keyword::Local) => {
                self.take()?;
                return Ok(SetAction::Default(name));
            }
            TokenKind::String | TokenKind::Identifier => SetValue::String(self.take()?.text),
            TokenKind::Keyword(Keyword::Interval) => SetValue::Interval(self.zone_interval()?),
            _ => SetValue::Number(self.signed_number()?),
        };
        Ok(SetAction::Values(name, self.one_value(value)))
    }

    /// An interval as a zone: of hours and minutes.
    fn zone_interval(&mut self) -> SyntaxResult<Expression<'a>> {
        let interval = self.interval_literal()?;
        if let ExpressionKind::Cast { operand, target, syntax: CastSyntax::Literal } = interval.kind
            && let TypeNameKind::Interval(fields) = target.kind
        {
            let fits = matches!(
                fields,
                IntervalFields::Hour | IntervalFields::Minute | IntervalFields::HourToMinute
            );
            if !fits {
                let place = self.behind(operand.position);
                return Err(self.refused(Rule::ZoneInterval, place));
            }
        }
        Ok(interval)
    }

    /// `SHOW …`
    pub(super) fn show(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Show)?;
        match self.eat_keyword(Keyword::All)? {
            true => Ok(StatementKind::Show(Show::All)),
            false => Ok(StatementKind::Show(Show::Variable(self.shown_variable()?))),
        }
    }

    /// A setting by its name, or in the words of the standard.
    fn shown_variable(&mut self) -> SyntaxResult<QualifiedName<'a>> {
        let position = self.position();
        if self.eat_keywords(Keyword::Time, Keyword::Zone)? {
            return Ok(self.setting_called("timezone", position));
        }
        if self.eat_keywords(Keyword::Transaction, Keyword::Isolation)? {
            self.expect_keyword(Keyword::Level)?;
            return Ok(self.setting_called("transaction_isolation", position));
        }
        if self.eat_keywords(Keyword::Session, Keyword::Authorization)? {
            return Ok(self.setting_called("session_authorization", position));
        }
        self.variable_name()
    }

    fn set_constraints(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let constraints = match self.eat_keyword(Keyword::All)? {
            true => &[],
            false => self.separated(Parser::relation_name)?,
        };
        let deferred = self.eat_keyword(Keyword::Deferred)?;
        if !deferred {
            self.expect_keyword(Keyword::Immediate)?;
        }
        Ok(StatementKind::SetConstraints(self.boxed(SetConstraints { constraints, deferred })))
    }
}
