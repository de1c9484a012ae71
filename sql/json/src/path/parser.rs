//! From tokens to the tree: recursive descent, whose errors name the first token that no path could have here.

use super::JsonPath;
use super::regex::Pattern;
use super::token::{Keyword, Lexer, Token};
use super::tree::{Accessor, Comparison, Expression, LAST_LEVEL, Method};
use crate::MAX_RECURSION;
use crate::error::{JsonError, JsonResult, PathProblem, PathSyntaxError};
use crate::jsonb::{Builder, Jsonb, Value};
use crate::number::{Operator, negate};

/// How deep the parser goes into itself: parentheses count twice.
const MAX_DESCENT: usize = 140;

/// Reads a path.
pub(super) fn parse(text: &str) -> JsonResult<JsonPath> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next()?;
    if token == Token::End {
        return Err(PathSyntaxError::Empty(text.to_owned()).into());
    }
    let mut parser = Parser { lexer, token, depth: 0 };
    let lax = match parser.token {
        Token::Keyword(Keyword::Strict, _) => {
            parser.advance()?;
            false
        }
        Token::Keyword(Keyword::Lax, _) => {
            parser.advance()?;
            true
        }
        _ => true,
    };
    let parsed = parser.disjunction()?;
    if parser.token != Token::End {
        return Err(parser.unexpected());
    }
    check(&parsed.expression, false, false)?;
    Ok(JsonPath { lax, expression: parsed.expression })
}

/// An expression and how many others enclose each other in it: what is walked over later by recursion.
struct Parsed {
    expression: Expression,
    height: usize,
}

impl Parsed {
    fn leaf(expression: Expression) -> Parsed {
        Parsed { expression, height: 1 }
    }

    fn over(expression: Expression, height: usize) -> JsonResult<Parsed> {
        if height >= MAX_RECURSION {
            return Err(JsonError::TooDeep);
        }
        Ok(Parsed { expression, height: height + 1 })
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    depth: usize,
}

impl Parser<'_> {
    fn advance(&mut self) -> JsonResult<Token> {
        Ok(std::mem::replace(&mut self.token, self.lexer.next()?))
    }

