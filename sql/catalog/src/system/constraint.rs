//! Constraints, dependencies, comments.

use super::class::all_relations;
use super::emit::{Emit, SystemContext, bytes, flag, int, letter, maybe, number, places, small, text};
use crate::dependency::{Address, DependencyKind};
use crate::error::CatalogResult;
use crate::object::{Acl, Constraint, IndexedValue, Match, Object, Oid, Rule, Source, class};
use crate::snapshot::SHARED_CLASSES;
use crate::snapshot::{Relation, Scope};
use std::collections::BTreeSet;
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::kind::Kind;
use types::value::Item;

/// All constraints, by number.
pub(super) fn all_constraints(scope: &Scope) -> impl Iterator<Item = &Constraint> {
    scope.objects().filter_map(|object| match object {
        Object::Constraint(constraint) => Some(&**constraint),
        Object::Schema(_)
        | Object::Table(_)
        | Object::Index(_)
        | Object::Sequence(_)
        | Object::View(_)
        | Object::Enum(_)
        | Object::Domain(_)
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
        | Object::Function(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => None,
    })
}

/// What of a foreign key stands in columns of its own.
struct Foreign<'a> {
    table: Oid,
    columns: Option<&'a [u16]>,
    index: Oid,
    update: u8,
    delete: u8,
    matching: u8,
    set_columns: &'a [u16],
}

fn foreign_part(rule: &Rule) -> Foreign<'_> {
    let none = Foreign {
        table: 0,
        columns: None,
        index: 0,
        update: b' ',
        delete: b' ',
        matching: b' ',
        set_columns: &[],
    };
    match rule {
        Rule::Check(_) => none,
        Rule::Unique(index) | Rule::PrimaryKey(index) | Rule::Exclude(index, _) => {
            Foreign { index: *index, ..none }
        }
        Rule::ForeignKey { table, columns, index, matching, on_update, on_delete, set_columns, .. } => {
            Foreign {
                table: *table,
                columns: Some(columns),
                index: *index,
                update: on_update.letter(),
                delete: on_delete.letter(),
                matching: match matching {
                    Match::Simple => b's',
                    Match::Full => b'f',
                },
                set_columns,
            }
        }
    }
}

/// `pg_constraint`.
pub(super) fn constraints(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for constraint in all_constraints(context.scope) {
        let foreign = foreign_part(&constraint.rule);
        let (kind, check) = match &constraint.rule {
            Rule::Check(text) => (b'c', Some(text.as_str())),
            Rule::Unique(_) => (b'u', None),
            Rule::PrimaryKey(_) => (b'p', None),
            Rule::ForeignKey { .. } => (b'f', None),
            Rule::Exclude(..) => (b'x', None),
        };
        let (keys, operators) = match &constraint.rule {
            Rule::Exclude(index, operators) => (excluded(context.scope, *index), Some(numbers(operators))),
            Rule::Check(_) | Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::ForeignKey { .. } => {
                ((!constraint.columns.is_empty()).then(|| places(&constraint.columns)), None)
            }
        };
        let foreign_keys = foreign.columns.map(places);
        let set_columns = (!foreign.set_columns.is_empty()).then(|| places(foreign.set_columns));
        emit.row(&[
            number(constraint.oid),
            text(&constraint.name),
            number(constraint.schema),
            letter(kind),
            flag(constraint.deferrable),
            flag(constraint.initially_deferred),
            flag(constraint.validated),
            number(constraint.table),
            number(constraint.domain),
            number(foreign.index),
            number(constraint.parent),
            number(foreign.table),
            letter(foreign.update),
            letter(foreign.delete),
            letter(foreign.matching),
            flag(constraint.local),
            int(constraint.inherited),
            flag(constraint.no_inherit || check.is_none() && !is_handed_on(context.scope, constraint)),
            bytes(&keys),
            bytes(&foreign_keys),
            Item::Null,
            Item::Null,
            Item::Null,
            bytes(&set_columns),
            bytes(&operators),
            maybe(check),
        ])?;
    }
    super::trigger::constraints(context, emit)
}

