//! Scans, filters, joins, sorting, limits, changes: the main road, with plans by hand.

use super::common::*;
use plan::expression::ExpressionKind;
use plan::physical::{HashJoin, NodeKind, PhysicalJoinKind};

/// `t(a int, b text)` with rows (1, one), (2, two), (3, null), (null, four).
fn filled(bench: &mut Bench) -> (store::Transaction, u32) {
    let mut transaction = bench.begin();
    let table = bench.table(&mut transaction, "t", &[("a", INT, false), ("b", TEXT, false)]);
    let rows = vec![
        vec![int(1), text("one")],
        vec![int(2), text("two")],
        vec![int(3), null(TEXT)],
        vec![null(INT), text("four")],
    ];
    let insert = silent(insert(&bench.target(table), values(rows)));
    assert_eq!(bench.run_with(&mut transaction, insert, &[]).unwrap().1, 4);
    (transaction, table)
}

/// Runs a test with chunks of 1, 2 and 1,024 rows.
fn with_chunks(test: impl Fn(&mut Bench)) {
    for chunk_rows in [1, 2, 1024] {
        let mut bench = Bench::new();
        bench.settings.chunk_rows = chunk_rows;
        test(&mut bench);
    }
}

#[test]
fn what_was_inserted_is_scanned_and_filtered() {
    with_chunks(|bench| {
        let (mut transaction, table) = filled(bench);
        let target = bench.target(table);
        let all = bench.run(&mut transaction, plan(scan(&target, vec![], false))).unwrap();
        assert_eq!(all, ["1|one", "2|two", "3|null", "null|four"]);
        let filter = vec![less(int(1), slot(0, INT))];
        let some = bench.run(&mut transaction, plan(scan(&target, filter, false))).unwrap();
        assert_eq!(some, ["2|two", "3|null"]);
        let filter = vec![expression(
            ExpressionKind::IsNull { operand: Box::new(slot(1, TEXT)), negated: false },
            BOOL,
        )];
        let filter = node(
            NodeKind::Filter {
                input: Box::new(scan(&target, vec![], true)),
                conditions: filter,
                called: None,
                once: false,
            },
            vec![INT, TEXT, BIGINT],
        );
        let shown =
            bench.run(&mut transaction, plan(project(filter, vec![slot(2, BIGINT), slot(0, INT)]))).unwrap();
        assert_eq!(shown, ["2|3"]);
    });
}

#[test]
fn sorting_limits_and_distinct_rows() {
    with_chunks(|bench| {
        let (mut transaction, table) = filled(bench);
        let target = bench.target(table);
        let columns = vec![INT, TEXT];
        let keys = vec![descending(slot(0, INT))];
        let sort = NodeKind::Sort {
            input: Box::new(scan(&target, vec![], false)),
            keys: keys.clone(),
            presorted: 0,
        };
        let sorted = bench.run(&mut transaction, plan(node(sort.clone(), columns.clone()))).unwrap();
        assert_eq!(sorted, ["null|four", "3|null", "2|two", "1|one"]);
        let limit = NodeKind::Limit {
            input: Box::new(node(sort, columns.clone())),
            limit: Some(bigint(2)),
            offset: Some(bigint(1)),
            with_ties: vec![],
        };
        assert_eq!(
            bench.run(&mut transaction, plan(node(limit, columns.clone()))).unwrap(),
            ["3|null", "2|two"]
        );
        let top = NodeKind::TopN {
            input: Box::new(scan(&target, vec![], false)),
            keys: keys.clone(),
            limit: bigint(1),
            offset: Some(bigint(2)),
        };
        assert_eq!(bench.run(&mut transaction, plan(node(top, columns))).unwrap(), ["2|two"]);
        let twice = node(
            NodeKind::Append {
                inputs: vec![scan(&target, vec![], false), scan(&target, vec![], false)],
                members_of: None,
                backward: false,
                pruning: None,
            },
            vec![INT, TEXT],
        );
        let keys = vec![ascending(slot(0, INT)), ascending(slot(1, TEXT))];
        let distinct = NodeKind::HashDistinct { input: Box::new(twice), keys };
        let found = bench.run(&mut transaction, plan(node(distinct, vec![INT, TEXT]))).unwrap();
        assert_eq!(found, ["1|one", "2|two", "3|null", "null|four"]);
    });
}

