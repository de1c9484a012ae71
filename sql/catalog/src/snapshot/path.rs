//! search_path: where names without a schema are looked for.

use super::Snapshot;
use crate::access::Actor;
use crate::object::{Object, Oid, PG_CATALOG, Privileges};
use crate::row_security::Reader;
use std::collections::BTreeSet;

/// A schema that is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathEntry {
    /// The schema.
    pub schema: Oid,
    /// Whether the setting does not name it: `pg_catalog` and the temporary schema are searched all the same.
    pub implicit: bool,
}

/// A search_path whose names have been looked up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchPath {
    entries: Vec<PathEntry>,
    creation: Option<Oid>,
    creates_temporary: bool,
    temporary: Option<Oid>,
    /// The store's number of the database that the session is in, if it is known: its name may stand before a schema's.
    database: Option<u64>,
    /// Who looks; nobody where texts are read that mean the same for everybody.
    reader: Option<Reader>,
    /// Schemas in which nothing may be looked for: nobody names one without being told so.
    denied: BTreeSet<Oid>,
}

impl SearchPath {
    /// The schemas that are searched, in order.
    pub fn entries(&self) -> &[PathEntry] {
        &self.entries
    }

    /// The schemas that are searched for relations and types, in order.
    pub fn schemas(&self) -> impl Iterator<Item = Oid> {
        self.entries.iter().map(|entry| entry.schema)
    }

    /// The schemas that are searched for functions and operators: never the temporary one.
    pub fn schemas_of_functions(&self) -> impl Iterator<Item = Oid> {
        self.schemas().filter(|schema| Some(*schema) != self.temporary)
    }

    /// Where new objects go that are given no schema.
    pub fn creation(&self) -> Option<Oid> {
        self.creation
    }

    /// Whether new objects go to the temporary schema, which may have to be made first.
    pub fn creates_temporary(&self) -> bool {
        self.creates_temporary
    }

    /// Whether nothing may be looked for in a schema.
    pub fn is_denied(&self, schema: Oid) -> bool {
        self.denied.contains(&schema)
    }

    /// Without the schemas that somebody may not use. His temporary one he may.
    pub fn allowed(mut self, snapshot: &Snapshot, actor: &Actor) -> SearchPath {
        if actor.superuser {
            return self;
        }
        for object in snapshot.objects() {
            if let Object::Schema(schema) = object
                && Some(schema.oid) != self.temporary
                && !actor.privileges(snapshot, object).contains(Privileges::USAGE)
            {
                self.denied.insert(schema.oid);
            }
        }
        self.entries.retain(|entry| !self.denied.contains(&entry.schema));
        if self.creation.is_some_and(|schema| self.denied.contains(&schema)) {
            let named = self.entries.iter().find(|entry| !entry.implicit);
            self.creation = named.map(|entry| entry.schema);
        }
        self
    }

    /// The same of a session that is in a database.
    pub fn within(self, database: u64) -> SearchPath {
        SearchPath { database: Some(database), ..self }
    }

    /// The same for somebody.
    pub fn read_by(self, reader: Reader) -> SearchPath {
        SearchPath { reader: Some(reader), ..self }
    }

    /// Of `pg_catalog` alone, for the same reader in the same database.
    pub fn plain(&self) -> SearchPath {
        SearchPath {
            entries: vec![PathEntry { schema: PG_CATALOG, implicit: true }],
            creation: None,
            creates_temporary: false,
            denied: BTreeSet::new(),
            ..self.clone()
        }
    }

    /// Who looks; nobody where texts are read that mean the same for everybody.
    pub fn reader(&self) -> Option<Reader> {
        self.reader
    }

    /// The store's number of the database that the session is in, if it is known.
    pub fn database(&self) -> Option<u64> {
        self.database
    }

    /// The session's temporary schema, once it has one.
    pub fn temporary(&self) -> Option<Oid> {
        self.temporary
    }
}

impl Snapshot {
    /// The path that the setting `names` means for a role of name `user`. Schemas that do not exist are passed over.
    pub fn search_path<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        user: &str,
        temporary: Option<Oid>,
    ) -> SearchPath {
        let mut path = SearchPath { temporary, ..SearchPath::default() };
        let mut first = true;
        for name in names {
            let name = if name == "$user" { user } else { name };
            let found = if name == "pg_temp" { temporary } else { self.schema_named(name) };
            if first && (name == "pg_temp" || found.is_some()) {
                (path.creation, path.creates_temporary) = (found, name == "pg_temp");
                first = false;
            }
            let Some(schema) = found else { continue };
            if path.schemas().all(|known| known != schema) {
                path.entries.push(PathEntry { schema, implicit: false });
            }
        }
        for schema in [Some(PG_CATALOG), temporary].into_iter().flatten() {
            if path.schemas().all(|known| known != schema) {
                path.entries.insert(0, PathEntry { schema, implicit: true });
            }
        }
        path
    }
}
