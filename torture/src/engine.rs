//! The engine of this project behind the face that is tortured: a translation of names and errors, nothing else.

use crate::subject::{
    Access, BranchId, Canceller, Database, Evidence, Finding, Isolation, OpenScan, Opening, Outcome,
    PrivateSession, Refusal, RefusalKind, Shape, Start, Step, Subject, Transaction,
};
use env::sync::Mutex;
use env::{Env, IoError, Label};
use pager::{SUPERBLOCK_BYTES, SUPERBLOCK_OFFSETS};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::MAIN_DATABASE;
use store::locks::{AdvisoryKey, AdvisoryMode, AdvisoryScope, LockError, RelationMode, RowMode, WaitPolicy};
use store::{
    Begin, Bounds, CommitError, CommitNumber, DatabaseId, Durability, Problem, SequenceId, Store, StoreError,
    StoreOptions, TreeId,
};

env::labels! {
    HANDLE_LOCK: "torture.engine.handle", Lock, "a database is used while it is being closed";
}

/// The bytes of the log in which its header stands.
const LOG_HEADER_BYTES: u64 = 512;
/// The one sequence that the workload uses.
const SEQUENCE: u64 = 1;

/// The engine.
pub struct Engine;

impl Engine {
    /// The engine, as the runner takes it.
    pub fn subject() -> Arc<dyn Subject> {
        Arc::new(Engine)
    }
}

impl Subject for Engine {
    fn open(
        &self,
        env: Arc<dyn Env>,
        path: &Path,
        shape: &Shape,
        opening: Opening,
    ) -> Result<Arc<dyn Database>, Refusal> {
        open(env, path, shape, opening).map(|(_, database)| database)
    }

    fn labels(&self) -> Vec<&'static Label> {
        let lists = [
            pager::labels::ALL,
            wal::label::ALL,
            store::labels::ALL,
            store::locks::labels::ALL,
            store::serializable::labels::ALL,
        ];
        lists.into_iter().flatten().copied().collect()
    }

    fn spare_roots(&self, file: &[u8]) -> Vec<Range<u64>> {
        let mut roots = Vec::new();
        for (slot, offset) in pager::SUPERBLOCK_OFFSETS.into_iter().enumerate() {
            let range = offset..offset + pager::SUPERBLOCK_BYTES as u64;
            let bytes = file.get(range.start as usize..range.end as usize);
            let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
            if bytes.is_some_and(|bytes| pager::Superblock::decode(bytes, slot).is_ok()) {
                roots.push(range);
            }
        }
        if roots.len() < pager::SUPERBLOCK_OFFSETS.len() { Vec::new() } else { roots }
    }

    fn bears_broken_off_tasks(&self) -> bool {
        true
    }
}

/// Opens the store at `path` in `env`, for what is built on it, and as the face that is tortured.
///
/// # Errors
/// What keeps it from opening.
pub fn open(
    env: Arc<dyn Env>,
    path: &Path,
    shape: &Shape,
    opening: Opening,
) -> Result<(Store, Arc<dyn Database>), Refusal> {
    let store = Store::open(env, path, options(shape, opening)).map_err(|error| refusal(&error))?;
    let face = Mutex::new(&HANDLE_LOCK, Some(store.clone()));
    Ok((store, Arc::new(OpenStore { store: face, path: path.to_path_buf() })))
}

fn options(shape: &Shape, opening: Opening) -> StoreOptions {
    StoreOptions {
        page_size: shape.page_size,
        cache_bytes: shape.cache_bytes,
        log_segment_bytes: shape.log_segment_bytes,
        log_sector_size: shape.sector_size,
        checkpoint_log_bytes: shape.checkpoint_log_bytes,
        large_commit_bytes: shape.large_commit_bytes,
        lock_bytes: shape.lock_bytes,
        serializable_bytes: shape.serializable_bytes,
        deadlock_timeout_ms: shape.deadlock_timeout_ms,
        durability: if shape.durable { Durability::Full } else { Durability::Off },
        background: shape.background && opening == Opening::Create,
        create: opening == Opening::Create,
        read_only: opening == Opening::ReadOnly,
    }
}

struct OpenStore {
    /// Taken by closing.
    store: Mutex<Option<Store>>,
    path: PathBuf,
}

impl OpenStore {
    fn store(&self) -> Result<Store, Refusal> {
        let store = env::sync::suspended(|| self.store.lock().clone());
        store.ok_or_else(|| refusal(&StoreError::Closed))
    }
}

impl Database for OpenStore {
    fn begin(&self, start: &Start) -> Result<Box<dyn Transaction>, Refusal> {
        let store = self.store()?;
        let session = store.session();
        begin(store, &session, start)
    }

