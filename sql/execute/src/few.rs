//! A short statement: columns of the few rows in a range of an index whose values are given.
//!
//! As for one row ([`Point`](crate::Point)), what operators would do is known once and for all: a run is a walk through a few
//! entries of the index, a look at their rows, and the values of some columns.
//!
//! Invariants
//!
//! 1. It yields what the operators yield, in their order, or says that the rows are too many: then nothing is told of them.
//! 2. Nothing is written while it reads, so that it needs no view.

use crate::error::ExecuteResult;
use crate::operator::{Edges, dangling, key_columns, lie_together, row_id};
use crate::point::{Given, scanned};
use crate::tally::Tally;
use plan::expression::Expression;
use plan::physical::{IndexScan, KeyRange, Plan};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use store::{Bounds, Transaction, TreeId};
use types::key::KeyColumn;
use types::row::{RowLayout, decode_column};
use types::vector::Chunk;
use types::{Item, Value};

/// More rows are left to operators.
const MOST: usize = 256;

/// The statement.
pub struct Few {
    index: TreeId,
    keys: Vec<KeyColumn>,
    range: GivenRange,
    backward: bool,
    table: TreeId,
    layout: Arc<RowLayout>,
    /// Columns of the layout, and what they are in rows older than they are.
    columns: Vec<(usize, Value)>,
}

/// A range of keys whose values are given.
struct GivenRange {
    equal: Vec<Option<Given>>,
    low: Option<(Given, bool)>,
    high: Option<(Given, bool)>,
    nulls: bool,
}

/// Rows that were read, one after another.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl Rows {
    fn push(&mut self, content: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(content);
        self.places.push(start..self.bytes.len());
    }
}

impl GivenRange {
    fn of(range: &KeyRange) -> Option<GivenRange> {
        let bound = |bound: &Option<(Expression, bool)>| match bound {
            None => Some(None),
            Some((value, inside)) => Some(Some((Given::of(value)?, *inside))),
        };
        let KeyRange { equal, among: None, low, high, nulls, not_null: _ } = range else { return None };
        let equal = equal.iter().map(|value| match value {
            None => Some(None),
            Some(value) => Some(Some(Given::of(value)?)),
        });
        let (low, high) = (bound(low)?, bound(high)?);
        Some(GivenRange { equal: equal.collect::<Option<_>>()?, low, high, nulls: *nulls })
    }

    /// The keys within it; none if there cannot be one.
    fn bounds(&self, keys: &[KeyColumn], parameters: &[Value]) -> ExecuteResult<Option<Bounds>> {
        let mut equal = Vec::with_capacity(self.equal.len());
        for value in &self.equal {
            equal.push(match value {
                None => Item::Null,
                Some(given) => match given.value(parameters)? {
                    Value::Null => return Ok(None),
                    value => Item::from(value),
                },
            });
        }
        let mut edges = [None, None];
        for (edge, bound) in edges.iter_mut().zip([&self.low, &self.high]) {
            if let Some((given, inside)) = bound {
                match given.value(parameters)? {
                    Value::Null => return Ok(None),
                    value => *edge = Some((Item::from(value), *inside)),
                }
            }
        }
        let [low, high] = edges;
        Ok(Edges { equal, low, high, nulls: self.nulls }.bounds(keys))
    }
}

impl Few {
    /// The plan as such a statement, if it is one.
    pub fn of(plan: &Plan) -> Option<Few> {
        let (scan, columns) = scanned(plan)?;
        let IndexScan { scan: of_table, ranges, .. } = scan;
        let [range] = ranges.as_slice() else { return None };
        let plain = scan.searches.is_empty() && scan.nearest.is_none() && scan.index_only.is_none();
        if !of_table.filter.is_empty() || of_table.sample.is_some() || !plain {
            return None;
        }
        Some(Few {
            index: TreeId(scan.index_tree),
            keys: key_columns(&scan.keys),
            range: GivenRange::of(range)?,
            backward: scan.backward,
            table: TreeId(of_table.tree),
            layout: of_table.layout.clone(),
            columns,
        })
    }

    /// The tree of the index.
    pub fn index(&self) -> TreeId {
        self.index
    }

    /// Reads the rows; none if they are more than a few.
    ///
    /// # Errors
    /// When a page cannot be read, or a row is damaged.
    pub fn read(
        &self,
        transaction: &mut Transaction,
        parameters: &[Value],
        tally: &mut Tally,
    ) -> ExecuteResult<Option<Chunk>> {
        let mut ids = Vec::new();
        if let Some(bounds) = self.range.bounds(&self.keys, parameters)? {
            let mut damaged = None;
            transaction.each_within(self.index, &bounds, |_, value| {
                match row_id(value) {
                    Ok(id) => ids.push(id),
                    Err(error) => damaged = Some(error),
                }
                if ids.len() > MOST || damaged.is_some() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
            if let Some(error) = damaged {
                return Err(error);
            }
        }
        if ids.len() > MOST {
            return Ok(None);
        }
        tally.looked_up(self.index.0, ids.len() as u64);
        if self.backward {
            ids.reverse();
        }
        let rows = self.rows(&ids, transaction)?;
        let mut columns = Vec::with_capacity(self.columns.len());
        for (column, missing) in &self.columns {
            let bytes = rows.places.iter().map(|place| &rows.bytes[place.clone()]);
            columns.push(decode_column(&self.layout, *column, bytes, missing)?);
        }
        Ok(Some(Chunk::new(columns, ids.len())))
    }

    fn rows(&self, ids: &[i64], transaction: &mut Transaction) -> ExecuteResult<Rows> {
        let mut rows =
            Rows { bytes: Vec::with_capacity(ids.len() * 64), places: Vec::with_capacity(ids.len()) };
        if !lie_together(ids) {
            for id in ids {
                let found =
                    transaction.get_with(self.table, &id.to_be_bytes(), |content| rows.push(content))?;
                found.ok_or_else(|| dangling(*id))?;
            }
            return Ok(rows);
        }
        let (first, last) = (ids.first().copied().unwrap_or(0), ids.last().copied().unwrap_or(0));
        let to = last.checked_add(1).map(|behind| behind.to_be_bytes().to_vec());
        let bounds = Bounds { from: first.to_be_bytes().to_vec(), to };
        let mut wanted = ids.iter().peekable();
        transaction.each_within(self.table, &bounds, |key, content| {
            let id = key.row_number().map(u64::cast_signed);
            if wanted.next_if(|wanted| Some(**wanted) == id).is_some() {
                rows.push(content);
            }
            ControlFlow::Continue(())
        })?;
        // Whoever was passed over is not there.
        match wanted.next() {
            Some(id) => Err(dangling(*id)),
            None => Ok(rows),
        }
    }
}
