//! Columns below their names, as wide as their widest value.

use crate::cell::{Line, lines, pad, width};
use crate::{Content, Options, Table, shown};

/// Writes the table.
pub fn write(table: &Table, options: &Options, out: &mut String) {
    let headers: Vec<Vec<Line>> = table.columns.iter().map(|column| lines(&column.name)).collect();
    let rows: Vec<Vec<Vec<Line>>> =
        table.rows.iter().map(|row| row.iter().map(|value| lines(shown(value, options))).collect()).collect();
    let widths = column_widths(&headers, &rows);
    let layout = Layout { options, widths: &widths };
    if !options.tuples_only {
        if let Some(title) = &table.title {
            layout.title(title, out);
        }
        if options.border == 2 {
            layout.rule(out);
        }
        if !headers.is_empty() {
            layout.header(&headers, out);
        }
        layout.rule(out);
    }
    for row in rows.iter().filter(|row| !row.is_empty()) {
        layout.row(table, row, out);
    }
    if options.border == 2 {
        layout.rule(out);
    }
    if options.footer && !options.tuples_only {
        out.push_str(&table.count());
        out.push('\n');
    }
    out.push('\n');
}

fn column_widths(headers: &[Vec<Line>], rows: &[Vec<Vec<Line>>]) -> Vec<usize> {
    let mut widths: Vec<usize> = headers.iter().map(|header| width(header)).collect();
    for row in rows {
        for (column, value) in row.iter().enumerate() {
            widths[column] = widths[column].max(width(value));
        }
    }
    widths
}

struct Layout<'a> {
    options: &'a Options,
    widths: &'a [usize],
}

impl Layout<'_> {
    fn title(&self, title: &str, out: &mut String) {
        let count = self.widths.len();
        let around = match self.options.border {
            0 => count.saturating_sub(1),
            1 => (count * 3).saturating_sub(1),
            _ => count * 3 + 1,
        };
        let total: usize = self.widths.iter().sum::<usize>() + around;
        let title_width = width(&lines(title));
        pad(out, total.saturating_sub(title_width) / 2);
        out.push_str(title);
        out.push('\n');
    }

    fn rule(&self, out: &mut String) {
        let (left, between, right, side) = match self.options.border {
            0 => ("", " ", "", ""),
            1 => ("", "+", "", "-"),
            _ => ("+", "+", "+", "-"),
        };
        if self.widths.is_empty() {
            out.push_str(["\n", "--\n", "+--+\n"][usize::from(self.options.border.min(2))]);
            return;
        }
        out.push_str(left);
        for (column, width) in self.widths.iter().enumerate() {
            if column > 0 {
                out.push_str(between);
            }
            out.push_str(side);
            out.extend(std::iter::repeat_n('-', *width));
            out.push_str(side);
        }
        out.push_str(right);
        out.push('\n');
    }

    /// Names stand in the middle; of several lines all but the last of a name are marked.
    fn header(&self, headers: &[Vec<Line>], out: &mut String) {
        let height = headers.iter().map(Vec::len).max().unwrap_or(1);
        for at in 0..height {
            if self.options.border == 2 {
                out.push('|');
            }
            for (column, header) in headers.iter().enumerate() {
                if self.options.border > 0 && column > 0 {
                    out.push('|');
                }
                if self.options.border > 0 {
                    out.push(' ');
                }
                let line = header.get(at);
                let blanks = self.widths[column] - line.map_or(0, |line| line.width);
                pad(out, blanks / 2);
                if let Some(line) = line {
                    out.push_str(&line.text);
                }
                pad(out, blanks - blanks / 2);
                out.push(if at + 1 < header.len() { '+' } else { ' ' });
            }
            if self.options.border == 2 {
                out.push('|');
            }
            out.push('\n');
        }
    }

    fn row(&self, table: &Table, row: &[Vec<Line>], out: &mut String) {
        let height = row.iter().map(Vec::len).max().unwrap_or(1);
        for at in 0..height {
            if self.options.border == 2 {
                out.push_str("| ");
            } else if self.options.border == 1 {
                out.push(' ');
            }
            for (column, value) in row.iter().enumerate() {
                self.value(table, column, value, at, out);
            }
            if self.options.border == 2 {
                out.push('|');
            }
            out.push('\n');
        }
    }

    fn value(&self, table: &Table, column: usize, value: &[Line], at: usize, out: &mut String) {
        let line = value.get(at);
        let blanks = self.widths[column] - line.map_or(0, |line| line.width);
        let last = column + 1 == self.widths.len();
        let right = table.columns[column].content == Content::Number;
        let continues = at + 1 < value.len();
        if right {
            pad(out, blanks);
        }
        if let Some(line) = line {
            out.push_str(&line.text);
        }
        if !right && (!last || self.options.border == 2 || continues) {
            pad(out, blanks);
        }
        if continues {
            out.push('+');
        } else if !last || self.options.border == 2 {
            out.push(' ');
        }
        if !last && self.options.border > 0 {
            out.push_str("| ");
        }
    }
}
