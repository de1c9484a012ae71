//! What the pager makes of failing calls: out of space leaves everything usable, a failed sync or checkpoint write
//! ends all writing, a failed read is repeated and never remembered.

use super::support::faulty::{Fault, FaultyEnv};
use super::support::*;

use env::{Env, FileExt, Label, OpenMode};
use pager::{CheckpointInput, Error, FreedPage, PageRef, Pager, Placements, SUPERBLOCK_BYTES, labels};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FULL: Fault = Fault::Fail(ErrorKind::StorageFull);
const BROKEN: Fault = Fault::Fail(ErrorKind::Other);

fn copy_of(env: &FaultyEnv) -> Arc<FaultyEnv> {
    FaultyEnv::new(with_files(env.memory().files()))
}

#[test]
fn out_of_space_at_any_write_or_growth_leaves_everything_usable() {
    for label in [&labels::GROW, &labels::PAGES_WRITE, &labels::CHECKPOINT_BITMAP_WRITE] {
        let faulty = FaultyEnv::new(memory());
        let mut small = Small::create(&faulty);
        small.commit(0..30).unwrap();
        faulty.at(label, 0, usize::MAX, FULL);
        let mut failures = 0;
        for round in 1..6u64 {
            match small.commit(round..round * 20) {
                Ok(()) => assert_eq!(label.name, labels::GROW.name, "only growth can be avoided"),
                Err(error) => {
                    assert!(matches!(error, Error::OutOfSpace { .. }), "{error}");
                    failures += 1;
                }
            }
            small.check();
            assert!(!small.pager.is_poisoned());
        }
        assert!(failures > 0);
        assert!(faulty.was_reached(&labels::MARK_OUT_OF_SPACE));
        let before = small.values().unwrap();
        assert_eq!(Small::open(&copy_of(&faulty)).unwrap().values().unwrap(), before);
        faulty.calm();
        small.commit(100..200).unwrap();
        small.check();
        assert_eq!(small.values().unwrap(), (100..200).collect::<Vec<_>>());
        assert_eq!(small.pager.dirty_bytes(), 0);
    }
}

#[test]
fn a_growth_that_does_not_fit_is_tried_at_the_size_that_is_needed() {
    let faulty = FaultyEnv::new(memory());
    let mut small = Small::create(&faulty);
    faulty.at(&labels::GROW, 0, 1, FULL);
    small.commit(0..3).unwrap();
    assert_eq!(faulty.calls().iter().filter(|call| **call == labels::GROW.name).count(), 3);
    small.check();
}

#[test]
fn a_failed_write_of_pages_is_undone() {
    let faulty = FaultyEnv::new(memory());
    let mut small = Small::create(&faulty);
    small.commit(0..10).unwrap();
    let (root, _) = tree(&small.pager, 9, 0..2000);
    let dirty = small.pager.dirty_bytes();
    let free = small.pager.free_pages().0;
    // The second of several batches.
    faulty.at(&labels::PAGES_WRITE, 1, 1, BROKEN);
    let mut placed = Placements::new();
    let roots = [root.clone()];
    assert!(matches!(small.pager.write_tree(&roots, &mut placed), Err(Error::Io { .. })));
    assert!(placed.is_empty());
    assert_eq!(root.pointer(), None);
    assert_eq!(small.pager.dirty_bytes(), dirty);
    assert!(small.pager.free_pages().0 > free, "the file grew, and all of it is free again");
    let pointer = small.pager.write_tree(&roots, &mut placed).unwrap()[0];
    assert_eq!(values(&small.pager, &PageRef::Stored(pointer)).unwrap(), (0..2000).collect::<Vec<_>>());
    small.pager.give_back(&placed.take_all()).unwrap();
    small.check();
}

