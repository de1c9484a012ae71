//! Canaries: a tiny journal with planted defects. Every defect must be found by some seed, and the honest journal by
//! none: so a simulator that has gone blind, or that cries wolf, is noticed at once.

use env::sync::{Condvar, Mutex};
use env::{Env, File, FileExt, IoError, IoResult, OpenMode};
use faults::{Decisions, FaultKind, Plan};
use sim::{Scheduling, Stop, World, WorldConfig};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

env::labels! {
    OPEN: "canary.open", Directory, "there is no journal";
    READ: "canary.read", Read, "nothing is recovered";
    WRITE: "canary.write", Write, "nothing is written";
    SYNC: "canary.sync", Sync, "acknowledged records are lost";
    LENGTH: "canary.length", Length, "old records come back";
    NAME: "canary.rename", Directory, "the new journal never takes the old one's place";
    NAME_SYNC: "canary.name.sync", DirectorySync, "the journal is lost";
    STATE: "canary.state", Lock, "places are given twice";
    DURABLE: "canary.durable", Lock, "a client waits for ever";
    CLIENT: "canary.client", Task, "nobody commits";
    BETWEEN: "canary.between", Mark, "the power fails while nothing runs";
}

/// What is wrong with the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    None,
    /// Acknowledges without any sync.
    NeverSyncs,
    /// Acknowledges, then syncs.
    AcknowledgesEarly,
    /// Does not sync the directory in which the journal was made.
    ForgetsDirectory,
    /// Takes whatever stands at a place for a record.
    TrustsTornRecords,
    /// Leaves what it has discarded where it stands.
    KeepsDiscarded,
    /// Syncs again after a failed sync and believes the answer.
    RetriesSync,
    /// Believes what the page cache shows after a failed sync.
    BelievesCache,
    /// Wakes one waiter where all must be woken.
    WakesOne,
    /// Looks at the next place and takes it under two locks.
    GivesPlaceTwice,
}

const RECORD: usize = 512;
const PATH: &str = "/db/journal";
const NEW_PATH: &str = "/db/journal-new";

fn encode(place: u64, value: u64) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..8].copy_from_slice(&value.to_le_bytes());
    record[8..16].copy_from_slice(&(value ^ place).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    record[500..508].copy_from_slice(&value.to_le_bytes());
    record
}

fn decode(place: u64, record: &[u8], defect: Defect) -> Option<u64> {
    let value = u64::from_le_bytes(record[..8].try_into().ok()?);
    let whole = record == encode(place, value);
    (value != 0 && (whole || defect == Defect::TrustsTornRecords)).then_some(value)
}

#[derive(Default)]
struct State {
    next: u64,
    pending: Vec<(u64, u64)>,
    durable: u64,
    leading: bool,
    failed: Option<IoError>,
}

struct Journal {
    file: Arc<dyn File>,
    defect: Defect,
    state: Mutex<State>,
    durable: Condvar,
}

impl Journal {
    /// Opens the journal and gives the values that it holds.
    ///
    /// What a former process wrote may stand in the page cache only, and must be written again before it is believed;
    /// but never in place, where it may be all that is left of an acknowledged record. So it goes into a new file.
    fn open(env: &dyn Env, defect: Defect) -> IoResult<(Journal, Vec<u64>)> {
        let old = env.open(&OPEN, Path::new(PATH), OpenMode::Create)?;
        let mut bytes = vec![0; old.len(&LENGTH)? as usize];
        old.read_exact_at(&READ, 0, &mut bytes)?;
        let records = bytes.chunks_exact(RECORD).enumerate();
        let values: Vec<u64> =
            records.map_while(|(place, record)| decode(place as u64, record, defect)).collect();
        if defect != Defect::KeepsDiscarded {
            bytes.truncate(values.len() * RECORD);
        }
        let file = if defect == Defect::BelievesCache {
            old.set_len(&LENGTH, bytes.len() as u64)?;
            old.sync_data(&SYNC)?;
            old
        } else {
            let new = env.open(&OPEN, Path::new(NEW_PATH), OpenMode::Create)?;
            new.set_len(&LENGTH, 0)?;
            new.write_all_at(&WRITE, 0, &bytes)?;
            new.sync_data(&SYNC)?;
            env.rename(&NAME, Path::new(NEW_PATH), Path::new(PATH))?;
            new
        };
        if defect != Defect::ForgetsDirectory {
            env.sync_directory(&NAME_SYNC, Path::new("/db"))?;
        }
        let next = values.len() as u64;
        let state = Mutex::new(&STATE, State { next, durable: next, ..State::default() });
        Ok((Journal { file, defect, state, durable: Condvar::new(&DURABLE) }, values))
    }

    fn take_place(&self, value: u64, issued: impl FnOnce(u64)) -> u64 {
        let seen = self.state.lock().next;
        let mut state = self.state.lock();
        let place = if self.defect == Defect::GivesPlaceTwice { seen } else { state.next };
        state.next = place + 1;
        // Told before anyone can write it: from here on it may be found.
        issued(place);
        state.pending.push((place, value));
        place
    }

    /// Makes `value` durable and gives its place. One caller writes for all who wait.
    fn commit(&self, value: u64, issued: impl FnOnce(u64)) -> IoResult<u64> {
        let place = self.take_place(value, issued);
        let mut state = self.state.lock();
        loop {
            if let Some(error) = &state.failed {
                return Err(error.clone());
            }
            if state.durable > place {
                return Ok(place);
            }
            if state.leading {
                self.durable.wait(&mut state);
                continue;
            }
            state.leading = true;
            let group = std::mem::take(&mut state.pending);
            if self.defect == Defect::AcknowledgesEarly {
                state.durable = state.next;
                self.durable.notify_all();
            }
            drop(state);
            let written = self.write(&group);
            state = self.state.lock();
            state.leading = false;
            match written {
                Ok(()) => {
                    state.durable = group.iter().map(|(place, _)| place + 1).fold(state.durable, u64::max)
                }
                Err(error) => state.failed = Some(error),
            }
            if self.defect == Defect::WakesOne {
                self.durable.notify_one();
            } else {
                self.durable.notify_all();
            }
        }
    }

