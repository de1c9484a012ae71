//! One query against the model, by several plans, and in parts: what it gives must not change.
//!
//! * The model: the same query, carried out on the rows that the tables must hold.
//! * Other plans: the planner's rewrites off, join methods forced, chunks of one row, everything spilled, no index,
//!   helpers or none.
//! * Parts (TLP): a query's rows are those for which a condition holds, those for which it does not, and those for which it
//!   is unknown.
//! * No optimising (NoREC): as many rows pass a filter as there are rows for which the condition, computed for each, is true.

use crate::client::Client;
use crate::labels;
use crate::model::contents::Contents;
use crate::query::Query;
use crate::query::sql::parts;
use crate::talk::{Answer, Refused};
use crate::value::{Shown, Value, describe};
use torture::promise::Promise;
use torture::workload::Ended;

/// Rows of a chunk.
const CHUNKS: [&[&str]; 4] =
    [&[], &["hornbeam.chunk_rows = 1"], &["hornbeam.chunk_rows = 2"], &["hornbeam.chunk_rows = 3"]];
/// How rows are joined.
const JOINS: [&[&str]; 4] = [
    &[],
    &["enable_hashjoin = off", "enable_nestloop = off"],
    &["enable_hashjoin = off", "enable_mergejoin = off"],
    &["enable_mergejoin = off", "enable_nestloop = off"],
];
/// How tables are read, and put in order.
const SCANS: [&[&str]; 6] = [
    &[],
    &["enable_seqscan = off", "enable_sort = off", "enable_bitmapscan = off"],
    &["enable_seqscan = off"],
    &["enable_seqscan = off", "enable_indexscan = off"],
    &["enable_indexscan = off", "enable_bitmapscan = off"],
    // Where rows cost much, as few are read as indexes can tell together.
    &["enable_seqscan = off", "enable_indexscan = off", "cpu_tuple_cost = 100"],
];
/// How the rest is done.
const OTHERS: [&[&str]; 6] = [
    &[],
    &["hornbeam.spill = on"],
    &["enable_hashagg = off"],
    &["hornbeam.optimise = off"],
    &["hornbeam.spill = on", "enable_hashagg = off"],
    &["hornbeam.spill = on", "hornbeam.optimise = off"],
];
/// How many tasks do the work.
const HELPERS: [&[&str]; 3] = [
    &[],
    &["min_parallel_table_scan_size = 0", "parallel_setup_cost = 0"],
    &["max_parallel_workers_per_gather = 0"],
];

/// That a plan is for any values.
const GENERIC: &str = "plan_cache_mode = force_generic_plan";
/// Statements that read a cursor's rows, about.
const FETCHES: usize = 10;

