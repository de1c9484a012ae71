//! Functions and procedures in SQL: `CREATE [OR REPLACE] FUNCTION`, `CREATE PROCEDURE`, `ALTER FUNCTION`.
//!
//! A body that is a string is bound where it is called, by the path of the moment, as PostgreSQL does it; it is bound once when
//! it is made, so that its mistakes are told. A body in SQL itself is kept with every name resolved.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use crate::expression::referred_to;
use crate::program_routine;
use crate::routine_body::{BodyForm, ReadBody, keep_body, look_at_body, read_body};
use crate::setting::{FunctionSettings, SettingChange, change_settings};
use catalog::object::{
    Argument, ArgumentMode, Body, Function, FunctionKind, Object, Oid, Parallel, Volatility, is_temporary,
};
use catalog::{Address, DependencyKind};
use diagnostic::{Diagnostic, SqlState};
use functions::resolve::{is_compatible, is_polymorphic};
use std::sync::Arc;
use syntax::tree::TypeName;
use syntax::tree::expression::ExpressionKind as Tree;
use syntax::tree::routine::{
    AlterRoutine, CreateRoutine, Parameter, ParameterMode, Returns, RoutineOption, RoutineOptionKind,
};
use syntax::tree::type_name::TypeNameKind;
use types::catalog::{Form, oid, type_name};
use types::{Type, Types};

pub(crate) fn invalid(message: impl Into<String>) -> DefineError {
    plain(SqlState::InvalidFunctionDefinition, message)
}

/// `CREATE FUNCTION`, `CREATE PROCEDURE`
///
/// # Errors
/// PostgreSQL's.
pub fn create_routine(
    definer: &mut Definer<'_>,
    statement: &CreateRoutine<'_>,
    source: &str,
    settings: FunctionSettings<'_>,
) -> DefineResult<()> {
    let (schema, name) = definer.new_name(&statement.name)?;
    let options = Options::read(definer, statement.options, statement.procedure)?;
    match options.language {
        Some(language) => known_language(definer, language)?,
        None if statement.body.is_none() => return Err(invalid("no language specified")),
        None => {}
    }
    let of_program = options.language.is_some_and(program_routine::is_program);
    program_routine::look_at_shells(definer, statement, of_program)?;
    let arguments = read_parameters(definer, statement, of_program)?;
    let (result, returns_set) = read_result(definer, statement, &arguments, of_program)?;
    polymorphic_result(definer, &arguments, result)?;
    tell_copied_types(definer, statement)?;
    if options.rows.is_some() && !returns_set {
        let message = "ROWS is not applicable when function does not return a set";
        return Err(plain(SqlState::InvalidParameterValue, message));
    }
    let mut body = read_body(definer, statement, &options, source)?;
    if is_procedural(statement)
        && let Body::Text(text) = body.kept
    {
        body.kept = Body::Procedural(text);
    }
    if let (true, Body::Text(written)) = (of_program, &body.kept) {
        let language = options.language.unwrap_or_default();
        let found = program_routine::body(
            definer,
            (language, written, options.symbol.unwrap_or(name)),
            &arguments,
            (result, returns_set),
        )?;
        body = ReadBody { kept: found, text_at: None, ..body };
    }
    let mut function = Function {
        kind: if statement.procedure { FunctionKind::Procedure } else { FunctionKind::Function },
        ..new_function(definer, (schema, name), arguments, (result, returns_set))
    };
    if of_program {
        function.cost = 1.0;
    }
    options.apply(&mut function);
    change_settings(&mut function.settings, settings.changes);
    let there = replaced(definer, &function, statement.or_replace)?;
    function.body = body.kept;
    let named = match body.form {
        BodyForm::Text => Vec::new(),
        form @ (BodyForm::Return | BodyForm::Block) => keep_body(definer, &mut function, form, body.text_at)?,
    };
    let mut references = vec![(Address::of(schema), DependencyKind::Normal)];
    references.extend(
        function.arguments.iter().filter_map(|argument| definer.on_type(Type::of(argument.type_oid))),
    );
    references.extend(definer.on_type(Type::of(function.result)));
    references.extend(named);
    references.extend(named_by_defaults(definer, &function)?);
    let looked_at = function.clone();
    put(definer, function, there, &references)?;
    // It is there by now: its body may call it.
    look_at_body(definer, &looked_at, body.text_at, settings.path)
}

