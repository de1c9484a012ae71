//! One client: a loop of transactions, each of a drawn sort.

use super::labels;
use super::session::{Ended, Session};
use super::setup::{KEYS, LISTS, list_key, row_key};
use super::special;
use super::transaction::Mirrored;
use crate::model::Value;
use crate::subject::{BranchId, Isolation, MAIN};
use faults::Chance;
use std::time::Duration;

/// Sorts of transactions, by option number of [`labels::TRANSACTION`].
const SORTS: u32 = 12;
/// Sorts of operations, by option number of [`labels::OPERATION`].
const OPERATIONS: u32 = 13;
/// Pages that the cache keeps while memory is short.
const HANDFUL_OF_PAGES: usize = 8;
/// Operations of a transaction at most.
const LENGTH_MAX: u32 = 8;

/// Runs so many transactions of one client of one life.
pub fn run_client(session: &Session, number: u8, transactions: u32) {
    let name = client_name(number);
    let client = Client { session, name: &name, number };
    for _ in 0..transactions {
        if !session.goes_on() {
            return;
        }
        let short = session.stage.is_memory_short();
        if short {
            session.database.set_cache_bytes(HANDFUL_OF_PAGES * session.shape.page_size);
        }
        let ended = client.transaction();
        if short {
            session.database.set_cache_bytes(session.shape.cache_bytes);
        }
        match ended {
            Ok(()) | Err(Ended::Transaction) => {}
            Err(Ended::Client) => return,
        }
    }
}

/// The task name of a client.
pub fn client_name(number: u8) -> String {
    format!("client-{number}")
}

pub(super) struct Client<'a> {
    pub session: &'a Session,
    pub name: &'a str,
    pub number: u8,
}

