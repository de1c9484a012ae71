//! The tree against a `BTreeMap`, with everything that a store does to it in between: savepoints and going back to
//! them, writing at any moment, older versions being written, closing and opening.

use super::support::{Branch, Model, OWNER, TREE, compare, compare_at, noise};
use btree::{AtHand, Builder, Change, DiffVisitor, Edit, PagesApart, Taken, Tree, TreeError, Value};
use pager::{PageChanges, PageRef, PageSet, Pager};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// What a step does; keys and values are drawn from its numbers.
#[derive(Debug, Clone)]
enum Step {
    Insert { key: u16, value: u8 },
    Run { key: u16, count: u8, value: u8 },
    Delete { key: u16 },
    Take { key: u16 },
    DeleteRange { from: u16, length: u16 },
    DeleteAll,
    Savepoint,
    RollBack { which: u8 },
    Write,
    WriteSavepoint { which: u8 },
    Reopen,
    Look { key: u16 },
    Compare { which: u8 },
    Rebuild { free: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0u16..600;
    prop_oneof![
        30 => (key.clone(), any::<u8>()).prop_map(|(key, value)| Step::Insert { key, value }),
        8 => (key.clone(), 1u8..60, any::<u8>()).prop_map(|(key, count, value)| Step::Run { key, count, value }),
        12 => key.clone().prop_map(|key| Step::Delete { key }),
        8 => key.clone().prop_map(|key| Step::Take { key }),
        4 => (key.clone(), 0u16..300).prop_map(|(from, length)| Step::DeleteRange { from, length }),
        1 => Just(Step::DeleteAll),
        6 => Just(Step::Savepoint),
        3 => any::<u8>().prop_map(|which| Step::RollBack { which }),
        6 => Just(Step::Write),
        3 => any::<u8>().prop_map(|which| Step::WriteSavepoint { which }),
        2 => Just(Step::Reopen),
        12 => key.prop_map(|key| Step::Look { key }),
        5 => any::<u8>().prop_map(|which| Step::Compare { which }),
        1 => (0u8..50).prop_map(|free| Step::Rebuild { free }),
    ]
}

/// Keys of several shapes, so that prefixes are long, short and none, and some keys are as long as can be. The order
/// of keys is not that of their numbers.
fn key(number: u16, page_size: usize) -> Vec<u8> {
    let limit = btree::key_limit(page_size);
    match number % 5 {
        0 => u64::from(number).to_be_bytes().to_vec(),
        1 => format!("customer/{:04}/order", number / 7).into_bytes(),
        2 => [vec![b'k'; limit - 2], number.to_be_bytes().to_vec()].concat(),
        3 => vec![number as u8; usize::from(number / 60)],
        _ => noise(usize::from(number) % limit, number.into()),
    }
}

/// Values of several shapes: empty, small, at the limit, compressible and not, of many pages.
fn value(number: u8, salt: usize, page_size: usize) -> Vec<u8> {
    let limit = btree::inline_limit(page_size);
    let seed = u64::from(number) + salt as u64;
    match number % 16 {
        0 => Vec::new(),
        1..=9 => noise(usize::from(number) / 3, seed),
        10 => noise(limit, seed),
        11 => noise(limit + 1 + usize::from(number), seed),
        12 => vec![number; limit + 3 * page_size],
        13 => [noise(page_size, seed), vec![1; 2 * page_size]].concat(),
        14 => noise(page_size * usize::from(number) / 12, seed),
        _ => [vec![7; page_size * 18], noise(page_size * 2, seed)].concat(),
    }
}

/// Deletes a row while reading it, if its value lies in its leaf.
fn take(branch: &mut Branch, key: &[u8]) {
    let mut value = b"before".to_vec();
    match branch.with(|tree, edit| tree.take(edit, key, &mut value).unwrap()) {
        Taken::Nothing => assert!(!branch.model.contains_key(key)),
        Taken::Row => assert_eq!(value.strip_prefix(b"before"), branch.model.remove(key).as_deref()),
        Taken::Elsewhere => {
            let limit = btree::inline_limit(branch.pager.page_size());
            assert!(branch.model[key].len() > limit, "a small value lies in its leaf");
            branch.delete(key);
        }
    }
}

/// What a reader with pages at hand finds at a key and behind it, in the present tree and in those of savepoints. They are at
/// hand from all versions that there have been, written over, given up, or in a file that was closed.
fn look_at_hand(branch: &Branch, at_hand: &mut AtHand, key: &[u8], salt: usize) {
    let versions = branch.savepoints.iter().map(|savepoint| (&savepoint.tree, &savepoint.model));
    for (tree, model) in versions.chain([(&branch.tree, &branch.model)]) {
        let found = tree.get_with(&branch.pager, at_hand, key, <[u8]>::to_vec).unwrap();
        assert!(found.as_ref() == model.get(key), "value of {key:02x?}");
        let to = (!salt.is_multiple_of(3)).then(|| [key, &[0x40, salt as u8]].concat());
        let expected = model.iter().skip_while(|(other, _)| other.as_slice() < key);
        let mut expected =
            expected.take_while(|(other, _)| to.as_ref().is_none_or(|to| *other < to)).take(1 + salt % 50);
        let mut left = 1 + salt % 50;
        let visit = &mut |key: btree::KeyParts<'_>, value: &[u8]| {
            let next = expected.next();
            assert!(next == Some((&[key.prefix, key.suffix].concat(), &value.to_vec())), "{next:02x?}");
            left -= 1;
            Ok::<_, TreeError>(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        tree.each_within(&branch.pager, at_hand, (key, to.as_deref()), visit).unwrap();
        assert!(expected.next().is_none(), "a row is missing");
    }
}

fn perform(branch: &mut Branch, at_hand: &mut AtHand, step: &Step, salt: usize) {
    let page_size = branch.pager.page_size();
    let of = |which: &u8, branch: &Branch| usize::from(*which) % branch.savepoints.len().max(1);
    match step {
        Step::Insert { key: number, value: drawn } => {
            branch.insert(&key(*number, page_size), &value(*drawn, salt, page_size));
        }
        Step::Run { key: number, count, value: drawn } => {
            let bytes = value(*drawn % 10, salt, page_size);
            let keys = (0..u16::from(*count)).map(|at| key((number / 5 + at) * 5 + number % 5, page_size));
            match drawn / 16 % 2 {
                0 => keys.for_each(|key| branch.insert(&key, &bytes)),
                // Now and then one of them has a large value.
                _ => {
                    let large = |at| {
                        if at == usize::from(*drawn) { value(*drawn, salt, page_size) } else { bytes.clone() }
                    };
                    let rows = keys.enumerate().map(|(at, key)| (key, large(at)));
                    branch.insert_run(rows.collect());
                }
            }
        }
        Step::Delete { key: number } => branch.delete(&key(*number, page_size)),
        Step::Take { key: number } => take(branch, &key(*number, page_size)),
        Step::DeleteRange { from, length } => {
            let (one, two) = (key(*from, page_size), key(from + length, page_size));
            let to = if *length % 7 == 6 { None } else { Some(two.as_slice()) };
            branch.delete_range(&one, to);
        }
        Step::DeleteAll => branch.free_all(),
        Step::Savepoint if branch.savepoints.len() < 4 => branch.set_savepoint(),
        Step::RollBack { which } if !branch.savepoints.is_empty() => branch.roll_back(of(which, branch)),
        Step::Write => branch.write(),
        Step::WriteSavepoint { which } if !branch.savepoints.is_empty() => {
            branch.write_savepoint(of(which, branch));
        }
        Step::Reopen => {
            branch.reopen();
            widen(branch);
        }
        Step::Look { key: number } => {
            compare_at(&branch.pager, &branch.tree, &branch.model, &key(*number, page_size));
            for number in (0..8).map(|step| (number + step * 77) % 600) {
                look_at_hand(branch, at_hand, &key(number, page_size), salt);
            }
        }
        Step::Compare { which } if !branch.savepoints.is_empty() => {
            compare_versions(branch, of(which, branch));
        }
        Step::Rebuild { free } => rebuild(branch, usize::from(*free)),
        Step::Savepoint | Step::RollBack { .. } | Step::WriteSavepoint { .. } | Step::Compare { .. } => {}
    }
}

#[derive(Default)]
struct Difference {
    changed: Vec<(Vec<u8>, bool, Option<Vec<u8>>)>,
    base: Vec<(PageRef, u8, Vec<u8>)>,
    new: Vec<PageRef>,
}

struct Visitor<'a> {
    pager: &'a Pager,
    difference: Difference,
}

impl DiffVisitor for Visitor<'_> {
    type Error = TreeError;

