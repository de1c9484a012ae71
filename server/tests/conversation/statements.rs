//! Statements in one message.

use crate::client::House;
use server::conversation::Next;

#[test]
fn one_message_has_any_number_of_statements_up_to_the_first_that_fails() {
    let house = House::trusting();
    let mut caller = house.guest();
    insta::assert_snapshot!(caller.query("CREATE TABLE t (a int, b varchar(5)); INSERT INTO t VALUES (1, 'x'), (2, NULL)"), @r"
    complete CREATE TABLE
    complete INSERT 0 2
    ready I
    ");
    insta::assert_snapshot!(caller.query("SELECT * FROM t; SELECT 1 / 0 AS q; SELECT 3"), @r"
    columns a(column 1 type 23 4 -1 format 0) b(column 2 type 1043 -1 9 format 0)
    row 1 | x
    row 2 | null
    complete SELECT 2
    error S=ERROR C=22012 M=division by zero
    ready I
    ");
    insta::assert_snapshot!(caller.query(""), @r"
    empty
    ready I
    ");
    insta::assert_snapshot!(caller.query(" ; "), @r"
    empty
    ready I
    ");
    insta::assert_snapshot!(caller.query("BEGIN; SELECT nothing"), @r#"
    complete BEGIN
    error S=ERROR C=42703 M=column "nothing" does not exist P=15
    ready E
    "#);
    insta::assert_snapshot!(caller.query("SELECT 1"), @r"
    error S=ERROR C=25P02 M=current transaction is aborted, commands ignored until end of transaction block
    ready E
    ");
    insta::assert_snapshot!(caller.query("ROLLBACK"), @r"
    complete ROLLBACK
    ready I
    ");
}

#[test]
fn errors_and_notices_have_all_their_fields() {
    let house = House::trusting();
    let mut caller = house.guest();
    insta::assert_snapshot!(caller.query("CREATE TABLE t (a int CONSTRAINT small CHECK (a < 5)); DROP TABLE IF EXISTS u"), @r#"
    complete CREATE TABLE
    notice S=NOTICE C=00000 M=table "u" does not exist, skipping
    complete DROP TABLE
    ready I
    "#);
    insta::assert_snapshot!(caller.query("INSERT INTO t VALUES (7)"), @r#"
    error S=ERROR C=23514 M=new row for relation "t" violates check constraint "small" D=Failing row contains (7). s=public t=t n=small
    ready I
    "#);
    insta::assert_snapshot!(caller.query("SELECT 'é', x FROM t"), @r#"
    error S=ERROR C=42703 M=column "x" does not exist P=13
    ready I
    "#);
    insta::assert_snapshot!(caller.query("SELECT length(1)"), @r"
    error S=ERROR C=42883 M=function length(integer) does not exist H=No function matches the given name and argument types. You might need to add explicit type casts. P=8
    ready I
    ");
}

#[test]
fn bytes_mean_the_same_in_whatever_pieces_they_come() {
    let house = House::trusting();
    let (mut one, mut other) = (house.guest(), house.guest());
    let text = b"SELECT generate_series(1, 3); SELECT 'x' || 1\0".as_slice();
    for caller in [&mut one, &mut other] {
        caller.message(b'Q', &[text]);
        caller.parse("", "SELECT $1::int + 1", &[]).bind("", "", &[crate::client::Value::Text("41")], false);
        caller.execute("", 0).sync();
    }
    let whole = one.say();
    assert_eq!(whole, other.say_slowly());
    insta::assert_snapshot!(whole, @r"
    columns generate_series(- type 23 4 -1 format 0)
    row 1
    row 2
    row 3
    complete SELECT 3
    columns ?column?(- type 25 -1 -1 format 0)
    row x1
    complete SELECT 1
    ready I
    parsed
    bound
    row 42
    complete SELECT 1
    ready I
    ");
}

#[test]
fn settings_that_change_are_told() {
    let house = House::trusting();
    let mut caller = house.guest();
    let told = caller.query("SET datestyle = german");
    assert_eq!(told, "complete SET\nready I\n");
    insta::assert_snapshot!(caller.query("SELECT date '2020-02-01'"), @r"
    columns date(- type 1082 4 -1 format 0)
    row 01.02.2020
    complete SELECT 1
    ready I
    ");
}

#[test]
fn who_waits_for_the_end_of_another_waits_no_longer_than_he_says() {
    let house = House::trusting();
    let (_resting, mut other) = (house.guest(), house.guest());
    let text =
        "SELECT pg_terminate_backend(pid, 20) AS gone FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    insta::assert_snapshot!(other.query(text), @r"
    columns gone(- type 16 1 -1 format 0)
    notice S=WARNING C=01000 M=backend with PID 2 did not terminate within 20 milliseconds
    row f
    complete SELECT 1
    ready I
    ");
}

#[test]
fn who_is_told_to_end_is_told_so_whatever_he_does() {
    let house = House::trusting();
    let (mut idle, mut other) = (house.guest(), house.guest());
    idle.query("CREATE TABLE t (a int)");
    idle.query("BEGIN; INSERT INTO t VALUES (1)");
    insta::assert_snapshot!(other.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"), @r"
    columns count(- type 20 8 -1 format 0)
    row 1
    complete SELECT 1
    ready I
    ");
    // Who waits for his bytes is woken, and finds that there are none.
    insta::assert_snapshot!(idle.hang_up(), @r"
    error S=FATAL C=57P01 M=terminating connection due to administrator command
    ");
    assert_eq!(idle.next, Next::Over);
    drop(idle);
    insta::assert_snapshot!(other.query("SELECT count(*) FROM t"), @r"
    columns count(- type 20 8 -1 format 0)
    row 0
    complete SELECT 1
    ready I
    ");
    insta::assert_snapshot!(other.query("SELECT pg_terminate_backend(pg_backend_pid())"), @r"
    columns pg_terminate_backend(- type 16 1 -1 format 0)
    row t
    error S=FATAL C=57P01 M=terminating connection due to administrator command
    ");
    assert_eq!(other.next, Next::Over);
}

#[test]
fn who_says_nothing_for_too_long_is_let_go() {
    let house = House::trusting();
    let mut caller = house.guest();
    assert_eq!(caller.conversation.patience(), None);
    caller.query("SET idle_in_transaction_session_timeout = '5s'; SET idle_session_timeout = '1min'");
    assert_eq!(caller.conversation.patience().unwrap().as_secs(), 60);
    caller.query("BEGIN");
    assert_eq!(caller.conversation.patience().unwrap().as_secs(), 5);
    insta::assert_snapshot!(caller.wait_too_long(), @r"
    error S=FATAL C=25P03 M=terminating connection due to idle-in-transaction timeout
    ");
    let mut caller = house.guest();
    caller.query("SET idle_session_timeout = '1min'");
    insta::assert_snapshot!(caller.wait_too_long(), @r"
    error S=FATAL C=57P05 M=terminating connection due to idle-session timeout
    ");
}

#[test]
fn who_takes_no_answers_ends_his_statement() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.take_nothing_more();
    assert_eq!(caller.query("SELECT generate_series(1, 1000000)"), "");
    assert_eq!(caller.next, Next::Over);
}

#[test]
fn what_is_no_message_ends_the_conversation_or_fails_a_statement() {
    let house = House::trusting();
    let told = |bytes: &[u8]| {
        let mut caller = house.guest();
        let told = caller.say_bytes(bytes);
        format!("{told}{:?}\n", caller.next)
    };
    insta::assert_snapshot!(told(b"\x01\0\0\0\x04"), @r"
    error S=FATAL C=08P01 M=invalid frontend message type 1
    Over
    ");
    insta::assert_snapshot!(told(b"Q\0\0\0\x03"), @r"
    error S=FATAL C=08P01 M=invalid message length
    Over
    ");
    insta::assert_snapshot!(told(b"Q\x7f\0\0\0"), @r"
    error S=FATAL C=54000 M=message of 2130706428 bytes is longer than 1073741824 bytes, which is as much as is taken
    Over
    ");
    insta::assert_snapshot!(told(b"Q\0\0\0\x06ab"), @r"
    error S=ERROR C=08P01 M=invalid string in message
    ready I
    More
    ");
    insta::assert_snapshot!(told(b"Q\0\0\0\x06\xff\0"), @r#"
    error S=ERROR C=22021 M=invalid byte sequence for encoding "UTF8": 0xff
    ready I
    More
    "#);
    insta::assert_snapshot!(told(b"D\0\0\0\x06x\0S\0\0\0\x04"), @r"
    error S=ERROR C=08P01 M=invalid DESCRIBE message subtype 120
    ready I
    More
    ");
    insta::assert_snapshot!(told(b"F\0\0\0\x04"), @r"
    error S=ERROR C=08P01 M=insufficient data left in message
    ready I
    More
    ");
    insta::assert_snapshot!(told(b"X\0\0\0\x04"), @r"
    Over
    ");
    insta::assert_snapshot!(told(b"c\0\0\0\x04f\0\0\0\x05\0"), @r"
    More
    ");
}

#[test]
fn statements_of_one_message_are_a_block_to_each_other() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int)");
    insta::assert_snapshot!(caller.query("LOCK TABLE t; DECLARE c CURSOR FOR SELECT 1; FETCH c; SET LOCAL work_mem = '1MB'"), @r"
    complete LOCK TABLE
    complete DECLARE CURSOR
    columns ?column?(- type 23 4 -1 format 0)
    row 1
    complete FETCH 1
    complete SET
    ready I
    ");
    insta::assert_snapshot!(caller.query("LOCK TABLE t"), @r"
    error S=ERROR C=25P01 M=LOCK TABLE can only be used in transaction blocks
    ready I
    ");
    insta::assert_snapshot!(caller.query("SAVEPOINT s; SELECT 1"), @r"
    error S=ERROR C=25P01 M=SAVEPOINT can only be used in transaction blocks
    ready I
    ");
    insta::assert_snapshot!(caller.query("CREATE DATABASE d; SELECT 1"), @r"
    error S=ERROR C=25001 M=CREATE DATABASE cannot run inside a transaction block
    ready I
    ");
    insta::assert_snapshot!(caller.query("BEGIN; COMMIT; LOCK TABLE t"), @r"
    complete BEGIN
    complete COMMIT
    complete LOCK TABLE
    ready I
    ");
}

/// A call of a function by its number: formats, arguments, and the format of the answer.
fn call(function: u32, formats: &[u16], arguments: &[Option<&[u8]>], result: u16) -> Vec<u8> {
    let mut body = function.to_be_bytes().to_vec();
    body.extend((formats.len() as u16).to_be_bytes());
    formats.iter().for_each(|format| body.extend(format.to_be_bytes()));
    body.extend((arguments.len() as u16).to_be_bytes());
    for argument in arguments {
        match argument {
            Some(bytes) => {
                body.extend((bytes.len() as u32).to_be_bytes());
                body.extend_from_slice(bytes);
            }
            None => body.extend((-1_i32).to_be_bytes()),
        }
    }
    body.extend(result.to_be_bytes());
    let length = (body.len() as u32 + 4).to_be_bytes();
    [b"F".as_slice(), &length, &body].concat()
}

#[test]
fn a_function_may_be_called_by_its_number() {
    const SUM: u32 = 177;
    let house = House::trusting();
    let mut caller = house.guest();
    let mut told = |bytes: &[u8]| caller.say_bytes(bytes);
    let two: &[u8] = &[0, 0, 0, 2];
    insta::assert_snapshot!(told(&call(SUM, &[], &[Some(b"1"), Some(b"2")], 0)), @r"
    answer 3
    ready I
    ");
    insta::assert_snapshot!(told(&call(SUM, &[0, 1], &[Some(b"1"), Some(two)], 1)), @r"
    answer [00, 00, 00, 03]
    ready I
    ");
    insta::assert_snapshot!(told(&call(SUM, &[1], &[Some(two), None], 1)), @r"
    answer null
    ready I
    ");
    insta::assert_snapshot!(told(&call(SUM, &[1], &[Some(two)], 1)), @r"
    error S=ERROR C=08P01 M=function call message contains 1 arguments but function requires 2
    ready I
    ");
    insta::assert_snapshot!(told(&call(SUM, &[1, 1, 1], &[Some(two), Some(two)], 1)), @r"
    error S=ERROR C=08P01 M=function call message contains 3 argument formats but 2 arguments
    ready I
    ");
    // It is told of an argument that is none, and of no portal.
    insta::assert_snapshot!(told(&call(SUM, &[0], &[Some(b"1"), Some(b"x")], 0)), @r#"
    error S=ERROR C=22P02 M=invalid input syntax for type integer: "x"
    ready I
    "#);
    insta::assert_snapshot!(told(&call(2147, &[1], &[Some(two)], 1)), @r#"
    error S=ERROR C=0A000 M=cannot call function "count" via fastpath interface
    ready I
    "#);
    insta::assert_snapshot!(told(&call(99_999_999, &[], &[], 0)), @r"
    error S=ERROR C=42883 M=function with OID 99999999 does not exist
    ready I
    ");
}

#[test]
fn rows_in_front_of_one_that_fails_are_sent() {
    let house = House::trusting();
    let mut caller = house.guest();
    insta::assert_snapshot!(caller.query("SELECT 1 / (3 - g) AS q FROM generate_series(1, 5) g"), @r"
    columns q(- type 23 4 -1 format 0)
    row 0
    row 1
    error S=ERROR C=22012 M=division by zero
    ready I
    ");
    insta::assert_snapshot!(caller.query("SELECT 1 / (3 - g) AS q FROM generate_series(1, 5) g LIMIT 2"), @r"
    columns q(- type 23 4 -1 format 0)
    row 0
    row 1
    complete SELECT 2
    ready I
    ");
    house.run("CREATE TABLE t (a int); INSERT INTO t SELECT g FROM generate_series(1, 5) g");
    insta::assert_snapshot!(caller.query("SELECT a, 1 / (3 - a) AS q FROM t FOR UPDATE"), @r"
    columns a(column 1 type 23 4 -1 format 0) q(- type 23 4 -1 format 0)
    row 1 | 0
    row 2 | 1
    error S=ERROR C=22012 M=division by zero
    ready I
    ");
    insta::assert_snapshot!(caller.query("INSERT INTO t SELECT 1 / (3 - g) FROM generate_series(1, 5) g RETURNING a"), @r"
    error S=ERROR C=22012 M=division by zero
    ready I
    ");
}

#[test]
fn rows_of_a_binary_cursor_are_bytes() {
    let house = House::trusting();
    let mut caller = house.guest();
    let text = "BEGIN; DECLARE c BINARY CURSOR FOR SELECT g, g::text AS t FROM generate_series(1, 2) g; FETCH c; SELECT 5 AS f; COMMIT";
    insta::assert_snapshot!(caller.query(text), @r"
    complete BEGIN
    complete DECLARE CURSOR
    columns g(- type 23 4 -1 format 1) t(- type 25 -1 -1 format 1)
    row [00, 00, 00, 01] | 1
    complete FETCH 1
    columns f(- type 23 4 -1 format 0)
    row 5
    complete SELECT 1
    complete COMMIT
    ready I
    ");
}
