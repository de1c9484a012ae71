//! Lists of objects' numbers as an index orders them: the shorter before the longer.

use crate::kernel::loops::scalar;
use std::cmp::Ordering;
use types::array::ArrayView;
use types::catalog::type_name;
use types::value::Item;

fn numbers(list: &ArrayView<'_>) -> Vec<u32> {
    let number = |item: Item<'_>| if let Item::Int32(number) = item { number.cast_unsigned() } else { 0 };
    list.items().map(number).collect()
}

fn order(one: &ArrayView<'_>, other: &ArrayView<'_>) -> Ordering {
    let (one, other) = (numbers(one), numbers(other));
    one.len().cmp(&other.len()).then_with(|| one.cmp(&other))
}

scalar! {
    fn btoidvectorcmp(a: ArrayView<'_>, b: ArrayView<'_>) -> i32 { order(&a, &b) as i32 }
    fn oidvectoreq(a: ArrayView<'_>, b: ArrayView<'_>) -> bool { order(&a, &b).is_eq() }
    fn oidvectorne(a: ArrayView<'_>, b: ArrayView<'_>) -> bool { order(&a, &b).is_ne() }
    fn oidvectorlt(a: ArrayView<'_>, b: ArrayView<'_>) -> bool { order(&a, &b).is_lt() }
    fn oidvectorle(a: ArrayView<'_>, b: ArrayView<'_>) -> bool { order(&a, &b).is_le() }
    fn oidvectorgt(a: ArrayView<'_>, b: ArrayView<'_>) -> bool { order(&a, &b).is_gt() }
    fn oidvectorge(a: ArrayView<'_>, b: ArrayView<'_>) -> bool { order(&a, &b).is_ge() }
    fn oidvectortypes [context] (a: ArrayView<'_>) -> String {
        let names: Vec<String> =
            numbers(&a).into_iter().map(|of| type_name(context.types, of, None)).collect();
        names.join(", ")
    }
}