/// What the defaults of a function's arguments name.
fn named_by_defaults(
    definer: &Definer<'_>,
    function: &Function,
) -> DefineResult<Vec<(Address, DependencyKind)>> {
    let mut named = Vec::new();
    for default in function.arguments.iter().filter_map(|argument| argument.default.as_deref()) {
        let bound = bind::definition::kept_alone(definer.binding(), default)?;
        bound.walk_written(&mut |part| named.extend(referred_to(definer, part)));
    }
    Ok(named)
}

/// Says of `table.column%TYPE` which type it is: that is what is kept.
fn tell_copied_types(definer: &mut Definer<'_>, statement: &CreateRoutine<'_>) -> DefineResult<()> {
    let mut written: Vec<TypeName<'_>> = statement.parameters.iter().map(|it| it.type_name).collect();
    match statement.returns {
        Some(Returns::Type(of)) => written.push(of),
        Some(Returns::Table(columns)) => written.extend(columns.iter().map(|(_, of)| *of)),
        None => {}
    }
    for of in written {
        if let TypeNameKind::OfColumn(_) = of.kind {
            let of = TypeName { set: false, ..of };
            let found = definer.resolve_type(&of)?.oid;
            let (written, shown) = (crate::written::type_name(&of), type_name(&definer.scope, found, None));
            let message = format!("type reference {written} converted to {shown}");
            definer.notice(crate::error::DefineNotice::Plain { message });
        }
    }
    Ok(())
}

/// The function that a new one takes the place of, if it may.
fn replaced(
    definer: &Definer<'_>,
    function: &Function,
    or_replace: bool,
) -> DefineResult<Option<Arc<Function>>> {
    if crate::named_routine::is_built_in(function, function.schema) {
        let message = format!("function \"{}\" already exists with same argument types", function.name);
        return Err(plain(SqlState::DuplicateFunction, message));
    }
    let there = same_signature(definer, function);
    if let Some(there) = &there {
        refuse_replacing(definer, there, function, or_replace)?;
    }
    Ok(there)
}

/// Refuses a function in place of one that is there, where that cannot be.
pub(crate) fn refuse_replacing(
    definer: &Definer<'_>,
    there: &Function,
    function: &Function,
    or_replace: bool,
) -> DefineResult<()> {
    if !or_replace {
        let message = format!("function \"{}\" already exists with same argument types", function.name);
        return Err(plain(SqlState::DuplicateFunction, message));
    }
    definer.require_owner(there.oid)?;
    may_replace(definer, there, function)
}

/// Puts a function into the catalog, in place of the one that is there.
pub(crate) fn put(
    definer: &mut Definer<'_>,
    mut function: Function,
    there: Option<Arc<Function>>,
    references: &[(Address, DependencyKind)],
) -> DefineResult<()> {
    match there {
        None => {
            let temporary = references.iter().map(|(on, _)| on.oid).find(|on| is_temporary(*on));
            function.oid = definer.new_oids_beside(1, temporary.unwrap_or(function.schema))?;
            definer.create(&Object::Function(Arc::new(function)), references)?;
        }
        Some(there) => {
            (function.oid, function.owner) = (there.oid, there.owner);
            function.acl.clone_from(&there.acl);
            let function = Arc::new(function);
            definer.change_object(there.oid, |object| *object = Object::Function(function))?;
            definer.catalog.depend_on_nothing(definer.transaction, Address::of(there.oid))?;
            definer.depend(there.oid, references)?;
        }
    }
    definer.refresh()
}

/// A function of which nothing is said but its arguments and its result.
pub(crate) fn new_function(
    definer: &Definer<'_>,
    (schema, name): (Oid, &str),
    arguments: Vec<Argument>,
    (result, returns_set): (Oid, bool),
) -> Function {
    Function {
        oid: 0,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        kind: FunctionKind::Function,
        arguments,
        result,
        returns_set,
        body: Body::Text(String::new()),
        volatility: Volatility::Volatile,
        strict: false,
        security_definer: false,
        leakproof: false,
        parallel: Parallel::Unsafe,
        cost: 100.0,
        rows: if returns_set { 1000.0 } else { 0.0 },
        settings: Vec::new(),
        acl: None,
    }
}

