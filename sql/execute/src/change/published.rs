//! Rows that are published may be changed only where others can tell which row that was: refused is the statement, whether there
//! are rows or not, for each table whose rows the plan looks for.

use crate::error::{ExecuteError, ExecuteResult};
use diagnostic::SqlState;
use plan::logical::MergeWhat;
use plan::physical::{Node, NodeKind, Plan};
use plan::target::{TargetTable, Unpublishable};
use std::collections::BTreeSet;

/// What is done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// They are updated.
    Update,
    /// They are deleted.
    Delete,
}

/// Refuses what a plan changes although it is published.
///
/// # Errors
/// When it does so.
pub fn refuse_published(plan: &Plan) -> ExecuteResult<()> {
    plan.before.iter().try_for_each(|plan| refuse_published(plan))?;
    refuse_below(&plan.root)?;
    let beside = plan.subplans.iter().chain(&plan.common_tables);
    beside.map(|subplan| &subplan.root).try_for_each(refuse_below)?;
    plan.after.iter().try_for_each(|plan| refuse_published(plan))
}

fn refuse_below(node: &Node) -> ExecuteResult<()> {
    refuse_change(node)?;
    let mut done = Ok(());
    node.kind.for_each_input(&mut |input| {
        if done.is_ok() {
            done = refuse_below(input);
        }
    });
    done
}

/// The same of one operator, what is below it aside.
pub(super) fn refuse_change(node: &Node) -> ExecuteResult<()> {
    match &node.kind {
        NodeKind::Update { target, input, .. } => refuse_of(target, input, Done::Update),
        NodeKind::Delete { target, input, .. } => refuse_of(target, input, Done::Delete),
        NodeKind::Merge { target, input, actions, .. } => {
            actions.iter().try_for_each(|action| match &action.what {
                MergeWhat::Update(_) => refuse_of(target, input, Done::Update),
                MergeWhat::Delete => refuse_of(target, input, Done::Delete),
                MergeWhat::Insert(_) | MergeWhat::Nothing => Ok(()),
            })
        }
        // Where rows find their partition first it is asked of that.
        NodeKind::Insert { target, conflict: Some(conflict), .. }
            if conflict.update.is_some() && target.routing.is_none() =>
        {
            refuse(target, Done::Update)
        }
        _ => Ok(()), // others change nothing
    }
}

/// Whether any of a table's rows, or of its members', may not be changed.
pub(super) fn is_refused(target: &TargetTable) -> bool {
    let own = |target: &TargetTable| target.unpublishable != [None, None];
    own(target) || target.members.iter().any(|member| own(&member.target))
}

fn refuse_of(target: &TargetTable, input: &Node, done: Done) -> ExecuteResult<()> {
    if target.members.is_empty() {
        return refuse(target, done);
    }
    if !is_refused(target) {
        return Ok(());
    }
    let mut scanned = BTreeSet::new();
    tables_below(input, &mut scanned);
    let members = target.members.iter().map(|member| &member.target);
    members.filter(|member| scanned.contains(&member.table)).try_for_each(|member| refuse(member, done))
}

/// The tables whose rows an operator and those below it look for.
fn tables_below(node: &Node, found: &mut BTreeSet<u32>) {
    match &node.kind {
        NodeKind::TableScan(scan) => drop(found.insert(scan.table)),
        NodeKind::IndexScan(scan) => drop(found.insert(scan.scan.table)),
        NodeKind::BitmapScan(scan) => drop(found.insert(scan.scan.table)),
        NodeKind::LookupJoin { right, .. } => drop(found.insert(right.scan.table)),
        _ => {} // others have rows of those below them
    }
    node.kind.for_each_input(&mut |input| tables_below(input, found));
}

/// Refuses to change rows of a table, what is a member of it aside.
pub(super) fn refuse(target: &TargetTable, done: Done) -> ExecuteResult<()> {
    let [update, delete] = target.unpublishable;
    let (why, verb, doing, publishes) = match done {
        Done::Update => (update, "update", "updating", "updates"),
        Done::Delete => (delete, "delete from", "deleting from", "deletes"),
    };
    let Some(why) = why else { return Ok(()) };
    let message = format!("cannot {verb} table \"{}\"", target.name);
    let (state, rest, detail, hint) = match why {
        Unpublishable::Filter => {
            let detail =
                "Column used in the publication WHERE expression is not part of the replica identity.";
            (SqlState::InvalidColumnReference, String::new(), Some(detail.to_owned()), None)
        }
        Unpublishable::Columns => {
            let detail = "Column list used by the publication does not cover the replica identity.";
            (SqlState::InvalidColumnReference, String::new(), Some(detail.to_owned()), None)
        }
        Unpublishable::NoIdentity => {
            let rest = format!(" because it does not have a replica identity and publishes {publishes}");
            let hint = format!("To enable {doing} the table, set REPLICA IDENTITY using ALTER TABLE.");
            (SqlState::ObjectNotInPrerequisiteState, rest, None, Some(hint))
        }
    };
    Err(ExecuteError::Plain { state, message: message + &rest, detail, hint })
}
