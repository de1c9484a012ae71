//! White-box isolation: every read is compared with exactly the version its snapshot names.
//!
//! Reads are kept as digests while a life lasts and are judged when the order of commits is known. Rows that an attempt
//! of unknown outcome wrote are left out: its place in the order of commits cannot be told.

use super::value::digest;
use super::{Contents, Effect, Expected, Fate, Key, Model, Value};
use crate::promise::{Failure, Promise};
use crate::subject::BranchId;
use std::collections::{BTreeMap, BTreeSet};

/// Something that was read.
#[derive(Debug, Clone)]
pub enum Read {
    /// A row that the reading transaction had not written itself.
    Point {
        /// On which branch.
        branch: BranchId,
        /// The commit number of the snapshot.
        snapshot: u64,
        /// Which tree.
        tree: u64,
        /// Which row.
        key: Key,
        /// [`row_digest`] of what was found.
        found: u64,
    },
    /// All rows in `[from, to)`.
    Range {
        /// On which branch.
        branch: BranchId,
        /// The commit number of the snapshot.
        snapshot: u64,
        /// Which tree.
        tree: u64,
        /// The first key.
        from: Key,
        /// The first key after the range.
        to: Option<Key>,
        /// What the reading transaction had written there itself.
        own: BTreeMap<Key, Option<Value>>,
        /// How many rows were found.
        rows: u64,
        /// Sum of the [`pair_digest`]s of what was found.
        found: u64,
    },
}

/// The digest of a row's value, or of its absence.
pub fn row_digest(value: Option<&[u8]>) -> u64 {
    value.map_or(0, |bytes| digest(1, bytes))
}

/// The digest of a key with its value; sums of these do not depend on the order.
pub fn pair_digest(key: &[u8], value: &[u8]) -> u64 {
    digest(digest(2, key), value)
}

type RowName = (BranchId, u64, Key);

/// The versions of every row that was written since the certain state.
#[derive(Default)]
struct History {
    /// Commit number and value, in order of commits.
    versions: BTreeMap<RowName, Vec<(u64, Option<Value>)>>,
    /// Rows whose order cannot be told.
    ambiguous: BTreeSet<RowName>,
    /// Trees that were made or dropped, and branches that were made or dropped.
    changed_trees: BTreeSet<(BranchId, u64)>,
}

impl History {
    /// The value at `snapshot`, if that can be told.
    fn at<'a>(
        &'a self,
        certain: Option<&'a Contents>,
        row: &RowName,
        snapshot: u64,
    ) -> Option<Option<&'a [u8]>> {
        if self.ambiguous.contains(row) {
            return None;
        }
        let versions = self.versions.get(row).map_or(&[][..], Vec::as_slice);
        match versions.iter().rev().find(|(number, _)| *number <= snapshot) {
            Some((_, value)) => Some(value.as_deref()),
            None => Some(certain?.trees.get(&row.1).and_then(|rows| rows.get(&row.2)).map(|value| &**value)),
        }
    }
}

impl Model {
    /// Judges all reads since the certain state and forgets them.
    pub(super) fn check_reads(&mut self, expected: &Expected) -> Result<(), Failure> {
        let reads = std::mem::take(&mut self.reads);
        let history = self.history(expected);
        for read in &reads {
            match read {
                Read::Point { branch, snapshot, tree, key, found } => {
                    self.check_point(&history, (*branch, *tree, key.clone()), *snapshot, *found)?;
                }
                Read::Range { .. } => self.check_range(&history, read)?,
            }
        }
        self.counts.reads_verified += reads.len() as u64;
        Ok(())
    }

    fn history(&self, expected: &Expected) -> History {
        let mut history = History::default();
        for (attempt, included) in self.attempts.iter().zip(&expected.included) {
            let number = match attempt.fate {
                Fate::Acknowledged(number) => Some(number),
                Fate::Refused => continue,
                // Nobody was shown it, or the run would have failed. Without durability it may have been shown and
                // be lost all the same.
                Fate::InFlight | Fate::Unknown if !included && self.durable => continue,
                Fate::InFlight | Fate::Unknown => None,
            };
            for effect in &attempt.effects {
                match effect {
                    Effect::Row { tree, key, value } => {
                        let row = (attempt.branch, *tree, key.clone());
                        match number {
                            Some(number) => {
                                let versions = history.versions.entry(row).or_default();
                                versions.push((number, value.clone()));
                            }
                            None => {
                                history.ambiguous.insert(row);
                            }
                        }
                    }
                    Effect::CreateTree(tree) | Effect::DropTree(tree) => {
                        history.changed_trees.insert((attempt.branch, *tree));
                    }
                }
            }
        }
        for versions in history.versions.values_mut() {
            // Stable: several writes of one commit stay in order, the last one counts.
            versions.sort_by_key(|(number, _)| *number);
        }
        history
    }

    fn check_point(&self, history: &History, row: RowName, snapshot: u64, found: u64) -> Result<(), Failure> {
        if history.changed_trees.contains(&(row.0, row.1)) {
            return Ok(());
        }
        match history.at(self.certain.get(&row.0), &row, snapshot) {
            Some(value) if row_digest(value) != found => Err(Failure::new(
                Promise::ReadsMatchSnapshot,
                format!(
                    "tree {} key {}: a read at commit {snapshot} did not return what that commit left ({})",
                    row.1,
                    row.2.escape_ascii(),
                    value.map_or("no row".into(), |bytes| format!("{} bytes", bytes.len())),
                ),
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn check_range(&self, history: &History, read: &Read) -> Result<(), Failure> {
        let Read::Range { branch, snapshot, tree, from, to, own, rows, found } = read else { return Ok(()) };
        let Some(certain) = self.certain.get(branch) else { return Ok(()) };
        if history.changed_trees.contains(&(*branch, *tree)) {
            return Ok(());
        }
        let within = |key: &Key| key >= from && to.as_ref().is_none_or(|to| key < to);
        let name = |key: &Key| (*branch, *tree, key.clone());
        let mut keys: BTreeSet<&Key> = own.keys().collect();
        if let Some(rows) = certain.trees.get(tree) {
            keys.extend(rows.range(from.clone()..).map(|(key, _)| key).take_while(|key| within(key)));
        }
        let written = history.versions.range(name(from)..);
        keys.extend(
            written
                .map(|(row, _)| row)
                .take_while(|row| row.0 == *branch && row.1 == *tree && within(&row.2))
                .map(|row| &row.2),
        );
        if history.ambiguous.iter().any(|row| row.0 == *branch && row.1 == *tree && within(&row.2)) {
            return Ok(());
        }
        let (mut expected_rows, mut expected) = (0, 0u64);
        for key in keys {
            let value = match own.get(key) {
                Some(value) => value.as_deref(),
                None => history.at(Some(certain), &name(key), *snapshot).flatten(),
            };
            if let Some(value) = value {
                expected_rows += 1;
                expected = expected.wrapping_add(pair_digest(key, value));
            }
        }
        if (expected_rows, expected) == (*rows, *found) {
            return Ok(());
        }
        Err(Failure::new(
            Promise::ReadsMatchSnapshot,
            format!(
                "tree {tree} from {}: a scan at commit {snapshot} found {rows} rows where that commit left \
                 {expected_rows}{}",
                from.escape_ascii(),
                if expected_rows == *rows { ", with other values" } else { "" }
            ),
        ))
    }
}
