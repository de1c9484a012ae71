//! `\crosstabview`: a result turned so that the values of one of its columns are columns.

use display::{Column, Table};

/// A place that may have one value.
type Cell = Option<String>;

/// Turns a table by columns that are named or numbered: those whose values stand on the left, on top, within, and by which
/// those on top are sorted.
///
/// # Errors
/// What cannot be turned.
pub fn turn(table: &Table, words: &[&str]) -> Result<Table, String> {
    let width = table.columns.len();
    if width < 3 {
        return Err("query must return at least three columns".to_owned());
    }
    let place = |word: Option<&&str>, usual| word.map_or(Ok(usual), |word| column(table, word));
    let (left, top) = (place(words.first(), 0)?, place(words.get(1), 1)?);
    if left == top {
        return Err("vertical and horizontal headers must be different columns".to_owned());
    }
    let within = match words.get(2) {
        Some(word) => column(table, word)?,
        None if width > 3 => {
            return Err("data column must be specified when query returns more than three columns".to_owned());
        }
        // The one that is left.
        None => 3 - left - top,
    };
    let sorted = words.get(3).map(|word| column(table, word)).transpose()?;
    let mut tops = distinct(table, top);
    if let Some(sorted) = sorted {
        let rank = |name: &Cell| {
            let row = table.rows.iter().find(|row| row[top] == *name);
            row.and_then(|row| row[sorted].as_deref()?.parse::<f64>().ok()).unwrap_or(0.0)
        };
        tops.sort_by(|one, other| rank(one).total_cmp(&rank(other)));
    }
    let lefts = distinct(table, left);
    let mut cells: Vec<Vec<Option<Cell>>> = vec![vec![None; tops.len()]; lefts.len()];
    for row in &table.rows {
        let line = lefts.iter().position(|name| *name == row[left]);
        let place = tops.iter().position(|name| *name == row[top]);
        let (Some(line), Some(place)) = (line, place) else { continue };
        if cells[line][place].replace(row[within].clone()).is_some() {
            let name = |cell: &Cell| cell.clone().unwrap_or_else(|| "(null)".to_owned());
            return Err(format!(
                "query result contains multiple data values for row \"{}\", column \"{}\"",
                name(&row[left]),
                name(&row[top])
            ));
        }
    }
    let mut columns = vec![table.columns[left].clone()];
    let content = table.columns[within].content;
    columns.extend(tops.into_iter().map(|name| Column { name: name.unwrap_or_default(), content }));
    let rows = lefts.into_iter().zip(cells).map(|(name, cells)| {
        let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| Some(String::new())));
        std::iter::once(name).chain(cells).collect()
    });
    Ok(Table { title: None, columns, rows: rows.collect() })
}

/// The place of a column by its number or its name.
fn column(table: &Table, word: &str) -> Result<usize, String> {
    if let Ok(number) = word.parse::<usize>() {
        let width = table.columns.len();
        return match number.checked_sub(1).filter(|place| *place < width) {
            Some(place) => Ok(place),
            None => Err(format!("column number {number} is out of range 1..{width}")),
        };
    }
    let mut found = table.columns.iter().enumerate().filter(|(_, column)| column.name == word);
    match (found.next(), found.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => Err(format!("ambiguous column name: \"{word}\"")),
        (None, _) => Err(format!("column name not found: \"{word}\"")),
    }
}

/// The values of a column in the order in which they come.
fn distinct(table: &Table, column: usize) -> Vec<Cell> {
    let mut found: Vec<Cell> = Vec::new();
    for row in &table.rows {
        if !found.contains(&row[column]) {
            found.push(row[column].clone());
        }
    }
    found
}
