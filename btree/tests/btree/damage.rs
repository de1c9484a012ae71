//! Pages that are what was written, but should never have been written: every checksum is right, and the content is
//! wrong. Whatever is done to such a tree ends, with an answer or with an error, and never in a panic.

use super::support::{Branch, Found, OWNER, TREE, noise};
use btree::{Edit, StoredTree, Tree, TreeError};
use env::Env;
use env::memory::MemoryEnv;
use pager::{HEADER_BYTES, PageChanges, PageKind, PagePointer, PageSet, Pager};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A small tree with everything in it, written, and the bytes of its pages.
struct Original {
    branch: Branch,
    stored: StoredTree,
    pages: BTreeMap<u64, Vec<u8>>,
    keys: Vec<Vec<u8>>,
}

/// Long keys with much in common make index pages of few children, and so a tree of several levels.
fn key(page_size: usize, number: u64) -> Vec<u8> {
    [vec![b't'; btree::key_limit(page_size) - 16], number.to_be_bytes().to_vec()].concat()
}

fn original(page_size: usize) -> Original {
    let mut branch = Branch::new(page_size);
    for number in 0..150u64 {
        branch.insert(&key(page_size, number), &noise(number as usize % 40, number));
    }
    branch.insert(b"large", &noise(page_size * 30, 1));
    branch.insert(b"larger", &[noise(page_size * 90, 2), vec![1; page_size * 40]].concat());
    branch.insert(b"one page", &noise(page_size / 2, 2));
    branch.insert(b"squeezed", &vec![9; page_size]);
    branch.insert(b"squeezed to a page", &[noise(page_size / 2, 4), vec![9; page_size]].concat());
    for number in (0..150u64).step_by(7) {
        branch.delete(&key(page_size, number));
    }
    branch.write();
    let stored = branch.tree.stored().unwrap();
    assert!(stored.level >= 2);
    let files = branch.env.files();
    let file = &files[Path::new("db")];
    let mut pages = BTreeMap::new();
    let keep = &mut |number: u64, _| {
        let start = number as usize * page_size;
        pages.insert(number, file[start..start + page_size].to_vec());
    };
    branch.tree.walk_pages(&branch.pager, None, keep).unwrap();
    let keys = branch.model.keys().cloned().collect();
    Original { branch, stored, pages, keys }
}

fn pointer_of(page: &[u8], number: u64) -> PagePointer {
    let word = |at: usize| u64::from_le_bytes(page[at..at + 8].try_into().unwrap());
    PagePointer { number, checksum: word(0) as u32, birth: word(16) }
}

fn encoded(pointer: PagePointer) -> [u8; PagePointer::BYTES] {
    let mut bytes = [0; PagePointer::BYTES];
    pointer.encode(&mut bytes);
    bytes
}

/// Writes `page` in the place of page `number`, and everything above it with the new pointers; answers the root.
fn rewrite(original: &Original, number: u64, page: Vec<u8>) -> PagePointer {
    let pager = &original.branch.pager;
    let (mut number, mut page) = (number, page);
    loop {
        let kind = PageKind::from_byte(page[4]).unwrap();
        let old = pointer_of(&original.pages[&number], number);
        let new = pager.write_page(kind, page[5], TREE, old.birth, &page, &mut PageSet::new()).unwrap();
        if number == original.stored.root.number {
            return new;
        }
        let needle = encoded(old);
        let found = original.pages.iter().find_map(|(parent, bytes)| {
            let at = bytes.windows(needle.len()).position(|window| window == needle)?;
            Some((*parent, bytes.clone(), at))
        });
        let (parent, mut bytes, at) = found.unwrap();
        bytes[at..at + needle.len()].copy_from_slice(&encoded(new));
        (number, page) = (parent, bytes);
    }
}

