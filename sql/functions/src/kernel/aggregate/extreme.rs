//! `min` and `max`, of every type that has an order. Of values that are equal and yet told apart (`1.0` and `1.00`, 30 days and a
//! month) it is the last that comes, as in PostgreSQL.

use super::grouped::{Fold, each_value, grouped, is_plain};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::loops::{Give, Take, collect_all};
use numeric::float;
use std::cmp::Ordering;
use std::marker::PhantomData;
use types::catalog::type_name;
use types::vector::{Data, NumericVector, Order, VectorBuilder};
use types::{Item, Kind, Numeric, Value, Vector};

/// Values of fixed width.
struct Fixed<T, B> {
    /// Whether the first, which comes later, is to be kept before the second.
    before: B,
    of: PhantomData<T>,
}

impl<T, B> Fold for Fixed<T, B>
where
    T: Copy + Send + Give + for<'a> Take<'a> + 'static,
    B: Fn(T, T) -> bool + Copy + Send + 'static,
{
    type State = Option<T>;
    const MERGES_EXACTLY: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<T>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        let before = self.before;
        let better = |value: T, kept: Option<T>| match kept {
            Some(kept) if !before(value, kept) => kept,
            Some(_) | None => value,
        };
        if let Groups::One(group) = groups {
            let state = &mut states[group as usize];
            let mut kept = *state;
            each_value::<T>(&arguments[0], groups, rows, |_, value| {
                kept = Some(better(value, kept));
                Ok(())
            })?;
            *state = kept;
            return Ok(());
        }
        each_value::<T>(&arguments[0], groups, rows, |group, value| {
            states[group] = Some(better(value, states[group]));
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut Option<T>, other: &Option<T>) -> FunctionResult<()> {
        if let Some(value) = *other
            && state.is_none_or(|kept| (self.before)(value, kept))
        {
            *state = Some(value);
        }
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<T>]) -> FunctionResult<Vector> {
        collect_all::<Option<T>>(states.len(), |row| Ok(states[row]))
    }
}

/// Values of any kind.
struct Any {
    kind: Kind,
    order: Order,
    wanted: Ordering,
}

impl Fold for Any {
    type State = Option<Value>;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<Value>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        if let (Data::Numeric(NumericVector::Uniform { mantissas, scale }), true) =
            (arguments[0].data(), is_plain(&arguments[0]))
        {
            self.update_numbers(states, groups, &mantissas[..rows], *scale);
            return Ok(());
        }
        for row in (0..rows).filter(|row| !arguments[0].is_null(*row)) {
            let (item, state) = (arguments[0].item(row), &mut states[groups.of(row)]);
            if self.is_before(&item, state.as_ref()) {
                *state = Some(item.to_value());
            }
        }
        Ok(())
    }

    fn merge(&mut self, state: &mut Option<Value>, other: &Option<Value>) -> FunctionResult<()> {
        if let Some(value) = other
            && self.is_before(&Item::from(value), state.as_ref())
        {
            *state = Some(value.clone());
        }
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<Value>]) -> FunctionResult<Vector> {
        let mut builder = VectorBuilder::new(self.kind, states.len());
        for state in states {
            builder.push(state.as_ref().unwrap_or(&Value::Null))?;
        }
        Ok(builder.finish())
    }

    fn memory(state: &Option<Value>) -> usize {
        state.as_ref().and_then(Value::as_bytes).map_or(0, <[u8]>::len)
    }
}

impl Any {
    /// Takes in numbers of one scale: those that are kept are mostly of it, too.
    fn update_numbers(
        &self,
        states: &mut [Option<Value>],
        groups: Groups<'_>,
        mantissas: &[i64],
        scale: u16,
    ) {
        let number = |mantissa: i64| Value::Numeric(Numeric::from_mantissa(mantissa, scale));
        if let Groups::One(group) = groups {
            let best = if self.wanted.is_lt() { mantissas.iter().min() } else { mantissas.iter().max() };
            let (best, state) = (best.map(|best| number(*best)), &mut states[group as usize]);
            if best.as_ref().is_some_and(|best| self.is_before(&Item::from(best), state.as_ref())) {
                *state = best;
            }
            return;
        }
        for (row, mantissa) in mantissas.iter().enumerate() {
            let state = &mut states[groups.of(row)];
            let kept = match state {
                Some(Value::Numeric(kept)) => kept.to_mantissa().filter(|(_, of)| *of == scale),
                _ => None, // nothing yet: no other kind comes
            };
            let before = match kept {
                Some((kept, _)) => mantissa.cmp(&kept) == self.wanted,
                None => self.is_before(&Item::from(&number(*mantissa)), state.as_ref()),
            };
            if before {
                *state = Some(number(*mantissa));
            }
        }
    }

    fn is_before(&self, item: &Item<'_>, kept: Option<&Value>) -> bool {
        let Some(kept) = kept.map(Item::from) else { return true };
        match self.order.compare(item, &kept) {
            // Most that are equal are the same, and need not be copied.
            Ordering::Equal => {
                !matches!((item, &kept), (Item::Bytes(item), Item::Bytes(kept)) if item == kept)
            }
            other => other == self.wanted,
        }
    }
}

fn extreme(context: &Context<'_>, site: &Site, wanted: Ordering) -> FunctionResult<Box<dyn AggregateState>> {
    let of = site.arguments.first().copied().unwrap_or(site.result);
    let Some(order) = context.types.order(of) else {
        return Err(FunctionError::NoComparison(type_name(context.types, of.oid, None)));
    };
    let least = wanted.is_lt();
    macro_rules! fixed {
        ($type:ty) => {
            fixed!($type, |a: $type, b: $type| a < b, |a: $type, b: $type| a > b)
        };
        ($type:ty, $less:expr, $greater:expr) => {
            match least {
                true => grouped(Fixed::<$type, _> { before: $less, of: PhantomData }),
                false => grouped(Fixed::<$type, _> { before: $greater, of: PhantomData }),
            }
        };
    }
    match order {
        Order::Int16 => fixed!(i16),
        Order::Int32 => fixed!(i32),
        Order::Int64 => fixed!(i64),
        Order::Unsigned32 => fixed!(u32),
        Order::Unsigned64 => fixed!(u64),
        Order::Float64 => {
            fixed!(f64, |a, b| float::compare(a, b).is_le(), |a, b| float::compare(a, b).is_ge())
        }
        order => grouped(Any { kind: order.kind(), order, wanted }),
    }
}

pub(crate) fn agg_min(context: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    extreme(context, site, Ordering::Less)
}

pub(crate) fn agg_max(context: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    extreme(context, site, Ordering::Greater)
}
