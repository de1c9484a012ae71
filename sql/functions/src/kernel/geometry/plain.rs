//! Points, boxes, paths, polygons: where they lie, what they are made of, how they are moved and turned.

use super::shape::{
    Circle, Line, Polygon, Rectangle, Segment, distance, equal, less, less_or_equal, middle, same_point,
};
use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::SqlState;
use numeric::float::Float;
use types::geometry::{Path, Point, line_through, slope};

fn moved(point: Point, by: Point) -> FunctionResult<Point> {
    Ok(Point { x: point.x.plus(by.x)?, y: point.y.plus(by.y)? })
}

fn moved_back(point: Point, by: Point) -> FunctionResult<Point> {
    Ok(Point { x: point.x.minus(by.x)?, y: point.y.minus(by.y)? })
}

/// Turned and stretched: the product of complex numbers.
pub(super) fn turned(point: Point, by: Point) -> FunctionResult<Point> {
    Ok(Point {
        x: point.x.times(by.x)?.minus(point.y.times(by.y)?)?,
        y: point.x.times(by.y)?.plus(point.y.times(by.x)?)?,
    })
}

pub(super) fn turned_back(point: Point, by: Point) -> FunctionResult<Point> {
    let square = by.x.times(by.x)?.plus(by.y.times(by.y)?)?;
    Ok(Point {
        x: point.x.times(by.x)?.plus(point.y.times(by.y)?)?.over(square)?,
        y: point.y.times(by.x)?.minus(point.x.times(by.y)?)?.over(square)?,
    })
}

fn each(path: &Path, change: impl Fn(Point) -> FunctionResult<Point>) -> FunctionResult<Path> {
    let points: FunctionResult<Vec<Point>> = path.points.iter().map(|point| change(*point)).collect();
    Ok(Path { closed: path.closed, points: points? })
}

fn both(of: Rectangle, change: impl Fn(Point) -> FunctionResult<Point>) -> FunctionResult<Rectangle> {
    Ok(Rectangle { high: change(of.high)?, low: change(of.low)? })
}

/// The sides of a path, one after the other; the one that closes it comes first.
pub(super) fn sides(path: &Path) -> Vec<Segment> {
    let mut sides = Vec::with_capacity(path.points.len());
    if let (true, Some(first), Some(last)) = (path.closed, path.points.first(), path.points.last()) {
        sides.push(Segment { from: *last, to: *first });
    }
    sides.extend(path.points.windows(2).map(|two| Segment { from: two[0], to: two[1] }));
    sides
}

fn path_of(polygon: &Polygon) -> Path {
    Path { closed: true, points: polygon.0.clone() }
}

/// How often a polygon winds round a point: 0 outside, 2 on its edge, as PostgreSQL counts.
pub(super) fn inside(point: Point, points: &[Point]) -> FunctionResult<i32> {
    let Some(first) = points.first() else { return Ok(0) };
    let start = moved_back(*first, point)?;
    let (mut before, mut crossings) = (start, 0);
    for next in points.iter().skip(1).copied().map(|next| moved_back(next, point)).chain([Ok(start)]) {
        let next = next?;
        match crossing(next, before)? {
            None => return Ok(2),
            Some(crossed) => crossings += crossed,
        }
        before = next;
    }
    Ok(i32::from(crossings != 0))
}

/// Whether a side crosses the positive half of the x axis, and which way; `None` if it goes through the origin.
fn crossing(point: Point, before: Point) -> FunctionResult<Option<i32>> {
    let zero = |value: f64| equal(value, 0.0);
    let positive = |value: f64| less(0.0, value);
    if zero(point.y) {
        if zero(point.x) {
            return Ok(None);
        }
        if positive(point.x) {
            return Ok(if zero(before.y) {
                if positive(before.x) { Some(0) } else { None }
            } else {
                Some(if less(before.y, 0.0) { 1 } else { -1 })
            });
        }
        return Ok(if zero(before.y) { if positive(before.x) { None } else { Some(0) } } else { Some(0) });
    }
    let sign = if positive(point.y) { 1 } else { -1 };
    if zero(before.y) {
        return Ok(Some(if positive(before.x) { sign } else { 0 }));
    }
    if (sign < 0 && less(before.y, 0.0)) || (sign > 0 && positive(before.y)) {
        return Ok(Some(0));
    }
    if less_or_equal(0.0, point.x) && positive(before.x) {
        return Ok(Some(2 * sign));
    }
    if less(point.x, 0.0) && less_or_equal(before.x, 0.0) {
        return Ok(Some(0));
    }
    let z = point.x.minus(before.x)?.times(point.y)?.minus(point.y.minus(before.y)?.times(point.x)?)?;
    if zero(z) {
        return Ok(None);
    }
    let below = if sign < 0 { less(z, 0.0) } else { less(0.0, z) };
    Ok(Some(if below { 0 } else { 2 * sign }))
}

