//! Rows as values.

use super::node::{CastField, Node};
use super::scope::Scope;
use crate::error::ExecuteResult;
use crate::run::Run;
use types::record::{RecordView, record};
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

/// The record of a row of a vector.
fn view(vector: &Vector, row: usize) -> Option<RecordView<'_>> {
    if vector.is_null(row) {
        return None;
    }
    vector.bytes().and_then(|bytes| RecordView::new(bytes.get(vector.place(row))))
}

/// `IS [NOT] NULL` of rows: whether all fields are (not) null. A field that is a row counts as a value. `there` says of the
/// columns of a composite type whether they are there still.
pub(super) fn is_null(operand: &Vector, negated: bool, there: &[bool]) -> Vector {
    let holds = |row| match view(operand, row) {
        Some(record) => {
            let mut items = record.items_of(there.len()).enumerate();
            items.all(|(column, item)| {
                there.get(column).is_some_and(|there| !there) || item.is_null() != negated
            })
        }
        None => !negated,
    };
    Vector::from_values::<bool>((0..operand.len()).map(holds).collect())
}

/// `ROW(…)`
pub(super) fn row(
    fields: &[(Node, u32, Kind)],
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let vectors: ExecuteResult<Vec<Vector>> = fields.iter().map(|(node, ..)| node.run(run, scope)).collect();
    let vectors = vectors?;
    let mut builder = VectorBuilder::new(Kind::Bytes, scope.rows());
    for row in 0..scope.rows() {
        let items: Vec<(u32, Kind, Item<'_>)> = fields
            .iter()
            .zip(&vectors)
            .map(|((_, of, kind), vector)| (*of, *kind, vector.item(row)))
            .collect();
        builder.push_bytes(&record(&items))?;
    }
    Ok(builder.finish())
}

/// A field of each row.
pub(super) fn field(operand: &Vector, index: u32, kind: Kind) -> ExecuteResult<Vector> {
    let mut builder = VectorBuilder::new(kind, operand.len());
    for row in 0..operand.len() {
        let item = view(operand, row).map_or(Item::Null, |record| record.item(index as usize));
        // A field of another kind than was bound is no value of this column.
        let fits = item.kind().is_none_or(|found| found == kind);
        match item {
            Item::Bytes(bytes) if fits => builder.push_bytes(bytes)?,
            item if fits => builder.push(&item.to_value())?,
            _ => builder.push_null(),
        }
    }
    Ok(builder.finish())
}

/// Rows made of the fields of others. Nothing is asked of a row that is null.
pub(super) fn cast(
    operand: &Vector,
    fields: &[CastField],
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let rows = 0..operand.len();
    // A chunk has fewer than 2^32 rows.
    let there: Vec<u32> = rows.filter(|row| view(operand, *row).is_some()).map(|row| row as u32).collect();
    let narrowed = scope.narrow(&there)?;
    let mut columns = Vec::with_capacity(fields.len());
    for CastField { place, cast, of } in fields {
        columns.push(match (place, cast) {
            (Some(place), Some(cast)) => {
                let source = own_kind(operand, *place as usize).unwrap_or(of.1);
                let values = field(operand, *place, source)?.gather(&there)?;
                Some(cast.run(run, &narrowed.scope(scope.columns()).with_element(&values))?)
            }
            (_, None) | (None, Some(_)) => None,
        });
    }
    let mut builder = VectorBuilder::new(Kind::Bytes, operand.len());
    let mut number = 0;
    for row in 0..operand.len() {
        let Some(view) = view(operand, row) else {
            builder.push_null();
            continue;
        };
        let items: Vec<(u32, Kind, Item<'_>)> = fields
            .iter()
            .zip(&columns)
            .map(|(field, column)| match column {
                Some(column) => (field.of.0, column.kind(), column.item(number)),
                None => {
                    let item = field.place.map_or(Item::Null, |place| view.item(place as usize));
                    (field.of.0, item.kind().unwrap_or(field.of.1), item)
                }
            })
            .collect();
        builder.push_bytes(&record(&items))?;
        number += 1;
    }
    Ok(builder.finish())
}

/// The kind that a field has in these rows, if it is null in not all of them.
fn own_kind(operand: &Vector, index: usize) -> Option<Kind> {
    (0..operand.len()).find_map(|row| view(operand, row)?.item(index).kind())
}

/// Each row with a field replaced; a null row has nulls besides.
pub(super) fn replace(
    whole: &Vector,
    index: u32,
    value: &Vector,
    types: &[(u32, Kind)],
) -> ExecuteResult<Vector> {
    let mut builder = VectorBuilder::new(Kind::Bytes, whole.len());
    for row in 0..whole.len() {
        let before = view(whole, row);
        let items: Vec<(u32, Kind, Item<'_>)> = types
            .iter()
            .enumerate()
            .map(|(place, (of, kind))| {
                let item = if place == index as usize {
                    value.item(row)
                } else {
                    before.map_or(Item::Null, |before| before.item(place))
                };
                (*of, *kind, item)
            })
            .collect();
        builder.push_bytes(&record(&items))?;
    }
    Ok(builder.finish())
}

/// A number of each shape, or a point of it: null where it has none of that index.
pub(super) fn shape_part(operand: &Vector, index: &Vector, kind: Kind) -> ExecuteResult<Vector> {
    /// A name has so many letters, those behind its end zero.
    const LETTERS: i32 = 64;
    let size = if kind == Kind::Float64 { 8 } else { 16 };
    let mut builder = VectorBuilder::new(kind, operand.len());
    for row in 0..operand.len() {
        let (Item::Bytes(bytes), Item::Int32(index)) = (operand.item(row), index.item(row)) else {
            builder.push_null();
            continue;
        };
        if kind == Kind::Int16 {
            let letter = usize::try_from(index).ok().filter(|_| index < LETTERS);
            let letter = letter.map(|place| i16::from(bytes.get(place).copied().unwrap_or(0)));
            builder.push(&letter.map_or(types::Value::Null, types::Value::Int16))?;
            continue;
        }
        let start = usize::try_from(index).ok().and_then(|index| index.checked_mul(size));
        match start.and_then(|start| bytes.get(start..start.checked_add(size)?)) {
            None => builder.push_null(),
            Some(part) if kind == Kind::Float64 => {
                let number = types::geometry::numbers(part).next().unwrap_or_default();
                builder.push(&types::Value::Float64(number))?;
            }
            Some(part) => builder.push_bytes(part)?,
        }
    }
    Ok(builder.finish())
}
