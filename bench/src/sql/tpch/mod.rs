//! TPC-H: its eight tables by a generator of our own, its 22 queries with the parameters of their validation.
//!
//! The rows follow the distributions that the queries ask about, not the reference generator's text: figures compare the
//! databases of one run, and nothing else.

mod generate;
mod queries;

use super::database::{Kind, Table};
use super::{Query, SqlBenchmark};
use crate::engine::Outcome;
use generate::Generator;

const REGION: Table = Table {
    name: "region",
    columns: &[("r_regionkey", Kind::Int), ("r_name", Kind::Text), ("r_comment", Kind::Text)],
    key: "r_regionkey",
    indexes: &[],
};
const NATION: Table = Table {
    name: "nation",
    columns: &[
        ("n_nationkey", Kind::Int),
        ("n_name", Kind::Text),
        ("n_regionkey", Kind::Int),
        ("n_comment", Kind::Text),
    ],
    key: "n_nationkey",
    indexes: &[],
};
const SUPPLIER: Table = Table {
    name: "supplier",
    columns: &[
        ("s_suppkey", Kind::Int),
        ("s_name", Kind::Text),
        ("s_address", Kind::Text),
        ("s_nationkey", Kind::Int),
        ("s_phone", Kind::Text),
        ("s_acctbal", Kind::Cents),
        ("s_comment", Kind::Text),
    ],
    key: "s_suppkey",
    indexes: &[],
};
const CUSTOMER: Table = Table {
    name: "customer",
    columns: &[
        ("c_custkey", Kind::Int),
        ("c_name", Kind::Text),
        ("c_address", Kind::Text),
        ("c_nationkey", Kind::Int),
        ("c_phone", Kind::Text),
        ("c_acctbal", Kind::Cents),
        ("c_mktsegment", Kind::Text),
        ("c_comment", Kind::Text),
    ],
    key: "c_custkey",
    indexes: &[],
};
const PART: Table = Table {
    name: "part",
    columns: &[
        ("p_partkey", Kind::Int),
        ("p_name", Kind::Text),
        ("p_mfgr", Kind::Text),
        ("p_brand", Kind::Text),
        ("p_type", Kind::Text),
        ("p_size", Kind::Int),
        ("p_container", Kind::Text),
        ("p_retailprice", Kind::Cents),
        ("p_comment", Kind::Text),
    ],
    key: "p_partkey",
    indexes: &[],
};
const PARTSUPP: Table = Table {
    name: "partsupp",
    columns: &[
        ("ps_partkey", Kind::Int),
        ("ps_suppkey", Kind::Int),
        ("ps_availqty", Kind::Int),
        ("ps_supplycost", Kind::Cents),
        ("ps_comment", Kind::Text),
    ],
    key: "ps_partkey, ps_suppkey",
    indexes: &["ps_suppkey"],
};
const ORDERS: Table = Table {
    name: "orders",
    columns: &[
        ("o_orderkey", Kind::Int),
        ("o_custkey", Kind::Int),
        ("o_orderstatus", Kind::Text),
        ("o_totalprice", Kind::Cents),
        ("o_orderdate", Kind::Date),
        ("o_orderpriority", Kind::Text),
        ("o_clerk", Kind::Text),
        ("o_shippriority", Kind::Int),
        ("o_comment", Kind::Text),
    ],
    key: "o_orderkey",
    indexes: &["o_custkey"],
};
const LINEITEM: Table = Table {
    name: "lineitem",
    columns: &[
        ("l_orderkey", Kind::Int),
        ("l_partkey", Kind::Int),
        ("l_suppkey", Kind::Int),
        ("l_linenumber", Kind::Int),
        ("l_quantity", Kind::Cents),
        ("l_extendedprice", Kind::Cents),
        ("l_discount", Kind::Cents),
        ("l_tax", Kind::Cents),
        ("l_returnflag", Kind::Text),
        ("l_linestatus", Kind::Text),
        ("l_shipdate", Kind::Date),
        ("l_commitdate", Kind::Date),
        ("l_receiptdate", Kind::Date),
        ("l_shipinstruct", Kind::Text),
        ("l_shipmode", Kind::Text),
        ("l_comment", Kind::Text),
    ],
    key: "l_orderkey, l_linenumber",
    indexes: &["l_partkey, l_suppkey"],
};

/// Loads the tables and asks the queries.
pub fn run(benchmark: &mut SqlBenchmark<'_>) -> Outcome<()> {
    let made = Generator::new(benchmark.arguments.scale);
    let mut databases = benchmark.databases("tpch")?;
    let load = SqlBenchmark::load;
    load(&mut databases, &REGION, &|| Box::new((0..5).map(generate::region)))?;
    load(&mut databases, &NATION, &|| Box::new((0..25).map(generate::nation)))?;
    load(&mut databases, &SUPPLIER, &move || Box::new((1..=made.suppliers).map(generate::supplier)))?;
    load(&mut databases, &CUSTOMER, &move || Box::new((1..=made.customers).map(generate::customer)))?;
    load(&mut databases, &PART, &move || Box::new((1..=made.parts).map(generate::part)))?;
    load(&mut databases, &PARTSUPP, &move || {
        Box::new((0..made.parts * 4).map(move |at| made.part_supplier(at / 4 + 1, at % 4)))
    })?;
    load(&mut databases, &ORDERS, &move || {
        Box::new((1..=made.orders).map(move |number| made.order(number)))
    })?;
    load(&mut databases, &LINEITEM, &move || {
        Box::new((1..=made.orders).flat_map(move |number| made.lines(number)))
    })?;
    databases.iter_mut().flatten().try_for_each(|database| database.settle())?;
    let scale = benchmark.arguments.scale;
    let queries = queries::QUERIES.iter().zip(1..).map(move |(text, number)| Query {
        name: format!("TPC-H {number:02}"),
        // The one parameter that follows the scale.
        text: text.replace("0.0001000000", &format!("{:.10}", 0.0001 / scale)),
    });
    benchmark.queries(&mut databases, queries)
}
