//! `EXPLAIN`, and `EXPLAIN ANALYZE`, which runs the statement with operators that are watched.

use crate::client::{Client, ResultColumn, SharedClient};
use crate::error::SessionError;
use crate::labels::TIMER;
use crate::plan_choice::Deciding;
use crate::query::{Operators, Ready};
use crate::select_into::as_made_table;
use crate::session::Session;
use crate::words::{is_on, word};
use bumpalo::Bump;
use execute::Execution;
use plan::explain::{Actual, ExplainFormat, ExplainOptions, Found, ReadInputs, explain};
use syntax::tree::Statement;
use syntax::tree::option::Definition;
use syntax::tree::session::Explain;
use syntax::tree::statement::StatementKind;
use syntax::tree::table::TableSource;
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
        self.begin_snapshot()?;
        let began = self.engine.env.monotonic(&TIMER);
        let (ready, values) = self.explained(statement.statement, asked.analyze)?;
        let milliseconds = |session: &Session, since| {
            session.engine.env.monotonic(&TIMER).saturating_sub(since).as_secs_f64() * 1000.0
        };
        execute::refuse_published(&ready.plan)?;
        if asked.summary {
            asked.shown.planning_time = Some(milliseconds(self, began));
        }
        let mut actual: Vec<Actual> = Vec::new();
        if asked.analyze {
            let began = self.engine.env.monotonic(&TIMER);
            let watched = Operators::Watched { timing: asked.shown.timing, actual: &mut actual };
            let shared = SharedClient::new(client);
            self.each_chunk(&ready, watched, (&values, Some(&shared)), &mut |_, _| Ok(()))?;
            if asked.summary {
                asked.shown.execution_time = Some(milliseconds(self, began));
            }
        }
        let read = self.read_inputs(&ready, &values)?;
        let Ready { scope, plan, .. } = &ready;
        let is_text = asked.shown.format == ExplainFormat::Text;
        let own = Found { actual: asked.analyze.then_some(actual.as_slice()), read: &read };
        let nothing = ReadInputs::new();
        let beside = Found { actual: None, read: &nothing };
        let before = plan.before.iter().map(|step| (&**step, beside));
        let after = plan.after.iter().map(|step| (&**step, beside));
        let all: Vec<_> = before.chain(std::iter::once((&**plan, own))).chain(after).collect();
        let lines = self.with_facts(scope, |facts| explain(&all, facts, &asked.shown))?;
        let rows: Vec<Vec<Option<String>>> = if is_text {
            lines.into_iter().map(|line| vec![Some(line)]).collect()
        } else {
            vec![vec![Some(lines.join("\n"))]]
        };
        self.send_texts(&[column(asked.shown.format)], &rows, client)?;
        client.complete("EXPLAIN");
        Ok(())
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
        let arena = Bump::new();
        let statement = &as_made_table(statement, &arena);
        let query = match &statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_) => *statement,
            StatementKind::DeclareCursor(declare) => {
                Statement { kind: StatementKind::Query(declare.query), ..*statement }
            }
            StatementKind::CreateTableAs(create) if !analyze => {
                let TableSource::Query(query) = create.source else {
                    return Err(SessionError::NotSupported { feature: "EXPLAIN CREATE TABLE AS EXECUTE" });
                };
                Statement { kind: StatementKind::Query(query), ..*statement }
            }
            StatementKind::Execute(execute) => {
                let (statement, planned, values) = self.executed(execute, Deciding::Costs)?;
                let ready = planned.ready.clone();
                self.prepared.get_mut().keep(&statement, planned);
                return Ok((ready, values));
            }
            StatementKind::CreateTableAs(_) => {
                return Err(SessionError::NotSupported { feature: "EXPLAIN ANALYZE CREATE TABLE AS" });
            }
            _ => return Err(SessionError::NotSupported { feature: "EXPLAIN of such a statement" }),
        };
        self.explains = !analyze;
        let ready = self.ready(&query, self.arguments.parameters());
        self.explains = false;
        Ok((ready?, self.arguments.values.clone()))
    }
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
    let (mut wal, mut settings, mut buffers) = (false, false, false);
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
            "buffers" => buffers = is_on(option)?,
            "settings" => settings = is_on(option)?,
            name => {
                let position = option.name.position;
                return Err(SessionError::ExplainOption { name: name.to_owned(), position });
            }
        }
    }
    // A plan that is not run reads no page, and a text says nothing of that.
    if buffers && (analyze || shown.format != ExplainFormat::Text) {
        return Err(SessionError::NotSupported { feature: "EXPLAIN (BUFFERS)" });
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
    Ok(Asked { shown, analyze, settings, summary: summary.unwrap_or(analyze) })
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
