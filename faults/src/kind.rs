//! The fault kinds: everything that may go wrong, what it means, and which verdicts are allowed.
//!
//! The table below is the contract. `docs/faults.md` is generated from it, the plan draws from it, and the ledger closes
//! faults by it. The rows it refers to are those of the project's fault model of one node, numbered 1 to 35.
//!
//! Invariants
//!
//! 1. A kind's number (its position here) never changes: logged choices name a fault by it. New kinds go to the end.
//! 2. Every row of the fault model is held by a kind or listed in [`NOT_SIMULATED`] with the reason.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What may come of a fault, as seen from outside the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Callers see at most delay.
    Masked,
    /// An error names the object; nothing wrong is served.
    Reported,
    /// The outcome of a commit cannot be told; the first observation is binding.
    Unknown,
    /// The fault destroyed the only copy; the engine says which.
    LostReported,
    /// It cannot be noticed on one node.
    Silent,
}

impl Verdict {
    /// The word used in documents and reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Masked => "masked",
            Verdict::Reported => "reported",
            Verdict::Unknown => "unknown",
            Verdict::LostReported => "lost, reported",
            Verdict::Silent => "silent",
        }
    }
}

/// What sort of evidence closes a fault (see [`Ledger`](crate::Ledger)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// The run ends here and the disk keeps what it keeps.
    Crash,
    /// What a crash made of an unsynced change.
    Survivor,
    /// A call did less than it was asked to, legally.
    Resumable,
    /// A call answered an error.
    CallError,
    /// Bytes, lengths or entries are not what was written, and no call says so.
    Content,
    /// Something took long, or a clock lied.
    Timing,
    /// Another process interferes, or a task of our own is gone.
    Process,
}

/// The sorts of calls at which a fault is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Opening a file.
    Open,
    /// Reading bytes.
    Read,
    /// Writing bytes.
    Write,
    /// Making a file durable.
    Sync,
    /// Changing a file's length.
    SetLength,
    /// Renaming a file.
    Rename,
    /// Removing a file.
    Remove,
    /// Asking for lengths, identities or lists of files.
    Inspect,
    /// Making a directory durable.
    DirectorySync,
    /// Taking the advisory lock.
    FileLock,
    /// Reading a clock.
    Clock,
    /// Sleeping.
    Sleep,
    /// Drawing random bytes.
    Entropy,
    /// Starting a task.
    Spawn,
    /// Yielding, locking, waiting: no call leaves the process.
    Yield,
    /// Between a crash and the next opening: what happens to a disk at rest.
    Restart,
    /// Asking how much memory there is to use. Nothing in the engine does: whoever drives it asks, and tells it.
    Memory,
    /// Listening, connecting, accepting, ending a connection.
    Connect,
    /// Reading from a connection.
    Receive,
    /// Writing to a connection.
    Send,
}

impl Operation {
    /// How many there are.
    pub const COUNT: usize = 20;
    /// All of them.
    pub const ALL: [Operation; Operation::COUNT] = [
        Operation::Open,
        Operation::Read,
        Operation::Write,
        Operation::Sync,
        Operation::SetLength,
        Operation::Rename,
        Operation::Remove,
        Operation::Inspect,
        Operation::DirectorySync,
        Operation::FileLock,
        Operation::Clock,
        Operation::Sleep,
        Operation::Entropy,
        Operation::Spawn,
        Operation::Yield,
        Operation::Restart,
        Operation::Memory,
        Operation::Connect,
        Operation::Receive,
        Operation::Send,
    ];
}

macro_rules! fault_kinds {
    ($($kind:ident: $name:literal, rows $rows:expr, $nature:ident, [$($verdict:ident),+], $operations:expr, $what:literal, $does:literal;)*) => {
        /// Something that can go wrong in the simulated world.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum FaultKind {
            $(#[doc = $what] $kind,)*
        }

        impl FaultKind {
            /// Every kind, in the order of their numbers.
            pub const ALL: &[FaultKind] = &[$(FaultKind::$kind),*];

            /// The kind's row of the contract.
            pub fn contract(self) -> &'static Contract {
                match self {
                    $(FaultKind::$kind => {
                        const ROW: &Contract = &Contract {
                            kind: FaultKind::$kind,
                            name: $name,
                            rows: $rows,
                            nature: Nature::$nature,
                            verdicts: &[$(Verdict::$verdict),+],
                            operations: $operations,
                            what_happens: $what,
                            what_the_engine_does: $does,
                        };
                        ROW
                    })*
                }
            }
        }
    };
}

