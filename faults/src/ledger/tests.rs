use super::*;
use env::IoError;
use std::io::ErrorKind;

env::labels! {
    READ: "test.read", Read, "a label for tests";
    WRITE: "test.write", Write, "a label for tests";
    SYNC: "test.sync", Sync, "a label for tests";
}

fn file() -> Arc<Path> {
    Arc::from(Path::new("data"))
}

fn call(error: &IoError) -> Pointer<'_> {
    Pointer::Call(error)
}

fn damage(file: &Path, range: Option<Range<u64>>) -> Pointer<'_> {
    Pointer::Damage { file, range }
}

/// A database and its log.
fn pair() -> (Arc<Path>, Arc<Path>) {
    (Arc::from(Path::new("main.db")), Arc::from(Path::new("main.db-log")))
}

fn closing(ledger: &Ledger, number: FaultNumber) -> Option<Closing> {
    ledger.fault(number).and_then(|fault| fault.closing.clone())
}

#[test]
fn a_short_read_is_masked_only_by_reading_on_from_where_it_stopped() {
    let mut ledger = Ledger::new();
    let place = Place::new(&file(), 100, 412);
    let number = ledger.inject(FaultKind::ShortRead, Some(&READ), 1, place);
    ledger.taken_up(Operation::Read, &file(), 512..1024);
    ledger.taken_up(Operation::Write, &file(), 0..1024);
    ledger.taken_up(Operation::Read, Path::new("other"), 0..1024);
    ledger.recovered();
    ledger.compared();
    ledger.settled();
    assert_eq!(ledger.unclosed().count(), 1, "the caller took the short read for a whole one");
    ledger.taken_up(Operation::Read, &file(), 100..512);
    assert_eq!(closing(&ledger, number), Some(Closing::Masked));
    assert!(!ledger.is_waiting());
}

#[test]
fn a_failed_sync_is_never_masked() {
    let mut ledger = Ledger::new();
    let number = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 1, Place::whole(&file()));
    ledger.call_succeeded(&SYNC, &file());
    ledger.recovered();
    ledger.compared();
    assert_eq!(closing(&ledger, number), None, "a sync that works the second time proves nothing");
    ledger.outcome_unknown("client 1");
    assert_eq!(closing(&ledger, number), Some(Closing::Unknown { to: "client 1".into() }));
}

#[test]
fn an_error_closes_the_fault_of_its_call_and_file_and_may_be_repeated() {
    let mut ledger = Ledger::new();
    let number = ledger.inject(FaultKind::WriteError, Some(&WRITE), 1, Place::new(&file(), 0, 512));
    let elsewhere = IoError::new(&SYNC, &file(), ErrorKind::Other);
    assert!(!ledger.told(&call(&elsewhere), "it fails", "client 1"), "no fault explains it");
    let error = IoError::new(&WRITE, &file(), ErrorKind::Other);
    assert!(ledger.told(&call(&error), "it fails", "client 1"));
    assert!(
        ledger.told(&call(&error), "it fails", "client 2"),
        "a poisoned store repeats its error to everyone"
    );
    ledger.closed();
    assert!(!ledger.told(&call(&error), "it fails", "client 1"), "the next process has failures of its own");
    assert!(matches!(closing(&ledger, number), Some(Closing::Reported { to, .. }) if to == "client 1"));
}

#[test]
fn an_error_that_reached_nobody_before_the_crash_is_not_reached() {
    let mut ledger = Ledger::new();
    let error = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 1, Place::whole(&file()));
    let rot = ledger.inject(FaultKind::BitRot, None, 2, Place::new(&file(), 7, 1));
    ledger.crashed();
    assert_eq!(closing(&ledger, error), Some(Closing::NotReached));
    assert_eq!(closing(&ledger, rot), None, "damage outlives the process");
}

#[test]
fn only_what_fails_while_everything_is_dropped_reaches_nobody() {
    let mut ledger = Ledger::new();
    let before = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 7, Place::whole(&file()));
    let told = ledger.faults().len();
    // A call that had begun: its step is the same.
    let after = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 7, Place::whole(&file()));
    ledger.left(told);
    assert_eq!(closing(&ledger, before), None, "somebody could have been told");
    assert_eq!(closing(&ledger, after), Some(Closing::NotReached));
}