fn bounds(polygon: &Polygon) -> Rectangle {
    Rectangle::around(&polygon.0)
}

fn path_area_of(path: &Path) -> FunctionResult<Option<f64>> {
    if !path.closed {
        return Ok(None);
    }
    let mut area = 0.0;
    for (place, point) in path.points.iter().enumerate() {
        let next = path.points[(place + 1) % path.points.len()];
        area = area.plus(point.x.times(next.y)?)?.minus(point.y.times(next.x)?)?;
    }
    Ok(Some(area.abs() / 2.0))
}

fn path_length_of(path: &Path) -> FunctionResult<f64> {
    sides(path).iter().try_fold(0.0, |length: f64, side| Ok(length.plus(distance(side.from, side.to)?)?))
}

/// Whether two polygons have the same corners in the same order, whichever comes first and whichever way round.
fn same_corners(one: &Polygon, other: &Polygon) -> bool {
    let count = one.0.len();
    if count != other.0.len() {
        return false;
    }
    (0..count).any(|start| {
        same_point(one.0[0], other.0[start])
            && ((1..count).all(|place| same_point(one.0[place], other.0[(start + place) % count]))
                || (1..count).all(|place| same_point(one.0[place], other.0[(start + count - place) % count])))
    })
}

fn centre_of(polygon: &Polygon) -> FunctionResult<Circle> {
    let count = polygon.0.len().max(1) as f64;
    let sum = polygon.0.iter().try_fold(Point::default(), |sum, point| moved(sum, *point))?;
    let centre = Point { x: sum.x.over(count)?, y: sum.y.over(count)? };
    let radius = polygon
        .0
        .iter()
        .try_fold(0.0, |sum: f64, point| Ok::<_, FunctionError>(sum.plus(distance(*point, centre)?)?))?;
    Ok(Circle { centre, radius: radius.over(count)? })
}

