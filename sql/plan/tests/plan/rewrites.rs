//! Each rewrite on a small tree: what is said before, what is said after, what is done.

use super::common::*;
use plan::expression::{Expression, ExpressionKind, SubqueryTest};
use plan::logical::{JoinKind, Query};
use plan::{plan, rewritten};

/// The statement, what it is rewritten to, and the plan.
fn seen(query: Query) -> String {
    let world = World::new(&[1000.0, 10_000.0, 100.0, 50.0], &[1]);
    let before = query.to_string();
    let after = rewritten(query.clone(), &world).to_string();
    let planned = plan(query, &world).unwrap().to_string();
    format!("{before}--\n{after}--\n{planned}")
}

/// Plans, each under its title.
fn snapshot(name: &str, cases: &[(&str, Query)]) {
    let text = cases
        .iter()
        .map(|(title, query)| format!("== {title}\n{}", seen(query.clone())))
        .collect::<Vec<_>>()
        .join("\n");
    insta::with_settings!({ snapshot_path => "../../../../snapshots/sql-plan", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text);
    });
}

fn exists(query: plan::logical::Logical) -> Expression {
    subquery(SubqueryTest::Exists, query, &[], BOOL)
}

#[test]
fn constants() {
    let sum = |left, right| call(PLUS, vec![left, right], INT4);
    let truth = Expression::truth;
    snapshot(
        "constants",
        &[
            ("sums", query(filter(scan(1, 0, 2), vec![equal(column(1, 0), sum(int(1), int(2)))]), &[(1, 1)])),
            ("false", query(filter(scan(1, 0, 2), vec![equal(int(1), int(2))]), &[(1, 1)])),
            ("true", query(filter(scan(1, 0, 2), vec![equal(int(1), int(1))]), &[(1, 1)])),
            (
                "an error waits until it is reached",
                query(project(2, scan(1, 0, 1), vec![call(DIVIDE, vec![int(1), int(0)], INT4)]), &[(2, 0)]),
            ),
            (
                "or, not",
                query(
                    filter(
                        scan(1, 0, 2),
                        vec![
                            or(vec![truth(false), equal(column(1, 0), column(1, 1))]),
                            not(compare(LESS, column(1, 0), int(7))),
                        ],
                    ),
                    &[(1, 0)],
                ),
            ),
        ],
    );
}

#[test]
fn pushing() {
    let both = || join(JoinKind::Inner, scan(1, 0, 3), scan(2, 1, 3), vec![]);
    let left = |conditions| {
        filter(
            join(JoinKind::Left, scan(1, 0, 3), scan(2, 1, 3), vec![equal(column(1, 0), column(2, 0))]),
            conditions,
        )
    };
    let grouped = || group(3, scan(1, 0, 3), vec![column(1, 1)], vec![aggregate(COUNT_ROWS, vec![])]);
    snapshot(
        "pushing",
        &[
            (
                "to both sides, and what follows",
                query(
                    filter(
                        both(),
                        vec![
                            equal(column(1, 0), column(2, 1)),
                            equal(column(1, 0), int(5)),
                            compare(LESS, column(2, 2), int(9)),
                        ],
                    ),
                    &[(1, 1), (2, 2)],
                ),
            ),
            (
                "an outer join stays",
                query(left(vec![is_null(column(2, 2)), equal(column(1, 1), int(3))]), &[(1, 1)]),
            ),
            ("an outer join becomes inner", query(left(vec![equal(column(2, 2), int(3))]), &[(1, 1)])),
            (
                "below a grouping",
                query(
                    filter(
                        grouped(),
                        vec![equal(column(3, 0), int(3)), compare(GREATER, column(3, 1), int(1))],
                    ),
                    &[(3, 0), (3, 1)],
                ),
            ),
            (
                "not below a volatile projection",
                query(
                    filter(
                        project(2, scan(1, 0, 2), vec![call(RANDOM, vec![], INT4), column(1, 0)]),
                        vec![equal(column(2, 0), int(3)), equal(column(2, 1), int(4))],
                    ),
                    &[(2, 0)],
                ),
            ),
            (
                "not below a limit",
                query(filter(limit(scan(1, 0, 2), 10), vec![equal(column(1, 0), int(3))]), &[(1, 1)]),
            ),
        ],
    );
}

