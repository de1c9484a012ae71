//! Types: those with a syntax of their own become names of `pg_catalog`'s, the others stay as they are written.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::{Keyword, KeywordClass};
use crate::lexer::TokenKind;
use crate::tree::expression::{CastSyntax, Expression, ExpressionKind};
use crate::tree::type_name::{IntervalFields, TypeName, TypeNameKind};
use crate::tree::{Name, QualifiedName};

impl<'a> Parser<'a> {
    /// A type (`Typename`): `SETOF`, the type itself, array bounds.
    pub(crate) fn type_name(&mut self) -> SyntaxResult<TypeName<'a>> {
        self.type_name_with(false)
    }

    /// A type that is all of the text, as a function's parameter says it.
    ///
    /// # Errors
    /// The first token that is wrong.
    pub fn whole_type(&mut self) -> SyntaxResult<TypeName<'a>> {
        let found = self.type_name_with(true)?;
        if !self.at(TokenKind::End) {
            return Err(self.unexpected());
        }
        Ok(found)
    }

    /// The same; `table.column%TYPE` counts where a function's parameters and results are said.
    pub(super) fn type_name_with(&mut self, of_column: bool) -> SyntaxResult<TypeName<'a>> {
        let set = self.eat_keyword(Keyword::Setof)?;
        let simple = self.deeper(|parser| parser.simple_type_with(of_column))?;
        if matches!(simple.kind, TypeNameKind::OfColumn(_)) {
            return Ok(TypeName { set, ..simple });
        }
        let dimensions = self.array_bounds()?;
        Ok(TypeName { set, dimensions, ..simple })
    }

    /// `[]`, `[3]`, `ARRAY`, `ARRAY[3]`
    fn array_bounds(&mut self) -> SyntaxResult<&'a [Option<i32>]> {
        let mut dimensions = self.list();
        if self.eat_keyword(Keyword::Array)? {
            let mut bound = None;
            if self.eat(TokenKind::LeftBracket)? {
                bound = Some(self.integer()?);
                self.expect(TokenKind::RightBracket)?;
            }
            dimensions.push(bound);
            return Ok(dimensions.into_bump_slice());
        }
        while self.eat(TokenKind::LeftBracket)? {
            let bound = match self.at(TokenKind::RightBracket) {
                true => None,
                false => Some(self.integer()?),
            };
            self.expect(TokenKind::RightBracket)?;
            dimensions.push(bound);
        }
        Ok(dimensions.into_bump_slice())
    }

    /// A type without its array bounds (`SimpleTypename`).
    pub(crate) fn simple_type(&mut self) -> SyntaxResult<TypeName<'a>> {
        self.simple_type_with(false)
    }

    fn simple_type_with(&mut self, of_column: bool) -> SyntaxResult<TypeName<'a>> {
        if let TokenKind::Keyword(keyword) = self.kind()
            && keyword.class() == KeywordClass::ColumnName
        {
            return match self.keyword_type(keyword)? {
                Some(type_name) => Ok(type_name),
                None => Err(self.unexpected()),
            };
        }
        if self.at_keyword(Keyword::Double) && self.next()?.kind == TokenKind::Keyword(Keyword::Precision) {
            return self.double_precision();
        }
        let first = self.type_or_function_name()?;
        let position = first.position;
        let name = self.more_names(first)?;
        if of_column && name.parts.len() > 1 && self.eat(TokenKind::Percent)? {
            self.expect_keyword(Keyword::Type)?;
            let kind = TypeNameKind::OfColumn(name);
            return Ok(TypeName { kind, modifiers: &[], dimensions: &[], set: false, position });
        }
        let modifiers = self.modifiers()?;
        let kind = TypeNameKind::Named(name);
        Ok(TypeName { kind, modifiers, dimensions: &[], set: false, position })
    }

    fn double_precision(&mut self) -> SyntaxResult<TypeName<'a>> {
        let position = self.take()?.start;
        self.take()?;
        Ok(self.catalog_type("float8", &[], position))
    }

    /// `DOUBLE PRECISION '…'`
    pub(super) fn double_literal(&mut self) -> SyntaxResult<Expression<'a>> {
        let target = self.double_precision()?;
        self.literal_with(target)
    }

    /// A literal of a type that begins with a key word, if one stands here: `INTEGER '3'`, `bit varying(3) '101'`.
    pub(super) fn literal_of_keyword_type(
        &mut self,
        keyword: Keyword,
    ) -> SyntaxResult<Option<Expression<'a>>> {
        // A type's word that is not followed by what a type may have names a column.
        let goes_on = match self.next()?.kind {
            TokenKind::String => true,
            TokenKind::LeftParenthesis => true,
            TokenKind::Keyword(Keyword::With) if matches!(keyword, Keyword::Time | Keyword::Timestamp) => {
                matches!(self.third()?.kind, TokenKind::Keyword(Keyword::Time | Keyword::Ordinality))
            }
            TokenKind::Keyword(next) => matches!(
                (keyword, next),
                (Keyword::Bit | Keyword::Char | Keyword::Character | Keyword::Nchar, Keyword::Varying)
                    | (Keyword::National, Keyword::Character | Keyword::Char)
                    | (Keyword::Time | Keyword::Timestamp, Keyword::Without)
            ),
            _ => false,
        };
        if !goes_on || !begins_type(keyword) {
            return Ok(None);
        }
        if keyword == Keyword::Interval {
            return self.interval_literal().map(Some);
        }
        let Some(target) = self.keyword_type(keyword)? else { return Ok(None) };
        // The length of one that a type has by itself stands where the type begins: a literal has the length that it has.
        let by_itself = |modifier: &Expression<'_>| modifier.position == target.position;
        let modifiers = if target.modifiers.iter().any(by_itself) { &[][..] } else { target.modifiers };
        self.literal_with(TypeName { modifiers, ..target }).map(Some)
    }

    /// `INTERVAL '…' DAY TO SECOND(3)`: the fields stand behind the string.
    pub(super) fn interval_literal(&mut self) -> SyntaxResult<Expression<'a>> {
        let position = self.take()?.start;
        let mut modifiers: &'a [Expression<'a>] = &[];
        let has_precision = self.at(TokenKind::LeftParenthesis);
        if has_precision {
            self.take()?;
            let place = self.position();
            let precision = self.integer()?;
            self.expect(TokenKind::RightParenthesis)?;
            modifiers = self.all_fields_to(precision, place);
        }
        let mut target = self.catalog_type("interval", modifiers, position);
        let token = self.expect(TokenKind::String)?;
        if !has_precision && let Some((fields, modifiers)) = self.interval_fields()? {
            target = TypeName { kind: TypeNameKind::Interval(fields), modifiers, ..target };
        }
        let literal = Expression { kind: ExpressionKind::String(token.text), position: token.start };
        let operand = self.boxed(literal);
        let kind = ExpressionKind::Cast { operand, target: self.boxed(target), syntax: CastSyntax::Literal };
        Ok(Expression { kind, position })
    }

    /// A type that the word introduces; `None` for words that introduce none.
    fn keyword_type(&mut self, keyword: Keyword) -> SyntaxResult<Option<TypeName<'a>>> {
        let position = self.position();
        let plain = match keyword {
            Keyword::Int | Keyword::Integer => Some("int4"),
            Keyword::Smallint => Some("int2"),
            Keyword::Bigint => Some("int8"),
            Keyword::Real => Some("float4"),
            Keyword::Boolean => Some("bool"),
            _ => None,
        };
        if let Some(name) = plain {
            self.take()?;
            return Ok(Some(self.catalog_type(name, &[], position)));
        }
        let type_name = match keyword {
            Keyword::Float => self.float_type()?,
            Keyword::Dec | Keyword::Decimal | Keyword::Numeric => {
                self.take()?;
                let modifiers = self.modifiers()?;
                self.catalog_type("numeric", modifiers, position)
            }
            Keyword::Bit => self.bit_type()?,
            Keyword::Char | Keyword::Character | Keyword::National | Keyword::Nchar | Keyword::Varchar => {
                self.character_type()?
            }
            Keyword::Time | Keyword::Timestamp => self.time_type(keyword)?,
            Keyword::Interval => self.interval_type()?,
            _ => return Ok(None),
        };
        Ok(Some(type_name))
    }

    /// `(10, 2)` behind a type, if it stands there.
    fn modifiers(&mut self) -> SyntaxResult<&'a [Expression<'a>]> {
        match self.at(TokenKind::LeftParenthesis) {
            true => self.parenthesised(Parser::expression),
            false => Ok(&[]),
        }
    }

    fn catalog_type(
        &self,
        name: &'static str,
        modifiers: &'a [Expression<'a>],
        position: u32,
    ) -> TypeName<'a> {
        let parts = self.boxed([Name { text: "pg_catalog", position }, Name { text: name, position }]);
        let kind = TypeNameKind::Named(QualifiedName { parts });
        TypeName { kind, modifiers, dimensions: &[], set: false, position }
    }

    /// A number as the only modifier.
    /// The modifiers of `interval(p)`: all fields, and how many digits the seconds have.
    fn all_fields_to(&self, precision: i32, position: u32) -> &'a [Expression<'a>] {
        const ALL_FIELDS: i32 = 0x7fff;
        let value = |value| Expression { kind: ExpressionKind::Integer(value), position };
        self.boxed([value(ALL_FIELDS), value(precision)])
    }

    fn number(&self, value: i32, position: u32) -> &'a [Expression<'a>] {
        self.boxed([Expression { kind: ExpressionKind::Integer(value), position }])
    }

    /// `FLOAT(p)`: of 24 bits or of 53.
    fn float_type(&mut self) -> SyntaxResult<TypeName<'a>> {
        let position = self.take()?.start;
        if !self.eat(TokenKind::LeftParenthesis)? {
            return Ok(self.catalog_type("float8", &[], position));
        }
        let place = self.position();
        let bits = self.integer()?;
        self.expect(TokenKind::RightParenthesis)?;
        match bits {
            ..=0 => Err(self.refused(Rule::FloatTooShort, place)),
            1..=24 => Ok(self.catalog_type("float4", &[], position)),
            25..=53 => Ok(self.catalog_type("float8", &[], position)),
            54.. => Err(self.refused(Rule::FloatTooLong, place)),
        }
    }

    /// `BIT`, which is `BIT(1)`, `BIT VARYING`
    fn bit_type(&mut self) -> SyntaxResult<TypeName<'a>> {
        let position = self.take()?.start;
        let varying = self.eat_keyword(Keyword::Varying)?;
        let mut modifiers = self.modifiers()?;
        if modifiers.is_empty() && !varying {
            modifiers = self.number(1, position);
        }
        Ok(self.catalog_type(if varying { "varbit" } else { "bit" }, modifiers, position))
    }

    /// `CHARACTER`, which is `CHARACTER(1)`, `CHARACTER VARYING`, and their short and national forms.
    fn character_type(&mut self) -> SyntaxResult<TypeName<'a>> {
        let position = self.position();
        let varying = match self.take()?.kind {
            TokenKind::Keyword(Keyword::Varchar) => true,
            TokenKind::Keyword(Keyword::National) => {
                if !self.eat_keyword(Keyword::Character)? {
                    self.expect_keyword(Keyword::Char)?;
                }
                self.eat_keyword(Keyword::Varying)?
            }
            _ => self.eat_keyword(Keyword::Varying)?,
        };
        let modifiers = match self.eat(TokenKind::LeftParenthesis)? {
            true => {
                let place = self.position();
                let length = self.integer()?;
                self.expect(TokenKind::RightParenthesis)?;
                self.number(length, place)
            }
            false if varying => &[],
            false => self.number(1, position),
        };
        Ok(self.catalog_type(if varying { "varchar" } else { "bpchar" }, modifiers, position))
    }

    /// `TIME(p) WITH TIME ZONE` and its like.
    fn time_type(&mut self, keyword: Keyword) -> SyntaxResult<TypeName<'a>> {
        let position = self.take()?.start;
        let modifiers = match self.eat(TokenKind::LeftParenthesis)? {
            true => {
                let place = self.position();
                let precision = self.integer()?;
                self.expect(TokenKind::RightParenthesis)?;
                self.number(precision, place)
            }
            false => &[],
        };
        let zoned = self.at_keywords(Keyword::With, Keyword::Time)?;
        let goes_on = zoned
            || self.at_keyword(Keyword::Without)
            || self.at_keywords(Keyword::With, Keyword::Ordinality)?;
        if goes_on {
            self.take_plain()?;
            self.expect_keyword(Keyword::Time)?;
            self.expect_keyword(Keyword::Zone)?;
        }
        let name = match (keyword, zoned) {
            (Keyword::Time, false) => "time",
            (Keyword::Time, true) => "timetz",
            (_, false) => "timestamp",
            (_, true) => "timestamptz",
        };
        Ok(self.catalog_type(name, modifiers, position))
    }

    /// `INTERVAL`, `INTERVAL(p)`, `INTERVAL DAY TO SECOND(p)`
    fn interval_type(&mut self) -> SyntaxResult<TypeName<'a>> {
        let position = self.take()?.start;
        if self.at(TokenKind::LeftParenthesis) {
            let place = self.position();
            self.take()?;
            let precision = self.integer()?;
            self.expect(TokenKind::RightParenthesis)?;
            let modifiers = self.all_fields_to(precision, place);
            return Ok(self.catalog_type("interval", modifiers, position));
        }
        match self.interval_fields()? {
            Some((fields, modifiers)) => {
                let kind = TypeNameKind::Interval(fields);
                Ok(TypeName { kind, modifiers, dimensions: &[], set: false, position })
            }
            None => Ok(self.catalog_type("interval", &[], position)),
        }
    }

    /// `DAY TO SECOND(p)` and its like, with the precision of the seconds.
    pub(super) fn interval_fields(&mut self) -> SyntaxResult<Option<(IntervalFields, &'a [Expression<'a>])>> {
        let TokenKind::Keyword(first) = self.kind() else { return Ok(None) };
        let alone = match first {
            Keyword::Year => IntervalFields::Year,
            Keyword::Month => IntervalFields::Month,
            Keyword::Day => IntervalFields::Day,
            Keyword::Hour => IntervalFields::Hour,
            Keyword::Minute => IntervalFields::Minute,
            Keyword::Second => IntervalFields::Second,
            _ => return Ok(None),
        };
        self.take()?;
        let may_go_on = !matches!(alone, IntervalFields::Month | IntervalFields::Second);
        let fields = match may_go_on && self.eat_keyword(Keyword::To)? {
            true => self.interval_end(alone)?,
            false => alone,
        };
        let to_seconds = matches!(
            fields,
            IntervalFields::Second
                | IntervalFields::DayToSecond
                | IntervalFields::HourToSecond
                | IntervalFields::MinuteToSecond
        );
        if !to_seconds || !self.eat(TokenKind::LeftParenthesis)? {
            return Ok(Some((fields, &[])));
        }
        let place = self.position();
        let precision = self.integer()?;
        self.expect(TokenKind::RightParenthesis)?;
        Ok(Some((fields, self.number(precision, place))))
    }

    fn interval_end(&mut self, first: IntervalFields) -> SyntaxResult<IntervalFields> {
        let TokenKind::Keyword(last) = self.kind() else { return Err(self.unexpected()) };
        let fields = match (first, last) {
            (IntervalFields::Year, Keyword::Month) => IntervalFields::YearToMonth,
            (IntervalFields::Day, Keyword::Hour) => IntervalFields::DayToHour,
            (IntervalFields::Day, Keyword::Minute) => IntervalFields::DayToMinute,
            (IntervalFields::Day, Keyword::Second) => IntervalFields::DayToSecond,
            (IntervalFields::Hour, Keyword::Minute) => IntervalFields::HourToMinute,
            (IntervalFields::Hour, Keyword::Second) => IntervalFields::HourToSecond,
            (IntervalFields::Minute, Keyword::Second) => IntervalFields::MinuteToSecond,
            _ => return Err(self.unexpected()),
        };
        self.take()?;
        Ok(fields)
    }
}

pub(super) fn begins_type(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Int
            | Keyword::Integer
            | Keyword::Smallint
            | Keyword::Bigint
            | Keyword::Real
            | Keyword::Boolean
            | Keyword::Float
            | Keyword::Dec
            | Keyword::Decimal
            | Keyword::Numeric
            | Keyword::Bit
            | Keyword::Char
            | Keyword::Character
            | Keyword::National
            | Keyword::Nchar
            | Keyword::Varchar
            | Keyword::Time
            | Keyword::Timestamp
            | Keyword::Interval
    )
}
