//! `COPY … FROM`: bytes read to rows, rows loaded.
//!
//! Rows are gathered to batches as large as PostgreSQL's, so that of several things that are wrong with them the same one is
//! told first. Nothing is made of a row but its values: there is no tree and no plan of it.

use super::error::CopyRefusal;
use super::file::Input;
use super::translated::{Read, Source, Translated};
use super::{check_forced, copied_columns};
use crate::client::{Client, CopyShape};
use crate::error::SessionError;
use crate::session::Session;
use crate::world::AsStatement;
use crate::world::literals::SessionLiterals;
use bind::{Clause, definition};
use catalog::object::{Source as ColumnSource, Table, Trigger, TriggerTiming, View};
use catalog::{Relation, Scope};
use copy::{CopyError, Format, Mark, Options, Reader, Step};
use execute::{ExecuteError, Load, LoadError, LoadPlan, When, World};
use plan::expression::{Column, Expression, ExpressionKind};
use plan::logical::RelationUse;
use plan::target::TargetTable;
use std::sync::Arc;
use store::{Begin, StoreError, TreeId};
use syntax::tree::Name;
use syntax::tree::copy::{CopyStatement, CopySubject};
use types::encoding::EncodingError;
use types::text::{TextReader, TextSettings};
use types::vector::VectorBuilder;
use types::wire::Context;
use types::{Kind, Type, Types, Vector};

/// A batch has at most so many rows, and ends with the row that brings it to so many bytes.
const BATCH_ROWS: usize = 1000;
const BATCH_BYTES: usize = 65_535;
/// A line is told of with at most so many bytes.
const SHOWN_MAX: usize = 100;

/// What is loaded into which columns.
pub(super) struct Prepared {
    pub(super) scope: Scope,
    pub(super) plan: LoadPlan,
    /// Places of the columns that are copied.
    pub(super) places: Vec<usize>,
    options: Options,
    refused: Option<CopyRefusal>,
}

impl Session {
    pub(super) fn copy_from(
        &mut self,
        copy: &CopyStatement<'_>,
        client: &mut dyn Client,
    ) -> Result<u64, SessionError> {
        let prepared = self.prepare_copy(copy)?;
        let names = names_of(&prepared);
        let source = match copy.file {
            Some(path) => Source::File(Input::open(&*self.engine.env, path)?),
            None => {
                let binary = prepared.options.format == Format::Binary;
                client.copy_in(CopyShape { binary, columns: names.len() });
                Source::Client(client)
            }
        };
        // What PostgreSQL refuses only when the client is sending already.
        if let Some(refused) = &prepared.refused {
            return Err(refused.clone().into());
        }
        let source = Translated::new(source, self.copied_encoding(copy, &prepared.options));
        let text = self.text_settings();
        let reader = Reader::new(prepared.options.clone(), names);
        let statement =
            AsStatement { scope: &prepared.scope, locks: &[], values: &[], text: &text, teller: None };
        self.as_statement(statement, |world| {
            let mut load = Load::new(world, &prepared.plan)?;
            load.begin(world)?;
            let mut copying = Copying { prepared: &prepared, text: &text, reader, load, source };
            let rows = copying.run(world)?;
            copying.load.end(world)?;
            execute::run_events(world, When::Statement)?;
            Ok(rows)
        })
    }

    /// The same for rows that come in some other way: what has none is refused at once.
    pub(super) fn prepare_copied(&mut self, copy: &CopyStatement<'_>) -> Result<Prepared, SessionError> {
        let prepared = self.prepare_copy(copy)?;
        match prepared.refused {
            Some(refused) => Err(refused.into()),
            None => Ok(prepared),
        }
    }

