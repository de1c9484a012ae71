//! What nobody meant to leave behind: unfinished code, switched-off tests, paths of somebody's machine.

use crate::source::Source;

/// Spelled in two halves, so that this file does not report itself.
const IN_CODE: &[&str] =
    &[concat!("todo", "!"), concat!("unimplemented", "!"), concat!("dbg", "!"), concat!("#[igno", "re")];
const IN_TEXT: &[&str] = &[concat!("FIX", "ME"), concat!("TO", "DO")];
const MACHINE_PATHS: &[&str] =
    &[concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tm", "p/")];

/// What a source has left behind.
pub fn in_source(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in source.code.lines().enumerate() {
        for leftover in IN_CODE.iter().filter(|leftover| contains_word(line, leftover)) {
            found.push(format!("{}:{}: {leftover}", source.path, number + 1));
        }
    }
    found.extend(in_text(&source.path, &source.text));
    found
}

/// What any text has left behind.
pub fn in_text(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let words = IN_TEXT.iter().filter(|leftover| contains_word(line, leftover));
        let paths = MACHINE_PATHS.iter().filter(|leftover| line.contains(**leftover));
        for leftover in words.chain(paths) {
            found.push(format!("{path}:{}: {leftover}", number + 1));
        }
        if let Some(control) = line.chars().find(|character| character.is_control() && *character != '\t') {
            found.push(format!("{path}:{}: control character {control:?}", number + 1));
        }
    }
    found
}

/// Whether `word` stands in `line` and is not a part of a longer name.
fn contains_word(line: &str, word: &str) -> bool {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let goes_on = word.ends_with(is_name) && after.is_some_and(is_name);
        !(goes_on || before.is_some_and(is_name))
    })
}

#[cfg(test)]
mod tests {
    use super::{IN_CODE, IN_TEXT, MACHINE_PATHS, in_source, in_text};
    use crate::source::Source;

    #[test]
    fn every_leftover_is_found_and_only_whole_words() {
        for leftover in IN_CODE {
            assert_eq!(in_source(&Source::new("a/src/b.rs", format!("fn f() {{ {leftover} }}"))).len(), 1);
            assert!(in_source(&Source::new("a/src/b.rs", format!("// {leftover}"))).is_empty());
        }
        for leftover in IN_TEXT.iter().chain(MACHINE_PATHS) {
            assert_eq!(in_text("a.md", &format!("see {leftover} there")).len(), 1);
        }
        assert!(in_text("a.md", &format!("A{}B", IN_TEXT[0])).is_empty());
        assert_eq!(in_text("a.md", "bell \u{7}").len(), 1);
    }
}
