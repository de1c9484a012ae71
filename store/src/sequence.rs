//! Sequences: counters outside all branches.
//!
//! A sequence hands out ordinals 0, 1, 2, …; what SQL makes of them (start, step, cycle) is not the store's concern. A
//! stretch of ordinals is reserved in the log before any of them is handed out, independent of commits and rollbacks.
//!
//! Invariants
//!
//! 1. No ordinal is handed out twice, not even after a crash: the reservation is durable first. A crash may leave a
//!    gap; a clean close does not. Numbers for rows need less: their reservation is in the log before the commit that has the rows.
//! 2. `next <= reserved` for each sequence; what a checkpoint stores is `reserved`.
//! 3. Ids of sequences are never reused, so a forgotten one needs no trace.

use crate::error::{StoreError, StoreResult};
use crate::ids::DatabaseId;
use crate::labels;
use crate::record::{self, Header};
use crate::store::Inner;
use env::sync::Mutex;
use std::collections::BTreeMap;
use wal::Lsn;

/// The fewest ordinals that one reservation takes.
const RESERVE_MIN: u64 = 32;
/// The most that it grows to when a sequence is in heavy use.
const RESERVE_MAX: u64 = 8192;

/// A sequence of one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SequenceId(pub u64);

#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    next: u64,
    reserved: u64,
    last_reservation: u64,
    /// End of the reservation's record: ordinals may go out once the log is durable up to here.
    lsn: Lsn,
}

/// All sequences of all databases.
pub struct Sequences {
    counters: Mutex<BTreeMap<(DatabaseId, u64), Counter>>,
}

impl Sequences {
    /// No sequence has been used.
    pub fn new() -> Sequences {
        Sequences { counters: Mutex::new(&labels::SEQUENCE_LOCK, BTreeMap::new()) }
    }

    /// Takes ordinals that are reserved already, if there are so many.
    fn take_reserved(&self, database: DatabaseId, sequence: SequenceId, count: u64) -> Option<u64> {
        let mut counters = self.counters.lock();
        let counter = counters.get_mut(&(database, sequence.0))?;
        let end = counter.next.checked_add(count).filter(|end| *end <= counter.reserved)?;
        Some(std::mem::replace(&mut counter.next, end))
    }

    /// Recovery learnt that ordinals below `upto` may have been handed out.
    pub fn restore(&self, database: DatabaseId, sequence: u64, upto: u64) {
        let mut counters = self.counters.lock();
        let counter = counters.entry((database, sequence)).or_default();
        counter.next = counter.next.max(upto);
        counter.reserved = counter.reserved.max(upto);
    }

    /// These sequences were dropped by a commit.
    pub fn dropped(&self, database: DatabaseId, sequences: &[u64]) {
        if sequences.is_empty() {
            return;
        }
        let mut counters = self.counters.lock();
        for sequence in sequences {
            counters.remove(&(database, *sequence));
        }
    }

    /// A database was branched: the new one counts on from where the old one stands.
    pub fn branched(&self, source: DatabaseId, target: DatabaseId) {
        let mut counters = self.counters.lock();
        let copies: Vec<_> = counters
            .range((source, 0)..=(source, u64::MAX))
            .map(|((_, sequence), counter)| {
                let copy = Counter { next: counter.reserved, ..*counter };
                ((target, *sequence), copy)
            })
            .collect();
        counters.extend(copies);
    }

    /// A database was dropped.
    pub fn forget(&self, database: DatabaseId) {
        self.counters.lock().retain(|(owner, _), _| *owner != database);
    }

    /// Nothing is handed out any more: what was reserved and not handed out is given back, for the last checkpoint. Should it
    /// fail, the reservations stand in the log.
    pub fn settle(&self) {
        for counter in self.counters.lock().values_mut() {
            counter.reserved = counter.next;
        }
    }

    /// What a checkpoint has to store: (database, sequence, reserved).
    pub fn reserved(&self) -> Vec<(DatabaseId, u64, u64)> {
        let counters = self.counters.lock();
        counters
            .iter()
            .map(|((database, sequence), counter)| (*database, *sequence, counter.reserved))
            .collect()
    }
}

impl Inner {
    /// Takes `count` consecutive ordinals of a sequence; returns the first. Never rolled back.
    ///
    /// # Errors
    /// When the reservation cannot be logged, or the ordinals are used up.
    pub fn take_ordinals(&self, database: DatabaseId, sequence: SequenceId, count: u64) -> StoreResult<u64> {
        self.health.check_open()?;
        self.snapshots.take().version().forest.database(database)?;
        let (first, lsn) = self.reserve_and_take(database, sequence, count)?;
        // Also under durability `Off`: a value that was handed out may have left for the world, commit or no commit.
        if !self.unlogged && self.env.enforce(&labels::SEQUENCE_DURABLE) && self.log()?.durable() < lsn {
            self.sync_log(lsn)?;
        }
        Ok(first)
    }

    /// See [`crate::Store::take_row_numbers`]. A commit's record stands behind the reservation's in the log, so a row that
    /// survives has a reservation that survives.
    pub fn take_row_numbers(
        &self,
        database: DatabaseId,
        sequence: SequenceId,
        count: u64,
    ) -> StoreResult<u64> {
        self.health.check_open()?;
        if let Some(first) = self.sequences.take_reserved(database, sequence, count) {
            return Ok(first);
        }
        self.snapshots.take().version().forest.database(database)?;
        Ok(self.reserve_and_take(database, sequence, count)?.0)
    }

    fn reserve_and_take(
        &self,
        database: DatabaseId,
        sequence: SequenceId,
        count: u64,
    ) -> StoreResult<(u64, Lsn)> {
        // The commit lock orders reservations among commits, and a checkpoint between the two.
        let _order = self.commit.lock();
        // Closing stops writing before its last checkpoint takes this lock: a later reservation would be lost.
        self.health.check()?;
        let mut counters = self.sequences.counters.lock();
        let counter = counters.entry((database, sequence.0)).or_default();
        let exhausted = StoreError::SequenceExhausted { sequence: sequence.0 };
        let end = counter.next.checked_add(count).ok_or(exhausted)?;
        if end > counter.reserved {
            let amount = (counter.last_reservation * 2).clamp(RESERVE_MIN, RESERVE_MAX);
            let upto = end.saturating_add(amount);
            if !self.unlogged {
                let mut payload = Vec::new();
                let header = Header::Sequence { database: database.0, sequence: sequence.0, upto };
                record::encode_header(&header, &mut payload);
                counter.lsn = self.append(&payload)?;
            }
            counter.reserved = upto;
            counter.last_reservation = amount;
        }
        let first = counter.next;
        counter.next = end;
        Ok((first, counter.lsn))
    }
}
