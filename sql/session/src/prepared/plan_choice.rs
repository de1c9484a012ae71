//! Which plan a prepared statement is run by: one for all values of its parameters, or one for those that it is run with.
//!
//! As PostgreSQL 15 does (`choose_custom_plan`): the first five times plans are made for the values, which may tell how many rows
//! there will be, which partitions hold them, and what conditions come to. Then one is made for all values, and stays if it is
//! estimated to cost less than those did on average, what planning them cost included.
//!
//! A statement that is done by one look at a key is done so for all values. So is one that reads a few rows of a range of an index,
//! if plans for the values were all of that index: what such a plan would know better costs many times what the rows do. Should
//! the rows be many once, costs decide again. Only who runs a statement whole goes by that; EXPLAIN, and portals, do not.

use crate::error::SessionError;
use crate::prepared::{Planned, Short, Statement};
use crate::session::Session;
use store::TreeId;
use types::Value;

/// How often plans are made for the values before one for all is thought of.
const CUSTOM_FIRST: u64 = 5;

/// What making a plan is taken to cost for each relation, in operators (PostgreSQL's `cached_plan_cost`).
const PLANNING_OPERATORS: f64 = 1000.0;

/// `plan_cache_mode`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanCacheMode {
    /// By their costs.
    Auto,
    /// Always one for all values.
    Generic,
    /// Always one for the values.
    Custom,
}

impl PlanCacheMode {
    /// The one that a setting's word says; it takes no other words.
    pub(crate) fn read(word: &str) -> PlanCacheMode {
        match word {
            "force_generic_plan" => PlanCacheMode::Generic,
            "force_custom_plan" => PlanCacheMode::Custom,
            _ => PlanCacheMode::Auto,
        }
    }
}

/// What is known of the plans of a statement.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice {
    /// How often it was run by a plan for its values.
    pub custom_runs: u64,
    /// How often by the one for all.
    pub generic_runs: u64,
    /// What the former were estimated to cost, with what planning them cost.
    custom_cost: f64,
    /// What the latter is estimated to cost, once it has been made.
    generic_cost: Option<f64>,
    /// Whether it is done by one look at a key.
    by_key: bool,
    /// The index of which a few rows were read by each plan for its values; none if there is no such one.
    few_custom: Option<TreeId>,
    /// The index of which a few rows are read by the plan for all.
    few_generic: Option<TreeId>,
}

impl Choice {
    /// Whether a plan for the values is to be tried.
    fn is_custom(&self, deciding: Deciding) -> bool {
        let average = self.custom_cost / self.custom_runs.max(1) as f64;
        let dearer = self.generic_cost.is_some_and(|generic| generic >= average);
        let few = match deciding {
            Deciding::Whole => self.few_custom.is_some() && self.few_custom == self.few_generic,
            Deciding::Costs => false,
        };
        !self.by_key && (self.custom_runs < CUSTOM_FIRST || dearer && !few)
    }

    /// Whether it may be done by one look at a key: nobody has seen that it may not.
    pub fn may_be_by_key(&self) -> bool {
        self.by_key || self.generic_cost.is_none() && self.custom_runs == 0
    }

    /// Remembers what the plan for all values is like.
    pub fn look(&mut self, planned: &Planned) {
        self.generic_cost = Some(planned.ready.plan.root.estimate.total_cost);
        self.by_key = is_by_key(&planned.short);
        self.few_generic = few_of(&planned.short);
    }

    fn ran_custom(&mut self, planned: &Planned, cpu_operator_cost: f64) {
        let relations = planned.ready.plan.relations.len() as f64;
        let planning = PLANNING_OPERATORS * cpu_operator_cost * (relations + 1.0);
        let few = few_of(&planned.short);
        self.few_custom = if self.custom_runs == 0 || self.few_custom == few { few } else { None };
        self.custom_runs += 1;
        self.custom_cost += planned.ready.plan.root.estimate.total_cost + planning;
        self.by_key = is_by_key(&planned.short);
    }

    fn ran_generic(&mut self, planned: &Planned) {
        self.generic_runs += 1;
        self.look(planned);
    }
}

fn is_by_key(short: &Short) -> bool {
    match short {
        Short::Point(_) | Short::Change(_) => true,
        Short::No | Short::Few(_) => false,
    }
}

/// The index of which a few rows are read.
fn few_of(short: &Short) -> Option<TreeId> {
    match short {
        Short::Few(few) => Some(few.index()),
        Short::No | Short::Point(_) | Short::Change(_) => None,
    }
}

/// By what it is decided whether a plan is made for the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deciding {
    /// The statement is run whole, so that it shows whether a few rows are all.
    Whole,
    /// Costs alone.
    Costs,
}

impl Session {
    /// Takes out how a statement is done with these values, as [`Session::make_ready`] does for all.
    pub(crate) fn make_ready_for(
        &mut self,
        statement: &Statement,
        values: &[Value],
        deciding: Deciding,
    ) -> Result<Box<Planned>, SessionError> {
        let mode = self.settings.typed().plan_cache_mode;
        let mut choice = self.prepared.get_mut().choice(statement)?;
        let tries = match mode {
            _ if values.is_empty() => false,
            PlanCacheMode::Auto => choice.is_custom(deciding),
            PlanCacheMode::Generic => false,
            PlanCacheMode::Custom => true,
        };
        if !tries {
            let planned = self.make_ready(statement)?;
            choice.ran_generic(&planned);
            // The one for all values may turn out to be dearer than those for some.
            if mode != PlanCacheMode::Auto || values.is_empty() || !choice.is_custom(deciding) {
                self.prepared.get_mut().choose(statement, choice);
                return Ok(planned);
            }
            choice.generic_runs -= 1;
            self.prepared.get_mut().keep(statement, planned);
        }
        let planned = self.plan_anew(&statement.source, Some(values))?;
        choice.ran_custom(&planned, self.planner_settings().cpu_operator_cost);
        self.prepared.get_mut().choose(statement, choice);
        Ok(planned)
    }
}