impl Client<'_> {
    /// Draws a query and holds it against itself.
    ///
    /// # Errors
    /// When a promise is broken, or a statement was refused.
    pub fn query(&mut self, view: &Contents) -> Result<(), Ended> {
        match self.choose(&labels::QUERY, 8) {
            4 | 5 => self.again(view),
            2 => self.in_parts(view),
            3 => self.without_optimising(view),
            _ => self.by_other_plans(view),
        }
    }

    fn by_other_plans(&mut self, view: &Contents) -> Result<(), Ended> {
        let Some(query) = self.whole_query(view) else { return Ok(()) };
        let (text, is_ordered) = (query.sql(), query.is_ordered());
        let usual = self.rows_of(&text, is_ordered)?;
        let expected = query.evaluate(view);
        self.hold(&text, &expected, &usual)?;
        self.by_another_plan(&query, &text, &usual)?;
        if self.choose(&labels::MODE, 4) == 3 {
            self.by_cursor(&text, is_ordered, &usual)?;
        }
        self.kept.with(|kept| kept.model.read_verified());
        Ok(())
    }

    /// Runs a query in another way, which gives the same.
    fn by_another_plan(&mut self, query: &Query, text: &str, usual: &[Shown]) -> Result<(), Ended> {
        let mut mode = self.mode();
        if mode.is_empty() {
            return Ok(());
        }
        let prepared = (self.choose(&labels::MODE, 2) == 1).then(|| query.with_parameters()).flatten();
        if prepared.is_some() && self.choose(&labels::MODE, 3) < 2 {
            mode.push(GENERIC);
        }
        let set: Vec<String> = mode.iter().map(|setting| format!("SET LOCAL {setting}")).collect();
        self.simply("SAVEPOINT usual")?;
        self.simply(&set.join("; "))?;
        let is_ordered = query.is_ordered();
        let other = match &prepared {
            Some((text, values)) => self.prepared_rows_of(text, values, is_ordered)?,
            None => self.rows_of(text, is_ordered)?,
        };
        self.simply("ROLLBACK TO usual")?;
        if other == usual {
            return Ok(());
        }
        let (usual, other) = (describe(usual), describe(&other));
        let detail = format!("usually {usual}; with {}: {other}: {text}", mode.join(", "));
        Err(self.broken(Promise::PlansAgree, detail))
    }

    /// Reads a query's rows through a cursor, forward some at a time, then back, then one of them.
    fn by_cursor(&mut self, text: &str, is_ordered: bool, usual: &[Shown]) -> Result<(), Ended> {
        self.simply(&format!("DECLARE cu SCROLL CURSOR FOR {text}"))?;
        // Of many rows many at a time: a statement for each of them would take most of a run.
        let step = (1 + self.choose(&labels::COUNT, 5)).max(usual.len() / FETCHES);
        let mut forward: Vec<Shown> = Vec::new();
        loop {
            let rows = self.rows_of(&format!("FETCH {step} FROM cu"), true)?;
            let count = rows.len();
            forward.extend(rows);
            if count < step {
                break;
            }
        }
        let mut back = self.rows_of("FETCH BACKWARD ALL FROM cu", true)?;
        back.reverse();
        let place = 1 + self.choose(&labels::COUNT, 9);
        let one = self.rows_of(&format!("FETCH ABSOLUTE {place} FROM cu"), true)?;
        self.simply("CLOSE cu")?;
        let agree = back == forward && one.first() == forward.get(place - 1);
        if !is_ordered {
            forward.sort();
        }
        if agree && forward == usual {
            return Ok(());
        }
        let [usual, forward, back, one] = [usual, &forward, &back, &one].map(describe);
        let detail =
            format!("usually {usual}; by a cursor {forward}, back {back}, number {place} {one}: {text}");
        Err(self.broken(Promise::PlansAgree, detail))
    }

    /// A way to run a query: what is set.
    fn mode(&self) -> Vec<&'static str> {
        let mut drawn = Vec::new();
        for of in [&CHUNKS[..], &JOINS, &SCANS, &OTHERS, &HELPERS] {
            drawn.extend(of[self.choose(&labels::MODE, of.len())]);
        }
        drawn
    }

    /// Holds what a query gave against the model.
    ///
    /// # Errors
    /// When it is something else.
    pub fn hold(&self, text: &str, expected: &[Shown], found: &[Shown]) -> Result<(), Ended> {
        if expected == found {
            return Ok(());
        }
        let detail = format!("expected {}, found {}: {text}", describe(expected), describe(found));
        Err(self.broken(Promise::StatementsMatchModel, detail))
    }

    fn in_parts(&mut self, view: &Contents) -> Result<(), Ended> {
        let Some(rows) = self.rows(view) else { return Ok(()) };
        let (list, from) = (rows.list(), rows.from());
        let whole = self.rows_of(&format!("SELECT {list} FROM {from}"), false)?;
        let condition = self.predicate(&rows.columns, 2);
        let mut together = Vec::new();
        for part in parts(&condition) {
            together.extend(self.rows_of(&format!("SELECT {list} FROM {from} WHERE {part}"), false)?);
        }
        together.sort();
        if together == whole {
            self.kept.with(|kept| kept.model.read_verified());
            return Ok(());
        }
        let (whole, together) = (describe(&whole), describe(&together));
        let condition = condition.sql("");
        let detail = format!("whole {whole}; in parts by {condition} {together}: SELECT {list} FROM {from}");
        Err(self.broken(Promise::PlansAgree, detail))
    }

    fn without_optimising(&mut self, view: &Contents) -> Result<(), Ended> {
        let Some(rows) = self.rows(view) else { return Ok(()) };
        let (from, filter) = (rows.from(), rows.filter.sql());
        let passing = self.rows_of(&format!("SELECT 1 FROM {from} WHERE {filter}"), false)?.len();
        let text = format!("SELECT ({filter}) FROM {from}");
        let all = self.rows_of(&text, false)?;
        let is_true = |row: &&Shown| row.first().is_some_and(|value| value.as_deref() == Some("t"));
        let counted = all.iter().filter(is_true).count();
        if passing == counted {
            self.kept.with(|kept| kept.model.read_verified());
            return Ok(());
        }
        let detail = format!("{passing} rows pass the filter, which is true for {counted}: {text}");
        Err(self.broken(Promise::PlansAgree, detail))
    }

    fn prepared_rows_of(
        &mut self,
        text: &str,
        values: &[Value],
        is_ordered: bool,
    ) -> Result<Vec<Shown>, Ended> {
        let answer = self.talk.say_prepared(text, values);
        self.rows_in(answer, text, is_ordered)
    }

    /// The rows of a query; sorted, unless their order is determined.
    ///
    /// # Errors
    /// When it was refused.
    pub fn rows_of(&mut self, text: &str, is_ordered: bool) -> Result<Vec<Shown>, Ended> {
        let answer = self.talk.say(text);
        self.rows_in(answer, text, is_ordered)
    }

    fn rows_in(
        &self,
        answer: Result<Answer, Refused>,
        text: &str,
        is_ordered: bool,
    ) -> Result<Vec<Shown>, Ended> {
        let answer = answer.map_err(|refused| match refused.may_be_by_others() && !self.alone {
            true => Ended::Transaction,
            false => self.refused(&refused, text),
        })?;
        let mut rows = answer.rows;
        if !is_ordered {
            rows.sort();
        }
        Ok(rows)
    }
}
