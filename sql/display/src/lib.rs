//! Results as text, as psql shows them: aligned, unaligned, csv, html, and expanded forms of them; json and markdown besides.
//!
//! The shell prints with it, and the snapshots of SQL tests are written with it, so that what is reviewed is what users see.
//! Asked of psql 15 byte for byte (`tests/psql.rs`).

#![forbid(unsafe_code)]

mod aligned;
mod cell;
mod csv;
mod expanded;
mod html;
mod json;
mod markdown;
mod unaligned;

/// A result: columns and rows of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// What stands above it, if anything.
    pub title: Option<String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows; `None` is null.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub content: Content,
}

/// What a column's values are, as far as it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// To the left; in json a string.
    Text,
    /// To the right; in json a number, where it is one.
    Number,
    /// To the left; in json true or false.
    Boolean,
    /// To the left; in json itself.
    Json,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)] // each is what psql calls it; json and markdown are ours
pub enum Format {
    #[default]
    Aligned,
    Unaligned,
    Csv,
    Html,
    Json,
    Markdown,
}

/// Everything that decides how a table looks: psql's `\pset`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `\pset format`
    pub format: Format,
    /// `\x`: a line for each value.
    pub expanded: bool,
    /// `\pset border`: 0, 1 or 2.
    pub border: u8,
    /// `\pset null`
    pub null: String,
    /// `\pset footer`: the line that counts the rows.
    pub footer: bool,
    /// `\t`: values alone.
    pub tuples_only: bool,
    /// `\pset fieldsep`, of unaligned output.
    pub field_separator: String,
    /// `\pset recordsep`, of unaligned output.
    pub record_separator: String,
    /// `\pset csv_fieldsep`
    pub csv_separator: char,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            format: Format::Aligned,
            expanded: false,
            border: 1,
            null: String::new(),
            footer: true,
            tuples_only: false,
            field_separator: "|".into(),
            record_separator: "\n".into(),
            csv_separator: ',',
        }
    }
}

impl Table {
    /// The table as text, with the line that ends it.
    pub fn write(&self, options: &Options, out: &mut String) {
        match options.format {
            Format::Aligned if options.expanded => expanded::write(self, options, out),
            Format::Aligned => aligned::write(self, options, out),
            Format::Unaligned => unaligned::write(self, options, out),
            Format::Csv => csv::write(self, options, out),
            Format::Html => html::write(self, options, out),
            Format::Json => json::write(self, out),
            Format::Markdown => markdown::write(self, options, out),
        }
    }

    /// The same, as a text of its own.
    pub fn to_text(&self, options: &Options) -> String {
        let mut out = String::new();
        self.write(options, &mut out);
        out
    }

    /// Rows that have something to show: without columns there is none.
    fn shown_rows(&self) -> &[Vec<Option<String>>] {
        if self.columns.is_empty() { &[] } else { &self.rows }
    }

    /// The line that counts the rows.
    fn count(&self) -> String {
        match self.rows.len() {
            1 => "(1 row)".into(),
            rows => format!("({rows} rows)"),
        }
    }
}

/// What stands for a value.
fn shown<'a>(value: &'a Option<String>, options: &'a Options) -> &'a str {
    value.as_deref().unwrap_or(&options.null)
}
