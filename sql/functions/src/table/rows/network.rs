//! Rows of the table: addresses of networks, hosts and network cards.

use crate::kernel::{aggregate, network};
use crate::table::entry::Implementation::{Aggregate, Comparison, Missing, Scalar};
use crate::table::entry::{FunctionEntry, FunctionKind};
use crate::table::oids::*;
use types::vector::Operator;

use FunctionEntry as Row;

const fn row(
    oid: u32,
    name: &'static str,
    arguments: &'static [u32],
    result: u32,
    source: &'static str,
    implementation: crate::table::entry::Implementation,
) -> Row {
    Row::new(oid, name, arguments, result, source, implementation)
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(598, "abbrev", &[INET], TEXT, "inet_abbrev", Scalar(network::inet_abbrev)),
    row(599, "abbrev", &[CIDR], TEXT, "cidr_abbrev", Scalar(network::cidr_abbrev)),
    row(605, "set_masklen", &[INET, INT4], INET, "inet_set_masklen", Scalar(network::inet_set_masklen)),
    row(635, "set_masklen", &[CIDR, INT4], CIDR, "cidr_set_masklen", Scalar(network::cidr_set_masklen)),
    row(683, "network", &[INET], CIDR, "network_network", Scalar(network::network_network)),
    row(696, "netmask", &[INET], INET, "network_netmask", Scalar(network::network_netmask)),
    row(697, "masklen", &[INET], INT4, "network_masklen", Scalar(network::network_masklen)),
    row(698, "broadcast", &[INET], INET, "network_broadcast", Scalar(network::network_broadcast)),
    row(699, "host", &[INET], TEXT, "network_host", Scalar(network::network_host)),
    row(711, "family", &[INET], INT4, "network_family", Scalar(network::network_family)),
    row(730, "text", &[INET], TEXT, "network_show", Scalar(network::network_show)),
    row(753, "trunc", &[MACADDR], MACADDR, "macaddr_trunc", Scalar(network::macaddr_trunc)),
    row(830, "macaddr_eq", &[MACADDR, MACADDR], BOOL, "macaddr_eq", Comparison(Operator::Equal)),
    row(831, "macaddr_lt", &[MACADDR, MACADDR], BOOL, "macaddr_lt", Comparison(Operator::Less)),
    row(832, "macaddr_le", &[MACADDR, MACADDR], BOOL, "macaddr_le", Comparison(Operator::LessOrEqual)),
    row(833, "macaddr_gt", &[MACADDR, MACADDR], BOOL, "macaddr_gt", Comparison(Operator::Greater)),
    row(834, "macaddr_ge", &[MACADDR, MACADDR], BOOL, "macaddr_ge", Comparison(Operator::GreaterOrEqual)),
    row(835, "macaddr_ne", &[MACADDR, MACADDR], BOOL, "macaddr_ne", Comparison(Operator::NotEqual)),
    row(836, "macaddr_cmp", &[MACADDR, MACADDR], INT4, "macaddr_cmp", Scalar(network::macaddr_cmp)),
    row(920, "network_eq", &[INET, INET], BOOL, "network_eq", Comparison(Operator::Equal)),
    row(921, "network_lt", &[INET, INET], BOOL, "network_lt", Comparison(Operator::Less)),
    row(922, "network_le", &[INET, INET], BOOL, "network_le", Comparison(Operator::LessOrEqual)),
    row(923, "network_gt", &[INET, INET], BOOL, "network_gt", Comparison(Operator::Greater)),
    row(924, "network_ge", &[INET, INET], BOOL, "network_ge", Comparison(Operator::GreaterOrEqual)),
    row(925, "network_ne", &[INET, INET], BOOL, "network_ne", Comparison(Operator::NotEqual)),
    row(926, "network_cmp", &[INET, INET], INT4, "network_cmp", Scalar(network::network_cmp)),
    row(927, "network_sub", &[INET, INET], BOOL, "network_sub", Scalar(network::network_sub)),
    row(928, "network_subeq", &[INET, INET], BOOL, "network_subeq", Scalar(network::network_subeq)),
    row(929, "network_sup", &[INET, INET], BOOL, "network_sup", Scalar(network::network_sup)),
    row(930, "network_supeq", &[INET, INET], BOOL, "network_supeq", Scalar(network::network_supeq)),
    row(1362, "hostmask", &[INET], INET, "network_hostmask", Scalar(network::network_hostmask)),
    row(1392, "pg_stat_get_backend_client_addr", &[INT4], INET, "pg_stat_get_backend_client_addr", Missing).stable(),
    row(1715, "cidr", &[INET], CIDR, "inet_to_cidr", Scalar(network::inet_to_cidr)),
    row(2198, "inet_server_addr", &[], INET, "inet_server_addr", Missing).stable().lenient(),
    row(2495, "macaddr_send", &[MACADDR], BYTEA, "macaddr_send", Missing),
    row(2497, "inet_send", &[INET], BYTEA, "inet_send", Missing),
    row(2499, "cidr_send", &[CIDR], BYTEA, "cidr_send", Missing),
    row(2627, "inetnot", &[INET], INET, "inetnot", Scalar(network::inetnot)),
    row(2628, "inetand", &[INET, INET], INET, "inetand", Scalar(network::inetand)),
    row(2629, "inetor", &[INET, INET], INET, "inetor", Scalar(network::inetor)),
    row(2630, "inetpl", &[INET, INT8], INET, "inetpl", Scalar(network::inetpl)),
    row(2631, "int8pl_inet", &[INT8, INET], INET, "", Scalar(network::int8pl_inet)),
    row(2632, "inetmi_int8", &[INET, INT8], INET, "inetmi_int8", Scalar(network::inetmi_int8)),
    row(2633, "inetmi", &[INET, INET], INT8, "inetmi", Scalar(network::inetmi)),
    row(3144, "macaddr_not", &[MACADDR], MACADDR, "macaddr_not", Scalar(network::macaddr_not)),
    row(3145, "macaddr_and", &[MACADDR, MACADDR], MACADDR, "macaddr_and", Scalar(network::macaddr_and)),
    row(3146, "macaddr_or", &[MACADDR, MACADDR], MACADDR, "macaddr_or", Scalar(network::macaddr_or)),
    row(3447, "macaddr8_send", &[MACADDR8], BYTEA, "macaddr8_send", Missing),
    row(3551, "network_overlap", &[INET, INET], BOOL, "network_overlap", Scalar(network::network_overlap)),
    row(3562, "network_larger", &[INET, INET], INET, "network_larger", Scalar(network::network_larger)),
    row(3563, "network_smaller", &[INET, INET], INET, "network_smaller", Scalar(network::network_smaller)),
    row(3564, "max", &[INET], INET, "", Aggregate(aggregate::extreme::agg_max)).kind(FunctionKind::Aggregate { sort_operator: 1205 }).lenient(),
    row(3565, "min", &[INET], INET, "", Aggregate(aggregate::extreme::agg_min)).kind(FunctionKind::Aggregate { sort_operator: 1203 }).lenient(),
    row(4063, "inet_merge", &[INET, INET], CIDR, "inet_merge", Scalar(network::inet_merge)),
    row(4071, "inet_same_family", &[INET, INET], BOOL, "inet_same_family", Scalar(network::inet_same_family)),
    row(4112, "trunc", &[MACADDR8], MACADDR8, "macaddr8_trunc", Scalar(network::macaddr8_trunc)),
    row(4113, "macaddr8_eq", &[MACADDR8, MACADDR8], BOOL, "macaddr8_eq", Comparison(Operator::Equal)),
    row(4114, "macaddr8_lt", &[MACADDR8, MACADDR8], BOOL, "macaddr8_lt", Comparison(Operator::Less)),
    row(4115, "macaddr8_le", &[MACADDR8, MACADDR8], BOOL, "macaddr8_le", Comparison(Operator::LessOrEqual)),
    row(4116, "macaddr8_gt", &[MACADDR8, MACADDR8], BOOL, "macaddr8_gt", Comparison(Operator::Greater)),
    row(4117, "macaddr8_ge", &[MACADDR8, MACADDR8], BOOL, "macaddr8_ge", Comparison(Operator::GreaterOrEqual)),
    row(4118, "macaddr8_ne", &[MACADDR8, MACADDR8], BOOL, "macaddr8_ne", Comparison(Operator::NotEqual)),
    row(4119, "macaddr8_cmp", &[MACADDR8, MACADDR8], INT4, "macaddr8_cmp", Scalar(network::macaddr8_cmp)),
    row(4120, "macaddr8_not", &[MACADDR8], MACADDR8, "macaddr8_not", Scalar(network::macaddr8_not)),
    row(4121, "macaddr8_and", &[MACADDR8, MACADDR8], MACADDR8, "macaddr8_and", Scalar(network::macaddr8_and)),
    row(4122, "macaddr8_or", &[MACADDR8, MACADDR8], MACADDR8, "macaddr8_or", Scalar(network::macaddr8_or)),
    row(4123, "macaddr8", &[MACADDR], MACADDR8, "macaddrtomacaddr8", Scalar(network::macaddrtomacaddr8)),
    row(4124, "macaddr", &[MACADDR8], MACADDR, "macaddr8tomacaddr", Scalar(network::macaddr8tomacaddr)),
    row(4125, "macaddr8_set7bit", &[MACADDR8], MACADDR8, "macaddr8_set7bit", Scalar(network::macaddr8_set7bit)),
];
