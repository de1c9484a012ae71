//! Every label of the program, as a table, and the one that may have been meant.

use crate::subject::Subject;
use env::{Label, LabelKind};
use std::fmt::Write as _;

/// Every label of what is tortured and of the torture, by name.
pub fn all(subject: &dyn Subject) -> Vec<&'static Label> {
    let mut all = subject.labels();
    all.extend(crate::workload::labels::ALL);
    all.extend(crate::jobs::ALL);
    all.extend(crate::stage::ALL);
    all.sort_by_key(|label| label.name);
    all.dedup_by_key(|label| label.name);
    all
}

/// The word for a kind.
pub fn kind_name(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Read => "read",
        LabelKind::Write => "write",
        LabelKind::Sync => "sync",
        LabelKind::Length => "length",
        LabelKind::Directory => "directory",
        LabelKind::DirectorySync => "directory sync",
        LabelKind::FileLock => "file lock",
        LabelKind::Clock => "clock",
        LabelKind::Entropy => "entropy",
        LabelKind::Task => "task",
        LabelKind::Lock => "lock",
        LabelKind::Barrier => "barrier",
        LabelKind::Mark => "mark",
        LabelKind::Network => "network",
    }
}

/// The labels as text, in columns.
pub fn table(labels: &[&'static Label]) -> String {
    let width = labels.iter().map(|label| label.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for label in labels {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:width$}  {:14}  {}", label.name, kind_name(label.kind), label.breaks);
    }
    text
}

/// The label whose name is nearest to what was asked for, if any is near.
pub fn nearest(name: &str, labels: &[&'static Label]) -> Option<&'static str> {
    let (distance, nearest) =
        labels.iter().map(|label| (edit_distance(name, label.name), label.name)).min()?;
    (distance <= name.len() / 3 + 1).then_some(nearest)
}

fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, wanted) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, found) in right.iter().enumerate() {
            let above = row[column + 1];
            let replaced = diagonal + usize::from(wanted != *found);
            row[column + 1] = replaced.min(above + 1).min(row[column] + 1);
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_label_is_guessed_and_nonsense_is_not() {
        let labels = crate::workload::labels::ALL;
        assert_eq!(nearest("torture.isolaton", labels), Some("torture.isolation"));
        assert_eq!(nearest("nothing like it", labels), None);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }

    #[test]
    fn every_label_says_what_breaks_without_it() {
        for label in all(&crate::engine::Engine) {
            assert!(!label.breaks.is_empty() && label.name.contains('.'), "{}", label.name);
        }
    }
}
