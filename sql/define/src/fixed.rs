//! Objects of kinds that nobody can make here: those that come with the program, which stay, and all others, which are not there.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use catalog::AccessError;
use catalog::object::{IndexMethod, Oid, class};
use catalog::operator_class;
use diagnostic::{Diagnostic, SqlState};
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::{Name, QualifiedName};

/// What stands where a name points.
pub(crate) enum Fixed {
    /// Something that comes with the program: its system's table, its number, and what messages call it.
    There(Oid, Oid, String),
    /// Nothing: what to say of it, leaving it out or not.
    Missing(DefineNotice, DefineError),
}

fn absent(notice: String, error: String, state: SqlState) -> Fixed {
    let error = DefineError::Plain { state, message: error, detail: None, hint: None, position: None };
    Fixed::Missing(DefineNotice::Skipped(notice), error)
}

/// The same sentence either way.
fn missing(sentence: String, state: SqlState) -> Fixed {
    absent(sentence.clone(), sentence, state)
}

/// Looks for an object; `None` of a kind that others see to.
///
/// # Errors
/// When what it is named with is not there.
pub(crate) fn find(
    definer: &Definer<'_>,
    kind: ObjectKind,
    object: &ObjectName<'_>,
) -> DefineResult<Option<Fixed>> {
    let Some(word) = word(kind) else { return Ok(None) };
    Ok(Some(match object {
        ObjectName::Named(name) => named(definer, kind, word, name)?,
        ObjectName::Using(name, method) => of_method(definer, kind, word, name, method)?,
        ObjectName::Of(name, relation) => of_relation(definer, word, name, relation)?,
        ObjectName::Transform(of, language) => match definer.resolve_type(of) {
            Err(_) => missing(
                format!("type \"{}\" does not exist", crate::written::type_name(of)),
                SqlState::UndefinedObject,
            ),
            Ok(found) => {
                let shown = types::catalog::type_name(&definer.scope, found.oid, None);
                let end = format!("language \"{}\" does not exist", language.text);
                absent(
                    format!("transform for type {} {end}", crate::written::listed_type(of)),
                    format!("transform for type {shown} {end}"),
                    SqlState::UndefinedObject,
                )
            }
        },
        ObjectName::Type(_)
        | ObjectName::Routine(_)
        | ObjectName::Operator(..)
        | ObjectName::OfDomain(..)
        | ObjectName::Cast(..)
        | ObjectName::Number(_) => return Ok(None),
    }))
}

/// What messages call a kind that nobody can make; `None` for the others.
fn word(kind: ObjectKind) -> Option<&'static str> {
    Some(match kind {
        ObjectKind::AccessMethod => "access method",
        ObjectKind::Conversion => "conversion",
        ObjectKind::EventTrigger => "event trigger",
        ObjectKind::ForeignDataWrapper => "foreign-data wrapper",
        ObjectKind::ForeignTable => "foreign table",
        ObjectKind::Language => "language",
        ObjectKind::OperatorClass => "operator class",
        ObjectKind::OperatorFamily => "operator family",
        ObjectKind::Policy => "policy",
        ObjectKind::Publication => "publication",
        ObjectKind::Rule => "rule",
        ObjectKind::Server => "server",
        ObjectKind::Statistics => "statistics object",
        ObjectKind::Subscription => "subscription",
        ObjectKind::Tablespace => "tablespace",
        ObjectKind::TextSearchConfiguration => "text search configuration",
        ObjectKind::TextSearchDictionary => "text search dictionary",
        ObjectKind::TextSearchParser => "text search parser",
        ObjectKind::TextSearchTemplate => "text search template",
        ObjectKind::Transform => "transform",
        ObjectKind::Trigger => "trigger",
        ObjectKind::Aggregate
        | ObjectKind::Cast
        | ObjectKind::Collation
        | ObjectKind::Column
        | ObjectKind::Constraint
        | ObjectKind::Database
        | ObjectKind::Domain
        | ObjectKind::DomainConstraint
        | ObjectKind::Extension
        | ObjectKind::Function
        | ObjectKind::Index
        | ObjectKind::LargeObject
        | ObjectKind::MaterializedView
        | ObjectKind::Operator
        | ObjectKind::Procedure
        | ObjectKind::Role
        | ObjectKind::Routine
        | ObjectKind::Schema
        | ObjectKind::Sequence
        | ObjectKind::Table
        | ObjectKind::Type
        | ObjectKind::View => return None,
    })
}

