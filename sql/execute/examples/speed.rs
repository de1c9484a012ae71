//! How fast rows go through: a filter, a grouping, a join, a sort of a million rows on a store in memory.
//!
//! `cargo run --release -p hornbeam-sql-execute --example speed`
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement

#[path = "../tests/execute/common/mod.rs"]
mod common;

use common::*;
use env::Env;
use env::real::RealEnv;
use plan::expression::{Aggregate, Expression, FunctionId};
use plan::logical::RangeName;
use plan::physical::{AggregateNode, HashJoin, Node, NodeKind, PhysicalJoinKind};
use store::Transaction;
use types::Type;

env::labels! {
    CLOCK: "execute.example.clock", Clock, "measurements are empty";
}

const ROWS: i32 = 1_000_000;

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

/// Counts rows, so that nothing is measured but what makes them.
fn count(input: Node, keys: Vec<u32>) -> Node {
    let sets = vec![(0..keys.len() as u32).collect()];
    let mut columns = vec![INT; keys.len()];
    columns.push(BIGINT);
    columns.push(BIGINT);
    let aggregate = AggregateNode {
        input,
        keys: keys.into_iter().map(|key| ascending(slot(key, INT))).collect(),
        sets,
        phases: Vec::new(),
        aggregates: vec![aggregate(2803, vec![], BIGINT), aggregate(2108, vec![slot(0, INT)], BIGINT)],
        grouping_calls: vec![],
    };
    node(NodeKind::HashAggregate(Box::new(aggregate)), columns)
}

fn series(from: i32, to: i32) -> Node {
    let function = plan::logical::TableFunction {
        call: call(1067, vec![int(from), int(to)], INT),
        types: vec![INT],
        expand: false,
        names: vec!["generate_series".into()],
        name: "generate_series".into(),
    };
    node(
        NodeKind::FunctionScan {
            functions: vec![function],
            ordinality: false,
            called: RangeName::default(),
            filter: vec![],
        },
        vec![INT],
    )
}

fn main() {
    let clock = RealEnv::new();
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let table =
        bench.table(&mut transaction, "t", &[("a", INT, true), ("b", INT, false), ("c", TEXT, false)]);
    let remainder = |value: i32| call(156, vec![slot(0, INT), int(value)], INT);
    let rows = project(series(1, ROWS), vec![slot(0, INT), remainder(1000), text("a text of some length")]);
    let fill = silent(insert(&bench.target(table), rows));
    let target = bench.target(table);
    let mut measure = |name: &str, transaction: &mut Transaction, plan| {
        let before = clock.monotonic(&CLOCK);
        let found = bench.run(transaction, plan).unwrap();
        let took = clock.monotonic(&CLOCK).saturating_sub(before);
        println!(
            "{name:<40} {:>8.1} ms  {} rows, first {:?}",
            took.as_secs_f64() * 1000.0,
            found.len(),
            found.first()
        );
    };
    measure("insert", &mut transaction, fill);
    let whole = || scan(&target, vec![], false);
    measure("count", &mut transaction, plan(count(whole(), vec![])));
    let filtered = scan(&target, vec![less(slot(1, INT), int(10))], false);
    measure("filter: b < 10", &mut transaction, plan(count(filtered, vec![])));
    measure("group by b (1,000 groups)", &mut transaction, plan(count(whole(), vec![1])));
    measure("group by a (1,000,000 groups)", &mut transaction, plan(count(count(whole(), vec![0]), vec![])));
    measure("group by a, b", &mut transaction, plan(count(count(whole(), vec![0, 1]), vec![])));
    let join = HashJoin {
        kind: PhysicalJoinKind::Inner,
        left: Box::new(whole()),
        right: Box::new(whole()),
        keys: vec![(slot(0, INT), slot(0, INT), order(INT))],
        nulls_equal: vec![false],
        conditions: vec![],
    };
    let join = node(NodeKind::HashJoin(join), vec![INT, INT, TEXT, INT, INT, TEXT]);
    measure("hash join with itself by a", &mut transaction, plan(count(join, vec![])));
    let keys = vec![descending(slot(1, INT)), ascending(slot(0, INT))];
    let sort = NodeKind::Sort { input: Box::new(whole()), keys: keys.clone(), presorted: 0 };
    let sort = node(sort, vec![INT, INT, TEXT]);
    measure("sort by b desc, a", &mut transaction, plan(count(sort, vec![])));
    let top = NodeKind::TopN { input: Box::new(whole()), keys, limit: bigint(10), offset: None };
    measure("the first ten of it", &mut transaction, plan(node(top, vec![INT, INT, TEXT])));
}
