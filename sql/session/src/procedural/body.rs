//! Bodies that were read, and how their SQL was planned last.

use super::names::BoundTo;
use super::quick::Quick;
use crate::query::Ready;
use crate::settings::Mark;
use catalog::object::Function as Defined;
use catalog::{Oid, Scope};
use execute::Lone;
use plan::logical::Query;
use procedural::host::Shape;
use procedural::tree::Function;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Type;

/// A function with the types that it is called with.
pub(crate) type BodyKey = (Oid, Vec<u32>, u32);

/// How an expression or statement is done.
#[derive(Clone)]
pub(crate) enum Plan {
    /// It is a value that is computed without reading anything.
    Value(Arc<Value>),
    /// It reads or changes rows.
    Rows(Arc<Planned>),
}

/// An expression that stands alone.
pub(crate) struct Value {
    pub expression: Lone,
    /// The same where it is so short.
    pub quick: Option<Quick>,
    pub of: Type,
    /// Whether it is the same whatever variables are.
    pub is_constant: bool,
    /// Its fields, if it is a row.
    pub shape: Option<Shape>,
    /// What names meant.
    pub scope: Scope,
    pub bound_to: BoundTo,
}

/// A statement.
pub(crate) struct Planned {
    pub ready: Ready,
    pub shape: Shape,
    pub bound_to: BoundTo,
}

/// A body that was read.
pub(crate) struct Body {
    pub function: Arc<Function>,
    /// What it was read of.
    made_of: Option<Arc<Defined>>,
    /// What its plans were made of: the catalog and path, settings, the role.
    made_by: Option<(Scope, Mark, Oid)>,
    /// By the numbers of its expressions.
    plans: Vec<Option<Plan>>,
    /// Expressions that are being computed, each as often as it is.
    pub in_use: Vec<u32>,
}

impl Body {
    /// One that has just been read.
    pub fn new(function: Function, made_of: Option<Arc<Defined>>) -> Body {
        let plans = (0..function.expressions).map(|_| None).collect();
        Body { function: Arc::new(function), made_of, made_by: None, plans, in_use: Vec::new() }
    }

    /// Forgets plans that something has changed under.
    pub fn hold_to(&mut self, scope: &Scope, mark: &Mark, role: Oid, same: impl FnOnce(&Mark) -> bool) {
        let holds = self.made_by.as_ref().is_some_and(|(made, known, of)| {
            Arc::ptr_eq(made.snapshot(), scope.snapshot())
                && *of == role
                && Arc::ptr_eq(made.new_labels(), scope.new_labels())
                && same(known)
        });
        if !holds {
            self.plans.iter_mut().for_each(|plan| *plan = None);
            self.made_by = Some((scope.clone(), mark.clone(), role));
        }
    }

    /// How an expression was planned last.
    pub fn plan(&self, number: u32) -> Option<Plan> {
        self.plans.get(number as usize).cloned().flatten()
    }

    /// Forgets how an expression was planned.
    pub fn forget(&mut self, number: u32) {
        if let Some(place) = self.plans.get_mut(number as usize) {
            *place = None;
        }
    }

    /// Keeps how it is planned.
    pub fn keep(&mut self, number: u32, plan: Plan) {
        if let Some(place) = self.plans.get_mut(number as usize) {
            *place = Some(plan);
        }
    }
}

/// The bodies of a session.
#[derive(Default)]
pub(crate) struct Bodies {
    read: BTreeMap<BodyKey, Body>,
    /// Blocks that run now, the outermost first.
    blocks: Vec<Body>,
}

/// Which body of a session's.
#[derive(Clone)]
pub(crate) enum Which {
    /// A function's.
    Function(BodyKey),
    /// A block's.
    Block(usize),
}

impl Bodies {
    /// A function's, if it has been read since it was defined.
    pub fn known(&self, key: &BodyKey, defined: &Arc<Defined>) -> Option<&Body> {
        let body = self.read.get(key)?;
        body.made_of.as_ref().is_some_and(|made| Arc::ptr_eq(made, defined)).then_some(body)
    }

    /// Keeps a function's.
    pub fn insert(&mut self, key: BodyKey, body: Body) {
        self.read.insert(key, body);
    }

    /// A block begins.
    pub fn begin_block(&mut self, body: Body) -> usize {
        self.blocks.push(body);
        self.blocks.len() - 1
    }

    /// It is over, with all that began within it.
    pub fn end_block(&mut self, place: usize) {
        self.blocks.truncate(place);
    }

    /// One that is there.
    pub fn get(&mut self, which: &Which) -> Option<&mut Body> {
        match which {
            Which::Function(key) => self.read.get_mut(key),
            Which::Block(place) => self.blocks.get_mut(*place),
        }
    }
}

/// What a query yields, before it is planned.
pub(super) fn output_types(query: &Query) -> Vec<(String, Type)> {
    query.output.iter().map(|column| (column.name.clone(), column.column_type)).collect()
}
