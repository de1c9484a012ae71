//! One client: a loop of transactions, each of a drawn sort.

use super::labels;
use super::session::{Ended, Session};
use super::setup::{KEYS, row_key};
use super::transaction::Mirrored;
use super::{lists, private, special};
use crate::subject::{Access, BranchId, Isolation, MAIN, Start};
use faults::Chance;
use std::time::Duration;

/// Sorts of transactions, by option number of [`labels::TRANSACTION`].
const SORTS: u32 = 14;
/// Sorts of operations, by option number of [`labels::OPERATION`].
const OPERATIONS: u32 = 16;
/// A transaction that is broken off is so within so many of its calls.
const BROKEN_OFF_CALLS: u32 = 120;
/// Pages that the cache keeps while memory is short.
const HANDFUL_OF_PAGES: usize = 8;
/// Operations of a transaction at most.
const LENGTH_MAX: u32 = 8;

/// Runs so many transactions of one client of one life.
pub fn run_client(session: &Session, number: u8, transactions: u32) {
    let name = client_name(number);
    let client = Client { session, name: &name, number };
    for _ in 0..transactions {
        if !session.goes_on() || session.has_enough() {
            return;
        }
        let short = session.stage.is_memory_short();
        if short {
            session.database.set_cache_bytes(HANDFUL_OF_PAGES * session.shape.page_size);
        }
        let mut ended = Ok(());
        let broken_off =
            session.stage.break_off(client.breaks_off_at(), &mut || ended = client.transaction());
        if short {
            session.database.set_cache_bytes(session.shape.cache_bytes);
        }
        if broken_off {
            session.stage.press(None);
            return;
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

    /// At which of its calls the next transaction is broken off; mostly at none.
    fn breaks_off_at(&self) -> u32 {
        if !self.session.subject.bears_broken_off_tasks() {
            return 0;
        }
        let chance = Chance::PerMillion(self.session.mix.broken_off);
        self.session.stage.choose(self.name, &labels::BREAK_OFF, BROKEN_OFF_CALLS, chance)
    }

    fn transaction(&self) -> Result<(), Ended> {
        // Where the store takes no more writes, most of those who are left read on.
        if self.session.database.writable().is_err() {
            match self.choose(&labels::READ_ON, 4) {
                0 => {}
                1 => return self.reader(),
                _ => return lists::append(self),
            }
        }
        let weights = Chance::Weighted(&self.session.mix.transactions);
        match self.session.stage.choose(self.name, &labels::TRANSACTION, SORTS, weights) {
            0 => Ok(()),
            1 => self.rows(MAIN),
            2 => lists::append(self),
            3 => self.reader(),
            4 => special::held_snapshot(self),
            5 => special::trees(self),
            6 => special::sequence(self),
            7 => special::checkpoint(self),
            8 => special::branch(self),
            9 => special::backup(self),
            10 => self.rows(self.some_branch()),
            11 => self.large(self.some_branch()),
            12 => private::private(self),
            _ => special::check(self),
        }
    }

    /// A branch of the database; mostly there is only the main one.
    pub fn some_branch(&self) -> BranchId {
        let branches: Vec<BranchId> =
            self.session.state.with(|state| state.model.certain_branches().collect());
        let chosen = self.choose(&labels::BRANCH, branches.len() as u32 + 1) as usize;
        chosen.checked_sub(1).map_or(MAIN, |index| branches[index])
    }

    pub fn isolation(&self) -> Isolation {
        let weights = Chance::Weighted(&self.session.mix.levels);
        match self.session.stage.choose(self.name, &labels::ISOLATION, 3, weights) {
            0 => Isolation::RepeatableRead,
            1 => Isolation::ReadCommitted,
            _ => Isolation::Serializable,
        }
    }

    /// How long a transaction waits for a lock.
    pub fn patience(&self) -> Option<Duration> {
        let weights = Chance::Weighted(&self.session.mix.patience);
        match self.session.stage.choose(self.name, &labels::PATIENCE, 3, weights) {
            0 => None,
            1 => Some(Duration::from_micros(300)),
            _ => Some(Duration::from_millis(20)),
        }
    }

    fn begin(&self, branch: BranchId, access: Access) -> Result<Mirrored<'_>, Ended> {
        let isolation = self.isolation();
        let start = Start { access, patience: self.patience(), ..Start::writing(branch, isolation) };
        Mirrored::begin(self.session, self.name, self.number, &start)
    }

    /// Ends the wait of some other client, now or when it next begins one.
    fn cancel_somebody(&self) {
        let others = |client: &u8| *client != self.number;
        let clients: Vec<u8> =
            self.session.state.with(|state| state.cancellers.keys().copied().filter(others).collect());
        if clients.is_empty() {
            return;
        }
        let chosen = clients[self.choose(&labels::CANCEL, clients.len() as u32) as usize];
        if let Some(cancel) = self.session.state.with(|state| state.cancellers.get(&chosen).cloned()) {
            cancel();
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

    pub fn key(&self) -> Vec<u8> {
        row_key(self.choose(&labels::KEY, self.session.mix.keys))
    }

    pub fn size(&self) -> usize {
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
        let mut transaction = self.begin(branch, Access::ReadWrite)?;
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
                0 => self.failing_statement(transaction, tree),
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
            12 => {
                let (from, to) = self.range();
                transaction.delete_range(tree, &from, &to)
            }
            13 => {
                self.cancel_somebody();
                Ok(())
            }
            14 => transaction.rewrite(tree, &self.key()),
            _ => match transaction.savepoints() {
                0 => transaction.savepoint(),
                count => transaction.release(self.choose(&labels::SAVEPOINT, count) as usize),
            },
        }
    }

    /// Writes a few rows in a statement that is undone as a whole.
    fn failing_statement(&self, transaction: &mut Mirrored<'_>, tree: u64) -> Result<(), Ended> {
        transaction.failing_statement(|transaction| {
            for number in 0..=self.choose(&labels::LENGTH, 4) {
                match number {
                    1 => transaction.delete(tree, &self.key())?,
                    _ => transaction.put(tree, &self.key(), self.size())?,
                }
            }
            Ok(())
        })
    }

    pub fn range(&self) -> (Vec<u8>, Vec<u8>) {
        let first = self.choose(&labels::KEY, KEYS);
        let length = 1 << self.choose(&labels::SPAN, 6);
        (row_key(first), row_key(first + length))
    }

    /// Rests for up to a few milliseconds.
    pub fn pause(&self) {
        let microseconds = 10u64 << (2 * self.choose(&labels::PAUSE_LENGTH, 6));
        self.session.stage.env().sleep(&labels::PAUSE, Duration::from_micros(microseconds));
    }

    /// Only reads: rows, ranges, whole trees.
    fn reader(&self) -> Result<(), Ended> {
        let access = [Access::ReadWrite, Access::ReadOnly][self.choose(&labels::ACCESS, 2) as usize];
        let mut transaction = self.begin(MAIN, access)?;
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
    fn large(&self, branch: BranchId) -> Result<(), Ended> {
        let mut transaction = self.begin(branch, Access::ReadWrite)?;
        let Some(tree) = self.row_tree(&mut transaction)? else { return Ok(()) };
        let first = self.choose(&labels::KEY, KEYS);
        let put = |transaction: &mut Mirrored<'_>, number: u32| {
            transaction.put(tree, &row_key((first + number) % KEYS), 40 + (number % 3) as usize * 50)
        };
        let count = 20 + 10 * self.choose(&labels::SPAN, 6);
        let held = self.session.stage.choose(
            self.name,
            &labels::HELD_SCAN,
            2,
            Chance::PerMillion(self.session.mix.held_scans),
        );
        if held == 1 {
            transaction.savepoint()?;
        }
        (0..count).try_for_each(|number| put(&mut transaction, number))?;
        if held == 1 {
            // What comes free by going back is written anew while the scan has still to read it.
            transaction.held_scan(tree, |transaction| {
                transaction.rollback_to(0)?;
                (count..2 * count).try_for_each(|number| put(transaction, number))
            })?;
        }
        transaction.commit()
    }
}
