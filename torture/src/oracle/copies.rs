//! Backups made while others write are compared with the model like the database itself.

use super::{Trouble, contents};
use crate::model::Standard;
use crate::promise::{Failure, Promise};
use crate::subject::{Opening, Refusal};
use crate::workload::{Session, labels};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Makes a backup beside the database, opens it, compares it, removes it.
///
/// # Errors
/// [`Promise::BackupIsASnapshot`], or what kept the backup from being made or read.
pub fn backup_and_compare(session: &Session, task: &str, client: u8) -> Result<(), Trouble> {
    let target = backup_path(&session.path, client);
    if !removed(session, task, &target) {
        return Ok(());
    }
    let demanded = session.state.with(|state| state.model.acknowledged_numbers());
    session.database.backup(&target)?;
    let copy = session.subject.open(session.stage.env(), &target, &session.shape, Opening::ReadOnly)?;
    let sight = contents::first_sight(&*copy)?;
    let expected = session.state.with(|state| state.model.expect(&sight, Standard::Copy(&demanded)));
    contents::compare(&*copy, &expected.map_err(as_backup)?).map_err(|trouble| match trouble {
        Trouble::Broken(failure) => Trouble::Broken(as_backup(failure)),
        Trouble::Refused(refusal) => Trouble::Refused(refusal),
    })?;
    copy.close()?;
    removed(session, task, &target);
    Ok(())
}

fn as_backup(failure: Failure) -> Failure {
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
