//! Digits laid into a template, place by place.

use super::digits::{Digits, ROMAN_WIDTH};
use super::pattern::{Anchor, Layout, Part, Pattern};
use crate::error::{NumericError, NumericResult};

/// What ends a text in C, and so whatever PostgreSQL wrote before it.
const END: u8 = 0;

/// The state of going through a template.
struct Writer {
    layout: Layout,
    /// The number's text; behind its last byte it reads as [`END`].
    number: Vec<u8>,
    /// The next byte of it.
    next: usize,
    /// `+`, `-`, or [`END`] for a number that is complete.
    sign: u8,
    blanks: usize,
    sign_written: bool,
    /// In fill mode, the last byte that is no zero at the end of the decimals.
    relevant: Option<usize>,
    /// Places that the number has in all, the sign's among them.
    count: usize,
    /// Places gone through.
    current: usize,
    /// Whether the last place showed a digit.
    begun: bool,
    out: String,
}

pub(super) fn write(parts: &[Part], layout: Layout, digits: Digits) -> NumericResult<String> {
    if layout.exponent {
        return Ok(digits.text);
    }
    let mut writer = Writer::new(layout, digits);
    for part in parts {
        match part {
            Part::Literal(character) => writer.out.push(*character),
            Part::Pattern(pattern) => writer.pattern(*pattern)?,
        }
    }
    // A place beyond the number's digits ends the text there.
    let end = writer.out.bytes().position(|byte| byte == END).unwrap_or(writer.out.len());
    writer.out.truncate(end);
    Ok(writer.out)
}

impl Writer {
    fn new(layout: Layout, digits: Digits) -> Writer {
        let mut writer = Writer {
            layout,
            number: digits.text.into_bytes(),
            next: 0,
            sign: digits.sign.map_or(END, |sign| sign as u8),
            blanks: digits.blanks,
            sign_written: false,
            relevant: None,
            count: 0,
            current: 0,
            begun: false,
            out: String::new(),
        };
        writer.layout.zero_start = layout.zero_start.saturating_sub(1);
        if layout.roman {
            writer.layout = Layout { roman: true, fill_mode: layout.fill_mode, ..Layout::default() };
        }
        writer.prepare_sign();
        writer.count = writer.layout.before + writer.layout.behind;
        if writer.layout.fill_mode && writer.layout.point {
            writer.relevant = writer.last_relevant();
        }
        if !writer.sign_written && writer.blanks == 0 {
            writer.count += 1;
        }
        writer
    }

    fn prepare_sign(&mut self) {
        if self.layout.plus || self.layout.minus {
            // `MI` and `SG` show a minus themselves; with `PL` alone it stands before the number.
            self.sign_written = self.layout.minus;
            return;
        }
        if self.sign != b'-' && self.layout.fill_mode {
            self.layout.brackets = false;
        }
        self.sign_written = self.sign == b'+' && self.layout.fill_mode && !self.layout.sign;
        if self.layout.anchor == Anchor::Before && self.layout.before == self.layout.before_sign {
            self.layout.anchor = Anchor::Behind;
        }
    }

    /// The last decimal that fill mode keeps, or the point.
    fn last_relevant(&self) -> Option<usize> {
        let point = self.number.iter().position(|byte| *byte == b'.')?;
        let decimals = &self.number[point + 1..];
        let last = decimals.iter().rposition(|byte| *byte != b'0').map_or(point, |last| point + 1 + last);
        if self.layout.zero_end <= self.blanks {
            return Some(last);
        }
        // What a `0` asks for stays.
        Some(last.max((self.number.len() - 1).min(self.layout.zero_end - self.blanks)))
    }

    fn byte(&self, index: usize) -> u8 {
        self.number.get(index).copied().unwrap_or(END)
    }

    fn push(&mut self, byte: u8) {
        self.out.push(char::from(byte));
    }

    fn pattern(&mut self, pattern: Pattern) -> NumericResult<()> {
        match pattern {
            Pattern::Nine | Pattern::Zero | Pattern::Point | Pattern::LocalePoint => self.place(pattern),
            Pattern::Comma | Pattern::Group => match (self.begun, self.layout.fill_mode) {
                (true, _) => self.push(b','),
                (false, false) => self.push(b' '),
                (false, true) => {}
            },
            Pattern::CurrencySymbol => self.push(b' '),
            Pattern::Roman | Pattern::SmallRoman => self.roman(pattern == Pattern::SmallRoman),
            Pattern::Ordinal | Pattern::SmallOrdinal => self.ordinal(pattern == Pattern::SmallOrdinal)?,
            Pattern::Minus | Pattern::Plus => {
                let shown = if pattern == Pattern::Minus { b'-' } else { b'+' };
                if self.sign == shown {
                    self.push(shown);
                } else if !self.layout.fill_mode {
                    self.push(b' ');
                }
            }
            Pattern::PlusOrMinus => self.push(self.sign),
            // `S` stands where the number's first or last digit does.
            Pattern::Sign
            | Pattern::Blank
            | Pattern::Currency
            | Pattern::Exponent
            | Pattern::FillMode
            | Pattern::Brackets
            | Pattern::Spell
            | Pattern::Shift => {}
        }
        Ok(())
    }

