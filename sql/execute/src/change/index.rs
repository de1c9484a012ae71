//! An index of a changed table: the entries of rows.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Evaluator, evaluate_all};
use crate::operator::include_layout;
use crate::run::Run;
use plan::expression::ExpressionKind;
use plan::target::{TargetIndex, TargetTable};
use store::TreeId;
use types::key::{KeyColumn, NullPlace, encode_item};
use types::row::{RowLayout, encode_row};
use types::vector::Chunk;
use types::{Item, Type, Vector};

/// Bytes of a row's id.
const ID: usize = 8;

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
}

/// What rows have in an index.
pub struct Entries {
    /// The values of the keys for each row.
    pub keys: Vec<Vector>,
    include: Vec<Vector>,
    /// Whether the index has the row.
    present: Vec<bool>,
}

/// What one row has in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key as far as values go.
    pub values: Vec<u8>,
    /// Whether nobody else may have these values.
    pub alone: bool,
    /// The key.
    pub key: Vec<u8>,
    /// What stands there.
    pub value: Vec<u8>,
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
        let place = target.indexes.iter().position(|other| other.index == index.index).unwrap_or(0);
        Ok(Index {
            place,
            number: index.index,
            tree: TreeId(index.tree),
            unique: index.unique,
            deferrable: index.deferrable,
            nulls_equal: index.nulls_equal,
            keys: keys.collect::<ExecuteResult<_>>()?,
            key_types: index.keys.iter().map(|key| key.expression.result).collect(),
            columns: columns.collect(),
            layout: include_layout(compiler.types(), &types)?,
            include,
            predicate: Conditions::new(compiler, index.predicate.as_slice())?,
            key_columns: key_columns.collect(),
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

    /// The entry of a row; `None` if the index does not have it.
    pub fn entry(&self, entries: &Entries, row: usize, id: i64) -> ExecuteResult<Option<Entry>> {
        if !entries.present[row] {
            return Ok(None);
        }
        let mut entry = self.entry_of(entries.keys.iter().map(|key| key.item(row)), id);
        if !self.include.is_empty() {
            encode_row(&self.layout, &entries.include, row, &mut entry.value)?;
        }
        Ok(Some(entry))
    }

    /// The entry of a row with these keys, without included columns.
    pub fn entry_of<'i>(&self, keys: impl Iterator<Item = Item<'i>>, id: i64) -> Entry {
        let (mut values, mut rest) = (Vec::with_capacity(32), Vec::new());
        let mut has_null = false;
        for (column, item) in self.columns.iter().zip(keys) {
            has_null |= item.is_null();
            encode_item(column, &item, &mut values, &mut rest);
        }
        let alone = self.unique && (self.nulls_equal || !has_null);
        let mut key = Vec::with_capacity(values.len() + ID);
        key.extend_from_slice(&values);
        if !alone || self.deferrable {
            key.extend_from_slice(&id.to_be_bytes());
        }
        let mut value = Vec::with_capacity(ID + rest.len());
        value.extend_from_slice(&id.to_be_bytes());
        value.append(&mut rest);
        Entry { values, alone, key, value }
    }

    /// Whether each key is a column and each row has one, and nothing else.
    pub fn is_plain(&self) -> bool {
        self.is_whole() && self.include.is_empty() && self.key_columns.iter().all(Option::is_some)
    }

    /// Whether it looks at nothing but columns of these places. False where that is not known.
    pub fn looks_only_at(&self, place: impl Fn(usize) -> bool) -> bool {
        let is_key = |column: &Option<u32>| column.is_some_and(|column| place(column as usize));
        self.is_whole()
            && self.key_columns.iter().all(is_key)
            && self.include.iter().all(|column| place(*column))
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

/// The row's id that an entry tells.
pub fn entry_row(value: &[u8]) -> ExecuteResult<i64> {
    let id = value.first_chunk::<8>().map(|id| i64::from_be_bytes(*id));
    id.ok_or(ExecuteError::Key(types::key::KeyError { column: 0 }))
}
