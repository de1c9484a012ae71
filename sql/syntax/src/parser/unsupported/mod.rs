//! Statements that are read whole only to be refused by their name: nothing of them is kept.
//!
//! Here are languages and what else belongs nowhere else; each other file has a theme.

mod operator;

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::collation::{CreateCollation, CreateCollationFrom};
use crate::tree::conversion::CreateConversion;
use crate::tree::object::{CreateExtension, ObjectKind, ObjectName};
use crate::tree::operator::AlterOperator;
use crate::tree::statistics::{AlterStatistics, CreateStatistics};
use crate::tree::tablespace::TablespaceStatement;
use crate::tree::{Name, StatementKind};

impl<'a> Parser<'a> {
    /// What `CREATE` makes that nothing else reads. `OR REPLACE` has been read, if the word may have it.
    pub(super) fn create_unsupported(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let TokenKind::Keyword(keyword) = self.kind() else { return Err(self.unexpected()) };
        match keyword {
            Keyword::Access => self.create_access_method(),
            Keyword::Assertion => self.create_assertion(),
            Keyword::Cast => self.create_cast(),
            Keyword::Collation => self.create_collation(),
            Keyword::Conversion | Keyword::Default => self.create_conversion(),
            Keyword::Event => self.create_event_trigger(),
            Keyword::Extension => self.create_extension(),
            Keyword::Foreign => self.create_foreign(),
            Keyword::Trusted | Keyword::Procedural | Keyword::Language => self.create_language(),
            Keyword::Operator => self.create_operator(),
            Keyword::Policy => self.create_policy(),
            Keyword::Publication => self.create_publication(),
            Keyword::Server => self.create_server(),
            Keyword::Statistics => self.create_statistics(),
            Keyword::Subscription => self.create_subscription(),
            Keyword::Tablespace => self.create_tablespace(),
            Keyword::Text => self.create_text_search(),
            Keyword::Transform => self.create_transform(),
            _ => Err(self.unexpected()),
        }
    }

    /// What `ALTER` changes of a kind of object that nothing else reads, behind the object's name.
    pub(super) fn alter_own(
        &mut self,
        kind: ObjectKind,
        object: ObjectName<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        match (kind, object) {
            (
                ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine,
                ObjectName::Routine(routine),
            ) => self.alter_routine(kind, routine),
            (ObjectKind::Database, ObjectName::Named(name)) => {
                let name = name.parts.last().copied().unwrap_or(Name { text: "", position: 0 });
                self.alter_database(name)
            }
            (ObjectKind::Collation, ObjectName::Named(name)) => {
                self.expect_keyword(Keyword::Refresh)?;
                self.expect_keyword(Keyword::Version)?;
                Ok(StatementKind::RefreshCollation(name))
            }
            (ObjectKind::EventTrigger, ObjectName::Named(name)) => {
                let name = name.parts.last().copied().unwrap_or(Name { text: "", position: 0 });
                self.alter_event_trigger(name)
            }
            (ObjectKind::Extension, ObjectName::Named(name)) => {
                let name = name.parts.last().copied().unwrap_or(Name { text: "", position: 0 });
                self.alter_extension(name)
            }
            (ObjectKind::ForeignDataWrapper, name) => self.alter_foreign_data_wrapper(name),
            (ObjectKind::Server, name) => self.alter_server(name),
            (ObjectKind::Operator, ObjectName::Operator(name, operands)) => {
                self.expect_keyword(Keyword::Set)?;
                let options = self.operator_definitions()?;
                Ok(StatementKind::AlterOperator(self.boxed(AlterOperator { name, operands, options })))
            }
            (ObjectKind::OperatorFamily, ObjectName::Using(name, method)) => {
                self.alter_operator_family(name, method)
            }
            (ObjectKind::Publication, name) => self.alter_publication(name),
            (ObjectKind::Subscription, name) => self.alter_subscription(name),
            (ObjectKind::Tablespace, ObjectName::Named(name)) => {
                let name = name.parts.last().copied().unwrap_or(Name { text: "", position: 0 });
                let reset = !self.eat_keyword(Keyword::Set)?;
                if reset {
                    self.expect_keyword(Keyword::Reset)?;
                }
                let options = self.relation_options()?;
                let alter = TablespaceStatement::SetOptions { name, options, reset };
                Ok(StatementKind::Tablespace(self.boxed(alter)))
            }
            (ObjectKind::TextSearchDictionary, name) => self.alter_text_search_dictionary(name),
            (ObjectKind::TextSearchConfiguration, name) => self.alter_text_search_configuration(name),
            (_, _) => Err(self.unexpected()),
        }
    }

    /// `ALTER STATISTICS …` behind the words.
    pub(super) fn alter_statistics(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let if_exists = self.if_exists()?;
        let object = self.object_name(ObjectKind::Statistics)?;
        if !if_exists && let Some(change) = self.shared_change(ObjectKind::Statistics, object)? {
            return Ok(change);
        }
        self.expect_keyword(Keyword::Set)?;
        self.expect_keyword(Keyword::Statistics)?;
        let target = self.signed_integer()?;
        let ObjectName::Named(name) = object else { return Err(self.unexpected()) };
        Ok(StatementKind::AlterStatistics(self.boxed(AlterStatistics { if_exists, name, target })))
    }

