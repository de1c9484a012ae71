//! Hashes and a trace, pinned: the same seed means the same run on every machine and in every build profile. A change
//! here is a change of what every recorded seed means, and must be meant.

use env::sync::{Condvar, Mutex};
use env::{Env, File, FileExt, IoResult, OpenMode};
use faults::{Decisions, FaultKind, Plan, Profile};
use sim::{Policy, Recording, Run, Scheduling, WorldConfig};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    OPEN: "journal.open", Directory, "there is no journal";
    APPEND: "journal.append", Write, "the line is missing";
    SYNC: "journal.sync", Sync, "the line is lost with the power";
    NAME_SYNC: "journal.name.sync", DirectorySync, "the journal is lost with the power";
    LENGTH: "journal.length", Length, "lines overwrite one another";
    QUEUE: "journal.queue", Lock, "two writers get one place";
    DURABLE: "journal.durable", Lock, "a writer waits for ever";
    WRITER: "journal.writer", Task, "nobody writes";
    PAUSE: "journal.pause", Clock, "no pause";
    TOKEN: "journal.token", Entropy, "all lines are alike";
}

struct Journal {
    env: Arc<dyn Env>,
    file: Arc<dyn File>,
    /// Where the next line goes, and up to where a sync has come.
    places: Mutex<(u64, u64)>,
    durable: Condvar,
}

const LINE: u64 = 64;

impl Journal {
    fn open(env: Arc<dyn Env>) -> IoResult<Journal> {
        let file = env.open(&OPEN, Path::new("/db/journal"), OpenMode::Create)?;
        env.sync_directory(&NAME_SYNC, Path::new("/db"))?;
        let length = file.len(&LENGTH)?;
        let places = Mutex::new(&QUEUE, (length, length));
        Ok(Journal { env, file, places, durable: Condvar::new(&DURABLE) })
    }

    fn append(&self) -> IoResult<()> {
        let mut line = [0; LINE as usize];
        self.env.random(&TOKEN, &mut line)?;
        let place = {
            let mut places = self.places.lock();
            places.0 += LINE;
            places.0 - LINE
        };
        self.file.write_all_at(&APPEND, place, &line)?;
        self.file.sync_data(&SYNC)?;
        let mut places = self.places.lock();
        places.1 = places.1.max(place + LINE);
        self.durable.notify_all();
        Ok(())
    }

    /// Appends some lines, and waits a while for the others.
    fn write(&self) -> IoResult<()> {
        for _ in 0..40 {
            self.append()?;
            self.env.sleep(&PAUSE, Duration::from_micros(300));
        }
        let mut places = self.places.lock();
        while places.1 < places.0 {
            if self.durable.wait_for(&mut places, Duration::from_millis(5)) {
                break;
            }
        }
        Ok(())
    }
}

fn journal(env: Arc<dyn Env>) {
    let Ok(journal) = Journal::open(Arc::clone(&env)) else { return };
    let journal = Arc::new(journal);
    for name in ["anna", "bert", "cleo"] {
        let journal = Arc::clone(&journal);
        // A task that cannot be started, or an error of the disk: this life simply writes less.
        drop(env.spawn(&WRITER, name, Box::new(move || drop(journal.write()))));
    }
}

fn run(profile: Profile, seed: u64) -> Run {
    let decisions = Decisions::seeded(seed);
    let config = WorldConfig::draw(profile, &decisions);
    sim::run_with(config, decisions, journal)
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/sim");
    settings.set_prepend_module_to_snapshot(false);
    settings
}

#[test]
fn the_hashes_of_some_seeds_are_what_they_were() {
    let mut text = String::new();
    for profile in [Profile::Calm, Profile::Storm, Profile::Power, Profile::Adversary] {
        for seed in 0..6 {
            let run = run(profile, seed);
            assert!(!run.stop.is_failure(), "{profile} {seed}: {}", run.stop);
            let (hash, steps) = (run.world.hash(), run.world.step());
            text += &format!("{profile:<10} {seed} {hash:016x} lives {} steps {steps}\n", run.lives);
        }
    }
    settings().bind(|| insta::assert_snapshot!("hashes", text));
}

/// A seed under which the power fails, and something of the journal is lost.
const SEED: u64 = 1;

#[test]
fn a_trace_reads_as_a_story() {
    let config = WorldConfig {
        recording: Recording::All,
        scheduling: Scheduling { policy: Policy::Random { preempt: 30_000, pick: 300_000 }, overlap: true },
        plan: Plan::of(&[(FaultKind::PowerLoss, 60_000), (FaultKind::ShortWrite, 100_000)]),
        ..WorldConfig::default()
    };
    let run = sim::run_with(config, Decisions::seeded(SEED), |env| {
        let Ok(journal) = Journal::open(Arc::clone(&env)) else { return };
        let journal = Arc::new(journal);
        for name in ["anna", "bert"] {
            let journal = Arc::clone(&journal);
            drop(env.spawn(&WRITER, name, Box::new(move || drop(journal.append()))));
        }
    });
    run.world.note("the run has ended");
    let text = run.world.trace_lines().join("\n");
    settings().bind(|| insta::assert_snapshot!("trace", text));
}
