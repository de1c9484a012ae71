//! Pages that are counted for who watches: those of his task, of the file and of his temporary trees, and nobody else's.

use crate::support;

use env::Env;
use store::{PageCounts, StoreOptions};
use support::{begin, key, memory, open_with, options, tree_with};

env::labels! {
    READER: "test.watched.reader", Task, "nobody reads beside the watch";
}

#[test]
fn a_watch_counts_what_its_own_task_touches() {
    let env = memory();
    let store = open_with(&env, StoreOptions { cache_bytes: 1 << 20, ..options() });
    let tree = tree_with(&store, 0..500);
    let session = store.session();
    let watch = session.watch_pages();
    assert_eq!(watch.counts(), Default::default());
    begin(&store).get(tree, &key(7)).expect("reads").expect("is there");
    let (one, local) = watch.counts();
    assert!(one.found > 1 && one.read == 0 && one.made == 0, "{one:?}: a path through pages in memory");
    assert_eq!(local, PageCounts::default());
    let mut other = begin(&store);
    let reads = move || drop(other.get(tree, &key(8)).expect("reads").expect("is there"));
    let reader = env.spawn(&READER, "reader", Box::new(reads)).expect("starts");
    reader.join().expect("ends");
    assert_eq!(watch.counts().0, one, "what another task reads is its own");
    let mut transaction = begin(&store);
    transaction.put(tree, &key(7), b"other").expect("puts");
    let two = watch.counts().0;
    assert!(two.made > one.made && two.found > one.found, "{two:?}: the pages of the path are made anew");
    transaction.commit().expect("commits");
    drop(watch);
    assert_eq!(session.watch_pages().counts(), Default::default(), "the next begins anew");
}

#[test]
fn pages_that_come_from_the_file_are_read() {
    let env = memory();
    let made = open_with(&env, options());
    let tree = tree_with(&made, 0..500);
    made.close().expect("closes");
    let store = open_with(&env, options());
    let session = store.session();
    let mut transaction = begin(&store);
    let watch = session.watch_pages();
    transaction.get(tree, &key(7)).expect("reads").expect("is there");
    let cold = watch.counts().0;
    assert!(cold.read > 0, "{cold:?}");
    transaction.get(tree, &key(7)).expect("reads").expect("is there");
    let warm = watch.counts().0;
    assert!(warm.read == cold.read && warm.found > cold.found, "{warm:?}: they are in memory now");
}

#[test]
fn temporary_pages_are_counted_apart() {
    let store = open_with(&memory(), options());
    let session = store.session();
    let mut transaction = session.begin(store::Begin::default()).expect("begins");
    let tree = transaction.create_temporary_tree(true).expect("makes");
    let watch = session.watch_pages();
    transaction.put(tree, b"a", b"one").expect("puts");
    let (shared, local) = watch.counts();
    assert_eq!(shared.made, 0);
    assert!(local.made > 0, "{local:?}");
}
