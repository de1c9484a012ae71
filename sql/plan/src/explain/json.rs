//! `FORMAT JSON`.

use super::ExplainOptions;
use super::entry::{Entry, PropertyValue};

/// The text of a plan.
pub(super) fn write(entry: &Entry, options: &ExplainOptions, analyzed: bool) -> String {
    let mut text = String::from("[\n  {\n    \"Plan\": ");
    node(entry, None, None, 2, options, analyzed, &mut text);
    if let Some(time) = options.planning_time {
        text.push_str(&format!(",\n    \"Planning Time\": {time:.3}"));
    }
    if analyzed {
        text.push_str(",\n    \"Triggers\": [\n    ]");
    }
    if let Some(time) = options.execution_time {
        text.push_str(&format!(",\n    \"Execution Time\": {time:.3}"));
    }
    text.push_str("\n  }\n]");
    text
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            control if control < ' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// What is said of an operator, beside its inputs.
fn fields<'e>(
    entry: &'e Entry,
    relationship: Option<&str>,
    subplan: Option<&str>,
    options: &ExplainOptions,
    analyzed: bool,
) -> Vec<(&'e str, String)> {
    let mut fields: Vec<(&str, String)> = vec![("Node Type", quoted(&entry.node_type))];
    let strategy = |name: &str| matches!(name, "Strategy" | "Partial Mode" | "Operation" | "Command");
    let (first, later): (Vec<_>, Vec<_>) = entry.facts.iter().partition(|fact| strategy(fact.0));
    fields.extend(first.into_iter().map(|(name, value)| (*name, quoted(value))));
    fields.extend(relationship.map(|relationship| ("Parent Relationship", quoted(relationship))));
    fields.extend(subplan.map(|name| ("Subplan Name", quoted(name))));
    fields.push(("Parallel Aware", "false".to_owned()));
    fields.push(("Async Capable", "false".to_owned()));
    fields.extend(later.into_iter().map(|(name, value)| (*name, quoted(value))));
    if options.costs {
        fields.push(("Startup Cost", format!("{:.2}", entry.estimate.startup_cost)));
        fields.push(("Total Cost", format!("{:.2}", entry.estimate.total_cost)));
        fields.push(("Plan Rows", format!("{:.0}", entry.estimate.rows)));
        fields.push(("Plan Width", entry.estimate.width.to_string()));
    }
    if let (true, Some(actual)) = (analyzed, entry.actual) {
        if options.timing {
            fields.push(("Actual Startup Time", format!("{:.3}", actual.startup_time)));
            fields.push(("Actual Total Time", format!("{:.3}", actual.total_time)));
        }
        let rows = if actual.loops > 0 { actual.rows as f64 / actual.loops as f64 } else { 0.0 };
        fields.push(("Actual Rows", format!("{rows:.0}")));
        fields.push(("Actual Loops", actual.loops.to_string()));
    }
    for property in &entry.properties {
        let value = match &property.value {
            PropertyValue::Text(value) => quoted(value),
            PropertyValue::Count(value) => value.to_string(),
            PropertyValue::List(values) => {
                let quoted = values.iter().map(|value| quoted(value)).collect::<Vec<_>>();
                format!("[{}]", quoted.join(", "))
            }
        };
        fields.push((property.label, value));
    }
    fields
}

fn node(
    entry: &Entry,
    relationship: Option<&str>,
    subplan: Option<&str>,
    depth: usize,
    options: &ExplainOptions,
    analyzed: bool,
    text: &mut String,
) {
    let blanks = "  ".repeat(depth + 1);
    let fields = fields(entry, relationship, subplan, options, analyzed);
    text.push_str("{\n");
    let lines = fields.iter().map(|(name, value)| format!("{blanks}{}: {value}", quoted(name)));
    text.push_str(&lines.collect::<Vec<_>>().join(",\n"));
    let mut plans = Vec::new();
    for (name, plan) in &entry.before {
        let name = name.split(" (").next().unwrap_or(name);
        plans.push(("InitPlan", Some(name), plan));
    }
    for (place, plan) in entry.inputs.iter().enumerate() {
        let member = matches!(entry.node_type.as_str(), "Append");
        plans.push((
            if member {
                "Member"
            } else if place == 0 {
                "Outer"
            } else {
                "Inner"
            },
            None,
            plan,
        ));
    }
    plans.extend(entry.after.iter().map(|(name, plan)| ("SubPlan", Some(name.as_str()), plan)));
    if !plans.is_empty() {
        text.push_str(&format!(",\n{blanks}\"Plans\": [\n"));
        for (place, (relationship, name, plan)) in plans.into_iter().enumerate() {
            text.push_str(if place > 0 { ",\n" } else { "" });
            text.push_str(&format!("{blanks}  "));
            node(plan, Some(relationship), name, depth + 2, options, analyzed, text);
        }
        text.push_str(&format!("\n{blanks}]"));
    }
    text.push_str(&format!("\n{}}}", "  ".repeat(depth)));
}
