//! The triggers of a table or view, as changes of its rows need them.

use crate::binder::Binder;
use crate::error::BindResult;
use catalog::object::{RuleState, Source, Table, Trigger as Kept, TriggerTiming};
use plan::expression::FunctionId;
use plan::trigger::{
    Trigger, TriggerColumn, TriggerEvent, TriggerFires, TriggerLevel, TriggerTable, TriggerWhen, Triggers,
};
use std::sync::Arc;

/// In which sessions something fires; in none where it is switched off.
pub(super) fn fires(state: RuleState) -> Option<TriggerFires> {
    match state {
        RuleState::Enabled => Some(TriggerFires::Origin),
        RuleState::Replica => Some(TriggerFires::Replica),
        RuleState::Always => Some(TriggerFires::Always),
        RuleState::Disabled => None,
    }
}

impl Binder<'_> {
    /// The triggers of a table or view that are not disabled; none if there are none.
    pub(crate) fn triggers(&mut self, table: &Arc<Table>) -> BindResult<Option<Arc<Triggers>>> {
        if !self.scope().has_triggers(table.oid) {
            return Ok(None);
        }
        let kept: Vec<Arc<Kept>> = self.scope().triggers_of(table.oid).into_iter().cloned().collect();
        let mut all = Vec::with_capacity(kept.len());
        for trigger in kept {
            let Some(fires) = fires(trigger.state) else { continue };
            all.push(Arc::new(self.trigger(table, &trigger, fires)?));
        }
        if all.is_empty() {
            return Ok(None);
        }
        let schema = self.scope().schema(table.schema).map_or_else(String::new, |schema| schema.name.clone());
        let columns = table.live_columns().map(|(place, column)| TriggerColumn {
            name: column.name.clone(),
            column_type: column.column_type(),
            number: place as u16 + 1,
            generated: matches!(column.source, Source::Generated(_)),
        });
        let (relation, name, row_type) = (table.oid, table.name.clone(), table.row_type);
        let table = TriggerTable { relation, name, schema, row_type, columns: columns.collect() };
        Ok(Some(Arc::new(Triggers { table: Arc::new(table), all })))
    }

    fn trigger(&mut self, table: &Arc<Table>, kept: &Kept, fires: TriggerFires) -> BindResult<Trigger> {
        let condition = kept.condition.as_deref();
        let place = |number: &u16| table.live_columns().position(|(place, _)| place == usize::from(*number));
        let flags = [
            (kept.events.insert, TriggerEvent::Insert),
            (kept.events.update, TriggerEvent::Update),
            (kept.events.delete, TriggerEvent::Delete),
            (kept.events.truncate, TriggerEvent::Truncate),
        ];
        Ok(Trigger {
            oid: kept.oid,
            name: kept.name.clone(),
            function: FunctionId(kept.function),
            arguments: kept.arguments.clone().into(),
            when: match kept.timing {
                TriggerTiming::Before => TriggerWhen::Before,
                TriggerTiming::After => TriggerWhen::After,
                TriggerTiming::InsteadOf => TriggerWhen::InsteadOf,
            },
            level: if kept.each_row { TriggerLevel::Row } else { TriggerLevel::Statement },
            events: flags.into_iter().filter(|(is, _)| *is).map(|(_, event)| event).collect(),
            columns: kept.columns.iter().filter_map(place).map(|place| place as u32).collect(),
            condition: condition.map(|text| self.condition_of_trigger(table, text)).transpose()?,
            fires,
            deferrable: kept
                .constraint
                .filter(|constraint| constraint.deferrable)
                .map(|constraint| (constraint.oid, constraint.initially_deferred)),
            old_table: kept.old_table.clone(),
            new_table: kept.new_table.clone(),
            cloned: kept.parent != 0,
        })
    }
}
