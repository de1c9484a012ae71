//! Transactions that write much more than memory holds, in no order: they go to the file again and again. What is asked: that
//! the file stays bounded by what the trees are, not by how often they were written; and that whoever refers to what
//! was written earlier (views, savepoints, statements that are undone) still finds it.

use crate::support;

use std::path::Path;
use std::sync::Arc;
use store::{Bounds, Savepoint, Store, StoreOptions, Transaction, TreeId, View};
use support::random::Random;
use support::{Rows, begin, check, contents, key, memory, open_with, options};

/// Rows of a tree that does not fit into a quarter of the cache.
const ROWS: u32 = 20_000;

fn small() -> StoreOptions {
    StoreOptions { cache_bytes: 64 << 10, ..options() }
}

fn file_bytes(env: &Arc<env::memory::MemoryEnv>) -> usize {
    env.files()[Path::new(support::PATH)].len()
}

fn write_in_no_order(transaction: &mut Transaction, tree: TreeId, writes: u32, random: &mut Random) {
    for write in 0..writes {
        let key = key(random.number(ROWS));
        transaction.put(tree, &key, &write.to_le_bytes()).expect("puts");
    }
}

#[test]
fn a_transaction_that_writes_in_no_order_leaves_the_file_bounded() {
    for commits in [true, false] {
        let env = memory();
        let store = open_with(&env, small());
        let tree = support::tree_with(&store, 0..ROWS);
        store.checkpoint().expect("writes");
        let before = file_bytes(&env);
        let mut transaction = begin(&store);
        transaction.begin_statement();
        write_in_no_order(&mut transaction, tree, 2 * ROWS, &mut Random::new(1));
        transaction.end_statement();
        let during = file_bytes(&env);
        if commits {
            transaction.commit().expect("commits");
        } else {
            transaction.rollback();
        }
        // The old tree, that of the statement's state, and the new one; and what is written before the old may go.
        assert!(during < 4 * before, "{before} bytes have become {during}");
        check(&store);
        assert_eq!(contents(&store, tree).len(), ROWS as usize);
    }
}

/// Many statements, each with a state to go back to, and who else refers to what the tree was in the beginning.
fn bytes_after_statements(refer: impl FnOnce(&mut Transaction) -> Option<View>) -> (usize, usize) {
    let env = memory();
    let store = open_with(&env, small());
    let tree = support::tree_with(&store, 0..ROWS);
    store.checkpoint().expect("writes");
    let before = file_bytes(&env);
    let mut transaction = begin(&store);
    let mut random = Random::new(2);
    write_in_no_order(&mut transaction, tree, 100, &mut random);
    let view = refer(&mut transaction);
    for _ in 0..10 {
        transaction.begin_statement();
        write_in_no_order(&mut transaction, tree, ROWS / 4, &mut random);
        transaction.end_statement();
    }
    drop(view);
    transaction.commit().expect("commits");
    check(&store);
    (before, file_bytes(&env))
}

#[test]
fn many_statements_leave_the_file_bounded() {
    let (before, after) = bytes_after_statements(|_| None);
    assert!(after < 5 * before, "{before} bytes have become {after}");
    let (before, after) = bytes_after_statements(|transaction| Some(transaction.view().expect("views")));
    assert!(after < 5 * before, "beside a view, {before} bytes have become {after}");
    let (before, after) = bytes_after_statements(|transaction| {
        transaction.savepoint().expect("sets");
        None
    });
    assert!(after < 5 * before, "within a savepoint, {before} bytes have become {after}");
}

/// A transaction, what its tree has, and who refers to what the tree had.
struct Run {
    transaction: Transaction,
    tree: TreeId,
    now: Rows,
    views: Vec<(View, Rows)>,
    savepoints: Vec<(Savepoint, Rows)>,
    random: Random,
}

