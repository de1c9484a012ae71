//! A line for each value: its column's name, and the value beside it.

use crate::cell::{Line, lines, pad, width};
use crate::{Options, Table, shown};

/// Writes the table.
pub fn write(table: &Table, options: &Options, out: &mut String) {
    if table.rows.is_empty() || table.columns.is_empty() {
        if !options.tuples_only {
            out.push_str(&table.count());
            out.push('\n');
        }
        out.push('\n');
        return;
    }
    if let Some(title) = table.title.as_ref().filter(|_| !options.tuples_only) {
        out.push_str(title);
        out.push('\n');
    }
    let headers: Vec<Vec<Line>> = table.columns.iter().map(|column| lines(&column.name)).collect();
    let rows: Vec<Vec<Vec<Line>>> =
        table.rows.iter().map(|row| row.iter().map(|value| lines(shown(value, options))).collect()).collect();
    let name_width = headers.iter().map(|header| width(header)).max().unwrap_or(0);
    let value_width = rows.iter().flatten().map(|value| width(value)).max().unwrap_or(0);
    let layout = Layout {
        border: options.border,
        name_width,
        value_width,
        // A mark of continuation behind a name takes a place of its own.
        marked: options.border == 0 && headers.iter().any(|header| header.len() > 1),
    };
    for (record, row) in rows.iter().enumerate() {
        if !options.tuples_only {
            layout.rule(Some(record + 1), out);
        } else if record > 0 || options.border == 2 {
            layout.rule(None, out);
        }
        for (header, value) in headers.iter().zip(row) {
            layout.value(header, value, out);
        }
    }
    if options.border == 2 {
        layout.rule(None, out);
    }
    out.push('\n');
}

struct Layout {
    border: u8,
    name_width: usize,
    value_width: usize,
    marked: bool,
}

impl Layout {
    /// The line above a record, with its number.
    fn rule(&self, record: Option<usize>, out: &mut String) {
        let label = record.map(|record| match self.border {
            0 => format!("* Record {record}"),
            1 => format!("-[ RECORD {record} ]"),
            _ => format!("+-[ RECORD {record} ]"),
        });
        let Some(label) = label else {
            self.plain_rule(out);
            return;
        };
        out.push_str(&label);
        let mut at = label.len();
        let name_end = match self.border {
            0 => self.name_width + usize::from(self.marked),
            1 => self.name_width + 1,
            _ => self.name_width + 3,
        };
        let end = match self.border {
            0 => name_end + self.value_width,
            1 => name_end + 1 + self.value_width + 1,
            _ => name_end + 1 + self.value_width + 2,
        };
        let (fill, cross) = if self.border == 0 { (' ', ' ') } else { ('-', '+') };
        if self.border == 0 {
            while at < end {
                out.push(fill);
                at += 1;
            }
            out.push('\n');
            return;
        }
        while at < name_end {
            out.push(fill);
            at += 1;
        }
        if at == name_end {
            out.push(cross);
            at += 1;
        }
        while at < end {
            out.push(fill);
            at += 1;
        }
        if self.border == 2 {
            out.push_str(if at > end { "-+" } else { "+" });
        }
        out.push('\n');
    }

    fn plain_rule(&self, out: &mut String) {
        let dashes = |out: &mut String, count: usize| out.extend(std::iter::repeat_n('-', count));
        match self.border {
            0 => pad(out, self.name_width + self.value_width),
            1 => {
                dashes(out, self.name_width + 1);
                out.push('+');
                dashes(out, self.value_width + 1);
            }
            _ => {
                out.push('+');
                dashes(out, self.name_width + 2);
                out.push('+');
                dashes(out, self.value_width + 2);
                out.push('+');
            }
        }
        out.push('\n');
    }

    fn value(&self, header: &[Line], value: &[Line], out: &mut String) {
        for at in 0..header.len().max(value.len()) {
            if self.border == 2 {
                out.push_str("| ");
            }
            let name = header.get(at);
            if let Some(name) = name {
                out.push_str(&name.text);
            }
            pad(out, self.name_width - name.map_or(0, |name| name.width));
            out.push_str(match (at + 1 < header.len(), self.border) {
                (true, _) => "+",
                (false, 0) if !self.marked => "",
                (false, _) => " ",
            });
            if self.border > 0 {
                out.push('|');
            }
            if at < value.len() || self.border == 2 {
                out.push(' ');
            }
            self.line(value, at, out);
            out.push('\n');
        }
    }

    fn line(&self, value: &[Line], at: usize, out: &mut String) {
        let line = value.get(at);
        if let Some(line) = line {
            out.push_str(&line.text);
        }
        let continues = at + 1 < value.len();
        if continues || self.border == 2 {
            pad(out, self.value_width - line.map_or(0, |line| line.width));
        }
        if continues {
            out.push('+');
        } else if self.border == 2 {
            out.push(' ');
        }
        if self.border == 2 {
            out.push('|');
        }
    }
}
