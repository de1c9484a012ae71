//! A plan as names and what they say: what the formats for programs write, each in its way.

use super::ExplainOptions;
use super::entry::{Entry, PropertyValue};

/// What is said under a name.
pub(super) enum Said {
    Text(String),
    /// A number or a truth value.
    Plain(String),
    Texts(Vec<String>),
    Group(Fields),
    /// Several of a kind, which has a name where kinds are named.
    Groups(&'static str, Vec<Fields>),
}

/// Names and what is said under them, in order.
pub(super) type Fields = Vec<(String, Said)>;

/// What is said of a plan, as a whole.
pub(super) fn of_plan(entry: &Entry, options: &ExplainOptions, analyzed: bool) -> Fields {
    let plan = Said::Group(of_entry(entry, (None, None), options, analyzed));
    let mut fields = vec![("Plan".to_owned(), plan)];
    if let Some(settings) = &options.settings {
        let settings = settings.iter().map(|(name, value)| (name.clone(), Said::Text(value.clone())));
        fields.push(("Settings".to_owned(), Said::Group(settings.collect())));
    }
    if options.buffers {
        fields.push(("Planning".to_owned(), Said::Group(options.planning_buffers.fields())));
    }
    if let Some(time) = options.planning_time {
        fields.push(("Planning Time".to_owned(), Said::Plain(format!("{time:.3}"))));
    }
    if analyzed {
        fields.push(("Triggers".to_owned(), Said::Groups("Trigger", Vec::new())));
    }
    if let Some(time) = options.execution_time {
        fields.push(("Execution Time".to_owned(), Said::Plain(format!("{time:.3}"))));
    }
    fields
}

/// What is said of an operator: what it is to the one above it, and its name if it stands beside that, among it.
fn of_entry(
    entry: &Entry,
    (relationship, subplan): (Option<&str>, Option<&str>),
    options: &ExplainOptions,
    analyzed: bool,
) -> Fields {
    let mut fields = Fields::new();
    let mut say = |name: &str, said: Said| fields.push((name.to_owned(), said));
    let text = |text: &str| Said::Text(text.to_owned());
    say("Node Type", text(&entry.node_type));
    let strategy = |name: &str| matches!(name, "Strategy" | "Partial Mode" | "Operation" | "Command");
    let (first, later): (Vec<_>, Vec<_>) = entry.facts.iter().partition(|fact| strategy(fact.0));
    first.into_iter().for_each(|(name, value)| say(name, text(value)));
    relationship.into_iter().for_each(|relationship| say("Parent Relationship", text(relationship)));
    subplan.into_iter().for_each(|name| say("Subplan Name", text(name)));
    say("Parallel Aware", Said::Plain("false".to_owned()));
    say("Async Capable", Said::Plain("false".to_owned()));
    later.into_iter().for_each(|(name, value)| say(name, text(value)));
    if options.costs {
        say("Startup Cost", Said::Plain(format!("{:.2}", entry.estimate.startup_cost)));
        say("Total Cost", Said::Plain(format!("{:.2}", entry.estimate.total_cost)));
        say("Plan Rows", Said::Plain(format!("{:.0}", entry.estimate.rows)));
        say("Plan Width", Said::Plain(entry.estimate.width.to_string()));
    }
    if let (true, Some(actual)) = (analyzed, entry.actual) {
        if options.timing {
            say("Actual Startup Time", Said::Plain(format!("{:.3}", actual.startup_time)));
            say("Actual Total Time", Said::Plain(format!("{:.3}", actual.total_time)));
        }
        let rows = if actual.loops > 0 { actual.rows as f64 / actual.loops as f64 } else { 0.0 };
        say("Actual Rows", Said::Plain(format!("{rows:.0}")));
        say("Actual Loops", Said::Plain(actual.loops.to_string()));
    }
    for property in &entry.properties {
        let value = match &property.value {
            PropertyValue::Text(value) => text(value),
            PropertyValue::Count(value) => Said::Plain(value.to_string()),
            PropertyValue::List(values) => Said::Texts(values.clone()),
        };
        say(property.label, value);
    }
    if options.buffers {
        fields.extend(entry.actual.unwrap_or_default().buffers.fields());
    }
    let plans = beside(entry)
        .into_iter()
        .map(|(relationship, name, plan)| of_entry(plan, (Some(relationship), name), options, analyzed));
    let plans: Vec<Fields> = plans.collect();
    if !plans.is_empty() {
        fields.push(("Plans".to_owned(), Said::Groups("Plan", plans)));
    }
    fields
}

/// The plans below an operator and beside it, with what they are to it, and their names.
fn beside(entry: &Entry) -> Vec<(&'static str, Option<&str>, &Entry)> {
    let mut plans = Vec::new();
    for (name, plan) in &entry.before {
        plans.push(("InitPlan", Some(name.split(" (").next().unwrap_or(name)), plan));
    }
    let member = entry.node_type == "Append";
    for (place, plan) in entry.inputs.iter().enumerate() {
        let relationship = match place {
            _ if member => "Member",
            0 => "Outer",
            _ => "Inner",
        };
        plans.push((relationship, None, plan));
    }
    plans.extend(entry.after.iter().map(|(name, plan)| ("SubPlan", Some(name.as_str()), plan)));
    plans
}
