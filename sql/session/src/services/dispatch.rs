//! Which part of the session answers a function that only it can answer.
//!
//! Every function stands here, so that one that nobody answers is seen when it is written and not when it is called.

use crate::services::Services;
use functions::{FunctionResult, SessionFunction};
use types::{Item, Value};

impl Services<'_> {
    /// The answer of a function. None if it gives rows, or is answered where statements run.
    pub(super) fn answer(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        match function {
            F::NextVal | F::NextIdentity | F::CurrVal | F::SetVal | F::SetValCalled | F::LastVal => {
                self.of_sequences(function, arguments)
            }
            F::ShowSetting | F::ShowSettingMissingOk | F::SettingFlags | F::SetSetting => {
                self.of_settings(function, arguments)
            }
            F::CurrentUser
            | F::SessionUser
            | F::CurrentDatabase
            | F::CurrentSchema
            | F::CurrentSchemas
            | F::BackendPid
            | F::PostmasterStart
            | F::ConfigurationLoadTime
            | F::InRecovery
            | F::CurrentSearchConfiguration
            | F::ClientAddress
            | F::ClientEncoding
            | F::DatabaseEncoding
            | F::MyTemporarySchema
            | F::IsOtherTemporarySchema => self.of_session(function, arguments),
            F::CurrentQuery
            | F::IdentifyObject
            | F::IdentifyObjectAsAddress
            | F::ObjectAddress
            | F::MakeAclItem
            | F::DefaultAcl
            | F::FunctionArgumentDefault
            | F::RowSecurityActiveByName
            | F::CurrentTransactionId
            | F::CurrentTransactionIdIfAssigned
            | F::TransactionAge
            | F::ClientPort
            | F::ServerAddress
            | F::ServerPort
            | F::TriggerDepth
            | F::HasParameterPrivilege
            | F::RelationOfFile
            | F::RewrittenTable
            | F::RewriteReason => self.of_statement(function, arguments),
            F::RelationIsPublishable
            | F::ReplicaIdentityIndex
            | F::SubscriptionStatistics
            | F::ResetSubscriptionStatistics => self.of_replication(function, arguments),
            F::RelationSize
            | F::RelationFileNode
            | F::TableSize
            | F::IndexesSize
            | F::TotalRelationSize
            | F::DatabaseSize
            | F::TablespaceSize
            | F::TablespaceSizeByName
            | F::DatabaseSizeByName => self.of_sizes(function, arguments),
            F::LockAdvisory
            | F::LockAdvisoryShared
            | F::LockAdvisoryInTransaction
            | F::LockAdvisoryInTransactionShared
            | F::TryLockAdvisory
            | F::TryLockAdvisoryShared
            | F::TryLockAdvisoryInTransaction
            | F::TryLockAdvisoryInTransactionShared
            | F::UnlockAdvisory
            | F::UnlockAdvisoryShared
            | F::UnlockAllAdvisory
            | F::BlockingPids
            | F::SafeSnapshotBlockingPids
            | F::IsBlockedInTest => self.of_locks(function, arguments),
            F::FlushStatistics
            | F::ClearStatisticsSnapshot
            | F::StatisticsSnapshotTime
            | F::HaveStatistics
            | F::ResetStatistics
            | F::ResetStatementStatistics
            | F::ResetRelationStatistics
            | F::ResetFunctionStatistics
            | F::ResetSharedStatistics
            | F::ResetSlruStatistics => self.of_counts(function, arguments),
            F::Notify | F::NotificationQueueUsage => self.of_notifications(function, arguments),
            F::ExportSnapshot => self.of_snapshots(function),
            F::CancelBackend | F::TerminateBackend => self.of_others(function, arguments),
            F::ToRegClass
            | F::ToRegType
            | F::ToRegProc
            | F::ToRegProcedure
            | F::ToRegOper
            | F::ToRegOperator
            | F::ToRegNamespace
            | F::ToRegRole
            | F::ToRegCollation
            | F::TextToRegClass
            | F::UserById
            | F::RowSecurityActive
            | F::DescribeObject
            | F::SequenceParameters
            | F::FunctionDefinition
            | F::ViewDefinitionByName
            | F::ViewDefinitionByNamePretty
            | F::RelationIsUpdatable
            | F::ColumnIsUpdatable
            | F::IndexDefinition
            | F::IndexDefinitionColumn
            | F::ConstraintDefinition
            | F::ConstraintDefinitionPretty
            | F::ViewDefinition
            | F::ViewDefinitionPretty
            | F::ViewDefinitionWrapped
            | F::RuleDefinition
            | F::RuleDefinitionPretty
            | F::TriggerDefinition
            | F::TriggerDefinitionPretty
            | F::FunctionSqlBody
            | F::FunctionArguments
            | F::FunctionIdentityArguments
            | F::FunctionResultType
            | F::Expression
            | F::ExpressionPretty
            | F::StatisticsDefinition
            | F::StatisticsColumns
            | F::StatisticsExpressions
            | F::PartitionKeyDefinition
            | F::PartitionConstraint => self.of_catalog(function, arguments),
            F::TableIsVisible
            | F::TypeIsVisible
            | F::FunctionIsVisible
            | F::OperatorIsVisible
            | F::CollationVersion
            | F::CollationIsVisible
            | F::ConversionIsVisible
            | F::SearchParserIsVisible
            | F::SearchDictionaryIsVisible
            | F::SearchTemplateIsVisible
            | F::SearchConfigurationIsVisible
            | F::OperatorClassIsVisible
            | F::OperatorFamilyIsVisible
            | F::StatisticsIsVisible
            | F::SerialSequence => self.of_objects(function, arguments),
            F::ObjectDescription | F::ColumnDescription | F::TablespaceLocation => {
                Ok(self.of_descriptions(function, arguments))
            }
            F::AccessMethodPhase | F::AccessMethodProperty | F::IndexProperty | F::IndexColumnProperty => {
                Ok(self.of_index_properties(function, arguments))
            }
            F::HasTablePrivilege
            | F::HasAnyColumnPrivilege
            | F::HasColumnPrivilege
            | F::HasSequencePrivilege
            | F::HasSchemaPrivilege
            | F::HasDatabasePrivilege
            | F::HasTypePrivilege
            | F::HasWrapperPrivilege
            | F::HasServerPrivilege
            | F::HasFunctionPrivilege
            | F::HasLanguagePrivilege
            | F::HasTablespacePrivilege
            | F::HasRole => self.of_privileges(function, arguments),
            F::SequenceLastValue
            | F::AllSettings
            | F::Statistic
            | F::LargeObjectCreate
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
            | F::DefinitionCommands
            | F::DroppedObjects
            | F::SatisfiesHashPartition
            | F::ExplodeAcl
            | F::TablespaceDatabases
            | F::PublicationTables
            | F::SubscriptionWorkers
            | F::RelationFilePath
            | F::Keywords
            | F::OptionsToTable
            | F::ListeningChannels
            | F::Cursors
            | F::PreparedStatements
            | F::LockStatus
            | F::ActivityStatistics
            | F::ZoneNames
            | F::ZoneAbbreviations
            | F::AvailableExtensions
            | F::AvailableExtensionVersions
            | F::ExtensionUpdatePaths
            | F::PartitionTree
            | F::PartitionAncestors
            | F::PartitionRoot => Ok(None),
        }
    }
}
