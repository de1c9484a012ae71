//! What is published of a table, and whether its rows may be changed then: others must be able to tell which row was.

use crate::object::{
    Index, IndexedValue, Object, Oid, Origin, Persistence, Publication, PublishedTable, Replica, Replication,
    Table,
};
use crate::snapshot::Snapshot;
use std::sync::Arc;

/// Why rows of a table that is published may not be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpublishable {
    /// Which rows are published depends on a column that does not tell which row it is.
    Filter,
    /// A column that tells which row it is is not published.
    Columns,
    /// Nothing tells which row it is.
    NoIdentity,
}

/// What is in the way of updating and of deleting rows of a table.
pub type Refusals = [Option<Unpublishable>; 2];

/// A table in a publication, or the one above it in whose name its rows are published.
struct Told<'s> {
    publication: &'s Publication,
    table: &'s Table,
}

impl Snapshot {
    /// Whether changes of a table's rows can be published.
    pub fn is_publishable(table: &Table) -> bool {
        table.origin == Origin::Own
            && table.persistence == Persistence::Permanent
            && table.oid >= crate::object::FIRST_USER_OID
    }

    /// The tables above a partition, the nearest first.
    pub fn partitioned_above(&self, table: &Table) -> Vec<Oid> {
        let mut above = Vec::new();
        let mut next = table.partition_of();
        while let Some(oid) = next.filter(|oid| !above.contains(oid)) {
            above.push(oid);
            next = self.table(oid).and_then(|table| table.partition_of());
        }
        above
    }

    /// Whether a publication has a table by itself or by its schema.
    fn has_table(&self, publication: Oid, table: Oid) -> bool {
        let schema = self.table(table).map_or(0, |table| table.schema);
        self.table_in_publication(publication, table).is_some()
            || self.schema_in_publication(publication, schema).is_some()
    }

    /// The publications that a table is in: by itself, by its schema, or by those of the tables above it.
    fn publishing(&self, table: &Table) -> Vec<&Publication> {
        let mut tables = vec![table.oid];
        tables.extend(self.partitioned_above(table));
        self.all_publications()
            .filter(|known| known.all_tables || tables.iter().any(|table| self.has_table(known.oid, *table)))
            .collect()
    }

    /// The index by whose columns a row is told in a replica.
    pub fn identity_index(&self, table: &Table) -> Option<&Arc<Index>> {
        let chosen = |index: &&Arc<Index>| match table.replica {
            Replica::Default => index.primary,
            Replica::Index(oid) => index.oid == oid,
            Replica::Full | Replica::Nothing => false,
        };
        self.indexes_of(table.oid).filter(|index| index.unique && index.immediate && index.valid).find(chosen)
    }

    /// The columns by which a row is told in a replica, with whether that is known at all. All of them tell it after
    /// `REPLICA IDENTITY FULL`, which is not asked here.
    fn identity_of(&self, table: &Table) -> Option<Vec<u16>> {
        let index = self.identity_index(table)?;
        let column = |value: &IndexedValue| match value {
            IndexedValue::Column(place) => Some(*place),
            IndexedValue::Expression(_) => None,
        };
        Some(index.keys.iter().filter_map(|key| column(&key.value)).collect())
    }

    /// What is in the way of updating and of deleting a table's rows because they are published.
    pub fn unpublishable(&self, table: &Table) -> Refusals {
        if self.has_no_publications() || table.is_partitioned() || !Snapshot::is_publishable(table) {
            return [None, None];
        }
        let identity = self.identity_of(table);
        let publishing = self.publishing(table);
        let refused = |publishes: fn(&Publication) -> bool| {
            let of = || publishing.iter().copied().filter(|known| publishes(known));
            let told = || of().map(|publication| Told { publication, table });
            if told().any(|told| self.has_wrong_filter(&told, identity.as_deref())) {
                Some(Unpublishable::Filter)
            } else if told().any(|told| self.has_wrong_columns(&told, identity.as_deref())) {
                Some(Unpublishable::Columns)
            } else if of().next().is_some() && table.replica != Replica::Full && identity.is_none() {
                Some(Unpublishable::NoIdentity)
            } else {
                None
            }
        };
        [refused(|known| known.actions.update), refused(|known| known.actions.delete)]
    }

