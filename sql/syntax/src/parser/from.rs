//! `FROM`: tables, subqueries, functions, joins.
//!
//! Parentheses may hold a query or a join, and which one shows only later; what has been read is handed on, as in
//! `primary`.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::TokenKind;
use crate::tree::expression::{Expression, ExpressionKind};
use crate::tree::select::{
    Alias, ColumnDefinition, Join, JoinCondition, JoinKind, Relation, Sample, TableExpression, TableFunction,
};
use crate::tree::{Name, Query};

/// What parentheses in `FROM` held.
enum Held<'a> {
    Query(&'a Query<'a>),
    Join(TableExpression<'a>),
}

impl<'a> Parser<'a> {
    /// An entry of `FROM`, with the joins that go on from it.
    pub(crate) fn table_expression(&mut self) -> SyntaxResult<TableExpression<'a>> {
        self.deeper(|parser| {
            let first = parser.table_operand()?;
            parser.joins(first)
        })
    }

    fn joins(&mut self, mut left: TableExpression<'a>) -> SyntaxResult<TableExpression<'a>> {
        loop {
            let position = self.position();
            let natural = self.eat_keyword(Keyword::Natural)?;
            if !natural && self.eat_keyword(Keyword::Cross)? {
                self.expect_keyword(Keyword::Join)?;
                let right = self.table_operand()?;
                left = self.join(JoinKind::Cross, left, right, JoinCondition::None, position);
                continue;
            }
            let Some(kind) = self.join_kind()? else {
                return if natural { Err(self.unexpected()) } else { Ok(left) };
            };
            // `a JOIN b JOIN c ON … ON …` nests on the right; only a natural join is complete without a condition.
            let right = self.table_operand()?;
            if natural {
                left = self.join(kind, left, right, JoinCondition::Natural, position);
                continue;
            }
            let right = match self.at_keyword(Keyword::On) || self.at_keyword(Keyword::Using) {
                true => right,
                false => self.deeper(|parser| parser.joins(right))?,
            };
            let condition = self.join_condition()?;
            left = self.join(kind, left, right, condition, position);
        }
    }

    fn join(
        &self,
        kind: JoinKind,
        left: TableExpression<'a>,
        right: TableExpression<'a>,
        condition: JoinCondition<'a>,
        position: u32,
    ) -> TableExpression<'a> {
        TableExpression::Join(self.boxed(Join { kind, left, right, condition, alias: None, position }))
    }

    /// `JOIN`, `INNER JOIN`, `LEFT OUTER JOIN` …, if one stands here.
    fn join_kind(&mut self) -> SyntaxResult<Option<JoinKind>> {
        let kind = match self.kind() {
            TokenKind::Keyword(Keyword::Join) => {
                self.take()?;
                return Ok(Some(JoinKind::Inner));
            }
            TokenKind::Keyword(Keyword::Inner) => {
                self.take()?;
                self.expect_keyword(Keyword::Join)?;
                return Ok(Some(JoinKind::Inner));
            }
            TokenKind::Keyword(Keyword::Left) => JoinKind::Left,
            TokenKind::Keyword(Keyword::Right) => JoinKind::Right,
            TokenKind::Keyword(Keyword::Full) => JoinKind::Full,
            _ => return Ok(None),
        };
        self.take()?;
        self.eat_keyword(Keyword::Outer)?;
        self.expect_keyword(Keyword::Join)?;
        Ok(Some(kind))
    }

    fn join_condition(&mut self) -> SyntaxResult<JoinCondition<'a>> {
        if self.eat_keyword(Keyword::Using)? {
            let columns = self.parenthesised(Parser::name)?;
            let alias = match self.eat_keyword(Keyword::As)? {
                true => Some(self.name()?),
                false => None,
            };
            return Ok(JoinCondition::Using(columns, alias));
        }
        self.expect_keyword(Keyword::On)?;
        Ok(JoinCondition::On(self.expression()?))
    }

    /// An entry without joins (`table_ref` but for `joined_table`).
    fn table_operand(&mut self) -> SyntaxResult<TableExpression<'a>> {
        let position = self.position();
        if self.eat_keyword(Keyword::Lateral)? {
            return match self.kind() {
                TokenKind::LeftParenthesis => {
                    let position = self.position();
                    let query = self.parenthesised_query()?;
                    self.subquery(true, query, position)
                }
                TokenKind::Keyword(Keyword::Xmltable) => self.xml_table(),
                _ => self.table_functions(true, position),
            };
        }
        match self.kind() {
            TokenKind::LeftParenthesis => self.parenthesised_table(position),
            TokenKind::Keyword(Keyword::Xmltable) if self.next()?.kind == TokenKind::LeftParenthesis => {
                self.xml_table()
            }
            TokenKind::Keyword(Keyword::Rows) if self.next()?.kind == TokenKind::Keyword(Keyword::From) => {
                self.table_functions(false, position)
            }
            TokenKind::Keyword(Keyword::Only) => {
                let relation = self.relation()?;
                self.table(relation)
            }
            TokenKind::Keyword(keyword) if self.begins_only_call(keyword)? => {
                self.table_functions(false, position)
            }
            _ => self.table_or_function(position),
        }
    }

    /// Whether what the word begins can only be a call, or a value without parentheses.
    fn begins_only_call(&mut self, keyword: Keyword) -> SyntaxResult<bool> {
        Ok(match keyword.class() {
            KeywordClass::Reserved => is_reserved_call(keyword),
            KeywordClass::TypeOrFunctionName => true,
            KeywordClass::ColumnName => {
                self.has_call_syntax(keyword) && self.next()?.kind == TokenKind::LeftParenthesis
            }
            KeywordClass::Unreserved => false,
        })
    }

    /// A name: of a function if a parenthesis follows, else of a table.
    fn table_or_function(&mut self, position: u32) -> SyntaxResult<TableExpression<'a>> {
        let names_function = Parser::is_name(self.current(), &[]);
        let first = self.name()?;
        let name = self.more_names_to(first)?;
        if self.at(TokenKind::LeftBracket) || self.at(TokenKind::Dot) {
            self.indirection()?;
            return Err(self.unexpected());
        }
        let is_call = self.at(TokenKind::LeftParenthesis) && (names_function || name.parts.len() > 1);
        if is_call {
            let call = self.deeper(|parser| parser.application(name))?;
            let call = Expression { kind: ExpressionKind::Call(self.boxed(call)), position };
            let function = self.boxed(TableFunction { call, columns: &[] });
            return self.functions_tail(false, false, std::slice::from_ref(function), position);
        }
        self.at_most_three(name)?;
        self.eat(TokenKind::Star)?;
        self.table(Relation { name, only: false })
    }

    /// A table whose name has been read: its alias and its sample.
    fn table(&mut self, relation: Relation<'a>) -> SyntaxResult<TableExpression<'a>> {
        let alias = self.alias()?;
        let sample = match self.at_keyword(Keyword::Tablesample) {
            true => {
                let sample = self.sample()?;
                Some(self.boxed(sample))
            }
            false => None,
        };
        Ok(TableExpression::Relation { relation, alias, sample })
    }

    fn sample(&mut self) -> SyntaxResult<Sample<'a>> {
        let position = self.take()?.start;
        let first = self.type_or_function_name()?;
        let method = self.more_names(first)?;
        let arguments = self.parenthesised(Parser::expression)?;
        let seed = match self.eat_keyword(Keyword::Repeatable)? {
            true => {
                self.expect(TokenKind::LeftParenthesis)?;
                let seed = self.expression()?;
                self.expect(TokenKind::RightParenthesis)?;
                Some(seed)
            }
            false => None,
        };
        Ok(Sample { method, arguments, seed, position })
    }

    /// `[AS] name [(columns)]`
    pub(crate) fn alias(&mut self) -> SyntaxResult<Option<Alias<'a>>> {
        let name = match self.eat_keyword(Keyword::As)? {
            true => self.name()?,
            false if self.at_name() => self.name()?,
            false => return Ok(None),
        };
        let columns = match self.at(TokenKind::LeftParenthesis) {
            true => self.parenthesised(Parser::name)?,
            false => &[],
        };
        Ok(Some(Alias { name, columns }))
    }

    /// A subquery whose parentheses have been read: its alias follows.
    fn subquery(
        &mut self,
        lateral: bool,
        query: &'a Query<'a>,
        position: u32,
    ) -> SyntaxResult<TableExpression<'a>> {
        let alias = self.alias()?;
        if alias.is_none() {
            let values = matches!(query.body, crate::tree::select::QueryBody::Values(_));
            let rule = if values { Rule::ValuesWithoutAlias } else { Rule::SubqueryWithoutAlias };
            return Err(self.refused(rule, position));
        }
        Ok(TableExpression::Subquery { lateral, query, alias, position })
    }

    /// Parentheses: a subquery, or a join that may have an alias of its own.
    fn parenthesised_table(&mut self, position: u32) -> SyntaxResult<TableExpression<'a>> {
        match self.held()? {
            Held::Query(query) => self.subquery(false, query, position),
            Held::Join(table) => self.join_alias(table),
        }
    }

    fn join_alias(&mut self, table: TableExpression<'a>) -> SyntaxResult<TableExpression<'a>> {
        match (table, self.alias()?) {
            (TableExpression::Join(join), alias @ Some(_)) => {
                Ok(TableExpression::Join(self.boxed(Join { alias, ..*join })))
            }
            (table, _) => Ok(table),
        }
    }

    fn held(&mut self) -> SyntaxResult<Held<'a>> {
        self.deeper(|parser| {
            parser.expect(TokenKind::LeftParenthesis)?;
            let held = parser.held_contents()?;
            parser.expect(TokenKind::RightParenthesis)?;
            Ok(held)
        })
    }

    fn held_contents(&mut self) -> SyntaxResult<Held<'a>> {
        if self.at_query()? {
            let query = self.query()?;
            return Ok(Held::Query(self.boxed(query)));
        }
        if !self.at(TokenKind::LeftParenthesis) {
            let table = self.table_expression()?;
            return self.held_join(table);
        }
        let position = self.position();
        let first = match self.held()? {
            Held::Query(query) if self.at(TokenKind::RightParenthesis) => return Ok(Held::Query(query)),
            Held::Query(query) if self.at_query_continuation() => {
                let whole = self.query_from(query)?;
                return Ok(Held::Query(self.boxed(whole)));
            }
            // Only an alias or a join goes on with it here; anything else is refused before the alias is missed.
            Held::Query(_) if !self.at_alias_or_join() => return Err(self.unexpected()),
            Held::Query(query) => self.subquery(false, query, position)?,
            Held::Join(table) => self.join_alias(table)?,
        };
        let table = self.joins(first)?;
        self.held_join(table)
    }

    fn at_alias_or_join(&self) -> bool {
        let word = matches!(
            self.kind(),
            TokenKind::Keyword(
                Keyword::As
                    | Keyword::Join
                    | Keyword::Cross
                    | Keyword::Inner
                    | Keyword::Left
                    | Keyword::Right
                    | Keyword::Full
                    | Keyword::Natural
            )
        );
        word || self.at_name()
    }

    /// Only a join may stand in parentheses of its own: `(a)` is refused at its end.
    fn held_join(&self, table: TableExpression<'a>) -> SyntaxResult<Held<'a>> {
        match table {
            TableExpression::Join(join) if join.alias.is_none() => Ok(Held::Join(table)),
            TableExpression::Join(_)
            | TableExpression::Relation { .. }
            | TableExpression::Subquery { .. }
            | TableExpression::Functions { .. }
            | TableExpression::XmlTable(_) => Err(self.unexpected()),
        }
    }

    /// `f(…)` or `ROWS FROM (…)` with ordinality and alias.
    fn table_functions(&mut self, lateral: bool, position: u32) -> SyntaxResult<TableExpression<'a>> {
        let rows_from = self.at_keywords(Keyword::Rows, Keyword::From)?;
        let functions: &'a [TableFunction<'a>] = match rows_from {
            true => {
                self.take()?;
                self.take()?;
                self.parenthesised(Parser::rows_from_item)?
            }
            false => {
                let call = self.windowless_call()?;
                std::slice::from_ref(self.boxed(TableFunction { call, columns: &[] }))
            }
        };
        self.functions_tail(lateral, rows_from, functions, position)
    }

    fn functions_tail(
        &mut self,
        lateral: bool,
        rows_from: bool,
        functions: &'a [TableFunction<'a>],
        position: u32,
    ) -> SyntaxResult<TableExpression<'a>> {
        let ordinality = self.eat_keywords(Keyword::With, Keyword::Ordinality)?;
        let (alias, columns) = self.function_alias()?;
        Ok(TableExpression::Functions { lateral, rows_from, functions, ordinality, alias, columns, position })
    }

    fn rows_from_item(&mut self) -> SyntaxResult<TableFunction<'a>> {
        let call = self.windowless_call()?;
        let columns = match self.eat_keyword(Keyword::As)? {
            true => self.parenthesised(Parser::column_definition)?,
            false => &[],
        };
        Ok(TableFunction { call, columns })
    }

    /// A call without `FILTER`, `OVER` and their like (`func_expr_windowless`).
    pub(crate) fn windowless_call(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.position();
        let special = match self.kind() {
            TokenKind::Identifier => false,
            TokenKind::Keyword(Keyword::CurrentSchema) => self.next()?.kind != TokenKind::LeftParenthesis,
            TokenKind::Keyword(Keyword::Collation) => self.next()?.kind == TokenKind::Keyword(Keyword::For),
            TokenKind::Keyword(keyword) => match keyword.class() {
                KeywordClass::Reserved => is_reserved_call(keyword),
                KeywordClass::ColumnName => self.has_call_syntax(keyword),
                KeywordClass::Unreserved | KeywordClass::TypeOrFunctionName => false,
            },
            _ => return Err(self.unexpected()),
        };
        if !special {
            let name = self.call_name()?;
            let call = self.deeper(|parser| parser.application(name))?;
            return Ok(Expression { kind: ExpressionKind::Call(self.boxed(call)), position });
        }
        let call = self.primary()?;
        match call.kind {
            ExpressionKind::Call(_)
            | ExpressionKind::SqlValue(..)
            | ExpressionKind::Cast { .. }
            | ExpressionKind::Coalesce(_)
            | ExpressionKind::Greatest(_)
            | ExpressionKind::Least(_)
            | ExpressionKind::NullIf(..)
            | ExpressionKind::Xml(..) => Ok(call),
            ExpressionKind::Null
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Integer(_)
            | ExpressionKind::Decimal(_)
            | ExpressionKind::String(_)
            | ExpressionKind::BitString(_)
            | ExpressionKind::HexString(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Default
            | ExpressionKind::Column(_)
            | ExpressionKind::Star(_)
            | ExpressionKind::Indirection { .. }
            | ExpressionKind::Operation { .. }
            | ExpressionKind::Quantified { .. }
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::Is { .. }
            | ExpressionKind::IsDistinct { .. }
            | ExpressionKind::Between { .. }
            | ExpressionKind::In { .. }
            | ExpressionKind::InSubquery { .. }
            | ExpressionKind::Like { .. }
            | ExpressionKind::Collate { .. }
            | ExpressionKind::AtTimeZone { .. }
            | ExpressionKind::Case { .. }
            | ExpressionKind::Row { .. }
            | ExpressionKind::Array(_)
            | ExpressionKind::ArraySubquery(_)
            | ExpressionKind::Exists(_)
            | ExpressionKind::Subquery(_)
            | ExpressionKind::Grouping(_)
            | ExpressionKind::CurrentOf(_) => Err(self.unexpected()),
        }
    }

    /// What stands behind a function in `FROM` (`func_alias_clause`).
    fn function_alias(&mut self) -> SyntaxResult<(Option<Alias<'a>>, &'a [ColumnDefinition<'a>])> {
        let has_as = self.eat_keyword(Keyword::As)?;
        if has_as && self.at(TokenKind::LeftParenthesis) {
            return Ok((None, self.parenthesised(Parser::column_definition)?));
        }
        if !has_as && !self.at_name() {
            return Ok((None, &[]));
        }
        let name = self.name()?;
        if !self.eat(TokenKind::LeftParenthesis)? {
            return Ok((Some(Alias { name, columns: &[] }), &[]));
        }
        let first = self.name()?;
        if matches!(self.kind(), TokenKind::Comma | TokenKind::RightParenthesis) {
            let columns = self.more_columns(first)?;
            return Ok((Some(Alias { name, columns }), &[]));
        }
        let columns = self.more_definitions(first)?;
        Ok((Some(Alias { name, columns: &[] }), columns))
    }

    fn more_columns(&mut self, first: Name<'a>) -> SyntaxResult<&'a [Name<'a>]> {
        let mut columns = self.list();
        columns.push(first);
        while self.eat(TokenKind::Comma)? {
            columns.push(self.name()?);
        }
        self.expect(TokenKind::RightParenthesis)?;
        Ok(columns.into_bump_slice())
    }

    fn more_definitions(&mut self, first: Name<'a>) -> SyntaxResult<&'a [ColumnDefinition<'a>]> {
        let mut columns = self.list();
        columns.push(self.definition_of(first)?);
        while self.eat(TokenKind::Comma)? {
            columns.push(self.column_definition()?);
        }
        self.expect(TokenKind::RightParenthesis)?;
        Ok(columns.into_bump_slice())
    }

    /// `name type [COLLATE …]`
    fn column_definition(&mut self) -> SyntaxResult<ColumnDefinition<'a>> {
        let name = self.name()?;
        self.definition_of(name)
    }

    fn definition_of(&mut self, name: Name<'a>) -> SyntaxResult<ColumnDefinition<'a>> {
        let type_name = self.type_name()?;
        let collation = self.collation_clause()?;
        Ok(ColumnDefinition { name, type_name, collation })
    }
}

/// Whether a reserved word is called: with a syntax of its own, or without parentheses.
fn is_reserved_call(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Cast
            | Keyword::CurrentCatalog
            | Keyword::CurrentDate
            | Keyword::CurrentRole
            | Keyword::CurrentTime
            | Keyword::CurrentTimestamp
            | Keyword::CurrentUser
            | Keyword::Localtime
            | Keyword::Localtimestamp
            | Keyword::SessionUser
            | Keyword::User
    )
}
