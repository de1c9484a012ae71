//! Shell types and base types: `CREATE TYPE name`, `CREATE TYPE name (INPUT = …)`, `ALTER TYPE … SET (…)`.
//!
//! A base type has the values of a built-in type, under a name of its own: its input function is a built-in one of
//! `LANGUAGE internal`, and what that makes says which. A shell is a name for which functions can be made before there is a
//! type.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::signature::{self, Exact};
use catalog::object::{BaseShape, BaseType, Body, Object, Oid, Volatility};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use functions::table::Module;
use std::sync::Arc;
use syntax::tree::option::{Definition, DefinitionValue};
use syntax::tree::schema::AlterBaseType;
use syntax::tree::type_name::TypeNameKind;
use syntax::tree::{Name, QualifiedName, TypeName};
use types::catalog::{Form, oid, type_name};
use types::{Type, Types};

/// `cstring[]`, which holds what stands in a type's parentheses.
const CSTRING_ARRAY: Oid = 1263;
/// `internal`
const INTERNAL: Oid = 2281;

fn invalid(message: impl Into<String>) -> DefineError {
    plain(SqlState::InvalidObjectDefinition, message)
}

/// `CREATE TYPE name`
///
/// # Errors
/// When there is such a type.
pub(crate) fn create_shell(definer: &mut Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<()> {
    let (schema, name) = definer.new_name(name)?;
    if definer.scope.type_in(schema, name).is_some() {
        return Err(plain(SqlState::DuplicateObject, format!("type \"{name}\" already exists")));
    }
    make_shell(definer, (schema, name)).map(drop)
}

/// A shell that was not there.
pub(crate) fn make_shell(definer: &mut Definer<'_>, (schema, name): (Oid, &str)) -> DefineResult<Oid> {
    let oid = definer.new_oids_beside(1, schema)?;
    let shell = BaseType {
        oid,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        array_type: 0,
        shape: None,
        acl: None,
    };
    definer.create(&Object::Base(Arc::new(shell)), &[(Address::of(schema), DependencyKind::Normal)])?;
    definer.refresh()?;
    Ok(oid)
}

/// What is said of a base type in any order.
#[derive(Default)]
struct Options<'a> {
    length: Option<i16>,
    input: Option<Written<'a>>,
    output: Option<Written<'a>>,
    receive: Option<Written<'a>>,
    send: Option<Written<'a>>,
    modifier_input: Option<Written<'a>>,
    modifier_output: Option<Written<'a>>,
    analyze: Option<Written<'a>>,
    subscript: Option<Written<'a>>,
    category: Option<u8>,
    preferred: Option<bool>,
    delimiter: Option<u8>,
    element: Option<Oid>,
    default: Option<String>,
    by_value: Option<bool>,
    alignment: Option<u8>,
    storage: Option<u8>,
    collatable: Option<bool>,
    like: Option<Type>,
}

/// A name that an option's value is: a string is one, too; nothing takes away what was said before.
#[derive(Clone, Copy)]
enum Written<'a> {
    Name(&'a QualifiedName<'a>),
    Text(&'a str),
    Nothing,
}

impl Written<'_> {
    fn with<R>(self, then: impl FnOnce(&QualifiedName<'_>) -> DefineResult<R>) -> DefineResult<Option<R>> {
        match self {
            Written::Name(name) => then(name).map(Some),
            Written::Text(text) => then(&QualifiedName { parts: &[Name { text, position: 0 }] }).map(Some),
            Written::Nothing => Ok(None),
        }
    }
}

fn name_value<'a>(option: &str, value: Option<&'a DefinitionValue<'a>>) -> DefineResult<Written<'a>> {
    match value {
        Some(DefinitionValue::Type(TypeName { kind: TypeNameKind::Named(name), .. })) => {
            Ok(Written::Name(name))
        }
        Some(DefinitionValue::String(text)) => Ok(Written::Text(text)),
        Some(DefinitionValue::Word(word)) if word.eq_ignore_ascii_case("none") => Ok(Written::Nothing),
        Some(_) => Err(plain(SqlState::SyntaxError, format!("argument of {option} must be a name"))),
        None => Err(needs_parameter(option)),
    }
}

