//! What each fault does to the simulated disk, one test for each promise of its table.

use super::common::{Desk, LOCK, NAME, SYNC};
use env::{FileLockKind, FileLockOutcome, OpenMode};
use faults::survivor::{Device, Fate, Strategy, Survivor};
use faults::{Closing, Decision, Decisions, FaultKind, Part};
use sim::disk::{Disk, DiskConfig};
use std::io::ErrorKind;
use std::path::Path;

const OLD: [u8; 1024] = [1; 1024];
const NEW: [u8; 1024] = [2; 1024];

/// The choice of one particular of a fault, for tests that need another than the default.
fn particular(label: &str, part: Part, index: u32, options: u32, chosen: u32) -> Decision {
    let (task, label) = ("main".to_owned(), label.to_owned());
    Decision { concern: faults::Concern::Faults, task, label, nth: 0, part, index, options, chosen }
}

#[test]
fn a_synced_write_survives_a_power_loss_and_an_unsynced_one_does_not() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    desk.put(file, 0, &NEW);
    assert_eq!(desk.get(file, 0..1024), NEW);
    desk.lose_power();
    let file = desk.open("/db/a");
    assert_eq!(desk.get(file, 0..2000), OLD);
    desk.put(file, 0, &NEW);
    desk.sync(file, None).expect("no fault");
    desk.lose_power();
    let file = desk.open("/db/a");
    assert_eq!(desk.get(file, 0..2000), NEW);
}

#[test]
fn a_name_survives_only_with_its_directory_synced() {
    let mut desk = Desk::tame();
    let file = desk.open("/db/a");
    desk.put(file, 0, &NEW);
    desk.sync(file, None).expect("no fault");
    assert!(desk.disk.without_unsynced().image(Path::new("/db/a")).is_none());
    desk.sync_directory(None).expect("no fault");
    desk.with(&NAME, |disk, call| disk.rename(Path::new("/db/a"), Path::new("/db/b"), None, call))
        .expect("no fault");
    assert!(desk.disk.without_unsynced().image(Path::new("/db/b")).is_none());
    desk.sync_directory(None).expect("no fault");
    let after = desk.disk.without_unsynced();
    assert!(after.image(Path::new("/db/a")).is_none() && after.image(Path::new("/db/b")).is_some());
    desk.with(&NAME, |disk, call| disk.remove(Path::new("/db/b"), None, call)).expect("no fault");
    assert_eq!(desk.get(file, 0..4), [2; 4], "whoever has it open keeps it");
    assert!(desk.disk.without_unsynced().image(Path::new("/db/b")).is_some());
    desk.sync_directory(None).expect("no fault");
    assert!(desk.disk.without_unsynced().image(Path::new("/db/b")).is_none());
    assert_eq!(desk.disk.used(), 1024);
    desk.disk.close(file);
    assert_eq!(desk.disk.used(), 0, "the last close frees it");
}

#[test]
fn a_killed_process_loses_its_locks_and_nothing_else() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    desk.put(file, 0, &NEW);
    let lock = |disk: &mut Disk, handle, call: &mut faults::Call<'_>| {
        disk.try_lock(handle, FileLockKind::Exclusive, None, call)
    };
    assert_eq!(desk.with(&LOCK, |disk, call| lock(disk, file, call)), Ok(FileLockOutcome::Acquired));
    let other = desk.open("/db/a");
    assert_eq!(desk.with(&LOCK, |disk, call| lock(disk, other, call)), Ok(FileLockOutcome::HeldBy(Some(1))));
    desk.with(&SYNC, |disk, call| disk.process_killed(call));
    let again = desk.open("/db/a");
    assert_eq!(desk.with(&LOCK, |disk, call| lock(disk, again, call)), Ok(FileLockOutcome::Acquired));
    desk.disk.close(file);
    assert_eq!(desk.get(again, 0..1024), NEW);
    assert!(desk.write(file, 0, &OLD, None).is_err(), "a handle of the dead process");
    assert_eq!(
        desk.disk.without_unsynced().image(Path::new("/db/a")).map(sim::disk::Image::to_vec),
        Some(OLD.into())
    );
}

