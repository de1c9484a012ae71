//! Opening: the newest checkpoint, the log on top of it, and a store that is ready.
//!
//! ```text
//! superblocks ─► newest valid one ─► forest ─► log required? ─► claim places ─► replay ─► log taken into use again
//!                                                   └─ no ─► new log ─► both superblocks say "log required"
//! ```
//!
//! Invariants
//!
//! 1. Recovery is idempotent and may be broken off anywhere: it writes to free places and to new log segments only.
//! 2. No commit is acknowledged before *both* superblocks say that the log is required: falling back to the other one
//!    must not make the log look superfluous.
//! 3. A log that is required and missing is an error, never an empty log.
//! 4. Read-only opening replays in memory and writes not a byte.
//! 5. A log is removed only when both superblocks say, durably, that it is not required.
//! 6. No database is made beside a log that holds records: they may be all that is left of it.

use crate::commit::CommitState;
use crate::delta::Delta;
use crate::error::{StoreError, StoreResult};
use crate::forest::{FIRST_TREE, FOREST_TREE, Forest, MAIN_DATABASE, Version};
use crate::forest_file;
use crate::health::Health;
use crate::ids::CommitNumber;
use crate::labels;
use crate::locks::{LockOptions, LockTable};
use crate::options::StoreOptions;
use crate::recent::RecentCommits;
use crate::replay::{NextIds, Replay, Replayed, claimed_by};
use crate::sequence::Sequences;
use crate::serializable::{Serializable, SerializableOptions};
use crate::session::FIRST_TEMPORARY_TREE;
use crate::snapshots::Snapshots;
use crate::store::{Inner, WriterState};
use btree::Tree;
use env::sync::atomic::{AtomicU64, AtomicUsize};
use env::sync::{Mutex, OnceLock};
use env::{Env, File};
use pager::{Access, CheckpointInput, FreedPage, FreedRef, PageSet, Pager, Superblock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use wal::{Log, LogError, LogOptions, LogReader, LogStart, Lsn, Record, Recovery, RecoverySource, Tail};

/// The first numbers for branches of transactions; those below belong to the store itself.
const FIRST_OWNER: u64 = 16;

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Generation of the checkpoint that was opened.
    pub generation: u64,
    /// The commit it held.
    pub checkpoint: CommitNumber,
    /// Whether the database had been closed (no log was needed).
    pub clean: bool,
    /// How many records of the log were carried out on top.
    pub records: u64,
    /// The newest commit afterwards.
    pub commit: CommitNumber,
    /// How the log ended.
    pub tail: Option<Tail>,
}

/// What was read before the store can be put together.
struct Opened {
    env: Arc<dyn Env>,
    pager: Pager,
    options: StoreOptions,
    superblock: Superblock,
    forest: Tree,
    sequences: Sequences,
}

/// Where a database's log stands: beside it, `-log` behind its name.
pub fn log_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push("-log");
    PathBuf::from(name)
}

/// Opens, and recovers if need be.
///
/// # Errors
/// See [`crate::Store::open`].
pub fn open(env: Arc<dyn Env>, path: &Path, options: StoreOptions) -> StoreResult<Inner> {
    check(&options)?;
    let pager = open_pager(&env, path, &options)?;
    let superblock = pager.superblock();
    let (forest_tree, forest) = forest_file::read(&pager, &superblock)?;
    forest_file::check_numbers(&pager, &forest, superblock.next_tree.max(FIRST_TREE))?;
    let sequences = Sequences::new();
    for (id, database) in &forest.databases {
        for (sequence, reserved) in forest_file::sequence_entries(&pager, &database.sequences)? {
            sequences.restore(*id, u64::from_be_bytes(sequence), u64::from_be_bytes(reserved));
        }
    }
    let start = forest_file::log_start(superblock.log);
    let version = Version { commit: CommitNumber(superblock.commit), lsn: start.lsn, operations: 0, forest };
    let opened = Opened { env, pager, options, superblock, forest: forest_tree, sequences };
    if opened.superblock.log_required { opened.with_log(version) } else { opened.without_log(version) }
}

