//! A transaction together with what it did: every write is noted as the model will hear it, every read is kept to be
//! judged, and what it must see of its own writes is judged at once.

use super::labels;
use super::session::{Ended, Session};
use crate::model::value::{Tag, value};
use crate::model::{Effect, Fate, Key, Read, Rows, Value, pair_digest, row_digest};
use crate::oracle::spare::Moment;
use crate::oracle::{accounting, spare};
use crate::promise::{Failure, Promise};
use crate::subject::{BranchId, Isolation, Outcome, Refusal, Start, Step, Transaction};
use faults::Chance;
use std::collections::BTreeMap;

/// A transaction of a client.
pub struct Mirrored<'a> {
    session: &'a Session,
    task: &'a str,
    inner: Box<dyn Transaction>,
    client: u8,
    serial: u32,
    branch: BranchId,
    isolation: Isolation,
    effects: Vec<Effect>,
    /// The engine's savepoint, and how many effects there were.
    savepoints: Vec<(usize, usize)>,
    writes: u16,
    /// Whether what it reads is told to nobody.
    ahead: bool,
}

impl<'a> Mirrored<'a> {
    /// Begins one.
    pub fn begin(
        session: &'a Session,
        task: &'a str,
        client: u8,
        start: &Start,
    ) -> Result<Mirrored<'a>, Ended> {
        let begun = session.database.begin(start);
        let inner = begun.map_err(|refusal| session.refused(task, &refusal))?;
        Ok(Mirrored::over(session, task, client, start, inner))
    }

    /// One that has begun already.
    pub fn over(
        session: &'a Session,
        task: &'a str,
        client: u8,
        start: &Start,
        inner: Box<dyn Transaction>,
    ) -> Mirrored<'a> {
        let canceller = inner.canceller();
        let serial = session.state.with(|state| {
            state.cancellers.insert(client, canceller);
            state.next_serial(client)
        });
        Mirrored {
            session,
            task,
            inner,
            client,
            serial,
            branch: start.branch,
            isolation: start.isolation,
            effects: Vec::new(),
            savepoints: Vec::new(),
            writes: 0,
            ahead: false,
        }
    }

    /// The client's how-manieth transaction it is.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// The trees it sees, in order.
    pub fn trees(&mut self) -> Result<Vec<u64>, Ended> {
        let trees = self.inner.trees();
        self.checked(trees)
    }

    /// A tag for the next value.
    pub fn next_tag(&mut self) -> Tag {
        self.writes += 1;
        Tag::new(self.client, self.serial, self.writes)
    }

    fn checked<T>(&self, result: Result<T, Refusal>) -> Result<T, Ended> {
        result.map_err(|refusal| self.session.refused(self.task, &refusal))
    }

    /// What the transaction itself has made of a row; `None` if it has not touched it.
    fn own(&self, tree: u64, key: &[u8]) -> Option<Option<&Value>> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Row { tree: written, key: row, value } if *written == tree && **row == *key => {
                Some(value.as_ref())
            }
            Effect::CreateTree(made) if *made == tree => Some(None),
            Effect::Row { .. } | Effect::CreateTree(_) | Effect::DropTree(_) => None,
        })
    }

    /// Reads a row.
    pub fn get(&mut self, tree: u64, key: &[u8]) -> Result<Option<Vec<u8>>, Ended> {
        let found = self.inner.get(tree, key);
        let found = self.checked(found)?;
        if let Some(own) = self.own(tree, key) {
            if own.map(|value| &**value) != found.as_deref() {
                let detail = format!(
                    "client {} transaction {} does not see its own write of tree {tree} key {}",
                    self.client,
                    self.serial,
                    key.escape_ascii()
                );
                return Err(self.session.broken(Failure::new(Promise::ReadsMatchSnapshot, detail)));
            }
            return Ok(found);
        }
        if self.ahead {
            // Nobody is told: what it is made of is judged when the transaction's own writes are.
            return Ok(found);
        }
        let read = Read::Point {
            branch: self.branch,
            snapshot: self.inner.snapshot(),
            tree,
            key: key.into(),
            found: row_digest(found.as_deref()),
        };
        let writer = found.as_deref().and_then(Tag::of);
        self.session.state.with(|state| state.model.read(read));
        self.shown(writer.into_iter())?;
        Ok(found)
    }

    /// Reads the rows in `[from, to)`; returns the keys.
    pub fn scan_keys(
        &mut self,
        tree: u64,
        from: &[u8],
        to: Option<&[u8]>,
        backward: bool,
    ) -> Result<Vec<Key>, Ended> {
        let mut keys: Vec<Key> = Vec::new();
        self.scan_with(tree, (from, to), backward, &mut |key, _| keys.push(key.into()))?;
        Ok(keys)
    }

    /// Reads the rows in `[from, to)`, values and all.
    pub fn rows(&mut self, tree: u64, from: &[u8], to: Option<&[u8]>) -> Result<BTreeMap<Key, Value>, Ended> {
        let mut rows = BTreeMap::new();
        self.scan_with(tree, (from, to), false, &mut |key, value| {
            rows.insert(key.into(), value.into());
        })?;
        Ok(rows)
    }

    /// Reads the rows in `[from, to)`.
    pub fn scan(&mut self, tree: u64, from: &[u8], to: Option<&[u8]>, backward: bool) -> Result<(), Ended> {
        self.scan_with(tree, (from, to), backward, &mut |_, _| {})
    }

    fn scan_with(
        &mut self,
        tree: u64,
        (from, to): (&[u8], Option<&[u8]>),
        backward: bool,
        visit: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<(), Ended> {
        let mut rows = 0u64;
        let mut last: Vec<u8> = Vec::new();
        let mut found = 0u64;
        let mut disorder = false;
        let in_flight = self.session.state.with(|state| state.model.in_flight());
        let mut early = Vec::new();
        let scanned = self.inner.scan(tree, from, to, backward, &mut |key, value| {
            disorder |= rows > 0 && if backward { *last <= *key } else { *last >= *key };
            found = found.wrapping_add(pair_digest(key, value));
            rows += 1;
            last.clear();
            last.extend_from_slice(key);
            visit(key, value);
            if !in_flight.is_empty()
                && let Some(tag) = Tag::of(value)
                && in_flight.contains(&(tag.client(), tag.serial()))
            {
                early.push(tag);
            }
            Step::Continue
        });
        self.checked(scanned)?;
        self.shown(early.into_iter())?;
        if disorder {
            let detail = format!("a scan of tree {tree} returned keys out of order");
            return Err(self.session.broken(Failure::new(Promise::FileIsSound, detail)));
        }
        let read = Read::Range {
            branch: self.branch,
            snapshot: self.inner.snapshot(),
            tree,
            from: from.into(),
            to: to.map(Into::into),
            own: self.own_rows(tree, from, to),
            rows,
            found,
        };
        self.session.state.with(|state| state.model.read(read));
        Ok(())
    }

    /// Reads a tree by a scan that is begun before `between` and read to its end afterwards: it shows the rows that there were
    /// when it began. Only for an engine whose scans outlive a statement.
    pub fn held_scan(
        &mut self,
        tree: u64,
        between: impl FnOnce(&mut Mirrored<'a>) -> Result<(), Ended>,
    ) -> Result<(), Ended> {
        let expected = self.scan_keys(tree, &[], None, false)?;
        let opened = self.inner.open_scan(tree);
        let Some(mut scan) = self.checked(opened)? else { return Ok(()) };
        let mut found: Vec<Vec<u8>> = Vec::new();
        let mut read_on = |transaction: &Mirrored<'a>, found: &mut Vec<Vec<u8>>, most: usize| {
            while found.len() < most
                && let Some(key) = transaction.checked(scan.next_key())?
            {
                found.push(key);
            }
            Ok(())
        };
        read_on(self, &mut found, expected.len() / 2)?;
        between(self)?;
        read_on(self, &mut found, usize::MAX)?;
        if !expected.iter().map(|key| &**key).eq(found.iter().map(Vec::as_slice)) {
            let detail = format!(
                "a scan of tree {tree} found {} rows, where there were {} when it began",
                found.len(),
                expected.len()
            );
            return Err(self.session.broken(Failure::new(Promise::SnapshotsStay, detail)));
        }
        Ok(())
    }

    /// Values of these writers were read. One that is not acknowledged yet must be durable all the same.
    fn shown(&self, writers: impl Iterator<Item = Tag>) -> Result<(), Ended> {
        let news = self.session.state.with(|state| writers.filter(|tag| state.model.shown(*tag)).count());
        if news > 0 { account(self.session, self.task, &labels::ACCOUNT_READ) } else { Ok(()) }
    }

    fn own_rows(&self, tree: u64, from: &[u8], to: Option<&[u8]>) -> BTreeMap<Key, Option<Value>> {
        let mut own = BTreeMap::new();
        for effect in &self.effects {
            if let Effect::Row { tree: written, key, value } = effect
                && *written == tree
                && **key >= *from
                && to.is_none_or(|to| **key < *to)
            {
                own.insert(key.clone(), value.clone());
            }
        }
        own
    }

    /// Writes a value of `length` bytes.
    pub fn put(&mut self, tree: u64, key: &[u8], length: usize) -> Result<(), Ended> {
        let bytes = value(self.next_tag(), length);
        self.put_bytes(tree, key, bytes)
    }

    /// Writes a value.
    pub fn put_bytes(&mut self, tree: u64, key: &[u8], bytes: Value) -> Result<(), Ended> {
        let put = self.inner.put(tree, key, &bytes);
        self.checked(put)?;
        self.effects.push(Effect::Row { tree, key: key.into(), value: Some(bytes) });
        Ok(())
    }

    /// Writes a row's value once more, as it is.
    pub fn rewrite(&mut self, tree: u64, key: &[u8]) -> Result<(), Ended> {
        match self.get(tree, key)? {
            Some(bytes) => self.put_bytes(tree, key, bytes.into()),
            None => Ok(()),
        }
    }

    /// Removes a row.
    pub fn delete(&mut self, tree: u64, key: &[u8]) -> Result<(), Ended> {
        let deleted = self.inner.delete(tree, key);
        self.checked(deleted)?;
        self.effects.push(Effect::Row { tree, key: key.into(), value: None });
        Ok(())
    }

    /// Removes the rows in `[from, to)`, with the tree locked, so that which rows these are is determined.
    pub fn delete_range(&mut self, tree: u64, from: &[u8], to: &[u8]) -> Result<(), Ended> {
        self.lock_tree(tree)?;
        self.new_statement()?;
        let keys = self.scan_keys(tree, from, Some(to), false)?;
        let deleted = self.inner.delete_range(tree, from, to);
        let deleted = self.checked(deleted)?;
        if deleted != keys.len() as u64 {
            let detail = format!(
                "a range delete in tree {tree} says {deleted} rows where the same snapshot shows {}",
                keys.len()
            );
            return Err(self.session.broken(Failure::new(Promise::ReadsMatchSnapshot, detail)));
        }
        self.effects.extend(keys.into_iter().map(|key| Effect::Row { tree, key, value: None }));
        Ok(())
    }

    /// Makes a tree.
    pub fn create_tree(&mut self) -> Result<u64, Ended> {
        let made = self.inner.create_tree();
        let tree = self.checked(made)?;
        self.effects.push(Effect::CreateTree(tree));
        Ok(tree)
    }

    /// Drops a tree.
    pub fn drop_tree(&mut self, tree: u64) -> Result<(), Ended> {
        let dropped = self.inner.drop_tree(tree);
        self.checked(dropped)?;
        self.effects.push(Effect::DropTree(tree));
        Ok(())
    }

    /// Makes a tree that only the session sees, if the engine has such.
    pub fn create_private_tree(&mut self) -> Result<Option<u64>, Ended> {
        let made = self.inner.create_private_tree();
        self.checked(made)
    }

    /// Writes a value of `length` bytes into a tree of the session's own, which holds `rows`.
    pub fn private_put(
        &mut self,
        tree: u64,
        key: &[u8],
        length: usize,
        rows: &mut Rows,
    ) -> Result<(), Ended> {
        let bytes = value(self.next_tag(), length);
        let put = self.inner.put(tree, key, &bytes);
        self.checked(put)?;
        rows.insert(key.into(), bytes);
        Ok(())
    }

    /// Removes rows from a tree of the session's own, which holds `rows`.
    pub fn private_delete_range(
        &mut self,
        tree: u64,
        from: &[u8],
        to: &[u8],
        rows: &mut Rows,
    ) -> Result<(), Ended> {
        let deleted = self.inner.delete_range(tree, from, to);
        self.checked(deleted)?;
        rows.retain(|key, _| **key < *from || **key >= *to);
        Ok(())
    }

    /// What a tree of the session's own holds.
    pub fn private_rows(&mut self, tree: u64) -> Result<Rows, Ended> {
        let mut rows = Rows::new();
        let scanned = self.inner.scan(tree, &[], None, false, &mut |key, value| {
            rows.insert(key.into(), value.into());
            Step::Continue
        });
        self.checked(scanned)?;
        Ok(rows)
    }

    /// A new statement: READ COMMITTED sees what was committed since.
    pub fn new_statement(&mut self) -> Result<(), Ended> {
        let begun = self.inner.new_statement();
        self.checked(begun)
    }

    /// Locks a row for update.
    pub fn lock_row(&mut self, tree: u64, key: &[u8]) -> Result<(), Ended> {
        let locked = self.inner.lock_row(tree, key);
        self.checked(locked)
    }

    /// See [`crate::subject::Transaction::allow_ahead`].
    pub fn allow_ahead(&mut self, allowed: bool) {
        self.ahead = allowed;
        self.inner.allow_ahead(allowed);
    }

    /// Locks a tree against all other writers.
    pub fn lock_tree(&mut self, tree: u64) -> Result<(), Ended> {
        let locked = self.inner.lock_tree(tree);
        self.checked(locked)
    }

    /// Takes an advisory lock.
    pub fn advisory_lock(&mut self, number: i64) -> Result<(), Ended> {
        let locked = self.inner.advisory_lock(number);
        self.checked(locked)
    }

    /// Sets a savepoint.
    pub fn savepoint(&mut self) -> Result<(), Ended> {
        let set = self.inner.savepoint();
        let savepoint = self.checked(set)?;
        self.savepoints.push((savepoint, self.effects.len()));
        Ok(())
    }

    /// How many savepoints there are.
    pub fn savepoints(&self) -> u32 {
        self.savepoints.len() as u32
    }

    /// Goes back to savepoint `number`.
    pub fn rollback_to(&mut self, number: usize) -> Result<(), Ended> {
        let (savepoint, effects) = self.savepoints[number];
        let gone = self.inner.rollback_to(savepoint);
        self.checked(gone)?;
        self.savepoints.truncate(number + 1);
        self.effects.truncate(effects);
        Ok(())
    }

    /// Releases savepoint `number`, and those after it.
    pub fn release(&mut self, number: usize) -> Result<(), Ended> {
        let released = self.inner.release(self.savepoints[number].0);
        self.checked(released)?;
        self.savepoints.truncate(number);
        Ok(())
    }

    /// A statement that fails in the end: what `writes` does is undone.
    pub fn failing_statement(
        &mut self,
        writes: impl FnOnce(&mut Mirrored<'a>) -> Result<(), Ended>,
    ) -> Result<(), Ended> {
        let effects = self.effects.len();
        self.inner.begin_statement();
        writes(self)?;
        let undone = self.inner.undo_statement();
        if self.checked(undone)? {
            self.effects.truncate(effects);
        }
        Ok(())
    }

    /// Commits, with the marker. A transaction that wrote nothing just ends.
    pub fn commit(mut self) -> Result<(), Ended> {
        if self.effects.is_empty() {
            return match self.inner.commit() {
                Outcome::Acknowledged(_) => Ok(()),
                Outcome::Refused(refusal) | Outcome::Unknown(refusal) => {
                    Err(self.session.refused(self.task, &refusal))
                }
            };
        }
        self.put_marker()?;
        let Mirrored { session, task, inner, client, serial, branch, isolation, effects, .. } = self;
        let snapshot = (isolation != Isolation::ReadCommitted).then(|| inner.snapshot());
        let id = inner.id();
        let attempt = session
            .state
            .with(|state| state.model.commit_called(client, serial, (branch, snapshot), effects));
        let (fate, ended) = match inner.commit() {
            Outcome::Acknowledged(number) => (Fate::Acknowledged(number), None),
            Outcome::Refused(refusal) => (Fate::Refused, Some(session.refused(task, &refusal))),
            Outcome::Unknown(refusal) => {
                let (fate, ended) = session.unknown(task, &refusal);
                (fate, Some(ended))
            }
        };
        let returned = session.state.with(|state| {
            if let (Fate::Acknowledged(_), Some(id)) = (fate, id) {
                state.identified(id)?;
            }
            state.model.commit_returned(attempt, fate)
        });
        returned.map_err(|failure| session.broken(failure))?;
        match ended {
            Some(ended) => Err(ended),
            None => account(session, task, &labels::ACCOUNT),
        }
    }

    fn put_marker(&mut self) -> Result<(), Ended> {
        let trees = self.session.state.with(|state| state.model.markers_tree());
        let made = self.effects.iter().find_map(|effect| match effect {
            Effect::CreateTree(tree) => Some(*tree),
            Effect::Row { .. } | Effect::DropTree(_) => None,
        });
        // In the set-up's transaction the first tree that it makes itself is the tree of markers.
        let Some(markers) = trees.or(made) else { return Ok(()) };
        let key = crate::model::marker_key(self.branch, self.client);
        let tag = self.next_tag();
        self.put_bytes(markers, &key, value(tag, 8))
    }
}

/// Holds what was promised so far against the synced bytes alone, now and then.
fn account(session: &Session, task: &str, label: &'static env::Label) -> Result<(), Ended> {
    let chance = Chance::PerMillion(session.intensity.accounting);
    if session.stage.choose(task, label, 2, chance) == 0 {
        return Ok(());
    }
    let accounted = accounting::account(session);
    let accounted = accounted.and_then(|()| spare::account(&session.scene(), task, Moment::InUse, 300_000));
    accounted.map_err(|failure| session.broken(failure))
}
