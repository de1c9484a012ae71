//! The isolation that the store really gives: list-append clients in simulated worlds, judged by the checker of histories,
//! at each level alone and with all levels beside one another.
//!
//! Clients read and append to a handful of lists through a real store, on several tasks, over several lives of it. What
//! they saw is one history: dependencies run across crashes, and an unknown commit is settled by whoever sees it.

use env::sync::Mutex;
use env::{Env, TaskHandle};
use faults::{Decisions, Profile};
use sim::{Run, WorldConfig};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::locks::{RowMode, WaitPolicy};
use store::{Begin, Bounds, CommitError, Isolation, Store, StoreOptions, StoreResult, Transaction, TreeId};
use torture::history::{Anomaly, AnomalyKind, History, Level, Operation, Outcome};

env::labels! {
    CLIENT: "test.client", Task, "no client";
    SEEN: "test.seen", Lock, "two clients write down what they saw at once";
}

const LISTS: u64 = 5;
const CLIENTS: u64 = 4;
const TRANSACTIONS: u64 = 8;

/// What clients have seen so far; `now` counts moments.
#[derive(Default)]
struct Seen {
    now: u64,
    element: u64,
    history: History,
}

impl Seen {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }
}

type Shared = Arc<Mutex<Seen>>;

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn options() -> StoreOptions {
    StoreOptions {
        page_size: 512,
        cache_bytes: 32 << 10,
        log_segment_bytes: 16 << 10,
        checkpoint_log_bytes: 8 << 10,
        large_commit_bytes: 4 << 10,
        background: true,
        ..StoreOptions::default()
    }
}

fn isolation(level: Level) -> Isolation {
    match level {
        Level::ReadCommitted => Isolation::ReadCommitted,
        Level::RepeatableRead => Isolation::RepeatableRead,
        Level::Serializable => Isolation::Serializable,
    }
}

fn decode(value: Option<Vec<u8>>) -> Vec<u64> {
    let value = value.unwrap_or_default();
    value.chunks_exact(8).filter_map(|chunk| chunk.try_into().ok().map(u64::from_be_bytes)).collect()
}

fn encode(list: &[u64]) -> Vec<u8> {
    list.iter().flat_map(|element| element.to_be_bytes()).collect()
}

/// What kind of worlds, and who asks for what in them.
#[derive(Clone, Copy)]
struct Setting {
    profile: Profile,
    levels: &'static [Level],
}

impl Setting {
    /// Power losses alone never make a call fail.
    fn is_calm(self) -> bool {
        self.profile == Profile::Power
    }
}

struct Client {
    store: Arc<Store>,
    seen: Shared,
    setting: Setting,
    level: Level,
    tree: TreeId,
    numbers: Numbers,
}

impl Client {
    fn note(&self, transaction: usize, operation: Operation) {
        self.seen.lock().history.transactions[transaction].operations.push(operation);
    }

    /// Reads a list and writes down what it held.
    fn read(
        &self,
        transaction: &mut Transaction,
        number: usize,
        key: u64,
        began: u64,
    ) -> StoreResult<Vec<u64>> {
        let list = decode(transaction.get(self.tree, &key.to_be_bytes())?);
        self.note(number, Operation::Read { key, began, list: list.clone() });
        Ok(list)
    }

    /// Reads a range of lists in one go: those that nobody has made yet count as read, too.
    fn scan(&mut self, transaction: &mut Transaction, number: usize, began: u64) -> StoreResult<()> {
        let from = self.numbers.below(LISTS);
        let bounds = Bounds { from: from.to_be_bytes().to_vec(), to: None };
        let mut lists: BTreeMap<u64, Vec<u64>> = (from..LISTS).map(|key| (key, Vec::new())).collect();
        let mut scan = transaction.scan(self.tree, bounds)?;
        while scan.next()? {
            let key = <[u8; 8]>::try_from(scan.key()).map(u64::from_be_bytes);
            lists.insert(key.expect("every key is a number"), decode(Some(scan.value()?)));
        }
        for (key, list) in lists {
            self.note(number, Operation::Read { key, began, list });
        }
        Ok(())
    }

