//! What the store says is known to whoever has sent the statement, however deep in functions it was said.

use crate::support::{engine, said};
use session::Session;

#[test]
fn what_the_store_says_within_a_body_is_known_outside() {
    let engine = engine();
    let (mut holder, mut other) = (Session::new(&engine).unwrap(), Session::new(&engine).unwrap());
    let made = "set lock_timeout = '20ms'; create table t (a int primary key); create table u (a int);
        create function f() returns void language plpgsql as $$begin insert into t values (1); end$$;
        create function g() returns trigger language plpgsql as $$begin perform f(); return null; end$$;
        create trigger g after insert on u for each row execute function g()";
    assert_eq!(said(&mut other, made).last().unwrap(), "CREATE TRIGGER");
    said(&mut holder, "begin; insert into t values (1)");
    for text in ["insert into t values (1)", "select f()", "insert into u values (1)"] {
        said(&mut other, "begin");
        let told = said(&mut other, text);
        assert!(told.last().unwrap().starts_with("55P03 "), "{text}: {told:?}");
        assert!(other.store_failure().is_some(), "{text}");
        said(&mut other, "rollback");
    }
    said(&mut other, "select 1 / 0");
    assert!(other.store_failure().is_none());
}
