//! `DELETE`

use super::Change;
use super::rule_tree::columns_as_found;
use crate::binder::Binder;
use crate::error::BindResult;
use crate::level::MadeRows;
use crate::query::{BoundQuery, filtered};
use crate::shape::ChangeHow;
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
        let only = self.changed_only(delete.table.only);
        let target = self.target_for(table, only, false)?;
        let called = self.target_called(table, delete.alias.as_ref());
        let (scanned, input) = self.changed_rows(table, &called, only, delete.using)?;
        let target_shape = self.target_shape(table, delete.alias, delete.table.only);
        let condition = self.where_of(delete.condition.as_ref())?;
        let row_id = self.scan_column(scanned, ScanSource::RowId, Type::of(oid::INT8))?;
        let table_oid = self.member_column(scanned)?;
        let relation = self.relation();
        let item = self.row_item(table, &called, relation)?;
        if let Some(first) = self.level().items.first_mut() {
            *first = item;
        }
        let found = columns_as_found(table, scanned);
        self.level().made = Some(MadeRows {
            table: table.oid,
            alone: table_oid.is_none(),
            scanned: Some(scanned),
            deleted: true,
            relation,
            routed: false,
            updates: false,
            row_ids: false,
        });
        let how = ChangeHow::Delete;
        let shape = self.change_shape(target_shape, how, relation, condition.as_ref());
        let input = filtered(input, condition);
        let input = self.without_negated(table, input, Some(&found), None)?;
        let found = if target.is_view { found } else { Vec::new() };
        let node = Delete { relation, target, input, row_id, table_oid, found };
        let mut bound = self.returning(delete.returning, Logical::Delete(Box::new(node)), shape)?;
        self.ask_policies_of_delete(table, scanned, &mut bound.logical)?;
        Ok(bound)
    }
}
