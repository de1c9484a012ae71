//! Opening and creating the file: lock, superblocks, free space.
//!
//! Invariants
//!
//! 1. Nothing is read before the lock is held, and nothing is believed but what three reads of a superblock in turn agree on
//!    ([`FileExt::read_agreed`]): an older version of it, read once or twice by mistake, would be as valid as the newest. So it
//!    is with what tells somebody's file from the rest of a creation.
//! 2. Creation is one step for everyone else: the file is complete and durable before it gets its name. A crash at any
//!    call leaves no file, or one that opens.
//! 3. Opening for writing settles the superblocks before anything else is written. If one is unusable, the other is
//!    written in its place, with a generation that beats whatever may come back there. Otherwise the newest one is written
//!    again: it may live in the page cache alone since a failed sync. Then it is synced, before anything is used again that
//!    the one before it in its slot needed: so whatever a crash leaves in either slot can be opened, and a superblock can be
//!    written over itself, for the other one suffices.
//! 4. No directory is synced here: whoever acknowledges commits first makes a log in the same directory, and the sync
//!    that makes the log's name durable makes the database's durable with it.
//! 5. Opening read-only writes nothing at all.
//! 6. A file is known by one path, whatever links led to it: its log stands beside the file itself, where everyone who
//!    opens it finds it.
//! 7. Nothing that cannot be the rest of an interrupted creation is overwritten by a creation.

use crate::cache::Cache;
use crate::checkpoint::Superblocks;
use crate::free_map::FreeMap;
use crate::header::PAGE_SIZE_MAX;
use crate::labels::*;
use crate::scratch::Scratch;
use crate::space::Space;
use crate::superblock::{
    BadSuperblock, SUPERBLOCK_AREA, SUPERBLOCK_BYTES, SUPERBLOCK_OFFSETS, first_page, slot_of,
};
use crate::watched::Watches;
use crate::{
    Access, Error, FORMAT_VERSION, Options, PagePointer, PageSet, Pager, Result, RootPointer, Superblock,
};
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, AtomicU64};
use env::{Env, File, FileExt, FileLockKind, FileLockOutcome, OpenMode, is_text};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What stands in one slot.
type Slot = std::result::Result<Superblock, BadSuperblock>;

/// The newest generation in a new file.
const FIRST_GENERATION: u64 = 1;
/// So many pages may lie behind those that a checkpoint knows of. A transaction that writes more than that has no
/// memory for their numbers; a file that is longer was made so by somebody else, and is not worth a bit for each page.
const PAGES_SINCE_CHECKPOINT: u64 = 1 << 31;

impl Pager {
    /// Opens the database at `path`.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::InUse`], [`Error::NotADatabase`], [`Error::NewerFormat`], [`Error::Truncated`],
    /// [`Error::TooLong`], [`Error::NoSuperblock`], [`Error::Corrupt`] (the free-space map), [`Error::Io`].
    pub fn open(env: Arc<dyn Env>, path: &Path, options: &Options) -> Result<Pager> {
        let path = &env.resolve(&OPEN, path);
        let (mode, lock) = match options.access {
            Access::ReadWrite => (OpenMode::ReadWrite, FileLockKind::Exclusive),
            Access::ReadOnly => (OpenMode::ReadOnly, FileLockKind::Shared),
        };
        let file = env.open(&OPEN, path, mode).map_err(|error| match error.kind {
            ErrorKind::NotFound => Error::NotFound { file: path.to_path_buf() },
            _ => Error::from_io(path, error),
        })?;
        take_lock(file.as_ref(), path, lock, &OPEN_LOCK)?;
        // Between opening and locking, whoever held the lock may have put another file in this one's place.
        let same = same_file(env.as_ref(), file.as_ref(), path)?;
        if !same {
            return Err(Error::Replaced { file: path.to_path_buf() });
        }
        let length = file.len(&OPEN_LENGTH).map_err(|error| Error::from_io(path, error))?;
        let superblocks = read_superblocks(file.as_ref(), path, length)?;
        let (superblocks, unusable) = choose(superblocks, path, file.as_ref())?;
        check_length(path, length, &superblocks.newest, options.access)?;
        let mut pager = Pager::assemble(env, file, path, options, superblocks, length);
        if unusable.is_some() {
            pager.env.reached(&MARK_FALLBACK);
        }
        match options.access {
            Access::ReadWrite => {
                pager.settle_superblocks(unusable.is_some())?;
                pager.load_space()?;
            }
            Access::ReadOnly => pager.unusable_superblock = unusable,
        }
        Ok(pager)
    }

