//! What can be wrong with a statement whose text is right, in PostgreSQL's words.
//!
//! One table: a kind of error, its SQLSTATE, its message, and the hint or detail that goes with it.

use diagnostic::{Diagnostic, SqlState};
use std::fmt;

/// The result of binding.
pub type BindResult<T> = Result<T, BindError>;

/// A statement that means nothing, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct BindError {
    /// What is wrong.
    pub kind: Box<BindErrorKind>,
    /// Byte offset into the statement's text; `None` where PostgreSQL gives no position.
    pub position: Option<u32>,
}

impl BindError {
    /// The error with another text, if it is one of a crate below.
    pub(crate) fn map_carried(mut self, change: impl FnOnce(&mut Carried)) -> BindError {
        if let BindErrorKind::Carried(carried) = &mut *self.kind {
            change(carried);
        }
        self
    }

    /// An error without a position.
    pub fn new(kind: BindErrorKind) -> BindError {
        BindError { kind: Box::new(kind), position: None }
    }

    /// An error at a place.
    pub fn at(kind: BindErrorKind, position: u32) -> BindError {
        BindError { kind: Box::new(kind), position: Some(position) }
    }

    /// The same without a place: of a text that is not the user's.
    pub fn nowhere(mut self) -> BindError {
        self.position = None;
        self
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(formatter)
    }
}

impl std::error::Error for BindError {}

impl Diagnostic for BindError {
    fn sqlstate(&self) -> SqlState {
        self.kind.sqlstate()
    }

    fn detail(&self) -> Option<String> {
        self.kind.detail()
    }

    fn hint(&self) -> Option<String> {
        self.kind.hint()
    }

    fn context(&self) -> Option<String> {
        self.kind.context()
    }

    fn position(&self) -> Option<u32> {
        self.position
    }
}

/// An error of a crate below, carried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    state: SqlState,
    pub(crate) message: String,
    detail: Option<String>,
    pub(crate) hint: Option<String>,
    context: Option<String>,
}

impl Carried {
    /// What `error` says.
    pub(crate) fn of(error: &dyn Diagnostic) -> Carried {
        Carried {
            state: error.sqlstate(),
            message: error.to_string(),
            detail: error.detail(),
            hint: error.hint(),
            context: error.context(),
        }
    }

    /// The same, with where it happened.
    pub(crate) fn within(self, context: String) -> Carried {
        Carried { context: Some(context), ..self }
    }
}

