//! Every kind of expression, on a few rows, with chunks of several sizes.

use super::common::*;
use plan::expression::{
    Expression, ExpressionKind, FunctionId, RowCompareField, RowComparison, SubscriptStep,
};
use types::Type;
use types::catalog::oid;

const INT_ARRAY: Type = Type::of(1007);
const RECORD: Type = Type::of(oid::RECORD);

/// The values of an expression over rows (1, 0), (2, 2), (null, 3).
fn run(of: Expression) -> Result<Vec<String>, execute::ExecuteError> {
    let mut found = None;
    for chunk_rows in [1, 2, 1024] {
        let mut bench = Bench::new();
        bench.settings.chunk_rows = chunk_rows;
        let mut transaction = bench.begin();
        let rows = values(vec![vec![int(1), int(0)], vec![int(2), int(2)], vec![null(INT), int(3)]]);
        let rows = bench.run(&mut transaction, plan(project(rows, vec![of.clone()])))?;
        assert_eq!(*found.get_or_insert_with(|| rows.clone()), rows, "chunks of {chunk_rows}");
    }
    Ok(found.unwrap())
}

fn a() -> Expression {
    slot(0, INT)
}

fn b() -> Expression {
    slot(1, INT)
}

fn division() -> Expression {
    call(154, vec![a(), b()], INT)
}

fn of(kind: ExpressionKind, result: Type) -> Expression {
    expression(kind, result)
}

fn is_zero(operand: Expression) -> Expression {
    equals(operand, int(0))
}

#[test]
fn an_error_is_one_only_where_the_value_is_needed() {
    assert_eq!(run(division()).unwrap_err().to_string(), "division by zero");
    let case = ExpressionKind::Case {
        operand: None,
        arms: vec![(is_zero(b()), int(-1))],
        otherwise: Some(Box::new(division())),
    };
    assert_eq!(run(of(case, INT)).unwrap(), ["-1", "1", "null"]);
    let or = ExpressionKind::Or(vec![is_zero(b()), less(division(), int(1))]);
    assert_eq!(run(of(or, BOOL)).unwrap(), ["t", "f", "null"]);
    let not_zero = of(ExpressionKind::Not(Box::new(is_zero(b()))), BOOL);
    let and = ExpressionKind::And(vec![not_zero, equals(division(), int(1))]);
    assert_eq!(run(of(and, BOOL)).unwrap(), ["f", "t", "null"]);
    let coalesce = ExpressionKind::Coalesce(vec![a(), call(154, vec![int(9), b()], INT)]);
    assert_eq!(run(of(coalesce, INT)).unwrap(), ["1", "2", "3"]);
}

#[test]
fn case_with_an_operand_and_nested() {
    let inner = ExpressionKind::Case {
        operand: Some(Box::new(b())),
        arms: vec![(equals(of(ExpressionKind::CaseOperand, INT), int(2)), int(22))],
        otherwise: None,
    };
    let outer = ExpressionKind::Case {
        operand: Some(Box::new(a())),
        arms: vec![
            (equals(of(ExpressionKind::CaseOperand, INT), int(1)), int(11)),
            (equals(of(ExpressionKind::CaseOperand, INT), int(2)), of(inner, INT)),
        ],
        otherwise: Some(Box::new(int(0))),
    };
    assert_eq!(run(of(outer, INT)).unwrap(), ["11", "22", "0"]);
}

#[test]
fn tests_of_nulls_and_truth() {
    let is_null = |negated| of(ExpressionKind::IsNull { operand: Box::new(a()), negated }, BOOL);
    assert_eq!(run(is_null(false)).unwrap(), ["f", "f", "t"]);
    assert_eq!(run(is_null(true)).unwrap(), ["t", "t", "f"]);
    let truth = |wanted, negated| {
        let operand = Box::new(equals(a(), int(1)));
        of(ExpressionKind::IsBoolean { operand, wanted, negated }, BOOL)
    };
    assert_eq!(run(truth(Some(true), false)).unwrap(), ["t", "f", "f"]);
    assert_eq!(run(truth(Some(false), true)).unwrap(), ["t", "f", "t"]);
    assert_eq!(run(truth(None, false)).unwrap(), ["f", "f", "t"]);
    let distinct = |negated| {
        let operands = Box::new((a(), b()));
        of(ExpressionKind::IsDistinct { equality: FunctionId(65), operands, negated }, BOOL)
    };
    assert_eq!(run(distinct(false)).unwrap(), ["t", "f", "t"]);
    assert_eq!(run(distinct(true)).unwrap(), ["f", "t", "f"]);
    let null_if = ExpressionKind::NullIf { equality: FunctionId(65), operands: Box::new((a(), b())) };
    assert_eq!(run(of(null_if, INT)).unwrap(), ["1", "null", "null"]);
    let extreme =
        |greatest| of(ExpressionKind::Extreme { greatest, order: order(INT), operands: vec![a(), b()] }, INT);
    assert_eq!(run(extreme(true)).unwrap(), ["1", "2", "3"]);
    assert_eq!(run(extreme(false)).unwrap(), ["0", "2", "3"]);
}