    fn change(&mut self, key: &[u8], change: Change) -> Result<(), TreeError> {
        let new = change.new.map(|value| value.read(self.pager)).transpose()?;
        self.difference.changed.push((key.to_vec(), change.old.is_some(), new));
        Ok(())
    }

    fn only_in_base(&mut self, page: &PageRef, level: u8, first_key: &[u8]) -> Result<(), TreeError> {
        self.difference.base.push((page.clone(), level, first_key.to_vec()));
        Ok(())
    }

    fn only_in_new(&mut self, page: &PageRef, _level: u8) -> Result<(), TreeError> {
        self.difference.new.push(page.clone());
        Ok(())
    }
}

/// The index and leaf pages of a written tree.
fn tree_pages(pager: &Pager, page: &PageRef, pages: &mut BTreeSet<u64>) {
    pages.insert(page.pointer().unwrap().number);
    if let Some(node) = pager.resolve(page).unwrap().index() {
        node.children().iter().for_each(|child| tree_pages(pager, &child.page, pages));
    }
}

/// The difference of a savepoint and the present, rows and pages.
fn compare_versions(branch: &mut Branch, index: usize) {
    // Both written, so that pages can be told apart by their numbers.
    branch.write_savepoint(index);
    branch.write();
    let savepoint = &branch.savepoints[index];
    let mut visitor = Visitor { pager: &branch.pager, difference: Difference::default() };
    btree::diff(&branch.pager, &savepoint.tree, &branch.tree, &mut visitor).unwrap();
    let difference = visitor.difference;
    let mut rows = savepoint.model.clone();
    let mut previous: Option<&[u8]> = None;
    for (key, was_there, new) in &difference.changed {
        assert!(previous < Some(key.as_slice()), "in key order");
        previous = Some(key);
        let old = match new {
            Some(value) => rows.insert(key.clone(), value.clone()),
            None => rows.remove(key),
        };
        assert_eq!(old.is_some(), *was_there);
    }
    assert!(rows == branch.model, "what was told makes one version of the other");
    let (mut base, mut new) = (BTreeSet::new(), BTreeSet::new());
    if let Some(root) = savepoint.tree.root() {
        tree_pages(&branch.pager, root, &mut base);
    }
    if let Some(root) = branch.tree.root() {
        tree_pages(&branch.pager, root, &mut new);
    }
    let number = |page: &PageRef| page.pointer().unwrap().number;
    let told: Vec<u64> = difference.base.iter().map(|(page, ..)| number(page)).collect();
    assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), base.difference(&new).copied().collect());
    assert_eq!(told.len(), base.difference(&new).count(), "each page once");
    let told: Vec<u64> = difference.new.iter().map(number).collect();
    assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), new.difference(&base).copied().collect());
    assert_eq!(told.len(), new.difference(&base).count(), "each page once");
    compare_pages(&branch.pager, &savepoint.tree, &branch.tree);
    for (page, level, first_key) in &difference.base {
        let mut changes = PageChanges::default();
        let mut edit = Edit::new(&branch.pager, OWNER, branch.birth, &mut changes);
        assert!(!branch.tree.clone().privatise(&mut edit, first_key, *level, page).unwrap());
        assert!(savepoint.tree.clone().privatise(&mut edit, first_key, *level, page).unwrap());
        assert!(changes.freed.iter().any(|freed| freed.number() == Some(number(page))));
    }
}