    fn write(&self, group: &[(u64, u64)]) -> IoResult<()> {
        for &(place, value) in group {
            self.file.write_all_at(&WRITE, place * RECORD as u64, &encode(place, value))?;
        }
        match self.file.sync_data(&SYNC) {
            _ if self.defect == Defect::NeverSyncs => Ok(()),
            Err(_) if self.defect == Defect::RetriesSync => self.file.sync_data(&SYNC),
            result => result,
        }
    }
}

/// What the outside knows: what was acknowledged, and what may be found besides.
#[derive(Default)]
struct Oracle {
    acknowledged: BTreeMap<u64, u64>,
    issued: BTreeMap<u64, Vec<u64>>,
    next_value: u64,
    wrong: Option<String>,
}

impl Oracle {
    fn recovered(&mut self, values: &[u64]) {
        for (&place, value) in &self.acknowledged {
            if values.get(place as usize) != Some(value) {
                self.wrong = Some(format!("acknowledged record {place} is lost"));
            }
        }
        for (place, value) in values.iter().enumerate() {
            let allowed = self.issued.get(&(place as u64)).is_some_and(|issued| issued.contains(value));
            if !allowed {
                self.wrong = Some(format!("record {place} holds {value}, which it never may"));
            }
        }
        // What was seen is pinned; what was not is gone for good.
        self.issued = values.iter().enumerate().map(|(place, &value)| (place as u64, vec![value])).collect();
        self.acknowledged = values.iter().enumerate().map(|(place, &value)| (place as u64, value)).collect();
    }
}

/// Carries the oracle into tasks, which must be `Send`; a world never leaves its thread.
type Shared = Arc<env::sync::Mutex<Oracle>>;

fn live(env: &Arc<dyn Env>, defect: Defect, oracle: &Shared) -> IoResult<()> {
    let (journal, values) = Journal::open(&**env, defect)?;
    env::sync::suspended(|| oracle.lock().recovered(&values));
    let journal = Arc::new(journal);
    for name in ["anna", "bert", "cleo"] {
        let (journal, oracle) = (Arc::clone(&journal), Arc::clone(oracle));
        let body = Box::new(move || {
            for _ in 0..3 {
                let value = env::sync::suspended(|| {
                    let mut oracle = oracle.lock();
                    oracle.next_value += 1;
                    oracle.next_value
                });
                let issue = |place| {
                    env::sync::suspended(|| oracle.lock().issued.entry(place).or_default().push(value));
                };
                let Ok(place) = journal.commit(value, issue) else { return };
                env::sync::suspended(|| {
                    let mut oracle = oracle.lock();
                    if let Some(other) = oracle.acknowledged.insert(place, value) {
                        oracle.wrong = Some(format!("{other} and {value} share record {place}"));
                    }
                });
            }
        });
        env.spawn(&CLIENT, name, body)?;
    }
    Ok(())
}

/// One run of some lives; what was found wrong, if anything.
fn run(defect: Defect, seed: u64) -> Option<String> {
    let decisions = Decisions::seeded(seed);
    let plan = Plan::of(&[
        (FaultKind::PowerLoss, 15_000),
        (FaultKind::ProcessKilled, 3_000),
        (FaultKind::SyncFailed, 20_000),
        (FaultKind::ShortWrite, 20_000),
    ]);
    let config = WorldConfig { plan, scheduling: Scheduling::draw(&decisions), ..WorldConfig::default() };
    let world = World::new(config, decisions);
    let oracle: Shared = Arc::new(Mutex::new(&STATE, Oracle::default()));
    for life in 0..6 {
        if life == 5 {
            world.crash_between_runs(&BETWEEN, true);
            world.set_plan(Plan::none());
        }
        let (env, inside) = (world.env(), Arc::clone(&oracle));
        let unexpected = Rc::new(RefCell::new(None));
        let report = Rc::clone(&unexpected);
        let stop = world.run(move || {
            let result = live(&env, defect, &inside);
            *report.borrow_mut() = result.err().filter(|error| error.kind != ErrorKind::Other);
        });
        if let Some(error) = unexpected.borrow_mut().take()
            && !matches!(stop, Stop::Crashed { .. })
        {
            return Some(error.to_string());
        }
        if stop.is_failure() {
            return Some(stop.to_string());
        }
        if let Some(wrong) = oracle.lock().wrong.take() {
            return Some(wrong);
        }
    }
    None
}

#[test]
fn the_honest_journal_keeps_its_promises_under_every_seed() {
    for seed in 0..2_000 {
        assert_eq!(run(Defect::None, seed), None, "seed {seed}");
    }
}

#[test]
fn every_planted_defect_is_found() {
    use Defect::*;
    let defects = [
        NeverSyncs,
        AcknowledgesEarly,
        ForgetsDirectory,
        TrustsTornRecords,
        KeepsDiscarded,
        RetriesSync,
        BelievesCache,
        WakesOne,
        GivesPlaceTwice,
    ];
    for defect in defects {
        let found = (0..5_000).find_map(|seed| run(defect, seed).map(|wrong| (seed, wrong)));
        let (seed, wrong) = found.unwrap_or_else(|| panic!("5,000 seeds do not find {defect:?}"));
        println!("{defect:?}: seed {seed}: {wrong}");
        assert_eq!(run(defect, seed), Some(wrong), "{defect:?} does not replay");
    }
}
