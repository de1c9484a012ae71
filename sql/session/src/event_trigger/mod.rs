//! Triggers of definitions: which commands they fire by, and what they are told of what was done.
//!
//! What a command has made, changed and removed is found by comparing the catalog before it and after it, so that no
//! definition has to tell of itself. Only where there are such triggers anything is compared.
//!
//! Invariants
//!
//! 1. A trigger's function runs within the command's transaction, and what it fails with fails the command.
//! 2. What functions may ask ([`Defining`]) is that of the innermost command that fires.

mod gone;

use self::gone::{Gone, gone};
use crate::client::{Client, SharedClient};
use crate::definition::command;
use crate::error::SessionError;
use crate::identify::Identity;
use crate::kind_tags::{create_tag, privileges_word, tag_of};
use crate::prepared::slice;
use crate::services::Services;
use crate::session::Session;
use catalog::object::{Constraint, DefinitionEvent, FunctionKind, Object, Oid, Rule, class};
use catalog::{Address, DependencyKind, Scope};
use define::event_trigger::TagOf;
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult};
use std::collections::BTreeSet;
use syntax::tree::Statement;
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::role::{DefaultPrivileges, GrantTarget};
use syntax::tree::statement::StatementKind;
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

/// What a command has done, as triggers may ask.
#[derive(Default)]
pub(crate) struct Defining {
    /// What fires now.
    event: Option<DefinitionEvent>,
    commands: Vec<Done>,
    gone: Vec<Gone>,
    tag: &'static str,
    /// Whether it has commands of its own, which are parts of it.
    whole: bool,
    /// The table whose rows are about to be written anew, and why; tables of which that was told.
    rewrite: Option<(Oid, i32)>,
    rewritten: BTreeSet<Oid>,
}

impl Defining {
    /// Whether what is defined now is a part of it.
    fn runs_parts(&self) -> bool {
        self.whole && self.event.is_none()
    }

    /// A table's rows are about to be written anew: whom to call, with which tag.
    pub fn begin_rewrite(
        &mut self,
        scope: &Scope,
        (table, reason): (Oid, i32),
        replica: bool,
    ) -> Vec<(Oid, &'static str)> {
        if !self.rewritten.insert(table) {
            return Vec::new();
        }
        self.event = Some(DefinitionEvent::Rewrite);
        self.rewrite = Some((table, reason));
        let functions = firing(scope, DefinitionEvent::Rewrite, self.tag, replica).into_iter();
        functions.map(|function| (function, self.tag)).collect()
    }

    /// They have been called.
    pub fn end_rewrite(&mut self) {
        (self.event, self.rewrite) = (None, None);
    }
}

/// Something that was done.
struct Done {
    tag: &'static str,
    what: What,
    in_extension: bool,
}

/// What was done something to.
enum What {
    Object(Oid, Address),
    /// Privileges on objects of a kind.
    Privileges(&'static str),
}

fn violated(call: &str, within: &str) -> FunctionError {
    let message = format!("{call}() can only be called in {within} event trigger function");
    FunctionError::plain(SqlState::ERIEEventTriggerProtocolViolated, message)
}

/// The tag of a definition by which triggers may fire; none of another.
fn firing_tag(text: &str, statement: &Statement<'_>) -> Option<&'static str> {
    let tag = match &statement.kind {
        StatementKind::CreateRoutine(create) if create.procedure => "CREATE PROCEDURE",
        StatementKind::CreateTableAs(create) if create.materialized_view => "CREATE MATERIALIZED VIEW",
        StatementKind::CreateTableAs(_) => {
            let written = slice(text, statement).trim_start();
            let makes = written.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("create"));
            if makes { "CREATE TABLE AS" } else { "SELECT INTO" }
        }
        StatementKind::Comment(comment) if is_shared(comment.kind) => return None,
        StatementKind::Grant(grant) => match grant.on {
            GrantTarget::Objects(kind, _) if privileges_word(kind).is_none() => return None,
            _ => command(&statement.kind),
        },
        kind => command(kind),
    };
    matches!(tag_of(tag), TagOf::Fires | TagOf::Rewrites).then_some(tag)
}

/// Whether no trigger fires by what is done to objects of a kind: all databases have them, or triggers themselves.
fn is_shared(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Database | ObjectKind::Role | ObjectKind::Tablespace | ObjectKind::EventTrigger
    )
}