#[test]
fn a_failed_sync_or_checkpoint_write_ends_all_writing() {
    let critical: [(&'static Label, Fault); 5] = [
        (&labels::CHECKPOINT_BITMAP_WRITE, BROKEN),
        (&labels::CHECKPOINT_PAGES_SYNC, BROKEN),
        (&labels::CHECKPOINT_SUPERBLOCK_WRITE, BROKEN),
        (&labels::CHECKPOINT_SUPERBLOCK_SYNC, BROKEN),
        (&labels::CHECKPOINT_LENGTH, BROKEN),
    ];
    for (label, fault) in critical {
        let faulty = FaultyEnv::new(memory());
        let mut small = Small::create(&faulty);
        small.commit(0..10).unwrap();
        faulty.at(label, 0, 1, fault);
        let first = small.commit(20..30).unwrap_err();
        assert!(matches!(&first, Error::Io { cause } if cause.label.name == label.name), "{first}");
        assert!(faulty.was_reached(&labels::MARK_POISONED));
        let again = small.commit(20..30).unwrap_err();
        assert!(matches!(&again, Error::Poisoned { cause, .. } if **cause == first), "{again}");
        assert!(matches!(small.pager.sync(&TEST_SYNC), Err(Error::Poisoned { .. })));
        let input = CheckpointInput::repeat(&small.pager.superblock());
        assert!(matches!(small.pager.checkpoint(input), Err(Error::Poisoned { .. })));
        assert_eq!(small.values().unwrap(), (0..10).collect::<Vec<_>>(), "reading goes on");
        let reopened = Small::open(&copy_of(&faulty)).unwrap().values().unwrap();
        assert!(reopened == small.values().unwrap() || reopened == (20..30).collect::<Vec<_>>());
    }
}

#[test]
fn a_full_device_at_the_superblock_leaves_its_slot_in_doubt() {
    let faulty = FaultyEnv::new(memory());
    let mut small = Small::create(&faulty);
    faulty.at(&labels::CHECKPOINT_SUPERBLOCK_WRITE, 0, 1, FULL);
    assert!(small.commit(0..3).unwrap_err().is_out_of_space());
    assert!(small.pager.is_poisoned());
}

#[test]
fn a_file_that_was_replaced_or_cut_is_noticed_at_the_checkpoint() {
    let path = Path::new(PATH);
    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..5).unwrap();
    env.rename(&labels::CREATE_RENAME, path, Path::new("elsewhere")).unwrap();
    assert!(matches!(small.commit(5..9), Err(Error::Replaced { .. })));
    env.open(&labels::OPEN, path, OpenMode::CreateNew).unwrap();
    assert!(
        matches!(small.commit(5..9), Err(Error::Poisoned { cause, .. }) if matches!(*cause, Error::Replaced { .. }))
    );

    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..5).unwrap();
    let file = env.open(&labels::OPEN, path, OpenMode::ReadWrite).unwrap();
    file.set_len(&labels::GROW, 9000).unwrap();
    let error = small.commit(5..6).unwrap_err();
    assert!(matches!(error, Error::Truncated { found: 9000.., .. }), "{error}");
}

