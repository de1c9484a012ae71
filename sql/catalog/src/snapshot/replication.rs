//! Publications, what is in them, and subscriptions: found by name and by number.

use super::Snapshot;
use super::apply::forget;
use crate::object::{Object, Oid, Publication, PublishedSchema, PublishedTable, Replication, Subscription};
use std::sync::Arc;

impl Snapshot {
    /// The publication with this number.
    pub fn publication(&self, oid: Oid) -> Option<&Publication> {
        match &**self.replication(oid)? {
            Replication::Publication(publication) => Some(publication),
            Replication::Table(_) | Replication::Schema(_) | Replication::Subscription(_) => None,
        }
    }

    /// The table in a publication with this number.
    pub fn published_table(&self, oid: Oid) -> Option<&PublishedTable> {
        match &**self.replication(oid)? {
            Replication::Table(table) => Some(table),
            Replication::Publication(_) | Replication::Schema(_) | Replication::Subscription(_) => None,
        }
    }

    /// The schema in a publication with this number.
    pub fn published_schema(&self, oid: Oid) -> Option<&PublishedSchema> {
        match &**self.replication(oid)? {
            Replication::Schema(schema) => Some(schema),
            Replication::Publication(_) | Replication::Table(_) | Replication::Subscription(_) => None,
        }
    }

    /// The subscription with this number.
    pub fn subscription(&self, oid: Oid) -> Option<&Subscription> {
        match &**self.replication(oid)? {
            Replication::Subscription(subscription) => Some(subscription),
            Replication::Publication(_) | Replication::Table(_) | Replication::Schema(_) => None,
        }
    }

    /// The publication called `name`.
    pub fn publication_named(&self, name: &str) -> Option<&Publication> {
        self.publication(*self.publications.get(name)?)
    }

    /// The subscription called `name`.
    pub fn subscription_named(&self, name: &str) -> Option<&Subscription> {
        self.subscription(*self.subscriptions.get(name)?)
    }

    /// All publications, by name.
    pub fn all_publications(&self) -> impl Iterator<Item = &Publication> {
        self.publications.values().filter_map(|oid| self.publication(*oid))
    }

    /// All subscriptions, by name.
    pub fn all_subscriptions(&self) -> impl Iterator<Item = &Subscription> {
        self.subscriptions.values().filter_map(|oid| self.subscription(*oid))
    }

    /// Whether there is no publication: then nothing is published.
    pub fn has_no_publications(&self) -> bool {
        self.publications.is_empty()
    }

    /// The tables in publications, by publication: those of one table.
    pub fn publications_of_table(&self, table: Oid) -> impl Iterator<Item = &PublishedTable> {
        let entries = self.published.range((table, 0)..=(table, Oid::MAX));
        entries.filter_map(|(_, entry)| self.published_table(*entry))
    }

    /// The same of a schema.
    pub fn publications_of_schema(&self, schema: Oid) -> impl Iterator<Item = &PublishedSchema> {
        let entries = self.published.range((schema, 0)..=(schema, Oid::MAX));
        entries.filter_map(|(_, entry)| self.published_schema(*entry))
    }

    /// What is in a publication, by number.
    pub fn in_publication(&self, publication: Oid) -> impl Iterator<Item = &Arc<Replication>> {
        let entries = self.published.range((publication, 0)..=(publication, Oid::MAX));
        entries.filter_map(|(_, entry)| self.replication(*entry))
    }

    /// A table as it is in a publication, if it is.
    pub fn table_in_publication(&self, publication: Oid, table: Oid) -> Option<&PublishedTable> {
        self.publications_of_table(table).find(|entry| entry.publication == publication)
    }

    /// A schema as it is in a publication, if it is.
    pub fn schema_in_publication(&self, publication: Oid, schema: Oid) -> Option<&PublishedSchema> {
        self.publications_of_schema(schema).find(|entry| entry.publication == publication)
    }

    /// Publications, subscriptions and what is in publications, by number.
    pub fn all_replication(&self) -> impl Iterator<Item = &Arc<Replication>> {
        self.objects().filter_map(|object| match object {
            Object::Replication(replication) => Some(replication),
            _ => None, // others are told of elsewhere
        })
    }

    pub(super) fn put_replication(&mut self, replication: &Replication) {
        match replication {
            Replication::Publication(publication) => {
                self.publications.insert(publication.name.as_str().into(), publication.oid);
            }
            Replication::Table(table) => {
                self.published.insert((table.table, table.oid));
                self.published.insert((table.publication, table.oid));
            }
            Replication::Schema(schema) => {
                self.published.insert((schema.schema, schema.oid));
                self.published.insert((schema.publication, schema.oid));
            }
            Replication::Subscription(subscription) => {
                self.subscriptions.insert(subscription.name.as_str().into(), subscription.oid);
            }
        }
    }

    pub(super) fn remove_replication(&mut self, replication: &Replication) {
        match replication {
            Replication::Publication(publication) => {
                forget(&mut self.publications, &publication.name, publication.oid);
            }
            Replication::Table(table) => {
                self.published.remove(&(table.table, table.oid));
                self.published.remove(&(table.publication, table.oid));
            }
            Replication::Schema(schema) => {
                self.published.remove(&(schema.schema, schema.oid));
                self.published.remove(&(schema.publication, schema.oid));
            }
            Replication::Subscription(subscription) => {
                forget(&mut self.subscriptions, &subscription.name, subscription.oid);
            }
        }
    }
}