#[test]
fn shared_locks_go_together_and_one_alone_may_become_exclusive() {
    let mut desk = Desk::tame();
    let (one, two) = (desk.open("/db/a"), desk.open("/db/a"));
    let mut lock = |handle, kind| desk.with(&LOCK, |disk, call| disk.try_lock(handle, kind, None, call));
    assert_eq!(lock(one, FileLockKind::Shared), Ok(FileLockOutcome::Acquired));
    assert_eq!(lock(two, FileLockKind::Shared), Ok(FileLockOutcome::Acquired));
    assert_eq!(lock(one, FileLockKind::Exclusive), Ok(FileLockOutcome::HeldBy(Some(1))));
    desk.disk.close(two);
    let mut lock = |handle, kind| desk.with(&LOCK, |disk, call| disk.try_lock(handle, kind, None, call));
    assert_eq!(lock(one, FileLockKind::Exclusive), Ok(FileLockOutcome::Acquired));
    let held = desk.with(&LOCK, |disk, call| {
        disk.try_lock(one, FileLockKind::Exclusive, Some(FaultKind::SecondProcess), call)
    });
    assert!(matches!(held, Ok(FileLockOutcome::HeldBy(Some(_)))));
}

#[test]
fn short_and_interrupted_calls_are_masked_by_going_on() {
    let mut desk = Desk::new(DiskConfig::default(), Decisions::seeded(3));
    let file = desk.file("/db/a", &OLD);
    let count = desk.write(file, 0, &NEW, Some(FaultKind::ShortWrite)).expect("short, not failed");
    assert!((1..1024).contains(&count));
    let error =
        desk.write(file, count as u64, &NEW[count..], Some(FaultKind::Interrupted)).expect_err("interrupted");
    assert_eq!(error.kind, ErrorKind::Interrupted);
    desk.put(file, count as u64, &NEW[count..]);
    let short = desk.read(file, 0..1024, Some(FaultKind::ShortRead)).expect("short, not failed");
    assert!((1..1024).contains(&short.len()));
    assert_eq!(desk.ledger.unclosed().count(), 1);
    assert_eq!(desk.get(file, short.len() as u64..1024), NEW[short.len()..]);
    assert_eq!(desk.ledger.unclosed().count(), 0);
    assert!(desk.ledger.faults().iter().all(|fault| fault.closing == Some(Closing::Masked)));
}

#[test]
fn whoever_reads_on_and_meets_an_error_has_taken_the_short_read_for_what_it_was() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    let short = desk.read(file, 0..1024, Some(FaultKind::ShortRead)).expect("short, not failed");
    desk.disk.break_range(Path::new("/db/a"), 512..1024);
    assert!(desk.read(file, short.len() as u64..1024, None).is_err());
    assert_eq!(desk.ledger.unclosed().count(), 0);
}

#[test]
fn after_a_failed_sync_the_pages_count_as_clean_and_are_lost() {
    let dirty = particular("test.sync", Part::Write, 0, 2, 1);
    let mut desk = Desk::new(DiskConfig::default(), Decisions::replay(1, &[]));
    let file = desk.file("/db/a", &OLD);
    desk.decisions = Decisions::replay(1, &[Decision { nth: 0, ..dirty }]);
    desk.put(file, 0, &NEW);
    assert!(desk.sync(file, Some(FaultKind::SyncFailed)).is_err());
    assert_eq!(desk.sync(file, None), Ok(()), "the next sync says yes");
    assert_eq!(desk.get(file, 0..1024), NEW, "the cache shows them");
    desk.with(&SYNC, |disk, call| disk.process_killed(call));
    let file = desk.open("/db/a");
    assert_eq!(desk.get(file, 0..1024), NEW, "also after reopening");
    desk.lose_power();
    let file = desk.open("/db/a");
    assert_eq!(desk.get(file, 0..1024), OLD, "and the disk never had them");
}

