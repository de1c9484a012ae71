//! What is kept beside leaves: whose it is, and when it goes.

use crate::support;

use std::sync::Arc;
use store::{Bounds, Neighbours, StoreOptions, TreeId, View};
use support::{begin, key, memory, open_with, options, tree_with};

/// All leaves of a tree of a view, as they are handed over together.
fn together(view: &View, tree: TreeId) -> Vec<Neighbours> {
    let mut scan = view.tree(tree).expect("is there").scan_leaves(Bounds::all()).expect("scans");
    std::iter::from_fn(|| scan.next().expect("reads")).collect()
}

/// Each by itself.
fn leaves(view: &View, tree: TreeId) -> Vec<Neighbours> {
    let alone = |leaves: Neighbours| (0..leaves.len()).filter_map(move |place| leaves.alone(place));
    together(view, tree).into_iter().flat_map(alone).collect()
}

/// What is kept beside each leaf: the first key that it had.
fn kept(view: &View, tree: TreeId) -> Vec<Option<u64>> {
    leaves(view, tree).iter().map(|leaf| leaf.kept::<u64>().map(|kept| *kept)).collect()
}

fn keep(view: &View, tree: TreeId) {
    for (number, leaf) in leaves(view, tree).iter().enumerate() {
        assert_eq!((leaf.len(), leaf.rows()), (1, 0..leaf.all_rows()));
        leaf.keep(Arc::new(number as u64), 8);
    }
}

#[test]
fn a_leaf_that_was_written_keeps_and_one_that_changes_begins_anew() {
    let env = memory();
    let store = open_with(&env, StoreOptions { cache_bytes: 1 << 20, ..options() });
    let tree = tree_with(&store, 0..500);
    let mut transaction = begin(&store);
    let view = transaction.view().expect("views");
    keep(&view, tree);
    assert!(kept(&view, tree).iter().all(Option::is_none), "nothing is written yet");
    store.checkpoint().expect("checkpoints");
    let view = begin(&store).view().expect("views");
    assert!(kept(&view, tree).len() > 3);
    keep(&view, tree);
    let all: Vec<_> = (0..kept(&view, tree).len() as u64).map(Some).collect();
    assert_eq!(kept(&view, tree), all);
    assert!(leaves(&view, tree)[0].kept::<String>().is_none(), "it is asked for what it is not");
    transaction.put(tree, &key(0), b"other").expect("puts");
    let mut changed = all.clone();
    changed[0] = None;
    let own = transaction.view().expect("views");
    assert_eq!(kept(&own, tree), changed, "the owner's first leaf is another");
    keep(&own, tree);
    assert_eq!(kept(&own, tree), changed, "it may change still");
    assert_eq!(kept(&view, tree), all, "the others' is as it was");
    transaction.commit().expect("commits");
    store.checkpoint().expect("checkpoints");
    let view = begin(&store).view().expect("views");
    assert_eq!(kept(&view, tree), changed);
}

#[test]
fn a_small_cache_keeps_what_it_has_room_for() {
    const CACHE: usize = 64 << 10;
    const COMPANION: usize = 4 << 10;
    let env = memory();
    let options = StoreOptions { cache_bytes: CACHE, ..StoreOptions::default() };
    let store = open_with(&env, options);
    let tree = tree_with(&store, 0..20_000);
    store.checkpoint().expect("checkpoints");
    let view = begin(&store).view().expect("views");
    // An eighth of the cache is theirs though pages have to go, two of this size; and what is free where no page more fits.
    let page = StoreOptions::default().page_size;
    let room = (CACHE / 8 + page) / COMPANION;
    for _ in 0..3 {
        let mut found = 0;
        for leaf in leaves(&view, tree) {
            leaf.keep(Arc::new(7u64), COMPANION);
            found += usize::from(leaf.kept::<u64>().is_some());
        }
        assert!(found > 0, "some are kept when they are given");
        assert!(kept(&view, tree).iter().flatten().count() <= room);
    }
}

#[test]
fn neighbours_are_told_from_others_that_begin_with_the_same_leaf() {
    let env = memory();
    let store = open_with(&env, StoreOptions { cache_bytes: 1 << 20, ..options() });
    let tree = tree_with(&store, 0..500);
    let mut transaction = begin(&store);
    let unwritten = together(&transaction.view().expect("views"), tree);
    assert!(unwritten.iter().any(|leaves| !leaves.are_written() && leaves.places().is_none()));
    store.checkpoint().expect("checkpoints");
    let before = together(&begin(&store).view().expect("views"), tree);
    let places: Vec<_> = before.iter().map(|leaves| leaves.places().expect("are written")).collect();
    assert!(before.iter().zip(&places).all(|(leaves, places)| leaves.lie_at(places)));
    assert!(before[0].len() > 1 && !before[0].alone(0).expect("has rows").lie_at(&places[0]));
    // The last row of the first neighbours changes: the first of their leaves does not.
    let last = before[0].rows().end as u32 - 1;
    transaction.put(tree, &key(last), b"another value").expect("puts");
    transaction.commit().expect("commits");
    store.checkpoint().expect("checkpoints");
    let after = together(&begin(&store).view().expect("views"), tree);
    let same = |(leaves, places)| Neighbours::lie_at(leaves, places);
    let told: Vec<bool> = after.iter().zip(&places).map(same).collect();
    assert!(!told[0] && told[1..].iter().all(|same| *same), "{told:?}");
    let first = |leaves: &[Neighbours]| leaves[0].alone(0).expect("has rows").places();
    assert_eq!(first(&before), first(&after), "the first leaf is where it was");
}
