//! `ANALYZE` and `VACUUM`.
//!
//! `ANALYZE` draws a sample of each table's rows with the world's chance and puts into the catalog what it tells: the
//! planner's estimates come from there. A table is locked against other maintenance and against changes of its definition
//! meanwhile, not against changes of its rows. `VACUUM` is about the file, whatever table it names: there are no dead
//! rows to be cleaned up; pages are put where they lie well, and the free end of the file is given back.

pub(crate) mod combined;
pub(crate) mod sample;

use crate::client::{Client, Severity};
use crate::error::SessionError;
use crate::maintenance::combined::found_together;
use crate::maintenance::sample::{parts_of, sample};
use crate::session::Session;
use crate::words::{is_on, word};
use crate::world::as_owner;
use catalog::object::{ColumnStatistics, Datum, Object, PG_CHECKPOINT, SUPERUSER, Table, TableStatistics};
use catalog::{Actor, Oid, Relation, Scope};
use diagnostic::{Diagnostic, SqlState};
use execute::{ExecuteResult, Sampled, Statistics, World, column_statistics};
use functions::FunctionError;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use store::locks::{RelationMode, WaitPolicy};
use store::{Bounds, TreeId};
use syntax::tree::option::{Definition, DefinitionValue};
use syntax::tree::session::{Vacuum, VacuumTable};
use types::Types;

/// How many rows are looked at for each most common value that is wanted.
const SAMPLE: usize = 300;
/// Bytes of a page of PostgreSQL's that rows can have, and bytes that a row takes besides its values.
const PAGE: f64 = 8168.0;
const ROW: f64 = 28.0;

/// What may be wrong with such a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum MaintenanceError {
    #[error("unrecognized {statement} option \"{name}\"")]
    Option { statement: &'static str, name: String, position: u32 },
    #[error("VACUUM FULL cannot be performed in parallel")]
    FullInParallel,
    #[error("parallel option requires a value between 0 and 1024")]
    NoWorkers { position: u32 },
    #[error("parallel workers for vacuum must be between 0 and 1024")]
    Workers { position: u32 },
    #[error("VACUUM option DISABLE_PAGE_SKIPPING cannot be used with FULL")]
    SkippingFull,
    #[error("PROCESS_TOAST required with VACUUM FULL")]
    ToastFull,
    #[error("ANALYZE option must be specified when a column list is provided")]
    ColumnsWithoutAnalyze,
    #[error("column \"{column}\" of relation \"{relation}\" does not exist")]
    NoColumn { column: String, relation: String },
    #[error("column \"{column}\" of relation \"{relation}\" appears more than once")]
    ColumnTwice { column: String, relation: String },
}

impl Diagnostic for MaintenanceError {
    fn sqlstate(&self) -> SqlState {
        match self {
            MaintenanceError::Option { .. }
            | MaintenanceError::NoWorkers { .. }
            | MaintenanceError::Workers { .. } => SqlState::SyntaxError,
            MaintenanceError::FullInParallel
            | MaintenanceError::SkippingFull
            | MaintenanceError::ToastFull
            | MaintenanceError::ColumnsWithoutAnalyze => SqlState::FeatureNotSupported,
            MaintenanceError::NoColumn { .. } => SqlState::UndefinedColumn,
            MaintenanceError::ColumnTwice { .. } => SqlState::DuplicateColumn,
        }
    }

    fn position(&self) -> Option<u32> {
        match self {
            MaintenanceError::Option { position, .. }
            | MaintenanceError::NoWorkers { position }
            | MaintenanceError::Workers { position } => Some(*position),
            MaintenanceError::FullInParallel
            | MaintenanceError::SkippingFull
            | MaintenanceError::ToastFull
            | MaintenanceError::ColumnsWithoutAnalyze
            | MaintenanceError::NoColumn { .. }
            | MaintenanceError::ColumnTwice { .. } => None,
        }
    }
}

