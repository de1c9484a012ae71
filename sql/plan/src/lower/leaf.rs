//! What has no input: values, tables, functions, tables of `WITH`.

use super::access::{Matched, first_key_place};
use super::bitmap::BitmapDraft;
use super::{Lowering, Planned, Wanted, columns_of_relation};
use crate::cost::{ROW_ID, Statistics, index_scan_cost, set_rows, table_scan_cost, type_width};
use crate::error::{PlanError, PlanResult};
use crate::expression::{Column, Expression, RelationId, SortKey};
use crate::facts::{Exclusion, IndexFacts, TableFacts};
use crate::logical::{CommonTableId, RangeName, Sample, Scan, ScanSource, TableFunction};
use crate::physical::{Estimate, IndexKey, IndexScan, KeyedColumn, Node, NodeKind, TableScan};
use crate::row_ids::RowIds;
use std::sync::Arc;
use types::Type;
use types::catalog::oid;

/// How a key of an index is ordered; `numbers` are those of the columns by their places.
fn index_key(key: &SortKey, numbers: &[u16]) -> IndexKey {
    let number = |column: Column| numbers.get(column.index as usize).copied();
    IndexKey {
        key_type: key.expression.result,
        column: key.expression.as_column().and_then(number),
        order: key.order.clone(),
        descending: key.descending,
        nulls_first: key.nulls_first,
    }
}

/// A way to the rows of a table.
enum Way {
    /// From end to end.
    Whole,
    /// By an index, and by how many of the wanted keys its rows are sorted if it is read backwards or not.
    Index(Matched, (usize, bool)),
    /// By row ids that indexes tell.
    Bitmap(BitmapDraft),
    /// By row ids that conditions tell, and what is left of the conditions.
    ById(RowIds, Vec<Expression>),
}

