//! An index of a changed table: the entries of rows.

use super::exclusion::Exclusion;
use super::together::Packed;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Evaluator, evaluate_all};
use crate::operator::{effects, include_layout};
use crate::run::Run;
use crate::spread::entry_key;
use plan::expression::ExpressionKind;
use plan::target::{TargetIndex, TargetTable};
use store::TreeId;
use types::entry::Maker;
use types::key::{KeyColumn, NullPlace, encode_item};
use types::row::{RowLayout, encode_row};
use types::vector::Chunk;
use types::{Item, Type, Vector};

/// The index.
pub struct Index {
    /// Its place among [`TargetTable::indexes`].
    pub place: usize,
    /// Its number.
    pub number: u32,
    /// Its tree.
    pub tree: TreeId,
    /// Whether a key stands once.
    pub unique: bool,
    /// Whether that is looked at when the statement is over, or later.
    pub deferrable: bool,
    /// Whether functions that users have made are called for its entries.
    pub calls: bool,
    nulls_equal: bool,
    keys: Vec<Evaluator>,
    /// The types of its keys.
    pub key_types: Vec<Type>,
    columns: Vec<KeyColumn>,
    include: Vec<usize>,
    layout: RowLayout,
    predicate: Conditions,
    /// Places of the table's columns that its keys are, where they are nothing else.
    pub key_columns: Vec<Option<u32>>,
    /// Places of the table's columns that it looks at, in keys, in its condition, or to be kept beside them.
    looks_at: Vec<usize>,
    /// What makes the entries of its keys, if it is not in their order.
    makers: Vec<Maker>,
    /// What rows may not be to each other.
    pub exclusion: Option<Exclusion>,
}

/// What rows have in an index.
pub struct Entries {
    /// The values of the keys for each row.
    pub keys: Vec<Vector>,
    include: Vec<Vector>,
    /// Whether the index has the row.
    present: Vec<bool>,
}

impl Entries {
    /// Whether the index has a row.
    pub fn has(&self, row: usize) -> bool {
        self.present[row]
    }
}

/// What one row has in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key, and then what stands there.
    bytes: Vec<u8>,
    /// How long the key is as far as values go.
    values_end: usize,
    /// How long it is.
    key_end: usize,
    /// Whether nobody else may have these values.
    pub alone: bool,
}

impl Entry {
    /// The key as far as values go.
    pub fn values(&self) -> &[u8] {
        &self.bytes[..self.values_end]
    }

    /// The key.
    pub fn key(&self) -> &[u8] {
        &self.bytes[..self.key_end]
    }

    /// What stands there.
    pub fn value(&self) -> &[u8] {
        &self.bytes[self.key_end..]
    }

    /// About how much memory it takes.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + size_of::<Entry>()
    }
}

impl Index {
    /// Compiles what the plan says; the compiler is that of the table's relation.
    pub fn new(compiler: &Compiler<'_>, target: &TargetTable, index: &TargetIndex) -> ExecuteResult<Index> {
        let keys = index.keys.iter().map(|key| Evaluator::new(compiler, &key.expression));
        let columns = index.keys.iter().map(|key| KeyColumn {
            order: key.order.clone(),
            descending: key.descending,
            nulls: if key.nulls_first { NullPlace::First } else { NullPlace::Last },
        });
        let include: Vec<usize> = index.include.iter().map(|place| *place as usize).collect();
        let types: Option<Vec<Type>> =
            include.iter().map(|place| target.columns.get(*place).map(|column| column.column_type)).collect();
        let types = types.ok_or_else(|| ExecuteError::plan("an included column that is not there"))?;
        let key_columns = index.keys.iter().map(|key| match &key.expression.kind {
            ExpressionKind::Column(column) => Some(column.index),
            ExpressionKind::Slot(slot) => Some(*slot),
            _ => None,
        });
        let computed = index.keys.iter().map(|key| &key.expression).chain(&index.predicate);
        let place = target.indexes.iter().position(|other| other.index == index.index).unwrap_or(0);
        let keys = keys.collect::<ExecuteResult<Vec<Evaluator>>>()?;
        let predicate = Conditions::new(compiler, index.predicate.as_slice())?;
        let computed_from = keys.iter().flat_map(Evaluator::slots).chain(predicate.slots());
        let mut looks_at: Vec<usize> = computed_from.map(|slot| slot as usize).collect();
        looks_at.extend(&include);
        Ok(Index {
            place,
            number: index.index,
            tree: TreeId(index.tree),
            unique: index.unique,
            deferrable: index.deferrable,
            calls: effects(compiler, computed) > 0,
            nulls_equal: index.nulls_equal,
            keys,
            looks_at,
            key_types: index.keys.iter().map(|key| key.expression.result).collect(),
            columns: columns.collect(),
            layout: include_layout(compiler.types(), &types)?,
            include,
            predicate,
            key_columns: key_columns.collect(),
            makers: makers(compiler, index)?,
            exclusion: Exclusion::new(compiler, index)?,
        })
    }