/// What is told besides the result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Told {
    #[error("skipping \"{name}\" --- cannot {verb} non-tables or special system tables")]
    NoTable { name: String, verb: &'static str },
    #[error("skipping \"{name}\" --- only table or database owner can {verb} it")]
    NotOwner { name: String, verb: &'static str },
    #[error("skipping {verb} of \"{name}\" --- lock not available")]
    Locked { name: String, verb: &'static str },
    #[error("analyzing \"{schema}.{name}\"{}", if *tree { " inheritance tree" } else { "" })]
    Analyzing { schema: String, name: String, tree: bool },
    #[error(
        "\"{name}\": scanned {pages} of {pages} pages, containing {rows} live rows and 0 dead rows; {sample} rows in \
         sample, {rows} estimated total rows"
    )]
    Analyzed { name: String, pages: u64, rows: u64, sample: usize },
}

impl Diagnostic for Told {
    fn sqlstate(&self) -> SqlState {
        match self {
            Told::NoTable { .. } | Told::NotOwner { .. } => SqlState::Warning,
            Told::Locked { .. } => SqlState::LockNotAvailable,
            Told::Analyzing { .. } | Told::Analyzed { .. } => SqlState::SuccessfulCompletion,
        }
    }
}

/// What the options say.
#[derive(Default)]
struct Options {
    /// What the statement does, in messages.
    verb: &'static str,
    analyze: bool,
    full: bool,
    verbose: bool,
    skip_locked: bool,
    disable_page_skipping: bool,
    without_toast: bool,
    workers: u16,
}

impl Options {
    /// Those that have nothing to be chosen here (there are no dead rows, no indexes to be cleaned up and no other workers)
    /// are looked at and change nothing, as in PostgreSQL where there is nothing to do.
    fn read(statement: &Vacuum<'_>) -> Result<Options, SessionError> {
        let mut options = Options { verb: verb(statement), analyze: !statement.vacuum, ..Options::default() };
        for option in statement.options {
            match (option.name.text, statement.vacuum) {
                ("verbose", _) => options.verbose = is_on(option)?,
                ("skip_locked", _) => options.skip_locked = is_on(option)?,
                ("analyze", true) => options.analyze = is_on(option)?,
                ("full", true) => options.full = is_on(option)?,
                ("freeze" | "truncate", true) => drop(is_on(option)?),
                ("disable_page_skipping", true) => options.disable_page_skipping = is_on(option)?,
                ("process_toast", true) => options.without_toast = !is_on(option)?,
                ("index_cleanup", true) if word(option) == Some("auto") => {}
                ("index_cleanup", true) => drop(is_on(option)?),
                ("parallel", true) => options.workers = workers(option)?,
                (name, vacuum) => {
                    let statement = if vacuum { "VACUUM" } else { "ANALYZE" };
                    let (name, position) = (name.to_owned(), option.name.position);
                    return Err(MaintenanceError::Option { statement, name, position }.into());
                }
            }
        }
        if options.full && options.workers > 0 {
            return Err(MaintenanceError::FullInParallel.into());
        }
        if !options.analyze && statement.tables.iter().any(|table| !table.columns.is_empty()) {
            return Err(MaintenanceError::ColumnsWithoutAnalyze.into());
        }
        Ok(options)
    }

    /// What is looked at only outside of a block.
    fn check(&self) -> Result<(), MaintenanceError> {
        match (self.full, self.disable_page_skipping, self.without_toast) {
            (true, true, _) => Err(MaintenanceError::SkippingFull),
            (true, _, true) => Err(MaintenanceError::ToastFull),
            _ => Ok(()),
        }
    }
}

fn workers(option: &Definition<'_>) -> Result<u16, MaintenanceError> {
    let position = option.name.position;
    let Some(value) = &option.value else { return Err(MaintenanceError::NoWorkers { position }) };
    let number = match value {
        DefinitionValue::Number(number) => crate::words::number_text(number).parse().ok(),
        DefinitionValue::String(text) => text.parse().ok(),
        DefinitionValue::Word(_)
        | DefinitionValue::Type(_)
        | DefinitionValue::Operator(_)
        | DefinitionValue::Star
        | DefinitionValue::List(_) => None,
    };
    number.filter(|number| *number <= 1024).ok_or(MaintenanceError::Workers { position })
}