    fn roman(&mut self, small: bool) {
        let text = String::from_utf8_lossy(&self.number).into_owned();
        let text = if small { text.to_ascii_lowercase() } else { text };
        if !self.layout.fill_mode {
            self.out.extend(std::iter::repeat_n(' ', ROMAN_WIDTH.saturating_sub(text.len())));
        }
        self.out.push_str(&text);
    }

    fn ordinal(&mut self, small: bool) -> NumericResult<()> {
        if self.layout.roman || self.byte(0) == b'#' || self.sign == b'-' || self.layout.point {
            return Ok(());
        }
        let ending = match self.number.as_slice() {
            [.., last] if !last.is_ascii_digit() => {
                return Err(NumericError::NoOrdinal(String::from_utf8_lossy(&self.number).into_owned()));
            }
            [.., b'1', _] => "th",
            [.., b'1'] => "st",
            [.., b'2'] => "nd",
            [.., b'3'] => "rd",
            _ => "th",
        };
        match small {
            true => self.out.push_str(ending),
            false => self.out.push_str(&ending.to_ascii_uppercase()),
        }
        Ok(())
    }

    /// Whether this is the zero before the point that a template without zeros does not show.
    fn hides_zero(&self) -> bool {
        !self.layout.zero && self.next == 0 && self.byte(0) == b'0' && self.layout.behind != 0
    }

    /// Whether fill mode leaves nothing behind the point.
    fn ends_at_point(&self) -> bool {
        self.relevant.is_some_and(|relevant| self.byte(relevant) == b'.')
    }

    /// A place for a digit or the point.
    fn place(&mut self, pattern: Pattern) {
        if self.layout.roman {
            return;
        }
        self.begun = false;
        self.write_sign_before();
        let in_zeros = self.layout.zero && self.layout.zero_start <= self.current;
        if self.current >= self.blanks {
            self.digit(pattern);
        } else if in_zeros {
            self.push(b'0');
            self.begun = true;
        } else if !self.layout.fill_mode {
            self.push(b' ');
        }
        self.write_sign_behind();
        self.current += 1;
    }

    fn write_sign_before(&mut self) {
        let reached =
            self.current >= self.blanks || self.layout.zero && self.layout.zero_start == self.current;
        if self.sign_written || !reached || self.hides_zero() && !self.ends_at_point() {
            return;
        }
        if self.layout.sign {
            if self.layout.anchor == Anchor::Before {
                self.push(if self.sign == b'-' { b'-' } else { b'+' });
                self.sign_written = true;
            }
            return;
        }
        if self.layout.brackets {
            self.push(if self.sign == b'+' { b' ' } else { b'<' });
        } else if self.sign == b'-' {
            self.push(b'-');
        } else if !self.layout.fill_mode {
            self.push(b' ');
        }
        self.sign_written = true;
    }

    /// The number's next byte, or what stands for it.
    fn digit(&mut self, pattern: Pattern) {
        let byte = self.byte(self.next);
        if byte == b'.' {
            self.push(b'.');
        } else if self.relevant.is_some_and(|relevant| self.next > relevant) && pattern != Pattern::Zero {
            // a zero at the end, which fill mode leaves out
        } else if self.hides_zero() {
            if !self.layout.fill_mode {
                self.push(b' ');
            } else if self.ends_at_point() {
                self.push(b'0');
            }
        } else {
            self.push(byte);
            self.begun = true;
        }
        if byte != END {
            self.next += 1;
        }
    }

    fn write_sign_behind(&mut self) {
        let all = self.count + usize::from(self.blanks > 0) + usize::from(self.layout.point);
        let end = if self.relevant == Some(self.next) { self.current + 1 } else { all };
        if self.current + 2 != end {
            return;
        }
        if self.sign_written && self.layout.brackets {
            self.push(if self.sign == b'+' { b' ' } else { b'>' });
        } else if self.layout.sign && self.layout.anchor == Anchor::Behind {
            self.push(if self.sign == b'-' { b'-' } else { b'+' });
        }
    }
}
