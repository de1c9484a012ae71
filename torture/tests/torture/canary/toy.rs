//! A toy store: one log file, everything in memory, one commit at a time. Right without a defect, and small enough to
//! see that it is; with one, exactly one thing is wrong with it.

use env::sync::Mutex;
use env::{Env, File, FileExt, IoError, Label, OpenMode};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use torture::subject::{
    BranchId, Canceller, Database, Finding, Isolation, MAIN, Opening, Outcome, Refusal, RefusalKind, Shape,
    Start, Step, Subject, Transaction,
};

env::labels! {
    OPEN: "toy.open", Directory, "nothing can be read";
    READ: "toy.read", Read, "nothing can be read";
    LENGTH: "toy.length", Length, "nothing can be read";
    WRITE: "toy.write", Write, "commits are lost";
    SYNC: "toy.sync", Sync, "commits are lost when the power fails";
    CREATE_WRITE: "toy.create.write", Write, "the new file is empty";
    CREATE_SYNC: "toy.create.sync", Sync, "the new file is empty when the power fails";
    RENAME: "toy.rename", Directory, "the new file is not found";
    DIRECTORY_SYNC: "toy.directory.sync", DirectorySync, "the new file is not found when the power fails";
    COMMIT_LOCK: "toy.commit", Lock, "two commits overwrite each other";
    STATE_LOCK: "toy.state", Lock, "readers see half a commit";
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Nothing.
    None,
    /// Acknowledges without syncing.
    NoSync,
    /// Shows a commit to readers before it is synced.
    ShowsTooEarly,
    /// Does not log deletes.
    ForgetsDeletes,
    /// Replays records without looking at their checksum.
    IgnoresChecksums,
    /// Logs a commit as two records.
    SplitsCommits,
    /// Does not notice that a row has changed since the snapshot.
    LosesUpdates,
    /// Rolls back to a savepoint without forgetting what came after it.
    KeepsRolledBackWrites,
    /// Lets serialisable transactions commit whatever has changed since they read it.
    SkewsWrites,
    /// Takes two locks in one order here and in the other there.
    Deadlocks,
}

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Default)]
struct State {
    trees: BTreeMap<u64, Arc<Rows>>,
    commit: u64,
    next_tree: u64,
    sequence: i64,
}

#[derive(Clone)]
enum Change {
    Put(u64, Vec<u8>, Vec<u8>),
    Delete(u64, Vec<u8>),
    Create(u64),
    Drop(u64),
    Sequence(i64),
}

impl State {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Put(tree, key, value) => {
                if let Some(rows) = self.trees.get_mut(tree) {
                    Arc::make_mut(rows).insert(key.clone(), value.clone());
                }
            }
            Change::Delete(tree, key) => {
                if let Some(rows) = self.trees.get_mut(tree) {
                    Arc::make_mut(rows).remove(key);
                }
            }
            Change::Create(tree) => {
                self.trees.insert(*tree, Arc::default());
                self.next_tree = self.next_tree.max(tree + 1);
            }
            Change::Drop(tree) => {
                self.trees.remove(tree);
            }
            Change::Sequence(value) => self.sequence = self.sequence.max(*value),
        }
    }
}

/// The toy as an engine.
pub struct Toy(pub Defect);

impl Subject for Toy {
    fn open(
        &self,
        env: Arc<dyn Env>,
        path: &Path,
        _shape: &Shape,
        opening: Opening,
    ) -> Result<Arc<dyn Database>, Refusal> {
        let opened = ToyDatabase::open(env, path, opening, self.0);
        opened.map(|database| Arc::new(database) as Arc<dyn Database>).map_err(|error| refusal(&error))
    }

    fn labels(&self) -> Vec<&'static Label> {
        ALL.to_vec()
    }
}

fn refusal(error: &IoError) -> Refusal {
    Refusal::call(error, error.to_string())
}

struct Shared {
    state: Arc<State>,
    /// Who holds a row (`Some`) or a whole tree (`None`).
    locks: BTreeMap<(u64, Option<Vec<u8>>), u64>,
    written: BTreeMap<(u64, Vec<u8>), u64>,
    next_transaction: u64,
    next_tree: u64,
    poisoned: Option<Refusal>,
}

struct Inner {
    env: Arc<dyn Env>,
    defect: Defect,
    file: Arc<dyn File>,
    /// The end of the log.
    commit: Mutex<u64>,
    shared: Mutex<Shared>,
}

/// An open toy database.
#[derive(Clone)]
pub struct ToyDatabase(Arc<Inner>);

