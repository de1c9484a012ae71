//! Foreign data: wrappers, servers, mappings of users, and what foreign tables have besides what tables have.

use crate::objects::quote_text;
use catalog::Scope;
use catalog::name::quote_identifier;
use catalog::object::{Foreign, ForeignOption, Table};

/// What makes it.
pub fn definition(scope: &Scope, foreign: &Foreign) -> String {
    let options = options(foreign.options());
    match foreign {
        Foreign::Wrapper(wrapper) => {
            let validator = match wrapper.validator {
                0 => "",
                // It is the one that there may be.
                _ => " VALIDATOR pg_catalog.postgresql_fdw_validator",
            };
            format!("CREATE FOREIGN DATA WRAPPER {}{validator}{options};", quote_identifier(&wrapper.name))
        }
        Foreign::Server(server) => {
            let word = |word: &str, text: &Option<String>| {
                text.as_ref().map_or_else(String::new, |text| format!(" {word} {}", quote_text(text)))
            };
            let wrapper = scope.foreign_wrapper(server.wrapper).map_or("", |wrapper| wrapper.name.as_str());
            let own = [word("TYPE", &server.server_type), word("VERSION", &server.version)].concat();
            let (name, wrapper) = (quote_identifier(&server.name), quote_identifier(wrapper));
            format!("CREATE SERVER {name}{own} FOREIGN DATA WRAPPER {wrapper}{options};")
        }
        Foreign::Mapping(mapping) => {
            let server = scope.foreign_server(mapping.server).map_or("", |server| server.name.as_str());
            let user = match mapping.role {
                0 => "PUBLIC".to_owned(),
                role => quote_identifier(&scope.role_name(role)),
            };
            format!("CREATE USER MAPPING FOR {user} SERVER {}{options};", quote_identifier(server))
        }
    }
}

/// What stands behind the columns of a foreign table, and what is said of its columns afterwards; `name` is the table's.
pub fn of_table(scope: &Scope, table: &Table, name: &str) -> Option<(String, String)> {
    let foreign = table.foreign()?;
    let server = scope.foreign_server(foreign.server).map_or("", |server| server.name.as_str());
    let behind = format!(" SERVER {}{}", quote_identifier(server), options(&foreign.options));
    let mut then = String::new();
    for (place, own) in &foreign.columns {
        if let Some(column) = table.columns.get(usize::from(*place)).filter(|column| !column.dropped) {
            let column = quote_identifier(&column.name);
            let options = options(own);
            then.push_str(&format!("\nALTER FOREIGN TABLE ONLY {name} ALTER COLUMN {column}{options};"));
        }
    }
    Some((behind, then))
}

fn options(options: &[ForeignOption]) -> String {
    let one =
        |option: &ForeignOption| format!("{} {}", quote_identifier(&option.name), quote_text(&option.value));
    let written: Vec<String> = options.iter().map(one).collect();
    if written.is_empty() { String::new() } else { format!(" OPTIONS ({})", written.join(", ")) }
}

/// What a comment on it is on; a mapping has none.
pub fn subject(foreign: &Foreign) -> Option<String> {
    let name = quote_identifier(foreign.name());
    match foreign {
        Foreign::Wrapper(_) => Some(format!("FOREIGN DATA WRAPPER {name}")),
        Foreign::Server(_) => Some(format!("SERVER {name}")),
        Foreign::Mapping(_) => None,
    }
}
