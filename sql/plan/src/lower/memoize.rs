//! The right side of a lateral join keeps its rows for the values that it was run for, where the same come again often enough
//! (PostgreSQL's `get_memoize_path`).

use super::{Lowering, Planned, Provided};
use crate::expression::Expression;
use crate::physical::NodeKind;
use types::vector::Order;

/// Whether values that are equal by an order are the same in every way.
fn tells_all(order: &Order) -> bool {
    match order {
        Order::Bool
        | Order::Int16
        | Order::Int32
        | Order::Unsigned32
        | Order::Int64
        | Order::Unsigned64
        | Order::Bytes
        | Order::Uuid
        | Order::Enum(_) => true,
        Order::Float32
        | Order::Float64
        | Order::Numeric
        | Order::Padded
        | Order::Folded
        | Order::Bits
        | Order::Interval
        | Order::TimeTz
        | Order::Jsonb
        | Order::Array(_)
        | Order::Record(_)
        | Order::Anonymous => false,
    }
}

impl Lowering<'_> {
    /// A right side that is run for each row of a left one, with its rows kept if that is cheaper. It depends on nothing but the
    /// values that are provided.
    pub(super) fn memoized(&self, left: &Planned, right: Planned, provided: &[Provided]) -> Planned {
        let settings = self.facts.settings();
        let calls = left.node.estimate.rows;
        if !settings.enable_memoize || !settings.optimise || calls < 2.0 || provided.is_empty() {
            return right;
        }
        let mut keys = Vec::with_capacity(provided.len());
        let mut columns = Vec::with_capacity(provided.len());
        for set in provided {
            let Some(order) = self.facts.order(set.of).filter(tells_all) else { return right };
            let Some(column) = left.layout.get(set.slot as usize) else { return right };
            if !self.statistics.is_measured(*column) {
                return right;
            }
            keys.push((set.outer, set.of, order));
            columns.push(Expression::column(*column, set.of));
        }
        let distinct = self.statistics.groups(&columns.iter().collect::<Vec<_>>(), calls);
        let estimate = right.node.estimate;
        // As many entries as fit; an entry is its rows, and what it is found by.
        let entry = estimate.rows.max(1.0) * (f64::from(estimate.width) + 24.0) + 64.0;
        let entries = (settings.work_mem as f64 * 2048.0 / entry).floor().max(1.0);
        let hits = ((calls - distinct) / calls).max(0.0) * (entries / distinct.max(entries));
        let kept = estimate.total_cost * (1.0 - hits)
            + settings.cpu_operator_cost
            + settings.cpu_tuple_cost * (1.0 - hits) * estimate.rows;
        if kept >= estimate.total_cost {
            return right;
        }
        let Planned { node, layout, presorted } = right;
        let types = node.columns.clone();
        let kind = NodeKind::Memoize { input: Box::new(node), keys };
        Planned { node: self.node(kind, types), layout, presorted }
    }
}
