//! The files themselves: every byte has a name, a file of every released version opens, and damage anywhere is named.
//!
//! The fixtures were written by the versions of the format that their names say and are never written again: if a change
//! makes one unreadable, the format version has to go up and the old one has to stay readable. `format-1` has a log of
//! version 1; `log-2-512` and `log-2-4096` have logs of version 2, whose notes and first slot lie where their sectors put
//! them (each is what [`idle_database`] gave then).

use env::Env;
use env::memory::{MemoryEntropy, MemoryEnv, MemoryOptions};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::{Begin, Bounds, Store, StoreError, StoreOptions, TreeId};

const PAGE_SIZE: usize = 512;
const DATABASE: &str = "app.db";
const LOG: &str = "app.db-log";
const FIRST_TREE: TreeId = TreeId(16);

type Files = BTreeMap<PathBuf, Vec<u8>>;
type Rows = Vec<(Vec<u8>, Vec<u8>)>;

env::labels! {
    IDLE: "test.idle", Clock, "the test does not wait";
}

fn options() -> StoreOptions {
    StoreOptions {
        page_size: PAGE_SIZE,
        cache_bytes: 64 << 10,
        log_segment_bytes: 8 << 10,
        background: false,
        ..StoreOptions::default()
    }
}

fn world(files: Files) -> Arc<MemoryEnv> {
    Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), files))
}

fn open(env: &Arc<MemoryEnv>) -> Result<Store, StoreError> {
    Store::open(env.clone() as Arc<dyn Env>, Path::new(DATABASE), options())
}

/// A small database, byte for byte the same every time.
fn small_database() -> (Files, Rows) {
    let env = world(Files::new());
    let store = open(&env).expect("makes");
    let rows = fill(&store);
    drop(store);
    (env.files(), rows)
}

/// The same after the log was idle for a while: it says itself that its end is durable, so that damage there cannot be
/// taken for a torn tail.
fn idle_database() -> (Files, Rows) {
    let env = Arc::new(MemoryEnv::new());
    let options = StoreOptions { background: true, ..options() };
    let store = Store::open(env.clone(), Path::new(DATABASE), options).expect("makes");
    let rows = fill(&store);
    let is_marked = || {
        let lines = wal::annotate(&env.files()[Path::new(LOG)]);
        let records: Vec<_> =
            lines.iter().map(ToString::to_string).filter(|it| it.contains("record at")).collect();
        records.last().is_some_and(|last| last.contains("Mark record"))
    };
    let waits =
        (0..1000).take_while(|_| !is_marked()).inspect(|_| env.sleep(&IDLE, Duration::from_millis(20)));
    assert!(waits.count() < 1000, "an idle log was never marked");
    drop(store);
    (env.files(), rows)
}

/// A tree of some leaves with one large value, a dropped row, a sequence; the last commit stands in the log only.
fn fill(store: &Store) -> Rows {
    let mut transaction = store.begin(Begin::default()).expect("begins");
    let tree = transaction.create_tree(true).expect("creates");
    assert_eq!(tree, FIRST_TREE);
    for number in 0..24u32 {
        let value = format!("value of row {number}");
        transaction.put(tree, format!("row-{number:03}").as_bytes(), value.as_bytes()).expect("puts");
    }
    let large: Vec<u8> = (0..900u32).map(|byte| ((byte * 7919) >> 3) as u8).collect();
    transaction.put(tree, b"row-large", &large).expect("puts");
    transaction.commit().expect("commits");
    store.take_ordinals(store::MAIN_DATABASE, store::SequenceId(1), 3).expect("takes");
    store.checkpoint().expect("checkpoints");
    let mut transaction = store.begin(Begin::default()).expect("begins");
    transaction.delete(tree, b"row-005").expect("deletes");
    transaction.put(tree, b"row-006", b"changed").expect("puts");
    transaction.commit().expect("commits");
    rows(store).expect("reads")
}

