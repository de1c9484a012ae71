//! What can be set when a store is opened. The defaults are those of production.
//!
//! Invariants
//!
//! 1. What the file or its log keeps (page size, segment size) is taken from there when it exists already.
//! 2. No combination gives up atomicity or order of commits; `Durability::Off` gives up the newest ones, no more.

/// When a commit is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// After its log record is on the device. The default.
    Full,
    /// At once. A crash may lose the newest commits (never corrupt, never leave a gap).
    Off,
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Bytes per page, a power of two from 512 to 65,536; counts when the file is made, ignored afterwards.
    pub page_size: usize,
    /// Bytes of memory for pages. A quarter of it may be dirty before pages are written ahead of a checkpoint.
    pub cache_bytes: usize,
    /// Bytes per log segment. An opening writes the first one as zeros, and syncs them, before anybody may write: the smaller,
    /// the sooner it is open. Every further one is one more sync while the log grows to its size.
    pub log_segment_bytes: u64,
    /// The smallest unit a torn write can damage: 512, or 4096 on devices that are not safe below that.
    pub log_sector_size: usize,
    /// A checkpoint starts when the log, and the pages that large commits write in its stead, have grown by so many bytes
    /// since the last one.
    pub checkpoint_log_bytes: u64,
    /// A transaction whose log record would be larger commits by its roots.
    pub large_commit_bytes: usize,
    /// Bytes of row locks that a transaction may have; beyond, what it has written is locked because it was written.
    pub lock_bytes: usize,
    /// Bytes for what serialisable transactions have read and written; beyond, it is remembered less finely, and more of
    /// them are refused.
    pub serializable_bytes: usize,
    /// When a commit is acknowledged.
    pub durability: Durability,
    /// Run checkpoints on a task of their own; otherwise a commit that crosses the limit runs one itself.
    pub background: bool,
    /// Make the file when it is missing.
    pub create: bool,
    /// Open without writing a byte; several processes may do so together.
    pub read_only: bool,
    /// Detect deadlocks when a wait begins; otherwise after this many milliseconds.
    pub deadlock_timeout_ms: u64,
}

impl Default for StoreOptions {
    fn default() -> StoreOptions {
        StoreOptions {
            page_size: 8192,
            cache_bytes: 64 << 20,
            log_segment_bytes: 4 << 20,
            log_sector_size: 512,
            checkpoint_log_bytes: 32 << 20,
            large_commit_bytes: 4 << 20,
            lock_bytes: 32 << 20,
            serializable_bytes: 16 << 20,
            durability: Durability::Full,
            background: true,
            create: true,
            read_only: false,
            deadlock_timeout_ms: 0,
        }
    }
}
