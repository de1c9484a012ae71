//! How far geometric values are apart, where they meet, which point of one is the closest to another.

use super::plain::{inside, sides};
use super::shape::{
    Circle, Line, Polygon, Rectangle, Segment, distance, equal, hypotenuse, middle, same_point,
};
use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::SqlState;
use numeric::float::{Float, compare};
use types::geometry::{Path, Point, line_of, slope};

/// A point and how far it is away.
type Closest = FunctionResult<(Point, f64)>;

fn zero(value: f64) -> bool {
    equal(value, 0.0)
}

fn closer(one: (Point, f64), other: (Point, f64)) -> (Point, f64) {
    if compare(other.1, one.1).is_lt() { other } else { one }
}

/// The slope of what is perpendicular to the line through two points.
fn across(one: Point, other: Point) -> f64 {
    if equal(one.x, other.x) {
        0.0
    } else if equal(one.y, other.y) {
        f64::INFINITY
    } else {
        (one.x - other.x) / (other.y - one.y)
    }
}

impl Line {
    fn of(point: Point, slope: f64) -> Line {
        let [a, b, c] = line_of(point, slope);
        Line { a, b, c }
    }

    fn slope(self) -> f64 {
        if zero(self.a) {
            0.0
        } else if zero(self.b) {
            f64::INFINITY
        } else {
            self.a / -self.b
        }
    }

    fn across(self) -> f64 {
        if zero(self.a) {
            f64::INFINITY
        } else if zero(self.b) {
            0.0
        } else {
            self.b / self.a
        }
    }

    fn has(self, point: Point) -> FunctionResult<bool> {
        Ok(zero(self.a.times(point.x)?.plus(self.b.times(point.y)?)?.plus(self.c)?))
    }

    fn meets(self, other: Line) -> FunctionResult<Option<Point>> {
        let (one, other) = match (zero(self.b), zero(other.b)) {
            (false, _) => (self, other),
            (true, false) => (other, self),
            (true, true) => return Ok(None),
        };
        if equal(other.a, one.a.times(other.b.over(one.b)?)?) {
            return Ok(None);
        }
        let x = one.b.times(other.c)?.minus(other.b.times(one.c)?)?;
        let x = x.over(one.a.times(other.b)?.minus(other.a.times(one.b)?)?)?;
        let y = (-one.a.times(x)?.plus(one.c)?).over(one.b)?;
        // Adding nothing makes the positive zero of the negative one.
        Ok(Some(Point { x: x + 0.0, y: y + 0.0 }))
    }

    fn closest(self, point: Point) -> Closest {
        match Line::of(point, self.across()).meets(self)? {
            Some(found) => Ok((found, distance(found, point)?)),
            None => Ok((point, f64::NAN)),
        }
    }

    fn same(self, other: Line) -> FunctionResult<bool> {
        let values = [self.a, self.b, self.c, other.a, other.b, other.c];
        if values.iter().any(|value| value.is_nan()) {
            let exact = |one: f64, other: f64| compare(one, other).is_eq();
            return Ok(exact(self.a, other.a) && exact(self.b, other.b) && exact(self.c, other.c));
        }
        let ratio = if !zero(other.a) {
            self.a.over(other.a)?
        } else if !zero(other.b) {
            self.b.over(other.b)?
        } else if !zero(other.c) {
            self.c.over(other.c)?
        } else {
            1.0
        };
        Ok(equal(self.a, ratio.times(other.a)?)
            && equal(self.b, ratio.times(other.b)?)
            && equal(self.c, ratio.times(other.c)?))
    }

    fn apart(self, other: Line) -> FunctionResult<f64> {
        if self.meets(other)?.is_some() {
            return Ok(0.0);
        }
        let usable = |one: f64, other: f64| !zero(one) && !one.is_nan() && !zero(other) && !other.is_nan();
        let ratio = if usable(self.a, other.a) {
            self.a.over(other.a)?
        } else if usable(self.b, other.b) {
            self.b.over(other.b)?
        } else {
            1.0
        };
        Ok(self.c.minus(ratio.times(other.c)?)?.abs().over(hypotenuse(self.a, self.b)?)?)
    }

    fn perpendicular(self, other: Line) -> FunctionResult<bool> {
        if zero(self.a) {
            return Ok(zero(other.b));
        }
        if zero(other.a) {
            return Ok(zero(self.b));
        }
        if zero(self.b) {
            return Ok(zero(other.a));
        }
        if zero(other.b) {
            return Ok(zero(self.a));
        }
        Ok(equal(self.a.times(other.a)?.over(self.b.times(other.b)?)?, -1.0))
    }
}

impl Segment {
    fn slope(self) -> f64 {
        slope(self.from, self.to)
    }

