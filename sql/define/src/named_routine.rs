//! Routines by their signatures, as `DROP`, `ALTER`, `COMMENT` and `GRANT` name them: those of users, and those that come with
//! the program, which may get a comment and stay as they are otherwise.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use catalog::Address;
use catalog::object::{Function, FunctionKind, Oid, PG_CATALOG};
use diagnostic::SqlState;
use functions::table::{FunctionEntry, FunctionKind as BuiltInKind};
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::object::{ObjectKind, Signature};
use syntax::tree::routine::ParameterMode;
use types::catalog::type_name;

/// What a signature names.
#[derive(Clone)]
pub(crate) enum Routine {
    /// Something that a user has made.
    Made(Arc<Function>),
    /// Something that comes with the program.
    BuiltIn(&'static FunctionEntry),
}

impl Routine {
    /// Its number.
    pub(crate) fn oid(&self) -> Oid {
        match self {
            Routine::Made(function) => function.oid,
            Routine::BuiltIn(entry) => entry.oid,
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Routine::Made(function) => &function.name,
            Routine::BuiltIn(entry) => entry.name,
        }
    }

    pub(crate) fn kind(&self) -> FunctionKind {
        match self {
            Routine::Made(function) => function.kind,
            Routine::BuiltIn(entry) => match entry.kind {
                BuiltInKind::Function | BuiltInKind::Window => FunctionKind::Function,
                BuiltInKind::Aggregate { .. }
                | BuiltInKind::OrderedSet { .. }
                | BuiltInKind::Hypothetical => FunctionKind::Aggregate,
            },
        }
    }

    fn takes(&self, types: &[Oid]) -> bool {
        match self {
            Routine::Made(function) => {
                function.inputs().map(|argument| argument.type_oid).eq(types.iter().copied())
            }
            Routine::BuiltIn(entry) => entry.arguments == types,
        }
    }

    fn fits(&self, kind: ObjectKind) -> bool {
        let own = self.kind();
        match kind {
            ObjectKind::Procedure => own == FunctionKind::Procedure,
            // An aggregate is a function, too.
            ObjectKind::Function => own != FunctionKind::Procedure,
            ObjectKind::Aggregate => own == FunctionKind::Aggregate,
            _ => true,
        }
    }
}

/// What messages call a function that comes with the program: `function lower(text)`.
pub(crate) fn described(definer: &Definer<'_>, entry: &FunctionEntry) -> String {
    let name = catalog::name::quote_identifier(entry.name);
    format!("function {name}({})", listed(definer, entry.arguments))
}

/// Whether the program has a function of this name and with these arguments, so that a schema can have no other.
pub(crate) fn is_built_in(function: &Function, schema: Oid) -> bool {
    let types: Vec<Oid> = function.inputs().map(|argument| argument.type_oid).collect();
    let mut known = functions::table::functions_named(&function.name).map(Routine::BuiltIn);
    schema == PG_CATALOG && known.any(|known| known.takes(&types))
}

/// Refuses to give a function a name or a schema that one like it has there.
///
/// # Errors
/// When there is one.
pub(crate) fn refuse_taken(definer: &Definer<'_>, function: &Function, schema: Oid) -> DefineResult<()> {
    let there = Function { schema, ..function.clone() };
    if crate::routine::same_signature(definer, &there).is_none() && !is_built_in(function, schema) {
        return Ok(());
    }
    let types: Vec<Oid> = function.inputs().map(|argument| argument.type_oid).collect();
    let types = listed(definer, &types);
    let schema = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str());
    let message = format!("function {}({types}) already exists in schema \"{schema}\"", function.name);
    Err(plain(SqlState::DuplicateFunction, message))
}

fn listed(definer: &Definer<'_>, types: &[Oid]) -> String {
    let types: Vec<String> = types.iter().map(|of| type_name(&definer.scope, *of, None)).collect();
    types.join(", ")
}

/// The word for a kind of routine.
fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Procedure => "procedure",
        ObjectKind::Aggregate => "aggregate",
        ObjectKind::Routine => "routine",
        _ => "function",
    }
}

/// What a notice calls a routine that is not there.
pub(crate) fn shown(kind: ObjectKind, signature: &Signature<'_>) -> (&'static str, String) {
    let types = signature.parameters.unwrap_or_default().iter();
    let types: Vec<String> =
        types.map(|parameter| crate::written::listed_type(&parameter.type_name)).collect();
    let name: Vec<&str> = signature.name.parts.iter().map(|part| part.text).collect();
    (word(kind), format!("{}({})", name.join("."), types.join(",")))
}

