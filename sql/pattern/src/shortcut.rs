//! Simple patterns in the syntax of a library, which finds out faster whether and where there is a match.

use crate::parse::{Anchor, Atom, Branches, Parsed, Piece, Repeat};
use crate::set::{Class, Item, Set, lower, upper};
use crate::tree::is_simple;
use std::fmt::Write;

/// Characters of a range of which both cases are listed.
const CASED_MAX: u32 = 1000;

/// The library's pattern; `None` where it might see something else.
pub(crate) fn compile(parsed: &Parsed) -> Option<fancy_regex::Regex> {
    if !is_simple(&parsed.branches) {
        return None;
    }
    let mut out = String::new();
    branches(parsed, &parsed.branches, &mut out)?;
    fancy_regex::Regex::new(&out).ok()
}

fn branches(parsed: &Parsed, of: &Branches, out: &mut String) -> Option<()> {
    for (place, branch) in of.iter().enumerate() {
        if place > 0 {
            out.push('|');
        }
        for piece in branch {
            self::piece(parsed, piece, out)?;
        }
    }
    Some(())
}

fn piece(parsed: &Parsed, piece: &Piece, out: &mut String) -> Option<()> {
    match &piece.atom {
        Atom::Character(found) => character(*found, out),
        Atom::Set(set) => self::set(parsed.sets.get(*set)?, out)?,
        Atom::Anchor(anchor) => out.push_str(match (anchor, parsed.flags.newline_anchors) {
            (Anchor::TextBegin, _) | (Anchor::LineBegin, false) => "\\A",
            (Anchor::TextEnd, _) | (Anchor::LineEnd, false) => "\\z",
            (Anchor::LineBegin, true) => "(?m:^)",
            (Anchor::LineEnd, true) => "(?m:$)",
            (Anchor::WordBegin | Anchor::WordEnd | Anchor::WordEdge | Anchor::NoWordEdge, _) => return None,
        }),
        Atom::Group(_, inside) => {
            out.push_str("(?:");
            branches(parsed, inside, out)?;
            out.push(')');
        }
        Atom::Look { .. } | Atom::BackReference(_) => return None,
    }
    if let Some(Repeat { least, most, .. }) = piece.repeat {
        // Writing to a string cannot fail.
        let _ = match most {
            Some(most) => write!(out, "{{{least},{most}}}"),
            None => write!(out, "{{{least},}}"),
        };
    }
    Some(())
}

fn character(found: char, out: &mut String) {
    let _ = write!(out, "\\x{{{:x}}}", u32::from(found));
}

fn set(set: &Set, out: &mut String) -> Option<()> {
    if set.items.is_empty() {
        out.push_str(if set.without_newline { "[^\\n]" } else { "(?s:.)" });
        return Some(());
    }
    out.push_str(if set.negated { "[^" } else { "[" });
    for item in &set.items {
        match item {
            Item::Range(first, last) => range(*first, *last, set.ignore_case, out)?,
            Item::Class(class) => out.push_str(self::class(*class)?),
            Item::NotClass(class) => {
                out.push_str("[^");
                out.push_str(self::class(*class)?);
                out.push(']');
            }
        }
    }
    if set.without_newline {
        out.push_str("\\n");
    }
    out.push(']');
    Some(())
}

fn range(first: char, last: char, ignore_case: bool, out: &mut String) -> Option<()> {
    character(first, out);
    out.push('-');
    character(last, out);
    if ignore_case {
        if u32::from(last) - u32::from(first) > CASED_MAX {
            return None;
        }
        for found in first..=last {
            character(lower(found), out);
            character(upper(found), out);
        }
    }
    Some(())
}

fn class(class: Class) -> Option<&'static str> {
    Some(match class {
        Class::Alphanumeric => "\\p{Alphabetic}\\p{N}",
        Class::Alphabetic => "\\p{Alphabetic}",
        Class::Ascii => "\\x{0}-\\x{7f}",
        Class::Blank => "\\x{20}\\t",
        Class::Digit => "0-9",
        Class::Lower => "\\p{Lowercase}",
        Class::Upper => "\\p{Uppercase}",
        Class::HexDigit => "0-9a-fA-F",
        Class::Word => "\\p{Alphabetic}\\p{N}_",
        Class::Control | Class::Graphic | Class::Printable | Class::Punctuation | Class::Space => {
            return None;
        }
    })
}
