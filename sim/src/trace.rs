//! The trace of a run: one rolling hash over everything that happened, and on request the events themselves.
//!
//! The hash is always on: a few multiplications per call, no allocation. It covers step, virtual time, task, label and
//! outcome of every environment call, the bytes that were written, and every switch of tasks; so the first thing that
//! differs between two runs changes it.
//!
//! Names are kept beside the events by number, so that an event is a small plain value.

use env::{Label, LabelKind};
use faults::{Fault, FaultNumber, Ledger};
use std::collections::VecDeque;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How much of a run is kept to be read afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recording {
    /// Nothing but the hash.
    #[default]
    Off,
    /// The last so many events.
    Last(usize),
    /// Everything.
    All,
}

/// What came of an environment call, short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it says.
    Done,
    /// So many bytes were read or written.
    Bytes(u64),
    /// It returned this number: a length, a time, a count.
    Value(u64),
    /// Another process (with this id, if known; else 0) holds the file's lock.
    Held(u32),
    /// It failed with this error.
    Failed(ErrorKind),
    /// Sabotage: it claimed success and did nothing.
    Sabotaged,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// An environment call came back.
    Call {
        /// Its label.
        label: &'static Label,
        /// Number of the file it was about, 0 for none.
        file: u32,
        /// Where in the file.
        offset: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// The scheduler let another task run although this one could go on.
    Preempted {
        /// At which call or lock.
        label: &'static Label,
    },
    /// The task waits for a lock, a condition or the end of another task.
    Waits {
        /// For what.
        label: &'static Label,
    },
    /// The scheduler put the task aside for a while.
    Starved {
        /// At which call or lock.
        label: &'static Label,
        /// Until when.
        until: Duration,
    },
    /// A wake-up was swallowed by sabotage.
    WakeLost {
        /// Of which lock or condition.
        label: &'static Label,
    },
    /// A rare state was reached.
    Reached {
        /// The mark.
        mark: &'static Label,
    },
    /// A fault was injected; the ledger tells what and where.
    Fault {
        /// Its number in the ledger.
        number: FaultNumber,
    },
    /// The task started.
    Started,
    /// The task ended.
    Ended,
    /// The task was cancelled.
    Cancelled {
        /// At which call.
        label: &'static Label,
    },
    /// The world was crashed: at a lock, after the call of the line before, or else before the call took effect.
    Crashed {
        /// At which call.
        label: &'static Label,
        /// Whether the power failed (else only the process was killed).
        power: bool,
    },
    /// A note by whoever drives the run.
    Note(usize),
}

/// An event with its time and task.
#[derive(Debug, Clone, Copy)]
pub struct TraceEntry {
    /// Environment calls made in this world so far.
    pub step: u64,
    /// Virtual time since the world's start.
    pub time: Duration,
    /// Serial number of the task; 0 is code outside any task.
    pub task: u32,
    /// What happened.
    pub event: Event,
}

/// The rolling hash, and what is kept.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    recording: Recording,
    entries: VecDeque<TraceEntry>,
    tasks: Vec<Box<str>>,
    files: Vec<PathBuf>,
    notes: Vec<String>,
}

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Folds `word` into `hash`. Cheap, and every bit of every word reaches every later bit.
#[inline]
pub(crate) fn mix(hash: u64, word: u64) -> u64 {
    let product = u128::from(hash ^ word ^ 0x2545_f491_4f6c_dd1d) * u128::from(MULTIPLIER);
    (product as u64) ^ ((product >> 64) as u64) ^ word.rotate_left(23)
}

