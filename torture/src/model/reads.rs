//! White-box isolation: every read is compared with exactly the version its snapshot names, and every write with the one
//! it overwrote.
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

/// What was done to the rows of every tree since the certain state.
type History = BTreeMap<(BranchId, u64), TreeHistory>;

/// What was done to the rows of one tree.
#[derive(Default)]
struct TreeHistory {
    /// Commit number and value of each version of a row, in order of commits.
    versions: BTreeMap<Key, Vec<(u64, Option<Value>)>>,
    /// Rows whose order cannot be told.
    ambiguous: BTreeSet<Key>,
    /// It was made or dropped.
    made_or_dropped: bool,
}

/// The value at `snapshot` of a row that was `certain` before its `versions`.
fn at<'a>(
    versions: &'a [(u64, Option<Value>)],
    certain: Option<&'a Value>,
    snapshot: u64,
) -> Option<&'a [u8]> {
    let newest = versions.iter().rev().find(|(number, _)| *number <= snapshot);
    newest.map_or(certain, |(_, value)| value.as_ref()).map(|value| &**value)
}

/// What a scan finds: how many rows, and the sum of their digests.
#[derive(Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    digests: u64,
}

impl Sum {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        self.digests = self.digests.wrapping_add(pair_digest(key, value));
    }

    fn take(&mut self, key: &[u8], value: &[u8]) {
        self.rows -= 1;
        self.digests = self.digests.wrapping_sub(pair_digest(key, value));
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
                    self.check_point(&history, (*branch, *tree, key), *snapshot, *found)?;
                }
                Read::Range { .. } => self.check_range(&history, read)?,
            }
        }
        self.counts.reads_verified += reads.len() as u64;
        self.check_updates(&history)
    }

    /// Whoever works with one snapshot overwrites no row that was committed after it: the first updater wins.
    fn check_updates(&self, history: &History) -> Result<(), Failure> {
        for attempt in &self.attempts {
            let (Fate::Acknowledged(number), Some(snapshot)) = (attempt.fate, attempt.snapshot) else {
                continue;
            };
            for effect in &attempt.effects {
                let Effect::Row { tree, key, value: Some(_) } = effect else { continue };
                let Some(done) = history.get(&(attempt.branch, *tree)) else { continue };
                if done.made_or_dropped || done.ambiguous.contains(key) {
                    continue;
                }
                let versions = done.versions.get(key).map_or(&[][..], Vec::as_slice);
                let before = versions.iter().rev().find(|(other, _)| *other < number);
                // A row that came and went meanwhile is one that never was.
                if let Some((other, Some(_))) = before.filter(|(other, _)| *other > snapshot) {
                    return Err(Failure::new(
                        Promise::NoLostUpdate,
                        format!(
                            "commit {number} (client {} transaction {}) overwrote tree {tree} key {} of commit {other}, \
                             which its snapshot {snapshot} did not contain",
                            attempt.client,
                            attempt.serial,
                            key.escape_ascii()
                        ),
                    ));
                }
            }
        }
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
                        let tree = history.entry((attempt.branch, *tree)).or_default();
                        match number {
                            Some(number) => {
                                let versions = tree.versions.entry(key.clone()).or_default();
                                versions.push((number, value.clone()));
                            }
                            None => {
                                tree.ambiguous.insert(key.clone());
                            }
                        }
                    }
                    Effect::CreateTree(tree) | Effect::DropTree(tree) => {
                        history.entry((attempt.branch, *tree)).or_default().made_or_dropped = true;
                    }
                }
            }
        }
        for versions in history.values_mut().flat_map(|tree| tree.versions.values_mut()) {
            // Stable: several writes of one commit stay in order, the last one counts.
            versions.sort_by_key(|(number, _)| *number);
        }
        history
    }

    fn check_point(
        &self,
        history: &History,
        (branch, tree, key): (BranchId, u64, &Key),
        snapshot: u64,
        found: u64,
    ) -> Result<(), Failure> {
        let done = history.get(&(branch, tree));
        if done.is_some_and(|done| done.made_or_dropped || done.ambiguous.contains(key)) {
            return Ok(());
        }
        let versions = done.and_then(|done| done.versions.get(key)).map_or(&[][..], Vec::as_slice);
        let known = versions.iter().any(|(number, _)| *number <= snapshot);
        let contents = match self.certain.get(&branch) {
            Some(contents) => contents,
            None if known => &Contents::default(),
            None => return Ok(()),
        };
        let certain = contents.trees.get(&tree).and_then(|rows| rows.get(key));
        let value = at(versions, certain, snapshot);
        if row_digest(value) == found {
            return Ok(());
        }
        Err(Failure::new(
            Promise::ReadsMatchSnapshot,
            format!(
                "tree {tree} key {}: a read at commit {snapshot} did not return what that commit left ({})",
                key.escape_ascii(),
                value.map_or("no row".into(), |bytes| format!("{} bytes", bytes.len())),
            ),
        ))
    }

    /// The certain rows of the range, with each row put right that was written since or by the reader itself.
    fn check_range(&self, history: &History, read: &Read) -> Result<(), Failure> {
        let Read::Range { branch, snapshot, tree, from, to, own, rows, found } = read else { return Ok(()) };
        let Some(certain) = self.certain.get(branch) else { return Ok(()) };
        let nothing = TreeHistory::default();
        let done = history.get(&(*branch, *tree)).unwrap_or(&nothing);
        let within = |key: &Key| to.as_ref().is_none_or(|to| key < to);
        if done.made_or_dropped || done.ambiguous.range(from.clone()..).next().is_some_and(within) {
            return Ok(());
        }
        let before = certain.trees.get(tree);
        let mut expected = Sum::default();
        if let Some(rows) = before {
            for (key, value) in rows.range(from.clone()..).take_while(|(key, _)| within(key)) {
                expected.add(key, value);
            }
        }
        let written = done.versions.range(from.clone()..).take_while(|(key, _)| within(key));
        let written = written
            .filter(|(key, _)| !own.contains_key(*key))
            .map(|(key, versions)| (key, Some(versions.as_slice()), None));
        let own = own.iter().map(|(key, value)| (key, None, value.as_deref()));
        for (key, versions, own) in written.chain(own) {
            let certain = before.and_then(|rows| rows.get(key));
            if let Some(value) = certain {
                expected.take(key, value);
            }
            if let Some(value) = versions.map_or(own, |versions| at(versions, certain, *snapshot)) {
                expected.add(key, value);
            }
        }
        if expected == (Sum { rows: *rows, digests: *found }) {
            return Ok(());
        }
        let expected_rows = expected.rows;
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