macro_rules! kinds {
    ($($variant:ident $({ $($field:ident: $kind:ty),* })? = $state:ident, $text:literal
        $(, detail $detail:literal)? $(, hint $hint:literal)?;)*) => {
        /// What is wrong, with PostgreSQL's texts.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)] // each says itself what it is
        pub enum BindErrorKind {
            /// An error of a crate below.
            Carried(Carried),
            /// A column that is not there, with the one or two that may be meant.
            NoColumn { relation: Option<String>, column: String, near: Vec<String> },
            /// A table that `FROM` does not name, with what may be meant.
            NoTable { table: String, reason: MissingTable },
            /// One with nothing but a message.
            Plain { state: SqlState, message: String },
            /// The same with what is said besides.
            PlainWith { state: SqlState, message: String, detail: Option<String>, hint: Option<String> },
            $($variant $({ $($field: $kind),* })?,)*
        }

        impl fmt::Display for BindErrorKind {
            #[allow(unused_variables)] // not every field stands in every text
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    BindErrorKind::Carried(error) => formatter.write_str(&error.message),
                    BindErrorKind::Plain { message, .. } | BindErrorKind::PlainWith { message, .. } => {
                        formatter.write_str(message)
                    }
                    BindErrorKind::NoColumn { relation: Some(relation), column, .. } => {
                        write!(formatter, "column {relation}.{column} does not exist")
                    }
                    BindErrorKind::NoColumn { relation: None, column, .. } => {
                        write!(formatter, "column \"{column}\" does not exist")
                    }
                    BindErrorKind::NoTable { table, reason: MissingTable::Unknown } => {
                        write!(formatter, "missing FROM-clause entry for table \"{table}\"")
                    }
                    BindErrorKind::NoTable { table, .. } => {
                        write!(formatter, "invalid reference to FROM-clause entry for table \"{table}\"")
                    }
                    $(BindErrorKind::$variant $({ $($field),* })? => write!(formatter, $text),)*
                }
            }
        }

        impl BindErrorKind {
            fn sqlstate(&self) -> SqlState {
                match self {
                    BindErrorKind::Carried(error) => error.state,
                    BindErrorKind::Plain { state, .. } | BindErrorKind::PlainWith { state, .. } => *state,
                    BindErrorKind::NoColumn { .. } => SqlState::UndefinedColumn,
                    BindErrorKind::NoTable { .. } => SqlState::UndefinedTable,
                    $(BindErrorKind::$variant $({ $($field: _),* })? => SqlState::$state,)*
                }
            }

            #[allow(unused_variables)] // not every field stands in every text
            fn detail(&self) -> Option<String> {
                match self {
                    BindErrorKind::Carried(error) => error.detail.clone(),
                    BindErrorKind::PlainWith { detail, .. } => detail.clone(),
                    BindErrorKind::NoColumn { .. }
                    | BindErrorKind::NoTable { .. }
                    | BindErrorKind::Plain { .. } => None,
                    $(BindErrorKind::$variant $({ $($field),* })? => optional!($($detail)?),)*
                }
            }

            fn context(&self) -> Option<String> {
                if let BindErrorKind::Carried(error) = self { error.context.clone() } else { None }
            }

            #[allow(unused_variables)] // not every field stands in every text
            fn hint(&self) -> Option<String> {
                match self {
                    BindErrorKind::Carried(error) => error.hint.clone(),
                    BindErrorKind::NoColumn { near, .. } => near_columns(near),
                    BindErrorKind::NoTable { reason, .. } => reason.hint(),
                    BindErrorKind::Plain { .. } => None,
                    BindErrorKind::PlainWith { hint, .. } => hint.clone(),
                    $(BindErrorKind::$variant $({ $($field),* })? => optional!($($hint)?),)*
                }
            }
        }
    };
}

macro_rules! optional {
    () => {
        None
    };
    ($text:literal) => {
        Some(format!($text))
    };
}

/// Why a table cannot be referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingTable {
    /// Nobody knows it.
    Unknown,
    /// It goes by another name.
    Alias(String),
    /// It is there by this name, but not here.
    Elsewhere(String),
}

impl MissingTable {
    fn hint(&self) -> Option<String> {
        match self {
            MissingTable::Unknown => None,
            MissingTable::Alias(alias) => {
                Some(format!("Perhaps you meant to reference the table alias \"{alias}\"."))
            }
            MissingTable::Elsewhere(name) => Some(format!(
                "There is an entry for table \"{name}\", but it cannot be referenced from this part of the query."
            )),
        }
    }
}

fn near_columns(near: &[String]) -> Option<String> {
    match near {
        [] => None,
        [one] => Some(format!("Perhaps you meant to reference the column \"{one}\".")),
        [one, two, ..] => {
            Some(format!("Perhaps you meant to reference the column \"{one}\" or the column \"{two}\"."))
        }
    }
}

