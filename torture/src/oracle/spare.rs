//! The spare superblock: whichever of the two rots, the other one and the log bring back everything acknowledged.
//!
//! As [`super::accounting`] this looks at the synced bytes alone, in a memory-backed environment, with one byte of one
//! superblock changed. Rot that a run draws hardly ever falls just there, and would excuse the loss that follows; here
//! nothing else has gone wrong, so that nothing is excused.

use super::Trouble;
use super::accounting::compare;
use crate::promise::{Failure, Promise};
use crate::subject::{Opening, Shape};
use crate::workload::{Session, labels};
use env::memory::{MemoryEnv, MemoryOptions};
use env::sync::suspended;
use faults::Chance;
use std::sync::Arc;

/// When a superblock is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The database is in use, and needs its log.
    InUse,
    /// It was closed: its log is gone, or will be.
    Closed,
}

/// Takes one superblock away, so many times in a million, and holds what is left against the model.
///
/// # Errors
/// [`Promise::EitherSuperblockSuffices`], with what recovery found.
pub fn account(session: &Session, task: &str, moment: Moment, per_million: u32) -> Result<(), Failure> {
    if !session.state.with(|state| state.model.is_durable())
        || session.stage.may_ever_be_damaged(&session.path)
    {
        return Ok(());
    }
    let chosen = session.stage.choose(task, &labels::SPARE, 3, Chance::PerMillion(per_million));
    let Some(slot) = (chosen as usize).checked_sub(1) else { return Ok(()) };
    let Some(mut files) = session.stage.synced_files() else { return Ok(()) };
    let Some(file) = files.get_mut(&session.path) else { return Ok(()) };
    let Some(root) = session.subject.spare_roots(file).into_iter().nth(slot) else { return Ok(()) };
    let at = session.choose(task, &labels::SPARE_BYTE, (root.end - root.start) as u32);
    file[root.start as usize + at as usize] ^= 0x10;
    if moment == Moment::Closed {
        files.retain(|path, _| *path == session.path);
    }
    session.state.with(|state| state.accountings += 1);
    suspended(|| {
        let env = Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), files));
        let shape = Shape { background: false, ..session.shape.clone() };
        let broken = |detail: String| {
            let place = format!("byte {at} of superblock {slot} is another one");
            Failure::new(Promise::EitherSuperblockSuffices, format!("{place}: {detail}"))
        };
        let opened = session.subject.open(env, &session.path, &shape, Opening::Create);
        let database = opened.map_err(|refusal| broken(format!("recovery refuses: {}", refusal.text)))?;
        compare(session, &*database).map_err(|trouble| match trouble {
            Trouble::Broken(failure) => broken(failure.to_string()),
            Trouble::Refused(refusal) => broken(format!("recovered, but: {}", refusal.text)),
            Trouble::Lost => broken("recovered, but damaged".to_owned()),
        })
    })
}
