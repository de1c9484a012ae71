//! Functions, operators, casts, aggregates, and how indexes order.

use super::emit::{
    Emit, SystemContext, acl, bytes, flag, letter, letters, number, number_vector, numbers, small, text,
    texts,
};
use super::routine_facts;
use crate::error::CatalogResult;
use crate::object::{
    Acl, ArgumentMode, Body, Function, FunctionKind as UserKind, Grant, IndexMethod, Object, Oid, PG_CATALOG,
    Parallel, Privileges, SUPERUSER, Volatility as UserVolatility,
};
use crate::operator_class;
use crate::snapshot::Scope;
use functions::table;
use functions::{FunctionEntry, Volatility};
use types::Types;
use types::catalog::{builtin_types, oid};
use types::value::Item;

pub(super) const INTERNAL: Oid = 12;
pub(super) const C: Oid = 13;
pub(super) const SQL: Oid = 14;
pub(super) const PLPGSQL: Oid = 13563;

/// Languages of functions, by number and name.
pub const LANGUAGES: [(Oid, &str); 4] =
    [(INTERNAL, "internal"), (C, "c"), (SQL, "sql"), (PLPGSQL, "plpgsql")];

const ANYCOMPATIBLE: Oid = 5077;
const ANYCOMPATIBLEARRAY: Oid = 5078;

/// One row of `pg_proc`.
pub(super) struct Routine<'a> {
    pub(super) oid: Oid,
    pub(super) name: &'a str,
    pub(super) schema: Oid,
    pub(super) owner: Oid,
    pub(super) language: Oid,
    pub(super) cost: f32,
    pub(super) rows: f32,
    pub(super) variadic: Oid,
    /// The function that helps the planner with calls of it; 0 without.
    pub(super) support: Oid,
    pub(super) kind: u8,
    pub(super) security_definer: bool,
    pub(super) leakproof: bool,
    pub(super) strict: bool,
    pub(super) returns_set: bool,
    pub(super) volatility: u8,
    pub(super) parallel: u8,
    pub(super) result: Oid,
    pub(super) inputs: Vec<Oid>,
    /// Each argument's type, mode and name; empty if all go in and have no name.
    pub(super) arguments: Vec<(Oid, u8, &'a str)>,
    pub(super) defaults: Vec<&'a str>,
    pub(super) source: &'a str,
    pub(super) library: Option<String>,
    pub(super) body: Option<&'a str>,
    pub(super) settings: Option<Vec<u8>>,
    pub(super) acl: Option<Vec<u8>>,
}

impl Routine<'_> {
    fn emit(&self, emit: &mut Emit) -> CatalogResult<()> {
        let inputs = number_vector(self.inputs.iter().copied());
        let all_in = self.arguments.iter().all(|(_, mode, _)| *mode == b'i');
        let all = (!all_in).then(|| numbers(self.arguments.iter().map(|argument| argument.0)));
        let modes = (!all_in).then(|| letters(self.arguments.iter().map(|argument| argument.1)));
        let named = self.arguments.iter().any(|(_, _, name)| !name.is_empty());
        let names = named.then(|| texts(oid::TEXT, self.arguments.iter().map(|argument| argument.2)));
        let defaults = (!self.defaults.is_empty()).then(|| self.defaults.join(", "));
        emit.row(&[
            number(self.oid),
            text(self.name),
            number(self.schema),
            number(self.owner),
            number(self.language),
            Item::Float32(self.cost),
            Item::Float32(self.rows),
            number(self.variadic),
            number(self.support),
            letter(self.kind),
            flag(self.security_definer),
            flag(self.leakproof),
            flag(self.strict),
            flag(self.returns_set),
            letter(self.volatility),
            letter(self.parallel),
            small(self.inputs.len()),
            small(self.defaults.len()),
            number(self.result),
            Item::Bytes(&inputs),
            bytes(&all),
            bytes(&modes),
            bytes(&names),
            super::emit::maybe(defaults.as_deref()),
            Item::Null,
            text(self.source),
            super::emit::maybe(self.library.as_deref()),
            super::emit::maybe(self.body),
            bytes(&self.settings),
            bytes(&self.acl),
        ])
    }
}