fn known_language(definer: &Definer<'_>, language: &str) -> DefineResult<()> {
    match language.to_ascii_lowercase().as_str() {
        "sql" => Ok(()),
        "internal" => program_routine::require_language(definer, "internal"),
        "c" => program_routine::require_language(definer, "c"),
        "plpgsql" => Ok(()),
        _ => Err(plain(SqlState::UndefinedObject, format!("language \"{language}\" does not exist"))),
    }
}

/// Whether a routine is in PL/pgSQL: there is a look at its types of its own.
fn is_procedural(statement: &CreateRoutine<'_>) -> bool {
    statement.options.iter().any(|option| match option.kind {
        RoutineOptionKind::Language(language) => language.eq_ignore_ascii_case(crate::procedural::PLPGSQL),
        _ => false, // only the language tells
    })
}

/// What is said of a routine in any order.
#[derive(Default)]
pub(crate) struct Options<'a> {
    pub(crate) language: Option<&'a str>,
    pub(crate) source: Option<(&'a str, u32)>,
    /// The name of a function within a file that stands beside it.
    pub(crate) symbol: Option<&'a str>,
    volatility: Option<Volatility>,
    strict: Option<bool>,
    security_definer: Option<bool>,
    leakproof: Option<bool>,
    parallel: Option<Parallel>,
    cost: Option<f32>,
    rows: Option<f32>,
}

/// Whether an option says something that procedures do not have.
fn is_of_functions(option: &RoutineOptionKind<'_>) -> bool {
    match option {
        RoutineOptionKind::Immutable
        | RoutineOptionKind::Stable
        | RoutineOptionKind::Volatile
        | RoutineOptionKind::Strict(_)
        | RoutineOptionKind::Leakproof(_)
        | RoutineOptionKind::Parallel(_)
        | RoutineOptionKind::Cost(_)
        | RoutineOptionKind::Rows(_)
        | RoutineOptionKind::Support(_)
        | RoutineOptionKind::Window => true,
        RoutineOptionKind::As(..)
        | RoutineOptionKind::Language(_)
        | RoutineOptionKind::Transform(_)
        | RoutineOptionKind::SecurityDefiner(_)
        | RoutineOptionKind::Set(_) => false,
    }
}

