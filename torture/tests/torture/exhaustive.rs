//! Every crash of one short scenario, and a store that forgets a sync caught by it without any luck.

use std::sync::Arc;
use torture::engine::Engine;
use torture::exhaustive::search;
use torture::scenario::Scenario;
use torture::subject::Subject;

const SCENARIO: &str = include_str!("../../../scenarios/exhaustive-commit.toml");

#[test]
fn every_crash_of_a_short_scenario_is_survived() {
    let scenario = Scenario::from_toml(SCENARIO).expect("a sound scenario");
    let subject: Arc<dyn Subject> = Engine::subject();
    let found = search(&subject, &scenario, &mut |_| {}).expect("it can be played");
    assert!(found.failure.is_none(), "{found}");
    assert!(found.crash_points > 20 && found.distinct > 100 && found.nested > 50, "{found}");
}

#[test]
fn a_missing_sync_is_found_without_any_luck() {
    let mut scenario = Scenario::from_toml(SCENARIO).expect("a sound scenario");
    scenario.sabotage = Some("wal.commit.sync".into());
    let found = search(&Engine::subject(), &scenario, &mut |_| {}).expect("it can be played");
    assert!(found.failure.is_some(), "{found}");
}
