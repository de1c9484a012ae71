//! A world in memory in which chosen calls fail, or lie.

use env::memory::MemoryEnv;
use env::{
    Env, File, FileIdentity, FileLockKind, FileLockOutcome, IoError, IoResult, Label, OpenMode, TaskBody,
    TaskHandle,
};
use std::io::{ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What happens to a call instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails.
    Fail(ErrorKind),
    /// A read gives one wrong bit.
    WrongBit,
    /// A read gives zeros, as if nothing stood there yet.
    Zeros,
    /// A write or sync says yes and does nothing.
    Nothing,
    /// A sync does not begin before [`FaultyEnv::release`], and may suffer the next fault then.
    Hold,
}

struct Rule {
    label: &'static str,
    skip: usize,
    times: usize,
    fault: Fault,
}

/// What happened to a file's bytes.
#[derive(Debug, Clone)]
pub enum Change {
    /// Bytes were written.
    Write { offset: u64, bytes: Vec<u8> },
    /// The file was cut or extended.
    Length(u64),
    /// Everything before is durable.
    Sync,
}

#[derive(Default)]
struct State {
    changes: Vec<Change>,
    rules: Vec<Rule>,
    calls: Vec<&'static str>,
    marks: Vec<&'static str>,
    unenforced: Vec<&'static str>,
    /// Whether a call is held now.
    holds: bool,
}

/// See the file's text.
pub struct FaultyEnv {
    inner: Arc<MemoryEnv>,
    state: Arc<Mutex<State>>,
}

impl FaultyEnv {
    pub fn new(inner: Arc<MemoryEnv>) -> Arc<FaultyEnv> {
        Arc::new(FaultyEnv { inner, state: Arc::default() })
    }

    /// From the `skip`th next call at `label` on, `times` calls suffer `fault`.
    pub fn at(&self, label: &'static Label, skip: usize, times: usize, fault: Fault) {
        self.state.lock().unwrap().rules.push(Rule { label: label.name, skip, times, fault });
    }

    /// Whether a call is held ([`Fault::Hold`]).
    pub fn holds(&self) -> bool {
        self.state.lock().unwrap().holds
    }

    /// Lets the call that is held go on.
    pub fn release(&self) {
        self.state.lock().unwrap().holds = false;
    }

    /// What happened to files' bytes so far; forgets it.
    pub fn changes(&self) -> Vec<Change> {
        std::mem::take(&mut self.state.lock().unwrap().changes)
    }

    /// No further faults.
    pub fn calm(&self) {
        self.state.lock().unwrap().rules.clear();
    }

    /// Drops a barrier.
    pub fn sabotage(&self, label: &'static Label) {
        self.state.lock().unwrap().unenforced.push(label.name);
    }

    /// The calls so far, by label; forgets them.
    pub fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// Whether a mark was reached.
    pub fn was_reached(&self, mark: &'static Label) -> bool {
        self.state.lock().unwrap().marks.contains(&mark.name)
    }

    pub fn memory(&self) -> &Arc<MemoryEnv> {
        &self.inner
    }
}

fn next(state: &Mutex<State>, label: &'static Label) -> Option<Fault> {
    let mut state = state.lock().unwrap();
    state.calls.push(label.name);
    for rule in &mut state.rules {
        if rule.label != label.name || rule.times == 0 {
            continue;
        }
        if rule.skip > 0 {
            rule.skip -= 1;
            continue;
        }
        rule.times -= 1;
        return Some(rule.fault);
    }
    None
}

fn failed(fault: Option<Fault>, label: &'static Label, path: &Path) -> IoResult<()> {
    match fault {
        Some(Fault::Fail(kind)) => Err(IoError::new(label, path, kind)),
        _ => Ok(()),
    }
}

struct FaultyFile {
    inner: Arc<dyn File>,
    state: Arc<Mutex<State>>,
}

impl File for FaultyFile {
    fn read_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize> {
        let fault = next(&self.state, label);
        failed(fault, label, self.path())?;
        let count = self.inner.read_at(label, offset, buffer)?;
        if fault == Some(Fault::WrongBit) && count > 0 {
            buffer[count / 2] ^= 1;
        }
        if fault == Some(Fault::Zeros) {
            buffer[..count].fill(0);
        }
        Ok(count)
    }

