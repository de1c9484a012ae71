//! Plans as EXPLAIN shows them.

use super::common::*;
use plan::explain::{Actual, ExplainFormat, ExplainOptions, Found, ReadInputs, explain, numbered};
use plan::expression::{Column, Expression, RelationId, SubqueryTest};
use plan::logical::{JoinKind, Query};
use types::Value;

fn shown(query: Query, options: &ExplainOptions, analyze: bool) -> String {
    let world = World::new(&[1000.0, 10_000.0, 100.0, 50.0], &[1]);
    let planned = plan::plan(query, &world).unwrap();
    let actual = (0..numbered(&planned).len() as u64)
        .map(|number| Actual {
            startup_time: 0.5,
            total_time: 1.5,
            rows: 100 + number,
            removed: number,
            loops: u64::from(number != 3),
            ..Actual::default()
        })
        .collect::<Vec<_>>();
    let found = Found { actual: analyze.then_some(actual.as_slice()), read: &ReadInputs::new() };
    explain(&[(&planned, found)], &world, options).join("\n")
}

/// Groupings, joins and orders.
fn plain() -> Vec<(&'static str, Query)> {
    let count = |relation: u32, index: u32| {
        Expression::column(Column { relation: RelationId(relation), index }, INT8)
    };
    let sum = |expression| call(PLUS, vec![expression, int(1)], INT4);
    let grouped = group(3, scan(1, 0, 3), vec![sum(column(1, 0))], vec![aggregate(COUNT_ROWS, vec![])]);
    let having =
        filter(grouped, vec![compare(GREATER, count(3, 1), Expression::constant(Value::Int64(1), INT8))]);
    vec![
        (
            "grouping",
            query(
                sort(
                    having,
                    vec![
                        {
                            let mut key = key(count(3, 1));
                            key.descending = true;
                            key.nulls_first = true;
                            key
                        },
                        key(column(3, 0)),
                    ],
                ),
                &[(3, 0), (3, 1)],
            ),
        ),
        (
            "join",
            query(
                filter(
                    join(
                        JoinKind::Left,
                        scan(1, 0, 3),
                        scan(2, 1, 3),
                        vec![equal(column(1, 0), column(2, 2)), compare(LESS, column(1, 1), column(2, 1))],
                    ),
                    vec![is_null(column(2, 2)), equal(column(1, 1), int(-5))],
                ),
                &[(1, 0), (2, 2)],
            ),
        ),
        (
            "index",
            query(
                limit(
                    sort(
                        filter(
                            scan(2, 1, 3),
                            vec![compare(GREATER, column(2, 0), int(3)), equal(column(2, 2), int(1))],
                        ),
                        vec![key(column(2, 0))],
                    ),
                    3,
                ),
                &[(2, 2)],
            ),
        ),
    ]
}

/// Joins by an index, and subqueries.
fn nested() -> Vec<(&'static str, Query)> {
    let sum = |expression| call(PLUS, vec![expression, int(1)], INT4);
    let total = group(
        4,
        filter(scan(2, 1, 3), vec![equal(column(2, 1), column(1, 1))]),
        vec![],
        vec![aggregate(MAX, vec![column(2, 2)])],
    );
    let first = limit(
        project(
            5,
            total.clone(),
            vec![sum(Expression::column(Column { relation: RelationId(4), index: 0 }, INT4))],
        ),
        1,
    );
    vec![
        (
            "lookup",
            query(
                join(
                    JoinKind::Inner,
                    filter(scan(1, 0, 3), vec![equal(column(1, 0), int(1))]),
                    scan(2, 1, 3),
                    vec![equal(column(1, 1), column(2, 0))],
                ),
                &[(2, 2)],
            ),
        ),
        (
            "subplan",
            query(
                project(9, scan(1, 0, 3), vec![subquery(SubqueryTest::Scalar, first, &[(5, 0)], INT4)]),
                &[(9, 0)],
            ),
        ),
        (
            "once",
            query(
                filter(
                    scan(1, 0, 3),
                    vec![equal(
                        column(1, 1),
                        subquery(
                            SubqueryTest::Scalar,
                            project(6, scan(2, 1, 1), vec![column(2, 0)]),
                            &[(6, 0)],
                            INT4,
                        ),
                    )],
                ),
                &[(1, 0)],
            ),
        ),
        ("never", query(filter(scan(1, 0, 3), vec![Expression::truth(false)]), &[(1, 0)])),
    ]
}

fn statements() -> Vec<(&'static str, Query)> {
    let mut statements = plain();
    statements.extend(nested());
    statements
}

fn snapshot(name: &str, options: &ExplainOptions, analyze: bool) {
    let text = statements()
        .into_iter()
        .map(|(title, query)| format!("== {title}\n{}", shown(query, options, analyze)))
        .collect::<Vec<_>>()
        .join("\n\n");
    insta::with_settings!({ snapshot_path => "../../../../snapshots/sql-plan", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn text() {
    snapshot("explain", &ExplainOptions { costs: true, ..ExplainOptions::default() }, false);
}

#[test]
fn verbose() {
    snapshot("explain_verbose", &ExplainOptions { verbose: true, ..ExplainOptions::default() }, false);
}

#[test]
fn analyze() {
    let options = ExplainOptions {
        timing: true,
        planning_time: Some(0.25),
        execution_time: Some(2.0),
        ..ExplainOptions::default()
    };
    snapshot("explain_analyze", &options, true);
}

#[test]
fn json() {
    snapshot(
        "explain_json",
        &ExplainOptions { costs: true, format: ExplainFormat::Json, ..ExplainOptions::default() },
        false,
    );
}

#[test]
fn plans_of_one_statement_make_one_text() {
    let world = World::new(&[1000.0], &[1]);
    let planned = plan::plan(query(scan(1, 0, 3), &[(1, 0)]), &world).unwrap();
    let nothing = ReadInputs::new();
    let plan = (&planned, Found { actual: None, read: &nothing });
    let written = |format, plans: &[_]| {
        let options = ExplainOptions { format, ..ExplainOptions::default() };
        explain(plans, &world, &options).join("\n")
    };
    let pair = |format| (written(format, &[plan]), written(format, &[plan, plan]));
    let (one, two) = pair(ExplainFormat::Text);
    assert_eq!(two, format!("{one}\n\n{one}"));
    let (one, two) = pair(ExplainFormat::Yaml);
    assert_eq!(two, format!("{one}\n{one}"));
    let (one, two) = pair(ExplainFormat::Json);
    let inner = one.strip_prefix("[\n").and_then(|rest| rest.strip_suffix("\n]")).unwrap();
    assert_eq!(two, format!("[\n{inner},\n{inner}\n]"));
    let (one, two) = pair(ExplainFormat::Xml);
    let (first, rest) = one.split_once('\n').unwrap();
    let inner = rest.strip_suffix("</explain>").unwrap();
    assert_eq!(two, format!("{first}\n{inner}{inner}</explain>"));
}
