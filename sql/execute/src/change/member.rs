//! A table that is changed together with those that inherit from it.
//!
//! Rows come and go in the form of the table that the statement names; each member has its own form, and its own rules.

use super::constraint::{first_view_violation, first_violation, policy_violation};
use super::delete::{before_delete, leave_rows, remove_asked};
use super::foreign_key;
use super::insert::{insert_ready, insert_rows};
use super::route::Router;
use super::table::Table;
use super::update::{Written, before_update, write_rows};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::Compiler;
use crate::operator::{gather_rows, join_rows};
use crate::run::Run;
use plan::target::{Member, PolicyCheck, TargetTable};
use plan::trigger::TriggerEvent;
use std::sync::Arc;
use types::vector::Chunk;
use types::{Item, Kind, Value, Vector};

/// One of the tables.
pub struct MemberTable {
    /// The table.
    pub table: Table,
    /// For each column of the named table its place here.
    columns: Vec<usize>,
}

impl MemberTable {
    fn new(compiler: &Compiler<'_>, member: &Member) -> ExecuteResult<MemberTable> {
        let table = Table::member(compiler, &member.target)?;
        let columns: Vec<usize> = member.columns.iter().map(|place| *place as usize).collect();
        if columns.iter().any(|place| *place >= table.kinds.len()) {
            return Err(ExecuteError::plan("a member lacks a column"));
        }
        Ok(MemberTable { table, columns })
    }

    /// Rows in the form of the named table.
    pub fn to_named(&self, columns: &[Vector]) -> Vec<Vector> {
        self.columns.iter().map(|place| columns[*place].clone()).collect()
    }

    /// Rows in the member's form; what the named table does not have is as in `before`, or null.
    pub fn to_own(
        &self,
        named: &[Vector],
        before: Option<Vec<Vector>>,
        rows: usize,
    ) -> ExecuteResult<Vec<Vector>> {
        let mut own = match before {
            Some(before) => before,
            None => {
                let null = |kind: &Kind| Vector::constant(*kind, &Value::Null, rows);
                self.table.kinds.iter().map(null).collect::<Result<_, _>>()?
            }
        };
        for (place, column) in self.columns.iter().zip(named) {
            own[*place] = column.clone();
        }
        Ok(own)
    }

    /// A row in the named form, with what is generated of it.
    pub fn generated(&self, run: &mut Run<'_, '_>, own: &[Vector]) -> ExecuteResult<Vec<Vector>> {
        let mut own = own.to_vec();
        self.table.generate(run, &mut own, 1)?;
        Ok(self.to_named(&own))
    }

    /// For each slot of rows in the named form, one after another, its slot in the member's form.
    pub fn slot(&self, slot: u32) -> u32 {
        let (count, own) = (self.columns.len(), self.table.kinds.len());
        let slot = slot as usize;
        match (slot / count.max(1), self.columns.get(slot % count.max(1))) {
            (turn, Some(place)) => (turn * own + place) as u32,
            (_, None) => slot as u32,
        }
    }

    /// The place here of a column of the named table.
    pub fn place(&self, named: u32) -> u32 {
        self.columns.get(named as usize).map_or(named, |place| *place as u32)
    }
}

/// The named table, those that are changed with it, and how new rows find theirs.
pub struct Targets {
    /// The table that the statement names.
    pub named: Table,
    /// All that have rows, if there are others than the named one.
    pub members: Vec<MemberTable>,
    router: Option<Router>,
}

/// Rows with the number of the table that they are of behind their columns.
pub fn numbered(member: &MemberTable, mut columns: Vec<Vector>, rows: usize) -> ExecuteResult<Vec<Vector>> {
    let number = Value::Int32(member.table.target.table.cast_signed());
    columns.push(Vector::constant(Kind::Int32, &number, rows)?);
    Ok(columns)
}

