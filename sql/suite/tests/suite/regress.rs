//! PostgreSQL's regression scripts, where they are at hand (`HORNBEAM_CORPORA` names the folder): how many statements of each
//! are answered as PostgreSQL does. The counts of `regress.txt` may only grow; the example `regress` lists what differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use suite::regress::{Runner, in_order};

fn known() -> BTreeMap<&'static str, usize> {
    let lines = include_str!("../regress.txt").lines();
    lines
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, count)| Some((name, count.parse().ok()?)))
        .collect()
}

fn names(folder: PathBuf) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn counts(folder: &Path) -> Vec<(String, usize, usize)> {
    let data = names(folder.join("data"));
    let bytes = |name: &String| std::fs::read(folder.join("data").join(name)).unwrap_or_default();
    let mut runner = Runner::new(data.into_iter().map(|name| (name.clone(), bytes(&name))).collect());
    let read = |part: &str, name: &str, end: &str| {
        let path = folder.join(part).join(format!("{name}.{end}"));
        std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    };
    let one = |name: String| {
        let answers = runner.run(&read("sql", &name, "sql"), &read("expected", &name, "out"));
        let alike = answers.iter().filter(|answer| answer.alike).count();
        (name, alike, answers.len())
    };
    let scripts = names(folder.join("sql"));
    let scripts = scripts.iter().filter_map(|name| name.strip_suffix(".sql")).map(str::to_owned).collect();
    in_order(scripts).into_iter().map(one).collect()
}

#[test]
fn regression_scripts_go_on_passing() {
    let corpora: PathBuf =
        std::env::var("HORNBEAM_CORPORA").unwrap_or("../../../shared/corpora".to_owned()).into();
    let folder = corpora.join("postgresql-regress");
    if !folder.join("sql").is_dir() {
        return;
    }
    // Statements nest deeper than the stack of a test's thread bears in a build for tests.
    let thread =
        std::thread::Builder::new().stack_size(256 << 20).spawn(move || counts(&folder)).expect("a thread");
    let counts = thread.join().expect("counts");
    let known = known();
    let fallen: Vec<String> = counts
        .iter()
        .filter_map(|(name, alike, _)| {
            let least = known.get(name.as_str()).copied().unwrap_or(0);
            (*alike < least).then(|| format!("{name}: {alike}, and {least} before"))
        })
        .collect();
    for (name, alike, _) in &counts {
        println!("{name} {alike}");
    }
    let (alike, all) = counts.iter().fold((0, 0), |sum, (_, alike, all)| (sum.0 + alike, sum.1 + all));
    println!("{alike} of {all} statements are answered alike");
    assert!(fallen.is_empty(), "fewer statements pass:\n{}", fallen.join("\n"));
}
