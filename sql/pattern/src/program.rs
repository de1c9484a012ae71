//! All ends of the matches that begin at a place: states side by side, a step a character. What a part prefers does not
//! matter here.

use crate::PatternError;
use crate::parse::{Anchor, Atom, Branches, Piece};
use crate::set::{Class, Set, lower, upper};

/// States beyond which a pattern is refused; counted repetitions of each other come to many.
const STATES_MAX: usize = 60_000;

#[derive(Debug, Clone, Copy)]
enum Step {
    Character(char, u32),
    Set(u32, u32),
    Anchor(Anchor, u32),
    Look(u32, u32),
    Both(u32, u32),
    Accept,
    /// Leads nowhere.
    Never,
}

/// States and steps between them.
#[derive(Debug, Default)]
pub(crate) struct Program {
    steps: Vec<Step>,
    start: u32,
}

/// A condition on what lies ahead or behind.
#[derive(Debug)]
pub(crate) struct Look {
    ahead: bool,
    negated: bool,
    program: Program,
}

/// Makes programs. What a back reference may match is what its group may.
#[derive(Debug)]
pub(crate) struct Compiler<'p> {
    /// What stands in each group; nothing in one that comes no time.
    pub(crate) groups: Vec<Option<&'p Branches>>,
    pub(crate) looks: Vec<Look>,
    steps: Vec<Step>,
}

impl<'p> Compiler<'p> {
    pub(crate) fn new(groups: Vec<Option<&'p Branches>>) -> Compiler<'p> {
        Compiler { groups, looks: Vec::new(), steps: Vec::new() }
    }

    /// The program of a row of pieces.
    pub(crate) fn row(&mut self, pieces: &[Piece]) -> Result<Program, PatternError> {
        self.whole(|compiler, accept| compiler.pieces(pieces, accept))
    }

    /// The program of branches.
    pub(crate) fn any(&mut self, branches: &Branches) -> Result<Program, PatternError> {
        self.whole(|compiler, accept| compiler.branches(branches, accept))
    }

    fn whole(
        &mut self,
        make: impl FnOnce(&mut Self, u32) -> Result<u32, PatternError>,
    ) -> Result<Program, PatternError> {
        let outer = std::mem::take(&mut self.steps);
        let accept = self.push(Step::Accept)?;
        let start = make(self, accept)?;
        let steps = std::mem::replace(&mut self.steps, outer);
        Ok(Program { steps, start })
    }

    fn push(&mut self, step: Step) -> Result<u32, PatternError> {
        if self.steps.len() >= STATES_MAX {
            return Err(PatternError::TooComplex);
        }
        self.steps.push(step);
        Ok(self.steps.len() as u32 - 1)
    }

    fn branches(&mut self, branches: &Branches, next: u32) -> Result<u32, PatternError> {
        let mut start = None;
        for branch in branches.iter().rev() {
            let one = self.pieces(branch, next)?;
            start = Some(match start {
                None => one,
                Some(other) => self.push(Step::Both(one, other))?,
            });
        }
        Ok(start.unwrap_or(next))
    }

    fn pieces(&mut self, pieces: &[Piece], next: u32) -> Result<u32, PatternError> {
        let mut next = next;
        for piece in pieces.iter().rev() {
            next = self.piece(piece, next)?;
        }
        Ok(next)
    }

    fn piece(&mut self, piece: &Piece, next: u32) -> Result<u32, PatternError> {
        let Some(repeat) = piece.repeat else { return self.atom(&piece.atom, next) };
        let mut start = next;
        match repeat.most {
            None => {
                // A loop: through the atom and back, or on.
                let turn = self.push(Step::Both(0, next))?;
                let inside = self.atom(&piece.atom, turn)?;
                self.steps[turn as usize] = Step::Both(inside, next);
                start = turn;
            }
            Some(most) => {
                for _ in repeat.least..most {
                    let inside = self.atom(&piece.atom, start)?;
                    start = self.push(Step::Both(inside, next))?;
                }
            }
        }
        for _ in 0..repeat.least {
            start = self.atom(&piece.atom, start)?;
        }
        Ok(start)
    }

    fn atom(&mut self, atom: &Atom, next: u32) -> Result<u32, PatternError> {
        match atom {
            Atom::Character(found) => self.push(Step::Character(*found, next)),
            Atom::Set(set) => self.push(Step::Set(*set as u32, next)),
            Atom::Anchor(anchor) => self.push(Step::Anchor(*anchor, next)),
            Atom::Group(_, inside) => self.branches(inside, next),
            Atom::BackReference(number) => match self.groups.get(*number - 1).copied().flatten() {
                Some(inside) => self.branches(inside, next),
                None => self.push(Step::Never),
            },
            Atom::Look { ahead, negated, inside } => {
                let program = self.any(inside)?;
                self.looks.push(Look { ahead: *ahead, negated: *negated, program });
                self.push(Step::Look(self.looks.len() as u32 - 1, next))
            }
        }
    }
}

/// What programs run on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'s> {
    pub(crate) text: &'s [char],
    pub(crate) sets: &'s [Set],
    pub(crate) looks: &'s [Look],
    pub(crate) newline_anchors: bool,
}