#[test]
fn after_a_failed_sync_a_length_is_still_to_be_written() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    desk.set_len(file, 5000, None).expect("no fault");
    assert!(desk.sync(file, Some(FaultKind::SyncFailed)).is_err());
    let durable = |desk: &Desk| desk.disk.durable_image(Path::new("/db/a")).map(sim::disk::Image::len);
    assert_eq!(durable(&desk), Some(1024));
    desk.sync(file, None).expect("no fault");
    assert_eq!(durable(&desk), Some(5000));
}

#[test]
fn a_lying_sync_changes_nothing_and_the_next_honest_one_repairs_it() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    desk.put(file, 0, &NEW);
    assert_eq!(desk.sync(file, Some(FaultKind::LyingSync)), Ok(()));
    assert_eq!(desk.disk.durable_image(Path::new("/db/a")).map(sim::disk::Image::to_vec), Some(OLD.into()));
    assert!(desk.ledger.may_be_damaged(Path::new("/db/a")));
    assert_eq!(desk.sync(file, None), Ok(()));
    assert_eq!(desk.disk.durable_image(Path::new("/db/a")).map(sim::disk::Image::to_vec), Some(NEW.into()));
}

#[test]
fn a_lost_write_is_in_the_cache_until_the_power_fails_or_was_never_seen() {
    for cached in [true, false] {
        let mut desk = Desk::tame();
        let file = desk.file("/db/a", &OLD);
        let variant = particular("test.write", Part::Variant, 0, 2, u32::from(!cached));
        desk.decisions = Decisions::replay(1, &[variant]);
        assert_eq!(desk.write(file, 512, &NEW, Some(FaultKind::LostWrite)), Ok(1024));
        assert_eq!(desk.get(file, 600..601), if cached { [2] } else { [1] });
        desk.sync(file, None).expect("no fault");
        desk.lose_power();
        let file = desk.open("/db/a");
        let mut expected = OLD.to_vec();
        expected.resize(1536, 0);
        assert_eq!(desk.get(file, 0..4096), expected, "the length is there, the bytes are not");
    }
}

#[test]
fn a_misdirected_write_destroys_another_sector_and_leaves_its_own() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &[1; 4096]);
    assert_eq!(desk.write(file, 0, &[2; 512], Some(FaultKind::MisdirectedWrite)), Ok(512));
    let bytes = desk.get(file, 0..4096);
    assert_eq!(bytes[..512], [1; 512]);
    assert_eq!(bytes.iter().filter(|&&byte| byte == 2).count(), 512);
    assert_eq!(desk.kinds(), [FaultKind::MisdirectedWrite; 2]);
}

#[test]
fn wrong_reads_are_wrong_once() {
    let mut desk = Desk::tame();
    let mut bytes = [1; 4096];
    bytes[512..].fill(3);
    let file = desk.file("/db/a", &bytes);
    assert_eq!(desk.read(file, 0..512, Some(FaultKind::MisdirectedRead)), Ok(vec![3; 512]));
    assert_eq!(desk.get(file, 0..512), [1; 512]);
    for value in 4..20 {
        desk.put(file, 0, &[value; 512]);
        desk.sync(file, None).expect("no fault");
    }
    let stale = desk.read(file, 0..512, Some(FaultKind::StaleRead)).expect("stale, not failed");
    assert!(stale[0] < 19 && stale.iter().all(|&byte| byte == stale[0]));
    assert_eq!(desk.get(file, 0..512), [19; 512]);
    assert_eq!(desk.kinds(), [FaultKind::MisdirectedRead, FaultKind::StaleRead]);
}

