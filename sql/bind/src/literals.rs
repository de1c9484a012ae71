//! Literals as a session without settings reads them.

use crate::binder::Literals;
use catalog::Scope;
use diagnostic::Diagnostic;
use types::{Type, Types, Value};

/// Reads literals by the default settings.
#[derive(Clone, Copy)]
pub struct PlainLiterals<'t>(pub &'t dyn Types);

impl Literals for PlainLiterals<'_> {
    fn read(&self, _: &Scope, of: Type, text: &str) -> Result<Value, Box<dyn Diagnostic>> {
        let settings = types::text::TextSettings::default();
        types::text::input(self.0, of, text, &settings)
            .map_err(|error| Box::new(error) as Box<dyn Diagnostic>)
    }
}
