//! Which paths a source names: `use` trees spelled out, and paths written in the code.

use crate::source::Source;

/// A path that a source names.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// The path, with `::` between the parts.
    pub path: String,
    /// Where it stands in the code.
    pub offset: usize,
}

/// What only `env` may touch: the beginning of a path, and what is to be used instead.
pub const DOORS: &[(&str, &str)] = &[
    ("std::fs", "env::Env and env::File"),
    ("std::os", "env::Env and env::File"),
    ("std::net", "env::Network"),
    ("std::thread", "env::Env::spawn, yield_now and sleep"),
    ("std::process::Command", "nothing: the engine starts no processes"),
    ("std::time::Instant", "env::Env::monotonic"),
    ("std::time::SystemTime", "env::Env::wall_clock"),
    ("std::sync::Mutex", "env::sync::Mutex"),
    ("std::sync::RwLock", "env::sync::RwLock"),
    ("std::sync::Condvar", "env::sync::Condvar"),
    ("std::sync::Barrier", "env::sync::Condvar"),
    ("std::sync::Once", "env::sync::OnceLock"),
    ("std::sync::OnceLock", "env::sync::OnceLock"),
    ("std::sync::LazyLock", "env::sync::OnceLock"),
    ("std::sync::mpsc", "env::sync::mpsc"),
    ("std::sync::atomic", "env::sync::atomic"),
    ("std::collections::HashMap", "env::hash::HashMap, or a BTreeMap where order can reach an output"),
    ("std::collections::HashSet", "env::hash::HashSet, or a BTreeSet where order can reach an output"),
    ("std::collections::hash_map", "env::hash::HashMap"),
    ("std::hash::RandomState", "a fixed hasher: env::hash"),
    ("std::thread_local", "state that is handed on"),
    ("thread_local", "state that is handed on"),
    ("parking_lot", "env::sync"),
    ("getrandom", "env::Env::random"),
    ("rustix", "env::Env and env::File"),
    ("libc", "env::Env and env::File"),
    ("rand", "a seeded stream that is handed on"),
];

/// Where a door may be used outside `env`: the beginning of the source's path, the beginning of the door's, and why.
/// This list is meant to stay short; an entry that nothing needs any more is reported.
pub const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("tidy/", "std::fs", "the rules read the sources, which belong to no simulated world"),
    ("sim/src/", "thread_local", "coroutines and worlds are bound to the thread that made them"),
    (
        "sim/src/",
        "std::sync::atomic",
        "numbering threads and installing the panic hook happen once per process",
    ),
    (
        "cli/src/programs.rs",
        "std::process::Command",
        "what somebody at a terminal has the system run belongs to no simulated world",
    ),
    ("sql/types/src/text/network.rs", "std::net", "an address is read and shown; nothing is connected"),
];

/// Every path with at least two parts, or followed by `!`, that `code` names, with `use` trees spelled out.
pub fn paths(code: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = next_word(code, rest) {
        let word_end = start + word_length(&code[start..]);
        if &code[start..word_end] == "use" {
            let end = code[word_end..].find(';').map_or(code.len(), |length| word_end + length);
            spell_out(code[word_end..end].trim(), "", start, &mut found);
            rest = end;
            continue;
        }
        let end = path_end(code, start);
        let path = &code[start..end];
        if path.contains("::") || code[end..].starts_with('!') {
            found.push(Named { path: path.to_owned(), offset: start });
        }
        rest = end;
    }
    found
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|character| !is_name(character)).unwrap_or(text.len())
}

fn next_word(code: &str, from: usize) -> Option<usize> {
    code[from..].find(is_name).map(|length| from + length)
}

/// The end of the path that begins with the word at `start`.
fn path_end(code: &str, start: usize) -> usize {
    let mut end = start + word_length(&code[start..]);
    while let Some(after) = code[end..].strip_prefix("::") {
        let length = word_length(after);
        if length == 0 {
            break;
        }
        end += 2 + length;
    }
    end
}

