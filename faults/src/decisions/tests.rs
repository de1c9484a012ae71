use super::*;

env::labels! {
    READ: "test.read", Read, "a label for tests";
    SYNC: "test.sync", Sync, "a label for tests";
}

/// A little run: forty calls of two tasks, with a refinement whenever something was chosen.
fn run(decisions: &mut Decisions) -> Vec<u32> {
    let weights = Weights::new(&[100_000, 0, 200_000]);
    let (client, checkpoint) = (decisions.task("client"), decisions.task("checkpoint"));
    let mut seen = Vec::new();
    for step in 0..40 {
        let task = if step % 3 == 0 { checkpoint } else { client };
        let chosen = decisions.choose(Concern::Faults, task, &READ, 4, Chance::Weighted(&weights));
        seen.push(chosen);
        if chosen != 0 {
            let length = (Part::Length, 0);
            seen.push(decisions.choose_part(Concern::Faults, task, &READ, length, 512, Chance::Even));
        }
        seen.push(decisions.choose(Concern::Schedule, task, &SYNC, 3, Chance::PerMillion(300_000)));
    }
    seen
}

#[test]
fn the_same_seed_makes_the_same_choices_and_another_seed_others() {
    let first = run(&mut Decisions::seeded(1));
    assert_eq!(first, run(&mut Decisions::seeded(1)));
    assert_ne!(first, run(&mut Decisions::seeded(2)));
}

#[test]
fn what_a_seed_means_never_changes() {
    let mut decisions = Decisions::seeded(4711);
    let words: Vec<u32> = Concern::ALL.iter().map(|&concern| decisions.random(concern).next_u32()).collect();
    let split = decisions.split(Concern::Data, "values", 3).next_u32();
    insta::with_settings!({ snapshot_path => "../../../snapshots/faults" }, {
        insta::assert_debug_snapshot!("first_words_of_seed_4711", (words, split));
    });
}

#[test]
fn a_draw_in_one_concern_shifts_no_other() {
    let mut decisions = Decisions::seeded(3);
    let task = decisions.task("main");
    for _ in 0..100 {
        decisions.choose(Concern::Schedule, task, &SYNC, 5, Chance::Even);
    }
    let faults = decisions.random(Concern::Faults).next_u64();
    assert_eq!(faults, Decisions::seeded(3).random(Concern::Faults).next_u64());
}

#[test]
fn tame_decisions_are_all_zero_and_still_recorded() {
    let mut decisions = Decisions::tame(9);
    assert!(run(&mut decisions).iter().all(|&chosen| chosen == 0));
    assert_eq!(decisions.count(), 80);
    assert!(decisions.deviations().is_empty());
}

#[test]
fn weights_are_met_and_an_option_of_weight_zero_is_never_taken() {
    let weights = Weights::new(&[100_000, 0, 200_000]);
    let mut decisions = Decisions::seeded(5);
    let task = decisions.task("main");
    let mut counts = [0u32; 4];
    for _ in 0..100_000 {
        let chosen = decisions.choose(Concern::Faults, task, &READ, 4, Chance::Weighted(&weights));
        counts[chosen as usize] += 1;
    }
    assert!((9_500..10_500).contains(&counts[1]), "{counts:?}");
    assert_eq!(counts[2], 0);
    assert!((19_400..20_600).contains(&counts[3]), "{counts:?}");
    assert!(weights.allows(3) && !weights.allows(2) && !weights.allows(4));
}

#[test]
fn the_deviations_alone_replay_a_run() {
    let mut original = Decisions::seeded(11);
    let seen = run(&mut original);
    let deviations = original.deviations();
    assert!(deviations.len() > 10);
    let mut again = Decisions::replay(11, &deviations);
    assert_eq!(run(&mut again), seen);
    assert!(again.drift().is_empty());
    assert_eq!(again.log(), original.log());
}

#[test]
fn undoing_a_choice_renames_no_later_one() {
    let mut original = Decisions::seeded(11);
    let seen = run(&mut original);
    let mut log = original.deviations();
    let position = log.iter().position(|decision| decision.part == Part::Length).expect("seed 11 has one");
    let undone = log.remove(position);
    log.retain(|decision| {
        !(decision.part == Part::Whole
            && (&decision.label, decision.nth) == (&undone.label, undone.nth)
            && decision.task == undone.task)
    });
    let mut again = Decisions::replay(11, &log);
    let replayed = run(&mut again);
    assert_eq!(again.deviations(), log);
    assert!(replayed.len() < seen.len());
    assert!(again.drift().is_empty());
}

#[test]
fn what_no_longer_fits_takes_the_default_and_is_told() {
    let decision = |nth, options, chosen| Decision {
        concern: Concern::Faults,
        task: "client".into(),
        label: "test.read".into(),
        nth,
        part: Part::Whole,
        index: 0,
        options,
        chosen,
    };
    let mut decisions = Decisions::replay(1, &[decision(0, 9, 7), decision(1, 4, 3), decision(500, 4, 1)]);
    let seen = run(&mut decisions);
    let reasons: Vec<DriftReason> = decisions.drift().iter().map(|drift| drift.reason).collect();
    assert_eq!(reasons, [DriftReason::NoSuchOption { options: 4 }, DriftReason::NeverAsked]);
    assert_eq!(seen.iter().filter(|&&chosen| chosen != 0).count(), 1);
}

#[test]
fn a_search_visits_every_vector_once_and_only_possible_options() {
    let weights = Weights::new(&[1, 0, 1]);
    let mut search = Search::new(1, &[Concern::Faults], u32::MAX);
    let mut seen = Vec::new();
    while let Some(mut decisions) = search.next_run() {
        let task = decisions.task("main");
        let first = decisions.choose(Concern::Faults, task, &READ, 4, Chance::Weighted(&weights));
        // The number of choices depends on the choices.
        let more =
            (0..first).map(|_| decisions.choose(Concern::Faults, task, &READ, 2, Chance::Even)).collect();
        assert_eq!(decisions.choose(Concern::Schedule, task, &SYNC, 9, Chance::Even), 0);
        seen.push((first, more));
        search.finished(decisions);
    }
    let mut unique: Vec<(u32, Vec<u32>)> = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), seen.len());
    assert_eq!((seen.len(), search.runs(), search.diverged()), (1 + 2 + 8, 11, 0));
}

#[test]
fn a_search_within_a_limit_of_deviations() {
    let mut search = Search::new(1, &[Concern::Faults], 2);
    while let Some(mut decisions) = search.next_run() {
        let task = decisions.task("main");
        let sum: u32 = (0..6).map(|_| decisions.choose(Concern::Faults, task, &READ, 2, Chance::Even)).sum();
        assert!(sum <= 2);
        search.finished(decisions);
    }
    // None, one of six, two of six.
    assert_eq!(search.runs(), 1 + 6 + 15);
}

#[test]
fn a_search_tells_a_run_that_depends_on_something_else() {
    let mut search = Search::new(1, &[Concern::Faults], u32::MAX);
    let mut options = 2;
    while let Some(mut decisions) = search.next_run() {
        let task = decisions.task("main");
        decisions.choose(Concern::Faults, task, &READ, options, Chance::Even);
        decisions.choose(Concern::Faults, task, &READ, 2, Chance::Even);
        options = 3;
        search.finished(decisions);
        if search.runs() > 20 {
            break;
        }
    }
    assert!(search.diverged() > 0);
}
