//! Loops over vectors: typed access to arguments, results of any kind, and the macros in which functions are written.
//!
//! `scalar!` makes functions that are shown no nulls and may fail; `masked!` makes those that compute below nulls too,
//! whose loops have no branch on the data; `masked_checked!` makes such that tell with each value whether it is out of
//! range, which is looked at once for all. These and those of `narrow!` can compute a row alone, too.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Narrow, PIECE_BYTES, Single, weight_of_number};
use datetime::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
use diagnostic::{SqlState, room};
use numeric::Numeric;
use std::borrow::Cow;
use types::Vector;
use types::array::ArrayView;
use types::vector::{
    Bitmap, BitmapBuilder, BytesBuilder, BytesVector, BytesView, Data, Fixed, NumericBuilder, NumericVector,
    Stretch,
};

/// What the binder has seen to does not hold; a mistake of this program.
pub(crate) fn internal(what: &'static str) -> FunctionError {
    FunctionError::plain(SqlState::InternalError, what)
}

/// A type of an argument, read from a vector.
pub(crate) trait Take<'a>: Sized {
    /// All values.
    type Column: Copy;

    /// The values of a vector.
    fn column(vector: &'a Vector) -> FunctionResult<Self::Column>;
    /// One of them.
    fn at(column: Self::Column, place: usize) -> FunctionResult<Self>;
}

macro_rules! take_fixed {
    ($($type:ty => $stored:ty, $wrap:expr;)*) => {
        $(impl<'a> Take<'a> for $type {
            type Column = &'a [$stored];

            fn column(vector: &'a Vector) -> FunctionResult<&'a [$stored]> {
                vector.fixed::<$stored>().ok_or_else(|| internal("an argument of another kind"))
            }

            #[inline]
            fn at(column: &'a [$stored], place: usize) -> FunctionResult<$type> {
                Ok($wrap(column[place]))
            }
        })*
    };
}

take_fixed! {
    bool => bool, |value| value;
    i16 => i16, |value| value;
    i32 => i32, |value| value;
    i64 => i64, |value| value;
    u32 => i32, |value| value as u32;
    u64 => i64, |value| value as u64;
    f32 => f32, |value| value;
    f64 => f64, |value| value;
    Interval => Interval, |value| value;
    TimeTz => TimeTz, |value| value;
    [u8; 16] => [u8; 16], |value| value;
    Date => i32, Date;
    Time => i64, Time;
    Timestamp => i64, Timestamp;
    TimestampTz => i64, TimestampTz;
}

fn bytes_of(vector: &Vector) -> FunctionResult<BytesView<'_>> {
    vector.bytes().map(BytesVector::view).ok_or_else(|| internal("an argument of another kind"))
}

impl<'a> Take<'a> for &'a [u8] {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        bytes_of(vector)
    }

    #[inline]
    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<&'a [u8]> {
        Ok(column.get(place))
    }
}

impl<'a> Take<'a> for &'a str {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        bytes_of(vector)
    }

    #[inline]
    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<&'a str> {
        text(column.get(place))
    }
}

impl<'a> Take<'a> for Stretch<'a> {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        bytes_of(vector)
    }

    #[inline]
    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<Stretch<'a>> {
        Ok(column.stretch(place))
    }
}

/// Bytes as text. Everything that becomes text has been looked at before.
pub(crate) fn text(bytes: &[u8]) -> FunctionResult<&str> {
    std::str::from_utf8(bytes).map_err(|_| internal("text that is not UTF-8"))
}

impl<'a> Take<'a> for ArrayView<'a> {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        bytes_of(vector)
    }

    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<ArrayView<'a>> {
        ArrayView::new(column.get(place)).ok_or_else(|| internal("damaged array"))
    }
}

impl<'a> Take<'a> for json::Value<'a> {
    type Column = BytesView<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
        bytes_of(vector)
    }

    fn at(column: BytesView<'a>, place: usize) -> FunctionResult<json::Value<'a>> {
        Ok(json::Value::from_bytes(column.get(place)))
    }
}

impl<'a> Take<'a> for Numeric {
    type Column = &'a NumericVector;

    fn column(vector: &'a Vector) -> FunctionResult<&'a NumericVector> {
        vector.numeric().ok_or_else(|| internal("an argument of another kind"))
    }

    #[inline]
    fn at(column: &'a NumericVector, place: usize) -> FunctionResult<Numeric> {
        Ok(column.get(place))
    }
}

/// A type of a result, gathered into a vector.
pub(crate) trait Give: Sized {
    /// The vector in the making.
    type Builder;

