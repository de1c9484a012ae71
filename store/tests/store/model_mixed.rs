//! Several transactions of all levels side by side, on several trees and databases, with savepoints, statements,
//! checkpoints, branchings and reopenings, against plain maps.
//!
//! One thread drives everything, so nothing may wait: a lock that somebody else holds is an error, and the call has no
//! effect. What a transaction sees is the commit that it says it stands on, with its own operations on top.

use crate::support;

use env::Env;
use env::memory::MemoryEnv;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use store::locks::{RowMode, WaitPolicy};
use store::{
    Begin, Bounds, CommitError, DatabaseId, Isolation, MAIN_DATABASE, RowLock, Savepoint, Store, StoreError,
    StoreOptions, Transaction, TreeId,
};
use support::random::Random;

/// How many runs, and how long each is.
const SEEDS: u64 = 40;
const STEPS: usize = 400;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;
/// Trees of a database, and whether each keeps its rows' writers.
type Trees = BTreeMap<TreeId, (bool, Rows)>;
type Databases = BTreeMap<DatabaseId, Trees>;

#[derive(Clone)]
enum Step {
    Put(TreeId, Vec<u8>, Vec<u8>),
    Delete(TreeId, Vec<u8>),
    DeleteRange(TreeId, Vec<u8>, Vec<u8>),
    Create(TreeId, bool),
    Drop(TreeId),
}

struct Open {
    transaction: Transaction,
    database: DatabaseId,
    steps: Vec<Step>,
    savepoints: Vec<(Savepoint, usize)>,
    statement: Option<usize>,
    bytes: usize,
}

struct Run {
    env: Arc<MemoryEnv>,
    options: StoreOptions,
    store: Option<Store>,
    random: Random,
    history: BTreeMap<u64, Databases>,
    open: Vec<Open>,
    vacuumed: u64,
}

fn carry_out(trees: &mut Trees, step: &Step) {
    match step {
        Step::Put(tree, key, value) => {
            if let Some((_, rows)) = trees.get_mut(tree) {
                rows.insert(key.clone(), value.clone());
            }
        }
        Step::Delete(tree, key) => {
            if let Some((_, rows)) = trees.get_mut(tree) {
                rows.remove(key);
            }
        }
        Step::DeleteRange(tree, from, to) => {
            if let Some((_, rows)) = trees.get_mut(tree) {
                rows.retain(|key, _| key < from || key >= to);
            }
        }
        Step::Create(tree, versioned) => {
            trees.insert(*tree, (*versioned, Rows::new()));
        }
        Step::Drop(tree) => {
            trees.remove(tree);
        }
    }
}

fn scan(transaction: &mut Transaction, tree: TreeId) -> Result<Rows, StoreError> {
    let mut scan = transaction.scan(tree, Bounds::all())?;
    let mut rows = Rows::new();
    while scan.next()? {
        rows.insert(scan.key().to_vec(), scan.value()?);
    }
    Ok(rows)
}

/// Deletes a row, now and then by taking it, as a statement does that has locked it and was not moved on by that.
fn delete_row(open: &mut Open, tree: TreeId, key: &[u8]) -> Result<(), StoreError> {
    let transaction = &mut open.transaction;
    if key[3].is_multiple_of(2) {
        return transaction.delete(tree, key).map(drop);
    }
    transaction.lock_row(tree, key, RowMode::Update, WaitPolicy::NoWait)?;
    let there = transaction.get(tree, key)?;
    let mut taken = b"before".to_vec();
    if transaction.take_row(tree, key, &mut taken)? {
        assert_eq!(taken.strip_prefix(b"before"), there.as_deref(), "what was taken was there");
        return Ok(());
    }
    assert_eq!(taken, b"before");
    let removed = transaction.delete_row(tree, key, std::iter::empty())?;
    assert_eq!(removed, there.is_some());
    Ok(())
}

/// Row locks are never escalated with so much room for them.
const LOCK_BYTES: usize = 32 << 20;

