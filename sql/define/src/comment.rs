//! `COMMENT ON`: what it is about, and that it stays only as long as that does.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use crate::fixed::Fixed;
use catalog::object::{FIRST_USER_OID, Oid, PUBLIC, class};
use catalog::{AccessError, Address, Relation};
use diagnostic::SqlState;
use store::locks::RelationMode;
use syntax::tree::object::{Comment, ObjectKind, ObjectName};
use syntax::tree::{QualifiedName, TypeName};

/// The column that a comment is on, which is named with its relation.
pub(crate) fn commented_column(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Address> {
    let [before @ .., column] = name.parts else { return Err(DefineError::ColumnUnqualified) };
    if before.is_empty() {
        return Err(DefineError::ColumnUnqualified);
    }
    let (schema, object) = crate::names::split_name(&definer.scope, &QualifiedName { parts: before })?;
    let found = definer.scope.find_relation(schema, object)?;
    column_of(&found, column.text)
}

/// A comment on what is dropped meanwhile would stay. What comes with the program is never dropped, and has no entry to hold.
fn keep_commented(definer: &mut Definer<'_>, class: Oid, address: Address) -> DefineResult<()> {
    if class == class::LARGE_OBJECT {
        return Ok(());
    }
    let has_entry = address.oid >= FIRST_USER_OID || address.oid == PUBLIC;
    if has_entry && definer.scope.object(address.oid).is_some() {
        definer.catalog.keep(definer.transaction, address.oid)?;
    }
    Ok(())
}

/// A relation, or a part of it, that is to get a comment; a table is locked, and looked at again then, as in PostgreSQL.
fn lock_commented(
    definer: &mut Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
) -> DefineResult<(Oid, Address)> {
    let found = commented_relation(definer, kind, object)?;
    let table = definer.scope.table(found.1.oid).filter(|_| found.0 == class::RELATION).cloned();
    let Some(table) = table else { return Ok(found) };
    definer.lock_table(&table, RelationMode::ShareUpdateExclusive)?;
    commented_relation(definer, kind, object)
}

/// That a column's relation is somebody else's, of whatever kind it is.
fn of_relation(definer: &Definer<'_>, address: Address) -> DefineError {
    let name = definer.scope.relation(address.oid).map(|of| of.name().to_owned()).unwrap_or_default();
    AccessError::NotOwner { kind: "relation", name }.into()
}

/// `COMMENT ON`
///
/// # Errors
/// PostgreSQL's.
pub fn comment(definer: &mut Definer<'_>, statement: &Comment<'_>) -> DefineResult<()> {
    let (class, address) = match (statement.kind, &statement.object) {
        (kind, object) if is_of_relations(kind) => lock_commented(definer, kind, object)?,
        (ObjectKind::Schema, ObjectName::Named(name)) => {
            (class::NAMESPACE, Address::of(definer.scope.find_schema(name.object())?))
        }
        (ObjectKind::Type | ObjectKind::Domain, ObjectName::Type(name)) => {
            let found = definer.resolve_type(name).map_err(DefineError::without_position)?;
            (class::TYPE, Address::of(found.oid))
        }
        (
            kind @ (ObjectKind::Function
            | ObjectKind::Procedure
            | ObjectKind::Routine
            | ObjectKind::Aggregate),
            ObjectName::Routine(name),
        ) => (class::FUNCTION, crate::named_routine::commented(definer, kind, name)?),
        (ObjectKind::DomainConstraint, ObjectName::OfDomain(constraint, domain)) => {
            let of = definer.resolve_type(domain).map_err(DefineError::without_position)?.oid;
            let found = definer.scope.constraints_of(of).find(|found| found.name == constraint.text);
            let missing = || no_domain_constraint(constraint.text, domain);
            (class::CONSTRAINT, Address::of(found.ok_or_else(missing)?.oid))
        }
        (ObjectKind::Collation, ObjectName::Named(name)) => {
            (class::COLLATION, Address::of(crate::collation::commented(definer, name)?))
        }
        (ObjectKind::Statistics, ObjectName::Named(name)) => {
            (class::STATISTICS, Address::of(crate::statistics::named(definer, name)?))
        }
        (ObjectKind::Operator, ObjectName::Operator(operator, operands)) => {
            (class::OPERATOR, Address::of(crate::operator::commented(definer, operator, operands)?))
        }
        (kind, name) if let Some(found) = commented_part(definer, kind, name)? => found,
        (ObjectKind::Cast, ObjectName::Cast(source, target)) => {
            (class::CAST, crate::cast::commented(definer, source, target)?)
        }
        (ObjectKind::Extension, ObjectName::Named(name)) => {
            (class::EXTENSION, Address::of(crate::extension::named(definer, name.object())?.oid))
        }
        (kind, object) => match crate::fixed::find(definer, kind, object)? {
            Some(Fixed::There(class, number, words)) => {
                if !definer.actor().superuser {
                    let message = format!("must be owner of {words}");
                    let state = SqlState::InsufficientPrivilege;
                    return Err(DefineError::Plain {
                        state,
                        message,
                        detail: None,
                        hint: None,
                        position: None,
                    });
                }
                (class, Address::of(number))
            }
            Some(Fixed::Missing(_, error)) => return Err(error),
            None => {
                return definer.unsupported(&format!("COMMENT ON {}", crate::names::kind_words(kind)), None);
            }
        },
    };
    if class::HAVE_OWNERS.contains(&class) {
        let owned = definer.require_owner(address.oid);
        owned.map_err(|error| {
            if statement.kind == ObjectKind::Column { of_relation(definer, address) } else { error }
        })?;
    }
    keep_commented(definer, class, address)?;
    definer.catalog.comment(definer.transaction, class, address, statement.text)?;
    definer.refresh()
}

/// A large object, a rule, a trigger, a policy, or an operator class or family, that is to get a comment, if there is one that a
/// user has made.
fn commented_part(
    definer: &mut Definer<'_>,
    kind: ObjectKind,
    name: &ObjectName<'_>,
) -> DefineResult<Option<(Oid, Address)>> {
    match (kind, name) {
        (ObjectKind::LargeObject, ObjectName::Number(number)) => {
            let oid = crate::large_object::commented(definer, number)?;
            Ok(Some((class::LARGE_OBJECT, Address::of(oid))))
        }
        (ObjectKind::Rule | ObjectKind::Trigger | ObjectKind::Policy, ObjectName::Of(name, relation)) => {
            commented_of_relation(definer, kind, name.text, relation)
        }
        (kind, ObjectName::Using(name, method)) => commented_class(definer, kind, name, method),
        (kind, name) if let Some((class, oid)) = crate::search::find(definer, kind, name)? => {
            // Of parsers and templates PostgreSQL says no more than that they are not everybody's.
            if definer.scope.object(oid).is_some_and(|object| object.owner().is_none()) {
                crate::search::require_owner(definer, oid)?;
            }
            definer.require_owner(oid)?;
            Ok(Some((class, Address::of(oid))))
        }
        (ObjectKind::Conversion, ObjectName::Named(name)) => {
            let found = crate::conversion::commented(definer, name)?;
            Ok(found.map(|oid| (class::CONVERSION, Address::of(oid))))
        }
        (kind, name) if let Some(oid) = crate::event_trigger::find(definer, kind, name) => {
            definer.require_owner(oid)?;
            Ok(Some((class::EVENT_TRIGGER, Address::of(oid))))
        }
        (kind, name) if let Some(oid) = crate::foreign::find(definer, kind, name) => {
            definer.require_owner(oid)?;
            let of_wrappers = kind == ObjectKind::ForeignDataWrapper;
            let class = if of_wrappers { class::FOREIGN_WRAPPER } else { class::FOREIGN_SERVER };
            Ok(Some((class, Address::of(oid))))
        }
        (kind, name) if let Some(found) = crate::replication::find(definer, kind, name) => {
            let oid = found?;
            definer.require_owner(oid)?;
            let of_publications = kind == ObjectKind::Publication;
            let class = if of_publications { class::PUBLICATION } else { class::SUBSCRIPTION };
            Ok(Some((class, Address::of(oid))))
        }
        _ => Ok(None),
    }
}

/// An operator class or family that is to get a comment, if a user has made one of that name.
fn commented_class(
    definer: &Definer<'_>,
    kind: ObjectKind,
    name: &QualifiedName<'_>,
    method: &syntax::tree::Name<'_>,
) -> DefineResult<Option<(Oid, Address)>> {
    let Some(oid) = crate::operator_class::made(definer, kind, name, method)? else { return Ok(None) };
    definer.require_owner(oid)?;
    let of_classes = kind == ObjectKind::OperatorClass;
    let class = if of_classes { class::OPERATOR_CLASS } else { class::OPERATOR_FAMILY };
    Ok(Some((class, Address::of(oid))))
}

/// A rule, a trigger or a policy that is to get a comment, if it is there.
fn commented_of_relation(
    definer: &Definer<'_>,
    kind: ObjectKind,
    name: &str,
    relation: &QualifiedName<'_>,
) -> DefineResult<Option<(Oid, Address)>> {
    let found = match kind {
        ObjectKind::Trigger => {
            crate::trigger::find(definer, name, relation)?.map(|trigger| (class::TRIGGER, trigger.oid))
        }
        ObjectKind::Policy => {
            crate::policy::find(definer, name, relation)?.map(|policy| (class::POLICY, policy.oid))
        }
        _ => crate::rule::find(definer, name, relation)?.map(|rule| (class::REWRITE, rule.oid)),
    };
    let Some((class, oid)) = found else { return Ok(None) };
    definer.require_owner(oid)?;
    Ok(Some((class, Address::of(oid))))
}

/// Whether a kind is one of relations and their parts.
fn is_of_relations(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Index
            | ObjectKind::Sequence
            | ObjectKind::ForeignTable
            | ObjectKind::Column
            | ObjectKind::Constraint
    )
}

