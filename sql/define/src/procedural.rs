//! Bodies in PL/pgSQL: what the catalog tells whoever reads them, and how they are looked at when they are made.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use bind::definition::resolve_type;
use bumpalo::Bump;
use catalog::object::{ArgumentMode, Function, FunctionKind};
use catalog::{Relation, Scope};
use diagnostic::SqlState;
use procedural::host::RowKind;
use procedural::parse::{Argument, BodyKind, Looks};
use procedural::{Catalog, Declared, Failure, Outcome, Settings};
use types::catalog::{Form, oid, type_name};
use types::{Type, Types};

/// `integer[]`
const INT4_ARRAY: u32 = 1007;

/// The name of the language.
pub const PLPGSQL: &str = "plpgsql";

/// What names of types and tables mean to a body.
pub struct BodyNames<'b> {
    /// What they are looked up in.
    pub context: bind::Context<'b>,
}

impl BodyNames<'_> {
    fn scope(&self) -> &Scope {
        self.context.scope
    }

    fn relation(&self, names: &[&str]) -> Outcome<Option<Relation>> {
        let (schema, name) = match names {
            [name] => (None, *name),
            [schema, name] | [_, schema, name] => (Some(*schema), *name),
            _ => return Ok(None),
        };
        if let Some(schema) = schema {
            self.scope().may_look_in(schema).map_err(|error| Failure::of(&error))?;
        }
        Ok(self.scope().look_for_relation(schema, name))
    }
}

impl Catalog for BodyNames<'_> {
    fn type_named(&mut self, written: &str) -> Outcome<Type> {
        let arena = Bump::new();
        let written = syntax::Parser::new(written, &arena, self.context.depth_limit)
            .and_then(|mut parser| parser.whole_type())
            .map_err(|error| Failure::of(&error).within(format!("invalid type name \"{written}\"")))?;
        // It is not told where a type stands that is not there.
        resolve_type(self.context, &written).map_err(|error| {
            let mut failure = Failure::of(&error);
            failure.position = None;
            failure
        })
    }

    fn row_kind(&mut self, of: Type) -> RowKind {
        let base = self.scope().undomained(of).oid;
        match self.scope().entry(base).map(|entry| entry.form) {
            _ if base == oid::RECORD => RowKind::Row,
            Some(Form::Composite) => RowKind::Row,
            Some(Form::Pseudo) => RowKind::Pseudo,
            Some(_) | None => RowKind::Scalar,
        }
    }

    fn shown(&mut self, of: Type) -> String {
        type_name(self.scope(), of.oid, None)
    }

    fn row_of(&mut self, relation: &[&str]) -> Outcome<Type> {
        let missing = || {
            let message = format!("relation \"{}\" does not exist", relation.join("."));
            Failure::new(SqlState::UndefinedTable, message)
        };
        let found = self.relation(relation)?.ok_or_else(missing)?;
        match row_type(&found) {
            Some(of) => Ok(Type::of(of)),
            None => {
                let message = format!("relation \"{}\" does not have a composite type", found.name());
                Err(Failure::new(SqlState::WrongObjectType, message))
            }
        }
    }

    fn column_of(&mut self, relation: &[&str], column: &str) -> Outcome<Option<Type>> {
        let Some(row) = self.relation(relation)?.and_then(|found| row_type(&found)) else { return Ok(None) };
        let columns = self.scope().columns(row).unwrap_or_default();
        Ok(columns.iter().find(|it| !it.dropped && it.name == column).map(|it| it.column_type))
    }

    fn collation(&mut self, name: &[&str], of: Type) -> Outcome<()> {
        let collates = self.scope().type_collation(of.oid) != 0;
        if !collates {
            let shown = type_name(self.scope(), of.oid, None);
            let message = format!("collations are not supported by type {shown}");
            return Err(Failure::new(SqlState::DatatypeMismatch, message));
        }
        let schema = name.len().checked_sub(2).and_then(|place| name.get(place).copied());
        let last = name.last().copied().unwrap_or_default();
        match self.scope().look_for_collation(schema, last) {
            Some(_) => Ok(()),
            None => {
                let message =
                    format!("collation \"{}\" for encoding \"UTF8\" does not exist", name.join("."));
                Err(Failure::new(SqlState::UndefinedObject, message))
            }
        }
    }
}

/// The type of a relation's rows.
fn row_type(relation: &Relation) -> Option<u32> {
    match relation {
        Relation::Table(table) => Some(table.row_type),
        Relation::View(view) => Some(view.row_type),
        Relation::Composite(composite) => Some(composite.oid),
        Relation::System(system) => Some(system.row_type),
        Relation::Index(_) | Relation::Sequence(_) => None,
    }
}

/// What a function's body is of.
pub fn body_kind(function: &Function) -> BodyKind {
    match function.result {
        oid::TRIGGER => BodyKind::Trigger,
        oid::EVENT_TRIGGER => BodyKind::EventTrigger,
        _ if function.kind == FunctionKind::Procedure => BodyKind::Procedure,
        _ => BodyKind::Function,
    }
}

