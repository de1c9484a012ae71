//! `has_…_privilege`, `pg_has_role`: what a role may, asked by name or by number.

use crate::privileges::may_call_builtin;
use crate::services::{Services, other, text};
use catalog::object::{Object, Oid, Privileges};
use catalog::{Actor, Relation, SystemTable};
use diagnostic::{Diagnostic, SqlState};
use functions::SessionFunction as F;
use functions::{FunctionError, FunctionResult};
use types::{Item, Type, Value};

/// What may be wrong with a question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QuestionError {
    #[error("role \"{name}\" does not exist")]
    NoRole { name: String },
    #[error("relation \"{name}\" does not exist")]
    NoRelation { name: String },
    #[error("\"{name}\" is not a sequence")]
    NotSequence { name: String },
    #[error("column \"{column}\" of relation \"{relation}\" does not exist")]
    NoColumn { column: String, relation: String },
    #[error("unrecognized privilege type: \"{name}\"")]
    Privilege { name: String },
    #[error("{kind} \"{name}\" does not exist")]
    NoObject { kind: &'static str, name: String, state: SqlState },
}

impl Diagnostic for QuestionError {
    fn sqlstate(&self) -> SqlState {
        match self {
            QuestionError::NoRole { .. } => SqlState::UndefinedObject,
            QuestionError::NoRelation { .. } => SqlState::UndefinedTable,
            QuestionError::NotSequence { .. } => SqlState::WrongObjectType,
            QuestionError::NoColumn { .. } => SqlState::UndefinedColumn,
            QuestionError::Privilege { .. } => SqlState::InvalidParameterValue,
            QuestionError::NoObject { state, .. } => *state,
        }
    }
}

fn wrong(error: QuestionError) -> FunctionError {
    FunctionError::Other(Box::new(error))
}

/// Privileges that are asked for, one of which suffices, each with whether it is to be given on.
type Asked = Vec<(Privileges, bool)>;

/// What is asked, of an object that has these.
fn asked(text: &str, all: Privileges) -> FunctionResult<Asked> {
    let mut found = Vec::new();
    for written in text.split(',') {
        let name = written.trim();
        let (word, option) = match name.len().checked_sub(" with grant option".len()) {
            Some(at)
                if name.is_char_boundary(at) && name[at..].eq_ignore_ascii_case(" with grant option") =>
            {
                (&name[..at], true)
            }
            _ => (name, false),
        };
        let word = if word.eq_ignore_ascii_case("temp") { "temporary" } else { word };
        let known = Privileges::ALL.iter().find(|known| known.2.eq_ignore_ascii_case(word));
        match known.filter(|known| all.contains(known.0)) {
            Some((privilege, ..)) => found.push((*privilege, option)),
            None => return Err(wrong(QuestionError::Privilege { name: name.to_owned() })),
        }
    }
    Ok(found)
}

