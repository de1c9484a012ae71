//! How a run came to its stop.

use env::Label;
use std::fmt;

/// A task that had not ended, and what it was waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its name.
    pub task: String,
    /// Its serial number in this world.
    pub serial: u32,
    /// What it waited for; `None` if it could have run.
    pub waits_on: Option<&'static Label>,
}

/// How a run came to its stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Every task has ended.
    Finished,
    /// The world was crashed.
    Crashed {
        /// The label of the call at which it happened.
        at: &'static Label,
        /// How many environment calls had been made.
        step: u64,
        /// Whether the power failed (else the process was killed and the page cache survives).
        power: bool,
    },
    /// Nobody can run and no time-out is pending.
    Deadlock {
        /// Everyone who waits.
        waits: Vec<Unfinished>,
    },
    /// The run went beyond its limit of virtual time or of calls.
    TimeLimit {
        /// Everyone who had not ended.
        unfinished: Vec<Unfinished>,
    },
    /// A task panicked.
    Panicked {
        /// The panic's message.
        message: String,
        /// File and line, where known.
        place: Option<String>,
        /// The task's name.
        task: String,
        /// How many environment calls had been made.
        step: u64,
    },
    /// After a crash, a kill or a panic some destructor waits for what nobody will ever do. Those tasks are leaked.
    Stuck {
        /// Everyone who could not be taken down.
        tasks: Vec<Unfinished>,
    },
    /// The step was reached at which the run was asked to stop.
    Paused {
        /// That step.
        step: u64,
    },
}

impl Stop {
    /// Whether the stop itself shows that something is wrong, whatever the oracles say.
    pub fn is_failure(&self) -> bool {
        match self {
            Stop::Finished | Stop::Crashed { .. } | Stop::Paused { .. } => false,
            Stop::Deadlock { .. } | Stop::TimeLimit { .. } | Stop::Panicked { .. } | Stop::Stuck { .. } => {
                true
            }
        }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.waits_on {
            Some(label) => write!(formatter, "{} (task {}) waits on {label}", self.task, self.serial),
            None => write!(formatter, "{} (task {}) can run", self.task, self.serial),
        }
    }
}

fn list(formatter: &mut fmt::Formatter<'_>, tasks: &[Unfinished]) -> fmt::Result {
    for (index, task) in tasks.iter().enumerate() {
        let separator = if index == 0 { ": " } else { "; " };
        write!(formatter, "{separator}{task}")?;
    }
    Ok(())
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Finished => formatter.write_str("every task has ended"),
            Stop::Crashed { at, step, power: true } => {
                write!(formatter, "the power failed at {at}, step {step}")
            }
            Stop::Crashed { at, step, power: false } => {
                write!(formatter, "the process was killed at {at}, step {step}")
            }
            Stop::Deadlock { waits } => {
                formatter.write_str("deadlock")?;
                list(formatter, waits)
            }
            Stop::TimeLimit { unfinished } => {
                formatter.write_str("the run went beyond its limit")?;
                list(formatter, unfinished)
            }
            Stop::Panicked { message, place, task, step } => {
                write!(formatter, "task {task} panicked at step {step}")?;
                if let Some(place) = place {
                    write!(formatter, " in {place}")?;
                }
                write!(formatter, ": {message}")
            }
            Stop::Stuck { tasks } => {
                formatter.write_str("destructors wait for ever after the stop")?;
                list(formatter, tasks)
            }
            Stop::Paused { step } => write!(formatter, "paused at step {step}"),
        }
    }
}
