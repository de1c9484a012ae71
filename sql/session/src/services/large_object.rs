//! Functions of large objects: made, opened, read and written in pieces, removed, copied from files and to them.
//!
//! Invariants
//!
//! 1. A descriptor lasts as its transaction does, or as the savepoint within which it was opened.
//! 2. One that only reads shows what the statement saw that opened it, whatever is written later; one that writes shows the
//!    newest that the transaction sees.

use crate::copying::CopyRefusal;
use crate::copying::error::reason;
use crate::copying::file::{Input, Output, PIECE};
use crate::error::SessionError;
use crate::services::{number, other, text};
use crate::system::Live;
use catalog::object::{Oid, Privileges};
use catalog::{
    Actor, Catalog, CatalogError, CatalogResult, LARGE_OBJECT_MAX, LargeObjectTrees, Scope,
    denied_large_object,
};
use diagnostic::{Diagnostic, SqlState};
use execute::{ExecuteResult, World};
use functions::{FunctionError, SessionFunction as F};
use std::io::ErrorKind;
use store::{DatabaseId, View};
use types::{Item, Value};

/// `INV_WRITE` and `INV_READ`.
const WRITE: i32 = 0x0002_0000;
const READ: i32 = 0x0004_0000;
/// The longest value of `bytea`.
const VALUE_MAX: u64 = 0x3fff_ffff - 4;

/// Why nothing is done, in PostgreSQL's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum LargeObjectError {
    #[error("invalid large-object descriptor: {0}")]
    Descriptor(i32),
    #[error("invalid flags for opening a large object: {0}")]
    Flags(i32),
    #[error("large object descriptor {0} was not opened for writing")]
    NotWriting(i32),
    #[error("invalid whence setting: {0}")]
    Whence(i32),
    #[error("invalid large object seek target: {0}")]
    Target(i64),
    #[error("invalid large object truncation target: {0}")]
    Length(i64),
    #[error("invalid large object write request size: {0}")]
    TooLong(usize),
    #[error("requested length cannot be negative")]
    Negative,
    #[error("large object read request is too large")]
    TooMuch,
    #[error("{call} result out of range for large-object descriptor {descriptor}")]
    OutOfRange { call: &'static str, descriptor: i32 },
    #[error("could not {what} server file \"{path}\": {reason}")]
    File { what: &'static str, path: String, reason: String, state: SqlState },
}

impl Diagnostic for LargeObjectError {
    fn sqlstate(&self) -> SqlState {
        match self {
            LargeObjectError::Descriptor(_) => SqlState::UndefinedObject,
            LargeObjectError::NotWriting(_) => SqlState::ObjectNotInPrerequisiteState,
            LargeObjectError::OutOfRange { .. } => SqlState::NumericValueOutOfRange,
            LargeObjectError::TooMuch => SqlState::ProgramLimitExceeded,
            LargeObjectError::Flags(_)
            | LargeObjectError::Whence(_)
            | LargeObjectError::Target(_)
            | LargeObjectError::Length(_)
            | LargeObjectError::TooLong(_)
            | LargeObjectError::Negative => SqlState::InvalidParameterValue,
            LargeObjectError::File { state, .. } => *state,
        }
    }
}

impl From<LargeObjectError> for FunctionError {
    fn from(error: LargeObjectError) -> FunctionError {
        other(error)
    }
}

/// A failure of a file, in the words of these functions.
fn of_file(what: &'static str, path: &str, refusal: CopyRefusal) -> FunctionError {
    let (reason, state) = match &refusal {
        CopyRefusal::Open { error, .. } | CopyRefusal::File { error, .. } => {
            let state = match error.kind {
                ErrorKind::NotFound => SqlState::UndefinedFile,
                ErrorKind::IsADirectory => SqlState::WrongObjectType,
                ErrorKind::PermissionDenied => SqlState::InsufficientPrivilege,
                _ => SqlState::IoError,
            };
            (reason(error), state)
        }
        CopyRefusal::Directory { .. } => ("Is a directory".to_owned(), SqlState::WrongObjectType),
        other => (other.to_string(), other.sqlstate()),
    };
    LargeObjectError::File { what, path: path.to_owned(), reason, state }.into()
}

/// A failure of the catalog's or the store's.
fn of_catalog(error: CatalogError) -> FunctionError {
    other(SessionError::from(error))
}

/// A large object that is open.
struct Descriptor {
    object: Oid,
    trees: LargeObjectTrees,
    position: u64,
    writes: bool,
    /// What it shows if it only reads.
    view: Option<View>,
    /// How many the session had opened before.
    number: u64,
}

/// Those of a session, by number.
#[derive(Default)]
pub(crate) struct Descriptors {
    open: Vec<Option<Descriptor>>,
    opened: u64,
}

impl Descriptors {
    /// A place to go back to.
    pub fn mark(&self) -> u64 {
        self.opened
    }

    /// Closes those that were opened since.
    pub fn forget(&mut self, mark: u64) {
        for place in &mut self.open {
            place.take_if(|open| open.number >= mark);
        }
    }

    /// Closes all.
    pub fn clear(&mut self) {
        self.open.clear();
    }

    /// Takes the least number that is free.
    fn insert(&mut self, descriptor: Descriptor) -> i32 {
        let descriptor = Descriptor { number: self.opened, ..descriptor };
        self.opened += 1;
        let place = self.open.iter().position(Option::is_none).unwrap_or(self.open.len());
        match self.open.get_mut(place) {
            Some(free) => *free = Some(descriptor),
            None => self.open.push(Some(descriptor)),
        }
        i32::try_from(place).unwrap_or(i32::MAX)
    }

    fn place(&mut self, number: i32) -> Result<&mut Option<Descriptor>, LargeObjectError> {
        let place = usize::try_from(number).ok().and_then(|place| self.open.get_mut(place));
        place.filter(|place| place.is_some()).ok_or(LargeObjectError::Descriptor(number))
    }

    fn get(&mut self, number: i32) -> Result<&mut Descriptor, LargeObjectError> {
        self.place(number)?.as_mut().ok_or(LargeObjectError::Descriptor(number))
    }

    fn writing(&mut self, number: i32) -> Result<&mut Descriptor, LargeObjectError> {
        let found = self.get(number)?;
        if found.writes { Ok(found) } else { Err(LargeObjectError::NotWriting(number)) }
    }
}

/// What a call goes by.
pub(crate) struct LargeObjects<'l> {
    /// What names and roles mean.
    pub scope: &'l Scope,
    /// What goes on now.
    pub live: Live<'l>,
    /// Which database.
    pub database: DatabaseId,
    /// Whether nobody asks for privileges (`lo_compat_privileges`).
    pub compatible: bool,
    /// What the statement reads from.
    pub view: &'l View,
}

