//! What operators stand between: literals, columns, calls, rows, arrays, subqueries, everything in parentheses.
//!
//! A parenthesis may open a query, a row, an argument list or a mere grouping, and which one it was shows only later:
//! `((SELECT 1) + 1)`, `((SELECT 1) UNION SELECT 2)`, `((SELECT 1))`. Nothing is read twice: what has been read is handed
//! on as the beginning of whatever it turns out to be.

use super::Parser;
use crate::error::{SyntaxResult, TokenProblem};
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::TokenKind;
use crate::tree::expression::{CaseArm, Expression, ExpressionKind, Indirection, SqlValue};
use crate::tree::type_name::TypeNameKind;
use crate::tree::{Name, QualifiedName, Query};

/// What parentheses held.
pub(crate) enum Parenthesised<'a> {
    /// A query.
    Query(&'a Query<'a>),
    /// Expressions, at least one.
    Expressions(&'a [Expression<'a>]),
}

impl<'a> Parser<'a> {
    /// An operand without operators (`c_expr` of PostgreSQL's grammar).
    pub(super) fn primary(&mut self) -> SyntaxResult<Expression<'a>> {
        let token = self.current();
        let position = token.start;
        let kind = match token.kind {
            TokenKind::Integer(value) => ExpressionKind::Integer(value),
            TokenKind::Decimal => ExpressionKind::Decimal(token.text),
            TokenKind::String => ExpressionKind::String(token.text),
            TokenKind::BitString => ExpressionKind::BitString(token.text),
            TokenKind::HexString => ExpressionKind::HexString(token.text),
            TokenKind::Parameter(number) => {
                self.take()?;
                let parameter = Expression { kind: ExpressionKind::Parameter(number), position };
                return self.with_indirection(parameter);
            }
            TokenKind::LeftParenthesis => return self.grouped(),
            TokenKind::Identifier => return self.named(),
            TokenKind::Keyword(keyword) => return self.keyword_primary(keyword, position),
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(Expression { kind, position })
    }

