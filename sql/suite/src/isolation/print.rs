//! Results as libpq's `PQprint` has them, with a header, aligned.

use shell::collect::Event;
use std::fmt::Write;

/// Appends what a step has given; notices are not told here.
pub(super) fn results(events: &[Event], printed: &mut String) {
    for event in events {
        match event {
            Event::Rows(table, _) => {
                let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
                rows(&names, &table.rows, printed);
            }
            Event::Copied(bytes) => printed.push_str(&String::from_utf8_lossy(bytes)),
            Event::Complete(_) | Event::Notice(_) => {}
        }
    }
}

fn rows(names: &[&str], rows: &[Vec<Option<String>>], printed: &mut String) {
    let cell = |row: &[Option<String>], column: usize| row[column].clone().unwrap_or_default();
    let columns: Vec<(usize, bool)> = (0..names.len())
        .map(|column| {
            let cells = rows.iter().map(|row| cell(row, column));
            let width = cells.clone().map(|cell| cell.chars().count()).max().unwrap_or(0);
            (width.max(names[column].chars().count()), cells.into_iter().all(|cell| is_number(&cell)))
        })
        .collect();
    let line = |cells: Vec<String>| {
        let pad = |(cell, (width, right)): (String, &(usize, bool))| match right {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        };
        cells.into_iter().zip(&columns).map(pad).collect::<Vec<_>>().join("|")
    };
    let rule: Vec<String> = columns.iter().map(|(width, _)| "-".repeat(*width)).collect();
    let _ = writeln!(printed, "{}", line(names.iter().map(|name| (*name).to_owned()).collect()));
    let _ = writeln!(printed, "{}", rule.join("+"));
    for row in rows {
        let _ = writeln!(printed, "{}", line((0..names.len()).map(|column| cell(row, column)).collect()));
    }
    let plural = if rows.len() == 1 { "" } else { "s" };
    let _ = writeln!(printed, "({} row{plural})\n", rows.len());
}

/// What is taken for a number: it stands on the right. So does what is empty.
fn is_number(cell: &str) -> bool {
    let digits = |letter: char| letter.is_ascii_digit() || ".Ee -".contains(letter);
    cell.is_empty()
        || cell.chars().all(digits)
            && !cell.starts_with(['E', 'e'])
            && cell.ends_with(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right() {
        let some = |text: &str| Some(text.to_owned());
        let mut printed = String::new();
        let two = vec![vec![some("1"), some("foo"), None], vec![some("-20"), some("x"), some("5e3")]];
        rows(&["id", "data", "n"], &two, &mut printed);
        assert_eq!(printed, " id|data|  n\n---+----+---\n  1|foo |   \n-20|x   |5e3\n(2 rows)\n\n");
        printed.clear();
        rows(&["a"], &[], &mut printed);
        assert_eq!(printed, "a\n-\n(0 rows)\n\n");
    }
}
