//! What has no input: values, tables, functions, tables of `WITH`.

use super::{Lowering, Planned, columns_of_relation};
use crate::error::{PlanError, PlanResult};
use crate::expression::{Expression, RelationId};
use crate::logical::{CommonTableId, Sample, Scan, TableFunction};
use crate::physical::{NodeKind, TableScan};
use std::sync::Arc;
use types::Type;
use types::catalog::oid;

impl Lowering<'_> {
    pub(super) fn lower_values(
        &mut self,
        relation: RelationId,
        types: Vec<Type>,
        rows: Vec<Vec<Expression>>,
    ) -> PlanResult<Planned> {
        let rows = rows.into_iter().map(|row| self.over(row, &[])).collect::<PlanResult<Vec<_>>>()?;
        let layout = columns_of_relation(relation, types.len()).collect();
        Ok(Planned { node: self.node(NodeKind::Values { rows }, types), layout })
    }

    pub(super) fn lower_scan(&mut self, scan: Scan, conditions: Vec<Expression>) -> PlanResult<Planned> {
        let columns = scan.columns.iter().map(|column| column.column_type).collect::<Vec<_>>();
        let layout = columns_of_relation(scan.relation, columns.len()).collect::<Vec<_>>();
        self.scans.insert(scan.relation, scan.columns.clone());
        let filter = self.over(conditions, &layout)?;
        let sample = scan.sample.map(|sample| self.sample(sample)).transpose()?;
        let kind = NodeKind::TableScan(TableScan {
            table: scan.table,
            tree: scan.tree,
            name: scan.name,
            alias: scan.alias,
            layout: scan.layout,
            columns: scan.columns,
            filter,
            sample,
            row_id: None,
        });
        Ok(Planned { node: self.node(kind, columns), layout })
    }

    fn sample(&mut self, mut sample: Sample) -> PlanResult<Sample> {
        self.resolve(&mut sample.percentage, &[])?;
        if let Some(seed) = &mut sample.seed {
            self.resolve(seed, &[])?;
        }
        Ok(sample)
    }

    pub(super) fn lower_system_scan(
        &mut self,
        relation: RelationId,
        table: u32,
        name: Arc<str>,
        columns: Vec<(u16, Type)>,
    ) -> Planned {
        let layout = columns_of_relation(relation, columns.len()).collect();
        let (columns, types) = columns.into_iter().unzip();
        let kind = NodeKind::SystemScan { table, name, columns, filter: Vec::new() };
        Planned { node: self.node(kind, types), layout }
    }

    pub(super) fn lower_functions(
        &mut self,
        relation: RelationId,
        mut functions: Vec<TableFunction>,
        ordinality: bool,
    ) -> PlanResult<Planned> {
        for function in &mut functions {
            self.resolve(&mut function.call, &[])?;
        }
        let mut types =
            functions.iter().flat_map(|function| function.types.iter().copied()).collect::<Vec<_>>();
        if ordinality {
            types.push(Type::of(oid::INT8));
        }
        let layout = columns_of_relation(relation, types.len()).collect();
        let kind = NodeKind::FunctionScan { functions, ordinality, filter: Vec::new() };
        Ok(Planned { node: self.node(kind, types), layout })
    }

    pub(super) fn lower_common_table(
        &mut self,
        relation: RelationId,
        table: CommonTableId,
        types: Vec<Type>,
    ) -> PlanResult<Planned> {
        let unknown = PlanError::UnknownCommonTable(table.0);
        let common = self.common_tables.get(table.0 as usize).ok_or(unknown)?;
        let layout = columns_of_relation(relation, types.len()).collect::<Vec<_>>();
        if !common.correlated {
            let kind = NodeKind::CommonTableScan { table: table.0, name: common.name.clone() };
            return Ok(Planned { node: self.node(kind, types), layout });
        }
        let (query, columns) = (common.query.clone(), common.columns.clone());
        let planned = self.lower(query)?;
        let node = self.project_to(planned, &columns)?.node;
        Ok(Planned { node, layout })
    }
}
