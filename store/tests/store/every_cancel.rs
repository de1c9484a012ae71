//! Whoever works with a store is broken off at a call, whichever it is, as by a panic in the midst of a statement: their
//! locks go, their branch goes, and nothing that was half done is ever built on. The store works on, or says that it has
//! to be opened anew; what was committed before is there, and what was broken off is there as a whole or not at all.

use crate::support;

use env::Env;
use faults::Decisions;
use sim::{Recording, Stop, World, WorldConfig};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use store::{DatabaseId, MAIN_DATABASE, SequenceId, Store, StoreOptions, TreeId};
use support::{Rows, begin, begin_in, check, contents_in, key, tree_with};

const PATH: &str = "/db/app.db";
const COPY_PATH: &str = "/db/copy.db";
const SEQUENCE: SequenceId = SequenceId(1);

fn options() -> StoreOptions {
    StoreOptions {
        cache_bytes: 16 << 10,
        log_segment_bytes: 16 << 10,
        checkpoint_log_bytes: 1 << 20,
        large_commit_bytes: 4 << 10,
        ..support::options()
    }
}

fn open(env: &Arc<dyn Env>) -> Store {
    Store::open(env.clone(), Path::new(PATH), options()).expect("opens")
}

/// The rows of every database.
type Contents = BTreeMap<DatabaseId, Rows>;

fn contents(store: &Store, tree: TreeId) -> Contents {
    store.databases().into_iter().map(|database| (database, contents_in(store, database, tree))).collect()
}

/// Puts these rows, with values of so many bytes, and commits.
fn commit(store: &Store, tree: TreeId, numbers: impl IntoIterator<Item = u32>, bytes: usize) {
    let mut transaction = begin(store);
    for number in numbers {
        transaction.put(tree, &key(number), &vec![number as u8; bytes]).expect("puts");
    }
    transaction.commit().expect("commits");
}

/// What is broken off, in a store that is ready for it.
type Deed = fn(&Store, TreeId);

const DEEDS: &[(&str, Deed)] = &[
    ("a small commit", |store, tree| commit(store, tree, 3..6, 20)),
    ("a commit by roots", |store, tree| commit(store, tree, 0..80, 90)),
    ("a commit of large values", |store, tree| commit(store, tree, 3..5, 9_000)),
    ("a commit behind another", |store, tree| {
        let mut transaction = begin(store);
        for number in 3..15 {
            transaction.put(tree, &key(number), b"mine").expect("puts");
        }
        commit(store, tree, 50..52, 20);
        transaction.commit().expect("commits");
    }),
    ("a commit by roots behind another", |store, tree| {
        let mut transaction = begin(store);
        for number in (0..40).chain(60..100) {
            transaction.put(tree, &key(number), &[9; 90]).expect("puts");
        }
        commit(store, tree, 50..52, 20);
        transaction.commit().expect("commits");
    }),
    ("going back to a savepoint", |store, tree| {
        let mut transaction = begin(store);
        transaction.put(tree, &key(1), b"kept").expect("puts");
        let savepoint = transaction.savepoint().expect("saves");
        for number in 0..80 {
            transaction.put(tree, &key(number), &[9; 300]).expect("puts");
        }
        transaction.rollback_to(savepoint).expect("goes back");
        transaction.delete_range(tree, &key(30), Some(&key(40))).expect("deletes");
        transaction.commit().expect("commits");
    }),
    ("a tree that is dropped again", |store, _| {
        let tree = tree_with(store, 0..40);
        let mut transaction = begin(store);
        transaction.drop_tree(tree).expect("drops");
        transaction.commit().expect("commits");
    }),
    ("a checkpoint", |store, _| store.checkpoint().expect("checkpoints")),
    ("trimming", |store, _| {
        store.trim().expect("trims");
    }),
    ("a vacuum", |store, _| {
        let report = store.vacuum(&mut |_, _| ControlFlow::Continue(())).expect("vacuums");
        assert!(report.moved > 0);
    }),
    ("a branching", |store, _| {
        store.create_database_from(MAIN_DATABASE).expect("branches");
    }),
    ("the dropping of a database", |store, _| store.drop_database(DatabaseId(2)).expect("drops")),
    ("a backup", |store, _| store.backup(Path::new(COPY_PATH), &mut |_, _| {}).expect("backs up")),
    ("a sequence's reservation", |store, _| {
        store.take_ordinals(MAIN_DATABASE, SEQUENCE, 100).expect("takes");
    }),
    ("closing", |store, _| store.clone().close().expect("closes")),
];

/// Three databases, one of them a branch with changes of its own; dirty pages, pages to be reused, a log to be replayed.
fn ready(env: &Arc<dyn Env>) -> (Store, TreeId) {
    let store = open(env);
    let tree = tree_with(&store, 0..60);
    store.create_database_from(MAIN_DATABASE).expect("branches");
    let mut transaction = begin_in(&store, DatabaseId(2));
    for number in 20..30 {
        transaction.put(tree, &key(number), b"of the branch").expect("puts");
    }
    transaction.commit().expect("commits");
    store.checkpoint().expect("checkpoints");
    store.create_database_from(MAIN_DATABASE).expect("branches");
    commit(&store, tree, 10..40, 30);
    store.checkpoint().expect("checkpoints");
    commit(&store, tree, 100..110, 30);
    commit(&store, tree, [7], 3_000);
    (store, tree)
}