impl Session {
    /// Runs a definition, and the triggers that fire by it.
    pub(crate) fn with_event_triggers(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        client: &mut dyn Client,
        run: impl FnOnce(&mut Session, &mut dyn Client) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        let Some(tag) = firing_tag(text, statement) else { return run(self, client) };
        if self.transient.get_mut().defining.last().is_some_and(Defining::runs_parts) {
            return run(self, client);
        }
        self.begin_snapshot()?;
        if self.scope()?.event_triggers().next().is_none() {
            return run(self, client);
        }
        let whole =
            matches!(statement.kind, StatementKind::CreateSchema(_) | StatementKind::CreateExtension(_));
        self.transient.get_mut().defining.push(Defining { tag, whole, ..Defining::default() });
        let done = self.run_and_fire(tag, statement, client, run);
        self.transient.get_mut().defining.pop();
        done
    }

    fn run_and_fire(
        &mut self,
        tag: &'static str,
        statement: &Statement<'_>,
        client: &mut dyn Client,
        run: impl FnOnce(&mut Session, &mut dyn Client) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        self.fire(DefinitionEvent::Start, tag, client)?;
        let before = self.scope()?;
        let subjects = self.subjects(&statement.kind)?;
        run(self, client)?;
        let after = self.scope()?;
        let commands = done(tag, &statement.kind, (&before, &after), &subjects);
        let gone = gone(&before, &after, &statement.kind, &subjects);
        if let Some(defining) = self.transient.get_mut().defining.last_mut() {
            (defining.commands, defining.gone) = (commands, gone);
        }
        if self.transient.get_mut().defining.last().is_some_and(|defining| !defining.gone.is_empty()) {
            self.fire(DefinitionEvent::Drop, tag, client)?;
        }
        self.fire(DefinitionEvent::End, tag, client)
    }

    fn fire(
        &mut self,
        event: DefinitionEvent,
        tag: &'static str,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let scope = self.scope()?;
        let functions = firing(&scope, event, tag, self.settings.typed().replica);
        if functions.is_empty() {
            return Ok(());
        }
        self.set_event(Some(event));
        let shared = SharedClient::new(client);
        for function in functions {
            self.call_event_trigger(function, (event.name(), tag), Some(&shared))?;
        }
        self.set_event(None);
        Ok(())
    }

    fn set_event(&mut self, event: Option<DefinitionEvent>) {
        if let Some(defining) = self.transient.get_mut().defining.last_mut() {
            defining.event = event;
        }
    }

    /// What a statement names that is there.
    fn subjects(&mut self, statement: &StatementKind<'_>) -> Result<Vec<(Oid, Address)>, SessionError> {
        let named: Vec<(ObjectKind, ObjectName<'_>)> = match statement {
            StatementKind::Drop(dropped) => {
                dropped.objects.iter().map(|object| (dropped.kind, *object)).collect()
            }
            StatementKind::AlterTable(alter) => {
                vec![(ObjectKind::Table, ObjectName::Named(alter.table.name))]
            }
            StatementKind::AlterSequence(alter) => {
                vec![(ObjectKind::Sequence, ObjectName::Named(alter.name))]
            }
            StatementKind::AlterRoutine(alter) => vec![(alter.kind, ObjectName::Routine(alter.routine))],
            StatementKind::RefreshView(view) => vec![(ObjectKind::Table, ObjectName::Named(view.name))],
            StatementKind::Rename(rename) => {
                return self.look_at_names(|definer| {
                    let found = define::subject::renamed(definer, rename.kind, &rename.object, rename.part);
                    found.into_iter().collect()
                });
            }
            StatementKind::CreateView(view) if view.or_replace => {
                vec![(ObjectKind::View, ObjectName::Named(view.name))]
            }
            StatementKind::AlterPolicy(alter) => {
                vec![(ObjectKind::Policy, ObjectName::Of(alter.name, alter.table))]
            }
            StatementKind::AlterDomain(alter) => {
                return self.look_at_names(|definer| {
                    define::subject::of_type(definer, &alter.name).into_iter().collect()
                });
            }
            StatementKind::SetOwner(set) => vec![(set.kind, set.object)],
            StatementKind::SetSchema(set) => vec![(set.kind, set.object)],
            StatementKind::Comment(comment) => vec![(comment.kind, comment.object)],
            _ => Vec::new(), // what has changed tells
        };
        if named.is_empty() {
            return Ok(Vec::new());
        }
        self.look_at_names(|definer| {
            let there =
                named.iter().filter_map(|(kind, name)| define::subject::address(definer, *kind, name));
            there.collect()
        })
    }
}

