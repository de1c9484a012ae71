//! `information_schema`: who may do what.

use super::emit::{Emit, SystemContext, text, yes};
use super::information::Asker;
use crate::error::CatalogResult;
use crate::object::{Acl, Column, Grant, Oid, Privileges};
use crate::privilege::default_grants;
use crate::snapshot::Relation;
use std::collections::BTreeSet;

/// The owner, the grants and the columns of a table or view.
struct Granted<'a> {
    owner: Oid,
    grants: Vec<Grant>,
    columns: Vec<(&'a str, &'a Acl)>,
}

fn granted(relation: &Relation) -> Option<Granted<'_>> {
    let (owner, acl, columns) = match relation {
        Relation::Table(table) => {
            let column = |column: &'_ (usize, &Column)| !column.1.dropped;
            let columns = table.columns.iter().enumerate().filter(column);
            (
                table.owner,
                &table.acl,
                columns.map(|(_, column)| (column.name.as_str(), &column.acl)).collect(),
            )
        }
        Relation::View(view) => {
            let columns = view.columns.iter().map(|column| (column.column.name.as_str(), &column.acl));
            (view.owner, &view.acl, columns.collect())
        }
        Relation::System(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => {
            return None;
        }
    };
    let defaults = || default_grants(owner, Privileges::TABLE, Privileges::NONE);
    Some(Granted { owner, grants: acl.clone().unwrap_or_else(defaults), columns })
}

impl Asker<'_> {
    /// The privileges of a grant, and whether each may be given on.
    fn each(&self, grant: &Grant, owner: Oid, of: Privileges) -> impl Iterator<Item = (&'static str, bool)> {
        let granted = move |known: &(Privileges, char, &'static str)| {
            of.contains(known.0) && grant.privileges.contains(known.0)
        };
        Privileges::ALL
            .into_iter()
            .filter(granted)
            .map(move |(privilege, _, word)| (word, self.may_give(grant, owner, privilege)))
    }

    pub(super) fn grantee(&self, grant: &Grant) -> String {
        if grant.grantee == 0 { "PUBLIC".to_owned() } else { self.scope.role_name(grant.grantee) }
    }

    pub(super) fn concerns(&self, grant: &Grant) -> bool {
        grant.grantee == 0 || self.concerns_roles(grant)
    }

    /// Whether the asker has given it or got it, not as one of everybody.
    pub(super) fn concerns_roles(&self, grant: &Grant) -> bool {
        self.has_role(grant.grantee) || self.has_role(grant.grantor)
    }
}

fn emit_tables(context: &SystemContext<'_>, emit: &mut Emit, public: bool) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for relation in asker.relations() {
        let Some(granted) = granted(&relation) else { continue };
        let shown = |grant: &&Grant| asker.concerns(grant) && (public || grant.grantee != 0);
        for grant in granted.grants.iter().filter(shown) {
            let (grantor, grantee) = (context.scope.role_name(grant.grantor), asker.grantee(grant));
            for (word, may_give) in asker.each(grant, granted.owner, Privileges::TABLE) {
                emit.row(&[
                    text(&grantor),
                    text(&grantee),
                    text(asker.database),
                    text(asker.schema(relation.schema())),
                    text(relation.name()),
                    text(word),
                    yes(may_give),
                    yes(word == "SELECT"),
                ])?;
            }
        }
    }
    Ok(())
}

/// `table_privileges`.
pub(super) fn table_privileges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_tables(context, emit, true)
}

/// `role_table_grants`.
pub(super) fn role_table_grants(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_tables(context, emit, false)
}

/// `column_privileges`: what is granted on a table is granted on its columns.
pub(super) fn column_privileges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_columns(context, emit, true)
}

/// `role_column_grants`.
pub(super) fn role_column_grants(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    emit_columns(context, emit, false)
}

fn emit_columns(context: &SystemContext<'_>, emit: &mut Emit, public: bool) -> CatalogResult<()> {
    let asker = Asker::new(context);
    for relation in asker.relations() {
        let Some(granted) = granted(&relation) else { continue };
        for (name, acl) in &granted.columns {
            let grants = granted.grants.iter().chain(acl.iter().flatten());
            let shown = |grant: &&Grant| asker.concerns(grant) && (public || grant.grantee != 0);
            // What is granted on the whole and on the column in the same way is one grant.
            let mut told = BTreeSet::new();
            for grant in grants.filter(shown) {
                let (grantor, grantee) = (context.scope.role_name(grant.grantor), asker.grantee(grant));
                for (word, may_give) in asker.each(grant, granted.owner, Privileges::COLUMN) {
                    let gives = Privileges::ALL
                        .iter()
                        .any(|known| known.2 == word && grant.grant_option.contains(known.0));
                    if !told.insert((grant.grantor, grant.grantee, word, gives)) {
                        continue;
                    }
                    emit.row(&[
                        text(&grantor),
                        text(&grantee),
                        text(asker.database),
                        text(asker.schema(relation.schema())),
                        text(relation.name()),
                        text(name),
                        text(word),
                        yes(may_give),
                    ])?;
                }
            }
        }
    }
    Ok(())
}
