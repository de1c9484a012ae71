//! Plants every defect of `torture/mutants/`, or with `--sql` of `sql/torture/mutants/`, in a copy of the sources, and measures how soon torture finds each:
//! `cargo run --release -p hornbeam-torture --example mutants -- [--sql] [--seconds N] [--jobs N] [NAME…]`.
//!
//! One build, in `target/mutants`, holds all defects, each behind a switch that an environment variable turns on. First
//! torture runs without any; then once for each name that contains one of `NAME…`, with its default settings, until the
//! first failure or for at most so many seconds. Prints the table of `torture/mutants/README.md`; exit code 1 when
//! something was not found. Not part of CI: it takes as long as it takes.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it starts programs and measures them

#[path = "../tests/torture/mutants/list.rs"]
mod list;

use list::Mutant;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use torture::report::Report;

/// What is added to the copy of `env`.
const SWITCH: &str = r#"
/// Whether this defect is planted.
pub fn planted(name: &str) -> bool {
    static PLANTED: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PLANTED.get_or_init(|| std::env::var("HORNBEAM_PLANTED").unwrap_or_default()) == name
}
"#;

/// How long the sound engine is tortured, with all the switches in it.
const CONTROL_SECONDS: u64 = 10;

struct Arguments {
    seconds: u64,
    jobs: u64,
    sql: bool,
    names: Vec<String>,
}

fn arguments() -> Arguments {
    let mut parsed = Arguments { seconds: 60, jobs: 2, sql: false, names: Vec::new() };
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        let mut number = || rest.next().and_then(|text| text.parse().ok()).expect("a number follows");
        match argument.as_str() {
            "--seconds" => parsed.seconds = number(),
            "--jobs" => parsed.jobs = number(),
            "--sql" => parsed.sql = true,
            _ => parsed.names.push(argument),
        }
    }
    parsed
}

/// Copies what changed, with the defects in it.
fn copy(from: &Path, to: &Path, mutants: &BTreeMap<String, Mutant>) {
    let root = list::root();
    fs::create_dir_all(to).expect("makes a folder");
    for entry in fs::read_dir(from).expect("lists a folder") {
        let entry = entry.expect("is listed");
        let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
        if name.starts_with('.') || name == "target" || name == "mutants" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(&name), mutants);
            continue;
        }
        let mut bytes = fs::read(&path).expect("reads a file");
        if name.ends_with(".rs") {
            let inside = path.strip_prefix(&root).expect("is inside").to_string_lossy().into_owned();
            bytes = plant(&inside, String::from_utf8(bytes).expect("is text"), mutants).into_bytes();
        }
        if name == "Cargo.toml" {
            let package = from.strip_prefix(&root).expect("is inside");
            bytes = reach_switch(package, String::from_utf8(bytes).expect("is text"), mutants).into_bytes();
        }
        let target = to.join(&name);
        if fs::read(&target).ok().as_deref() != Some(&bytes[..]) {
            fs::write(&target, &bytes).expect("writes a file");
        }
    }
}

/// The manifest of a package with defects, which must know where the switches are.
fn reach_switch(package: &Path, manifest: String, mutants: &BTreeMap<String, Mutant>) -> String {
    const DEPENDENCIES: &str = "[dependencies]\n";
    let has_some = mutants.values().any(|mutant| Path::new(&mutant.file).starts_with(package.join("src")));
    if !has_some || package == Path::new("env") || manifest.contains("\nenv.workspace") {
        return manifest;
    }
    manifest.replacen(DEPENDENCIES, &format!("{DEPENDENCIES}env.workspace = true\n"), 1)
}

fn plant(file: &str, text: String, mutants: &BTreeMap<String, Mutant>) -> String {
    let here = mutants.iter().filter(|(_, mutant)| mutant.file == file);
    // From the end, so that positions stay true.
    let mut places: Vec<(usize, &String, &Mutant)> = here
        .map(|(name, mutant)| {
            (mutant.position(&text).unwrap_or_else(|it| panic!("{name}: {it}")), name, mutant)
        })
        .collect();
    places.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut text = text;
    let mut after = usize::MAX;
    for (at, name, mutant) in places {
        let end = at + mutant.sound.len();
        assert!(end <= after, "{name} overlaps the defect behind it: leave one of them out");
        text.replace_range(at..end, &mutant.switched(name));
        after = at;
    }
    if file == "env/src/lib.rs" { text + SWITCH } else { text }
}

