//! A scratch: two tables that one transaction makes, fills and takes back, with what is seldom declared.
//!
//! Foreign keys of two columns with every action and `MATCH FULL`, conditions that wait, exclusion, partial arbiters, rows that
//! a condition need not hold for, partitions. Nobody else sees any of it, so whatever others do every answer is foretold. Of
//! each statement it is told whether it must fail; behind it all rows are read, and read by every index.
//!
//! * [`model`]: what the tables hold. * [`statement`]: what is done to them.

pub mod draw;
pub mod model;
pub mod statement;

use crate::client::Client;
use crate::labels;
use crate::state::{CHECK, IN_USE};
use crate::value::{Shown, describe};
use model::{Cell, Declared, Held, Outcome, Said, Waiting, generated};
use std::collections::BTreeSet;
use torture::promise::Promise;
use torture::workload::Ended;

/// Statements of a scratch at most.
const LENGTH_MAX: usize = 24;

/// A scratch under way.
struct Scratch {
    parent: String,
    child: String,
    declared: Declared,
    held: Held,
    /// What was held at each savepoint, named by their places.
    savepoints: Vec<Held>,
}

impl Scratch {
    fn names(&self) -> (&str, &str) {
        (&self.parent, &self.child)
    }
}

impl Client<'_> {
    /// A transaction that makes two tables, works with them, and rolls back.
    ///
    /// # Errors
    /// When a promise is broken, or a statement was refused.
    pub fn scratch(&mut self) -> Result<(), Ended> {
        self.simply("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        let mut scratch = self.begin_scratch()?;
        for _ in 0..=self.choose(&labels::LENGTH, LENGTH_MAX) {
            self.scratch_step(&mut scratch)?;
        }
        let last = scratch.declared.set(&scratch.held, false, Waiting::All);
        self.scratch_statement(&mut scratch, "SET CONSTRAINTS ALL IMMEDIATE", last)?;
        self.simply("ROLLBACK")
    }

    fn begin_scratch(&mut self) -> Result<Scratch, Ended> {
        let (parent, child) = (format!("sp{}", self.number), format!("sc{}", self.number));
        let declared = self.declared();
        let mut held = Held::default();
        let rows: Vec<statement::New> =
            (0..4).map(|key| (key, [Some(key), Some(key % 2), Some(key + 4)])).collect();
        held.parents.extend(rows.iter().copied());
        let children: Vec<statement::New> =
            (0..3).map(|key| (key * 4, [Some(key), Some(key % 2), Some(key * 3)])).collect();
        held.children.extend(children.iter().copied());
        for text in draw::definitions((&parent, &child), &declared) {
            self.simply(&text)?;
        }
        let filling = [
            statement::Statement::Parents(rows),
            statement::Statement::Children(children, statement::OnConflict::Fail),
        ];
        let filling: Vec<String> = filling.iter().map(|it| it.sql((&parent, &child), &declared)).collect();
        let looked_at = std::iter::once("SET CONSTRAINTS ALL IMMEDIATE".to_owned());
        for text in filling.into_iter().chain(looked_at).chain(draw::conditions(&child, &declared)) {
            self.simply(&text)?;
        }
        held.said = Said::all(false);
        if declared.noted.is_some() {
            held.noted.extend(held.children.keys().copied());
        }
        Ok(Scratch { parent, child, declared, held, savepoints: Vec::new() })
    }

    fn scratch_step(&mut self, scratch: &mut Scratch) -> Result<(), Ended> {
        match self.choose(&labels::STATEMENT, 22) {
            0 => self.scratch_savepoint(scratch),
            1 => self.scratch_rolls_back(scratch),
            2 => {
                let Some(place) = scratch.savepoints.len().checked_sub(1) else { return Ok(()) };
                scratch.savepoints.pop();
                self.simply(&format!("RELEASE s{place}"))
            }
            3 | 4 => self.set_constraints(scratch),
            5 if scratch.declared.condition.sql().is_some() => self.validate(scratch),
            // What was said and done behind a savepoint is forgotten with it.
            20 | 21 => {
                self.scratch_savepoint(scratch)?;
                for _ in 0..=self.choose(&labels::COUNT, 3) {
                    match self.choose(&labels::STATEMENT, 2) {
                        0 => self.scratch_changes(scratch)?,
                        _ => self.set_constraints(scratch)?,
                    }
                }
                self.scratch_rolls_back(scratch)?;
                self.validate(scratch)
            }
            _ => self.scratch_changes(scratch),
        }
    }

    fn scratch_changes(&mut self, scratch: &mut Scratch) -> Result<(), Ended> {
        let statement = self.scratch_change(&scratch.declared, &scratch.held);
        let text = statement.sql(scratch.names(), &scratch.declared);
        let outcome = statement.outcome(&scratch.declared, &scratch.held);
        self.scratch_statement(scratch, &text, outcome)
    }

    fn scratch_savepoint(&mut self, scratch: &mut Scratch) -> Result<(), Ended> {
        self.simply(&format!("SAVEPOINT s{}", scratch.savepoints.len()))?;
        scratch.savepoints.push(scratch.held.clone());
        Ok(())
    }

    fn scratch_rolls_back(&mut self, scratch: &mut Scratch) -> Result<(), Ended> {
        let Some(place) = scratch.savepoints.len().checked_sub(1) else { return Ok(()) };
        self.simply(&format!("ROLLBACK TO s{place}"))?;
        scratch.held = scratch.savepoints[place].clone();
        self.look_at_scratch(scratch)
    }

    /// Tells all, or one that can be told so, to wait or not to.
    fn set_constraints(&mut self, scratch: &mut Scratch) -> Result<(), Ended> {
        let deferred = self.choose(&labels::VARIANT, 2) == 0;
        let drawn = [Waiting::All, Waiting::All, Waiting::Reference, Waiting::Alone, Waiting::Note]
            [self.choose(&labels::VARIANT, 5)];
        let of = if scratch.declared.can_wait(drawn) { drawn } else { Waiting::All };
        let child = &scratch.child;
        let which = match of {
            Waiting::All => "ALL".to_owned(),
            Waiting::Reference => format!("{child}_reference"),
            Waiting::Alone => format!("{child}_alone"),
            Waiting::Note => format!("{child}_note"),
        };
        let outcome = scratch.declared.set(&scratch.held, deferred, of);
        let how = if deferred { "DEFERRED" } else { "IMMEDIATE" };
        self.scratch_statement(scratch, &format!("SET CONSTRAINTS {which} {how}"), outcome)
    }

    /// Looks at the rows that a condition was not asked of yet, if there is one: for that nothing may wait.
    fn validate(&mut self, scratch: &mut Scratch) -> Result<(), Ended> {
        if scratch.declared.condition.sql().is_none() {
            return Ok(());
        }
        let mut outcome = Outcome::of(&scratch.held);
        if !scratch.declared.all_keep_condition(&scratch.held) {
            outcome.must.insert(CHECK);
        }
        if scratch.held.pending {
            outcome.may.insert(IN_USE);
        }
        let text = format!("ALTER TABLE {} VALIDATE CONSTRAINT {0}_ck", scratch.child);
        self.scratch_statement(scratch, &text, outcome)
    }

    /// Runs a statement in a savepoint, and holds what comes of it against what must.
    fn scratch_statement(
        &mut self,
        scratch: &mut Scratch,
        text: &str,
        outcome: Outcome,
    ) -> Result<(), Ended> {
        self.simply("SAVEPOINT one")?;
        match self.talk.say(text) {
            Ok(_) if outcome.must.is_empty() => {
                self.simply("RELEASE one")?;
                scratch.held = outcome.next;
            }
            Ok(_) => {
                let detail = format!("it should fail with {:?}: {text}", outcome.must);
                return Err(self.broken(Promise::ConstraintsHold, detail));
            }
            Err(refused)
                if outcome.must.contains(refused.state()) || outcome.may.contains(refused.state()) =>
            {
                self.simply("ROLLBACK TO one; RELEASE one")?;
            }
            Err(refused) => return Err(self.refused(&refused, text)),
        }
        self.look_at_scratch(scratch)
    }

    /// Reads all rows, in more than one way.
    fn look_at_scratch(&mut self, scratch: &Scratch) -> Result<(), Ended> {
        let Scratch { parent, child, held, .. } = scratch;
        let parents = held.parents.iter().map(|(key, row)| shown(*key, row, None));
        self.hold_scratch(&format!("SELECT k, a, b, v FROM {parent}"), parents.collect())?;
        let of_child = |(key, row): (&i64, &[Cell; 3])| shown(*key, row, Some(generated(*row)));
        let children: BTreeSet<Shown> = held.children.iter().map(of_child).collect();
        let all = format!("SELECT k, x, y, u, w FROM {child}");
        self.hold_scratch(&all, children.clone())?;
        if scratch.declared.mirrored {
            self.hold_scratch(&format!("SELECT k, x, y, u, w FROM {child}_mirror"), children.clone())?;
        }
        if scratch.declared.noted.is_some() {
            let noted = held.noted.iter().map(|key| vec![Some(key.to_string())]).collect();
            self.hold_scratch(&format!("SELECT DISTINCT k FROM {child}_noted"), noted)?;
        }
        if self.choose(&labels::MODE, 3) < 2 {
            return Ok(());
        }
        self.simply("SAVEPOINT forced; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")?;
        // Downwards nulls come first.
        let downwards = |row: &Shown| number(&row[3]).map_or((0, 0), |u| (1, -u));
        self.hold_order(&format!("{all} ORDER BY u DESC"), &children, downwards)?;
        let sum = |row: &Shown| number(&row[1]).zip(number(&row[2])).map_or((1, 0), |(x, y)| (0, x + y));
        self.hold_order(&format!("{all} ORDER BY (x + y)"), &children, sum)?;
        let kept = held.children.values().filter(|row| row[2].is_some());
        let mut pairs: Vec<Shown> =
            kept.map(|row| shown(0, row, None)).map(|row| vec![row[3].clone(), row[1].clone()]).collect();
        pairs.sort();
        let text = format!("SELECT u, x FROM {child} WHERE u >= -100");
        let mut found = self.rows_of(&text, false)?;
        found.sort();
        self.hold(&text, &pairs, &found)?;
        self.simply("ROLLBACK TO forced; RELEASE forced")
    }

    /// Holds rows, and their order.
    fn hold_order(
        &mut self,
        text: &str,
        expected: &BTreeSet<Shown>,
        key: impl Fn(&Shown) -> (i64, i64),
    ) -> Result<(), Ended> {
        let mut found = self.rows_of(text, true)?;
        let in_order = found.is_sorted_by_key(key);
        let told = describe(&found);
        found.sort();
        if in_order && found.iter().eq(expected) {
            return Ok(());
        }
        let expected: Vec<Shown> = expected.iter().cloned().collect();
        let detail = format!("expected {}, found {told} (in order: {in_order}): {text}", describe(&expected));
        Err(self.broken(Promise::StatementsMatchModel, detail))
    }

    fn hold_scratch(&mut self, text: &str, expected: BTreeSet<Shown>) -> Result<(), Ended> {
        let found = self.rows_of(text, false)?;
        let expected: Vec<Shown> = expected.into_iter().collect();
        if found == expected {
            self.kept.with(|kept| kept.model.read_verified());
            return Ok(());
        }
        let detail = format!("expected {}, found {}: {text}", describe(&expected), describe(&found));
        Err(self.broken(Promise::StatementsMatchModel, detail))
    }
}

fn number(shown: &Option<String>) -> Option<i64> {
    shown.as_deref().and_then(|text| text.parse().ok())
}

fn shown(key: i64, row: &[Cell; 3], more: Option<i64>) -> Shown {
    let cells = row.iter().copied().chain(more.map(Some));
    std::iter::once(Some(key)).chain(cells).map(|cell| cell.map(|cell| cell.to_string())).collect()
}
