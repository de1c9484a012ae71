//! Changes: conflicts, foreign keys, deferred constraints, MERGE, locks, and what concurrent transactions see.

use super::common::*;
use diagnostic::Diagnostic;
use execute::{ExecuteError, When};
use plan::logical::{LockStrength, LockWait, MergeAction, MergeWhat};
use plan::physical::{Node, NodeKind, PhysicalConflict, PhysicalConflictUpdate, PhysicalLocking};
use plan::target::{Check, ForeignKey, KeyFires, ReferentialAction, TargetTable};
use plan::trigger::TriggerFires;
use std::sync::Arc;
use store::Transaction;

/// `t(id int primary key, v text)` with rows (1, one), (2, two).
fn keyed(bench: &mut Bench, transaction: &mut Transaction) -> u32 {
    let table = bench.table(transaction, "t", &[("id", INT, true), ("v", TEXT, false)]);
    bench.index(transaction, table, "t_pkey", &[0], true);
    let rows = values(vec![vec![int(1), text("one")], vec![int(2), text("two")]]);
    let plan_of = silent(insert(&bench.target(table), rows));
    bench.run(transaction, plan_of).unwrap();
    table
}

fn all(bench: &mut Bench, transaction: &mut Transaction, table: u32) -> Vec<String> {
    let target = bench.target(table);
    bench.run(transaction, plan(scan(&target, vec![], false))).unwrap()
}

fn refused(result: Result<Vec<String>, ExecuteError>, code: &str, message: &str, detail: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.sqlstate().code(), error.to_string().as_str()), (code, message));
    assert_eq!(error.detail().unwrap_or_default(), detail);
}

fn on_conflict(target: &Arc<TargetTable>, input: Node, update: Option<PhysicalConflictUpdate>) -> Node {
    let NodeKind::Insert { target, called, input, values, .. } = insert(target, input).kind else {
        panic!("an insert")
    };
    let columns = target.columns.iter().map(|column| column.column_type).collect();
    let conflict = Some(PhysicalConflict { indexes: vec![], update });
    node(NodeKind::Insert { target, called, input, values, conflict, row_ids: false }, columns)
}

#[test]
fn conflicts_do_nothing_or_update() {
    for chunk_rows in [1, 2, 1024] {
        let mut bench = Bench::new();
        bench.settings.chunk_rows = chunk_rows;
        let mut transaction = bench.begin();
        let table = keyed(&mut bench, &mut transaction);
        let target = bench.target(table);
        let rows = || values(vec![vec![int(2), text("zwei")], vec![int(3), text("drei")]]);
        let nothing = on_conflict(&target, rows(), None);
        let (found, count) = bench.run_with(&mut transaction, plan(nothing), &[]).unwrap();
        assert_eq!((found, count), (vec!["3|drei".to_owned()], 1));
        let update = PhysicalConflictUpdate {
            assignments: vec![(1, slot(3, TEXT))],
            condition: Some(less(slot(0, INT), int(3))),
            existing_checks: Vec::new(),
        };
        let changed = on_conflict(&target, rows(), Some(update.clone()));
        let (found, count) = bench.run_with(&mut transaction, plan(changed), &[]).unwrap();
        assert_eq!((found, count), (vec!["2|zwei".to_owned()], 1));
        assert_eq!(all(&mut bench, &mut transaction, table), ["1|one", "2|zwei", "3|drei"]);
        let twice = values(vec![vec![int(7), text("a")], vec![int(7), text("b")]]);
        let update = PhysicalConflictUpdate { condition: None, ..update };
        let result = bench.run(&mut transaction, silent(on_conflict(&target, twice, Some(update))));
        refused(result, "21000", "ON CONFLICT DO UPDATE command cannot affect row a second time", "");
        assert_eq!(all(&mut bench, &mut transaction, table).len(), 3);
    }
}

