//! Choosing among candidates that would all do: the heart of PostgreSQL's resolution, for functions and operators alike.

use super::cast::can_cast;
use super::polymorphic;
use crate::table::CastContext;
use types::Types;
use types::catalog::{Category, Type, oid};

/// What became of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// This one, by its place among the candidates.
    One(usize),
    /// None can take the arguments.
    None,
    /// Several are equally good.
    Many,
}

/// Chooses among `candidates`, each the types that it wants for `given`.
pub(super) fn choose(types: &dyn Types, given: &[u32], candidates: &[&[u32]]) -> Choice {
    let fits = |wanted: &[u32]| {
        wanted.len() == given.len()
            && wanted.iter().zip(given).all(|(to, from)| can_cast(types, *from, *to, CastContext::Implicit))
            && polymorphic::consistent(types, given, wanted)
    };
    let mut left: Vec<usize> = (0..candidates.len()).filter(|place| fits(candidates[*place])).collect();
    match left[..] {
        [] => return Choice::None,
        [one] => return Choice::One(one),
        _ => {}
    }
    let chooser = Chooser::new(types, given, candidates);
    for step in 0..4 {
        let goes_on = match step {
            0 => chooser.most_exact(&mut left),
            1 => chooser.most_preferred(&mut left),
            2 => chooser.by_category(&mut left),
            _ => chooser.as_the_known(&mut left),
        };
        if !goes_on {
            return Choice::Many;
        }
        if let [one] = left[..] {
            return Choice::One(one);
        }
    }
    Choice::Many
}

struct Chooser<'a> {
    types: &'a dyn Types,
    candidates: &'a [&'a [u32]],
    /// Domains are what they are made of.
    given: Vec<u32>,
}

impl<'a> Chooser<'a> {
    fn new(types: &'a dyn Types, given: &[u32], candidates: &'a [&'a [u32]]) -> Chooser<'a> {
        let given = given.iter().map(|of| types.undomained(Type::of(*of)).oid).collect();
        Chooser { types, candidates, given }
    }

    fn class(&self, of: u32) -> (Category, bool) {
        self.types.entry(of).map_or((Category::Unknown, false), |entry| (entry.category, entry.preferred))
    }

    fn known(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        self.given.iter().copied().enumerate().filter(|(_, of)| *of != oid::UNKNOWN)
    }

    fn unknown(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.given.len()).filter(|place| self.given[*place] == oid::UNKNOWN)
    }

    fn keep_best(left: &mut Vec<usize>, score: impl Fn(usize) -> usize) {
        let best = left.iter().map(|place| score(*place)).max().unwrap_or(0);
        left.retain(|place| score(*place) == best);
    }

    fn most_exact(&self, left: &mut Vec<usize>) -> bool {
        Self::keep_best(left, |candidate| {
            self.known().filter(|(place, of)| self.candidates[candidate][*place] == *of).count()
        });
        true
    }

    fn most_preferred(&self, left: &mut Vec<usize>) -> bool {
        Self::keep_best(left, |candidate| {
            let good = |(place, of): &(usize, u32)| {
                let wanted = self.candidates[candidate][*place];
                let (category, preferred) = self.class(wanted);
                wanted == *of || (preferred && category == self.class(*of).0)
            };
            self.known().filter(good).count()
        });
        true
    }

    /// Unknown arguments take the category that the candidates agree on; strings win over others.
    fn by_category(&self, left: &mut Vec<usize>) -> bool {
        if self.unknown().next().is_none() {
            return false;
        }
        let mut slots = Vec::new();
        for place in self.unknown() {
            match self.slot(left, place) {
                Some((category, preferred)) => slots.push((place, category, preferred)),
                None => return true,
            }
        }
        let mut kept = left.clone();
        kept.retain(|candidate| {
            slots.iter().all(|(place, slot, slot_preferred)| {
                let (category, preferred) = self.class(self.candidates[*candidate][*place]);
                category == *slot && (preferred || !slot_preferred)
            })
        });
        if !kept.is_empty() {
            *left = kept;
        }
        true
    }

    /// The category of an unknown argument, and whether a preferred type is among the candidates' types there.
    fn slot(&self, left: &[usize], place: usize) -> Option<(Category, bool)> {
        let mut slot: Option<(Category, bool)> = None;
        let mut conflict = false;
        for candidate in left {
            let (category, preferred) = self.class(self.candidates[*candidate][place]);
            match &mut slot {
                None => slot = Some((category, preferred)),
                Some(slot) if slot.0 == category => slot.1 |= preferred,
                Some(slot) if category == Category::String => *slot = (category, preferred),
                Some(_) => conflict = true,
            }
        }
        slot.filter(|slot| !conflict || slot.0 == Category::String)
    }

    /// If all known arguments are of one type, the unknown ones are taken for that too.
    fn as_the_known(&self, left: &mut Vec<usize>) -> bool {
        let mut known = self.known().map(|(_, of)| of);
        let Some(first) = known.next() else { return false };
        if self.unknown().next().is_none() || known.any(|of| of != first) {
            return false;
        }
        left.retain(|candidate| {
            let wanted = self.candidates[*candidate];
            wanted.iter().all(|to| can_cast(self.types, first, *to, CastContext::Implicit))
                && polymorphic::consistent(self.types, &vec![first; wanted.len()], wanted)
        });
        left.len() == 1
    }
}
