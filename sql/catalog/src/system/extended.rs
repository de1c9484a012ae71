//! Statistics of several columns and expressions together: `pg_statistic_ext`, its data, `pg_stats_ext` and
//! `pg_stats_ext_exprs`.

use super::emit::{Emit, SystemContext, flag, int, letters, maybe, number, small_vector, text, texts};
use crate::error::CatalogResult;
use crate::object::{ColumnStatistics, Combined, ExtendedStatistics, Object, Table};
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
        let kinds = letters(made.letters());
        let expressions: Vec<&str> = made.expressions.iter().map(|it| it.text.as_str()).collect();
        let expressions = (!expressions.is_empty()).then(|| expressions.join(", "));
        emit.row(&[
            number(made.oid),
            number(made.table),
            text(&made.name),
            number(made.schema),
            number(made.owner),
            int(made.target),
            Item::Bytes(&columns),
            Item::Bytes(&kinds),
            maybe(expressions.as_deref()),
        ])?;
    }
    Ok(())
}

/// `pg_statistic_ext_data`.
pub(super) fn data(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for made in all(context.scope) {
        for (inherited, found) in made.all_found() {
            let (distinct, dependencies) = (distinct_text(made, found), dependencies_text(made, found));
            let common = common(context, made, found).map(|items| items.to_bytes());
            emit.row(&[
                number(made.oid),
                flag(inherited),
                maybe(distinct.as_deref()),
                maybe(dependencies.as_deref()),
                super::emit::bytes(&common),
                Item::Null,
            ])?;
        }
    }
    Ok(())
}

/// Those that somebody who asks may see what was found of, with their tables: they tell values.
fn shown<'c>(
    context: &'c SystemContext<'_>,
) -> impl Iterator<Item = (&'c Arc<ExtendedStatistics>, &'c Arc<Table>)> {
    let scope = context.scope;
    let actor = scope.actor(context.user);
    all(scope).filter_map(move |made| {
        let table = scope.table(made.table)?;
        let may = actor.has_rights_of(table.owner) && !scope.asks_policies(table, &actor);
        may.then_some((made, table))
    })
}

/// Columns by their numbers.
fn listed(made: &ExtendedStatistics, columns: &[u16]) -> String {
    // Those of expressions are below zero.
    let number = |place: &u16| match made.columns.get(usize::from(*place)) {
        Some(column) => i32::from(*column) + 1,
        None => made.columns.len() as i32 - i32::from(*place) - 1,
    };
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
    let expressions = made.expressions.iter().map(|it| Type { oid: it.type_oid, modifier: it.modifier });
    made.columns.iter().filter_map(column).chain(expressions).collect()
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

/// Schemas and names of statistics and of their table, and the owner.
fn named<'c>(scope: &'c Scope, made: &'c ExtendedStatistics, table: &'c Table) -> [Item<'c>; 5] {
    let schema_name = |oid| scope.schema(oid).map_or("", |schema| schema.name.as_str());
    let owner = scope.role(made.owner).map_or("", |role| role.name.as_str());
    [
        text(schema_name(table.schema)),
        text(&table.name),
        text(schema_name(made.schema)),
        text(&made.name),
        text(owner),
    ]
}

fn some(is: bool, bytes: &[u8]) -> Item<'_> {
    if is { Item::Bytes(bytes) } else { Item::Null }
}

/// `pg_stats_ext`.
pub(super) fn statistics(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (made, table) in shown(context) {
        let names = made.columns.iter().filter_map(|place| table.columns.get(usize::from(*place)));
        let names = texts(oid::NAME, names.map(|column| column.name.as_str()));
        let expressions = context.session.gathered_expressions(made);
        let expressions = texts(oid::TEXT, expressions.iter().map(String::as_str));
        let kinds = letters(made.letters());
        for (inherited, found) in made.all_found() {
            let (distinct, dependencies) = (distinct_text(made, found), dependencies_text(made, found));
            let common = common(context, made, found);
            let items = || common.iter().flat_map(|items| &items.0);
            let flat = || items().flat_map(|item| item.values.iter().cloned());
            let values = square(oid::TEXT, Kind::Bytes, made.width(), flat());
            let nulls = square(oid::BOOL, Kind::Bool, made.width(), flat());
            let frequencies = numbers(items().map(|item| item.frequency));
            let bases = numbers(items().map(|item| item.base));
            let mut row = named(context.scope, made, table).to_vec();
            row.extend([
                some(!made.columns.is_empty(), &names),
                some(!made.expressions.is_empty(), &expressions),
                Item::Bytes(&kinds),
                flag(inherited),
                maybe(distinct.as_deref()),
                maybe(dependencies.as_deref()),
                some(common.is_some(), &values),
                some(common.is_some(), &nulls),
                some(common.is_some(), &frequencies),
                some(common.is_some(), &bases),
            ]);
            emit.row(&row)?;
        }
    }
    Ok(())
}

/// `pg_stats_ext_exprs`.
pub(super) fn of_expressions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (made, table) in shown(context) {
        let texts = context.session.gathered_expressions(made);
        let own = named(context.scope, made, table);
        let mut found: Vec<(bool, &[Option<ColumnStatistics>])> =
            made.all_found().map(|(inherited, found)| (inherited, found.expressions.as_slice())).collect();
        let nothing_found = found.is_empty();
        if nothing_found {
            found.push((false, &[]));
        }
        for (inherited, found) in found {
            for (place, (expression, shown)) in made.expressions.iter().zip(&texts).enumerate() {
                let mut row = own.to_vec();
                row.push(text(shown));
                row.push(if nothing_found { Item::Null } else { flag(inherited) });
                let of = Type { oid: expression.type_oid, modifier: expression.modifier };
                match found.get(place).and_then(Option::as_ref) {
                    Some(known) => super::views::with_statistics(context, of, known, row, emit)?,
                    None => {
                        row.extend([const { Item::Null }; 10]);
                        emit.row(&row)?;
                    }
                }
            }
        }
    }
    Ok(())
}
