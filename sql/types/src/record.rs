//! Composite values: one self-contained run of bytes that says itself what its columns are.
//!
//! | bytes | what |
//! |---|---|
//! | 2 | number of columns |
//! | 5 each | type and kind of each column |
//! | 1 for 8 | bitmap of nulls |
//! | 4 each | where each column ends |
//! | | the columns |

use crate::kind::Kind;
use crate::stored::{append, bit_at, read, u32_at};
use crate::value::Item;
use crate::vector::Order;

const FIELD: usize = 5;

/// A record in somebody else's bytes.
#[derive(Debug, Clone, Copy)]
pub struct RecordView<'a> {
    fields: &'a [u8],
    nulls: &'a [u8],
    ends: &'a [u8],
    data: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// The record of these bytes, if their sizes are those of one.
    pub fn new(bytes: &'a [u8]) -> Option<RecordView<'a>> {
        let (count, rest) = bytes.split_first_chunk::<2>()?;
        let count = usize::from(u16::from_le_bytes(*count));
        let (fields, rest) = rest.split_at_checked(count * FIELD)?;
        if fields.as_chunks::<FIELD>().0.iter().any(|field| Kind::from_code(field[4]).is_none()) {
            return None;
        }
        let (nulls, rest) = rest.split_at_checked(count.div_ceil(8))?;
        let (ends, data) = rest.split_at_checked(count * 4)?;
        let last = ends.last_chunk::<4>().map_or(0, |end| u32::from_le_bytes(*end) as usize);
        (last == data.len()).then_some(RecordView { fields, nulls, ends, data })
    }

    /// How many columns it has.
    pub fn len(&self) -> usize {
        self.fields.len() / FIELD
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// A column's type.
    pub fn column_type(&self, column: usize) -> Option<u32> {
        u32_at(self.fields, column * FIELD)
    }

    /// A column's value; past the last there are nulls.
    pub fn item(&self, column: usize) -> Item<'a> {
        if bit_at(self.nulls, column) {
            return Item::Null;
        }
        self.stretch(column).unwrap_or(Item::Null)
    }

    /// So many columns, or all if there are more: a record that is older than a column of its type does not have it.
    pub fn items_of(&self, columns: usize) -> impl ExactSizeIterator<Item = Item<'a>> + use<'a> {
        let record = *self;
        (0..columns.max(self.len())).map(move |column| record.item(column))
    }

    /// How many columns there are up to the last that counts and is not null: by what follows, records of these orders do not
    /// differ.
    pub fn told_len(&self, orders: &[Option<Order>]) -> usize {
        let counts = |column: &usize| orders[*column].is_some() && !self.item(*column).is_null();
        (0..self.len().min(orders.len())).rev().find(counts).map_or(0, |last| last + 1)
    }

    /// All columns.
    pub fn items(&self) -> impl ExactSizeIterator<Item = Item<'a>> + use<'a> {
        let record = *self;
        (0..self.len()).map(move |column| record.item(column))
    }

    fn stretch(&self, column: usize) -> Option<Item<'a>> {
        let kind = Kind::from_code(*self.fields.get(column * FIELD + 4)?)?;
        let start = if column == 0 { 0 } else { u32_at(self.ends, (column - 1) * 4)? };
        let end = u32_at(self.ends, column * 4)?;
        read(kind, self.data.get(start as usize..end as usize)?)
    }
}

/// A record's bytes. Each column has its type and kind; a value is of the kind or null.
pub fn record(columns: &[(u32, Kind, Item<'_>)]) -> Vec<u8> {
    let mut nulls = vec![0; columns.len().div_ceil(8)];
    let (mut ends, mut data) = (Vec::with_capacity(columns.len() * 4), Vec::new());
    // A table has at most 1,664 columns, a row constructor as many.
    let mut bytes = (columns.len() as u16).to_le_bytes().to_vec();
    for (column, (column_type, kind, item)) in columns.iter().enumerate() {
        bytes.extend_from_slice(&column_type.to_le_bytes());
        bytes.push(kind.code());
        if item.is_null() {
            nulls[column / 8] |= 1 << (column % 8);
        }
        append(item, &mut data);
        ends.extend_from_slice(&(data.len() as u32).to_le_bytes());
    }
    bytes.extend_from_slice(&nulls);
    bytes.extend_from_slice(&ends);
    bytes.extend_from_slice(&data);
    bytes
}
