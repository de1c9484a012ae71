use super::expect::Standard;
use super::*;

const MARKERS: u64 = 16;
const LISTS: u64 = 17;
const ROWS: u64 = 18;

fn row(tree: u64, key: &[u8], value: &[u8]) -> Effect {
    Effect::Row { tree, key: key.into(), value: Some(value.into()) }
}

fn marker(client: u8, serial: u32) -> Effect {
    Effect::Row {
        tree: MARKERS,
        key: marker_key(MAIN, client).as_slice().into(),
        value: Some(value::value(Tag::new(client, serial, 0), 8)),
    }
}

/// A model with three empty trees and a settled set-up by client 0.
fn set_up() -> Model {
    let mut model = Model::new(true);
    let effects =
        vec![Effect::CreateTree(MARKERS), Effect::CreateTree(LISTS), Effect::CreateTree(ROWS), marker(0, 1)];
    let attempt = model.commit_called(0, 1, (MAIN, None), effects);
    model.commit_returned(attempt, Fate::Acknowledged(1)).expect("the first number");
    let expected = model.expect(&sight(&[(0, 1)]), Standard::Itself).expect("all is there");
    model.settle(expected).expect("nothing was read");
    model
}

fn sight(markers: &[(u8, u32)]) -> Sight {
    let markers = markers
        .iter()
        .map(|(client, serial)| (marker_key(MAIN, *client), Tag::new(*client, *serial, 0)))
        .collect();
    let main = BranchSight { trees: vec![MARKERS, LISTS, ROWS], markers };
    Sight { branches: BTreeMap::from([(MAIN, main)]) }
}

fn commit(model: &mut Model, client: u8, serial: u32, effect: Effect) -> AttemptId {
    model.commit_called(client, serial, (MAIN, None), vec![effect, marker(client, serial)])
}

fn broken(result: Result<Expected, Failure>) -> Promise {
    result.expect_err("a promise is broken").promise
}

#[test]
fn an_acknowledged_commit_must_survive() {
    let mut model = set_up();
    let attempt = commit(&mut model, 1, 1, row(ROWS, b"a", b"12345678"));
    model.commit_returned(attempt, Fate::Acknowledged(2)).expect("its own number");
    model.tasks_are_gone();
    assert_eq!(broken(model.expect(&sight(&[(0, 1)]), Standard::Itself)), Promise::AcknowledgedSurvives);
    let expected = model.expect(&sight(&[(0, 1), (1, 1)]), Standard::Itself).expect("it is there");
    assert_eq!(expected.contents[&MAIN].trees[&ROWS].len(), 1);
}

#[test]
fn an_unknown_commit_may_go_either_way_but_only_once() {
    let mut model = set_up();
    commit(&mut model, 1, 1, row(ROWS, b"a", b"12345678"));
    model.tasks_are_gone();
    model.expect(&sight(&[(0, 1), (1, 1)]), Standard::Itself).expect("there is legal");
    assert_eq!(broken(model.expect(&sight(&[(0, 1)]), Standard::Itself)), Promise::UnknownIsPinned);
    assert_eq!(model.counts().unknown, 1);
}

#[test]
fn a_refused_commit_leaves_nothing() {
    let mut model = set_up();
    let attempt = commit(&mut model, 1, 1, row(ROWS, b"a", b"12345678"));
    model.commit_returned(attempt, Fate::Refused).expect("no number");
    assert_eq!(
        broken(model.expect(&sight(&[(0, 1), (1, 1)]), Standard::Itself)),
        Promise::RefusedLeavesNothing
    );
    assert_eq!(
        broken(model.expect(&sight(&[(0, 1), (3, 9)]), Standard::Itself)),
        Promise::RefusedLeavesNothing
    );
}

