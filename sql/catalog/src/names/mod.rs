//! Types whose values are numbers of objects and whose texts are their names: `regclass` and its like.

mod routine;

use crate::name::{qualified, qualified_names, quote_identifier};
use crate::object::{Oid, class};
use crate::snapshot::Scope;
use diagnostic::{Diagnostic, SqlState};
use types::catalog::oid;
use types::{Type, Types, Value};

/// A text is no name of an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NameError {
    state: SqlState,
    message: String,
    hint: Option<&'static str>,
}

impl NameError {
    fn plain(state: SqlState, message: String) -> NameError {
        NameError { state, message, hint: None }
    }

    fn missing(kind: &str, name: &str, state: SqlState) -> NameError {
        NameError::plain(state, format!("{kind} \"{name}\" does not exist"))
    }
}

impl From<NameError> for types::text::InputError {
    fn from(error: NameError) -> types::text::InputError {
        let NameError { state, message, hint } = error;
        types::text::InputError::NoObject { state, message, hint }
    }
}

impl Diagnostic for NameError {
    fn sqlstate(&self) -> SqlState {
        self.state
    }

    fn hint(&self) -> Option<String> {
        self.hint.map(str::to_owned)
    }
}

/// The schema that a text names, if it names one, and what stands behind it.
///
/// # Errors
/// When it is no name.
pub fn parts(text: &str) -> Result<(Option<String>, String), NameError> {
    let wrong = || NameError::plain(SqlState::InvalidName, "invalid name syntax".to_owned());
    let names = qualified_names(text).ok_or_else(wrong)?;
    match <[String; 1]>::try_from(names) {
        Ok([name]) => Ok((None, name)),
        Err(names) => match <[String; 2]>::try_from(names) {
            Ok([schema, name]) => Ok((Some(schema), name)),
            Err(names) => Err(too_many(&names)),
        },
    }
}

/// There is no database but this one, and nothing stands before a database.
fn too_many(names: &[String]) -> NameError {
    let written = names.join(".");
    if names.len() == 3 {
        let message = format!("cross-database references are not implemented: {written}");
        return NameError::plain(SqlState::FeatureNotSupported, message);
    }
    let message = format!("improper qualified name (too many dotted names): {written}");
    NameError::plain(SqlState::SyntaxError, message)
}

/// The number of a relation by its name: a number is no name.
///
/// # Errors
/// When there is none.
pub fn relation(scope: &Scope, text: &str) -> Result<Oid, NameError> {
    let (schema, name) = match (parts(text), qualified_names(text)) {
        (Err(_), Some(names)) if names.len() == 3 && scope.is_this_database(&names[0]) => {
            let mut names = names.into_iter().skip(1);
            (names.next(), names.next().unwrap_or_default())
        }
        (Err(error), Some(names)) if names.len() > 2 => {
            let written = names.join(".");
            return Err(match names.len() {
                3 => {
                    let message = format!("cross-database references are not implemented: \"{written}\"");
                    NameError { message, ..error }
                }
                _ => {
                    let message = format!("improper relation name (too many dotted names): {written}");
                    NameError { message, ..error }
                }
            });
        }
        (found, _) => found?,
    };
    schema_of(scope, schema.as_deref())?;
    let found = scope.look_for_relation(schema.as_deref(), &name);
    let shown = || schema.iter().chain([&name]).map(String::as_str).collect::<Vec<_>>().join(".");
    let missing = || NameError::missing("relation", &shown(), SqlState::UndefinedTable);
    found.map(|relation| relation.oid()).ok_or_else(missing)
}

/// A schema that is named must be there, and be one in which may be looked.
fn schema_of(scope: &Scope, schema: Option<&str>) -> Result<(), NameError> {
    match schema {
        Some(name) if scope.find_schema(name).is_err() => {
            Err(NameError::missing("schema", name, SqlState::InvalidSchemaName))
        }
        Some(name) => may_look_in(scope, name),
        None => Ok(()),
    }
}

fn may_look_in(scope: &Scope, schema: &str) -> Result<(), NameError> {
    scope.may_look_in(schema).map_err(|error| NameError::plain(error.sqlstate(), error.to_string()))
}

