//! Everything that a database holds, against what it must hold: definitions, rows, constraints, indexes.
//!
//! Rows are compared with the model, which then has been held against the constraints itself; beside that the database is
//! asked by SQL for rows that its constraints exclude, and every index is read both as the executor does and as the store
//! does, entry by entry.

use crate::model::contents::Contents;
use crate::model::table::{Column, KEY, Rule, Table};
use crate::model::{MARKS, Marks};
use crate::subject::SqlDatabase;
use crate::talk::{Refused, Talk};
use crate::value::{Kind, Shown, Value};
use catalog::{Object, Scope, Snapshot};
use std::collections::BTreeMap;
use store::{Begin, Isolation, MAIN_DATABASE, TreeId};
use torture::engine::refusal;
use torture::oracle::Trouble;
use torture::promise::{Failure, Promise};
use torture::subject::{Refusal, RefusalKind};

fn broken(promise: Promise, detail: String) -> Trouble {
    Trouble::Broken(Failure::new(promise, detail))
}

/// A statement that a judge needs was refused.
fn trouble(refused: &Refused, text: &str) -> Trouble {
    let detail = format!("{} {}: {text}", refused.state(), refused.report.message);
    match &refused.store {
        Some(error) if refusal(error).kind != RefusalKind::Other => {
            let of_store = refusal(error);
            Trouble::Refused(Refusal { text: detail, ..of_store })
        }
        _ => broken(Promise::ErrorsAreJust, detail),
    }
}

fn ask(talk: &mut Talk, text: &str) -> Result<Vec<Shown>, Trouble> {
    talk.ask(text).map(|answer| answer.rows).map_err(|refused| trouble(&refused, text))
}

