//! PostgreSQL's own programs, where they are installed: psql, pgbench, pg_dump.

use crate::command::run;
use crate::database::Database;
use crate::install::{or_pass_over, program, scripts};
use crate::script::{LIMIT, check};
use std::process::Command;

/// The major version of a program of PostgreSQL's.
fn major(name: &str) -> u32 {
    let told = run(Command::new(name).arg("--version"), LIMIT).unwrap().well().unwrap();
    let version = told.split_whitespace().nth(2).unwrap();
    version.split(|character: char| !character.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// What a program says, which ends well. Its last argument is `database`.
fn said(name: &str, arguments: &[&str], database: &str) -> String {
    let mut command = Command::new(name);
    command.args(arguments).arg(database).env("PAGER", "cat").env("LC_ALL", "C.UTF-8");
    run(&mut command, LIMIT).unwrap().well().unwrap_or_else(|told| panic!("{name} {arguments:?}: {told}"))
}

fn psql(script: &str, database: &str) -> String {
    let script = scripts().join("psql").join(script);
    said("psql", &["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script.to_str().unwrap()], database)
}

/// Every `\d` command over everything that they show, `\copy`, `\gset`, `\gexec`, `\crosstabview`, and others. The snapshot is
/// what psql 15 shows of PostgreSQL 15.
#[test]
fn psql_shows_what_it_shows_of_postgresql() {
    if or_pass_over("psql", program("psql")).is_none() {
        return;
    }
    let database = Database::new("psql");
    psql("objects.sql", &database.url());
    let shown = psql("commands.sql", &database.url()) + &psql("describe.sql", &database.url());
    // Later ones have other columns.
    if major("psql") == 15 {
        insta::assert_snapshot!("psql", shown);
    } else {
        assert!(shown.lines().count() > 500, "{shown}");
    }
    database.stop();
}

#[test]
fn psql_completes() {
    if or_pass_over("psql", program("psql")).is_none()
        || or_pass_over("python3", program("python3")).is_none()
    {
        return;
    }
    let mut command = Command::new("python3");
    command.arg(scripts().join("psql/complete.py")).arg(scripts().join("psql/objects.sql"));
    command.env("PYTHONPATH", scripts().join("python/shared")).env("PYTHONDONTWRITEBYTECODE", "1");
    check("psql_completion", command, 43);
}

/// The numbers of one row.
fn numbers(query: &str, database: &str) -> Vec<i64> {
    let told = said("psql", &["-X", "-A", "-t", "-q", "-c", query], database);
    told.trim().split('|').map(|number| number.parse().unwrap()).collect()
}

/// What was moved is the same in every table, and every transaction is there.
#[test]
fn pgbench_counts_right() {
    if or_pass_over("pgbench", program("pgbench")).is_none() {
        return;
    }
    let database = Database::new("pgbench");
    let url = database.url();
    said("pgbench", &["--initialize", "--quiet", "--scale=1", "--foreign-keys"], &url);
    let sizes = "SELECT (SELECT count(*) FROM pgbench_accounts), (SELECT count(*) FROM pgbench_branches),
        (SELECT count(*) FROM pgbench_tellers), (SELECT count(*) FROM pgbench_history)";
    assert_eq!(numbers(sizes, &url), [100_000, 1, 10, 0]);
    let mut transactions = 0;
    for protocol in ["simple", "extended", "prepared"] {
        let protocol = format!("--protocol={protocol}");
        let common = ["--no-vacuum", "--client=4", "--jobs=2", protocol.as_str()];
        let told = said("pgbench", &[&common[..], &["--transactions=50"]].concat(), &url);
        assert!(told.contains("number of transactions actually processed: 200/200"), "{told}");
        transactions += 200;
        let told = said("pgbench", &[&common[..], &["--transactions=100", "--select-only"]].concat(), &url);
        assert!(told.contains("number of transactions actually processed: 400/400"), "{told}");
        let told =
            said("pgbench", &[&common[..], &["--transactions=25", "--skip-some-updates"]].concat(), &url);
        assert!(told.contains("number of transactions actually processed: 100/100"), "{told}");
        transactions += 100;
    }
    let moved = numbers(
        "SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(delta) FROM pgbench_history),
        (SELECT count(*) FROM pgbench_history)",
        &url,
    );
    assert_eq!((moved[0], moved[2]), (moved[1], transactions));
    // Branches and tellers are left out by `--skip-some-updates`: what they have is in the full transactions.
    let sides =
        "SELECT (SELECT sum(bbalance) FROM pgbench_branches), (SELECT sum(tbalance) FROM pgbench_tellers)";
    let sides = numbers(sides, &url);
    assert_eq!(sides[0], sides[1]);
    database.stop();
}

fn dump(arguments: &[&str], database: &str) -> String {
    let text = said("pg_dump", arguments, database);
    // A word drawn for each dump.
    let is_drawn = |line: &&str| line.starts_with("\\restrict") || line.starts_with("\\unrestrict");
    text.lines().filter(|line| !is_drawn(line)).collect::<Vec<_>>().join("\n")
}

/// What pg_dump writes psql loads into another database, and pg_restore, of which it writes the same.
#[test]
fn pg_dump_writes_what_is_loaded_again() {
    if or_pass_over("pg_dump", program("pg_dump")).is_none() {
        return;
    }
    let database = Database::new("pg_dump");
    let url = database.url();
    psql("objects.sql", &url);
    let first = dump(&[], &url);
    for expected in [
        "CREATE TYPE app.mood",
        "ATTACH PARTITION app.low",
        "1\tok\t1\t{x,NULL}",
        "GRANT SELECT ON TABLE app.one",
    ] {
        assert!(first.contains(expected), "{expected:?} is missing in {first}");
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dump.sql");
    std::fs::write(&file, &first).unwrap();
    let again = url.rsplit_once('/').unwrap().1.to_owned() + "_again";
    for name in [again.as_str(), "clients_restored", "clients_restored_together"] {
        said("psql", &["-X", "-q", "-c", &format!("DROP DATABASE IF EXISTS {name}")], &url);
        said("psql", &["-X", "-q", "-c", &format!("CREATE DATABASE {name} TEMPLATE template0")], &url);
    }
    let again = database.url_of(&again);
    said("psql", &["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.to_str().unwrap()], &again);
    assert_eq!(dump(&[], &again), first);
    let packed = directory.path().join("dump.custom");
    said("pg_dump", &["-Fc", "-f", packed.to_str().unwrap()], &url);
    let restored = database.url_of("clients_restored");
    let arguments = ["--exit-on-error", "--single-transaction", packed.to_str().unwrap(), "-d"];
    said("pg_restore", &arguments, &restored);
    assert_eq!(dump(&[], &restored), first);
    // By several connections at once, which share a snapshot.
    let pieces = directory.path().join("dump.pieces");
    said("pg_dump", &["-Fd", "-j", "2", "-f", pieces.to_str().unwrap()], &url);
    let together = database.url_of("clients_restored_together");
    said("pg_restore", &["--exit-on-error", "-j", "2", pieces.to_str().unwrap(), "-d"], &together);
    assert_eq!(dump(&[], &together), first);
    database.stop();
}
