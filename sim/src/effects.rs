//! What calls that do not touch the disk do: clocks, entropy, barriers, marks; and how long every call takes.

use crate::state::{Entered, State};
use crate::trace::{Event, Outcome, digest, mix};
use env::Label;
use faults::{FaultKind, Operation, Part, Place};
use rand_core::Rng as _;
use std::io::ErrorKind;

impl State {
    /// How long a call usually takes, if its caller waits for a device.
    pub(crate) fn usual_time(&self, operation: Operation) -> Option<u64> {
        let latencies = &self.config.latencies;
        let time = match operation {
            Operation::Read => latencies.read,
            Operation::Write => latencies.write,
            Operation::Sync => latencies.sync,
            Operation::Open
            | Operation::SetLength
            | Operation::Rename
            | Operation::Remove
            | Operation::Inspect
            | Operation::FileLock => latencies.directory,
            Operation::DirectorySync => latencies.directory_sync,
            Operation::Clock
            | Operation::Sleep
            | Operation::Entropy
            | Operation::Spawn
            | Operation::Yield
            | Operation::Restart
            | Operation::Memory
            | Operation::Connect
            | Operation::Receive
            | Operation::Send => return None,
        };
        Some(time.as_nanos() as u64)
    }

    /// How long a call of usually `nanoseconds` takes this time: up to twice that, depending on seed, task and the
    /// task's own count of calls, so that what other tasks do does not change it.
    pub(crate) fn stretched(&self, nanoseconds: u64, label_hash: u64) -> u64 {
        let Some(slot) = self.current else { return nanoseconds };
        let task = self.tasks.get(slot);
        let draw = mix(mix(self.jitter, label_hash), u64::from(task.serial) << 40 ^ task.calls);
        nanoseconds + ((u128::from(nanoseconds) * u128::from(draw as u32)) >> 32) as u64
    }

    /// What a slow or stuck device adds to a call: 10 ms to 80 ms, or 5 s to 40 s.
    pub(crate) fn extra_delay(&mut self, entered: &Entered) -> u64 {
        let (kind, unit) = match entered.fault {
            Some(kind @ FaultKind::SlowIo) => (kind, 10_000_000),
            Some(kind @ FaultKind::StuckIo) => (kind, 5_000_000_000),
            Some(_) | None => return 0,
        };
        let mut books = self.books(entered.who, entered.label);
        books.inject(kind, Place::default());
        unit * (1 + u64::from(books.part(Part::Delay, 8)))
    }

    /// What the fault of a call that looks at a clock, or sleeps, does to the clocks.
    pub(crate) fn apply_clock_fault(&mut self, entered: &Entered) {
        /// How far the wall clock jumps, in seconds: up to ten years.
        const JUMPS: [i64; 7] = [1, 60, 3_600, 86_400, 2_592_000, 31_536_000, 315_360_000];
        let Some(kind) = entered.fault else { return };
        let mut books = self.books(entered.who, entered.label);
        match kind {
            FaultKind::ClockForward | FaultKind::ClockBackward => {
                let seconds = JUMPS[books.part(Part::Delay, JUMPS.len() as u32) as usize];
                books.inject(kind, Place::default());
                let sign = if kind == FaultKind::ClockForward { 1 } else { -1 };
                self.clock.jump(sign * seconds * 1_000_000);
            }
            FaultKind::ClockStands => {
                let exponent = books.part(Part::Delay, 6);
                books.inject(kind, Place::default());
                self.clock.stand(100_000 * 10u64.pow(exponent));
            }
            // The plan draws nothing else at a clock.
            _ => {}
        }
    }

    /// The random bytes that a call gets, as its fault wants it.
    pub(crate) fn fill_random(&mut self, entered: &Entered, buffer: &mut [u8]) -> Outcome {
        /// So many of the first random bytes are kept to be given again.
        const KEPT: usize = 64;
        if entered.sabotaged {
            self.skipped(entered.number);
            buffer.fill(0);
            return Outcome::Sabotaged;
        }
        match entered.fault {
            Some(FaultKind::WeakEntropy) => {
                self.books(entered.who, entered.label).inject(FaultKind::WeakEntropy, Place::default());
                let kept = self.entropy_drawn.iter().chain(std::iter::once(&0)).cycle();
                buffer.iter_mut().zip(kept).for_each(|(byte, &old)| *byte = old);
            }
            Some(FaultKind::EntropyError) => {
                self.books(entered.who, entered.label).inject(FaultKind::EntropyError, Place::default());
                return Outcome::Failed(ErrorKind::Other);
            }
            // The plan draws nothing else at a source of randomness.
            Some(_) | None => {
                self.entropy.fill_bytes(buffer);
                let room = KEPT.saturating_sub(self.entropy_drawn.len());
                self.entropy_drawn.extend(buffer.iter().take(room));
            }
        }
        Outcome::Value(digest(buffer) >> 8)
    }

    /// A mark was reached. No scheduling point: looking must not change what is looked at.
    pub(crate) fn reached(&mut self, mark: &'static Label) {
        let number = self.labels.number(mark);
        let record = self.labels.record(number);
        record.calls += 1;
        let hash = record.hash;
        self.record_event(Event::Reached { mark }, hash);
    }

    /// Whether the check behind `label` shall be made.
    pub(crate) fn enforce(&mut self, label: &'static Label) -> bool {
        let number = self.labels.number(label);
        let record = self.labels.record(number);
        record.calls += 1;
        let sabotaged = record.sabotaged;
        if sabotaged {
            self.skipped(number);
        }
        !sabotaged
    }
}
