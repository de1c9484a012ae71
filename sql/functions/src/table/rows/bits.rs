//! Rows of the table: bits.

use super::{Row, row};
use crate::kernel::bits;
use crate::table::entry::Implementation::Scalar;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(1673, "bitand", &[BIT, BIT], BIT, "bit_and", Scalar(bits::bit_and)),
    row(1674, "bitor", &[BIT, BIT], BIT, "bit_or", Scalar(bits::bit_or)),
    row(1675, "bitxor", &[BIT, BIT], BIT, "bitxor", Scalar(bits::bitxor)),
    row(1676, "bitnot", &[BIT], BIT, "bitnot", Scalar(bits::bitnot)),
    row(1677, "bitshiftleft", &[BIT, INT4], BIT, "bitshiftleft", Scalar(bits::bitshiftleft)),
    row(1678, "bitshiftright", &[BIT, INT4], BIT, "bitshiftright", Scalar(bits::bitshiftright)),
    row(1679, "bitcat", &[VARBIT, VARBIT], VARBIT, "bitcat", Scalar(bits::bitcat)),
    row(1680, "substring", &[BIT, INT4, INT4], BIT, "bitsubstr", Scalar(bits::bitsubstr)),
    row(1681, "length", &[BIT], INT4, "bitlength", Scalar(bits::bitlength)),
    row(1682, "octet_length", &[BIT], INT4, "bitoctetlength", Scalar(bits::bitoctetlength)),
    row(1683, "bit", &[INT4, INT4], BIT, "bitfromint4", Scalar(bits::bitfromint4)),
    row(1684, "int4", &[BIT], INT4, "bittoint4", Scalar(bits::bittoint4)),
    row(1685, "bit", &[BIT, INT4, BOOL], BIT, "bit", Scalar(bits::fit_bit)),
    row(1687, "varbit", &[VARBIT, INT4, BOOL], VARBIT, "varbit", Scalar(bits::fit_varbit)),
    row(1698, "position", &[BIT, BIT], INT4, "bitposition", Scalar(bits::bitposition)),
    row(1699, "substring", &[BIT, INT4], BIT, "bitsubstr_no_len", Scalar(bits::bitsubstr_no_len)),
    row(1812, "bit_length", &[BIT], INT4, "", Scalar(bits::bitlength)),
    row(2075, "bit", &[INT8, INT4], BIT, "bitfromint8", Scalar(bits::bitfromint8)),
    row(2076, "int8", &[BIT], INT8, "bittoint8", Scalar(bits::bittoint8)),
    row(3030, "overlay", &[BIT, BIT, INT4, INT4], BIT, "bitoverlay", Scalar(bits::bitoverlay)),
    row(3031, "overlay", &[BIT, BIT, INT4], BIT, "bitoverlay_no_len", Scalar(bits::bitoverlay_no_len)),
    row(3032, "get_bit", &[BIT, INT4], INT4, "bitgetbit", Scalar(bits::bitgetbit)),
    row(3033, "set_bit", &[BIT, INT4, INT4], BIT, "bitsetbit", Scalar(bits::bitsetbit)),
    row(6162, "bit_count", &[BIT], INT8, "bit_bit_count", Scalar(bits::bit_bit_count)),
];
