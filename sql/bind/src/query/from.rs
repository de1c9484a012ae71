//! `FROM`: tables, views, common tables, subqueries, and what they are called.

use super::{BoundQuery, QueryColumn};
use crate::binder::{Binder, Described, Parameters, unsupported};
use crate::clause::Clause;
use crate::deparse::column_numbers;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemColumn, ItemKind};
use crate::names::item_columns;
use crate::parse::parsed_query;
use crate::shape::{EntryShape, EntrySource, FromShape};
use catalog::object::{Sequence, Table, View};
use catalog::{GivenTable, Relation as Found, SystemTable};
use functions::table::CastContext;
use plan::expression::{Column, Expression, RelationId};
use plan::logical::{JoinKind, Logical, SYSTEM_TABLE_OID, Sample, Scan, ScanColumn, ScanSource};
use std::sync::Arc;
use syntax::tree::select::{self, Alias, Relation, TableExpression};
use syntax::tree::{Name, Query};
use types::Type;
use types::catalog::oid;

/// The most relations that a statement may have.
const RELATIONS_MAX: usize = 65_000;

/// What a sequence shows of itself when it is read as a table.
pub(crate) const SEQUENCE_COLUMNS: [(&str, u32); 3] =
    [("last_value", oid::INT8), ("log_cnt", oid::INT8), ("is_called", oid::BOOL)];

/// What an entry of `FROM` brings.
pub(crate) struct FromEntry {
    pub logical: Logical,
    pub items: Vec<Item>,
    /// Whether it may use columns of entries before it.
    pub lateral: bool,
    /// How it was written, if that is wanted.
    pub shape: Option<FromShape>,
}

impl<'c> Binder<'c> {
    /// All of `FROM`; its items are in the level afterwards.
    pub fn all_of_from(&mut self, from: &[TableExpression<'_>]) -> BindResult<Logical> {
        let mut joined: Option<Logical> = None;
        for entry in from {
            let entry = self.entry_of_from(entry)?;
            let before = self.level().items.len();
            self.add_items(entry.items, before)?;
            if let Some(shape) = entry.shape {
                self.level().from.push(shape);
            }
            joined = Some(match joined {
                None => entry.logical,
                Some(left) => {
                    super::join::joined(JoinKind::Inner, left, entry.logical, Vec::new(), entry.lateral)
                }
            });
        }
        for item in &mut self.level().items {
            (item.lateral_only, item.lateral_ok) = (false, true);
        }
        match joined {
            Some(joined) => Ok(joined),
            None => {
                let relation = self.relation();
                Ok(Logical::nothing(relation))
            }
        }
    }

    /// Adds items to the level, of which the first `known` are compared with them by name.
    pub fn add_items(&mut self, items: Vec<Item>, known: usize) -> BindResult<()> {
        for item in items {
            if item.named
                && let Some(name) = &item.name
            {
                let level = self.level();
                let clash = level.items[..known.min(level.items.len())].iter().any(|other| {
                    // Two tables of the same name are told apart by their schemas.
                    other.named
                        && other.name == item.name
                        && !matches!((other.table, item.table), (Some(one), Some(two)) if one.1 != two.1)
                });
                if clash {
                    return Err(BindError::new(BindErrorKind::DuplicateAlias { name: name.to_string() }));
                }
            }
            self.level().items.push(Item { lateral_only: true, lateral_ok: true, ..item });
        }
        Ok(())
    }

    pub(crate) fn entry_of_from(&mut self, entry: &TableExpression<'_>) -> BindResult<FromEntry> {
        if self.owners.len() > RELATIONS_MAX {
            return Err(BindError::new(BindErrorKind::TooManyRelations));
        }
        self.ranges += 1;
        self.deeper(|binder| match entry {
            TableExpression::Relation { relation, alias, sample } => {
                binder.relation_entry(relation, alias.as_ref(), *sample)
            }
            TableExpression::Subquery { lateral, query, alias, position } => {
                binder.subquery_entry(query, alias.as_ref(), *lateral, *position)
            }
            TableExpression::Functions {
                rows_from, functions, ordinality, alias, columns, position, ..
            } => binder.functions_entry(&super::function::Call {
                rows_from: *rows_from,
                functions,
                ordinality: *ordinality,
                alias: alias.as_ref(),
                columns,
                position: *position,
            }),
            TableExpression::XmlTable(position) => Err(unsupported("XMLTABLE", *position)),
            TableExpression::Join(join) => binder.join_entry(join),
        })
    }

    /// The table of this name that a trigger's body was given. Functions that it calls, views that it reads, and what the
    /// catalog is to keep know nothing of it.
    pub(crate) fn given(&self, name: &str) -> Option<&'c GivenTable> {
        let within = matches!(self.parameter_names, Parameters::Named { .. }) || !self.views.is_empty();
        if within || self.shapes.is_some() { None } else { self.scope().given(name) }
    }

