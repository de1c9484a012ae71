//! Several sessions, failing statements, several databases.

use super::support::*;
use catalog::object::*;
use catalog::{Address, CatalogError, FirstNames, Scope, Snapshot};
use diagnostic::Diagnostic;
use std::sync::Arc;
use std::time::Duration;
use store::locks::{RelationMode, WaitPolicy};
use store::{MAIN_DATABASE, TreeId};
use types::catalog::oid;

/// Whoever makes a name waits for another who makes it, and fails or succeeds by what becomes of that one.
#[test]
#[allow(clippy::disallowed_methods)] // a test: a real thread waits for a real lock
fn a_name_that_is_being_made_is_waited_for() {
    for commits in [true, false] {
        let world = Arc::new(World::new());
        let catalog = world.session();
        let mut first = world.begin();
        table(&world, &catalog, &mut first, "t", Vec::new()).unwrap();
        let other = world.clone();
        let waiting = std::thread::spawn(move || {
            let catalog = other.session();
            let mut second = other.begin();
            let made = table(&other, &catalog, &mut second, "t", Vec::new());
            second.commit().unwrap();
            made.map_err(|error| error.to_string())
        });
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished());
        if commits {
            first.commit().unwrap();
        } else {
            first.rollback();
        }
        match waiting.join().unwrap() {
            Ok(_) => assert!(!commits),
            Err(message) => {
                assert!(commits);
                assert_eq!(message, "relation \"t\" already exists");
            }
        }
        assert!(world.reload().look_for_relation(None, "t").is_some());
    }
}

#[test]
fn waiting_for_a_name_ends_with_the_transactions_patience() {
    let world = World::new();
    let catalog = world.session();
    let mut first = world.begin();
    table(&world, &catalog, &mut first, "t", Vec::new()).unwrap();
    let mut second = world.begin();
    second.set_wait(WaitPolicy::NoWait);
    let error = table(&world, &catalog, &mut second, "t", Vec::new()).unwrap_err();
    assert!(matches!(error, CatalogError::Store(_)), "{error}");
}

#[test]
fn a_statement_that_fails_leaves_nothing() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    table(&world, &catalog, &mut tx, "a", vec![column("x", oid::INT4)]).unwrap();
    let before = world.see(&mut catalog, &mut tx);
    tx.begin_statement();
    table(&world, &catalog, &mut tx, "b", Vec::new()).unwrap();
    assert!(table(&world, &catalog, &mut tx, "a", Vec::new()).is_err());
    tx.undo_statement().unwrap();
    let after = world.see(&mut catalog, &mut tx);
    assert!(after.look_for_relation(None, "b").is_none());
    assert_eq!(before.objects().count(), after.objects().count());
    // The name is free again.
    table(&world, &catalog, &mut tx, "b", Vec::new()).unwrap();
    tx.commit().unwrap();
    assert!(world.reload().look_for_relation(None, "b").is_some());
}

#[test]
fn who_has_locked_a_relation_sees_that_it_changed() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let made = table(&world, &catalog, &mut tx, "t", vec![column("x", oid::INT4)]).unwrap();
    tx.commit().unwrap();
    catalog.end_transaction();
    let mut reader = world.begin();
    let scope = world.see(&mut catalog, &mut reader);
    let mut writer = world.begin();
    let tree = writer.create_tree(false).unwrap().0;
    make(&world, &catalog, &mut writer, &[], index(made.oid, "i", tree, 0));
    writer.commit().unwrap();
    reader.lock_tree(TreeId(made.lock), RelationMode::AccessShare, WaitPolicy::FOREVER).unwrap();
    assert!(!catalog.is_current(&mut reader, &scope, made.oid).unwrap());
    reader.refresh().unwrap();
    let newer = world.see(&mut catalog, &mut reader);
    assert!(catalog.is_current(&mut reader, &newer, made.oid).unwrap());
    assert!(catalog.is_current(&mut reader, &newer, class::RELATION).unwrap());
    assert_eq!(newer.indexes_of(made.oid).count(), 1);
}

#[test]
fn an_older_snapshot_is_still_made() {
    let world = World::new();
    let (mut one, mut two) = (world.session(), world.session());
    let begin = store::Begin { isolation: store::Isolation::RepeatableRead, ..store::Begin::default() };
    let mut old = world.store.begin(begin).unwrap();
    old.view().unwrap();
    let mut writer = world.begin();
    let made = table(&world, &one, &mut writer, "t", Vec::new()).unwrap();
    writer.commit().unwrap();
    assert!(world.see(&mut one, &mut world.begin()).table(made.oid).is_some());
    let scope = world.see(&mut two, &mut old);
    assert!(scope.table(made.oid).is_none());
    assert!(Arc::ptr_eq(scope.snapshot(), world.see(&mut two, &mut old).snapshot()));
    // The shared snapshot has not gone back.
    assert!(world.see(&mut one, &mut world.begin()).table(made.oid).is_some());
}

fn role(name: &str) -> impl FnOnce(Oid) -> Object {
    move |oid| {
        Object::Role(Arc::new(Role {
            oid,
            name: name.into(),
            superuser: false,
            inherit: true,
            create_role: false,
            create_database: false,
            can_login: true,
            replication: false,
            bypass_row_security: false,
            connection_limit: -1,
            password: None,
            valid_until: None,
            member_of: Vec::new(),
        }))
    }
}

