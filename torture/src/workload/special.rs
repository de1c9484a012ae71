//! What is not rows: snapshots held long, trees made and dropped, sequences, checkpoints, checks, branches, backups.

use super::client::Client;
use super::labels;
use super::session::Ended;
use super::setup::row_key;
use super::transaction::Mirrored;
use crate::model::Fate;
use crate::oracle::spare::Moment;
use crate::oracle::{accounting, copies, spare};
use crate::promise::{Failure, Promise};
use crate::subject::{Isolation, MAIN, Outcome, RefusalKind, Start};
use faults::Chance;

/// Branches of the database at most, besides the main one.
const BRANCHES_MAX: usize = 3;
/// Power losses in a million calls that change the disk, while they are pressed for.
pub const POWER_LOSSES_PRESSED: u32 = 100_000;
/// Trees of rows at most.
const TREES_MAX: usize = 7;

/// Reads a tree, rests while others write and checkpoints come and go, reads it again.
pub(super) fn held_snapshot(client: &Client<'_>) -> Result<(), Ended> {
    let session = client.session;
    let mut transaction = Mirrored::begin(session, client.name, client.number, &Start::reading(MAIN))?;
    let Some(tree) = client.row_tree(&mut transaction)? else { return Ok(()) };
    let before = transaction.scan_keys(tree, &[], None, false)?;
    for _ in 0..3 {
        client.pause();
    }
    let after = transaction.scan_keys(tree, &[], None, true)?;
    if !before.iter().eq(after.iter().rev()) {
        let detail = format!(
            "tree {tree} had {} rows at first and {} later in one snapshot",
            before.len(),
            after.len()
        );
        return Err(session.broken(Failure::new(Promise::SnapshotsStay, detail)));
    }
    transaction.commit()
}

/// Makes a tree with a few rows, or drops one.
pub(super) fn trees(client: &Client<'_>) -> Result<(), Ended> {
    let start = Start { patience: client.patience(), ..Start::writing(MAIN, Isolation::RepeatableRead) };
    let mut transaction = Mirrored::begin(client.session, client.name, client.number, &start)?;
    let trees = transaction.trees()?;
    // The first four (markers, lists, two of rows) stay.
    let droppable = trees.get(4..).unwrap_or_default();
    let drop_one = droppable.len() >= TREES_MAX || client.choose(&labels::TREE, 2) == 1;
    if drop_one && !droppable.is_empty() {
        let chosen = client.choose(&labels::TREE, droppable.len() as u32) as usize;
        transaction.drop_tree(droppable[chosen])?;
    } else if droppable.len() < TREES_MAX {
        let tree = transaction.create_tree()?;
        for number in 0..client.choose(&labels::SPAN, 20) {
            transaction.put(tree, &row_key(number * 3), 30)?;
        }
    }
    transaction.commit()
}

/// Draws from a sequence, or makes one.
pub(super) fn sequence(client: &Client<'_>) -> Result<(), Ended> {
    let session = client.session;
    let sequences: Vec<u64> = session.state.with(|state| state.model.sequences().collect());
    let refused = |refusal| session.refused(client.name, &refusal);
    if sequences.is_empty() {
        let made = session.database.create_sequence().map_err(refused)?;
        session.state.with(|state| state.model.sequence_made(made));
        return Ok(());
    }
    let chosen = sequences[client.choose(&labels::TREE, sequences.len() as u32) as usize];
    for _ in 0..=client.choose(&labels::LENGTH, 6) {
        let value = match session.database.next_value(chosen) {
            Ok(value) => value,
            Err(refusal) if refusal.kind == RefusalKind::Missing => {
                let detail = format!("sequence {chosen} was made and is not there");
                return Err(session.broken(Failure::new(Promise::AcknowledgedSurvives, detail)));
            }
            Err(refusal) => return Err(refused(refusal)),
        };
        let handed_out = session.state.with(|state| state.model.sequence_value(chosen, value));
        handed_out.map_err(|failure| session.repeated(failure))?;
        let chance = Chance::PerMillion(session.intensity.accounting);
        if session.stage.choose(client.name, &labels::ACCOUNT, 2, chance) == 1 {
            let accounted = accounting::account_sequence(session, chosen, value);
            accounted.map_err(|failure| session.broken(failure))?;
        }
    }
    Ok(())
}