#[test]
fn a_flipped_bit_is_read_once_or_written_for_good() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    let read = desk.read(file, 0..512, Some(FaultKind::MemoryFlip)).expect("no error");
    let flipped: u32 = read.iter().map(|byte| (byte ^ OLD[0]).count_ones()).sum();
    assert_eq!(flipped, 1);
    assert_eq!(desk.get(file, 0..512), OLD[..512]);
    assert_eq!(desk.write(file, 0, &NEW, Some(FaultKind::MemoryFlip)), Ok(NEW.len()));
    let written = desk.get(file, 0..NEW.len() as u64);
    let flipped: u32 = written.iter().zip(NEW).map(|(found, wrote)| (found ^ wrote).count_ones()).sum();
    assert_eq!(flipped, 1);
    assert!(desk.ledger.may_be_damaged(Path::new("/db/a")));
    assert_eq!(desk.kinds(), [FaultKind::MemoryFlip, FaultKind::MemoryFlip]);
}

#[test]
fn a_latent_sector_error_stays_until_the_sector_is_written() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    assert!(desk.read(file, 0..1024, Some(FaultKind::LatentSectorError)).is_err());
    assert!(desk.read(file, 0..1024, None).is_err());
    assert_eq!(desk.get(file, 512..1024), OLD[512..]);
    desk.sync(file, None).expect("no fault");
    desk.lose_power();
    let file = desk.open("/db/a");
    assert!(desk.read(file, 100..101, None).is_err(), "for good");
    desk.put(file, 0, &NEW[..512]);
    assert_eq!(desk.get(file, 0..512), NEW[..512]);
}

#[test]
fn a_failed_write_may_be_partly_done_and_says_so() {
    let mut desk = Desk::new(DiskConfig::default(), Decisions::seeded(5));
    let file = desk.file("/db/a", &OLD);
    let error = desk.write(file, 0, &NEW, Some(FaultKind::WriteError)).expect_err("failed");
    assert_eq!(error.to_string(), "/db/a: writing failed: Input/output error (os error 5) [test.write]");
    let done = desk.get(file, 0..1024).iter().filter(|&&byte| byte == 2).count();
    assert!((1..1024).contains(&done), "seed 5 does a part: {done}");
    let error = desk.write(file, 0, &NEW, Some(FaultKind::NoSpace)).expect_err("full");
    assert!(error.is_out_of_space());
}

#[test]
fn a_late_write_lands_after_it_failed() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    let error = desk.write(file, 0, &[9; 512], Some(FaultKind::LateWrite)).expect_err("timed out");
    assert_eq!(error.kind, ErrorKind::TimedOut);
    assert_eq!(desk.get(file, 0..1), [1]);
    desk.sync(file, None).expect("no fault");
    assert_eq!(desk.get(file, 0..1), [9]);
    assert!(desk.write(file, 0, &[8; 512], Some(FaultKind::LateWrite)).is_err());
    desk.with(&SYNC, |disk, call| disk.process_killed(call));
    let file = desk.open("/db/a");
    assert_eq!(desk.get(file, 0..1), [8], "the kernel completes it when only the process died");
    let other = desk.open("/db/a");
    assert!(desk.write(file, 0, &[6; 512], Some(FaultKind::LateWrite)).is_err());
    desk.with(&SYNC, |disk, _| disk.close(file));
    assert_eq!(desk.get(other, 0..1), [6], "before its file is closed");
    desk.sync(other, None).expect("no fault");
    assert!(desk.write(other, 0, &[7; 512], Some(FaultKind::LateWrite)).is_err());
    desk.with(&SYNC, |disk, call| disk.power_loss(call));
    let file = desk.open("/db/a");
    assert_eq!(desk.get(file, 0..1), [6], "the power was faster");
}

#[test]
fn a_fault_names_its_file_as_it_is_called_now() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    desk.with(&NAME, |disk, call| disk.rename(Path::new("/db/a"), Path::new("/db/b"), None, call))
        .expect("no fault");
    let error = desk.write(file, 0, &NEW, Some(FaultKind::NoSpace)).expect_err("full");
    assert_eq!(error.path, Path::new("/db/b"));
    assert_eq!(
        desk.ledger.faults()[0].to_string(),
        "fault #1 no-space at test.write, step 0, /db/b bytes 0..1024"
    );
    assert!(desk.ledger.told(&faults::Pointer::Call(&error), "no space", "client"));
}

