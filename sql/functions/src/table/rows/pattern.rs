//! Rows of the table: pattern.

use crate::kernel::pattern;
use crate::table::entry::FunctionEntry;
use crate::table::entry::Implementation::{Scalar, Set};
use crate::table::oids::*;

use FunctionEntry as Row;

const fn row(
    oid: u32,
    name: &'static str,
    arguments: &'static [u32],
    result: u32,
    source: &'static str,
    implementation: crate::table::entry::Implementation,
) -> Row {
    Row::new(oid, name, arguments, result, source, implementation)
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(79, "nameregexeq", &[NAME, TEXT], BOOL, "nameregexeq", Scalar(pattern::find::nameregexeq)),
    row(1238, "texticregexeq", &[TEXT, TEXT], BOOL, "texticregexeq", Scalar(pattern::find::texticregexeq)),
    row(1239, "texticregexne", &[TEXT, TEXT], BOOL, "texticregexne", Scalar(pattern::find::texticregexne)),
    row(1240, "nameicregexeq", &[NAME, TEXT], BOOL, "nameicregexeq", Scalar(pattern::find::nameicregexeq)),
    row(1241, "nameicregexne", &[NAME, TEXT], BOOL, "nameicregexne", Scalar(pattern::find::nameicregexne)),
    row(1252, "nameregexne", &[NAME, TEXT], BOOL, "nameregexne", Scalar(pattern::find::nameregexne)),
    row(1254, "textregexeq", &[TEXT, TEXT], BOOL, "textregexeq", Scalar(pattern::find::textregexeq)),
    row(1256, "textregexne", &[TEXT, TEXT], BOOL, "textregexne", Scalar(pattern::find::textregexne)),
    row(1623, "similar_escape", &[TEXT, TEXT], TEXT, "similar_escape", Scalar(pattern::similar::similar_escape)).lenient(),
    row(1656, "bpcharicregexeq", &[BPCHAR, TEXT], BOOL, "texticregexeq", Scalar(pattern::find::texticregexeq)),
    row(1657, "bpcharicregexne", &[BPCHAR, TEXT], BOOL, "texticregexne", Scalar(pattern::find::texticregexne)),
    row(1658, "bpcharregexeq", &[BPCHAR, TEXT], BOOL, "textregexeq", Scalar(pattern::find::textregexeq)),
    row(1659, "bpcharregexne", &[BPCHAR, TEXT], BOOL, "textregexne", Scalar(pattern::find::textregexne)),
    row(1986, "similar_to_escape", &[TEXT, TEXT], TEXT, "similar_to_escape_2", Scalar(pattern::similar::similar_to_escape_2)),
    row(1987, "similar_to_escape", &[TEXT], TEXT, "similar_to_escape_1", Scalar(pattern::similar::similar_to_escape_1)),
    row(2073, "substring", &[TEXT, TEXT], TEXT, "textregexsubstr", Scalar(pattern::find::textregexsubstr)),
    row(2074, "substring", &[TEXT, TEXT, TEXT], TEXT, "", Scalar(pattern::similar::substring)),
    row(2284, "regexp_replace", &[TEXT, TEXT, TEXT], TEXT, "textregexreplace_noopt", Scalar(pattern::find::textregexreplace_noopt)),
    row(2285, "regexp_replace", &[TEXT, TEXT, TEXT, TEXT], TEXT, "textregexreplace", Scalar(pattern::find::textregexreplace)),
    row(2763, "regexp_matches", &[TEXT, TEXT], TEXT_ARRAY, "regexp_matches_no_flags", Set(pattern::find::regexp_matches_no_flags)).set(),
    row(2764, "regexp_matches", &[TEXT, TEXT, TEXT], TEXT_ARRAY, "regexp_matches", Set(pattern::find::regexp_matches)).set(),
    row(2765, "regexp_split_to_table", &[TEXT, TEXT], TEXT, "regexp_split_to_table_no_flags", Set(pattern::find::regexp_split_to_table_no_flags)).set(),
    row(2766, "regexp_split_to_table", &[TEXT, TEXT, TEXT], TEXT, "regexp_split_to_table", Set(pattern::find::regexp_split_to_table)).set(),
    row(2767, "regexp_split_to_array", &[TEXT, TEXT], TEXT_ARRAY, "regexp_split_to_array_no_flags", Scalar(pattern::find::regexp_split_to_array_no_flags)),
    row(2768, "regexp_split_to_array", &[TEXT, TEXT, TEXT], TEXT_ARRAY, "regexp_split_to_array", Scalar(pattern::find::regexp_split_to_array)),
    row(3396, "regexp_match", &[TEXT, TEXT], TEXT_ARRAY, "regexp_match_no_flags", Scalar(pattern::find::regexp_match_no_flags)),
    row(3397, "regexp_match", &[TEXT, TEXT, TEXT], TEXT_ARRAY, "regexp_match", Scalar(pattern::find::regexp_match)),
    row(6251, "regexp_replace", &[TEXT, TEXT, TEXT, INT4, INT4, TEXT], TEXT, "textregexreplace_extended", Scalar(pattern::find::textregexreplace_extended)),
    row(6252, "regexp_replace", &[TEXT, TEXT, TEXT, INT4, INT4], TEXT, "textregexreplace_extended_no_flags", Scalar(pattern::find::textregexreplace_extended)),
    row(6253, "regexp_replace", &[TEXT, TEXT, TEXT, INT4], TEXT, "textregexreplace_extended_no_n", Scalar(pattern::find::textregexreplace_extended)),
    row(6254, "regexp_count", &[TEXT, TEXT], INT4, "regexp_count_no_start", Scalar(pattern::count::regexp_count)),
    row(6255, "regexp_count", &[TEXT, TEXT, INT4], INT4, "regexp_count_no_flags", Scalar(pattern::count::regexp_count)),
    row(6256, "regexp_count", &[TEXT, TEXT, INT4, TEXT], INT4, "regexp_count", Scalar(pattern::count::regexp_count)),
    row(6257, "regexp_instr", &[TEXT, TEXT], INT4, "regexp_instr_no_start", Scalar(pattern::count::regexp_instr)),
    row(6258, "regexp_instr", &[TEXT, TEXT, INT4], INT4, "regexp_instr_no_n", Scalar(pattern::count::regexp_instr)),
    row(6259, "regexp_instr", &[TEXT, TEXT, INT4, INT4], INT4, "regexp_instr_no_endoption", Scalar(pattern::count::regexp_instr)),
    row(6260, "regexp_instr", &[TEXT, TEXT, INT4, INT4, INT4], INT4, "regexp_instr_no_flags", Scalar(pattern::count::regexp_instr)),
    row(6261, "regexp_instr", &[TEXT, TEXT, INT4, INT4, INT4, TEXT], INT4, "regexp_instr_no_subexpr", Scalar(pattern::count::regexp_instr)),
    row(6262, "regexp_instr", &[TEXT, TEXT, INT4, INT4, INT4, TEXT, INT4], INT4, "regexp_instr", Scalar(pattern::count::regexp_instr)),
    row(6263, "regexp_like", &[TEXT, TEXT], BOOL, "regexp_like_no_flags", Scalar(pattern::find::regexp_like_no_flags)),
    row(6264, "regexp_like", &[TEXT, TEXT, TEXT], BOOL, "regexp_like", Scalar(pattern::find::regexp_like)),
    row(6265, "regexp_substr", &[TEXT, TEXT], TEXT, "regexp_substr_no_start", Scalar(pattern::count::regexp_substr)),
    row(6266, "regexp_substr", &[TEXT, TEXT, INT4], TEXT, "regexp_substr_no_n", Scalar(pattern::count::regexp_substr)),
    row(6267, "regexp_substr", &[TEXT, TEXT, INT4, INT4], TEXT, "regexp_substr_no_flags", Scalar(pattern::count::regexp_substr)),
    row(6268, "regexp_substr", &[TEXT, TEXT, INT4, INT4, TEXT], TEXT, "regexp_substr_no_subexpr", Scalar(pattern::count::regexp_substr)),
    row(6269, "regexp_substr", &[TEXT, TEXT, INT4, INT4, TEXT, INT4], TEXT, "regexp_substr", Scalar(pattern::count::regexp_substr)),
];
