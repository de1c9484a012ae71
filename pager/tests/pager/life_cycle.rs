//! The life of pages: made, written, checkpointed, retired, reused.

use super::support::*;

use pager::{Body, Frame, PageRef, PageSet, Placements};
use std::sync::Arc;

#[test]
fn what_was_checkpointed_is_there_after_opening() {
    let env = memory();
    let mut small = Small::create(&env);
    for round in 1..40u64 {
        small.commit(round..round * 3).unwrap();
        assert_eq!(small.values().unwrap(), (round..round * 3).collect::<Vec<_>>());
        small.check();
        if round % 3 == 0 {
            drop(small);
            small = Small::open(&env).unwrap();
            assert_eq!(small.values().unwrap(), (round..round * 3).collect::<Vec<_>>());
            small.check();
        }
    }
    assert_eq!(small.pager.dirty_bytes(), 0);
}

#[test]
fn the_file_stops_growing_when_the_data_does() {
    let env = memory();
    let mut small = Small::create(&env);
    for _ in 0..10 {
        small.commit(0..50).unwrap();
    }
    let (_, pages) = small.pager.free_pages();
    for _ in 0..200 {
        small.commit(0..50).unwrap();
    }
    small.check();
    assert_eq!(small.pager.free_pages().1, pages);
}

#[test]
fn a_page_waits_for_snapshots_and_for_both_superblocks() {
    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..4).unwrap();
    let (first, _) = small.root.unwrap();
    for _ in 0..6 {
        let freed = pages(&small.pager, &PageRef::Stored(small.root.unwrap().0));
        let (root, level) = tree(&small.pager, small.commit + 1, 10..14);
        let mut placed = Placements::new();
        let pointer = small.pager.write_tree(&[root], &mut placed).unwrap()[0];
        let mut input = pager::CheckpointInput::repeat(&small.pager.superblock());
        small.commit += 1;
        input.commit = small.commit;
        input.root = pager::RootPointer { pointer, level, rows: 4 };
        input.added = placed.take_all();
        input.removed = freed.iter().filter_map(pager::FreedPage::number).collect();
        small.pager.checkpoint(input).unwrap();
        small.pager.retire(freed, small.commit);
        small.root = Some((pointer, level));
        // A snapshot at commit 1 still reads the first tree.
        small.pager.advance(1).unwrap();
        assert_eq!(values(&small.pager, &PageRef::Stored(first)).unwrap(), vec![0, 1, 2, 3]);
        assert!(!small.pager.usage().unwrap().free.contains(first.number));
    }
    small.pager.advance(u64::MAX).unwrap();
    assert!(small.pager.usage().unwrap().free.contains(first.number));
    small.check();
}

#[test]
fn an_owner_edits_its_own_frame_only_while_it_is_alone_and_unwritten() {
    let env = memory();
    let pager = create(&env);
    let mut frame = leaf(&pager, 1, 5);
    assert_eq!(pager.dirty_bytes(), 512);
    assert!(Frame::edit(&mut frame, pager::OwnerId(8)).is_none(), "another branch");
    let held = Arc::clone(&frame);
    assert!(Frame::edit(&mut frame, OWNER).is_none(), "a savepoint holds it");
    drop(held);
    let Some(Body::Data(bytes)) = Frame::edit(&mut frame, OWNER) else { panic!("alone and unwritten") };
    bytes[40] = 1;
    let freed = frame.freed();
    assert_eq!(freed.number(), None);
    let mut placed = Placements::new();
    let pointer = pager.write_tree(&[PageRef::Resident(Arc::clone(&frame))], &mut placed).unwrap()[0];
    assert_eq!(
        freed.number(),
        Some(pointer.number),
        "a page given up before it was written has its place now"
    );
    assert!(Frame::edit(&mut frame, OWNER).is_none(), "written");
    assert_eq!(pager.dirty_bytes(), 0);
    assert_eq!(placed.take(OWNER), PageSet::from_iter([pointer.number]));
    assert!(PageRef::Stored(pointer).same_page(&PageRef::Resident(frame)));
}

#[test]
fn a_frame_reached_twice_is_written_once() {
    let env = memory();
    let pager = create(&env);
    let shared = PageRef::Resident(leaf(&pager, 1, 5));
    let one = PageRef::Resident(parent(&pager, 1, 1, vec![child(shared.clone(), 1)]));
    let two =
        PageRef::Resident(parent(&pager, 1, 1, vec![child(shared.clone(), 1), child(shared.clone(), 1)]));
    let mut placed = Placements::new();
    let roots = pager.write_tree(&[one, two, shared.clone()], &mut placed).unwrap();
    assert_eq!(placed.take_all().len(), 3);
    assert_eq!(shared.pointer(), Some(roots[2]));
    assert_eq!(values(&pager, &PageRef::Stored(roots[1])).unwrap(), vec![5, 5]);
    assert!(pager.write_tree(&[shared], &mut placed).unwrap()[0] == roots[2]);
    assert!(placed.is_empty(), "nothing is written again");
}
