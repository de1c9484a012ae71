//! The spare superblock: whichever of the two rots, the other one and the log bring back everything acknowledged.
//!
//! As [`super::accounting`] this looks at the synced bytes alone, in a memory-backed environment, with one byte of one
//! superblock changed. Rot that a run draws hardly ever falls just there, and would excuse the loss that follows; here
//! nothing else has gone wrong, so that nothing is excused.

use super::Trouble;
use super::accounting::compare;
use crate::promise::{Failure, Promise};
use crate::subject::{Opening, Shape};
use crate::workload::{Scene, labels};
use env::memory::{MemoryEnv, MemoryOptions};
use env::sync::suspended;
use faults::Chance;
use std::sync::Arc;

/// When a superblock is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nobody has it open: whatever was interrupted has left it so.
    AtRest,
    /// The database is in use, and needs its log.
    InUse,
    /// It was closed: its log is gone, or will be.
    Closed,
}

/// Takes one superblock away, so many times in a million, and holds what is left against the model.
///
/// # Errors
/// [`Promise::EitherSuperblockSuffices`], with what recovery found.
pub fn account(scene: &Scene<'_>, task: &str, moment: Moment, per_million: u32) -> Result<(), Failure> {
    if !scene.state.with(|state| state.model.is_durable()) || scene.stage.may_ever_be_damaged(scene.path) {
        return Ok(());
    }
    let chosen = scene.stage.choose(task, &labels::SPARE, 3, Chance::PerMillion(per_million));
    let Some(slot) = (chosen as usize).checked_sub(1) else { return Ok(()) };
    let Some(mut files) = scene.stage.synced_files() else { return Ok(()) };
    let Some(file) = files.get_mut(scene.path) else { return Ok(()) };
    let Some(root) = scene.subject.spare_roots(file).into_iter().nth(slot) else { return Ok(()) };
    let bytes = (root.end - root.start) as u32;
    let at = scene.stage.choose(task, &labels::SPARE_BYTE, bytes, Chance::Even);
    file[root.start as usize + at as usize] ^= 0x10;
    if moment == Moment::Closed {
        files.retain(|path, _| *path == scene.path);
    }
    scene.state.with(|state| state.accountings += 1);
    suspended(|| {
        let env = Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), files));
        let shape = Shape { background: false, ..scene.shape.clone() };
        let broken = |detail: String| {
            let place = format!("byte {at} of superblock {slot} is another one");
            Failure::new(Promise::EitherSuperblockSuffices, format!("{place}: {detail}"))
        };
        let opened = scene.subject.open(env, scene.path, &shape, Opening::Create);
        let database = opened.map_err(|refusal| broken(format!("recovery refuses: {}", refusal.text)))?;
        compare(scene.workload, scene.state, &*database).map_err(|trouble| match trouble {
            Trouble::Broken(failure) => broken(failure.to_string()),
            Trouble::Refused(refusal) => broken(format!("recovered, but: {}", refusal.text)),
            Trouble::Lost => broken("recovered, but damaged".to_owned()),
        })
    })
}
