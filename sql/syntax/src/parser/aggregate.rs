//! Aggregates: their parameters, and of what they are made.

use super::Parser;
use crate::error::{Rule, SyntaxResult};
use crate::keyword::Keyword;
use crate::lexer::TokenKind;
use crate::tree::StatementKind;
use crate::tree::option::Definition;
use crate::tree::routine::{AggregateParameters, CreateAggregate, Parameter, ParameterMode};

impl<'a> Parser<'a> {
    /// `CREATE [OR REPLACE] AGGREGATE …`; the current token is that word.
    pub(super) fn create_aggregate(&mut self, or_replace: bool) -> SyntaxResult<StatementKind<'a>> {
        self.take()?;
        let name = self.routine_name()?;
        // The older form has its base type among the options.
        let is_old = self.at(TokenKind::LeftParenthesis)
            && self.next()?.kind == TokenKind::Identifier
            && self.third()?.kind == TokenKind::Equals;
        let (parameters, options) = match is_old {
            true => (None, self.old_definitions()?),
            false => (Some(self.aggregate_parameters()?), self.definitions()?),
        };
        let create = CreateAggregate { or_replace, name, parameters, options };
        Ok(StatementKind::CreateAggregate(self.boxed(create)))
    }

    /// `(word = value, …)`, each with a value.
    fn old_definitions(&mut self) -> SyntaxResult<&'a [Definition<'a>]> {
        self.parenthesised(|parser| {
            if !parser.at(TokenKind::Identifier) {
                return Err(parser.unexpected());
            }
            let name = parser.label()?;
            parser.expect(TokenKind::Equals)?;
            Ok(Definition { namespace: None, name, value: Some(parser.definition_value()?) })
        })
    }

    /// `(*)`, `(parameters)`, `(parameters ORDER BY parameters)` (`aggr_args`).
    pub(super) fn aggregate_parameters(&mut self) -> SyntaxResult<AggregateParameters<'a>> {
        self.expect(TokenKind::LeftParenthesis)?;
        if self.eat(TokenKind::Star)? {
            self.expect(TokenKind::RightParenthesis)?;
            return Ok(AggregateParameters { all: &[], direct: None });
        }
        let mut direct_count = None;
        let mut all = self.list::<Parameter<'a>>();
        if !self.at_keyword(Keyword::Order) {
            all.extend(self.separated(Parser::aggregate_parameter)?.iter().copied());
        }
        if self.eat_keyword(Keyword::Order)? {
            self.expect_keyword(Keyword::By)?;
            direct_count = Some(all.len());
            let direct = all.last().copied();
            let ordered = self.separated(Parser::aggregate_parameter)?;
            if !self.at(TokenKind::RightParenthesis) {
                return Err(self.unexpected());
            }
            if let Some(last) = direct
                && last.mode == Some(ParameterMode::Variadic)
            {
                // The variadic parameter stands on both sides, and counts once.
                match ordered {
                    [one] if one.mode == Some(ParameterMode::Variadic) && same_type(one, &last) => {}
                    [..] => {
                        let position = ordered.first().map_or(0, |one| one.type_name.position);
                        return Err(self.refused(Rule::VariadicAggregate, position));
                    }
                }
            } else {
                all.extend(ordered.iter().copied());
            }
        }
        self.expect(TokenKind::RightParenthesis)?;
        Ok(AggregateParameters { all: all.into_bump_slice(), direct: direct_count })
    }

    fn aggregate_parameter(&mut self) -> SyntaxResult<Parameter<'a>> {
        let position = self.position();
        let parameter = self.parameter(false)?;
        match parameter.mode {
            Some(ParameterMode::Out | ParameterMode::InOut) => {
                Err(self.refused(Rule::AggregateWithOutput, position))
            }
            Some(ParameterMode::In | ParameterMode::Variadic) | None => Ok(parameter),
        }
    }
}

/// Whether two parameters are of one type, wherever it is written.
fn same_type(left: &Parameter<'_>, right: &Parameter<'_>) -> bool {
    use crate::tree::type_name::TypeNameKind;
    let (left, right) = (&left.type_name, &right.type_name);
    let same_name = match (left.kind, right.kind) {
        (TypeNameKind::Named(left), TypeNameKind::Named(right))
        | (TypeNameKind::OfColumn(left), TypeNameKind::OfColumn(right)) => {
            left.parts.iter().map(|part| part.text).eq(right.parts.iter().map(|part| part.text))
        }
        (TypeNameKind::Interval(left), TypeNameKind::Interval(right)) => left == right,
        (TypeNameKind::Named(_) | TypeNameKind::OfColumn(_) | TypeNameKind::Interval(_), _) => false,
    };
    same_name && left.dimensions == right.dimensions && left.set == right.set
}