    fn has(self, point: Point) -> FunctionResult<bool> {
        let way = distance(point, self.from)?.plus(distance(point, self.to)?)?;
        Ok(equal(way, distance(self.from, self.to)?))
    }

    fn meets_line(self, line: Line) -> FunctionResult<Option<Point>> {
        let Some(found) = Line::of(self.from, self.slope()).meets(line)? else { return Ok(None) };
        if !self.has(found)? {
            return Ok(None);
        }
        // An end that it is meant to be, it is exactly.
        Ok(Some(if same_point(self.from, found) {
            self.from
        } else if same_point(self.to, found) {
            self.to
        } else {
            found
        }))
    }

    fn meets(self, other: Segment) -> FunctionResult<Option<Point>> {
        let found = self.meets_line(Line::of(other.from, other.slope()))?;
        match found {
            Some(point) if other.has(point)? => Ok(Some(point)),
            _ => Ok(None),
        }
    }

    fn closest_to_line(self, line: Line) -> Closest {
        if let Some(found) = self.meets_line(line)? {
            return Ok((found, 0.0));
        }
        let (from, to) = (line.closest(self.from)?.1, line.closest(self.to)?.1);
        Ok(if compare(from, to).is_lt() { (self.from, from) } else { (self.to, to) })
    }

    fn closest(self, point: Point) -> Closest {
        let (found, _) = self.closest_to_line(Line::of(point, across(self.from, self.to)))?;
        Ok((found, distance(found, point)?))
    }

    /// The point of this one that is the closest to another.
    fn closest_to(self, other: Segment) -> Closest {
        if let Some(found) = self.meets(other)? {
            return Ok((found, 0.0));
        }
        let mut best = closer(self.closest(other.from)?, self.closest(other.to)?);
        for end in [self.from, self.to] {
            best = closer(best, (end, other.closest(end)?.1));
        }
        Ok(best)
    }
}

impl Rectangle {
    fn sides(self) -> [Segment; 4] {
        let (left, right) =
            (Point { x: self.low.x, y: self.high.y }, Point { x: self.high.x, y: self.low.y });
        [(self.low, left), (self.high, left), (self.low, right), (self.high, right)]
            .map(|(from, to)| Segment { from, to })
    }

    fn closest(self, point: Point) -> Closest {
        if self.has(point) {
            return Ok((point, 0.0));
        }
        let [first, rest @ ..] = self.sides();
        rest.iter().try_fold(first.closest(point)?, |best, side| Ok(closer(best, side.closest(point)?)))
    }