    /// Finds and locks the table; if it changed while the statement waited for it, it is looked at anew.
    fn prepare_copy(&mut self, copy: &CopyStatement<'_>) -> Result<Prepared, SessionError> {
        let CopySubject::Table(name, columns) = copy.subject else {
            return Err(SessionError::NotSupported { feature: "COPY of a query FROM" });
        };
        loop {
            let scope = self.scope()?;
            let relation = scope.find_relation(name.schema(), name.object())?;
            let refused = |kind| CopyRefusal::Relation { from: true, kind, name: relation.name().to_owned() };
            let not_readable = |kind| CopyRefusal::NotReadable { kind, name: relation.name().to_owned() };
            let table = match &relation {
                Relation::Table(table) if table.is_materialized() => {
                    return self.refuse_later(copy, scope.clone(), refused("materialized view"));
                }
                Relation::Table(table) if table.is_foreign() => {
                    let server = table.foreign().map_or(0, |foreign| foreign.server);
                    let message = scope.no_handler(server);
                    return self.refuse_later(copy, scope.clone(), CopyRefusal::NoHandler { message });
                }
                Relation::Table(table) => table.clone(),
                Relation::View(view) => match inserted_by_trigger(&scope, view) {
                    Some(table) => table,
                    None => return self.refuse_later(copy, scope.clone(), refused("view")),
                },
                Relation::Sequence(_) => return self.refuse_later(copy, scope.clone(), refused("sequence")),
                Relation::System(system) => {
                    return Err(CopyRefusal::System { name: system.name.to_owned() }.into());
                }
                Relation::Index(_) => return Err(not_readable("an index").into()),
                Relation::Composite(_) => return Err(not_readable("a composite type").into()),
            };
            let used = RelationUse {
                relation: table.oid,
                select: false,
                insert: true,
                update: false,
                delete: false,
                lock_rows: None,
                place: 0,
                check_as: None,
                columns_read: Vec::new(),
                columns_of_rows: Vec::new(),
                columns_written: Vec::new(),
                columns_updated: Vec::new(),
                inherited: false,
            };
            let mut uses = vec![used];
            if table.is_partitioned() {
                let inherited =
                    |heir: Arc<Table>| RelationUse { relation: heir.oid, inherited: true, ..uses[0].clone() };
                let heirs: Vec<RelationUse> =
                    crate::services::partition::heirs(&scope, table.oid).into_iter().map(inherited).collect();
                uses.extend(heirs);
            }
            if !self.lock(&scope, &crate::transaction::relation_locks::locks_of(&scope, &uses))? {
                self.renew_snapshot()?;
                continue;
            }
            crate::privileges::may_use(&scope, self.role, self.database.0, &uses[..1])?;
            if scope.asks_policies_of(&table, self.role) {
                return Err(match self.settings.typed().refuses_policies {
                    true => CopyRefusal::AffectedByPolicies { table: table.name.clone() },
                    false => CopyRefusal::Policies,
                }
                .into());
            }
            return self.prepare_table(copy, scope, &table, columns);
        }
    }

    /// For what has no rows that could be copied: the client is asked for its data all the same, as PostgreSQL does.
    fn refuse_later(
        &mut self,
        copy: &CopyStatement<'_>,
        scope: Scope,
        refused: CopyRefusal,
    ) -> Result<Prepared, SessionError> {
        let options = Options::new(copy.options, true)?;
        let target = TargetTable {
            table: 0,
            name: String::new(),
            schema: String::new(),
            tree: 0,
            temporary: false,
            relation: plan::expression::RelationId(0),
            columns: Vec::new(),
            layout: Arc::new(types::row::RowLayout::new(Vec::new())),
            checks: Vec::new(),
            indexes: Vec::new(),
            statistics: Vec::new(),
            references: Vec::new(),
            referenced_by: Vec::new(),
            members: Vec::new(),
            routing: None,
            within: Vec::new(),
            told: plan::target::Told::All,
            triggers: None,
            unpublishable: [None, None],
            is_view: false,
        };
        let plan =
            LoadPlan { target: Arc::new(target), domains: Vec::new(), defaults: Vec::new(), condition: None };
        Ok(Prepared { scope, plan, places: Vec::new(), options, refused: Some(refused) })
    }

