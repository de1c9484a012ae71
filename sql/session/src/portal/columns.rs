//! The columns of what a statement yields that is taken in steps: they are told before it is run.

use crate::client::ResultColumn;
use crate::error::SessionError;
use crate::prepared::plan_choice::Deciding;
use crate::prepared::{Short, Source, Statement};
use crate::query::Ready;
use crate::query::call::columns_of_call;
use crate::session::Session;
use bumpalo::Bump;
use std::sync::Arc;
use syntax::tree::session::Show;
use syntax::tree::statement::StatementKind;
use types::Value;

impl Session {
    /// The columns of what a statement yields, and how it is done if it is a query or a change of rows, in short too.
    #[allow(clippy::type_complexity)] // three answers of one look
    pub(super) fn columns_of(
        &mut self,
        statement: &Statement,
        values: &[Value],
    ) -> Result<(Option<Arc<[ResultColumn]>>, Option<Ready>, Short), SessionError> {
        if !statement.source.plans {
            return Ok((self.utility_columns(&statement.source)?.map(Arc::from), None, Short::No));
        }
        let planned = self.make_ready_for(statement, values, Deciding::Costs)?;
        planned.check_kinds(values)?;
        let (ready, short) = (planned.ready.clone(), planned.short.clone());
        self.prepared.get_mut().keep(statement, planned);
        Ok((ready.has_rows().then(|| ready.columns.clone()), Some(ready), short))
    }

    /// The columns of a cursor, or of a portal by its name.
    fn cursor_columns(&self, name: &str) -> Option<Vec<ResultColumn>> {
        let of_portal = || self.portals.by_name.get(name)?.columns.as_deref().map(<[ResultColumn]>::to_vec);
        self.cursors.borrow().columns(name).or_else(of_portal)
    }

    /// The columns of a statement that is no query and yields rows all the same.
    pub(super) fn utility_columns(
        &mut self,
        source: &Source,
    ) -> Result<Option<Vec<ResultColumn>>, SessionError> {
        let arena = Bump::new();
        let statements = self.parse_again(source, &arena)?;
        let Some(statement) = statements.first() else { return Ok(None) };
        match &statement.kind {
            StatementKind::Explain(explain) => crate::query::explain::columns_of(explain).map(Some),
            StatementKind::Show(Show::Variable(name)) => {
                let name = name.to_string();
                let shown = crate::settings::find(&name).map_or(name.as_str(), |setting| setting.name);
                Ok(Some(vec![ResultColumn::text(shown)]))
            }
            StatementKind::Show(Show::All) => {
                Ok(Some(["name", "setting", "description"].map(ResultColumn::text).to_vec()))
            }
            StatementKind::Call(call) => {
                let scope = self.scope()?;
                let called = self.called(&scope, call, source.declared())?;
                Ok(columns_of_call(&scope, &called))
            }
            StatementKind::Fetch(fetch) if !fetch.only_move => Ok(self.cursor_columns(fetch.cursor.text)),
            StatementKind::Execute(execute) => {
                Ok(self.prepared.get_mut().get(execute.name.text)?.source.columns.clone())
            }
            _ => Ok(None),
        }
    }
}
