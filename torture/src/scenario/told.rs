//! The lives of a told story, as the file has them.

use super::ScenarioError;
use super::event::{Crashes, Leaves, power_loss};
use crate::workload::script::{Act, Curtain, Line};
use faults::Decision;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One life: what its clients do, and how it ends unless an event ends it before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ToldLife {
    /// By client, one line after the other; see `torture/src/workload/script.rs` for what a line can say.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub clients: BTreeMap<String, Vec<String>>,
    /// The end.
    #[serde(skip_serializing_if = "Curtain::is_usual")]
    pub ends: Curtain,
    /// With `ends = "power-loss"`, what the power loss leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Leaves>,
}

/// The lives as a run takes them; what their endings leave goes to the choices.
pub(super) fn plot(
    told: &[ToldLife],
    decisions: &mut Vec<Decision>,
    crashes: &mut Crashes,
) -> Result<Option<Arc<Vec<Act>>>, ScenarioError> {
    let mut acts = Vec::with_capacity(told.len());
    for (index, life) in told.iter().enumerate() {
        let mut clients = BTreeMap::new();
        for (name, lines) in &life.clients {
            let lines: Result<Vec<Line>, _> = lines.iter().map(|line| Line::parse(line)).collect();
            clients.insert(name.clone(), lines?);
        }
        if life.ends == Curtain::PowerLoss {
            let label = crate::workload::labels::ENDING.name;
            decisions.extend(power_loss(index + 1, label, life.leaves.as_ref(), &[], crashes)?);
        }
        acts.push(Act { clients, curtain: life.ends });
    }
    Ok((!acts.is_empty()).then(|| Arc::new(acts)))
}

/// How a verdict names the sector size it was reached at.
pub(super) fn at_sector(size: Option<usize>) -> String {
    match size {
        None => String::new(),
        Some(0) => ", no sector atomicity".to_owned(),
        Some(size) => format!(", sectors of {size} bytes"),
    }
}