/// Whether an argument is part of what a function gives.
pub fn gives(mode: ArgumentMode) -> bool {
    match mode {
        ArgumentMode::Out | ArgumentMode::InOut | ArgumentMode::Table => true,
        ArgumentMode::In | ArgumentMode::Variadic => false,
    }
}

/// Reads a function's body, with the types that its arguments and its result have where it is called.
///
/// # Errors
/// PostgreSQL's, places being those in the body.
pub fn compile(
    context: bind::Context<'_>,
    function: &Function,
    source: &str,
    (arguments, result): (&[Type], Type),
    (settings, looks): (Settings, Looks),
) -> Outcome<procedural::tree::Function> {
    let shown = context.scope.function_name(function);
    let arguments: Vec<Argument<'_>> = function
        .arguments
        .iter()
        .zip(arguments)
        .map(|(argument, of)| Argument {
            name: &argument.name,
            of: *of,
            is_input: argument.mode.is_input(),
            is_output: gives(argument.mode),
        })
        .collect();
    let declared = Declared {
        shown: &shown,
        name: &function.name,
        source,
        kind: body_kind(function),
        arguments: &arguments,
        result,
        returns_set: function.returns_set,
        is_volatile: function.volatility == catalog::object::Volatility::Volatile,
        settings,
        looks,
        depth_limit: context.depth_limit,
    };
    procedural::compile(&declared, &mut BodyNames { context })
}

/// A type that stands for any, as one of those that it stands for: to look at a body without a call.
fn example(of: u32) -> u32 {
    match of {
        oid::ANYELEMENT
        | oid::ANYNONARRAY
        | oid::ANYENUM
        | oid::ANYCOMPATIBLE
        | oid::ANYCOMPATIBLENONARRAY => oid::INT4,
        oid::ANYARRAY | oid::ANYCOMPATIBLEARRAY => INT4_ARRAY,
        oid::ANYRANGE | oid::ANYCOMPATIBLERANGE => oid::INT4RANGE,
        oid::ANYMULTIRANGE | oid::ANYCOMPATIBLEMULTIRANGE => oid::INT4MULTIRANGE,
        other => other,
    }
}

/// Looks at a body that is made: that it can be read, with types that it may have.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn look_at(
    definer: &mut Definer<'_>,
    function: &Function,
    (source, text_at): (&str, Option<u32>),
) -> DefineResult<()> {
    let refused = |message: String| DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message,
        detail: None,
        hint: None,
        position: None,
    };
    let pseudo = |of: u32| {
        let pseudo = definer.scope.entry(of).is_some_and(|entry| entry.form == Form::Pseudo);
        (pseudo && example(of) == of) || of == oid::RECORD_ARRAY
    };
    let shown = |of: u32| type_name(&definer.scope, of, None);
    let result = function.result;
    let returned = [oid::TRIGGER, oid::EVENT_TRIGGER, oid::RECORD, oid::VOID];
    if pseudo(result) && !returned.contains(&result) {
        let message = format!("PL/pgSQL functions cannot return type {}", shown(result));
        return Err(refused(message));
    }
    for argument in &function.arguments {
        if pseudo(argument.type_oid) && argument.type_oid != oid::RECORD {
            let message = format!("PL/pgSQL functions cannot accept type {}", shown(argument.type_oid));
            return Err(refused(message));
        }
    }
    let Some(settings) = definer.bodies else { return Ok(()) };
    let trigger = matches!(result, oid::TRIGGER | oid::EVENT_TRIGGER);
    if trigger && !function.arguments.is_empty() {
        let (message, hint) = if result == oid::TRIGGER {
            let hint = "The arguments of the trigger can be accessed through TG_NARGS and TG_ARGV instead.";
            ("trigger functions cannot have declared arguments", Some(hint))
        } else {
            ("event trigger functions cannot have declared arguments", None)
        };
        let mut failure = Failure::new(SqlState::InvalidFunctionDefinition, message);
        failure.hint = hint.map(str::to_owned);
        let line = format!("compilation of PL/pgSQL function \"{}\" near line 1", function.name);
        return Err(DefineError::Body { failure: failure.within(line), at: None, text: String::new() });
    }
    let arguments: Vec<Type> =
        function.arguments.iter().map(|argument| Type::of(example(argument.type_oid))).collect();
    let types = (&arguments[..], Type::of(example(result)));
    let looks = Looks { syntax: true, shadowed: settings.looks_for(|checks| checks.shadowed_variables) };
    match compile(definer.binding(), function, source, types, (settings, looks)) {
        Ok(read) => {
            let told = |failure| DefineNotice::Body {
                failure: Box::new(failure),
                at: text_at,
                text: source.to_owned(),
            };
            definer.notices.extend(read.warnings.into_iter().map(told));
            Ok(())
        }
        Err(failure) => Err(DefineError::Body { failure, at: text_at, text: source.to_owned() }),
    }
}