const SECTOR: usize = 512;

fn encode(changes: &[Change]) -> Vec<u8> {
    let mut payload = Vec::new();
    let bytes = |payload: &mut Vec<u8>, bytes: &[u8]| {
        payload.extend((bytes.len() as u32).to_le_bytes());
        payload.extend(bytes);
    };
    for change in changes {
        match change {
            Change::Put(tree, key, value) => {
                payload.push(1);
                payload.extend(tree.to_le_bytes());
                bytes(&mut payload, key);
                bytes(&mut payload, value);
            }
            Change::Delete(tree, key) => {
                payload.push(2);
                payload.extend(tree.to_le_bytes());
                bytes(&mut payload, key);
            }
            Change::Create(tree) => {
                payload.push(3);
                payload.extend(tree.to_le_bytes());
            }
            Change::Drop(tree) => {
                payload.push(4);
                payload.extend(tree.to_le_bytes());
            }
            Change::Sequence(value) => {
                payload.push(5);
                payload.extend(value.to_le_bytes());
            }
        }
    }
    let mut record = (payload.len() as u32).to_le_bytes().to_vec();
    record.extend((torture::model::value::digest(7, &payload) as u32).to_le_bytes());
    record.extend(payload);
    record.resize(record.len().next_multiple_of(SECTOR), 0);
    record
}

/// The changes of the record at the front of `bytes`, and its length; `None` at the end of what is sound.
fn decode(bytes: &[u8], check: bool) -> Option<(Vec<Change>, usize)> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let length = word(0)? as usize;
    let payload = bytes.get(8..8 + length)?;
    if length == 0 || (check && word(4)? != torture::model::value::digest(7, payload) as u32) {
        return None;
    }
    let mut changes = Vec::new();
    let mut rest = payload;
    while !rest.is_empty() {
        match decode_change(&mut rest) {
            Some(change) => changes.push(change),
            None if check => return None,
            None => break,
        }
    }
    Some((changes, (8 + length).next_multiple_of(SECTOR)))
}

fn decode_change(rest: &mut &[u8]) -> Option<Change> {
    let take = |rest: &mut &[u8], count: usize| -> Option<Vec<u8>> {
        let taken = rest.get(..count)?.to_vec();
        *rest = &rest[count..];
        Some(taken)
    };
    let string = |rest: &mut &[u8]| {
        let count = u32::from_le_bytes(take(rest, 4)?.try_into().ok()?);
        take(rest, count as usize)
    };
    let kind = take(rest, 1)?[0];
    let number = u64::from_le_bytes(take(rest, 8)?.try_into().ok()?);
    match kind {
        1 => Some(Change::Put(number, string(rest)?, string(rest)?)),
        2 => Some(Change::Delete(number, string(rest)?)),
        3 => Some(Change::Create(number)),
        4 => Some(Change::Drop(number)),
        5 => Some(Change::Sequence(number as i64)),
        _ => None,
    }
}

