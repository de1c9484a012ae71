//! SQL scripts and what psql would show of them: `snapshots/sql/*.sql`. `snapshots/against-postgres` compares the same
//! snapshots with a PostgreSQL 15.

use suite::modes::{self, Mode};
use suite::{Database, script};

fn shown(text: &'static str) -> String {
    // Functions call each other deeper than the stack of a test's thread bears in a build for tests.
    let run = move || script::run(&mut Database::with_stack(16 << 20), text);
    std::thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread").join().expect("a script")
}

macro_rules! scripts {
    ($($name:ident;)*) => {
        $(#[test]
        fn $name() {
            let text = include_str!(concat!("../../../../snapshots/sql/", stringify!($name), ".sql"));
            // It would be sent together with what follows it, and fail in its place.
            let is_command = |line: &str| line.strip_prefix('\\').is_some_and(|rest| rest.starts_with(char::is_lowercase));
            assert!(!text.lines().any(is_command), "psql's own commands are none of a script's");
            insta::with_settings!({
                snapshot_path => "../../../../snapshots/sql",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                insta::assert_snapshot!(stringify!($name), shown(text));
            });
        })*
    };
}

scripts! {
    absent_changes;
    absent_objects;
    acting_settings;
    added_defaults;
    adopted_keys;
    aggregate_steps;
    alter_alone;
    any_made_once;
    array_slices;
    arrays_by_number;
    asked_of_names;
    asked_of_session;
    asked_once;
    base_types;
    beyond_memory;
    binary_forms;
    bodies_in_sql;
    btree_gist;
    case_by_collation;
    catalog_joins;
    changed_by_routines;
    changed_meanwhile;
    changes_through_views;
    citext;
    client_encodings;
    collations;
    columns_as_functions;
    columns_of_families;
    comments_of_others;
    composite_fields;
    conflict_by_class;
    conversions;
    copy;
    correlated_extremes;
    cryptography;
    cursor_families;
    cursor_uses;
    cursors;
    cursors_lazy;
    cursors_undone;
    cycles_in_views;
    database_before_schema;
    databases;
    default_arguments;
    default_arguments_kept;
    default_arguments_of_many_types;
    default_of_base_domain;
    default_tried;
    defaults_asked_by_base_domains;
    defaults_of_no_type;
    definitions;
    definitions_refused;
    definitions_told;
    depends_behind_defaults;
    detached_concurrently;
    direct_arguments;
    distinct_as_argument;
    documents_as_domains;
    domains;
    domains_within;
    dropped_columns;
    element_context;
    encodings;
    ends_of_sequences;
    entries_by_outer_rows;
    enum_value_renames;
    errors_behind_limits;
    escapes_in_strings;
    event_trigger_alters;
    event_trigger_commands;
    event_trigger_drops;
    event_trigger_moves;
    event_trigger_objects;
    event_trigger_order;
    event_trigger_parts;
    event_trigger_search;
    event_trigger_subjects;
    event_triggers;
    events_of_dropped_keys;
    excluded_by_checks;
    excluded_by_long_lists;
    exclusion;
    execute_privilege;
    execution;
    existing_indexes;
    explain_analyze;
    explain_buffers;
    explain_formats;
    exported_snapshots;
    extended_statistics;
    extension;
    failing_common_tables;
    figures_of_others;
    filled_shells;
    first_rows_of_products;
    first_rows_of_windows;
    first_steps;
    folded_notices;
    foreign_breadth;
    foreign_key_moves_further;
    foreign_key_moves_rows;
    foreign_key_statements;
    foreign_key_triggers;
    foreign_keys_added;
    foreign_servers;
    foreign_table_catalogs;
    foreign_table_children;
    foreign_table_uses;
    foreign_tables;
    frames_by_range;
    full_joins;
    full_joins_that_never_match;
    function_errors;
    function_settings;
    functions;
    functions_by_name;
    functions_described;
    functions_in_definitions;
    functions_in_from;
    functions_of_the_program;
    functions_over_temporary;
    functions_that_do_not_fit;
    functions_that_go_while_they_run;
    generated_columns;
    geometry;
    gin;
    gist;
    grant_refusals;
    grants_as_values;
    grouped_by_subqueries;
    grouping_sets_by_order;
    hashes_of_partitions;
    helpers_of_scans;
    identified_objects;
    identity_columns;
    identity_values;
    images_and_hashes;
    in_use;
    index_functions_in_turn;
    index_of_beginnings;
    index_properties;
    indexes;
    indexes_of_many;
    information_of_routines;
    inheritance;
    inlined_functions;
    iterated_groups;
    job_queue;
    joins_left_out;
    json_rows;
    json_subscripts;
    kept_by_definitions;
    kept_columns;
    kept_of_tables;
    keys_and_conditions;
    keys_and_locks;
    keys_between_types;
    keys_of_indexes;
    keys_of_other_widths;
    keys_that_decide;
    keys_that_move;
    keys_that_rows_leave;
    keys_to_partitions;
    kinds_of_routines;
    known_errors;
    large_aggregates;
    large_columns;
    large_object_numbers;
    large_object_pages;
    large_object_privileges;
    large_objects;
    last_of_equals;
    levels_of_aggregates;
    like;
    lists_by_index;
    literals_and_arrays;
    live;
    lock_privileges;
    locks;
    looked_for_together;
    lookups_for_joins;
    made_for_nobody;
    made_operators_in_sets;
    made_tables_explained;
    maintained_as_owner;
    many_texts;
    materialized;
    memoized_anew;
    merge_without_insertion;
    missing_entries;
    moments_and_dates;
    money;
    moved_domains;
    names_as_they_were;
    names_as_values;
    names_in_functions;
    names_of_values_read;
    names_with_schemas;
    nearest_first;
    network;
    notifications;
    nulls_and_edges;
    numeric_keys;
    object_addresses;
    object_descriptions;
    object_names;
    operator_class;
    operators;
    operators_by_functions;
    operators_depended_on;
    order_of_conditions;
    owned_by_roles;
    parameter_types;
    partition_key_shown;
    partition_keys_only;
    partitions;
    partitions_and_triggers_of_rows;
    passwords;
    patterns;
    pg_trgm;
    places_of_errors_in_definitions;
    places_returned;
    planning;
    plans_for_values;
    plpgsql;
    plpgsql_callers;
    plpgsql_ends;
    plpgsql_procedure;
    plpgsql_query;
    plpgsql_raise;
    plpgsql_reading;
    plpgsql_rows;
    plpgsql_settings;
    plpgsql_values;
    plpgsql_who;
    policies_behind_triggers;
    policies_by_hash;
    polygons;
    polymorphic_outputs;
    polymorphic_ranges;
    prepared;
    prepared_changes;
    prepared_ends_in_blocks;
    prepared_ranges;
    prepared_types;
    privileges;
    pruned_when_run;
    publication_breadth;
    publication_conditions;
    publication_filters;
    publication_owners;
    publications;
    publications_changed;
    published_changes;
    published_meanwhile;
    published_partitions;
    range_type_definitions;
    range_types;
    ranges;
    rebuilt_within;
    records_described;
    recursion_refused;
    recursive_functions;
    referred_partitions;
    refused_definitions;
    reindex_and_load;
    reindex_verbose;
    remarks_on_text;
    renamed_texts;
    renamed_without_create;
    restricted_views;
    results_without_room;
    returned_numbers;
    returned_values;
    returning_names;
    retyped_indexes;
    retyped_with_indexes;
    rights_of_arguments;
    rights_of_the_system;
    roles;
    rounds_of_one_row;
    rounds_read_again;
    row_security;
    row_security_cache;
    row_security_leaks;
    row_security_more;
    row_security_rows;
    rows_and_nulls;
    rows_as_domains;
    rows_before_errors;
    rows_by_place;
    rows_by_several_indexes;
    rows_described;
    rows_in_order;
    rows_of_members;
    rows_of_no_type;
    rows_partly_null;
    rows_passed_over;
    rows_remembered;
    rows_that_no_index_has;
    rows_together;
    rows_where_keys_tell;
    rules;
    rules_of_views;
    rules_with_conflicts;
    scan_conditions;
    schema_elements;
    schema_usage;
    search_and_cycle;
    search_definitions;
    search_queries;
    security_labels;
    seen_by_routines;
    sequences;
    sequences_altered;
    sequences_read;
    sequences_within;
    setting_lists;
    settings_of_ones_own;
    several_rows_late;
    size_words;
    sizes;
    smaller_things;
    sorted_by_several;
    sorted_first;
    spilling;
    statistics;
    statistics_counted;
    statistics_inherited;
    statistics_of_combinations;
    statistics_of_expressions;
    statistics_of_expressions_kept;
    statistics_of_expressions_reckoned;
    statistics_of_functions;
    statistics_of_partitions;
    statistics_of_tables;
    statistics_of_trees;
    statistics_of_types;
    statistics_owned;
    statistics_reckoned;
    statistics_views;
    stopped_while_planned;
    strings_by_settings;
    strings_in_bodies;
    subqueries_with_effects;
    subscriptions;
    switched_triggers;
    system_columns;
    system_tables;
    tablespace_places;
    tablespaces;
    temporary;
    temporary_objects;
    text_search;
    texts_again;
    texts_that_repeat;
    told_of_dumps;
    transaction_numbers;
    transaction_types;
    transactions;
    transition_tables;
    trigger;
    trigger_bodies;
    trigger_fire;
    trigger_rows;
    triggers_of_the_program;
    truncate_in_block;
    tuples_counted;
    typed_tables;
    unaccent;
    unique_in_partitions;
    usage_by_owners;
    usage_of_types;
    user_aggregates;
    user_casts;
    utilities_in_functions;
    validated_below;
    values_looked_at;
    values_of_older_rows;
    variables_of_row_domains;
    vectors_as_arrays;
    view_defaults;
    view_rights;
    views;
    views_by_name;
    views_of_monitoring;
    views_that_ask;
    visible_and_generated;
    volatile_conditions;
    volatile_outputs;
    waiting_constraints;
    what_is_wrong_first;
    whole_rows;
    windows_of_many_partitions;
    with_order;
    with_target;
    with_within_grouped;
    words_of_errors;
}

