//! Prepared statements: the one object on which `PREPARE`, the wire protocol and libraries stand.
//!
//! A statement is read once and kept as its text, which is read again where it must be bound anew. Beside it lies how it was
//! planned last, with everything of a run that serves the next one too: the columns, the operators, or what stands for them
//! where the plan is short ([`Point`]). It is run whole (`direct`) or in pieces (`portal`); both take that from here, and
//! put it back.
//!
//! Invariants
//!
//! 1. A plan is used only after [`Session::make_ready`] has said that it holds: nothing that it was made of has changed,
//!    which is the catalog, settings (`search_path` among them), and the role; its relations are locked, and the transaction
//!    allows what it does.
//! 2. While a statement runs, what is kept of it is out of its place. Whatever comes of the run, another one of the same
//!    statement meets nothing half-used.
//! 3. A statement with a name yields the columns that it had when it was prepared, or fails: they have been told.

pub(crate) mod again;
pub(crate) mod direct;
pub(crate) mod fast_call;
pub(crate) mod parameters;
pub(crate) mod plan_choice;

use crate::client::{Client, ResultColumn};
use crate::definition::select_into::{as_made_table, makes_table};
use crate::error::SessionError;
use crate::prepared::direct::check_kinds;
use crate::prepared::plan_choice::{Choice, Deciding, PlanCacheMode};
use crate::query::{Ready, Verb};
use crate::session::Session;
use crate::settings::Mark;
use bind::Parameters;
use bumpalo::Bump;
use catalog::Oid;
use datetime::TimestampTz;
use env::sync::OnceLock;
use execute::{Execution, Few, Point, SingleChange};
use plan::facts::PlannerSettings;
use plan::physical::{NodeKind, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Standing;
use syntax::lexer::StringRules;
use syntax::tree::expression::{Expression, ExpressionKind};
use syntax::tree::modify::{Delete, Update};
use syntax::tree::session::{Execute, Prepare};
use syntax::tree::statement::StatementKind;
use syntax::tree::table::TableSource;
use types::catalog::oid;
use types::{Kind, Type, Types, Value};

/// What a statement is, whatever becomes of its plans.
#[derive(Debug)]
pub(crate) struct Source {
    /// The text of the statement alone.
    pub text: String,
    /// What strings meant when it was prepared.
    pub rules: StringRules,
    /// Types of its parameters.
    pub parameters: Vec<Type>,
    /// Whether it is planned: a query or a change of rows.
    pub plans: bool,
    /// Whether it may end a block that has failed.
    pub ends_block: bool,
    /// The columns of its rows when it was prepared; none if it has no rows, or is not planned.
    pub columns: Option<Vec<ResultColumn>>,
    /// Whether it must have these columns for ever.
    fixed: bool,
    /// Its text without constants, and the number of that, once somebody has asked.
    normalised: OnceLock<(i64, Arc<str>)>,
}

/// A prepared statement of a session. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) source: Arc<Source>,
    /// Where the session keeps what belongs to it.
    place: usize,
}

impl Statement {
    /// Its text.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// The types of its parameters.
    pub fn parameters(&self) -> &[Type] {
        &self.source.parameters
    }
}

/// The parameters of a statement that is not planned itself but has a query within it, while it runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arguments {
    pub types: Vec<Type>,
    pub values: Vec<Value>,
    /// The variables that it may name instead: it is one of a body in PL/pgSQL.
    pub variables: Option<Arc<dyn bind::variable::Variables>>,
    /// The function in SQL that it is a statement of, and what that calls its arguments.
    pub named: Option<(String, Vec<String>)>,
}

impl Arguments {
    /// Their types, for whoever binds the query.
    pub fn parameters(&self) -> Parameters {
        if let Some(variables) = &self.variables {
            return Parameters::Variables(variables.clone());
        }
        if let Some((function, names)) = &self.named {
            let arguments = names.iter().cloned().zip(self.types.iter().copied()).collect();
            return Parameters::Named { function: function.clone(), arguments };
        }
        match &*self.types {
            [] => Parameters::None,
            types => Parameters::Inferred(types.iter().copied().map(Some).collect()),
        }
    }
}

