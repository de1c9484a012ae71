//! The tags by which statements are told done: those of PostgreSQL 15, which a transaction that only reads refuses by, too.

use crate::support::{said, session};

#[test]
fn each_kind_of_object_has_its_own() {
    let mut session = session();
    for (text, tag) in [
        ("create table t (a int)", "CREATE TABLE"),
        ("alter table t rename a to b", "ALTER TABLE"),
        ("create view v as select 1 as a", "CREATE VIEW"),
        ("alter view v rename a to b", "ALTER VIEW"),
        ("create type c as (a int)", "CREATE TYPE"),
        ("alter type c rename attribute a to b", "ALTER TYPE"),
        ("create domain d as int constraint e check (value > 0)", "CREATE DOMAIN"),
        ("alter domain d rename constraint e to f", "ALTER DOMAIN"),
        ("create function f() returns int language sql as 'select 1'", "CREATE FUNCTION"),
        ("alter function f() cost 5", "ALTER FUNCTION"),
        ("alter routine f() cost 6", "ALTER ROUTINE"),
        ("drop routine f()", "DROP ROUTINE"),
        ("create procedure p() language sql as 'select 1'", "CREATE PROCEDURE"),
        ("alter procedure p() security definer", "ALTER PROCEDURE"),
        ("create operator family o using btree", "CREATE OPERATOR FAMILY"),
        ("alter operator family o using btree rename to q", "ALTER OPERATOR FAMILY"),
        ("create policy y on t", "CREATE POLICY"),
        ("alter policy y on t rename to z", "ALTER POLICY"),
        ("drop policy z on t", "DROP POLICY"),
        ("create schema s", "CREATE SCHEMA"),
        ("create extension pgcrypto", "CREATE EXTENSION"),
        ("alter extension pgcrypto set schema s", "ALTER EXTENSION"),
        ("drop extension pgcrypto", "DROP EXTENSION"),
        ("create foreign data wrapper w", "CREATE FOREIGN DATA WRAPPER"),
        ("create server r foreign data wrapper w", "CREATE SERVER"),
        ("create user mapping for public server r", "CREATE USER MAPPING"),
        ("alter server r version '2'", "ALTER SERVER"),
        ("create foreign table h (a integer) server r", "CREATE FOREIGN TABLE"),
        ("alter foreign table h add b integer", "ALTER FOREIGN TABLE"),
        ("alter foreign table h rename b to c", "ALTER FOREIGN TABLE"),
        ("drop foreign table h", "DROP FOREIGN TABLE"),
    ] {
        assert_eq!(said(&mut session, text), [tag], "{text}");
    }
    let refused = "25006 cannot execute DROP SERVER in a read-only transaction";
    assert_eq!(said(&mut session, "begin read only; drop server r")[1..], [refused]);
}
