//! All rows of all inputs, one after the other, from the first to the last or the other way round.

use crate::error::ExecuteResult;
use crate::operator::{BoxedOperator, Operator, Restriction};
use crate::run::Run;
use types::vector::Chunk;

/// The operator.
pub struct Append {
    inputs: Vec<BoxedOperator>,
    present: usize,
    backward: bool,
}

impl Append {
    /// Of these.
    pub fn new(inputs: Vec<BoxedOperator>, backward: bool) -> Append {
        Append { inputs, present: 0, backward }
    }
}

impl Operator for Append {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let count = self.inputs.len();
        while self.present < count {
            let place = if self.backward { count - 1 - self.present } else { self.present };
            let input = &mut self.inputs[place];
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

    fn restrictable(&self, slot: usize) -> bool {
        self.inputs.iter().any(|input| input.restrictable(slot))
    }

    fn restrict(&mut self, restriction: Restriction) {
        for input in self.inputs.iter_mut().filter(|input| input.restrictable(restriction.slot)) {
            input.restrict(restriction.clone());
        }
    }
}