impl Run {
    fn new(seed: u64) -> Run {
        let mut random = Random::new(seed);
        let options = StoreOptions {
            page_size: 512,
            cache_bytes: (16 + 16 * random.below(4) as usize) << 10,
            log_segment_bytes: 64 << 10,
            checkpoint_log_bytes: [8, 64, 4096][random.below(3) as usize] << 10,
            large_commit_bytes: [600, 4 << 10, 64 << 10][random.below(3) as usize],
            // Often so few that what was written takes the place of what was listed as locked, again and again.
            lock_bytes: [200, 2 << 10, LOCK_BYTES, LOCK_BYTES][random.below(4) as usize],
            background: false,
            ..StoreOptions::default()
        };
        let env = Arc::new(MemoryEnv::new());
        let (history, open) = (BTreeMap::new(), Vec::new());
        let mut run = Run { env, options, store: None, random, history, open, vacuumed: 0 };
        run.reopen();
        let commit = run.store().visible_commit().0;
        run.history.insert(commit, BTreeMap::from([(MAIN_DATABASE, Trees::new())]));
        for versioned in [true, true, false] {
            run.begin(MAIN_DATABASE, Isolation::ReadCommitted);
            run.create_tree(0, versioned);
            run.commit(0);
        }
        run
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("open between calls")
    }

    fn reopen(&mut self) {
        let env = self.env.clone() as Arc<dyn Env>;
        self.store = Some(Store::open(env, Path::new("app.db"), self.options.clone()).expect("opens"));
    }

    fn newest(&self) -> &Databases {
        self.history.values().next_back().expect("never empty")
    }

    fn record(&mut self, commit: u64, state: Databases) {
        let last = *self.history.keys().next_back().expect("never empty");
        assert_eq!(commit, last + 1, "commits are numbered without gaps");
        self.history.insert(commit, state);
    }

    fn begin(&mut self, database: DatabaseId, isolation: Isolation) {
        let begin = Begin { isolation, database, wait: WaitPolicy::NoWait, ..Begin::default() };
        let transaction = self.store().begin(begin).expect("begins");
        let (steps, savepoints) = (Vec::new(), Vec::new());
        self.open.push(Open { transaction, database, steps, savepoints, statement: None, bytes: 0 });
    }

    fn view(&self, index: usize) -> Trees {
        let open = &self.open[index];
        let base = &self.history[&open.transaction.snapshot().0];
        // The database may have been dropped: the next call finds out.
        let mut trees = base.get(&open.database).cloned().unwrap_or_default();
        open.steps.iter().for_each(|step| carry_out(&mut trees, step));
        trees
    }

    fn check(&self) {
        let report = self.store().check(&mut |_, _| {}).expect("checks");
        let problems: String = report.problems.iter().map(|it| format!("{it}\n")).collect();
        assert!(report.is_sound(), "{problems}");
    }

    fn compare_all(&self) {
        let newest = self.newest();
        assert_eq!(self.store().databases(), newest.keys().copied().collect::<Vec<_>>());
        for (database, trees) in newest {
            let wait = WaitPolicy::NoWait;
            let begin = Begin { database: *database, read_only: true, wait, ..Begin::default() };
            let mut transaction = self.store().begin(begin).expect("begins");
            let found = self.store().trees(*database).expect("lists");
            assert_eq!(found, trees.keys().copied().collect::<Vec<_>>(), "trees of {database}");
            for (tree, (_, rows)) in trees {
                match transaction.scan(*tree, Bounds::all()) {
                    Ok(_) => {}
                    // Somebody is about to drop it, or to drop a range.
                    Err(StoreError::Lock(_)) => continue,
                    Err(error) => panic!("{error}"),
                }
                let found = scan(&mut transaction, *tree).expect("scans");
                assert_eq!(&found, rows, "tree {tree} of database {database}");
                assert_eq!(transaction.count(*tree).expect("counts"), rows.len() as u64);
            }
        }
    }

