//! Histories made by hand, one for each anomaly: the checker names it, at the levels that exclude it and at no other.

use torture::history::{AnomalyKind, History, Level, Operation, Outcome, Transaction};

const LEVELS: [Level; 3] = [Level::ReadCommitted, Level::RepeatableRead, Level::Serializable];

fn append(key: u64, element: u64) -> Operation {
    Operation::Append { key, element }
}

fn read(key: u64, list: &[u64]) -> Operation {
    Operation::Read { key, began: 0, list: list.to_vec() }
}

fn committed(operations: Vec<Operation>) -> Transaction {
    Transaction {
        level: Level::Serializable,
        outcome: Outcome::Committed { acknowledged: u64::MAX },
        operations,
    }
}

fn aborted(operations: Vec<Operation>) -> Transaction {
    Transaction { outcome: Outcome::Aborted, ..committed(operations) }
}

fn unknown(operations: Vec<Operation>) -> Transaction {
    Transaction { outcome: Outcome::Unknown, ..committed(operations) }
}

/// What is found when all transactions ask for `level`.
fn found(transactions: &[Transaction], level: Level) -> Vec<AnomalyKind> {
    let transactions = transactions.iter().map(|one| Transaction { level, ..one.clone() }).collect();
    let history = History { transactions, last_state: None };
    let mut kinds: Vec<AnomalyKind> = history.anomalies().iter().map(|anomaly| anomaly.kind).collect();
    kinds.dedup();
    kinds
}

/// The anomaly, and nothing else, is found from `weakest` on, and nothing below.
fn only(kind: AnomalyKind, weakest: Level, transactions: &[Transaction]) {
    for level in LEVELS {
        let expected: &[AnomalyKind] = if level >= weakest { &[kind] } else { &[] };
        assert_eq!(found(transactions, level), expected, "at {level:?}");
    }
}

#[test]
fn a_history_without_fault_has_no_anomaly() {
    let history = [
        committed(vec![append(1, 1), append(2, 2)]),
        committed(vec![read(1, &[1]), append(1, 3), read(1, &[1, 3])]),
        committed(vec![read(1, &[1, 3]), read(2, &[2]), append(2, 4)]),
        aborted(vec![read(1, &[1]), append(1, 5), read(1, &[1, 5])]),
        unknown(vec![append(2, 6)]),
        unknown(vec![append(2, 7), read(2, &[2, 4, 7])]),
        committed(vec![read(2, &[2, 4, 7]), append(3, 8)]),
    ];
    for level in LEVELS {
        assert_eq!(found(&history, level), [], "at {level:?}");
    }
}

#[test]
fn g0_two_transactions_that_overwrite_each_other_in_both_orders() {
    // The second read is of a transaction without known outcome: as a node it would close a G1c as well.
    let history = [
        committed(vec![append(1, 11), append(2, 12)]),
        committed(vec![append(1, 21), append(2, 22)]),
        committed(vec![read(1, &[11, 21])]),
        unknown(vec![read(2, &[22, 12])]),
    ];
    only(AnomalyKind::G0, Level::ReadCommitted, &history);
}

#[test]
fn g1a_a_read_of_what_was_rolled_back() {
    only(
        AnomalyKind::G1a,
        Level::ReadCommitted,
        &[aborted(vec![append(1, 1)]), committed(vec![read(1, &[1])])],
    );
}

#[test]
fn g1b_a_read_of_a_state_in_the_middle_of_a_transaction() {
    let history = [
        committed(vec![append(1, 1), append(1, 2)]),
        committed(vec![read(1, &[1])]),
        committed(vec![read(1, &[1, 2])]),
    ];
    for level in LEVELS {
        assert_eq!(found(&history, level)[0], AnomalyKind::G1b, "at {level:?}");
    }
}

#[test]
fn g1c_two_transactions_that_see_each_other() {
    only(
        AnomalyKind::G1c,
        Level::ReadCommitted,
        &[committed(vec![append(1, 1), read(2, &[2])]), committed(vec![append(2, 2), read(1, &[1])])],
    );
}

#[test]
fn g_single_a_transaction_that_sees_one_half_of_another() {
    only(
        AnomalyKind::GSingle,
        Level::RepeatableRead,
        &[
            committed(vec![append(1, 1), append(2, 2)]),
            committed(vec![read(1, &[]), read(2, &[2])]),
            committed(vec![read(1, &[1])]),
        ],
    );
}

