//! From a syntax tree and a catalog to what a statement means: [`plan::logical::Query`].
//!
//! * [`bind`]: a statement that yields or changes rows.
//! * [`definition`]: what DDL needs: defaults, checks, index expressions, views, the types of columns.
//! * [`deparse`]: expressions as text again.
//! * [`figure`]: what a column is called that nobody named.
//!
//! A statement is bound in PostgreSQL's order, so that of several errors the same one is told. Names are looked up through
//! [`catalog::Scope`], functions and casts through [`functions::resolve`].
//!
//! Invariants
//!
//! 1. Every expression that leaves here has a type; every cast in it is spelled out.
//! 2. A column is named by the relation that makes it; which query it belongs to needs no telling afterwards.
//! 3. Nesting is bounded by [`Context::depth_limit`]; chains that lean to the left are bound in loops.

#![forbid(unsafe_code)]

mod alike;
mod binder;
mod clause;
mod coerce;
pub(crate) mod collation;
pub mod comparison;
mod constant;
mod copy;
mod cursor;
pub mod definition;
pub mod deparse;
mod domain;
mod error;
mod expression;
pub mod figure;
mod finish;
mod kept_policy;
pub mod kept_routine;
mod kept_rule;
mod kept_trigger;
mod level;
mod literals;
mod modify;
mod names;
mod near;
mod notification;
mod parse;
mod policy;
mod query;
mod routine;
mod row_filter;
mod search;
mod shape;
mod statement;
mod system_column;
mod table_function;
mod type_names;
pub mod variable;
mod with;
mod with_order;

pub use binder::{Context, Literals, Parameters};
pub use clause::Clause;
pub use cursor::{CursorQuery, CursorTable, bind_cursor};
pub use error::{BindError, BindErrorKind, BindResult, Carried, MissingTable};
pub use literals::PlainLiterals;
pub use shape::Shapes;
pub use statement::{bind, depth_limit};
pub use table_function::{calls_functions_that_stand, put_queries_for_functions};
pub use with::with_outermost;
