//! Names that definitions read: qualified ones, types that are sequences in disguise, collations.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use catalog::object::Oid;
use catalog::{CatalogError, Scope};
use diagnostic::SqlState;
use syntax::tree::object::ObjectKind;
use syntax::tree::type_name::TypeNameKind;
use syntax::tree::{QualifiedName, TypeName};
use types::Type;
use types::catalog::oid;

/// The schema, if one is written, and the object of a name. A database before them must be this one.
///
/// # Errors
/// When it has too many parts, or names another database.
pub fn split_name<'n>(scope: &Scope, name: &QualifiedName<'n>) -> DefineResult<(Option<&'n str>, &'n str)> {
    match name.parts {
        [database, schema, object] if scope.is_this_database(database.text) => {
            Ok((Some(schema.text), object.text))
        }
        [object] => Ok((None, object.text)),
        [schema, object] => Ok((Some(schema.text), object.text)),
        [_, _, _] => Err(CatalogError::CrossDatabase { name: name.to_string() }.into()),
        _ => Err(CatalogError::ImproperName { name: name.to_string() }.into()),
    }
}

/// The same of a relation, of which PostgreSQL has other words.
///
/// # Errors
/// When it has too many parts.
pub fn split_relation<'n>(
    scope: &Scope,
    name: &QualifiedName<'n>,
) -> DefineResult<(Option<&'n str>, &'n str)> {
    let plain =
        |state, message| DefineError::Plain { state, message, detail: None, hint: None, position: None };
    split_name(scope, name).map_err(|error| match name.parts.len() {
        3 => {
            let message = format!("cross-database references are not implemented: \"{name}\"");
            plain(SqlState::FeatureNotSupported, message)
        }
        4.. => {
            let message = format!("improper relation name (too many dotted names): {name}");
            plain(SqlState::SyntaxError, message)
        }
        _ => error,
    })
}

/// `serial` and its like: an integer with a sequence of its own.
pub fn serial_type(name: &TypeName<'_>) -> Option<u32> {
    let TypeNameKind::Named(QualifiedName { parts: [word] }) = &name.kind else { return None };
    if !name.dimensions.is_empty() {
        return None;
    }
    match word.text {
        "smallserial" | "serial2" => Some(oid::INT2),
        "serial" | "serial4" => Some(oid::INT4),
        "bigserial" | "serial8" => Some(oid::INT8),
        _ => None,
    }
}

impl Definer<'_> {
    /// The collation of a column: what is written, or the type's.
    ///
    /// # Errors
    /// When there is none of that name here, or the type has none.
    pub fn collation(&self, of: Type, written: Option<&QualifiedName<'_>>) -> DefineResult<Oid> {
        let natural = self.scope.type_collation(of.oid);
        let Some(written) = written else { return Ok(natural) };
        if natural == 0 {
            let type_name = types::catalog::type_name(&self.scope, of.oid, None);
            return Err(DefineError::NoCollations { type_name, position: written.position() });
        }
        let (schema, object) = split_name(&self.scope, written)?;
        if let Some(schema) = schema {
            if self.scope.find_schema(schema).is_err() {
                return Err(DefineError::Plain {
                    state: diagnostic::SqlState::InvalidSchemaName,
                    message: format!("schema \"{schema}\" does not exist"),
                    detail: None,
                    hint: None,
                    position: Some(written.position()),
                });
            }
            self.scope.may_look_in(schema)?;
        }
        let missing = || DefineError::NoCollation { name: written.to_string(), position: written.position() };
        self.scope.look_for_collation(schema, object).ok_or_else(missing)
    }
}

/// What a kind of object is called in a statement.
pub fn kind_words(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::AccessMethod => "ACCESS METHOD",
        ObjectKind::Aggregate => "AGGREGATE",
        ObjectKind::Cast => "CAST",
        ObjectKind::Collation => "COLLATION",
        ObjectKind::Column => "COLUMN",
        ObjectKind::Constraint | ObjectKind::DomainConstraint => "CONSTRAINT",
        ObjectKind::Conversion => "CONVERSION",
        ObjectKind::Database => "DATABASE",
        ObjectKind::Domain => "DOMAIN",
        ObjectKind::EventTrigger => "EVENT TRIGGER",
        ObjectKind::Extension => "EXTENSION",
        ObjectKind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        ObjectKind::ForeignTable => "FOREIGN TABLE",
        ObjectKind::Function => "FUNCTION",
        ObjectKind::Index => "INDEX",
        ObjectKind::Language => "LANGUAGE",
        ObjectKind::LargeObject => "LARGE OBJECT",
        ObjectKind::MaterializedView => "MATERIALIZED VIEW",
        ObjectKind::Operator => "OPERATOR",
        ObjectKind::OperatorClass => "OPERATOR CLASS",
        ObjectKind::OperatorFamily => "OPERATOR FAMILY",
        ObjectKind::Policy => "POLICY",
        ObjectKind::Procedure => "PROCEDURE",
        ObjectKind::Publication => "PUBLICATION",
        ObjectKind::Role => "ROLE",
        ObjectKind::Routine => "ROUTINE",
        ObjectKind::Rule => "RULE",
        ObjectKind::Schema => "SCHEMA",
        ObjectKind::Sequence => "SEQUENCE",
        ObjectKind::Server => "SERVER",
        ObjectKind::Statistics => "STATISTICS",
        ObjectKind::Subscription => "SUBSCRIPTION",
        ObjectKind::Table => "TABLE",
        ObjectKind::Tablespace => "TABLESPACE",
        ObjectKind::TextSearchConfiguration => "TEXT SEARCH CONFIGURATION",
        ObjectKind::TextSearchDictionary => "TEXT SEARCH DICTIONARY",
        ObjectKind::TextSearchParser => "TEXT SEARCH PARSER",
        ObjectKind::TextSearchTemplate => "TEXT SEARCH TEMPLATE",
        ObjectKind::Transform => "TRANSFORM",
        ObjectKind::Trigger => "TRIGGER",
        ObjectKind::Type => "TYPE",
        ObjectKind::View => "VIEW",
    }
}
