//! A template's text as parts, and what the parts together ask for.

use crate::error::{NumericResult, TemplateProblem};

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A pattern.
    Pattern(Pattern),
    /// A character that stands for itself.
    Literal(char),
}

/// The patterns; of those that say the same in small letters there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Pattern {
    Comma,
    Point,
    Zero,
    Nine,
    Blank,
    Currency,
    LocalePoint,
    Exponent,
    FillMode,
    Group,
    CurrencySymbol,
    Minus,
    Plus,
    Brackets,
    Roman,
    SmallRoman,
    PlusOrMinus,
    Spell,
    Sign,
    Ordinal,
    SmallOrdinal,
    Shift,
}

/// Their names. A name that another begins with comes after it.
const NAMES: &[(&str, Pattern)] = &[
    (",", Pattern::Comma),
    (".", Pattern::Point),
    ("0", Pattern::Zero),
    ("9", Pattern::Nine),
    ("B", Pattern::Blank),
    ("C", Pattern::Currency),
    ("D", Pattern::LocalePoint),
    ("EEEE", Pattern::Exponent),
    ("FM", Pattern::FillMode),
    ("G", Pattern::Group),
    ("L", Pattern::CurrencySymbol),
    ("MI", Pattern::Minus),
    ("PL", Pattern::Plus),
    ("PR", Pattern::Brackets),
    ("RN", Pattern::Roman),
    ("SG", Pattern::PlusOrMinus),
    ("SP", Pattern::Spell),
    ("S", Pattern::Sign),
    ("TH", Pattern::Ordinal),
    ("V", Pattern::Shift),
    ("b", Pattern::Blank),
    ("c", Pattern::Currency),
    ("d", Pattern::LocalePoint),
    ("eeee", Pattern::Exponent),
    ("fm", Pattern::FillMode),
    ("g", Pattern::Group),
    ("l", Pattern::CurrencySymbol),
    ("mi", Pattern::Minus),
    ("pl", Pattern::Plus),
    ("pr", Pattern::Brackets),
    ("rn", Pattern::SmallRoman),
    ("sg", Pattern::PlusOrMinus),
    ("sp", Pattern::Spell),
    ("s", Pattern::Sign),
    ("th", Pattern::SmallOrdinal),
    ("v", Pattern::Shift),
];

/// Where the sign `S` belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Nowhere: there is none.
    #[default]
    None,
    /// Before the first digit.
    Before,
    /// Behind the last.
    Behind,
}

/// What a template asks for as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layout {
    /// Places before the point.
    pub before: usize,
    /// Places behind it.
    pub behind: usize,
    /// Places behind `V`.
    pub shifted: usize,
    pub anchor: Anchor,
    /// Places before the point that came before `S`.
    pub before_sign: usize,
    /// The place of the first `0`, from one.
    pub zero_start: usize,
    /// The place of the last.
    pub zero_end: usize,
    pub point: bool,
    pub zero: bool,
    pub fill_mode: bool,
    pub sign: bool,
    pub brackets: bool,
    pub minus: bool,
    pub plus: bool,
    pub roman: bool,
    pub shift: bool,
    pub exponent: bool,
    /// Whether `B` was found; it changes nothing, but goes with no exponent.
    pub blank: bool,
}

pub(super) fn parse(text: &str) -> NumericResult<(Vec<Part>, Layout)> {
    let mut parts = Vec::new();
    let mut layout = Layout::default();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((name, pattern)) = NAMES.iter().find(|(name, _)| rest.starts_with(name)) {
            layout.take(*pattern)?;
            parts.push(Part::Pattern(*pattern));
            rest = &rest[name.len()..];
        } else if character == '"' {
            rest = quoted(&rest[1..], &mut parts);
        } else {
            // Outside quotes, a backslash means something before a quote only.
            rest = rest.strip_prefix('\\').filter(|rest| rest.starts_with('"')).unwrap_or(rest);
            rest = literal(rest, &mut parts);
        }
    }
    Ok((parts, layout))
}

