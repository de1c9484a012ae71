//! Trees of one session alone: never in the file, committed and undone with what the same transactions do to the file's
//! trees. Nobody else sees them, so what they must hold is known at every moment.
//!
//! How it fails: a tree that holds anything else breaks `ReadsMatchSnapshot`. A call that is refused (the device may be full
//! under the session's file, too) ends its transaction, and the next one must find what was committed before.

use super::client::Client;
use super::labels;
use super::session::{Ended, Session};
use super::setup::{KEYS, row_key};
use super::transaction::Mirrored;
use crate::model::Rows;
use crate::promise::{Failure, Promise};
use crate::subject::{MAIN, PrivateSession, Start};

/// Sorts of deeds, by option number of [`labels::OPERATION`].
const DEEDS: u32 = 9;
/// Transactions of a session at most.
const TRANSACTIONS_MAX: u32 = 5;
/// Rows that one deed writes at most: more than the smallest caches hold.
const ROWS_MAX: u32 = 60;

/// What a session's tree holds.
#[derive(Clone, Default)]
struct Tree {
    number: Option<u64>,
    rows: Rows,
}

/// A session, and what its tree held after the last commit.
struct Private<'a> {
    client: &'a Client<'a>,
    session: Box<dyn PrivateSession>,
    committed: Tree,
}

/// Runs a few transactions of a session that has a tree of its own.
pub(super) fn private(client: &Client<'_>) -> Result<(), Ended> {
    let opened = client.session.database.private();
    let opened = opened.map_err(|refusal| client.session.refused(client.name, &refusal))?;
    let Some(session) = opened else { return Ok(()) };
    let mut private = Private { client, session, committed: Tree::default() };
    for _ in 0..=client.choose(&labels::LENGTH, TRANSACTIONS_MAX) {
        match private.transaction() {
            Ok(()) | Err(Ended::Transaction) => {}
            Err(Ended::Client) => return Err(Ended::Client),
        }
    }
    Ok(())
}

impl Private<'_> {
    fn transaction(&mut self) -> Result<(), Ended> {
        let client = self.client;
        let start = Start { patience: client.patience(), ..Start::writing(MAIN, client.isolation()) };
        let begun =
            self.session.begin(&start).map_err(|refusal| client.session.refused(client.name, &refusal))?;
        let mut transaction = Mirrored::over(client.session, client.name, client.number, &start, begun);
        let mut now = self.committed.clone();
        if now.number.is_none() {
            now.number = transaction.create_private_tree()?;
        }
        let Some(tree) = now.number else { return Ok(()) };
        let mut states = Vec::new();
        for _ in 0..=client.choose(&labels::LENGTH, 8) {
            deed(client, &mut transaction, tree, &mut now.rows, &mut states)?;
        }
        compare(client.session, &mut transaction, tree, &now.rows)?;
        if client.choose(&labels::ABORT, 4) == 3 {
            return Ok(());
        }
        transaction.commit()?;
        self.committed = now;
        Ok(())
    }
}

/// Does one thing; `states` has what the tree held at each savepoint.
fn deed(
    client: &Client<'_>,
    transaction: &mut Mirrored<'_>,
    tree: u64,
    rows: &mut Rows,
    states: &mut Vec<Rows>,
) -> Result<(), Ended> {
    match client.choose(&labels::OPERATION, DEEDS) {
        0 => Ok(()),
        1 | 2 => write(client, transaction, tree, rows),
        3 => {
            let (from, to) = client.range();
            transaction.private_delete_range(tree, &from, &to, rows)
        }
        4 => {
            transaction.savepoint()?;
            states.push(rows.clone());
            Ok(())
        }
        5 if !states.is_empty() => {
            let number = client.choose(&labels::SAVEPOINT, states.len() as u32) as usize;
            transaction.rollback_to(number)?;
            states.truncate(number + 1);
            rows.clone_from(&states[number]);
            Ok(())
        }
        // A statement that fails takes back what it did to both.
        6 => transaction.failing_statement(|transaction| {
            write(client, transaction, tree, &mut rows.clone())?;
            in_the_file(client, transaction)
        }),
        7 => in_the_file(client, transaction),
        _ => compare(client.session, transaction, tree, rows),
    }
}

/// Writes some neighbouring rows, of one size.
fn write(
    client: &Client<'_>,
    transaction: &mut Mirrored<'_>,
    tree: u64,
    rows: &mut Rows,
) -> Result<(), Ended> {
    let (first, size) = (client.choose(&labels::KEY, KEYS), client.size());
    for number in 0..=client.choose(&labels::SPAN, ROWS_MAX) {
        transaction.private_put(tree, &row_key((first + number) % KEYS), size, rows)?;
    }
    Ok(())
}

/// Writes a row that others see.
fn in_the_file(client: &Client<'_>, transaction: &mut Mirrored<'_>) -> Result<(), Ended> {
    match client.row_tree(transaction)? {
        Some(tree) => transaction.put(tree, &client.key(), client.size()),
        None => Ok(()),
    }
}

/// Holds what the tree holds against what it must hold.
fn compare(
    session: &Session,
    transaction: &mut Mirrored<'_>,
    tree: u64,
    expected: &Rows,
) -> Result<(), Ended> {
    let found: Rows = transaction.private_rows(tree)?;
    if found == *expected {
        return Ok(());
    }
    let differs = |key: &&[u8]| found.get(*key) != expected.get(*key);
    let keys = expected.keys().chain(found.keys()).map(|key| &**key);
    let first = keys.filter(differs).min().map(|key| key.escape_ascii().to_string());
    let detail = format!(
        "a session's own tree has {} rows where it should have {}; they differ at key {}",
        found.len(),
        expected.len(),
        first.unwrap_or_default()
    );
    Err(session.broken(Failure::new(Promise::ReadsMatchSnapshot, detail)))
}
