//! Names: which inode stands at which path, now and after a crash.
//!
//! Invariants
//!
//! 1. The current entries are the durable ones with all pending changes applied in order. A failed directory sync leaves
//!    them pending: a file system that loses its journal stops, it does not forget.
//! 2. A change of a name becomes durable only with its directory; syncing the file does not do it.
//! 3. A rename belongs to the directory of its new name.

use super::inode::InodeNumber;
use faults::survivor::Fate;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) enum EntryChange {
    Link { path: Arc<Path>, inode: InodeNumber },
    Unlink { path: Arc<Path> },
    Rename { from: Arc<Path>, to: Arc<Path>, inode: InodeNumber },
}

#[derive(Debug, Clone)]
pub(super) struct PendingEntry {
    /// Its place in the order of all changes of the disk.
    pub sequence: u64,
    pub change: EntryChange,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Entries {
    pub current: BTreeMap<Arc<Path>, InodeNumber>,
    pub durable: BTreeMap<Arc<Path>, InodeNumber>,
    pub pending: Vec<PendingEntry>,
}

impl EntryChange {
    /// The directory whose sync makes the change durable.
    pub fn directory(&self) -> &Path {
        parent(self.path())
    }

    /// The name that the change is about.
    pub fn path(&self) -> &Arc<Path> {
        match self {
            EntryChange::Link { path, .. } | EntryChange::Unlink { path } => path,
            EntryChange::Rename { to, .. } => to,
        }
    }

    fn inode(&self) -> Option<InodeNumber> {
        match self {
            EntryChange::Link { inode, .. } | EntryChange::Rename { inode, .. } => Some(*inode),
            EntryChange::Unlink { .. } => None,
        }
    }

    fn apply(&self, entries: &mut BTreeMap<Arc<Path>, InodeNumber>, keep_old_name: bool) {
        match self {
            EntryChange::Link { path, inode } => {
                entries.insert(Arc::clone(path), *inode);
            }
            EntryChange::Unlink { path } => {
                entries.remove(path);
            }
            EntryChange::Rename { from, to, inode } => {
                // The old name may mean another file by now, if a later change survived without an earlier one.
                if !keep_old_name && entries.get(from) == Some(inode) {
                    entries.remove(from);
                }
                entries.insert(Arc::clone(to), *inode);
            }
        }
    }
}

impl PendingEntry {
    pub fn is_rename(&self) -> bool {
        matches!(self.change, EntryChange::Rename { .. })
    }
}

impl Entries {
    pub fn change(&mut self, sequence: u64, change: EntryChange) {
        change.apply(&mut self.current, false);
        self.pending.push(PendingEntry { sequence, change });
    }

    /// Makes the changes of `directory` durable.
    pub fn sync(&mut self, directory: &Path) {
        let durable = &mut self.durable;
        self.pending.retain(|entry| {
            let here = entry.change.directory() == directory;
            if here {
                entry.change.apply(durable, false);
            }
            !here
        });
    }

    /// Applies one pending change to the durable entries by its fate at a crash.
    pub fn land(&mut self, entry: &PendingEntry, fate: &Fate) {
        match fate {
            Fate::Kept => entry.change.apply(&mut self.durable, false),
            Fate::Doubled => entry.change.apply(&mut self.durable, true),
            Fate::Lost | Fate::LengthOnly(_) | Fate::Torn(_) => {}
        }
    }

    /// Whether any name leads to the inode, now or after a crash.
    pub fn reaches(&self, inode: InodeNumber) -> bool {
        self.current.values().chain(self.durable.values()).any(|&other| other == inode)
            || self.pending.iter().any(|entry| entry.change.inode() == Some(inode))
    }
}

/// The directory of a path; a bare name lies in "".
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
