//! `to_char` of dates, times and numbers; `to_date`, `to_timestamp`, `to_number`.

use crate::error::FunctionResult;
use crate::evaluate::Arguments;
use crate::kernel::loops::{Give, Take, argument, collect};
use datetime::format::Format;
use datetime::{Date, Interval, Timestamp, TimestampTz};
use numeric::Numeric;
use numeric::template::Template;
use types::Vector;

/// A function of a value and a format, which is read once while it stays the same.
fn formatted<'a, T: Take<'a>, F, R: Give>(
    arguments: &Arguments<'a>,
    parse: impl Fn(&str) -> FunctionResult<F>,
    each: impl Fn(&F, T) -> FunctionResult<R>,
) -> FunctionResult<Vector> {
    let (values, formats) = (argument::<T>(arguments, 0)?, argument::<&str>(arguments, 1)?);
    let mut last: Option<(&str, F)> = None;
    collect::<R>(arguments.rows, |row| {
        let text = formats.at(row)?;
        let format = match last.take() {
            Some((known, format)) if known == text => format,
            _ => parse(text)?,
        };
        let made = each(&format, values.at(row)?);
        last = Some((text, format));
        made
    })
}

macro_rules! formats {
    ($($name:ident ($value:ident: $type:ty) -> $result:ty, $parse:expr, |$format:ident, $context:ident| $body:expr;)*) => {
        $(#[allow(unused_variables)]
        pub(crate) fn $name(
            context: &mut crate::evaluate::Context<'_>,
            arguments: &Arguments<'_>,
        ) -> FunctionResult<Vector> {
            let $context = &*context;
            formatted::<$type, _, $result>(arguments, $parse, |$format, $value| Ok($body))
        })*
    };
}

fn moments(text: &str) -> FunctionResult<Format> {
    Ok(Format::parse(text))
}

fn numbers(text: &str) -> FunctionResult<Template> {
    Ok(Template::parse(text)?)
}

// kernel: scalar
formats! {
    timestamp_to_char (value: Timestamp) -> Option<String>, moments, |format, context| format.timestamp(value)?;
    timestamptz_to_char (value: TimestampTz) -> Option<String>, moments, |format, context| format.timestamptz(value, context.zone())?;
    interval_to_char (value: Interval) -> Option<String>, moments, |format, context| format.interval(value)?;
    to_timestamp (value: &str) -> TimestampTz, moments, |format, context| format.to_timestamptz(value, context.zone())?;
    to_date (value: &str) -> Date, moments, |format, context| format.to_date(value)?;
    numeric_to_char (value: Numeric) -> String, numbers, |format, context| format.numeric(&value)?;
    int4_to_char (value: i32) -> String, numbers, |format, context| format.int4(value)?;
    int8_to_char (value: i64) -> String, numbers, |format, context| format.int8(value)?;
    float4_to_char (value: f32) -> String, numbers, |format, context| format.float4(value)?;
    float8_to_char (value: f64) -> String, numbers, |format, context| format.float8(value)?;
    numeric_to_number (value: &str) -> Option<Numeric>, numbers, |format, context| format.read(value)?;
}