    fn meets(self, segment: Segment) -> FunctionResult<bool> {
        if !self.overlaps(Rectangle::of(segment.from, segment.to)) {
            return Ok(false);
        }
        if self.has(segment.from) || self.has(segment.to) {
            return Ok(true);
        }
        for side in self.sides() {
            if side.meets(segment)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn closest_to(self, segment: Segment) -> Closest {
        if self.meets(segment)? {
            return Ok((segment.closest(self.centre()?)?.0, 0.0));
        }
        let [first, rest @ ..] = self.sides();
        rest.iter()
            .try_fold(first.closest_to(segment)?, |best, side| Ok(closer(best, side.closest_to(segment)?)))
    }

    fn meets_line(self, line: Line) -> FunctionResult<bool> {
        for side in self.sides() {
            if side.meets_line(line)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn least(distances: impl Iterator<Item = FunctionResult<f64>>) -> FunctionResult<Option<f64>> {
    let mut best: Option<f64> = None;
    for found in distances {
        let found = found?;
        if best.is_none_or(|best| compare(found, best).is_lt()) {
            best = Some(found);
        }
    }
    Ok(best)
}

fn to_path(point: Point, path: &Path) -> FunctionResult<f64> {
    if let [only] = path.points.as_slice() {
        return distance(point, *only);
    }
    let found = least(sides(path).iter().map(|side| Ok(side.closest(point)?.1)))?;
    Ok(found.unwrap_or(0.0))
}

fn polygon_sides(polygon: &Polygon) -> Vec<Segment> {
    sides(&Path { closed: true, points: polygon.0.clone() })
}

fn to_polygon(point: Point, polygon: &Polygon) -> FunctionResult<f64> {
    if inside(point, &polygon.0)? != 0 {
        return Ok(0.0);
    }
    let found = least(polygon_sides(polygon).iter().map(|side| Ok(side.closest(point)?.1)))?;
    Ok(found.unwrap_or(0.0))
}

fn between(one: &[Segment], other: &[Segment]) -> FunctionResult<Option<f64>> {
    let pairs = one.iter().flat_map(|one| other.iter().map(move |other| (*one, *other)));
    least(pairs.map(|(one, other)| Ok(one.closest_to(other)?.1)))
}

fn cross(one: &[Segment], other: &[Segment]) -> FunctionResult<bool> {
    for one in one {
        for other in other {
            if one.meets(*other)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn paths_cross(one: &Path, other: &Path) -> FunctionResult<bool> {
    let overlap = Rectangle::around(&one.points).overlaps(Rectangle::around(&other.points));
    Ok(overlap && cross(&sides(one), &sides(other))?)
}

fn polygons_overlap(one: &Polygon, other: &Polygon) -> FunctionResult<bool> {
    if !Rectangle::around(&one.0).overlaps(Rectangle::around(&other.0)) {
        return Ok(false);
    }
    Ok(cross(&polygon_sides(one), &polygon_sides(other))?
        || inside(other.0[0], &one.0)? != 0
        || inside(one.0[0], &other.0)? != 0)
}

/// How often a segment is cut within a cut.
const CUTS_MAX: usize = 300;

/// Whether a segment lies in a polygon, seen from one of its sides on. It is cut where sides cross it.
fn lies_in(segment: Segment, polygon: &[Point], start: usize, depth: usize) -> FunctionResult<bool> {
    if depth > CUTS_MAX {
        return Err(FunctionError::plain(SqlState::StatementTooComplex, "stack depth limit exceeded"));
    }
    let count = polygon.len();
    let mut crossed = false;
    for place in start..count {
        let side = Segment { from: polygon[(place + count - 1) % count], to: polygon[place] };
        let turned = Segment { from: segment.to, to: segment.from };
        let lies = if side.has(segment.from)? {
            if side.has(segment.to)? {
                return Ok(true);
            }
            touching_lies_in(segment, side, polygon, (place + 1, depth + 1))?
        } else if side.has(segment.to)? {
            touching_lies_in(turned, side, polygon, (place + 1, depth + 1))?
        } else if let Some(cut) = segment.meets(side)? {
            crossed = true;
            lies_in(Segment { from: segment.from, to: cut }, polygon, place + 1, depth + 1)?
                && lies_in(Segment { from: segment.to, to: cut }, polygon, place + 1, depth + 1)?
        } else {
            true
        };
        if !lies {
            return Ok(false);
        }
    }
    if crossed {
        return Ok(true);
    }
    Ok(inside(middle(segment.from, segment.to)?, polygon)? != 0)
}

/// The same of a segment whose beginning is on a side and whose end is not.
fn touching_lies_in(
    segment: Segment,
    side: Segment,
    polygon: &[Point],
    (start, depth): (usize, usize),
) -> FunctionResult<bool> {
    let rest = |to: Point| lies_in(Segment { from: segment.to, to }, polygon, start, depth);
    if same_point(segment.from, side.from) {
        return if segment.has(side.to)? { rest(side.to) } else { Ok(true) };
    }
    if same_point(segment.from, side.to) {
        return if segment.has(side.from)? { rest(side.from) } else { Ok(true) };
    }
    if segment.has(side.from)? {
        return rest(side.from);
    }
    if segment.has(side.to)? { rest(side.to) } else { Ok(true) }
}

fn polygon_contains(whole: &Polygon, part: &Polygon) -> FunctionResult<bool> {
    if !Rectangle::around(&whole.0).contains(Rectangle::around(&part.0)) {
        return Ok(false);
    }
    for side in polygon_sides(part) {
        if !lies_in(side, &whole.0, 0, 0)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn on_path(point: Point, path: &Path) -> FunctionResult<bool> {
    if path.closed {
        return Ok(inside(point, &path.points)? != 0);
    }
    for side in sides(path) {
        if side.has(point)? {
            return Ok(true);
        }
    }
    Ok(false)
}

scalar! {
    fn dist_pl(a: Point, b: Line) -> f64 { b.closest(a)?.1 }
    fn dist_lp(a: Line, b: Point) -> f64 { a.closest(b)?.1 }
    fn dist_ps(a: Point, b: Segment) -> f64 { b.closest(a)?.1 }
    fn dist_sp(a: Segment, b: Point) -> f64 { a.closest(b)?.1 }
    fn dist_pb(a: Point, b: Rectangle) -> f64 { b.closest(a)?.1 }
    fn dist_bp(a: Rectangle, b: Point) -> f64 { a.closest(b)?.1 }
    fn dist_ppath(a: Point, b: Path) -> f64 { to_path(a, &b)? }
    fn dist_pathp(a: Path, b: Point) -> f64 { to_path(b, &a)? }
    fn dist_ppoly(a: Point, b: Polygon) -> f64 { to_polygon(a, &b)? }
    fn dist_polyp(a: Polygon, b: Point) -> f64 { to_polygon(b, &a)? }
    fn dist_sl(a: Segment, b: Line) -> f64 { a.closest_to_line(b)?.1 }
    fn dist_ls(a: Line, b: Segment) -> f64 { b.closest_to_line(a)?.1 }
    fn dist_sb(a: Segment, b: Rectangle) -> f64 { b.closest_to(a)?.1 }
    fn dist_bs(a: Rectangle, b: Segment) -> f64 { a.closest_to(b)?.1 }
    fn dist_cpoly(a: Circle, b: Polygon) -> f64 { to_polygon(a.centre, &b)?.minus(a.radius)?.max(0.0) }
    fn dist_polyc(a: Polygon, b: Circle) -> f64 { to_polygon(b.centre, &a)?.minus(b.radius)?.max(0.0) }
    fn lseg_distance(a: Segment, b: Segment) -> f64 { a.closest_to(b)?.1 }
    fn line_distance(a: Line, b: Line) -> f64 { a.apart(b)? }
    fn path_distance(a: Path, b: Path) -> Option<f64> { between(&sides(&a), &sides(&b))? }
    fn poly_distance(a: Polygon, b: Polygon) -> Option<f64> {
        if polygons_overlap(&a, &b)? { Some(0.0) } else { between(&polygon_sides(&a), &polygon_sides(&b))? }
    }

    fn close_pl(a: Point, b: Line) -> Option<Point> {
        let (found, far) = b.closest(a)?;
        (!far.is_nan()).then_some(found)
    }
    fn close_ps(a: Point, b: Segment) -> Option<Point> {
        let (found, far) = b.closest(a)?;
        (!far.is_nan()).then_some(found)
    }
    fn close_pb(a: Point, b: Rectangle) -> Option<Point> {
        let (found, far) = b.closest(a)?;
        (!far.is_nan()).then_some(found)
    }
    fn close_ls(a: Line, b: Segment) -> Option<Point> {
        let (found, far) = b.closest_to_line(a)?;
        (b.slope() != a.slope() && !far.is_nan()).then_some(found)
    }
    fn close_lseg(a: Segment, b: Segment) -> Option<Point> {
        let (found, far) = b.closest_to(a)?;
        (a.slope() != b.slope() && !far.is_nan()).then_some(found)
    }
    fn close_sb(a: Segment, b: Rectangle) -> Option<Point> {
        let (found, far) = b.closest_to(a)?;
        (!far.is_nan()).then_some(found)
    }

    fn on_pl(a: Point, b: Line) -> bool { b.has(a)? }
    fn on_ps(a: Point, b: Segment) -> bool { b.has(a)? }
    fn on_sl(a: Segment, b: Line) -> bool { b.has(a.from)? && b.has(a.to)? }
    fn on_sb(a: Segment, b: Rectangle) -> bool { b.has(a.from) && b.has(a.to) }
    fn on_ppath(a: Point, b: Path) -> bool { on_path(a, &b)? }
    fn path_contain_pt(a: Path, b: Point) -> bool { on_path(b, &a)? }
    fn inter_sl(a: Segment, b: Line) -> bool { a.meets_line(b)?.is_some() }
    fn inter_sb(a: Segment, b: Rectangle) -> bool { b.meets(a)? }
    fn inter_lb(a: Line, b: Rectangle) -> bool { b.meets_line(a)? }
    fn path_inter(a: Path, b: Path) -> bool { paths_cross(&a, &b)? }
    fn lseg_intersect(a: Segment, b: Segment) -> bool { a.meets(b)?.is_some() }
    fn lseg_interpt(a: Segment, b: Segment) -> Option<Point> { a.meets(b)? }
    fn line_intersect(a: Line, b: Line) -> bool { a.meets(b)?.is_some() }
    fn line_interpt(a: Line, b: Line) -> Option<Point> { a.meets(b)? }
    fn line_parallel(a: Line, b: Line) -> bool { a.meets(b)?.is_none() }
    fn line_perp(a: Line, b: Line) -> bool { a.perpendicular(b)? }
    fn line_vertical(a: Line) -> bool { zero(a.b) }
    fn line_horizontal(a: Line) -> bool { zero(a.a) }
    fn line_eq(a: Line, b: Line) -> bool { a.same(b)? }
    fn poly_overlap(a: Polygon, b: Polygon) -> bool { polygons_overlap(&a, &b)? }
    fn poly_contain(a: Polygon, b: Polygon) -> bool { polygon_contains(&a, &b)? }
    fn poly_contained(a: Polygon, b: Polygon) -> bool { polygon_contains(&b, &a)? }
}
