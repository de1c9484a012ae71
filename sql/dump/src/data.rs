//! Rows, by `COPY` or `INSERT`.

use crate::Writer;
use crate::error::DumpError;
use crate::objects::quote_text;
use crate::select::{Told, run};
use catalog::name::quote_identifier;
use catalog::object::{Object, Oid, Source, Table};
use types::catalog::oid;

impl Writer<'_> {
    /// The rows of a table.
    pub(crate) fn rows(&mut self, oid: Oid, inserts: bool) -> Result<(), DumpError> {
        let Some(Object::Table(table)) = self.scope.object(oid).cloned() else { return Ok(()) };
        if table.is_partitioned() || table.is_materialized() || table.is_foreign() {
            return Ok(());
        }
        if inserts { self.inserts(&table) } else { self.copy(&table) }
    }

    /// The columns that have values of their own.
    fn stored_columns(table: &Table) -> Vec<String> {
        let stored =
            table.live_columns().filter(|(_, column)| !matches!(column.source, Source::Generated(_)));
        stored.map(|(_, column)| quote_identifier(&column.name)).collect()
    }

    fn copy(&mut self, table: &Table) -> Result<(), DumpError> {
        let name = self.full_name(table.schema, &table.name);
        let columns = Writer::stored_columns(table);
        let list = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        self.text(&format!("\nCOPY {name}{list} FROM stdin;\n"))?;
        let statement = format!("COPY {name}{list} TO STDOUT");
        let out = &mut *self.out;
        run(self.session, &statement, &mut |told| match told {
            Told::Copied(bytes) => out(bytes),
            Told::Row(_) => Ok(()),
        })?;
        self.text("\\.\n")
    }

    fn inserts(&mut self, table: &Table) -> Result<(), DumpError> {
        let name = self.full_name(table.schema, &table.name);
        let columns = Writer::stored_columns(table);
        // PostgreSQL wants to be told that a value is not the identity's own.
        let has_identity = table
            .live_columns()
            .any(|(_, column)| matches!(column.source, Source::Identity { always: true, .. }));
        let overriding = if has_identity { " OVERRIDING SYSTEM VALUE" } else { "" };
        let bare: Vec<bool> = table
            .live_columns()
            .filter(|(_, column)| !matches!(column.source, Source::Generated(_)))
            .map(|(_, column)| matches!(column.type_oid, oid::INT2 | oid::INT4 | oid::INT8 | oid::OID))
            .collect();
        let statement = format!("SELECT {} FROM ONLY {name}", columns.join(", "));
        let head = match columns.is_empty() {
            true => format!("INSERT INTO {name} DEFAULT VALUES;\n"),
            false => format!("INSERT INTO {name} ({}){overriding} VALUES (", columns.join(", ")),
        };
        self.text("\n")?;
        let out = &mut *self.out;
        let mut text = String::new();
        run(self.session, &statement, &mut |told| {
            let Told::Row(values) = told else { return Ok(()) };
            text.clear();
            text.push_str(&head);
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    text.push_str(", ");
                }
                match value {
                    None => text.push_str("NULL"),
                    Some(value) if bare.get(place) == Some(&true) => text.push_str(value),
                    Some(value) => text.push_str(&quote_text(value)),
                }
            }
            if !values.is_empty() {
                text.push_str(");\n");
            }
            out(text.as_bytes())
        })
    }
}
