//! The views of `pg_catalog` that people read.

use super::class::{all_relations, has_triggers, owner_of};
use super::emit::{Emit, SystemContext, flag, int, maybe, number, text};
use crate::error::CatalogResult;
use crate::object::{ColumnStatistics, Datum, INHERITED, Object, Oid, Privileges};
use crate::snapshot::{Relation, Scope};
use types::Types;
use types::array::ArrayBuilder;
use types::catalog::{Type, oid};
use types::kind::Kind;
use types::text::output;
use types::value::Item;

/// `text[]`
const TEXTS: Oid = 1009;

fn schema_name(scope: &Scope, schema: Oid) -> &str {
    scope.schema(schema).map_or("", |schema| &schema.name)
}

/// `pg_tables`.
pub(super) fn tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let (is_table, has_indexes, has_triggers) = match &relation {
            Relation::Table(table) if table.is_materialized() || table.is_foreign() => (false, false, false),
            Relation::Table(table) => {
                (true, scope.indexes_of(table.oid).next().is_some(), has_triggers(scope, table.oid))
            }
            Relation::System(table) => (!table.is_view, false, false),
            Relation::View(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => {
                (false, false, false)
            }
        };
        if is_table {
            let owner = scope.role_name(owner_of(scope, &relation));
            emit.row(&[
                text(schema_name(scope, relation.schema())),
                text(relation.name()),
                text(&owner),
                tablespace(scope, relation.oid()),
                flag(has_indexes),
                flag(false),
                flag(has_triggers),
                flag(matches!(&relation, Relation::Table(table) if table.row_security)),
            ])?;
        }
    }
    Ok(())
}

/// `pg_views`.
pub(super) fn views(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let query = match &relation {
            Relation::View(view) => Some(context.session.view_definition(view)),
            // Its rows are computed, there is no query.
            Relation::System(table) if table.is_view => None,
            Relation::System(_)
            | Relation::Table(_)
            | Relation::Index(_)
            | Relation::Sequence(_)
            | Relation::Composite(_) => continue,
        };
        let owner = scope.role_name(owner_of(scope, &relation));
        emit.row(&[
            text(schema_name(scope, relation.schema())),
            text(relation.name()),
            text(&owner),
            maybe(query.as_deref()),
        ])?;
    }
    Ok(())
}

/// `pg_matviews`.
pub(super) fn materialized_views(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let Relation::Table(table) = &relation else { continue };
        let Some(view) = table.materialized() else { continue };
        let definition = context.session.materialized_definition(table);
        emit.row(&[
            text(schema_name(scope, table.schema)),
            text(&table.name),
            text(&scope.role_name(table.owner)),
            tablespace(scope, table.oid),
            flag(scope.indexes_of(table.oid).next().is_some()),
            flag(view.populated),
            maybe(definition.as_deref()),
        ])?;
    }
    Ok(())
}

/// `pg_rules`: those that are no views.
pub(super) fn rules(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for object in scope.objects() {
        let Object::Rewrite(rule) = object else { continue };
        let Some(relation) = scope.relation(rule.relation) else { continue };
        let definition = context.session.rule_definition(rule);
        emit.row(&[
            text(schema_name(scope, relation.schema())),
            text(relation.name()),
            text(&rule.name),
            maybe(definition.as_deref()),
        ])?;
    }
    Ok(())
}

/// `pg_indexes`.
pub(super) fn indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let Relation::Index(index) = &relation else { continue };
        let Some(table) = scope.table(index.table) else { continue };
        let definition = scope.index_definition(index);
        emit.row(&[
            text(schema_name(scope, table.schema)),
            text(&table.name),
            text(&index.name),
            tablespace(scope, index.oid),
            text(&definition),
        ])?;
    }
    Ok(())
}

/// The name of the tablespace that a relation is to lie in, if it is not the default one.
fn tablespace(scope: &Scope, relation: Oid) -> Item<'_> {
    scope.tablespace(scope.tablespace_of(relation)).map_or(Item::Null, |found| text(&found.name))
}