/// The functions that are called at an event, in their order.
fn firing(scope: &Scope, event: DefinitionEvent, tag: &str, replica: bool) -> Vec<Oid> {
    let fires = scope.event_triggers().filter(|trigger| {
        let named = trigger.tags.is_empty() || trigger.tags.iter().any(|named| named == tag);
        trigger.event == event && trigger.enabled.fires(replica) && named
    });
    fires.map(|trigger| trigger.function).collect()
}

/// What a command has done.
fn done(
    tag: &'static str,
    statement: &StatementKind<'_>,
    (before, after): (&Scope, &Scope),
    subjects: &[(Oid, Address)],
) -> Vec<Done> {
    let object =
        |(of, address): (Oid, Address)| Done { tag, what: What::Object(of, address), in_extension: false };
    // What is put into one is told, and not the publication.
    let put_in = if tag == "ALTER PUBLICATION" { made(tag, before, after) } else { Vec::new() };
    match statement {
        StatementKind::Drop(_) | StatementKind::Owned(_) => Vec::new(),
        StatementKind::Grant(grant) => {
            let word = match grant.on {
                GrantTarget::Objects(kind, _)
                | GrantTarget::AllInSchemas(kind, _)
                | GrantTarget::Defaults(kind) => privileges_word(kind),
            };
            word.map(|word| Done { tag, what: What::Privileges(word), in_extension: false })
                .into_iter()
                .collect()
        }
        StatementKind::DefaultPrivileges(defaults) => {
            let what = What::Privileges(words_of_defaults(defaults));
            vec![Done { tag, what, in_extension: false }]
        }
        // PostgreSQL tells of its columns and of itself.
        StatementKind::CreateView(_) if !subjects.is_empty() => {
            subjects.iter().chain(subjects).map(|subject| object(*subject)).collect()
        }
        _ if tag.starts_with("CREATE") || tag == "SELECT INTO" => made(tag, before, after),
        _ if !put_in.is_empty() => put_in,
        _ if !subjects.is_empty() => {
            let there = |(of, address): &&(Oid, Address)| {
                *of == class::LARGE_OBJECT
                    || after.object(address.oid).is_some()
                    || after.relation(address.oid).is_some()
            };
            let done = subjects.iter().filter(there).map(|subject| object(*subject)).collect();
            with_sequences(done, before, after)
        }
        _ => {
            let altered = after.differing(before).into_iter().filter_map(|(old, new)| old.and(new));
            let same = |object: &&Object| {
                create_tag(object).is_some_and(|made| {
                    made.strip_prefix("CREATE") == tag.strip_prefix("ALTER")
                        || made == "CREATE TYPE" && tag == "ALTER TYPE"
                })
            };
            let altered = altered.filter(same).map(|it| (it.class(), Address::of(it.oid())));
            altered.map(object).collect()
        }
    }
}

