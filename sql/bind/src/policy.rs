//! Row security: what policies say of the rows of a table, where a statement reads and changes them.
//!
//! Whether policies are asked, and which of them, depends on who uses the table: the session's role, or the owner of a view. So what is
//! bound here is bound for one role.

use crate::binder::{Binder, internal};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::parse::parsed_expression;
use catalog::Actor;
use catalog::object::{Object, Oid, Policy, PolicyCommand, Privileges, Table};
use diagnostic::SqlState;
use plan::expression::{Expression, ExpressionKind, RelationId};
use plan::logical::Logical;
use plan::target::{AskedBy, Check, ColumnTold, PolicyCheck, Told};
use std::sync::Arc;
use types::catalog::oid;
use types::{Type, Value};

/// Somebody for whom policies of a table are asked.
pub(crate) struct Subject {
    pub actor: Actor,
    /// As whom he uses the table: a view's owner, or the session's role.
    pub used_as: Option<Oid>,
}

/// The rows that a condition is about.
#[derive(Clone, Copy)]
pub(crate) enum PolicyRows {
    /// Those of a scan.
    Scanned(RelationId),
    /// Those that a change makes, or finds.
    Made(RelationId),
}

impl Binder<'_> {
    /// For whom policies of a table are asked, if they are.
    pub(crate) fn subject(&self, table: &Table, used_as: Option<Oid>) -> BindResult<Option<Subject>> {
        if !table.row_security || !self.asks_policies || self.shapes.is_some() {
            return Ok(None);
        }
        let Some(reader) = self.scope().path().reader() else { return Ok(None) };
        let actor = self.scope().actor(used_as.unwrap_or(reader.role));
        if !self.scope().asks_policies(table, &actor) {
            return Ok(None);
        }
        if reader.refuses_policies {
            return Err(refused(table, &actor));
        }
        Ok(Some(Subject { actor, used_as }))
    }

    /// What messages may tell the session's role of the rows of a table.
    pub(crate) fn told_of(&self, table: &Arc<Table>) -> Told {
        let Some(reader) = self.scope().path().reader() else { return Told::All };
        if self.scope().is_superuser(reader.role) {
            return Told::All;
        }
        let actor = self.scope().actor(reader.role);
        if self.scope().asks_policies(table, &actor) {
            return Told::Nothing;
        }
        if actor.privileges(self.scope(), &Object::Table(table.clone())).contains(Privileges::SELECT) {
            return Told::All;
        }
        let told = |acl| match actor.column_privileges(acl).contains(Privileges::SELECT) {
            true => ColumnTold::All,
            false => ColumnTold::Nothing,
        };
        Told::Columns(table.live_columns().map(|(_, column)| told(&column.acl)).collect())
    }

    /// What policies ask of rows of a table that are read, and of those that are locked besides.
    pub(crate) fn guards_of_read(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        locks: bool,
    ) -> BindResult<Vec<Expression>> {
        let Some(subject) = self.subject(table, self.check_as)? else { return Ok(Vec::new()) };
        let locked: &[PolicyCommand] = &[PolicyCommand::Update, PolicyCommand::Select];
        let done = if locks { locked } else { &[PolicyCommand::Select] };
        self.guards(table, relation, &subject, done)
    }

    /// What policies ask of rows that are there, for all that is done with them; each condition once.
    pub(crate) fn guards(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        subject: &Subject,
        done: &[PolicyCommand],
    ) -> BindResult<Vec<Expression>> {
        let mut guards: Vec<Expression> = Vec::new();
        for done in done {
            let rows = PolicyRows::Scanned(relation);
            let (allowed, restrictions) = self.combined(table, rows, subject, *done, using)?;
            let restrictions = restrictions.into_iter().map(|(_, condition)| condition);
            for guard in restrictions.chain([allowed]) {
                if !guards.contains(&guard) {
                    guards.push(guard);
                }
            }
        }
        Ok(guards)
    }

    /// What policies ask of rows of a change.
    pub(crate) fn policy_checks(
        &mut self,
        table: &Arc<Table>,
        rows: PolicyRows,
        subject: &Subject,
        (done, of): (PolicyCommand, fn(&Policy) -> Option<&String>),
        asked: PolicyCheck,
    ) -> BindResult<Vec<Check>> {
        let (allowed, restrictions) = self.combined(table, rows, subject, done, of)?;
        let check =
            |(name, condition)| Check { name, condition, asked_by: AskedBy::Policy(asked), validated: true };
        Ok([(String::new(), allowed)].into_iter().chain(restrictions).map(check).collect())
    }

    /// What allows a row, and what is against it: permissive policies of which one must be true, restrictive ones all of which must.
    fn combined(
        &mut self,
        table: &Arc<Table>,
        rows: PolicyRows,
        subject: &Subject,
        done: PolicyCommand,
        of: fn(&Policy) -> Option<&String>,
    ) -> BindResult<(Expression, Vec<(String, Expression)>)> {
        let (permissive, restrictive) = self.scope().policies_for(table.oid, &subject.actor, done);
        let truth = Type::of(oid::BOOL);
        let mut allowing = Vec::new();
        // In the order in which PostgreSQL has them.
        for policy in permissive.iter().rev() {
            if let Some(text) = of(policy) {
                allowing.push(self.policy_of_rows(table, rows, subject.used_as, text)?);
            }
        }
        if allowing.is_empty() {
            return Ok((Expression::constant(Value::Bool(false), truth), Vec::new()));
        }
        let mut restrictions = Vec::new();
        for policy in &restrictive {
            if let Some(text) = of(policy) {
                let condition = self.policy_of_rows(table, rows, subject.used_as, text)?;
                restrictions.push((policy.name.clone(), condition));
            }
        }
        let allowed = match allowing.len() {
            1 => allowing.swap_remove(0),
            _ => Expression::new(ExpressionKind::Or(allowing), truth),
        };
        Ok((allowed, restrictions))
    }

    /// A condition of a policy over rows, as somebody uses them.
    fn policy_of_rows(
        &mut self,
        table: &Arc<Table>,
        rows: PolicyRows,
        used_as: Option<Oid>,
        text: &str,
    ) -> BindResult<Expression> {
        let again = self.policies.iter().any(|(known, _)| *known == table.oid);
        self.policies.push((table.oid, again));
        let (PolicyRows::Scanned(relation) | PolicyRows::Made(relation)) = rows;
        let owner = self.owners.get(relation.0 as usize).copied();
        // What policies read nobody asks rights for.
        let described = self.described.remove(&relation);
        let around = (
            std::mem::replace(&mut self.check_as, used_as),
            self.changed.take(),
            self.rule_rows.take(),
            std::mem::take(&mut self.inherited_locks),
            std::mem::take(&mut self.row_ids_wanted),
            self.read.clone(),
        );
        let limit = self.context.depth_limit;
        let bound = self.kept(|binder| {
            binder.own(relation);
            let condition = |binder: &mut Binder<'_>| {
                parsed_expression(text, limit, |tree| binder.condition(tree, "POLICY"))
            };
            match rows {
                PolicyRows::Made(relation) => binder.over_rows(table, relation, Clause::Policy, condition),
                PolicyRows::Scanned(relation) => {
                    let item = scanned_item(table, relation);
                    binder.level().items.push(item);
                    binder.clause(Clause::Policy, condition)
                }
            }
        });
        let (check_as, changed, rule_rows, locks, row_ids, read) = around;
        (self.check_as, self.changed, self.rule_rows) = (check_as, changed, rule_rows);
        (self.inherited_locks, self.row_ids_wanted, self.read) = (locks, row_ids, read);
        if let Some(described) = described {
            self.described.insert(relation, described);
        }
        if let (Some(owner), Some(place)) = (owner, self.owners.get_mut(relation.0 as usize)) {
            *place = owner;
        }
        self.policies.pop();
        bound
    }

    /// That a query within a policy does not come back to the policy's table, whose policies would ask the query again.
    pub(crate) fn refuse_endless_policy(&self) -> BindResult<()> {
        let Some((table, true)) = self.policies.last() else { return Ok(()) };
        let Some(table) = self.scope().table(*table) else { return Err(internal("a policy is of no table")) };
        Err(BindError::new(BindErrorKind::Plain {
            state: SqlState::InvalidObjectDefinition,
            message: format!("infinite recursion detected in policy for relation \"{}\"", table.name),
        }))
    }
}

