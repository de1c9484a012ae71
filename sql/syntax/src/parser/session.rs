//! Transactions, prepared statements, cursors, maintenance and what else a session is told.

use super::Parser;
use crate::error::SyntaxResult;
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::option::Definition;
use crate::tree::select::Relation;
use crate::tree::session::{
    CallProcedure, Cluster, DeclareCursor, Discard, Do, Explain, Fetch, FetchDirection, Lock, LockMode,
    Notify, Prepare, Reindex, ReindexWhat, Vacuum, VacuumTable,
};
use crate::tree::{Expression, ExpressionKind, StatementKind};

impl<'a> Parser<'a> {
    /// `PREPARE name … AS …`, `PREPARE TRANSACTION 'id'`
    pub(super) fn prepare(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Prepare)?;
        if self.at_keyword(Keyword::Transaction) && self.next()?.kind == TokenKind::String {
            self.take()?;
            let id = self.string()?;
            return Ok(StatementKind::Transaction(crate::tree::session::Transaction::Prepare(id)));
        }
        let name = self.name()?;
        let types = match self.at(TokenKind::LeftParenthesis) {
            true => self.parenthesised(Parser::type_name)?,
            false => &[],
        };
        self.expect_keyword(Keyword::As)?;
        let statement = self.deeper(Parser::preparable_statement)?;
        let statement = self.boxed(statement);
        Ok(StatementKind::Prepare(self.boxed(Prepare { name, types, statement })))
    }

    /// `DEALLOCATE …`
    pub(super) fn deallocate(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Deallocate)?;
        // `prepare` may be a name, too.
        if self.at_keyword(Keyword::Prepare)
            && !matches!(self.next()?.kind, TokenKind::End | TokenKind::Semicolon)
        {
            self.take()?;
        }
        match self.eat_keyword(Keyword::All)? {
            true => Ok(StatementKind::Deallocate(None)),
            false => Ok(StatementKind::Deallocate(Some(self.name()?))),
        }
    }

    /// `DECLARE … CURSOR …`
    pub(super) fn declare(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Declare)?;
        let name = self.name()?;
        let (mut binary, mut insensitive, mut asensitive) = (false, false, false);
        let mut scroll = self.list();
        loop {
            match self.kind() {
                TokenKind::Keyword(Keyword::No) => {
                    self.take()?;
                    if !self.at_keyword(Keyword::Scroll) {
                        return Err(self.unexpected());
                    }
                    scroll.push(false);
                }
                TokenKind::Keyword(Keyword::Scroll) => scroll.push(true),
                TokenKind::Keyword(Keyword::Binary) => binary = true,
                TokenKind::Keyword(Keyword::Insensitive) => insensitive = true,
                TokenKind::Keyword(Keyword::Asensitive) => asensitive = true,
                _ => break,
            }
            self.take()?;
        }
        self.expect_keyword(Keyword::Cursor)?;
        let hold = self.eat_keyword(Keyword::With)?;
        if hold || self.eat_keyword(Keyword::Without)? {
            self.expect_keyword(Keyword::Hold)?;
        }
        self.expect_keyword(Keyword::For)?;
        let query = self.deeper(|parser| parser.statement_query(None))?;
        let scroll = scroll.into_bump_slice();
        let cursor = DeclareCursor { name, binary, scroll, insensitive, asensitive, hold, query };
        Ok(StatementKind::DeclareCursor(self.boxed(cursor)))
    }

    /// `FETCH …`, `MOVE …`
    pub(super) fn fetch_statement(&mut self) -> SyntaxResult<StatementKind<'a>> {
        let only_move = self.take()?.kind == TokenKind::Keyword(Keyword::Move);
        let direction = self.fetch_direction()?;
        if !self.eat_keyword(Keyword::From)? {
            self.eat_keyword(Keyword::In)?;
        }
        let cursor = self.name()?;
        Ok(StatementKind::Fetch(self.boxed(Fetch { only_move, direction, cursor })))
    }

    fn fetch_direction(&mut self) -> SyntaxResult<FetchDirection> {
        match self.kind() {
            TokenKind::Integer(_) | TokenKind::Plus | TokenKind::Minus => {
                return Ok(FetchDirection::Forward(i64::from(self.signed_integer()?)));
            }
            TokenKind::Keyword(Keyword::All) => {
                self.take()?;
                return Ok(FetchDirection::Forward(i64::MAX));
            }
            _ => {}
        }
        let next = self.next()?.kind;
        // Each of the words may be a cursor's name: then nothing follows.
        if matches!(next, TokenKind::End | TokenKind::Semicolon) {
            return Ok(FetchDirection::Forward(1));
        }
        let direction = match self.kind() {
            TokenKind::Keyword(Keyword::Next) => FetchDirection::Forward(1),
            TokenKind::Keyword(Keyword::Prior) => FetchDirection::Backward(1),
            TokenKind::Keyword(Keyword::First) => FetchDirection::Absolute(1),
            TokenKind::Keyword(Keyword::Last) => FetchDirection::Absolute(-1),
            TokenKind::Keyword(Keyword::Absolute) => {
                self.take()?;
                return Ok(FetchDirection::Absolute(i64::from(self.signed_integer()?)));
            }
            TokenKind::Keyword(Keyword::Relative) => {
                self.take()?;
                return Ok(FetchDirection::Relative(i64::from(self.signed_integer()?)));
            }
            TokenKind::Keyword(Keyword::Forward) => {
                self.take()?;
                return Ok(FetchDirection::Forward(self.fetch_rows()?));
            }
            TokenKind::Keyword(Keyword::Backward) => {
                self.take()?;
                return Ok(FetchDirection::Backward(self.fetch_rows()?));
            }
            _ => return Ok(FetchDirection::Forward(1)),
        };
        self.take()?;
        Ok(direction)
    }

    /// How many rows `FORWARD` and `BACKWARD` go: one if nothing is said.
    fn fetch_rows(&mut self) -> SyntaxResult<i64> {
        match self.kind() {
            TokenKind::Integer(_) | TokenKind::Plus | TokenKind::Minus => {
                Ok(i64::from(self.signed_integer()?))
            }
            TokenKind::Keyword(Keyword::All) => {
                self.take()?;
                Ok(i64::MAX)
            }
            _ => Ok(1),
        }
    }

    /// `CLOSE …`
    pub(super) fn close(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Close)?;
        match self.eat_keyword(Keyword::All)? {
            true => Ok(StatementKind::Close(None)),
            false => Ok(StatementKind::Close(Some(self.name()?))),
        }
    }

    fn at_analyze(&self) -> bool {
        self.at_keyword(Keyword::Analyze) || self.at_keyword(Keyword::Analyse)
    }

    /// `EXPLAIN …`
    pub(super) fn explain(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Explain)?;
        let options = if self.at(TokenKind::LeftParenthesis) && !self.opens_query()? {
            self.utility_options()?
        } else {
            let mut options = self.list();
            if self.at_analyze() {
                let position = self.take()?.start;
                options.push(self.flag("analyze", position));
            }
            if self.at_keyword(Keyword::Verbose) {
                let position = self.take()?.start;
                options.push(self.flag("verbose", position));
            }
            options.into_bump_slice()
        };
        let statement = self.deeper(Parser::explainable_statement)?;
        let statement = self.boxed(statement);
        Ok(StatementKind::Explain(self.boxed(Explain { options, statement })))
    }

    /// `VACUUM …`
    pub(super) fn vacuum(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Vacuum)?;
        let options = match self.at(TokenKind::LeftParenthesis) {
            true => self.utility_options()?,
            false => {
                let words =
                    [(Keyword::Full, "full"), (Keyword::Freeze, "freeze"), (Keyword::Verbose, "verbose")];
                self.maintenance_flags(&words, true)?
            }
        };
        let tables = self.vacuum_tables()?;
        Ok(StatementKind::Vacuum(self.boxed(Vacuum { vacuum: true, options, tables })))
    }

    /// `ANALYZE …`
    pub(super) fn analyze(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let options = match self.at(TokenKind::LeftParenthesis) {
            true => self.utility_options()?,
            false => self.maintenance_flags(&[(Keyword::Verbose, "verbose")], false)?,
        };
        let tables = self.vacuum_tables()?;
        Ok(StatementKind::Vacuum(self.boxed(Vacuum { vacuum: false, options, tables })))
    }

    /// Words in their order, each of which may be missing.
    fn maintenance_flags(
        &mut self,
        words: &[(Keyword, &'static str)],
        analyze: bool,
    ) -> SyntaxResult<&'a [Definition<'a>]> {
        let mut options = self.list();
        for (keyword, text) in words {
            if self.at_keyword(*keyword) {
                let position = self.take()?.start;
                options.push(self.flag(text, position));
            }
        }
        if analyze && self.at_analyze() {
            let position = self.take()?.start;
            options.push(self.flag("analyze", position));
        }
        Ok(options.into_bump_slice())
    }

    fn vacuum_tables(&mut self) -> SyntaxResult<&'a [VacuumTable<'a>]> {
        if !self.at_name() {
            return Ok(&[]);
        }
        self.separated(|parser| {
            let table = parser.relation_name()?;
            Ok(VacuumTable { table, columns: parser.optional_names()? })
        })
    }

    /// `CLUSTER …`
    pub(super) fn cluster(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Cluster)?;
        let mut cluster = Cluster { options: &[], table: None, index: None };
        if self.at(TokenKind::LeftParenthesis) {
            cluster.options = self.utility_options()?;
            cluster.table = Some(self.relation_name()?);
            cluster.index = self.name_after(Keyword::Using)?;
            return Ok(StatementKind::Cluster(self.boxed(cluster)));
        }
        cluster.options = self.maintenance_flags(&[(Keyword::Verbose, "verbose")], false)?;
        if self.at_name() {
            let first = self.name()?;
            if self.eat_keyword(Keyword::On)? {
                cluster.index = Some(first);
                cluster.table = Some(self.relation_name()?);
            } else {
                cluster.table = Some(self.relation_name_from(first)?);
                cluster.index = self.name_after(Keyword::Using)?;
            }
        }
        Ok(StatementKind::Cluster(self.boxed(cluster)))
    }

    /// `REINDEX …`
    pub(super) fn reindex(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Reindex)?;
        let options = match self.at(TokenKind::LeftParenthesis) {
            true => self.utility_options()?,
            false => &[],
        };
        let what = match self.kind() {
            TokenKind::Keyword(Keyword::Index) => ReindexWhat::Index,
            TokenKind::Keyword(Keyword::Table) => ReindexWhat::Table,
            TokenKind::Keyword(Keyword::Schema) => ReindexWhat::Schema,
            TokenKind::Keyword(Keyword::System) => ReindexWhat::System,
            TokenKind::Keyword(Keyword::Database) => ReindexWhat::Database,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        let concurrently = self.eat_keyword(Keyword::Concurrently)?;
        let name = match what {
            ReindexWhat::Index | ReindexWhat::Table => self.relation_name()?,
            ReindexWhat::Schema | ReindexWhat::System | ReindexWhat::Database => self.simple_name()?,
        };
        Ok(StatementKind::Reindex(self.boxed(Reindex { options, what, concurrently, name })))
    }

    /// `LOCK [TABLE] … IN … MODE NOWAIT`
    pub(super) fn lock(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Lock)?;
        self.eat_keyword(Keyword::Table)?;
        let tables: &'a [Relation<'a>] = self.separated(Parser::relation)?;
        let mode = match self.eat_keyword(Keyword::In)? {
            true => {
                let mode = self.lock_mode()?;
                self.expect_keyword(Keyword::Mode)?;
                mode
            }
            false => LockMode::AccessExclusive,
        };
        let nowait = self.eat_keyword(Keyword::Nowait)?;
        Ok(StatementKind::Lock(self.boxed(Lock { tables, mode, nowait })))
    }

    fn lock_mode(&mut self) -> SyntaxResult<LockMode> {
        match self.kind() {
            TokenKind::Keyword(Keyword::Access) => {
                self.take()?;
                if self.eat_keyword(Keyword::Share)? {
                    return Ok(LockMode::AccessShare);
                }
                self.expect_keyword(Keyword::Exclusive)?;
                Ok(LockMode::AccessExclusive)
            }
            TokenKind::Keyword(Keyword::Row) => {
                self.take()?;
                if self.eat_keyword(Keyword::Share)? {
                    return Ok(LockMode::RowShare);
                }
                self.expect_keyword(Keyword::Exclusive)?;
                Ok(LockMode::RowExclusive)
            }
            TokenKind::Keyword(Keyword::Share) => {
                self.take()?;
                if self.eat_keyword(Keyword::Update)? {
                    self.expect_keyword(Keyword::Exclusive)?;
                    return Ok(LockMode::ShareUpdateExclusive);
                }
                if self.eat_keyword(Keyword::Row)? {
                    self.expect_keyword(Keyword::Exclusive)?;
                    return Ok(LockMode::ShareRowExclusive);
                }
                Ok(LockMode::Share)
            }
            _ => {
                self.expect_keyword(Keyword::Exclusive)?;
                Ok(LockMode::Exclusive)
            }
        }
    }

    /// `DISCARD …`
    pub(super) fn discard(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Discard)?;
        let discard = match self.kind() {
            TokenKind::Keyword(Keyword::All) => Discard::All,
            TokenKind::Keyword(Keyword::Plans) => Discard::Plans,
            TokenKind::Keyword(Keyword::Sequences) => Discard::Sequences,
            TokenKind::Keyword(Keyword::Temp | Keyword::Temporary) => Discard::Temporary,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(StatementKind::Discard(discard))
    }

    /// `CALL procedure(…)`
    pub(super) fn call_statement(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Call)?;
        let position = self.position();
        let name = self.call_name()?;
        let call = self.deeper(|parser| parser.application(name))?;
        let call = Expression { kind: ExpressionKind::Call(self.boxed(call)), position };
        Ok(StatementKind::Call(self.boxed(CallProcedure { call })))
    }

    /// `DO …`
    pub(super) fn do_statement(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Do)?;
        let mut bodies = self.list();
        let mut languages = self.list();
        loop {
            if self.at(TokenKind::String) {
                bodies.push(self.string()?);
            } else if self.eat_keyword(Keyword::Language)? {
                languages.push(self.unreserved_name_or_string()?.text);
            } else if bodies.is_empty() && languages.is_empty() {
                return Err(self.unexpected());
            } else {
                let (bodies, languages) = (bodies.into_bump_slice(), languages.into_bump_slice());
                return Ok(StatementKind::Do(self.boxed(Do { bodies, languages })));
            }
        }
    }

    /// `NOTIFY channel, 'payload'`
    pub(super) fn notify(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Notify)?;
        let channel = self.name()?;
        let payload = match self.eat(TokenKind::Comma)? {
            true => Some(self.string()?),
            false => None,
        };
        Ok(StatementKind::Notify(self.boxed(Notify { channel, payload })))
    }

    /// `UNLISTEN …`
    pub(super) fn unlisten(&mut self) -> SyntaxResult<StatementKind<'a>> {
        self.expect_keyword(Keyword::Unlisten)?;
        match self.eat(TokenKind::Star)? {
            true => Ok(StatementKind::Unlisten(None)),
            false => Ok(StatementKind::Unlisten(Some(self.name()?))),
        }
    }
}
