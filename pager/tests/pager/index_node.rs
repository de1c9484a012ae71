//! The index node against a plain list of separators and children.

use pager::{Child, IndexNode, PagePointer, PageRef};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn child(number: u64) -> Child {
    let pointer = PagePointer { number, checksum: number as u32, birth: 1 };
    Child { page: PageRef::Stored(pointer), rows: number, has_overflow: number.is_multiple_of(3) }
}

fn number(child: &Child) -> u64 {
    child.rows
}

/// What the node should be.
#[derive(Debug, Clone)]
struct Model {
    first: u64,
    rest: BTreeMap<Vec<u8>, u64>,
}

impl Model {
    fn holds(&self, node: &IndexNode) {
        let children: Vec<u64> = std::iter::once(self.first).chain(self.rest.values().copied()).collect();
        let separators: Vec<&[u8]> = (0..node.separators()).map(|index| node.separator(index)).collect();
        assert_eq!(node.children().iter().map(number).collect::<Vec<_>>(), children);
        assert_eq!(separators, self.rest.keys().map(Vec::as_slice).collect::<Vec<_>>());
        let lengths: usize = self.rest.keys().map(Vec::len).sum();
        assert_eq!(node.encoded_size(), 40 + 28 * children.len() + 2 * separators.len() + lengths);
        assert_eq!(node.rows(), children.iter().sum::<u64>());
        assert_eq!(node.has_overflow(), children.iter().any(|number| number % 3 == 0));
    }

    fn child_for(&self, key: &[u8]) -> u64 {
        self.rest.range(..=key.to_vec()).next_back().map_or(self.first, |(_, number)| *number)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert(Vec<u8>),
    Remove(prop::sample::Index),
    RemoveRange(prop::sample::Index, prop::sample::Index),
    Rename(prop::sample::Index, Vec<u8>),
    SplitAndMerge(prop::sample::Index),
    Replace(prop::sample::Index),
    Prepend,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    // Long common beginnings, so that heads are often equal; zeros, because heads are padded with them.
    prop_oneof![
        prop::collection::vec(prop::sample::select(vec![0u8, 1, 255]), 1..12),
        prop::collection::vec(any::<u8>(), 1..30).prop_map(|end| [b"same8888".as_slice(), &end].concat()),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => key().prop_map(Step::Insert),
        1 => index().prop_map(Step::Remove),
        1 => (index(), index()).prop_map(|(one, two)| Step::RemoveRange(one, two)),
        1 => (index(), key()).prop_map(|(index, key)| Step::Rename(index, key)),
        1 => index().prop_map(Step::SplitAndMerge),
        1 => index().prop_map(Step::Replace),
        1 => Just(Step::Prepend),
    ]
}

fn remove(model: &mut Model, index: usize) {
    if index == 0 {
        if let Some((_, number)) = model.rest.pop_first() {
            model.first = number;
        }
    } else {
        let key = model.rest.keys().nth(index - 1).cloned();
        key.map(|key| model.rest.remove(&key));
    }
}

fn apply(step: &Step, next: u64, node: &mut IndexNode, model: &mut Model) {
    match step {
        Step::Insert(key) if !model.rest.contains_key(key) => {
            node.insert_after(node.search(key), key, child(next));
            model.rest.insert(key.clone(), next);
        }
        Step::Insert(_) => {}
        Step::Remove(index) if node.len() > 1 => {
            let index = index.index(node.len());
            node.remove(index);
            remove(model, index);
        }
        Step::Remove(_) => {}
        Step::RemoveRange(one, two) => {
            let (one, two) = (one.index(node.len()), two.index(node.len()));
            let range = one.min(two)..one.max(two);
            assert_eq!(node.remove_range(range.clone()).len(), range.len());
            range.clone().for_each(|_| remove(model, range.start));
        }
        Step::Rename(index, key) if node.separators() > 0 => {
            let index = index.index(node.separators());
            let old = node.separator(index).to_vec();
            let mut renamed = model.clone();
            let number = renamed.rest.remove(&old);
            // Only where the order stays.
            if renamed.rest.range(..key.clone()).count() == index && !renamed.rest.contains_key(key) {
                node.set_separator(index, key);
                number.map(|number| renamed.rest.insert(key.clone(), number));
                *model = renamed;
            }
        }
        Step::Rename(..) => {}
        Step::SplitAndMerge(index) if node.len() > 1 => {
            let (separator, right) = node.split_at(1 + index.index(node.len() - 1));
            assert_eq!(node.separators() + 1, node.len());
            assert_eq!(right.separators() + 1, right.len());
            node.merge(&separator, right);
        }
        Step::SplitAndMerge(_) => {}
        Step::Replace(index) => {
            let index = index.index(node.len());
            node.replace(index, child(next));
            match index.checked_sub(1).and_then(|index| model.rest.values_mut().nth(index)) {
                Some(number) => *number = next,
                None => model.first = next,
            }
        }
        Step::Prepend => {
            if model.rest.keys().next().is_none_or(|first| first.as_slice() > [0].as_slice()) {
                node.insert_first(child(next), &[0]);
                model.rest.insert(vec![0], model.first);
                model.first = next;
            }
        }
    }
}

proptest! {
    #[test]
    fn a_node_is_its_list_of_children(steps in prop::collection::vec(step(), 1..80), probes in prop::collection::vec(key(), 20)) {
        let mut node = IndexNode::new(child(0));
        let mut model = Model { first: 0, rest: BTreeMap::new() };
        for (index, step) in steps.iter().enumerate() {
            apply(step, index as u64 + 1, &mut node, &mut model);
            model.holds(&node);
        }
        let keys: Vec<Vec<u8>> = model.rest.keys().cloned().chain(probes).collect();
        for key in keys {
            prop_assert_eq!(number(node.child(node.search(&key))), model.child_for(&key));
        }
        let middle = node.middle();
        if node.len() > 1 {
            prop_assert!(middle > 0 && middle < node.len());
        }
    }
}

#[test]
fn the_middle_halves_a_node_of_unequal_separators() {
    let mut node = IndexNode::new(child(1));
    for index in 0..20u8 {
        node.push(&vec![index; if index < 3 { 100 } else { 4 }], child(u64::from(index)));
    }
    let whole = node.encoded_size();
    let (_, right) = node.split_at(node.middle());
    let (left, right) = (node.encoded_size(), right.encoded_size());
    assert!(left.abs_diff(right) < whole / 4, "{left} and {right} of {whole}");
}
