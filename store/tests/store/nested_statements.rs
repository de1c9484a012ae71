//! Statements within statements, with savepoints among them, on a tree of the file and a temporary one, against a model.

use crate::support;
use crate::support::random::Random;

use std::collections::BTreeMap;
use store::{Begin, RunRow, Savepoint, StoreOptions, Transaction, TreeId};
use support::{Rows, check, key, memory, open_with, options};

/// What a transaction has made of its two trees.
type Both = [Rows; 2];

/// A place to come back to.
enum Place {
    Statement(Both),
    Savepoint(Savepoint, Both),
}

struct Run {
    transaction: Transaction,
    trees: [TreeId; 2],
    now: Both,
    places: Vec<Place>,
    random: Random,
}

impl Run {
    fn write(&mut self) {
        let which = self.random.number(2) as usize;
        let (tree, rows) = (self.trees[which], &mut self.now[which]);
        match self.random.number(10) {
            0 => {
                let from = key(self.random.number(40));
                self.transaction.delete_range(tree, &from, None).expect("deletes");
                rows.retain(|key, _| *key < from);
            }
            1..=3 => {
                let key = key(self.random.number(40));
                assert_eq!(
                    self.transaction.delete(tree, &key).expect("deletes"),
                    rows.remove(&key).is_some()
                );
            }
            4 => {
                let new = 1_000 + self.random.number(1 << 30);
                let (one, two) = (key(new), key(new + 1));
                if rows.contains_key(&one) || rows.contains_key(&two) {
                    return;
                }
                let run = [RunRow { key: &one, value: b"run" }, RunRow { key: &two, value: b"run" }];
                self.transaction.put_run(tree, &run).expect("puts");
                rows.extend([(one.clone(), b"run".to_vec()), (two.clone(), b"run".to_vec())]);
            }
            _ => {
                let key = key(self.random.number(40));
                // Now and then so much that what a statement would have to keep of it is too much.
                let length = if self.random.number(3) == 0 { 30_000 } else { 20 };
                let value = vec![self.random.number(250) as u8; length];
                self.transaction.put(tree, &key, &value).expect("puts");
                rows.insert(key, value);
            }
        }
    }

    /// Begins, ends or undoes a statement, or sets a savepoint, goes back to it or releases it.
    fn turn(&mut self) {
        match (self.random.number(5), self.places.pop()) {
            (0 | 1, place) => {
                self.places.extend(place);
                if self.places.len() > 6 {
                    return;
                }
                if self.random.number(3) > 0 {
                    self.transaction.begin_statement();
                    self.places.push(Place::Statement(self.now.clone()));
                } else {
                    let savepoint = self.transaction.savepoint().expect("sets");
                    self.places.push(Place::Savepoint(savepoint, self.now.clone()));
                }
            }
            (_, None) => {}
            (2, Some(Place::Statement(_))) => self.transaction.end_statement(),
            (2, Some(Place::Savepoint(savepoint, _))) => {
                self.transaction.release(savepoint).expect("releases")
            }
            (_, Some(Place::Statement(before))) => {
                self.transaction.undo_statement().expect("undoes");
                self.now = before;
            }
            (_, Some(Place::Savepoint(savepoint, before))) => {
                self.transaction.rollback_to(savepoint).expect("goes back");
                self.now = before.clone();
                self.places.push(Place::Savepoint(savepoint, before));
                self.go_back_further();
            }
        }
    }

    /// To an earlier savepoint, out of statements that have begun since.
    fn go_back_further(&mut self) {
        if self.random.number(4) > 0 {
            return;
        }
        let savepoint = self.places.iter().enumerate().find_map(|(at, place)| match place {
            Place::Savepoint(savepoint, before) => Some((at, *savepoint, before.clone())),
            Place::Statement(_) => None,
        });
        if let Some((at, savepoint, before)) = savepoint {
            self.transaction.rollback_to(savepoint).expect("goes back");
            self.places.truncate(at + 1);
            self.now = before;
        }
    }

    fn compare(&mut self, case: &str) {
        for (tree, expected) in self.trees.into_iter().zip(&self.now) {
            assert!(support::rows(&mut self.transaction, tree) == *expected, "{case}");
        }
    }
}

#[test]
fn statements_within_statements_are_undone_with_those_around_them() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let env = memory();
        let large_commit_bytes = if random.number(2) == 0 { 20_000 } else { 64 << 20 };
        let store = open_with(&env, StoreOptions { large_commit_bytes, ..options() });
        let session = store.session();
        let mut transaction = session.begin(Begin::default()).expect("begins");
        let kept = transaction.create_tree(true).expect("made");
        let temporary = transaction.create_temporary_tree(true).expect("made");
        transaction.commit().expect("commits");
        let transaction = session.begin(Begin::default()).expect("begins");
        let now = [BTreeMap::new(), BTreeMap::new()];
        let mut run = Run { transaction, trees: [kept, temporary], now, places: Vec::new(), random };
        for round in 0..80 {
            if run.random.number(3) == 0 {
                run.turn()
            } else {
                run.write()
            }
            run.compare(&format!("seed {seed}, round {round}"));
        }
        let Run { transaction, now, .. } = run;
        transaction.commit().expect("commits");
        drop((session, store));
        let store = open_with(&env, options());
        check(&store);
        assert!(support::contents(&store, kept) == now[0], "seed {seed}");
    }
}
