//! List-append transactions: what they read and append is noted for the judge of isolation.
//!
//! The lists of a few lives in a row have the same keys, so that transactions before and after a crash meet in them; then
//! come fresh ones, so that rows do not grow without end. Without durability a crash takes commits back that readers may
//! have been shown, and the lists of each life stand alone.

use super::client::Client;
use super::labels;
use super::session::{Ended, Session};
use super::setup::{LISTS, list_key};
use super::transaction::Mirrored;
use crate::history::{Level, Operation};
use crate::model::Value;
use crate::oracle::isolation::{RecordId, elements};
use crate::subject::{Access, Isolation, MAIN, Start};
use std::time::Duration;

/// Lives that share their lists.
const LIVES_OF_A_LIST: u32 = 4;

/// A list-append transaction under way.
struct Lists<'a> {
    session: &'a Session,
    transaction: Mirrored<'a>,
    isolation: Isolation,
    tree: u64,
    record: RecordId,
    /// When the snapshot of the next read was asked for.
    began: u64,
    /// Which lives' lists these are.
    generation: u32,
}

/// Appends its tag to lists and reads others. Under READ COMMITTED a row is locked and then read anew before it is
/// changed, as anyone must who writes what follows from what was read.
pub(super) fn append(client: &Client<'_>) -> Result<(), Ended> {
    // Where the store takes no more writes, those who read on meet the commits that nobody can tell of.
    let writable = client.session.database.writable().is_ok();
    let access = match client.choose(&labels::ACCESS, 8) {
        0..6 if writable => Access::ReadWrite,
        0..6 => Access::ReadOnly,
        6 => Access::ReadOnly,
        _ => Access::Deferrable,
    };
    let isolation = client.isolation();
    let start = Start { access, patience: client.patience(), ..Start::writing(MAIN, isolation) };
    let Some(mut lists) = Lists::begin(client.session, client.name, client.number, &start)? else {
        return Ok(());
    };
    if !writable {
        // All of them: whatever the unknown commits have appended must not be missed beside what came after it.
        lists.read_all()?;
    }
    for _ in 0..=client.choose(&labels::LENGTH, 4) {
        lists.operation(client, access == Access::ReadWrite)?;
    }
    lists.commit()
}

/// One operation of a transaction on lists, as a story tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListDeed {
    /// A list is read.
    Read(u32),
    /// A list is read, and appended to.
    Append(u32),
    /// The client rests, in the midst of its transaction.
    Rest(Duration),
}

/// Does what it is told, serialisably.
pub(super) fn tell(session: &Session, name: &str, number: u8, deeds: &[ListDeed]) -> Result<(), Ended> {
    let start = Start::writing(MAIN, Isolation::Serializable);
    let Some(mut lists) = Lists::begin(session, name, number, &start)? else { return Ok(()) };
    for deed in deeds {
        match deed {
            ListDeed::Read(list) => lists.read(*list).map(|_| ())?,
            ListDeed::Append(list) => lists.append(*list)?,
            ListDeed::Rest(time) => session.stage.env().sleep(&labels::PAUSE, *time),
        }
    }
    lists.commit()
}

