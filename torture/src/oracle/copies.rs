//! Backups made while others write are compared with the model like the database itself.

use super::{Trouble, contents};
use crate::model::{Expected, Standard};
use crate::promise::{Failure, Promise};
use crate::subject::{Opening, Refusal, RefusalKind, Shape, Subject};
use crate::workload::{Session, labels};
use env::Env;
use env::memory::{MemoryEnv, MemoryOptions};
use env::sync::suspended;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes a backup beside the database, opens it, compares it, removes it.
///
/// # Errors
/// [`Promise::BackupIsASnapshot`], or what kept the backup from being made or read.
pub fn backup_and_compare(session: &Session, task: &str, client: u8) -> Result<(), Trouble> {
    let target = backup_path(&session.path, client);
    let is_kept = session.state.with(|state| state.kept.iter().any(|kept| kept.path == target));
    if is_kept || !removed(session, task, &target) {
        return Ok(());
    }
    let demanded = session.state.with(|state| state.model.acknowledged_numbers());
    let handed_out = session.state.with(|state| state.model.handed_out());
    session.database.backup(&target)?;
    draw_from_copy(session, &target, &handed_out)?;
    let copy = session.subject.open(session.stage.env(), &target, &session.shape, Opening::ReadOnly)?;
    let sight = contents::first_sight(&*copy)?;
    let expected = session.state.with(|state| state.model.expect(&sight, Standard::Copy(&demanded)));
    let expected = expected.map_err(as_backup)?;
    contents::compare(&*copy, &expected).map_err(of_backup)?;
    copy.close()?;
    if session.choose(task, &labels::BACKUP_KEEP, 2) == 1 {
        let kept = KeptBackup { path: target, expected };
        session.state.with(|state| state.kept.push(kept));
    } else {
        removed(session, task, &target);
    }
    Ok(())
}

/// A copy hands out no value that its source had handed out before it was made. Asked of a copy of the copy, in memory:
/// drawing changes the file.
fn draw_from_copy(session: &Session, path: &Path, handed_out: &BTreeMap<u64, i64>) -> Result<(), Trouble> {
    let files = session.stage.synced_files();
    // Where a fault may have destroyed what was synced, it proves nothing.
    let Some(files) = files.filter(|_| !handed_out.is_empty() && !session.stage.may_be_damaged(path)) else {
        return Ok(());
    };
    suspended(|| {
        let env = Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), files));
        let shape = Shape { background: false, ..session.shape.clone() };
        let broken = |detail| Trouble::Broken(Failure::new(Promise::BackupIsASnapshot, detail));
        let refused = |refusal: Refusal| broken(format!("it takes no writes: {}", refusal.text));
        let copy = session.subject.open(env, path, &shape, Opening::Create).map_err(refused)?;
        for (sequence, highest) in handed_out {
            let next = copy.next_value(*sequence).map_err(refused)?;
            if next <= *highest {
                // The source itself may have forgotten it, with a log that was put in the place of a newer one.
                if session.stage.explains_repeated_value() {
                    return Err(Trouble::Lost);
                }
                let detail = format!("in it sequence {sequence} hands out {next} after {highest}");
                return Err(broken(detail));
            }
        }
        Ok(())
    })
}

/// A backup that was reported as done, and what it must hold from then on.
#[derive(Debug, Clone)]
pub struct KeptBackup {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub expected: Expected,
}

/// Looks at a backup of an earlier life: it is there, whatever has happened since.
///
/// # Errors
/// [`Promise::BackupIsASnapshot`], or what kept it from being read.
pub fn compare_kept(
    subject: &dyn Subject,
    env: &Arc<dyn Env>,
    shape: &Shape,
    kept: &KeptBackup,
) -> Result<(), Trouble> {
    let copy = subject.open(env.clone(), &kept.path, shape, Opening::ReadOnly).map_err(|refusal| {
        match refusal.kind {
            RefusalKind::Corrupt => Trouble::Broken(Failure::new(Promise::BackupIsASnapshot, refusal.text)),
            _ => Trouble::Refused(refusal),
        }
    })?;
    contents::compare(&*copy, &kept.expected).map_err(of_backup)?;
    Ok(copy.close()?)
}

fn of_backup(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Broken(failure) => Trouble::Broken(as_backup(failure)),
        Trouble::Refused(_) | Trouble::Lost => trouble,
    }
}

fn as_backup(failure: Failure) -> Failure {
    // That a commit went wrong shows in the copy as well; the copy is right about it.
    if failure.promise == Promise::NoLostUpdate {
        return failure;
    }
    let detail = format!("{} ({})", failure.promise, failure.detail);
    Failure { promise: Promise::BackupIsASnapshot, detail, ..failure }
}

fn backup_path(database: &Path, client: u8) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!("-backup-{client}"));
    name.into()
}

/// Removes a backup of an earlier life; whether nothing stands there now.
fn removed(session: &Session, task: &str, path: &Path) -> bool {
    match session.stage.env().remove(&labels::BACKUP_REMOVE, path) {
        Ok(()) => true,
        Err(error) if error.kind == ErrorKind::NotFound => true,
        Err(error) => {
            let refusal = Refusal::call(&error, error.to_string());
            // Told to the books; if no fault explains it, the next backup will say so.
            session.stage.explains(&refusal, task);
            false
        }
    }
}
