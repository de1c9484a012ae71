//! What functions tell of publications and subscriptions. Nobody is at work for a subscription, and nothing is counted of one.

use crate::services::{Services, number, text};
use catalog::{Relation, Snapshot};
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, SessionFunction};
use types::array::ArrayBuilder;
use types::catalog::oid;
use types::record::record;
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

/// `pg_stat_reset_subscription_stats`
const RESET: u32 = 6232;

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_replication(
        &self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        let asked = arguments.first().map_or(0, number);
        Ok(Some(match function {
            F::RelationIsPublishable => match self.scope.relation(asked) {
                Some(Relation::Table(table)) => Value::Bool(Snapshot::is_publishable(&table)),
                Some(_) => Value::Bool(false),
                None => Value::Null,
            },
            F::ReplicaIdentityIndex => {
                let index = self.scope.table(asked).and_then(|table| self.scope.identity_index(table));
                index.map_or(Value::Null, |index| Value::Int32(index.oid.cast_signed()))
            }
            F::SubscriptionStatistics => {
                let fields = [
                    (oid::OID, Kind::Int32, Item::Int32(asked.cast_signed())),
                    (oid::INT8, Kind::Int64, Item::Int64(0)),
                    (oid::INT8, Kind::Int64, Item::Int64(0)),
                    (oid::TIMESTAMPTZ, Kind::Int64, Item::Null),
                ];
                Value::Bytes(record(&fields).into())
            }
            F::ResetSubscriptionStatistics => {
                self.may_call(RESET)?;
                if matches!(arguments.first(), Some(Item::Int32(0))) {
                    let message = "invalid subscription OID 0".to_owned();
                    return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
                }
                Value::Null
            }
            _ => return Ok(None), // all others are answered elsewhere
        }))
    }

    /// `pg_get_publication_tables`
    pub(crate) fn publication_tables(&self, arguments: &[Item<'_>]) -> FunctionResult<Vec<Vector>> {
        let name = arguments.first().map_or("", text);
        let Some(publication) = self.scope.publication_named(name) else {
            let message = format!("publication \"{name}\" does not exist");
            return Err(FunctionError::plain(SqlState::UndefinedObject, message));
        };
        let mut tables = VectorBuilder::new(Kind::Int32, 0);
        let mut columns = VectorBuilder::new(Kind::Bytes, 0);
        let mut filters = VectorBuilder::new(Kind::Bytes, 0);
        for (table, entry) in self.scope.published_by(publication) {
            tables.push(&Value::Int32(table.oid.cast_signed()))?;
            match entry.and_then(|entry| entry.columns.as_deref()) {
                Some(places) => columns.push(&Value::Bytes(vector(places).into()))?,
                None => columns.push(&Value::Null)?,
            }
            match entry.and_then(|entry| entry.filter.as_ref()) {
                Some(filter) => filters.push(&Value::text(&filter.text))?,
                None => filters.push(&Value::Null)?,
            }
        }
        Ok(vec![tables.finish(), columns.finish(), filters.finish()])
    }
}

/// `pg_stat_get_subscription`: of workers there are none.
pub(crate) fn workers() -> Vec<Vector> {
    let kinds = [
        Kind::Int32,
        Kind::Int32,
        Kind::Int32,
        Kind::Int64,
        Kind::Int64,
        Kind::Int64,
        Kind::Int64,
        Kind::Int64,
    ];
    kinds.map(|kind| VectorBuilder::new(kind, 0).finish()).into_iter().collect()
}

/// Places of columns as an `int2vector` of their numbers.
fn vector(places: &[u16]) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(oid::INT2, Kind::Int16);
    for place in places {
        builder.push(&Item::Int16(i16::try_from(place + 1).unwrap_or(i16::MAX)));
    }
    let length = i32::try_from(places.len()).unwrap_or(i32::MAX);
    builder.finish(&[types::array::Dimension { length, lower: 0 }])
}
