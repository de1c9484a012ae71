//! Loading: rows that come in chunks from outside of a statement, with what is left of them to be computed.
//!
//! Invariants
//!
//! 1. Of several rows that may not be, the first is told of; of what is wrong with it, what PostgreSQL looks at first:
//!    its values' domains, its defaults, the condition, generated columns, NOT NULL and CHECK. Uniqueness is looked at
//!    when the whole chunk is found to be good otherwise.
//! 2. Whoever loads runs the events of the statement, and undoes it if it fails.

use super::insert::write_rows;
use super::member::Targets;
use super::trigger::StatementTriggers;
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Evaluator};
use crate::run::{Run, State};
use crate::world::World;
use plan::expression::Expression;
use plan::target::TargetTable;
use plan::trigger::TriggerEvent;
use std::sync::Arc;
use types::vector::Chunk;
use types::{Value, Vector};

/// What is loaded, and how. Expressions are over the table's columns.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    /// Into which table.
    pub target: Arc<TargetTable>,
    /// Columns of domains that are given, by their places, with the domain's checks of what is given.
    pub domains: Vec<(usize, Expression)>,
    /// Columns that are not given and have a default.
    pub defaults: Vec<(usize, Expression)>,
    /// Which rows are loaded.
    pub condition: Option<Expression>,
}

/// A row that may not be.
#[derive(Debug)]
pub struct LoadError {
    /// Which of the chunk.
    pub row: usize,
    /// Whose value is wrong, if it is one's.
    pub column: Option<usize>,
    /// Whether all rows of the chunk were found to be good before.
    pub writing: bool,
    /// What is wrong.
    pub error: ExecuteError,
}

/// Loads rows.
pub struct Load {
    targets: Targets,
    domains: Vec<(usize, Evaluator)>,
    defaults: Vec<(usize, Evaluator)>,
    condition: Conditions,
    state: State,
    triggers: StatementTriggers,
}

/// Rows that may be, and which of the chunk they are.
struct Good {
    columns: Vec<Vector>,
    rows: Vec<u32>,
}

impl Load {
    /// As a plan says.
    ///
    /// # Errors
    /// When the plan is damaged.
    pub fn new(world: &World<'_>, plan: &LoadPlan) -> ExecuteResult<Load> {
        let compiler = Compiler::new(world.context.types);
        let over_rows = Compiler::of_relation(world.context.types, plan.target.relation);
        let compiled = |list: &[(usize, Expression)]| {
            let one = |(place, expression): &(usize, Expression)| {
                Ok((*place, Evaluator::new(&over_rows, expression)?))
            };
            list.iter().map(one).collect::<ExecuteResult<Vec<_>>>()
        };
        Ok(Load {
            targets: Targets::new(&compiler, &plan.target)?,
            domains: compiled(&plan.domains)?,
            defaults: compiled(&plan.defaults)?,
            condition: Conditions::new(&over_rows, plan.condition.as_slice())?,
            state: State::default(),
            triggers: StatementTriggers::new(vec![(TriggerEvent::Insert, Vec::new())]),
        })
    }

    /// Before the first row: calls triggers that are called before a statement.
    ///
    /// # Errors
    /// Those of triggers.
    pub fn begin(&mut self, world: &mut World<'_>) -> ExecuteResult<()> {
        let mut run = Run { world, state: &mut self.state };
        run.began();
        self.triggers.begin(&self.targets.named, &mut run)
    }

    /// After the last: queues triggers that are called after a statement.
    ///
    /// # Errors
    /// Those of conditions of triggers.
    pub fn end(&mut self, world: &mut World<'_>) -> ExecuteResult<()> {
        let mut run = Run { world, state: &mut self.state };
        self.triggers.end(&self.targets.named, &mut run)
    }

    /// Whether triggers are called for each row before it is put in: then rows come one by one.
    fn asks_first(&self) -> bool {
        self.targets.named.target.is_view || self.targets.asks_before(TriggerEvent::Insert)
    }

    /// Loads rows one by one, as triggers want them.
    fn insert_asked(
        &mut self,
        world: &mut World<'_>,
        given: &[Option<Vector>],
        rows: usize,
    ) -> Result<u64, LoadError> {
        let mut count = 0;
        for row in 0..rows {
            let one: Vec<Option<Vector>> =
                given.iter().map(|column| column.as_ref().map(|column| column.slice(row, 1))).collect();
            let mut run = Run { world, state: &mut self.state };
            let parts = (&self.targets, &self.domains, &self.defaults, &self.condition);
            let good = given_rows(parts, &mut run, &one, 1).map_err(|error| LoadError { row, ..error })?;
            let kept = good.rows.len();
            let made = match self.targets.named.target.is_view {
                true => self.targets.insert_instead(&mut run, good.columns, kept),
                false => self.targets.insert(&mut run, good.columns, kept),
            };
            count += made.map_err(|error| LoadError { row, column: None, writing: true, error })?.rows();
        }
        Ok(count as u64)
    }

