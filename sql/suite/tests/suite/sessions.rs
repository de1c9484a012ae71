//! Several sessions of one database: what is one's own, and what stands in the way of the others.

use shell::collect::{Collect, Event};
use suite::{Database, asked, script};

/// Sessions that take turns: the one that is named runs a script.
struct Sessions {
    database: Database,
    others: Vec<session::Session>,
}

impl Sessions {
    fn new(count: usize) -> Sessions {
        let database = Database::new();
        let others = (1..count).map(|_| database.another()).collect();
        Sessions { database, others }
    }

    /// Runs a script in one of the sessions, the first being 0, and answers what psql would show of it.
    fn run(&mut self, session: usize, text: &str) -> String {
        let mut out = String::new();
        if session > 0 {
            std::mem::swap(&mut self.database.session, &mut self.others[session - 1]);
        }
        for statement in text.split_inclusive(';') {
            script::one(&mut self.database, statement.trim(), "", &mut out);
        }
        if session > 0 {
            std::mem::swap(&mut self.database.session, &mut self.others[session - 1]);
        }
        out
    }

    /// The first value that a query gives, as it is shown.
    fn value(&mut self, session: usize, query: &str) -> String {
        let shown = self.run(session, query);
        shown.lines().nth(2).unwrap_or(&shown).trim().to_owned()
    }
}

#[test]
fn each_session_has_its_own_temporary_tables() {
    let mut sessions = Sessions::new(3);
    sessions.run(0, "create temp table t (a int primary key); insert into t values (1), (2);");
    assert!(sessions.run(1, "select * from t;").contains("42P01"));
    assert_eq!(sessions.value(1, "select count(*) from pg_class where relname ~ '^t(_pkey)?$';"), "0");
    sessions.run(1, "create temp table t (b text); insert into t values ('of another');");
    assert_eq!(sessions.value(0, "select max(a) from t;"), "2");
    assert_eq!(sessions.value(1, "select b from t;"), "of another");
    assert_eq!(sessions.value(0, "select count(*) from pg_class where relname = 't';"), "1");
    // A table of the same name for everyone is hidden from those who have their own.
    sessions.run(2, "create table t (c int); insert into t values (30);");
    assert_eq!(sessions.value(2, "select c from t;"), "30");
    assert_eq!(sessions.value(0, "select max(a) from t;"), "2");
    assert_eq!(sessions.value(0, "select c from public.t;"), "30");
    sessions.run(2, "alter table t add column d int default 4; create index on t (d);");
    assert_eq!(sessions.value(0, "select d from public.t;"), "4");
    assert_eq!(sessions.value(1, "select b from t;"), "of another");
    sessions.run(1, "drop table t;");
    assert_eq!(sessions.value(1, "select d from t;"), "4");
    // A session that ends takes its tables with it.
    sessions.others.remove(0);
    assert_eq!(sessions.value(0, "select count(*) from t;"), "2");
    sessions.others.push(sessions.database.another());
    assert_eq!(sessions.value(2, "select d from t;"), "4");
}

#[test]
fn a_rollback_in_one_session_is_none_in_another() {
    let mut sessions = Sessions::new(2);
    sessions.run(0, "begin; create temp table t (a int); insert into t values (1);");
    sessions.run(1, "create temp table t (a int); insert into t values (2); create table kept (a int);");
    sessions.run(0, "rollback;");
    assert!(sessions.run(0, "select * from t;").contains("42P01"));
    sessions
        .run(0, "create temp table t (a int); insert into t values (3); insert into kept select a from t;");
    assert_eq!(sessions.value(0, "select a from t;"), "3");
    assert_eq!(sessions.value(1, "select a from t;"), "2");
    assert_eq!(sessions.value(1, "select a from kept;"), "3");
}

#[test]
fn what_nobody_else_sees_is_not_referred_to_by_what_they_see() {
    let mut sessions = Sessions::new(2);
    sessions.run(0, "create type pg_temp.mood as enum ('sad'); create temp sequence s;");
    assert!(sessions.run(0, "create table moods (m mood);").contains("0A000"));
    assert!(sessions.run(0, "create table numbered (a int default nextval('s'));").contains("0A000"));
    assert_eq!(
        sessions.value(1, "select count(*) from pg_class where relname in ('moods', 'numbered');"),
        "0"
    );
    assert_eq!(
        sessions.value(0, "select count(*) from pg_class where relname in ('moods', 'numbered');"),
        "0"
    );
}

