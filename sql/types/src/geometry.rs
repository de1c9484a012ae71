//! Points, lines, segments, boxes, paths, polygons and circles: how they lie in memory.
//!
//! Numbers lie one behind the other, little end first. A point is its two numbers; a segment its two points; a box its upper
//! right corner and its lower left one; a line the three of `Ax + By + C = 0`; a circle its centre and radius; a polygon its
//! points; a path a byte that says whether it is closed, then its points.

/// A point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)] // its coordinates
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// The points of a path, and whether it is closed.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Whether the last point leads to the first.
    pub closed: bool,
    /// Its points, of which there is at least one.
    pub points: Vec<Point>,
}

/// Reads numbers.
pub fn numbers(bytes: &[u8]) -> impl Iterator<Item = f64> + '_ {
    bytes.as_chunks::<8>().0.iter().map(|eight| f64::from_le_bytes(*eight))
}

/// Numbers as bytes.
pub fn bytes_of(numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
    numbers.into_iter().flat_map(f64::to_le_bytes).collect()
}

/// As many numbers as a type has; what is missing of damaged bytes is 0.
pub fn fixed<const COUNT: usize>(bytes: &[u8]) -> [f64; COUNT] {
    let mut found = [0.0; COUNT];
    for (slot, number) in found.iter_mut().zip(numbers(bytes)) {
        *slot = number;
    }
    found
}

/// The points that lie in bytes.
pub fn points(bytes: &[u8]) -> Vec<Point> {
    let numbers: Vec<f64> = numbers(bytes).collect();
    numbers.as_chunks::<2>().0.iter().map(|[x, y]| Point { x: *x, y: *y }).collect()
}

/// Points as bytes.
pub fn bytes_of_points(points: &[Point]) -> Vec<u8> {
    bytes_of(points.iter().flat_map(|point| [point.x, point.y]))
}

impl Path {
    /// Reads a path.
    pub fn read(bytes: &[u8]) -> Path {
        let (closed, rest) = bytes.split_first().map_or((false, bytes), |(flag, rest)| (*flag != 0, rest));
        Path { closed, points: points(rest) }
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.closed)];
        bytes.extend(bytes_of_points(&self.points));
        bytes
    }
}

/// Numbers that differ by no more are the same to geometric operators.
pub const EPSILON: f64 = 1e-6;

/// Whether two numbers are the same to geometric operators.
pub fn same(one: f64, other: f64) -> bool {
    one == other || (one - other).abs() <= EPSILON
}

/// The slope of a line through two points.
pub fn slope(one: Point, other: Point) -> f64 {
    if same(one.x, other.x) {
        f64::INFINITY
    } else if same(one.y, other.y) {
        0.0
    } else {
        (one.y - other.y) / (one.x - other.x)
    }
}

/// The line through a point with a slope.
pub fn line_of(point: Point, slope: f64) -> [f64; 3] {
    if slope.is_infinite() {
        [-1.0, 0.0, point.x]
    } else if slope == 0.0 {
        [0.0, -1.0, point.y]
    } else {
        // Adding nothing makes the positive zero of the negative one.
        [slope, -1.0, point.y - slope * point.x + 0.0]
    }
}

/// The line through two points.
pub fn line_through(one: Point, other: Point) -> [f64; 3] {
    line_of(one, slope(one, other))
}
