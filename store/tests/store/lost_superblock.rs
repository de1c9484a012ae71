//! A superblock whose writing was confirmed and yet lost: the next opening stands on the one before, and what was committed since the
//! lost one stays whole, although it may stand where the older one's pages were.

use crate::support;

use std::sync::Arc;
use store::{Store, StoreOptions};
use support::faulty::{Fault, FaultyEnv};
use support::random::Random;
use support::{begin, check, key, memory, open_with, options};

/// A commit of many rows, which is named in the log by its pages.
fn rewrite(store: &Store, tree: store::TreeId, random: &mut Random) {
    let mut transaction = begin(store);
    for _ in 0..60 {
        let value = vec![random.number(250) as u8; 100];
        transaction.put(tree, &key(random.number(200)), &value).expect("puts");
    }
    transaction.commit().expect("commits");
}

#[test]
fn commits_after_a_lost_superblock_keep_their_pages() {
    for seed in 0..30 {
        let mut random = Random::new(seed);
        let small = StoreOptions { large_commit_bytes: 600, background: false, ..options() };
        let env = FaultyEnv::new(memory());
        let store = open_with(&env, small.clone());
        let tree = support::tree_with(&store, 0..200);
        for lost in [false, false, true] {
            (0..=random.number(3)).for_each(|_| rewrite(&store, tree, &mut random));
            if lost {
                env.at(&pager::labels::CHECKPOINT_SUPERBLOCK_WRITE, 0, 1, Fault::Nothing);
            }
            store.checkpoint().expect("confirmed");
        }
        (0..=random.number(3)).for_each(|_| rewrite(&store, tree, &mut random));
        let expected = support::contents(&store, tree);
        drop(store);
        let store = open_with(&Arc::clone(&env), small.clone());
        assert!(support::contents(&store, tree) == expected, "seed {seed}");
        for _ in 0..4 {
            rewrite(&store, tree, &mut random);
            store.checkpoint().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        check(&store);
    }
}