#[test]
fn databases_share_roles_and_nothing_else() {
    let world = World::new();
    let mut main = world.session();
    let mut tx = world.begin();
    table(&world, &main, &mut tx, "t", Vec::new()).unwrap();
    tx.commit().unwrap();
    let branch = world.store.create_database_from(MAIN_DATABASE).unwrap();
    let mut catalog = world.catalogs.open(&world.store, branch, FirstNames::default()).unwrap();
    let mut tx = world.begin();
    let made = make(&world, &main, &mut tx, &[], role("ada"));
    table(&world, &main, &mut tx, "u", Vec::new()).unwrap();
    tx.commit().unwrap();
    let view = world.store.view(branch).unwrap();
    let snapshot = catalog.snapshot(&world.store, &view).unwrap();
    let there = scope(snapshot.clone());
    assert!(there.look_for_relation(None, "t").is_some());
    assert!(there.look_for_relation(None, "u").is_none());
    assert_eq!(there.find_role("ada").unwrap(), made);
    assert!(Arc::ptr_eq(&snapshot, &catalog.snapshot(&world.store, &view).unwrap()));
    let here = world.see(&mut main, &mut world.begin());
    assert!(here.look_for_relation(None, "u").is_some());
}

#[test]
fn a_role_that_is_used_is_not_dropped() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let ada = make(&world, &catalog, &mut tx, &[], role("ada"));
    let grace = make(&world, &catalog, &mut tx, &[], role("grace"));
    let owned = table(&world, &catalog, &mut tx, "owned", vec![column("a", oid::INT4)]).unwrap();
    let change = |object: &mut Object| {
        let Object::Table(table) = object else { panic!("a table") };
        let table = Arc::make_mut(table);
        table.owner = ada;
        let mut grants = Vec::new();
        catalog::privilege::grant(&mut grants, grace, ada, Privileges::UPDATE, false);
        table.columns[0].acl = Some(grants);
        Ok::<_, CatalogError>(())
    };
    catalog.alter(&mut tx, owned.oid, change).unwrap();
    let scope = world.see(&mut catalog, &mut tx);
    let mut refused = |role: Oid| {
        let error = catalog.drop_role(&mut tx, &scope, role, Vec::new()).unwrap_err();
        format!("{error}\n{}", error.detail().unwrap_or_default())
    };
    assert_eq!(
        refused(ada),
        "role \"ada\" cannot be dropped because some objects depend on it\nowner of table owned"
    );
    assert_eq!(
        refused(grace),
        "role \"grace\" cannot be dropped because some objects depend on it\n\
         privileges for column a of table owned"
    );
    assert_eq!(
        refused(SUPERUSER),
        "cannot drop role postgres because it is required by the database system\n"
    );
    catalog.drop(&mut tx, &scope, &[Address::of(owned.oid)], catalog::Behavior::Restrict).unwrap();
    let scope = world.see(&mut catalog, &mut tx);
    catalog.drop_role(&mut tx, &scope, ada, Vec::new()).unwrap();
    assert!(world.see(&mut catalog, &mut tx).find_role("ada").is_err());
}

/// A thousand tables, each followed by a statement that looks at the catalog: what it costs follows what has changed.
#[test]
fn many_tables_in_one_transaction() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    for number in 0..1000 {
        let columns = vec![column("a", oid::INT4), column("b", oid::TEXT)];
        table(&world, &catalog, &mut tx, &format!("t{number}"), columns).unwrap();
        assert!(world.see(&mut catalog, &mut tx).look_for_relation(None, &format!("t{number}")).is_some());
    }
    tx.commit().unwrap();
    let loaded = world.reload();
    assert_eq!(loaded.objects().filter(|object| matches!(object, Object::Table(_))).count(), 1000);
}

/// Names along search_path: the first schema that has it wins, `pg_catalog` before all unless it is named.
#[test]
fn names_are_found_along_the_path() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let s = make(&world, &catalog, &mut tx, &[], schema("s"));
    let array = catalog.new_oids(&world.store, 1).unwrap();
    make(&world, &catalog, &mut tx, &[], enumeration("text", array));
    table(&world, &catalog, &mut tx, "pg_class", Vec::new()).unwrap();
    let snapshot = world.see(&mut catalog, &mut tx).snapshot().clone();
    let scope = |names: &[&str]| {
        let path = Snapshot::search_path(&snapshot, names.iter().copied(), "s", None);
        Scope::new(snapshot.clone(), path)
    };
    assert_eq!(scope(&["public"]).find_type(None, "text").unwrap(), oid::TEXT);
    assert_ne!(scope(&["public", "pg_catalog"]).find_type(None, "text").unwrap(), oid::TEXT);
    assert_eq!(scope(&["public"]).find_relation(None, "pg_class").unwrap().schema(), PG_CATALOG);
    assert_eq!(scope(&["public", "pg_catalog"]).find_relation(None, "pg_class").unwrap().schema(), PUBLIC);
    assert_eq!(scope(&["$user", "public"]).creation_schema(None).unwrap(), s);
    assert_eq!(scope(&["nosuch", "public"]).creation_schema(None).unwrap(), PUBLIC);
    let error = scope(&["nosuch"]).creation_schema(None).unwrap_err();
    assert_eq!(error.to_string(), "no schema has been selected to create in");
    assert_eq!(error.sqlstate().code(), "3F000");
}
