//! How the forest stands in the file: the tree of databases and lines, and the superblock's fields.
//!
//! The tree's keys are a tag byte and a big-endian number: `1` and a database's id, `2` and a line's number. Its values
//! are roots (`forest::encode_root`) and little-endian numbers; docs/format.md shows the bytes.
//!
//! Invariants
//!
//! 1. What is written is all that a version needs; what is read back is that version.
//! 2. An entry that says the impossible is reported as damage, never repaired.

use crate::directory::Directory;
use crate::error::{StoreError, StoreResult};
use crate::forest::{
    DEAD_PAGES_TREE, DIRECTORY_TREE, Database, FOREST_TREE, Forest, MAIN_DATABASE, ROOT_BYTES, SEQUENCE_TREE,
    Version, decode_root, encode_root, tree_id_of_key,
};
use crate::ids::DatabaseId;
use crate::lineage::{Lineage, Node, SystemEdit};
use crate::store::Inner;
use btree::{StoredTree, Tree};
use env::sync::atomic::Ordering;
use imbl::OrdMap;
use pager::{COUNTER_LIMIT, CheckpointInput, LogPosition, PageSet, Pager, RootPointer, Superblock};
use std::collections::BTreeMap;
use wal::{LogStart, Lsn};

const DATABASE_TAG: u8 = 1;
const LINE_TAG: u8 = 2;
/// Bytes of the store's own that stand in the superblock: the birth generation.
const BIRTH: std::ops::Range<usize> = 0..8;

/// What the superblock of a checkpoint says, but for the pages that come and go.
pub fn superblock(
    inner: &Inner,
    version: &Version,
    forest: &Tree,
    log: LogStart,
    log_required: bool,
) -> CheckpointInput {
    let root = forest.stored().expect("the list of databases was just written");
    let mut extra = [0; pager::EXTRA_BYTES];
    extra[BIRTH].copy_from_slice(&version.forest.lineage.generation().to_le_bytes());
    CheckpointInput {
        commit: version.commit.0,
        root: RootPointer { pointer: root.root, level: root.level, rows: root.rows },
        added: PageSet::new(),
        removed: PageSet::new(),
        log: log_position(log),
        log_required,
        next_transaction: inner.next_transaction.load(Ordering::Acquire),
        next_tree: inner.next_tree.load(Ordering::Acquire),
        next_owner: inner.next_database.load(Ordering::Acquire),
        extra,
    }
}

/// The birth generation that a superblock keeps; 0 in a file that was never written to.
fn birth(superblock: &Superblock) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&superblock.extra[BIRTH]);
    u64::from_le_bytes(bytes)
}

/// The log's position as the superblock keeps it.
pub fn log_position(start: LogStart) -> LogPosition {
    LogPosition { epoch: start.epoch, chain: start.chain, lsn: start.lsn.0 }
}

/// The log's position as the log wants it.
pub fn log_start(position: LogPosition) -> LogStart {
    LogStart { epoch: position.epoch, chain: position.chain, lsn: Lsn(position.lsn) }
}

/// The entries that the tree of databases and lines must have.
pub fn forest_entries(
    forest: &Forest,
    databases: &[(DatabaseId, Database)],
    lists: &[(u64, Tree, Tree)],
) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut entries = BTreeMap::new();
    for (id, database) in databases {
        entries.insert(key(DATABASE_TAG, id.0), encode_database(database));
    }
    for (number, node) in forest.lineage.nodes() {
        let dead =
            lists.iter().find(|(line, ..)| *line == number).map_or(&node.dead, |(_, _, stored)| stored);
        entries.insert(key(LINE_TAG, number), encode_line(node, dead));
    }
    entries
}

/// Makes a tree of the store's own hold exactly `wanted`, touching only what differs.
///
/// # Errors
/// When a page cannot be read or written.
pub fn bring_up_to_date(
    pager: &Pager,
    tree: &mut Tree,
    wanted: BTreeMap<Vec<u8>, Vec<u8>>,
    edit: &mut SystemEdit<'_>,
) -> StoreResult<()> {
    let present = all_entries(pager, tree)?;
    for key in present.keys().filter(|key| !wanted.contains_key(*key)) {
        tree.delete(&mut edit.edit(), key)?;
    }
    for (key, value) in &wanted {
        if present.get(key) != Some(value) {
            tree.insert(&mut edit.edit(), key, value)?;
        }
    }
    Ok(())
}

/// Reads the forest of a checkpoint.
///
/// # Errors
/// When a page cannot be read, or says the impossible.
pub fn read(pager: &Pager, superblock: &Superblock) -> StoreResult<(Tree, Forest)> {
    let birth = birth(superblock);
    if birth >= COUNTER_LIMIT {
        return Err(StoreError::corrupt(pager, "birth generation in the superblock", birth, "below 2^62"));
    }
    let root = &superblock.root;
    if root.pointer.is_none() {
        return Ok((Tree::empty(FOREST_TREE), Forest::new()));
    }
    let stored = StoredTree { id: FOREST_TREE, root: root.pointer, level: root.level, rows: root.rows };
    let tree = Tree::from_stored(pager, &stored)?;
    let mut databases = OrdMap::new();
    let mut nodes = Vec::new();
    for (key, value) in all_entries(pager, &tree)? {
        let damaged = || {
            StoreError::corrupt(pager, "list of databases at entry", key.len() as u64, "a database or a line")
        };
        let (&tag, number) = key.split_first().ok_or_else(damaged)?;
        let number = u64::from_be_bytes(number.try_into().map_err(|_| damaged())?);
        match tag {
            DATABASE_TAG => {
                databases.insert(DatabaseId(number), decode_database(pager, &value)?.ok_or_else(damaged)?);
            }
            LINE_TAG => nodes.push((number, decode_line(pager, &value)?.ok_or_else(damaged)?)),
            _ => return Err(damaged()),
        }
    }
    let forest = Forest { databases, lineage: Lineage::from_nodes(nodes, birth) };
    match flaw(&forest, superblock.next_owner) {
        None => Ok((tree, forest)),
        Some((what, number, expected)) => Err(StoreError::corrupt(pager, what, number, expected)),
    }
}

