//! A pattern as far as its groups need it: what has no group and no back reference inside stays one program; what has is
//! taken apart, each part with what it prefers.
//!
//! The rules are those of the manual: a quantifier prefers more or less, a row of pieces prefers what its first part with a
//! preference does, branches prefer more.

use crate::PatternError;
use crate::parse::{Anchor, Atom, Branches, Parsed, Piece, Repeat};
use crate::program::{Compiler, Look, Program};

/// A part.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) kind: Kind,
    pub(crate) traits: Traits,
    /// All that it may match.
    pub(crate) program: Program,
}

/// What it is made of.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Nothing that anyone asks for.
    Plain,
    Row(Box<Tree>, Box<Tree>),
    Branches(Vec<Tree>),
    Group(usize, Box<Tree>),
    Iterate(Repeat, Box<Tree>),
    BackReference(usize, Repeat),
}

/// What is said of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traits {
    pub(crate) prefers: Option<Prefers>,
    /// Its parts prefer different things.
    mixed: bool,
    pub(crate) groups: bool,
    refers_back: bool,
    /// Some part prefers more, some part prefers less.
    some: (bool, bool),
}

/// Of matches that begin at the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefers {
    More,
    Less,
}

impl Traits {
    fn prefers(prefers: Option<Prefers>) -> Traits {
        let some = (prefers == Some(Prefers::More), prefers == Some(Prefers::Less));
        Traits { prefers, some, ..Traits::default() }
    }

    /// Of two parts together; the first that prefers anything decides.
    fn with(self, other: Traits) -> Traits {
        let some = (self.some.0 || other.some.0, self.some.1 || other.some.1);
        Traits {
            prefers: self.prefers.or(other.prefers),
            mixed: self.mixed || other.mixed || (some.0 && some.1),
            groups: self.groups || other.groups,
            refers_back: self.refers_back || other.refers_back,
            some,
        }
    }

    /// Whether a part that prefers nothing else is not changed by being said to prefer this.
    fn agrees_with(self, prefers: Option<Prefers>) -> bool {
        prefers.is_none() || self.prefers.is_none() && !self.mixed || self.prefers == prefers && !self.mixed
    }

    fn is_messy(self) -> bool {
        self.mixed || self.groups || self.refers_back
    }
}

/// The tree of a pattern, and the conditions that its programs ask.
pub(crate) fn build(parsed: &Parsed) -> Result<(Tree, Vec<Look>), PatternError> {
    let mut groups = vec![None; parsed.groups];
    gather(&parsed.branches, &mut groups);
    let mut builder = Builder { compiler: Compiler::new(groups) };
    let tree = builder.branches(&parsed.branches)?;
    Ok((tree, builder.compiler.looks))
}

fn gather<'p>(branches: &'p Branches, groups: &mut [Option<&'p Branches>]) {
    for piece in branches.iter().flatten() {
        if let Atom::Group(number, inside) = &piece.atom {
            if let Some(group) = number.and_then(|number| groups.get_mut(number - 1)) {
                *group = Some(inside);
            }
            gather(inside, groups);
        }
    }
}

struct Builder<'p> {
    compiler: Compiler<'p>,
}

