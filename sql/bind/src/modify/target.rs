//! All that a change must know of a table: its columns, checks, indexes and foreign keys, their texts bound.

use crate::binder::{Binder, Bound, internal};
use crate::clause::Clause;
use crate::deparse::{Deparse, Style};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind, KeptRows};
use crate::names::{item_columns, null};
use crate::parse::parsed_expression;
use catalog::definition::key_text;
use catalog::name::quote_identifier;
use catalog::object::{
    Action, Column as Stored, Constraint, Index, IndexMethod, IndexedValue, KeyTriggers, Match, Rule, Source,
    Table,
};
use functions::table::CastContext;
use plan::expression::{Call, CallForm, Column, Expression, ExpressionKind, FunctionId, RelationId, SortKey};
use plan::target::{
    AskedBy, Check, ForeignKey, KeyFires, ReferentialAction, TargetColumn, TargetIndex, TargetTable,
    Unpublishable,
};
use std::sync::Arc;
use types::catalog::oid;
use types::text::TextSettings;
use types::vector::Order;
use types::{Type, Value};

/// The next value of an identity column.
const NEXT_IDENTITY: FunctionId = FunctionId(functions::table::NEXT_IDENTITY);

impl Binder<'_> {
    /// The table as a target, with those whose rows are changed with its own.
    pub fn target_table(&mut self, table: &Arc<Table>) -> BindResult<Arc<TargetTable>> {
        let mut target = self.lone_target(table)?;
        let members = self.target_members(table)?;
        let routing = self.routing(table, table, target.relation)?.map(Arc::new);
        if !members.is_empty() || routing.is_some() {
            let target = Arc::make_mut(&mut target);
            (target.members, target.routing) = (members, routing);
        }
        Ok(target)
    }

    /// The table as a target; `only` itself, without those that inherit from it. Its members are used as it is; rows may
    /// move from one to another if `moves`.
    pub(super) fn target_for(
        &mut self,
        table: &Arc<Table>,
        only: bool,
        moves: bool,
    ) -> BindResult<Arc<TargetTable>> {
        if only {
            return self.lone_target(table);
        }
        let target = self.target_table(table)?;
        let used = self.note_changed(table).clone();
        for member in target.members.iter().filter(|member| member.target.table != table.oid) {
            let own = self.note_inherited(member.target.table);
            own.insert |= used.insert || moves;
            own.update |= used.update;
            own.delete |= used.delete || moves;
        }
        Ok(target)
    }

    /// The table as a target, for its own rows only.
    pub fn lone_target(&mut self, table: &Arc<Table>) -> BindResult<Arc<TargetTable>> {
        let relation = self.relation();
        let schema = self.scope().schema(table.schema).map_or_else(String::new, |schema| schema.name.clone());
        let mut columns = Vec::new();
        for (place, column) in table.live_columns() {
            columns.push(self.described_column(table, relation, place, column)?);
        }
        let constraints: Vec<Arc<Constraint>> = self.scope().constraints_of(table.oid).cloned().collect();
        let mut checks = Vec::new();
        let mut references = Vec::new();
        for constraint in &constraints {
            match &constraint.rule {
                Rule::Check(text) => {
                    let condition = self.table_check(table, relation, text)?;
                    let (name, validated) = (constraint.name.clone(), constraint.validated);
                    checks.push(Check { name, condition, asked_by: AskedBy::Table, validated });
                }
                // The parts of a key of the same table look at nothing: it looks for what is referred to in all partitions.
                Rule::ForeignKey { .. } if self.scope().is_key_to_part(constraint) => {}
                Rule::ForeignKey { .. } => references.extend(self.foreign_key(constraint)),
                Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::Exclude(..) => {}
            }
        }
        checks.sort_by(|one, other| one.name.cmp(&other.name));
        let actions = self.scope().actions_on(table.oid);
        let referenced_by = actions.filter_map(|key| self.foreign_key(key)).collect();
        let indexes: Vec<Arc<Index>> = self.scope().indexes_of(table.oid).cloned().collect();
        let mut bound = Vec::with_capacity(indexes.len());
        for index in indexes {
            bound.push(self.target_index(table, relation, &index)?);
        }
        Ok(Arc::new(TargetTable {
            table: table.oid,
            name: table.name.clone(),
            schema,
            tree: table.tree,
            temporary: table.persistence == catalog::object::Persistence::Temporary,
            relation,
            columns,
            layout: Arc::new(table.layout()),
            checks,
            indexes: bound,
            statistics: self.gathered(table, relation)?,
            references,
            referenced_by,
            members: Vec::new(),
            routing: None,
            within: self.within_parents(table, relation)?,
            triggers: self.triggers(table)?,
            told: self.told_of(table),
            unpublishable: self.scope().unpublishable(table).map(|refused| refused.map(unpublishable)),
            is_view: self.scope().view(table.oid).is_some(),
        }))
    }

    /// The expressions that statistics of a table are of.
    fn gathered(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
    ) -> BindResult<Vec<(u32, Vec<Expression>)>> {
        let known: Vec<_> = self.scope().statistics_of(table.oid).cloned().collect();
        let mut all = Vec::new();
        for known in known.into_iter().filter(|known| !known.expressions.is_empty()) {
            let mut bound = Vec::with_capacity(known.expressions.len());
            for expression in &known.expressions {
                let text = &expression.text;
                bound.push(self.over_table(table, relation, Clause::Statistics, text, |binder, tree| {
                    let bound = binder.expression(tree)?;
                    Ok(binder.settle(bound)?.expression)
                })?);
            }
            all.push((known.oid, bound));
        }
        Ok(all)
    }

    fn described_column(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        place: usize,
        column: &Stored,
    ) -> BindResult<TargetColumn> {
        let generated = match &column.source {
            Source::Generated(kept) => {
                Some(self.generated_value(table, relation, column.column_type(), &kept.text)?)
            }
            Source::Null | Source::Default(_) | Source::Identity { .. } => None,
        };
        Ok(TargetColumn {
            number: place as u16 + 1,
            name: column.name.clone(),
            column_type: column.column_type(),
            not_null: column.not_null,
            missing: super::member::missing(column),
            generated,
        })
    }

    /// What a generated column is of the other columns of its row.
    fn generated_value(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        of: Type,
        kept: &str,
    ) -> BindResult<Expression> {
        self.over_table(table, relation, Clause::Generated, kept, |binder, tree| {
            let bound = binder.expression(tree)?;
            binder.kept_value(bound, of)
        })
    }

    /// A value that the catalog keeps, as one of its column: to be written down again, as it is kept.
    fn kept_value(&mut self, bound: Bound, of: Type) -> BindResult<Expression> {
        if self.writes_down && bound.oid() != oid::UNKNOWN {
            return Ok(self.settle(bound)?.expression);
        }
        let position = bound.position;
        self.cast(bound, of, CastContext::Assignment, position)
    }

    /// Puts what generated columns become into the new values of a row, one for each column that is not dropped.
    pub(super) fn generate(&mut self, table: &Arc<Table>, values: &mut [Expression]) -> BindResult<()> {
        let known = values.to_vec();
        for ((_, column), value) in table.live_columns().zip(values) {
            let Source::Generated(kept) = &column.source else { continue };
            let relation = self.relation();
            *value = self.generated_value(table, relation, column.column_type(), &kept.text)?;
            value.rewrite(&mut |part| {
                if let ExpressionKind::Column(column) = part.kind
                    && column.relation == relation
                    && let Some(known) = known.get(column.index as usize)
                {
                    *part = known.clone();
                }
            });
        }
        Ok(())
    }

    /// Binds a text over the columns of a table's rows.
    pub fn over_table<T>(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        clause: Clause,
        text: &str,
        inner: impl FnOnce(&mut Self, &syntax::tree::Expression<'_>) -> BindResult<T>,
    ) -> BindResult<T> {
        let limit = self.context.depth_limit;
        self.kept(|binder| {
            binder.over_rows(table, relation, clause, |binder| {
                parsed_expression(text, limit, |tree| inner(binder, tree))
            })
        })
    }

    /// A check of a table's that the catalog keeps.
    pub fn table_check(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        text: &str,
    ) -> BindResult<Expression> {
        self.over_table(table, relation, Clause::Check, text, |binder, tree| binder.condition(tree, "CHECK"))
    }

    /// Runs `inner` where the columns of a table's rows may be named.
    pub fn over_rows<T>(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        clause: Clause,
        inner: impl FnOnce(&mut Self) -> BindResult<T>,
    ) -> BindResult<T> {
        let typed =
            table.live_columns().map(|(_, column)| (Arc::from(column.name.as_str()), column.column_type()));
        let columns = item_columns(relation, typed);
        for ((_, column), index) in table.live_columns().zip(0u32..) {
            self.note_collation(Column { relation, index }, column.column_type(), column.collation);
        }
        let mut item = Item::open(table.name.as_str().into(), columns, ItemKind::Composite(table.row_type));
        item.table = Some((table.schema, table.oid));
        self.level().items.push(item);
        let columns = table.live_columns().count() as u32;
        self.level().kept = Some(KeptRows { table: table.oid, relation, columns });
        self.clause(clause, inner)
    }

    fn target_index(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        index: &Arc<Index>,
    ) -> BindResult<TargetIndex> {
        let predicate = match &index.predicate {
            Some(text) => {
                let clause = Clause::IndexPredicate;
                Some(self.over_table(table, relation, clause, text, |binder, tree| {
                    binder.condition(tree, "WHERE")
                })?)
            }
            None => None,
        };
        let mut keys = Vec::with_capacity(index.keys.len());
        let mut key_names = Vec::with_capacity(index.keys.len());
        for key in &index.keys {
            let expression = match &key.value {
                IndexedValue::Column(number) => {
                    let place = place_of(table, *number)?;
                    let column = table.columns.get(usize::from(*number));
                    key_names.push(column.map_or_else(String::new, |column| quote_identifier(&column.name)));
                    let of = column.map_or(Type::of(key.type_oid), Stored::column_type);
                    Expression::column(Column { relation, index: place }, of)
                }
                IndexedValue::Expression(text) => {
                    let clause = Clause::IndexExpression;
                    let bound = self.over_table(table, relation, clause, text, |binder, tree| {
                        let bound = binder.expression(tree)?;
                        Ok(binder.settle(bound)?.expression)
                    })?;
                    key_names.push(self.key_name(table, &bound, text));
                    bound
                }
            };
            let of = expression.result;
            // Where entries are not in the order of keys, none is asked for, and types need not have one.
            let order = self.types().order(of).or((!index.method.is_ordered()).then_some(Order::Bytes));
            let Some(order) = order else {
                return Err(internal("an index is of a type without order"));
            };
            let (descending, nulls_first) = (key.descending, key.nulls_first);
            keys.push(SortKey { expression, order, descending, nulls_first });
        }
        let constraint = self.scope().constraint_of_index(index.oid).cloned();
        let include: BindResult<Vec<u32>> =
            index.include.iter().map(|number| place_of(table, *number)).collect();
        Ok(TargetIndex {
            index: index.oid,
            name: index.name.clone(),
            tree: index.tree,
            equality_only: index.method != IndexMethod::Ordered,
            spread: self.spread(index)?,
            exclusion: self.excluded(index, constraint.as_deref(), &keys)?,
            keys,
            key_names,
            include: include?,
            unique: index.unique,
            nulls_equal: index.nulls_not_distinct,
            predicate,
            primary: index.primary,
            parents: self.parent_indexes(index),
            deferrable: constraint.as_ref().is_some_and(|constraint| constraint.deferrable),
            initially_deferred: constraint.as_ref().is_some_and(|constraint| constraint.initially_deferred),
            constraint: constraint.map(|constraint| constraint.oid),
        })
    }

    /// What a key that is an expression is called in messages: without the parentheses that the catalog keeps.
    pub(super) fn key_name(&self, table: &Table, expression: &Expression, text: &str) -> String {
        let names: Vec<&str> = table.live_columns().map(|(_, column)| column.name.as_str()).collect();
        let column = |column: Column| {
            names.get(column.index as usize).map_or_else(String::new, |name| quote_identifier(name))
        };
        let settings = TextSettings::default();
        let deparse = Deparse::new(self.scope(), &settings, &column);
        let shown = deparse.expression_in(expression, Style { pretty: true, indented: true });
        key_text(shown.as_deref().unwrap_or(text))
    }

    /// The indexes that an index is a part of, the nearest first.
    fn parent_indexes(&self, index: &Index) -> Vec<u32> {
        let mut parents = Vec::new();
        let mut parent = index.parent;
        while let Some(above) = self.scope().index(parent) {
            parents.push(above.oid);
            parent = above.parent;
        }
        parents
    }

    /// A foreign key's entry as the executor knows it.
    pub(crate) fn foreign_key(&self, constraint: &Constraint) -> Option<ForeignKey> {
        let Rule::ForeignKey {
            table, columns, matching, on_update, on_delete, set_columns, triggers, ..
        } = &constraint.rule
        else {
            return None;
        };
        let name =
            |of: u32| self.scope().relation(of).map_or_else(String::new, |found| found.name().to_owned());
        let from_one = |numbers: &[u16]| numbers.iter().map(|number| number.saturating_add(1)).collect();
        Some(ForeignKey {
            constraint: constraint.oid,
            written: self.scope().written_key(constraint).oid,
            name: constraint.name.clone(),
            from: (constraint.table, name(constraint.table)),
            from_columns: from_one(&constraint.columns),
            to: (*table, name(*table)),
            to_columns: from_one(columns),
            match_full: match matching {
                Match::Simple => false,
                Match::Full => true,
            },
            on_update: action(*on_update),
            on_delete: (action(*on_delete), from_one(set_columns)),
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            fires: key_fires(triggers),
        })
    }

    /// The value of the column at a place of what is changed that is given none: a view may have defaults of its own.
    pub fn default_of_target(&mut self, place: usize, column: &Stored) -> BindResult<Expression> {
        let text = self.changed.as_ref().and_then(|changed| changed.default_of(place)).map(str::to_owned);
        let Some(text) = text else {
            let hidden = self.changed.as_ref().is_some_and(|changed| changed.hides_defaults());
            let plain = hidden.then(|| Stored { source: Source::Null, ..column.clone() });
            return self.default_value(plain.as_ref().unwrap_or(column));
        };
        if matches!(column.source, Source::Generated(_)) {
            // What the view gives is a value for what makes its own.
            return Err(BindError::new(BindErrorKind::GeneratedInsert { column: column.name.clone() }));
        }
        let (of, limit) = (column.column_type(), self.context.depth_limit);
        self.kept(|binder| {
            binder.level().clause = Clause::Default;
            parsed_expression(&text, limit, |tree| {
                let bound = binder.expression(tree)?;
                let position = bound.position;
                binder.cast(bound, of, CastContext::Assignment, position)
            })
        })
    }

    /// The value of a column that is given none. A generated one has null here: it is computed afterwards.
    pub fn default_value(&mut self, column: &Stored) -> BindResult<Expression> {
        let of = column.column_type();
        let text = match &column.source {
            Source::Generated(_) => return Ok(null(of)),
            Source::Identity { sequence, .. } => return self.next_value(*sequence, of),
            Source::Default(expression) => Some(expression.text.clone()),
            // A domain or a base type has a default of its own.
            Source::Null => self.scope().type_default(of.oid),
        };
        let own = if matches!(column.source, Source::Null) { self.default_base(of) } else { None };
        let Some(text) = text else {
            let base = self.types().undomained(of);
            return self.as_domain(null(base), of);
        };
        let limit = self.context.depth_limit;
        self.kept(|binder| {
            binder.level().clause = Clause::Default;
            parsed_expression(&text, limit, |tree| {
                let mut bound = binder.expression(tree)?;
                if let Some(own) = own {
                    bound = Bound { position: bound.position, expression: binder.kept_value(bound, own)? };
                }
                binder.kept_value(bound, of)
            })
        })
    }

    /// The domain of which the default of a domain is a value before it is one of this: that over which it was made, or, if it has taken
    /// the default over from that one, the one below.
    fn default_base(&self, of: Type) -> Option<Type> {
        let mut domain = self.scope().domain(of.oid)?;
        loop {
            let base = domain.base();
            let below = self.scope().domain(base.oid)?;
            if below.default != domain.default {
                return Some(base);
            }
            domain = below;
        }
    }

    fn next_value(&mut self, sequence: u32, of: Type) -> BindResult<Expression> {
        let argument = Expression::constant(Value::Int32(sequence as i32), Type::of(oid::REGCLASS));
        let call = Call {
            function: NEXT_IDENTITY,
            arguments: vec![argument],
            operator: None,
            form: CallForm::Call,
            variadic: false,
            written: None,
        };
        let kind = ExpressionKind::Call(call);
        let expression = Expression { kind, result: Type::of(oid::INT8) };
        let bound = crate::binder::Bound { expression, position: 0 };
        self.cast(bound, of, CastContext::Assignment, 0)
    }
}

