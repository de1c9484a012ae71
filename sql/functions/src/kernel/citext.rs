//! What the `citext` extension's functions compute; comparisons go by the order of its type.

use crate::kernel::loops::scalar;
use types::folded::folded;

// Of two that are equal the second is told.
scalar! {
    fn compare(a: &[u8], b: &[u8]) -> i32 { folded(a).cmp(&folded(b)) as i32 }
    fn larger(a: &[u8], b: &[u8]) -> &[u8] { if folded(a) > folded(b) { a } else { b } }
    fn smaller(a: &[u8], b: &[u8]) -> &[u8] { if folded(a) < folded(b) { a } else { b } }
}