/// `pg_sequences`.
pub(super) fn sequences(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let Relation::Sequence(sequence) = &relation else { continue };
        let owner = scope.role_name(sequence.owner);
        emit.row(&[
            text(schema_name(scope, sequence.schema)),
            text(&sequence.name),
            text(&owner),
            number(sequence.type_oid),
            Item::Int64(sequence.start),
            Item::Int64(sequence.minimum),
            Item::Int64(sequence.maximum),
            Item::Int64(sequence.increment),
            flag(sequence.cycle),
            Item::Int64(sequence.cache),
            context.session.last_value(sequence)?.map_or(Item::Null, Item::Int64),
        ])?;
    }
    Ok(())
}

/// `pg_stats`.
pub(super) fn statistics(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    let actor = scope.actor(context.user);
    for object in scope.objects() {
        let Object::Table(table) = object else { continue };
        if scope.asks_policies(table, &actor) {
            // What some of its rows have would be told of all of them.
            continue;
        }
        let reads_all = actor.privileges(scope, object).contains(Privileges::SELECT);
        for (place, column) in table.live_columns() {
            if !reads_all && !actor.column_privileges(&column.acl).contains(Privileges::SELECT) {
                continue;
            }
            let place = u16::try_from(place).unwrap_or(u16::MAX);
            for (place, inherited) in [(place, table.is_partitioned()), (place | INHERITED, true)] {
                let Some(known) = scope.column_statistics(table.oid, place) else { continue };
                let own = vec![
                    text(schema_name(scope, table.schema)),
                    text(&table.name),
                    text(&column.name),
                    flag(inherited),
                ];
                with_statistics(context, column.column_type(), known, own, emit)?;
            }
        }
    }
    Ok(())
}

/// A row that ends in what is known of values of a type.
pub(super) fn with_statistics<'i>(
    context: &SystemContext<'_>,
    of: Type,
    known: &'i ColumnStatistics,
    row: Vec<Item<'i>>,
    emit: &mut Emit,
) -> CatalogResult<()> {
    let common = values_text(context, of, known.most_common.iter().map(|(value, _)| value));
    let mut shares = ArrayBuilder::new(oid::FLOAT4, Kind::Float32);
    for (_, share) in &known.most_common {
        shares.push(&Item::Float32(*share));
    }
    let shares = (!known.most_common.is_empty()).then(|| shares.finish_list());
    let histogram = values_text(context, of, known.histogram.iter());
    // It comes to hold what lives no longer than this.
    let mut row: Vec<Item<'_>> = row;
    row.extend([
        Item::Float32(known.null_fraction),
        int(known.average_width),
        Item::Float32(known.distinct),
        maybe(common.as_deref()),
        super::emit::bytes(&shares),
        maybe(histogram.as_deref()),
        known.correlation.map_or(Item::Null, Item::Float32),
        Item::Null,
        Item::Null,
        Item::Null,
    ]);
    emit.row(&row)
}

/// Values of a type without arrays, which are shown as an array of their texts.
fn texts_of<'v>(
    context: &SystemContext<'_>,
    of: Type,
    values: impl Iterator<Item = &'v Datum>,
) -> Option<String> {
    let scope = context.scope;
    let mut builder = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    for value in values {
        let mut text = String::new();
        output(scope, of, &Item::from(&value.0), context.settings, &mut text).ok()?;
        builder.push(&Item::Bytes(text.as_bytes()));
    }
    if builder.is_empty() {
        return None;
    }
    let (mut text, array) = (String::new(), builder.finish_list());
    output(scope, Type::of(TEXTS), &Item::Bytes(&array), context.settings, &mut text).ok()?;
    Some(text)
}

/// Values as the text of an array; nothing for none.
fn values_text<'v>(
    context: &SystemContext<'_>,
    of: Type,
    values: impl Iterator<Item = &'v Datum>,
) -> Option<String> {
    let scope = context.scope;
    let entry = scope.entry(scope.undomained(of).oid)?;
    if entry.array == 0 {
        return texts_of(context, of, values);
    }
    let mut builder = ArrayBuilder::new(of.oid, entry.kind?);
    for value in values {
        let kind = value.0.kind();
        if kind.is_none_or(|kind| Some(kind) == entry.kind) {
            builder.push(&Item::from(&value.0));
        }
    }
    if builder.is_empty() {
        return None;
    }
    let array = builder.finish_list();
    let mut text = String::new();
    let array_type = Type::of(entry.array);
    // A type without a text form has nothing to show.
    output(scope, array_type, &Item::Bytes(&array), context.settings, &mut text).ok()?;
    Some(text)
}