/// Everything that can be done to a tree. Answers are ignored, errors too.
fn exercise(pager: &Pager, tree: &Tree, base: &Tree, keys: &[Vec<u8>]) {
    let mut found = Found::default();
    let _ = tree.check(pager, &mut found);
    let _ = tree.walk_pages(pager, None, &mut |_, _| {});
    for key in keys {
        if let Ok(Some(value)) = tree.get(pager, key) {
            let _ = value.read(pager);
            let _ = value.read_range(pager, 700..900);
        }
        let _ = tree.rank(pager, key);
    }
    let mut cursor = tree.cursor();
    let mut steps = 0;
    let mut standing = cursor.seek_first(pager);
    while matches!(standing, Ok(true)) && steps < 5000 {
        let _ = (cursor.key().len(), cursor.value_ref().len());
        standing = cursor.next(pager);
        steps += 1;
    }
    assert!(steps < 5000, "a walk ends");
    standing = cursor.seek_last(pager);
    while matches!(standing, Ok(true)) {
        standing = cursor.prev(pager);
    }
    for position in [0, 1, 77, 149] {
        let _ = tree.nth(pager, position);
    }
    let _ = btree::diff_rows(pager, base, tree, |_, _| Ok::<(), btree::TreeError>(()));
    let _ = btree::diff_rows(pager, tree, base, |_, _| Ok::<(), btree::TreeError>(()));
    let mut changes = PageChanges::default();
    let mut edit = Edit::new(pager, OWNER, 3, &mut changes);
    let mut changed = tree.clone();
    for (number, key) in keys.iter().enumerate() {
        let _ = changed.insert(&mut edit, key, &[1; 20][..number % 20]);
        let _ = changed.insert(&mut edit, &[key.as_slice(), b"x"].concat(), &[2; 30]);
    }
    for key in keys.iter().step_by(2) {
        let _ = changed.delete(&mut edit, key);
    }
    let mut changed = tree.clone();
    for key in keys {
        let _ = changed.delete(&mut edit, key);
    }
    let mut changed = tree.clone();
    let _ = changed.delete_range(&mut edit, &keys[20], Some(&keys[120]));
    let _ = changed.delete_range(&mut edit, &keys[3], None);
    let _ = tree.clone().free_all(&mut edit);
}

/// A stream of numbers for choices.
struct Choices(u64);