impl<'a> Options<'a> {
    fn read(
        definer: &Definer<'_>,
        written: &'a [RoutineOption<'a>],
        procedure: bool,
    ) -> DefineResult<Options<'a>> {
        let mut options = Options::default();
        for option in written {
            if procedure && is_of_functions(&option.kind) {
                return Err(DefineError::Plain {
                    state: SqlState::InvalidFunctionDefinition,
                    message: "invalid attribute in procedure definition".to_owned(),
                    detail: None,
                    hint: None,
                    position: Some(option.position),
                });
            }
            options.set(definer, option)?;
        }
        Ok(options)
    }

    fn set(&mut self, definer: &Definer<'_>, option: &'a RoutineOption<'a>) -> DefineResult<()> {
        let position = option.position;
        let twice = |known: bool| match known {
            true => Err(DefineError::ConflictingOptions { position }),
            false => Ok(()),
        };
        match option.kind {
            RoutineOptionKind::As(body, symbol) => {
                twice(self.source.is_some())?;
                self.symbol = symbol;
                self.source = Some((body, position));
            }
            RoutineOptionKind::Language(language) => {
                twice(self.language.is_some())?;
                self.language = Some(language);
            }
            RoutineOptionKind::Immutable | RoutineOptionKind::Stable | RoutineOptionKind::Volatile => {
                twice(self.volatility.is_some())?;
                self.volatility = Some(match option.kind {
                    RoutineOptionKind::Immutable => Volatility::Immutable,
                    RoutineOptionKind::Stable => Volatility::Stable,
                    _ => Volatility::Volatile,
                });
            }
            RoutineOptionKind::Strict(strict) => {
                twice(self.strict.is_some())?;
                self.strict = Some(strict);
            }
            RoutineOptionKind::SecurityDefiner(definer) => {
                twice(self.security_definer.is_some())?;
                self.security_definer = Some(definer);
            }
            RoutineOptionKind::Leakproof(leakproof) => {
                twice(self.leakproof.is_some())?;
                self.leakproof = Some(leakproof);
                if leakproof && !definer.actor().superuser {
                    return Err(crate::error::plain(
                        SqlState::InsufficientPrivilege,
                        "only superuser can define a leakproof function".to_owned(),
                    ));
                }
            }
            RoutineOptionKind::Parallel(name) => {
                twice(self.parallel.is_some())?;
                self.parallel = Some(parallel(name.text)?);
            }
            RoutineOptionKind::Cost(number) => {
                twice(self.cost.is_some())?;
                self.cost = Some(positive(&number.kind, "COST")?);
            }
            RoutineOptionKind::Rows(number) => {
                twice(self.rows.is_some())?;
                self.rows = Some(positive(&number.kind, "ROWS")?);
            }
            RoutineOptionKind::Window => {
                return definer.unsupported("window function of one's own", Some(position));
            }
            RoutineOptionKind::Transform(_) => return definer.unsupported("TRANSFORM", Some(position)),
            RoutineOptionKind::Support(_) => return definer.unsupported("support function", Some(position)),
            // The session has read them.
            RoutineOptionKind::Set(_) => {}
        }
        Ok(())
    }

    fn apply(&self, function: &mut Function) {
        function.volatility = self.volatility.unwrap_or(function.volatility);
        function.strict = self.strict.unwrap_or(function.strict);
        function.security_definer = self.security_definer.unwrap_or(function.security_definer);
        function.leakproof = self.leakproof.unwrap_or(function.leakproof);
        function.parallel = self.parallel.unwrap_or(function.parallel);
        function.cost = self.cost.unwrap_or(function.cost);
        function.rows = self.rows.unwrap_or(function.rows);
    }
}

/// What is said behind `PARALLEL`.
pub(crate) fn parallel(word: &str) -> DefineResult<Parallel> {
    match word {
        "safe" => Ok(Parallel::Safe),
        "restricted" => Ok(Parallel::Restricted),
        "unsafe" => Ok(Parallel::Unsafe),
        _ => {
            let message = "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE";
            Err(plain(SqlState::SyntaxError, message))
        }
    }
}

fn positive(number: &Tree<'_>, name: &str) -> DefineResult<f32> {
    let value: f32 = match number {
        Tree::Integer(number) => *number as f32,
        Tree::Decimal(text) => text.parse().unwrap_or(0.0),
        _ => 0.0,
    };
    if value > 0.0 {
        return Ok(value);
    }
    Err(plain(SqlState::InvalidParameterValue, format!("{name} must be positive")))
}

fn read_parameters(
    definer: &Definer<'_>,
    statement: &CreateRoutine<'_>,
    of_program: bool,
) -> DefineResult<Vec<Argument>> {
    let mut arguments: Vec<Argument> = Vec::with_capacity(statement.parameters.len());
    for parameter in statement.parameters {
        let procedural = is_procedural(statement);
        let argument = read_parameter(definer, parameter, &arguments, of_program, procedural)?;
        arguments.push(argument);
    }
    if let Some(Returns::Table(columns)) = statement.returns {
        for (name, of) in columns {
            let of = parameter_type(definer, of)?;
            let argument = Argument {
                name: name.text.to_owned(),
                mode: ArgumentMode::Table,
                type_oid: of.oid,
                default: None,
            };
            refuse_same_name(&argument, &arguments)?;
            arguments.push(argument);
        }
    }
    Ok(arguments)
}

