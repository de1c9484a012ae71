//! What is shown of scans, and of whatever else has no input.

use super::deparse::Slot;
use super::entry::Entry;
use super::nodes::Builder;
use crate::expression::{Expression, ExpressionKind};
use crate::logical::{RangeName, ScanColumn, ScanSource, TableFunction};
use crate::physical::{Bitmap, BitmapScan, Estimate, IndexScan, KeyRange, Node, NodeKind, TableScan};
use crate::row_ids::{RowIdTest, RowIds};
use types::Type;
use types::catalog::oid;

impl Builder<'_> {
    fn scan_title(&mut self, entry: &mut Entry, what: &str, scan: &TableScan) -> String {
        let alias = self.unique(&scan.alias);
        let schema = self.options.verbose.then(|| self.deparser.facts.schema_name(scan.table));
        let name = match &schema {
            Some(schema) => format!("{schema}.{}", scan.name),
            None => scan.name.to_string(),
        };
        entry.title = if alias == *scan.name {
            format!("{what} on {name}")
        } else {
            format!("{what} on {name} {alias}")
        };
        entry.facts.push(("Relation Name", scan.name.to_string()));
        entry.facts.extend(schema.map(|schema| ("Schema", schema.to_string())));
        entry.facts.push(("Alias", alias.clone()));
        alias
    }

    fn scan_slots(&self, alias: &str, columns: &[ScanColumn]) -> Vec<Slot> {
        let names = columns.iter().map(|column| match &column.source {
            ScanSource::Column { name, .. } => name.to_string(),
            ScanSource::RowId => "ctid".to_owned(),
            ScanSource::Writer => "xmin".to_owned(),
            ScanSource::TableOid => "tableoid".to_owned(),
            ScanSource::WholeRow(_) => "*".to_owned(),
        });
        let mut slots = self.columns(alias, names);
        // A whole row is always said with its table.
        for slot in slots.iter_mut().filter(|slot| slot.bare == "*") {
            slot.bare = format!("{alias}.*");
            slot.text.clone_from(&slot.bare);
        }
        slots
    }

    fn filter_property(&mut self, entry: &mut Entry, filter: &[Expression], slots: &[Slot]) {
        self.beside(filter.iter(), slots, entry);
        if !filter.is_empty() {
            entry.text("Filter", self.all(filter, &self.local(slots)));
        }
    }

    /// `what on name alias`, and the alias.
    fn title(
        &mut self,
        entry: &mut Entry,
        what: &str,
        (table, name): (Option<u32>, &str),
        called: &str,
    ) -> String {
        let alias = self.unique(called);
        let schema =
            table.filter(|_| self.options.verbose).map(|table| self.deparser.facts.schema_name(table));
        let whole = schema.map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"));
        entry.title =
            if alias == name { format!("{what} on {whole}") } else { format!("{what} on {whole} {alias}") };
        entry.facts.push(("Alias", alias.clone()));
        alias
    }

    fn function_scan(
        &mut self,
        node: &Node,
        functions: &[TableFunction],
        called: &RangeName,
        filter: &[Expression],
    ) -> (Entry, Vec<Slot>) {
        let mut entry = Entry::new("Function Scan", node.estimate);
        // Of several functions none names the scan.
        let name = match functions {
            [only] if matches!(only.call.kind, ExpressionKind::Call(_)) => only.name.to_string(),
            _ => called.alias.to_string(),
        };
        let whole = match functions {
            [TableFunction { call: Expression { kind: ExpressionKind::Call(call), .. }, .. }]
                if self.options.verbose =>
            {
                format!("{}.{name}", self.deparser.facts.function_schema(call.function))
            }
            _ => name.clone(),
        };
        let alias = self.unique(&called.alias);
        entry.title = match alias == name {
            true => format!("Function Scan on {whole}"),
            false => format!("Function Scan on {whole} {alias}"),
        };
        if name != *called.alias || functions.len() == 1 {
            entry.facts.push(("Function Name", name));
        }
        entry.facts.push(("Alias", alias.clone()));
        let slots = self.columns(&alias, (0..node.columns.len()).map(|place| column_name(called, place)));
        self.beside(functions.iter().map(|function| &function.call), &[], &mut entry);
        if self.options.verbose {
            let calls = functions.iter().map(|function| self.deparser.text(&function.call, &[]));
            let calls = calls.collect::<Vec<_>>().join(", ");
            entry.text("Function Call", calls);
        }
        self.filter_property(&mut entry, filter, &slots);
        (entry, slots)
    }

    pub(super) fn leaf(&mut self, node: &Node) -> (Entry, Vec<Slot>) {
        match &node.kind {
            NodeKind::TableScan(scan) => self.table_scan(scan),
            NodeKind::IndexScan(scan) => self.index_scan(scan, &[]),
            NodeKind::BitmapScan(scan) => self.bitmap_scan(scan),
            NodeKind::SystemScan { table, name, called, columns, filter } => {
                let mut entry = Entry::new("Seq Scan", node.estimate);
                let alias = self.title(&mut entry, "Seq Scan", (Some(*table), name), &called.alias);
                entry.facts.insert(0, ("Relation Name", name.to_string()));
                let name = |number: &u16| match usize::from(*number).checked_sub(1) {
                    Some(place) => column_name(called, place),
                    None => "tableoid".to_owned(),
                };
                let names = columns.iter().map(name);
                let slots = self.columns(&alias, names.collect::<Vec<_>>());
                self.filter_property(&mut entry, filter, &slots);
                (entry, slots)
            }
            NodeKind::FunctionScan { functions, called, filter, .. } => {
                self.function_scan(node, functions, called, filter)
            }
            NodeKind::CommonTableScan { name, called, .. } => {
                let mut entry = Entry::new("CTE Scan", node.estimate);
                let alias = self.title(&mut entry, "CTE Scan", (None, name), &called.alias);
                entry.facts.insert(0, ("CTE Name", name.to_string()));
                let names = (0..node.columns.len()).map(|place| column_name(called, place));
                (entry, self.columns(&alias, names))
            }
            NodeKind::WorkTableScan { called, .. } => {
                let mut entry = Entry::new("WorkTable Scan", node.estimate);
                let alias = self.title(&mut entry, "WorkTable Scan", (None, &called.alias), &called.alias);
                let names = (0..node.columns.len()).map(|place| column_name(called, place));
                (entry, self.columns(&alias, names))
            }
            NodeKind::GivenScan { name, called } => {
                let mut entry = Entry::new("Named Tuplestore Scan", node.estimate);
                let alias = self.title(&mut entry, "Named Tuplestore Scan", (None, name), &called.alias);
                let names = (0..node.columns.len()).map(|place| column_name(called, place));
                (entry, self.columns(&alias, names))
            }
            NodeKind::Values { rows } => self.values(node, rows),
            _ => (Entry::new("Result", node.estimate), Vec::new()),
        }
    }

    fn values(&mut self, node: &Node, rows: &[Vec<Expression>]) -> (Entry, Vec<Slot>) {
        match rows {
            [only] => {
                let mut entry = Entry::new("Result", node.estimate);
                self.beside(only.iter(), &[], &mut entry);
                (entry, only.iter().map(|expression| self.slot(expression, &[])).collect())
            }
            [] => {
                let mut entry = Entry::new("Result", node.estimate);
                entry.text("One-Time Filter", "false");
                let null = |of: &types::Type| format!("NULL::{}", self.deparser.facts.type_name(*of));
                (entry, node.columns.iter().map(|of| self.computed(&[], |_| null(of))).collect())
            }
            rows => {
                let mut entry = Entry::new("Values Scan", node.estimate);
                self.beside(rows.iter().flatten(), &[], &mut entry);
                let alias = format!("\"{}\"", self.unique("*VALUES*"));
                entry.title = format!("Values Scan on {alias}");
                entry.facts.push(("Alias", alias.trim_matches('"').to_owned()));
                let names = (1..=node.columns.len()).map(|place| format!("column{place}"));
                let slots = self.columns(&alias, names);
                (entry, slots)
            }
        }
    }

    fn table_scan(&mut self, scan: &TableScan) -> (Entry, Vec<Slot>) {
        let what = match (&scan.row_ids, &scan.sample) {
            (Some(RowIds::Named(_)), _) => "Tid Scan",
            (Some(RowIds::Between(_)), _) => "Tid Range Scan",
            (None, Some(_)) => "Sample Scan",
            (None, None) => "Seq Scan",
        };
        let mut entry = Entry::new(what, Estimate::default());
        let alias = self.scan_title(&mut entry, what, scan);
        let slots = self.scan_slots(&alias, &scan.columns);
        if let Some(sample) = &scan.sample {
            let method = if sample.by_rows { "bernoulli" } else { "system" };
            let percentage = self.deparser.text(&sample.percentage, &[]);
            let seed = sample.seed.as_ref().map(|seed| self.deparser.text(seed, &[]));
            let seed = seed.map_or_else(String::new, |seed| format!(" REPEATABLE ({seed})"));
            entry.text("Sampling", format!("{method} ({percentage}){seed}"));
        }
        if let Some(row_ids) = &scan.row_ids {
            entry.text("TID Cond", self.row_id_condition(row_ids, &alias));
            self.beside(row_ids.tests().iter().map(|test| &test.value), &[], &mut entry);
        }
        self.filter_property(&mut entry, &scan.filter, &slots);
        (entry, slots)
    }

    fn row_id_condition(&self, row_ids: &RowIds, alias: &str) -> String {
        let id = if self.options.verbose { format!("{alias}.ctid") } else { "ctid".to_owned() };
        let text = |test: &RowIdTest| {
            if let Some(cursor) = &test.cursor {
                return format!("CURRENT OF {cursor}");
            }
            let of = Type::of(oid::TID);
            let value = self.deparser.text(&test.value, &[]);
            let operator = if test.turned { test.operator.flipped() } else { test.operator };
            let sign = self.deparser.facts.comparison_of(operator, of, of).map(|known| known.1);
            let sign = sign.unwrap_or_else(|| "=".into());
            match (test.any, test.turned) {
                (true, _) => format!("({id} {sign} ANY ({value}))"),
                (false, true) => format!("({value} {sign} {id})"),
                (false, false) => format!("({id} {sign} {value})"),
            }
        };
        let texts: Vec<String> = row_ids.tests().iter().map(text).collect();
        match (texts.as_slice(), row_ids) {
            ([only], _) => only.clone(),
            (several, RowIds::Named(_)) => format!("({})", several.join(" OR ")),
            (several, RowIds::Between(_)) => format!("({})", several.join(" AND ")),
        }
    }

    /// A scan by an index; its bounds are over `bounds`.
    pub(super) fn index_scan(&mut self, index: &IndexScan, bounds: &[Slot]) -> (Entry, Vec<Slot>) {
        let what = if index.index_only.is_some() { "Index Only Scan" } else { "Index Scan" };
        let mut entry = Entry::new(what, Estimate::default());
        let backward = if index.backward { " Backward" } else { "" };
        let direction = if index.backward { "Backward" } else { "Forward" };
        entry.facts.push(("Scan Direction", direction.to_owned()));
        entry.facts.push(("Index Name", index.index_name.to_string()));
        let title = format!("{what}{backward} using {}", index.index_name);
        let alias = self.scan_title(&mut entry, &title, &index.scan);
        let slots = self.scan_slots(&alias, &index.scan.columns);
        let condition = self.index_condition(index, &alias, &slots, bounds);
        if !condition.is_empty() {
            entry.text("Index Cond", condition);
        }
        if let Some(nearest) = &index.nearest {
            entry.text("Order By", self.all(&nearest.by, &self.local(&slots)));
        }
        let mut inside = Vec::new();
        index.for_each_bound(&mut |bound| inside.push(bound));
        self.beside(inside.into_iter(), bounds, &mut entry);
        self.filter_property(&mut entry, &index.scan.filter, &slots);
        if index.index_only.is_some() && self.actual.is_some() {
            // Whether a row is visible is told by the index itself.
            entry.count("Heap Fetches", 0);
        }
        (entry, slots)
    }

    fn bitmap_scan(&mut self, bitmap: &BitmapScan) -> (Entry, Vec<Slot>) {
        let mut entry = Entry::new("Bitmap Heap Scan", Estimate::default());
        let alias = self.scan_title(&mut entry, "Bitmap Heap Scan", &bitmap.scan);
        let slots = self.scan_slots(&alias, &bitmap.scan.columns);
        if !bitmap.fulfilled.is_empty() {
            entry.text("Recheck Cond", self.all(&bitmap.fulfilled, &self.local(&slots)));
        }
        self.filter_property(&mut entry, &bitmap.scan.filter, &slots);
        let ids = self.bitmap(&bitmap.bitmap, &alias, &slots, &mut entry);
        entry.inputs.push(ids);
        (entry, slots)
    }

    fn bitmap(&mut self, bitmap: &Bitmap, alias: &str, slots: &[Slot], beside: &mut Entry) -> Entry {
        let (name, parts, estimate) = match bitmap {
            Bitmap::Index(index, estimate) => {
                let mut entry = Entry::new("Bitmap Index Scan", *estimate);
                entry.title = format!("Bitmap Index Scan on {}", index.index_name);
                entry.facts.push(("Index Name", index.index_name.to_string()));
                let condition = self.index_condition(index, alias, slots, &[]);
                if !condition.is_empty() {
                    entry.text("Index Cond", condition);
                }
                let mut inside = Vec::new();
                index.for_each_bound(&mut |bound| inside.push(bound));
                self.beside(inside.into_iter(), &[], beside);
                return entry;
            }
            Bitmap::And(parts, estimate) => ("BitmapAnd", parts, estimate),
            Bitmap::Or(parts, estimate) => ("BitmapOr", parts, estimate),
        };
        let mut entry = Entry::new(name, *estimate);
        for part in parts {
            let part = self.bitmap(part, alias, slots, beside);
            entry.inputs.push(part);
        }
        entry
    }

    fn index_condition(&self, index: &IndexScan, alias: &str, slots: &[Slot], bounds: &[Slot]) -> String {
        if !index.searches.is_empty() {
            return self.all(&index.asked, &self.local(slots));
        }
        let table = self.deparser.facts.table(index.scan.table);
        let known = table.indexes.iter().find(|known| known.index.index == index.index);
        let key = |place: usize| {
            let name = known.and_then(|known| known.index.key_names.get(place)).cloned();
            let name = name.unwrap_or_else(|| format!("key{}", place + 1));
            if self.options.verbose && !name.contains('(') { format!("{alias}.{name}") } else { name }
        };
        let value = |value: &Expression| self.deparser.side(value, bounds);
        let of_range = |range: &KeyRange| of_range(range, &key, &value);
        if let (Some(from), Some(range)) = (index.compared_from, index.ranges.first())
            && let (Some((last, included)), _) | (None, Some((last, included))) = (&range.low, &range.high)
        {
            let from = (from as usize).min(range.equal.len());
            let before = of_range(&KeyRange { equal: range.equal[..from].to_vec(), ..KeyRange::all() });
            let values = range.equal[from..].iter().flatten().chain([last]).map(value).collect::<Vec<_>>();
            let keys = (from..from + values.len()).map(key).collect::<Vec<_>>();
            let equal = if *included { "=" } else { "" };
            let word = if range.low.is_some() { ">" } else { "<" };
            let whole = |of: &[String]| match of {
                [only] => only.clone(),
                several => format!("ROW({})", several.join(", ")),
            };
            let compared = format!("({} {word}{equal} {})", whole(&keys), whole(&values));
            let parts = before.into_iter().chain([compared]).collect::<Vec<_>>();
            return if parts.len() > 1 { format!("({})", parts.join(" AND ")) } else { parts.concat() };
        }
        let ranges = index.ranges.iter().map(of_range).collect::<Vec<_>>();
        match ranges.as_slice() {
            [] => "false".to_owned(),
            [only] if only.len() > 1 => format!("({})", only.join(" AND ")),
            [only] => only.concat(),
            [first, ..] => {
                let last = index.ranges[0].equal.len().saturating_sub(1);
                let values: Vec<&Expression> =
                    index.ranges.iter().filter_map(|range| range.equal.get(last)?.as_ref()).collect();
                let texts: Vec<String> = values.iter().map(|known| value(known)).collect();
                let mut parts = first[..last.min(first.len())].to_vec();
                let list = if values.iter().all(|value| value.as_constant().is_some()) {
                    let of = index.keys.get(last).map(|key| self.deparser.facts.type_name(key.key_type));
                    format!("'{{{}}}'::{}[]", texts.join(","), of.unwrap_or_default())
                } else {
                    format!("ARRAY[{}]", texts.join(", "))
                };
                parts.push(format!("({} = ANY ({list}))", key(last)));
                if parts.len() > 1 { format!("({})", parts.join(" AND ")) } else { parts.concat() }
            }
        }
    }
}

