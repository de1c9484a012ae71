//! What whoever is above a scan has told of the rows that are of use to it: a join, which keys the other side has.

use super::decode::{RowSource, Wanted};
use crate::error::ExecuteResult;
use crate::keys::Present;
use std::sync::Arc;
use types::Vector;

/// After so many rows it is looked whether a restriction leaves enough of them out.
const TRIED_ROWS: usize = 8192;

/// A column whose values are among keys, or the row is of no use.
#[derive(Clone)]
pub struct Restriction {
    /// Which column.
    pub slot: usize,
    /// The keys.
    pub keys: Arc<Present>,
    /// The same as they are, each as often as it comes; nulls are none.
    pub values: Vector,
}

struct Tried {
    restriction: Restriction,
    asked: usize,
    passed: usize,
}

/// All restrictions of a scan.
#[derive(Default)]
pub struct Restrictions {
    all: Vec<Tried>,
}

impl Restrictions {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Takes in another one.
    pub fn push(&mut self, restriction: Restriction) {
        self.all.push(Tried { restriction, asked: 0, passed: 0 });
    }

    /// Takes out the first for which something is found.
    pub(super) fn take_first<R>(
        &mut self,
        mut find: impl FnMut(&Restriction) -> ExecuteResult<Option<R>>,
    ) -> ExecuteResult<Option<R>> {
        for place in 0..self.all.len() {
            if let Some(found) = find(&self.all[place].restriction)? {
                self.all.remove(place);
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.all.clear();
    }

    /// Leaves out rows that are of no use.
    pub(super) fn apply<R: RowSource>(&mut self, rows: &mut Wanted<'_, '_, R>) -> ExecuteResult<()> {
        for tried in &mut self.all {
            if rows.count() == 0 {
                break;
            }
            let Restriction { slot, keys, .. } = &tried.restriction;
            let Some(places) = rows.among(*slot, keys)? else { continue };
            tried.asked += rows.count();
            tried.passed += places.len();
            rows.keep(places)?;
        }
        // One that lets most rows pass costs more than it spares.
        self.all.retain(|tried| tried.asked < TRIED_ROWS || tried.passed < tried.asked / 4 * 3);
        Ok(())
    }
}