impl ToyDatabase {
    /// Reads the log, writes what is sound of it to a new file and puts that in its place.
    fn open(
        env: Arc<dyn Env>,
        path: &Path,
        opening: Opening,
        defect: Defect,
    ) -> Result<ToyDatabase, IoError> {
        let mut state = State { next_tree: 16, ..State::default() };
        let mut log = Vec::new();
        let mut bytes = Vec::new();
        match env.open(&OPEN, path, OpenMode::ReadOnly) {
            Ok(file) => {
                bytes = vec![0; file.len(&LENGTH)? as usize];
                file.read_up_to(&READ, 0, &mut bytes)?;
            }
            Err(error) if error.kind == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        while let Some((changes, length)) = decode(&bytes[log.len()..], defect != Defect::IgnoresChecksums) {
            let end = (log.len() + length).min(bytes.len());
            log = bytes[..end].to_vec();
            state.commit += 1;
            for change in &changes {
                state.apply(change);
            }
        }
        let fresh = PathBuf::from(format!("{}-new", path.display()));
        let file = if opening == Opening::ReadOnly {
            env.open(&OPEN, path, OpenMode::ReadOnly)?
        } else {
            let file = env.open(&OPEN, &fresh, OpenMode::Create)?;
            file.set_len(&LENGTH, 0)?;
            file.write_all_at(&CREATE_WRITE, 0, &log)?;
            file.sync_all(&CREATE_SYNC)?;
            env.rename(&RENAME, &fresh, path)?;
            env.sync_directory(&DIRECTORY_SYNC, path.parent().unwrap_or(Path::new("/")))?;
            file
        };
        let shared = Shared {
            next_tree: state.next_tree,
            state: Arc::new(state),
            locks: BTreeMap::new(),
            written: BTreeMap::new(),
            next_transaction: 1,
            poisoned: None,
        };
        Ok(ToyDatabase(Arc::new(Inner {
            env,
            defect,
            file,
            commit: Mutex::new(&COMMIT_LOCK, log.len() as u64),
            shared: Mutex::new(&STATE_LOCK, shared),
        })))
    }

    /// Logs changes and shows them; returns the commit number. `newest` is the commit that must still be the newest.
    fn log(&self, changes: &[Change], newest: Option<u64>) -> Result<u64, (bool, Refusal)> {
        let inner = &*self.0;
        let mut end = inner.commit.lock();
        if newest.is_some_and(|newest| newest != inner.shared.lock().state.commit) {
            let refusal = Refusal::new(RefusalKind::Conflict, "somebody else committed since the snapshot");
            return Err((false, refusal));
        }
        if let Some(refusal) = inner.shared.lock().poisoned.clone() {
            return Err((false, Refusal { kind: RefusalKind::ReadOnly, ..refusal }));
        }
        let logged: Vec<Change> = match inner.defect {
            Defect::ForgetsDeletes => {
                changes.iter().filter(|change| !matches!(change, Change::Delete(..))).cloned().collect()
            }
            _ => changes.to_vec(),
        };
        let parts = match inner.defect {
            Defect::SplitsCommits if logged.len() > 2 => logged.split_at(logged.len() / 2),
            _ => (&logged[..], &logged[..0]),
        };
        if inner.defect == Defect::ShowsTooEarly {
            self.show(changes);
        }
        for part in [parts.0, parts.1] {
            if !part.is_empty() {
                let record = encode(part);
                self.write(*end, &record).map_err(|refusal| (true, refusal))?;
                *end += record.len() as u64;
            }
        }
        if inner.defect != Defect::NoSync {
            let synced = inner.file.sync_data(&SYNC);
            synced.map_err(|error| (true, self.poison(&error)))?;
        }
        if inner.defect != Defect::ShowsTooEarly {
            self.show(changes);
        }
        Ok(inner.shared.lock().state.commit)
    }

    fn write(&self, offset: u64, record: &[u8]) -> Result<(), Refusal> {
        self.0.file.write_all_at(&WRITE, offset, record).map_err(|error| self.poison(&error))
    }

    fn poison(&self, error: &IoError) -> Refusal {
        let refusal = refusal(error);
        self.0.shared.lock().poisoned = Some(refusal.clone());
        refusal
    }

    fn show(&self, changes: &[Change]) {
        let mut shared = self.0.shared.lock();
        let mut state = (*shared.state).clone();
        state.commit += 1;
        for change in changes {
            state.apply(change);
            if let Change::Put(tree, key, _) | Change::Delete(tree, key) = change {
                shared.written.insert((*tree, key.clone()), state.commit);
            }
        }
        shared.state = Arc::new(state);
    }
}

impl Database for ToyDatabase {
    fn begin(&self, start: &Start) -> Result<Box<dyn Transaction>, Refusal> {
        assert_eq!(start.branch, MAIN, "the toy has one branch");
        let mut shared = self.0.shared.lock();
        shared.next_transaction += 1;
        let snapshot = shared.state.clone();
        Ok(Box::new(ToyTransaction {
            database: self.clone(),
            id: shared.next_transaction,
            isolation: start.isolation,
            own: (*snapshot).clone(),
            snapshot,
            changes: Vec::new(),
            savepoints: Vec::new(),
        }))
    }

    fn branches(&self) -> Result<Vec<BranchId>, Refusal> {
        Ok(vec![MAIN])
    }

    fn branch(&self, _from: BranchId) -> Outcome<BranchId> {
        Outcome::Refused(Refusal::new(RefusalKind::Conflict, "the toy has one branch"))
    }

    fn drop_branch(&self, _branch: BranchId) -> Outcome<()> {
        Outcome::Refused(Refusal::new(RefusalKind::Conflict, "the toy has one branch"))
    }

    fn create_sequence(&self) -> Result<u64, Refusal> {
        Ok(1)
    }

    fn next_value(&self, _sequence: u64) -> Result<i64, Refusal> {
        let next = {
            let mut shared = self.0.shared.lock();
            let mut state = (*shared.state).clone();
            state.sequence += 1;
            let next = state.sequence;
            shared.state = Arc::new(state);
            next
        };
        self.log(&[Change::Sequence(next)], None).map_err(|(_, refusal)| refusal)?;
        Ok(next)
    }

