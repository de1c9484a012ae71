//! The accounting: at an acknowledgement, the synced bytes alone must bring back everything acknowledged.
//!
//! A real recovery runs on an image of only those bytes, in a memory-backed environment without a scheduler, and its
//! result is compared with the model. So a missing sync is found at the first commit, without any crash, and it is the
//! engine's recovery that judges, not its bookkeeping.

use super::Trouble;
use crate::model::Standard;
use crate::promise::{Failure, Promise};
use crate::stage::Shared;
use crate::subject::{Database, Opening, Shape};
use crate::workload::{Session, State, Workload};
use env::memory::{MemoryEnv, MemoryOptions};
use env::sync::suspended;
use std::sync::Arc;

/// Holds this moment's acknowledgements against the synced bytes.
///
/// # Errors
/// [`Promise::DurableBeforeAcknowledged`], with what recovery found.
pub fn account(session: &Session) -> Result<(), Failure> {
    // Where a fault may have destroyed what was synced, the synced bytes prove nothing about the engine.
    if session.stage.may_be_damaged(&session.path) || !session.state.with(|state| state.model.is_durable()) {
        return Ok(());
    }
    let Some(files) = session.stage.synced_files() else { return Ok(()) };
    session.state.with(|state| state.accountings += 1);
    suspended(|| {
        let env = Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), files));
        let shape = Shape { background: false, ..session.shape.clone() };
        let opened = session.subject.open(env, &session.path, &shape, Opening::Create);
        let database = match opened {
            Ok(database) => database,
            Err(refusal) => return Err(unaccounted(format!("recovery refuses: {}", refusal.text))),
        };
        compare(&*session.workload, &session.state, &*database).map_err(|trouble| match trouble {
            Trouble::Broken(failure) if failure.promise == Promise::OnlyDurableIsRead => failure,
            Trouble::Broken(failure) => unaccounted(failure.to_string()),
            Trouble::Refused(refusal) => unaccounted(format!("recovered, but: {}", refusal.text)),
            Trouble::Lost => unaccounted("recovered, but damaged".to_owned()),
        })
    })
}

/// Holds a sequence value that was just handed out against the synced bytes: from them it is not handed out again.
///
/// # Errors
/// [`Promise::DurableBeforeAcknowledged`], with the value.
pub fn account_sequence(session: &Session, sequence: u64, value: i64) -> Result<(), Failure> {
    // Also without durability of commits: a value may have left for the world, commit or no commit.
    if session.stage.may_be_damaged(&session.path) {
        return Ok(());
    }
    let Some(files) = session.stage.synced_files() else { return Ok(()) };
    session.state.with(|state| state.accountings += 1);
    suspended(|| {
        let env = Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), files));
        let shape = Shape { background: false, ..session.shape.clone() };
        let opened = session.subject.open(env, &session.path, &shape, Opening::Create);
        let next = opened.and_then(|database| database.next_value(sequence));
        match next {
            Ok(next) if next > value => Ok(()),
            Ok(next) => Err(unaccounted(format!("sequence {sequence} hands out {next} after {value}"))),
            Err(refusal) => Err(unaccounted(format!("recovery refuses: {}", refusal.text))),
        }
    })
}

pub(super) fn compare(
    workload: &dyn Workload,
    state: &Shared<State>,
    database: &dyn Database,
) -> Result<(), Trouble> {
    workload.compare(state, database, Standard::Synced).map(|_| ())
}

fn unaccounted(detail: String) -> Failure {
    Failure::new(Promise::DurableBeforeAcknowledged, format!("from the synced bytes alone: {detail}"))
}
