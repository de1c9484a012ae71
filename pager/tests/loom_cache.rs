//! The page cache's pins, and the placing of frames, under every interleaving that loom can find. Run with
//! `RUSTFLAGS="--cfg hornbeam_loom"`.
//!
//! What is looked for: a frame that is not what its pointer names, two copies of one page while one is held, a cache
//! that outgrows its budget, a place that is seen before its page can be read there.

#![cfg(hornbeam_loom)]

#[path = "pager/support/mod.rs"]
mod support;

use env::Env;
use env::sync::loom;
use pager::{Frame, HEADER_BYTES, Options, PagePointer, PageRef, Pager, Placements};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use support::{PATH, Small, memory, small, tree, values, with_files};

/// The pages of one leaf each that the database has.
const LEAVES: u64 = 4;

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A database of [`LEAVES`] leaves, each holding its number. Made in a model of its own: the locks exist only there.
fn prepared() -> (Files, Vec<PagePointer>) {
    let made = Arc::new(Mutex::new(None));
    let result = Arc::clone(&made);
    loom::model(move || {
        let env = memory();
        let mut database = Small::create(&env);
        database.commit(0..LEAVES).expect("memory does not fail");
        let (root, _) = database.root.expect("just committed");
        let root = database.pager.load(&root).expect("just written");
        let node = root.index().expect("more than one leaf");
        let leaves =
            node.children().iter().map(|child| child.page.pointer().expect("just written")).collect();
        *result.lock().expect("no panic") = Some((env.files(), leaves));
    });
    let made = made.lock().expect("no panic").take();
    made.expect("the model ran")
}

/// Explores `body` on a freshly opened database whose cache has room for `cache_bytes`.
fn explore(cache_bytes: usize, body: impl Fn(Arc<Pager>, Vec<PagePointer>) + Sync + Send + 'static) {
    let (files, leaves) = prepared();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        let env: Arc<dyn Env> = with_files(files.clone());
        let options = Options { cache_bytes, ..small() };
        let pager = Pager::open(env, Path::new(PATH), &options).expect("just made");
        body(Arc::new(pager), leaves.clone());
    });
}

fn load(pager: &Pager, leaves: &[PagePointer], index: usize) -> Arc<Frame> {
    let frame = pager.load(&leaves[index]).expect("memory does not fail");
    assert_holds(&frame, index);
    frame
}

fn assert_holds(frame: &Frame, value: usize) {
    let bytes = frame.data()[HEADER_BYTES..HEADER_BYTES + 8].try_into().expect("eight bytes");
    assert_eq!(u64::from_le_bytes(bytes), value as u64, "a frame holds another page");
}

#[test]
fn two_who_miss_the_same_page_hold_one_copy_of_it() {
    explore(16 << 10, |pager, leaves| {
        let (second, also_leaves) = (Arc::clone(&pager), leaves.clone());
        let thread = loom::thread::spawn(move || load(&second, &also_leaves, 1));
        let here = load(&pager, &leaves, 1);
        let there = thread.join().expect("no panic");
        assert!(Arc::ptr_eq(&here, &there), "two copies of one page");
        assert!(Arc::ptr_eq(&here, &load(&pager, &leaves, 1)));
    });
}

#[test]
fn a_held_page_survives_eviction_and_the_budget_is_kept() {
    // Room for two leaves.
    const BUDGET: usize = 1400;
    explore(BUDGET, |pager, leaves| {
        let work = |indices: [usize; 2]| {
            let (pager, leaves) = (Arc::clone(&pager), leaves.clone());
            move || {
                let held = load(&pager, &leaves, indices[0]);
                drop(load(&pager, &leaves, indices[1]));
                assert_holds(&held, indices[0]);
            }
        };
        let threads = [loom::thread::spawn(work([0, 1])), loom::thread::spawn(work([2, 0]))];
        work([3, 2])();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert!(pager.cache_bytes() <= BUDGET, "{} bytes", pager.cache_bytes());
    });
}

#[test]
fn whoever_sees_a_place_can_read_the_page_there() {
    explore(16 << 10, |pager, _| {
        let (root, _) = tree(&pager, 9, 20..22);
        let (writer, written) = (Arc::clone(&pager), root.clone());
        let thread = loom::thread::spawn(move || {
            let mut placed = Placements::new();
            writer.write_tree(&[written], &mut placed).expect("memory does not fail")[0]
        });
        for _ in 0..2 {
            if let Some(pointer) = root.pointer() {
                let stored = PageRef::Stored(pointer);
                assert_eq!(values(&pager, &stored).expect("its page is written"), [20, 21]);
                assert!(stored.same_page(&root));
            }
        }
        let pointer = thread.join().expect("no panic");
        assert_eq!(root.pointer(), Some(pointer));
        assert_eq!(pager.dirty_bytes(), 0);
    });
}

#[test]
fn what_is_kept_beside_a_page_is_of_that_page() {
    // Room for two leaves, and an eighth of it for what is kept beside them.
    const BUDGET: usize = 1400;
    explore(BUDGET, |pager, leaves| {
        let work = |index: usize, other: usize| {
            let (pager, leaves) = (Arc::clone(&pager), leaves.clone());
            move || {
                let held = load(&pager, &leaves, index);
                pager.keep_companion(&leaves[index], Arc::new(index), 100);
                drop(load(&pager, &leaves, other));
                for (index, pointer) in leaves.iter().enumerate() {
                    if let Some(kept) = pager.companion(pointer) {
                        assert_eq!(kept.downcast_ref::<usize>(), Some(&index), "another page's companion");
                    }
                }
                assert_holds(&held, index);
            }
        };
        let thread = loom::thread::spawn(work(0, 1));
        work(1, 2)();
        thread.join().expect("no panic");
        assert!(pager.cache_bytes() <= BUDGET, "{} bytes", pager.cache_bytes());
    });
}
