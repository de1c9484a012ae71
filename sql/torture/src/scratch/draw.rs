//! What a scratch's tables are declared to be, and what is done to them, drawn.

use super::model::{Action, Alone, Cell, Condition, Declared, Deferral, Domain, Held};
use super::statement::{Given, New, OnConflict, SEEN_BELOW, Statement};
use crate::client::Client;
use crate::labels;
use crate::model::table::OnDelete;
use std::collections::BTreeSet;

/// Keys of children that there are.
const KEYS: usize = 12;
/// What is generated of a child.
const GENERATED: &str = "w int GENERATED ALWAYS AS (coalesce(x, 0) * 10 + coalesce(y, 0)) STORED";
/// Keys of parents that there are.
const PARENTS: usize = 6;

/// The statements that make the tables.
pub fn definitions((parent, child): (&str, &str), declared: &Declared) -> Vec<String> {
    let Declared { full, on_update, on_delete, reference, defaults: [dx, dy], alone, alone_when, .. } =
        declared;
    let or_null = |value: &Cell| value.map_or("NULL".to_owned(), |value| value.to_string());
    let of_u = if declared.domain == Domain::None { "int".to_owned() } else { format!("{child}_u") };
    let (x, y) = (format!("x int DEFAULT {}", or_null(dx)), format!("y int DEFAULT {}", or_null(dy)));
    let mut parts = vec![
        format!("k int PRIMARY KEY, {x}, {y}, u {of_u}, {GENERATED}"),
        format!(
            "CONSTRAINT {child}_reference FOREIGN KEY (x, y) REFERENCES {parent} (a, b){} ON UPDATE {} ON DELETE {}{}",
            if *full { " MATCH FULL" } else { "" },
            on_update.sql(),
            on_delete.sql(),
            reference.sql()
        ),
    ];
    match alone {
        Alone::Unique { both, nulls_equal } => parts.push(format!(
            "CONSTRAINT {child}_alone UNIQUE{} ({}) INCLUDE (y){}",
            if *nulls_equal { " NULLS NOT DISTINCT" } else { "" },
            if *both { "u, x" } else { "u" },
            alone_when.sql()
        )),
        Alone::Overlap => {
            parts.push(format!(
                "CONSTRAINT {child}_alone EXCLUDE USING gist (int4range(u, u + 2) WITH &&){}",
                alone_when.sql()
            ));
        }
        Alone::Nothing | Alone::Partial(_) => {}
    }
    let mut texts: Vec<String> = domain(child, declared.domain).into_iter().collect();
    texts.extend(parents(parent, declared.parent_parts));
    let divided = if declared.parts.is_some() { " PARTITION BY RANGE (k)" } else { "" };
    texts.push(format!("CREATE TABLE {child} ({}){divided}", parts.join(", ")));
    if let Some(from) = declared.parts {
        let known = if declared.u_known { " (u NOT NULL)" } else { "" };
        let bounds = format!("FOR VALUES FROM (MINVALUE) TO ({from})");
        if declared.attached {
            texts.push(format!("CREATE TABLE {child}_l (u {of_u}, {y}, {GENERATED}, {x}, k int NOT NULL)"));
            texts.push(format!("ALTER TABLE {child} ATTACH PARTITION {child}_l {bounds}"));
        } else {
            texts.push(format!("CREATE TABLE {child}_l PARTITION OF {child} {bounds}"));
        }
        texts.push(format!(
            "CREATE TABLE {child}_h PARTITION OF {child}{known} FOR VALUES FROM ({from}) TO (MAXVALUE)"
        ));
    }
    if let Alone::Partial(below) = alone {
        texts.push(format!("CREATE UNIQUE INDEX ON {child} (u) WHERE u < {below}"));
    }
    texts.push(format!("CREATE INDEX ON {child} (u DESC) INCLUDE (x)"));
    texts.push(format!("CREATE INDEX ON {child} ((x + y))"));
    texts.push(format!(
        "CREATE VIEW {child}_seen AS SELECT k, x, y, u FROM {child} WHERE u < {SEEN_BELOW} WITH CHECK OPTION"
    ));
    if declared.mirrored {
        texts.extend(mirror(child));
    }
    if let Some(noted) = declared.noted {
        texts.extend(notes(child, noted));
    }
    texts
}

