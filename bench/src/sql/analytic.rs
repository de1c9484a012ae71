//! The analytic batch: sales of products to customers, asked in all the ways that SQL has.

use super::database::{Cell, Kind, Table};
use super::{Query, SqlBenchmark};
use crate::engine::Outcome;
use crate::measure::Keys;

const SALE: Table = Table {
    name: "sale",
    columns: &[
        ("id", Kind::Int),
        ("customer", Kind::Int),
        ("product", Kind::Int),
        ("day", Kind::Date),
        ("quantity", Kind::Int),
        ("price", Kind::Cents),
        ("channel", Kind::Text),
        ("note", Kind::Text),
    ],
    key: "id",
    indexes: &["customer"],
};
const CUSTOMER: Table = Table {
    name: "customer",
    columns: &[("id", Kind::Int), ("name", Kind::Text), ("region", Kind::Int), ("segment", Kind::Text)],
    key: "id",
    indexes: &[],
};
const PRODUCT: Table = Table {
    name: "product",
    columns: &[("id", Kind::Int), ("name", Kind::Text), ("category", Kind::Int), ("cost", Kind::Cents)],
    key: "id",
    indexes: &[],
};
const REGION: Table =
    Table { name: "region", columns: &[("id", Kind::Int), ("name", Kind::Text)], key: "id", indexes: &[] };

const CHANNELS: [&str; 4] = ["shop", "web", "phone", "partner"];
const SEGMENTS: [&str; 5] = ["household", "office", "school", "garage", "farm"];
const WORDS: [&str; 16] = [
    "oak", "maple", "beech", "larch", "cedar", "willow", "alder", "birch", "rowan", "hazel", "elm", "ash",
    "yew", "pine", "spruce", "hornbeam",
];
/// 2020-01-01.
const FIRST_DAY: i32 = 18_262;
const REGIONS: u64 = 25;

/// The queries by their names.
const QUERIES: [(&str, &str); 27] = [
    ("count all", "select count(*) from sale"),
    (
        "filter scan",
        "select count(*), sum(quantity) from sale where quantity < 10 and day >= date '2021-06-01'",
    ),
    (
        "expression aggregate",
        "select sum(quantity * price), avg(quantity * 2 + 1), max(customer - product), min(price * 3) from sale",
    ),
    ("group by, 4 groups", "select channel, count(*), sum(quantity), avg(price) from sale group by channel"),
    (
        "group by, 100,000 groups",
        "select count(*), max(total) from (select customer, sum(quantity) as total from sale group by customer) q",
    ),
    (
        "group by two keys",
        "select count(*), sum(n) from (select product, channel, count(*) as n from sale group by product, channel) q",
    ),
    ("group by text", "select count(*), max(n) from (select note, count(*) as n from sale group by note) q"),
    (
        "having",
        "select product, sum(quantity) from sale group by product having sum(quantity) > 5800 order by 2 desc, 1",
    ),
    (
        "join of two",
        "select c.segment, sum(s.quantity) from sale s join customer c on c.id = s.customer group by c.segment",
    ),
    (
        "join of four",
        "select r.name, p.category, sum(s.quantity * s.price) from sale s join customer c on c.id = s.customer \
         join product p on p.id = s.product join region r on r.id = c.region \
         where p.category < 5 group by r.name, p.category",
    ),
    (
        "outer join",
        "select count(*), count(s.id) from customer c left join sale s on s.customer = c.id and s.quantity > 45",
    ),
    (
        "join on an inequality too",
        "select count(*) from sale a join sale b on a.customer = b.customer and a.day < b.day where a.quantity > 40",
    ),
    ("sort", "select id, price from sale order by price, id offset 999990"),
    ("sort by text", "select id, note from sale order by note desc, id offset 999990"),
    ("top ten", "select id, price, note from sale order by price desc, id limit 10"),
    ("distinct", "select count(*) from (select distinct customer, channel from sale) q"),
    ("count distinct", "select channel, count(distinct customer) from sale group by channel"),
    (
        "window: rank in a partition",
        "select count(*), sum(place) from (select rank() over (partition by customer order by price desc) \
         as place from sale) q where place <= 3",
    ),
    (
        "window: running sum",
        "select max(running), sum(running) from (select sum(quantity) over (partition by product order by id) \
         as running from sale) q",
    ),
    (
        "window: moving average",
        "select max(a) from (select avg(quantity) over (order by id rows between 9 preceding and current row) \
         as a from sale) q",
    ),
    (
        "CTE read twice",
        "with monthly as (select product, extract(year from day) as y, sum(quantity) as q from sale \
         group by product, extract(year from day)) select count(*), sum(b.q - a.q) from monthly a \
         join monthly b on a.product = b.product and b.y = a.y + 1 where b.q > a.q",
    ),
    (
        "recursive CTE",
        "with recursive n(i, s) as (select 1, 0 union all select i + 1, (s * 7 + i) % 1000 from n \
         where i < 100000) select count(*), sum(s) from n",
    ),
    (
        "correlated subquery",
        "select count(*) from customer c where (select sum(s.quantity) from sale s where s.customer = c.id) > 300",
    ),
    (
        "correlated exists",
        "select count(*) from customer c where exists (select 1 from sale s where s.customer = c.id \
         and s.quantity = 50 and s.channel = 'phone')",
    ),
    (
        "not in",
        "select count(*) from customer where id not in (select customer from sale where channel = 'partner')",
    ),
    (
        "string functions",
        "select sum(length(upper(substr(note, 2, 12)) || channel)), count(distinct replace(note, 'a', 'b')) from sale",
    ),
    ("LIKE", "select count(*) from sale where note like '%beech%hornbeam%' or note like 'elm%'"),
];