    /// Room for so many.
    fn builder(rows: usize) -> Self::Builder;
    /// Appends the value; `false` if it is a null, below which something was appended.
    fn give(self, builder: &mut Self::Builder) -> FunctionResult<bool>;
    /// Appends what lies below a null.
    fn give_null(builder: &mut Self::Builder);
    /// The vector's data.
    fn data(builder: Self::Builder) -> Data;

    /// Whether what was made is so much that the rest waits for another call.
    #[inline]
    fn is_much(_: &Self::Builder) -> bool {
        false
    }
}

macro_rules! give_fixed {
    ($($type:ty => $stored:ty, |$value:ident| $unwrap:expr;)*) => {
        $(impl Give for $type {
            type Builder = Vec<$stored>;

            fn builder(rows: usize) -> Vec<$stored> {
                Vec::with_capacity(rows)
            }

            #[inline]
            fn give(self, builder: &mut Vec<$stored>) -> FunctionResult<bool> {
                let $value = self;
                builder.push($unwrap);
                Ok(true)
            }

            fn give_null(builder: &mut Vec<$stored>) {
                builder.push(<$stored>::default());
            }

            fn data(builder: Vec<$stored>) -> Data {
                <$stored as Fixed>::wrap(builder.into())
            }
        })*
    };
}

give_fixed! {
    bool => bool, |value| value;
    i16 => i16, |value| value;
    i32 => i32, |value| value;
    i64 => i64, |value| value;
    u32 => i32, |value| value as i32;
    u64 => i64, |value| value as i64;
    f32 => f32, |value| value;
    f64 => f64, |value| value;
    Interval => Interval, |value| value;
    TimeTz => TimeTz, |value| value;
    [u8; 16] => [u8; 16], |value| value;
    Date => i32, |value| value.0;
    Time => i64, |value| value.0;
    Timestamp => i64, |value| value.0;
    TimestampTz => i64, |value| value.0;
}

macro_rules! give_bytes {
    ($($type:ty, |$value:ident| $bytes:expr;)*) => {
        $(impl Give for $type {
            type Builder = BytesBuilder;

            fn builder(rows: usize) -> BytesBuilder {
                BytesBuilder::with_capacity(rows, 0)
            }

            #[inline]
            fn give(self, builder: &mut BytesBuilder) -> FunctionResult<bool> {
                let $value = &self;
                room(0, $bytes.len())?;
                builder.push($bytes)?;
                Ok(true)
            }

            fn give_null(builder: &mut BytesBuilder) {
                builder.push_empty(1);
            }

            fn data(builder: BytesBuilder) -> Data {
                Data::Bytes(builder.finish())
            }

            #[inline]
            fn is_much(builder: &BytesBuilder) -> bool {
                builder.total() > PIECE_BYTES
            }
        })*
    };
}

give_bytes! {
    &[u8], |value| value;
    &str, |value| value.as_bytes();
    Vec<u8>, |value| value;
    String, |value| value.as_bytes();
    Cow<'_, str>, |value| value.as_bytes();
    Cow<'_, [u8]>, |value| value;
    json::Jsonb, |value| value.as_bytes();
}

/// Numbers in the making, and how much those take that are long.
pub(crate) struct Numbers {
    builder: NumericBuilder,
    long: usize,
}

impl Give for Numeric {
    type Builder = Numbers;

    fn builder(rows: usize) -> Numbers {
        Numbers { builder: NumericBuilder::with_capacity(rows), long: 0 }
    }

    #[inline]
    fn give(self, numbers: &mut Numbers) -> FunctionResult<bool> {
        numbers.long += weight_of_number(&self);
        numbers.builder.push(self);
        Ok(true)
    }

    fn give_null(numbers: &mut Numbers) {
        numbers.builder.push_nulls(1);
    }

    fn data(numbers: Numbers) -> Data {
        Data::Numeric(numbers.builder.finish())
    }

    #[inline]
    fn is_much(numbers: &Numbers) -> bool {
        numbers.long > PIECE_BYTES
    }
}

impl<T: Give> Give for Option<T> {
    type Builder = T::Builder;

    fn builder(rows: usize) -> T::Builder {
        T::builder(rows)
    }