fn check(options: &StoreOptions) -> StoreResult<()> {
    if !matches!(options.log_sector_size, 512 | 4096) {
        let found = options.log_sector_size as u64;
        return Err(StoreError::Option { option: "log_sector_size", found, expected: "512 or 4096" });
    }
    Ok(())
}

fn open_pager(env: &Arc<dyn Env>, path: &Path, options: &StoreOptions) -> StoreResult<Pager> {
    let pager_options = pager::Options {
        access: if options.read_only { Access::ReadOnly } else { Access::ReadWrite },
        cache_bytes: options.cache_bytes,
        page_size: options.page_size,
        ..pager::Options::default()
    };
    match Pager::open(env.clone(), path, &pager_options) {
        Err(pager::Error::NotFound { .. }) if options.create && !options.read_only => {
            refuse_to_replace(env, path)?;
            Ok(Pager::create(env.clone(), path, &pager_options)?)
        }
        opened => Ok(opened?),
    }
}

/// A database that was lost is not replaced by an empty one as long as its log could still tell of commits.
fn refuse_to_replace(env: &Arc<dyn Env>, path: &Path) -> StoreResult<()> {
    let log = log_path(&env.resolve(&labels::OPEN_RESOLVE, path));
    if wal::holds_records(&**env, &log)? {
        let (file, log) = (path.display().to_string(), log.display().to_string());
        return Err(StoreError::MissingDatabase { file, log });
    }
    Ok(())
}

/// A session's temporary forest in a file of its own: as a new store, without a log, and with numbers for its trees that
/// the store's own trees never have.
pub fn temporary(env: Arc<dyn Env>, file: Arc<dyn File>, options: StoreOptions) -> StoreResult<Inner> {
    let pager_options = pager::Options {
        cache_bytes: options.cache_bytes,
        page_size: options.page_size,
        ..pager::Options::default()
    };
    let pager = Pager::temporary(env.clone(), file, &pager_options)?;
    let superblock = pager.superblock();
    let (forest, sequences) = (Tree::empty(FOREST_TREE), Sequences::new());
    let opened = Opened { env, pager, options, superblock, forest, sequences };
    let version = Version { commit: CommitNumber(0), lsn: Lsn(0), operations: 0, forest: Forest::new() };
    let next = NextIds { tree: FIRST_TEMPORARY_TREE, ..opened.next_ids() };
    let replayed = Replayed { version, delta: Delta::default(), next, records: 0 };
    Ok(Inner { unlogged: true, ..opened.assemble(None, replayed, true, None) })
}

impl Opened {
    fn next_ids(&self) -> NextIds {
        NextIds {
            transaction: self.superblock.next_transaction.max(1),
            tree: self.superblock.next_tree.max(FIRST_TREE),
            database: self.superblock.next_owner.max(MAIN_DATABASE.0 + 1),
        }
    }

    fn log_options(&self) -> LogOptions {
        LogOptions {
            segment_bytes: self.options.log_segment_bytes,
            sector_size: self.options.log_sector_size as u32,
        }
    }

    fn source(&self) -> RecoverySource {
        let start = forest_file::log_start(self.superblock.log);
        let older = forest_file::log_start(self.pager.older_superblock().log);
        let keep_from = std::cmp::min_by_key(older, start, |position| (position.lsn, position.epoch));
        // A checkpoint refers to commits only after the log was durable up to them.
        RecoverySource { start, durable: start.lsn, keep_from }
    }

