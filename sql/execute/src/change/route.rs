//! Rows of a partitioned table find their partition.

use super::constraint::key_values;
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::run::Run;
use diagnostic::{SqlState, Subject};
use plan::partition::{Bound, Edge, Place, Routing, RoutingKey, Strategy};
use std::cmp::Ordering;
use std::sync::Arc;
use types::vector::{Chunk, Order};
use types::{Item, Type, Value, Vector};

/// How rows find their partition, compiled.
pub struct Router {
    routing: Arc<Routing>,
    keys: Vec<Evaluator>,
    /// For each key what hashes it, if it is not hashed as its type is.
    hashes: Vec<Option<Evaluator>>,
    /// Values of lists in order, each with its part.
    values: Vec<(Value, usize)>,
    /// The part of rows that no other has.
    rest: Option<usize>,
    /// The parts that are divided further.
    inner: Vec<Option<Router>>,
}

impl Router {
    /// As the plan says; keys are over the columns that the compiler knows.
    pub fn new(compiler: &Compiler<'_>, routing: &Arc<Routing>) -> ExecuteResult<Router> {
        let keys = routing.keys.iter().map(|key| Evaluator::new(compiler, &key.expression));
        let mut values: Vec<(Value, usize)> = Vec::new();
        let (mut rest, mut inner) = (None, Vec::with_capacity(routing.parts.len()));
        for (place, part) in routing.parts.iter().enumerate() {
            match &part.bound {
                Bound::Default => rest = Some(place),
                Bound::List(own) => values.extend(own.iter().map(|value| (value.clone(), place))),
                Bound::Range(..) | Bound::Hash { .. } => {}
            }
            inner.push(match &part.place {
                Place::Table(_) => None,
                Place::Divided(routing) => Some(Router::new(compiler, &Arc::new((**routing).clone()))?),
            });
        }
        if let Some(key) = routing.keys.first() {
            values.sort_by(|one, other| compare(&key.order, &Item::from(&one.0), &Item::from(&other.0)));
        }
        let hash =
            |key: &RoutingKey| key.hash.as_ref().map(|hash| Evaluator::new(compiler, hash)).transpose();
        Ok(Router {
            hashes: routing.keys.iter().map(hash).collect::<ExecuteResult<_>>()?,
            routing: routing.clone(),
            keys: keys.collect::<ExecuteResult<_>>()?,
            values,
            rest,
            inner,
        })
    }

    /// The part of each row; none where there is no such part.
    pub fn parts(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
    ) -> ExecuteResult<Vec<Option<usize>>> {
        let chunk = Chunk::new(columns.to_vec(), rows);
        let keys = evaluate_all(&self.keys, run, &chunk)?;
        let mut hashes = Vec::with_capacity(self.hashes.len());
        for hash in &self.hashes {
            hashes.push(hash.as_ref().map(|hash| hash.evaluate(run, &chunk)).transpose()?);
        }
        let part = |row: usize| {
            let items: Vec<Item<'_>> = keys.iter().map(|key| key.item(row)).collect();
            let own = hashes.iter().map(|hash| hash.as_ref().map(|hash| hash.item(row)));
            let own: Vec<Option<Item<'_>>> = own.collect();
            self.part(&items, &own)
        };
        Ok((0..rows).map(part).collect())
    }

    /// The part of these keys; what hashes those that have a hash of their own is told.
    fn part(&self, keys: &[Item<'_>], own: &[Option<Item<'_>>]) -> Option<usize> {
        let found = match self.routing.strategy {
            Strategy::List => self.listed(keys.first()?),
            Strategy::Range if keys.iter().any(Item::is_null) => None,
            Strategy::Range => self.in_range(keys),
            Strategy::Hash => {
                let hash = self.hash(keys, own);
                self.routing.parts.iter().position(|part| match part.bound {
                    Bound::Hash { modulus, remainder } => {
                        hash % u64::from(modulus.max(1)) == u64::from(remainder)
                    }
                    Bound::Default | Bound::List(_) | Bound::Range(..) => false,
                })
            }
        };
        found.or(self.rest)
    }

    fn hash(&self, keys: &[Item<'_>], own: &[Option<Item<'_>>]) -> u64 {
        let of_keys = self.routing.keys.iter().zip(keys).zip(own);
        types::hash::combined(of_keys.filter(|((_, item), _)| !item.is_null()).map(|((key, item), own)| {
            match own {
                Some(Item::Int64(hash)) => hash.cast_unsigned(),
                Some(_) => 0,
                None => types::hash::of_key(&key.order, item),
            }
        }))
    }

    fn listed(&self, key: &Item<'_>) -> Option<usize> {
        let order = &self.routing.keys.first()?.order;
        let found = self.values.binary_search_by(|(value, _)| compare(order, &Item::from(value), key));
        found.ok().map(|place| self.values[place].1)
    }

