//! How the shell and the server open their database: a file, or one in memory; for writing, or only for reading.
//!
//! A file that may not be written, or whose log cannot be made beside it, is opened for reading, as SQLite does, and whoever
//! asked is told so. It fails as the store does: with the file's name, what was found, and what to do.

use crate::errors::CliError;
use env::Env;
use env::memory::MemoryEnv;
use std::path::Path;
use std::sync::Arc;
use store::{Durability, Store, StoreOptions};

/// A database that is open.
pub struct Opened {
    /// Where it lies.
    pub world: Arc<dyn Env>,
    pub store: Store,
    /// What it is called: the file's name.
    pub name: String,
    /// What is to be told of it, if anything is.
    pub notice: Option<String>,
}

/// Opens the database in `file`, or a new one in memory; with so many bytes for its pages.
pub fn open(
    env: &Arc<dyn Env>,
    file: Option<&Path>,
    cache_bytes: usize,
    read_only: bool,
) -> Result<Opened, CliError> {
    let options = StoreOptions { cache_bytes, read_only, create: !read_only, ..StoreOptions::default() };
    let Some(file) = file else {
        let world: Arc<dyn Env> = Arc::new(MemoryEnv::new().with_stack_budget(env.stack_budget()));
        let options = StoreOptions { durability: Durability::Off, read_only: false, create: true, ..options };
        let store = Store::open(world.clone(), Path::new("memory.db"), options).map_err(CliError::Store)?;
        return Ok(Opened { world, store, name: "memory".into(), notice: None });
    };
    let (store, notice) = open_file(env, file, options)?;
    let name = file.file_stem().map_or_else(|| "hornbeam".into(), |name| name.to_string_lossy().into_owned());
    Ok(Opened { world: env.clone(), store, name, notice })
}

fn open_file(
    env: &Arc<dyn Env>,
    file: &Path,
    options: StoreOptions,
) -> Result<(Store, Option<String>), CliError> {
    let refused = match Store::open(env.clone(), file, options.clone()) {
        Ok(store) => return Ok((store, None)),
        Err(error) => error,
    };
    if options.read_only || !refused.is_permission_denied() {
        return Err(CliError::Store(refused));
    }
    match Store::open(env.clone(), file, StoreOptions { read_only: true, create: false, ..options }) {
        Ok(store) => {
            let notice = format!("{} is open only for reading: {refused}", file.display());
            Ok((store, Some(notice)))
        }
        // It may not even be read, or is not there.
        Err(_) => Err(CliError::Store(refused)),
    }
}

#[cfg(test)]
#[path = "../../pager/tests/pager/support/faulty.rs"]
#[allow(dead_code, clippy::disallowed_types, clippy::unwrap_used)]
// one file of faults for the tests of all crates
mod faulty;

#[cfg(test)]
mod tests {
    use super::faulty::{Fault, FaultyEnv};
    use super::open;
    use env::Env;
    use env::memory::MemoryEnv;
    use std::io::ErrorKind;
    use std::path::Path;
    use std::sync::Arc;

    env::labels! {
        OPEN: "pager.open", Directory, "the file is not opened";
    }

    #[test]
    fn a_file_that_may_not_be_written_is_read() {
        let memory = Arc::new(MemoryEnv::new());
        let file = Some(Path::new("app.db"));
        let plain: Arc<dyn Env> = memory.clone();
        open(&plain, file, 1 << 20, false).expect("is made").store.close().expect("closes");
        let before = memory.files();
        let refusing = FaultyEnv::new(memory.clone());
        let env: Arc<dyn Env> = refusing.clone();
        refusing.at(&OPEN, 0, 1, Fault::Fail(ErrorKind::PermissionDenied));
        let opened = open(&env, file, 1 << 20, false).expect("is read");
        let notice = opened.notice.expect("is told");
        assert!(notice.starts_with("app.db is open only for reading: "), "{notice}");
        opened.store.close().expect("closes");
        assert!(memory.files() == before);
        // Asked for, nothing is told.
        let opened = open(&env, file, 1 << 20, true).expect("is read");
        assert_eq!((opened.name.as_str(), opened.notice), ("app", None));
        // Any other failure is none of the file's permissions; and what may not be read either is refused as at first.
        refusing.at(&OPEN, 0, 1, Fault::Fail(ErrorKind::Other));
        assert!(open(&env, file, 1 << 20, false).is_err());
        refusing.at(&OPEN, 0, 2, Fault::Fail(ErrorKind::PermissionDenied));
        assert!(open(&env, file, 1 << 20, false).is_err());
    }
}
