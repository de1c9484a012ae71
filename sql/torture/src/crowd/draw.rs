//! What crowded tables are, and what they hold.
//!
//! What a column holds is drawn once, as a sort of values and a number that mixes them: a choice for each value would make most of
//! a run's choices.

use crate::client::Client;
use crate::client::transaction::Transaction;
use crate::expression::{Comparison, Expression};
use crate::labels;
use crate::model::contents::{Change, Contents, Definition};
use crate::model::statement::{NewRow, OnConflict, Statement};
use crate::model::table::{Column, KEY, Rule, Sameness, Table};
use crate::value::{Kind, Value};
use torture::workload::Ended;

/// Rows of a table.
const ROWS: [usize; 4] = [20, 6, 40, 60];
/// Rules that are tried of a table.
const RULES: usize = 4;
/// The partitions of a table that has some.
const PARTS: [(&str, &str); 4] = [
    ("l", "FOR VALUES FROM (MINVALUE) TO (6)"),
    ("m", "FOR VALUES FROM (6) TO (12)"),
    ("h", "FOR VALUES FROM (20) TO (MAXVALUE)"),
    ("d", "DEFAULT"),
];
/// The partition that is attached.
const ATTACHED: &str = "h";
/// Numbers that mix values.
const MIXES: usize = 1 << 10;

/// What a column holds.
#[derive(Debug, Clone, Copy)]
struct Sort {
    spread: Spread,
    mix: u64,
    /// Of so many rows one is null; none if it is 0.
    null_of: u64,
}

#[derive(Debug, Clone, Copy)]
enum Spread {
    /// One of ten values.
    Usual,
    /// One of three.
    Few,
    /// In the order of the keys, several of each.
    Runs,
    /// Each once.
    Once,
}

impl Sort {
    fn value(self, kind: Kind, key: u64, rows: u64) -> Value {
        let mixed = mix(key, self.mix);
        if self.null_of > 0 && mixed.is_multiple_of(self.null_of) {
            return Value::Null;
        }
        let drawn = mixed >> 8;
        let number = match self.spread {
            Spread::Usual => drawn % 10,
            Spread::Few => drawn % 3,
            Spread::Runs => key / 5,
            // 61 is prime, and there are fewer rows.
            Spread::Once => (key * (1 + self.mix % 60) + rows) % 61,
        };
        match kind {
            Kind::Int => Value::Int(number as i64),
            Kind::Text => {
                const WORDS: [&str; 5] = ["a", "b", "ab", "", "zz"];
                let one = match self.spread {
                    Spread::Usual | Spread::Few => WORDS.get(number as usize).map(|word| (*word).to_owned()),
                    Spread::Runs | Spread::Once => None,
                };
                let letter = |number: u64| char::from(b'a' + (number % 7) as u8);
                Value::Text(one.unwrap_or_else(|| [letter(number / 7), letter(number)].iter().collect()))
            }
        }
    }
}

/// Whether a table of this name is partitioned.
pub fn is_partitioned(name: &str) -> bool {
    name.ends_with('p')
}

