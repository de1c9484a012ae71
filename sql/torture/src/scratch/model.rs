//! Two tables of a scratch: what they are declared to be, what they hold, and what a change does to them.
//!
//! Parents have a key `(a, b)`; children refer to it by `(x, y)`. What a change must break is told by looking at everything
//! that is there when it is done, whatever was written; of conditions on rows those count that were written.

use crate::model::table::OnDelete;
use crate::state::{CHECK, EXCLUSION, NOT_NULL, REFERENCE, UNIQUE};
use std::collections::{BTreeMap, BTreeSet};

/// A number, or NULL.
pub type Cell = Option<i64>;

/// What is declared of when a condition is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Deferral {
    Never,
    Immediate,
    Deferred,
}

impl Deferral {
    /// In SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Deferral::Never => "",
            Deferral::Immediate => " DEFERRABLE",
            Deferral::Deferred => " DEFERRABLE INITIALLY DEFERRED",
        }
    }

    /// Whether it waits, after what `SET CONSTRAINTS` has said.
    pub fn waits(self, said: Option<bool>) -> bool {
        match self {
            Deferral::Never => false,
            Deferral::Immediate => said == Some(true),
            Deferral::Deferred => said != Some(false),
        }
    }
}

/// What is done with children whose parent is gone or has another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// As of one column.
    Of(OnDelete),
    /// `SET NULL (y)`, of deletions.
    SetNullOne,
}

impl Action {
    /// In SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Action::Of(action) => action.sql(),
            Action::SetNullOne => "SET NULL (y)",
        }
    }
}

/// What children may not have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alone {
    /// Nothing is said.
    Nothing,
    /// `UNIQUE (u)`, or `(u, x)`; whether nulls are equal.
    Unique { both: bool, nulls_equal: bool },
    /// `UNIQUE INDEX (u)` of those below a value.
    Partial(i64),
    /// An exclusion of ranges that begin with `u` and overlap.
    Overlap,
}

/// A condition on a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Condition {
    None,
    UBelow(i64),
    XAtMostU,
}

impl Condition {
    /// In SQL; none if there is none.
    pub fn sql(self) -> Option<String> {
        match self {
            Condition::None => None,
            Condition::UBelow(most) => Some(format!("u < {most}")),
            Condition::XAtMostU => Some("x <= u".to_owned()),
        }
    }

    fn is_false(self, [x, _, u]: [Cell; 3]) -> bool {
        match self {
            Condition::None => false,
            Condition::UBelow(most) => u.is_some_and(|u| u >= most),
            Condition::XAtMostU => x.zip(u).is_some_and(|(x, u)| x > u),
        }
    }
}

/// What a child's `u` is declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// A number.
    None,
    /// A domain that refuses a value; and nulls perhaps.
    Refuses { value: i64, nulls: bool },
}

impl Domain {
    fn breaks(self, u: Cell) -> Option<&'static str> {
        match (self, u) {
            (Domain::Refuses { nulls: true, .. }, None) => Some(NOT_NULL),
            (Domain::Refuses { value, .. }, Some(u)) if u == value => Some(CHECK),
            (Domain::None | Domain::Refuses { .. }, _) => None,
        }
    }
}

/// What can be told to wait, or not to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Waiting {
    All,
    Reference,
    Alone,
    Note,
}

/// What the tables are declared to be.
#[derive(Debug, Clone)]
pub struct Declared {
    /// `MATCH FULL`
    pub full: bool,
    /// `ON UPDATE`
    pub on_update: Action,
    /// `ON DELETE`
    pub on_delete: Action,
    /// When references are looked at.
    pub reference: Deferral,
    /// The defaults of `x` and `y`.
    pub defaults: [Cell; 2],
    /// What may be there once.
    pub alone: Alone,
    /// When that is looked at.
    pub alone_when: Deferral,
    /// A condition, which rows that were there before need not keep.
    pub condition: Condition,
    /// `NOT NULL` of `u`; where there are partitions, of the second alone.
    pub u_known: bool,
    /// The type of `u`.
    pub domain: Domain,
    /// Children are partitioned by `k`: those below it, and the others.
    pub parts: Option<i64>,
    /// Whether the partition of the lower ones was a table before, whose columns stand in another order.
    pub attached: bool,
    /// Parents are partitioned by `a`: those below it, and the others.
    pub parent_parts: Option<i64>,
    /// Whether triggers keep another table like the children.
    pub mirrored: bool,
    /// When triggers note the keys of children that were written or are gone, if they do.
    pub noted: Option<Deferral>,
}

