//! Runs a few seeds under one profile and prints the report: `cargo run --release -p hornbeam-torture --example seeds --
//! PROFILE FIRST COUNT`. For a look at the speed of one core without the program around it.

use env::Env;
use env::real::RealEnv;
use std::sync::Arc;
use torture::engine::Engine;
use torture::jobs::{Seeds, Silent, TortureSettings, torture};
use torture::profile::Profile;

env::labels! { CLOCK: "example.clock", Clock, "the report has no times"; }

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let name = arguments.get(1).map_or("mixed", String::as_str);
    let number = |position: usize, usual: u64| {
        arguments.get(position).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (first, count) = (number(2, 0), number(3, 100));
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    let settings = TortureSettings {
        seeds: Seeds::Range(first, first + count),
        shard: (0, 1),
        jobs: 1,
        profile: Profile::from_name(name),
        sabotage: arguments.get(4).cloned(),
        failures_max: 5,
    };
    let start = env.monotonic(&CLOCK);
    match torture(&env, &Engine::subject(), settings, Arc::new(Silent)) {
        Ok(report) => print!("{}", report.to_text((env.monotonic(&CLOCK) - start).as_micros() as u64)),
        Err(error) => eprintln!("{error}"),
    }
}
