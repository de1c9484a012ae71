//! What a session lends to a function that runs statements within one of its own.

use super::{Transient, Within};
use crate::client::Teller;
use crate::definition::databases::Presence;
use crate::portal::Portals;
use crate::session::Session;
use crate::system::Live;
use crate::transaction::block::Characteristics;
use crate::transaction::relation_locks::RelationLock;
use crate::world::tables::Begun;
use catalog::{Catalog, Oid};
use execute::{ExecuteError, ExecuteResult, World};
use std::cell::RefCell;
use std::sync::Arc;
use store::View;

/// Where a nested session finds the catalog.
pub(crate) enum CatalogPlace<'l> {
    /// The session's own.
    Lent(&'l RefCell<Catalog>),
    /// The session is at work on its own: this is as that was before.
    Copy(Box<RefCell<Catalog>>),
}

/// What is lent besides what the statement's world has.
pub(crate) struct Lent<'l> {
    /// The way to the catalog.
    pub catalog: CatalogPlace<'l>,
    /// What lasts as the transaction does.
    pub transient: &'l RefCell<Transient>,
    /// The nested session, if there was one before and it is not at work.
    pub nested: &'l RefCell<Option<Box<Session>>>,
    /// How the session is seen.
    pub presence: &'l Presence,
    /// The role it logged in as.
    pub login_role: Oid,
    /// What its transaction is like.
    pub characteristics: Characteristics,
    /// The relations that statements around this one are reading or changing.
    pub used: &'l [Oid],
    /// Portals, which read others.
    pub portals: &'l Portals,
    /// Those of the statement that is run.
    pub running: &'l [RelationLock],
    /// The function in SQL of which a statement is run.
    pub begun: Option<&'l Begun<'l>>,
    /// Whom functions tell at once what they have to say; otherwise it is gathered.
    pub teller: Option<&'l dyn Teller>,
}

impl Lent<'_> {
    /// The relations that something reads or changes which is not at its end, the statement that is run aside.
    pub fn all_used(&self) -> impl Iterator<Item = Oid> {
        self.used.iter().copied().chain(self.portals.read())
    }

    /// The way to the catalog, whoever has it.
    pub fn catalog(&self) -> &RefCell<Catalog> {
        match &self.catalog {
            CatalogPlace::Lent(catalog) => catalog,
            CatalogPlace::Copy(copy) => copy,
        }
    }
}

/// Does something in a session that stands on what a statement's world and session have.
///
/// # Errors
/// When nothing is lent here.
pub(super) fn within_nested<R>(
    live: Live<'_>,
    world: &mut World<'_>,
    view: Option<&View>,
    what: impl FnOnce(&mut Session, Option<&dyn Teller>) -> R,
) -> ExecuteResult<R> {
    let Some(lent) = live.lent else { return Err(ExecuteError::plan("no statement can be run here")) };
    let kept = lent.nested.borrow_mut().take();
    let mut nested = match kept {
        Some(nested) => nested,
        None => {
            let catalog = lent.catalog().borrow().clone();
            Box::new(Session::nested(live.engine, live.store, catalog, lent.presence))
        }
    };
    let began = world.context.text.datetime.now;
    nested.within = Some(Within {
        depth: world.settings.depth,
        lent: true,
        atomic: true,
        view: view.cloned(),
        given: Arc::default(),
        used: lent.all_used().chain(lent.running.iter().map(|lock| lock.relation)).collect(),
    });
    nested.statement_time = world.context.statement_time;
    nested.login_role = lent.login_role;
    exchange(live, lent, world, &mut nested);
    nested.block.take_over(world.transaction.lend(), lent.characteristics, began);
    let done = what(&mut nested, lent.teller);
    if let Some(transaction) = nested.block.give_back() {
        *world.transaction = transaction;
    }
    exchange(live, lent, world, &mut nested);
    *lent.nested.borrow_mut() = Some(nested);
    Ok(done)
}

/// What the one has is the other's, and back.
fn exchange(live: Live<'_>, lent: &Lent<'_>, world: &mut World<'_>, nested: &mut Session) {
    world.context.session.exchange(nested);
    std::mem::swap(world.events, &mut nested.events);
    live.tally.swap(&nested.tally);
    live.cursors.swap(&nested.cursors);
    live.prepared.swap(&nested.prepared);
    live.sets.swap(&nested.sets);
    lent.transient.swap(&nested.transient);
    lent.catalog().swap(&nested.catalog);
}
