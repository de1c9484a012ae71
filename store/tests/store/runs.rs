//! New rows written together, and singly with their entries: against maps, with others who want the same keys, statements
//! that are undone, savepoints, and transactions that outgrow memory.
//!
//! One thread drives everything, so nothing may wait.

use crate::support;

use std::collections::{BTreeMap, BTreeSet};
use store::locks::{LockView, RowMode, ViewTarget, WaitPolicy};
use store::{
    Begin, Isolation, NewEntry, RowLock, RunRow, Savepoint, Store, StoreOptions, Transaction, TreeId,
};
use support::random::Random;
use support::{Rows, begin, check, contents, memory, open, open_with, options, rows};

const SEEDS: u64 = 60;
const STEPS: usize = 250;
/// Keys that may be taken.
const KEYS: u32 = 400;

/// A key of a length that is no row number's.
fn key(number: u32) -> Vec<u8> {
    let mut key = vec![2];
    key.extend_from_slice(&number.to_be_bytes());
    key
}

#[derive(Clone, Default)]
struct State {
    /// Rows by number, and who has a key.
    rows: BTreeMap<u64, Vec<u8>>,
    index: BTreeMap<u32, u64>,
}

/// A transaction, what it sees, and the keys that it has locked; and the same of its savepoints.
struct Open {
    transaction: Transaction,
    sees: State,
    locked: BTreeSet<u32>,
    changed: BTreeSet<u32>,
    savepoints: Vec<(Savepoint, State, BTreeSet<u32>, BTreeSet<u32>)>,
}

struct Run {
    store: Store,
    trees: (TreeId, TreeId),
    random: Random,
    committed: State,
    open: Vec<Open>,
    next_row: u64,
}

impl Run {
    fn new(seed: u64, options: StoreOptions) -> Run {
        let store = open_with(&memory(), options);
        let mut transaction = begin(&store);
        let trees = (
            transaction.create_tree(true).expect("creates"),
            transaction.create_tree(false).expect("creates"),
        );
        transaction.commit().expect("commits");
        let random = Random::new(seed);
        Run { store, trees, random, committed: State::default(), open: Vec::new(), next_row: 1 }
    }

    fn begin(&mut self) {
        let wait = WaitPolicy::NoWait;
        let transaction = self.store.begin(Begin { wait, ..Begin::default() }).expect("begins");
        let (locked, changed) = (BTreeSet::new(), BTreeSet::new());
        let (sees, savepoints) = (self.committed.clone(), Vec::new());
        self.open.push(Open { transaction, sees, locked, changed, savepoints });
    }

    /// Makes rows with new keys; answers whether that was done.
    fn insert(&mut self, which: usize, numbers: &BTreeSet<u32>, together: bool) -> bool {
        let (rows, index) = self.trees;
        let first = self.next_row;
        self.next_row += numbers.len() as u64;
        let value = vec![b'v'; 1 + self.random.number(60) as usize];
        let ids: Vec<[u8; 8]> = (first..self.next_row).map(u64::to_be_bytes).collect();
        let keys: Vec<Vec<u8>> = numbers.iter().map(|number| key(*number)).collect();
        let of_rows: Vec<RunRow<'_>> = ids.iter().map(|id| RunRow { key: id, value: &value }).collect();
        let entries: Vec<RunRow<'_>> =
            keys.iter().zip(&ids).map(|(key, id)| RunRow { key, value: id }).collect();
        let others = self.open.iter().enumerate().filter(|(other, _)| *other != which);
        let held = others.flat_map(|(_, other)| &other.locked).any(|number| numbers.contains(number));
        let before = self.keys_held();
        let open = &mut self.open[which];
        let there = |state: &State| numbers.iter().any(|number| state.index.contains_key(number));
        let taken = held || there(&open.sees);
        let transaction = &mut open.transaction;
        let done = if together {
            let free = transaction.lock_new_keys(&[(index, &entries)]).expect("locks");
            if free {
                transaction.put_run(rows, &of_rows).expect("writes");
                transaction.put_run(index, &entries).expect("writes");
            }
            free
        } else {
            let entry = NewEntry { tree: index, row: entries[0], alone: true };
            transaction.put_new_row(rows, of_rows[0], std::iter::once(entry)).expect("writes")
        };
        if taken {
            assert!(!done, "somebody has one of {numbers:?}");
        } else {
            // What others have committed since, or what was there and goes, may stand in the way too.
            let newest = there(&self.committed) || numbers.iter().any(|number| open.changed.contains(number));
            assert!(done || newest, "nobody has one of {numbers:?}");
        }
        if !done {
            assert_eq!(self.keys_held(), before, "nothing is locked that was not");
            return false;
        }
        for (place, number) in numbers.iter().enumerate() {
            open.sees.index.insert(*number, first + place as u64);
            open.sees.rows.insert(first + place as u64, value.clone());
            open.changed.insert(*number);
        }
        open.locked.extend(numbers);
        true
    }

