//! A snapshot as a session with its search_path sees it.

use super::records::Records;
use super::{SearchPath, Snapshot};
use crate::object::Object;
use env::sync::OnceLock;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;
use types::Types;
use types::catalog::{CastContext, CastMethod, Column, Type, TypeEntry};
use types::range::RangeNames;
use types::vector::EnumOrder;

/// Rows that a trigger's function was given by a name: the transition tables of `CREATE TRIGGER … REFERENCING`.
#[derive(Debug, Clone)]
pub struct GivenTable {
    /// The name.
    pub name: String,
    /// Names and types of the columns.
    pub columns: Vec<(Arc<str>, types::Type)>,
}

/// A snapshot and a search_path: what names mean in a statement. Cloning it costs nothing.
#[derive(Debug, Clone)]
pub struct Scope {
    snapshot: Arc<Snapshot>,
    path: Arc<SearchPath>,
    records: Arc<Records>,
    /// Labels that the transaction has added to enums.
    new_labels: Arc<BTreeSet<u32>>,
    /// What hides relations of the same name: the transition tables of the trigger whose body this is for.
    given: Arc<[GivenTable]>,
    /// The same along a path of `pg_catalog` alone, once somebody has asked.
    plain: Arc<OnceLock<Scope>>,
    /// Whether it is that.
    is_plain: bool,
}

/// For which nobody has asked yet.
fn unasked() -> Arc<OnceLock<Scope>> {
    Arc::new(OnceLock::new())
}

impl Scope {
    /// What names mean in `snapshot` along `path`.
    pub fn new(snapshot: Arc<Snapshot>, path: SearchPath) -> Scope {
        let (path, given) = (Arc::new(path), Arc::default());
        let (records, new_labels, plain) = (Arc::default(), Arc::default(), unasked());
        Scope { snapshot, path, records, new_labels, given, plain, is_plain: false }
    }

    /// The same where these labels of enums may yet be undone.
    pub fn with_new_labels(self, new_labels: Arc<BTreeSet<u32>>) -> Scope {
        Scope { new_labels, plain: unasked(), ..self }
    }

    /// The same for the body of a trigger that is given these tables.
    pub fn with_given(self, given: Arc<[GivenTable]>) -> Scope {
        Scope { given, plain: unasked(), ..self }
    }

    /// The table of a name that a trigger's body was given.
    pub fn given(&self, name: &str) -> Option<&GivenTable> {
        self.given.iter().find(|table| table.name == name)
    }

    /// The labels of enums that may yet be undone.
    pub fn new_labels(&self) -> &Arc<BTreeSet<u32>> {
        &self.new_labels
    }

    /// The same in another snapshot, and along another path.
    pub fn renewed(&self, snapshot: Arc<Snapshot>, path: SearchPath) -> Scope {
        let (path, records, plain) = (Arc::new(path), Arc::default(), unasked());
        Scope { snapshot, path, records, plain, is_plain: false, ..self.clone() }
    }

    /// The same for another statement, in which no rows are described yet.
    pub fn afresh(&self) -> Scope {
        let (records, given, plain) = (Arc::default(), Arc::default(), unasked());
        Scope { records, given, plain, ..self.clone() }
    }

    /// The same along another path.
    pub fn along(&self, path: SearchPath) -> Scope {
        Scope { path: Arc::new(path), plain: unasked(), is_plain: false, ..self.clone() }
    }

    /// The same along a path of `pg_catalog` alone: what texts that the catalog keeps are written and read by, in which every other
    /// name stands with its schema.
    pub fn plain(&self) -> &Scope {
        self.plain.get_or_init(|| Scope { is_plain: true, ..self.along(self.path.plain()) })
    }

    /// Whether it is the one by which kept texts are written and read.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether the database that the session is in is called so.
    pub fn is_this_database(&self, name: &str) -> bool {
        let Some(branch) = self.path.database() else { return false };
        self.snapshot.shared_objects().any(|object| match object {
            Object::Database(database) => database.branch == branch && database.name == name,
            _ => false,
        })
    }

