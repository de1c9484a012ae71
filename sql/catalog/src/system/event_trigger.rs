//! `pg_event_trigger`.

use super::emit::{Emit, SystemContext, bytes, letter, number, text, texts};
use crate::error::CatalogResult;
use types::catalog::oid;

/// `pg_event_trigger`.
pub(super) fn event_triggers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for trigger in context.scope.event_triggers() {
        let tags = trigger.tags.iter().map(String::as_str);
        let tags = (!trigger.tags.is_empty()).then(|| texts(oid::TEXT, tags));
        emit.row(&[
            number(trigger.oid),
            text(&trigger.name),
            text(trigger.event.name()),
            number(trigger.owner),
            number(trigger.function),
            letter(trigger.enabled.letter()),
            bytes(&tags),
        ])?;
    }
    Ok(())
}
