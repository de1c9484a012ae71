//! Pages made by hand that say the impossible under right checksums. `damage.rs` does the same at random; here is what
//! chance does not find: cells that share bytes, separators that mislead a search, values whose pages refer to one
//! another so often that no walk through them would end.

use super::support::{Branch, Found, OWNER, TREE};
use btree::{Edit, StoredTree, Tree, TreeError};
use pager::{HEADER_BYTES, PageChanges, PageKind, PagePointer, PageSet, Pager};

const PAGE: usize = 512;

fn pager() -> Branch {
    Branch::new(PAGE)
}

fn write(pager: &Pager, kind: PageKind, level: u8, page: &[u8]) -> PagePointer {
    pager.write_page(kind, level, TREE, 1, page, &mut PageSet::new()).unwrap()
}

fn tree(pager: &Pager, root: PagePointer, level: u8, rows: u64) -> Tree {
    Tree::from_stored(pager, &StoredTree { id: TREE, root, level, rows }).unwrap()
}

fn put_u16(page: &mut [u8], at: usize, value: usize) {
    page[at..at + 2].copy_from_slice(&(value as u16).to_le_bytes());
}

fn encoded(pointer: PagePointer) -> [u8; PagePointer::BYTES] {
    let mut bytes = [0; PagePointer::BYTES];
    pointer.encode(&mut bytes);
    bytes
}

/// A cell as it stands in a leaf; lengths below 64.
fn cell(key: &[u8], special: bool, value: &[u8]) -> Vec<u8> {
    let lengths = [(key.len() * 2) as u8 + u8::from(special), value.len() as u8];
    [&lengths, key, value].concat()
}

/// A leaf with one-byte keys whose cells stand at these offsets, in a heap that begins at the lowest of them.
fn leaf(cells: &[(usize, Vec<u8>)], dead: usize, overflow: usize) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    let heap = cells.iter().map(|(at, _)| *at).min().unwrap();
    put_u16(&mut page, 32, cells.len());
    page[36..40].copy_from_slice(&(heap as u32).to_le_bytes());
    page[40..44].copy_from_slice(&(dead as u32).to_le_bytes());
    put_u16(&mut page, 44, overflow);
    put_u16(&mut page, 46, 0xffff);
    for (index, (at, cell)) in cells.iter().enumerate() {
        page[*at..*at + cell.len()].copy_from_slice(cell);
        put_u16(&mut page, 48 + index * 4, *at);
        page[48 + index * 4 + 3] = cell[2];
    }
    page
}

/// A leaf with the one row "v", whose value is in overflow pages.
fn leaf_with_overflow(level: u8, length: u32, stored: u32, pointer: PagePointer) -> Vec<u8> {
    let description =
        [&[2, level], &length.to_le_bytes()[..], &stored.to_le_bytes(), &encoded(pointer)].concat();
    let cell = cell(b"v", true, &description);
    leaf(&[(PAGE - cell.len(), cell)], 0, 1)
}

