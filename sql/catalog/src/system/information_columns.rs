//! `information_schema.columns` and `.domains`: types in the words of the standard.

use super::constraint::{all_constraints, default_of};
use super::emit::{Emit, SystemContext, int, maybe, text, yes};
use super::information::Asker;
use crate::error::CatalogResult;
use crate::object::{Object, Oid, PG_CATALOG, SUPERUSER, Sequence, Source};
use crate::snapshot::{Relation, Scope};
use types::Types;
use types::catalog::{Form, Type, character_length, numeric_shape, oid, type_name};
use types::value::Item;

/// What the standard says of a type, domains replaced by what they are made of.
pub(super) struct Described {
    pub(super) data_type: String,
    characters: Option<i32>,
    octets: Option<i32>,
    precision: Option<i32>,
    radix: Option<i32>,
    scale: Option<i32>,
    fraction: Option<i32>,
    interval: Option<String>,
    pub(super) schema: Oid,
    pub(super) name: String,
}

impl Described {
    /// What a column of these names tells, wherever types are told in the words of the standard.
    pub(super) fn item(&self, column: &str) -> Item<'_> {
        match column {
            "data_type" => text(&self.data_type),
            "character_maximum_length" => some(self.characters),
            "character_octet_length" => some(self.octets),
            "numeric_precision" => some(self.precision),
            "numeric_precision_radix" => some(self.radix),
            "numeric_scale" => some(self.scale),
            "datetime_precision" => some(self.fraction),
            "interval_type" => maybe(self.interval.as_deref()),
            _ => Item::Null,
        }
    }
}

/// The columns that name a type.
pub(super) fn type_item<'v>(asker: &Asker<'v>, described: &'v Described, column: &str) -> Item<'v> {
    match column {
        "udt_catalog" => text(asker.database),
        "udt_schema" => text(asker.schema(described.schema)),
        "udt_name" => text(&described.name),
        _ => Item::Null,
    }
}

pub(super) fn describe(scope: &Scope, of: Type) -> Described {
    let entry = scope.entry(of.oid);
    let schema = scope.made_type(of.oid).map_or(PG_CATALOG, |made| made.schema);
    let data_type = match entry {
        Some(entry) if entry.form == Form::Array => "ARRAY".to_owned(),
        Some(_) if schema == PG_CATALOG => type_name(scope, of.oid, None),
        Some(_) | None => "USER-DEFINED".to_owned(),
    };
    let characters = match of.oid {
        oid::VARCHAR | oid::BPCHAR => {
            character_length(of.modifier).and_then(|length| i32::try_from(length).ok())
        }
        oid::BIT | oid::VARBIT if of.modifier >= 0 => Some(of.modifier),
        _ => None,
    };
    let octets = match (of.oid, characters) {
        (oid::TEXT, _) | (oid::VARCHAR | oid::BPCHAR, None) => Some(OCTETS_MAX),
        (oid::VARCHAR | oid::BPCHAR, Some(characters)) => characters.checked_mul(4),
        _ => None,
    };
    let shape = (of.oid == oid::NUMERIC).then(|| numeric_shape(of.modifier)).flatten();
    let (precision, radix, scale) = match of.oid {
        oid::INT2 => (Some(16), Some(2), Some(0)),
        oid::INT4 => (Some(32), Some(2), Some(0)),
        oid::INT8 => (Some(64), Some(2), Some(0)),
        oid::FLOAT4 => (Some(24), Some(2), None),
        oid::FLOAT8 => (Some(53), Some(2), None),
        oid::NUMERIC => (
            shape.map(|(precision, _)| i32::from(precision)),
            Some(10),
            shape.map(|(_, scale)| i32::from(scale)),
        ),
        _ => (None, None, None),
    };
    let fraction = match of.oid {
        oid::DATE => Some(0),
        oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            Some(if of.modifier >= 0 { of.modifier } else { 6 })
        }
        oid::INTERVAL => Some(interval_digits(of.modifier)),
        _ => None,
    };
    let has_fields =
        of.oid == oid::INTERVAL && of.modifier >= 0 && of.modifier >> 16 & ALL_FIELDS != ALL_FIELDS;
    let interval = has_fields.then(|| {
        let name = type_name(scope, oid::INTERVAL, Some(of.modifier));
        name.trim_start_matches("interval ").to_uppercase()
    });
    let name = entry.map_or_else(String::new, |entry| entry.name.to_owned());
    Described { data_type, characters, octets, precision, radix, scale, fraction, interval, schema, name }
}

