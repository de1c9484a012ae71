//! Queries: bodies, set operations, and what stands around and behind them.

use super::Parser;
use super::expression::Behind;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::expression::{Expression, ExpressionKind};
use crate::tree::select::{
    CommonTable, Distinct, GroupBy, GroupItem, IntoTable, Limit, LockStrength, LockWait, Locking,
    NamedWindow, NullsOrder, Persistence, QueryBody, Relation, Select, SetOperation, SetOperator,
    SortDirection, SortKey, TableExpression, Target, ValuesRow, With,
};
use crate::tree::{Name, QualifiedName, Query, Statement, StatementKind};

/// Binding powers of set operators: `INTERSECT` before the others.
const UNION: u8 = 1;
const INTERSECT: u8 = 2;

/// What stands behind the body of a query.
struct Tail<'a> {
    order: &'a [SortKey<'a>],
    limit: Option<Limit<'a>>,
    offset: Option<Expression<'a>>,
    locking: &'a [Locking<'a>],
}

impl<'a> Parser<'a> {
    /// Whether a query begins here (without a parenthesis before it).
    pub(crate) fn at_query(&mut self) -> SyntaxResult<bool> {
        Ok(match self.kind() {
            TokenKind::Keyword(Keyword::Select | Keyword::With | Keyword::Table) => true,
            TokenKind::Keyword(Keyword::Values) => self.next()?.kind == TokenKind::LeftParenthesis,
            _ => false,
        })
    }

    /// Whether a query in parentheses goes on behind them.
    pub(super) fn at_query_continuation(&self) -> bool {
        matches!(
            self.kind(),
            TokenKind::Keyword(
                Keyword::Union
                    | Keyword::Intersect
                    | Keyword::Except
                    | Keyword::Order
                    | Keyword::Limit
                    | Keyword::Offset
                    | Keyword::Fetch
                    | Keyword::For
            )
        )
    }

