//! `FORMAT TEXT`.

use super::ExplainOptions;
use super::entry::{Entry, PropertyValue};

/// The lines of a plan.
pub(super) fn write(entry: &Entry, options: &ExplainOptions, analyzed: bool) -> Vec<String> {
    let mut lines = Vec::new();
    node(entry, 0, options, analyzed, &mut lines);
    if let Some(settings) = options.settings.as_ref().filter(|settings| !settings.is_empty()) {
        let settings = settings.iter().map(|(name, value)| format!("{name} = '{value}'"));
        lines.push(format!("Settings: {}", settings.collect::<Vec<_>>().join(", ")));
    }
    if let Some(line) = options.planning_buffers.line().filter(|_| options.buffers) {
        lines.extend(["Planning:".to_owned(), format!("  {line}")]);
    }
    if let Some(time) = options.planning_time {
        lines.push(format!("Planning Time: {time:.3} ms"));
    }
    if let Some(time) = options.execution_time {
        lines.push(format!("Execution Time: {time:.3} ms"));
    }
    lines
}

/// An operator at a depth, counted as PostgreSQL counts it: two blanks each, an arrow takes two.
fn node(entry: &Entry, depth: usize, options: &ExplainOptions, analyzed: bool, lines: &mut Vec<String>) {
    let blanks = |depth: usize| " ".repeat(depth * 2);
    let mut line = if depth == 0 { String::new() } else { format!("{}->  ", blanks(depth)) };
    let depth = if depth == 0 { 1 } else { depth + 3 };
    line.push_str(&entry.title);
    if options.costs {
        let estimate = entry.estimate;
        line.push_str(&format!(
            "  (cost={:.2}..{:.2} rows={:.0} width={})",
            estimate.startup_cost, estimate.total_cost, estimate.rows, estimate.width
        ));
    }
    match entry.actual {
        Some(actual) if analyzed && actual.loops > 0 => {
            let rows = actual.rows as f64 / actual.loops as f64;
            if options.timing {
                line.push_str(&format!(
                    " (actual time={:.3}..{:.3} rows={rows:.0} loops={})",
                    actual.startup_time, actual.total_time, actual.loops
                ));
            } else {
                line.push_str(&format!(" (actual rows={rows:.0} loops={})", actual.loops));
            }
        }
        Some(_) if analyzed => line.push_str(" (never executed)"),
        Some(_) | None => {}
    }
    lines.push(line);
    lines.extend(entry.targets.iter().map(|target| format!("{}{target}", blanks(depth))));
    for property in &entry.properties {
        let value = match &property.value {
            PropertyValue::Text(text) => text.clone(),
            PropertyValue::List(texts) => texts.join(", "),
            PropertyValue::Count(count) => count.to_string(),
        };
        lines.push(format!("{}{}: {value}", blanks(depth), property.label));
    }
    let touched = entry.actual.filter(|_| options.buffers).and_then(|actual| actual.buffers.line());
    lines.extend(touched.map(|line| format!("{}{line}", blanks(depth))));
    let beside = |plans: &[(String, Entry)], lines: &mut Vec<String>| {
        for (title, plan) in plans {
            lines.push(format!("{}{title}", blanks(depth)));
            node(plan, depth + 1, options, analyzed, lines);
        }
    };
    beside(&entry.before, lines);
    for input in &entry.inputs {
        node(input, depth, options, analyzed, lines);
    }
    beside(&entry.after, lines);
}
