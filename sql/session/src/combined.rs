//! ANALYZE for statistics of several columns: which are gathered, and what was found put into the catalog.

use crate::client::{Client, Severity};
use crate::error::SessionError;
use crate::session::Session;
use catalog::object::{Combined, CommonCombination, Datum, ExtendedStatistics, Object, Oid, Table};
use catalog::{CatalogError, Scope};
use diagnostic::{Diagnostic, SqlState, Subject};
use execute::{CombinedSample, ExecuteResult};
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

    /// Puts into the catalog what was found.
    pub(crate) fn keep_combined(&mut self, found: Vec<(Oid, Combined)>) -> Result<(), SessionError> {
        let transaction = self.block.transaction(&self.store, self.database, self.wait())?;
        for (oid, found) in found {
            let kept = self.catalog.get_mut().alter::<CatalogError>(transaction, oid, |object| {
                if let Object::Statistics(statistics) = object {
                    Arc::make_mut(statistics).found = Some(found);
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

/// What a sample of columns, whose places in the table are given, tells of some of them together. Nothing of an empty one.
pub(crate) fn found_together(
    scope: &Scope,
    table: &Table,
    wanted: &[Wanted],
    (places, values): (&[u16], &[Vector]),
    rows: f64,
    check: &mut execute::StopCheck<'_>,
) -> ExecuteResult<Vec<(Oid, Combined)>> {
    let mut all = Vec::with_capacity(wanted.len());
    for (known, target) in wanted {
        let column = |place: &u16| values.get(places.iter().position(|known| known == place)?);
        let Some(columns) = known.columns.iter().map(column).collect::<Option<Vec<&Vector>>>() else {
            continue;
        };
        let of = |place: &u16| -> Option<Type> {
            table.columns.get(usize::from(*place)).map(|column| column.column_type())
        };
        let orders = known.columns.iter().map(|place| scope.order(of(place)?)).collect::<Option<Vec<_>>>();
        let (Some(orders), sample) = (orders, columns.first().map_or(0, |column| column.len())) else {
            continue;
        };
        if sample == 0 {
            continue;
        }
        let taken = CombinedSample { columns, orders, sample, rows };
        let mut found = Combined::default();
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
            found.common = taken.common(*target).into_iter().map(kept).collect();
        }
        all.push((known.oid, found));
    }
    Ok(all)
}