    fn private(&self) -> Result<Option<Box<dyn PrivateSession>>, Refusal> {
        let store = self.store()?;
        let session = store.session();
        Ok(Some(Box::new(OpenSession { store, session })))
    }

    fn branches(&self) -> Result<Vec<BranchId>, Refusal> {
        Ok(self.store()?.databases().into_iter().map(|database| database.0).collect())
    }

    fn branch(&self, from: BranchId) -> Outcome<BranchId> {
        match self.store() {
            Ok(store) => outcome(store.create_database_from(DatabaseId(from)).map(|database| database.0)),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    fn drop_branch(&self, branch: BranchId) -> Outcome<()> {
        match self.store() {
            Ok(store) => outcome(store.drop_database(DatabaseId(branch))),
            Err(refusal) => Outcome::Refused(refusal),
        }
    }

    fn create_sequence(&self) -> Result<u64, Refusal> {
        // Sequences come into being by their first use.
        self.store().map(|_| SEQUENCE)
    }

    fn next_value(&self, sequence: u64) -> Result<i64, Refusal> {
        let taken = self.store()?.take_ordinals(store::MAIN_DATABASE, SequenceId(sequence), 1);
        taken.map(|ordinal| ordinal as i64).map_err(|error| refusal(&error))
    }

    fn writable(&self) -> Result<(), Refusal> {
        self.store()?.check_writable().map_err(|error| refusal(&error))
    }

    fn set_cache_bytes(&self, bytes: usize) {
        if let Ok(store) = self.store() {
            store.set_cache_bytes(bytes);
        }
    }

    fn checkpoint(&self) -> Result<(), Refusal> {
        let store = self.store()?;
        let statistics = store.statistics();
        // A file that is largely free is made shorter on this occasion.
        let done = if statistics.free_pages * 2 > statistics.file_pages {
            store.trim().map(drop)
        } else {
            store.checkpoint()
        };
        done.map_err(|error| refusal(&error))
    }

    fn vacuum(&self) -> Result<(), Refusal> {
        let done = self.store()?.vacuum(&mut |_, _| ControlFlow::Continue(()));
        done.map(drop).map_err(|error| refusal(&error))
    }

    fn check(&self) -> Result<Vec<Finding>, Refusal> {
        let report = self.store()?.check(&mut |_, _| {}).map_err(|error| refusal(&error))?;
        Ok(report.problems.iter().map(|problem| finding(problem, &self.path)).collect())
    }

    fn backup(&self, to: &Path) -> Result<Option<u64>, Refusal> {
        let made = self.store()?.backup(to, &mut |_, _| {});
        made.map(|()| None).map_err(|error| refusal(&error))
    }

    fn close(&self) -> Result<(), Refusal> {
        match env::sync::suspended(|| self.store.lock().take()) {
            Some(store) => store.close().map_err(|error| refusal(&error)),
            None => Ok(()),
        }
    }
}

/// A session that outlives its transactions.
struct OpenSession {
    store: Store,
    session: store::Session,
}

impl PrivateSession for OpenSession {
    fn begin(&self, start: &Start) -> Result<Box<dyn Transaction>, Refusal> {
        begin(self.store.clone(), &self.session, start)
    }
}

fn begin(store: Store, session: &store::Session, start: &Start) -> Result<Box<dyn Transaction>, Refusal> {
    let wait = WaitPolicy::Wait { limit: start.patience };
    let begin = Begin {
        isolation: match start.isolation {
            Isolation::ReadCommitted => store::Isolation::ReadCommitted,
            Isolation::RepeatableRead => store::Isolation::RepeatableRead,
            Isolation::Serializable => store::Isolation::Serializable,
        },
        read_only: start.access != Access::ReadWrite,
        declared_read_only: start.access != Access::ReadWrite,
        deferrable: start.access == Access::Deferrable,
        database: DatabaseId(start.branch),
        wait,
    };
    let inner = said(session.begin(begin))?;
    Ok(Box::new(OpenTransaction { store, inner, wait, made: Vec::new(), savepoints: Vec::new() }))
}

struct OpenTransaction {
    store: Store,
    inner: store::Transaction,
    wait: WaitPolicy,
    made: Vec<u64>,
    savepoints: Vec<store::Savepoint>,
}

fn said<T>(result: Result<T, StoreError>) -> Result<T, Refusal> {
    result.map_err(|error| refusal(&error))
}

/// A scan of the store.
struct HeldScan(store::Scan);

impl OpenScan for HeldScan {
    fn next_key(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(said(self.0.next())?.then(|| self.0.key().to_vec()))
    }
}

impl Transaction for OpenTransaction {
    fn snapshot(&self) -> u64 {
        self.inner.snapshot().0
    }

    fn id(&self) -> Option<u64> {
        self.inner.id().map(|id| id.0)
    }

    fn canceller(&self) -> Canceller {
        let canceller = self.inner.session().canceller();
        Arc::new(move || canceller.cancel())
    }

    fn new_statement(&mut self) -> Result<(), Refusal> {
        said(self.inner.refresh())
    }

    fn trees(&mut self) -> Result<Vec<u64>, Refusal> {
        let trees = said(self.store.trees(self.inner.database()))?;
        let mut trees: Vec<u64> = trees.into_iter().map(|tree| tree.0).collect();
        trees.extend(&self.made);
        trees.sort_unstable();
        Ok(trees)
    }

    fn create_tree(&mut self) -> Result<u64, Refusal> {
        let tree = said(self.inner.create_tree(true))?.0;
        self.made.push(tree);
        Ok(tree)
    }

    fn create_private_tree(&mut self) -> Result<Option<u64>, Refusal> {
        said(self.inner.create_temporary_tree(true)).map(|tree| Some(tree.0))
    }

    fn drop_tree(&mut self, tree: u64) -> Result<(), Refusal> {
        said(self.inner.drop_tree(TreeId(tree)))
    }

    fn get(&mut self, tree: u64, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        said(self.inner.get(TreeId(tree), key))
    }

    fn scan(
        &mut self,
        tree: u64,
        from: &[u8],
        to: Option<&[u8]>,
        backward: bool,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Step,
    ) -> Result<(), Refusal> {
        let bounds = Bounds { from: from.to_vec(), to: to.map(<[u8]>::to_vec) };
        let mut scan = said(self.inner.scan(TreeId(tree), bounds))?;
        while said(if backward { scan.prev() } else { scan.next() })? {
            let step = said(scan.value_with(|value| visit(scan.key(), value)))?;
            if step == Step::Stop {
                break;
            }
        }
        Ok(())
    }

    fn open_scan(&mut self, tree: u64) -> Result<Option<Box<dyn OpenScan>>, Refusal> {
        let scan = said(self.inner.scan(TreeId(tree), Bounds::all()))?;
        Ok(Some(Box::new(HeldScan(scan))))
    }

    fn levels(&mut self, tree: u64) -> Result<u32, Refusal> {
        said(self.inner.levels(TreeId(tree)))
    }

    fn count(&mut self, tree: u64) -> Result<u64, Refusal> {
        said(self.inner.count(TreeId(tree)))
    }

    fn put(&mut self, tree: u64, key: &[u8], value: &[u8]) -> Result<(), Refusal> {
        said(self.inner.put(TreeId(tree), key, value))
    }

    fn delete(&mut self, tree: u64, key: &[u8]) -> Result<bool, Refusal> {
        said(self.inner.delete(TreeId(tree), key))
    }

    fn delete_range(&mut self, tree: u64, from: &[u8], to: &[u8]) -> Result<u64, Refusal> {
        said(self.inner.delete_range(TreeId(tree), from, Some(to)))
    }

    fn lock_row(&mut self, tree: u64, key: &[u8]) -> Result<(), Refusal> {
        said(self.inner.lock_row_ahead(TreeId(tree), key, RowMode::Update, self.wait)).map(|_| ())
    }

    fn allow_ahead(&mut self, allowed: bool) {
        self.inner.allow_ahead(allowed);
    }

    fn lock_tree(&mut self, tree: u64) -> Result<(), Refusal> {
        let mode = RelationMode::ShareRowExclusive;
        said(self.inner.lock_tree(TreeId(tree), mode, self.wait)).map(|_| ())
    }

    fn advisory_lock(&mut self, number: i64) -> Result<(), Refusal> {
        let key = AdvisoryKey::One(MAIN_DATABASE, number);
        let (mode, scope) = (AdvisoryMode::Exclusive, AdvisoryScope::Transaction);
        said(self.inner.session().lock_advisory(key, mode, scope, self.wait)).map(|_| ())
    }

    fn savepoint(&mut self) -> Result<usize, Refusal> {
        self.savepoints.push(said(self.inner.savepoint())?);
        Ok(self.savepoints.len() - 1)
    }

    fn rollback_to(&mut self, savepoint: usize) -> Result<(), Refusal> {
        said(self.inner.rollback_to(self.savepoints[savepoint]))
    }

    fn release(&mut self, savepoint: usize) -> Result<(), Refusal> {
        said(self.inner.release(self.savepoints[savepoint]))
    }

    fn begin_statement(&mut self) {
        self.inner.begin_statement();
    }

    fn undo_statement(&mut self) -> Result<bool, Refusal> {
        said(self.inner.undo_statement()).map(|()| true)
    }

    fn commit(self: Box<Self>) -> Outcome<u64> {
        match self.inner.commit() {
            Ok(CommitNumber(number)) => Outcome::Acknowledged(number),
            Err(CommitError::Refused(error)) => Outcome::Refused(refusal(&error)),
            Err(CommitError::Unknown { cause, .. }) => Outcome::Unknown(refusal(&cause)),
        }
    }
}

/// Branching has no outcome of its own: once the store takes no more writes, it cannot be told what became of it.
fn outcome<T>(result: Result<T, StoreError>) -> Outcome<T> {
    match result {
        Ok(value) => Outcome::Acknowledged(value),
        Err(error) => {
            let refusal = refusal(&error);
            match refusal.kind {
                RefusalKind::Io | RefusalKind::ReadOnly => Outcome::Unknown(refusal),
                _ => Outcome::Refused(refusal),
            }
        }
    }
}

/// What of a check's findings may come of damage to the file in `path`.
fn finding(problem: &Problem, path: &Path) -> Finding {
    let file = path.to_path_buf();
    let (evidence, follows) = match problem {
        Problem::Damage { page: Some(page), .. } => (of_page(path, *page), false),
        Problem::Damage { page: None, .. } => (Evidence::Damage { file, range: None }, false),
        Problem::Superblock { .. } => (Evidence::Damage { file, range: None }, false),
        Problem::Leaked { .. } | Problem::NotShared { .. } => (Evidence::None, true),
        Problem::NumberNotGiven { .. }
        | Problem::ReachedTwice { .. }
        | Problem::UsedButFree { .. }
        | Problem::Lost { .. }
        | Problem::DeadButUsed { .. } => (Evidence::None, false),
    };
    Finding { text: problem.to_string(), evidence, follows }
}

/// What a store's error means to a workload.
pub fn refusal(error: &StoreError) -> Refusal {
    let text = error.to_string();
    let with = |kind| Refusal::new(kind, text.clone());
    match error {
        StoreError::Pager(error) => of_pager(error, text),
        StoreError::Tree(error) => match &**error {
            btree::TreeError::Pager(error) | btree::TreeError::Page { cause: error, .. } => {
                of_pager(error, text)
            }
            btree::TreeError::KeyTooLong { .. }
            | btree::TreeError::ValueTooLong { .. }
            | btree::TreeError::OutOfOrder { .. } => with(RefusalKind::Other),
        },
        StoreError::Log(error) => of_log(error, text),
        StoreError::Io(error) => Refusal::call(error, text),
        StoreError::Record { file, .. } | StoreError::Corrupt { file, .. } => damage(Path::new(file), text),
        StoreError::MissingLog { file, log } => or_superblocks(whole(Path::new(log), text), Path::new(file)),
        StoreError::MissingDatabase { file, .. } => whole(Path::new(file), text),
        StoreError::Lock(LockError::Cancelled { .. }) | StoreError::Cancelled => with(RefusalKind::Cancelled),
        StoreError::Lock(_)
        | StoreError::Conflict { .. }
        | StoreError::RowSkipped { .. }
        | StoreError::Serialization(_) => with(RefusalKind::Conflict),
        StoreError::NoSuchTree { .. } | StoreError::NoSuchDatabase { .. } => with(RefusalKind::Missing),
        StoreError::Poisoned { cause } => Refusal { kind: RefusalKind::ReadOnly, ..refusal(cause) },
        StoreError::BrokenOff => Refusal { evidence: Evidence::Earlier, ..with(RefusalKind::ReadOnly) },
        StoreError::MainDatabase { .. }
        | StoreError::ReadOnly { .. }
        | StoreError::Ended
        | StoreError::NoSuchSavepoint
        | StoreError::NoSuchStart
        | StoreError::Closed
        | StoreError::Option { .. }
        | StoreError::SequenceExhausted { .. }
        | StoreError::NumbersUsedUp { .. }
        | StoreError::BackupTarget { .. } => with(RefusalKind::Other),
    }
}

fn damage(file: &Path, text: String) -> Refusal {
    let evidence = Evidence::Damage { file: file.to_path_buf(), range: None };
    Refusal { kind: RefusalKind::Corrupt, text, evidence }
}

fn damage_in(file: &Path, range: Range<u64>, text: String) -> Refusal {
    let evidence = Evidence::Damage { file: file.to_path_buf(), range: Some(range) };
    Refusal { kind: RefusalKind::Corrupt, text, evidence }
}

fn whole(file: &Path, text: String) -> Refusal {
    let evidence = Evidence::Whole { file: file.to_path_buf() };
    Refusal { kind: RefusalKind::Corrupt, text, evidence }
}

/// What a lost file or a lost end of one explains, or destroyed superblocks.
fn or_superblocks(refusal: Refusal, database: &Path) -> Refusal {
    Refusal { evidence: or_both_superblocks(refusal.evidence, database), ..refusal }
}

/// Damage to the page, or destroyed superblocks: the older state in force has pages that were given to others since.
fn of_page(file: &Path, page: u64) -> Evidence {
    or_both_superblocks(Evidence::Page { file: file.to_path_buf(), page }, file)
}

/// What `other` says, or that both superblocks are not what was written: then an older state is in force, which knows nothing
/// of what was done since.
fn or_both_superblocks(other: Evidence, database: &Path) -> Evidence {
    let parts = SUPERBLOCK_OFFSETS.map(|start| start..start + SUPERBLOCK_BYTES as u64).to_vec();
    Evidence::OrAll { other: Box::new(other), file: database.to_path_buf(), parts }
}

/// The database that a log belongs to.
fn database_of(log: &Path) -> PathBuf {
    let name = log.to_string_lossy();
    PathBuf::from(name.strip_suffix("-log").unwrap_or(&name))
}

fn call(cause: &IoError, text: String) -> Refusal {
    Refusal::call(cause, text)
}

fn of_pager(error: &pager::Error, text: String) -> Refusal {
    use pager::Error;
    match error {
        Error::NotADatabase { file, .. }
        | Error::NewerFormat { file, .. }
        | Error::NoSuperblock { file, .. } => damage_in(file, 0..pager::SUPERBLOCK_AREA, text),
        // Whatever should stand behind the end was lost.
        Error::Truncated { file, found, .. } => or_superblocks(damage_in(file, *found..u64::MAX, text), file),
        Error::TooLong { file, expected, .. } => damage_in(file, *expected..u64::MAX, text),
        Error::Replaced { file } | Error::NotFound { file } => whole(file, text),
        Error::Corrupt { file, page, .. } => {
            let evidence = of_page(file, *page);
            Refusal { kind: RefusalKind::Corrupt, text, evidence }
        }
        Error::InUse { .. } => {
            Refusal { evidence: Evidence::Holder, ..Refusal::new(RefusalKind::InUse, text) }
        }
        Error::OutOfSpace { cause, .. } | Error::Io { cause } => call(cause, text),
        Error::Poisoned { cause, .. } => Refusal { kind: RefusalKind::ReadOnly, ..of_pager(cause, text) },
        // A database under the name of a creation: a power loss can leave it both names, and then its own is deleted.
        Error::AlreadyExists { file } => whole(&finished(file), text),
        Error::ReadOnly { .. } | Error::BadOption { .. } => Refusal::new(RefusalKind::Other, text),
    }
}

/// The name that a creation gives its file in the end.
fn finished(prepared: &Path) -> PathBuf {
    let name = prepared.to_string_lossy();
    PathBuf::from(name.strip_suffix("-new").unwrap_or(&name))
}

fn of_log(error: &wal::LogError, text: String) -> Refusal {
    use wal::LogError;
    match error {
        LogError::Io(cause) => call(cause, text),
        LogError::Poisoned { cause, .. } => Refusal { kind: RefusalKind::ReadOnly, ..call(cause, text) },
        LogError::Abandoned { .. } => {
            Refusal { evidence: Evidence::Earlier, ..Refusal::new(RefusalKind::ReadOnly, text) }
        }
        LogError::Missing { path } => or_superblocks(whole(path, text), &database_of(path)),
        LogError::Ahead { path, .. } => {
            or_superblocks(Refusal::new(RefusalKind::Corrupt, text), &database_of(path))
        }
        LogError::NotALog { path, .. }
        | LogError::InTheWay { path, .. }
        | LogError::NewerFormat { path, .. }
        | LogError::WrongDatabase { path, .. }
        | LogError::HoldsCommits { path, .. }
        | LogError::HeaderDamaged { path, .. } => damage_in(path, 0..LOG_HEADER_BYTES, text),
        // Where a chain breaks off, what it lacks may have stood anywhere.
        LogError::Corrupt { path, .. } | LogError::Unsteady { path, .. } => damage(path, text),
        _ => Refusal::new(RefusalKind::Other, text),
    }
}

/// Whether an error says that a file is damaged, incomplete, or none of ours.
pub fn is_damage(error: &StoreError) -> bool {
    refusal(error).kind == RefusalKind::Corrupt
}
