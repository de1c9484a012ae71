//! Which inputs need not be read: those of partitions that have no rows for values that are known when a statement runs.

use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, Scope};
use crate::run::Run;
use plan::pruning::{Pruning, Read};
use std::sync::Arc;
use types::Value;

/// A pruning, and what it has come to.
pub struct Pruned {
    pruning: Arc<Pruning>,
    /// None of values that are not asked for.
    values: Vec<Option<Evaluator>>,
    read: Option<Read>,
}

impl Pruned {
    /// By all values.
    pub fn new(compiler: &Compiler<'_>, pruning: &Arc<Pruning>) -> ExecuteResult<Pruned> {
        let all = vec![true; pruning.values.len()];
        Pruned::by(compiler, pruning, all.into_iter())
    }

    /// By those alone that are known when the statement begins.
    pub fn at_start(compiler: &Compiler<'_>, pruning: &Arc<Pruning>) -> ExecuteResult<Pruned> {
        Pruned::by(compiler, pruning, pruning.known_at_start())
    }

    fn by(
        compiler: &Compiler<'_>,
        pruning: &Arc<Pruning>,
        asked: impl Iterator<Item = bool>,
    ) -> ExecuteResult<Pruned> {
        let evaluator = |(value, asked)| match asked {
            true => Evaluator::new(compiler, value).map(Some),
            false => Ok(None),
        };
        let values = pruning.values.iter().zip(asked).map(evaluator).collect::<ExecuteResult<_>>()?;
        Ok(Pruned { pruning: pruning.clone(), values, read: None })
    }

    /// Which inputs are read.
    pub fn read(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<&[bool]> {
        let read = match self.read.take() {
            Some(read) => read,
            None => {
                let mut known: Vec<Option<Value>> = Vec::with_capacity(self.values.len());
                for value in &self.values {
                    let vector = value.as_ref().map(|value| value.evaluate_in(run, &Scope::new(&[], 1)));
                    known.push(vector.transpose()?.map(|vector| vector.value(0)));
                }
                self.pruning.read(&known)
            }
        };
        Ok(self.read.insert(read))
    }

    /// Values of rows around may be others from now on.
    pub fn rewind(&mut self) {
        self.read = None;
    }
}