    fn writable(&self) -> Result<(), Refusal> {
        match self.0.shared.lock().poisoned.clone() {
            Some(refusal) => Err(Refusal { kind: RefusalKind::ReadOnly, ..refusal }),
            None => Ok(()),
        }
    }

    fn checkpoint(&self) -> Result<(), Refusal> {
        if self.0.defect == Defect::Deadlocks {
            let _shared = self.0.shared.lock();
            self.0.env.yield_now(&STATE_LOCK);
            let _end = self.0.commit.lock();
        }
        Ok(())
    }

    fn check(&self) -> Result<Vec<Finding>, Refusal> {
        Ok(Vec::new())
    }

    fn backup(&self, to: &Path) -> Result<Option<u64>, Refusal> {
        let state = self.0.shared.lock().state.clone();
        let mut changes = vec![Change::Sequence(state.sequence)];
        for (tree, rows) in &state.trees {
            changes.push(Change::Create(*tree));
            changes.extend(rows.iter().map(|(key, value)| Change::Put(*tree, key.clone(), value.clone())));
        }
        let file = self.0.env.open(&OPEN, to, OpenMode::CreateNew).map_err(|error| refusal(&error))?;
        file.write_all_at(&CREATE_WRITE, 0, &encode(&changes)).map_err(|error| refusal(&error))?;
        file.sync_all(&CREATE_SYNC).map_err(|error| refusal(&error))?;
        let directory = to.parent().unwrap_or(Path::new("/"));
        self.0.env.sync_directory(&DIRECTORY_SYNC, directory).map_err(|error| refusal(&error))?;
        Ok(Some(state.commit))
    }

    fn close(&self) -> Result<(), Refusal> {
        Ok(())
    }
}

struct ToyTransaction {
    database: ToyDatabase,
    id: u64,
    isolation: Isolation,
    snapshot: Arc<State>,
    own: State,
    changes: Vec<Change>,
    /// What was seen, what it was seen on, and how many changes there were.
    savepoints: Vec<(State, Arc<State>, usize)>,
}

impl ToyTransaction {
    fn change(&mut self, change: Change) {
        self.own.apply(&change);
        self.changes.push(change);
    }

    fn lock(&self, tree: u64, key: Option<&[u8]>) -> Result<(), Refusal> {
        let mut shared = self.database.0.shared.lock();
        let conflict = Err(Refusal::new(RefusalKind::Conflict, "somebody else is at work here"));
        let taken = |held: &(u64, Option<Vec<u8>>), holder: &u64| {
            let same = held.0 == tree && (key.is_none() || held.1.is_none() || held.1.as_deref() == key);
            same && *holder != self.id
        };
        if shared.locks.iter().any(|(held, holder)| taken(held, holder)) {
            return conflict;
        }
        if !shared.state.trees.contains_key(&tree) && !self.own.trees.contains_key(&tree) {
            return Err(Refusal::new(RefusalKind::Missing, "the tree was dropped"));
        }
        let newest = match key {
            Some(key) => shared.written.get(&(tree, key.to_vec())).copied(),
            None => shared.written.iter().filter(|(row, _)| row.0 == tree).map(|(_, commit)| *commit).max(),
        };
        let stale = newest.is_some_and(|newest| newest > self.snapshot.commit);
        let careless = self.database.0.defect == Defect::LosesUpdates && key.is_some();
        if stale && self.isolation != Isolation::ReadCommitted && !careless {
            return conflict;
        }
        shared.locks.insert((tree, key.map(<[u8]>::to_vec)), self.id);
        Ok(())
    }
}

impl Drop for ToyTransaction {
    fn drop(&mut self) {
        let id = self.id;
        self.database.0.shared.lock().locks.retain(|_, holder| *holder != id);
    }
}

impl Transaction for ToyTransaction {
    fn snapshot(&self) -> u64 {
        self.snapshot.commit
    }

    fn canceller(&self) -> Canceller {
        // It never waits.
        Arc::new(|| ())
    }

    fn new_statement(&mut self) -> Result<(), Refusal> {
        if self.isolation == Isolation::ReadCommitted {
            self.snapshot = self.database.0.shared.lock().state.clone();
            self.own = (*self.snapshot).clone();
            for change in &self.changes {
                self.own.apply(change);
            }
        }
        Ok(())
    }

    fn trees(&mut self) -> Result<Vec<u64>, Refusal> {
        Ok(self.own.trees.keys().copied().collect())
    }