/// The pages that two versions do not share, against all pages of both.
fn compare_pages(pager: &Pager, one: &Tree, two: &Tree) {
    let all = |tree: &Tree| {
        let mut pages = BTreeMap::new();
        let mut insert = |number, birth| {
            pages.insert(number, birth);
        };
        tree.walk_pages(pager, None, &mut insert).unwrap();
        pages
    };
    let (mut here, mut there) = (all(one), all(two));
    let both: BTreeSet<u64> = here.keys().filter(|number| there.contains_key(number)).copied().collect();
    here.retain(|number, _| !both.contains(number));
    there.retain(|number, _| !both.contains(number));
    assert_eq!(one.pages_apart(two, pager).unwrap(), PagesApart { here, there });
}

/// The same rows, built bottom-up into a tree of their own.
fn rebuild(branch: &mut Branch, free: usize) {
    let mut changes = PageChanges::default();
    let mut edit = Edit::new(&branch.pager, OWNER, branch.birth, &mut changes);
    let mut builder = Builder::new(&mut edit, TREE).leave_free(free);
    if free % 2 == 1 {
        builder = builder.write_behind(5 * branch.pager.page_size());
    }
    for (key, value) in &branch.model {
        builder.push(key, value).unwrap();
    }
    if free % 5 == 4 {
        drop(builder);
        let mut taken = changes.allocated.clone();
        taken.difference(&changes.freed.iter().filter_map(pager::FreedPage::number).collect());
        assert!(taken.is_empty(), "a builder that is dropped gives everything up");
        branch.pager.give_back(&changes.allocated).unwrap();
        return;
    }
    let built = builder.finish().unwrap();
    compare(&branch.pager, &built, &branch.model);
    let mut found = super::support::Found::default();
    assert_eq!(built.check(&branch.pager, &mut found), built.len());
    assert_eq!(found.damage, Vec::<String>::new());
    assert_eq!(found.pages, changes.allocated.iter().collect::<BTreeSet<_>>());
    // It takes the place of the old one.
    branch.savepoints.clear();
    let mut old = std::mem::replace(&mut branch.tree, built);
    let mut edit = Edit::new(&branch.pager, OWNER, branch.birth, &mut branch.changes);
    old.free_all(&mut edit).unwrap();
    branch.changes.append(changes);
}