fn read_parameter(
    definer: &Definer<'_>,
    parameter: &Parameter<'_>,
    before: &[Argument],
    of_program: bool,
    procedural: bool,
) -> DefineResult<Argument> {
    if parameter.type_name.set {
        return Err(invalid("functions cannot accept set arguments"));
    }
    let of = parameter_type(definer, &parameter.type_name)?;
    let mode = match parameter.mode {
        None | Some(ParameterMode::In) => ArgumentMode::In,
        Some(ParameterMode::Out) => ArgumentMode::Out,
        Some(ParameterMode::InOut) => ArgumentMode::InOut,
        Some(ParameterMode::Variadic) => ArgumentMode::Variadic,
    };
    let entry = definer.scope.entry(of.oid);
    let bare = Argument { name: String::new(), mode, type_oid: of.oid, default: None };
    look_at_variadic(definer, &bare, before)?;
    if !of_program
        && (entry.is_some_and(|entry| entry.form == Form::Pseudo) || of.oid == oid::RECORD_ARRAY)
        && !is_polymorphic(of.oid)
        && (of.oid != oid::RECORD || mode.is_input())
        && !procedural
    {
        let shown = type_name(&definer.scope, of.oid, None);
        return Err(invalid(format!("SQL functions cannot have arguments of type {shown}")));
    }
    let default = match &parameter.default {
        None => {
            let last = before.iter().rfind(|known| known.mode.is_input());
            if mode.is_input() && last.is_some_and(|known| known.default.is_some()) {
                return Err(invalid(
                    "input parameters after one with a default value must also have defaults",
                ));
            }
            None
        }
        Some(_) if !mode.is_input() => {
            return Err(invalid("only input parameters can have default values"));
        }
        Some(written) if is_polymorphic(of.oid) => {
            let bound = bind::definition::polymorphic_default(definer.binding(), written, of.oid)?;
            match is_null(written) {
                // It has no type before a call has one.
                true => Some(catalog::object::UNTYPED_NULL.to_owned()),
                false => Some(definer.text_of(&bound, &[])?),
            }
        }
        Some(written) => {
            let name = parameter.name.map_or("", |name| name.text);
            let bound = bind::definition::argument_default(definer.binding(), written, (name, of))?;
            Some(definer.text_of(&bound.written, &[])?)
        }
    };
    let name = parameter.name.map_or_else(String::new, |name| name.text.to_owned());
    let argument = Argument { name, mode, type_oid: of.oid, default };
    refuse_same_name(&argument, before)?;
    Ok(argument)
}

/// Whether it is a null of no type, as it is written or as dumps have it.
fn is_null(written: &syntax::tree::Expression<'_>) -> bool {
    match &written.kind {
        Tree::Null => true,
        Tree::Cast { operand, target, .. } => {
            let unknown = matches!(&target.kind, TypeNameKind::Named(name) if name.object() == "unknown");
            unknown && target.dimensions.is_empty() && is_null(operand)
        }
        _ => false, // some value
    }
}

/// The type of a parameter. PostgreSQL has words of its own for one that is not there.
pub(crate) fn parameter_type(definer: &Definer<'_>, written: &TypeName<'_>) -> DefineResult<Type> {
    let of = program_routine::type_or_shell(definer, written).map_err(|error| match error.sqlstate() {
        SqlState::UndefinedObject => {
            let message = format!("type {} does not exist", crate::written::type_name(written));
            plain(SqlState::UndefinedObject, message)
        }
        _ => error.without_position(),
    })?;
    definer.require_type(of.oid)?;
    Ok(of)
}

/// `VARIADIC` is an array, and last.
pub(crate) fn look_at_variadic(
    definer: &Definer<'_>,
    argument: &Argument,
    before: &[Argument],
) -> DefineResult<()> {
    if argument.mode.is_input() && before.iter().any(|known| known.mode == ArgumentMode::Variadic) {
        return Err(invalid("VARIADIC parameter must be the last input parameter"));
    }
    let of = argument.type_oid;
    if argument.mode == ArgumentMode::Variadic
        && !matches!(of, oid::ANY | oid::ANYARRAY | oid::ANYCOMPATIBLEARRAY)
        && definer.scope.entry(of).is_none_or(|entry| entry.element == 0)
    {
        return Err(invalid("VARIADIC parameter must be an array"));
    }
    Ok(())
}

