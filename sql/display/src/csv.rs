//! Comma-separated values, quoted where they must be (RFC 4180, with lines that end as psql ends them).

use crate::{Options, Table, shown};

/// Writes the table.
pub fn write(table: &Table, options: &Options, out: &mut String) {
    let separator = options.csv_separator;
    if options.expanded {
        for row in table.shown_rows() {
            for (column, value) in table.columns.iter().zip(row) {
                line(&[&column.name, shown(value, options)], separator, out);
            }
        }
        return;
    }
    if !options.tuples_only {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        line(&names, separator, out);
    }
    for row in table.shown_rows() {
        let values: Vec<&str> = row.iter().map(|value| shown(value, options)).collect();
        line(&values, separator, out);
    }
}

fn line(values: &[&str], separator: char, out: &mut String) {
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            out.push(separator);
        }
        let quoted = value.contains(['"', '\n', '\r', separator]) || *value == "\\.";
        if quoted {
            out.push('"');
            out.push_str(&value.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(value);
        }
    }
    out.push('\n');
}
