//! A table of Markdown (GitHub's form).

use crate::{Content, Options, Table, shown};

/// Writes the table.
pub fn write(table: &Table, options: &Options, out: &mut String) {
    let mut line = |values: &mut dyn Iterator<Item = String>| {
        out.push('|');
        for value in values {
            out.push_str(&format!(" {value} |"));
        }
        out.push('\n');
    };
    line(&mut table.columns.iter().map(|column| escaped(&column.name)));
    line(
        &mut table.columns.iter().map(|column| {
            if column.content == Content::Number { "---:".to_owned() } else { "---".to_owned() }
        }),
    );
    for row in &table.rows {
        line(&mut row.iter().map(|value| escaped(shown(value, options))));
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('\n', "<br>").replace('\r', "")
}
