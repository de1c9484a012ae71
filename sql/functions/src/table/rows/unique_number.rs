//! Functions of the module `uuid-ossp`. Its numbers are those from 15000 on.

use super::{Row, row};
use crate::kernel::unique_number;
use crate::table::entry::Implementation::Scalar;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(15000, "uuid_nil", &[], UUID, "uuid_nil", Scalar(unique_number::nil)),
    row(15001, "uuid_ns_dns", &[], UUID, "uuid_ns_dns", Scalar(unique_number::of_dns)),
    row(15002, "uuid_ns_url", &[], UUID, "uuid_ns_url", Scalar(unique_number::of_url)),
    row(15003, "uuid_ns_oid", &[], UUID, "uuid_ns_oid", Scalar(unique_number::of_oid)),
    row(15004, "uuid_ns_x500", &[], UUID, "uuid_ns_x500", Scalar(unique_number::of_x500)),
    row(15005, "uuid_generate_v1", &[], UUID, "uuid_generate_v1", Scalar(unique_number::by_clock)).volatile(),
    row(15006, "uuid_generate_v1mc", &[], UUID, "uuid_generate_v1mc", Scalar(unique_number::by_clock)).volatile(),
    row(15007, "uuid_generate_v3", &[UUID, TEXT], UUID, "uuid_generate_v3", Scalar(unique_number::by_md5)),
    row(15008, "uuid_generate_v4", &[], UUID, "uuid_generate_v4", Scalar(crate::kernel::system::gen_random_uuid)).volatile(),
    row(15009, "uuid_generate_v5", &[UUID, TEXT], UUID, "uuid_generate_v5", Scalar(unique_number::by_sha1)),
];
