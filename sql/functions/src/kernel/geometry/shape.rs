//! Geometric values as functions take and give them.

use crate::error::FunctionResult;
use crate::kernel::loops::{Give, Take};
use numeric::float::{self, Float};
use std::cmp::Ordering;
use types::Vector;
use types::geometry::{self, Path, Point, bytes_of, bytes_of_points, fixed, points};
use types::vector::{BytesBuilder, BytesView, Data};

/// A box by its upper right and its lower left corner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rectangle {
    pub(crate) high: Point,
    pub(crate) low: Point,
}

/// A segment of a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) from: Point,
    pub(crate) to: Point,
}

/// A line `Ax + By + C = 0`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) a: f64,
    pub(crate) b: f64,
    pub(crate) c: f64,
}

/// A circle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circle {
    pub(crate) centre: Point,
    pub(crate) radius: f64,
}

/// A polygon.
#[derive(Debug, Clone)]
pub(crate) struct Polygon(pub(crate) Vec<Point>);

macro_rules! shapes {
    ($($type:ty, |$bytes:ident| $read:expr, |$value:ident| $write:expr;)*) => {
        $(impl<'a> Take<'a> for $type {
            type Column = BytesView<'a>;

            fn column(vector: &'a Vector) -> FunctionResult<BytesView<'a>> {
                <&[u8] as Take<'a>>::column(vector)
            }

            fn at(column: BytesView<'a>, place: usize) -> FunctionResult<$type> {
                let $bytes = column.get(place);
                Ok($read)
            }
        }

        impl Give for $type {
            type Builder = BytesBuilder;

            fn builder(rows: usize) -> BytesBuilder {
                BytesBuilder::with_capacity(rows, 0)
            }

            fn give(self, builder: &mut BytesBuilder) -> FunctionResult<bool> {
                let $value = self;
                builder.push(&$write)?;
                Ok(true)
            }

            fn give_null(builder: &mut BytesBuilder) {
                builder.push_empty(1);
            }

            fn data(builder: BytesBuilder) -> Data {
                Data::Bytes(builder.finish())
            }
        })*
    };
}

shapes! {
    Point, |bytes| { let [x, y] = fixed(bytes); Point { x, y } }, |value| bytes_of([value.x, value.y]);
    Rectangle, |bytes| {
        let [right, upper, left, lower] = fixed(bytes);
        Rectangle { high: Point { x: right, y: upper }, low: Point { x: left, y: lower } }
    }, |value| bytes_of([value.high.x, value.high.y, value.low.x, value.low.y]);
    Segment, |bytes| {
        let [a, b, c, d] = fixed(bytes);
        Segment { from: Point { x: a, y: b }, to: Point { x: c, y: d } }
    }, |value| bytes_of([value.from.x, value.from.y, value.to.x, value.to.y]);
    Line, |bytes| { let [a, b, c] = fixed(bytes); Line { a, b, c } }, |value| bytes_of([value.a, value.b, value.c]);
    Circle, |bytes| {
        let [x, y, radius] = fixed(bytes);
        Circle { centre: Point { x, y }, radius }
    }, |value| bytes_of([value.centre.x, value.centre.y, value.radius]);
    Path, |bytes| Path::read(bytes), |value| value.to_bytes();
    Polygon, |bytes| Polygon(points(bytes)), |value| bytes_of_points(&value.0);
}

pub(crate) fn equal(a: f64, b: f64) -> bool {
    geometry::same(a, b)
}

/// What is no number is neither equal to another nor unequal.
pub(crate) fn unequal(a: f64, b: f64) -> bool {
    !equal(a, b) && !a.is_nan() && !b.is_nan()
}

pub(crate) fn less(a: f64, b: f64) -> bool {
    a + geometry::EPSILON < b
}

pub(crate) fn less_or_equal(a: f64, b: f64) -> bool {
    a <= b + geometry::EPSILON
}

fn greater(one: f64, other: f64) -> f64 {
    if float::compare(one, other) == Ordering::Less { other } else { one }
}

fn smaller(one: f64, other: f64) -> f64 {
    if float::compare(one, other) == Ordering::Less { one } else { other }
}

/// The length of the hypotenuse, told when it is too great.
pub(crate) fn hypotenuse(x: f64, y: f64) -> FunctionResult<f64> {
    if x.is_infinite() || y.is_infinite() {
        return Ok(f64::INFINITY);
    }
    if x.is_nan() || y.is_nan() {
        return Ok(f64::NAN);
    }
    let (greater, smaller) = if x.abs() >= y.abs() { (x.abs(), y.abs()) } else { (y.abs(), x.abs()) };
    if smaller == 0.0 {
        return Ok(greater);
    }
    let ratio = smaller / greater;
    Ok(greater.times((1.0 + ratio * ratio).sqrt())?)
}

/// How far two points are apart.
pub(crate) fn distance(one: Point, other: Point) -> FunctionResult<f64> {
    hypotenuse(one.x.minus(other.x)?, one.y.minus(other.y)?)
}

pub(crate) fn same_point(one: Point, other: Point) -> bool {
    // With numbers that are none the epsilon means nothing.
    if one.x.is_nan() || one.y.is_nan() || other.x.is_nan() || other.y.is_nan() {
        let same = |a: f64, b: f64| float::compare(a, b).is_eq();
        return same(one.x, other.x) && same(one.y, other.y);
    }
    equal(one.x, other.x) && equal(one.y, other.y)
}

pub(crate) fn middle(one: Point, other: Point) -> FunctionResult<Point> {
    Ok(Point { x: one.x.plus(other.x)?.over(2.0)?, y: one.y.plus(other.y)?.over(2.0)? })
}

impl Rectangle {
    pub(crate) fn of(one: Point, other: Point) -> Rectangle {
        Rectangle {
            high: Point { x: greater(one.x, other.x), y: greater(one.y, other.y) },
            low: Point { x: smaller(one.x, other.x), y: smaller(one.y, other.y) },
        }
    }

    /// The least that has all of these points.
    pub(crate) fn around(points: &[Point]) -> Rectangle {
        let first = points.first().copied().unwrap_or_default();
        let start = Rectangle { high: first, low: first };
        points.iter().fold(start, |found, point| Rectangle {
            high: Point { x: greater(found.high.x, point.x), y: greater(found.high.y, point.y) },
            low: Point { x: smaller(found.low.x, point.x), y: smaller(found.low.y, point.y) },
        })
    }

    pub(crate) fn centre(self) -> FunctionResult<Point> {
        middle(self.high, self.low)
    }

    pub(crate) fn width(self) -> FunctionResult<f64> {
        Ok(self.high.x.minus(self.low.x)?)
    }

    pub(crate) fn height(self) -> FunctionResult<f64> {
        Ok(self.high.y.minus(self.low.y)?)
    }

    pub(crate) fn area(self) -> FunctionResult<f64> {
        Ok(self.width()?.times(self.height()?)?)
    }

    pub(crate) fn overlaps(self, other: Rectangle) -> bool {
        less_or_equal(self.low.x, other.high.x)
            && less_or_equal(other.low.x, self.high.x)
            && less_or_equal(self.low.y, other.high.y)
            && less_or_equal(other.low.y, self.high.y)
    }

    pub(crate) fn has(self, point: Point) -> bool {
        self.high.x >= point.x && self.low.x <= point.x && self.high.y >= point.y && self.low.y <= point.y
    }

    pub(crate) fn contains(self, other: Rectangle) -> bool {
        less_or_equal(other.high.x, self.high.x)
            && less_or_equal(self.low.x, other.low.x)
            && less_or_equal(other.high.y, self.high.y)
            && less_or_equal(self.low.y, other.low.y)
    }
}
