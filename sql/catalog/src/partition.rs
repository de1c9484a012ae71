//! How tables are partitioned, as text: keys, bounds, the conditions that rows of a partition fulfil.

use crate::left_out::as_written;
use crate::name::quote_identifier;
use crate::object::{
    Datum, IndexedValue, PartitionBound, PartitionColumn, PartitionKey, PartitionStrategy, RangeEdge, Table,
};
use crate::snapshot::Scope;
use types::array::ArrayBuilder;
use types::catalog::{oid, type_name};
use types::text::{TextSettings, output};
use types::value::{Item, Value};
use types::{Type, Types};

/// How several values that a key may have are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lists {
    /// One by one, as bounds are shown.
    Spelled,
    /// As a constant, as expressions are kept that nothing has to be computed of.
    Constant,
}

impl Scope {
    /// What a table is partitioned by: `RANGE (a, lower(b))`.
    pub fn partition_key_text(&self, table: &Table) -> Option<String> {
        let key = table.inheritance.key.as_ref()?;
        let columns: Vec<String> = key
            .columns
            .iter()
            .map(|column| {
                let mut text = self.partition_column_text(table, column, true);
                let own = match &column.value {
                    IndexedValue::Column(place) => {
                        table.columns.get(usize::from(*place)).map_or(0, |column| column.collation)
                    }
                    IndexedValue::Expression(_) => self.type_collation(column.type_oid),
                };
                if column.collation != 0 && column.collation != own {
                    let name = self.collation_name(column.collation).unwrap_or_default();
                    text.push_str(&format!(" COLLATE {name}"));
                }
                if let Some(class) = column.class {
                    text.push_str(&format!(" {}", self.operator_class_text(class)));
                }
                text
            })
            .collect();
        Some(format!("{} ({})", key.strategy.word(), columns.join(", ")))
    }

    /// A part of a key: a column, a call, or another expression, within a list in parentheses of its own.
    fn partition_column_text(&self, table: &Table, column: &PartitionColumn, listed: bool) -> String {
        match &column.value {
            IndexedValue::Column(place) => quote_identifier(self.column_name(table.oid, *place)),
            IndexedValue::Expression(text) if listed && !crate::definition::is_call(text) => {
                format!("({})", as_written(text))
            }
            IndexedValue::Expression(text) => as_written(text).into_owned(),
        }
    }

    /// Which rows of its parent a partition has: `FOR VALUES IN (1, 2)`.
    pub fn partition_bound_text(&self, table: &Table) -> Option<String> {
        let bound = table.inheritance.bound.as_ref()?;
        let key = self.parent_key(table).map(|(_, key)| key);
        let of = |place: usize| {
            key.and_then(|key| key.columns.get(place))
                .map_or(Type::of(oid::TEXT), PartitionColumn::column_type)
        };
        Some(match bound {
            PartitionBound::Default => "DEFAULT".to_owned(),
            PartitionBound::List(values) => {
                let values: Vec<String> = values.iter().map(|value| self.bound_value(of(0), value)).collect();
                format!("FOR VALUES IN ({})", values.join(", "))
            }
            PartitionBound::Range(from, to) => {
                let edges = |edges: &[RangeEdge]| self.edges_text(edges, &of);
                format!("FOR VALUES FROM ({}) TO ({})", edges(from), edges(to))
            }
            PartitionBound::Hash { modulus, remainder } => {
                format!("FOR VALUES WITH (modulus {modulus}, remainder {remainder})")
            }
        })
    }

    fn parent_key(&self, table: &Table) -> Option<(&std::sync::Arc<Table>, &PartitionKey)> {
        let parent = self.table(table.partition_of()?)?;
        Some((parent, parent.inheritance.key.as_ref()?))
    }

    /// The values of an edge of a range, as messages and definitions write them.
    pub fn edges_text(&self, edges: &[RangeEdge], of: &dyn Fn(usize) -> Type) -> String {
        let texts = edges.iter().enumerate().map(|(place, edge)| match edge {
            RangeEdge::Least => "MINVALUE".to_owned(),
            RangeEdge::Greatest => "MAXVALUE".to_owned(),
            RangeEdge::Value(value) => self.bound_value(of(place), value),
        });
        texts.collect::<Vec<_>>().join(", ")
    }

