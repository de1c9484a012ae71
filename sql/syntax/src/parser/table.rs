//! `CREATE TABLE` in all its forms, partitions, `TRUNCATE`.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::select::Persistence;
use crate::tree::session::Execute;
use crate::tree::table::{
    ColumnSpecification, CreateTable, CreateTableAs, LikeOption, LikeWhat, OnCommit, PartitionBound,
    PartitionBy, TableElement, TableShape, TableSource, Truncate,
};
use crate::tree::{Name, QualifiedName, StatementKind};

/// What stands behind the columns of a new table.
struct Storage<'a> {
    method: Option<Name<'a>>,
    options: &'a [crate::tree::option::Definition<'a>],
    on_commit: Option<OnCommit>,
    tablespace: Option<Name<'a>>,
}

impl<'a> Parser<'a> {
    /// `CREATE [TEMPORARY | UNLOGGED] TABLE …`; the current token is `TABLE`. Within a schema's making it has no query.
    pub(super) fn create_table(
        &mut self,
        persistence: Persistence,
        may_have_query: bool,
    ) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Table)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.relation_name()?;
        let mut table = CreateTable {
            persistence,
            if_not_exists,
            name,
            shape: TableShape::Columns,
            elements: &[],
            inherits: &[],
            partition_by: None,
            method: None,
            options: &[],
            on_commit: None,
            tablespace: None,
            foreign: None,
        };
        match self.kind() {
            TokenKind::Keyword(Keyword::Of) => {
                self.take()?;
                table.shape = TableShape::Type(self.qualified_name()?);
                table.elements = self.typed_elements()?;
            }
            TokenKind::Keyword(Keyword::Partition) => {
                self.take()?;
                self.expect_keyword(Keyword::Of)?;
                let parent = self.relation_name()?;
                table.elements = self.typed_elements()?;
                table.shape = TableShape::Partition(parent, self.partition_bound()?);
            }
            TokenKind::LeftParenthesis if !may_have_query || !self.at_column_list()? => {
                table.elements = self.table_elements()?;
                if self.eat_keyword(Keyword::Inherits)? {
                    table.inherits = self.parenthesised(Parser::relation_name)?;
                }
            }
            _ if !may_have_query => return Err(self.unexpected()),
            _ => return self.table_as(persistence, if_not_exists, name),
        }
        table.partition_by = self.partition_by()?;
        let storage = self.storage()?;
        table.method = storage.method;
        table.options = storage.options;
        table.on_commit = storage.on_commit;
        table.tablespace = storage.tablespace;
        Ok(StatementKind::CreateTable(self.boxed(table)))
    }

    /// Whether the parenthesis here opens a list of mere names, as `CREATE TABLE t (a, b) AS …` has.
    fn at_column_list(&mut self) -> SyntaxResult<bool> {
        let first = self.next()?;
        if !Parser::is_name(first, &[crate::keyword::KeywordClass::ColumnName]) {
            return Ok(false);
        }
        Ok(matches!(self.third()?.kind, TokenKind::Comma | TokenKind::RightParenthesis))
    }

    /// `CREATE TABLE … AS …` alone; the current token is `TABLE`.
    pub(super) fn create_table_as(&mut self, persistence: Persistence) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Table)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.relation_name()?;
        self.table_as(persistence, if_not_exists, name)
    }

    fn table_as(
        &mut self,
        persistence: Persistence,
        if_not_exists: bool,
        name: QualifiedName<'a>,
    ) -> SyntaxResult<StatementKind<'a>> {
        let columns = self.optional_names()?;
        let storage = self.storage()?;
        self.expect_keyword(Keyword::As)?;
        let source = match self.at_keyword(Keyword::Execute) {
            true => TableSource::Execute(self.execute_clause()?),
            false => TableSource::Query(self.statement_query(None)?),
        };
        let with_data = self.with_data()?;
        Ok(StatementKind::CreateTableAs(self.boxed(CreateTableAs {
            materialized_view: false,
            persistence,
            if_not_exists,
            name,
            columns,
            method: storage.method,
            options: storage.options,
            on_commit: storage.on_commit,
            tablespace: storage.tablespace,
            source,
            with_data,
        })))
    }

    /// `CREATE [UNLOGGED] MATERIALIZED VIEW …`; the current token is `MATERIALIZED`.
    pub(super) fn create_materialized_view(
        &mut self,
        persistence: Persistence,
    ) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Materialized)?;
        self.expect_keyword(Keyword::View)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.relation_name()?;
        let columns = self.optional_names()?;
        let method = self.name_after(Keyword::Using)?;
        let options = self.with_relation_options()?;
        let tablespace = self.name_after(Keyword::Tablespace)?;
        self.expect_keyword(Keyword::As)?;
        let source = TableSource::Query(self.statement_query(None)?);
        let with_data = self.with_data()?;
        Ok(StatementKind::CreateTableAs(self.boxed(CreateTableAs {
            materialized_view: true,
            persistence,
            if_not_exists,
            name,
            columns,
            method,
            options,
            on_commit: None,
            tablespace,
            source,
            with_data,
        })))
    }

    /// `EXECUTE name (values)`
    pub(super) fn execute_clause(&mut self) -> SyntaxResult<Execute<'a>> {
        self.expect_keyword(Keyword::Execute)?;
        let name = self.name()?;
        let values = match self.at(TokenKind::LeftParenthesis) {
            true => self.parenthesised(Parser::expression)?,
            false => &[],
        };
        Ok(Execute { name, values })
    }

    /// `WITH [NO] DATA`; with them if nothing is said.
    pub(super) fn with_data(&mut self) -> SyntaxResult<bool> {
        if !self.eat_keyword(Keyword::With)? {
            return Ok(true);
        }
        let without = self.eat_keyword(Keyword::No)?;
        self.expect_keyword(Keyword::Data)?;
        Ok(!without)
    }

    fn storage(&mut self) -> SyntaxResult<Storage<'a>> {
        let method = self.name_after(Keyword::Using)?;
        let options = match self.eat_keyword(Keyword::Without)? {
            true => {
                self.expect_keyword(Keyword::Oids)?;
                &[]
            }
            false => self.with_relation_options()?,
        };
        let on_commit = self.on_commit()?;
        let tablespace = self.name_after(Keyword::Tablespace)?;
        Ok(Storage { method, options, on_commit, tablespace })
    }

    fn on_commit(&mut self) -> SyntaxResult<Option<OnCommit>> {
        if !self.eat_keyword(Keyword::On)? {
            return Ok(None);
        }
        self.expect_keyword(Keyword::Commit)?;
        if self.eat_keyword(Keyword::Drop)? {
            return Ok(Some(OnCommit::Drop));
        }
        let preserves = self.eat_keyword(Keyword::Preserve)?;
        if !preserves {
            self.expect_keyword(Keyword::Delete)?;
        }
        self.expect_keyword(Keyword::Rows)?;
        Ok(Some(if preserves { OnCommit::PreserveRows } else { OnCommit::DeleteRows }))
    }

    /// `(columns and constraints)`, which may be empty.
    pub(super) fn table_elements(&mut self) -> SyntaxResult<&'a [TableElement<'a>]> {
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat(TokenKind::RightParenthesis)? {
            return Ok(&[]);
        }
        let elements = self.separated(Parser::table_element)?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(elements)
    }

    fn table_element(&mut self) -> SyntaxResult<TableElement<'a>> {
        if self.at_table_constraint()? {
            return Ok(TableElement::Constraint(self.table_constraint()?));
        }
        if self.eat_keyword(Keyword::Like)? {
            let table = self.relation_name()?;
            return Ok(TableElement::Like { table, options: self.like_options()? });
        }
        Ok(TableElement::Column(self.column_specification()?))
    }

    fn like_options(&mut self) -> SyntaxResult<&'a [LikeOption]> {
        let mut options = self.list();
        loop {
            let including = self.at_keyword(Keyword::Including);
            if !including && !self.at_keyword(Keyword::Excluding) {
                return Ok(options.into_bump_slice());
            }
            self.take()?;
            let what = match self.kind() {
                TokenKind::Keyword(Keyword::Comments) => LikeWhat::Comments,
                TokenKind::Keyword(Keyword::Compression) => LikeWhat::Compression,
                TokenKind::Keyword(Keyword::Constraints) => LikeWhat::Constraints,
                TokenKind::Keyword(Keyword::Defaults) => LikeWhat::Defaults,
                TokenKind::Keyword(Keyword::Identity) => LikeWhat::Identity,
                TokenKind::Keyword(Keyword::Generated) => LikeWhat::Generated,
                TokenKind::Keyword(Keyword::Indexes) => LikeWhat::Indexes,
                TokenKind::Keyword(Keyword::Statistics) => LikeWhat::Statistics,
                TokenKind::Keyword(Keyword::Storage) => LikeWhat::Storage,
                TokenKind::Keyword(Keyword::All) => LikeWhat::All,
                _ => return Err(self.unexpected()),
            };
            self.take()?;
            options.push(LikeOption { including, what });
        }
    }

    /// A list of a table whose columns have their types from elsewhere, if one stands here.
    pub(super) fn typed_elements(&mut self) -> SyntaxResult<&'a [TableElement<'a>]> {
        if !self.at(TokenKind::LeftParenthesis) {
            return Ok(&[]);
        }
        self.parenthesised(|parser| {
            if parser.at_table_constraint()? {
                return Ok(TableElement::Constraint(parser.table_constraint()?));
            }
            let name = parser.name()?;
            if parser.eat_keyword(Keyword::With)? {
                parser.expect_keyword(Keyword::Options)?;
            }
            let (constraints, collation) = parser.column_constraints()?;
            Ok(TableElement::Column(ColumnSpecification {
                name,
                type_name: None,
                compression: None,
                foreign_options: &[],
                collation,
                constraints,
            }))
        })
    }

    /// `PARTITION BY strategy (…)`, if it stands here.
    pub(super) fn partition_by(&mut self) -> SyntaxResult<Option<&'a PartitionBy<'a>>> {
        if !self.eat_keyword(Keyword::Partition)? {
            return Ok(None);
        }
        self.expect_keyword(Keyword::By)?;
        let strategy = self.name()?;
        let elements = self.parenthesised(Parser::partition_element)?;
        Ok(Some(self.boxed(PartitionBy { strategy, elements })))
    }

    /// `DEFAULT` or `FOR VALUES …`
    pub(super) fn partition_bound(&mut self) -> SyntaxResult<PartitionBound<'a>> {
        let position = self.position();
        if self.eat_keyword(Keyword::Default)? {
            return Ok(PartitionBound::Default(position));
        }
        self.expect_keyword(Keyword::For)?;
        self.expect_keyword(Keyword::Values)?;
        let position = self.position();
        if self.eat_keyword(Keyword::In)? {
            return Ok(PartitionBound::In(self.parenthesised(Parser::expression)?, position));
        }
        if self.eat_keyword(Keyword::From)? {
            let from = self.parenthesised(Parser::expression)?;
            self.expect_keyword(Keyword::To)?;
            return Ok(PartitionBound::Range(from, self.parenthesised(Parser::expression)?, position));
        }
        self.expect_keyword(Keyword::With)?;
        let items = self.parenthesised(|parser| {
            let name = parser.unreserved_name()?;
            Ok((name, parser.integer()?))
        })?;
        let (mut modulus, mut remainder) = (None, None);
        for (name, value) in items {
            let (slot, rule) = match name.text {
                "modulus" => (&mut modulus, Rule::TwoModuli),
                "remainder" => (&mut remainder, Rule::TwoRemainders),
                other => return Err(self.refused(Rule::UnknownHashBound(other.to_owned()), name.position)),
            };
            if slot.replace(*value).is_some() {
                return Err(self.refused(rule, name.position));
            }
        }
        match (modulus, remainder) {
            (None, _) => Err(self.refused_without_place(Rule::NoModulus)),
            (Some(_), None) => Err(self.refused_without_place(Rule::NoRemainder)),
            (Some(modulus), Some(remainder)) => Ok(PartitionBound::Hash(modulus, remainder, position)),
        }
    }

    /// `TRUNCATE …`
    pub(super) fn truncate(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Truncate)?;
        self.eat_keyword(Keyword::Table)?;
        let tables = self.separated(Parser::relation)?;
        let restart_identity = self.at_keyword(Keyword::Restart);
        if restart_identity || self.at_keyword(Keyword::Continue) {
            self.take()?;
            self.expect_keyword(Keyword::Identity)?;
        }
        let behavior = self.drop_behavior()?;
        Ok(StatementKind::Truncate(self.boxed(Truncate { tables, restart_identity, behavior })))
    }
}