/// What stands for a function whose source PostgreSQL has as a body in SQL: here it is a part of the program like others.
fn own_source(entry: &FunctionEntry) -> String {
    format!("{}_{}", entry.name, entry.oid)
}

/// The grants that a function of the program begins with; none where everybody may call it.
pub(super) fn own_grants(function: Oid) -> Acl {
    let callers = functions::table::callers(function)?;
    let grant = |grantee| Grant {
        grantee,
        grantor: SUPERUSER,
        privileges: Privileges::EXECUTE,
        grant_option: Privileges::NONE,
    };
    Some(std::iter::once(SUPERUSER).chain(callers.iter().copied()).map(grant).collect())
}

fn builtin<'a>(scope: &Scope, entry: &'static FunctionEntry, own_source: &'a str) -> Routine<'a> {
    let input = |place: usize| entry.names.get(place).copied().unwrap_or("");
    let mode = |place: usize| match entry.variadic != 0 && place + 1 == entry.arguments.len() {
        true => b'v',
        false => b'i',
    };
    let inputs = entry.arguments.iter().enumerate();
    let mut arguments: Vec<_> = inputs.map(|(place, of)| (*of, mode(place), input(place))).collect();
    arguments.extend(entry.columns.iter().map(|(name, of)| (*of, b'o', *name)));
    Routine {
        oid: entry.oid,
        name: entry.name,
        schema: PG_CATALOG,
        owner: SUPERUSER,
        language: if routine_facts::library(entry.oid).is_some() { C } else { INTERNAL },
        cost: routine_facts::cost(entry.oid),
        rows: functions::table::set_rows(entry).unwrap_or(0.0),
        variadic: entry.variadic,
        support: named(routine_facts::support(entry.oid)),
        kind: entry.kind.letter() as u8,
        security_definer: false,
        leakproof: functions::table::is_leakproof(entry.oid),
        // Window functions that take something pass over nothing here, but are strict to PostgreSQL, which never asks.
        strict: entry.strict
            || (entry.kind == functions::FunctionKind::Window && !entry.arguments.is_empty()),
        returns_set: entry.returns_set,
        volatility: match entry.volatility {
            Volatility::Immutable => b'i',
            Volatility::Stable => b's',
            Volatility::Volatile => b'v',
        },
        parallel: routine_facts::parallel(entry.oid),
        result: entry.result,
        inputs: entry.arguments.to_vec(),
        arguments,
        defaults: entry.defaults.to_vec(),
        source: match entry.source {
            _ if entry.kind.is_aggregate() => "aggregate_dummy",
            "" => own_source,
            source => source,
        },
        library: routine_facts::library(entry.oid).map(str::to_owned),
        body: None,
        settings: None,
        acl: acl(scope, &own_grants(entry.oid)),
    }
}

fn users<'a>(scope: &Scope, function: &'a Function) -> Routine<'a> {
    let variadic = function.arguments.iter().find(|argument| argument.mode == ArgumentMode::Variadic);
    let (source, body) = match &function.body {
        Body::Text(text) | Body::Procedural(text) => (text.as_str(), None),
        Body::Bound(text) => ("", Some(text.as_str())),
        Body::Native => (function.name.as_str(), None),
        Body::BuiltIn(_) => (function.built_in_name().unwrap_or_default(), None),
        Body::Uncallable(name) => (name.as_str(), None),
        Body::Aggregate(_) => ("aggregate_dummy", None),
    };
    let settings: Vec<String> =
        function.settings.iter().map(|setting| format!("{}={}", setting.name, setting.value)).collect();
    Routine {
        oid: function.oid,
        name: &function.name,
        schema: function.schema,
        owner: function.owner,
        language: match function.body {
            Body::BuiltIn(_) if function.module().is_some() => C,
            Body::Native | Body::Aggregate(_) | Body::BuiltIn(_) | Body::Uncallable(_) => INTERNAL,
            Body::Text(_) | Body::Bound(_) => SQL,
            Body::Procedural(_) => PLPGSQL,
        },
        cost: function.cost,
        rows: function.rows,
        variadic: variadic.map_or(0, |argument| match argument.type_oid {
            oid::ANYARRAY => oid::ANYELEMENT,
            ANYCOMPATIBLEARRAY => ANYCOMPATIBLE,
            of => scope.entry(of).map_or(0, |entry| if of == oid::ANY { of } else { entry.element }),
        }),
        support: 0,
        kind: match function.kind {
            UserKind::Function => b'f',
            UserKind::Procedure => b'p',
            UserKind::Aggregate => b'a',
        },
        security_definer: function.security_definer,
        leakproof: function.leakproof,
        strict: function.strict,
        returns_set: function.returns_set,
        volatility: match function.volatility {
            UserVolatility::Immutable => b'i',
            UserVolatility::Stable => b's',
            UserVolatility::Volatile => b'v',
        },
        parallel: match function.parallel {
            Parallel::Safe => b's',
            Parallel::Restricted => b'r',
            Parallel::Unsafe => b'u',
        },
        result: function.result,
        inputs: function.inputs().map(|argument| argument.type_oid).collect(),
        arguments: function
            .arguments
            .iter()
            .map(|argument| (argument.type_oid, argument.mode.letter(), argument.name.as_str()))
            .collect(),
        defaults: function.arguments.iter().filter_map(|argument| argument.default.as_deref()).collect(),
        source,
        library: function.module().map(functions::table::Module::file),
        body,
        settings: (!settings.is_empty()).then(|| texts(oid::TEXT, settings.iter().map(String::as_str))),
        acl: acl(scope, &function.acl),
    }
}

