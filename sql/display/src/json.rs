//! An array of objects, one for each row, one line each.

use crate::{Content, Table};

/// Writes the table.
pub fn write(table: &Table, out: &mut String) {
    out.push('[');
    for (place, row) in table.rows.iter().enumerate() {
        out.push_str(if place == 0 { "\n  {" } else { ",\n  {" });
        for (place, (column, value)) in table.columns.iter().zip(row).enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            out.push_str(&quoted(&column.name));
            out.push_str(": ");
            out.push_str(&json(column.content, value.as_deref()));
        }
        out.push('}');
    }
    out.push_str(if table.rows.is_empty() { "]\n" } else { "\n]\n" });
}

fn json(content: Content, value: Option<&str>) -> String {
    let Some(value) = value else { return "null".into() };
    match content {
        Content::Boolean if value == "t" => "true".into(),
        Content::Boolean if value == "f" => "false".into(),
        // NaN and infinities are no numbers of json.
        Content::Number | Content::Json if serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok() => {
            value.into()
        }
        Content::Boolean | Content::Number | Content::Json | Content::Text => quoted(value),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
