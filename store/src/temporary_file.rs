//! Temporary files: what does not fit into memory and must not outlive the process.
//!
//! Temporary tables keep their pages in one, and whoever runs queries spills to them. All are made here. A file stands
//! beside the database, `NAME-temporary-1` and so on, and loses its name as soon as it is open: it lives as long as its
//! handle does, and when the process dies the file system takes its bytes back.
//!
//! Invariants
//!
//! 1. Nothing in a temporary file is needed by a recovery, and nothing in it is made durable.
//! 2. What a power failure brings back under such a name is removed when the name is needed again. Only a store that may
//!    write does that: it has the database to itself. Those who only read leave the names of the others alone; and what surely is
//!    somebody's (text, a database, a log) keeps its name, and the next number is taken.
//!
//! Fails when the file cannot be made; nothing is left behind then but, at worst, an empty file with such a name.

use crate::error::StoreResult;
use crate::labels;
use crate::store::Inner;
use env::sync::atomic::Ordering;
use env::{File, FileExt, IoError, OpenMode, TELLING_BYTES, is_text};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Inner {
    /// See [`crate::Store::temporary_file`].
    pub fn temporary_file(&self) -> StoreResult<Arc<dyn File>> {
        self.health.check_open()?;
        loop {
            let number = self.next_temporary_file.fetch_add(1, Ordering::Relaxed);
            let path = temporary_path(self.pager.path(), number);
            let file = match self.env.open(&labels::TEMPORARY_OPEN, &path, OpenMode::CreateNew) {
                Err(error) if error.kind == ErrorKind::AlreadyExists => {
                    if self.options.read_only || self.is_somebodys(&path) {
                        continue;
                    }
                    self.remove_name(&path)?;
                    self.env.open(&labels::TEMPORARY_OPEN, &path, OpenMode::CreateNew)?
                }
                opened => opened?,
            };
            self.remove_name(&path)?;
            return Ok(file);
        }
    }

    /// Nothing is written to a temporary file before it has lost its name, so what comes back under one is hardly ever text. What
    /// cannot be read is taken for somebody's: there are other names.
    fn is_somebodys(&self, path: &Path) -> bool {
        let mut beginning = [0; TELLING_BYTES];
        let look = self.env.open(&labels::TEMPORARY_LOOK, path, OpenMode::ReadOnly);
        let read = look.and_then(|file| file.read_agreed(&labels::TEMPORARY_READ, 0, &mut beginning));
        // Where no readings agree it cannot be told.
        let Ok(Some(_)) = read else { return true };
        let ours = [pager::MAGIC.as_slice(), wal::MAGIC.as_slice()];
        is_text(&beginning) || ours.iter().any(|magic| beginning.starts_with(magic))
    }

    fn remove_name(&self, path: &Path) -> Result<(), IoError> {
        self.env.remove(&labels::TEMPORARY_REMOVE, path)
    }
}

/// Where the temporary file of this number is made.
fn temporary_path(database: &Path, number: u64) -> PathBuf {
    let mut name = database.as_os_str().to_os_string();
    name.push(format!("-temporary-{number}"));
    PathBuf::from(name)
}