impl Subject<'_> {
    fn word(&self, place: Option<usize>) -> bool {
        place.and_then(|place| self.text.get(place)).is_some_and(|found| Class::Word.has(*found))
    }

    fn holds(&self, anchor: Anchor, at: usize) -> bool {
        let before = at.checked_sub(1);
        let newline = |place: Option<usize>| {
            self.newline_anchors && place.and_then(|place| self.text.get(place)) == Some(&'\n')
        };
        let (left, right) = (self.word(before), self.word(Some(at)));
        match anchor {
            Anchor::TextBegin => at == 0,
            Anchor::TextEnd => at == self.text.len(),
            Anchor::LineBegin => at == 0 || newline(before),
            Anchor::LineEnd => at == self.text.len() || newline(Some(at)),
            Anchor::WordBegin => !left && right,
            Anchor::WordEnd => left && !right,
            Anchor::WordEdge => left != right,
            Anchor::NoWordEdge => left == right,
        }
    }

    fn sees(&self, look: &Look, at: usize) -> bool {
        let found = if look.ahead {
            look.program.ends_from(self, at, |end, _| end)
        } else {
            (0..=at).rev().any(|begin| look.program.ends_from(self, begin, |end, place| end && place == at))
        };
        found != look.negated
    }

    /// Whether two stretches of the text are the same to a back reference.
    pub(crate) fn same(&self, one: (usize, usize), other: (usize, usize), ignore_case: bool) -> bool {
        let (one, other) = (&self.text[one.0..one.1], &self.text[other.0..other.1]);
        one.len() == other.len()
            && one.iter().zip(other).all(|(one, other)| {
                one == other
                    || (ignore_case && (lower(*one) == lower(*other) || upper(*one) == upper(*other)))
            })
    }
}

/// States at a place: each once, in the order of their coming.
#[derive(Debug, Default)]
struct States {
    list: Vec<u32>,
    seen: Vec<bool>,
}

impl States {
    fn of(count: usize) -> States {
        States { list: Vec::new(), seen: vec![false; count] }
    }

    fn clear(&mut self) {
        for state in self.list.drain(..) {
            self.seen[state as usize] = false;
        }
    }
}

impl Program {
    /// All ends of matches that begin at a place, in order, and how many steps it took to find them.
    pub(crate) fn ends(&self, subject: &Subject<'_>, begin: usize) -> (Vec<usize>, usize) {
        let (mut ends, mut last) = (Vec::new(), begin);
        self.ends_from(subject, begin, |end, at| {
            last = at;
            if end {
                ends.push(at);
            }
            false
        });
        (ends, last - begin)
    }

    /// Tells of each place that it comes to, and whether it is an end, until that is what is looked for.
    fn ends_from(
        &self,
        subject: &Subject<'_>,
        begin: usize,
        mut stop: impl FnMut(bool, usize) -> bool,
    ) -> bool {
        let (mut now, mut then) = (States::of(self.steps.len()), States::of(self.steps.len()));
        let mut stack = Vec::new();
        let mut at = begin;
        self.enter(self.start, at, subject, &mut now, &mut stack);
        loop {
            // The state that accepts was made first.
            if stop(now.seen[0], at) {
                return true;
            }
            let Some(found) = subject.text.get(at).copied() else { return false };
            at += 1;
            for state in &now.list {
                let next = match self.steps[*state as usize] {
                    Step::Character(wanted, next) if wanted == found => next,
                    Step::Set(set, next) if subject.sets[set as usize].has(found) => next,
                    _ => continue,
                };
                self.enter(next, at, subject, &mut then, &mut stack);
            }
            now.clear();
            std::mem::swap(&mut now, &mut then);
            if now.list.is_empty() {
                return false;
            }
        }
    }

    /// Enters a state and all that follow it without a character.
    fn enter(&self, state: u32, at: usize, subject: &Subject<'_>, states: &mut States, stack: &mut Vec<u32>) {
        stack.push(state);
        while let Some(state) = stack.pop() {
            if std::mem::replace(&mut states.seen[state as usize], true) {
                continue;
            }
            states.list.push(state);
            match self.steps[state as usize] {
                Step::Both(one, other) => stack.extend([other, one]),
                Step::Anchor(anchor, next) if subject.holds(anchor, at) => stack.push(next),
                Step::Look(look, next) if subject.sees(&subject.looks[look as usize], at) => stack.push(next),
                _ => {}
            }
        }
    }
}
