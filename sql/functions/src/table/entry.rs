//! The rows of the table: what PostgreSQL's `pg_proc`, `pg_operator`, `pg_cast` and `pg_aggregate` tell of one.

use crate::error::FunctionResult;
use crate::evaluate::{
    AggregateState, Arguments, Context, RowSource, SessionFunction, Single, Site, WindowInput,
};
use types::Vector;
use types::catalog::{CastContext, CastMethod};
use types::vector::Operator;

/// Whether results depend on more than the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Volatility {
    /// On nothing else, ever.
    Immutable,
    /// Not within a statement.
    Stable,
    /// Each call may tell something else.
    Volatile,
}

/// What may be called how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// Once a row.
    Function,
    /// Once a group; its arguments come as they are.
    Aggregate {
        /// `pg_aggregate.aggsortop`: the first value in this operator's order is the result; 0 if there is none.
        sort_operator: u32,
    },
    /// Once a group, with `WITHIN GROUP (ORDER BY …)`. Rows come in that order.
    OrderedSet {
        /// How many arguments stand in front, in the parentheses.
        direct: u8,
    },
    /// The same; the arguments in front are a row that is placed among the others.
    Hypothetical,
    /// Once a row of a partition, with `OVER`.
    Window,
}

impl FunctionKind {
    /// `pg_proc.prokind`.
    pub fn letter(self) -> char {
        match self {
            FunctionKind::Function => 'f',
            FunctionKind::Aggregate { .. } | FunctionKind::OrderedSet { .. } | FunctionKind::Hypothetical => {
                'a'
            }
            FunctionKind::Window => 'w',
        }
    }

    /// Whether it is an aggregate of any kind.
    pub fn is_aggregate(self) -> bool {
        self.letter() == 'a'
    }
}

/// Computes a value for each row.
pub type ScalarFunction = fn(&mut Context<'_>, &Arguments<'_>) -> FunctionResult<Vector>;
/// Computes the value of one row without nulls.
pub type SingleFunction = fn(&[Single]) -> FunctionResult<Single>;
/// Makes the rows that one row of arguments stands for.
pub type SetFunction = fn(&mut Context<'_>, &Arguments<'_>, usize) -> FunctionResult<Box<dyn RowSource>>;
/// Makes the state of an aggregate for a call.
pub type AggregateFunction = fn(&Context<'_>, &Site) -> FunctionResult<Box<dyn AggregateState>>;
/// Computes a value for each row of a partition.
pub type WindowFunction = fn(&mut Context<'_>, &Site, &WindowInput<'_>) -> FunctionResult<Vector>;

/// What computes a strict function that looks at nothing but its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Kernel {
    /// For many rows.
    pub rows: ScalarFunction,
    /// For one row, if all its values are of fixed width.
    pub one: Option<SingleFunction>,
}

impl Kernel {
    /// What computes many rows only.
    pub(super) const fn of(rows: ScalarFunction) -> Kernel {
        Kernel { rows, one: None }
    }
}

/// What computes it.
#[derive(Debug, Clone, Copy)]
pub enum Implementation {
    /// A value for each row. If the function is strict it is never shown a null.
    Scalar(ScalarFunction),
    /// The same of a strict function that can compute a row alone.
    Narrow(Kernel),
    /// A value for each row. It is strict and sees to nulls itself: values below them disturb nothing.
    Masked(Kernel),
    /// A comparison by the order of the arguments' type; strict.
    Comparison(Operator),
    /// The session knows.
    Session(SessionFunction),
    /// The session knows, and there are rows of it.
    SessionSet(SessionFunction),
    /// Rows for each row.
    Set(SetFunction),
    /// An aggregate.
    Aggregate(AggregateFunction),
    /// A function over a window.
    Window(WindowFunction),
    /// Nothing yet: a call is refused.
    Missing,
}