    #[inline]
    fn give(self, builder: &mut T::Builder) -> FunctionResult<bool> {
        match self {
            Some(value) => value.give(builder),
            None => {
                T::give_null(builder);
                Ok(false)
            }
        }
    }

    fn give_null(builder: &mut T::Builder) {
        T::give_null(builder);
    }

    fn data(builder: T::Builder) -> Data {
        T::data(builder)
    }

    #[inline]
    fn is_much(builder: &T::Builder) -> bool {
        T::is_much(builder)
    }
}

/// A vector of the values of `each`, one for each row, however much they are: for whoever does not ask for the rest.
pub(crate) fn collect_all<R: Give>(
    rows: usize,
    each: impl FnMut(usize) -> FunctionResult<R>,
) -> FunctionResult<Vector> {
    collect_until(rows, each, |_| false)
}

/// The same: of the first rows alone where those are much ([`in_pieces`](crate::evaluate::in_pieces) goes on).
pub(crate) fn collect<R: Give>(
    rows: usize,
    each: impl FnMut(usize) -> FunctionResult<R>,
) -> FunctionResult<Vector> {
    collect_until(rows, each, R::is_much)
}

#[inline]
fn collect_until<R: Give>(
    rows: usize,
    mut each: impl FnMut(usize) -> FunctionResult<R>,
    is_enough: impl Fn(&R::Builder) -> bool,
) -> FunctionResult<Vector> {
    let (mut builder, mut nulls) = (R::builder(rows), BitmapBuilder::default());
    for row in 0..rows {
        let given = each(row)?.give(&mut builder)?;
        nulls.push(!given);
        if is_enough(&builder) {
            break;
        }
    }
    Ok(Vector::new(R::data(builder), nulls.finish()))
}

/// Bytes for which there is room for each text at first.
pub(crate) const TEXT_BYTES: usize = 16;

/// A vector of texts that `each` appends; likewise.
pub(crate) fn collect_text(
    rows: usize,
    mut each: impl FnMut(usize, &mut Vec<u8>) -> FunctionResult<()>,
) -> FunctionResult<Vector> {
    let mut builder = BytesBuilder::with_capacity(rows, rows * TEXT_BYTES);
    for row in 0..rows {
        builder.push_with(|out| {
            let before = out.len();
            each(row, out)?;
            limit(out.len() - before)
        })?;
        if builder.total() > PIECE_BYTES {
            break;
        }
    }
    Ok(Vector::new(Data::Bytes(builder.finish()), None))
}

/// One value is at most a gigabyte.
pub(crate) const VALUE_MAX: usize = 0x3fff_fff8;

/// Refuses a longer one.
pub(crate) fn limit(length: usize) -> FunctionResult<()> {
    match length <= VALUE_MAX {
        true => Ok(()),
        false => Err(FunctionError::plain(SqlState::ProgramLimitExceeded, "requested length too large")),
    }
}

/// The values of an argument, one a row.
pub(crate) struct Column<'a, T: Take<'a>> {
    column: T::Column,
    vector: &'a Vector,
    /// 0 for a constant.
    step: usize,
}

impl<'a, T: Take<'a>> Column<'a, T> {
    pub(crate) fn new(vector: &'a Vector) -> FunctionResult<Column<'a, T>> {
        let step = usize::from(!vector.is_constant());
        Ok(Column { column: T::column(vector)?, vector, step })
    }

    /// The value of a row that is not null.
    #[inline]
    pub(crate) fn at(&self, row: usize) -> FunctionResult<T> {
        T::at(self.column, row * self.step)
    }

    /// The value of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> FunctionResult<Option<T>> {
        if self.vector.is_null(row) { Ok(None) } else { self.at(row).map(Some) }
    }
}

/// An argument by its place.
pub(crate) fn argument<'a, T: Take<'a>>(
    arguments: &Arguments<'a>,
    place: usize,
) -> FunctionResult<Column<'a, T>> {
    let vectors: &'a [Vector] = arguments.vectors;
    Column::new(vectors.get(place).ok_or_else(|| internal("too few arguments"))?)
}

/// One argument that may be missing: of functions whose last are left out.
pub(crate) fn optional<'a, T: Take<'a>>(
    arguments: &Arguments<'a>,
    place: usize,
) -> FunctionResult<Option<Column<'a, T>>> {
    let vectors: &'a [Vector] = arguments.vectors;
    vectors.get(place).map(Column::new).transpose()
}