/// How a statement is done, what that was made of, and what is kept between its runs.
pub(crate) struct Planned {
    pub ready: Ready,
    /// Of which kinds the values of its parameters are.
    pub kinds: Vec<Option<Kind>>,
    /// What stands for operators if the plan is so short.
    pub short: Short,
    /// The operators, ready to begin again.
    pub execution: Option<Execution>,
    /// Where the catalog stood, what is temporary in it too; none if it has been changed and that is not committed.
    version: Option<catalog::Version>,
    /// Where the transaction stood when the catalog was last found to be there, and the statement's relations were locked.
    standing: Option<Standing>,
    settings: Mark,
    role: Oid,
    /// Whether it is for some values only, and so for one run.
    for_values: bool,
}

/// How a statement with a name was prepared, for those who list them.
#[derive(Debug)]
pub(crate) struct Preparation {
    /// The text that the client sent.
    pub text: String,
    /// When.
    pub at: TimestampTz,
    /// By `PREPARE`, and not by a message of the protocol.
    pub from_sql: bool,
}

/// A statement with a name.
pub(crate) struct Named {
    pub statement: Statement,
    pub preparation: Preparation,
}

/// Plans that are so short that they need no operators.
#[derive(Clone)]
pub(crate) enum Short {
    /// It is longer.
    No,
    /// One row by its key.
    Point(Arc<Point>),
    /// A few rows of a range of an index.
    Few(Arc<Few>),
    /// A change of one row.
    Change(Arc<SingleChange>),
}

impl Short {
    fn of(ready: &Ready) -> Result<Short, SessionError> {
        if ready.plan.has_steps() {
            return Ok(Short::No);
        }
        if let Some(point) = Point::of(&ready.plan) {
            return Ok(Short::Point(Arc::new(point)));
        }
        if let Some(few) = Few::of(&ready.plan) {
            return Ok(Short::Few(Arc::new(few)));
        }
        let change = SingleChange::of(&ready.plan, &ready.scope)?;
        Ok(change.map_or(Short::No, |change| Short::Change(Arc::new(change))))
    }
}

/// What a session keeps of a statement.
struct Place {
    source: Arc<Source>,
    choice: Choice,
    planned: Option<Box<Planned>>,
}

/// Those of a session. Names stand for some of them.
#[derive(Default)]
pub(crate) struct PreparedStatements {
    places: Vec<Option<Place>>,
    /// Which of them are empty.
    free: Vec<usize>,
    by_name: BTreeMap<String, Named>,
}

impl PreparedStatements {
    /// Keeps a new one.
    pub fn add(&mut self, source: Source) -> Statement {
        let source = Arc::new(source);
        let kept = Some(Place { source: source.clone(), choice: Choice::default(), planned: None });
        let place = self.free.pop().unwrap_or(self.places.len());
        match self.places.get_mut(place) {
            Some(free) => *free = kept,
            None => self.places.push(kept),
        }
        Statement { source, place }
    }

    /// What is kept of one; nothing if it was forgotten, or is another session's.
    fn place(&mut self, statement: &Statement) -> Option<&mut Option<Place>> {
        let place = self.places.get_mut(statement.place)?;
        place.as_ref().is_some_and(|kept| Arc::ptr_eq(&kept.source, &statement.source)).then_some(place)
    }

    /// Takes out what is kept of its last run.
    fn take(&mut self, statement: &Statement) -> Result<Option<Box<Planned>>, SessionError> {
        Ok(self.filled(statement)?.planned.take())
    }

    fn filled(&mut self, statement: &Statement) -> Result<&mut Place, SessionError> {
        // Only what a program holds can have been forgotten, and that has no name.
        let forgotten = || SessionError::NoPrepared { name: String::new() };
        self.place(statement).and_then(Option::as_mut).ok_or_else(forgotten)
    }

    /// What is known of its plans.
    pub fn choice(&mut self, statement: &Statement) -> Result<Choice, SessionError> {
        Ok(self.filled(statement)?.choice)
    }

    /// Remembers more of them.
    pub fn choose(&mut self, statement: &Statement, choice: Choice) {
        if let Some(Some(place)) = self.place(statement) {
            place.choice = choice;
        }
    }

    /// Puts it back for the next one, if it is not for some values only.
    pub fn keep(&mut self, statement: &Statement, planned: Box<Planned>) {
        if let Some(Some(place)) = self.place(statement)
            && !planned.for_values
        {
            place.planned = Some(planned);
        }
    }

    /// What is kept of a statement, if that is how `ready` does it.
    pub fn kept(&mut self, statement: &Statement, ready: &Ready) -> Option<&mut Planned> {
        let planned = self.place(statement)?.as_mut()?.planned.as_deref_mut()?;
        Arc::ptr_eq(&planned.ready.plan, &ready.plan).then_some(planned)
    }

