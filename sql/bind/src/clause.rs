//! Where an expression stands, and what may stand there.

/// The part of a statement that an expression belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Clause {
    Select,
    Values,
    /// The only row that an `INSERT` gives.
    ValuesRow,
    Returning,
    Where,
    Having,
    Filter,
    GroupBy,
    OrderBy,
    DistinctOn,
    Limit,
    Offset,
    JoinOn,
    FromFunction,
    Sample,
    WindowPartition,
    WindowOrder,
    WindowRows,
    WindowRange,
    WindowGroups,
    InsertSelect,
    UpdateSource,
    MergeWhen,
    Check,
    DomainCheck,
    Default,
    /// Of a routine's argument.
    ArgumentDefault,
    Generated,
    IndexExpression,
    IndexPredicate,
    Statistics,
    PartitionKey,
    PartitionBound,
    AlterType,
    ExecuteParameter,
    CallArgument,
    CopyWhere,
    TriggerWhen,
    Policy,
}

impl Clause {
    /// What messages call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Clause::Select | Clause::InsertSelect => "SELECT",
            Clause::Values | Clause::ValuesRow => "VALUES",
            Clause::Returning => "RETURNING",
            Clause::Where => "WHERE",
            Clause::Having => "HAVING",
            Clause::Filter => "FILTER",
            Clause::GroupBy => "GROUP BY",
            Clause::OrderBy => "ORDER BY",
            Clause::DistinctOn => "DISTINCT ON",
            Clause::Limit => "LIMIT",
            Clause::Offset => "OFFSET",
            Clause::JoinOn => "JOIN/ON",
            Clause::FromFunction => "functions in FROM",
            Clause::Sample => "TABLESAMPLE",
            Clause::WindowPartition => "window PARTITION BY",
            Clause::WindowOrder => "window ORDER BY",
            Clause::WindowRows => "window frame ROWS",
            Clause::WindowRange => "window frame RANGE",
            Clause::WindowGroups => "window frame GROUPS",
            Clause::UpdateSource => "UPDATE",
            Clause::MergeWhen => "MERGE WHEN",
            Clause::Check => "check constraints",
            Clause::DomainCheck => "check constraints",
            Clause::Default | Clause::ArgumentDefault => "DEFAULT expressions",
            Clause::Generated => "column generation expressions",
            Clause::IndexExpression => "index expressions",
            Clause::IndexPredicate => "index predicates",
            Clause::Statistics => "statistics expressions",
            Clause::PartitionKey => "partition key expressions",
            Clause::PartitionBound => "partition bound",
            Clause::AlterType => "transform expressions",
            Clause::ExecuteParameter => "EXECUTE parameters",
            Clause::CallArgument => "CALL arguments",
            Clause::CopyWhere => "COPY FROM WHERE conditions",
            Clause::TriggerWhen => "trigger WHEN conditions",
            Clause::Policy => "policy expressions",
        }
    }

    /// What it is called by the message that refuses aggregates and window functions; `None` where they may stand.
    pub(crate) fn refuses_aggregates(self) -> Option<&'static str> {
        match self {
            Clause::Select
            | Clause::InsertSelect
            | Clause::Having
            | Clause::OrderBy
            | Clause::DistinctOn
            | Clause::WindowPartition
            | Clause::WindowOrder => None,
            Clause::JoinOn => Some("JOIN conditions"),
            Clause::MergeWhen => Some("MERGE WHEN conditions"),
            Clause::Values
            | Clause::ValuesRow
            | Clause::Returning
            | Clause::Where
            | Clause::Filter
            | Clause::GroupBy
            | Clause::Limit
            | Clause::Offset
            | Clause::FromFunction
            | Clause::Sample
            | Clause::WindowRows
            | Clause::WindowRange
            | Clause::WindowGroups
            | Clause::UpdateSource
            | Clause::Check
            | Clause::DomainCheck
            | Clause::Default
            | Clause::ArgumentDefault
            | Clause::Generated
            | Clause::IndexExpression
            | Clause::IndexPredicate
            | Clause::Statistics
            | Clause::PartitionKey
            | Clause::PartitionBound
            | Clause::AlterType
            | Clause::ExecuteParameter
            | Clause::CallArgument
            | Clause::CopyWhere
            | Clause::TriggerWhen
            | Clause::Policy => Some(self.name()),
        }
    }

    /// The same of window functions.
    pub(crate) fn refuses_windows(self) -> Option<&'static str> {
        match self {
            Clause::Select | Clause::InsertSelect | Clause::OrderBy | Clause::DistinctOn => None,
            Clause::WindowPartition | Clause::WindowOrder => Some("window definitions"),
            Clause::WindowRows | Clause::WindowRange | Clause::WindowGroups => Some("window definitions"),
            Clause::Having => Some("HAVING"),
            Clause::Values
            | Clause::ValuesRow
            | Clause::Returning
            | Clause::Where
            | Clause::Filter
            | Clause::GroupBy
            | Clause::Limit
            | Clause::Offset
            | Clause::JoinOn
            | Clause::FromFunction
            | Clause::Sample
            | Clause::UpdateSource
            | Clause::MergeWhen
            | Clause::Check
            | Clause::DomainCheck
            | Clause::Default
            | Clause::ArgumentDefault
            | Clause::Generated
            | Clause::IndexExpression
            | Clause::IndexPredicate
            | Clause::Statistics
            | Clause::PartitionKey
            | Clause::PartitionBound
            | Clause::AlterType
            | Clause::ExecuteParameter
            | Clause::CallArgument
            | Clause::CopyWhere
            | Clause::TriggerWhen
            | Clause::Policy => self.refuses_aggregates(),
        }
    }

    /// The same of functions that return sets.
    pub(crate) fn refuses_sets(self) -> Option<&'static str> {
        match self {
            Clause::Select
            | Clause::InsertSelect
            | Clause::ValuesRow
            | Clause::OrderBy
            | Clause::GroupBy
            | Clause::DistinctOn
            | Clause::FromFunction => None,
            Clause::WindowPartition | Clause::WindowOrder => Some("window definitions"),
            Clause::WindowRows | Clause::WindowRange | Clause::WindowGroups => Some("window definitions"),
            Clause::Values
            | Clause::Returning
            | Clause::Where
            | Clause::Having
            | Clause::Filter
            | Clause::Limit
            | Clause::Offset
            | Clause::JoinOn
            | Clause::Sample
            | Clause::UpdateSource
            | Clause::MergeWhen
            | Clause::Check
            | Clause::DomainCheck
            | Clause::Default
            | Clause::ArgumentDefault
            | Clause::Generated
            | Clause::IndexExpression
            | Clause::IndexPredicate
            | Clause::Statistics
            | Clause::PartitionKey
            | Clause::PartitionBound
            | Clause::AlterType
            | Clause::ExecuteParameter
            | Clause::CallArgument
            | Clause::CopyWhere
            | Clause::TriggerWhen
            | Clause::Policy => self.refuses_aggregates().or(Some(self.name())),
        }
    }

    /// What the message calls it that refuses subqueries; `None` where they may stand.
    pub(crate) fn refuses_subqueries(self) -> Option<&'static str> {
        match self {
            Clause::Check | Clause::DomainCheck => Some("check constraint"),
            Clause::Default | Clause::ArgumentDefault => Some("DEFAULT expression"),
            Clause::Generated => Some("column generation expression"),
            Clause::IndexExpression => Some("index expression"),
            Clause::IndexPredicate => Some("index predicate"),
            Clause::Statistics => Some("statistics expression"),
            Clause::PartitionKey => Some("partition key expression"),
            Clause::PartitionBound => Some("partition bound"),
            Clause::AlterType => Some("transform expression"),
            Clause::ExecuteParameter => Some("EXECUTE parameter"),
            Clause::CallArgument => Some("CALL argument"),
            Clause::CopyWhere => Some("COPY FROM WHERE condition"),
            Clause::TriggerWhen => Some("trigger WHEN condition"),
            Clause::Policy
            | Clause::Select
            | Clause::Values
            | Clause::ValuesRow
            | Clause::Returning
            | Clause::Where
            | Clause::Having
            | Clause::Filter
            | Clause::GroupBy
            | Clause::OrderBy
            | Clause::DistinctOn
            | Clause::Limit
            | Clause::Offset
            | Clause::JoinOn
            | Clause::FromFunction
            | Clause::Sample
            | Clause::WindowPartition
            | Clause::WindowOrder
            | Clause::WindowRows
            | Clause::WindowRange
            | Clause::WindowGroups
            | Clause::InsertSelect
            | Clause::UpdateSource
            | Clause::MergeWhen => None,
        }
    }
}
