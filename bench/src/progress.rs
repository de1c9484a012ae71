//! What is being measured just now, on standard error: a bar on a terminal, else a line for each result.

use crate::engine::{Kind, Outcome};
use crate::report::Line;
use indicatif::{ProgressBar, ProgressStyle};

/// See the module's text.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Nothing has been done of `turns` turns.
    pub fn new(turns: usize) -> Outcome<Progress> {
        let bar = ProgressBar::new(turns as u64);
        bar.set_style(ProgressStyle::with_template("{bar:30} {elapsed_precise} {msg}")?);
        Ok(Progress { bar })
    }

    /// The turn of `kind` in a round of `work` begins.
    pub fn step(&self, work: &str, kind: Kind, round: usize, rounds: usize) {
        self.bar.set_message(format!("{work}: {} ({} of {rounds})", kind.name(), round + 1));
        self.bar.inc(1);
    }

    /// Something begins that is no turn.
    pub fn say(&self, text: &str) {
        self.bar.set_message(text.to_string());
    }

    /// A line has been measured.
    pub fn line(&self, line: &Line) {
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.println(line.to_string());
        }
    }

    /// Everything has been measured.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