/// What has a name of its own, in a schema or not.
fn named(
    definer: &Definer<'_>,
    kind: ObjectKind,
    word: &'static str,
    name: &QualifiedName<'_>,
) -> DefineResult<Fixed> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    if let Some(schema) = schema
        && definer.scope.find_schema(schema).is_err()
    {
        let sentence = format!("schema \"{schema}\" does not exist");
        return Ok(missing(sentence, SqlState::InvalidSchemaName));
    }
    schema.map_or(Ok(()), |schema| definer.scope.may_look_in(schema))?;
    let shown = catalog::name::quote_identifier(object);
    let there = |(class, number): (Oid, Oid)| Fixed::There(class, number, format!("{word} {shown}"));
    let found = match kind {
        ObjectKind::AccessMethod => access_method(object).map(|number| (class::ACCESS_METHOD, number)),
        ObjectKind::Language => language(object).map(|number| (class::LANGUAGE, number)),
        ObjectKind::Tablespace => {
            definer.scope.tablespace_named(object).map(|found| (class::TABLESPACE, found.oid))
        }
        ObjectKind::TextSearchConfiguration
        | ObjectKind::TextSearchDictionary
        | ObjectKind::TextSearchParser
        | ObjectKind::TextSearchTemplate => crate::search::find(definer, kind, &ObjectName::Named(*name))?,
        ObjectKind::Conversion => {
            let found = definer.scope.look_for_conversion(schema, object);
            found.map(|number| (class::CONVERSION, number))
        }
        _ => None, // of all others there are none
    };
    let sentence = || format!("{word} \"{name}\" does not exist");
    Ok(found.map_or_else(|| missing(sentence(), SqlState::UndefinedObject), there))
}

const TABLE_METHOD: Oid = 2;

fn access_method(name: &str) -> Option<Oid> {
    let index = IndexMethod::ALL.into_iter().find(|method| method.name() == name).map(IndexMethod::oid);
    index.or_else(|| (name == "heap").then_some(TABLE_METHOD))
}

/// That the role may do with something that comes with the program what its owner may.
///
/// # Errors
/// When it is no superuser's.
pub(crate) fn require_owner(definer: &Definer<'_>, kind: &'static str, name: &str) -> DefineResult<()> {
    if definer.actor().superuser {
        return Ok(());
    }
    Err(AccessError::NotOwner { kind, name: name.to_owned() }.into())
}

/// `SET ACCESS METHOD`: there is one, which tables have already.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn set_access_method(name: Name<'_>, partitioned: bool) -> DefineResult<()> {
    if partitioned {
        let message = "cannot change access method of a partitioned table";
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    let name = name.text;
    match access_method(name) {
        Some(TABLE_METHOD) => Ok(()),
        Some(_) => {
            let message = format!("access method \"{name}\" is not of type TABLE");
            Err(plain(SqlState::ObjectNotInPrerequisiteState, message))
        }
        None => {
            let message = format!("access method \"{name}\" does not exist");
            Err(plain(SqlState::UndefinedObject, message))
        }
    }
}

const PLPGSQL: Oid = 13563;

fn language(name: &str) -> Option<Oid> {
    let all = [(12, "internal"), (13, "c"), (14, "sql"), (PLPGSQL, "plpgsql")];
    all.into_iter().find(|(_, known)| *known == name).map(|(number, _)| number)
}