#[test]
fn creation_that_fails_at_any_call_leaves_no_file_or_one_that_opens() {
    let faulty = FaultyEnv::new(memory());
    drop(create(&faulty));
    let calls = faulty.calls();
    assert!(calls.len() > 10, "{calls:?}");
    let path = Path::new(PATH);
    for (position, name) in calls.iter().enumerate() {
        let label = labels::ALL.iter().find(|label| label.name == *name).unwrap();
        let skip = calls[..position].iter().filter(|call| *call == name).count();
        let faulty = FaultyEnv::new(memory());
        faulty.at(label, skip, 1, BROKEN);
        let result = Pager::create(faulty.clone() as Arc<dyn Env>, path, &small());
        assert!(result.is_err(), "{name} may not fail unnoticed");
        faulty.calm();
        faulty.calls();
        match Small::open(&faulty) {
            Ok(small) => small.check(),
            Err(Error::NotFound { .. }) => drop(create(&faulty)),
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

#[test]
fn the_rest_of_an_interrupted_creation_is_overwritten() {
    let mut files = std::collections::BTreeMap::new();
    files.insert(PathBuf::from("db-new"), vec![0xaa; 60_000]);
    let env = FaultyEnv::new(with_files(files));
    let mut small = Small::create(&env);
    assert!(env.was_reached(&labels::MARK_LEFTOVER));
    small.commit(0..4).unwrap();
    assert_eq!(env.memory().files().len(), 1);
    small.check();
}

#[test]
fn a_damaged_superblock_is_superseded_before_anything_else_is_written() {
    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..5).unwrap();
    small.commit(5..9).unwrap();
    let newest = small.pager.superblock();
    drop(small);
    let before = env.files();
    let slot = pager::slot_of(newest.generation);
    let offset = pager::SUPERBLOCK_OFFSETS[slot];
    let file = env.open(&labels::OPEN, Path::new(PATH), OpenMode::ReadWrite).unwrap();
    file.write_all_at(&labels::PAGE_WRITE, offset + 100, &[0xee; 20]).unwrap();
    drop(file);
    let faulty = FaultyEnv::new(env);
    let small = Small::open(&faulty).unwrap();
    assert!(faulty.was_reached(&labels::MARK_FALLBACK));
    assert_eq!(small.values().unwrap(), (0..5).collect::<Vec<_>>());
    small.check();
    let settled = small.pager.superblock();
    assert!(settled.generation > newest.generation, "it beats what may come back in that slot");
    assert_eq!(pager::slot_of(settled.generation), slot);
    drop(small);
    // The lost one comes back (it had only been unreadable): the slot was overwritten, so it cannot.
    let ours = &faulty.memory().files()[Path::new(PATH)];
    let theirs = &before[Path::new(PATH)];
    let range = offset as usize..offset as usize + SUPERBLOCK_BYTES;
    assert_ne!(ours[range.clone()], theirs[range]);
    let mut small = Small::open(&faulty).unwrap();
    assert_eq!(small.pager.superblock(), settled);
    small.commit(20..40).unwrap();
    small.check();
}

#[test]
fn a_superblock_that_may_live_in_the_page_cache_alone_is_written_again() {
    let faulty = FaultyEnv::new(memory());
    let mut small = Small::create(&faulty);
    small.commit(0..5).unwrap();
    let mut input = CheckpointInput::repeat(&small.pager.superblock());
    input.log_required = true;
    small.pager.checkpoint(input).unwrap();
    drop(small);
    faulty.calls();
    drop(Small::open(&faulty).unwrap());
    let again = labels::REOPEN_SUPERBLOCK_WRITE.name;
    assert_eq!(faulty.calls().iter().filter(|call| **call == again).count(), 1);
}

#[test]
fn the_older_checkpoint_is_untouched_until_the_next_one_is_durable() {
    // At every moment the older superblock must lead to all of its pages, also right after opening.
    let env = memory();
    let mut small = Small::create(&env);
    let mut history = vec![(0..0, 0u64)];
    for round in 1..60u64 {
        let range = round..round + round % 17;
        if range.is_empty() {
            continue;
        }
        small.commit(range.clone()).unwrap();
        history.push((range, small.commit));
        if round % 5 == 0 {
            drop(small);
            small = Small::open(&env).unwrap();
        }
        // Spilled pages of a transaction that will never commit go to free places only.
        let (root, _) = tree(&small.pager, 1000 + round, 0..20);
        let mut placed = Placements::new();
        small.pager.write_tree(&[root], &mut placed).unwrap();
        let mut files = env.files();
        let bytes = files.get_mut(Path::new(PATH)).unwrap();
        let newest = small.pager.superblock();
        let offset = pager::SUPERBLOCK_OFFSETS[pager::slot_of(newest.generation)] as usize;
        bytes[offset + 40] ^= 1;
        let older = Small::open(&with_files(files)).unwrap();
        let (range, commit) = history[history.len() - 2].clone();
        assert_eq!(older.commit, commit);
        assert_eq!(older.values().unwrap(), range.collect::<Vec<_>>());
        older.check();
        small.pager.give_back(&placed.take_all()).unwrap();
    }
}

#[test]
fn without_either_barrier_pages_are_reused_too_early() {
    // The mirror image of the tests above: it shows that they would notice.
    for barrier in [&labels::REUSE_AFTER_CHECKPOINTS, &labels::REUSE_AFTER_SNAPSHOTS] {
        let faulty = FaultyEnv::new(memory());
        faulty.sabotage(barrier);
        let mut small = Small::create(&faulty);
        small.commit(0..20).unwrap();
        let (snapshot, _) = small.root.unwrap();
        let freed: Vec<FreedPage> = pages(&small.pager, &PageRef::Stored(snapshot));
        let snapshots = barrier.name == labels::REUSE_AFTER_SNAPSHOTS.name;
        if snapshots {
            small.commit(20..40).unwrap();
            small.commit(40..60).unwrap();
            small.pager.advance(1).unwrap();
        } else {
            small.pager.retire(freed, 2);
            small.pager.advance(u64::MAX).unwrap();
        }
        assert!(small.pager.usage().unwrap().free.contains(snapshot.number));
    }
}

#[test]
fn a_page_that_becomes_free_twice_is_an_error() {
    let env = memory();
    let pager = create(&env);
    let mut placed = Placements::new();
    pager.write_tree(&[PageRef::Resident(leaf(&pager, 1, 1))], &mut placed).unwrap();
    let pages = placed.take(OWNER);
    pager.give_back(&pages).unwrap();
    assert!(matches!(pager.give_back(&pages), Err(Error::Corrupt { .. })));
    let outside = pager::PageSet::from_iter([1_000_000]);
    assert!(matches!(pager.give_back(&outside), Err(Error::Corrupt { .. })));
    assert!(matches!(pager.claim(&outside), Err(Error::Corrupt { .. })));
    pager.claim(&pages).unwrap();
    assert!(matches!(pager.claim(&pages), Err(Error::Corrupt { .. })));
}
