//! Which relation's rows come from where.

use super::emit::{Emit, SystemContext};
use super::{
    SystemTable, aggregate, class, constraint, event_trigger, extended, extension, foreign, information,
    information_columns, information_grants, information_routines, information_usage, inheritance,
    large_object, operator_family, policy, range, replication, role, routine, search, standard, statistics,
    trigger, typed, views,
};
use crate::error::CatalogResult;
use crate::object::INFORMATION_SCHEMA;
use types::vector::Chunk;

/// Where a relation's rows come from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// The catalog.
    Catalog(fn(&SystemContext<'_>, &mut Emit) -> CatalogResult<()>),
    /// The session.
    Session,
    /// It is about something that cannot be made here, so there is none.
    Empty,
}

/// All rows of a relation of the system, of the columns `wanted`, which are counted from 0. Those of `pg_largeobject` are told by
/// [`LargeObjectPages`](super::large_object::LargeObjectPages).
///
/// # Errors
/// When they do not fit into memory.
pub fn system_rows(table: &SystemTable, wanted: &[u16], context: &SystemContext<'_>) -> CatalogResult<Chunk> {
    let mut emit = Emit::new(context.scope, table, wanted);
    match source(table) {
        Source::Catalog(rows) => rows(context, &mut emit)?,
        Source::Session => context.session.rows(table, &mut |values| emit.row(values))?,
        Source::Empty => {}
    }
    Ok(emit.finish())
}

fn source(table: &SystemTable) -> Source {
    let found = if table.schema == INFORMATION_SCHEMA {
        information_source(table.name)
    } else {
        catalog_source(table.name).or_else(|| replication_source(table.name))
    };
    match found {
        Some(rows) => Source::Catalog(rows),
        None if OF_SESSION.contains(&table.name) => Source::Session,
        None => Source::Empty,
    }
}

/// What the session tells.
const OF_SESSION: [&str; 15] = [
    "pg_settings",
    "pg_cursors",
    "pg_prepared_statements",
    "pg_locks",
    "pg_stat_activity",
    "pg_stat_gssapi",
    "pg_stat_archiver",
    "pg_stat_bgwriter",
    "pg_stat_database",
    "pg_stat_database_conflicts",
    "pg_stat_slru",
    "pg_stat_wal",
    "pg_stat_statements",
    "pg_timezone_names",
    "pg_timezone_abbrevs",
];

type Rows = fn(&SystemContext<'_>, &mut Emit) -> CatalogResult<()>;

fn catalog_source(name: &str) -> Option<Rows> {
    Some(match name {
        "pg_class" => class::relations,
        "pg_attribute" => class::attributes,
        "pg_attrdef" => class::defaults,
        "pg_index" => class::indexes,
        "pg_sequence" => class::sequences,
        "pg_inherits" => inheritance::inherits,
        "pg_partitioned_table" => inheritance::partitioned_tables,
        "pg_namespace" => class::schemas,
        "pg_init_privs" => class::initial_privileges,
        "pg_rewrite" => class::rewrites,
        "pg_trigger" => trigger::triggers,
        "pg_policy" => policy::policies,
        "pg_policies" => policy::readable,
        "pg_foreign_data_wrapper" => foreign::wrapper_rows,
        "pg_foreign_table" => foreign::table_rows,
        "pg_foreign_server" => foreign::server_rows,
        "pg_user_mapping" => foreign::mapping_rows,
        "pg_user_mappings" => foreign::readable_mappings,
        "pg_type" => typed::types,
        "pg_enum" => typed::labels,
        "pg_range" => range::ranges,
        "pg_collation" => typed::collations,
        "pg_conversion" => typed::conversions,
        "pg_constraint" => constraint::constraints,
        "pg_depend" => constraint::dependencies,
        "pg_description" => constraint::comments,
        "pg_shdescription" => constraint::shared_comments,
        "pg_shdepend" => constraint::shared_dependencies,
        "pg_proc" => routine::functions,
        "pg_operator" => routine::operators,
        "pg_cast" => routine::casts,
        "pg_aggregate" => aggregate::aggregates,
        "pg_language" => routine::languages,
        "pg_am" => routine::access_methods,
        "pg_amop" => operator_family::operators,
        "pg_amproc" => operator_family::functions,
        "pg_opclass" => routine::operator_classes,
        "pg_opfamily" => routine::operator_families,
        "pg_authid" => role::authorizations,
        "pg_roles" => role::roles,
        "pg_shadow" => role::shadow,
        "pg_user" => role::users,
        "pg_group" => role::groups,
        "pg_auth_members" => role::memberships,
        "pg_db_role_setting" => role::settings,
        "pg_database" => role::databases,
        "pg_extension" => extension::extensions,
        "pg_available_extensions" => extension::available,
        "pg_available_extension_versions" => extension::available_versions,
        "pg_default_acl" => role::default_privileges,
        "pg_tablespace" => role::tablespaces,
        "pg_tables" => views::tables,
        "pg_rules" => views::rules,
        "pg_views" => views::views,
        "pg_matviews" => views::materialized_views,
        "pg_indexes" => views::indexes,
        "pg_sequences" => views::sequences,
        "pg_stats" => views::statistics,
        "pg_statistic_ext" => extended::definitions,
        "pg_statistic_ext_data" => extended::data,
        "pg_stats_ext" => extended::statistics,
        "pg_stats_ext_exprs" => extended::of_expressions,
        _ => return apart_source(name),
    })
}

/// What stands apart from relations, their parts and what they use.
fn apart_source(name: &str) -> Option<Rows> {
    Some(match name {
        "pg_ts_config" => search::configurations,
        "pg_ts_config_map" => search::mappings,
        "pg_ts_dict" => search::dictionaries,
        "pg_ts_parser" => search::parsers,
        "pg_ts_template" => search::templates,
        "pg_event_trigger" => event_trigger::event_triggers,
        "pg_largeobject_metadata" => large_object::objects,
        _ => return counted_source(name),
    })
}

/// What is counted of tables and indexes.
fn counted_source(name: &str) -> Option<Rows> {
    Some(match name {
        "pg_stat_all_tables" => statistics::all_tables,
        "pg_stat_sys_tables" => statistics::system_tables,
        "pg_stat_user_tables" => statistics::user_tables,
        "pg_stat_xact_all_tables" => statistics::own_all_tables,
        "pg_stat_xact_sys_tables" => statistics::own_system_tables,
        "pg_stat_xact_user_tables" => statistics::own_user_tables,
        "pg_stat_user_functions" => statistics::user_functions,
        "pg_stat_xact_user_functions" => statistics::own_user_functions,
        "pg_statio_all_tables" => statistics::all_table_pages,
        "pg_stat_all_indexes" | "pg_statio_all_indexes" => statistics::all_indexes,
        "pg_statio_all_sequences" => statistics::all_sequences,
        "pg_statio_sys_sequences" => statistics::system_sequences,
        "pg_statio_user_sequences" => statistics::user_sequences,
        "pg_statio_sys_tables" => statistics::system_table_pages,
        "pg_stat_sys_indexes" | "pg_statio_sys_indexes" => statistics::system_indexes,
        "pg_statio_user_tables" => statistics::user_table_pages,
        "pg_stat_user_indexes" | "pg_statio_user_indexes" => statistics::user_indexes,
        _ => return None,
    })
}

/// Those about publications and subscriptions.
fn replication_source(name: &str) -> Option<Rows> {
    Some(match name {
        "pg_publication" => replication::publication_rows,
        "pg_publication_rel" => replication::table_rows,
        "pg_publication_namespace" => replication::schema_rows,
        "pg_publication_tables" => replication::readable,
        "pg_subscription" => replication::subscription_rows,
        "pg_stat_subscription" => replication::workers,
        "pg_stat_subscription_stats" => replication::figures,
        _ => return None, // others are about something else
    })
}

fn information_source(name: &str) -> Option<Rows> {
    Some(match name {
        "information_schema_catalog_name" => information::catalog_name,
        "schemata" => information::schemata,
        "tables" => information::tables,
        "views" => information::views,
        "sequences" => information::sequences,
        "table_constraints" => information::table_constraints,
        "key_column_usage" => information::key_column_usage,
        "referential_constraints" => information::referential_constraints,
        "check_constraints" => information::check_constraints,
        "constraint_column_usage" => information::constraint_column_usage,
        "constraint_table_usage" => information::constraint_table_usage,
        "enabled_roles" => information::enabled_roles,
        "administrable_role_authorizations" => information::administrable_roles,
        "applicable_roles" => information::applicable_roles,
        "table_privileges" => information_grants::table_privileges,
        "role_table_grants" => information_grants::role_table_grants,
        "column_privileges" => information_grants::column_privileges,
        "columns" => information_columns::columns,
        "domains" => information_columns::domains,
        "domain_constraints" => information_columns::domain_constraints,
        "role_column_grants" => information_grants::role_column_grants,
        "routines" => information_routines::routines,
        "parameters" => information_routines::parameters,
        "routine_privileges" => information_routines::routine_privileges,
        "role_routine_grants" => information_routines::role_routine_grants,
        "element_types" => information_routines::element_types,
        "attributes" => information_usage::attributes,
        "user_defined_types" => information_usage::user_defined_types,
        "column_domain_usage" => information_usage::column_domain_usage,
        "column_udt_usage" => information_usage::column_udt_usage,
        "domain_udt_usage" => information_usage::domain_udt_usage,
        "view_table_usage" => information_usage::view_table_usage,
        "view_column_usage" => information_usage::view_column_usage,
        "view_routine_usage" => information_usage::view_routine_usage,
        "foreign_data_wrappers" => foreign::information_wrappers,
        "foreign_data_wrapper_options" => foreign::wrapper_options,
        "foreign_servers" => foreign::information_servers,
        "foreign_server_options" => foreign::server_options,
        "foreign_tables" => foreign::information_tables,
        "foreign_table_options" => foreign::table_options,
        "column_options" => foreign::column_options,
        "_pg_foreign_data_wrappers" => foreign::inner_wrappers,
        "_pg_foreign_servers" => foreign::inner_servers,
        "_pg_foreign_tables" => foreign::inner_tables,
        "_pg_foreign_table_columns" => foreign::inner_columns,
        "_pg_user_mappings" => foreign::inner_mappings,
        "user_mappings" => foreign::information_mappings,
        "user_mapping_options" => foreign::mapping_options,
        "triggers" => trigger::information,
        "triggered_update_columns" => trigger::update_columns,
        "usage_privileges" => information_usage::usage_privileges,
        "role_usage_grants" => information_usage::role_usage_grants,
        "udt_privileges" => information_usage::udt_privileges,
        "role_udt_grants" => information_usage::role_udt_grants,
        "character_sets" => information_usage::character_sets,
        "sql_implementation_info" => standard::implementation_info,
        "sql_parts" => standard::parts,
        "sql_sizing" => standard::sizing,
        "collations" => information_usage::collations,
        "collation_character_set_applicability" => information_usage::collation_character_sets,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Source, source};
    use crate::system::system_tables;

    /// Relations about what cannot be made here: nothing is hidden by their having no rows. But for `pg_largeobject`, whose rows
    /// are pages that whoever runs a statement reads in stretches, and for those of progress, of which nobody keeps a record.
    const EMPTY: &[&str] = &[
        "pg_file_settings",
        "pg_hba_file_rules",
        "pg_ident_file_mappings",
        "pg_largeobject",
        "pg_parameter_acl",
        "pg_prepared_xacts",
        "pg_replication_origin",
        "pg_replication_origin_status",
        "pg_replication_slots",
        "pg_seclabel",
        "pg_seclabels",
        "pg_shseclabel",
        "pg_stat_progress_analyze",
        "pg_stat_progress_basebackup",
        "pg_stat_progress_cluster",
        "pg_stat_progress_copy",
        "pg_stat_progress_create_index",
        "pg_stat_progress_vacuum",
        "pg_stat_replication",
        "pg_stat_replication_slots",
        "pg_stat_wal_receiver",
        "pg_subscription_rel",
        "pg_transform",
        "transforms",
    ];

    #[test]
    fn a_relation_without_rows_is_meant_to_have_none() {
        let is_empty = |source| matches!(source, Source::Empty);
        let mut empty: Vec<_> =
            system_tables().filter(|table| is_empty(source(table))).map(|table| table.name).collect();
        empty.sort_unstable();
        assert_eq!(empty, EMPTY);
    }
}
