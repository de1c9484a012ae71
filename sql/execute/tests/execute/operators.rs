//! Grouping, windows, set operations, WITH, subqueries, indexes: plans by hand.

use super::common::*;
use plan::expression::{
    Aggregate, Expression, ExpressionKind, Frame, FrameBound, FrameExclusion, FrameUnit, FunctionId, OuterId,
    SubplanTest, WindowCall,
};
use plan::logical::{RangeName, SetOperator, TableFunction};
use plan::physical::{
    AggregateNode, IndexKey, IndexScan, KeyRange, Making, MergeJoin, Node, NodeKind, PhysicalJoinKind, Plan,
    Subplan, SubplanId,
};
use types::Type;

const COUNT_ANY: u32 = 2147;
const SUM: u32 = 2108;
const ARRAY_AGG: u32 = 2335;
const INT_ARRAY: Type = Type::of(1007);

fn with_chunks(test: impl Fn(&mut Bench)) {
    for chunk_rows in [1, 2, 1024] {
        let mut bench = Bench::new();
        bench.settings.chunk_rows = chunk_rows;
        test(&mut bench);
    }
}

fn pairs() -> Node {
    values(vec![
        vec![int(1), int(10)],
        vec![int(2), int(20)],
        vec![int(1), int(11)],
        vec![null(INT), int(5)],
        vec![int(2), null(INT)],
        vec![int(1), int(10)],
    ])
}

fn aggregate(function: u32, arguments: Vec<Expression>, result: Type) -> Aggregate {
    Aggregate {
        function: FunctionId(function),
        arguments,
        direct: 0,
        distinct: Vec::new(),
        order: Vec::new(),
        filter: None,
        made: None,
        result,
    }
}

#[test]
fn groups_with_sets_and_aggregates_of_all_manners() {
    with_chunks(|bench| {
        let mut transaction = bench.begin();
        let mut ordered = aggregate(ARRAY_AGG, vec![slot(1, INT)], INT_ARRAY);
        ordered.order = vec![descending(slot(1, INT))];
        let mut distinct = aggregate(COUNT_ANY, vec![slot(1, INT)], BIGINT);
        distinct.distinct = vec![order(INT)];
        let mut filtered = aggregate(SUM, vec![slot(1, INT)], BIGINT);
        filtered.filter = Some(less(slot(1, INT), int(11)));
        let node_of = |sets: Vec<Vec<u32>>| {
            let aggregates = vec![
                aggregate(SUM, vec![slot(1, INT)], BIGINT),
                filtered.clone(),
                distinct.clone(),
                ordered.clone(),
            ];
            let aggregate = AggregateNode {
                input: pairs(),
                keys: vec![ascending(slot(0, INT))],
                sets,
                phases: Vec::new(),
                aggregates,
                grouping_calls: vec![vec![0]],
            };
            let columns = vec![INT, BIGINT, BIGINT, BIGINT, INT_ARRAY, INT];
            plan(node(NodeKind::HashAggregate(Box::new(aggregate)), columns))
        };
        let found = bench.run(&mut transaction, node_of(vec![vec![0], vec![]])).unwrap();
        assert_eq!(
            found,
            [
                "1|31|20|2|{11,10,10}|0",
                "2|20|null|1|{NULL,20}|0",
                "null|5|5|1|{5}|0",
                "null|56|25|4|{NULL,20,11,10,10,5}|1",
            ]
        );
    });
}

#[test]
fn an_aggregate_without_rows_has_one_row_unless_it_has_keys() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let none = || {
        node(
            NodeKind::Append { inputs: vec![], members_of: None, backward: false, pruning: None },
            vec![INT, INT],
        )
    };
    for (sets, expected) in [(vec![vec![]], vec!["null|0"]), (vec![vec![0]], vec![])] {
        let aggregate = AggregateNode {
            input: none(),
            keys: vec![ascending(slot(0, INT))],
            sets,
            phases: Vec::new(),
            aggregates: vec![aggregate(COUNT_ANY, vec![slot(1, INT)], BIGINT)],
            grouping_calls: vec![],
        };
        let node = node(NodeKind::HashAggregate(Box::new(aggregate)), vec![INT, BIGINT]);
        assert_eq!(bench.run(&mut transaction, plan(node)).unwrap(), expected);
    }
}