/// The same comes of a script whichever way it is run.
fn runs_alike(mode: Mode) {
    // Prepared statements do not outlive a store that is closed.
    let scripts: &[&str] = match mode {
        Mode::Reopening => &[include_str!("../../../../snapshots/sql/nulls_and_edges.sql")],
        _ => &[
            include_str!("../../../../snapshots/sql/nulls_and_edges.sql"),
            include_str!("../../../../snapshots/sql/execution.sql"),
            include_str!("../../../../snapshots/sql/kept_columns.sql"),
        ],
    };
    for text in scripts {
        let plain = modes::run(Mode::Plain, text);
        for (expected, found) in plain.into_iter().zip(modes::run(mode, text)) {
            assert_eq!(found, expected, "{mode:?}");
        }
    }
}

#[test]
fn every_way_to_run_statements_gives_the_same_results() {
    Mode::OTHERS.into_iter().for_each(runs_alike);
}

/// Nobody asks for an order; it is that of the rows all the same, whether they were written or not.
#[test]
fn what_does_not_fit_into_memory_comes_in_the_same_order() {
    // With so little memory sorting looks cheaper than it is: groups are to be made by hash tables all the same.
    let text = "
        set enable_sort = off;
        create table t (id int, k int, v text);
        insert into t select i, i * 7919 % 501, 'v' || i * 31 % 83 from generate_series(1, 3000) i;
        insert into t values (null, null, null), (null, null, null);
        select k, count(*), min(v) from t group by k;
        select v, k % 5, sum(id) from t group by grouping sets ((v), (k % 5), ()) order by 3, 1, 2;
        select distinct v from t;
        select distinct k, v from t;
        select a.id, b.id from t a join t b on a.k = b.k and b.id > 1500 where a.id < 900;
        select a.id, b.id from t a left join t b on a.k = b.id and b.id < 100;
        select a.id, b.id from t a full join t b on a.id = b.k + 2000 where a.id is null or a.id > 2900;
        select id from t a where exists (select 1 from t b where b.id = a.k + 100);
        select id from t a where not exists (select 1 from t b where b.id = a.k * 7);
        select id, rank() over (partition by k order by v) from t where id < 1200;
        with w as materialized (select * from t) select w.id, x.v from w join w x on w.id = x.k where w.id < 300;
        select v from t order by k desc nulls first, v;";
    assert_eq!(
        script::run(&mut Mode::Spilling.database(), text),
        script::run(&mut Mode::Plain.database(), text)
    );
}

