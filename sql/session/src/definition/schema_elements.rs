//! `CREATE SCHEMA … CREATE TABLE …`: the statements within it, run one by one in an order in which they may name each other,
//! by the role that owns the schema and where its names are found first.

use crate::client::{Client, ClientGone, Report, ResultColumn, ValueFormat};
use crate::error::SessionError;
use crate::session::Session;
use catalog::name::quote_identifier;
use syntax::tree::schema::CreateSchema;
use syntax::tree::select::Persistence;
use syntax::tree::statement::StatementKind;
use syntax::tree::{QualifiedName, Statement};
use types::vector::Chunk;

/// Who hears what is said of the statements within, but not that each of them is done.
pub(crate) struct Within<'c> {
    pub(crate) client: &'c mut dyn Client,
}

impl Client for Within<'_> {
    fn columns(&mut self, _: &[ResultColumn]) {}

    fn rows(&mut self, _: &Chunk, _: &mut dyn ValueFormat) -> Result<(), ClientGone> {
        Ok(())
    }

    fn complete(&mut self, _: &str) {}

    fn notice(&mut self, report: Report) {
        self.client.notice(report);
    }
}

impl Session {
    /// Makes the schema and what stands in it. If anything fails, there is none of it.
    pub(crate) fn create_schema(
        &mut self,
        text: &str,
        create: &CreateSchema<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let made = self.define(client, |definer| define::schema::create_schema(definer, create))?;
        let Some((name, owner)) = made else { return Ok(()) };
        if create.elements.is_empty() {
            return Ok(());
        }
        for element in create.elements {
            refuse_elsewhere(&element.kind, &name)?;
        }
        let mut elements: Vec<&Statement<'_>> = create.elements.iter().collect();
        elements.sort_by_key(|element| rank(&element.kind));
        let path = self.settings.kept("search_path");
        let quoted = quote_identifier(&name);
        let path = if path.is_empty() { quoted } else { format!("{quoted}, {path}") };
        let (around, role) = (self.settings.mark(), std::mem::replace(&mut self.role, owner));
        let done = self
            .settings
            .set("search_path", &path, true, true)
            .map_err(SessionError::from)
            .and_then(|()| self.run_elements(text, &elements, client));
        self.role = role;
        self.settings.roll_back(&around);
        done
    }

    fn run_elements(
        &mut self,
        text: &str,
        elements: &[&Statement<'_>],
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let mut within = Within { client };
        for element in elements {
            if let StatementKind::Unsupported(feature) = element.kind {
                return Err(SessionError::NotSupported { feature });
            }
            // What follows belongs to others.
            let text = text.get(..element.end as usize).unwrap_or(text);
            self.run_definition(text, element, &mut within)?;
        }
        Ok(())
    }
}

/// In which order statements are run.
fn rank(kind: &StatementKind<'_>) -> u8 {
    match kind {
        StatementKind::CreateSequence(_) => 0,
        StatementKind::CreateTable(_) => 1,
        StatementKind::CreateView(_) => 2,
        StatementKind::CreateIndex(_) => 3,
        StatementKind::Grant(_) => 5,
        _ => 4, // triggers: the grammar lets nothing else in
    }
}

/// Refuses what names another schema than the one it stands in.
fn refuse_elsewhere(kind: &StatementKind<'_>, schema: &str) -> Result<(), SessionError> {
    let name = match kind {
        StatementKind::CreateSequence(create) => create.name,
        StatementKind::CreateTable(create) => create.name,
        StatementKind::CreateView(create) => create.name,
        StatementKind::CreateIndex(create) => create.table.name,
        StatementKind::CreateTrigger(create) => create.table,
        _ => return Ok(()), // grants may be about anything
    };
    let persistence = match kind {
        StatementKind::CreateSequence(create) => create.persistence,
        StatementKind::CreateTable(create) => create.persistence,
        StatementKind::CreateView(create) => create.persistence,
        _ => Persistence::Permanent, // nothing else is temporary
    };
    if persistence == Persistence::Temporary {
        return Err(SessionError::TemporaryElement);
    }
    let QualifiedName { parts: [.., written, _] } = name else { return Ok(()) };
    if written.text == schema {
        return Ok(());
    }
    let (written, schema) = (written.text.to_owned(), schema.to_owned());
    Err(SessionError::ElementElsewhere { written, schema })
}