    /// What begins with a key word.
    fn keyword_primary(&mut self, keyword: Keyword, position: u32) -> SyntaxResult<Expression<'a>> {
        let simple = match keyword {
            Keyword::Null => Some(ExpressionKind::Null),
            Keyword::True => Some(ExpressionKind::Boolean(true)),
            Keyword::False => Some(ExpressionKind::Boolean(false)),
            _ => None,
        };
        if let Some(kind) = simple {
            self.take()?;
            return Ok(Expression { kind, position });
        }
        if keyword == Keyword::Nulls && self.introduces()? {
            return Err(self.unexpected());
        }
        match keyword {
            Keyword::Case => self.case(),
            Keyword::Array => self.array(),
            Keyword::Cast => self.cast(),
            Keyword::CurrentDate
            | Keyword::CurrentTime
            | Keyword::CurrentTimestamp
            | Keyword::Localtime
            | Keyword::Localtimestamp
            | Keyword::CurrentRole
            | Keyword::CurrentUser
            | Keyword::User
            | Keyword::SessionUser
            | Keyword::CurrentCatalog
            | Keyword::CurrentSchema => self.sql_value(keyword, position),
            Keyword::Collation if self.next()?.kind == TokenKind::Keyword(Keyword::For) => {
                self.collation_for()
            }
            Keyword::Double
                if self.next()?.kind == TokenKind::Keyword(Keyword::Precision)
                    && self.third()?.kind == TokenKind::String =>
            {
                self.double_literal()
            }
            _ => match keyword.class() {
                KeywordClass::ColumnName => self.column_name_keyword(keyword),
                KeywordClass::Unreserved | KeywordClass::TypeOrFunctionName => self.named(),
                KeywordClass::Reserved => Err(self.unexpected()),
            },
        }
    }

    /// A key word that may name a column, or introduces a syntax of its own.
    fn column_name_keyword(&mut self, keyword: Keyword) -> SyntaxResult<Expression<'a>> {
        let opens = self.next()?.kind == TokenKind::LeftParenthesis;
        match keyword {
            Keyword::Exists if opens => {
                let position = self.take()?.start;
                let query = self.parenthesised_query()?;
                Ok(Expression { kind: ExpressionKind::Exists(query), position })
            }
            Keyword::Row if opens => self.explicit_row(),
            Keyword::Grouping if opens => {
                let position = self.take()?.start;
                let list = self.parenthesised(Parser::expression)?;
                Ok(Expression { kind: ExpressionKind::Grouping(list), position })
            }
            _ if opens && self.has_call_syntax(keyword) => self.special_function(keyword),
            _ => match self.literal_of_keyword_type(keyword)? {
                Some(literal) => Ok(literal),
                None => self.named(),
            },
        }
    }

    /// A column whose first name has been read: more names, a star, subscripts.
    pub(super) fn column_from(&mut self, first: Name<'a>) -> SyntaxResult<Expression<'a>> {
        let position = first.position;
        let mut names = self.list();
        names.push(first);
        while self.at(TokenKind::Dot) {
            if self.next()?.kind == TokenKind::Star {
                self.take()?;
                self.take()?;
                self.nothing_behind_star()?;
                return Ok(Expression { kind: ExpressionKind::Star(names.into_bump_slice()), position });
            }
            self.take()?;
            names.push(self.label()?);
        }
        let parts = names.into_bump_slice();
        let column = Expression { kind: ExpressionKind::Column(QualifiedName { parts }), position };
        self.with_indirection(column)
    }

    /// Refuses fields and subscripts behind a star, which are read first.
    pub(super) fn nothing_behind_star(&mut self) -> SyntaxResult<()> {
        if !self.at(TokenKind::Dot) && !self.at(TokenKind::LeftBracket) {
            return Ok(());
        }
        self.indirection()?;
        Err(self.problem_here(TokenProblem::ImproperStar))
    }

    /// An expression with the fields and subscripts that stand behind it.
    pub(super) fn with_indirection(&mut self, base: Expression<'a>) -> SyntaxResult<Expression<'a>> {
        let path = self.checked_indirection()?;
        if path.is_empty() {
            return Ok(base);
        }
        let position = base.position;
        Ok(Expression { kind: ExpressionKind::Indirection { base: self.boxed(base), path }, position })
    }

    /// `.field`, `.*`, `[subscript]`, `[from:to]`, as many as there are.
    pub(crate) fn indirection(&mut self) -> SyntaxResult<&'a [Indirection<'a>]> {
        let mut path = self.list();
        loop {
            match self.kind() {
                TokenKind::Dot => {
                    self.take()?;
                    if self.at(TokenKind::Star) {
                        path.push(Indirection::Star(self.take()?.start));
                    } else {
                        path.push(Indirection::Field(self.label()?));
                    }
                }
                TokenKind::LeftBracket => path.push(self.subscript()?),
                _ => return Ok(path.into_bump_slice()),
            }
        }
    }

    /// The same, where a star may only stand at the end.
    pub(crate) fn checked_indirection(&mut self) -> SyntaxResult<&'a [Indirection<'a>]> {
        let path = self.indirection()?;
        let inner = path.split_last().map_or(&[][..], |(_, inner)| inner);
        match inner.iter().any(|step| matches!(step, Indirection::Star(_))) {
            true => Err(self.problem_here(TokenProblem::ImproperStar)),
            false => Ok(path),
        }
    }

    fn subscript(&mut self) -> SyntaxResult<Indirection<'a>> {
        self.expect(TokenKind::LeftBracket)?;
        let from = match self.at(TokenKind::Colon) {
            true => None,
            false => Some(self.boxed_expression()?),
        };
        if let Some(index) = from
            && self.eat(TokenKind::RightBracket)?
        {
            return Ok(Indirection::Subscript(index));
        }
        self.expect(TokenKind::Colon)?;
        let to = match self.at(TokenKind::RightBracket) {
            true => None,
            false => Some(self.boxed_expression()?),
        };
        self.expect(TokenKind::RightBracket)?;
        Ok(Indirection::Slice(from, to))
    }

    /// An expression, boxed.
    pub(crate) fn boxed_expression(&mut self) -> SyntaxResult<&'a Expression<'a>> {
        let expression = self.expression()?;
        Ok(self.boxed(expression))
    }

    /// Parentheses as an operand: a grouping, a row, a subquery.
    fn grouped(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.position();
        let opened = self.parenthesised_operand()?;
        self.operand_of(opened, position)
    }

    /// What parentheses mean as an operand, with what stands behind them.
    fn operand_of(&mut self, opened: Parenthesised<'a>, position: u32) -> SyntaxResult<Expression<'a>> {
        match opened {
            Parenthesised::Query(query) => {
                self.with_indirection(Expression { kind: ExpressionKind::Subquery(query), position })
            }
            Parenthesised::Expressions([one]) => self.with_indirection(*one),
            Parenthesised::Expressions(fields) => {
                let row = Expression { kind: ExpressionKind::Row { fields, explicit: false }, position };
                self.overlaps(row)
            }
        }
    }

    /// Everything from a parenthesis to the one that closes it: a query, or expressions.
    pub(super) fn parenthesised_operand(&mut self) -> SyntaxResult<Parenthesised<'a>> {
        self.parenthesised_as(true)
    }

    /// The same; `many` expressions or one.
    pub(super) fn parenthesised_as(&mut self, many: bool) -> SyntaxResult<Parenthesised<'a>> {
        self.deeper(|parser| {
            parser.expect(TokenKind::LeftParenthesis)?;
            let held = parser.parenthesised_contents(many)?;
            parser.expect(TokenKind::RightParenthesis)?;
            Ok(held)
        })
    }

    fn parenthesised_contents(&mut self, many: bool) -> SyntaxResult<Parenthesised<'a>> {
        if self.at_query()? {
            let query = self.query()?;
            return Ok(Parenthesised::Query(self.boxed(query)));
        }
        if !self.at(TokenKind::LeftParenthesis) {
            if many {
                return Ok(Parenthesised::Expressions(self.separated(Parser::expression)?));
            }
            let one = self.boxed_expression()?;
            return Ok(Parenthesised::Expressions(std::slice::from_ref(one)));
        }
        let position = self.position();
        let first = match self.parenthesised_operand()? {
            Parenthesised::Query(query) if self.at(TokenKind::RightParenthesis) => {
                return Ok(Parenthesised::Query(query));
            }
            Parenthesised::Query(query) if self.at_query_continuation() => {
                let whole = self.query_from(query)?;
                return Ok(Parenthesised::Query(self.boxed(whole)));
            }
            opened => self.operand_of(opened, position)?,
        };
        let mut list = self.list();
        list.push(self.expression_from(first)?);
        while many && self.eat(TokenKind::Comma)? {
            list.push(self.expression()?);
        }
        Ok(Parenthesised::Expressions(list.into_bump_slice()))
    }

    /// A query in parentheses, where only one may stand (`select_with_parens`).
    pub(crate) fn parenthesised_query(&mut self) -> SyntaxResult<&'a Query<'a>> {
        self.deeper(|parser| {
            parser.expect(TokenKind::LeftParenthesis)?;
            let query = match parser.at(TokenKind::LeftParenthesis) {
                true => {
                    let inner = parser.parenthesised_query()?;
                    match parser.at_query_continuation() {
                        true => {
                            let whole = parser.query_from(inner)?;
                            parser.boxed(whole)
                        }
                        false => inner,
                    }
                }
                false => {
                    let query = parser.query()?;
                    parser.boxed(query)
                }
            };
            parser.expect(TokenKind::RightParenthesis)?;
            Ok(query)
        })
    }

    /// `ROW(…)`
    fn explicit_row(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.position();
        let fields = self.row_fields()?;
        let row = Expression { kind: ExpressionKind::Row { fields, explicit: true }, position };
        self.overlaps(row)
    }

    fn row_fields(&mut self) -> SyntaxResult<&'a [Expression<'a>]> {
        self.expect_keyword(Keyword::Row)?;
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat(TokenKind::RightParenthesis)? {
            return Ok(&[]);
        }
        let fields = self.separated(Parser::expression)?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(fields)
    }

    /// The fields of a row, written with the word or without it: at least two then.
    pub(super) fn primary_row(&mut self) -> SyntaxResult<&'a [Expression<'a>]> {
        if self.at_keyword(Keyword::Row) {
            return self.row_fields();
        }
        if self.at(TokenKind::LeftParenthesis)
            && matches!(
                self.next()?.kind,
                TokenKind::Keyword(Keyword::Select | Keyword::With | Keyword::Table)
            )
        {
            self.take()?;
            return Err(self.unexpected());
        }
        match self.parenthesised_operand()? {
            Parenthesised::Expressions(fields) if fields.len() > 1 => Ok(fields),
            Parenthesised::Expressions(_) | Parenthesised::Query(_) => Err(self.unexpected()),
        }
    }

    /// `CASE … END`
    fn case(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.take()?.start;
        let operand = match self.at_keyword(Keyword::When) {
            true => None,
            false => Some(self.boxed_expression()?),
        };
        let mut arms = self.list();
        loop {
            let position = self.expect_keyword(Keyword::When)?.start;
            let when = self.expression()?;
            self.expect_keyword(Keyword::Then)?;
            let then = self.expression()?;
            arms.push(CaseArm { when, then, position });
            if !self.at_keyword(Keyword::When) {
                break;
            }
        }
        let otherwise = match self.eat_keyword(Keyword::Else)? {
            true => Some(self.boxed_expression()?),
            false => None,
        };
        self.expect_keyword(Keyword::End)?;
        let arms = arms.into_bump_slice();
        Ok(Expression { kind: ExpressionKind::Case { operand, arms, otherwise }, position })
    }

    /// `ARRAY[…]` or `ARRAY(SELECT …)`
    fn array(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.take()?.start;
        if self.at(TokenKind::LeftParenthesis) {
            let query = self.parenthesised_query()?;
            return Ok(Expression { kind: ExpressionKind::ArraySubquery(query), position });
        }
        let array = self.array_elements()?;
        Ok(Expression { position, ..array })
    }

    /// `[…]`: expressions, or arrays of the next dimension.
    fn array_elements(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.position();
        let elements = self.deeper(|parser| {
            parser.expect(TokenKind::LeftBracket)?;
            let elements: &'a [Expression<'a>] = match parser.kind() {
                TokenKind::RightBracket => &[],
                TokenKind::LeftBracket => parser.separated(Parser::array_elements)?,
                _ => parser.separated(Parser::expression)?,
            };
            parser.expect(TokenKind::RightBracket)?;
            Ok(elements)
        })?;
        Ok(Expression { kind: ExpressionKind::Array(elements), position })
    }

    /// `CURRENT_DATE` and its like.
    fn sql_value(&mut self, keyword: Keyword, position: u32) -> SyntaxResult<Expression<'a>> {
        self.take()?;
        let (value, takes_precision) = match keyword {
            Keyword::CurrentTime => (SqlValue::CurrentTime, true),
            Keyword::CurrentTimestamp => (SqlValue::CurrentTimestamp, true),
            Keyword::Localtime => (SqlValue::LocalTime, true),
            Keyword::Localtimestamp => (SqlValue::LocalTimestamp, true),
            Keyword::CurrentRole => (SqlValue::CurrentRole, false),
            Keyword::CurrentUser => (SqlValue::CurrentUser, false),
            Keyword::User => (SqlValue::User, false),
            Keyword::SessionUser => (SqlValue::SessionUser, false),
            Keyword::CurrentCatalog => (SqlValue::CurrentCatalog, false),
            Keyword::CurrentSchema => (SqlValue::CurrentSchema, false),
            // The caller has seen one of the eleven words.
            _ => (SqlValue::CurrentDate, false),
        };
        // `current_schema` names a function, too.
        if value == SqlValue::CurrentSchema && self.at(TokenKind::LeftParenthesis) {
            return self.call_of(Name { text: keyword.text(), position });
        }
        if value == SqlValue::CurrentSchema && self.at(TokenKind::String) {
            let name = self.boxed(Name { text: keyword.text(), position });
            let name = QualifiedName { parts: std::slice::from_ref(name) };
            return self.literal_of(TypeNameKind::Named(name), &[], position);
        }
        let precision = match takes_precision && self.eat(TokenKind::LeftParenthesis)? {
            true => {
                let precision = self.integer()?;
                self.expect(TokenKind::RightParenthesis)?;
                Some(precision)
            }
            false => None,
        };
        Ok(Expression { kind: ExpressionKind::SqlValue(value, precision), position })
    }

    /// An unsigned integer of 32 bits (`Iconst`).
    pub(crate) fn integer(&mut self) -> SyntaxResult<i32> {
        match self.kind() {
            TokenKind::Integer(value) => {
                self.take()?;
                Ok(value)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// A number with a sign (`NumericOnly`).
    pub(crate) fn signed_number(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.position();
        let negative = self.eat(TokenKind::Minus)?;
        if !negative {
            self.eat(TokenKind::Plus)?;
        }
        let token = self.current();
        let kind = match token.kind {
            TokenKind::Integer(value) => ExpressionKind::Integer(if negative { -value } else { value }),
            TokenKind::Decimal if negative => {
                ExpressionKind::Decimal(self.arena.alloc_str(&format!("-{}", token.text)))
            }
            TokenKind::Decimal => ExpressionKind::Decimal(token.text),
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(Expression { kind, position })
    }

    /// A literal (`AexprConst`): what `CYCLE` marks rows with.
    pub(super) fn constant(&mut self) -> SyntaxResult<Expression<'a>> {
        let token = self.current();
        let expression = self.primary()?;
        match expression.kind {
            ExpressionKind::Integer(_)
            | ExpressionKind::Decimal(_)
            | ExpressionKind::String(_)
            | ExpressionKind::BitString(_)
            | ExpressionKind::HexString(_)
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Null => Ok(expression),
            ExpressionKind::Cast { syntax: crate::tree::expression::CastSyntax::Literal, .. } => {
                Ok(expression)
            }
            // A name begins a literal, too: the string is what is missing.
            ExpressionKind::Column(_) | ExpressionKind::Call(_) => Err(self.unexpected()),
            ExpressionKind::Parameter(_)
            | ExpressionKind::Default
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
            | ExpressionKind::Cast { .. }
            | ExpressionKind::Collate { .. }
            | ExpressionKind::AtTimeZone { .. }
            | ExpressionKind::SqlValue(..)
            | ExpressionKind::Case { .. }
            | ExpressionKind::Coalesce(_)
            | ExpressionKind::NullIf(..)
            | ExpressionKind::Greatest(_)
            | ExpressionKind::Least(_)
            | ExpressionKind::Row { .. }
            | ExpressionKind::Array(_)
            | ExpressionKind::ArraySubquery(_)
            | ExpressionKind::Exists(_)
            | ExpressionKind::Subquery(_)
            | ExpressionKind::Grouping(_)
            | ExpressionKind::CurrentOf(_)
            | ExpressionKind::Xml(..) => Err(self.unexpected_at(token.start)),
        }
    }
}
