//! Rows of values to bytes.

use crate::SIGNATURE;
use crate::options::{Format, Header, Options};
use crate::reader::includes;
use types::vector::Chunk;
use types::wire::{Context, WireResult};
use types::{Type, Vector};

/// Writes rows.
#[derive(Debug)]
pub struct Writer {
    options: Options,
    columns: Vec<String>,
    quoted: Vec<bool>,
    /// What may not stand in a line as it is, by byte.
    special: [bool; 256],
}

impl Writer {
    /// Of rows of columns of these names.
    pub fn new(options: Options, columns: Vec<String>) -> Writer {
        let mut special = [false; 256];
        for byte in [options.delimiter, b'\n', b'\r'] {
            special[usize::from(byte)] = true;
        }
        let more: &[u8] = match options.format {
            Format::Csv => &[options.quote],
            Format::Text | Format::Binary => b"\\\x08\x0b\x0c\t",
        };
        for byte in more {
            special[usize::from(*byte)] = true;
        }
        let quoted = columns.iter().map(|name| includes(&options.force_quote, name)).collect();
        Writer { options, columns, quoted, special }
    }

    /// What stands before the rows.
    pub fn begin(&self, out: &mut Vec<u8>) {
        if self.options.format == Format::Binary {
            out.extend_from_slice(SIGNATURE);
            // Neither flags nor an extension.
            out.extend_from_slice(&[0; 8]);
        } else if self.options.header != Header::None {
            for (place, name) in self.columns.iter().enumerate() {
                self.delimit(place, out);
                match self.options.format {
                    Format::Csv => self.csv(name.as_bytes(), false, out),
                    Format::Text | Format::Binary => self.text(name.as_bytes(), out),
                }
            }
            out.push(b'\n');
        }
    }

    /// What stands behind them.
    pub fn end(&self, out: &mut Vec<u8>) {
        if self.options.format == Format::Binary {
            out.extend_from_slice(&(-1i16).to_be_bytes());
        }
    }

    /// A row of texts: row `row` of vectors of bytes.
    pub fn text_row(&self, texts: &[Vector], row: usize, out: &mut Vec<u8>) {
        for (place, column) in texts.iter().enumerate() {
            self.delimit(place, out);
            let value = match column.is_null(row) {
                true => None,
                false => column.bytes().map(|values| values.get(column.place(row))),
            };
            match (value, self.options.format) {
                (None, _) => out.extend_from_slice(self.options.null.as_bytes()),
                (Some(value), Format::Csv) => self.csv(value, self.quoted[place], out),
                (Some(value), Format::Text | Format::Binary) => self.text(value, out),
            }
        }
        out.push(b'\n');
    }

    /// A row of values of these types in the binary format.
    ///
    /// # Errors
    /// When a type has no binary form.
    pub fn binary_row(
        &self,
        to: Context<'_>,
        of: &[Type],
        chunk: &Chunk,
        row: usize,
        out: &mut Vec<u8>,
    ) -> WireResult<()> {
        // Less than 1,664 columns.
        out.extend_from_slice(&(of.len() as i16).to_be_bytes());
        for (place, of) in of.iter().enumerate() {
            let column = chunk.column(place);
            if column.is_null(row) {
                out.extend_from_slice(&(-1i32).to_be_bytes());
                continue;
            }
            let start = out.len();
            out.extend_from_slice(&[0; 4]);
            types::wire::send(to, *of, &column.item(row), out)?;
            // A value has less than a gigabyte.
            let length = (out.len() - start - 4) as i32;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }

    fn delimit(&self, place: usize, out: &mut Vec<u8>) {
        if place > 0 {
            out.push(self.options.delimiter);
        }
    }

    fn is_plain(&self, value: &[u8]) -> bool {
        !value.iter().any(|byte| self.special[usize::from(*byte)])
    }

    fn text(&self, value: &[u8], out: &mut Vec<u8>) {
        if self.is_plain(value) {
            out.extend_from_slice(value);
            return;
        }
        for byte in value {
            if !self.special[usize::from(*byte)] {
                out.push(*byte);
                continue;
            }
            out.push(b'\\');
            out.push(match *byte {
                0x08 => b'b',
                0x0c => b'f',
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                0x0b => b'v',
                other => other,
            });
        }
    }

    fn csv(&self, value: &[u8], quoted: bool, out: &mut Vec<u8>) {
        let options = &self.options;
        let quoted = quoted
            || value == options.null.as_bytes()
            // Alone in its line it would end the data.
            || (self.columns.len() == 1 && value == b"\\.")
            || !self.is_plain(value);
        if !quoted {
            out.extend_from_slice(value);
            return;
        }
        out.push(options.quote);
        for byte in value {
            if *byte == options.quote || *byte == options.escape {
                out.push(options.escape);
            }
            out.push(*byte);
        }
        out.push(options.quote);
    }
}
