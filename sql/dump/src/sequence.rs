//! Sequences: their rules, whom they belong to, where they stand.

use crate::Writer;
use crate::error::DumpError;
use crate::objects::quote_text;
use catalog::name::quote_identifier;
use catalog::object::{Column, Object, Oid, Sequence, Source};
use types::catalog::type_name;

/// The rules of a sequence, each behind a blank.
pub fn rules(sequence: &Sequence) -> String {
    let cycle = if sequence.cycle { " CYCLE" } else { "" };
    format!(
        " START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {}{cycle}",
        sequence.start, sequence.increment, sequence.minimum, sequence.maximum, sequence.cache
    )
}

impl Writer<'_> {
    /// `CREATE SEQUENCE …`; none for that of an identity, which is made with its column.
    pub(crate) fn sequence(&self, sequence: &Sequence) -> Option<String> {
        if self.is_identity(sequence) {
            return None;
        }
        let name = self.full_name(sequence.schema, &sequence.name);
        let of = type_name(&self.scope, sequence.type_oid, None);
        Some(format!("CREATE SEQUENCE {name} AS {of}{};", rules(sequence)))
    }

    fn is_identity(&self, sequence: &Sequence) -> bool {
        let table = sequence.owned_by.and_then(|(table, _)| self.scope.table(table));
        let is_its = |column: &Column| matches!(column.source, Source::Identity { sequence: of, .. } if of == sequence.oid);
        table.is_some_and(|table| table.columns.iter().any(is_its))
    }

    /// `ALTER SEQUENCE … OWNED BY …`, when tables are there.
    pub(crate) fn owned_sequences(&mut self, nodes: &[Oid]) -> Result<(), DumpError> {
        for node in nodes {
            let Some(Object::Sequence(sequence)) = self.scope.object(*node).cloned() else { continue };
            let Some((table, column)) = sequence.owned_by else { continue };
            let Some(table) = self.scope.table(table).cloned() else { continue };
            if self.is_identity(&sequence) || !nodes.contains(&table.oid) {
                continue;
            }
            let Some(column) = table.columns.get(usize::from(column)) else { continue };
            let name = self.full_name(sequence.schema, &sequence.name);
            let owner = self.full_name(table.schema, &table.name);
            let column = quote_identifier(&column.name);
            self.text(&format!("\nALTER SEQUENCE {name} OWNED BY {owner}.{column};\n"))?;
        }
        Ok(())
    }

    /// Where a sequence stands.
    pub(crate) fn sequence_value(&mut self, oid: Oid) -> Result<(), DumpError> {
        let Some(Object::Sequence(sequence)) = self.scope.object(oid).cloned() else { return Ok(()) };
        let stands = self.session.sequence_state(&sequence);
        let (last, called) = stands.map_err(|error| DumpError::Catalog(error.to_string()))?;
        let name = quote_text(&self.full_name(sequence.schema, &sequence.name));
        self.text(&format!("\nSELECT pg_catalog.setval({name}, {last}, {called});\n"))
    }
}