fn window(function: u32, arguments: Vec<Expression>, result: Type, frame: Frame) -> WindowCall {
    WindowCall { function: FunctionId(function), arguments, filter: None, made: None, frame, result }
}

fn frame(unit: FrameUnit, start: FrameBound, end: FrameBound, exclusion: FrameExclusion) -> Frame {
    Frame { unit, start, end, exclusion }
}

#[test]
fn windows_with_frames() {
    let one = || Box::new(bigint(1));
    let usual = || {
        frame(
            FrameUnit::Range,
            FrameBound::UnboundedPreceding,
            FrameBound::CurrentRow,
            FrameExclusion::NoOthers,
        )
    };
    let rows = |exclusion| {
        frame(
            FrameUnit::Rows,
            FrameBound::Preceding(one(), None),
            FrameBound::Following(one(), None),
            exclusion,
        )
    };
    let groups = frame(
        FrameUnit::Groups,
        FrameBound::Preceding(one(), None),
        FrameBound::CurrentRow,
        FrameExclusion::Ties,
    );
    with_chunks(|bench| {
        let mut transaction = bench.begin();
        let input = values([1, 1, 2, 4, 4, 7].map(|value| vec![int(value)]).to_vec());
        let value = || vec![slot(0, INT)];
        let functions = vec![
            window(3100, vec![], BIGINT, usual()),
            window(3101, vec![], BIGINT, usual()),
            window(SUM, value(), BIGINT, usual()),
            window(SUM, value(), BIGINT, rows(FrameExclusion::NoOthers)),
            window(SUM, value(), BIGINT, rows(FrameExclusion::CurrentRow)),
            window(SUM, value(), BIGINT, rows(FrameExclusion::Group)),
            window(SUM, value(), BIGINT, groups.clone()),
        ];
        let mut columns = vec![INT];
        columns.extend([BIGINT; 7]);
        let kind = NodeKind::Window {
            input: Box::new(input),
            partition: vec![],
            order: vec![ascending(slot(0, INT))],
            functions,
            until: vec![],
        };
        let found = bench.run(&mut transaction, plan(node(kind, columns))).unwrap();
        assert_eq!(
            found,
            [
                "1|1|1|2|2|1|null|1",
                "1|2|1|2|4|3|2|1",
                "2|3|3|4|7|5|5|4",
                "4|4|4|12|10|6|2|6",
                "4|5|4|12|15|11|7|6",
                "7|6|6|19|11|4|4|15",
            ]
        );
    });
}

#[test]
fn set_operations_count_their_rows() {
    let side = |values_of: &[i32]| values(values_of.iter().map(|value| vec![int(*value)]).collect());
    let cases: &[(SetOperator, bool, &[&str])] = &[
        (SetOperator::Intersect, false, &["1", "2"]),
        (SetOperator::Intersect, true, &["1", "2", "1"]),
        (SetOperator::Except, false, &["3"]),
        (SetOperator::Except, true, &["3", "1", "3"]),
    ];
    with_chunks(|bench| {
        let mut transaction = bench.begin();
        for (operator, all, expected) in cases {
            let kind = NodeKind::SetOperation {
                operator: *operator,
                all: *all,
                inputs: Box::new((side(&[1, 3, 2, 1, 1, 3]), side(&[1, 2, 1, 5]))),
                orders: vec![order(INT)],
            };
            let found = bench.run(&mut transaction, plan(node(kind, vec![INT]))).unwrap();
            assert_eq!(found, *expected, "{operator:?} {all}");
        }
    });
}

