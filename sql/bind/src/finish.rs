//! The end of a statement: tables of `WITH` that are read once become part of their reader, and scans read only the columns
//! that somebody uses.

use crate::binder::{Binder, Described};
use crate::copy::{first_copy, fresh_copy};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::query::BoundQuery;
use crate::with::CommonDraft;
use catalog::Scope;
use functions::table::{Volatility, function};
use plan::expression::{Column, Expression, ExpressionKind, RelationId};
use plan::logical::{CommonTable, CommonTableId, JoinKind, Logical, OutputColumn, Query, RangeName};
use plan::walk::free_columns;
use std::collections::BTreeMap;
use types::catalog::oid;
use types::{Type, Value};

/// What becomes of a table of `WITH`.
enum Fate {
    /// It is a table of the statement, with a new number.
    Kept(u32),
    /// It is put where it is referred to.
    Inlined {
        /// It, and its columns.
        query: Box<(Logical, Vec<Column>)>,
        /// Whether it has been put somewhere.
        copied: bool,
    },
    /// Nobody refers to it.
    Dropped,
}

/// Whether an expression calls a volatile function itself, its parts aside.
pub(crate) fn calls_volatile(scope: &Scope, expression: &Expression) -> bool {
    expression.calls(|called| match function(called.0) {
        Some(entry) => entry.volatility == Volatility::Volatile,
        None => scope
            .function(called.0)
            .is_some_and(|known| known.volatility == catalog::object::Volatility::Volatile),
    })
}