pub(crate) fn refuse_same_name(argument: &Argument, before: &[Argument]) -> DefineResult<()> {
    let pure_in = |mode: ArgumentMode| matches!(mode, ArgumentMode::In | ArgumentMode::Variadic);
    let pure_out = |mode: ArgumentMode| matches!(mode, ArgumentMode::Out | ArgumentMode::Table);
    let clash = before.iter().any(|known| {
        let apart =
            pure_in(known.mode) && pure_out(argument.mode) || pure_out(known.mode) && pure_in(argument.mode);
        !known.name.is_empty() && known.name == argument.name && !apart
    });
    if clash {
        return Err(invalid(format!("parameter name \"{}\" used more than once", argument.name)));
    }
    Ok(())
}

/// Whether it stands for ranges: several range types may be of one element type.
fn is_of_ranges(of: u32) -> bool {
    matches!(of, oid::ANYRANGE | oid::ANYMULTIRANGE | oid::ANYCOMPATIBLERANGE | oid::ANYCOMPATIBLEMULTIRANGE)
}

/// The type of the result, and whether it is a set.
fn read_result(
    definer: &Definer<'_>,
    statement: &CreateRoutine<'_>,
    arguments: &[Argument],
    of_program: bool,
) -> DefineResult<(Oid, bool)> {
    let out: Vec<&Argument> = arguments.iter().filter(|argument| is_out(argument.mode)).collect();
    let of_out = match out[..] {
        [] => None,
        [only] if !statement.procedure => Some(only.type_oid),
        _ => Some(oid::RECORD),
    };
    if statement.procedure {
        return Ok((of_out.unwrap_or(oid::VOID), false));
    }
    match statement.returns {
        Some(Returns::Table(_)) => Ok((of_out.unwrap_or(oid::RECORD), true)),
        Some(Returns::Type(written)) => {
            // PostgreSQL points at nothing in what it says of a result's type.
            let of = program_routine::type_or_shell(definer, &TypeName { set: false, ..written });
            let of = of.map_err(DefineError::without_position)?.oid;
            definer.require_type(of)?;
            if let Some(wanted) = of_out
                && wanted != of
            {
                let shown = type_name(&definer.scope, wanted, None);
                let message = format!("function result type must be {shown} because of OUT parameters");
                return Err(invalid(message));
            }
            let pseudo = definer.scope.entry(of).is_some_and(|entry| entry.form == Form::Pseudo);
            let returned = [oid::RECORD, oid::VOID].contains(&of) || is_procedural(statement);
            if !of_program && pseudo && !is_polymorphic(of) && !returned {
                let shown = type_name(&definer.scope, of, None);
                return Err(invalid(format!("SQL functions cannot return type {shown}")));
            }
            Ok((of, written.set))
        }
        None => match of_out {
            Some(of) => Ok((of, false)),
            None => Err(invalid("function result type must be specified")),
        },
    }
}

fn is_out(mode: ArgumentMode) -> bool {
    match mode {
        ArgumentMode::Out | ArgumentMode::InOut | ArgumentMode::Table => true,
        ArgumentMode::In | ArgumentMode::Variadic => false,
    }
}

/// A polymorphic result is decided by an argument.
fn polymorphic_result(definer: &Definer<'_>, arguments: &[Argument], result: Oid) -> DefineResult<()> {
    let outputs =
        arguments.iter().filter(|argument| !argument.mode.is_input()).map(|argument| argument.type_oid);
    for of in outputs.chain([result]) {
        if let Some(detail) = undecided(definer, arguments, of) {
            return Err(DefineError::Plain {
                state: SqlState::InvalidFunctionDefinition,
                message: "cannot determine result data type".into(),
                detail: Some(detail),
                hint: None,
                position: None,
            });
        }
    }
    Ok(())
}