    /// Creates a database at `path`, where nothing may stand, and opens it.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] (also of a file that has the name under which the database is prepared),
    /// [`Error::InUse`] (someone else is creating it), [`Error::OutOfSpace`], [`Error::Io`].
    pub fn create(env: Arc<dyn Env>, path: &Path, options: &Options) -> Result<Pager> {
        options.check_page_size()?;
        let path = &env.resolve(&CREATE_OPEN, path);
        let io = |error| Error::from_io(path, error);
        refuse_existing(env.as_ref(), path)?;
        let temporary = temporary_path(path);
        let file = env.open(&CREATE_OPEN, &temporary, OpenMode::Create).map_err(io)?;
        take_lock(file.as_ref(), path, FileLockKind::Exclusive, &CREATE_LOCK)?;
        // Who held the lock before may have finished meanwhile: then this file has its final name by now.
        if !same_file(env.as_ref(), file.as_ref(), &temporary)? {
            return Err(Error::InUse { file: path.to_path_buf(), by: None });
        }
        refuse_existing(env.as_ref(), path)?;
        let length = file.len(&OPEN_LENGTH).map_err(io)?;
        if length > 0 {
            if is_somebodys(file.as_ref(), length).map_err(io)? {
                return Err(Error::AlreadyExists { file: temporary });
            }
            env.reached(&MARK_LEFTOVER);
            file.set_len(&CREATE_CUT, 0).map_err(io)?;
        }
        let mut id = [0u8; 16];
        env.random(&CREATE_ENTROPY, &mut id).map_err(io)?;
        let superblocks = first_superblocks(options.page_size, u128::from_le_bytes(id));
        let length = first_page(options.page_size) * options.page_size as u64;
        let mut area = vec![0u8; length as usize];
        for superblock in [&superblocks.older, &superblocks.newest] {
            let offset = SUPERBLOCK_OFFSETS[slot_of(superblock.generation)] as usize;
            area[offset..offset + SUPERBLOCK_BYTES].copy_from_slice(&superblock.encode());
        }
        file.write_all_at(&CREATE_WRITE, 0, &area).map_err(io)?;
        file.sync_all(&CREATE_SYNC).map_err(io)?;
        env.rename(&CREATE_RENAME, &temporary, path).map_err(io)?;
        let options = Options { access: Access::ReadWrite, ..options.clone() };
        let pager = Pager::assemble(env, file, path, &options, superblocks, length);
        pager.load_space()?;
        Ok(pager)
    }

    /// A pager of pages that nobody needs once the process has ended, in an empty file that nobody else has open. No
    /// checkpoint is made and nothing is synced: a place is free again as soon as no snapshot needs it.
    ///
    /// # Errors
    /// [`Error::BadOption`], [`Error::OutOfSpace`], [`Error::Io`].
    pub fn temporary(env: Arc<dyn Env>, file: Arc<dyn File>, options: &Options) -> Result<Pager> {
        options.check_page_size()?;
        let path = file.path().to_path_buf();
        let superblocks = first_superblocks(options.page_size, 0);
        // Where superblocks would stand nothing does, so that numbers of pages mean what they always mean.
        let length = first_page(options.page_size) * options.page_size as u64;
        file.set_len(&GROW, length).map_err(|error| Error::from_io(&path, error))?;
        let options = Options { access: Access::ReadWrite, ..options.clone() };
        let mut pager = Pager::assemble(env, file, &path, &options, superblocks, length);
        pager.temporary = true;
        pager.load_space()?;
        Ok(pager)
    }