/// The fields of an interval that keeps all.
const ALL_FIELDS: i32 = 0x7fff;
/// What stands in the place of an interval's digits if it keeps all six.
const ALL_DIGITS: i32 = 0xffff;

/// How many digits of the second an interval keeps.
fn interval_digits(modifier: i32) -> i32 {
    match modifier & ALL_DIGITS {
        ALL_DIGITS => 6,
        digits => digits,
    }
}

/// The most bytes that a text has, to the standard.
const OCTETS_MAX: i32 = 1 << 30;

fn some(value: Option<i32>) -> Item<'static> {
    value.map_or(Item::Null, Item::Int32)
}

/// A column of a table or view, as far as its row asks.
struct Shown<'a> {
    name: &'a str,
    of: Type,
    collation: Oid,
    not_null: bool,
    default: Option<&'a str>,
    generated: Option<&'a str>,
    identity: Option<(bool, Option<&'a Sequence>)>,
    updatable: bool,
}

/// `columns`.
pub(super) fn columns(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    for relation in asker.relations() {
        let mut one = |place: usize, shown: &Shown<'_>| emit_column(&asker, &relation, place, shown, emit);
        match &relation {
            Relation::Table(table) => {
                for (place, column) in table.live_columns() {
                    let mut shown = plain(&column.name, column.column_type());
                    (shown.collation, shown.not_null) = (column.collation, column.not_null);
                    let told = |kept: &str| context.session.expression(kept, table.oid);
                    let default = default_of(&column.source).map(told);
                    shown.default = default.as_deref();
                    shown.updatable = !table.is_foreign();
                    let generated;
                    match &column.source {
                        Source::Generated(expression) => {
                            generated = told(&expression.text);
                            shown.generated = Some(&generated);
                        }
                        Source::Identity { always, sequence } => {
                            shown.identity = Some((*always, scope.sequence(*sequence).map(|found| &**found)));
                        }
                        Source::Null | Source::Default(_) => {}
                    }
                    one(place, &shown)?;
                }
            }
            Relation::View(view) => {
                for (place, column) in view.columns.iter().enumerate() {
                    let mut shown = plain(&column.column.name, column.column.column_type());
                    shown.collation = column.column.collation;
                    let told = |kept: &str| context.session.expression(kept, view.oid);
                    let default = column.default.as_ref().map(|default| told(&default.text));
                    shown.default = default.as_deref();
                    shown.updatable = context.session.column_is_updatable(view.oid, place as i32 + 1);
                    one(place, &shown)?;
                }
            }
            Relation::System(table) => {
                for (place, column) in table.columns.iter().enumerate() {
                    let mut shown = plain(column.name, column.column_type());
                    shown.not_null = column.not_null;
                    shown.collation = super::collation_of(column.type_oid);
                    shown.updatable = !table.is_view;
                    one(place, &shown)?;
                }
            }
            Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => {}
        }
    }
    Ok(())
}

fn plain(name: &str, of: Type) -> Shown<'_> {
    Shown {
        name,
        of,
        collation: 0,
        not_null: false,
        default: None,
        generated: None,
        identity: None,
        updatable: false,
    }
}

/// The schema and the name of a collation that is not the default one.
pub(super) fn collation_name(scope: &Scope, collation: Oid) -> Option<(&str, &str)> {
    let (schema, name) = scope.collation_known(collation).filter(|(_, name)| *name != "default")?;
    Some((scope.schema(schema).map_or("", |schema| schema.name.as_str()), name))
}

