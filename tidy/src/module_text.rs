//! What stands at the head of a file, and the names that must be unique in the program.

use crate::source::Source;
use std::collections::BTreeMap;

/// The crates in which every file states its invariants.
const WITH_INVARIANTS: &[&str] = &["pager", "btree", "wal", "store"];

/// What is wrong with the head of a source.
pub fn violation(source: &Source) -> Option<String> {
    if source.code.trim().is_empty() || source.path.ends_with("/tests.rs") {
        // Nothing to tell about: no code, or the tests that the file beside it calls its own.
        return None;
    }
    let head: Vec<&str> = source.text.lines().take_while(|line| line.starts_with("//!")).collect();
    if head.is_empty() {
        return Some(format!("{} does not open with a module text", source.path));
    }
    if !source.is_shipped() || !WITH_INVARIANTS.contains(&source.package()) {
        return None;
    }
    let announced = head.iter().position(|line| line.contains("Invariants"));
    let numbered = announced.is_some_and(|at| {
        head[at..].iter().any(|line| line.trim_start_matches("//!").trim_start().starts_with("1. "))
    });
    (!numbered).then(|| format!("{} opens without its numbered invariants", source.path))
}

/// Labels that are declared twice in what is shipped: traces, crash points and sabotage go by name alone.
pub fn doubled_labels(sources: &[Source]) -> Vec<String> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.is_shipped()) {
        for name in labels(source) {
            if let Some(other) = first.insert(name, &source.path) {
                found.push(format!("label {name} is declared in {other} and in {}", source.path));
            }
        }
    }
    found
}

/// The names of the labels that a source declares: lines that read `NAME: "dotted.name", Kind, …`.
fn labels(source: &Source) -> impl Iterator<Item = &str> {
    let shipped = source.shipped_code();
    let kept: Vec<bool> = shipped.lines().map(|line| line.contains(':')).collect();
    let declared = source.text.contains("labels! {");
    source.text.lines().zip(kept).filter_map(move |(line, kept)| {
        let (constant, rest) = line.trim().split_once(": \"")?;
        let (name, kind) = rest.split_once("\", ")?;
        let screaming = constant
            .chars()
            .all(|character| character.is_ascii_uppercase() || matches!(character, '_' | '0'..='9'));
        let is_label =
            screaming && name.contains('.') && kind.starts_with(|first: char| first.is_ascii_uppercase());
        (declared && kept && is_label).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::{doubled_labels, violation};
    use crate::source::Source;

    #[test]
    fn a_head_without_invariants_is_found_where_they_are_due() {
        let plain = "//! About pages.\n\nfn f() {}\n";
        let full = "//! About pages.\n//!\n//! Invariants\n//!\n//! 1. They are pages.\n\nfn f() {}\n";
        assert!(violation(&Source::new("pager/src/page.rs", full)).is_none());
        assert!(violation(&Source::new("pager/src/page.rs", plain)).is_some());
        assert!(violation(&Source::new("pager/tests/page.rs", plain)).is_none());
        assert!(violation(&Source::new("env/src/page.rs", plain)).is_none());
        assert!(violation(&Source::new("env/src/page.rs", "fn f() {}\n")).is_some());
    }

    #[test]
    fn a_label_declared_twice_is_found() {
        let text = "labels! {\n    SYNC: \"log.sync\", Sync, \"breaks\";\n}\n";
        let sources = [Source::new("wal/src/a.rs", text), Source::new("pager/src/b.rs", text)];
        assert_eq!(doubled_labels(&sources).len(), 1);
        assert!(doubled_labels(&sources[..1]).is_empty());
    }
}
