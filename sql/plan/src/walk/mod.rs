//! The one place that knows the parts of expressions and operators: everything that goes through trees goes by it.

mod expression;
mod logical;
mod physical;

pub(crate) use logical::FIRST_USERS_FUNCTION;
pub(crate) use logical::is_users;
pub use logical::{columns_of, free_columns, made_relations, references, users_functions};
