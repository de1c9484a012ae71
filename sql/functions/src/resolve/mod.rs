//! Which function, operator or cast an expression means: PostgreSQL's rules over names and types.
//!
//! The functions here look at types only. What users made comes in as [`Candidate`]s beside the table's own.

mod cast;
mod choose;
mod common;
mod function;
mod operator;
mod polymorphic;
mod step;

pub use crate::table::CastContext;
pub use cast::{Cast, can_cast, find_cast};
pub use common::{common_array_type, common_type};
pub use function::{
    Argument, Candidate, FunctionId, Resolution, ResolvedCall, Source, builtin_candidates, resolve_function,
};
pub use operator::{
    FoundOperator, MadeOperator, OperatorId, ResolvedOperator, resolve_among, resolve_operator,
    resolve_ordering, resolve_quantified,
};
pub use polymorphic::{is_compatible, is_polymorphic, may_stand_for};
pub use step::{resolve_step, stands_for};