    /// `ALTER SYSTEM …` behind `ALTER`.
    pub(super) fn alter_system(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        if self.eat_keyword(Keyword::Reset)? {
            if !self.eat_keyword(Keyword::All)? {
                self.variable_name()?;
            }
        } else {
            self.expect_keyword(Keyword::Set)?;
            let name = self.variable_name()?;
            self.generic_setting(name)?;
        }
        Ok(StatementKind::Unsupported("ALTER SYSTEM"))
    }

    fn create_access_method(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.expect_keyword(Keyword::Method)?;
        self.name()?;
        self.expect_keyword(Keyword::Type)?;
        if !self.eat_keyword(Keyword::Index)? {
            self.expect_keyword(Keyword::Table)?;
        }
        self.expect_keyword(Keyword::Handler)?;
        self.qualified_name()?;
        Ok(StatementKind::Unsupported("CREATE ACCESS METHOD"))
    }

    fn create_assertion(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.qualified_name()?;
        self.expect_keyword(Keyword::Check)?;
        self.expression_in_parentheses()?;
        self.constraint_attributes()?;
        Err(self.refused_without_place(Rule::Assertion))
    }

    fn create_collation(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let by = match self.eat_keyword(Keyword::From)? {
            true => CreateCollationFrom::Existing(self.qualified_name()?),
            false => CreateCollationFrom::Options(self.definitions()?),
        };
        Ok(StatementKind::CreateCollation(self.boxed(CreateCollation { if_not_exists, name, by })))
    }

    fn create_conversion(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let default = self.eat_keyword(Keyword::Default)?;
        self.expect_keyword(Keyword::Conversion)?;
        let name = self.qualified_name()?;
        self.expect_keyword(Keyword::For)?;
        let source = self.string()?;
        self.expect_keyword(Keyword::To)?;
        let destination = self.string()?;
        self.expect_keyword(Keyword::From)?;
        let function = self.qualified_name()?;
        let made = CreateConversion { default, name, source, destination, function };
        Ok(StatementKind::CreateConversion(self.boxed(made)))
    }

    fn create_language(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.eat_keyword(Keyword::Trusted)?;
        self.eat_keyword(Keyword::Procedural)?;
        self.expect_keyword(Keyword::Language)?;
        let name = self.name()?;
        // Without its functions a language is an extension of its name.
        if !self.at_keyword(Keyword::Handler) {
            let extension = CreateExtension {
                if_not_exists: false,
                name,
                schema: None,
                version: None,
                cascade: false,
                twice: None,
            };
            return Ok(StatementKind::CreateExtension(self.boxed(extension)));
        }
        if self.eat_keyword(Keyword::Handler)? {
            self.qualified_name()?;
            if self.eat_keyword(Keyword::Inline)? {
                self.qualified_name()?;
            }
            self.validator()?;
        }
        Ok(StatementKind::Unsupported("CREATE LANGUAGE"))
    }

    /// `VALIDATOR function`, `NO VALIDATOR` or nothing.
    fn validator(&mut self) -> SyntaxResult<()> {
        if self.eat_keyword(Keyword::No)? {
            self.expect_keyword(Keyword::Validator)?;
        } else if self.eat_keyword(Keyword::Validator)? {
            self.qualified_name()?;
        }
        Ok(())
    }

    fn create_statistics(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let kinds = self.optional_names()?;
        self.expect_keyword(Keyword::On)?;
        let keys = self.separated(Parser::index_key)?;
        self.expect_keyword(Keyword::From)?;
        let from = self.separated(Parser::table_expression)?;
        let create = CreateStatistics { if_not_exists, name, kinds, keys, from };
        Ok(StatementKind::CreateStatistics(self.boxed(create)))
    }

    fn create_tablespace(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.name()?;
        let owner = match self.eat_keyword(Keyword::Owner)? {
            true => Some(self.role()?),
            false => None,
        };
        self.expect_keyword(Keyword::Location)?;
        let location = self.string()?;
        let options = self.with_relation_options()?;
        let create = TablespaceStatement::Create { name, owner, location, options };
        Ok(StatementKind::Tablespace(self.boxed(create)))
    }

    fn create_transform(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        self.object_name(ObjectKind::Transform)?;
        self.expect(TokenKind::LeftParenthesis)?;
        let from_first = self.transform_function(None)?;
        if self.eat(TokenKind::Comma)? {
            self.transform_function(Some(!from_first))?;
        }
        self.expect(TokenKind::RightParenthesis)?;
        Ok(StatementKind::Unsupported("CREATE TRANSFORM"))
    }

    /// `FROM SQL WITH FUNCTION f` (true) or `TO SQL WITH FUNCTION f`.
    fn transform_function(&mut self, wanted: Option<bool>) -> SyntaxResult<bool> {
        let from = self.at_keyword(Keyword::From);
        if !from && !self.at_keyword(Keyword::To) || wanted.is_some_and(|wanted| wanted != from) {
            return Err(self.unexpected());
        }
        self.take()?;
        self.expect_keyword(Keyword::Sql)?;
        self.expect_keyword(Keyword::With)?;
        self.expect_keyword(Keyword::Function)?;
        self.signature()?;
        Ok(from)
    }
}