/// The texts of an argument, if there is one for each row and all are ASCII: then each byte is a character.
pub(crate) fn ascii_texts<'a>(arguments: &Arguments<'a>, place: usize) -> Option<&'a BytesVector> {
    texts_of(arguments, place).filter(|texts| texts.all().is_ascii())
}

/// The texts of an argument, if there is one for each row.
pub(crate) fn texts_of<'a>(arguments: &Arguments<'a>, place: usize) -> Option<&'a BytesVector> {
    let vectors: &'a [Vector] = arguments.vectors;
    let values = vectors.get(place)?.bytes()?;
    (values.len() == arguments.rows).then_some(values)
}

/// The text of an argument that is the same for all rows.
pub(crate) fn one_text<'a>(arguments: &Arguments<'a>, place: usize) -> Option<&'a [u8]> {
    let vectors: &'a [Vector] = arguments.vectors;
    let vector = vectors.get(place).filter(|vector| vector.is_constant())?;
    Some(vector.bytes()?.get(0))
}

/// Nulls of either argument.
pub(crate) fn union_nulls(arguments: &Arguments<'_>, rows: usize) -> Option<Bitmap> {
    let mut nulls: Option<Bitmap> = None;
    for vector in arguments.vectors {
        let more = match vector.nulls() {
            None => continue,
            Some(_) if vector.is_constant() => Bitmap::filled(rows, true),
            Some(more) => more.clone(),
        };
        nulls = Some(match nulls {
            Some(before) => before.union(&more),
            None => more,
        });
    }
    nulls
}

/// A value of fixed width for each row, whatever lies below nulls.
#[inline]
pub(crate) fn masked1<A: Fixed, R: Fixed>(
    arguments: &Arguments<'_>,
    each: impl Fn(A) -> R,
) -> FunctionResult<Vector> {
    of_each(arguments, each, |found| R::wrap(found.into()))
}

/// The same of what `wrap` makes data of.
#[inline]
pub(crate) fn of_each<A: Fixed, R>(
    arguments: &Arguments<'_>,
    each: impl Fn(A) -> R,
    wrap: impl FnOnce(Vec<R>) -> Data,
) -> FunctionResult<Vector> {
    let vector = &arguments.vectors[0];
    let values = vector.fixed::<A>().ok_or_else(|| internal("an argument of another kind"))?;
    let made = Vector::new(wrap(values.iter().map(|value| each(*value)).collect()), vector.nulls().cloned());
    Ok(if vector.is_constant() { made.repeat(0, arguments.rows) } else { made })
}

/// The same of two arguments.
#[inline]
pub(crate) fn masked2<A: Fixed, B: Fixed, R: Fixed>(
    arguments: &Arguments<'_>,
    each: impl Fn(A, B) -> R,
) -> FunctionResult<Vector> {
    let (left, right) = (&arguments.vectors[0], &arguments.vectors[1]);
    let other = || internal("an argument of another kind");
    let (a, b) = (left.fixed::<A>().ok_or_else(other)?, right.fixed::<B>().ok_or_else(other)?);
    let found: Vec<R> = match (left.is_constant(), right.is_constant()) {
        (false, false) => a.iter().zip(b).map(|(a, b)| each(*a, *b)).collect(),
        (false, true) => {
            let b = b[0];
            a.iter().map(|a| each(*a, b)).collect()
        }
        (true, false) => {
            let a = a[0];
            b.iter().map(|b| each(a, *b)).collect()
        }
        (true, true) => vec![each(a[0], b[0]); arguments.rows],
    };
    Ok(Vector::new(R::wrap(found.into()), union_nulls(arguments, arguments.rows)))
}

/// A value of fixed width for each row, and whether it looks wrong; then `check` decides, for rows without nulls.
#[inline]
pub(crate) fn checked1<A: Fixed, R: Fixed>(
    arguments: &Arguments<'_>,
    each: impl Fn(A) -> (R, bool),
    check: impl Fn(A) -> FunctionResult<()>,
) -> FunctionResult<Vector> {
    let any = std::cell::Cell::new(false);
    let found = masked1(arguments, |value: A| {
        let (result, bad) = each(value);
        any.set(any.get() | bad);
        result
    })?;
    if any.get() {
        let values = argument_values::<A>(&arguments.vectors[0])?;
        for row in (0..arguments.rows).filter(|row| !found.is_null(*row)) {
            let value = values[arguments.vectors[0].place(row)];
            if each(value).1 {
                check(value)?;
            }
        }
    }
    Ok(found)
}

