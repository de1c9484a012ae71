//! A database as a PostgreSQL server: clients come over sockets and speak PostgreSQL's protocol.
//!
//! * [`protocol`]: bytes and messages. [`conversation`]: one client's side of it all, without sockets: bytes in, bytes out.
//! * [`server`]: listens, and gives every client a task; `connection`: that task. `channel`: its bytes, encrypted or not.
//! * `metrics`: figures for Prometheus.
//! * [`options`]: how a server is run. [`tls`]: keys and certificates. [`shared`]: what connections share.
//!
//! Invariants
//!
//! 1. What one client says, does not say or does not take is no other's concern: while its bytes are waited for nothing is held that
//!    others need but what its own transaction has locked, and a client that is told to end gives that back within seconds.
//! 2. A COMMIT is answered after it is durable.
//! 3. When [`server::Server::stop`] has returned `true` no connection's task runs any more.
//!
//! Sockets that fail end their connection. A server fails as a whole only before it listens.

#![forbid(unsafe_code)]

mod channel;
mod connection;
pub mod conversation;
mod labels;
mod metrics;
pub mod options;
pub mod protocol;
pub mod server;
pub mod shared;
pub mod tls;

pub use labels::ALL as LABELS;
pub use options::{Authentication, Options};
pub use server::Server;
