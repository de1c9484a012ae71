//! `bool_and`, `bool_or`, `bit_and`, `bit_or`, `bit_xor`.

use super::grouped::{Fold, each_value, grouped};
use crate::error::FunctionResult;
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::bits;
use crate::kernel::loops::{Give, Take, collect_all};
use std::marker::PhantomData;
use types::Vector;
use types::catalog::oid;

/// What two values become one by.
#[derive(Clone, Copy)]
enum Join {
    And,
    Or,
    Xor,
}

/// Values of fixed width joined bit by bit.
struct Joined<T> {
    join: Join,
    of: PhantomData<fn() -> T>,
}

trait Bits: Copy + Send + 'static {
    fn join(self, other: Self, join: Join) -> Self;
}

macro_rules! bits {
    ($($type:ty),*) => {
        $(impl Bits for $type {
            fn join(self, other: $type, join: Join) -> $type {
                match join {
                    Join::And => self & other,
                    Join::Or => self | other,
                    Join::Xor => self ^ other,
                }
            }
        })*
    };
}
bits!(bool, i16, i32, i64);

impl<T> Fold for Joined<T>
where
    T: Bits + Give + for<'a> Take<'a>,
{
    type State = Option<T>;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<T>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_value::<T>(&arguments[0], groups, rows, |group, value| {
            let state = &mut states[group];
            *state = Some(state.map_or(value, |before| before.join(value, self.join)));
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut Option<T>, other: &Option<T>) -> FunctionResult<()> {
        *state = match (*state, *other) {
            (Some(left), Some(right)) => Some(left.join(right, self.join)),
            (left, right) => left.or(right),
        };
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<T>]) -> FunctionResult<Vector> {
        collect_all::<Option<T>>(states.len(), |row| Ok(states[row]))
    }
}

/// Bit strings joined bit by bit.
struct JoinedStrings {
    join: Join,
}

impl JoinedStrings {
    fn join(&self, left: &[u8], right: &[u8]) -> FunctionResult<Vec<u8>> {
        match self.join {
            Join::And => bits::join(left, right, "AND", |left, right| left & right),
            Join::Or => bits::join(left, right, "OR", |left, right| left | right),
            Join::Xor => bits::join(left, right, "XOR", |left, right| left ^ right),
        }
    }
}

impl Fold for JoinedStrings {
    type State = Option<Vec<u8>>;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<Vec<u8>>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_value::<&[u8]>(&arguments[0], groups, rows, |group, value| {
            let state = &mut states[group];
            *state = Some(match state {
                Some(before) => self.join(before, value)?,
                None => value.to_vec(),
            });
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut Option<Vec<u8>>, other: &Option<Vec<u8>>) -> FunctionResult<()> {
        *state = match (state.take(), other) {
            (Some(left), Some(right)) => Some(self.join(&left, right)?),
            (left, right) => left.or_else(|| right.clone()),
        };
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<Vec<u8>>]) -> FunctionResult<Vector> {
        collect_all::<Option<&[u8]>>(states.len(), |row| Ok(states[row].as_deref()))
    }
}

fn truth(join: Join) -> FunctionResult<Box<dyn AggregateState>> {
    grouped(Joined::<bool> { join, of: PhantomData })
}

fn bitwise(site: &Site, join: Join) -> FunctionResult<Box<dyn AggregateState>> {
    match site.arguments.first().map_or(0, |of| of.oid) {
        oid::INT2 => grouped(Joined::<i16> { join, of: PhantomData }),
        oid::INT4 => grouped(Joined::<i32> { join, of: PhantomData }),
        oid::INT8 => grouped(Joined::<i64> { join, of: PhantomData }),
        _ => grouped(JoinedStrings { join }),
    }
}

pub(crate) fn agg_bool_and(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    truth(Join::And)
}

pub(crate) fn agg_every(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    truth(Join::And)
}

pub(crate) fn agg_bool_or(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    truth(Join::Or)
}

pub(crate) fn agg_bit_and(_: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    bitwise(site, Join::And)
}

pub(crate) fn agg_bit_or(_: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    bitwise(site, Join::Or)
}

pub(crate) fn agg_bit_xor(_: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    bitwise(site, Join::Xor)
}