/// The place of a column among those that are not dropped.
fn unpublishable(why: catalog::replication::Unpublishable) -> Unpublishable {
    match why {
        catalog::replication::Unpublishable::Filter => Unpublishable::Filter,
        catalog::replication::Unpublishable::Columns => Unpublishable::Columns,
        catalog::replication::Unpublishable::NoIdentity => Unpublishable::NoIdentity,
    }
}

fn place_of(table: &Table, number: u16) -> BindResult<u32> {
    let place = table.live_columns().position(|(place, _)| place == usize::from(number));
    place.map(|place| place as u32).ok_or_else(|| internal("an index is on a dropped column"))
}

fn action(action: Action) -> ReferentialAction {
    match action {
        Action::NoAction => ReferentialAction::NoAction,
        Action::Restrict => ReferentialAction::Restrict,
        Action::Cascade => ReferentialAction::Cascade,
        Action::SetNull => ReferentialAction::SetNull,
        Action::SetDefault => ReferentialAction::SetDefault,
    }
}

/// Where a foreign key is looked at.
fn key_fires(triggers: &KeyTriggers) -> KeyFires {
    let at = |place: usize| super::trigger::fires(triggers.states[place]);
    KeyFires {
        insert: at(KeyTriggers::CHECK_INSERT),
        update: at(KeyTriggers::CHECK_UPDATE),
        on_delete: at(KeyTriggers::DELETE),
        on_update: at(KeyTriggers::UPDATE),
    }
}