fn int(item: Option<&Item<'_>>) -> i32 {
    if let Some(Item::Int32(value)) = item { *value } else { 0 }
}

/// An `integer` or a `bigint`.
fn long(item: Option<&Item<'_>>) -> i64 {
    match item {
        Some(Item::Int32(value)) => i64::from(*value),
        Some(Item::Int64(value)) => *value,
        _ => 0, // the signatures have no others here
    }
}

fn bytes<'a>(item: Option<&'a Item<'_>>) -> &'a [u8] {
    if let Some(Item::Bytes(bytes)) = item { bytes } else { &[] }
}

fn oid_value(oid: Oid) -> Value {
    Value::Int32(oid.cast_signed())
}

/// A place within an object, which may lie behind its end.
fn target(place: i64) -> Result<u64, LargeObjectError> {
    let within = u64::try_from(place).ok().filter(|place| *place <= LARGE_OBJECT_MAX);
    within.ok_or(LargeObjectError::Target(place))
}

impl LargeObjects<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn answer(
        &self,
        world: &mut World<'_>,
        function: F,
        arguments: &[Item<'_>],
    ) -> ExecuteResult<Option<Value>> {
        if let Some(value) = self.of_descriptors(world, function, arguments)? {
            return Ok(Some(value));
        }
        self.of_objects(world, function, arguments)
    }

    /// What is done by a descriptor.
    fn of_descriptors(
        &self,
        world: &mut World<'_>,
        function: F,
        arguments: &[Item<'_>],
    ) -> ExecuteResult<Option<Value>> {
        let descriptor = int(arguments.first());
        let argument = |place| arguments.get(place);
        Ok(Some(match function {
            F::LargeObjectClose => {
                let mut open = self.descriptors()?.borrow_mut();
                *open.large_objects.place(descriptor).map_err(FunctionError::from)? = None;
                Value::Int32(0)
            }
            F::LargeObjectRead => self.read(world, descriptor, int(argument(1)))?,
            F::LargeObjectWrite => self.write(world, descriptor, bytes(argument(1)))?,
            F::LargeObjectSeek | F::LargeObjectSeekFar => {
                let place = self.seek(world, descriptor, long(argument(1)), int(argument(2)))?;
                placed(place, function == F::LargeObjectSeekFar, "lo_lseek", descriptor)?
            }
            F::LargeObjectTell | F::LargeObjectTellFar => {
                let mut open = self.descriptors()?.borrow_mut();
                let place = open.large_objects.get(descriptor).map_err(FunctionError::from)?.position;
                placed(place, function == F::LargeObjectTellFar, "lo_tell", descriptor)?
            }
            F::LargeObjectTruncate | F::LargeObjectTruncateFar => {
                self.truncate(world, descriptor, long(argument(1)))?
            }
            _ => return Ok(None),
        }))
    }

    /// What is done by an object's number.
    fn of_objects(
        &self,
        world: &mut World<'_>,
        function: F,
        arguments: &[Item<'_>],
    ) -> ExecuteResult<Option<Value>> {
        let oid = arguments.first().map_or(0, number);
        let argument = |place| arguments.get(place);
        Ok(Some(match function {
            F::LargeObjectCreat => oid_value(self.create(world, 0)?.0),
            F::LargeObjectCreate => oid_value(self.create(world, oid)?.0),
            F::LargeObjectOpen => self.open(world, oid, int(argument(1)))?,
            F::LargeObjectUnlink => self.unlink(world, oid)?,
            F::LargeObjectFromBytes => {
                let (oid, trees) = self.create(world, oid)?;
                trees.write(world.transaction, oid, 0, bytes(argument(1))).map_err(of_catalog)?;
                oid_value(oid)
            }
            F::LargeObjectGet => self.get(world, oid, 0, None)?,
            F::LargeObjectGetFragment => {
                let length = u64::try_from(int(argument(2))).map_err(|_| LargeObjectError::Negative);
                let length = length.map_err(FunctionError::from)?;
                self.get(world, oid, long(argument(1)), Some(length))?
            }
            F::LargeObjectPut => {
                let trees = self.may(world, oid, READ | WRITE)?;
                let place = target(long(argument(1))).map_err(FunctionError::from)?;
                self.write_at(world, (trees, oid), place, bytes(argument(2)))?;
                Value::Bytes([].into())
            }
            F::LargeObjectImport => self.import(world, text(argument(0).unwrap_or(&Item::Null)), 0)?,
            F::LargeObjectImportAs => {
                let as_number = argument(1).map_or(0, number);
                self.import(world, text(argument(0).unwrap_or(&Item::Null)), as_number)?
            }
            F::LargeObjectExport => self.export(world, oid, text(argument(1).unwrap_or(&Item::Null)))?,
            _ => return Ok(None),
        }))
    }

    fn descriptors(&self) -> ExecuteResult<&std::cell::RefCell<crate::procedural::Transient>> {
        let lent = self.live.lent.map(|lent| lent.transient);
        lent.ok_or_else(|| execute::ExecuteError::plan("nothing can be opened here"))
    }

    /// Does something with the catalog's part of large objects.
    fn in_catalog<R>(&self, what: impl FnOnce(&Catalog) -> CatalogResult<R>) -> ExecuteResult<R> {
        let lent = self.live.lent.ok_or_else(|| execute::ExecuteError::plan("nothing can be done here"))?;
        Ok(what(&lent.catalog().borrow()).map_err(of_catalog)?)
    }

    fn actor(&self, world: &World<'_>) -> Actor {
        Actor::new(self.scope, world.context.session.role(), self.database.0)
    }

    fn create(&self, world: &mut World<'_>, oid: Oid) -> ExecuteResult<(Oid, LargeObjectTrees)> {
        let owner = world.context.session.role();
        let (transaction, store) = (&mut *world.transaction, world.store);
        self.in_catalog(|catalog| catalog.create_large_object(transaction, store, (oid, owner)))
    }

    /// Where an object lies that may be opened like that.
    fn may(&self, world: &mut World<'_>, oid: Oid, flags: i32) -> ExecuteResult<LargeObjectTrees> {
        let none = || of_catalog(CatalogError::UndefinedLargeObject { oid });
        let writes = flags & WRITE != 0;
        let transaction = &mut *world.transaction;
        let (trees, newest) = self.in_catalog(|catalog| {
            let trees = catalog.large_object_trees(transaction, false)?;
            let newest = if writes { catalog.newest_large_object(transaction, oid)? } else { None };
            Ok((trees, newest))
        })?;
        let trees = trees.ok_or_else(none)?;
        let seen = if writes { newest } else { trees.find(self.view, oid).map_err(of_catalog)? };
        let object = seen.ok_or_else(none)?;
        if !self.compatible {
            let has = self.actor(world).privileges_on(self.scope, &object);
            let wanted =
                if writes { Privileges::SELECT.with(Privileges::UPDATE) } else { Privileges::SELECT };
            if !has.contains(wanted) {
                return Err(other(denied_large_object(oid)).into());
            }
        }
        Ok(trees)
    }

    fn open(&self, world: &mut World<'_>, object: Oid, flags: i32) -> ExecuteResult<Value> {
        if flags & (READ | WRITE) == 0 {
            return Err(FunctionError::from(LargeObjectError::Flags(flags)).into());
        }
        let trees = self.may(world, object, flags)?;
        let writes = flags & WRITE != 0;
        let view = (!writes).then(|| self.view.clone());
        let descriptor = Descriptor { object, trees, position: 0, writes, view, number: 0 };
        let number = self.descriptors()?.borrow_mut().large_objects.insert(descriptor);
        Ok(Value::Int32(number))
    }

    /// What a descriptor shows, where it stands, and what of.
    fn shown(
        &self,
        world: &mut World<'_>,
        descriptor: i32,
    ) -> ExecuteResult<(View, u64, (LargeObjectTrees, Oid))> {
        let mut open = self.descriptors()?.borrow_mut();
        let found = open.large_objects.get(descriptor).map_err(FunctionError::from)?;
        let view = match &found.view {
            Some(view) => view.clone(),
            None => world.transaction.view()?,
        };
        Ok((view, found.position, (found.trees, found.object)))
    }

    fn move_to(&self, descriptor: i32, place: u64) -> ExecuteResult<()> {
        let mut open = self.descriptors()?.borrow_mut();
        open.large_objects.get(descriptor).map_err(FunctionError::from)?.position = place;
        Ok(())
    }

    fn read(&self, world: &mut World<'_>, descriptor: i32, length: i32) -> ExecuteResult<Value> {
        let (view, place, (trees, oid)) = self.shown(world, descriptor)?;
        let length = usize::try_from(length).unwrap_or(0);
        let read = trees.read(&view, oid, place, length).map_err(of_catalog)?;
        self.move_to(descriptor, place + read.len() as u64)?;
        Ok(Value::Bytes(read.into()))
    }

    fn write(&self, world: &mut World<'_>, descriptor: i32, bytes: &[u8]) -> ExecuteResult<Value> {
        let (place, of) = {
            let mut open = self.descriptors()?.borrow_mut();
            let found = open.large_objects.writing(descriptor).map_err(FunctionError::from)?;
            (found.position, (found.trees, found.object))
        };
        self.write_at(world, of, place, bytes)?;
        self.move_to(descriptor, place + bytes.len() as u64)?;
        Ok(Value::Int32(i32::try_from(bytes.len()).unwrap_or(i32::MAX)))
    }

    fn write_at(
        &self,
        world: &mut World<'_>,
        (trees, oid): (LargeObjectTrees, Oid),
        place: u64,
        bytes: &[u8],
    ) -> ExecuteResult<()> {
        if place + bytes.len() as u64 > LARGE_OBJECT_MAX {
            return Err(FunctionError::from(LargeObjectError::TooLong(bytes.len())).into());
        }
        Ok(trees.write(world.transaction, oid, place, bytes).map_err(of_catalog)?)
    }

    fn seek(&self, world: &mut World<'_>, descriptor: i32, by: i64, whence: i32) -> ExecuteResult<u64> {
        let (view, place, (trees, oid)) = self.shown(world, descriptor)?;
        let from = match whence {
            0 => 0,
            1 => place,
            2 => trees.length(&view, oid).map_err(of_catalog)?,
            other => return Err(FunctionError::from(LargeObjectError::Whence(other)).into()),
        };
        // What is no place at all wraps around, as in PostgreSQL, and is refused in any case.
        let place = target(from.cast_signed().wrapping_add(by)).map_err(FunctionError::from)?;
        self.move_to(descriptor, place)?;
        Ok(place)
    }

    fn truncate(&self, world: &mut World<'_>, descriptor: i32, length: i64) -> ExecuteResult<Value> {
        let (trees, oid) = {
            let mut open = self.descriptors()?.borrow_mut();
            let found = open.large_objects.writing(descriptor).map_err(FunctionError::from)?;
            (found.trees, found.object)
        };
        let length = target(length).map_err(|_| FunctionError::from(LargeObjectError::Length(length)))?;
        trees.truncate(world.transaction, oid, length).map_err(of_catalog)?;
        Ok(Value::Int32(0))
    }

    fn unlink(&self, world: &mut World<'_>, oid: Oid) -> ExecuteResult<Value> {
        let actor = self.actor(world);
        let transaction = &mut *world.transaction;
        self.in_catalog(|catalog| {
            let none = CatalogError::UndefinedLargeObject { oid };
            let found = catalog.newest_large_object(transaction, oid)?.ok_or(none)?;
            if !self.compatible {
                actor.require_owner_of(oid, &found)?;
            }
            catalog.drop_large_object(transaction, oid)
        })?;
        for place in &mut self.descriptors()?.borrow_mut().large_objects.open {
            place.take_if(|open| open.object == oid);
        }
        Ok(Value::Int32(1))
    }

    /// An object's bytes from a place on: so many, or all.
    fn get(&self, world: &mut World<'_>, oid: Oid, place: i64, length: Option<u64>) -> ExecuteResult<Value> {
        let trees = self.may(world, oid, READ)?;
        let whole = trees.length(self.view, oid).map_err(of_catalog)?;
        let place = target(place).map_err(FunctionError::from)?;
        let left = whole.saturating_sub(place);
        let length = length.map_or(left, |length| length.min(left));
        if length > VALUE_MAX {
            return Err(FunctionError::from(LargeObjectError::TooMuch).into());
        }
        let read = trees.read(self.view, oid, place, length as usize).map_err(of_catalog)?;
        Ok(Value::Bytes(read.into()))
    }

    fn import(&self, world: &mut World<'_>, path: &str, oid: Oid) -> ExecuteResult<Value> {
        let mut file = Input::open(&*self.live.engine.env, path).map_err(|error| match error {
            CopyRefusal::Directory { .. } => of_file("read", path, error),
            error => of_file("open", path, error),
        })?;
        let (oid, trees) = self.create(world, oid)?;
        let (mut place, mut piece) = (0, Vec::with_capacity(PIECE));
        while file.read(&mut piece).map_err(|error| of_file("read", path, error))? {
            world.context.session.check()?;
            self.write_at(world, (trees, oid), place, &piece)?;
            place += piece.len() as u64;
            piece.clear();
        }
        Ok(oid_value(oid))
    }

    fn export(&self, world: &mut World<'_>, oid: Oid, path: &str) -> ExecuteResult<Value> {
        let trees = self.may(world, oid, READ)?;
        let created = Output::create(&*self.live.engine.env, path);
        let mut file = created.map_err(|error| of_file("create", path, error))?;
        let mut place = 0;
        loop {
            world.context.session.check()?;
            let piece = trees.read(self.view, oid, place, PIECE).map_err(of_catalog)?;
            if piece.is_empty() {
                return Ok(Value::Int32(1));
            }
            file.write(&piece).map_err(|error| of_file("write", path, error))?;
            place += piece.len() as u64;
        }
    }
}

/// A place as the function of that name answers it, if its type has room for it.
fn placed(place: u64, far: bool, call: &'static str, descriptor: i32) -> ExecuteResult<Value> {
    if far {
        return Ok(Value::Int64(place.cast_signed()));
    }
    match i32::try_from(place) {
        Ok(place) => Ok(Value::Int32(place)),
        Err(_) => Err(FunctionError::from(LargeObjectError::OutOfRange { call, descriptor }).into()),
    }
}
