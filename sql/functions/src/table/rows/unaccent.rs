//! Rows of a module: `unaccent`. What a template of text search is made of is called by nobody.

use super::{Row, row};
use crate::kernel::search::document;
use crate::table::entry::Implementation::{Missing, Scalar};
use crate::table::oids::*;
use types::catalog::oid::INTERNAL;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(15300, "unaccent_init", &[INTERNAL], INTERNAL, "unaccent_init", Missing).volatile(),
    row(15301, "unaccent_lexize", &[INTERNAL, INTERNAL, INTERNAL, INTERNAL], INTERNAL, "unaccent_lexize", Missing).volatile(),
    row(15302, "unaccent", &[TEXT], TEXT, "unaccent_dict", Scalar(document::unaccent)).stable(),
    row(15303, "unaccent", &[REGDICTIONARY, TEXT], TEXT, "unaccent_dict", Scalar(document::unaccent)).stable(),
];