#[test]
fn a_full_disk_takes_what_fits_and_then_refuses() {
    let config = DiskConfig { capacity: Some(1500), ..DiskConfig::default() };
    let mut desk = Desk::new(config, Decisions::tame(1));
    let file = desk.file("/db/a", &OLD);
    assert_eq!(desk.write(file, 1024, &NEW, None), Ok(476));
    let error = desk.write(file, 1500, &NEW, None).expect_err("full");
    assert!(error.is_out_of_space());
    assert_eq!(desk.write(file, 0, &NEW, None), Ok(1024), "overwriting needs no space");
    assert!(desk.set_len(file, 1501, None).is_err_and(|error| error.is_out_of_space()));
    desk.set_len(file, 100, None).expect("cutting needs no space");
    assert_eq!(desk.disk.used(), 100);
    desk.set_len(file, 1500, None).expect("it fits again");
    assert_eq!(desk.get(file, 100..101), [0]);
    assert_eq!(desk.kinds(), [FaultKind::NoSpace, FaultKind::NoSpace]);
}

#[test]
fn failed_names_change_nothing() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    let (a, b) = (Path::new("/db/a"), Path::new("/db/b"));
    let open = |disk: &mut Disk, mode, fault, call: &mut faults::Call<'_>| disk.open(b, mode, 1, fault, call);
    assert!(
        desk.with(&NAME, |disk, call| open(disk, OpenMode::Create, Some(FaultKind::OpenError), call))
            .is_err()
    );
    assert!(desk.with(&NAME, |disk, call| disk.rename(a, b, Some(FaultKind::RenameError), call)).is_err());
    assert!(desk.with(&NAME, |disk, call| disk.remove(a, Some(FaultKind::RemoveError), call)).is_err());
    assert!(desk.set_len(file, 5, Some(FaultKind::LengthError)).is_err());
    assert_eq!(desk.disk.paths().collect::<Vec<_>>(), [a]);
    assert_eq!(desk.disk.used(), 1024);
    let missing = desk.with(&NAME, |disk, call| open(disk, OpenMode::ReadWrite, None, call));
    assert!(missing.is_err_and(|error| error.kind == ErrorKind::NotFound));
}

#[test]
fn a_failed_directory_sync_leaves_the_entries_to_be_written() {
    let mut desk = Desk::tame();
    desk.open("/db/a");
    assert!(desk.sync_directory(Some(FaultKind::DirectorySyncFailed)).is_err());
    assert!(desk.disk.without_unsynced().image(Path::new("/db/a")).is_none());
    assert!(desk.disk.image(Path::new("/db/a")).is_some(), "visible, and not durable");
    desk.sync_directory(None).expect("no fault");
    assert!(desk.disk.without_unsynced().image(Path::new("/db/a")).is_some());
}