fn argument_values<T: Fixed>(vector: &Vector) -> FunctionResult<&[T]> {
    vector.fixed::<T>().ok_or_else(|| internal("an argument of another kind"))
}

/// The same of two arguments.
#[inline]
pub(crate) fn checked2<A: Fixed, B: Fixed, R: Fixed>(
    arguments: &Arguments<'_>,
    each: impl Fn(A, B) -> (R, bool),
    check: impl Fn(A, B) -> FunctionResult<()>,
) -> FunctionResult<Vector> {
    let any = std::cell::Cell::new(false);
    let found = masked2(arguments, |a: A, b: B| {
        let (result, bad) = each(a, b);
        any.set(any.get() | bad);
        result
    })?;
    if any.get() {
        let (left, right) = (&arguments.vectors[0], &arguments.vectors[1]);
        let (a, b) = (argument_values::<A>(left)?, argument_values::<B>(right)?);
        for row in (0..arguments.rows).filter(|row| !found.is_null(*row)) {
            let (a, b) = (a[left.place(row)], b[right.place(row)]);
            if each(a, b).1 {
                check(a, b)?;
            }
        }
    }
    Ok(found)
}

/// Functions that are shown no nulls: `fn name(a: type, …) -> type { … }`, the context in brackets if it is needed.
macro_rules! scalar {
    ($(fn $name:ident $([$context:ident])? ($($argument:ident: $type:ty),* $(,)?) -> $result:ty $body:block)*) => {
        $(#[allow(unused_mut, unused_assignments, unused_variables, clippy::unused_unit, clippy::needless_question_mark)]
        pub(crate) fn $name(
            context: &mut $crate::evaluate::Context<'_>,
            arguments: &$crate::evaluate::Arguments<'_>,
        ) -> $crate::error::FunctionResult<types::Vector> {
            $(let $context = &mut *context;)?
            let mut place = 0;
            $(
                let $argument = $crate::kernel::loops::argument::<$type>(arguments, place)?;
                place += 1;
            )*
            $crate::kernel::loops::collect::<$result>(arguments.rows, |row| {
                $(let $argument: $type = $argument.at(row)?;)*
                Ok($body)
            })
        })*
    };
}
pub(crate) use scalar;

/// The same for functions that append their result to `out`.
macro_rules! scalar_text {
    ($(fn $name:ident $([$context:ident])? ($out:ident $(, $argument:ident: $type:ty)* $(,)?) $body:block)*) => {
        $(#[allow(unused_mut, unused_assignments, unused_variables)]
        pub(crate) fn $name(
            context: &mut $crate::evaluate::Context<'_>,
            arguments: &$crate::evaluate::Arguments<'_>,
        ) -> $crate::error::FunctionResult<types::Vector> {
            $(let $context = &mut *context;)?
            let mut place = 0;
            $(
                let $argument = $crate::kernel::loops::argument::<$type>(arguments, place)?;
                place += 1;
            )*
            $crate::kernel::loops::collect_text(arguments.rows, |row, $out| {
                $(let $argument: $type = $argument.at(row)?;)*
                $body
                Ok(())
            })
        })*
    };
}
pub(crate) use scalar_text;

/// Functions that see nulls: each argument is an `Option`.
macro_rules! scalar_lenient {
    ($(fn $name:ident $([$context:ident])? ($($argument:ident: $type:ty),* $(,)?) -> $result:ty $body:block)*) => {
        $(#[allow(unused_mut, unused_assignments, unused_variables, clippy::needless_question_mark)]
        pub(crate) fn $name(
            context: &mut $crate::evaluate::Context<'_>,
            arguments: &$crate::evaluate::Arguments<'_>,
        ) -> $crate::error::FunctionResult<types::Vector> {
            $(let $context = &mut *context;)?
            let mut place = 0;
            $(
                let $argument = $crate::kernel::loops::argument::<$type>(arguments, place)?;
                place += 1;
            )*
            $crate::kernel::loops::collect::<$result>(arguments.rows, |row| {
                $(let $argument: Option<$type> = $argument.get(row)?;)*
                Ok($body)
            })
        })*
    };
}
pub(crate) use scalar_lenient;

