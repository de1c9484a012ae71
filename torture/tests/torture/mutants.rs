//! The planted defects still fit the engine: none of the texts that they stand in for has moved on. Whether torture finds
//! them is measured by `cargo run --release -p hornbeam-torture --example mutants`, which takes too long for a test.

#![allow(clippy::disallowed_methods)] // it reads the sources, which belong to no simulated world

mod list;

use std::fs;
use torture::profile::Profile;

const ORACLES: [&str; 8] =
    ["accounting", "model", "isolation", "structure", "liveness", "ledger", "marks", "determinism"];

#[test]
fn every_planted_defect_still_fits() {
    let mutants = list::all("torture/mutants");
    assert!(mutants.len() >= 35, "only {} defects are left", mutants.len());
    let mut stale = Vec::new();
    for (name, mutant) in &mutants {
        let text = fs::read_to_string(list::root().join(&mutant.file)).expect("the file is there");
        if let Err(problem) = mutant.position(&text) {
            stale.push(format!("{name}: {problem}"));
        }
        assert!(mutant.switched(name).contains(name.as_str()));
        assert!(mutant.title.ends_with('.'), "{name}: the title is a sentence");
        assert_ne!(mutant.sound, mutant.broken, "{name} plants nothing");
        assert!(!mutant.expected.is_empty(), "{name}: somebody should notice");
        let profile = mutant.profile.as_deref();
        assert!(profile.is_none_or(|name| Profile::from_name(name).is_some()), "{name}: {profile:?}");
        for oracle in &mutant.expected {
            assert!(ORACLES.contains(&oracle.as_str()), "{name}: there is no oracle {oracle}");
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}
