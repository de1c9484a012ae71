//! docs/faults.md says what the table of fault kinds says, and the tests it names exist.

use faults::{FaultKind, document};

const DOCUMENT: &str = include_str!("../../docs/faults.md");
const TESTS: &[(&str, &str)] = &[
    ("sim/tests/sim/disk_faults.rs", include_str!("../../sim/tests/sim/disk_faults.rs")),
    ("sim/tests/sim/disk_model.rs", include_str!("../../sim/tests/sim/disk_model.rs")),
    ("sim/tests/sim/stops.rs", include_str!("../../sim/tests/sim/stops.rs")),
    ("sim/tests/sim/scheduling.rs", include_str!("../../sim/tests/sim/scheduling.rs")),
    ("sim/tests/sim/world_faults.rs", include_str!("../../sim/tests/sim/world_faults.rs")),
    ("sim/tests/sim/network.rs", include_str!("../../sim/tests/sim/network.rs")),
    ("sim/tests/sim/files.rs", include_str!("../../sim/tests/sim/files.rs")),
];

#[test]
fn the_document_is_up_to_date() {
    assert!(
        DOCUMENT.contains(&document::chapters()),
        "docs/faults.md is out of date: put the output of `cargo run -p hornbeam-faults --example chapters` into it"
    );
    for &kind in FaultKind::ALL {
        assert!(DOCUMENT.contains(&format!("### {kind}\n")), "{kind} has no chapter");
    }
}

#[test]
fn every_named_test_exists() {
    for &kind in FaultKind::ALL {
        let Some((file, test)) = document::shown_by(kind) else { continue };
        let source = TESTS.iter().find(|(name, _)| *name == file).map(|(_, source)| *source);
        let source = source.unwrap_or_else(|| panic!("{kind}: {file} is not among the files looked at"));
        assert!(source.contains(&format!("fn {test}(")), "{kind}: no test {test} in {file}");
    }
}