#[test]
fn a_lock_that_is_not_waited_for_is_refused_by_name() {
    let mut sessions = Sessions::new(2);
    sessions.run(0, "create table t (a int); begin; lock table t in share mode;");
    let refused = sessions.run(1, "begin; lock table t in row exclusive mode nowait;");
    assert!(refused.contains("55P03: could not obtain lock on relation \"t\""), "{refused}");
    let shared = sessions.run(1, "rollback; begin; lock table t in share mode nowait; commit;");
    assert!(!shared.contains("ERROR"), "{shared}");
    sessions.run(0, "commit;");
    let free = sessions.run(1, "begin; lock table t nowait; commit;");
    assert!(!free.contains("ERROR"), "{free}");
}

#[test]
fn what_a_temporary_table_uses_may_be_dropped_by_others() {
    let mut sessions = Sessions::new(2);
    sessions.run(1, "create type mood as enum ('sad', 'ok'); create schema s; create sequence s.q;");
    sessions.run(
        0,
        "create temp table t (a int default nextval('s.q'), m mood); insert into t (m) values ('ok');",
    );
    let dropped = sessions.run(1, "drop type mood; drop schema s cascade;");
    assert!(!dropped.contains("depends"), "{dropped}");
    // Whatever is said of the column, the session goes on.
    for statement in ["select * from t;", "select m from t;", "insert into t (a) values (1);", "table t;"] {
        sessions.run(0, statement);
    }
    assert_eq!(sessions.value(0, "select count(*) from t;"), "1");
    sessions.run(0, "drop table t;");
    assert_eq!(sessions.value(0, "select to_regclass('t') is null;"), "t");
}

/// Names that a transaction has bound are its own until it ends: who renames, moves or gives away waits, as PostgreSQL does.
/// Not waiting let a row be inserted into a column of another name (found by SQL torture).
#[test]
fn what_is_in_use_is_not_called_otherwise() {
    let mut sessions = Sessions::new(2);
    sessions.run(
        0,
        "create table t (a int constraint c check (a > 0)); create view v as select 1 as x; create schema s; create role r;",
    );
    sessions.run(1, "set lock_timeout = '10ms';");
    for (used, altered) in [
        ("insert into t values (1);", "alter table t rename column a to b;"),
        ("insert into t values (1);", "alter table t rename constraint c to d;"),
        ("select * from t;", "alter table t rename to u;"),
        ("select * from t;", "alter table t set schema s;"),
        ("select * from t;", "alter table t owner to r;"),
        ("select * from v;", "alter view v rename to w;"),
        ("select * from v;", "alter view v rename column x to y;"),
    ] {
        sessions.run(0, &format!("begin; {used}"));
        let refused = sessions.run(1, altered);
        assert!(refused.contains("55P03"), "{altered} {refused}");
        sessions.run(0, "rollback;");
    }
    assert!(!sessions.run(1, "alter table t rename column a to b;").contains("ERROR"));
}

/// A table that only refers to another has no text that names it: who calls the other otherwise neither waits for it nor
/// undoes what is made of it (found by SQL torture).
#[test]
fn who_refers_to_a_table_is_not_written_anew_with_it() {
    let mut sessions = Sessions::new(2);
    sessions.run(
        0,
        "create table t (id int primary key, c int); create table u (t int default 1 references t, n int default 1);",
    );
    sessions.run(0, "begin; alter table u alter n set default 2;");
    let done = sessions.run(1, "set lock_timeout = '10ms'; alter table t rename c to d;");
    assert!(!done.contains("ERROR"), "{done}");
    sessions.run(0, "commit;");
    assert_eq!(sessions.value(1, "insert into u (t) values (null) returning n;"), "2");
}