/// One row of the contract.
#[derive(Debug)]
pub struct Contract {
    /// The kind it is about.
    pub kind: FaultKind,
    /// Its name in scenarios and reports.
    pub name: &'static str,
    /// The rows of the fault model that it makes happen.
    pub rows: &'static [u8],
    /// What sort of evidence closes it.
    pub nature: Nature,
    /// What may come of it. "Not reached" is always allowed.
    pub verdicts: &'static [Verdict],
    /// The calls at which it is drawn; empty for what only a crash or a scenario makes happen.
    pub operations: &'static [Operation],
    /// What happens, in one line.
    pub what_happens: &'static str,
    /// What a correct engine does about it.
    pub what_the_engine_does: &'static str,
}

use Operation::{
    Clock, Connect, DirectorySync, Entropy, FileLock, Inspect, Memory, Open, Read, Receive, Remove, Rename,
    Restart, Send, SetLength, Sleep, Spawn, Sync, Write, Yield,
};

const EVERY_CALL: &[Operation] = &[
    Open,
    Read,
    Write,
    Sync,
    SetLength,
    Rename,
    Remove,
    Inspect,
    DirectorySync,
    FileLock,
    Clock,
    Sleep,
    Entropy,
    Spawn,
    Yield,
    Connect,
    Receive,
    Send,
];
const DEVICE: &[Operation] =
    &[Open, Read, Write, Sync, SetLength, Rename, Remove, Inspect, DirectorySync, FileLock];
const TIME: &[Operation] = &[Clock, Sleep];

