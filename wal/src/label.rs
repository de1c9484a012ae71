//! Every call of the log to the outside, its locks and its marks; and what breaks without each.
//!
//! Invariants
//!
//! 1. Each call site has a name of its own: crash points, traces and sabotage go by name.
//! 2. A sync that stands here is needed: sabotage of it must be found by the simulator.

env::labels! {
    OPEN: "wal.open", Directory, "the log cannot be read";
    ORPHAN_OPEN: "wal.orphan.open", Directory, "a log is thrown away that holds commits, or somebody's file that only has a log's name";
    CREATE_REMOVE: "wal.create.remove", Directory, "a stale log of an earlier life stays in the way";
    CREATE_OPEN: "wal.create.open", Directory, "there is no log to write to";
    CREATE_WRITE: "wal.create.write", Write, "the new log has no headers: the database cannot be opened after a crash";
    CREATE_SYNC: "wal.create.sync", Sync, "a superblock may require a log whose headers were lost: the database cannot be opened after a crash";
    CREATE_DIRECTORY_SYNC: "wal.create.directory.sync", DirectorySync, "a superblock may require a log whose directory entry was lost, or the database's own new name is lost with acknowledged commits";
    GROW_WRITE: "wal.grow.write", Write, "segments are not allocated ahead, and a commit may find the device full";
    GROW_SYNC: "wal.grow.sync", Sync, "a note may survive a power failure that the slot it tells of does not: the log is taken for one whose end was cut off";
    NOTE_WRITE: "wal.note.write", Write, "a log whose end was cut off may be taken for one that never was longer, and commits are gone without an error";
    COMMIT_WRITE: "wal.commit.write", Write, "acknowledged commits were never written";
    COMMIT_SYNC: "wal.commit.sync", Sync, "acknowledged commits are lost when the power fails";
    MARK_WRITE: "wal.mark.write", Write, "rot in the last group before an idle time cannot be told from a torn tail";
    READ_LENGTH: "wal.read.length", Length, "nobody knows how many segments there are";
    READ_HEADER: "wal.read.header", Read, "the layout is unknown";
    READ: "wal.read", Read, "nothing can be recovered";
    RECOVER_WRITE: "wal.recover.write", Write, "the records that recovery keeps are not in the new epoch";
    RECOVER_CONTENTS_SYNC: "wal.recover.contents.sync", Sync, "the new epoch's header may survive a second crash without the records it vouches for";
    RECOVER_HEADER_WRITE: "wal.recover.header.write", Write, "the new epoch does not begin: later commits are not found";
    RECOVER_HEADER_SYNC: "wal.recover.header.sync", Sync, "a second crash may return to the old epoch, and what was kept or cut changes after it was seen";
    RECOVER_WIPE_WRITE: "wal.recover.wipe.write", Write, "each opening after a kill takes another segment, because any of the former switches may be the one that counts";
    REMOVE: "wal.remove", Directory, "a log that is not needed stays behind";

    GROUP_LOCK: "wal.group.lock", Lock, "two leaders write at once";
    GROUP_SEAT: "wal.group.seat", Lock, "a call is lost between a look and the sleep";
    GROUP_CALLED: "wal.group.called", Lock, "followers sleep on after their group is durable";
    BUFFER_LOCK: "wal.buffer.lock", Lock, "records are framed over one another";
    SEGMENTS_LOCK: "wal.segments.lock", Lock, "a slot is used twice";
    SYNCING_LOCK: "wal.syncing.lock", Lock, "a failed sync is told to another task than the one whose bytes it lost";
    GROWING_LOCK: "wal.growing.lock", Lock, "two tasks allocate the same slot";

    RECOVERED_CLEAN: "wal.recovered.clean", Mark, "a recovery found nothing behind the last record";
    RECOVERED_TORN: "wal.recovered.torn", Mark, "a recovery cut a torn tail";
    RECOVERED_KEPT: "wal.recovered.kept", Mark, "a recovery copied records that nothing proves durable";
    RECOVERED_EPOCH: "wal.recovered.epoch", Mark, "a recovery followed the log into a later epoch";
    RECOVERED_FRAGMENTS: "wal.recovered.fragments", Mark, "a recovery put a record together from fragments";
    READ_AGAIN: "wal.read.again", Mark, "a second reading found what the first had not";
    FOUND_CORRUPT: "wal.found.corrupt", Mark, "a durable record was damaged or gone";
    GREW: "wal.grew", Mark, "a segment was allocated";
    FOLLOWED: "wal.followed", Mark, "a commit became durable by another one's sync";
    POISONED: "wal.poisoned", Mark, "a write or sync of the log failed";
}
