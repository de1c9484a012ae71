//! `ON CONFLICT`: which indexes decide, and what is done then.

use super::Called;
use crate::binder::Binder;
use crate::clause::Clause;
use crate::comparison::ByCatalog;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::query::terms_of;
use crate::shape::{ArbiterKey, ArbiterShape, ConflictShape};
use catalog::object::{IndexMethod, Rule, Table};
use catalog::operator_class::{OperatorClass, class_of, default_class, named_class};
use plan::expression::Expression;
use plan::implied::implies;
use plan::logical::{Conflict, ConflictUpdate};
use plan::target::{TargetIndex, TargetTable};
use std::sync::Arc;
use syntax::tree::index::{IndexElement, IndexKey};
use syntax::tree::modify::{ConflictAction, ConflictTarget, OnConflict};
use syntax::tree::select::SortDirection;
use syntax::tree::{Name, QualifiedName};

impl Binder<'_> {
    pub(super) fn conflict(
        &mut self,
        table: &Arc<Table>,
        target: &Arc<TargetTable>,
        called: &Called,
        conflict: &OnConflict<'_>,
    ) -> BindResult<(Conflict, Option<ConflictShape>)> {
        self.ranges += 1;
        let updates = matches!(conflict.action, ConflictAction::Update { .. });
        let (indexes, arbiter) = match &conflict.target {
            ConflictTarget::Any if updates => {
                return Err(BindError::at(BindErrorKind::ConflictTarget, conflict.position));
            }
            ConflictTarget::Any => (Vec::new(), Some(ArbiterShape::Any)),
            ConflictTarget::Index { elements, condition, position } => {
                self.inferred(table, target, (elements, *position), condition.as_ref())?
            }
            ConflictTarget::Constraint(constraint) => {
                // It is chosen by what the constraint's columns are.
                self.read.insert(target.relation);
                let index = self.constraint_index(table, constraint, updates)?;
                (index, Some(ArbiterShape::Constraint(constraint.text.to_owned())))
            }
        };
        let mut shape = arbiter.map(|arbiter| ConflictShape { arbiter, update: None });
        let update = match &conflict.action {
            ConflictAction::Nothing => None,
            ConflictAction::Update { assignments: set, condition } => {
                self.note_changed(table).update = true;
                let (existing, excluded) = (self.relation(), self.relation());
                let there = self.row_item(table, called, existing)?;
                let wanted =
                    self.row_item(table, &Called { name: "excluded".into(), relation: None }, excluded)?;
                self.level().items = vec![there, wanted];
                let assignments = self.assignments(table, existing, set)?;
                let condition = self.clause(Clause::Where, |binder| match condition {
                    Some(condition) => binder.condition(condition, "WHERE").map(Some),
                    None => Ok(None),
                })?;
                let bound = (&assignments[..], condition.as_ref());
                let written = self.conflict_update_shape(table, bound, set);
                shape = shape.filter(|_| written.is_some());
                if let Some(shape) = &mut shape {
                    shape.update = written;
                }
                Some(ConflictUpdate {
                    existing,
                    excluded,
                    assignments,
                    condition,
                    existing_checks: Vec::new(),
                })
            }
        };
        Ok((Conflict { indexes, update }, shape))
    }

    fn inferred(
        &mut self,
        table: &Arc<Table>,
        target: &Arc<TargetTable>,
        (elements, position): (&[IndexElement<'_>], u32),
        condition: Option<&syntax::tree::Expression<'_>>,
    ) -> BindResult<(Vec<u32>, Option<ArbiterShape>)> {
        let typed =
            table.live_columns().map(|(_, column)| (Arc::from(column.name.as_str()), column.column_type()));
        let columns = item_columns(target.relation, typed);
        let kind = ItemKind::Composite(table.row_type);
        let item = Item::open(table.name.as_str().into(), columns, kind);
        let name = self.changed_name(table);
        let item = self.as_changed(item, &name)?;
        let named = item.changed_view.unwrap_or(table.oid);
        let row = self.shapes.as_ref().and_then(|_| {
            crate::kept_rule::rows_shape(self.scope(), std::slice::from_ref(&item), named, None)
        });
        let around = std::mem::replace(&mut self.level().items, vec![item]);
        let bound = self.clause(Clause::IndexExpression, |binder| {
            let keys = binder.inferred_keys(elements, position)?;
            let condition = match condition {
                Some(condition) => {
                    let clause = Clause::IndexPredicate;
                    Some(binder.clause(clause, |binder| binder.condition(condition, "WHERE"))?)
                }
                None => None,
            };
            Ok((keys, condition))
        });
        self.level().items = around;
        let (keys, condition) = bound?;
        let arbiter = row.map(|row| ArbiterShape::Keys {
            row,
            keys: keys.iter().map(Inferred::shape).collect(),
            condition: condition.clone(),
        });
        let condition = condition.map_or_else(Vec::new, terms_of);
        let indexes: Vec<u32> = target
            .indexes
            .iter()
            .filter(|index| index.unique && infers(self.scope(), index, &keys, &condition))
            .map(|index| index.index)
            .collect();
        if indexes.is_empty() {
            return Err(BindError::new(BindErrorKind::NoConflictIndex));
        }
        Ok((indexes, arbiter))
    }

    /// PostgreSQL points at the parenthesis for a column or a collation that is not there.
    fn inferred_keys(&mut self, elements: &[IndexElement<'_>], position: u32) -> BindResult<Vec<Inferred>> {
        let mut keys: Vec<Inferred> = Vec::with_capacity(elements.len());
        for element in elements {
            let what = match (&element.direction, element.nulls) {
                (SortDirection::Default, None) => None,
                (SortDirection::Default, Some(_)) => Some("NULLS FIRST/LAST"),
                (SortDirection::Ascending | SortDirection::Descending | SortDirection::Using(_), _) => {
                    Some("ASC/DESC")
                }
            };
            if let Some(what) = what {
                return Err(BindError::at(BindErrorKind::ConflictDirection { what }, element.position));
            }
            let collation = element.collation.as_ref().map(|it| self.known_collation(it)).transpose();
            let collation = collation.map_err(|error| BindError::at(*error.kind, position))?;
            let class = element.class.as_ref().map(|it| self.ordered_class(it)).transpose()?;
            let expression = match &element.key {
                IndexKey::Column(name) => {
                    let parts = [*name];
                    let name = syntax::tree::QualifiedName { parts: &parts };
                    self.column(&name, position)?.expression
                }
                IndexKey::Expression(expression) => {
                    let bound = self.expression(expression)?;
                    self.settle(bound)?.expression
                }
            };
            let key = Inferred { expression, collation, class };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// The operator class of this name by which B-trees are ordered.
    fn ordered_class(&self, written: &QualifiedName<'_>) -> BindResult<OperatorClass> {
        let (schema, name) = self.schema_and_object(written, written.position())?;
        let schema = match schema {
            Some(name) => Some(
                self.scope()
                    .find_schema(name)
                    .map_err(|_| BindError::new(BindErrorKind::NoSchema { name: name.to_owned() }))?,
            ),
            None => None,
        };
        named_class(self.scope(), IndexMethod::Ordered, schema, name).ok_or_else(|| {
            BindError::new(BindErrorKind::Plain {
                state: diagnostic::SqlState::UndefinedObject,
                message: format!("operator class \"{name}\" does not exist for access method \"btree\""),
            })
        })
    }

    fn constraint_index(
        &mut self,
        table: &Arc<Table>,
        name: &Name<'_>,
        updates: bool,
    ) -> BindResult<Vec<u32>> {
        let found = self.scope().constraints_of(table.oid).find(|constraint| constraint.name == name.text);
        let Some(constraint) = found.cloned() else {
            let (constraint, table) = (name.text.to_owned(), table.name.clone());
            return Err(BindError::new(BindErrorKind::NoConstraint { constraint, table }));
        };
        match constraint.rule {
            Rule::Unique(_) | Rule::PrimaryKey(_) if constraint.deferrable => {
                Err(BindError::new(BindErrorKind::ConflictDeferrable))
            }
            Rule::Unique(index) | Rule::PrimaryKey(index) => Ok(vec![index]),
            Rule::Exclude(index, _) if !updates && !constraint.deferrable => Ok(vec![index]),
            Rule::Exclude(..) if constraint.deferrable => {
                Err(BindError::new(BindErrorKind::ConflictDeferrable))
            }
            Rule::Exclude(..) => Err(BindError::new(BindErrorKind::ConflictExclusion)),
            Rule::Check(_) | Rule::ForeignKey { .. } => {
                Err(BindError::new(BindErrorKind::ConstraintNotUnique))
            }
        }
    }
}

/// What rows are told apart by, as `ON CONFLICT` names it.
#[derive(Debug, Clone, PartialEq)]
struct Inferred {
    expression: Expression,
    /// By which collation, if it matters.
    collation: Option<u32>,
    /// By which operator class, if it matters.
    class: Option<OperatorClass>,
}

impl Inferred {
    fn shape(&self) -> ArbiterKey {
        let class = self.class.as_ref().filter(|class| !class.is_default);
        ArbiterKey {
            expression: self.expression.clone(),
            collation: self.collation,
            class: class.map(|class| class.oid),
        }
    }
}

/// Whether an index is on these keys and no others, and has all rows that the condition lets through.
fn infers(scope: &catalog::Scope, index: &TargetIndex, keys: &[Inferred], condition: &[Expression]) -> bool {
    let kept = scope.index(index.index);
    // A key of the index by itself is that of its place in the catalog.
    let fits = |key: &Inferred, place: usize| {
        let Some(own) = kept.and_then(|index| index.keys.get(place)) else { return false };
        let by_class = key.class.as_ref().is_none_or(|wanted| {
            let class = match own.class {
                Some(class) => class_of(scope, class),
                None => default_class(scope, IndexMethod::Ordered, own.type_oid),
            };
            class.is_some_and(|class| (class.family, class.of) == (wanted.family, wanted.of))
        });
        index.keys[place].expression == key.expression
            && by_class
            && key.collation.is_none_or(|collation| collation == own.collation)
    };
    let places = 0..index.keys.len();
    let same = keys.iter().all(|key| places.clone().any(|place| fits(key, place)))
        && index.keys.iter().all(|own| keys.iter().any(|key| key.expression == own.expression));
    let meanings = ByCatalog(scope);
    let implied = |term: &Expression| condition.iter().any(|known| implies(known, term, &meanings));
    same && index.predicate.as_ref().is_none_or(|predicate| terms_of(predicate.clone()).iter().all(implied))
}
