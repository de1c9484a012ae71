//! A process that commits to a real file until it is killed, and the look at what it left.
//!
//! The simulator decides what a power loss leaves; killing a real process shows that the real environment, the real
//! advisory lock and the real page cache behave as the simulator says they do. Each commit writes one row and moves a
//! counter in another, so that half a commit shows.

use env::Env;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use store::{Begin, Bounds, Store, StoreError, StoreOptions, TreeId};

/// The key of the counter; rows have keys of eight bytes.
const COUNTER: &[u8] = b"counter";

fn options() -> StoreOptions {
    // Small, so that checkpoints, recycled segments and evictions come within a second of commits.
    StoreOptions {
        page_size: 1024,
        cache_bytes: 64 << 10,
        log_segment_bytes: 32 << 10,
        checkpoint_log_bytes: 48 << 10,
        ..StoreOptions::default()
    }
}

fn value(number: u64) -> Vec<u8> {
    crate::model::value::value(crate::model::Tag::from_number(number), 40 + (number % 90) as usize).to_vec()
}

/// Commits until it is killed: after each acknowledgement the commit's number goes out as a line.
///
/// # Errors
/// When the store refuses, or nobody reads any more.
pub fn commit_until_killed(env: &Arc<dyn Env>, file: &Path, first: u64) -> Result<bool, StoreError> {
    let store = Store::open(env.clone(), file, options())?;
    let tree = match store.trees(store::MAIN_DATABASE)?.first() {
        Some(tree) => *tree,
        None => {
            let mut transaction = store.begin(Begin::default())?;
            let tree = transaction.create_tree(true)?;
            commit(transaction)?;
            tree
        }
    };
    let mut output = std::io::stdout().lock();
    for number in first.. {
        let mut transaction = store.begin(Begin::default())?;
        transaction.put(tree, &number.to_be_bytes(), &value(number))?;
        transaction.put(tree, COUNTER, &number.to_be_bytes())?;
        if number % 5 == 4 {
            transaction.delete(tree, &(number - 3).to_be_bytes())?;
        }
        commit(transaction)?;
        if writeln!(output, "{number}").and_then(|()| output.flush()).is_err() {
            break;
        }
    }
    Ok(true)
}

fn commit(transaction: store::Transaction) -> Result<(), StoreError> {
    match transaction.commit() {
        Ok(_) => Ok(()),
        Err(store::CommitError::Refused(error) | store::CommitError::Unknown { cause: error, .. }) => {
            Err(error)
        }
    }
}

/// What a killed victim left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// The newest commit that is there.
    pub newest: u64,
    /// What is wrong.
    pub problems: Vec<String>,
}

/// Opens what a victim left and verifies it whole: each row of each commit up to the counter, and nothing else.
///
/// # Errors
/// When it does not open or cannot be read.
pub fn examine(env: &Arc<dyn Env>, file: &Path) -> Result<Remains, StoreError> {
    let store = Store::open(env.clone(), file, options())?;
    let mut problems: Vec<String> =
        store.check(&mut |_, _| {})?.problems.iter().map(ToString::to_string).collect();
    let newest = match store.trees(store::MAIN_DATABASE)?.first() {
        Some(tree) => examine_rows(&store, *tree, &mut problems)?,
        None => 0,
    };
    store.close()?;
    Ok(Remains { newest, problems })
}

fn examine_rows(store: &Store, tree: TreeId, problems: &mut Vec<String>) -> Result<u64, StoreError> {
    let mut transaction = store.begin(Begin::default())?;
    let counter = transaction.get(tree, COUNTER)?.and_then(|bytes| bytes.try_into().ok());
    let newest = counter.map_or(0, u64::from_be_bytes);
    let deleted = |number: u64| number % 5 == 1 && number + 3 <= newest;
    let mut expected = (1..=newest).filter(|number| !deleted(*number));
    let mut scan = transaction.scan(tree, Bounds::all())?;
    while scan.next()? {
        let Ok(key) = <[u8; 8]>::try_from(scan.key()) else { continue };
        let number = u64::from_be_bytes(key);
        if expected.next() != Some(number) {
            problems.push(format!("row {number} is there, another was expected; the counter says {newest}"));
            break;
        }
        if scan.value()? != value(number) {
            problems.push(format!("row {number} holds what nobody wrote"));
        }
    }
    if let Some(number) = expected.next()
        && problems.is_empty()
    {
        problems.push(format!("row {number} is missing; the counter says {newest}"));
    }
    Ok(newest)
}