/// What is written is bounded, and a statement that fails for it leaves the session as it was.
#[test]
fn a_temporary_file_does_not_grow_beyond_its_limit() {
    let mut database = Mode::Spilling.database();
    let shown = script::run(
        &mut database,
        "set temp_file_limit = 64;
        select count(*) from (select i from generate_series(1, 100000) i order by i % 7, i offset 1) q;
        select count(*) from (select i from generate_series(1, 100) i order by i % 7, i offset 1) q;",
    );
    assert!(shown.contains("ERROR:  53400: temporary file size exceeds temp_file_limit (64kB)"), "{shown}");
    assert!(shown.contains("    99\n"), "{shown}");
}

/// PostgreSQL asks it for each frame anew; asked once for each row it is nowhere asked twice, however the rows are divided.
#[test]
fn what_is_volatile_is_asked_once_for_each_row_of_a_window() {
    let mut database = Mode::Plain.database();
    let shown = script::run(
        &mut database,
        "create sequence asked;
        select max(abs(s - (2 * g - 1))) as off from (
            select g, sum(nextval('asked')) over (rows between 1 preceding and current row) s
            from generate_series(1, 40000) g offset 0) x where g > 1;
        select last_value from asked;",
    );
    assert!(shown.contains(" off \n-----\n   0\n"), "{shown}");
    assert!(shown.contains("      40000\n"), "{shown}");
}
