//! The generated part of `docs/faults.md`: the contract as a table for readers.

use crate::kind::{FaultKind, NOT_SIMULATED, Nature};
use crate::plan::Profile;
use std::fmt::Write;

/// The test that shows what the simulator does for a kind, as file and function; `None` for what it does not do itself.
/// What the engine makes of a kind is held by torture, under the profiles that draw it.
pub fn shown_by(kind: FaultKind) -> Option<(&'static str, &'static str)> {
    use FaultKind::*;
    const DISK: &str = "sim/tests/sim/disk_faults.rs";
    const MODEL: &str = "sim/tests/sim/disk_model.rs";
    const STOPS: &str = "sim/tests/sim/stops.rs";
    const SCHEDULING: &str = "sim/tests/sim/scheduling.rs";
    const FILES: &str = "sim/tests/sim/files.rs";
    const WORLD: &str = "sim/tests/sim/world_faults.rs";
    const NETWORK: &str = "sim/tests/sim/network.rs";
    Some(match kind {
        StreamSplit => (NETWORK, "bytes_come_in_pieces_and_late_and_all_of_them"),
        StreamDelayed => (NETWORK, "bytes_come_in_pieces_and_late_and_all_of_them"),
        ConnectionBroken => (NETWORK, "a_connection_that_breaks_loses_a_tail_and_both_ends_learn_it"),
        ConnectionRefused => (NETWORK, "a_refused_connection_may_be_had_the_next_time"),
        ProcessKilled => (DISK, "a_killed_process_loses_its_locks_and_nothing_else"),
        PowerLoss => (STOPS, "crashes_strike_at_calls_and_at_locks_as_the_plan_says"),
        UnsyncedLost | TornWrite | CollateralTear | LengthLost | GrownWithoutData => {
            (MODEL, "the_disk_does_what_a_naive_disk_does")
        }
        EntryLost => (DISK, "a_name_survives_only_with_its_directory_synced"),
        ShortRead | ShortWrite | Interrupted => (DISK, "short_and_interrupted_calls_are_masked_by_going_on"),
        ReadError => (FILES, "faults_of_the_plan_reach_the_calls_and_the_ledger"),
        WriteError => (DISK, "a_failed_write_may_be_partly_done_and_says_so"),
        NoSpace => (DISK, "a_full_disk_takes_what_fits_and_then_refuses"),
        OpenError | LengthError | RenameError | RemoveError => (DISK, "failed_names_change_nothing"),
        SyncFailed => (DISK, "after_a_failed_sync_the_pages_count_as_clean_and_are_lost"),
        DirectorySyncFailed => (DISK, "a_failed_directory_sync_leaves_the_entries_to_be_written"),
        LyingSync => (DISK, "a_lying_sync_changes_nothing_and_the_next_honest_one_repairs_it"),
        LostWrite => (DISK, "a_lost_write_is_in_the_cache_until_the_power_fails_or_was_never_seen"),
        MisdirectedWrite => (DISK, "a_misdirected_write_destroys_another_sector_and_leaves_its_own"),
        MemoryFlip => (DISK, "a_flipped_bit_is_read_once_or_written_for_good"),
        MisdirectedRead | StaleRead => (DISK, "wrong_reads_are_wrong_once"),
        BitRot | FileCut | FileDeleted | FileReplaced => {
            (DISK, "damage_at_rest_does_what_it_says_to_some_file")
        }
        LatentSectorError => (DISK, "a_latent_sector_error_stays_until_the_sector_is_written"),
        LateWrite => (DISK, "a_late_write_lands_after_it_failed"),
        SlowIo | StuckIo => (WORLD, "slow_and_stuck_calls_take_their_time"),
        TaskStarved => (SCHEDULING, "a_starved_task_comes_late"),
        ClockForward | ClockBackward => (SCHEDULING, "clocks_lie_only_as_their_faults_say"),
        ClockStands => (WORLD, "a_clock_that_stands_shows_one_time_again_and_again"),
        WeakEntropy => (SCHEDULING, "weak_entropy_repeats_and_good_entropy_does_not"),
        EntropyError => (WORLD, "entropy_that_fails_says_so"),
        SpawnError => (WORLD, "a_task_that_cannot_start_says_so_and_never_runs"),
        MemoryPressure => (WORLD, "memory_is_short_as_the_plan_says"),
        SecondProcess => (DISK, "shared_locks_go_together_and_one_alone_may_become_exclusive"),
        TaskBrokenOff => (STOPS, "a_cancelled_statement_unwinds_alone_and_its_destructors_work"),
    })
}

/// Where a kind comes from in torture.
fn drawn_under(kind: FaultKind) -> String {
    use FaultKind::{ConnectionBroken, ConnectionRefused, StreamDelayed, StreamSplit};
    // Only the clients of a server have connections.
    let of_network = matches!(kind, StreamSplit | StreamDelayed | ConnectionBroken | ConnectionRefused);
    let draws =
        |profile: &Profile| profile.rate_max(kind) > 0 && (!of_network || *profile == Profile::Network);
    let profiles = Profile::ALL.iter().copied().filter(draws).map(Profile::name);
    let profiles: Vec<&str> = profiles.collect();
    match kind.nature() {
        Nature::Survivor => "every power loss".to_owned(),
        _ if profiles.is_empty() => "the workload, in every profile but bare cycles".to_owned(),
        _ => format!("profiles {}", profiles.join(", ")),
    }
}

/// The chapter of one kind each, and the rows of the fault model that no kind holds, in Markdown.
pub fn chapters() -> String {
    let mut text = String::new();
    for &kind in FaultKind::ALL {
        let contract = kind.contract();
        let verdicts: Vec<&str> = contract.verdicts.iter().map(|verdict| verdict.name()).collect();
        let rows: Vec<String> = contract.rows.iter().map(u8::to_string).collect();
        let shown =
            shown_by(kind).map(|(file, test)| format!("; shown by `{file}`: `{test}`")).unwrap_or_default();
        let (what, does) = (contract.what_happens, contract.what_the_engine_does);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "### {kind}\n\n\
             - **What happens.** {what}\n\
             - **What the engine does.** {does}\n\
             - **Verdict.** {}. (Row {} of the fault model.)\n\
             - **Held by** torture: {}{shown}.\n\n",
            verdicts.join("; or "),
            rows.join(", "),
            drawn_under(kind),
        );
    }
    text.push_str("## Rows that nothing draws\n\n");
    for (row, name, reason) in NOT_SIMULATED {
        let _ = writeln!(text, "- {row}, {name}: {reason}.");
    }
    text
}
