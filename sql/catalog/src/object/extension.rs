//! Extensions.

use super::Oid;
use bincode::{Decode, Encode};

/// An extension: a name under which objects have come, and with which they go. They depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Extension {
    /// Its number.
    pub oid: Oid,
    /// Its name, which no other has, whatever the schema.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// The schema of its members.
    pub schema: Oid,
    /// Whether its members may go to another schema.
    pub relocatable: bool,
    /// Its version.
    pub version: String,
}
