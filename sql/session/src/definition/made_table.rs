//! `CREATE TABLE … AS` and `CREATE MATERIALIZED VIEW`: the table of a query's columns, then its rows, as `INSERT` would bring them.

use crate::client::{Client, SharedClient, Teller};
use crate::error::SessionError;
use crate::prepared::Arguments;
use crate::query::{Operators, Ready};
use crate::session::Session;
use bumpalo::Bump;
use syntax::tree::modify::{Insert, InsertSource};
use syntax::tree::statement::StatementKind;
use syntax::tree::table::{CreateTableAs, TableSource};
use syntax::tree::{Name, QualifiedName, Query, Statement};
use types::Value;

/// What fills a table of this name, with its schema, from a query with parameters: how many rows it has then.
type Filling<'f> = dyn FnMut(&mut Session, &(String, String), &Query<'_>, &Arguments, &dyn Teller) -> Result<u64, SessionError>
    + 'f;

/// What has come of it.
pub(crate) enum Made {
    /// The table had been there, and that is well.
    Nothing,
    /// It has these rows, if it was to have any.
    Table(Option<u64>),
}

impl Session {
    pub(crate) fn create_table_as(
        &mut self,
        create: &CreateTableAs<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let made = self.make_table_as(create, client, &mut |session, name, query, arguments, teller| {
            session.fill(name, query, (arguments.parameters(), &arguments.values), Some(teller))
        })?;
        match made {
            Made::Table(Some(rows)) => client.complete(&format!("SELECT {rows}")),
            // What a prepared statement yields is counted, be it wanted or not.
            Made::Table(None) if matches!(create.source, TableSource::Execute(_)) => {
                client.complete("SELECT 0")
            }
            Made::Table(None) | Made::Nothing => client.complete(match create.materialized_view {
                true => "CREATE MATERIALIZED VIEW",
                false => "CREATE TABLE AS",
            }),
        }
        Ok(())
    }

    /// The same, its rows being brought by `fill`.
    pub(crate) fn make_table_as(
        &mut self,
        create: &CreateTableAs<'_>,
        client: &mut dyn Client,
        fill: &mut Filling<'_>,
    ) -> Result<Made, SessionError> {
        let arena = Bump::new();
        let (query, arguments) = self.source_of_table(create, &arena)?;
        let parameters = || arguments.parameters();
        let made = self
            .define(client, |definer| define::table::create_table_as(definer, create, query, parameters()))?;
        let Some(made) = made else { return Ok(Made::Nothing) };
        self.transient.get_mut().on_commit.extend(create.on_commit.map(|action| (made.table, action)));
        let rows = match create.with_data {
            true => Some(fill(self, &made.name, query, &arguments, &SharedClient::new(client))?),
            false => None,
        };
        if let Some(kept) = &made.kept {
            self.define(client, |definer| {
                define::materialized::create(definer, made.table, kept, create.with_data)
            })?;
        }
        Ok(Made::Table(rows))
    }

    /// The query whose rows the table has, and the values of its parameters.
    pub(crate) fn source_of_table<'a>(
        &mut self,
        create: &CreateTableAs<'a>,
        arena: &'a Bump,
    ) -> Result<(&'a Query<'a>, Arguments), SessionError> {
        let execute = match create.source {
            TableSource::Query(query) => return Ok((query, self.arguments.clone())),
            TableSource::Execute(execute) => execute,
        };
        let name = execute.name.text;
        let source = self.prepared.get_mut().get(name)?.source.clone();
        let values = self.argument_values(name, &source.parameters, &execute)?;
        self.refuse_other_columns(&source)?;
        let text = arena.alloc_str(&source.text);
        let statements = syntax::parse_by(text, arena, self.depth_limit(), source.rules)?;
        let [Statement { kind: StatementKind::Query(query), .. }] = statements else {
            return Err(SessionError::PreparedNotSelect);
        };
        let types = source.parameters.clone();
        Ok((query, Arguments { types, values, variables: None, named: None }))
    }

    /// Puts the rows of a query into a table.
    pub(crate) fn fill(
        &mut self,
        name: &(String, String),
        query: &Query<'_>,
        (parameters, values): (bind::Parameters, &[Value]),
        teller: Option<&dyn Teller>,
    ) -> Result<u64, SessionError> {
        let ready = self.ready_to_fill(name, query, parameters)?;
        self.each_chunk(&ready, Operators::New, (values, teller), &mut |_, _| Ok(()))
    }

    /// The plan of that. The table is named with its schema, so that it is not taken for one of the query's `WITH`.
    pub(crate) fn ready_to_fill(
        &mut self,
        (schema, table): &(String, String),
        query: &Query<'_>,
        parameters: bind::Parameters,
    ) -> Result<Ready, SessionError> {
        // A `WITH` may change rows only where it is that of the statement.
        let query = bind::with_outermost(query);
        let parts = [Name { text: schema, position: 0 }, Name { text: table, position: 0 }];
        let insert = Insert {
            with: query.with,
            table: QualifiedName { parts: &parts },
            alias: None,
            columns: None,
            overriding: None,
            source: InsertSource::Query(&Query { with: None, ..query }),
            conflict: None,
            returning: &[],
        };
        let statement = Statement { kind: StatementKind::Insert(&insert), start: 0, end: 0 };
        self.begin_snapshot()?;
        self.ready(&statement, parameters)
    }
}