impl Client<'_> {
    pub fn choose(&self, label: &'static env::Label, options: u32) -> u32 {
        self.session.choose(self.name, label, options)
    }

    fn transaction(&self) -> Result<(), Ended> {
        let weights = Chance::Weighted(&self.session.mix.transactions);
        match self.session.stage.choose(self.name, &labels::TRANSACTION, SORTS, weights) {
            0 => Ok(()),
            1 => self.rows(MAIN),
            2 => self.append(),
            3 => self.reader(),
            4 => special::held_snapshot(self),
            5 => special::trees(self),
            6 => special::sequence(self),
            7 => special::checkpoint(self),
            8 => special::branch(self),
            9 => special::backup(self),
            10 => self.rows(self.some_branch()),
            _ => self.large(),
        }
    }

    /// A branch of the database; mostly there is only the main one.
    fn some_branch(&self) -> BranchId {
        let branches: Vec<BranchId> =
            self.session.state.with(|state| state.model.certain_branches().collect());
        let chosen = self.choose(&labels::BRANCH, branches.len() as u32 + 1) as usize;
        chosen.checked_sub(1).map_or(MAIN, |index| branches[index])
    }

    pub fn isolation(&self) -> Isolation {
        match self.choose(&labels::ISOLATION, 3) {
            0 => Isolation::RepeatableRead,
            1 => Isolation::ReadCommitted,
            _ => Isolation::Serializable,
        }
    }

    /// One of the trees of rows, or a tree that some transaction has made.
    pub fn row_tree(&self, transaction: &mut Mirrored<'_>) -> Result<Option<u64>, Ended> {
        let trees = transaction.trees()?;
        let rows = trees.get(2..).unwrap_or_default();
        if rows.is_empty() {
            return Ok(None);
        }
        Ok(Some(rows[self.choose(&labels::TREE, rows.len() as u32) as usize]))
    }

    fn key(&self) -> Vec<u8> {
        row_key(self.choose(&labels::KEY, KEYS))
    }

    fn size(&self) -> usize {
        let weights = Chance::Weighted(&self.session.mix.sizes);
        match self.session.stage.choose(self.name, &labels::SIZE, 4, weights) {
            0 => 20,
            1 => 60,
            2 => 300,
            _ => 2_500,
        }
    }

    /// Reads and writes of single rows, ranges, savepoints, locks.
    fn rows(&self, branch: BranchId) -> Result<(), Ended> {
        let isolation = self.isolation();
        let mut transaction = Mirrored::begin(self.session, self.name, self.number, branch, isolation)?;
        let Some(tree) = self.row_tree(&mut transaction)? else { return Ok(()) };
        for _ in 0..=self.choose(&labels::LENGTH, LENGTH_MAX) {
            self.operation(&mut transaction, tree)?;
        }
        if self.session.stage.choose(self.name, &labels::ABORT, 2, Chance::PerMillion(60_000)) == 1 {
            return Ok(());
        }
        transaction.commit()
    }

    fn operation(&self, transaction: &mut Mirrored<'_>, tree: u64) -> Result<(), Ended> {
        let weights = Chance::Weighted(&self.session.mix.operations);
        match self.session.stage.choose(self.name, &labels::OPERATION, OPERATIONS, weights) {
            0 => Ok(()),
            1 => transaction.put(tree, &self.key(), self.size()),
            2 => transaction.delete(tree, &self.key()),
            3 => transaction.get(tree, &self.key()).map(|_| ()),
            4 => {
                let (from, to) = self.range();
                let backward = from.len() % 2 == 1;
                transaction.scan(tree, &from, Some(&to), backward)
            }
            5 => transaction.savepoint(),
            6 => match transaction.savepoints() {
                0 => Ok(()),
                count => transaction.rollback_to(self.choose(&labels::SAVEPOINT, count) as usize),
            },
            7 => transaction.lock_row(tree, &self.key()),
            8 => transaction.lock_tree(tree),
            9 => transaction.advisory_lock(i64::from(self.choose(&labels::KEY, 3))),
            10 => transaction.new_statement(),
            11 => {
                self.pause();
                Ok(())
            }
            _ => {
                let (from, to) = self.range();
                transaction.delete_range(tree, &from, &to)
            }
        }
    }

    fn range(&self) -> (Vec<u8>, Vec<u8>) {
        let first = self.choose(&labels::KEY, KEYS);
        let length = 1 << self.choose(&labels::SPAN, 6);
        (row_key(first), row_key(first + length))
    }

    /// Rests for up to a few milliseconds.
    pub fn pause(&self) {
        let microseconds = 10u64 << (2 * self.choose(&labels::PAUSE_LENGTH, 6));
        self.session.stage.env().sleep(&labels::PAUSE, Duration::from_micros(microseconds));
    }

    /// Appends its tag to one or two lists. Under READ COMMITTED the row is locked and then read anew, as anyone must
    /// who writes what follows from what was read.
    fn append(&self) -> Result<(), Ended> {
        let isolation = self.isolation();
        let life = self.session.state.with(|state| state.life);
        let mut transaction = Mirrored::begin(self.session, self.name, self.number, MAIN, isolation)?;
        let Some(&lists) = transaction.trees()?.get(1) else { return Ok(()) };
        for _ in 0..=self.choose(&labels::LENGTH, 3) {
            let key = list_key(life, self.choose(&labels::LIST, LISTS));
            if isolation == Isolation::ReadCommitted {
                transaction.lock_row(lists, &key)?;
                transaction.new_statement()?;
            }
            let mut list = transaction.get(lists, &key)?.unwrap_or_default();
            if self.choose(&labels::OPERATION, 3) == 2 {
                continue;
            }
            list.extend_from_slice(&transaction.next_tag().number().to_le_bytes());
            transaction.put_bytes(lists, &key, Value::from(list))?;
        }
        transaction.commit()
    }

    /// Only reads: rows, ranges, whole trees.
    fn reader(&self) -> Result<(), Ended> {
        let isolation = self.isolation();
        let mut transaction = Mirrored::begin(self.session, self.name, self.number, MAIN, isolation)?;
        let Some(tree) = self.row_tree(&mut transaction)? else { return Ok(()) };
        for _ in 0..=self.choose(&labels::LENGTH, 4) {
            match self.choose(&labels::OPERATION, 4) {
                0 => {
                    let (from, to) = self.range();
                    transaction.scan(tree, &from, Some(&to), to.len() % 2 == 1)?;
                }
                1 => {
                    transaction.scan(tree, &[], None, false)?;
                }
                2 => transaction.new_statement()?,
                _ => {
                    transaction.get(tree, &self.key())?;
                }
            }
        }
        transaction.commit()
    }

    /// Many rows at once: more than a log record may hold, or than the cache has room for.
    fn large(&self) -> Result<(), Ended> {
        let isolation = self.isolation();
        let mut transaction = Mirrored::begin(self.session, self.name, self.number, MAIN, isolation)?;
        let Some(tree) = self.row_tree(&mut transaction)? else { return Ok(()) };
        let first = self.choose(&labels::KEY, KEYS);
        for number in 0..20 + 10 * self.choose(&labels::SPAN, 6) {
            transaction.put(tree, &row_key((first + number) % KEYS), 40 + (number % 3) as usize * 50)?;
        }
        transaction.commit()
    }
}
