//! Values of any type put together: `concat`, `format`, `||` of text and something else.

use super::basic::characters;
use super::quote::{identifier_into, literal_into};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, cast};
use crate::kernel::loops::{TEXT_BYTES, argument, collect, collect_text, internal, text};
use crate::kernel::show::show;
use crate::resolve::{Cast, CastContext, find_cast};
use diagnostic::{SqlState, room};
use types::array::ArrayView;
use types::catalog::oid;
use types::vector::{BitmapBuilder, BytesBuilder, Data};
use types::{Item, Type, Vector};

/// Puts the arguments from `first` on of one row into `found`, those of a `VARIADIC` array among them; `false` if that array is null.
fn values<'a>(
    arguments: &Arguments<'a>,
    first: usize,
    row: usize,
    found: &mut Vec<(Type, Item<'a>)>,
) -> FunctionResult<bool> {
    found.clear();
    let vectors: &'a [Vector] = arguments.vectors;
    if !arguments.site.variadic {
        let each = |place: usize| (arguments.type_of(place), vectors[place].item(row));
        found.extend((first..vectors.len()).map(each));
        return Ok(true);
    }
    let last = vectors.get(first).ok_or_else(|| internal("too few arguments"))?;
    match last.item(row) {
        Item::Null => Ok(false),
        Item::Bytes(bytes) => {
            let array = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
            let element = Type::of(array.element_type());
            found.extend(array.items().map(|item| (element, item)));
            Ok(true)
        }
        _ => Err(internal("an array of another kind")),
    }
}

fn append_all(
    context: &Context<'_>,
    values: &[(Type, Item<'_>)],
    separator: &[u8],
    out: &mut Vec<u8>,
) -> FunctionResult<()> {
    let (start, mut first) = (out.len(), true);
    for (of, item) in values.iter().filter(|(_, item)| !item.is_null()) {
        if !first {
            room(out.len() - start, separator.len())?;
            out.extend_from_slice(separator);
        }
        first = false;
        show_behind(context, (*of, item), start, out)?;
    }
    Ok(())
}

/// Appends a value's text to a text that begins at `start`.
fn show_behind(
    context: &Context<'_>,
    (of, item): (Type, &Item<'_>),
    start: usize,
    out: &mut Vec<u8>,
) -> FunctionResult<()> {
    // A text's length is known beforehand; of another value it is bounded, so that what is shown in vain is.
    if let (oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::UNKNOWN, Item::Bytes(text)) = (of.oid, item) {
        room(out.len() - start, text.len())?;
    }
    show(context, of, item, out)?;
    Ok(room(out.len() - start, 0)?)
}

/// The arguments from `first` on one after the other, row by row, with what stands between those that are not null; null for rows
/// without that, or whose `VARIADIC` array is null.
fn concatenated<'a>(
    context: &Context<'_>,
    arguments: &Arguments<'a>,
    first: usize,
    separator: impl Fn(usize) -> FunctionResult<Option<&'a [u8]>>,
) -> FunctionResult<Vector> {
    let mut builder = BytesBuilder::with_capacity(arguments.rows, arguments.rows * TEXT_BYTES);
    let (mut nulls, mut row_values) = (BitmapBuilder::default(), Vec::new());
    for row in 0..arguments.rows {
        let separator = separator(row)?;
        let given = separator.is_some() && values(arguments, first, row, &mut row_values)?;
        builder.push_with(|out| match separator.filter(|_| given) {
            Some(separator) => append_all(context, &row_values, separator, out),
            None => Ok(()),
        })?;
        nulls.push(!given);
    }
    Ok(Vector::new(Data::Bytes(builder.finish()), nulls.finish()))
}

pub(crate) fn text_concat(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    concatenated(context, arguments, 0, |_| Ok(Some(b"")))
}

pub(crate) fn text_concat_ws(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let separators = argument::<&[u8]>(arguments, 0)?;
    concatenated(context, arguments, 1, |row| separators.get(row))
}

/// Both sides one after the other, whatever their types: each as a cast to `text` has it.
fn both(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let sides = [side(context, arguments, 0)?, side(context, arguments, 1)?];
    collect_text(arguments.rows, |row, out| {
        let start = out.len();
        for (of, vector) in &sides {
            show_behind(context, (*of, &vector.item(row)), start, out)?;
        }
        Ok(())
    })
}

/// An argument with its type; where a function casts it to `text`, what that makes of it.
fn side(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    place: usize,
) -> FunctionResult<(Type, Vector)> {
    let (of, vector) = (arguments.type_of(place), &arguments.vectors[place]);
    let text = Type::of(oid::TEXT);
    match find_cast(context.types, of.oid, text.oid, CastContext::Explicit) {
        Some(by @ Cast::Function(_)) => Ok((text, cast(context, &by, (of, text), true, vector)?)),
        Some(Cast::Binary | Cast::Text | Cast::Elements(_) | Cast::Record | Cast::Parent(_)) | None => {
            Ok((of, vector.clone()))
        }
    }
}

pub(crate) fn textanycat(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    both(context, arguments)
}

pub(crate) fn anytextcat(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    both(context, arguments)
}

pub(crate) fn text_format(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let templates = argument::<&str>(arguments, 0)?;
    let mut row_values = Vec::new();
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        let Some(template) = templates.get(row)? else { return Ok(None) };
        if arguments.vectors.len() > 1 {
            values(arguments, 1, row, &mut row_values)?;
        }
        let mut out = Vec::new();
        Formatter { context, template, at: 0, values: &row_values, next: 0 }.run(&mut out)?;
        Ok(Some(out))
    })
}

pub(crate) fn text_format_nv(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    text_format(context, arguments)
}