/// `pg_proc`.
pub(super) fn functions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for entry in table::functions() {
        let source = if entry.source.is_empty() { own_source(entry) } else { String::new() };
        builtin(context.scope, entry, &source).emit(emit)?;
    }
    for object in context.scope.objects() {
        if let Object::Function(function) = object {
            users(context.scope, function).emit(emit)?;
        }
    }
    Ok(())
}

/// `pg_operator`.
pub(super) fn operators(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for entry in table::operators() {
        emit.row(&[
            number(entry.oid),
            text(entry.name),
            number(PG_CATALOG),
            number(SUPERUSER),
            letter(if entry.left == 0 { b'l' } else { b'b' }),
            flag(entry.merges),
            flag(entry.hashes),
            number(entry.left),
            number(entry.right),
            number(entry.result),
            number(entry.commutator),
            number(entry.negator),
            number(entry.function),
            number(named(entry.estimate)),
            number(named(&join_estimate(entry))),
        ])?;
    }
    for object in context.scope.objects() {
        let Object::Operator(made) = object else { continue };
        emit.row(&[
            number(made.oid),
            text(&made.name),
            number(made.schema),
            number(made.owner),
            letter(if made.left == 0 { b'l' } else { b'b' }),
            flag(made.merges),
            flag(made.hashes),
            number(made.left),
            number(made.right),
            number(made.result),
            number(made.commutator),
            number(made.negator),
            number(made.function),
            number(named(made.restrict.as_deref().unwrap_or_default())),
            number(named(made.join.as_deref().unwrap_or_default())),
        ])?;
    }
    Ok(())
}

/// The number of a function that comes with the program and whose name no other has; 0 without.
pub(super) fn named(name: &str) -> Oid {
    table::functions_named(name).next().map_or(0, |entry| entry.oid)
}

/// `pg_operator.oprjoin`: how the rows of a join by it are estimated. Of ranges it is what the operator's name means elsewhere.
fn join_estimate(entry: &table::OperatorEntry) -> String {
    let of = match (entry.estimate, entry.name) {
        ("rangesel" | "multirangesel", "@>" | "<@") => "contsel",
        ("rangesel" | "multirangesel", "&&") => "areasel",
        ("rangesel" | "multirangesel", "<=") => "scalarlesel",
        ("rangesel" | "multirangesel", ">=") => "scalargesel",
        ("rangesel" | "multirangesel", "<" | "<<" | "&<") => "scalarltsel",
        ("rangesel" | "multirangesel", ">" | ">>" | "&>") => "scalargtsel",
        (estimate, _) => estimate,
    };
    of.strip_suffix("sel").map_or_else(String::new, |kind| format!("{kind}joinsel"))
}

/// The number of a cast that comes with the program.
pub fn builtin_cast(source: Oid, target: Oid) -> Option<Oid> {
    let place = table::casts().iter().position(|entry| (entry.source, entry.target) == (source, target))?;
    Some(FIRST_CAST + u32::try_from(place).unwrap_or(0))
}