/// Functions of fixed width that compute below nulls too and cannot fail: each a [`Kernel`](crate::table::Kernel).
macro_rules! masked {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty $body:block)*) => {
        $($crate::kernel::loops::kernel! { $name ($($argument: $type),*) {
            rows(arguments) { $crate::kernel::loops::masked!(@rows arguments ($($argument: $type),*) $result, $body) }
            one { let found: $result = $body; Ok($crate::evaluate::Narrow::narrow(found)) }
        }})*
    };
    (@rows $arguments:ident ($a:ident: $ta:ty) $result:ty, $body:block) => {
        $crate::kernel::loops::masked1($arguments, |$a: $ta| -> $result { $body })
    };
    (@rows $arguments:ident ($a:ident: $ta:ty, $b:ident: $tb:ty) $result:ty, $body:block) => {
        $crate::kernel::loops::masked2($arguments, |$a: $ta, $b: $tb| -> $result { $body })
    };
}
pub(crate) use masked;

/// The same for those that may be out of range: the body gives the value and whether it is.
macro_rules! masked_checked {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty, $error:expr => $body:block)*) => {
        $($crate::kernel::loops::kernel! { $name ($($argument: $type),*) {
            rows(arguments) {
                $crate::kernel::loops::masked_checked!(@rows arguments ($($argument: $type),*) $result, $error, $body)
            }
            one {
                let (found, bad): ($result, bool) = $body;
                if bad { Err($error.into()) } else { Ok($crate::evaluate::Narrow::narrow(found)) }
            }
        }})*
    };
    (@rows $arguments:ident ($a:ident: $ta:ty) $result:ty, $error:expr, $body:block) => {
        $crate::kernel::loops::checked1($arguments, |$a: $ta| -> ($result, bool) { $body }, |_| Err($error.into()))
    };
    (@rows $arguments:ident ($a:ident: $ta:ty, $b:ident: $tb:ty) $result:ty, $error:expr, $body:block) => {
        $crate::kernel::loops::checked2(
            $arguments,
            |$a: $ta, $b: $tb| -> ($result, bool) { $body },
            |_, _| Err($error.into()),
        )
    };
}
pub(crate) use masked_checked;

/// Functions of fixed width that are shown no nulls and may fail.
macro_rules! narrow {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty $body:block)*) => {
        $($crate::kernel::loops::kernel! { $name ($($argument: $type),*) {
            rows(arguments) {
                $crate::kernel::loops::narrow!(@columns arguments 0usize, $($argument: $type),*);
                $crate::kernel::loops::collect::<$result>(arguments.rows, |row| {
                    $(let $argument: $type = $argument.at(row)?;)*
                    Ok($body)
                })
            }
            one { let found: $result = $body; Ok($crate::evaluate::Narrow::narrow(found)) }
        }})*
    };
    (@columns $arguments:ident $place:expr, $a:ident: $ta:ty $(, $b:ident: $tb:ty)*) => {
        let $a = $crate::kernel::loops::argument::<$ta>($arguments, $place)?;
        $crate::kernel::loops::narrow!(@columns $arguments $place + 1, $($b: $tb),*);
    };
    (@columns $arguments:ident $place:expr,) => {};
}
pub(crate) use narrow;

/// A [`Kernel`](crate::table::Kernel) of what computes many rows, and one row, whose values have the arguments' names.
macro_rules! kernel {
    ($name:ident ($($argument:ident: $type:ty),*) {
        rows($arguments:ident) { $($rows:tt)* }
        one { $($one:tt)* }
    }) => {
        #[allow(non_upper_case_globals)] // the name of a function
        pub(crate) const $name: $crate::table::Kernel = {
            fn rows(
                _: &mut $crate::evaluate::Context<'_>,
                $arguments: &$crate::evaluate::Arguments<'_>,
            ) -> $crate::error::FunctionResult<types::Vector> {
                $($rows)*
            }
            fn one(values: &[$crate::evaluate::Single]) -> $crate::error::FunctionResult<$crate::evaluate::Single> {
                let mut values = values.iter();
                $(let $argument: $type = $crate::kernel::loops::single(values.next())?;)*
                $($one)*
            }
            $crate::table::Kernel { rows, one: Some(one) }
        };
    };
}
pub(crate) use kernel;

/// An argument of one row.
#[inline]
pub(crate) fn single<T: Narrow>(value: Option<&Single>) -> FunctionResult<T> {
    value.and_then(|value| T::of(*value)).ok_or_else(|| internal("an argument of another kind"))
}