/// EXISTS and IN.
fn asked() -> Vec<(&'static str, Query)> {
    let correlated = |outer: u32| filter(scan(2, 1, 3), vec![equal(column(2, 1), column(1, outer))]);
    let any = |query, negated: bool| {
        let test = SubqueryTest::Any(Box::new(equal(column(1, 2), column(3, 0))));
        let asked = subquery(test, query, &[(3, 0)], BOOL);
        if negated { not(asked) } else { asked }
    };
    vec![
        ("exists", query(filter(scan(1, 0, 3), vec![exists(correlated(0))]), &[(1, 0)])),
        ("not exists", query(filter(scan(1, 0, 3), vec![not(exists(correlated(0)))]), &[(1, 0)])),
        (
            "in",
            query(
                filter(scan(1, 0, 3), vec![any(project(3, scan(2, 1, 3), vec![column(2, 2)]), false)]),
                &[(1, 0)],
            ),
        ),
        (
            "not in",
            query(
                filter(scan(1, 0, 3), vec![any(project(3, scan(2, 1, 3), vec![column(2, 2)]), true)]),
                &[(1, 0)],
            ),
        ),
        (
            "not in, correlated",
            query(
                filter(scan(1, 0, 3), vec![any(project(3, correlated(0), vec![column(2, 2)]), true)]),
                &[(1, 0)],
            ),
        ),
        (
            "exists or",
            query(
                filter(scan(1, 0, 3), vec![or(vec![equal(column(1, 0), int(1)), exists(correlated(0))])]),
                &[(1, 0)],
            ),
        ),
    ]
}

/// Subqueries as values.
fn values() -> Vec<(&'static str, Query)> {
    let correlated = |outer: u32| filter(scan(2, 1, 3), vec![equal(column(2, 1), column(1, outer))]);
    let total = |function, arguments| {
        let grouped = group(4, correlated(1), vec![], vec![aggregate(function, arguments)]);
        subquery(
            SubqueryTest::Scalar,
            project(
                3,
                grouped,
                vec![Expression::column(
                    plan::expression::Column { relation: plan::expression::RelationId(4), index: 0 },
                    INT8,
                )],
            ),
            &[(3, 0)],
            INT8,
        )
    };
    vec![
        (
            "a sum",
            query(
                project(9, scan(1, 0, 3), vec![column(1, 0), total(SUM, vec![column(2, 2)])]),
                &[(9, 0), (9, 1)],
            ),
        ),
        (
            "a count",
            query(
                project(9, scan(1, 0, 3), vec![column(1, 0), total(COUNT_ROWS, vec![])]),
                &[(9, 0), (9, 1)],
            ),
        ),
        (
            "one row",
            query(
                project(
                    9,
                    scan(1, 0, 3),
                    vec![subquery(
                        SubqueryTest::Scalar,
                        project(3, correlated(0), vec![call(PLUS, vec![column(2, 2), int(1)], INT4)]),
                        &[(3, 0)],
                        INT4,
                    )],
                ),
                &[(9, 0)],
            ),
        ),
    ]
}

/// Subqueries that are run beside.
fn beside() -> Vec<(&'static str, Query)> {
    let correlated = |outer: u32| filter(scan(2, 1, 3), vec![equal(column(2, 1), column(1, outer))]);
    vec![
        (
            "one that cannot be a join",
            query(
                project(
                    9,
                    scan(1, 0, 3),
                    vec![subquery(
                        SubqueryTest::Scalar,
                        limit(project(3, correlated(0), vec![column(2, 2)]), 1),
                        &[(3, 0)],
                        INT4,
                    )],
                ),
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
                            project(3, scan(2, 1, 1), vec![column(2, 0)]),
                            &[(3, 0)],
                            INT4,
                        ),
                    )],
                ),
                &[(1, 0)],
            ),
        ),
    ]
}

#[test]
fn subqueries() {
    let mut cases = asked();
    cases.extend(values());
    cases.extend(beside());
    snapshot("subqueries", &cases);
}

fn and(terms: Vec<Expression>) -> Expression {
    Expression::new(ExpressionKind::And(terms), BOOL)
}

