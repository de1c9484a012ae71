//! DROP: what PostgreSQL 15 says for the same objects, and that everything goes, or comes back.

use super::support::*;
use catalog::object::*;
use catalog::{Address, Behavior, Catalog, CatalogError, DependencyKind, Scope};
use diagnostic::Diagnostic;
use store::Transaction;
use types::catalog::oid;

use DependencyKind::{Auto, Internal, Normal};

/// The objects of `tests/data/drops.sql`, by name.
struct Family {
    a: Table,
    f: Table,
    t: Table,
    h: Table,
    v: Oid,
    w: Oid,
    mood: Oid,
    s: Oid,
    a_pkey: Oid,
    a_pkey_index: Oid,
    f_seq: Oid,
    sq2: Oid,
    fn2: Oid,
}

fn with_default(mut column: Column, oid: Oid) -> Column {
    column.source = Source::Default(Expression { oid, text: "1".into() });
    column
}

/// A default's number, recorded as PostgreSQL does: with its column, on what it uses.
fn default_uses(catalog: &Catalog, tx: &mut Transaction, default: Oid, table: Oid, column: u16, on: Oid) {
    let references = [(Address::column(table, column), Auto), (Address::of(on), Normal)];
    catalog.depend(tx, Address::of(default), &references).unwrap();
}

fn family(world: &World, catalog: &mut Catalog, tx: &mut Transaction) -> Family {
    let public = (Address::of(PUBLIC), Normal);
    let s = make(world, catalog, tx, &[], schema("s"));
    let mood_array = catalog.new_oids(&world.store, 1).unwrap();
    let mood = make(world, catalog, tx, &[public], enumeration("mood", mood_array));
    let columns = vec![column("id", oid::INT4), column("x", oid::TEXT), column("m", mood)];
    let a = table(world, catalog, tx, "a", columns).unwrap();
    catalog.depend(tx, Address::column(a.oid, 2), &[(Address::of(mood), Normal)]).unwrap();
    let tree = tx.create_tree(false).unwrap().0;
    // In PostgreSQL, the index is older than the constraint that it is a part of.
    let a_pkey_index = make(world, catalog, tx, &[], index(a.oid, "a_pkey", tree, 0));
    let references = [(Address::column(a.oid, 0), Auto)];
    let rule = Rule::PrimaryKey(a_pkey_index);
    let a_pkey = make(world, catalog, tx, &references, constraint(a.oid, "a_pkey", &[0], rule));
    catalog.depend(tx, Address::of(a_pkey_index), &[(Address::of(a_pkey), Internal)]).unwrap();

    let f = table(world, catalog, tx, "f", vec![column("id", oid::INT4), column("a", oid::INT4)]).unwrap();
    let tree = tx.create_tree(false).unwrap().0;
    let references = [public, (Address::column(f.oid, 0), Internal)];
    let f_seq = make(world, catalog, tx, &references, sequence("f_id_seq", tree, Some((f.oid, 0))));
    let rule = Rule::ForeignKey {
        table: a.oid,
        columns: vec![0],
        index: a_pkey_index,
        matching: Match::Simple,
        on_update: Action::NoAction,
        on_delete: Action::NoAction,
        set_columns: Vec::new(),
        triggers: KeyTriggers::new(900_000),
    };
    let references = [
        (Address::column(f.oid, 1), Auto),
        (Address::column(a.oid, 0), Normal),
        (Address::of(a_pkey_index), Normal),
    ];
    make(world, catalog, tx, &references, constraint(f.oid, "fk", &[1], rule));
    let references = [(Address::column(a.oid, 0), Normal), (Address::column(a.oid, 1), Normal)];
    let v = view(world, catalog, tx, "v", &references).unwrap().oid;
    let w = view(world, catalog, tx, "w", &[(Address::of(v), Normal)]).unwrap().oid;

    let mut t = table(world, catalog, tx, "t", vec![column("u", oid::INT4), column("m", mood)]).unwrap();
    move_to(catalog, tx, t.oid, s);
    t.schema = s;
    catalog.depend(tx, Address::column(t.oid, 1), &[(Address::of(mood), Normal)]).unwrap();
    let v2 = view(world, catalog, tx, "v2", &[(Address::column(t.oid, 1), Normal)]).unwrap().oid;
    move_to(catalog, tx, v2, s);

    let tree = tx.create_tree(false).unwrap().0;
    let sq2 = make(world, catalog, tx, &[public], sequence("sq2", tree, None));
    let default = catalog.new_oids(&world.store, 1).unwrap();
    let g = table(world, catalog, tx, "g", vec![with_default(column("z", oid::INT4), default)]).unwrap();
    default_uses(catalog, tx, default, g.oid, 0, sq2);

    let references = [public, (Address::of(a.row_type), Normal)];
    // Types that come with an object have no entry: they are known from a snapshot.
    world.see(catalog, tx);
    make(world, catalog, tx, &references, function("fn", &[a.row_type]));
    let fn2 = make(world, catalog, tx, &[public], function("fn2", &[oid::INT4, oid::TEXT]));
    let default = catalog.new_oids(&world.store, 1).unwrap();
    let h = table(world, catalog, tx, "h", vec![with_default(column("c", oid::INT4), default)]).unwrap();
    default_uses(catalog, tx, default, h.oid, 0, fn2);
    let references = [(Address::column(h.oid, 0), Auto), (Address::of(fn2), Normal)];
    let rule = || Rule::Check("(fn2(c, ''::text) > 0)".into());
    make(world, catalog, tx, &references, constraint(h.oid, "hc", &[0], rule()));
    let hh = table(world, catalog, tx, "hh", vec![column("arr", mood_array)]).unwrap();
    catalog.depend(tx, Address::column(hh.oid, 0), &[(Address::of(mood_array), Normal)]).unwrap();
    Family { a, f, t, h, v, w, mood, s, a_pkey, a_pkey_index, f_seq, sq2, fn2 }
}