    fn prepare_table(
        &mut self,
        copy: &CopyStatement<'_>,
        scope: Scope,
        table: &Arc<Table>,
        columns: &[Name<'_>],
    ) -> Result<Prepared, SessionError> {
        let text = self.text_settings();
        let literals = SessionLiterals { text: &text };
        let context = self.context(&scope, &literals);
        let target = definition::target_table(context, table)?;
        let condition = match &copy.condition {
            Some(condition) => {
                let relation = target.relation;
                let bound = definition::over_table(context, table, relation, condition, Clause::CopyWhere)?;
                refuse_generated(&target, &bound)?;
                Some(bound)
            }
            None => None,
        };
        let places = copied_columns(table, columns)?;
        if self.block.characteristics().read_only && !target.temporary {
            return Err(SessionError::ReadOnly { statement: "COPY FROM" });
        }
        let options = Options::new(copy.options, true)?;
        let names: Vec<String> = places.iter().map(|place| target.columns[*place].name.clone()).collect();
        check_forced("FORCE_NOT_NULL", &options.force_not_null, &names, Some(table))?;
        check_forced("FORCE_NULL", &options.force_null, &names, Some(table))?;
        let defaults = missing_defaults(context, table, &places)?;
        let domains = given_domains(context, &scope, &target, &places)?;
        let mut refused = None;
        if options.freeze {
            refused = table.is_partitioned().then_some(CopyRefusal::FreezeFamily);
        }
        if options.freeze && refused.is_none() {
            refused = (!self.has_made(TreeId(target.tree))?).then_some(CopyRefusal::Freeze);
        }
        let plan = LoadPlan { target, domains, defaults, condition };
        Ok(Prepared { scope, plan, places, options, refused })
    }
}

impl Session {
    /// Whether a tree was made by this transaction, so that others have never seen a row of it.
    fn has_made(&self, tree: TreeId) -> Result<bool, SessionError> {
        let begin = Begin { database: self.database, read_only: true, ..Begin::default() };
        let mut other = self.engine.store.begin(begin)?;
        match other.view()?.tree(tree) {
            Ok(_) => Ok(false),
            Err(StoreError::NoSuchTree { .. }) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// A view as the table of rows that its triggers insert, if it has such triggers.
fn inserted_by_trigger(scope: &Scope, view: &View) -> Option<Arc<Table>> {
    let inserts =
        |trigger: &Arc<Trigger>| trigger.timing == TriggerTiming::InsteadOf && trigger.events.insert;
    scope.triggers_of(view.oid).into_iter().any(inserts).then(|| Arc::new(definition::view_as_table(view)))
}

/// The defaults of columns that are not copied. A domain that refuses nulls does not refuse those of a column that has no
/// default.
fn missing_defaults(
    context: bind::Context<'_>,
    table: &Table,
    places: &[usize],
) -> Result<Vec<(usize, Expression)>, SessionError> {
    let all = definition::defaults(context, table)?;
    let mut defaults = Vec::new();
    for (place, ((_, column), default)) in table.live_columns().zip(all).enumerate() {
        let has_default = match &column.source {
            ColumnSource::Default(_) | ColumnSource::Identity { .. } => true,
            ColumnSource::Null => context.scope.type_default(column.type_oid).is_some(),
            ColumnSource::Generated(_) => false,
        };
        if has_default && !places.contains(&place) {
            defaults.push((place, default));
        }
    }
    Ok(defaults)
}

/// The checks of domains that copied columns are of.
fn given_domains(
    context: bind::Context<'_>,
    scope: &Scope,
    target: &TargetTable,
    places: &[usize],
) -> Result<Vec<(usize, Expression)>, SessionError> {
    let mut domains = Vec::new();
    for place in places {
        let of = target.columns[*place].column_type;
        let base = scope.undomained(of);
        let column = Column { relation: target.relation, index: *place as u32 };
        let given = Expression::column(column, base);
        let read = definition::as_read(context, &given, base)?;
        if base.oid == of.oid {
            domains.extend(read.map(|checked| (*place, checked)));
            continue;
        }
        let given = read.unwrap_or(given);
        domains.extend(definition::assignment_cast(context, given, of)?.map(|checked| (*place, checked)));
    }
    Ok(domains)
}

/// Generated columns have no value yet when the condition is looked at.
fn refuse_generated(target: &TargetTable, condition: &Expression) -> Result<(), CopyRefusal> {
    let mut found = None;
    condition.any(&mut |part| {
        if let ExpressionKind::Column(column) = &part.kind
            && let Some(column) = target.columns.get(column.index as usize)
            && column.generated.is_some()
        {
            found = Some(column.name.clone());
        }
        found.is_some()
    });
    found.map_or(Ok(()), |column| Err(CopyRefusal::GeneratedInWhere { column }))
}

fn names_of(prepared: &Prepared) -> Vec<String> {
    let target = &prepared.plan.target;
    prepared.places.iter().map(|place| target.columns[*place].name.clone()).collect()
}

/// A copy that runs.
struct Copying<'c> {
    prepared: &'c Prepared,
    text: &'c TextSettings,
    reader: Reader,
    load: Load,
    source: Translated<'c>,
}

/// What reads the values of one column.
enum ColumnReader<'c> {
    Text(TextReader<'c>),
    /// Names of objects.
    Names(Type),
    Binary(Type),
}

/// Rows that were read and are not loaded yet.
struct Batch {
    builders: Vec<VectorBuilder>,
    marks: Vec<Mark>,
}

/// What is wrong with a row while it is read, and in which column.
type Wrong = Box<(SessionError, Option<usize>)>;

impl<'c> Copying<'c> {
    fn run(&mut self, world: &mut World<'_>) -> Result<u64, SessionError> {
        let mut readers = self.readers()?;
        let mut rows = 0;
        loop {
            self.check(world)?;
            let (batch, wrong, more) = self.read_batch(world, &mut readers)?;
            let count = batch.marks.len();
            let given = self.given(batch.builders, count);
            if let Some(wrong) = wrong {
                let (error, column) = *wrong;
                // Rows before it may be wrong, too.
                let looked = self.load.look(world, &given, count);
                looked.map_err(|error| self.at_row(&batch.marks, &given, error))?;
                return Err(self.at_line(error, column));
            }
            if count > 0 {
                let loaded = self.load.insert(world, &given, count);
                rows += loaded.map_err(|error| self.at_row(&batch.marks, &given, error))?;
            }
            if !more {
                return Ok(rows);
            }
        }
    }

    fn readers(&self) -> Result<Vec<ColumnReader<'c>>, SessionError> {
        let prepared = self.prepared;
        let mut readers = Vec::with_capacity(prepared.places.len());
        for place in &prepared.places {
            let of = prepared.plan.target.columns[*place].column_type;
            readers.push(if prepared.options.format == Format::Binary {
                ColumnReader::Binary(of)
            } else if types::text::names_objects(of.oid) {
                ColumnReader::Names(of)
            } else {
                let reader = TextReader::new(&prepared.scope, of, self.text);
                ColumnReader::Text(reader.map_err(|error| SessionError::Function(error.into()))?)
            });
        }
        Ok(readers)
    }

    /// Asks for more bytes. Clients send them as slowly as they like: what was cancelled or took too long meanwhile ends here.
    /// Those of another encoding that are no text are told of behind those before them.
    fn read_bytes(&mut self, world: &mut World<'_>) -> Result<Option<EncodingError>, SessionError> {
        let read = self.source.read(self.reader.buffer()).map_err(|error| self.at_line(error, None))?;
        self.check(world)?;
        Ok(match read {
            Read::More => None,
            Read::End => {
                self.reader.complete();
                None
            }
            Read::NoText(error) => Some(error),
        })
    }

    fn check(&self, world: &mut World<'_>) -> Result<(), SessionError> {
        let checked = world.context.session.check().map_err(ExecuteError::from);
        checked.map_err(|error| self.at_line(error.into(), None))
    }

    /// Reads rows up to the end of a batch, or to one that is none; and whether there may be more.
    fn read_batch(
        &mut self,
        world: &mut World<'_>,
        readers: &mut [ColumnReader<'c>],
    ) -> Result<(Batch, Option<Wrong>, bool), SessionError> {
        let mut builders = Vec::with_capacity(readers.len());
        for (reader, place) in readers.iter().zip(&self.prepared.places) {
            let kind = match reader {
                ColumnReader::Text(reader) => reader.kind(),
                ColumnReader::Names(_) => Kind::Int32,
                ColumnReader::Binary(_) => self.kind(*place)?,
            };
            builders.push(VectorBuilder::new(kind, BATCH_ROWS));
        }
        let mut batch = Batch { builders, marks: Vec::with_capacity(BATCH_ROWS) };
        self.reader.begin_batch();
        loop {
            match self.reader.step() {
                Ok(Step::Row) => {}
                Ok(Step::End) => return Ok((batch, None, false)),
                Ok(Step::NeedsBytes) => match self.read_bytes(world)? {
                    None => continue,
                    Some(error) => {
                        let error = CopyError::from(error).into();
                        return Ok((batch, Some(Box::new((error, None))), false));
                    }
                },
                Err(error) => return Ok((batch, Some(Box::new((error.into(), None))), false)),
            }
            if let Err(wrong) = self.read_row(readers, &mut batch.builders) {
                return Ok((batch, Some(wrong), false));
            }
            batch.marks.push(self.reader.mark());
            if batch.marks.len() >= BATCH_ROWS || self.reader.batch_bytes() >= BATCH_BYTES {
                return Ok((batch, None, true));
            }
        }
    }

    fn kind(&self, place: usize) -> Result<Kind, SessionError> {
        let of = self.prepared.plan.target.columns[place].column_type;
        let reader = TextReader::new(&self.prepared.scope, of, self.text);
        Ok(reader.map_err(|error| SessionError::Function(error.into()))?.kind())
    }

    fn read_row(
        &self,
        readers: &mut [ColumnReader<'c>],
        builders: &mut [VectorBuilder],
    ) -> Result<(), Wrong> {
        for (place, (reader, builder)) in readers.iter_mut().zip(builders).enumerate() {
            let field = self.reader.field(place).map_err(|error| Box::new((error.into(), None)))?;
            let Some(bytes) = field else {
                builder.push_null();
                continue;
            };
            self.read_value(reader, bytes, builder).map_err(|error| Box::new((error, Some(place))))?;
        }
        Ok(())
    }

    fn read_value(
        &self,
        reader: &mut ColumnReader<'c>,
        bytes: &[u8],
        builder: &mut VectorBuilder,
    ) -> Result<(), SessionError> {
        let input = |error: types::text::InputError| SessionError::Function(error.into());
        // The reader has seen to it that fields of texts are texts.
        let text = || std::str::from_utf8(bytes).unwrap_or_default();
        match reader {
            ColumnReader::Text(reader) => reader.read_known(bytes, builder).map_err(input),
            ColumnReader::Names(of) => {
                let value = catalog::names::input(&self.prepared.scope, *of, text());
                let value = value.map_err(|error| {
                    SessionError::Function(functions::FunctionError::Other(Box::new(error)))
                })?;
                builder.push(&value).map_err(|error| SessionError::Function(error.into()))
            }
            ColumnReader::Binary(of) => {
                let from = Context::of(&self.prepared.scope, self.text.client_encoding);
                let value = types::wire::receive(from, *of, bytes);
                let value = value.map_err(|error| SessionError::Wire(Box::new(error)))?;
                builder.push(&value).map_err(|error| SessionError::Function(error.into()))
            }
        }
    }

    /// For each column of the table its values, if it is copied. The row that could not be read is left out.
    fn given(&self, builders: Vec<VectorBuilder>, rows: usize) -> Vec<Option<Vector>> {
        let mut given: Vec<Option<Vector>> = vec![None; self.prepared.plan.target.columns.len()];
        for (place, builder) in self.prepared.places.iter().zip(builders) {
            let vector = builder.finish();
            given[*place] = Some(if vector.len() > rows { vector.slice(0, rows) } else { vector });
        }
        given
    }

    /// An error of the line that is read.
    fn at_line(&self, error: SessionError, column: Option<usize>) -> SessionError {
        let line = self.reader.line();
        if line == 0 {
            return error;
        }
        let (binary, current) = (self.is_binary(), self.reader.current());
        let context = match (column, current) {
            (Some(place), _) if binary => self.context(line, Some((place, None))),
            (Some(place), _) => {
                let value = self.reader.field(place).ok().flatten();
                self.context(line, Some((place, value)))
            }
            (None, Some(text)) => format!("{}: \"{}\"", self.context(line, None), shown(text)),
            (None, None) => self.context(line, None),
        };
        SessionError::Within { error: Box::new(error), context }
    }

    /// An error of a row that was read.
    fn at_row(&self, marks: &[Mark], given: &[Option<Vector>], failed: LoadError) -> SessionError {
        let Some(mark) = marks.get(failed.row) else { return failed.error.into() };
        let place =
            failed.column.and_then(|place| self.prepared.places.iter().position(|known| *known == place));
        let context = match (place, failed.writing || self.is_binary()) {
            (Some(place), false) => {
                let column = &self.prepared.plan.target.columns[self.prepared.places[place]];
                let vector = given[self.prepared.places[place]].as_ref();
                let mut text = String::new();
                let value = vector.filter(|vector| !vector.is_null(failed.row)).map(|vector| {
                    let item = vector.item(failed.row);
                    // A value that cannot be written was refused when it was read.
                    let of = column.column_type;
                    let _ = types::text::output(&self.prepared.scope, of, &item, self.text, &mut text);
                    text.as_bytes()
                });
                self.context(mark.line, Some((place, value)))
                    + if value.is_none() { ": null input" } else { "" }
            }
            (None, false) => {
                let text = shown(self.reader.text(mark));
                format!("{}: \"{text}\"", self.context(mark.line, None))
            }
            (_, true) => self.context(mark.line, None),
        };
        SessionError::Within { error: Box::new(failed.error.into()), context }
    }

    fn is_binary(&self) -> bool {
        self.prepared.options.format == Format::Binary
    }

    /// `COPY t, line 3, column a: "x"`
    fn context(&self, line: u64, column: Option<(usize, Option<&[u8]>)>) -> String {
        let target = &self.prepared.plan.target;
        let mut context = format!("COPY {}, line {line}", target.name);
        if let Some((place, value)) = column {
            let name = self.prepared.places.get(place).map_or("", |place| &target.columns[*place].name);
            context.push_str(&format!(", column {name}"));
            if let Some(value) = value {
                context.push_str(&format!(": \"{}\"", shown(value)));
            }
        }
        context
    }
}

/// The beginning of a text, whole characters of it.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if text.len() <= SHOWN_MAX {
        return text.into_owned();
    }
    let mut end = SHOWN_MAX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", &text[..end])
}