/// The columns that are an index's keys, by their numbers; 0 for an expression.
fn excluded(scope: &Scope, index: Oid) -> Option<Vec<u8>> {
    let mut builder = ArrayBuilder::new(oid::INT2, Kind::Int16);
    for key in &scope.index(index)?.keys {
        builder.push(&match key.value {
            IndexedValue::Column(place) => small(u32::from(place) + 1),
            IndexedValue::Expression(_) => small(0u32),
        });
    }
    Some(builder.finish_list())
}

/// An array of numbers of objects.
fn numbers(of: &[Oid]) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::OID, Kind::Int32);
    of.iter().for_each(|oid| builder.push(&number(*oid)));
    builder.finish_list()
}

/// What is no check is handed on by partitioned tables alone; a foreign key's part says that it is, too.
fn is_handed_on(scope: &Scope, constraint: &Constraint) -> bool {
    let is_part = constraint.parent != 0 && matches!(constraint.rule, Rule::ForeignKey { .. });
    is_part || scope.table(constraint.table).is_some_and(|table| table.is_partitioned())
}

/// The catalog that lists what has this number, as far as dependencies go.
fn class_of(scope: &Scope, oid: Oid) -> Oid {
    if let Some(object) = scope.object(oid) {
        return object.class();
    }
    if scope.made_type(oid).is_some() {
        return class::TYPE;
    }
    // What else has a number and depends on something is a default.
    if scope.relation(oid).is_some() { class::RELATION } else { class::DEFAULT }
}

struct Edge {
    from: (Oid, Address),
    on: (Oid, Address),
    kind: u8,
}

fn emit_edge(emit: &mut Emit, edge: &Edge) -> CatalogResult<()> {
    let Edge { from, on, kind } = edge;
    emit.row(&[
        number(from.0),
        number(from.1.oid),
        int(from.1.part),
        number(on.0),
        number(on.1.oid),
        int(on.1.part),
        letter(*kind),
    ])
}

