//! What functions ask of the session and of single objects that nobody else answers: the statement's text, options taken apart,
//! rights to set parameters, parts of functions' definitions, rows that relations of the system show.

use crate::definition::extension::{available_extensions, available_versions, update_paths};
use crate::services::{Services, first, number, text};
use crate::world::literals::SessionLiterals;
use catalog::object::TEMPORARY_SCHEMA;
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, SessionFunction};
use types::array::ArrayView;
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_statement(
        &self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        let object = arguments.first().map_or(0, number);
        if let Some(value) = self.of_rewrite(function)? {
            return Ok(Some(value));
        }
        Ok(Some(match function {
            F::CurrentQuery => {
                let presence = self.engine.sessions.with_pid(self.store.id().0);
                presence.map_or(Value::Null, |presence| Value::text(&presence.activity.lock().query))
            }
            F::IdentifyObject => self.identifier().identify(arguments, false)?,
            F::IdentifyObjectAsAddress => self.identifier().identify(arguments, true)?,
            F::ObjectAddress => self.object_address(arguments)?,
            F::MakeAclItem => self.make_acl_item(arguments)?,
            F::DefaultAcl => self.default_acl(arguments)?,
            F::FunctionArgumentDefault => self.argument_default(object, arguments.get(1)),
            F::RowSecurityActiveByName => {
                let name = arguments.first().map_or("", text);
                let relation = self.relation_of(name)?;
                self.row_security_active(number(&Item::from(&relation)))
            }
            F::CurrentTransactionId => transaction_value(self.store.transaction_id(true)),
            F::CurrentTransactionIdIfAssigned => transaction_value(self.store.transaction_id(false)),
            F::TransactionAge => Value::Int32(self.transaction_age(object)),
            F::ClientPort => self.client().1,
            // The session knows whom it serves, not where he was let in.
            F::ServerAddress | F::ServerPort => Value::Null,
            F::TriggerDepth => Value::Int32(self.kept.triggers),
            F::HasParameterPrivilege => Value::Bool(self.may_set(arguments)?),
            F::RelationOfFile => self.relation_of_file(arguments.get(1).map_or(0, number)),
            _ => return Ok(None), // all others are answered elsewhere
        }))
    }

    /// Whether policies say which rows of a relation the session's role may have.
    pub(crate) fn row_security_active(&self, relation: u32) -> Value {
        let table = self.scope.table(relation);
        Value::Bool(table.is_some_and(|table| self.scope.asks_policies_of(table, self.roles.0)))
    }

    /// From where the session's client has come over a network: address and port; nulls if it has not.
    pub(crate) fn client(&self) -> (Value, Value) {
        let presence = self.engine.sessions.with_pid(self.store.id().0);
        let Some(presence) = presence else { return (Value::Null, Value::Null) };
        let activity = presence.activity.lock();
        let address = activity.address.as_deref().and_then(crate::system::inet);
        let Some(address) = address else { return (Value::Null, Value::Null) };
        (Value::Bytes(address.into()), activity.port.map_or(Value::Null, Value::Int32))
    }

    /// How many transactions began since one; the first three numbers are nobody's and older than all.
    fn transaction_age(&self, transaction: u32) -> i32 {
        const FIRST: u32 = 3;
        let newest = self.store.transaction_id(false).unwrap_or_else(|| self.store.newest_transaction_id());
        let age = (newest.0 as u32).wrapping_sub(transaction).cast_signed();
        if transaction < FIRST { i32::MAX } else { age }
    }

    /// The default of an argument that goes in, counted from 1.
    fn argument_default(&self, function: u32, place: Option<&Item<'_>>) -> Value {
        let Some(Item::Int32(place)) = place else { return Value::Null };
        let Some(place) = place.checked_sub(1).and_then(|place| usize::try_from(place).ok()) else {
            return Value::Null;
        };
        if let Some(made) = self.scope.function(function) {
            let default = made.inputs().nth(place).and_then(|argument| argument.default.as_deref());
            let literals = SessionLiterals { text: self.text };
            let told = default.map(|default| self.describe(&literals).argument_default(default));
            return told.map_or(Value::Null, |told| Value::text(&told));
        }
        let Some(entry) = functions::table::function(function) else { return Value::Null };
        let first = entry.arguments.len() - entry.defaults.len();
        let default = place.checked_sub(first).and_then(|place| entry.defaults.get(place));
        default.map_or(Value::Null, |default| Value::text(default))
    }

    /// Whether a role may change a setting: superusers all, others none, as nobody can be given it.
    fn may_set(&self, arguments: &[Item<'_>]) -> FunctionResult<bool> {
        let (who, privilege) = match arguments {
            [_, privilege] => (Some(self.roles.0), text(privilege)),
            [who, _, privilege] => {
                (self.asked_role(who, SessionFunction::HasParameterPrivilege)?, text(privilege))
            }
            _ => return Ok(false),
        };
        let known = ["SET", "SET WITH GRANT OPTION", "ALTER SYSTEM", "ALTER SYSTEM WITH GRANT OPTION"];
        for one in privilege.split(',') {
            if !known.iter().any(|known| known.eq_ignore_ascii_case(one.trim())) {
                let message = format!("unrecognized privilege type: \"{}\"", one.trim());
                return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
            }
        }
        Ok(who.is_some_and(|who| self.scope.is_superuser(who)))
    }

    /// The relation whose rows lie in the file of this number, which is the relation's own.
    fn relation_of_file(&self, file: u32) -> Value {
        let mut relations = self.scope.objects().filter_map(|object| self.scope.relation(object.oid()));
        let found = relations
            .find(|relation| relation.schema() != TEMPORARY_SCHEMA && catalog::file_of(relation) == file)
            .filter(|_| file != 0);
        found.map_or(Value::Null, |relation| Value::Int32(relation.oid().cast_signed()))
    }

    /// The rows of a function that returns rows, if it is one of these.
    pub(crate) fn listed(
        &self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Vec<Vector>>> {
        use SessionFunction as F;
        if let Some(rows) = self.of_definition(function)? {
            return Ok(Some(rows));
        }
        Ok(Some(match function {
            F::Keywords => crate::services::describe::words::keywords()?,
            F::AllSettings => crate::system::all_settings(self.settings)?,
            F::ExplodeAcl => self.explode_acl(arguments)?,
            F::OptionsToTable => options(arguments)?,
            F::PublicationTables => self.publication_tables(arguments)?,
            F::SubscriptionWorkers => crate::services::replication::workers(),
            F::ListeningChannels => self.listening_channels()?,
            F::Cursors => self.rows_of("pg_cursors")?,
            F::PreparedStatements => self.rows_of("pg_prepared_statements")?,
            F::LockStatus => self.rows_of("pg_locks")?,
            F::ZoneNames => self.rows_of("pg_timezone_names")?,
            F::AvailableExtensions => available_extensions()?,
            F::AvailableExtensionVersions => available_versions()?,
            F::ExtensionUpdatePaths => update_paths(text(first(arguments)))?,
            F::ZoneAbbreviations => self.rows_of("pg_timezone_abbrevs")?,
            _ => return Ok(None), // all others are answered elsewhere
        }))
    }

    /// The rows that a view of the system would show.
    fn rows_of(&self, name: &str) -> FunctionResult<Vec<Vector>> {
        let table = self.scope.system_tables().find(|table| table.name == name);
        let Some(table) = table else { return Ok(Vec::new()) };
        crate::system::live_rows(self.live, self.scope, table)
    }
}

fn transaction_value(id: Option<store::TransactionId>) -> Value {
    id.map_or(Value::Null, |id| Value::Int64(id.0.cast_signed()))
}

/// `name=value` as rows of two columns.
fn options(arguments: &[Item<'_>]) -> FunctionResult<Vec<Vector>> {
    let (mut names, mut values) = (VectorBuilder::new(Kind::Bytes, 0), VectorBuilder::new(Kind::Bytes, 0));
    let list = match arguments.first() {
        Some(Item::Bytes(bytes)) => ArrayView::new(bytes),
        _ => None,
    };
    for item in list.iter().flat_map(ArrayView::items) {
        let option = text(&item);
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Value::text(value)),
            None => (option, Value::Null),
        };
        names.push_bytes(name.as_bytes())?;
        values.push(&value)?;
    }
    Ok(vec![names.finish(), values.finish()])
}
