//! The pager's calls to the outside, by name, and what breaks without each.
//!
//! Invariants
//!
//! 1. Each call site has a name of its own: crash points, traces and sabotage go by name.
//! 2. A sync or barrier that stands here is needed: sabotage of it must be found by the simulator.

env::labels! {
    OPEN: "pager.open", Directory, "the database file cannot be read";
    OPEN_LOCK: "pager.open.lock", FileLock, "two processes write one file";
    OPEN_IDENTITY: "pager.open.identity", Length, "a file that was renamed away while it was being locked is used";
    OPEN_LENGTH: "pager.open.length", Length, "a truncated file is opened";
    SUPERBLOCK_READ: "pager.superblock.read", Read, "the newest checkpoint is not found";
    BITMAP_READ: "pager.bitmap.read", Read, "pages in use are taken for free";
    PAGE_READ: "pager.page.read", Read, "a page's content is missing";
    REOPEN_SUPERBLOCK_WRITE: "pager.reopen.superblock.write", Write,
        "a superblock that only the page cache holds since a failed sync, or a damaged one, is all that stands between the next checkpoint's torn superblock and the loss of the database";
    REOPEN_SUPERBLOCK_SYNC: "pager.reopen.superblock.sync", Sync,
        "pages and log are used again that a superblock needs which comes back when the power fails, and the other superblock stands alone";

    CREATE_OPEN: "pager.create.open", Directory, "there is no new file";
    CREATE_LOCK: "pager.create.lock", FileLock, "two processes create one database";
    CREATE_CUT: "pager.create.cut", Length, "the rest of an interrupted creation stays in the new file";
    CREATE_ENTROPY: "pager.create.entropy", Entropy, "two databases share an id, and each other's logs";
    CREATE_WRITE: "pager.create.write", Write, "the new file has no superblock";
    CREATE_SYNC: "pager.create.sync", Sync, "the name appears before the superblocks: a crash leaves an empty file";
    CREATE_RENAME: "pager.create.rename", Directory, "the new file never gets its name";

    GROW: "pager.grow", Length, "pages are written in small steps of growth; running out of space shows late";
    TRIM: "pager.trim", Length, "a file that was large once stays large for ever";
    PAGES_WRITE: "pager.pages.write", Write, "a checkpoint refers to pages that were never written";
    PAGE_WRITE: "pager.page.write", Write, "a large value refers to pages that were never written";

    MOVE_WRITE: "pager.move.write", Write, "a tree refers to a page that was moved and never written to its new place";

    CHECKPOINT_BITMAP_WRITE: "checkpoint.bitmap.write", Write, "after the next opening, pages in use are taken for free";
    CHECKPOINT_IDENTITY: "checkpoint.identity", Directory, "a checkpoint goes to a file that was deleted or replaced";
    CHECKPOINT_FILE: "checkpoint.file", Length, "a checkpoint goes to a file that was replaced";
    CHECKPOINT_LENGTH: "checkpoint.length", Length, "a checkpoint refers to pages that someone cut off";
    CHECKPOINT_PAGES_SYNC: "checkpoint.pages.sync", Sync, "the superblock is durable before the pages it refers to";
    CHECKPOINT_SUPERBLOCK_WRITE: "checkpoint.superblock.write", Write, "the checkpoint is never found again";
    CHECKPOINT_SUPERBLOCK_SYNC: "checkpoint.superblock.sync", Sync,
        "log and pages of the older checkpoint are reused before the newer one is durable";
    REUSE_AFTER_CHECKPOINTS: "pager.reuse.checkpoints", Barrier,
        "a page that a superblock still reaches is overwritten";
    REUSE_AFTER_SNAPSHOTS: "pager.reuse.snapshots", Barrier, "a page that a snapshot still reads is overwritten";

    CACHE_LOCK: "pager.cache", Lock, "two tasks change one part of the cache at once";
    SPACE_LOCK: "pager.space", Lock, "two tasks take the same page";
    SCRATCH_LOCK: "pager.scratch", Lock, "two large values of a log that is only read get the same page";
    WRITER_LOCK: "pager.writer", Lock, "one frame is written to two places";
    CHECKPOINT_LOCK: "pager.checkpoint", Lock, "two checkpoints write one superblock";
    SYNC_LOCK: "pager.sync.one", Lock, "of two syncs side by side one learns of the failure and the other says yes";
    SUPERBLOCK_LOCK: "pager.superblock", Lock, "half a superblock is seen";
    POISON_LOCK: "pager.poison", Lock, "a failure is not repeated to everyone";
    WATCH_LOCK: "pager.watch", Lock, "pages are not counted, or are counted for a watch that has ended";

    MARK_RETRIED_READ: "pager.mark.retried_read", Mark, "a failed or mismatching read succeeded at another try";
    MARK_CORRUPT_PAGE: "pager.mark.corrupt_page", Mark, "a damaged page was reported";
    MARK_FALLBACK: "pager.mark.fallback", Mark, "one superblock was unusable and the other one was taken";
    MARK_OUT_OF_SPACE: "pager.mark.out_of_space", Mark, "growth or a write failed for want of space and was undone";
    MARK_POISONED: "pager.mark.poisoned", Mark, "a failed sync or checkpoint write made the pager read-only";
    MARK_TRIMMED: "pager.mark.trimmed", Mark, "free places at the end of the file were given back to the file system";
    MARK_EVICTED: "pager.mark.evicted", Mark, "the cache was full and gave up a page";
    MARK_STALE_FRAME: "pager.mark.stale_frame", Mark, "the cache held an older page of the same number";
    MARK_REPLACED: "pager.mark.replaced", Mark, "the file was replaced, deleted or cut while open";
    MARK_LEFTOVER: "pager.mark.leftover", Mark, "creation found the rest of an interrupted one";
    MARK_OLDER_MAP_LOST: "pager.mark.older_map_lost", Mark, "the older checkpoint's free-space map was unreadable";
}
