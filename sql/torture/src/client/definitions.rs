//! Which definition comes next.

use super::Client;
use crate::expression::{Comparison, Expression};
use crate::labels;
use crate::model::contents::{Contents, Definition};
use crate::model::statement::Statement;
use crate::model::table::{Column, OnDelete, Rule, Sameness, Table};
use crate::query::Way;
use crate::value::{Kind, Value};

/// Tables at most.
const TABLES: usize = 6;
/// Columns of a table at most, beside its key.
const COLUMNS: usize = 6;
/// Conditions and indexes of a table at most.
const RULES: usize = 6;

/// What deletions do to those that refer.
const ACTIONS: [OnDelete; 5] =
    [OnDelete::Cascade, OnDelete::NoAction, OnDelete::SetNull, OnDelete::Restrict, OnDelete::SetDefault];

/// The first of some names that is not taken.
fn free(prefix: &str, most: usize, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    (0..most).map(|number| format!("{prefix}{number}")).find(|name| !is_taken(name))
}

impl Client<'_> {
    /// A definition, if the one that was drawn is possible.
    pub fn definition(&self, view: &Contents) -> Option<Statement> {
        let definition = match self.choose(&labels::DEFINITION, 12) {
            0 | 1 => self.new_rule(view),
            2 => self.new_column(view),
            3 => self.dropped_rule(view),
            4 => self.dropped_column(view),
            5 => self.new_table(view),
            6 => self.dropped_table(view),
            7 => self.not_null(view),
            8 => self.new_default(view),
            9 => self.renamed_column(view),
            _ => self.new_index(view),
        };
        definition.map(Statement::Define)
    }

    /// `CREATE TABLE`
    pub fn new_table(&self, view: &Contents) -> Option<Definition> {
        let name = free("t", TABLES, |name| view.tables.contains_key(name))?;
        let mut table = Table::default();
        for _ in 0..=self.choose(&labels::COUNT, 3) {
            let column = self.some_column(&table)?;
            table.columns.push(column);
        }
        let mut whole = view.clone();
        for _ in 0..self.choose(&labels::COUNT, 3) {
            whole.tables.insert(name.clone(), table.clone().into());
            // Of keys of the same columns CREATE TABLE makes one.
            if let Some((suffix, rule)) = self.some_rule(&whole, &name, &table)
                && !(matches!(rule, Rule::Unique(..)) && table.rules.values().any(|known| *known == rule))
            {
                table.rules.insert(suffix, rule);
            }
        }
        Some(Definition::CreateTable(name, table))
    }

    /// A column.
    pub fn some_column(&self, table: &Table) -> Option<Column> {
        let name = free("c", COLUMNS, |name| table.place(name).is_some())?;
        let kind = [Kind::Int, Kind::Int, Kind::Text][self.choose(&labels::VARIANT, 3)];
        let not_null = self.choose(&labels::VARIANT, 6) == 5;
        let generated = self.generated(table, kind);
        let has_default = self.choose(&labels::VARIANT, 3) == 2 && generated.is_none();
        let default = if has_default { self.value(kind) } else { Value::Null };
        Some(Column { name, kind, not_null, default, generated })
    }

    /// What a column is made of, now and then: of one of the same type that is not generated itself.
    fn generated(&self, table: &Table, kind: Kind) -> Option<Expression> {
        if self.choose(&labels::VARIANT, 8) != 7 {
            return None;
        }
        let may_be = |column: &&Column| column.kind == kind && column.generated.is_none();
        let others: Vec<&Column> = table.columns.iter().filter(may_be).collect();
        let of = Expression::column(&others.get(self.choose(&labels::COLUMN, others.len()))?.name).into();
        Some(match kind {
            Kind::Int if self.choose(&labels::SHAPE, 2) == 1 => Expression::Plus(of, 1),
            Kind::Int | Kind::Text => Expression::Coalesce(of, self.value(kind)),
        })
    }

    /// A condition or an index for a table, with the name that it gets.
    pub fn some_rule(&self, view: &Contents, name: &str, table: &Table) -> Option<(String, Rule)> {
        let rule = match self.choose(&labels::DEFINITION, 6) {
            0 => self.index(table)?,
            1 => Rule::Check(self.predicate(&table.typed(), 1)),
            2 => Rule::Unique(self.some_columns(table)?, self.sameness()),
            3 => Rule::UniqueIndex(self.some_columns(table)?, self.index_filter(table)),
            _ => self.reference(view, name, table)?,
        };
        Some((Self::free_suffix(table, &rule)?, rule))
    }

    /// The name that a condition or an index gets.
    pub fn free_suffix(table: &Table, rule: &Rule) -> Option<String> {
        let prefix = if rule.is_index() { "i" } else { "c" };
        free(prefix, RULES, |suffix| table.rules.contains_key(suffix))
    }

    /// A key, or an index of one.
    pub fn some_key(&self, table: &Table) -> Option<(String, Rule)> {
        let rule = match self.choose(&labels::VARIANT, 3) {
            0 => Rule::Unique(self.some_columns(table)?, Sameness::default()),
            1 => Rule::Unique(self.some_columns(table)?, self.sameness()),
            _ => Rule::UniqueIndex(self.some_columns(table)?, self.index_filter(table)),
        };
        Some((Self::free_suffix(table, &rule)?, rule))
    }

    /// An index that demands nothing, with its name.
    pub fn some_index(&self, table: &Table) -> Option<(String, Rule)> {
        let rule = self.index(table)?;
        Some((Self::free_suffix(table, &rule)?, rule))
    }

    fn sameness(&self) -> Sameness {
        let drawn = self.choose(&labels::VARIANT, 6);
        Sameness { nulls_equal: drawn == 3 || drawn == 4, deferred: drawn >= 4 }
    }

    fn some_columns(&self, table: &Table) -> Option<Vec<String>> {
        let mut columns = Vec::new();
        for _ in 0..=self.choose(&labels::COUNT, 2) {
            let column = table.columns.get(self.choose(&labels::COLUMN, table.columns.len()))?;
            if !columns.contains(&column.name) {
                columns.push(column.name.clone());
            }
        }
        Some(columns)
    }

    /// An index that demands nothing.
    fn index(&self, table: &Table) -> Option<Rule> {
        if self.choose(&labels::VARIANT, 3) < 2 {
            return Some(Rule::Index(self.index_keys(table)?, self.index_filter(table)));
        }
        let column = table.columns.get(self.choose(&labels::COLUMN, table.columns.len()))?;
        Some(Rule::Spread(column.name.clone(), column.kind, self.index_filter(table)))
    }

    fn index_keys(&self, table: &Table) -> Option<Vec<(String, Way)>> {
        let columns = self.some_columns(table)?.into_iter();
        Some(columns.map(|column| (column, self.way())).collect())
    }

    fn index_filter(&self, table: &Table) -> Option<Expression> {
        match self.choose(&labels::VARIANT, 6) {
            4 => Some(self.predicate(&table.typed(), 0)),
            5 => {
                let how = Comparison::ALL[self.choose(&labels::SHAPE, Comparison::ALL.len())];
                let value = Expression::Value(self.value(Kind::Int));
                Some(Expression::Compare(how, self.column(&table.typed(), Kind::Int).into(), value.into()))
            }
            _ => None,
        }
    }

    /// A foreign key: to the table itself, or to one whose name comes before, so that they do not go round.
    fn reference(&self, view: &Contents, name: &str, table: &Table) -> Option<Rule> {
        // What is generated cannot be set to anything else.
        let may_refer = |column: &&Column| column.kind == Kind::Int && column.generated.is_none();
        let columns: Vec<&Column> = table.columns.iter().filter(may_refer).collect();
        let column = columns.get(self.choose(&labels::COLUMN, columns.len()))?.name.clone();
        let others: Vec<&String> = view.tables.keys().filter(|other| other.as_str() <= name).collect();
        let to = (*others.get(self.choose(&labels::TABLE, others.len()))?).clone();
        let on_delete = ACTIONS[self.choose(&labels::VARIANT, ACTIONS.len())];
        let deferred = self.choose(&labels::VARIANT, 4) == 3;
        Some(Rule::Reference { column, to, on_delete, deferred })
    }

    fn new_rule(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        let (suffix, rule) = self.some_rule(view, name, table)?;
        Some(Definition::AddRule(name.to_owned(), suffix, rule))
    }

    fn new_index(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        let suffix = free("i", RULES, |suffix| table.rules.contains_key(suffix))?;
        let rule = self.index(table)?;
        Some(Definition::AddRule(name.to_owned(), suffix, rule))
    }

    /// `ADD COLUMN`
    pub fn new_column(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        self.some_column(table).map(|column| Definition::AddColumn(name.to_owned(), column))
    }

    /// `DROP CONSTRAINT`, or `DROP INDEX`
    pub fn dropped_rule(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        let suffix = table.rules.keys().nth(self.choose(&labels::VARIANT, table.rules.len()))?;
        Some(Definition::DropRule(name.to_owned(), suffix.clone()))
    }

    /// `DROP COLUMN`
    pub fn dropped_column(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        let column = table.columns.get(self.choose(&labels::COLUMN, table.columns.len()))?;
        Some(Definition::DropColumn(name.to_owned(), column.name.clone()))
    }

    fn dropped_table(&self, view: &Contents) -> Option<Definition> {
        let (name, _) = self.table(view)?;
        Some(Definition::DropTable(name.to_owned(), self.choose(&labels::VARIANT, 3) == 2))
    }

    /// `SET NOT NULL`, or `DROP NOT NULL`
    pub fn not_null(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        let column = table.columns.get(self.choose(&labels::COLUMN, table.columns.len()))?;
        Some(Definition::SetNotNull(name.to_owned(), column.name.clone(), !column.not_null))
    }

    /// `SET DEFAULT`
    pub fn new_default(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        let place = self.choose(&labels::COLUMN, table.columns.len());
        let column = table.columns.get(place).filter(|column| column.generated.is_none())?;
        Some(Definition::SetDefault(name.to_owned(), column.name.clone(), self.value(column.kind)))
    }

    fn renamed_column(&self, view: &Contents) -> Option<Definition> {
        let (name, table) = self.table(view)?;
        let column = table.columns.get(self.choose(&labels::COLUMN, table.columns.len()))?;
        let to = free("c", COLUMNS, |name| table.place(name).is_some())?;
        Some(Definition::RenameColumn(name.to_owned(), column.name.clone(), to))
    }
}
