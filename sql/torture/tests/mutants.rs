//! The planted defects of statements still fit the sources. Whether torture finds them is measured by `cargo run --release -p
//! hornbeam-torture --example mutants -- --sql`, which takes too long for a test.

#![allow(clippy::disallowed_methods)] // it reads the sources, which belong to no simulated world

#[path = "../../../torture/tests/torture/mutants/list.rs"]
mod list;

use std::fs;
use torture::profile::Profile;

#[test]
fn every_planted_defect_still_fits() {
    let mutants = list::all("sql/torture/mutants");
    assert!(mutants.len() >= 45, "only {} defects are left", mutants.len());
    let mut stale = Vec::new();
    for (name, mutant) in &mutants {
        let text = fs::read_to_string(list::root().join(&mutant.file)).expect("the file is there");
        stale.extend(mutant.position(&text).err().map(|problem| format!("{name}: {problem}")));
        assert!(mutant.switched(name).contains(name.as_str()));
        assert!(mutant.title.ends_with('.'), "{name}: the title is a sentence");
        assert_ne!(mutant.sound, mutant.broken, "{name} plants nothing");
        let profile = mutant.profile.as_deref();
        assert!(profile.is_none_or(|name| Profile::from_name(name).is_some()), "{name}: {profile:?}");
        for oracle in &mutant.expected {
            assert!(
                ["statements", "model", "structure", "isolation", "liveness"].contains(&oracle.as_str()),
                "{name}: there is no oracle {oracle}"
            );
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}
