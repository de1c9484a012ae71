//! Keys of a unique index, locked one by one by a bulk load: they stay locked in bounded memory, whatever their number.

use env::memory::MemoryEnv;
use std::path::Path;
use std::sync::Arc;
use store::locks::{RowMode, WaitPolicy};
use store::{Begin, RowLock, Store, StoreError, StoreOptions, StoreResult, Transaction, TreeId};

fn open() -> Store {
    let options = StoreOptions {
        page_size: 512,
        cache_bytes: 64 << 10,
        lock_bytes: 16 << 10,
        background: false,
        ..StoreOptions::default()
    };
    Store::open(Arc::new(MemoryEnv::new()), Path::new("app.db"), options).expect("opens")
}

fn key(number: u32) -> Vec<u8> {
    format!("name {:08x}", number.wrapping_mul(0x9e37_79b9)).into_bytes()
}

/// An insertion into a unique index: lock the key, look, write.
fn insert(transaction: &mut Transaction, index: TreeId, number: u32) -> StoreResult<bool> {
    let lock = transaction.lock_row(index, &key(number), RowMode::Update, WaitPolicy::NoWait)?;
    assert_ne!(lock, RowLock::Skipped);
    if transaction.contains(index, &key(number))? {
        return Ok(false);
    }
    transaction.put(index, &key(number), b"row")?;
    Ok(true)
}

#[test]
fn unique_keys_of_a_bulk_load_stay_locked_in_bounded_memory() {
    let store = open();
    let mut transaction = store.begin(Begin::default()).expect("begins");
    let index = transaction.create_tree(false).expect("creates");
    for number in 0..200 {
        transaction.put(index, &key(number), b"old").expect("puts");
    }
    transaction.commit().expect("commits");

    let mut load = store.begin(Begin::default()).expect("begins");
    for number in 0..100 {
        load.lock_row(index, &key(number), RowMode::Update, WaitPolicy::NoWait).expect("locks");
        assert!(load.delete(index, &key(number)).expect("deletes"));
    }
    for number in 1000..4000 {
        assert!(insert(&mut load, index, number).expect("inserts"));
    }
    assert!(store.statistics().lock_bytes < 64 << 10, "{}", store.statistics().lock_bytes);

    let mut other = store.begin(Begin::default()).expect("begins");
    for number in (0..100).chain(1000..4000) {
        let refused = insert(&mut other, index, number);
        assert!(matches!(refused, Err(StoreError::Lock(_))), "key {number}: {refused:?}");
    }
    assert!(!insert(&mut other, index, 150).expect("nobody has that key"), "it is there already");
    assert!(insert(&mut other, index, 5000).expect("nobody has that key"));
    other.commit().expect("commits");
    load.commit().expect("commits");

    let mut last = store.begin(Begin::default()).expect("begins");
    assert!(insert(&mut last, index, 0).expect("the load has removed it"));
    assert!(!insert(&mut last, index, 1000).expect("the load has inserted it"));
    last.rollback();
    assert!(store.statistics().lock_bytes < 100, "all locks are gone");
}