/// What is wanted of the arguments, if they do not decide what a type stands for.
pub(crate) fn undecided(definer: &Definer<'_>, arguments: &[Argument], of: Oid) -> Option<String> {
    let decides = |input: u32| {
        is_polymorphic(input)
            && is_compatible(input) == is_compatible(of)
            && (is_of_ranges(input) || !is_of_ranges(of))
    };
    let mut inputs = arguments.iter().filter(|argument| argument.mode.is_input());
    if !is_polymorphic(of) || inputs.any(|argument| decides(argument.type_oid)) {
        return None;
    }
    let shown = type_name(&definer.scope, of, None);
    let family = match (is_compatible(of), is_of_ranges(of)) {
        (true, true) => "anycompatiblerange or anycompatiblemultirange",
        (true, false) => {
            "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or \
             anycompatiblemultirange"
        }
        (false, true) => "anyrange or anymultirange",
        (false, false) => "anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange",
    };
    Some(format!("A result of type {shown} requires at least one input of type {family}."))
}

/// The function with the same name and arguments.
pub(crate) fn same_signature(definer: &Definer<'_>, function: &Function) -> Option<Arc<Function>> {
    let inputs = |of: &Function| of.inputs().map(|argument| argument.type_oid).collect::<Vec<_>>();
    let wanted = inputs(function);
    let mut known = definer.scope.functions_named(function.schema, &function.name);
    known.find(|known| inputs(known) == wanted).cloned()
}

fn may_replace(definer: &Definer<'_>, there: &Function, new: &Function) -> DefineResult<()> {
    if there.kind != new.kind {
        let kind = match there.kind {
            FunctionKind::Procedure => "a procedure",
            FunctionKind::Function => "a function",
            FunctionKind::Aggregate => "an aggregate function",
        };
        return Err(DefineError::Plain {
            state: SqlState::WrongObjectType,
            message: "cannot change routine kind".into(),
            detail: Some(format!("\"{}\" is {kind}.", there.name)),
            hint: None,
            position: None,
        });
    }
    let refuse = |message: String| DefineError::Plain {
        state: SqlState::InvalidFunctionDefinition,
        message,
        detail: None,
        hint: Some(format!(
            "Use DROP {} {} first.",
            match there.kind {
                FunctionKind::Procedure => "PROCEDURE",
                FunctionKind::Function => "FUNCTION",
                FunctionKind::Aggregate => "AGGREGATE",
            },
            definer.scope.function_name(there)
        )),
        position: None,
    };
    let outputs = |of: &Function| {
        let out = of.arguments.iter().filter(|argument| is_out(argument.mode));
        out.map(|argument| (argument.name.clone(), argument.type_oid)).collect::<Vec<_>>()
    };
    if there.result != new.result || there.returns_set != new.returns_set {
        let message = match there.kind {
            FunctionKind::Procedure => "cannot change whether a procedure has output parameters",
            FunctionKind::Function | FunctionKind::Aggregate => {
                "cannot change return type of existing function"
            }
        };
        return Err(refuse(message.into()));
    }
    if outputs(there) != outputs(new) {
        return Err(refuse("cannot change return type of existing function".into()));
    }
    for (old, new) in there.inputs().zip(new.inputs()) {
        if !old.name.is_empty() && old.name != new.name {
            return Err(refuse(format!("cannot change name of input parameter \"{}\"", old.name)));
        }
        if old.default.is_some() && new.default.is_none() {
            return Err(refuse("cannot remove parameter defaults from existing function".into()));
        }
    }
    Ok(())
}

/// `ALTER FUNCTION`: what is said of it from now on.
///
/// # Errors
/// PostgreSQL's.
pub fn alter_routine(
    definer: &mut Definer<'_>,
    statement: &AlterRoutine<'_>,
    settings: &[SettingChange],
) -> DefineResult<()> {
    let function = crate::named_routine::find(definer, statement.kind, &statement.routine)?;
    definer.require_owner(function.oid)?;
    if function.kind == FunctionKind::Aggregate {
        let message = format!("\"{}\" is an aggregate function", function.name);
        return Err(plain(SqlState::WrongObjectType, message));
    }
    let options = Options::read(definer, statement.options, function.kind == FunctionKind::Procedure)?;
    if options.rows.is_some() && !function.returns_set {
        let message = "ROWS is not applicable when function does not return a set";
        return Err(plain(SqlState::InvalidParameterValue, message));
    }
    definer.change_object(function.oid, |object| {
        if let Object::Function(function) = object {
            let function = Arc::make_mut(function);
            options.apply(function);
            change_settings(&mut function.settings, settings);
        }
    })
}
