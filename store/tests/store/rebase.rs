//! Transactions side by side in one store, each on rows of its own: whatever the order in which they begin, write, look
//! again, go back and commit, every commit is there, nothing else is, and the file's pages add up.

#![allow(clippy::unwrap_used)]

use crate::support::faulty;

use env::Env;
use env::memory::MemoryEnv;
use faulty::{Fault, FaultyEnv};
use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use store::locks::RowMode;
use store::{
    Begin, Bounds, DatabaseId, Isolation, MAIN_DATABASE, Savepoint, Scan, Store, StoreOptions, Transaction,
    TreeId,
};

fn options() -> StoreOptions {
    StoreOptions {
        page_size: 512,
        cache_bytes: 64 << 10,
        log_segment_bytes: 64 << 10,
        checkpoint_log_bytes: 64 << 10,
        large_commit_bytes: 8 << 10,
        background: false,
        ..StoreOptions::default()
    }
}

fn open(env: &Arc<MemoryEnv>) -> Store {
    Store::open(Arc::clone(env) as Arc<dyn Env>, Path::new("app.db"), options()).unwrap()
}

fn check(store: &Store) {
    let report = store.check(&mut |_, _| {}).unwrap();
    let problems: String = report.problems.iter().map(|problem| format!("{problem}\n")).collect();
    assert!(report.is_sound(), "{problems}");
}

type Model = BTreeMap<Vec<u8>, Vec<u8>>;
type Rows = VecDeque<(Vec<u8>, Vec<u8>)>;
/// Rows put, and rows deleted.
type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

fn rows(transaction: &mut Transaction, tree: TreeId) -> Model {
    let mut scan = transaction.scan(tree, Bounds::all()).unwrap();
    let mut rows = Model::new();
    while scan.next().unwrap() {
        rows.insert(scan.key().to_vec(), scan.value().unwrap());
    }
    rows
}

fn contents(store: &Store, tree: TreeId) -> Model {
    rows(&mut store.begin(Begin::default()).unwrap(), tree)
}

fn key(slot: usize, number: usize) -> Vec<u8> {
    // Rows of different slots stand side by side in the same leaves.
    format!("{number:04} of {slot}").into_bytes()
}

#[test]
fn going_back_to_a_savepoint_keeps_what_others_committed_since() {
    for large in [false, true] {
        let env = Arc::new(MemoryEnv::new());
        let store = open(&env);
        let mut setup = store.begin(Begin::default()).unwrap();
        let tree = setup.create_tree(true).unwrap();
        setup.put(tree, b"m", b"base").unwrap();
        setup.commit().unwrap();
        let value = if large { vec![3; 3000] } else { b"mine".to_vec() };
        let mut one = store.begin(Begin::default()).unwrap();
        one.put(tree, b"a", &value).unwrap();
        let savepoint = one.savepoint().unwrap();
        one.put(tree, b"b", &value).unwrap();
        let mut two = store.begin(Begin::default()).unwrap();
        two.put(tree, b"z", &value).unwrap();
        two.commit().unwrap();
        one.refresh().unwrap();
        assert_eq!(rows(&mut one, tree).len(), 4);
        one.rollback_to(savepoint).unwrap();
        one.refresh().unwrap();
        assert_eq!(rows(&mut one, tree).into_keys().collect::<Vec<_>>(), [b"a", b"m", b"z"]);
        one.commit().unwrap();
        let expected =
            [(b"a".to_vec(), value.clone()), (b"m".to_vec(), b"base".to_vec()), (b"z".to_vec(), value)];
        assert_eq!(contents(&store, tree), Model::from(expected));
        store.checkpoint().unwrap();
        check(&store);
    }
}

#[test]
fn a_statement_that_is_undone_keeps_what_others_committed_meanwhile() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let mut setup = store.begin(Begin::default()).unwrap();
    let tree = setup.create_tree(true).unwrap();
    let other = setup.create_tree(true).unwrap();
    setup.put(tree, b"m", b"base").unwrap();
    setup.put(other, b"m", b"base").unwrap();
    setup.commit().unwrap();
    let mut one = store.begin(Begin::default()).unwrap();
    one.put(tree, b"a", b"mine").unwrap();
    one.begin_statement();
    // Too much to be undone row by row: the roots are kept instead.
    one.delete_range(other, b"", None).unwrap();
    let mut two = store.begin(Begin::default()).unwrap();
    two.put(tree, b"m", b"changed").unwrap();
    two.put(tree, b"z", b"new").unwrap();
    two.commit().unwrap();
    // This row has changed since: the statement goes on upon the newest state.
    one.put(tree, b"m", b"mine").unwrap();
    one.undo_statement().unwrap();
    one.commit().unwrap();
    let expected = [(b"a", b"mine".to_vec()), (b"m", b"changed".to_vec()), (b"z", b"new".to_vec())];
    assert_eq!(contents(&store, tree), expected.map(|(key, value)| (key.to_vec(), value)).into());
    assert_eq!(contents(&store, other).len(), 1);
    store.checkpoint().unwrap();
    check(&store);
}

