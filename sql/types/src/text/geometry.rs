//! Text of geometric values: `(1,2)`, `[(0,0),(1,1)]`, `<(0,0),2>` and the other ways of writing them.

use super::dispatch::is_space;
use super::error::{InputError, InputResult};
use super::string::bytes_of as bytes_of_item;
use crate::catalog::oid;
use crate::geometry::{Path, Point, bytes_of, bytes_of_points, fixed, points};
use crate::value::Item;
use numeric::float;

/// Reads one text.
struct Reader<'t> {
    type_name: &'static str,
    whole: &'t str,
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn new(type_name: &'static str, whole: &'t str) -> Reader<'t> {
        let mut reader = Reader { type_name, whole, rest: whole };
        reader.skip();
        reader
    }

    fn wrong(&self) -> InputError {
        InputError::Syntax { type_name: self.type_name, text: self.whole.to_owned() }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches(|found: char| u8::try_from(found).is_ok_and(is_space));
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, wanted: char) -> InputResult<()> {
        if self.take(wanted) { Ok(()) } else { Err(self.wrong()) }
    }

    fn end(&self) -> InputResult<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong()) }
    }

    fn number(&mut self) -> InputResult<f64> {
        self.skip();
        let ends = |found: char| {
            matches!(found, ',' | ')' | ']' | '>' | '}' | '(' | '[' | '<' | '{')
                || u8::try_from(found).is_ok_and(is_space)
        };
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let value = float::parse_float8(word).map_err(|error| match InputError::from(error) {
            // What is no number is told of the whole, what is too big by itself.
            found if found.is_out_of_range() => found,
            _ => self.wrong(),
        })?;
        self.rest = rest;
        self.skip();
        Ok(value)
    }

    fn pair(&mut self) -> InputResult<Point> {
        self.skip();
        let delimited = self.take('(');
        let x = self.number()?;
        self.expect(',')?;
        let y = self.number()?;
        if delimited {
            self.expect(')')?;
            self.skip();
        }
        Ok(Point { x, y })
    }

    /// Whether the parenthesis that is next is the last that opens.
    fn opens_last(&self) -> bool {
        self.rest.rfind('(') == Some(0)
    }

    /// So many points; whether brackets are around them, which say that a path is open.
    fn points(&mut self, may_be_open: bool, count: usize) -> InputResult<(Vec<Point>, bool)> {
        let mut depth = 0;
        self.skip();
        let open = self.rest.starts_with('[');
        if open {
            if !may_be_open {
                return Err(self.wrong());
            }
            self.rest = &self.rest[1..];
            depth = 1;
        } else if self.rest.starts_with('(') {
            let inner =
                self.rest[1..].trim_start_matches(|found: char| u8::try_from(found).is_ok_and(is_space));
            if inner.starts_with('(') || self.opens_last() {
                depth = 1;
                self.rest = inner;
            }
        }
        let mut points = Vec::with_capacity(count.min(self.rest.len()));
        for _ in 0..count {
            points.push(self.pair()?);
            self.take(',');
        }
        while depth > 0 {
            if !(self.take(')') || (open && depth == 1 && self.take(']'))) {
                return Err(self.wrong());
            }
            depth -= 1;
            self.skip();
        }
        Ok((points, open))
    }

    /// How many pairs there are, by the commas.
    fn count(&self) -> InputResult<usize> {
        let commas = self.whole.matches(',').count();
        if commas % 2 == 1 { Ok(commas.div_ceil(2)) } else { Err(self.wrong()) }
    }
}

/// Reads a geometric value; `None` for other types.
pub(super) fn input(of: u32, text: &str) -> InputResult<Option<Vec<u8>>> {
    Ok(Some(match of {
        oid::POINT => {
            let mut reader = Reader::new("point", text);
            let point = reader.pair()?;
            reader.end()?;
            bytes_of_points(&[point])
        }
        oid::LSEG => {
            let mut reader = Reader::new("lseg", text);
            let (points, _) = reader.points(true, 2)?;
            reader.end()?;
            bytes_of_points(&points)
        }
        oid::BOX => {
            let mut reader = Reader::new("box", text);
            let (points, _) = reader.points(false, 2)?;
            reader.end()?;
            corners(points[0], points[1])
        }
        oid::PATH => path(text)?.to_bytes(),
        oid::POLYGON => {
            let mut reader = Reader::new("polygon", text);
            let count = reader.count()?;
            let (points, _) = reader.points(false, count)?;
            reader.end()?;
            bytes_of_points(&points)
        }
        oid::LINE => line(text)?,
        oid::CIRCLE => circle(text)?,
        _ => return Ok(None),
    }))
}

