<<<<<<< HEAD
//! Tortures the engine, mixed profiles from seed 0 on: `hunt SECONDS JOBS REPORT.json`.

mod hunting;
=======
//! Tortures the engine, mixed profiles from seed 0, or FIRST, on, until the first failure or for so many seconds, and writes the report:
//! `hunt SECONDS JOBS REPORT.json [FIRST]`. This is `hornbeam torture` without the program around it, and without all that the program
//! links besides: what `examples/mutants.rs` builds and runs.
>>>>>>> 68eacce (Torture restarts a troubled service again and again, releases savepoints, checks while others write, and reads on past unknown commits)

use std::process::ExitCode;
use torture::engine::Engine;
<<<<<<< HEAD

fn main() -> ExitCode {
    hunting::main(&Engine::subject(), None)
=======
use torture::jobs::{Seeds, Silent, TortureSettings, torture};

env::labels! {
    OPEN: "example.hunt.open", Directory, "there is no report";
    WRITE: "example.hunt.write", Write, "the report is empty";
}

fn hunt(seconds: u64, jobs: usize, path: &Path, first: u64) -> Result<bool, Box<dyn std::error::Error>> {
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    let settings = TortureSettings {
        seeds: Seeds::For { first, time: Duration::from_secs(seconds) },
        shard: (0, 1),
        jobs,
        profile: None,
        sabotage: None,
        failures_max: 1,
    };
    let report = torture(&env, &Engine::subject(), settings, Arc::new(Silent))?;
    let file = env.open(&OPEN, path, OpenMode::Create)?;
    file.write_all_at(&WRITE, 0, report.to_json()?.as_bytes())?;
    Ok(report.passed())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |position: usize| arguments.get(position).and_then(|text| text.parse::<u64>().ok());
    let (Some(seconds), Some(jobs), Some(path)) = (number(0), number(1), arguments.get(2)) else {
        eprintln!("usage: hunt SECONDS JOBS REPORT.json [FIRST]");
        return ExitCode::FAILURE;
    };
    match hunt(seconds, jobs as usize, path.as_ref(), number(3).unwrap_or(0)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
>>>>>>> 68eacce (Torture restarts a troubled service again and again, releases savepoints, checks while others write, and reads on past unknown commits)
}
