//! Rows of the table: places in the log, transactions' numbers, snapshots, places of rows.

use super::{Row, row};
use crate::kernel::{hash, send, transaction};
use crate::table::entry::Implementation::{Comparison, Scalar, Set};
use crate::table::oids::*;
use types::vector::Operator;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(1265, "tidne", &[TID, TID], BOOL, "tidne", Comparison(Operator::NotEqual)),
    row(1292, "tideq", &[TID, TID], BOOL, "tideq", Comparison(Operator::Equal)),
    row(2233, "hashtid", &[TID], INT4, "hashtid", Scalar(hash::hash)),
    row(2234, "hashtidextended", &[TID, INT8], INT8, "hashtidextended", Scalar(hash::hash_extended)),
    row(2439, "tidsend", &[TID], BYTEA, "tidsend", Scalar(send::send)),
    row(2790, "tidgt", &[TID, TID], BOOL, "tidgt", Comparison(Operator::Greater)),
    row(2791, "tidlt", &[TID, TID], BOOL, "tidlt", Comparison(Operator::Less)),
    row(2792, "tidge", &[TID, TID], BOOL, "tidge", Comparison(Operator::GreaterOrEqual)),
    row(2793, "tidle", &[TID, TID], BOOL, "tidle", Comparison(Operator::LessOrEqual)),
    row(2794, "bttidcmp", &[TID, TID], INT4, "bttidcmp", Scalar(transaction::bttidcmp)),
    row(2795, "tidlarger", &[TID, TID], TID, "tidlarger", Scalar(transaction::tidlarger)),
    row(2796, "tidsmaller", &[TID, TID], TID, "tidsmaller", Scalar(transaction::tidsmaller)),
    row(2942, "txid_snapshot_send", &[TXID_SNAPSHOT], BYTEA, "pg_snapshot_send", Scalar(send::send)),
    row(2945, "txid_snapshot_xmin", &[TXID_SNAPSHOT], INT8, "pg_snapshot_xmin", Scalar(transaction::pg_snapshot_xmin)),
    row(2946, "txid_snapshot_xmax", &[TXID_SNAPSHOT], INT8, "pg_snapshot_xmax", Scalar(transaction::pg_snapshot_xmax)),
    row(2947, "txid_snapshot_xip", &[TXID_SNAPSHOT], INT8, "pg_snapshot_xip", Set(transaction::pg_snapshot_xip)).set(),
    row(2948, "txid_visible_in_snapshot", &[INT8, TXID_SNAPSHOT], BOOL, "pg_visible_in_snapshot", Scalar(transaction::pg_visible_in_snapshot)),
    row(3237, "pg_lsn_mi", &[PG_LSN, PG_LSN], NUMERIC, "pg_lsn_mi", Scalar(transaction::pg_lsn_mi)),
    row(3239, "pg_lsn_send", &[PG_LSN], BYTEA, "pg_lsn_send", Scalar(send::send)),
    row(3251, "pg_lsn_cmp", &[PG_LSN, PG_LSN], INT4, "pg_lsn_cmp", Scalar(transaction::unsigned_cmp)),
    row(3252, "pg_lsn_hash", &[PG_LSN], INT4, "pg_lsn_hash", Scalar(hash::hash)),
    row(3413, "pg_lsn_hash_extended", &[PG_LSN, INT8], INT8, "pg_lsn_hash_extended", Scalar(hash::hash_extended)),
    row(4187, "pg_lsn_larger", &[PG_LSN, PG_LSN], PG_LSN, "pg_lsn_larger", Scalar(transaction::unsigned_larger)),
    row(4188, "pg_lsn_smaller", &[PG_LSN, PG_LSN], PG_LSN, "pg_lsn_smaller", Scalar(transaction::unsigned_smaller)),
    row(5022, "pg_lsn_pli", &[PG_LSN, NUMERIC], PG_LSN, "pg_lsn_pli", Scalar(transaction::pg_lsn_pli)),
    row(5023, "numeric_pl_pg_lsn", &[NUMERIC, PG_LSN], PG_LSN, "", Scalar(transaction::numeric_pl_pg_lsn)),
    row(5024, "pg_lsn_mii", &[PG_LSN, NUMERIC], PG_LSN, "pg_lsn_mii", Scalar(transaction::pg_lsn_mii)),
    row(5058, "pg_snapshot_send", &[PG_SNAPSHOT], BYTEA, "pg_snapshot_send", Scalar(send::send)),
    row(5062, "pg_snapshot_xmin", &[PG_SNAPSHOT], XID8, "pg_snapshot_xmin", Scalar(transaction::pg_snapshot_xmin)),
    row(5063, "pg_snapshot_xmax", &[PG_SNAPSHOT], XID8, "pg_snapshot_xmax", Scalar(transaction::pg_snapshot_xmax)),
    row(5064, "pg_snapshot_xip", &[PG_SNAPSHOT], XID8, "pg_snapshot_xip", Set(transaction::pg_snapshot_xip)).set(),
    row(5065, "pg_visible_in_snapshot", &[XID8, PG_SNAPSHOT], BOOL, "pg_visible_in_snapshot", Scalar(transaction::pg_visible_in_snapshot)),
    row(5071, "xid", &[XID8], XID, "xid8toxid", Scalar(transaction::xid_of_xid8)),
    row(5096, "xid8cmp", &[XID8, XID8], INT4, "xid8cmp", Scalar(transaction::unsigned_cmp)),
    row(5097, "xid8_larger", &[XID8, XID8], XID8, "xid8_larger", Scalar(transaction::unsigned_larger)),
    row(5098, "xid8_smaller", &[XID8, XID8], XID8, "xid8_smaller", Scalar(transaction::unsigned_smaller)),
    row(6103, "pg_lsn", &[NUMERIC], PG_LSN, "numeric_pg_lsn", Scalar(transaction::numeric_pg_lsn)),
];
