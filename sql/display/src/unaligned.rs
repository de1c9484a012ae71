//! Values between separators, as they are.

use crate::{Options, Table, shown};

/// Writes the table.
pub fn write(table: &Table, options: &Options, out: &mut String) {
    if options.expanded { records(table, options, out) } else { rows(table, options, out) }
}

fn rows(table: &Table, options: &Options, out: &mut String) {
    let mut parts: Vec<String> = Vec::new();
    if !options.tuples_only {
        parts.extend(table.title.clone());
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        parts.push(names.join(&options.field_separator));
    }
    for row in table.shown_rows() {
        let values: Vec<&str> = row.iter().map(|value| shown(value, options)).collect();
        parts.push(values.join(&options.field_separator));
    }
    if options.footer && !options.tuples_only {
        parts.push(table.count());
    }
    finish(&parts, options, out);
}

fn records(table: &Table, options: &Options, out: &mut String) {
    let mut parts: Vec<String> = Vec::new();
    if !options.tuples_only {
        parts.extend(table.title.clone());
    }
    for (record, row) in table.shown_rows().iter().enumerate() {
        if record > 0 {
            parts.push(String::new());
        }
        for (column, value) in table.columns.iter().zip(row) {
            parts.push(format!("{}{}{}", column.name, options.field_separator, shown(value, options)));
        }
    }
    finish(&parts, options, out);
}

fn finish(parts: &[String], options: &Options, out: &mut String) {
    out.push_str(&parts.join(&options.record_separator));
    if !parts.is_empty() {
        out.push('\n');
    }
}
