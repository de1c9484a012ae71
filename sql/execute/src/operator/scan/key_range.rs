//! From ranges of values to ranges of keys.

use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, Scope};
use crate::run::Run;
use plan::physical::{IndexKey, KeyRange};
use store::Bounds;
use types::array::ArrayView;
use types::key::{KeyColumn, NullPlace, encode_item};
use types::vector::Order;
use types::{Item, Vector};

/// A value as keys of an order are, which may be whole numbers of another width than it.
pub(crate) enum Fitted<'v> {
    /// It can be one.
    Within(Item<'v>),
    /// It is less than all that can be.
    Below,
    /// It is greater.
    Above,
}

impl<'v> Fitted<'v> {
    /// A value that is compared with keys of an order.
    pub(crate) fn new(order: &Order, item: Item<'v>) -> Fitted<'v> {
        let (fitted, value) = match (order, &item) {
            (Order::Int16, Item::Int32(value)) => (i16::try_from(*value).map(Item::Int16), i64::from(*value)),
            (Order::Int16, Item::Int64(value)) => (i16::try_from(*value).map(Item::Int16), *value),
            (Order::Int32, Item::Int64(value)) => (i32::try_from(*value).map(Item::Int32), *value),
            (Order::Int32, Item::Int16(value)) => return Fitted::Within(Item::Int32((*value).into())),
            (Order::Int64, Item::Int32(value)) => return Fitted::Within(Item::Int64((*value).into())),
            (Order::Int64, Item::Int16(value)) => return Fitted::Within(Item::Int64((*value).into())),
            _ => return Fitted::Within(item), // it is of the keys' type
        };
        match fitted {
            Ok(fitted) => Fitted::Within(fitted),
            Err(_) if value < 0 => Fitted::Below,
            Err(_) => Fitted::Above,
        }
    }

    /// The value, if it can be a key's.
    pub(crate) fn within(self) -> Option<Item<'v>> {
        match self {
            Fitted::Within(item) => Some(item),
            Fitted::Below | Fitted::Above => None,
        }
    }
}

/// How keys of an index are written.
pub fn key_columns(keys: &[IndexKey]) -> Vec<KeyColumn> {
    let column = |key: &IndexKey| KeyColumn {
        order: key.order.clone(),
        descending: key.descending,
        nulls: if key.nulls_first { NullPlace::First } else { NullPlace::Last },
    };
    keys.iter().map(column).collect()
}

/// A range, compiled.
pub struct Range {
    equal: Vec<Option<Evaluator>>,
    among: Option<Evaluator>,
    low: Option<(Evaluator, bool)>,
    high: Option<(Evaluator, bool)>,
    nulls: bool,
}

/// A range's values for some rows.
pub struct RangeValues {
    equal: Vec<Option<Vector>>,
    among: Option<Vector>,
    low: Option<(Vector, bool)>,
    high: Option<(Vector, bool)>,
    nulls: bool,
}

impl Range {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, range: &KeyRange) -> ExecuteResult<Range> {
        let equal = range
            .equal
            .iter()
            .map(|value| value.as_ref().map(|value| Evaluator::new(compiler, value)).transpose())
            .collect::<ExecuteResult<_>>()?;
        let bound = |bound: &Option<(plan::expression::Expression, bool)>| {
            bound.as_ref().map(|(value, inside)| Ok((Evaluator::new(compiler, value)?, *inside))).transpose()
        };
        let (low, high): (ExecuteResult<_>, ExecuteResult<_>) = (bound(&range.low), bound(&range.high));
        let among = range.among.as_ref().map(|array| Evaluator::new(compiler, array)).transpose()?;
        Ok(Range { equal, among, low: low?, high: high?, nulls: range.nulls })
    }

    /// Its values for each row of a scope.
    pub fn values(&self, run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<RangeValues> {
        let mut equal = Vec::with_capacity(self.equal.len());
        for value in &self.equal {
            equal.push(value.as_ref().map(|value| value.evaluate_in(run, scope)).transpose()?);
        }
        let among = self.among.as_ref().map(|array| array.evaluate_in(run, scope)).transpose()?;
        let mut bound = |bound: &Option<(Evaluator, bool)>| -> ExecuteResult<Option<(Vector, bool)>> {
            match bound {
                Some((value, inside)) => Ok(Some((value.evaluate_in(run, scope)?, *inside))),
                None => Ok(None),
            }
        };
        Ok(RangeValues { equal, among, low: bound(&self.low)?, high: bound(&self.high)?, nulls: self.nulls })
    }
}

/// What comes right behind all keys that begin with `prefix`.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    Bounds::prefix(prefix).to
}

impl RangeValues {
    /// The key of a row, where all of it is known; `None` if there cannot be one.
    pub fn whole_key(&self, columns: &[KeyColumn], row: usize) -> Option<Vec<u8>> {
        let (mut key, mut rest) = (Vec::with_capacity(16), Vec::new());
        for (column, value) in columns.iter().zip(&self.equal) {
            let vector = value.as_ref().filter(|vector| !vector.is_null(row))?;
            encode_item(column, &Fitted::new(&column.order, vector.item(row)).within()?, &mut key, &mut rest);
        }
        Some(key)
    }

    /// What all keys in the range of a row begin with; `None` if there cannot be one.
    fn prefix(&self, columns: &[KeyColumn], row: usize) -> Option<Vec<u8>> {
        let (mut prefix, mut rest) = (Vec::with_capacity(16), Vec::new());
        for (column, value) in columns.iter().zip(&self.equal) {
            let item = match value {
                Some(vector) if vector.is_null(row) => return None,
                Some(vector) => Fitted::new(&column.order, vector.item(row)).within()?,
                None => Item::Null,
            };
            encode_item(column, &item, &mut prefix, &mut rest);
        }
        Some(prefix)
    }

