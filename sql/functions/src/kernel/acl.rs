//! What may be asked of grants without knowing the roles. They lie in memory as their texts.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{scalar, text};
use diagnostic::SqlState;
use types::array::ArrayView;
use types::text::AclText;
use types::value::Item;

fn gone<T>(name: &str) -> FunctionResult<T> {
    Err(FunctionError::plain(SqlState::FeatureNotSupported, format!("{name} is no longer supported")))
}

/// The grants in an array.
///
/// # Errors
/// When it is no list, or has nulls.
pub fn grants(list: &ArrayView<'_>) -> FunctionResult<Vec<AclText>> {
    if list.dimensions().len() != 1 {
        let message = "ACL arrays must be one-dimensional";
        return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
    }
    let grant = |item: Item<'_>| match item {
        Item::Bytes(bytes) => Ok(AclText::parse(text(bytes)?)?),
        _ => {
            let message = "ACL arrays must not contain null values";
            Err(FunctionError::plain(SqlState::NullValueNotAllowed, message))
        }
    };
    list.items().map(grant).collect()
}

fn contains(list: &ArrayView<'_>, item: &str) -> FunctionResult<bool> {
    let item = AclText::parse(item)?;
    let holds = |known: &AclText| {
        known.grantee == item.grantee
            && known.grantor == item.grantor
            && known.privileges & item.privileges == item.privileges
            && known.grantable & item.grantable == item.grantable
    };
    Ok(grants(list)?.iter().any(holds))
}

scalar! {
    fn aclitem_eq(a: &[u8], b: &[u8]) -> bool { a == b }
    fn aclcontains(a: ArrayView<'_>, b: &str) -> bool { contains(&a, b)? }
    fn aclinsert(a: ArrayView<'_>, b: &[u8]) -> Vec<u8> { gone("aclinsert")? }
    fn aclremove(a: ArrayView<'_>, b: &[u8]) -> Vec<u8> { gone("aclremove")? }
}