    /// Reads a list and appends to it; only what was not rolled back is written down.
    fn append(
        &mut self,
        transaction: &mut Transaction,
        number: usize,
        key: u64,
        began: u64,
    ) -> StoreResult<()> {
        if self.level == Level::ReadCommitted {
            // UPDATE at this level: the row as it is once it is locked.
            transaction.lock_row(self.tree, &key.to_be_bytes(), RowMode::Update, WaitPolicy::FOREVER)?;
        }
        let mut list = self.read(transaction, number, key, began)?;
        let element = {
            let mut seen = self.seen.lock();
            seen.element += 1;
            seen.element
        };
        list.push(element);
        if self.numbers.below(4) > 0 {
            transaction.put(self.tree, &key.to_be_bytes(), &encode(&list))?;
            self.note(number, Operation::Append { key, element });
            return Ok(());
        }
        let savepoint = transaction.savepoint()?;
        transaction.put(self.tree, &key.to_be_bytes(), &encode(&list))?;
        transaction.rollback_to(savepoint)
    }

    fn operation(&mut self, transaction: &mut Transaction, number: usize, snapshot: u64) -> StoreResult<()> {
        let key = self.numbers.below(LISTS);
        let mut began = snapshot;
        if self.level == Level::ReadCommitted {
            began = self.seen.lock().tick();
            transaction.refresh()?;
        }
        match self.numbers.below(6) {
            0 | 1 => self.read(transaction, number, key, began).map(drop),
            2 => self.scan(transaction, number, began),
            _ => self.append(transaction, number, key, began),
        }
    }

    fn transaction(&mut self, read_only: bool) -> StoreResult<()> {
        let (number, snapshot) = {
            let mut seen = self.seen.lock();
            let transactions = &mut seen.history.transactions;
            let number = transactions.len();
            // Until its commit is asked for, nobody may ever see it.
            transactions.push(torture::history::Transaction {
                level: self.level,
                outcome: Outcome::Aborted,
                operations: Vec::new(),
            });
            (number, seen.tick())
        };
        let begin = Begin { isolation: isolation(self.level), read_only, ..Begin::default() };
        let mut transaction = self.store.begin(begin)?;
        for _ in 0..1 + self.numbers.below(4) {
            if read_only {
                self.scan(&mut transaction, number, snapshot)?;
            } else {
                self.operation(&mut transaction, number, snapshot)?;
            }
        }
        self.seen.lock().history.transactions[number].outcome = Outcome::Unknown;
        let outcome = transaction.commit();
        let mut seen = self.seen.lock();
        let acknowledged = seen.tick();
        let known = &mut seen.history.transactions[number].outcome;
        match outcome {
            Ok(_) => *known = Outcome::Committed { acknowledged },
            Err(CommitError::Unknown { cause, .. }) => return Err(cause),
            Err(CommitError::Refused(error)) => {
                *known = Outcome::Aborted;
                return Err(error);
            }
        }
        Ok(())
    }

    fn run(mut self) {
        for _ in 0..TRANSACTIONS {
            let read_only = self.level != Level::ReadCommitted && self.numbers.below(4) == 0;
            match self.transaction(read_only) {
                Ok(()) => {}
                Err(error) if error.is_retryable() => {}
                Err(error) => assert!(!self.setting.is_calm(), "{error}"),
            }
        }
    }
}

/// Opens the store, makes the tree that holds the lists unless it is there.
fn open(env: &Arc<dyn Env>) -> StoreResult<(Store, TreeId)> {
    let store = Store::open(env.clone(), Path::new("/db/lists"), options())?;
    let trees = store.trees(store::MAIN_DATABASE)?;
    if let Some(tree) = trees.first() {
        return Ok((store, *tree));
    }
    let mut transaction = store.begin(Begin::default())?;
    let tree = transaction.create_tree(true)?;
    match transaction.commit() {
        Ok(_) => Ok((store, tree)),
        Err(CommitError::Refused(error) | CommitError::Unknown { cause: error, .. }) => Err(error),
    }
}

/// One life of the store.
fn live(env: &Arc<dyn Env>, seen: &Shared, setting: Setting, seed: u64) -> StoreResult<()> {
    seen.lock().history.last_state = None;
    let (store, tree) = open(env)?;
    let store = Arc::new(store);
    let salt = seen.lock().tick();
    let start = |number: u64| -> Option<Box<dyn TaskHandle>> {
        let client = Client {
            store: store.clone(),
            seen: seen.clone(),
            setting,
            level: setting.levels[number as usize % setting.levels.len()],
            tree,
            numbers: Numbers(seed.wrapping_mul(31) ^ number << 40 ^ salt << 50),
        };
        env.spawn(&CLIENT, &format!("client-{number}"), Box::new(move || client.run())).ok()
    };
    let tasks: Vec<_> = (0..CLIENTS).filter_map(start).collect();
    for task in tasks {
        task.join().expect("no client panics");
    }
    let mut last = store.begin(Begin::default())?;
    let mut state = BTreeMap::new();
    for key in 0..LISTS {
        state.insert(key, decode(last.get(tree, &key.to_be_bytes())?));
    }
    seen.lock().history.last_state = Some(state);
    Ok(())
}

