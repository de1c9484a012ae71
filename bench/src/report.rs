//! The table: one line per kind of work, ratios, and whether the aim was reached.

use crate::engine::Kind;
use crate::measure::median;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use std::fmt;

/// What a line aims at.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// At least so many times SQLite's rate, and no less than redb's.
    Sqlite(f64),
    /// At least as good as the better of the two.
    Level,
    /// At least so many, whatever the others do.
    AtLeast(f64),
    /// At most so many bytes.
    AtMost(f64),
}

/// A measured line: for each of [`Kind::ALL`] a figure of every round; none where an engine has no such thing.
#[derive(Debug)]
pub struct Line {
    pub work: String,
    pub unit: &'static str,
    pub rounds: [Vec<f64>; 3],
    pub aim: Aim,
}

impl Line {
    fn figure(&self, kind: Kind) -> Option<f64> {
        median(self.rounds[kind as usize].clone())
    }

    /// The median of the rounds' ratios. What disturbs a machine for longer than a round falls on all engines in it, so
    /// this is steadier than the ratio of the medians.
    fn ratio(&self, other: Kind) -> Option<f64> {
        let [ours, theirs] = [Kind::Hornbeam, other].map(|kind| &self.rounds[kind as usize]);
        median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())
    }

    /// Whether the aim is reached, and the aim in words.
    pub fn verdict(&self) -> (bool, String) {
        let at_least = |kind, factor: f64| self.ratio(kind).is_none_or(|ratio| ratio >= factor);
        match self.aim {
            Aim::Sqlite(factor) => (
                at_least(Kind::Sqlite, factor) && at_least(Kind::Redb, 1.0),
                format!("{factor} × SQLite, 1 × redb"),
            ),
            Aim::Level => (at_least(Kind::Sqlite, 1.0) && at_least(Kind::Redb, 1.0), "1 × the better".into()),
            Aim::AtLeast(figure) => {
                (self.ours(|ours| ours >= figure), format!("at least {}", number(figure)))
            }
            Aim::AtMost(figure) => (self.ours(|ours| ours <= figure), format!("at most {}", number(figure))),
        }
    }

    fn ours(&self, is_enough: impl FnOnce(f64) -> bool) -> bool {
        self.figure(Kind::Hornbeam).is_some_and(is_enough)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |kind| self.figure(kind).map_or("–".into(), number);
        let ratio = |kind| self.ratio(kind).map_or("–".into(), |ratio| format!("{ratio:.2}"));
        let [ours, sqlite, redb] = Kind::ALL.map(figure);
        let (reached, aim) = self.verdict();
        write!(
            formatter,
            "{}: {ours} {} (SQLite {sqlite}: {} ×, redb {redb}: {} ×; aim {aim}: {})",
            self.work,
            self.unit,
            ratio(Kind::Sqlite),
            ratio(Kind::Redb),
            if reached { "reached" } else { "not reached" }
        )
    }
}

/// Prints the lines.
pub fn table(lines: &[Line]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    let heads = ["work", "unit", "hornbeam", "SQLite", "redb", "× SQLite", "× redb", "aim", "reached"];
    table.set_header(heads.map(|head| Cell::new(head).add_attribute(Attribute::Bold)));
    for line in lines {
        let (reached, aim) = line.verdict();
        let mut cells = vec![Cell::new(&line.work), Cell::new(line.unit)];
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        cells.extend(Kind::ALL.map(|kind| right(line.figure(kind).map_or("–".into(), number))));
        for kind in [Kind::Sqlite, Kind::Redb] {
            cells.push(right(line.ratio(kind).map_or("–".into(), |ratio| format!("{ratio:.2}"))));
        }
        cells.push(Cell::new(aim));
        let verdict = if reached { ("yes", Color::Green) } else { ("no", Color::Red) };
        cells.push(Cell::new(verdict.0).fg(verdict.1));
        table.add_row(cells);
    }
    table
}

/// A figure with thousands set apart, and decimals only where they matter.
pub fn number(figure: f64) -> String {
    if figure < 100.0 {
        return format!("{figure:.1}");
    }
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([1.25, 99.96, 512.0, 1_234_567.8].map(number), ["1.2", "100.0", "512", "1,234,568"]);
    }

    #[test]
    fn an_aim_is_reached_only_against_both() {
        let line = |ours, aim| Line {
            work: String::new(),
            unit: "",
            rounds: [vec![ours], vec![10.0], vec![14.0]],
            aim,
        };
        assert!(!line(13.0, Aim::Sqlite(1.2)).verdict().0);
        assert!(line(14.0, Aim::Sqlite(1.2)).verdict().0);
        assert!(!line(13.0, Aim::Level).verdict().0);
        assert!(line(512.0, Aim::AtMost(512.0)).verdict().0);
        assert!(!line(513.0, Aim::AtMost(512.0)).verdict().0);
    }
}
