//! Paths through `jsonb`.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{Give, argument, collect, optional};
use json::path::Query;
use json::{JsonPath, Jsonb, Value};
use types::vector::VectorBuilder;
use types::{Kind, PathMoments, Vector};

/// Runs a path on the documents; operators have no variables and are silent.
fn each<R: Give>(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    zone_aware: bool,
    run: impl Fn(&Query<'_>) -> FunctionResult<R>,
) -> FunctionResult<Vector> {
    collect::<R>(arguments.rows, |row| one(context, arguments, row, zone_aware, &run))
}

fn one<R>(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
    zone_aware: bool,
    run: impl Fn(&Query<'_>) -> FunctionResult<R>,
) -> FunctionResult<R> {
    let target = argument::<Value<'_>>(arguments, 0)?.at(row)?;
    let path = JsonPath::parse(argument::<&str>(arguments, 1)?.at(row)?)?;
    let variables = optional::<Value<'_>>(arguments, 2)?.map(|column| column.at(row)).transpose()?;
    let silent = optional::<bool>(arguments, 3)?.map(|column| column.at(row)).transpose()?;
    let datetimes = PathMoments { settings: context.datetime() };
    run(&Query {
        path: &path,
        target,
        variables,
        silent: silent.unwrap_or(variables.is_none()),
        zone_aware,
        datetimes: &datetimes,
    })
}

macro_rules! queries {
    ($($name:ident, $zone_aware:literal, $result:ty, $run:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            each::<$result>(context, arguments, $zone_aware, |query| Ok($run(query)?))
        })*
    };
}

// kernel: scalar
queries! {
    jsonb_path_exists, false, Option<bool>, Query::exists;
    jsonb_path_exists_tz, true, Option<bool>, Query::exists;
    jsonb_path_exists_opr, false, Option<bool>, Query::exists;
    jsonb_path_match, false, Option<bool>, Query::matches;
    jsonb_path_match_tz, true, Option<bool>, Query::matches;
    jsonb_path_match_opr, false, Option<bool>, Query::matches;
    jsonb_path_query_array, false, Jsonb, Query::array;
    jsonb_path_query_array_tz, true, Jsonb, Query::array;
    jsonb_path_query_first, false, Option<Jsonb>, Query::first;
    jsonb_path_query_first_tz, true, Option<Jsonb>, Query::first;
}

fn all(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
    zone_aware: bool,
) -> FunctionResult<Box<dyn RowSource>> {
    let found = one(context, arguments, row, zone_aware, |query| Ok(query.all()?))?;
    let mut builder = VectorBuilder::new(Kind::Bytes, found.len());
    for document in &found {
        builder.push_bytes(document.as_bytes())?;
    }
    Ok(Made::source(vec![builder.finish()]))
}

pub(crate) fn jsonb_path_query(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    all(context, arguments, row, false)
}

pub(crate) fn jsonb_path_query_tz(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    all(context, arguments, row, true)
}
