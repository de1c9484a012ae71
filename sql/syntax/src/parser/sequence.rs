//! Sequences.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;
use crate::tree::expression::Expression;
use crate::tree::select::Persistence;
use crate::tree::sequence::{CreateSequence, SequenceOption, SequenceOptionKind};

impl<'a> Parser<'a> {
    /// `CREATE [TEMPORARY] SEQUENCE …`; the current token is `SEQUENCE`.
    pub(super) fn create_sequence(&mut self, persistence: Persistence) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Sequence)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.relation_name()?;
        let options = self.sequence_options()?;
        Ok(StatementKind::CreateSequence(self.boxed(CreateSequence {
            persistence,
            if_not_exists,
            name,
            options,
        })))
    }

    /// Options, as many as there are.
    pub(super) fn sequence_options(&mut self) -> SyntaxResult<&'a [SequenceOption<'a>]> {
        let mut options = self.list();
        while let Some(option) = self.sequence_option()? {
            options.push(option);
        }
        Ok(options.into_bump_slice())
    }

    /// `(options)`, at least one, if a parenthesis stands here.
    pub(super) fn optional_sequence_options(&mut self) -> SyntaxResult<&'a [SequenceOption<'a>]> {
        if !self.eat(TokenKind::LeftParenthesis)? {
            return Ok(&[]);
        }
        let options = self.sequence_options()?;
        if options.is_empty() {
            return Err(self.unexpected());
        }
        self.expect(TokenKind::RightParenthesis)?;
        Ok(options)
    }

    /// An option, if one stands here (`SeqOptElem`).
    pub(super) fn sequence_option(&mut self) -> SyntaxResult<Option<SequenceOption<'a>>> {
        let position = self.position();
        let TokenKind::Keyword(keyword) = self.kind() else { return Ok(None) };
        match keyword {
            Keyword::As
            | Keyword::Cache
            | Keyword::Cycle
            | Keyword::No
            | Keyword::Increment
            | Keyword::Maxvalue
            | Keyword::Minvalue
            | Keyword::Owned
            | Keyword::Sequence
            | Keyword::Start
            | Keyword::Restart => {}
            _ => return Ok(None),
        }
        self.take()?;
        let kind = match keyword {
            Keyword::As => SequenceOptionKind::Type(self.simple_type()?),
            Keyword::Cache => SequenceOptionKind::Cache(self.signed_number()?),
            Keyword::Cycle => SequenceOptionKind::Cycle(true),
            Keyword::No => self.absent_option()?,
            Keyword::Increment => {
                self.eat_keyword(Keyword::By)?;
                SequenceOptionKind::Increment(self.signed_number()?)
            }
            Keyword::Maxvalue => SequenceOptionKind::Maximum(Some(self.signed_number()?)),
            Keyword::Minvalue => SequenceOptionKind::Minimum(Some(self.signed_number()?)),
            Keyword::Owned => {
                self.expect_keyword(Keyword::By)?;
                SequenceOptionKind::OwnedBy(self.qualified_name()?)
            }
            Keyword::Sequence => {
                self.expect_keyword(Keyword::Name)?;
                SequenceOptionKind::Name(self.qualified_name()?)
            }
            Keyword::Start => {
                self.eat_keyword(Keyword::With)?;
                SequenceOptionKind::Start(self.signed_number()?)
            }
            // `RESTART`: the last of the words above.
            _ => SequenceOptionKind::Restart(self.restart_value()?),
        };
        Ok(Some(SequenceOption { kind, position }))
    }

    fn absent_option(&mut self) -> SyntaxResult<SequenceOptionKind<'a>> {
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Cycle) => SequenceOptionKind::Cycle(false),
            TokenKind::Keyword(Keyword::Maxvalue) => SequenceOptionKind::Maximum(None),
            TokenKind::Keyword(Keyword::Minvalue) => SequenceOptionKind::Minimum(None),
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(kind)
    }

    /// `[WITH] n` behind `RESTART`, if it stands there.
    pub(super) fn restart_value(&mut self) -> SyntaxResult<Option<Expression<'a>>> {
        let with = self.eat_keyword(Keyword::With)?;
        let begins = matches!(
            self.kind(),
            TokenKind::Integer(_) | TokenKind::Decimal | TokenKind::Plus | TokenKind::Minus
        );
        match with || begins {
            true => self.signed_number().map(Some),
            false => Ok(None),
        }
    }
}