/// A type as it is written: `integer`, `pg_catalog.int4`, `text[]`.
fn named_type(scope: &Scope, text: &str) -> Result<Oid, NameError> {
    let missing = || NameError::missing("type", text, SqlState::UndefinedObject);
    if text.ends_with("[]") {
        // However many brackets there are, it is an array of what stands before them.
        let element = text.trim_end_matches(['[', ']', ' ']);
        let element = named_type(scope, element)?;
        let array = scope.entry(element).map(|entry| entry.array).filter(|array| *array != 0);
        return array.ok_or_else(missing);
    }
    let Some((plain, modifier)) = without_modifier(text) else { return Err(missing()) };
    if plain != text {
        let found = named_type(scope, &plain)?;
        if !modifier.is_empty() {
            let name = types::catalog::builtin(found).map_or(plain.as_str(), |entry| entry.name);
            types::catalog::modifier_from_arguments(found, &modifier, name)
                .map_err(|error| NameError::plain(error.sqlstate(), error.to_string()))?;
        }
        return Ok(found);
    }
    // Names of several words and those that the grammar knows have no entry.
    let lower = text.to_lowercase();
    let written = match lower.as_str() {
        "int" => "integer",
        "dec" | "decimal" => "numeric",
        "float" => "double precision",
        "char" => "character",
        other => other,
    };
    let mut known = types::catalog::builtin_types().iter();
    if let Some(found) = known.find(|entry| types::catalog::type_name(scope, entry.oid, None) == written) {
        return Ok(found.oid);
    }
    let (schema, name) = parts(text)?;
    schema_of(scope, schema.as_deref())?;
    let shown = schema.iter().chain([&name]).map(String::as_str).collect::<Vec<_>>().join(".");
    let missing = || NameError::missing("type", &shown, SqlState::UndefinedObject);
    scope.look_for_type(schema.as_deref(), &name).ok_or_else(missing)
}

/// A type without the numbers in parentheses, and those; arrays of a length or in words as arrays. `None` if a parenthesis stays open.
fn without_modifier(text: &str) -> Option<(String, Vec<&str>)> {
    if text.starts_with('"') {
        return Some((text.to_owned(), Vec::new()));
    }
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    if lower.starts_with("interval ") {
        return Some(("interval".to_owned(), Vec::new()));
    }
    if lower.ends_with(" array") {
        return Some((format!("{}[]", &trimmed[..trimmed.len() - " array".len()]), Vec::new()));
    }
    if let Some((element, length)) = trimmed.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        let is_number = length.bytes().all(|byte| byte.is_ascii_digit());
        return is_number.then(|| (format!("{element}[]"), Vec::new()));
    }
    let Some((name, rest)) = trimmed.split_once('(') else { return Some((trimmed.to_owned(), Vec::new())) };
    let (numbers, after) = rest.split_once(')')?;
    let numbers: Vec<&str> = numbers.split(',').map(str::trim).collect();
    let is_number = |number: &&str| number.parse::<i32>().is_ok();
    numbers.iter().all(is_number).then(|| (format!("{}{after}", name.trim_end()), numbers))
}