/// Whether the number of every tree was handed out: a new tree that got one once more would take the old one's place. Reads
/// the way to the last entry of each directory.
///
/// # Errors
/// When one was not, or a directory cannot be read.
pub fn check_numbers(pager: &Pager, forest: &Forest, next_tree: u64) -> StoreResult<()> {
    for database in forest.databases.values() {
        let mut cursor = database.directory.tree().cursor();
        if cursor.seek_last(pager)? {
            let last = tree_id_of_key(pager, cursor.key())?.0;
            if last >= next_tree {
                return Err(StoreError::corrupt(pager, "tree", last, "one whose id was handed out"));
            }
        }
    }
    Ok(())
}

/// What contradicts itself in a forest that was read: what, its number, and what a sound one would be.
fn flaw(forest: &Forest, next_database: u64) -> Option<(&'static str, u64, &'static str)> {
    let known = MAIN_DATABASE.0..next_database;
    if let Some(id) = forest.databases.keys().find(|id| !known.contains(&id.0)) {
        return Some(("database", id.0, "one whose id was handed out"));
    }
    if !forest.databases.contains_key(&MAIN_DATABASE) {
        return Some(("database", MAIN_DATABASE.0, "an entry in the list of databases"));
    }
    let on = |(id, database): (&DatabaseId, &Database)| (database.node, id.0);
    let leaves: BTreeMap<u64, u64> = forest.databases.iter().map(on).collect();
    if leaves.len() < forest.databases.len() {
        return Some(("number of lines with databases", leaves.len() as u64, "one for each database"));
    }
    forest.lineage.flaw(&leaves).map(|(line, expected)| ("line of databases", line, expected))
}

/// The entries of a sequence table: (sequence, reserved), both big-endian.
///
/// # Errors
/// When the table cannot be read.
pub fn sequence_entries(pager: &Pager, table: &Tree) -> StoreResult<Vec<([u8; 8], [u8; 8])>> {
    let mut entries = Vec::new();
    for (key, value) in all_entries(pager, table)? {
        match (key.as_slice().try_into(), value.as_slice().try_into()) {
            (Ok(sequence), Ok(reserved)) => entries.push((sequence, reserved)),
            _ => {
                return Err(StoreError::corrupt(
                    pager,
                    "sequence table entry",
                    entries.len() as u64,
                    "8-byte numbers",
                ));
            }
        }
    }
    Ok(entries)
}

fn all_entries(pager: &Pager, tree: &Tree) -> StoreResult<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut entries = BTreeMap::new();
    let mut cursor = tree.cursor();
    let mut found = cursor.seek_first(pager)?;
    while found {
        entries.insert(cursor.key().to_vec(), cursor.value().read(pager)?);
        found = cursor.next(pager)?;
    }
    Ok(entries)
}

fn key(tag: u8, number: u64) -> Vec<u8> {
    let mut key = vec![tag];
    key.extend_from_slice(&number.to_be_bytes());
    key
}

fn encode_database(database: &Database) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2 * ROOT_BYTES + 8);
    for tree in [database.directory.tree(), &database.sequences] {
        encode_root(&tree.stored().expect("directories were just written"), &mut bytes);
    }
    bytes.extend_from_slice(&database.node.to_le_bytes());
    bytes
}

fn decode_database(pager: &Pager, bytes: &[u8]) -> StoreResult<Option<Database>> {
    if bytes.len() != 2 * ROOT_BYTES + 8 {
        return Ok(None);
    }
    let (Some(directory), Some(sequences), Some(node)) = (
        decode_root(DIRECTORY_TREE, bytes),
        decode_root(SEQUENCE_TREE, &bytes[ROOT_BYTES..]),
        number(bytes, 2 * ROOT_BYTES),
    ) else {
        return Ok(None);
    };
    Ok(Some(Database {
        directory: Directory::new(Tree::from_stored(pager, &directory)?),
        overlay: OrdMap::new(),
        sequences: Tree::from_stored(pager, &sequences)?,
        node,
    }))
}

/// parent, point, first child, second child (0: none), list of dead pages.
fn encode_line(node: &Node, dead: &Tree) -> Vec<u8> {
    let (one, two) = node.children.unwrap_or((0, 0));
    let mut bytes = Vec::with_capacity(32 + ROOT_BYTES);
    for number in [node.parent.unwrap_or(0), node.point, one, two] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    encode_root(&dead.stored().expect("lists of dead pages were just written"), &mut bytes);
    bytes
}

fn decode_line(pager: &Pager, bytes: &[u8]) -> StoreResult<Option<Node>> {
    if bytes.len() != 32 + ROOT_BYTES {
        return Ok(None);
    }
    let (Some(parent), Some(point), Some(one), Some(two), Some(dead)) = (
        number(bytes, 0),
        number(bytes, 8),
        number(bytes, 16),
        number(bytes, 24),
        decode_root(DEAD_PAGES_TREE, &bytes[32..]),
    ) else {
        return Ok(None);
    };
    let children = match (one, two) {
        (0, 0) => None,
        (0, _) | (_, 0) => return Ok(None),
        (one, two) => Some((one, two)),
    };
    let dead = Tree::from_stored(pager, &dead)?;
    Ok(Some(Node { parent: (parent != 0).then_some(parent), point, children, dead }))
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