    fn write_at(&self, label: &'static Label, offset: u64, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        let fault = next(&self.state, label);
        failed(fault, label, self.path())?;
        if fault == Some(Fault::Nothing) {
            return Ok(buffers.iter().map(|buffer| buffer.len()).sum());
        }
        let count = self.inner.write_at(label, offset, buffers)?;
        let mut bytes: Vec<u8> = buffers.iter().flat_map(|buffer| buffer.iter().copied()).collect();
        bytes.truncate(count);
        self.state.lock().unwrap().changes.push(Change::Write { offset, bytes });
        Ok(count)
    }

    fn sync_data(&self, label: &'static Label) -> IoResult<()> {
        let mut fault = next(&self.state, label);
        if fault == Some(Fault::Hold) {
            self.state.lock().unwrap().holds = true;
            while self.state.lock().unwrap().holds {
                std::hint::spin_loop();
            }
            fault = next(&self.state, label);
        }
        failed(fault, label, self.path())?;
        self.state.lock().unwrap().changes.push(Change::Sync);
        self.inner.sync_data(label)
    }

    fn sync_all(&self, label: &'static Label) -> IoResult<()> {
        failed(next(&self.state, label), label, self.path())?;
        self.state.lock().unwrap().changes.push(Change::Sync);
        self.inner.sync_all(label)
    }

    fn len(&self, label: &'static Label) -> IoResult<u64> {
        failed(next(&self.state, label), label, self.path())?;
        self.inner.len(label)
    }

    fn set_len(&self, label: &'static Label, length: u64) -> IoResult<()> {
        failed(next(&self.state, label), label, self.path())?;
        self.state.lock().unwrap().changes.push(Change::Length(length));
        self.inner.set_len(label, length)
    }

    fn try_lock(&self, label: &'static Label, kind: FileLockKind) -> IoResult<FileLockOutcome> {
        failed(next(&self.state, label), label, self.path())?;
        self.inner.try_lock(label, kind)
    }

    fn identity(&self, label: &'static Label) -> IoResult<FileIdentity> {
        failed(next(&self.state, label), label, self.path())?;
        self.inner.identity(label)
    }

    fn path(&self) -> &Path {
        self.inner.path()
    }

    fn sector_size(&self) -> usize {
        self.inner.sector_size()
    }
}

impl Env for FaultyEnv {
    fn open(&self, label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<Arc<dyn File>> {
        failed(next(&self.state, label), label, path)?;
        let inner = self.inner.open(label, path, mode)?;
        Ok(Arc::new(FaultyFile { inner, state: Arc::clone(&self.state) }))
    }

    fn rename(&self, label: &'static Label, from: &Path, to: &Path) -> IoResult<()> {
        failed(next(&self.state, label), label, from)?;
        self.inner.rename(label, from, to)
    }

    fn remove(&self, label: &'static Label, path: &Path) -> IoResult<()> {
        failed(next(&self.state, label), label, path)?;
        self.inner.remove(label, path)
    }

    fn identity(&self, label: &'static Label, path: &Path) -> IoResult<Option<FileIdentity>> {
        failed(next(&self.state, label), label, path)?;
        self.inner.identity(label, path)
    }

    fn list(&self, label: &'static Label, directory: &Path) -> IoResult<Vec<PathBuf>> {
        self.inner.list(label, directory)
    }

    fn sync_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()> {
        failed(next(&self.state, label), label, directory)?;
        self.inner.sync_directory(label, directory)
    }

    fn monotonic(&self, label: &'static Label) -> Duration {
        self.inner.monotonic(label)
    }

    fn wall_clock(&self, label: &'static Label) -> i64 {
        self.inner.wall_clock(label)
    }

    fn random(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<()> {
        failed(next(&self.state, label), label, Path::new(""))?;
        self.inner.random(label, buffer)
    }

    fn spawn(&self, label: &'static Label, name: &str, body: TaskBody) -> IoResult<Box<dyn TaskHandle>> {
        self.inner.spawn(label, name, body)
    }

    fn yield_now(&self, label: &'static Label) {
        self.inner.yield_now(label);
    }

    fn sleep(&self, label: &'static Label, duration: Duration) {
        self.inner.sleep(label, duration);
    }

    fn parallelism(&self) -> usize {
        self.inner.parallelism()
    }

    fn stack_budget(&self) -> usize {
        self.inner.stack_budget()
    }

    fn process_id(&self) -> u32 {
        self.inner.process_id()
    }

    fn enforce(&self, label: &'static Label) -> bool {
        !self.state.lock().unwrap().unenforced.contains(&label.name)
    }

    fn reached(&self, mark: &'static Label) {
        self.state.lock().unwrap().marks.push(mark.name);
    }
}
