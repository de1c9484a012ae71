//! Triggers: `pg_trigger`, and what `information_schema` tells of them.

use super::emit::{Emit, SystemContext, flag, int, letter, maybe, number, small, small_vector, text};
use super::information::Asker;
use crate::error::CatalogResult;
use crate::object::{Object, Rule, Trigger, TriggerTiming};
use crate::snapshot::{Relation, Scope};
use std::sync::Arc;
use types::value::Item;

/// All triggers, by number.
fn all(scope: &Scope) -> impl Iterator<Item = &Arc<Trigger>> {
    scope.objects().filter_map(|object| match object {
        Object::Trigger(trigger) => Some(trigger),
        _ => None, // others have tables of their own
    })
}

/// Words for a trigger's function as they are kept: each ends with a zero.
fn arguments(trigger: &Trigger) -> Vec<u8> {
    let mut bytes = Vec::new();
    for argument in &trigger.arguments {
        bytes.extend_from_slice(argument.as_bytes());
        bytes.push(0);
    }
    bytes
}

/// `pg_trigger`.
pub(super) fn triggers(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let keys = context.scope.key_triggers().map(|(key, trigger)| (Some(key), Arc::new(trigger)));
    let made = all(context.scope).map(|trigger| (None, trigger.clone()));
    for (key, trigger) in made.chain(keys) {
        let index = match key.map(|key| &key.rule) {
            Some(Rule::ForeignKey { index, .. }) => *index,
            _ => 0, // only a foreign key is about an index
        };
        let columns = small_vector(trigger.columns.iter().map(|column| column.cast_signed() + 1));
        let constraint = trigger.constraint.as_ref();
        emit.row(&[
            number(trigger.oid),
            number(trigger.relation),
            number(trigger.parent),
            text(&trigger.name),
            number(trigger.function),
            small(trigger.kind_bits()),
            letter(trigger.state.letter()),
            flag(key.is_some()),
            number(constraint.map_or(0, |constraint| constraint.from)),
            number(index),
            number(constraint.map_or(0, |constraint| constraint.oid)),
            flag(constraint.is_some_and(|constraint| constraint.deferrable)),
            flag(constraint.is_some_and(|constraint| constraint.initially_deferred)),
            small(trigger.arguments.len()),
            Item::Bytes(&columns),
            Item::Bytes(&arguments(&trigger)),
            maybe(trigger.condition.as_deref()),
            maybe(trigger.old_table.as_deref()),
            maybe(trigger.new_table.as_deref()),
        ])?;
    }
    Ok(())
}

/// The triggers that are constraints, in `pg_constraint`.
pub(super) fn constraints(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for trigger in all(context.scope) {
        let Some(constraint) = &trigger.constraint else { continue };
        let schema = context.scope.relation(trigger.relation).map_or(0, |relation| relation.schema());
        emit.named(|column| match column {
            "oid" => number(constraint.oid),
            "conname" => text(&trigger.name),
            "connamespace" => number(schema),
            "contype" => letter(b't'),
            "condeferrable" => flag(constraint.deferrable),
            "condeferred" => flag(constraint.initially_deferred),
            "convalidated" | "conislocal" | "connoinherit" => flag(true),
            "conrelid" => number(trigger.relation),
            "contypid" | "conindid" | "conparentid" | "confrelid" => number(0),
            "confupdtype" | "confdeltype" | "confmatchtype" => letter(b' '),
            "coninhcount" => int(0),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

/// A trigger as `information_schema` tells it.
struct Told<'t> {
    trigger: &'t Trigger,
    relation: Relation,
    definition: String,
}

/// The triggers that are shown, with their definitions.
fn told<'t>(context: &SystemContext<'t>, asker: &Asker<'_>) -> Vec<Told<'t>> {
    let shown: Vec<_> = asker.relations().map(|relation| relation.oid()).collect();
    let mut found = Vec::new();
    for trigger in all(context.scope).filter(|trigger| shown.contains(&trigger.relation)) {
        let Some(relation) = context.scope.relation(trigger.relation) else { continue };
        let definition = context.session.trigger_definition(trigger).unwrap_or_default();
        found.push(Told { trigger, relation, definition });
    }
    found
}

/// The events of a trigger that the standard knows.
fn events(trigger: &Trigger) -> impl Iterator<Item = &'static str> {
    let events = trigger.events;
    let words = [(events.insert, "INSERT"), (events.delete, "DELETE"), (events.update, "UPDATE")];
    words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word)
}

/// Which of the triggers of a relation that fire together a trigger is.
fn order(scope: &Scope, trigger: &Trigger, event: &str) -> usize {
    let together = |other: &&&Arc<Trigger>| {
        other.timing == trigger.timing
            && other.each_row == trigger.each_row
            && events(other).any(|word| word == event)
            && other.name <= trigger.name
    };
    scope.triggers_of(trigger.relation).iter().filter(together).count()
}

/// `triggers`.
pub(super) fn information(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for Told { trigger, relation, definition } in &told(context, &asker) {
        let schema = asker.schema(relation.schema());
        let (before, call) = definition.split_once("EXECUTE FUNCTION").unwrap_or((definition, ""));
        let call = format!("EXECUTE FUNCTION{call}");
        let condition = before.split_once(" WHEN (").map(|(_, condition)| condition.trim_end());
        let condition = condition.map(|condition| condition.strip_suffix(')').unwrap_or(condition));
        for event in events(trigger) {
            emit.named(|column| match column {
                "trigger_catalog" | "event_object_catalog" => text(asker.database),
                "trigger_schema" | "event_object_schema" => text(schema),
                "trigger_name" => text(&trigger.name),
                "event_manipulation" => text(event),
                "event_object_table" => text(relation.name()),
                "action_order" => int(order(context.scope, trigger, event)),
                "action_condition" => maybe(condition),
                "action_statement" => text(&call),
                "action_orientation" => text(if trigger.each_row { "ROW" } else { "STATEMENT" }),
                "action_timing" => text(match trigger.timing {
                    TriggerTiming::Before => "BEFORE",
                    TriggerTiming::After => "AFTER",
                    TriggerTiming::InsteadOf => "INSTEAD OF",
                }),
                "action_reference_old_table" => maybe(trigger.old_table.as_deref()),
                "action_reference_new_table" => maybe(trigger.new_table.as_deref()),
                _ => Item::Null,
            })?;
        }
    }
    Ok(())
}

/// `triggered_update_columns`.
pub(super) fn update_columns(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for Told { trigger, relation, .. } in &told(context, &asker) {
        let Relation::Table(table) = relation else { continue };
        for place in &trigger.columns {
            let Some(found) = table.columns.get(usize::from(*place)) else { continue };
            emit.named(|column| match column {
                "trigger_catalog" | "event_object_catalog" => text(asker.database),
                "trigger_schema" | "event_object_schema" => text(asker.schema(table.schema)),
                "trigger_name" => text(&trigger.name),
                "event_object_table" => text(&table.name),
                "event_object_column" => text(&found.name),
                _ => Item::Null,
            })?;
        }
    }
    Ok(())
}