/// Asks for a checkpoint now, or for a vacuum, which makes several.
pub(super) fn checkpoint(client: &Client<'_>) -> Result<(), Ended> {
    let session = client.session;
    let taken_away = session.stage.is_taken_away(&session.path);
    let pressed = session.stage.choose(client.name, &labels::PRESS, 2, Chance::PerMillion(200_000)) == 1;
    if pressed {
        session.stage.press(Some(POWER_LOSSES_PRESSED));
    }
    let vacuums = Chance::PerMillion(session.mix.vacuums);
    let vacuum = session.stage.choose(client.name, &labels::VACUUM, 2, vacuums) == 1;
    let written = if vacuum { session.database.vacuum() } else { session.database.checkpoint() };
    if pressed {
        session.stage.press(None);
    }
    written.map_err(|refusal| session.refused(client.name, &refusal))?;
    if taken_away {
        let detail = "a checkpoint was reported as done in a file that had been deleted before";
        return Err(session.broken(Failure::new(Promise::FaultsAreAnswered, detail)));
    }
    spare::account(&session.scene(), client.name, Moment::InUse, 500_000)
        .map_err(|failure| session.broken(failure))
}

/// Checks the whole file while others write.
pub(super) fn check(client: &Client<'_>) -> Result<(), Ended> {
    let session = client.session;
    let findings = session.database.check().map_err(|refusal| session.refused(client.name, &refusal))?;
    match findings.first() {
        // Where a fault may have damaged the file, what it explains is judged when the clients have gone.
        Some(finding) if !session.stage.may_ever_be_damaged(&session.path) => {
            Err(session.broken(Failure::new(Promise::FileIsSound, finding.text.clone())))
        }
        Some(_) | None => Ok(()),
    }
}

/// Makes a branch of the database, or of another branch, or drops one.
pub(super) fn branch(client: &Client<'_>) -> Result<(), Ended> {
    let session = client.session;
    let branches: Vec<u64> = session.state.with(|state| state.model.certain_branches().collect());
    let chosen = client.choose(&labels::BRANCH, branches.len() as u32 + 1) as usize;
    if chosen > 0 {
        let branch = branches[chosen - 1];
        let attempt = session.state.with(|state| state.model.dropping_branch(branch));
        let (_, (fate, ended)) = fate_of(client, session.database.drop_branch(branch));
        session.state.with(|state| state.model.branch_dropped(attempt, fate));
        return ended.map_or(Ok(()), Err);
    }
    if branches.len() >= BRANCHES_MAX {
        return Ok(());
    }
    let source = client.some_branch();
    let attempt = session.state.with(|state| state.model.branching(source));
    let (made, (fate, ended)) = fate_of(client, session.database.branch(source));
    session.state.with(|state| state.model.branch_made(attempt, made, fate));
    ended.map_or(Ok(()), Err)
}

fn fate_of<T>(client: &Client<'_>, outcome: Outcome<T>) -> (Option<T>, (Fate, Option<Ended>)) {
    match outcome {
        Outcome::Acknowledged(result) => (Some(result), (Fate::Acknowledged(0), None)),
        Outcome::Refused(refusal) => {
            (None, (Fate::Refused, Some(client.session.refused(client.name, &refusal))))
        }
        Outcome::Unknown(refusal) => {
            let (fate, ended) = client.session.unknown(client.name, &refusal);
            (None, (fate, Some(ended)))
        }
    }
}

/// Copies the database while others write, and compares the copy with the model.
pub(super) fn backup(client: &Client<'_>) -> Result<(), Ended> {
    let session = client.session;
    copies::backup_and_compare(session, client.name, client.number)
        .map_err(|trouble| session.trouble(client.name, trouble))
}