/// The relation, the column, the constraint that is to get a comment.
fn commented_relation(
    definer: &Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
) -> DefineResult<(Oid, Address)> {
    Ok(match (kind, object) {
        (
            ObjectKind::Table
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::ForeignTable
            | ObjectKind::Index
            | ObjectKind::Sequence,
            ObjectName::Named(name),
        ) => {
            let (schema, object) = crate::names::split_name(&definer.scope, name)?;
            let found = definer.scope.find_relation(schema, object)?;
            refuse_wrong_kind(kind, &found)?;
            (class::RELATION, Address::of(found.oid()))
        }
        (ObjectKind::Column, ObjectName::Named(name)) => (class::RELATION, commented_column(definer, name)?),
        (ObjectKind::Constraint, ObjectName::Of(constraint, table)) => {
            let (schema, object) = crate::names::split_name(&definer.scope, table)?;
            let found = definer.scope.find_relation(schema, object)?;
            let of = definer.scope.constraints_of(found.oid()).find(|of| of.name == constraint.text);
            let missing =
                || DefineError::NoConstraintFor { name: constraint.text.into(), table: object.into() };
            (class::CONSTRAINT, Address::of(of.ok_or_else(missing)?.oid))
        }
        (kind, _) => {
            return definer.unsupported(&format!("COMMENT ON {}", crate::names::kind_words(kind)), None);
        }
    })
}

