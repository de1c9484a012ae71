//! One source file, and its text with comments and literals blanked out.

use std::ops::Range;

/// A Rust source file.
pub struct Source {
    /// Its path from the workspace's root, with `/` between the parts.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The same text, as long to the byte and line for line, with comments and the insides of literals as blanks.
    pub code: String,
}

impl Source {
    /// A file with this text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        Source { path: path.into(), code: blank(&text), text }
    }

    /// The crate's directory: the first part of the path.
    pub fn package(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Whether it is part of what a crate ships, not of its tests, examples or benchmarks.
    pub fn is_shipped(&self) -> bool {
        // A member's sources lie under its own `src`, wherever the member lies: `store/src`, `sql/types/src`.
        self.path.split('/').skip(1).take(2).any(|part| part == "src")
            && !self.path.ends_with("/tests.rs")
            && !self.path.contains("/tests/")
    }

    /// The code without the modules and functions under `#[cfg(test)]`, which are blanked out as well.
    pub fn shipped_code(&self) -> String {
        let mut code = self.code.clone();
        while let Some(start) = code.find("#[cfg(test)]").or_else(|| code.find("#[cfg(all(test")) {
            let end = end_of_item(&code, start);
            blank_range(&mut code, start..end);
        }
        code
    }

    /// The number of the line in which the byte at `offset` lies, from 1.
    pub fn line_at(&self, offset: usize) -> usize {
        self.text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

/// Where the item that an attribute at `start` belongs to ends: after its block, or its semicolon.
fn end_of_item(code: &str, start: usize) -> usize {
    let mut depth = 0usize;
    for (index, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            b';' if depth == 0 => return index + 1,
            _ => {}
        }
    }
    code.len()
}

/// Replaces all but line ends in `range` by blanks.
fn blank_range(code: &mut String, range: Range<usize>) {
    let blanks: String =
        code[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    code.replace_range(range, &blanks);
}

/// Blanks out comments and the insides of string, byte and character literals.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => block_comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' if starts_raw_string(bytes, at) => raw_string_end(bytes, at),
            b'\'' => character_end(bytes, at),
            _ => {
                at += 1;
                continue;
            }
        };
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    // Only whole characters were replaced, each by as many blanks as it has bytes.
    String::from_utf8(code).expect("literals and comments begin and end at characters")
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| start + length)
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn starts_raw_string(bytes: &[u8], start: usize) -> bool {
    let inside_a_name = start > 0 && (bytes[start - 1].is_ascii_alphanumeric() || bytes[start - 1] == b'_');
    let byte_prefix = start > 0 && bytes[start - 1] == b'b';
    let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
    (!inside_a_name || byte_prefix) && bytes.get(start + 1 + hashes) == Some(&b'"')
}

fn raw_string_end(bytes: &[u8], start: usize) -> usize {
    let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
    let closing = [vec![b'"'], vec![b'#'; hashes]].concat();
    let inside = start + 2 + hashes;
    bytes[inside..]
        .windows(closing.len())
        .position(|window| window == closing)
        .map_or(bytes.len(), |length| inside + length + closing.len())
}

/// The end of a character literal, or just past the apostrophe when it begins a lifetime.
fn character_end(bytes: &[u8], start: usize) -> usize {
    if bytes.get(start + 1) == Some(&b'\\') {
        let rest = &bytes[(start + 3).min(bytes.len())..];
        return rest.iter().position(|byte| *byte == b'\'').map_or(bytes.len(), |length| start + 4 + length);
    }
    let first = bytes.get(start + 1).copied().unwrap_or_default();
    let width = match first {
        0x00..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    if bytes.get(start + 1 + width) == Some(&b'\'') { start + 2 + width } else { start + 1 }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn comments_and_literals_are_blanked_and_lines_stay() {
        let text =
            "a(\"x // y\\\"\"); // gone\nb(r#\"\"std::fs\"#, b'\\'', 'é', &'static str) /* /* { */ } */ c";
        let source = Source::new("crate/src/lib.rs", text);
        assert_eq!(source.code.len(), text.len());
        assert_eq!(source.code.lines().count(), 2);
        let words: Vec<&str> = source.code.split_whitespace().collect();
        assert_eq!(words.concat(), "a();b(,b,,&staticstr)c");
    }

    #[test]
    fn test_modules_are_not_shipped() {
        let source =
            Source::new("crate/src/lib.rs", "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}\n");
        let words: Vec<String> = source.shipped_code().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.concat(), "fna(){}fnc(){}");
    }
}
