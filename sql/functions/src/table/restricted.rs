//! Functions that come with the program and that not everybody may call: PostgreSQL 15 takes EXECUTE on them from PUBLIC
//! (`system_functions.sql`), and gives it to some of its own roles.

/// The role that sees all that is measured.
const PG_MONITOR: u32 = 3373;
/// The role that sees all that is counted.
const PG_READ_ALL_STATS: u32 = 3375;

/// Their numbers, in order, and the roles beside the superusers that may call them.
#[rustfmt::skip]
const RESTRICTED: &[(u32, &[u32])] = &[
    (764, &[]), // lo_import
    (765, &[]), // lo_export
    (767, &[]), // lo_import
    (2172, &[]), // pg_backup_start
    (2274, &[]), // pg_stat_reset
    (2282, &[PG_READ_ALL_STATS]), // pg_get_backend_memory_contexts
    (2307, &[]), // pg_stat_reset_slru
    (2621, &[]), // pg_reload_conf
    (2622, &[]), // pg_rotate_logfile
    (2623, &[]), // pg_stat_file
    (2624, &[]), // pg_read_file
    (2625, &[]), // pg_ls_dir
    (2739, &[]), // pg_backup_stop
    (2848, &[]), // pg_switch_wal
    (3071, &[]), // pg_wal_replay_pause
    (3072, &[]), // pg_wal_replay_resume
    (3098, &[]), // pg_create_restore_point
    (3293, &[]), // pg_read_file
    (3295, &[]), // pg_read_binary_file
    (3297, &[]), // pg_ls_dir
    (3307, &[]), // pg_stat_file
    (3329, &[]), // pg_show_all_file_settings
    (3353, &[PG_MONITOR]), // pg_ls_logdir
    (3354, &[PG_MONITOR]), // pg_ls_waldir
    (3400, &[]), // pg_config
    (3401, &[]), // pg_hba_file_rules
    (3436, &[]), // pg_promote
    (3775, &[]), // pg_stat_reset_shared
    (3776, &[]), // pg_stat_reset_single_table_counters
    (3777, &[]), // pg_stat_reset_single_function_counters
    (3800, &[]), // pg_current_logfile
    (3801, &[]), // pg_current_logfile
    (3826, &[]), // pg_read_file
    (3827, &[]), // pg_read_binary_file
    (3828, &[]), // pg_read_binary_file
    (4543, &[]), // pg_log_backend_memory_contexts
    (5029, &[PG_MONITOR]), // pg_ls_tmpdir
    (5030, &[PG_MONITOR]), // pg_ls_tmpdir
    (5031, &[PG_MONITOR]), // pg_ls_archive_statusdir
    (5052, &[PG_READ_ALL_STATS]), // pg_get_shmem_allocations
    (6003, &[]), // pg_replication_origin_create
    (6004, &[]), // pg_replication_origin_drop
    (6005, &[]), // pg_replication_origin_oid
    (6006, &[]), // pg_replication_origin_session_setup
    (6007, &[]), // pg_replication_origin_session_reset
    (6008, &[]), // pg_replication_origin_session_is_setup
    (6009, &[]), // pg_replication_origin_session_progress
    (6010, &[]), // pg_replication_origin_xact_setup
    (6011, &[]), // pg_replication_origin_xact_reset
    (6012, &[]), // pg_replication_origin_advance
    (6013, &[]), // pg_replication_origin_progress
    (6014, &[]), // pg_show_replication_origin_status
    (6170, &[]), // pg_stat_reset_replication_slot
    (6230, &[]), // pg_stat_have_stats
    (6232, &[]), // pg_stat_reset_subscription_stats
    (6250, &[]), // pg_ident_file_mappings
    (6270, &[PG_MONITOR]), // pg_ls_logicalsnapdir
    (6271, &[PG_MONITOR]), // pg_ls_logicalmapdir
    (6272, &[PG_MONITOR]), // pg_ls_replslotdir
    (13_993, &[]), // pg_stat_statements_reset
];

/// The roles beside the superusers that may call a function; none where everybody may.
pub fn callers(function: u32) -> Option<&'static [u32]> {
    let at = RESTRICTED.binary_search_by_key(&function, |(known, _)| *known).ok()?;
    Some(RESTRICTED[at].1)
}

// A search by halves finds nothing in what is not in order.
const _: () = {
    let mut at = 1;
    while at < RESTRICTED.len() {
        assert!(RESTRICTED[at - 1].0 < RESTRICTED[at].0);
        at += 1;
    }
};