#[test]
fn a_refused_commit_stays_out_although_its_client_went_on() {
    let mut model = set_up();
    for (serial, fate) in [(1, Fate::Refused), (2, Fate::Acknowledged(2))] {
        let attempt = commit(&mut model, 1, serial, row(ROWS, &[serial as u8], b"12345678"));
        model.commit_returned(attempt, fate).expect("its own number");
    }
    let expected = model.expect(&sight(&[(0, 1), (1, 2)]), Standard::Itself).expect("all is right");
    assert_eq!(expected.included, [false, true]);
    assert_eq!(expected.contents[&MAIN].trees[&ROWS].len(), 1);
}

#[test]
fn without_durability_survivors_are_still_a_prefix() {
    let mut model = set_up();
    model.durable = false;
    for (client, number) in [(1, 2), (2, 3)] {
        let attempt = commit(&mut model, client, 1, row(ROWS, &[client], b"12345678"));
        model.commit_returned(attempt, Fate::Acknowledged(number)).expect("its own number");
    }
    model.expect(&sight(&[(0, 1)]), Standard::Synced).expect("none survived");
    model.expect(&sight(&[(0, 1), (1, 1)]), Standard::Synced).expect("the first one survived");
    assert_eq!(
        broken(model.expect(&sight(&[(0, 1), (2, 1)]), Standard::Synced)),
        Promise::SurvivorsAreAPrefix
    );
}

#[test]
fn without_durability_a_value_may_be_read_and_lost() {
    for durable in [false, true] {
        let mut model = set_up();
        model.durable = durable;
        let value = b"12345678";
        commit(&mut model, 1, 1, row(ROWS, b"a", value));
        let found = row_digest(Some(value));
        model.read(Read::Point { branch: MAIN, snapshot: 2, tree: ROWS, key: b"a"[..].into(), found });
        model.tasks_are_gone();
        let expected = model.expect(&sight(&[(0, 1)]), Standard::Itself).expect("it was in flight");
        let settled = model.settle(expected).map_err(|failure| failure.promise);
        assert_eq!(settled, if durable { Err(Promise::ReadsMatchSnapshot) } else { Ok(()) });
    }
}

#[test]
fn a_number_is_given_once() {
    let mut model = set_up();
    for client in [1, 2] {
        let attempt = commit(&mut model, client, 1, row(ROWS, &[client], b"12345678"));
        let returned = model.commit_returned(attempt, Fate::Acknowledged(2));
        assert_eq!(returned.is_err(), client == 2);
    }
}

#[test]
fn a_read_is_compared_with_its_version() {
    for (snapshot, expected_value) in [(1, None), (2, Some(&b"one12345"[..])), (3, Some(&b"two12345"[..]))] {
        for wrong in [false, true] {
            let mut model = set_up();
            for (client, number, value) in [(1, 2, b"one12345"), (2, 3, b"two12345")] {
                let attempt = commit(&mut model, client, 1, row(ROWS, b"a", value));
                model.commit_returned(attempt, Fate::Acknowledged(number)).expect("its own number");
            }
            let found = if wrong { 77 } else { row_digest(expected_value) };
            let key: Key = b"a"[..].into();
            model.read(Read::Point { branch: MAIN, snapshot, tree: ROWS, key, found });
            let expected =
                model.expect(&sight(&[(0, 1), (1, 1), (2, 1)]), Standard::Itself).expect("all there");
            let settled = model.settle(expected).map_err(|failure| failure.promise);
            assert_eq!(settled, if wrong { Err(Promise::ReadsMatchSnapshot) } else { Ok(()) });
        }
    }
}