/// The statements that make the table of the parents.
fn parents(parent: &str, parts: Option<i64>) -> Vec<String> {
    let Some(from) = parts else {
        return vec![format!(
            "CREATE TABLE {parent} (k int PRIMARY KEY, a int, b int, v int, UNIQUE (a, b))"
        )];
    };
    vec![
        // What stands once has the key of the partitions.
        format!(
            "CREATE TABLE {parent} (k int NOT NULL, a int, b int, v int, UNIQUE (a, b)) PARTITION BY RANGE (a)"
        ),
        format!("CREATE TABLE {parent}_l PARTITION OF {parent} FOR VALUES FROM (MINVALUE) TO ({from})"),
        format!("CREATE TABLE {parent}_d PARTITION OF {parent} DEFAULT"),
    ]
}

/// The statement that makes a domain.
fn domain(child: &str, domain: Domain) -> Option<String> {
    let Domain::Refuses { value, nulls } = domain else { return None };
    let nulls = if nulls { " NOT NULL" } else { "" };
    Some(format!("CREATE DOMAIN {child}_u AS int{nulls} CHECK (VALUE <> {value})"))
}

/// The statements that make a table in which triggers note the keys of children that were written or are gone.
fn notes(child: &str, noted: Deferral) -> [String; 3] {
    [
        format!("CREATE TABLE {child}_noted (k int)"),
        format!(
            "CREATE FUNCTION {child}_note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN \
             IF TG_OP <> 'INSERT' THEN INSERT INTO {child}_noted VALUES (OLD.k); END IF; \
             IF TG_OP <> 'DELETE' THEN INSERT INTO {child}_noted VALUES (NEW.k); END IF; RETURN NULL; END$$"
        ),
        format!(
            "CREATE CONSTRAINT TRIGGER {child}_note AFTER INSERT OR UPDATE OR DELETE ON {child}{} \
             FOR EACH ROW EXECUTE FUNCTION {child}_note()",
            noted.sql()
        ),
    ]
}

/// The statements that make a table which triggers keep like the children.
fn mirror(child: &str) -> [String; 3] {
    [
        format!("CREATE TABLE {child}_mirror (k int, x int, y int, u int, w int)"),
        format!(
            "CREATE FUNCTION {child}_follow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN \
             IF TG_OP <> 'INSERT' THEN DELETE FROM {child}_mirror WHERE k = OLD.k; END IF; \
             IF TG_OP <> 'DELETE' THEN INSERT INTO {child}_mirror VALUES (NEW.k, NEW.x, NEW.y, NEW.u, NEW.w); END IF; \
             RETURN NULL; END$$"
        ),
        format!(
            "CREATE TRIGGER follow AFTER INSERT OR UPDATE OR DELETE ON {child} FOR EACH ROW EXECUTE FUNCTION {child}_follow()"
        ),
    ]
}

/// The statements that say what new rows must be, when there are some.
pub fn conditions(child: &str, declared: &Declared) -> Vec<String> {
    let condition = declared.condition.sql();
    let condition =
        condition.map(|it| format!("ALTER TABLE {child} ADD CONSTRAINT {child}_ck CHECK ({it}) NOT VALID"));
    let known = (declared.u_known && declared.parts.is_none())
        .then(|| format!("ALTER TABLE {child} ALTER COLUMN u SET NOT NULL"));
    condition.into_iter().chain(known).collect()
}

