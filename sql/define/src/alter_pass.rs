//! In which order the actions of an ALTER TABLE are done, whatever order they are written in (PostgreSQL's passes in
//! `tablecmds.c`): what goes first makes room, and new columns are there before what is said of them.

use syntax::tree::alter::{AlterAction, AlterActionKind, ColumnAction};
use syntax::tree::table::TableConstraintKind;

/// A pass over all actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    Drop,
    ColumnType,
    AddColumn,
    ColumnAttributes,
    AddIndexConstraint,
    AddConstraint,
    Miscellaneous,
}

/// The actions in the order in which they are done.
pub(crate) fn in_passes<'s, 't>(actions: &'s [AlterAction<'t>]) -> Vec<&'s AlterAction<'t>> {
    let mut ordered: Vec<&AlterAction<'_>> = actions.iter().collect();
    ordered.sort_by_key(|action| pass_of(&action.kind));
    ordered
}

fn pass_of(action: &AlterActionKind<'_>) -> Pass {
    match action {
        AlterActionKind::DropColumn { .. } | AlterActionKind::DropConstraint { .. } => Pass::Drop,
        AlterActionKind::AddColumn { .. } => Pass::AddColumn,
        AlterActionKind::Column(_, change) => pass_of_column(change),
        AlterActionKind::AddConstraint(constraint) => match &constraint.kind {
            TableConstraintKind::Check(_) | TableConstraintKind::ForeignKey(..) => Pass::AddConstraint,
            TableConstraintKind::Unique(..)
            | TableConstraintKind::UniqueIndex(_)
            | TableConstraintKind::PrimaryKey(..)
            | TableConstraintKind::PrimaryKeyIndex(_)
            | TableConstraintKind::Exclude(_) => Pass::AddIndexConstraint,
        },
        AlterActionKind::AlterConstraint { .. }
        | AlterActionKind::ValidateConstraint(_)
        | AlterActionKind::Owner(_)
        | AlterActionKind::SetOptions(_)
        | AlterActionKind::ResetOptions(_)
        | AlterActionKind::SetLogged(_)
        | AlterActionKind::SetTablespace(_)
        | AlterActionKind::SetAccessMethod(_)
        | AlterActionKind::WithoutCluster
        | AlterActionKind::WithoutOids
        | AlterActionKind::ClusterOn(_)
        | AlterActionKind::Inherit(..)
        | AlterActionKind::Of(_)
        | AlterActionKind::NotOf
        | AlterActionKind::ReplicaIdentity(_)
        | AlterActionKind::Switch(_)
        | AlterActionKind::RowSecurity(_)
        | AlterActionKind::AttachPartition(..)
        | AlterActionKind::DetachPartition(..)
        | AlterActionKind::ForeignOptions(_) => Pass::Miscellaneous,
    }
}

fn pass_of_column(change: &ColumnAction<'_>) -> Pass {
    match change {
        ColumnAction::DropDefault
        | ColumnAction::DropNotNull
        | ColumnAction::DropExpression(_)
        | ColumnAction::DropIdentity(_) => Pass::Drop,
        ColumnAction::Type { .. } => Pass::ColumnType,
        ColumnAction::SetNotNull => Pass::ColumnAttributes,
        ColumnAction::SetDefault(_) | ColumnAction::AddIdentity { .. } => Pass::AddConstraint,
        // An identity may be set that is added beside it.
        ColumnAction::SetIdentity(_)
        | ColumnAction::Statistics(_)
        | ColumnAction::SetOptions(_)
        | ColumnAction::ResetOptions(_)
        | ColumnAction::Storage(_)
        | ColumnAction::Compression(_)
        | ColumnAction::ForeignOptions(_) => Pass::Miscellaneous,
    }
}