/// `pg_depend`.
pub(super) fn dependencies(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    let mut all = scope.all_dependencies().peekable();
    while let Some((dependent, on, kind)) = all.next() {
        let on_class = class_of(scope, on.oid);
        // What a view's query uses is used by its rule, which has the view's number.
        let of_rule = match scope.object(dependent.oid) {
            Some(Object::View(_)) => on_class != class::NAMESPACE,
            Some(Object::Table(table)) => {
                // Types are those of its columns.
                table.is_materialized() && !matches!(on_class, class::NAMESPACE | class::TYPE)
            }
            _ => false, // has none
        };
        // What uses columns of something uses it no more than that.
        let of_columns =
            |next: &(Address, Address, DependencyKind)| next.0 == dependent && next.1.oid == on.oid;
        if of_rule && on.part == 0 && all.peek().is_some_and(of_columns) {
            continue;
        }
        let from = match of_rule {
            true => class::REWRITE,
            false => class_of(scope, dependent.oid),
        };
        emit_edge(emit, &Edge { from: (from, dependent), on: (on_class, on), kind: kind.letter() })?;
    }
    for (of, member) in super::extension::MEMBERS_OF_PLPGSQL {
        let whole = (class::EXTENSION, Address::of(crate::first::PLPGSQL_EXTENSION));
        let kind = DependencyKind::Extension.letter();
        emit_edge(emit, &Edge { from: (of, Address::of(member)), on: whole, kind })?;
    }
    let internal = DependencyKind::Internal.letter();
    for relation in all_relations(scope) {
        let (of, is_view, row_type) = match &relation {
            Relation::Table(table) => (table.oid, table.is_materialized(), table.row_type),
            Relation::View(view) => (view.oid, true, view.row_type),
            Relation::Composite(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::System(_) => {
                continue;
            }
        };
        let relation = (class::RELATION, Address::of(of));
        let rows = (class::TYPE, Address::of(row_type));
        emit_edge(emit, &Edge { from: rows, on: relation, kind: internal })?;
        if is_view {
            let rule = (class::REWRITE, Address::of(of));
            for kind in [internal, DependencyKind::Normal.letter()] {
                emit_edge(emit, &Edge { from: rule, on: relation, kind })?;
            }
        }
    }
    for made in scope.made_types().filter(|made| made.oid >= crate::object::FIRST_USER_OID) {
        let entry = made.entry(true);
        if entry.array != 0 {
            let (array, of) = (Address::of(entry.array), Address::of(made.oid));
            emit_edge(emit, &Edge { from: (class::TYPE, array), on: (class::TYPE, of), kind: internal })?;
        }
    }
    Ok(())
}

/// `pg_description`.
pub(super) fn comments(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (of_class, address, comment) in context.scope.all_comments() {
        if !SHARED_CLASSES.contains(&of_class) {
            emit.row(&[number(address.oid), number(of_class), int(address.part), text(comment)])?;
        }
    }
    Ok(())
}

/// `pg_shdescription`.
pub(super) fn shared_comments(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (of_class, address, comment) in context.scope.all_comments() {
        if SHARED_CLASSES.contains(&of_class) {
            emit.row(&[number(address.oid), number(of_class), text(comment)])?;
        }
    }
    Ok(())
}

/// `pg_shdepend`: who owns what and who has something on it, as far as it is no superuser of the beginning.
pub(super) fn shared_dependencies(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for object in scope.objects() {
        let owner = object.owner().map(|owner| (owner, b'o'));
        let subjects = match object {
            Object::Policy(policy) => policy.roles.as_slice(),
            _ => &[], // others are about nobody
        };
        let subjects = subjects.iter().map(|role| (*role, b'r'));
        let columns = object.columns_with_acl().into_iter();
        let columns =
            columns.flat_map(|(place, _, acl)| having(object, acl).map(move |role| (role, place + 1)));
        let having = having(object, object.acl()).map(|role| (role, 0)).chain(columns);
        let users = owner.into_iter().chain(subjects).map(|(role, how)| (role, how, 0));
        let users = users.chain(having.map(|(role, part)| (role, b'a', part)));
        for (role, how, part) in users {
            emit_use(context, emit, (object.class(), object.oid(), part), (role, how))?;
        }
    }
    let Some((trees, view)) = context.large_objects() else { return Ok(()) };
    trees.each(view, |oid, object| {
        let having = named(&object.acl, Some(object.owner)).map(|role| (role, b'a'));
        for used in [(object.owner, b'o')].into_iter().chain(having) {
            emit_use(context, emit, (class::LARGE_OBJECT, oid, 0), used)?;
        }
        Ok(())
    })
}

/// A row of `pg_shdepend`: what has to do with a role, and how.
fn emit_use(
    context: &SystemContext<'_>,
    emit: &mut Emit,
    (of, object, part): (Oid, Oid, usize),
    (role, how): (Oid, u8),
) -> CatalogResult<()> {
    if role < crate::object::FIRST_USER_OID {
        return Ok(());
    }
    // Subscriptions are listed for all databases together.
    let shared = of == class::SUBSCRIPTION;
    emit.row(&[
        number(if shared { 0 } else { context.database }),
        number(of),
        number(object),
        int(part),
        number(class::ROLE),
        number(role),
        letter(how),
    ])
}

/// The roles that grants on an object or a column of it name, but for who owns it.
fn having(object: &Object, acl: &Acl) -> impl Iterator<Item = Oid> + use<> {
    named(acl, object.owner())
}

fn named(acl: &Acl, owner: Option<Oid>) -> impl Iterator<Item = Oid> + use<> {
    let named = acl.iter().flatten().flat_map(|grant| [grant.grantee, grant.grantor]);
    let roles: BTreeSet<Oid> = named.filter(|role| Some(*role) != owner).collect();
    roles.into_iter()
}

/// The default or generation expression of a column, if it has one.
pub(super) fn default_of(source: &Source) -> Option<&str> {
    match source {
        Source::Default(expression) => Some(&expression.text),
        Source::Null | Source::Generated(_) | Source::Identity { .. } => None,
    }
}