    fn compare_view(&mut self, index: usize) {
        let view = self.view(index);
        for (tree, (_, rows)) in view {
            match scan(&mut self.open[index].transaction, tree) {
                Ok(found) => assert_eq!(found, rows, "tree {tree} as a transaction sees it"),
                Err(error) => return self.after_error(index, &error),
            }
            if let Err(error) = self.look_up(index, tree, &rows) {
                return self.after_error(index, &error);
            }
        }
    }

    /// Some rows by their keys, and a few of a range: pages that the transaction has looked at are at hand then.
    fn look_up(&mut self, index: usize, tree: TreeId, rows: &Rows) -> Result<(), StoreError> {
        for _ in 0..self.random.below(60) {
            let key = self.key();
            let transaction = &mut self.open[index].transaction;
            assert_eq!(transaction.get(tree, &key)?.as_ref(), rows.get(&key), "{key:?}");
            let mut found = Vec::new();
            let bounds = Bounds { from: key.clone(), to: None };
            transaction.each_within(tree, &bounds, |key, value| {
                found.push(([key.prefix, key.suffix].concat(), value.to_vec()));
                if found.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let expected = rows.range(key.clone()..).take(3);
            assert!(expected.eq(found.iter().map(|(key, value)| (key, value))), "{key:?}: {found:?}");
        }
        Ok(())
    }

    /// A call failed, without an effect: whether the transaction goes on.
    fn after_error(&mut self, index: usize, error: &StoreError) {
        match error {
            StoreError::Lock(_) => {}
            StoreError::Conflict { .. } if self.random.below(2) == 0 => {}
            StoreError::Conflict { .. }
            | StoreError::Serialization(_)
            | StoreError::NoSuchDatabase { .. }
            | StoreError::NoSuchTree { .. } => self.open.swap_remove(index).transaction.rollback(),
            error => panic!("{error} ({error:?})"),
        }
    }

    fn key(&mut self) -> Vec<u8> {
        format!("{:04}", self.random.below(400)).into_bytes()
    }

    fn value(&mut self) -> Vec<u8> {
        let length = if self.random.below(20) == 0 { 1500 } else { self.random.below(60) };
        (0..length).map(|_| self.random.below(256) as u8).collect()
    }

    fn some_tree(&mut self, index: usize) -> Option<(TreeId, bool)> {
        let view = self.view(index);
        let nth = self.random.below(view.len().max(1) as u64) as usize;
        view.iter().nth(nth).map(|(tree, (versioned, _))| (*tree, *versioned))
    }

    fn create_tree(&mut self, index: usize, versioned: bool) {
        let open = &mut self.open[index];
        open.bytes += 600;
        let tree = open.transaction.create_tree(versioned).expect("creates");
        open.steps.push(Step::Create(tree, versioned));
    }

    fn write(&mut self, index: usize) {
        let Some((tree, versioned)) = self.some_tree(index) else { return };
        let many = if self.random.below(6) == 0 { 100 } else { 4 };
        for _ in 0..=self.random.below(many) {
            let (key, value) = (self.key(), self.value());
            let delete = self.random.below(3) == 0;
            let open = &mut self.open[index];
            if !versioned {
                match open.transaction.lock_row(tree, &key, RowMode::Update, WaitPolicy::NoWait) {
                    Ok(RowLock::Held | RowLock::HeldChanged) => {}
                    Ok(RowLock::Skipped) => panic!("nothing is skipped"),
                    Err(error) => return self.after_error(index, &error),
                }
            }
            open.bytes += key.len() + value.len() + 60;
            let result = if delete {
                delete_row(open, tree, &key).map(|()| Step::Delete(tree, key))
            } else {
                open.transaction.put(tree, &key, &value).map(|()| Step::Put(tree, key, value))
            };
            match result {
                Ok(step) => self.open[index].steps.push(step),
                Err(error) => return self.after_error(index, &error),
            }
        }
    }

    fn delete_range(&mut self, index: usize) {
        let Some((tree, _)) = self.some_tree(index) else { return };
        let (one, two) = (self.key(), self.key());
        let (from, to) = if one < two { (one, two) } else { (two, one) };
        self.open[index].bytes += 600;
        match self.open[index].transaction.delete_range(tree, &from, Some(&to)) {
            Ok(count) => {
                let before = self.view(index)[&tree].1.len();
                self.open[index].steps.push(Step::DeleteRange(tree, from, to));
                assert_eq!(count, (before - self.view(index)[&tree].1.len()) as u64);
            }
            Err(error) => self.after_error(index, &error),
        }
    }

    fn change_trees(&mut self, index: usize) {
        if self.random.below(2) == 0 || self.view(index).len() < 3 {
            let versioned = self.random.below(3) > 0;
            return self.create_tree(index, versioned);
        }
        let Some((tree, _)) = self.some_tree(index) else { return };
        self.open[index].bytes += 600;
        match self.open[index].transaction.drop_tree(tree) {
            Ok(()) => self.open[index].steps.push(Step::Drop(tree)),
            Err(error) => self.after_error(index, &error),
        }
    }

    fn undo(&mut self, index: usize) {
        let choice = self.random.below(6);
        let nth = self.random.next() as usize;
        let open = &mut self.open[index];
        let count = open.savepoints.len();
        match choice {
            0 | 1 if open.statement.is_none() => {
                let savepoint = open.transaction.savepoint().expect("sets a savepoint");
                open.savepoints.push((savepoint, open.steps.len()));
            }
            2 if count > 0 => {
                let (savepoint, steps) = open.savepoints[nth % count];
                open.transaction.rollback_to(savepoint).expect("goes back");
                open.steps.truncate(steps);
                open.savepoints.truncate(nth % count + 1);
                open.statement = None;
            }
            3 if count > 0 && open.statement.is_none() => {
                open.transaction.release(open.savepoints[nth % count].0).expect("releases");
                open.savepoints.truncate(nth % count);
            }
            4 if open.statement.is_none() => {
                open.transaction.begin_statement();
                open.statement = Some(open.steps.len());
            }
            _ => match open.statement.take() {
                Some(steps) if nth.is_multiple_of(2) => {
                    open.transaction.undo_statement().expect("undoes");
                    open.steps.truncate(steps);
                }
                Some(_) => open.transaction.end_statement(),
                None => {
                    if let Err(error) = open.transaction.refresh() {
                        self.after_error(index, &error);
                    }
                }
            },
        }
    }

    fn commit(&mut self, index: usize) {
        let open = self.open.swap_remove(index);
        match open.transaction.commit() {
            Ok(commit) => {
                let mut state = self.newest().clone();
                // Nothing to commit is no error, even in a database that was dropped meanwhile.
                let Some(mut after) = state.get(&open.database).cloned() else { return };
                open.steps.iter().for_each(|step| carry_out(&mut after, step));
                let last = *self.history.keys().next_back().expect("never empty");
                if commit.0 > last {
                    state.insert(open.database, after);
                    self.record(commit.0, state);
                } else {
                    assert_eq!(state[&open.database], after, "nothing was committed");
                }
            }
            Err(CommitError::Refused(
                StoreError::Serialization(_)
                | StoreError::NoSuchDatabase { .. }
                | StoreError::NoSuchTree { .. },
            )) => {}
            Err(error) => panic!("{error} ({error:?})"),
        }
    }

    /// Whether some open transaction may hold a database as a whole: then nobody can branch or drop it.
    fn is_held(&self, database: DatabaseId) -> bool {
        let limit = self.options.large_commit_bytes.min(500);
        let escalates = self.options.lock_bytes < LOCK_BYTES;
        let holds = |open: &Open| open.bytes > limit || (escalates && open.transaction.id().is_some());
        self.open.iter().any(|open| open.database == database && holds(open))
    }

    fn change_databases(&mut self) {
        let nth = self.random.below(self.newest().len() as u64) as usize;
        let database = *self.newest().keys().nth(nth).expect("there are so many");
        if self.is_held(database) {
            return;
        }
        let mut state = self.newest().clone();
        if self.random.below(5) < 3 && state.len() < 6 {
            let new = self.store().create_database_from(database).expect("branches");
            let copy = state[&database].clone();
            state.insert(new, copy);
        } else if database != MAIN_DATABASE {
            self.store().drop_database(database).expect("drops");
            state.remove(&database);
        } else {
            return;
        }
        self.record(self.store().visible_commit().0, state);
    }

    fn restart(&mut self, clean: bool) {
        self.open.clear();
        let store = self.store.take().expect("open between calls");
        if clean {
            store.close().expect("closes");
        } else {
            drop(store);
        }
        self.reopen();
        self.compare_all();
        self.check();
    }

    fn step(&mut self) {
        let choice = self.random.below(100);
        if self.open.is_empty() || (choice < 12 && self.open.len() < 4) {
            let nth = self.random.below(self.newest().len() as u64) as usize;
            let database = *self.newest().keys().nth(nth).expect("there are so many");
            let levels = [Isolation::ReadCommitted, Isolation::RepeatableRead, Isolation::Serializable];
            let level = levels[self.random.below(3) as usize];
            return self.begin(database, level);
        }
        let index = self.random.below(self.open.len() as u64) as usize;
        match choice {
            0..55 => self.write(index),
            55..58 => self.delete_range(index),
            58..60 => self.change_trees(index),
            60..75 => self.undo(index),
            75..80 => self.compare_view(index),
            80..90 => self.commit(index),
            90..92 => self.open.swap_remove(index).transaction.rollback(),
            92..94 => self.store().checkpoint().expect("writes a checkpoint"),
            94..97 => self.change_databases(),
            97..98 => self.compare_all(),
            98 => self.check(),
            _ if self.random.below(3) == 0 => {
                let clean = self.random.below(3) == 0;
                self.restart(clean);
            }
            _ => self.vacuum(),
        }
    }

    /// Each step of a vacuum is a commit that changes nothing.
    fn vacuum(&mut self) {
        let before = *self.history.keys().next_back().expect("never empty");
        let report = self.store().vacuum(&mut |_, _| ControlFlow::Continue(())).expect("vacuums");
        self.vacuumed += report.moved;
        let state = self.newest().clone();
        for commit in before + 1..=self.store().visible_commit().0 {
            self.record(commit, state.clone());
        }
        self.check();
    }

    /// With nothing open and nothing new, what memory holds to be in use is what the file says.
    fn finish(&mut self) {
        self.open.clear();
        for _ in 0..3 {
            // What was given up while nothing was committed counts for the next commit.
            self.begin(MAIN_DATABASE, Isolation::ReadCommitted);
            self.create_tree(0, true);
            self.commit(0);
            self.store().checkpoint().expect("writes a checkpoint");
        }
        self.check();
        self.compare_all();
        let used = |run: &Run| run.store().statistics().file_pages - run.store().statistics().free_pages;
        let before = used(self);
        self.restart(false);
        let after = used(self);
        assert!(before <= after + 16, "{before} pages in use, {after} after reopening: some were lost");
    }
}

/// Answers how many pages were moved.
fn run(seed: u64, steps: usize) -> u64 {
    struct Told(u64);
    impl Drop for Told {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("seed {}", self.0);
            }
        }
    }
    let _told = Told(seed);
    let mut run = Run::new(seed);
    for _ in 0..steps {
        run.step();
    }
    run.finish();
    run.vacuumed
}

#[test]
fn transactions_side_by_side_do_what_plain_maps_do() {
    let one = std::env::var("HORNBEAM_SEED").ok().and_then(|seed| seed.parse().ok());
    match one {
        Some(seed) => drop(run(seed, STEPS)),
        None => {
            let moved: u64 = (0..SEEDS).map(|seed| run(seed, STEPS)).sum();
            assert!(moved > 2_000, "{moved} pages were moved");
        }
    }
}