#[test]
fn trees_that_were_behind_at_a_savepoint_are_made_when_it_is_gone_back_to() {
    for many in [false, true] {
        let env = Arc::new(MemoryEnv::new());
        let store = open(&env);
        let mut setup = store.begin(Begin::default()).unwrap();
        let trees: Vec<TreeId> = (0..3).map(|_| setup.create_tree(true).unwrap()).collect();
        trees.iter().for_each(|tree| setup.put(*tree, b"m", b"base").unwrap());
        setup.commit().unwrap();
        let mut one = store.begin(Begin::default()).unwrap();
        trees.iter().for_each(|tree| one.put(*tree, b"a", b"mine").unwrap());
        let mut two = store.begin(Begin::default()).unwrap();
        trees.iter().for_each(|tree| two.put(*tree, b"z", b"others").unwrap());
        two.commit().unwrap();
        // The base moves; of the trees one is asked for, the others are behind.
        one.refresh().unwrap();
        assert_eq!(rows(&mut one, trees[0]).len(), 3);
        let savepoint = one.savepoint().unwrap();
        // With many of them the operations are dropped, and the roots count.
        for number in 0..if many { 400 } else { 1 } {
            one.put(trees[1], &key(1, number), &[5; 60]).unwrap();
        }
        one.delete(trees[2], b"a").unwrap();
        one.rollback_to(savepoint).unwrap();
        one.begin_statement();
        one.put(trees[2], b"b", b"undone").unwrap();
        one.undo_statement().unwrap();
        let expected = [(b"a".to_vec(), b"mine".to_vec()), (b"m".to_vec(), b"base".to_vec())];
        let expected: Model = expected.into_iter().chain([(b"z".to_vec(), b"others".to_vec())]).collect();
        for tree in &trees[1..] {
            assert_eq!(rows(&mut one, *tree), expected, "many: {many}");
        }
        one.commit().unwrap();
        trees.iter().for_each(|tree| assert_eq!(contents(&store, *tree), expected, "many: {many}"));
        store.checkpoint().unwrap();
        check(&store);
    }
}

#[test]
fn a_row_goes_with_its_entries_and_one_that_is_gone_takes_none() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let mut setup = store.begin(Begin::default()).unwrap();
    let (tree, index) = (setup.create_tree(true).unwrap(), setup.create_tree(false).unwrap());
    for number in [b"1", b"2"] {
        setup.put(tree, number, b"row").unwrap();
        setup.put(index, number, b"").unwrap();
    }
    setup.commit().unwrap();
    for isolation in [Isolation::ReadCommitted, Isolation::Serializable] {
        let mut one = store.begin(Begin { isolation, ..Begin::default() }).unwrap();
        one.lock_row(tree, b"1", RowMode::Update, one.wait()).unwrap();
        assert!(one.delete_row(tree, b"1", [(index, &b"1"[..])].into_iter()).unwrap());
        // Its entry would be that of a row which has come since.
        assert!(!one.delete_row(tree, b"1", [(index, &b"2"[..])].into_iter()).unwrap());
        assert_eq!(rows(&mut one, tree).len(), 1);
        assert_eq!(rows(&mut one, index).into_keys().collect::<Vec<_>>(), [b"2"]);
        one.rollback();
    }
    assert_eq!(contents(&store, index).len(), 2);
    check(&store);
}

/// Bytes that do not compress, so that they need pages of their own.
fn large(seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed) | 1 << 16;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::repeat_with(next).take(3_000).collect()
}

