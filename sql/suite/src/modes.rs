//! One script, many engines: ways to run statements that must not change what comes of them.

use crate::Database;
use crate::script;
use store::StoreOptions;

/// A way to run statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As everybody does.
    Plain,
    /// The planner rewrites nothing.
    RewritesOff,
    /// Chunks of so many rows.
    Chunks(usize),
    /// A cache of sixteen pages.
    SmallCache,
    /// Nothing fits into memory.
    Spilling,
    /// The store is closed and opened between statements, outside of transactions.
    Reopening,
    /// Plans of prepared statements are not kept.
    PlansNotKept,
    /// All results are kept that may be, however cheap.
    ResultsKept,
    /// Joins by hash tables only, as far as they can be.
    HashJoins,
    /// Joins of sorted inputs only.
    MergeJoins,
    /// Loops only.
    Loops,
}

impl Mode {
    /// All but the plain one.
    pub const OTHERS: [Mode; 11] = [
        Mode::RewritesOff,
        Mode::Chunks(1),
        Mode::Chunks(2),
        Mode::SmallCache,
        Mode::Spilling,
        Mode::Reopening,
        Mode::PlansNotKept,
        Mode::ResultsKept,
        Mode::HashJoins,
        Mode::MergeJoins,
        Mode::Loops,
    ];

    /// A fresh database that runs statements this way.
    pub fn database(self) -> Database {
        let mut options = StoreOptions::default();
        if self == Mode::SmallCache {
            options.cache_bytes = 16 * options.page_size;
        }
        let mut database = Database::with(options);
        for (name, value) in self.settings() {
            script::run(&mut database, &format!("set {name} = {value};"));
        }
        database
    }

    fn settings(self) -> Vec<(&'static str, String)> {
        let off = |names: &[&'static str]| names.iter().map(|name| (*name, "off".to_owned())).collect();
        match self {
            Mode::Plain | Mode::SmallCache | Mode::Reopening => Vec::new(),
            Mode::ResultsKept => vec![("hornbeam.result_cache_above_cost", "0".to_owned())],
            Mode::RewritesOff => off(&["hornbeam.optimise"]),
            Mode::Chunks(rows) => vec![("hornbeam.chunk_rows", rows.to_string())],
            Mode::Spilling => vec![("hornbeam.spill", "on".to_owned())],
            Mode::PlansNotKept => vec![("plan_cache_mode", "force_custom_plan".to_owned())],
            Mode::HashJoins => off(&["enable_mergejoin", "enable_nestloop"]),
            Mode::MergeJoins => off(&["enable_hashjoin", "enable_nestloop"]),
            Mode::Loops => off(&["enable_hashjoin", "enable_mergejoin"]),
        }
    }
}

/// Each statement of a script with what comes of it, the lines of that in order: without ORDER BY rows may come in any.
/// Plans are left out, as they are what differs.
pub fn run(mode: Mode, text: &str) -> Vec<(String, Vec<String>)> {
    let mut database = mode.database();
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((statement, following)) = shell::split::first(rest) {
        let mut out = String::new();
        let data = script::one(&mut database, statement, following, &mut out);
        rest = &following[data..];
        if mode == Mode::Reopening {
            database.reopen();
        }
        let words = statement.trim_start().to_ascii_lowercase();
        let is_plan = words.lines().any(|line| line.starts_with("explain"));
        let mut lines: Vec<String> = out.lines().map(str::to_owned).collect();
        lines.sort();
        if !is_plan {
            all.push((statement.trim().to_owned(), lines));
        }
    }
    all
}