impl<'a> Lists<'a> {
    /// `None` as long as there are no lists.
    fn begin(
        session: &'a Session,
        name: &'a str,
        number: u8,
        start: &Start,
    ) -> Result<Option<Lists<'a>>, Ended> {
        let isolation = start.isolation;
        let began = session.state.with(|state| state.chronicle.moment());
        let mut transaction = Mirrored::begin(session, name, number, start)?;
        let Some(&tree) = transaction.trees()?.get(1) else { return Ok(None) };
        let serial = transaction.serial();
        let (record, generation) = session.state.with(|state| {
            let record = state.chronicle.begin(number, serial, level(isolation));
            let shared = if state.model.is_durable() { LIVES_OF_A_LIST } else { 1 };
            (record, state.life / shared)
        });
        Ok(Some(Lists { session, transaction, isolation, tree, record, began, generation }))
    }

    fn operation(&mut self, client: &Client<'_>, writes: bool) -> Result<(), Ended> {
        let list = client.choose(&labels::LIST, LISTS);
        match client.choose(&labels::LIST_OPERATION, 8) {
            0 | 1 => self.read(list).map(|_| ()),
            2 => self.read_all(),
            3 => {
                client.pause();
                Ok(())
            }
            4 if writes => self.append_in_vain(list),
            _ if writes => self.append(list),
            _ => self.read(list).map(|_| ()),
        }
    }

    fn note(&self, operation: Operation) {
        self.session.state.with(|state| state.chronicle.did(self.record, operation));
    }

    fn name(&self, list: u32) -> u64 {
        u64::from(self.generation) * u64::from(LISTS) + u64::from(list)
    }

    fn new_statement(&mut self) -> Result<(), Ended> {
        let now = self.session.state.with(|state| state.chronicle.moment());
        self.transaction.new_statement()?;
        if self.isolation == Isolation::ReadCommitted {
            self.began = now;
        }
        Ok(())
    }

    fn read(&mut self, list: u32) -> Result<Vec<u8>, Ended> {
        let found = self.transaction.get(self.tree, &list_key(self.generation, list))?.unwrap_or_default();
        self.note(Operation::Read { key: self.name(list), began: self.began, list: elements(&found) });
        Ok(found)
    }

    /// Reads every list in one scan: also those that are not there.
    fn read_all(&mut self) -> Result<(), Ended> {
        let (from, to) = (list_key(self.generation, 0), list_key(self.generation, LISTS));
        let rows = self.transaction.rows(self.tree, &from, Some(&to))?;
        for list in 0..LISTS {
            let row = rows.get(&list_key(self.generation, list)[..]);
            let list_read = row.map_or_else(Vec::new, |value| elements(value));
            self.note(Operation::Read { key: self.name(list), began: self.began, list: list_read });
        }
        Ok(())
    }

    fn append(&mut self, list: u32) -> Result<(), Ended> {
        // Half of them go on from what is not durable yet, and tell nobody what they have read.
        let ahead = self.isolation == Isolation::ReadCommitted && self.transaction.serial().is_multiple_of(2);
        self.transaction.allow_ahead(ahead);
        let done = self.append_as_allowed(list, ahead);
        self.transaction.allow_ahead(false);
        done
    }

    fn append_as_allowed(&mut self, list: u32, ahead: bool) -> Result<(), Ended> {
        let key = list_key(self.generation, list);
        if self.isolation == Isolation::ReadCommitted {
            self.transaction.lock_row(self.tree, &key)?;
            self.new_statement()?;
        }
        let mut bytes = match ahead {
            true => self.transaction.get(self.tree, &key)?.unwrap_or_default(),
            false => self.read(list)?,
        };
        let element = self.transaction.next_tag().number();
        bytes.extend_from_slice(&element.to_le_bytes());
        self.transaction.put_bytes(self.tree, &key, Value::from(bytes))?;
        self.note(Operation::Append { key: self.name(list), element });
        Ok(())
    }

    /// Appends, and goes back to before: nobody may ever see it.
    fn append_in_vain(&mut self, list: u32) -> Result<(), Ended> {
        let session = self.session;
        self.transaction.savepoint()?;
        // Going back ends no statement: what follows may be read from the snapshot of before.
        let began = self.began;
        let before = session.state.with(|state| state.chronicle.length(self.record));
        self.append(list)?;
        self.transaction.rollback_to(self.transaction.savepoints() as usize - 1)?;
        session.state.with(|state| state.chronicle.cut(self.record, before));
        self.began = began;
        Ok(())
    }

    fn commit(self) -> Result<(), Ended> {
        let Lists { session, transaction, record, .. } = self;
        transaction.commit()?;
        session.state.with(|state| state.chronicle.acknowledged(record));
        Ok(())
    }
}

fn level(isolation: Isolation) -> Level {
    match isolation {
        Isolation::ReadCommitted => Level::ReadCommitted,
        Isolation::RepeatableRead => Level::RepeatableRead,
        Isolation::Serializable => Level::Serializable,
    }
}