    fn keys_held(&self) -> Vec<LockView> {
        let is_key = |lock: &LockView| matches!(lock.target, ViewTarget::Key { .. });
        self.store.locks().into_iter().filter(is_key).collect()
    }

    /// Removes a row with its key, if nobody holds it.
    fn delete(&mut self, which: usize) {
        let (rows, index) = self.trees;
        let open = &mut self.open[which];
        let from = self.random.number(KEYS);
        let Some((number, row)) = open.sees.index.range(from..).next().map(|(key, row)| (*key, *row)) else {
            return;
        };
        let wait = WaitPolicy::NoWait;
        let held = open.transaction.lock_row(rows, &row.to_be_bytes(), RowMode::Update, wait);
        if !held.is_ok_and(|lock| lock == RowLock::Held) {
            // It may have been moved on.
            self.refresh(which);
            return;
        }
        if !open.transaction.delete(rows, &row.to_be_bytes()).expect("removes") {
            return;
        }
        assert!(open.transaction.delete(index, &key(number)).expect("removes"));
        open.sees.index.remove(&number);
        open.sees.rows.remove(&row);
        open.changed.insert(number);
    }

    fn end(&mut self, which: usize) {
        let Open { transaction, sees, changed, .. } = self.open.swap_remove(which);
        if self.random.below(4) == 0 {
            transaction.rollback();
            return;
        }
        transaction.commit().expect("commits");
        for number in changed {
            if let Some(row) = self.committed.index.remove(&number) {
                self.committed.rows.remove(&row);
            }
            if let Some(row) = sees.index.get(&number) {
                self.committed.index.insert(number, *row);
                self.committed.rows.insert(*row, sees.rows[row].clone());
            }
        }
    }

    /// Everyone sees what has been committed since, but for what he has changed himself.
    fn refresh(&mut self, which: usize) {
        let open = &mut self.open[which];
        open.transaction.refresh().expect("moves on");
        let mut sees = self.committed.clone();
        for number in &open.changed {
            if let Some(row) = sees.index.remove(number) {
                sees.rows.remove(&row);
            }
            if let Some(row) = open.sees.index.get(number) {
                sees.index.insert(*number, *row);
                sees.rows.insert(*row, open.sees.rows[row].clone());
            }
        }
        open.sees = sees;
    }

    fn some_keys(&mut self) -> BTreeSet<u32> {
        let from = self.random.number(KEYS);
        match self.random.below(3) {
            0 => (from..from + 1 + self.random.number(30)).collect(),
            1 => (0..1 + self.random.number(12)).map(|_| self.random.number(KEYS)).collect(),
            _ => BTreeSet::from([from]),
        }
    }

    fn step(&mut self) {
        if self.open.len() < 3 {
            self.begin();
        }
        let which = self.random.below(self.open.len() as u64) as usize;
        match self.random.below(20) {
            0..=7 => {
                let keys = self.some_keys();
                self.insert(which, &keys, true);
            }
            8..=10 => {
                let keys = BTreeSet::from([self.random.number(KEYS)]);
                self.insert(which, &keys, false);
            }
            11 | 12 => self.undone(which),
            13..=15 => self.delete(which),
            16 => {
                let open = &mut self.open[which];
                let savepoint = open.transaction.savepoint().expect("sets");
                let now = (savepoint, open.sees.clone(), open.locked.clone(), open.changed.clone());
                open.savepoints.push(now);
            }
            17 => {
                let open = &mut self.open[which];
                if let Some((savepoint, sees, locked, changed)) = open.savepoints.pop() {
                    open.transaction.rollback_to(savepoint).expect("goes back");
                    open.transaction.release(savepoint).expect("releases");
                    (open.sees, open.locked, open.changed) = (sees, locked, changed);
                }
            }
            18 => self.refresh(which),
            _ => self.end(which),
        }
        let which = which.min(self.open.len().saturating_sub(1));
        if let Some(open) = self.open.get_mut(which)
            && open.savepoints.is_empty()
        {
            self.refresh(which);
            self.compare(which);
        }
    }

    /// A statement that makes rows, several times, and is undone: its locks stay.
    fn undone(&mut self, which: usize) {
        let open = &mut self.open[which];
        let (sees, changed) = (open.sees.clone(), open.changed.clone());
        open.transaction.begin_statement();
        for _ in 0..1 + self.random.below(4) {
            let keys = self.some_keys();
            self.insert(which, &keys, true);
            self.delete(which);
        }
        let open = &mut self.open[which];
        open.transaction.undo_statement().expect("undoes");
        (open.sees, open.changed) = (sees, changed);
        self.refresh(which);
    }