fn rows(store: &Store) -> Result<Rows, StoreError> {
    let mut transaction = store.begin(Begin::default())?;
    let mut scan = transaction.scan(FIRST_TREE, Bounds::all())?;
    let mut rows = Vec::new();
    while scan.next()? {
        rows.push((scan.key().to_vec(), scan.value()?));
    }
    Ok(rows)
}

fn in_words(files: &Files) -> String {
    let mut text = String::new();
    let database = &files[Path::new(DATABASE)];
    let mut section = |title: String, lines: Vec<String>| {
        writeln!(text, "{title}").expect("writes to a string");
        for line in lines {
            writeln!(text, "  {line}").expect("writes to a string");
        }
    };
    for slot in 0..2 {
        let at = pager::SUPERBLOCK_OFFSETS[slot] as usize;
        let lines = pager::annotate::superblock(slot, &database[at..at + pager::SUPERBLOCK_BYTES]);
        section(format!("superblock {slot}"), lines.iter().map(ToString::to_string).collect());
    }
    let first = pager::first_page(PAGE_SIZE) as usize;
    for (number, page) in database.chunks(PAGE_SIZE).enumerate().skip(first) {
        if page.iter().any(|byte| *byte != 0) {
            let lines = btree::annotate::page((number * PAGE_SIZE) as u64, page);
            section(format!("page {number}"), lines.iter().map(ToString::to_string).collect());
        }
    }
    let lines = wal::annotate(&files[Path::new(LOG)]);
    section("log".to_string(), lines.iter().map(ToString::to_string).collect());
    text
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/store");
    settings.set_prepend_module_to_snapshot(false);
    settings
}

#[test]
fn every_byte_of_a_small_database_has_a_name() {
    let (files, _) = small_database();
    settings().bind(|| insta::assert_snapshot!("small_database", in_words(&files)));
}

#[test]
fn a_database_of_format_1_opens() {
    opens(include_bytes!("fixtures/format-1.db"), include_bytes!("fixtures/format-1.db-log"), 1);
}

#[test]
fn a_database_with_a_log_of_format_2_opens() {
    opens(include_bytes!("fixtures/log-2-512.db"), include_bytes!("fixtures/log-2-512.db-log"), 2);
    opens(include_bytes!("fixtures/log-2-4096.db"), include_bytes!("fixtures/log-2-4096.db-log"), 2);
}

fn opens(database: &[u8], log: &[u8], version: u8) {
    assert_eq!(log[12], version, "the log says its version");
    let files =
        Files::from([(PathBuf::from(DATABASE), database.to_vec()), (PathBuf::from(LOG), log.to_vec())]);
    let (_, expected) = small_database();
    let store = open(&world(files)).expect("opens");
    assert_eq!(rows(&store).expect("reads"), expected);
    assert!(store.check(&mut |_, _| {}).expect("checks").is_sound());
    assert!(store.take_ordinals(store::MAIN_DATABASE, store::SequenceId(1), 1).expect("takes") >= 3);
}

/// What a damaged database may do: refuse with an error that names the file, or give the right rows.
fn refused_or_right(files: Files, expected: &Rows, what: &str) -> bool {
    let error = match open(&world(files)) {
        Err(error) => error,
        Ok(store) => match rows(&store) {
            Err(error) => error,
            Ok(found) => {
                assert!(&found == expected, "{what}: wrong rows were given");
                return false;
            }
        },
    };
    let text = error.to_string();
    assert!(text.contains(DATABASE), "{what}: the error does not name the file: {text}");
    true
}

#[test]
fn a_flipped_bit_in_any_byte_is_harmless_or_named() {
    let (files, expected) = idle_database();
    for name in [DATABASE, LOG] {
        let length = files[Path::new(name)].len();
        let mut refused = 0;
        for at in 0..length {
            let mut damaged = files.clone();
            damaged.get_mut(Path::new(name)).expect("is there")[at] ^= 1 << (at % 8);
            refused += u32::from(refused_or_right(damaged, &expected, &format!("{name}, byte {at} flipped")));
        }
        assert!(refused > 0, "{name}: no flip was noticed in {length} bytes");
    }
}

