//! Bytes to rows of fields.

use crate::binary;
use crate::error::{CopyError, CopyResult};
use crate::fields::{Field, Fields};
use crate::lines::{Found, Lines};
use crate::options::{Columns, Format, Header, Options};
use crate::{csv, text};
use std::ops::Range;
use types::catalog::oid;
use types::wire::{Context, WireError};
use types::{BuiltinTypes, Type};

/// What a reader came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A row, whose fields can be asked for.
    Row,
    /// More bytes are needed, or the word that there are none.
    NeedsBytes,
    /// There are no more rows.
    End,
}

/// Where a row stood, for messages: valid until the next batch begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The number of its line, or of the row in the binary format, from 1.
    pub line: u64,
    range: Range<usize>,
}

/// Reads rows.
#[derive(Debug)]
pub struct Reader {
    options: Options,
    columns: Vec<String>,
    not_null: Vec<bool>,
    null: Vec<bool>,
    lines: Lines,
    buffer: Vec<u8>,
    /// Where the batch begins: what stands before is given up when bytes are added.
    kept: usize,
    /// Where the next row begins.
    at: usize,
    /// The row that was read last; none while a line is not whole.
    current: Option<Range<usize>>,
    fields: Fields,
    line: u64,
    /// Whether the line that is looked at is counted already.
    counted: bool,
    begun: bool,
    complete: bool,
    over: bool,
}

impl Reader {
    /// Of rows that have fields for columns of these names.
    pub fn new(options: Options, columns: Vec<String>) -> Reader {
        let forced = |which: &Columns| columns.iter().map(|name| includes(which, name)).collect();
        let quoting = (options.format == Format::Csv).then_some((options.quote, options.escape));
        Reader {
            not_null: forced(&options.force_not_null),
            null: forced(&options.force_null),
            lines: Lines::new(quoting),
            buffer: Vec::new(),
            kept: 0,
            at: 0,
            current: None,
            fields: Fields::default(),
            line: 0,
            counted: false,
            begun: false,
            complete: false,
            over: false,
            options,
            columns,
        }
    }