#[test]
fn survivors_of_a_crash_may_be_reported_only_together_with_damage() {
    let (mut ledger, file) = (Ledger::new(), file());
    let torn = ledger.inject(FaultKind::TornWrite, None, 1, Place::new(&file, 0, 512));
    ledger.crashed();
    let tail = damage(&file, None);
    assert!(
        !ledger.told_for_good(&tail, "record 5 is damaged", "open"),
        "a torn tail is no reason to refuse"
    );
    assert_eq!(closing(&ledger, torn), None);
    ledger.inject(FaultKind::BitRot, None, 2, Place::new(&file, 9, 1));
    assert!(ledger.told_for_good(&damage(&file, None), "page 5 is damaged", "open"));
    assert!(matches!(closing(&ledger, torn), Some(Closing::Reported { .. })));
    assert_eq!(ledger.unclosed().count(), 0);
}

#[test]
fn an_error_that_nobody_was_told_is_masked_when_everything_is_right_and_a_failed_sync_is_not() {
    let mut ledger = Ledger::new();
    let spawn = ledger.inject(FaultKind::SpawnError, Some(&SYNC), 1, Place::default());
    let sync = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 2, Place::whole(&file()));
    ledger.compared();
    assert_eq!(closing(&ledger, spawn), Some(Closing::Masked));
    assert_eq!(closing(&ledger, sync), None);
}

#[test]
fn damage_is_closed_where_the_error_points_first() {
    let mut ledger = Ledger::new();
    let here = ledger.inject(FaultKind::BitRot, None, 1, Place::new(&file(), 600, 1));
    let there = ledger.inject(FaultKind::BitRot, None, 1, Place::new(&file(), 5000, 1));
    assert!(ledger.told(&damage(&file(), Some(512..1024)), "page 1 is damaged", "client 1"));
    assert!(closing(&ledger, here).is_some());
    assert_eq!(closing(&ledger, there), None);
    ledger.compared();
    assert_eq!(closing(&ledger, there), Some(Closing::Masked));
}

#[test]
fn a_false_alarm_is_told() {
    let mut ledger = Ledger::new();
    assert!(!ledger.told(&damage(&file(), None), "page 1 is damaged", "client 1"));
    assert!(!ledger.loss_seen(&file(), 1));
    ledger.inject(FaultKind::TornWrite, None, 1, Place::new(&file(), 0, 512));
    assert!(!ledger.loss_seen(&file(), 1), "a torn write of unsynced bytes explains no loss");
}

#[test]
fn a_read_that_was_wrong_once_explains_no_damage_in_a_later_life() {
    for (kind, explains) in [(FaultKind::StaleRead, false), (FaultKind::BitRot, true)] {
        let mut ledger = Ledger::new();
        ledger.inject(kind, None, 1, Place::new(&file(), 600, 1));
        ledger.compared();
        let seen = |ledger: &mut Ledger| ledger.told(&damage(&file(), Some(512..1024)), "page 1", "client 1");
        assert!(seen(&mut ledger), "{kind:?} in its own life");
        ledger.crashed();
        assert_eq!(seen(&mut ledger), explains, "{kind:?} in the next");
    }
}

#[test]
fn what_the_cache_hides_is_masked_only_after_a_power_loss() {
    let mut ledger = Ledger::new();
    let lie = ledger.inject_hidden(FaultKind::LyingSync, Some(&SYNC), 1, Place::whole(&file()));
    assert!(ledger.may_be_damaged(&file()));
    ledger.compared();
    assert_eq!(closing(&ledger, lie), None);
    ledger.crashed();
    ledger.compared();
    assert_eq!(closing(&ledger, lie), None, "the cache has outlived the process");
    ledger.power_failed();
    ledger.compared();
    assert_eq!(closing(&ledger, lie), Some(Closing::Masked));
    let late = ledger.inject_hidden(FaultKind::LyingSync, Some(&SYNC), 2, Place::whole(&file()));
    ledger.ended();
    assert_eq!(closing(&ledger, late), Some(Closing::NotReached));
}