    /// Forgets one.
    pub fn forget(&mut self, statement: &Statement) {
        if let Some(place) = self.place(statement) {
            *place = None;
            self.free.push(statement.place);
        }
    }

    /// Forgets all that have names.
    pub fn clear(&mut self) {
        for named in std::mem::take(&mut self.by_name).into_values() {
            self.forget(&named.statement);
        }
    }

    /// Forgets how they were planned.
    pub fn forget_plans(&mut self) {
        for place in self.places.iter_mut().flatten() {
            place.planned = None;
        }
    }

    /// Keeps one under a name.
    ///
    /// # Errors
    /// When there is one of that name.
    pub fn insert(
        &mut self,
        name: &str,
        source: Source,
        preparation: Preparation,
    ) -> Result<(), SessionError> {
        if self.by_name.contains_key(name) {
            return Err(SessionError::PreparedExists { name: name.to_owned() });
        }
        let statement = self.add(source);
        self.by_name.insert(name.to_owned(), Named { statement, preparation });
        Ok(())
    }

    /// Those with names, and how each was run.
    pub fn told(&self) -> impl Iterator<Item = (&str, &Named, Choice)> {
        let runs = |named: &Named| self.places.get(named.statement.place)?.as_ref().map(|place| place.choice);
        self.by_name
            .iter()
            .filter(|(name, _)| !name.is_empty())
            .map(move |(name, named)| (name.as_str(), named, runs(named).unwrap_or_default()))
    }

    /// Forgets the one of a name, if there is one.
    pub fn remove(&mut self, name: &str) {
        if let Some(named) = self.by_name.remove(name) {
            self.forget(&named.statement);
        }
    }

    /// One by name.
    pub fn get(&self, name: &str) -> Result<&Statement, SessionError> {
        let named = self.by_name.get(name).map(|named| &named.statement);
        named.ok_or_else(|| SessionError::NoPrepared { name: name.to_owned() })
    }
}

impl Source {
    /// Its text without constants, and the number of that.
    pub fn normalised(&self) -> (i64, Arc<str>) {
        self.normalised.get_or_init(|| crate::statistics::watch::normalised(&self.text, self.rules)).clone()
    }

    /// Its parameters, whose types are known.
    pub fn declared(&self) -> Parameters {
        Parameters::Inferred(self.parameters.iter().copied().map(Some).collect())
    }

    /// Refuses other columns than those that were told.
    fn refuse_others(&self, now: &[ResultColumn]) -> Result<(), SessionError> {
        let same = |(old, new): (&ResultColumn, &ResultColumn)| {
            (&old.name, old.column_type) == (&new.name, new.column_type)
        };
        let told = self.columns.as_deref().unwrap_or_default();
        if self.fixed && (told.len() != now.len() || !told.iter().zip(now).all(same)) {
            return Err(SessionError::ColumnsChanged);
        }
        Ok(())
    }

    /// A text without a statement.
    pub fn nothing() -> Source {
        let (text, parameters, columns) = (String::new(), Vec::new(), None);
        Source {
            text,
            parameters,
            plans: false,
            ends_block: false,
            columns,
            fixed: false,
            rules: StringRules::default(),
            normalised: OnceLock::new(),
        }
    }

    /// The same, which must yield the columns that it has now as long as it is kept.
    pub fn with_fixed_columns(self) -> Source {
        Source { fixed: true, ..self }
    }
}

/// Whether a plan reads or changes what passing over one table yields.
fn plan_passes_over_a_table(plan: &Plan) -> bool {
    let input = match &plan.root.kind {
        NodeKind::Update { input, .. } | NodeKind::Delete { input, .. } | NodeKind::Project { input, .. } => {
            input
        }
        _ => &plan.root,
    };
    matches!(&input.kind, NodeKind::TableScan(scan) if !scan.filter.is_empty())
}

/// Whether a statement is planned: a query that makes no table, or a change of rows.
pub(crate) fn is_planned(statement: &StatementKind<'_>) -> bool {
    match statement {
        StatementKind::Query(query) => !makes_table(query),
        StatementKind::Insert(_)
        | StatementKind::Update(_)
        | StatementKind::Delete(_)
        | StatementKind::Merge(_) => true,
        _ => false, // is done without a plan
    }
}

