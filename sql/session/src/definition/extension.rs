//! `CREATE EXTENSION`: the extension, then its script, statement by statement, by the role that may make its members and with its
//! schema first in the path. What the statements make are its members.

use crate::client::Client;
use crate::definition::schema_elements::Within;
use crate::error::SessionError;
use crate::services::other;
use crate::session::Session;
use bumpalo::Bump;
use catalog::extension::{AVAILABLE, Available};
use catalog::name::quote_identifier;
use define::extension::Making;
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult};
use syntax::tree::object::CreateExtension;
use types::vector::VectorBuilder;
use types::{Kind, Value, Vector};

impl Session {
    /// Makes the extension and its members. If anything fails, there is none of it.
    pub(crate) fn create_extension(
        &mut self,
        create: &CreateExtension<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let made = self.define(client, |definer| define::extension::create_extension(definer, create))?;
        let Some(making) = made else { return Ok(()) };
        let around = self.settings.mark();
        let role = std::mem::replace(&mut self.role, making.role);
        self.extension = Some(making.extension);
        let done = self.run_script(&making, client);
        self.extension = None;
        self.role = role;
        self.settings.roll_back(&around);
        done
    }

    /// `LOAD`: what the libraries of extensions would bring is the program's own, and there are no others.
    pub(crate) fn run_load(&mut self, library: &str, client: &mut dyn Client) -> Result<(), SessionError> {
        let refused = |state, message: String| Err(FunctionError::plain(state, message).into());
        let plugin = library.strip_prefix("$libdir/plugins/").is_some_and(|name| !name.contains('/'));
        if !plugin && !self.scope()?.is_superuser(self.role) {
            let message = format!("access to library \"{library}\" is not allowed");
            return refused(SqlState::InsufficientPrivilege, message);
        }
        let name = library.strip_prefix("$libdir/").unwrap_or(library);
        if catalog::extension::available(name.strip_suffix(".so").unwrap_or(name)).is_none() {
            let message = format!("could not access file \"{library}\": No such file or directory");
            return refused(SqlState::UndefinedFile, message);
        }
        client.complete("LOAD");
        Ok(())
    }

    fn run_script(&mut self, making: &Making, client: &mut dyn Client) -> Result<(), SessionError> {
        let path = format!("{}, pg_temp", quote_identifier(&making.schema));
        for (name, value) in
            [("search_path", &*path), ("check_function_bodies", "off"), ("client_min_messages", "warning")]
        {
            self.settings.set(name, value, true, true)?;
        }
        let arena = Bump::new();
        let statements = syntax::parse(making.script, &arena, self.depth_limit())?;
        let mut within = Within { client };
        for statement in statements {
            let text = making.script.get(..statement.end as usize).unwrap_or(making.script);
            self.run_definition(text, statement, &mut within)?;
        }
        Ok(())
    }
}

/// Rows of columns of such kinds.
fn rows<const N: usize>(kinds: [Kind; N], values: Vec<[Value; N]>) -> FunctionResult<Vec<Vector>> {
    let mut columns = kinds.map(|kind| VectorBuilder::new(kind, values.len()));
    for row in &values {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value)?;
        }
    }
    Ok(columns.into_iter().map(VectorBuilder::finish).collect())
}

/// `pg_available_extensions()`
pub(crate) fn available_extensions() -> FunctionResult<Vec<Vector>> {
    let row = |known: &Available| [known.name, known.version, known.comment].map(Value::text);
    rows([Kind::Bytes; 3], AVAILABLE.iter().map(row).collect())
}

/// `pg_available_extension_versions()`
pub(crate) fn available_versions() -> FunctionResult<Vec<Vector>> {
    use Kind::{Bool, Bytes};
    let kinds = [Bytes, Bytes, Bool, Bool, Bool, Bytes, Bytes, Bytes];
    let row = |known: &Available| {
        [
            Value::text(known.name),
            Value::text(known.version),
            Value::Bool(true),
            Value::Bool(true),
            Value::Bool(known.relocatable),
            known.schema.map_or(Value::Null, Value::text),
            Value::Null,
            Value::text(known.comment),
        ]
    };
    rows(kinds, AVAILABLE.iter().map(row).collect())
}

/// `pg_extension_update_paths`: of one version there are none.
pub(crate) fn update_paths(name: &str) -> FunctionResult<Vec<Vector>> {
    if catalog::extension::available(name).is_none() {
        return Err(other(define::DefineError::NoExtension { name: name.to_owned() }));
    }
    rows([Kind::Bytes; 3], Vec::new())
}
