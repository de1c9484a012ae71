//! Every read and every write of an operation fails once, one after the other. After each failure the tree has the rows
//! it had, and the pages taken and given up still add up.

use super::support::faulty::{Fault, FaultyEnv};
use super::support::{Branch, Model, environment, noise, options};
use btree::{Builder, Edit, Result, RunRow, Tree, TreeError};
use env::Env;
use pager::Pager;
use pager::labels::{PAGE_READ, PAGE_WRITE, PAGES_WRITE};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

const PAGE: usize = 512;

/// A branch in a world in which calls can be made to fail, with a tree of several levels that has been written.
fn branch() -> (Branch, Arc<FaultyEnv>) {
    let memory = environment();
    let faulty = FaultyEnv::new(Arc::clone(&memory));
    let env = Arc::clone(&faulty) as Arc<dyn Env>;
    let pager = Pager::create(env, Path::new("db"), &options(PAGE)).unwrap();
    let mut branch = Branch::with_pager(memory, pager);
    for number in 0..200u64 {
        branch.insert(&key(number), &noise(30 + number as usize % 50, number));
    }
    branch.insert(&key(300), &noise(PAGE * 40, 1));
    branch.insert(&key(301), &noise(PAGE / 2, 1));
    branch.write();
    branch.set_savepoint();
    (branch, faulty)
}

fn key(number: u64) -> Vec<u8> {
    [vec![b'k'; 70], number.to_be_bytes().to_vec()].concat()
}

/// Runs `change` with its first, second, … read and write failing, until it has fewer of them.
fn fail_at_every_call(
    change: impl Fn(&mut Tree, &mut Edit<'_>) -> Result<()>,
    on_model: impl Fn(&mut Model),
    least_failures: usize,
) {
    let (mut branch, faulty) = branch();
    let mut failures = 0;
    // A failed read is tried again, so it takes several to be one.
    let plans =
        [(&PAGE_READ, pager::READ_ATTEMPTS, ErrorKind::Other), (&PAGE_WRITE, 1, ErrorKind::StorageFull)];
    for (label, times, kind) in plans.into_iter().chain([(&PAGES_WRITE, 1, ErrorKind::StorageFull)]) {
        for skip in 0.. {
            let before = branch.changes.freed.len();
            faulty.calls();
            faulty.at(label, skip, times, Fault::Fail(kind));
            let result = branch.with(&change);
            faulty.calm();
            let calls = faulty.calls().iter().filter(|call| **call == label.name).count();
            match result {
                Ok(()) => on_model(&mut branch.model),
                Err(error) => {
                    failures += 1;
                    assert_eq!(error.is_out_of_space(), kind == ErrorKind::StorageFull, "{error}");
                    assert!(branch.changes.freed.len() >= before);
                }
            }
            branch.verify();
            branch.roll_back(0);
            branch.verify();
            if calls <= skip {
                break;
            }
        }
    }
    assert!(failures >= least_failures, "{failures} failures");
}

#[test]
fn inserting() {
    let value = noise(60, 9);
    let insert = |tree: &mut Tree, edit: &mut Edit<'_>| tree.insert(edit, &key(1000), &value).map(|_| ());
    fail_at_every_call(insert, |model| drop(model.insert(key(1000), value.clone())), 2);
}

/// Some are between those that are there, some behind all, and one is large.
#[test]
fn inserting_a_run() {
    let between = |at: u64| [key(at * 3), b"and".to_vec()].concat();
    let rows: Vec<(Vec<u8>, Vec<u8>)> = (0..100)
        .map(|at| (between(at), noise(30, at)))
        .chain((0..40).map(|at| (key(1000 + at), noise(if at == 20 { PAGE * 3 } else { 50 }, at))))
        .collect();
    let run: Vec<RunRow<'_>> = rows.iter().map(|(key, value)| RunRow { key, value }).collect();
    let insert = |tree: &mut Tree, edit: &mut Edit<'_>| {
        let (done, result) = tree.insert_run(edit, &run);
        assert_eq!(result.is_ok(), done == run.len());
        if result.is_err() {
            // Those before it are there, the others are not.
            assert!(!tree.has_any(edit.pager, &run[done..])?);
            for row in &run[..done] {
                assert!(tree.delete(edit, row.key)?);
            }
        }
        result
    };
    fail_at_every_call(insert, |model| model.extend(rows.iter().cloned()), 12);
}