    /// An entry of `FROM` that names rows which a trigger's body was given.
    fn given_entry(&mut self, name: Name<'_>, alias: Option<&Alias<'_>>) -> BindResult<Option<FromEntry>> {
        let Some(GivenTable { columns, .. }) = self.given(name.text) else { return Ok(None) };
        let relation = self.relation();
        let types = columns.iter().map(|(_, of)| *of).collect();
        let logical = Logical::Given { relation, name: name.text.into(), types };
        let shown: Arc<str> = alias.map_or(name.text, |alias| alias.name.text).into();
        let names = super::renamed(columns, alias, &shown)?;
        let described = Described { alias: shown.clone(), columns: names.clone(), table: None };
        self.described.insert(relation, described);
        let typed = names.into_iter().zip(columns.iter().map(|(_, of)| *of));
        let item = Item::open(shown, item_columns(relation, typed), ItemKind::Rows);
        Ok(Some(FromEntry { logical, items: vec![item], lateral: false, shape: None }))
    }

    fn relation_entry(
        &mut self,
        relation: &Relation<'_>,
        alias: Option<&Alias<'_>>,
        sample: Option<&select::Sample<'_>>,
    ) -> BindResult<FromEntry> {
        if let [name] = relation.name.parts
            && let Some(entry) = self.common_entry(name.text, alias, name.position)?
        {
            return if sample.is_some() { Err(not_sampled(relation)) } else { Ok(entry) };
        }
        if let [name] = relation.name.parts
            && let Some(entry) = self.given_entry(*name, alias)?
        {
            return if sample.is_some() { Err(not_sampled(relation)) } else { Ok(entry) };
        }
        match self.relation_named(&relation.name)? {
            Found::Table(table) if table.is_foreign() && sample.is_some() => Err(not_sampled(relation)),
            Found::Table(table) => self.table_entry(&table, relation.only, alias, sample),
            Found::View(_) | Found::Sequence(_) if sample.is_some() => Err(not_sampled(relation)),
            Found::System(table) if sample.is_some() => Err(match table.is_view {
                true => not_sampled(relation),
                false => unsupported("TABLESAMPLE of a system catalog", relation.name.position()),
            }),
            Found::View(view) => self.view_entry(&view, alias),
            Found::System(table) => self.system_entry(&table, alias),
            Found::Sequence(sequence) => self.sequence_entry(&sequence, alias),
            other @ (Found::Index(_) | Found::Composite(_)) => {
                let (name, kind) = (other.name().to_owned(), "relation");
                Err(BindError::at(BindErrorKind::NotReadable { name, kind }, relation.name.position()))
            }
        }
    }

    /// The relation of a name.
    pub fn relation_named(&self, name: &syntax::tree::QualifiedName<'_>) -> BindResult<Found> {
        let position = name.position();
        let name = &syntax::tree::QualifiedName { parts: self.without_database(name.parts, 3) };
        let (schema, object) = match name.parts {
            [object] => (None, object.text),
            [schema, object] => (Some(schema.text), object.text),
            [_, _, _] => {
                let kind = BindErrorKind::CrossDatabase { name: format!("\"{name}\"") };
                return Err(BindError::at(kind, position));
            }
            _ => {
                let kind = BindErrorKind::ImproperRelation { name: name.to_string() };
                return Err(BindError::at(kind, position));
            }
        };
        if let Some(schema) = schema {
            self.scope().may_look_in(schema).map_err(|error| crate::binder::carried(&error, position))?;
        }
        self.scope().look_for_relation(schema, object).ok_or_else(|| {
            let kind = match self.later_common(object).filter(|_| schema.is_none()) {
                Some(query) => BindErrorKind::NoRelationYet { name: name.to_string(), query },
                None => BindErrorKind::NoRelation { name: name.to_string() },
            };
            BindError::at(kind, position)
        })
    }