/// What a range says of the keys, one condition after the other.
fn of_range(
    range: &KeyRange,
    key: &dyn Fn(usize) -> String,
    value: &dyn Fn(&Expression) -> String,
) -> Vec<String> {
    let mut parts = Vec::new();
    for (place, equal) in range.equal.iter().enumerate() {
        parts.push(match equal {
            Some(equal) => format!("({} = {})", key(place), value(equal)),
            None => format!("({} IS NULL)", key(place)),
        });
    }
    let next = range.equal.len();
    if let Some(among) = &range.among {
        parts.push(format!("({} = ANY ({}))", key(next), value(among)));
    }
    if range.not_null {
        parts.push(format!("({} IS NOT NULL)", key(next)));
    }
    if let Some((low, included)) = &range.low {
        parts.push(format!("({} {} {})", key(next), if *included { ">=" } else { ">" }, value(low)));
    }
    if let Some((high, included)) = &range.high {
        parts.push(format!("({} {} {})", key(next), if *included { "<=" } else { "<" }, value(high)));
    }
    if !range.nulls && !range.not_null && range.low.is_none() && range.high.is_none() {
        parts.push(format!("({} IS NOT NULL)", key(next)));
    }
    parts
}

/// The name of a column by its place.
fn column_name(called: &RangeName, place: usize) -> String {
    called.columns.get(place).map_or_else(|| format!("column{}", place + 1), ToString::to_string)
}