impl Binder<'_> {
    /// The statement as the planner wants it.
    pub fn finish(mut self, bound: BoundQuery) -> BindResult<Query> {
        let mut query = self.finished(bound)?;
        self.settle_uses(&mut query)?;
        Ok(query)
    }

    /// Says of a statement what types its parameters have, and what it uses: with all that was bound beside it.
    pub fn settle_uses(self, query: &mut Query) -> BindResult<()> {
        query.parameters.extend(self.parameter_types()?);
        query.relations = self.uses.into_values().collect();
        Ok(())
    }

    /// The types of all parameters, now that everything that uses them is bound.
    pub fn parameter_types(&self) -> BindResult<Vec<Type>> {
        let known = |(place, of): (usize, &Option<Type>)| match of {
            Some(of) if of.oid != oid::UNKNOWN => {
                let mut untyped = self.untyped_parameters.iter();
                match untyped.find(|(number, _)| *number as usize == place) {
                    Some((_, position)) => {
                        let kind = BindErrorKind::ParameterTypeLate { number: place + 1 };
                        Err(BindError::at(kind, *position))
                    }
                    None => Ok(*of),
                }
            }
            _ => Err(BindError::new(BindErrorKind::ParameterType { number: place + 1 })),
        };
        self.parameters.iter().enumerate().map(known).collect()
    }

    /// One of the statements that are bound together, as the planner wants it.
    pub fn finished(&mut self, bound: BoundQuery) -> BindResult<Query> {
        let BoundQuery { logical, columns, shape: _ } = bound;
        let mut root = logical;
        let mut output: Vec<OutputColumn> = columns
            .into_iter()
            .map(|column| OutputColumn {
                name: column.name,
                collation: self.column_collation(column.column, column.column_type),
                column: column.column,
                column_type: told(column.column_type),
                origin: column.origin,
            })
            .collect();
        let mut read = false;
        let mut look = |column: Column| read |= Some(column.relation) == self.unreadable;
        root.for_each_column(&mut look);
        self.common_drafts.iter().for_each(|draft| draft.query.for_each_column(&mut look));
        if read {
            return Err(unreadable());
        }
        self.mark_presence(&mut root);
        let mut drafts = std::mem::take(&mut self.common_drafts);
        drafts.iter_mut().for_each(|draft| self.mark_presence(&mut draft.query));
        self.common_drafts = drafts;
        let mut common_tables = self.settle_common(&mut root)?;
        self.prune(&mut root, &mut common_tables, &mut output);
        Ok(Query {
            root,
            output,
            common_tables,
            parameters: Vec::new(),
            next_relation: self.owners.len() as u32,
            ranges: self.ranges,
            names: self.names_of_rows(),
            relations: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
        })
    }

    /// What those makers of rows that are no tables are called, and their columns.
    fn names_of_rows(&mut self) -> BTreeMap<RelationId, RangeName> {
        let described = std::mem::take(&mut self.described).into_iter();
        let of_rows = described.filter(|(_, described)| described.table.is_none());
        of_rows
            .map(|(relation, Described { alias, columns, .. })| {
                let barrier = self.barriers.contains(&relation);
                (relation, RangeName { alias, columns, barrier })
            })
            .collect()
    }

    /// Puts beside the makers of rows that may be missing what says that they are there.
    fn mark_presence(&self, logical: &mut Logical) {
        if self.presences.is_empty() {
            return;
        }
        logical.for_each_input_mut(&mut |input| self.mark_presence(input));
        logical.for_each_expression_mut(&mut |expression| self.mark_presence_within(expression));
        let mut presence = None;
        logical.own_relations(&mut |relation| presence = presence.or(self.presences.get(&relation)));
        let Some(presence) = presence else { return };
        let of = Type::of(oid::BOOL);
        let there = Expression { kind: ExpressionKind::Constant(Value::Bool(true)), result: of };
        let mark = Logical::Values { relation: *presence, types: vec![of], rows: vec![vec![there]] };
        let rows = std::mem::replace(logical, Logical::nothing(*presence));
        *logical = crate::query::joined(JoinKind::Inner, rows, mark, Vec::new(), false);
    }

    fn mark_presence_within(&self, expression: &mut Expression) {
        if let ExpressionKind::Subquery(subquery) = &mut expression.kind {
            self.mark_presence(&mut subquery.query);
        }
        expression.for_each_part_mut(&mut |part| self.mark_presence_within(part));
    }

    fn settle_common(&mut self, root: &mut Logical) -> BindResult<Vec<CommonTable>> {
        let drafts = std::mem::take(&mut self.common_drafts);
        let mut fates: Vec<Fate> = Vec::with_capacity(drafts.len());
        let mut kept = Vec::new();
        for draft in drafts {
            let CommonDraft { name, mut query, columns, changes, recursive, materialized, references } =
                draft;
            self.put_in(&mut query, &mut fates, &mut kept);
            let correlated = !free_columns(&query).is_empty();
            let alone = !recursive && materialized != Some(true) && references == 1;
            fates.push(if references == 0 && !changes {
                Fate::Dropped
            } else if !changes && (correlated || alone && !self.is_volatile(&query)) {
                Fate::Inlined { query: Box::new((query, columns)), copied: false }
            } else {
                kept.push(CommonTable { name, query, columns, changes });
                Fate::Kept(kept.len() as u32 - 1)
            });
        }
        self.put_in(root, &mut fates, &mut kept);
        Ok(kept)
    }

    /// Puts tables of `WITH` where they are read, and gives the others their numbers.
    fn put_in(&mut self, logical: &mut Logical, fates: &mut [Fate], kept: &mut Vec<CommonTable>) {
        if fates.is_empty() {
            return;
        }
        logical.for_each_input_mut(&mut |input| self.put_in(input, fates, kept));
        logical.for_each_expression_mut(&mut |expression| self.put_in_expression(expression, fates, kept));
        if let Logical::CommonTable { relation, table, types } = logical {
            match fates.get_mut(table.0 as usize) {
                Some(Fate::Kept(number)) => *table = CommonTableId(*number),
                Some(Fate::Inlined { query, copied }) => {
                    let (relation, types) = (*relation, types.clone());
                    let (query, columns) = match std::mem::replace(copied, true) {
                        false => first_copy(self, &query.0, &query.1),
                        true => fresh_copy(self, (&query.0, &query.1), kept),
                    };
                    *logical = renamed(relation, query, &columns, &types);
                }
                Some(Fate::Dropped) | None => {}
            }
        }
    }

    fn put_in_expression(
        &mut self,
        expression: &mut Expression,
        fates: &mut [Fate],
        kept: &mut Vec<CommonTable>,
    ) {
        if let ExpressionKind::Subquery(subquery) = &mut expression.kind {
            self.put_in(&mut subquery.query, fates, kept);
        }
        expression.for_each_part_mut(&mut |part| self.put_in_expression(part, fates, kept));
    }

    /// Whether each reading might give something else, or locks rows.
    fn is_volatile(&self, query: &Logical) -> bool {
        let mut volatile = false;
        query.walk(&mut |operator| {
            volatile |= matches!(operator, Logical::LockRows { .. });
            operator.for_each_expression(&mut |expression| {
                volatile |= expression.any(&mut |part| self.calls_volatile(part));
            });
        });
        volatile
    }

    /// Whether an expression calls a volatile function itself, its parts aside.
    pub fn calls_volatile(&self, expression: &Expression) -> bool {
        calls_volatile(self.scope(), expression)
    }

    /// Leaves out what no scan needs to read.
    fn prune(&mut self, root: &mut Logical, common_tables: &mut [CommonTable], output: &mut [OutputColumn]) {
        let mut places: BTreeMap<RelationId, Vec<Option<u32>>> = self
            .scans
            .iter()
            .map(|(relation, scan)| (*relation, scan.columns.len()))
            .chain(self.system_columns.iter().map(|(relation, columns)| (*relation, columns.len())))
            .map(|(relation, count)| (relation, vec![None; count]))
            .collect();
        let mut mark = |column: Column| {
            let slots = places.get_mut(&column.relation);
            if let Some(slot) = slots.and_then(|slots| slots.get_mut(column.index as usize)) {
                *slot = Some(0);
            }
        };
        root.for_each_column(&mut mark);
        for table in common_tables.iter() {
            table.query.for_each_column(&mut mark);
            table.columns.iter().for_each(|column| mark(*column));
        }
        output.iter().for_each(|column| mark(column.column));
        for slots in places.values_mut() {
            for (number, slot) in (0..).zip(slots.iter_mut().flatten()) {
                *slot = number;
            }
        }
        let place = |column: &mut Column| {
            if let Some(slots) = places.get(&column.relation)
                && let Some(Some(place)) = slots.get(column.index as usize)
            {
                column.index = *place;
            }
        };
        crate::copy::map_columns(root, &place);
        for table in common_tables.iter_mut() {
            crate::copy::map_columns(&mut table.query, &place);
            table.columns.iter_mut().for_each(place);
        }
        output.iter_mut().for_each(|column| place(&mut column.column));
        let mut fill = |operator: &mut Logical| match operator {
            Logical::Scan(scan) => {
                if let Some(known) = self.scans.get(&scan.relation) {
                    let slots = places.get(&scan.relation);
                    scan.columns = used(&known.columns, slots);
                    for (member, known) in scan.members.iter_mut().zip(&known.members) {
                        member.columns = used(&known.columns, slots);
                    }
                }
            }
            Logical::SystemScan { relation, columns, .. } => {
                if let Some(known) = self.system_columns.get(relation) {
                    *columns = used(known, places.get(relation));
                }
            }
            _ => {}
        };
        crate::copy::each_operator(root, &mut fill);
        for table in common_tables {
            crate::copy::each_operator(&mut table.query, &mut fill);
        }
    }
}

/// What is used of a list.
fn used<T: Clone>(all: &[T], slots: Option<&Vec<Option<u32>>>) -> Vec<T> {
    let slots = slots.map_or(&[][..], Vec::as_slice);
    all.iter().zip(slots).filter(|(_, slot)| slot.is_some()).map(|(one, _)| one.clone()).collect()
}

/// A query whose columns are those of another relation.
fn renamed(relation: RelationId, query: Logical, columns: &[Column], types: &[Type]) -> Logical {
    let expressions =
        columns.iter().zip(types).map(|(column, of)| Expression::column(*column, *of)).collect();
    Logical::Project { relation, input: Box::new(query), expressions }
}

/// A column's type as it is told outside: what columns a row has is the statement's own knowledge.
fn told(of: Type) -> Type {
    if of.oid == oid::RECORD || of.oid == oid::RECORD_ARRAY { Type::of(of.oid) } else { of }
}

/// Somebody reads a system column of a row that a view's change makes.
pub(crate) fn unreadable() -> BindError {
    BindError::new(BindErrorKind::Unsupported {
        feature: "reading a system column of a changed row".to_owned(),
    })
}