impl Lowering<'_> {
    pub(super) fn lower_values(
        &mut self,
        relation: RelationId,
        types: Vec<Type>,
        rows: Vec<Vec<Expression>>,
    ) -> PlanResult<Planned> {
        let rows = rows.into_iter().map(|row| self.over(row, &[])).collect::<PlanResult<Vec<_>>>()?;
        let layout = columns_of_relation(relation, types.len()).collect();
        Ok(Planned::new(self.node(NodeKind::Values { rows }, types), layout))
    }

    /// A table and the conditions of its rows, in a wanted order if some index makes that cheap.
    pub(super) fn lower_scan(
        &mut self,
        scan: Scan,
        conditions: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        if !scan.members.is_empty() {
            return self.lower_members(scan, conditions, wanted);
        }
        self.note(&scan);
        let all = self.facts.settings().constraint_exclusion == Exclusion::All;
        let known = if all { self.known_of(&conditions) } else { None };
        if known.is_some_and(|known| self.is_excluded(&scan, &known)) {
            let (layout, columns) = columns_of_scan(&scan);
            return Ok(Planned::new(self.node(NodeKind::Values { rows: Vec::new() }, columns), layout));
        }
        self.lower_rows(scan, conditions, wanted)
    }

    /// The rows of one table, of which some may fulfil the conditions.
    fn lower_rows(
        &mut self,
        scan: Scan,
        conditions: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let table = self.facts.table(scan.table);
        let settings = self.facts.settings();
        let out = self.share_of(&scan, &conditions);
        let width = self.scan_width(&scan);
        let mut best = table_scan_cost(settings, &table, conditions.len() as f64, out, width);
        let mut best_cost = wanted.cost(settings, best, 0, 1.0);
        let mut chosen = Way::Whole;
        let by_id = self.ways_by_id(&scan, &conditions, out, width);
        let needed = by_id.iter().any(|way| way.needed);
        if settings.optimise && !needed {
            let matches = self.matches(&scan, &conditions);
            let bitmap = self.best_bitmap(&scan, &conditions, &matches, width);
            let nearest = self.nearest(&scan, &conditions, &wanted.keys);
            for matched in matches.into_iter().chain(nearest) {
                let order = matched.order(&wanted.keys);
                let unbounded = !matched.bounding.contains(&true) && order.0 == 0 && matched.only.is_none();
                if unbounded || matched.is_for_bitmaps() {
                    continue;
                }
                let asked = self.index_cost(&scan, &matched, &conditions, &self.statistics);
                let estimate = index_scan_cost(settings, &table, &matched.index, asked, width);
                let groups = self.prefix_groups(wanted, order.0, estimate.rows);
                let cost = wanted.cost(settings, estimate, order.0, groups);
                if cost < best_cost {
                    (best, best_cost) = (estimate, cost);
                    chosen = Way::Index(matched, order);
                }
            }
            if let Some((draft, estimate)) = bitmap {
                let cost = wanted.cost(settings, estimate, 0, 1.0);
                if cost < best_cost {
                    (best, best_cost) = (estimate, cost);
                    chosen = Way::Bitmap(draft);
                }
            }
        }
        for way in by_id {
            let cost = wanted.cost(settings, way.estimate, 0, 1.0);
            if way.needed || !needed && cost < best_cost {
                (best, best_cost) = (way.estimate, cost);
                chosen = Way::ById(way.row_ids, way.rest);
            }
        }
        debug_assert!(best_cost >= 0.0 || best_cost.is_nan(), "a cost below nothing");
        // PostgreSQL takes it that conditions are asked twice as often as they are fulfilled.
        let around = self.executions.replace(2.0 * best.rows);
        let planned = self.go(scan, conditions, chosen, best);
        self.executions = around;
        planned
    }

    /// A scan the way that was chosen.
    fn go(
        &mut self,
        scan: Scan,
        conditions: Vec<Expression>,
        way: Way,
        estimate: Estimate,
    ) -> PlanResult<Planned> {
        let (layout, columns) = columns_of_scan(&scan);
        let (kind, presorted) = match way {
            Way::Whole => {
                let keyed = self.keyed_columns(&scan);
                let scan = self.table_scan(scan, conditions, &layout)?;
                (NodeKind::TableScan(TableScan { keyed, ..scan }), 0)
            }
            Way::ById(mut row_ids, rest) => {
                for test in row_ids.tests_mut() {
                    self.resolve(&mut test.value, &[])?;
                }
                let scan = self.table_scan(scan, rest, &layout)?;
                (NodeKind::TableScan(TableScan { row_ids: Some(row_ids), ..scan }), 0)
            }
            Way::Bitmap(draft) => {
                let scan = self.bitmap_scan(scan, draft, conditions)?;
                (NodeKind::BitmapScan(Box::new(scan)), 0)
            }
            Way::Index(matched, (presorted, backward)) => {
                let scan = self.index_scan(scan, matched, conditions, backward, &[])?;
                (NodeKind::IndexScan(scan), presorted)
            }
        };
        Ok(Planned { node: Node { kind, columns, unasked: Vec::new(), estimate }, layout, presorted })
    }

    /// Which part of a table's rows fulfils conditions. Where rows are hidden an estimate must not tell what a condition could not
    /// ask.
    fn share_of(&self, scan: &Scan, conditions: &[Expression]) -> f64 {
        let (told, untold): (Vec<&Expression>, Vec<&Expression>) = conditions
            .iter()
            .partition(|condition| !scan.guarded || crate::rewrite::is_leakproof(condition, self.facts));
        self.statistics.all(&told, self.facts) * Statistics::default().all(&untold, self.facts)
    }

    /// Remembers what a scan reads.
    pub(super) fn note(&mut self, scan: &Scan) {
        self.note_as(scan, &self.facts.table(scan.table));
    }

    /// Remembers what a scan reads as what is known of a table.
    pub(super) fn note_as(&mut self, scan: &Scan, table: &Arc<TableFacts>) {
        for (column, read) in columns_of_relation(scan.relation, scan.columns.len()).zip(&scan.columns) {
            match &read.source {
                ScanSource::Column { number, .. } => self.statistics.insert(column, table, *number),
                ScanSource::RowId => self.statistics.insert(column, table, ROW_ID),
                ScanSource::Writer | ScanSource::TableOid | ScanSource::WholeRow(_) => {}
            }
        }
    }

    /// Bytes of a row that a scan hands up.
    pub(super) fn scan_width(&self, scan: &Scan) -> u32 {
        let columns = columns_of_relation(scan.relation, scan.columns.len()).zip(&scan.columns);
        columns
            .map(|(column, read)| {
                self.statistics.width(column).unwrap_or_else(|| type_width(read.column_type))
            })
            .sum()
    }

    /// The columns of a scan that are the first key of an index in their order with all rows.
    fn keyed_columns(&self, scan: &Scan) -> Vec<KeyedColumn> {
        if !self.facts.settings().optimise || scan.sample.is_some() {
            return Vec::new();
        }
        let table = self.facts.table(scan.table);
        let all = |index: &&Arc<IndexFacts>| {
            index.index.predicate.is_none() && index.index.spread.is_empty() && !index.index.equality_only
        };
        let keyed = |index: &Arc<IndexFacts>| {
            let key = index.index.keys.first()?;
            let slot = first_key_place(scan, index)?;
            Some(KeyedColumn { slot, index_tree: index.index.tree, key: index_key(key, &index.columns) })
        };
        table.indexes.iter().filter(all).filter_map(keyed).collect()
    }

    pub(super) fn table_scan(
        &mut self,
        scan: Scan,
        conditions: Vec<Expression>,
        layout: &[Column],
    ) -> PlanResult<TableScan> {
        let filter = self.conditions_over(conditions, layout)?;
        let sample = scan.sample.map(|sample| self.sample(sample)).transpose()?;
        Ok(TableScan {
            relation: scan.relation,
            table: scan.table,
            tree: scan.tree,
            name: scan.name,
            alias: scan.alias,
            layout: scan.layout,
            columns: scan.columns,
            filter,
            sample,
            row_ids: None,
            keyed: Vec::new(),
        })
    }

    /// A scan by an index; its bounds are over the columns of `bounds`, or of rows around.
    pub(super) fn index_scan(
        &mut self,
        scan: Scan,
        matched: Matched,
        conditions: Vec<Expression>,
        backward: bool,
        bounds: &[Column],
    ) -> PlanResult<IndexScan> {
        let layout = columns_of_relation(scan.relation, scan.columns.len()).collect::<Vec<_>>();
        let mut exact = matched.exact.iter();
        let rest = conditions.into_iter().filter(|_| !exact.next().copied().unwrap_or(false)).collect();
        let mut ranges = matched.ranges;
        for range in &mut ranges {
            for value in range.equal.iter_mut().flatten().chain(&mut range.among) {
                self.resolve(value, bounds)?;
            }
            for (value, _) in range.low.iter_mut().chain(&mut range.high) {
                self.resolve(value, bounds)?;
            }
        }
        let mut searches = matched.searches;
        for value in searches.iter_mut().filter_map(|search| search.value.as_mut()) {
            self.resolve(value, bounds)?;
        }
        let mut nearest = matched.nearest;
        if let Some(nearest) = &mut nearest {
            nearest.by = self.over(std::mem::take(&mut nearest.by), &layout)?;
        }
        let asked = match scan.columns.is_empty() {
            // Of row ids alone whoever reads the rows says what was asked.
            true => Vec::new(),
            false => self.over(matched.asked, &layout)?,
        };
        let index = &matched.index.index;
        Ok(IndexScan {
            scan: self.table_scan(scan, rest, &layout)?,
            index: index.index,
            index_tree: index.tree,
            index_name: index.name.as_str().into(),
            keys: index.keys.iter().map(|key| index_key(key, &matched.index.columns)).collect(),
            include: matched.index.include_types.clone(),
            unique: index.unique && !index.deferrable,
            partial: index.predicate.is_some(),
            ranges,
            backward,
            index_only: matched.only,
            compared_from: matched.compared_from,
            searches,
            asked,
            nearest,
        })
    }

    fn sample(&mut self, mut sample: Sample) -> PlanResult<Sample> {
        self.resolve(&mut sample.percentage, &[])?;
        if let Some(seed) = &mut sample.seed {
            self.resolve(seed, &[])?;
        }
        Ok(sample)
    }

    /// What a relation goes by in the statement; `name` if nobody has said.
    pub(super) fn called(&self, relation: RelationId, name: &Arc<str>) -> RangeName {
        let unsaid = || RangeName { alias: name.clone(), columns: Vec::new(), barrier: false };
        self.names.get(&relation).cloned().unwrap_or_else(unsaid)
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
        let called = self.called(relation, &name);
        let kind = NodeKind::SystemScan { table, name, called, columns, filter: Vec::new() };
        Planned::new(self.node(kind, types), layout)
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
        let name = functions.first().map_or_else(|| "".into(), |function| function.name.clone());
        let called = self.called(relation, &name);
        let rows = functions.iter().map(|function| set_rows(self.facts, &function.call));
        let (rows, calls) = (rows.fold(1.0, f64::max), functions.len() as f64);
        let kind = NodeKind::FunctionScan { functions, ordinality, called, filter: Vec::new() };
        let mut node = self.node(kind, types);
        let settings = self.facts.settings();
        node.estimate.rows = rows;
        node.estimate.startup_cost = calls * settings.cpu_operator_cost;
        node.estimate.total_cost = node.estimate.startup_cost + rows * settings.cpu_tuple_cost;
        Ok(Planned::new(node, layout))
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
            let called = self.called(relation, &common.name);
            let kind = NodeKind::CommonTableScan { table: table.0, name: common.name.clone(), called };
            return Ok(Planned::new(self.node(kind, types), layout));
        }
        let (query, columns) = (common.query.clone(), common.columns.clone());
        let planned = self.lower(query)?;
        let node = self.project_to(planned, &columns)?.node;
        Ok(Planned::new(node, layout))
    }
}

/// The columns of a scan, and their types.
pub(super) fn columns_of_scan(scan: &Scan) -> (Vec<Column>, Vec<Type>) {
    let columns: Vec<Type> = scan.columns.iter().map(|column| column.column_type).collect();
    (columns_of_relation(scan.relation, columns.len()).collect(), columns)
}
