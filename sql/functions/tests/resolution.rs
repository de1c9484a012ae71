//! Names, types and what they mean, as the server answers.

use diagnostic::Diagnostic;
use functions::{Argument, Resolution, common_type, resolve_function, resolve_operator};
use types::BuiltinTypes;
use types::catalog::{builtin_named, oid, type_name};

fn of(name: &str) -> u32 {
    builtin_named(name).unwrap_or_else(|| panic!("{name}")).oid
}

/// The signature that a call finds, or the error.
fn call(name: &str, arguments: &str) -> String {
    let arguments: Vec<Argument<'_>> =
        arguments.split_whitespace().map(|name| Argument { of: of(name), name: None }).collect();
    let candidates = functions::resolve::builtin_candidates(name, 0);
    let type_named = types::catalog::builtin_named(name).map(|entry| entry.oid);
    match resolve_function(&BuiltinTypes, name, &candidates, &arguments, false, type_named) {
        Ok(Resolution::Cast(to)) => format!("cast {}", type_name(&BuiltinTypes, to, None)),
        Ok(Resolution::Call(found)) => {
            let names: Vec<String> =
                found.arguments.iter().map(|of| type_name(&BuiltinTypes, *of, None)).collect();
            format!("{}({}) {}", name, names.join(","), type_name(&BuiltinTypes, found.result, None))
        }
        Err(error) => format!("{} {error}", error.sqlstate().code()),
    }
}

fn operator(left: &str, name: &str, right: &str) -> String {
    let left = (!left.is_empty()).then(|| of(left));
    match resolve_operator(&BuiltinTypes, name, left, of(right)) {
        Ok(found) => format!("{} {}", found.entry.oid, type_name(&BuiltinTypes, found.result, None)),
        Err(error) => format!("{} {error}", error.sqlstate().code()),
    }
}

#[test]
fn functions_that_do_not_exist_or_are_not_unique() {
    assert_eq!(call("nosuch", "int4"), "42883 function nosuch(integer) does not exist");
    assert_eq!(call("abs", "text"), "42883 function abs(text) does not exist");
    assert_eq!(call("sum", "unknown"), "42725 function sum(unknown) is not unique");
    assert_eq!(call("unnest", "unknown"), "42725 function unnest(unknown) is not unique");
    assert_eq!(call("array_agg", "unknown"), "42725 function array_agg(unknown) is not unique");
    assert_eq!(
        call("array_append", "int4 int4"),
        "42883 function array_append(integer, integer) does not exist"
    );
    assert_eq!(
        call("array_append", "_int4 text"),
        "42883 function array_append(integer[], text) does not exist"
    );
    assert_eq!(
        call("array_fill", "unknown _int4"),
        "42804 could not determine polymorphic type because input has type unknown"
    );
    assert_eq!(call("concat", ""), "42883 function concat() does not exist");
    assert_eq!(call("float8", "unknown"), "cast double precision");
}

#[test]
fn operators_are_found() {
    assert_eq!(operator("int4", "=", "int4"), "96 boolean");
    assert_eq!(operator("text", "=", "unknown"), "98 boolean");
    assert_eq!(operator("unknown", "=", "unknown"), "98 boolean");
    assert_eq!(operator("varchar", "=", "varchar"), "98 boolean");
    assert_eq!(operator("unknown", "+", "unknown"), "42725 operator is not unique: unknown + unknown");
    assert_eq!(operator("", "-", "unknown"), "42725 operator is not unique: - unknown");
    assert_eq!(operator("", "@", "bool"), "42883 operator does not exist: @ boolean");
}

#[test]
fn common_types() {
    let common = |names: &str| {
        let given: Vec<u32> = names.split_whitespace().map(of).collect();
        match common_type(&BuiltinTypes, &given, "CASE") {
            Ok(found) => type_name(&BuiltinTypes, found, None),
            Err((place, error)) => format!("{place} {error}"),
        }
    };
    assert_eq!(common("int4 numeric unknown"), "numeric");
    assert_eq!(common("numeric float8 int2"), "double precision");
    assert_eq!(common("unknown unknown"), "text");
    assert_eq!(common("int4 text"), "1 CASE types integer and text cannot be matched");
    assert_eq!(common("unknown date timestamptz"), "timestamp with time zone");
}

#[test]
fn numbers_and_names_find_their_rows() {
    let mut count = 0;
    for entry in functions::table::functions() {
        count += 1;
        assert_eq!(functions::table::function(entry.oid).map(|found| found.oid), Some(entry.oid));
        assert!(functions::table::functions_named(entry.name).any(|found| found.oid == entry.oid));
    }
    assert!(count > 2000);
    for entry in functions::table::operators() {
        assert_eq!(functions::table::operator_by_oid(entry.oid), Some(entry));
        assert!(functions::table::operators_named(entry.name).any(|found| found == entry));
        let of_function = functions::table::operators().filter(|other| other.function == entry.function);
        assert!(functions::table::operators_of(entry.function).eq(of_function));
    }
    assert!(
        functions::find_cast(&BuiltinTypes, oid::INT4, oid::INT8, functions::CastContext::Implicit).is_some()
    );
}
