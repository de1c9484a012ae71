//! `IS …`

use super::negation;
use crate::binder::{Binder, Bound, unsupported};
use crate::constant::unknown;
use crate::error::BindResult;
use plan::expression::{Expression, ExpressionKind};
use syntax::tree::expression::{IsTest, NormalForm};
use types::Type;
use types::catalog::oid;

impl Binder<'_> {
    pub(super) fn is_test(
        &mut self,
        operand: Bound,
        test: IsTest,
        negated: bool,
        position: u32,
    ) -> BindResult<Bound> {
        let start = operand.position;
        let (wanted, construct) = match test {
            IsTest::Null => {
                let operand = self.settle_any(operand)?;
                let kind = ExpressionKind::IsNull { operand: Box::new(operand.expression), negated };
                let expression = Expression { kind, result: Type::of(oid::BOOL) };
                return Ok(Bound { expression, position: start });
            }
            IsTest::True => (Some(true), if negated { "IS NOT TRUE" } else { "IS TRUE" }),
            IsTest::False => (Some(false), if negated { "IS NOT FALSE" } else { "IS FALSE" }),
            IsTest::Unknown => (None, if negated { "IS NOT UNKNOWN" } else { "IS UNKNOWN" }),
            IsTest::Document => return Err(unsupported("IS DOCUMENT", position)),
            IsTest::Normalized(form) => {
                let form = match form {
                    NormalForm::Nfc => "NFC",
                    NormalForm::Nfd => "NFD",
                    NormalForm::Nfkc => "NFKC",
                    NormalForm::Nfkd => "NFKD",
                };
                let arguments = vec![operand, unknown(form, position)];
                let tested = self.system_call("is_normalized", arguments, position)?;
                let expression = if negated { negation(tested.expression) } else { tested.expression };
                return Ok(Bound { expression, position: start });
            }
        };
        let operand = Box::new(self.boolean(operand, construct)?);
        let kind = ExpressionKind::IsBoolean { operand, wanted, negated };
        Ok(Bound { expression: Expression { kind, result: Type::of(oid::BOOL) }, position: start })
    }
}