/// Steps of the generator that each row takes from a sequence of its own.
fn sale(id: u64, rows: u64) -> Vec<Cell> {
    let mut keys = Keys::new(id + 1, u64::MAX);
    let mut below = |bound: u64| keys.number() % bound;
    let (customers, products) = ((rows / 10).max(1), (rows / 100).max(1));
    let customer = below(customers) as i64;
    let product = below(products) as i64;
    let day = FIRST_DAY + below(1461) as i32;
    let quantity = 1 + below(50) as i64;
    let price = 100 + below(99_900) as i64;
    let channel = CHANNELS[below(4) as usize];
    let mut word = || WORDS[below(16) as usize];
    let note = format!("{} {} {}", word(), word(), word());
    vec![
        Cell::Int(id as i64),
        Cell::Int(customer),
        Cell::Int(product),
        Cell::Date(day),
        Cell::Int(quantity),
        Cell::Cents(price),
        Cell::Text(channel.into()),
        Cell::Text(note),
    ]
}

fn customer(id: u64) -> Vec<Cell> {
    let mut keys = Keys::new(id + 1, u64::MAX);
    vec![
        Cell::Int(id as i64),
        Cell::Text(format!("customer {id}")),
        Cell::Int((keys.number() % REGIONS) as i64),
        Cell::Text(SEGMENTS[(keys.number() % 5) as usize].into()),
    ]
}

fn product(id: u64) -> Vec<Cell> {
    let mut keys = Keys::new(id + 1, u64::MAX);
    vec![
        Cell::Int(id as i64),
        Cell::Text(format!("{} {id}", WORDS[(keys.number() % 16) as usize])),
        Cell::Int((keys.number() % 40) as i64),
        Cell::Cents((keys.number() % 50_000) as i64),
    ]
}

/// Loads the tables and asks the queries.
pub fn run(benchmark: &mut SqlBenchmark<'_>) -> Outcome<()> {
    let rows = benchmark.arguments.rows;
    let mut databases = benchmark.databases("analytic")?;
    let load = SqlBenchmark::load;
    load(&mut databases, &REGION, &|| {
        Box::new((0..REGIONS).map(|id| vec![Cell::Int(id as i64), Cell::Text(format!("region {id}"))]))
    })?;
    load(&mut databases, &CUSTOMER, &move || Box::new((0..(rows / 10).max(1)).map(customer)))?;
    load(&mut databases, &PRODUCT, &move || Box::new((0..(rows / 100).max(1)).map(product)))?;
    load(&mut databases, &SALE, &move || Box::new((0..rows).map(move |id| sale(id, rows))))?;
    databases.iter_mut().flatten().try_for_each(|database| database.settle())?;
    let last = format!("offset {}", rows.saturating_sub(10));
    let queries = QUERIES.iter().map(move |(name, text)| {
        // SQLite knows no OFFSET without LIMIT.
        let text = text.replace("offset 999990", &format!("limit 10 {last}"));
        Query { name: (*name).to_owned(), text }
    });
    benchmark.queries(&mut databases, queries)
}