#[test]
fn inserting_a_large_value() {
    let value = [noise(PAGE * 60, 9), vec![0; PAGE * 30]].concat();
    let insert = |tree: &mut Tree, edit: &mut Edit<'_>| tree.insert(edit, &key(100), &value).map(|_| ());
    fail_at_every_call(insert, |model| drop(model.insert(key(100), value.clone())), 12);
}

#[test]
fn replacing_a_large_value() {
    let insert = |tree: &mut Tree, edit: &mut Edit<'_>| tree.insert(edit, &key(300), &[8; 20]).map(|_| ());
    fail_at_every_call(insert, |model| drop(model.insert(key(300), vec![8; 20])), 4);
}

#[test]
fn streaming_a_value() {
    let pieces: Vec<Vec<u8>> = (0..50).map(|seed| noise(700, seed)).collect();
    let insert = |tree: &mut Tree, edit: &mut Edit<'_>| {
        let mut writer = tree.value_writer(edit);
        pieces.iter().try_for_each(|piece| writer.write(piece))?;
        let value = writer.finish()?;
        let result = tree.insert_value(edit, &key(5), &value).map(|_| ());
        if result.is_err() {
            edit.discard(&value)?;
        }
        result
    };
    fail_at_every_call(insert, |model| drop(model.insert(key(5), pieces.concat())), 8);
}

#[test]
fn deleting() {
    // Enough of them that pages are merged; each is a change of its own.
    let (mut branch, faulty) = branch();
    for number in 0..200 {
        if number % 3 == 0 {
            faulty.at(&PAGE_READ, number as usize % 5, pager::READ_ATTEMPTS, Fault::Fail(ErrorKind::Other));
        }
        let result = branch.with(|tree, edit| tree.delete(edit, &key(number)));
        faulty.calm();
        match result {
            Ok(deleted) => assert_eq!(deleted, branch.model.remove(&key(number)).is_some()),
            Err(error) => assert!(!error.is_out_of_space()),
        }
        branch.verify();
        if number % 7 == 0 {
            branch.write();
        }
    }
}

#[test]
fn deleting_a_large_value() {
    let delete = |tree: &mut Tree, edit: &mut Edit<'_>| tree.delete(edit, &key(300)).map(|_| ());
    fail_at_every_call(delete, |model| drop(model.remove(&key(300))), 4);
}

#[test]
fn deleting_a_range() {
    let delete = |tree: &mut Tree, edit: &mut Edit<'_>| {
        assert_eq!(tree.delete_range(edit, &key(20), Some(&key(301)))?, 181);
        Ok(())
    };
    fail_at_every_call(delete, |model| model.retain(|row, _| *row < key(20) || *row >= key(301)), 8);
}

#[test]
fn freeing_everything() {
    fail_at_every_call(|tree, edit| tree.free_all(edit), Model::clear, 8);
}

#[test]
fn building() {
    let value = noise(PAGE * 3, 5);
    let build = |tree: &mut Tree, edit: &mut Edit<'_>| {
        let mut builder = Builder::new(edit, tree.id()).write_behind(PAGE * 8);
        for number in 0..60u64 {
            builder.push(&key(number), if number % 20 == 19 { &value } else { b"small" })?;
        }
        let built = builder.finish()?;
        tree.free_all(edit).inspect_err(|_| built.clone().free_all(edit).unwrap())?;
        *tree = built;
        Ok::<(), TreeError>(())
    };
    let on_model = |model: &mut Model| {
        model.clear();
        for number in 0..60u64 {
            model.insert(key(number), if number % 20 == 19 { value.clone() } else { b"small".to_vec() });
        }
    };
    fail_at_every_call(build, on_model, 6);
}

#[test]
fn moving_a_cursor() {
    let (branch, faulty) = branch();
    let mut failures = 0;
    for skip in 0..12 {
        let mut cursor = branch.tree.cursor();
        assert!(cursor.seek(&branch.pager, &key(50)).unwrap());
        faulty.at(&PAGE_READ, skip, pager::READ_ATTEMPTS, Fault::Fail(ErrorKind::Other));
        let mut steps = 0;
        while let Ok(true) = cursor.next(&branch.pager) {
            steps += 1;
        }
        faulty.calm();
        failures += usize::from(steps < 151);
        // It stands nowhere, and starts anew from anywhere.
        assert!(!cursor.is_on_row() && cursor.key().is_empty() && cursor.value_ref().is_empty());
        assert!(!cursor.next(&branch.pager).unwrap() && !cursor.prev(&branch.pager).unwrap());
        assert!(cursor.seek(&branch.pager, &key(60)).unwrap());
        assert_eq!(cursor.key(), key(60));
    }
    assert_eq!(failures, 12);
}