/// The number of the object that a text names: by its number, or by its name along the search path.
///
/// # Errors
/// When there is none.
pub fn input(scope: &Scope, of: Type, text: &str) -> Result<Value, NameError> {
    if text == "-" && !matches!(of.oid, oid::REGOPER | oid::REGOPERATOR) {
        return Ok(Value::Int32(0));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let out_of_range = || {
            let message = format!("value \"{text}\" is out of range for type oid");
            NameError::plain(SqlState::NumericValueOutOfRange, message)
        };
        let number = text.parse::<u32>().map_err(|_| out_of_range())?;
        return Ok(Value::Int32(number.cast_signed()));
    }
    let found = match of.oid {
        oid::REGTYPE => named_type(scope, text)?,
        oid::REGPROC => routine::procedure_by_name(scope, text)?,
        oid::REGPROCEDURE => routine::procedure_by_signature(scope, text)?,
        oid::REGOPER => routine::operator_by_name(scope, text)?,
        oid::REGOPERATOR => routine::operator_by_signature(scope, text)?,
        oid::REGCONFIG => search(scope, class::SEARCH_CONFIGURATION, "text search configuration", text)?,
        oid::REGDICTIONARY => search(scope, class::SEARCH_DICTIONARY, "text search dictionary", text)?,
        oid::REGCOLLATION => {
            let (schema, name) = parts(text)?;
            schema_of(scope, schema.as_deref())?;
            scope.look_for_collation(schema.as_deref(), &name).ok_or_else(|| {
                let message = format!("collation \"{text}\" for encoding \"UTF8\" does not exist");
                NameError::plain(SqlState::UndefinedObject, message)
            })?
        }
        oid::REGNAMESPACE => {
            let name = single(text)?;
            let missing = || NameError::missing("schema", &name, SqlState::InvalidSchemaName);
            scope.schema_named(&name).ok_or_else(missing)?
        }
        oid::REGROLE => {
            let name = single(text)?;
            let missing = || NameError::missing("role", &name, SqlState::UndefinedObject);
            scope.role_named(&name).ok_or_else(missing)?
        }
        _ => relation(scope, text)?,
    };
    Ok(Value::Int32(found.cast_signed()))
}

/// What a name means of text search.
fn search(scope: &Scope, class: Oid, word: &'static str, text: &str) -> Result<Oid, NameError> {
    let (schema, name) = parts(text)?;
    schema_of(scope, schema.as_deref())?;
    let missing = || NameError::missing(word, text, SqlState::UndefinedObject);
    scope.look_for_search(class, schema.as_deref(), &name).ok_or_else(missing)
}

/// The configuration of text search that a text names.
pub fn search_configuration(scope: &Scope, text: &str) -> Option<Oid> {
    search(scope, class::SEARCH_CONFIGURATION, "", text).ok()
}

/// The name of a configuration of text search with its schema.
pub fn full_search_name(scope: &Scope, oid: Oid) -> Option<String> {
    let found = scope.search(oid)?;
    Some(qualified(&scope.schema(found.schema())?.name, found.name()))
}

/// What messages call something of text search, if it is that.
fn search_name(scope: &Scope, class: Oid, number: Oid) -> Option<String> {
    scope.search(number).filter(|found| found.class() == class).map(|found| scope.search_name(found))
}

/// A name without anything before it.
fn single(text: &str) -> Result<String, NameError> {
    match parts(text)? {
        (None, name) => Ok(name),
        (Some(_), _) => Err(NameError::plain(SqlState::InvalidName, "invalid name syntax".to_owned())),
    }
}

/// The name of an object, with its schema where the search path does not find it; its number if it has none.
pub fn output(scope: &Scope, of: Type, number: Oid, text: &mut String) {
    let name = match of.oid {
        oid::REGOPER | oid::REGOPERATOR if number == 0 => Some("0".to_owned()),
        _ if number == 0 => Some("-".to_owned()),
        oid::REGTYPE => {
            routine::is_type(scope, number).then(|| types::catalog::type_name(scope, number, None))
        }
        oid::REGCOLLATION => scope.collation_name(number),
        oid::REGNAMESPACE => scope.schema(number).map(|schema| quote_identifier(&schema.name)),
        oid::REGROLE => scope.role(number).map(|role| quote_identifier(&role.name)),
        oid::REGPROC => routine::procedure_name(scope, number),
        oid::REGPROCEDURE => routine::procedure_signature(scope, number),
        oid::REGCONFIG => search_name(scope, class::SEARCH_CONFIGURATION, number),
        oid::REGDICTIONARY => search_name(scope, class::SEARCH_DICTIONARY, number),
        oid::REGOPER => routine::operator_name(scope, number),
        oid::REGOPERATOR => routine::operator_signature(scope, number),
        _ => scope.relation(number).map(|relation| {
            if scope.is_relation_visible(relation.schema(), relation.name()) {
                return quote_identifier(relation.name());
            }
            let schema = scope.schema(relation.schema()).map_or("", |schema| schema.name.as_str());
            qualified(schema, relation.name())
        }),
    };
    match name {
        Some(name) => text.push_str(&name),
        None => text.push_str(&number.to_string()),
    }
}
