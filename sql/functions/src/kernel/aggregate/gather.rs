//! `string_agg` and `array_agg`: what keeps all values.

use super::grouped::{Fold, each_value, grouped};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::loops::{collect_all, internal, limit};
use diagnostic::SqlState;
use types::array::{ArrayBuilder, ArrayView, DIMENSIONS_MAX, Dimension};
use types::catalog::{Type, oid, type_name};
use types::vector::BytesBuilder;
use types::{Item, Kind, Vector};

/// Texts with separators between them.
struct Joined;

#[derive(Clone, Default)]
struct Text {
    /// All with the separator in front, so that merging needs no other.
    bytes: Vec<u8>,
    /// How long the first separator is, which is not shown.
    skipped: usize,
    any: bool,
}

impl Fold for Joined {
    type State = Text;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Text],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        let [values, separators] = arguments else { return Err(internal("two arguments")) };
        let column = separators.bytes().ok_or_else(|| internal("an argument of another kind"))?;
        let mut row = 0;
        // `each_value` leaves out nulls, so rows are counted by what it does not see.
        let places: Vec<usize> = (0..rows).filter(|row| !values.is_null(*row)).collect();
        each_value::<&[u8]>(values, groups, rows, |group, value| {
            let place = places[row];
            row += 1;
            let separator =
                if separators.is_null(place) { &[][..] } else { column.get(separators.place(place)) };
            let state = &mut states[group];
            if !state.any {
                state.any = true;
                state.skipped = separator.len();
            }
            limit(state.bytes.len() + separator.len() + value.len())?;
            state.bytes.extend_from_slice(separator);
            state.bytes.extend_from_slice(value);
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut Text, other: &Text) -> FunctionResult<()> {
        if !state.any {
            *state = other.clone();
        } else {
            limit(state.bytes.len() + other.bytes.len())?;
            state.bytes.extend_from_slice(&other.bytes);
        }
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Text]) -> FunctionResult<Vector> {
        collect_all::<Option<&[u8]>>(states.len(), |row| {
            Ok(states[row].any.then(|| &states[row].bytes[states[row].skipped..]))
        })
    }

    fn memory(state: &Text) -> usize {
        state.bytes.capacity()
    }
}

pub(crate) fn agg_string_agg(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    grouped(Joined)
}

/// Values as the elements of an array.
struct Elements {
    element: u32,
    kind: Kind,
}

/// A list of values of one kind, packed.
#[derive(Clone, Default)]
struct List {
    builder: Option<ArrayBuilder>,
}

impl Fold for Elements {
    type State = List;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [List],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        for row in 0..rows {
            let builder = states[groups.of(row)]
                .builder
                .get_or_insert_with(|| ArrayBuilder::new(self.element, self.kind));
            builder.push(&arguments[0].item(row));
            limit(builder.size())?;
        }
        Ok(())
    }

    fn merge(&mut self, state: &mut List, other: &List) -> FunctionResult<()> {
        let Some(other) = &other.builder else { return Ok(()) };
        let bytes = other.clone().finish_list();
        let more = ArrayView::new(&bytes).ok_or_else(|| internal("damaged array"))?;
        let builder = state.builder.get_or_insert_with(|| ArrayBuilder::new(self.element, self.kind));
        more.items().for_each(|item| builder.push(&item));
        limit(builder.size())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[List]) -> FunctionResult<Vector> {
        collect_all::<Option<Vec<u8>>>(states.len(), |row| {
            Ok(states[row].builder.clone().map(ArrayBuilder::finish_list))
        })
    }

    fn memory(state: &List) -> usize {
        state.builder.as_ref().map_or(0, ArrayBuilder::size)
    }
}

/// Arrays of one shape as the parts of an array with a dimension more.
#[derive(Clone, Copy)]
struct Arrays {
    element: u32,
    kind: Kind,
}

#[derive(Clone, Default)]
struct Stack {
    builder: Option<ArrayBuilder>,
    shape: Vec<Dimension>,
    count: i32,
}

impl Arrays {
    fn push(&self, state: &mut Stack, array: &ArrayView<'_>) -> FunctionResult<()> {
        let shape: Vec<Dimension> = array.dimensions().collect();
        let refused = |message: &str| Err(FunctionError::plain(SqlState::ArrayElementError, message));
        match &state.builder {
            None if array.is_empty() => return refused("cannot accumulate empty arrays"),
            None if shape.len() >= DIMENSIONS_MAX => {
                let message = format!(
                    "number of array dimensions ({}) exceeds the maximum allowed ({DIMENSIONS_MAX})",
                    shape.len() + 1
                );
                return Err(FunctionError::plain(SqlState::ProgramLimitExceeded, message));
            }
            None => state.shape = shape,
            Some(_) => {
                let lengths = |shape: &[Dimension]| shape.iter().map(|one| one.length).collect::<Vec<_>>();
                if lengths(&shape) != lengths(&state.shape) {
                    return refused("cannot accumulate arrays of different dimensionality");
                }
            }
        }
        let builder = state.builder.get_or_insert_with(|| ArrayBuilder::new(self.element, self.kind));
        array.items().for_each(|item| builder.push(&item));
        state.count += 1;
        limit(builder.size())
    }