/// What was made after the one snapshot of a transaction may name what it calls otherwise: it has to be made again.
#[test]
fn names_in_texts_newer_than_the_snapshot_are_not_forgotten() {
    let mut sessions = Sessions::new(2);
    sessions.run(0, "create function f(int) returns int immutable language sql as 'select $1';");
    sessions.run(0, "begin isolation level repeatable read; select 1;");
    sessions.run(1, "create view v as select f(1);");
    let refused = sessions.run(0, "alter function f rename to g;");
    assert!(refused.contains("40001"), "{refused}");
    sessions.run(0, "rollback; alter function f rename to g;");
    assert_eq!(sessions.value(1, "select pg_get_viewdef('v'::regclass);"), "SELECT g(1) AS f;");
}

/// A function that the session does not know is refused, and not taken for a question about privileges: its answer was of
/// another type than its column.
#[test]
fn functions_that_the_session_does_not_know_are_refused() {
    let mut sessions = Sessions::new(1);
    for call in ["pg_reload_conf()", "pg_rotate_logfile()"] {
        let answer = sessions.run(0, &format!("select {call};"));
        assert!(answer.contains("0A000"), "{call}: {answer}");
    }
}

/// A class that says how values of a type without an order stand is refused: neither sorting nor indexes would ask it.
#[test]
fn classes_that_would_not_be_asked_are_refused() {
    let mut sessions = Sessions::new(1);
    for (method, items) in
        [("btree", "operator 1 <<, function 1 cmp(point, point)"), ("hash", "operator 1 ~=")]
    {
        let class = format!("create operator class c default for type point using {method} as {items};");
        let made = "create function cmp(point, point) returns int language sql as 'select 0';";
        let answer = sessions.run(0, &format!("begin; {made} {class}"));
        assert!(answer.contains("0A000"), "{answer}");
        sessions.run(0, "rollback;");
    }
    assert_eq!(sessions.value(0, "select count(*) from pg_opclass where opcname = 'c';"), "0");
}

/// A transaction that keeps one snapshot and meets a table that has been altered since has to be made again; it neither waits
/// for ever nor goes on with what the table was.
#[test]
fn a_table_altered_since_the_snapshot_ends_the_transaction() {
    for level in ["repeatable read", "serializable"] {
        let mut sessions = Sessions::new(2);
        sessions.run(0, "create table t (a int); create table u (a int); insert into t values (1);");
        for statement in
            ["select * from t;", "insert into t values (2);", "lock table t;", "copy t from stdin;"]
        {
            sessions.run(0, &format!("begin isolation level {level}; select * from u;"));
            sessions.run(1, "alter table t add column b int default 3;");
            let refused = sessions.run(0, statement);
            assert!(refused.contains("40001"), "{level}, {statement}: {refused}");
            sessions.run(0, "rollback;");
            sessions.run(1, "alter table t drop column b;");
        }
        assert_eq!(sessions.value(0, "select count(*) from t;"), "1");
    }
}

/// Rows that were committed after the snapshot of a transaction are in the indexes that it makes, and are held against its
/// constraints; or it has to be made again.
#[test]
fn definitions_of_an_old_snapshot_do_not_forget_newer_rows() {
    for definition in [
        "create index i on t (a);",
        "create unique index i on t (a);",
        "alter table t add check (a < 5);",
        "alter table t add unique (a);",
        "alter table t alter b set not null;",
        "alter table t add foreign key (a) references u;",
    ] {
        let mut sessions = Sessions::new(2);
        sessions.run(0, "create table t (a int, b int); create table u (a int primary key);");
        sessions.run(0, "begin isolation level repeatable read; select * from u;");
        sessions.run(1, "insert into t values (7, null), (7, null);");
        let said = sessions.run(0, definition);
        let committed = sessions.run(0, "commit;");
        let told = ["40001", "23"].iter().any(|state| said.contains(state) || committed.contains(state));
        let whole =
            sessions.run(1, "set enable_seqscan = off; select a from t where a = 7;").contains("(2 rows)");
        assert!(
            told || (whole && definition == "create index i on t (a);"),
            "{definition} {said} {committed}"
        );
    }
}