    /// A query (`SelectStmt` without the parentheses that may stand around it).
    pub(crate) fn query(&mut self) -> SyntaxResult<Query<'a>> {
        let position = self.position();
        let with = self.with_clause()?;
        let body = self.body(0)?;
        let tail = self.tail()?;
        self.one_of_each(with, body, &tail)?;
        Ok(query(with, body, tail, position))
    }

    /// A query behind a `WITH` that has been read already.
    pub(crate) fn query_with(&mut self, with: With<'a>) -> SyntaxResult<Query<'a>> {
        let body = self.body(0)?;
        let tail = self.tail()?;
        self.one_of_each(Some(with), body, &tail)?;
        Ok(query(Some(with), body, tail, with.position))
    }

    /// A query that begins with one in parentheses, which has been read already.
    pub(super) fn query_from(&mut self, first: &'a Query<'a>) -> SyntaxResult<Query<'a>> {
        let body = self.set_operations(nested(first), 0)?;
        let tail = self.tail()?;
        self.one_of_each(None, body, &tail)?;
        Ok(query(None, body, tail, first.position))
    }

    /// Parentheses do not hide what stands within them: an order, a limit and a `WITH` are said once.
    fn one_of_each(&self, with: Option<With<'a>>, body: QueryBody<'a>, tail: &Tail<'a>) -> SyntaxResult<()> {
        let QueryBody::Nested(inner) = body else { return Ok(()) };
        if let Some(key) = tail.order.first()
            && !inner.order.is_empty()
        {
            return Err(self.refused(Rule::TwoOrders, key.expression.start()));
        }
        if let Some(offset) = &tail.offset
            && inner.offset.is_some()
        {
            return Err(self.refused(Rule::TwoOffsets, offset.start()));
        }
        if let Some(limit) = &tail.limit
            && inner.limit.is_some()
        {
            let position = match limit {
                Limit::All(position) => *position,
                Limit::Rows(count) | Limit::WithTies(count) => count.start(),
            };
            return Err(self.refused(Rule::TwoLimits, position));
        }
        match with {
            Some(with) if inner.with.is_some() => Err(self.refused(Rule::TwoWiths, with.position)),
            Some(_) | None => Ok(()),
        }
    }

    /// A body with set operators that bind at least as strongly as `least`.
    fn body(&mut self, least: u8) -> SyntaxResult<QueryBody<'a>> {
        self.deeper(|parser| {
            let first = parser.simple_body()?;
            parser.set_operations(first, least)
        })
    }

    fn set_operations(&mut self, mut left: QueryBody<'a>, least: u8) -> SyntaxResult<QueryBody<'a>> {
        loop {
            let (operator, power) = match self.kind() {
                TokenKind::Keyword(Keyword::Union) => (SetOperator::Union, UNION),
                TokenKind::Keyword(Keyword::Except) => (SetOperator::Except, UNION),
                TokenKind::Keyword(Keyword::Intersect) => (SetOperator::Intersect, INTERSECT),
                _ => return Ok(left),
            };
            if power < least {
                return Ok(left);
            }
            let position = self.take()?.start;
            let all = self.eat_keyword(Keyword::All)?;
            if !all {
                self.eat_keyword(Keyword::Distinct)?;
            }
            let right = self.body(power + 1)?;
            left = QueryBody::Set(self.boxed(SetOperation { operator, all, left, right, position }));
        }
    }

    /// A body without set operators (`simple_select` and `select_with_parens`).
    fn simple_body(&mut self) -> SyntaxResult<QueryBody<'a>> {
        match self.kind() {
            TokenKind::LeftParenthesis => Ok(nested(self.parenthesised_query()?)),
            TokenKind::Keyword(Keyword::Select) => {
                let select = self.select()?;
                Ok(QueryBody::Select(self.boxed(select)))
            }
            TokenKind::Keyword(Keyword::Values) => {
                self.take()?;
                Ok(QueryBody::Values(self.separated(Parser::values_row)?))
            }
            TokenKind::Keyword(Keyword::Table) => {
                self.take()?;
                Ok(QueryBody::Table(self.relation()?))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn values_row(&mut self) -> SyntaxResult<ValuesRow<'a>> {
        let position = self.position();
        Ok(ValuesRow { values: self.parenthesised(Parser::expression)?, position })
    }

    /// A relation's name with `ONLY` before it or a star behind it (`relation_expr`).
    pub(crate) fn relation(&mut self) -> SyntaxResult<Relation<'a>> {
        if self.eat_keyword(Keyword::Only)? {
            let parenthesised = self.eat(TokenKind::LeftParenthesis)?;
            let name = self.relation_name()?;
            if parenthesised {
                self.expect(TokenKind::RightParenthesis)?;
            }
            return Ok(Relation { name, only: true });
        }
        let name = self.relation_name()?;
        self.eat(TokenKind::Star)?;
        Ok(Relation { name, only: false })
    }

    /// `SELECT …` up to its `WINDOW`.
    fn select(&mut self) -> SyntaxResult<Select<'a>> {
        let position = self.take()?.start;
        let distinct = self.distinct()?;
        let targets = self.targets(distinct)?;
        let into = match self.eat_keyword(Keyword::Into)? {
            true => {
                let table = self.table_after_into()?;
                Some(self.boxed(table))
            }
            false => None,
        };
        let from = match self.eat_keyword(Keyword::From)? {
            true => self.separated(Parser::table_expression)?,
            false => &[],
        };
        let condition = self.optional_after(Keyword::Where)?;
        let group = self.group_by()?;
        let having = self.optional_after(Keyword::Having)?;
        let windows = match self.eat_keyword(Keyword::Window)? {
            true => self.separated(Parser::named_window)?,
            false => &[],
        };
        Ok(Select { distinct, targets, into, from, condition, group, having, windows, position })
    }

    /// An expression behind a key word, if the word stands here.
    pub(crate) fn optional_after(&mut self, word: Keyword) -> SyntaxResult<Option<Expression<'a>>> {
        match self.eat_keyword(word)? {
            true => self.expression().map(Some),
            false => Ok(None),
        }
    }

    fn distinct(&mut self) -> SyntaxResult<Distinct<'a>> {
        if self.eat_keyword(Keyword::All)? || !self.eat_keyword(Keyword::Distinct)? {
            return Ok(Distinct::No);
        }
        match self.eat_keyword(Keyword::On)? {
            true => Ok(Distinct::On(self.parenthesised(Parser::expression)?)),
            false => Ok(Distinct::Rows),
        }
    }

    /// The select list, which may be empty, but not behind `DISTINCT`.
    fn targets(&mut self, distinct: Distinct<'a>) -> SyntaxResult<&'a [Target<'a>]> {
        let ends = match self.kind() {
            TokenKind::End | TokenKind::Semicolon | TokenKind::RightParenthesis => true,
            TokenKind::Keyword(keyword) => matches!(
                keyword,
                Keyword::Into
                    | Keyword::From
                    | Keyword::Where
                    | Keyword::Group
                    | Keyword::Having
                    | Keyword::Window
                    | Keyword::Union
                    | Keyword::Intersect
                    | Keyword::Except
                    | Keyword::Order
                    | Keyword::Limit
                    | Keyword::Offset
                    | Keyword::Fetch
                    | Keyword::For
                    | Keyword::On
                    | Keyword::Returning
                    | Keyword::With
            ),
            _ => false,
        };
        match ends && distinct == Distinct::No {
            true => Ok(&[]),
            false => self.separated(Parser::target),
        }
    }

    /// An entry of a select list or of `RETURNING`.
    pub(crate) fn target(&mut self) -> SyntaxResult<Target<'a>> {
        if self.at(TokenKind::Star) {
            let position = self.take()?.start;
            return Ok(Target {
                expression: Expression { kind: ExpressionKind::Star(&[]), position },
                label: None,
            });
        }
        let expression = self.expression_before(Behind::Label)?;
        let label = match self.eat_keyword(Keyword::As)? {
            true => Some(self.label()?),
            false => self.bare_label()?,
        };
        Ok(Target { expression, label })
    }

    /// What `INTO` makes (`OptTempTableName`).
    pub(crate) fn table_after_into(&mut self) -> SyntaxResult<IntoTable<'a>> {
        let mut persistence = Persistence::Permanent;
        if !self.at_keyword(Keyword::Table) {
            if self.at_keyword(Keyword::Local) || self.at_keyword(Keyword::Global) {
                let goes_on =
                    matches!(self.next()?.kind, TokenKind::Keyword(Keyword::Temporary | Keyword::Temp));
                if goes_on {
                    self.take()?;
                }
            }
            let is_word = self.next()?.kind != TokenKind::Dot;
            match self.kind() {
                TokenKind::Keyword(Keyword::Temporary | Keyword::Temp)
                    if is_word && self.table_follows()? =>
                {
                    self.take()?;
                    persistence = Persistence::Temporary;
                }
                TokenKind::Keyword(Keyword::Unlogged) if is_word && self.table_follows()? => {
                    self.take()?;
                    persistence = Persistence::Unlogged;
                }
                _ => {}
            }
        }
        self.eat_keyword(Keyword::Table)?;
        Ok(IntoTable { name: self.relation_name()?, persistence })
    }

    /// Whether `TABLE` or a name follows the current word, so that the word is no name itself.
    fn table_follows(&mut self) -> SyntaxResult<bool> {
        let next = self.next()?;
        let table = next.kind == TokenKind::Keyword(Keyword::Table);
        Ok(table || Parser::is_name(next, &[crate::keyword::KeywordClass::ColumnName]))
    }

    fn group_by(&mut self) -> SyntaxResult<GroupBy<'a>> {
        if !self.eat_keyword(Keyword::Group)? {
            return Ok(GroupBy { distinct: false, items: &[] });
        }
        self.expect_keyword(Keyword::By)?;
        let distinct = self.eat_keyword(Keyword::Distinct)?;
        if !distinct {
            self.eat_keyword(Keyword::All)?;
        }
        Ok(GroupBy { distinct, items: self.separated(Parser::group_item)? })
    }

    fn group_item(&mut self) -> SyntaxResult<GroupItem<'a>> {
        let position = self.position();
        let opens = self.next()?.kind == TokenKind::LeftParenthesis;
        match self.kind() {
            TokenKind::LeftParenthesis if self.next()?.kind == TokenKind::RightParenthesis => {
                self.take()?;
                self.take()?;
                Ok(GroupItem::Empty(position))
            }
            TokenKind::Keyword(Keyword::Rollup) if opens => {
                self.take()?;
                Ok(GroupItem::Rollup(self.parenthesised(Parser::expression)?, position))
            }
            TokenKind::Keyword(Keyword::Cube) if opens => {
                self.take()?;
                Ok(GroupItem::Cube(self.parenthesised(Parser::expression)?, position))
            }
            TokenKind::Keyword(Keyword::Grouping)
                if self.next()?.kind == TokenKind::Keyword(Keyword::Sets) =>
            {
                self.take()?;
                self.take()?;
                let sets = self.deeper(|parser| parser.parenthesised(Parser::group_item))?;
                Ok(GroupItem::Sets(sets, position))
            }
            _ => Ok(GroupItem::Expression(self.expression()?)),
        }
    }

    fn named_window(&mut self) -> SyntaxResult<NamedWindow<'a>> {
        let name = self.name()?;
        self.expect_keyword(Keyword::As)?;
        Ok(NamedWindow { name, window: self.window()? })
    }

    /// `ORDER BY …`, if it stands here.
    pub(crate) fn order_by(&mut self) -> SyntaxResult<&'a [SortKey<'a>]> {
        if !self.eat_keyword(Keyword::Order)? {
            return Ok(&[]);
        }
        self.expect_keyword(Keyword::By)?;
        self.separated(Parser::sort_key)
    }

    fn sort_key(&mut self) -> SyntaxResult<SortKey<'a>> {
        let expression = self.expression()?;
        let direction = match self.kind() {
            TokenKind::Keyword(Keyword::Using) => {
                self.take()?;
                SortDirection::Using(self.operator()?)
            }
            TokenKind::Keyword(Keyword::Asc) => {
                self.take()?;
                SortDirection::Ascending
            }
            TokenKind::Keyword(Keyword::Desc) => {
                self.take()?;
                SortDirection::Descending
            }
            _ => SortDirection::Default,
        };
        Ok(SortKey { expression, direction, nulls: self.nulls_order()? })
    }

    /// `NULLS FIRST`, `NULLS LAST`
    pub(crate) fn nulls_order(&mut self) -> SyntaxResult<Option<NullsOrder>> {
        if self.eat_keywords(Keyword::Nulls, Keyword::First)? {
            return Ok(Some(NullsOrder::First));
        }
        if self.eat_keywords(Keyword::Nulls, Keyword::Last)? {
            return Ok(Some(NullsOrder::Last));
        }
        Ok(None)
    }

    /// What stands behind a body; limits and locks in either order.
    fn tail(&mut self) -> SyntaxResult<Tail<'a>> {
        let order = self.order_by()?;
        let mut tail = Tail { order, limit: None, offset: None, locking: &[] };
        self.locks(&mut tail)?;
        self.limits(&mut tail)?;
        if tail.locking.is_empty() {
            self.locks(&mut tail)?;
        }
        if matches!(tail.limit, Some(Limit::WithTies(_))) {
            let skips = tail.locking.iter().find(|lock| lock.wait == LockWait::Skip);
            match skips {
                _ if tail.order.is_empty() => return Err(self.refused_without_place(Rule::TiesWithoutOrder)),
                Some(_) => return Err(self.refused_without_place(Rule::TiesWithSkipLocked)),
                None => {}
            }
        }
        Ok(tail)
    }

    fn limits(&mut self, tail: &mut Tail<'a>) -> SyntaxResult<()> {
        loop {
            match self.kind() {
                TokenKind::Keyword(Keyword::Limit) if tail.limit.is_none() => {
                    let word = self.take()?.start;
                    let position = self.position();
                    tail.limit = Some(match self.eat_keyword(Keyword::All)? {
                        true => Limit::All(position),
                        false => Limit::Rows(self.expression()?),
                    });
                    if self.eat(TokenKind::Comma)? {
                        self.expression()?;
                        return Err(self.refused(Rule::LimitWithComma, word));
                    }
                }
                TokenKind::Keyword(Keyword::Fetch) if tail.limit.is_none() => {
                    tail.limit = Some(self.fetch()?)
                }
                TokenKind::Keyword(Keyword::Offset) if tail.offset.is_none() => {
                    self.take()?;
                    tail.offset = Some(self.expression()?);
                    if !self.eat_keyword(Keyword::Row)? {
                        self.eat_keyword(Keyword::Rows)?;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// `FETCH FIRST n ROWS ONLY`: one row if no number is written.
    fn fetch(&mut self) -> SyntaxResult<Limit<'a>> {
        self.take()?;
        if !self.eat_keyword(Keyword::First)? {
            self.expect_keyword(Keyword::Next)?;
        }
        let position = self.position();
        // Either word may be a column, too, if one of them follows.
        let is_word = |kind| matches!(kind, TokenKind::Keyword(Keyword::Row | Keyword::Rows));
        let count = match is_word(self.kind()) && !is_word(self.next()?.kind) {
            true => Expression { kind: ExpressionKind::Integer(1), position },
            false => self.fetch_count()?,
        };
        if !self.eat_keyword(Keyword::Row)? {
            self.expect_keyword(Keyword::Rows)?;
        }
        if self.eat_keyword(Keyword::Only)? {
            return Ok(Limit::Rows(count));
        }
        self.expect_keyword(Keyword::With)?;
        self.expect_keyword(Keyword::Ties)?;
        Ok(Limit::WithTies(count))
    }

    /// An operand without operators, or a signed number (`select_fetch_first_value`).
    fn fetch_count(&mut self) -> SyntaxResult<Expression<'a>> {
        match self.kind() {
            TokenKind::Plus | TokenKind::Minus => self.signed_number(),
            _ => self.primary(),
        }
    }

    fn locks(&mut self, tail: &mut Tail<'a>) -> SyntaxResult<()> {
        let mut locking = self.list();
        while self.at_keyword(Keyword::For) {
            let position = self.take()?.start;
            // `FOR READ ONLY` says what is so anyway.
            if self.eat_keyword(Keyword::Read)? {
                self.expect_keyword(Keyword::Only)?;
                continue;
            }
            let strength = self.lock_strength()?;
            let of = match self.eat_keyword(Keyword::Of)? {
                true => self.separated(Parser::relation_name)?,
                false => &[],
            };
            let wait = match self.kind() {
                TokenKind::Keyword(Keyword::Nowait) => {
                    self.take()?;
                    LockWait::Error
                }
                TokenKind::Keyword(Keyword::Skip) => {
                    self.take()?;
                    self.expect_keyword(Keyword::Locked)?;
                    LockWait::Skip
                }
                _ => LockWait::Block,
            };
            locking.push(Locking { strength, of, wait, position });
        }
        tail.locking = locking.into_bump_slice();
        Ok(())
    }

    fn lock_strength(&mut self) -> SyntaxResult<LockStrength> {
        let strength = match self.kind() {
            TokenKind::Keyword(Keyword::Update) => LockStrength::Update,
            TokenKind::Keyword(Keyword::Share) => LockStrength::Share,
            TokenKind::Keyword(Keyword::No) => {
                self.take()?;
                self.expect_keyword(Keyword::Key)?;
                self.expect_keyword(Keyword::Update)?;
                return Ok(LockStrength::NoKeyUpdate);
            }
            TokenKind::Keyword(Keyword::Key) => {
                self.take()?;
                self.expect_keyword(Keyword::Share)?;
                return Ok(LockStrength::KeyShare);
            }
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(strength)
    }
}

/// Queries that the text stands for without saying them.
impl<'a> Parser<'a> {
    /// A query of one value without a name: what `RETURN` in a routine's body is.
    pub(super) fn query_of_value(&self, expression: Expression<'a>, position: u32) -> &'a Query<'a> {
        let targets = std::slice::from_ref(self.boxed(Target { expression, label: None }));
        self.plain_query(None, targets, &[], position)
    }

    /// `WITH RECURSIVE name (columns) AS (query) SELECT columns FROM name`: what a recursive view shows.
    pub(super) fn query_of_recursive_view(
        &self,
        name: Name<'a>,
        columns: &'a [Name<'a>],
        query: &'a Query<'a>,
    ) -> &'a Query<'a> {
        let position = query.position;
        let whole = Statement { kind: StatementKind::Query(query), start: position, end: position };
        let table =
            CommonTable { name, columns, materialized: None, statement: whole, search: None, cycle: None };
        let tables = std::slice::from_ref(self.boxed(table));
        let shown = columns.iter().map(|column| {
            let parts = std::slice::from_ref(column);
            let expression = Expression {
                kind: ExpressionKind::Column(QualifiedName { parts }),
                position: column.position,
            };
            Target { expression, label: None }
        });
        let mut targets = self.list();
        targets.extend(shown);
        let relation =
            Relation { name: QualifiedName { parts: std::slice::from_ref(self.boxed(name)) }, only: false };
        let from = self.boxed(TableExpression::Relation { relation, alias: None, sample: None });
        let with = With { recursive: true, tables, position };
        self.plain_query(Some(with), targets.into_bump_slice(), std::slice::from_ref(from), position)
    }

    fn plain_query(
        &self,
        with: Option<With<'a>>,
        targets: &'a [Target<'a>],
        from: &'a [TableExpression<'a>],
        position: u32,
    ) -> &'a Query<'a> {
        let select = Select {
            distinct: Distinct::No,
            targets,
            into: None,
            from,
            condition: None,
            group: GroupBy { distinct: false, items: &[] },
            having: None,
            windows: &[],
            position,
        };
        let body = QueryBody::Select(self.boxed(select));
        let tail = Tail { order: &[], limit: None, offset: None, locking: &[] };
        self.boxed(query(with, body, tail, position))
    }
}

fn query<'a>(with: Option<With<'a>>, body: QueryBody<'a>, tail: Tail<'a>, position: u32) -> Query<'a> {
    let Tail { order, limit, offset, locking } = tail;
    Query { with, body, order, limit, offset, locking, position }
}

/// A query in parentheses as a body: the parentheses go where nothing but them holds it together.
fn nested<'a>(inner: &'a Query<'a>) -> QueryBody<'a> {
    let bare = inner.with.is_none()
        && inner.order.is_empty()
        && inner.limit.is_none()
        && inner.offset.is_none()
        && inner.locking.is_empty();
    if bare { inner.body } else { QueryBody::Nested(inner) }
}
