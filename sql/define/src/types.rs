//! Types that users make: enums, composites. `range` makes ranges, `domain` domains.

use crate::base_type::{create_or_fill, shell_to_fill};
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult};
use catalog::object::{Composite, CompositeColumn, EnumLabel, EnumType, Object, Oid};
use catalog::{Address, CatalogError, DependencyKind};
use std::sync::Arc;
use syntax::tree::schema::{AlterEnum, CreateType, CreateTypeKind, EnumAction};
use syntax::tree::table::ColumnSpecification;
use syntax::tree::{Name, QualifiedName};
use types::Types;

/// Longest label of an enum, in bytes.
const LABEL_MAX: usize = 63;

/// `CREATE TYPE`
///
/// # Errors
/// PostgreSQL's.
pub fn create_type(definer: &mut Definer<'_>, statement: &CreateType<'_>) -> DefineResult<()> {
    match statement.kind {
        CreateTypeKind::Enum(labels) => create_enum(definer, &statement.name, labels),
        CreateTypeKind::Composite(columns) => create_composite(definer, &statement.name, columns),
        CreateTypeKind::Shell => crate::base_type::create_shell(definer, &statement.name),
        CreateTypeKind::Range(options) => crate::range::create_range(definer, &statement.name, options),
        CreateTypeKind::Base(options) => crate::base_type::create_base(definer, &statement.name, options),
    }
}