fn numbered_if(
    routes: bool,
    member: &MemberTable,
    columns: Vec<Vector>,
    rows: usize,
) -> ExecuteResult<Vec<Vector>> {
    if routes { numbered(member, columns, rows) } else { Ok(columns) }
}

/// Rows that were changed, in the form of the named table, with their places among those that were to be.
type Done = (Vec<u32>, Vec<Vector>);

/// Places of rows by the member that they belong to.
type Groups = Vec<(usize, Vec<u32>)>;

impl Targets {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, target: &Arc<TargetTable>) -> ExecuteResult<Targets> {
        let over_rows = Compiler::of_relation(compiler.types(), target.relation);
        let members = target.members.iter().map(|member| MemberTable::new(compiler, member));
        let router = target.routing.as_ref().map(|routing| Router::new(&over_rows, routing)).transpose()?;
        Ok(Targets {
            named: Table::new(compiler, target)?,
            members: members.collect::<ExecuteResult<_>>()?,
            router,
        })
    }

    /// The member with a number.
    pub fn member(&self, number: u32) -> ExecuteResult<usize> {
        let found = self.members.iter().position(|member| member.table.target.table == number);
        found.ok_or_else(|| ExecuteError::plan("a row of a table that is not changed"))
    }

    /// Rows of a chunk by the member that they are of, which a column says.
    pub fn split(&self, chunk: Chunk, table_oid: usize) -> ExecuteResult<Vec<(usize, Chunk)>> {
        let chunk = chunk.densify()?;
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.members.len()];
        for row in 0..chunk.rows() {
            // A row that has none is the nullable side of an outer join.
            let Item::Int32(number) = chunk.column(table_oid).item(row) else { continue };
            rows[self.member(number.cast_unsigned())?].push(row as u32);
        }
        let mut parts = Vec::new();
        for (member, rows) in rows.into_iter().enumerate() {
            if rows.len() == chunk.rows() {
                return Ok(vec![(member, chunk)]);
            }
            if !rows.is_empty() {
                parts.push((member, gather_rows(&chunk, &rows)?));
            }
        }
        Ok(parts)
    }

    /// New rows by the member that they belong to, up to the first that belongs to none, and what is wrong with that. Few
    /// rows are kept in their order, so that the first that is wrong is told of.
    pub fn routed(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
    ) -> ExecuteResult<(Groups, Option<ExecuteError>)> {
        const FEW: usize = 64;
        let Some(router) = &self.router else {
            return Err(ExecuteError::plan("rows that find no partition"));
        };
        let (tables, error) = router.tables(run, columns, rows)?;
        let mut groups: Groups = Vec::new();
        for (row, table) in tables.iter().enumerate() {
            let member = self.member(*table)?;
            let known = if rows > FEW {
                groups.iter_mut().find(|(known, _)| *known == member)
            } else {
                groups.last_mut().filter(|(known, _)| *known == member)
            };
            match known {
                Some((_, own)) => own.push(row as u32),
                None => groups.push((member, vec![row as u32])),
            }
        }
        Ok((groups, error))
    }

    /// Whether new rows find their table by themselves.
    pub fn routes(&self) -> bool {
        self.router.is_some()
    }

    /// Whether the named table or one of its members has triggers.
    pub fn has_triggers(&self) -> bool {
        self.named.triggers.is_some() || self.members.iter().any(|member| member.table.triggers.is_some())
    }

    /// Whether one of them is asked before this is done with rows.
    pub fn asks_before(&self, event: TriggerEvent) -> bool {
        self.named.asks_before(event) || self.members.iter().any(|member| member.table.asks_before(event))
    }

    /// The partition that one row belongs to.
    pub fn place_of(&self, run: &mut Run<'_, '_>, one: &[Vector]) -> ExecuteResult<usize> {
        let (groups, error) = self.routed(run, one, 1)?;
        match (error, groups.first()) {
            (Some(error), _) => Err(error),
            (None, Some((place, _))) => Ok(*place),
            (None, None) => Err(ExecuteError::plan("a row that finds no partition")),
        }
    }

    /// Inserts rows of the named table's columns, each into its partition; they come back with generated columns.
    pub fn insert(&self, run: &mut Run<'_, '_>, columns: Vec<Vector>, rows: usize) -> ExecuteResult<Chunk> {
        let made = self.insert_all(run, columns, rows)?;
        self.named.keep_changed(run, TriggerEvent::Insert, (None, Some(self.own(&made))), made.rows());
        Ok(made)
    }

    /// Of rows that were made the named table's columns.
    fn own<'c>(&self, made: &'c Chunk) -> &'c [Vector] {
        made.columns().get(..self.named.kinds.len()).unwrap_or_default()
    }

    fn insert_all(&self, run: &mut Run<'_, '_>, columns: Vec<Vector>, rows: usize) -> ExecuteResult<Chunk> {
        if !self.routes() {
            return insert_rows(&self.named, run, columns, rows);
        }
        if self.asks_before(TriggerEvent::Insert) {
            let mut made = Vec::with_capacity(rows);
            for row in 0..rows {
                let one: Vec<Vector> = columns.iter().map(|column| column.slice(row, 1)).collect();
                made.extend(self.insert_asking(run, &one)?);
            }
            return join_rows(&self.made_kinds(), made);
        }
        self.look(run, &columns, rows, PolicyCheck::Inserted)?;
        let (groups, error) = self.routed(run, &columns, rows)?;
        let chunk = Chunk::new(columns, rows);
        let mut done = Vec::with_capacity(groups.len());
        for (member, own) in groups {
            let part = gather_rows(&chunk, &own)?;
            let member = &self.members[member];
            let count = own.len();
            let made = insert_ready(&member.table, run, member.to_own(part.columns(), None, count)?, count)?;
            done.push((own, numbered(member, member.to_named(&made), count)?));
        }
        match error {
            Some(error) => Err(error),
            None => Ok(Chunk::new(self.together(done, rows)?, rows)),
        }
    }

    /// Inserts one row as the triggers of its partition want it, if they do. What policies and views ask is asked of what they have made.
    fn insert_asking(&self, run: &mut Run<'_, '_>, one: &[Vector]) -> ExecuteResult<Option<Chunk>> {
        let member = &self.members[self.place_of(run, one)?];
        let own = member.to_own(one, None, 1)?;
        let ready = member.table.before_row(run, TriggerEvent::Insert, &[], (None, Some(own)))?;
        let Some(ready) = ready else { return Ok(None) };
        let named = member.generated(run, &ready)?;
        self.look(run, &named, 1, PolicyCheck::Inserted)?;
        let made = insert_ready(&member.table, run, ready, 1)?;
        Ok(Some(Chunk::new(numbered(member, member.to_named(&made), 1)?, 1)))
    }

    /// Calls triggers that insert rows into a view.
    pub fn insert_instead(
        &self,
        run: &mut Run<'_, '_>,
        columns: Vec<Vector>,
        rows: usize,
    ) -> ExecuteResult<Chunk> {
        let mut made = Vec::new();
        for row in 0..rows {
            let one: Vec<Vector> = columns.iter().map(|column| column.slice(row, 1)).collect();
            let done = self.named.instead_of_row(run, TriggerEvent::Insert, (None, Some(one)))?;
            made.extend(done.map(|columns| Chunk::new(columns, 1)));
        }
        join_rows(&self.named.kinds, made)
    }

    /// Calls triggers that write a view's rows anew.
    pub fn update_instead(
        &self,
        run: &mut Run<'_, '_>,
        (before, after): (Vec<Vector>, Vec<Vector>),
        rows: usize,
    ) -> ExecuteResult<Written> {
        let (mut kept, mut made) = (Vec::new(), Vec::new());
        for row in 0..rows {
            let one = |side: &[Vector]| side.iter().map(|column| column.slice(row, 1)).collect::<Vec<_>>();
            let old = one(&before);
            let sides = (Some(&old[..]), Some(one(&after)));
            if let Some(columns) = self.named.instead_of_row(run, TriggerEvent::Update, sides)? {
                kept.push(row as u32);
                made.push(Chunk::new(columns, 1));
            }
        }
        let rows = kept.len();
        let columns = join_rows(&self.named.kinds, made)?.into_columns();
        Ok(Written { kept: Some(kept), columns, rows })
    }

    /// Writes rows into their partitions that were found to be good; of one that fails its place among them.
    pub fn load(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
    ) -> Result<(), (usize, ExecuteError)> {
        let begin = |error| (0, error);
        let (groups, error) = self.routed(run, columns, rows).map_err(begin)?;
        if let Some(error) = error {
            return Err((0, error));
        }
        let chunk = Chunk::new(columns.to_vec(), rows);
        for (member, own) in groups {
            let member = &self.members[member];
            let part = gather_rows(&chunk, &own).map_err(begin)?;
            let mut made = member.to_own(part.columns(), None, own.len()).map_err(begin)?;
            member.table.generate(run, &mut made, own.len()).map_err(begin)?;
            super::insert::write_rows(&member.table, run, &made, own.len(), |_, _| {})
                .map_err(|(row, error)| (own.get(row).map_or(0, |row| *row as usize), error))?;
        }
        Ok(())
    }

    /// Looks at what policies alone ask of a row that is to be inserted.
    pub fn ask_policies(&self, run: &mut Run<'_, '_>, row: &[Vector]) -> ExecuteResult<()> {
        match policy_violation(&self.named, run, row)? {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Looks at what views, policies and tables above ask of new rows.
    pub fn look(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
        made: PolicyCheck,
    ) -> ExecuteResult<()> {
        match first_view_violation(&self.named, run, columns, rows, made)? {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }

    /// The kinds of columns of rows that were made: where rows find their table by themselves, its number is one more.
    pub fn made_kinds(&self) -> Vec<Kind> {
        let number = self.routes().then_some(Kind::Int32);
        self.named.kinds.iter().copied().chain(number).collect()
    }

    /// Rows of several groups in their order.
    fn together(&self, done: Vec<Done>, rows: usize) -> ExecuteResult<Vec<Vector>> {
        if let [(_, _)] = done.as_slice() {
            return Ok(done.into_iter().next().map_or_else(Vec::new, |(_, columns)| columns));
        }
        let mut order: Vec<u32> = vec![0; rows];
        let (mut parts, mut at) = (Vec::with_capacity(done.len()), 0u32);
        for (own, columns) in done {
            for row in &own {
                order[*row as usize] = at;
                at += 1;
            }
            parts.push(Chunk::new(columns, own.len()));
        }
        let all = join_rows(&self.made_kinds(), parts)?;
        Ok(gather_rows(&all, &order)?.into_columns())
    }

    /// Writes rows anew that are locked, of the named table or of one of its members, or moves them to where they belong now.
    /// `after` are the named table's columns, and so is what comes back.
    pub fn update(
        &self,
        run: &mut Run<'_, '_>,
        member: Option<usize>,
        ids: &[i64],
        (before, after): (Vec<Vector>, Vec<Vector>),
        assigned: &[u32],
    ) -> ExecuteResult<Written> {
        let rows = ids.len();
        let own = member.map(|member| &self.members[member]);
        let table = own.map_or(&self.named, |own| &own.table);
        let places: Vec<u32>;
        let assigned = match own.filter(|own| own.table.triggers.is_some()) {
            Some(own) => {
                places = assigned.iter().map(|place| own.place(*place)).collect();
                &places
            }
            None => assigned,
        };
        let moves = self.routes() && self.asks_before(TriggerEvent::Insert);
        let asks = table.asks_before(TriggerEvent::Update) || table.asks_before(TriggerEvent::Delete);
        if !asks && !moves {
            let old = self.named.triggers.is_some().then(|| before.clone());
            let columns = self.write(run, member, ids, (before, None, after), assigned)?.unwrap_or_default();
            if let Some(old) = old {
                self.keep_updated(run, own, &old, &columns, rows);
            }
            return Ok(Written { kept: None, columns, rows });
        }
        let (mut kept, mut made) = (Vec::new(), Vec::new());
        for (row, id) in ids.iter().enumerate() {
            let one = |side: &[Vector]| side.iter().map(|column| column.slice(row, 1)).collect::<Vec<_>>();
            let old = one(&before);
            let new = match own {
                Some(own) => own.to_own(&one(&after), Some(old.clone()), 1)?,
                None => one(&after),
            };
            let Some(new) = before_update(table, run, *id, (&old, new), assigned)? else {
                continue;
            };
            let named = own.map_or_else(|| new.clone(), |own| own.to_named(&new));
            let written = match self.write(run, member, &[*id], (old.clone(), Some(&new), named), assigned)? {
                Some(written) => written,
                None => continue,
            };
            self.keep_updated(run, own, &old, &written, 1);
            kept.push(row as u32);
            made.push(Chunk::new(written, 1));
        }
        let rows = kept.len();
        let columns = join_rows(&self.made_kinds(), made)?.into_columns();
        Ok(Written { kept: Some(kept), columns, rows })
    }

    /// Removes rows that are locked, of the named table or of one of its members, unless triggers want nothing. The places of
    /// those that are gone, if not all, and what they were in the form of the named table.
    pub fn remove(
        &self,
        run: &mut Run<'_, '_>,
        member: Option<usize>,
        ids: &[i64],
        mut before: Vec<Vector>,
    ) -> ExecuteResult<Written> {
        let own = member.map(|member| &self.members[member]);
        let kept = remove_asked(own.map_or(&self.named, |own| &own.table), run, ids, &before)?;
        let mut rows = ids.len();
        if let Some(kept) = &kept {
            before = gather_rows(&Chunk::new(before, rows), kept)?.into_columns();
            rows = kept.len();
        }
        let columns = own.map_or_else(|| before.clone(), |own| own.to_named(&before));
        self.named.keep_changed(run, TriggerEvent::Delete, (Some(&columns), None), rows);
        Ok(Written { kept, columns, rows })
    }

    fn keep_updated(
        &self,
        run: &mut Run<'_, '_>,
        own: Option<&MemberTable>,
        before: &[Vector],
        after: &[Vector],
        rows: usize,
    ) {
        let before = own.map_or_else(|| before.to_vec(), |own| own.to_named(before));
        let after = after.get(..self.named.kinds.len());
        self.named.keep_changed(run, TriggerEvent::Update, (Some(&before), after), rows);
    }

    /// The same of rows that triggers have seen; none if others want the only one to stay. What the named table does not have
    /// is as in `own_after`, or as it was.
    fn write(
        &self,
        run: &mut Run<'_, '_>,
        member: Option<usize>,
        ids: &[i64],
        (before, own_after, after): (Vec<Vector>, Option<&[Vector]>, Vec<Vector>),
        assigned: &[u32],
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        let Some(member) = member else {
            return write_rows(&self.named, run, ids, before, after, assigned).map(Some);
        };
        let (own, rows) = (&self.members[member], ids.len());
        self.look(run, &after, rows, PolicyCheck::Updated)?;
        let (groups, error) = match self.routes() {
            true => self.routed(run, &after, rows)?,
            false => (vec![(member, (0..rows as u32).collect())], None),
        };
        if let ([(to, _)], None) = (groups.as_slice(), &error)
            && *to == member
        {
            let others = own_after.map_or_else(|| before.clone(), <[Vector]>::to_vec);
            let columns = own.to_own(&after, Some(others), rows)?;
            let written = write_rows(&own.table, run, ids, before, columns, assigned)?;
            return numbered_if(self.routes(), own, own.to_named(&written), rows).map(Some);
        }
        // Triggers see a row go before it is looked where it goes.
        if error.is_some()
            && groups.is_empty()
            && rows == 1
            && !before_delete(&own.table, run, ids[0], &before)?
        {
            return Ok(None);
        }
        let (before, after) = (Chunk::new(before, rows), Chunk::new(after, rows));
        let mut done = Vec::with_capacity(groups.len());
        for (to, places) in groups {
            let old = gather_rows(&before, &places)?.into_columns();
            let new = gather_rows(&after, &places)?.into_columns();
            let some: Vec<i64> = places.iter().map(|row| ids[*row as usize]).collect();
            let target = &self.members[to];
            let written = if to == member {
                let columns = target.to_own(&new, Some(old.clone()), places.len())?;
                write_rows(&target.table, run, &some, old, columns, assigned)?
            } else {
                match self.moved(run, (own, target), &some, (old, new))? {
                    Some(written) => written,
                    None => return Ok(None),
                }
            };
            let count = places.len();
            done.push((places, numbered_if(self.routes(), target, target.to_named(&written), count)?));
        }
        match error {
            Some(error) => Err(error),
            None => self.together(done, rows).map(Some),
        }
    }

    /// Moves rows from one partition to another; none if triggers do not want the only one to go or to come.
    fn moved(
        &self,
        run: &mut Run<'_, '_>,
        (from, to): (&MemberTable, &MemberTable),
        ids: &[i64],
        (old, new): (Vec<Vector>, Vec<Vector>),
    ) -> ExecuteResult<Option<Vec<Vector>>> {
        for id in ids {
            if !before_delete(&from.table, run, *id, &old)? {
                return Ok(None);
            }
        }
        // For those who refer to them they are updated, not deleted.
        let mut named = (from.to_named(&old), new.clone());
        leave_rows(&from.table, run, ids, &old)?;
        let made = insert_rows(&to.table, run, to.to_own(&new, None, ids.len())?, ids.len())?;
        // A trigger may have made other rows of them. If it has let one go, those who refer are told of what was asked for.
        if made.rows() == ids.len() {
            named.1 = to.to_named(made.columns());
        }
        for row in 0..ids.len() {
            foreign_key::key_changed(&self.named, run, (&named.0, &named.1), row)?;
            foreign_key::left(&self.named, &from.table, run, &old, row)?;
        }
        Ok((made.rows() == ids.len()).then(|| made.into_columns()))
    }

    /// The first row that may not be in the partition that it would go to.
    pub fn first_violation(
        &self,
        run: &mut Run<'_, '_>,
        columns: &[Vector],
        rows: usize,
    ) -> ExecuteResult<Option<(usize, ExecuteError)>> {
        if !self.routes() {
            return first_violation(&self.named, run, columns, rows, PolicyCheck::Inserted);
        }
        let mut first = first_view_violation(&self.named, run, columns, rows, PolicyCheck::Inserted)?;
        let (groups, error) = self.routed(run, columns, rows)?;
        let found: usize = groups.iter().map(|(_, own)| own.len()).sum();
        if let Some(error) = error
            && first.as_ref().is_none_or(|(row, _)| found < *row)
        {
            first = Some((found, error));
        }
        let chunk = Chunk::new(columns.to_vec(), rows);
        for (member, own) in groups {
            let member = &self.members[member];
            let part = gather_rows(&chunk, &own)?;
            let mut columns = member.to_own(part.columns(), None, own.len())?;
            member.table.generate(run, &mut columns, own.len())?;
            let found = first_violation(&member.table, run, &columns, own.len(), PolicyCheck::Inserted)?;
            if let Some((row, error)) = found {
                let row = own.get(row).map_or(0, |row| *row as usize);
                if first.as_ref().is_none_or(|(before, _)| row < *before) {
                    first = Some((row, error));
                }
            }
        }
        Ok(first)
    }
}
