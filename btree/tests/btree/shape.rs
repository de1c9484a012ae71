//! How full pages are, how deep trees get, and what a dump of one looks like.

use super::support::faulty::FaultyEnv;
use super::support::{Branch, OWNER, TREE, compare_at, environment, noise, options, pager as new_pager};
use btree::{Builder, Edit, Tree};
use env::Env;
use pager::{OwnerId, PageChanges, Pager};
use std::path::Path;
use std::sync::Arc;

/// Leaves and index pages of the branch's tree.
fn pages(branch: &mut Branch) -> usize {
    branch.write();
    let mut pages = 0;
    branch.tree.walk_pages(&branch.pager, None, &mut |_, _| pages += 1).unwrap();
    pages
}

/// Bytes of keys and values, as part of the bytes of all pages, in per cent.
fn fullness(branch: &mut Branch) -> usize {
    let content: usize = branch.model.iter().map(|(key, value)| key.len() + value.len()).sum();
    let bytes = pages(branch) * branch.pager.page_size();
    content * 100 / bytes
}

fn row(number: u64) -> (Vec<u8>, Vec<u8>) {
    (number.to_be_bytes().to_vec(), noise(92, number))
}

#[test]
fn keys_in_order_fill_their_pages() {
    for descending in [false, true] {
        let mut branch = Branch::new(4096);
        for number in 0..3000u64 {
            let (key, value) = row(if descending { 5000 - number } else { number });
            branch.insert(&key, &value);
        }
        let full = fullness(&mut branch);
        // A row of 100 bytes takes 100 more or less: 6 bytes of prefix are saved, 6 for slot and lengths added.
        assert!(full >= 90, "descending: {descending}: {full} %");
    }
}

#[test]
fn runs_in_the_middle_fill_their_pages() {
    // Ten customers, each with orders that ascend, in turns.
    let mut branch = Branch::new(4096);
    for order in 0..400u64 {
        for customer in 0..10u64 {
            let key = format!("customer {customer:04} order {order:08}").into_bytes();
            branch.insert(&key, &noise(80, order));
        }
    }
    let full = fullness(&mut branch);
    assert!(full >= 85, "{full} %");
}

#[test]
fn keys_in_no_order_leave_pages_two_thirds_full() {
    let mut branch = Branch::new(4096);
    for number in 0..4000u64 {
        branch.insert(&noise(8, number), &noise(92, number));
    }
    let full = fullness(&mut branch);
    assert!((60..85).contains(&full), "{full} %");
}

#[test]
fn what_is_deleted_gives_its_pages_back() {
    let mut branch = Branch::new(512);
    for number in 0..2000u64 {
        let (key, value) = row(number);
        branch.insert(&key, &value);
    }
    let before = pages(&mut branch);
    // Nine of ten rows, so that every page is left nearly empty.
    for number in 0..2000u64 {
        if number % 10 != 0 {
            branch.delete(&row(number).0);
        }
    }
    let after = pages(&mut branch);
    assert!(after * 4 < before, "{before} pages before, {after} after");
    branch.verify();
    let level = branch.tree.level();
    branch.delete_range(&row(10).0, None);
    assert!(branch.tree.level() < level);
    assert_eq!(branch.tree.len(), 1);
    branch.verify();
}

#[test]
fn a_range_is_deleted_without_reading_its_leaves() {
    let memory = environment();
    let faulty = FaultyEnv::new(Arc::clone(&memory));
    let env = Arc::clone(&faulty) as Arc<dyn Env>;
    let pager = Pager::create(env, Path::new("db"), &options(512)).unwrap();
    let mut branch = Branch::with_pager(memory, pager);
    for number in 0..20_000u64 {
        branch.insert(&number.to_be_bytes(), b"");
    }
    let pages = pages(&mut branch);
    let before = branch.tree.clone();
    let key = |number: u64| number.to_be_bytes();
    faulty.calls();
    branch.delete_range(&key(100), Some(&key(19_900)));
    let reads = faulty.calls().len();
    assert!(reads < pages / 5, "{reads} reads, {pages} pages");
    branch.verify_accounting();
    assert_eq!(branch.tree.len(), 200);
    assert_eq!(before.len(), 20_000);
    faulty.calls();
    assert_eq!(before.count_range(&branch.pager, &key(5), Some(&key(15_000))).unwrap(), 14_995);
    assert!(faulty.calls().len() <= 2 * (usize::from(before.level()) + 1), "one page per level and bound");
}