#[test]
fn g_single_a_lost_update() {
    let history = [
        committed(vec![read(1, &[]), append(1, 1)]),
        committed(vec![read(1, &[]), append(1, 2)]),
        committed(vec![read(1, &[1, 2])]),
    ];
    assert_eq!(found(&history, Level::ReadCommitted), []);
    assert_eq!(found(&history, Level::RepeatableRead), [AnomalyKind::GSingle]);
}

/// The long fork: two readers see two writes in different orders.
#[test]
fn g_nonadjacent_two_readers_that_disagree_on_what_came_first() {
    only(
        AnomalyKind::GNonadjacent,
        Level::RepeatableRead,
        &[
            committed(vec![append(1, 1)]),
            committed(vec![append(2, 2)]),
            committed(vec![read(1, &[1]), read(2, &[])]),
            committed(vec![read(1, &[]), read(2, &[2])]),
        ],
    );
}

#[test]
fn g2_item_write_skew() {
    only(
        AnomalyKind::G2Item,
        Level::Serializable,
        &[
            committed(vec![read(1, &[]), read(2, &[]), append(1, 1)]),
            committed(vec![read(1, &[]), read(2, &[]), append(2, 2)]),
            committed(vec![read(1, &[1]), read(2, &[2])]),
        ],
    );
}

/// Fekete, O'Neil and O'Neil's read-only anomaly: the two writers alone would be serialisable.
#[test]
fn g2_item_that_only_a_reader_makes_visible() {
    let writers = [
        committed(vec![read(1, &[]), read(2, &[]), append(1, 1)]),
        committed(vec![read(2, &[]), append(2, 2)]),
    ];
    let reader = committed(vec![read(1, &[]), read(2, &[2])]);
    let last = committed(vec![read(1, &[1]), read(2, &[2])]);
    let without: Vec<_> = writers.iter().cloned().chain([last.clone()]).collect();
    assert_eq!(found(&without, Level::Serializable), []);
    let with: Vec<_> = writers.into_iter().chain([reader, last]).collect();
    only(AnomalyKind::G2Item, Level::Serializable, &with);
}

#[test]
fn write_skew_with_one_who_asked_for_less_is_no_fault() {
    let mut history = History {
        transactions: vec![
            committed(vec![read(1, &[]), read(2, &[]), append(1, 1)]),
            committed(vec![read(1, &[]), read(2, &[]), append(2, 2)]),
            committed(vec![read(1, &[1]), read(2, &[2])]),
        ],
        last_state: None,
    };
    assert_eq!(history.anomalies().len(), 1);
    history.transactions[1].level = Level::RepeatableRead;
    assert_eq!(history.anomalies(), []);
}

#[test]
fn appends_that_nobody_read_still_count() {
    // Each misses the other's append, which nobody ever reads: still write skew.
    only(
        AnomalyKind::G2Item,
        Level::Serializable,
        &[committed(vec![read(2, &[]), append(1, 1)]), committed(vec![read(1, &[]), append(2, 2)])],
    );
}

#[test]
fn what_an_unknown_transaction_did_counts_once_it_was_seen() {
    let skew = |seen: &[u64]| {
        [
            committed(vec![read(2, &[]), append(1, 1)]),
            unknown(vec![read(1, &[]), append(2, 2)]),
            committed(vec![read(2, seen)]),
        ]
    };
    assert_eq!(found(&skew(&[]), Level::Serializable), []);
    assert_eq!(found(&skew(&[2]), Level::Serializable), [AnomalyKind::G2Item]);
}

#[test]
fn reads_that_contradict_each_other_or_hold_what_nobody_appended() {
    let appends = committed(vec![append(1, 1)]);
    let history = [
        appends.clone(),
        committed(vec![append(1, 2)]),
        committed(vec![read(1, &[1, 2])]),
        committed(vec![read(1, &[2])]),
    ];
    assert_eq!(found(&history, Level::ReadCommitted)[0], AnomalyKind::IncompatibleOrder);
    only(AnomalyKind::Garbage, Level::ReadCommitted, &[appends.clone(), committed(vec![read(1, &[1, 9])])]);
    only(AnomalyKind::Duplicate, Level::ReadCommitted, &[appends, committed(vec![read(1, &[1, 1])])]);
}

