//! Superblocks and free-space maps that say the impossible under right checksums: damage that no checksum finds, made by
//! hand. Each ends in an error that names the place, or in the older checkpoint; never in a panic, and never in a page
//! that two things are told to use.

use super::support::*;

use pager::{CheckpointInput, Error, HEADER_BYTES, PageKind, PageSet, Pager, SUPERBLOCK_BYTES, Superblock};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The newest superblock of a database with two checkpoints stands here (generation 3).
const NEWEST_AT: usize = 4096;

/// A database with two checkpoints.
fn sample() -> Vec<u8> {
    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..7).unwrap();
    small.commit(10..19).unwrap();
    assert_eq!(small.pager.superblock().generation, 3);
    drop(small);
    env.files().remove(Path::new(PATH)).unwrap()
}

fn opened(bytes: Vec<u8>) -> Result<Small, Error> {
    Small::open(&with_files(BTreeMap::from([(PathBuf::from(PATH), bytes)])))
}

/// Changes the superblock at `at` and gives it the checksum of what it says now.
fn reseal(bytes: &mut [u8], at: usize, change: impl FnOnce(&mut [u8])) {
    let block = &mut bytes[at..at + SUPERBLOCK_BYTES];
    change(block);
    let checksum = crc32fast::hash(&block[..SUPERBLOCK_BYTES - 4]);
    block[SUPERBLOCK_BYTES - 4..].copy_from_slice(&checksum.to_le_bytes());
}

#[test]
fn a_counter_without_a_successor_is_no_superblock() {
    let fields = [
        ("generation", 32),
        ("commit number", 40),
        ("position in the log", 112),
        ("next transaction id", 120),
        ("next tree id", 128),
        ("next branch id", 136),
    ];
    for (what, field) in fields {
        // The highest odd number and the highest even one: generations in the right slots.
        for (at, value) in [(NEWEST_AT, u64::MAX), (NEWEST_AT, (1 << 62) + 1), (0, u64::MAX - 1)] {
            let mut bytes = sample();
            reseal(&mut bytes, at, |block| block[field..field + 8].copy_from_slice(&value.to_le_bytes()));
            let mut small = opened(bytes.clone()).unwrap();
            let expected = if at == 0 { 10..19 } else { 0..7 };
            assert_eq!(small.values().unwrap(), expected.collect::<Vec<u64>>(), "{what} {value:x}");
            // What is left is a database: it can be counted on.
            small.commit(20..24).unwrap();
            small.check();
            for other in [0, NEWEST_AT] {
                reseal(&mut bytes, other, |block| {
                    let value = if other == 0 { u64::MAX - 1 } else { u64::MAX };
                    block[field..field + 8].copy_from_slice(&value.to_le_bytes());
                });
            }
            let error = opened(bytes).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("both superblocks are damaged") && error.contains(what), "{error}");
        }
    }
    let mut bytes = sample();
    for at in [0, NEWEST_AT] {
        reseal(&mut bytes, at, |block| block[104..108].fill(0xff));
    }
    let error = opened(bytes).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("epoch of the log is 4294967295"), "{error}");
}

/// Changes the only page of the newest map, and the superblock's pointer with it.
fn change_map(bytes: &mut [u8], change: impl FnOnce(u64, &mut [u8])) {
    let block: [u8; SUPERBLOCK_BYTES] = bytes[NEWEST_AT..NEWEST_AT + SUPERBLOCK_BYTES].try_into().unwrap();
    let number = Superblock::decode(&block, 1).unwrap().free_space.number;
    let page = &mut bytes[number as usize * 512..(number as usize + 1) * 512];
    change(number, page);
    let checksum = crc32fast::hash(&page[4..]).to_le_bytes();
    page[..4].copy_from_slice(&checksum);
    reseal(bytes, NEWEST_AT, |block| block[88..92].copy_from_slice(&checksum));
}

#[test]
fn a_map_that_does_not_list_its_own_page_is_refused() {
    let mut bytes = sample();
    change_map(&mut bytes, |number, page| {
        page[HEADER_BYTES + number as usize / 8] &= !(1 << (number % 8));
    });
    let error = opened(bytes).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("use of a page of the free-space map: expected 0x1, found 0x0"), "{error}");
}

#[test]
fn a_map_that_lists_no_page_of_the_trees_is_reported_when_one_is_given_up() {
    let mut bytes = sample();
    change_map(&mut bytes, |number, page| {
        page[HEADER_BYTES..].fill(0);
        page[HEADER_BYTES + number as usize / 8] |= 1 << (number % 8);
    });
    let error = opened(bytes).and_then(|mut small| small.commit(30..33)).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

#[test]
fn a_page_of_the_map_cannot_be_given_up_by_a_tree() {
    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..7).unwrap();
    let map = small.pager.usage().unwrap().map;
    let mut input = CheckpointInput::repeat(&small.pager.superblock());
    input.removed = map;
    let error = small.pager.checkpoint(input).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    assert!(!small.pager.is_poisoned());
    small.check();
    small.commit(8..20).unwrap();
    small.check();
}

fn written(pager: &Pager, count: usize) -> PageSet {
    let mut taken = PageSet::new();
    let page = vec![1; pager.page_size()];
    pager.write_pages(PageKind::OverflowData, 0, 1, 1, &vec![&page; count], &mut taken).unwrap();
    taken
}

#[test]
fn a_map_that_grows_by_two_levels_at_once_keeps_what_it_held() {
    // 3,840 pages to a bitmap page of 512 bytes, 24 pointers to an index page: beyond page 92,160 nothing lies below
    // the first index page of the first level.
    let env = memory();
    let pager = create(&env);
    let first = written(&pager, 100);
    let checkpoint = |added: &PageSet| {
        let input = CheckpointInput {
            added: added.clone(),
            commit: pager.superblock().commit + 1,
            ..CheckpointInput::repeat(&pager.superblock())
        };
        pager.checkpoint(input).unwrap();
    };
    checkpoint(&first);
    // Places taken by someone who commits later.
    let mut between = written(&pager, 95_000);
    let far: PageSet = between.iter().filter(|page| *page > 93_000).collect();
    between.difference(&far);
    checkpoint(&far);
    assert_eq!(pager.superblock().free_space_level, 2);
    drop(pager);
    let usage = open(&env).unwrap().usage().unwrap();
    let mut expected = first;
    expected.union(&far);
    expected.union(&usage.map);
    assert_eq!(usage.checkpoint, expected);
}
