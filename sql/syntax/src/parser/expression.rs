//! Expressions: operators by their binding powers.
//!
//! The powers are those of PostgreSQL's grammar (documentation, 4.1.6). An operator that does not associate refuses a
//! neighbour of its own power when an operand stands between them: `a < b < c` is an error, `a IS NULL IS NULL` is none.
//! Prefix operators bind their operand by their own power wherever they stand: `1 + NOT a = b` is `1 + (NOT (a = b))`.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::expression::{
    CallSyntax, Expression, ExpressionKind, IsTest, Matching, NormalForm, Operator, QuantifiedOperand,
    Quantifier,
};
use crate::tree::{Name, QualifiedName};

/// Binding powers, weakest first.
mod power {
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const NOT: u8 = 3;
    pub(super) const IS: u8 = 4;
    pub(super) const COMPARISON: u8 = 5;
    pub(super) const MATCH: u8 = 6;
    pub(super) const OPERATOR: u8 = 8;
    pub(super) const SUM: u8 = 9;
    pub(super) const PRODUCT: u8 = 10;
    pub(super) const EXPONENT: u8 = 11;
    pub(super) const AT_TIME_ZONE: u8 = 12;
    pub(super) const COLLATE: u8 = 13;
    pub(super) const SIGN: u8 = 14;
    pub(super) const CAST: u8 = 17;
}

/// Which operators an expression may have at its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    /// All of them (`a_expr` of PostgreSQL's grammar).
    Full,
    /// None that a key word introduces, but for `IS DISTINCT FROM` and `IS DOCUMENT` (`b_expr`): what may stand where
    /// such a word goes on with something else, as the `AND` of `BETWEEN` does.
    Restricted,
}

/// What may stand behind an expression that begins like an operator of its top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// Nothing.
    Nothing,
    /// A label without `AS`: a word that could be an operator is the label where the entry ends behind it
    /// (`SELECT a and FROM t`).
    Label,
    /// `SIMILAR` without `TO`, in `SUBSTRING`.
    Similar,
}

