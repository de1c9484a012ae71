//! What functions that triggers call may ask of the command that fires them.

use super::Defining;
use super::done::{Done, What};
use super::gone::Gone;
use crate::services::Services;
use crate::services::identify::Identity;
use catalog::object::{DefinitionEvent, class};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult};
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

fn violated(call: &str, within: &str) -> FunctionError {
    let message = format!("{call}() can only be called in {within} event trigger function");
    FunctionError::plain(SqlState::ERIEEventTriggerProtocolViolated, message)
}

impl Services<'_> {
    /// What event triggers ask of the command that fires them: its rows, if the function is one of those.
    pub(crate) fn of_definition(
        &self,
        function: functions::SessionFunction,
    ) -> FunctionResult<Option<Vec<Vector>>> {
        use functions::SessionFunction as F;
        let transient = self.live.lent.map(|lent| lent.transient.borrow());
        let defining = transient.as_ref().and_then(|transient| transient.defining.last());
        Ok(Some(match function {
            F::DefinitionCommands => {
                let missing = || violated("pg_event_trigger_ddl_commands", "an");
                let known = defining.filter(|defining| defining.event.is_some()).ok_or_else(missing)?;
                self.commands(&known.commands)?
            }
            F::DroppedObjects => {
                let missing = || violated("pg_event_trigger_dropped_objects", "a sql_drop");
                let is_drop = |defining: &&Defining| defining.event == Some(DefinitionEvent::Drop);
                dropped(&defining.filter(is_drop).ok_or_else(missing)?.gone)?
            }
            _ => return Ok(None),
        }))
    }

    /// The same of a table whose rows are about to be written anew.
    pub(crate) fn of_rewrite(&self, function: functions::SessionFunction) -> FunctionResult<Option<Value>> {
        use functions::SessionFunction as F;
        let call = match function {
            F::RewrittenTable => "pg_event_trigger_table_rewrite_oid",
            F::RewriteReason => "pg_event_trigger_table_rewrite_reason",
            _ => return Ok(None),
        };
        let transient = self.live.lent.map(|lent| lent.transient.borrow());
        let rewrite = transient.as_ref().and_then(|transient| transient.defining.last()?.rewrite);
        let (table, reason) = rewrite.ok_or_else(|| violated(call, "a table_rewrite"))?;
        Ok(Some(match function {
            F::RewrittenTable => Value::Int32(table.cast_signed()),
            _ => Value::Int32(reason),
        }))
    }

    fn commands(&self, commands: &[Done]) -> FunctionResult<Vec<Vector>> {
        let kinds = [
            Kind::Int32,
            Kind::Int32,
            Kind::Int32,
            Kind::Bytes,
            Kind::Bytes,
            Kind::Bytes,
            Kind::Bytes,
            Kind::Bool,
            Kind::Bytes,
        ];
        let mut columns = kinds.map(|kind| VectorBuilder::new(kind, commands.len()));
        for done in commands {
            let mut row = [const { Item::Null }; 9];
            row[3] = Item::Bytes(done.tag.as_bytes());
            row[7] = Item::Bool(done.in_extension);
            // What a command was like only functions in C can ask.
            row[8] = Item::Bytes(b"");
            let identity;
            match &done.what {
                What::Privileges(word) => row[4] = Item::Bytes(word.as_bytes()),
                What::Object(of, address) => {
                    let part = i32::from(address.part);
                    // What a later command of the same statement has taken away is not told.
                    let found = match *of {
                        class::LARGE_OBJECT => Some(Identity::of_large_object(address.oid)),
                        of => self.identifier().identity(of, address.oid, part)?,
                    };
                    let Some(found) = found else { continue };
                    identity = found;
                    row[0] = Item::Int32(of.cast_signed());
                    row[1] = Item::Int32(address.oid.cast_signed());
                    row[2] = Item::Int32(part);
                    row[4] = Item::Bytes(identity.kind.as_bytes());
                    row[5] = words(identity.schema.as_deref());
                    row[6] = Item::Bytes(identity.whole.as_bytes());
                }
            }
            for (column, item) in columns.iter_mut().zip(&row) {
                column.push_item(item)?;
            }
        }
        Ok(columns.map(VectorBuilder::finish).into())
    }
}

fn words(text: Option<&str>) -> Item<'_> {
    text.map_or(Item::Null, |text| Item::Bytes(text.as_bytes()))
}

/// A name as it is kept.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(within) => within.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

fn dropped(gone: &[Gone]) -> FunctionResult<Vec<Vector>> {
    let kinds = [
        Kind::Int32,
        Kind::Int32,
        Kind::Int32,
        Kind::Bool,
        Kind::Bool,
        Kind::Bool,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
    ];
    let mut columns = kinds.map(|kind| VectorBuilder::new(kind, gone.len()));
    for one in gone {
        let [names, arguments] = one.identity.lists();
        // A column has a name, but not by itself.
        let name = one.identity.name.as_deref().filter(|_| one.address.part == 0).map(unquoted);
        let row = [
            Item::Int32(one.of.cast_signed()),
            Item::Int32(one.address.oid.cast_signed()),
            Item::Int32(i32::from(one.address.part)),
            Item::Bool(one.original),
            Item::Bool(one.normal),
            Item::Bool(one.temporary),
            Item::Bytes(one.identity.kind.as_bytes()),
            words(one.identity.schema.as_deref().or(one.schema.as_deref())),
            words(name.as_deref()),
            Item::Bytes(one.identity.whole.as_bytes()),
            Item::Bytes(&names),
            Item::Bytes(&arguments),
        ];
        for (column, item) in columns.iter_mut().zip(&row) {
            column.push_item(item)?;
        }
    }
    Ok(columns.map(VectorBuilder::finish).into())
}
