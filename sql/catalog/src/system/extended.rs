//! Statistics of several columns together: `pg_statistic_ext`, its data, and `pg_stats_ext`.

use super::emit::{Emit, SystemContext, flag, int, letters, maybe, number, small_vector, text, texts};
use crate::error::CatalogResult;
use crate::object::{Combined, ExtendedStatistics, Object, Table};
use crate::snapshot::Scope;
use std::sync::Arc;
use types::array::{ArrayBuilder, Dimension};
use types::catalog::oid;
use types::combined::{CombinedItem, CombinedItems};
use types::text::output;
use types::value::Item;
use types::{Kind, Type};

/// All there are, by number.
fn all(scope: &Scope) -> impl Iterator<Item = &Arc<ExtendedStatistics>> {
    scope.objects().filter_map(|object| match object {
        Object::Statistics(statistics) => Some(statistics),
        _ => None, // others have tables of their own
    })
}

/// `pg_statistic_ext`.
pub(super) fn definitions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for made in all(context.scope) {
        let columns = small_vector(made.columns.iter().map(|column| column.cast_signed() + 1));
        let kinds = letters(made.kinds.shown().map(|(_, letter)| letter));
        emit.row(&[
            number(made.oid),
            number(made.table),
            text(&made.name),
            number(made.schema),
            number(made.owner),
            int(made.target),
            Item::Bytes(&columns),
            Item::Bytes(&kinds),
            Item::Null,
        ])?;
    }
    Ok(())
}

/// `pg_statistic_ext_data`.
pub(super) fn data(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for made in all(context.scope) {
        let Some(found) = &made.found else { continue };
        let (distinct, dependencies) = (distinct_text(made, found), dependencies_text(made, found));
        let common = common(context, made, found).map(|items| items.to_bytes());
        emit.row(&[
            number(made.oid),
            flag(is_inherited(context.scope, made)),
            maybe(distinct.as_deref()),
            maybe(dependencies.as_deref()),
            super::emit::bytes(&common),
            Item::Null,
        ])?;
    }
    Ok(())
}

/// Whether they are of rows in partitions.
fn is_inherited(scope: &Scope, made: &ExtendedStatistics) -> bool {
    scope.table(made.table).is_some_and(|table| table.is_partitioned())
}

/// Columns by their numbers.
fn listed(made: &ExtendedStatistics, columns: &[u16]) -> String {
    let number = |place: &u16| made.columns.get(usize::from(*place)).map_or(0, |column| column + 1);
    let numbers: Vec<String> = columns.iter().map(|place| number(place).to_string()).collect();
    numbers.join(", ")
}

fn braced(entries: &[String]) -> Option<String> {
    (!entries.is_empty()).then(|| format!("{{{}}}", entries.join(", ")))
}

fn distinct_text(made: &ExtendedStatistics, found: &Combined) -> Option<String> {
    let entry = |(columns, count): &(Vec<u16>, f64)| format!("\"{}\": {count:.0}", listed(made, columns));
    braced(&found.distinct.iter().map(entry).collect::<Vec<_>>())
}

fn dependencies_text(made: &ExtendedStatistics, found: &Combined) -> Option<String> {
    let entry = |(columns, degree): &(Vec<u16>, f64)| {
        let (telling, told) = columns.split_at(columns.len().saturating_sub(1));
        format!("\"{} => {}\": {degree:.6}", listed(made, telling), listed(made, told))
    };
    braced(&found.dependencies.iter().map(entry).collect::<Vec<_>>())
}

/// The most common combinations, with the texts of their values.
fn common(context: &SystemContext<'_>, made: &ExtendedStatistics, found: &Combined) -> Option<CombinedItems> {
    let table = context.scope.table(made.table)?;
    let types: Vec<Type> = types_of(made, table);
    let mut items = Vec::with_capacity(found.common.len());
    for common in &found.common {
        let mut values = Vec::with_capacity(types.len());
        for (of, value) in types.iter().zip(&common.values) {
            let item = Item::from(&value.0);
            if item.is_null() {
                values.push(None);
                continue;
            }
            let mut text = String::new();
            output(context.scope, *of, &item, context.settings, &mut text).ok()?;
            values.push(Some(text));
        }
        items.push(CombinedItem { values, frequency: common.frequency, base: common.base });
    }
    (!items.is_empty()).then_some(CombinedItems(items))
}

fn types_of(made: &ExtendedStatistics, table: &Table) -> Vec<Type> {
    let column = |place: &u16| table.columns.get(usize::from(*place)).map(|column| column.column_type());
    made.columns.iter().filter_map(column).collect()
}

/// A table of values by combination and column, as an array.
fn square(of: u32, kind: Kind, width: usize, items: impl Iterator<Item = Option<String>>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(of, kind);
    for item in items {
        match (kind, &item) {
            (Kind::Bool, _) => builder.push(&Item::Bool(item.is_none())),
            (_, Some(text)) => builder.push(&Item::Bytes(text.as_bytes())),
            (_, None) => builder.push(&Item::Null),
        }
    }
    let rows = builder.len().checked_div(width).unwrap_or(0);
    let size = |length: usize| Dimension { length: i32::try_from(length).unwrap_or(i32::MAX), lower: 1 };
    builder.finish(&[size(rows), size(width)])
}

fn numbers(values: impl Iterator<Item = f64>) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::FLOAT8, Kind::Float64);
    values.for_each(|value| builder.push(&Item::Float64(value)));
    builder.finish_list()
}

/// `pg_stats_ext`.
pub(super) fn statistics(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    let schema_name = |oid| scope.schema(oid).map_or("", |schema| schema.name.as_str());
    for made in all(scope) {
        let (Some(found), Some(table)) = (&made.found, scope.table(made.table)) else { continue };
        let names = made.columns.iter().filter_map(|place| table.columns.get(usize::from(*place)));
        let names = texts(oid::NAME, names.map(|column| column.name.as_str()));
        let kinds = letters(made.kinds.shown().map(|(_, letter)| letter));
        let owner = scope.role(made.owner).map_or("", |role| role.name.as_str());
        let (distinct, dependencies) = (distinct_text(made, found), dependencies_text(made, found));
        let common = common(context, made, found);
        let width = made.columns.len();
        let flat = || common.iter().flat_map(|items| &items.0).flat_map(|item| item.values.iter().cloned());
        let (values, nulls) =
            (square(oid::TEXT, Kind::Bytes, width, flat()), square(oid::BOOL, Kind::Bool, width, flat()));
        let items = || common.iter().flat_map(|items| &items.0);
        let (frequencies, bases) =
            (numbers(items().map(|item| item.frequency)), numbers(items().map(|item| item.base)));
        let shown = |bytes| if common.is_some() { Item::Bytes(bytes) } else { Item::Null };
        emit.row(&[
            text(schema_name(table.schema)),
            text(&table.name),
            text(schema_name(made.schema)),
            text(&made.name),
            text(owner),
            Item::Bytes(&names),
            Item::Null,
            Item::Bytes(&kinds),
            flag(is_inherited(scope, made)),
            maybe(distinct.as_deref()),
            maybe(dependencies.as_deref()),
            shown(&values),
            shown(&nulls),
            shown(&frequencies),
            shown(&bases),
        ])?;
    }
    Ok(())
}