/// What a story leaves behind.
#[derive(Default)]
struct Told {
    cancelled: bool,
    /// Whether the store had to be opened anew.
    stopped: bool,
    tree: Option<TreeId>,
    /// What there may be: before the deed, after a part of it that commits by itself, after it.
    allowed: Vec<Contents>,
    /// Which of these was seen last: none is taken back.
    at: usize,
    now: Contents,
    ordinals: Vec<u64>,
}

impl Told {
    fn tree(&self) -> TreeId {
        self.tree.expect("the story has begun")
    }

    fn look(&mut self, store: &Store) {
        self.now = contents(store, self.tree());
        if self.allowed.is_empty() {
            return;
        }
        let at = self.allowed.iter().rposition(|allowed| *allowed == self.now);
        assert!(at.is_some(), "a part of what was broken off is there");
        assert!(at >= Some(self.at), "what was seen was taken back");
        self.at = at.unwrap_or_default();
    }

    fn take_ordinal(&mut self, store: &Store) {
        let next = store.take_ordinals(MAIN_DATABASE, SEQUENCE, 1).expect("takes");
        assert!(self.ordinals.iter().all(|taken| next > *taken), "{next} was handed out before");
        self.ordinals.push(next);
    }

    /// What others do afterwards: commits to the same rows, and checkpoints, so that what came free is used again.
    fn goes_on(&mut self, store: &Store) {
        for round in 0..3u32 {
            let mut transaction = begin(store);
            for number in [3, 7, 55, 90 + round] {
                // The row is locked and written, and is then as it was.
                let old = transaction.get(self.tree(), &key(number)).expect("reads");
                transaction.put(self.tree(), &key(number), b"passing").expect("puts");
                match old {
                    Some(old) => transaction.put(self.tree(), &key(number), &old).expect("puts"),
                    None => drop(transaction.delete(self.tree(), &key(number)).expect("deletes")),
                }
            }
            transaction.commit().expect("commits");
            self.look(store);
            store.checkpoint().expect("checkpoints");
            check(store);
            self.look(store);
        }
        self.take_ordinal(store);
    }
}

/// What the deeds that meet another commit make themselves.
fn with_others(mut before: Contents) -> Contents {
    if let Some(rows) = before.get_mut(&MAIN_DATABASE) {
        rows.extend((50..52).map(|number| (key(number), vec![number as u8; 20])));
    }
    before
}

/// Tells the story with `deed` broken off at its call number `call`, if it has so many. `after` is what there is when it
/// is not disturbed, where that is known.
fn tell(place: &str, deed: Deed, call: u64, after: Option<&Contents>) -> Told {
    let config = WorldConfig { recording: Recording::Last(25), ..WorldConfig::default() };
    let world = World::new(config, Decisions::tame(1));
    let told = Rc::new(RefCell::new(Told::default()));
    let (env, inside, shared, after) = (world.env(), world.clone(), Rc::clone(&told), after.cloned());
    finish(&world, place, move || {
        let mut told = shared.borrow_mut();
        let (mut store, tree) = ready(&env);
        told.tree = Some(tree);
        told.take_ordinal(&store);
        let before = contents(&store, tree);
        told.allowed = after
            .into_iter()
            .flat_map(|after| [before.clone(), with_others(before.clone()), after])
            .collect();
        told.cancelled = inside.cancel_after(call, || deed(&store, tree)).is_err();
        if store.check_writable().is_err() {
            told.stopped = true;
            drop(store);
            store = open(&env);
        }
        told.look(&store);
        told.goes_on(&store);
    });
    world.with_disk(|disk| *disk = disk.without_unsynced());
    let (env, shared) = (world.env(), Rc::clone(&told));
    finish(&world, place, move || {
        let mut told = shared.borrow_mut();
        let store = open(&env);
        check(&store);
        let last = told.now.clone();
        told.look(&store);
        assert!(told.now == last, "a power failure has changed something");
        told.take_ordinal(&store);
    });
    told.take()
}

fn finish(world: &World, place: &str, body: impl FnOnce() + 'static) {
    let stop = world.run(body);
    if stop != Stop::Finished {
        panic!("{place}: {stop}\n{}", world.trace_lines().join("\n"));
    }
}

#[test]
fn whatever_is_broken_off_leaves_the_store_whole() {
    let (mut cancelled, mut stopped) = (0, 0);
    for &(name, deed) in DEEDS {
        let undisturbed = tell(name, deed, 0, None);
        for call in 1.. {
            let place = format!("{name}, broken off at call {call}");
            let told = tell(&place, deed, call, Some(&undisturbed.now));
            if !told.cancelled {
                break;
            }
            cancelled += 1;
            stopped += u32::from(told.stopped);
        }
    }
    println!("{cancelled} calls, {stopped} of which stopped the store");
    assert!(cancelled > 200, "{cancelled}");
}

#[test]
fn an_opening_that_is_broken_off_is_repeated() {
    for call in 1.. {
        let world = World::new(WorldConfig::default(), Decisions::tame(1));
        let (env, inside) = (world.env(), world.clone());
        let broken_off = Rc::new(Cell::new(false));
        let shared = Rc::clone(&broken_off);
        finish(&world, &format!("an opening, broken off at call {call}"), move || {
            let (store, tree) = ready(&env);
            let before = contents(&store, tree);
            drop(store);
            let opened = inside.cancel_after(call, || open(&env));
            shared.set(opened.is_err());
            let store = opened.unwrap_or_else(|_| open(&env));
            assert!(contents(&store, tree) == before);
            check(&store);
        });
        if !broken_off.get() {
            assert!(call > 20, "{call}");
            return;
        }
    }
}
