//! Types, enum labels, collations.

use super::emit::{Emit, SystemContext, acl, bytes, flag, int, letter, maybe, number, small, text};
use super::routine::named;
use crate::error::CatalogResult;
use crate::object::{
    Acl, BaseType, Domain, FIXED_COLLATIONS, FIXED_CONVERSIONS, Object, Oid, PG_CATALOG, SUPERUSER,
};
use crate::snapshot::{MadeType, Scope};
use types::Types;
use types::catalog::{Form, TypeEntry, builtin_types, oid};
use types::value::Item;

/// The collation `default`.
pub const DEFAULT_COLLATION: Oid = 100;
/// The collation `C`.
const C_COLLATION: Oid = 950;

/// The collation of a built-in type's values: 0 for a type that has none.
pub fn collation_of(type_oid: Oid) -> Oid {
    match type_oid {
        oid::NAME => C_COLLATION,
        // name[], and the texts of information_schema with their arrays.
        1003 | 13223..=13226 | 13233 | 13234 => C_COLLATION,
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::PG_NODE_TREE => DEFAULT_COLLATION,
        // Their arrays, and what the server keeps for itself.
        1009 | 1014 | 1015 | 3361 | 3402 | 4600 | 4601 | 5017 => DEFAULT_COLLATION,
        _ => 0,
    }
}

/// `typalign`.
pub fn alignment_of(scope: &Scope, entry: &TypeEntry<'_>) -> u8 {
    match entry.form {
        Form::Array => {
            scope.entry(entry.element).map_or(b'i', |element| match alignment_of(scope, &element) {
                b'd' => b'd',
                _ => b'i',
            })
        }
        Form::Composite => b'd',
        Form::Range | Form::Multirange => {
            let subtype = scope.range(entry.oid).and_then(|names| scope.entry(names.subtype));
            match subtype.map(|subtype| alignment_of(scope, &subtype)) {
                Some(b'd') => b'd',
                _ => b'i',
            }
        }
        Form::Base | Form::Enum | Form::Domain | Form::Pseudo => {
            if let Some(Object::Base(base)) = scope.object(scope.undomained(types::Type::of(entry.oid)).oid) {
                return base.shape.as_ref().map_or(b'i', |shape| shape.alignment);
            }
            match (entry.length, entry.oid) {
                (1 | 64 | -2, _) | (_, oid::UUID) => b'c',
                (2 | 6, oid::INT2 | oid::TID) => b's',
                (8 | 16 | 24 | 32, of) if of != MACADDR8 => b'd',
                (_, oid::TIMETZ | oid::RECORD) => b'd',
                // Paths, polygons, snapshots, and whatever stands for ranges of what is eight bytes wide.
                (-1, 602 | 604 | 2970 | 5038) => b'd',
                (-1, 2277 | 3831 | 4537 | 4538 | 5078 | 5080) => b'd',
                _ => b'i',
            }
        }
    }
}

const MACADDR8: Oid = 774;

/// `typstorage`.
pub fn storage_of(scope: &Scope, entry: &TypeEntry<'_>) -> u8 {
    if let Some(Object::Base(base)) = scope.object(scope.undomained(types::Type::of(entry.oid)).oid) {
        return base.shape.as_ref().map_or(b'p', |shape| shape.storage);
    }
    match entry.oid {
        oid::NUMERIC | 869 | 650 => b'm',
        oid::INT2VECTOR | oid::OIDVECTOR | 3615 | 3642 => b'p',
        _ if entry.length < 0 && entry.length != -2 => b'x',
        _ => b'p',
    }
}

/// What `pg_type` says of a type besides its entry.
struct Facts<'a> {
    name: &'a str,
    schema: Oid,
    owner: Oid,
    relation: Oid,
    domain: Option<&'a Domain>,
    base: Option<&'a BaseType>,
    acl: &'a Acl,
}

const NO_ACL: Acl = None;

