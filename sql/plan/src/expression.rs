//! Bound expressions: every name resolved, every cast spelled out, every type known.

use crate::logical::Logical;
use crate::physical::SubplanId;
use std::sync::Arc;
use types::vector::Order;
use types::{Type, Value};

/// An operator that makes columns; unique in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub u32);

/// A column by who makes it and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column {
    /// Who makes it.
    pub relation: RelationId,
    /// Its place among what is made.
    pub index: u32,
}

/// A function, aggregate or window function by its number in `pg_proc`; operators and casts are calls of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

/// A value that an operator sets for what runs below or beside it, once for each row of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OuterId(pub u32);

/// An expression and the type of its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it computes.
    pub kind: ExpressionKind,
    /// Of which type.
    pub result: Type,
}

/// What an expression computes.
///
/// Arguments are evaluated only for the rows that need them: the arms of `CASE`, the later terms of `AND`, `OR` and
/// `COALESCE` see the rows that the earlier ones left over.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// A value known beforehand.
    Constant(Value),
    /// `$n`, counted from 0: given when the statement is executed.
    Parameter(u32),
    /// A column of an operator. Only before planning.
    Column(Column),
    /// A column of the input chunk. Only after planning.
    Slot(u32),
    /// A value set by an outer operator for its current row. Only after planning.
    Outer(OuterId),
    /// A function, an operator or a cast.
    Call(Call),
    /// All terms true; at least two.
    And(Vec<Expression>),
    /// Any term true; at least two.
    Or(Vec<Expression>),
    /// `NOT`
    Not(Box<Expression>),
    /// `IS [NOT] NULL`. Of a row: whether all of its fields are (not) null.
    IsNull {
        /// What is tested.
        operand: Box<Expression>,
        /// `IS NOT NULL`
        negated: bool,
    },
    /// `IS [NOT] TRUE`, `FALSE`, `UNKNOWN`.
    IsBoolean {
        /// What is tested.
        operand: Box<Expression>,
        /// For what; `None` is `UNKNOWN`.
        wanted: Option<bool>,
        /// `IS NOT …`
        negated: bool,
    },
    /// `IS [NOT] DISTINCT FROM`: by the operator's function, nulls being equal.
    IsDistinct {
        /// The function of `=`.
        equality: FunctionId,
        /// Left and right.
        operands: Box<(Expression, Expression)>,
        /// `IS NOT DISTINCT FROM`
        negated: bool,
    },
    /// `CASE`. With an operand each condition is a comparison with [`ExpressionKind::CaseOperand`].
    Case {
        /// What is compared with, evaluated once.
        operand: Option<Box<Expression>>,
        /// Conditions and results, in order.
        arms: Vec<(Expression, Expression)>,
        /// `ELSE`; null without.
        otherwise: Option<Box<Expression>>,
    },
    /// The operand of the innermost `CASE` around it.
    CaseOperand,
    /// `COALESCE`
    Coalesce(Vec<Expression>),
    /// `NULLIF(a, b)`: a, unless the function of `=` says that both are equal.
    NullIf {
        /// The function of `=`.
        equality: FunctionId,
        /// a, and b; each cast to what the function takes where it must be, `result` is a's own type.
        operands: Box<(Expression, Expression)>,
    },
    /// `GREATEST`, `LEAST`: nulls are left out.
    Extreme {
        /// `GREATEST`
        greatest: bool,
        /// By which order.
        order: Order,
        /// Of what; all of the result's type.
        operands: Vec<Expression>,
    },
    /// The same bits under another type.
    Relabel(Box<Expression>),
    /// The same value, to be compared by another collation. All compare by bytes: it is kept for the text form.
    Collate {
        /// Of what.
        operand: Box<Expression>,
        /// Its number.
        collation: u32,
    },
    /// A cast by the text form: output of the operand's type, input of the result's.
    ThroughText(Box<Expression>),
    /// A cast of an array, element by element: `element` is evaluated over [`ExpressionKind::Element`].
    ArrayCast {
        /// The array.
        operand: Box<Expression>,
        /// What becomes of an element.
        element: Box<Expression>,
    },
    /// The element in the innermost [`ExpressionKind::ArrayCast`], the value in the innermost check of a domain.
    Element,
    /// A row made of the fields of another; null stays null.
    RowCast {
        /// The row.
        operand: Box<Expression>,
        /// For each field of the result the place of the row's field that it is (null without), and what becomes of that, over
        /// [`ExpressionKind::Element`], if it does not stay as it is.
        fields: Vec<(Option<u32>, Option<Expression>)>,
    },
    /// The checks of a domain, over [`ExpressionKind::Element`]; hands the value through.
    DomainCheck {
        /// The value, of the base type.
        operand: Box<Expression>,
        /// What the domain demands.
        domain: Arc<DomainRules>,
    },
    /// `ARRAY[…]`
    Array {
        /// Elements, or arrays of one shape if `nested`.
        elements: Vec<Expression>,
        /// Whether the elements are arrays, which become one dimension more.
        nested: bool,
    },
    /// `ROW(…)`
    Row(Vec<Expression>),
    /// A field of a row, counted from 0.
    Field {
        /// The row.
        operand: Box<Expression>,
        /// Which.
        index: u32,
    },
    /// `a[1]`, `a[1:2][3]`; of jsonb too.
    Subscript {
        /// Of what.
        operand: Box<Expression>,
        /// Steps, in order. If any is a slice all are; `a[n]` among slices is `a[1:n]`.
        steps: Vec<SubscriptStep>,
    },
    /// Assignment into an array, a jsonb or a row: `operand` with the place replaced by `value`.
    Replace {
        /// The whole before.
        operand: Box<Expression>,
        /// Where.
        path: ReplacePath,
        /// What.
        value: Box<Expression>,
    },
    /// `a op ANY (array)`, `a op ALL (array)`.
    Quantified {
        /// The operator's function.
        function: FunctionId,
        /// `ALL`
        all: bool,
        /// a, and the array.
        operands: Box<(Expression, Expression)>,
    },
    /// `a IN (list)` with many terms that are constants or parameters, all of a's type: by hash. A null among them makes
    /// a miss unknown.
    InList {
        /// What is looked for.
        operand: Box<Expression>,
        /// Where.
        list: Vec<Expression>,
        /// By which equality.
        order: Order,
        /// `NOT IN`
        negated: bool,
    },
    /// `(a, b) < (c, d)` and its like, field by field.
    RowCompare {
        /// Which.
        comparison: RowComparison,
        /// Pairs of fields, with the functions of `=` and of the strict comparison (the same for `=` and `<>`).
        fields: Vec<RowCompareField>,
    },
    /// `CURRENT_DATE` and its like.
    SqlValue(SqlValue),
    /// `GROUPING(…)`: for each argument its place among the grouping expressions. Only above an aggregation, before
    /// planning; it becomes a column.
    Grouping(Vec<u32>),
    /// A subquery. Only before planning; the optimiser makes most of them joins.
    Subquery(Box<Subquery>),
    /// A subquery that is run for each row, or once. Only after planning.
    Subplan {
        /// Which.
        plan: SubplanId,
        /// What is asked of its rows.
        test: SubplanTest,
        /// What it is given.
        outer: Vec<(OuterId, Expression)>,
    },
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Of what.
    pub function: FunctionId,
    /// With what: casts are spelled out, defaults filled in, variadic arguments gathered into an array.
    pub arguments: Vec<Expression>,
    /// Whether it is written as an operator, for the text form.
    pub operator: Option<Arc<str>>,
    /// As what it is written, for the text form.
    pub form: CallForm,
    /// Whether the last argument was given as a `VARIADIC` array, for functions that take any.
    pub variadic: bool,
    /// Which arguments were written, for the text form, if not all in their order: the others are defaults, which a text leaves out.
    pub written: Option<Arc<[WrittenArgument]>>,
}

