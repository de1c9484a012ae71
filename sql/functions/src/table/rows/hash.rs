//! Rows of the table: hash functions.

use crate::kernel::hash;
use crate::table::entry::FunctionEntry;
use crate::table::entry::Implementation::Scalar;
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
    row(328, "hashmacaddr8", &[MACADDR8], INT4, "hashmacaddr8", Scalar(hash::hash)),
    row(399, "hashmacaddr", &[MACADDR], INT4, "hashmacaddr", Scalar(hash::hash)),
    row(400, "hashtext", &[TEXT], INT4, "hashtext", Scalar(hash::hash)),
    row(422, "hashinet", &[INET], INT4, "hashinet", Scalar(hash::hash)),
    row(425, "hashint4extended", &[INT4, INT8], INT8, "hashint4extended", Scalar(hash::hash_extended)),
    row(432, "hash_numeric", &[NUMERIC], INT4, "hash_numeric", Scalar(hash::hash)),
    row(441, "hashint2extended", &[INT2, INT8], INT8, "hashint2extended", Scalar(hash::hash_extended)),
    row(442, "hashint8extended", &[INT8, INT8], INT8, "hashint8extended", Scalar(hash::hash_extended)),
    row(443, "hashfloat4extended", &[FLOAT4, INT8], INT8, "hashfloat4extended", Scalar(hash::hash_extended)),
    row(444, "hashfloat8extended", &[FLOAT8, INT8], INT8, "hashfloat8extended", Scalar(hash::hash_extended)),
    row(445, "hashoidextended", &[OID, INT8], INT8, "hashoidextended", Scalar(hash::hash_extended)),
    row(446, "hashcharextended", &[CHAR, INT8], INT8, "hashcharextended", Scalar(hash::hash_extended)),
    row(447, "hashnameextended", &[NAME, INT8], INT8, "hashnameextended", Scalar(hash::hash_extended)),
    row(448, "hashtextextended", &[TEXT, INT8], INT8, "hashtextextended", Scalar(hash::hash_extended)),
    row(449, "hashint2", &[INT2], INT4, "hashint2", Scalar(hash::hash)),
    row(450, "hashint4", &[INT4], INT4, "hashint4", Scalar(hash::hash)),
    row(451, "hashfloat4", &[FLOAT4], INT4, "hashfloat4", Scalar(hash::hash)),
    row(452, "hashfloat8", &[FLOAT8], INT4, "hashfloat8", Scalar(hash::hash)),
    row(453, "hashoid", &[OID], INT4, "hashoid", Scalar(hash::hash)),
    row(454, "hashchar", &[CHAR], INT4, "hashchar", Scalar(hash::hash)),
    row(455, "hashname", &[NAME], INT4, "hashname", Scalar(hash::hash)),
    row(457, "hashoidvector", &[OIDVECTOR], INT4, "hashoidvector", Scalar(hash::hash)),
    row(626, "hash_array", &[ANYARRAY], INT4, "hash_array", Scalar(hash::hash)),
    row(776, "hashoidvectorextended", &[OIDVECTOR, INT8], INT8, "hashoidvectorextended", Scalar(hash::hash_extended)),
    row(778, "hashmacaddrextended", &[MACADDR, INT8], INT8, "hashmacaddrextended", Scalar(hash::hash_extended)),
    row(779, "hashinetextended", &[INET, INT8], INT8, "hashinetextended", Scalar(hash::hash_extended)),
    row(780, "hash_numeric_extended", &[NUMERIC, INT8], INT8, "hash_numeric_extended", Scalar(hash::hash_extended)),
    row(781, "hashmacaddr8extended", &[MACADDR8, INT8], INT8, "hashmacaddr8extended", Scalar(hash::hash_extended)),
    row(782, "hash_array_extended", &[ANYARRAY, INT8], INT8, "hash_array_extended", Scalar(hash::hash_extended)),
    row(949, "hashint8", &[INT8], INT4, "hashint8", Scalar(hash::hash)),
    row(972, "hashbpcharextended", &[BPCHAR, INT8], INT8, "hashbpcharextended", Scalar(hash::hash_extended)),
    row(1080, "hashbpchar", &[BPCHAR], INT4, "hashbpchar", Scalar(hash::hash)),
    row(1688, "time_hash", &[TIME], INT4, "time_hash", Scalar(hash::hash)),
    row(1696, "timetz_hash", &[TIMETZ], INT4, "timetz_hash", Scalar(hash::hash)),
    row(1697, "interval_hash", &[INTERVAL], INT4, "interval_hash", Scalar(hash::hash)),
    row(2039, "timestamp_hash", &[TIMESTAMP], INT4, "timestamp_hash", Scalar(hash::hash)),
    row(2963, "uuid_hash", &[UUID], INT4, "uuid_hash", Scalar(hash::hash)),
    row(3409, "time_hash_extended", &[TIME, INT8], INT8, "time_hash_extended", Scalar(hash::hash_extended)),
    row(3410, "timetz_hash_extended", &[TIMETZ, INT8], INT8, "timetz_hash_extended", Scalar(hash::hash_extended)),
    row(3411, "timestamp_hash_extended", &[TIMESTAMP, INT8], INT8, "timestamp_hash_extended", Scalar(hash::hash_extended)),
    row(3412, "uuid_hash_extended", &[UUID, INT8], INT8, "uuid_hash_extended", Scalar(hash::hash_extended)),
    row(3414, "hashenumextended", &[ANYENUM, INT8], INT8, "hashenumextended", Scalar(hash::hash_extended)),
    row(3418, "interval_hash_extended", &[INTERVAL, INT8], INT8, "interval_hash_extended", Scalar(hash::hash_extended)),
    row(3515, "hashenum", &[ANYENUM], INT4, "hashenum", Scalar(hash::hash)),
    row(6192, "hash_record", &[RECORD], INT4, "hash_record", Scalar(hash::hash)),
    row(6193, "hash_record_extended", &[RECORD, INT8], INT8, "hash_record_extended", Scalar(hash::hash_extended)),
];
