//! Databases that branch off one another, change, and go, in any order: each keeps its own content, and the pages that
//! they share are freed exactly when the last one has let go of them.

#![allow(clippy::unwrap_used)]

use env::Env;
use env::memory::MemoryEnv;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use store::{Begin, Bounds, DatabaseId, MAIN_DATABASE, Store, StoreOptions, TreeId};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

struct Choices(u64);

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn value(&mut self) -> Vec<u8> {
        let length = [3, 30, 100, 500, 3000][self.below(5)];
        (0..length).map(|_| self.below(256) as u8).collect()
    }
}

fn open(env: &Arc<MemoryEnv>) -> Store {
    let options = StoreOptions {
        page_size: 512,
        cache_bytes: 32 << 10,
        log_segment_bytes: 32 << 10,
        checkpoint_log_bytes: 48 << 10,
        large_commit_bytes: 6 << 10,
        background: false,
        ..StoreOptions::default()
    };
    Store::open(Arc::clone(env) as Arc<dyn Env>, Path::new("app.db"), options).unwrap()
}

struct World {
    env: Arc<MemoryEnv>,
    store: Store,
    databases: BTreeMap<DatabaseId, BTreeMap<TreeId, Rows>>,
    reopens: bool,
    /// Pages that vacuums have moved.
    moved: u64,
}

impl World {
    fn new() -> World {
        let env = Arc::new(MemoryEnv::new());
        let store = open(&env);
        let databases = BTreeMap::from([(MAIN_DATABASE, BTreeMap::new())]);
        World { env, store, databases, reopens: true, moved: 0 }
    }

    fn any(&self, choices: &mut Choices) -> DatabaseId {
        *self.databases.keys().nth(choices.below(self.databases.len())).unwrap()
    }

    fn step(&mut self, choices: &mut Choices) {
        match choices.below(16) {
            0 | 1 if self.databases.len() < 6 => {
                let source = self.any(choices);
                let branch = self.store.create_database_from(source).unwrap();
                self.databases.insert(branch, self.databases[&source].clone());
            }
            0..=2 => {
                let gone = self.any(choices);
                if gone != MAIN_DATABASE {
                    self.store.drop_database(gone).unwrap();
                    self.databases.remove(&gone);
                }
            }
            3 => self.store.checkpoint().unwrap(),
            4 => {
                let report = self.store.vacuum(&mut |_, _| ControlFlow::Continue(())).unwrap();
                self.moved += report.moved;
            }
            5 if self.reopens => self.reopen(),
            5 => {}
            _ => self.transaction(choices),
        }
    }

    /// One transaction in one of the databases; every fourth is rolled back.
    fn transaction(&mut self, choices: &mut Choices) {
        let database = self.any(choices);
        let mut trees = self.databases[&database].clone();
        let mut transaction = self.store.begin(Begin { database, ..Begin::default() }).unwrap();
        if trees.len() < 3 && choices.below(3) == 0 {
            trees.insert(transaction.create_tree(choices.below(2) == 0).unwrap(), Rows::new());
        }
        if trees.len() > 1 && choices.below(8) == 0 {
            let (tree, _) = trees.pop_first().unwrap();
            transaction.drop_tree(tree).unwrap();
        }
        for (tree, rows) in &mut trees {
            for _ in 0..choices.below(12) {
                let key = format!("{:03}", choices.below(120)).into_bytes();
                match choices.below(9) {
                    0 => {
                        let to = [&key[..], b"x"].concat();
                        transaction.delete_range(*tree, &key[..2], Some(&to)).unwrap();
                        rows.retain(|row, _| row.as_slice() < &key[..2] || *row >= to);
                    }
                    1 | 2 => {
                        let there = transaction.delete(*tree, &key).unwrap();
                        assert_eq!(there, rows.remove(&key).is_some());
                    }
                    _ => {
                        let value = choices.value();
                        transaction.put(*tree, &key, &value).unwrap();
                        rows.insert(key, value);
                    }
                }
            }
        }
        if choices.below(4) == 0 {
            transaction.rollback();
        } else {
            transaction.commit().unwrap();
            self.databases.insert(database, trees);
        }
    }

    fn reopen(&mut self) {
        let elsewhere = Arc::new(MemoryEnv::new());
        drop(std::mem::replace(&mut self.store, open(&elsewhere)));
        self.store = open(&self.env);
    }

    fn verify(&self) {
        let report = self.store.check(&mut |_, _| {}).unwrap();
        let problems: String = report.problems.iter().map(|problem| format!("{problem}\n")).collect();
        assert!(report.is_sound(), "{problems}");
        assert_eq!(self.store.databases(), self.databases.keys().copied().collect::<Vec<_>>());
        for (database, trees) in &self.databases {
            assert_eq!(self.store.trees(*database).unwrap(), trees.keys().copied().collect::<Vec<_>>());
            let mut transaction =
                self.store.begin(Begin { database: *database, ..Begin::default() }).unwrap();
            for (tree, expected) in trees {
                let mut scan = transaction.scan(*tree, Bounds::all()).unwrap();
                let mut found = Rows::new();
                while scan.next().unwrap() {
                    found.insert(scan.key().to_vec(), scan.value().unwrap());
                }
                assert!(found == *expected, "database {database:?}, tree {tree:?}");
            }
        }
    }

    /// When all but the first database are gone and that one is empty, hardly a page is in use.
    fn empty_out(mut self) {
        for database in self.databases.clone().into_keys().filter(|database| *database != MAIN_DATABASE) {
            self.store.drop_database(database).unwrap();
            self.databases.remove(&database);
        }
        let trees = std::mem::take(self.databases.get_mut(&MAIN_DATABASE).unwrap());
        let mut transaction = self.store.begin(Begin::default()).unwrap();
        for tree in trees.into_keys() {
            transaction.drop_tree(tree).unwrap();
        }
        transaction.commit().unwrap();
        for _ in 0..3 {
            self.store.checkpoint().unwrap();
        }
        self.verify();
        let pages = self.store.check(&mut |_, _| {}).unwrap().pages;
        assert!(pages < 16, "{pages} pages hold nothing");
    }
}

/// Answers how many pages were moved.
fn run(seed: u64, reopens: bool) -> u64 {
    println!("seed {seed}");
    let mut world = World::new();
    world.reopens = reopens;
    let mut choices = Choices(seed);
    for step in 0..160 {
        world.step(&mut choices);
        if step % 4 == 0 {
            world.verify();
        }
    }
    world.verify();
    let moved = world.moved;
    world.empty_out();
    moved
}

#[test]
fn databases_share_pages_and_let_go_of_them_in_any_order() {
    let moved: u64 = (0..25).map(|seed| run(seed, false)).sum();
    assert!(moved > 5_000, "{moved} pages were moved");
}

#[test]
fn databases_share_pages_and_let_go_of_them_across_reopening() {
    let moved: u64 = (0..25).map(|seed| run(seed, true)).sum();
    assert!(moved > 5_000, "{moved} pages were moved");
}
