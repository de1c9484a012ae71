//! `hornbeam torture`.

use crate::arguments::{MergeArguments, TortureArguments, TortureSubcommand, VictimArguments};
use crate::errors::CliError;
use crate::files;
use crate::progress::{Bar, Spinner};
use env::{Env, LabelKind};
use sql_torture::SqlEngine;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use torture::engine::Engine;
use torture::exhaustive;
use torture::jobs::{Seeds, TortureSettings, torture};
use torture::labels;
use torture::profile::Profile;
use torture::report::Report;
use torture::scenario::Scenario;
use torture::victim;

env::labels! {
    CLOCK: "cli.torture.clock", Clock, "the report has no times";
}

/// How long a run lasts when nothing is said.
const USUAL_TIME: Duration = Duration::from_secs(45);

/// Runs the command; whether every promise held.
pub fn run(env: &Arc<dyn Env>, arguments: TortureArguments) -> Result<bool, CliError> {
    if let Some(TortureSubcommand::Merge(arguments)) = &arguments.command {
        return merge(env, arguments);
    }
    if arguments.labels {
        print!("{}", labels::table(&labels::all(&*SqlEngine::subject())));
        return Ok(true);
    }
    if let Some(path) = &arguments.exhaustive {
        return search(env, path);
    }
    let profile = match arguments.profile.as_str() {
        "mixed" => None,
        name => Some(profile(name)?),
    };
    if let Some(name) = &arguments.sabotage {
        check_sabotage(name)?;
    }
    let seeds = match arguments.seeds {
        Some((first, end)) => Seeds::Range(first, end),
        None => Seeds::For { first: arguments.first, time: arguments.time.unwrap_or(USUAL_TIME) },
    };
    let json = output(env, arguments.json.as_deref())?;
    let bar = Arc::new(match seeds {
        Seeds::Range(first, end) => Bar::over_seeds((end - first).div_ceil(arguments.shard.1)),
        Seeds::For { time, .. } => Bar::over_time(time),
    });
    let settings = TortureSettings {
        seeds,
        shard: arguments.shard,
        jobs: arguments.jobs.unwrap_or_else(|| env.parallelism()),
        profile,
        sabotage: arguments.sabotage,
        failures_max: arguments.failures.max(1),
    };
    let start = env.monotonic(&CLOCK);
    let report = torture(env, &SqlEngine::subject(), settings, bar.clone())?;
    bar.finish();
    let elapsed = env.monotonic(&CLOCK) - start;
    finish(&report, elapsed.as_micros() as u64, json)
}

/// Where a report goes as JSON, if it was asked for.
fn output(env: &Arc<dyn Env>, path: Option<&Path>) -> Result<Option<files::Output>, CliError> {
    path.map(|path| files::Output::open(&**env, path)).transpose()
}

/// Prints a report, writes it where asked; whether every promise held.
fn finish(report: &Report, elapsed: u64, json: Option<files::Output>) -> Result<bool, CliError> {
    print!("{}", report.to_text(elapsed));
    if let Some(json) = json {
        json.write(report.to_json().map_err(CliError::Json)?.as_bytes())?;
    }
    Ok(report.passed())
}

/// The profile of that name.
pub fn profile(name: &str) -> Result<Profile, CliError> {
    Profile::from_name(name).ok_or_else(|| CliError::Profile {
        name: name.to_owned(),
        known: Profile::all().map(Profile::name).collect::<Vec<_>>().join(", "),
    })
}

/// Whether a label exists and something can be left out there.
pub fn check_sabotage(name: &str) -> Result<(), CliError> {
    let all = labels::all(&*SqlEngine::subject());
    let Some(label) = all.iter().find(|label| label.name == name) else {
        let nearest = labels::nearest(name, &all);
        return Err(CliError::Label { name: name.to_owned(), nearest });
    };
    match label.kind {
        LabelKind::Read | LabelKind::Clock | LabelKind::Task | LabelKind::Mark | LabelKind::Network => {
            let kind = labels::kind_name(label.kind);
            Err(CliError::Unsabotageable { name: name.to_owned(), kind })
        }
        LabelKind::Write
        | LabelKind::Sync
        | LabelKind::Length
        | LabelKind::Directory
        | LabelKind::DirectorySync
        | LabelKind::FileLock
        | LabelKind::Entropy
        | LabelKind::Lock
        | LabelKind::Barrier => Ok(()),
    }
}

fn merge(env: &Arc<dyn Env>, arguments: &MergeArguments) -> Result<bool, CliError> {
    let mut sum = Report::new();
    for path in &arguments.reports {
        let text = files::read_text(&**env, path)?;
        let report =
            Report::from_json(&text).map_err(|cause| CliError::Report { path: path.clone(), cause })?;
        sum.merge(&report);
    }
    sum.judge_marks();
    // Shards ran side by side: what they took together is the only time there is.
    let elapsed = sum.real_microseconds;
    finish(&sum, elapsed, output(env, arguments.json.as_deref())?)
}

fn search(env: &Arc<dyn Env>, path: &Path) -> Result<bool, CliError> {
    let text = files::read_text(&**env, path)?;
    let scenario_error = |cause| CliError::Scenario { path: path.to_path_buf(), cause };
    let scenario = Scenario::from_toml(&text).map_err(scenario_error)?;
    let bar = Spinner::new();
    let mut show = |found: &exhaustive::Found| {
        bar.show(format!("{} crash points, {} distinct disks", found.crash_points, found.distinct));
    };
    let found = exhaustive::search(&Engine::subject(), &scenario, &mut show).map_err(scenario_error)?;
    bar.finish();
    println!("{}", scenario.title);
    println!("{found}");
    Ok(found.failure.is_none())
}

/// Commits to a real file until killed.
pub fn victim(env: &Arc<dyn Env>, arguments: &VictimArguments) -> Result<bool, CliError> {
    Ok(victim::commit_until_killed(env, &arguments.file, arguments.seed)?)
}
