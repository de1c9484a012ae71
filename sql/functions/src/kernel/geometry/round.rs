//! Circles.

use super::shape::{Circle, Polygon, Rectangle, distance, equal, less, less_or_equal, same_point, unequal};
use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use diagnostic::{SqlState, room};
use numeric::float::Float;
use std::f64::consts::PI;
use types::geometry::Point;

fn area(circle: Circle) -> FunctionResult<f64> {
    Ok(circle.radius.times(circle.radius)?.times(PI)?)
}

fn apart(one: Circle, other: Circle) -> FunctionResult<f64> {
    distance(one.centre, other.centre)
}

fn has(circle: Circle, point: Point) -> FunctionResult<bool> {
    Ok(distance(circle.centre, point)? <= circle.radius)
}

/// How far a point is outside of a circle.
fn outside(point: Point, circle: Circle) -> FunctionResult<f64> {
    Ok(distance(point, circle.centre)?.minus(circle.radius)?.max(0.0))
}

fn scaled(circle: Circle, factor: Point, centre: Point, grows: bool) -> FunctionResult<Circle> {
    let by = super::shape::hypotenuse(factor.x, factor.y)?;
    let radius = if grows { circle.radius.times(by)? } else { circle.radius.over(by)? };
    Ok(Circle { centre, radius })
}

fn corners(count: i32, circle: Circle) -> FunctionResult<Polygon> {
    let invalid = |message: &str| FunctionError::plain(SqlState::InvalidParameterValue, message);
    if equal(circle.radius, 0.0) {
        let message = "cannot convert circle with radius zero to polygon";
        return Err(FunctionError::plain(SqlState::FeatureNotSupported, message));
    }
    if count < 2 {
        return Err(invalid("must request at least 2 points"));
    }
    // A corner is two numbers.
    if room(0, (count as usize).saturating_mul(size_of::<Point>())).is_err() {
        return Err(FunctionError::plain(SqlState::ProgramLimitExceeded, "too many points requested"));
    }
    let step = (2.0 * PI).over(f64::from(count))?;
    let corner = |place: i32| {
        let angle = step.times(f64::from(place))?;
        Ok(Point {
            x: circle.centre.x.minus(circle.radius.times(angle.cos())?)?,
            y: circle.centre.y.plus(circle.radius.times(angle.sin())?)?,
        })
    };
    Ok(Polygon((0..count).map(corner).collect::<FunctionResult<Vec<Point>>>()?))
}

scalar! {
    fn cr_circle(centre: Point, radius: f64) -> Circle { Circle { centre, radius } }
    fn circle_center(a: Circle) -> Point { a.centre }
    fn circle_radius(a: Circle) -> f64 { a.radius }
    fn circle_diameter(a: Circle) -> f64 { a.radius.times(2.0)? }
    fn circle_area(a: Circle) -> f64 { area(a)? }
    fn circle_same(a: Circle, b: Circle) -> bool {
        ((a.radius.is_nan() && b.radius.is_nan()) || equal(a.radius, b.radius)) && same_point(a.centre, b.centre)
    }
    fn circle_overlap(a: Circle, b: Circle) -> bool { less_or_equal(apart(a, b)?, a.radius.plus(b.radius)?) }
    fn circle_contain(a: Circle, b: Circle) -> bool { less_or_equal(apart(a, b)?, a.radius.minus(b.radius)?) }
    fn circle_contained(a: Circle, b: Circle) -> bool { less_or_equal(apart(a, b)?, b.radius.minus(a.radius)?) }
    fn circle_left(a: Circle, b: Circle) -> bool {
        less(a.centre.x.plus(a.radius)?, b.centre.x.minus(b.radius)?)
    }
    fn circle_overleft(a: Circle, b: Circle) -> bool {
        less_or_equal(a.centre.x.plus(a.radius)?, b.centre.x.plus(b.radius)?)
    }
    fn circle_right(a: Circle, b: Circle) -> bool {
        less(b.centre.x.plus(b.radius)?, a.centre.x.minus(a.radius)?)
    }
    fn circle_overright(a: Circle, b: Circle) -> bool {
        less_or_equal(b.centre.x.minus(b.radius)?, a.centre.x.minus(a.radius)?)
    }
    fn circle_below(a: Circle, b: Circle) -> bool {
        less(a.centre.y.plus(a.radius)?, b.centre.y.minus(b.radius)?)
    }
    fn circle_overbelow(a: Circle, b: Circle) -> bool {
        less_or_equal(a.centre.y.plus(a.radius)?, b.centre.y.plus(b.radius)?)
    }
    fn circle_above(a: Circle, b: Circle) -> bool {
        less(b.centre.y.plus(b.radius)?, a.centre.y.minus(a.radius)?)
    }
    fn circle_overabove(a: Circle, b: Circle) -> bool {
        less_or_equal(b.centre.y.minus(b.radius)?, a.centre.y.minus(a.radius)?)
    }
    fn circle_eq(a: Circle, b: Circle) -> bool { equal(area(a)?, area(b)?) }
    fn circle_ne(a: Circle, b: Circle) -> bool { unequal(area(a)?, area(b)?) }
    fn circle_lt(a: Circle, b: Circle) -> bool { less(area(a)?, area(b)?) }
    fn circle_gt(a: Circle, b: Circle) -> bool { less(area(b)?, area(a)?) }
    fn circle_le(a: Circle, b: Circle) -> bool { less_or_equal(area(a)?, area(b)?) }
    fn circle_ge(a: Circle, b: Circle) -> bool { less_or_equal(area(b)?, area(a)?) }
    fn circle_add_pt(a: Circle, b: Point) -> Circle {
        Circle { centre: Point { x: a.centre.x.plus(b.x)?, y: a.centre.y.plus(b.y)? }, radius: a.radius }
    }
    fn circle_sub_pt(a: Circle, b: Point) -> Circle {
        Circle { centre: Point { x: a.centre.x.minus(b.x)?, y: a.centre.y.minus(b.y)? }, radius: a.radius }
    }
    fn circle_mul_pt(a: Circle, b: Point) -> Circle { scaled(a, b, super::plain::turned(a.centre, b)?, true)? }
    fn circle_div_pt(a: Circle, b: Point) -> Circle {
        scaled(a, b, super::plain::turned_back(a.centre, b)?, false)?
    }
    fn circle_distance(a: Circle, b: Circle) -> f64 {
        apart(a, b)?.minus(a.radius.plus(b.radius)?)?.max(0.0)
    }
    fn circle_contain_pt(a: Circle, b: Point) -> bool { has(a, b)? }
    fn pt_contained_circle(a: Point, b: Circle) -> bool { has(b, a)? }
    fn dist_pc(a: Point, b: Circle) -> f64 { outside(a, b)? }
    fn dist_cpoint(a: Circle, b: Point) -> f64 { outside(b, a)? }
    fn circle_box(a: Circle) -> Rectangle {
        let half = a.radius.over(2f64.sqrt())?;
        Rectangle {
            high: Point { x: a.centre.x.plus(half)?, y: a.centre.y.plus(half)? },
            low: Point { x: a.centre.x.minus(half)?, y: a.centre.y.minus(half)? },
        }
    }
    fn box_circle(a: Rectangle) -> Circle {
        let centre = a.centre()?;
        Circle { centre, radius: distance(centre, a.high)? }
    }
    fn circle_poly(count: i32, a: Circle) -> Polygon { corners(count, a)? }
    fn circle_poly_twelve(a: Circle) -> Polygon { corners(12, a)? }
}
