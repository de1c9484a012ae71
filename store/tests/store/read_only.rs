//! A file that was not closed, opened for reading: everything that its log holds is there, and not a byte is written.

use crate::support;

use env::Env;
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreError, StoreOptions, TreeId};
use support::random::Random;
use support::{Rows, begin, begin_in, check, contents_in, key, memory, open, open_with, options};

fn for_reading() -> StoreOptions {
    StoreOptions { read_only: true, ..options() }
}

/// Incompressible, so that it takes pages of its own.
fn value(numbers: &mut Random, length: usize) -> Vec<u8> {
    (0..length).map(|_| numbers.number(256) as u8).collect()
}

fn length(numbers: &mut Random) -> usize {
    let limit = [40, 200, 900, 20_000][numbers.number(4) as usize];
    numbers.number(limit) as usize
}

#[test]
fn large_values_of_the_log_are_read_from_memory() {
    let env = memory();
    let store = open(&env);
    let mut numbers = Random::new(1);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    let mut expected = Rows::new();
    for (number, length) in [(1, 129), (2, 600), (3, 5_000), (4, 9_000)] {
        let value = value(&mut numbers, length);
        transaction.put(tree, &key(number), &value).expect("puts");
        expected.insert(key(number), value);
    }
    transaction.commit().expect("commits");
    drop(store);
    let before = env.files();
    let one = open_with(&env, for_reading());
    let two = open_with(&env, for_reading());
    for store in [&one, &two] {
        assert!(!store.recovery().clean);
        assert_eq!(contents_in(store, store::MAIN_DATABASE, tree), expected);
        check(store);
        let mut transaction = begin(store);
        assert!(matches!(transaction.put(tree, b"a", b"2"), Err(StoreError::ReadOnly { .. })));
        transaction.commit().expect("has nothing to commit");
        assert!(matches!(store.checkpoint(), Err(StoreError::ReadOnly { .. })));
    }
    one.close().expect("closes");
    drop(two);
    assert_eq!(env.files(), before);
}

/// Changes to the databases of a store, and what is in them afterwards.
fn change(store: &Store, numbers: &mut Random, databases: &mut Vec<(store::DatabaseId, TreeId, Rows)>) {
    let at = numbers.number(databases.len() as u32) as usize;
    match numbers.number(20) {
        0 if databases.len() < 4 => {
            let (source, tree, rows) = databases[at].clone();
            let copy = store.create_database_from(source).expect("branches");
            databases.push((copy, tree, rows));
        }
        1 if at > 0 => {
            store.drop_database(databases[at].0).expect("drops");
            databases.remove(at);
        }
        2 => store.checkpoint().expect("writes a checkpoint"),
        _ => {
            let (database, tree, rows) = &mut databases[at];
            let mut transaction = begin_in(store, *database);
            for _ in 0..=numbers.number(12) {
                let number = numbers.number(150);
                match numbers.number(8) {
                    0 => {
                        let (from, to) = (key(number), key(number + numbers.number(30)));
                        transaction.delete_range(*tree, &from, Some(&to)).expect("deletes");
                        rows.retain(|it, _| *it < from || *it >= to);
                    }
                    1 | 2 => {
                        transaction.delete(*tree, &key(number)).expect("deletes");
                        rows.remove(&key(number));
                    }
                    _ => {
                        let length = length(numbers);
                        let value = value(numbers, length);
                        transaction.put(*tree, &key(number), &value).expect("puts");
                        rows.insert(key(number), value);
                    }
                }
            }
            transaction.commit().expect("commits");
        }
    }
}

#[test]
fn whatever_the_log_holds_is_read_and_nothing_is_written() {
    for seed in 0..60 {
        let env = memory();
        let store = open(&env);
        let mut numbers = Random::new(seed);
        let mut transaction = begin(&store);
        let tree = transaction.create_tree(true).expect("creates");
        transaction.commit().expect("commits");
        let mut databases = vec![(store::MAIN_DATABASE, tree, Rows::new())];
        for _ in 0..25 {
            change(&store, &mut numbers, &mut databases);
        }
        drop(store);
        let before = env.files();
        let store = open_with(&env, for_reading());
        for (database, tree, rows) in &databases {
            assert!(contents_in(&store, *database, *tree) == *rows, "seed {seed}, database {database}");
        }
        check(&store);
        drop(store);
        assert!(env.files() == before, "seed {seed}: something was written");
        // A backup of what is only read is a database like any other.
        if seed % 5 == 0 {
            let store = open_with(&env, for_reading());
            store.backup(Path::new("copy.db"), &mut |_, _| {}).expect("backs up");
            let env = env.clone() as Arc<dyn Env>;
            let copy = Store::open(env, Path::new("copy.db"), options()).expect("opens");
            check(&copy);
            for (database, tree, rows) in &databases {
                assert!(contents_in(&copy, *database, *tree) == *rows, "seed {seed}, copy of {database}");
            }
        }
        // And whoever may write finds the same.
        let store = open(&env);
        for (database, tree, rows) in &databases {
            assert!(contents_in(&store, *database, *tree) == *rows, "seed {seed}, database {database}");
        }
        check(&store);
    }
}
