//! Snapshots: what they show, that they are made anew exactly when they must be, and that all ways to make one agree.

use super::support::{World, column, table, view};
use catalog::object::*;
use catalog::{Address, CatalogError, Relation, Scope};
use std::sync::Arc;
use types::Types;
use types::catalog::{Form, oid};

#[test]
fn a_new_database_has_its_schemas_and_roles() {
    let world = World::new();
    let mut catalog = world.session();
    let scope = world.see(&mut catalog, &mut world.begin());
    assert_eq!(scope.find_schema("public").unwrap(), PUBLIC);
    assert_eq!(scope.find_schema("pg_catalog").unwrap(), PG_CATALOG);
    assert_eq!(scope.find_role("postgres").unwrap(), SUPERUSER);
    assert_eq!(scope.database_named("postgres"), Some(5));
    assert_eq!(scope.find_type(None, "int4").unwrap(), oid::INT4);
    let message = |error: CatalogError| error.to_string();
    assert_eq!(message(scope.find_relation(None, "t").unwrap_err()), "relation \"t\" does not exist");
    assert_eq!(message(scope.find_relation(Some("s"), "t").unwrap_err()), "schema \"s\" does not exist");
    assert_eq!(message(scope.find_type(Some("s"), "t").unwrap_err()), "schema \"s\" does not exist");
    assert_eq!(message(scope.find_type(None, "t").unwrap_err()), "type \"t\" does not exist");
}

#[test]
fn without_changes_the_snapshot_is_the_same() {
    let world = World::new();
    let (mut one, mut two) = (world.session(), world.session());
    let mut transaction = world.begin();
    let first = world.see(&mut one, &mut transaction);
    let other = world.see(&mut two, &mut world.begin());
    assert!(Arc::ptr_eq(first.snapshot(), other.snapshot()));
    // What others commit does not concern the catalog unless it is the catalog's.
    let mut writer = world.begin();
    writer.create_tree(true).unwrap();
    writer.commit().unwrap();
    transaction.refresh().unwrap();
    assert!(Arc::ptr_eq(first.snapshot(), world.see(&mut one, &mut transaction).snapshot()));
}

#[test]
fn a_table_is_found_with_its_types() {
    let world = World::new();
    let mut catalog = world.session();
    let mut transaction = world.begin();
    let columns = vec![column("a", oid::INT4), column("b", oid::TEXT)];
    let made = table(&world, &catalog, &mut transaction, "t", columns).unwrap();
    let scope = world.see(&mut catalog, &mut transaction);
    let Relation::Table(found) = scope.find_relation(None, "t").unwrap() else { panic!("a table") };
    assert_eq!(*found, made);
    assert_eq!(found.column("b").unwrap().0, 1);
    assert_eq!(scope.find_type(None, "t").unwrap(), made.row_type);
    assert_eq!(scope.find_type(None, "_t").unwrap(), made.array_type);
    let entry = scope.entry(made.row_type).unwrap();
    assert_eq!((entry.form, entry.array, entry.displayed), (Form::Composite, made.array_type, "t"));
    assert_eq!(scope.columns(made.row_type).unwrap().len(), 2);
    // Nobody else sees it before the commit.
    let mut other = world.session();
    let mut reader = world.begin();
    assert!(world.see(&mut other, &mut reader).find_relation(None, "t").is_err());
    transaction.commit().unwrap();
    catalog.end_transaction();
    assert!(world.see(&mut other, &mut reader).find_relation(None, "t").is_err());
    reader.refresh().unwrap();
    assert!(world.see(&mut other, &mut reader).find_relation(None, "t").is_ok());
}

/// All that names lead to, as text.
fn told(scope: &Scope) -> String {
    let mut text = String::new();
    for object in scope.objects().chain(scope.shared_objects()) {
        text += &format!("{object:?}\n");
    }
    for made in scope.made_types() {
        let found = scope.type_in(made.schema, &made.name);
        text += &format!("{made:?} {found:?}\n");
    }
    text
}

#[test]
fn every_way_to_a_snapshot_shows_the_same() {
    let world = World::new();
    let mut catalog = world.session();
    let mut transaction = world.begin();
    world.see(&mut catalog, &mut transaction);
    let a = table(&world, &catalog, &mut transaction, "a", vec![column("x", oid::INT8)]).unwrap();
    world.see(&mut catalog, &mut transaction);
    let savepoint = transaction.savepoint().unwrap();
    let v = view(&world, &catalog, &mut transaction, "v", &[]).unwrap();
    let with_view = world.see(&mut catalog, &mut transaction);
    assert!(with_view.view(v.oid).is_some());
    transaction.rollback_to(savepoint).unwrap();
    let without = world.see(&mut catalog, &mut transaction);
    assert!(without.view(v.oid).is_none());
    assert!(without.look_for_relation(None, "v").is_none());
    // Two tables change their names.
    let b = table(&world, &catalog, &mut transaction, "b", Vec::new()).unwrap();
    for (oid, name) in [(a.oid, "c"), (b.oid, "a"), (a.oid, "b")] {
        let rename = |object: &mut Object| {
            if let Object::Table(table) = object {
                Arc::make_mut(table).name = name.into();
            }
            Ok::<_, CatalogError>(())
        };
        catalog.alter(&mut transaction, oid, rename).unwrap();
    }
    catalog.comment(&mut transaction, class::RELATION, Address::of(a.oid), Some("words")).unwrap();
    let swapped = world.see(&mut catalog, &mut transaction);
    assert_eq!(swapped.find_relation(None, "a").unwrap().oid(), b.oid);
    assert_eq!(swapped.find_relation(None, "b").unwrap().oid(), a.oid);
    assert_eq!(swapped.find_type(None, "b").unwrap(), a.row_type);
    assert_eq!(&**swapped.comment(class::RELATION, Address::of(a.oid)).unwrap(), "words");
    transaction.commit().unwrap();
    catalog.end_transaction();
    let committed = world.see(&mut catalog, &mut world.begin());
    assert_eq!(told(&committed), told(&swapped));
    assert_eq!(told(&committed), told(&world.reload()));
}

#[test]
fn two_sessions_cannot_make_one_name() {
    let world = World::new();
    let catalog = world.session();
    let mut transaction = world.begin();
    table(&world, &catalog, &mut transaction, "t", Vec::new()).unwrap();
    let error = view(&world, &catalog, &mut transaction, "t", &[]).unwrap_err();
    assert_eq!(error.to_string(), "relation \"t\" already exists");
    transaction.commit().unwrap();
    let mut other = world.begin();
    let error = table(&world, &catalog, &mut other, "t", Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "relation \"t\" already exists");
}
