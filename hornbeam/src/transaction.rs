//! A transaction as a guard: what is not committed is rolled back.

use crate::connection::Connection;
use crate::error::Result;
use std::ops::{Deref, DerefMut};

/// What a transaction may see of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is the level of its name
pub enum Isolation {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl Isolation {
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Isolation::ReadCommitted => "begin isolation level read committed",
            Isolation::RepeatableRead => "begin isolation level repeatable read",
            Isolation::Serializable => "begin isolation level serializable",
        }
    }
}

/// An open transaction. The connection's methods are its own; dropping it rolls it back.
pub struct Transaction<'c> {
    connection: &'c mut Connection,
    over: bool,
}

impl<'c> Transaction<'c> {
    pub(crate) fn new(connection: &'c mut Connection) -> Transaction<'c> {
        Transaction { connection, over: false }
    }

    /// Commits. What is acknowledged is on the device.
    ///
    /// # Errors
    /// When a deferred constraint is violated, another transaction is in the way ([`crate::Error::is_retryable`]), or the
    /// device fails. A transaction in which a statement has failed is rolled back instead, and says so.
    pub fn commit(mut self) -> Result<()> {
        self.over = true;
        self.connection.commit()
    }

    /// Rolls back.
    ///
    /// # Errors
    /// When the connection is broken.
    pub fn rollback(mut self) -> Result<()> {
        self.over = true;
        self.connection.batch("rollback")
    }

    /// Sets a savepoint under a name.
    ///
    /// # Errors
    /// When a statement of the transaction has failed.
    pub fn savepoint(&mut self, name: &str) -> Result<()> {
        self.connection.batch(&format!("savepoint {}", session::quote_identifier(name)))
    }

    /// Undoes everything since a savepoint, failures included; the savepoint stays.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn rollback_to(&mut self, name: &str) -> Result<()> {
        self.connection.batch(&format!("rollback to savepoint {}", session::quote_identifier(name)))
    }
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.over {
            // Outside of a failed connection this does not fail, and nobody is there to be told.
            let _ = self.connection.batch("rollback");
        }
    }
}