    fn compare(&mut self, which: usize) {
        let (rows, index) = self.trees;
        let open = &mut self.open[which];
        assert_eq!(support::rows(&mut open.transaction, rows), of_rows(&open.sees));
        assert_eq!(support::rows(&mut open.transaction, index), of_index(&open.sees));
    }
}

fn of_rows(state: &State) -> Rows {
    state.rows.iter().map(|(row, value)| (row.to_be_bytes().to_vec(), value.clone())).collect()
}

fn of_index(state: &State) -> Rows {
    state.index.iter().map(|(number, row)| (key(*number), row.to_be_bytes().to_vec())).collect()
}

#[test]
fn rows_written_together_are_those_of_a_map() {
    for seed in 0..SEEDS {
        // Every third store has so little room for locks that they are given up for what was written.
        let lock_bytes = if seed % 3 == 0 { 2 << 10 } else { options().lock_bytes };
        let mut run = Run::new(seed, StoreOptions { lock_bytes, ..options() });
        (0..STEPS).for_each(|_| run.step());
        while !run.open.is_empty() {
            run.end(0);
        }
        assert_eq!(contents(&run.store, run.trees.0), of_rows(&run.committed), "seed {seed}");
        assert_eq!(contents(&run.store, run.trees.1), of_index(&run.committed), "seed {seed}");
        check(&run.store);
        assert!(run.store.statistics().lock_bytes < 100, "all locks are gone");
    }
}

#[test]
fn many_rows_in_no_order_outgrow_memory_and_are_all_there() {
    let store = open(&memory());
    let mut transaction = begin(&store);
    let (rows, index) =
        (transaction.create_tree(true).expect("creates"), transaction.create_tree(false).expect("creates"));
    transaction.commit().expect("commits");
    let mut transaction = begin(&store);
    transaction.begin_statement();
    let mut model = Rows::new();
    for chunk in 0..60u64 {
        let numbers =
            || (chunk * 100..chunk * 100 + 100).map(|row| (row, (row as u32).wrapping_mul(0x9e37_79b9)));
        let ids: Vec<[u8; 8]> = numbers().map(|(row, _)| row.to_be_bytes()).collect();
        let mut entries: Vec<(Vec<u8>, [u8; 8])> =
            numbers().map(|(row, scattered)| (key(scattered), row.to_be_bytes())).collect();
        entries.sort();
        let large = vec![7; 3000];
        let value = |id: &[u8; 8]| if id[7].is_multiple_of(50) { &large[..] } else { &large[..40] };
        let of_rows: Vec<RunRow<'_>> = ids.iter().map(|id| RunRow { key: id, value: value(id) }).collect();
        let of_index: Vec<RunRow<'_>> = entries.iter().map(|(key, id)| RunRow { key, value: id }).collect();
        assert!(transaction.lock_new_keys(&[(index, &of_index)]).expect("locks"));
        transaction.put_run(rows, &of_rows).expect("writes");
        transaction.put_run(index, &of_index).expect("writes");
        model.extend(of_rows.iter().map(|row| (row.key.to_vec(), row.value.to_vec())));
    }
    transaction.end_statement();
    transaction.commit().expect("commits");
    assert_eq!(contents(&store, rows), model);
    assert_eq!(contents(&store, index).len(), model.len());
    check(&store);
}

#[test]
fn a_serialisable_transaction_tells_of_each_key() {
    let store = open(&memory());
    let mut transaction = begin(&store);
    let index = transaction.create_tree(false).expect("creates");
    transaction.commit().expect("commits");
    let mut serializable = support::begin_at(&store, Isolation::Serializable);
    let row = RunRow { key: &key(1), value: b"row" };
    assert!(!serializable.lock_new_keys(&[(index, &[row])]).expect("looks"));
}

#[test]
fn a_statement_of_many_new_rows_is_undone_wholly() {
    let store = open(&memory());
    let mut setup = begin(&store);
    let trees = (setup.create_tree(true).expect("creates"), setup.create_tree(false).expect("creates"));
    setup.commit().expect("commits");
    let mut transaction = begin(&store);
    transaction.begin_statement();
    // More than are remembered row by row.
    for number in 0..8000_u64 {
        let key = number.to_be_bytes();
        let entry = NewEntry { tree: trees.1, row: RunRow { key: &key, value: b"" }, alone: true };
        let row = RunRow { key: &key, value: b"row" };
        assert!(transaction.put_new_row(trees.0, row, std::iter::once(entry)).expect("writes"));
    }
    transaction.undo_statement().expect("undoes");
    assert!(rows(&mut transaction, trees.0).is_empty(), "rows are left");
    assert!(rows(&mut transaction, trees.1).is_empty(), "entries are left");
    transaction.put(trees.0, b"other", b"row").expect("writes");
    transaction.commit().expect("commits");
    assert_eq!((contents(&store, trees.0).len(), contents(&store, trees.1).len()), (1, 0));
    check(&store);
}
