//! What statements have read and changed of tables and indexes, counted for whoever tells of it.
//!
//! What is undone afterwards is counted all the same, as in PostgreSQL.

use std::collections::BTreeMap;

/// What was done with a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableCounts {
    /// How often it was gone through from end to end, and rows that were read so.
    pub scans: u64,
    /// The same.
    pub rows_scanned: u64,
    /// Rows that were read because several entries of indexes were put together.
    pub rows_fetched: u64,
    /// Rows that were inserted, written anew, and removed.
    pub inserted: u64,
    /// The same.
    pub updated: u64,
    /// The same.
    pub deleted: u64,
}

/// What was done with an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexCounts {
    /// How often keys were looked for.
    pub scans: u64,
    /// Entries that were read.
    pub entries: u64,
    /// Rows that were read because of them, one by one.
    pub rows_fetched: u64,
}

impl TableCounts {
    fn add(&mut self, other: &TableCounts) {
        self.scans += other.scans;
        self.rows_scanned += other.rows_scanned;
        self.rows_fetched += other.rows_fetched;
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.deleted += other.deleted;
    }

    /// Rows that were changed.
    pub fn changed(&self) -> u64 {
        self.inserted + self.updated + self.deleted
    }
}

impl IndexCounts {
    fn add(&mut self, other: &IndexCounts) {
        self.scans += other.scans;
        self.entries += other.entries;
        self.rows_fetched += other.rows_fetched;
    }
}

/// What was done since it was asked for last: of the few tables and indexes of a statement.
#[derive(Debug, Default)]
pub struct Tally {
    tables: Vec<(u32, TableCounts)>,
    indexes: Vec<(u64, IndexCounts)>,
}

fn entry<K: PartialEq + Copy, V: Default>(entries: &mut Vec<(K, V)>, key: K) -> &mut V {
    let place = entries.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
        entries.push((key, V::default()));
        entries.len() - 1
    });
    &mut entries[place].1
}

impl Tally {
    /// What is counted of a table, by its number.
    pub fn table(&mut self, table: u32) -> &mut TableCounts {
        entry(&mut self.tables, table)
    }

    /// What is counted of an index, by its tree.
    pub fn index(&mut self, tree: u64) -> &mut IndexCounts {
        entry(&mut self.indexes, tree)
    }

    /// One key was looked for in an index, and so many rows were read because of it.
    pub fn looked_up(&mut self, tree: u64, rows: u64) {
        let counts = self.index(tree);
        counts.scans += 1;
        counts.entries += rows;
        counts.rows_fetched += rows;
    }

    /// Whether nothing was done.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.indexes.is_empty()
    }
}

/// What was done in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// By the numbers of tables.
    pub tables: BTreeMap<u32, TableCounts>,
    /// By the trees of indexes.
    pub indexes: BTreeMap<u64, IndexCounts>,
}

impl Totals {
    /// Adds what was done, which is forgotten there.
    pub fn take(&mut self, tally: &mut Tally) {
        for (table, counts) in tally.tables.drain(..) {
            self.tables.entry(table).or_default().add(&counts);
        }
        for (tree, counts) in tally.indexes.drain(..) {
            self.indexes.entry(tree).or_default().add(&counts);
        }
    }

    /// Adds what others have done.
    pub fn add(&mut self, other: &Totals) {
        for (table, counts) in &other.tables {
            self.tables.entry(*table).or_default().add(counts);
        }
        for (tree, counts) in &other.indexes {
            self.indexes.entry(*tree).or_default().add(counts);
        }
    }

    /// All tables together.
    pub fn all_tables(&self) -> TableCounts {
        let mut all = TableCounts::default();
        self.tables.values().for_each(|counts| all.add(counts));
        all
    }

    /// All indexes together.
    pub fn all_indexes(&self) -> IndexCounts {
        let mut all = IndexCounts::default();
        self.indexes.values().for_each(|counts| all.add(counts));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_added_and_begins_anew() {
        let (mut tally, mut totals) = (Tally::default(), Totals::default());
        for _ in 0..2 {
            tally.table(7).inserted += 2;
            tally.looked_up(9, 3);
            tally.looked_up(9, 0);
            totals.take(&mut tally);
            assert!(tally.is_empty());
        }
        let mut all = totals.clone();
        all.add(&totals);
        assert_eq!(all.all_tables(), TableCounts { inserted: 8, ..TableCounts::default() });
        assert_eq!(all.all_indexes(), IndexCounts { scans: 8, entries: 12, rows_fetched: 12 });
    }
}