fn made_facts<'a>(scope: &'a Scope, made: &'a MadeType) -> Facts<'a> {
    let mut facts = Facts {
        name: &made.name,
        schema: made.schema,
        owner: SUPERUSER,
        relation: 0,
        domain: None,
        base: None,
        acl: &NO_ACL,
    };
    let is_rows = made.columns.is_some();
    if scope.system_table(made.object).is_some() {
        facts.relation = if is_rows { made.object } else { 0 };
        return facts;
    }
    let Some(object) = scope.object(made.object) else { return facts };
    facts.owner = object.owner().unwrap_or(SUPERUSER);
    match object {
        Object::Table(_) | Object::View(_) if is_rows => facts.relation = made.object,
        Object::Composite(composite) if is_rows => {
            (facts.relation, facts.acl) = (composite.class, &composite.acl);
        }
        Object::Domain(domain) if made.oid == domain.oid => {
            (facts.domain, facts.acl) = (Some(&**domain), &domain.acl);
        }
        Object::Enum(enumeration) if made.oid == enumeration.oid => facts.acl = &enumeration.acl,
        Object::Base(base) if made.oid == base.oid => (facts.base, facts.acl) = (Some(&**base), &base.acl),
        Object::Range(range) if made.oid == range.oid => facts.acl = &range.acl,
        Object::Multirange(multirange) if made.oid == multirange.oid => facts.acl = &multirange.acl,
        Object::Table(_)
        | Object::View(_)
        | Object::Composite(_)
        | Object::Base(_)
        | Object::Range(_)
        | Object::Multirange(_)
        | Object::Cast(_)
        | Object::Collation(_)
        | Object::Conversion(_)
        | Object::EventTrigger(_)
        | Object::Extension(_)
        | Object::Operator(_)
        | Object::OperatorClass(_)
        | Object::OperatorFamily(_)
        | Object::Statistics(_)
        | Object::Rewrite(_)
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Search(_)
        | Object::Policy(_)
        | Object::Trigger(_)
        | Object::Domain(_)
        | Object::Enum(_)
        | Object::Schema(_)
        | Object::Index(_)
        | Object::Sequence(_)
        | Object::Constraint(_)
        | Object::Function(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => {}
    }
    facts
}

fn emit_type(
    context: &SystemContext<'_>,
    entry: &TypeEntry<'_>,
    facts: &Facts<'_>,
    emit: &mut Emit,
) -> CatalogResult<()> {
    let scope = context.scope;
    let domain = facts.domain;
    let access = acl(scope, facts.acl);
    let collation = scope.type_collation(entry.oid);
    let kept = domain.and_then(|domain| domain.default.as_deref());
    let default = kept.map(|kept| context.session.expression(kept, 0));
    let default = default.as_deref();
    let io = TextFunctions::of(scope, entry);
    let (subscript, analyze) = looking(entry);
    let shape = facts.base.and_then(|base| base.shape.as_ref());
    let default = default.or_else(|| shape.and_then(|shape| shape.default.as_deref()));
    let category = shape.map_or(entry.category.letter() as u8, |shape| shape.category);
    emit.row(&[
        number(entry.oid),
        text(facts.name),
        number(facts.schema),
        number(facts.owner),
        small(entry.length),
        flag(entry.by_value),
        // Arrays of records are no type of values.
        letter(if entry.oid == oid::RECORD_ARRAY { b'p' } else { entry.form.letter() as u8 }),
        letter(category),
        flag(entry.preferred),
        flag(facts.base.is_none() || shape.is_some()),
        letter(entry.delimiter),
        number(facts.relation),
        number(shape.map_or_else(|| named(subscript), |shape| shape.subscript)),
        number(entry.element),
        number(entry.array),
        number(io.input),
        number(io.output),
        number(io.receive),
        number(io.send),
        number(io.modifier),
        number(io.modifier_output),
        number(shape.map_or_else(|| named(analyze), |shape| shape.analyze)),
        letter(alignment_of(scope, entry)),
        letter(storage_of(scope, entry)),
        flag(domain.is_some_and(|domain| domain.not_null)),
        number(domain.map_or(0, |domain| domain.base_oid)),
        int(domain.map_or(-1, |domain| domain.modifier)),
        int(0),
        number(collation),
        maybe(default),
        maybe(default),
        bytes(&access),
    ])
}

/// The functions that read and write the values of a type.
#[derive(Default)]
struct TextFunctions {
    input: Oid,
    output: Oid,
    receive: Oid,
    send: Oid,
    modifier: Oid,
    modifier_output: Oid,
}

impl TextFunctions {
    fn of(scope: &Scope, entry: &TypeEntry<'_>) -> TextFunctions {
        let all = |name: &str| TextFunctions {
            input: named(&format!("{name}_in")),
            output: named(&format!("{name}_out")),
            receive: named(&format!("{name}_recv")),
            send: named(&format!("{name}_send")),
            modifier: 0,
            modifier_output: 0,
        };
        if let Some(Object::Base(base)) = scope.object(entry.oid) {
            return base.shape.as_ref().map_or_else(TextFunctions::default, |shape| TextFunctions {
                input: shape.input,
                output: shape.output,
                receive: shape.receive,
                send: shape.send,
                modifier: shape.modifier_input,
                modifier_output: shape.modifier_output,
            });
        }
        match entry.form {
            Form::Array => {
                let element = scope.entry(entry.element);
                let of = element.map_or_else(TextFunctions::default, |it| TextFunctions::of(scope, &it));
                let (modifier, modifier_output) = (of.modifier, of.modifier_output);
                TextFunctions { modifier, modifier_output, ..all("array") }
            }
            Form::Composite => all("record"),
            Form::Enum => all("enum"),
            Form::Range => all("range"),
            Form::Multirange => all("multirange"),
            Form::Domain => {
                let base = scope.undomained(types::Type::of(entry.oid)).oid;
                let base = scope.entry(base).filter(|base| base.oid != entry.oid);
                let of_base =
                    base.map_or_else(TextFunctions::default, |base| TextFunctions::of(scope, &base));
                TextFunctions {
                    input: named("domain_in"),
                    receive: named("domain_recv"),
                    modifier: 0,
                    modifier_output: 0,
                    ..of_base
                }
            }
            Form::Base | Form::Pseudo => {
                // A few types go by another name there.
                let name = match entry.name {
                    "refcursor" => "text",
                    "money" => "cash",
                    "polygon" => "poly",
                    "pg_brin_bloom_summary" => "brin_bloom_summary",
                    "pg_brin_minmax_multi_summary" => "brin_minmax_multi_summary",
                    name => name,
                };
                let either = |end: &str| match named(&format!("{name}{end}")) {
                    0 => named(&format!("{name}_{end}")),
                    found => found,
                };
                let (input, output, send) = (either("in"), either("out"), either("send"));
                let receive = either("recv");
                let modifier = named(&format!("{}typmodin", entry.name));
                let modifier_output = named(&format!("{}typmodout", entry.name));
                TextFunctions { input, output, receive, send, modifier, modifier_output }
            }
        }
    }
}

/// The functions that look into a built-in type's values for subscripts and for ANALYZE; empty without.
fn looking(entry: &TypeEntry<'_>) -> (&'static str, &'static str) {
    match (entry.form, entry.oid) {
        (Form::Array, _) => ("array_subscript_handler", "array_typanalyze"),
        (Form::Range, _) => ("", "range_typanalyze"),
        (Form::Multirange, _) => ("", "multirange_typanalyze"),
        (_, oid::TSVECTOR) => ("", "ts_typanalyze"),
        (_, oid::JSONB) => ("jsonb_subscript_handler", ""),
        (_, oid::INT2VECTOR | oid::OIDVECTOR) => ("array_subscript_handler", ""),
        (Form::Base, _) if entry.element != 0 => ("raw_array_subscript_handler", ""),
        (Form::Base | Form::Composite | Form::Domain | Form::Enum | Form::Pseudo, _) => ("", ""),
    }
}

/// `pg_type`.
pub(super) fn types(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for entry in builtin_types() {
        let facts = Facts {
            name: entry.name,
            schema: PG_CATALOG,
            owner: SUPERUSER,
            relation: 0,
            domain: None,
            base: None,
            acl: &NO_ACL,
        };
        emit_type(context, entry, &facts, emit)?;
    }
    for made in scope.made_types() {
        emit_type(context, &made.entry(true), &made_facts(scope, made), emit)?;
    }
    Ok(())
}

/// `pg_enum`.
pub(super) fn labels(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for object in context.scope.objects() {
        let Object::Enum(enumeration) = object else { continue };
        for label in &enumeration.labels {
            let place = Item::Float32(label.sort_order);
            emit.row(&[number(label.oid), number(enumeration.oid), place, text(&label.name)])?;
        }
    }
    Ok(())
}

/// `pg_conversion`
pub(super) fn conversions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for fixed in FIXED_CONVERSIONS {
        emit.row(&[
            number(fixed.oid),
            text(fixed.name),
            number(PG_CATALOG),
            number(SUPERUSER),
            int(fixed.source),
            int(fixed.destination),
            number(fixed.function),
            flag(true),
        ])?;
    }
    for object in context.scope.objects() {
        let Object::Conversion(made) = object else { continue };
        emit.row(&[
            number(made.oid),
            text(&made.name),
            number(made.schema),
            number(made.owner),
            int(made.source),
            int(made.destination),
            number(made.function),
            flag(made.default),
        ])?;
    }
    Ok(())
}

/// `pg_collation`: all compare by bytes.
pub(super) fn collations(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for fixed in FIXED_COLLATIONS {
        emit.row(&[
            number(fixed.oid),
            text(fixed.name),
            number(PG_CATALOG),
            number(SUPERUSER),
            letter(fixed.provider),
            flag(true),
            int(fixed.encoding),
            maybe(fixed.locale),
            maybe(fixed.locale),
            Item::Null,
            Item::Null,
        ])?;
    }
    for object in context.scope.objects() {
        let Object::Collation(made) = object else { continue };
        emit.row(&[
            number(made.oid),
            text(&made.name),
            number(made.schema),
            number(made.owner),
            letter(b'c'),
            flag(true),
            int(made.encoding),
            text(&made.collate),
            text(&made.ctype),
            Item::Null,
            maybe(made.version.as_deref()),
        ])?;
    }
    Ok(())
}
