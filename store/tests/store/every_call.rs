//! One call fails, whichever it is: the store says so, goes on or asks to be opened again, and loses nothing.
//!
//! The stories go through commits of all kinds, checkpoints, branchings, backups and recoveries. After a failure the same
//! step is taken again and must succeed, once the store has been opened anew if it had to stop writing. At the end the
//! power fails, and everything that was acknowledged is there.

use crate::support;
use crate::support::telling;

use env::Env;
use faults::FaultKind;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use store::{
    CommitError, DatabaseId, MAIN_DATABASE, SequenceId, Store, StoreError, StoreOptions, StoreResult,
    Transaction, TreeId,
};
use support::random::Random;
use support::{Rows, begin_in, check, contents_in, key};
use telling::{Mishap, Tale, tell};

env::labels! {
    COPY: "test.copy", Length, "a copy is not looked for";
    REMOVE: "test.remove", Directory, "a copy is left behind";
}

const PATH: &str = "/db/app.db";
const COPY_PATH: &str = "/db/copy.db";

fn options() -> StoreOptions {
    StoreOptions {
        cache_bytes: 16 << 10,
        log_segment_bytes: 16 << 10,
        checkpoint_log_bytes: 1 << 20,
        large_commit_bytes: 4 << 10,
        ..support::options()
    }
}

/// A store whose steps are taken until they succeed, and what must be in it.
#[derive(Default)]
struct Keeper {
    env: Option<Arc<dyn Env>>,
    mishap: Option<Mishap>,
    store: Option<Store>,
    tree: Option<TreeId>,
    databases: BTreeMap<DatabaseId, Rows>,
    ordinals: BTreeSet<u64>,
    failures: u32,
}

impl Keeper {
    fn env(&self) -> Arc<dyn Env> {
        self.env.clone().expect("the story has begun")
    }

    fn store(&self) -> Store {
        self.store.clone().expect("the store is open")
    }

    fn tree(&self) -> TreeId {
        self.tree.expect("the first commit made it")
    }

    fn rows(&mut self, database: DatabaseId) -> &mut Rows {
        self.databases.get_mut(&database).expect("the database is there")
    }

    fn count_failure(&mut self, error: &StoreError) {
        self.failures += 1;
        assert!(self.mishap.is_some(), "nothing fails in an undisturbed story: {error}");
        assert!(self.failures <= 3, "one call fails, and then nothing: {error}");
        assert!(!error.to_string().is_empty());
    }

    fn open(&mut self) {
        self.store = None;
        let opened = Store::open(self.env(), Path::new(PATH), options()).or_else(|error| {
            self.count_failure(&error);
            Store::open(self.env(), Path::new(PATH), options())
        });
        self.store = Some(opened.expect("opens when nothing fails any more"));
    }

    /// A step has failed: what is there is untouched, and if the store writes no longer it is opened anew.
    fn look_after(&mut self, error: &StoreError) {
        self.count_failure(error);
        self.compare();
        let stopped = self.store().check_writable().is_err();
        let fault = self.mishap.as_ref().map(|it| it.fault);
        if fault == Some(FaultKind::SyncFailed) {
            assert!(stopped, "nobody believes a device after a failed sync: {error}");
        }
        if error.is_out_of_space() && stopped {
            // The one place where a full device leaves in doubt what stands in the file.
            assert!(error.to_string().contains("superblock"), "a full device ends no writing: {error}");
        }
        if stopped {
            self.open();
            self.compare();
        }
        check(&self.store());
    }

    fn compare(&self) {
        let store = self.store();
        let Some(tree) = self.tree else { return };
        assert_eq!(store.databases(), self.databases.keys().copied().collect::<Vec<_>>());
        for (database, rows) in &self.databases {
            assert!(contents_in(&store, *database, tree) == *rows, "rows of database {database}");
        }
    }

