//! The most common combinations of several columns' values as rows: `pg_mcv_list_items`.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::argument;
use diagnostic::SqlState;
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::combined::CombinedItems;
use types::vector::VectorBuilder;
use types::{Item, Kind};

/// `pg_mcv_list_items(pg_mcv_list)`
pub(crate) fn mcv_list_items(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let list = CombinedItems::from_bytes(argument::<&[u8]>(arguments, 0)?.at(row)?);
    let invalid = || FunctionError::plain(SqlState::DataCorrupted, "invalid list of most common values");
    let CombinedItems(items) = list.ok_or_else(invalid)?;
    let builder = |kind| VectorBuilder::new(kind, items.len());
    let (mut indexes, mut frequencies, mut bases) =
        (builder(Kind::Int32), builder(Kind::Float64), builder(Kind::Float64));
    let (mut values, mut nulls) = (builder(Kind::Bytes), builder(Kind::Bytes));
    for (index, item) in (0i32..).zip(&items) {
        let mut texts = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
        let mut absent = ArrayBuilder::new(oid::BOOL, Kind::Bool);
        for value in &item.values {
            texts.push(&value.as_ref().map_or(Item::Null, |text| Item::Bytes(text.as_bytes())));
            absent.push(&Item::Bool(value.is_none()));
        }
        indexes.push_item(&Item::Int32(index))?;
        values.push_item(&Item::Bytes(&texts.finish_list()))?;
        nulls.push_item(&Item::Bytes(&absent.finish_list()))?;
        frequencies.push_item(&Item::Float64(item.frequency))?;
        bases.push_item(&Item::Float64(item.base))?;
    }
    let columns = [indexes, values, nulls, frequencies, bases];
    Ok(Made::source(columns.into_iter().map(VectorBuilder::finish).collect()))
}
