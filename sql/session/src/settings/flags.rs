//! What `pg_settings_get_flags` tells of settings.

/// Those that EXPLAIN (SETTINGS) shows.
#[rustfmt::skip]
const EXPLAINED: &[&str] = &[
    "constraint_exclusion", "cpu_index_tuple_cost", "cpu_operator_cost", "cpu_tuple_cost", "cursor_tuple_fraction",
    "effective_cache_size", "effective_io_concurrency", "force_parallel_mode", "from_collapse_limit", "hash_mem_multiplier",
    "jit", "join_collapse_limit", "maintenance_io_concurrency", "max_parallel_workers", "max_parallel_workers_per_gather",
    "parallel_leader_participation", "parallel_setup_cost", "parallel_tuple_cost", "plan_cache_mode", "random_page_cost",
    "recursive_worktable_factor", "search_path", "seq_page_cost", "temp_buffers", "work_mem",
];

/// The beginnings of such names.
const EXPLAINED_FAMILIES: &[&str] =
    &["enable_", "geqo", "min_parallel_", "jit_above", "jit_inline_above", "jit_optimize_above"];

/// Those that no sample of a configuration file has.
#[rustfmt::skip]
const NOT_IN_SAMPLE: &[&str] = &[
    "allow_in_place_tablespaces", "allow_system_table_mods", "application_name", "backtrace_functions", "block_size",
    "debug_assertions", "debug_discard_caches", "force_parallel_mode", "ignore_checksum_failure", "ignore_invalid_pages",
    "ignore_system_indexes", "in_hot_standby", "integer_datetimes", "is_superuser", "jit_debugging_support",
    "jit_dump_bitcode", "jit_expressions", "jit_profiling_support", "jit_tuple_deforming", "lc_collate", "lc_ctype",
    "max_function_args", "max_identifier_length", "max_index_keys", "post_auth_delay", "pre_auth_delay",
    "remove_temp_files_after_crash", "restrict_nonsystem_relation_kind", "role", "seed", "segment_size", "server_encoding",
    "server_version", "server_version_num", "session_authorization", "ssl_library", "trace_notify",
    "trace_recovery_messages", "trace_sort", "transaction_deferrable", "transaction_isolation", "transaction_read_only",
    "wal_block_size", "wal_consistency_checking", "zero_damaged_pages",
];

/// Those that the server computes.
#[rustfmt::skip]
const COMPUTED: &[&str] = &[
    "data_checksums", "data_directory_mode", "shared_memory_size", "shared_memory_size_in_huge_pages", "wal_segment_size",
];

/// Those that RESET ALL leaves, and those that SHOW ALL does not show.
#[rustfmt::skip]
const NOT_RESET: &[&str] = &[
    "is_superuser", "role", "seed", "session_authorization", "transaction_deferrable", "transaction_isolation",
    "transaction_read_only",
];
const NOT_SHOWN: &[&str] = &["is_superuser", "role", "seed", "session_authorization"];

/// The flags of a setting, in PostgreSQL's order.
pub(crate) fn flags(name: &str) -> Vec<&'static str> {
    let within = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let lower = name.to_ascii_lowercase();
    let explained = within(EXPLAINED) || EXPLAINED_FAMILIES.iter().any(|family| lower.starts_with(family));
    let all = [
        ("EXPLAIN", explained),
        ("NO_RESET_ALL", within(NOT_RESET)),
        ("NO_SHOW_ALL", within(NOT_SHOWN)),
        ("NOT_IN_SAMPLE", within(NOT_IN_SAMPLE) || within(COMPUTED) || lower.starts_with("hornbeam.")),
        ("RUNTIME_COMPUTED", within(COMPUTED)),
    ];
    all.into_iter().filter(|(_, is)| *is).map(|(flag, _)| flag).collect()
}
