//! `COPY … TO`: a query's rows, written.

use super::error::CopyRefusal;
use super::file::{Output, PIECE};
use super::{check_forced, copied_columns};
use crate::client::{Client, ClientGone, CopyShape};
use crate::error::SessionError;
use crate::query::{Operators, Ready, Verb};
use crate::session::Session;
use crate::world::literals::SessionLiterals;
use bumpalo::Bump;
use catalog::name::{qualified, quote_identifier};
use catalog::object::Table;
use catalog::{Relation, Scope};
use copy::{CopyError, Format, Options, Writer};
use std::sync::Arc;
use syntax::tree::copy::{CopyStatement, CopySubject};
use syntax::tree::select::{Query, QueryBody};
use syntax::tree::statement::StatementKind;
use syntax::tree::{Name, QualifiedName, Statement};
use types::encoding::{Encoding, utf8};
use types::text::TextSettings;
use types::vector::Chunk;
use types::wire::Context;
use types::{Type, Vector};

/// Where rows go.
enum Sink<'s> {
    File(Output),
    Client(&'s mut dyn Client),
}

/// Rows on their way.
struct Rows<'r> {
    writer: Writer,
    binary: bool,
    encoding: Encoding,
    scope: &'r Scope,
    text: &'r TextSettings,
    types: Vec<Type>,
    bytes: Vec<u8>,
    /// Where in them each row ends.
    ends: Vec<usize>,
    sink: Sink<'r>,
    count: u64,
}

impl Session {
    /// That rules leave of a change the one statement whose rows are to be written.
    fn refuse_rules(&self, scope: &Scope, statement: &Statement<'_>) -> Result<(), SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(scope, &literals);
        match bind::definition::several_by_rules(context, &statement.kind)? {
            Some(rules) => Err(CopyRefusal::Rules { rules }.into()),
            None => Ok(()),
        }
    }

    pub(super) fn copy_to(
        &mut self,
        copy: &CopyStatement<'_>,
        client: &mut dyn Client,
    ) -> Result<u64, SessionError> {
        let arena = Bump::new();
        let mut query = String::new();
        let mut table = None;
        let statement = match copy.subject {
            CopySubject::Query(query) => {
                if selects_into(query) {
                    return Err(CopyRefusal::SelectInto.into());
                }
                Statement { kind: StatementKind::Query(query), start: 0, end: 0 }
            }
            CopySubject::Change(change) => *change,
            CopySubject::Table(name, columns) => {
                let scope = self.scope()?;
                table = rows_of(&scope, &name, columns, &mut query)?;
                let statements = self.parse(&query, &arena)?;
                let first = statements.first().copied();
                first.ok_or(SessionError::NotSupported { feature: "COPY of nothing" })?
            }
        };
        let scope = self.scope()?;
        self.refuse_rules(&scope, &statement)?;
        let ready = self.ready(&statement, bind::Parameters::None)?;
        if ready.plan.output.is_empty() && ready.verb != Verb::Select {
            return Err(CopyRefusal::NoReturning.into());
        }
        let options = Options::new(copy.options, false)?;
        let names: Vec<String> = ready.plan.output.iter().map(|(_, column)| column.name.clone()).collect();
        check_forced("FORCE_QUOTE", &options.force_quote, &names, table.as_deref())?;
        self.write_rows(copy, &ready, options, names, client)
    }

