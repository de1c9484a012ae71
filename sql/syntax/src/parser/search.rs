//! Text search: parsers, templates, dictionaries, configurations.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::object::{ObjectKind, ObjectName};
use crate::tree::search::{MappingChange, SearchStatement};
use crate::tree::{Name, StatementKind};

impl<'a> Parser<'a> {
    /// `CREATE TEXT SEARCH …` behind `CREATE`.
    pub(super) fn create_text_search(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let kind = self.object_kind(is_text_search)?;
        let name = self.qualified_name()?;
        let definitions = self.definitions()?;
        Ok(StatementKind::Search(self.boxed(SearchStatement::Create(kind, name, definitions))))
    }

    /// `ALTER TEXT SEARCH DICTIONARY …` behind the name.
    pub(super) fn alter_text_search_dictionary(
        &mut self,
        object: ObjectName<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let ObjectName::Named(name) = object else { return Err(self.unexpected()) };
        let definitions = self.definitions()?;
        Ok(StatementKind::Search(self.boxed(SearchStatement::AlterDictionary(name, definitions))))
    }

    /// `ALTER TEXT SEARCH CONFIGURATION …` behind the name.
    pub(super) fn alter_text_search_configuration(
        &mut self,
        object: ObjectName<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let ObjectName::Named(name) = object else { return Err(self.unexpected()) };
        let TokenKind::Keyword(word) = self.kind() else { return Err(self.unexpected()) };
        if !matches!(word, Keyword::Add | Keyword::Alter | Keyword::Drop) {
            return Err(self.unexpected());
        }
        self.take()?;
        self.expect_keyword(Keyword::Mapping)?;
        let change = match word {
            Keyword::Drop => {
                let if_exists = self.if_exists()?;
                MappingChange::Drop(self.token_kinds()?, if_exists)
            }
            Keyword::Alter if self.at_keyword(Keyword::Replace) => self.replaced(&[])?,
            _ => {
                let kinds = self.token_kinds()?;
                if word == Keyword::Alter && self.at_keyword(Keyword::Replace) {
                    self.replaced(kinds)?
                } else {
                    self.expect_keyword(Keyword::With)?;
                    let dictionaries = self.separated(Parser::qualified_name)?;
                    match word {
                        Keyword::Add => MappingChange::Add(kinds, dictionaries),
                        _ => MappingChange::Set(kinds, dictionaries),
                    }
                }
            }
        };
        Ok(StatementKind::Search(self.boxed(SearchStatement::AlterConfiguration(name, change))))
    }

    fn token_kinds(&mut self) -> SyntaxResult<&'a [Name<'a>]> {
        self.expect_keyword(Keyword::For)?;
        self.separated(Parser::name)
    }

    fn replaced(&mut self, kinds: &'a [Name<'a>]) -> SyntaxResult<MappingChange<'a>> {
        self.expect_keyword(Keyword::Replace)?;
        let old = self.qualified_name()?;
        self.expect_keyword(Keyword::With)?;
        Ok(MappingChange::Replace(kinds, old, self.qualified_name()?))
    }
}

fn is_text_search(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::TextSearchConfiguration
            | ObjectKind::TextSearchDictionary
            | ObjectKind::TextSearchParser
            | ObjectKind::TextSearchTemplate
    )
}
