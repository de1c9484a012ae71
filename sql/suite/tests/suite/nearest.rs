//! What an index tells nearest first is what sorting tells: of shapes of all kinds, with conditions and without, while rows come and go.

use shell::collect::{Collect, Event};
use suite::Database;

/// The rows that a statement shows, each as one text.
fn rows(database: &mut Database, statement: &str) -> Vec<String> {
    let mut client = Collect::default();
    let done = database.session.execute(statement, &mut client);
    assert!(done.is_ok(), "{statement}: {done:?}");
    let mut out = String::new();
    for event in &client.events {
        if let Event::Rows(table, _) = event {
            table.write(&display::Options { tuples_only: true, ..display::Options::default() }, &mut out);
        }
    }
    out.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Numbers without a pattern, always the same ones for a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// A coordinate: many are alike, some are far away.
    fn coordinate(&mut self) -> String {
        match self.below(12) {
            0 => format!("{}", self.below(7) as i64 - 3),
            1 => format!("{}e{}", self.below(9) + 1, self.below(20) as i64 - 10),
            2 => format!("-{}e{}", self.below(9) + 1, self.below(20) as i64 - 10),
            _ => format!("{}.{}", self.below(200) as i64 - 100, self.below(1000)),
        }
    }

    fn point(&mut self) -> String {
        format!("({},{})", self.coordinate(), self.coordinate())
    }

    /// A value of a type, as a literal.
    fn shape(&mut self, of: &str) -> String {
        if self.below(25) == 0 {
            return "null".to_owned();
        }
        let text = match of {
            "point" => self.point(),
            "circle" => format!("<{},{}.{}>", self.point(), self.below(20), self.below(100)),
            "box" => format!("{},{}", self.point(), self.point()),
            _ => {
                let points: Vec<String> = (0..2 + self.below(4)).map(|_| self.point()).collect();
                format!("({})", points.join(","))
            }
        };
        format!("'{text}'::{of}")
    }
}

/// Asks by the index and by sorting.
fn both_ways(database: &mut Database, condition: &str, point: &str, limit: u64) {
    let query = format!("select v <-> {point} from shapes {condition} order by v <-> {point} limit {limit}");
    rows(database, "set enable_seqscan = off; set enable_sort = off; set enable_bitmapscan = off");
    let plan = rows(database, &format!("explain (costs off) {query}"));
    assert!(plan.iter().any(|line| line.starts_with("Order By: (v <-> ")), "{query}: {plan:?}");
    let by_index = rows(database, &query);
    rows(
        database,
        "reset enable_seqscan; reset enable_sort; reset enable_bitmapscan; set enable_indexscan = off",
    );
    let by_sorting = rows(database, &query);
    rows(database, "reset enable_indexscan");
    assert_eq!(by_index, by_sorting, "{query}");
}

/// Nothing is at any distance from null: all rows come.
fn from_nowhere(database: &mut Database) {
    rows(database, "create temp table nowhere (at point); insert into nowhere values (null)");
    rows(database, "set enable_seqscan = off; set enable_sort = off; set enable_bitmapscan = off");
    let query = "select count(*) from nowhere, \
                 lateral (select id from shapes order by v <-> at limit 100000) n";
    let plan = rows(database, &format!("explain (costs off) {query}"));
    assert!(plan.iter().any(|line| line.starts_with("Order By: (v <-> nowhere.at)")), "{plan:?}");
    let counted = rows(database, query);
    assert_eq!(counted, rows(database, "select count(*) from shapes"));
    rows(database, "reset all; drop table nowhere");
}

#[test]
fn nearest_first_is_as_sorted() {
    let methods = [
        ("point", "gist", "", true),
        ("point", "spgist", "", true),
        ("point", "spgist", "kd_point_ops", true),
        ("circle", "gist", "", false),
        ("box", "gist", "", false),
        ("box", "spgist", "", false),
        ("polygon", "gist", "", false),
        ("polygon", "spgist", "", false),
    ];
    for (seed, (of, method, class, is_point)) in (1u64..).zip(methods) {
        let mut numbers = Numbers(seed);
        let mut database = Database::new();
        rows(&mut database, &format!("create table shapes (id int, v {of})"));
        rows(&mut database, &format!("create index on shapes using {method} (v {class})"));
        for round in 0..6 {
            let values: Vec<String> = (0..150).map(|id| format!("({id}, {})", numbers.shape(of))).collect();
            rows(&mut database, &format!("insert into shapes values {}", values.join(", ")));
            if round % 2 == 1 {
                rows(&mut database, &format!("delete from shapes where id % 5 = {}", numbers.below(5)));
                // A value that many rows have.
                let value = numbers.shape(of);
                rows(
                    &mut database,
                    &format!("insert into shapes select i, {value} from generate_series(1, 200) i"),
                );
            }
            for _ in 0..6 {
                let point = format!("'{}'::point", numbers.point());
                let limit = [1, 2, 7, 5000][numbers.below(4) as usize];
                both_ways(&mut database, "", &point, limit);
                both_ways(&mut database, "where id % 3 = 1", &point, limit);
                both_ways(&mut database, "where v is not null", &point, limit);
                let around = format!("box '{},{}'", numbers.point(), numbers.point());
                if is_point {
                    both_ways(&mut database, &format!("where v <@ {around}"), &point, limit);
                } else if of == "box" {
                    both_ways(&mut database, &format!("where v && {around}"), &point, limit);
                }
            }
            from_nowhere(&mut database);
        }
    }
}

/// Of a large table no more is read for one row than a little.
#[test]
fn the_nearest_row_is_found_without_the_others() {
    let mut database = Database::new();
    rows(&mut database, "create table spots (id int, p point)");
    rows(
        &mut database,
        "insert into spots select i, point(i % 200, i / 200) from generate_series(1, 40000) i",
    );
    rows(&mut database, "create index spots_p on spots using gist (p); analyze spots");
    let found = rows(&mut database, "select id from spots order by p <-> '(100.2,50.1)' limit 1");
    assert_eq!(found, ["10100"]);
    let read = "select idx_tup_read, idx_tup_fetch from pg_stat_user_indexes where indexrelname = 'spots_p'";
    rows(&mut database, "select pg_stat_force_next_flush()");
    let counts = rows(&mut database, read);
    let last = counts.last().expect("counts of an index");
    let counts: Vec<u64> = last.split('|').map(|count| count.trim().parse().unwrap()).collect();
    assert!((1..=300).contains(&counts[0]) && counts[1] == 1, "{counts:?}");
}