fn needs_parameter(option: &str) -> DefineError {
    plain(SqlState::SyntaxError, format!("{option} requires a parameter"))
}

/// An option's value as text; of numbers their digits.
fn text_value(option: &str, value: Option<&DefinitionValue<'_>>) -> DefineResult<String> {
    value.map(crate::storage_option::value_text).ok_or_else(|| needs_parameter(option))
}

impl<'a> Options<'a> {
    fn read(definer: &mut Definer<'_>, written: &'a [Definition<'a>]) -> DefineResult<Options<'a>> {
        let mut options = Options::default();
        for option in written {
            match options.set(definer, option)? {
                Some(false) => {}
                Some(true) => {
                    return Err(DefineError::ConflictingOptions { position: option.name.position });
                }
                None => {
                    let message = format!("type attribute \"{}\" not recognized", option.name.text);
                    definer.notice(DefineNotice::Warning(SqlState::SyntaxError, message));
                }
            }
        }
        Ok(options)
    }

    /// Whether it was said before; nothing where there is no such option.
    fn set(&mut self, definer: &Definer<'_>, option: &'a Definition<'a>) -> DefineResult<Option<bool>> {
        let (name, value) = (option.name.text, option.value.as_ref());
        let named = || name_value(name, value);
        let switch = || crate::view::boolean(name, value);
        Ok(Some(match name {
            "like" => self.like.replace(type_value(definer, name, value)?).is_some(),
            "internallength" => self.length.replace(length(&text_value(name, value)?)?).is_some(),
            "input" => self.input.replace(named()?).is_some(),
            "output" => self.output.replace(named()?).is_some(),
            "receive" => self.receive.replace(named()?).is_some(),
            "send" => self.send.replace(named()?).is_some(),
            "typmod_in" => self.modifier_input.replace(named()?).is_some(),
            "typmod_out" => self.modifier_output.replace(named()?).is_some(),
            "analyze" | "analyse" => self.analyze.replace(named()?).is_some(),
            "subscript" => self.subscript.replace(named()?).is_some(),
            "category" => self.category.replace(category(&text_value(name, value)?)?).is_some(),
            "preferred" => self.preferred.replace(switch()?).is_some(),
            "delimiter" => {
                let text = text_value(name, value)?;
                self.delimiter.replace(text.bytes().next().unwrap_or(b',')).is_some()
            }
            "element" => {
                let element = type_value(definer, name, value)?;
                self.element.replace(element.oid).is_some()
            }
            "default" => self.default.replace(text_value(name, value)?).is_some(),
            "passedbyvalue" => self.by_value.replace(switch()?).is_some(),
            "alignment" => self.alignment.replace(alignment(&text_value(name, value)?)?).is_some(),
            "storage" => self.storage.replace(storage(&text_value(name, value)?)?).is_some(),
            "collatable" => self.collatable.replace(switch()?).is_some(),
            _ => return Ok(None),
        }))
    }
}

fn type_value(
    definer: &Definer<'_>,
    option: &str,
    value: Option<&DefinitionValue<'_>>,
) -> DefineResult<Type> {
    let of = match value {
        Some(DefinitionValue::Type(name)) => definer.resolve_type(name)?,
        Some(_) => {
            return Err(plain(SqlState::SyntaxError, format!("argument of {option} must be a type name")));
        }
        None => return Err(needs_parameter(option)),
    };
    let pseudo = definer.scope.entry(of.oid).is_some_and(|entry| entry.form == Form::Pseudo);
    if option == "element" && pseudo && of.oid != oid::ANYARRAY {
        let shown = type_name(&definer.scope, of.oid, None);
        return Err(plain(SqlState::DatatypeMismatch, format!("array element type cannot be {shown}")));
    }
    Ok(of)
}

fn length(text: &str) -> DefineResult<i16> {
    if text.eq_ignore_ascii_case("variable") {
        return Ok(-1);
    }
    let refused = || plain(SqlState::SyntaxError, format!("invalid argument for internallength: \"{text}\""));
    text.parse::<i16>().map_err(|_| refused())
}

fn category(text: &str) -> DefineResult<u8> {
    match text.bytes().next() {
        Some(letter @ 32..=126) => Ok(letter),
        Some(_) | None => {
            let message = format!("invalid type category \"{text}\": must be simple ASCII");
            Err(plain(SqlState::InvalidParameterValue, message))
        }
    }
}

fn alignment(text: &str) -> DefineResult<u8> {
    match text.to_ascii_lowercase().as_str() {
        "double" | "float8" | "double precision" | "pg_catalog.float8" => Ok(b'd'),
        "int4" | "integer" | "pg_catalog.int4" => Ok(b'i'),
        "int2" | "smallint" | "pg_catalog.int2" => Ok(b's'),
        "char" | "character" | "bpchar" | "pg_catalog.bpchar" => Ok(b'c'),
        _ => {
            let message = format!("alignment \"{text}\" not recognized");
            Err(plain(SqlState::InvalidParameterValue, message))
        }
    }
}

fn storage(text: &str) -> DefineResult<u8> {
    match text.to_ascii_lowercase().as_str() {
        "plain" => Ok(b'p'),
        "external" => Ok(b'e'),
        "extended" => Ok(b'x'),
        "main" => Ok(b'm'),
        _ => {
            let message = format!("storage \"{text}\" not recognized");
            Err(plain(SqlState::InvalidParameterValue, message))
        }
    }
}

/// `CREATE TYPE name (…)`
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn create_base(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    written: &[Definition<'_>],
) -> DefineResult<()> {
    if !definer.scope.is_superuser(definer.role) {
        let message = "must be superuser to create a base type";
        return Err(plain(SqlState::InsufficientPrivilege, message));
    }
    let (schema, name) = definer.new_name(name)?;
    let there = definer.scope.type_in(schema, name);
    let shell = there.and_then(|oid| shell(definer, oid));
    match (there, &shell) {
        (Some(_), None) => {
            return Err(plain(SqlState::DuplicateObject, format!("type \"{name}\" already exists")));
        }
        (None, _) => {
            return Err(DefineError::Plain {
                state: SqlState::DuplicateObject,
                message: format!("type \"{name}\" does not exist"),
                detail: None,
                hint: Some(
                    "Create the type as a shell type, then create its I/O functions, then do a full CREATE TYPE."
                        .into(),
                ),
                position: None,
            });
        }
        (Some(_), Some(_)) => {}
    }
    let Some(shell) = shell else { return Ok(()) };
    let options = Options::read(definer, written)?;
    let shape = options.shape(definer, &shell)?;
    let references = references(definer, shell.oid, &shape);
    let array_type = definer.new_oids_beside(1, schema)?;
    definer.change_object(shell.oid, |object| {
        if let Object::Base(base) = object {
            let base = Arc::make_mut(base);
            (base.array_type, base.shape) = (array_type, Some(shape));
        }
    })?;
    definer.depend(shell.oid, &references)?;
    definer.refresh()
}

/// The shell that a type of this name fills, if there is one: the type has its number.
///
/// # Errors
/// When the shell is somebody else's.
pub(crate) fn shell_to_fill(definer: &Definer<'_>, schema: Oid, name: &str) -> DefineResult<Option<Oid>> {
    let there = definer.scope.type_in(schema, name).and_then(|oid| shell(definer, oid));
    let Some(shell) = there else { return Ok(None) };
    definer.require_owner(shell.oid)?;
    Ok(Some(shell.oid))
}

/// Makes a type, in place of the shell that it fills if there is one.
///
/// # Errors
/// When its name is taken.
pub(crate) fn create_or_fill(
    definer: &mut Definer<'_>,
    object: Object,
    references: &[(Address, DependencyKind)],
    shell: Option<Oid>,
) -> DefineResult<()> {
    let Some(shell) = shell else {
        definer.create(&object, references)?;
        return Ok(());
    };
    definer.change_object(shell, |there| *there = object)?;
    definer.depend(shell, references)?;
    Ok(())
}

/// The shell of a number, if it is one's.
pub(crate) fn shell(definer: &Definer<'_>, oid: Oid) -> Option<Arc<BaseType>> {
    match definer.scope.object(oid) {
        Some(Object::Base(base)) if base.shape.is_none() => Some(base.clone()),
        _ => None,
    }
}

/// What a base type depends on.
fn references(definer: &Definer<'_>, of: Oid, shape: &BaseShape) -> Vec<(Address, DependencyKind)> {
    let functions = [
        shape.input,
        shape.output,
        shape.receive,
        shape.send,
        shape.modifier_input,
        shape.modifier_output,
        shape.analyze,
        shape.subscript,
    ];
    let made = functions.into_iter().filter(|oid| definer.scope.function(*oid).is_some());
    let mut references: Vec<_> = made.map(|oid| (Address::of(oid), DependencyKind::Normal)).collect();
    references.extend(definer.on_type(Type::of(shape.element)).filter(|(on, _)| on.oid != of));
    references
}

impl Options<'_> {
    /// What the type is, once all that is said of it has been looked at.
    fn shape(&self, definer: &mut Definer<'_>, shell: &BaseType) -> DefineResult<BaseShape> {
        let missing = |what: &str| invalid(format!("type {what} function must be specified"));
        let input = self.input.ok_or_else(|| missing("input"))?;
        let output = self.output.ok_or_else(|| missing("output"))?;
        if self.modifier_input.is_none() && self.modifier_output.is_some() {
            let message = "type modifier output function is useless without a type modifier input function";
            return Err(invalid(message));
        }
        let (input, like) = self.input_function(definer, shell, input)?;
        let output = self.output_function(definer, (shell.oid, like), "output", output, oid::CSTRING)?;
        let receive = match self.receive {
            Some(written) => receive_function(definer, shell.oid, written)?,
            None => 0,
        };
        let send = match self.send {
            Some(written) => self.output_function(definer, (shell.oid, like), "send", written, oid::BYTEA)?,
            None => 0,
        };
        let modifier_input = match self.modifier_input {
            Some(written) => modifier_input(definer, like, written)?,
            None => 0,
        };
        let modifier_output = match self.modifier_output {
            Some(written) => modifier_output(definer, written)?,
            None => 0,
        };
        let of_like = self.like.and_then(|like| definer.scope.entry(like.oid));
        let length = of_like.map(|entry| entry.length).or(self.length).unwrap_or(-1);
        let by_value = of_like.map(|entry| entry.by_value).or(self.by_value).unwrap_or(false);
        let alignment = match &of_like {
            Some(entry) => catalog::type_alignment(&definer.scope, entry),
            None => self.alignment.unwrap_or(b'i'),
        };
        let storage = match &of_like {
            Some(entry) => catalog::type_storage(&definer.scope, entry),
            None => self.storage.unwrap_or(b'p'),
        };
        let shape = BaseShape {
            like,
            input,
            output,
            receive,
            send,
            modifier_input,
            modifier_output,
            analyze: other_function(definer, "analyze", self.analyze, oid::BOOL)?,
            subscript: other_function(definer, "subscripting", self.subscript, INTERNAL)?,
            length,
            by_value,
            category: self.category.unwrap_or(b'U'),
            preferred: self.preferred.unwrap_or(false),
            delimiter: self.delimiter.unwrap_or(b','),
            element: self.element.unwrap_or(0),
            alignment,
            storage,
            collatable: self.collatable.unwrap_or(false),
            default: self.default.clone(),
        };
        refuse_odd(&shape)?;
        Ok(shape)
    }

    /// The function that makes values of texts, and the built-in type whose values those are.
    fn input_function(
        &self,
        definer: &mut Definer<'_>,
        shell: &BaseType,
        written: Written<'_>,
    ) -> DefineResult<(Oid, Oid)> {
        let given = [oid::CSTRING, oid::OID, oid::INT4];
        let found = found(definer, written, &[&given[..1], &given[..]])?;
        let (exact, shown) = found.ok_or_else(|| invalid("type input function must be specified"))?;
        if exact.result != shell.oid {
            let name = type_name(&definer.scope, shell.oid, None);
            return Err(invalid(format!("type input function {shown} must return type {name}")));
        }
        warn_volatile(definer, "input", &exact, &shown);
        match worker(definer, exact.oid).and_then(functions::table::worker) {
            Some(entry) if types::catalog::builtin(entry.result).is_some_and(|of| of.form == Form::Base) => {
                let of_module = module_type(definer, shell);
                Ok((exact.oid, of_module.unwrap_or(entry.result)))
            }
            Some(_) | None => {
                definer.unsupported(&format!("base type whose input function is {shown}"), None)
            }
        }
    }

    /// A function that makes texts or bytes of values.
    fn output_function(
        &self,
        definer: &mut Definer<'_>,
        (of, like): (Oid, Oid),
        kind: &str,
        written: Written<'_>,
        result: Oid,
    ) -> DefineResult<Oid> {
        let Some((exact, shown)) = found(definer, written, &[&[of]])? else { return Ok(0) };
        if exact.result != result {
            let name = type_name(&definer.scope, result, None);
            return Err(invalid(format!("type {kind} function {shown} must return type {name}")));
        }
        warn_volatile(definer, kind, &exact, &shown);
        let kind_of = |of: Oid| types::catalog::builtin(of).and_then(|entry| entry.kind);
        let entry = worker(definer, exact.oid).and_then(functions::table::worker);
        match entry.and_then(|entry| entry.arguments.first()) {
            // What takes anything, or values that lie as these do.
            Some(taken) if kind_of(*taken).is_none() || kind_of(*taken) == kind_of(like) => Ok(exact.oid),
            Some(_) | None => {
                let feature = format!("{kind} function {shown} beside the type's input function");
                definer.unsupported(&feature, None)
            }
        }
    }
}

/// The type of a module as which the values of a type lie that its extension's script makes.
fn module_type(definer: &Definer<'_>, shell: &BaseType) -> Option<Oid> {
    let Some(Object::Extension(extension)) = definer.scope.object(definer.extension?) else { return None };
    let module = Module::of_extension(&extension.name)?;
    module.types.iter().find(|(name, _)| *name == shell.name).map(|(_, of)| *of)
}

/// The built-in function that does the work of one.
fn worker(definer: &Definer<'_>, function: Oid) -> Option<Oid> {
    match &definer.scope.function(function)?.body {
        Body::BuiltIn(number) => Some(*number),
        Body::Text(_)
        | Body::Bound(_)
        | Body::Native
        | Body::Aggregate(_)
        | Body::Uncallable(_)
        | Body::Procedural(_) => None,
    }
}

/// The function of a name that takes one of some lists of types, with its name as messages say it.
fn found(
    definer: &Definer<'_>,
    written: Written<'_>,
    lists: &[&[Oid]],
) -> DefineResult<Option<(Exact, String)>> {
    written.with(|name| {
        for list in lists {
            if let Some(exact) = signature::exactly(definer, name, list)? {
                definer.require(exact.oid, catalog::object::Privileges::EXECUTE)?;
                return Ok((exact, name.to_string()));
            }
        }
        let shown = signature::shown(definer, name, lists.first().copied().unwrap_or_default());
        Err(plain(SqlState::UndefinedFunction, format!("function {shown} does not exist")))
    })
}

fn warn_volatile(definer: &mut Definer<'_>, kind: &str, exact: &Exact, shown: &str) {
    if exact.volatility == Volatility::Volatile {
        let message = format!("type {kind} function {shown} should not be volatile");
        definer.notice(DefineNotice::Warning(SqlState::InvalidObjectDefinition, message));
    }
}

/// The function that makes values of bytes.
fn receive_function(definer: &mut Definer<'_>, of: Oid, written: Written<'_>) -> DefineResult<Oid> {
    let given = [INTERNAL, oid::OID, oid::INT4];
    let Some((exact, shown)) = found(definer, written, &[&given[..1], &given[..]])? else { return Ok(0) };
    if exact.result != of {
        let name = type_name(&definer.scope, of, None);
        return Err(invalid(format!("type receive function {shown} must return type {name}")));
    }
    warn_volatile(definer, "receive", &exact, &shown);
    Ok(exact.oid)
}

/// The function that reads what stands in the type's parentheses: the one of the type whose values it has, as those obey it.
fn modifier_input(definer: &mut Definer<'_>, like: Oid, written: Written<'_>) -> DefineResult<Oid> {
    let Some((exact, shown)) = found(definer, written, &[&[CSTRING_ARRAY]])? else { return Ok(0) };
    if exact.result != oid::INT4 {
        return Err(invalid(format!("type modifier input function {shown} must return type integer")));
    }
    warn_volatile(definer, "modifier input", &exact, &shown);
    let number = worker(definer, exact.oid).unwrap_or(exact.oid);
    let own = types::catalog::builtin(like).map(|entry| format!("{}typmodin", entry.name));
    let named = functions::table::function(number).map(|entry| entry.name);
    match own.as_deref() == named {
        true => Ok(exact.oid),
        false => definer.unsupported(&format!("modifier function {shown} of such a type"), None),
    }
}

/// The function that shows what stands in the type's parentheses.
fn modifier_output(definer: &mut Definer<'_>, written: Written<'_>) -> DefineResult<Oid> {
    let Some((exact, shown)) = found(definer, written, &[&[oid::INT4]])? else { return Ok(0) };
    match exact.result == oid::CSTRING {
        true => Ok(exact.oid),
        false => Err(invalid(format!("type modifier output function {shown} must return type cstring"))),
    }
}

/// A function that takes and gives what no statement sees.
fn other_function(
    definer: &mut Definer<'_>,
    kind: &str,
    written: Option<Written<'_>>,
    result: Oid,
) -> DefineResult<Oid> {
    let Some(written) = written else { return Ok(0) };
    let Some((exact, shown)) = found(definer, written, &[&[INTERNAL]])? else { return Ok(0) };
    match exact.result == result {
        true => Ok(exact.oid),
        false => {
            let name = type_name(&definer.scope, result, None);
            Err(invalid(format!("type {kind} function {shown} must return type {name}")))
        }
    }
}

/// Refuses what does not go together.
fn refuse_odd(shape: &BaseShape) -> DefineResult<()> {
    let (length, by_value, align) = (shape.length, shape.by_value, char::from(shape.alignment));
    if !(length > 0 || length == -1 || length == -2) {
        return Err(invalid(format!("invalid type internal size {length}")));
    }
    if by_value {
        let wanted = match length {
            1 => 'c',
            2 => 's',
            4 => 'i',
            8 => 'd',
            _ => {
                let message = format!("internal size {length} is invalid for passed-by-value type");
                return Err(invalid(message));
            }
        };
        if align != wanted {
            let message =
                format!("alignment \"{align}\" is invalid for passed-by-value type of size {length}");
            return Err(invalid(message));
        }
    } else if length == -1 && !matches!(align, 'i' | 'd') {
        let message = format!("alignment \"{align}\" is invalid for variable-length type");
        return Err(invalid(message));
    }
    if shape.storage != b'p' && length != -1 {
        return Err(invalid("fixed-size types must have storage PLAIN"));
    }
    Ok(())
}

/// `ALTER TYPE … SET (…)`
///
/// # Errors
/// PostgreSQL's.
pub fn alter_base(definer: &mut Definer<'_>, statement: &AlterBaseType<'_>) -> DefineResult<()> {
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.name)?;
    let oid = definer.scope.find_type(schema, name)?;
    if shell(definer, oid).is_some() {
        let message = format!("type \"{name}\" is only a shell");
        return Err(plain(SqlState::UndefinedObject, message));
    }
    definer.require_owner(oid)?;
    let options = changes(definer, statement.options)?;
    if definer.scope.entry(oid).is_none_or(|entry| entry.form != Form::Base) {
        let message = format!("{} is not a base type", type_name(&definer.scope, oid, None));
        return Err(plain(SqlState::WrongObjectType, message));
    }
    let Some(Object::Base(base)) = definer.scope.object(oid).cloned() else {
        return definer.unsupported("ALTER TYPE SET of a built-in type", None);
    };
    let Some(mut shape) = base.shape.clone() else { return Ok(()) };
    if let Some(storage) = options.storage {
        if storage != b'p' && shape.length != -1 {
            return Err(invalid("fixed-size types must have storage PLAIN"));
        }
        if storage == b'p' && shape.storage != b'p' {
            return Err(invalid("cannot change type's storage to PLAIN"));
        }
        shape.storage = storage;
    }
    let like = shape.like;
    if let Some(written) = options.receive {
        shape.receive = receive_function(definer, oid, written)?;
    }
    if let Some(written) = options.send {
        shape.send = options.output_function(definer, (oid, like), "send", written, oid::BYTEA)?;
    }
    if let Some(written) = options.modifier_input {
        shape.modifier_input = modifier_input(definer, like, written)?;
    }
    if let Some(written) = options.modifier_output {
        shape.modifier_output = modifier_output(definer, written)?;
    }
    if options.analyze.is_some() {
        shape.analyze = other_function(definer, "analyze", options.analyze, oid::BOOL)?;
    }
    if options.subscript.is_some() {
        shape.subscript = other_function(definer, "subscripting", options.subscript, INTERNAL)?;
    }
    let mut references = references(definer, oid, &shape);
    references.push((Address::of(base.schema), DependencyKind::Normal));
    definer.change_object(oid, |object| {
        if let Object::Base(base) = object {
            Arc::make_mut(base).shape = Some(shape);
        }
    })?;
    definer.catalog.depend_on_nothing(definer.transaction, Address::of(oid))?;
    definer.depend(oid, &references)?;
    definer.refresh()
}

/// What of a type may be changed.
fn changes<'a>(definer: &Definer<'_>, written: &'a [Definition<'a>]) -> DefineResult<Options<'a>> {
    let mut options = Options::default();
    for option in written {
        let name = option.name.text;
        let changeable = ["storage", "receive", "send", "typmod_in", "typmod_out", "analyze", "subscript"];
        let known = options.set(definer, option)?;
        let refused = |what: &str| DefineError::Plain {
            state: SqlState::SyntaxError,
            message: format!("type attribute \"{name}\" {what}"),
            detail: None,
            hint: None,
            position: None,
        };
        match known {
            None => return Err(refused("not recognized")),
            Some(_) if !changeable.contains(&name) => return Err(refused("cannot be changed")),
            Some(true) => return Err(DefineError::ConflictingOptions { position: option.name.position }),
            Some(false) => {}
        }
    }
    Ok(options)
}
