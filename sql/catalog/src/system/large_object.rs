//! Large objects: `pg_largeobject_metadata`, `pg_largeobject`. There may be more pages of them than memory has room for, so who
//! reads them gets them in stretches.

use super::emit::{Emit, SystemContext, acl, bytes, int, number};
use crate::error::CatalogResult;
use crate::large_object::LargeObjectTrees;
use crate::object::Oid;
use crate::snapshot::Scope;
use store::View;
use types::kind::Kind;
use types::value::Item;
use types::vector::{Chunk, VectorBuilder};

/// `pg_largeobject_metadata`.
pub(super) fn objects(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let Some((trees, view)) = context.large_objects() else { return Ok(()) };
    trees.each(view, |oid, object| {
        emit.row(&[number(oid), number(object.owner), bytes(&acl(context.scope, &object.acl))])
    })
}

/// `pg_largeobject`, as one view shows it.
pub struct LargeObjectPages {
    trees: LargeObjectTrees,
    view: View,
    /// The columns that are wanted, from 0.
    wanted: Vec<u16>,
    next: Option<(Oid, u32)>,
}

impl LargeObjectPages {
    /// Begins with the first page; none where there are no large objects.
    pub fn new(scope: &Scope, view: &View, wanted: Vec<u16>) -> Option<LargeObjectPages> {
        let trees = scope.large_objects()?;
        Some(LargeObjectPages { trees, view: view.clone(), wanted, next: Some((0, 0)) })
    }

    /// The rows of the next pages, `limit` of them or fewer; none at the end.
    ///
    /// # Errors
    /// When they cannot be read, or do not fit into memory.
    pub fn next(&mut self, limit: usize) -> CatalogResult<Option<Chunk>> {
        let Some(from) = self.next else { return Ok(None) };
        let builder = |column: &u16| {
            let kind = if *column < 2 { Kind::Int32 } else { Kind::Bytes };
            (*column, VectorBuilder::new(kind, 0))
        };
        let mut columns: Vec<(u16, VectorBuilder)> = self.wanted.iter().map(builder).collect();
        let mut rows = 0;
        self.next = self.trees.some_pages(&self.view, from, limit.max(1), |oid, page, data| {
            for (column, builder) in &mut columns {
                builder.push_item(&match column {
                    0 => number(oid),
                    1 => int(page),
                    _ => Item::Bytes(data),
                })?;
            }
            rows += 1;
            Ok(())
        })?;
        let columns = columns.into_iter().map(|(_, builder)| builder.finish()).collect();
        Ok((rows > 0).then(|| Chunk::new(columns, rows)))
    }
}
