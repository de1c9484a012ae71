//! Files that are not ours, newer, cut, damaged, in use or out of reach: each is an error that names the file, never
//! a panic and never a wrong answer.

use super::support::*;

use env::Env;
use env::real::RealEnv;
use pager::{
    Access, Error, FORMAT_VERSION, Options, Pager, READ_ATTEMPTS, SUPERBLOCK_BYTES, SUPERBLOCK_OFFSETS,
    labels,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn opened(bytes: Vec<u8>) -> Result<Small, Error> {
    Small::open(&with_files(BTreeMap::from([(PathBuf::from(PATH), bytes)])))
}

fn refused(bytes: Vec<u8>) -> Error {
    opened(bytes).map(|_| ()).unwrap_err()
}

/// A database with two checkpoints, and what a reader must find in the newer and in the older one.
fn sample() -> (Vec<u8>, [Vec<u64>; 2]) {
    let env = memory();
    let mut small = Small::create(&env);
    small.commit(0..7).unwrap();
    small.commit(10..19).unwrap();
    drop(small);
    let bytes = env.files().remove(Path::new(PATH)).unwrap();
    (bytes, [(10..19).collect(), (0..7).collect()])
}

#[test]
fn files_that_are_no_databases() {
    assert!(matches!(refused(Vec::new()), Error::Truncated { expected: 8192, found: 0, .. }));
    assert!(matches!(refused(vec![0; 100]), Error::NotADatabase { .. }));
    assert!(matches!(refused(vec![0; 20_000]), Error::NotADatabase { .. }));
    let text = refused(b"SQLite format 3\0".repeat(1000).to_vec());
    let message = text.to_string();
    assert_eq!(
        message,
        "db: not a Hornbeam database (its first bytes are \"SQLite format 3\\x00\"); check the path"
    );
    assert!(matches!(open(&memory()), Err(Error::NotFound { .. })));
}

/// A file of exabytes is mostly a hole. A bit for each of its pages would be more memory than there is.
#[test]
#[allow(clippy::disallowed_methods, clippy::disallowed_types)] // does to the file what the pager never does
fn a_file_that_somebody_made_far_too_long_is_refused_for_writing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("long.db");
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    drop(Pager::create(env.clone(), &path, &small()).unwrap());
    let before = std::fs::read(&path).unwrap();
    let length = 2u64 << 40;
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length).unwrap();
    let error = Pager::open(env.clone(), &path, &small()).map(|_| ()).unwrap_err();
    assert!(matches!(error, Error::TooLong { found, .. } if found == length), "{error}");
    assert!(error.to_string().contains("long.db"), "{error}");
    let reading = Options { access: Access::ReadOnly, ..small() };
    assert_eq!(Pager::open(env, &path, &reading).unwrap().superblock().commit, 0);
    let mut now = vec![0; before.len()];
    std::io::Read::read_exact(&mut std::fs::File::open(&path).unwrap(), &mut now).unwrap();
    assert_eq!(now, before, "it was written to");
}

#[test]
fn a_newer_format_is_told_from_a_damaged_file() {
    let (mut bytes, _) = sample();
    for offset in SUPERBLOCK_OFFSETS.map(|offset| offset as usize) {
        let block = &mut bytes[offset..offset + SUPERBLOCK_BYTES];
        block[8] = FORMAT_VERSION as u8 + 1;
        let checksum = crc32fast::hash(&block[..SUPERBLOCK_BYTES - 4]);
        block[SUPERBLOCK_BYTES - 4..].copy_from_slice(&checksum.to_le_bytes());
    }
    assert!(matches!(
        refused(bytes.clone()),
        Error::NewerFormat { found, supported, .. } if found == FORMAT_VERSION + 1 && supported == FORMAT_VERSION
    ));
    bytes[20] ^= 1;
    bytes[4096 + 20] ^= 1;
    assert!(matches!(refused(bytes), Error::NoSuperblock { .. }));
}

