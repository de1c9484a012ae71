//! Functions, operators, casts, aggregates, and how indexes order.

use super::emit::{
    Emit, SystemContext, acl, bytes, flag, int, letter, letters, number, number_vector, numbers, small, text,
    texts,
};
use crate::error::CatalogResult;
use crate::object::{
    ArgumentMode, Body, Function, FunctionKind as UserKind, Object, Oid, PG_CATALOG, Parallel, SUPERUSER,
    Volatility as UserVolatility,
};
use crate::snapshot::Scope;
use functions::table;
use functions::{FunctionEntry, FunctionKind, Volatility};
use types::Types;
use types::catalog::{Form, Type, oid};
use types::value::Item;

const INTERNAL: Oid = 12;
const C: Oid = 13;
const SQL: Oid = 14;
const BTREE: Oid = 403;

/// One row of `pg_proc`.
struct Routine<'a> {
    oid: Oid,
    name: &'a str,
    schema: Oid,
    owner: Oid,
    language: Oid,
    cost: f32,
    rows: f32,
    variadic: Oid,
    kind: u8,
    security_definer: bool,
    leakproof: bool,
    strict: bool,
    returns_set: bool,
    volatility: u8,
    parallel: u8,
    result: Oid,
    inputs: Vec<Oid>,
    /// Each argument's type, mode and name; empty if all go in and have no name.
    arguments: Vec<(Oid, u8, &'a str)>,
    defaults: Vec<&'a str>,
    source: &'a str,
    body: Option<&'a str>,
    settings: Option<Vec<u8>>,
    acl: Option<Vec<u8>>,
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
            number(0),
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
            Item::Null,
            super::emit::maybe(self.body),
            bytes(&self.settings),
            bytes(&self.acl),
        ])
    }
}

fn builtin(entry: &'static FunctionEntry) -> Routine<'static> {
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
        language: INTERNAL,
        cost: 1.0,
        rows: if entry.returns_set { 1000.0 } else { 0.0 },
        variadic: entry.variadic,
        kind: entry.kind.letter() as u8,
        security_definer: false,
        leakproof: false,
        strict: entry.strict,
        returns_set: entry.returns_set,
        volatility: match entry.volatility {
            Volatility::Immutable => b'i',
            Volatility::Stable => b's',
            Volatility::Volatile => b'v',
        },
        parallel: b's',
        result: entry.result,
        inputs: entry.arguments.to_vec(),
        arguments,
        defaults: entry.defaults.to_vec(),
        source: entry.source,
        body: None,
        settings: None,
        acl: None,
    }
}

fn users<'a>(scope: &Scope, function: &'a Function) -> Routine<'a> {
    let variadic = function.arguments.iter().find(|argument| argument.mode == ArgumentMode::Variadic);
    let (source, body) = match &function.body {
        Body::Text(text) => (text.as_str(), None),
        Body::Bound(text) => ("", Some(text.as_str())),
    };
    let settings: Vec<String> =
        function.settings.iter().map(|setting| format!("{}={}", setting.name, setting.value)).collect();
    Routine {
        oid: function.oid,
        name: &function.name,
        schema: function.schema,
        owner: function.owner,
        language: SQL,
        cost: function.cost,
        rows: function.rows,
        variadic: variadic
            .and_then(|argument| scope.entry(argument.type_oid))
            .map_or(0, |entry| entry.element),
        kind: match function.kind {
            UserKind::Function => b'f',
            UserKind::Procedure => b'p',
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
        body,
        settings: (!settings.is_empty()).then(|| texts(oid::TEXT, settings.iter().map(String::as_str))),
        acl: acl(scope, &function.acl),
    }
}

/// `pg_proc`.
pub(super) fn functions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for entry in table::functions() {
        builtin(entry).emit(emit)?;
    }
    for object in context.scope.objects() {
        if let Object::Function(function) = object {
            users(context.scope, function).emit(emit)?;
        }
    }
    Ok(())
}

/// `pg_operator`.
pub(super) fn operators(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
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
            number(0),
            number(0),
        ])?;
    }
    Ok(())
}

/// `pg_cast`. PostgreSQL numbers its casts as it makes them; here they are counted.
pub(super) fn casts(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (place, entry) in table::casts().iter().enumerate() {
        let (method, function) = match entry.method {
            table::CastMethod::Binary => (b'b', 0),
            table::CastMethod::Function(function) => (b'f', function),
            table::CastMethod::Text => (b'i', 0),
        };
        let when = match entry.context {
            table::CastContext::Implicit => b'i',
            table::CastContext::Assignment => b'a',
            table::CastContext::Explicit => b'e',
        };
        emit.row(&[
            number(FIRST_CAST + u32::try_from(place).unwrap_or(0)),
            number(entry.source),
            number(entry.target),
            number(function),
            letter(when),
            letter(method),
        ])?;
    }
    Ok(())
}

const FIRST_CAST: Oid = 10100;

/// `pg_aggregate`, as far as it says anything of aggregates that are computed as a whole.
pub(super) fn aggregates(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for entry in table::functions() {
        let (kind, direct, sort) = match entry.kind {
            FunctionKind::Aggregate { sort_operator } => (b'n', 0, sort_operator),
            FunctionKind::OrderedSet { direct } => (b'o', i16::from(direct), 0),
            FunctionKind::Hypothetical => (b'h', 1, 0),
            FunctionKind::Function | FunctionKind::Window => continue,
        };
        let mut row = vec![number(entry.oid), letter(kind), Item::Int16(direct)];
        // Functions of its steps: there are none.
        row.extend((0..8).map(|_| number(0)));
        row.extend([flag(false), flag(false), letter(b'r'), letter(b'r'), number(sort)]);
        row.extend([number(oid::INTERNAL), int(0), number(0), int(0), Item::Null, Item::Null]);
        emit.row(&row)?;
    }
    Ok(())
}

