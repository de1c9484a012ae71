//! Access methods of indexes: what each can do, and which operator class a key has.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use catalog::object::{IndexMethod, PG_CATALOG};
use catalog::operator_class::{self, OperatorClass};
use diagnostic::SqlState;
use syntax::tree::index::IndexElement;
use syntax::tree::option::Definition;
use syntax::tree::select::SortDirection;
use syntax::tree::{Name, QualifiedName};
use types::entry::Maker;
use types::{Type, Types};

/// What is asked of an index that is to be made.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// Whether a key is to stand once.
    pub unique: bool,
    /// Whether it is to serve an exclusion constraint.
    pub excludes: bool,
    /// Whether it is to hold columns besides its keys.
    pub includes: bool,
    /// Its keys.
    pub elements: &'w [IndexElement<'w>],
}

/// What an access method can do.
struct Abilities {
    unique: bool,
    excludes: bool,
    includes: bool,
    several: bool,
    ordered: bool,
}

fn abilities(method: IndexMethod) -> Abilities {
    let nothing =
        Abilities { unique: false, excludes: false, includes: false, several: false, ordered: false };
    match method {
        IndexMethod::Ordered => {
            Abilities { unique: true, excludes: true, includes: true, several: true, ordered: true }
        }
        IndexMethod::Hash => Abilities { excludes: true, ..nothing },
        IndexMethod::Gist => Abilities { excludes: true, includes: true, several: true, ..nothing },
        IndexMethod::SpGist => Abilities { excludes: true, includes: true, ..nothing },
        IndexMethod::Gin | IndexMethod::Brin => Abilities { several: true, ..nothing },
    }
}

/// By what the index is to find its keys, if that can do what is asked of it.
pub(crate) fn method(
    definer: &mut Definer<'_>,
    written: Option<Name<'_>>,
    wanted: Wanted<'_>,
) -> DefineResult<IndexMethod> {
    let name = match written.map_or("btree", |method| method.text) {
        // Its name from before PostgreSQL 8.2.
        "rtree" => {
            let message = "substituting access method \"gist\" for obsolete method \"rtree\"".into();
            definer.notice(DefineNotice::Plain { message });
            "gist"
        }
        name => name,
    };
    let Some(method) = IndexMethod::ALL.into_iter().find(|method| method.name() == name) else {
        return Err(DefineError::NoAccessMethod { name: name.into() });
    };
    if method == IndexMethod::Brin {
        return definer.unsupported("access method \"brin\"", None);
    }
    let can = abilities(method);
    let ordered = |element: &IndexElement<'_>| element.direction != SortDirection::Default;
    let lacking = if wanted.unique && !can.unique {
        "unique indexes"
    } else if wanted.includes && !can.includes {
        "included columns"
    } else if wanted.elements.len() > 1 && !can.several {
        "multicolumn indexes"
    } else if wanted.excludes && !can.excludes {
        "exclusion constraints"
    } else if !can.ordered && wanted.elements.iter().any(ordered) {
        "ASC/DESC options"
    } else if !can.ordered && wanted.elements.iter().any(|element| element.nulls.is_some()) {
        "NULLS FIRST/LAST options"
    } else {
        return Ok(method);
    };
    let message = format!("access method \"{}\" does not support {lacking}", method.name());
    Err(plain(SqlState::FeatureNotSupported, message))
}

/// The operator class of a key: the one that is named, or that of its type.
pub(crate) fn class_of_key(
    definer: &Definer<'_>,
    method: IndexMethod,
    named: Option<OperatorClass>,
    of: Type,
) -> DefineResult<OperatorClass> {
    let default = || operator_class::default_class(&definer.scope, method, of.oid);
    let ordered = !method.is_ordered() || definer.scope.order(of).is_some();
    named.or_else(default).filter(|_| ordered).ok_or_else(|| {
        let type_name = types::catalog::type_name(&definer.scope, of.oid, None);
        DefineError::NoOperatorClass { type_name, method: method.name() }
    })
}

/// Refuses a class whose order is not that of the type, and a type of whose values no entries can be made.
pub(crate) fn refuse_entries(
    definer: &Definer<'_>,
    method: IndexMethod,
    class: &OperatorClass,
    of: Type,
) -> DefineResult<()> {
    if !operator_class::is_as_own(&definer.scope, class) {
        return definer.unsupported("an index by an operator class with an order of its own", None);
    }
    if method.is_ordered() {
        return Ok(());
    }
    let Some(kind) = operator_class::entry_kind(&definer.scope, class.family) else {
        return definer.unsupported(&format!("operator class \"{}\"", class.name), None);
    };
    if Maker::new(&definer.scope, kind, of).is_some() {
        return Ok(());
    }
    let element = definer.scope.entry(of.oid).map_or(of.oid, |entry| entry.element);
    let of = types::catalog::type_name(&definer.scope, element, None);
    let message = format!("could not identify a comparison function for type {of}");
    Err(plain(SqlState::UndefinedFunction, message))
}

/// Refuses a type whose values an operator class does not take.
pub(crate) fn refuse_type(definer: &Definer<'_>, class: &OperatorClass, of: Type) -> DefineResult<()> {
    if operator_class::accepts(&definer.scope, class, of.oid) {
        return Ok(());
    }
    let of = types::catalog::type_name(&definer.scope, of.oid, None);
    let message = format!("operator class \"{}\" does not accept data type {of}", class.name);
    Err(plain(SqlState::DatatypeMismatch, message))
}

/// The operator class that a key names, which must be one for its type.
pub(crate) fn operator_class_named(
    definer: &Definer<'_>,
    options: &[Definition<'_>],
    (method, written): (IndexMethod, &QualifiedName<'_>),
    of: Type,
) -> DefineResult<OperatorClass> {
    let (schema, name) = crate::names::split_name(&definer.scope, written)?;
    let schema = schema.map(|schema| definer.scope.open_schema(schema)).transpose()?;
    let shown = catalog::name::quote_identifier(name);
    let plain =
        |state, message| Err(DefineError::Plain { state, message, detail: None, hint: None, position: None });
    let Some(class) = operator_class::named_class(&definer.scope, method, schema, name) else {
        let method = method.name();
        let message = format!("operator class \"{name}\" does not exist for access method \"{method}\"");
        return plain(SqlState::UndefinedObject, message);
    };
    refuse_type(definer, &class, of)?;
    // How long signatures are there changes nothing here, where there are none.
    let built_in = class.schema == PG_CATALOG && class.name == "tsvector_ops";
    let made = || operator_class::has_options(&definer.scope, &class);
    let has_options = method == IndexMethod::Gist && (built_in || made());
    if !options.is_empty() && !has_options {
        let message = format!("operator class {shown} has no options");
        return plain(SqlState::InvalidParameterValue, message);
    }
    Ok(class)
}
