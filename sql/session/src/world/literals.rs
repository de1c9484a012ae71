//! Literals, read with the session's settings.

use crate::cursor::Cursors;
use crate::session::Session;
use bind::variable::Variables;
use bind::{Context, Literals};
use catalog::Scope;
use diagnostic::Diagnostic;
use types::text::TextSettings;
use types::{Type, Value};

/// Reads literals of a statement.
pub struct SessionLiterals<'s> {
    /// How texts are read.
    pub text: &'s TextSettings,
}

impl Literals for SessionLiterals<'_> {
    fn read(&self, scope: &Scope, of: Type, text: &str) -> Result<Value, Box<dyn Diagnostic>> {
        if types::text::names_objects(of.oid) {
            let found = catalog::names::input(scope, of, text);
            return found.map_err(|error| Box::new(error) as Box<dyn Diagnostic>);
        }
        types::text::input(scope, of, text, self.text).map_err(|error| Box::new(error) as Box<dyn Diagnostic>)
    }
}

/// Literals of a statement of the session, which may name its cursors.
pub(crate) struct StatementLiterals<'s> {
    /// How they are read.
    pub plain: SessionLiterals<'s>,
    /// The session's cursors.
    pub cursors: &'s Cursors,
    /// The variables of a body in PL/pgSQL, which may name some of them.
    pub variables: Option<&'s dyn Variables>,
}

impl Literals for StatementLiterals<'_> {
    fn read(&self, scope: &Scope, of: Type, text: &str) -> Result<Value, Box<dyn Diagnostic>> {
        self.plain.read(scope, of, text)
    }

    fn current_row(
        &self,
        cursor: &str,
        table: u32,
        name: &str,
    ) -> Option<Result<(u32, i64), Box<dyn Diagnostic>>> {
        let named = self.variables.and_then(|variables| variables.cursor(cursor));
        let cursor = named.unwrap_or(cursor);
        let row = self.cursors.current_row(cursor, (table, name));
        Some(row.map_err(|error| Box::new(error) as Box<dyn Diagnostic>))
    }
}

impl Session {
    /// What binding asks for in this session: names as they mean something now, constants as they are read.
    pub(crate) fn context<'c>(&self, scope: &'c Scope, literals: &'c dyn Literals) -> Context<'c> {
        Context { scope, literals, depth_limit: self.depth_limit(), strings: self.strings() }
    }
}
