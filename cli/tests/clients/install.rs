//! Installing a client: once for what is pinned, within a limit of time, or not at all.

use crate::command::run;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long a package client may take.
pub const LIMIT: Duration = Duration::from_secs(300);

/// Where the scripts of the clients lie.
pub fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients").canonicalize().unwrap()
}

/// Where installed clients are kept between runs.
pub fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients")
}

/// What was installed; or `None` with a message, for the test to pass over. Where clients are required that is a failure.
pub fn or_pass_over<T>(client: &str, installed: Result<T, String>) -> Option<T> {
    match installed {
        Ok(installed) => Some(installed),
        Err(reason) if std::env::var("HORNBEAM_CLIENTS").as_deref() == Ok("required") => {
            panic!("{client} is required and cannot be installed: {reason}")
        }
        Err(reason) => {
            // Not by `eprintln!`, which nobody sees of a test that passes.
            let _ = writeln!(std::io::stderr(), "{client} cannot be installed, nothing was tested: {reason}");
            None
        }
    }
}

/// A program of the system: that it is there.
pub fn program(name: &str) -> Result<(), String> {
    run(Command::new(name).arg("--version"), LIMIT)?.well().map(drop)
}

/// The folder of a client, made by `install` unless it was made of the same `pinned` text. The mark of having been
/// installed is written last: what was interrupted is begun anew.
pub fn once(
    client: &str,
    pinned: &Path,
    install: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let folder = kept().join(client);
    let mark = folder.join("installed");
    let wanted = std::fs::read_to_string(pinned).unwrap();
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    install(&folder)?;
    std::fs::write(mark, wanted).map_err(|error| error.to_string())?;
    Ok(folder)
}
