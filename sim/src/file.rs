//! Files and directories of the simulated disk, as tasks call them.
//!
//! Each call passes the world's gate ([`Core::enter`]), does what the disk does under the fault that was decided, and is
//! traced. What is written enters the trace's hash by content, so that a byte that differs between two runs shows there.

use crate::core::{Core, Dead, Shared};
use crate::disk::{Disk, Handle};
use crate::environment::process_id;
use crate::state::{Entered, State};
use crate::trace::{Outcome, digest};
use env::{File, FileIdentity, FileLockKind, FileLockOutcome, IoError, IoResult, Label, OpenMode};
use faults::{Call, FaultKind, Operation};
use std::io::{ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open file of one process.
pub(crate) struct SimFile {
    shared: Shared,
    handle: Handle,
    path: PathBuf,
    /// Its number in the trace.
    number: u32,
    sector_size: usize,
}

/// What a call of the disk is about, for trace and errors.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) path: &'a Path,
    /// The path's number in the trace; 0 to look it up.
    pub(crate) file: u32,
    pub(crate) offset: u64,
}

impl Core {
    /// A call to the disk: `effect` happens under the decided fault; under sabotage `nothing` is answered instead.
    pub(crate) fn disk_call<R>(
        &self,
        label: &'static Label,
        operation: Operation,
        about: About<'_>,
        nothing: Option<R>,
        effect: impl FnOnce(&mut Disk, Option<FaultKind>, &mut Call<'_>) -> IoResult<R>,
        outcome: impl FnOnce(&R) -> Outcome,
    ) -> IoResult<R> {
        let entered = self.enter(label, operation).map_err(|Dead| dead(label, about.path))?;
        let mut state = self.state();
        let file = if about.file == 0 { state.trace.file(about.path) } else { about.file };
        let (result, outcome) = match nothing {
            Some(nothing) if entered.sabotaged => {
                state.skipped(entered.number);
                (Ok(nothing), Outcome::Sabotaged)
            }
            Some(_) | None => {
                let result = state.on_disk(&entered, effect);
                let outcome = match &result {
                    Ok(value) => outcome(value),
                    Err(error) => Outcome::Failed(error.kind),
                };
                (result, outcome)
            }
        };
        drop(state);
        self.leave(&entered, file, about.offset, outcome);
        result
    }
}

impl State {
    fn on_disk<R>(
        &mut self,
        entered: &Entered,
        effect: impl FnOnce(&mut Disk, Option<FaultKind>, &mut Call<'_>) -> R,
    ) -> R {
        let mut call = Call {
            decisions: &mut self.decisions,
            ledger: &mut self.ledger,
            task: entered.who,
            label: entered.label,
            step: self.step,
        };
        effect(&mut self.disk, entered.fault, &mut call)
    }
}

/// The answer to a task that is being taken down.
fn dead(label: &'static Label, path: &Path) -> IoError {
    IoError::new(label, path, ErrorKind::NotConnected)
}

impl SimFile {
    /// Opens the file at `path` for a process.
    pub(crate) fn open(
        shared: &Shared,
        process: u32,
        label: &'static Label,
        path: &Path,
        mode: OpenMode,
    ) -> IoResult<SimFile> {
        let core = shared.get();
        let about = About { path, file: 0, offset: 0 };
        let handle = core.disk_call(
            label,
            Operation::Open,
            about,
            None,
            |disk, fault, call| disk.open(path, mode, process_id(process), fault, call),
            |_| Outcome::Done,
        )?;
        let mut state = core.state();
        state.handles.push((process, handle));
        Ok(SimFile {
            shared: Arc::clone(shared),
            handle,
            path: path.to_path_buf(),
            number: state.trace.file(path),
            sector_size: state.disk.config().device.sector as usize,
        })
    }

    fn core(&self) -> &Core {
        self.shared.get()
    }

    fn about(&self, offset: u64) -> About<'_> {
        About { path: &self.path, file: self.number, offset }
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        // On a foreign thread, or inside a look at the world's state, the file stays open: a destructor must not panic.
        if self.shared.is_here()
            && let Some(mut state) = self.core().try_state()
        {
            state.close(self.handle);
        }
    }
}

impl File for SimFile {
    fn read_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize> {
        self.core().disk_call(
            label,
            Operation::Read,
            self.about(offset),
            None,
            |disk, fault, call| disk.read(self.handle, offset, buffer, fault, call),
            |&count| Outcome::Bytes(count as u64),
        )
    }

    fn write_at(&self, label: &'static Label, offset: u64, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        let content = buffers.iter().fold(0, |hash: u64, buffer| hash.rotate_left(7) ^ digest(buffer));
        self.core().state().trace.absorb(content);
        let all = buffers.iter().map(|buffer| buffer.len()).sum();
        self.core().disk_call(
            label,
            Operation::Write,
            self.about(offset),
            Some(all),
            |disk, fault, call| disk.write(self.handle, offset, buffers, fault, call),
            |&count| Outcome::Bytes(count as u64),
        )
    }

    fn sync_data(&self, label: &'static Label) -> IoResult<()> {
        self.core().disk_call(
            label,
            Operation::Sync,
            self.about(0),
            Some(()),
            |disk, fault, call| disk.sync(self.handle, fault, call),
            |()| Outcome::Done,
        )
    }

    fn sync_all(&self, label: &'static Label) -> IoResult<()> {
        self.sync_data(label)
    }

    fn len(&self, label: &'static Label) -> IoResult<u64> {
        self.core().disk_call(
            label,
            Operation::Inspect,
            self.about(0),
            None,
            |disk, _, _| disk.len(self.handle, label),
            |&length| Outcome::Value(length),
        )
    }

    fn set_len(&self, label: &'static Label, length: u64) -> IoResult<()> {
        self.core().disk_call(
            label,
            Operation::SetLength,
            self.about(length),
            Some(()),
            |disk, fault, call| disk.set_len(self.handle, length, fault, call),
            |()| Outcome::Value(length),
        )
    }

    fn try_lock(&self, label: &'static Label, kind: FileLockKind) -> IoResult<FileLockOutcome> {
        self.core().disk_call(
            label,
            Operation::FileLock,
            self.about(0),
            Some(FileLockOutcome::Acquired),
            |disk, fault, call| disk.try_lock(self.handle, kind, fault, call),
            |outcome| match outcome {
                FileLockOutcome::Acquired => Outcome::Done,
                FileLockOutcome::HeldBy(process) => Outcome::Held(process.unwrap_or(0)),
            },
        )
    }

    fn identity(&self, label: &'static Label) -> IoResult<FileIdentity> {
        self.core().disk_call(
            label,
            Operation::Inspect,
            self.about(0),
            None,
            |disk, _, _| disk.identity_of(self.handle, label),
            |identity| Outcome::Value(identity.inode),
        )
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn sector_size(&self) -> usize {
        self.sector_size
    }
}