/// An argument that was written.
#[derive(Debug, Clone)]
pub struct WrittenArgument {
    /// Its place among the arguments.
    pub place: u32,
    /// The name that it was given by.
    pub name: Option<Arc<str>>,
}

/// How a call is written makes no difference to what it is.
impl PartialEq for Call {
    fn eq(&self, other: &Call) -> bool {
        self.function == other.function
            && self.variadic == other.variadic
            && self.arguments == other.arguments
            && self.operator.is_some() == other.operator.is_some()
    }
}

/// As what a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallForm {
    /// As a call, or an operator.
    Call,
    /// In words of its own: see [`in_words`](crate::written::in_words).
    Words,
    /// As a cast.
    Cast,
    /// Not at all: a cast that nobody wrote.
    ImplicitCast,
    /// As an operator that a user has made, by its number.
    Made(u32),
}

impl CallForm {
    /// Whether it is a cast.
    pub fn is_cast(self) -> bool {
        match self {
            CallForm::Cast | CallForm::ImplicitCast => true,
            CallForm::Call | CallForm::Words | CallForm::Made(_) => false,
        }
    }
}

/// A step of a subscript.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum SubscriptStep {
    Index(Expression),
    Slice(Option<Expression>, Option<Expression>),
}

/// Where within a value something is assigned.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum ReplacePath {
    Subscript(Vec<SubscriptStep>),
    Field(u32),
}

