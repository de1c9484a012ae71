//! What every world promises to the engine, as tests that any [`Env`] can be put to.
//!
//! The real world, the world in memory and the simulator run the same list, so that none of them is kinder than the
//! others where the engine would come to rely on it. A world passes when no test panics. Nothing is assumed about
//! which directories exist besides the one handed in, which must be empty, nor about short calls: all go through
//! [`FileExt`].

pub use crate::conformance_network::SOCKETS;
use crate::{Env, File, FileExt, FileLockKind, FileLockOutcome, IoResult, OpenMode};
use std::io::{ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

crate::labels! {
    OPEN: "conformance.open", Directory, "the suite itself";
    READ: "conformance.read", Read, "the suite itself";
    WRITE: "conformance.write", Write, "the suite itself";
    LENGTH: "conformance.length", Length, "the suite itself";
    SYNC: "conformance.sync", Sync, "the suite itself";
    DIRECTORY: "conformance.directory", Directory, "the suite itself";
    DIRECTORY_SYNC: "conformance.directory.sync", DirectorySync, "the suite itself";
    FILE_LOCK: "conformance.lock", FileLock, "the suite itself";
    CLOCK: "conformance.clock", Clock, "the suite itself";
    ENTROPY: "conformance.entropy", Entropy, "the suite itself";
    TASK: "conformance.task", Task, "the suite itself";
}

/// One test: the promise in words, and what checks it in an empty directory.
pub struct Promise {
    /// What is promised.
    pub name: &'static str,
    /// Panics when the world does not keep it.
    pub check: fn(&dyn Env, &Path),
}

/// What every world promises about files, directories and advisory locks.
pub const FILES: &[Promise] = &[
    Promise { name: "a missing file is not found, an existing one is not made new", check: open_modes },
    Promise { name: "what was written is read, at any offset", check: read_back },
    Promise { name: "reading past the end yields nothing", check: read_past_end },
    Promise { name: "writing past the end leaves zeros between", check: write_past_end },
    Promise { name: "buffers of one write land one after another, however many", check: vectored },
    Promise { name: "set_len cuts and extends with zeros", check: set_len },
    Promise { name: "a file opened read-only refuses to be changed", check: read_only },
    Promise { name: "two handles see one file", check: two_handles },
    Promise { name: "syncs succeed and change nothing", check: syncs },
    Promise { name: "rename replaces and keeps identity", check: rename },
    Promise { name: "a removed file lives on in its handles", check: remove },
    Promise { name: "a directory lists its files, sorted by bytes", check: list },
    Promise { name: "an exclusive lock excludes all, shared ones one another not", check: locks },
    Promise { name: "errors name the label and the path", check: errors },
];

/// What every world promises about clocks and entropy.
pub const CLOCKS_AND_ENTROPY: &[Promise] = &[
    Promise { name: "monotonic time never goes back and sleeping takes its time", check: clocks },
    Promise { name: "random bytes differ from one draw to the next", check: entropy },
];

/// What worlds that can start tasks promise about them.
pub const TASKS: &[Promise] = &[
    Promise { name: "a joined task has ended and left its effects", check: tasks },
    Promise { name: "a task's files are the world's files", check: task_files },
];

const FOUND: &str = "the file was just made";

fn create(env: &dyn Env, path: &Path) -> Arc<dyn File> {
    env.open(&OPEN, path, OpenMode::CreateNew).expect("a new file can be made in an empty directory")
}

fn all_bytes(file: &dyn File) -> Vec<u8> {
    let length = file.len(&LENGTH).expect(FOUND);
    let mut bytes = vec![0; usize::try_from(length).expect("test files are small")];
    file.read_exact_at(&READ, 0, &mut bytes).expect("as long as it says");
    bytes
}

fn kind<T>(result: IoResult<T>) -> Option<ErrorKind> {
    result.err().map(|error| error.kind)
}

fn open_modes(env: &dyn Env, directory: &Path) {
    let path = directory.join("file");
    assert_eq!(kind(env.open(&OPEN, &path, OpenMode::ReadOnly)), Some(ErrorKind::NotFound));
    assert_eq!(kind(env.open(&OPEN, &path, OpenMode::ReadWrite)), Some(ErrorKind::NotFound));
    assert_eq!(env.identity(&DIRECTORY, &path), Ok(None));
    create(env, &path).write_all_at(&WRITE, 0, b"kept").expect("writable");
    assert_eq!(kind(env.open(&OPEN, &path, OpenMode::CreateNew)), Some(ErrorKind::AlreadyExists));
    for mode in [OpenMode::ReadOnly, OpenMode::ReadWrite, OpenMode::Create] {
        let file = env.open(&OPEN, &path, mode).expect(FOUND);
        assert_eq!(all_bytes(&*file), b"kept", "{mode:?}");
        assert_eq!(file.path(), path);
        assert!(matches!(file.sector_size(), 512 | 4096));
    }
    let other = env.open(&OPEN, &directory.join("other"), OpenMode::Create).expect("made when missing");
    assert_eq!(other.len(&LENGTH), Ok(0));
}

fn read_back(env: &dyn Env, directory: &Path) {
    let file = create(env, &directory.join("file"));
    let bytes: Vec<u8> = (0..20_000u32).map(|index| (index * 7 % 251) as u8).collect();
    file.write_all_at(&WRITE, 0, &bytes).expect("writable");
    file.write_all_at(&WRITE, 5_000, &[255; 700]).expect("writable");
    let mut expected = bytes;
    expected[5_000..5_700].fill(255);
    assert_eq!(all_bytes(&*file), expected);
    let mut some = [0; 1_000];
    file.read_exact_at(&READ, 4_999, &mut some).expect("inside the file");
    assert_eq!(some[..], expected[4_999..5_999]);
}

fn read_past_end(env: &dyn Env, directory: &Path) {
    let file = create(env, &directory.join("file"));
    file.write_all_at(&WRITE, 0, b"12345").expect("writable");
    let mut buffer = [9; 8];
    assert_eq!(file.read_up_to(&READ, 3, &mut buffer), Ok(2));
    assert_eq!(buffer, [b'4', b'5', 9, 9, 9, 9, 9, 9]);
    assert_eq!(file.read_up_to(&READ, 5, &mut buffer), Ok(0));
    assert_eq!(file.read_up_to(&READ, 5_000, &mut buffer), Ok(0));
    assert_eq!(kind(file.read_exact_at(&READ, 3, &mut buffer)), Some(ErrorKind::UnexpectedEof));
}

fn write_past_end(env: &dyn Env, directory: &Path) {
    let file = create(env, &directory.join("file"));
    file.write_all_at(&WRITE, 10_000, b"end").expect("writable");
    let bytes = all_bytes(&*file);
    assert!(bytes[..10_000].iter().all(|byte| *byte == 0));
    assert_eq!(&bytes[10_000..], b"end");
}

fn vectored(env: &dyn Env, directory: &Path) {
    let file = create(env, &directory.join("file"));
    // More than any system takes in one call, of uneven lengths, some of them empty.
    let pieces: Vec<Vec<u8>> = (0..2_500usize).map(|index| vec![index as u8; index % 5]).collect();
    let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    file.write_all_vectored_at(&WRITE, 3, &mut slices).expect("writable");
    let mut expected = vec![0; 3];
    expected.extend(pieces.concat());
    assert_eq!(all_bytes(&*file), expected);
    assert_eq!(file.write_all_vectored_at(&WRITE, 0, &mut []), Ok(()));
    assert_eq!(file.write_all_at(&WRITE, 0, b""), Ok(()));
}

fn set_len(env: &dyn Env, directory: &Path) {
    let file = create(env, &directory.join("file"));
    file.write_all_at(&WRITE, 0, &[7; 3_000]).expect("writable");
    file.set_len(&LENGTH, 1_000).expect("can be cut");
    assert_eq!(file.len(&LENGTH), Ok(1_000));
    file.set_len(&LENGTH, 5_000).expect("can be extended");
    let bytes = all_bytes(&*file);
    assert!(bytes[..1_000].iter().all(|byte| *byte == 7));
    assert!(bytes[1_000..].iter().all(|byte| *byte == 0), "what was cut off must not come back");
    assert_eq!(bytes.len(), 5_000);
}

fn read_only(env: &dyn Env, directory: &Path) {
    let path = directory.join("file");
    create(env, &path).write_all_at(&WRITE, 0, b"kept").expect("writable");
    let file = env.open(&OPEN, &path, OpenMode::ReadOnly).expect(FOUND);
    assert!(file.write_all_at(&WRITE, 0, b"lost").is_err());
    assert!(file.set_len(&LENGTH, 0).is_err());
    assert_eq!(all_bytes(&*file), b"kept");
}

fn two_handles(env: &dyn Env, directory: &Path) {
    let path = directory.join("file");
    let first = create(env, &path);
    let second = env.open(&OPEN, &path, OpenMode::ReadWrite).expect(FOUND);
    first.write_all_at(&WRITE, 0, b"from one").expect("writable");
    assert_eq!(all_bytes(&*second), b"from one");
    second.set_len(&LENGTH, 4).expect("can be cut");
    assert_eq!(all_bytes(&*first), b"from");
    assert_eq!(first.identity(&LENGTH), second.identity(&LENGTH));
}

fn syncs(env: &dyn Env, directory: &Path) {
    let file = create(env, &directory.join("file"));
    file.write_all_at(&WRITE, 0, b"bytes").expect("writable");
    assert_eq!(file.sync_data(&SYNC), Ok(()));
    assert_eq!(file.sync_all(&SYNC), Ok(()));
    assert_eq!(env.sync_directory(&DIRECTORY_SYNC, directory), Ok(()));
    assert_eq!(all_bytes(&*file), b"bytes");
}

fn rename(env: &dyn Env, directory: &Path) {
    let (from, to) = (directory.join("from"), directory.join("to"));
    let moved = create(env, &from);
    moved.write_all_at(&WRITE, 0, b"moved").expect("writable");
    let replaced = create(env, &to);
    assert_ne!(moved.identity(&LENGTH), replaced.identity(&LENGTH));
    env.rename(&DIRECTORY, &from, &to).expect("both exist");
    assert_eq!(env.identity(&DIRECTORY, &from), Ok(None));
    assert_eq!(env.identity(&DIRECTORY, &to), moved.identity(&LENGTH).map(Some));
    let found = env.open(&OPEN, &to, OpenMode::ReadOnly).expect("renamed to there");
    assert_eq!(all_bytes(&*found), b"moved");
    assert_eq!(kind(env.rename(&DIRECTORY, &from, &to)), Some(ErrorKind::NotFound));
}

fn remove(env: &dyn Env, directory: &Path) {
    let path = directory.join("file");
    let old = create(env, &path);
    old.write_all_at(&WRITE, 0, b"old").expect("writable");
    env.remove(&DIRECTORY, &path).expect(FOUND);
    assert_eq!(env.identity(&DIRECTORY, &path), Ok(None));
    assert_eq!(kind(env.remove(&DIRECTORY, &path)), Some(ErrorKind::NotFound));
    assert_eq!(all_bytes(&*old), b"old");
    let new = create(env, &path);
    assert_eq!(new.len(&LENGTH), Ok(0));
    assert_ne!(new.identity(&LENGTH), old.identity(&LENGTH));
}

fn list(env: &dyn Env, directory: &Path) {
    assert_eq!(env.list(&DIRECTORY, directory), Ok(Vec::new()));
    for name in ["b", "a-log", "a", "é", "B"] {
        create(env, &directory.join(name));
    }
    let expected: Vec<PathBuf> = ["B", "a", "a-log", "b", "é"].iter().map(PathBuf::from).collect();
    assert_eq!(env.list(&DIRECTORY, directory), Ok(expected));
}

fn locks(env: &dyn Env, directory: &Path) {
    let path = directory.join("file");
    let open = || env.open(&OPEN, &path, OpenMode::ReadWrite).expect(FOUND);
    let try_lock =
        |file: &Arc<dyn File>, kind| file.try_lock(&FILE_LOCK, kind).expect("locks are known here");
    let held = |outcome| match outcome {
        FileLockOutcome::Acquired => panic!("two hold what excludes one another"),
        FileLockOutcome::HeldBy(process) => {
            assert!(process.is_none_or(|process| process == env.process_id()), "held by {process:?}");
        }
    };
    let first = create(env, &path);
    let second = open();
    assert_eq!(try_lock(&first, FileLockKind::Exclusive), FileLockOutcome::Acquired);
    held(try_lock(&second, FileLockKind::Exclusive));
    held(try_lock(&second, FileLockKind::Shared));
    let also_first = Arc::clone(&first);
    drop(first);
    held(try_lock(&second, FileLockKind::Shared));
    drop(also_first);
    assert_eq!(try_lock(&second, FileLockKind::Shared), FileLockOutcome::Acquired);
    let third = open();
    assert_eq!(try_lock(&third, FileLockKind::Shared), FileLockOutcome::Acquired);
    let fourth = open();
    held(try_lock(&fourth, FileLockKind::Exclusive));
    drop(second);
    held(try_lock(&fourth, FileLockKind::Exclusive));
    drop(third);
    assert_eq!(try_lock(&fourth, FileLockKind::Exclusive), FileLockOutcome::Acquired);
}

fn errors(env: &dyn Env, directory: &Path) {
    let path = directory.join("missing");
    let error = env.open(&OPEN, &path, OpenMode::ReadOnly).err().expect("nothing is there");
    assert_eq!((error.label, error.path.as_path()), (&OPEN, path.as_path()));
    let text = error.to_string();
    // The file first, then what was to be done, the reason, and the label for whoever reads the code.
    assert!(text.contains("missing: opening failed: ") && text.ends_with("[conformance.open]"), "{text}");
}

fn clocks(env: &dyn Env, _directory: &Path) {
    let start = env.monotonic(&CLOCK);
    env.sleep(&CLOCK, Duration::from_millis(3));
    env.yield_now(&TASK);
    let end = env.monotonic(&CLOCK);
    assert!(end >= start + Duration::from_millis(3), "from {start:?} to {end:?}");
    assert!(env.wall_clock(&CLOCK) > i64::MIN);
    assert!(env.parallelism() >= 1 && env.stack_budget() >= 64 * 1024);
    let (floor, here) = (env.stack_floor(), crate::stack_address());
    // Whoever is no task's stack counts from where it was first asked, which may have been a little deeper.
    let apart = env.stack_budget() + 64 * 1024;
    assert!(floor < here && here - floor <= apart, "{here} is further than may be from {floor}");
}

fn entropy(env: &dyn Env, _directory: &Path) {
    let draw = || {
        let mut bytes = [0; 21];
        env.random(&ENTROPY, &mut bytes).expect("there is entropy");
        bytes
    };
    let draws = [draw(), draw(), draw()];
    assert!(draws[0] != draws[1] && draws[1] != draws[2] && draws[0] != draws[2], "{draws:?}");
}

fn tasks(env: &dyn Env, _directory: &Path) {
    let counter = Arc::new(AtomicU32::new(0));
    let handles: Vec<_> = (0..4)
        .map(|index| {
            let counter = Arc::clone(&counter);
            let body = Box::new(move || {
                counter.fetch_add(1 << (8 * index), Ordering::Relaxed);
            });
            env.spawn(&TASK, &format!("task {index}"), body).expect("tasks can be started")
        })
        .collect();
    for handle in handles {
        assert_eq!(handle.join(), Ok(()));
    }
    assert_eq!(counter.load(Ordering::Relaxed), 0x0101_0101);
}

fn task_files(env: &dyn Env, directory: &Path) {
    let file = create(env, &directory.join("file"));
    let inside = Arc::clone(&file);
    let body = Box::new(move || inside.write_all_at(&WRITE, 0, b"from a task").expect("writable"));
    let handle = env.spawn(&TASK, "writer", body).expect("tasks can be started");
    assert_eq!(handle.join(), Ok(()));
    assert_eq!(all_bytes(&*file), b"from a task");
}
