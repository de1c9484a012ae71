//! `FORMAT YAML`.

use super::json::quoted;
use super::structured::{Fields, Said};

/// The text of plans.
pub(super) fn write(plans: &[Fields]) -> String {
    let mut text = String::new();
    for (place, plan) in plans.iter().enumerate() {
        text.push_str(if place > 0 { "\n- " } else { "- " });
        group(plan, 1, &mut text);
    }
    text
}

/// Fields, the first of which goes on in the line where they begin.
fn group(fields: &Fields, depth: usize, text: &mut String) {
    for (place, (name, said)) in fields.iter().enumerate() {
        if place > 0 {
            line(depth, text);
        }
        text.push_str(&format!("{name}: "));
        match said {
            Said::Text(value) => text.push_str(&quoted(value)),
            Said::Plain(value) => text.push_str(value),
            Said::Texts(values) => {
                for value in values {
                    line(depth + 1, text);
                    text.push_str(&format!("- {}", quoted(value)));
                }
            }
            Said::Group(fields) => {
                if !fields.is_empty() {
                    line(depth + 1, text);
                }
                group(fields, depth + 1, text);
            }
            Said::Groups(_, groups) => {
                for fields in groups {
                    line(depth + 1, text);
                    text.push_str("- ");
                    group(fields, depth + 2, text);
                }
            }
        }
    }
}

fn line(depth: usize, text: &mut String) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}
