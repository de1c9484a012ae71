//! The triggers that a foreign key is to PostgreSQL: two of the table that refers, which look for what is referred to, and
//! two of the table referred to, which do what `ON DELETE` and `ON UPDATE` say.
//!
//! They are no objects: a foreign key's entry has their numbers and when they fire ([`KeyTriggers`]), and the executor does
//! what they would do. The part of a key that is a partition's has only those of the table that refers, the part for a
//! partition of what is referred to only those of that.

use super::Snapshot;
use crate::object::{
    Action, Constraint, KeyTriggers, Object, Oid, Rule, Trigger, TriggerConstraint, TriggerEvents,
    TriggerTiming,
};
use std::sync::Arc;

/// The function of `ON DELETE`; that of `ON UPDATE` has the next number.
fn action_function(action: Action) -> Oid {
    match action {
        Action::Cascade => 1646,
        Action::Restrict => 1648,
        Action::SetNull => 1650,
        Action::SetDefault => 1652,
        Action::NoAction => 1654,
    }
}

/// The function that looks at new rows; that of changed rows has the next number.
const CHECK: Oid = 1644;

/// The trigger at a place of a key, and that of the whole of whose key this is a part.
fn trigger(key: &Constraint, place: usize, parent: Oid) -> Option<Trigger> {
    let Rule::ForeignKey { table, on_update, on_delete, triggers, .. } = &key.rule else { return None };
    let refers = place >= KeyTriggers::CHECK_INSERT;
    let (function, event) = match place {
        KeyTriggers::DELETE => (action_function(*on_delete), TriggerEvents { delete: true, ..none() }),
        KeyTriggers::UPDATE => (action_function(*on_update) + 1, TriggerEvents { update: true, ..none() }),
        KeyTriggers::CHECK_INSERT => (CHECK, TriggerEvents { insert: true, ..none() }),
        _ => (CHECK + 1, TriggerEvents { update: true, ..none() }),
    };
    let (relation, from) = if refers { (key.table, *table) } else { (*table, key.table) };
    let waits = refers
        || [action_function(Action::NoAction), action_function(Action::NoAction) + 1].contains(&function);
    let oid = triggers.first + place as Oid;
    Some(Trigger {
        oid,
        name: format!("RI_ConstraintTrigger_{}_{oid}", if refers { 'c' } else { 'a' }),
        relation,
        function,
        timing: TriggerTiming::After,
        each_row: true,
        events: event,
        columns: Vec::new(),
        condition: None,
        arguments: Vec::new(),
        old_table: None,
        new_table: None,
        constraint: Some(TriggerConstraint {
            oid: key.oid,
            deferrable: waits && key.deferrable,
            initially_deferred: waits && key.initially_deferred,
            from,
        }),
        state: triggers.states[place],
        parent,
    })
}

fn none() -> TriggerEvents {
    TriggerEvents::default()
}

impl Snapshot {
    /// All triggers of a key.
    fn triggers_of_key(&self, key: &Constraint) -> impl Iterator<Item = Trigger> {
        let places = match key.parent {
            0 => KeyTriggers::DELETE..KeyTriggers::COUNT,
            _ if self.is_key_to_part(key) => KeyTriggers::DELETE..KeyTriggers::CHECK_INSERT,
            _ => KeyTriggers::CHECK_INSERT..KeyTriggers::COUNT,
        };
        let whole = match self.constraint(key.parent).map(|whole| &whole.rule) {
            Some(Rule::ForeignKey { triggers, .. }) => triggers.first,
            _ => 0, // it is a part of none
        };
        let parent = |place: usize| if whole == 0 { 0 } else { whole + place as Oid };
        let all = places.filter_map(|place| trigger(key, place, parent(place)));
        all.collect::<Vec<_>>().into_iter()
    }

    /// The triggers of all foreign keys, each with its key.
    pub fn key_triggers(&self) -> impl Iterator<Item = (&Arc<Constraint>, Trigger)> {
        let keys = self.objects().filter_map(|object| match object {
            Object::Constraint(key) => Some(key),
            _ => None, // nothing else refers
        });
        keys.flat_map(|key| self.triggers_of_key(key).map(move |trigger| (key, trigger)))
    }

    /// The triggers that a table has for foreign keys, its own and those to it, by name.
    pub fn key_triggers_of(&self, table: Oid) -> Vec<(Arc<Constraint>, Trigger)> {
        let mut keys: Vec<Arc<Constraint>> = self.constraints_of(table).cloned().collect();
        keys.extend(self.foreign_keys_to(table).filter(|key| key.table != table).cloned());
        let all =
            keys.iter().flat_map(|key| self.triggers_of_key(key).map(move |trigger| (key.clone(), trigger)));
        let mut found: Vec<_> = all.filter(|(_, trigger)| trigger.relation == table).collect();
        found.sort_by(|one, other| one.1.name.cmp(&other.1.name));
        found
    }

    /// A foreign key's trigger by its number.
    pub fn key_trigger(&self, oid: Oid) -> Option<Trigger> {
        let (_, key) = self.firing.range(..=oid).next_back()?;
        self.triggers_of_key(self.constraint(*key)?).find(|trigger| trigger.oid == oid)
    }
}
