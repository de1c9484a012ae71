//! Statements that change rows.

mod access;
mod assign;
mod conflict;
mod delete;
mod insert;
pub(crate) mod member;
mod merge;
mod policy;
pub(crate) mod rule;
mod rule_tree;
mod shape;
mod target;
mod trigger;
mod update;
mod view;

pub(crate) use access::keys_of;
pub(crate) use rule::{RuleReturning, RuleRows};
pub use rule_tree::view_as_table;
pub use view::UpdatablePart;
pub(crate) use view::{Change, ChangedView};

use crate::binder::Binder;
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::query::BoundQuery;
use crate::shape::{ChangeShape, TargetShape};
use catalog::Relation;
use catalog::object::Table;
use diagnostic::SqlState;
use plan::expression::RelationId;
use plan::logical::Logical;
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::select::Target;

/// What rows of the table that is changed go by.
struct Called {
    name: Arc<str>,
    /// The schema and the table, for names with a schema; none if it is called otherwise than it is.
    relation: Option<(u32, u32)>,
}

impl Binder<'_> {
    /// Runs `inner` with the table that a statement changes.
    fn changing<T>(
        &mut self,
        name: &QualifiedName<'_>,
        how: Change,
        inner: impl FnOnce(&mut Self, &Arc<Table>) -> BindResult<T>,
    ) -> BindResult<T> {
        if let [table] = name.parts
            && self.given(table.text).is_some()
        {
            let message =
                format!("relation \"{}\" cannot be the target of a modifying statement", table.text);
            let state = SqlState::FeatureNotSupported;
            return Err(BindError::new(BindErrorKind::Plain { state, message }));
        }
        self.ranges += 1;
        match self.relation_named(name)? {
            Relation::Table(table) if table.is_materialized() => Err(refused_materialized(&table.name, how)),
            Relation::Table(table) if table.is_foreign() && how == Change::Merge => {
                Err(no_merge(&table.name, "foreign tables"))
            }
            Relation::Table(table) => {
                let before = self.changed.take();
                view::note(self.note_use(table.oid), how);
                let result = inner(self, &table);
                self.changed = before;
                result
            }
            Relation::View(view) if rule::is_replaced(self.scope(), &view, how) => {
                let before = self.changed.take();
                view::note(self.note_use(view.oid), how);
                let result = inner(self, &Arc::new(rule_tree::view_as_table(&view)));
                self.changed = before;
                result
            }
            Relation::View(view) => self.within_view(&view, how, |binder, table| {
                binder.ranges += 1;
                view::note(binder.note_changed(table), how);
                inner(binder, table)
            }),
            Relation::Sequence(sequence) => {
                let (kind, name) = ("sequence", sequence.name.clone());
                Err(BindError::new(BindErrorKind::CannotChange { action: "change", kind, name }))
            }
            Relation::System(table) => {
                let name = table.name.to_owned();
                Err(BindError::new(BindErrorKind::SystemCatalog { name }))
            }
            other @ (Relation::Index(_) | Relation::Composite(_)) => {
                let (name, kind) = (other.name().to_owned(), "relation");
                Err(BindError::new(BindErrorKind::NotReadable { name, kind }))
            }
        }
    }

    /// How the table that is changed, or its view, is referred to.
    fn target_called(&self, table: &Table, alias: Option<&syntax::tree::Name<'_>>) -> Called {
        match alias {
            Some(alias) => Called { name: alias.text.into(), relation: None },
            None => {
                Called { name: self.changed_name(table).into(), relation: Some(self.changed_number(table)) }
            }
        }
    }

    /// A table's columns under another relation's number: rows as they are made or found.
    fn row_item(&mut self, table: &Arc<Table>, called: &Called, relation: RelationId) -> BindResult<Item> {
        let name = called.name.clone();
        let typed =
            table.live_columns().map(|(_, column)| (Arc::from(column.name.as_str()), column.column_type()));
        let columns = item_columns(relation, typed);
        self.described.insert(
            relation,
            crate::binder::Described {
                alias: name.clone(),
                columns: columns.iter().map(|column| column.name.clone()).collect(),
                // What is read of a view is the view's.
                table: self.changed.is_none().then(|| table.clone()),
            },
        );
        let item = Item::open(name, columns, ItemKind::Composite(table.row_type));
        let mut item = self.as_changed(item, &called.name)?;
        item.table = called.relation;
        Ok(item)
    }

    /// `RETURNING` over a change of rows.
    fn returning(
        &mut self,
        targets: &[Target<'_>],
        change: Logical,
        shape: Option<ChangeShape>,
    ) -> BindResult<BoundQuery> {
        if targets.is_empty() {
            let shape = shape.map(|shape| shape.whole(Vec::new()));
            return Ok(BoundQuery { logical: change, columns: Vec::new(), shape });
        }
        self.answered()?;
        let targets = self.targets(targets, Clause::Returning)?;
        let relation = self.relation();
        let columns = self.output(&targets, relation);
        let shape = shape.map(|shape| {
            let written = targets.iter().map(|target| TargetShape {
                expression: target.expression.clone(),
                name: target.name.clone(),
                hidden: target.hidden,
            });
            shape.whole(written.collect())
        });
        let expressions = targets.into_iter().map(|target| target.expression).collect();
        let logical = Logical::Project { relation, input: Box::new(change), expressions };
        self.settled(BoundQuery { logical, columns, shape })
    }

    /// Notes that a column is written: of the table, and of the views that the change goes through.
    fn note_written(&mut self, table: &Table, place: usize) {
        let number = table.live_columns().nth(place).map(|(number, _)| number as u16 + 1);
        view::note_column(self.note_changed(table), number);
        let Some(changed) = self.changed.clone() else { return };
        for (view, check_as, number) in changed.written(place) {
            view::note_column(self.note_use_as(view, check_as), number);
        }
    }

    /// The same of a column of a row that is there.
    fn note_updated(&mut self, table: &Table, place: usize) {
        let number = table.live_columns().nth(place).map(|(number, _)| number as u16 + 1);
        let used = self.note_changed(table);
        used.update = true;
        view::note_updated(used, number);
        let Some(changed) = self.changed.clone() else { return };
        for (view, check_as, number) in changed.written(place) {
            let used = self.note_use_as(view, check_as);
            used.update = true;
            view::note_updated(used, number);
        }
    }

    /// The place of a column among those of a table that are not dropped.
    fn target_column(&self, table: &Table, name: &str, position: u32, insert: bool) -> BindResult<usize> {
        if let Some(changed) = &self.changed {
            if let Some(place) = changed.place(name) {
                return place;
            }
            let kind =
                BindErrorKind::NoColumnOf { column: name.to_owned(), relation: changed.name().to_owned() };
            return Err(BindError::at(kind, position));
        }
        let place = table.live_columns().position(|(_, column)| column.name == name);
        place.ok_or_else(|| {
            let column = name.to_owned();
            let kind = if !insert && crate::names::SYSTEM_COLUMNS.contains(&name) {
                BindErrorKind::SystemTarget { column }
            } else {
                BindErrorKind::NoColumnOf { column, relation: table.name.clone() }
            };
            BindError::at(kind, position)
        })
    }
}

/// A materialized view is changed by nothing but being made anew.
fn refused_materialized(name: &str, how: Change) -> BindError {
    BindError::new(match how {
        Change::Insert | Change::Update | Change::Delete => {
            let (kind, name) = ("materialized view", name.to_owned());
            BindErrorKind::CannotChange { action: "change", kind, name }
        }
        Change::Merge => return no_merge(name, "materialized views"),
    })
}

/// That `MERGE` does not change relations of a kind.
fn no_merge(name: &str, kinds: &str) -> BindError {
    BindError::new(BindErrorKind::PlainWith {
        state: SqlState::FeatureNotSupported,
        message: format!("cannot execute MERGE on relation \"{name}\""),
        detail: Some(format!("This operation is not supported for {kinds}.")),
        hint: None,
    })
}