/// `pg_language`.
pub(super) fn languages(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (oid, name, trusted) in [(INTERNAL, "internal", false), (C, "c", false), (SQL, "sql", true)] {
        emit.row(&[
            number(oid),
            text(name),
            number(SUPERUSER),
            flag(false),
            flag(trusted),
            number(0),
            number(0),
            number(0),
            Item::Null,
        ])?;
    }
    Ok(())
}

/// `pg_am`.
pub(super) fn access_methods(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit.row(&[number(2), text("heap"), number(0), letter(b't')])?;
    emit.row(&[number(BTREE), text("btree"), number(0), letter(b'i')])
}

/// Operator classes of btree: number, name, family, type, whether it is the default.
#[rustfmt::skip]
const OPERATOR_CLASSES: &[(Oid, &str, Oid, Oid, bool)] = &[
    (1978, "int4_ops", 1976, 23, true), (1979, "int2_ops", 1976, 21, true), (1981, "oid_ops", 1989, 26, true),
    (3122, "date_ops", 434, 1082, true), (3123, "float8_ops", 1970, 701, true), (3124, "int8_ops", 1976, 20, true),
    (3125, "numeric_ops", 1988, 1700, true), (3126, "text_ops", 1994, 25, true),
    (3127, "timestamptz_ops", 434, 1184, true), (3128, "timestamp_ops", 434, 1114, true),
    (10000, "array_ops", 397, 2277, true), (10002, "bit_ops", 423, 1560, true), (10003, "bool_ops", 424, 16, true),
    (10004, "bpchar_ops", 426, 1042, true), (10006, "bytea_ops", 428, 17, true), (10007, "char_ops", 429, 18, true),
    (10012, "float4_ops", 1970, 700, true), (10022, "interval_ops", 1982, 1186, true),
    (10028, "name_ops", 1994, 19, true), (10032, "oidvector_ops", 1991, 30, true),
    (10034, "record_ops", 2994, 2249, true), (10038, "time_ops", 1996, 1083, true),
    (10041, "timetz_ops", 2000, 1266, true), (10043, "varbit_ops", 2002, 1562, true),
    (10044, "varchar_ops", 1994, 25, false), (10047, "money_ops", 2099, 790, true),
    (10053, "xid8_ops", 5067, 5069, true), (10065, "uuid_ops", 2968, 2950, true),
    (10067, "pg_lsn_ops", 3253, 3220, true), (10069, "enum_ops", 3522, 3500, true),
    (10009, "cidr_ops", 1974, 869, false), (10015, "inet_ops", 1974, 869, true),
    (10024, "macaddr_ops", 1984, 829, true), (10026, "macaddr8_ops", 3371, 774, true),
    (10076, "range_ops", 3901, 3831, true), (10080, "multirange_ops", 4199, 4537, true),
    (10088, "jsonb_ops", 4033, 3802, true),
];

/// Families of them.
#[rustfmt::skip]
const OPERATOR_FAMILIES: &[(Oid, &str)] = &[
    (397, "array_ops"), (423, "bit_ops"), (424, "bool_ops"), (426, "bpchar_ops"), (428, "bytea_ops"),
    (429, "char_ops"), (434, "datetime_ops"), (1970, "float_ops"), (1976, "integer_ops"), (1982, "interval_ops"),
    (1988, "numeric_ops"), (1989, "oid_ops"), (1991, "oidvector_ops"), (1994, "text_ops"), (1996, "time_ops"),
    (2000, "timetz_ops"), (2002, "varbit_ops"), (2099, "money_ops"), (2968, "uuid_ops"), (2994, "record_ops"),
    (3253, "pg_lsn_ops"), (3522, "enum_ops"), (1974, "network_ops"), (1984, "macaddr_ops"), (3371, "macaddr8_ops"), (3901, "range_ops"), (4033, "jsonb_ops"),
    (4199, "multirange_ops"), (5067, "xid8_ops"),
];

/// The operator class by which an index orders a type, 0 if it cannot.
pub(super) fn operator_class_of(scope: &Scope, type_oid: Oid) -> Oid {
    let of = scope.undomained(Type::of(type_oid)).oid;
    let by_type =
        |of: Oid| OPERATOR_CLASSES.iter().find(|class| class.3 == of && class.4).map(|class| class.0);
    let by_form = || match scope.entry(of)?.form {
        Form::Array => by_type(ANY_ARRAY),
        Form::Enum => by_type(ANY_ENUM),
        Form::Composite => by_type(oid::RECORD),
        Form::Range => by_type(oid::ANYRANGE),
        Form::Multirange => by_type(oid::ANYMULTIRANGE),
        Form::Base | Form::Domain | Form::Pseudo => None,
    };
    let of = match of {
        oid::VARCHAR => oid::TEXT,
        oid::CIDR => oid::INET,
        of => of,
    };
    by_type(of).or_else(by_form).unwrap_or(0)
}

const ANY_ARRAY: Oid = 2277;
const ANY_ENUM: Oid = 3500;

/// `pg_opclass`.
pub(super) fn operator_classes(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (oid, name, family, of, is_default) in OPERATOR_CLASSES {
        emit.row(&[
            number(*oid),
            number(BTREE),
            text(name),
            number(PG_CATALOG),
            number(SUPERUSER),
            number(*family),
            number(*of),
            flag(*is_default),
            number(0),
        ])?;
    }
    Ok(())
}

/// `pg_opfamily`.
pub(super) fn operator_families(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (oid, name) in OPERATOR_FAMILIES {
        emit.row(&[number(*oid), number(BTREE), text(name), number(PG_CATALOG), number(SUPERUSER)])?;
    }
    Ok(())
}
