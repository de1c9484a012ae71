//! `EXPLAIN`, and `EXPLAIN ANALYZE`, which runs the statement with operators that are watched.

use crate::client::{Client, ResultColumn, SharedClient};
use crate::definition::made_table::Made;
use crate::definition::select_into::as_made_table;
use crate::error::SessionError;
use crate::labels::TIMER;
use crate::prepared::plan_choice::Deciding;
use crate::query::{Operators, Ready};
use crate::session::Session;
use crate::words::{is_on, word};
use bumpalo::Bump;
use execute::{Execution, Watching};
use plan::explain::{Actual, ExplainFormat, ExplainOptions, Found, ReadInputs, explain};
use plan::physical::{NodeKind, Plan};
use std::sync::Arc;
use std::time::Duration;
use syntax::tree::Statement;
use syntax::tree::option::Definition;
use syntax::tree::session::Explain;
use syntax::tree::statement::StatementKind;
use syntax::tree::table::CreateTableAs;
use types::catalog::{BuiltinTypes, oid};
use types::{Type, Value};

/// What is asked for.
struct Asked {
    shown: ExplainOptions,
    analyze: bool,
    /// Whether settings are told.
    settings: bool,
    /// Whether times of planning and execution are told.
    summary: bool,
    /// What is looked at while the statement is planned and run.
    watching: Watching,
}

impl Session {
    pub(crate) fn run_explain(
        &mut self,
        statement: &Explain<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let mut asked = asked(statement.options)?;
        if asked.settings {
            asked.shown.settings = Some(self.settings.explained());
        }
        if asked.shown.buffers {
            asked.watching.pages = Some(Arc::new(self.store.watch_pages()));
        }
        self.begin_snapshot()?;
        let arena = Bump::new();
        let within = as_made_table(statement.statement, &arena);
        let is_text = asked.shown.format == ExplainFormat::Text;
        let format = asked.shown.format;
        let lines = match &within.kind {
            StatementKind::CreateTableAs(create) => self.explain_made_table(create, asked, client)?,
            StatementKind::RefreshView(_) if is_text => {
                vec!["Utility statements have no plan structure".to_owned()]
            }
            _ => self.explain_planned(&within, asked, client)?,
        };
        let rows: Vec<Vec<Option<String>>> = match is_text || lines.is_empty() {
            true => lines.into_iter().map(|line| vec![Some(line)]).collect(),
            false => vec![vec![Some(lines.join("\n"))]],
        };
        self.send_texts(&[column(format)], &rows, client)?;
        client.complete("EXPLAIN");
        Ok(())
    }

    fn milliseconds(&self, since: Duration) -> f64 {
        self.engine.env.monotonic(&TIMER).saturating_sub(since).as_secs_f64() * 1000.0
    }

    fn explain_planned(
        &mut self,
        statement: &Statement<'_>,
        mut asked: Asked,
        client: &mut dyn Client,
    ) -> Result<Vec<String>, SessionError> {
        let began = self.engine.env.monotonic(&TIMER);
        let (ready, values) = self.explained(statement, asked.analyze)?;
        execute::refuse_published(&ready.plan)?;
        asked.shown.planning_buffers = asked.watching.buffers();
        if asked.summary {
            asked.shown.planning_time = Some(self.milliseconds(began));
        }
        let mut actual: Vec<Actual> = Vec::new();
        if asked.analyze {
            let began = self.engine.env.monotonic(&TIMER);
            let watched = Operators::Watched { watching: asked.watching.clone(), actual: &mut actual };
            let shared = SharedClient::new(client);
            self.each_chunk(&ready, watched, (&values, Some(&shared)), &mut |_, _| Ok(()))?;
            if asked.summary {
                asked.shown.execution_time = Some(self.milliseconds(began));
            }
        }
        let read = self.read_inputs(&ready, &values)?;
        let Ready { scope, plan, .. } = &ready;
        let own = Found { actual: asked.analyze.then_some(actual.as_slice()), read: &read };
        let nothing = ReadInputs::new();
        let beside = Found { actual: None, read: &nothing };
        let before = plan.before.iter().map(|step| (&**step, beside));
        let after = plan.after.iter().map(|step| (&**step, beside));
        let all: Vec<_> = before.chain(std::iter::once((&**plan, own))).chain(after).collect();
        self.with_facts(scope, |facts| explain(&all, facts, &asked.shown))
    }

