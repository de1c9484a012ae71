//! Numbers of types by name, those of arrays among them.

pub(crate) use types::catalog::oid::*;

pub(crate) const XML_ARRAY: u32 = 143;
pub(crate) const BOOL_ARRAY: u32 = 1000;
pub(crate) const CHAR_ARRAY: u32 = 1002;
pub(crate) const NAME_ARRAY: u32 = 1003;
pub(crate) const INT2_ARRAY: u32 = 1005;
pub(crate) const INT4_ARRAY: u32 = 1007;
pub(crate) const TEXT_ARRAY: u32 = 1009;
pub(crate) const INT8_ARRAY: u32 = 1016;
pub(crate) const FLOAT4_ARRAY: u32 = 1021;
pub(crate) const FLOAT8_ARRAY: u32 = 1022;
pub(crate) const OID_ARRAY: u32 = 1028;
pub(crate) const ACLITEM_ARRAY: u32 = 1034;
pub(crate) const INTERVAL_ARRAY: u32 = 1187;
pub(crate) const CSTRING_ARRAY: u32 = 1263;
pub(crate) const REGTYPE_ARRAY: u32 = 2211;
pub(crate) const REGDICTIONARY_ARRAY: u32 = 3770;
pub(crate) const INT4RANGE_ARRAY: u32 = 3905;
pub(crate) const NUMRANGE_ARRAY: u32 = 3907;
pub(crate) const TSRANGE_ARRAY: u32 = 3909;
pub(crate) const TSTZRANGE_ARRAY: u32 = 3911;
pub(crate) const DATERANGE_ARRAY: u32 = 3913;
pub(crate) const INT8RANGE_ARRAY: u32 = 3927;