#[test]
fn sums_count_every_fault_once() {
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::SlowIo, Some(&SYNC), 1, Place::default());
    ledger.inject(FaultKind::SlowIo, Some(&SYNC), 2, Place::default());
    ledger.settled();
    ledger.inject(FaultKind::SlowIo, Some(&SYNC), 3, Place::default());
    let mut summary = Summary::default();
    summary.add_ledger(&ledger);
    let doubled = summary.clone();
    summary.add(&doubled);
    let count = summary.kind(FaultKind::SlowIo);
    assert_eq!((count.injected, count.masked, count.unclosed), (6, 4, 2));
    assert_eq!(summary.kinds().count(), 1);
}

#[test]
fn only_a_fault_that_could_have_done_it_explains_a_silent_loss() {
    let (database, log) = pair();
    let explains = |kind, label, path: &Arc<Path>| {
        let mut ledger = Ledger::new();
        ledger.inject(kind, label, 1, Place::new(path, 512, 512));
        ledger.loss_seen(&database, 1)
    };
    for kind in [FaultKind::BitRot, FaultKind::LostWrite, FaultKind::MisdirectedWrite, FaultKind::MemoryFlip]
    {
        assert!(explains(kind, Some(&WRITE), &log), "{kind}: the newest records look like a torn tail");
        assert!(
            !explains(kind, Some(&WRITE), &database),
            "{kind}: a checksum or the other superblock shows it"
        );
        assert!(!explains(kind, Some(&WRITE), &file()), "{kind}: another file");
    }
    for kind in [FaultKind::FileDeleted, FaultKind::FileReplaced] {
        assert!(explains(kind, None, &database), "{kind}");
    }
    for kind in [FaultKind::StaleRead, FaultKind::MisdirectedRead, FaultKind::MemoryFlip] {
        assert!(!explains(kind, Some(&READ), &log), "{kind}: what was read wrong once is still there");
    }
    for kind in [FaultKind::LatentSectorError, FaultKind::FileCut] {
        assert!(!explains(kind, None, &log), "{kind}: that has to be reported");
    }
}

#[test]
fn what_a_later_life_has_shown_to_be_harmless_explains_no_loss() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::BitRot, None, 1, Place::new(&log, 512, 1));
    ledger.crashed();
    ledger.compared();
    assert!(!ledger.loss_seen(&database, 1));
    assert!(ledger.sequence_loss_seen(&database), "no comparison looks at sequences");
}

#[test]
fn a_loss_closes_the_crash_that_showed_it_and_nothing_that_could_not_have_done_it() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    let elsewhere = ledger.inject(FaultKind::BitRot, None, 1, Place::new(&database, 9000, 1));
    let lie = ledger.inject_hidden(FaultKind::LyingSync, Some(&SYNC), 2, Place::whole(&log));
    let crash = ledger.inject(FaultKind::PowerLoss, None, 3, Place::default());
    assert!(ledger.loss_seen(&database, 1));
    assert_eq!(closing(&ledger, lie), Some(Closing::Silent));
    assert_eq!(closing(&ledger, crash), Some(Closing::Silent));
    assert_eq!(closing(&ledger, elsewhere), None);
    ledger.abandoned();
    assert_eq!(closing(&ledger, elsewhere), Some(Closing::NotReached));
}

#[test]
fn damage_is_explained_only_by_a_fault_of_those_bytes_of_that_file() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::BitRot, None, 1, Place::new(&database, 600, 1));
    assert!(!ledger.told(&damage(&log, None), "the log is damaged", "open"), "the file is another one");
    assert!(
        !ledger.told(&damage(&database, Some(1024..1536)), "page 2 is damaged", "open"),
        "the page is another one"
    );
    assert!(ledger.told(&damage(&database, Some(512..1024)), "page 1 is damaged", "open"));
    ledger.inject(FaultKind::FileReplaced, None, 2, Place::whole(&database));
    assert!(
        ledger.told(&damage(&log, None), "the log lacks records", "open"),
        "the two no longer belong together"
    );
}

#[test]
fn a_store_that_has_stopped_tells_of_its_first_failure_for_all() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    let alone = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 1, Place::whole(&database));
    ledger.stopped(&database, "read-only", "main");
    assert_eq!(closing(&ledger, alone), None, "nobody was told of a failure");
    ledger.outcome_unknown("client");
    let second = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 2, Place::whole(&log));
    let elsewhere =
        ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 3, Place::whole(&Arc::from(Path::new("copy.db"))));
    ledger.stopped(&database, "read-only", "main");
    assert!(matches!(closing(&ledger, second), Some(Closing::Reported { .. })));
    assert_eq!(closing(&ledger, elsewhere), None, "another database's failure");
}