impl Builder<'_> {
    fn branches(&mut self, branches: &Branches) -> Result<Tree, PatternError> {
        if let [one] = branches.as_slice() {
            return self.row(one);
        }
        let mut traits = Traits::prefers(Some(Prefers::More));
        let mut parts = Vec::with_capacity(branches.len());
        for branch in branches {
            let part = self.row(branch)?;
            traits = traits.with(part.traits);
            parts.push(part);
        }
        let program = self.compiler.any(branches)?;
        let kind = if traits.is_messy() { Kind::Branches(parts) } else { Kind::Plain };
        Ok(Tree { kind, traits, program })
    }

    /// Pieces up to the first that has to be taken apart are one part; that one is the next, and the rest is a row again.
    fn row(&mut self, pieces: &[Piece]) -> Result<Tree, PatternError> {
        let mut before = Traits::default();
        for (place, piece) in pieces.iter().enumerate() {
            let (atom, quantified) = self.traits(piece);
            let together = before.with(quantified);
            let captures = matches!(piece.atom, Atom::Group(Some(_), _));
            if !captures && !atom.refers_back && !together.is_messy() {
                before = together;
                continue;
            }
            let program = self.compiler.row(&pieces[..place])?;
            let plain = Tree { kind: Kind::Plain, traits: before, program };
            let messy = self.messy(piece)?;
            let rest = self.row(&pieces[place + 1..])?;
            // What a quantifier that changes nothing prefers counts for what follows.
            let last = place + 1 == pieces.len();
            let traits = if last { messy.traits } else { quantified.with(rest.traits) };
            let program = self.compiler.row(&pieces[place..])?;
            let behind = Tree { kind: Kind::Row(Box::new(messy), Box::new(rest)), traits, program };
            if place == 0 {
                return Ok(behind);
            }
            let traits = before.with(traits);
            let program = self.compiler.row(pieces)?;
            return Ok(Tree { kind: Kind::Row(Box::new(plain), Box::new(behind)), traits, program });
        }
        Ok(Tree { kind: Kind::Plain, traits: before, program: self.compiler.row(pieces)? })
    }

    /// What holds of an atom alone, and with its quantifier.
    fn traits(&self, piece: &Piece) -> (Traits, Traits) {
        let atom = atom_traits(&piece.atom);
        (atom, Traits::prefers(preference(piece.repeat)).with(atom))
    }

    fn messy(&mut self, piece: &Piece) -> Result<Tree, PatternError> {
        let (atom, traits) = self.traits(piece);
        let prefers = preference(piece.repeat);
        let once = Repeat { least: 1, most: Some(1), lazy: false, prefers: false };
        let repeat = piece.repeat.unwrap_or(once);
        let program = self.compiler.row(std::slice::from_ref(piece))?;
        if let Atom::BackReference(number) = piece.atom {
            return Ok(Tree { kind: Kind::BackReference(number, repeat), traits, program });
        }
        if (repeat.least, repeat.most) == (1, Some(1)) && atom.agrees_with(prefers) {
            return self.atom(&piece.atom);
        }
        if !atom.groups && !atom.refers_back {
            return Ok(Tree { kind: Kind::Plain, traits, program });
        }
        let inside = self.atom(&piece.atom)?;
        if atom.refers_back || repeat.least == 0 {
            return Ok(Tree { kind: Kind::Iterate(repeat, Box::new(inside)), traits, program });
        }
        // Groups keep what the last turn matched, so the turns before it are one part.
        let less = Repeat { least: repeat.least - 1, most: repeat.most.map(|most| most - 1), ..repeat };
        let turns = Piece { atom: piece.atom.clone(), repeat: Some(less) };
        let first = self.compiler.row(std::slice::from_ref(&turns))?;
        let apart = Traits { groups: false, ..Traits::prefers(prefers).with(atom) };
        let plain = Tree { kind: Kind::Plain, traits: apart, program: first };
        Ok(Tree { kind: Kind::Row(Box::new(plain), Box::new(inside)), traits, program })
    }

    fn atom(&mut self, atom: &Atom) -> Result<Tree, PatternError> {
        let traits = atom_traits(atom);
        match atom {
            Atom::Group(None, inside) => self.branches(inside),
            Atom::Group(Some(number), inside) => {
                let part = self.branches(inside)?;
                let program = self.compiler.any(inside)?;
                Ok(Tree { kind: Kind::Group(*number, Box::new(part)), traits, program })
            }
            Atom::Character(_)
            | Atom::Set(_)
            | Atom::Anchor(_)
            | Atom::Look { .. }
            | Atom::BackReference(_) => {
                let piece = Piece { atom: atom.clone(), repeat: None };
                let program = self.compiler.row(std::slice::from_ref(&piece))?;
                Ok(Tree { kind: Kind::Plain, traits, program })
            }
        }
    }
}

fn preference(repeat: Option<Repeat>) -> Option<Prefers> {
    let repeat = repeat.filter(|repeat| repeat.prefers)?;
    Some(if repeat.lazy { Prefers::Less } else { Prefers::More })
}

fn atom_traits(atom: &Atom) -> Traits {
    match atom {
        Atom::Group(number, inside) => {
            let traits = branches_traits(inside);
            Traits { groups: traits.groups || number.is_some(), ..traits }
        }
        Atom::BackReference(_) => Traits { refers_back: true, ..Traits::default() },
        Atom::Character(_) | Atom::Set(_) | Atom::Anchor(_) | Atom::Look { .. } => Traits::default(),
    }
}

fn branches_traits(branches: &Branches) -> Traits {
    let begin = Traits::prefers((branches.len() > 1).then_some(Prefers::More));
    branches.iter().fold(begin, |traits, branch| {
        let row = branch.iter().fold(Traits::default(), |row, piece| {
            row.with(Traits::prefers(preference(piece.repeat)).with(atom_traits(&piece.atom)))
        });
        traits.with(row)
    })
}

/// Whether a pattern has what a library may see otherwise: conditions, back references, borders of words.
pub(crate) fn is_simple(branches: &Branches) -> bool {
    branches.iter().flatten().all(|piece| match &piece.atom {
        Atom::Character(_) | Atom::Set(_) => true,
        Atom::Anchor(anchor) => match anchor {
            Anchor::LineBegin | Anchor::LineEnd | Anchor::TextBegin | Anchor::TextEnd => true,
            Anchor::WordBegin | Anchor::WordEnd | Anchor::WordEdge | Anchor::NoWordEdge => false,
        },
        Atom::Look { .. } | Atom::BackReference(_) => false,
        Atom::Group(_, inside) => is_simple(inside),
    })
}
