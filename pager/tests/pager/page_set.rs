//! The page set against a plain set of numbers.

use pager::PageSet;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn runs() -> impl Strategy<Value = Vec<(u64, u64, bool)>> {
    prop::collection::vec((0u64..200, 0u64..20, any::<bool>()), 0..60)
}

fn build(steps: &[(u64, u64, bool)]) -> (PageSet, BTreeSet<u64>) {
    let (mut set, mut model) = (PageSet::new(), BTreeSet::new());
    for (start, length, insert) in steps {
        let run = *start..start + length;
        if *insert {
            model.extend(run.clone());
            set.insert_run(run);
        } else {
            model.retain(|page| !run.contains(page));
            set.remove_run(run);
        }
        assert_eq!(set.len(), model.len() as u64);
    }
    (set, model)
}

fn same(set: &PageSet, model: &BTreeSet<u64>) {
    assert!(set.iter().eq(model.iter().copied()), "{set} is not {model:?}");
    assert_eq!(set.len(), model.len() as u64);
    // Runs neither touch nor overlap, so equal sets are equal.
    let mut behind = None;
    for run in set.iter_runs() {
        assert!(run.start < run.end && behind.is_none_or(|behind| behind < run.start));
        behind = Some(run.end);
    }
    assert_eq!(*set, model.iter().rev().copied().collect::<PageSet>());
}

proptest! {
    #[test]
    fn a_page_set_is_a_set(one in runs(), two in runs()) {
        let ((set, model), (other, other_model)) = (build(&one), build(&two));
        same(&set, &model);
        for page in 0..230 {
            prop_assert_eq!(set.contains(page), model.contains(&page));
        }
        let mut union = set.clone();
        union.union(&other);
        same(&union, &(&model | &other_model));
        let mut difference = set.clone();
        difference.difference(&other);
        same(&difference, &(&model - &other_model));
        prop_assert_eq!(set.first_common(&other), (&model & &other_model).first().copied());
        prop_assert_eq!(set.is_disjoint(&other), model.is_disjoint(&other_model));
        let mut bytes = vec![9];
        set.encode(&mut bytes);
        bytes.push(7);
        let mut source = &bytes[1..];
        prop_assert_eq!(PageSet::decode(&mut source), Ok(set));
        prop_assert_eq!(source, &[7]);
    }

    #[test]
    fn any_bytes_are_a_set_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut source = bytes.as_slice();
        if let Ok(set) = PageSet::decode(&mut source) {
            let mut again = Vec::new();
            set.encode(&mut again);
            prop_assert_eq!(PageSet::decode(&mut again.as_slice()), Ok(set));
        }
    }
}

#[test]
fn single_pages_come_and_go() {
    let mut set = PageSet::new();
    assert!(set.insert(5) && set.insert(7) && set.insert(6) && !set.insert(6));
    assert_eq!(set.to_string(), "5-7");
    assert!(set.remove(6) && !set.remove(6));
    assert_eq!(set.to_string(), "5, 7");
    assert_eq!(set.pop_first(), Some(5));
    assert_eq!(set.first(), Some(7));
    assert_eq!(PageSet::new().to_string(), "no pages");
}

#[test]
fn a_set_that_ends_at_the_highest_number_can_be_read_back() {
    let mut set = PageSet::new();
    set.insert_run(u64::MAX - 3..u64::MAX);
    let mut bytes = Vec::new();
    set.encode(&mut bytes);
    assert_eq!(PageSet::decode(&mut bytes.as_slice()), Ok(set));
    let mut overlong = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1].as_slice();
    assert!(PageSet::decode(&mut overlong).is_err());
}