/// A row of which nothing was changed in the end has the pages that it had: another transaction, for which the row is
/// still the one of its own base, gives them up with its own change.
#[test]
fn a_large_value_that_an_undone_statement_replaced_has_its_pages_again() {
    let store = open(&Arc::new(MemoryEnv::new()));
    let mut setup = store.begin(Begin::default()).unwrap();
    let tree = setup.create_tree(true).unwrap();
    setup.put(tree, b"large", &large(1)).unwrap();
    setup.commit().unwrap();
    let mut slow = store.begin(Begin::default()).unwrap();
    for number in 0..40_u32 {
        slow.put(tree, format!("slow {number}").as_bytes(), b"mine").unwrap();
    }
    let mut undone = store.begin(Begin::default()).unwrap();
    undone.put(tree, b"other", b"yours").unwrap();
    undone.begin_statement();
    undone.put(tree, b"large", &large(2)).unwrap();
    undone.put(tree, b"large", &large(3)).unwrap();
    undone.undo_statement().unwrap();
    assert_eq!(undone.get(tree, b"large").unwrap(), Some(large(1)));
    undone.commit().unwrap();

    slow.put(tree, b"large", &large(4)).unwrap();
    slow.commit().unwrap();
    assert_eq!(contents(&store, tree).get(&b"large"[..]), Some(&large(4)));
    assert_eq!(contents(&store, tree).len(), 42);
    store.checkpoint().unwrap();
    check(&store);
}

/// Writing the same content again is a change: the value lies elsewhere afterwards.
#[test]
fn the_same_large_value_written_again_in_a_tree_without_versions_is_seen_as_a_change() {
    let store = open(&Arc::new(MemoryEnv::new()));
    let mut setup = store.begin(Begin::default()).unwrap();
    let tree = setup.create_tree(false).unwrap();
    setup.put(tree, b"large", &large(1)).unwrap();
    setup.commit().unwrap();
    let mut slow = store.begin(Begin::default()).unwrap();
    for number in 0..40_u32 {
        slow.put(tree, format!("slow {number}").as_bytes(), b"mine").unwrap();
    }
    let mut same = store.begin(Begin::default()).unwrap();
    same.put(tree, b"large", &large(1)).unwrap();
    same.commit().unwrap();
    slow.put(tree, b"large", &large(4)).unwrap();
    slow.commit().unwrap();
    assert_eq!(contents(&store, tree).get(&b"large"[..]), Some(&large(4)));
    store.checkpoint().unwrap();
    check(&store);
}

#[test]
fn a_transaction_that_could_not_look_again_commits_nothing_by_halves() {
    for go_back in [false, true] {
        let faulty = FaultyEnv::new(Arc::new(MemoryEnv::new()));
        let env = Arc::clone(&faulty) as Arc<dyn Env>;
        let small = StoreOptions { cache_bytes: 8 << 10, ..options() };
        let store = Store::open(env, Path::new("app.db"), small).unwrap();
        let mut setup = store.begin(Begin::default()).unwrap();
        let tree = setup.create_tree(true).unwrap();
        let mut model = Model::new();
        for number in 0..400 {
            setup.put(tree, &key(0, number), &[1; 50]).unwrap();
            model.insert(key(0, number), vec![1; 50]);
        }
        setup.commit().unwrap();
        store.checkpoint().unwrap();
        let mut one = store.begin(Begin::default()).unwrap();
        one.put(tree, &key(1, 5), b"mine").unwrap();
        model.insert(key(1, 5), b"mine".to_vec());
        let savepoint = one.savepoint().unwrap();
        for number in (0..400).step_by(100) {
            one.put(tree, &key(1, number), b"more").unwrap();
        }
        for number in 0..8 {
            let mut two = store.begin(Begin::default()).unwrap();
            two.put(tree, &key(2, number * 50), b"theirs").unwrap();
            model.insert(key(2, number * 50), b"theirs".to_vec());
            two.commit().unwrap();
        }
        faulty.at(&pager::labels::PAGE_READ, 1, usize::MAX, Fault::Fail(ErrorKind::Other));
        one.refresh().unwrap();
        // Its own changes cannot be carried out on what others did: neither is shown without the other.
        assert!(one.get(tree, &key(1, 5)).is_err());
        assert!(one.get(tree, &key(2, 0)).is_err());
        faulty.calm();
        assert_eq!(one.get(tree, &key(1, 5)).unwrap(), Some(b"mine".to_vec()));
        assert_eq!(one.get(tree, &key(2, 0)).unwrap(), Some(b"theirs".to_vec()));
        if go_back {
            one.rollback_to(savepoint).unwrap();
            one.refresh().unwrap();
        } else {
            model.extend((0..400).step_by(100).map(|number| (key(1, number), b"more".to_vec())));
        }
        one.commit().unwrap();
        assert!(contents(&store, tree) == model);
        store.checkpoint().unwrap();
        check(&store);
    }
}

