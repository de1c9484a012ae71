//! Rows of the table: advisory locks, and who waits for whom.

use super::{Row, row};
use crate::evaluate::SessionFunction;
use crate::table::entry::Implementation::Session;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(2561, "pg_blocking_pids", &[INT4], INT4_ARRAY, "pg_blocking_pids", Session(SessionFunction::BlockingPids)).volatile(),
    row(2880, "pg_advisory_lock", &[INT8], VOID, "pg_advisory_lock_int8", Session(SessionFunction::LockAdvisory)).volatile(),
    row(2881, "pg_advisory_lock_shared", &[INT8], VOID, "pg_advisory_lock_shared_int8", Session(SessionFunction::LockAdvisoryShared)).volatile(),
    row(2882, "pg_try_advisory_lock", &[INT8], BOOL, "pg_try_advisory_lock_int8", Session(SessionFunction::TryLockAdvisory)).volatile(),
    row(2883, "pg_try_advisory_lock_shared", &[INT8], BOOL, "pg_try_advisory_lock_shared_int8", Session(SessionFunction::TryLockAdvisoryShared)).volatile(),
    row(2884, "pg_advisory_unlock", &[INT8], BOOL, "pg_advisory_unlock_int8", Session(SessionFunction::UnlockAdvisory)).volatile(),
    row(2885, "pg_advisory_unlock_shared", &[INT8], BOOL, "pg_advisory_unlock_shared_int8", Session(SessionFunction::UnlockAdvisoryShared)).volatile(),
    row(2886, "pg_advisory_lock", &[INT4, INT4], VOID, "pg_advisory_lock_int4", Session(SessionFunction::LockAdvisory)).volatile(),
    row(2887, "pg_advisory_lock_shared", &[INT4, INT4], VOID, "pg_advisory_lock_shared_int4", Session(SessionFunction::LockAdvisoryShared)).volatile(),
    row(2888, "pg_try_advisory_lock", &[INT4, INT4], BOOL, "pg_try_advisory_lock_int4", Session(SessionFunction::TryLockAdvisory)).volatile(),
    row(2889, "pg_try_advisory_lock_shared", &[INT4, INT4], BOOL, "pg_try_advisory_lock_shared_int4", Session(SessionFunction::TryLockAdvisoryShared)).volatile(),
    row(2890, "pg_advisory_unlock", &[INT4, INT4], BOOL, "pg_advisory_unlock_int4", Session(SessionFunction::UnlockAdvisory)).volatile(),
    row(2891, "pg_advisory_unlock_shared", &[INT4, INT4], BOOL, "pg_advisory_unlock_shared_int4", Session(SessionFunction::UnlockAdvisoryShared)).volatile(),
    row(2892, "pg_advisory_unlock_all", &[], VOID, "pg_advisory_unlock_all", Session(SessionFunction::UnlockAllAdvisory)).volatile(),
    row(3089, "pg_advisory_xact_lock", &[INT8], VOID, "pg_advisory_xact_lock_int8", Session(SessionFunction::LockAdvisoryInTransaction)).volatile(),
    row(3090, "pg_advisory_xact_lock_shared", &[INT8], VOID, "pg_advisory_xact_lock_shared_int8", Session(SessionFunction::LockAdvisoryInTransactionShared)).volatile(),
    row(3091, "pg_try_advisory_xact_lock", &[INT8], BOOL, "pg_try_advisory_xact_lock_int8", Session(SessionFunction::TryLockAdvisoryInTransaction)).volatile(),
    row(3092, "pg_try_advisory_xact_lock_shared", &[INT8], BOOL, "pg_try_advisory_xact_lock_shared_int8", Session(SessionFunction::TryLockAdvisoryInTransactionShared)).volatile(),
    row(3093, "pg_advisory_xact_lock", &[INT4, INT4], VOID, "pg_advisory_xact_lock_int4", Session(SessionFunction::LockAdvisoryInTransaction)).volatile(),
    row(3094, "pg_advisory_xact_lock_shared", &[INT4, INT4], VOID, "pg_advisory_xact_lock_shared_int4", Session(SessionFunction::LockAdvisoryInTransactionShared)).volatile(),
    row(3095, "pg_try_advisory_xact_lock", &[INT4, INT4], BOOL, "pg_try_advisory_xact_lock_int4", Session(SessionFunction::TryLockAdvisoryInTransaction)).volatile(),
    row(3096, "pg_try_advisory_xact_lock_shared", &[INT4, INT4], BOOL, "pg_try_advisory_xact_lock_shared_int4", Session(SessionFunction::TryLockAdvisoryInTransactionShared)).volatile(),
    row(3376, "pg_safe_snapshot_blocking_pids", &[INT4], INT4_ARRAY, "pg_safe_snapshot_blocking_pids", Session(SessionFunction::SafeSnapshotBlockingPids)).volatile(),
    row(3378, "pg_isolation_test_session_is_blocked", &[INT4, INT4_ARRAY], BOOL, "pg_isolation_test_session_is_blocked", Session(SessionFunction::IsBlockedInTest)).volatile(),
];
