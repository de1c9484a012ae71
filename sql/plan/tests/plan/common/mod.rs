//! A small world for the planner: tables, a few functions, and trees written by hand.
#![allow(dead_code)] // each test uses its part

use plan::expression::{
    Aggregate, Call, CallForm, Column, Expression, ExpressionKind, FunctionId, RelationId, SortKey, Subquery,
    SubqueryTest,
};
use plan::facts::{
    AggregateKind, ColumnStatistics, Comparison, Facts, FunctionFacts, IndexFacts, KnownColumn,
    PlannerSettings, TableFacts, Volatility,
};
use plan::logical::{Grouping, Join, JoinKind, Logical, OutputColumn, Query, Scan, ScanColumn, ScanSource};
use plan::target::TargetIndex;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::catalog::oid;
use types::row::{RowLayout, Storage};
use types::vector::{Operator, Order};
use types::{Type, Value};

pub const INT4: Type = Type::of(oid::INT4);
pub const INT8: Type = Type::of(oid::INT8);
pub const TEXT: Type = Type::of(oid::TEXT);
pub const BOOL: Type = Type::of(oid::BOOL);

pub const EQUAL: u32 = 65;
pub const NOT_EQUAL: u32 = 144;
pub const LESS: u32 = 66;
pub const LESS_OR_EQUAL: u32 = 149;
pub const GREATER: u32 = 147;
pub const GREATER_OR_EQUAL: u32 = 150;
pub const PLUS: u32 = 177;
pub const DIVIDE: u32 = 154;
pub const RANDOM: u32 = 1598;
pub const COUNT_ROWS: u32 = 2803;
pub const COUNT: u32 = 2147;
pub const SUM: u32 = 2108;
pub const MAX: u32 = 2116;
pub const MIN: u32 = 2132;
pub const SERIES: u32 = 1067;

/// Tables by number, all columns int4 and named a, b, c …: how many columns, how many rows, and which columns have an index.
pub struct World {
    pub settings: PlannerSettings,
    pub tables: Vec<Arc<TableFacts>>,
}

fn operator_of(function: u32) -> Option<Operator> {
    Some(match function {
        EQUAL => Operator::Equal,
        NOT_EQUAL => Operator::NotEqual,
        LESS => Operator::Less,
        LESS_OR_EQUAL => Operator::LessOrEqual,
        GREATER => Operator::Greater,
        GREATER_OR_EQUAL => Operator::GreaterOrEqual,
        _ => return None,
    })
}

fn function_of(operator: Operator) -> (FunctionId, Arc<str>) {
    let (function, name) = match operator {
        Operator::Equal => (EQUAL, "="),
        Operator::NotEqual => (NOT_EQUAL, "<>"),
        Operator::Less => (LESS, "<"),
        Operator::LessOrEqual => (LESS_OR_EQUAL, "<="),
        Operator::Greater => (GREATER, ">"),
        Operator::GreaterOrEqual => (GREATER_OR_EQUAL, ">="),
    };
    (FunctionId(function), name.into())
}

impl Facts for World {
    fn settings(&self) -> &PlannerSettings {
        &self.settings
    }

    fn table(&self, table: u32) -> Arc<TableFacts> {
        self.tables.get(table as usize).cloned().unwrap_or_default()
    }

    fn key_range_rows(&self, _: u32, _: Option<&Value>, _: Option<&Value>) -> Option<f64> {
        None
    }

    fn function(&self, function: FunctionId) -> FunctionFacts {
        let aggregate = match function.0 {
            COUNT_ROWS => AggregateKind::CountRows,
            COUNT => AggregateKind::CountValues,
            MAX => AggregateKind::Greatest,
            MIN => AggregateKind::Least,
            _ => AggregateKind::Other,
        };
        FunctionFacts {
            volatility: if function.0 == RANDOM { Volatility::Volatile } else { Volatility::Immutable },
            strict: function.0 != RANDOM,
            returns_set: (function.0 == SERIES).then_some(1000.0),
            cost: 1.0,
            leakproof: false,
            aggregate,
            null_when_empty: matches!(function.0, SUM | MAX | MIN),
        }
    }

    fn comparison(&self, function: FunctionId) -> Option<Comparison> {
        let operator = operator_of(function.0)?;
        Some(Comparison {
            operator,
            order: Order::Int32,
            common: INT4,
            left_cast: None,
            right_cast: None,
            commutator: function_of(operator.flipped()),
        })
    }

    fn negator(&self, function: FunctionId) -> Option<(FunctionId, Arc<str>)> {
        Some(function_of(operator_of(function.0)?.negated()))
    }

    fn comparison_of(&self, operator: Operator, left: Type, right: Type) -> Option<(FunctionId, Arc<str>)> {
        (left == INT4 && right == INT4).then(|| function_of(operator))
    }

    fn order(&self, of: Type) -> Option<Order> {
        match of.oid {
            oid::INT4 => Some(Order::Int32),
            oid::INT8 => Some(Order::Int64),
            oid::BOOL => Some(Order::Bool),
            _ => None,
        }
    }