#[test]
fn recursion_goes_on_until_a_round_is_empty() {
    with_chunks(|bench| {
        let mut transaction = bench.begin();
        let work = node(NodeKind::WorkTableScan { table: 0, called: RangeName::default() }, vec![INT]);
        let filter = NodeKind::Filter {
            input: Box::new(work),
            conditions: vec![less(slot(0, INT), int(4))],
            called: None,
            once: false,
        };
        let step = project(node(filter, vec![INT]), vec![call(177, vec![slot(0, INT), int(1)], INT)]);
        for distinct in [None, Some(vec![order(INT)])] {
            let kind = NodeKind::Recursive {
                work_table: 0,
                start: Box::new(values(vec![vec![int(1)], vec![int(1)]])),
                step: Box::new(step.clone()),
                distinct: distinct.clone(),
                quiet: true,
                renewed: vec![],
            };
            let mut recursive = plan(node(kind, vec![INT]));
            recursive.work_tables = 1;
            let found = bench.run(&mut transaction, recursive).unwrap();
            let expected = match distinct {
                None => vec!["1", "1", "2", "2", "3", "3", "4", "4"],
                Some(_) => vec!["1", "2", "3", "4"],
            };
            assert_eq!(found, expected);
        }
    });
}

fn subplan(root: Node, once: bool) -> Subplan {
    Subplan {
        name: "SubPlan 1".to_owned(),
        root,
        once,
        volatile: false,
        making: Making::Onwards,
        changes: false,
    }
}

fn test_of(plan: u32, test: SubplanTest, outer: Vec<(OuterId, Expression)>, result: Type) -> Expression {
    expression(ExpressionKind::Subplan { plan: SubplanId(plan), test, outer }, result)
}

fn outer(id: u32, of: Type) -> Expression {
    expression(ExpressionKind::Outer(OuterId(id)), of)
}

#[test]
fn subqueries_in_expressions() {
    // For each of 1, 2, null: those of 1, 2, 2, null that are equal.
    let rows = || values(vec![vec![int(1)], vec![int(2)], vec![int(2)], vec![null(INT)]]);
    let correlated = || {
        node(
            NodeKind::Filter {
                input: Box::new(rows()),
                conditions: vec![equals(slot(0, INT), outer(0, INT))],
                called: None,
                once: false,
            },
            vec![INT],
        )
    };
    let run = |bench: &mut Bench, root: Node, once: bool, test: SubplanTest, result: Type| {
        let mut transaction = bench.begin();
        let input = values(vec![vec![int(1)], vec![int(2)], vec![null(INT)]]);
        let asked = test_of(0, test, vec![(OuterId(0), slot(0, INT))], result);
        let mut made = plan(project(input, vec![asked]));
        made.subplans = vec![subplan(root, once)];
        made.outer_values = 1;
        bench.run(&mut transaction, made)
    };
    with_chunks(|bench| {
        let exists = run(bench, correlated(), false, SubplanTest::Exists, BOOL).unwrap();
        assert_eq!(exists, ["t", "t", "f"]);
        let array = run(bench, correlated(), false, SubplanTest::Array { nested: false }, INT_ARRAY).unwrap();
        assert_eq!(array, ["{1}", "{2,2}", "{}"]);
        let scalar = run(bench, correlated(), false, SubplanTest::Field(0), INT).unwrap_err();
        assert_eq!(scalar.to_string(), "more than one row returned by a subquery used as an expression");
        let any = SubplanTest::Any(Box::new(equals(outer(0, INT), slot(0, INT))));
        assert_eq!(run(bench, rows(), true, any, BOOL).unwrap(), ["t", "t", "null"]);
        let all = SubplanTest::All(Box::new(equals(outer(0, INT), slot(0, INT))));
        assert_eq!(run(bench, rows(), true, all, BOOL).unwrap(), ["f", "f", "null"]);
    });
}