    /// A database that was closed, or is new: nothing to recover.
    fn without_log(mut self, version: Version) -> StoreResult<Inner> {
        self.env.reached(&labels::RECOVERY_CLEAN);
        let next = self.next_ids();
        let old = self.superblock.log;
        let start = match old.epoch {
            0 => LogStart::FIRST,
            epoch => LogStart { epoch: epoch + 1, ..forest_file::log_start(old) },
        };
        let path = log_path(self.pager.path());
        // Before anything is written: if it was not closed there after all, the other superblock is the way back.
        match wal::refuse_needed(&*self.env, &path, Some((self.pager.database(), start))) {
            // Who only reads leaves it where it is.
            Err(LogError::InTheWay { .. } | LogError::HoldsCommits { .. }) if self.options.read_only => {}
            looked => looked?,
        }
        let log = if self.options.read_only {
            None
        } else {
            if self.pager.older_superblock().log_required {
                // The closing was cut off between its two checkpoints, and the newer one may be in the page cache only.
                // What makes it durable comes before the log goes that the older one needs.
                self.superblock = self.pager.checkpoint(CheckpointInput::repeat(&self.superblock))?;
                self.env.reached(&labels::RECOVERY_HALF_CLOSED);
            }
            let log = Log::create(self.env.clone(), &path, self.pager.database(), start, self.log_options())?;
            let mut input = CheckpointInput::repeat(&self.superblock);
            input.log = forest_file::log_position(start);
            input.log_required = true;
            self.superblock = self.pager.checkpoint(input)?;
            self.superblock = self.pager.checkpoint(CheckpointInput::repeat(&self.superblock))?;
            Some(log)
        };
        let replayed = Replayed { version, delta: Delta::default(), next, records: 0 };
        Ok(self.assemble(log, replayed, true, None))
    }

    /// A database that was not closed: its newest commits stand in the log.
    fn with_log(mut self, version: Version) -> StoreResult<Inner> {
        let path = log_path(self.pager.path());
        let database = self.pager.database();
        let source = self.source();
        if self.options.read_only {
            let log = Log::read_only(self.env.clone(), &path, database, source);
            let mut log = log.map_err(|error| self.missing_is_missing(error.into()))?;
            let replayed = self.replay(version, PageSet::new(), &mut log)?;
            let tail = log.tail();
            return Ok(self.assemble(None, replayed, false, tail));
        }
        let log = Log::recover(self.env.clone(), &path, database, source);
        let mut log = log.map_err(|error| self.missing_is_missing(error.into()))?;
        let mut claimed = PageSet::new();
        self.named_by_records(&mut log, source, Lsn(u64::MAX), &mut claimed)?;
        let claimed = self.pager.claim_named(&claimed)?;
        self.keep_what_the_older_superblock_needs(&mut log, &claimed)?;
        if !self.pager.older_superblock().log_required {
            // The last opening was cut off between its two checkpoints. Should the newer superblock rot, the older one
            // would say that there is nothing in the log.
            self.superblock = self.pager.checkpoint(CheckpointInput::repeat(&self.superblock))?;
        }
        // The file was surveyed once, above; only its records are read again.
        log.restart_from(source)?;
        let replayed = self.replay(version, claimed, &mut log)?;
        let tail = log.tail();
        let log = log.resume()?;
        Ok(self.assemble(Some(log), replayed, false, tail))
    }

    /// Should the newest superblock rot, recovery starts from the older one, and replays the large commits between the
    /// two. Their pages stand in neither superblock's map if they have been given up since: they are taken here, and
    /// become free when both superblocks are past the newest one's commit.
    ///
    /// Leaves `log` reading from there: it has to be started again.
    fn keep_what_the_older_superblock_needs(&self, log: &mut Recovery, claimed: &PageSet) -> StoreResult<()> {
        let older = self.pager.older_superblock();
        let until = Lsn(self.superblock.log.lsn);
        if !older.log_required || older.log.lsn >= until.0 {
            return Ok(());
        }
        let start = forest_file::log_start(older.log);
        // Up to there the newest checkpoint's commits were durable: an end before that is damage.
        let source = RecoverySource { start, durable: until, keep_from: start };
        let mut named = PageSet::new();
        if let Err(error) = self.named_by_records(log, source, until, &mut named) {
            // A damaged record can be replayed from the older superblock no more than now: then what it names need not
            // be kept. What may pass is reported, and the next opening tries again.
            if !error.is_damage_of_the_log() {
                return Err(error);
            }
            self.env.reached(&labels::OLDER_LOG_LOST);
        }
        named.difference(claimed);
        if named.is_empty() {
            return Ok(());
        }
        let named = self.pager.free_among(&named);
        self.pager.claim(&named)?;
        let given_up = named.iter().map(|number| FreedPage { page: FreedRef::Stored(number), birth: 0 });
        self.pager.retire(given_up.collect(), self.superblock.commit);
        Ok(())
    }