    /// Loads rows: for each column of the table its values, if they are given. Answers how many were loaded.
    ///
    /// # Errors
    /// The first row that may not be.
    pub fn insert(
        &mut self,
        world: &mut World<'_>,
        given: &[Option<Vector>],
        rows: usize,
    ) -> Result<u64, LoadError> {
        if self.asks_first() {
            return self.insert_asked(world, given, rows);
        }
        let good = self.check(world, given, rows)?;
        let (targets, state) = (&self.targets, &mut self.state);
        let mut run = Run { world, state };
        let count = good.rows.len();
        if targets.routes() {
            targets.load(&mut run, &good.columns, count).map_err(|(row, error)| {
                let row = good.rows.get(row).copied().unwrap_or(0) as usize;
                LoadError { row, column: None, writing: true, error }
            })?;
            let loaded = Some(&good.columns[..]);
            targets.named.keep_changed(&mut run, TriggerEvent::Insert, (None, loaded), count);
            return Ok(count as u64);
        }
        write_rows(&targets.named, &mut run, &good.columns, count, |_, _| {}).map_err(|(row, error)| {
            let row = good.rows.get(row).copied().unwrap_or(0) as usize;
            LoadError { row, column: None, writing: true, error }
        })?;
        let loaded = Some(&good.columns[..]);
        targets.named.keep_changed(&mut run, TriggerEvent::Insert, (None, loaded), count);
        Ok(count as u64)
    }

    /// Looks whether rows may be, without loading them.
    ///
    /// # Errors
    /// The first row that may not be.
    pub fn look(
        &mut self,
        world: &mut World<'_>,
        given: &[Option<Vector>],
        rows: usize,
    ) -> Result<(), LoadError> {
        // What triggers say before the rows behind them are known, they say.
        if self.asks_first() {
            return self.insert_asked(world, given, rows).map(drop);
        }
        self.check(world, given, rows).map(drop)
    }

    fn check(
        &mut self,
        world: &mut World<'_>,
        given: &[Option<Vector>],
        rows: usize,
    ) -> Result<Good, LoadError> {
        let mut run = Run { world, state: &mut self.state };
        let parts = (&self.targets, &self.domains, &self.defaults, &self.condition);
        match check_rows(parts, &mut run, given, rows) {
            Err(_) if rows > 1 => {}
            outcome => return outcome,
        }
        // Something is wrong with one of them: row by row it is found out with which.
        let mut last = None;
        for row in 0..rows {
            let one: Vec<Option<Vector>> =
                given.iter().map(|column| column.as_ref().map(|column| column.slice(row, 1))).collect();
            if let Err(error) = check_rows(parts, &mut run, &one, 1) {
                last = Some(LoadError { row, ..error });
                break;
            }
        }
        match last {
            Some(error) => Err(error),
            // What depends on chance was right this time.
            None => check_rows(parts, &mut run, given, rows),
        }
    }
}

type Parts<'l> = (&'l Targets, &'l Vec<(usize, Evaluator)>, &'l Vec<(usize, Evaluator)>, &'l Conditions);

/// Rows with all that is given and with defaults, as far as the condition lets them in.
fn given_rows(
    (targets, domains, defaults, condition): Parts<'_>,
    run: &mut Run<'_, '_>,
    given: &[Option<Vector>],
    rows: usize,
) -> Result<Good, LoadError> {
    let at = |row, column| move |error| LoadError { row, column, writing: false, error };
    let none = |error: types::vector::VectorError| at(0, None)(error.into());
    let table = &targets.named;
    let mut columns = Vec::with_capacity(given.len());
    for (column, kind) in given.iter().zip(&table.kinds) {
        columns.push(match column {
            Some(column) => column.clone(),
            None => Vector::constant(*kind, &Value::Null, rows).map_err(none)?,
        });
    }
    for (place, check) in domains {
        let chunk = Chunk::new(columns.clone(), rows);
        columns[*place] = check.evaluate(run, &chunk).map_err(at(0, Some(*place)))?;
    }
    for (place, default) in defaults {
        let chunk = Chunk::new(Vec::new(), rows);
        columns[*place] = default.evaluate(run, &chunk).map_err(at(0, None))?;
    }
    let mut kept: Vec<u32> = (0..rows as u32).collect();
    if !condition.is_empty() {
        let mut chunk = Chunk::new(columns, rows);
        condition.filter(run, &mut chunk).map_err(at(0, None))?;
        if let Some(selected) = chunk.selection() {
            kept = selected.to_vec();
        }
        columns = chunk.densify().map_err(none)?.into_columns();
    }
    Ok(Good { columns, rows: kept })
}

fn check_rows(
    parts: Parts<'_>,
    run: &mut Run<'_, '_>,
    given: &[Option<Vector>],
    rows: usize,
) -> Result<Good, LoadError> {
    let Good { mut columns, rows: kept } = given_rows(parts, run, given, rows)?;
    let targets = parts.0;
    let at = |row, column| move |error| LoadError { row, column, writing: false, error };
    if !targets.routes() {
        targets.named.generate(run, &mut columns, kept.len()).map_err(at(0, None))?;
    }
    match targets.first_violation(run, &columns, kept.len()).map_err(at(0, None))? {
        Some((row, error)) => {
            let row = kept.get(row).copied().unwrap_or(0) as usize;
            Err(LoadError { row, column: None, writing: false, error })
        }
        None => Ok(Good { columns, rows: kept }),
    }
}