#[test]
fn lists_and_arrays() {
    let list = |list: Vec<Expression>, negated| {
        of(ExpressionKind::InList { operand: Box::new(a()), list, order: order(INT), negated }, BOOL)
    };
    assert_eq!(run(list(vec![int(1), int(5)], false)).unwrap(), ["t", "f", "null"]);
    assert_eq!(run(list(vec![int(1), null(INT)], false)).unwrap(), ["t", "null", "null"]);
    assert_eq!(run(list(vec![int(1), null(INT)], true)).unwrap(), ["f", "null", "null"]);
    assert_eq!(run(list(vec![b(), int(1)], true)).unwrap(), ["f", "f", "null"]);
    let array = |elements: Vec<Expression>, nested| of(ExpressionKind::Array { elements, nested }, INT_ARRAY);
    assert_eq!(run(array(vec![a(), b()], false)).unwrap(), ["{1,0}", "{2,2}", "{NULL,3}"]);
    let two = array(vec![array(vec![a(), b()], false), array(vec![b(), a()], false)], true);
    assert_eq!(run(two.clone()).unwrap(), ["{{1,0},{0,1}}", "{{2,2},{2,2}}", "{{NULL,3},{3,NULL}}"]);
    let uneven = array(vec![array(vec![a()], false), array(vec![b(), a()], false)], true);
    assert_eq!(
        run(uneven).unwrap_err().to_string(),
        "multidimensional arrays must have array expressions with matching dimensions"
    );
    let index = |value| SubscriptStep::Index(int(value));
    let subscript = |operand: Expression, steps, result| {
        of(ExpressionKind::Subscript { operand: Box::new(operand), steps }, result)
    };
    assert_eq!(run(subscript(two.clone(), vec![index(1), index(2)], INT)).unwrap(), ["0", "2", "3"]);
    assert_eq!(run(subscript(two.clone(), vec![index(3), index(2)], INT)).unwrap(), ["null", "null", "null"]);
    let slice = SubscriptStep::Slice(Some(int(2)), None);
    assert_eq!(run(subscript(two, vec![slice, index(1)], INT_ARRAY)).unwrap(), ["{{0}}", "{{2}}", "{{3}}"]);
    let quantified = |all| {
        let operands = Box::new((int(2), array(vec![a(), b()], false)));
        of(ExpressionKind::Quantified { function: FunctionId(65), all, operands }, BOOL)
    };
    assert_eq!(run(quantified(false)).unwrap(), ["f", "t", "null"]);
    assert_eq!(run(quantified(true)).unwrap(), ["f", "t", "f"]);
    let cast = ExpressionKind::ArrayCast {
        operand: Box::new(array(vec![a(), b()], false)),
        element: Box::new(call(177, vec![of(ExpressionKind::Element, INT), b()], INT)),
    };
    assert_eq!(run(of(cast, INT_ARRAY)).unwrap(), ["{1,0}", "{4,4}", "{NULL,6}"]);
}

#[test]
fn rows_as_values() {
    let row = || of(ExpressionKind::Row(vec![a(), b()]), RECORD);
    assert_eq!(run(row()).unwrap(), ["(1,0)", "(2,2)", "(,3)"]);
    let field = ExpressionKind::Field { operand: Box::new(row()), index: 1 };
    assert_eq!(run(of(field, INT)).unwrap(), ["0", "2", "3"]);
    let is_null = |negated| of(ExpressionKind::IsNull { operand: Box::new(row()), negated }, BOOL);
    assert_eq!(run(is_null(false)).unwrap(), ["f", "f", "f"]);
    assert_eq!(run(is_null(true)).unwrap(), ["t", "t", "f"]);
    let compare = |comparison, function| {
        let field = |left: Expression, right: Expression| RowCompareField {
            operands: (left, right),
            equality: FunctionId(65),
            comparison: FunctionId(function),
            strict: FunctionId(66),
        };
        let fields = vec![field(a(), int(2)), field(b(), int(1))];
        of(ExpressionKind::RowCompare { comparison, fields }, BOOL)
    };
    assert_eq!(run(compare(RowComparison::Less, 66)).unwrap(), ["t", "f", "null"]);
}
