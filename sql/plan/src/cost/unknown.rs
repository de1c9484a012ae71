//! What operators that are no comparisons are thought to be true for where nothing is known of what they compare: PostgreSQL's
//! defaults, by the estimators that `pg_operator` names for them.

use super::selectivity::{MATCH, UNEQUAL};
use crate::expression::Call;
use std::collections::BTreeSet;

/// What an operator without an estimator is true for.
const UNESTIMATED: f64 = 0.5;
const AREA: f64 = 0.005;
const CONTAINED: f64 = 0.001;
const POSITION: f64 = 0.1;
const OVERLAP: f64 = 0.01;
const MATCHING: f64 = 0.01;

/// Whether an estimator never looks at values.
pub(super) fn is_geometric(estimator: &str) -> bool {
    matches!(estimator, "" | "areasel" | "contsel" | "positionsel")
}

/// Which part of rows, or of pairs of rows, an operator is true for.
pub(super) fn unknown_part(estimator: &str, call: &Call) -> f64 {
    let name = call.operator.as_deref().unwrap_or_default();
    match estimator {
        "areasel" => AREA,
        "contsel" => CONTAINED,
        "positionsel" => POSITION,
        "matchingsel" => MATCHING,
        "nlikesel" | "icnlikesel" | "regexnesel" | "icregexnesel" => 1.0 - MATCH,
        "likesel" | "iclikesel" | "regexeqsel" | "icregexeqsel" | "prefixsel" | "tsmatchsel" => MATCH,
        "rangesel" | "multirangesel" => match (name, joins(call)) {
            ("&&", true) => AREA,
            ("&&", false) => OVERLAP,
            ("@>" | "<@", true) => CONTAINED,
            ("@>" | "<@", false) => MATCH,
            _ => UNEQUAL, // all others are before or behind something
        },
        "networksel" | "arraycontsel" => {
            if name == "&&" {
                OVERLAP
            } else {
                MATCH
            }
        }
        _ => UNESTIMATED, // an extension's own, or none
    }
}

/// Whether an operator compares rows of several tables.
fn joins(call: &Call) -> bool {
    let mut relations = BTreeSet::new();
    for argument in &call.arguments {
        argument.for_each_column(&mut |column| {
            relations.insert(column.relation);
        });
    }
    relations.len() > 1
}