/// Begins the transaction in which everything is looked at; which transactions the database shows. Before the set-up there is
/// nothing to show any.
///
/// # Errors
/// When they cannot be read.
pub fn marks(talk: &mut Talk) -> Result<Marks, Trouble> {
    ask(talk, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    if scope(talk)?.look_for_relation(None, MARKS).is_none() {
        return Ok(Marks::new());
    }
    let rows = ask(talk, &format!("SELECT client, serial FROM {MARKS}"))?;
    let number = |value: &Option<String>| value.as_deref().and_then(|text| text.parse::<u32>().ok());
    let mark = |row: &Shown| match row.as_slice() {
        [client, serial] => Some((u8::try_from(number(client)?).ok()?, number(serial)?)),
        _ => None,
    };
    Ok(rows.iter().filter_map(mark).collect())
}

/// Compares everything, in the transaction that [`marks`] began; how many rows there are.
///
/// # Errors
/// The first difference, or what kept something from being read.
pub fn compare(talk: &mut Talk, sql: &SqlDatabase, expected: &Contents) -> Result<u64, Trouble> {
    let snapshot = scope(talk)?.snapshot().clone();
    let mut found = Contents::default();
    for table in snapshot.objects().filter_map(table_of).filter(|table| table.name != MARKS) {
        let declared = expected.tables.get(&table.name).map(|table| (**table).clone()).unwrap_or_default();
        let mut now = read_declaration(&snapshot, table, &declared);
        read_rows(talk, &table.name, &mut now)?;
        found.tables.insert(table.name.clone(), now.into());
    }
    if let Some(difference) = expected.difference(&found) {
        return Err(broken(Promise::CommitIsAtomic, difference));
    }
    if let Some(state) = found.violations(true).first() {
        let detail = format!("the rows that are there break a constraint ({state})");
        return Err(broken(Promise::ConstraintsHold, detail));
    }
    for (name, table) in &found.tables {
        for (suffix, rule) in &table.rules {
            hold_rule(talk, (name, table), suffix, rule)?;
        }
        walk_indexes(talk, sql, name, table)?;
    }
    ask(talk, "COMMIT")?;
    Ok(found.tables.values().map(|table| table.rows.len() as u64).sum())
}

fn table_of(object: &Object) -> Option<&catalog::object::Table> {
    if let Object::Table(table) = object { Some(table) } else { None }
}

/// What the names mean in the session's transaction.
fn scope(talk: &mut Talk) -> Result<Scope, Trouble> {
    talk.session().catalog_scope().map_err(|error| match error.store_failure() {
        Some(failure) => Trouble::Refused(refusal(failure.error())),
        None => broken(Promise::ErrorsAreJust, error.to_string()),
    })
}

/// A table as the catalog has it; what of its declaration is not asked for is as it was declared.
fn read_declaration(snapshot: &Snapshot, found: &catalog::object::Table, declared: &Table) -> Table {
    let mut table = Table::default();
    for (_, column) in found.live_columns().filter(|(_, column)| column.name != KEY) {
        let kind = if column.type_oid == types::catalog::oid::INT4 { Kind::Int } else { Kind::Text };
        let known = declared.columns.iter().find(|known| known.name == column.name);
        let default = known.map_or(Value::Null, |column| column.default.clone());
        let generated = known.and_then(|column| column.generated.clone());
        let (name, not_null) = (column.name.clone(), column.not_null);
        table.columns.push(Column { name, kind, not_null, default, generated });
    }
    let constraints = snapshot.constraints_of(found.oid).map(|constraint| &constraint.name);
    let indexes = snapshot.indexes_of(found.oid).map(|index| &index.name);
    let key = format!("{}_pkey", found.name);
    for rule in constraints.chain(indexes).filter(|name| **name != key) {
        let suffix = rule.strip_prefix(&format!("{}_", found.name)).unwrap_or(rule).to_owned();
        let rule = declared.rules.get(&suffix).cloned().unwrap_or(Rule::Index(Vec::new(), None));
        table.rules.insert(suffix, rule);
    }
    table
}

fn read_rows(talk: &mut Talk, name: &str, table: &mut Table) -> Result<(), Trouble> {
    let names = table.names().join(", ");
    let rows = ask(talk, &format!("SELECT {names} FROM {name} ORDER BY {KEY}"))?;
    for shown in &rows {
        let row = table.read(shown);
        let unread = || broken(Promise::CommitIsAtomic, format!("table {name} shows {shown:?}"));
        let (key, row) = row.ok_or_else(unread)?;
        if table.rows.insert(key, row).is_some() {
            return Err(broken(Promise::ConstraintsHold, format!("table {name} has {KEY} = {key} twice")));
        }
    }
    Ok(())
}

/// Asks for rows that a rule excludes, or reads the index that it is.
fn hold_rule(
    talk: &mut Talk,
    (name, table): (&str, &Table),
    suffix: &str,
    rule: &Rule,
) -> Result<(), Trouble> {
    let filter = |predicate: &Option<crate::expression::Expression>| {
        predicate.as_ref().map_or(String::new(), |predicate| format!(" WHERE {}", predicate.sql("")))
    };
    let excluded = match rule {
        Rule::Check(condition) => format!("SELECT {KEY} FROM {name} WHERE NOT {}", condition.sql("")),
        Rule::Unique(columns, sameness) => {
            let known = if sameness.nulls_equal { "true".to_owned() } else { known(columns) };
            let columns = columns.join(", ");
            format!("SELECT 1 FROM {name} WHERE {known} GROUP BY {columns} HAVING count(*) > 1")
        }
        Rule::UniqueIndex(columns, predicate) => {
            let (all, known) = (columns.join(", "), known(columns));
            let predicate = predicate.as_ref().map_or("true".to_owned(), |predicate| predicate.sql(""));
            format!("SELECT 1 FROM {name} WHERE {known} AND {predicate} GROUP BY {all} HAVING count(*) > 1")
        }
        Rule::Reference { column, to, .. } => format!(
            "SELECT 1 FROM {name} r LEFT JOIN {to} p ON r.{column} = p.{KEY} \
             WHERE r.{column} IS NOT NULL AND p.{KEY} IS NULL"
        ),
        Rule::Index(keys, predicate) => {
            let order: Vec<String> =
                keys.iter().map(|(column, way)| format!("{column}{}", way.sql())).collect();
            let names = table.names().join(", ");
            let text =
                format!("SELECT {names} FROM {name}{} ORDER BY {}", filter(predicate), order.join(", "));
            return hold_index(talk, (name, table), suffix, (&text, predicate.as_ref(), None));
        }
        Rule::Spread(column, kind, predicate) => {
            let (asked, not_null) = match kind {
                Kind::Text => (format!("{column} ~>=~ ''"), table.place(column)),
                Kind::Int => (format!("{} && int8range(NULL, NULL)", Rule::spread_range(column)), None),
            };
            let names = table.names().join(", ");
            let also =
                predicate.as_ref().map_or(String::new(), |predicate| format!(" AND {}", predicate.sql("")));
            let text = format!("SELECT {names} FROM {name} WHERE {asked}{also}");
            return hold_index(talk, (name, table), suffix, (&text, predicate.as_ref(), not_null));
        }
    };
    let rows = ask(talk, &excluded)?;
    if rows.is_empty() {
        return Ok(());
    }
    Err(broken(Promise::ConstraintsHold, format!("{} rows break {name}_{suffix}: {excluded}", rows.len())))
}

/// Reads rows by an index: all that it has, of which those are left out that are null at a place.
fn hold_index(
    talk: &mut Talk,
    (name, table): (&str, &Table),
    suffix: &str,
    (text, predicate, not_null): (&str, Option<&crate::expression::Expression>, Option<usize>),
) -> Result<(), Trouble> {
    ask(talk, "SAVEPOINT forced; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")?;
    let mut rows = ask(talk, text)?;
    ask(talk, "ROLLBACK TO forced")?;
    let passing = table.rows.iter().filter(|(key, row)| table.passes(predicate, **key, row));
    let told = passing.filter(|(_, row)| {
        not_null.and_then(|place| row.get(place)).is_none_or(|value| *value != Value::Null)
    });
    let mut wanted: Vec<Shown> = told.map(|(key, row)| table.shown(*key, row)).collect();
    rows.sort();
    wanted.sort();
    if rows != wanted {
        let (wanted, found) = (crate::value::describe(&wanted), crate::value::describe(&rows));
        let detail = format!("index {name}_{suffix}: expected {wanted}, found {found}: {text}");
        return Err(broken(Promise::IndexesMatchTables, detail));
    }
    Ok(())
}

fn known(columns: &[String]) -> String {
    columns.iter().map(|column| format!("{column} IS NOT NULL")).collect::<Vec<_>>().join(" AND ")
}

/// Counts the entries of every index in the store.
fn walk_indexes(talk: &mut Talk, sql: &SqlDatabase, name: &str, table: &Table) -> Result<(), Trouble> {
    let scope = scope(talk)?;
    let Some(relation) = scope.look_for_relation(None, name) else { return Ok(()) };
    let indexes = scope.snapshot().indexes_of(relation.oid());
    let begin = Begin {
        isolation: Isolation::RepeatableRead,
        read_only: true,
        declared_read_only: true,
        deferrable: false,
        database: MAIN_DATABASE,
        wait: store::locks::WaitPolicy::Wait { limit: None },
    };
    let refused = |error: store::StoreError| Trouble::Refused(refusal(&error));
    let mut transaction = sql.store().begin(begin).map_err(refused)?;
    let predicates: BTreeMap<String, Option<crate::expression::Expression>> = table
        .rules
        .iter()
        .map(|(suffix, rule)| {
            let predicate = match rule {
                Rule::Index(_, predicate)
                | Rule::UniqueIndex(_, predicate)
                | Rule::Spread(_, _, predicate) => predicate.clone(),
                Rule::Check(_) | Rule::Unique(..) | Rule::Reference { .. } => None,
            };
            (format!("{name}_{suffix}"), predicate)
        })
        .collect();
    for index in indexes {
        let (index, tree) = (&index.name, index.tree);
        let predicate = predicates.get(index).cloned().flatten();
        let passing = table.rows.iter().filter(|(key, row)| table.passes(predicate.as_ref(), **key, row));
        let (wanted, found) = (passing.count() as u64, transaction.count(TreeId(tree)).map_err(refused)?);
        if wanted != found {
            let detail = format!("index {index} has {found} entries for {wanted} rows");
            return Err(broken(Promise::IndexesMatchTables, detail));
        }
    }
    Ok(())
}