#[test]
fn a_commit_beside_a_branching_of_another_database_is_sound() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let mut setup = store.begin(Begin::default()).unwrap();
    let (tree, other) = (setup.create_tree(true).unwrap(), setup.create_tree(true).unwrap());
    for number in 0..50 {
        setup.put(tree, &key(0, number), b"base").unwrap();
        setup.put(other, &key(0, number), b"base").unwrap();
    }
    setup.commit().unwrap();
    let template = store.create_database_from(MAIN_DATABASE).unwrap();
    let mut one = store.begin(Begin::default()).unwrap();
    for number in 0..20 {
        one.put(tree, &key(1, number), b"mine").unwrap();
    }
    // From here on pages are of a younger generation than those of the first transaction.
    store.create_database_from(template).unwrap();
    let mut two = store.begin(Begin::default()).unwrap();
    two.put(tree, &key(2, 7), &(0..4000u32).map(|byte| ((byte * 7919) >> 5) as u8).collect::<Vec<_>>())
        .unwrap();
    two.put(other, &key(2, 7), b"small").unwrap();
    two.commit().unwrap();
    one.refresh().unwrap();
    one.put(other, &key(1, 8), b"mine").unwrap();
    one.commit().unwrap();
    check(&store);
    store.checkpoint().unwrap();
    check(&store);
    assert_eq!(contents(&store, tree).len(), 71);
    assert_eq!(contents(&store, other).len(), 52);
}

/// A stream of numbers for choices.
struct Choices(u64);

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn value(&mut self) -> Vec<u8> {
        let length = [0, 5, 20, 60, 130, 400, 2500, 9000][self.below(8)];
        let squeezable = self.below(3) == 0;
        (0..length).map(|_| if squeezable { b' ' } else { self.below(256) as u8 }).collect()
    }
}

/// A transaction under way and what it will have done when it commits.
struct Open {
    transaction: Transaction,
    changes: Changes,
    savepoints: Vec<(Savepoint, Changes)>,
    scans: Vec<(Scan, Rows)>,
}

impl Open {
    fn write(&mut self, tree: TreeId, slot: usize, choices: &mut Choices) {
        for _ in 0..=choices.below(6) {
            let (key, value) = (key(slot, choices.below(80)), choices.value());
            self.transaction.put(tree, &key, &value).unwrap();
            self.changes.insert(key, Some(value));
        }
    }

    fn remove(&mut self, tree: TreeId, slot: usize, choices: &mut Choices) {
        let from = choices.below(80);
        for number in from..from + choices.below(12) {
            let key = key(slot, number);
            self.transaction.delete(tree, &key).unwrap();
            self.changes.insert(key, None);
        }
    }

    /// A statement that writes, may look again, and fails.
    fn fail_a_statement(&mut self, tree: TreeId, slot: usize, choices: &mut Choices) {
        let before = self.changes.clone();
        self.transaction.begin_statement();
        for _ in 0..choices.below(4) {
            match choices.below(4) {
                0 => self.transaction.refresh().unwrap(),
                1 => self.remove(tree, slot, choices),
                _ => self.write(tree, slot, choices),
            }
        }
        self.transaction.undo_statement().unwrap();
        self.changes = before;
    }

    /// Scans show what was there when they began, however much is written, committed and reused meanwhile.
    fn go_on_with_scans(&mut self, choices: &mut Choices) {
        for (scan, expected) in &mut self.scans {
            for _ in 0..choices.below(10) {
                let found = scan.next().unwrap().then(|| (scan.key().to_vec(), scan.value().unwrap()));
                assert!(found == expected.pop_front(), "what a scan shows");
                if found.is_none() {
                    break;
                }
            }
        }
        self.scans.retain(|(_, expected)| !expected.is_empty());
    }
}

struct World {
    env: Arc<MemoryEnv>,
    store: Store,
    tree: TreeId,
    model: Model,
    slots: [Option<Open>; 4],
    databases: Vec<DatabaseId>,
}

