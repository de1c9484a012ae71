//! Ways to the rows of a table by several indexes, or by one whose entries are many: row ids are gathered, put together, and
//! rows read in the order in which they lie (PostgreSQL's bitmap scans; `choose_bitmap_and`, `generate_bitmap_or_paths`).

use super::Lowering;
use super::access::Matched;
use super::leaf::columns_of_scan;
use crate::cost::{BitmapCost, bitmap_scan_cost, index_tree_cost};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, ExpressionKind};
use crate::facts::TableFacts;
use crate::implied::implies;
use crate::logical::Scan;
use crate::physical::{Bitmap, BitmapScan, Estimate, IndexScan};
use types::Type;
use types::catalog::oid;

/// A bitmap that may be made.
#[derive(Debug, Clone)]
pub(super) struct BitmapDraft {
    tree: DraftTree,
    /// What it costs to make it, and which part of the rows is in it.
    cost: BitmapCost,
    /// Which conditions it bounds, and which it stands for wholly.
    bounding: Vec<bool>,
    exact: Vec<bool>,
    /// The conditions as its rows fulfil them.
    fulfilled: Vec<Expression>,
}

#[derive(Debug, Clone)]
enum DraftTree {
    Index(Box<Matched>),
    And(Vec<BitmapDraft>),
    Or(Vec<BitmapDraft>),
}

