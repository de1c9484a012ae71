//! How results look: `\pset`, `\x`, `\t`, `\a`, `\f`, `\C`.

use crate::variables::boolean;
use display::{Format, Options, Table};

/// Everything that decides it.
#[derive(Debug, Clone, Default)]
pub struct Formatting {
    /// What a table is written with.
    pub options: Options,
    /// `\x auto`: a line for each value where a row is wider than the terminal.
    pub expanded_auto: bool,
    /// `\C`: what stands above results.
    pub title: Option<String>,
}

/// What `\pset` without a value tells, in psql's order.
const NAMES: &[&str] = &[
    "border",
    "csv_fieldsep",
    "expanded",
    "fieldsep",
    "footer",
    "format",
    "null",
    "recordsep",
    "title",
    "tuples_only",
];

impl Formatting {
    /// Appends a table; where the terminal is `width` columns wide.
    pub fn write(&self, table: &Table, width: Option<usize>, out: &mut String) {
        let mut titled = None;
        if let (Some(title), None) = (&self.title, &table.title) {
            titled = Some(Table { title: Some(title.clone()), ..table.clone() });
        }
        let table = titled.as_ref().unwrap_or(table);
        let start = out.len();
        table.write(&self.options, out);
        let Some(width) = width.filter(|_| self.expanded_auto && !self.options.expanded) else { return };
        if out[start..].lines().any(|line| line.chars().count() > width) {
            out.truncate(start);
            table.write(&Options { expanded: true, ..self.options.clone() }, out);
        }
    }

    /// Sets one thing, or the next of its values; what is to be told of it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn set(&mut self, name: &str, value: Option<&str>) -> Result<String, String> {
        let options = &mut self.options;
        let switch = |now: bool, value: Option<&str>| match value {
            None => Ok(!now),
            Some(word) => boolean(word)
                .ok_or_else(|| format!("unrecognized value \"{word}\" for \"{name}\": Boolean expected")),
        };
        match name {
            "format" => {
                if let Some(word) = value {
                    options.format = format_named(word)?;
                }
            }
            "border" => match value.map(str::parse) {
                Some(Ok(border @ 0..=2)) => options.border = border,
                Some(_) => return Err("\\pset: border is 0, 1 or 2".to_owned()),
                None => {}
            },
            "expanded" | "x" | "vertical" => {
                let auto = value == Some("auto");
                let now = options.expanded || self.expanded_auto;
                let on = if auto { false } else { switch(now, value)? };
                (options.expanded, self.expanded_auto) = (on, auto);
            }
            "null" => options.null = value.unwrap_or(&options.null).to_owned(),
            "footer" => options.footer = switch(options.footer, value)?,
            "tuples_only" | "t" => options.tuples_only = switch(options.tuples_only, value)?,
            "fieldsep" => options.field_separator = value.unwrap_or(&options.field_separator).to_owned(),
            "fieldsep_zero" => options.field_separator = "\0".to_owned(),
            "recordsep" => options.record_separator = value.unwrap_or(&options.record_separator).to_owned(),
            "recordsep_zero" => options.record_separator = "\0".to_owned(),
            "csv_fieldsep" => match value.map(|value| (value, value.chars().next(), value.len())) {
                Some((_, Some('"' | '\n' | '\r'), 1)) => {
                    let reason = "csv_fieldsep cannot be a double quote, a newline, or a carriage return";
                    return Err(format!("\\pset: {reason}"));
                }
                Some((_, Some(sign), 1)) => options.csv_separator = sign,
                Some(_) => return Err("\\pset: csv_fieldsep must be a single one-byte character".to_owned()),
                None => {}
            },
            "title" | "C" => self.title = value.map(str::to_owned),
            "pager" if value.and_then(boolean) == Some(false) => return Ok("Pager usage is off.".to_owned()),
            _ => return Err(format!("\\pset: unknown option: {name}")),
        }
        Ok(self.told(name))
    }

    /// All of it.
    pub fn all(&self) -> String {
        NAMES.iter().map(|name| format!("{name:<24} {}\n", self.value(name))).collect()
    }

    fn value(&self, name: &str) -> String {
        let options = &self.options;
        let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
        match name {
            "border" => options.border.to_string(),
            "csv_fieldsep" => format!("'{}'", options.csv_separator),
            "expanded" if self.expanded_auto => "auto".to_owned(),
            "expanded" => switch(options.expanded),
            "fieldsep" => format!("'{}'", options.field_separator),
            "footer" => switch(options.footer),
            "format" => format_name(options.format).to_owned(),
            "null" => format!("'{}'", options.null),
            "recordsep" => format!("'{}'", options.record_separator.replace('\n', "\\n")),
            "tuples_only" => switch(options.tuples_only),
            _ => self.title.clone().unwrap_or_default(),
        }
    }

    fn told(&self, name: &str) -> String {
        let options = &self.options;
        let switch = |on: bool| if on { "on" } else { "off" };
        match name {
            "format" => format!("Output format is {}.", format_name(options.format)),
            "border" => format!("Border style is {}.", options.border),
            "expanded" | "x" | "vertical" if self.expanded_auto => {
                "Expanded display is used automatically.".to_owned()
            }
            "expanded" | "x" | "vertical" => format!("Expanded display is {}.", switch(options.expanded)),
            "null" => format!("Null display is \"{}\".", options.null),
            "footer" => format!("Default footer is {}.", switch(options.footer)),
            "tuples_only" | "t" => format!("Tuples only is {}.", switch(options.tuples_only)),
            "fieldsep_zero" => "Field separator is zero byte.".to_owned(),
            "fieldsep" => format!("Field separator is \"{}\".", options.field_separator),
            "recordsep_zero" => "Record separator is zero byte.".to_owned(),
            "recordsep" if options.record_separator == "\n" => "Record separator is <newline>.".to_owned(),
            "recordsep" => format!("Record separator is \"{}\".", options.record_separator),
            "csv_fieldsep" => format!("Field separator for CSV is \"{}\".", options.csv_separator),
            _ => match &self.title {
                Some(title) => format!("Title is \"{title}\"."),
                None => "Title is unset.".to_owned(),
            },
        }
    }
}

fn format_named(name: &str) -> Result<Format, String> {
    let known = [
        ("aligned", Format::Aligned),
        ("csv", Format::Csv),
        ("html", Format::Html),
        ("json", Format::Json),
        ("markdown", Format::Markdown),
        ("unaligned", Format::Unaligned),
    ];
    let found = known.iter().find(|(known, _)| !name.is_empty() && known.starts_with(name));
    found
        .map(|(_, format)| *format)
        .ok_or_else(|| "\\pset: allowed formats are aligned, csv, html, json, markdown, unaligned".to_owned())
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Aligned => "aligned",
        Format::Unaligned => "unaligned",
        Format::Csv => "csv",
        Format::Html => "html",
        Format::Json => "json",
        Format::Markdown => "markdown",
    }
}
