//! How expressions hang together, told with parentheses round every operation, as `pg_get_viewdef` of a running
//! PostgreSQL 15 tells them.

use bumpalo::Bump;
use syntax::tree::expression::{Expression, ExpressionKind, IsTest};
use syntax::tree::select::QueryBody;
use syntax::tree::{Query, StatementKind};

fn told(expression: &Expression<'_>) -> String {
    match &expression.kind {
        ExpressionKind::Null => "null".to_owned(),
        ExpressionKind::Integer(value) => value.to_string(),
        ExpressionKind::Decimal(digits) => (*digits).to_owned(),
        ExpressionKind::String(text) => format!("'{text}'"),
        ExpressionKind::Column(name) => name.to_string(),
        ExpressionKind::Operation { operator, left: Some(left), right } => {
            format!("({} {} {})", told(left), operator.symbol, told(right))
        }
        ExpressionKind::Operation { operator, left: None, right } => {
            format!("({} {})", operator.symbol, told(right))
        }
        ExpressionKind::And(terms) => {
            format!("({})", terms.iter().map(told).collect::<Vec<_>>().join(" and "))
        }
        ExpressionKind::Or(terms) => format!("({})", terms.iter().map(told).collect::<Vec<_>>().join(" or ")),
        ExpressionKind::Not(operand) => format!("(not {})", told(operand)),
        ExpressionKind::Is { operand, test: IsTest::Null, negated } => {
            format!("({} is{} null)", told(operand), if *negated { " not" } else { "" })
        }
        ExpressionKind::Between { operand, low, high, .. } => {
            format!("({} between {} and {})", told(operand), told(low), told(high))
        }
        ExpressionKind::Like { operand, pattern, .. } => {
            format!("({} like {})", told(operand), told(pattern))
        }
        ExpressionKind::In { operand, list, .. } => {
            format!("({} in {})", told(operand), list.iter().map(told).collect::<Vec<_>>().join(" "))
        }
        ExpressionKind::Cast { operand, .. } => format!("({}::)", told(operand)),
        ExpressionKind::Collate { operand, .. } => format!("({} collate)", told(operand)),
        ExpressionKind::AtTimeZone { operand, zone } => format!("({} at {})", told(operand), told(zone)),
        other => format!("{other:?}"),
    }
}

fn shape(text: &str) -> String {
    let arena = Bump::new();
    let text = format!("select {text}");
    let statements = syntax::parse(&text, &arena, 200).unwrap_or_else(|error| panic!("{text}: {error}"));
    let StatementKind::Query(Query { body: QueryBody::Select(select), .. }) = statements[0].kind else {
        panic!("{text}: no select");
    };
    told(&select.targets[0].expression)
}

const SHAPES: &[(&str, &str)] = &[
    ("1 + 2 * 3", "(1 + (2 * 3))"),
    ("1 - 2 - 3", "((1 - 2) - 3)"),
    ("2 ^ 3 ^ 4", "((2 ^ 3) ^ 4)"),
    ("-2 ^ 2", "(-2 ^ 2)"),
    ("-a ^ 2", "((- a) ^ 2)"),
    ("- -1", "1"),
    ("-2147483648", "-2147483648"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("a or b and c or not d", "(a or (b and c) or (not d))"),
    ("not a = b", "(not (a = b))"),
    ("a = b is null", "((a = b) is null)"),
    ("a is null = b", "((a is null) = b)"),
    ("a is null is not null", "((a is null) is not null)"),
    ("a || b like c || d", "((a || b) like (c || d))"),
    ("a < b || c", "(a < (b || c))"),
    ("a between b and c and d", "((a between b and c) and d)"),
    ("a between b + 1 and c * 2 or d", "((a between (b + 1) and (c * 2)) or d)"),
    ("a + b in (1, 2) and c", "(((a + b) in 1 2) and c)"),
    ("@ a + b", "(@ (a + b))"),
    ("a @ b + c", "(a @ (b + c))"),
    ("a + b @ c", "((a + b) @ c)"),
    ("a @ @ b", "(a @ (@ b))"),
    ("-a::int", "(- (a::))"),
    ("-1::int", "(- (1::))"),
    ("a + b::int", "(a + (b::))"),
    ("a || b collate \"C\"", "(a || (b collate))"),
    ("a at time zone b at time zone c", "((a at b) at c)"),
    ("a = b and c <> d", "((a = b) and (c <> d))"),
    ("a != b", "(a <> b)"),
    ("a operator(pg_catalog.*) b + c", "(a * (b + c))"),
    ("a % b / c", "((a % b) / c)"),
    ("a <= b isnull", "((a <= b) is null)"),
    ("((a))", "a"),
    ("(a + b) * c", "((a + b) * c)"),
];

#[test]
fn operators_bind_as_in_postgresql() {
    for (text, expected) in SHAPES {
        assert_eq!(shape(text), *expected, "{text}");
    }
}
