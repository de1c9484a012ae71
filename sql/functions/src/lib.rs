//! Functions, operators, casts and aggregates: PostgreSQL's catalog of them as one table, what they compute, and the
//! rules by which a name and the types of arguments find them.
//!
//! [`table`] is the catalog as data, with PostgreSQL's own numbers; [`resolve`] finds the function, operator, cast or
//! common type that an expression means; [`evaluate`] holds what running it needs: [`Context`], [`Site`], the states of
//! aggregates and windows; the folder `kernel` computes, whole vectors at a time. Nothing here knows a catalog of
//! users' objects, a plan or a session: those come in through traits.

#![forbid(unsafe_code)]

mod error;
pub mod evaluate;
mod kernel;
pub mod resolve;
pub mod table;

pub use error::{FunctionError, FunctionResult, OtherError, ResolveError, ResolveResult};
pub use evaluate::compared_type;
pub use evaluate::{
    AggregateState, Area, Arguments, Cache, Context, Frame, RowSource, Session, SessionFunction, Single,
    Site, WindowInput, in_pieces, no_lookup,
};
pub use kernel::acl::grants;
pub use kernel::aggregate::gather::ArrayStack;
pub use kernel::system::random_state;
pub use kernel::trigger::search_document;
pub use resolve::{
    Argument, Candidate, Cast, CastContext, FunctionId, OperatorId, Resolution, ResolvedCall,
    ResolvedOperator, common_type, find_cast, resolve_function, resolve_operator,
};
pub use table::{FunctionEntry, FunctionKind, Implementation, OperatorEntry, SingleFunction, Volatility};