    fn table_entry(
        &mut self,
        table: &Arc<Table>,
        only: bool,
        alias: Option<&Alias<'_>>,
        sample: Option<&select::Sample<'_>>,
    ) -> BindResult<FromEntry> {
        let (relation, item) = self.table_item_of(table, only, alias)?;
        self.note_use(table.oid).select = true;
        if let Some(sample) = sample {
            let sample = self.sample(sample)?;
            if let Some(scan) = self.scans.get_mut(&relation) {
                scan.members.iter_mut().for_each(|member| member.sample = Some(sample.clone()));
                scan.sample = Some(sample);
            }
        }
        let mut logical = self.scan(relation)?;
        if table.row_security {
            let locks = !self.locks_on(alias.map_or(table.name.as_str(), |alias| alias.name.text)).is_empty();
            let guards = self.guards_of_read(table, relation, locks)?;
            crate::policy::put_guards(&mut logical, relation, &guards);
        }
        let sample = self.scans.get(&relation).and_then(|scan| scan.sample.clone());
        let source = EntrySource::Relation { relation: table.oid, scan: Some(relation), only, sample };
        let shape = self.entry_shape(source, &table.name, alias, &item);
        Ok(FromEntry { logical, items: vec![item], lateral: false, shape })
    }

    /// A table with a number of its own, and what names it; `only` itself, without those that inherit from it.
    pub fn table_item_of(
        &mut self,
        table: &Arc<Table>,
        only: bool,
        alias: Option<&Alias<'_>>,
    ) -> BindResult<(RelationId, Item)> {
        let relation = self.relation();
        let name: Arc<str> = alias.map_or_else(|| table.name.as_str(), |alias| alias.name.text).into();
        let own: Vec<(Arc<str>, Type)> = table
            .live_columns()
            .map(|(_, column)| (column.name.as_str().into(), column.column_type()))
            .collect();
        let names = renamed(&own, alias, &name)?;
        let columns = table.live_columns().map(|(place, column)| ScanColumn {
            source: ScanSource::Column {
                number: place as u16 + 1,
                name: column.name.as_str().into(),
                missing: crate::modify::member::missing(column),
            },
            column_type: column.column_type(),
        });
        let mut scan = Scan {
            relation,
            table: table.oid,
            tree: table.tree,
            name: table.name.as_str().into(),
            alias: name.clone(),
            layout: Arc::new(table.layout()),
            columns: columns.collect(),
            sample: None,
            guards: Vec::new(),
            guarded: false,
            members: Vec::new(),
        };
        if !only {
            for member in self.members_of(table)? {
                if member.oid != table.oid {
                    self.note_inherited(member.oid);
                }
                scan.members.push(self.member_scan(table, &member, &scan)?);
            }
        }
        self.scans.insert(relation, scan);
        self.described.insert(
            relation,
            Described { alias: name.clone(), columns: names.clone(), table: Some(table.clone()) },
        );
        let typed = names.into_iter().zip(own.iter().map(|(_, of)| *of));
        let own_collation = |column: &catalog::object::Column| {
            column.collation != self.scope().type_collation(column.type_oid)
        };
        self.collating |= table.live_columns().any(|(_, column)| own_collation(column));
        let kind = ItemKind::Table { relation, row_type: table.row_type };
        let mut item = Item::open(name, item_columns(relation, typed), kind);
        item.table = Some((table.schema, table.oid)).filter(|_| alias.is_none());
        Ok((relation, item))
    }

    /// A sequence, whose only row is computed when it is asked for.
    fn sequence_entry(&mut self, sequence: &Sequence, alias: Option<&Alias<'_>>) -> BindResult<FromEntry> {
        let relation = self.relation();
        self.note_use(sequence.oid).select = true;
        let name: Arc<str> = alias.map_or(sequence.name.as_str(), |alias| alias.name.text).into();
        if !self.locks_on(&name).is_empty() {
            let kind = BindErrorKind::Plain {
                state: diagnostic::SqlState::WrongObjectType,
                message: format!("cannot lock rows in sequence \"{}\"", sequence.name),
            };
            return Err(BindError::new(kind));
        }
        let own: Vec<(Arc<str>, Type)> =
            SEQUENCE_COLUMNS.iter().map(|(name, of)| ((*name).into(), Type::of(*of))).collect();
        let names = renamed(&own, alias, &name)?;
        let described = Described { alias: name.clone(), columns: names.clone(), table: None };
        self.described.insert(relation, described);
        let types = || own.iter().map(|(_, of)| *of);
        self.system_columns.insert(relation, (1..).zip(types()).collect());
        let columns = item_columns(relation, names.into_iter().zip(types()));
        let mut item = Item::open(name, columns, ItemKind::Rows);
        item.table = Some((sequence.schema, sequence.oid)).filter(|_| alias.is_none());
        let shown = sequence.name.as_str().into();
        let logical = Logical::SystemScan { relation, table: sequence.oid, name: shown, columns: Vec::new() };
        let source = EntrySource::Relation { relation: sequence.oid, scan: None, only: false, sample: None };
        let shape = self.entry_shape(source, &sequence.name, alias, &item);
        Ok(FromEntry { logical, items: vec![item], lateral: false, shape })
    }

