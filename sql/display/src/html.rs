//! A table of HTML.

use crate::{Content, Options, Table, shown};

/// Writes the table.
pub fn write(table: &Table, options: &Options, out: &mut String) {
    out.push_str(&format!("<table border=\"{}\">\n", options.border));
    if !options.tuples_only
        && let Some(title) = &table.title
    {
        out.push_str(&format!("  <caption>{}</caption>\n", escaped(title)));
    }
    if options.expanded { records(table, options, out) } else { rows(table, options, out) }
}

fn rows(table: &Table, options: &Options, out: &mut String) {
    if !options.tuples_only {
        out.push_str("  <tr>\n");
        for column in &table.columns {
            out.push_str(&format!("    <th align=\"center\">{}</th>\n", escaped(&column.name)));
        }
        out.push_str("  </tr>\n");
    }
    for row in table.shown_rows() {
        out.push_str("  <tr valign=\"top\">\n");
        for (column, value) in row.iter().enumerate() {
            cell(table, column, shown(value, options), out);
        }
        out.push_str("  </tr>\n");
    }
    out.push_str("</table>\n");
    if options.footer && !options.tuples_only {
        out.push_str(&format!("<p>{}<br />\n</p>", table.count()));
    }
    out.push('\n');
}

fn records(table: &Table, options: &Options, out: &mut String) {
    for (record, row) in table.shown_rows().iter().enumerate() {
        if options.tuples_only {
            out.push_str("\n  <tr><td colspan=\"2\">&nbsp;</td></tr>\n");
        } else {
            out.push_str(&format!(
                "\n  <tr><td colspan=\"2\" align=\"center\">Record {}</td></tr>\n",
                record + 1
            ));
        }
        for (column, value) in row.iter().enumerate() {
            out.push_str("  <tr valign=\"top\">\n");
            out.push_str(&format!("    <th>{}</th>\n", escaped(&table.columns[column].name)));
            cell(table, column, shown(value, options), out);
            out.push_str("  </tr>\n");
        }
    }
    out.push_str("</table>\n\n");
}

fn cell(table: &Table, column: usize, value: &str, out: &mut String) {
    let side = if table.columns[column].content == Content::Number { "right" } else { "left" };
    // An empty cell would lose its borders.
    let blank = value.chars().all(|found| found == ' ');
    let text = if blank { "&nbsp; ".to_owned() } else { escaped(value) };
    out.push_str(&format!("    <td align=\"{side}\">{text}</td>\n"));
}

/// Blanks at the beginning, which HTML would swallow, are kept.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut leading = true;
    for found in text.chars() {
        match found {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br />\n"),
            ' ' if leading => out.push_str("&nbsp;"),
            _ => out.push(found),
        }
        leading &= found == ' ';
    }
    out
}