fault_kinds! {
    ProcessKilled: "process-killed", rows &[1, 23, 24], Crash, [Masked], EVERY_CALL,
        "The process dies at this call; everything written stays in the page cache, locks vanish.",
        "Recovers; the lock dies with its owner.";
    PowerLoss: "power-loss", rows &[2, 3, 23, 24], Crash, [Masked], EVERY_CALL,
        "The machine dies at this call; of what was not synced, the survivor choices keep a part.",
        "Acknowledges only after a sync; recovers to a prefix of commit order that holds every acknowledged commit.";
    UnsyncedLost: "unsynced-lost", rows &[2, 3], Survivor, [Masked], &[],
        "A write that no sync covered is gone after a crash, while later ones may be there, across files too.",
        "Puts a barrier between each cause and its effect: data, sync, root, sync.";
    TornWrite: "torn-write", rows &[4, 18], Survivor, [Masked], &[],
        "Of an unsynced write only some sectors survive a crash: a prefix, a suffix, a hole, or garbage.",
        "Checksums every page and record and never overwrites live pages; a torn tail of the log is cut for good.";
    CollateralTear: "collateral-tear", rows &[5], Survivor, [Masked], &[],
        "Old bytes in a sector that an unsynced write touched are garbage after a crash.",
        "Never rewrites a sector that holds acknowledged bytes.";
    LengthLost: "length-lost", rows &[19, 22], Survivor, [Masked], &[],
        "An unsynced change of a file's length is undone by a crash: growth is missing, a cut tail is back.",
        "Grows, syncs, and only then refers; gives no meaning to a returned tail.";
    GrownWithoutData: "grown-without-data", rows &[20], Survivor, [Masked], &[],
        "The length of an unsynced write survives a crash without its data: zeros or old content of other files.",
        "Gives no meaning to zeros; the checksum of an all-zero page is invalid.";
    EntryLost: "entry-lost", rows &[21], Survivor, [Masked], &[],
        "A created, renamed or removed name is as before after a crash, or a renamed file has both names.",
        "Syncs the directory before it acknowledges; creates under a temporary name.";
    ShortRead: "short-read", rows &[6], Resumable, [Masked], &[Read],
        "A read returns fewer bytes than there are.",
        "Reads on from there; zero bytes mean the end of the file.";
    ShortWrite: "short-write", rows &[6], Resumable, [Masked], &[Write],
        "A write takes fewer bytes than it was given.",
        "Writes on from there; no progress is an error.";
    Interrupted: "interrupted", rows &[6], Resumable, [Masked], &[Read, Write],
        "A signal interrupts the call before it did anything.",
        "Calls again.";
    ReadError: "read-error", rows &[16], CallError, [Masked, Reported], &[Read],
        "A read fails once with an input/output error.",
        "Retries a bounded number of times; never caches the failure.";
    WriteError: "write-error", rows &[7], CallError, [Masked, Reported, Unknown], &[Write],
        "A write fails with an input/output error; a part of it may be done.",
        "Fails the statement; after a failed log write the store is read-only until it is reopened.";
    NoSpace: "no-space", rows &[7, 8], CallError, [Masked, Reported, Unknown], &[Write, SetLength],
        "No space is left on the device; a part of the write may be done.",
        "Fails the transaction alone; reads and deletes go on, a checkpoint is tried again later.";
    OpenError: "open-error", rows &[7], CallError, [Masked, Reported], &[Open],
        "Opening a file fails with an input/output error.",
        "Reports it with the path and leaves everything as it was.";
    LengthError: "length-error", rows &[7], CallError, [Masked, Reported, Unknown], &[SetLength],
        "Changing a file's length fails with an input/output error.",
        "Reports it; nothing refers to space that was not gained.";
    RenameError: "rename-error", rows &[7], CallError, [Masked, Reported], &[Rename],
        "Renaming fails with an input/output error; both names are as they were.",
        "Reports it; the next opening finds the old state or cleans up.";
    RemoveError: "remove-error", rows &[7], CallError, [Masked, Reported], &[Remove],
        "Removing a file fails with an input/output error; it is still there.",
        "Reports it, or leaves the file for the next opening to deal with.";
    SyncFailed: "sync-failed", rows &[9], CallError, [Reported, Unknown], &[Sync],
        "A sync fails, the pages are then marked clean, and the next sync succeeds without having written them.",
        "Never syncs again as if nothing had happened: poisons the store, calls the commits in flight unknown, and on \
         reopening writes the log's tail again before believing it.";
    DirectorySyncFailed: "directory-sync-failed", rows &[9, 21], CallError, [Reported, Unknown], &[DirectorySync],
        "Syncing a directory fails; its changed entries are not durable.",
        "Reports it and does not acknowledge what depends on the entry.";
    LyingSync: "lying-sync", rows &[10], Content, [Masked, Reported, LostReported, Silent], &[Sync],
        "A sync says yes and has made nothing durable; a later crash undoes it.",
        "Keeps the older root intact; log positions, generations and durable marks show the gap if anything later survived.";
    LostWrite: "lost-write", rows &[11], Content, [Masked, Reported, LostReported, Silent], &[Write],
        "A write says yes and never reaches the device; the old bytes remain.",
        "Parents hold their children's checksum and generation; a lost superblock is shown by the log behind it.";
    MisdirectedWrite: "misdirected-write", rows &[12], Content, [Masked, Reported, LostReported, Silent], &[Write],
        "The right bytes land at a wrong offset and destroy what stood there.",
        "A page carries its own number; the parent's checksum finds the overwritten one. Over the other superblock it leaves a database that says it was closed: the log behind it, which went on, refuses that.";
    MisdirectedRead: "misdirected-read", rows &[13], Content, [Masked, Reported], &[Read],
        "A read returns bytes from another offset, once.",
        "Checks number and checksum at every cache fill; masks it by one retry.";
    StaleRead: "stale-read", rows &[13], Content, [Masked, Reported], &[Read],
        "A read returns an older version of the bytes, once.",
        "Checks generation and checksum at every cache fill; masks it by one retry.";
    BitRot: "bit-rot", rows &[14, 18], Content, [Masked, Reported, LostReported, Silent], &[Restart, Sync],
        "A bit flips at rest, in any byte of any file, also in free space and padding.",
        "Checksums at read; two superblocks; damage in what is unreachable does not matter. The log's newest records, which no \
         later one proves, cannot be told from a torn tail.";
    LatentSectorError: "latent-sector-error", rows &[15], Content, [Masked, Reported, LostReported], &[Read, Restart],
        "One sector answers every read with an error until it is written again.",
        "The error names page and file; the rest stays usable; no endless retry.";
    LateWrite: "late-write", rows &[25], Content, [Masked, Reported, Unknown], &[Write],
        "A write fails with a time-out and lands later, perhaps on space that was reused; at the latest when its file is closed.",
        "Reuses no place before its write has completed, or finds the damage by checksum.";
    FileCut: "file-cut", rows &[32], Content, [Masked, Reported, LostReported], &[Sync, Restart],
        "Someone cuts the file's tail off under us.",
        "Maps no data into memory; reports reads past the end, and checks the length at open.";
    FileDeleted: "file-deleted", rows &[32], Content, [Masked, Reported, LostReported, Silent], &[Sync, Restart],
        "Someone deletes the file under us.",
        "Works on with the open file, checks its identity at a checkpoint, and misses it at the next opening.";
    FileReplaced: "file-replaced", rows &[32, 33], Content, [Masked, Reported, LostReported, Silent], &[Restart],
        "Someone puts an older copy of one file in its place.",
        "Generations and parents' checksums show a mix; an older state that is whole in itself cannot be noticed.";
    SlowIo: "slow-io", rows &[26], Timing, [Masked], DEVICE,
        "The call takes tens of milliseconds.",
        "Holds no lock that readers need while it waits.";
    StuckIo: "stuck-io", rows &[26], Timing, [Masked, Reported], DEVICE,
        "The call takes many seconds.",
        "The rest goes on; time-outs are reported as such.";
    TaskStarved: "task-starved", rows &[26], Timing, [Masked], &[Yield],
        "The task is not scheduled for a long time although it could run.",
        "Progress of others does not depend on it unless it holds what they asked for.";
    ClockForward: "clock-forward", rows &[27], Timing, [Masked], TIME,
        "The wall clock jumps ahead, by seconds to years.",
        "Uses the monotonic clock for durations; wall time only as a value.";
    ClockBackward: "clock-backward", rows &[27], Timing, [Masked], TIME,
        "The wall clock jumps back.",
        "Uses the monotonic clock for durations; wall time only as a value.";
    ClockStands: "clock-stands", rows &[27], Timing, [Masked], TIME,
        "Both clocks answer the same time again and again.",
        "Gives no meaning to two times being different.";
    WeakEntropy: "weak-entropy", rows &[28], Timing, [Masked], &[Entropy],
        "Random bytes repeat those drawn before.",
        "Relies on generations in the file, not on luck.";
    EntropyError: "entropy-error", rows &[28], CallError, [Masked, Reported], &[Entropy],
        "The source of randomness answers an error.",
        "Reports it.";
    SpawnError: "spawn-error", rows &[29], CallError, [Masked, Reported], &[Spawn],
        "No task can be started.",
        "Reports it, or does the work in the calling task.";
    MemoryPressure: "memory-pressure", rows &[29], Timing, [Masked], &[Memory],
        "For the length of a transaction the cache may keep a handful of pages only.",
        "Evicts, spills, and works on slowly.";
    SecondProcess: "second-process", rows &[31], Process, [Masked, Reported], &[FileLock],
        "Another process holds the lock on the file.",
        "Refuses to open and says who holds it.";
    MemoryFlip: "memory-flip", rows &[17], Content, [Masked, Reported, LostReported, Silent], &[Read, Write],
        "A bit flips on its way between the engine's memory and the device: once in what is read, or for good in what is written.",
        "Computes checksums as soon as contents are final and verifies them at every cache fill; reads again before it reports.";
    TaskBrokenOff: "task-broken-off", rows &[30], Process, [Masked, Reported], &[],
        "A task that works with the store is broken off at a call, as by a panic or a cancelled statement.",
        "Gives its locks and its branch up; where it was in the midst of a change of what all share, writing stops until the \
         store is opened anew.";
    StreamSplit: "stream-split", rows &[34], Timing, [Masked], &[Receive, Send],
        "Of what is written to a connection only a part is taken, or of what has arrived only a part is read.",
        "Goes on with the rest; bytes mean the same in whatever pieces they come.";
    StreamDelayed: "stream-delayed", rows &[34], Timing, [Masked], &[Send],
        "Bytes arrive milliseconds to seconds later, and with them all that follows.",
        "Holds nothing that others need while it waits for a client.";
    ConnectionBroken: "connection-broken", rows &[34], Timing, [Masked], &[Receive, Send],
        "A connection breaks; what had not arrived by then never does, be it a COMMIT or the answer to it.",
        "Rolls back what was not committed and gives its locks back; a commit that was asked for is done wholly or not at all.";
    ConnectionRefused: "connection-refused", rows &[34], Timing, [Masked], &[Connect],
        "A connection is refused although somebody listens.",
        "It is its client who tries again.";
}

