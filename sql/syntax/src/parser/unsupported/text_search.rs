//! Text search.

use super::super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;
use crate::tree::object::ObjectKind;

impl<'a> Parser<'a> {
    pub(super) fn create_text_search(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let kind = self.object_kind(is_text_search)?;
        self.qualified_name()?;
        self.definitions()?;
        Ok(StatementKind::Unsupported(match kind {
            ObjectKind::TextSearchConfiguration => "CREATE TEXT SEARCH CONFIGURATION",
            ObjectKind::TextSearchDictionary => "CREATE TEXT SEARCH DICTIONARY",
            ObjectKind::TextSearchParser => "CREATE TEXT SEARCH PARSER",
            _ => "CREATE TEXT SEARCH TEMPLATE",
        }))
    }

    pub(super) fn alter_text_search_configuration(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let TokenKind::Keyword(word) = self.kind() else { return Err(self.unexpected()) };
        if !matches!(word, Keyword::Add | Keyword::Alter | Keyword::Drop) {
            return Err(self.unexpected());
        }
        self.take()?;
        self.expect_keyword(Keyword::Mapping)?;
        if word == Keyword::Drop {
            self.if_exists()?;
        }
        let replaces = word == Keyword::Alter && self.at_keyword(Keyword::Replace);
        if !replaces {
            self.expect_keyword(Keyword::For)?;
            self.separated(Parser::name)?;
        }
        if word != Keyword::Drop {
            if word == Keyword::Alter && self.eat_keyword(Keyword::Replace)? {
                self.qualified_name()?;
                self.expect_keyword(Keyword::With)?;
                self.qualified_name()?;
            } else {
                self.expect_keyword(Keyword::With)?;
                self.separated(Parser::qualified_name)?;
            }
        }
        Ok(StatementKind::Unsupported("ALTER TEXT SEARCH CONFIGURATION"))
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