    fn commit(
        &mut self,
        database: DatabaseId,
        change: impl Fn(&mut Transaction, TreeId, &mut Rows) -> StoreResult<()>,
    ) {
        for _ in 0..3 {
            let mut transaction = begin_in(&self.store(), database);
            let mut after = self.databases.get(&database).cloned().unwrap_or_default();
            let tree = match self.tree {
                Some(tree) => Ok(tree),
                None => transaction.create_tree(true),
            };
            let made = tree.and_then(|tree| change(&mut transaction, tree, &mut after).map(|()| tree));
            let tree = match made {
                Ok(tree) => tree,
                Err(error) => {
                    drop(transaction);
                    self.look_after(&error);
                    continue;
                }
            };
            match transaction.commit() {
                Ok(_) => {
                    self.tree = Some(tree);
                    self.databases.insert(database, after);
                    return;
                }
                Err(CommitError::Refused(error)) => self.look_after(&error),
                Err(CommitError::Unknown { cause, .. }) => {
                    self.count_failure(&cause);
                    self.compare();
                    assert!(self.store().check_writable().is_err(), "unknown, and still writing");
                    self.open();
                    // Which of the two it is, is decided now.
                    let there = self.store().trees(database).expect("lists").contains(&tree);
                    if there && contents_in(&self.store(), database, tree) == after {
                        self.tree = Some(tree);
                        self.databases.insert(database, after);
                        self.compare();
                        return;
                    }
                    self.compare();
                }
            }
        }
        panic!("a commit fails again and again");
    }

    /// Takes a step that changes no rows, until it succeeds.
    fn step<T>(&mut self, mut take: impl FnMut(&Store) -> StoreResult<T>) -> T {
        for _ in 0..3 {
            let store = self.store();
            match take(&store) {
                Ok(result) => return result,
                Err(error) => {
                    drop(store);
                    self.look_after(&error);
                }
            }
        }
        panic!("a step fails again and again");
    }

    fn checkpoint(&mut self) {
        self.step(Store::checkpoint);
    }

    fn ordinals(&mut self) {
        let first = self.step(|store| store.take_ordinals(MAIN_DATABASE, SequenceId(3), 40));
        for ordinal in first..first + 40 {
            assert!(self.ordinals.insert(ordinal), "{ordinal} was handed out twice");
        }
    }

    /// Branches the main database. Whether a branching that could not be made durable is there, opening anew tells.
    fn branch(&mut self) -> DatabaseId {
        for _ in 0..3 {
            let store = self.store();
            let before = store.databases();
            let made = store.create_database_from(MAIN_DATABASE);
            drop(store);
            let rows = self.rows(MAIN_DATABASE).clone();
            let error = match made {
                Ok(new) => {
                    self.databases.insert(new, rows);
                    return new;
                }
                Err(error) => error,
            };
            if self.store().check_writable().is_err() {
                self.count_failure(&error);
                self.compare();
                self.open();
                if let Some(new) = self.store().databases().into_iter().find(|it| !before.contains(it)) {
                    self.databases.insert(new, rows);
                    self.compare();
                    return new;
                }
                self.compare();
            } else {
                self.look_after(&error);
            }
        }
        panic!("a branching fails again and again");
    }

    fn drop_database(&mut self, database: DatabaseId) {
        for _ in 0..3 {
            let dropped = self.store().drop_database(database);
            let error = match dropped {
                Ok(()) => {
                    self.databases.remove(&database);
                    return;
                }
                Err(error) => error,
            };
            if self.store().check_writable().is_err() {
                self.count_failure(&error);
                self.compare();
                self.open();
                if !self.store().databases().contains(&database) {
                    self.databases.remove(&database);
                    self.compare();
                    return;
                }
                self.compare();
            } else {
                self.look_after(&error);
            }
        }
        panic!("dropping a database fails again and again");
    }