/// Whoever asked again for a row that was refused to him held it, and had what he saw of it (seed 185 of profile sql).
#[test]
fn a_row_that_others_have_changed_is_refused_behind_others_too() {
    let mut sessions = Sessions::new(2);
    sessions
        .run(0, "create table t (id int primary key, v int); insert into t values (1, 0), (2, 0), (3, 0);");
    for change in ["delete from t;", "update t set v = v + 1;"] {
        sessions.run(0, "begin isolation level repeatable read; select count(*) from t;");
        sessions.run(1, "update t set v = 7 where id = 2;");
        let answer = sessions.run(0, change);
        assert!(answer.contains("40001"), "{change} {answer}");
        sessions.run(0, "rollback;");
    }
    let left = sessions.run(1, "select sum(v) from t;");
    assert!(left.contains('7'), "{left}");
}

#[test]
fn a_key_whose_row_another_removes_is_waited_for() {
    let mut sessions = Sessions::new(2);
    sessions.run(
        0,
        "create table t (id int primary key, v int unique deferrable, w int); \
         insert into t values (5, 1, 0), (6, 2, 0); begin; delete from t where id = 5;",
    );
    sessions.run(1, "set lock_timeout = 20;");
    for waits in [
        "insert into t values (5, 9, 0);",
        "insert into t values (5, 9, 0) on conflict do nothing;",
        "insert into t values (5, 9, 0) on conflict (id) do update set w = 3;",
        "update t set id = 5 where id = 6;",
        "insert into t values (7, 1, 0);",
    ] {
        let answer = sessions.run(1, waits);
        assert!(answer.contains("55P03: canceling statement due to lock timeout"), "{waits} {answer}");
    }
    sessions.run(0, "rollback;");
    assert!(sessions.run(1, "insert into t values (5, 9, 0);").contains("23505"));
    // So is whoever changes no key of the row, but not for who only refers to it.
    sessions.run(0, "begin; update t set w = 1 where id = 6;");
    assert!(sessions.run(1, "insert into t values (6, 9, 0);").contains("55P03"));
    assert!(sessions.run(1, "select w from t where id = 6 for key share;").contains("(1 row)"));
    sessions.run(0, "rollback; begin; delete from t where id = 5; insert into t values (5, 1, 7);");
    assert!(sessions.run(1, "insert into t values (5, 9, 0);").contains("55P03"));
    sessions.run(0, "delete from t where id = 5; commit;");
    let free = sessions.run(1, "insert into t values (5, 1, 8);");
    assert!(!free.contains("ERROR"), "{free}");
}

#[test]
fn a_row_that_refers_and_that_another_removes_is_waited_for() {
    let mut sessions = Sessions::new(2);
    sessions.run(
        0,
        "create table p (id int primary key); create table c (id int primary key, p int references p); \
         insert into p values (1), (2); insert into c values (1, 1), (2, 2); begin; delete from c where p = 1;",
    );
    let refused = sessions.run(1, "set lock_timeout = 20; delete from p where id = 1;");
    assert!(refused.contains("55P03: canceling statement due to lock timeout"), "{refused}");
    assert!(sessions.run(1, "delete from p where id = 2;").contains("23503"));
    sessions.run(0, "commit;");
    let free = sessions.run(1, "delete from p where id = 1;");
    assert!(!free.contains("ERROR"), "{free}");
}

#[test]
fn tables_that_a_deletion_reaches_are_not_defined_anew_meanwhile() {
    let mut sessions = Sessions::new(2);
    sessions.run(
        0,
        "create table p (id int primary key); create table m (id int primary key, p int references p on delete cascade); \
         create table c (id int primary key, m int references m on delete set null); insert into p values (1); \
         insert into m values (1, 1); insert into c values (1, 1); begin; delete from p;",
    );
    for waits in ["create index on m (p);", "create index on c (m);", "drop table c;"] {
        let refused = sessions.run(1, &format!("set lock_timeout = 20; {waits}"));
        assert!(refused.contains("55P03: canceling statement due to lock timeout"), "{waits} {refused}");
    }
    sessions.run(0, "commit;");
    let free = sessions.run(1, "create index on m (p); create index on c (m); drop table c;");
    assert!(!free.contains("ERROR"), "{free}");
}

