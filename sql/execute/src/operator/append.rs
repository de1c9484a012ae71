//! All rows of all inputs, one after the other, from the first to the last or the other way round.

use super::pruned::Pruned;
use crate::error::ExecuteResult;
use crate::operator::{BoxedOperator, Operator, Restriction};
use crate::run::Run;
use types::vector::Chunk;

/// The operator.
pub struct Append {
    inputs: Vec<Input>,
    present: usize,
    backward: bool,
    pruned: Option<Pruned>,
}

/// An input, and whether it was asked, or told what rows of it are wanted, since it was rewound.
struct Input {
    operator: BoxedOperator,
    touched: bool,
}

impl Append {
    /// Of these.
    pub fn new(inputs: Vec<BoxedOperator>, backward: bool, pruned: Option<Pruned>) -> Append {
        let inputs = inputs.into_iter().map(|operator| Input { operator, touched: false }).collect();
        Append { inputs, present: 0, backward, pruned }
    }

    fn is_read(&mut self, place: usize, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        match &mut self.pruned {
            Some(pruned) => Ok(pruned.read(run)?.get(place).copied().unwrap_or(true)),
            None => Ok(true),
        }
    }
}

impl Operator for Append {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let count = self.inputs.len();
        while self.present < count {
            let place = if self.backward { count - 1 - self.present } else { self.present };
            if self.is_read(place, run)? {
                let input = &mut self.inputs[place];
                input.touched = true;
                if let Some(chunk) = input.operator.next(run)? {
                    return Ok(Some(chunk));
                }
            }
            self.present += 1;
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.present = 0;
        if let Some(pruned) = &mut self.pruned {
            pruned.rewind();
        }
        for input in self.inputs.iter_mut().filter(|input| input.touched) {
            input.operator.rewind(run)?;
            input.touched = false;
        }
        Ok(())
    }

    fn restrictable(&self, slot: usize) -> bool {
        self.inputs.iter().any(|input| input.operator.restrictable(slot))
    }

    fn restrict(&mut self, restriction: Restriction) {
        for input in self.inputs.iter_mut().filter(|input| input.operator.restrictable(restriction.slot)) {
            input.touched = true;
            input.operator.restrict(restriction.clone());
        }
    }
}
