//! A branching is broken off at a call or at a lock, whichever it is, while somebody else commits: in the database that is
//! branched, which leaves the branching pages to write under the commit lock, and in another one.
//! What is half done when it is broken off is given up under the commit lock, before whoever waits for that goes on: a
//! commit that was built on it would be acknowledged, and its record stand behind one with the same number.

#![allow(clippy::disallowed_types)] // its own mutexes: using them is no scheduling point

use crate::support;

use env::{Env, Label, LabelKind};
use faults::Decisions;
use sim::{Policy, Scheduling, Stop, World, WorldConfig};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use store::{CommitError, DatabaseId, MAIN_DATABASE, Store, TreeId};
use support::{begin_in, check, contents_in, key, options, tree_with};

env::labels! {
    BRANCHER: "test.brancher", Task, "nobody branches";
    COMMITTER: "test.committer", Task, "nobody commits";
}

const PATH: &str = "/db/app.db";
/// Another database than the one that is branched.
const OTHER: DatabaseId = DatabaseId(2);
const COMMITS: u32 = 6;
/// Interleavings for each place at which the branching is broken off.
const SEEDS: u64 = 12;
/// Uses of one lock that are looked at.
const USES: u64 = 6;

/// Where the branching is broken off.
#[derive(Debug, Clone, Copy)]
enum Place {
    Call(u64),
    Lock(&'static Label, u64),
}

fn open(env: &Arc<dyn Env>) -> Store {
    Store::open(env.clone(), Path::new(PATH), options()).expect("opens")
}

/// What one run has shown.
#[derive(Clone, Copy, Default)]
struct Told {
    cancelled: bool,
    /// Whether a commit was refused because of what was broken off.
    refused: bool,
}

/// In which database a row is committed.
fn database_of(number: u32) -> DatabaseId {
    if number.is_multiple_of(2) { MAIN_DATABASE } else { OTHER }
}

/// Commits row after row and notes what was acknowledged. Whether it was refused before the end.
fn commit_rows(store: &Store, tree: TreeId, acknowledged: &Mutex<Vec<u32>>) -> bool {
    for number in 100..100 + COMMITS {
        let mut transaction = begin_in(store, database_of(number));
        let committed = match transaction.put(tree, &key(number), b"committed") {
            Ok(()) => transaction.commit().map(drop),
            Err(refused) => Err(CommitError::Refused(refused)),
        };
        if let Err(error) = committed {
            assert!(store.check_writable().is_err(), "{error}");
            return true;
        }
        acknowledged.lock().expect("nobody panics").push(number);
    }
    false
}

fn tell(place: Place, seed: u64) -> Told {
    let scheduling = Scheduling { policy: Policy::Random { preempt: 400_000, pick: 500_000 }, overlap: true };
    let world = World::new(WorldConfig { scheduling, ..WorldConfig::default() }, Decisions::seeded(seed));
    let told = Rc::new(RefCell::new(Told::default()));
    let (env, shared) = (world.env(), Rc::clone(&told));
    match place {
        Place::Call(call) => world.cancel_task("brancher", call),
        Place::Lock(label, before) => world.cancel_task_at_lock("brancher", label, before),
    }
    let stop = world.run(move || {
        let store = open(&env);
        let tree = tree_with(&store, 0..40);
        assert_eq!(store.create_database_from(MAIN_DATABASE).expect("branches"), OTHER);
        let acknowledged: Arc<Mutex<Vec<u32>>> = Arc::default();
        let refused: Arc<Mutex<bool>> = Arc::default();
        let brancher = {
            let store = store.clone();
            let body = Box::new(move || drop(store.create_database_from(MAIN_DATABASE)));
            env.spawn(&BRANCHER, "brancher", body).expect("starts")
        };
        let committer = {
            let (store, acknowledged, refused) = (store.clone(), acknowledged.clone(), refused.clone());
            let body = Box::new(move || {
                *refused.lock().expect("nobody panics") = commit_rows(&store, tree, &acknowledged);
            });
            env.spawn(&COMMITTER, "committer", body).expect("starts")
        };
        let cancelled = brancher.join().is_err();
        committer.join().expect("it works on, or is refused");
        let refused = *refused.lock().expect("nobody panics");
        *shared.borrow_mut() = Told { cancelled, refused };
        drop(store);
        let store = open(&env);
        check(&store);
        for number in acknowledged.lock().expect("nobody panics").iter() {
            let rows = contents_in(&store, database_of(*number), tree);
            assert!(rows.contains_key(&key(*number)), "row {number} was acknowledged and is not there");
        }
    });
    assert_eq!(stop, Stop::Finished, "broken off at {place:?}, seed {seed}");
    *told.borrow()
}

#[test]
fn nobody_commits_on_what_a_broken_off_branching_has_half_done() {
    let (mut places, mut refused) = (0, 0);
    let mut broken_off = |place| {
        let told: Vec<Told> = (0..SEEDS).map(|seed| tell(place, seed)).collect();
        let cancelled = told.iter().any(|told| told.cancelled);
        places += u32::from(cancelled);
        refused += told.iter().filter(|told| told.refused).count();
        cancelled
    };
    for call in 1.. {
        if !broken_off(Place::Call(call)) {
            break;
        }
    }
    let locks = store::labels::ALL.iter().filter(|label| label.kind == LabelKind::Lock);
    for &lock in locks {
        for before in 0..USES {
            if !broken_off(Place::Lock(lock, before)) {
                break;
            }
        }
    }
    println!("broken off at {places} places; {refused} times somebody else was refused");
    assert!(places >= 10 && refused > 0, "{places} places, {refused} refused");
}