    /// Makes a backup until it succeeds; the copy is complete, or not there.
    fn backup(&mut self) {
        for _ in 0..3 {
            let result = self.store().backup(Path::new(COPY_PATH), &mut |_, _| {});
            self.store().check_writable().expect("a backup harms no source");
            self.compare();
            match &result {
                Ok(()) => {}
                Err(error) => self.count_failure(error),
            }
            let there = self.env().identity(&COPY, Path::new(COPY_PATH)).expect("looks").is_some();
            if there {
                self.compare_copy();
                let mut removed = self.env().remove(&REMOVE, Path::new(COPY_PATH));
                if removed.is_err() {
                    removed = self.env().remove(&REMOVE, Path::new(COPY_PATH));
                }
                removed.expect("removes");
            }
            match result {
                Ok(()) => {
                    assert!(there, "a backup that was reported as done");
                    return;
                }
                Err(error) => {
                    let named = matches!(
                        self.mishap.as_ref().map(|it| it.fault),
                        Some(FaultKind::DirectorySyncFailed)
                    );
                    assert!(!there || named, "an incomplete copy has the target's name: {error}");
                }
            }
        }
        panic!("a backup fails again and again");
    }

    fn compare_copy(&mut self) {
        let open = |env| Store::open(env, Path::new(COPY_PATH), StoreOptions { create: false, ..options() });
        let copy = open(self.env()).or_else(|error| {
            self.count_failure(&error);
            open(self.env())
        });
        let copy = copy.expect("the copy opens");
        check(&copy);
        assert_eq!(copy.databases(), self.databases.keys().copied().collect::<Vec<_>>());
        for (database, rows) in &self.databases {
            assert!(contents_in(&copy, *database, self.tree()) == *rows, "the copy's rows of {database}");
        }
        if let Err(error) = copy.close() {
            self.count_failure(&error);
        }
    }

    fn close(&mut self) {
        if let Some(store) = self.store.take()
            && let Err(error) = store.close()
        {
            self.count_failure(&error);
        }
        self.open();
        self.compare();
    }

    fn begin(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>) {
        self.env = Some(env);
        self.mishap = mishap.cloned();
        self.databases.insert(MAIN_DATABASE, Rows::new());
        self.open();
    }

    /// Nothing of what a failed step took is lost: memory and file agree on how many pages are in use.
    fn compare_space(&mut self) {
        for round in 0..3 {
            // What was given up while nothing was committed counts for the next commit.
            self.commit(MAIN_DATABASE, |transaction, tree, rows| {
                put(transaction, tree, rows, 900..901, round)
            });
            self.checkpoint();
        }
        let used = |store: &Store| store.statistics().file_pages - store.statistics().free_pages;
        let before = used(&self.store());
        self.open();
        let after = used(&self.store());
        assert!(before <= after + 8, "{before} pages in use, {after} after reopening: some were lost");
    }

    fn end(&mut self) {
        self.compare();
        self.compare_space();
        check(&self.store());
        self.store = None;
        self.env = None;
    }

    /// After the power failed.
    fn look_again(&mut self, env: Arc<dyn Env>) {
        self.env = Some(env);
        self.open();
        self.compare();
        check(&self.store());
        self.ordinals();
        self.commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 500..510, 20));
        self.checkpoint();
        self.checkpoint();
        self.compare();
        check(&self.store());
        self.close();
        self.store = None;
        self.env = None;
    }
}

/// Puts rows whose values cannot be compressed.
fn put(
    transaction: &mut Transaction,
    tree: TreeId,
    rows: &mut Rows,
    numbers: std::ops::Range<u32>,
    length: usize,
) -> StoreResult<()> {
    for number in numbers {
        let mut random = Random::new(u64::from(number) << 20 | length as u64);
        let value: Vec<u8> = (0..length).map(|_| random.number(256) as u8).collect();
        transaction.put(tree, &key(number), &value)?;
        rows.insert(key(number), value);
    }
    Ok(())
}

fn delete(
    transaction: &mut Transaction,
    tree: TreeId,
    rows: &mut Rows,
    numbers: impl Iterator<Item = u32>,
) -> StoreResult<()> {
    for number in numbers {
        transaction.delete(tree, &key(number))?;
        rows.remove(&key(number));
    }
    Ok(())
}