/// The box between two corners: upper right, lower left.
fn corners(one: Point, other: Point) -> Vec<u8> {
    let order =
        |one: f64, other: f64| if float::compare(one, other).is_lt() { (other, one) } else { (one, other) };
    let ((right, left), (upper, lower)) = (order(one.x, other.x), order(one.y, other.y));
    bytes_of([right, upper, left, lower])
}

fn path(text: &str) -> InputResult<Path> {
    let mut reader = Reader::new("path", text);
    let count = reader.count()?;
    let around = reader.rest.starts_with('(') && reader.opens_last();
    if around {
        reader.rest = &reader.rest[1..];
    }
    let (points, open) = reader.points(true, count)?;
    if around {
        reader.expect(')')?;
        reader.skip();
    }
    reader.end()?;
    Ok(Path { closed: !open, points })
}

fn line(text: &str) -> InputResult<Vec<u8>> {
    let mut reader = Reader::new("line", text);
    if reader.take('{') {
        let a = reader.number()?;
        reader.expect(',')?;
        let b = reader.number()?;
        reader.expect(',')?;
        let c = reader.number()?;
        reader.expect('}')?;
        reader.skip();
        reader.end()?;
        if a == 0.0 && b == 0.0 {
            return Err(InputError::Line("A and B cannot both be zero"));
        }
        return Ok(bytes_of([a, b, c]));
    }
    let (points, _) = reader.points(true, 2)?;
    reader.end()?;
    let (one, other) = (points[0], points[1]);
    if one == other {
        return Err(InputError::Line("must be two distinct points"));
    }
    Ok(bytes_of(crate::geometry::line_through(one, other)))
}

fn circle(text: &str) -> InputResult<Vec<u8>> {
    let mut reader = Reader::new("circle", text);
    let mut depth = 0;
    if reader.take('<') {
        depth = 1;
    } else if reader.rest.starts_with('(') {
        let inner =
            reader.rest[1..].trim_start_matches(|found: char| u8::try_from(found).is_ok_and(is_space));
        if inner.starts_with('(') {
            depth = 1;
            reader.rest = inner;
        }
    }
    let centre = reader.pair()?;
    reader.take(',');
    let radius = reader.number()?;
    if radius < 0.0 {
        return Err(reader.wrong());
    }
    if depth > 0 {
        if !(reader.take(')') || reader.take('>')) {
            return Err(reader.wrong());
        }
        reader.skip();
    }
    reader.end()?;
    Ok(bytes_of([centre.x, centre.y, radius]))
}

fn append_point(point: Point, digits: i32, text: &mut String) {
    text.push('(');
    float::write_float8(point.x, digits, text);
    text.push(',');
    float::write_float8(point.y, digits, text);
    text.push(')');
}

fn append_points(points: &[Point], around: (&str, &str), digits: i32, text: &mut String) {
    text.push_str(around.0);
    for (place, point) in points.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        append_point(*point, digits, text);
    }
    text.push_str(around.1);
}

/// Appends a geometric value; `false` for other types.
pub(super) fn append(of: u32, item: &Item<'_>, digits: i32, text: &mut String) -> bool {
    let bytes = bytes_of_item(item);
    match of {
        oid::POINT | oid::BOX => append_points(&points(bytes), ("", ""), digits, text),
        oid::LSEG => append_points(&points(bytes), ("[", "]"), digits, text),
        oid::POLYGON => append_points(&points(bytes), ("(", ")"), digits, text),
        oid::PATH => {
            let path = Path::read(bytes);
            let around = if path.closed { ("(", ")") } else { ("[", "]") };
            append_points(&path.points, around, digits, text);
        }
        oid::LINE => {
            let numbers: [f64; 3] = fixed(bytes);
            text.push('{');
            for (place, number) in numbers.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                float::write_float8(number, digits, text);
            }
            text.push('}');
        }
        oid::CIRCLE => {
            let [x, y, radius] = fixed(bytes);
            text.push('<');
            append_point(Point { x, y }, digits, text);
            text.push(',');
            float::write_float8(radius, digits, text);
            text.push('>');
        }
        _ => return false,
    }
    true
}