/// What a domain demands.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainRules {
    /// Its schema's name and its own, for messages.
    pub schema: String,
    /// The same.
    pub name: String,
    /// Whether null is refused.
    pub not_null: bool,
    /// Names of its checks, and the checks over [`ExpressionKind::Element`].
    pub checks: Vec<(String, Expression)>,
}

/// How rows are compared: what is equal is equal in each pair, which is said as `AND` and `OR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum RowComparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A pair of fields of compared rows.
#[derive(Debug, Clone, PartialEq)]
pub struct RowCompareField {
    /// Left and right, of the types that the functions take.
    pub operands: (Expression, Expression),
    /// The function of `=`.
    pub equality: FunctionId,
    /// The function of the comparison itself, strict or not as it is for the last field.
    pub comparison: FunctionId,
    /// The function of the comparison where more fields follow: `<` for `<=`.
    pub strict: FunctionId,
}

/// Values that are called without parentheses; a precision where one is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SqlValue {
    CurrentDate,
    CurrentTime(Option<i32>),
    CurrentTimestamp(Option<i32>),
    LocalTime(Option<i32>),
    LocalTimestamp(Option<i32>),
    CurrentUser,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}

/// A subquery within an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    /// What is asked of its rows.
    pub test: SubqueryTest,
    /// The query. Columns that nothing in it makes are those of queries around it.
    pub query: Logical,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

/// What is asked of the rows of a subquery.
#[derive(Debug, Clone, PartialEq)]
pub enum SubqueryTest {
    /// The one row's one column; null without a row, an error (21000) with several.
    Scalar,
    /// Whether there is one.
    Exists,
    /// All of them, as an array; of arrays (`nested`) as one with a dimension more.
    Array {
        /// Whether they are arrays themselves.
        nested: bool,
    },
    /// `left op ANY (…)`, `left IN (…)`: whether the comparison holds for any. The comparison is over the columns of the
    /// subquery and the expressions at the left.
    Any(Box<Expression>),
    /// Whether it holds for all.
    All(Box<Expression>),
    /// The one row, as several values, for `(a, b) = (SELECT …)` and `SET (a, b) = (SELECT …)`: the column of this place.
    RowField(u32),
}

/// What values are looked for among the rows of a subplan that are made once.
#[derive(Debug, Clone, PartialEq)]
pub struct Among {
    /// As that of [`SubplanTest::Any`].
    pub comparison: Expression,
    /// What has to be equal.
    pub pairs: Vec<AmongPair>,
    /// Whether the answer is no where it would be unknown, since it was asked whether there is such a row.
    pub unknown_is_no: bool,
}

/// Two values that have to be equal by an order.
#[derive(Debug, Clone, PartialEq)]
pub struct AmongPair {
    /// Of the row around: over the outer values that are set, by their places.
    pub given: Expression,
    /// Of a row of the subplan.
    pub own: Expression,
    /// By which order.
    pub order: Order,
}