    /// The table in whose name a table's rows are published.
    fn published_as<'s>(&'s self, told: &Told<'s>) -> &'s Table {
        if !told.publication.via_root {
            return told.table;
        }
        let above = self.partitioned_above(told.table);
        let topmost = above.iter().rev().find(|above| self.has_table(told.publication.oid, **above));
        topmost.and_then(|oid| self.table(*oid)).map_or(told.table, |table| table)
    }

    /// The tables whose changes a publication publishes, with how they are in it if anything is said of that.
    pub fn published_by(&self, publication: &Publication) -> Vec<(Arc<Table>, Option<&PublishedTable>)> {
        let mut found: Vec<Arc<Table>> = Vec::new();
        if publication.all_tables {
            let is_own = |table: &&Arc<Table>| match publication.via_root {
                true => table.partition_of().is_none(),
                false => !table.is_partitioned(),
            };
            found.extend(self.publishable().filter(is_own).cloned());
        } else {
            let entries = || self.in_publication(publication.oid);
            for entry in entries() {
                if let Replication::Table(entry) = &**entry {
                    self.add_published(&mut found, entry.table, publication.via_root);
                }
            }
            for entry in entries() {
                if let Replication::Schema(entry) = &**entry {
                    let within = |table: &&Arc<Table>| table.schema == entry.schema;
                    // Those with rows of their own come first.
                    for partitioned in [false, true] {
                        for table in self.publishable().filter(within) {
                            if table.is_partitioned() == partitioned {
                                self.add_published(&mut found, table.oid, publication.via_root);
                            }
                        }
                    }
                }
            }
            if publication.via_root {
                let all: Vec<Oid> = found.iter().map(|table| table.oid).collect();
                found.retain(|table| !self.partitioned_above(table).iter().any(|above| all.contains(above)));
            }
        }
        let told = |table: Arc<Table>| {
            let by_schema = self.schema_in_publication(publication.oid, table.schema).is_some();
            let entry = self.table_in_publication(publication.oid, table.oid);
            (table, entry.filter(|_| !publication.all_tables && !by_schema))
        };
        found.into_iter().map(told).collect()
    }

    /// Tables whose changes can be published, by number.
    fn publishable(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.objects().filter_map(|object| match object {
            Object::Table(table) if Snapshot::is_publishable(table) => Some(table),
            _ => None, // others are no such tables
        })
    }

    /// Adds a table, or those below it that have rows.
    fn add_published(&self, found: &mut Vec<Arc<Table>>, table: Oid, via_root: bool) {
        let mut ahead = vec![table];
        while let Some(oid) = ahead.pop() {
            let Some(table) = self.table(oid) else { continue };
            if table.is_partitioned() && !via_root {
                let below: Vec<Oid> = self.children_of(oid).map(|child| child.oid).collect();
                ahead.extend(below.into_iter().rev());
            } else if !found.iter().any(|known| known.oid == oid) {
                found.push(table.clone());
            }
        }
    }

    fn has_wrong_filter(&self, told: &Told<'_>, identity: Option<&[u16]>) -> bool {
        if told.table.replica == Replica::Full || told.publication.all_tables {
            return false;
        }
        let known = self.published_as(told);
        let entry = self.table_in_publication(told.publication.oid, known.oid);
        let Some(filter) = entry.and_then(|entry| entry.filter.as_ref()) else { return false };
        let identity = identity.unwrap_or(&[]);
        let own = filter.columns.iter().map(|place| place_below(known, *place, told.table));
        own.into_iter().any(|place| place.is_none_or(|place| !identity.contains(&place)))
    }

    fn has_wrong_columns(&self, told: &Told<'_>, identity: Option<&[u16]>) -> bool {
        if told.publication.all_tables {
            return false;
        }
        let known = self.published_as(told);
        let entry = self.table_in_publication(told.publication.oid, known.oid);
        let Some(columns) = entry.and_then(|entry| entry.columns.as_ref()) else { return false };
        let own: Vec<Option<u16>> =
            columns.iter().map(|place| place_below(known, *place, told.table)).collect();
        told.table.replica == Replica::Full
            || identity.unwrap_or(&[]).iter().any(|place| !own.contains(&Some(*place)))
    }
}

/// The place in a table of a column of one above it.
fn place_below(above: &Table, place: u16, table: &Table) -> Option<u16> {
    if above.oid == table.oid {
        return Some(place);
    }
    let name = &above.columns.get(usize::from(place))?.name;
    table.column(name).map(|(place, _)| place as u16)
}
