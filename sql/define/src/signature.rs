//! Functions by their exact signatures, built in or not: what a definition names takes its types as they are.

use crate::definer::Definer;
use crate::error::DefineResult;
use catalog::object::{Function, FunctionKind, Oid, PG_CATALOG, Volatility};
use functions::{FunctionEntry, table};
use syntax::tree::QualifiedName;
use types::catalog::type_name;

/// A function that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exact {
    /// Its number.
    pub(crate) oid: Oid,
    /// The types that it takes.
    pub(crate) arguments: Vec<Oid>,
    /// The type of its result.
    pub(crate) result: Oid,
    /// Whether it is an ordinary function: no procedure, no aggregate, no window function.
    pub(crate) ordinary: bool,
    /// Whether it returns rows.
    pub(crate) returns_set: bool,
    /// What its result depends on.
    pub(crate) volatility: Volatility,
}

impl From<&FunctionEntry> for Exact {
    fn from(entry: &FunctionEntry) -> Exact {
        Exact {
            oid: entry.oid,
            arguments: entry.arguments.to_vec(),
            result: entry.result,
            ordinary: entry.kind == functions::FunctionKind::Function,
            returns_set: entry.returns_set,
            volatility: match entry.volatility {
                functions::Volatility::Immutable => Volatility::Immutable,
                functions::Volatility::Stable => Volatility::Stable,
                functions::Volatility::Volatile => Volatility::Volatile,
            },
        }
    }
}

impl From<&Function> for Exact {
    fn from(function: &Function) -> Exact {
        Exact {
            oid: function.oid,
            arguments: function.inputs().map(|argument| argument.type_oid).collect(),
            result: function.result,
            ordinary: function.kind == FunctionKind::Function,
            returns_set: function.returns_set,
            volatility: function.volatility,
        }
    }
}

/// The functions of a name, those of the schemas that are searched first before the others.
///
/// # Errors
/// When a schema is named and is not there.
pub(crate) fn all_named(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Vec<Exact>> {
    let (schema, name) = crate::names::split_name(&definer.scope, name)?;
    let schemas: Vec<Oid> = match schema {
        Some(schema) => vec![definer.scope.open_schema(schema)?],
        None => definer.scope.path().schemas_of_functions().collect(),
    };
    let mut found = Vec::new();
    for schema in schemas {
        if schema == PG_CATALOG {
            found.extend(table::functions_named(name).map(Exact::from));
        }
        found.extend(definer.scope.functions_named(schema, name).map(|made| Exact::from(&**made)));
    }
    Ok(found)
}

/// The function of a name that takes these types and no others.
///
/// # Errors
/// When a schema is named and is not there.
pub(crate) fn exactly(
    definer: &Definer<'_>,
    name: &QualifiedName<'_>,
    arguments: &[Oid],
) -> DefineResult<Option<Exact>> {
    Ok(all_named(definer, name)?.into_iter().find(|found| found.arguments == arguments))
}

/// A name with types as messages say it: `f(integer, text)`.
pub(crate) fn shown(definer: &Definer<'_>, name: &QualifiedName<'_>, arguments: &[Oid]) -> String {
    let types: Vec<String> = arguments.iter().map(|of| type_name(&definer.scope, *of, None)).collect();
    format!("{name}({})", types.join(", "))
}
