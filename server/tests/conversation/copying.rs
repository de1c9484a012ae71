//! COPY, in and out.

use crate::client::House;
use server::conversation::Next;

#[test]
fn rows_are_copied_out_one_message_each() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    insta::assert_snapshot!(caller.query("COPY t TO STDOUT; SELECT 1"), @r#"
    copy out [0, 0, 2, 0, 0, 0, 0]
    data "1\tx\n"
    data "2\t\\N\n"
    copy done
    complete COPY 2
    columns ?column?(- type 23 4 -1 format 0)
    row 1
    complete SELECT 1
    ready I
    "#);
    insta::assert_snapshot!(caller.query("COPY (SELECT 1 / (2 - a) FROM t) TO STDOUT"), @r#"
    copy out [0, 0, 1, 0, 0]
    data "1\n"
    error S=ERROR C=22012 M=division by zero
    ready I
    "#);
    insta::assert_snapshot!(caller.query("COPY t TO STDOUT (FORMAT csv, HEADER)"), @r#"
    copy out [0, 0, 2, 0, 0, 0, 0]
    data "a,b\n"
    data "1,x\n"
    data "2,\n"
    copy done
    complete COPY 2
    ready I
    "#);
}

#[test]
fn rows_are_copied_in_however_they_are_cut() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int, b text)");
    caller.message(b'd', &[b"1\tx\n2"]).message(b'H', &[]).message(b'd', &[b"\ty\n"]).say_later();
    caller.message(b'd', &[b"3\t\\N\n"]).message(b'c', &[]).say_later();
    insta::assert_snapshot!(caller.query("COPY t FROM STDIN; SELECT * FROM t"), @r"
    copy in [0, 0, 2, 0, 0, 0, 0]
    complete COPY 3
    columns a(column 1 type 23 4 -1 format 0) b(column 2 type 25 -1 -1 format 0)
    row 1 | x
    row 2 | y
    row 3 | null
    complete SELECT 3
    ready I
    ");
    caller.parse("", "COPY t FROM STDIN", &[]).bind("", "", &[], false).execute("", 0);
    // Clients send Sync behind the data.
    caller.message(b'd', &[b"4\tz\n"]).message(b'c', &[]).sync();
    insta::assert_snapshot!(caller.say(), @r"
    parsed
    bound
    copy in [0, 0, 2, 0, 0, 0, 0]
    complete COPY 1
    ready I
    ");
}

#[test]
fn a_copy_that_fails_leaves_nothing() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int)");
    caller.message(b'd', &[b"1\nx\n"]).message(b'd', &[b"2\n"]).message(b'c', &[]).say_later();
    insta::assert_snapshot!(caller.query("COPY t FROM STDIN"), @r#"
    copy in [0, 0, 1, 0, 0]
    error S=ERROR C=22P02 M=invalid input syntax for type integer: "x" W=COPY t, line 2, column a: "x"
    ready I
    "#);
    // What is left of the data is passed over.
    insta::assert_snapshot!(caller.query("SELECT count(*) FROM t"), @r"
    columns count(- type 20 8 -1 format 0)
    row 0
    complete SELECT 1
    ready I
    ");
    caller.message(b'd', &[b"1\n"]).message(b'f', &[b"no more\0"]).say_later();
    insta::assert_snapshot!(caller.query("COPY t FROM STDIN"), @r"
    copy in [0, 0, 1, 0, 0]
    error S=ERROR C=57014 M=COPY from stdin failed: no more W=COPY t, line 2
    ready I
    ");
    caller.message(b'd', &[b"1\n"]).message(b'Q', &[b"SELECT 1\0"]).say_later();
    insta::assert_snapshot!(caller.query("COPY t FROM STDIN"), @r"
    copy in [0, 0, 1, 0, 0]
    error S=ERROR C=08P01 M=unexpected message type 0x51 during COPY from stdin
    error S=FATAL C=08P01 M=terminating connection because protocol synchronization was lost
    ");
    assert_eq!(caller.next, Next::Over);
    insta::assert_snapshot!(house.guest().query("SELECT count(*) FROM t"), @r"
    columns count(- type 20 8 -1 format 0)
    row 0
    complete SELECT 1
    ready I
    ");
}

#[test]
fn who_hangs_up_within_a_copy_has_copied_nothing() {
    let house = House::trusting();
    let mut caller = house.guest();
    caller.query("CREATE TABLE t (a int)");
    caller.message(b'd', &[b"1\n"]).say_later();
    caller.query("COPY t FROM STDIN");
    assert_eq!(caller.next, Next::Over);
    drop(caller);
    insta::assert_snapshot!(house.guest().query("SELECT count(*) FROM t"), @r"
    columns count(- type 20 8 -1 format 0)
    row 0
    complete SELECT 1
    ready I
    ");
}
