//! The durable free-space map: one bit for each page that a checkpoint uses, in copy-on-write pages of its own.
//!
//! Bitmap pages (kind 5) hold the bits, index pages (kind 6) point to bitmap pages or to index pages one level below.
//! A checkpoint rewrites only the pages whose bits change, and the path from there to the root.
//!
//! Invariants
//!
//! 1. The map holds exactly the pages that its checkpoint uses: those of trees, of overflow values, and its own.
//! 2. The map's shape follows from the length of the file alone: `ceil(pages / bits per page)` bitmap pages, then
//!    index pages up to one root. A stretch in which nothing was ever used has no page ([`PagePointer::NONE`]).
//! 3. A page of the map is rewritten at most once in a checkpoint. Taking its new place and giving up its old one
//!    changes bits, perhaps in another page of the map, which is then rewritten as well: this ends, because there are
//!    finitely many.
//! 4. A change is prepared beside the map and becomes part of it only when the checkpoint is durable.
//!
//! Fails: reading answers [`BadMap`] for any bytes that are not such a map.

use crate::header::{HEADER_BYTES, seal};
use crate::write::SealedPage;
use crate::{Error, Frame, FrameHeader, PageKind, PagePointer, PageSet, Result};
use std::collections::BTreeMap;
use std::ops::Range;

/// A bit of the map contradicts what was said about the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadMap {
    pub page: u64,
    pub what: &'static str,
    pub expected: u64,
    pub found: u64,
}

/// Reads and checks one page.
type ReadPage<'a> = dyn FnMut(&PagePointer) -> Result<(FrameHeader, Box<[u8]>)> + 'a;

/// Why a map cannot be read.
#[derive(Debug)]
pub(crate) enum MapFailure {
    /// A page could not be read.
    Page(Error),
    /// A page is not what a map has there.
    Bad(BadMap),
}

impl From<Error> for MapFailure {
    fn from(error: Error) -> MapFailure {
        MapFailure::Page(error)
    }
}

impl From<BadMap> for MapFailure {
    fn from(bad: BadMap) -> MapFailure {
        MapFailure::Bad(bad)
    }
}

/// The sizes that follow from the page size.
#[derive(Debug, Clone, Copy)]
struct Geometry {
    page_size: usize,
}

impl Geometry {
    fn words_per_page(self) -> usize {
        (self.page_size - HEADER_BYTES) / 8
    }

    fn bits_per_page(self) -> u64 {
        self.words_per_page() as u64 * 64
    }

    fn pointers_per_page(self) -> usize {
        (self.page_size - HEADER_BYTES) / PagePointer::BYTES
    }

    /// Number of pages on each level, from the bitmap pages up to the single root (invariant 2).
    fn shape(self, pages: u64) -> Vec<usize> {
        let mut count = pages.div_ceil(self.bits_per_page()).max(1) as usize;
        let mut shape = vec![count];
        while count > 1 {
            count = count.div_ceil(self.pointers_per_page());
            shape.push(count);
        }
        shape
    }
}

/// One map, in memory. See the module's text.
pub(crate) struct FreeMap {
    geometry: Geometry,
    /// Pointers by level: bitmap pages, index pages above them, the root alone at the end.
    levels: Vec<Vec<PagePointer>>,
    /// The bits, by bitmap page; `None` where no bit is set.
    words: Vec<Option<Box<[u64]>>>,
}

/// What a checkpoint will change in a map.
#[derive(Default)]
pub(crate) struct MapChange {
    /// New bits, by bitmap page.
    words: BTreeMap<usize, Box<[u64]>>,
    /// New places, by level and position.
    places: BTreeMap<(usize, usize), u64>,
    /// Bitmap pages whose bits changed and that have no new place yet.
    waiting: Vec<usize>,
    /// All new places.
    pub taken: PageSet,
    /// Places of the pages that they replace.
    pub replaced: PageSet,
}

/// A map page of the next checkpoint, ready to be written.
pub(crate) struct MapPage {
    pub pointer: PagePointer,
    header: [u8; HEADER_BYTES],
    rest: Vec<u8>,
    level: usize,
    position: usize,
}

impl MapPage {
    pub fn sealed(&self) -> SealedPage<'_> {
        SealedPage { number: self.pointer.number, header: self.header, rest: &self.rest }
    }
}

