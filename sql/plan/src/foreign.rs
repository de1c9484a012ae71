//! Foreign tables in statements: no wrapper has a handler, so a plan that would read or write one is refused.
//!
//! PostgreSQL asks for the handler when it first looks at a table: before any condition is known to be false, but not for
//! partitions that conditions leave out, and for those that get rows only when one comes. So do we: here for whole statements,
//! `lower`'s `members` for partitions that are read, and whoever finds the part of a row by
//! [`Part::foreign`](crate::partition::Part::foreign).

use crate::error::{PlanError, PlanResult};
use crate::facts::Facts;
use crate::logical::{Logical, Query, Scan};

/// Whether a statement, or what is run besides it, uses a foreign table: most use none.
pub(crate) fn is_used(query: &Query, facts: &dyn Facts) -> bool {
    query.relations.iter().any(|used| facts.no_handler(used.relation).is_some())
}

/// Refuses a statement that reads or changes a foreign table as one, or with a table that it inherits from.
///
/// # Errors
/// If it does.
pub(crate) fn refuse(query: &Query, facts: &dyn Facts) -> PlanResult<()> {
    let mut refused = None;
    let mut visit = |operator: &Logical| {
        if refused.is_none() {
            refused = wanted_of(operator, facts);
        }
    };
    query.root.walk(&mut visit);
    query.common_tables.iter().for_each(|table| table.query.walk(&mut visit));
    refused.map_or(Ok(()), |message| Err(PlanError::NoHandler(message)))
}

fn wanted_of(operator: &Logical, facts: &dyn Facts) -> Option<String> {
    match operator {
        Logical::Scan(scan) => of_scan(scan, facts),
        Logical::Insert(insert) => facts.no_handler(insert.target.table),
        _ => None, // what else changes rows reads them below
    }
}

fn of_scan(scan: &Scan, facts: &dyn Facts) -> Option<String> {
    let own = facts.no_handler(scan.table);
    let of_members = || scan.members.iter().find_map(|member| facts.no_handler(member.table));
    own.or_else(of_members).filter(|_| facts.routing(scan.table).is_none())
}

/// Refuses members of a table that are foreign.
///
/// # Errors
/// If one is.
pub(crate) fn refuse_members(members: &[Scan], facts: &dyn Facts) -> PlanResult<()> {
    match members.iter().find_map(|member| facts.no_handler(member.table)) {
        Some(message) => Err(PlanError::NoHandler(message)),
        None => Ok(()),
    }
}
