//! Names of functions and operators: `regproc`, `regprocedure`, `regoper`, `regoperator`.

use super::{NameError, may_look_in, named_type, parts, schema_of};
use crate::name::{qualified, quote_identifier};
use crate::object::ArgumentMode;
use crate::object::{Oid, PG_CATALOG};
use crate::snapshot::Scope;
use diagnostic::SqlState;
use functions::table;
use types::Types;
use types::catalog::type_name;

const CATALOG: &str = "pg_catalog";

/// A function by what `regprocedure` needs of it.
struct Function {
    oid: Oid,
    schema: String,
    name: String,
    arguments: Vec<Oid>,
}

/// Functions of a name, in a schema or along the search path.
fn functions_named(scope: &Scope, schema: Option<&str>, name: &str) -> Vec<Function> {
    let mut found = Vec::new();
    if schema.is_none_or(|schema| schema == CATALOG) {
        found.extend(table::functions_named(name).map(built_in));
    }
    let schemas: Vec<Oid> = match schema {
        Some(schema) => scope.find_schema(schema).into_iter().collect(),
        None => scope.path().schemas_of_functions().collect(),
    };
    for schema in schemas {
        found.extend(scope.functions_named(schema, name).filter_map(|function| made(scope, function.oid)));
    }
    found
}

fn built_in(entry: &'static functions::FunctionEntry) -> Function {
    Function {
        oid: entry.oid,
        schema: CATALOG.to_owned(),
        name: entry.name.to_owned(),
        arguments: entry.arguments.to_vec(),
    }
}

fn made(scope: &Scope, oid: Oid) -> Option<Function> {
    let function = scope.function(oid)?;
    let arguments = function.arguments.iter().filter(|argument| match argument.mode {
        ArgumentMode::In | ArgumentMode::InOut | ArgumentMode::Variadic => true,
        ArgumentMode::Out | ArgumentMode::Table => false,
    });
    Some(Function {
        oid,
        schema: scope.schema(function.schema).map_or(String::new(), |schema| schema.name.clone()),
        name: function.name.clone(),
        arguments: arguments.map(|argument| argument.type_oid).collect(),
    })
}

fn undefined(message: String) -> NameError {
    NameError::plain(SqlState::UndefinedFunction, message)
}

fn ambiguous(message: String) -> NameError {
    NameError::plain(SqlState::AmbiguousFunction, message)
}

pub(super) fn procedure_by_name(scope: &Scope, text: &str) -> Result<Oid, NameError> {
    let (schema, name) = parts(text)?;
    schema_of(scope, schema.as_deref())?;
    match functions_named(scope, schema.as_deref(), &name).as_slice() {
        [] => Err(undefined(format!("function \"{text}\" does not exist"))),
        [one] => Ok(one.oid),
        _ => Err(ambiguous(format!("more than one function named \"{text}\""))),
    }
}

/// The name before the parentheses, and the types between them; `NONE` is 0.
fn signature(scope: &Scope, text: &str) -> Result<(String, Vec<Oid>), NameError> {
    let syntax = |message: &str| NameError::plain(SqlState::InvalidTextRepresentation, message.to_owned());
    let mut quoted = false;
    let open = text.char_indices().find(|(_, found)| {
        quoted ^= *found == '"';
        *found == '(' && !quoted
    });
    let (open, _) = open.ok_or_else(|| syntax("expected a left parenthesis"))?;
    let inner = text[open + 1..].trim_end();
    let inner = inner.strip_suffix(')').ok_or_else(|| syntax("expected a right parenthesis"))?;
    let mut types = Vec::new();
    if !inner.trim().is_empty() {
        for written in inner.split(',') {
            let written = written.trim();
            if written.is_empty() {
                return Err(syntax("expected a type name"));
            }
            types.push(if written.eq_ignore_ascii_case("none") { 0 } else { named_type(scope, written)? });
        }
    }
    Ok((text[..open].trim().to_owned(), types))
}

pub(super) fn procedure_by_signature(scope: &Scope, text: &str) -> Result<Oid, NameError> {
    let (written, types) = signature(scope, text)?;
    let (schema, name) = parts(&written)?;
    schema_of(scope, schema.as_deref())?;
    let found = functions_named(scope, schema.as_deref(), &name);
    let found = found.iter().find(|function| function.arguments == types);
    found.map(|function| function.oid).ok_or_else(|| undefined(format!("function \"{text}\" does not exist")))
}

/// A name whose last part is an operator's.
fn operator_parts(text: &str) -> (Option<&str>, &str) {
    match text.rsplit_once('.') {
        Some((schema, name)) => (Some(schema.trim()), name.trim()),
        None => (None, text.trim()),
    }
}

/// An operator by what `regoperator` needs of it.
struct Operator {
    oid: Oid,
    schema: Oid,
    left: Oid,
    right: Oid,
}