    fn write_rows(
        &mut self,
        copy: &CopyStatement<'_>,
        ready: &Ready,
        options: Options,
        names: Vec<String>,
        client: &mut dyn Client,
    ) -> Result<u64, SessionError> {
        let binary = options.format == Format::Binary;
        let text = self.text_settings();
        let columns = names.len();
        let encoding = self.copied_encoding(copy, &options);
        let sink = match copy.file {
            Some(path) => Sink::File(Output::open(&*self.engine.env, path)?),
            None => {
                client.copy_out(CopyShape { binary, columns });
                Sink::Client(client)
            }
        };
        let mut rows = Rows {
            writer: Writer::new(options, names),
            binary,
            encoding,
            scope: &ready.scope,
            text: &text,
            types: ready.columns.iter().map(|column| column.column_type).collect(),
            bytes: Vec::new(),
            ends: Vec::new(),
            sink,
            count: 0,
        };
        rows.writer.begin(&mut rows.bytes);
        if !binary && !rows.bytes.is_empty() {
            // A header line is as good as a row.
            rows.end_row(0)?;
        }
        let mut failed = None;
        let done = self.each_chunk(ready, Operators::New, (&[], None), &mut |chunk, _| {
            rows.take(chunk).map_err(|error| {
                failed = Some(error);
                ClientGone
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if let Err(error) = done {
            // Rows that came before it are copied.
            rows.send()?;
            return Err(error);
        }
        let before = rows.bytes.len();
        rows.writer.end(&mut rows.bytes);
        if rows.bytes.len() > before {
            rows.end_row(before)?;
        }
        rows.send()?;
        Ok(rows.count)
    }
}

impl Rows<'_> {
    fn take(&mut self, chunk: &Chunk) -> Result<(), SessionError> {
        let dense = chunk.clone().densify().map_err(|error| SessionError::Function(error.into()))?;
        self.count += dense.len() as u64;
        let texts = if self.binary { Vec::new() } else { self.texts(&dense)? };
        let to = Context::of(self.scope, self.text.client_encoding);
        for row in 0..dense.len() {
            let start = self.bytes.len();
            if self.binary {
                let written = self.writer.binary_row(to, &self.types, &dense, row, &mut self.bytes);
                written.map_err(|error| SessionError::Wire(Box::new(error)))?;
            } else {
                self.writer.text_row(&texts, row, &mut self.bytes);
            }
            self.end_row(start)?;
        }
        if self.bytes.len() >= PIECE { self.send() } else { Ok(()) }
    }

    /// A row that begins at `start` is whole. If it has no form in the encoding, those before it are copied.
    fn end_row(&mut self, start: usize) -> Result<(), SessionError> {
        if self.encoding.is_translated() {
            let row = self.bytes.split_off(start);
            let translated = utf8(&row).and_then(|row| self.encoding.encode(row, Encoding::UTF8));
            match translated {
                Ok(row) => self.bytes.extend_from_slice(&row),
                Err(error) => {
                    self.send()?;
                    return Err(CopyError::from(error).into());
                }
            }
        }
        self.ends.push(self.bytes.len());
        Ok(())
    }

    fn texts(&self, chunk: &Chunk) -> Result<Vec<Vector>, SessionError> {
        let mut texts = Vec::with_capacity(self.types.len());
        for (place, of) in self.types.iter().enumerate() {
            let column = chunk.column(place);
            let texts_of_column = types::text::output_vector(self.scope, *of, column, self.text);
            texts.push(texts_of_column.map_err(|error| SessionError::Function(error.into()))?);
        }
        Ok(texts)
    }

    fn send(&mut self) -> Result<(), SessionError> {
        match &mut self.sink {
            Sink::File(file) => file.write(&self.bytes)?,
            Sink::Client(client) => {
                client.copy_write(&self.bytes, &self.ends)?;
            }
        }
        self.bytes.clear();
        self.ends.clear();
        Ok(())
    }
}

/// Appends the query of a table's rows; the table, unless it is one of the system's.
fn rows_of(
    scope: &Scope,
    name: &QualifiedName<'_>,
    columns: &[Name<'_>],
    query: &mut String,
) -> Result<Option<Arc<Table>>, SessionError> {
    let relation = scope.find_relation(name.schema(), name.object())?;
    let schema = scope.schema(relation.schema()).map_or("", |schema| schema.name.as_str());
    let source = qualified(schema, relation.name());
    let refused = |kind| CopyRefusal::Relation { from: false, kind, name: relation.name().to_owned() };
    let not_readable = |kind| CopyRefusal::NotReadable { kind, name: relation.name().to_owned() };
    let (names, table): (Vec<String>, _) = match &relation {
        Relation::Table(table) if table.is_partitioned() => return Err(refused("partitioned table").into()),
        Relation::Table(table) if table.is_materialized() => {
            return Err(refused("materialized view").into());
        }
        Relation::Table(table) if table.is_foreign() => return Err(refused("foreign table").into()),
        Relation::Table(table) => {
            let live: Vec<&str> = table.live_columns().map(|(_, column)| column.name.as_str()).collect();
            let places = copied_columns(table, columns)?;
            let names = places.iter().map(|place| quote_identifier(live[*place])).collect();
            (names, Some(table.clone()))
        }
        Relation::System(system) if !system.is_view => {
            let all = || system.columns.iter().map(|column| quote_identifier(column.name)).collect();
            let named = || columns.iter().map(|name| quote_identifier(name.text)).collect();
            (if columns.is_empty() { all() } else { named() }, None)
        }
        Relation::View(_) | Relation::System(_) => return Err(refused("view").into()),
        Relation::Sequence(_) => return Err(refused("sequence").into()),
        Relation::Index(_) => return Err(not_readable("an index").into()),
        Relation::Composite(_) => return Err(not_readable("a composite type").into()),
    };
    *query = format!("SELECT {} FROM ONLY {source}", names.join(", "));
    Ok(table)
}

/// Whether a query makes a table of its rows.
fn selects_into(query: &Query<'_>) -> bool {
    match query.body {
        QueryBody::Select(select) => select.into.is_some(),
        QueryBody::Nested(query) => selects_into(query),
        QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Set(_) => false,
    }
}
