//! What system relations there are, and their columns.

use crate::object::{INFORMATION_SCHEMA, Oid, PG_CATALOG};
use std::sync::Arc;
use types::catalog::Type;

/// A relation of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemTable {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: &'static str,
    /// Its schema.
    pub schema: Oid,
    /// Whether PostgreSQL has it as a view.
    pub is_view: bool,
    /// The type of its rows.
    pub row_type: Oid,
    /// The type of arrays of its rows.
    pub array_type: Oid,
    /// Its columns.
    pub columns: Vec<SystemColumn>,
}

/// A column of a relation of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub type_oid: Oid,
    /// Its type's modifier, -1 without.
    pub modifier: i32,
    /// Whether it is never NULL.
    pub not_null: bool,
}

impl SystemColumn {
    /// Its type with its modifier.
    pub fn column_type(&self) -> Type {
        Type { oid: self.type_oid, modifier: self.modifier }
    }
}

impl SystemTable {
    /// Its name with its schema's.
    pub fn qualified_name(&self) -> (&'static str, &'static str) {
        let schema = if self.schema == INFORMATION_SCHEMA { "information_schema" } else { "pg_catalog" };
        (schema, self.name)
    }
}

const DESCRIPTIONS: &str = include_str!("relations.txt");

/// All of them. A line that makes no sense is passed over; a test sees to it that there is none.
pub(crate) fn system_tables() -> impl Iterator<Item = Arc<SystemTable>> {
    DESCRIPTIONS.lines().filter_map(table).map(Arc::new)
}

fn table(line: &'static str) -> Option<SystemTable> {
    let mut words = line.split(' ');
    let (schema, name) = words.next()?.split_once('.')?;
    let schema = match schema {
        "pg_catalog" => PG_CATALOG,
        "information_schema" => INFORMATION_SCHEMA,
        _ => return None,
    };
    let oid = words.next()?.parse().ok()?;
    let is_view = words.next()? == "v";
    let row_type = words.next()?.parse().ok()?;
    let array_type = words.next()?.parse().ok()?;
    let columns: Option<Vec<SystemColumn>> = words.map(column).collect();
    Some(SystemTable { oid, name, schema, is_view, row_type, array_type, columns: columns? })
}

fn column(word: &'static str) -> Option<SystemColumn> {
    let (name, of) = word.split_once(':')?;
    let (of, not_null) = of.strip_suffix('!').map_or((of, false), |of| (of, true));
    let (type_oid, modifier) = of.split_once('/').unwrap_or((of, "-1"));
    Some(SystemColumn { name, type_oid: type_oid.parse().ok()?, modifier: modifier.parse().ok()?, not_null })
}

#[cfg(test)]
mod tests {
    use super::{DESCRIPTIONS, system_tables};

    #[test]
    fn every_line_describes_a_relation() {
        let lines = DESCRIPTIONS.lines().filter(|line| line.contains('.') && !line.starts_with('#')).count();
        assert_eq!(system_tables().count(), lines);
        assert!(lines > 100);
    }
}