/// The routine of a signature that a user has made.
///
/// # Errors
/// When there is none, or several, or it is of another kind, or it comes with the program.
pub(crate) fn find(
    definer: &Definer<'_>,
    kind: ObjectKind,
    signature: &Signature<'_>,
) -> DefineResult<Arc<Function>> {
    match look_for(definer, kind, signature)? {
        Routine::Made(function) => Ok(function),
        Routine::BuiltIn(entry) => {
            crate::fixed::require_owner(definer, "function", entry.name)?;
            definer.unsupported("changing a built-in function", None)
        }
    }
}

/// The routine of a signature that is to get a comment; who may give it one has been looked at for those of the program.
///
/// # Errors
/// When there is none, or several, or it is of another kind, or nobody but a superuser may describe it.
pub(crate) fn commented(
    definer: &Definer<'_>,
    kind: ObjectKind,
    signature: &Signature<'_>,
) -> DefineResult<Address> {
    let found = look_for(definer, kind, signature)?;
    if let Routine::BuiltIn(entry) = found {
        crate::fixed::require_owner(definer, "function", entry.name)?;
    }
    Ok(Address::of(found.oid()))
}

/// The routine of a signature.
///
/// # Errors
/// When there is none, or several, or it is of another kind.
pub(crate) fn look_for(
    definer: &Definer<'_>,
    kind: ObjectKind,
    signature: &Signature<'_>,
) -> DefineResult<Routine> {
    let known = by_schemas(definer, &signature.name)?;
    let (word, shown_name) = (word(kind), signature.name.to_string());
    let Some(parameters) = signature.parameters else {
        let found: Vec<&Routine> = known.iter().filter(|known| known.fits(kind)).collect();
        return match found[..] {
            [only] => Ok(only.clone()),
            [] => {
                let of = word.replace("routine", "function");
                let message = format!("could not find a {of} named \"{shown_name}\"");
                Err(plain(SqlState::UndefinedFunction, message))
            }
            _ => Err(DefineError::Plain {
                state: SqlState::AmbiguousFunction,
                message: format!("{word} name \"{shown_name}\" is not unique"),
                detail: None,
                hint: Some(format!("Specify the argument list to select the {word} unambiguously.")),
                position: None,
            }),
        };
    };
    let mut wanted = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        if parameter.mode != Some(ParameterMode::Out) {
            let of = definer.resolve_type(&parameter.type_name);
            wanted.push(of.map_err(DefineError::without_position)?.oid);
        }
    }
    let Some(found) = known.into_iter().find(|known| known.takes(&wanted)) else {
        let types = listed(definer, &wanted);
        let types = if kind == ObjectKind::Aggregate && types.is_empty() { "*".into() } else { types };
        let message = format!("{} {shown_name}({types}) does not exist", word.replace("routine", "function"));
        return Err(plain(SqlState::UndefinedFunction, message));
    };
    if !found.fits(kind) {
        let types = listed(definer, &wanted);
        let message = match kind {
            ObjectKind::Aggregate => format!("function {shown_name}({types}) is not an aggregate"),
            _ => format!("{shown_name}({types}) is not a {word}"),
        };
        return Err(plain(SqlState::WrongObjectType, message));
    }
    Ok(found)
}

/// The function of a name that takes just these arguments.
///
/// # Errors
/// When there is none.
pub(crate) fn with_arguments(
    definer: &Definer<'_>,
    name: &QualifiedName<'_>,
    types: &[Oid],
) -> DefineResult<Routine> {
    let found = by_schemas(definer, name)?.into_iter().find(|known| known.takes(types));
    found.ok_or_else(|| {
        let message = format!("function {name}({}) does not exist", listed(definer, types));
        plain(SqlState::UndefinedFunction, message)
    })
}

/// The routines of a name, schema by schema as they are searched.
fn by_schemas(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Vec<Routine>> {
    let (schema, name) = crate::names::split_name(&definer.scope, name)?;
    let schemas: Vec<Oid> = match schema {
        Some(schema) => vec![definer.scope.open_schema(schema)?],
        None => definer.scope.path().schemas_of_functions().collect(),
    };
    let mut known = Vec::new();
    for schema in schemas {
        if schema == PG_CATALOG {
            known.extend(functions::table::functions_named(name).map(Routine::BuiltIn));
        }
        known.extend(definer.scope.functions_named(schema, name).cloned().map(Routine::Made));
    }
    Ok(known)
}