/// A function as the table knows it.
#[derive(Debug, Clone, Copy)]
pub struct FunctionEntry {
    /// PostgreSQL's number.
    pub oid: u32,
    /// Its name.
    pub name: &'static str,
    /// Types of its arguments.
    pub arguments: &'static [u32],
    /// Type of its result.
    pub result: u32,
    /// What kind it is.
    pub kind: FunctionKind,
    /// What its result depends on.
    pub volatility: Volatility,
    /// Whether a null argument alone makes the result null.
    pub strict: bool,
    /// Whether it returns rows.
    pub returns_set: bool,
    /// The element type of a `VARIADIC` last argument, 0 without.
    pub variadic: u32,
    /// Names of its arguments, where they have some.
    pub names: &'static [&'static str],
    /// Texts of the defaults of its last arguments.
    pub defaults: &'static [&'static str],
    /// Names and types of result columns, where they are declared.
    pub columns: &'static [(&'static str, u32)],
    /// `pg_proc.prosrc`.
    pub source: &'static str,
    /// What computes it.
    pub implementation: Implementation,
}

impl FunctionEntry {
    /// A strict, immutable function.
    pub(super) const fn new(
        oid: u32,
        name: &'static str,
        arguments: &'static [u32],
        result: u32,
        source: &'static str,
        implementation: Implementation,
    ) -> FunctionEntry {
        FunctionEntry {
            oid,
            name,
            arguments,
            result,
            kind: FunctionKind::Function,
            volatility: Volatility::Immutable,
            strict: true,
            returns_set: false,
            variadic: 0,
            names: &[],
            defaults: &[],
            columns: &[],
            source,
            implementation,
        }
    }

    /// Whether it is known and cannot be computed.
    pub fn is_missing(&self) -> bool {
        matches!(self.implementation, Implementation::Missing)
    }

    pub(super) const fn stable(mut self) -> FunctionEntry {
        self.volatility = Volatility::Stable;
        self
    }

    pub(super) const fn volatile(mut self) -> FunctionEntry {
        self.volatility = Volatility::Volatile;
        self
    }

    /// It wants to see nulls.
    pub(super) const fn lenient(mut self) -> FunctionEntry {
        self.strict = false;
        self
    }

    pub(super) const fn set(mut self) -> FunctionEntry {
        self.returns_set = true;
        self
    }

    pub(super) const fn variadic(mut self, element: u32) -> FunctionEntry {
        self.variadic = element;
        self
    }

    pub(super) const fn named(mut self, names: &'static [&'static str]) -> FunctionEntry {
        self.names = names;
        self
    }

    pub(super) const fn defaults(mut self, defaults: &'static [&'static str]) -> FunctionEntry {
        self.defaults = defaults;
        self
    }

    pub(super) const fn columns(mut self, columns: &'static [(&'static str, u32)]) -> FunctionEntry {
        self.columns = columns;
        self
    }

    pub(super) const fn kind(mut self, kind: FunctionKind) -> FunctionEntry {
        self.kind = kind;
        self
    }
}

/// An operator as the table knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorEntry {
    /// PostgreSQL's number.
    pub oid: u32,
    /// Its name.
    pub name: &'static str,
    /// Type of what stands on its left, 0 for a prefix operator.
    pub left: u32,
    /// Type of what stands on its right.
    pub right: u32,
    /// Type of its result.
    pub result: u32,
    /// The function that computes it.
    pub function: u32,
    /// The operator that tells the same with the sides exchanged, 0 without.
    pub commutator: u32,
    /// The operator that tells the opposite, 0 without.
    pub negator: u32,
    /// Whether it is an equality that hashes may stand for.
    pub hashes: bool,
    /// Whether it is an equality that merging sorted rows may stand for.
    pub merges: bool,
    /// `pg_operator.oprrest`: how the share of rows that it keeps is estimated; empty without.
    pub estimate: &'static str,
}

/// A cast as the table knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CastEntry {
    /// From which type.
    pub source: u32,
    /// To which type.
    pub target: u32,
    /// When.
    pub context: CastContext,
    /// How.
    pub method: CastMethod,
}