    fn fold(&self, expression: &Expression) -> Option<Value> {
        let ExpressionKind::Call(call) = &expression.kind else { return None };
        let [Value::Int32(left), Value::Int32(right)] =
            [call.arguments[0].as_constant()?, call.arguments.get(1)?.as_constant()?]
        else {
            return None;
        };
        match (call.function.0, operator_of(call.function.0)) {
            (_, Some(operator)) => Some(Value::Bool(operator.holds(left.cmp(right)))),
            (PLUS, None) => left.checked_add(*right).map(Value::Int32),
            (DIVIDE, None) => left.checked_div(*right).map(Value::Int32),
            _ => None,
        }
    }

    fn between(&self, _: FunctionId, _: &Value, _: bool) -> Option<plan::facts::Between> {
        None
    }

    fn function_name(&self, function: FunctionId) -> Arc<str> {
        match function.0 {
            COUNT_ROWS | COUNT => "count".into(),
            SUM => "sum".into(),
            MAX => "max".into(),
            MIN => "min".into(),
            RANDOM => "random".into(),
            SERIES => "generate_series".into(),
            other => format!("f{other}").into(),
        }
    }

    fn element_type(&self, array: Type) -> Option<Type> {
        let element = types::Types::entry(&types::BuiltinTypes, array.oid)?.element;
        (element != 0).then(|| Type::of(element))
    }

    fn is_row(&self, of: Type) -> bool {
        types::Types::is_row(&types::BuiltinTypes, of)
    }

    fn type_name(&self, of: Type) -> String {
        types::catalog::type_name(&types::BuiltinTypes, of.oid, Some(of.modifier))
    }

    fn value_text(&self, _: Type, value: &Value) -> String {
        match value {
            Value::Int32(value) => value.to_string(),
            Value::Int64(value) => value.to_string(),
            Value::Bool(value) => if *value { "t" } else { "f" }.to_owned(),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("{other:?}"),
        }
    }

    fn schema_name(&self, _: u32) -> Arc<str> {
        "public".into()
    }

    fn function_schema(&self, _: FunctionId) -> Arc<str> {
        "pg_catalog".into()
    }

    fn field_name(&self, _: Type, index: u32) -> Arc<str> {
        format!("f{}", index + 1).into()
    }
}

impl World {
    /// Tables of so many rows; the first column of each has a unique index, the second of those in `second` another one.
    pub fn new(rows: &[f64], second: &[usize]) -> World {
        let tables = rows.iter().enumerate().map(|(table, rows)| {
            let index = |column: u16, unique: bool| {
                Arc::new(IndexFacts {
                    index: TargetIndex {
                        index: (table as u32 + 1) * 10 + u32::from(column),
                        name: format!("t{table}_{}", letter(column - 1)),
                        tree: 0,
                        keys: vec![key(self::column(0, u32::from(column - 1)))],
                        equality_only: false,
                        spread: Vec::new(),
                        exclusion: Vec::new(),
                        key_names: vec![letter(column - 1).to_string()],
                        include: Vec::new(),
                        unique,
                        nulls_equal: false,
                        predicate: None,
                        primary: unique,
                        parents: Vec::new(),
                        deferrable: false,
                        initially_deferred: false,
                        constraint: None,
                    },
                    columns: vec![1, 2, 3, 4],
                    include_types: Vec::new(),
                    pages: (rows / 300.0).ceil(),
                    height: 2.0,
                })
            };
            let mut indexes = vec![index(1, true)];
            if second.contains(&table) {
                indexes.push(index(2, false));
            }
            let statistics = (1u16..=4)
                .map(|number| {
                    let distinct = if number == 1 { -1.0 } else { 100.0 };
                    let known = ColumnStatistics { distinct, width: 4, ..ColumnStatistics::default() };
                    (number, Arc::new(known) as Arc<dyn KnownColumn>)
                })
                .collect();
            Arc::new(TableFacts {
                rows: *rows,
                pages: (rows / 100.0).ceil(),
                not_null: vec![1],
                indexes,
                statistics,
                combined: Vec::new(),
            })
        });
        World { settings: PlannerSettings::default(), tables: tables.collect() }
    }
}

fn letter(place: u16) -> char {
    char::from(b'a' + place as u8)
}

pub fn column(relation: u32, index: u32) -> Expression {
    Expression::column(Column { relation: RelationId(relation), index }, INT4)
}

pub fn int(value: i32) -> Expression {
    Expression::constant(Value::Int32(value), INT4)
}

pub fn key(expression: Expression) -> SortKey {
    let order = if expression.result == INT8 { Order::Int64 } else { Order::Int32 };
    SortKey { expression, order, descending: false, nulls_first: false }
}

