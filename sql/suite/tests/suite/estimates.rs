//! How far the planner's estimates are from the truth: queries in the style of the join order benchmark on skewed data, with the
//! q-error of each (how many times too many or too few rows it expects), recorded in a snapshot.

use shell::collect::{Collect, Event};
use std::fmt::Write;
use suite::Database;

/// Films, companies, people and who has done what: popular films have more of everything.
const SCHEMA: &[&str] = &[
    "create table title (id int primary key, kind int not null, year int, name text)",
    "create table company (id int primary key, country text)",
    "create table made (title int not null, company int not null, how int)",
    "create table person (id int primary key, gender text, born int)",
    "create table cast_in (title int not null, person int not null, role int not null)",
    "create table keyword (id int primary key, word text)",
    "create table about (title int not null, keyword int not null)",
    "insert into title select i, 1 + (i * i) % 7 % 4, case when i % 11 = 0 then null else 1950 + (i * 37) % 70 end, 'film ' || i from generate_series(1, 2000) i",
    "insert into company select i, (array['us', 'us', 'us', 'gb', 'fr', 'de', 'jp', 'in'])[1 + i % 8] from generate_series(1, 200) i",
    "insert into made select 1 + (i * i) % 2000, 1 + (i * 7) % (1 + i % 200), i % 3 from generate_series(1, 5000) i",
    "insert into person select i, case when i % 5 = 0 then null when i % 3 = 0 then 'f' else 'm' end, 1900 + i % 100 from generate_series(1, 3000) i",
    "insert into cast_in select 1 + (i * i) % 2000, 1 + (i * 13) % 3000, 1 + i % 11 % 5 from generate_series(1, 12000) i",
    "insert into keyword select i, 'word ' || i from generate_series(1, 300) i",
    "insert into about select 1 + (i * 3) % 2000, 1 + (i * i) % 300 from generate_series(1, 8000) i",
    "create table stock (company int, title int, amount int, primary key (company, title))",
    "insert into stock select 1 + i % 37, 1 + i % 400, i from generate_series(1, 5000) i",
    "create table sold (company int, title int)",
    "insert into sold select company, title from stock, generate_series(1, 3)",
    "create index on made (title)",
    "create index on cast_in (title)",
    "create index on cast_in (person)",
    "create index on about (keyword)",
    "create index on title (year)",
];

const QUERIES: &[&str] = &[
    "select * from title where year = 1990",
    "select * from title where year between 1990 and 1999",
    "select * from title where year > 2015 and kind = 2",
    "select * from title where year is null",
    "select * from title where name like 'film 12%'",
    "select * from title where kind in (1, 3) or year < 1960",
    "select * from company where country <> 'us'",
    "select * from person where gender = 'f' and born >= 1980",
    "select * from title t, made m where t.id = m.title",
    "select * from title t, made m where t.id = m.title and t.year > 2000",
    "select * from title t, made m, company c where t.id = m.title and m.company = c.id and c.country = 'us'",
    "select * from title t, made m, company c where t.id = m.title and m.company = c.id and c.country = 'jp' and t.kind = 1",
    "select * from title t, cast_in i, person p where t.id = i.title and i.person = p.id and p.gender = 'f'",
    "select * from title t, cast_in i, person p where t.id = i.title and i.person = p.id and t.year between 1980 and 1985 and i.role = 1",
    "select * from title t, about a, keyword k where t.id = a.title and a.keyword = k.id and k.word = 'word 17'",
    "select * from title t, about a, keyword k, made m where t.id = a.title and a.keyword = k.id and m.title = t.id and k.id < 10",
    "select * from title t, made m, company c, cast_in i where t.id = m.title and m.company = c.id and i.title = t.id and c.country = 'fr'",
    "select * from cast_in a, cast_in b where a.title = b.title and a.person = 77",
    "select * from sold s, stock k where s.company = k.company and s.title = k.title",
    "select * from sold s, stock k, company c where s.title = k.title and s.company = k.company and c.id = k.company and c.country = 'us'",
    "select kind, count(*) from title group by kind",
    "select distinct country from company",
    "select year, kind from title group by year, kind",
];

/// The texts of a statement's rows.
fn rows(database: &mut Database, statement: &str) -> Vec<String> {
    let mut client = Collect::default();
    let done = database.session.execute(statement, &mut client);
    assert!(done.is_ok(), "{statement}: {done:?}");
    let mut found = Vec::new();
    for event in &client.events {
        if let Event::Rows(table, _) = event {
            let mut out = String::new();
            let options = display::Options { tuples_only: true, ..display::Options::default() };
            table.write(&options, &mut out);
            let lines = out.lines().map(str::trim).filter(|line| !line.is_empty());
            found.extend(lines.map(str::to_owned));
        }
    }
    found
}

/// The rows that a plan's root is expected to have.
fn expected(plan: &[String]) -> f64 {
    let root = plan.first().map_or("", String::as_str);
    let after = root.split("rows=").nth(1).unwrap_or("");
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a plan tells its rows")
}

#[test]
fn estimates_are_near_the_truth() {
    let mut database = Database::new();
    for statement in SCHEMA {
        rows(&mut database, statement);
    }
    rows(&mut database, "analyze");
    let (mut shown, mut worst, mut product) = (String::new(), 1f64, 1f64);
    for query in QUERIES {
        let estimate = expected(&rows(&mut database, &format!("explain {query}"))).max(1.0);
        let counted = rows(&mut database, &format!("select count(*) from ({query}) as q"));
        let actual = counted[0].parse::<f64>().unwrap().max(1.0);
        let error = (estimate / actual).max(actual / estimate);
        (worst, product) = (worst.max(error), product * error);
        writeln!(shown, "{query}\n  expected {estimate}, found {actual}, q-error {error:.2}").unwrap();
    }
    let mean = product.powf(1.0 / QUERIES.len() as f64);
    writeln!(shown, "worst {worst:.2}, geometric mean {mean:.2}").unwrap();
    insta::with_settings!({ snapshot_path => "../../../../snapshots/sql", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("estimates", shown);
    });
}

/// A sample of a table that is larger than the sample tells about what the whole would.
#[test]
fn a_sample_is_like_the_whole() {
    let mut database = Database::new();
    rows(&mut database, "create table big (a int, b int, c int)");
    rows(
        &mut database,
        "insert into big select i, i % 100, case when i % 10 = 0 then 7 else i % 1000 end from generate_series(1, 20000) i",
    );
    rows(&mut database, "set default_statistics_target = 10");
    rows(&mut database, "analyze big");
    let near =
        |found: f64, truth: f64, by: f64| assert!((found / truth - 1.0).abs() < by, "{found} for {truth}");
    for (query, truth, by) in [
        ("select * from big where a <= 5000", 5000.0, 0.2),
        ("select * from big where b = 17", 200.0, 0.6),
        ("select * from big where c = 7", 2000.0, 0.3),
        ("select distinct b from big", 100.0, 0.1),
    ] {
        near(expected(&rows(&mut database, &format!("explain {query}"))), truth, by);
    }
    let distinct =
        rows(&mut database, "select n_distinct from pg_stats where tablename = 'big' and attname = 'a'");
    assert!(distinct[0].parse::<f64>().unwrap() < -0.9, "{distinct:?}");
    let counted = rows(&mut database, "select reltuples from pg_class where relname = 'big'");
    assert_eq!(counted, ["20000"]);
}
