//! Types that users make.

use super::Oid;
use super::access::Acl;
use bincode::{Decode, Encode};
use types::catalog::Type;

/// An enum type.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct EnumType {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The type of arrays of it.
    pub array_type: Oid,
    /// Its labels, in their order.
    pub labels: Vec<EnumLabel>,
    /// Who may do what with it.
    pub acl: Acl,
}

/// A label of an enum.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct EnumLabel {
    /// Its number: what values hold.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its place among the others; halves and quarters between two that were there before.
    pub sort_order: f32,
}

/// A base type: values of a built-in type under a name of their own.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct BaseType {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The type of arrays of it, 0 of a shell.
    pub array_type: Oid,
    /// What it is; nothing yet of a shell.
    pub shape: Option<BaseShape>,
    /// Who may do what with it.
    pub acl: Acl,
}

/// What a base type is, as `pg_type` tells it.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct BaseShape {
    /// The built-in type whose values it has: the one that its input function makes.
    pub like: Oid,
    /// The functions that read and write texts.
    pub input: Oid,
    /// See there.
    pub output: Oid,
    /// The functions that read and write bytes, 0 without.
    pub receive: Oid,
    /// See there.
    pub send: Oid,
    /// The functions that read and write what stands in its parentheses, 0 without.
    pub modifier_input: Oid,
    /// See there.
    pub modifier_output: Oid,
    /// `typanalyze`, 0 without.
    pub analyze: Oid,
    /// `typsubscript`, 0 without.
    pub subscript: Oid,
    /// `typlen`
    pub length: i16,
    /// `typbyval`
    pub by_value: bool,
    /// `typcategory`
    pub category: u8,
    /// `typispreferred`
    pub preferred: bool,
    /// `typdelim`
    pub delimiter: u8,
    /// `typelem`, 0 without.
    pub element: Oid,
    /// `typalign`
    pub alignment: u8,
    /// `typstorage`
    pub storage: u8,
    /// Whether its values have a collation.
    pub collatable: bool,
    /// The text of what columns have that are given nothing.
    pub default: Option<String>,
}

/// A domain. Its CHECKs are constraints of their own.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Domain {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The type of arrays of it.
    pub array_type: Oid,
    /// What it is made of.
    pub base_oid: Oid,
    /// Its base's modifier, -1 without.
    pub modifier: i32,
    /// Its collation, 0 for a type that has none.
    pub collation: Oid,
    /// Whether NULL is refused.
    pub not_null: bool,
    /// The value of columns without default of their own.
    pub default: Option<String>,
    /// Who may do what with it.
    pub acl: Acl,
}

impl Domain {
    /// What it is made of, with its modifier.
    pub fn base(&self) -> Type {
        Type { oid: self.base_oid, modifier: self.modifier }
    }
}

/// A composite type that is no table's.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Composite {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// The type of arrays of it.
    pub array_type: Oid,
    /// Its number in pg_class.
    pub class: Oid,
    /// Its columns, dropped ones among them.
    pub columns: Vec<CompositeColumn>,
    /// Who may do what with it.
    pub acl: Acl,
}

/// A column of a composite type or a view.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CompositeColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_oid: Oid,
    /// Its type's modifier, -1 without.
    pub modifier: i32,
    /// Its collation, 0 for a type that has none.
    pub collation: Oid,
    /// Dropped: it keeps its place and is always null.
    pub dropped: bool,
}

impl CompositeColumn {
    /// Its type with its modifier.
    pub fn column_type(&self) -> Type {
        Type { oid: self.type_oid, modifier: self.modifier }
    }
}
