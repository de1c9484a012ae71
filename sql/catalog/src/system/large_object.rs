//! Large objects: `pg_largeobject_metadata`, `pg_largeobject`.

use super::emit::{Emit, SystemContext, acl, bytes, int, number};
use crate::error::CatalogResult;
use types::value::Item;

/// `pg_largeobject_metadata`.
pub(super) fn objects(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let Some((trees, view)) = context.large_objects() else { return Ok(()) };
    trees.each(view, |oid, object| {
        emit.row(&[number(oid), number(object.owner), bytes(&acl(context.scope, &object.acl))])
    })
}

/// `pg_largeobject`.
pub(super) fn pages(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let Some((trees, view)) = context.large_objects() else { return Ok(()) };
    trees.each_page(view, |oid, page, data| emit.row(&[number(oid), int(page), Item::Bytes(data)]))
}
