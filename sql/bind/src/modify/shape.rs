//! The shapes of changes, for what the catalog keeps: actions of rules.

use super::insert::Inserted;
use crate::binder::Binder;
use crate::deparse::column_numbers;
use crate::level::Item;
use crate::shape::{
    Body, ChangeHow, ChangeShape, ConflictShape, ConflictUpdateShape, EntryShape, EntrySource, InsertedShape,
    Shape, TargetShape,
};
use catalog::object::Table;
use plan::expression::{Expression, RelationId};
use syntax::tree::Name;
use syntax::tree::expression::ExpressionKind as Tree;
use syntax::tree::modify::{self, Assignment, InsertSource, Overriding};

impl ChangeShape {
    /// A statement that is nothing but the change.
    pub(super) fn whole(self, returning: Vec<TargetShape>) -> Box<Shape> {
        let names = returning.iter().map(|target| target.name.clone()).collect();
        Box::new(Shape::plain(Body::Change(Box::new(ChangeShape { returning, ..self })), names))
    }
}

impl Binder<'_> {
    /// What is changed, which is the level's first item, if shapes are wanted.
    pub(super) fn target_shape(
        &mut self,
        table: &Table,
        alias: Option<Name<'_>>,
        only: bool,
    ) -> Option<EntryShape> {
        self.shapes.as_ref()?;
        let item = self.level().items.first()?.clone();
        Some(self.row_shape(table, &item, alias.map(|alias| alias.text.to_owned()), only))
    }

    /// A row of what is changed as an entry of a `FROM`.
    fn row_shape(&self, table: &Table, item: &Item, alias: Option<String>, only: bool) -> EntryShape {
        let relation = item.changed_view.unwrap_or(table.oid);
        let columns = item.columns.iter().map(|column| (column.name.to_string(), column.expression.clone()));
        let scan = item.columns.first().and_then(|column| column.expression.as_column());
        EntryShape {
            source: EntrySource::Relation {
                relation,
                scan: scan.map(|column| column.relation),
                only,
                sample: None,
            },
            lateral: false,
            alias,
            given: Vec::new(),
            name: item.name.as_deref().unwrap_or_default().to_owned(),
            columns: columns.collect(),
            numbers: column_numbers(self.scope(), relation),
        }
    }

    /// The shape of what is done about a conflict: the level has the row that is there, and the one that was to be.
    pub(super) fn conflict_update_shape(
        &mut self,
        table: &Table,
        bound: (&[(u32, Expression)], Option<&Expression>),
        assignments: &[Assignment<'_>],
    ) -> Option<ConflictUpdateShape> {
        self.shapes.as_ref()?;
        let [there, wanted] = self.level().items.clone().try_into().ok()?;
        let there: Item = there;
        Some(ConflictUpdateShape {
            existing: there.columns.iter().map(|column| column.expression.clone()).collect(),
            excluded: self.row_shape(table, &wanted, Some("excluded".to_owned()), false),
            assignments: written(table, bound.0, assignments),
            condition: bound.1.cloned(),
        })
    }

    /// The shape of a change of what is there.
    pub(super) fn change_shape(
        &mut self,
        target: Option<EntryShape>,
        how: ChangeHow,
        made: RelationId,
        condition: Option<&Expression>,
    ) -> Option<ChangeShape> {
        let target = target?;
        let from = std::mem::take(&mut self.level().from);
        Some(ChangeShape { how, target, made, from, condition: condition.cloned(), returning: Vec::new() })
    }

    /// The shape of new rows; none of what cannot be written down again.
    pub(super) fn insert_shape(
        &mut self,
        table: &Table,
        insert: &modify::Insert<'_>,
        inserted: &Inserted,
        places: &[usize],
        made: RelationId,
        conflict: Option<ConflictShape>,
    ) -> Option<ChangeShape> {
        self.shapes.as_ref()?;
        if insert.columns.unwrap_or_default().iter().any(|it| !it.path.is_empty()) {
            return None;
        }
        let source = match (&insert.source, &inserted.written, &inserted.shape) {
            (InsertSource::Defaults, ..) => InsertedShape::Defaults,
            (InsertSource::Query(_), Some(rows), _) => InsertedShape::Values(rows.clone()),
            (InsertSource::Query(_), None, shape) => InsertedShape::Query(shape.clone()?),
        };
        let overriding = insert.overriding.map(|overriding| overriding == Overriding::System);
        let how = ChangeHow::Insert {
            columns: places.to_vec(),
            overriding,
            source,
            conflict: conflict.map(Box::new),
        };
        let target = self.target_shape(table, insert.alias, false)?;
        let from = Vec::new();
        Some(ChangeShape { how, target, made, from, condition: None, returning: Vec::new() })
    }
}

/// What is assigned, as it was written: `DEFAULT` is no value.
pub(super) fn written(
    table: &Table,
    bound: &[(u32, Expression)],
    assignments: &[Assignment<'_>],
) -> Vec<(usize, Option<Expression>)> {
    let is_default = |place: u32| {
        let name = table.live_columns().nth(place as usize).map(|(_, column)| column.name.as_str());
        assignments.iter().any(|assignment| match assignment {
            Assignment::One { target, value } => {
                Some(target.name.text) == name && matches!(value.kind, Tree::Default)
            }
            Assignment::Many { targets, value, .. } => match &value.kind {
                Tree::Row { fields, .. } => targets.iter().zip(*fields).any(|(target, value)| {
                    Some(target.name.text) == name && matches!(value.kind, Tree::Default)
                }),
                _ => false,
            },
        })
    };
    let one =
        |(place, value): &(u32, Expression)| (*place as usize, (!is_default(*place)).then(|| value.clone()));
    bound.iter().map(one).collect()
}