#[test]
fn a_range_is_compared_with_its_version_and_the_readers_own_writes() {
    let mut model = set_up();
    let attempt = commit(&mut model, 1, 1, row(ROWS, b"b", b"one12345"));
    model.commit_returned(attempt, Fate::Acknowledged(2)).expect("its own number");
    let own: BTreeMap<Key, Option<Value>> =
        BTreeMap::from([(b"a"[..].into(), Some(b"mine1234"[..].into())), (b"b"[..].into(), None)]);
    let range = |snapshot, own: &BTreeMap<Key, Option<Value>>, pairs: &[(&[u8], &[u8])]| Read::Range {
        branch: MAIN,
        snapshot,
        tree: ROWS,
        from: b""[..].into(),
        to: None,
        own: own.clone(),
        rows: pairs.len() as u64,
        found: pairs.iter().map(|(key, value)| reads::pair_digest(key, value)).fold(0, u64::wrapping_add),
    };
    model.read(range(2, &own, &[(b"a", b"mine1234")]));
    model.read(range(2, &BTreeMap::new(), &[(b"b", b"one12345")]));
    model.read(range(1, &BTreeMap::new(), &[]));
    let expected = model.expect(&sight(&[(0, 1), (1, 1)]), Standard::Itself).expect("all there");
    model.clone().settle(expected.clone()).expect("every read is right");
    model.read(range(1, &BTreeMap::new(), &[(b"b", b"one12345")]));
    assert_eq!(model.settle(expected).map_err(|failure| failure.promise), Err(Promise::ReadsMatchSnapshot));
}

#[test]
fn a_list_only_grows() {
    let mut model = set_up();
    for (client, value) in [(1, &b"11111111"[..]), (2, b"22222222")] {
        let attempt = commit(&mut model, client, 1, row(LISTS, b"k", value));
        model.commit_returned(attempt, Fate::Acknowledged(u64::from(client) + 1)).expect("its own number");
    }
    assert_eq!(
        broken(model.expect(&sight(&[(0, 1), (1, 1), (2, 1)]), Standard::Itself)),
        Promise::NoLostUpdate
    );
}

#[test]
fn sequence_values_never_come_back() {
    for durable in [true, false] {
        let mut model = set_up();
        model.durable = durable;
        model.sequence_made(5);
        model.sequence_value(5, 2).expect("new");
        model.sequence_value(5, 1).expect("new, though handed to somebody later");
        assert!(model.sequence_value(5, 2).is_err());
        model.tasks_are_gone();
        assert!(model.sequence_value(5, 1).is_err());
        model.sequence_value(5, 40).expect("a gap is legal");
    }
}

#[test]
fn missing_commits_are_as_many_groups_as_followed_one_another() {
    let mut model = set_up();
    let acknowledge = |model: &mut Model, attempt, number| {
        model.commit_returned(attempt, Fate::Acknowledged(number)).expect("its own number");
    };
    let first = commit(&mut model, 1, 1, row(ROWS, b"a", b"12345678"));
    acknowledge(&mut model, first, 2);
    let second = commit(&mut model, 2, 1, row(ROWS, b"b", b"12345678"));
    let beside = commit(&mut model, 3, 1, row(ROWS, b"c", b"12345678"));
    acknowledge(&mut model, second, 3);
    acknowledge(&mut model, beside, 4);
    let mut missing = |markers: &[(u8, u32)]| {
        model.expect(&sight(markers), Standard::Itself).expect_err("some are missing");
        model.groups_missing()
    };
    assert_eq!(missing(&[(0, 1)]), 2, "the second and what was beside it may be one group");
    assert_eq!(missing(&[(0, 1), (1, 1)]), 1);
    assert_eq!(missing(&[(0, 1), (2, 1)]), 2);
    assert_eq!(missing(&[(0, 1), (1, 1), (2, 1)]), 1);
}