/// An operator class or family of an index's method.
fn of_method(
    definer: &Definer<'_>,
    kind: ObjectKind,
    word: &'static str,
    name: &QualifiedName<'_>,
    method: &Name<'_>,
) -> DefineResult<Fixed> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    let Some(number) = access_method(method.text) else {
        let message = format!("access method \"{}\" does not exist", method.text);
        let state = SqlState::UndefinedObject;
        return Err(DefineError::Plain { state, message, detail: None, hint: None, position: None });
    };
    if let Some(schema) = schema
        && definer.scope.find_schema(schema).is_err()
    {
        let sentence = format!("schema \"{schema}\" does not exist");
        return Ok(missing(sentence, SqlState::InvalidSchemaName));
    }
    schema.map_or(Ok(()), |schema| definer.scope.may_look_in(schema))?;
    let found = match kind {
        // Those of users are found before.
        ObjectKind::OperatorClass => operator_class::operator_classes()
            .find(|known| known.method.oid() == number && known.name == object)
            .map(|known| (class::OPERATOR_CLASS, known.oid)),
        _ => operator_class::operator_families()
            .find(|(of, _, known)| of.oid() == number && *known == object)
            .map(|(_, family, _)| (class::OPERATOR_FAMILY, family)),
    };
    Ok(match found {
        Some((class, number)) => {
            let words = format!("{word} {object} for access method {}", method.text);
            Fixed::There(class, number, words)
        }
        None => {
            let sentence = format!("{word} \"{name}\" does not exist for access method \"{}\"", method.text);
            missing(sentence, SqlState::UndefinedObject)
        }
    })
}

/// A trigger, a rule, a policy of a relation.
fn of_relation(
    definer: &Definer<'_>,
    word: &'static str,
    name: &Name<'_>,
    relation: &QualifiedName<'_>,
) -> DefineResult<Fixed> {
    let (schema, object) = crate::names::split_name(&definer.scope, relation)?;
    if let Err(error) = definer.scope.find_relation(schema, object) {
        let notice = match schema.filter(|schema| definer.scope.find_schema(schema).is_err()) {
            Some(schema) => format!("schema \"{schema}\" does not exist"),
            None => format!("relation \"{relation}\" does not exist"),
        };
        return Ok(Fixed::Missing(DefineNotice::Skipped(notice), error.into()));
    }
    // PostgreSQL has two words for what they are of.
    let of = if word == "rule" { "relation" } else { "table" };
    let begin = format!("{word} \"{}\" for", name.text);
    Ok(absent(
        format!("{begin} relation \"{relation}\" does not exist"),
        format!("{begin} {of} \"{object}\" does not exist"),
        SqlState::UndefinedObject,
    ))
}

/// That what comes with the program stays.
pub(crate) fn required(words: &str) -> DefineError {
    if words == "language plpgsql" {
        return DefineError::Plain {
            state: SqlState::DependentObjectsStillExist,
            message: format!("cannot drop {words} because extension plpgsql requires it"),
            detail: None,
            hint: Some("You can drop extension plpgsql instead.".to_owned()),
            position: None,
        };
    }
    DefineError::Plain {
        state: SqlState::DependentObjectsStillExist,
        message: format!("cannot drop {words} because it is required by the database system"),
        detail: None,
        hint: None,
        position: None,
    }
}

/// What a notice says of something that is not there because its type or its schema is not: the error's own words.
pub(crate) fn skipped(error: DefineError) -> Result<(DefineNotice, DefineError), DefineError> {
    match error.sqlstate() {
        SqlState::UndefinedObject | SqlState::InvalidSchemaName => {
            Ok((DefineNotice::Skipped(error.to_string()), error))
        }
        _ => Err(error),
    }
}

/// Refuses to change something that nobody can make: it is not there, or stays as it is.
pub(crate) fn refuse_change(
    definer: &mut Definer<'_>,
    (kind, object): (ObjectKind, &ObjectName<'_>),
    if_exists: bool,
    how: &str,
) -> DefineResult<()> {
    match find(definer, kind, object)? {
        Some(Fixed::Missing(notice, _)) if if_exists => {
            definer.notice(notice);
            Ok(())
        }
        Some(Fixed::Missing(_, error)) => Err(error),
        Some(Fixed::There(_, _, words)) if kind == ObjectKind::Conversion && !definer.actor().superuser => {
            let message = format!("must be owner of {words}");
            Err(plain(SqlState::InsufficientPrivilege, message))
        }
        Some(Fixed::There(..)) | None => {
            definer.unsupported(&format!("ALTER {} {how}", crate::names::kind_words(kind)), None)
        }
    }
}
