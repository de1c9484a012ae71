//! Looking at the disk from outside: images, hashes, lengths. Nothing here changes it, and no call is traced.

use super::Disk;
use super::entries::parent;
use super::image::{Image, mix};
use super::inode::{Inode, InodeNumber};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Disk {
    /// Every file that is there if the power fails now and nothing unsynced survives, with the bytes it then has: what an
    /// acknowledgement may rely on.
    pub fn synced_image(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.images(true).map(|(path, image)| (path.to_path_buf(), image.to_vec())).collect()
    }

    /// Every file as reads see it now.
    pub fn cached_image(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.images(false).map(|(path, image)| (path.to_path_buf(), image.to_vec())).collect()
    }

    /// Hands every file as reads see it now, or as it is durable, to `write`: for a dump to a real directory.
    ///
    /// # Errors
    /// What `write` reports.
    pub fn dump<E>(
        &self,
        synced: bool,
        mut write: impl FnMut(&Path, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.images(synced).try_for_each(|(path, image)| write(path, &image.to_vec()))
    }

    /// A hash of names and bytes of all files: as they are durable, or as reads see them. Costs what was written since
    /// it was last asked for.
    pub fn hash(&self, synced: bool) -> u64 {
        self.images(synced).fold(0x3c6e_f372_fe94_f82b, |hash, (path, image)| {
            let name = path.as_os_str().as_encoded_bytes();
            mix(name.iter().fold(hash, |hash, &byte| mix(hash ^ u64::from(byte))) ^ image.hash())
        })
    }

    /// The bytes of one file as reads see them now; a clone costs one pointer.
    pub fn image(&self, path: &Path) -> Option<&Image> {
        self.inode_at(path).map(|inode| &inode.cached)
    }

    /// The durable bytes of the file that stands at `path` durably.
    pub fn durable_image(&self, path: &Path) -> Option<&Image> {
        self.inodes.get(self.entries.durable.get(path)?).map(|inode| &inode.durable)
    }

    /// The disk as it is if the power fails now and nothing unsynced survives.
    #[must_use]
    pub fn without_unsynced(&self) -> Disk {
        let mut disk = self.clone();
        disk.lose_unsynced();
        disk
    }

    /// How many changes no sync has covered.
    pub fn unsynced_count(&self) -> usize {
        self.inodes.values().map(|inode| inode.pending.len()).sum::<usize>() + self.entries.pending.len()
    }

    /// The names of all directories and files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.entries.current.keys().map(|path| path.as_ref())
    }

    fn images(&self, synced: bool) -> impl Iterator<Item = (&Arc<Path>, &Image)> {
        let entries: &BTreeMap<Arc<Path>, InodeNumber> =
            if synced { &self.entries.durable } else { &self.entries.current };
        entries.iter().filter_map(move |(path, number)| {
            debug_assert!(self.directories.contains(parent(path)), "a file lies in a directory");
            let inode = self.inodes.get(number)?;
            Some((path, if synced { &inode.durable } else { &inode.cached }))
        })
    }

    fn inode_at(&self, path: &Path) -> Option<&Inode> {
        self.inodes.get(self.entries.current.get(path)?)
    }

    pub(super) fn inode_at_mut(&mut self, path: &Path) -> Option<&mut Inode> {
        self.inodes.get_mut(self.entries.current.get(path)?)
    }
}
