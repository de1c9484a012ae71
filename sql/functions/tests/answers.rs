//! Thousands of calls with the server's answers, through the table, resolution, casts and kernels.
//!
//! A line of `tests/answers/*.tsv.zst` has its parts between tabs: what is called (`f name`, `o name`, `c type`, `s name` for
//! functions that return rows, `a name` for aggregates, whose arguments are arrays of their rows), arguments as `type literal` (`type` alone is null), and the answer behind `=`: text, `NULL`, rows
//! between ` ; `, or `!SQLSTATE message`. `\n`, `\t` and `\\` stand for what they are.

mod support;

use support::{Outcome, World, run};

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

fn file(name: &str, lines: &str) {
    let mut world = World::default();
    let (mut count, mut wrong) = (0, Vec::new());
    for line in lines.lines().filter(|line| !line.is_empty()) {
        let parts: Vec<String> = line.split('\t').map(unescape).collect();
        let (answer, call) = parts.split_last().expect("an answer");
        let expected = answer.strip_prefix('=').expect("an answer begins with =");
        count += 1;
        let found = match run(&mut world, call) {
            Outcome::Answer(text) => text,
            Outcome::Error(code, message) => format!("!{code} {message}"),
        };
        if found != expected {
            wrong.push(format!("{}\n   postgres: {expected}\n   here:     {found}", call.join(" | ")));
        }
    }
    let shown: Vec<String> = wrong.iter().take(60).cloned().collect();
    let known = KNOWN.iter().find(|known| known.0 == name).map_or(0, |known| known.1);
    assert!(
        wrong.len() <= known,
        "{name}: {} of {count} differ, {known} are known\n{}",
        wrong.len(),
        shown.join("\n")
    );
    assert!(wrong.len() == known, "{name}: only {} of {count} differ: write that down in KNOWN", wrong.len());
    assert!(count > 0);
}

/// How many answers differ that are known to: numbers that may only shrink.
const KNOWN: &[(&str, usize)] =
    &[("cast", 128), ("document", 15), ("moment", 5), ("number", 7), ("pattern", 3), ("text", 2)];

macro_rules! files {
    ($($name:ident;)*) => {
        $(#[test]
        fn $name() {
            file(stringify!($name), &answers::text(include_bytes!(concat!("answers/", stringify!($name), ".tsv.zst"))));
        })*
    };
}

files! {
    aggregate;
    array;
    bits;
    bytes;
    cast;
    compare;
    document;
    moment;
    number;
    pattern;
    text;
}