/// The same after planning.
#[derive(Debug, Clone, PartialEq)]
pub enum SubplanTest {
    /// As [`SubqueryTest::Scalar`], with the column of this place.
    Field(u32),
    /// As [`SubqueryTest::Exists`].
    Exists,
    /// As [`SubqueryTest::Array`].
    Array {
        /// The same.
        nested: bool,
    },
    /// As [`SubqueryTest::Any`]; the comparison's slots are the subplan's columns, what stands at the left are outer values.
    Any(Box<Expression>),
    /// The same where equalities decide of what is computed of a row around, and of one of the subplan: it is looked up.
    Among(Box<Among>),
    /// As [`SubqueryTest::All`].
    All(Box<Expression>),
}

/// How rows are sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// By what.
    pub expression: Expression,
    /// By which order of its type.
    pub order: Order,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST`
    pub nulls_first: bool,
}

/// The aggregate of what the keys of a group decide, a value that is the same in all of its rows: no statement can name it.
pub const DECIDED: FunctionId = FunctionId(9994);

/// An aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Which.
    pub function: FunctionId,
    /// Of what; the direct arguments of an ordered-set aggregate come first.
    pub arguments: Vec<Expression>,
    /// How many of them are direct, evaluated once for each group.
    pub direct: u32,
    /// `DISTINCT`: by these orders, one for each argument; empty without.
    pub distinct: Vec<Order>,
    /// `ORDER BY`, or `WITHIN GROUP`.
    pub order: Vec<SortKey>,
    /// `FILTER`
    pub filter: Option<Expression>,
    /// Its steps, if a user has made it.
    pub made: Option<Arc<MadeAggregate>>,
    /// Of which type its result is.
    pub result: Type,
}

/// The steps of an aggregate that a user has made, for a call.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeAggregate {
    /// For rows that come.
    pub plain: AggregateSteps,
    /// For frames whose rows come and go; and what becomes of a state, as [`AggregateSteps::transition`], when a row goes.
    pub moving: Option<(AggregateSteps, Expression)>,
}

/// How values are gathered to one.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateSteps {
    /// The type of its states.
    pub state: Type,
    /// The next state: slot 0 is the state, the others are the arguments.
    pub transition: Expression,
    /// Whether rows with nulls are passed over.
    pub strict: bool,
    /// The first state, if one is given.
    pub initial: Option<Expression>,
    /// The state that the first row's arguments make, where rows with nulls are passed over and none is given.
    pub first: Option<Expression>,
    /// The result: slot 0 is the state.
    pub last: Expression,
}

/// A window function, or an aggregate over a window.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowCall {
    /// Which.
    pub function: FunctionId,
    /// Of what.
    pub arguments: Vec<Expression>,
    /// `FILTER`, of an aggregate.
    pub filter: Option<Expression>,
    /// Its steps, if it is an aggregate that a user has made.
    pub made: Option<Arc<MadeAggregate>>,
    /// Over which rows.
    pub frame: Frame,
    /// Of which type its result is.
    pub result: Type,
}

impl WindowCall {
    /// Whether its value for a row, as a function of this name, depends on no row behind those that are ordered as the row is.
    pub fn is_settled_by_peers(&self, name: &str) -> bool {
        match name {
            _ if self.made.is_some() => false,
            "row_number" | "rank" | "dense_rank" => true,
            "percent_rank" | "cume_dist" | "ntile" | "lead" => false,
            // An offset may be less than nothing.
            "lag" => self.arguments.len() == 1,
            _ => match self.frame.end {
                FrameBound::UnboundedPreceding | FrameBound::Preceding(..) | FrameBound::CurrentRow => true,
                FrameBound::Following(..) | FrameBound::UnboundedFollowing => false,
            },
        }
    }
}

/// The rows of a partition that a window function sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// What bounds are counted in.
    pub unit: FrameUnit,
    /// From.
    pub start: FrameBound,
    /// To.
    pub end: FrameBound,
    /// Without which.
    pub exclusion: FrameExclusion,
}

/// What bounds are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

/// A bound of a frame. An offset of `RANGE` goes with the function `in_range` of the sort key's type.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expression>, Option<FunctionId>),
    CurrentRow,
    Following(Box<Expression>, Option<FunctionId>),
    UnboundedFollowing,
}

/// What is left out of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum FrameExclusion {
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}