    /// A value as a literal without a type.
    fn bound_value(&self, of: Type, value: &Datum) -> String {
        if value.0.is_null() {
            return "NULL".to_owned();
        }
        let mut text = String::new();
        // What cannot be written stays empty: it was read from a text by the same type.
        let _ = output(self, of, &Item::from(&value.0), &TextSettings::default(), &mut text);
        let digits = text.starts_with(|first: char| first.is_ascii_digit());
        match of.oid {
            oid::BOOL => if text == "t" { "true" } else { "false" }.to_owned(),
            oid::INT4 if digits => text,
            oid::NUMERIC if digits && text.contains(['.', 'e', 'E']) => text,
            _ => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// A value as a constant of its type.
    fn typed_value(&self, of: Type, value: &Datum) -> String {
        let text = self.bound_value(of, value);
        let plain = of.oid == oid::BOOL || !text.starts_with('\'') && !value.0.is_null();
        if plain { text } else { format!("{text}::{}", type_name(self, of.oid, None)) }
    }

    /// The condition that a partition's rows fulfil, those of its parent's among it; none if they fulfil any.
    pub fn partition_constraint_text(&self, table: &Table) -> Option<String> {
        self.partition_condition(table, Lists::Spelled)
    }

    /// The same as a check of a table that has been one; none, too, where it has none: what a hash divides is told by the number
    /// of the table that it was a partition of.
    pub fn partition_check_text(&self, table: &Table) -> Option<String> {
        let (_, key) = self.parent_key(table)?;
        match key.strategy {
            PartitionStrategy::Hash => None,
            PartitionStrategy::List | PartitionStrategy::Range => {
                self.partition_condition(table, Lists::Constant)
            }
        }
    }

    fn partition_condition(&self, table: &Table, lists: Lists) -> Option<String> {
        let own = self.own_condition(table, lists);
        let parent = self.table(table.partition_of()?)?;
        let above = self.partition_terms(parent, lists);
        let terms: Vec<String> = above.into_iter().chain(own).collect();
        match terms.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several => Some(format!("({})", several.join(" AND "))),
        }
    }

    fn partition_terms(&self, table: &Table, lists: Lists) -> Vec<String> {
        let above = table.partition_of().and_then(|parent| self.table(parent));
        let mut terms = above.map_or_else(Vec::new, |parent| self.partition_terms(parent, lists));
        terms.extend(self.own_condition(table, lists));
        terms
    }

    /// What the bound alone says, as terms that all must be true.
    fn own_condition(&self, table: &Table, lists: Lists) -> Vec<String> {
        let (Some((parent, key)), Some(bound)) = (self.parent_key(table), &table.inheritance.bound) else {
            return Vec::new();
        };
        match bound {
            PartitionBound::Default => {
                let mut siblings: Vec<&std::sync::Arc<Table>> = self
                    .children_of(parent.oid)
                    .filter(|child| child.inheritance.bound != Some(PartitionBound::Default))
                    .collect();
                siblings.sort_by_key(|child| child.oid);
                self.default_condition(parent, key, &siblings, lists)
            }
            PartitionBound::List(values) => self.list_terms(parent, key, values, lists),
            PartitionBound::Range(from, to) => self.range_condition(parent, key, (from, to), true),
            PartitionBound::Hash { modulus, remainder } => {
                let keys: Vec<String> =
                    key.columns.iter().map(|it| self.partition_column_text(parent, it, false)).collect();
                let keys = keys.join(", ");
                vec![format!(
                    "satisfies_hash_partition('{}'::oid, {modulus}, {remainder}, {keys})",
                    parent.oid
                )]
            }
        }
    }

    fn default_condition(
        &self,
        parent: &Table,
        key: &PartitionKey,
        siblings: &[&std::sync::Arc<Table>],
        lists: Lists,
    ) -> Vec<String> {
        if siblings.is_empty() {
            return Vec::new();
        }
        if key.strategy == PartitionStrategy::List {
            let mut values: Vec<Datum> = Vec::new();
            for sibling in siblings {
                if let Some(PartitionBound::List(own)) = &sibling.inheritance.bound {
                    values.extend(own.iter().cloned());
                }
            }
            return vec![format!("(NOT {})", self.list_condition(parent, key, &values, lists))];
        }
        let mut parts = Vec::with_capacity(siblings.len());
        for sibling in siblings {
            let Some(PartitionBound::Range(from, to)) = &sibling.inheritance.bound else { continue };
            let terms = self.range_condition(parent, key, (from, to), false);
            parts.push(match terms.as_slice() {
                [] => "true".to_owned(),
                [only] => only.clone(),
                several => format!("({})", several.join(" AND ")),
            });
        }
        let mut inside: Vec<String> = key.columns.iter().map(|it| self.not_null_text(parent, it)).collect();
        inside.push(match parts.as_slice() {
            [only] => only.clone(),
            several => format!("({})", several.join(" OR ")),
        });
        vec![format!("(NOT ({}))", inside.join(" AND "))]
    }

    fn operand(&self, parent: &Table, column: &PartitionColumn) -> String {
        let text = self.partition_column_text(parent, column, false);
        let simple = matches!(column.value, IndexedValue::Column(_))
            || crate::definition::is_call(&text)
            || text.starts_with('(') && text.ends_with(')');
        if simple { text } else { format!("({text})") }
    }

    fn not_null_text(&self, parent: &Table, column: &PartitionColumn) -> String {
        format!("({} IS NOT NULL)", self.operand(parent, column))
    }

    fn list_condition(&self, parent: &Table, key: &PartitionKey, values: &[Datum], lists: Lists) -> String {
        match self.list_terms(parent, key, values, lists).as_slice() {
            [only] => only.clone(),
            several => format!("({})", several.join(" AND ")),
        }
    }

    /// The same as terms that all must be true.
    fn list_terms(&self, parent: &Table, key: &PartitionKey, values: &[Datum], lists: Lists) -> Vec<String> {
        let Some(column) = key.columns.first() else { return vec!["true".to_owned()] };
        let (operand, of) = (self.operand(parent, column), column.column_type());
        let has_null = values.iter().any(|value| value.0.is_null());
        let known: Vec<String> = values
            .iter()
            .filter(|value| !value.0.is_null())
            .map(|value| self.typed_value(of, value))
            .collect();
        let equal = match (known.as_slice(), lists) {
            ([], _) => None,
            ([only], Lists::Constant) if of.oid == oid::BOOL => {
                Some(if only == "true" { operand.clone() } else { format!("(NOT {operand})") })
            }
            ([only], _) => Some(format!("({operand} = {only})")),
            (several, Lists::Spelled) => Some(format!("({operand} = ANY (ARRAY[{}]))", several.join(", "))),
            (several, Lists::Constant) => {
                let array = self.array_constant(of, values);
                let array = array.unwrap_or_else(|| format!("ARRAY[{}]", several.join(", ")));
                Some(format!("({operand} = ANY ({array}))"))
            }
        };
        match (equal, has_null) {
            (Some(equal), true) => vec![format!("(({operand} IS NULL) OR {equal})")],
            (Some(equal), false) => vec![format!("({operand} IS NOT NULL)"), equal],
            (None, _) => vec![format!("({operand} IS NULL)")],
        }
    }

    /// Values that are not null as one constant, if there is an array of their type.
    fn array_constant(&self, of: Type, values: &[Datum]) -> Option<String> {
        let known = || values.iter().map(|value| &value.0).filter(|value| !value.is_null());
        let array = self.entry(of.oid)?.array;
        let mut builder = ArrayBuilder::new(of.oid, known().next()?.kind()?);
        known().for_each(|value| builder.push(&Item::from(value)));
        let array = (array != 0).then(|| Type::of(array))?;
        Some(self.typed_value(array, &Datum(Value::Bytes(builder.finish_list().into()))))
    }

    /// `not_null` says whether keys must not be null, too.
    fn range_condition(
        &self,
        parent: &Table,
        key: &PartitionKey,
        (from, to): (&[RangeEdge], &[RangeEdge]),
        not_null: bool,
    ) -> Vec<String> {
        let mut terms = Vec::new();
        if not_null {
            terms.extend(key.columns.iter().map(|column| self.not_null_text(parent, column)));
        }
        let mut place = 0;
        // As long as both edges say the same, it is a value.
        while let (Some(RangeEdge::Value(low)), Some(RangeEdge::Value(high))) =
            (from.get(place), to.get(place))
        {
            if low != high || place + 1 == key.columns.len() {
                break;
            }
            let column = &key.columns[place];
            let value = self.typed_value(column.column_type(), low);
            terms.push(format!("({} = {value})", self.operand(parent, column)));
            place += 1;
        }
        terms.extend(self.edge_condition(parent, key, from, place, (">", ">=")));
        terms.extend(self.edge_condition(parent, key, to, place, ("<", "<")));
        terms
    }

    /// That a row lies on one side of an edge, from its key at `first` on.
    fn edge_condition(
        &self,
        parent: &Table,
        key: &PartitionKey,
        edge: &[RangeEdge],
        first: usize,
        (strict, last): (&str, &str),
    ) -> Option<String> {
        let mut alternatives = Vec::new();
        for end in first..edge.len() {
            let RangeEdge::Value(_) = &edge[end] else { break };
            let is_last = end + 1 == edge.len();
            // What follows a value and is beyond all says that the value itself belongs to it.
            let beyond = match edge.get(end + 1) {
                Some(RangeEdge::Least) => strict == ">",
                Some(RangeEdge::Greatest) => strict == "<",
                Some(RangeEdge::Value(_)) | None => false,
            };
            let operator = match (is_last, beyond) {
                (true, _) => last.to_owned(),
                (false, true) => format!("{strict}="),
                (false, false) => strict.to_owned(),
            };
            let mut parts = Vec::new();
            for (place, (column, value)) in key.columns.iter().zip(edge).enumerate().take(end + 1).skip(first)
            {
                let RangeEdge::Value(value) = value else { continue };
                let value = self.typed_value(column.column_type(), value);
                let operator = if place == end { operator.as_str() } else { "=" };
                parts.push(format!("({} {operator} {value})", self.operand(parent, column)));
            }
            alternatives.push(if parts.len() == 1 {
                parts.concat()
            } else {
                format!("({})", parts.join(" AND "))
            });
            if beyond {
                break;
            }
        }
        match alternatives.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several => Some(format!("({})", several.join(" OR "))),
        }
    }
}