impl World {
    fn step(&mut self, choices: &mut Choices) {
        let slot = choices.below(self.slots.len());
        let Some(open) = &mut self.slots[slot] else {
            let transaction = self.store.begin(Begin::default()).unwrap();
            self.slots[slot] = Some(Open {
                transaction,
                changes: Changes::new(),
                savepoints: Vec::new(),
                scans: Vec::new(),
            });
            return;
        };
        open.go_on_with_scans(choices);
        match choices.below(30) {
            0..=8 => open.write(self.tree, slot, choices),
            9..=12 => open.remove(self.tree, slot, choices),
            13 | 14 => {
                let savepoint = open.transaction.savepoint().unwrap();
                open.savepoints.push((savepoint, open.changes.clone()));
            }
            15 if !open.savepoints.is_empty() => {
                let index = choices.below(open.savepoints.len());
                open.savepoints.truncate(index + 1);
                let (savepoint, changes) = open.savepoints[index].clone();
                open.transaction.rollback_to(savepoint).unwrap();
                open.changes = changes;
            }
            16 | 17 => {
                open.transaction.refresh().unwrap();
                let mut expected = self.model.clone();
                apply(&mut expected, &open.changes);
                assert!(rows(&mut open.transaction, self.tree) == expected, "what a transaction sees");
            }
            18 => self.slots[slot] = None,
            19..=21 => self.commit(slot),
            22 => self.store.checkpoint().unwrap(),
            23 if self.databases.len() < 4 => {
                // Branches of the second database: the first one is in use.
                self.databases.push(self.store.create_database_from(self.databases[0]).unwrap());
            }
            23 => self.store.drop_database(self.databases.pop().unwrap()).unwrap(),
            24..=26 => open.fail_a_statement(self.tree, slot, choices),
            27 | 28 if open.scans.len() < 3 => {
                open.transaction.refresh().unwrap();
                let mut expected = self.model.clone();
                apply(&mut expected, &open.changes);
                let scan = open.transaction.scan(self.tree, Bounds::all()).unwrap();
                open.scans.push((scan, expected.into_iter().collect()));
            }
            29 => match choices.below(8) {
                0 | 1 => self.delete_alone(choices),
                2 => self.reopen(),
                _ => {}
            },
            _ => {}
        }
    }

    /// Ends all transactions and deletes a range, which takes the tree for itself.
    fn delete_alone(&mut self, choices: &mut Choices) {
        self.slots = [const { None }; 4];
        let mut transaction = self.store.begin(Begin::default()).unwrap();
        let (from, to) = (key(0, choices.below(60)), key(0, choices.below(90)));
        let deleted = transaction.delete_range(self.tree, &from, Some(&to)).unwrap();
        let before = self.model.len();
        self.model.retain(|key, _| *key < from || *key >= to);
        assert_eq!(deleted as usize, before - self.model.len());
        transaction.commit().unwrap();
        check(&self.store);
    }

    /// Ends all transactions and opens the store anew, from the log and the last checkpoint.
    fn reopen(&mut self) {
        self.slots = [const { None }; 4];
        let elsewhere = Arc::new(MemoryEnv::new());
        drop(std::mem::replace(&mut self.store, open(&elsewhere)));
        self.store = open(&self.env);
        assert!(contents(&self.store, self.tree) == self.model, "after opening anew");
        check(&self.store);
    }

    fn commit(&mut self, slot: usize) {
        let Some(open) = self.slots[slot].take() else { return };
        open.transaction.commit().unwrap();
        apply(&mut self.model, &open.changes);
        assert!(contents(&self.store, self.tree) == self.model, "what is there after a commit");
        check(&self.store);
    }
}

fn apply(model: &mut Model, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => model.insert(key.clone(), value.clone()),
            None => model.remove(key),
        };
    }
}

fn run(seed: u64, steps: usize) {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let mut setup = store.begin(Begin::default()).unwrap();
    let tree = setup.create_tree(true).unwrap();
    setup.commit().unwrap();
    let databases = vec![store.create_database_from(MAIN_DATABASE).unwrap()];
    let mut world = World { env, store, tree, model: Model::new(), slots: [const { None }; 4], databases };
    let mut choices = Choices(seed);
    for _ in 0..steps {
        world.step(&mut choices);
    }
    for slot in 0..world.slots.len() {
        world.commit(slot);
    }
    world.store.checkpoint().unwrap();
    world.store.checkpoint().unwrap();
    check(&world.store);
    world.reopen();
}

#[test]
fn transactions_side_by_side_lose_nothing() {
    for seed in 0..60 {
        println!("seed {seed}");
        run(seed, 250);
    }
}
