//! `FORMAT XML`.

use super::structured::{Fields, Said};

/// The text of plans.
pub(super) fn write(plans: &[Fields]) -> String {
    let mut text = String::from("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n");
    plans.iter().for_each(|plan| group("Query", plan, 1, &mut text));
    text.push_str("</explain>");
    text
}

fn group(name: &str, fields: &Fields, depth: usize, text: &mut String) {
    within(name, depth, text, |text| {
        for (name, said) in fields {
            match said {
                Said::Text(value) | Said::Plain(value) => single(name, value, depth + 1, text),
                Said::Texts(values) => within(name, depth + 1, text, |text| {
                    values.iter().for_each(|value| single("Item", value, depth + 2, text));
                }),
                Said::Group(fields) => group(name, fields, depth + 1, text),
                Said::Groups(each, groups) => within(name, depth + 1, text, |text| {
                    groups.iter().for_each(|fields| group(each, fields, depth + 2, text));
                }),
            }
        }
    });
}

fn within(name: &str, depth: usize, text: &mut String, inner: impl FnOnce(&mut String)) {
    let (blanks, tag) = ("  ".repeat(depth), tag(name));
    text.push_str(&format!("{blanks}<{tag}>\n"));
    inner(text);
    text.push_str(&format!("{blanks}</{tag}>\n"));
}

fn single(name: &str, value: &str, depth: usize, text: &mut String) {
    let (blanks, tag) = ("  ".repeat(depth), tag(name));
    text.push_str(&format!("{blanks}<{tag}>{}</{tag}>\n", escaped(value)));
}

/// A name as that of an element.
fn tag(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    name.chars().map(|letter| if fits(letter) { letter } else { '-' }).collect()
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#x0d;")
}
