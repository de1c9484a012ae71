//! Rows of a module: `pg_trgm`. What an index is made of is called by nobody.

use super::{Row, row};
use crate::kernel::trigram;
use crate::table::entry::Implementation::{Missing, Scalar};
use crate::table::oids::*;
use types::catalog::module::GTRGM;
use types::catalog::oid::INTERNAL;
use types::entry::EntryKind;

const TWO: &[u32] = &[TEXT, TEXT];

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(15400, "set_limit", &[FLOAT4], FLOAT4, "set_limit", Scalar(trigram::set_limit)).volatile(),
    row(15401, "show_limit", &[], FLOAT4, "show_limit", Scalar(trigram::show_limit)).stable(),
    row(15402, "show_trgm", &[TEXT], TEXT_ARRAY, "show_trgm", Scalar(trigram::show_trgm)),
    row(15403, "similarity", TWO, FLOAT4, "similarity", Scalar(trigram::similarity)),
    row(15404, "similarity_op", TWO, BOOL, "similarity_op", Scalar(trigram::similarity_op)).stable(),
    row(15405, "word_similarity", TWO, FLOAT4, "word_similarity", Scalar(trigram::word_similarity)),
    row(15406, "word_similarity_op", TWO, BOOL, "word_similarity_op", Scalar(trigram::word_similarity_op)).stable(),
    row(15407, "word_similarity_commutator_op", TWO, BOOL, "word_similarity_commutator_op", Scalar(trigram::word_similarity_turned_op)).stable(),
    row(15408, "similarity_dist", TWO, FLOAT4, "similarity_dist", Scalar(trigram::similarity_dist)),
    row(15409, "word_similarity_dist_op", TWO, FLOAT4, "word_similarity_dist_op", Scalar(trigram::word_distance)),
    row(15410, "word_similarity_dist_commutator_op", TWO, FLOAT4, "word_similarity_dist_commutator_op", Scalar(trigram::word_distance_turned)),
    row(15411, "strict_word_similarity", TWO, FLOAT4, "strict_word_similarity", Scalar(trigram::strict_word_similarity)),
    row(15412, "strict_word_similarity_op", TWO, BOOL, "strict_word_similarity_op", Scalar(trigram::strict_word_similarity_op)).stable(),
    row(15413, "strict_word_similarity_commutator_op", TWO, BOOL, "strict_word_similarity_commutator_op", Scalar(trigram::strict_word_similarity_turned_op)).stable(),
    row(15414, "strict_word_similarity_dist_op", TWO, FLOAT4, "strict_word_similarity_dist_op", Scalar(trigram::strict_word_distance)),
    row(15415, "strict_word_similarity_dist_commutator_op", TWO, FLOAT4, "strict_word_similarity_dist_commutator_op", Scalar(trigram::strict_word_distance_turned)),
    row(15416, "gtrgm_in", &[CSTRING], GTRGM, "gtrgm_in", Scalar(trigram::refused)),
    row(15417, "gtrgm_out", &[GTRGM], CSTRING, "gtrgm_out", Scalar(trigram::refused)),
    row(15418, "gtrgm_consistent", &[INTERNAL, TEXT, INT2, OID, INTERNAL], BOOL, "gtrgm_consistent", Missing),
    row(15419, "gtrgm_distance", &[INTERNAL, TEXT, INT2, OID, INTERNAL], FLOAT8, "gtrgm_distance", Missing),
    row(15420, "gtrgm_compress", &[INTERNAL], INTERNAL, "gtrgm_compress", Missing),
    row(15421, "gtrgm_decompress", &[INTERNAL], INTERNAL, "gtrgm_decompress", Missing),
    row(15422, "gtrgm_penalty", &[INTERNAL, INTERNAL, INTERNAL], INTERNAL, "gtrgm_penalty", Missing),
    row(15423, "gtrgm_picksplit", &[INTERNAL, INTERNAL], INTERNAL, "gtrgm_picksplit", Missing),
    row(15424, "gtrgm_union", &[INTERNAL, INTERNAL], GTRGM, "gtrgm_union", Missing),
    row(15425, "gtrgm_same", &[GTRGM, GTRGM, INTERNAL], INTERNAL, "gtrgm_same", Missing),
    row(15426, "gtrgm_options", &[INTERNAL], VOID, "gtrgm_options", Missing),
    row(15427, "gin_extract_value_trgm", &[TEXT, INTERNAL], INTERNAL, "gin_extract_value_trgm", Missing),
    row(15428, "gin_extract_query_trgm", &[TEXT, INTERNAL, INT2, INTERNAL, INTERNAL, INTERNAL, INTERNAL], INTERNAL, "gin_extract_query_trgm", Missing),
    row(15429, "gin_trgm_consistent", &[INTERNAL, INT2, TEXT, INT4, INTERNAL, INTERNAL, INTERNAL, INTERNAL], BOOL, "gin_trgm_consistent", Missing),
    row(15430, "gin_trgm_triconsistent", &[INTERNAL, INT2, TEXT, INT4, INTERNAL, INTERNAL, INTERNAL], CHAR, "gin_trgm_triconsistent", Missing),
];

/// By which functions of an operator class an index's entries are trigrams.
pub(super) const ENTRIES: &[(u32, EntryKind)] = &[(15420, EntryKind::Trigrams), (15427, EntryKind::Trigrams)];