struct Formatter<'a, 'c> {
    context: &'a Context<'c>,
    template: &'a str,
    at: usize,
    values: &'a [(Type, Item<'a>)],
    /// The argument that comes next if none is named.
    next: usize,
}

fn invalid(message: impl Into<String>) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

fn unterminated() -> FunctionError {
    let hint = "For a single \"%\" use \"%%\".";
    FunctionError::hinted(SqlState::InvalidParameterValue, "unterminated format() type specifier", hint)
}

impl Formatter<'_, '_> {
    fn run(&mut self, out: &mut Vec<u8>) -> FunctionResult<()> {
        while let Some(place) = self.template[self.at..].find('%') {
            room(out.len(), place + 1)?;
            out.extend_from_slice(&self.template.as_bytes()[self.at..self.at + place]);
            self.at += place + 1;
            if self.peek()? == b'%' {
                out.push(b'%');
                self.at += 1;
            } else {
                self.specifier(out)?;
            }
        }
        room(out.len(), self.template.len() - self.at)?;
        out.extend_from_slice(&self.template.as_bytes()[self.at..]);
        Ok(())
    }

    fn peek(&self) -> FunctionResult<u8> {
        self.template.as_bytes().get(self.at).copied().ok_or_else(unterminated)
    }

    /// Digits, if there are any.
    fn number(&mut self) -> FunctionResult<Option<i32>> {
        let mut found: Option<i32> = None;
        while let digit @ b'0'..=b'9' = self.peek()? {
            let next =
                found.unwrap_or(0).checked_mul(10).and_then(|tens| tens.checked_add(i32::from(digit - b'0')));
            found = Some(next.ok_or_else(|| {
                FunctionError::plain(SqlState::NumericValueOutOfRange, "number is out of range")
            })?);
            self.at += 1;
        }
        Ok(found)
    }

    /// `[position$][-][width]type`, the width being digits, `*` or `*position$`.
    fn specifier(&mut self, out: &mut Vec<u8>) -> FunctionResult<()> {
        let (mut position, mut width, mut to_left) = (None, 0, false);
        let mut done = false;
        if let Some(number) = self.number()? {
            if self.peek()? == b'$' {
                self.at += 1;
                position = Some(self.named(number)?);
                self.peek()?;
            } else {
                width = number;
                done = true;
            }
        }
        while !done && self.peek()? == b'-' {
            to_left = true;
            self.at += 1;
        }
        if !done {
            match self.peek()? {
                b'*' => {
                    self.at += 1;
                    (width, to_left) = self.width_argument(to_left)?;
                }
                _ => width = self.number()?.unwrap_or(0),
            }
        }
        let kind = self.template[self.at..].chars().next().ok_or_else(unterminated)?;
        self.at += kind.len_utf8();
        if !matches!(kind, 's' | 'I' | 'L') {
            let hint = "For a single \"%\" use \"%%\".";
            let message = format!("unrecognized format() type specifier \"{kind}\"");
            return Err(FunctionError::hinted(SqlState::InvalidParameterValue, message, hint));
        }
        let place = position.unwrap_or(self.next);
        let (of, item) = self.values.get(place).ok_or_else(|| invalid("too few arguments for format()"))?;
        self.next = place + 1;
        let mut shown = Vec::new();
        self.convert(kind, *of, item, &mut shown)?;
        let missing = (width.unsigned_abs() as usize).saturating_sub(characters(&shown));
        // Blanks and what is shown are two pieces to PostgreSQL.
        room(out.len(), missing)?;
        room(out.len() + missing, shown.len())?;
        let blanks = std::iter::repeat_n(b' ', missing);
        if to_left {
            out.extend_from_slice(&shown);
            out.extend(blanks);
        } else {
            out.extend(blanks);
            out.extend_from_slice(&shown);
        }
        Ok(())
    }

    fn named(&self, number: i32) -> FunctionResult<usize> {
        match usize::try_from(number) {
            Ok(number) if number > 0 => Ok(number - 1),
            _ => Err(invalid("format specifies argument 0, but arguments are numbered from 1")),
        }
    }

    /// A width that an argument gives; a negative one means to the left.
    fn width_argument(&mut self, to_left: bool) -> FunctionResult<(i32, bool)> {
        let place = match self.number()? {
            Some(number) => {
                if self.peek()? != b'$' {
                    return Err(invalid("width argument position must be ended by \"$\""));
                }
                self.at += 1;
                self.named(number)?
            }
            None => self.next,
        };
        self.next = place + 1;
        let (of, item) = self.values.get(place).ok_or_else(|| invalid("too few arguments for format()"))?;
        let width = match item {
            Item::Null => 0,
            Item::Int32(width) => *width,
            Item::Int16(width) => i32::from(*width),
            item => {
                let mut shown = Vec::new();
                show(self.context, *of, item, &mut shown)?;
                <i32 as numeric::integer::Integer>::parse(text(&shown)?)?
            }
        };
        Ok((width, to_left || width < 0))
    }

    fn convert(&self, kind: char, of: Type, item: &Item<'_>, out: &mut Vec<u8>) -> FunctionResult<()> {
        if item.is_null() {
            return match kind {
                'L' => {
                    out.extend_from_slice(b"NULL");
                    Ok(())
                }
                'I' => Err(FunctionError::plain(
                    SqlState::NullValueNotAllowed,
                    "null values cannot be formatted as an SQL identifier",
                )),
                _ => Ok(()),
            };
        }
        let mut shown = Vec::new();
        show(self.context, of, item, &mut shown)?;
        match kind {
            'I' => identifier_into(text(&shown)?, out)?,
            'L' => literal_into(&shown, out)?,
            _ => out.extend_from_slice(&shown),
        }
        Ok(())
    }
}
