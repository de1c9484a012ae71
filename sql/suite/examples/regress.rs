//! PostgreSQL's regression scripts, counted: `cargo run -p hornbeam-sql-suite --example regress -- FOLDER [SCRIPT…]`.
//!
//! FOLDER is the one that holds `sql/`, `expected/` and `data/`. All scripts are run, since some build on others; with names
//! only those are told of, and what fails in them is listed. `HORNBEAM_EXACT` lists what differs in anything that psql prints.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it reads what people keep in folders, on a larger stack

use std::collections::BTreeMap;
use std::path::PathBuf;
use suite::regress::{Answered, Runner, in_order};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: regress FOLDER [SCRIPT…]");
        std::process::exit(2);
    };
    let chosen: Vec<String> = arguments.collect();
    // Scripts nest deeper than the stack of a main thread bears in a build for tests.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(move || run(&folder, &chosen));
    if thread.map(std::thread::JoinHandle::join).is_err() {
        std::process::exit(1);
    }
}

fn names(folder: PathBuf) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn run(folder: &std::path::Path, chosen: &[String]) {
    let exactly = std::env::var("HORNBEAM_EXACT").is_ok();
    let alone = std::env::var("HORNBEAM_ALONE").is_ok();
    let data = names(folder.join("data"));
    let bytes = |name: &String| std::fs::read(folder.join("data").join(name)).unwrap_or_default();
    let mut runner = Runner::new(data.into_iter().map(|name| (name.clone(), bytes(&name))).collect());
    let scripts = names(folder.join("sql"));
    let scripts = scripts.iter().filter_map(|name| name.strip_suffix(".sql")).map(str::to_owned).collect();
    let mut reasons: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let (mut all, mut alike, mut exact) = (0, 0, 0);
    for name in in_order(scripts) {
        if alone && name != "test_setup" && !chosen.contains(&name) {
            continue;
        }
        let read = |part: &str, end: &str| {
            let path = folder.join(part).join(format!("{name}.{end}"));
            std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
        };
        let begun = std::time::Instant::now();
        let answers = runner.run(&read("sql", "sql"), &read("expected", "out"));
        let took = begun.elapsed().as_secs_f64();
        let pass = answers.iter().filter(|answer| answer.alike).count();
        let whole = answers.iter().filter(|answer| answer.exact).count();
        (all, alike, exact) = (all + answers.len(), alike + pass, exact + whole);
        let listed = chosen.contains(&name);
        if listed || chosen.is_empty() {
            println!("{name}: {pass} of {} alike, {whole} exact, {took:.1} s", answers.len());
        }
        for answer in answers.iter().filter(|answer| !(if exactly { answer.exact } else { answer.alike })) {
            let entry = reasons.entry(reason(answer)).or_default();
            entry.0 += 1;
            if entry.1.len() < 60 && !entry.1.contains(name.as_str()) {
                entry.1.push_str(&format!(" {name}:{}", answer.line));
            }
            if listed {
                println!(
                    "-- {name}:{}\n{}\n<<< ours\n{}>>> theirs\n{}",
                    answer.line, answer.sql, answer.ours, answer.theirs
                );
            }
        }
    }
    println!("{alike} of {all} statements alike, {exact} exact");
    let mut counted: Vec<_> = reasons.into_iter().collect();
    counted.sort_by_key(|(reason, (count, _))| (std::cmp::Reverse(*count), reason.clone()));
    let shown = if chosen.is_empty() { 400 } else { 40 };
    for (reason, (count, places)) in counted.iter().take(shown) {
        println!("{count:6} {reason}   [{}]", places.trim());
    }
}

/// What a failure is counted as: our error, or what we should have refused.
fn reason(answer: &Answered) -> String {
    let error = |text: &str| {
        text.lines().find(|line| line.starts_with("ERROR:  ") || *line == "PANIC").map(str::to_owned)
    };
    let explains = answer.sql.trim_start().to_lowercase().starts_with("explain");
    match (error(&answer.ours), error(&answer.theirs)) {
        (Some(ours), None) => ours,
        (Some(ours), Some(theirs)) if ours != theirs => format!("{ours} | {theirs}"),
        (None, Some(theirs)) => format!("no error | {theirs}"),
        _ if explains => "plan differs".to_owned(),
        _ if answer.alike => "told differently".to_owned(),
        _ => "result differs".to_owned(),
    }
}