    fn assemble(
        env: Arc<dyn Env>,
        file: Arc<dyn File>,
        path: &Path,
        options: &Options,
        superblocks: Superblocks,
        length: u64,
    ) -> Pager {
        let page_size = superblocks.newest.page_size as usize;
        Pager {
            env,
            file,
            path: path.to_path_buf(),
            page_size,
            access: options.access,
            temporary: false,
            unusable_superblock: None,
            growth_pages: options.growth_pages.max(1),
            database: superblocks.newest.database,
            cache: Cache::new(options.cache_bytes, page_size),
            dirty: Arc::default(),
            kept: Arc::default(),
            watches: Arc::new(Watches::new()),
            pages: AtomicU64::new(length / page_size as u64),
            space: Mutex::new(&SPACE_LOCK, None),
            scratch: Scratch::new(),
            writer: Mutex::new(&WRITER_LOCK, ()),
            syncing: Mutex::new(&SYNC_LOCK, ()),
            // What another process wrote and did not sync may stand in the file.
            unsynced: AtomicBool::new(true),
            map: Mutex::new(&CHECKPOINT_LOCK, None),
            superblocks: Mutex::new(&SUPERBLOCK_LOCK, superblocks),
            poisoned: AtomicBool::new(false),
            poison: Mutex::new(&POISON_LOCK, None),
        }
    }

    /// Invariant 3.
    fn settle_superblocks(&self, fallback: bool) -> Result<()> {
        let mut superblocks = self.superblocks.lock();
        if fallback {
            // The unusable slot may have held one generation more than the usable one, and may come back.
            let generation = superblocks.newest.generation + 3;
            let newest = Superblock { generation, ..superblocks.newest.clone() };
            self.write_superblock(&REOPEN_SUPERBLOCK_WRITE, &newest)?;
            superblocks.older = std::mem::replace(&mut superblocks.newest, newest);
        } else {
            self.write_superblock(&REOPEN_SUPERBLOCK_WRITE, &superblocks.newest)?;
        }
        drop(superblocks);
        self.sync(&REOPEN_SUPERBLOCK_SYNC)
    }

    /// Finds the free places: those that neither checkpoint uses.
    fn load_space(&self) -> Result<()> {
        let (newest, older) = (self.superblock(), self.older_superblock());
        let map = self.read_map(&newest, None)?;
        let pages = self.pages.load(env::sync::atomic::Ordering::Relaxed);
        let (mut only_older, mut only_newest) = (PageSet::new(), PageSet::new());
        if older.file_pages > pages {
            self.env.reached(&MARK_OLDER_MAP_LOST);
        } else if older.free_space != newest.free_space {
            match self.read_map(&older, Some(&map)) {
                Ok(older) => {
                    only_older = used_by_first_alone(&older, &map);
                    only_newest = used_by_first_alone(&map, &older);
                }
                // What may pass is reported, and the next opening tries again.
                Err(error) if !error.is_damage() => return Err(error),
                // The older checkpoint is what one falls back to; without its map it is none, and the newest one
                // stands by itself.
                Err(_) => self.env.reached(&MARK_OLDER_MAP_LOST),
            }
        }
        let used = map.used().chain(only_older.iter_runs());
        let mut space =
            Space::new(first_page(self.page_size), pages, used).map_err(|bad| self.bad_place(bad))?;
        space.retire_maps(only_older, newest.generation);
        space.unknown_to_older = only_newest;
        *self.space.lock() = Some(space);
        *self.map.lock() = Some(map);
        Ok(())
    }
}

/// Pages that the first of two checkpoints uses and the second does not.
fn used_by_first_alone(first: &FreeMap, second: &FreeMap) -> PageSet {
    let mut pages = PageSet::new();
    for run in first.used() {
        pages.insert_run(run);
    }
    for run in second.used() {
        pages.remove_run(run);
    }
    pages
}