#[test]
fn a_file_cut_anywhere_is_refused_or_complete() {
    let (bytes, [newest, _]) = sample();
    for length in (0..bytes.len()).step_by(97).chain([511, 512, 4095, 4096, 4607, 4608, 8191, 8192]) {
        match opened(bytes[..length].to_vec()) {
            Ok(small) => assert_eq!(small.values().unwrap(), newest),
            Err(Error::Truncated { found, expected, .. }) => {
                assert_eq!(found, length as u64);
                assert!(expected > found);
            }
            Err(error) => {
                assert!(length < 8 && matches!(error, Error::NotADatabase { .. }), "{length}: {error}")
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_any_byte_is_reported_or_without_effect() {
    let (bytes, [newest, older]) = sample();
    let mut reported = 0;
    let mut fallbacks = 0;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let values = opened(damaged).and_then(|small| small.values());
        match values {
            Ok(values) if values == newest => {}
            // The newest superblock is unusable. The store sees from its log that commits are missing.
            Ok(values) => {
                assert_eq!(values, older);
                assert!((4096..4096 + SUPERBLOCK_BYTES).contains(&at), "byte {at}");
                fallbacks += 1;
            }
            Err(Error::Corrupt { page, .. }) => {
                assert_eq!(page, at as u64 / 512, "the damaged page is named");
                reported += 1;
            }
            Err(error) => panic!("byte {at}: {error}"),
        }
    }
    assert_eq!(fallbacks, SUPERBLOCK_BYTES);
    // Thirteen tree pages and one map page are reachable; every byte of them counts.
    assert_eq!(reported, 14 * 512);
}

#[test]
fn every_page_in_the_place_of_every_other_is_noticed() {
    let (bytes, [newest, _]) = sample();
    let pages = bytes.len() / 512;
    for from in 16..pages {
        for to in (16..pages).filter(|to| *to != from) {
            let mut misdirected = bytes.clone();
            let page = bytes[from * 512..(from + 1) * 512].to_vec();
            misdirected[to * 512..(to + 1) * 512].copy_from_slice(&page);
            match opened(misdirected).and_then(|small| small.values()) {
                Ok(values) => assert_eq!(values, newest),
                Err(Error::Corrupt { page, .. }) => assert_eq!(page, to as u64),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn random_bytes_below_valid_checksums_never_panic() {
    // Checksums do not protect from a hostile file: nothing behind them may be trusted to make sense.
    let (bytes, _) = sample();
    let mut random = 0x1234_5678_9abc_def1u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    for _ in 0..20_000 {
        let mut block = bytes[4096..4096 + SUPERBLOCK_BYTES].to_vec();
        for _ in 0..1 + next() % 4 {
            let at = 12 + (next() % 268) as usize;
            block[at] = if next() % 2 == 0 { next() as u8 } else { 0xff };
        }
        if next() % 8 == 0 {
            // Older than the other one, and longer than the file.
            block[32] = 1;
            block[145 + (next() % 6) as usize] = 0xff;
        }
        let checksum = crc32fast::hash(&block[..SUPERBLOCK_BYTES - 4]);
        block[SUPERBLOCK_BYTES - 4..].copy_from_slice(&checksum.to_le_bytes());
        let mut hostile = bytes.clone();
        hostile[4096..4096 + SUPERBLOCK_BYTES].copy_from_slice(&block);
        if let Ok(small) = opened(hostile) {
            let _ = small.pager.usage();
            let _ = small.values();
        }
    }
}

#[test]
fn an_index_page_of_random_bytes_is_an_error_or_a_node() {
    // The page is made valid in every respect that the pointer vouches for, so that its content is decoded.
    let mut random = 99u64;
    let mut next = move || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random >> 33
    };
    let env = memory();
    let pager = create(&env);
    let mut nodes = 0;
    for round in 0..3000 {
        let mut page = vec![0u8; 512];
        for byte in &mut page[32..] {
            *byte = next() as u8;
        }
        page[32] = (next() % 20) as u8;
        page[33] = 0;
        page[35] = 0;
        if round % 2 == 0 {
            page[64..].fill((round % 16) as u8);
            // Row counts that a file can have; random ones are nearly always refused.
            for child in page[40..].chunks_exact_mut(28) {
                child[20..28].copy_from_slice(&3u64.to_le_bytes());
            }
        }
        if round % 4 == 0 {
            // Two children and one separator, which needs no order.
            page[32] = 2;
            page[34] = 1 + (next() % 100) as u8;
            page[96] = page[34];
            page[97] = 0;
        }
        let mut taken = pager::PageSet::new();
        let kind = pager::PageKind::TreeIndex;
        let pointer = pager.write_page(kind, 1, 3, 1, &page, &mut taken).unwrap();
        match pager.load(&pointer) {
            Ok(frame) => {
                let node = frame.index().unwrap();
                assert_eq!(node.separators() + 1, node.len());
                for index in 0..node.separators() {
                    let _ = node.separator(index);
                }
                let _ = node.search(&[7; 9]);
                nodes += 1;
            }
            Err(Error::Corrupt { page, .. }) => assert_eq!(page, pointer.number),
            Err(error) => panic!("{error}"),
        }
        pager.give_back(&taken).unwrap();
    }
    assert!(nodes > 0, "some of them are nodes");
}

#[test]
fn a_database_in_use_names_who_has_it() {
    let env = memory();
    let pager = create(&env);
    assert!(matches!(open(&env), Err(Error::InUse { .. })));
    let read_only = Options { access: Access::ReadOnly, ..small() };
    let path = Path::new(PATH);
    assert!(matches!(Pager::open(env.clone(), path, &read_only), Err(Error::InUse { .. })));
    assert!(matches!(
        Pager::create(env.clone() as Arc<dyn Env>, path, &small()),
        Err(Error::AlreadyExists { .. })
    ));
    drop(pager);
    let one = Pager::open(env.clone(), path, &read_only).unwrap();
    let two = Pager::open(env.clone(), path, &read_only).unwrap();
    assert!(matches!(open(&env), Err(Error::InUse { .. })), "readers keep the writer out");
    drop((one, two));
    open(&env).unwrap();
}

#[test]
fn read_only_opening_writes_nothing_and_reads_everything() {
    let (bytes, [newest, _]) = sample();
    let faulty = faulty::FaultyEnv::new(with_files(BTreeMap::from([(PathBuf::from(PATH), bytes.clone())])));
    let read_only = Options { access: Access::ReadOnly, ..small() };
    let pager = Pager::open(faulty.clone(), Path::new(PATH), &read_only).unwrap();
    let root = pager::PageRef::Stored(pager.superblock().root.pointer);
    assert_eq!(values(&pager, &root).unwrap(), newest);
    let frame = leaf(&pager, 1, 1);
    let unwritten = [pager::PageRef::Resident(frame)];
    assert!(matches!(pager.write_tree(&unwritten, &mut Default::default()), Err(Error::ReadOnly { .. })));
    assert!(matches!(pager.sync(&TEST_SYNC), Err(Error::ReadOnly { .. })));
    let input = pager::CheckpointInput::repeat(&pager.superblock());
    assert!(matches!(pager.checkpoint(input), Err(Error::ReadOnly { .. })));
    assert!(pager.usage().unwrap().map.len() == 1);
    drop(pager);
    assert_eq!(faulty.memory().files()[Path::new(PATH)], bytes);
    let writing = ["write", "sync", "grow", "cut"];
    assert!(faulty.calls().iter().all(|call| !writing.iter().any(|word| call.ends_with(word))));
}

#[test]
fn a_directory_that_may_not_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing").join("db");
    let error = Pager::create(Arc::new(RealEnv::new()), &missing, &small()).unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
    // Permissions do not bind the superuser, who may be running this test: let the world say no.
    let faulty = faulty::FaultyEnv::new(memory());
    faulty.at(&labels::CREATE_OPEN, 0, 1, faulty::Fault::Fail(std::io::ErrorKind::PermissionDenied));
    let error = Pager::create(faulty.clone(), Path::new(PATH), &small()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "db-new: opening failed: permission denied [pager.create.open]; check the permissions of the file and of its \
         directory"
    );
    assert_eq!(faulty.memory().files(), BTreeMap::new());
}

#[test]
fn one_wrong_read_is_masked_and_a_lasting_one_reported() {
    let (bytes, [newest, _]) = sample();
    let faulty = faulty::FaultyEnv::new(with_files(BTreeMap::from([(PathBuf::from(PATH), bytes)])));
    let wrong = faulty::Fault::WrongBit;
    faulty.at(&labels::SUPERBLOCK_READ, 0, 1, wrong);
    faulty.at(&labels::SUPERBLOCK_READ, 4, 1, faulty::Fault::Fail(std::io::ErrorKind::Other));
    faulty.at(&labels::BITMAP_READ, 0, READ_ATTEMPTS - 1, wrong);
    faulty.at(&labels::PAGE_READ, 0, READ_ATTEMPTS - 1, wrong);
    let small = Small::open(&faulty).unwrap();
    assert_eq!(small.values().unwrap(), newest);
    assert!(faulty.was_reached(&labels::MARK_RETRIED_READ));
    assert!(!faulty.was_reached(&labels::MARK_FALLBACK));
    drop(small);

    faulty.at(&labels::PAGE_READ, 0, READ_ATTEMPTS, wrong);
    let small = Small::open(&faulty).unwrap();
    assert!(matches!(small.values(), Err(Error::Corrupt { .. })));
    assert_eq!(small.values().unwrap(), newest, "a failure is not remembered");
}

#[test]
fn a_creation_overwrites_nothing_that_is_not_left_over_from_another() {
    let (database, _) = sample();
    let new = PathBuf::from(format!("{PATH}-new"));
    for foreign in [database, b"a letter to somebody".to_vec(), vec![0; 70_000]] {
        let env = with_files(BTreeMap::from([(new.clone(), foreign.clone())]));
        let error = Pager::create(env.clone(), Path::new(PATH), &small()).unwrap_err();
        assert_eq!(error, Error::AlreadyExists { file: new.clone() });
        assert_eq!(env.files(), BTreeMap::from([(new.clone(), foreign)]));
    }
    let fresh = memory();
    create(&fresh);
    let whole = fresh.files().remove(Path::new(PATH)).unwrap();
    let torn = [vec![0; 4096], whole[4096..].to_vec()].concat();
    // Opened with one superblock and ended before its first commit: the rename to its final name need not be durable then.
    let opened = {
        let env = with_files(BTreeMap::from([(PathBuf::from(PATH), torn.clone())]));
        drop(Pager::open(env.clone(), Path::new(PATH), &small()).unwrap());
        env.files().remove(Path::new(PATH)).unwrap()
    };
    assert_ne!(opened, whole);
    for leftover in [Vec::new(), whole[..3].to_vec(), vec![0; 8192], torn, whole, opened] {
        let env = with_files(BTreeMap::from([(new.clone(), leftover)]));
        create(&env);
        assert!(!env.files().contains_key(&new));
    }
}