impl Run {
    fn write(&mut self) {
        for _ in 0..self.random.number(600) {
            let key = key(self.random.number(3_000));
            if self.random.number(4) == 0 {
                let found = self.transaction.delete(self.tree, &key).expect("deletes");
                assert_eq!(found, self.now.remove(&key).is_some());
            } else {
                // Some in pages of their own.
                let length = if self.random.number(50) == 0 { 2_000 } else { 30 };
                let value = vec![self.random.number(250) as u8; length];
                self.transaction.put(self.tree, &key, &value).expect("puts");
                self.now.insert(key, value);
            }
        }
    }

    fn statement(&mut self, depth: u32) {
        let before = self.now.clone();
        self.transaction.begin_statement();
        let savepoints = self.savepoints.len();
        for _ in 0..1 + self.random.number(12) {
            match self.random.number(8) {
                0 if depth < 3 => self.statement(depth + 1),
                1 => self.refer(savepoints),
                _ => self.write(),
            }
        }
        // Those that were set within it go with it.
        if let Some((savepoint, _)) = self.savepoints.drain(savepoints..).next() {
            self.transaction.release(savepoint).expect("releases");
        }
        if self.random.number(2) == 0 {
            self.transaction.end_statement();
        } else {
            self.transaction.undo_statement().expect("undoes");
            self.now = before;
        }
    }

    /// A view or a savepoint comes or goes; the lowest savepoints stay, those outside of a running statement.
    fn refer(&mut self, lowest: usize) {
        match self.random.number(5) {
            0 | 1 => self.views.push((self.transaction.view().expect("views"), self.now.clone())),
            2 => {
                let savepoint = self.transaction.savepoint().expect("sets");
                self.savepoints.push((savepoint, self.now.clone()));
            }
            3 if !self.views.is_empty() => {
                let number = self.random.number(self.views.len() as u32) as usize;
                self.views.swap_remove(number);
            }
            _ if self.savepoints.len() > lowest => {
                let number = lowest + self.random.number((self.savepoints.len() - lowest) as u32) as usize;
                let (savepoint, before) = self.savepoints[number].clone();
                if self.random.number(2) == 0 {
                    self.transaction.rollback_to(savepoint).expect("goes back");
                    self.now = before;
                    self.savepoints.truncate(number + 1);
                } else {
                    self.transaction.release(savepoint).expect("releases");
                    self.savepoints.truncate(number);
                }
            }
            _ => {}
        }
    }

    fn compare(&mut self, case: &str) {
        assert!(support::rows(&mut self.transaction, self.tree) == self.now, "{case}");
        for (view, expected) in &self.views {
            let mut scan = view.tree(self.tree).expect("is there").scan(Bounds::all()).expect("scans");
            let mut rows = Rows::new();
            while scan.next().expect("reads") {
                rows.insert(scan.key().to_vec(), scan.value().expect("reads"));
            }
            assert!(rows == *expected, "{case}: a view has changed");
        }
    }
}

fn run(store: &Store, seed: u64) -> (TreeId, Rows) {
    let tree = support::tree_with(store, 0..0);
    let (transaction, random) = (begin(store), Random::new(seed));
    let (views, savepoints) = (Vec::new(), Vec::new());
    let mut run = Run { transaction, tree, now: Rows::new(), views, savepoints, random };
    for round in 0..40 {
        match run.random.number(4) {
            0 => run.refer(0),
            1 | 2 => run.statement(0),
            _ => run.write(),
        }
        if round % 4 == 0 {
            run.compare(&format!("seed {seed}, round {round}"));
        }
    }
    run.compare(&format!("seed {seed}, at the end"));
    let Run { transaction, now, .. } = run;
    transaction.commit().expect("commits");
    (tree, now)
}

#[test]
fn whoever_refers_to_what_was_written_earlier_finds_it() {
    for seed in 0..10 {
        let env = memory();
        let store = open_with(&env, small());
        let (tree, expected) = run(&store, seed);
        assert!(contents(&store, tree) == expected, "seed {seed}");
        check(&store);
        drop(store);
        let store = open_with(&env, small());
        check(&store);
        assert!(contents(&store, tree) == expected, "seed {seed}, opened again");
    }
}
