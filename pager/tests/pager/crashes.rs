//! A power loss after every single change of the file, with every kind of survivor: what opens is the last checkpoint
//! that was reported, or the one that was being made; and it can go on from there, and lose the power again.

use super::support::faulty::{Change, FaultyEnv};
use super::support::*;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const SECTOR: usize = 512;

fn apply(image: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => {
            let (start, end) = (*offset as usize, *offset as usize + bytes.len());
            if image.len() < end {
                image.resize(end, 0);
            }
            image[start..end].copy_from_slice(bytes);
        }
        Change::Length(length) => image.resize(*length as usize, 0),
        Change::Sync => {}
    }
}

/// The change as its sectors, which the device writes in any order. Half a sector stands for no atomicity at all.
fn sectors(change: &Change, size: usize) -> Vec<Change> {
    match change {
        Change::Write { offset, bytes } => {
            let cut = |(index, part): (usize, &[u8])| Change::Write {
                offset: offset + (index * size) as u64,
                bytes: part.to_vec(),
            };
            bytes.chunks(size).enumerate().map(cut).collect()
        }
        Change::Length(_) | Change::Sync => vec![change.clone()],
    }
}

/// What a power loss can leave of unsynced changes: nothing, everything, every beginning, all but one, only one, and
/// some random subsets.
fn survivors(durable: &[u8], unsynced: &[Change], random: &mut u64) -> BTreeSet<Vec<u8>> {
    let size = if *random >> 40 & 1 == 0 { SECTOR } else { SECTOR / 2 };
    let pieces: Vec<Change> = unsynced.iter().flat_map(|change| sectors(change, size)).collect();
    let mut images = BTreeSet::new();
    let mut add = |keep: &dyn Fn(usize) -> bool| {
        let mut image = durable.to_vec();
        for (_, piece) in pieces.iter().enumerate().filter(|(index, _)| keep(*index)) {
            apply(&mut image, piece);
        }
        images.insert(image);
    };
    for cut in 0..=pieces.len() {
        add(&|index| index < cut);
        add(&|index| index != cut);
        add(&|index| index == cut);
    }
    for _ in 0..4 {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = *random >> 8;
        add(&|index| bits >> (index % 50) & 1 == 1);
    }
    images
}

fn files(image: Vec<u8>) -> BTreeMap<PathBuf, Vec<u8>> {
    BTreeMap::from([(PathBuf::from(PATH), image)])
}

fn content(commit: u64) -> Vec<u64> {
    (commit..commit * 2 + commit % 5).collect()
}

fn commit_next(small: &mut Small) {
    let next = small.commit + 1;
    small.commit(next..next * 2 + next % 5).unwrap();
}

/// Runs `commits` commits on `image`, and checks every power loss on the way. `depth` more power losses may follow.
fn explore(image: Vec<u8>, commits: u64, depth: u32, random: &mut u64, states: &mut usize) {
    let faulty = FaultyEnv::new(with_files(files(image.clone())));
    let mut small = Small::open(&faulty).unwrap();
    let mut durable = image;
    let mut unsynced: Vec<Change> = Vec::new();
    for _ in 0..commits {
        let before = small.commit;
        commit_next(&mut small);
        for change in faulty.changes() {
            let synced = matches!(change, Change::Sync);
            unsynced.push(change);
            for image in survivors(&durable, &unsynced, random) {
                *states += 1;
                let survivor = Small::open(&with_files(files(image.clone()))).unwrap();
                assert!(survivor.commit == before || survivor.commit == before + 1);
                assert_eq!(survivor.values().unwrap(), content(survivor.commit));
                survivor.check();
                if depth > 0 && states.is_multiple_of(400) {
                    explore(image, 2, depth - 1, random, states);
                }
            }
            if synced {
                unsynced.drain(..).for_each(|change| apply(&mut durable, &change));
            }
        }
        let survivor = Small::open(&with_files(files(durable.clone()))).unwrap();
        assert_eq!(survivor.commit, before + 1, "a checkpoint that was reported is durable");
    }
}

#[test]
fn a_power_loss_after_any_change_leaves_one_of_two_checkpoints() {
    let env = memory();
    drop(Small::create(&env));
    let image = env.files().remove(Path::new(PATH)).unwrap();
    let (mut random, mut states) = (1, 0);
    explore(image, 8, 2, &mut random, &mut states);
    assert!(states > 1000, "{states} states");
}