impl Lowering<'_> {
    /// The cheapest bitmap for a scan with these conditions, and what the scan costs by it.
    pub(super) fn best_bitmap(
        &self,
        scan: &Scan,
        conditions: &[Expression],
        matches: &[Matched],
        width: u32,
    ) -> Option<(BitmapDraft, Estimate)> {
        let table = self.facts.table(scan.table);
        let mut drafts: Vec<BitmapDraft> = matches
            .iter()
            .filter(|matched| matched.bounding.contains(&true))
            .map(|matched| self.draft_of_index(scan, &table, matched.clone(), conditions))
            .collect();
        let alternatives = (0..conditions.len())
            .filter_map(|number| self.draft_of_alternatives(scan, &table, conditions, number));
        drafts.extend(alternatives);
        let cost = |draft: &BitmapDraft| self.bitmap_estimate(&table, draft, conditions, width);
        drafts.sort_by(|one, other| one.cost.cost.total_cmp(&other.cost.cost));
        let mut best: Option<(BitmapDraft, f64)> = None;
        for first in 0..drafts.len() {
            let mut together = drafts[first].clone();
            let mut least = cost(&together);
            for other in &drafts[first + 1..] {
                let shared = together.bounding.iter().zip(&other.bounding).any(|(one, other)| *one && *other);
                let both = both_of(&together, other, self.facts.settings().cpu_operator_cost);
                let both_cost = cost(&both);
                if !shared && both_cost < least {
                    (together, least) = (both, both_cost);
                }
            }
            if best.as_ref().is_none_or(|best| least < best.1) {
                best = Some((together, least));
            }
        }
        let (draft, _) = best?;
        let out = self.statistics.all(&conditions.iter().collect::<Vec<_>>(), self.facts);
        let filters = conditions.len() as f64;
        let estimate = bitmap_scan_cost(self.facts.settings(), &table, draft.cost, filters, out, width);
        Some((draft, estimate))
    }

    fn bitmap_estimate(
        &self,
        table: &TableFacts,
        draft: &BitmapDraft,
        conditions: &[Expression],
        width: u32,
    ) -> f64 {
        let filters = conditions.len() as f64;
        bitmap_scan_cost(self.facts.settings(), table, draft.cost, filters, draft.cost.part, width).total_cost
    }

    fn draft_of_index(
        &self,
        scan: &Scan,
        table: &TableFacts,
        matched: Matched,
        conditions: &[Expression],
    ) -> BitmapDraft {
        let asked = self.index_cost(scan, &matched, conditions, &self.statistics);
        let settings = self.facts.settings();
        let (_, cost) = index_tree_cost(settings, table, &matched.index, asked);
        let rows = (table.rows * asked.part).max(1.0);
        let cost = BitmapCost { cost: cost + 0.1 * settings.cpu_operator_cost * rows, part: asked.part };
        let exact = matched.bound_by.iter().filter(|number| matched.exact[**number]);
        let mut fulfilled: Vec<Expression> = exact.map(|number| conditions[*number].clone()).collect();
        for term in &matched.predicate {
            if !fulfilled.iter().any(|known| implies(known, term, &self.facts)) {
                fulfilled.push(term.clone());
            }
        }
        let (bounding, exact) = (matched.bounding.clone(), matched.exact.clone());
        BitmapDraft { tree: DraftTree::Index(Box::new(matched)), cost, bounding, exact, fulfilled }
    }

    /// A bitmap of the alternatives of a condition, if there is an index for each of them.
    fn draft_of_alternatives(
        &self,
        scan: &Scan,
        table: &TableFacts,
        conditions: &[Expression],
        number: usize,
    ) -> Option<BitmapDraft> {
        let ExpressionKind::Or(alternatives) = &conditions[number].kind else { return None };
        let others = conditions.iter().enumerate().filter(|(place, _)| *place != number);
        let others: Vec<Expression> = others.map(|(_, condition)| condition.clone()).collect();
        let mut arms = Vec::with_capacity(alternatives.len());
        let mut exact = vec![true; conditions.len()];
        for alternative in alternatives {
            let own = match &alternative.kind {
                ExpressionKind::And(terms) => terms.clone(),
                _ => vec![alternative.clone()],
            };
            let count = own.len();
            let all: Vec<Expression> = own.into_iter().chain(others.iter().cloned()).collect();
            let matches = self.matches(scan, &all).into_iter();
            let fitting = matches.filter(|matched| matched.bounding[..count].contains(&true));
            let drafts = fitting.map(|matched| self.draft_of_index(scan, table, matched, &all));
            let arm = drafts.min_by(|one, other| one.cost.cost.total_cmp(&other.cost.cost))?;
            exact[number] &= arm.exact[..count].iter().all(|exact| *exact);
            let places = (0..conditions.len()).filter(|place| *place != number);
            for (place, of_arm) in places.zip(&arm.exact[count..]) {
                exact[place] &= *of_arm;
            }
            arms.push(arm);
        }
        let unit = 100.0 * self.facts.settings().cpu_operator_cost;
        let cost = BitmapCost {
            cost: arms.iter().map(|arm| arm.cost.cost).sum::<f64>() + unit * (arms.len() - 1) as f64,
            part: arms.iter().map(|arm| arm.cost.part).sum::<f64>().min(1.0),
        };
        let fulfilled = vec![any(arms.iter().map(|arm| all_of(&arm.fulfilled)).collect())];
        let mut bounding = vec![false; conditions.len()];
        bounding[number] = true;
        Some(BitmapDraft { tree: DraftTree::Or(arms), cost, bounding, exact, fulfilled })
    }

    /// The scan by a bitmap.
    pub(super) fn bitmap_scan(
        &mut self,
        scan: Scan,
        draft: BitmapDraft,
        conditions: Vec<Expression>,
    ) -> PlanResult<BitmapScan> {
        let (layout, _) = columns_of_scan(&scan);
        let mut exact = draft.exact.iter();
        let rest = conditions.into_iter().filter(|_| !exact.next().copied().unwrap_or(false)).collect();
        let fulfilled = self.over(draft.fulfilled.clone(), &layout)?;
        let bare = Scan { columns: Vec::new(), ..scan.clone() };
        let bitmap = self.bitmap(&bare, draft, &layout)?;
        let mut recheck = false;
        bitmap.for_each_index(&mut |index| recheck |= !index.searches.is_empty());
        Ok(BitmapScan { scan: self.table_scan(scan, rest, &layout)?, fulfilled, recheck, bitmap })
    }

    /// What is asked of indexes that are not ordered is over `layout`.
    fn bitmap(&mut self, scan: &Scan, draft: BitmapDraft, layout: &[Column]) -> PlanResult<Bitmap> {
        let rows = crate::cost::clamp_rows(self.facts.table(scan.table).rows * draft.cost.part);
        let estimate = Estimate { startup_cost: 0.0, total_cost: draft.cost.cost, rows, width: 0 };
        let parts = |lowering: &mut Self, parts: Vec<BitmapDraft>| {
            let parts = parts.into_iter().map(|part| lowering.bitmap(scan, part, layout));
            parts.collect::<PlanResult<Vec<_>>>()
        };
        Ok(match draft.tree {
            DraftTree::Index(matched) => {
                let matched = Matched { only: None, ..*matched };
                let asked = self.over(matched.asked.clone(), layout)?;
                let index = self.index_scan(scan.clone(), matched, Vec::new(), false, &[])?;
                let index = IndexScan { asked, ..index };
                Bitmap::Index(Box::new(index), estimate)
            }
            DraftTree::And(drafts) => Bitmap::And(parts(self, drafts)?, estimate),
            DraftTree::Or(drafts) => Bitmap::Or(parts(self, drafts)?, estimate),
        })
    }
}

/// Rows that are in both.
fn both_of(one: &BitmapDraft, other: &BitmapDraft, operator_cost: f64) -> BitmapDraft {
    let mut parts = match &one.tree {
        DraftTree::And(parts) => parts.clone(),
        DraftTree::Index(_) | DraftTree::Or(_) => vec![one.clone()],
    };
    parts.push(other.clone());
    let either =
        |one: &[bool], other: &[bool]| one.iter().zip(other).map(|(one, other)| *one || *other).collect();
    BitmapDraft {
        tree: DraftTree::And(parts),
        cost: BitmapCost {
            cost: one.cost.cost + other.cost.cost + 100.0 * operator_cost,
            part: one.cost.part * other.cost.part,
        },
        bounding: either(&one.bounding, &other.bounding),
        exact: either(&one.exact, &other.exact),
        fulfilled: [one.fulfilled.as_slice(), other.fulfilled.as_slice()].concat(),
    }
}

fn all_of(terms: &[Expression]) -> Expression {
    match terms {
        [only] => only.clone(),
        _ => Expression::new(ExpressionKind::And(terms.to_vec()), Type::of(oid::BOOL)),
    }
}

fn any(terms: Vec<Expression>) -> Expression {
    Expression::new(ExpressionKind::Or(terms), Type::of(oid::BOOL))
}
