//! The table: a row for each piece of work, how long it took, and how many times as fast as each of the others that is.

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use std::fmt;

/// The others, in the order of the columns.
pub const OTHERS: [&str; 3] = ["SQLite", "DuckDB", "PostgreSQL"];

/// A measured line: seconds of each, and how many times as fast as the others ours is.
pub struct Line {
    pub work: String,
    pub ours: Option<f64>,
    /// For each of [`OTHERS`] that was measured its seconds, and the ratio.
    pub others: Vec<Option<(f64, f64)>>,
    /// What else there is to say: answers that differ, statements that were refused.
    pub note: String,
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.work, self.ours.map_or("–".into(), time))?;
        for (name, other) in OTHERS.iter().zip(&self.others) {
            if let Some((seconds, ratio)) = other {
                write!(formatter, ", {name} {} ({ratio:.2} ×)", time(*seconds))?;
            }
        }
        if self.note.is_empty() { Ok(()) } else { write!(formatter, " [{}]", self.note) }
    }
}

/// Seconds in a unit that fits.
pub fn time(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1e-3 => format!("{:.2} µs", seconds * 1e6),
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.2} s"),
    }
}

/// Prints the lines.
pub fn table(lines: &[Line]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    let mut heads = vec!["work".to_owned(), "hornbeam".to_owned()];
    heads.extend(OTHERS.map(str::to_owned));
    heads.extend(OTHERS.map(|name| format!("× {name}")));
    heads.push("note".to_owned());
    table.set_header(heads.into_iter().map(|head| Cell::new(head).add_attribute(Attribute::Bold)));
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for line in lines {
        let mut cells = vec![Cell::new(&line.work), right(line.ours.map_or("–".into(), time))];
        cells.extend(line.others.iter().map(|other| right(other.map_or("–".into(), |other| time(other.0)))));
        cells.extend(line.others.iter().map(|other| match other {
            None => right("–".into()),
            Some((_, ratio)) => {
                let color = if *ratio >= 1.0 { Color::Green } else { Color::Red };
                right(format!("{ratio:.2}")).fg(color)
            }
        }));
        cells.push(Cell::new(&line.note));
        table.add_row(cells);
    }
    table
}