/// A fast 64-bit digest of `bytes`, the same on every machine. It detects differences, not attacks.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mut hash = mix(0, bytes.len() as u64);
    let mut chunks = bytes.chunks_exact(16);
    for chunk in &mut chunks {
        let low = u64::from_le_bytes(chunk[..8].try_into().expect("half of sixteen bytes"));
        let high = u64::from_le_bytes(chunk[8..].try_into().expect("half of sixteen bytes"));
        let product = u128::from(hash ^ low) * u128::from(high ^ MULTIPLIER);
        hash = (product as u64) ^ ((product >> 64) as u64) ^ low.rotate_left(17) ^ high;
    }
    for &byte in chunks.remainder() {
        hash = mix(hash, u64::from(byte));
    }
    hash
}

impl Outcome {
    fn code(self) -> u64 {
        match self {
            Outcome::Done => 1,
            Outcome::Bytes(count) => 2 | count << 8,
            Outcome::Value(value) => 3 | value << 8,
            Outcome::Failed(kind) => 4 | error_code(kind) << 8,
            Outcome::Sabotaged => 5,
            Outcome::Held(process) => 7 | u64::from(process) << 8,
        }
    }
}

/// A number for an error kind that no compiler version changes.
fn error_code(kind: ErrorKind) -> u64 {
    digest(format!("{kind:?}").as_bytes()) >> 40
}

