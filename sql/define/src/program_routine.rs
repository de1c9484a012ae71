//! Routines whose body is a program's: `LANGUAGE internal`, `LANGUAGE C`, and what both may take and give that no other
//! language may: types that are only shells yet.

use crate::definer::Definer;
use crate::error::{DefineNotice, DefineResult, plain};
use catalog::object::{Argument, Body, Oid};
use diagnostic::SqlState;
use functions::FunctionEntry;
use functions::resolve::is_polymorphic;
use functions::table::Module;
use syntax::tree::TypeName;
use syntax::tree::routine::{CreateRoutine, Returns};
use syntax::tree::type_name::TypeNameKind;
use types::catalog::{oid, type_name};
use types::{Type, Types};

/// `internal`
const INTERNAL: Oid = 2281;

/// Whether routines in a language are the program's own, or another program's.
pub(crate) fn is_program(language: &str) -> bool {
    language.eq_ignore_ascii_case("internal") || language.eq_ignore_ascii_case("c")
}

/// That the role may use a language that only superusers may.
///
/// # Errors
/// When it may not.
pub(crate) fn require_language(definer: &Definer<'_>, language: &str) -> DefineResult<()> {
    match definer.scope.is_superuser(definer.role) {
        true => Ok(()),
        false => {
            let message = format!("permission denied for language {language}");
            Err(plain(SqlState::InsufficientPrivilege, message))
        }
    }
}

/// The body of a routine of a program.
///
/// # Errors
/// When there is no such function: of C there are those that come with extensions.
pub(crate) fn body(
    definer: &Definer<'_>,
    (language, written, symbol): (&str, &str, &str),
    arguments: &[Argument],
    result: (Oid, bool),
) -> DefineResult<Body> {
    if language.eq_ignore_ascii_case("c") {
        let Some(module) = Module::named(written) else {
            let message = format!("could not access file \"{written}\": No such file or directory");
            return Err(plain(SqlState::UndefinedFile, message));
        };
        let named = functions::table::module_functions(module, symbol);
        if named.is_empty() {
            let message = format!("could not find function \"{symbol}\" in file \"{written}\"");
            return Err(plain(SqlState::UndefinedFunction, message));
        }
        let feature = || format!("LANGUAGE c function \"{symbol}\" with these types");
        return fitting(definer, named, arguments, result, feature);
    }
    built_in(definer, written, arguments, result)
}

/// The body of a function that is one of the program's: its text is the name by which `pg_proc.prosrc` calls that.
fn built_in(
    definer: &Definer<'_>,
    name: &str,
    arguments: &[Argument],
    result: (Oid, bool),
) -> DefineResult<Body> {
    let named: Vec<_> = functions::table::functions().filter(|entry| entry.source == name).collect();
    if named.is_empty() {
        let message = format!("there is no built-in function named \"{name}\"");
        return Err(plain(SqlState::UndefinedFunction, message));
    }
    // Nobody can call what takes what no statement has.
    let takes_internal = arguments.iter().any(|it| it.mode.is_input() && it.type_oid == INTERNAL);
    if takes_internal && named.iter().any(|entry| entry.arguments.contains(&INTERNAL)) {
        return Ok(Body::Uncallable(name.to_owned()));
    }
    let feature = || format!("LANGUAGE internal function \"{name}\" with these types");
    fitting(definer, named, arguments, result, feature)
}