fn emit_column(
    asker: &Asker<'_>,
    relation: &Relation,
    place: usize,
    shown: &Shown<'_>,
    emit: &mut Emit,
) -> CatalogResult<()> {
    let scope = asker.scope;
    let described = describe(scope, scope.undomained(shown.of));
    let domain = scope.domain(shown.of.oid);
    let identifier = (place + 1).to_string();
    let collation = collation_name(scope, shown.collation);
    let sequence = shown.identity.and_then(|(_, sequence)| sequence);
    let numbers = sequence.map(|found| {
        [found.start, found.increment, found.maximum, found.minimum].map(|value| value.to_string())
    });
    let numbered = |at: usize| maybe(numbers.as_ref().map(|numbers| numbers[at].as_str()));
    let nullable = !shown.not_null && domain.is_none_or(|domain| !domain.not_null);
    let generation = shown.identity.map(|(always, _)| if always { "ALWAYS" } else { "BY DEFAULT" });
    emit.row(&[
        text(asker.database),
        text(asker.schema(relation.schema())),
        text(relation.name()),
        text(shown.name),
        int(place + 1),
        maybe(shown.default),
        yes(nullable),
        text(&described.data_type),
        some(described.characters),
        some(described.octets),
        some(described.precision),
        some(described.radix),
        some(described.scale),
        some(described.fraction),
        maybe(described.interval.as_deref()),
        Item::Null,
        Item::Null,
        Item::Null,
        Item::Null,
        maybe(collation.map(|_| asker.database)),
        maybe(collation.map(|(schema, _)| schema)),
        maybe(collation.map(|(_, name)| name)),
        maybe(domain.map(|_| asker.database)),
        maybe(domain.map(|domain| asker.schema(domain.schema))),
        maybe(domain.map(|domain| domain.name.as_str())),
        text(asker.database),
        text(asker.schema(described.schema)),
        text(&described.name),
        Item::Null,
        Item::Null,
        Item::Null,
        Item::Null,
        text(&identifier),
        yes(false),
        yes(shown.identity.is_some()),
        maybe(generation),
        numbered(0),
        numbered(1),
        numbered(2),
        numbered(3),
        yes(sequence.is_some_and(|sequence| sequence.cycle)),
        text(if shown.generated.is_some() { "ALWAYS" } else { "NEVER" }),
        maybe(shown.generated),
        yes(shown.updatable),
    ])
}

/// `domains`.
pub(super) fn domains(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    for object in scope.objects() {
        let Object::Domain(domain) = object else { continue };
        let described = describe(scope, scope.undomained(domain.base()));
        let collation = collation_name(scope, domain.collation);
        emit.row(&[
            text(asker.database),
            text(asker.schema(domain.schema)),
            text(&domain.name),
            text(if scope.domain(domain.base_oid).is_some() { "USER-DEFINED" } else { &described.data_type }),
            some(described.characters),
            some(described.octets),
            Item::Null,
            Item::Null,
            Item::Null,
            maybe(collation.map(|_| asker.database)),
            maybe(collation.map(|(schema, _)| schema)),
            maybe(collation.map(|(_, name)| name)),
            some(described.precision),
            some(described.radix),
            some(described.scale),
            some(described.fraction),
            maybe(described.interval.as_deref()),
            Item::Null,
            maybe(domain.default.as_deref()),
            text(asker.database),
            text(asker.schema(described.schema)),
            text(&described.name),
            Item::Null,
            Item::Null,
            Item::Null,
            Item::Null,
            text("1"),
        ])?;
    }
    Ok(())
}

/// `domain_constraints`.
pub(super) fn domain_constraints(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let (scope, asker) = (context.scope, Asker::new(context));
    for constraint in all_constraints(scope) {
        let Some(domain) = scope.domain(constraint.domain) else { continue };
        if !asker.has_role(domain.owner) && domain.owner != SUPERUSER {
            continue;
        }
        emit.row(&[
            text(asker.database),
            text(asker.schema(constraint.schema)),
            text(&constraint.name),
            text(asker.database),
            text(asker.schema(domain.schema)),
            text(&domain.name),
            yes(constraint.deferrable),
            yes(constraint.initially_deferred),
        ])?;
    }
    Ok(())
}