    /// The snapshot.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The type of rows with these columns, which nothing but the statement describes.
    pub fn record_type(&self, columns: &[Column]) -> Type {
        Type { oid: types::catalog::oid::RECORD, modifier: self.records.number(columns) }
    }

    /// The path.
    pub fn path(&self) -> &SearchPath {
        &self.path
    }
}

impl Deref for Scope {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Types for Scope {
    fn made(&self, oid: u32) -> Option<TypeEntry<'_>> {
        let made = self.made_type(oid)?;
        Some(made.entry(self.is_type_visible(made.schema, &made.name)))
    }

    fn columns(&self, composite: u32) -> Option<&[Column]> {
        self.snapshot.columns(composite)
    }

    fn base(&self, domain: u32) -> Option<Type> {
        self.snapshot.base(domain)
    }

    fn made_like(&self, of: u32) -> Option<u32> {
        self.snapshot.made_like(of)
    }

    fn labels(&self, enumeration: u32) -> Option<Arc<EnumOrder>> {
        self.snapshot.labels(enumeration)
    }

    fn label(&self, enumeration: u32, name: &str) -> Option<u32> {
        self.snapshot.label(enumeration, name)
    }

    fn is_new_label(&self, label: u32) -> bool {
        self.new_labels.contains(&label)
    }

    fn label_name(&self, label: u32) -> Option<&str> {
        self.snapshot.label_name(label)
    }

    fn made_range(&self, range: u32) -> Option<RangeNames> {
        self.snapshot.made_range(range)
    }

    fn made_cast(&self, source: u32, target: u32) -> Option<(CastContext, CastMethod)> {
        self.snapshot.made_cast(source, target)
    }

    fn worker(&self, function: u32) -> Option<u32> {
        self.snapshot.worker(function)
    }

    fn object_number(&self, of: u32, text: &str) -> Option<types::text::InputResult<u32>> {
        let found = crate::names::input(self, Type::of(of), text);
        let number = |value| if let types::Value::Int32(number) = value { number.cast_unsigned() } else { 0 };
        Some(found.map(number).map_err(types::text::InputError::from))
    }

    fn inherited(&self, row: u32, parent: u32) -> Option<Vec<Option<u32>>> {
        let table = |row: u32| match self.object_of_type(row)? {
            Object::Table(table) if table.row_type == row => Some(table),
            _ => None,
        };
        let child = table(row)?;
        if child.of_type != 0 && child.of_type == parent {
            // A table of a type: its rows are values of that.
            let place = |column: &Column| {
                let found = child.column(&column.name).filter(|_| !column.dropped);
                found.and_then(|(place, _)| u32::try_from(place).ok())
            };
            return Some(self.columns(parent)?.iter().map(place).collect());
        }
        let parent = table(parent)?;
        let mut above = child.inheritance.parents.clone();
        let mut seen = 0;
        while let Some(next) = above.get(seen) {
            if *next == parent.oid {
                let place = |column: &crate::object::Column| {
                    let found = child.column(&column.name).filter(|_| !column.dropped);
                    found.and_then(|(place, _)| u32::try_from(place).ok())
                };
                return Some(parent.columns.iter().map(place).collect());
            }
            let further =
                self.table(*next).map(|table| table.inheritance.parents.clone()).unwrap_or_default();
            for further in further {
                if !above.contains(&further) {
                    above.push(further);
                }
            }
            seen += 1;
        }
        None
    }

    fn record_columns(&self, modifier: i32) -> Option<Arc<[Column]>> {
        self.records.columns(modifier)
    }

    fn append_object(&self, of: u32, number: u32, text: &mut String) -> bool {
        crate::names::output(self, Type::of(of), number, text);
        true
    }
}