/// What the tables hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// `a`, `b`, `v` by `k`.
    pub parents: BTreeMap<i64, [Cell; 3]>,
    /// `x`, `y`, `u` by `k`.
    pub children: BTreeMap<i64, [Cell; 3]>,
    /// What `SET CONSTRAINTS` has said last.
    pub said: Said,
    /// The keys that triggers have noted.
    pub noted: BTreeSet<i64>,
    /// Those that they have not noted yet.
    pub unnoted: BTreeSet<i64>,
    /// Whether anything may wait to be looked at.
    pub pending: bool,
}

/// What `SET CONSTRAINTS` has said last: whether something waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    all: Option<bool>,
    reference: Option<bool>,
    alone: Option<bool>,
    note: Option<bool>,
}

impl Said {
    /// Of all, and of nothing else.
    pub fn all(deferred: bool) -> Said {
        Said { all: Some(deferred), ..Said::default() }
    }

    fn says(self, deferred: bool, of: Waiting) -> Said {
        let deferred = Some(deferred);
        match of {
            Waiting::All => Said { all: deferred, ..Said::default() },
            Waiting::Reference => Said { reference: deferred, ..self },
            Waiting::Alone => Said { alone: deferred, ..self },
            Waiting::Note => Said { note: deferred, ..self },
        }
    }
}

/// What comes of a statement.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// It must fail with one of these SQLSTATEs, if there are any.
    pub must: BTreeSet<&'static str>,
    /// It may fail with one of these.
    pub may: BTreeSet<&'static str>,
    /// What is there if it does not.
    pub next: Held,
    /// The children that were written.
    written: BTreeSet<i64>,
}

/// What is generated of a child.
pub fn generated([x, y, _]: [Cell; 3]) -> i64 {
    x.unwrap_or(0) * 10 + y.unwrap_or(0)
}

impl Declared {
    /// Whether two children may not be there together, themselves aside.
    pub fn collide(&self, one: [Cell; 3], other: [Cell; 3]) -> bool {
        let same = |one: Cell, other: Cell, nulls: bool| one == other && (nulls || one.is_some());
        match self.alone {
            Alone::Nothing => false,
            Alone::Unique { both, nulls_equal } => {
                same(one[2], other[2], nulls_equal) && (!both || same(one[0], other[0], nulls_equal))
            }
            Alone::Partial(below) => same(one[2], other[2], false) && one[2] < Some(below),
            // A range without a beginning begins before everything, and ends nowhere.
            Alone::Overlap => match (one[2], other[2]) {
                (Some(one), Some(other)) => (one - other).abs() < 2,
                (None, _) | (_, None) => true,
            },
        }
    }

    /// What is told where two collide.
    pub fn collision(&self) -> &'static str {
        if self.alone == Alone::Overlap { EXCLUSION } else { UNIQUE }
    }

    /// Whether a child is told to wait that collides.
    fn alone_waits(&self, held: &Held) -> bool {
        self.alone_when.waits(held.said.alone.or(held.said.all))
    }

    fn references_wait(&self, held: &Held) -> bool {
        self.reference.waits(held.said.reference.or(held.said.all))
    }

    fn notes_wait(&self, held: &Held) -> bool {
        self.noted.is_some_and(|noted| noted.waits(held.said.note.or(held.said.all)))
    }

    /// What of it can be told to wait.
    pub fn can_wait(&self, of: Waiting) -> bool {
        match of {
            Waiting::All => true,
            Waiting::Reference => self.reference != Deferral::Never,
            Waiting::Alone => self.alone_when != Deferral::Never && self.alone != Alone::Nothing,
            Waiting::Note => self.noted.is_some_and(|noted| noted != Deferral::Never),
        }
    }

    /// What a child that is written breaks by itself.
    pub fn row_breaks(&self, key: i64, row: [Cell; 3]) -> Option<&'static str> {
        if let Some(broken) = self.domain.breaks(row[2]) {
            return Some(broken);
        }
        let known = self.u_known && self.parts.is_none_or(|from| key >= from);
        if known && row[2].is_none() {
            return Some(NOT_NULL);
        }
        self.condition.is_false(row).then_some(CHECK)
    }

    fn collides(&self, held: &Held) -> bool {
        let rows: Vec<[Cell; 3]> = held.children.values().copied().collect();
        (1..rows.len()).any(|place| rows[..place].iter().any(|other| self.collide(*other, rows[place])))
    }

    /// Whether a child refers to nobody, or halfway.
    pub fn dangles(&self, held: &Held, [x, y, _]: [Cell; 3]) -> bool {
        match (x, y) {
            (Some(_), Some(_)) => !held.parents.values().any(|[a, b, _]| (*a, *b) == (x, y)),
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => self.full,
        }
    }

    fn any_dangles(&self, held: &Held) -> bool {
        held.children.values().any(|row| self.dangles(held, *row))
    }

    /// All rows, looked at as `VALIDATE CONSTRAINT` does.
    pub fn all_keep_condition(&self, held: &Held) -> bool {
        !held.children.values().any(|row| self.condition.is_false(*row))
    }

    /// What `SET CONSTRAINTS` does.
    pub fn set(&self, held: &Held, deferred: bool, of: Waiting) -> Outcome {
        let mut outcome = Outcome { next: held.clone(), ..Outcome::default() };
        outcome.next.said = held.said.says(deferred, of);
        if !deferred {
            self.look(&mut outcome);
            outcome.next.pending &= of != Waiting::All;
        }
        outcome
    }

    /// What is looked at when a statement is over.
    fn look(&self, outcome: &mut Outcome) {
        let next = &outcome.next;
        if !self.alone_waits(next) && self.collides(next) {
            outcome.must.insert(self.collision());
        }
        if !self.references_wait(next) && self.any_dangles(next) {
            outcome.must.insert(REFERENCE);
        }
        let keys: Vec<(Cell, Cell)> = next.parents.values().map(|[a, b, _]| (*a, *b)).collect();
        let twice = |place: usize| {
            let (a, b) = keys[place];
            a.is_some() && b.is_some() && keys[..place].contains(&keys[place])
        };
        if (1..keys.len()).any(twice) {
            outcome.must.insert(UNIQUE);
        }
        if !self.notes_wait(&outcome.next) {
            let now = std::mem::take(&mut outcome.next.unnoted);
            outcome.next.noted.extend(now);
        }
    }
}

