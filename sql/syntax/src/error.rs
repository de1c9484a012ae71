//! What can be wrong with a text before anybody asks what it means.
//!
//! Each error has PostgreSQL's message, SQLSTATE and position. Positions are byte offsets into the text; whoever shows
//! them to a user counts characters from one.

use diagnostic::{Diagnostic, SqlState};
use std::fmt;
use thiserror::Error;

/// The result of a step of the parser.
pub type SyntaxResult<T> = Result<T, SyntaxError>;

/// A text that is no SQL, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Byte offset of the offending token; `None` where PostgreSQL gives no position.
    pub position: Option<u32>,
}

/// The token at which an error was noticed, as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Near {
    /// The end of the text.
    End,
    /// A token.
    Token(String),
}

impl fmt::Display for Near {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Near::End => formatter.write_str("at end of input"),
            Near::Token(text) => write!(formatter, "at or near \"{text}\""),
        }
    }
}

/// Kinds of errors, with PostgreSQL's texts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SyntaxErrorKind {
    /// A token that the grammar does not allow here.
    #[error("syntax error {0}")]
    Unexpected(Near),
    /// The lexer's complaint about a token that it could not finish or understand.
    #[error("{problem} {near}")]
    Token {
        /// What is wrong with it.
        problem: TokenProblem,
        /// The token.
        near: Near,
    },
    /// An escape within a string that says nothing valid; without the token, as PostgreSQL says it.
    #[error("{0}")]
    Escape(TokenProblem),
    /// A string with Unicode escapes where backslashes escape in plain strings.
    #[error("unsafe use of string constant with Unicode escapes")]
    UnsafeUnicode,
    /// A backslash before a quote where none may be.
    #[error("unsafe use of \\' in a string literal")]
    UnsafeQuote,
    /// Bytes that are no UTF-8.
    #[error("invalid byte sequence for encoding \"UTF8\": {0}")]
    Encoding(String),
    /// A rule that no order of tokens can say.
    #[error("{0}")]
    Rule(#[from] Rule),
    /// Nesting deeper than the stack allows.
    #[error("stack depth limit exceeded")]
    TooDeep,
    /// The text is longer than positions can tell.
    #[error("statement of {0} bytes is too long: the limit is 1 GB")]
    TooLong(usize),
}

/// What the lexer complains of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum TokenProblem {
    #[error("unterminated /* comment")]
    UnterminatedComment,
    #[error("unterminated quoted string")]
    UnterminatedString,
    #[error("unterminated quoted identifier")]
    UnterminatedIdentifier,
    #[error("unterminated bit string literal")]
    UnterminatedBitString,
    #[error("unterminated hexadecimal string literal")]
    UnterminatedHexString,
    #[error("unterminated dollar-quoted string")]
    UnterminatedDollarString,
    #[error("zero-length delimited identifier")]
    EmptyIdentifier,
    #[error("trailing junk after numeric literal")]
    JunkAfterNumber,
    #[error("trailing junk after parameter")]
    JunkAfterParameter,
    #[error("operator too long")]
    OperatorTooLong,
    #[error("invalid Unicode escape")]
    InvalidUnicodeEscape,
    #[error("invalid Unicode escape")]
    ShortUnicodeEscape,
    #[error("invalid Unicode escape value")]
    InvalidUnicodeEscapeValue,
    #[error("invalid Unicode surrogate pair")]
    InvalidSurrogatePair,
    #[error("invalid Unicode escape character")]
    InvalidEscapeCharacter,
    #[error("UESCAPE must be followed by a simple string literal")]
    EscapeWithoutString,
    #[error("parameter number too large")]
    ParameterTooLarge,
    #[error("improper use of \"*\"")]
    ImproperStar,
    #[error("duplicate trigger events specified")]
    TwoTriggerEvents,
}

