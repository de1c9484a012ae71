//! The table: one line per kind of work, ratios, and whether the aim was reached.

use crate::engine::Kind;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};

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

/// A measured line: a figure for each of [`Kind::ALL`]; `None` where an engine has no such thing.
#[derive(Debug)]
pub struct Line {
    pub work: String,
    pub unit: &'static str,
    pub figures: [Option<f64>; 3],
    pub aim: Aim,
}

impl Line {
    fn ratio(&self, other: Kind) -> Option<f64> {
        let [ours, sqlite, redb] = self.figures;
        let theirs = match other {
            Kind::Hornbeam => ours,
            Kind::Sqlite => sqlite,
            Kind::Redb => redb,
        };
        Some(ours? / theirs?)
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
                (self.figures[0].is_some_and(|ours| ours >= figure), format!("at least {}", number(figure)))
            }
            Aim::AtMost(figure) => {
                (self.figures[0].is_some_and(|ours| ours <= figure), format!("at most {}", number(figure)))
            }
        }
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
        cells.extend(line.figures.map(|figure| right(figure.map_or("–".into(), number))));
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
fn number(figure: f64) -> String {
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
            figures: [Some(ours), Some(10.0), Some(14.0)],
            aim,
        };
        assert!(!line(13.0, Aim::Sqlite(1.2)).verdict().0);
        assert!(line(14.0, Aim::Sqlite(1.2)).verdict().0);
        assert!(!line(13.0, Aim::Level).verdict().0);
        assert!(line(512.0, Aim::AtMost(512.0)).verdict().0);
        assert!(!line(513.0, Aim::AtMost(512.0)).verdict().0);
    }
}
