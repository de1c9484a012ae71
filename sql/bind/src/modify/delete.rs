//! `DELETE`

use super::Change;
use crate::binder::Binder;
use crate::clause::Clause;
use crate::error::BindResult;
use crate::level::MadeRows;
use crate::query::{BoundQuery, filtered};
use catalog::object::Table;
use plan::logical::{Delete, Logical, ScanSource};
use std::sync::Arc;
use syntax::tree::modify;
use types::Type;
use types::catalog::oid;

impl Binder<'_> {
    pub(crate) fn delete(&mut self, delete: &modify::Delete<'_>) -> BindResult<BoundQuery> {
        self.with_tables(delete.with.as_ref(), |binder| {
            binder.changing(&delete.table.name, Change::Delete, |binder, table| {
                let (bound, _) = binder.within(|binder| binder.delete_from(table, delete))?;
                Ok(bound)
            })
        })
    }

    fn delete_from(&mut self, table: &Arc<Table>, delete: &modify::Delete<'_>) -> BindResult<BoundQuery> {
        let target = self.target_for(table, delete.table.only, false)?;
        let own = self.changed_name(table);
        let name = delete.alias.map_or(own.as_str(), |alias| alias.text);
        let (scanned, input) =
            self.changed_rows(table, name, (delete.alias.is_some(), delete.table.only), delete.using)?;
        let condition = self.clause(Clause::Where, |binder| match &delete.condition {
            Some(condition) => binder.condition(condition, "WHERE").map(Some),
            None => Ok(None),
        })?;
        let row_id = self.scan_column(scanned, ScanSource::RowId, Type::of(oid::INT8))?;
        let table_oid = self.member_column(scanned)?;
        let relation = self.relation();
        let item = self.row_item(table, name, relation)?;
        if let Some(first) = self.level().items.first_mut() {
            *first = item;
        }
        let (alone, scanned) = (table_oid.is_none(), Some(scanned));
        self.level().made = Some(MadeRows {
            table: table.oid,
            alone,
            scanned,
            deleted: true,
            relation,
            routed: false,
            updates: false,
        });
        let input = filtered(input, condition);
        let node = Delete { relation, target, input, row_id, table_oid };
        self.returning(delete.returning, Logical::Delete(Box::new(node)))
    }
}
