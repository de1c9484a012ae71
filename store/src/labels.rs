//! Labels of the store: its own tasks, locks, barriers and marks.
//!
//! Invariants
//!
//! 1. A barrier stands for one check of an order that nothing else enforces: without it torture finds a failing seed.
//! 2. A mark stands for a state that every longer torture must have reached.

env::labels! {
    // tasks
    CHECKPOINT_TASK: "store.checkpoint.task", Task, "log and dirty pages grow without bound";
    // opening
    OPEN_RESOLVE: "store.open.resolve", Directory, "the log of a database that is opened through a link is looked for beside the link";
    // temporary files
    TEMPORARY_OPEN: "store.temporary.open", Directory, "there is no temporary file";
    TEMPORARY_LOOK: "store.temporary.look", Directory, "somebody's file that only has the name of a temporary one is removed";
    TEMPORARY_READ: "store.temporary.read", Read, "the same";
    TEMPORARY_REMOVE: "store.temporary.remove", Directory, "a temporary file outlives the process";
    // locks
    COMMIT_LOCK: "store.commit.lock", Lock, "two commits take the same number and one overwrites the other";
    SESSION_LOCK: "store.session.lock", Lock, "two tasks of one session change its list of locks at once";
    VISIBLE_LOCK: "store.visible.lock", Lock, "a snapshot is taken of a version whose pages are already given back";
    WRITING_LOCK: "store.writing.lock", Lock, "two writers of dirty pages place one frame twice";
    RECENT_LOCK: "store.recent.lock", Lock, "a row's writer is not found and a conflict is missed";
    SEQUENCE_LOCK: "store.sequence.lock", Lock, "two sessions are handed the same value";
    DIRECTORY_LOCK: "store.directory.lock", Lock, "two tasks change a directory's table of decoded entries at once";
    HEALTH_LOCK: "store.health.lock", Lock, "the first failure is overwritten by a later one";
    CHECKPOINT_SIGNAL_LOCK: "store.checkpoint.signal.lock", Lock, "a wake-up of the checkpoint task is lost";
    CHECKPOINT_HANDLE: "store.checkpoint.handle", Lock, "two closers wait for the background task";
    CHECKPOINT_SIGNAL: "store.checkpoint.signal", Lock, "the checkpoint task is never woken";
    // ordering barriers
    COMMIT_DURABLE: "store.commit.durable", Barrier,
        "a commit is acknowledged before its log record is durable, and lost when the power fails";
    SEQUENCE_DURABLE: "store.sequence.durable", Barrier,
        "a sequence value is handed out before its reservation is durable, and again after a crash";
    CHECKPOINT_LOG_FIRST: "store.checkpoint.log_first", Barrier,
        "a checkpoint refers to commits that the log does not hold yet";
    LARGE_PAGES: "store.large.pages.sync", Sync,
        "a large commit's log record survives a power failure, its pages do not";
    LARGE_REMAINDER: "store.large.remainder.sync", Sync,
        "pages that a large commit wrote while it was rebased are missing after a power failure";
    BRANCH_PAGES: "store.branch.pages.sync", Sync,
        "a branching's log record survives a power failure, pages that the two databases share do not";
    // backup
    BACKUP_TARGET: "store.backup.target", Length, "a backup replaces a file that stood at its target";
    BACKUP_LEFT_OVER: "store.backup.left_over", Directory, "two backups to one target remove one another's copy";
    BACKUP_LEFT_OVER_LOCK: "store.backup.left_over.lock", FileLock, "two backups to one target remove one another's copy";
    BACKUP_REMOVE: "store.backup.remove", Directory, "a failed backup leaves its incomplete copy behind";
    BACKUP_RENAME: "store.backup.rename", Directory, "a finished backup does not get its name";
    BACKUP_DIRECTORY: "store.backup.directory.sync", DirectorySync,
        "a backup that was reported as done is gone after a power failure";
    // marks
    REBASED_OWN: "store.rebase.own_writes", Mark, "a transaction's own writes were applied to the newest root";
    REBASED_OTHERS: "store.rebase.others_writes", Mark,
        "the difference made by others was applied to a transaction's branch";
    FAST_FORWARD: "store.commit.fast_forward", Mark, "a commit needed no rebase";
    AHEAD: "store.commit.ahead", Mark, "a transaction went on from a row that another had changed and not yet made durable";
    LARGE_COMMIT: "store.commit.large", Mark, "a transaction was committed by its roots";
    SPILLED: "store.branch.spilled", Mark, "a branch wrote its pages before it committed";
    PLACES_REUSED: "store.branch.reused", Mark, "places that a branch had taken and needed no more became free before it ended";
    COMMIT_UNKNOWN: "store.commit.unknown", Mark, "a commit's outcome was reported as unknown";
    COMMIT_REFUSED_SPACE: "store.commit.refused.space", Mark, "a commit was refused because the device is full";
    LOCKS_ESCALATED: "store.locks.escalated", Mark,
        "a transaction's row locks were replaced by what it has written";
    CONFLICT: "store.conflict", Mark, "a write met a newer version and was refused";
    CHECKPOINT_DONE: "store.checkpoint.done", Mark, "a checkpoint became durable";
    CHECKPOINT_FAILED: "store.checkpoint.failed", Mark, "a checkpoint failed and was put off";
    CHECKPOINT_GIVEN_UP: "store.checkpoint.given_up", Mark, "a checkpoint that nobody asked for met damage: writing stops";
    LOG_CROWDED: "store.log.crowded", Mark, "an opening met a log full of segments that earlier openings had begun";
    CLOSED_CLEANLY: "store.closed", Mark, "a store was closed with a last checkpoint";
    RECOVERY_REPLAYED: "store.recovery.replayed", Mark, "recovery replayed commits from the log";
    OLDER_LOG_LOST: "store.recovery.older_log_lost", Mark,
        "records that only the older superblock needs were damaged; the newest one stands by itself";
    RECOVERY_LARGE: "store.recovery.large", Mark, "recovery met a commit by roots";
    RECOVERY_CLEAN: "store.recovery.clean", Mark, "a cleanly closed database was opened";
    RECOVERY_HALF_CLOSED: "store.recovery.half_closed", Mark, "a database was opened whose closing had been cut off between its two checkpoints";
    SAVEPOINT_ROLLED_BACK: "store.savepoint.rolled_back", Mark, "a transaction went back to a savepoint";
    VACUUMED: "store.vacuum.moved", Mark, "a vacuum moved pages to other places";
    BACKED_UP: "store.backup.done", Mark, "a backup was finished";
    DATABASE_BRANCHED: "store.database.branched", Mark, "a database was branched";
    DATABASE_DROPPED: "store.database.dropped", Mark, "a database was dropped and its own pages given back";
}
