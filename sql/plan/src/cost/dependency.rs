//! Which part of the rows fulfils conditions that name values, as far as some columns and expressions tell others
//! (`CREATE STATISTICS` with `dependencies`).

use super::combined::Known;
use super::selectivity::{By, Statistics, comparing, plain};
use super::variable::varies;
use crate::expression::{Expression, ExpressionKind, RelationId};
use crate::facts::{Facts, TableFacts};
use std::collections::BTreeMap;
use types::vector::Operator;

/// That what stands at the first places tells what stands at the last, and in which part of the rows.
type Dependency = (Vec<usize>, f64);

impl Statistics {
    /// Which part of the rows fulfils conditions that give columns values, as far as columns tell of others.
    pub(super) fn by_dependencies(
        &self,
        table: &TableFacts,
        relation: RelationId,
        known: &mut [Known<'_>],
        facts: &dyn Facts,
    ) -> f64 {
        if table.combined.iter().all(|combined| combined.dependencies.is_empty()) {
            return 1.0;
        }
        // What is given values, each once, and by which conditions.
        let mut given: Vec<(Expression, Vec<usize>)> = Vec::new();
        for (place, known) in known.iter().enumerate().filter(|(_, known)| !known.done) {
            let Some(of) = valued(known.condition, facts) else { continue };
            match given.iter_mut().find(|(other, _)| other == of) {
                Some((_, conditions)) => conditions.push(place),
                None => given.push((of.clone(), vec![place])),
            }
        }
        if given.len() < 2 {
            return 1.0;
        }
        let dependencies = self.matched(table, relation, &given);
        let used = used(&dependencies, given.len());
        let mut parts: BTreeMap<usize, f64> = BTreeMap::new();
        for place in used.iter().flat_map(|(places, _)| places) {
            if parts.contains_key(place) {
                continue;
            }
            let Some((_, conditions)) = given.get(*place) else { continue };
            let of_it: Vec<&Expression> = conditions.iter().map(|of| known[*of].condition).collect();
            parts.insert(*place, self.each(&of_it, By { facts, together: false }));
            conditions.iter().for_each(|of| known[*of].done = true);
        }
        applied(&used, parts)
    }

    /// The dependencies among what is given values.
    fn matched(
        &self,
        table: &TableFacts,
        relation: RelationId,
        given: &[(Expression, Vec<usize>)],
    ) -> Vec<Dependency> {
        let mut found = Vec::new();
        for combined in table.combined.iter().filter(|combined| !combined.dependencies.is_empty()) {
            let places: Vec<Option<u16>> =
                given.iter().map(|(of, _)| self.place_in(combined, of, Some(relation))).collect();
            let of_given = |place: &u16| places.iter().position(|known| *known == Some(*place));
            found.extend(combined.dependencies.iter().filter_map(|(of, degree)| {
                Some((of.iter().map(of_given).collect::<Option<Vec<usize>>>()?, *degree))
            }));
        }
        found
    }
}

/// The dependencies that are used, the widest and strongest first: what one tells is told by no other.
fn used(all: &[Dependency], count: usize) -> Vec<&Dependency> {
    let mut left = vec![true; count];
    let mut used: Vec<&Dependency> = Vec::new();
    loop {
        let fits = |of: &&Dependency| of.0.iter().all(|place| left[*place]);
        let weaker = |one: &Dependency, other: &Dependency| (one.0.len(), one.1) <= (other.0.len(), other.1);
        let strongest =
            all.iter().filter(fits).reduce(|known, next| if weaker(known, next) { next } else { known });
        let Some(strongest) = strongest else { return used };
        if let Some(told) = strongest.0.last() {
            left[*told] = false;
        }
        used.push(strongest);
    }
}

/// What is left of the parts of the rows when it is known what tells what.
fn applied(used: &[&Dependency], mut parts: BTreeMap<usize, f64>) -> f64 {
    for (places, degree) in used.iter().rev() {
        let [telling @ .., told] = places.as_slice() else { continue };
        let telling: f64 = telling.iter().filter_map(|place| parts.get(place)).product();
        if let Some(part) = parts.get_mut(told) {
            let certain = if telling <= *part { *degree } else { degree * *part / telling };
            *part = certain + (1.0 - degree) * *part;
        }
    }
    parts.values().product::<f64>().clamp(0.0, 1.0)
}

/// What a condition gives values: a column or an expression.
fn valued<'e>(condition: &'e Expression, facts: &dyn Facts) -> Option<&'e Expression> {
    let of = match &condition.kind {
        ExpressionKind::Not(operand) => operand,
        ExpressionKind::InList { operand, list, negated: false, .. } => {
            list.iter().all(|value| !varies(value)).then_some(operand)?
        }
        ExpressionKind::InList { .. } => return None,
        ExpressionKind::Quantified { function, all: false, operands } => {
            let (operand, array) = &**operands;
            let element = facts.element_type(array.result)?;
            let known = facts.comparison_of_sides(*function, operand.result, element)?;
            let equal = known.operator == Operator::Equal && !varies(array);
            equal.then_some(operand)?
        }
        ExpressionKind::Quantified { .. } => return None,
        ExpressionKind::Or(terms) => {
            let mut all = terms.iter().map(|term| valued(term, facts));
            let first = all.next()??;
            return all.all(|of| of == Some(first)).then_some(first);
        }
        ExpressionKind::Call(call) if call.operator.is_some() && call.arguments.len() == 2 => {
            comparing(call, facts).filter(|operator| *operator == Operator::Equal)?;
            let [left, right] = call.arguments.as_slice() else { return None };
            match (varies(left), varies(right)) {
                (_, false) => left,
                (false, true) => right,
                (true, true) => return None,
            }
        }
        _ => condition,
    };
    Some(plain(of)).filter(|of| varies(of))
}
