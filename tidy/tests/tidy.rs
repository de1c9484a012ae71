//! The house rules, applied to the whole workspace. Each test prints every violation, with what to do instead.

use std::collections::BTreeSet;
use tidy::imports::EXCEPTIONS;
use tidy::lengths::TOO_LONG;
use tidy::workspace::Workspace;
use tidy::{imports, layers, leftovers, lengths, module_text, unrun};

fn workspace() -> Workspace {
    let workspace = Workspace::read().expect("the workspace can be read");
    assert!(workspace.sources.len() > 30 && workspace.manifests().count() > 10, "the rules look at nothing");
    workspace
}

fn report(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn layers_import_only_downwards() {
    let workspace = workspace();
    let mut found: Vec<String> =
        workspace.manifests().flat_map(|(package, text)| layers::violations(package, text)).collect();
    found.extend(workspace.sources.iter().flat_map(layers::part_violations));
    report(&found);
}

#[test]
fn only_env_blocks_tells_time_draws_entropy_or_touches_files() {
    let (mut found, mut used) = (Vec::new(), BTreeSet::new());
    for source in &workspace().sources {
        let (violations, excused) = imports::violations(source);
        found.extend(violations);
        used.extend(excused);
    }
    let unused = (0..EXCEPTIONS.len()).filter(|index| !used.contains(index));
    found.extend(unused.map(|index| format!("nothing needs the exception {:?} any more", EXCEPTIONS[index])));
    report(&found);
}

#[test]
fn functions_and_files_stay_within_their_lengths() {
    let long: Vec<(String, usize)> = workspace().sources.iter().flat_map(lengths::too_long).collect();
    let listed = |name: &str| TOO_LONG.iter().find(|entry| entry.0 == name).map(|entry| entry.1);
    let mut found: Vec<String> = long
        .iter()
        .filter(|(name, lines)| listed(name).is_none_or(|limit| *lines > limit))
        .map(|(name, lines)| format!("{name} has {lines} lines: split it"))
        .collect();
    for (name, limit) in TOO_LONG {
        let now = long.iter().find(|(path, _)| path == name).map_or(0, |(_, lines)| *lines);
        if now < *limit {
            found.push(format!("{name} is shorter now ({now}): lower or strike its entry in TOO_LONG"));
        }
    }
    report(&found);
}

#[test]
fn nothing_is_left_behind() {
    let workspace = workspace();
    let mut found: Vec<String> = workspace.sources.iter().flat_map(leftovers::in_source).collect();
    found.extend(workspace.texts.iter().flat_map(|(path, text)| leftovers::in_text(path, text)));
    report(&found);
}

#[test]
fn every_file_opens_with_its_text_and_storage_with_its_invariants() {
    let found: Vec<String> = workspace().sources.iter().filter_map(module_text::violation).collect();
    report(&found);
}

#[test]
fn labels_are_unique() {
    report(&module_text::doubled_labels(&workspace().sources));
}

#[test]
fn libraries_build_no_tests_that_they_have_not() {
    let workspace = workspace();
    let manifests = workspace.manifests();
    let found = manifests.flat_map(|(package, text)| unrun::violations(package, text, &workspace.sources));
    report(&found.collect::<Vec<String>>());
}