#[test]
fn a_check_notices_a_flipped_bit_in_every_byte_of_a_closed_file_that_means_something() {
    let (files, expected) = small_database();
    let env = world(files);
    open(&env).expect("opens").close().expect("closes");
    let closed = env.files();
    let sound = checked(&closed).expect("checks");
    assert!(sound.is_sound());
    let database = &closed[Path::new(DATABASE)];
    let mut noticed = 0;
    for at in 0..database.len() {
        let mut damaged = closed.clone();
        damaged.get_mut(Path::new(DATABASE)).expect("is there")[at] ^= 1 << (at % 8);
        let report = checked(&damaged);
        if report.is_ok_and(|report| report.is_sound()) {
            refused_or_right(damaged, &expected, &format!("byte {at} flipped, which the check did not mind"));
        } else {
            noticed += 1;
        }
    }
    // Both superblocks and every page that is in use.
    assert_eq!(noticed, 2 * pager::SUPERBLOCK_BYTES as u64 + sound.pages * PAGE_SIZE as u64);
}

fn checked(files: &Files) -> Result<store::CheckReport, StoreError> {
    let options = StoreOptions { read_only: true, create: false, ..options() };
    let store = Store::open(world(files.clone()) as Arc<dyn Env>, Path::new(DATABASE), options)?;
    store.check(&mut |_, _| {})
}

#[test]
fn a_file_cut_anywhere_is_refused_or_right() {
    let (files, expected) = idle_database();
    for name in [DATABASE, LOG] {
        let length = files[Path::new(name)].len();
        for at in (0..length).step_by(61) {
            let mut damaged = files.clone();
            damaged.get_mut(Path::new(name)).expect("is there").truncate(at);
            let what = format!("{name} cut to {at} bytes");
            // The record that the cut takes away was durable: it must not be lost in silence.
            refused_or_right(damaged, &expected, &what);
        }
    }
}

#[test]
fn what_cannot_be_opened_is_said_with_what_to_do() {
    let (files, _) = small_database();
    let mut text = String::new();
    let mut tell = |title: &str, change: &dyn Fn(&mut Files)| {
        let mut damaged = files.clone();
        change(&mut damaged);
        let error = match open(&world(damaged)) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{title}: it opened"),
        };
        writeln!(text, "{title}\n  {error}").expect("writes to a string");
    };
    tell("the log is missing", &|files| drop(files.remove(Path::new(LOG))));
    tell("the log is empty", &|files| files.get_mut(Path::new(LOG)).expect("is there").clear());
    tell("the database is empty", &|files| files.get_mut(Path::new(DATABASE)).expect("is there").clear());
    tell("the database is a text", &|files| {
        files.insert(PathBuf::from(DATABASE), b"Dear diary, ".repeat(2000));
    });
    tell("both superblocks are damaged", &|files| {
        let database = files.get_mut(Path::new(DATABASE)).expect("is there");
        database[100] ^= 1;
        database[4096 + 100] ^= 1;
    });
    tell("the database is cut", &|files| {
        files.get_mut(Path::new(DATABASE)).expect("is there").truncate(9000)
    });
    tell("the log belongs to another database", &|files| {
        let options = MemoryOptions { entropy: MemoryEntropy::Seeded(1), ..MemoryOptions::deterministic() };
        let other = Arc::new(MemoryEnv::with_options(options, Files::new()));
        drop(open(&other).expect("makes"));
        let log = other.files()[Path::new(LOG)].clone();
        files.insert(PathBuf::from(LOG), log);
    });
    settings().bind(|| insta::assert_snapshot!("refused", text));
}
