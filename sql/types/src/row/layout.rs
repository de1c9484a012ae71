//! Where columns lie in a row.

use crate::kind::Kind;

/// The most columns that a row may have.
pub const COLUMNS_MAX: usize = 1664;
/// The most digits that always fit a decimal slot, NaN besides.
const DECIMAL_PRECISION_MAX: u16 = 18;

/// How a column is stored. It is the catalog's to remember: a column keeps its storage as long as its rows are not
/// rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Storage {
    /// As its kind is.
    Plain(Kind),
    /// A `numeric` of few enough digits, all values having this scale: its digits in a slot of eight bytes.
    Decimal {
        /// How many digits stand after the point.
        scale: u16,
    },
}

impl Storage {
    /// The storage of a new `numeric` column of this precision and scale.
    pub fn numeric(shape: Option<(u16, i16)>) -> Storage {
        match shape {
            Some((precision, scale)) if precision <= DECIMAL_PRECISION_MAX && scale >= 0 => {
                Storage::Decimal { scale: scale.unsigned_abs() }
            }
            _ => Storage::Plain(Kind::Numeric),
        }
    }

    /// The kind of the column's values.
    pub fn kind(self) -> Kind {
        match self {
            Storage::Plain(kind) => kind,
            Storage::Decimal { .. } => Kind::Numeric,
        }
    }

    /// The width of its slot, if it has one.
    pub fn width(self) -> Option<usize> {
        match self {
            Storage::Plain(kind) => kind.stored_width(),
            Storage::Decimal { .. } => Some(8),
        }
    }
}

/// The columns of a table, dropped ones among them, and where they lie in its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLayout {
    columns: Vec<Storage>,
    /// For each column, and once more for the end: how many bytes of slots and how many columns without slot come
    /// before it.
    before: Vec<(u32, u32)>,
}

impl RowLayout {
    /// The layout of rows of these columns. Their number is at most [`COLUMNS_MAX`]; the catalog has seen to it.
    pub fn new(columns: Vec<Storage>) -> RowLayout {
        assert!(columns.len() <= COLUMNS_MAX, "no table has so many columns");
        let mut before = Vec::with_capacity(columns.len() + 1);
        let (mut slots, mut others) = (0, 0);
        before.push((slots, others));
        for column in &columns {
            match column.width() {
                Some(width) => slots += width as u32,
                None => others += 1,
            }
            before.push((slots, others));
        }
        RowLayout { columns, before }
    }

    /// How the columns are stored.
    pub fn columns(&self) -> &[Storage] {
        &self.columns
    }

    /// How many bytes of slots come before a column, or before the end.
    pub(super) fn slots_before(&self, column: usize) -> usize {
        self.before[column].0 as usize
    }

    /// How many columns without slot come before a column, or before the end.
    pub(super) fn others_before(&self, column: usize) -> usize {
        self.before[column].1 as usize
    }
}
