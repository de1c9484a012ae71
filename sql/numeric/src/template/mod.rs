//! `to_char` and `to_number`: numbers as templates picture them.
//!
//! A template is read once (`pattern`) and may then be used for any number of values. Going out, a value becomes the digits
//! that the template has room for (`digits`), which are then laid into it place by place (`writer`). Coming in, the text is
//! walked along the template, and what is found is read as a numeric (`reader`).
//!
//! The rules are PostgreSQL's with all their corners: what a place shows depends on how many came before it, on whether the
//! number has begun, on fill mode, and on which kind of sign the template asks for. Signs, point and separator are those of
//! the locale C: `-`, `+`, `.`, `,`, and a blank for the currency.

mod digits;
mod pattern;
mod reader;
mod writer;

use crate::error::NumericResult;
use crate::value::Numeric;
use digits::Digits;
use pattern::{Layout, Part};

/// A template, read.
#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
    layout: Layout,
}

/// Templates of so many bytes picture nothing.
const LENGTH_MAX: usize = (i32::MAX as usize - 4) / 8;

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> NumericResult<Template> {
        if text.len() >= LENGTH_MAX {
            return Ok(Template { parts: Vec::new(), layout: Layout::default() });
        }
        let (parts, layout) = pattern::parse(text)?;
        Ok(Template { parts, layout })
    }

    /// `to_char(numeric, template)`.
    pub fn numeric(&self, value: &Numeric) -> NumericResult<String> {
        self.picture(|layout| Digits::of_numeric(value, layout))
    }

    /// `to_char(integer, template)`.
    pub fn int4(&self, value: i32) -> NumericResult<String> {
        self.picture(|layout| Digits::of_int4(value, layout))
    }

    /// `to_char(bigint, template)`.
    pub fn int8(&self, value: i64) -> NumericResult<String> {
        self.picture(|layout| Digits::of_int8(value, layout))
    }

    /// `to_char(real, template)`.
    pub fn float4(&self, value: f32) -> NumericResult<String> {
        self.picture(|layout| Digits::of_float4(value, layout))
    }

    /// `to_char(double precision, template)`.
    pub fn float8(&self, value: f64) -> NumericResult<String> {
        self.picture(|layout| Digits::of_float8(value, layout))
    }

    /// `to_number(text, template)`; null for an empty template.
    pub fn read(&self, text: &str) -> NumericResult<Option<Numeric>> {
        if self.parts.is_empty() {
            return Ok(None);
        }
        reader::read(&self.parts, self.layout, text).map(Some)
    }

    fn picture(&self, digits: impl FnOnce(&mut Layout) -> NumericResult<Digits>) -> NumericResult<String> {
        if self.parts.is_empty() {
            return Ok(String::new());
        }
        let mut layout = self.layout;
        let digits = digits(&mut layout)?;
        writer::write(&self.parts, layout, digits)
    }
}
