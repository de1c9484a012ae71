//! Functions, procedures and blocks in PL/pgSQL: the host over which their bodies run.
//!
//! A body runs its statements through a session like a client's. Where a client's statement is a block or a call, that is the
//! session itself. A function that is called within a statement has the session's parts lent to it (`lend`): a *nested* session
//! stands on them while it runs, which has what others see of the session, its transaction first of all, and gives all of it
//! back. `body` keeps bodies that were read, with the plans of their SQL; `names` is what their variables' names mean to the
//! binder; `host` carries out what a body asks for, with `assign`, `rows`, `cursors` and `other` for the longer things; `start`
//! begins a body: of a function, a block, a call, a trigger. `utility`: what functions in SQL do that is not planned.
//!
//! Invariants
//!
//! 1. What is lent is at one place at a time, and is given back whatever comes of the function.
//! 2. A plan is used as long as the catalog, settings, the role and the shapes of rows are those that it was made of.
//! 3. A function within a statement never ends the transaction, and sees no more of others' commits than the statement.

mod assign;
mod body;
mod cursors;
mod host;
mod lend;
mod names;
mod other;
mod rows;
mod start;
mod utility;

pub(crate) use body::Bodies;
pub(crate) use lend::{CatalogPlace, Lent};
pub(crate) use start::{Within, call_event_trigger, call_trigger, run_function};
pub(crate) use utility::{refuse_in_block, refuse_other, run_anew, run_other};

use catalog::Oid;
use procedural::host::Standing;
use procedural::tree::{Function, Mode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use syntax::tree::table::OnCommit;

/// A body that runs, as those are told that it calls.
pub(crate) struct Caller {
    function: Arc<Function>,
    standing: Standing,
    /// The SQL by which it calls, if it is no expression alone.
    sql: Option<(Mode, Arc<str>)>,
}

impl Caller {
    /// Its lines of a context.
    fn lines(&self) -> impl Iterator<Item = String> + use<> {
        let sql = self.sql.as_ref().map(|(mode, text)| host::sql_line(*mode, text));
        sql.into_iter().chain([self.standing.line(&self.function.name)])
    }
}

/// What lasts as the transaction does, and what is kept of bodies beyond it.
#[derive(Default)]
pub(crate) struct Transient {
    /// What the end of each transaction does to temporary tables, and which of them are gone if this one is committed.
    pub on_commit: BTreeMap<Oid, OnCommit>,
    pub gone: Vec<Oid>,
    /// Whether the transaction has done something with temporary objects.
    pub used_temporary: bool,
    /// Labels that the transaction has added to enums.
    pub new_labels: Arc<BTreeSet<u32>>,
    /// Bodies that were read.
    pub bodies: Bodies,
    /// The bodies that run, the innermost last.
    pub callers: Vec<Caller>,
    /// Cursors of loops, which outlive the transaction.
    pub pinned: Vec<String>,
    /// How many cursors got a name because nobody gave them one.
    pub unnamed: u64,
    /// What definitions that run have done, the innermost last.
    pub defining: Vec<crate::event_trigger::Defining>,
    /// Large objects that are open.
    pub large_objects: crate::services::large_object::Descriptors,
    /// What the transaction has seen of statistics.
    pub reading: crate::statistics::Reading,
}
