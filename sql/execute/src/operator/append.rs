//! All rows of all inputs, one after the other.

use crate::error::ExecuteResult;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use types::vector::Chunk;

/// The operator.
pub struct Append {
    inputs: Vec<BoxedOperator>,
    present: usize,
}

impl Append {
    /// Of these.
    pub fn new(inputs: Vec<BoxedOperator>) -> Append {
        Append { inputs, present: 0 }
    }
}

impl Operator for Append {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        while let Some(input) = self.inputs.get_mut(self.present) {
            if let Some(chunk) = input.next(run)? {
                return Ok(Some(chunk));
            }
            self.present += 1;
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.present = 0;
        self.inputs.iter_mut().try_for_each(|input| input.rewind(run))
    }
}