/// What a statement does, in messages.
fn verb(statement: &Vacuum<'_>) -> &'static str {
    if statement.vacuum { "vacuum" } else { "analyze" }
}

/// Refuses to take a sample of rows that are on a server, of a table or of one that inherits from it.
fn refuse_foreign(scope: &Scope, table: &Table) -> Result<(), SessionError> {
    let mut open = vec![table.oid];
    while let Some(next) = open.pop() {
        if let Some(foreign) = scope.table(next).and_then(|table| table.foreign()) {
            return Err(plan::PlanError::NoHandler(scope.no_handler(foreign.server)).into());
        }
        open.extend(scope.attached_to(next).map(|child| child.oid));
    }
    Ok(())
}

/// What ANALYZE has found.
struct LookedAt {
    rows: u64,
    parts: Vec<crate::maintenance::sample::Part>,
    found: Vec<(u16, Statistics)>,
    together: Vec<(catalog::Oid, catalog::object::Combined)>,
}

/// A table that is maintained.
struct Maintained {
    table: Oid,
    /// Which of its columns are analyzed; all if none is named.
    columns: Option<Vec<u16>>,
    /// Whether the statement names it: nobody is told that one of the others, or a part, is passed over.
    named: bool,
}

impl Session {
    pub(crate) fn run_vacuum(
        &mut self,
        statement: &Vacuum<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let options = Options::read(statement)?;
        if statement.vacuum {
            self.refuse_in_block("VACUUM")?;
        }
        options.check()?;
        let tables = self.tables_to_maintain(statement, client)?;
        if statement.vacuum && (!tables.is_empty() || self.may_maintain_all(statement)?) {
            // Nothing has been done yet: what only looks into the catalog need not hold back pages.
            self.block.roll_back(&mut self.settings);
            self.forget_transaction(false);
            self.vacuum()?;
            self.block.enter(&mut self.settings, self.statement_time);
        }
        if statement.vacuum {
            tables.iter().for_each(|one| self.note_care(one.table, false, None));
        }
        if statement.vacuum && !options.analyze {
            self.keep_sizes(&tables, &options, client)?;
        }
        if options.analyze {
            self.begin_snapshot()?;
            for one in tables {
                self.analyze(one, &options, client)?;
            }
        }
        client.complete(if statement.vacuum { "VACUUM" } else { "ANALYZE" });
        Ok(())
    }

    /// Whether a statement that names no table is about all there is, also where the role has no table.
    fn may_maintain_all(&mut self, statement: &Vacuum<'_>) -> Result<bool, SessionError> {
        let scope = self.scope()?;
        Ok(statement.tables.is_empty() && self.may_maintain(&scope, SUPERUSER))
    }

    /// Keeps how large tables are, for whoever plans with them.
    fn keep_sizes(
        &mut self,
        tables: &[Maintained],
        options: &Options,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.begin_snapshot()?;
        for one in tables {
            let Some((_, table)) = self.table_to_analyze(one, options, client)? else { continue };
            if !table.is_partitioned() {
                let transaction = self.block.transaction(&self.store, self.database, self.wait())?;
                let rows = transaction.view()?.tree(TreeId(table.tree))?.estimate(&Bounds::all())?;
                let known = define::size_of(&table, rows);
                self.catalog.get_mut().set_table_statistics(transaction, table.oid, Some(&known))?;
            }
        }
        Ok(())
    }

    /// Puts the file in order, unless the statement is cancelled: what was moved until then stays moved.
    fn vacuum(&self) -> Result<(), SessionError> {
        let mut cancelled = false;
        self.engine.store.vacuum(&mut |_, _| {
            cancelled = self.store.take_cancel();
            if cancelled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if cancelled {
            let message = "canceling statement due to user request";
            return Err(FunctionError::plain(SqlState::QueryCanceled, message).into());
        }
        Ok(())
    }

    /// Refuses a statement that is a transaction of its own within another.
    pub(crate) fn refuse_in_block(&mut self, statement: &'static str) -> Result<(), SessionError> {
        self.block.refuse(statement)?;
        match self.block.begun() {
            Some(_) => Err(SessionError::NotInBlock { statement }),
            None => Ok(()),
        }
    }

    /// The tables that a statement names, or all; with the places of the columns that it names.
    fn tables_to_maintain(
        &mut self,
        statement: &Vacuum<'_>,
        client: &mut dyn Client,
    ) -> Result<Vec<Maintained>, SessionError> {
        self.begin_snapshot()?;
        let scope = self.scope()?;
        if statement.tables.is_empty() {
            let table = |object: &Object| match object {
                Object::Table(table) if !table.is_foreign() => {
                    let one = Maintained { table: table.oid, columns: None, named: false };
                    self.may_maintain(&scope, table.owner).then_some(one)
                }
                _ => None,
            };
            return Ok(scope.objects().filter_map(table).collect());
        }
        let mut tables = Vec::with_capacity(statement.tables.len());
        for written in statement.tables {
            let (schema, name) = define::names::split_name(&scope, &written.table)?;
            schema.map(|schema| scope.find_schema(schema)).transpose()?;
            match scope.find_relation(schema, name)? {
                Relation::Table(table) => {
                    let parts = match table.is_partitioned() {
                        true => parts_of(&scope, table.oid),
                        false => Vec::new(),
                    };
                    let named = table.oid;
                    for table in std::iter::once(table).chain(parts) {
                        let columns = columns(&table, written)?;
                        let (name, verb) = (table.name.clone(), verb(statement));
                        if !self.may_maintain(&scope, table.owner) {
                            self.tell(client, Severity::Warning, &Told::NotOwner { name, verb });
                        } else if statement.vacuum && table.is_foreign() {
                            self.tell(client, Severity::Warning, &Told::NoTable { name, verb });
                        } else {
                            tables.push(Maintained { table: table.oid, columns, named: table.oid == named });
                        }
                    }
                }
                Relation::System(table) if !table.is_view => {}
                other @ (Relation::System(_)
                | Relation::View(_)
                | Relation::Index(_)
                | Relation::Sequence(_)
                | Relation::Composite(_)) => {
                    let (name, verb) = (other.name().to_owned(), verb(statement));
                    let object = scope.object(other.oid());
                    let told = match object.and_then(Object::owner) {
                        Some(owner) if !self.may_maintain(&scope, owner) => Told::NotOwner { name, verb },
                        Some(_) | None => Told::NoTable { name, verb },
                    };
                    self.tell(client, Severity::Warning, &told);
                }
            }
        }
        Ok(tables)
    }

    /// `CHECKPOINT`
    pub(crate) fn run_checkpoint(&mut self, client: &mut dyn Client) -> Result<(), SessionError> {
        let scope = self.locking(Session::scope)?;
        if !Actor::new(&scope, self.role, self.database.0).has_rights_of(PG_CHECKPOINT) {
            let message = "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT";
            return Err(FunctionError::plain(SqlState::InsufficientPrivilege, message).into());
        }
        self.engine.store.checkpoint()?;
        client.complete("CHECKPOINT");
        Ok(())
    }

    /// Whether the role has the rights of a relation's owner, or of the database's.
    fn may_maintain(&self, scope: &Scope, of: Oid) -> bool {
        if scope.is_superuser(self.role) {
            return true;
        }
        let actor = Actor::new(scope, self.role, self.database.0);
        let owner = scope.database_of(self.database.0).map(|database| database.owner);
        actor.has_rights_of(of) || owner.is_some_and(|owner| actor.has_rights_of(owner))
    }

    /// Looks at a table, unless it is gone.
    fn analyze(
        &mut self,
        one: Maintained,
        options: &Options,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let Some((scope, table)) = self.table_to_analyze(&one, options, client)? else { return Ok(()) };
        if table.is_partitioned() && scope.attached_to(table.oid).next().is_none() {
            return Ok(());
        }
        refuse_foreign(&scope, &table)?;
        let targets = self.targets(&table, one.columns);
        let divided = table.is_partitioned();
        if !divided {
            self.analyze_rows(options, (&scope, &table), &targets, false, client)?;
        }
        if divided || scope.attached_to(table.oid).next().is_some() {
            self.analyze_rows(options, (&scope, &table), &targets, true, client)?;
        }
        Ok(())
    }

    /// Looks at the rows of a table, those of what inherits from it among them or not.
    fn analyze_rows(
        &mut self,
        options: &Options,
        (scope, table): (&Scope, &Arc<Table>),
        targets: &[(u16, usize)],
        tree: bool,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        if options.verbose {
            let schema = scope.schema(table.schema).map_or_else(String::new, |schema| schema.name.clone());
            self.tell(client, Severity::Info, &Told::Analyzing { schema, name: table.name.clone(), tree });
        }
        let combined = self.combined_targets(scope, table, targets, client);
        let both = targets.iter().map(|target| target.1).chain(combined.iter().map(|target| target.1));
        let wanted = SAMPLE * both.max().unwrap_or(0);
        let looked = self.look_at(scope, table, (tree, wanted), (targets, &combined))?;
        self.keep_combined(looked.together, tree)?;
        if options.verbose && tree {
            for (name, pages, rows, sample) in looked.parts {
                self.tell(client, Severity::Info, &Told::Analyzed { name, pages, rows, sample });
            }
        }
        if tree && !table.is_partitioned() {
            return self.keep_inherited(table, looked.found);
        }
        let rows = looked.rows;
        let pages = self.keep_statistics(scope, table, rows, looked.found)?.pages;
        self.note_care(table.oid, true, Some(rows));
        if options.verbose && !tree {
            let sample = wanted.min(usize::try_from(rows).unwrap_or(usize::MAX));
            let told = Told::Analyzed { name: table.name.clone(), pages, rows, sample };
            self.tell(client, Severity::Info, &told);
        }
        Ok(())
    }

    /// What a sample of so many rows tells, of those that inherit among them or not.
    fn look_at(
        &mut self,
        scope: &Scope,
        table: &Arc<Table>,
        (inherited, wanted): (bool, usize),
        (targets, combined): (&[(u16, usize)], &[crate::maintenance::combined::Wanted]),
    ) -> Result<LookedAt, SessionError> {
        let text = self.text_settings();
        let (transaction, mut parts) = self.split(&text)?;
        let look = |world: &mut World<'_>| {
            let sampled = sample(world, scope, table, inherited, wanted)?;
            let together = found_together(world, scope, table, combined, &sampled)?;
            let mut found = Vec::with_capacity(targets.len());
            for (number, values) in sampled.places.iter().zip(&sampled.values) {
                let Some((place, target)) = targets.iter().find(|target| target.0 == *number) else {
                    continue;
                };
                world.context.session.check()?;
                let column = &table.columns[usize::from(*place)];
                let order = scope.order(column.column_type());
                let length =
                    scope.entry(scope.undomained(column.column_type()).oid).map_or(-1, |of| of.length);
                let (rows, target) = (sampled.rows as f64, *target);
                let of_rows = Sampled { order: order.as_ref(), length, rows, target, computed: false };
                found.extend(column_statistics(values, &of_rows).map(|statistics| (*place, statistics)));
            }
            ExecuteResult::Ok(LookedAt { rows: sampled.rows, parts: sampled.parts, found, together })
        };
        Ok(parts.within(scope, transaction, &[], |world| as_owner(world, table.owner, look))?)
    }

    /// Puts into the catalog what was found of a table's rows and those of what inherits from it.
    fn keep_inherited(&mut self, table: &Table, found: Vec<(u16, Statistics)>) -> Result<(), SessionError> {
        let transaction = self.block.transaction(&self.store, self.database, self.wait())?;
        for (place, statistics) in found {
            let column = table.columns.get(usize::from(place));
            let given =
                column.and_then(|column| given_distinct(&column.details.options, "n_distinct_inherited="));
            let known = stored(statistics, given);
            let place = place | catalog::object::INHERITED;
            self.catalog.get_mut().set_column_statistics(transaction, table.oid, place, Some(&known))?;
        }
        Ok(())
    }

    /// The table, locked, and what names mean then.
    fn table_to_analyze(
        &mut self,
        one: &Maintained,
        options: &Options,
        client: &mut dyn Client,
    ) -> Result<Option<(Scope, Arc<Table>)>, SessionError> {
        let table = one.table;
        let scope = self.scope()?;
        let Some(found) = scope.table(table).cloned() else { return Ok(None) };
        let wait = if options.skip_locked { WaitPolicy::Skip } else { self.wait() };
        let transaction = self.block.transaction(&self.store, self.database, self.wait())?;
        match transaction.lock_tree(TreeId(found.lock), RelationMode::ShareUpdateExclusive, wait) {
            Ok(true) => {}
            Ok(false) => {
                if one.named {
                    let told = Told::Locked { name: found.name.clone(), verb: options.verb };
                    self.tell(client, Severity::Warning, &told);
                }
                return Ok(None);
            }
            Err(store::StoreError::NoSuchTree { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        if self.catalog.get_mut().is_current(transaction, scope.snapshot(), table)? {
            return Ok(Some((scope, found)));
        }
        transaction.refresh()?;
        let scope = self.scope()?;
        let found = scope.table(table).cloned();
        Ok(found.map(|found| (scope, found)))
    }

    /// How many most common values are wanted of which columns.
    fn targets(&self, table: &Table, columns: Option<Vec<u16>>) -> Vec<(u16, usize)> {
        // Whole and positive, as the setting is.
        let default = self.settings.number("default_statistics_target") as usize;
        let target = |(place, column): (usize, &catalog::object::Column)| {
            let place = u16::try_from(place).ok()?;
            let target = usize::try_from(column.statistics_target).unwrap_or(default);
            let wanted = columns.as_ref().is_none_or(|columns| columns.contains(&place));
            (wanted && target > 0).then_some((place, target))
        };
        table.live_columns().filter_map(target).collect()
    }

    /// Puts into the catalog what was found.
    fn keep_statistics(
        &mut self,
        scope: &Scope,
        table: &Table,
        rows: u64,
        found: Vec<(u16, Statistics)>,
    ) -> Result<TableStatistics, SessionError> {
        let transaction = self.block.transaction(&self.store, self.database, self.wait())?;
        let mut widths = std::collections::BTreeMap::new();
        for (place, statistics) in found {
            widths.insert(place, f64::from(statistics.width) * (1.0 - statistics.null_fraction));
            let column = table.columns.get(usize::from(place));
            let name = if table.is_partitioned() { "n_distinct_inherited=" } else { "n_distinct=" };
            let given = column.and_then(|column| given_distinct(&column.details.options, name));
            let known = stored(statistics, given);
            self.catalog.get_mut().set_column_statistics(transaction, table.oid, place, Some(&known))?;
        }
        let width = table.live_columns().filter_map(|(place, _)| {
            let place = u16::try_from(place).ok()?;
            let known = || {
                let known = scope.column_statistics(table.oid, place);
                known.map(|known| f64::from(known.average_width))
            };
            widths.get(&place).copied().or_else(known)
        });
        // Values lie at multiples of eight bytes.
        let row = ROW + (width.sum::<f64>() / 8.0).ceil() * 8.0;
        let pages = (rows as f64 / (PAGE / row).floor().max(1.0)).ceil() as u64;
        let known = TableStatistics { rows: rows as f64, pages };
        self.catalog.get_mut().set_table_statistics(transaction, table.oid, Some(&known))?;
        if table.is_partitioned() {
            return Ok(known);
        }
        for index in scope.indexes_of(table.oid) {
            let pages = (pages / 4).max(1);
            let known = TableStatistics { rows: rows as f64, pages };
            self.catalog.get_mut().set_table_statistics(transaction, index.oid, Some(&known))?;
        }
        Ok(known)
    }
}

/// The places of the columns that a statement names; none if it names none.
fn columns(table: &Table, written: &VacuumTable<'_>) -> Result<Option<Vec<u16>>, MaintenanceError> {
    if written.columns.is_empty() {
        return Ok(None);
    }
    let (mut places, relation) = (BTreeSet::new(), || table.name.clone());
    for column in written.columns {
        let missing = || MaintenanceError::NoColumn { column: column.text.to_owned(), relation: relation() };
        let (place, _) = table.column(column.text).ok_or_else(missing)?;
        if !places.insert(u16::try_from(place).unwrap_or(u16::MAX)) {
            let column = column.text.to_owned();
            return Err(MaintenanceError::ColumnTwice { column, relation: relation() });
        }
    }
    Ok(Some(places.into_iter().collect()))
}

/// How many different values a column is said to have (`n_distinct` or `n_distinct_inherited`), if that is said: 0 says nothing.
fn given_distinct(options: &[String], name: &str) -> Option<f32> {
    let given = options.iter().find_map(|option| option.strip_prefix(name));
    given.and_then(|text| text.parse::<f32>().ok()).filter(|given| *given != 0.0)
}

/// As the catalog keeps them.
pub(crate) fn stored(found: Statistics, given: Option<f32>) -> ColumnStatistics {
    ColumnStatistics {
        null_fraction: found.null_fraction as f32,
        average_width: found.width,
        distinct: given.unwrap_or(found.distinct as f32),
        most_common: found.common.into_iter().map(|(value, share)| (Datum(value), share as f32)).collect(),
        histogram: found.histogram.into_iter().map(Datum).collect(),
        correlation: found.correlation.map(|known| known as f32),
    }
}
