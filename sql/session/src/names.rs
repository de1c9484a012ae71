//! Types whose values are numbers of objects and whose texts are their names: `regclass` and its like.

use catalog::{Oid, Scope};
use diagnostic::{Diagnostic, SqlState};
use types::catalog::{builtin_named, oid};
use types::text::TextSettings;
use types::{Item, Type, Types, Value};

/// There is nothing of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} \"{name}\" does not exist")]
pub struct NoObject {
    kind: &'static str,
    name: String,
    state: SqlState,
}

impl Diagnostic for NoObject {
    fn sqlstate(&self) -> SqlState {
        self.state
    }
}

/// Whether the texts of a type are names of objects.
pub fn is_object_type(of: Type) -> bool {
    matches!(of.oid, oid::REGCLASS | oid::REGTYPE | oid::REGNAMESPACE | oid::REGROLE)
}

/// The number of the object that a text names: by its number, or by its name along the search path.
///
/// # Errors
/// When there is none.
pub fn input(scope: &Scope, of: Type, text: &str) -> Result<Value, NoObject> {
    if text == "-" {
        return Ok(Value::Int32(0));
    }
    if let Ok(number) = text.parse::<u32>() {
        return Ok(Value::Int32(number.cast_signed()));
    }
    let missing = |kind, state| NoObject { kind, name: text.to_owned(), state };
    let names = crate::session::identifier_list(&text.replace('.', ","));
    let (schema, name) = match names.as_slice() {
        [name] => (None, name.as_str()),
        [schema, name] => (Some(schema.as_str()), name.as_str()),
        _ => (None, text),
    };
    let found = match of.oid {
        oid::REGTYPE => scope
            .look_for_type(schema, name)
            .or_else(|| builtin_named(name).map(|entry| entry.oid))
            .ok_or_else(|| missing("type", SqlState::UndefinedObject)),
        oid::REGNAMESPACE => {
            scope.schema_named(name).ok_or_else(|| missing("schema", SqlState::InvalidSchemaName))
        }
        oid::REGROLE => scope.role_named(name).ok_or_else(|| missing("role", SqlState::UndefinedObject)),
        _ => scope
            .look_for_relation(schema, name)
            .map(|relation| relation.oid())
            .ok_or_else(|| missing("relation", SqlState::UndefinedTable)),
    };
    Ok(Value::Int32(found?.cast_signed()))
}

/// The name of an object, with its schema where the search path does not find it; its number if it has none.
pub fn output(scope: &Scope, of: Type, number: Oid, text: &mut String) {
    let name = match of.oid {
        _ if number == 0 => Some("-".to_owned()),
        oid::REGTYPE => scope.entry(number).map(|_| types::catalog::type_name(scope, number, None)),
        oid::REGNAMESPACE => scope.schema(number).map(|schema| catalog::name::quote_identifier(&schema.name)),
        oid::REGROLE => scope.role(number).map(|role| catalog::name::quote_identifier(&role.name)),
        _ => scope.relation(number).map(|relation| {
            if scope.is_relation_visible(relation.schema(), relation.name()) {
                return catalog::name::quote_identifier(relation.name());
            }
            let schema = scope.schema(relation.schema()).map_or("", |schema| schema.name.as_str());
            catalog::name::qualified(schema, relation.name())
        }),
    };
    match name {
        Some(name) => text.push_str(&name),
        None => text.push_str(&number.to_string()),
    }
}

/// The text of any value.
pub fn append(scope: &Scope, of: Type, item: &Item<'_>, settings: &TextSettings, text: &mut String) {
    match item {
        Item::Int32(number) if is_object_type(of) => output(scope, of, number.cast_unsigned(), text),
        // A value that cannot be written was refused when it was made.
        item => {
            let _ = types::text::output(scope, of, item, settings, text);
        }
    }
}
