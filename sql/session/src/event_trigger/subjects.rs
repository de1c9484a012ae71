//! What a definition names that is there before it: that is told of, whatever becomes of it.

use crate::error::SessionError;
use crate::session::Session;
use catalog::Address;
use catalog::object::{Oid, class};
use syntax::tree::foreign::ForeignStatement;
use syntax::tree::object::{ObjectKind, ObjectName};
use syntax::tree::replication::{PublishedChange, ReplicationStatement};
use syntax::tree::search::SearchStatement;
use syntax::tree::statement::StatementKind;
use syntax::tree::tablespace::TablespaceStatement;
use syntax::tree::{Name, QualifiedName};

impl Session {
    /// What a statement names that is there.
    pub(super) fn subjects(
        &mut self,
        statement: &StatementKind<'_>,
    ) -> Result<Vec<(Oid, Address)>, SessionError> {
        match statement {
            StatementKind::Rename(rename) => {
                return self.look_at_names(|definer| {
                    let found = define::subject::renamed(definer, rename.kind, &rename.object, rename.part);
                    found.into_iter().collect()
                });
            }
            StatementKind::AlterDomain(alter) => return self.type_of(&alter.name),
            StatementKind::AlterEnum(alter) => return self.type_of(&alter.name),
            StatementKind::AlterBaseType(alter) => return self.type_of(&alter.name),
            // Whose objects go tells which of them were meant.
            StatementKind::Owned(owned) => {
                return self.look_at_names(|definer| {
                    let roles = owned.roles.iter().filter_map(|role| definer.role_named(role).ok());
                    roles.map(|role| (class::ROLE, Address::of(role))).collect()
                });
            }
            StatementKind::Tablespace(TablespaceStatement::MoveAll(moved)) => {
                return self.look_at_names(|definer| {
                    let moved = define::tablespace::to_be_moved(definer, moved).unwrap_or_default();
                    moved.into_iter().map(|relation| (class::RELATION, Address::of(relation))).collect()
                });
            }
            _ => {} // what is named tells
        }
        let named = named_by(statement);
        if named.is_empty() {
            return Ok(Vec::new());
        }
        self.look_at_names(|definer| {
            let there =
                named.iter().filter_map(|(kind, name)| define::subject::address(definer, *kind, name));
            there.collect()
        })
    }

    fn type_of(&mut self, name: &QualifiedName<'_>) -> Result<Vec<(Oid, Address)>, SessionError> {
        self.look_at_names(|definer| define::subject::of_type(definer, name).into_iter().collect())
    }
}

fn named<'a>(name: &'a Name<'a>) -> ObjectName<'a> {
    ObjectName::Named(QualifiedName { parts: std::slice::from_ref(name) })
}

/// What a statement names that is an object by its kind and name.
fn named_by<'s>(statement: &StatementKind<'s>) -> Vec<(ObjectKind, ObjectName<'s>)> {
    match statement {
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
        StatementKind::CreateView(view) if view.or_replace => {
            vec![(ObjectKind::View, ObjectName::Named(view.name))]
        }
        StatementKind::AlterPolicy(alter) => {
            vec![(ObjectKind::Policy, ObjectName::Of(alter.name, alter.table))]
        }
        StatementKind::Foreign(ForeignStatement::AlterServer(alter)) => {
            vec![(ObjectKind::Server, named(&alter.name))]
        }
        StatementKind::Foreign(ForeignStatement::AlterWrapper(alter)) => {
            vec![(ObjectKind::ForeignDataWrapper, named(&alter.name))]
        }
        StatementKind::Replication(ReplicationStatement::AlterPublication(alter)) => match alter.change {
            PublishedChange::Options(_) => vec![(ObjectKind::Publication, named(&alter.name))],
            PublishedChange::Add(_) | PublishedChange::Set(_) | PublishedChange::Drop(_) => Vec::new(),
        },
        StatementKind::Replication(ReplicationStatement::AlterSubscription(alter)) => {
            vec![(ObjectKind::Subscription, named(&alter.name))]
        }
        StatementKind::Search(SearchStatement::AlterDictionary(name, _)) => {
            vec![(ObjectKind::TextSearchDictionary, ObjectName::Named(*name))]
        }
        StatementKind::Search(SearchStatement::AlterConfiguration(name, _)) => {
            vec![(ObjectKind::TextSearchConfiguration, ObjectName::Named(*name))]
        }
        StatementKind::AlterStatistics(alter) => {
            vec![(ObjectKind::Statistics, ObjectName::Named(alter.name))]
        }
        StatementKind::SetOwner(set) => vec![(set.kind, set.object)],
        StatementKind::SetSchema(set) => vec![(set.kind, set.object)],
        StatementKind::Comment(comment) => vec![(comment.kind, comment.object)],
        _ => Vec::new(), // what has changed tells
    }
}