#[test]
fn functions_stand_side_by_side_and_lateral() {
    with_chunks(|bench| {
        let mut transaction = bench.begin();
        let series = |from: Expression, to: Expression| TableFunction {
            call: call(1067, vec![from, to], INT),
            types: vec![INT],
            expand: false,
            names: vec!["generate_series".into()],
            name: "generate_series".into(),
        };
        let kind = NodeKind::FunctionScan {
            called: RangeName::default(),
            functions: vec![series(int(1), int(3)), series(int(7), int(8))],
            ordinality: true,
            filter: vec![],
        };
        let found = bench.run(&mut transaction, plan(node(kind, vec![INT, INT, BIGINT]))).unwrap();
        assert_eq!(found, ["1|7|1", "2|8|2", "3|null|3"]);
        let right = NodeKind::FunctionScan {
            called: RangeName::default(),
            functions: vec![series(int(1), outer(0, INT))],
            ordinality: false,
            filter: vec![],
        };
        let apply = NodeKind::Apply {
            kind: PhysicalJoinKind::Left,
            left: Box::new(values(vec![vec![int(2)], vec![int(0)], vec![int(1)]])),
            right: Box::new(node(right, vec![INT])),
            outer: vec![(OuterId(0), 0)],
            conditions: vec![],
        };
        let mut lateral = plan(node(apply, vec![INT, INT]));
        lateral.outer_values = 1;
        assert_eq!(bench.run(&mut transaction, lateral).unwrap(), ["2|1", "2|2", "0|null", "1|1"]);
        let set = NodeKind::ProjectSet {
            input: Box::new(values(vec![vec![int(2)], vec![int(0)], vec![int(1)]])),
            calls: vec![call(1067, vec![int(1), slot(0, INT)], INT), call(1067, vec![int(5), int(5)], INT)],
        };
        let found = bench.run(&mut transaction, plan(node(set, vec![INT, INT, INT]))).unwrap();
        assert_eq!(found, ["2|1|5", "2|2|null", "0|null|5", "1|1|5"]);
    });
}

/// `t(a int, b text)` with an index on `a`.
fn indexed(bench: &mut Bench) -> (store::Transaction, u32) {
    let mut transaction = bench.begin();
    let table = bench.table(&mut transaction, "t", &[("a", INT, false), ("b", TEXT, false)]);
    bench.index(&mut transaction, table, "t_a", &[0], false);
    let rows = [Some(3), Some(1), None, Some(2), Some(3), Some(5)];
    let row = |value: &Option<i32>| {
        vec![
            value.map_or(null(INT), int),
            text(&value.map_or("none".to_owned(), |value| format!("v{value}"))),
        ]
    };
    let plan_of = silent(insert(&bench.target(table), values(rows.iter().map(row).collect())));
    bench.run(&mut transaction, plan_of).unwrap();
    (transaction, table)
}

fn index_scan(bench: &Bench, table: u32, ranges: Vec<KeyRange>, backward: bool, only: bool) -> IndexScan {
    let target = bench.target(table);
    let NodeKind::TableScan(mut scan) = scan(&target, vec![], false).kind else { panic!("a scan") };
    if only {
        scan.columns.truncate(1);
    }
    let index = &target.indexes[0];
    IndexScan {
        scan,
        index: index.index,
        index_tree: index.tree,
        index_name: index.name.as_str().into(),
        keys: vec![IndexKey {
            key_type: INT,
            column: None,
            order: order(INT),
            descending: false,
            nulls_first: false,
        }],
        include: vec![],
        unique: false,
        partial: false,
        ranges,
        backward,
        index_only: only.then(|| vec![0]),
        compared_from: None,
        searches: Vec::new(),
        asked: Vec::new(),
        nearest: None,
    }
}

fn range(low: Option<(i32, bool)>, high: Option<(i32, bool)>, nulls: bool) -> KeyRange {
    let bound = |bound: Option<(i32, bool)>| bound.map(|(value, inside)| (int(value), inside));
    KeyRange { low: bound(low), high: bound(high), nulls, ..KeyRange::all() }
}

