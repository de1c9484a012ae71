//! Policies.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::policy::{AlterPolicy, CreatePolicy, PolicyCommand, PolicyParts};
use crate::tree::{Name, QualifiedName, StatementKind};

impl<'a> Parser<'a> {
    /// `CREATE POLICY …` from its second word on.
    pub(super) fn create_policy(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.name()?;
        self.expect_keyword(Keyword::On)?;
        let table = self.relation_name()?;
        let mut permissive = true;
        if self.eat_keyword(Keyword::As)? {
            let token = self.expect(TokenKind::Identifier)?;
            permissive = match token.text {
                "permissive" => true,
                "restrictive" => false,
                other => return Err(self.refused(Rule::UnknownPolicyKind(other.to_owned()), token.start)),
            };
        }
        let command =
            if self.eat_keyword(Keyword::For)? { self.policy_command()? } else { PolicyCommand::All };
        let parts = self.policy_parts()?;
        let create = CreatePolicy { name, table, permissive, command, parts };
        Ok(StatementKind::CreatePolicy(self.boxed(create)))
    }

    fn policy_command(&mut self) -> SyntaxResult<PolicyCommand> {
        let command = match self.kind() {
            TokenKind::Keyword(Keyword::All) => PolicyCommand::All,
            TokenKind::Keyword(Keyword::Select) => PolicyCommand::Select,
            TokenKind::Keyword(Keyword::Insert) => PolicyCommand::Insert,
            TokenKind::Keyword(Keyword::Update) => PolicyCommand::Update,
            TokenKind::Keyword(Keyword::Delete) => PolicyCommand::Delete,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(command)
    }

    /// `ALTER POLICY …` behind the table's name.
    pub(super) fn alter_policy(
        &mut self,
        name: Name<'a>,
        table: QualifiedName<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let parts = self.policy_parts()?;
        Ok(StatementKind::AlterPolicy(self.boxed(AlterPolicy { name, table, parts })))
    }

    /// `TO roles`, `USING (…)`, `WITH CHECK (…)`, each of which may be missing.
    fn policy_parts(&mut self) -> SyntaxResult<PolicyParts<'a>> {
        let mut parts = PolicyParts { roles: None, using: None, check: None };
        if self.eat_keyword(Keyword::To)? {
            parts.roles = Some(self.separated(Parser::role)?);
        }
        if self.eat_keyword(Keyword::Using)? {
            parts.using = Some(self.expression_in_parentheses()?);
        }
        if self.eat_keyword(Keyword::With)? {
            self.expect_keyword(Keyword::Check)?;
            parts.check = Some(self.expression_in_parentheses()?);
        }
        Ok(parts)
    }
}
