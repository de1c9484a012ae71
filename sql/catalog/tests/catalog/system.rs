//! Rows of `pg_catalog` and `information_schema`.

use super::support::*;
use catalog::object::*;
use catalog::{
    Address, CatalogError, CatalogResult, DependencyKind, MAIN_DATABASE_OID, Scope, SessionRows,
    SystemContext, SystemTable, system_rows,
};
use std::sync::Arc;
use types::catalog::oid;
use types::text::{TextSettings, output};
use types::value::{Item, Value};

struct Quiet;

impl SessionRows for Quiet {
    fn rows(
        &self,
        _: &SystemTable,
        _: &mut dyn FnMut(&[Item<'_>]) -> CatalogResult<()>,
    ) -> CatalogResult<()> {
        Ok(())
    }

    fn last_value(&self, sequence: &Sequence) -> CatalogResult<Option<i64>> {
        Ok(Some(sequence.start))
    }
}

/// Rows of a table as text, the columns separated by `|`, sorted.
fn rows(scope: &Scope, table: &str, columns: &[&str]) -> Vec<String> {
    let (schema, name) = table.split_once('.').unwrap_or(("pg_catalog", table));
    let oid = scope.find_relation(Some(schema), name).unwrap().oid();
    let table = scope.system_table(oid).unwrap();
    let place = |column: &&str| table.columns.iter().position(|known| known.name == *column).unwrap() as u16;
    let wanted: Vec<u16> = columns.iter().map(place).collect();
    let settings = TextSettings::default();
    let context = SystemContext {
        scope,
        database: MAIN_DATABASE_OID,
        user: SUPERUSER,
        settings: &settings,
        view: None,
        session: &Quiet,
    };
    let chunk = system_rows(table, &wanted, &context).unwrap();
    let mut lines = Vec::new();
    for row in 0..chunk.rows() {
        let mut line = Vec::new();
        for (column, place) in chunk.columns().iter().zip(&wanted) {
            let mut text = String::new();
            let item = column.item(row);
            if !item.is_null() {
                let of = table.columns[usize::from(*place)].column_type();
                if output(scope, of, &item, &settings, &mut text).is_err() {
                    // Names of functions and types are the session's to find.
                    text = format!("{item:?}");
                }
            }
            line.push(text);
        }
        lines.push(line.join("|"));
    }
    lines
}

fn all_columns(scope: &Scope, table: &SystemTable) -> Vec<String> {
    let schema = if table.schema == PG_CATALOG { "pg_catalog" } else { "information_schema" };
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    rows(scope, &format!("{schema}.{}", table.name), &columns)
}

/// A bit of everything.
fn populate(world: &World) -> Scope {
    let mut catalog = world.session();
    let mut tx = world.begin();
    let public = (Address::of(PUBLIC), DependencyKind::Normal);
    let mut id = column("id", oid::INT4);
    id.not_null = true;
    let mut name = column("Name", oid::VARCHAR);
    name.modifier = 14;
    name.collation = 100;
    name.source = Source::Default(Expression { oid: 99999, text: "'x'::character varying".into() });
    let made = table(world, &catalog, &mut tx, "t", vec![id, name]).unwrap();
    let tree = tx.create_tree(false).unwrap().0;
    let key = make(world, &catalog, &mut tx, &[], index(made.oid, "t_pkey", tree, 0));
    let rule = Rule::PrimaryKey(key);
    make(world, &catalog, &mut tx, &[], constraint(made.oid, "t_pkey", &[0], rule));
    let check = Rule::Check("(id > 0)".into());
    make(world, &catalog, &mut tx, &[], constraint(made.oid, "t_id_check", &[0], check));
    let other = table(world, &catalog, &mut tx, "u", vec![column("t", oid::INT4)]).unwrap();
    let rule = Rule::ForeignKey {
        table: made.oid,
        columns: vec![0],
        index: key,
        matching: Match::Simple,
        on_update: Action::NoAction,
        on_delete: Action::SetNull,
        set_columns: Vec::new(),
        triggers: KeyTriggers::new(900_000),
    };
    make(world, &catalog, &mut tx, &[], constraint(other.oid, "u_t_fkey", &[0], rule));
    view(world, &catalog, &mut tx, "v", &[(Address::column(made.oid, 0), DependencyKind::Normal)]).unwrap();
    let array = catalog.new_oids(&world.store, 1).unwrap();
    make(world, &catalog, &mut tx, &[public], enumeration("mood", array));
    make(world, &catalog, &mut tx, &[public], function("f", &[oid::INT4, oid::TEXT]));
    let tree = tx.create_tree(false).unwrap().0;
    make(world, &catalog, &mut tx, &[public], sequence("s", tree, None));
    catalog.comment(&mut tx, class::RELATION, Address::of(made.oid), Some("a table")).unwrap();
    let statistics = ColumnStatistics {
        null_fraction: 0.25,
        average_width: 4,
        distinct: -0.5,
        most_common: vec![(Datum(Value::Int32(7)), 0.5)],
        histogram: vec![Datum(Value::Int32(1)), Datum(Value::Int32(9))],
        correlation: Some(1.0),
    };
    catalog.set_column_statistics(&mut tx, made.oid, 0, Some(&statistics)).unwrap();
    let whole = TableStatistics { rows: 12.0, pages: 1 };
    catalog.set_table_statistics(&mut tx, made.oid, Some(&whole)).unwrap();
    let grants = |object: &mut Object| {
        let Object::Table(table) = object else { panic!("a table") };
        let mut grants = catalog::privilege::default_grants(SUPERUSER, Privileges::TABLE, Privileges::NONE);
        catalog::privilege::grant(&mut grants, 0, SUPERUSER, Privileges::SELECT, false);
        Arc::make_mut(table).acl = Some(grants);
        Ok::<_, CatalogError>(())
    };
    catalog.alter(&mut tx, made.oid, grants).unwrap();
    world.see(&mut catalog, &mut tx)
}

#[test]
fn every_relation_gives_its_rows() {
    let world = World::new();
    let scope = populate(&world);
    let mut filled = 0;
    for table in scope.system_tables() {
        // A value of another kind than its column's stops a debug build.
        filled += usize::from(!all_columns(&scope, table).is_empty());
        for column in &table.columns {
            let known = types::Types::entry(&scope, column.type_oid);
            assert!(known.is_some_and(|entry| entry.kind.is_some()), "{}.{}", table.name, column.name);
        }
    }
    assert!(filled > 45, "{filled}");
}

#[test]
fn types_are_listed_as_postgres_lists_them() {
    let world = World::new();
    let scope = populate(&world);
    let columns = [
        "oid",
        "typname",
        "typlen",
        "typbyval",
        "typtype",
        "typcategory",
        "typispreferred",
        "typdelim",
        "typrelid",
        "typelem",
        "typarray",
        "typalign",
        "typstorage",
        "typbasetype",
        "typtypmod",
        "typcollation",
    ];
    let mut found = rows(&scope, "pg_type", &columns);
    found.sort_by_key(|line| line.split('|').next().unwrap().parse::<u32>().unwrap());
    let mut differing = Vec::new();
    for expected in include_str!("../data/pg_type.txt").lines() {
        let prefix = format!("{}|", expected.split('|').next().unwrap());
        let found = found.iter().find(|line| line.starts_with(&prefix));
        if found.is_none_or(|found| found != expected) {
            differing.push(format!("{expected}\n{}\n", found.map_or("", String::as_str)));
        }
    }
    assert!(differing.is_empty(), "{}", differing.concat());
}

#[test]
fn what_users_make_is_listed() {
    let world = World::new();
    let scope = populate(&world);
    let t = scope.find_relation(None, "t").unwrap().oid();
    let of_user = |table: &str, columns: &[&str], has: &str| {
        rows(&scope, table, columns).into_iter().filter(|line| line.starts_with(has)).collect::<Vec<_>>()
    };
    let columns = [
        "relname",
        "relkind",
        "relam",
        "relnatts",
        "relchecks",
        "relhasindex",
        "relhastriggers",
        "reltuples",
        "relpages",
        "relacl",
    ];
    assert_eq!(
        of_user("pg_class", &columns, "t|r|"),
        ["t|r|2|2|1|t|t|12|1|{postgres=arwdDxt/postgres,=r/postgres}"]
    );
    assert_eq!(of_user("pg_class", &["relname", "relkind", "relam"], "t_pkey"), ["t_pkey|i|403"]);
    let columns = ["attrelid", "attname", "atttypid", "attnum", "atttypmod", "attnotnull", "atthasdef"];
    assert_eq!(
        of_user("pg_attribute", &columns, &format!("{t}|"))[..2],
        [format!("{t}|id|23|1|-1|t|f"), format!("{t}|Name|1043|2|14|f|t")]
    );
    let columns = ["indnatts", "indisunique", "indkey", "indclass", "indoption"];
    assert_eq!(rows(&scope, "pg_index", &columns), ["1|t|1|1978|0"]);
    let columns = ["conname", "contype", "conkey", "confkey", "confdeltype", "connoinherit"];
    assert_eq!(
        rows(&scope, "pg_constraint", &columns)[2..],
        ["t_pkey|p|{1}|| |t", "t_id_check|c|{1}|| |f", "u_t_fkey|f|{1}|{1}|n|t",]
    );
    let columns = ["proname", "proargtypes", "prorettype", "prokind", "prolang"];
    assert_eq!(of_user("pg_proc", &columns, "f|23 25"), ["f|23 25|23|f|14"]);
    assert_eq!(of_user("pg_enum", &["enumlabel", "enumsortorder"], "a"), ["a|1"]);
    assert_eq!(of_user("pg_description", &["objsubid", "description"], "0|a table"), ["0|a table"]);
    assert_eq!(
        rows(&scope, "pg_indexes", &["indexdef"]),
        ["CREATE UNIQUE INDEX t_pkey ON public.t USING btree (id)"]
    );
    assert_eq!(
        rows(&scope, "pg_stats", &["tablename", "attname", "most_common_vals", "histogram_bounds"]),
        ["t|id|{7}|{1,9}"]
    );
    assert_eq!(rows(&scope, "pg_database", &["datname", "datcollate"]), ["postgres|C.UTF-8"]);
    assert_eq!(of_user("pg_roles", &["rolname", "rolsuper", "rolcanlogin"], "postgres"), ["postgres|t|t"]);
}

#[test]
fn constraints_are_told_as_sql() {
    let world = World::new();
    let scope = populate(&world);
    let mut told = Vec::new();
    for name in ["t", "u"] {
        let of = scope.find_relation(None, name).unwrap().oid();
        told.extend(scope.constraints_of(of).map(|found| scope.constraint_definition(found)));
    }
    assert_eq!(
        told,
        ["PRIMARY KEY (id)", "CHECK ((id > 0))", "FOREIGN KEY (t) REFERENCES t(id) ON DELETE SET NULL",]
    );
}

#[test]
fn the_standards_views_describe_columns() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let kinds = [
        ("a", oid::VARCHAR, 14),
        ("b", oid::NUMERIC, (5 << 16 | 2) + 4),
        ("c", oid::TIMESTAMP, 3),
        ("d", oid::INTERVAL, (1 << 3 | 1 << 10 | 1 << 11 | 1 << 12) << 16 | 2),
        ("e", oid::BPCHAR, 7),
        ("f", oid::BIT, 3),
        ("g", oid::FLOAT4, -1),
        ("h", oid::INT8, -1),
        ("i", oid::DATE, -1),
        ("j", 1009, -1),
        ("k", oid::NUMERIC, -1),
        ("l", oid::TEXT, -1),
    ];
    let columns = kinds.map(|(name, of, modifier)| {
        let mut made = column(name, of);
        made.modifier = modifier;
        made
    });
    table(&world, &catalog, &mut tx, "kinds", columns.to_vec()).unwrap();
    let scope = world.see(&mut catalog, &mut tx);
    let columns = [
        "table_name",
        "column_name",
        "data_type",
        "character_maximum_length",
        "character_octet_length",
        "numeric_precision",
        "numeric_precision_radix",
        "numeric_scale",
        "datetime_precision",
        "interval_type",
        "udt_name",
        "dtd_identifier",
        "is_generated",
    ];
    let found = rows(&scope, "information_schema.columns", &columns);
    let found: Vec<_> = found.iter().filter_map(|line| line.strip_prefix("kinds|")).collect();
    assert_eq!(
        found,
        [
            "a|character varying|10|40||||||varchar|1|NEVER",
            "b|numeric|||5|10|2|||numeric|2|NEVER",
            "c|timestamp without time zone||||||3||timestamp|3|NEVER",
            "d|interval||||||2|DAY TO SECOND(2)|interval|4|NEVER",
            "e|character|3|12||||||bpchar|5|NEVER",
            "f|bit|3|||||||bit|6|NEVER",
            "g|real|||24|2||||float4|7|NEVER",
            "h|bigint|||64|2|0|||int8|8|NEVER",
            "i|date||||||0||date|9|NEVER",
            "j|ARRAY||||||||_text|10|NEVER",
            "k|numeric||||10||||numeric|11|NEVER",
            "l|text||1073741824||||||text|12|NEVER",
        ]
    );
}