#[test]
fn index_scans_of_ranges_forward_and_backward() {
    let cases: Vec<(Vec<KeyRange>, bool, Vec<&str>)> = vec![
        (vec![range(None, None, true)], false, vec!["1|v1", "2|v2", "3|v3", "3|v3", "5|v5", "null|none"]),
        (vec![range(None, None, false)], true, vec!["5|v5", "3|v3", "3|v3", "2|v2", "1|v1"]),
        (vec![range(Some((2, true)), Some((3, true)), false)], false, vec!["2|v2", "3|v3", "3|v3"]),
        (vec![range(Some((2, false)), Some((5, false)), false)], false, vec!["3|v3", "3|v3"]),
        (
            vec![KeyRange::of(Some(int(5))), KeyRange::of(Some(int(1))), KeyRange::of(Some(int(1)))],
            false,
            vec!["1|v1", "5|v5"],
        ),
        (vec![KeyRange::of(None)], false, vec!["null|none"]),
        (vec![KeyRange::of(Some(null(INT)))], false, vec![]),
    ];
    with_chunks(|bench| {
        let (mut transaction, table) = indexed(bench);
        for (ranges, backward, expected) in &cases {
            let scan = index_scan(bench, table, ranges.clone(), *backward, false);
            let kind = NodeKind::IndexScan(scan);
            let found = bench.run(&mut transaction, plan(node(kind, vec![INT, TEXT]))).unwrap();
            assert_eq!(&found, expected, "{ranges:?}");
            let only = NodeKind::IndexScan(index_scan(bench, table, ranges.clone(), *backward, true));
            let found = bench.run(&mut transaction, plan(node(only, vec![INT]))).unwrap();
            let keys: Vec<&str> = expected.iter().map(|row| row.split('|').next().unwrap()).collect();
            assert_eq!(found, keys, "{ranges:?}");
        }
    });
}

#[test]
fn lookups_in_an_index() {
    with_chunks(|bench| {
        let (mut transaction, table) = indexed(bench);
        let left = || values(vec![vec![int(3)], vec![int(4)], vec![null(INT)], vec![int(1)]]);
        let cases: &[(PhysicalJoinKind, &[&str])] = &[
            (PhysicalJoinKind::Inner, &["3|3|v3", "3|3|v3", "1|1|v1"]),
            (PhysicalJoinKind::Left, &["3|3|v3", "3|3|v3", "4|null|null", "null|null|null", "1|1|v1"]),
            (PhysicalJoinKind::Semi, &["3", "1"]),
            (PhysicalJoinKind::Anti, &["4", "null"]),
        ];
        for (kind, expected) in cases {
            let equal = KeyRange::of(Some(slot(0, INT)));
            let right = index_scan(bench, table, vec![equal], false, false);
            let columns = match kind {
                PhysicalJoinKind::Semi | PhysicalJoinKind::Anti => vec![INT],
                _ => vec![INT, INT, TEXT],
            };
            let join = NodeKind::LookupJoin {
                kind: *kind,
                left: Box::new(left()),
                right: Box::new(right),
                right_columns: vec![INT, TEXT],
                conditions: vec![],
            };
            let found = bench.run(&mut transaction, plan(node(join, columns))).unwrap();
            assert_eq!(found, *expected, "{kind:?}");
        }
    });
}

#[test]
fn a_common_table_is_made_once() {
    with_chunks(|bench| {
        let (mut transaction, table) = indexed(bench);
        let target = bench.target(table);
        let changed = insert(&target, values(vec![vec![int(8), text("v8")], vec![int(9), text("v9")]]));
        let common = || {
            node(
                NodeKind::CommonTableScan { table: 0, name: "x".into(), called: RangeName::default() },
                vec![INT, TEXT],
            )
        };
        let both = node(
            NodeKind::Append {
                inputs: vec![common(), common()],
                members_of: None,
                backward: false,
                pruning: None,
            },
            vec![INT, TEXT],
        );
        let made = Plan {
            common_tables: vec![Subplan {
                name: "CTE x".to_owned(),
                root: changed,
                once: true,
                volatile: false,
                making: Making::Onwards,
                changes: true,
            }],
            ..plan(both)
        };
        let (found, count) = bench.run_with(&mut transaction, made, &[]).unwrap();
        assert_eq!((found, count), (["8|v8", "9|v9", "8|v8", "9|v9"].map(str::to_owned).to_vec(), 0));
        let scan = index_scan(bench, table, vec![range(Some((6, true)), None, false)], false, false);
        let found =
            bench.run(&mut transaction, plan(node(NodeKind::IndexScan(scan), vec![INT, TEXT]))).unwrap();
        assert_eq!(found, ["8|v8", "9|v9"]);
    });
}