#[test]
fn what_is_refused_for_good_is_lost_and_reported_and_nothing_else_goes_with_it() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    let page = ledger.inject(FaultKind::BitRot, None, 1, Place::new(&database, 600, 1));
    let misread = ledger.inject(FaultKind::StaleRead, Some(&READ), 2, Place::new(&database, 600, 1));
    let elsewhere = ledger.inject(FaultKind::BitRot, None, 3, Place::new(&database, 9000, 1));
    let of_the_log = ledger.inject(FaultKind::LostWrite, Some(&WRITE), 4, Place::new(&log, 600, 512));
    let first = damage(&database, Some(512..1024));
    // A client reads it, and goes on; the next opening cannot do without it.
    assert!(ledger.told(&first, "page 1 is damaged", "client 1"));
    assert!(matches!(closing(&ledger, page), Some(Closing::Reported { .. })));
    assert!(ledger.is_destroyed(&first));
    ledger.crashed();
    assert!(ledger.told_for_good(&first, "page 1 is damaged", "main"));
    assert!(matches!(closing(&ledger, page), Some(Closing::LostReported { to, .. }) if to == "main"));
    assert!(matches!(closing(&ledger, misread), Some(Closing::Reported { .. })), "it has destroyed nothing");
    assert_eq!(closing(&ledger, elsewhere), None);
    assert_eq!(closing(&ledger, of_the_log), None);
    ledger.abandoned();
    assert_eq!(closing(&ledger, elsewhere), Some(Closing::NotReached));
}

#[test]
fn a_task_that_is_broken_off_takes_up_no_more_what_its_short_call_left_undone() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    let short = ledger.inject(FaultKind::ShortWrite, Some(&WRITE), 1, Place::new(&log, 512, 512));
    let elsewhere = ledger.inject(FaultKind::ShortRead, Some(&READ), 2, Place::new(&database, 512, 512));
    let failed = ledger.inject(FaultKind::WriteError, Some(&WRITE), 3, Place::new(&database, 512, 512));
    ledger.broken_off(&WRITE);
    assert_eq!(closing(&ledger, short), Some(Closing::NotReached));
    assert_eq!(closing(&ledger, elsewhere), None, "another call's task goes on");
    assert_eq!(closing(&ledger, failed), None, "an error can have been told");
}

#[test]
fn when_damage_ends_a_run_only_what_a_comparison_could_have_masked_is_let_go() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    // A checkpoint of the background meets it, and would be made later; the process ends before that.
    let full = ledger.inject(FaultKind::NoSpace, Some(&WRITE), 1, Place::new(&database, 512, 512));
    let sync = ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 2, Place::whole(&log));
    let short = ledger.inject(FaultKind::ShortWrite, Some(&WRITE), 3, Place::new(&database, 512, 512));
    let cut = ledger.inject(FaultKind::FileCut, None, 4, Place::new(&log, 512, u64::MAX));
    ledger.left(3);
    assert_eq!(ledger.unclosed().count(), 4, "all of them could have been told");
    assert!(ledger.told_for_good(&damage(&log, None), "the log ends too soon", "main"));
    // While the database is let go.
    let crash = ledger.inject(FaultKind::PowerLoss, None, 5, Place::default());
    ledger.abandoned();
    assert_eq!(closing(&ledger, crash), Some(Closing::NotReached), "nobody recovers from it");
    assert!(matches!(closing(&ledger, cut), Some(Closing::LostReported { .. })));
    assert_eq!(closing(&ledger, full), Some(Closing::NotReached));
    assert_eq!(closing(&ledger, sync), None, "a failed sync is told to somebody, whatever else happens");
    assert_eq!(closing(&ledger, short), None, "what a short call left undone is taken up at once");
}

#[test]
fn a_file_that_was_deleted_while_it_was_made_is_not_the_one_that_has_its_name_now() {
    let (database, _) = pair();
    let new: Arc<Path> = Arc::from(Path::new("main.db-new"));
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::FileDeleted, Some(&SYNC), 1, Place::whole(&new));
    ledger.renamed(&new, &database);
    assert!(!ledger.is_taken_away(&database), "another one was made and renamed");
    ledger.inject(FaultKind::FileDeleted, Some(&SYNC), 2, Place::whole(&database));
    assert!(ledger.is_taken_away(&database));
    ledger.closed();
    assert!(!ledger.is_taken_away(&database), "whoever opens it next has what is there");
}