    /// The places that the records after `source` and up to `until` name. Leaves `log` reading from there.
    fn named_by_records(
        &self,
        log: &mut Recovery,
        source: RecoverySource,
        until: Lsn,
        named: &mut PageSet,
    ) -> StoreResult<()> {
        log.restart_from(source)?;
        while let Some(record) = log.next_record()? {
            if record.lsn > until {
                break;
            }
            claimed_by(&self.pager, &record, named)?;
        }
        Ok(())
    }

    fn missing_is_missing(&self, error: StoreError) -> StoreError {
        if let StoreError::Log(cause) = &error
            && let LogError::Missing { path } = &**cause
        {
            let (file, log) = (self.pager.path().display().to_string(), path.display().to_string());
            return StoreError::MissingLog { file, log };
        }
        error
    }

    fn replay(&self, version: Version, claimed: PageSet, log: &mut dyn Records) -> StoreResult<Replayed> {
        let next = self.next_ids();
        let limit = self.options.cache_bytes / 4;
        let mut replay = Replay::new(&*self.env, &self.pager, &self.sequences, version, claimed, next, limit);
        while let Some(record) = log.next()? {
            replay.record(&record)?;
        }
        if replay.records > 0 {
            self.env.reached(&labels::RECOVERY_REPLAYED);
        }
        replay.finish()
    }

    fn assemble(self, log: Option<Log>, replayed: Replayed, clean: bool, tail: Option<Tail>) -> Inner {
        let Replayed { version, delta, next, records } = replayed;
        // After a clean opening both superblocks hold the same checkpoint.
        let unknown_to_older = self.pager.take_unknown_to_older();
        let checkpoint_added = if clean { PageSet::new() } else { unknown_to_older };
        let older_log = forest_file::log_start(self.pager.older_superblock().log).lsn;
        let checkpoint_lsn = Lsn(self.superblock.log.lsn);
        let report = RecoveryReport {
            generation: self.superblock.generation,
            checkpoint: CommitNumber(self.superblock.commit),
            clean,
            records,
            commit: version.commit,
            tail,
        };
        let published = Arc::new(version);
        let deadlock_timeout = (self.options.deadlock_timeout_ms > 0)
            .then(|| Duration::from_millis(self.options.deadlock_timeout_ms));
        let lock_options = LockOptions {
            deadlock_timeout,
            transaction_budget: self.options.lock_bytes,
            ..LockOptions::default()
        };
        let tracking =
            SerializableOptions { budget: self.options.serializable_bytes, ..SerializableOptions::default() };
        Inner {
            locks: LockTable::new(self.env.clone(), lock_options),
            serializable: Serializable::new(self.env.clone(), tracking),
            health: Health::new(),
            snapshots: Arc::new(Snapshots::new(published.clone())),
            commit: Mutex::new(&labels::COMMIT_LOCK, CommitState { published, delta, checkpoint_added }),
            writing: Mutex::new(
                &labels::WRITING_LOCK,
                WriterState { forest: self.forest, older_log, log: checkpoint_lsn, unsettled: 0 },
            ),
            recent: RecentCommits::new(),
            sequences: self.sequences,
            signal: OnceLock::new(),
            checkpoint_lsn: AtomicU64::new(checkpoint_lsn.0),
            pages_since_checkpoint: AtomicU64::new(0),
            next_owner: AtomicU64::new(FIRST_OWNER),
            next_transaction: AtomicU64::new(next.transaction),
            next_session: AtomicU64::new(1),
            next_tree: AtomicU64::new(next.tree),
            next_database: AtomicU64::new(next.database),
            next_temporary_file: AtomicU64::new(1),
            unlogged: false,
            report,
            env: self.env,
            cache_bytes: AtomicUsize::new(self.options.cache_bytes),
            options: self.options,
            pager: self.pager,
            log,
        }
    }
}

/// The log's records in order, whether or not the log will be written to.
trait Records {
    fn next(&mut self) -> StoreResult<Option<Record<'_>>>;
}

impl Records for LogReader {
    fn next(&mut self) -> StoreResult<Option<Record<'_>>> {
        Ok(self.next_record()?)
    }
}

impl Records for Recovery {
    fn next(&mut self) -> StoreResult<Option<Record<'_>>> {
        Ok(self.next_record()?)
    }
}
