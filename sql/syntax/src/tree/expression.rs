//! Expressions, as they are written.

use super::{Name, QualifiedName, TypeName};

/// An expression and the place that PostgreSQL points at when it complains about it: the operator of an operation, the
/// name of a call, the first token of everything else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expression<'a> {
    /// What it is.
    pub kind: ExpressionKind<'a>,
    /// Where.
    pub position: u32,
}

impl Expression<'_> {
    /// Where its text begins, as far as PostgreSQL tells: at its leftmost operand, not at its operator.
    pub fn start(&self) -> u32 {
        let mut leftmost = self;
        let mut start = self.position;
        // A chain of operators leans to the left, and may be long.
        while let Some(left) = leftmost.left() {
            leftmost = left;
            start = start.min(left.position);
        }
        start
    }

    /// The operand that stands before its operator, if one does.
    fn left(&self) -> Option<&Expression<'_>> {
        match &self.kind {
            ExpressionKind::Operation { left, .. } => *left,
            ExpressionKind::And(terms) | ExpressionKind::Or(terms) => terms.first(),
            ExpressionKind::Quantified { left, .. } | ExpressionKind::IsDistinct { left, .. } => Some(left),
            ExpressionKind::Indirection { base, .. } => Some(base),
            ExpressionKind::Is { operand, .. }
            | ExpressionKind::Between { operand, .. }
            | ExpressionKind::In { operand, .. }
            | ExpressionKind::InSubquery { operand, .. }
            | ExpressionKind::Like { operand, .. }
            | ExpressionKind::Cast { operand, .. }
            | ExpressionKind::Collate { operand, .. }
            | ExpressionKind::AtTimeZone { operand, .. } => Some(operand),
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
            | ExpressionKind::Not(_)
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
            | ExpressionKind::Xml(..) => None,
        }
    }
}

/// A boxed expression.
pub type Operand<'a> = &'a Expression<'a>;

/// Kinds of expressions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ExpressionKind<'a> {
    /// `NULL`
    Null,
    /// `TRUE`, `FALSE`
    Boolean(bool),
    /// An integer of 32 bits.
    Integer(i32),
    /// Any other number, as written (with a minus sign if one stood before it).
    Decimal(&'a str),
    /// A string: of unknown type until its surroundings say one.
    String(&'a str),
    /// `B'…'`, its digits not looked at.
    BitString(&'a str),
    /// `X'…'`, its digits not looked at.
    HexString(&'a str),
    /// `$n`
    Parameter(i32),
    /// `DEFAULT`, where a value list or an assignment may say it.
    Default,
    /// `a`, `t.a`, `s.t.a`: a column, or a field of one.
    Column(QualifiedName<'a>),
    /// `*`, `t.*`: the names before the star.
    Star(&'a [Name<'a>]),
    /// Subscripts and fields of an expression.
    Indirection {
        /// Of what.
        base: Operand<'a>,
        /// Which, in order. At least one.
        path: &'a [Indirection<'a>],
    },
    /// `left operator right`, or `operator right`.
    Operation {
        /// The operator.
        operator: &'a Operator<'a>,
        /// Its left operand; none for a prefix operator.
        left: Option<Operand<'a>>,
        /// Its right operand.
        right: Operand<'a>,
    },
    /// `left operator ANY (right)`.
    Quantified {
        /// What is compared.
        left: Operand<'a>,
        /// How.
        operator: &'a Operator<'a>,
        /// With how many.
        quantifier: Quantifier,
        /// Of what.
        right: QuantifiedOperand<'a>,
    },
    /// `a AND b AND c`: at least two.
    And(&'a [Expression<'a>]),
    /// `a OR b OR c`: at least two.
    Or(&'a [Expression<'a>]),
    /// `NOT a`
    Not(Operand<'a>),
    /// `a IS TRUE` and its like.
    Is {
        /// What is tested.
        operand: Operand<'a>,
        /// For what.
        test: IsTest,
        /// `IS NOT`
        negated: bool,
    },
    /// `a IS DISTINCT FROM b`
    IsDistinct {
        /// The one.
        left: Operand<'a>,
        /// The other.
        right: Operand<'a>,
        /// `IS NOT DISTINCT FROM`
        negated: bool,
    },
    /// `a BETWEEN low AND high`
    Between {
        /// What is tested.
        operand: Operand<'a>,
        /// From.
        low: Operand<'a>,
        /// To.
        high: Operand<'a>,
        /// `SYMMETRIC`: in either order.
        symmetric: bool,
        /// `NOT BETWEEN`
        negated: bool,
    },
    /// `a IN (b, c)`
    In {
        /// What is looked for.
        operand: Operand<'a>,
        /// Where. At least one.
        list: &'a [Expression<'a>],
        /// `NOT IN`
        negated: bool,
    },
    /// `a IN (SELECT …)`
    InSubquery {
        /// What is looked for.
        operand: Operand<'a>,
        /// Where.
        query: &'a super::select::Query<'a>,
        /// `NOT IN`
        negated: bool,
    },
    /// `a LIKE pattern`, `ILIKE`, `SIMILAR TO`
    Like {
        /// Which kind of pattern.
        matching: Matching,
        /// What is matched.
        operand: Operand<'a>,
        /// The pattern.
        pattern: Operand<'a>,
        /// `ESCAPE …`
        escape: Option<Operand<'a>>,
        /// `NOT LIKE`
        negated: bool,
    },
    /// A cast.
    Cast {
        /// Of what.
        operand: Operand<'a>,
        /// To what.
        target: &'a TypeName<'a>,
        /// How it is written.
        syntax: CastSyntax,
    },
    /// `a COLLATE "C"`
    Collate {
        /// What.
        operand: Operand<'a>,
        /// By which order.
        collation: QualifiedName<'a>,
    },
    /// `a AT TIME ZONE zone`
    AtTimeZone {
        /// When.
        operand: Operand<'a>,
        /// Where.
        zone: Operand<'a>,
    },
    /// A call.
    Call(&'a Call<'a>),
    /// `CURRENT_DATE` and its like, which are called without parentheses; some with a precision.
    SqlValue(SqlValue, Option<i32>),
    /// `CASE … END`
    Case {
        /// What the arms compare with; without it each arm is a condition.
        operand: Option<Operand<'a>>,
        /// `WHEN … THEN …`, at least one.
        arms: &'a [CaseArm<'a>],
        /// `ELSE …`
        otherwise: Option<Operand<'a>>,
    },
    /// `COALESCE(…)`: at least one.
    Coalesce(&'a [Expression<'a>]),
    /// `NULLIF(a, b)`
    NullIf(Operand<'a>, Operand<'a>),
    /// `GREATEST(…)`: at least one.
    Greatest(&'a [Expression<'a>]),
    /// `LEAST(…)`: at least one.
    Least(&'a [Expression<'a>]),
    /// `ROW(…)`, or `(a, b)` without the word.
    Row {
        /// Its fields.
        fields: &'a [Expression<'a>],
        /// Whether the word is written.
        explicit: bool,
    },
    /// `ARRAY[…]`; within it, `[…]` alone.
    Array(&'a [Expression<'a>]),
    /// `ARRAY(SELECT …)`
    ArraySubquery(&'a super::select::Query<'a>),
    /// `EXISTS (SELECT …)`
    Exists(&'a super::select::Query<'a>),
    /// `(SELECT …)` as a value.
    Subquery(&'a super::select::Query<'a>),
    /// `GROUPING(a, b)`
    Grouping(&'a [Expression<'a>]),
    /// `WHERE CURRENT OF cursor`
    CurrentOf(Name<'a>),
    /// `XMLELEMENT` and its like: parsed, so that they can be refused by name.
    Xml(&'static str, &'a [Expression<'a>]),
}

/// An operator, perhaps `OPERATOR(schema.+)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator<'a> {
    /// The schema's names; none for an operator that is written plainly.
    pub schema: &'a [Name<'a>],
    /// Its characters; `!=` is `<>`.
    pub symbol: &'a str,
    /// Where it stands.
    pub position: u32,
}