#[derive(Default)]
struct Checkpoints(Keeper);

impl Tale for Checkpoints {
    fn tell(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>) {
        let keeper = &mut self.0;
        keeper.begin(env, mishap);
        for round in 0..4u32 {
            keeper.commit(MAIN_DATABASE, |transaction, tree, rows| {
                put(transaction, tree, rows, round * 10..round * 10 + 30, 30)?;
                put(transaction, tree, rows, 100 + round..102 + round, 700)?;
                delete(transaction, tree, rows, (0..20).step_by(round as usize + 2))
            });
            keeper.ordinals();
            keeper.checkpoint();
        }
        keeper.close();
        keeper.commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 200..210, 10));
        keeper.end();
    }

    fn afterwards(&mut self, env: Arc<dyn Env>) {
        self.0.look_again(env);
    }
}

#[derive(Default)]
struct LargeCommits(Keeper);

impl Tale for LargeCommits {
    fn tell(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>) {
        let keeper = &mut self.0;
        keeper.begin(env, mishap);
        keeper.commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 0..20, 50));
        for round in 0..2u32 {
            keeper.commit(MAIN_DATABASE, |transaction, tree, rows| {
                put(transaction, tree, rows, round * 50..round * 50 + 150, 60)?;
                put(transaction, tree, rows, 300..302, 3_000)?;
                let (savepoint, before) = (transaction.savepoint()?, rows.clone());
                put(transaction, tree, rows, 400..450, 60)?;
                transaction.rollback_to(savepoint)?;
                *rows = before;
                delete(transaction, tree, rows, (0..100).step_by(3))
            });
            keeper.commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 0..5, 9));
        }
        // Recovery meets the roots of the large ones.
        keeper.open();
        keeper.compare();
        keeper.checkpoint();
        keeper.end();
    }

    fn afterwards(&mut self, env: Arc<dyn Env>) {
        self.0.look_again(env);
    }
}

#[derive(Default)]
struct Branches(Keeper);

impl Tale for Branches {
    fn tell(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>) {
        let keeper = &mut self.0;
        keeper.begin(env, mishap);
        keeper.commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 0..60, 40));
        let copy = keeper.branch();
        keeper.commit(copy, |transaction, tree, rows| put(transaction, tree, rows, 20..40, 300));
        keeper.commit(MAIN_DATABASE, |transaction, tree, rows| delete(transaction, tree, rows, 10..30));
        keeper.checkpoint();
        let other = keeper.branch();
        keeper.commit(other, |transaction, tree, rows| put(transaction, tree, rows, 70..150, 60));
        // Recovery meets a branching, and then a dropping.
        keeper.open();
        keeper.compare();
        keeper.drop_database(copy);
        keeper.checkpoint();
        keeper.drop_database(other);
        keeper.open();
        keeper.compare();
        keeper.checkpoint();
        keeper.end();
    }

    fn afterwards(&mut self, env: Arc<dyn Env>) {
        self.0.look_again(env);
    }
}

#[derive(Default)]
struct Trims(Keeper);

impl Tale for Trims {
    fn tell(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>) {
        let keeper = &mut self.0;
        keeper.begin(env, mishap);
        for round in 0..2 {
            keeper.commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 0..40, 20));
            keeper
                .commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 100..130, 900));
            keeper.checkpoint();
            keeper.commit(MAIN_DATABASE, |transaction, tree, rows| delete(transaction, tree, rows, 100..130));
            for length in 21..26 {
                // What is left is written anew, to low places.
                keeper.commit(MAIN_DATABASE, |transaction, tree, rows| {
                    put(transaction, tree, rows, 0..40, length)
                });
                keeper.checkpoint();
            }
            let given = keeper.step(Store::trim);
            assert!(given > 0 || keeper.failures > 0, "nothing was given back in round {round}");
            keeper.compare();
        }
        keeper.end();
    }

    fn afterwards(&mut self, env: Arc<dyn Env>) {
        self.0.look_again(env);
    }
}