    /// `EXPLAIN CREATE TABLE … AS`: the plan of the query. With `ANALYZE` the table is made; nothing is told if it had been there.
    fn explain_made_table(
        &mut self,
        create: &CreateTableAs<'_>,
        mut asked: Asked,
        client: &mut dyn Client,
    ) -> Result<Vec<String>, SessionError> {
        let began = self.engine.env.monotonic(&TIMER);
        let mut filled: Option<(Ready, Vec<Actual>, ReadInputs)> = None;
        let mut times = (0.0, 0.0);
        if asked.analyze {
            if self.block.characteristics().read_only {
                return Err(SessionError::ReadOnly { statement: "CREATE TABLE AS" });
            }
            let (watching, planned) = (asked.watching.clone(), &mut asked.shown.planning_buffers);
            let made =
                self.make_table_as(create, client, &mut |session, name, query, arguments, teller| {
                    let ready = session.ready_to_fill(name, query, arguments.parameters())?;
                    times.0 = session.milliseconds(began);
                    *planned = watching.buffers();
                    let began = session.engine.env.monotonic(&TIMER);
                    let mut actual = Vec::new();
                    let watched = Operators::Watched { watching: watching.clone(), actual: &mut actual };
                    let values = (&arguments.values[..], Some(teller));
                    let rows = session.each_chunk(&ready, watched, values, &mut |_, _| Ok(()))?;
                    times.1 = session.milliseconds(began);
                    let read = session.read_inputs(&ready, &arguments.values)?;
                    filled = Some((ready, actual, read));
                    Ok(rows)
                })?;
            if matches!(made, Made::Nothing) {
                return Ok(Vec::new());
            }
        }
        let (scope, plan, actual, read) = match filled {
            Some((ready, actual, read)) => {
                let (plan, actual, read) = brought(&ready.plan, actual, read);
                (ready.scope, plan, actual, read)
            }
            // Its rows are not wanted: no operator has been run.
            None => {
                let arena = Bump::new();
                let (query, arguments) = self.source_of_table(create, &arena)?;
                let query = Statement { kind: StatementKind::Query(query), start: 0, end: 0 };
                self.explains = !asked.analyze;
                let ready = self.ready(&query, arguments.parameters());
                self.explains = false;
                let ready = ready?;
                times.0 = self.milliseconds(began);
                asked.shown.planning_buffers = asked.watching.buffers();
                let read = self.read_inputs(&ready, &arguments.values)?;
                (ready.scope, ready.plan, Vec::new(), read)
            }
        };
        if asked.summary {
            asked.shown.planning_time = Some(times.0);
            asked.shown.execution_time = asked.analyze.then_some(times.1);
        }
        let found = Found { actual: asked.analyze.then_some(actual.as_slice()), read: &read };
        self.with_facts(&scope, |facts| explain(&[(&*plan, found)], facts, &asked.shown))
    }

    /// Which inputs of a plan's operators are read, as far as that is known when it begins.
    fn read_inputs(&mut self, ready: &Ready, values: &[Value]) -> Result<ReadInputs, SessionError> {
        if !execute::prunes_at_start(&ready.plan) {
            return Ok(ReadInputs::new());
        }
        let text = self.kept_text_settings();
        let (transaction, mut parts) = self.split(&text)?;
        let plan = ready.plan.clone();
        let found = parts.within(&ready.scope, transaction, values, |world| {
            Execution::new(plan, world)?.read_at_start(world)
        });
        let notices = std::mem::take(&mut parts.notices);
        self.notices.extend(notices);
        Ok(found?)
    }

