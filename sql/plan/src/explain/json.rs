//! `FORMAT JSON`.

use super::structured::{Fields, Said};

/// The text of plans.
pub(super) fn write(plans: &[Fields]) -> String {
    let mut text = String::from("[");
    groups(plans, 1, &mut text);
    text.push_str("\n]");
    text
}

fn groups(groups: &[Fields], depth: usize, text: &mut String) {
    for (place, fields) in groups.iter().enumerate() {
        text.push_str(if place > 0 { ",\n" } else { "\n" });
        text.push_str(&"  ".repeat(depth));
        group(fields, depth, text);
    }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

fn group(fields: &Fields, depth: usize, text: &mut String) {
    let blanks = "  ".repeat(depth + 1);
    text.push('{');
    for (place, (name, said)) in fields.iter().enumerate() {
        text.push_str(if place > 0 { ",\n" } else { "\n" });
        text.push_str(&format!("{blanks}{}: ", quoted(name)));
        match said {
            Said::Text(value) => text.push_str(&quoted(value)),
            Said::Plain(value) => text.push_str(value),
            Said::Texts(values) => {
                let values = values.iter().map(|value| quoted(value)).collect::<Vec<_>>();
                text.push_str(&format!("[{}]", values.join(", ")));
            }
            Said::Group(fields) => group(fields, depth + 1, text),
            Said::Groups(_, all) => {
                text.push('[');
                groups(all, depth + 2, text);
                text.push_str(&format!("\n{blanks}]"));
            }
        }
    }
    text.push_str(&format!("\n{}}}", "  ".repeat(depth)));
}
