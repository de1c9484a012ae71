//! The report for a reader: tables, then failures, the replay line of each last.

use super::{Report, per_second};
use comfy_table::{CellAlignment, Table, presets};
use std::fmt::Write as _;

/// How many rows of crash places are shown before the rest is summed up.
const PLACES_SHOWN: usize = 16;
/// Runs after which a mark that was never reached is worth telling, though it is no failure yet.
const RUNS_TO_TELL_MARKS: u64 = 200;
/// How many failures are told in full.
const FAILURES_SHOWN: usize = 8;

impl Report {
    /// The whole report as text. `elapsed_microseconds` is the time on the wall, for the virtual-to-real ratio.
    pub fn to_text(&self, elapsed_microseconds: u64) -> String {
        let mut text = String::new();
        push_table(&mut text, self.summary(elapsed_microseconds));
        if !self.crashes_by_label.is_empty() {
            push_table(&mut text, self.crash_places());
        }
        if !self.faults.is_empty() {
            push_table(&mut text, self.fault_rows());
        }
        self.push_marks(&mut text);
        self.push_failures(&mut text);
        text
    }

    fn summary(&self, elapsed_microseconds: u64) -> Table {
        let mut table = plain_table(&["what", "count"]);
        let runs: Vec<String> =
            self.runs.iter().map(|(profile, count)| format!("{profile} {count}")).collect();
        let mut row = |name: &str, value: String| {
            table.add_row([name.to_string(), value]);
        };
        row(
            "runs",
            match runs.as_slice() {
                [] => "0".to_owned(),
                runs => format!("{} ({})", self.total_runs(), runs.join(", ")),
            },
        );
        row("crashes survived", self.crashes.to_string());
        row("full cycles (20 commits, 3 levels, compared)", self.cycles.to_string());
        row("cycles a second on one core (bare cycles)", format!("{:.0}", self.cycles_per_second()));
        row("commits acknowledged", self.commits_acknowledged.to_string());
        row("commits verified after a crash", self.commits_verified.to_string());
        row("commits of unknown outcome", self.commits_unknown.to_string());
        row("transactions refused", self.transactions_refused.to_string());
        row("acknowledgements recovered from synced bytes only", self.accountings.to_string());
        row("reads compared with their snapshot", self.reads_verified.to_string());
        row("runs repeated, same trace", self.runs_repeated.to_string());
        row("environment calls", self.steps.to_string());
        let ratio = per_second(self.virtual_microseconds, elapsed_microseconds) / 1e6;
        row(
            "virtual time",
            format!("{:.1} s, {ratio:.1} x real time", self.virtual_microseconds as f64 / 1e6),
        );
        let reached = self.marks.values().filter(|count| **count > 0).count();
        row("marks reached", format!("{reached} of {}", self.marks.len()));
        row("failures", self.failures.len().to_string());
        table
    }

    fn crash_places(&self) -> Table {
        let mut table = plain_table(&["crash at", "times"]);
        let mut places: Vec<(&String, &u64)> = self.crashes_by_label.iter().collect();
        places.sort_by(|left, right| right.1.cmp(left.1).then(left.0.cmp(right.0)));
        for (label, count) in places.iter().take(PLACES_SHOWN) {
            table.add_row([label.to_string(), count.to_string()]);
        }
        if places.len() > PLACES_SHOWN {
            let rest: u64 = places[PLACES_SHOWN..].iter().map(|(_, count)| **count).sum();
            table.add_row([format!("{} other places", places.len() - PLACES_SHOWN), rest.to_string()]);
        }
        table
    }

    fn fault_rows(&self) -> Table {
        let mut table = plain_table(&[
            "fault",
            "injected",
            "hit",
            "masked",
            "reported",
            "unknown",
            "lost, reported",
            "silent",
            "open",
        ]);
        for (kind, counts) in &self.faults {
            table.add_row([
                kind.clone(),
                counts.injected.to_string(),
                counts.hit().to_string(),
                counts.masked.to_string(),
                counts.reported.to_string(),
                counts.unknown.to_string(),
                counts.lost_reported.to_string(),
                counts.silent.to_string(),
                counts.unclosed.to_string(),
            ]);
        }
        table
    }

    /// What must sometimes happen and did not, once there were runs enough to say so.
    fn push_marks(&self, text: &mut String) {
        let missing = self.unreached();
        if !missing.is_empty() && self.total_runs() >= RUNS_TO_TELL_MARKS {
            let _ = writeln!(text, "Never reached: {}.\n", missing.join(", "));
        }
    }

    fn push_failures(&self, text: &mut String) {
        if self.failures.is_empty() {
            let verdict = if self.runs.is_empty() { "Nothing was run." } else { "All promises held." };
            text.push_str(verdict);
            text.push('\n');
            return;
        }
        // Writing to a String cannot fail, so the results of write! are dropped.
        for failed in self.failures.iter().take(FAILURES_SHOWN) {
            let _ = writeln!(text, "\nseed {} ({})", failed.seed, failed.profile);
            let _ = writeln!(text, "  broken: {}", failed.failure.promise);
            let _ = writeln!(
                text,
                "  seen:   {} (step {}, life {})",
                failed.failure.detail, failed.failure.step, failed.failure.life
            );
            let _ = writeln!(text, "  replay: {}", failed.replay_line());
        }
        if self.failures.len() > FAILURES_SHOWN {
            let _ = writeln!(
                text,
                "\nand {} more failing seeds; --json FILE has them all",
                self.failures.len() - FAILURES_SHOWN
            );
        }
        let _ = writeln!(text, "\n{}", self.failures[0].replay_line());
    }
}

fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_header(header.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn push_table(text: &mut String, table: Table) {
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push('\n');
}