    /// The memory to which more bytes are appended.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        let gone = self.kept;
        if gone > 0 {
            self.buffer.drain(..gone);
            self.lines.shift(gone);
            (self.kept, self.at) = (0, self.at - gone);
            self.current = None;
        }
        &mut self.buffer
    }

    /// There are no more bytes.
    pub fn complete(&mut self) {
        self.complete = true;
    }

    /// Rows read from now on are of another batch: those before are no longer asked about.
    pub fn begin_batch(&mut self) {
        self.kept = self.at;
    }

    /// The next row.
    ///
    /// # Errors
    /// When what is there is none. The reader is of no use afterwards, but for messages.
    pub fn step(&mut self) -> CopyResult<Step> {
        self.fields.clear();
        match self.options.format {
            Format::Binary => self.next_binary(),
            Format::Text | Format::Csv => self.next_line(),
        }
    }

    fn next_line(&mut self) -> CopyResult<Step> {
        if !self.begun {
            if self.options.header != Header::None {
                match self.find_line()? {
                    Step::Row => self.check_header()?,
                    other => return Ok(other),
                }
            }
            self.begun = true;
        }
        let step = self.find_line()?;
        if step == Step::Row {
            self.split()?;
            self.force_nulls();
            if self.fields.list.len() > self.columns.len() {
                return Err(CopyError::ExtraData);
            }
        }
        Ok(step)
    }

    /// Finds the next line.
    fn find_line(&mut self) -> CopyResult<Step> {
        if self.over {
            return Ok(Step::End);
        }
        if !self.counted {
            (self.line, self.counted, self.current) = (self.line + 1, true, None);
            self.lines.begin(self.at);
        }
        let found = self.lines.look(&self.buffer, self.at, self.complete);
        self.line += self.lines.take_inner();
        let (end, next) = match found? {
            Found::Line { end, next } => (end, next),
            Found::Marker { end, next } => {
                // Behind other data it ends its line and nothing more.
                self.over = end == self.at;
                (end, next)
            }
            Found::Nothing if self.complete => {
                self.over = true;
                (self.buffer.len(), self.buffer.len())
            }
            Found::Nothing => return Ok(Step::NeedsBytes),
        };
        let line = self.at..end;
        if self.over && line.is_empty() {
            return Ok(Step::End);
        }
        check_text(&self.buffer[line.clone()])?;
        (self.at, self.counted, self.current) = (next, false, Some(line));
        Ok(Step::Row)
    }

    fn split(&mut self) -> CopyResult<()> {
        let line = self.current.clone().unwrap_or_default();
        if self.columns.is_empty() {
            return if line.is_empty() { Ok(()) } else { Err(CopyError::ExtraData) };
        }
        let options = &self.options;
        if options.format == Format::Csv {
            return csv::read(&self.buffer, line, options, &mut self.fields);
        }
        text::read(&self.buffer, line, options.delimiter, options.null.as_bytes(), &mut self.fields)
    }

    fn force_nulls(&mut self) {
        if self.options.format != Format::Csv {
            return;
        }
        let null = self.options.null.as_bytes();
        for (place, forced) in self.not_null.iter().enumerate() {
            if *forced && self.fields.list.get(place) == Some(&Field::Null) {
                let before = self.fields.made.len();
                self.fields.made.extend_from_slice(null);
                self.fields.list[place] = Field::Made(before..before + null.len());
            } else if self.null[place] && self.fields.bytes(place, &self.buffer) == Some(null) {
                self.fields.list[place] = Field::Null;
            }
        }
    }

    fn check_header(&mut self) -> CopyResult<()> {
        if self.options.header != Header::Match {
            return Ok(());
        }
        self.split()?;
        let (found, expected) = (self.fields.list.len(), self.columns.len());
        if found != expected {
            return Err(CopyError::HeaderCount { found, expected });
        }
        for (place, expected) in self.columns.iter().enumerate() {
            let field = place + 1;
            match self.fields.bytes(place, &self.buffer) {
                None => {
                    let (null, expected) = (self.options.null.clone(), expected.clone());
                    return Err(CopyError::HeaderNull { field, null, expected });
                }
                Some(name) if name != expected.as_bytes() => {
                    let found = String::from_utf8_lossy(name).into_owned();
                    return Err(CopyError::HeaderName { field, found, expected: expected.clone() });
                }
                Some(_) => {}
            }
        }
        self.fields.clear();
        Ok(())
    }

    fn next_binary(&mut self) -> CopyResult<Step> {
        if self.over {
            return Ok(Step::End);
        }
        if !self.begun {
            match binary::header(&self.buffer, self.complete)? {
                binary::Found::Until(end) => (self.begun, self.at) = (true, end),
                binary::Found::End(_) | binary::Found::Nothing => return Ok(Step::NeedsBytes),
            }
        }
        if !self.counted {
            (self.line, self.counted) = (self.line + 1, true);
        }
        let columns = self.columns.len();
        match binary::row(&self.buffer, self.at, self.complete, columns, &mut self.fields)? {
            binary::Found::Until(end) => {
                (self.at, self.counted) = (end, false);
                Ok(Step::Row)
            }
            binary::Found::End(_) => {
                self.over = true;
                Ok(Step::End)
            }
            binary::Found::Nothing => Ok(Step::NeedsBytes),
        }
    }

    /// The bytes of a field of the row; none if it is null.
    ///
    /// # Errors
    /// When the row has no such field.
    pub fn field(&self, place: usize) -> CopyResult<Option<&[u8]>> {
        if place >= self.fields.list.len() {
            let column = self.columns.get(place).cloned().unwrap_or_default();
            return Err(CopyError::MissingData { column });
        }
        Ok(self.fields.bytes(place, &self.buffer))
    }

    /// Where the row stands.
    pub fn mark(&self) -> Mark {
        let range = self.current.clone().unwrap_or_default();
        let kept = self.kept;
        Mark { line: self.line, range: range.start.saturating_sub(kept)..range.end.saturating_sub(kept) }
    }

    /// How many bytes of the batch were read so far.
    pub fn batch_bytes(&self) -> usize {
        self.at - self.kept
    }

    /// The line of a row of this batch.
    pub fn text(&self, mark: &Mark) -> &[u8] {
        self.buffer.get(mark.range.start + self.kept..mark.range.end + self.kept).unwrap_or_default()
    }

    /// The number of the line that is read.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The line that is read, if it is whole.
    pub fn current(&self) -> Option<&[u8]> {
        self.buffer.get(self.current.clone()?)
    }
}

/// Whether a column is among some.
pub(crate) fn includes(which: &Columns, name: &str) -> bool {
    match which {
        Columns::None => false,
        Columns::All => true,
        Columns::Named(names) => names.iter().any(|found| found == name),
    }
}

/// Whether bytes are text.
///
/// # Errors
/// When they are not.
pub(crate) fn check_text(bytes: &[u8]) -> CopyResult<()> {
    if std::str::from_utf8(bytes).is_ok() && memchr::memchr(0, bytes).is_none() {
        return Ok(());
    }
    match types::wire::receive(Context::new(&BuiltinTypes), Type::of(oid::TEXT), bytes) {
        Err(WireError::Input(error)) => Err(error.into()),
        // It is none, and they know it.
        Err(_) | Ok(_) => Ok(()),
    }
}
