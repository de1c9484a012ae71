//! What the user is told of a DROP.

use super::walk::{Node, Target};
use super::{Behavior, Notice};
use crate::dependency::Address;
use crate::error::{CatalogError, CatalogResult};
use crate::object::Object;
use crate::snapshot::Scope;
use std::collections::BTreeMap;

/// How many lines a message has.
pub(crate) const LINES: usize = 100;

/// The notice of a CASCADE, or the error of a RESTRICT.
pub(super) fn report(
    scope: &Scope,
    roots: &[Address],
    targets: &[Target],
    behavior: Behavior,
) -> CatalogResult<Option<Notice>> {
    let told: Vec<&Target> = targets.iter().rev().filter(|target| !target.silent).collect();
    let first = told.iter().take(LINES);
    match behavior {
        Behavior::Restrict if told.is_empty() => Ok(None),
        Behavior::Restrict => {
            let nodes: BTreeMap<Address, &Node> =
                targets.iter().map(|target| (target.address, &target.node)).collect();
            let name = |address: &Address| nodes.get(address).map(|node| describe(scope, node));
            let line = |target: &&Target| {
                let on = target.through.and_then(|through| name(&through)).unwrap_or_default();
                format!("{} depends on {on}", describe(scope, &target.node))
            };
            let detail = with_rest(first.map(line).collect(), told.len());
            Err(match roots {
                [root] => CatalogError::Dependents { what: name(root).unwrap_or_default(), detail },
                _ => CatalogError::ManyDependents { detail },
            })
        }
        Behavior::Cascade => {
            let line = |target: &&Target| format!("drop cascades to {}", describe(scope, &target.node));
            let mut lines: Vec<String> = first.map(line).collect();
            Ok(match told.len() {
                0 => None,
                1 => lines.pop().map(|message| Notice { message, detail: None }),
                count => Some(Notice {
                    message: format!("drop cascades to {count} other objects"),
                    detail: Some(with_rest(lines, count)),
                }),
            })
        }
    }
}

/// What messages call something that goes.
pub(super) fn describe(scope: &Scope, node: &Node) -> String {
    match node {
        Node::Object(object) => scope.describe(object),
        Node::Column { of, column } => describe_column(scope, of, *column),
        Node::Default { table, column } => {
            format!("default value for {}", describe_column(scope, table, *column))
        }
        Node::Type { of, array } => {
            let described = scope.describe(of);
            let name = match of {
                Object::Table(table) => scope.relation_name(table.schema, &table.name),
                _ => described.split_once(' ').map_or("", |(_, name)| name).to_owned(),
            };
            format!("type {name}{}", if *array { "[]" } else { "" })
        }
    }
}

fn describe_column(scope: &Scope, of: &Object, column: u16) -> String {
    let column = usize::from(column);
    let name = match of {
        Object::Table(table) => table.columns.get(column).map(|column| &column.name),
        Object::View(view) => view.columns.get(column).map(|column| &column.column.name),
        Object::Composite(composite) => composite.columns.get(column).map(|column| &column.name),
        Object::Schema(_)
        | Object::Index(_)
        | Object::Sequence(_)
        | Object::Constraint(_)
        | Object::Enum(_)
        | Object::Domain(_)
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
    };
    let of = match of {
        Object::Composite(composite) => {
            format!("composite type {}", scope.relation_name(composite.schema, &composite.name))
        }
        of => scope.describe(of),
    };
    format!("column {} of {of}", name.map_or("", String::as_str))
}

/// The lines, and how many were left off.
pub(crate) fn with_rest(mut lines: Vec<String>, count: usize) -> String {
    match count.saturating_sub(lines.len()) {
        0 => {}
        1 => lines.push("and 1 other object (see server log for list)".into()),
        rest => lines.push(format!("and {rest} other objects (see server log for list)")),
    }
    lines.join("\n")
}