impl FreeMap {
    /// The map of a file in which nothing is used.
    pub fn empty(page_size: usize, pages: u64) -> FreeMap {
        let geometry = Geometry { page_size };
        let shape = geometry.shape(pages);
        let words = vec![None; shape[0]];
        let levels = shape.into_iter().map(|count| vec![PagePointer::NONE; count]).collect();
        FreeMap { geometry, levels, words }
    }

    /// Reads the map below `root`, whose file has `pages` pages. `read` reads and checks one page. Pages that
    /// `known` has as well, at the same pointers, are not read again.
    pub fn read(
        page_size: usize,
        pages: u64,
        root: PagePointer,
        level: u8,
        known: Option<&FreeMap>,
        read: &mut ReadPage<'_>,
    ) -> std::result::Result<FreeMap, MapFailure> {
        let mut map = FreeMap::empty(page_size, pages);
        let top = map.levels.len() - 1;
        if root.is_none() {
            return Ok(map);
        }
        if usize::from(level) != top {
            let what = "height of the free-space map";
            return Err(
                BadMap { page: root.number, what, expected: top as u64, found: u64::from(level) }.into()
            );
        }
        map.levels[top][0] = root;
        for level in (0..=top).rev() {
            for position in 0..map.levels[level].len() {
                let pointer = map.levels[level][position];
                if pointer.is_none() {
                    continue;
                }
                let shared = known.filter(|known| {
                    level == 0 && known.levels[0].get(position).is_some_and(|other| *other == pointer)
                });
                match shared {
                    Some(known) => map.words[position].clone_from(&known.words[position]),
                    None => map.take_page(level, position, read(&pointer)?)?,
                }
            }
        }
        map.check_own_pages()?;
        Ok(map)
    }

    /// Invariant 1, for the map's own pages: one that is not listed, or is part of the map in two places, would be
    /// written over while the checkpoint still needs it.
    fn check_own_pages(&self) -> std::result::Result<(), BadMap> {
        let mut own = PageSet::new();
        for pointer in self.levels.iter().flatten().filter(|pointer| !pointer.is_none()) {
            let page = pointer.number;
            if !self.is_used(page) {
                return Err(BadMap {
                    page,
                    what: "use of a page of the free-space map",
                    expected: 1,
                    found: 0,
                });
            }
            if !own.insert(page) {
                return Err(BadMap {
                    page,
                    what: "uses of a page by the free-space map",
                    expected: 1,
                    found: 2,
                });
            }
        }
        Ok(())
    }

    fn is_used(&self, page: u64) -> bool {
        let bits = self.geometry.bits_per_page();
        let words = self.words.get((page / bits) as usize).and_then(Option::as_deref);
        let within = page % bits;
        words.is_some_and(|words| words[(within / 64) as usize] >> (within % 64) & 1 == 1)
    }

    /// Takes over the content of the page at `position` of `level`.
    fn take_page(
        &mut self,
        level: usize,
        position: usize,
        (header, page): (FrameHeader, Box<[u8]>),
    ) -> std::result::Result<(), BadMap> {
        let number = self.levels[level][position].number;
        let kind = if level == 0 { PageKind::Bitmap } else { PageKind::FreeSpaceIndex };
        for (what, expected, found) in [
            ("kind of a free-space page", kind as u64, header.kind as u64),
            ("level of a free-space page", level as u64, u64::from(header.level)),
        ] {
            if expected != found {
                return Err(BadMap { page: number, what, expected, found });
            }
        }
        let content = &page[HEADER_BYTES..];
        if level == 0 {
            let words = content.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
            self.words[position] = Some(words);
            return Ok(());
        }
        let first = position * self.geometry.pointers_per_page();
        let below = &mut self.levels[level - 1][first..];
        for (bytes, pointer) in content.chunks_exact(PagePointer::BYTES).zip(below) {
            *pointer = PagePointer::decode(bytes).unwrap_or_default();
        }
        Ok(())
    }

    /// The root's pointer and height.
    pub fn root(&self) -> (PagePointer, u8) {
        let top = self.levels.len() - 1;
        (self.levels[top][0], top as u8)
    }

    /// The root's pointer and height once `pages` are part of the map.
    pub fn next_root(&self, pages: &[MapPage]) -> (PagePointer, u8) {
        // Pages are ordered by level, and every change reaches the root.
        match pages.last() {
            Some(root) => (root.pointer, root.level as u8),
            None => self.root(),
        }
    }