    fn unexpected(&self) -> JsonError {
        self.lexer.problem(PathProblem::Syntax)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.token, Token::Symbol(found) if found == symbol)
    }

    fn is_keyword(&self, keyword: Keyword) -> bool {
        matches!(self.token, Token::Keyword(found, _) if found == keyword)
    }

    fn expect(&mut self, symbol: &str) -> JsonResult<()> {
        if !self.is_symbol(symbol) {
            return Err(self.unexpected());
        }
        self.advance().map(drop)
    }

    fn expect_keyword(&mut self, keyword: Keyword) -> JsonResult<()> {
        if !self.is_keyword(keyword) {
            return Err(self.unexpected());
        }
        self.advance().map(drop)
    }

    /// Counts how deep the parser is in itself. Whoever ends well counts back.
    fn descend(&mut self) -> JsonResult<()> {
        if self.depth >= MAX_DESCENT {
            return Err(JsonError::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }

    fn predicate(&self, parsed: &Parsed) -> JsonResult<()> {
        if parsed.expression.is_predicate() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Anything, from the weakest operator on.
    fn disjunction(&mut self) -> JsonResult<Parsed> {
        self.descend()?;
        let mut left = self.conjunction()?;
        while self.is_symbol("||") {
            self.predicate(&left)?;
            self.advance()?;
            let right = self.conjunction()?;
            self.predicate(&right)?;
            let height = left.height.max(right.height);
            let both = Expression::Or(Box::new(left.expression), Box::new(right.expression));
            left = Parsed::over(both, height)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn conjunction(&mut self) -> JsonResult<Parsed> {
        let mut left = self.comparison()?;
        while self.is_symbol("&&") {
            self.predicate(&left)?;
            self.advance()?;
            let right = self.comparison()?;
            self.predicate(&right)?;
            let height = left.height.max(right.height);
            let both = Expression::And(Box::new(left.expression), Box::new(right.expression));
            left = Parsed::over(both, height)?;
        }
        Ok(left)
    }

    fn comparison(&mut self) -> JsonResult<Parsed> {
        if self.is_symbol("!") {
            self.advance()?;
            let operand =
                if self.is_keyword(Keyword::Exists) { self.exists()? } else { self.in_parentheses()? };
            return Parsed::over(Expression::Not(Box::new(operand.expression)), operand.height);
        }
        if self.is_keyword(Keyword::Exists) {
            return self.exists();
        }
        let left = self.sum(true)?;
        if left.expression.is_predicate() {
            return Ok(left);
        }
        let comparison = match self.token {
            Token::Symbol("==") => Comparison::Equal,
            Token::Symbol("!=" | "<>") => Comparison::NotEqual,
            Token::Symbol("<") => Comparison::Less,
            Token::Symbol("<=") => Comparison::LessOrEqual,
            Token::Symbol(">") => Comparison::Greater,
            Token::Symbol(">=") => Comparison::GreaterOrEqual,
            Token::Keyword(Keyword::Starts, _) => return self.starts_with(left),
            Token::Keyword(Keyword::LikeRegex, _) => return self.like_regex(left),
            _ => return Ok(left),
        };
        self.advance()?;
        let right = self.sum(false)?;
        let height = left.height.max(right.height);
        let both = Expression::Compare(comparison, Box::new(left.expression), Box::new(right.expression));
        Parsed::over(both, height)
    }

    /// `(predicate)`
    fn in_parentheses(&mut self) -> JsonResult<Parsed> {
        self.expect("(")?;
        let inner = self.disjunction()?;
        self.predicate(&inner)?;
        self.expect(")")?;
        Ok(inner)
    }

    fn exists(&mut self) -> JsonResult<Parsed> {
        self.advance()?;
        self.expect("(")?;
        let inner = self.sum(false)?;
        self.expect(")")?;
        Parsed::over(Expression::Exists(Box::new(inner.expression)), inner.height)
    }

    fn starts_with(&mut self, whole: Parsed) -> JsonResult<Parsed> {
        self.advance()?;
        self.expect_keyword(Keyword::With)?;
        if !matches!(self.token, Token::String(_) | Token::Variable(_)) {
            return Err(self.unexpected());
        }
        let initial = match self.advance()? {
            Token::Variable(name) => Expression::Variable(name),
            Token::String(text) => Expression::Literal(string(&text)?),
            _ => return Err(self.unexpected()),
        };
        let both = Expression::StartsWith(Box::new(whole.expression), Box::new(initial));
        Parsed::over(both, whole.height)
    }

    fn like_regex(&mut self, operand: Parsed) -> JsonResult<Parsed> {
        self.advance()?;
        let pattern = self.string_argument()?;
        let mut flags = String::new();
        if self.is_keyword(Keyword::Flag) {
            self.advance()?;
            flags = self.string_argument()?;
        }
        let pattern = Box::new(Pattern::new(pattern, &flags)?);
        Parsed::over(Expression::LikeRegex(Box::new(operand.expression), pattern), operand.height)
    }

    fn string_argument(&mut self) -> JsonResult<String> {
        if !matches!(self.token, Token::String(_)) {
            return Err(self.unexpected());
        }
        match self.advance()? {
            Token::String(text) => Ok(text),
            _ => Err(self.unexpected()),
        }
    }

    /// Arithmetic. `predicates`: whether a predicate in parentheses may be all of it.
    fn sum(&mut self, predicates: bool) -> JsonResult<Parsed> {
        let mut left = self.product(predicates)?;
        loop {
            let operator = match self.token {
                Token::Symbol("+") => Operator::Add,
                Token::Symbol("-") => Operator::Subtract,
                _ => return Ok(left),
            };
            if left.expression.is_predicate() {
                return Ok(left);
            }
            self.advance()?;
            let right = self.product(false)?;
            left = arithmetic(operator, left, right)?;
        }
    }

    fn product(&mut self, predicates: bool) -> JsonResult<Parsed> {
        let mut left = self.signed(predicates)?;
        loop {
            let operator = match self.token {
                Token::Symbol("*") => Operator::Multiply,
                Token::Symbol("/") => Operator::Divide,
                Token::Symbol("%") => Operator::Modulo,
                _ => return Ok(left),
            };
            if left.expression.is_predicate() {
                return Ok(left);
            }
            self.advance()?;
            let right = self.signed(false)?;
            left = arithmetic(operator, left, right)?;
        }
    }

    fn signed(&mut self, predicates: bool) -> JsonResult<Parsed> {
        let mut signs = Vec::new();
        while let Token::Symbol(sign @ ("+" | "-")) = self.token {
            signs.push(sign == "-");
            self.advance()?;
        }
        self.descend()?;
        let mut operand = self.primary(predicates && signs.is_empty())?;
        self.depth -= 1;
        for minus in signs.into_iter().rev() {
            operand = match operand.expression {
                Expression::Literal(literal) if matches!(literal.value(), Value::Number(_)) => {
                    Parsed::leaf(Expression::Literal(if minus { negated(&literal)? } else { literal }))
                }
                expression => {
                    let height = operand.height;
                    Parsed::over(Expression::Sign { minus, operand: Box::new(expression) }, height)?
                }
            };
        }
        Ok(operand)
    }

    fn primary(&mut self, predicates: bool) -> JsonResult<Parsed> {
        let base = match &self.token {
            Token::Symbol("(") => return self.parenthesized(predicates),
            Token::Symbol("$") => Expression::Root,
            Token::Symbol("@") => Expression::Current,
            Token::Keyword(Keyword::Last, _) => Expression::Last,
            Token::Keyword(Keyword::Null, _) => Expression::Literal(Value::Null.to_jsonb()),
            Token::Keyword(Keyword::True, _) => Expression::Literal(Value::Bool(true).to_jsonb()),
            Token::Keyword(Keyword::False, _) => Expression::Literal(Value::Bool(false).to_jsonb()),
            Token::Variable(name) => Expression::Variable(name.clone()),
            Token::String(text) => Expression::Literal(string(text)?),
            Token::Integer(text) | Token::Decimal(text) => Expression::Literal(number(text)?),
            Token::End | Token::Name(_) | Token::Keyword(..) | Token::Symbol(_) => {
                return Err(self.unexpected());
            }
        };
        self.advance()?;
        self.accessors(Parsed::leaf(base))
    }

    fn parenthesized(&mut self, predicates: bool) -> JsonResult<Parsed> {
        self.advance()?;
        let inner = self.disjunction()?;
        self.expect(")")?;
        if !inner.expression.is_predicate() || self.at_accessor() {
            return self.accessors(inner);
        }
        if !predicates {
            return Err(self.unexpected());
        }
        if !self.is_keyword(Keyword::Is) {
            return Ok(inner);
        }
        self.advance()?;
        self.expect_keyword(Keyword::Unknown)?;
        Parsed::over(Expression::IsUnknown(Box::new(inner.expression)), inner.height)
    }

    fn at_accessor(&self) -> bool {
        matches!(self.token, Token::Symbol("." | "[" | "?"))
    }

    /// What is applied to `base`.
    fn accessors(&mut self, base: Parsed) -> JsonResult<Parsed> {
        if !self.at_accessor() {
            return Ok(base);
        }
        let (expression, mut accessors) = match base.expression {
            Expression::Chain(expression, accessors) => (expression, accessors),
            expression => (Box::new(expression), Vec::new()),
        };
        let mut height = base.height;
        while let Token::Symbol(symbol @ ("." | "[" | "?")) = self.token {
            self.advance()?;
            let accessor = match symbol {
                "." => self.member()?,
                "[" => self.subscript(&mut height)?,
                _ => {
                    let predicate = self.in_parentheses()?;
                    height = height.max(predicate.height);
                    Accessor::Filter(Box::new(predicate.expression))
                }
            };
            accessors.push(accessor);
        }
        Parsed::over(Expression::Chain(expression, accessors), height)
    }

    /// What stands behind a point.
    fn member(&mut self) -> JsonResult<Accessor> {
        if !matches!(
            self.token,
            Token::Name(_) | Token::String(_) | Token::Keyword(..) | Token::Symbol("*" | "**")
        ) {
            return Err(self.unexpected());
        }
        match self.advance()? {
            Token::Symbol("*") => Ok(Accessor::AnyKey),
            Token::Symbol(_) => self.levels(),
            Token::Name(name) | Token::String(name) => Ok(Accessor::Key(name)),
            Token::Keyword(keyword, name) => self.method(keyword, name),
            Token::End | Token::Variable(_) | Token::Integer(_) | Token::Decimal(_) => Err(self.unexpected()),
        }
    }

    /// A key word behind a point is a method if parentheses follow, and a name otherwise.
    fn method(&mut self, keyword: Keyword, name: String) -> JsonResult<Accessor> {
        let method = match keyword {
            Keyword::Abs => Some(Method::Abs),
            Keyword::Ceiling => Some(Method::Ceiling),
            Keyword::Double => Some(Method::Double),
            Keyword::Floor => Some(Method::Floor),
            Keyword::KeyValue => Some(Method::KeyValue),
            Keyword::Size => Some(Method::Size),
            Keyword::Type => Some(Method::Type),
            Keyword::Datetime
            | Keyword::Exists
            | Keyword::False
            | Keyword::Flag
            | Keyword::Is
            | Keyword::Last
            | Keyword::Lax
            | Keyword::LikeRegex
            | Keyword::Null
            | Keyword::Starts
            | Keyword::Strict
            | Keyword::To
            | Keyword::True
            | Keyword::Unknown
            | Keyword::With => None,
        };
        if !self.is_symbol("(") || (method.is_none() && keyword != Keyword::Datetime) {
            return Ok(Accessor::Key(name));
        }
        self.advance()?;
        let accessor = match method {
            Some(method) => Accessor::Method(method),
            None if self.is_symbol(")") => Accessor::Datetime(None),
            None => Accessor::Datetime(Some(self.string_argument()?)),
        };
        self.expect(")")?;
        Ok(accessor)
    }

    fn levels(&mut self) -> JsonResult<Accessor> {
        if !self.is_symbol("{") {
            return Ok(Accessor::AnyLevel { first: 0, last: LAST_LEVEL });
        }
        self.advance()?;
        let first = self.level()?;
        let mut last = first;
        if self.is_keyword(Keyword::To) {
            self.advance()?;
            last = self.level()?;
        }
        self.expect("}")?;
        Ok(Accessor::AnyLevel { first, last })
    }

    fn level(&mut self) -> JsonResult<u32> {
        if !matches!(self.token, Token::Integer(_) | Token::Keyword(Keyword::Last, _)) {
            return Err(self.unexpected());
        }
        match self.advance()? {
            Token::Integer(text) => match text.parse::<i32>() {
                Ok(level) => Ok(level.unsigned_abs()),
                Err(_) => Err(PathSyntaxError::LevelOutOfRange(text).into()),
            },
            _ => Ok(LAST_LEVEL),
        }
    }

    fn subscript(&mut self, height: &mut usize) -> JsonResult<Accessor> {
        if self.is_symbol("*") {
            self.advance()?;
            self.expect("]")?;
            return Ok(Accessor::AnyElement);
        }
        let mut ranges = Vec::new();
        loop {
            let from = self.sum(false)?;
            *height = from.height.max(*height);
            let mut to = None;
            if self.is_keyword(Keyword::To) {
                self.advance()?;
                let end = self.sum(false)?;
                *height = end.height.max(*height);
                to = Some(end.expression);
            }
            ranges.push((from.expression, to));
            if !self.is_symbol(",") {
                break;
            }
            self.advance()?;
        }
        self.expect("]")?;
        Ok(Accessor::Subscript(ranges))
    }
}

fn arithmetic(operator: Operator, left: Parsed, right: Parsed) -> JsonResult<Parsed> {
    let height = left.height.max(right.height);
    let both = Expression::Arithmetic(operator, Box::new(left.expression), Box::new(right.expression));
    Parsed::over(both, height)
}

fn string(text: &str) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    builder.string(text)?;
    builder.finish()
}

fn number(text: &str) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    builder.number(text)?;
    builder.finish()
}

fn negated(literal: &Jsonb) -> JsonResult<Jsonb> {
    let Value::Number(operand) = literal.value() else { return Ok(literal.clone()) };
    let mut bytes = Vec::new();
    negate(operand, &mut bytes)?;
    Ok(Value::Number(crate::number::Number::from_bytes(&bytes)).to_jsonb())
}

/// What no grammar says: `@` stands in filters only, `last` in subscripts only.
fn check(expression: &Expression, in_filter: bool, in_subscript: bool) -> JsonResult<()> {
    match expression {
        Expression::Current if !in_filter => Err(PathSyntaxError::CurrentInRoot.into()),
        Expression::Last if !in_subscript => Err(PathSyntaxError::LastOutsideSubscript.into()),
        Expression::Root
        | Expression::Current
        | Expression::Last
        | Expression::Literal(_)
        | Expression::Variable(_) => Ok(()),
        Expression::Arithmetic(_, left, right)
        | Expression::And(left, right)
        | Expression::Or(left, right)
        | Expression::Compare(_, left, right)
        | Expression::StartsWith(left, right) => {
            check(left, in_filter, in_subscript)?;
            check(right, in_filter, in_subscript)
        }
        Expression::Sign { operand, .. }
        | Expression::Not(operand)
        | Expression::IsUnknown(operand)
        | Expression::Exists(operand)
        | Expression::LikeRegex(operand, _) => check(operand, in_filter, in_subscript),
        Expression::Chain(base, accessors) => {
            check(base, in_filter, in_subscript)?;
            accessors.iter().try_for_each(|accessor| check_accessor(accessor, in_filter, in_subscript))
        }
    }
}

fn check_accessor(accessor: &Accessor, in_filter: bool, in_subscript: bool) -> JsonResult<()> {
    match accessor {
        Accessor::Filter(predicate) => check(predicate, true, in_subscript),
        Accessor::Subscript(ranges) => ranges.iter().try_for_each(|(from, to)| {
            check(from, in_filter, true)?;
            to.as_ref().map_or(Ok(()), |to| check(to, in_filter, true))
        }),
        Accessor::Key(_)
        | Accessor::AnyKey
        | Accessor::AnyElement
        | Accessor::AnyLevel { .. }
        | Accessor::Method(_)
        | Accessor::Datetime(_) => Ok(()),
    }
}
