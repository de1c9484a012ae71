//! The tree of a statement, as it was written.
//!
//! Nodes are plain `Copy` data in an arena; lists are slices. Positions are byte offsets into the text: where PostgreSQL
//! points when it complains about the node. Each file has one theme of the grammar; [`Statement`] has them all.
//!
//! Invariants
//!
//! 1. What the text distinguishes and the meaning may depend on is kept: `CAST` and `::`, `IN` and `= ANY`.
//! 2. Names are folded and truncated as PostgreSQL does; whether they were quoted is forgotten, as it is there.
//! 3. Chains of binary operators, joins and set operations lean to the left and are as long as the text: no depth limit
//!    holds them. Whoever walks a tree goes down its left side in a loop, or counts.

pub mod alter;
pub mod cast;
pub mod collation;
pub mod conversion;
pub mod copy;
pub mod event_trigger;
pub mod expression;
pub mod foreign;
pub mod index;
pub mod modify;
pub mod name;
pub mod object;
pub mod operator;
pub mod option;
pub mod policy;
pub mod replication;
pub mod role;
pub mod routine;
pub mod rule;
pub mod schema;
pub mod search;
pub mod select;
pub mod sequence;
pub mod session;
pub mod statement;
pub mod statistics;
pub mod table;
pub mod tablespace;
pub mod trigger;
pub mod type_name;

pub use expression::{Expression, ExpressionKind};
pub use name::{Name, QualifiedName};
pub use select::Query;
pub use statement::{Statement, StatementKind};
pub use type_name::TypeName;