pub fn call(function: u32, arguments: Vec<Expression>, result: Type) -> Expression {
    let operator = operator_of(function).map(|operator| function_of(operator).1);
    let operator = operator.or_else(|| match function {
        PLUS => Some("+".into()),
        DIVIDE => Some("/".into()),
        _ => None,
    });
    let call = Call {
        function: FunctionId(function),
        arguments,
        operator,
        form: CallForm::Call,
        variadic: false,
        written: None,
    };
    Expression::new(ExpressionKind::Call(call), result)
}

pub fn compare(function: u32, left: Expression, right: Expression) -> Expression {
    call(function, vec![left, right], BOOL)
}

pub fn equal(left: Expression, right: Expression) -> Expression {
    compare(EQUAL, left, right)
}

pub fn not(operand: Expression) -> Expression {
    Expression::new(ExpressionKind::Not(Box::new(operand)), BOOL)
}

pub fn or(terms: Vec<Expression>) -> Expression {
    Expression::new(ExpressionKind::Or(terms), BOOL)
}

pub fn is_null(operand: Expression) -> Expression {
    Expression::new(ExpressionKind::IsNull { operand: Box::new(operand), negated: false }, BOOL)
}

/// Table `table` as relation `relation`, with its first columns.
pub fn scan(relation: u32, table: u32, columns: u16) -> Logical {
    let read = |number: u16| ScanColumn {
        source: ScanSource::Column {
            number,
            name: letter(number - 1).to_string().into(),
            missing: Value::Null,
        },
        column_type: INT4,
    };
    let name: Arc<str> = format!("t{table}").into();
    Logical::Scan(Scan {
        relation: RelationId(relation),
        table,
        tree: u64::from(table),
        name: Arc::clone(&name),
        alias: name,
        layout: layout(columns),
        columns: (1..=columns).map(read).collect(),
        sample: None,
        guards: Vec::new(),
        guarded: false,
        members: Vec::new(),
    })
}

fn layout(columns: u16) -> Arc<RowLayout> {
    Arc::new(RowLayout::new((0..columns).map(|_| Storage::Plain(types::Kind::Int32)).collect()))
}

pub fn filter(input: Logical, conditions: Vec<Expression>) -> Logical {
    Logical::Filter { input: Box::new(input), conditions }
}

pub fn project(relation: u32, input: Logical, expressions: Vec<Expression>) -> Logical {
    Logical::Project { relation: RelationId(relation), input: Box::new(input), expressions }
}

pub fn join(kind: JoinKind, left: Logical, right: Logical, conditions: Vec<Expression>) -> Logical {
    Logical::Join(Join { kind, left: Box::new(left), right: Box::new(right), conditions, lateral: false })
}

pub fn sort(input: Logical, keys: Vec<SortKey>) -> Logical {
    Logical::Sort { input: Box::new(input), keys }
}

pub fn limit(input: Logical, rows: i64) -> Logical {
    Logical::Limit {
        input: Box::new(input),
        limit: Some(Expression::constant(Value::Int64(rows), INT8)),
        offset: None,
        with_ties: Vec::new(),
    }
}

pub fn aggregate(function: u32, arguments: Vec<Expression>) -> Aggregate {
    Aggregate {
        function: FunctionId(function),
        arguments,
        direct: 0,
        distinct: Vec::new(),
        order: Vec::new(),
        filter: None,
        made: None,
        result: if function == MAX || function == MIN { INT4 } else { INT8 },
    }
}

pub fn group(relation: u32, input: Logical, keys: Vec<Expression>, aggregates: Vec<Aggregate>) -> Logical {
    let sets = vec![(0..keys.len() as u32).collect()];
    Logical::Aggregate(Box::new(Grouping {
        relation: RelationId(relation),
        input,
        keys: keys.into_iter().map(key).collect(),
        sets,
        aggregates,
        grouping_calls: Vec::new(),
    }))
}

pub fn subquery(test: SubqueryTest, query: Logical, columns: &[(u32, u32)], result: Type) -> Expression {
    let columns =
        columns.iter().map(|(relation, index)| Column { relation: RelationId(*relation), index: *index });
    let subquery = Subquery { test, query, columns: columns.collect() };
    Expression::new(ExpressionKind::Subquery(Box::new(subquery)), result)
}

/// A statement whose output is these columns of its root.
pub fn query(root: Logical, output: &[(u32, u32)]) -> Query {
    let types = plan::walk::columns_of(&root);
    let output = output.iter().map(|(relation, index)| {
        let column = Column { relation: RelationId(*relation), index: *index };
        let of = types.iter().find(|known| known.0 == column).map_or(INT4, |known| known.1);
        OutputColumn { name: format!("c{index}"), column, column_type: of, origin: None, collation: 0 }
    });
    Query {
        root,
        output: output.collect(),
        common_tables: Vec::new(),
        parameters: Vec::new(),
        next_relation: 1000,
        ranges: 1,
        names: BTreeMap::new(),
        relations: Vec::new(),
        before: Vec::new(),
        after: Vec::new(),
    }
}