fn message<T>(result: Result<T, TreeError>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn cells_that_share_bytes_are_read_but_never_changed() {
    let branch = pager();
    let pager = &branch.pager;
    // The cell of "b" stands in the value of "a".
    let inner = cell(b"b", false, &[7; 10]);
    let outer = cell(b"a", false, &[&[1; 5], inner.as_slice(), &[2; 30]].concat());
    let at = PAGE - outer.len();
    // Somebody else's bytes are called dead, so that the sum is right.
    let spare = inner.len();
    let mut page = leaf(&[(at, outer.clone()), (at + 8, inner)], 0, 0);
    page[36..40].copy_from_slice(&((at - spare) as u32).to_le_bytes());
    page[40..44].copy_from_slice(&0u32.to_le_bytes());
    let whole = tree(pager, write(pager, PageKind::Leaf, 0, &page), 0, 2);
    assert_eq!(whole.get(pager, b"b").unwrap().unwrap().read(pager).unwrap(), [7; 10]);
    let mut changes = PageChanges::default();
    let mut edit = Edit::new(pager, OWNER, 3, &mut changes);
    let flaw = "slot of a leaf's cell that lies over another";
    let error = message(whole.clone().insert(&mut edit, b"a", &[0xff; 47]));
    assert!(error.contains(flaw), "{error}");
    assert!(message(whole.clone().delete(&mut edit, b"a")).contains(flaw));
    assert!(message(whole.clone().insert(&mut edit, b"c", b"new")).contains(flaw));
    assert!(changes.freed.is_empty());
}

/// An index page over one leaf each, with these separators.
fn index(pager: &Pager, separators: &[&[u8]]) -> Tree {
    index_of_rows(pager, separators, 1)
}

/// The same, that says of each leaf that it has so many rows, where it has one.
fn index_of_rows(pager: &Pager, separators: &[&[u8]], rows: u32) -> Tree {
    let row = cell(b"m", false, b"value");
    let below = write(pager, PageKind::Leaf, 0, &leaf(&[(PAGE - row.len(), row)], 0, 0));
    let mut page = vec![0; PAGE];
    put_u16(&mut page, 32, separators.len() + 1);
    put_u16(&mut page, 34, separators.concat().len());
    let mut at = 40;
    for _ in 0..=separators.len() {
        page[at..at + 20].copy_from_slice(&encoded(below));
        page[at + 20..at + 24].copy_from_slice(&rows.to_le_bytes());
        at += 28;
    }
    let mut end = 0;
    for separator in separators {
        end += separator.len();
        put_u16(&mut page, at, end);
        at += 2;
    }
    page[at..at + end].copy_from_slice(&separators.concat());
    tree(pager, write(pager, PageKind::TreeIndex, 1, &page), 1, separators.len() as u64 + 1)
}

#[test]
fn separators_that_would_mislead_a_search_are_reported() {
    let branch = pager();
    let pager = &branch.pager;
    let long = vec![b'x'; btree::key_limit(PAGE) + 1];
    let order = "position of a separator out of order";
    let cases: [(&[&[u8]], &str); 5] = [
        (&[b"q", b"f"], order),
        (&[b"f", b"f"], order),
        (&[b"separators-1", b"separators-0"], order),
        (&[b""], order),
        (&[b"f", &long], "length of a separator (at most)"),
    ];
    for (separators, what) in cases {
        let error = message(index(pager, separators).get(pager, b"m"));
        assert!(error.contains(what), "{error}");
    }
    assert!(index(pager, &[b"f", &long[1..]]).get(pager, b"m").unwrap().is_some());
}

#[test]
fn a_leaf_with_other_rows_than_its_parent_says_is_refused_by_a_walk() {
    let branch = pager();
    let pager = &branch.pager;
    for rows in [2, 1000] {
        let tree = index_of_rows(pager, &[b"f", b"q"], rows);
        let mut walk = tree.leaf_walk(b"a".to_vec(), None);
        let found = walk.next(pager, 10_000);
        let error = message(found.and_then(|leaves| leaves.unwrap().leaf(pager, 0)));
        assert!(error.contains("rows in a leaf, by its parent"), "{error}");
        assert!(walk.next(pager, 10_000).unwrap().is_none(), "it ends where it fails");
    }
}

/// The children of every page are one page: there are more ways to the leaf than anybody can go.
#[test]
fn a_check_of_pages_that_are_referred_to_again_and_again_ends() {
    let branch = pager();
    let pager = &branch.pager;
    let row = cell(b"m", false, b"value");
    let mut below = write(pager, PageKind::Leaf, 0, &leaf(&[(PAGE - row.len(), row)], 0, 0));
    let levels = 40;
    for level in 1..=levels {
        let mut page = vec![0; PAGE];
        put_u16(&mut page, 32, 2);
        put_u16(&mut page, 34, 1);
        for at in [40, 68] {
            page[at..at + 20].copy_from_slice(&encoded(below));
            page[at + 20] = 1;
        }
        put_u16(&mut page, 96, 1);
        page[98] = b'f';
        below = write(pager, PageKind::TreeIndex, level, &page);
    }
    let mut found = Found::default();
    tree(pager, below, levels, 2).check(pager, &mut found);
    assert_eq!(found.pages.len(), usize::from(levels) + 1);
    let twice = found.damage.iter().filter(|damage| damage.contains("reached twice")).count();
    assert_eq!(twice, usize::from(levels));
}

/// An overflow index page with these entries.
fn overflow_index(pager: &Pager, level: u8, entries: &[Vec<u8>]) -> PagePointer {
    let mut page = vec![0; HEADER_BYTES + 4];
    put_u16(&mut page, 32, entries.len());
    page.extend(entries.concat());
    page.resize(PAGE, 0);
    write(pager, PageKind::OverflowIndex, level, &page)
}

/// An entry of an index page of level 1: a segment of `pages` data pages, all of them the same.
fn segment(data: PagePointer, raw: u32, pages: usize) -> Vec<u8> {
    [&raw.to_le_bytes()[..], &raw.to_le_bytes(), &encoded(data).repeat(pages)].concat()
}

fn branch_entry(raw: u32, child: PagePointer) -> Vec<u8> {
    [&raw.to_le_bytes()[..], &encoded(child)].concat()
}

/// Everything that follows an overflow value's pages; all of it must fail, and end.
fn refused(pager: &Pager, leaf: &[u8], what: &str) {
    let tree = tree(pager, write(pager, PageKind::Leaf, 0, leaf), 0, 1);
    let value = tree.get(pager, b"v").unwrap().unwrap();
    assert!(message(value.read(pager)).contains(what), "{}", message(value.read(pager)));
    let walked = value.overflow_pages(pager, &mut |_, _| {});
    assert!(message(walked).contains(what));
    let mut found = Found::default();
    tree.check(pager, &mut found);
    assert!(found.damage.iter().any(|damage| damage.to_string().contains(what)), "{:?}", found.damage);
    let mut changes = PageChanges::default();
    let deleted = tree.clone().delete(&mut Edit::new(pager, OWNER, 3, &mut changes), b"v");
    // The only row of a tree: what is given up is listed first.
    assert!(message(deleted).contains(what));
    assert!(changes.freed.is_empty());
}

#[test]
fn a_value_whose_pages_are_referred_to_again_and_again_is_refused_at_once() {
    let branch = pager();
    let pager = &branch.pager;
    let data = write(pager, PageKind::OverflowData, 0, &[5; PAGE]);
    // Eight levels of nineteen references to one and the same page: 19 to the power of 8 ways, each of a few bytes.
    let mut child = overflow_index(pager, 1, &vec![segment(data, 1, 1); 16]);
    for level in 2..=8 {
        child = overflow_index(pager, level, &vec![branch_entry(1, child); 19]);
    }
    let stored = u32::MAX >> 1;
    let leaf = leaf_with_overflow(8, 1 << 30, stored, child);
    refused(pager, &leaf, "overflow");
}

#[test]
fn a_segment_that_is_short_before_the_last_is_refused() {
    let branch = pager();
    let pager = &branch.pager;
    let data = write(pager, PageKind::OverflowData, 0, &[5; PAGE]);
    let index = overflow_index(pager, 1, &[segment(data, 100, 1), segment(data, 100, 1)]);
    let leaf = leaf_with_overflow(1, 200, 3, index);
    refused(pager, &leaf, "length of an overflow segment before the last");
}

#[test]
fn lengths_that_do_not_add_up_are_refused() {
    let branch = pager();
    let pager = &branch.pager;
    let data = write(pager, PageKind::OverflowData, 0, &[5; PAGE]);
    let index = overflow_index(pager, 1, &[segment(data, 100, 1)]);
    refused(pager, &leaf_with_overflow(1, 99, 2, index), "below an overflow index entry");
    refused(pager, &leaf_with_overflow(1, 101, 2, index), "length of an overflow segment before the last");
    // Eleven pages are a whole segment.
    let index = overflow_index(pager, 1, &[segment(data, 5280, 11)]);
    let above = overflow_index(pager, 2, &[branch_entry(5290, index)]);
    refused(pager, &leaf_with_overflow(2, 5290, 13, above), "no overflow index entry covers");
}

#[test]
fn a_value_in_one_page_is_as_long_as_that_page_says() {
    let branch = pager();
    let pager = &branch.pager;
    let data = write(pager, PageKind::OverflowData, 0, &[5; PAGE]);
    for (length, stored) in [(100, 101), (100, 99), (0, 1), (480, 481)] {
        let leaf = leaf_with_overflow(0, length, stored, data);
        let tree = tree(pager, write(pager, PageKind::Leaf, 0, &leaf), 0, 1);
        let value = tree.get(pager, b"v").unwrap().unwrap();
        if length > 0 {
            let error = message(value.read(pager));
            assert!(error.contains("bytes in an overflow page"), "{error}");
        } else {
            assert!(value.read(pager).unwrap().is_empty());
        }
    }
}