fn create_enum(definer: &mut Definer<'_>, name: &QualifiedName<'_>, labels: &[Name<'_>]) -> DefineResult<()> {
    let (schema, name) = definer.new_name(name)?;
    let count = u32::try_from(labels.len()).unwrap_or(u32::MAX).saturating_add(2);
    let first = definer.new_oids_beside(count, schema)?;
    let mut made: Vec<EnumLabel> = Vec::with_capacity(labels.len());
    for (label, number) in labels.iter().zip(0u16..) {
        refuse_long_label(label.text)?;
        if made.iter().any(|other| other.name == label.text) {
            return Err(DefineError::EnumLabelExists { label: label.text.into() });
        }
        made.push(EnumLabel {
            oid: first + 2 + u32::from(number),
            name: label.text.to_owned(),
            sort_order: f32::from(number) + 1.0,
        });
    }
    let shell = shell_to_fill(definer, schema, name)?;
    let enumeration = EnumType {
        oid: shell.unwrap_or(first),
        name: name.to_owned(),
        schema,
        owner: definer.role,
        array_type: first + 1,
        labels: made,
        acl: None,
    };
    let references = [(Address::of(schema), DependencyKind::Normal)];
    create_or_fill(definer, Object::Enum(Arc::new(enumeration)), &references, shell)?;
    definer.refresh()
}

fn create_composite(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    columns: &[ColumnSpecification<'_>],
) -> DefineResult<()> {
    let (schema, name) = definer.new_name(name)?;
    definer.refuse_system_schema(schema, name)?;
    // A relation's type has its name, too: that is looked at first, as PostgreSQL does.
    let shell = shell_to_fill(definer, schema, name)?;
    let known = definer.scope.type_in(schema, name).filter(|known| Some(*known) != shell);
    if known.is_some_and(|known| definer.scope.entry(known).is_some_and(|entry| entry.element == 0)) {
        let (name, of_relation) = (name.to_owned(), false);
        return Err(CatalogError::DuplicateType { name, of_relation }.into());
    }
    let references = [(Address::of(schema), DependencyKind::Normal)];
    let mut made: Vec<CompositeColumn> = Vec::with_capacity(columns.len());
    for column in columns {
        let Some(written) = &column.type_name else {
            return definer.unsupported("typed table", Some(column.name.position));
        };
        let column_type = definer.use_type(written).map_err(DefineError::without_position)?;
        crate::table::column::refuse_pseudo_type(definer, column.name.text, column_type)?;
        let collation = definer.collation(column_type, column.collation.as_ref());
        if made.iter().any(|other| other.name == column.name.text) {
            return Err(DefineError::DuplicateColumn { name: column.name.text.into() });
        }
        made.push(CompositeColumn {
            name: column.name.text.to_owned(),
            type_oid: column_type.oid,
            modifier: column_type.modifier,
            collation: collation.map_err(DefineError::without_position)?,
            dropped: false,
        });
    }
    let first = definer.new_oids_beside(3, schema)?;
    let oid = shell.unwrap_or(first);
    let composite = Composite {
        oid,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        array_type: first + 1,
        class: first + 2,
        columns: made,
        acl: None,
    };
    let types = composite.columns.iter().map(|made| (made.column_type(), made.collation)).collect::<Vec<_>>();
    create_or_fill(definer, Object::Composite(Arc::new(composite)), &references, shell)?;
    for (place, (of, collation)) in types.into_iter().enumerate() {
        let on_type =
            definer.on_type(of).into_iter().chain(definer.on_collation(collation)).collect::<Vec<_>>();
        let column = Address::column(oid, crate::table::place(place));
        definer.catalog.depend(definer.transaction, column, &on_type)?;
    }
    definer.refresh()
}

/// `ALTER TYPE … ADD VALUE`, `RENAME VALUE`
///
/// # Errors
/// PostgreSQL's.
pub fn alter_enum(definer: &mut Definer<'_>, statement: &AlterEnum<'_>) -> DefineResult<()> {
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.name)?;
    let oid = definer.scope.find_type(schema, name)?;
    let Some(enumeration) = definer.scope.enumeration(oid).cloned() else {
        return Err(DefineError::NotEnum { name: statement.name.to_string() });
    };
    definer.require_owner(oid)?;
    match statement.action {
        EnumAction::Add { if_not_exists, label, beside } => {
            refuse_long_label(label.text)?;
            if enumeration.labels.iter().any(|other| other.name == label.text) {
                if !if_not_exists {
                    return Err(DefineError::EnumLabelExists { label: label.text.into() });
                }
                definer.notice(DefineNotice::EnumLabelExists { label: label.text.into() });
                return Ok(());
            }
            let sort_order = match place_of_label(&enumeration, beside)? {
                Some(place) => place,
                None => {
                    renumber(definer, oid)?;
                    let Some(enumeration) = definer.scope.enumeration(oid).cloned() else { return Ok(()) };
                    place_of_label(&enumeration, beside)?.unwrap_or(f32::MAX)
                }
            };
            let label =
                EnumLabel { oid: definer.new_oids_beside(1, oid)?, name: label.text.to_owned(), sort_order };
            let mut new_labels = std::collections::BTreeSet::clone(definer.scope.new_labels());
            new_labels.insert(label.oid);
            definer.scope = definer.scope.clone().with_new_labels(Arc::new(new_labels));
            change(definer, oid, |enumeration| enumeration.labels.push(label))
        }
        EnumAction::Rename(from, to) => {
            refuse_long_label(to.text)?;
            if !enumeration.labels.iter().any(|label| label.name == from.text) {
                return Err(DefineError::NoEnumLabel { label: from.text.into() });
            }
            if enumeration.labels.iter().any(|label| label.name == to.text) {
                return Err(DefineError::EnumLabelExists { label: to.text.into() });
            }
            // What the catalog keeps of expressions names values by their labels.
            definer.with_texts([oid], |definer| {
                change(definer, oid, |enumeration| {
                    for label in enumeration.labels.iter_mut().filter(|label| label.name == from.text) {
                        label.name = to.text.to_owned();
                    }
                })
            })
        }
    }
}

/// Where a new label goes: at the end, or half-way between its neighbours.
fn place_of_label(enumeration: &EnumType, beside: Option<(bool, Name<'_>)>) -> DefineResult<Option<f32>> {
    let mut places: Vec<(f32, &str)> =
        enumeration.labels.iter().map(|label| (label.sort_order, label.name.as_str())).collect();
    places.sort_by(|one, other| one.0.total_cmp(&other.0));
    let Some((after, neighbour)) = beside else {
        return Ok(Some(places.last().map_or(1.0, |last| last.0 + 1.0)));
    };
    let found = places.iter().position(|place| place.1 == neighbour.text);
    let at = found.ok_or_else(|| DefineError::NoEnumLabel { label: neighbour.text.into() })?;
    let (before, next) = if after {
        (Some(places[at].0), places.get(at + 1).map(|place| place.0))
    } else {
        (at.checked_sub(1).map(|at| places[at].0), Some(places[at].0))
    };
    let place = match (before, next) {
        (Some(before), Some(next)) => before + (next - before) / 2.0,
        (Some(before), None) => before + 1.0,
        (None, Some(next)) => next - 1.0,
        (None, None) => 1.0,
    };
    Ok(Some(place).filter(|place| Some(*place) != before && Some(*place) != next))
}

/// Gives the labels of an enum the places 1, 2, 3 in their order, so that there is room between them again. Keys of indexes
/// tell places, and are made anew.
fn renumber(definer: &mut Definer<'_>, oid: Oid) -> DefineResult<()> {
    change(definer, oid, |enumeration| {
        let mut labels: Vec<&mut EnumLabel> = enumeration.labels.iter_mut().collect();
        labels.sort_by(|one, other| one.sort_order.total_cmp(&other.sort_order));
        let mut place = 0.0;
        for label in labels {
            place += 1.0;
            label.sort_order = place;
        }
    })?;
    crate::composite::rebuild_indexes(definer, oid)
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut EnumType)) -> DefineResult<()> {
    definer.catalog.alter::<CatalogError>(definer.transaction, oid, |object| {
        if let Object::Enum(enumeration) = object {
            change(Arc::make_mut(enumeration));
        }
        Ok(())
    })?;
    definer.refresh()
}

fn refuse_long_label(label: &str) -> DefineResult<()> {
    if label.len() > LABEL_MAX {
        return Err(DefineError::EnumLabelTooLong { label: label.into() });
    }
    Ok(())
}