    /// A relation of the system, whose rows are computed when they are asked for.
    fn system_entry(&mut self, table: &SystemTable, alias: Option<&Alias<'_>>) -> BindResult<FromEntry> {
        let relation = self.relation();
        self.note_use(table.oid).select = true;
        let name: Arc<str> = alias.map_or(table.name, |alias| alias.name.text).into();
        let own: Vec<(Arc<str>, Type)> =
            table.columns.iter().map(|column| (column.name.into(), column.column_type())).collect();
        let names = renamed(&own, alias, &name)?;
        let described = Described { alias: name.clone(), columns: names.clone(), table: None };
        self.described.insert(relation, described);
        let mut columns: Vec<(u16, Type)> = (1..).zip(own.iter().map(|(_, of)| *of)).collect();
        if !table.is_view {
            columns.push((SYSTEM_TABLE_OID, Type::of(oid::OID)));
        }
        self.system_columns.insert(relation, columns);
        if catalog::has_secret_columns(table.name) {
            let column = |index: usize| Column { relation, index: index as u32 };
            self.view_columns.extend((0..own.len()).map(|place| (column(place), (table.oid, place))));
        }
        let typed = names.into_iter().zip(own.iter().map(|(_, of)| *of));
        let kind = ItemKind::Composite(table.row_type);
        let mut item = Item::open(name, item_columns(relation, typed), kind);
        item.table = Some((table.schema, table.oid)).filter(|_| alias.is_none());
        let logical =
            Logical::SystemScan { relation, table: table.oid, name: table.name.into(), columns: Vec::new() };
        let source = EntrySource::Relation { relation: table.oid, scan: None, only: false, sample: None };
        let shape = self.entry_shape(source, table.name, alias, &item);
        Ok(FromEntry { logical, items: vec![item], lateral: false, shape })
    }

    /// The scan of a table. Which columns it reads is known at the end of the statement.
    pub fn scan(&self, relation: RelationId) -> BindResult<Logical> {
        match self.scans.get(&relation) {
            Some(scan) => {
                let mut scan = scan.clone();
                scan.columns.clear();
                scan.members.iter_mut().for_each(|member| member.columns.clear());
                Ok(Logical::Scan(scan))
            }
            None => Err(crate::binder::internal("a table has no scan")),
        }
    }

    fn sample(&mut self, sample: &select::Sample<'_>) -> BindResult<Sample> {
        let by_rows = match sample.method.object() {
            "bernoulli" => true,
            "system" => false,
            other => {
                let kind = BindErrorKind::Plain {
                    state: diagnostic::SqlState::UndefinedObject,
                    message: format!("tablesample method {other} does not exist"),
                };
                return Err(BindError::at(kind, sample.method.position()));
            }
        };
        let [percentage] = sample.arguments else {
            let kind = BindErrorKind::Plain {
                state: diagnostic::SqlState::InvalidTablesampleArgument,
                message: format!(
                    "tablesample method {} requires 1 argument, not {}",
                    sample.method.object(),
                    sample.arguments.len()
                ),
            };
            return Err(BindError::at(kind, sample.method.position()));
        };
        let percentage = self.sample_value(percentage, oid::FLOAT4, "TABLESAMPLE")?;
        let seed = match &sample.seed {
            Some(seed) => Some(Box::new(self.sample_value(seed, oid::FLOAT8, "REPEATABLE")?)),
            None => None,
        };
        Ok(Sample { by_rows, percentage: Box::new(percentage), seed })
    }

    fn sample_value(
        &mut self,
        value: &syntax::tree::Expression<'_>,
        of: u32,
        construct: &str,
    ) -> BindResult<Expression> {
        let bound = self.clause(Clause::Sample, |binder| binder.expression(value))?;
        let (position, actual) = (bound.position, self.type_name(bound.oid()));
        let wanted = self.type_name(of);
        self.coerce(bound, Type::of(of), CastContext::Assignment)?.ok_or_else(|| {
            let construct = construct.to_owned();
            BindError::at(BindErrorKind::NotOfType { construct, wanted, actual }, position)
        })
    }