/// `ANY` and `SOME`, or `ALL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Quantifier {
    Any,
    All,
}

/// What `ANY` and `ALL` range over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum QuantifiedOperand<'a> {
    /// The elements of an array.
    Array(Operand<'a>),
    /// The rows of a query.
    Subquery(&'a super::select::Query<'a>),
}

/// What `IS` tests for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum IsTest {
    Null,
    True,
    False,
    Unknown,
    /// `IS DOCUMENT`, of XML.
    Document,
    /// `IS NORMALIZED`; the form is NFC if none is written.
    Normalized(NormalForm),
}

/// Unicode normal forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum NormalForm {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

/// Kinds of patterns with a syntax of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Matching {
    Like,
    ILike,
    SimilarTo,
}

/// How a cast is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CastSyntax {
    /// `CAST(a AS t)`
    Cast,
    /// `a::t`
    DoubleColon,
    /// `t 'literal'`
    Literal,
}

/// A step into a value: a field, a subscript, a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Indirection<'a> {
    /// `.name`
    Field(Name<'a>),
    /// `.*`
    Star(u32),
    /// `[a]`
    Subscript(Operand<'a>),
    /// `[a:b]`, either end may be missing.
    Slice(Option<Operand<'a>>, Option<Operand<'a>>),
}

/// A call of a function, an aggregate or a window function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// How it is written.
    pub syntax: CallSyntax,
    /// Its arguments.
    pub arguments: &'a [Argument<'a>],
    /// `VARIADIC` before the last argument.
    pub variadic: bool,
    /// `f(*)`
    pub star: bool,
    /// `f(DISTINCT …)`
    pub distinct: bool,
    /// `f(… ORDER BY …)`, or `WITHIN GROUP (ORDER BY …)`.
    pub order: &'a [super::select::SortKey<'a>],
    /// Whether the order is that of `WITHIN GROUP`.
    pub within_group: bool,
    /// `FILTER (WHERE …)`
    pub filter: Option<Operand<'a>>,
    /// `OVER …`
    pub over: Option<super::select::Over<'a>>,
}

/// An argument of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Argument<'a> {
    /// `name => value`
    pub name: Option<Name<'a>>,
    /// Its value.
    pub value: Expression<'a>,
    /// Whether no user has written it: it stands in a text that the program has.
    pub kept: bool,
}

/// How a call is written: functions with a syntax of their own are calls of `pg_catalog`'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum CallSyntax {
    /// `f(a, b)`
    Plain,
    /// `EXTRACT(field FROM a)`
    Extract,
    /// `OVERLAY(a PLACING b FROM c FOR d)`
    Overlay,
    /// `POSITION(a IN b)`
    Position,
    /// `SUBSTRING(a FROM b FOR c)`, `SUBSTRING(a SIMILAR b ESCAPE c)`
    Substring,
    /// `TRIM(LEADING a FROM b)`
    Trim,
    /// `NORMALIZE(a, NFC)`
    Normalize,
    /// `(a, b) OVERLAPS (c, d)`
    Overlaps,
    /// `COLLATION FOR (a)`
    CollationFor,
}

/// Values that are called without parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SqlValue {
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentRole,
    CurrentUser,
    User,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}

/// An arm of a `CASE`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaseArm<'a> {
    /// `WHEN …`
    pub when: Expression<'a>,
    /// `THEN …`
    pub then: Expression<'a>,
    /// Where its `WHEN` stands.
    pub position: u32,
}
