//! What the conditions of a scan say of the keys that a table is divided by.
//!
//! The planner makes a [`Division`] of them and reads only the parts that may have rows. What it cannot tell yet, for a value is
//! computed when the plan is run, stays with the plan as a [`Pruning`]: the executor asks again when it knows. A part that is
//! left out has no row for certain; one that is read may have none.

use crate::expression::{Expression, ExpressionKind};
use crate::partition::{Bound, Edge, Place, Routing};
use crate::prune::{Known, Survivors};
use std::collections::BTreeSet;
use std::sync::Arc;
use types::Value;
use types::array::ArrayView;
use types::vector::{Operator, Order};

/// A value that a key is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Known when the plan is made.
    Constant(Value),
    /// Known when it is run: one of [`Pruning::values`].
    Computed(u32),
}

/// What is said of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// It is one of these; a null among them stands for none.
    OneOf(Vec<Operand>),
    /// It is an element of an array.
    Element(Operand),
    /// It is null, or one of these values of a bound, nulls among them.
    Among(Vec<Value>),
    /// It is none of these; it may be null.
    NoneOf(Vec<Operand>),
    /// How it compares with a value; nothing compares with a null.
    Compared(Operator, Operand),
    /// It is no null.
    NotNull,
}

/// What must be true of the keys of a division, all of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// Of which key what is said.
    pub clauses: Vec<(usize, Clause)>,
    /// Of each of these one alternative is true.
    pub choices: Vec<Vec<Alternative>>,
}

/// One of several that may be true.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// What it says of the keys of the divisions around, from the outermost; nothing where they have none that are read.
    pub around: Vec<Option<Terms>>,
    /// And of the division's own.
    pub own: Terms,
}

/// What is said of the keys of a division, and of those of its parts that are divided further.
#[derive(Debug, Clone, PartialEq)]
pub struct Division {
    /// Of its own keys; nothing if not all of what they are made of is read.
    pub terms: Option<Terms>,
    /// For each part, if it is divided.
    pub within: Vec<Option<Division>>,
}

/// How an executor finds out which tables it need not read.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruning {
    /// How the table is divided.
    pub routing: Arc<Routing>,
    /// What is said of its keys.
    pub division: Division,
    /// What is to be computed, over no rows.
    pub values: Vec<Expression>,
    /// The tables that the inputs of the operator read, one each.
    pub tables: Vec<u32>,
}

/// Which inputs are read.
pub type Read = Vec<bool>;

fn item_order(routing: &Routing, key: usize) -> Option<&Order> {
    routing.keys.get(key).map(|key| &key.order)
}

impl Operand {
    /// Its value, if it is known.
    fn value<'v>(&'v self, values: &'v [Option<Value>]) -> Option<&'v Value> {
        match self {
            Operand::Constant(value) => Some(value),
            Operand::Computed(number) => values.get(*number as usize)?.as_ref(),
        }
    }
}

/// All of them, if each is known; nulls are left out.
fn known_values(operands: &[Operand], values: &[Option<Value>]) -> Option<Vec<Value>> {
    let mut known = Vec::with_capacity(operands.len());
    for operand in operands {
        let value = operand.value(values)?;
        if !value.is_null() {
            known.push(value.clone());
        }
    }
    Some(known)
}

impl Clause {
    /// Tells what it says, as far as values are known.
    fn tell(&self, order: &Order, values: &[Option<Value>], known: &mut Known) {
        match self {
            Clause::OneOf(operands) => {
                if let Some(values) = known_values(operands, values) {
                    known.equal(order, values);
                }
            }
            Clause::Element(operand) => {
                let array = operand.value(values);
                if array.is_some_and(Value::is_null) {
                    return known.equal(order, Vec::new());
                }
                if let Some(array) = array.and_then(Value::as_bytes).and_then(ArrayView::new) {
                    let elements = array.items().filter(|element| !element.is_null());
                    known.equal(order, elements.map(|element| element.to_value()).collect());
                }
            }
            Clause::Among(values) => known.equal(order, values.clone()),
            Clause::NoneOf(operands) => {
                let told = operands.iter().filter_map(|operand| operand.value(values));
                known.unequal(told.filter(|value| !value.is_null()).cloned());
            }
            Clause::Compared(operator, operand) => {
                let Some(value) = operand.value(values).cloned() else { return };
                compared(order, *operator, value, known);
            }
            Clause::NotNull => known.not_null = true,
        }
    }
}

fn compared(order: &Order, operator: Operator, value: Value, known: &mut Known) {
    if value.is_null() {
        return known.equal(order, Vec::new());
    }
    match operator {
        Operator::Equal => known.equal(order, vec![value]),
        Operator::Less => known.below(order, value, false),
        Operator::LessOrEqual => known.below(order, value, true),
        Operator::Greater => known.above(order, value, false),
        Operator::GreaterOrEqual => known.above(order, value, true),
        Operator::NotEqual => {
            known.not_null = true;
            known.unequal([value]);
        }
    }
}

impl Terms {
    /// What the bound of a part of an outer division says of a key that both are divided by.
    pub fn tell_bound(&mut self, key: usize, bound: &Bound) {
        let mut compare = |operator: Operator, value: &Value| {
            let operand = Operand::Constant(value.clone());
            self.clauses.push((key, Clause::Compared(operator, operand)));
        };
        match bound {
            Bound::List(values) => self.clauses.push((key, Clause::Among(values.clone()))),
            Bound::Range(from, to) => {
                if let Some(Edge::Value(value)) = from.first() {
                    compare(Operator::GreaterOrEqual, value);
                }
                if let Some(Edge::Value(value)) = to.first() {
                    let operator = if to.len() > 1 { Operator::LessOrEqual } else { Operator::Less };
                    compare(operator, value);
                }
            }
            Bound::Default | Bound::Hash { .. } => {}
        }
    }

