//! Joins.

use super::from::FromEntry;
use crate::binder::{Binder, Bound, internal};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemColumn, ItemKind};
use crate::shape::{FromShape, JoinAlias, JoinShape, JoinWord, UsingShape};
use plan::expression::{Expression, ExpressionKind};
use plan::logical::{Join as Joined, JoinKind, Logical};
use plan::walk::{free_columns, made_relations};
use std::sync::Arc;
use syntax::tree::select::{Alias, Join, JoinCondition, JoinKind as Kind, TableExpression};
use types::Type;
use types::catalog::oid;

/// Where a table of `WITH RECURSIVE` may not refer to itself: it may have no row there.
const OUTER: &str = "an outer join";

impl Binder<'_> {
    /// A join, and all that lean to its left, in a loop.
    pub(super) fn join_entry(&mut self, join: &Join<'_>) -> BindResult<FromEntry> {
        let mut chain = vec![join];
        while let Some(TableExpression::Join(left)) = chain.last().map(|join| &join.left) {
            chain.push(left);
        }
        if chain.len() > self.chain_limit() {
            return Err(BindError::new(BindErrorKind::TooDeep));
        }
        let Some(first) = chain.last() else { return Err(internal("a join has no sides")) };
        let before = self.self_references();
        let mut entry = self.entry_of_from(&first.left)?;
        for join in chain.into_iter().rev() {
            if matches!(join.kind, Kind::Right | Kind::Full) {
                self.refuse_self_since(before, OUTER)?;
            }
            let left = self.self_references();
            entry = self.join_with(entry, join)?;
            if matches!(join.kind, Kind::Left | Kind::Full) {
                self.refuse_self_since(left, OUTER)?;
            }
        }
        Ok(entry)
    }

    fn join_with(&mut self, left: FromEntry, join: &Join<'_>) -> BindResult<FromEntry> {
        let before = self.level().items.len();
        let lateral_ok = matches!(join.kind, Kind::Cross | Kind::Inner | Kind::Left);
        for item in &left.items {
            self.level().items.push(Item { lateral_only: true, lateral_ok, ..item.clone() });
        }
        let right = self.entry_of_from(&join.right)?;
        let mut shape = JoinShape::of(left.shape, right.shape, join);
        let known = self.level().items.len();
        self.refuse_same_names(before, known, &right.items)?;
        let lateral = right.lateral;
        let mut items = left.items;
        let left_count = items.len();
        items.extend(right.items);
        // `ON` sees both sides, and nothing before them.
        let (using, natural) = match &join.condition {
            JoinCondition::Using(names, alias) => {
                (Some(names.iter().map(|name| (name.text.to_owned(), name.position)).collect()), *alias)
            }
            JoinCondition::Natural => (Some(self.natural(&items[..left_count], &items[left_count..])?), None),
            JoinCondition::None | JoinCondition::On(_) => (None, None),
        };
        let mut conditions = Vec::new();
        if let JoinCondition::On(condition) = &join.condition {
            let bound = self.join_condition(condition, &items)?;
            shape.iter_mut().for_each(|shape| shape.on = Some(bound.clone()));
            conditions = super::terms_of(bound);
        }
        self.level().items.truncate(before);
        note_missing(&mut items, left_count, join.kind);
        let names: Option<Vec<(String, u32)>> = using;
        if let Some(names) = names {
            let merged = self.merge(&items[..left_count], &items[left_count..], &names, join.kind)?;
            conditions = merged.conditions;
            if let Some(shape) = &mut shape {
                shape.using = merged.using;
            }
            let mut columns = merged.columns.clone();
            columns.extend(merged.rest);
            items.iter_mut().for_each(|item| item.open = false);
            items.push(join_item(None, columns));
            if let Some(alias) = natural {
                items.push(using_item(&items, alias.text, merged.columns)?);
            }
        }
        if let Some(alias) = &join.alias {
            let item = aliased(&items, alias)?;
            shape.iter_mut().for_each(|shape| shape.alias = Some(JoinAlias::of(alias, &item)));
            let within = std::mem::replace(&mut items, vec![item]);
            // An alias of USING is no entry of FROM.
            let entries = within.into_iter().filter(|item| item.kind != ItemKind::Join);
            self.level().hidden.extend(entries);
        }
        let kind = match join.kind {
            Kind::Cross | Kind::Inner => JoinKind::Inner,
            Kind::Left | Kind::Right => JoinKind::Left,
            Kind::Full => JoinKind::Full,
        };
        let logical = if join.kind == Kind::Right {
            joined(kind, right.logical, left.logical, conditions, false)
        } else {
            joined(kind, left.logical, right.logical, conditions, lateral)
        };
        let shape = shape.map(|shape| FromShape::Join(Box::new(shape)));
        Ok(FromEntry { logical, items, lateral: lateral || left.lateral, shape })
    }

    /// `ON` sees what is joined and nothing else of the query.
    fn join_condition(
        &mut self,
        condition: &syntax::tree::Expression<'_>,
        items: &[Item],
    ) -> BindResult<Expression> {
        let around = std::mem::take(&mut self.level().items);
        let hidden = self.level().hidden.len();
        self.level().hidden.extend(around.iter().cloned());
        self.level().items = items.iter().cloned().map(free).collect();
        let bound = self.clause(Clause::JoinOn, |binder| binder.condition(condition, "JOIN/ON"));
        self.level().items = around;
        let bound = bound?;
        self.level().hidden.truncate(hidden);
        Ok(bound)
    }

    /// The two sides of a join have different names.
    fn refuse_same_names(&mut self, from: usize, to: usize, right: &[Item]) -> BindResult<()> {
        let level = self.level();
        let left = &level.items[from.min(level.items.len())..to.min(level.items.len())];
        for item in right.iter().filter(|item| item.named) {
            let Some(name) = &item.name else { continue };
            let clash = left.iter().any(|other| {
                other.named
                    && other.name == item.name
                    && !matches!((other.table, item.table), (Some(one), Some(two)) if one.1 != two.1)
            });
            if clash {
                return Err(BindError::new(BindErrorKind::DuplicateAlias { name: name.to_string() }));
            }
        }
        Ok(())
    }

    /// The columns that both sides have.
    fn natural(&self, left: &[Item], right: &[Item]) -> BindResult<Vec<(String, u32)>> {
        let mut names: Vec<(String, u32)> = Vec::new();
        for column in open_columns(left) {
            let common = open_columns(right).any(|other| other.name == column.name);
            if common && !names.iter().any(|(known, _)| **known == *column.name) {
                names.push((column.name.to_string(), u32::MAX));
            }
        }
        Ok(names)
    }

    fn merge(
        &mut self,
        left: &[Item],
        right: &[Item],
        names: &[(String, u32)],
        kind: Kind,
    ) -> BindResult<Merged> {
        let mut merged =
            Merged { columns: Vec::new(), rest: Vec::new(), conditions: Vec::new(), using: Vec::new() };
        for (place, (name, position)) in names.iter().enumerate() {
            let at = |kind: BindErrorKind| match *position {
                u32::MAX => BindError::new(kind),
                _ => BindError::new(kind),
            };
            if names[..place].iter().any(|(known, _)| known == name) {
                return Err(at(BindErrorKind::UsingTwice { column: name.clone() }));
            }
            let one = one_column(left, name, "left").map_err(at)?;
            let one = one.ok_or_else(|| at(BindErrorKind::UsingLeft { column: name.clone() }))?;
            let other = one_column(right, name, "right").map_err(at)?;
            let other = other.ok_or_else(|| at(BindErrorKind::UsingRight { column: name.clone() }))?;
            let start = if *position == u32::MAX { 0 } else { *position };
            let bound =
                |column: &ItemColumn| Bound { expression: column.expression.clone(), position: start };
            let (one_bound, other_bound) = (bound(&one), bound(&other));
            self.note_columns(&one.expression, start);
            self.note_columns(&other.expression, start);
            let expression = self.merged_column(one_bound.clone(), other_bound.clone(), kind);
            let expression = expression.map_err(BindError::nowhere)?;
            let equal = self.operation("=", one_bound, other_bound, start)?;
            merged.conditions.push(self.boolean(equal, "JOIN/USING")?);
            if self.shapes.is_some() {
                merged.using.push(UsingShape {
                    name: name.clone(),
                    left: one.expression,
                    right: other.expression,
                    merged: expression.clone(),
                });
            }
            merged.columns.push(ItemColumn { name: one.name.clone(), expression });
        }
        let is_merged = |column: &&ItemColumn| names.iter().any(|(name, _)| **name == *column.name);
        merged.rest = open_columns(left)
            .chain(open_columns(right))
            .filter(|column| !is_merged(column))
            .cloned()
            .collect();
        Ok(merged)
    }

    /// What a column of `USING` stands for: the side that is never missing, or whichever is there.
    fn merged_column(&mut self, left: Bound, right: Bound, kind: Kind) -> BindResult<Expression> {
        let same = left.expression.result == right.expression.result;
        let common = self.common(&[&left, &right], "JOIN/USING")?;
        let modifier = if same { left.expression.result.modifier } else { -1 };
        let (plain_left, plain_right) = (left.oid() == common, right.oid() == common);
        let mut one = self.cast_to_common(left, common)?;
        let mut other = self.cast_to_common(right, common)?;
        if modifier < 0 {
            // Sides of different lengths have none in common.
            for side in [&mut one, &mut other] {
                if side.result.modifier >= 0 && !same {
                    let result = Type::of(common);
                    let kind = ExpressionKind::Relabel(Box::new(side.clone()));
                    *side = Expression { kind, result };
                }
            }
        }
        Ok(match kind {
            Kind::Cross | Kind::Inner if !plain_left && plain_right => other,
            Kind::Cross | Kind::Inner | Kind::Left => one,
            Kind::Right => other,
            Kind::Full => Expression {
                kind: ExpressionKind::Coalesce(vec![one, other]),
                result: Type { oid: common, modifier },
            },
        })
    }
}

