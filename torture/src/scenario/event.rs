//! Events of a scenario: the choices of a run that were not the tame ones, in words.
//!
//! What a minimiser leaves is one event a choice. A hand-made story says more in one: that the power fails at a call,
//! and what it leaves of each unsynced change.

use super::ScenarioError;
use faults::{Concern, Decision, FaultKind, Part, survivor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who decides what a power loss leaves: nobody's task.
const OUTSIDE: &str = "outside";

/// One choice that was not the default, or a power loss with all that it left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioEvent {
    /// What went wrong, by the name of the fault. Stands for `concern`, `options` and `chosen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// What a power loss left of something, in one word: of all that was unsynced (`nothing`, `prefix`, `any-sectors` …),
    /// of a write, a sector or a name (`lost`, `garbage`, `torn`, `doubled` …). Stands for `concern`, `options`, `chosen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survivor: Option<String>,
    /// What the choice was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concern: Option<Concern>,
    /// Who was at it.
    pub task: String,
    /// At which call.
    pub at: String,
    /// How many such choices came before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub nth: u32,
    /// Which aspect of the choice.
    #[serde(default, skip_serializing_if = "is_whole")]
    pub part: Part,
    /// Which of several pieces of that aspect.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub index: u32,
    /// How many options there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub options: u32,
    /// Which was taken.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub chosen: u32,
    /// With `fault = "power-loss"` or `"process-killed"`: it strikes when the call has had its effect, not before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after: bool,
    /// With `fault = "power-loss"`: what it leaves of all that is unsynced, or, as a list, of each unsynced change in the
    /// order in which they were made. With `fault = "sync-failed"` a list of `kept` and `lost`: which of the file's
    /// unsynced writes reach the device all the same, before their pages are marked clean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Leaves>,
    /// With a list of what is left in which a write is `torn`: what is left of each sector of the torn writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sectors: Vec<String>,
}

/// What a power loss leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Leaves {
    /// Of everything: `everything` or `nothing`.
    Of(String),
    /// Of each change, oldest first: `kept`; of a write `lost`, `torn`, `length-with-zeros`, `length-with-garbage`; of a
    /// change of length `length-lost`; of a name `name-lost`, `name-doubled`. What is not listed is kept.
    Each(Vec<String>),
}

/// How many power losses were told so far, by the label at which they strike: their choices are counted by it.
pub(super) type Crashes = BTreeMap<String, u32>;

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_whole(part: &Part) -> bool {
    *part == Part::Whole
}

impl ScenarioEvent {
    pub(super) fn from_decision(decision: &Decision) -> ScenarioEvent {
        let whole_fault = decision.concern == Concern::Faults && decision.part == Part::Whole;
        let fault = if whole_fault { FaultKind::from_option(decision.chosen) } else { None };
        let survivor = match decision.concern {
            Concern::Survivor => survivor::word(decision.part, decision.options, decision.chosen),
            Concern::Schedule | Concern::Faults | Concern::Workload | Concern::Data => None,
        };
        let named = fault.is_some() || survivor.is_some();
        ScenarioEvent {
            fault: fault.map(|kind| kind.name().to_owned()),
            survivor: survivor.map(str::to_owned),
            concern: (!named).then_some(decision.concern),
            task: decision.task.clone(),
            at: decision.label.clone(),
            nth: decision.nth,
            part: decision.part,
            index: decision.index,
            options: if named { 0 } else { decision.options },
            chosen: if named { 0 } else { decision.chosen },
            ..ScenarioEvent::default()
        }
    }

    /// The choices that the event stands for.
    pub(super) fn to_decisions(
        &self,
        number: usize,
        crashes: &mut Crashes,
    ) -> Result<Vec<Decision>, ScenarioError> {
        let mut decisions = vec![self.to_decision(number)?];
        if self.after {
            let crash = Decision { part: Part::Variant, options: 2, chosen: 1, ..decisions[0].clone() };
            decisions.push(crash);
        }
        if self.fault.as_deref() == Some(FaultKind::PowerLoss.name()) {
            decisions.extend(power_loss(number, &self.at, self.leaves.as_ref(), &self.sectors, crashes)?);
        } else if let Some(Leaves::Each(each)) = &self.leaves {
            let lost = each.iter().enumerate().filter(|(_, word)| *word == "lost");
            decisions.extend(
                lost.map(|(index, _)| Decision {
                    part: Part::Write,
                    index: index as u32,
                    options: 2,
                    chosen: 1,
                    ..decisions[0].clone()
                })
                .collect::<Vec<Decision>>(),
            );
        }
        Ok(decisions)
    }

    fn to_decision(&self, number: usize) -> Result<Decision, ScenarioError> {
        let (concern, options, chosen) = match (&self.fault, &self.survivor, self.concern) {
            (Some(name), _, _) => {
                let kind =
                    FaultKind::from_name(name).ok_or_else(|| ScenarioError::Fault { name: name.clone() })?;
                (Concern::Faults, FaultKind::OPTIONS, kind.option())
            }
            (None, Some(word), _) => {
                let (options, chosen) = survivor::meaning(self.part, word)
                    .ok_or_else(|| ScenarioError::Survivor { number, word: word.clone() })?;
                (Concern::Survivor, options, chosen)
            }
            (None, None, Some(concern)) => (concern, self.options, self.chosen),
            (None, None, None) => return Err(ScenarioError::Event { number, at: self.at.clone() }),
        };
        Ok(Decision {
            concern,
            task: self.task.clone(),
            label: self.at.clone(),
            nth: self.nth,
            part: self.part,
            index: self.index,
            options,
            chosen,
        })
    }
}

/// The survivor choices of a power loss at `label`.
pub(super) fn power_loss(
    number: usize,
    label: &str,
    leaves: Option<&Leaves>,
    sectors: &[String],
    crashes: &mut Crashes,
) -> Result<Vec<Decision>, ScenarioError> {
    let before = crashes.entry(label.to_owned()).or_default();
    let nth = *before;
    *before += 1;
    let choice = |part, index: usize, (options, chosen)| Decision {
        concern: Concern::Survivor,
        task: OUTSIDE.to_owned(),
        label: label.to_owned(),
        nth,
        part,
        index: index as u32,
        options,
        chosen,
    };
    let meaning = |part, word: &str| {
        let meaning = survivor::meaning(part, word);
        meaning.ok_or_else(|| ScenarioError::Survivor { number, word: word.to_owned() })
    };
    let each = match leaves {
        None => return Ok(Vec::new()),
        Some(Leaves::Of(word)) if word == "everything" => return Ok(Vec::new()),
        Some(Leaves::Of(word)) if word == "nothing" => {
            return Ok(vec![choice(Part::Whole, 0, meaning(Part::Whole, word)?)]);
        }
        Some(Leaves::Of(word)) => return Err(ScenarioError::Survivor { number, word: word.clone() }),
        Some(Leaves::Each(each)) => each,
    };
    let mut decisions = vec![choice(Part::Whole, 0, meaning(Part::Whole, "any-writes")?)];
    for (index, word) in each.iter().enumerate() {
        match word.strip_prefix("name-") {
            None if word == "kept" => {}
            None => decisions.push(choice(Part::Write, index, meaning(Part::Write, word)?)),
            Some(word) => decisions.push(choice(Part::Entry, index, meaning(Part::Entry, word)?)),
        }
    }
    for (index, word) in sectors.iter().enumerate().filter(|(_, word)| *word != "kept") {
        decisions.push(choice(Part::Sector, index, meaning(Part::Sector, word)?));
    }
    Ok(decisions)
}
