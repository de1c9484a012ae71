//! What a statement is about, for whoever tells of it: the class and the number of what is named, as far as it is there.

use crate::definer::Definer;
use catalog::object::{Oid, class};
use catalog::{Address, Relation};
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::{Name, QualifiedName};

/// What is named.
pub fn address(definer: &Definer<'_>, kind: ObjectKind, object: &ObjectName<'_>) -> Option<(Oid, Address)> {
    match (kind, object) {
        (
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Index
            | ObjectKind::Sequence
            | ObjectKind::ForeignTable,
            ObjectName::Named(name),
        ) => Some((class::RELATION, Address::of(relation(definer, name)?.oid()))),
        (ObjectKind::Column, ObjectName::Named(name)) => {
            Some((class::RELATION, crate::comment::commented_column(definer, name).ok()?))
        }
        (ObjectKind::Constraint, ObjectName::Of(constraint, table)) => {
            constraint_of(definer, relation(definer, table)?.oid(), constraint.text)
        }
        (ObjectKind::LargeObject, ObjectName::Number(written)) => {
            Some((class::LARGE_OBJECT, Address::of(crate::large_object::number(written).ok()?)))
        }
        (kind, object) => crate::drop::there(definer, kind, object),
    }
}

/// What gets another name: itself, or a part of what is named.
pub fn renamed(
    definer: &Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
    part: Option<Name<'_>>,
) -> Option<(Oid, Address)> {
    let (Some(part), ObjectName::Named(name)) = (part, object) else { return address(definer, kind, object) };
    match kind {
        ObjectKind::DomainConstraint => {
            let (_, domain) = of_type(definer, name)?;
            constraint_of(definer, domain.oid, part.text)
        }
        ObjectKind::Column => {
            let of = relation(definer, name)?;
            Some((class::RELATION, crate::comment::column_of(&of, part.text).ok()?))
        }
        ObjectKind::Constraint => constraint_of(definer, relation(definer, name)?.oid(), part.text),
        _ => address(definer, kind, object),
    }
}

/// A type of a name.
pub fn of_type(definer: &Definer<'_>, name: &QualifiedName<'_>) -> Option<(Oid, Address)> {
    let (schema, name) = crate::names::split_name(&definer.scope, name).ok()?;
    Some((class::TYPE, Address::of(definer.scope.find_type(schema, name).ok()?)))
}

fn relation(definer: &Definer<'_>, name: &QualifiedName<'_>) -> Option<Relation> {
    let (schema, name) = crate::names::split_name(&definer.scope, name).ok()?;
    definer.scope.look_for_relation(schema, name)
}

fn constraint_of(definer: &Definer<'_>, relation: Oid, name: &str) -> Option<(Oid, Address)> {
    let found = definer.scope.constraints_of(relation).find(|found| found.name == name)?;
    Some((class::CONSTRAINT, Address::of(found.oid)))
}