/// `USING` of a policy.
pub(crate) fn using(policy: &Policy) -> Option<&String> {
    policy.using.as_ref()
}

/// Puts guards before the rows of a scan.
pub(crate) fn put_guards(input: &mut Logical, relation: RelationId, guards: &[Expression]) {
    if guards.is_empty() {
        return;
    }
    if let Logical::Scan(scan) = input
        && scan.relation == relation
    {
        scan.guards.splice(0..0, guards.iter().cloned());
    }
    input.for_each_input_mut(&mut |input| put_guards(input, relation, guards));
}

/// A table's rows under its own name, as those of a scan.
fn scanned_item(table: &Table, relation: RelationId) -> Item {
    let typed =
        table.live_columns().map(|(_, column)| (Arc::from(column.name.as_str()), column.column_type()));
    let kind = ItemKind::Table { relation, row_type: table.row_type };
    let mut item = Item::open(table.name.as_str().into(), item_columns(relation, typed), kind);
    item.table = Some((table.schema, table.oid));
    item
}

/// That policies would be asked, which the session does not want.
fn refused(table: &Table, actor: &Actor) -> BindError {
    let owns = actor.has_rights_of(table.owner);
    BindError::new(BindErrorKind::PlainWith {
        state: SqlState::InsufficientPrivilege,
        message: format!("query would be affected by row-level security policy for table \"{}\"", table.name),
        detail: None,
        hint: owns.then(|| {
            "To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY."
                .to_owned()
        }),
    })
}