/// Operators of a symbol, in a schema or along the search path.
fn operators_named(scope: &Scope, text: &str) -> Vec<Operator> {
    let (schema, name) = operator_parts(text);
    let schemas: Vec<Oid> = match schema {
        Some(schema) => scope.find_schema(schema).into_iter().collect(),
        None => scope.path().schemas_of_functions().collect(),
    };
    let mut found = Vec::new();
    for schema in schemas {
        if schema == PG_CATALOG {
            let known = table::operators_named(name);
            found.extend(known.map(|it| Operator { oid: it.oid, schema, left: it.left, right: it.right }));
        }
        let made = scope.operators_named(name).filter(|made| made.schema == schema);
        found.extend(made.map(|it| Operator { oid: it.oid, schema, left: it.left, right: it.right }));
    }
    found
}

pub(super) fn operator_by_name(scope: &Scope, text: &str) -> Result<Oid, NameError> {
    schema_of(scope, operator_parts(text).0)?;
    match operators_named(scope, text).as_slice() {
        [] => Err(undefined(format!("operator does not exist: {text}"))),
        [one] => Ok(one.oid),
        _ => Err(ambiguous(format!("more than one operator named {text}"))),
    }
}

pub(super) fn operator_by_signature(scope: &Scope, text: &str) -> Result<Oid, NameError> {
    let (written, types) = signature(scope, text)?;
    let [left, right] = types.as_slice() else {
        let (state, message, hint) = if types.len() < 2 {
            let hint = "Use NONE to denote the missing argument of a unary operator.";
            (SqlState::UndefinedParameter, "missing argument", hint)
        } else {
            let hint = "Provide two argument types for operator.";
            (SqlState::TooManyArguments, "too many arguments", hint)
        };
        return Err(NameError { state, message: message.to_owned(), hint: Some(hint) });
    };
    // A schema that is not there has no operator, and nothing more is said of it.
    operator_parts(&written).0.map_or(Ok(()), |schema| may_look_in(scope, schema))?;
    let found = operators_named(scope, &written);
    let found = found.iter().find(|operator| operator.left == *left && operator.right == *right);
    found.map(|operator| operator.oid).ok_or_else(|| undefined(format!("operator does not exist: {text}")))
}

fn function(scope: &Scope, oid: Oid) -> Option<Function> {
    table::function(oid).map(built_in).or_else(|| made(scope, oid))
}

fn list(scope: &Scope, types: &[Oid]) -> String {
    let names: Vec<String> = types.iter().map(|of| type_name(scope, *of, None)).collect();
    names.join(",")
}

/// The name where it is the only one of its kind, else with its schema.
pub(super) fn procedure_name(scope: &Scope, oid: Oid) -> Option<String> {
    let function = function(scope, oid)?;
    let alone = matches!(functions_named(scope, None, &function.name).as_slice(), [one] if one.oid == oid);
    Some(if alone { quote_identifier(&function.name) } else { qualified(&function.schema, &function.name) })
}

pub(super) fn procedure_signature(scope: &Scope, oid: Oid) -> Option<String> {
    let function = function(scope, oid)?;
    let same = functions_named(scope, None, &function.name);
    let first = same.iter().find(|other| other.arguments == function.arguments);
    let name = if first.is_some_and(|first| first.oid == oid) {
        quote_identifier(&function.name)
    } else {
        qualified(&function.schema, &function.name)
    };
    Some(format!("{name}({})", list(scope, &function.arguments)))
}

/// The symbol and what else is known of an operator.
fn operator(scope: &Scope, oid: Oid) -> Option<(String, Operator)> {
    if let Some(it) = table::operator_by_oid(oid) {
        let known = Operator { oid, schema: PG_CATALOG, left: it.left, right: it.right };
        return Some((it.name.to_owned(), known));
    }
    let it = scope.operator(oid)?;
    Some((it.name.clone(), Operator { oid, schema: it.schema, left: it.left, right: it.right }))
}

fn with_schema(scope: &Scope, name: &str, operator: &Operator) -> String {
    let schema = scope.schema(operator.schema).map_or(CATALOG, |schema| schema.name.as_str());
    format!("{}.{name}", quote_identifier(schema))
}

pub(super) fn operator_name(scope: &Scope, oid: Oid) -> Option<String> {
    let (name, operator) = operator(scope, oid)?;
    let alone = matches!(operators_named(scope, &name).as_slice(), [one] if one.oid == oid);
    Some(if alone { name } else { with_schema(scope, &name, &operator) })
}

pub(super) fn operator_signature(scope: &Scope, oid: Oid) -> Option<String> {
    let (name, operator) = operator(scope, oid)?;
    let same = |known: &&Operator| (known.left, known.right) == (operator.left, operator.right);
    let first = operators_named(scope, &name).iter().find(same).map(|first| first.oid);
    let shown = if first == Some(oid) { name } else { with_schema(scope, &name, &operator) };
    let of = |of: Oid| if of == 0 { "NONE".to_owned() } else { type_name(scope, of, None) };
    Some(format!("{shown}({},{})", of(operator.left), of(operator.right)))
}

/// Whether a type is known at all: types of the catalog may be asked for by number.
pub(super) fn is_type(scope: &Scope, oid: Oid) -> bool {
    scope.entry(oid).is_some()
}
