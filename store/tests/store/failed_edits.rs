//! A call that fails leaves the transaction as it was before that call: whichever read, write or growth of the file it
//! was that failed below it, the rows are the same, the call can be made again, and the transaction can commit.

use crate::support;

use env::Label;
use pager::labels::{GROW, PAGE_READ, PAGE_WRITE, PAGES_WRITE};
use std::io::ErrorKind;
use std::sync::Arc;
use store::{Isolation, Store, StoreError, StoreOptions, StoreResult, Transaction, TreeId};
use support::faulty::{Fault, FaultyEnv};
use support::random::Random;
use support::{Rows, begin, begin_at, check, contents, key, memory, open_with, rows};

fn options() -> StoreOptions {
    StoreOptions {
        // Next to nothing is held in memory, so that most calls reach the file.
        cache_bytes: 8 << 10,
        large_commit_bytes: 1 << 10,
        checkpoint_log_bytes: 4 << 20,
        lock_bytes: 4 << 10,
        ..support::options()
    }
}

/// Which calls fail.
#[derive(Debug, Clone, Copy)]
enum Sort {
    Reads,
    Writes,
    Space,
}

impl Sort {
    /// From the `skip`th next call on.
    fn arm(self, env: &FaultyEnv, skip: u32) {
        let (labels, kind): (&[&'static Label], _) = match self {
            Sort::Reads => (&[&PAGE_READ], ErrorKind::Other),
            Sort::Writes => (&[&PAGE_WRITE, &PAGES_WRITE], ErrorKind::Other),
            Sort::Space => (&[&PAGE_WRITE, &PAGES_WRITE, &GROW], ErrorKind::StorageFull),
        };
        for label in labels {
            // A read is tried again once by the pager itself.
            env.at(label, skip as usize, 3, Fault::Fail(kind));
        }
    }
}

/// What a step of the story does.
#[derive(Debug, Clone)]
enum Step {
    Put(u32, usize),
    Delete(u32),
    DeleteRange(u32, u32),
    Refresh,
    LockRow(u32),
    NewTree,
    DropTree,
}

fn draw(numbers: &mut Random) -> Step {
    match numbers.number(16) {
        0..=6 => Step::Put(numbers.number(400), numbers.number(60) as usize),
        7 | 8 => Step::Put(numbers.number(400), 2_000 + numbers.number(3_000) as usize),
        9..=11 => Step::Delete(numbers.number(400)),
        12 => {
            let from = numbers.number(400);
            Step::DeleteRange(from, from + numbers.number(60))
        }
        13 => Step::Refresh,
        14 => Step::LockRow(numbers.number(400)),
        _ if numbers.number(2) == 0 => Step::NewTree,
        _ => Step::DropTree,
    }
}

/// What the transaction must show: the rows of its tree and of one that it made itself, if that is there.
#[derive(Debug, Clone, PartialEq)]
struct Expected {
    rows: Rows,
    own: Option<(TreeId, Rows)>,
}

fn value(number: u32, length: usize) -> Vec<u8> {
    // Not to be compressed away.
    let mut numbers = Random::new(u64::from(number) * 31 + length as u64);
    (0..length).map(|_| numbers.number(256) as u8).collect()
}

fn carry_out(
    step: &Step,
    transaction: &mut Transaction,
    tree: TreeId,
    expected: &mut Expected,
) -> StoreResult<()> {
    match *step {
        Step::Put(number, length) => {
            let value = value(number, length);
            transaction.put(tree, &key(number), &value)?;
            expected.rows.insert(key(number), value.clone());
        }
        Step::Delete(number) => {
            let there = transaction.delete(tree, &key(number))?;
            assert_eq!(there, expected.rows.remove(&key(number)).is_some());
        }
        Step::DeleteRange(from, to) => {
            // A lock on the whole tree would keep the others out: an own tree is cut instead, if there is one.
            if let Some((own, rows)) = &mut expected.own {
                let gone = transaction.delete_range(*own, &key(from), Some(&key(to)))?;
                let before = rows.len();
                rows.retain(|it, _| *it < key(from) || *it >= key(to));
                assert_eq!(gone as usize, before - rows.len());
            }
        }
        Step::Refresh => transaction.refresh()?,
        Step::LockRow(number) => {
            transaction.lock_row(
                tree,
                &key(number),
                store::locks::RowMode::Update,
                store::locks::WaitPolicy::FOREVER,
            )?;
        }
        Step::NewTree => {
            if expected.own.is_none() {
                let own = transaction.create_tree(false)?;
                expected.own = Some((own, Rows::new()));
            }
            if let Some((own, rows)) = &mut expected.own {
                for number in 0..20 {
                    transaction.put(*own, &key(number * 7), &value(number, 30))?;
                    rows.insert(key(number * 7), value(number, 30));
                }
            }
        }
        Step::DropTree => {
            if let Some((own, _)) = expected.own {
                transaction.drop_tree(own)?;
                expected.own = None;
            }
        }
    }
    Ok(())
}

fn shown(transaction: &mut Transaction, tree: TreeId, expected: &Expected) -> Expected {
    let own = expected.own.as_ref().map(|(own, _)| (*own, rows(transaction, *own)));
    Expected { rows: rows(transaction, tree), own }
}

/// A store whose file holds everything, and nothing of it in memory.
fn prepared(env: &Arc<FaultyEnv>) -> (Store, TreeId) {
    let store = open_with(env, options());
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in (0..400).step_by(2) {
        let length = if number % 50 == 0 { 3_000 } else { 40 };
        transaction.put(tree, &key(number), &value(number, length)).expect("puts");
    }
    transaction.commit().expect("commits");
    store.close().expect("closes");
    (open_with(env, options()), tree)
}

/// Others change rows that the story leaves alone (numbers from 1,000), so that its branch is rebased on the way.
fn others(store: &Store, tree: TreeId, round: u32, everything: &mut Rows) {
    let mut other = begin(store);
    for number in 0..3 {
        let number = 1_000 + (round * 13 + number) % 90;
        other.put(tree, &key(number), &value(round, 50)).expect("puts");
        everything.insert(key(number), value(round, 50));
    }
    other.commit().expect("commits");
}

/// Tells the story with calls failing from the `skip`th on; whether any did.
fn story(seed: u64, sort: Sort, skip: u32, isolation: Isolation) -> bool {
    let env = FaultyEnv::new(memory());
    let (store, tree) = prepared(&env);
    let mut numbers = Random::new(seed);
    let mut theirs = Rows::new();
    let mut transaction = begin_at(&store, isolation);
    let mut expected = Expected { rows: rows(&mut transaction, tree), own: None };
    sort.arm(&env, skip);
    let mut hit = false;
    for round in 0..30 {
        if round == 11 || round == 19 {
            env.calm();
            others(&store, tree, round, &mut theirs);
            if !hit {
                sort.arm(&env, skip);
            }
        }
        let step = draw(&mut numbers);
        let before = expected.clone();
        let undone = numbers.number(5) == 0;
        if undone {
            transaction.begin_statement();
        }
        let in_parts = matches!(step, Step::NewTree);
        if let Err(error) = carry_out(&step, &mut transaction, tree, &mut expected) {
            assert!(!matches!(error, StoreError::Ended), "{step:?} of seed {seed}: {error}");
            hit = true;
            env.calm();
            let case =
                format!("seed {seed}, {sort:?} {skip}, {isolation:?}, round {round}, {step:?}: {error}");
            if !in_parts {
                assert!(expected == before, "{case}");
            }
            let mine = |rows: &Rows| -> Rows {
                rows.iter().filter(|(it, _)| **it < key(1_000)).map(|(k, v)| (k.clone(), v.clone())).collect()
            };
            let found = shown(&mut transaction, tree, &expected);
            assert!(mine(&found.rows) == mine(&expected.rows), "rows differ: {case}");
            assert!(found.own == expected.own, "rows of the own tree differ: {case}");
            carry_out(&step, &mut transaction, tree, &mut expected).expect("nothing fails any more");
        }
        if undone {
            if transaction.undo_statement().is_err() {
                assert!(matches!(transaction.get(tree, b""), Err(StoreError::Ended)), "half undone");
                hit = true;
                env.calm();
                transaction.undo_statement().expect("can be tried again");
            }
            expected = before;
        }
    }
    env.calm();
    transaction.commit().expect("commits");
    let mut all = expected.rows;
    all.extend(theirs);
    assert!(contents(&store, tree) == all, "seed {seed}, {sort:?} {skip}, {isolation:?}");
    if let Some((own, rows)) = &expected.own {
        assert_eq!(&contents(&store, *own), rows);
    }
    check(&store);
    store.checkpoint().expect("writes a checkpoint");
    store.checkpoint().expect("writes a checkpoint");
    check(&store);
    hit
}

fn tell(sort: Sort, isolation: Isolation, skips: impl Iterator<Item = u32> + Clone) {
    let mut hits = 0;
    for seed in 1..=10 {
        for skip in skips.clone() {
            hits += u32::from(story(seed, sort, skip, isolation));
        }
    }
    assert!(hits > 20, "only {hits} stories met their failure");
}

#[test]
fn a_failed_read_leaves_the_transaction_as_it_was() {
    tell(Sort::Reads, Isolation::ReadCommitted, (0..60).chain((60..300).step_by(7)));
}

#[test]
fn a_full_device_leaves_the_transaction_as_it_was() {
    tell(Sort::Space, Isolation::ReadCommitted, 0..20);
}

#[test]
fn a_failed_write_leaves_the_transaction_as_it_was() {
    tell(Sort::Writes, Isolation::ReadCommitted, 0..20);
}

#[test]
fn the_stricter_levels_are_no_different() {
    tell(Sort::Reads, Isolation::RepeatableRead, (0..200).step_by(9));
    tell(Sort::Space, Isolation::Serializable, (0..20).step_by(3));
}