/// What the terms of an `OR` have in common, and what they say about one table.
#[test]
fn alternatives() {
    let joined = || equal(column(1, 0), column(2, 0));
    let both = |conditions| query(join(JoinKind::Inner, scan(1, 0, 3), scan(2, 1, 3), conditions), &[(1, 1)]);
    let term =
        |left, right| and(vec![joined(), equal(column(1, 2), int(left)), equal(column(2, 2), int(right))]);
    snapshot(
        "alternatives",
        &[
            ("a common key", both(vec![or(vec![term(1, 2), term(3, 4)])])),
            ("a term that says nothing else", both(vec![or(vec![term(1, 2), joined()])])),
            (
                "nothing in common",
                both(vec![or(vec![equal(column(1, 1), int(1)), equal(column(2, 1), int(2))])]),
            ),
            (
                "what is volatile stays",
                query(
                    filter(
                        scan(1, 0, 3),
                        vec![or(vec![
                            and(vec![equal(column(1, 1), int(1)), equal(call(RANDOM, vec![], INT4), int(1))]),
                            and(vec![equal(column(1, 1), int(1)), equal(call(RANDOM, vec![], INT4), int(2))]),
                        ])],
                    ),
                    &[(1, 1)],
                ),
            ),
        ],
    );
}

/// Groupings that few rows are joined with are run for each of them if an index helps.
#[test]
fn leaves_that_are_run_for_rows() {
    let grouped = || group(3, scan(2, 1, 3), vec![column(2, 0)], vec![aggregate(MAX, vec![column(2, 2)])]);
    let few = || filter(scan(1, 0, 3), vec![equal(column(1, 0), int(1))]);
    let with = |kind, left| {
        query(join(kind, left, grouped(), vec![equal(column(1, 1), column(3, 0))]), &[(1, 1), (3, 1)])
    };
    snapshot(
        "bound",
        &[
            ("for one row", with(JoinKind::Inner, few())),
            ("also where there may be none", with(JoinKind::Left, few())),
            ("once for all of many rows", with(JoinKind::Inner, scan(1, 0, 3))),
            (
                "not by what no index has",
                query(
                    join(JoinKind::Inner, few(), grouped(), vec![equal(column(1, 1), column(3, 1))]),
                    &[(1, 1), (3, 1)],
                ),
            ),
        ],
    );
}

fn three_tables() -> Query {
    query(
        filter(
            join(
                JoinKind::Inner,
                join(JoinKind::Inner, scan(2, 1, 3), scan(1, 0, 3), vec![equal(column(2, 1), column(1, 0))]),
                scan(3, 2, 3),
                vec![equal(column(1, 1), column(3, 0))],
            ),
            vec![equal(column(3, 1), int(4))],
        ),
        &[(2, 2)],
    )
}

#[test]
fn access() {
    let between = |column: fn() -> Expression| {
        vec![compare(GREATER_OR_EQUAL, column(), int(3)), compare(LESS, column(), int(7))]
    };
    let list = || {
        let list = vec![int(7), int(3), int(7), int(5)];
        Expression::new(
            ExpressionKind::InList {
                operand: Box::new(column(2, 0)),
                list,
                order: types::vector::Order::Int32,
                negated: false,
            },
            BOOL,
        )
    };
    let descending = || {
        let mut key = key(column(2, 0));
        (key.descending, key.nulls_first) = (true, true);
        key
    };
    snapshot(
        "access",
        &[
            ("a key", query(filter(scan(2, 1, 3), vec![equal(column(2, 0), int(7))]), &[(2, 1)])),
            ("a range", query(filter(scan(2, 1, 3), between(|| column(2, 0))), &[(2, 1)])),
            ("a list", query(filter(scan(2, 1, 3), vec![list()]), &[(2, 1)])),
            ("only the index", query(filter(scan(2, 1, 1), between(|| column(2, 0))), &[(2, 0)])),
            (
                "first rows in order",
                query(limit(sort(scan(2, 1, 3), vec![key(column(2, 0))]), 10), &[(2, 1)]),
            ),
            ("last rows in order", query(limit(sort(scan(2, 1, 3), vec![descending()]), 10), &[(2, 1)])),
            ("all rows in order", query(sort(scan(2, 1, 3), vec![key(column(2, 2))]), &[(2, 1)])),
            (
                "the greatest",
                query(group(3, scan(2, 1, 1), vec![], vec![aggregate(MAX, vec![column(2, 0)])]), &[(3, 0)]),
            ),
            (
                "lookups",
                query(
                    join(
                        JoinKind::Inner,
                        filter(scan(1, 0, 3), vec![equal(column(1, 0), int(1))]),
                        scan(2, 1, 3),
                        vec![equal(column(1, 1), column(2, 1))],
                    ),
                    &[(2, 2)],
                ),
            ),
            ("three tables, the smallest first", three_tables()),
        ],
    );
}