#[test]
fn damage_at_rest_does_what_it_says_to_some_file() {
    for seed in 0..60 {
        let config = DiskConfig { history: true, ..DiskConfig::default() };
        let mut desk = Desk::new(config, Decisions::seeded(seed));
        desk.file("/db/a", &OLD);
        let file = desk.file("/db/b", &OLD);
        for value in 3..12 {
            desk.put(file, 0, &[value; 1024]);
            desk.sync(file, None).expect("no fault");
        }
        let before = desk.disk.synced_image();
        let kinds = [FaultKind::BitRot, FaultKind::FileCut, FaultKind::FileDeleted, FaultKind::FileReplaced];
        let kind = kinds[seed as usize % kinds.len()];
        desk.with(&SYNC, |disk, call| disk.damage(kind, call));
        let after = desk.disk.synced_image();
        assert_eq!(desk.disk.cached_image(), after, "no cache hides it");
        if desk.kinds().is_empty() {
            assert_eq!((kind, &before), (FaultKind::FileReplaced, &after), "a file without an older version");
            continue;
        }
        assert_eq!(desk.kinds(), [kind]);
        let changed: Vec<_> = before.iter().filter(|(path, bytes)| after.get(*path) != Some(bytes)).collect();
        assert_eq!(changed.len(), 1);
        let (path, bytes) = changed[0];
        let now = after.get(path);
        match kind {
            FaultKind::BitRot => {
                let now = now.expect("it is still there");
                let flipped: u32 = bytes.iter().zip(now).map(|(one, other)| (one ^ other).count_ones()).sum();
                assert_eq!((flipped, now.len()), (1, bytes.len()));
            }
            FaultKind::FileCut => {
                assert!(now.is_some_and(|now| bytes.starts_with(now) && now.len() < bytes.len()))
            }
            FaultKind::FileDeleted => assert_eq!(now, None),
            _ => assert!(now.is_some_and(|now| now != bytes)),
        }
    }
}

#[test]
fn damage_of_a_file_with_two_names_is_entered_under_the_one_it_is_opened_by() {
    for seed in 0..8 {
        let mut desk = Desk::new(DiskConfig::default(), Decisions::seeded(seed));
        desk.file("/db/a-new", &OLD);
        desk.with(&NAME, |disk, call| disk.rename(Path::new("/db/a-new"), Path::new("/db/a"), None, call))
            .expect("no fault");
        desk.disk.power_loss_with(&Survivor { strategy: Strategy::Everything, fates: vec![Fate::Doubled] });
        assert_eq!(desk.disk.synced_image().len(), 2, "the crash has left both names");
        desk.with(&SYNC, |disk, call| disk.damage(FaultKind::BitRot, call));
        let place = &desk.ledger.faults()[0].place;
        assert_eq!(place.file.as_deref(), Some(Path::new("/db/a")));
    }
}

#[test]
fn rot_under_an_unsynced_write_is_hidden_by_it() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    desk.put(file, 0, &NEW);
    desk.with(&SYNC, |disk, call| disk.damage(FaultKind::BitRot, call));
    assert_eq!(desk.get(file, 0..1024), NEW);
    assert!(desk.ledger.faults()[0].hidden);
    let damaged = desk.disk.without_unsynced().image(Path::new("/db/a")).map(sim::disk::Image::to_vec);
    assert_eq!(damaged.map(|bytes| bytes[0]), Some(0));
    desk.sync(file, None).expect("no fault");
    assert_eq!(desk.disk.without_unsynced().cached_image(), desk.disk.cached_image());
}

#[test]
fn a_clone_shares_nothing_that_is_written_later() {
    let mut desk = Desk::tame();
    let file = desk.file("/db/a", &OLD);
    let clone = desk.disk.clone();
    assert_eq!(clone.hash(true), desk.disk.hash(true));
    desk.put(file, 0, &NEW);
    desk.sync(file, None).expect("no fault");
    assert_ne!(clone.hash(true), desk.disk.hash(true));
    assert_eq!(clone.image(Path::new("/db/a")).map(sim::disk::Image::to_vec), Some(OLD.into()));
}

#[test]
fn the_same_seed_leaves_the_same_disk_and_enters_the_same_faults() {
    let run = |seed| {
        let device = Device { sector: 512, atomic: false };
        let mut desk = Desk::new(DiskConfig { device, ..DiskConfig::default() }, Decisions::seeded(seed));
        let file = desk.file("/db/a", &OLD);
        for index in 0..10 {
            desk.put(file, index * 700, &NEW);
        }
        desk.with(&SYNC, |disk, call| disk.power_loss(call));
        let faults: Vec<String> = desk.ledger.faults().iter().map(ToString::to_string).collect();
        (desk.disk.hash(true), faults)
    };
    assert!((0..20).all(|seed| run(seed) == run(seed)));
    assert!((1..20).any(|seed| run(seed).0 != run(0).0));
}