/// What `ALTER DEFAULT PRIVILEGES` is about.
fn words_of_defaults(defaults: &DefaultPrivileges<'_>) -> &'static str {
    let kind = match defaults.grant.on {
        GrantTarget::Objects(kind, _) | GrantTarget::AllInSchemas(kind, _) | GrantTarget::Defaults(kind) => {
            kind
        }
    };
    match privileges_word(kind) {
        Some("TABLE") => "TABLES",
        Some("SEQUENCE") => "SEQUENCES",
        Some("FUNCTION" | "PROCEDURE" | "ROUTINE") => "FUNCTIONS",
        Some("TYPE" | "DOMAIN") => "TYPES",
        _ => "SCHEMAS",
    }
}

/// What was done, between the making and the end of sequences that came along with new columns.
fn with_sequences(done: Vec<Done>, before: &Scope, after: &Scope) -> Vec<Done> {
    let new: Vec<Oid> = after
        .differing(before)
        .into_iter()
        .filter_map(|(old, new)| match (old, new) {
            (None, Some(Object::Sequence(sequence))) => Some(sequence.oid),
            _ => None, // other things than new sequences
        })
        .collect();
    let of = |tag| {
        move |oid: &Oid| Done {
            tag,
            what: What::Object(class::RELATION, Address::of(*oid)),
            in_extension: false,
        }
    };
    let made = new.iter().map(of("CREATE SEQUENCE"));
    made.chain(done).chain(new.iter().map(of("ALTER SEQUENCE"))).collect()
}

/// What a command has made, or put into the place of what was there.
fn made(tag: &'static str, before: &Scope, after: &Scope) -> Vec<Done> {
    let changed = after.differing(before);
    let new: Vec<&Object> = changed.iter().filter_map(|(old, new)| new.filter(|_| old.is_none())).collect();
    let of_whole = |object: &&&Object| match object {
        Object::Index(index) => index.parent == 0,
        Object::Trigger(trigger) => trigger.parent == 0,
        _ => true,
    };
    let everything = tag == "CREATE SCHEMA";
    let fits = |made: &str| match tag {
        "CREATE SCHEMA" => true,
        "CREATE TABLE" => matches!(made, "CREATE TABLE" | "CREATE SEQUENCE" | "CREATE INDEX"),
        "CREATE OPERATOR CLASS" => matches!(made, "CREATE OPERATOR CLASS" | "CREATE OPERATOR FAMILY"),
        "CREATE TABLE AS" | "SELECT INTO" => made == "CREATE TABLE",
        tag => made == tag,
    };
    let mut found: Vec<(u8, Oid, Done)> = Vec::new();
    for object in new.iter().filter(of_whole) {
        let Some(own) = create_tag(object).filter(|own| fits(own)) else { continue };
        let of_extension =
            after.dependencies_of(object.oid()).any(|(_, _, kind)| kind == DependencyKind::Extension);
        let rank = match object {
            Object::Schema(_) | Object::Extension(_) => 0,
            Object::Sequence(_) if !everything => 1,
            Object::Index(_) if !everything => 3,
            _ => 2,
        };
        let tag = if matches!(tag, "CREATE TABLE AS" | "SELECT INTO") { tag } else { own };
        let what = What::Object(object.class(), Address::of(object.oid()));
        found.push((rank, object.oid(), Done { tag, what, in_extension: of_extension }));
    }
    if found.is_empty() {
        let replaced = changed.iter().filter_map(|(old, new)| old.and(*new));
        let replaced = replaced.filter(|object| create_tag(object) == Some(tag));
        let what = |object: &Object| What::Object(object.class(), Address::of(object.oid()));
        return replaced.map(|object| Done { tag, what: what(object), in_extension: false }).collect();
    }
    found.sort_by_key(|(rank, oid, _)| (*rank, *oid));
    let mut done: Vec<Done> = found.into_iter().map(|(_, _, done)| done).collect();
    if tag == "CREATE TABLE" {
        done.extend(finished(&new));
    }
    if tag == "CREATE FOREIGN TABLE" {
        done.extend(new.iter().filter_map(with_options));
    }
    done
}

/// A new foreign table that gets options of its columns once it is there.
fn with_options(object: &&Object) -> Option<Done> {
    let Object::Table(table) = object else { return None };
    let has = table.foreign().is_some_and(|of| !of.columns.is_empty());
    let what = What::Object(class::RELATION, Address::of(table.oid));
    has.then_some(Done { tag: "ALTER FOREIGN TABLE", what, in_extension: false })
}

/// What is done to a new table once it is there: its foreign keys, and sequences that get to belong to it.
fn finished(new: &[&Object]) -> Vec<Done> {
    let mut done = Vec::new();
    let of =
        |tag, oid| Done { tag, what: What::Object(class::RELATION, Address::of(oid)), in_extension: false };
    let is_key = |constraint: &Constraint| {
        matches!(constraint.rule, Rule::ForeignKey { .. }) && constraint.parent == 0
    };
    let keys: BTreeSet<Oid> = new
        .iter()
        .filter_map(|object| match object {
            Object::Constraint(constraint) if is_key(constraint) => Some(constraint.table),
            _ => None,
        })
        .collect();
    done.extend(keys.into_iter().map(|table| of("ALTER TABLE", table)));
    for object in new {
        if let Object::Sequence(sequence) = object
            && sequence.owned_by.is_some()
        {
            done.push(of("ALTER SEQUENCE", sequence.oid));
        }
    }
    done
}

impl Services<'_> {
    /// What event triggers ask of the command that fires them: its rows, if the function is one of those.
    pub(crate) fn of_definition(
        &self,
        function: functions::SessionFunction,
    ) -> FunctionResult<Option<Vec<Vector>>> {
        use functions::SessionFunction as F;
        let transient = self.live.lent.map(|lent| lent.transient.borrow());
        let defining = transient.as_ref().and_then(|transient| transient.defining.last());
        Ok(Some(match function {
            F::DefinitionCommands => {
                let missing = || violated("pg_event_trigger_ddl_commands", "an");
                let known = defining.filter(|defining| defining.event.is_some()).ok_or_else(missing)?;
                self.commands(&known.commands)?
            }
            F::DroppedObjects => {
                let missing = || violated("pg_event_trigger_dropped_objects", "a sql_drop");
                let is_drop = |defining: &&Defining| defining.event == Some(DefinitionEvent::Drop);
                dropped(&defining.filter(is_drop).ok_or_else(missing)?.gone)?
            }
            _ => return Ok(None),
        }))
    }

    /// The same of a table whose rows are about to be written anew.
    pub(crate) fn of_rewrite(&self, function: functions::SessionFunction) -> FunctionResult<Option<Value>> {
        use functions::SessionFunction as F;
        let call = match function {
            F::RewrittenTable => "pg_event_trigger_table_rewrite_oid",
            F::RewriteReason => "pg_event_trigger_table_rewrite_reason",
            _ => return Ok(None),
        };
        let transient = self.live.lent.map(|lent| lent.transient.borrow());
        let rewrite = transient.as_ref().and_then(|transient| transient.defining.last()?.rewrite);
        let (table, reason) = rewrite.ok_or_else(|| violated(call, "a table_rewrite"))?;
        Ok(Some(match function {
            F::RewrittenTable => Value::Int32(table.cast_signed()),
            _ => Value::Int32(reason),
        }))
    }

    fn commands(&self, commands: &[Done]) -> FunctionResult<Vec<Vector>> {
        let kinds = [
            Kind::Int32,
            Kind::Int32,
            Kind::Int32,
            Kind::Bytes,
            Kind::Bytes,
            Kind::Bytes,
            Kind::Bytes,
            Kind::Bool,
            Kind::Bytes,
        ];
        let mut columns = kinds.map(|kind| VectorBuilder::new(kind, commands.len()));
        for done in commands {
            let mut row = [const { Item::Null }; 9];
            row[3] = Item::Bytes(done.tag.as_bytes());
            row[7] = Item::Bool(done.in_extension);
            // What a command was like only functions in C can ask.
            row[8] = Item::Bytes(b"");
            let identity;
            match &done.what {
                What::Privileges(word) => row[4] = Item::Bytes(word.as_bytes()),
                What::Object(of, address) => {
                    let part = i32::from(address.part);
                    // What a later command of the same statement has taken away is not told.
                    let found = match *of {
                        class::LARGE_OBJECT => Some(Identity::of_large_object(address.oid)),
                        of => self.identifier().identity(of, address.oid, part)?,
                    };
                    let Some(found) = found else { continue };
                    identity = found;
                    row[0] = Item::Int32(of.cast_signed());
                    row[1] = Item::Int32(address.oid.cast_signed());
                    row[2] = Item::Int32(part);
                    row[4] = Item::Bytes(identity.kind.as_bytes());
                    row[5] = words(identity.schema.as_deref());
                    row[6] = Item::Bytes(identity.whole.as_bytes());
                }
            }
            for (column, item) in columns.iter_mut().zip(&row) {
                column.push_item(item)?;
            }
        }
        Ok(columns.map(VectorBuilder::finish).into())
    }
}

