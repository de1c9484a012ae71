//! A value cut into lines, with what a terminal cannot show spelled out, and its width on a terminal.

use unicode_width::UnicodeWidthChar;

/// A line of a value, and how many columns of a terminal it takes.
pub struct Line {
    pub text: String,
    pub width: usize,
}

/// The lines of a value; at least one.
pub fn lines(value: &str) -> Vec<Line> {
    value.split('\n').map(line).collect()
}

fn line(text: &str) -> Line {
    let mut line = Line { text: String::with_capacity(text.len()), width: 0 };
    for found in text.chars() {
        match found {
            '\r' => line.spell("\\r"),
            '\t' => {
                let blanks = 8 - line.width % 8;
                line.spell(&" ".repeat(blanks));
            }
            '\0'..='\x1f' | '\x7f' => line.spell(&format!("\\x{:02X}", u32::from(found))),
            '\u{80}'..='\u{9f}' => line.spell(&format!("\\u{:04X}", u32::from(found))),
            _ => {
                line.text.push(found);
                line.width += found.width().unwrap_or(0);
            }
        }
    }
    line
}

impl Line {
    fn spell(&mut self, ascii: &str) {
        self.text.push_str(ascii);
        self.width += ascii.len();
    }
}

/// The width of the widest line.
pub fn width(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.width).max().unwrap_or(0)
}

/// Blanks.
pub fn pad(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}
