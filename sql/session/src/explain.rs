//! `EXPLAIN`

use crate::client::{Client, ClientGone, ResultColumn};
use crate::error::SessionError;
use crate::session::Session;
use bind::Parameters;
use syntax::tree::session::Explain;
use syntax::tree::statement::StatementKind;
use types::Type;
use types::catalog::oid;

impl Session {
    pub(crate) fn run_explain(
        &mut self,
        explain: &Explain<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let mut analyze = false;
        let mut costs = true;
        for option in explain.options {
            let on = crate::words::is_on(option)?;
            match option.name.text {
                "analyze" => analyze = on,
                "costs" => costs = on,
                "timing" | "summary" | "buffers" | "wal" | "settings" | "verbose" => {}
                "format" => {}
                name => {
                    return Err(SessionError::ExplainOption {
                        name: name.to_owned(),
                        position: option.name.position,
                    });
                }
            }
        }
        match &explain.statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_) => {}
            _ => return Err(SessionError::NotSupported { feature: "EXPLAIN of such a statement" }),
        }
        self.begin_snapshot()?;
        let ready = self.ready(explain.statement, Parameters::None)?;
        if analyze {
            self.each_chunk(&ready, &[], &mut |_| Ok::<(), ClientGone>(()))?;
        }
        let lines = ready.plan.to_string();
        let _ = costs;
        let column =
            ResultColumn { name: "QUERY PLAN".into(), column_type: Type::of(oid::TEXT), origin: None };
        let rows: Vec<Vec<Option<String>>> = lines.lines().map(|line| vec![Some(line.to_owned())]).collect();
        self.send_texts(&[column], &rows, client)?;
        client.complete("EXPLAIN");
        Ok(())
    }
}