fn words(text: Option<&str>) -> Item<'_> {
    text.map_or(Item::Null, |text| Item::Bytes(text.as_bytes()))
}

/// A name as it is kept.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(within) => within.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

fn dropped(gone: &[Gone]) -> FunctionResult<Vec<Vector>> {
    let kinds = [
        Kind::Int32,
        Kind::Int32,
        Kind::Int32,
        Kind::Bool,
        Kind::Bool,
        Kind::Bool,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
        Kind::Bytes,
    ];
    let mut columns = kinds.map(|kind| VectorBuilder::new(kind, gone.len()));
    for one in gone {
        let [names, arguments] = one.identity.lists();
        // A column has a name, but not by itself.
        let name = one.identity.name.as_deref().filter(|_| one.address.part == 0).map(unquoted);
        let row = [
            Item::Int32(one.of.cast_signed()),
            Item::Int32(one.address.oid.cast_signed()),
            Item::Int32(i32::from(one.address.part)),
            Item::Bool(one.original),
            Item::Bool(one.normal),
            Item::Bool(one.temporary),
            Item::Bytes(one.identity.kind.as_bytes()),
            words(one.identity.schema.as_deref().or(one.schema.as_deref())),
            words(name.as_deref()),
            Item::Bytes(one.identity.whole.as_bytes()),
            Item::Bytes(&names),
            Item::Bytes(&arguments),
        ];
        for (column, item) in columns.iter_mut().zip(&row) {
            column.push_item(item)?;
        }
    }
    Ok(columns.map(VectorBuilder::finish).into())
}

/// The tag by which a routine is made.
pub(crate) fn routine_tag(kind: FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Function => "CREATE FUNCTION",
        FunctionKind::Procedure => "CREATE PROCEDURE",
        FunctionKind::Aggregate => "CREATE AGGREGATE",
    }
}