fn build(source: &Path, target: &Path, (package, example): (&str, &str)) -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--message-format", "short", "--release"])
        .args(["-p", package, "--example", example])
        .current_dir(source)
        .env("CARGO_TARGET_DIR", target)
        .output();
    // What it warns of (code that a defect leaves unused) is of no interest.
    let output = output.expect("cargo starts");
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        text.lines().filter(|line| line.contains("error")).for_each(|line| eprintln!("{line}"));
        panic!("the copy with the defects does not build");
    }
    target.join("release/examples").join(example)
}

/// What became of one run.
struct Found {
    took: Duration,
    report: Option<Report>,
}

fn torture(program: &Path, planted: &str, (seconds, jobs): (u64, u64), profile: Option<&str>) -> Found {
    let json = program.with_file_name(format!("report-{planted}.json"));
    let _ = fs::remove_file(&json);
    let start = Instant::now();
    let child = Command::new(program)
        .args([seconds.to_string(), jobs.to_string()])
        .arg(&json)
        .args(profile.iter().flat_map(|profile| ["0", profile]))
        .env("HORNBEAM_PLANTED", planted)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.expect("the program starts");
    // A defect may make a run go round for ever.
    while child.try_wait().expect("is a child").is_none()
        && start.elapsed() < Duration::from_secs(2 * seconds)
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = start.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    let report = fs::read_to_string(&json).ok().and_then(|text| Report::from_json(&text).ok());
    Found { took, report }
}

fn main() -> ExitCode {
    let arguments = arguments();
    let (defects, program) = if arguments.sql {
        ("sql/torture/mutants", ("hornbeam-sql-torture", "hunt_statements"))
    } else {
        ("torture/mutants", ("hornbeam-torture", "hunt"))
    };
    let mutants = list::all(defects);
    let is_wanted =
        |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|part| name.contains(part));
    let wanted: Vec<(&String, &Mutant)> = mutants.iter().filter(|(name, _)| is_wanted(name)).collect();
    if wanted.is_empty() {
        eprintln!("no defect in {defects} has a name that contains one of {:?}", arguments.names);
        return ExitCode::from(2);
    }
    let folder = list::root().join("target/mutants");
    copy(&list::root(), &folder.join("source"), &mutants);
    let program = build(&folder.join("source"), &folder.join("target"), program);
    let profiles: BTreeSet<Option<&str>> =
        wanted.iter().map(|(_, mutant)| mutant.profile.as_deref()).collect();
    for profile in profiles {
        let seconds = CONTROL_SECONDS.min(arguments.seconds);
        let control = torture(&program, "none", (seconds, arguments.jobs), profile);
        let sound = control.report.is_some_and(|report| report.passed());
        assert!(sound, "torture fails without any defect");
    }
    let mut missed = 0;
    println!("| defect | found after | seed | by | the broken promise |\n|---|---|---|---|---|");
    for (name, mutant) in wanted {
        let limits = (arguments.seconds, arguments.jobs);
        let found = torture(&program, name, limits, mutant.profile.as_deref());
        let seconds = found.took.as_secs_f64();
        let Some(report) = found.report else {
            println!("| {name} | never ended ({seconds:.1} s) | | | {} |", mutant.title);
            missed += 1;
            continue;
        };
        let runs: u64 = report.runs.values().sum();
        match report.failures.first() {
            Some(failed) => {
                let promise = failed.failure.promise;
                let oracle = format!("{:?}", promise.oracle()).to_lowercase();
                let as_said = if mutant.expected.contains(&oracle) { "" } else { " (not expected)" };
                let by = format!("{oracle}{as_said}");
                let seed = format!("{} {}", failed.seed, failed.profile);
                println!("| {name} | {seconds:.1} s, {runs} seeds | {seed} | {by} | {promise} |");
            }
            None => {
                println!("| {name} | **not found** in {seconds:.1} s, {runs} seeds | | | {} |", mutant.title);
                missed += 1;
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
