//! Labels: the static names of everything that reaches the outside.

use std::fmt;

/// What sort of call a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelKind {
    /// Reads bytes of a file.
    Read,
    /// Writes bytes of a file.
    Write,
    /// Makes a file's bytes durable.
    Sync,
    /// Changes or reads a file's length, or its identity.
    Length,
    /// Opens, renames, removes or lists files.
    Directory,
    /// Makes a directory's entries durable.
    DirectorySync,
    /// Takes or tests the advisory lock on a file.
    FileLock,
    /// Reads a clock or sleeps.
    Clock,
    /// Draws random bytes.
    Entropy,
    /// Starts, ends or yields a task.
    Task,
    /// A mutex, read-write lock, condition variable or channel of `env::sync`.
    Lock,
    /// Not a call: an ordering check that can be skipped by sabotage only (`Env::enforce`).
    Barrier,
    /// Not a call: a state that must sometimes be reached (`Env::reached`).
    Mark,
    /// Socket calls.
    Network,
}

/// The static name of a call site: `wal.commit.sync`. Declared with [`labels!`](crate::labels), one list per crate.
#[derive(Debug)]
pub struct Label {
    /// Dotted name: crate or part, activity, call. Unique in the program.
    pub name: &'static str,
    /// What sort of call it is.
    pub kind: LabelKind,
    /// One sentence: what breaks when the call silently does nothing (or, for a mark, what it shows).
    pub breaks: &'static str,
}

impl Label {
    /// What the call does, in the words of a message: "writing failed".
    pub fn activity(&self) -> &'static str {
        match self.kind {
            LabelKind::Read => "reading",
            LabelKind::Write => "writing",
            LabelKind::Sync => "making it durable",
            LabelKind::Length => "reading or setting its length",
            LabelKind::Directory => match self.name.rsplit('.').next() {
                Some("rename") => "renaming",
                Some("remove") => "removing",
                Some("list") => "listing",
                Some(_) | None => "opening",
            },
            LabelKind::DirectorySync => "making its directory durable",
            LabelKind::FileLock => "locking",
            LabelKind::Clock => "reading a clock",
            LabelKind::Entropy => "drawing random bytes",
            LabelKind::Task => "starting a task",
            LabelKind::Lock => "taking a lock",
            LabelKind::Barrier => "keeping an order",
            LabelKind::Mark => "reaching a state",
            LabelKind::Network => "a network call",
        }
    }

    /// A 64-bit FNV-1a hash of the name: stable across builds, used in trace hashes.
    pub const fn hash(&self) -> u64 {
        let bytes = self.name.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut index = 0;
        while index < bytes.len() {
            hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            index += 1;
        }
        hash
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Label) -> bool {
        self.name == other.name
    }
}

impl Eq for Label {}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Declares a crate's labels as statics and `ALL`, the list of them.
///
/// ```
/// env::labels! {
///     LOG_SYNC: "wal.commit.sync", Sync, "an acknowledged commit is lost when the power fails";
/// }
/// assert_eq!(ALL[0].name, LOG_SYNC.name);
/// ```
#[macro_export]
macro_rules! labels {
    ($($(#[$attribute:meta])* $constant:ident: $name:literal, $kind:ident, $breaks:literal;)*) => {
        $(
            #[doc = $breaks]
            $(#[$attribute])*
            pub static $constant: $crate::Label =
                $crate::Label { name: $name, kind: $crate::LabelKind::$kind, breaks: $breaks };
        )*
        /// Every label declared here, in order of declaration.
        pub static ALL: &[&$crate::Label] = &[$(&$constant),*];
    };
}
