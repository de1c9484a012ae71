//! Names that are nearly the one that was written.

/// Names further away than this are no help.
const DISTANCE_MAX: usize = 3;

/// The one or two columns, as `table.column`, that are nearest to a name; none if there are more of them, or none near
/// enough.
pub(crate) fn near<'a, C: Iterator<Item = &'a str>>(
    relation: Option<&str>,
    column: &str,
    known: impl Iterator<Item = (&'a str, C)>,
) -> Vec<String> {
    let mut best = DISTANCE_MAX + 1;
    let mut found: Vec<String> = Vec::new();
    for (alias, columns) in known {
        let penalty = relation.map_or(0, |relation| distance(relation, alias));
        for name in columns {
            if penalty > best {
                break;
            }
            let apart = distance(name, column);
            if apart > column.chars().count() / 2 {
                continue;
            }
            let apart = apart + penalty;
            if apart < best {
                best = apart;
                found = vec![format!("{alias}.{name}")];
            } else if apart == best && apart <= DISTANCE_MAX {
                if found.len() >= 2 {
                    // Too many are as near as that: only nearer ones count from here on.
                    found.clear();
                    best = apart.saturating_sub(1);
                } else {
                    found.push(format!("{alias}.{name}"));
                }
            }
        }
    }
    found
}

/// How many characters must be put in, taken out or exchanged.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, character) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (column, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(character != *wanted);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}
