//! Statements on a scratch's tables: as SQL writes them, and what must come of them.

use super::model::{Action, Alone, Cell, Declared, Held, Outcome};
use crate::model::table::OnDelete;
use crate::state::{CARDINALITY, CHECK, NOT_NULL, REFERENCE, UNIQUE, VIEW};
use std::collections::BTreeSet;

/// A new row: its key and its values.
pub type New = (i64, [Cell; 3]);

/// What is assigned to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// A value.
    Value(Cell),
    /// What it was, and so much more.
    More(i64),
}

impl Given {
    fn of(self, before: Cell) -> Cell {
        match self {
            Given::Value(value) => value,
            Given::More(by) => before.map(|before| before + by),
        }
    }

    fn put(self, column: usize, mut row: [Cell; 3]) -> [Cell; 3] {
        row[column] = self.of(row[column]);
        row
    }

    fn sql(self, column: &str) -> String {
        match self {
            Given::Value(value) => cell(value),
            Given::More(by) => format!("{column} + {by}"),
        }
    }
}

/// What is done about a child whose `u` another has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum OnConflict {
    Fail,
    NothingAtAll,
    Nothing,
    UpdateX(Given),
}

/// A statement.
#[derive(Debug, Clone)]
pub enum Statement {
    /// New parents.
    Parents(Vec<New>),
    /// The key of the parent with this `k`.
    Rekey(i64, [Cell; 2]),
    /// No parents with these `k` any more.
    Orphan(Vec<i64>),
    /// New children.
    Children(Vec<New>, OnConflict),
    /// New children, put into the partition of the lower ones or into that of the higher ones.
    Part(bool, Vec<New>),
    /// Children made of the parents whose `k` is below: theirs, and so much more.
    Born(i64, i64),
    /// A column (`x`, `y`, `u`) of children with `k` from one to another.
    Change(usize, Given, (i64, i64)),
    /// `k` of the child that has one.
    Move(i64, i64),
    /// `u` of the children whose parents have a `v` is that.
    ChangeFrom,
    /// No children with `k` from one to another.
    Remove((i64, i64)),
    /// No children of parents whose `v` is at least.
    RemoveUsing(i64),
    /// Children with the `k` of a parent: changed, or removed from a `v` on, or made.
    Merge(i64),
    /// Children whose `k` is made of the `v` of a parent, or of several: changed, or removed from a `k` on.
    MergeSeveral(i64),
    /// New children, a change, or a removal, through a view that has children with some `u` alone.
    Through(Box<Statement>),
}

/// The view has children whose `u` is below.
pub const SEEN_BELOW: i64 = 6;

fn is_seen([_, _, u]: [Cell; 3]) -> bool {
    u.is_some_and(|u| u < SEEN_BELOW)
}

/// The columns of children.
const COLUMNS: [&str; 3] = ["x", "y", "u"];

fn cell(value: Cell) -> String {
    value.map_or("NULL".to_owned(), |value| value.to_string())
}

fn values(rows: &[New]) -> String {
    let row = |(key, row): &New| format!("({key}, {}, {}, {})", cell(row[0]), cell(row[1]), cell(row[2]));
    rows.iter().map(row).collect::<Vec<_>>().join(", ")
}