#[test]
fn what_a_join_holds_is_given_back_when_it_begins_again() {
    let many = || values((0..1000).map(|row| vec![int(row)]).collect());
    let one = || values(vec![vec![int(1)]]);
    let nested = || NodeKind::NestedLoopJoin {
        kind: PhysicalJoinKind::Inner,
        left: Box::new(one()),
        right: Box::new(many()),
        conditions: vec![],
    };
    let merge = || {
        NodeKind::MergeJoin(MergeJoin {
            kind: PhysicalJoinKind::Inner,
            left: Box::new(one()),
            right: Box::new(many()),
            keys: vec![(ascending(slot(0, INT)), ascending(slot(0, INT)))],
            conditions: vec![],
        })
    };
    for right in [nested(), merge()] {
        let mut bench = Bench::new();
        // Room for the right side a few times, and not for a thousand times.
        bench.settings.memory_limit = 64 << 10;
        let mut transaction = bench.begin();
        let apply = NodeKind::Apply {
            kind: PhysicalJoinKind::Semi,
            left: Box::new(many()),
            right: Box::new(node(right, vec![INT, INT])),
            outer: vec![],
            conditions: vec![],
        };
        assert_eq!(bench.run(&mut transaction, plan(node(apply, vec![INT]))).unwrap().len(), 1000);
    }
}

#[test]
fn a_merge_join_keeps_what_a_chunk_of_the_left_meets() {
    const ROWS: i32 = 40_000;
    // Each key three times on the right; every second one on the left, which ends with nulls.
    let right = || values((0..ROWS).map(|row| vec![int(row / 3), int(row)]).collect());
    let left = || {
        let nulls = (0..10).map(|_| vec![null(INT)]);
        values((0..ROWS / 5).map(|row| vec![int(row * 2)]).chain(nulls).collect())
    };
    let join = |kind| {
        NodeKind::MergeJoin(MergeJoin {
            kind,
            left: Box::new(left()),
            right: Box::new(right()),
            keys: vec![(ascending(slot(0, INT)), ascending(slot(0, INT)))],
            conditions: vec![],
        })
    };
    let run = |kind, types: Vec<Type>, limit| {
        let mut bench = Bench::new();
        bench.settings.memory_limit = limit;
        let mut transaction = bench.begin();
        bench.run(&mut transaction, plan(node(join(kind), types)))
    };
    let all = vec![INT, INT, INT];
    let (keys, pairs) = (ROWS / 3 + 1, ROWS / 5);
    let met = |key: i32| (0..ROWS).filter(move |row| row / 3 == key && key % 2 == 0);
    let expected: Vec<String> = (0..keys)
        .flat_map(|key| met(key).map(move |row| format!("{key}|{key}|{row}")).collect::<Vec<_>>())
        .collect();
    let found = run(PhysicalJoinKind::Inner, all.clone(), 256 << 10).unwrap();
    assert_eq!(found, expected);
    let found = run(PhysicalJoinKind::Left, all.clone(), 256 << 10).unwrap();
    let alone = found.iter().filter(|row| row.ends_with("|null|null")).count() as i32;
    assert_eq!((found.len() - alone as usize, alone), (expected.len(), pairs - (keys + 1) / 2 + 10));
    let found = run(PhysicalJoinKind::Anti, vec![INT], 256 << 10).unwrap();
    assert_eq!(found.len() as i32, alone);
    // Who asks for rows of the right without a partner keeps them all.
    assert!(run(PhysicalJoinKind::Full, all.clone(), 256 << 10).is_err());
    let found = run(PhysicalJoinKind::Full, all, 64 << 20).unwrap();
    let odd = (0..ROWS).filter(|row| row / 3 % 2 == 1).count();
    assert_eq!(found.len(), expected.len() + alone as usize + odd);
}
