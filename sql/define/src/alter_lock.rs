//! How strongly `ALTER TABLE` locks its table (PostgreSQL's `AlterTableGetLockLevel`): what only concerns planning or later
//! checks goes on beside writers, what concerns writers goes on beside readers, all else waits for everybody.

use store::locks::RelationMode;
use syntax::tree::alter::{AlterAction, AlterActionKind, ColumnAction, Detach};
use syntax::tree::table::TableConstraintKind;

/// The lock that all actions of a statement together need.
pub(crate) fn needed(actions: &[AlterAction<'_>]) -> RelationMode {
    let each = actions.iter().map(|action| of_action(&action.kind));
    each.max().unwrap_or(RelationMode::AccessExclusive)
}

fn of_action(action: &AlterActionKind<'_>) -> RelationMode {
    match action {
        AlterActionKind::ValidateConstraint(_)
        | AlterActionKind::SetOptions(_)
        | AlterActionKind::ResetOptions(_)
        | AlterActionKind::WithoutCluster
        | AlterActionKind::ClusterOn(_)
        | AlterActionKind::AttachPartition(..)
        | AlterActionKind::DetachPartition(_, Detach::Concurrently | Detach::Finalize) => {
            RelationMode::ShareUpdateExclusive
        }
        AlterActionKind::Switch(switch) if !switch.rule => RelationMode::ShareRowExclusive,
        AlterActionKind::Column(_, change) => of_column(change),
        AlterActionKind::AddConstraint(constraint) => match &constraint.kind {
            TableConstraintKind::ForeignKey(..) => RelationMode::ShareRowExclusive,
            TableConstraintKind::Check(_)
            | TableConstraintKind::Unique(..)
            | TableConstraintKind::UniqueIndex(_)
            | TableConstraintKind::PrimaryKey(..)
            | TableConstraintKind::PrimaryKeyIndex(_)
            | TableConstraintKind::Exclude(_) => RelationMode::AccessExclusive,
        },
        AlterActionKind::AddColumn { .. }
        | AlterActionKind::DropColumn { .. }
        | AlterActionKind::AlterConstraint { .. }
        | AlterActionKind::DropConstraint { .. }
        | AlterActionKind::Owner(_)
        | AlterActionKind::SetLogged(_)
        | AlterActionKind::SetTablespace(_)
        | AlterActionKind::SetAccessMethod(_)
        | AlterActionKind::WithoutOids
        | AlterActionKind::Inherit(..)
        | AlterActionKind::Of(_)
        | AlterActionKind::NotOf
        | AlterActionKind::ReplicaIdentity(_)
        | AlterActionKind::Switch(_)
        | AlterActionKind::RowSecurity(_)
        | AlterActionKind::DetachPartition(_, Detach::Now)
        | AlterActionKind::ForeignOptions(_) => RelationMode::AccessExclusive,
    }
}

fn of_column(change: &ColumnAction<'_>) -> RelationMode {
    match change {
        ColumnAction::Statistics(_) | ColumnAction::SetOptions(_) | ColumnAction::ResetOptions(_) => {
            RelationMode::ShareUpdateExclusive
        }
        ColumnAction::SetDefault(_)
        | ColumnAction::DropDefault
        | ColumnAction::SetNotNull
        | ColumnAction::DropNotNull
        | ColumnAction::DropExpression(_)
        | ColumnAction::Type { .. }
        | ColumnAction::Storage(_)
        | ColumnAction::Compression(_)
        | ColumnAction::AddIdentity { .. }
        | ColumnAction::SetIdentity(_)
        | ColumnAction::DropIdentity(_)
        | ColumnAction::ForeignOptions(_) => RelationMode::AccessExclusive,
    }
}
