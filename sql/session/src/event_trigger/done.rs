//! What a command has made and changed, as the catalog before it and behind it tells.

use crate::definition::kind_tags::{create_tag, privileges_word};
use catalog::object::{Constraint, Object, Oid, Rule, Source, class};
use catalog::{Address, DependencyKind, Scope};
use std::collections::{BTreeMap, BTreeSet};
use syntax::tree::alter::{AlterActionKind, AlterTable, ColumnAction, ColumnReference};
use syntax::tree::role::{DefaultPrivileges, GrantTarget};
use syntax::tree::statement::StatementKind;

/// Something that was done.
pub struct Done {
    pub tag: &'static str,
    pub what: What,
    pub in_extension: bool,
}

/// What was done something to.
pub enum What {
    Object(Oid, Address),
    /// Privileges on objects of a kind.
    Privileges(&'static str),
}

/// What a command has done.
pub fn done(
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
            let there = subjects.iter().filter(there).map(|subject| object(*subject));
            let mut done: Vec<Done> = Vec::new();
            if let StatementKind::AlterTable(alter) = statement {
                let sequences = of_identities(alter, subjects, after).into_iter();
                let altered = sequences.map(|oid| (class::RELATION, Address::of(oid)));
                let what = |(of, address)| What::Object(of, address);
                done.extend(altered.map(|it| Done {
                    tag: "ALTER SEQUENCE",
                    what: what(it),
                    in_extension: false,
                }));
            }
            done.extend(there);
            with_sequences(done, before, after)
        }
        // What comes with the program is no subject, but others may say something else of it.
        StatementKind::Comment(_) => commented(before, after).into_iter().map(object).collect(),
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

fn comments(scope: &Scope) -> BTreeMap<(Oid, Address), &str> {
    scope.all_comments().map(|(of, address, comment)| ((of, address), &**comment)).collect()
}

/// Of what something else is said now.
fn commented(before: &Scope, after: &Scope) -> Option<(Oid, Address)> {
    let (before, after) = (comments(before), comments(after));
    let changed = after.iter().find(|(of, comment)| before.get(of) != Some(comment));
    let gone = || before.keys().find(|of| !after.contains_key(of));
    changed.map(|(of, _)| *of).or_else(|| gone().copied())
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

/// What identities count with that get something else said of them.
fn of_identities(alter: &AlterTable<'_>, subjects: &[(Oid, Address)], after: &Scope) -> Vec<Oid> {
    let table = subjects.first().and_then(|(_, address)| after.table(address.oid));
    let Some(table) = table else { return Vec::new() };
    let changed = alter.actions.iter().filter_map(|action| match &action.kind {
        AlterActionKind::Column(ColumnReference::Name(name), ColumnAction::SetIdentity(_)) => {
            table.column(name.text).map(|(_, column)| &column.source)
        }
        _ => None, // no identity
    });
    let sequences = changed.filter_map(|source| match source {
        Source::Identity { sequence, .. } => Some(*sequence),
        Source::Null | Source::Default(_) | Source::Generated(_) => None,
    });
    sequences.collect()
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
    let fits = |made: &str| match tag {
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
            Object::Sequence(_) => 1,
            Object::Index(_) => 3,
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
