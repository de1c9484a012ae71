//! Databases as sessions meet them: each has its own contents, what is shared is shared, and nobody is left in one that goes.

use session::{Session, SessionError};
use shell::collect::{Collect, Event};
use suite::Database;

/// What a statement shows: rows as text, or the error's state.
fn shown(session: &mut Session, statement: &str) -> String {
    let mut client = Collect::default();
    match session.execute(statement, &mut client) {
        Ok(()) => {}
        Err(report) => return format!("{}: {}", report.sqlstate.code(), report.message),
    }
    let mut out = String::new();
    for event in &client.events {
        if let Event::Rows(table, _) = event {
            table.write(&display::Options { tuples_only: true, ..display::Options::default() }, &mut out);
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_database_is_a_copy_and_goes_its_own_way() {
    let mut database = Database::new();
    let main = &mut database.session;
    shown(main, "create table t (a int primary key); insert into t select generate_series(1, 1000)");
    shown(main, "create role ada login; alter role ada set work_mem = '1MB'");
    assert_eq!(shown(main, "create database copied template postgres"), "");
    assert_eq!(shown(main, "create database bare"), "");
    assert_eq!(shown(main, "select datname from pg_database order by 1"), "bare copied postgres");
    shown(main, "insert into t values (2000)");

    let engine = database.engine().clone();
    let mut copied = Session::open(&engine, Some("copied"), None).unwrap();
    assert_eq!(
        shown(&mut copied, "select current_database(), count(*), max(a) from t"),
        "copied | 1000 | 1000"
    );
    shown(&mut copied, "delete from t where a > 10");
    assert_eq!(shown(&mut copied, "select count(*) from t"), "10");
    assert_eq!(shown(&mut database.session, "select count(*) from t"), "1001");

    let mut bare = Session::open(&engine, Some("bare"), Some("ada")).unwrap();
    assert_eq!(shown(&mut bare, "select current_database(), current_user"), "bare | ada");
    assert_eq!(shown(&mut bare, "show work_mem"), "1MB");
    assert_eq!(shown(&mut bare, "select * from t"), "42P01: relation \"t\" does not exist");
    assert_eq!(shown(&mut bare, "create table mine (a int)"), "42501: permission denied for schema public");

    // Roles are the same everywhere, made from wherever.
    assert_eq!(shown(&mut copied, "create role bob"), "");
    assert_eq!(shown(&mut database.session, "select rolname from pg_roles where rolname = 'bob'"), "bob");
    assert!(shown(&mut copied, "begin; create role eve").starts_with("0A000"));
    shown(&mut copied, "rollback");
    shown(&mut copied, "create table owned (a int); alter table owned owner to bob");
    let refused = shown(&mut database.session, "drop role bob");
    assert_eq!(refused, "2BP01: role \"bob\" cannot be dropped because some objects depend on it");
}

#[test]
fn nobody_is_left_in_a_database_that_goes() {
    let mut database = Database::new();
    shown(&mut database.session, "create database gone");
    let engine = database.engine().clone();
    let mut inside = Session::open(&engine, Some("gone"), None).unwrap();
    assert_eq!(shown(&mut inside, "drop database gone"), "55006: cannot drop the currently open database");
    assert_eq!(
        shown(&mut database.session, "drop database gone"),
        "55006: database \"gone\" is being accessed by other users"
    );
    assert_eq!(shown(&mut database.session, "drop database gone with (force)"), "");
    let ended = "57P01: terminating connection due to administrator command";
    assert_eq!(shown(&mut inside, "select 1"), ended);
    drop(inside);
    assert!(matches!(Session::open(&engine, Some("gone"), None), Err(SessionError::Catalog(_))));
    shown(&mut database.session, "create database gone");
    assert_eq!(shown(&mut database.session, "drop database gone"), "");
}

/// Drops a database in which somebody is, who does something once he sees that, and leaves then.
fn drop_while_somebody_leaves(database: &mut Database, last: impl FnOnce(&mut Session) + Send) {
    shown(&mut database.session, "create database gone");
    let engine = database.engine().clone();
    let (come, has_come) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut inside = Session::open(&engine, Some("gone"), None).unwrap();
            come.send(()).unwrap();
            let drops = "select 'it does' from pg_stat_activity where query = 'drop database gone'";
            while shown(&mut inside, drops).is_empty() {
                std::thread::yield_now();
            }
            last(&mut inside);
        });
        has_come.recv().unwrap();
        assert_eq!(shown(&mut database.session, "drop database gone"), "");
    });
}

/// A client that goes is still there for a moment when the next one asks.
#[test]
fn who_is_about_to_leave_a_database_that_goes_is_waited_for() {
    drop_while_somebody_leaves(&mut Database::new(), |_| {});
}

