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
    /// Our seconds when the same question comes again and its result has been kept; none where nothing was kept or asked again.
    pub kept: Option<f64>,
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
        if let Some(kept) = self.kept {
            write!(formatter, ", with its result kept {}", time(kept))?;
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

/// A table with these heads.
fn headed(heads: impl IntoIterator<Item = String>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(heads.into_iter().map(|head| Cell::new(head).add_attribute(Attribute::Bold)));
    table
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// How many times as fast; whoever is slower stands out.
fn ratio_cell(ratio: Option<f64>) -> Cell {
    match ratio {
        None => right("–".into()),
        Some(ratio) => {
            let color = if ratio >= 1.0 { Color::Green } else { Color::Red };
            right(format!("{ratio:.2}")).fg(color)
        }
    }
}

/// Prints the lines, every result computed.
pub fn table(lines: &[Line]) -> Table {
    let names = OTHERS.map(str::to_owned);
    let ratios = OTHERS.map(|name| format!("× {name}"));
    let first = ["work".to_owned(), "hornbeam".to_owned()];
    let mut table = headed(first.into_iter().chain(names).chain(ratios).chain(["note".to_owned()]));
    for line in lines {
        let mut cells = vec![Cell::new(&line.work), right(line.ours.map_or("–".into(), time))];
        cells.extend(line.others.iter().map(|other| right(other.map_or("–".into(), |other| time(other.0)))));
        cells.extend(line.others.iter().map(|other| ratio_cell(other.map(|other| other.1))));
        cells.push(Cell::new(&line.note));
        table.add_row(cells);
    }
    table
}

/// Prints the lines whose questions were asked again with the result cache on; none if there are none. The others keep no results,
/// so that their times are those of the first table.
pub fn kept_table(lines: &[Line]) -> Option<Table> {
    let mut table = headed(
        ["work".to_owned(), "hornbeam, its result kept".to_owned()]
            .into_iter()
            .chain(OTHERS.map(|name| format!("× {name}"))),
    );
    for line in lines {
        let Some(kept) = line.kept else { continue };
        let mut cells = vec![Cell::new(&line.work), right(time(kept))];
        cells.extend(line.others.iter().map(|other| ratio_cell(other.map(|(seconds, _)| seconds / kept))));
        table.add_row(cells);
    }
    (!table.is_empty()).then_some(table)
}