impl<'a> Parser<'a> {
    /// An expression.
    pub(crate) fn expression(&mut self) -> SyntaxResult<Expression<'a>> {
        self.operand(0, Grade::Full)
    }

    /// An expression behind which a word may stand that could be an operator, too.
    pub(super) fn expression_before(&mut self, behind: Behind) -> SyntaxResult<Expression<'a>> {
        self.deeper(|parser| {
            let left = parser.prefixed(Grade::Full)?;
            parser.operators(left, 0, Grade::Full, behind)
        })
    }

    /// An expression without the operators that key words introduce.
    pub(crate) fn restricted_expression(&mut self) -> SyntaxResult<Expression<'a>> {
        self.operand(0, Grade::Restricted)
    }

    /// An expression that begins with `left`, which has been read already.
    pub(crate) fn expression_from(&mut self, left: Expression<'a>) -> SyntaxResult<Expression<'a>> {
        self.operators(left, 0, Grade::Full, Behind::Nothing)
    }

    /// What binds at least as strongly as `least`.
    fn operand(&mut self, least: u8, grade: Grade) -> SyntaxResult<Expression<'a>> {
        self.deeper(|parser| {
            let left = parser.prefixed(grade)?;
            parser.operators(left, least, grade, Behind::Nothing)
        })
    }

    fn boxed_operand(&mut self, least: u8, grade: Grade) -> SyntaxResult<&'a Expression<'a>> {
        let operand = self.operand(least, grade)?;
        Ok(self.boxed(operand))
    }

    /// A prefix operator with its operand, or what has none.
    fn prefixed(&mut self, grade: Grade) -> SyntaxResult<Expression<'a>> {
        let position = self.position();
        match self.kind() {
            TokenKind::Plus => {
                let operator = self.plain_operator("+")?;
                let right = self.boxed_operand(power::SIGN, grade)?;
                Ok(Expression {
                    kind: ExpressionKind::Operation { operator: self.boxed(operator), left: None, right },
                    position,
                })
            }
            TokenKind::Minus => {
                let operator = self.plain_operator("-")?;
                let right = self.boxed_operand(power::SIGN, grade)?;
                Ok(self.negated(operator, right))
            }
            TokenKind::Operator => self.prefix_operation(grade),
            TokenKind::Keyword(Keyword::Operator) if self.next()?.kind == TokenKind::LeftParenthesis => {
                self.prefix_operation(grade)
            }
            TokenKind::Keyword(Keyword::Unique) if grade == Grade::Full => self.unique(),
            TokenKind::Keyword(Keyword::Default) if grade == Grade::Full => {
                self.take()?;
                Ok(Expression { kind: ExpressionKind::Default, position })
            }
            TokenKind::Keyword(Keyword::Not) if grade == Grade::Full => {
                self.take_plain()?;
                let operand = self.boxed_operand(power::NOT, grade)?;
                Ok(Expression { kind: ExpressionKind::Not(operand), position })
            }
            _ => self.primary(),
        }
    }

    fn prefix_operation(&mut self, grade: Grade) -> SyntaxResult<Expression<'a>> {
        let operator = self.operator()?;
        let right = self.boxed_operand(power::OPERATOR + 1, grade)?;
        let position = operator.position;
        Ok(Expression {
            kind: ExpressionKind::Operation { operator: self.boxed(operator), left: None, right },
            position,
        })
    }

    /// A number behind a minus sign is a negative number, so that the least integers can be written.
    fn negated(&self, operator: Operator<'a>, right: &'a Expression<'a>) -> Expression<'a> {
        let kind = match right.kind {
            // At most 2,147,483,647, so its opposite fits, too.
            ExpressionKind::Integer(value) => ExpressionKind::Integer(-value),
            ExpressionKind::Decimal(digits) => ExpressionKind::Decimal(match digits.strip_prefix('-') {
                Some(positive) => positive,
                None => self.arena.alloc_str(&format!("-{digits}")),
            }),
            ExpressionKind::Null
            | ExpressionKind::Boolean(_)
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
            | ExpressionKind::Cast { .. }
            | ExpressionKind::Collate { .. }
            | ExpressionKind::AtTimeZone { .. }
            | ExpressionKind::Call(_)
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
            | ExpressionKind::Xml(..) => {
                ExpressionKind::Operation { operator: self.boxed(operator), left: None, right }
            }
        };
        Expression { kind, position: operator.position }
    }

    /// Operators behind `left`, as long as they bind at least as strongly as `least`.
    fn operators(
        &mut self,
        mut left: Expression<'a>,
        least: u8,
        grade: Grade,
        behind: Behind,
    ) -> SyntaxResult<Expression<'a>> {
        let mut refused = None;
        while let Some(strength) = self.infix_power(grade)? {
            if strength < least {
                break;
            }
            if refused == Some(strength) {
                return Err(self.unexpected());
            }
            if behind != Behind::Nothing && self.ends_before_word(behind)? {
                break;
            }
            let (expression, ends_with_operand) = self.infix(left, strength, grade, behind)?;
            left = expression;
            let associates = !matches!(strength, power::IS | power::COMPARISON | power::MATCH);
            refused = (ends_with_operand && !associates).then_some(strength);
        }
        Ok(left)
    }

    /// How strongly the operator that begins here binds, if one does.
    fn infix_power(&mut self, grade: Grade) -> SyntaxResult<Option<u8>> {
        if let TokenKind::Keyword(keyword) = self.kind() {
            return self.infix_word_power(keyword, grade == Grade::Full);
        }
        Ok(match self.kind() {
            TokenKind::Plus | TokenKind::Minus => Some(power::SUM),
            TokenKind::Star | TokenKind::Slash | TokenKind::Percent => Some(power::PRODUCT),
            TokenKind::Caret => Some(power::EXPONENT),
            TokenKind::Less
            | TokenKind::Greater
            | TokenKind::Equals
            | TokenKind::LessEquals
            | TokenKind::GreaterEquals
            | TokenKind::NotEquals => Some(power::COMPARISON),
            TokenKind::Operator => Some(power::OPERATOR),
            TokenKind::DoubleColon => Some(power::CAST),
            _ => None,
        })
    }

    fn infix_word_power(&mut self, keyword: Keyword, full: bool) -> SyntaxResult<Option<u8>> {
        Ok(match keyword {
            Keyword::Operator => Some(power::OPERATOR),
            Keyword::Isnull | Keyword::Notnull if full => Some(power::IS),
            Keyword::Is => Some(power::IS),
            Keyword::Or if full => Some(power::OR),
            Keyword::And if full => Some(power::AND),
            Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike | Keyword::Similar if full => {
                Some(power::MATCH)
            }
            Keyword::Not if full => match self.next()?.kind {
                TokenKind::Keyword(
                    Keyword::Between | Keyword::In | Keyword::Like | Keyword::Ilike | Keyword::Similar,
                ) => Some(power::MATCH),
                _ => None,
            },
            Keyword::At if full => Some(power::AT_TIME_ZONE),
            Keyword::Collate if full => Some(power::COLLATE),
            _ => None,
        })
    }

    /// Whether the word here is no operator but what stands behind the expression.
    fn ends_before_word(&mut self, behind: Behind) -> SyntaxResult<bool> {
        let TokenKind::Keyword(keyword) = self.kind() else { return Ok(false) };
        Ok(match behind {
            Behind::Nothing => false,
            Behind::Similar => {
                keyword == Keyword::Similar && self.next()?.kind != TokenKind::Keyword(Keyword::To)
            }
            Behind::Label => match keyword {
                Keyword::Operator => self.next()?.kind != TokenKind::LeftParenthesis,
                _ => keyword.is_bare_label() && ends_target(self.next()?.kind),
            },
        })
    }

    /// The operator that begins here with what follows it, and whether an operand stands at its end.
    fn infix(
        &mut self,
        left: Expression<'a>,
        strength: u8,
        grade: Grade,
        behind: Behind,
    ) -> SyntaxResult<(Expression<'a>, bool)> {
        let position = self.position();
        match self.kind() {
            TokenKind::DoubleColon => {
                self.take()?;
                let target = self.type_name()?;
                let syntax = crate::tree::expression::CastSyntax::DoubleColon;
                let kind =
                    ExpressionKind::Cast { operand: self.boxed(left), target: self.boxed(target), syntax };
                Ok((Expression { kind, position }, false))
            }
            TokenKind::Keyword(Keyword::Or) => Ok((self.chain(left, Keyword::Or, behind)?, true)),
            TokenKind::Keyword(Keyword::And) => Ok((self.chain(left, Keyword::And, behind)?, true)),
            TokenKind::Keyword(Keyword::Is) => self.is_test(left, grade),
            TokenKind::Keyword(word @ (Keyword::Isnull | Keyword::Notnull)) => {
                self.take()?;
                let negated = word == Keyword::Notnull;
                let kind = ExpressionKind::Is { operand: self.boxed(left), test: IsTest::Null, negated };
                Ok((Expression { kind, position }, false))
            }
            TokenKind::Keyword(
                Keyword::Not
                | Keyword::Between
                | Keyword::In
                | Keyword::Like
                | Keyword::Ilike
                | Keyword::Similar,
            ) => self.match_test(left),
            TokenKind::Keyword(Keyword::At) => {
                self.take()?;
                self.expect_keyword(Keyword::Time)?;
                self.expect_keyword(Keyword::Zone)?;
                let zone = self.boxed_operand(power::AT_TIME_ZONE + 1, grade)?;
                let kind = ExpressionKind::AtTimeZone { operand: self.boxed(left), zone };
                Ok((Expression { kind, position }, true))
            }
            TokenKind::Keyword(Keyword::Collate) => {
                self.take()?;
                let collation = self.qualified_name()?;
                let kind = ExpressionKind::Collate { operand: self.boxed(left), collation };
                Ok((Expression { kind, position }, false))
            }
            _ => {
                let operator = self.operator()?;
                self.operation(left, operator, strength, grade)
            }
        }
    }

    /// `left operator right`, or `left operator ANY (…)`.
    fn operation(
        &mut self,
        left: Expression<'a>,
        operator: Operator<'a>,
        strength: u8,
        grade: Grade,
    ) -> SyntaxResult<(Expression<'a>, bool)> {
        let position = operator.position;
        if grade == Grade::Full && self.at_quantifier() {
            return Ok((self.quantified(left, operator)?, false));
        }
        let right = self.boxed_operand(strength + 1, grade)?;
        let operator = self.boxed(operator);
        let kind = ExpressionKind::Operation { operator, left: Some(self.boxed(left)), right };
        Ok((Expression { kind, position }, true))
    }

    /// `a AND b AND c` is one node, however long: no depth is spent on it.
    fn chain(&mut self, left: Expression<'a>, word: Keyword, behind: Behind) -> SyntaxResult<Expression<'a>> {
        let position = self.position();
        let strength = if word == Keyword::And { power::AND } else { power::OR };
        let mut terms = self.list();
        terms.push(left);
        while self.at_keyword(word) && (behind == Behind::Nothing || !self.ends_before_word(behind)?) {
            self.take()?;
            terms.push(self.operand(strength + 1, Grade::Full)?);
        }
        let terms = terms.into_bump_slice();
        let kind = if word == Keyword::And { ExpressionKind::And(terms) } else { ExpressionKind::Or(terms) };
        Ok(Expression { kind, position })
    }

    /// `IS [NOT] …`
    fn is_test(&mut self, left: Expression<'a>, grade: Grade) -> SyntaxResult<(Expression<'a>, bool)> {
        let position = self.take()?.start;
        let negated = self.eat_keyword(Keyword::Not)?;
        let operand = self.boxed(left);
        if self.eat_keyword(Keyword::Distinct)? {
            self.expect_keyword(Keyword::From)?;
            let right = self.boxed_operand(power::IS + 1, grade)?;
            let kind = ExpressionKind::IsDistinct { left: operand, right, negated };
            return Ok((Expression { kind, position }, true));
        }
        let test = match self.kind() {
            TokenKind::Keyword(Keyword::Document) => IsTest::Document,
            _ if grade == Grade::Restricted => return Err(self.unexpected()),
            TokenKind::Keyword(Keyword::Null) => IsTest::Null,
            TokenKind::Keyword(Keyword::True) => IsTest::True,
            TokenKind::Keyword(Keyword::False) => IsTest::False,
            TokenKind::Keyword(Keyword::Unknown) => IsTest::Unknown,
            TokenKind::Keyword(Keyword::Normalized) => IsTest::Normalized(NormalForm::Nfc),
            _ => match self.normal_form()? {
                Some(form) => {
                    if !self.at_keyword(Keyword::Normalized) {
                        return Err(self.unexpected());
                    }
                    IsTest::Normalized(form)
                }
                None => return Err(self.unexpected()),
            },
        };
        self.take()?;
        Ok((Expression { kind: ExpressionKind::Is { operand, test, negated }, position }, false))
    }

    /// `NFC` and its like, if one stands here.
    pub(crate) fn normal_form(&mut self) -> SyntaxResult<Option<NormalForm>> {
        let form = match self.kind() {
            TokenKind::Keyword(Keyword::Nfc) => NormalForm::Nfc,
            TokenKind::Keyword(Keyword::Nfd) => NormalForm::Nfd,
            TokenKind::Keyword(Keyword::Nfkc) => NormalForm::Nfkc,
            TokenKind::Keyword(Keyword::Nfkd) => NormalForm::Nfkd,
            _ => return Ok(None),
        };
        self.take()?;
        Ok(Some(form))
    }

    /// `[NOT] BETWEEN`, `IN`, `LIKE`, `ILIKE`, `SIMILAR TO`
    fn match_test(&mut self, left: Expression<'a>) -> SyntaxResult<(Expression<'a>, bool)> {
        let position = self.position();
        let negated = self.eat_keyword(Keyword::Not)?;
        let matching = match self.take()?.kind {
            TokenKind::Keyword(Keyword::Between) => {
                return Ok((self.between(left, negated, position)?, true));
            }
            TokenKind::Keyword(Keyword::In) => return Ok((self.in_test(left, negated, position)?, false)),
            TokenKind::Keyword(Keyword::Ilike) => Matching::ILike,
            TokenKind::Keyword(Keyword::Similar) => {
                self.expect_keyword(Keyword::To)?;
                Matching::SimilarTo
            }
            // The caller has seen one of the five words, so this is `LIKE`.
            _ => Matching::Like,
        };
        if matching != Matching::SimilarTo && self.at_quantifier() {
            let symbol = match (matching, negated) {
                (Matching::ILike, false) => "~~*",
                (Matching::ILike, true) => "!~~*",
                (_, false) => "~~",
                (_, true) => "!~~",
            };
            let operator = Operator { schema: &[], symbol, position };
            return Ok((self.quantified(left, operator)?, false));
        }
        let pattern = self.boxed_operand(power::MATCH + 1, Grade::Full)?;
        let escape = match self.eat_keyword(Keyword::Escape)? {
            true => Some(self.boxed_operand(power::MATCH + 1, Grade::Full)?),
            false => None,
        };
        let operand = self.boxed(left);
        let kind = ExpressionKind::Like { matching, operand, pattern, escape, negated };
        Ok((Expression { kind, position }, true))
    }

    fn between(
        &mut self,
        left: Expression<'a>,
        negated: bool,
        position: u32,
    ) -> SyntaxResult<Expression<'a>> {
        let symmetric = self.eat_keyword(Keyword::Symmetric)?;
        if !symmetric {
            self.eat_keyword(Keyword::Asymmetric)?;
        }
        let low = self.restricted_expression()?;
        self.expect_keyword(Keyword::And)?;
        let high = self.boxed_operand(power::MATCH + 1, Grade::Full)?;
        let (operand, low) = (self.boxed(left), self.boxed(low));
        Ok(Expression { kind: ExpressionKind::Between { operand, low, high, symmetric, negated }, position })
    }

    fn in_test(
        &mut self,
        left: Expression<'a>,
        negated: bool,
        position: u32,
    ) -> SyntaxResult<Expression<'a>> {
        let operand = self.boxed(left);
        let kind = match self.parenthesised_operand()? {
            super::primary::Parenthesised::Query(query) => {
                ExpressionKind::InSubquery { operand, query, negated }
            }
            super::primary::Parenthesised::Expressions(list) => ExpressionKind::In { operand, list, negated },
        };
        Ok(Expression { kind, position })
    }

    fn at_quantifier(&self) -> bool {
        matches!(self.kind(), TokenKind::Keyword(Keyword::Any | Keyword::Some | Keyword::All))
    }

    /// `ANY (…)` behind `left` and its operator.
    fn quantified(&mut self, left: Expression<'a>, operator: Operator<'a>) -> SyntaxResult<Expression<'a>> {
        let quantifier = match self.take()?.kind {
            TokenKind::Keyword(Keyword::All) => Quantifier::All,
            _ => Quantifier::Any,
        };
        let right = match self.parenthesised_as(false)? {
            super::primary::Parenthesised::Query(query) => QuantifiedOperand::Subquery(query),
            super::primary::Parenthesised::Expressions([one, ..]) => QuantifiedOperand::Array(one),
            super::primary::Parenthesised::Expressions([]) => return Err(self.unexpected()),
        };
        let position = operator.position;
        let (left, operator) = (self.boxed(left), self.boxed(operator));
        Ok(Expression { kind: ExpressionKind::Quantified { left, operator, quantifier, right }, position })
    }

    /// An operator, also as `OPERATOR(schema.+)` (`qual_all_Op`).
    pub(crate) fn operator(&mut self) -> SyntaxResult<Operator<'a>> {
        if !self.at_keyword(Keyword::Operator) {
            return self.any_symbol(&[]);
        }
        let position = self.take()?.start;
        self.expect(TokenKind::LeftParenthesis)?;
        let operator = self.qualified_operator()?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(Operator { position, ..operator })
    }

    /// `schema.+` (`any_operator`).
    pub(crate) fn qualified_operator(&mut self) -> SyntaxResult<Operator<'a>> {
        let mut schema = self.list::<Name<'a>>();
        while self.at_name() {
            schema.push(self.name()?);
            self.expect(TokenKind::Dot)?;
        }
        let schema = schema.into_bump_slice();
        self.any_symbol(schema)
    }

    fn any_symbol(&mut self, schema: &'a [Name<'a>]) -> SyntaxResult<Operator<'a>> {
        let token = self.current();
        let symbol = match token.kind {
            TokenKind::Operator => token.text,
            kind => kind.operator_text().ok_or_else(|| self.unexpected())?,
        };
        self.take()?;
        Ok(Operator { schema, symbol, position: token.start })
    }

    fn plain_operator(&mut self, symbol: &'static str) -> SyntaxResult<Operator<'a>> {
        let position = self.take()?.start;
        Ok(Operator { schema: &[], symbol, position })
    }

    /// `row OVERLAPS row`, if the word follows a row.
    pub(super) fn overlaps(&mut self, left: Expression<'a>) -> SyntaxResult<Expression<'a>> {
        let ExpressionKind::Row { fields, .. } = left.kind else { return Ok(left) };
        if !self.at_keyword(Keyword::Overlaps) {
            return Ok(left);
        }
        let position = self.take()?.start;
        let right = self.primary_row()?;
        for (side, fields) in [("left", fields), ("right", right)] {
            if fields.len() != 2 {
                return Err(self.refused(Rule::OverlapsNeedsTwo(side), position));
            }
        }
        let mut arguments = self.list();
        arguments.extend(fields.iter().chain(right).map(|value| crate::tree::expression::Argument {
            name: None,
            value: *value,
            kept: false,
        }));
        let name = self.system_function("overlaps", position);
        let arguments = arguments.into_bump_slice();
        Ok(self.special_call(name, CallSyntax::Overlaps, arguments, position))
    }

    /// The name of a function of `pg_catalog` that has a syntax of its own.
    pub(super) fn system_function(&self, function: &'static str, position: u32) -> QualifiedName<'a> {
        let parts = self.boxed([Name { text: "pg_catalog", position }, Name { text: function, position }]);
        QualifiedName { parts }
    }
}

/// Whether an entry of a select list ends before this token.
fn ends_target(kind: TokenKind) -> bool {
    match kind {
        TokenKind::Comma | TokenKind::RightParenthesis | TokenKind::Semicolon | TokenKind::End => true,
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
                | Keyword::Returning
                | Keyword::With
        ),
        _ => false,
    }
}
