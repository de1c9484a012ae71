//! Functions that the program has given: on top of every database's objects, in `pg_catalog`, and in no file.
//!
//! They are found, resolved and shown as other functions are. What a file keeps may name them; when the program has not given
//! them, it means nothing.

use crate::error::{CatalogError, CatalogResult};
use crate::labels::NATIVES_LOCK;
use crate::object::{Body, Function, Object};
use crate::snapshot::Snapshot;
use env::sync::Mutex;
use env::sync::atomic::{AtomicUsize, Ordering};
use functions::table::functions_named;
use std::sync::Arc;

/// Those of all databases.
pub(crate) struct Natives {
    /// How many there are: who finds none need not lock.
    count: AtomicUsize,
    functions: Mutex<Arc<[Arc<Function>]>>,
}

impl Default for Natives {
    fn default() -> Natives {
        Natives { count: AtomicUsize::new(0), functions: Mutex::new(&NATIVES_LOCK, Arc::default()) }
    }
}

/// A snapshot with them, and what it was made of.
#[derive(Clone)]
pub(crate) struct WithNatives {
    shared: Arc<Snapshot>,
    count: usize,
    snapshot: Arc<Snapshot>,
}

impl Natives {
    /// Adds one.
    pub fn add(&self, function: Function) -> CatalogResult<()> {
        let mut functions = self.functions.lock();
        let inputs: Vec<u32> = function.inputs().map(|argument| argument.type_oid).collect();
        let same = |known: &Arc<Function>| {
            known.name == function.name
                && known.inputs().map(|argument| argument.type_oid).eq(inputs.iter().copied())
        };
        let built_in = functions_named(&function.name).any(|entry| entry.arguments == inputs);
        if built_in || functions.iter().any(same) {
            return Err(CatalogError::DuplicateFunction { name: function.name });
        }
        let all: Vec<Arc<Function>> = functions.iter().cloned().chain([Arc::new(function)]).collect();
        *functions = all.into();
        self.count.store(functions.len(), Ordering::Release);
        Ok(())
    }

    /// A snapshot with them on top; `kept` is the last that the session made.
    pub fn on(&self, shared: Arc<Snapshot>, kept: &mut Option<WithNatives>) -> Arc<Snapshot> {
        let count = self.count.load(Ordering::Acquire);
        if count == 0 {
            return shared;
        }
        if let Some(kept) = kept
            && Arc::ptr_eq(&kept.shared, &shared)
            && kept.count == count
        {
            return kept.snapshot.clone();
        }
        let functions = self.functions.lock().clone();
        let mut snapshot = (*shared).clone();
        for function in functions.iter() {
            snapshot.put_native(function.clone());
        }
        let snapshot = Arc::new(snapshot);
        *kept = Some(WithNatives { shared, count: functions.len(), snapshot: snapshot.clone() });
        snapshot
    }
}

impl Snapshot {
    /// Shows a function of the program.
    fn put_native(&mut self, function: Arc<Function>) {
        self.put(Object::Function(function));
    }
}

impl Function {
    /// Whether the program has given it.
    pub fn is_native(&self) -> bool {
        match self.body {
            Body::Native => true,
            Body::Text(_)
            | Body::Bound(_)
            | Body::Aggregate(_)
            | Body::BuiltIn(_)
            | Body::Uncallable(_)
            | Body::Procedural(_) => false,
        }
    }
}
