//! Who and where one is: roles, the database, schemas of the path, the connection.

use crate::services::{Services, array_of, first};
use catalog::Oid;
use catalog::object::{Object, TEMPORARY_SCHEMA};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, SessionFunction};
use types::catalog::oid;
use types::{Item, Value};

impl Services<'_> {
    /// Who and where one is.
    pub(crate) fn of_session(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::CurrentUser => self.role_name(self.roles.0),
            F::SessionUser => self.role_name(self.roles.1),
            F::CurrentDatabase => self.database_name(),
            F::CurrentSchema => {
                self.schema_names(false).first().map_or(Value::Null, |name| Value::text(name))
            }
            F::CurrentSchemas => {
                let names = self.schema_names(matches!(first(arguments), Item::Bool(true)));
                array_of(oid::NAME, &names)
            }
            F::BackendPid => Value::Int32(i32::try_from(self.store.id().0).unwrap_or(i32::MAX)),
            F::PostmasterStart | F::ConfigurationLoadTime => Value::Int64(self.engine.opened.0),
            F::InRecovery => Value::Bool(false),
            F::CurrentSearchConfiguration => {
                let name = self.settings.kept("default_text_search_config");
                let Some(number) = catalog::names::search_configuration(self.scope, name) else {
                    let message = format!("text search configuration \"{name}\" does not exist");
                    return Err(FunctionError::plain(SqlState::UndefinedObject, message));
                };
                Value::Int32(number.cast_signed())
            }
            F::ClientAddress => self.client().0,
            F::ClientEncoding => Value::text(self.settings.kept("client_encoding")),
            F::DatabaseEncoding => Value::text("UTF8"),
            // Other sessions' temporary schemas are seen by nobody.
            F::MyTemporarySchema => {
                let schema = self.scope.schema(TEMPORARY_SCHEMA).map_or(0, |schema| schema.oid);
                Value::Int32(schema.cast_signed())
            }
            F::IsOtherTemporarySchema => Value::Bool(false),
            _ => return Ok(None),
        }))
    }

    fn role_name(&self, role: Oid) -> Value {
        self.scope.role(role).map_or(Value::Null, |role| Value::text(&role.name))
    }

    fn schema_names(&self, with_implicit: bool) -> Vec<String> {
        let entries = self.scope.path().entries().iter().filter(|entry| with_implicit || !entry.implicit);
        entries
            .filter_map(|entry| self.scope.schema(entry.schema).map(|schema| schema.name.clone()))
            .collect()
    }

    fn database_name(&self) -> Value {
        let database = self.scope.shared_objects().find_map(|object| match object {
            Object::Database(database) if database.branch == self.database.0 => Some(database.name.as_str()),
            _ => None,
        });
        database.map_or(Value::Null, Value::text)
    }
}