/// Takes the characters up to the closing quote, or to the end.
fn quoted<'a>(mut rest: &'a str, parts: &mut Vec<Part>) -> &'a str {
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('"') {
            return behind;
        }
        rest = rest.strip_prefix('\\').filter(|rest| !rest.is_empty()).unwrap_or(rest);
        rest = literal(rest, parts);
    }
    rest
}

fn literal<'a>(rest: &'a str, parts: &mut Vec<Part>) -> &'a str {
    let mut characters = rest.chars();
    parts.extend(characters.next().map(Part::Literal));
    characters.as_str()
}

impl Layout {
    /// Takes account of a pattern, if it goes with those before it.
    fn take(&mut self, pattern: Pattern) -> Result<(), TemplateProblem> {
        if self.exponent && pattern != Pattern::Exponent {
            return Err(TemplateProblem::EeeeNotLast);
        }
        match pattern {
            Pattern::Nine if self.brackets => return Err(TemplateProblem::NineAfterPr),
            Pattern::Nine if self.shift => self.shifted += 1,
            Pattern::Nine if self.point => self.behind += 1,
            Pattern::Nine => self.before += 1,
            Pattern::Zero if self.brackets => return Err(TemplateProblem::ZeroAfterPr),
            Pattern::Zero => self.take_zero(),
            Pattern::Blank => self.blank |= self.before == 0 && self.behind == 0 && !self.zero,
            Pattern::Point | Pattern::LocalePoint if self.point => return Err(TemplateProblem::TwoPoints),
            Pattern::Point | Pattern::LocalePoint if self.shift => return Err(TemplateProblem::VAndPoint),
            Pattern::Point | Pattern::LocalePoint => self.point = true,
            Pattern::FillMode => self.fill_mode = true,
            Pattern::Sign => return self.take_sign(),
            Pattern::Minus if self.sign => return Err(TemplateProblem::SAndMi),
            Pattern::Minus => self.minus = true,
            Pattern::Plus if self.sign => return Err(TemplateProblem::SAndPl),
            Pattern::Plus => self.plus = true,
            Pattern::PlusOrMinus if self.sign => return Err(TemplateProblem::SAndSg),
            Pattern::PlusOrMinus => {
                self.minus = true;
                self.plus = true;
            }
            Pattern::Brackets if self.sign || self.plus || self.minus => {
                return Err(TemplateProblem::PrWithSign);
            }
            Pattern::Brackets => self.brackets = true,
            Pattern::Roman | Pattern::SmallRoman => self.roman = true,
            Pattern::Shift if self.point => return Err(TemplateProblem::VAndPoint),
            Pattern::Shift => self.shift = true,
            Pattern::Exponent => return self.take_exponent(),
            Pattern::Comma
            | Pattern::Currency
            | Pattern::Group
            | Pattern::CurrencySymbol
            | Pattern::Spell
            | Pattern::Ordinal
            | Pattern::SmallOrdinal => {}
        }
        Ok(())
    }

    fn take_zero(&mut self) {
        if !self.zero && !self.point {
            self.zero = true;
            self.zero_start = self.before + 1;
        }
        if self.point {
            self.behind += 1;
        } else {
            self.before += 1;
        }
        self.zero_end = self.before + self.behind;
    }

    fn take_sign(&mut self) -> Result<(), TemplateProblem> {
        if self.sign {
            return Err(TemplateProblem::TwoS);
        }
        if self.plus || self.minus || self.brackets {
            return Err(TemplateProblem::SWithSign);
        }
        self.sign = true;
        if self.point {
            self.anchor = Anchor::Behind;
        } else {
            self.anchor = Anchor::Before;
            self.before_sign = self.before;
        }
        Ok(())
    }

    fn take_exponent(&mut self) -> Result<(), TemplateProblem> {
        if self.exponent {
            return Err(TemplateProblem::TwoEeee);
        }
        let others = self.blank
            || self.fill_mode
            || self.sign
            || self.brackets
            || self.minus
            || self.plus
            || self.roman
            || self.shift;
        if others {
            return Err(TemplateProblem::EeeeWithOthers);
        }
        self.exponent = true;
        Ok(())
    }
}