fn foreign_key(from: &TargetTable, to: &TargetTable, delete: ReferentialAction) -> ForeignKey {
    let origin = Some(TriggerFires::Origin);
    ForeignKey {
        constraint: 77,
        written: 77,
        name: format!("{}_id_fkey", from.name),
        from: (from.table, from.name.clone()),
        from_columns: vec![1],
        to: (to.table, to.name.clone()),
        to_columns: vec![1],
        match_full: false,
        on_update: ReferentialAction::Cascade,
        on_delete: (delete, vec![]),
        deferrable: true,
        initially_deferred: false,
        fires: KeyFires { insert: origin, update: origin, on_delete: origin, on_update: origin },
    }
}

/// A table `c(t_id int, w text)` that refers to [`keyed`]'s.
fn child(bench: &mut Bench, transaction: &mut Transaction, parent: u32, delete: ReferentialAction) -> u32 {
    let table = bench.table(transaction, "c", &[("t_id", INT, false), ("w", TEXT, false)]);
    let key = foreign_key(&bench.target(table), &bench.target(parent), delete);
    bench.alter(table, |target| target.references.push(key.clone()));
    bench.alter(parent, |target| target.referenced_by.push(key));
    table
}

fn insert_into(
    bench: &mut Bench,
    transaction: &mut Transaction,
    table: u32,
    rows: Vec<(Option<i32>, &str)>,
) -> Result<Vec<String>, ExecuteError> {
    let rows = rows.into_iter().map(|(key, value)| vec![key.map_or(null(INT), int), text(value)]).collect();
    let plan_of = silent(insert(&bench.target(table), values(rows)));
    bench.run(transaction, plan_of)
}

fn delete_from(
    bench: &mut Bench,
    transaction: &mut Transaction,
    table: u32,
    key: i32,
) -> Result<Vec<String>, ExecuteError> {
    let target = bench.target(table);
    let input = scan(&target, vec![equals(slot(0, INT), int(key))], true);
    bench.run(transaction, silent(delete(&target, input)))
}

#[test]
fn foreign_keys_are_looked_at_from_both_sides() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let parent = keyed(&mut bench, &mut transaction);
    let table = child(&mut bench, &mut transaction, parent, ReferentialAction::NoAction);
    insert_into(&mut bench, &mut transaction, table, vec![(Some(1), "x"), (None, "y")]).unwrap();
    let result = insert_into(&mut bench, &mut transaction, table, vec![(Some(2), "z"), (Some(9), "z")]);
    let message = "insert or update on table \"c\" violates foreign key constraint \"c_id_fkey\"";
    refused(result, "23503", message, "Key (t_id)=(9) is not present in table \"t\".");
    let result = delete_from(&mut bench, &mut transaction, parent, 1);
    let message =
        "update or delete on table \"t\" violates foreign key constraint \"c_id_fkey\" on table \"c\"";
    refused(result, "23503", message, "Key (id)=(1) is still referenced from table \"c\".");
    delete_from(&mut bench, &mut transaction, parent, 2).unwrap();
    // ON UPDATE CASCADE
    let target = bench.target(parent);
    let input = scan(&target, vec![], true);
    bench.run(&mut transaction, silent(update(&target, input, vec![(0, int(5))]))).unwrap();
    assert_eq!(all(&mut bench, &mut transaction, parent), ["5|one"]);
    assert_eq!(all(&mut bench, &mut transaction, table), ["5|x", "null|y"]);
}

#[test]
fn deleting_cascades_or_sets_null() {
    let cases = [
        (ReferentialAction::Cascade, vec!["2|b"]),
        (ReferentialAction::SetNull, vec!["null|a", "2|b", "null|c"]),
    ];
    for with_index in [false, true] {
        for (action, expected) in &cases {
            let mut bench = Bench::new();
            let mut transaction = bench.begin();
            let parent = keyed(&mut bench, &mut transaction);
            let table = child(&mut bench, &mut transaction, parent, *action);
            if with_index {
                bench.index(&mut transaction, table, "c_t_id", &[0], false);
            }
            let rows = vec![(Some(1), "a"), (Some(2), "b"), (Some(1), "c")];
            insert_into(&mut bench, &mut transaction, table, rows).unwrap();
            delete_from(&mut bench, &mut transaction, parent, 1).unwrap();
            assert_eq!(&all(&mut bench, &mut transaction, table), expected);
        }
    }
}