/// The query or change of rows within a statement that is neither, and whose parameters are those of what is within.
fn planned_within<'a>(
    statement: &syntax::tree::Statement<'a>,
    arena: &'a Bump,
) -> Option<syntax::tree::Statement<'a>> {
    let query = match &as_made_table(statement, arena).kind {
        StatementKind::DeclareCursor(declare) => declare.query,
        StatementKind::CreateTableAs(create) if !create.materialized_view => match create.source {
            TableSource::Query(query) => query,
            TableSource::Execute(_) => return None,
        },
        StatementKind::Explain(explain) if is_planned(&explain.statement.kind) => {
            return Some(*explain.statement);
        }
        StatementKind::Explain(explain) => return planned_within(explain.statement, arena),
        _ => return None,
    };
    Some(syntax::tree::Statement { kind: StatementKind::Query(query), ..*statement })
}

impl Session {
    /// Runs a statement that is not planned, with values for the parameters of what is planned within it.
    pub(crate) fn run_unplanned(
        &mut self,
        source: &Source,
        values: &[Value],
        parsed: &syntax::tree::Statement<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.arguments = Arguments {
            types: source.parameters.clone(),
            values: values.to_vec(),
            variables: None,
            named: None,
        };
        let done = self.run(&source.text, parsed, client);
        self.arguments = Arguments::default();
        done
    }

    pub(crate) fn run_prepare(
        &mut self,
        text: &str,
        prepare: &Prepare<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let name = prepare.name.text.to_owned();
        if self.prepared.get_mut().get(&name).is_ok() {
            return Err(SessionError::PreparedExists { name });
        }
        let scope = self.scope()?;
        let mut declared = Vec::with_capacity(prepare.types.len());
        for written in prepare.types {
            // Lengths and precisions of parameters do not count.
            declared.push(Some(Type::of(self.resolve_type(&scope, written)?.oid)));
        }
        let inner = slice(text, prepare.statement);
        let source = self.prepare_statement(inner, prepare.statement, declared)?;
        let preparation = Preparation { text: text.to_owned(), at: self.statement_time, from_sql: true };
        self.prepared.get_mut().insert(&name, source.with_fixed_columns(), preparation)?;
        client.complete("PREPARE");
        Ok(())
    }

    /// The type that is written.
    pub(crate) fn resolve_type(
        &self,
        scope: &catalog::Scope,
        written: &syntax::tree::TypeName<'_>,
    ) -> Result<Type, SessionError> {
        let text = self.text_settings();
        let literals = crate::world::literals::SessionLiterals { text: &text };
        let context = self.context(scope, &literals);
        Ok(bind::definition::resolve_type(context, written)?)
    }

    /// Binds a statement so far that its parameters have types.
    pub(crate) fn prepare_statement(
        &mut self,
        text: &str,
        statement: &syntax::tree::Statement<'_>,
        declared: Vec<Option<Type>>,
    ) -> Result<Source, SessionError> {
        // What is said to be of no known type is what its use makes of it.
        let known = |of: &Type| of.oid != oid::UNKNOWN;
        let declared: Vec<_> = declared.into_iter().map(|of| of.filter(known)).collect();
        let plans = is_planned(&statement.kind);
        if let StatementKind::Update(Update { condition, .. })
        | StatementKind::Delete(Delete { condition, .. }) = &statement.kind
            && matches!(condition, Some(Expression { kind: ExpressionKind::CurrentOf(_), .. }))
        {
            // Its plan would be of the row on which the cursor stands now.
            return Err(SessionError::NotSupported { feature: "WHERE CURRENT OF in a prepared statement" });
        }
        let arena = Bump::new();
        let (mut parameters, mut columns) = (Vec::new(), None);
        if plans {
            let scope = self.scope()?;
            let query = self.bind(&scope, statement, Parameters::Inferred(declared))?;
            columns = columns_of(&scope, statement, &query);
            parameters = query.parameters;
        } else if let Some(within) = planned_within(statement, &arena) {
            let scope = self.scope()?;
            parameters = self.bind(&scope, &within, Parameters::Inferred(declared))?.parameters;
        } else if let StatementKind::Call(call) = &statement.kind {
            let scope = self.scope()?;
            parameters = self.called(&scope, call, Parameters::Inferred(declared))?.parameters;
        }
        let ends_block = crate::statement::ends_block(&statement.kind);
        let (text, rules) = (text.to_owned(), self.settings.typed().strings);
        let normalised = OnceLock::new();
        Ok(Source { text, rules, parameters, plans, ends_block, columns, fixed: false, normalised })
    }

