//! Tortures a subject from a seed on, until the first failure or for so many seconds, and writes the report: `hornbeam torture`
//! without the program around it, and without all that the program links besides. What `examples/mutants.rs` builds and runs.

use env::real::RealEnv;
use env::{Env, FileExt, OpenMode};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use torture::jobs::{Seeds, Silent, TortureSettings, torture};
use torture::profile::Profile;
use torture::subject::Subject;

env::labels! {
    OPEN: "example.hunt.open", Directory, "there is no report";
    WRITE: "example.hunt.write", Write, "the report is empty";
}

fn hunt(
    subject: &Arc<dyn Subject>,
    profile: Option<Profile>,
    (seconds, jobs, first): (u64, usize, u64),
    path: &Path,
) -> Result<bool, Box<dyn std::error::Error>> {
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    let settings = TortureSettings {
        seeds: Seeds::For { first, time: Duration::from_secs(seconds) },
        shard: (0, 1),
        jobs,
        profile,
        sabotage: None,
        failures_max: 1,
    };
    let report = torture(&env, subject, settings, Arc::new(Silent))?;
    let file = env.open(&OPEN, path, OpenMode::Create)?;
    file.write_all_at(&WRITE, 0, report.to_json()?.as_bytes())?;
    Ok(report.passed())
}

/// What the program does: its arguments are `SECONDS JOBS REPORT.json [FIRST [PROFILE]]`; seeds begin at FIRST, or 0. Without a
/// profile it is the usual one, and where there is none all are mixed.
pub fn main(subject: &Arc<dyn Subject>, usual: Option<Profile>) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize| arguments.get(position).and_then(|text| text.parse::<u64>().ok());
    let (Some(seconds), Some(jobs), Some(path)) = (number(0), number(1), arguments.get(2)) else {
        eprintln!("what is expected: SECONDS JOBS REPORT.json [FIRST [PROFILE]]");
        return ExitCode::FAILURE;
    };
    let first = if arguments.len() > 3 { number(3) } else { Some(0) };
    let profile = match arguments.get(4) {
        Some(name) => Profile::from_name(name).map(Some),
        None => Some(usual),
    };
    let (Some(first), Some(profile)) = (first, profile) else {
        eprintln!(
            "FIRST is a number, PROFILE the name of a profile, as `hornbeam torture --help` tells them"
        );
        return ExitCode::FAILURE;
    };
    match hunt(subject, profile, (seconds, jobs as usize, first), path.as_ref()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