#[test]
fn what_passes_has_destroyed_nothing() {
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::StaleRead, Some(&READ), 1, Place::new(&file(), 600, 1));
    assert!(ledger.told(&damage(&file(), None), "page 1 is damaged", "main"));
    assert!(!ledger.is_destroyed(&damage(&file(), None)));
    let error = IoError::new(&SYNC, &file(), ErrorKind::Other);
    ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 2, Place::whole(&file()));
    assert!(!ledger.is_destroyed(&call(&error)));
}

#[test]
fn a_file_that_is_gone_is_explained_by_whoever_took_it_and_not_by_a_bit_that_flipped() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::BitRot, None, 1, Place::new(&log, 600, 1));
    assert!(!ledger.told(&Pointer::Whole(&log), "the log is missing", "main"));
    ledger.inject(FaultKind::FileDeleted, None, 2, Place::whole(&database));
    assert!(ledger.told(&Pointer::Whole(&log), "the log is missing", "main"));
}

#[test]
fn an_error_without_a_name_is_explained_by_its_own_sort_of_fault_in_its_own_life() {
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::SyncFailed, Some(&SYNC), 1, Place::whole(&file()));
    assert!(!ledger.told(&Pointer::Holder, "in use", "main"), "nobody holds it");
    assert!(ledger.told(&Pointer::Earlier, "an earlier failure", "main"));
    ledger.closed();
    assert!(!ledger.told(&Pointer::Earlier, "an earlier failure", "main"), "it was another process");
    ledger.inject(FaultKind::SecondProcess, Some(&SYNC), 2, Place::whole(&file()));
    assert!(ledger.told(&Pointer::Holder, "in use", "main"));
    assert!(!ledger.told(&Pointer::Earlier, "an earlier failure", "main"));
    ledger.inject(FaultKind::TaskBrokenOff, None, 3, Place::default());
    assert!(ledger.told(&Pointer::Earlier, "broken off", "main"));
}

#[test]
fn a_database_is_taken_away_from_the_process_that_has_it_open() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::FileDeleted, Some(&SYNC), 1, Place::whole(&log));
    ledger.inject(FaultKind::FileDeleted, None, 1, Place::whole(&database));
    assert!(!ledger.is_taken_away(&database), "another file, and before it was opened");
    ledger.inject(FaultKind::FileDeleted, Some(&SYNC), 2, Place::whole(&database));
    assert!(ledger.is_taken_away(&database));
    ledger.crashed();
    assert!(!ledger.is_taken_away(&database), "the next process opens what is there");
}

#[test]
fn each_group_of_commits_that_is_gone_needs_a_fault_of_its_own() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::BitRot, None, 1, Place::new(&log, 600, 1));
    assert!(!ledger.loss_seen(&database, 2), "the second group, which is intact, proves the first one");
    ledger.inject(FaultKind::LostWrite, Some(&WRITE), 2, Place::new(&log, 1024, 512));
    assert!(ledger.loss_seen(&database, 2));
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::FileReplaced, None, 1, Place::whole(&log));
    assert!(ledger.loss_seen(&database, 1000), "a file that is older lacks whatever came since");
}

#[test]
fn damage_counts_for_its_own_database_until_a_later_life_has_found_all_well() {
    let (database, log) = pair();
    let mut ledger = Ledger::new();
    ledger.inject(FaultKind::BitRot, None, 1, Place::new(&file(), 600, 1));
    ledger.inject(FaultKind::StaleRead, Some(&READ), 1, Place::new(&log, 600, 1));
    assert!(!ledger.may_ever_be_damaged(&database));
    ledger.inject(FaultKind::BitRot, None, 2, Place::new(&log, 600, 1));
    ledger.compared();
    assert!(ledger.may_be_damaged(&database), "what the process had in memory shows nothing");
    ledger.closed();
    ledger.compared();
    assert!(!ledger.may_be_damaged(&database), "the next process has read it");
    assert!(ledger.may_ever_be_damaged(&database), "but not what a checkpoint has that nobody reads");
    ledger.inject(FaultKind::BitRot, None, 3, Place::new(&database, 600, 1));
    assert!(ledger.may_be_damaged(&database));
}