#[test]
fn deferred_constraints_wait_for_the_commit() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let parent = keyed(&mut bench, &mut transaction);
    let table = child(&mut bench, &mut transaction, parent, ReferentialAction::NoAction);
    bench.events.set_all(true);
    insert_into(&mut bench, &mut transaction, table, vec![(Some(3), "x")]).unwrap();
    assert!(bench.events.has_deferred());
    let message = "insert or update on table \"c\" violates foreign key constraint \"c_id_fkey\"";
    let result = bench.events(&mut transaction, When::Commit);
    refused(result.map(|_| vec![]), "23503", message, "Key (t_id)=(3) is not present in table \"t\".");
    insert_into(&mut bench, &mut transaction, table, vec![(Some(4), "x")]).unwrap();
    insert_into(&mut bench, &mut transaction, parent, vec![(Some(4), "four")]).unwrap();
    bench.events(&mut transaction, When::Commit).unwrap();
    assert!(!bench.events.has_deferred());
}

#[test]
fn a_deferrable_key_may_stand_twice_for_a_while() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let table = bench.table(&mut transaction, "t", &[("id", INT, true), ("v", TEXT, false)]);
    bench.index(&mut transaction, table, "t_pkey", &[0], true);
    bench.alter(table, |target| target.indexes[0].deferrable = true);
    insert_into(&mut bench, &mut transaction, table, vec![(Some(1), "a"), (Some(2), "b"), (Some(3), "c")])
        .unwrap();
    let target = bench.target(table);
    let input = scan(&target, vec![], true);
    let more = call(177, vec![slot(0, INT), int(1)], INT);
    bench.run(&mut transaction, silent(update(&target, input, vec![(0, more)]))).unwrap();
    assert_eq!(all(&mut bench, &mut transaction, table), ["2|a", "3|b", "4|c"]);
    let result = insert_into(&mut bench, &mut transaction, table, vec![(Some(3), "d")]);
    let message = "duplicate key value violates unique constraint \"t_pkey\"";
    refused(result, "23505", message, "Key (id)=(3) already exists.");
}

#[test]
fn checks_and_generated_columns() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let table = bench.table(&mut transaction, "t", &[("a", INT, false), ("b", INT, false)]);
    bench.alter(table, |target| {
        let a = column(target.relation, 0, INT);
        target.columns[1].generated = Some(call(177, vec![a.clone(), int(1)], INT));
        target.checks.push(Check {
            name: "t_a_check".to_owned(),
            condition: less(a, int(10)),
            asked_by: plan::target::AskedBy::Table,
            validated: true,
        });
    });
    let rows = |rows: Vec<i32>| values(rows.into_iter().map(|value| vec![int(value), null(INT)]).collect());
    let target = bench.target(table);
    bench.run(&mut transaction, silent(insert(&target, rows(vec![1, 2])))).unwrap();
    let result = bench.run(&mut transaction, silent(insert(&target, rows(vec![3, 12, 4]))));
    let message = "new row for relation \"t\" violates check constraint \"t_a_check\"";
    refused(result, "23514", message, "Failing row contains (12, 13).");
    let input = scan(&target, vec![equals(slot(0, INT), int(2))], true);
    bench.run(&mut transaction, silent(update(&target, input, vec![(0, int(5))]))).unwrap();
    assert_eq!(all(&mut bench, &mut transaction, table), ["1|2", "5|6"]);
}