/// The body that is the function among `named` which takes and gives values that lie in memory as those do.
fn fitting(
    definer: &Definer<'_>,
    named: Vec<&'static FunctionEntry>,
    arguments: &[Argument],
    (result, returns_set): (Oid, bool),
    feature: impl Fn() -> String,
) -> DefineResult<Body> {
    let inputs: Vec<Oid> =
        arguments.iter().filter(|argument| argument.mode.is_input()).map(|it| it.type_oid).collect();
    // It is handed values as they lie in memory, whatever they are called.
    let kind = |of: Oid| {
        definer.scope.entry(definer.scope.represented(Type::of(of)).oid).map(|it| (it.kind, it.form))
    };
    let shell = |of: Oid| crate::base_type::shell(definer, of).is_some();
    let alike = |own: Oid, wanted: Oid| {
        is_polymorphic(wanted)
            || wanted == oid::ANY
            || own == wanted
            || shell(own)
            || kind(own) == kind(wanted)
    };
    let fits = |entry: &FunctionEntry| {
        entry.arguments.len() == inputs.len()
            && entry.kind == functions::FunctionKind::Function
            // Nobody can call what takes what no statement has; it is there for who is made of it.
            && (!entry.is_missing() || inputs.contains(&INTERNAL))
            && !entry.returns_set
            && !returns_set
            && inputs.iter().zip(entry.arguments).all(|(own, wanted)| alike(*own, *wanted))
            && alike(result, entry.result)
    };
    match named.into_iter().find(|entry| fits(entry)) {
        Some(entry) => Ok(Body::BuiltIn(entry.oid)),
        None => definer.unsupported(&feature(), None),
    }
}

/// The type that a name means, or the shell.
///
/// # Errors
/// When there is neither.
pub(crate) fn type_or_shell(definer: &Definer<'_>, written: &TypeName<'_>) -> DefineResult<Type> {
    match shell_named(definer, written)? {
        Some(shell) => Ok(Type::of(shell)),
        None => definer.resolve_type(written),
    }
}

/// The shell that a name means, if it means one.
fn shell_named(definer: &Definer<'_>, written: &TypeName<'_>) -> DefineResult<Option<Oid>> {
    let TypeNameKind::Named(name) = &written.kind else { return Ok(None) };
    if !written.dimensions.is_empty() || name.parts.len() > 2 {
        return Ok(None);
    }
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    let found = definer.scope.look_for_type(schema, object);
    Ok(found.filter(|oid| crate::base_type::shell(definer, *oid).is_some()))
}

/// Says of shells among the types of a routine that they are, and makes one of a result's type that is not there.
///
/// # Errors
/// Where the language takes no shells.
pub(crate) fn look_at_shells(
    definer: &mut Definer<'_>,
    statement: &CreateRoutine<'_>,
    of_program: bool,
) -> DefineResult<()> {
    for parameter in statement.parameters {
        let Some(shell) = shell_named(definer, &parameter.type_name)? else { continue };
        let shown = type_name(&definer.scope, shell, None);
        if !of_program {
            let message = format!("SQL function cannot accept shell type {shown}");
            return Err(plain(SqlState::InvalidFunctionDefinition, message));
        }
        only_a_shell(definer, format!("argument type {shown} is only a shell"));
    }
    let Some(Returns::Type(written)) = &statement.returns else { return Ok(()) };
    if let Some(shell) = shell_named(definer, written)? {
        let shown = type_name(&definer.scope, shell, None);
        if !of_program {
            let message = format!("SQL function cannot return shell type {shown}");
            return Err(plain(SqlState::InvalidFunctionDefinition, message));
        }
        only_a_shell(definer, format!("return type {shown} is only a shell"));
        return Ok(());
    }
    let TypeNameKind::Named(name) = &written.kind else { return Ok(()) };
    if !of_program || !written.dimensions.is_empty() || !written.modifiers.is_empty() {
        return Ok(());
    }
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    if definer.scope.look_for_type(schema, object).is_some() {
        return Ok(());
    }
    definer.notice(DefineNotice::Told {
        state: SqlState::UndefinedObject,
        message: format!("type \"{name}\" is not yet defined"),
        detail: Some("Creating a shell type definition.".into()),
    });
    let (schema, object) = definer.new_name(name)?;
    crate::base_type::make_shell(definer, (schema, object)).map(drop)
}

fn only_a_shell(definer: &mut Definer<'_>, message: String) {
    definer.notice(DefineNotice::Told { state: SqlState::WrongObjectType, message, detail: None });
}