#[test]
fn a_statement_is_told_done_only_when_its_transaction_is() {
    let mut database = Database::new();
    asked::execute(
        &mut database.session,
        "create table p (i int primary key); create table c (i int references p deferrable initially deferred)",
    );
    let tags = |client: &Collect<'_>| client.events.iter().filter_map(asked::complete).collect::<Vec<_>>();
    let mut client = Collect::default();
    let refused = database.session.execute("insert into c values (1)", &mut client);
    assert_eq!(refused.map_err(|report| report.sqlstate.code().to_owned()), Err("23503".to_owned()));
    assert_eq!(tags(&client), [""; 0]);
    // Of several statements in one text the last alone waits for the commit.
    let mut client = Collect::default();
    let refused = database.session.execute("insert into p values (2); insert into c values (1)", &mut client);
    assert!(refused.is_err());
    assert_eq!(tags(&client), ["INSERT 0 1"]);
    let mut client = Collect::default();
    assert!(
        database.session.execute("insert into p values (3); insert into c values (3)", &mut client).is_ok()
    );
    assert_eq!(tags(&client), ["INSERT 0 1", "INSERT 0 1"]);
    assert!(client.events.iter().all(|event| matches!(event, Event::Complete(_))));
}

/// PostgreSQL reads them; here a changed row has none.
#[test]
fn system_columns_of_rows_that_a_view_changes_are_refused_by_name() {
    let mut sessions = Sessions::new(1);
    let made = "create table b (id int primary key, v text); insert into b values (1, 'a');
        create view checked as select id, v from b where ctid is not null with check option;
        create view shown as select id, ctid as c from b;";
    assert!(!sessions.run(0, made).contains("ERROR"));
    for change in [
        "update checked set id = 2;",
        "insert into checked values (3, 'x');",
        "with w as (update shown set id = 4 returning *) select id from w;",
        "with w as (update shown set id = 4 returning id, c) select c from w;",
        "with w as (insert into shown (id) values (9) returning c) select 1;",
        "update shown set id = 4 returning c;",
        "update shown set id = 4 returning (select c);",
    ] {
        let answer = sessions.run(0, change);
        let refused = answer.contains("0A000: reading a system column of a changed row is not supported");
        assert!(refused, "{change}: {answer}");
    }
    assert!(!sessions.run(0, "update shown set id = 4 returning id;").contains("ERROR"));
    assert_eq!(sessions.value(0, "select id from b;"), "4");
}

#[test]
fn a_snapshot_is_taken_over_as_long_as_its_transaction_goes_on() {
    let mut sessions = Sessions::new(3);
    sessions.run(0, "create table t (a int primary key); insert into t values (1);");
    sessions.run(0, "begin; insert into t values (2);");
    let name = sessions.value(0, "select pg_export_snapshot();");
    sessions.run(1, "insert into t values (3);");
    let take_over = format!("set transaction snapshot '{name}';");
    sessions.run(2, &format!("begin isolation level repeatable read read only; {take_over}"));
    // What the transaction itself has changed nobody else sees.
    assert_eq!(sessions.value(2, "select array_agg(a) from t;"), "{1}");
    assert!(sessions.run(2, &take_over).contains("25001"));
    sessions.run(2, &format!("rollback; begin isolation level repeatable read; {take_over}"));
    sessions.run(2, "insert into t values (4);");
    assert_eq!(sessions.value(2, "select array_agg(a order by a) from t;"), "{1,4}");
    let again = sessions.value(2, "select pg_export_snapshot();");
    assert_ne!(again, name);
    sessions.run(2, "commit;");
    assert_eq!(sessions.value(2, "select array_agg(a order by a) from t;"), "{1,3,4}");
    sessions.run(0, "commit;");
    for gone in [&again, &name] {
        sessions.run(2, "begin isolation level repeatable read;");
        let told = sessions.run(2, &format!("set transaction snapshot '{gone}';"));
        assert!(told.contains(&format!("22023: invalid snapshot identifier: \"{gone}\"")), "{told}");
        sessions.run(2, "rollback;");
    }
}
