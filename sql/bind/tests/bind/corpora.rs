//! Public corpora, where they are at hand: whatever they say, binding answers and does not panic.
//!
//! The folder's path may be set by `HORNBEAM_CORPORA`; without it the test has nothing to do.

use super::support::{DEPTH, World};
use bumpalo::Bump;
use diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syntax::tree::StatementKind;

fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            scripts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            found.push(path);
        }
    }
}

/// Statements as far as a semicolon at the end of a line tells them.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for line in text.lines().filter(|line| !line.starts_with('\\')) {
        piece.push_str(line);
        piece.push('\n');
        if line.trim_end().ends_with(';') {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces
}

#[test]
fn every_second_script_is_bound_or_refused() {
    are_bound_or_refused(0);
}

#[test]
fn the_other_scripts_are_bound_or_refused() {
    are_bound_or_refused(1);
}

/// Of the scripts those whose place in the list leaves `remainder`, so that two tests share them, side by side.
fn are_bound_or_refused(remainder: usize) {
    let folder = std::env::var("HORNBEAM_CORPORA").unwrap_or("../../../shared/corpora".to_owned());
    let mut paths = Vec::new();
    scripts(Path::new(&folder), &mut paths);
    paths.sort();
    let (mut bound, mut refused) = (0usize, BTreeMap::<String, usize>::new());
    for path in paths.into_iter().skip(remainder).step_by(2) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let mut world = World::of_script("");
        for piece in pieces(&text) {
            let arena = Bump::new();
            let Ok(statements) = syntax::parse(&piece, &arena, DEPTH) else { continue };
            for statement in statements {
                world.run(&piece, statement);
                let binds = matches!(
                    statement.kind,
                    StatementKind::Query(_)
                        | StatementKind::Insert(_)
                        | StatementKind::Update(_)
                        | StatementKind::Delete(_)
                        | StatementKind::Merge(_)
                );
                if !binds {
                    continue;
                }
                match world.bind(statement, false) {
                    Ok(query) => {
                        // Whoever looks at it goes through all of it.
                        let _ = query.root.to_string();
                        bound += 1;
                    }
                    Err(error) => {
                        let key = match error.sqlstate().code() {
                            "0A000" | "XX000" => format!("{} {error}", error.sqlstate().code()),
                            code => code.to_owned(),
                        };
                        *refused.entry(key).or_default() += 1;
                    }
                }
            }
        }
    }
    let mut counts: Vec<(&String, &usize)> = refused.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    println!("bound {bound}");
    for (what, count) in counts.iter().take(60) {
        println!("{count:6} {what}");
    }
    assert!(!refused.keys().any(|key| key.starts_with("XX000")), "the binder met what it cannot be");
}
