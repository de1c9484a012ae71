//! Bodies that were read, and how their SQL was planned last.

use super::names::BoundTo;
use crate::query::Ready;
use crate::settings::Mark;
use catalog::object::Function as Defined;
use catalog::{Oid, Scope, Snapshot};
use execute::Lone;
use plan::logical::Query;
use plan::trigger::{Trigger, TriggerEvent};
use procedural::host::{Named, Shape};
use procedural::tree::Function;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Type;
use types::catalog::oid;

/// A function as it is called: for each of these it is read once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BodyKey {
    /// By SQL: with arguments of these types, for a result of that one.
    Call { function: Oid, arguments: Vec<Oid>, result: Oid },
    /// As an event trigger's.
    Event { function: Oid },
    /// As a trigger's of a table, with transition tables of these names: rows and tables are that table's.
    Trigger { function: Oid, table: Oid, transitions: Vec<String> },
}

impl BodyKey {
    /// The function.
    fn function(&self) -> Oid {
        match self {
            BodyKey::Call { function, .. }
            | BodyKey::Event { function }
            | BodyKey::Trigger { function, .. } => *function,
        }
    }

    /// The types of its arguments, and that of its result.
    pub fn types(&self) -> (Vec<Type>, Type) {
        match self {
            BodyKey::Call { arguments, result, .. } => {
                (arguments.iter().map(|of| Type::of(*of)).collect(), Type::of(*result))
            }
            BodyKey::Event { .. } => (Vec::new(), Type::of(oid::EVENT_TRIGGER)),
            BodyKey::Trigger { .. } => (Vec::new(), Type::of(oid::TRIGGER)),
        }
    }
}

/// What a trigger's body is told that is the same at each call, and of which trigger and event.
type TriggerWords = (Arc<Trigger>, TriggerEvent, Arc<[types::Value]>);

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
    /// Its parts, if it is an assignment to an element of an array.
    pub element: Option<ElementParts>,
    pub of: Type,
    /// Whether it is the same whatever variables are.
    pub is_constant: bool,
    /// Its fields, if it is a row.
    pub shape: Option<Shape>,
    /// What names meant.
    pub scope: Scope,
    pub bound_to: BoundTo,
}

/// `array[at] := value`
pub(crate) struct ElementParts {
    pub at: Lone,
    pub value: Lone,
    /// Whether the place and the value are computed where the assignment is planned.
    pub constant: (bool, bool),
    /// The whole new array, of the place and the value as parameters behind all variables.
    pub whole: Lone,
}

/// A statement.
pub(crate) struct Planned {
    pub ready: Ready,
    pub shape: Shape,
    /// The variables that it names, if they are to be told.
    pub named: Vec<Named>,
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
    /// What it was told last, if it is a trigger's.
    words: Option<TriggerWords>,
}

impl Body {
    /// One that has just been read.
    pub fn new(function: Function, made_of: Option<Arc<Defined>>) -> Body {
        let plans = (0..function.expressions).map(|_| None).collect();
        Body { function: Arc::new(function), made_of, made_by: None, plans, in_use: Vec::new(), words: None }
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

    /// What a trigger's body is told, made anew if it was told something else last.
    pub fn words(
        &mut self,
        trigger: &Arc<Trigger>,
        event: TriggerEvent,
        made: impl FnOnce() -> Arc<[types::Value]>,
    ) -> Arc<[types::Value]> {
        match &self.words {
            Some((of, at, words)) if Arc::ptr_eq(of, trigger) && *at == event => words.clone(),
            Some(_) | None => {
                let words = made();
                self.words = Some((trigger.clone(), event, words.clone()));
                words
            }
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
    /// The catalog in which all of them were looked up last.
    seen: Option<Arc<Snapshot>>,
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

    /// Keeps a function's. Those of functions that are gone are forgotten, if there may be some: if the catalog is another one
    /// than it was when another was kept.
    pub fn insert(&mut self, key: BodyKey, body: Body, snapshot: &Arc<Snapshot>) {
        if !self.seen.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, snapshot)) {
            self.read.retain(|key, _| snapshot.function(key.function()).is_some());
            self.seen = Some(snapshot.clone());
        }
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