    /// Runs of pages in use, ascending; neighbouring runs may touch.
    pub fn used(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let bits = self.geometry.bits_per_page();
        self.words.iter().enumerate().filter_map(|(page, words)| Some((page, words.as_deref()?))).flat_map(
            move |(page, words)| {
                words.iter().enumerate().flat_map(move |(index, word)| {
                    let start = page as u64 * bits + index as u64 * 64;
                    runs_of(*word).map(move |run| start + run.start..start + run.end)
                })
            },
        )
    }

    /// The pages of the map itself.
    pub fn own_pages(&self) -> PageSet {
        self.levels
            .iter()
            .flatten()
            .filter(|pointer| !pointer.is_none())
            .map(|pointer| pointer.number)
            .collect()
    }

    /// What changes when `added` come into use and `removed` fall out of it; places for the map's own pages come
    /// later ([`FreeMap::place`]).
    pub fn change(&self, added: &PageSet, removed: &PageSet) -> std::result::Result<MapChange, BadMap> {
        let mut change = MapChange::default();
        for run in added.iter_runs() {
            self.set_run(&mut change, run, true)?;
        }
        for run in removed.iter_runs() {
            self.set_run(&mut change, run, false)?;
        }
        Ok(change)
    }

    /// The same bits, with `change` made to them, as a map of a file of `pages` pages that is written anew: an empty map
    /// and all that has to be set in it. No page in use may lie beyond.
    pub fn anew(&self, change: MapChange, pages: u64) -> std::result::Result<(FreeMap, MapChange), BadMap> {
        let mut used = PageSet::new();
        let bits = self.geometry.bits_per_page();
        for position in 0..self.words.len().max(change.words.keys().last().map_or(0, |last| last + 1)) {
            let words = change.words.get(&position).or_else(|| self.words.get(position)?.as_ref());
            for (index, word) in words.into_iter().flatten().enumerate() {
                let start = position as u64 * bits + index as u64 * 64;
                for run in runs_of(*word) {
                    used.insert_run(start + run.start..start + run.end);
                }
            }
        }
        let own = self.own_pages();
        used.difference(&own);
        let anew = FreeMap::empty(self.geometry.page_size, pages);
        let mut all = anew.change(&used, &PageSet::new())?;
        all.replaced = own;
        Ok((anew, all))
    }

    /// Gives every changed page of the map a new place, until no change is left without one (invariant 3). `take`
    /// takes a free place and answers it with the length of the file. What was taken stands in the change, also on
    /// failure.
    ///
    /// A file may hold a map that does not list its own pages, or a tree that refers to one of them: then a bit is not
    /// what it must be, and the change is refused.
    pub fn place(
        &self,
        change: &mut MapChange,
        take: &mut dyn FnMut() -> Result<(u64, u64)>,
    ) -> std::result::Result<Placed, MapFailure> {
        let mut pages = 0;
        loop {
            let Some((level, position)) = self.next_to_place(change, pages) else {
                return Ok(Placed { pages });
            };
            let (number, length) = take()?;
            pages = pages.max(length);
            change.taken.insert(number);
            change.places.insert((level, position), number);
            let old = self.levels.get(level).and_then(|pointers| pointers.get(position)).copied();
            if let Some(old) = old.filter(|old| !old.is_none()) {
                change.replaced.insert(old.number);
                self.set_run(change, old.number..old.number + 1, false)?;
            }
            self.set_run(change, number..number + 1, true)?;
        }
    }

    /// A page of the map that must be rewritten and has no new place yet.
    fn next_to_place(&self, change: &mut MapChange, pages: u64) -> Option<(usize, usize)> {
        while let Some(position) = change.waiting.pop() {
            if !change.places.contains_key(&(0, position)) {
                return Some((0, position));
            }
        }
        let shape = self.geometry.shape(pages.max(self.covered()));
        // A map that grows higher keeps the whole way down to its old root, whose first bitmap page has position 0.
        let old_root = (shape.len() > self.levels.len() && !change.words.is_empty()).then_some(0);
        for level in 1..shape.len() {
            let width = self.geometry.pointers_per_page().pow(level as u32);
            for bitmap in change.words.keys().copied().chain(old_root) {
                let position = bitmap / width;
                if !change.places.contains_key(&(level, position)) {
                    return Some((level, position));
                }
            }
        }
        None
    }

    /// Pages that the present shape covers.
    fn covered(&self) -> u64 {
        self.words.len() as u64 * self.geometry.bits_per_page()
    }