    /// Which parts of a division may have rows of which this is true.
    fn survivors(&self, routing: &Routing, around: &[(&Routing, usize)], values: &[Option<Value>]) -> Read {
        let mut known = vec![Known::default(); routing.keys.len()];
        for (key, clause) in &self.clauses {
            if let (Some(order), Some(known)) = (item_order(routing, *key), known.get_mut(*key)) {
                clause.tell(order, values, known);
            }
        }
        let mut survivors = Survivors::new(routing).of(&known);
        for choice in &self.choices {
            let mut any = vec![false; survivors.len()];
            for alternative in choice.iter().filter(|alternative| alternative.is_around(around, values)) {
                let one = alternative.own.survivors(routing, around, values);
                any.iter_mut().zip(one).for_each(|(any, one)| *any |= one);
            }
            survivors.iter_mut().zip(any).for_each(|(survives, any)| *survives &= any);
        }
        survivors
    }
}

impl Alternative {
    /// Whether the parts around may have rows of which it is true: what no row there fulfils gives none within.
    fn is_around(&self, around: &[(&Routing, usize)], values: &[Option<Value>]) -> bool {
        self.around.iter().zip(around).all(|(terms, (routing, part))| {
            let Some(terms) = terms else { return true };
            terms.survivors(routing, &[], values).get(*part).copied().unwrap_or(true)
        })
    }
}

impl Division {
    /// The tables that may have rows, as far as values are known.
    pub fn tables(&self, routing: &Routing, values: &[Option<Value>]) -> BTreeSet<u32> {
        let mut tables = BTreeSet::new();
        self.gather(routing, &mut Vec::new(), values, &mut tables);
        tables
    }

    fn gather<'r>(
        &self,
        routing: &'r Routing,
        around: &mut Vec<(&'r Routing, usize)>,
        values: &[Option<Value>],
        tables: &mut BTreeSet<u32>,
    ) {
        let survivors = match &self.terms {
            Some(terms) => terms.survivors(routing, around, values),
            None => vec![true; routing.parts.len()],
        };
        for (number, (part, survives)) in routing.parts.iter().zip(survivors).enumerate() {
            match (&part.place, self.within.get(number)) {
                (Place::Table(table), _) if survives => {
                    tables.insert(*table);
                }
                (Place::Divided(inner), Some(Some(division))) if survives => {
                    around.push((routing, number));
                    division.gather(inner, around, values, tables);
                    around.pop();
                }
                (Place::Table(_) | Place::Divided(_), _) => {}
            }
        }
    }
}

/// Whether a value is the same as long as a statement runs, and is known when it begins.
fn is_known_at_start(value: &Expression) -> bool {
    !value.any(&mut |part| matches!(part.kind, ExpressionKind::Outer(_) | ExpressionKind::Subplan { .. }))
}

impl Pruning {
    /// Which of its values are known as soon as a statement begins; the others need subqueries, or rows around.
    pub fn known_at_start(&self) -> impl Iterator<Item = bool> {
        self.values.iter().map(is_known_at_start)
    }

    /// Which inputs are to be read, as far as values are known.
    pub fn read(&self, values: &[Option<Value>]) -> Read {
        let tables = self.division.tables(&self.routing, values);
        self.tables.iter().map(|table| tables.contains(table)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partition::{Part, RoutingKey, Strategy};
    use types::Type;
    use types::catalog::oid;

    fn by_list() -> Routing {
        let key = Expression::constant(Value::Null, Type::of(oid::INT4));
        let part = |table: u32| Part {
            bound: Bound::List(vec![Value::Int32(table as i32)]),
            place: Place::Table(table),
            missed: None,
            foreign: None,
        };
        Routing {
            table: 9,
            name: "t".to_owned(),
            schema: "public".to_owned(),
            strategy: Strategy::List,
            keys: vec![RoutingKey { expression: key, order: Order::Int32, text: "a".to_owned(), hash: None }],
            parts: (1..=3).map(part).collect(),
        }
    }

    fn read(clause: Clause, values: &[Option<Value>]) -> Vec<u32> {
        let terms = Terms { clauses: vec![(0, clause)], choices: Vec::new() };
        let division = Division { terms: Some(terms), within: vec![None; 3] };
        division.tables(&by_list(), values).into_iter().collect()
    }

    #[test]
    fn a_value_that_is_not_known_leaves_all_and_a_null_leaves_none() {
        let equal = || Clause::Compared(Operator::Equal, Operand::Computed(0));
        assert_eq!(read(equal(), &[None]), [1, 2, 3]);
        assert_eq!(read(equal(), &[Some(Value::Int32(2))]), [2]);
        assert_eq!(read(equal(), &[Some(Value::Null)]), []);
        let one_of = || Clause::OneOf(vec![Operand::Computed(0), Operand::Computed(1)]);
        assert_eq!(read(one_of(), &[Some(Value::Int32(1)), None]), [1, 2, 3]);
        assert_eq!(read(one_of(), &[Some(Value::Int32(1)), Some(Value::Null)]), [1]);
        assert_eq!(read(Clause::Element(Operand::Computed(0)), &[None]), [1, 2, 3]);
        assert_eq!(read(Clause::Element(Operand::Computed(0)), &[Some(Value::Null)]), []);
        let none_of = Clause::NoneOf(vec![Operand::Computed(0), Operand::Computed(1)]);
        assert_eq!(read(none_of, &[Some(Value::Int32(1)), None]), [2, 3]);
    }
}
