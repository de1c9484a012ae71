//! Scripts into statements: psql's, SQLLogicTest's, isolation tests'.

use std::path::Path;

/// The statements of a script, by the kind that its name says.
pub fn statements(path: &Path, text: &str) -> Vec<String> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("test") => logic(text),
        Some("spec") => braces(text).iter().flat_map(|block| psql(block)).collect(),
        _ => psql(text),
    }
}

/// SQLLogicTest: records end at an empty line, results stand behind `----`.
fn logic(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for record in text.split("\n\n") {
        let mut lines = record.lines().skip_while(|line| {
            line.starts_with('#')
                || line.starts_with("skipif")
                || line.starts_with("onlyif")
                || line.is_empty()
        });
        let head = lines.next().unwrap_or("");
        if head.starts_with("statement") || head.starts_with("query") {
            found.push(lines.take_while(|line| *line != "----").collect::<Vec<_>>().join("\n"));
        }
    }
    found
}

/// What stands in braces in an isolation test.
fn braces(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        let close = rest.find('}').unwrap_or(rest.len());
        found.push(rest[..close].to_owned());
        rest = &rest[close..];
    }
    found
}

/// A psql script being split.
struct Splitter<'a> {
    text: &'a str,
    place: usize,
    start: usize,
    parentheses: usize,
    /// Words of the statement so far, at most four: `BEGIN ATOMIC` counts in routines only.
    words: Vec<String>,
    blocks: usize,
    found: Vec<String>,
    buffer: String,
}

fn psql(text: &str) -> Vec<String> {
    let mut splitter = Splitter {
        text,
        place: 0,
        start: 0,
        parentheses: 0,
        words: Vec::new(),
        blocks: 0,
        found: Vec::new(),
        buffer: String::new(),
    };
    while splitter.place < text.len() {
        splitter.step();
    }
    splitter.end(text.len());
    splitter.found
}

impl Splitter<'_> {
    fn rest(&self) -> &str {
        &self.text[self.place..]
    }

    fn step(&mut self) {
        let rest = self.rest();
        let byte = rest.as_bytes()[0];
        match byte {
            _ if rest.starts_with("--") => self.skip_to('\n'),
            _ if rest.starts_with("/*") => self.comment(),
            b'\'' => {
                let escapes = self.place > 0 && matches!(self.text.as_bytes()[self.place - 1], b'e' | b'E');
                self.quoted('\'', escapes);
            }
            b'"' => self.quoted('"', false),
            b'$' => self.dollar(),
            b'\\' => self.backslash(),
            b'(' => {
                self.parentheses += 1;
                self.place += 1;
            }
            b')' => {
                self.parentheses = self.parentheses.saturating_sub(1);
                self.place += 1;
            }
            b';' if self.parentheses == 0 && self.blocks == 0 => {
                self.place += 1;
                let copies = self.end(self.place);
                if copies {
                    self.copied();
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            _ => self.place += rest.chars().next().map_or(1, char::len_utf8),
        }
    }

    fn skip_to(&mut self, end: char) {
        self.place += self.rest().find(end).unwrap_or(self.rest().len());
    }

    fn comment(&mut self) {
        let mut depth = 0;
        while self.place < self.text.len() {
            let rest = self.rest().as_bytes();
            if rest.starts_with(b"/*") {
                depth += 1;
                self.place += 2;
            } else if rest.starts_with(b"*/") {
                depth -= 1;
                self.place += 2;
                if depth == 0 {
                    return;
                }
            } else {
                self.place += 1;
                while !self.text.is_char_boundary(self.place) {
                    self.place += 1;
                }
            }
        }
    }

    fn quoted(&mut self, quote: char, escapes: bool) {
        self.place += 1;
        let mut characters = self.rest().char_indices();
        let mut end = self.text.len();
        while let Some((at, character)) = characters.next() {
            if escapes && character == '\\' {
                characters.next();
            } else if character == quote {
                end = self.place + at + 1;
                break;
            }
        }
        self.place = end;
    }

    fn dollar(&mut self) {
        let rest = self.rest();
        let tag = rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_')).map(|at| &rest[..at + 2]);
        match tag {
            Some(tag) if tag.ends_with('$') && !tag[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                let length = rest[tag.len()..].find(tag).map_or(rest.len(), |at| at + 2 * tag.len());
                self.place += length;
            }
            _ => self.place += 1,
        }
    }

    fn word(&mut self) {
        let rest = self.rest();
        let length =
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
        let word = rest[..length].to_ascii_lowercase();
        self.place += length;
        if self.words.len() < 4 {
            self.words.push(word.clone());
        }
        let kind = self.words.iter().position(|word| word == "function" || word == "procedure");
        let routine = self.words[0] == "create" && matches!(kind, Some(1 | 3));
        if routine && self.parentheses == 0 {
            match word.as_str() {
                "begin" => self.blocks += 1,
                "case" if self.blocks > 0 => self.blocks += 1,
                "end" => self.blocks = self.blocks.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// A command of psql's: some of them send the statement before them.
    fn backslash(&mut self) {
        if self.rest().starts_with("\\;") {
            self.place += 2;
            return;
        }
        let sends =
            ["\\g", "\\crosstabview", "\\watch"].iter().any(|command| self.rest().starts_with(command));
        let resets = self.rest().starts_with("\\r");
        let at = self.place;
        if sends {
            self.end(at);
        } else if resets {
            self.buffer.clear();
        } else {
            self.buffer.push_str(&self.text[self.start..at]);
        }
        self.skip_to('\n');
        self.start = self.place;
    }

    /// Ends a statement at `to`; whether data follow it.
    fn end(&mut self, to: usize) -> bool {
        let mut statement = std::mem::take(&mut self.buffer);
        statement.push_str(&self.text[self.start..to]);
        self.start = to;
        self.words.clear();
        self.blocks = 0;
        self.parentheses = 0;
        let folded = statement.trim().to_ascii_lowercase();
        let copies = folded.contains("copy") && folded.contains("from stdin");
        if !folded.is_empty() {
            self.found.push(statement);
        }
        copies
    }

    /// Skips the data behind `COPY … FROM stdin`.
    fn copied(&mut self) {
        let length = self.rest().find("\n\\.").map_or(0, |at| at + 3);
        self.place += length;
        self.start = self.place;
    }
}
