//! The table: a line for each kind of work, ratios, and whether the aim was reached.

use crate::measure::median;
use crate::report::number;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use std::fmt;

/// A measured line: figures of each round, ours first. More is better, unless it is of something that is used.
#[derive(Debug)]
pub struct Line {
    pub work: String,
    pub unit: &'static str,
    pub figures: Vec<Vec<f64>>,
    /// How many times as good as PostgreSQL it is to be.
    pub aim: f64,
}

/// Units of which less is better.
const LESS: [&str; 3] = ["MiB", "KiB", "ms"];

impl Line {
    fn figure(&self, host: usize) -> Option<f64> {
        self.figures.get(host).and_then(|rounds| median(rounds.clone()))
    }

    /// How many times as good as the other: the median of the rounds' ratios.
    fn ratio(&self) -> Option<f64> {
        let [ours, theirs] = self.figures.as_slice() else { return None };
        let is_less = LESS.contains(&self.unit);
        let ratio = |(ours, theirs): (&f64, &f64)| if is_less { theirs / ours } else { ours / theirs };
        median(ours.iter().zip(theirs).map(ratio).collect())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |host| self.figure(host).map_or("–".into(), number);
        write!(formatter, "{}: {} {}, PostgreSQL {}", self.work, figure(0), self.unit, figure(1))?;
        match self.ratio() {
            Some(ratio) => write!(formatter, " ({ratio:.2} × as good; aim {})", self.aim),
            None => Ok(()),
        }
    }
}

/// The lines as a table.
pub fn table(lines: &[Line], hosts: usize) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    let heads = ["work", "unit", "hornbeam", "PostgreSQL", "× as good", "aim", "reached"];
    table.set_header(heads.map(|head| Cell::new(head).add_attribute(Attribute::Bold)));
    for line in lines {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let mut cells = vec![Cell::new(&line.work), Cell::new(line.unit)];
        cells.extend((0..2).map(|host| right(line.figure(host).map_or("–".into(), number))));
        let ratio = line.ratio();
        cells.push(right(ratio.map_or("–".into(), |ratio| format!("{ratio:.2}"))));
        cells.push(right(format!("{}", line.aim)));
        cells.push(match ratio {
            Some(ratio) if ratio >= line.aim => Cell::new("yes").fg(Color::Green),
            Some(_) => Cell::new("no").fg(Color::Red),
            None => Cell::new("–"),
        });
        table.add_row(cells);
    }
    let note = if hosts < 2 { "\nThere was no PostgreSQL to compare with." } else { "" };
    format!("{table}{note}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_better_of_what_is_used() {
        let line = |unit, ours, theirs| Line {
            work: String::new(),
            unit,
            figures: vec![vec![ours], vec![theirs]],
            aim: 1.0,
        };
        assert_eq!(line("MiB", 10.0, 40.0).ratio(), Some(4.0));
        assert_eq!(line("transactions/s", 10.0, 40.0).ratio(), Some(0.25));
    }
}