/// Whether somebody may read a relation of the system, or what is asked of its columns.
fn may_read_system(function: F, actor: &Actor, (table, rest): (&SystemTable, &[Item<'_>])) -> bool {
    let may = |read: Option<&[u16]>| actor.require_system(table, read).is_ok();
    match (function, rest) {
        (F::HasAnyColumnPrivilege, _) => may(Some(&[])),
        (F::HasColumnPrivilege, [_, column, _]) => {
            let number = match column {
                Item::Int16(number) => u16::try_from(*number).ok(),
                name => {
                    let mut known = table.columns.iter().zip(1u16..);
                    known.find(|(column, _)| column.name == text(name)).map(|(_, number)| number)
                }
            };
            number.is_none_or(|number| may(Some(&[number])))
        }
        _ => may(None),
    }
}

impl Services<'_> {
    /// The answer of a function that asks for privileges; none for another function.
    pub(crate) fn of_privileges(&self, function: F, arguments: &[Item<'_>]) -> FunctionResult<Option<Value>> {
        // Whatever else is asked is nothing to look for a role in: its first argument is none.
        let of_objects = matches!(
            function,
            F::HasTablePrivilege
                | F::HasAnyColumnPrivilege
                | F::HasColumnPrivilege
                | F::HasSequencePrivilege
                | F::HasSchemaPrivilege
                | F::HasDatabasePrivilege
                | F::HasTypePrivilege
                | F::HasWrapperPrivilege
                | F::HasServerPrivilege
                | F::HasFunctionPrivilege
                | F::HasLanguagePrivilege
                | F::HasTablespacePrivilege
        );
        if !of_objects && function != F::HasRole {
            return Ok(None);
        }
        let with_column = function == F::HasColumnPrivilege;
        let (who, rest) = match (arguments, with_column) {
            ([_, _, _], true) | ([_, _], false) => (Some(self.roles.0), arguments),
            ([who, rest @ ..], _) => (self.asked_role(who, function)?, rest),
            ([], _) => return Ok(None),
        };
        let [of_what, .., wanted] = rest else { return Ok(None) };
        let wanted = text(wanted);
        let Some(who) = who else { return Ok(Some(Value::Bool(false))) };
        let actor = Actor::new(self.scope, who, self.database.0);
        let answer = match function {
            F::HasTablePrivilege
            | F::HasAnyColumnPrivilege
            | F::HasColumnPrivilege
            | F::HasSequencePrivilege => self.may_use_relation(function, &actor, rest, wanted)?,
            F::HasSchemaPrivilege
            | F::HasDatabasePrivilege
            | F::HasTypePrivilege
            | F::HasWrapperPrivilege
            | F::HasServerPrivilege
            | F::HasFunctionPrivilege
            | F::HasLanguagePrivilege
            | F::HasTablespacePrivilege => self.may_use_object(function, &actor, of_what, wanted)?,
            F::HasRole => self
                .asked_role(of_what, function)?
                .map_or(Ok(Some(false)), |role| self.has_role(&actor, role, wanted).map(Some))?,
            _ => return Ok(None),
        };
        Ok(Some(answer.map_or(Value::Null, Value::Bool)))
    }

    /// Whether the actor may do one of these things with something that is no relation; none if there is no such thing.
    fn may_use_object(
        &self,
        function: F,
        actor: &Actor,
        of_what: &Item<'_>,
        wanted: &str,
    ) -> FunctionResult<Option<bool>> {
        Ok(match function {
            F::HasSchemaPrivilege => {
                let named = |name: &str| self.scope.schema_named(name);
                let missing = ("schema", SqlState::InvalidSchemaName);
                let schema = number_of(of_what, named, missing)?;
                let asked = asked(wanted, Privileges::SCHEMA)?;
                self.scope.object(schema).map(|object| self.holds(actor, object, &asked))
            }
            F::HasDatabasePrivilege => {
                let named = |name: &str| self.scope.database_named(name);
                let database = number_of(of_what, named, ("database", SqlState::InvalidCatalogName))?;
                let asked = asked(wanted, Privileges::DATABASE)?;
                let database = self.scope.database(database).cloned().map(Object::Database);
                database.map(|database| self.holds(actor, &database, &asked))
            }
            F::HasTypePrivilege => {
                let of = self.object_of(of_what, types::catalog::oid::REGTYPE)?;
                let asked = asked(wanted, Privileges::USAGE)?;
                let made = self.scope.made_type(of).and_then(|made| self.scope.object(made.object));
                let builtin = types::catalog::builtin(of).map(|_| true);
                made.map(|object| self.holds(actor, object, &asked)).or(builtin)
            }
            F::HasWrapperPrivilege | F::HasServerPrivilege => {
                self.may_use_foreign(function, actor, of_what, wanted)?
            }
            F::HasFunctionPrivilege => {
                let of = self.object_of(of_what, types::catalog::oid::REGPROCEDURE)?;
                let asked = asked(wanted, Privileges::EXECUTE)?;
                let builtin = functions::table::function(of).map(|_| may_call_builtin(actor, of));
                builtin.or_else(|| self.scope.object(of).map(|object| self.holds(actor, object, &asked)))
            }
            F::HasLanguagePrivilege => {
                // There are the three that every database has; the untrusted ones are for superusers to grant.
                let named = |name: &str| {
                    [("internal", 12), ("c", 13), ("sql", 14)]
                        .into_iter()
                        .find_map(|(known, oid)| (known == name).then_some(oid))
                };
                let of = number_of(of_what, named, ("language", SqlState::UndefinedObject))?;
                asked(wanted, Privileges::USAGE)?;
                (12..=14).contains(&of).then_some(true)
            }
            F::HasTablespacePrivilege => {
                let named = |name: &str| self.scope.tablespace_named(name).map(|found| found.oid);
                let of = number_of(of_what, named, ("tablespace", SqlState::UndefinedObject))?;
                let asked = asked(wanted, Privileges::CREATE)?;
                let object = self.scope.tablespace(of).map(|found| Object::Tablespace(found.clone()));
                object.map(|object| self.holds(actor, &object, &asked))
            }
            _ => None, // it is not asked here
        })
    }

    /// The same of foreign-data wrappers and servers.
    fn may_use_foreign(
        &self,
        function: F,
        actor: &Actor,
        of_what: &Item<'_>,
        wanted: &str,
    ) -> FunctionResult<Option<bool>> {
        let of = if function == F::HasWrapperPrivilege {
            let named = |name: &str| self.scope.foreign_wrapper_named(name).map(|found| found.oid);
            let of = number_of(of_what, named, ("foreign-data wrapper", SqlState::UndefinedObject))?;
            self.scope.foreign_wrapper(of).map(|found| found.oid)
        } else {
            let named = |name: &str| self.scope.foreign_server_named(name).map(|found| found.oid);
            let of = number_of(of_what, named, ("server", SqlState::UndefinedObject))?;
            self.scope.foreign_server(of).map(|found| found.oid)
        };
        let asked = asked(wanted, Privileges::USAGE)?;
        let object = of.and_then(|of| self.scope.object(of));
        Ok(object.map(|object| self.holds(actor, object, &asked)))
    }

    /// The role that is asked about; none for a number that is nobody's.
    pub(crate) fn asked_role(&self, who: &Item<'_>, function: F) -> FunctionResult<Option<Oid>> {
        if let Item::Int32(number) = who {
            return Ok(Some(number.cast_unsigned()).filter(|role| self.scope.role(*role).is_some()));
        }
        let name = text(who);
        // Everybody is nobody who is a member of anything.
        if name == "public" && function != F::HasRole {
            return Ok(Some(0));
        }
        match self.scope.role_named(name) {
            Some(role) => Ok(Some(role)),
            None => Err(wrong(QuestionError::NoRole { name: name.to_owned() })),
        }
    }

    fn holds(&self, actor: &Actor, object: &Object, asked: &Asked) -> bool {
        let privileges = actor.privileges(self.scope, object);
        let owns = actor.superuser || object.owner().is_some_and(|owner| actor.has_rights_of(owner));
        asked.iter().any(|(privilege, option)| match option {
            false => privileges.contains(*privilege),
            true => owns || self.may_give_on(actor, object, *privilege),
        })
    }

    fn may_give_on(&self, actor: &Actor, object: &Object, privilege: Privileges) -> bool {
        let mut grants = object.acl().iter().flatten();
        grants.any(|grant| actor.has_rights_of(grant.grantee) && grant.grant_option.contains(privilege))
    }

    fn may_use_relation(
        &self,
        function: F,
        actor: &Actor,
        rest: &[Item<'_>],
        wanted: &str,
    ) -> FunctionResult<Option<bool>> {
        let Some(first) = rest.first() else { return Ok(None) };
        let relation = match first {
            Item::Int32(number) => self.scope.relation(number.cast_unsigned()),
            name => Some(
                self.relation_named(text(name))?
                    .ok_or_else(|| wrong(QuestionError::NoRelation { name: text(name).to_owned() }))?,
            ),
        };
        let Some(relation) = relation else { return Ok(None) };
        let all = match function {
            F::HasSequencePrivilege => Privileges::SEQUENCE,
            F::HasColumnPrivilege | F::HasAnyColumnPrivilege => Privileges::COLUMN,
            _ => Privileges::TABLE,
        };
        if function == F::HasSequencePrivilege && !matches!(relation, Relation::Sequence(_)) {
            return Err(wrong(QuestionError::NotSequence { name: relation.name().to_owned() }));
        }
        let asked = asked(wanted, all)?;
        let object = match &relation {
            Relation::System(table) => {
                let reads =
                    asked.iter().any(|(privilege, option)| *privilege == Privileges::SELECT && !option);
                let granted = may_read_system(function, actor, (table, rest));
                return Ok(Some(actor.superuser || reads && granted));
            }
            Relation::Table(_)
            | Relation::View(_)
            | Relation::Index(_)
            | Relation::Sequence(_)
            | Relation::Composite(_) => self.scope.object(relation.oid()),
        };
        let Some(object) = object else { return Ok(Some(false)) };
        let whole = self.holds(actor, object, &asked);
        let columns = object.columns_with_acl();
        let by_column = |acl: &catalog::object::Acl| {
            let own = actor.column_privileges(acl);
            asked.iter().any(|(privilege, option)| own.contains(*privilege) && !option)
        };
        match (function, rest) {
            (F::HasAnyColumnPrivilege, _) => {
                Ok(Some(whole || columns.iter().any(|(_, _, acl)| by_column(acl))))
            }
            (F::HasColumnPrivilege, [_, column, _]) => {
                let found = match column {
                    Item::Int16(number) => {
                        let place = usize::try_from(*number).ok().and_then(|number| number.checked_sub(1));
                        columns.iter().find(|(known, ..)| Some(*known) == place)
                    }
                    name => {
                        let (column, relation) = (text(name).to_owned(), relation.name().to_owned());
                        let found = columns.iter().find(|(_, known, _)| *known == column);
                        Some(found.ok_or_else(|| wrong(QuestionError::NoColumn { column, relation }))?)
                    }
                };
                Ok(found.map(|(_, _, acl)| whole || by_column(acl)))
            }
            _ => Ok(Some(whole)),
        }
    }

    /// The number of what is asked about, which may be written as a value of one of the types of names.
    fn object_of(&self, of_what: &Item<'_>, of: u32) -> FunctionResult<Oid> {
        if let Item::Int32(number) = of_what {
            return Ok(number.cast_unsigned());
        }
        match catalog::names::input(self.scope, Type::of(of), text(of_what)).map_err(other)? {
            Value::Int32(number) => Ok(number.cast_unsigned()),
            _ => Ok(0), // names are of nothing else
        }
    }

    fn has_role(&self, actor: &Actor, role: Oid, wanted: &str) -> FunctionResult<bool> {
        let mut any = false;
        for written in wanted.split(',') {
            let name = written.trim().to_ascii_lowercase();
            let admin = || {
                // Whoever asks about himself is no admin of himself.
                let roles = self.scope.roles_of(actor.role, 0);
                actor.superuser
                    || roles.into_iter().filter_map(|own| self.scope.role(own)).any(|own| {
                        own.member_of.iter().any(|membership| membership.role == role && membership.admin)
                    })
            };
            any |= match name.as_str() {
                "usage" => actor.has_rights_of(role),
                "member" => {
                    actor.superuser || catalog::is_member(self.scope, actor.role, role, self.database.0)
                }
                "usage with grant option"
                | "usage with admin option"
                | "member with grant option"
                | "member with admin option" => admin(),
                _ => return Err(wrong(QuestionError::Privilege { name: written.trim().to_owned() })),
            };
        }
        Ok(any)
    }

    /// That the session's role may use a sequence in one of these ways.
    ///
    /// # Errors
    /// When it may not.
    pub(crate) fn require_sequence(
        &self,
        sequence: &catalog::object::Sequence,
        ways: &[Privileges],
    ) -> FunctionResult<()> {
        if self.scope.is_superuser(self.roles.0) {
            return Ok(());
        }
        let actor = Actor::new(self.scope, self.roles.0, self.database.0);
        let Some(object) = self.scope.object(sequence.oid) else { return Ok(()) };
        let allowed = actor.require_any(self.scope, object, ways);
        allowed.map_err(|error| FunctionError::Other(Box::new(error)))
    }
}

/// The number of an object that is asked about by number or by name.
fn number_of(
    item: &Item<'_>,
    named: impl Fn(&str) -> Option<Oid>,
    (kind, state): (&'static str, SqlState),
) -> FunctionResult<Oid> {
    if let Item::Int32(number) = item {
        return Ok(number.cast_unsigned());
    }
    let name = text(item);
    named(name).ok_or_else(|| wrong(QuestionError::NoObject { kind, name: name.to_owned(), state }))
}