#[test]
fn merging() {
    for chunk_rows in [1, 1024] {
        let mut bench = Bench::new();
        bench.settings.chunk_rows = chunk_rows;
        let mut transaction = bench.begin();
        let table = keyed(&mut bench, &mut transaction);
        let target = bench.target(table);
        let source = |keys: &[i32]| values(keys.iter().map(|key| vec![int(*key)]).collect());
        // Source, then the target's columns and the row's id.
        let input = |keys: &[i32]| {
            let kind = NodeKind::NestedLoopJoin {
                kind: plan::physical::PhysicalJoinKind::Left,
                left: Box::new(source(keys)),
                right: Box::new(scan(&target, vec![], true)),
                conditions: vec![equals(slot(0, INT), slot(1, INT))],
            };
            node(kind, vec![INT, INT, TEXT, BIGINT])
        };
        let action =
            |matched, condition, what| MergeAction { matched, condition, existing_checks: Vec::new(), what };
        let merge = |keys: &[i32]| {
            let kind = NodeKind::Merge {
                target: target.clone(),
                input: Box::new(input(keys)),
                row_id: 3,
                table_oid: None,
                scans: vec![pinned(3)],
                actions: vec![
                    action(true, Some(equals(slot(0, INT), int(1))), MergeWhat::Delete),
                    action(true, None, MergeWhat::Update(vec![(1, text("merged"))])),
                    action(
                        false,
                        Some(less(slot(0, INT), int(8))),
                        MergeWhat::Insert(vec![slot(0, INT), text("new")]),
                    ),
                ],
            };
            silent(node(kind, vec![]))
        };
        let (_, count) = bench.run_with(&mut transaction, merge(&[1, 2, 3, 9]), &[]).unwrap();
        assert_eq!(count, 3);
        assert_eq!(all(&mut bench, &mut transaction, table), ["2|merged", "3|new"]);
        let result = bench.run(&mut transaction, merge(&[2, 2]));
        refused(result, "21000", "MERGE command cannot affect row a second time", "");
    }
}

#[test]
fn rows_that_somebody_else_holds() {
    let mut bench = Bench::new();
    let mut first = bench.begin();
    let table = keyed(&mut bench, &mut first);
    first.commit().unwrap();
    let target = bench.target(table);
    let locked = |wait, limit: i64| {
        let lock = PhysicalLocking {
            members: None,
            row_id: 2,
            table,
            tree: target.tree,
            strength: LockStrength::Update,
            wait,
        };
        let input = Box::new(scan(&target, vec![], true));
        let columns = vec![INT, TEXT, BIGINT];
        let locks =
            node(NodeKind::LockRows { input, locks: vec![lock], scans: vec![pinned(2)] }, columns.clone());
        let kind = NodeKind::Limit {
            input: Box::new(locks),
            limit: Some(bigint(limit)),
            offset: None,
            with_ties: vec![],
        };
        plan(project(node(kind, columns), vec![slot(0, INT)]))
    };
    let (mut one, mut two) = (bench.begin(), bench.begin());
    assert_eq!(bench.run(&mut one, locked(LockWait::Block, 1)).unwrap(), ["1"]);
    assert_eq!(bench.run(&mut two, locked(LockWait::SkipLocked, 1)).unwrap(), ["2"]);
    let result = bench.run(&mut two, locked(LockWait::NoWait, 2));
    refused(result, "55P03", "could not obtain lock on row in relation \"t\"", "");
    one.rollback();
    assert_eq!(bench.run(&mut two, locked(LockWait::NoWait, 2)).unwrap(), ["1", "2"]);
}

#[test]
fn indexes_are_built_and_constraints_looked_at_afterwards() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let table = bench.table(&mut transaction, "t", &[("a", INT, false), ("b", TEXT, false)]);
    insert_into(
        &mut bench,
        &mut transaction,
        table,
        vec![(Some(3), "x"), (Some(1), "y"), (Some(3), "z"), (None, "n")],
    )
    .unwrap();
    bench.index(&mut transaction, table, "t_a", &[0], false);
    bench.index(&mut transaction, table, "t_b", &[1], true);
    bench.index(&mut transaction, table, "t_a_key", &[0], true);
    let target = bench.target(table);
    for place in 0..2 {
        bench.world(&mut transaction, |world| execute::build_index(world, &target, place)).unwrap();
    }
    let result = bench.world(&mut transaction, |world| execute::build_index(world, &target, 2));
    refused(
        result.map(|_| vec![]),
        "23505",
        "could not create unique index \"t_a_key\"",
        "Key (a)=(3) is duplicated.",
    );
    let result = bench.world(&mut transaction, |world| execute::validate_rows(world, &target, &[], &[0]));
    refused(result.map(|()| vec![]), "23502", "column \"a\" of relation \"t\" contains null values", "");
    let (rows, columns) =
        bench.world(&mut transaction, |world| execute::sample_rows(world, &target, 2)).unwrap();
    assert_eq!((rows, columns.len(), columns[0].len()), (4, 2, 2));
}