/// What `USING` makes of the columns of two sides.
struct Merged {
    columns: Vec<ItemColumn>,
    rest: Vec<ItemColumn>,
    conditions: Vec<Expression>,
    using: Vec<UsingShape>,
}

impl JoinShape {
    /// The shape of a join of two sides whose shapes are known.
    fn of(left: Option<FromShape>, right: Option<FromShape>, join: &Join<'_>) -> Option<JoinShape> {
        let (left, right) = (left?, right?);
        let kind = match join.kind {
            Kind::Cross | Kind::Inner => JoinWord::Inner,
            Kind::Left => JoinWord::Left,
            Kind::Right => JoinWord::Right,
            Kind::Full => JoinWord::Full,
        };
        let using_alias = match &join.condition {
            JoinCondition::Using(_, alias) => alias.map(|alias| alias.text.to_owned()),
            JoinCondition::Natural | JoinCondition::None | JoinCondition::On(_) => None,
        };
        Some(JoinShape { kind, left, right, on: None, using: Vec::new(), using_alias, alias: None })
    }
}

impl JoinAlias {
    fn of(alias: &Alias<'_>, item: &Item) -> JoinAlias {
        JoinAlias {
            name: alias.name.text.to_owned(),
            given: alias.columns.iter().map(|name| name.text.to_owned()).collect(),
            columns: named_columns(&item.columns),
        }
    }
}

