//! Names of the workload's choices, as scenarios show them. Option 0 always does nothing, or the plainest thing.

env::labels! {
    CLIENT_TASK: "torture.client", Task, "a client of the workload";
    CLIENTS: "torture.life.clients", Task, "how many clients this life has, beyond the first";
    ENDING: "torture.life.ending", Task, "how a life ends: left as it is, or closed";
    TRANSACTION: "torture.transaction", Task, "what sort of transaction comes next";
    ISOLATION: "torture.isolation", Task, "read committed, repeatable read or serializable";
    ACCESS: "torture.access", Task, "whether a transaction declares that it only reads, and waits for a safe snapshot";
    PATIENCE: "torture.patience", Task, "how long a transaction waits for a lock";
    CANCEL: "torture.cancel", Task, "whose wait is cancelled";
    LENGTH: "torture.operations", Task, "how many operations the transaction has";
    OPERATION: "torture.operation", Task, "what the next operation does";
    TREE: "torture.tree", Task, "on which tree";
    KEY: "torture.key", Task, "on which key";
    SIZE: "torture.size", Task, "how large a value";
    SPAN: "torture.span", Task, "how long a range";
    READ_ON: "torture.read_on", Task, "what is read where the store takes no more writes";
    BREAK_OFF: "torture.break_off", Task, "at which of its calls the client is broken off, as by a panic in the midst of a transaction";
    ABORT: "torture.abort", Task, "whether the transaction rolls back instead of committing";
    SAVEPOINT: "torture.savepoint", Task, "to which savepoint";
    HELD_SCAN: "torture.held_scan", Task, "whether a large transaction goes back to a savepoint while a scan of what it wrote is open";
    LIST: "torture.list", Task, "on which list";
    LIST_OPERATION: "torture.list.operation", Task, "what is done with a list";
    BRANCH: "torture.branch", Task, "on which branch of the database";
    MEMORY: "torture.memory", Task, "whether the cache may keep a handful of pages only while this transaction lasts";
    PAUSE: "torture.pause", Clock, "how long a client rests";
    PAUSE_LENGTH: "torture.pause.length", Task, "how long a client rests";
    ACCOUNT: "torture.account", Task, "whether this acknowledgement is held against the synced bytes alone";
    ACCOUNT_READ: "torture.account.read", Task, "whether what this read saw is held against the synced bytes alone";
    ACCOUNT_CACHE: "torture.account.cache", Task, "whether what was found in the page cache is held against the synced bytes alone";
    BACKUP_KEEP: "torture.backup.keep", Task, "whether a backup is kept beyond the next crash";
    BACKUP_REMOVE: "torture.backup.remove", Directory, "an old backup is in the way of the next";
    POWER: "torture.power", Task, "whether the power fails right after an opening, or a closing";
    PRESS: "torture.press", Task, "whether the power fails more often while a checkpoint, an opening or a closing changes the disk";
    VACUUM: "torture.vacuum", Task, "whether the file is put in order instead of a checkpoint";
    CHECK: "torture.check", Task, "whether the file is checked when the clients have gone";
    SPARE: "torture.spare", Task, "whether everything has to be there without one of the superblocks, and without which";
    SPARE_BYTE: "torture.spare.byte", Task, "which byte of that superblock is another one";
    CLIENT_JOIN: "torture.client.join", Task, "the life ends before its clients";
}
