//! The durable free-space map over many checkpoints: exact after each, through growth over several levels of index
//! pages, and through openings.

use super::support::*;

use pager::{CheckpointInput, FreedPage, FreedRef, Options, PageKind, PageSet, Pager};
use proptest::prelude::*;
use std::path::Path;

/// Takes `count` places by writing pages there.
fn written(pager: &Pager, count: usize, birth: u64) -> PageSet {
    let page = vec![birth as u8; pager.page_size()];
    let mut taken = PageSet::new();
    pager.write_pages(PageKind::OverflowData, 0, 1, birth, &vec![&page; count], &mut taken).unwrap();
    taken
}

fn checkpoint(pager: &Pager, commit: u64, added: &PageSet, removed: &PageSet) {
    let mut input = CheckpointInput::repeat(&pager.superblock());
    input.commit = commit;
    input.added = added.clone();
    input.removed = removed.clone();
    pager.checkpoint(input).unwrap();
    let freed = removed.iter().map(|number| FreedPage { page: FreedRef::Stored(number), birth: 0 });
    pager.retire(freed.collect(), commit);
    pager.advance(u64::MAX).unwrap();
}

/// Every page is in exactly one state, and the map holds `live` and itself.
fn check(pager: &Pager, live: &PageSet) {
    let usage = pager.usage().unwrap();
    let mut used = live.clone();
    assert!(used.is_disjoint(&usage.map));
    used.union(&usage.map);
    assert_eq!(used, usage.checkpoint);
    let mut all = used;
    for other in [&usage.free, &usage.retired] {
        assert!(all.is_disjoint(other));
        all.union(other);
    }
    assert_eq!(all.len(), usage.file_pages - usage.first_page);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn the_map_is_exact_after_every_checkpoint(
        rounds in prop::collection::vec((0usize..300, any::<u64>(), 0u8..8), 1..40)
    ) {
        let env = memory();
        let mut pager = create(&env);
        let mut live = PageSet::new();
        for (index, (count, choice, kind)) in rounds.into_iter().enumerate() {
            let added = written(&pager, count, index as u64);
            let removed: PageSet =
                live.iter().filter(|page| page.wrapping_mul(choice | 1) >> 3 & 3 == 0).collect();
            if kind == 0 {
                // A branch that is given up leaves no trace.
                pager.give_back(&added).unwrap();
                check(&pager, &live);
                continue;
            }
            checkpoint(&pager, index as u64 + 1, &added, &removed);
            live.union(&added);
            live.difference(&removed);
            check(&pager, &live);
            if kind == 2 {
                let before = pager.usage().unwrap().file_pages;
                let given = pager.trim().unwrap();
                check(&pager, &live);
                let left = pager.usage().unwrap().file_pages;
                assert_eq!(left, before - given);
                let length = env.files()[Path::new(PATH)].len() as u64;
                assert_eq!(length, left * pager.page_size() as u64);
                for superblock in [pager.superblock(), pager.older_superblock()] {
                    assert!(superblock.file_pages <= left, "whichever is taken, the file is long enough");
                }
            }
            if kind == 1 || kind == 2 {
                drop(pager);
                pager = open(&env).unwrap();
                check(&pager, &live);
            }
        }
    }
}

#[test]
fn the_map_grows_over_several_levels() {
    // 3,840 pages to a bitmap page of 512 bytes, 24 pointers to an index page: three levels at 100,000 pages.
    let env = memory();
    let options = Options { growth_pages: 8, ..small() };
    let mut pager = Pager::create(env.clone(), Path::new(PATH), &options).unwrap();
    let mut live = PageSet::new();
    let mut levels = Vec::new();
    for round in 1..=40u64 {
        let added = written(&pager, 3000, round);
        let removed: PageSet = live.iter().filter(|page| page % 640 == round).collect();
        checkpoint(&pager, round, &added, &removed);
        live.union(&added);
        live.difference(&removed);
        levels.push(pager.superblock().free_space_level);
        drop(pager);
        pager = Pager::open(env.clone(), Path::new(PATH), &options).unwrap();
        check(&pager, &live);
    }
    levels.dedup();
    assert_eq!(levels, vec![0, 1, 2]);
}

#[test]
fn the_map_loses_levels_again_when_the_file_is_trimmed() {
    let env = memory();
    let mut pager = Pager::create(env.clone(), Path::new(PATH), &small()).unwrap();
    let all = written(&pager, 100_000, 1);
    checkpoint(&pager, 1, &all, &PageSet::new());
    assert_eq!(pager.superblock().free_space_level, 2);
    let mut live = all.clone();
    for (round, kept, level) in [(2, 20_000, 1), (4, 3_000, 0), (6, 0, 0)] {
        let gone: PageSet = live.iter().skip(kept).collect();
        checkpoint(&pager, round, &PageSet::new(), &gone);
        checkpoint(&pager, round + 1, &PageSet::new(), &PageSet::new());
        live.difference(&gone);
        assert!(pager.trim().unwrap() > 0);
        check(&pager, &live);
        assert_eq!(pager.superblock().free_space_level, level, "{kept} pages are left");
        drop(pager);
        pager = open(&env).unwrap();
        check(&pager, &live);
    }
    assert!(pager.usage().unwrap().file_pages < 40);
}

#[test]
fn a_checkpoint_rewrites_only_the_map_pages_that_change() {
    let env = memory();
    let options = Options { growth_pages: 40_000, ..small() };
    let pager = Pager::create(env, Path::new(PATH), &options).unwrap();
    let many = written(&pager, 38_000, 1);
    checkpoint(&pager, 1, &many, &PageSet::new());
    let before = pager.usage().unwrap().map;
    checkpoint(&pager, 2, &PageSet::new(), &PageSet::from_iter([many.first().unwrap()]));
    let mut changed = pager.usage().unwrap().map;
    changed.difference(&before);
    assert!(before.len() > 10 && changed.len() <= 3, "{} of {}", changed.len(), before.len());
}

#[test]
fn contradictions_to_the_map_are_errors_and_change_nothing() {
    let env = memory();
    let pager = create(&env);
    let live = written(&pager, 5, 1);
    checkpoint(&pager, 1, &live, &PageSet::new());
    let mut again = CheckpointInput::repeat(&pager.superblock());
    again.added = PageSet::from_iter(live.first());
    assert!(matches!(pager.checkpoint(again), Err(pager::Error::Corrupt { .. })));
    let mut unknown = CheckpointInput::repeat(&pager.superblock());
    unknown.removed = PageSet::from_iter(pager.usage().unwrap().free.first());
    assert!(matches!(pager.checkpoint(unknown), Err(pager::Error::Corrupt { .. })));
    check(&pager, &live);
    checkpoint(&pager, 2, &PageSet::new(), &live);
    check(&pager, &PageSet::new());
}
