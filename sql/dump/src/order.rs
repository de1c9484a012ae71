//! Which objects are written, each behind what it needs.

use crate::error::DumpError;
use crate::range;
use crate::select::Selection;
use catalog::object::{FIRST_USER_OID, Object, Oid, Persistence, Rule, Source, is_temporary};
use catalog::{Dependency, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// The name of a schema.
pub fn schema_name(scope: &Scope, schema: Oid) -> String {
    scope.schema(schema).map_or_else(String::new, |schema| schema.name.clone())
}

/// Whether a schema is the system's.
pub fn is_system(name: &str) -> bool {
    name.starts_with("pg_") || name == "information_schema" || name.is_empty()
}

/// An object's schema, if it is of a kind that stands in the order.
pub fn schema_of(object: &Object) -> Option<Oid> {
    match object {
        Object::Table(table) => (table.persistence == Persistence::Permanent).then_some(table.schema),
        Object::View(view) => (view.persistence == Persistence::Permanent).then_some(view.schema),
        Object::Sequence(sequence) => {
            (sequence.persistence == Persistence::Permanent).then_some(sequence.schema)
        }
        Object::Enum(made) => Some(made.schema),
        Object::Domain(made) => Some(made.schema),
        Object::Composite(made) => Some(made.schema),
        Object::Range(made) => Some(made.schema),
        Object::Base(base) => Some(base.schema),
        Object::Collation(made) => Some(made.schema),
        Object::Conversion(made) => Some(made.schema),
        Object::Search(made) => Some(made.schema()),
        Object::Operator(made) => Some(made.schema),
        Object::OperatorClass(made) => Some(made.schema),
        Object::OperatorFamily(made) => Some(made.schema),
        Object::Statistics(made) => Some(made.schema),
        Object::Function(made) if range::is_constructor(made) || is_temporary(made.oid) => None,
        Object::Function(made) => Some(made.schema),
        // Schemas come first; indexes and constraints with their tables, what comes with a range type with it; the rest is
        // not a database's.
        Object::Schema(_)
        | Object::Multirange(_)
        | Object::Cast(_)
        | Object::Index(_)
        | Object::Constraint(_)
        | Object::Rewrite(_)
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Policy(_)
        | Object::EventTrigger(_)
        | Object::Extension(_)
        | Object::Trigger(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => None,
    }
}

/// Kinds in the order in which they are written where nothing needs anything.
fn rank(object: &Object) -> u8 {
    match object {
        // Texts may name what comes with an extension.
        Object::Enum(_) | Object::Collation(_) | Object::Conversion(_) | Object::Extension(_) => 0,
        Object::Domain(_) | Object::Search(_) => 1,
        Object::Composite(_) | Object::Base(_) | Object::Range(_) => 2,
        Object::Sequence(_) => 3,
        Object::Function(_)
        | Object::Cast(_)
        | Object::Operator(_)
        | Object::OperatorClass(_)
        | Object::OperatorFamily(_) => 4,
        Object::Table(table) if table.is_materialized() => 6,
        Object::Table(_) => 5,
        Object::View(_) => 6,
        Object::Schema(_)
        | Object::Index(_)
        | Object::Constraint(_)
        | Object::Multirange(_)
        | Object::Rewrite(_)
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Policy(_)
        | Object::EventTrigger(_)
        | Object::Trigger(_)
        | Object::Statistics(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => 7,
    }
}

/// A place in the order among those that need nothing: kind, schema, name, number.
type Place = (u8, String, String, Oid);

/// The numbers of the objects, in their order.
///
/// # Errors
/// When nothing matches a pattern.
pub fn nodes(scope: &Scope, selection: &Selection) -> Result<Vec<Oid>, DumpError> {
    let mut places: BTreeMap<Oid, Place> = BTreeMap::new();
    for object in scope.objects() {
        places.extend(place_of(scope, selection, object).map(|place| (place.3, place)));
    }
    let relations = places.values().filter(|place| matches!(place.0, 3 | 5 | 6));
    if let Some(pattern) = selection.without_match(relations.map(|place| (&*place.1, &*place.2))) {
        return Err(DumpError::NothingMatches(pattern));
    }
    let asked: BTreeSet<Oid> = places
        .values()
        .filter(|place| matches!(place.0, 3 | 5 | 6) && selection.has(&place.1, &place.2))
        .map(|place| place.3)
        .collect();
    // With a table come the sequences of its columns.
    let comes_along = |oid: &Oid| {
        scope.sequence(*oid).and_then(|found| found.owned_by).is_some_and(|(table, _)| asked.contains(&table))
    };
    places.retain(|oid, _| selection.is_everything() || asked.contains(oid) || comes_along(oid));
    let owners = owners(scope, &places);
    let mut needs: BTreeMap<Oid, BTreeSet<Oid>> = places.keys().map(|oid| (*oid, BTreeSet::new())).collect();
    for (dependent, on, kind) in scope.all_dependencies() {
        let dependency = Dependency { dependent, on, kind };
        let (Some(from), Some(to)) = (owners.get(&dependency.dependent.oid), owners.get(&dependency.on.oid))
        else {
            continue;
        };
        // That a sequence is owned is said when its table is there.
        let is_owned = scope.sequence(*from).is_some();
        // What a base type is made with needs its shell alone, which is there from the beginning.
        let is_made_with = match scope.object(*to) {
            Some(Object::Base(base)) => {
                base.shape.as_ref().is_none_or(|shape| crate::base_type::is_made_with(shape, *from))
            }
            _ => false,
        };
        if from != to && !is_owned && !is_made_with {
            needs.entry(*from).or_default().insert(*to);
        }
    }
    Ok(sorted(places, needs))
}

/// Where an object is written, if it is written as one of its own.
fn place_of(scope: &Scope, selection: &Selection, object: &Object) -> Option<Place> {
    // What comes with an extension comes with it.
    if scope.extension_of(object.oid()).is_some() {
        return None;
    }
    let (oid, name) = (object.oid(), object.name().to_owned());
    let of_no_schema = match object {
        Object::Extension(_) => oid >= FIRST_USER_OID,
        Object::Cast(cast) => !range::is_part(scope, cast) && !is_temporary(oid),
        Object::Foreign(_) | Object::Replication(_) => true,
        _ => false, // is in a schema, or written with another
    };
    if of_no_schema && selection.is_everything() {
        return Some((rank(object), String::new(), name, oid));
    }
    let schema = schema_name(scope, schema_of(object)?);
    (!is_system(&schema)).then(|| (rank(object), schema, name, oid))
}

/// Of parts the object with which they are written.
fn owners(scope: &Scope, places: &BTreeMap<Oid, Place>) -> BTreeMap<Oid, Oid> {
    let mut owners: BTreeMap<Oid, Oid> = places.keys().map(|oid| (*oid, *oid)).collect();
    // Who needs a member of an extension needs that.
    let of_extension = |object: &Object| Some((object.oid(), scope.extension_of(object.oid())?.oid));
    owners.extend(scope.objects().filter_map(of_extension).filter(|(_, of)| places.contains_key(of)));
    for oid in places.keys() {
        match scope.object(*oid) {
            Some(Object::Table(table)) => {
                owners.insert(table.row_type, *oid);
                owners.insert(table.array_type, *oid);
                for column in &table.columns {
                    match &column.source {
                        Source::Default(expression) | Source::Generated(expression) => {
                            owners.insert(expression.oid, *oid);
                        }
                        Source::Null | Source::Identity { .. } => {}
                    }
                }
            }
            Some(Object::View(view)) => {
                owners.insert(view.row_type, *oid);
                owners.insert(view.array_type, *oid);
            }
            Some(Object::Enum(made)) => drop(owners.insert(made.array_type, *oid)),
            Some(Object::Base(made)) => drop(owners.insert(made.array_type, *oid)),
            Some(Object::Domain(made)) => drop(owners.insert(made.array_type, *oid)),
            Some(Object::Range(made)) => {
                owners.extend(range::parts(scope, made).into_iter().map(|part| (part, *oid)));
            }
            Some(Object::Composite(made)) => {
                owners.insert(made.array_type, *oid);
                owners.insert(made.class, *oid);
            }
            _ => {}
        }
        for constraint in scope.constraints_of(*oid) {
            // Keys are written when rows are there.
            if matches!(constraint.rule, Rule::Check(_)) {
                owners.insert(constraint.oid, *oid);
            }
        }
    }
    owners
}

/// Each behind what it needs; where a circle is left, by place.
fn sorted(places: BTreeMap<Oid, Place>, mut needs: BTreeMap<Oid, BTreeSet<Oid>>) -> Vec<Oid> {
    let mut left: BTreeSet<Place> = places.into_values().collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = left.iter().find(|place| needs.get(&place.3).is_none_or(BTreeSet::is_empty));
        let Some(next) = free.or_else(|| left.first()).cloned() else { break };
        left.remove(&next);
        for needed in needs.values_mut() {
            needed.remove(&next.3);
        }
        order.push(next.3);
    }
    order
}
