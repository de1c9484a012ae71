//! `LIKE`, `ILIKE`, `SIMILAR TO`.

use crate::binder::{Binder, Bound};
use crate::error::BindResult;
use syntax::tree::expression::{Expression as Syntax, Matching};

impl Binder<'_> {
    pub(super) fn like(
        &mut self,
        operand: Bound,
        matching: Matching,
        pattern: &Syntax<'_>,
        escape: Option<&Syntax<'_>>,
        negated: bool,
        position: u32,
    ) -> BindResult<Bound> {
        let pattern = self.expression(pattern)?;
        let pattern = match (matching, escape) {
            (Matching::SimilarTo, escape) => {
                let mut arguments = vec![pattern];
                if let Some(escape) = escape {
                    arguments.push(self.expression(escape)?);
                }
                self.system_call("similar_to_escape", arguments, position)?
            }
            (Matching::Like | Matching::ILike, Some(escape)) => {
                let escape = self.expression(escape)?;
                self.system_call("like_escape", vec![pattern, escape], position)?
            }
            (Matching::Like | Matching::ILike, None) => pattern,
        };
        let name = match (matching, negated) {
            (Matching::Like, false) => "~~",
            (Matching::Like, true) => "!~~",
            (Matching::ILike, false) => "~~*",
            (Matching::ILike, true) => "!~~*",
            (Matching::SimilarTo, false) => "~",
            (Matching::SimilarTo, true) => "!~",
        };
        self.operation(name, operand, pattern, position)
    }
}
