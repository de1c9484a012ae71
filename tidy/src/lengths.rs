//! How long functions and files are.

use crate::source::Source;

/// A function is at most this many lines long, from its `fn` to its closing brace.
pub const FUNCTION_LINES: usize = 70;
/// A file has at most this many lines of code: those that are not blank and not all comment.
pub const FILE_LINES: usize = 800;

/// What is longer, with its length: `path` for a file, `path: name` for a function. The list may only shrink: an
/// entry must be exact, so whoever shortens one lowers or strikes it.
pub const TOO_LONG: &[(&str, usize)] = &[];

/// Files and functions of `source` that are over the limits, as they would stand in [`TOO_LONG`].
pub fn too_long(source: &Source) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let lines = source.code.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > FILE_LINES {
        found.push((source.path.clone(), lines));
    }
    for (name, lines) in functions(&source.code) {
        if lines > FUNCTION_LINES {
            found.push((format!("{}: {name}", source.path), lines));
        }
    }
    found
}

/// The functions that have a body, with their names and lengths in lines.
fn functions(code: &str) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        let inside_a_word =
            code[..start].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '_');
        let name = code[start + 3..]
            .split(|character: char| !character.is_alphanumeric() && character != '_')
            .next();
        let Some(name) = name.filter(|name| !name.is_empty() && !inside_a_word) else { continue };
        if let Some(end) = body_end(code, start) {
            found.push((name, code[start..end].lines().count()));
        }
    }
    found
}

/// The end of the body of the function whose `fn` stands at `start`; a declaration has none.
fn body_end(code: &str, start: usize) -> Option<usize> {
    let (mut braces, mut others) = (0usize, 0usize);
    for (index, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => braces += 1,
            b'}' => {
                // A closing brace before any opening one ends what surrounds a declaration.
                braces = braces.checked_sub(1)?;
                if braces == 0 {
                    return Some(index + 1);
                }
            }
            b'(' | b'[' if braces == 0 => others += 1,
            b')' | b']' if braces == 0 => others = others.checked_sub(1)?,
            b';' if braces == 0 && others == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{FILE_LINES, FUNCTION_LINES, too_long};
    use crate::source::Source;

    #[test]
    fn a_function_over_the_limit_is_found_and_one_at_it_is_not() {
        let body = |lines: usize| {
            format!("fn long(array: [u8; 4])\n{{\n{}}}\nfn short();\n", "x();\n".repeat(lines))
        };
        assert!(too_long(&Source::new("a/src/b.rs", body(FUNCTION_LINES - 3))).is_empty());
        let found = too_long(&Source::new("a/src/b.rs", body(FUNCTION_LINES - 2)));
        assert_eq!(found, [("a/src/b.rs: long".to_owned(), FUNCTION_LINES + 1)]);
    }

    #[test]
    fn a_file_over_the_limit_is_found_and_comments_do_not_count() {
        let text = "use x;\n".repeat(FILE_LINES) + &"// why\n\n".repeat(500);
        assert!(too_long(&Source::new("a/src/b.rs", text.clone())).is_empty());
        assert_eq!(too_long(&Source::new("a/src/b.rs", text + "use y;\n")).len(), 1);
    }
}
