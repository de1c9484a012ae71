//! A tiny tree made by hand, so that the pager can be tested without a B+tree.
#![allow(dead_code, clippy::unwrap_used, clippy::disallowed_types)] // each test file uses its part of this

pub mod faulty;

use env::Env;
use env::memory::{MemoryEnv, MemoryOptions};
use pager::{
    Body, CheckpointInput, Child, Error, Frame, FrameHeader, FreedPage, HEADER_BYTES, IndexNode, Options,
    OwnerId, PageKind, PagePointer, PageRef, PageSet, Pager, Placements, Result, RootPointer,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

env::labels! {
    TEST_SYNC: "test.sync", Sync, "pages that a test wrote are not durable";
}

pub const PATH: &str = "db";
pub const OWNER: OwnerId = OwnerId(7);

pub fn memory() -> Arc<MemoryEnv> {
    Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), BTreeMap::new()))
}

pub fn with_files(files: BTreeMap<PathBuf, Vec<u8>>) -> Arc<MemoryEnv> {
    Arc::new(MemoryEnv::with_options(MemoryOptions::deterministic(), files))
}

pub fn small() -> Options {
    Options { page_size: 512, cache_bytes: 16 << 10, growth_pages: 8, ..Options::default() }
}

pub fn create<E: Env + 'static>(env: &Arc<E>) -> Pager {
    Pager::create(Arc::clone(env) as Arc<dyn Env>, Path::new(PATH), &small()).unwrap()
}

pub fn open<E: Env + 'static>(env: &Arc<E>) -> Result<Pager> {
    Pager::open(Arc::clone(env) as Arc<dyn Env>, Path::new(PATH), &small())
}

pub fn leaf(pager: &Pager, birth: u64, value: u64) -> Arc<Frame> {
    let mut bytes = vec![0u8; pager.page_size()];
    bytes[HEADER_BYTES..HEADER_BYTES + 8].copy_from_slice(&value.to_le_bytes());
    let header = FrameHeader { kind: PageKind::Leaf, level: 0, tree: 3, birth, owner: OWNER };
    Frame::new(pager, header, Body::Data(bytes.into()))
}

pub fn parent(pager: &Pager, birth: u64, level: u8, children: Vec<Child>) -> Arc<Frame> {
    let mut children = children.into_iter().enumerate();
    let (_, first) = children.next().unwrap();
    let mut node = IndexNode::new(first);
    for (index, child) in children {
        node.push(&(index as u64).to_be_bytes(), child);
    }
    let header = FrameHeader { kind: PageKind::TreeIndex, level, tree: 3, birth, owner: OWNER };
    Frame::new(pager, header, Body::Index(node))
}

pub fn child(page: PageRef, rows: u64) -> Child {
    Child { page, rows, has_overflow: false }
}

/// A tree over `values`, up to four children a node.
pub fn tree(pager: &Pager, birth: u64, values: std::ops::Range<u64>) -> (PageRef, u8) {
    let mut nodes: Vec<Child> =
        values.map(|value| child(PageRef::Resident(leaf(pager, birth, value)), 1)).collect();
    let mut level = 0;
    while nodes.len() > 1 {
        level += 1;
        nodes = nodes
            .chunks(4)
            .map(|some| {
                let rows = some.iter().map(|child| child.rows).sum();
                child(PageRef::Resident(parent(pager, birth, level, some.to_vec())), rows)
            })
            .collect();
    }
    (nodes.pop().unwrap().page, level)
}

/// The values below `page`, left to right.
pub fn values(pager: &Pager, page: &PageRef) -> Result<Vec<u64>> {
    let frame = pager.resolve(page)?;
    if let Some(node) = frame.index() {
        let mut all = Vec::new();
        for child in node.children() {
            let below = values(pager, &child.page)?;
            assert_eq!(below.len() as u64, child.rows);
            all.extend(below);
        }
        return Ok(all);
    }
    let bytes: [u8; 8] = frame.data()[HEADER_BYTES..HEADER_BYTES + 8].try_into().unwrap();
    Ok(vec![u64::from_le_bytes(bytes)])
}

/// All pages below `page`, as they are given up.
pub fn pages(pager: &Pager, page: &PageRef) -> Vec<FreedPage> {
    let frame = pager.resolve(page).unwrap();
    let mut all = vec![page.freed()];
    if let Some(node) = frame.index() {
        all.extend(node.children().iter().flat_map(|child| pages(pager, &child.page)));
    }
    all
}

/// A database whose whole content is one tree, replaced at every commit.
pub struct Small {
    pub pager: Pager,
    pub root: Option<(PagePointer, u8)>,
    pub commit: u64,
}

impl Small {
    pub fn create<E: Env + 'static>(env: &Arc<E>) -> Small {
        Small { pager: create(env), root: None, commit: 0 }
    }

    pub fn open<E: Env + 'static>(env: &Arc<E>) -> Result<Small> {
        let pager = open(env)?;
        let superblock = pager.superblock();
        let root =
            (!superblock.root.pointer.is_none()).then_some((superblock.root.pointer, superblock.root.level));
        Ok(Small { pager, root, commit: superblock.commit })
    }

    /// Replaces everything by a tree over `values`, and makes a checkpoint of it.
    pub fn commit(&mut self, values: std::ops::Range<u64>) -> Result<()> {
        let freed = match self.root {
            Some((pointer, _)) => pages(&self.pager, &PageRef::Stored(pointer)),
            None => Vec::new(),
        };
        let commit = self.commit + 1;
        let (root, level) = tree(&self.pager, commit, values.clone());
        let mut placed = Placements::new();
        let pointer = self.pager.write_tree(&[root], &mut placed)?[0];
        let mut input = CheckpointInput::repeat(&self.pager.superblock());
        input.commit = commit;
        input.root = RootPointer { pointer, level, rows: values.end - values.start };
        input.added = placed.take_all();
        input.removed = freed.iter().filter_map(FreedPage::number).collect();
        let added = input.added.clone();
        match self.pager.checkpoint(input) {
            Ok(_) => {}
            Err(error @ Error::OutOfSpace { .. }) => {
                self.pager.give_back(&added)?;
                return Err(error);
            }
            Err(error) => return Err(error),
        }
        self.pager.retire(freed, commit);
        self.commit = commit;
        self.root = Some((pointer, level));
        self.pager.advance(commit)?;
        Ok(())
    }

    pub fn values(&self) -> Result<Vec<u64>> {
        match self.root {
            Some((pointer, _)) => values(&self.pager, &PageRef::Stored(pointer)),
            None => Ok(Vec::new()),
        }
    }

    /// Checks that every page is reachable, part of the map, retired or free, and only one of these.
    pub fn check(&self) {
        let usage = self.pager.usage().unwrap();
        let mut reachable: PageSet = match self.root {
            Some((pointer, _)) => {
                pages(&self.pager, &PageRef::Stored(pointer)).iter().filter_map(FreedPage::number).collect()
            }
            None => PageSet::new(),
        };
        assert!(reachable.is_disjoint(&usage.map));
        reachable.union(&usage.map);
        assert_eq!(reachable, usage.checkpoint, "the map holds what can be reached");
        let mut all = usage.checkpoint.clone();
        assert!(all.is_disjoint(&usage.free));
        all.union(&usage.free);
        assert!(all.is_disjoint(&usage.retired));
        all.union(&usage.retired);
        let mut whole = PageSet::new();
        whole.insert_run(usage.first_page..usage.file_pages);
        assert_eq!(all, whole);
    }
}
