//! Foreign data: wrappers, servers, and who a role is on a server.
//!
//! No wrapper has a handler, as no function can be made that is one: nothing of this is ever asked for rows. It is kept, told and
//! given on as other objects are.

use super::access::Acl;
use super::{Oid, class};
use bincode::{Decode, Encode};

/// An option, which means what the wrapper's makers say.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ForeignOption {
    /// Its name: no other option of the same thing has it.
    pub name: String,
    /// What it is set to.
    pub value: String,
}

/// What stands in a catalog of its own.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[allow(missing_docs)] // each is what its name says
pub enum Foreign {
    Wrapper(ForeignWrapper),
    Server(ForeignServer),
    Mapping(UserMapping),
}

/// A foreign-data wrapper.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct ForeignWrapper {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other wrapper has it.
    pub name: String,
    /// The role that owns it, a superuser.
    pub owner: Oid,
    /// The function that looks at options, 0 without.
    pub validator: Oid,
    /// Its options, in the order in which they were given.
    pub options: Vec<ForeignOption>,
    /// Who may make servers of it.
    pub acl: Acl,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct ForeignServer {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other server has it.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// Its wrapper.
    pub wrapper: Oid,
    /// `TYPE`
    pub server_type: Option<String>,
    /// `VERSION`
    pub version: Option<String>,
    /// Its options, in the order in which they were given.
    pub options: Vec<ForeignOption>,
    /// Who may make tables on it.
    pub acl: Acl,
}

/// Who a role is on a server.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct UserMapping {
    /// Its number.
    pub oid: Oid,
    /// The role; 0 for everybody who has none of his own.
    pub role: Oid,
    /// The server.
    pub server: Oid,
    /// Its options, in the order in which they were given.
    pub options: Vec<ForeignOption>,
}

impl Foreign {
    /// Its number.
    pub fn oid(&self) -> Oid {
        match self {
            Foreign::Wrapper(wrapper) => wrapper.oid,
            Foreign::Server(server) => server.oid,
            Foreign::Mapping(mapping) => mapping.oid,
        }
    }

    /// Its name; a mapping has none.
    pub fn name(&self) -> &str {
        match self {
            Foreign::Wrapper(wrapper) => &wrapper.name,
            Foreign::Server(server) => &server.name,
            Foreign::Mapping(_) => "",
        }
    }

    /// Gives it another name.
    pub fn set_name(&mut self, name: String) {
        match self {
            Foreign::Wrapper(wrapper) => wrapper.name = name,
            Foreign::Server(server) => server.name = name,
            Foreign::Mapping(_) => {}
        }
    }

    /// The role that owns it. A mapping is its role's: it goes with what the role owns.
    pub fn owner(&self) -> Option<Oid> {
        match self {
            Foreign::Wrapper(wrapper) => Some(wrapper.owner),
            Foreign::Server(server) => Some(server.owner),
            Foreign::Mapping(mapping) => Some(mapping.role).filter(|role| *role != 0),
        }
    }

    /// Gives it to another role; a mapping stays its role's.
    pub fn set_owner(&mut self, owner: Oid) {
        match self {
            Foreign::Wrapper(wrapper) => wrapper.owner = owner,
            Foreign::Server(server) => server.owner = owner,
            Foreign::Mapping(_) => {}
        }
    }

    /// Who may do what with it.
    pub fn acl(&self) -> &Acl {
        match self {
            Foreign::Wrapper(wrapper) => &wrapper.acl,
            Foreign::Server(server) => &server.acl,
            Foreign::Mapping(_) => &None,
        }
    }

    /// Says who may do what with it.
    pub fn set_acl(&mut self, acl: Acl) {
        match self {
            Foreign::Wrapper(wrapper) => wrapper.acl = acl,
            Foreign::Server(server) => server.acl = acl,
            Foreign::Mapping(_) => {}
        }
    }

    /// Its options.
    pub fn options(&self) -> &[ForeignOption] {
        match self {
            Foreign::Wrapper(wrapper) => &wrapper.options,
            Foreign::Server(server) => &server.options,
            Foreign::Mapping(mapping) => &mapping.options,
        }
    }

    /// Its options, to be changed.
    pub fn options_mut(&mut self) -> &mut Vec<ForeignOption> {
        match self {
            Foreign::Wrapper(wrapper) => &mut wrapper.options,
            Foreign::Server(server) => &mut server.options,
            Foreign::Mapping(mapping) => &mut mapping.options,
        }
    }

    /// The catalog that it is listed in.
    pub fn class(&self) -> Oid {
        match self {
            Foreign::Wrapper(_) => class::FOREIGN_WRAPPER,
            Foreign::Server(_) => class::FOREIGN_SERVER,
            Foreign::Mapping(_) => class::USER_MAPPING,
        }
    }

    /// What messages about rights call its kind.
    pub fn kind_word(&self) -> &'static str {
        match self {
            Foreign::Wrapper(_) => "foreign-data wrapper",
            Foreign::Server(_) => "foreign server",
            Foreign::Mapping(_) => "user mapping",
        }
    }
}
