//! A disk with its books, for tests that need no tasks.
#![allow(dead_code)] // each test program uses its part

use env::{IoResult, Label, OpenMode};
use faults::{Call, Decisions, FaultKind, Ledger};
use sim::disk::{Disk, DiskConfig, Handle};
use std::io::IoSlice;
use std::path::Path;

env::labels! {
    READ: "test.read", Read, "a label for tests";
    WRITE: "test.write", Write, "a label for tests";
    SYNC: "test.sync", Sync, "a label for tests";
    LENGTH: "test.length", Length, "a label for tests";
    NAME: "test.name", Directory, "a label for tests";
    DIRECTORY: "test.directory", DirectorySync, "a label for tests";
    LOCK: "test.lock", FileLock, "a label for tests";
}

pub struct Desk {
    pub disk: Disk,
    pub decisions: Decisions,
    pub ledger: Ledger,
}

impl Desk {
    pub fn new(config: DiskConfig, decisions: Decisions) -> Desk {
        Desk { disk: Disk::new(config), decisions, ledger: Ledger::new() }
    }

    pub fn tame() -> Desk {
        Desk::new(DiskConfig { history: true, ..DiskConfig::default() }, Decisions::tame(1))
    }

    pub fn with<R>(&mut self, label: &'static Label, act: impl FnOnce(&mut Disk, &mut Call<'_>) -> R) -> R {
        let Desk { disk, decisions, ledger } = self;
        let task = decisions.task("main");
        act(disk, &mut Call { decisions, ledger, task, label, step: 0 })
    }

    pub fn open(&mut self, path: &str) -> Handle {
        self.with(&NAME, |disk, call| disk.open(Path::new(path), OpenMode::Create, 1, None, call))
            .expect("no fault")
    }

    pub fn write(
        &mut self,
        handle: Handle,
        offset: u64,
        bytes: &[u8],
        fault: Option<FaultKind>,
    ) -> IoResult<usize> {
        self.with(&WRITE, |disk, call| disk.write(handle, offset, &[IoSlice::new(bytes)], fault, call))
    }

    pub fn put(&mut self, handle: Handle, offset: u64, bytes: &[u8]) {
        assert_eq!(self.write(handle, offset, bytes, None), Ok(bytes.len()));
    }

    pub fn read(
        &mut self,
        handle: Handle,
        range: std::ops::Range<u64>,
        fault: Option<FaultKind>,
    ) -> IoResult<Vec<u8>> {
        let mut buffer = vec![0; (range.end - range.start) as usize];
        let count =
            self.with(&READ, |disk, call| disk.read(handle, range.start, &mut buffer, fault, call))?;
        buffer.truncate(count);
        Ok(buffer)
    }

    pub fn get(&mut self, handle: Handle, range: std::ops::Range<u64>) -> Vec<u8> {
        self.read(handle, range, None).expect("no fault")
    }

    pub fn sync(&mut self, handle: Handle, fault: Option<FaultKind>) -> IoResult<()> {
        self.with(&SYNC, |disk, call| disk.sync(handle, fault, call))
    }

    pub fn sync_directory(&mut self, fault: Option<FaultKind>) -> IoResult<()> {
        self.with(&DIRECTORY, |disk, call| disk.sync_directory(Path::new("/db"), fault, call))
    }

    pub fn set_len(&mut self, handle: Handle, length: u64, fault: Option<FaultKind>) -> IoResult<()> {
        self.with(&LENGTH, |disk, call| disk.set_len(handle, length, fault, call))
    }

    /// A file with these bytes, durable with its name, open.
    pub fn file(&mut self, path: &str, bytes: &[u8]) -> Handle {
        let handle = self.open(path);
        self.put(handle, 0, bytes);
        self.sync(handle, None).expect("no fault");
        self.sync_directory(None).expect("no fault");
        handle
    }

    /// The power fails and nothing unsynced survives.
    pub fn lose_power(&mut self) {
        self.ledger.crashed();
        self.ledger.power_failed();
        self.disk = self.disk.without_unsynced();
    }

    pub fn kinds(&self) -> Vec<FaultKind> {
        self.ledger.faults().iter().map(|fault| fault.kind).collect()
    }
}