/// `pg_cast`. PostgreSQL numbers its casts as it makes them; here they are counted.
pub(super) fn casts(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (place, entry) in table::casts().iter().enumerate() {
        let oid = FIRST_CAST + u32::try_from(place).unwrap_or(0);
        emit_cast(oid, (entry.source, entry.target), entry.context, entry.method, emit)?;
    }
    let fitting =
        builtin_types().iter().filter_map(|entry| Some((entry.oid, table::length_cast(entry.oid)?)));
    for (place, (of, function)) in fitting.enumerate() {
        let oid = FIRST_CAST + u32::try_from(table::casts().len() + place).unwrap_or(0);
        let way = table::CastMethod::Function(function);
        emit_cast(oid, (of, of), table::CastContext::Implicit, way, emit)?;
    }
    for object in context.scope.objects() {
        if let Object::Cast(cast) = object {
            emit_cast(cast.oid, (cast.source, cast.target), cast.when.context(), cast.way.method(), emit)?;
        }
    }
    Ok(())
}

fn emit_cast(
    oid: Oid,
    (source, target): (Oid, Oid),
    when: table::CastContext,
    way: table::CastMethod,
    emit: &mut Emit,
) -> CatalogResult<()> {
    let (method, function) = match way {
        table::CastMethod::Binary => (b'b', 0),
        table::CastMethod::Function(function) => (b'f', function),
        table::CastMethod::Text => (b'i', 0),
    };
    let when = match when {
        table::CastContext::Implicit => b'i',
        table::CastContext::Assignment => b'a',
        table::CastContext::Explicit => b'e',
    };
    emit.row(&[number(oid), number(source), number(target), number(function), letter(when), letter(method)])
}

const FIRST_CAST: Oid = 10100;

/// `pg_language`.
pub(super) fn languages(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (oid, name) in LANGUAGES {
        let (trusted, [handler, inline, validator]) = match oid {
            INTERNAL => (false, [0, 0, 2246]),
            C => (false, [0, 0, 2247]),
            SQL => (true, [0, 0, 2248]),
            _ => (true, [13560, 13561, 13562]), // PL/pgSQL
        };
        emit.row(&[
            number(oid),
            text(name),
            number(SUPERUSER),
            flag(oid == PLPGSQL),
            flag(trusted),
            number(handler),
            number(inline),
            number(validator),
            Item::Null,
        ])?;
    }
    Ok(())
}

/// `pg_am`.
pub(super) fn access_methods(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit.row(&[number(2), text("heap"), number(named("heap_tableam_handler")), letter(b't')])?;
    for method in IndexMethod::ALL {
        let handler = match method {
            IndexMethod::Ordered => "bthandler",
            IndexMethod::Hash => "hashhandler",
            IndexMethod::Gin => "ginhandler",
            IndexMethod::Gist => "gisthandler",
            IndexMethod::SpGist => "spghandler",
            IndexMethod::Brin => "brinhandler",
        };
        emit.row(&[number(method.oid()), text(method.name()), number(named(handler)), letter(b'i')])?;
    }
    Ok(())
}

/// `pg_opclass`.
pub(super) fn operator_classes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let made = operator_class::made_classes(context.scope);
    for class in operator_class::operator_classes().chain(made) {
        let owner = context.scope.object(class.oid).and_then(Object::owner);
        emit.row(&[
            number(class.oid),
            number(class.method.oid()),
            text(&class.name),
            number(class.schema),
            number(owner.unwrap_or(SUPERUSER)),
            number(class.family),
            number(class.of),
            flag(class.is_default),
            number(class.kept),
        ])?;
    }
    Ok(())
}

/// `pg_opfamily`.
pub(super) fn operator_families(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (method, oid, name) in operator_class::operator_families() {
        let row = [number(oid), number(method.oid()), text(name), number(PG_CATALOG), number(SUPERUSER)];
        emit.row(&row)?;
    }
    for object in context.scope.objects() {
        let Object::OperatorFamily(made) = object else { continue };
        emit.row(&[
            number(made.oid),
            number(made.method.oid()),
            text(&made.name),
            number(made.schema),
            number(made.owner),
        ])?;
    }
    Ok(())
}
