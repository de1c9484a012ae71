//! Hornbeam, an embedded SQL database in one file: what an application links.
//!
//! ```
//! use hornbeam::Database;
//!
//! # fn main() -> hornbeam::Result<()> {
//! let database = Database::open_in_memory()?;
//! let mut connection = database.connect()?;
//! connection.batch("create table trees (id int primary key, name text, height numeric(4, 1))")?;
//! connection.execute("insert into trees values ($1, $2, $3)", (1, "hornbeam", 24.5))?;
//!
//! let mut rows = connection.query("select name, height from trees where id = $1", (1,))?;
//! while let Some(row) = rows.next()? {
//!     let name: &str = row.get(0)?;
//!     assert_eq!((name, row.get::<f64>("height")?), ("hornbeam", 24.5));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The language is PostgreSQL 15's. A database is shared by cloning it; every thread connects for itself. What a commit
//! acknowledged is on the device.
//!
//! * [`Connection`]: statements with parameters, rows that stream, transactions, rows appended in bulk.
//! * [`Function`]: Rust closures as functions of SQL.
//! * [`Error`]: what failed, with PostgreSQL's SQLSTATE, message, detail, hint and position.
//! * [`Database::open_in`]: a world of the caller's choosing. With the simulator's, an application's own code runs under
//!   seeded crashes and faults.
//! * [`store`]: the same file without SQL, as ordered trees of bytes ([`Database::store`]).

#![forbid(unsafe_code)]

mod appender;
mod connection;
mod database;
mod error;
mod function;
mod parameter;
mod row;
mod statement;
mod transaction;

pub use appender::Appender;
pub use connection::Connection;
pub use database::Database;
pub use env;
pub use error::{Error, Result};
pub use function::{Function, Outcome, RowValue, ScalarClosure, SqlValue, StepClosure, TableClosure};
pub use parameter::{Parameter, Parameters};
pub use row::{ColumnIndex, FromColumn, Row, Rows};
pub use session::Notification;
pub use session::client::{Report, ResultColumn, Severity};
pub use statement::{Sql, Statement};
pub use store;
pub use store::{Durability, StoreOptions};
pub use transaction::{Isolation, Transaction};
pub use types::Value;
