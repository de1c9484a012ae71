//! The table of types, names and modifiers against what PostgreSQL 15 answered (`data/`: one question a line).

#![allow(clippy::unwrap_used)] // a test, its helpers too

use diagnostic::Diagnostic;
use types::BuiltinTypes;
use types::catalog::{builtin, builtin_named, builtin_types, modifier_from_arguments, oid, type_name};

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| line.split('\t').collect())
}

#[test]
fn the_table_is_pg_type() {
    let mut count = 0;
    for row in rows(include_str!("data/pg_type.txt")) {
        let entry = builtin(row[0].parse().unwrap()).unwrap();
        let flag = |flag| if flag { "t" } else { "f" }.to_owned();
        let told = [
            entry.oid.to_string(),
            entry.name.to_owned(),
            entry.length.to_string(),
            flag(entry.by_value),
            entry.form.letter().to_string(),
            entry.category.letter().to_string(),
            flag(entry.preferred),
            char::from(entry.delimiter).to_string(),
            entry.element.to_string(),
            entry.array.to_string(),
            type_name(&BuiltinTypes, entry.oid, None),
        ];
        // `record[]` is a pseudo-type that is an array all the same.
        let told = told
            .each_ref()
            .map(|told| if entry.oid == oid::RECORD_ARRAY && told == "b" { "p" } else { told });
        assert_eq!(told[..], row[..]);
        assert_eq!(builtin_named(entry.name), Some(entry));
        count += 1;
    }
    assert_eq!(builtin_types().len(), count);
    assert!(builtin_types().windows(2).all(|pair| pair[0].oid < pair[1].oid));
}

#[test]
fn names_with_modifiers_are_those_of_format_type() {
    let mut count = 0;
    for row in rows(include_str!("data/format_type.txt")) {
        let name = type_name(&BuiltinTypes, row[0].parse().unwrap(), Some(row[1].parse().unwrap()));
        assert_eq!(name, row[2], "{row:?}");
        count += 1;
    }
    assert!(count > 900);
}

#[test]
fn modifiers_are_read_and_refused_as_postgresql_does() {
    let mut count = 0;
    for row in rows(include_str!("data/modifiers.txt")) {
        let name = row[0].strip_suffix("typmodin").unwrap();
        let arguments: Vec<&str> = row[1].split(',').collect();
        let told = match modifier_from_arguments(builtin_named(name).unwrap().oid, &arguments, name) {
            Ok((modifier, _)) => format!("={modifier}"),
            Err(error) => format!("!{}|{error}", error.sqlstate().code()),
        };
        assert_eq!(told, row[2], "{row:?}");
        count += 1;
    }
    assert!(count > 400);
    let (modifier, reduced) = modifier_from_arguments(oid::TIMETZ, &["8"], "timetz").unwrap();
    let warning = "TIME(8) WITH TIME ZONE precision reduced to maximum allowed, 6";
    assert_eq!((modifier, reduced.unwrap().to_string().as_str()), (6, warning));
    let refused = modifier_from_arguments(oid::INT4, &["3"], "int4").unwrap_err();
    assert_eq!(refused.to_string(), "type modifier is not allowed for type \"int4\"");
    assert_eq!(modifier_from_arguments(1015, &["3"], "_varchar"), Ok((7, None)));
}