#[test]
fn a_branch_of_a_branch_holds_what_its_source_held() {
    const BRANCH: BranchId = 2;
    const COPY: BranchId = 3;
    let branch_of = |own: &[u32]| {
        let mut of_main = sight(&[(0, 1)]).branches.remove(&MAIN).expect("it is there");
        let own = own.iter().map(|serial| (marker_key(BRANCH, 1), Tag::new(1, *serial, 0)));
        of_main.markers.extend(own);
        of_main
    };
    let mut model = set_up();
    let made = model.branching(MAIN);
    model.branch_made(made, Some(BRANCH), Fate::Acknowledged(0));
    let mut seen = sight(&[(0, 1)]);
    seen.branches.insert(BRANCH, branch_of(&[]));
    let expected = model.expect(&seen, Standard::Itself).expect("it was made");
    model.settle(expected).expect("nothing was read");
    // Written on the branch, which is then branched; nobody was told of either.
    let marker = Effect::Row {
        tree: MARKERS,
        key: marker_key(BRANCH, 1).as_slice().into(),
        value: Some(value::value(Tag::new(1, 1, 0), 8)),
    };
    model.commit_called(1, 1, (BRANCH, None), vec![row(ROWS, b"a", b"12345678"), marker]);
    model.branching(MAIN);
    model.branching(BRANCH);
    model.tasks_are_gone();
    seen.branches.insert(BRANCH, branch_of(&[1]));
    for (own, rows) in [(&[][..], 0), (&[1][..], 1)] {
        let mut seen = seen.clone();
        seen.branches.insert(COPY, branch_of(own));
        let expected = model.expect(&seen, Standard::Itself).expect("either may be");
        assert_eq!(expected.contents[&COPY].trees[&ROWS].len(), rows);
    }
    seen.branches.insert(COPY, branch_of(&[2]));
    assert_eq!(broken(model.expect(&seen, Standard::Itself)), Promise::RefusedLeavesNothing);
    let mut seen = sight(&[(0, 1)]);
    seen.branches.insert(BRANCH, branch_of(&[]));
    seen.branches.insert(7, branch_of(&[]));
    let mut sound = set_up();
    assert_eq!(broken(sound.expect(&seen, Standard::Itself)), Promise::BranchesAreApart);
}

#[test]
fn a_branch_that_lacks_what_main_is_certain_to_have_is_a_copy_of_another_branch() {
    const BRANCH: BranchId = 2;
    const COPY: BranchId = 3;
    let mut model = set_up();
    let made = model.branching(MAIN);
    model.branch_made(made, Some(BRANCH), Fate::Acknowledged(0));
    let of_main = |seen: &Sight| seen.branches.get(&MAIN).cloned().expect("it is there");
    let old = of_main(&sight(&[(0, 1)]));
    let attempt = commit(&mut model, 1, 1, row(ROWS, b"a", b"12345678"));
    model.commit_returned(attempt, Fate::Acknowledged(2)).expect("its own number");
    let mut seen = sight(&[(0, 1), (1, 1)]);
    seen.branches.insert(BRANCH, old.clone());
    let expected = model.expect(&seen, Standard::Itself).expect("the branch was made before");
    model.settle(expected).expect("nothing was read");
    // Two branchings at once, and the first one's copy is not of what was asked for first.
    model.branching(MAIN);
    model.branching(BRANCH);
    for (copy, rows) in [(old, 0), (of_main(&seen), 1)] {
        let mut seen = seen.clone();
        seen.branches.insert(COPY, copy);
        let expected = model.expect(&seen, Standard::Synced).expect("either may be");
        assert_eq!(expected.contents[&COPY].trees[&ROWS].len(), rows);
    }
}

#[test]
fn whoever_works_with_one_snapshot_overwrites_nothing_newer() {
    // What stands there, committed as number 2, and what it becomes: the update of a snapshot from before is lost.
    for (snapshot, deleted, lost) in
        [(Some(1), false, true), (Some(2), false, false), (None, false, false), (Some(1), true, false)]
    {
        let mut model = set_up();
        let mut effects = vec![row(ROWS, b"a", b"12345678"), marker(1, 1)];
        if deleted {
            effects.push(Effect::Row { tree: ROWS, key: b"a"[..].into(), value: None });
        }
        let first = model.commit_called(1, 1, (MAIN, None), effects);
        model.commit_returned(first, Fate::Acknowledged(2)).expect("its own number");
        let effects = vec![row(ROWS, b"a", b"87654321"), marker(2, 1)];
        let second = model.commit_called(2, 1, (MAIN, snapshot), effects);
        model.commit_returned(second, Fate::Acknowledged(3)).expect("its own number");
        let sight = sight(&[(0, 1), (1, 1), (2, 1)]);
        let expected = model.expect(&sight, Standard::Itself).expect("all is there");
        let settled = model.settle(expected);
        assert_eq!(settled.is_err(), lost, "{snapshot:?} {deleted}: {settled:?}");
    }
}
