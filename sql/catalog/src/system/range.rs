//! Range types.

use super::emit::{Emit, SystemContext, number};
use crate::error::CatalogResult;
use crate::object::{Object, Oid};
use types::range::builtin_range;

/// Of the built-in range types: the operator class by which bounds compare, the function that brings ranges into the one form
/// in which they are kept, the function that tells how far bounds lie from each other.
const BUILTIN: [(Oid, [Oid; 3]); 6] = [
    (3904, [1978, 3914, 3922]),
    (3906, [3125, 0, 3924]),
    (3908, [3128, 0, 3929]),
    (3910, [3127, 0, 3930]),
    (3912, [3122, 3915, 3925]),
    (3926, [3124, 3928, 3923]),
];

/// `pg_range`.
pub(super) fn ranges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (range, [class, canonical, difference]) in BUILTIN {
        let Some(names) = builtin_range(range) else { continue };
        emit.row(&[
            number(range),
            number(names.subtype),
            number(names.multirange),
            number(0),
            number(class),
            number(canonical),
            number(difference),
        ])?;
    }
    for object in context.scope.objects() {
        let Object::Range(range) = object else { continue };
        emit.row(&[
            number(range.oid),
            number(range.subtype),
            number(range.multirange),
            number(range.collation),
            number(range.operator_class),
            number(0),
            number(range.difference),
        ])?;
    }
    Ok(())
}