fn refuse_wrong_kind(kind: ObjectKind, found: &Relation) -> DefineResult<()> {
    let (fits, wanted) = match kind {
        ObjectKind::Table => (found.kind() == "table", "a table"),
        ObjectKind::MaterializedView => (found.kind() == "materialized view", "a materialized view"),
        ObjectKind::ForeignTable => (found.kind() == "foreign table", "a foreign table"),
        ObjectKind::View => (matches!(found, Relation::View(_)), "a view"),
        ObjectKind::Index => (matches!(found, Relation::Index(_)), "an index"),
        _ => (matches!(found, Relation::Sequence(_)), "a sequence"),
    };
    if fits { Ok(()) } else { Err(DefineError::WrongKind { name: found.name().into(), wanted, hint: None }) }
}

pub(crate) fn column_of(relation: &Relation, column: &str) -> DefineResult<Address> {
    let place = match relation {
        Relation::Table(table) => table.column(column).map(|(place, _)| place),
        Relation::View(view) => view.columns.iter().position(|of| of.column.name == column),
        Relation::Composite(composite) => {
            composite.columns.iter().position(|of| !of.dropped && of.name == column)
        }
        Relation::Index(_) | Relation::Sequence(_) | Relation::System(_) => None,
    };
    let missing = || DefineError::NoColumn { column: column.into(), relation: relation.name().into() };
    Ok(Address::column(relation.oid(), crate::table::place(place.ok_or_else(missing)?)))
}

/// That a domain has no such constraint.
fn no_domain_constraint(constraint: &str, domain: &TypeName<'_>) -> DefineError {
    let domain = crate::written::type_name(domain);
    DefineError::Plain {
        state: SqlState::UndefinedObject,
        message: format!("constraint \"{constraint}\" for domain {domain} does not exist"),
        detail: None,
        hint: None,
        position: None,
    }
}
