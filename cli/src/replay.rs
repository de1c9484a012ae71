//! `hornbeam replay` and `hornbeam minimise`.

use crate::arguments::{MinimiseArguments, ReplayArguments};
use crate::errors::CliError;
use crate::files;
use crate::torture_command::{check_sabotage, profile};
use env::Env;
use indicatif::{ProgressBar, ProgressStyle};
use sql_torture::SqlEngine;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use torture::minimise;
use torture::profile::Profile;
use torture::run::{Keep, RunOutcome, RunSettings, run};
use torture::scenario::Scenario;

/// Runs a seed or scenario again; whether it did what it should.
pub fn replay(env: &Arc<dyn Env>, arguments: &ReplayArguments) -> Result<bool, CliError> {
    if let Some(directory) = &arguments.dump_disk {
        files::make_directory(&**env, directory)?;
    }
    let mut as_expected = true;
    let mut last = None;
    for scenario in what(env, arguments)? {
        if let Some(sector) = &scenario.sector {
            println!("{sector}");
        }
        let settings = RunSettings {
            keep: if arguments.trace { Keep::Everything } else { Keep::Nothing },
            until: arguments.until,
            ..scenario.settings
        };
        for seed in scenario.first..scenario.first + scenario.count {
            let outcome = run(&SqlEngine::subject(), seed, &settings);
            for line in outcome.world.trace_lines() {
                println!("{line}");
            }
            as_expected &= tell(seed, &outcome, scenario.breaks);
            // What fails otherwise, is cut short or is sabotaged need not go as told.
            let failed = outcome.failure.as_ref().map(|failure| failure.promise);
            let whole = failed == scenario.breaks && !outcome.paused && arguments.sabotage.is_none();
            if whole
                && let Some(Err(surprise)) = scenario.told.as_ref().map(|told| told.goes_as_told(&outcome))
            {
                println!("{surprise}");
                as_expected = false;
            }
            last = Some(outcome);
        }
    }
    let Some(outcome) = last else { return Ok(true) };
    if let Some(directory) = &arguments.dump_disk {
        dump(env, &outcome, directory)?;
    }
    println!("{:016x}", outcome.hash);
    Ok(as_expected)
}

/// Seeds that are run in one way, and what they should break.
struct What {
    first: u64,
    count: u64,
    settings: RunSettings,
    breaks: Option<torture::promise::Promise>,
    /// The sector size, where a scenario is played at several.
    sector: Option<String>,
    /// The scenario whose runs these are.
    told: Option<Scenario>,
}

fn what(env: &Arc<dyn Env>, arguments: &ReplayArguments) -> Result<Vec<What>, CliError> {
    if let Ok(seed) = arguments.what.parse::<u64>() {
        let settings = settings(seed, arguments.profile.as_deref(), arguments.sabotage.as_deref())?;
        return Ok(vec![What { first: seed, count: 1, settings, breaks: None, sector: None, told: None }]);
    }
    let path = PathBuf::from(&arguments.what);
    let text = files::read_text(&**env, &path).map_err(|error| match error {
        CliError::Io(error) if error.kind == std::io::ErrorKind::NotFound => {
            CliError::NeitherSeedNorFile { what: arguments.what.clone() }
        }
        other => other,
    })?;
    let named = |cause| CliError::Scenario { path: path.clone(), cause };
    let scenario = Scenario::from_toml(&text).map_err(named)?;
    println!("{}", scenario.title);
    let several = !scenario.sector_sizes.is_empty();
    let mut runs = Vec::new();
    for variant in scenario.variants() {
        let mut settings = variant.settings_of_runs().map_err(named)?;
        if let Some(label) = &arguments.sabotage {
            check_sabotage(label)?;
            settings.sabotage = Some(label.clone());
        }
        let sector = match variant.settings.sector_size {
            Some(size) if several => Some(sector_in_words(size)),
            Some(_) | None => None,
        };
        let (first, count, breaks) = (variant.seed, variant.seeds, variant.breaks);
        runs.push(What { first, count, settings, breaks, sector, told: Some(variant) });
    }
    Ok(runs)
}

fn sector_in_words(size: usize) -> String {
    match size {
        0 => "at no sector atomicity:".to_owned(),
        size => format!("at sectors of {size} bytes:"),
    }
}

fn settings(seed: u64, name: Option<&str>, sabotage: Option<&str>) -> Result<RunSettings, CliError> {
    let profile = match name {
        Some(name) => profile(name)?,
        None => Profile::of_seed(seed),
    };
    if let Some(label) = sabotage {
        check_sabotage(label)?;
    }
    Ok(RunSettings { sabotage: sabotage.map(str::to_owned), ..RunSettings::new(profile) })
}

/// Prints what came of a run; whether that was to be expected.
fn tell(seed: u64, outcome: &RunOutcome, breaks: Option<torture::promise::Promise>) -> bool {
    let report = &outcome.report;
    println!(
        "seed {seed}: {} crashes, {} commits acknowledged, {} verified, {} steps, {:.3} s of virtual time",
        report.crashes,
        report.commits_acknowledged,
        report.commits_verified,
        outcome.steps,
        report.virtual_microseconds as f64 / 1e6
    );
    if outcome.drift() > 0 {
        println!("{} of the named choices no longer fit; the default was taken there", outcome.drift());
    }
    match &outcome.failure {
        None if outcome.paused => println!("stopped at step {}", outcome.steps),
        None => println!("all promises held"),
        Some(failure) => {
            println!("broken: {}", failure.promise);
            println!("seen:   {} (step {}, life {})", failure.detail, failure.step, failure.life);
        }
    }
    match (&outcome.failure, breaks) {
        (None, _) => true,
        (Some(failure), Some(promise)) => failure.promise == promise,
        (Some(_), None) => false,
    }
}

fn dump(env: &Arc<dyn Env>, outcome: &RunOutcome, directory: &Path) -> Result<(), CliError> {
    for (path, bytes) in outcome.files() {
        let Some(name) = path.file_name() else { continue };
        let target = directory.join(name);
        files::Output::open(&**env, &target)?.write(&bytes)?;
        println!("{}: {} bytes", target.display(), bytes.len());
    }
    Ok(())
}

/// Makes a failing seed smaller and writes it as a scenario.
pub fn minimise(env: &Arc<dyn Env>, arguments: &MinimiseArguments) -> Result<bool, CliError> {
    let settings = settings(arguments.seed, arguments.profile.as_deref(), arguments.sabotage.as_deref())?;
    let output = files::Output::open(&**env, &arguments.output)?;
    let bar = ProgressBar::new(u64::from(arguments.budget));
    if let Ok(style) = ProgressStyle::with_template("{bar:28} {pos}/{len} runs  {msg}") {
        bar.set_style(style);
    }
    let minimised = minimise::minimise(
        &SqlEngine::subject(),
        arguments.seed,
        &settings,
        arguments.budget,
        &mut |choices, runs| {
            bar.set_position(u64::from(runs));
            bar.set_message(format!("{choices} choices left"));
        },
    )?;
    bar.finish_and_clear();
    let text = minimised.scenario.to_toml()?;
    output.write(text.as_bytes())?;
    println!("broken: {}", minimised.failure.promise);
    println!("seen:   {}", minimised.failure.detail);
    println!(
        "{} choices of {} are left, after {} runs; replayed twice to the same hash",
        minimised.choices_after, minimised.choices_before, minimised.runs
    );
    println!("hornbeam replay {}", arguments.output.display());
    Ok(true)
}