    /// Parts come in the order of their ranges, which do not overlap.
    fn in_range(&self, keys: &[Item<'_>]) -> Option<usize> {
        let behind = |part: &plan::partition::Part| match &part.bound {
            Bound::Range(from, _) => self.beside_edge(keys, from) != Ordering::Less,
            Bound::Default | Bound::List(_) | Bound::Hash { .. } => false,
        };
        let place = self.routing.parts.partition_point(behind).checked_sub(1)?;
        match &self.routing.parts[place].bound {
            Bound::Range(_, to) => (self.beside_edge(keys, to) == Ordering::Less).then_some(place),
            Bound::Default | Bound::List(_) | Bound::Hash { .. } => None,
        }
    }

    fn beside_edge(&self, keys: &[Item<'_>], edge: &[Edge]) -> Ordering {
        for ((item, edge), key) in keys.iter().zip(edge).zip(&self.routing.keys) {
            let found = match edge {
                Edge::Least => Ordering::Greater,
                Edge::Greatest => Ordering::Less,
                Edge::Value(value) => compare(&key.order, item, &Item::from(value)),
            };
            if found != Ordering::Equal {
                return found;
            }
        }
        Ordering::Equal
    }

    /// The numbers of the tables that rows belong to, up to the first row that belongs to none, and what is wrong with that.
    pub fn tables(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
    ) -> ExecuteResult<(Vec<u32>, Option<ExecuteError>)> {
        let mut tables: Vec<u32> = vec![0; rows];
        let mut inside: Vec<Vec<u32>> = vec![Vec::new(); self.inner.len()];
        let mut failed: Option<(usize, ExecuteError)> = None;
        for (row, part) in self.parts(run, columns, rows)?.into_iter().enumerate() {
            let Some(part) = part else {
                failed = Some((row, self.no_part(run, columns, row)?));
                break;
            };
            if let Some(name) = &self.routing.parts[part].missed {
                failed = Some((row, missed(name)));
                break;
            }
            if let Some(message) = &self.routing.parts[part].foreign {
                failed = Some((row, no_handler(message)));
                break;
            }
            match &self.routing.parts[part].place {
                Place::Table(table) => tables[row] = *table,
                Place::Divided(_) => inside[part].push(row as u32),
            }
        }
        for (router, own) in self.inner.iter().zip(&inside) {
            let Some(router) = router.as_ref().filter(|_| !own.is_empty()) else { continue };
            let chunk = crate::operator::gather_rows(&Chunk::new(columns.to_vec(), rows), own)?;
            let (found, error) = router.tables(run, chunk.columns(), own.len())?;
            for (row, table) in own.iter().zip(&found) {
                tables[*row as usize] = *table;
            }
            if let (Some(error), Some(row)) = (error, own.get(found.len())) {
                let row = *row as usize;
                if failed.as_ref().is_none_or(|(before, _)| row < *before) {
                    failed = Some((row, error));
                }
            }
        }
        tables.truncate(failed.as_ref().map_or(rows, |(row, _)| *row));
        Ok((tables, failed.map(|(_, error)| error)))
    }

    fn no_part(&self, run: &mut Run<'_, '_>, columns: &[Vector], row: usize) -> ExecuteResult<ExecuteError> {
        let one: Vec<Vector> = columns.iter().map(|column| column.slice(row, 1)).collect();
        let keys = evaluate_all(&self.keys, run, &Chunk::new(one, 1))?;
        let types: Vec<Type> = self.routing.keys.iter().map(|key| key.expression.result).collect();
        let names: Vec<&str> = self.routing.keys.iter().map(|key| key.text.as_str()).collect();
        let values = key_values(&run.world.context, &types, &keys, 0)?;
        Ok(ConstraintError {
            state: SqlState::CheckViolation,
            message: format!("no partition of relation \"{}\" found for row", self.routing.name),
            detail: Some(format!(
                "Partition key of the failing row contains ({}) = ({values}).",
                names.join(", ")
            )),
            subject: Subject {
                schema: Some(self.routing.schema.clone()),
                table: Some(self.routing.name.clone()),
                ..Subject::default()
            },
        }
        .into())
    }
}

/// What is said of a row that was on its way to the part of this name when another came that has it. (PostgreSQL shows the row
/// as it is there.)
fn missed(name: &str) -> ExecuteError {
    let message = format!("new row for relation \"{name}\" violates partition constraint");
    ConstraintError {
        state: SqlState::CheckViolation,
        message,
        detail: None,
        subject: Subject { table: Some(name.to_owned()), ..Subject::default() },
    }
    .into()
}

/// What is said of a row that belongs to a foreign table.
fn no_handler(message: &str) -> ExecuteError {
    let (state, message) = (SqlState::ObjectNotInPrerequisiteState, message.to_owned());
    ConstraintError { state, message, detail: None, subject: Subject::default() }.into()
}

fn compare(order: &Order, one: &Item<'_>, other: &Item<'_>) -> Ordering {
    order.compare(one, other)
}
