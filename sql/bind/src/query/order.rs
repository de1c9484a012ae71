//! `ORDER BY`, `DISTINCT`, `DISTINCT ON`: by names of the output, by numbers, by expressions.

use super::select::Target;
use crate::alike::alike;
use crate::binder::{Binder, Bound};
use crate::clause::Clause;
use crate::constant::not_a_position;
use crate::error::{BindError, BindErrorKind, BindResult};
use plan::expression::{Expression, SortKey};
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree, Operator};
use syntax::tree::select::{NullsOrder, SortDirection, SortKey as SyntaxKey};
use types::Type;

impl Binder<'_> {
    pub(super) fn order_by(
        &mut self,
        keys: &[SyntaxKey<'_>],
        targets: &mut Vec<Target>,
    ) -> BindResult<Vec<(usize, SortKey)>> {
        let mut order: Vec<(usize, SortKey)> = Vec::with_capacity(keys.len());
        for key in keys {
            let place = self.named_target(&key.expression, targets, Clause::OrderBy)?;
            self.settle_target(&mut targets[place])?;
            let target = &targets[place];
            let bound = Bound { expression: target.expression.clone(), position: target.position };
            let sorted = self.sort_key(bound, key)?;
            // The second time changes nothing.
            let known = order.iter().any(|(other, known)| *other == place && known.order == sorted.order);
            if !known {
                order.push((place, sorted));
            }
        }
        Ok(order)
    }

    fn settle_target(&mut self, target: &mut Target) -> BindResult<()> {
        let bound = Bound { expression: target.expression.clone(), position: target.position };
        target.expression = self.settle(bound)?.expression;
        Ok(())
    }

    /// The entry that `ORDER BY` or `DISTINCT ON` means: an output name first, then a number, then an expression, which
    /// is added if it is not there.
    pub(super) fn named_target(
        &mut self,
        expression: &Syntax<'_>,
        targets: &mut Vec<Target>,
        clause: Clause,
    ) -> BindResult<usize> {
        if let Tree::Column(name) = &expression.kind
            && let [name] = name.parts
        {
            let taken = clause == Clause::GroupBy && self.is_column_here(name.text);
            if !taken && let Some(place) = by_output_name(name.text, targets, clause, expression.position)? {
                return Ok(place);
            }
        }
        match &expression.kind {
            Tree::Integer(number) => {
                let visible = targets.iter().filter(|target| !target.hidden).count();
                let place = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
                match place.filter(|place| *place < visible) {
                    Some(place) => Ok(place),
                    None => {
                        let (clause, number) = (clause.name(), i64::from(*number));
                        let kind = BindErrorKind::PositionNotInList { clause, number };
                        Err(BindError::at(kind, expression.position))
                    }
                }
            }
            Tree::Null
            | Tree::Boolean(_)
            | Tree::Decimal(_)
            | Tree::String(_)
            | Tree::BitString(_)
            | Tree::HexString(_) => Err(not_a_position(clause.name(), expression.position)),
            _ => {
                let bound = self.clause(clause, |binder| binder.expression(expression))?;
                Ok(place_of(bound, targets))
            }
        }
    }

    /// Whether the innermost query has an open column of this name: `GROUP BY` means it rather than an output name.
    fn is_column_here(&mut self, name: &str) -> bool {
        let items = &self.level().items;
        items.iter().any(|item| item.open && item.columns.iter().any(|column| &*column.name == name))
    }

    /// How an expression is sorted by.
    pub fn sort_key(&mut self, bound: Bound, key: &SyntaxKey<'_>) -> BindResult<SortKey> {
        let of = bound.expression.result;
        let mut descending = false;
        match &key.direction {
            SortDirection::Default | SortDirection::Ascending => {}
            SortDirection::Descending => descending = true,
            SortDirection::Using(operator) => descending = self.using(operator, of)?,
        }
        let nulls_first = match key.nulls {
            None => descending,
            Some(NullsOrder::First) => true,
            Some(NullsOrder::Last) => false,
        };
        self.comparable(&bound)?;
        let Some(order) = self.types().order(of) else {
            let type_name = self.type_name(of.oid);
            return Err(BindError::at(BindErrorKind::NoOrder { type_name }, key.expression.start()));
        };
        Ok(SortKey { expression: bound.expression, order, descending, nulls_first })
    }

    /// Whether an operator of `USING` sorts downwards.
    fn using(&mut self, operator: &Operator<'_>, of: Type) -> BindResult<bool> {
        self.require_operator(operator, of.oid)?;
        match operator.symbol {
            "<" | "~<~" => Ok(false),
            ">" | "~>~" => Ok(true),
            symbol => {
                let kind = BindErrorKind::NotOrderingOperator { name: symbol.to_owned() };
                Err(BindError::at(kind, operator.position))
            }
        }
    }

    /// An expression that rows are grouped by.
    pub fn group_key(&mut self, bound: Bound) -> BindResult<SortKey> {
        self.comparable(&bound)?;
        let of = bound.expression.result;
        let Some(order) = self.types().equality(of) else {
            return Err(self.no_equality(of.oid, bound.position));
        };
        Ok(SortKey { expression: bound.expression, order, descending: false, nulls_first: false })
    }

    /// `DISTINCT`: what is sorted by must be selected.
    pub(super) fn select_distinct(
        &mut self,
        targets: &mut [Target],
        order: &[(usize, SortKey)],
    ) -> BindResult<()> {
        for (place, _) in order {
            if targets[*place].hidden {
                let position = targets[*place].position;
                return Err(BindError::at(BindErrorKind::DistinctOrderBy, position));
            }
        }
        for target in targets.iter_mut().filter(|target| !target.hidden) {
            self.settle_target(target)?;
            let bound = Bound { expression: target.expression.clone(), position: target.position };
            self.group_key(bound)?;
        }
        Ok(())
    }

    /// `DISTINCT ON`: its expressions are those that are sorted by first, if any are.
    pub(super) fn distinct_on(
        &mut self,
        expressions: &[Syntax<'_>],
        targets: &mut Vec<Target>,
        order: &mut Vec<(usize, SortKey)>,
    ) -> BindResult<Vec<usize>> {
        let mut places = Vec::with_capacity(expressions.len());
        for expression in expressions {
            let place = self.named_target(expression, targets, Clause::DistinctOn)?;
            self.settle_target(&mut targets[place])?;
            let target = &targets[place];
            let bound = Bound { expression: target.expression.clone(), position: target.position };
            let key = self.group_key(bound)?;
            if !places.iter().any(|(known, _)| *known == place) {
                places.push((place, key));
            }
        }
        let mut left = places.len();
        for (at, (place, _)) in order.iter().enumerate() {
            let is_on = places.iter().any(|(on, _)| on == place);
            if is_on && at < places.len() && left > 0 {
                left -= 1;
            } else if left > 0 || is_on {
                let position = expressions.first().map_or(0, |first| first.start());
                let first = places
                    .iter()
                    .zip(expressions)
                    .find(|((on, _), _)| !order.iter().take(places.len()).any(|(sorted, _)| sorted == on))
                    .map(|(_, expression)| expression.start());
                return Err(BindError::at(BindErrorKind::DistinctOnOrderBy, first.unwrap_or(position)));
            }
        }
        // What is not sorted by comes together by being sorted after the rest.
        let missing: Vec<(usize, SortKey)> = places
            .iter()
            .filter(|(place, _)| !order.iter().any(|(sorted, _)| sorted == place))
            .cloned()
            .collect();
        order.extend(missing);
        Ok(places.into_iter().map(|(place, _)| place).collect())
    }
}

/// The place of an expression among the entries; it is added, hidden, if it is not there.
pub(super) fn place_of(bound: Bound, targets: &mut Vec<Target>) -> usize {
    if let Some(place) = targets.iter().position(|target| alike(&target.expression, &bound.expression)) {
        return place;
    }
    targets.push(Target {
        expression: bound.expression,
        position: bound.position,
        name: "?column?".to_owned(),
        hidden: true,
    });
    targets.len() - 1
}

fn by_output_name(
    name: &str,
    targets: &[Target],
    clause: Clause,
    position: u32,
) -> BindResult<Option<usize>> {
    let mut found: Option<(usize, &Expression)> = None;
    for (place, target) in targets.iter().enumerate() {
        if target.hidden || target.name != name {
            continue;
        }
        match found {
            None => found = Some((place, &target.expression)),
            Some((_, known)) if *known == target.expression => {}
            Some(_) => {
                let kind = BindErrorKind::AmbiguousOutput { clause: clause.name(), name: name.to_owned() };
                return Err(BindError::at(kind, position));
            }
        }
    }
    Ok(found.map(|(place, _)| place))
}
