//! LISTEN and NOTIFY.

use crate::client::House;

#[test]
fn what_is_committed_is_told_once_to_who_listens() {
    let house = House::trusting();
    let (mut listening, mut telling) = (house.guest(), house.guest());
    listening.query("LISTEN a; LISTEN b");
    telling
        .query("BEGIN; NOTIFY a, 'one'; NOTIFY b; NOTIFY a, 'one'; SELECT pg_notify('a', 'two'); NOTIFY c");
    assert_eq!(listening.call(), "");
    telling.query("SAVEPOINT s; NOTIFY a, 'three'; ROLLBACK TO s; COMMIT");
    insta::assert_snapshot!(listening.call(), @r"
    told a one
    told b 
    told a two
    ");
    assert_eq!(listening.call(), "");
    telling.query("BEGIN; NOTIFY a; ROLLBACK");
    telling.query("NOTIFY a; SELECT 1 / 0");
    assert_eq!(listening.call(), "");
}

#[test]
fn what_is_told_comes_before_the_server_is_ready_and_never_within_a_transaction() {
    let house = House::trusting();
    let (mut listening, mut telling) = (house.guest(), house.guest());
    insta::assert_snapshot!(listening.query("LISTEN a; NOTIFY a, 'own'"), @r"
    complete LISTEN
    complete NOTIFY
    told a own
    ready I
    ");
    listening.query("BEGIN");
    telling.query("NOTIFY a, 'other'");
    assert_eq!(listening.call(), "");
    listening.parse("", "SELECT pg_listening_channels()", &[]).bind("", "", &[], false).execute("", 0).sync();
    insta::assert_snapshot!(listening.say(), @r"
    parsed
    bound
    row a
    complete SELECT 1
    ready T
    ");
    insta::assert_snapshot!(listening.query("COMMIT"), @r"
    complete COMMIT
    told a other
    ready I
    ");
}

#[test]
fn who_listens_no_more_hears_nothing_and_databases_are_apart() {
    let house = House::trusting();
    let (mut listening, mut telling) = (house.guest(), house.guest());
    listening.query("LISTEN a; LISTEN b");
    listening.query("BEGIN; UNLISTEN a");
    telling.query("NOTIFY a; NOTIFY b");
    assert_eq!(listening.query("COMMIT"), "complete COMMIT\ntold b \nready I\n");
    // What was told before is heard.
    telling.query("NOTIFY b, 'before'");
    assert_eq!(listening.query("UNLISTEN *"), "told b before\ncomplete UNLISTEN\nready I\n");
    listening.query("LISTEN b");
    telling.query("CREATE DATABASE other");
    let mut elsewhere = house.caller();
    elsewhere.start(&[("user", "postgres"), ("database", "other")]);
    elsewhere.query("NOTIFY b");
    assert_eq!(listening.call(), "");
    listening.query("DISCARD ALL");
    telling.query("NOTIFY b");
    assert_eq!(listening.call(), "");
    // Who has gone leaves nothing behind.
    let mut gone = house.guest();
    gone.query("LISTEN a");
    telling.query("NOTIFY a, 'nobody'");
    drop(gone);
    insta::assert_snapshot!(telling.query("SELECT pg_notification_queue_usage()"), @r"
    columns pg_notification_queue_usage(- type 701 8 -1 format 0)
    row 0
    complete SELECT 1
    ready I
    ");
}

#[test]
fn a_rule_tells_once_for_a_statement() {
    let house = House::trusting();
    let (mut listening, mut telling) = (house.guest(), house.guest());
    listening.query("LISTEN t");
    telling.query("CREATE TABLE t (a int); CREATE RULE r AS ON INSERT TO t DO ALSO NOTIFY t, 'new'");
    telling.query("INSERT INTO t VALUES (1), (2)");
    assert_eq!(listening.call(), "told t new\n");
}
