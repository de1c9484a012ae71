//! What statements mean, beside PostgreSQL's answers: names and types of columns and parameters, errors with their places.
//!
//! `data/bound.txt` has statements and what PostgreSQL 15 answers when it parses and describes them over `data/schema.sql`;
//! `data/different.txt` those that are answered differently here, and how.

use super::support::{DEPTH, World};
use bumpalo::Bump;
use diagnostic::Diagnostic;
use std::fmt::Write;
use types::Types;
use types::catalog::type_name;

fn answer(world: &World, source: &str) -> String {
    let arena = Bump::new();
    let statements = match syntax::parse(source, &arena, DEPTH) {
        Ok(statements) => statements,
        Err(error) => return told(&error, source),
    };
    match world.bind(&statements[0], true) {
        Err(error) => told(&error, source),
        Ok(query) => {
            let columns = query.output.iter().map(|column| {
                let of = world.scope.undomained(column.column_type);
                format!("{} {}", column.name, type_name(&world.scope, of.oid, Some(of.modifier)))
            });
            let mut text = format!("-> {}", columns.collect::<Vec<_>>().join(", "));
            if !query.parameters.is_empty() {
                let types = query.parameters.iter().map(|of| type_name(&world.scope, of.oid, Some(-1)));
                write!(text, " | parameters: {}", types.collect::<Vec<_>>().join(", ")).unwrap();
            }
            text
        }
    }
}

fn told(error: &dyn Diagnostic, source: &str) -> String {
    let place = error
        .position()
        .map_or("-".to_owned(), |position| (source[..position as usize].chars().count() + 1).to_string());
    let mut text = format!("!! {} @{place} {error}", error.sqlstate().code());
    if let Some(detail) = error.detail() {
        write!(text, " | detail: {detail}").unwrap();
    }
    if let Some(hint) = error.hint() {
        write!(text, " | hint: {hint}").unwrap();
    }
    text
}

#[test]
fn statements_mean_what_they_mean_in_postgres() {
    let world = World::of_script(include_str!("../data/schema.sql"));
    let mut different = String::new();
    let lines: Vec<&str> = include_str!("../data/bound.txt").lines().collect();
    for pair in lines.chunks(2) {
        let [source, expected] = pair else { panic!("a statement without answer") };
        let found = answer(&world, source);
        // What is not supported yet is told by its name, and may be any day.
        let missing = found.starts_with("!! 0A000") && found.ends_with("is not supported");
        if found != *expected && !missing {
            writeln!(different, "{source}\n  postgres {expected}\n  here     {found}").unwrap();
        }
    }
    if std::env::var_os("BIND_SHOW").is_some() {
        println!("{different}\n{} of {}", different.lines().count() / 3, lines.len() / 2);
        return;
    }
    assert_eq!(different, include_str!("../data/different.txt"));
}