fn move_to(catalog: &Catalog, tx: &mut Transaction, oid: Oid, schema: Oid) {
    catalog
        .alter(tx, oid, |object| {
            match object {
                Object::Table(table) => std::sync::Arc::make_mut(table).schema = schema,
                Object::View(view) => std::sync::Arc::make_mut(view).schema = schema,
                other => panic!("{other:?} is not moved here"),
            }
            Ok::<_, CatalogError>(())
        })
        .unwrap();
    catalog.replace_dependency(tx, Address::of(oid), Address::of(PUBLIC), Address::of(schema)).unwrap();
}

/// What is said of a DROP, which is then taken back.
fn said(
    catalog: &Catalog,
    tx: &mut Transaction,
    scope: &Scope,
    roots: &[Address],
    behavior: Behavior,
) -> String {
    let savepoint = tx.savepoint().unwrap();
    let said = match catalog.drop(tx, scope, roots, behavior) {
        Ok(dropped) => match dropped.notice {
            None => "done".to_owned(),
            Some(notice) => [vec![notice.message], notice.detail.into_iter().collect()].concat().join("\n"),
        },
        Err(error) => {
            let more = error.detail().into_iter().chain(error.hint());
            let state = error.sqlstate();
            assert_eq!(state.code(), "2BP01");
            std::iter::once(error.to_string()).chain(more).collect::<Vec<_>>().join("\n")
        }
    };
    tx.rollback_to(savepoint).unwrap();
    said
}

const HINT: &str = "Use DROP ... CASCADE to drop the dependent objects too.";

#[test]
fn restrict_says_what_stands_in_the_way() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let family = family(&world, &mut catalog, &mut tx);
    let scope = world.see(&mut catalog, &mut tx);
    let cases: Vec<(Address, &str)> = vec![
        (
            Address::of(family.a.oid),
            "cannot drop table a because other objects depend on it\nfunction fn(a) depends on type a\n\
             constraint fk on table f depends on table a\nview v depends on table a\nview w depends on view v",
        ),
        (
            Address::of(family.mood),
            "cannot drop type mood because other objects depend on it\n\
             column arr of table hh depends on type mood[]\ncolumn m of table a depends on type mood\n\
             column m of table s.t depends on type mood\nview s.v2 depends on column m of table s.t",
        ),
        (
            Address::of(family.sq2),
            "cannot drop sequence sq2 because other objects depend on it\n\
             default value for column z of table g depends on sequence sq2",
        ),
        (
            Address::of(family.fn2),
            "cannot drop function fn2(integer,text) because other objects depend on it\n\
             default value for column c of table h depends on function fn2(integer,text)\n\
             constraint hc on table h depends on function fn2(integer,text)",
        ),
        (
            Address::of(family.s),
            "cannot drop schema s because other objects depend on it\ntable s.t depends on schema s\n\
             view s.v2 depends on schema s",
        ),
        (
            Address::column(family.a.oid, 0),
            "cannot drop column id of table a because other objects depend on it\n\
             constraint fk on table f depends on column id of table a\n\
             view v depends on column id of table a\nview w depends on view v",
        ),
        (
            Address::column(family.t.oid, 1),
            "cannot drop column m of table s.t because other objects depend on it\n\
             view s.v2 depends on column m of table s.t",
        ),
        (
            Address::of(family.a_pkey),
            "cannot drop constraint a_pkey on table a because other objects depend on it\n\
             constraint fk on table f depends on index a_pkey",
        ),
        (
            Address::of(family.v),
            "cannot drop view v because other objects depend on it\nview w depends on view v",
        ),
    ];
    for (root, expected) in cases {
        let said = said(&catalog, &mut tx, &scope, &[root], Behavior::Restrict);
        assert_eq!(said, format!("{expected}\n{HINT}"));
    }
}