/// With pages of this size the cache is so large that many may be at hand; else it is one.
const WIDE: usize = 1024;

fn widen(branch: &Branch) {
    if branch.pager.page_size() == WIDE {
        branch.pager.set_cache_bytes(WIDE << 16);
    }
}

fn run(page_size: usize, steps: &[Step]) {
    let mut branch = Branch::new(page_size);
    widen(&branch);
    let mut at_hand = AtHand::default();
    for (salt, step) in steps.iter().enumerate() {
        perform(&mut branch, &mut at_hand, step, salt);
        branch.verify_accounting();
        if salt % 8 == 0 {
            branch.verify();
        }
    }
    branch.verify();
    branch.write();
    branch.verify();
}

fn cases(count: u32) -> ProptestConfig {
    // PROPTEST_CASES=25600 makes it a hundred times as many.
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases * count / 256, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_tree_of_512_byte_pages_is_a_map(steps in proptest::collection::vec(step(), 1..120)) {
        run(512, &steps);
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_tree_of_1024_byte_pages_is_a_map(steps in proptest::collection::vec(step(), 1..120)) {
        run(1024, &steps);
    }

    #[test]
    fn a_tree_of_4096_byte_pages_is_a_map(steps in proptest::collection::vec(step(), 1..120)) {
        run(4096, &steps);
    }
}

#[test]
fn pages_at_hand_are_not_those_that_stood_in_their_places_before() {
    let mut branch = Branch::new(WIDE);
    widen(&branch);
    let keys: Vec<Vec<u8>> = (0..300u64).map(|number| number.to_be_bytes().to_vec()).collect();
    keys.iter().for_each(|key| branch.insert(key, b"the value before"));
    branch.write();
    branch.set_savepoint();
    let (mut at_hand, mut places, mut again) = (AtHand::default(), BTreeSet::new(), 0);
    for round in 0..5 {
        branch.roll_back(0);
        keys.iter().for_each(|key| branch.insert(key, &[round; 16]));
        branch.write();
        keys.iter().enumerate().for_each(|(at, key)| look_at_hand(&branch, &mut at_hand, key, at));
        let mut pages = BTreeSet::new();
        tree_pages(&branch.pager, branch.tree.root().unwrap(), &mut pages);
        again += places.intersection(&pages).count();
        places.append(&mut pages);
    }
    assert!(again > 0, "some were written to places where others had been");
}

#[test]
fn readers_together_keep_a_part_of_what_the_cache_may_hold() {
    let mut branch = Branch::new(512);
    let keys: Vec<Vec<u8>> = (0..4000u64).map(|number| number.to_be_bytes().to_vec()).collect();
    keys.iter().for_each(|key| branch.insert(key, b"some value"));
    branch.write();
    branch.pager.set_cache_bytes(512 * 4096);
    let mut readers: Vec<AtHand> = Vec::new();
    for number in 0..40 {
        let mut at_hand = AtHand::default();
        for key in keys.iter().skip(number).step_by(7) {
            let found = branch.tree.get_with(&branch.pager, &mut at_hand, key, <[u8]>::to_vec).unwrap();
            assert_eq!(found.as_deref(), Some(b"some value".as_slice()));
        }
        readers.push(at_hand);
        assert!(branch.pager.kept_pages() <= 4096 / 8, "{} pages", branch.pager.kept_pages());
    }
    assert!(branch.pager.kept_pages() > 4096 / 8 - 64, "{} pages", branch.pager.kept_pages());
    drop(readers);
    assert_eq!(branch.pager.kept_pages(), 0);
}

#[test]
fn values_move_between_versions_without_being_copied() {
    let mut branch = Branch::new(512);
    let large = noise(9000, 3);
    branch.insert(b"a", &large);
    branch.insert(b"b", &[5; 3000]);
    branch.write();
    let base = branch.tree.clone();
    let value: Value = base.get(&branch.pager, b"a").unwrap().unwrap();
    let mut pages = PageSet::new();
    value.overflow_pages(&branch.pager, &mut |number, _| assert!(pages.insert(number))).unwrap();
    assert_eq!(pages.len(), value.overflow().unwrap().pages());
    // The same change carried out on another version, as a rebase does: nothing is written, nothing given up.
    let mut changes = PageChanges::default();
    let mut edit = Edit::new(&branch.pager, OWNER, 2, &mut changes).keep_overflow();
    let mut other = Tree::empty(TREE);
    other.insert_value(&mut edit, b"a", &value).unwrap();
    let compressed = base.get(&branch.pager, b"b").unwrap().unwrap();
    assert!(compressed.as_inline().is_none() && compressed.overflow().is_none());
    other.insert_value(&mut edit, b"b", &compressed).unwrap();
    let model = Model::from([(b"a".to_vec(), large), (b"b".to_vec(), vec![5; 3000])]);
    compare(&branch.pager, &other, &model);
    other.insert(&mut edit, b"a", b"").unwrap();
    other.delete(&mut edit, b"b").unwrap();
    assert!(changes.allocated.is_empty());
    assert!(changes.freed.is_empty());
}