    pub(crate) fn view_entry(
        &mut self,
        view: &Arc<View>,
        alias: Option<&Alias<'_>>,
    ) -> BindResult<FromEntry> {
        if self.views.contains(&view.oid) {
            let kind = BindErrorKind::Plain {
                state: diagnostic::SqlState::InvalidObjectDefinition,
                message: format!("infinite recursion detected in rules for relation \"{}\"", view.name),
            };
            return Err(BindError::new(kind));
        }
        let mut locks = self.locks_on(alias.map_or(view.name.as_str(), |alias| alias.name.text));
        locks.iter_mut().for_each(|lock| lock.lends = !view.security_barrier());
        let strongest = locks.iter().map(|lock| super::lock::strength_of(lock.strength)).max();
        let used = self.note_use(view.oid);
        (used.select, used.lock_rows) = (true, used.lock_rows.max(strongest));
        let around = self.check_as;
        self.check_as = if view.security_invoker() { None } else { Some(view.owner) };
        self.views.push(view.oid);
        // A view's rows before and after a change have entries too.
        self.ranges += 2;
        let limit = self.context.depth_limit;
        let bound = self.kept(|binder| {
            parsed_query(&view.query, limit, |query| {
                binder.inherited_locks = locks;
                binder.query(query)
            })
        });
        self.views.pop();
        self.check_as = around;
        let mut bound = bound?;
        let lent = std::mem::take(&mut self.lent);
        self.level().lent.extend(lent);
        let names = view.columns.iter().filter(|column| !column.column.dropped);
        for (column, known) in bound.columns.iter_mut().zip(names) {
            column.name.clone_from(&known.column.name);
            column.origin = None;
        }
        if view.security_barrier() {
            self.put_behind_barrier(&mut bound);
        }
        let name: Arc<str> = alias.map_or_else(|| view.name.as_str(), |alias| alias.name.text).into();
        let mut entry = self.query_entry(bound, &name, alias, ItemKind::Composite(view.row_type))?;
        if alias.is_none() {
            entry.items.iter_mut().for_each(|item| item.table = Some((view.schema, view.oid)));
        }
        let columns = entry.items.iter().flat_map(|item| &item.columns);
        let columns = columns.enumerate().filter_map(|(place, column)| {
            column.expression.as_column().map(|column| (column, (view.oid, place)))
        });
        self.view_columns.extend(columns);
        let source = EntrySource::Relation { relation: view.oid, scan: None, only: false, sample: None };
        entry.shape = entry.items.first().and_then(|item| self.entry_shape(source, &view.name, alias, item));
        Ok(entry)
    }

    /// Gives the rows of a view that is a barrier columns of their own.
    fn put_behind_barrier(&mut self, bound: &mut BoundQuery) {
        let relation = self.relation();
        self.barriers.insert(relation);
        let rows = std::mem::replace(&mut bound.logical, Logical::nothing(relation));
        let mut expressions = Vec::with_capacity(bound.columns.len());
        for (column, index) in bound.columns.iter_mut().zip(0u32..) {
            expressions.push(Expression::column(column.column, column.column_type));
            let own = Column { relation, index };
            self.copy_collations(&[column.column], &[own]);
            column.column = own;
        }
        bound.logical = Logical::Project { relation, input: Box::new(rows), expressions };
    }

    fn subquery_entry(
        &mut self,
        query: &Query<'_>,
        alias: Option<&Alias<'_>>,
        lateral: bool,
        position: u32,
    ) -> BindResult<FromEntry> {
        let Some(alias) = alias else {
            let values = matches!(query.body, select::QueryBody::Values(_));
            let kind = if values { BindErrorKind::ValuesAlias } else { BindErrorKind::SubqueryAlias };
            return Err(BindError::at(kind, position));
        };
        let locks = self.locks_on(alias.name.text);
        let mut bound = self.laterally(lateral, |binder| {
            binder.inherited_locks = locks;
            binder.query(query)
        })?;
        let lent = std::mem::take(&mut self.lent);
        self.level().lent.extend(lent);
        let name: Arc<str> = alias.name.text.into();
        let source = EntrySource::Query(bound.shape.take());
        let mut entry = self.query_entry(bound, &name, Some(alias), ItemKind::Rows)?;
        entry.shape = entry.items.first().and_then(|item| self.entry_shape(source, "", Some(alias), item));
        if let Some(FromShape::Entry(shape)) = &mut entry.shape {
            shape.lateral = lateral;
        }
        entry.lateral = lateral;
        Ok(entry)
    }