/// The history of one world.
fn history(seed: u64, setting: Setting) -> (Run, History) {
    let decisions = Decisions::seeded(seed);
    let config = WorldConfig::draw(setting.profile, &decisions);
    let seen: Shared = Arc::new(Mutex::new(&SEEN, Seen::default()));
    let shared = seen.clone();
    let run = sim::run_with(config, decisions, move |env| {
        let lived = live(&env, &shared, setting, seed);
        assert!(lived.is_ok() || !setting.is_calm(), "{lived:?}");
    });
    assert!(!run.stop.is_failure(), "seed {seed}: {}", run.stop);
    let history = seen.lock().history.clone();
    (run, history)
}

fn explain(seed: u64, history: &History, anomalies: &[Anomaly]) -> String {
    let mut text = format!("seed {seed}\n");
    for anomaly in anomalies {
        text += &format!("{anomaly}\n");
    }
    let concerned = |number: &usize| anomalies.iter().any(|anomaly| anomaly.transactions.contains(number));
    for (number, transaction) in
        history.transactions.iter().enumerate().filter(|(number, _)| concerned(number))
    {
        text += &format!("T{number} {transaction:?}\n");
    }
    text
}

/// Judges the histories of some worlds; returns how many transactions committed, and in how many worlds a stronger
/// level would have been violated.
fn judge(seeds: std::ops::Range<u64>, profile: Profile, levels: &'static [Level]) -> (usize, usize) {
    let (mut committed, mut weaker, mut lives) = (0, 0, 0);
    for seed in seeds {
        let (run, mut history) = history(seed, Setting { profile, levels });
        let anomalies = history.anomalies();
        assert!(anomalies.is_empty(), "{}", explain(seed, &history, &anomalies));
        lives += run.lives;
        let is_committed = |outcome| matches!(outcome, Outcome::Committed { .. });
        committed += history.transactions.iter().filter(|one| is_committed(one.outcome)).count();
        history.transactions.iter_mut().for_each(|one| one.level = Level::Serializable);
        weaker += usize::from(!history.anomalies().is_empty());
    }
    println!(
        "{profile:?} {levels:?}: {committed} committed in {lives} lives, {weaker} worlds not serialisable"
    );
    (committed, weaker)
}

const MIXED: &[Level] =
    &[Level::Serializable, Level::ReadCommitted, Level::Serializable, Level::RepeatableRead];

#[test]
fn read_committed_is_what_it_says_and_no_more() {
    let (committed, weaker) = judge(0..60, Profile::Power, &[Level::ReadCommitted]);
    assert!(committed > 200 && weaker > 0, "{committed} {weaker}");
}

#[test]
fn repeatable_read_is_a_snapshot_and_shows_write_skew() {
    let (committed, weaker) = judge(1000..1060, Profile::Power, &[Level::RepeatableRead]);
    assert!(committed > 200 && weaker > 0, "{committed} {weaker}");
}

#[test]
fn serializable_has_no_anomaly_at_all() {
    let (committed, weaker) = judge(2000..2060, Profile::Power, &[Level::Serializable]);
    assert!(committed > 200 && weaker == 0, "{committed} {weaker}");
}

#[test]
fn each_transaction_gets_its_own_level_whatever_the_others_asked_for() {
    let (committed, _) = judge(3000..3060, Profile::Power, MIXED);
    assert!(committed > 200, "{committed}");
}

#[test]
fn isolation_holds_where_calls_fail_clocks_jump_and_tasks_starve() {
    for profile in [Profile::Storm, Profile::Fsyncgate, Profile::FullDisk, Profile::Clock, Profile::Starve] {
        let (committed, _) = judge(4000..4040, profile, MIXED);
        assert!(committed > 100, "{profile:?}: {committed}");
    }
}

/// The checker is not blind: a history in which one read is replaced by an older state is refused.
#[test]
fn a_planted_stale_read_is_found() {
    let (_, mut history) = history(2001, Setting { profile: Profile::Power, levels: &[Level::Serializable] });
    let is_read =
        |operation: &&mut Operation| matches!(operation, Operation::Read { list, .. } if list.len() > 1);
    let mut operations = history.transactions.iter_mut().flat_map(|one| &mut one.operations);
    let read = operations.find(is_read).expect("somebody read a list of two");
    if let Operation::Read { list, .. } = read {
        list.pop();
    }
    let found = history.anomalies();
    assert!(!found.is_empty());
    assert!(found.iter().all(|anomaly| anomaly.kind >= AnomalyKind::LostAppend), "{found:?}");
}
