//! What happens to files behind everybody's back: rot, sectors that fail, and other people's hands.

use super::Disk;
use super::entries::parent;
use super::image::Image;
use super::inode::InodeNumber;
use faults::{Call, FaultKind, Part, Place};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Bytes at the beginning of a file that rot more often than others.
const HEAD_BYTES: u32 = 8 << 10;

impl Disk {
    /// Does what `kind` does to some file, chosen through `call`. Kinds that are no damage do nothing. Called between a
    /// crash and the next opening, and by the disk itself when such a fault was decided for a call.
    pub fn damage(&mut self, kind: FaultKind, call: &mut Call<'_>) {
        match kind {
            FaultKind::BitRot
            | FaultKind::LatentSectorError
            | FaultKind::FileCut
            | FaultKind::FileDeleted
            | FaultKind::FileReplaced => {}
            _ => return,
        }
        let mut met = BTreeSet::new();
        let candidates: Vec<(Arc<Path>, InodeNumber, u64)> = self
            .entries
            .current
            .iter()
            .filter_map(|(path, &number)| {
                let length = self.inodes.get(&number)?.cached.len();
                // Of a file that a crash has left with two names errors tell the one by which it is opened: `NAME` comes
                // before `NAME-new`.
                (length > 0 && met.insert(number)).then(|| (Arc::clone(path), number, length))
            })
            .collect();
        let Some((path, number, length)) = self.pick(&candidates, call) else { return };
        let bound = u32::try_from(length).unwrap_or(u32::MAX);
        match kind {
            FaultKind::BitRot => {
                // What matters most stands at a file's beginning, and there is little of it.
                let bound = if call.part(Part::Variant, 4) == 3 { bound.min(HEAD_BYTES) } else { bound };
                let at = u64::from(call.part(Part::Offset, bound));
                let bit = call.part(Part::Bit, 8);
                let hidden = self.rot(number, at, 1 << bit);
                let place = Place::new(&path, at, 1);
                if hidden {
                    call.inject_hidden(kind, place);
                } else {
                    call.inject(kind, place);
                }
            }
            FaultKind::LatentSectorError => {
                let sector = u64::from(self.config.device.sector);
                let at = u64::from(call.part(Part::Offset, bound)) / sector * sector;
                self.break_range(&path, at..at + sector);
                call.inject(kind, Place::new(&path, at, sector));
            }
            FaultKind::FileCut => {
                let left = u64::from(call.part(Part::Length, bound));
                self.cut(&path, left);
                call.inject(kind, Place::new(&path, left, u64::MAX));
            }
            FaultKind::FileDeleted => {
                self.delete(&path);
                call.inject(kind, Place::whole(&path));
            }
            _ => {
                let older = self.inodes.get(&number).and_then(|inode| inode.older.clone());
                if let Some(older) = older.filter(|older| !older.is_empty()) {
                    self.replace(&path, older);
                    call.inject(kind, Place::whole(&path));
                }
            }
        }
    }

    fn pick(
        &self,
        candidates: &[(Arc<Path>, InodeNumber, u64)],
        call: &mut Call<'_>,
    ) -> Option<(Arc<Path>, InodeNumber, u64)> {
        if candidates.is_empty() {
            return None;
        }
        let chosen = call.part(Part::File, candidates.len() as u32);
        candidates.get(chosen as usize).cloned()
    }

    /// Flips bits of a byte on the device. Returns whether the cache hides that: an unsynced write covers the byte, and
    /// the next sync writes over the damage.
    fn rot(&mut self, number: InodeNumber, at: u64, mask: u8) -> bool {
        let Some(inode) = self.inodes.get_mut(&number) else { return false };
        inode.durable.flip(at, mask);
        let hidden = inode.is_pending(at);
        if !hidden {
            inode.cached.flip(at, mask);
        }
        hidden
    }

    /// Flips the bits of `mask` in one byte of a file, on the device and in the cache. Returns whether there is one.
    pub fn flip(&mut self, path: &Path, at: u64, mask: u8) -> bool {
        let Some(inode) = self.inode_at_mut(path) else { return false };
        inode.durable.flip(at, mask);
        inode.cached.flip(at, mask);
        at < inode.cached.len()
    }

    /// Makes a range of a file fail every read until it is written again.
    pub fn break_range(&mut self, path: &Path, range: Range<u64>) {
        if let Some(inode) = self.inode_at_mut(path) {
            inode.bad.push(range);
        }
    }

    /// Cuts the tail of a file off, durably, under whoever has it open. What was pending is written out before.
    pub fn cut(&mut self, path: &Path, length: u64) {
        let Some(inode) = self.inode_at_mut(path) else { return };
        inode.sync(false);
        let cut = inode.cached.len().saturating_sub(length);
        inode.cached.set_len(length.min(inode.cached.len()));
        inode.durable.set_len(length.min(inode.durable.len()));
        self.used = self.used.saturating_sub(cut);
    }

    /// Deletes a file, durably, under whoever has it open.
    pub fn delete(&mut self, path: &Path) {
        let Some(number) = self.entries.current.remove(path) else { return };
        self.entries.durable.remove(path);
        self.entries.pending.retain(|entry| entry.change.path().as_ref() != path);
        self.free_if_unreachable(number);
    }

    /// Puts other bytes in the place of a file, durably, under the same name, as another file.
    pub fn replace(&mut self, path: &Path, image: Image) {
        let path: Arc<Path> = Arc::from(path);
        self.delete(&path);
        self.directories.insert(parent(&path).to_path_buf());
        let number = self.make_inode();
        self.used += image.len();
        if let Some(inode) = self.inodes.get_mut(&number) {
            inode.cached = image.clone();
            inode.durable = image;
        }
        self.entries.current.insert(Arc::clone(&path), number);
        self.entries.durable.insert(path, number);
    }
}
