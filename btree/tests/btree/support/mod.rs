//! A tree beside a `BTreeMap`, and everything that must hold between the two.
#![allow(dead_code, clippy::unwrap_used, clippy::disallowed_types)] // of tests: each file uses its part of this

#[path = "../../../../pager/tests/pager/support/faulty.rs"]
pub mod faulty;

use btree::{CheckVisitor, Edit, RunRow, Tree, TreeError};
use env::Env;
use env::memory::MemoryEnv;
use pager::{
    CheckpointInput, FreedPage, Options, OwnerId, PageChanges, PageKind, PagePointer, PageRef, PageSet,
    Pager, Placements, RootPointer,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const OWNER: OwnerId = OwnerId(7);
pub const TREE: u64 = 9;

pub fn options(page_size: usize) -> Options {
    // A dozen pages in the cache: nearly every step reads from the file.
    Options { page_size, cache_bytes: 12 * page_size, growth_pages: 8, ..Options::default() }
}

pub fn environment() -> Arc<MemoryEnv> {
    Arc::new(MemoryEnv::from_files(BTreeMap::new()))
}

pub fn pager(page_size: usize) -> Pager {
    Pager::create(environment() as Arc<dyn Env>, Path::new("db"), &options(page_size)).unwrap()
}

pub type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// Pages by kind, and damage.
#[derive(Default)]
pub struct Found {
    pub pages: BTreeSet<u64>,
    pub unwritten: usize,
    pub damage: Vec<String>,
}

impl CheckVisitor for Found {
    fn page(&mut self, _kind: PageKind, pointer: Option<PagePointer>) -> bool {
        match pointer {
            Some(pointer) if !self.pages.insert(pointer.number) => {
                self.damage.push(format!("{pointer} is reached twice"));
                return false;
            }
            Some(_) => {}
            None => self.unwritten += 1,
        }
        true
    }

    fn damage(&mut self, error: TreeError) {
        self.damage.push(error.to_string());
    }
}

/// A version to go back to.
#[derive(Clone)]
pub struct Savepoint {
    pub tree: Tree,
    pub model: Model,
    pub freed: Vec<FreedPage>,
}

/// One branch and its tree.
pub struct Branch {
    pub env: Arc<MemoryEnv>,
    pub pager: Pager,
    pub tree: Tree,
    pub model: Model,
    pub changes: PageChanges,
    pub birth: u64,
    pub savepoints: Vec<Savepoint>,
    commit: u64,
    /// Pages of the last checkpoint.
    committed: PageSet,
}

impl Branch {
    pub fn new(page_size: usize) -> Branch {
        let env = environment();
        let shared = Arc::clone(&env) as Arc<dyn Env>;
        let pager = Pager::create(shared, Path::new("db"), &options(page_size)).unwrap();
        Branch::with_pager(env, pager)
    }

    pub fn with_pager(env: Arc<MemoryEnv>, pager: Pager) -> Branch {
        Branch {
            env,
            pager,
            tree: Tree::empty(TREE),
            model: Model::new(),
            changes: PageChanges::default(),
            birth: 1,
            savepoints: Vec::new(),
            commit: 0,
            committed: PageSet::new(),
        }
    }

    pub fn with<T>(&mut self, change: impl FnOnce(&mut Tree, &mut Edit<'_>) -> T) -> T {
        let mut edit = Edit::new(&self.pager, OWNER, self.birth, &mut self.changes);
        change(&mut self.tree, &mut edit)
    }

    pub fn insert(&mut self, key: &[u8], value: &[u8]) {
        let replaced = self.with(|tree, edit| tree.insert(edit, key, value).unwrap());
        assert_eq!(replaced, self.model.insert(key.to_vec(), value.to_vec()).is_some());
    }

    pub fn insert_run(&mut self, rows: Model) {
        let run: Vec<RunRow<'_>> = rows.iter().map(|(key, value)| RunRow { key, value }).collect();
        let has_any = self.tree.has_any(&self.pager, &run).unwrap();
        assert_eq!(has_any, rows.keys().any(|key| self.model.contains_key(key)));
        let (done, result) = self.with(|tree, edit| tree.insert_run(edit, &run));
        result.unwrap();
        assert_eq!(done, rows.len());
        self.model.extend(rows);
    }

    pub fn delete(&mut self, key: &[u8]) {
        let deleted = self.with(|tree, edit| tree.delete(edit, key).unwrap());
        assert_eq!(deleted, self.model.remove(key).is_some());
    }

    pub fn delete_range(&mut self, from: &[u8], to: Option<&[u8]>) {
        let deleted = self.with(|tree, edit| tree.delete_range(edit, from, to).unwrap());
        let before = self.model.len();
        self.model.retain(|key, _| key.as_slice() < from || to.is_some_and(|to| key.as_slice() >= to));
        assert_eq!(deleted as usize, before - self.model.len());
    }

    pub fn free_all(&mut self) {
        self.with(|tree, edit| tree.free_all(edit).unwrap());
        self.model.clear();
    }

    pub fn set_savepoint(&mut self) {
        let freed = self.changes.freed.clone();
        self.savepoints.push(Savepoint { tree: self.tree.clone(), model: self.model.clone(), freed });
    }

    /// Goes back to a savepoint, which stays.
    pub fn roll_back(&mut self, index: usize) {
        let Savepoint { tree, model, freed } = self.savepoints[index].clone();
        self.savepoints.truncate(index + 1);
        // What was taken since then and is not part of that version is garbage.
        let mut reachable: BTreeSet<u64> = freed.iter().filter_map(FreedPage::number).collect();
        tree.walk_pages(&self.pager, None, &mut |number, _| {
            reachable.insert(number);
        })
        .unwrap();
        let garbage: PageSet =
            self.changes.allocated.iter().filter(|page| !reachable.contains(page)).collect();
        self.changes.allocated.difference(&garbage);
        self.pager.give_back(&garbage).unwrap();
        (self.tree, self.model, self.changes.freed) = (tree, model, freed);
    }

    /// Writes the tree; its root is then named by its place.
    pub fn write(&mut self) {
        let Some(root) = self.tree.root().cloned() else { return };
        let pointers = self.write_root(&root);
        self.tree = self.tree.with_root(pointers);
    }

    fn write_root(&mut self, root: &PageRef) -> PagePointer {
        let mut placed = Placements::new();
        let pointers = self.pager.write_tree(std::slice::from_ref(root), &mut placed).unwrap();
        self.changes.allocated.union(&placed.take_all());
        pointers[0]
    }

    /// Writes an older version, as a checkpoint of a snapshot does.
    pub fn write_savepoint(&mut self, index: usize) {
        if let Some(root) = self.savepoints[index].tree.root().cloned() {
            self.write_root(&root);
        }
    }

    /// Commits everything, closes the file and opens it again. Savepoints end.
    pub fn reopen(&mut self) {
        self.savepoints.clear();
        self.write();
        let stored = self.tree.stored().unwrap();
        self.commit += 1;
        let mut changes = std::mem::take(&mut self.changes);
        changes.allocated.difference(&self.committed);
        let input = CheckpointInput {
            commit: self.commit,
            root: RootPointer { pointer: stored.root, level: stored.level, rows: stored.rows },
            added: changes.allocated,
            removed: changes.freed.iter().filter_map(FreedPage::number).collect(),
            ..CheckpointInput::repeat(&self.pager.superblock())
        };
        self.pager.checkpoint(input).unwrap();
        self.reopen_file();
        let root = self.pager.superblock().root;
        let stored = btree::StoredTree { id: TREE, root: root.pointer, level: root.level, rows: root.rows };
        self.tree = Tree::from_stored(&self.pager, &stored).unwrap();
        self.birth += 1;
        // What was committed is this branch's to give up, like pages it takes from now on.
        let allocated = &mut self.changes.allocated;
        let insert = &mut |number, _| {
            allocated.insert(number);
        };
        self.tree.walk_pages(&self.pager, None, insert).unwrap();
        self.committed = self.changes.allocated.clone();
    }

    fn reopen_file(&mut self) {
        // The file is locked as long as the old pager lives.
        let page_size = self.pager.page_size();
        let unused =
            Pager::create(environment() as Arc<dyn Env>, Path::new("other"), &options(page_size)).unwrap();
        drop(std::mem::replace(&mut self.pager, unused));
        let env = Arc::clone(&self.env) as Arc<dyn Env>;
        self.pager = Pager::open(env, Path::new("db"), &options(page_size)).unwrap();
    }

    /// Compares everything with the model.
    pub fn verify(&self) {
        compare(&self.pager, &self.tree, &self.model);
        self.verify_accounting();
        for savepoint in &self.savepoints {
            compare(&self.pager, &savepoint.tree, &savepoint.model);
        }
    }

    /// Every place taken is reachable or was given up, and nothing reachable was given up.
    pub fn verify_accounting(&self) {
        let mut found = Found::default();
        let rows = self.tree.check(&self.pager, &mut found);
        assert_eq!(found.damage, Vec::<String>::new());
        assert_eq!(rows, self.model.len() as u64);
        let freed: Vec<u64> = self.changes.freed.iter().filter_map(FreedPage::number).collect();
        let given_up: BTreeSet<u64> = freed.iter().copied().collect();
        assert_eq!(given_up.len(), freed.len(), "a page was given up twice");
        let taken: BTreeSet<u64> = self.changes.allocated.iter().collect();
        let left: BTreeSet<u64> = taken.difference(&given_up).copied().collect();
        assert_eq!(left, found.pages, "taken and not given up, against reachable");
        let mut walked = BTreeSet::new();
        self.tree.walk_pages(&self.pager, None, &mut |number, _| assert!(walked.insert(number))).unwrap();
        assert_eq!(walked, found.pages);
    }
}

/// Compares a tree with a model by cursors both ways and by point reads.
pub fn compare(pager: &Pager, tree: &Tree, model: &Model) {
    assert_eq!(tree.len(), model.len() as u64);
    let mut cursor = tree.cursor();
    let mut on_row = cursor.seek_first(pager).unwrap();
    for (key, value) in model {
        assert!(on_row, "{key:02x?} is missing");
        assert_eq!(cursor.key(), key);
        assert_eq!(cursor.value_ref().len(), value.len());
        assert!(&cursor.value().read(pager).unwrap() == value, "value of {key:02x?}");
        on_row = cursor.next(pager).unwrap();
    }
    assert!(!on_row, "{:02x?} is too many", cursor.key());
    assert!(!cursor.next(pager).unwrap() && !cursor.prev(pager).unwrap());
    on_row = cursor.seek_last(pager).unwrap();
    for key in model.keys().rev() {
        assert!(on_row);
        assert_eq!(cursor.key(), key);
        on_row = cursor.prev(pager).unwrap();
    }
    assert!(!on_row);
}

/// Compares what seeking, counting and reading around `key` answers.
pub fn compare_at(pager: &Pager, tree: &Tree, model: &Model, key: &[u8]) {
    let owned = |row: Option<(&Vec<u8>, &Vec<u8>)>| row.map(|(key, _)| key.clone());
    let at = owned(model.range(key.to_vec()..).next());
    let before = owned(model.range(..key.to_vec()).next_back());
    let at_most = owned(model.range(..=key.to_vec()).next_back());
    let mut cursor = tree.cursor();
    let standing = |found: bool, cursor: &btree::Cursor| found.then(|| cursor.key().to_vec());
    let found = cursor.seek(pager, key).unwrap();
    assert_eq!(standing(found, &cursor), at);
    if found && cursor.prev(pager).unwrap() {
        assert_eq!(Some(cursor.key()), before.as_deref());
        assert!(cursor.next(pager).unwrap());
        assert_eq!(Some(cursor.key()), at.as_deref());
    }
    let found = cursor.seek_before(pager, key).unwrap();
    assert_eq!(standing(found, &cursor), before);
    let found = cursor.seek_at_most(pager, key).unwrap();
    assert_eq!(standing(found, &cursor), at_most);
    let found = cursor.seek_exact(pager, key).unwrap();
    assert_eq!(found, model.contains_key(key));
    let value = tree.get(pager, key).unwrap().map(|value| value.read(pager).unwrap());
    assert!(value.as_ref() == model.get(key), "value of {key:02x?}");
    assert_eq!(tree.contains(pager, key).unwrap(), value.is_some());
    let rank = model.range(..key.to_vec()).count() as u64;
    assert_eq!(tree.rank(pager, key).unwrap(), rank);
    let cursor = tree.nth(pager, rank).unwrap();
    assert_eq!(standing(cursor.is_on_row(), &cursor), at);
    assert_eq!(tree.count_range(pager, key, None).unwrap(), model.len() as u64 - rank);
    let some = model.range(key.to_vec()..).nth(model.len() / 3).map(|(key, _)| key.clone());
    for rows_max in [1, 7, 1024] {
        compare_walk(pager, tree, model, (key, some.as_deref()), rows_max);
        compare_walk(pager, tree, model, (key, None), rows_max);
        compare_walk(pager, tree, model, (&[], Some(key)), rows_max);
        compare_walk(pager, tree, model, (key, Some(key)), rows_max);
    }
}

/// Compares the rows of a walk through the leaves, and that neighbours are the same wherever a walk begins.
fn compare_walk(
    pager: &Pager,
    tree: &Tree,
    model: &Model,
    (from, to): (&[u8], Option<&[u8]>),
    rows_max: usize,
) {
    let neighbours = |from: &[u8], to: Option<&[u8]>| {
        let mut walk = tree.leaf_walk(from.to_vec(), to.map(<[u8]>::to_vec));
        std::iter::from_fn(move || walk.next(pager, rows_max).unwrap()).collect::<Vec<_>>()
    };
    let all: BTreeSet<Option<Vec<PagePointer>>> =
        neighbours(&[], None).iter().map(btree::Neighbours::pointers).collect();
    let mut found = Vec::new();
    for leaves in neighbours(from, to) {
        assert!(leaves.len() == 1 || leaves.all_rows() <= rows_max);
        assert!(!leaves.rows().is_empty() && leaves.rows().end <= leaves.all_rows());
        assert!(all.contains(&leaves.pointers()), "leaves that others do not meet together");
        assert_eq!(leaves.are_written(), leaves.pointers().is_some());
        assert!(leaves.pointers().is_none_or(|pointers| leaves.lie_at(&pointers)));
        let mut keys = Vec::new();
        for place in 0..leaves.len() {
            let leaf = leaves.leaf(pager, place).unwrap().unwrap();
            assert_eq!(leaves.rows_of_leaf(place), Some(leaf.len()));
            keys.extend((0..leaf.len()).map(|row| [leaf.prefix(), leaf.suffix(row)].concat()));
            let alone = leaves.alone(place);
            let within = alone.map_or(0, |alone| alone.rows().len());
            let before = keys.len() - leaf.len();
            let both = leaves.rows().start.max(before)..leaves.rows().end.min(keys.len());
            assert_eq!(within, both.len(), "a leaf by itself has its part of the rows");
        }
        assert!(leaves.leaf(pager, leaves.len()).unwrap().is_none());
        found.extend(keys.drain(leaves.rows()));
    }
    let within = |key: &&Vec<u8>| ***key >= *from && to.is_none_or(|to| ***key < *to);
    assert_eq!(found, model.keys().filter(within).cloned().collect::<Vec<_>>());
}

/// Bytes that LZ4 makes nothing of.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(name)
}