/// A number that has nothing to do with another, for all that can be seen.
fn mix(number: u64, with: u64) -> u64 {
    let mut mixed =
        (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (with + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 31;
    mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 29)
}

impl Client<'_> {
    /// Makes a table and fills it; then it gets its conditions and indexes.
    ///
    /// # Errors
    /// When a statement was refused.
    pub fn crowded_table(&mut self, transaction: &mut Transaction, name: &str) -> Result<(), Ended> {
        let mut table = Table::default();
        let number = |name: &str| Column {
            name: name.to_owned(),
            kind: Kind::Int,
            not_null: false,
            default: Value::Null,
            generated: None,
        };
        table.columns.extend([number("c0"), number("c1")]);
        for _ in 0..self.choose(&labels::COUNT, 3) {
            table.columns.extend(self.some_column(&table));
        }
        // What is made of a null may not be null.
        table.columns.iter_mut().for_each(|column| column.not_null &= column.generated.is_none());
        let rows = self.crowd_rows(&table);
        // A partition that was a table before has its columns in another order.
        let mut turned = table.clone();
        turned.columns.reverse();
        let created = Definition::CreateTable(name.to_owned(), table);
        if is_partitioned(name) {
            self.simply(&format!("{} PARTITION BY RANGE (id)", created.sql().join("; ")))?;
            self.partitions(name, &turned)?;
            transaction.view.apply(&Change::Define(created));
        } else {
            self.declare(transaction, Statement::Define(created))?;
        }
        let filling = Statement::Insert(name.to_owned(), rows, OnConflict::Fail);
        self.declare(transaction, filling)?;
        // Most conditions are on numbers.
        for column in ["c0", "c1"].into_iter().take(1 + self.choose(&labels::COUNT, 2)) {
            let rule = Rule::Index(vec![(column.to_owned(), self.way())], None);
            if let Some(suffix) =
                transaction.view.tables.get(name).and_then(|it| Self::free_suffix(it, &rule))
            {
                let index = Definition::AddRule(name.to_owned(), suffix, rule);
                self.declare(transaction, Statement::Define(index))?;
            }
        }
        if !is_partitioned(name)
            && self.choose(&labels::VARIANT, 2) == 1
            && let Some(key) =
                transaction.view.tables.get(name).and_then(|table| self.some_key_of_once(table))
        {
            let key = Definition::AddRule(name.to_owned(), key.0, key.1);
            self.declare(transaction, Statement::Define(key))?;
        }
        for _ in 0..self.choose(&labels::COUNT, RULES) {
            if let Some(rule) = self.rule_of(&transaction.view, name)
                && rule.predict(&transaction.view, &transaction.changes).fails.is_empty()
            {
                self.declare(transaction, rule)?;
            }
        }
        // Plans are made with and without knowing the rows.
        if self.choose(&labels::VARIANT, 2) == 1 { self.simply(&format!("ANALYZE {name}")) } else { Ok(()) }
    }

    /// Makes the partitions of a table, one of them of a table like this one.
    fn partitions(&mut self, name: &str, turned: &Table) -> Result<(), Ended> {
        for (part, bounds) in PARTS {
            let own = format!("{name}_{part}");
            if part == ATTACHED {
                self.simply(&turned.sql(&own).join("; "))?;
                self.simply(&format!("ALTER TABLE {name} ATTACH PARTITION {own} {bounds}"))?;
            } else {
                self.simply(&format!("CREATE TABLE {own} PARTITION OF {name} {bounds}"))?;
            }
        }
        Ok(())
    }

    /// A key of a column whose values stand once, if there is one.
    fn some_key_of_once(&self, table: &Table) -> Option<(String, Rule)> {
        let rule = |column: &Column| Rule::Unique(vec![column.name.clone()], Sameness::default());
        let fits = |column: &&Column| !table.has_duplicates(&rule(column));
        let fitting: Vec<&Column> = table.columns.iter().filter(fits).collect();
        let column = *fitting.get(self.choose(&labels::COLUMN, fitting.len()))?;
        let rule = match self.choose(&labels::VARIANT, 2) {
            1 => Rule::UniqueIndex(vec![column.name.clone()], None),
            _ => rule(column),
        };
        Some((Self::free_suffix(table, &rule)?, rule))
    }

    /// Says what must succeed.
    fn declare(&mut self, transaction: &mut Transaction, statement: Statement) -> Result<(), Ended> {
        let text = statement.quiet_sql(&transaction.view).unwrap_or_else(|| statement.sql(&transaction.view));
        self.simply(&text)?;
        let changes: Vec<Change> = match statement {
            Statement::Define(definition) => vec![Change::Define(definition)],
            _ => statement.predict(&transaction.view, &transaction.changes).changes,
        };
        changes.iter().for_each(|change| transaction.view.apply(change));
        transaction.changes.extend(changes);
        Ok(())
    }

    fn crowd_rows(&self, table: &Table) -> Vec<NewRow> {
        let rows = ROWS[self.choose(&labels::COUNT, ROWS.len())] as u64;
        let sort = |column: &Column| Sort {
            spread: [Spread::Usual, Spread::Few, Spread::Runs, Spread::Once][self.choose(&labels::SHAPE, 4)],
            mix: self.choose(&labels::VALUE, MIXES) as u64,
            null_of: if column.not_null { 0 } else { [5, 0, 2][self.choose(&labels::VARIANT, 3)] },
        };
        let sorts: Vec<Sort> = table.columns.iter().map(sort).collect();
        let row = |key: u64| -> NewRow {
            let value = |(column, sort): (&Column, &Sort)| {
                column.generated.is_none().then(|| sort.value(column.kind, key, rows))
            };
            (key as i64, table.columns.iter().zip(&sorts).map(value).collect())
        };
        (0..rows).map(row).collect()
    }

    /// A change of one row that is like another's, or lacks a value: what a rule keeps out is kept out by that rule alone.
    pub fn near_miss(&self, view: &Contents) -> Option<Statement> {
        let (name, table) = self.table(view)?;
        let row = || table.rows.iter().nth(self.choose(&labels::KEY, table.rows.len()));
        let ((key, _), (_, like)) = (row()?, row()?);
        let mut place = self.choose(&labels::COLUMN, table.columns.len());
        let of_key = table.rules.values().filter_map(Rule::unique).find_map(|(columns, _)| columns.first());
        if let Some(of_key) = of_key.and_then(|name| table.place(name))
            && self.choose(&labels::VARIANT, 2) == 1
        {
            place = of_key;
        }
        let value = || match self.choose(&labels::VALUE, 4) {
            3 => Value::Null,
            _ => like.get(place).cloned().unwrap_or(Value::Null),
        };
        if self.choose(&labels::VARIANT, 2) == 1 {
            let conflict = match (self.choose(&labels::VARIANT, 8), table.columns.get(place)) {
                (3..=6, Some(column)) if column.generated.is_none() => {
                    let condition = self.conflict_condition(table);
                    OnConflict::Update(column.name.clone(), Expression::Value(value()), condition)
                }
                (7, _) => OnConflict::Nothing,
                _ => OnConflict::Fail,
            };
            let is_there = conflict != OnConflict::Fail || self.choose(&labels::VARIANT, 8) == 7;
            let key = if is_there { *key } else { 1 + table.rows.keys().last()? };
            let mut values: Vec<Option<Value>> = like.iter().cloned().map(Some).collect();
            *values.get_mut(place)? = Some(match self.choose(&labels::VARIANT, 2) {
                0 => value(),
                _ => self.value(table.columns.get(place)?.kind),
            });
            for (column, value) in table.columns.iter().zip(&mut values) {
                if column.generated.is_some() {
                    *value = None;
                }
            }
            return Some(Statement::Insert(name.to_owned(), vec![(key, values)], conflict));
        }
        // All columns of a key, if the column is of one.
        let column = table.columns.get(place)?;
        let of_key = table.rules.values().filter_map(Rule::unique).map(|(columns, _)| columns);
        let of_key = of_key.into_iter().find(|columns| columns.contains(&column.name));
        let mut set = vec![(column.name.clone(), Expression::Value(value()))];
        for other in of_key.into_iter().flatten().filter(|other| **other != column.name) {
            let like = table.place(other).and_then(|place| like.get(place))?;
            set.push((other.clone(), Expression::Value(like.clone())));
        }
        let is_made =
            |name: &String| table.columns.iter().any(|it| it.name == *name && it.generated.is_some());
        set.retain(|(name, _)| !is_made(name));
        let key = Expression::Value(Value::Int(*key)).into();
        let by_key = Expression::Compare(Comparison::Equal, Expression::column(KEY).into(), key);
        (!set.is_empty()).then(|| Statement::Update(name.to_owned(), set, Some(by_key)))
    }

    /// A condition or an index for one of the tables.
    pub fn crowd_rule(&self, view: &Contents) -> Option<Statement> {
        let (name, _) = self.table(view)?;
        self.rule_of(view, name)
    }

    fn rule_of(&self, view: &Contents, name: &str) -> Option<Statement> {
        let table = view.tables.get(name)?;
        // References would keep what changes one row from the ways that are for one row.
        let (suffix, rule) = match self.choose(&labels::DEFINITION, 8) {
            // What stands once in a partitioned table has the key of the partitions.
            4..=6 if is_partitioned(name) => self.some_index(table)?,
            0..=3 => self.some_index(table)?,
            4 | 5 => self.some_key(table)?,
            6 => self.some_rule(view, name, table)?,
            _ => self.some_check(table)?,
        };
        Some(Statement::Define(Definition::AddRule(name.to_owned(), suffix, rule)))
    }

    fn some_check(&self, table: &Table) -> Option<(String, Rule)> {
        let rule = Rule::Check(self.predicate(&table.typed(), 1));
        Some((Self::free_suffix(table, &rule)?, rule))
    }

    /// A definition that is no new table.
    pub fn crowd_definition(&self, view: &Contents) -> Option<Statement> {
        let definition = match self.choose(&labels::DEFINITION, 6) {
            0 | 1 => self.new_column(view),
            2 => self.dropped_column(view),
            3 => self.not_null(view),
            4 => self.new_default(view),
            _ => self.dropped_rule(view),
        };
        definition.map(Statement::Define)
    }
}