    pub(crate) fn run_execute(
        &mut self,
        execute: &Execute<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let named = self.prepared.get_mut().get(execute.name.text)?.clone();
        if !named.source.plans {
            let values = self.argument_values(execute.name.text, named.parameters(), execute)?;
            let arena = Bump::new();
            let statements = self.parse_again(&named.source, &arena)?;
            let [parsed] = statements else { return Err(SessionError::SeveralStatements) };
            return self.run_unplanned(&named.source, &values, parsed, client);
        }
        let (statement, mut planned, values) = self.executed(execute, Deciding::Whole)?;
        let done = self.run_planned(&mut planned, &values, client);
        self.prepared.get_mut().keep(&statement, planned);
        done
    }

    /// What `EXECUTE` runs, and the values of its parameters. Whoever is done with the plan puts it back.
    pub(crate) fn executed(
        &mut self,
        execute: &Execute<'_>,
        deciding: Deciding,
    ) -> Result<(Statement, Box<Planned>, Vec<Value>), SessionError> {
        let name = execute.name.text;
        let statement = self.prepared.get_mut().get(name)?.clone();
        let values = self.argument_values(name, statement.parameters(), execute)?;
        if !statement.source.plans {
            return Err(SessionError::NotSupported { feature: "EXECUTE of such a statement" });
        }
        self.begin_snapshot()?;
        let planned = self.make_ready_for(&statement, &values, deciding);
        let planned = planned.map_err(|error| SessionError::Prepared(Box::new(error)))?;
        Ok((statement, planned, values))
    }

    /// Takes out how a statement is done, planned anew if that does not hold any more, with its relations locked. The
    /// statement is one that is planned.
    pub(crate) fn make_ready(&mut self, statement: &Statement) -> Result<Box<Planned>, SessionError> {
        let planned = self.prepared.get_mut().take(statement)?;
        if let Some(mut planned) = planned
            && self.holds(&planned)?
        {
            let Ready { scope, plan, verb, locks, .. } = &planned.ready;
            // That the role may do so was seen when it was planned, by the same catalog.
            let standing = self.block.begun().map(|transaction| transaction.standing());
            if (standing.is_some() && planned.standing == standing) || self.lock(scope, locks)? {
                self.refuse_writing(*verb, &plan.relations)?;
                planned.standing = standing;
                return Ok(planned);
            }
            self.begin_snapshot()?;
        }
        self.plan_anew(&statement.source, None)
    }

    /// Whether nothing has changed of what a plan was made of.
    fn holds(&mut self, planned: &Planned) -> Result<bool, SessionError> {
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let catalog_is_the_same = if planned.standing == Some(transaction.standing()) {
            !self.catalog.get_mut().is_changed_by(transaction)
        } else {
            let version = self.catalog.get_mut().version(transaction);
            version.is_some() && version == planned.version
        };
        Ok(catalog_is_the_same
            && self.settings.typed().plan_cache_mode != PlanCacheMode::Custom
            && self.settings.is_as_at(&planned.settings)
            && self.role == planned.role)
    }

    /// Refuses a statement whose columns are no more what they were when it was prepared.
    pub(crate) fn refuse_other_columns(&mut self, source: &Source) -> Result<(), SessionError> {
        self.columns_now(source).map(drop)
    }

    /// The columns of what a statement that is planned yields, as it would be bound now.
    pub(crate) fn columns_now(
        &mut self,
        source: &Source,
    ) -> Result<Option<Arc<[ResultColumn]>>, SessionError> {
        let arena = Bump::new();
        let statements = self.parse_again(source, &arena)?;
        let [statement] = statements else { return Err(SessionError::SeveralStatements) };
        let scope = self.scope()?;
        let query = self.bind(&scope, statement, source.declared())?;
        let columns = columns_of(&scope, statement, &query);
        source.refuse_others(columns.as_deref().unwrap_or_default())?;
        Ok(columns.map(Arc::from))
    }

