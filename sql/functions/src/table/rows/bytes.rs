//! Rows of the table: bytes.

use super::{Row, row};
use crate::kernel::{bytes, digest, encoding};
use crate::table::entry::Implementation::Scalar;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(720, "octet_length", &[BYTEA], INT4, "byteaoctetlen", Scalar(bytes::byteaoctetlen)),
    row(721, "get_byte", &[BYTEA, INT4], INT4, "byteaGetByte", Scalar(bytes::bytea_get_byte)),
    row(722, "set_byte", &[BYTEA, INT4, INT4], BYTEA, "byteaSetByte", Scalar(bytes::bytea_set_byte)),
    row(723, "get_bit", &[BYTEA, INT8], INT4, "byteaGetBit", Scalar(bytes::bytea_get_bit)),
    row(724, "set_bit", &[BYTEA, INT8, INT4], BYTEA, "byteaSetBit", Scalar(bytes::bytea_set_bit)),
    row(749, "overlay", &[BYTEA, BYTEA, INT4, INT4], BYTEA, "byteaoverlay", Scalar(bytes::byteaoverlay)),
    row(752, "overlay", &[BYTEA, BYTEA, INT4], BYTEA, "byteaoverlay_no_len", Scalar(bytes::byteaoverlay_no_len)),
    row(1713, "length", &[BYTEA, NAME], INT4, "length_in_encoding", Scalar(encoding::length_in_encoding)).stable(),
    row(1714, "convert_from", &[BYTEA, NAME], TEXT, "pg_convert_from", Scalar(encoding::pg_convert_from)).stable(),
    row(1717, "convert_to", &[TEXT, NAME], BYTEA, "pg_convert_to", Scalar(encoding::pg_convert_to)).stable(),
    row(1813, "convert", &[BYTEA, NAME, NAME], BYTEA, "pg_convert", Scalar(encoding::pg_convert)).stable(),
    row(1845, "to_ascii", &[TEXT], TEXT, "to_ascii_default", Scalar(encoding::to_ascii_default)),
    row(1846, "to_ascii", &[TEXT, INT4], TEXT, "to_ascii_enc", Scalar(encoding::to_ascii_enc)),
    row(1847, "to_ascii", &[TEXT, NAME], TEXT, "to_ascii_encname", Scalar(encoding::to_ascii_encname)),
    row(1946, "encode", &[BYTEA, TEXT], TEXT, "binary_encode", Scalar(bytes::binary_encode)),
    row(1947, "decode", &[TEXT, TEXT], BYTEA, "binary_decode", Scalar(bytes::binary_decode)),
    row(2010, "length", &[BYTEA], INT4, "byteaoctetlen", Scalar(bytes::byteaoctetlen)),
    row(2011, "byteacat", &[BYTEA, BYTEA], BYTEA, "byteacat", Scalar(bytes::byteacat)),
    row(2012, "substring", &[BYTEA, INT4, INT4], BYTEA, "bytea_substr", Scalar(bytes::bytea_substr)),
    row(2013, "substring", &[BYTEA, INT4], BYTEA, "bytea_substr_no_len", Scalar(bytes::bytea_substr_no_len)),
    row(2014, "position", &[BYTEA, BYTEA], INT4, "byteapos", Scalar(bytes::byteapos)),
    row(2015, "btrim", &[BYTEA, BYTEA], BYTEA, "byteatrim", Scalar(bytes::byteatrim)),
    row(2085, "substr", &[BYTEA, INT4, INT4], BYTEA, "bytea_substr", Scalar(bytes::bytea_substr)),
    row(2086, "substr", &[BYTEA, INT4], BYTEA, "bytea_substr_no_len", Scalar(bytes::bytea_substr_no_len)),
    row(2311, "md5", &[TEXT], TEXT, "md5_text", Scalar(digest::md5)),
    row(2321, "md5", &[BYTEA], TEXT, "md5_bytea", Scalar(digest::md5)),
    row(3419, "sha224", &[BYTEA], BYTEA, "sha224_bytea", Scalar(digest::sha224)),
    row(3420, "sha256", &[BYTEA], BYTEA, "sha256_bytea", Scalar(digest::sha256)),
    row(3421, "sha384", &[BYTEA], BYTEA, "sha384_bytea", Scalar(digest::sha384)),
    row(3422, "sha512", &[BYTEA], BYTEA, "sha512_bytea", Scalar(digest::sha512)),
    row(6163, "bit_count", &[BYTEA], INT8, "bytea_bit_count", Scalar(bytes::bytea_bit_count)),
    row(6195, "ltrim", &[BYTEA, BYTEA], BYTEA, "bytealtrim", Scalar(bytes::bytealtrim)),
    row(6196, "rtrim", &[BYTEA, BYTEA], BYTEA, "byteartrim", Scalar(bytes::byteartrim)),
];
