//! ANALYZE for statistics of several columns and expressions: which are gathered, and what was found put into the catalog.

use crate::client::{Client, Severity};
use crate::error::SessionError;
use crate::maintenance::sample::Sample;
use crate::maintenance::stored;
use crate::session::Session;
use catalog::object::{Combined, CommonCombination, Datum, ExtendedStatistics, Object, Oid, Table};
use catalog::{CatalogError, Scope};
use diagnostic::{Diagnostic, SqlState, Subject};
use execute::{CombinedSample, ExecuteResult, Sampled, World, column_statistics, sampled_expressions};
use plan::expression::ExpressionKind;
use std::sync::Arc;
use types::Types;
use types::{Type, Vector};

/// What could not be gathered, as some of the columns were not looked at.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "statistics object \"{schema}.{name}\" could not be computed for relation \"{table_schema}.{table}\""
)]
struct NotComputed {
    schema: String,
    name: String,
    table_schema: String,
    table: String,
}

impl Diagnostic for NotComputed {
    fn sqlstate(&self) -> SqlState {
        SqlState::InvalidObjectDefinition
    }

    fn subject(&self) -> Subject {
        Subject {
            schema: Some(self.table_schema.clone()),
            table: Some(self.table.clone()),
            ..Subject::default()
        }
    }
}

/// Statistics that are gathered, and how many most common combinations are wanted.
pub(crate) type Wanted = (Arc<ExtendedStatistics>, usize);

impl Session {
    /// The statistics that are gathered with these columns.
    pub(crate) fn combined_targets(
        &self,
        scope: &Scope,
        table: &Table,
        columns: &[(u16, usize)],
        client: &mut dyn Client,
    ) -> Vec<Wanted> {
        // Whole and positive, as the setting is.
        let default = self.settings.number("default_statistics_target") as usize;
        let schema = |oid| scope.schema(oid).map_or_else(String::new, |schema| schema.name.clone());
        let mut wanted = Vec::new();
        for known in scope.statistics_of(table.oid) {
            if known.target == 0 {
                continue;
            }
            if !known.columns.iter().all(|place| columns.iter().any(|column| column.0 == *place)) {
                let told = NotComputed {
                    schema: schema(known.schema),
                    name: known.name.clone(),
                    table_schema: schema(table.schema),
                    table: table.name.clone(),
                };
                self.tell(client, Severity::Warning, &told);
                continue;
            }
            let of_column =
                |place: &u16| table.columns.get(usize::from(*place)).map(|it| it.statistics_target);
            let greatest = known.columns.iter().filter_map(of_column).max().map_or(-1, i32::from);
            let target = if known.target > 0 { known.target } else { greatest };
            wanted.push((known.clone(), usize::try_from(target).unwrap_or(default)));
        }
        wanted
    }

    /// Puts into the catalog what was found, of those that inherit among the table's rows or not.
    pub(crate) fn keep_combined(
        &mut self,
        found: Vec<(Oid, Combined)>,
        inherited: bool,
    ) -> Result<(), SessionError> {
        let transaction = self.block.transaction(&self.store, self.database, self.wait())?;
        for (oid, found) in found {
            let kept = self.catalog.get_mut().alter::<CatalogError>(transaction, oid, |object| {
                if let Object::Statistics(statistics) = object {
                    let statistics = Arc::make_mut(statistics);
                    let place = if inherited { &mut statistics.inherited } else { &mut statistics.found };
                    *place = Some(found);
                }
                Ok(())
            });
            match kept {
                // They were dropped before the table was locked.
                Ok(_) | Err(CatalogError::Outdated { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// What a sample of columns, whose places in the table are given, tells of some of them and of expressions together. Nothing of
/// an empty one.
///
/// # Errors
/// When an expression fails, or somebody stops it.
pub(crate) fn found_together(
    world: &mut World<'_>,
    scope: &Scope,
    table: &Table,
    wanted: &[Wanted],
    sampled: &Sample,
) -> ExecuteResult<Vec<(Oid, Combined)>> {
    let mut all = Vec::with_capacity(wanted.len());
    let rows = sampled.values.first().map_or(0, Vector::len);
    for (known, target) in wanted.iter().filter(|_| rows > 0) {
        let (expressions, computed) = values_of_expressions(world, table, known, &sampled.values)?;
        let column =
            |place: &u16| sampled.values.get(sampled.places.iter().position(|known| known == place)?);
        let Some(mut columns) = known.columns.iter().map(column).collect::<Option<Vec<&Vector>>>() else {
            continue;
        };
        columns.extend(&expressions);
        let types = types_of(table, known);
        let mut found = Combined::default();
        if let Some(orders) = types.iter().map(|of| scope.order(*of)).collect::<Option<Vec<_>>>() {
            let taken = CombinedSample { columns, orders, sample: rows, rows: sampled.rows as f64 };
            let session = &mut world.context.session;
            gather(&taken, known, *target, &mut found, &mut || Ok(session.check()?))?;
        }
        let of_each = expressions.iter().zip(computed).zip(&types[known.columns.len()..]);
        for ((values, computed), of) in of_each {
            let order = scope.order(*of);
            let length = scope.entry(scope.undomained(*of).oid).map_or(-1, |of| of.length);
            let of_rows = Sampled {
                order: order.as_ref(),
                length,
                rows: sampled.rows as f64,
                target: *target,
                computed,
            };
            found.expressions.push(column_statistics(values, &of_rows).map(|found| stored(found, None)));
        }
        all.push((known.oid, found));
    }
    Ok(all)
}

/// The values of the expressions of statistics in sampled rows, and whether they are computed and not what lies in the rows.
fn values_of_expressions(
    world: &mut World<'_>,
    table: &Table,
    known: &ExtendedStatistics,
    values: &[Vector],
) -> ExecuteResult<(Vec<Vector>, Vec<bool>)> {
    if known.expressions.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let target = world.catalog.target(table.oid)?;
    match target.statistics.iter().find(|(oid, _)| *oid == known.oid) {
        Some((_, expressions)) => {
            let computed = expressions.iter().map(|of| matches!(of.kind, ExpressionKind::Call(_)));
            Ok((sampled_expressions(world, &target, expressions, values)?, computed.collect()))
        }
        None => Ok((Vec::new(), Vec::new())),
    }
}

/// The types of the columns and expressions of statistics.
fn types_of(table: &Table, known: &ExtendedStatistics) -> Vec<Type> {
    let column = |place: &u16| table.columns.get(usize::from(*place)).map(|column| column.column_type());
    let expressions = known.expressions.iter().map(|it| Type { oid: it.type_oid, modifier: it.modifier });
    known.columns.iter().filter_map(column).chain(expressions).collect()
}

/// Gathers what is wanted of several columns together.
fn gather(
    taken: &CombinedSample<'_>,
    known: &ExtendedStatistics,
    target: usize,
    found: &mut Combined,
    check: &mut execute::StopCheck<'_>,
) -> ExecuteResult<()> {
    if known.kinds.distinct {
        found.distinct = taken.distinct(check)?;
    }
    if known.kinds.dependencies {
        found.dependencies = taken.dependencies(check)?;
    }
    if known.kinds.common {
        let kept = |(values, frequency, base): execute::CommonValues| CommonCombination {
            values: values.into_iter().map(Datum).collect(),
            frequency,
            base,
        };
        found.common = taken.common(target).into_iter().map(kept).collect();
    }
    Ok(())
}