    /// Runs `inner` where columns of entries of `FROM` before it may be used, or may not.
    pub(super) fn laterally<T>(
        &mut self,
        lateral: bool,
        inner: impl FnOnce(&mut Self) -> BindResult<T>,
    ) -> BindResult<T> {
        let around = std::mem::replace(&mut self.level().lateral_active, lateral);
        let result = inner(self);
        self.level().lateral_active = around;
        result
    }

    /// A query as an entry of `FROM`.
    pub fn query_entry(
        &mut self,
        query: BoundQuery,
        name: &Arc<str>,
        alias: Option<&Alias<'_>>,
        kind: ItemKind,
    ) -> BindResult<FromEntry> {
        let own: Vec<(Arc<str>, Type)> =
            query.columns.iter().map(|column| (column.name.as_str().into(), column.column_type)).collect();
        let names = renamed(&own, alias, name)?;
        self.note_origins(&query.columns);
        let columns = names.iter().zip(&query.columns).map(|(name, column)| ItemColumn {
            name: name.clone(),
            expression: Expression::column(column.column, column.column_type),
        });
        let mut item = Item::open(name.clone(), columns.collect(), kind);
        item.is_query = true;
        for relation in relations_of(&query.columns) {
            self.own(relation);
            self.describe(relation, name, &query.columns, &names);
        }
        Ok(FromEntry { logical: query.logical, items: vec![item], lateral: false, shape: None })
    }

    /// How an entry that is no join was written, if that is wanted.
    pub(crate) fn entry_shape(
        &self,
        source: EntrySource,
        name: &str,
        alias: Option<&Alias<'_>>,
        item: &Item,
    ) -> Option<FromShape> {
        self.shapes.as_ref()?;
        let column = |column: &ItemColumn| (column.name.to_string(), column.expression.clone());
        let given = alias.map_or(&[][..], |alias| alias.columns);
        let numbers = match &source {
            EntrySource::Relation { relation, .. } => column_numbers(self.scope(), *relation),
            EntrySource::Query(_)
            | EntrySource::Values(_)
            | EntrySource::Common(_)
            | EntrySource::Functions(_) => Vec::new(),
        };
        Some(FromShape::Entry(Box::new(EntryShape {
            source,
            numbers,
            lateral: false,
            alias: alias.map(|alias| alias.name.text.to_owned()),
            given: given.iter().map(|name| name.text.to_owned()).collect(),
            name: name.to_owned(),
            columns: item.columns.iter().map(column).collect(),
        })))
    }

    fn describe(
        &mut self,
        relation: RelationId,
        alias: &Arc<str>,
        columns: &[QueryColumn],
        names: &[Arc<str>],
    ) {
        let mut described: Vec<Arc<str>> = Vec::new();
        for (column, name) in columns.iter().zip(names) {
            let place = column.column.index as usize;
            if column.column.relation == relation {
                if described.len() <= place {
                    described.resize(place + 1, "?".into());
                }
                described[place] = name.clone();
            }
        }
        self.described.insert(relation, Described { alias: alias.clone(), columns: described, table: None });
    }
}

fn relations_of(columns: &[QueryColumn]) -> Vec<RelationId> {
    let mut relations: Vec<RelationId> = columns.iter().map(|column| column.column.relation).collect();
    relations.sort_unstable();
    relations.dedup();
    relations
}

/// The names of columns where an alias gives new ones to the first of them.
pub(crate) fn renamed(
    own: &[(Arc<str>, Type)],
    alias: Option<&Alias<'_>>,
    table: &str,
) -> BindResult<Vec<Arc<str>>> {
    let given = alias.map_or(&[][..], |alias| alias.columns);
    if given.len() > own.len() {
        let (available, given) = (own.len(), given.len());
        let kind = BindErrorKind::TooManyAliases { table: table.to_owned(), available, given };
        return Err(BindError::new(kind));
    }
    let name = |(place, (name, _)): (usize, &(Arc<str>, Type))| match given.get(place) {
        Some(given) => Arc::from(given.text),
        None => name.clone(),
    };
    Ok(own.iter().enumerate().map(name).collect())
}

/// Of what no sample is taken.
fn not_sampled(relation: &Relation<'_>) -> BindError {
    let kind = BindErrorKind::Plain {
        state: diagnostic::SqlState::FeatureNotSupported,
        message: "TABLESAMPLE clause can only be applied to tables and materialized views".to_owned(),
    };
    BindError::at(kind, relation.name.position())
}