/// A file must hold what its superblock speaks of. Whoever writes keeps a bit for each page behind that, too.
fn check_length(path: &Path, length: u64, newest: &Superblock, access: Access) -> Result<()> {
    let bytes = |pages: u64| pages.saturating_mul(newest.page_size.into());
    let needed = bytes(newest.file_pages);
    if length < needed {
        return Err(Error::Truncated { file: path.to_path_buf(), expected: needed, found: length });
    }
    let most = bytes(newest.file_pages.saturating_add(PAGES_SINCE_CHECKPOINT));
    if access == Access::ReadWrite && length > most {
        return Err(Error::TooLong { file: path.to_path_buf(), expected: most, found: length });
    }
    Ok(())
}

fn take_lock(file: &dyn File, path: &Path, kind: FileLockKind, label: &'static env::Label) -> Result<()> {
    match file.try_lock(label, kind).map_err(|error| Error::from_io(path, error))? {
        FileLockOutcome::Acquired => Ok(()),
        FileLockOutcome::HeldBy(by) => Err(Error::InUse { file: path.to_path_buf(), by }),
    }
}

/// Whether `file` is what stands at `path`.
fn same_file(env: &dyn Env, file: &dyn File, path: &Path) -> Result<bool> {
    let at_path = env.identity(&OPEN_IDENTITY, path).map_err(|error| Error::from_io(path, error))?;
    let open = file.identity(&OPEN_IDENTITY).map_err(|error| Error::from_io(path, error))?;
    Ok(at_path == Some(open))
}

fn refuse_existing(env: &dyn Env, path: &Path) -> Result<()> {
    match env.identity(&OPEN_IDENTITY, path).map_err(|error| Error::from_io(path, error))? {
        Some(_) => Err(Error::AlreadyExists { file: path.to_path_buf() }),
        None => Ok(()),
    }
}

/// Whether a file of the name under which a database is prepared is surely somebody's: longer than any rest of an
/// interrupted creation, a database that was in use, or text. What a creation left may be torn to anything else.
fn is_somebodys(file: &dyn File, length: u64) -> env::IoResult<bool> {
    if length > PAGE_SIZE_MAX as u64 {
        return Ok(true);
    }
    let mut area = vec![0; SUPERBLOCK_AREA as usize];
    if file.read_agreed(&SUPERBLOCK_READ, 0, &mut area)?.is_none() {
        // It cannot be told.
        return Ok(true);
    }
    let in_use = [0, 1].iter().any(|&slot| {
        let at = SUPERBLOCK_OFFSETS[slot] as usize;
        let mut bytes = [0; SUPERBLOCK_BYTES];
        bytes.copy_from_slice(&area[at..at + SUPERBLOCK_BYTES]);
        match Superblock::decode(&bytes, slot) {
            // An opening that found one superblock only gave the other a higher generation, and there was nothing yet.
            Ok(superblock) => !is_empty(&superblock),
            Err(BadSuperblock::Newer { .. }) => true,
            Err(
                BadSuperblock::Magic
                | BadSuperblock::Checksum { .. }
                | BadSuperblock::WrongSlot { .. }
                | BadSuperblock::Field { .. }
                | BadSuperblock::Unreadable,
            ) => false,
        }
    });
    // Behind the magic of a superblock stands its version, which is no text.
    Ok(in_use || area.first_chunk().is_some_and(is_text))
}

/// The name under which a database is prepared.
fn temporary_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push("-new");
    PathBuf::from(name)
}

/// Whether nothing was ever committed to the database.
fn is_empty(superblock: &Superblock) -> bool {
    let first = first_superblocks(superblock.page_size as usize, superblock.database).newest;
    *superblock == Superblock { generation: superblock.generation, ..first }
}

/// The two superblocks of a new database: generations 0 and 1, both empty.
fn first_superblocks(page_size: usize, database: u128) -> Superblocks {
    let older = Superblock {
        page_size: page_size as u32,
        database,
        generation: 0,
        commit: 0,
        root: RootPointer::default(),
        free_space: PagePointer::NONE,
        free_space_level: 0,
        log_required: false,
        log: Default::default(),
        next_transaction: 1,
        next_tree: 1,
        next_owner: 1,
        file_pages: first_page(page_size),
        extra: [0; crate::EXTRA_BYTES],
    };
    Superblocks { newest: Superblock { generation: FIRST_GENERATION, ..older.clone() }, older }
}

