//! Foreign data: found by name and by number.

use super::Snapshot;
use crate::object::{Foreign, ForeignServer, ForeignWrapper, Object, Oid, UserMapping};
use std::sync::Arc;

impl Snapshot {
    /// The foreign-data wrapper with this number.
    pub fn foreign_wrapper(&self, oid: Oid) -> Option<&ForeignWrapper> {
        match &**self.foreign(oid)? {
            Foreign::Wrapper(wrapper) => Some(wrapper),
            Foreign::Server(_) | Foreign::Mapping(_) => None,
        }
    }

    /// The foreign server with this number.
    pub fn foreign_server(&self, oid: Oid) -> Option<&ForeignServer> {
        match &**self.foreign(oid)? {
            Foreign::Server(server) => Some(server),
            Foreign::Wrapper(_) | Foreign::Mapping(_) => None,
        }
    }

    /// The mapping of users with this number.
    pub fn user_mapping(&self, oid: Oid) -> Option<&UserMapping> {
        match &**self.foreign(oid)? {
            Foreign::Mapping(mapping) => Some(mapping),
            Foreign::Wrapper(_) | Foreign::Server(_) => None,
        }
    }

    /// The foreign-data wrapper called `name`.
    pub fn foreign_wrapper_named(&self, name: &str) -> Option<&ForeignWrapper> {
        self.foreign_wrapper(*self.wrappers.get(name)?)
    }

    /// The foreign server called `name`.
    pub fn foreign_server_named(&self, name: &str) -> Option<&ForeignServer> {
        self.foreign_server(*self.servers.get(name)?)
    }

    /// Who a role is on a server, 0 for everybody who has no mapping of his own.
    pub fn user_mapping_of(&self, server: Oid, role: Oid) -> Option<&UserMapping> {
        self.user_mapping(*self.mappings.get(&(server, role))?)
    }

    /// What is said to who wants rows from a server: its wrapper has no handler, as none has one.
    pub fn no_handler(&self, server: Oid) -> String {
        let server = self.foreign_server(server);
        let wrapper = server.and_then(|server| self.foreign_wrapper(server.wrapper));
        let wrapper = wrapper.map_or("", |wrapper| wrapper.name.as_str());
        format!("foreign-data wrapper \"{wrapper}\" has no handler")
    }

    /// All wrappers, servers and mappings, by number.
    pub fn all_foreign(&self) -> impl Iterator<Item = &Arc<Foreign>> {
        self.objects().filter_map(|object| match object {
            Object::Foreign(foreign) => Some(foreign),
            _ => None, // others are told of elsewhere
        })
    }

    pub(super) fn put_foreign(&mut self, foreign: &Foreign) {
        match foreign {
            Foreign::Wrapper(wrapper) => {
                self.wrappers.insert(wrapper.name.as_str().into(), wrapper.oid);
            }
            Foreign::Server(server) => {
                self.servers.insert(server.name.as_str().into(), server.oid);
            }
            Foreign::Mapping(mapping) => {
                self.mappings.insert((mapping.server, mapping.role), mapping.oid);
            }
        }
    }

    pub(super) fn remove_foreign(&mut self, foreign: &Foreign) {
        match foreign {
            Foreign::Wrapper(wrapper) => super::apply::forget(&mut self.wrappers, &wrapper.name, wrapper.oid),
            Foreign::Server(server) => super::apply::forget(&mut self.servers, &server.name, server.oid),
            Foreign::Mapping(mapping) => {
                let place = (mapping.server, mapping.role);
                if self.mappings.get(&place) == Some(&mapping.oid) {
                    self.mappings.remove(&place);
                }
            }
        }
    }
}