    /// What rows of these columns have in it.
    pub fn entries(&self, run: &mut Run<'_, '_>, columns: &[Vector], rows: usize) -> ExecuteResult<Entries> {
        let mut present = vec![true; rows];
        if !self.predicate.is_empty() {
            present = vec![false; rows];
            for row in self.predicate.select(run, columns, rows)? {
                present[row as usize] = true;
            }
        }
        // Keys of rows that it does not have are not computed: an expression may fail for them.
        let mut chunk = Chunk::new(columns.to_vec(), rows);
        let chosen: Vec<u32> = (0..rows as u32).filter(|row| present[*row as usize]).collect();
        let partial = chosen.len() < rows;
        chunk.select(chosen.clone());
        let mut keys = evaluate_all(&self.keys, run, &chunk)?;
        if partial {
            let mut places = vec![0; rows];
            for (place, row) in chosen.iter().enumerate() {
                places[*row as usize] = place as u32;
            }
            for key in &mut keys {
                *key = if chosen.is_empty() {
                    Vector::constant(key.kind(), &types::Value::Null, rows)?
                } else {
                    key.gather(&places)?
                };
            }
        }
        let include = self.include.iter().map(|place| columns[*place].clone()).collect();
        Ok(Entries { keys, include, present })
    }

    /// The entries of a row; none if the index does not have it.
    pub fn entries_of(&self, entries: &Entries, row: usize, id: i64) -> ExecuteResult<Vec<Entry>> {
        if self.makers.is_empty() {
            return Ok(self.entry(entries, row, id)?.into_iter().collect());
        }
        let mut made = Vec::new();
        if !entries.present[row] {
            return Ok(made);
        }
        for (place, (maker, key)) in self.makers.iter().zip(&entries.keys).enumerate() {
            for entry in maker.entries(&key.item(row))? {
                let bytes = entry_key(place, &entry, id);
                let end = bytes.len();
                made.push(Entry { bytes, values_end: end, key_end: end, alone: false });
            }
        }
        // An entry may be how another begins, and then ids decide.
        made.sort_unstable_by(|one, other| one.key().cmp(other.key()));
        Ok(made)
    }

    /// Whether a row that is there may keep another from being put in.
    pub fn decides(&self) -> bool {
        self.unique || self.exclusion.is_some()
    }

    /// What makes the entries of its keys; none if it is in their order.
    pub fn makers(&self) -> &[Maker] {
        &self.makers
    }

    /// Whether it is in the order of its keys: a row has one entry at most.
    pub fn is_ordered(&self) -> bool {
        self.makers.is_empty()
    }

    /// The entry of a row in an index that is in order; `None` if the index does not have it.
    pub fn entry(&self, entries: &Entries, row: usize, id: i64) -> ExecuteResult<Option<Entry>> {
        if !entries.present[row] {
            return Ok(None);
        }
        let mut entry = self.entry_of(entries.keys.iter().map(|key| key.item(row)), id);
        if !self.include.is_empty() {
            encode_row(&self.layout, &entries.include, row, &mut entry.bytes)?;
        }
        Ok(Some(entry))
    }

