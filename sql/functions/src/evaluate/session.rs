//! What only the session can tell.

use super::call::Site;
use crate::error::FunctionResult;
use datetime::TimestampTz;
use std::sync::Arc;
use types::{Item, Value, Vector};

macro_rules! session_functions {
    ($($(#[$doc:meta])* $area:ident { $($variant:ident = $source:literal;)* })*) => {
        /// A function that the session answers, by the name that `pg_proc.prosrc` gives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SessionFunction {
            $($(#[doc = concat!("`", $source, "`")] $variant,)*)*
        }

        /// What a function of the session is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Area {
            $($(#[$doc])* $area,)*
        }

        impl SessionFunction {
            /// All of them.
            pub const ALL: &'static [SessionFunction] = &[$($(SessionFunction::$variant,)*)*];

            /// `pg_proc.prosrc`.
            pub fn source(self) -> &'static str {
                match self {
                    $($(SessionFunction::$variant => $source,)*)*
                }
            }

            /// What it is about.
            pub fn area(self) -> Area {
                match self {
                    $($(SessionFunction::$variant)|* => Area::$area,)*
                }
            }
        }
    };
}

session_functions! {
    /// Values of sequences.
    Sequences {
        NextVal = "nextval_oid";
        NextIdentity = "nextval_identity";
        CurrVal = "currval_oid";
        SetVal = "setval_oid";
        SetValCalled = "setval3_oid";
        LastVal = "lastval";
    }
    /// Settings.
    Settings {
        ShowSetting = "show_config_by_name";
        SettingFlags = "pg_settings_get_flags";
        ShowSettingMissingOk = "show_config_by_name_missing_ok";
        SetSetting = "set_config_by_name";
    }
    /// Who and where one is.
    Current {
        CurrentUser = "current_user";
        SessionUser = "session_user";
        CurrentDatabase = "current_database";
        CurrentSchema = "current_schema";
        CurrentSchemas = "current_schemas";
        BackendPid = "pg_backend_pid";
        PostmasterStart = "pg_postmaster_start_time";
        ConfigurationLoadTime = "pg_conf_load_time";
        InRecovery = "pg_is_in_recovery";
        CurrentSearchConfiguration = "get_current_ts_config";
        ClientAddress = "inet_client_addr";
        ClientEncoding = "pg_client_encoding";
        DatabaseEncoding = "getdatabaseencoding";
        MyTemporarySchema = "pg_my_temp_schema";
        IsOtherTemporarySchema = "pg_is_other_temp_schema";
    }
    /// The statement, and single objects.
    About {
        CurrentTransactionId = "pg_current_xact_id";
        CurrentTransactionIdIfAssigned = "pg_current_xact_id_if_assigned";
        TransactionAge = "xid_age";
        CurrentQuery = "current_query";
        ServerAddress = "inet_server_addr";
        ServerPort = "inet_server_port";
        ClientPort = "inet_client_port";
        TriggerDepth = "pg_trigger_depth";
        RewrittenTable = "pg_event_trigger_table_rewrite_oid";
        RewriteReason = "pg_event_trigger_table_rewrite_reason";
        FunctionArgumentDefault = "pg_get_function_arg_default";
        IdentifyObject = "pg_identify_object";
        IdentifyObjectAsAddress = "pg_identify_object_as_address";
        ObjectAddress = "pg_get_object_address";
        HasParameterPrivilege = "has_parameter_privilege";
        MakeAclItem = "makeaclitem";
        DefaultAcl = "acldefault_sql";
        RowSecurityActiveByName = "row_security_active_name";
        RelationOfFile = "pg_filenode_relation";
    }
    /// Snapshots that are shared.
    Snapshots {
        ExportSnapshot = "pg_export_snapshot";
    }
    /// What is told to listeners.
    Notifications {
        Notify = "pg_notify";
        NotificationQueueUsage = "pg_notification_queue_usage";
    }
    /// Other sessions.
    Sessions {
        CancelBackend = "pg_cancel_backend";
        TerminateBackend = "pg_terminate_backend";
    }
    /// Locks that programs name, and who waits for whom. Two numbers make a key of another kind than one does.
    Locks {
        LockAdvisory = "pg_advisory_lock_int8";
        LockAdvisoryShared = "pg_advisory_lock_shared_int8";
        TryLockAdvisory = "pg_try_advisory_lock_int8";
        TryLockAdvisoryShared = "pg_try_advisory_lock_shared_int8";
        UnlockAdvisory = "pg_advisory_unlock_int8";
        UnlockAdvisoryShared = "pg_advisory_unlock_shared_int8";
        UnlockAllAdvisory = "pg_advisory_unlock_all";
        LockAdvisoryInTransaction = "pg_advisory_xact_lock_int8";
        LockAdvisoryInTransactionShared = "pg_advisory_xact_lock_shared_int8";
        TryLockAdvisoryInTransaction = "pg_try_advisory_xact_lock_int8";
        TryLockAdvisoryInTransactionShared = "pg_try_advisory_xact_lock_shared_int8";
        BlockingPids = "pg_blocking_pids";
        SafeSnapshotBlockingPids = "pg_safe_snapshot_blocking_pids";
        IsBlockedInTest = "pg_isolation_test_session_is_blocked";
    }
    /// What was counted.
    Counts {
        ResetStatistics = "pg_stat_reset";
        FlushStatistics = "pg_stat_force_next_flush";
        ClearStatisticsSnapshot = "pg_stat_clear_snapshot";
        StatisticsSnapshotTime = "pg_stat_get_snapshot_timestamp";
        HaveStatistics = "pg_stat_have_stats";
        ResetRelationStatistics = "pg_stat_reset_single_table_counters";
        ResetFunctionStatistics = "pg_stat_reset_single_function_counters";
        ResetSharedStatistics = "pg_stat_reset_shared";
        ResetSlruStatistics = "pg_stat_reset_slru";
        ResetStatementStatistics = "pg_stat_statements_reset";
    }
    /// How much room things take.
    Sizes {
        RelationSize = "pg_relation_size";
        TotalRelationSize = "pg_total_relation_size";
        TableSize = "pg_table_size";
        IndexesSize = "pg_indexes_size";
        DatabaseSize = "pg_database_size_oid";
        DatabaseSizeByName = "pg_database_size_name";
        TablespaceSize = "pg_tablespace_size_oid";
        TablespaceSizeByName = "pg_tablespace_size_name";
        RelationFileNode = "pg_relation_filenode";
    }
    /// Publications and subscriptions.
    Replication {
        RelationIsPublishable = "pg_relation_is_publishable";
        ReplicaIdentityIndex = "pg_get_replica_identity_index";
        SubscriptionStatistics = "pg_stat_get_subscription_stats";
        ResetSubscriptionStatistics = "pg_stat_reset_subscription_stats";
    }
    /// Definitions as SQL, and names and numbers of objects.
    Definitions {
        SequenceParameters = "pg_sequence_parameters";
        ViewDefinition = "pg_get_viewdef";
        ViewDefinitionPretty = "pg_get_viewdef_ext";
        ViewDefinitionWrapped = "pg_get_viewdef_wrap";
        ViewDefinitionByName = "pg_get_viewdef_name";
        ViewDefinitionByNamePretty = "pg_get_viewdef_name_ext";
        IndexDefinition = "pg_get_indexdef";
        IndexDefinitionColumn = "pg_get_indexdef_ext";
        ConstraintDefinition = "pg_get_constraintdef";
        ConstraintDefinitionPretty = "pg_get_constraintdef_ext";
        Expression = "pg_get_expr";
        ExpressionPretty = "pg_get_expr_ext";
        FunctionDefinition = "pg_get_functiondef";
        FunctionArguments = "pg_get_function_arguments";
        FunctionIdentityArguments = "pg_get_function_identity_arguments";
        FunctionResultType = "pg_get_function_result";
        FunctionSqlBody = "pg_get_function_sqlbody";
        TriggerDefinition = "pg_get_triggerdef";
        TriggerDefinitionPretty = "pg_get_triggerdef_ext";
        RuleDefinition = "pg_get_ruledef";
        RuleDefinitionPretty = "pg_get_ruledef_ext";
        PartitionKeyDefinition = "pg_get_partkeydef";
        PartitionConstraint = "pg_get_partition_constraintdef";
        StatisticsDefinition = "pg_get_statisticsobjdef";
        StatisticsColumns = "pg_get_statisticsobjdef_columns";
        StatisticsExpressions = "pg_get_statisticsobjdef_expressions";
        UserById = "pg_get_userbyid";
        DescribeObject = "pg_describe_object";
        ColumnIsUpdatable = "pg_column_is_updatable";
        RelationIsUpdatable = "pg_relation_is_updatable";
        ToRegClass = "to_regclass";
        ToRegType = "to_regtype";
        ToRegProc = "to_regproc";
        ToRegProcedure = "to_regprocedure";
        ToRegOper = "to_regoper";
        ToRegOperator = "to_regoperator";
        ToRegNamespace = "to_regnamespace";
        ToRegRole = "to_regrole";
        ToRegCollation = "to_regcollation";
        TextToRegClass = "text_regclass";
        RowSecurityActive = "row_security_active";
    }
    /// Which names alone find objects.
    Names {
        SerialSequence = "pg_get_serial_sequence";
        CollationVersion = "pg_collation_actual_version";
        TableIsVisible = "pg_table_is_visible";
        TypeIsVisible = "pg_type_is_visible";
        FunctionIsVisible = "pg_function_is_visible";
        OperatorIsVisible = "pg_operator_is_visible";
        OperatorClassIsVisible = "pg_opclass_is_visible";
        OperatorFamilyIsVisible = "pg_opfamily_is_visible";
        ConversionIsVisible = "pg_conversion_is_visible";
        CollationIsVisible = "pg_collation_is_visible";
        StatisticsIsVisible = "pg_statistics_obj_is_visible";
        SearchParserIsVisible = "pg_ts_parser_is_visible";
        SearchDictionaryIsVisible = "pg_ts_dict_is_visible";
        SearchTemplateIsVisible = "pg_ts_template_is_visible";
        SearchConfigurationIsVisible = "pg_ts_config_is_visible";
    }
    /// Comments.
    Comments {
        ObjectDescription = "obj_description";
        ColumnDescription = "col_description";
        TablespaceLocation = "pg_tablespace_location";
    }
    /// What indexes can do.
    IndexProperties {
        IndexColumnProperty = "pg_index_column_has_property";
        IndexProperty = "pg_index_has_property";
        AccessMethodProperty = "pg_indexam_has_property";
        AccessMethodPhase = "pg_indexam_progress_phasename";
    }
    /// Privileges; which form is asked tell the types of the site.
    Privileges {
        HasTablePrivilege = "has_table_privilege";
        HasColumnPrivilege = "has_column_privilege";
        HasAnyColumnPrivilege = "has_any_column_privilege";
        HasSequencePrivilege = "has_sequence_privilege";
        HasDatabasePrivilege = "has_database_privilege";
        HasFunctionPrivilege = "has_function_privilege";
        HasLanguagePrivilege = "has_language_privilege";
        HasSchemaPrivilege = "has_schema_privilege";
        HasTablespacePrivilege = "has_tablespace_privilege";
        HasTypePrivilege = "has_type_privilege";
        HasWrapperPrivilege = "has_foreign_data_wrapper_privilege";
        HasServerPrivilege = "has_server_privilege";
        HasRole = "pg_has_role";
    }
    /// Large objects.
    LargeObjects {
        LargeObjectCreate = "be_lo_create";
        LargeObjectCreat = "be_lo_creat";
        LargeObjectOpen = "be_lo_open";
        LargeObjectClose = "be_lo_close";
        LargeObjectRead = "be_loread";
        LargeObjectWrite = "be_lowrite";
        LargeObjectSeek = "be_lo_lseek";
        LargeObjectSeekFar = "be_lo_lseek64";
        LargeObjectTell = "be_lo_tell";
        LargeObjectTellFar = "be_lo_tell64";
        LargeObjectTruncate = "be_lo_truncate";
        LargeObjectTruncateFar = "be_lo_truncate64";
        LargeObjectUnlink = "be_lo_unlink";
        LargeObjectFromBytes = "be_lo_from_bytea";
        LargeObjectGet = "be_lo_get";
        LargeObjectGetFragment = "be_lo_get_fragment";
        LargeObjectPut = "be_lo_put";
        LargeObjectImport = "be_lo_import";
        LargeObjectImportAs = "be_lo_import_with_oid";
        LargeObjectExport = "be_lo_export";
    }
    /// What the types of arguments, or the name by which it is called, decide.
    BySite {
        Statistic = "pg_stat_get_…";
        SatisfiesHashPartition = "satisfies_hash_partition";
    }
    /// What gives rows.
    Rows {
        SequenceLastValue = "pg_sequence_last_value";
        AllSettings = "show_all_settings";
        DefinitionCommands = "pg_event_trigger_ddl_commands";
        DroppedObjects = "pg_event_trigger_dropped_objects";
        ExplodeAcl = "aclexplode";
        TablespaceDatabases = "pg_tablespace_databases";
        PublicationTables = "pg_get_publication_tables";
        SubscriptionWorkers = "pg_stat_get_subscription";
        RelationFilePath = "pg_relation_filepath";
        Keywords = "pg_get_keywords";
        OptionsToTable = "pg_options_to_table";
        ListeningChannels = "pg_listening_channels";
        Cursors = "pg_cursor";
        PreparedStatements = "pg_prepared_statement";
        LockStatus = "pg_lock_status";
        ActivityStatistics = "pg_stat_get_activity";
        ZoneNames = "pg_timezone_names";
        ZoneAbbreviations = "pg_timezone_abbrevs";
        AvailableExtensions = "pg_available_extensions";
        AvailableExtensionVersions = "pg_available_extension_versions";
        ExtensionUpdatePaths = "pg_extension_update_paths";
        PartitionTree = "pg_partition_tree";
        PartitionAncestors = "pg_partition_ancestors";
        PartitionRoot = "pg_partition_root";
    }
}

impl SessionFunction {
    /// Whether it reads or writes large objects, which only the transaction shows, or gives away what the statement reads from:
    /// whoever runs a statement asks the session with the transaction at hand.
    pub fn asks_transaction(self) -> bool {
        use SessionFunction as F;
        matches!(
            self,
            F::LargeObjectCreate
                | F::LargeObjectCreat
                | F::LargeObjectOpen
                | F::LargeObjectClose
                | F::LargeObjectRead
                | F::LargeObjectWrite
                | F::LargeObjectSeek
                | F::LargeObjectSeekFar
                | F::LargeObjectTell
                | F::LargeObjectTellFar
                | F::LargeObjectTruncate
                | F::LargeObjectTruncateFar
                | F::LargeObjectUnlink
                | F::LargeObjectFromBytes
                | F::LargeObjectGet
                | F::LargeObjectGetFragment
                | F::LargeObjectPut
                | F::LargeObjectImport
                | F::LargeObjectImportAs
                | F::LargeObjectExport
                | F::IdentifyObject
                | F::IdentifyObjectAsAddress
                | F::ObjectAddress
                | F::DescribeObject
                | F::ExportSnapshot
        )
    }
}

/// That something of text search is not there, which a number should mean.
pub fn no_lookup(what: &str, number: u32) -> crate::FunctionError {
    let message = format!("cache lookup failed for text search {what} {number}");
    crate::FunctionError::plain(diagnostic::SqlState::InternalError, message)
}

/// The session that a statement runs in, as far as functions ask it.
pub trait Session {
    /// Answers a function for one row. Arguments that a strict function has are not null.
    fn call(
        &mut self,
        function: SessionFunction,
        site: &Site,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Value>;

    /// All rows of a function that returns rows: a vector for each column.
    fn rows(
        &mut self,
        function: SessionFunction,
        site: &Site,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Vec<Vector>>;

    /// What time it is now: `clock_timestamp()`.
    fn clock(&mut self) -> TimestampTz;

    /// 64 random bits of the environment's: seeds, `gen_random_uuid()`.
    ///
    /// # Errors
    /// When the environment has none.
    fn entropy(&mut self) -> FunctionResult<u64>;

    /// The state of `random()`, which `setseed` sets; the session keeps it between statements, empty at first.
    fn random_state(&mut self) -> &mut Option<[u64; 2]>;

    /// Sleeps: `pg_sleep`. Gives up when the statement is cancelled.
    fn sleep(&mut self, seconds: f64) -> FunctionResult<()>;

    /// Asked in long loops: an error if the statement is cancelled.
    fn check(&mut self) -> FunctionResult<()> {
        Ok(())
    }

    /// The configuration of text search with a number: of those that come with the program, if nobody knows others.
    ///
    /// # Errors
    /// When there is none, or a dictionary of it cannot be made.
    fn search_configuration(&mut self, number: u32) -> FunctionResult<Arc<search::Configuration>> {
        match number {
            3748 => Ok(Arc::new(search::Configuration::of(&search::Dictionary::simple()))),
            13164 => Ok(Arc::new(search::Configuration::of(&search::Dictionary::english()))),
            _ => Err(no_lookup("configuration", number)),
        }
    }

    /// The dictionary of text search with a number.
    ///
    /// # Errors
    /// When there is none, or it cannot be made.
    fn search_dictionary(&mut self, number: u32) -> FunctionResult<search::Dictionary> {
        Err(no_lookup("dictionary", number))
    }

    /// What a setting says that is a number.
    fn number_setting(&self, name: &str) -> f64 {
        let _ = name;
        0.0
    }

    /// The number of the dictionary that comes with an extension and has its name.
    ///
    /// # Errors
    /// When there is none.
    fn search_dictionary_of(&mut self, extension: &str) -> FunctionResult<u32> {
        let message = format!("text search dictionary \"{extension}\" does not exist");
        Err(crate::FunctionError::plain(diagnostic::SqlState::UndefinedObject, message))
    }

    /// The numbers of the dictionaries that a configuration asks, each with the number of the kind of token for which it does.
    ///
    /// # Errors
    /// When there is no such configuration.
    fn search_dictionaries(&mut self, number: u32) -> FunctionResult<Vec<(i32, u32)>> {
        Err(no_lookup("configuration", number))
    }

    /// That there is a parser of text search, by its number or its name.
    ///
    /// # Errors
    /// When there is none.
    fn require_search_parser(&mut self, parser: Result<u32, &str>) -> FunctionResult<()> {
        Err(no_lookup("parser", parser.unwrap_or(0)))
    }

    /// The configuration of text search that a name with its schema means.
    fn search_configuration_named(&mut self, name: &str) -> Option<u32> {
        let _ = name;
        None
    }

    /// A function that the program has given, by its number.
    fn native(&self, number: u32) -> Option<crate::table::Native> {
        let _ = number;
        None
    }

    /// The role that acts.
    fn role(&self) -> u32 {
        0
    }

    /// Another role acts from now on: the owner of a function that runs with his rights. Answers which it was before.
    fn act_as(&mut self, role: u32) -> u32 {
        role
    }

    /// The function is over, and he acts again that it did before.
    fn act_again(&mut self, role: u32) {
        let _ = role;
    }

    /// Settings get values for as long as a function runs. Answers how values are shown meanwhile.
    ///
    /// # Errors
    /// When a setting does not take its value.
    fn enter(&mut self, settings: &[(String, String)]) -> FunctionResult<types::text::TextSettings> {
        let name = settings.first().map_or("", |(name, _)| name.as_str());
        let message = format!("unrecognized configuration parameter \"{name}\"");
        Err(crate::FunctionError::plain(diagnostic::SqlState::UndefinedObject, message))
    }

    /// The function is over whose settings were entered last.
    fn leave(&mut self) {}

    /// The settings that functions have given values, as they hold now.
    fn entered(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// A trigger's function is called from now on, perhaps within another's.
    fn enter_trigger(&mut self) {}

    /// It is over.
    fn leave_trigger(&mut self) {}

    /// Exchanges what the session keeps for its statements with what lies in `place`, which is one of the session's own: a
    /// function that runs statements gets it, and gives it back.
    fn exchange(&mut self, place: &mut dyn std::any::Any) {
        let _ = place;
    }

    /// A function of a user's is called for the first time since calls were counted.
    fn is_counted(&mut self, function: u32) {
        let _ = function;
    }

    /// A warning or notice for the client.
    fn notice(&mut self, notice: Box<dyn diagnostic::Diagnostic>);
}
