//! Isolation scripts as PostgreSQL's `isolationtester` runs them: sessions, the steps of each, and the orders in which steps are
//! begun; what waits is shown as waiting, and completes later.
//!
//! * [`spec`]: a script's text. [`play`]: a permutation, step by step, in whatever world: real threads, or a simulator's tasks.
//!   `print`: results as libpq's `PQprint` has them.
//! * [`simulated`]: the same in a simulated world, from a seed. [`explore`]: all orders of a short script's steps there, and what
//!   must hold in each.
//!
//! A step waits when its session waits for a lock that another session holds. That is looked up, not guessed from time: whatever
//! takes long and waits for nobody is waited for.

pub mod explore;
pub mod play;
mod print;
pub mod simulated;
pub mod spec;

use crate::Database;
use play::Play;
use spec::{Spec, SpecError};

/// Runs a script, all of its permutations one after another, in a fresh database; what is printed.
///
/// # Errors
/// When it is no script.
pub fn run(text: &str) -> Result<String, SpecError> {
    let spec = Spec::parse(text)?;
    let database = Database::new();
    let mut printed = format!("Parsed test spec with {} sessions\n", spec.sessions.len());
    let mut play = Play::new(&spec, database.world(), database.engine());
    for permutation in spec.orders() {
        if !play.permutation(&permutation, &mut printed) {
            break;
        }
    }
    play.end();
    Ok(printed)
}

/// The permutations of what is printed, each from its first line.
pub fn permutations(printed: &str) -> Vec<&str> {
    const BEGINS: &str = "\nstarting permutation:";
    let starts: Vec<usize> = printed.match_indices(BEGINS).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([printed.len()]);
    starts.iter().zip(ends).map(|(start, end)| printed[*start..end].trim()).collect()
}

/// A script with what PostgreSQL prints of it: any of these.
pub struct Script {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What is expected.
    pub expected: Vec<String>,
}

/// Scripts with their outputs, from texts with the stems of their files' names: of a script NAME there may be outputs NAME,
/// NAME_1 and so on.
pub fn scripts(specs: Vec<(String, String)>, outputs: &[(String, String)]) -> Vec<Script> {
    let script = |(name, text): (String, String)| {
        let belongs = |stem: &str| {
            let rest = stem.strip_prefix(&name).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
            rest.is_some_and(|rest| rest.chars().all(|digit| digit.is_ascii_digit()))
        };
        let expected = outputs.iter().filter(|(stem, _)| belongs(stem)).map(|(_, text)| text.clone());
        Script { expected: expected.collect(), name, text }
    };
    specs.into_iter().map(script).collect()
}

/// How many permutations are printed as one of the expected outputs has them.
pub fn passed(printed: &str, expected: &[String]) -> usize {
    let expected: Vec<Vec<&str>> = expected.iter().map(|expected| permutations(expected)).collect();
    let alike = |(place, found): &(usize, &str)| expected.iter().any(|all| all.get(*place) == Some(found));
    permutations(printed).into_iter().enumerate().filter(alike).count()
}