fn named_columns(columns: &[ItemColumn]) -> Vec<(String, Expression)> {
    columns.iter().map(|column| (column.name.to_string(), column.expression.clone())).collect()
}

fn open_columns(items: &[Item]) -> impl Iterator<Item = &ItemColumn> {
    items.iter().filter(|item| item.open).flat_map(|item| &item.columns)
}

fn one_column(items: &[Item], name: &str, side: &'static str) -> Result<Option<ItemColumn>, BindErrorKind> {
    let mut found = open_columns(items).filter(|column| &*column.name == name);
    let first = found.next();
    if found.next().is_some() {
        return Err(BindErrorKind::CommonTwice { column: name.to_owned(), side });
    }
    Ok(first.cloned())
}

/// Says of the entries of either side whether the join may have no row of them.
fn note_missing(items: &mut [Item], left: usize, kind: Kind) {
    let (no_left, no_right) = match kind {
        Kind::Cross | Kind::Inner => (false, false),
        Kind::Left => (false, true),
        Kind::Right => (true, false),
        Kind::Full => (true, true),
    };
    for (place, item) in items.iter_mut().enumerate() {
        item.nullable |= if place < left { no_left } else { no_right };
    }
}

/// `USING (…) AS alias`: the columns that both sides have.
fn using_item(items: &[Item], alias: &str, columns: Vec<ItemColumn>) -> BindResult<Item> {
    if items.iter().any(|item| item.named && item.name.as_deref() == Some(alias)) {
        return Err(BindError::new(BindErrorKind::DuplicateAlias { name: alias.to_owned() }));
    }
    let mut item = join_item(Some(alias.into()), columns);
    (item.named, item.open) = (true, false);
    Ok(item)
}

fn free(item: Item) -> Item {
    Item { lateral_only: false, lateral_ok: true, ..item }
}

fn join_item(name: Option<Arc<str>>, columns: Vec<ItemColumn>) -> Item {
    let named = name.is_some();
    Item { name, named, ..Item::open("".into(), columns, ItemKind::Join) }
}

/// `(… JOIN …) AS alias`: only the alias is known outside.
fn aliased(items: &[Item], alias: &Alias<'_>) -> BindResult<Item> {
    let mut columns: Vec<ItemColumn> = open_columns(items).cloned().collect();
    if alias.columns.len() > columns.len() {
        let (available, given) = (columns.len(), alias.columns.len());
        let table = alias.name.text.to_owned();
        return Err(BindError::new(BindErrorKind::JoinAliases { table, available, given }));
    }
    for (column, name) in columns.iter_mut().zip(alias.columns) {
        column.name = name.text.into();
    }
    Ok(Item::open(alias.name.text.into(), columns, ItemKind::Join))
}

/// A join of two sides. With `may_be_lateral` it is looked whether the right uses columns of the left.
pub(crate) fn joined(
    kind: JoinKind,
    left: Logical,
    right: Logical,
    conditions: Vec<Expression>,
    may_be_lateral: bool,
) -> Logical {
    let lateral = may_be_lateral && {
        let made = made_relations(&left);
        free_columns(&right).iter().any(|column| made.contains(&column.relation))
    };
    let conditions = conditions.into_iter().filter(|condition| !always(condition)).collect();
    Logical::Join(Joined { kind, left: Box::new(left), right: Box::new(right), conditions, lateral })
}

/// `ON true` is no condition.
fn always(condition: &Expression) -> bool {
    condition.result.oid == oid::BOOL
        && condition.as_constant().is_some_and(|value| *value == types::Value::Bool(true))
}
