//! The functions of sequences, and the values that a session keeps of them.

use crate::sequence::sets::Set;
use crate::sequence::value::{SequenceError, value_of};
use crate::services::{Services, first, number, other};
use catalog::Oid;
use catalog::object::{Privileges, Sequence, is_temporary};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, SessionFunction};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::locks::RelationMode;
use store::{SequenceId, TreeId};
use types::{Item, Value};

/// What a session keeps of the values that sequences gave it.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// `currval`: the last value of each sequence.
    current: BTreeMap<Oid, i64>,
    /// `lastval`: which sequence gave the last.
    last: Option<Oid>,
    /// Values taken together (`CACHE`): the next ordinal and how many are left, by the sequence's tree.
    taken: BTreeMap<u64, (u64, u64)>,
}

impl Services<'_> {
    /// Values of sequences.
    pub(crate) fn of_sequences(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::NextVal | F::NextIdentity => {
                let sequence = self.hold_sequence(first(arguments))?;
                if function == F::NextVal {
                    self.require_sequence(&sequence, &[Privileges::USAGE, Privileges::UPDATE])?;
                }
                self.refuse_read_only(&sequence, "nextval()")?;
                Value::Int64(self.next_value(&sequence)?)
            }
            F::CurrVal => {
                let sequence = self.sequence(first(arguments))?;
                self.require_sequence(&sequence, &[Privileges::USAGE, Privileges::SELECT])?;
                Value::Int64(self.current_value(&sequence)?)
            }
            F::SetVal | F::SetValCalled => {
                let sequence = self.hold_sequence(first(arguments))?;
                let Some(Item::Int64(value)) = arguments.get(1) else { return Ok(None) };
                self.require_sequence(&sequence, &[Privileges::UPDATE])?;
                self.refuse_read_only(&sequence, "setval()")?;
                let called = !matches!(arguments.get(2), Some(Item::Bool(false)));
                Value::Int64(self.set_value(&sequence, *value, called)?)
            }
            F::LastVal => {
                // The sequence may be gone since.
                let last = self.kept.sequences.last.and_then(|last| self.scope.sequence(last).cloned());
                let sequence = last.ok_or_else(|| other(SequenceError::LastNotYetDefined))?;
                self.require_sequence(&sequence, &[Privileges::USAGE, Privileges::SELECT])?;
                Value::Int64(self.current_value(&sequence)?)
            }
            _ => return Ok(None),
        }))
    }

    pub(crate) fn sequence(&self, oid: &Item<'_>) -> FunctionResult<Arc<Sequence>> {
        let number = number(oid);
        match self.scope.sequence(number) {
            Some(sequence) => {
                let sets = self.sets.borrow();
                Ok(match sets.as_set(sequence) {
                    Cow::Borrowed(_) => sets.newer.get(&sequence.tree).unwrap_or(sequence).clone(),
                    Cow::Owned(set) => Arc::new(set),
                })
            }
            None => match self.scope.relation(number) {
                Some(other) => Err(FunctionError::plain(
                    SqlState::WrongObjectType,
                    format!("\"{}\" is not a sequence", other.name()),
                )),
                None => Err(FunctionError::plain(
                    SqlState::UndefinedTable,
                    format!("could not open relation with OID {number}"),
                )),
            },
        }
    }

    /// Values of a sequence that others see are taken where the transaction may write.
    fn refuse_read_only(&self, sequence: &Sequence, call: &str) -> FunctionResult<()> {
        if is_temporary(sequence.oid) || !self.settings.is_on("transaction_read_only") {
            return Ok(());
        }
        let message = format!("cannot execute {call} in a read-only transaction");
        Err(FunctionError::plain(SqlState::ReadOnlySqlTransaction, message))
    }

    /// Keeps others from defining a sequence anew until the transaction ends, as PostgreSQL does, and finds it as it is now: the
    /// statement's view may be older.
    fn hold_sequence(&mut self, oid: &Item<'_>) -> FunctionResult<Arc<Sequence>> {
        let seen = self.sequence(oid)?;
        if is_temporary(seen.oid) {
            return Ok(seen);
        }
        let (lock, mode) = (TreeId(seen.lock), RelationMode::RowExclusive);
        match self.store.lock_tree(self.database, lock, mode, self.patience()) {
            Ok(true) => {}
            Ok(false) => return Ok(seen),
            Err(error) => {
                // When the statement's time is over, that is what it fails with.
                functions::Session::check(self)?;
                return Err(other(crate::StoreFailure::from(error)));
            }
        }
        let (engine, number) = (self.engine, seen.oid);
        let now = engine.catalogs.committed_sequence(&engine.store, self.database, number).map_err(other)?;
        match (now, self.scope.sequence(number)) {
            (Some(now), Some(entry)) if now.tree != entry.tree => {
                self.sets.borrow_mut().newer.insert(entry.tree, now);
                self.sequence(oid)
            }
            (Some(_), _) => Ok(seen),
            (None, _) => {
                let message = format!("could not open relation with OID {number}");
                Err(FunctionError::plain(SqlState::UndefinedTable, message))
            }
        }
    }

    fn next_value(&mut self, sequence: &Sequence) -> FunctionResult<i64> {
        let cache = u64::try_from(sequence.cache).unwrap_or(1).max(1);
        let (ordinal, left) = match self.kept.sequences.taken.get(&sequence.tree) {
            Some((ordinal, left)) if *left > 0 => (*ordinal, *left),
            _ => {
                let taken = self.store.take_ordinals(self.database, SequenceId(sequence.tree), cache);
                (taken.map_err(|error| other(crate::StoreFailure::from(error)))?, cache)
            }
        };
        self.kept.sequences.taken.insert(sequence.tree, (ordinal + 1, left - 1));
        let value = value_of(sequence, ordinal).map_err(other)?;
        self.kept.sequences.current.insert(sequence.oid, value);
        self.kept.sequences.last = Some(sequence.oid);
        Ok(value)
    }

    fn current_value(&self, sequence: &Sequence) -> FunctionResult<i64> {
        let found = self.kept.sequences.current.get(&sequence.oid).copied();
        found.ok_or_else(|| other(SequenceError::NotYetDefined { name: sequence.name.clone() }))
    }

    /// `setval` does not wait for the transaction, and is not undone with it.
    fn set_value(&mut self, sequence: &Sequence, value: i64, called: bool) -> FunctionResult<i64> {
        if value < sequence.minimum || value > sequence.maximum {
            return Err(other(SequenceError::OutOfBounds {
                value,
                name: sequence.name.clone(),
                minimum: sequence.minimum,
                maximum: sequence.maximum,
            }));
        }
        let first = catalog::object::first_behind((value, called), sequence.increment);
        if called {
            self.kept.sequences.current.insert(sequence.oid, value);
        }
        if is_temporary(sequence.oid) {
            let (entry, set) = self.own_count(sequence.oid, first, (value, called))?;
            self.sets.borrow_mut().temporary.insert(entry, set);
            return Ok(value);
        }
        let (engine, database) = (self.engine, self.database);
        let change = (sequence.oid, first, (value, called));
        let (entry, set) = match crate::sequence::set::set(engine, database, self.scope, change) {
            Ok(Some(tree)) => {
                let (entry, before) = (self.entry_tree(sequence.oid), (value, called));
                (entry, Set { sequence: sequence.oid, entered: true, tree, first, before })
            }
            Ok(None) => self.own_count(sequence.oid, first, (value, called))?,
            Err(error) => return Err(other(error)),
        };
        self.sets.borrow_mut().within.insert(entry, set);
        Ok(value)
    }

    /// A count of the session's own. A sequence's entry may belong to the transaction, which may be rolled back: what was set is
    /// kept beside it, until the entry itself gets another count.
    fn own_count(&mut self, oid: Oid, first: i64, before: (i64, bool)) -> FunctionResult<(u64, Set)> {
        let failed = |error| other(crate::StoreFailure::from(error));
        let tree = self.store.new_temporary_sequence().map_err(failed)?.0;
        Ok((self.entry_tree(oid), Set { sequence: oid, entered: false, tree, first, before }))
    }

    /// The tree that a sequence's entry has, as the statement sees it.
    fn entry_tree(&self, oid: Oid) -> u64 {
        self.scope.sequence(oid).map_or(0, |entry| entry.tree)
    }
}
