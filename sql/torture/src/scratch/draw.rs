//! What a scratch's tables are declared to be, and what is done to them, drawn.

use super::model::{Action, Alone, Cell, Condition, Declared, Deferral};
use super::statement::{Given, New, OnConflict, Statement};
use crate::client::Client;
use crate::labels;
use crate::model::table::OnDelete;

/// Keys of children that there are.
const KEYS: usize = 12;
/// Keys of parents that there are.
const PARENTS: usize = 6;

/// The statements that make the tables.
pub fn definitions((parent, child): (&str, &str), declared: &Declared) -> Vec<String> {
    let Declared { full, on_update, on_delete, reference, defaults: [dx, dy], alone, alone_when, .. } =
        declared;
    let or_null = |value: &Cell| value.map_or("NULL".to_owned(), |value| value.to_string());
    let mut parts = vec![
        format!("k int PRIMARY KEY, x int DEFAULT {}, y int DEFAULT {}, u int", or_null(dx), or_null(dy)),
        "w int GENERATED ALWAYS AS (coalesce(x, 0) * 10 + coalesce(y, 0)) STORED".to_owned(),
        format!(
            "FOREIGN KEY (x, y) REFERENCES {parent} (a, b){} ON UPDATE {} ON DELETE {}{}",
            if *full { " MATCH FULL" } else { "" },
            on_update.sql(),
            on_delete.sql(),
            reference.sql()
        ),
    ];
    match alone {
        Alone::Unique { both, nulls_equal } => parts.push(format!(
            "UNIQUE{} ({}) INCLUDE (y){}",
            if *nulls_equal { " NULLS NOT DISTINCT" } else { "" },
            if *both { "u, x" } else { "u" },
            alone_when.sql()
        )),
        Alone::Overlap => {
            parts.push(format!("EXCLUDE USING gist (int4range(u, u + 2) WITH &&){}", alone_when.sql()));
        }
        Alone::Nothing | Alone::Partial(_) => {}
    }
    let mut texts = vec![
        format!("CREATE TABLE {parent} (k int PRIMARY KEY, a int, b int, v int, UNIQUE (a, b))"),
        format!("CREATE TABLE {child} ({})", parts.join(", ")),
    ];
    if let Some(from) = declared.parts {
        texts[1].push_str(" PARTITION BY RANGE (k)");
        let known = if declared.u_known { " (u NOT NULL)" } else { "" };
        texts.push(format!(
            "CREATE TABLE {child}_l PARTITION OF {child} FOR VALUES FROM (MINVALUE) TO ({from})"
        ));
        texts.push(format!(
            "CREATE TABLE {child}_h PARTITION OF {child}{known} FOR VALUES FROM ({from}) TO (MAXVALUE)"
        ));
    }
    if let Alone::Partial(below) = alone {
        texts.push(format!("CREATE UNIQUE INDEX ON {child} (u) WHERE u < {below}"));
    }
    texts.push(format!("CREATE INDEX ON {child} (u DESC) INCLUDE (x)"));
    texts.push(format!("CREATE INDEX ON {child} ((x + y))"));
    texts
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
            parts,
        }
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
    pub fn scratch_change(&self, declared: &Declared) -> Statement {
        let parent = || self.choose(&labels::KEY, PARENTS) as i64;
        match self.choose(&labels::SORT, 16) {
            0 | 1 => Statement::Parents(self.new_rows(PARENTS, 2)),
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
                Statement::Part(self.choose(&labels::VARIANT, 2) == 1, self.new_rows(KEYS, 2))
            }
            _ => Statement::Children(self.new_rows(KEYS, 3), self.on_conflict(declared)),
        }
    }
}
