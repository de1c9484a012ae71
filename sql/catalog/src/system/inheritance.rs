//! Who inherits from whom, and how tables are partitioned: `pg_inherits`, `pg_partitioned_table`.

use super::emit::{
    Emit, SystemContext, flag, int, letter, maybe, number, number_vector, small, small_vector,
};
use crate::error::CatalogResult;
use crate::object::{IndexMethod, PartitionStrategy};
use crate::object::{IndexedValue, Object, PartitionBound};
use crate::operator_class::default_class;

/// `pg_inherits`: tables and their parents, parts of indexes and the whole.
pub(super) fn inherits(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for object in context.scope.objects() {
        let mut one = |parent: u32, number_of_parent: usize, detaching: bool| {
            emit.row(&[number(object.oid()), number(parent), int(number_of_parent), flag(detaching)])
        };
        match object {
            Object::Table(table) => {
                for (place, parent) in table.inheritance.parents.iter().enumerate() {
                    one(*parent, place + 1, table.inheritance.detaching.is_some())?;
                }
            }
            Object::Index(index) if index.parent != 0 => one(index.parent, 1, false)?,
            Object::Index(_)
            | Object::Schema(_)
            | Object::View(_)
            | Object::Sequence(_)
            | Object::Constraint(_)
            | Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_)
            | Object::Cast(_)
            | Object::Collation(_)
            | Object::Conversion(_)
            | Object::EventTrigger(_)
            | Object::Extension(_)
            | Object::Operator(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_)
            | Object::Statistics(_)
            | Object::Rewrite(_)
            | Object::Foreign(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Policy(_)
            | Object::Trigger(_)
            | Object::Function(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_) => {}
        }
    }
    Ok(())
}

/// `pg_partitioned_table`.
pub(super) fn partitioned_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for object in scope.objects() {
        let Object::Table(table) = object else { continue };
        let Some(key) = &table.inheritance.key else { continue };
        let mut partitions = scope.children_of(table.oid);
        let default = partitions.find(|part| part.inheritance.bound == Some(PartitionBound::Default));
        let places = small_vector(key.columns.iter().map(|column| match column.value {
            IndexedValue::Column(place) => i16::try_from(place).map_or(0, |place| place + 1),
            IndexedValue::Expression(_) => 0,
        }));
        let method = match key.strategy {
            PartitionStrategy::Hash => IndexMethod::Hash,
            PartitionStrategy::List | PartitionStrategy::Range => IndexMethod::Ordered,
        };
        let classes = number_vector(key.columns.iter().map(|it| {
            let default = || default_class(scope, method, it.type_oid).map_or(0, |class| class.oid);
            it.class.unwrap_or_else(default)
        }));
        let collations = number_vector(key.columns.iter().map(|it| it.collation));
        let expressions = key.columns.iter().filter_map(|column| match &column.value {
            IndexedValue::Expression(text) => Some(text.as_str()),
            IndexedValue::Column(_) => None,
        });
        let expressions = expressions.collect::<Vec<_>>().join(", ");
        emit.row(&[
            number(table.oid),
            letter(key.strategy.letter()),
            small(key.columns.len()),
            number(default.map_or(0, |part| part.oid)),
            types::value::Item::Bytes(&places),
            types::value::Item::Bytes(&classes),
            types::value::Item::Bytes(&collations),
            maybe(Some(expressions.as_str()).filter(|text| !text.is_empty())),
        ])?;
    }
    Ok(())
}