scalar! {
    fn construct_point(x: f64, y: f64) -> Point { Point { x, y } }
    fn point_eq(a: Point, b: Point) -> bool { same_point(a, b) }
    fn point_ne(a: Point, b: Point) -> bool { !same_point(a, b) }
    fn point_left(a: Point, b: Point) -> bool { less(a.x, b.x) }
    fn point_right(a: Point, b: Point) -> bool { less(b.x, a.x) }
    fn point_above(a: Point, b: Point) -> bool { less(b.y, a.y) }
    fn point_below(a: Point, b: Point) -> bool { less(a.y, b.y) }
    fn point_vert(a: Point, b: Point) -> bool { equal(a.x, b.x) }
    fn point_horiz(a: Point, b: Point) -> bool { equal(a.y, b.y) }
    fn point_distance(a: Point, b: Point) -> f64 { distance(a, b)? }
    fn point_slope(a: Point, b: Point) -> f64 { slope(a, b) }
    fn point_add(a: Point, b: Point) -> Point { moved(a, b)? }
    fn point_sub(a: Point, b: Point) -> Point { moved_back(a, b)? }
    fn point_mul(a: Point, b: Point) -> Point { turned(a, b)? }
    fn point_div(a: Point, b: Point) -> Point { turned_back(a, b)? }

    fn points_box(a: Point, b: Point) -> Rectangle { Rectangle::of(a, b) }
    fn point_box(a: Point) -> Rectangle { Rectangle { high: a, low: a } }
    fn boxes_bound_box(a: Rectangle, b: Rectangle) -> Rectangle {
        Rectangle::around(&[a.high, a.low, b.high, b.low])
    }
    fn box_center(a: Rectangle) -> Point { a.centre()? }
    fn box_area(a: Rectangle) -> f64 { a.area()? }
    fn box_width(a: Rectangle) -> f64 { a.width()? }
    fn box_height(a: Rectangle) -> f64 { a.height()? }
    fn box_diagonal(a: Rectangle) -> Segment { Segment { from: a.high, to: a.low } }
    fn box_distance(a: Rectangle, b: Rectangle) -> f64 { distance(a.centre()?, b.centre()?)? }
    fn box_intersect(a: Rectangle, b: Rectangle) -> Option<Rectangle> {
        a.overlaps(b).then(|| Rectangle {
            high: Point { x: a.high.x.min(b.high.x), y: a.high.y.min(b.high.y) },
            low: Point { x: a.low.x.max(b.low.x), y: a.low.y.max(b.low.y) },
        })
    }
    fn box_add(a: Rectangle, b: Point) -> Rectangle { both(a, |point| moved(point, b))? }
    fn box_sub(a: Rectangle, b: Point) -> Rectangle { both(a, |point| moved_back(point, b))? }
    fn box_mul(a: Rectangle, b: Point) -> Rectangle { Rectangle::of(turned(a.high, b)?, turned(a.low, b)?) }
    fn box_div(a: Rectangle, b: Point) -> Rectangle {
        Rectangle::of(turned_back(a.high, b)?, turned_back(a.low, b)?)
    }
    fn box_same(a: Rectangle, b: Rectangle) -> bool { same_point(a.high, b.high) && same_point(a.low, b.low) }
    fn box_overlap(a: Rectangle, b: Rectangle) -> bool { a.overlaps(b) }
    fn box_left(a: Rectangle, b: Rectangle) -> bool { less(a.high.x, b.low.x) }
    fn box_overleft(a: Rectangle, b: Rectangle) -> bool { less_or_equal(a.high.x, b.high.x) }
    fn box_right(a: Rectangle, b: Rectangle) -> bool { less(b.high.x, a.low.x) }
    fn box_overright(a: Rectangle, b: Rectangle) -> bool { less_or_equal(b.low.x, a.low.x) }
    fn box_below(a: Rectangle, b: Rectangle) -> bool { less(a.high.y, b.low.y) }
    fn box_overbelow(a: Rectangle, b: Rectangle) -> bool { less_or_equal(a.high.y, b.high.y) }
    fn box_above(a: Rectangle, b: Rectangle) -> bool { less(b.high.y, a.low.y) }
    fn box_overabove(a: Rectangle, b: Rectangle) -> bool { less_or_equal(b.low.y, a.low.y) }
    fn box_below_eq(a: Rectangle, b: Rectangle) -> bool { less_or_equal(a.high.y, b.low.y) }
    fn box_above_eq(a: Rectangle, b: Rectangle) -> bool { less_or_equal(b.high.y, a.low.y) }
    fn box_contain(a: Rectangle, b: Rectangle) -> bool { a.contains(b) }
    fn box_contained(a: Rectangle, b: Rectangle) -> bool { b.contains(a) }
    fn box_contain_pt(a: Rectangle, b: Point) -> bool { a.has(b) }
    fn on_pb(a: Point, b: Rectangle) -> bool { b.has(a) }
    fn box_lt(a: Rectangle, b: Rectangle) -> bool { less(a.area()?, b.area()?) }
    fn box_gt(a: Rectangle, b: Rectangle) -> bool { less(b.area()?, a.area()?) }
    fn box_eq(a: Rectangle, b: Rectangle) -> bool { equal(a.area()?, b.area()?) }
    fn box_le(a: Rectangle, b: Rectangle) -> bool { less_or_equal(a.area()?, b.area()?) }
    fn box_ge(a: Rectangle, b: Rectangle) -> bool { less_or_equal(b.area()?, a.area()?) }
    fn box_poly(a: Rectangle) -> Polygon {
        let corner = |x: f64, y: f64| Point { x, y };
        Polygon(vec![a.low, corner(a.low.x, a.high.y), a.high, corner(a.high.x, a.low.y)])
    }

    fn lseg_construct(a: Point, b: Point) -> Segment { Segment { from: a, to: b } }
    fn lseg_center(a: Segment) -> Point { middle(a.from, a.to)? }
    fn lseg_length(a: Segment) -> f64 { distance(a.from, a.to)? }
    fn lseg_parallel(a: Segment, b: Segment) -> bool { equal(slope(a.from, a.to), slope(b.from, b.to)) }
    fn lseg_perp(a: Segment, b: Segment) -> bool {
        let inverse = |segment: Segment| match slope(segment.from, segment.to) {
            0.0 => f64::INFINITY,
            found if found.is_infinite() => 0.0,
            found => -1.0 / found,
        };
        equal(slope(a.from, a.to), inverse(b))
    }
    fn lseg_vertical(a: Segment) -> bool { equal(a.from.x, a.to.x) }
    fn lseg_horizontal(a: Segment) -> bool { equal(a.from.y, a.to.y) }
    fn lseg_eq(a: Segment, b: Segment) -> bool { same_point(a.from, b.from) && same_point(a.to, b.to) }
    fn lseg_ne(a: Segment, b: Segment) -> bool { !(same_point(a.from, b.from) && same_point(a.to, b.to)) }
    fn lseg_lt(a: Segment, b: Segment) -> bool { less(distance(a.from, a.to)?, distance(b.from, b.to)?) }
    fn lseg_gt(a: Segment, b: Segment) -> bool { less(distance(b.from, b.to)?, distance(a.from, a.to)?) }
    fn lseg_le(a: Segment, b: Segment) -> bool {
        less_or_equal(distance(a.from, a.to)?, distance(b.from, b.to)?)
    }
    fn lseg_ge(a: Segment, b: Segment) -> bool {
        less_or_equal(distance(b.from, b.to)?, distance(a.from, a.to)?)
    }

    fn line_construct_pp(one: Point, other: Point) -> Line {
        if same_point(one, other) {
            let message = "invalid line specification: must be two distinct points";
            return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
        }
        let [a, b, c] = line_through(one, other);
        Line { a, b, c }
    }

    fn path_area(a: Path) -> Option<f64> { path_area_of(&a)? }
    fn path_length(a: Path) -> f64 { path_length_of(&a)? }
    fn path_npoints(a: Path) -> i32 { a.points.len() as i32 }
    fn path_isclosed(a: Path) -> bool { a.closed }
    fn path_isopen(a: Path) -> bool { !a.closed }
    fn path_close(a: Path) -> Path { Path { closed: true, points: a.points } }
    fn path_open(a: Path) -> Path { Path { closed: false, points: a.points } }
    fn path_n_lt(a: Path, b: Path) -> bool { a.points.len() < b.points.len() }
    fn path_n_gt(a: Path, b: Path) -> bool { a.points.len() > b.points.len() }
    fn path_n_eq(a: Path, b: Path) -> bool { a.points.len() == b.points.len() }
    fn path_n_le(a: Path, b: Path) -> bool { a.points.len() <= b.points.len() }
    fn path_n_ge(a: Path, b: Path) -> bool { a.points.len() >= b.points.len() }
    fn path_add(a: Path, b: Path) -> Option<Path> {
        (!a.closed && !b.closed).then(|| Path { closed: false, points: [a.points, b.points].concat() })
    }
    fn path_add_pt(a: Path, b: Point) -> Path { each(&a, |point| moved(point, b))? }
    fn path_sub_pt(a: Path, b: Point) -> Path { each(&a, |point| moved_back(point, b))? }
    fn path_mul_pt(a: Path, b: Point) -> Path { each(&a, |point| turned(point, b))? }
    fn path_div_pt(a: Path, b: Point) -> Path { each(&a, |point| turned_back(point, b))? }
    fn path_poly(a: Path) -> Polygon {
        if !a.closed {
            let message = "open path cannot be converted to polygon";
            return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
        }
        Polygon(a.points)
    }

    fn poly_path(a: Polygon) -> Path { path_of(&a) }
    fn poly_npoints(a: Polygon) -> i32 { a.0.len() as i32 }
    fn poly_box(a: Polygon) -> Rectangle { bounds(&a) }
    fn poly_center(a: Polygon) -> Point { centre_of(&a)?.centre }
    fn poly_circle(a: Polygon) -> Circle { centre_of(&a)? }
    fn poly_same(a: Polygon, b: Polygon) -> bool { same_corners(&a, &b) }
    fn poly_left(a: Polygon, b: Polygon) -> bool { bounds(&a).high.x < bounds(&b).low.x }
    fn poly_overleft(a: Polygon, b: Polygon) -> bool { bounds(&a).high.x <= bounds(&b).high.x }
    fn poly_right(a: Polygon, b: Polygon) -> bool { bounds(&a).low.x > bounds(&b).high.x }
    fn poly_overright(a: Polygon, b: Polygon) -> bool { bounds(&a).low.x >= bounds(&b).low.x }
    fn poly_below(a: Polygon, b: Polygon) -> bool { bounds(&a).high.y < bounds(&b).low.y }
    fn poly_overbelow(a: Polygon, b: Polygon) -> bool { bounds(&a).high.y <= bounds(&b).high.y }
    fn poly_above(a: Polygon, b: Polygon) -> bool { bounds(&a).low.y > bounds(&b).high.y }
    fn poly_overabove(a: Polygon, b: Polygon) -> bool { bounds(&a).low.y >= bounds(&b).low.y }
    fn poly_contain_pt(a: Polygon, b: Point) -> bool { inside(b, &a.0)? != 0 }
    fn pt_contained_poly(a: Point, b: Polygon) -> bool { inside(a, &b.0)? != 0 }
}