#[derive(Default)]
struct Vacuums(Keeper);

impl Tale for Vacuums {
    fn tell(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>) {
        let keeper = &mut self.0;
        keeper.begin(env, mishap);
        for part in 0..4 {
            keeper.commit(MAIN_DATABASE, |transaction, tree, rows| {
                put(transaction, tree, rows, part * 40..part * 40 + 40, 60)?;
                put(transaction, tree, rows, 200 + part..201 + part, 900)
            });
            keeper.checkpoint();
        }
        let copy = keeper.branch();
        keeper.commit(copy, |transaction, tree, rows| delete(transaction, tree, rows, 10..90));
        keeper.commit(MAIN_DATABASE, |transaction, tree, rows| delete(transaction, tree, rows, 20..130));
        for _ in 0..2 {
            keeper.step(|store| store.vacuum(&mut |_, _| ControlFlow::Continue(())).map(drop));
            keeper.compare();
            keeper.commit(copy, |transaction, tree, rows| put(transaction, tree, rows, 300..330, 700));
        }
        keeper.end();
    }

    fn afterwards(&mut self, env: Arc<dyn Env>) {
        self.0.look_again(env);
    }
}

#[derive(Default)]
struct Backups(Keeper);

impl Tale for Backups {
    fn tell(&mut self, env: Arc<dyn Env>, mishap: Option<&Mishap>) {
        let keeper = &mut self.0;
        keeper.begin(env, mishap);
        keeper.commit(MAIN_DATABASE, |transaction, tree, rows| {
            put(transaction, tree, rows, 0..150, 40)?;
            put(transaction, tree, rows, 200..203, 1_500)
        });
        let copy = keeper.branch();
        keeper.commit(copy, |transaction, tree, rows| delete(transaction, tree, rows, 0..50));
        keeper.ordinals();
        keeper.backup();
        keeper.commit(MAIN_DATABASE, |transaction, tree, rows| put(transaction, tree, rows, 300..305, 9));
        keeper.end();
    }

    fn afterwards(&mut self, env: Arc<dyn Env>) {
        self.0.look_again(env);
    }
}

/// Whether a mishap was met at a call whose label begins like this.
#[track_caller]
fn assert_met(met: &BTreeMap<String, u32>, beginnings: &[&str]) {
    for beginning in beginnings {
        assert!(
            met.keys().any(|label| label.starts_with(beginning)),
            "nothing failed at {beginning}: {met:?}"
        );
    }
}

#[test]
fn whatever_fails_in_checkpoints_is_reported_and_survived() {
    let met = tell::<Checkpoints>();
    assert_met(
        &met,
        &["checkpoint.pages.sync", "checkpoint.superblock", "checkpoint.bitmap", "pager.pages.write", "wal."],
    );
}

#[test]
fn whatever_fails_in_large_commits_is_reported_and_survived() {
    let met = tell::<LargeCommits>();
    assert_met(&met, &["store.large.pages.sync", "pager.page.write", "pager.grow", "wal."]);
}

#[test]
fn whatever_fails_in_branchings_is_reported_and_survived() {
    let met = tell::<Branches>();
    assert_met(&met, &["pager.pages.write", "checkpoint.", "wal."]);
}

#[test]
fn whatever_fails_in_trimmings_is_reported_and_survived() {
    let met = tell::<Trims>();
    assert_met(&met, &["pager.trim", "checkpoint.bitmap", "checkpoint.superblock"]);
}

#[test]
fn whatever_fails_in_vacuums_is_reported_and_survived() {
    let met = tell::<Vacuums>();
    assert_met(&met, &["pager.move", "pager.pages.write", "checkpoint.superblock", "wal."]);
}

#[test]
fn whatever_fails_in_backups_is_reported_and_harms_no_source() {
    let met = tell::<Backups>();
    assert_met(&met, &["store.backup.rename", "store.backup.directory.sync", "pager.create", "checkpoint."]);
}