    fn create_tree(&mut self) -> Result<u64, Refusal> {
        let tree = {
            let mut shared = self.database.0.shared.lock();
            shared.next_tree += 1;
            shared.next_tree - 1
        };
        self.change(Change::Create(tree));
        Ok(tree)
    }

    fn drop_tree(&mut self, tree: u64) -> Result<(), Refusal> {
        self.lock(tree, None)?;
        self.change(Change::Drop(tree));
        Ok(())
    }

    fn get(&mut self, tree: u64, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(self.own.trees.get(&tree).and_then(|rows| rows.get(key)).cloned())
    }

    fn scan(
        &mut self,
        tree: u64,
        from: &[u8],
        to: Option<&[u8]>,
        backward: bool,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Step,
    ) -> Result<(), Refusal> {
        let Some(rows) = self.own.trees.get(&tree) else { return Ok(()) };
        let mut found: Vec<_> =
            rows.range(from.to_vec()..).take_while(|(key, _)| to.is_none_or(|to| &key[..] < to)).collect();
        if backward {
            found.reverse();
        }
        for (key, value) in found {
            if visit(key, value) == Step::Stop {
                break;
            }
        }
        Ok(())
    }

    fn levels(&mut self, _tree: u64) -> Result<u32, Refusal> {
        Ok(0) // it keeps its rows in no pages
    }

    fn count(&mut self, tree: u64) -> Result<u64, Refusal> {
        Ok(self.own.trees.get(&tree).map_or(0, |rows| rows.len() as u64))
    }

    fn put(&mut self, tree: u64, key: &[u8], value: &[u8]) -> Result<(), Refusal> {
        self.lock(tree, Some(key))?;
        self.change(Change::Put(tree, key.to_vec(), value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, tree: u64, key: &[u8]) -> Result<bool, Refusal> {
        self.lock(tree, Some(key))?;
        let there = self.get(tree, key)?.is_some();
        self.change(Change::Delete(tree, key.to_vec()));
        Ok(there)
    }

    fn delete_range(&mut self, tree: u64, from: &[u8], to: &[u8]) -> Result<u64, Refusal> {
        let mut keys = Vec::new();
        self.scan(tree, from, Some(to), false, &mut |key, _| {
            keys.push(key.to_vec());
            Step::Continue
        })?;
        for key in &keys {
            self.delete(tree, key)?;
        }
        Ok(keys.len() as u64)
    }

    fn allow_ahead(&mut self, _allowed: bool) {
        // It gives no row away before its end: there is nothing to be ahead of.
    }

    fn lock_row(&mut self, tree: u64, key: &[u8]) -> Result<(), Refusal> {
        self.lock(tree, Some(key))
    }

    fn lock_tree(&mut self, tree: u64) -> Result<(), Refusal> {
        self.lock(tree, None)
    }

    fn advisory_lock(&mut self, _number: i64) -> Result<(), Refusal> {
        Ok(())
    }

    fn savepoint(&mut self) -> Result<usize, Refusal> {
        self.savepoints.push((self.own.clone(), self.snapshot.clone(), self.changes.len()));
        Ok(self.savepoints.len() - 1)
    }

    fn rollback_to(&mut self, savepoint: usize) -> Result<(), Refusal> {
        self.savepoints.truncate(savepoint + 1);
        let (own, snapshot, changes) = self.savepoints[savepoint].clone();
        self.own = own;
        self.snapshot = snapshot;
        if self.database.0.defect != Defect::KeepsRolledBackWrites {
            self.changes.truncate(changes);
        }
        Ok(())
    }

    fn release(&mut self, _savepoint: usize) -> Result<(), Refusal> {
        // It holds no locks: what a savepoint keeps may as well be kept to the end.
        Ok(())
    }

    fn commit(self: Box<Self>) -> Outcome<u64> {
        if self.changes.is_empty() {
            return Outcome::Acknowledged(self.snapshot.commit);
        }
        if self.database.0.defect == Defect::Deadlocks {
            let _end = self.database.0.commit.lock();
            self.database.0.env.yield_now(&COMMIT_LOCK);
            let _shared = self.database.0.shared.lock();
        }
        let strict =
            self.isolation == Isolation::Serializable && self.database.0.defect != Defect::SkewsWrites;
        match self.database.log(&self.changes, strict.then_some(self.snapshot.commit)) {
            Ok(number) => Outcome::Acknowledged(number),
            Err((false, refusal)) => Outcome::Refused(refusal),
            Err((true, refusal)) => Outcome::Unknown(refusal),
        }
    }
}
