//! Running casts.

use super::call::{Site, kind_of};
use super::context::Context;
use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::internal;
use crate::resolve::Cast;
use crate::table;
use types::array::{ArrayBuilder, ArrayView, Dimension};
use types::record::{RecordView, record as record_bytes};
use types::vector::VectorBuilder;
use types::{Item, Kind, Type, Value, Vector};

/// Casts a value for each row. The modifier of `to` is applied where the cast itself does (an explicit cast cuts);
/// constraints of domains are the executor's.
pub fn cast(
    context: &mut Context<'_>,
    cast: &Cast,
    (from, to): (Type, Type),
    explicit: bool,
    vector: &Vector,
) -> FunctionResult<Vector> {
    let rows = vector.len();
    let made = match cast {
        Cast::Binary => vector.clone(),
        Cast::Function(function) => {
            let entry = table::working(context.types, *function).ok_or_else(|| {
                FunctionError::Unsupported("such a cast by a function that is not built in".to_owned())
            })?;
            let extra = [Value::Int32(to.modifier), Value::Bool(explicit)];
            let mut vectors = vec![vector.clone()];
            for value in extra.iter().take(entry.arguments.len().saturating_sub(1)) {
                // Both are of the kind that the function declares.
                vectors.push(Vector::constant(value.kind().unwrap_or(Kind::Bool), value, rows)?);
            }
            let arguments =
                std::iter::once(from).chain(entry.arguments.iter().skip(1).map(|of| Type::of(*of)));
            let site = Site {
                native: 0,
                function: entry,
                arguments: arguments.collect(),
                result: to,
                variadic: false,
                columns: Box::default(),
            };
            site.evaluate(context, &vectors, rows)?
        }
        Cast::Text => through_text(context, from, to, vector)?,
        Cast::Elements(inner) => elements(context, inner, (from, to), explicit, vector)?,
        Cast::Record => record(context, (from, to), vector)?,
        Cast::Parent(places) => parent(context, to, places, vector)?,
    };
    match cast {
        // These have seen to it.
        Cast::Elements(_) | Cast::Text | Cast::Record | Cast::Parent(_) => Ok(made),
        Cast::Binary | Cast::Function(_) => fit(context, to, explicit, &made),
    }
}

/// Fits values into the modifier of their type: `varchar(3)`, `numeric(5,2)`, `timestamp(0)`.
pub fn fit(context: &Context<'_>, of: Type, explicit: bool, vector: &Vector) -> FunctionResult<Vector> {
    Ok(types::text::fit_vector(context.types, of, vector, explicit)?)
}

fn through_text(context: &Context<'_>, from: Type, to: Type, vector: &Vector) -> FunctionResult<Vector> {
    let texts = types::text::output_vector(context.types, from, vector, context.text)?;
    let read = types::text::input_vector(context.types, to, &texts, context.text);
    Ok(read.map_err(|error| error.error)?)
}

/// One vector of all elements of all rows, cast at once.
fn elements(
    context: &mut Context<'_>,
    inner: &Cast,
    (from, to): (Type, Type),
    explicit: bool,
    vector: &Vector,
) -> FunctionResult<Vector> {
    let element_of = |of: Type| {
        let base = context.types.undomained(of);
        let entry = context.types.entry(base.oid);
        let element = entry.map_or(0, |entry| entry.element);
        Type { oid: element, modifier: base.modifier }
    };
    let target = element_of(to);
    let source = Type::of(element_of(from).oid);
    let (source_kind, target_kind) = (kind_of(context, source)?, kind_of(context, target)?);
    let mut all = VectorBuilder::new(source_kind, vector.len());
    for row in 0..vector.len() {
        if let Item::Bytes(bytes) = vector.item(row) {
            let array = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
            for item in array.items() {
                all.push(&item.to_value())?;
            }
        }
    }
    let all = cast(context, inner, (source, target), explicit, &all.finish())?;
    let (mut builder, mut next) = (VectorBuilder::new(Kind::Bytes, vector.len()), 0);
    for row in 0..vector.len() {
        let Item::Bytes(bytes) = vector.item(row) else {
            builder.push_null();
            continue;
        };
        let array = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
        let mut made = ArrayBuilder::new(target.oid, target_kind);
        for _ in 0..array.len() {
            made.push(&all.item(next));
            next += 1;
        }
        let shape: Vec<Dimension> = array.dimensions().collect();
        builder.push_bytes(&made.finish(&shape))?;
    }
    Ok(builder.finish())
}

/// Column by column into a composite type.
fn record(context: &mut Context<'_>, (from, to): (Type, Type), vector: &Vector) -> FunctionResult<Vector> {
    let _ = from;
    let base = context.types.undomained(to);
    let columns: Vec<Type> = context
        .types
        .columns(base.oid)
        .ok_or_else(|| internal("a composite type without columns"))?
        .iter()
        .filter(|column| !column.dropped)
        .map(|column| column.column_type)
        .collect();
    let mut builder = VectorBuilder::new(Kind::Bytes, vector.len());
    for row in 0..vector.len() {
        let Item::Bytes(bytes) = vector.item(row) else {
            builder.push_null();
            continue;
        };
        let view = RecordView::new(bytes).ok_or_else(|| internal("damaged record"))?;
        let mut made: Vec<(u32, Kind, Value)> = Vec::with_capacity(columns.len());
        for (place, column) in columns.iter().enumerate() {
            let of = Type::of(view.column_type(place).unwrap_or(0));
            let kind = kind_of(context, *column)?;
            let found = crate::resolve::find_cast(
                context.types,
                of.oid,
                column.oid,
                crate::resolve::CastContext::Explicit,
            );
            let value = match (view.item(place).to_value(), found) {
                (Value::Null, _) => Value::Null,
                (value, Some(found)) => {
                    let one = Vector::constant(value.kind().unwrap_or(kind), &value, 1)?;
                    cast(context, &found, (of, *column), true, &one)?.value(0)
                }
                (_, None) => return Err(internal("columns that do not go together")),
            };
            made.push((column.oid, kind, value));
        }
        let items: Vec<(u32, Kind, Item<'_>)> =
            made.iter().map(|(of, kind, value)| (*of, *kind, Item::from(value))).collect();
        builder.push_bytes(&record_bytes(&items))?;
    }
    Ok(builder.finish())
}

/// Rows of a table as those of one that it inherits from.
fn parent(
    context: &Context<'_>,
    to: Type,
    places: &[Option<u32>],
    vector: &Vector,
) -> FunctionResult<Vector> {
    let base = context.types.undomained(to);
    let columns = context.types.columns(base.oid).ok_or_else(|| internal("a row type without columns"))?;
    let mut builder = VectorBuilder::new(Kind::Bytes, vector.len());
    for row in 0..vector.len() {
        let Item::Bytes(bytes) = vector.item(row) else {
            builder.push_null();
            continue;
        };
        let view = RecordView::new(bytes).ok_or_else(|| internal("damaged record"))?;
        let mut items: Vec<(u32, Kind, Item<'_>)> = Vec::with_capacity(columns.len());
        for (column, place) in columns.iter().zip(places) {
            let item = place.map_or(Item::Null, |place| view.item(place as usize));
            items.push((column.column_type.oid, kind_of(context, column.column_type)?, item));
        }
        builder.push_bytes(&record_bytes(&items))?;
    }
    Ok(builder.finish())
}