/// Reads both slots (invariant 1).
fn read_superblocks(file: &dyn File, path: &Path, length: u64) -> Result<[Slot; 2]> {
    if length < SUPERBLOCK_AREA {
        if length == 0 || starts_with_magic(file, path)? {
            let file = path.to_path_buf();
            return Err(Error::Truncated { file, expected: SUPERBLOCK_AREA, found: length });
        }
        return Err(not_a_database(file, path));
    }
    let mut failure = None;
    let mut slots = [0, 1].map(|slot| {
        read_slot(file, slot).unwrap_or_else(|error| {
            failure = Some(error);
            Err(BadSuperblock::Unreadable)
        })
    });
    if let (Err(_), Err(_), Some(error)) = (&slots[0], &slots[1], failure) {
        return Err(Error::from_io(path, error));
    }
    if let [Ok(one), Ok(two)] = &slots
        && (one.database != two.database || one.page_size != two.page_size)
    {
        // Two databases in one file: the later one's slot counts, the other is a leftover of something else.
        let lower = if one.generation < two.generation { 0 } else { 1 };
        let found = slots[lower].as_ref().map_or(0, |superblock| superblock.database as u64);
        slots[lower] = Err(BadSuperblock::Field { what: "database id", found });
    }
    Ok(slots)
}

/// Reads one slot. One reading alone proves nothing: where the device answers an error now and old bytes then, an old
/// superblock could say that a database was closed, and its log would be thrown away.
fn read_slot(file: &dyn File, slot: usize) -> env::IoResult<Slot> {
    let mut bytes = [0u8; SUPERBLOCK_BYTES];
    Ok(match file.read_agreed(&SUPERBLOCK_READ, SUPERBLOCK_OFFSETS[slot], &mut bytes)? {
        Some(_) => Superblock::decode(&bytes, slot),
        None => Err(BadSuperblock::Unreadable),
    })
}

/// The superblocks to go by, and what is wrong with the other slot if only one of the two is usable.
fn choose(slots: [Slot; 2], path: &Path, file: &dyn File) -> Result<(Superblocks, Option<String>)> {
    for slot in &slots {
        if let Err(BadSuperblock::Newer { version }) = slot {
            let file = path.to_path_buf();
            return Err(Error::NewerFormat { file, found: *version, supported: FORMAT_VERSION });
        }
    }
    match slots {
        [Ok(one), Ok(two)] if one.generation < two.generation => {
            Ok((Superblocks { newest: two, older: one }, None))
        }
        [Ok(one), Ok(two)] => Ok((Superblocks { newest: one, older: two }, None)),
        [Ok(only), Err(bad)] | [Err(bad), Ok(only)] => {
            Ok((Superblocks { newest: only.clone(), older: only }, Some(bad.to_string())))
        }
        [Err(BadSuperblock::Magic), Err(BadSuperblock::Magic)] => Err(not_a_database(file, path)),
        [Err(first), Err(second)] => Err(Error::NoSuperblock {
            file: path.to_path_buf(),
            first: first.to_string(),
            second: second.to_string(),
        }),
    }
}

fn starts_with_magic(file: &dyn File, path: &Path) -> Result<bool> {
    let mut bytes = [0u8; 8];
    file.read_up_to(&SUPERBLOCK_READ, 0, &mut bytes).map_err(|error| Error::from_io(path, error))?;
    Ok(bytes == crate::MAGIC)
}

fn not_a_database(file: &dyn File, path: &Path) -> Error {
    let mut bytes = [0u8; 16];
    match file.read_up_to(&SUPERBLOCK_READ, 0, &mut bytes) {
        Ok(count) => {
            let found = format!("\"{}\"", bytes[..count].escape_ascii());
            Error::NotADatabase { file: path.to_path_buf(), found }
        }
        Err(error) => Error::from_io(path, error),
    }
}
