//! A text read along a template.

use super::pattern::{Anchor, Layout, Part, Pattern};
use crate::error::{NumericResult, TemplateProblem};
use crate::modifier::Modifier;
use crate::value::Numeric;

/// The state of going through a text.
struct Reader<'a> {
    layout: Layout,
    text: &'a [u8],
    /// The byte that is looked at.
    at: usize,
    /// The sign that was found, or a blank.
    sign: u8,
    /// Digits and point that were found.
    number: Vec<u8>,
    before: usize,
    behind: usize,
    point: bool,
}

pub(super) fn read(parts: &[Part], layout: Layout, text: &str) -> NumericResult<Numeric> {
    if layout.exponent {
        return Err(TemplateProblem::EeeeInput.into());
    }
    if layout.roman {
        return Err(TemplateProblem::RomanInput.into());
    }
    let mut reader = Reader {
        layout,
        text: text.as_bytes(),
        at: 0,
        sign: b' ',
        number: Vec::new(),
        before: 0,
        behind: 0,
        point: false,
    };
    for part in parts {
        if reader.ended() {
            break;
        }
        match part {
            // Any character of the text goes with a character of the template.
            Part::Literal(_) => reader.skip_character(),
            Part::Pattern(pattern) => reader.pattern(*pattern),
        }
    }
    reader.value()
}

impl Reader<'_> {
    fn ended(&self) -> bool {
        self.at >= self.text.len()
    }

    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Passes over a character; what a place left of one goes byte by byte.
    fn skip_character(&mut self) {
        self.at += match self.byte() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            Some(_) | None => 1,
        };
    }

    /// Passes over characters that are no part of any number.
    fn skip_other(&mut self, count: usize) {
        for _ in 0..count {
            match self.byte() {
                Some(b'0'..=b'9' | b'.' | b',' | b'+' | b'-') | None => return,
                Some(_) => self.skip_character(),
            }
        }
    }

    fn pattern(&mut self, pattern: Pattern) {
        match pattern {
            Pattern::Nine | Pattern::Zero | Pattern::Point | Pattern::LocalePoint => {
                self.place(pattern);
                self.at += 1;
            }
            // Nothing of the number is ever thought to have begun here, so that fill mode passes over none.
            Pattern::Comma | Pattern::Group => {
                if !self.layout.fill_mode && self.byte() == Some(b',') {
                    self.at += 1;
                }
            }
            Pattern::CurrencySymbol => self.skip_other(1),
            Pattern::Ordinal | Pattern::SmallOrdinal => {
                if !self.layout.point && self.sign != b'#' {
                    self.skip_other(2);
                }
            }
            Pattern::Minus => self.explicit_sign(b"-"),
            Pattern::Plus => self.explicit_sign(b"+"),
            Pattern::PlusOrMinus => self.explicit_sign(b"-+"),
            Pattern::Sign
            | Pattern::Blank
            | Pattern::Currency
            | Pattern::Exponent
            | Pattern::FillMode
            | Pattern::Brackets
            | Pattern::Roman
            | Pattern::SmallRoman
            | Pattern::Spell
            | Pattern::Shift => {}
        }
    }

    fn explicit_sign(&mut self, signs: &[u8]) {
        match self.byte() {
            Some(byte) if signs.contains(&byte) => {
                self.sign = byte;
                self.at += 1;
            }
            _ => self.skip_other(1),
        }
    }

    /// A place for a digit or the point. It leaves the last byte that it took, or looked at, to be passed by its caller.
    fn place(&mut self, pattern: Pattern) {
        if self.byte() == Some(b' ') {
            self.at += 1;
        }
        if self.ended() {
            return;
        }
        let digit = matches!(pattern, Pattern::Nine | Pattern::Zero);
        if self.sign == b' ' && digit && self.before + self.behind == 0 {
            self.sign_before();
        }
        let Some(byte) = self.byte() else { return };
        let mut taken = false;
        if byte.is_ascii_digit() {
            if self.point && self.behind == self.layout.behind {
                return;
            }
            self.number.push(byte);
            *(if self.point { &mut self.behind } else { &mut self.before }) += 1;
            taken = true;
        } else if self.layout.point && !self.point && byte == b'.' {
            self.number.push(b'.');
            self.point = true;
            taken = true;
        }
        if self.sign == b' ' && self.before + self.behind > 0 {
            self.sign_behind(taken);
        }
    }

    fn sign_before(&mut self) {
        let anchored = self.layout.sign && self.layout.anchor == Anchor::Before;
        match self.byte() {
            Some(b'-') => self.sign = b'-',
            Some(b'+') => self.sign = b'+',
            Some(b'<') if self.layout.brackets && !anchored => self.sign = b'-',
            _ => return,
        }
        self.at += 1;
    }

    /// A sign behind what may have been the last digit.
    fn sign_behind(&mut self, taken: bool) {
        let next = self.text.get(self.at + 1).copied();
        if self.layout.sign && taken && next.is_some_and(|byte| !byte.is_ascii_digit()) {
            if let Some(sign @ (b'-' | b'+')) = next {
                self.sign = sign;
                self.at += 1;
            }
        } else if !taken
            && !self.layout.sign
            && (self.layout.plus || self.layout.minus)
            && let Some(sign @ (b'-' | b'+')) = self.byte()
        {
            self.sign = sign;
        }
    }

    /// What was found, as a numeric of the template's precision and the scale that was read.
    fn value(self) -> NumericResult<Numeric> {
        let mut text = String::from(char::from(self.sign));
        text.extend(self.number.iter().map(|byte| char::from(*byte)));
        if text.ends_with('.') {
            text.pop();
        }
        let precision = (self.layout.before + self.layout.shifted + self.behind) as u32;
        let packed = (precision << 16 | self.behind as u32).wrapping_add(4);
        let value = Numeric::parse(&text, Modifier::unpack_anything(packed as i32))?;
        if !self.layout.shift {
            return Ok(value);
        }
        let by = Numeric::from(10).power(&Numeric::from(-(self.layout.shifted as i64)))?;
        value.multiply(&by)
    }
}