impl Choices {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

fn damage_pages(page_size: usize, rounds: u64) {
    let mut original = original(page_size);
    // Of one page after another kind: most pages are overflow data, whose content nobody but its user can judge.
    let of_kind = |kind: PageKind| -> Vec<u64> {
        original.pages.iter().filter(|(_, page)| page[4] == kind as u8).map(|(number, _)| *number).collect()
    };
    let kinds =
        [PageKind::Leaf, PageKind::TreeIndex, PageKind::OverflowIndex, PageKind::Leaf, PageKind::TreeIndex];
    let numbers = kinds.map(of_kind);
    let (mut refused, mut other) = (0, 0);
    for round in 0..rounds {
        let mut choices = Choices(round);
        let numbers = &numbers[round as usize % numbers.len()];
        let number = numbers[choices.below(numbers.len())];
        let mut page = original.pages[&number].clone();
        for _ in 0..=choices.below(3) {
            // Mostly the fields at the front, which everything else hangs on.
            let area = if choices.below(2) == 0 { 64 } else { page_size - HEADER_BYTES };
            let at = HEADER_BYTES + choices.below(area);
            page[at] = match choices.below(4) {
                0 => page[at] ^ 1 << choices.below(8),
                1 => 0,
                2 => 0xff,
                _ => choices.below(256) as u8,
            };
        }
        assert!(!btree::annotate::page(0, &page).is_empty());
        if page == original.pages[&number] {
            continue;
        }
        let root = rewrite(&original, number, page);
        let stored = StoredTree { root, ..original.stored };
        let tree = Tree::from_stored(&original.branch.pager, &stored).unwrap();
        exercise(&original.branch.pager, &tree, &original.branch.tree, &original.keys);
        let mut found = Found::default();
        let _ = tree.check(&original.branch.pager, &mut found);
        if found.damage.is_empty() {
            other += 1
        } else {
            refused += 1
        }
        if round % 64 == 63 {
            original = self::original(page_size);
        }
    }
    assert!(refused > rounds / 2, "most damage is seen by a check: {refused}, against {other}");
}

#[test]
fn wrong_content_under_right_checksums_never_panics_with_small_pages() {
    damage_pages(512, 600);
}

#[test]
fn wrong_content_under_right_checksums_never_panics_with_larger_pages() {
    damage_pages(1024, 300);
}

#[test]
fn a_root_that_contradicts_itself_is_refused() {
    let Original { branch, stored, .. } = original(512);
    let refused = |stored: StoredTree| Tree::from_stored(&branch.pager, &stored).is_err();
    assert!(refused(StoredTree { rows: 0, ..stored }));
    assert!(refused(StoredTree { rows: u64::MAX, ..stored }));
    assert!(refused(StoredTree { level: 200, ..stored }));
    assert!(refused(StoredTree { root: PagePointer::NONE, ..stored }));
    for level in [0, 1, 3, 60] {
        let tree = Tree::from_stored(&branch.pager, &StoredTree { level, ..stored }).unwrap();
        let error = tree.get(&branch.pager, b"large").unwrap_err().to_string();
        assert!(error.contains("level of a tree's page"), "{error}");
    }
    let tree = Tree::from_stored(&branch.pager, &StoredTree { id: TREE + 1, ..stored }).unwrap();
    let error = tree.get(&branch.pager, b"large").unwrap_err().to_string();
    assert!(error.contains("tree that a page belongs to"), "{error}");
    let mut found = Found::default();
    Tree::from_stored(&branch.pager, &StoredTree { rows: 5, ..stored })
        .unwrap()
        .check(&branch.pager, &mut found);
    assert_eq!(found.damage.len(), 1, "{:?}", found.damage);
}

/// What fails of everything that reads a tree's pages.
fn errors(pager: &Pager, tree: &Tree, keys: &[Vec<u8>]) -> Vec<TreeError> {
    let mut errors = Vec::new();
    let mut note = |result: btree::Result<()>| errors.extend(result.err());
    let mut changes = PageChanges::default();
    let mut edit = Edit::new(pager, OWNER, 9, &mut changes);
    note(tree.walk_pages(pager, None, &mut |_, _| {}));
    note(tree.clone().free_all(&mut edit).map(drop));
    note(tree.clone().delete_range(&mut edit, &keys[1], None).map(drop));
    note(btree::diff_rows(pager, &Tree::empty(TREE), tree, |_, _| Ok::<(), TreeError>(())));
    for key in keys {
        note(
            tree.get(pager, key).and_then(|value| value.map_or(Ok(()), |value| value.read(pager).map(drop))),
        );
        let pages = |value: btree::Value| value.overflow_pages(pager, &mut |_, _| {});
        note(tree.get(pager, key).and_then(|value| value.map_or(Ok(()), pages)));
        note(tree.clone().insert(&mut edit, key, b"new").map(drop));
        note(tree.clone().delete(&mut edit, key).map(drop));
        note(tree.rank(pager, key).map(drop));
        let mut cursor = tree.cursor();
        note(cursor.seek(pager, key).and_then(|_| {
            let Some(rows) = cursor.rest_of_leaf(None) else { return Ok(()) };
            (0..rows.len()).try_for_each(|row| rows.read_value(pager, row, 0..usize::MAX, &mut Vec::new()))
        }));
        let mut walk = tree.leaf_walk(key.clone(), None);
        note(std::iter::from_fn(|| walk.next(pager, 100).transpose()).try_for_each(|leaves| {
            let leaves = leaves?;
            (0..leaves.len()).try_for_each(|place| leaves.leaf(pager, place).map(drop))
        }));
    }
    errors
}

#[test]
fn errors_that_strike_any_page_name_the_tree() {
    let mut branch = original(512).branch;
    branch.reopen();
    let (stored, files) = (branch.tree.stored().unwrap(), branch.env.files());
    // All of the large values, and some of the others: their leaves are read by walks, too.
    let rows = branch.model.keys().enumerate().filter(|(number, key)| number % 8 == 0 || key.len() < 20);
    let keys: Vec<Vec<u8>> = rows.map(|(_, key)| key.clone()).collect();
    let mut pages = Vec::new();
    branch.tree.walk_pages(&branch.pager, None, &mut |number, _| pages.push(number)).unwrap();
    for number in pages {
        let mut files = files.clone();
        files.get_mut(Path::new("db")).unwrap()[number as usize * 512 + 100] ^= 1;
        let env: Arc<dyn Env> = Arc::new(MemoryEnv::from_files(files));
        let pager = Pager::open(env, Path::new("db"), &super::support::options(512)).unwrap();
        let tree = Tree::from_stored(&pager, &stored).unwrap();
        let errors = errors(&pager, &tree, &keys);
        assert!(!errors.is_empty(), "page {number} is damaged and never read");
        for error in errors {
            assert!(matches!(error, TreeError::Page { tree: TREE, .. }), "{error:?}");
            assert_eq!(error.page(), Some(number), "{error}");
        }
    }
}