impl Trace {
    pub(crate) fn new(recording: Recording) -> Trace {
        Trace {
            hash: 0x486f_726e_6265_616d,
            recording,
            entries: VecDeque::new(),
            tasks: vec!["(outside)".into()],
            files: vec![PathBuf::new()],
            notes: Vec::new(),
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// Folds a word that is no event (a digest of written bytes, a disk image's hash) into the hash.
    #[inline]
    pub(crate) fn absorb(&mut self, word: u64) {
        self.hash = mix(self.hash, word);
    }

    /// A call came back. `label_hash` is the label's, computed once by the caller's table.
    #[inline]
    pub(crate) fn call(&mut self, entry: TraceEntry, label_hash: u64, offset: u64, outcome: Outcome) {
        let place = entry.step ^ (u64::from(entry.task) << 48);
        let mut hash = mix(self.hash, place);
        hash = mix(hash, entry.time.as_nanos() as u64);
        hash = mix(hash, label_hash ^ offset);
        self.hash = mix(hash, outcome.code());
        self.keep(entry);
    }

    /// Anything else: `code` tells the events apart in the hash.
    #[inline]
    pub(crate) fn event(&mut self, entry: TraceEntry, code: u64) {
        self.hash = mix(self.hash, code ^ (u64::from(entry.task) << 48) ^ entry.step);
        self.keep(entry);
    }

    /// Keeps an event, if events are kept; it is no part of the hash.
    #[inline]
    pub(crate) fn keep(&mut self, entry: TraceEntry) {
        match self.recording {
            Recording::Off => {}
            Recording::Last(count) => {
                if self.entries.len() >= count {
                    self.entries.pop_front();
                }
                self.entries.push_back(entry);
            }
            Recording::All => self.entries.push_back(entry),
        }
    }

    /// The next task's name; tasks are named in the order of their serial numbers.
    pub(crate) fn name_task(&mut self, name: &str) {
        self.tasks.push(name.into());
    }

    pub(crate) fn task_name(&self, serial: u32) -> &str {
        self.tasks.get(serial as usize).map_or("?", |name| name)
    }

    /// The number of `path` in this trace.
    pub(crate) fn file(&mut self, path: &Path) -> u32 {
        let known = self.files.iter().position(|file| file == path);
        let number = known.unwrap_or_else(|| {
            self.files.push(path.to_path_buf());
            self.files.len() - 1
        });
        number as u32
    }

    /// Keeps a note and gives its number.
    pub(crate) fn note(&mut self, text: String) -> Event {
        if self.recording == Recording::Off {
            return Event::Note(usize::MAX);
        }
        self.notes.push(text);
        Event::Note(self.notes.len() - 1)
    }

    /// The kept events.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &TraceEntry> {
        self.entries.iter()
    }

    /// One line for an entry: step, time, task, what.
    pub(crate) fn line(&self, entry: &TraceEntry, ledger: &Ledger) -> String {
        let mut line = format!(
            "{:>7} {:>13.9}s {:<14} ",
            entry.step,
            entry.time.as_secs_f64(),
            self.task_name(entry.task)
        );
        self.describe(entry, ledger, &mut line);
        line
    }

    fn describe(&self, entry: &TraceEntry, ledger: &Ledger, line: &mut String) {
        use fmt::Write as _;
        let written = match entry.event {
            Event::Call { label, file, offset, outcome } => {
                let place = self.files[file as usize].display();
                match (file, label.kind) {
                    (0, _) => write!(line, "{:<28} {outcome}", label.name),
                    (_, LabelKind::Read | LabelKind::Write) => {
                        write!(line, "{:<28} {outcome} at {offset}, {place}", label.name)
                    }
                    (_, _) => write!(line, "{:<28} {outcome}, {place}", label.name),
                }
            }
            Event::Preempted { label } => write!(line, "{:<28} - lets another task run first", label.name),
            Event::Waits { label } => write!(line, "{:<28} - waits", label.name),
            Event::Starved { label, until } => {
                write!(line, "{:<28} - starves until {:.9}s", label.name, until.as_secs_f64())
            }
            Event::WakeLost { label } => write!(line, "{:<28} - sabotaged: wakes nobody", label.name),
            Event::Reached { mark } => write!(line, "{:<28} - reached", mark.name),
            Event::Fault { number } => match ledger.fault(number) {
                Some(fault) => describe_fault(fault, line),
                None => write!(line, "! fault {number}"),
            },
            Event::Started => write!(line, "- starts"),
            Event::Ended => write!(line, "- ends"),
            Event::Cancelled { label } => write!(line, "{:<28} ! cancelled here", label.name),
            Event::Crashed { label, power: true } => {
                write!(line, "{:<28} ! the power fails here", label.name)
            }
            Event::Crashed { label, power: false } => {
                write!(line, "{:<28} ! the process is killed here", label.name)
            }
            Event::Note(number) => {
                write!(line, "# {}", self.notes.get(number).map_or("", |note| note.as_str()))
            }
        };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
}

/// What was done to which bytes; the label is that of the call in the same step.
fn describe_fault(fault: &Fault, line: &mut String) -> fmt::Result {
    use fmt::Write as _;
    write!(line, "! fault {}: {}", fault.number, fault.kind)?;
    let Some(file) = &fault.place.file else { return Ok(()) };
    let range = &fault.place.range;
    match range.end {
        u64::MAX => write!(line, ", {}", file.display()),
        _ => write!(line, ", bytes {}..{} of {}", range.start, range.end, file.display()),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Done => formatter.write_str("ok"),
            Outcome::Bytes(count) => write!(formatter, "{count} bytes"),
            Outcome::Value(value) => write!(formatter, "= {value}"),
            Outcome::Held(0) => formatter.write_str("held by another process"),
            Outcome::Held(process) => write!(formatter, "held by process {process}"),
            Outcome::Failed(kind) => write!(formatter, "FAILED: {kind}"),
            Outcome::Sabotaged => formatter.write_str("sabotaged: claims success, does nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_sees_every_byte_and_the_length() {
        let bytes: Vec<u8> = (0..100).collect();
        let whole = digest(&bytes);
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            assert_ne!(digest(&changed), whole, "byte {position}");
        }
        assert_ne!(digest(&bytes[..99]), whole);
        assert_ne!(digest(&[0; 16]), digest(&[0; 32]));
    }

    #[test]
    fn the_digest_is_pinned() {
        // A change of these numbers changes what every recorded hash means.
        assert_eq!(format!("{:016x}", digest(b"hornbeam")), PINNED_SHORT);
        assert_eq!(format!("{:016x}", digest(&[7; 512])), PINNED_LONG);
    }

    const PINNED_SHORT: &str = "4ff2e3c402aa51a4";
    const PINNED_LONG: &str = "d1a4c3f14c44b61a";
}
