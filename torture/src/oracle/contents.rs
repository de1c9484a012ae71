//! What a database holds, against what it must hold.

use super::Trouble;
use crate::model::{Contents, Expected, Rows, Sight, Tag};
use crate::promise::{Failure, Promise};
use crate::subject::{BranchId, Database, MAIN, Start, Step, Transaction};
use crate::workload::{FIRST_ROW_TREE, ROW_TREES};

/// The branches, their trees and markers.
///
/// # Errors
/// When something cannot be read, or a marker is none.
pub fn first_sight(database: &dyn Database) -> Result<Sight, Trouble> {
    let mut sight = Sight::default();
    for branch in database.branches()? {
        let mut transaction = database.begin(&Start::reading(branch))?;
        let seen = sight.branches.entry(branch).or_default();
        seen.trees = transaction.trees()?;
        let Some(&markers) = seen.trees.first() else { continue };
        let mut foreign = None;
        transaction.scan(
            markers,
            &[],
            None,
            false,
            &mut |key, value| match (key.try_into(), Tag::of(value)) {
                (Ok(key), Some(tag)) => {
                    seen.markers.insert(key, tag);
                    Step::Continue
                }
                _ => {
                    foreign = Some(key.to_vec());
                    Step::Stop
                }
            },
        )?;
        if let Some(key) = foreign {
            let detail = format!("branch {branch}: nobody wrote marker {}", key.escape_ascii());
            return Err(Failure::new(Promise::CommitIsAtomic, detail).into());
        }
    }
    Ok(sight)
}

/// What a full comparison went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    /// Rows of all trees of all branches.
    pub rows: u64,
    /// Levels of pages of the shallower of the two trees of rows that the clients of the main branch write.
    pub levels: u32,
}

/// Compares every row of every tree of every branch.
///
/// # Errors
/// The first difference, or what kept a row from being read.
pub fn compare(database: &dyn Database, expected: &Expected) -> Result<Compared, Trouble> {
    let mut compared = Compared::default();
    for (branch, contents) in &expected.contents {
        compared.rows += compare_branch(database, *branch, contents)?;
    }
    compared.levels = levels(database)?;
    Ok(compared)
}

fn levels(database: &dyn Database) -> Result<u32, Trouble> {
    let mut transaction = database.begin(&Start::reading(MAIN))?;
    let mut levels = Vec::new();
    for tree in transaction.trees()?.into_iter().skip(FIRST_ROW_TREE).take(ROW_TREES) {
        levels.push(transaction.levels(tree)?);
    }
    Ok(levels.into_iter().min().unwrap_or(0))
}

fn compare_branch(database: &dyn Database, branch: BranchId, contents: &Contents) -> Result<u64, Trouble> {
    let mut transaction = database.begin(&Start::reading(branch))?;
    let trees = transaction.trees()?;
    if !trees.iter().eq(contents.trees.keys()) {
        let expected: Vec<u64> = contents.trees.keys().copied().collect();
        let detail = format!("branch {branch} has the trees {trees:?} where {expected:?} were expected");
        return Err(Failure::new(Promise::CommitIsAtomic, detail).into());
    }
    let mut total = 0;
    for (tree, rows) in &contents.trees {
        // Both directions are read over a run's trees, each tree in one.
        compare_rows(&mut *transaction, branch, *tree, rows, tree % 2 == 1)?;
        let counted = transaction.count(*tree)?;
        if counted != rows.len() as u64 {
            let detail = format!("branch {branch} tree {tree} counts {counted} rows and has {}", rows.len());
            return Err(Failure::new(Promise::FileIsSound, detail).into());
        }
        total += counted;
    }
    Ok(total)
}

fn compare_rows(
    transaction: &mut dyn Transaction,
    branch: BranchId,
    tree: u64,
    rows: &Rows,
    backward: bool,
) -> Result<(), Trouble> {
    let mut forward = rows.iter();
    let mut difference = None;
    transaction.scan(tree, &[], None, backward, &mut |key, value| {
        let expected = if backward { forward.next_back() } else { forward.next() };
        match expected {
            Some((expected_key, expected_value)) if **expected_key == *key && **expected_value == *value => {
                Step::Continue
            }
            other => {
                difference = Some(describe(Some((key, value)), other.map(|(key, value)| (&**key, &**value))));
                Step::Stop
            }
        }
    })?;
    if difference.is_none() {
        let missing = if backward { forward.next_back() } else { forward.next() };
        difference = missing.map(|(key, value)| describe(None, Some((key, value))));
    }
    match difference {
        None => Ok(()),
        Some(difference) => {
            let detail = format!("branch {branch} tree {tree}: {difference}");
            Err(Failure::new(Promise::CommitIsAtomic, detail).into())
        }
    }
}

type Row<'a> = (&'a [u8], &'a [u8]);

fn describe(found: Option<Row<'_>>, expected: Option<Row<'_>>) -> String {
    let row = |row: Option<Row<'_>>| match row {
        None => "no further row".to_string(),
        Some((key, value)) => match Tag::of(value) {
            Some(tag) => format!("key {} with {} bytes of {tag:?}", key.escape_ascii(), value.len()),
            None => format!("key {} with {} bytes of nobody", key.escape_ascii(), value.len()),
        },
    };
    format!("found {}, expected {}", row(found), row(expected))
}