    /// Encodes the changed pages, children before parents.
    pub fn encode(&self, change: &MapChange, placed: &Placed, generation: u64) -> Vec<MapPage> {
        let shape = self.geometry.shape(placed.pages.max(self.covered()));
        let mut pages: Vec<MapPage> = Vec::with_capacity(change.places.len());
        let mut pointers: BTreeMap<(usize, usize), PagePointer> = BTreeMap::new();
        // Ordered by level: a page's children are encoded before it.
        for ((level, position), number) in &change.places {
            let kind = if *level == 0 { PageKind::Bitmap } else { PageKind::FreeSpaceIndex };
            let header =
                FrameHeader { kind, level: *level as u8, tree: 0, birth: generation, owner: Frame::NOBODY };
            let mut rest = vec![0u8; self.geometry.page_size - HEADER_BYTES];
            if *level == 0 {
                let words = change.words.get(position).into_iter().flatten();
                for (bytes, word) in rest.as_chunks_mut::<8>().0.iter_mut().zip(words) {
                    *bytes = word.to_le_bytes();
                }
            } else {
                let first = position * self.geometry.pointers_per_page();
                let children = first..shape[level - 1];
                for (bytes, child) in rest.chunks_exact_mut(PagePointer::BYTES).zip(children) {
                    let old = self.levels.get(level - 1).and_then(|pointers| pointers.get(child)).copied();
                    let new = pointers.get(&(level - 1, child)).copied();
                    new.or(old).unwrap_or(PagePointer::NONE).encode(bytes);
                }
            }
            let (header, pointer) = seal(&header, *number, &rest);
            pointers.insert((*level, *position), pointer);
            pages.push(MapPage { pointer, header, rest, level: *level, position: *position });
        }
        pages
    }

    /// Makes the change part of the map: its checkpoint is durable.
    pub fn apply(&mut self, change: MapChange, placed: &Placed, pages: &[MapPage]) {
        let shape = self.geometry.shape(placed.pages.max(self.covered()));
        for (level, count) in shape.iter().enumerate() {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            self.levels[level].resize(*count, PagePointer::NONE);
        }
        self.words.resize(shape[0], None);
        for (position, words) in change.words {
            self.words[position] = Some(words);
        }
        for page in pages {
            self.levels[page.level][page.position] = page.pointer;
        }
    }

    /// Sets or clears the bits of a run; each must change.
    fn set_run(
        &self,
        change: &mut MapChange,
        run: Range<u64>,
        used: bool,
    ) -> std::result::Result<(), BadMap> {
        let bits = self.geometry.bits_per_page();
        let mut at = run.start;
        while at < run.end {
            let position = (at / bits) as usize;
            let within = at % bits;
            let (index, bit) = ((within / 64) as usize, within % 64);
            let length = (64 - bit).min(run.end - at);
            let mask = (u64::MAX >> (64 - length)) << bit;
            let words = change.words.entry(position).or_insert_with(|| {
                change.waiting.push(position);
                let known = self.words.get(position).and_then(Option::as_ref);
                known.cloned().unwrap_or_else(|| vec![0; self.geometry.words_per_page()].into())
            });
            let before = words[index] & mask;
            let expected = if used { 0 } else { mask };
            if before != expected {
                let page = at - bit + u64::from((before ^ expected).trailing_zeros());
                let what = "use of a page, as the free-space map has it";
                return Err(BadMap { page, what, expected: u64::from(!used), found: u64::from(used) });
            }
            if used {
                words[index] |= mask;
            } else {
                words[index] &= !mask;
            }
            at += length;
        }
        Ok(())
    }
}

/// The outcome of [`FreeMap::place`].
pub(crate) struct Placed {
    pages: u64,
}

impl Placed {
    /// Length of the file that the next map must cover (0: no change).
    pub fn pages(&self) -> u64 {
        self.pages
    }
}

/// Runs of set bits in a word.
fn runs_of(word: u64) -> impl Iterator<Item = Range<u64>> {
    let mut rest = word;
    let mut at = 0u64;
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        let skip = u64::from(rest.trailing_zeros());
        at += skip;
        rest >>= skip;
        let length = u64::from(rest.trailing_ones());
        let run = at..at + length;
        at += length;
        rest = rest.checked_shr(length as u32).unwrap_or(0);
        Some(run)
    })
}