/// Who is waited for makes a role, a table and a database in the main one before leaving: nothing of them is locked.
#[test]
fn who_waits_for_others_to_leave_a_database_holds_nobody_up() {
    let mut database = Database::new();
    let engine = database.engine().clone();
    drop_while_somebody_leaves(&mut database, |inside| {
        // It has begun to wait by now.
        shown(inside, "select pg_sleep(0.3)");
        let mut main = Session::open(&engine, None, None).unwrap();
        assert_eq!(shown(&mut main, "create role ada; create table made (a int)"), "");
        assert_eq!(shown(&mut main, "create database other"), "");
    });
    assert_eq!(shown(&mut database.session, "select datname from pg_database order by 1"), "other postgres");
}

/// Whoever waits for others to leave a database may be stopped.
#[test]
fn nobody_waits_longer_for_an_empty_database_than_he_may() {
    let mut database = Database::new();
    shown(&mut database.session, "create database used");
    let inside = Session::open(database.engine(), Some("used"), None).unwrap();
    shown(&mut database.session, "set statement_timeout = '150ms'");
    let told = shown(&mut database.session, "drop database used");
    assert_eq!(told, "57014: canceling statement due to statement timeout");
    drop(inside);
    assert_eq!(shown(&mut database.session, "drop database used"), "");
}

#[test]
fn who_may_enter() {
    let mut database = Database::new();
    let main = &mut database.session;
    for statement in [
        "create role ada login",
        "create database shut allow_connections false",
        "create database d",
        "revoke connect on database d from public",
    ] {
        assert_eq!(shown(main, statement), "");
    }
    // A statement that commits by itself is alone.
    assert_eq!(
        shown(main, "create role eve; create database e"),
        "25001: CREATE DATABASE cannot run inside a transaction block"
    );
    let engine = database.engine().clone();
    let open = |database: &str| Session::open(&engine, Some(database), Some("ada")).map(drop);
    let refused = |database: &str| open(database).unwrap_err().to_string();
    assert_eq!(refused("shut"), "database \"shut\" is not currently accepting connections");
    assert_eq!(refused("d"), "permission denied for database d");
    assert_eq!(refused("nope"), "database \"nope\" does not exist");
    assert!(open("postgres").is_ok());
    assert!(Session::open(&engine, None, Some("nobody")).is_err());
}

#[test]
fn branches_that_a_crash_left_without_a_name_are_dropped() {
    let mut database = Database::new();
    let main = &mut database.session;
    shown(main, "create table t (a int); create database named");
    shown(main, "create database named");
    let engine = database.engine().clone();
    let store = engine.store().clone();
    // As after a crash between the branch and its entry.
    let nameless = store.create_database_from(store::MAIN_DATABASE).unwrap();
    assert_eq!(store.databases().len(), 3);
    let again =
        session::Engine::new(std::sync::Arc::new(env::memory::MemoryEnv::new()), store.clone()).unwrap();
    assert_eq!(store.databases().len(), 2);
    assert!(!store.databases().contains(&nameless));
    let mut named = Session::open(&again, Some("named"), None).unwrap();
    assert_eq!(shown(&mut named, "select current_database()"), "named");
}

#[test]
fn what_functions_do_in_their_bodies_is_asked_of_who_they_run_as() {
    let mut database = Database::new();
    let session = &mut database.session;
    let made = "create role ada; create table secret (a int); insert into secret values (42);
        create function reads() returns int language sql as 'select a from secret';
        create function reads_as_owner() returns int language sql security definer as 'select a from secret';
        create function fails() returns int language sql security definer as 'select 1 / (a - 42) from secret'";
    assert_eq!(shown(session, made), "");
    shown(session, "set role ada");
    assert_eq!(shown(session, "select reads()"), "42501: permission denied for table secret");
    assert_eq!(shown(session, "select reads_as_owner()"), "42");
    assert_eq!(shown(session, "select fails()"), "22012: division by zero");
    // The owner does not go on acting after his function has failed.
    assert_eq!(shown(session, "select current_user"), "ada");
    assert_eq!(shown(session, "select a from secret"), "42501: permission denied for table secret");
}

#[test]
fn what_is_said_of_roles_and_databases_is_said_in_all_databases() {
    let mut database = Database::new();
    let main = &mut database.session;
    assert_eq!(shown(main, "create database other"), "");
    shown(main, "create role ada; comment on role ada is 'before'");
    let engine = database.engine().clone();
    let mut other = Session::open(&engine, Some("other"), None).unwrap();
    let of_role = "select shobj_description('ada'::regrole, 'pg_authid')";
    let of_database = "select shobj_description(oid, 'pg_database') from pg_database where datname = 'other'";
    assert_eq!(shown(&mut other, of_role), "before");
    shown(&mut other, "comment on role ada is 'a role'");
    shown(&mut other, "comment on database other is 'a database'");
    for session in [&mut database.session, &mut other] {
        assert_eq!(shown(session, of_role), "a role");
        assert_eq!(shown(session, of_database), "a database");
    }
    shown(&mut database.session, "comment on database other is null; drop role ada; create role ada");
    assert_eq!(shown(&mut other, of_role), "");
    assert_eq!(shown(&mut other, of_database), "");
}