#[test]
fn every_kind_of_hash_join() {
    let right = || {
        values(vec![
            vec![int(2), text("zwei")],
            vec![int(2), text("deux")],
            vec![int(3), text("drei")],
            vec![int(5), text("fünf")],
        ])
    };
    let cases: &[(PhysicalJoinKind, &[&str])] = &[
        (PhysicalJoinKind::Inner, &["2|two|2|zwei", "2|two|2|deux", "3|null|3|drei"]),
        (
            PhysicalJoinKind::Left,
            &["1|one|null|null", "2|two|2|zwei", "2|two|2|deux", "3|null|3|drei", "null|four|null|null"],
        ),
        (PhysicalJoinKind::Right, &["2|two|2|zwei", "2|two|2|deux", "3|null|3|drei", "null|null|5|fünf"]),
        (
            PhysicalJoinKind::Full,
            &[
                "1|one|null|null",
                "2|two|2|zwei",
                "2|two|2|deux",
                "3|null|3|drei",
                "null|four|null|null",
                "null|null|5|fünf",
            ],
        ),
        (PhysicalJoinKind::Semi, &["2|two", "3|null"]),
        (PhysicalJoinKind::Anti, &["1|one", "null|four"]),
        (PhysicalJoinKind::AntiNull, &["1|one"]),
        (PhysicalJoinKind::Mark, &["1|one|f", "2|two|t", "3|null|t", "null|four|null"]),
        (PhysicalJoinKind::RightSemi, &["2|zwei", "2|deux", "3|drei"]),
        (PhysicalJoinKind::RightAnti, &["5|fünf"]),
    ];
    with_chunks(|bench| {
        let (mut transaction, table) = filled(bench);
        let target = bench.target(table);
        for (kind, expected) in cases {
            let columns = match kind {
                PhysicalJoinKind::Semi | PhysicalJoinKind::Anti | PhysicalJoinKind::AntiNull => {
                    vec![INT, TEXT]
                }
                PhysicalJoinKind::RightSemi | PhysicalJoinKind::RightAnti => vec![INT, TEXT],
                PhysicalJoinKind::Mark => vec![INT, TEXT, BOOL],
                _ => vec![INT, TEXT, INT, TEXT],
            };
            let join = HashJoin {
                kind: *kind,
                left: Box::new(scan(&target, vec![], false)),
                right: Box::new(right()),
                keys: vec![(slot(0, INT), slot(0, INT), order(INT))],
                nulls_equal: vec![false],
                conditions: vec![],
            };
            let found =
                bench.run(&mut transaction, plan(node(NodeKind::HashJoin(join), columns.clone()))).unwrap();
            assert_eq!(found, *expected, "{kind:?}");
            let nested = NodeKind::NestedLoopJoin {
                kind: *kind,
                left: Box::new(scan(&target, vec![], false)),
                right: Box::new(right()),
                conditions: vec![equals(slot(0, INT), slot(2, INT))],
            };
            let found = bench.run(&mut transaction, plan(node(nested, columns))).unwrap();
            assert_eq!(found, *expected, "nested {kind:?}");
        }
    });
}

#[test]
fn rows_are_updated_and_deleted() {
    with_chunks(|bench| {
        let (mut transaction, table) = filled(bench);
        let target = bench.target(table);
        let input = scan(&target, vec![less(slot(0, INT), int(3))], true);
        let changed = update(&target, input, vec![(1, text("changed"))]);
        let (rows, count) = bench
            .run_with(&mut transaction, plan(project(changed, vec![slot(1, TEXT), slot(4, TEXT)])), &[])
            .unwrap();
        assert_eq!((rows, count), (vec!["one|changed".to_owned(), "two|changed".to_owned()], 2));
        let input = scan(&target, vec![equals(slot(0, INT), int(1))], true);
        assert_eq!(bench.run_with(&mut transaction, silent(delete(&target, input)), &[]).unwrap().1, 1);
        let all = bench.run(&mut transaction, plan(scan(&target, vec![], false))).unwrap();
        assert_eq!(all, ["2|changed", "3|null", "null|four"]);
    });
}

#[test]
fn rows_that_may_not_be_are_refused_and_leave_no_trace() {
    use diagnostic::Diagnostic;
    with_chunks(|bench| {
        let mut transaction = bench.begin();
        let table = bench.table(&mut transaction, "t", &[("a", INT, true), ("b", TEXT, false)]);
        bench.index(&mut transaction, table, "t_pkey", &[0], true);
        let insert_rows = |bench: &Bench, rows| silent(insert(&bench.target(table), values(rows)));
        let rows = vec![vec![int(1), text("x")], vec![null(INT), text("long ".repeat(20).as_str())]];
        let plan_of = insert_rows(bench, rows);
        let error = bench.run(&mut transaction, plan_of).unwrap_err();
        assert_eq!(error.sqlstate().code(), "23502");
        assert_eq!(
            error.to_string(),
            "null value in column \"a\" of relation \"t\" violates not-null constraint"
        );
        let detail = format!("Failing row contains (null, {}...).", &"long ".repeat(20)[..64]);
        assert_eq!(error.detail().unwrap(), detail);
        let plan_of = insert_rows(
            bench,
            vec![vec![int(1), text("x")], vec![int(2), text("y")], vec![int(1), text("z")]],
        );
        let error = bench.run(&mut transaction, plan_of).unwrap_err();
        assert_eq!(error.sqlstate().code(), "23505");
        assert_eq!(error.to_string(), "duplicate key value violates unique constraint \"t_pkey\"");
        assert_eq!(error.detail().unwrap(), "Key (a)=(1) already exists.");
        let target = bench.target(table);
        assert!(bench.run(&mut transaction, plan(scan(&target, vec![], false))).unwrap().is_empty());
        let plan_of = insert_rows(bench, vec![vec![int(1), text("x")], vec![int(2), text("y")]]);
        bench.run(&mut transaction, plan_of).unwrap();
        let input = scan(&target, vec![equals(slot(0, INT), int(2))], true);
        let error =
            bench.run(&mut transaction, silent(update(&target, input, vec![(0, int(1))]))).unwrap_err();
        assert_eq!(error.sqlstate().code(), "23505");
        let all = bench.run(&mut transaction, plan(scan(&target, vec![], false))).unwrap();
        assert_eq!(all, ["1|x", "2|y"]);
    });
}
