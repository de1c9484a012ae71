//! List-append transactions: what they read and append is noted for the judge of isolation.
//!
//! The lists of a few lives in a row have the same keys, so that transactions before and after a crash meet in them; then
//! come fresh ones, so that rows do not grow without end. Without durability a crash takes commits back that readers may
//! have been shown, and the lists of each life stand alone.

use super::client::Client;
use super::labels;
use super::session::Ended;
use super::setup::{LISTS, list_key};
use super::transaction::Mirrored;
use crate::history::{Level, Operation};
use crate::model::Value;
use crate::oracle::isolation::{RecordId, elements};
use crate::subject::{Access, Isolation, MAIN, Start};

/// Lives that share their lists.
const LIVES_OF_A_LIST: u32 = 4;

/// A list-append transaction under way.
struct Lists<'a, 'b> {
    client: &'b Client<'a>,
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
    let access = match client.choose(&labels::ACCESS, 8) {
        0..6 => Access::ReadWrite,
        6 => Access::ReadOnly,
        _ => Access::Deferrable,
    };
    let isolation = client.isolation();
    let Some(mut lists) = Lists::begin(client, isolation, access)? else { return Ok(()) };
    for _ in 0..=client.choose(&labels::LENGTH, 4) {
        lists.operation(access == Access::ReadWrite)?;
    }
    lists.commit()
}

impl<'a, 'b> Lists<'a, 'b> {
    /// `None` as long as there are no lists.
    fn begin(
        client: &'b Client<'a>,
        isolation: Isolation,
        access: Access,
    ) -> Result<Option<Lists<'a, 'b>>, Ended> {
        let session = client.session;
        let began = session.state.with(|state| state.chronicle.moment());
        let start = Start { access, patience: client.patience(), ..Start::writing(MAIN, isolation) };
        let mut transaction = Mirrored::begin(session, client.name, client.number, &start)?;
        let Some(&tree) = transaction.trees()?.get(1) else { return Ok(None) };
        let (number, serial) = (client.number, transaction.serial());
        let (record, generation) = session.state.with(|state| {
            let record = state.chronicle.begin(number, serial, level(isolation));
            let shared = if state.model.is_durable() { LIVES_OF_A_LIST } else { 1 };
            (record, state.life / shared)
        });
        Ok(Some(Lists { client, transaction, isolation, tree, record, began, generation }))
    }

    fn operation(&mut self, writes: bool) -> Result<(), Ended> {
        let list = self.client.choose(&labels::LIST, LISTS);
        match self.client.choose(&labels::LIST_OPERATION, 8) {
            0 | 1 => self.read(list).map(|_| ()),
            2 => self.read_all(),
            3 => {
                self.client.pause();
                Ok(())
            }
            4 if writes => self.append_in_vain(list),
            _ if writes => self.append(list),
            _ => self.read(list).map(|_| ()),
        }
    }

    fn note(&self, operation: Operation) {
        self.client.session.state.with(|state| state.chronicle.did(self.record, operation));
    }

    fn name(&self, list: u32) -> u64 {
        u64::from(self.generation) * u64::from(LISTS) + u64::from(list)
    }

    fn new_statement(&mut self) -> Result<(), Ended> {
        let now = self.client.session.state.with(|state| state.chronicle.moment());
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
        let key = list_key(self.generation, list);
        if self.isolation == Isolation::ReadCommitted {
            self.transaction.lock_row(self.tree, &key)?;
            self.new_statement()?;
        }
        let mut bytes = self.read(list)?;
        let element = self.transaction.next_tag().number();
        bytes.extend_from_slice(&element.to_le_bytes());
        self.transaction.put_bytes(self.tree, &key, Value::from(bytes))?;
        self.note(Operation::Append { key: self.name(list), element });
        Ok(())
    }

    /// Appends, and goes back to before: nobody may ever see it.
    fn append_in_vain(&mut self, list: u32) -> Result<(), Ended> {
        let session = self.client.session;
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
        let Lists { client, transaction, record, .. } = self;
        transaction.commit()?;
        client.session.state.with(|state| state.chronicle.acknowledged(record));
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