kinds! {
    // names
    NoRelation { name: String } = UndefinedTable, "relation \"{name}\" does not exist";
    NoRelationYet { name: String, query: String } = UndefinedTable, "relation \"{name}\" does not exist",
        detail "There is a WITH item named \"{query}\", but it cannot be referenced from this part of the query.",
        hint "Use WITH RECURSIVE, or re-order the WITH items to remove forward references.";
    NotReadable { name: String, kind: &'static str } = WrongObjectType, "cannot open {kind} \"{name}\"";
    CrossDatabase { name: String } = FeatureNotSupported, "cross-database references are not implemented: {name}";
    ImproperName { name: String } = SyntaxError, "improper qualified name (too many dotted names): {name}";
    ImproperRelation { name: String } = SyntaxError, "improper relation name (too many dotted names): {name}";
    NoSchema { name: String } = InvalidSchemaName, "schema \"{name}\" does not exist";
    NoType { name: String } = UndefinedObject, "type \"{name}\" does not exist";
    ShellType { name: String } = UndefinedObject, "type \"{name}\" is only a shell";
    AmbiguousColumn { column: String } = AmbiguousColumn, "column reference \"{column}\" is ambiguous";
    AmbiguousTable { table: String } = AmbiguousAlias, "table reference \"{table}\" is ambiguous";
    DuplicateAlias { name: String } = DuplicateAlias, "table name \"{name}\" specified more than once";
    LateralJoin { table: String } = InvalidColumnReference,
        "invalid reference to FROM-clause entry for table \"{table}\"",
        detail "The combining JOIN type must be INNER or LEFT for a LATERAL reference.";
    NoColumnOf { column: String, relation: String } = UndefinedColumn,
        "column \"{column}\" of relation \"{relation}\" does not exist";
    NoColumnInType { column: String, type_name: String } = UndefinedColumn,
        "column \"{column}\" not found in data type {type_name}";
    NoColumnInRecord { column: String } = UndefinedColumn,
        "could not identify column \"{column}\" in record data type";
    NotComposite { column: String, type_name: String } = WrongObjectType,
        "column notation .{column} applied to type {type_name}, which is not a composite type";
    StarOfScalar { type_name: String } = WrongObjectType, "type {type_name} is not composite";
    StarNotAllowed = SyntaxError, "row expansion via \"*\" is not supported here";
    StarWithoutTables = SyntaxError, "SELECT * with no tables specified is not valid";
    TooManyAliases { table: String, available: usize, given: usize } = InvalidColumnReference,
        "table \"{table}\" has {available} columns available but {given} columns specified";
    JoinAliases { table: String, available: usize, given: usize } = InvalidColumnReference,
        "join expression \"{table}\" has {available} columns available but {given} columns specified";
    NoParameter { number: i32 } = UndefinedParameter, "there is no parameter ${number}";
    ParameterType { number: usize } = IndeterminateDatatype, "could not determine data type of parameter ${number}";
    ParameterTypeLate { number: usize } = AmbiguousParameter, "could not determine data type of parameter ${number}";
    ParameterTypes { number: usize, one: String, other: String } = AmbiguousParameter,
        "inconsistent types deduced for parameter ${number}", detail "{one} versus {other}";
    NoCollation { name: String } = UndefinedObject, "collation \"{name}\" for encoding \"UTF8\" does not exist";
    ExplicitCollations { one: String, other: String } = CollationMismatch,
        "collation mismatch between explicit collations \"{one}\" and \"{other}\"";
    ImplicitCollations { one: String, other: String } = CollationMismatch,
        "collation mismatch between implicit collations \"{one}\" and \"{other}\"",
        hint "You can choose the collation by applying the COLLATE clause to one or both expressions.";
    NoCollationFor { what: String } = IndeterminateCollation, "could not determine which collation to use for {what}",
        hint "Use the COLLATE clause to set the collation explicitly.";
    RecursiveCollation { name: String, number: usize, start: String, overall: String } = CollationMismatch,
        "recursive query \"{name}\" column {number} has collation \"{start}\" in non-recursive term but collation \"{overall}\" overall",
        hint "Use the COLLATE clause to set the collation of the non-recursive term.";
    NoCollations { type_name: String } = DatatypeMismatch, "collations are not supported by type {type_name}";
    // types
    NotBoolean { construct: String, actual: String } = DatatypeMismatch,
        "argument of {construct} must be type boolean, not type {actual}";
    NotOfType { construct: String, wanted: String, actual: String } = DatatypeMismatch,
        "argument of {construct} must be type {wanted}, not type {actual}";
    SetArgument { construct: String } = DatatypeMismatch, "argument of {construct} must not return a set";
    CannotCast { from: String, to: String } = CannotCoerce, "cannot cast type {from} to {to}";
    ArgumentType { number: usize, given: String, expected: String } = DatatypeMismatch,
        "parameter ${number} of type {given} cannot be coerced to the expected type {expected}",
        hint "You will need to rewrite or cast the expression.";
    RowTooShort { from: String, to: String } = CannotCoerce, "cannot cast type {from} to {to}",
        detail "Input has too few columns.";
    RowTooLong { from: String, to: String } = CannotCoerce, "cannot cast type {from} to {to}",
        detail "Input has too many columns.";
    AssignmentType { column: String, wanted: String, actual: String } = DatatypeMismatch,
        "column \"{column}\" is of type {wanted} but expression is of type {actual}",
        hint "You will need to rewrite or cast the expression.";
    SubscriptedAssignment { column: String, wanted: String, actual: String } = DatatypeMismatch,
        "subscripted assignment to \"{column}\" requires type {wanted} but expression is of type {actual}",
        hint "You will need to rewrite or cast the expression.";
    FieldAssignment { field: String, wanted: String, actual: String } = DatatypeMismatch,
        "subfield \"{field}\" is of type {wanted} but expression is of type {actual}",
        hint "You will need to rewrite or cast the expression.";
    DefaultType { column: String, wanted: String, actual: String } = DatatypeMismatch,
        "column \"{column}\" is of type {wanted} but default expression is of type {actual}",
        hint "You will need to rewrite or cast the expression.";
    ArgumentDefaultType { wanted: String, actual: String } = DatatypeMismatch,
        "argument of DEFAULT must be type {wanted}, not type {actual}";
    AssignInto { column: String, field: String, type_name: String } = DatatypeMismatch,
        "cannot assign to field \"{field}\" of column \"{column}\" because its type {type_name} is not a composite type";
    AssignNoField { column: String, field: String, type_name: String } = UndefinedColumn,
        "cannot assign to field \"{field}\" of column \"{column}\" because there is no such column in data type {type_name}";
    NotSubscriptable { type_name: String } = DatatypeMismatch,
        "cannot subscript type {type_name} because it does not support subscripting";
    SliceOfJson = DatatypeMismatch, "jsonb subscript does not support slices";
    SubscriptType { type_name: &'static str } = DatatypeMismatch, "{type_name} subscript must have type integer";
    JsonSubscriptType { type_name: String } = DatatypeMismatch, "subscript type {type_name} is not supported",
        hint "jsonb subscript must be coercible to either integer or text.";
    EmptyArray = IndeterminateDatatype, "cannot determine type of empty array",
        hint "Explicitly cast to the desired type, for example ARRAY[]::integer[].";
    NoArrayType { type_name: String } = UndefinedObject, "could not find array type for data type {type_name}";
    NoOrder { type_name: String } = UndefinedFunction, "could not identify an ordering operator for type {type_name}",
        hint "Use an explicit ordering operator or modify the query.";
    NoEquality { type_name: String } = UndefinedFunction, "could not identify an equality operator for type {type_name}";
    NoComparison { type_name: String } = UndefinedFunction,
        "could not identify a comparison function for type {type_name}";
    NotOrderingOperator { name: String } = WrongObjectType, "operator {name} is not a valid ordering operator",
        hint "Ordering operators must be \"<\" or \">\" members of btree operator families.";
    RowComparisonOperator { name: String } = FeatureNotSupported,
        "could not determine interpretation of row comparison operator {name}",
        hint "Row comparison operators must be associated with btree operator families.";
    RowOperatorType { name: String, type_name: String } = DatatypeMismatch,
        "row comparison operator must yield type boolean, not type {type_name}";
    UnequalRows = SyntaxError, "unequal number of entries in row expressions";
    EmptyRows = FeatureNotSupported, "cannot compare rows of zero length";
    QuantifiedArray = WrongObjectType, "op ANY/ALL (array) requires array on right side";
    QuantifiedBoolean = WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean";
    OperatorNotBoolean { construct: &'static str } = DatatypeMismatch, "{construct} requires = operator to yield boolean";
    DefaultNotAllowed = SyntaxError, "DEFAULT is not allowed in this context";
    SetTypeNotAllowed { type_name: String } = DatatypeMismatch, "type {type_name} cannot be a set";
    BadBits { digit: String } = InvalidTextRepresentation, "\"{digit}\" is not a valid binary digit";
    // calls
    NotAggregate { what: &'static str, name: String } = WrongObjectType,
        "{what} specified, but {name} is not an aggregate function";
    OverOfFunction { name: String } = WrongObjectType,
        "OVER specified, but {name} is not a window function nor an aggregate function";
    WindowWithoutOver { name: String } = WrongObjectType, "window function {name} requires an OVER clause";
    WithinGroupNeeded { name: String } = WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate {name}";
    NoOrderedSet { name: String } = WrongObjectType,
        "{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP";
    OverOrderedSet { name: String } = FeatureNotSupported, "OVER is not supported for ordered-set aggregate {name}";
    HypotheticalDirect { name: String, aggregate: String, direct: usize, sorted: usize }
        = UndefinedFunction, "function {name} does not exist",
        hint "To use the hypothetical-set aggregate {aggregate}, the number of hypothetical direct arguments (here {direct}) must match the number of ordering columns (here {sorted}).";
    StarArgument { name: String } = WrongObjectType,
        "{name}(*) must be used to call a parameterless aggregate function";
    StarOfFunction { name: String } = WrongObjectType,
        "{name}(*) specified, but {name} is not an aggregate function";
    DistinctWindow = FeatureNotSupported, "DISTINCT is not implemented for window functions";
    OrderWindow = FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions";
    FilterWindow = FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions";
    WindowWithinGroup { name: String } = WrongObjectType, "window function {name} cannot have WITHIN GROUP";
    DistinctOrder = InvalidColumnReference,
        "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list";
    NestedAggregate = GroupingError, "aggregate function calls cannot be nested";
    WindowInAggregate = GroupingError, "aggregate function calls cannot contain window function calls";
    SetInAggregate = FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls",
        hint "You might be able to move the set-returning function into a LATERAL FROM item.";
    SetInWindow = FeatureNotSupported, "window function calls cannot contain set-returning function calls",
        hint "You might be able to move the set-returning function into a LATERAL FROM item.";
    NestedWindow = WindowingError, "window function calls cannot be nested";
    AggregateNotAllowed { place: &'static str } = GroupingError, "aggregate functions are not allowed in {place}";
    AggregateInOwnFrom = GroupingError, "aggregate functions are not allowed in FROM clause of their own query level";
    GroupingNotAllowed { place: &'static str } = GroupingError, "grouping operations are not allowed in {place}";
    WindowNotAllowed { place: &'static str } = WindowingError, "window functions are not allowed in {place}";
    SetNotAllowed { place: &'static str } = FeatureNotSupported, "set-returning functions are not allowed in {place}";
    SetInConditional { place: &'static str } = FeatureNotSupported,
        "set-returning functions are not allowed in {place}",
        hint "You might be able to move the set-returning function into a LATERAL FROM item.";
    SetMustBeTop = FeatureNotSupported, "set-returning functions must appear at top level of FROM";
    SubqueryNotAllowed { place: &'static str } = FeatureNotSupported, "cannot use subquery in {place}";
    ColumnInDefault = FeatureNotSupported, "cannot use column reference in DEFAULT expression";
    ColumnNotAllowed { place: &'static str } = InvalidColumnReference,
        "cannot use column reference in {place}";
    SystemColumn { column: String } = InvalidColumnReference,
        "cannot use system column \"{column}\" in column generation expression";
    MergeSystemColumn { column: String } = InvalidColumnReference,
        "cannot use system column \"{column}\" in MERGE WHEN condition";
    CheckSystemColumn { column: String } = InvalidColumnReference,
        "system column \"{column}\" reference in check constraint is invalid";
    NotImmutable { place: &'static str } = InvalidObjectDefinition, "{place} must be marked IMMUTABLE";
    GenerationNotImmutable = InvalidObjectDefinition, "generation expression is not immutable";
    TooManyArguments = TooManyArguments, "cannot pass more than 100 arguments to a function";
    PositionalAfterNamed = SyntaxError, "positional argument cannot follow named argument";
    NameTwice { name: String } = SyntaxError, "argument name \"{name}\" used more than once";
    VariadicArray = DatatypeMismatch, "VARIADIC argument must be an array";
    Procedure { signature: String } = WrongObjectType, "{signature} is a procedure",
        hint "To call a procedure, use CALL.";
    // queries
    Ungrouped { column: String } = GroupingError,
        "column \"{column}\" must appear in the GROUP BY clause or be used in an aggregate function";
    UngroupedOuter { column: String } = GroupingError,
        "subquery uses ungrouped column \"{column}\" from outer query";
    GroupingArgument = GroupingError,
        "arguments to GROUPING must be grouping expressions of the associated query level";
    GroupingArguments = TooManyArguments, "GROUPING must have fewer than 32 arguments";
    TooManySets = StatementTooComplex, "too many grouping sets present (maximum 4096)";
    CubeElements = TooManyColumns, "CUBE is limited to 12 elements";
    UsingLeft { column: String } = UndefinedColumn,
        "column \"{column}\" specified in USING clause does not exist in left table";
    UsingRight { column: String } = UndefinedColumn,
        "column \"{column}\" specified in USING clause does not exist in right table";
    UsingTwice { column: String } = DuplicateColumn, "column name \"{column}\" appears more than once in USING clause";
    CommonTwice { column: String, side: &'static str } = AmbiguousColumn,
        "common column name \"{column}\" appears more than once in {side} table";
    DistinctOrderBy = InvalidColumnReference, "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
    DistinctOnOrderBy = InvalidColumnReference,
        "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
    PositionNotInList { clause: &'static str, number: i64 } = InvalidColumnReference,
        "{clause} position {number} is not in select list";
    NonIntegerConstant { clause: &'static str } = SyntaxError, "non-integer constant in {clause}";
    AmbiguousOutput { clause: &'static str, name: String } = AmbiguousColumn, "{clause} \"{name}\" is ambiguous";
    VariablesInLimit { clause: &'static str } = InvalidColumnReference, "argument of {clause} must not contain variables";
    NullTies = InvalidRowCountInLimitClause, "row count cannot be null in FETCH FIRST ... WITH TIES clause";
    UnequalColumns { operator: &'static str } = SyntaxError,
        "each {operator} query must have the same number of columns";
    SetOrder = FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
        detail "Only result column names can be used, not expressions or functions.",
        hint "Add the expression/function to every SELECT, or move the UNION into a FROM clause.";
    UnequalValues = SyntaxError, "VALUES lists must all be the same length";
    SubqueryAlias = SyntaxError, "subquery in FROM must have an alias", hint "For example, FROM (SELECT ...) [AS] foo.";
    ValuesAlias = SyntaxError, "VALUES in FROM must have an alias", hint "For example, FROM (VALUES ...) [AS] foo.";
    TooManySubqueryColumns = SyntaxError, "subquery has too many columns";
    TooFewSubqueryColumns = SyntaxError, "subquery has too few columns";
    OneColumn = SyntaxError, "subquery must return only one column";
    ColumnDefinitionsNeeded = SyntaxError, "a column definition list is required for functions returning \"record\"";
    ColumnDefinitionsOnly = SyntaxError,
        "a column definition list is only allowed for functions returning \"record\"";
    ColumnDefinitionsOut = SyntaxError,
        "a column definition list is redundant for a function with OUT parameters";
    ColumnDefinitionsNamed = SyntaxError,
        "a column definition list is redundant for a function returning a named composite type";
    OrdinalityDefinitions = SyntaxError, "WITH ORDINALITY cannot be used with a column definition list",
        hint "Put the column definition list inside ROWS FROM().";
    RowsFromDefinitions = SyntaxError, "ROWS FROM() with multiple functions cannot have a column definition list",
        hint "Put a separate column definition list for each function inside ROWS FROM().";
    SetColumnType { name: String } = InvalidTableDefinition, "column \"{name}\" cannot be declared SETOF";
    ColumnTwice { column: String } = DuplicateColumn, "column name \"{column}\" appears more than once";
    NoLockRelation { strength: &'static str, table: String } = UndefinedTable,
        "relation \"{table}\" in {strength} clause not found in FROM clause";
    LockJoin { strength: &'static str } = FeatureNotSupported, "{strength} cannot be applied to a join";
    LockFunction { strength: &'static str } = FeatureNotSupported, "{strength} cannot be applied to a function";
    LockValues { strength: &'static str } = FeatureNotSupported, "{strength} cannot be applied to VALUES";
    LockWith { strength: &'static str } = FeatureNotSupported, "{strength} cannot be applied to a WITH query";
    LockNullable { strength: &'static str } = FeatureNotSupported,
        "{strength} cannot be applied to the nullable side of an outer join";
    LockQualified { strength: &'static str } = SyntaxError, "{strength} must specify unqualified relation names";
    LockNotAllowed { strength: &'static str, with: &'static str } = FeatureNotSupported,
        "{strength} is not allowed with {with}";
    IntoNotAllowed = SyntaxError, "SELECT ... INTO is not allowed here";
    // windows
    NoWindow { name: String } = UndefinedObject, "window \"{name}\" does not exist";
    WindowTwice { name: String } = WindowingError, "window \"{name}\" is already defined";
    OverridePartition { name: String } = WindowingError, "cannot override PARTITION BY clause of window \"{name}\"";
    OverrideOrder { name: String } = WindowingError, "cannot override ORDER BY clause of window \"{name}\"";
    CopyFrame { name: String } = WindowingError, "cannot copy window \"{name}\" because it has a frame clause";
    CopyFrameParentheses { name: String } = WindowingError,
        "cannot copy window \"{name}\" because it has a frame clause", hint "Omit the parentheses in this OVER clause.";
    RangeOneOrder = WindowingError, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column";
    GroupsOrder = WindowingError, "GROUPS mode requires an ORDER BY clause";
    RangeType { type_name: String } = FeatureNotSupported,
        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {type_name}";
    RangeOffsetType { type_name: String, offset: String } = FeatureNotSupported,
        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {type_name} and offset type {offset}",
        hint "Cast the offset value to an appropriate type.";
    // WITH
    WithTwice { name: String } = DuplicateAlias, "WITH query name \"{name}\" specified more than once";
    WithColumns { name: String, available: usize, given: usize } = InvalidColumnReference,
        "WITH query \"{name}\" has {available} columns available but {given} columns specified";
    WithNoReturning { name: String } = FeatureNotSupported,
        "WITH query \"{name}\" does not have a RETURNING clause";
    WithMerge = FeatureNotSupported, "MERGE not supported in WITH query";
    WithChangeLevel = FeatureNotSupported, "WITH clause containing a data-modifying statement must be at the top level";
    RecursiveShape { name: String } = InvalidRecursion,
        "recursive query \"{name}\" does not have the form non-recursive-term UNION [ALL] recursive-term";
    RecursiveChange { name: String } = InvalidRecursion,
        "recursive query \"{name}\" must not contain data-modifying statements";
    RecursiveTwice { name: String } = InvalidRecursion,
        "recursive reference to query \"{name}\" must not appear more than once";
    RecursivePlace { name: String, place: &'static str } = InvalidRecursion,
        "recursive reference to query \"{name}\" must not appear within {place}";
    RecursiveClause { clause: &'static str } = FeatureNotSupported, "{clause} in a recursive query is not implemented";
    RecursiveAggregate = InvalidRecursion,
        "aggregate functions are not allowed in a recursive query's recursive term";
    MutualRecursion = FeatureNotSupported, "mutual recursion between WITH items is not implemented";
    RecursiveType { name: String, number: usize, start: String, overall: String } = DatatypeMismatch,
        "recursive query \"{name}\" column {number} has type {start} in non-recursive term but type {overall} overall",
        hint "Cast the output of the non-recursive term to the correct type.";
    SearchNotRecursive = SyntaxError, "WITH query is not recursive";
    SearchColumn { column: String } = SyntaxError, "search column \"{column}\" not in WITH query column list";
    CycleColumn { column: String } = SyntaxError, "cycle column \"{column}\" not in WITH query column list";
    SearchTwice { column: String } = DuplicateColumn, "search column \"{column}\" specified more than once";
    CycleTwice { column: String } = DuplicateColumn, "cycle column \"{column}\" specified more than once";
    SearchName { column: String } = SyntaxError,
        "search sequence column name \"{column}\" already used in WITH query column list";
    CycleMarkName { column: String } = SyntaxError,
        "cycle mark column name \"{column}\" already used in WITH query column list";
    CyclePathName { column: String } = SyntaxError,
        "cycle path column name \"{column}\" already used in WITH query column list";
    CycleSameNames = SyntaxError, "cycle mark column name and cycle path column name are the same";
    // changes
    MoreExpressions = SyntaxError, "INSERT has more expressions than target columns";
    MoreTargets = SyntaxError, "INSERT has more target columns than expressions";
    TargetTwice { column: String } = DuplicateColumn, "column \"{column}\" specified more than once";
    AssignedTwice { column: String } = SyntaxError, "multiple assignments to same column \"{column}\"";
    SystemTarget { column: String } = FeatureNotSupported, "cannot assign to system column \"{column}\"";
    RowAssignment = FeatureNotSupported,
        "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression";
    AssignmentCount = SyntaxError, "number of columns does not match number of values";
    AlwaysIdentityInsert { column: String } = GeneratedAlways, "cannot insert a non-DEFAULT value into column \"{column}\"",
        detail "Column \"{column}\" is an identity column defined as GENERATED ALWAYS.",
        hint "Use OVERRIDING SYSTEM VALUE to override.";
    GeneratedInsert { column: String } = GeneratedAlways, "cannot insert a non-DEFAULT value into column \"{column}\"",
        detail "Column \"{column}\" is a generated column.";
    AlwaysIdentityUpdate { column: String } = GeneratedAlways, "column \"{column}\" can only be updated to DEFAULT",
        detail "Column \"{column}\" is an identity column defined as GENERATED ALWAYS.";
    GeneratedUpdate { column: String } = GeneratedAlways, "column \"{column}\" can only be updated to DEFAULT",
        detail "Column \"{column}\" is a generated column.";
    ConflictTarget = SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name",
        hint "For example, ON CONFLICT (column_name).";
    NoConflictIndex = InvalidColumnReference,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification";
    NoConstraint { constraint: String, table: String } = UndefinedObject,
        "constraint \"{constraint}\" for table \"{table}\" does not exist";
    ConstraintNotUnique = WrongObjectType, "constraint in ON CONFLICT clause has no associated index";
    ConflictDeferrable = ObjectNotInPrerequisiteState,
        "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters";
    ConflictExclusion = WrongObjectType, "ON CONFLICT DO UPDATE not supported with exclusion constraints";
    ConflictDirection { what: &'static str } = InvalidColumnReference, "{what} is not allowed in ON CONFLICT clause";
    CannotChange { action: &'static str, kind: &'static str, name: String } = WrongObjectType,
        "cannot {action} {kind} \"{name}\"";
    SystemCatalog { name: String } = InsufficientPrivilege,
        "permission denied: \"{name}\" is a system catalog";
    ViewNotUpdatable { action: &'static str, name: String, reason: String } = ObjectNotInPrerequisiteState,
        "cannot {action} view \"{name}\"", detail "{reason}";
    MergeUnreachable = SyntaxError, "unreachable WHEN clause specified after unconditional WHEN clause";
    MergeView { name: String } = WrongObjectType, "cannot execute MERGE on relation \"{name}\"",
        detail "This operation is not supported for views.";
    MergeSameName { name: String } = DuplicateAlias, "name \"{name}\" specified more than once",
        detail "The name is used both as MERGE target table and data source.";
    NoCursor { name: String } = InvalidCursorName, "cursor \"{name}\" does not exist";
    // limits
    TooDeep = StatementTooComplex, "stack depth limit exceeded",
        hint "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.";
    TooManyTargets = TooManyColumns, "target lists can have at most 1664 entries";
    TooManyRelations = ProgramLimitExceeded, "too many range table entries";
    Unsupported { feature: String } = FeatureNotSupported, "{feature} is not supported";
    Internal { what: String } = InternalError, "{what}";
}
