//! Whatever is rewritten, a volatile function is called as often as before: once for each row of the operator that it stands in.

use super::common::*;
use plan::expression::{Expression, ExpressionKind};
use plan::logical::{JoinKind, Logical};
use plan::rewritten;
use proptest::prelude::*;

fn random() -> Expression {
    call(RANDOM, vec![], INT4)
}

/// How often the volatile function is written in a tree.
fn calls(logical: &Logical) -> usize {
    let mut count = 0;
    logical.walk(&mut |operator| {
        operator.for_each_expression(&mut |expression| {
            expression.walk(&mut |part| {
                let is = matches!(&part.kind, ExpressionKind::Call(call) if call.function.0 == RANDOM);
                count += usize::from(is);
            });
        });
    });
    count
}

/// How many joins there are in a tree.
fn joins(logical: &Logical) -> usize {
    let mut count = 0;
    logical.walk(&mut |operator| count += usize::from(matches!(operator, Logical::Join(_))));
    count
}

/// A condition over the columns of two relations: plain, constant, or volatile.
fn condition() -> impl Strategy<Value = Expression> {
    let place = || (1u32..=2, 0u32..3).prop_map(|(relation, index)| column(relation, index));
    prop_oneof![
        (place(), place()).prop_map(|(left, right)| equal(left, right)),
        (place(), -3i32..3).prop_map(|(left, right)| compare(LESS, left, int(right))),
        place().prop_map(|left| compare(GREATER, left, random())),
        Just(compare(LESS, random(), int(5))),
        (place(), place()).prop_map(|(left, right)| or(vec![equal(left, random()), equal(right, int(1))])),
        place().prop_map(|left| equal(
            call(PLUS, vec![left, call(PLUS, vec![int(1), int(2)], INT4)], INT4),
            int(4)
        )),
    ]
}

fn tree() -> impl Strategy<Value = Logical> {
    let kind = prop_oneof![Just(JoinKind::Inner), Just(JoinKind::Left), Just(JoinKind::Full)];
    let conditions = || prop::collection::vec(condition(), 0..3);
    (kind, conditions(), conditions(), any::<bool>(), any::<bool>()).prop_map(
        |(kind, on, over, computed, limited)| {
            let joined = filter(join(kind, scan(1, 0, 3), scan(2, 1, 3), on), over);
            let made = if computed { column(1, 0) } else { random() };
            let projected = project(3, joined, vec![made, column(2, 0)]);
            let projected = if limited { limit(projected, 3) } else { projected };
            project(
                4,
                filter(projected, vec![compare(LESS, column(3, 0), int(9))]),
                vec![column(3, 0), column(3, 1)],
            )
        },
    )
}

proptest! {
    #[test]
    fn as_many_calls_as_before(root in tree()) {
        let world = World::new(&[1000.0, 10_000.0], &[]);
        let (before, joined) = (calls(&root), joins(&root));
        let after = rewritten(query(root, &[(4, 0), (4, 1)]), &world);
        // What the user joins is left out whatever it calls, as in PostgreSQL, if it changes nothing.
        if joins(&after.root) == joined {
            prop_assert_eq!(before, calls(&after.root), "{}", after);
        }
    }

    #[test]
    fn every_tree_is_planned(root in tree()) {
        let mut world = World::new(&[1000.0, 10_000.0], &[]);
        let query = query(root, &[(4, 0), (4, 1)]);
        let refused = |error: &plan::PlanError| matches!(error, plan::PlanError::FullJoin);
        let planned = plan::plan(query.clone(), &world);
        prop_assert!(planned.as_ref().err().is_none_or(refused), "{:?}", planned);
        world.settings.optimise = false;
        let planned = plan::plan(query, &world);
        prop_assert!(planned.as_ref().err().is_none_or(refused), "{:?}", planned);
    }
}
