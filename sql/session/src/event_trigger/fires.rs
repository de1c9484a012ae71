//! By which definitions triggers fire, and which of them.

use crate::definition::command;
use crate::definition::kind_tags::{privileges_word, tag_of};
use crate::prepared::slice;
use catalog::Scope;
use catalog::object::{DefinitionEvent, Oid};
use define::event_trigger::TagOf;
use syntax::tree::Statement;
use syntax::tree::object::ObjectKind;
use syntax::tree::role::GrantTarget;
use syntax::tree::statement::StatementKind;

/// The tag of a definition by which triggers may fire; none of another.
pub(super) fn firing_tag(text: &str, statement: &Statement<'_>) -> Option<&'static str> {
    let tag = match &statement.kind {
        StatementKind::CreateRoutine(create) if create.procedure => "CREATE PROCEDURE",
        StatementKind::CreateTableAs(create) if create.materialized_view => "CREATE MATERIALIZED VIEW",
        StatementKind::CreateTableAs(_) => {
            let written = slice(text, statement).trim_start();
            let makes = written.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("create"));
            if makes { "CREATE TABLE AS" } else { "SELECT INTO" }
        }
        StatementKind::Comment(comment) if is_shared(comment.kind) => return None,
        StatementKind::Grant(grant) => match grant.on {
            GrantTarget::Objects(kind, _) if privileges_word(kind).is_none() => return None,
            _ => command(&statement.kind),
        },
        kind => command(kind),
    };
    matches!(tag_of(tag), TagOf::Fires | TagOf::Rewrites).then_some(tag)
}

/// Whether no trigger fires by what is done to objects of a kind: all databases have them, or triggers themselves.
fn is_shared(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Database | ObjectKind::Role | ObjectKind::Tablespace | ObjectKind::EventTrigger
    )
}

/// The functions that are called at an event, in their order.
pub(super) fn firing(scope: &Scope, event: DefinitionEvent, tag: &str, replica: bool) -> Vec<Oid> {
    let fires = scope.event_triggers().filter(|trigger| {
        let named = trigger.tags.is_empty() || trigger.tags.iter().any(|named| named == tag);
        trigger.event == event && trigger.enabled.fires(replica) && named
    });
    fires.map(|trigger| trigger.function).collect()
}