    /// Whether it stands for a range of each element of an array.
    pub fn is_several(&self) -> bool {
        self.among.is_some()
    }

    /// The keys in the ranges of a row: one, or one for each element.
    pub fn all_bounds(&self, columns: &[KeyColumn], row: usize) -> Vec<Bounds> {
        let Some(among) = &self.among else { return self.bounds(columns, row).into_iter().collect() };
        let (Some(prefix), Some(column)) = (self.prefix(columns, row), columns.get(self.equal.len())) else {
            return Vec::new();
        };
        let Item::Bytes(elements) = among.item(row) else { return Vec::new() };
        let Some(array) = ArrayView::new(elements) else { return Vec::new() };
        let range = |element: Item<'_>| {
            let mut key = prefix.clone();
            encode_item(column, &element, &mut key, &mut Vec::new());
            Bounds::with_prefix(key)
        };
        let elements = array.items().filter(|element| !matches!(element, Item::Null));
        elements.filter_map(|element| Fitted::new(&column.order, element).within()).map(range).collect()
    }

    /// The keys in the range of a row; `None` if there cannot be one.
    pub fn bounds(&self, columns: &[KeyColumn], row: usize) -> Option<Bounds> {
        if self.low.is_none() && self.high.is_none() && (self.nulls || self.equal.len() == columns.len()) {
            return self.prefix(columns, row).map(Bounds::with_prefix);
        }
        let mut equal = Vec::with_capacity(self.equal.len());
        for value in &self.equal {
            equal.push(match value {
                Some(vector) if vector.is_null(row) => return None,
                Some(vector) => vector.item(row),
                None => Item::Null,
            });
        }
        let (low, high) = (edge(&self.low, row)?, edge(&self.high, row)?);
        Edges { equal, low, high, nulls: self.nulls }.bounds(columns)
    }
}

/// The bound of a row; none if it is null, and so nothing is within it.
#[allow(clippy::option_option)] // there may be no bound, and there may be nothing
fn edge(bound: &Option<(Vector, bool)>, row: usize) -> Option<Option<(Item<'_>, bool)>> {
    match bound {
        None => Some(None),
        Some((vector, _)) if vector.is_null(row) => None,
        Some((vector, inside)) => Some(Some((vector.item(row), *inside))),
    }
}

/// The values of a range, none of them null but those that are to be null.
pub struct Edges<'v> {
    /// The first keys' values.
    pub equal: Vec<Item<'v>>,
    /// The least of the next, and whether it is in it (in the order of values, not of the index).
    pub low: Option<(Item<'v>, bool)>,
    /// The greatest.
    pub high: Option<(Item<'v>, bool)>,
    /// Whether nulls of the next are in it.
    pub nulls: bool,
}

impl Edges<'_> {
    /// The keys between them; `None` if there cannot be one.
    pub fn bounds(&self, columns: &[KeyColumn]) -> Option<Bounds> {
        let (mut prefix, mut rest) = (Vec::with_capacity(24), Vec::new());
        for (column, item) in columns.iter().zip(&self.equal) {
            let item = Fitted::new(&column.order, item.clone()).within()?;
            encode_item(column, &item, &mut prefix, &mut rest);
        }
        let Some(column) = columns.get(self.equal.len()) else { return Some(Bounds::prefix(&prefix)) };
        if self.low.is_none() && self.high.is_none() && self.nulls {
            return Some(Bounds::prefix(&prefix));
        }
        let edge = |item: Item<'_>, inside: bool| {
            let mut key = prefix.clone();
            encode_item(column, &item, &mut key, &mut Vec::new());
            (key, inside)
        };
        // What is beyond all keys bounds none of them, or leaves none.
        let fitted = |bound: &Option<(Item<'_>, bool)>, is_low: bool| match bound {
            None => Some(None),
            Some((item, inside)) => match (Fitted::new(&column.order, item.clone()), is_low) {
                (Fitted::Within(item), _) => Some(Some(edge(item, *inside))),
                (Fitted::Below, true) | (Fitted::Above, false) => Some(None),
                (Fitted::Above, true) | (Fitted::Below, false) => None,
            },
        };
        let (low, high) = (fitted(&self.low, true)?, fitted(&self.high, false)?);
        // In the order of the index.
        let (first, last) = if column.descending { (high, low) } else { (low, high) };
        let from = match first {
            Some((key, true)) => key,
            Some((key, false)) => behind(&key)?,
            None => self.start(column, &prefix)?,
        };
        let to = match last {
            Some((key, true)) => behind(&key),
            Some((key, false)) => Some(key),
            None => self.end(column, &prefix),
        };
        (to.as_ref().is_none_or(|to| *to > from)).then_some(Bounds { from, to })
    }

    /// Where values begin without a bound: behind nulls that come first and are not wanted.
    fn start(&self, column: &KeyColumn, prefix: &[u8]) -> Option<Vec<u8>> {
        if column.nulls == NullPlace::First && !self.nulls {
            return behind(&null_key(column, prefix));
        }
        Some(prefix.to_vec())
    }

    /// Where they end.
    fn end(&self, column: &KeyColumn, prefix: &[u8]) -> Option<Vec<u8>> {
        if column.nulls == NullPlace::Last && !self.nulls {
            return Some(null_key(column, prefix));
        }
        behind(prefix)
    }
}

fn null_key(column: &KeyColumn, prefix: &[u8]) -> Vec<u8> {
    let mut key = prefix.to_vec();
    encode_item(column, &Item::Null, &mut key, &mut Vec::new());
    key
}
