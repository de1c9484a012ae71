//! Functions that the program gives to an engine's sessions.

use crate::engine::Engine;
use crate::error::SessionError;
use catalog::object::{
    Argument, ArgumentMode, Body, Function, FunctionKind, PG_CATALOG, Parallel, SUPERUSER, Volatility as Kept,
};
use diagnostic::SqlState;
use env::sync::Mutex;
use functions::table::Native;
use functions::{FunctionError, Volatility};
use std::collections::BTreeMap;
use types::catalog::oid;

/// The class of errors of the program's functions.
pub const FAILED: SqlState = SqlState::ExternalRoutineException;

/// A function of the program.
#[derive(Debug, Clone)]
pub struct NativeFunction {
    /// Its name.
    pub name: String,
    /// The types of its arguments.
    pub arguments: Vec<u32>,
    /// Of one that returns rows: the names and types of their columns.
    pub columns: Vec<(String, u32)>,
    /// The type of its result, if that has not several columns.
    pub result: u32,
    /// What its result depends on.
    pub volatility: Volatility,
    /// Whether a null argument alone makes the result null.
    pub strict: bool,
    /// What computes it.
    pub native: Native,
}

/// Those that an engine has, by their numbers.
pub(crate) struct Natives(Mutex<BTreeMap<u32, Native>>);

impl Default for Natives {
    fn default() -> Natives {
        Natives(Mutex::new(&crate::labels::NATIVES_LOCK, BTreeMap::new()))
    }
}

impl Natives {
    /// The one of a number.
    pub fn get(&self, number: u32) -> Option<Native> {
        self.0.lock().get(&number).cloned()
    }
}

impl Engine {
    /// Gives a function to all sessions, those that are open already too. It is as if it were in `pg_catalog`.
    ///
    /// # Errors
    /// When there is one of that name with the same arguments in `pg_catalog`, or there are too many.
    pub fn register(&self, function: NativeFunction) -> Result<(), SessionError> {
        let mut natives = self.natives.0.lock();
        let number = function.native.number(natives.len()).ok_or_else(|| {
            let state = SqlState::ProgramLimitExceeded;
            SessionError::Function(FunctionError::plain(state, "too many functions of the program"))
        })?;
        let native = function.native.clone();
        self.catalogs.add_native(described(number, function))?;
        natives.insert(number, native);
        Ok(())
    }
}

/// The function as the catalog shows it.
fn described(number: u32, function: NativeFunction) -> Function {
    let argument = |name: String, mode, type_oid| Argument { name, mode, type_oid, default: None };
    let inputs = function.arguments.iter().map(|of| argument(String::new(), ArgumentMode::In, *of));
    let columns = function.columns.into_iter().map(|(name, of)| argument(name, ArgumentMode::Table, of));
    let (kind, returns_set) = match function.native {
        Native::Scalar(_) => (FunctionKind::Function, false),
        Native::Rows(_) => (FunctionKind::Function, true),
        Native::Aggregate(_) => (FunctionKind::Aggregate, false),
    };
    let result = if columns.len() > 1 { oid::RECORD } else { function.result };
    let arguments = inputs.chain(columns).collect();
    Function {
        oid: number,
        name: function.name,
        schema: PG_CATALOG,
        owner: SUPERUSER,
        kind,
        arguments,
        result,
        returns_set,
        body: Body::Native,
        volatility: match function.volatility {
            Volatility::Immutable => Kept::Immutable,
            Volatility::Stable => Kept::Stable,
            Volatility::Volatile => Kept::Volatile,
        },
        strict: function.strict,
        security_definer: false,
        leakproof: false,
        parallel: Parallel::Unsafe,
        cost: 1.0,
        rows: if returns_set { 1000.0 } else { 0.0 },
        settings: Vec::new(),
        acl: None,
    }
}