#[test]
fn the_longest_keys_and_values_fit() {
    for page_size in [512, 1024, 4096, 65_536] {
        let mut branch = Branch::new(page_size);
        let (key, value) = (btree::key_limit(page_size), btree::inline_limit(page_size));
        for number in 0..40u64 {
            // They differ in the last bytes, in the first ones, or nowhere but in length.
            let filler = vec![b'x'; key];
            let keys = [
                [&filler[..key - 8], &number.to_be_bytes()].concat(),
                [&number.to_le_bytes(), &filler[..key - 8]].concat(),
                filler[..key - number as usize].to_vec(),
            ];
            for key in keys {
                branch.insert(&key, &noise(value, number));
            }
        }
        branch.verify();
        for number in (0..40u64).rev() {
            branch.delete(&[&vec![b'x'; key - 8], &number.to_be_bytes()[..]].concat());
            branch.insert(&number.to_be_bytes(), &noise(value + 1, number));
            branch.verify_accounting();
        }
        let key = vec![0; key + 1];
        let error = branch.with(|tree, edit| tree.insert(edit, &key, b"").unwrap_err().to_string());
        assert!(error.contains(&format!("a key of {} bytes is too long", key.len())), "{error}");
    }
}

#[test]
fn a_page_that_was_written_leaves_memory_with_the_next_version() {
    let mut branch = Branch::new(512);
    for number in 0..500u64 {
        branch.insert(&number.to_be_bytes(), b"some value");
    }
    let dirty = branch.pager.dirty_bytes();
    assert!(dirty > 20 * 512, "{dirty}");
    branch.write();
    assert_eq!(branch.pager.dirty_bytes(), 0);
    branch.insert(&7u64.to_be_bytes(), b"another");
    let levels = usize::from(branch.tree.level()) + 1;
    assert_eq!(branch.pager.dirty_bytes(), levels * 512, "one page per level was copied");
}

#[test]
fn another_branch_copies_what_it_changes() {
    let mut branch = Branch::new(512);
    for number in 0..100u64 {
        branch.insert(&number.to_be_bytes(), b"one");
    }
    let mut other = branch.tree.clone();
    let mut changes = PageChanges::default();
    let mut edit = Edit::new(&branch.pager, OwnerId(8), 2, &mut changes);
    for number in 50..150u64 {
        other.insert(&mut edit, &number.to_be_bytes(), b"two").unwrap();
    }
    branch.verify();
    assert_eq!(other.len(), 150);
    assert!(changes.freed.iter().all(|freed| freed.birth == 1), "its own pages it changes in place");
}

#[test]
fn a_tree_is_built_as_full_as_asked() {
    let pager = new_pager(1024);
    let mut sizes = Vec::new();
    for free in [0, 25, 50] {
        let mut changes = PageChanges::default();
        let mut edit = Edit::new(&pager, OWNER, 1, &mut changes);
        let mut builder = Builder::new(&mut edit, TREE).leave_free(free).write_behind(1 << 14);
        let mut model = super::support::Model::new();
        for number in 0..5000u64 {
            builder.push(&number.to_be_bytes(), &noise(20, number)).unwrap();
            model.insert(number.to_be_bytes().to_vec(), noise(20, number));
        }
        let tree: Tree = builder.finish().unwrap();
        for number in [0u64, 1, 4999, 5000, 2500] {
            compare_at(&pager, &tree, &model, &number.to_be_bytes());
        }
        assert!(pager.dirty_bytes() < 1 << 16, "write-behind bounds memory");
        let mut pages = 0;
        tree.walk_pages(&pager, None, &mut |_, _| pages += 1).unwrap();
        sizes.push(pages);
        tree.clone().free_all(&mut Edit::new(&pager, OWNER, 1, &mut changes)).unwrap();
    }
    assert!(sizes[0] * 5 < sizes[1] * 4 && sizes[1] * 5 < sizes[2] * 4, "{sizes:?}");
}

#[test]
fn keys_out_of_order_are_refused_by_a_builder() {
    let pager = new_pager(512);
    for keys in [["b", "a"], ["b", "b"]] {
        let mut changes = PageChanges::default();
        let mut edit = Edit::new(&pager, OWNER, 1, &mut changes);
        let mut builder = Builder::new(&mut edit, TREE);
        builder.push(keys[0].as_bytes(), b"").unwrap();
        let error = builder.push(keys[1].as_bytes(), b"").unwrap_err();
        assert!(error.to_string().contains("ascending order"), "{error}");
    }
}

#[test]
fn pages_in_words() {
    let mut branch = Branch::new(512);
    branch.insert(b"city/Aachen", b"Germany");
    branch.insert(b"city/Bergen", b"Norway");
    branch.insert(b"city/Cuzco", &[b'-'; 300]);
    branch.insert(b"city/Delft", &noise(800, 4));
    branch.insert(b"city/Essen", b"");
    branch.delete(b"city/Bergen");
    branch.write();
    let files = branch.env.files();
    let file = &files[Path::new("db")];
    let mut text = String::new();
    let describe = &mut |number: u64, _| {
        let offset = number * 512;
        let page = &file[offset as usize..offset as usize + 512];
        for line in btree::annotate::page(offset, page) {
            text.push_str(&format!("{line}\n"));
        }
        text.push('\n');
    };
    branch.tree.walk_pages(&branch.pager, None, describe).unwrap();
    insta::with_settings!({ snapshot_path => "../../../snapshots/btree", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("pages_in_words", text);
    });
}