impl Outcome {
    /// Before anything is done.
    pub fn of(held: &Held) -> Outcome {
        Outcome { next: held.clone(), ..Outcome::default() }
    }

    /// Writes a child.
    pub fn write(&mut self, declared: &Declared, key: i64, row: [Cell; 3]) {
        self.next.children.insert(key, row);
        self.written.insert(key);
        self.must.extend(declared.row_breaks(key, row));
    }

    /// Whether a child was written by this statement.
    pub fn has_written(&self, key: i64) -> bool {
        self.written.contains(&key)
    }

    /// A parent is gone, or has another key; others that go with it are gone already.
    pub fn parent_left(&mut self, declared: &Declared, old: [Cell; 2], new: Option<[Cell; 2]>) {
        if old.contains(&None) || new == Some(old) {
            return;
        }
        let refers = |row: &[Cell; 3]| [row[0], row[1]] == old;
        let children = self.next.children.iter().filter(|(_, row)| refers(row));
        let children: Vec<(i64, [Cell; 3])> = children.map(|(key, row)| (*key, *row)).collect();
        let action = if new.is_some() { declared.on_update } else { declared.on_delete };
        if action == Action::Of(OnDelete::Restrict) && !children.is_empty() {
            self.must.insert(REFERENCE);
        }
        for (key, [x, _, u]) in children {
            let [dx, dy] = declared.defaults;
            match (action, new) {
                (Action::Of(OnDelete::NoAction | OnDelete::Restrict), _) => {}
                (Action::Of(OnDelete::Cascade), None) => drop(self.next.children.remove(&key)),
                (Action::Of(OnDelete::Cascade), Some([a, b])) => self.write(declared, key, [a, b, u]),
                (Action::Of(OnDelete::SetNull), _) => self.write(declared, key, [None, None, u]),
                (Action::SetNullOne, _) => self.write(declared, key, [x, None, u]),
                (Action::Of(OnDelete::SetDefault), _) => self.write(declared, key, [dx, dy, u]),
            }
        }
        // Whose default is the very key that is gone is refused at once.
        let is_there = self.next.parents.values().any(|[a, b, _]| [*a, *b] == old);
        if action == Action::Of(OnDelete::SetDefault) && !is_there && self.next.children.values().any(refers)
        {
            self.must.insert(REFERENCE);
        }
    }

    /// The statement is over.
    #[must_use]
    pub fn looked_at(mut self, declared: &Declared, before: &Held) -> Outcome {
        let is_there = |key: &&i64| self.next.children.contains_key(key);
        let gone: Vec<i64> = before.children.keys().filter(|key| !is_there(key)).copied().collect();
        let changed = self.written.len() + gone.len();
        if declared.noted.is_some() {
            self.next.unnoted.extend(gone);
            self.next.unnoted.extend(&self.written);
        }
        let waits = declared.references_wait(before) || declared.alone_waits(before);
        self.next.pending |= waits || declared.notes_wait(before);
        declared.look(&mut self);
        // Row by row, two may collide that do not in the end: one that is written with one that goes after it, too.
        if changed > 1 && !self.written.is_empty() {
            self.may.insert(declared.collision());
        }
        self
    }
}
