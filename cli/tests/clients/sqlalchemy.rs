//! SQLAlchemy's own suite for dialects, as pytest runs it from SQLAlchemy's sources, with what these say that PostgreSQL can do.

use crate::command::run;
use crate::database::Database;
use crate::install::{LIMIT, kept, or_pass_over, scripts};
use crate::python::environment;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const CLIENT: &str = "sqlalchemy";

/// How long the suite may take.
const SUITE_LIMIT: Duration = Duration::from_secs(280);

/// The interpreter, and the folder of the sources: the suite's requirements are in no wheel.
fn sources() -> Result<(PathBuf, PathBuf), String> {
    let python = environment(CLIENT)?;
    let pinned = std::fs::read_to_string(scripts().join("python/sqlalchemy/requirements.txt")).unwrap();
    let wanted = pinned.lines().find(|line| line.starts_with("SQLAlchemy==")).unwrap();
    let folder = kept().join(CLIENT).join("sources");
    let unpacked = folder.join(wanted.to_lowercase().replace("==", "-"));
    if !unpacked.is_dir() {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", CLIENT, "--dest"]);
        run(pip.arg(&folder).arg(wanted), LIMIT)?.well()?;
        let packed = unpacked.with_extension(format!("{}.tar.gz", unpacked.extension().unwrap().display()));
        // Under another name until it is whole.
        let begun = folder.join("begun");
        let _ = std::fs::remove_dir_all(&begun);
        std::fs::create_dir_all(&begun).map_err(|error| error.to_string())?;
        let mut tar = Command::new("tar");
        run(tar.arg("xzf").arg(&packed).args(["--strip-components", "1", "-C"]).arg(&begun), LIMIT)?
            .well()?;
        std::fs::rename(&begun, &unpacked).map_err(|error| error.to_string())?;
    }
    Ok((python, unpacked))
}

/// What a line of `counts.txt` says.
fn counted(name: &str) -> usize {
    let text = std::fs::read_to_string(scripts().join("python/sqlalchemy/counts.txt")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().parse().unwrap()
}

/// How many tests the last line of pytest says to have `ended` so.
fn told(output: &str, ended: &str) -> usize {
    let last = output.lines().rev().find(|line| line.starts_with("==")).unwrap_or_default();
    let words: Vec<&str> = last.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let place = words.iter().position(|word| *word == ended);
    place.map_or(0, |place| words[place - 1].parse().unwrap())
}

fn suite(python: &Path, sources: &Path, database: &Database) -> String {
    let folder = scripts().join("python/sqlalchemy");
    let mut setup = Command::new(python);
    setup.arg(folder.join("schemas.py")).arg(database.url());
    run(&mut setup, LIMIT).unwrap().well().unwrap();
    let mut pytest = Command::new(python);
    pytest.current_dir(sources).env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1");
    pytest.args([
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "without_extensions",
        "--maxfail=100000",
    ]);
    pytest.arg("--dburi").arg(database.url().replace("postgresql:", "postgresql+psycopg:"));
    let done = run(pytest.arg("test/dialect/test_suite.py"), SUITE_LIMIT).unwrap();
    format!("{}{}", done.stdout, done.stderr)
}

#[test]
fn suite_of_dialects() {
    let Some((python, sources)) = or_pass_over(CLIENT, sources()) else { return };
    let database = Database::new(CLIENT);
    let output = suite(&python, &sources, &database);
    let failures: String =
        output.lines().filter(|line| line.starts_with("FAILED")).collect::<Vec<_>>().join("\n");
    let (passed, failed) = (told(&output, "passed"), told(&output, "failed") + told(&output, "errors"));
    let (postgresql, floor) = (counted("postgresql"), counted("hornbeam"));
    assert!(floor * 100 >= postgresql * 95, "the floor is too low");
    assert!(passed >= floor, "{passed} passed and {failed} failed\n{failures}\n{output}");
    database.stop();
}
