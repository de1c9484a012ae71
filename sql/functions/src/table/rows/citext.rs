//! Rows of a module: `citext`.

use super::{Row, row};
use crate::kernel::{citext, hash};
use crate::table::entry::Implementation::{Comparison, Scalar};
use crate::table::oids::*;
use types::catalog::module::CITEXT;
use types::vector::Operator;

const TWO: &[u32] = &[CITEXT, CITEXT];

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(15200, "citext_eq", TWO, BOOL, "citext_eq", Comparison(Operator::Equal)),
    row(15201, "citext_ne", TWO, BOOL, "citext_ne", Comparison(Operator::NotEqual)),
    row(15202, "citext_lt", TWO, BOOL, "citext_lt", Comparison(Operator::Less)),
    row(15203, "citext_le", TWO, BOOL, "citext_le", Comparison(Operator::LessOrEqual)),
    row(15204, "citext_gt", TWO, BOOL, "citext_gt", Comparison(Operator::Greater)),
    row(15205, "citext_ge", TWO, BOOL, "citext_ge", Comparison(Operator::GreaterOrEqual)),
    row(15206, "citext_pattern_lt", TWO, BOOL, "citext_pattern_lt", Comparison(Operator::Less)),
    row(15207, "citext_pattern_le", TWO, BOOL, "citext_pattern_le", Comparison(Operator::LessOrEqual)),
    row(15208, "citext_pattern_gt", TWO, BOOL, "citext_pattern_gt", Comparison(Operator::Greater)),
    row(15209, "citext_pattern_ge", TWO, BOOL, "citext_pattern_ge", Comparison(Operator::GreaterOrEqual)),
    row(15210, "citext_cmp", TWO, INT4, "citext_cmp", Scalar(citext::compare)),
    row(15211, "citext_pattern_cmp", TWO, INT4, "citext_pattern_cmp", Scalar(citext::compare)),
    row(15212, "citext_larger", TWO, CITEXT, "citext_larger", Scalar(citext::larger)),
    row(15213, "citext_smaller", TWO, CITEXT, "citext_smaller", Scalar(citext::smaller)),
    row(15214, "citext_hash", &[CITEXT], INT4, "citext_hash", Scalar(hash::hash)),
    row(15215, "citext_hash_extended", &[CITEXT, INT8], INT8, "citext_hash_extended", Scalar(hash::hash_extended)),
];
