//! `EXPLAIN`, in PostgreSQL's layout.
//!
//! A plan becomes a tree of [`entry::Entry`]s: projections and filters melt into what they are over, a hash join shows its
//! table as a node of its own. `text` writes that tree for people; for programs `structured` makes it names and values, which `json`,
//! `yaml` and `xml` write.

mod buffers;
mod conflict;
mod deparse;
mod entry;
mod json;
mod leaves;
mod nodes;
mod sets;
mod structured;
mod text;
mod xml;
mod yaml;

pub use buffers::{Buffers, Pages};

use crate::facts::Facts;
use crate::physical::{Node, NodeKind, Plan};
use crate::pruning::Read;
use std::collections::BTreeMap;

/// How a plan is shown.
#[derive(Debug, Clone, Default)]
pub struct ExplainOptions {
    /// `COSTS`: PostgreSQL shows them unless they are turned off.
    pub costs: bool,
    /// `VERBOSE`
    pub verbose: bool,
    /// `TIMING`, of `ANALYZE`.
    pub timing: bool,
    /// `FORMAT`
    pub format: ExplainFormat,
    /// `SETTINGS`: those that plans depend on and that are not what they are at first, with their values.
    pub settings: Option<Vec<(String, String)>>,
    /// `BUFFERS`: how many pages were touched.
    pub buffers: bool,
    /// Of `BUFFERS`: those that planning touched.
    pub planning_buffers: Buffers,
    /// `SUMMARY`: milliseconds of planning and, of `ANALYZE`, of execution.
    pub planning_time: Option<f64>,
    /// Milliseconds of execution.
    pub execution_time: Option<f64>,
}

/// How a plan is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each is PostgreSQL's of its name
pub enum ExplainFormat {
    #[default]
    Text,
    Json,
    Yaml,
    Xml,
}

/// What an operator did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Actual {
    /// Milliseconds to the first row, on average of all loops.
    pub startup_time: f64,
    /// Milliseconds to the last row, on average of all loops.
    pub total_time: f64,
    /// Rows of all loops.
    pub rows: u64,
    /// Rows of all loops that its own filter refused.
    pub removed: u64,
    /// How often it was run.
    pub loops: u64,
    /// Of an insertion: rows of all loops whose keys somebody had.
    pub conflicting: u64,
    /// Of a sort: how its last loop sorted.
    pub sorted: Option<SortUsed>,
    /// Pages that it touched in all loops, and those below it.
    pub buffers: Buffers,
}

/// How rows were sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortUsed {
    /// By what method.
    pub method: SortMethod,
    /// How many bytes its rows took, in memory or in a file.
    pub bytes: u64,
}

/// A way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortMethod {
    /// All rows in memory.
    Whole,
    /// Only so many rows being kept as are asked for.
    First,
    /// In runs, which were written to a file and merged.
    Merged,
}

impl SortMethod {
    /// What PostgreSQL calls it, and where its rows are.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            SortMethod::Whole => ("quicksort", "Memory"),
            SortMethod::First => ("top-N heapsort", "Memory"),
            SortMethod::Merged => ("external merge", "Disk"),
        }
    }
}

/// Of operators by their numbers in [`numbered`]: which of their inputs are read, as far as values tell that are known when the
/// statement begins.
pub type ReadInputs = BTreeMap<usize, Read>;

/// What was found out about a plan by running it, or by getting ready to.
#[derive(Debug, Clone, Copy)]
pub struct Found<'f> {
    /// What each operator did, by its number in [`numbered`], if it was run.
    pub actual: Option<&'f [Actual]>,
    /// Which inputs are read.
    pub read: &'f ReadInputs,
}

/// Shows the plans of a statement, of which rules may make several: a line of text each, or one text of several lines in the formats
/// for programs.
pub fn explain(plans: &[(&Plan, Found<'_>)], facts: &dyn Facts, options: &ExplainOptions) -> Vec<String> {
    let entries = plans
        .iter()
        .map(|(plan, found)| (nodes::entry(plan, facts, options, *found), found.actual.is_some()));
    let write = match options.format {
        ExplainFormat::Text => {
            let texts: Vec<_> =
                entries.map(|(entry, analyzed)| text::write(&entry, options, analyzed)).collect();
            return texts.join(&String::new());
        }
        ExplainFormat::Json => json::write,
        ExplainFormat::Yaml => yaml::write,
        ExplainFormat::Xml => xml::write,
    };
    let plans: Vec<_> =
        entries.map(|(entry, analyzed)| structured::of_plan(&entry, options, analyzed)).collect();
    vec![write(&plans)]
}

/// All operators of a plan in the order of their numbers: of the root, of common tables, of subplans, each before its inputs.
/// The index of a lookup join is no operator of its own: its numbers are the join's.
pub fn numbered(plan: &Plan) -> Vec<&Node> {
    let mut nodes = Vec::new();
    number(&plan.root, &mut nodes);
    for subplan in plan.common_tables.iter().chain(&plan.subplans) {
        number(&subplan.root, &mut nodes);
    }
    nodes
}

fn number<'a>(node: &'a Node, nodes: &mut Vec<&'a Node>) {
    nodes.push(node);
    NodeKind::for_each_input(&node.kind, &mut |input| number(input, nodes));
}