    /// The plan of a statement that is explained, and the values of its parameters.
    fn explained(
        &mut self,
        statement: &Statement<'_>,
        analyze: bool,
    ) -> Result<(Ready, Vec<Value>), SessionError> {
        let query = match &statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_) => *statement,
            StatementKind::DeclareCursor(declare) => {
                Statement { kind: StatementKind::Query(declare.query), ..*statement }
            }
            StatementKind::Execute(execute) => {
                let (statement, planned, values) = self.executed(execute, Deciding::Costs)?;
                let ready = planned.ready.clone();
                self.prepared.get_mut().keep(&statement, planned);
                return Ok((ready, values));
            }
            _ => return Err(SessionError::NotSupported { feature: "EXPLAIN of such a statement" }),
        };
        self.explains = !analyze;
        let ready = self.ready(&query, self.arguments.parameters());
        self.explains = false;
        Ok((ready?, self.arguments.values.clone()))
    }
}

/// The plan of the rows that an `INSERT` brings, with what is known of its operators.
fn brought(
    plan: &Arc<Plan>,
    mut actual: Vec<Actual>,
    read: ReadInputs,
) -> (Arc<Plan>, Vec<Actual>, ReadInputs) {
    let NodeKind::Insert { input, .. } = &plan.root.kind else { return (plan.clone(), actual, read) };
    // It is the first operator of its plan.
    if !actual.is_empty() {
        actual.remove(0);
    }
    let read = read.into_iter().filter_map(|(number, read)| Some((number.checked_sub(1)?, read))).collect();
    // Nor is the table that is made one of the query's.
    let ranges = plan.ranges.saturating_sub(1);
    let plan = Plan { root: (**input).clone(), ranges, ..(**plan).clone() };
    (Arc::new(plan), actual, read)
}

/// The one column of what is told.
pub(crate) fn columns_of(statement: &Explain<'_>) -> Result<Vec<ResultColumn>, SessionError> {
    Ok(vec![column(asked(statement.options)?.shown.format)])
}

/// There is no type for XML: that is text.
fn column(format: ExplainFormat) -> ResultColumn {
    let of = match format {
        ExplainFormat::Json => oid::JSON,
        ExplainFormat::Text | ExplainFormat::Yaml | ExplainFormat::Xml => oid::TEXT,
    };
    ResultColumn::new(&BuiltinTypes, "QUERY PLAN", Type::of(of))
}

fn asked(options: &[Definition<'_>]) -> Result<Asked, SessionError> {
    let mut shown = ExplainOptions { costs: true, ..ExplainOptions::default() };
    let (mut analyze, mut timing, mut summary) = (false, None, None);
    let (mut wal, mut settings) = (false, false);
    for option in options {
        let name = option.name.text;
        if name == "format" {
            shown.format = format(option)?;
            continue;
        }
        match name {
            "analyze" => analyze = is_on(option)?,
            "costs" => shown.costs = is_on(option)?,
            "verbose" => shown.verbose = is_on(option)?,
            "timing" => timing = Some(is_on(option)?),
            "summary" => summary = Some(is_on(option)?),
            "wal" => wal = is_on(option)?,
            "buffers" => shown.buffers = is_on(option)?,
            "settings" => settings = is_on(option)?,
            name => {
                let position = option.name.position;
                return Err(SessionError::ExplainOption { name: name.to_owned(), position });
            }
        }
    }
    match (wal, analyze) {
        (true, false) => return Err(SessionError::ExplainNeedsAnalyze { option: "WAL" }),
        (true, true) => return Err(SessionError::NotSupported { feature: "EXPLAIN (WAL)" }),
        (false, _) => {}
    }
    if timing == Some(true) && !analyze {
        return Err(SessionError::ExplainNeedsAnalyze { option: "TIMING" });
    }
    shown.timing = timing.unwrap_or(analyze);
    let watching = Watching { timing: shown.timing, pages: None };
    Ok(Asked { shown, analyze, settings, summary: summary.unwrap_or(analyze), watching })
}

fn format(option: &Definition<'_>) -> Result<ExplainFormat, SessionError> {
    match word(option) {
        Some("json") => Ok(ExplainFormat::Json),
        Some("text") => Ok(ExplainFormat::Text),
        Some("xml") => Ok(ExplainFormat::Xml),
        Some("yaml") => Ok(ExplainFormat::Yaml),
        Some(value) => {
            let (value, position) = (value.to_owned(), option.name.position);
            Err(SessionError::ExplainFormat { value, position })
        }
        None => Err(SessionError::OptionNeedsValue { name: option.name.text.to_owned() }),
    }
}