fn list(keys: &[i64]) -> String {
    keys.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

impl OnConflict {
    fn sql(self, child: &str, declared: &Declared) -> String {
        let target = match declared.alone {
            Alone::Partial(below) => format!("(u) WHERE u < {below}"),
            Alone::Unique { both: true, .. } => "(u, x)".to_owned(),
            Alone::Unique { both: false, .. } | Alone::Nothing | Alone::Overlap => "(u)".to_owned(),
        };
        match self {
            OnConflict::Fail => String::new(),
            OnConflict::NothingAtAll => " ON CONFLICT DO NOTHING".to_owned(),
            OnConflict::Nothing => format!(" ON CONFLICT {target} DO NOTHING"),
            OnConflict::UpdateX(Given::Value(_)) => {
                format!(" ON CONFLICT {target} DO UPDATE SET x = excluded.x")
            }
            OnConflict::UpdateX(given) => {
                format!(" ON CONFLICT {target} DO UPDATE SET x = {}", given.sql(&format!("{child}.x")))
            }
        }
    }
}

impl Statement {
    /// In SQL, where the tables are called so.
    pub fn sql(&self, (parent, child): (&str, &str), declared: &Declared) -> String {
        match self {
            Statement::Parents(rows) => format!("INSERT INTO {parent} VALUES {}", values(rows)),
            Statement::Rekey(key, [a, b]) => {
                format!("UPDATE {parent} SET a = {}, b = {} WHERE k = {key}", cell(*a), cell(*b))
            }
            Statement::Orphan(keys) => format!("DELETE FROM {parent} WHERE k IN ({})", list(keys)),
            Statement::Children(rows, conflict) => format!(
                "INSERT INTO {child} (k, x, y, u) VALUES {}{}",
                values(rows),
                conflict.sql(child, declared)
            ),
            Statement::Part(high, rows) => {
                let part = if *high { "h" } else { "l" };
                format!("INSERT INTO {child}_{part} (k, x, y, u) VALUES {}", values(rows))
            }
            Statement::Born(below, by) => format!(
                "INSERT INTO {child} (k, x, y, u) SELECT k + {by}, a, b, v FROM {parent} WHERE k < {below}"
            ),
            Statement::Change(column, given, (from, to)) => {
                let (column, range) = (COLUMNS[*column], range(*from, *to));
                format!("UPDATE {child} SET {column} = {} WHERE {range}", given.sql(column))
            }
            Statement::Move(from, to) => format!("UPDATE {child} SET k = {to} WHERE k = {from}"),
            Statement::ChangeFrom => format!(
                "UPDATE {child} c SET u = p.v FROM {parent} p WHERE p.a = c.x AND p.b = c.y AND p.v IS NOT NULL"
            ),
            Statement::Remove((from, to)) => format!("DELETE FROM {child} WHERE {}", range(*from, *to)),
            Statement::RemoveUsing(least) => format!(
                "DELETE FROM {child} c USING {parent} p WHERE p.a = c.x AND p.b = c.y AND p.v >= {least}"
            ),
            Statement::Merge(least) => format!(
                "MERGE INTO {child} c USING {parent} p ON p.k = c.k WHEN MATCHED AND p.v >= {least} THEN DELETE \
                 WHEN MATCHED THEN UPDATE SET u = p.v WHEN NOT MATCHED THEN INSERT (k, x, y, u) VALUES (p.k, p.a, p.b, p.v)"
            ),
            Statement::Through(inner) => inner.sql((parent, &format!("{child}_seen")), declared),
            Statement::MergeSeveral(least) => format!(
                "MERGE INTO {child} c USING {parent} p ON p.v % 4 * 2 = c.k \
                 WHEN MATCHED AND p.k >= {least} THEN DELETE WHEN MATCHED THEN UPDATE SET u = p.k"
            ),
        }
    }

    /// What must come of it.
    pub fn outcome(&self, declared: &Declared, held: &Held) -> Outcome {
        let mut outcome = Outcome::of(held);
        match self {
            Statement::Parents(rows) => {
                for (key, row) in rows {
                    if outcome.next.parents.insert(*key, *row).is_some() {
                        outcome.must.insert(UNIQUE);
                    }
                }
            }
            Statement::Rekey(key, [a, b]) => {
                if let Some(row) = outcome.next.parents.get_mut(key) {
                    let old = [row[0], row[1]];
                    (row[0], row[1]) = (*a, *b);
                    outcome.parent_left(declared, old, Some([*a, *b]));
                }
            }
            Statement::Orphan(keys) => orphan(declared, &mut outcome, keys),
            Statement::Children(rows, conflict) => {
                rows.iter().for_each(|row| insert(declared, &mut outcome, *row, *conflict));
            }
            Statement::Part(high, rows) => {
                rows.iter().for_each(|row| insert_into_part(declared, &mut outcome, *high, *row));
            }
            Statement::Born(below, by) => {
                let born = held.parents.range(..below).map(|(key, row)| (key + by, *row));
                born.for_each(|row| insert(declared, &mut outcome, row, OnConflict::Fail));
            }
            Statement::Change(column, given, (from, to)) => {
                held.children.range(from..=to).for_each(|(key, row)| {
                    outcome.write(declared, *key, given.put(*column, *row));
                });
            }
            Statement::Move(from, to) => {
                if let Some(row) = outcome.next.children.remove(from) {
                    if outcome.next.children.contains_key(to) {
                        outcome.must.insert(UNIQUE);
                    }
                    outcome.write(declared, *to, row);
                }
            }
            Statement::ChangeFrom => {
                for (key, row) in &held.children {
                    if let Some(v) = parent_of(held, *row).and_then(|parent| parent[2]) {
                        outcome.write(declared, *key, [row[0], row[1], Some(v)]);
                    }
                }
            }
            Statement::Remove((from, to)) => {
                outcome.next.children.retain(|key, _| key < from || key > to);
            }
            Statement::RemoveUsing(least) => {
                let goes =
                    |row: [Cell; 3]| parent_of(held, row).is_some_and(|parent| parent[2] >= Some(*least));
                outcome.next.children.retain(|_, row| !goes(*row));
            }
            Statement::Merge(least) => merge(declared, held, &mut outcome, *least),
            Statement::Through(inner) => through(declared, held, &mut outcome, inner),
            Statement::MergeSeveral(least) => merge_several(declared, held, &mut outcome, *least),
        }
        outcome.looked_at(declared, held)
    }
}

/// No parents with these `k` any more.
fn orphan(declared: &Declared, outcome: &mut Outcome, keys: &[i64]) {
    let gone = keys.iter().filter_map(|key| outcome.next.parents.remove(key));
    let mut gone: Vec<[Cell; 2]> = gone.map(|[a, b, _]| [a, b]).collect();
    // Children that are given the key of another that goes are refused if that one goes after, and nobody says which goes first:
    // it is foretold for the order that is refused least.
    let is_default = |key: &[Cell; 2]| *key == declared.defaults;
    if declared.on_delete == Action::Of(OnDelete::SetDefault) && gone.iter().any(is_default) {
        gone.sort_by_key(|key| !is_default(key));
        outcome.may.insert(REFERENCE);
    }
    gone.iter().for_each(|key| outcome.parent_left(declared, *key, None));
}

fn range(from: i64, to: i64) -> String {
    if from == to { format!("k = {from}") } else { format!("k BETWEEN {from} AND {to}") }
}

fn parent_of(held: &Held, [x, y, _]: [Cell; 3]) -> Option<[Cell; 3]> {
    let known = x.is_some() && y.is_some();
    held.parents.values().find(|[a, b, _]| known && (*a, *b) == (x, y)).copied()
}

fn merge(declared: &Declared, held: &Held, outcome: &mut Outcome, least: i64) {
    for (key, parent) in &held.parents {
        match held.children.get(key) {
            Some(_) if parent[2] >= Some(least) => drop(outcome.next.children.remove(key)),
            Some([x, y, _]) => outcome.write(declared, *key, [*x, *y, parent[2]]),
            None => insert(declared, outcome, (*key, *parent), OnConflict::Fail),
        }
    }
}

/// What is done to the children that the view has; a child that is written must be one of these.
fn through(declared: &Declared, held: &Held, outcome: &mut Outcome, statement: &Statement) {
    let look = |outcome: &mut Outcome, row: [Cell; 3]| {
        if !is_seen(row) {
            outcome.must.insert(VIEW);
        }
    };
    match statement {
        Statement::Children(rows, _) => {
            for (key, row) in rows {
                insert(declared, outcome, (*key, *row), OnConflict::Fail);
                look(outcome, *row);
            }
        }
        Statement::Change(column, given, (from, to)) => {
            for (key, row) in held.children.range(from..=to).filter(|(_, row)| is_seen(**row)) {
                let row = given.put(*column, *row);
                outcome.write(declared, *key, row);
                look(outcome, row);
            }
        }
        Statement::Remove((from, to)) => {
            outcome.next.children.retain(|key, row| key < from || key > to || !is_seen(*row));
        }
        Statement::Parents(_)
        | Statement::Rekey(..)
        | Statement::Orphan(_)
        | Statement::Part(..)
        | Statement::Born(..)
        | Statement::Move(..)
        | Statement::ChangeFrom
        | Statement::RemoveUsing(_)
        | Statement::Merge(_)
        | Statement::MergeSeveral(_)
        | Statement::Through(_) => {}
    }
}

fn merge_several(declared: &Declared, held: &Held, outcome: &mut Outcome, least: i64) {
    let mut done = BTreeSet::new();
    for (key, parent) in &held.parents {
        let Some((child, [x, y, _])) = parent[2].and_then(|v| held.children.get_key_value(&(v % 4 * 2)))
        else {
            continue;
        };
        if !done.insert(*child) {
            outcome.must.insert(CARDINALITY);
        }
        if *key >= least {
            outcome.next.children.remove(child);
        } else {
            outcome.write(declared, *child, [*x, *y, Some(*key)]);
        }
    }
}

/// A new child that is put into the higher partition, or into the lower one.
fn insert_into_part(declared: &Declared, outcome: &mut Outcome, high: bool, row: New) {
    if declared.parts.is_some_and(|from| (row.0 >= from) != high) {
        outcome.must.insert(CHECK);
        // It may be refused for what that partition demands besides.
        outcome.may.insert(NOT_NULL);
    }
    insert(declared, outcome, row, OnConflict::Fail);
}

/// A new child.
fn insert(declared: &Declared, outcome: &mut Outcome, (key, row): New, conflict: OnConflict) {
    // A row is held against its conditions before its keys are looked for.
    outcome.must.extend(declared.row_breaks(key, row));
    let other = outcome.next.children.iter().find(|(_, other)| declared.collide(**other, row));
    let other = other.map(|(other, row)| (*other, *row));
    let taken = outcome.next.children.contains_key(&key);
    match (conflict, other) {
        (OnConflict::NothingAtAll, _) if taken || other.is_some() => return,
        (OnConflict::Nothing, Some(_)) => return,
        (OnConflict::UpdateX(given), Some((other, [x, y, u]))) => {
            if outcome.has_written(other) {
                outcome.must.insert(CARDINALITY);
            }
            // A value is that of the row that was to be inserted.
            let x = match given {
                Given::Value(_) => row[0],
                Given::More(_) => given.of(x),
            };
            outcome.write(declared, other, [x, y, u]);
            return;
        }
        (OnConflict::Fail | OnConflict::NothingAtAll | OnConflict::Nothing | OnConflict::UpdateX(_), _) => {}
    }
    if taken {
        outcome.must.insert(UNIQUE);
    }
    if other.is_some() {
        outcome.may.insert(declared.collision());
    }
    outcome.write(declared, key, row);
}