/// Adds every path of the `use` tree `tree`, which stands under `prefix`.
fn spell_out(tree: &str, prefix: &str, offset: usize, found: &mut Vec<Named>) {
    let join = |part: &str| match prefix {
        "" => part.to_owned(),
        prefix => format!("{prefix}::{part}"),
    };
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        let path = path.strip_suffix("::*").unwrap_or(path);
        let path = if path == "self" { prefix.to_owned() } else { join(path) };
        if !path.is_empty() {
            found.push(Named { path, offset });
        }
        return;
    };
    let inner_prefix = match tree[..open].trim().trim_end_matches("::") {
        "" => prefix.to_owned(),
        part => join(part),
    };
    let inside = tree[open + 1..].trim_end().trim_end_matches('}');
    let mut depth = 0usize;
    for branch in inside.split(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    }) {
        // The trimming above may have taken a brace that belongs to the last branch.
        let missing = branch.matches('{').count().saturating_sub(branch.matches('}').count());
        let branch = format!("{}{}", branch.trim(), "}".repeat(missing));
        if !branch.is_empty() {
            spell_out(&branch, &inner_prefix, offset, found);
        }
    }
}

fn goes_through(path: &str, door: &str) -> bool {
    path.strip_prefix(door).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The doors that a source outside `env` goes through: line, door and what to use, and the exceptions it needed.
pub fn violations(source: &Source) -> (Vec<String>, Vec<usize>) {
    let (mut found, mut excused) = (Vec::new(), Vec::new());
    let free = matches!(source.package(), "env" | "bench") || !source.is_shipped();
    if free {
        return (found, excused);
    }
    for named in paths(&source.shipped_code()) {
        // `core` and `alloc` name the same things.
        let path = named.path.trim_start_matches("::").replacen("core::", "std::", 1);
        let Some((door, instead)) = DOORS.iter().find(|door| goes_through(&path, door.0)) else { continue };
        let exception = EXCEPTIONS
            .iter()
            .position(|(prefix, allowed, _)| source.path.starts_with(prefix) && allowed == door);
        match exception {
            Some(index) => excused.push(index),
            None => found.push(format!(
                "{}:{} names {door}; use {instead}",
                source.path,
                source.line_at(named.offset)
            )),
        }
    }
    (found, excused)
}

#[cfg(test)]
mod tests {
    use super::{paths, violations};
    use crate::source::Source;

    fn named(code: &str) -> Vec<String> {
        paths(code).into_iter().map(|named| named.path).collect()
    }

    #[test]
    fn use_trees_are_spelled_out() {
        let found =
            named("use std::{fs::{self, File as F}, io, sync::{Arc, atomic::{AtomicU64, Ordering}}};");
        let expected = [
            "std::fs",
            "std::fs::File",
            "std::io",
            "std::sync::Arc",
            "std::sync::atomic::AtomicU64",
            "std::sync::atomic::Ordering",
        ];
        assert_eq!(found, expected);
        assert_eq!(named("use a::*;\nuse {b, c::{d}};"), ["a", "b", "c::d"]);
    }

    #[test]
    fn every_way_to_a_door_is_found() {
        for code in [
            "use std::fs;",
            "use std::{io, fs::File};",
            "fn f() { std::fs::read(\"x\"); }",
            "fn f() { let t = ::std::time::Instant::now(); }",
            "thread_local! { static X: u8 = 1; }",
            "use std::sync::{Arc, Mutex};",
            "use parking_lot as quiet;",
            "fn f() { core::sync::atomic::fence(); }",
        ] {
            let (found, _) = violations(&Source::new("pager/src/cache.rs", code));
            assert_eq!(found.len(), 1, "{code}");
            assert!(violations(&Source::new("env/src/real.rs", code)).0.is_empty());
            assert!(violations(&Source::new("pager/tests/real.rs", code)).0.is_empty());
        }
    }

    #[test]
    fn names_that_only_look_alike_are_left_alone() {
        for code in [
            "use std::sync::Arc;",
            "use std::fsck;",
            "// std::fs\n",
            "fn f() { g(\"std::fs\"); }",
            "use rand_core::Rng;",
        ] {
            assert!(violations(&Source::new("pager/src/cache.rs", code)).0.is_empty(), "{code}");
        }
    }
}