    /// Plans a statement, for all values or for some.
    pub(crate) fn plan_anew(
        &mut self,
        source: &Source,
        values: Option<&[Value]>,
    ) -> Result<Box<Planned>, SessionError> {
        let arena = Bump::new();
        let statements = self.parse_again(source, &arena)?;
        let [statement] = statements else { return Err(SessionError::SeveralStatements) };
        let ready = match values {
            None => self.ready(statement, source.declared())?,
            Some(values) => {
                check_kinds(values, &kinds_of(&source.parameters, &self.scope()?))?;
                self.ready_for(statement, source.declared(), values)?
            }
        };
        source.refuse_others(&ready.columns)?;
        let kinds = kinds_of(&source.parameters, &ready.scope);
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        let version = self.catalog.get_mut().version(transaction).filter(|_| !ready.once);
        let (settings, role) = (self.settings.mark(), self.role);
        let mut short = Short::of(&ready)?;
        if matches!(short, Short::No) && plan_passes_over_a_table(&ready.plan) {
            short = self.short_by_key(statement, source)?;
        }
        let standing = None;
        let (execution, for_values) = (None, values.is_some());
        Ok(Box::new(Planned {
            ready,
            kinds,
            short,
            execution,
            version,
            standing,
            settings,
            role,
            for_values,
        }))
    }

    /// What stands for operators if the statement can be done by one look at a key, although a small table is passed over as fast:
    /// that look needs no operators.
    fn short_by_key(
        &mut self,
        statement: &syntax::tree::Statement<'_>,
        source: &Source,
    ) -> Result<Short, SessionError> {
        let Some(ready) = self.preferring_keys(|session| session.ready(statement, source.declared())) else {
            return Ok(Short::No);
        };
        Ok(match Short::of(&ready?)? {
            short @ (Short::Point(_) | Short::Change(_)) => short,
            Short::No | Short::Few(_) => Short::No,
        })
    }

    /// Does something while planners look at no table from end to end where there is an index; none where settings say something
    /// of that themselves.
    fn preferring_keys<R>(&mut self, what: impl FnOnce(&mut Session) -> R) -> Option<R> {
        let known = self.planner_settings();
        if !known.enable_seqscan || !known.enable_indexscan {
            return None;
        }
        let preferring = PlannerSettings { enable_seqscan: false, enable_bitmapscan: false, ..known };
        let usual = self.planner.replace((Arc::clone(self.settings.shared()), preferring));
        let done = what(self);
        self.planner = usual;
        Some(done)
    }

    /// The values of `EXECUTE name (…)`.
    pub(crate) fn argument_values(
        &mut self,
        name: &str,
        types: &[Type],
        execute: &Execute<'_>,
    ) -> Result<Vec<Value>, SessionError> {
        // Whatever is given to a statement without parameters is not even looked at.
        if types.is_empty() {
            return Ok(Vec::new());
        }
        if execute.values.len() != types.len() {
            return Err(SessionError::ParameterCount {
                name: name.to_owned(),
                expected: types.len(),
                found: execute.values.len(),
            });
        }
        let scope = self.scope()?;
        let mut values = Vec::with_capacity(types.len());
        for (place, (written, of)) in execute.values.iter().zip(types).enumerate() {
            let bound =
                |context: bind::Context<'_>| bind::definition::argument(context, written, place + 1, *of);
            values.push(self.value_of(&scope, bound)?);
        }
        Ok(values)
    }

    pub(crate) fn run_deallocate(
        &mut self,
        name: Option<&str>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match name {
            Some(name) => {
                self.prepared.get_mut().get(name)?;
                self.prepared.get_mut().remove(name);
                client.complete("DEALLOCATE");
            }
            None => {
                self.prepared.get_mut().clear();
                client.complete("DEALLOCATE ALL");
            }
        }
        Ok(())
    }
}

/// The columns of the rows of a query that is bound, if it has rows.
fn columns_of(
    scope: &catalog::Scope,
    statement: &syntax::tree::Statement<'_>,
    query: &plan::logical::Query,
) -> Option<Vec<ResultColumn>> {
    let has_rows = Verb::of(&statement.kind) == Verb::Select || !query.output.is_empty();
    has_rows.then(|| query.output.iter().map(|column| ResultColumn::of(scope, column)).collect())
}

/// Of which kinds values of these types are.
fn kinds_of(types: &[Type], scope: &catalog::Scope) -> Vec<Option<Kind>> {
    let kind = |of: &Type| scope.entry(scope.undomained(*of).oid).and_then(|entry| entry.kind);
    types.iter().map(kind).collect()
}

/// The text of a statement within the text it was read from.
pub(crate) fn slice<'t>(text: &'t str, statement: &syntax::tree::Statement<'_>) -> &'t str {
    text.get(statement.start as usize..statement.end as usize).unwrap_or(text)
}