impl Client<'_> {
    fn cell(&self) -> Cell {
        match self.choose(&labels::VALUE, 9) {
            8 => None,
            value => Some(value as i64),
        }
    }

    fn deferral(&self) -> Deferral {
        [Deferral::Never, Deferral::Immediate, Deferral::Deferred][self.choose(&labels::VARIANT, 3)]
    }

    /// What the tables are.
    pub fn declared(&self) -> Declared {
        let actions = [
            Action::Of(OnDelete::NoAction),
            Action::Of(OnDelete::NoAction),
            Action::Of(OnDelete::Cascade),
            Action::Of(OnDelete::SetNull),
            Action::Of(OnDelete::SetDefault),
            Action::Of(OnDelete::Restrict),
            Action::SetNullOne,
        ];
        let parts = (self.choose(&labels::VARIANT, 4) == 3).then_some(5);
        // What stands once in a partitioned table has the key of the partitions.
        let alone = match self.choose(&labels::SHAPE, 6) {
            _ if parts.is_some() => Alone::Nothing,
            1 | 2 => Alone::Unique {
                both: self.choose(&labels::VARIANT, 2) == 1,
                nulls_equal: self.choose(&labels::VARIANT, 2) == 1,
            },
            3 => Alone::Partial(6),
            4 | 5 => Alone::Overlap,
            _ => Alone::Nothing,
        };
        // An index cannot be deferred.
        let alone_when = if matches!(alone, Alone::Partial(_)) { Deferral::Never } else { self.deferral() };
        let condition = [Condition::None, Condition::UBelow(6), Condition::XAtMostU];
        let defaults = match self.choose(&labels::VARIANT, 4) {
            0 => [Some(0), Some(0)],
            1 => [Some(1), Some(1)],
            2 => [Some(7), Some(7)],
            _ => [None, None],
        };
        Declared {
            full: self.choose(&labels::VARIANT, 2) == 1,
            // The list of columns is for deletions alone.
            on_update: actions[self.choose(&labels::VARIANT, actions.len() - 1)],
            on_delete: actions[self.choose(&labels::VARIANT, actions.len())],
            reference: self.deferral(),
            defaults,
            alone,
            alone_when,
            condition: condition[self.choose(&labels::VARIANT, condition.len())],
            u_known: self.choose(&labels::VARIANT, 4) == 3,
            domain: match self.choose(&labels::VARIANT, 6) {
                4 => Domain::Refuses { value: 7, nulls: false },
                5 => Domain::Refuses { value: 5, nulls: true },
                _ => Domain::None,
            },
            parts,
            parent_parts: (self.choose(&labels::VARIANT, 5) == 4).then_some(2),
            attached: parts.is_some() && self.choose(&labels::VARIANT, 2) == 1,
            mirrored: self.choose(&labels::VARIANT, 3) == 2,
            noted: [
                None,
                None,
                Some(Deferral::Immediate),
                Some(Deferral::Deferred),
                Some(Deferral::Deferred),
            ][self.choose(&labels::VARIANT, 5)],
        }
    }

    /// New children: most of them have a parent, and many the same.
    fn new_children(&self, held: &Held, most: usize) -> Vec<New> {
        let mut rows = self.new_rows(KEYS, most);
        let parents: Vec<[Cell; 3]> = held.parents.values().copied().collect();
        for (_, [x, y, _]) in &mut rows {
            // The first ones are drawn more often than the others.
            let drawn = self.choose(&labels::SHAPE, 2 + 2 * parents.len());
            let place = if drawn < 4 { drawn / 3 } else { drawn / 2 };
            if let Some([a, b, _]) = parents.get(place) {
                (*x, *y) = (*a, *b);
            }
        }
        rows
    }

    /// The `k` of a parent, that is there mostly.
    fn parent(&self, held: &Held) -> i64 {
        let drawn = self.choose(&labels::KEY, 2 * PARENTS);
        let there = held.parents.keys().nth(drawn / 2 % held.parents.len().max(1));
        there.copied().filter(|_| drawn % 4 != 3).unwrap_or((drawn / 2) as i64)
    }

    fn new_rows(&self, keys: usize, most: usize) -> Vec<New> {
        let row = |_| {
            let key = self.choose(&labels::KEY, keys) as i64;
            // The second column of a key is one of two values mostly, so that keys meet.
            let second = match self.choose(&labels::VALUE, 5) {
                4 => None,
                value => Some(value as i64 % 2),
            };
            let first = match self.choose(&labels::VALUE, 6) {
                5 => self.cell(),
                value => Some(value as i64 % 4),
            };
            (key, [first, second, self.cell()])
        };
        (0..=self.choose(&labels::COUNT, most)).map(row).collect()
    }

    fn given(&self) -> Given {
        match self.choose(&labels::VARIANT, 3) {
            2 => Given::More(self.choose(&labels::VALUE, 3) as i64 - 1),
            _ => Given::Value(self.cell()),
        }
    }

    fn key_range(&self) -> (i64, i64) {
        let from = self.choose(&labels::KEY, KEYS) as i64;
        let more = if self.choose(&labels::VARIANT, 2) == 1 { self.choose(&labels::COUNT, KEYS) } else { 0 };
        (from, from + more as i64)
    }

    fn on_conflict(&self, declared: &Declared) -> OnConflict {
        // What can be deferred cannot decide.
        let decides = match declared.alone {
            Alone::Nothing | Alone::Partial(_) => true,
            Alone::Unique { .. } | Alone::Overlap => declared.alone_when == Deferral::Never,
        };
        let is_unique = matches!(declared.alone, Alone::Unique { .. } | Alone::Partial(_));
        match self.choose(&labels::VARIANT, 8) {
            5 if decides => OnConflict::NothingAtAll,
            6 if decides && is_unique => OnConflict::Nothing,
            7 if decides && is_unique => OnConflict::UpdateX(self.given()),
            _ => OnConflict::Fail,
        }
    }

    /// A change of the tables.
    pub fn scratch_change(&self, declared: &Declared, held: &Held) -> Statement {
        let parent = || self.parent(held);
        match self.choose(&labels::SORT, 18) {
            15 | 16 => Statement::Through(Box::new(match self.choose(&labels::VARIANT, 4) {
                0 => Statement::Remove(self.key_range()),
                1 => Statement::Children(self.new_children(held, 2), OnConflict::Fail),
                _ => Statement::Change(self.choose(&labels::COLUMN, 3), self.given(), self.key_range()),
            })),
            0 | 1 => {
                let mut rows = self.new_rows(PARENTS, 2);
                // A key that children ask for, as they may where references wait.
                let lost = held.children.values().find(|row| declared.dangles(held, **row));
                if let (Some([x, y, _]), Some((_, row))) = (lost, rows.first_mut())
                    && self.choose(&labels::VARIANT, 2) == 1
                {
                    (row[0], row[1]) = (*x, *y);
                }
                if declared.parent_parts.is_some() {
                    // Nothing keeps these from having the same `k` but the model.
                    let mut known: BTreeSet<i64> = held.parents.keys().copied().collect();
                    rows.retain(|(key, _)| known.insert(*key));
                }
                if rows.is_empty() { Statement::Remove(self.key_range()) } else { Statement::Parents(rows) }
            }
            2 | 3 => {
                let [(_, [a, b, _])] = self.new_rows(PARENTS, 1)[..] else {
                    return Statement::Rekey(parent(), [None, None]);
                };
                Statement::Rekey(parent(), [a, b])
            }
            4 => {
                let (one, other) = (parent(), parent());
                Statement::Orphan(if one == other { vec![one] } else { vec![one, other] })
            }
            5 => Statement::Born(parent(), self.choose(&labels::KEY, KEYS) as i64),
            6 => Statement::ChangeFrom,
            7 => Statement::RemoveUsing(4 + self.choose(&labels::VALUE, 4) as i64),
            8 if self.choose(&labels::VARIANT, 2) == 1 => Statement::MergeSeveral(parent()),
            8 => Statement::Merge(5 + self.choose(&labels::VALUE, 4) as i64),
            9 => Statement::Remove(self.key_range()),
            10 => {
                let (from, to) = (self.choose(&labels::KEY, KEYS), self.choose(&labels::KEY, KEYS));
                Statement::Move(from as i64, to as i64)
            }
            11 | 12 => {
                let column = self.choose(&labels::COLUMN, 3);
                Statement::Change(column, self.given(), self.key_range())
            }
            13 if declared.parts.is_some() => {
                Statement::Part(self.choose(&labels::VARIANT, 2) == 1, self.new_children(held, 2))
            }
            _ => Statement::Children(self.new_children(held, 3), self.on_conflict(declared)),
        }
    }
}