impl FaultKind {
    /// How many kinds there are.
    pub const COUNT: usize = FaultKind::ALL.len();

    /// The number of options of a choice of fault: none, or one of the kinds.
    pub const OPTIONS: u32 = FaultKind::COUNT as u32 + 1;

    /// The option that stands for this kind in a choice of fault.
    pub fn option(self) -> u32 {
        self as u32 + 1
    }

    /// The kind that an option stands for; `None` for the default and for numbers of no kind.
    pub fn from_option(option: u32) -> Option<FaultKind> {
        FaultKind::ALL.get((option as usize).checked_sub(1)?).copied()
    }

    /// Its name in scenarios and reports.
    pub fn name(self) -> &'static str {
        self.contract().name
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<FaultKind> {
        FaultKind::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// What sort of evidence closes it.
    pub fn nature(self) -> Nature {
        self.contract().nature
    }

    /// Whether the contract allows `verdict`.
    pub fn allows(self, verdict: Verdict) -> bool {
        self.contract().verdicts.contains(&verdict)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Rows of the fault model that no kind makes happen, and why.
pub const NOT_SIMULATED: &[(u8, &str, &str)] = &[
    (
        17,
        "bit flip in the engine's own structures",
        "silent by nature; what flips between memory and device is memory-flip",
    ),
    (
        29,
        "allocation fails, stack ends",
        "in part: what the process dies of is process-killed, tasks that cannot start are spawn-error, and budgets that \
         end are memory-pressure; an allocation that fails ends the process, as everywhere in Rust",
    ),
    (
        33,
        "file copied while it is open",
        "in part: file-replaced puts a whole older state in the file's place; a mix of two states within one file is not \
         drawn, and is told from a sound one by the checksums that pages keep of the pages below them",
    ),
    (
        35,
        "two faults at once",
        "not a kind: plans mix kinds, and the ledger asks of both together that they are at least reported",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_fault_model_is_held_by_a_kind_or_listed_with_a_reason() {
        let mut rows: Vec<u8> =
            FaultKind::ALL.iter().flat_map(|kind| kind.contract().rows).copied().collect();
        rows.extend(NOT_SIMULATED.iter().map(|&(row, _, _)| row));
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows, (1..=35).collect::<Vec<u8>>());
    }

    #[test]
    fn names_and_options_lead_back_to_their_kind() {
        assert_eq!(FaultKind::from_option(0), None);
        assert_eq!(FaultKind::from_option(FaultKind::OPTIONS), None);
        for (number, &kind) in FaultKind::ALL.iter().enumerate() {
            assert_eq!(kind.option() as usize, number + 1);
            assert_eq!(FaultKind::from_option(kind.option()), Some(kind));
            assert_eq!(FaultKind::from_name(kind.name()), Some(kind));
            assert_eq!(serde_name(kind), kind.name());
        }
    }

    /// The name under which a scenario file holds the kind.
    fn serde_name(kind: FaultKind) -> String {
        let mut name = String::new();
        for letter in format!("{kind:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}