#[test]
fn a_transaction_sees_its_own_appends_and_from_a_snapshot_nothing_new() {
    only(
        AnomalyKind::Internal,
        Level::ReadCommitted,
        &[committed(vec![append(1, 1), read(1, &[])]), committed(vec![read(1, &[1])])],
    );
    let twice = [committed(vec![append(1, 1)]), committed(vec![read(1, &[]), read(1, &[1])])];
    assert_eq!(found(&twice, Level::ReadCommitted), []);
    assert!(found(&twice, Level::RepeatableRead).contains(&AnomalyKind::Internal));
}

#[test]
fn a_read_that_misses_what_was_acknowledged_before_it_began() {
    let mut history = History {
        transactions: vec![
            committed(vec![append(1, 1)]),
            committed(vec![append(2, 5)]),
            committed(vec![append(1, 2)]),
        ],
        last_state: None,
    };
    history.transactions[0].outcome = Outcome::Committed { acknowledged: 10 };
    history.transactions[2].outcome = Outcome::Committed { acknowledged: 30 };
    let reads =
        |began: u64, list: &[u64]| committed(vec![Operation::Read { key: 1, began, list: list.to_vec() }]);
    history.transactions.extend([reads(5, &[]), reads(11, &[1]), reads(25, &[1]), reads(31, &[1, 2])]);
    assert_eq!(history.anomalies(), []);
    history.transactions.push(reads(31, &[1]));
    let anomalies = history.anomalies();
    assert_eq!(anomalies.len(), 1);
    assert_eq!(
        anomalies[0].to_string(),
        "stale read: T7 read list 1 at 31 as [1], but 2 appends were acknowledged by 30"
    );
}

#[test]
fn the_last_state_holds_what_was_committed_and_nothing_else() {
    let mut history = History {
        transactions: vec![
            committed(vec![append(1, 1)]),
            aborted(vec![append(1, 2)]),
            unknown(vec![append(1, 3)]),
        ],
        last_state: Some([(1, vec![1])].into()),
    };
    assert_eq!(history.anomalies(), []);
    history.last_state = Some([(1, vec![1, 3])].into());
    assert_eq!(history.anomalies(), []);
    let mut kinds = |list: &[u64]| {
        history.last_state = Some([(1, list.to_vec())].into());
        history.anomalies().iter().map(|anomaly| anomaly.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&[]), [AnomalyKind::LostAppend]);
    assert_eq!(kinds(&[3]), [AnomalyKind::LostAppend]);
    assert_eq!(kinds(&[1, 2]), [AnomalyKind::G1a]);
    assert_eq!(kinds(&[1, 9]), [AnomalyKind::Garbage]);
}

#[test]
fn a_cycle_is_told_edge_by_edge() {
    let history = History {
        transactions: vec![
            committed(vec![append(1, 1), read(2, &[2])]),
            committed(vec![append(2, 2), read(1, &[1])]),
        ],
        last_state: None,
    };
    let told: Vec<String> = history.anomalies().iter().map(ToString::to_string).collect();
    assert_eq!(told, ["G1c: T0 -wr(1)-> T1 -wr(2)-> T0"]);
}

/// A long correct history with a cycle at its end: found, and in time that grows no faster than the history.
#[test]
fn a_long_history_is_judged_quickly() {
    let count = 50_000u64;
    let mut lists: Vec<Vec<u64>> = vec![Vec::new(); 1000];
    let mut transactions: Vec<Transaction> = (0..count)
        .map(|n| {
            let (from, to) = ((n * 7 % 1000) as usize, (n * 13 % 1000) as usize);
            let reads = read(from as u64, &lists[from]);
            lists[to].push(n);
            committed(vec![reads, append(to as u64, n)])
        })
        .collect();
    assert_eq!(found(&transactions, Level::Serializable), []);
    transactions.push(committed(vec![read(2001, &[]), append(2000, count)]));
    transactions.push(committed(vec![read(2000, &[]), append(2001, count + 1)]));
    assert_eq!(found(&transactions, Level::Serializable), [AnomalyKind::G2Item]);
}