/// Rules of the grammar that no order of tokens can say, with PostgreSQL's texts.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum Rule {
    #[error("improper qualified name (too many dotted names): {0}")]
    TooManyDottedNames(String),
    #[error("subquery in FROM must have an alias")]
    SubqueryWithoutAlias,
    #[error("VALUES in FROM must have an alias")]
    ValuesWithoutAlias,
    #[error("LIMIT #,# syntax is not supported")]
    LimitWithComma,
    #[error("WITH TIES cannot be specified without ORDER BY clause")]
    TiesWithoutOrder,
    #[error("SKIP LOCKED and WITH TIES options cannot be used together")]
    TiesWithSkipLocked,
    #[error("precision for type float must be at least 1 bit")]
    FloatTooShort,
    #[error("precision for type float must be less than 54 bits")]
    FloatTooLong,
    #[error("column number must be in range from 1 to 32767")]
    ColumnNumber,
    #[error("UNIQUE predicate is not yet implemented")]
    UniquePredicate,
    #[error("frame start cannot be UNBOUNDED FOLLOWING")]
    FrameStartsUnboundedFollowing,
    #[error("frame end cannot be UNBOUNDED PRECEDING")]
    FrameEndsUnboundedPreceding,
    #[error("frame starting from current row cannot have preceding rows")]
    FrameFromCurrentToPreceding,
    #[error("frame starting from following row cannot have preceding rows")]
    FrameFromFollowingToPreceding,
    #[error("frame starting from following row cannot end with current row")]
    FrameFromFollowingToCurrent,
    #[error("wrong number of parameters on {0} side of OVERLAPS expression")]
    OverlapsNeedsTwo(&'static str),
    #[error("cannot use multiple ORDER BY clauses with WITHIN GROUP")]
    TwoOrdersInCall,
    #[error("cannot use DISTINCT with WITHIN GROUP")]
    DistinctWithinGroup,
    #[error("cannot use VARIADIC with WITHIN GROUP")]
    VariadicWithinGroup,
    #[error("multiple ORDER BY clauses not allowed")]
    TwoOrders,
    #[error("multiple OFFSET clauses not allowed")]
    TwoOffsets,
    #[error("multiple LIMIT clauses not allowed")]
    TwoLimits,
    #[error("multiple WITH clauses not allowed")]
    TwoWiths,
    #[error("role name \"{0}\" is reserved")]
    ReservedRole(&'static str),
    #[error("{0} cannot be used as a role name here")]
    NoRoleHere(&'static str),
    #[error("unrecognized role option \"{0}\"")]
    UnknownRoleOption(String),
    #[error("UNENCRYPTED PASSWORD is no longer supported")]
    UnencryptedPassword,
    #[error("missing argument")]
    MissingOperand,
    #[error("aggregates cannot have output arguments")]
    AggregateWithOutput,
    #[error(
        "an ordered-set aggregate with a VARIADIC direct argument must have one VARIADIC aggregated argument of the same data type"
    )]
    VariadicAggregate,
    #[error("modulus for hash partition provided more than once")]
    TwoModuli,
    #[error("remainder for hash partition provided more than once")]
    TwoRemainders,
    #[error("unrecognized hash partition bound specification \"{0}\"")]
    UnknownHashBound(String),
    #[error("modulus for hash partition must be specified")]
    NoModulus,
    #[error("remainder for hash partition must be specified")]
    NoRemainder,
    #[error("multiple COLLATE clauses not allowed")]
    TwoCollations,
    #[error("for a generated column, GENERATED ALWAYS must be specified")]
    GeneratedByDefault,
    #[error("a column list with {0} is only supported for ON DELETE actions")]
    ColumnsOfUpdateAction(&'static str),
    #[error("MATCH PARTIAL not yet implemented")]
    MatchPartial,
    #[error("constraint declared INITIALLY DEFERRED must be DEFERRABLE")]
    DeferredNotDeferrable,
    #[error("conflicting constraint properties")]
    ConflictingConstraint,
    #[error("{0} constraints cannot be marked {1}")]
    ConstraintAttribute(&'static str, &'static str),
    #[error("sequence option \"{0}\" not supported here")]
    SequenceOptionHere(&'static str),
    #[error("current database cannot be changed")]
    DatabaseCannotChange,
    #[error("time zone interval must be HOUR or HOUR TO MINUTE")]
    ZoneInterval,
    #[error("WHERE clause not allowed with COPY TO")]
    WhereInCopyTo,
    #[error("STDIN/STDOUT not allowed with PROGRAM")]
    ProgramWithStandardStream,
    #[error("CREATE SCHEMA IF NOT EXISTS cannot include schema elements")]
    ElementsOfExistingSchema,
    #[error("WITH CHECK OPTION not supported on recursive views")]
    CheckOfRecursiveView,
    #[error("CREATE ASSERTION is not yet implemented")]
    Assertion,
    #[error("unrecognized row security option \"{0}\"")]
    UnknownPolicyKind(String),
    #[error("CREATE EXTENSION ... FROM is no longer supported")]
    ExtensionFrom,
    #[error("RECHECK is no longer required")]
    Recheck,
    #[error("invalid publication object list")]
    PublicationList,
    #[error("invalid table name")]
    InvalidTableName,
    #[error("invalid schema name")]
    InvalidSchemaName,
    #[error("WHERE clause not allowed for schema")]
    WhereOfSchema,
    #[error("column specification not allowed for schema")]
    ColumnsOfSchema,
    #[error("type modifier cannot have parameter name")]
    TypeModifierName,
    #[error("type modifier cannot have ORDER BY")]
    TypeModifierOrder,
}

impl Diagnostic for SyntaxError {
    fn sqlstate(&self) -> SqlState {
        match &self.kind {
            SyntaxErrorKind::Escape(TokenProblem::ShortUnicodeEscape) => SqlState::InvalidEscapeSequence,
            SyntaxErrorKind::Unexpected(_) | SyntaxErrorKind::Token { .. } | SyntaxErrorKind::Escape(_) => {
                SqlState::SyntaxError
            }
            SyntaxErrorKind::Encoding(_) => SqlState::CharacterNotInRepertoire,
            SyntaxErrorKind::Rule(rule) => rule.sqlstate(),
            SyntaxErrorKind::TooDeep => SqlState::StatementTooComplex,
            SyntaxErrorKind::TooLong(_) => SqlState::ProgramLimitExceeded,
            SyntaxErrorKind::UnsafeUnicode => SqlState::FeatureNotSupported,
            SyntaxErrorKind::UnsafeQuote => SqlState::NonstandardUseOfEscapeCharacter,
        }
    }

    fn detail(&self) -> Option<String> {
        match &self.kind {
            SyntaxErrorKind::Rule(rule) => rule.detail().map(str::to_owned),
            SyntaxErrorKind::UnsafeUnicode => Some(
                "String constants with Unicode escapes cannot be used when standard_conforming_strings is off."
                    .to_owned(),
            ),
            SyntaxErrorKind::Unexpected(_)
            | SyntaxErrorKind::Token { .. }
            | SyntaxErrorKind::Escape(_)
            | SyntaxErrorKind::Encoding(_)
            | SyntaxErrorKind::TooDeep
            | SyntaxErrorKind::UnsafeQuote
            | SyntaxErrorKind::TooLong(_) => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match &self.kind {
            SyntaxErrorKind::Escape(TokenProblem::InvalidUnicodeEscape) => {
                Some("Unicode escapes must be \\XXXX or \\+XXXXXX.".to_owned())
            }
            SyntaxErrorKind::Escape(TokenProblem::ShortUnicodeEscape) => {
                Some("Unicode escapes must be \\uXXXX or \\UXXXXXXXX.".to_owned())
            }
            SyntaxErrorKind::Rule(rule) => rule.hint().map(str::to_owned),
            SyntaxErrorKind::Unexpected(_)
            | SyntaxErrorKind::Token { .. }
            | SyntaxErrorKind::Escape(_)
            | SyntaxErrorKind::Encoding(_)
            | SyntaxErrorKind::TooDeep
            | SyntaxErrorKind::UnsafeUnicode
            | SyntaxErrorKind::TooLong(_) => None,
            SyntaxErrorKind::UnsafeQuote => Some(
                "Use '' to write quotes in strings. \\' is insecure in client-only encodings.".to_owned(),
            ),
        }
    }

    fn position(&self) -> Option<u32> {
        self.position
    }
}

impl Rule {
    /// The class of the refusal.
    pub fn sqlstate(&self) -> SqlState {
        match self {
            Rule::TooManyDottedNames(_)
            | Rule::SubqueryWithoutAlias
            | Rule::ValuesWithoutAlias
            | Rule::LimitWithComma
            | Rule::TiesWithoutOrder
            | Rule::TiesWithSkipLocked
            | Rule::OverlapsNeedsTwo(_)
            | Rule::TwoOrdersInCall
            | Rule::DistinctWithinGroup
            | Rule::VariadicWithinGroup
            | Rule::TwoOrders
            | Rule::TwoOffsets
            | Rule::TwoLimits
            | Rule::TwoWiths
            | Rule::UnknownRoleOption(_)
            | Rule::MissingOperand
            | Rule::UnknownHashBound(_)
            | Rule::NoModulus
            | Rule::NoRemainder
            | Rule::TwoCollations
            | Rule::GeneratedByDefault
            | Rule::DeferredNotDeferrable
            | Rule::ConflictingConstraint
            | Rule::SequenceOptionHere(_)
            | Rule::ZoneInterval
            | Rule::WhereInCopyTo
            | Rule::ProgramWithStandardStream
            | Rule::UnknownPolicyKind(_)
            | Rule::PublicationList
            | Rule::InvalidTableName
            | Rule::InvalidSchemaName
            | Rule::WhereOfSchema
            | Rule::ColumnsOfSchema
            | Rule::TypeModifierName
            | Rule::TypeModifierOrder => SqlState::SyntaxError,
            Rule::FloatTooShort | Rule::FloatTooLong | Rule::ColumnNumber => SqlState::InvalidParameterValue,
            Rule::UniquePredicate
            | Rule::UnencryptedPassword
            | Rule::AggregateWithOutput
            | Rule::VariadicAggregate
            | Rule::ColumnsOfUpdateAction(_)
            | Rule::MatchPartial
            | Rule::ConstraintAttribute(_, _)
            | Rule::DatabaseCannotChange
            | Rule::ElementsOfExistingSchema
            | Rule::CheckOfRecursiveView
            | Rule::Assertion
            | Rule::ExtensionFrom
            | Rule::Recheck => SqlState::FeatureNotSupported,
            Rule::ReservedRole(_) | Rule::NoRoleHere(_) => SqlState::ReservedName,
            Rule::TwoModuli | Rule::TwoRemainders => SqlState::DuplicateObject,
            Rule::FrameStartsUnboundedFollowing
            | Rule::FrameEndsUnboundedPreceding
            | Rule::FrameFromCurrentToPreceding
            | Rule::FrameFromFollowingToPreceding
            | Rule::FrameFromFollowingToCurrent => SqlState::WindowingError,
        }
    }

    /// What to do about it.
    fn hint(&self) -> Option<&'static str> {
        match self {
            Rule::SubqueryWithoutAlias => Some("For example, FROM (SELECT ...) [AS] foo."),
            Rule::ValuesWithoutAlias => Some("For example, FROM (VALUES ...) [AS] foo."),
            Rule::LimitWithComma => Some("Use separate LIMIT and OFFSET clauses."),
            Rule::UnencryptedPassword => {
                Some("Remove UNENCRYPTED to store the password in encrypted form instead.")
            }
            Rule::MissingOperand => Some("Use NONE to denote the missing argument of a unary operator."),
            Rule::UnknownPolicyKind(_) => {
                Some("Only PERMISSIVE or RESTRICTIVE policies are supported currently.")
            }
            Rule::Recheck => Some("Update your data type."),
            Rule::TooManyDottedNames(_)
            | Rule::TiesWithoutOrder
            | Rule::TiesWithSkipLocked
            | Rule::FloatTooShort
            | Rule::FloatTooLong
            | Rule::ColumnNumber
            | Rule::UniquePredicate
            | Rule::FrameStartsUnboundedFollowing
            | Rule::FrameEndsUnboundedPreceding
            | Rule::FrameFromCurrentToPreceding
            | Rule::FrameFromFollowingToPreceding
            | Rule::FrameFromFollowingToCurrent
            | Rule::OverlapsNeedsTwo(_)
            | Rule::TwoOrdersInCall
            | Rule::DistinctWithinGroup
            | Rule::VariadicWithinGroup
            | Rule::TwoOrders
            | Rule::TwoOffsets
            | Rule::TwoLimits
            | Rule::TwoWiths
            | Rule::ReservedRole(_)
            | Rule::NoRoleHere(_)
            | Rule::UnknownRoleOption(_)
            | Rule::AggregateWithOutput
            | Rule::VariadicAggregate
            | Rule::TwoModuli
            | Rule::TwoRemainders
            | Rule::UnknownHashBound(_)
            | Rule::NoModulus
            | Rule::NoRemainder
            | Rule::TwoCollations
            | Rule::GeneratedByDefault
            | Rule::ColumnsOfUpdateAction(_)
            | Rule::MatchPartial
            | Rule::DeferredNotDeferrable
            | Rule::ConflictingConstraint
            | Rule::ConstraintAttribute(..)
            | Rule::SequenceOptionHere(_)
            | Rule::DatabaseCannotChange
            | Rule::ZoneInterval
            | Rule::WhereInCopyTo
            | Rule::ProgramWithStandardStream
            | Rule::ElementsOfExistingSchema
            | Rule::CheckOfRecursiveView
            | Rule::Assertion
            | Rule::ExtensionFrom
            | Rule::PublicationList
            | Rule::InvalidTableName
            | Rule::InvalidSchemaName
            | Rule::WhereOfSchema
            | Rule::ColumnsOfSchema
            | Rule::TypeModifierName
            | Rule::TypeModifierOrder => None,
        }
    }

    /// More about it: only one rule has more to say.
    fn detail(&self) -> Option<&'static str> {
        (*self == Rule::PublicationList).then_some(
            "One of TABLE or TABLES IN SCHEMA must be specified before a standalone table or schema name.",
        )
    }
}
