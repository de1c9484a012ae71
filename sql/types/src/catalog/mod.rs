//! What types there are: PostgreSQL's own in one table, others through what the catalog implements.

mod builtin;
mod cast;
mod entry;
mod modifier;
mod modifier_error;
pub mod module;
mod name;
pub mod oid;

pub use builtin::{builtin, builtin_named, builtin_types};
pub use cast::{CastContext, CastMethod};
pub use entry::{BuiltinTypes, Category, Column, Form, Type, TypeEntry, Types};
pub use modifier::{Reduced, character_length, modifier_from_arguments, numeric_shape, time_precision};
pub use modifier_error::ModifierError;
pub use name::type_name;
