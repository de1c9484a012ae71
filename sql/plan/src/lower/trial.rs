//! Something is planned to see what it would be, and may be given up: then everything that it has noted goes with it.

use super::Lowering;

/// Where planning stood.
pub(super) struct Trial {
    subplans: usize,
    subplan_numbers: u32,
    outer_values: u32,
    work_tables: u32,
    /// Of each frame: how many of its columns are given to what runs below, and whether something below depends on it.
    frames: Vec<(usize, bool)>,
}

impl Lowering<'_> {
    /// Notes where planning stands.
    pub(super) fn begin_trial(&self) -> Trial {
        Trial {
            subplans: self.subplans.len(),
            subplan_numbers: self.subplan_numbers,
            outer_values: self.outer_values,
            work_tables: self.work_tables,
            frames: self.frames.iter().map(|frame| (frame.provided.len(), frame.dependent)).collect(),
        }
    }

    /// Goes back to there. What was planned uses numbers that are given anew, so no part of it may be used.
    pub(super) fn give_up(&mut self, trial: Trial) {
        self.subplans.truncate(trial.subplans);
        (self.subplan_numbers, self.outer_values) = (trial.subplan_numbers, trial.outer_values);
        self.work_tables = trial.work_tables;
        debug_assert_eq!(
            self.frames.len(),
            trial.frames.len(),
            "a trial leaves the frames that it has entered"
        );
        for (frame, (provided, dependent)) in self.frames.iter_mut().zip(trial.frames) {
            frame.provided.truncate(provided);
            frame.dependent = dependent;
        }
    }
}
