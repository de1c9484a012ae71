//! Rows of the table: large objects.

use super::{Row, row};
use crate::evaluate::SessionFunction;
use crate::table::entry::Implementation::Session;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(715, "lo_create", &[OID], OID, "be_lo_create", Session(SessionFunction::LargeObjectCreate)).volatile(),
    row(764, "lo_import", &[TEXT], OID, "be_lo_import", Session(SessionFunction::LargeObjectImport)).volatile(),
    row(765, "lo_export", &[OID, TEXT], INT4, "be_lo_export", Session(SessionFunction::LargeObjectExport)).volatile(),
    row(767, "lo_import", &[TEXT, OID], OID, "be_lo_import_with_oid", Session(SessionFunction::LargeObjectImportAs)).volatile(),
    row(952, "lo_open", &[OID, INT4], INT4, "be_lo_open", Session(SessionFunction::LargeObjectOpen)).volatile(),
    row(953, "lo_close", &[INT4], INT4, "be_lo_close", Session(SessionFunction::LargeObjectClose)).volatile(),
    row(954, "loread", &[INT4, INT4], BYTEA, "be_loread", Session(SessionFunction::LargeObjectRead)).volatile(),
    row(955, "lowrite", &[INT4, BYTEA], INT4, "be_lowrite", Session(SessionFunction::LargeObjectWrite)).volatile(),
    row(956, "lo_lseek", &[INT4, INT4, INT4], INT4, "be_lo_lseek", Session(SessionFunction::LargeObjectSeek)).volatile(),
    row(957, "lo_creat", &[INT4], OID, "be_lo_creat", Session(SessionFunction::LargeObjectCreat)).volatile(),
    row(958, "lo_tell", &[INT4], INT4, "be_lo_tell", Session(SessionFunction::LargeObjectTell)).volatile(),
    row(964, "lo_unlink", &[OID], INT4, "be_lo_unlink", Session(SessionFunction::LargeObjectUnlink)).volatile(),
    row(1004, "lo_truncate", &[INT4, INT4], INT4, "be_lo_truncate", Session(SessionFunction::LargeObjectTruncate)).volatile(),
    row(3170, "lo_lseek64", &[INT4, INT8, INT4], INT8, "be_lo_lseek64", Session(SessionFunction::LargeObjectSeekFar)).volatile(),
    row(3171, "lo_tell64", &[INT4], INT8, "be_lo_tell64", Session(SessionFunction::LargeObjectTellFar)).volatile(),
    row(3172, "lo_truncate64", &[INT4, INT8], INT4, "be_lo_truncate64", Session(SessionFunction::LargeObjectTruncateFar)).volatile(),
    row(3457, "lo_from_bytea", &[OID, BYTEA], OID, "be_lo_from_bytea", Session(SessionFunction::LargeObjectFromBytes)).volatile(),
    row(3458, "lo_get", &[OID], BYTEA, "be_lo_get", Session(SessionFunction::LargeObjectGet)).volatile(),
    row(3459, "lo_get", &[OID, INT8, INT4], BYTEA, "be_lo_get_fragment", Session(SessionFunction::LargeObjectGetFragment)).volatile(),
    row(3460, "lo_put", &[OID, INT8, BYTEA], VOID, "be_lo_put", Session(SessionFunction::LargeObjectPut)).volatile(),
];