    fn push_item(&self, state: &mut Stack, item: &Item<'_>) -> FunctionResult<()> {
        let Item::Bytes(bytes) = item else {
            let message = "cannot accumulate null arrays";
            return Err(FunctionError::plain(SqlState::NullValueNotAllowed, message));
        };
        self.push(state, &ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?)
    }

    fn array(state: &Stack) -> Option<Vec<u8>> {
        let first = Dimension { length: state.count, lower: 1 };
        let shape: Vec<Dimension> = std::iter::once(first).chain(state.shape.iter().copied()).collect();
        state.builder.clone().map(|builder| builder.finish(&shape))
    }
}

/// Arrays of one shape that become one with a dimension more: what `ARRAY(SELECT …)` gathers.
pub struct ArrayStack {
    arrays: Arrays,
    stack: Stack,
}

impl ArrayStack {
    /// None yet; the type of the elements and its kind.
    pub fn new(element: u32, kind: Kind) -> ArrayStack {
        ArrayStack { arrays: Arrays { element, kind }, stack: Stack::default() }
    }

    /// Another one.
    ///
    /// # Errors
    /// When it is null, empty or of another shape.
    pub fn push(&mut self, item: &Item<'_>) -> FunctionResult<()> {
        self.arrays.push_item(&mut self.stack, item)
    }

    /// All of them; an empty array if there are none.
    pub fn finish(self) -> Vec<u8> {
        let empty = || ArrayBuilder::new(self.arrays.element, self.arrays.kind).finish(&[]);
        Arrays::array(&self.stack).unwrap_or_else(empty)
    }
}

impl Fold for Arrays {
    type State = Stack;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Stack],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        (0..rows).try_for_each(|row| self.push_item(&mut states[groups.of(row)], &arguments[0].item(row)))
    }

    fn merge(&mut self, state: &mut Stack, other: &Stack) -> FunctionResult<()> {
        let Some(bytes) = Arrays::array(other) else { return Ok(()) };
        let array = ArrayView::new(&bytes).ok_or_else(|| internal("damaged array"))?;
        if state.builder.is_none() {
            *state = other.clone();
            return Ok(());
        }
        let lengths = |shape: &[Dimension]| shape.iter().map(|one| one.length).collect::<Vec<_>>();
        if lengths(&state.shape) != lengths(&other.shape) {
            let message = "cannot accumulate arrays of different dimensionality";
            return Err(FunctionError::plain(SqlState::ArrayElementError, message));
        }
        if let Some(builder) = &mut state.builder {
            array.items().for_each(|item| builder.push(&item));
            state.count += other.count;
        }
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Stack]) -> FunctionResult<Vector> {
        let mut builder = BytesBuilder::with_capacity(states.len(), 0);
        let mut nulls = types::vector::BitmapBuilder::default();
        for state in states {
            let array = Arrays::array(state);
            nulls.push(array.is_none());
            builder.push(&array.unwrap_or_default())?;
        }
        Ok(Vector::new(types::vector::Data::Bytes(builder.finish()), nulls.finish()))
    }

    fn memory(state: &Stack) -> usize {
        state.builder.as_ref().map_or(0, ArrayBuilder::size)
    }
}

pub(crate) fn agg_array_agg(context: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    let of = site.arguments.first().copied().unwrap_or(site.result);
    let base = context.types.undomained(of);
    if matches!(base.oid, oid::INT2VECTOR | oid::OIDVECTOR) {
        // It would be an array of two dimensions, of the same type.
        let name = type_name(context.types, base.oid, None);
        return Err(FunctionError::plain(SqlState::DatatypeMismatch, format!("array is not a valid {name}")));
    }
    match context.types.entry(base.oid) {
        Some(entry) if entry.form == types::catalog::Form::Array => {
            let kind = crate::evaluate::kind_of(context, Type::of(entry.element))?;
            grouped(Arrays { element: entry.element, kind })
        }
        _ => grouped(Elements { element: of.oid, kind: crate::evaluate::kind_of(context, of)? }),
    }
}