#[test]
fn parts_do_not_go_alone() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let family = family(&world, &mut catalog, &mut tx);
    let scope = world.see(&mut catalog, &mut tx);
    for (root, expected) in [
        (
            family.a_pkey_index,
            "cannot drop index a_pkey because constraint a_pkey on table a requires it\n\
             You can drop constraint a_pkey on table a instead.",
        ),
        (
            family.f_seq,
            "cannot drop sequence f_id_seq because column id of table f requires it\n\
             You can drop column id of table f instead.",
        ),
        (family.a.row_type, "cannot drop type a because table a requires it\nYou can drop table a instead."),
        (
            family.a.array_type,
            "cannot drop type a[] because type a requires it\nYou can drop type a instead.",
        ),
        (PG_CATALOG, "cannot drop schema pg_catalog because it is required by the database system"),
        (class::RELATION, "cannot drop table pg_class because it is required by the database system"),
    ] {
        let said = said(&catalog, &mut tx, &scope, &[Address::of(root)], Behavior::Restrict);
        assert_eq!(said, expected);
    }
}

#[test]
fn cascade_says_what_goes_along() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let family = family(&world, &mut catalog, &mut tx);
    let scope = world.see(&mut catalog, &mut tx);
    let of = Address::of;
    let cases: Vec<(Vec<Address>, Behavior, &str)> = vec![
        (
            vec![of(family.a.oid)],
            Behavior::Cascade,
            "drop cascades to 4 other objects\ndrop cascades to function fn(a)\n\
             drop cascades to constraint fk on table f\ndrop cascades to view v\ndrop cascades to view w",
        ),
        (
            vec![of(family.s)],
            Behavior::Cascade,
            "drop cascades to 2 other objects\ndrop cascades to table s.t\ndrop cascades to view s.v2",
        ),
        (
            vec![of(family.a.oid), of(family.f.oid)],
            Behavior::Cascade,
            "drop cascades to 3 other objects\ndrop cascades to function fn(a)\ndrop cascades to view v\n\
             drop cascades to view w",
        ),
        (
            vec![of(family.a.oid), of(family.f.oid)],
            Behavior::Restrict,
            "cannot drop desired object(s) because other objects depend on them\n\
             function fn(a) depends on type a\nview v depends on table a\nview w depends on view v\n\
             Use DROP ... CASCADE to drop the dependent objects too.",
        ),
        (vec![of(family.sq2)], Behavior::Cascade, "drop cascades to default value for column z of table g"),
        (vec![of(family.v), of(family.w)], Behavior::Restrict, "done"),
        (vec![of(family.f.oid), of(family.h.oid)], Behavior::Restrict, "done"),
        (vec![Address::column(family.a.oid, 2)], Behavior::Restrict, "done"),
    ];
    for (roots, behavior, expected) in cases {
        assert_eq!(said(&catalog, &mut tx, &scope, &roots, behavior), expected);
    }
}

#[test]
fn what_is_dropped_leaves_nothing() {
    let world = World::new();
    let mut catalog = world.session();
    let mut tx = world.begin();
    let empty = world.see(&mut catalog, &mut tx).objects().count();
    let family = family(&world, &mut catalog, &mut tx);
    catalog.comment(&mut tx, class::RELATION, Address::column(family.a.oid, 0), Some("c")).unwrap();
    let scope = world.see(&mut catalog, &mut tx);
    let column = [Address::column(family.f.oid, 1)];
    catalog.drop(&mut tx, &scope, &column, Behavior::Cascade).unwrap();
    let without = world.see(&mut catalog, &mut tx);
    let f = without.table(family.f.oid).unwrap();
    assert_eq!(f.columns[1].name, "........pg.dropped.2........");
    assert!(f.columns[1].dropped && f.column("a").is_none());
    assert_eq!(without.constraints_of(f.oid).count(), 0);
    assert_eq!(without.foreign_keys_to(family.a.oid).count(), 0);
    assert!(without.table(family.a.oid).unwrap().revision > scope.table(family.a.oid).unwrap().revision);
    for root in [PUBLIC, family.s] {
        catalog.drop(&mut tx, &without, &[Address::of(root)], Behavior::Cascade).unwrap();
    }
    tx.commit().unwrap();
    catalog.end_transaction();
    let after = world.see(&mut catalog, &mut world.begin());
    assert_eq!(after.objects().count(), empty - 1);
    // The superuser, the database, and their names; where large objects lie.
    let mut reader = world.begin();
    assert_eq!(reader.count(catalog.tree()).unwrap(), 5);
    assert_eq!(world.store.trees(store::MAIN_DATABASE).unwrap().len(), 3);
}
