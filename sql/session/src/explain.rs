//! `EXPLAIN`

use crate::client::{Client, ResultColumn};
use crate::error::SessionError;
use crate::session::Session;
use crate::words::{is_on, word};
use bind::Parameters;
use plan::explain::{ExplainOptions, explain};
use syntax::tree::session::Explain;
use syntax::tree::statement::StatementKind;
use types::Type;
use types::catalog::oid;

impl Session {
    pub(crate) fn run_explain(
        &mut self,
        statement: &Explain<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let options = options(statement)?;
        match &statement.statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_) => {}
            _ => return Err(SessionError::NotSupported { feature: "EXPLAIN of such a statement" }),
        }
        self.begin_snapshot()?;
        let ready = self.ready(statement.statement, Parameters::None)?;
        let scope = ready.scope.clone();
        let lines = self.with_facts(&scope, |facts| explain(&ready.plan, facts, &options, None))?;
        let (name, of) = ("QUERY PLAN".to_owned(), if options.json { oid::JSON } else { oid::TEXT });
        let column = ResultColumn { name, column_type: Type::of(of), origin: None };
        let rows: Vec<Vec<Option<String>>> = if options.json {
            vec![vec![Some(lines.join("\n"))]]
        } else {
            lines.into_iter().map(|line| vec![Some(line)]).collect()
        };
        self.send_texts(&[column], &rows, client)?;
        client.complete("EXPLAIN");
        Ok(())
    }
}

/// Whether it is asked for as JSON.
pub(crate) fn is_json(statement: &Explain<'_>) -> Result<bool, SessionError> {
    Ok(options(statement)?.json)
}

fn options(statement: &Explain<'_>) -> Result<ExplainOptions, SessionError> {
    let mut options = ExplainOptions { costs: true, ..ExplainOptions::default() };
    for option in statement.options {
        let name = option.name.text;
        if name == "format" {
            options.json = match word(option) {
                Some("json") => true,
                Some("text") => false,
                _ => return Err(SessionError::NotSupported { feature: "EXPLAIN in this format" }),
            };
            continue;
        }
        let on = is_on(option)?;
        match name {
            "costs" => options.costs = on,
            "verbose" => options.verbose = on,
            "timing" => options.timing = on,
            "analyze" | "summary" | "buffers" | "wal" | "settings" if !on => {}
            "analyze" => return Err(SessionError::NotSupported { feature: "EXPLAIN ANALYZE" }),
            "summary" | "buffers" | "wal" | "settings" => {
                return Err(SessionError::NotSupported { feature: "this option of EXPLAIN" });
            }
            name => {
                let position = option.name.position;
                return Err(SessionError::ExplainOption { name: name.to_owned(), position });
            }
        }
    }
    Ok(options)
}
