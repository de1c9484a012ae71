//! Rows of the table: what estimates for PostgreSQL's planner. Nobody can call them there either; operators name them.

use super::{Row, row};
use crate::table::entry::Implementation::Missing;
use crate::table::oids::*;

const RESTRICTED: &[u32] = &[INTERNAL, OID, INTERNAL, INT4];
const JOINED: &[u32] = &[INTERNAL, OID, INTERNAL, INT2, INTERNAL];

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(101, "eqsel", RESTRICTED, FLOAT8, "eqsel", Missing).stable(),
    row(102, "neqsel", RESTRICTED, FLOAT8, "neqsel", Missing).stable(),
    row(103, "scalarltsel", RESTRICTED, FLOAT8, "scalarltsel", Missing).stable(),
    row(104, "scalargtsel", RESTRICTED, FLOAT8, "scalargtsel", Missing).stable(),
    row(105, "eqjoinsel", JOINED, FLOAT8, "eqjoinsel", Missing).stable(),
    row(106, "neqjoinsel", JOINED, FLOAT8, "neqjoinsel", Missing).stable(),
    row(107, "scalarltjoinsel", JOINED, FLOAT8, "scalarltjoinsel", Missing).stable(),
    row(108, "scalargtjoinsel", JOINED, FLOAT8, "scalargtjoinsel", Missing).stable(),
    row(139, "areasel", RESTRICTED, FLOAT8, "areasel", Missing).stable(),
    row(140, "areajoinsel", JOINED, FLOAT8, "areajoinsel", Missing).stable(),
    row(336, "scalarlesel", RESTRICTED, FLOAT8, "scalarlesel", Missing).stable(),
    row(337, "scalargesel", RESTRICTED, FLOAT8, "scalargesel", Missing).stable(),
    row(386, "scalarlejoinsel", JOINED, FLOAT8, "scalarlejoinsel", Missing).stable(),
    row(398, "scalargejoinsel", JOINED, FLOAT8, "scalargejoinsel", Missing).stable(),
    row(1300, "positionsel", RESTRICTED, FLOAT8, "positionsel", Missing).stable(),
    row(1301, "positionjoinsel", JOINED, FLOAT8, "positionjoinsel", Missing).stable(),
    row(1302, "contsel", RESTRICTED, FLOAT8, "contsel", Missing).stable(),
    row(1303, "contjoinsel", JOINED, FLOAT8, "contjoinsel", Missing).stable(),
    row(1814, "iclikesel", RESTRICTED, FLOAT8, "iclikesel", Missing).stable(),
    row(1815, "icnlikesel", RESTRICTED, FLOAT8, "icnlikesel", Missing).stable(),
    row(1816, "iclikejoinsel", JOINED, FLOAT8, "iclikejoinsel", Missing).stable(),
    row(1817, "icnlikejoinsel", JOINED, FLOAT8, "icnlikejoinsel", Missing).stable(),
    row(1818, "regexeqsel", RESTRICTED, FLOAT8, "regexeqsel", Missing).stable(),
    row(1819, "likesel", RESTRICTED, FLOAT8, "likesel", Missing).stable(),
    row(1820, "icregexeqsel", RESTRICTED, FLOAT8, "icregexeqsel", Missing).stable(),
    row(1821, "regexnesel", RESTRICTED, FLOAT8, "regexnesel", Missing).stable(),
    row(1822, "nlikesel", RESTRICTED, FLOAT8, "nlikesel", Missing).stable(),
    row(1823, "icregexnesel", RESTRICTED, FLOAT8, "icregexnesel", Missing).stable(),
    row(1824, "regexeqjoinsel", JOINED, FLOAT8, "regexeqjoinsel", Missing).stable(),
    row(1825, "likejoinsel", JOINED, FLOAT8, "likejoinsel", Missing).stable(),
    row(1826, "icregexeqjoinsel", JOINED, FLOAT8, "icregexeqjoinsel", Missing).stable(),
    row(1827, "regexnejoinsel", JOINED, FLOAT8, "regexnejoinsel", Missing).stable(),
    row(1828, "nlikejoinsel", JOINED, FLOAT8, "nlikejoinsel", Missing).stable(),
    row(1829, "icregexnejoinsel", JOINED, FLOAT8, "icregexnejoinsel", Missing).stable(),
    row(3169, "rangesel", RESTRICTED, FLOAT8, "rangesel", Missing).stable(),
    row(3437, "prefixsel", RESTRICTED, FLOAT8, "prefixsel", Missing).stable(),
    row(3438, "prefixjoinsel", JOINED, FLOAT8, "prefixjoinsel", Missing).stable(),
    row(3560, "networksel", RESTRICTED, FLOAT8, "networksel", Missing).stable(),
    row(3561, "networkjoinsel", JOINED, FLOAT8, "networkjoinsel", Missing).stable(),
    row(3686, "tsmatchsel", RESTRICTED, FLOAT8, "tsmatchsel", Missing).stable(),
    row(3687, "tsmatchjoinsel", JOINED, FLOAT8, "tsmatchjoinsel", Missing).stable(),
    row(3817, "arraycontsel", RESTRICTED, FLOAT8, "arraycontsel", Missing).stable(),
    row(3818, "arraycontjoinsel", JOINED, FLOAT8, "arraycontjoinsel", Missing).stable(),
    row(4243, "multirangesel", RESTRICTED, FLOAT8, "multirangesel", Missing).stable(),
    row(5040, "matchingsel", RESTRICTED, FLOAT8, "matchingsel", Missing).stable(),
    row(5041, "matchingjoinsel", JOINED, FLOAT8, "matchingjoinsel", Missing).stable(),
];