    /// The same, appended to those of other rows.
    pub fn pack(&self, entries: &Entries, row: usize, id: i64, packed: &mut Packed) -> ExecuteResult<()> {
        if !entries.present[row] {
            return Ok(());
        }
        if !self.makers.is_empty() {
            for entry in self.entries_of(entries, row, id)? {
                let start = packed.bytes().len();
                packed.bytes().extend_from_slice(entry.key());
                packed.end_entry(start, false, entry.value());
            }
            return Ok(());
        }
        // Nearly always all that there is of the value, but for included columns, is the row's id.
        let mut rest = Vec::new();
        let start = packed.bytes().len();
        let keys = entries.keys.iter().map(|key| key.item(row));
        let alone = self.append_values(keys, packed.bytes(), &mut rest);
        if !alone || self.deferrable {
            packed.bytes().extend_from_slice(&id.to_be_bytes());
        }
        if rest.is_empty() && self.include.is_empty() {
            packed.end_entry(start, alone, &id.to_be_bytes());
            return Ok(());
        }
        let mut value = id.to_be_bytes().to_vec();
        value.append(&mut rest);
        if !self.include.is_empty() {
            encode_row(&self.layout, &entries.include, row, &mut value)?;
        }
        packed.end_entry(start, alone, &value);
        Ok(())
    }

    /// Appends the key of a row as far as values go; answers whether nobody else may have these values.
    fn append_values<'i>(
        &self,
        keys: impl Iterator<Item = Item<'i>>,
        values: &mut Vec<u8>,
        rest: &mut Vec<u8>,
    ) -> bool {
        let mut has_null = false;
        for (column, item) in self.columns.iter().zip(keys) {
            has_null |= item.is_null();
            encode_item(column, &item, values, rest);
        }
        self.unique && (self.nulls_equal || !has_null)
    }

    /// The entry of a row with these keys, without included columns.
    pub fn entry_of<'i>(&self, keys: impl Iterator<Item = Item<'i>>, id: i64) -> Entry {
        let (mut bytes, mut rest) = (Vec::with_capacity(48), Vec::new());
        let alone = self.append_values(keys, &mut bytes, &mut rest);
        let values_end = bytes.len();
        if !alone || self.deferrable {
            bytes.extend_from_slice(&id.to_be_bytes());
        }
        let key_end = bytes.len();
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes.append(&mut rest);
        Entry { bytes, values_end, key_end, alone }
    }

    /// Whether each key is a column and each row has one, and nothing else.
    pub fn is_plain(&self) -> bool {
        self.is_ordered()
            && self.exclusion.is_none()
            && self.is_whole()
            && self.include.is_empty()
            && self.key_columns.iter().all(Option::is_some)
    }

    /// Whether it looks at nothing but columns of these places.
    pub fn looks_only_at(&self, place: impl Fn(usize) -> bool) -> bool {
        self.looks_at.iter().all(|column| place(*column))
    }

    /// Whether something is computed for its entries: functions may be called, which take as long as they like.
    pub fn computes(&self) -> bool {
        !self.is_whole() || !self.key_columns.iter().all(Option::is_some)
    }

    /// The key of values that are all given, as far as they go.
    pub fn prefix(&self, items: &[Item<'_>]) -> Vec<u8> {
        let (mut values, mut rest) = (Vec::new(), Vec::new());
        for (column, item) in self.columns.iter().zip(items) {
            encode_item(column, item, &mut values, &mut rest);
        }
        values
    }

    /// Whether it has every row.
    pub fn is_whole(&self) -> bool {
        self.predicate.is_empty()
    }
}

/// What makes the entries of an index's keys; none if it is in their order.
fn makers(compiler: &Compiler<'_>, index: &TargetIndex) -> ExecuteResult<Vec<Maker>> {
    let made = index.spread.iter().zip(&index.keys).map(|(of, key)| {
        let maker = Maker::new(compiler.types(), of.kind, key.expression.result);
        maker.ok_or_else(|| ExecuteError::plan("an index of a type that has no such entries"))
    });
    made.collect()
}

/// The row's id that an entry tells.
pub fn entry_row(value: &[u8]) -> ExecuteResult<i64> {
    let id = value.first_chunk::<8>().map(|id| i64::from_be_bytes(*id));
    id.ok_or(ExecuteError::Key(types::key::KeyError { column: 0 }))
}
