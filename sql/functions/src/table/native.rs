//! Functions that a program gives: closures under numbers of their own.
//!
//! The table stands for all of them by one entry of each kind, so that whoever runs functions needs to know nothing of them;
//! which is meant is said by the call's [`Site`], and the session has it.

use super::entry::{FunctionEntry, FunctionKind, Implementation};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{AggregateState, Arguments, Context, RowSource, Site};
use diagnostic::SqlState;
use std::sync::Arc;
use types::Vector;

/// The first number of such a function.
const FIRST: u32 = 3 << 28;
/// The number behind the last.
const END: u32 = 1 << 30;

/// Computes a value for each row, nulls among the arguments.
pub type NativeScalar = dyn Fn(&mut Context<'_>, &Arguments<'_>) -> FunctionResult<Vector> + Send + Sync;
/// Makes the rows that one row of arguments stands for.
pub type NativeRows =
    dyn Fn(&mut Context<'_>, &Arguments<'_>, usize) -> FunctionResult<Box<dyn RowSource>> + Send + Sync;
/// Makes the state of an aggregate for a call.
pub type NativeAggregate =
    dyn Fn(&Context<'_>, &Site) -> FunctionResult<Box<dyn AggregateState>> + Send + Sync;

/// What a program gives.
#[derive(Clone)]
#[allow(missing_docs)] // each is what it is called
pub enum Native {
    Scalar(Arc<NativeScalar>),
    Rows(Arc<NativeRows>),
    Aggregate(Arc<NativeAggregate>),
}

impl std::fmt::Debug for Native {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Native::Scalar(_) => "Scalar",
            Native::Rows(_) => "Rows",
            Native::Aggregate(_) => "Aggregate",
        })
    }
}

static SCALAR: FunctionEntry =
    FunctionEntry::new(0, "native", &[], 0, "native", Implementation::Scalar(scalar)).lenient().volatile();
static ROWS: FunctionEntry =
    FunctionEntry::new(0, "native", &[], 0, "native", Implementation::Set(rows)).lenient().volatile().set();
static AGGREGATE: FunctionEntry =
    FunctionEntry::new(0, "native", &[], 0, "native", Implementation::Aggregate(aggregate))
        .lenient()
        .volatile()
        .kind(FunctionKind::Aggregate { sort_operator: 0 });

impl Native {
    /// The number of such a function, `place` others having been given before; none if there are too many.
    pub fn number(&self, place: usize) -> Option<u32> {
        let kind = match self {
            Native::Scalar(_) => 0,
            Native::Rows(_) => 1,
            Native::Aggregate(_) => 2,
        };
        let place = u32::try_from(place).ok()?.checked_mul(4)?;
        FIRST.checked_add(place)?.checked_add(kind).filter(|number| *number < END)
    }
}

/// Whether a number is that of a function that a program has given.
pub fn is_native(number: u32) -> bool {
    (FIRST..END).contains(&number)
}

/// The entry that stands for functions of its kind, if a number is that of one.
pub fn native_entry(number: u32) -> Option<&'static FunctionEntry> {
    let kind = is_native(number).then_some(number % 4)?;
    [&SCALAR, &ROWS, &AGGREGATE].get(kind as usize).copied()
}

fn found(context: &Context<'_>, site: &Site) -> FunctionResult<Native> {
    let gone = || FunctionError::plain(SqlState::UndefinedFunction, "a function of the program is not there");
    context.session.native(site.native).ok_or_else(gone)
}

fn other_kind() -> FunctionError {
    FunctionError::plain(SqlState::InternalError, "a function of the program is of another kind")
}

fn scalar(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    match found(context, arguments.site)? {
        Native::Scalar(run) => run(context, arguments),
        Native::Rows(_) | Native::Aggregate(_) => Err(other_kind()),
    }
}

fn rows(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    match found(context, arguments.site)? {
        Native::Rows(run) => run(context, arguments, row),
        Native::Scalar(_) | Native::Aggregate(_) => Err(other_kind()),
    }
}

fn aggregate(context: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    match found(context, site)? {
        Native::Aggregate(make) => make(context, site),
        Native::Scalar(_) | Native::Rows(_) => Err(other_kind()),
    }
}
