//! TABLESAMPLE: a row, or a leaf, is in the sample if its number's hash with the seed is small enough.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator};
use crate::run::Run;
use diagnostic::SqlState;
use plan::logical::Sample;
use types::Value;

/// Decides which rows are in a sample.
pub struct Sampler {
    by_rows: bool,
    percentage: Evaluator,
    seed: Option<Evaluator>,
    /// Hashes below this are in; `None` takes all.
    limit: Option<u64>,
    chosen_seed: u64,
}

fn mix(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

impl Sampler {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, sample: &Sample) -> ExecuteResult<Sampler> {
        Ok(Sampler {
            by_rows: sample.by_rows,
            percentage: Evaluator::new(compiler, &sample.percentage)?,
            seed: sample.seed.as_ref().map(|seed| Evaluator::new(compiler, seed)).transpose()?,
            limit: None,
            chosen_seed: 0,
        })
    }

    /// A scan begins: percentage and seed are asked for.
    pub fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let percentage = match self.percentage.value(run)? {
            Value::Float32(value) => f64::from(value),
            Value::Null => {
                let message = "TABLESAMPLE parameter cannot be null";
                return Err(ExecuteError::plain(SqlState::InvalidTablesampleArgument, message));
            }
            _ => return Err(ExecuteError::plan("a percentage that is not real")),
        };
        if !(0.0..=100.0).contains(&percentage) {
            let message = "sample percentage must be between 0 and 100";
            return Err(ExecuteError::plain(SqlState::InvalidTablesampleArgument, message));
        }
        // Within the range of the type: a float below 2^64.
        self.limit = (percentage < 100.0).then(|| (percentage / 100.0 * 18_446_744_073_709_551_616.0) as u64);
        self.chosen_seed = match self.seed.as_ref().map(|seed| seed.value(run)).transpose()? {
            None => {
                run.note_volatile();
                run.world.context.session.entropy()?
            }
            Some(Value::Float64(seed)) => mix((seed + 0.0).to_bits()),
            Some(_) => {
                let message = "TABLESAMPLE REPEATABLE parameter cannot be null";
                return Err(ExecuteError::plain(SqlState::InvalidTablesampleRepeat, message));
            }
        };
        Ok(())
    }

    /// Whether a row is in it; `leaf` is the number of the first row of its leaf.
    pub fn keeps(&self, row: u64, leaf: u64) -> bool {
        let unit = if self.by_rows { row } else { leaf };
        self.limit.is_none_or(|limit| mix(unit ^ self.chosen_seed) < limit)
    }
}
