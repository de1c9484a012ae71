//! The extensions that can be had: what they are called, what is said of them, and the statements that make their members.
//!
//! A script is run with the extension's schema first in the path; what it makes are the members. Its functions in `LANGUAGE c` are
//! the program's own, of the table of functions (`functions::table::module_functions`).

/// An extension that can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Its name.
    pub name: &'static str,
    /// Its one version.
    pub version: &'static str,
    /// What it is for.
    pub comment: &'static str,
    /// Whether its members may go to another schema.
    pub relocatable: bool,
    /// The schema in which it has to be; none if any will do.
    pub schema: Option<&'static str>,
    /// The statements that make its members.
    pub script: &'static str,
}

/// All of them, by name. Each may be made by whoever may create something in the database.
pub const AVAILABLE: &[Available] = &[
    Available {
        name: "btree_gist",
        version: "1.7",
        comment: "support for indexing common datatypes in GiST",
        relocatable: true,
        schema: None,
        script: include_str!("btree_gist.sql"),
    },
    Available {
        name: "citext",
        version: "1.6",
        comment: "data type for case-insensitive character strings",
        relocatable: true,
        schema: None,
        script: include_str!("citext.sql"),
    },
    Available {
        name: "pg_trgm",
        version: "1.6",
        comment: "text similarity measurement and index searching based on trigrams",
        relocatable: true,
        schema: None,
        script: include_str!("pg_trgm.sql"),
    },
    Available {
        name: "pgcrypto",
        version: "1.3",
        comment: "cryptographic functions",
        relocatable: true,
        schema: None,
        script: include_str!("pgcrypto.sql"),
    },
    Available {
        name: "plpgsql",
        version: "1.0",
        comment: "PL/pgSQL procedural language",
        relocatable: false,
        schema: Some("pg_catalog"),
        // It is there from the beginning, and cannot be dropped.
        script: "",
    },
    Available {
        name: "unaccent",
        version: "1.1",
        comment: "text search dictionary that removes accents",
        relocatable: true,
        schema: None,
        script: include_str!("unaccent.sql"),
    },
    Available {
        name: "uuid-ossp",
        version: "1.1",
        comment: "generate universally unique identifiers (UUIDs)",
        relocatable: true,
        schema: None,
        script: include_str!("uuid-ossp.sql"),
    },
];

/// The extension of this name.
pub fn available(name: &str) -> Option<&'static Available> {
    AVAILABLE.iter().find(|known| known.name == name)
}
