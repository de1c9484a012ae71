//! Publications, what is in them, and subscriptions. What is in a publication is added to it when it is there.

use crate::Writer;
use crate::error::DumpError;
use crate::objects::quote_text;
use crate::order::schema_name;
use catalog::name::quote_identifier;
use catalog::object::{Publication, PublishedTable, Replication, Subscription};

impl Writer<'_> {
    /// What makes it.
    pub(crate) fn replication(&mut self, replication: &Replication) -> Result<String, DumpError> {
        Ok(match replication {
            Replication::Publication(publication) => publication_definition(publication),
            Replication::Subscription(subscription) => subscription_definition(subscription),
            Replication::Table(entry) => self.published_table(entry)?,
            Replication::Schema(entry) => {
                let publication = self.publication_name(entry.publication);
                let schema = schema_name(&self.scope, entry.schema);
                format!("ALTER PUBLICATION {publication} ADD TABLES IN SCHEMA {};", quote_identifier(&schema))
            }
        })
    }

    fn publication_name(&self, publication: u32) -> String {
        quote_identifier(self.scope.publication(publication).map_or("", |known| known.name.as_str()))
    }

    fn published_table(&mut self, entry: &PublishedTable) -> Result<String, DumpError> {
        let Some(table) = self.scope.table(entry.table).cloned() else { return Ok(String::new()) };
        let (publication, name) =
            (self.publication_name(entry.publication), self.full_name(table.schema, &table.name));
        let places = entry.columns.iter().flatten();
        let columns = places.filter_map(|place| table.columns.get(usize::from(*place)));
        let columns: Vec<String> = columns.map(|column| quote_identifier(&column.name)).collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        let filter = match &entry.filter {
            Some(_) => {
                let query = format!(
                    "SELECT pg_catalog.pg_get_expr(prqual, prrelid) FROM pg_catalog.pg_publication_rel WHERE oid = {}",
                    entry.oid
                );
                format!(" WHERE ({})", self.value(&query)?)
            }
            None => String::new(),
        };
        Ok(format!("ALTER PUBLICATION {publication} ADD TABLE ONLY {name}{columns}{filter};"))
    }
}

fn publication_definition(publication: &Publication) -> String {
    let actions = publication.actions;
    let all = [
        (actions.insert, "insert"),
        (actions.update, "update"),
        (actions.delete, "delete"),
        (actions.truncate, "truncate"),
    ];
    let words: Vec<&str> = all.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
    let whole = if publication.all_tables { " FOR ALL TABLES" } else { "" };
    let root = if publication.via_root { ", publish_via_partition_root = true" } else { "" };
    let name = quote_identifier(&publication.name);
    format!("CREATE PUBLICATION {name}{whole} WITH (publish = '{}'{root});", words.join(", "))
}

fn subscription_definition(subscription: &Subscription) -> String {
    let name = quote_identifier(&subscription.name);
    let names: Vec<String> = subscription.publications.iter().map(|name| quote_identifier(name)).collect();
    let slot = subscription.slot.as_deref().map_or_else(|| "NONE".to_owned(), quote_text);
    let mut options = format!("connect = false, slot_name = {slot}");
    for (on, option) in [
        (subscription.binary, ", binary = true"),
        (subscription.stream, ", streaming = on"),
        (subscription.two_phase, ", two_phase = on"),
        (subscription.disable_on_error, ", disable_on_error = true"),
    ] {
        options.push_str(if on { option } else { "" });
    }
    if subscription.synchronous_commit != "off" {
        let value = quote_text(&subscription.synchronous_commit);
        options.push_str(&format!(", synchronous_commit = {value}"));
    }
    let connection = quote_text(&subscription.connection);
    let publications = names.join(", ");
    format!("CREATE SUBSCRIPTION {name} CONNECTION {connection} PUBLICATION {publications} WITH ({options});")
}

/// What a comment on it is on; what is in a publication has none.
pub fn subject(replication: &Replication) -> Option<String> {
    let name = quote_identifier(replication.name());
    match replication {
        Replication::Publication(_) => Some(format!("PUBLICATION {name}")),
        Replication::Subscription(_) => Some(format!("SUBSCRIPTION {name}")),
        Replication::Table(_) | Replication::Schema(_) => None,
    }
}
