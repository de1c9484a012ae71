//! `CREATE PUBLICATION`, `ALTER PUBLICATION`.

use super::published::{self, Listed};
use super::{change, has_schemas, missing, option, require_database, require_superuser};
use crate::definer::Definer;
use crate::error::{DefineNotice, DefineResult, detailed, plain};
use catalog::object::{Object, Publication, PublishedActions, Replication};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::option::Definition;
use syntax::tree::replication::{
    AlterPublication, CreatePublication, Published, PublishedChange, PublishedObject,
};

/// What `WITH (…)` says.
#[derive(Default)]
struct Options {
    actions: Option<PublishedActions>,
    via_root: Option<bool>,
}

impl Options {
    fn read(written: &[Definition<'_>]) -> DefineResult<Options> {
        let mut found = Options::default();
        for each in written {
            match each.name.text {
                "publish" => option::set(&mut found.actions, each, actions)?,
                "publish_via_partition_root" => option::set(&mut found.via_root, each, option::boolean)?,
                other => {
                    let message = format!("unrecognized publication parameter: \"{other}\"");
                    return Err(plain(SqlState::SyntaxError, message));
                }
            }
        }
        Ok(found)
    }
}

/// Which changes `publish` names.
fn actions(written: &Definition<'_>) -> DefineResult<PublishedActions> {
    let text = option::text(written)?;
    let Some(words) = option::words(&text) else {
        let message = "invalid list syntax in parameter \"publish\"";
        return Err(plain(SqlState::SyntaxError, message));
    };
    let mut found = PublishedActions { insert: false, update: false, delete: false, truncate: false };
    for word in words {
        match word.as_str() {
            "insert" => found.insert = true,
            "update" => found.update = true,
            "delete" => found.delete = true,
            "truncate" => found.truncate = true,
            other => {
                let message = format!("unrecognized value for publication option \"publish\": \"{other}\"");
                return Err(plain(SqlState::SyntaxError, message));
            }
        }
    }
    Ok(found)
}

/// `CREATE PUBLICATION …`
pub(super) fn create(definer: &mut Definer<'_>, statement: &CreatePublication<'_>) -> DefineResult<()> {
    if !definer.scope.is_superuser(definer.role) {
        require_database(definer, definer.role)?;
    }
    let (all_tables, objects): (bool, &[PublishedObject<'_>]) = match statement.published {
        Published::AllTables => (true, &[]),
        Published::Objects(objects) => (false, objects),
    };
    if all_tables {
        require_superuser(definer, "to create FOR ALL TABLES publication")?;
    }
    let name = statement.name.text;
    if definer.scope.publication_named(name).is_some() {
        let message = format!("publication \"{name}\" already exists");
        return Err(plain(SqlState::DuplicateObject, message));
    }
    let options = Options::read(statement.options)?;
    let all = PublishedActions { insert: true, update: true, delete: true, truncate: true };
    let publication = Publication {
        oid: definer.new_oid()?,
        name: name.to_owned(),
        owner: definer.role,
        all_tables,
        actions: options.actions.unwrap_or(all),
        via_root: options.via_root.unwrap_or(false),
    };
    let made = Object::Replication(Arc::new(Replication::Publication(publication.clone())));
    definer.create(&made, &[])?;
    definer.refresh()?;
    let listed = Listed::read(definer, objects)?;
    if !listed.schemas.is_empty() {
        require_superuser(definer, "to create FOR TABLES IN SCHEMA publication")?;
    }
    let tables = published::open(definer, &listed.tables)?;
    let with_schemas = !listed.schemas.is_empty();
    let tables = published::transformed(definer, &publication, tables, with_schemas)?;
    published::add_tables(definer, &publication, tables, true)?;
    published::add_schemas(definer, &publication, &listed.schemas, true)?;
    // PostgreSQL says so where its log has no more than what recovery needs, which is what it comes with.
    definer.notice(DefineNotice::Hinted {
        state: SqlState::ObjectNotInPrerequisiteState,
        message: "wal_level is insufficient to publish logical changes",
        hint: "Set wal_level to \"logical\" before creating subscriptions.",
    });
    Ok(())
}

/// `ALTER PUBLICATION …`
pub(super) fn alter(definer: &mut Definer<'_>, statement: &AlterPublication<'_>) -> DefineResult<()> {
    let name = statement.name.text;
    let Some(publication) = definer.scope.publication_named(name).cloned() else {
        return Err(missing("publication", name));
    };
    definer.require_owner(publication.oid)?;
    let (objects, done) = match statement.change {
        PublishedChange::Options(options) => return set_options(definer, &publication, options),
        PublishedChange::Add(objects) => (objects, Done::Add),
        PublishedChange::Set(objects) => (objects, Done::Set),
        PublishedChange::Drop(objects) => (objects, Done::Drop),
    };
    let listed = Listed::read(definer, objects)?;
    if done != Done::Drop && !listed.schemas.is_empty() {
        require_superuser(definer, "to add or set schemas")?;
    }
    let whole = |what: &str| {
        detailed(
            SqlState::ObjectNotInPrerequisiteState,
            format!("publication \"{name}\" is defined as FOR ALL TABLES"),
            format!("{what} cannot be added to or dropped from FOR ALL TABLES publications."),
        )
    };
    if publication.all_tables && !listed.schemas.is_empty() {
        return Err(whole("Schemas"));
    }
    if publication.all_tables && !listed.tables.is_empty() {
        return Err(whole("Tables"));
    }
    change_tables(definer, &publication, &listed, done)?;
    change_schemas(definer, &publication, &listed, done)
}

/// What is done with what is listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Add,
    Set,
    Drop,
}

fn change_tables(
    definer: &mut Definer<'_>,
    publication: &Publication,
    listed: &Listed<'_>,
    done: Done,
) -> DefineResult<()> {
    if listed.tables.is_empty() && done != Done::Set {
        return Ok(());
    }
    let tables = published::open(definer, &listed.tables)?;
    let mut with_schemas = !listed.schemas.is_empty();
    match done {
        Done::Drop => published::drop_tables(definer, publication, &tables),
        Done::Add => {
            with_schemas |= has_schemas(definer, publication.oid);
            let tables = published::transformed(definer, publication, tables, with_schemas)?;
            published::add_tables(definer, publication, tables, false)
        }
        Done::Set => {
            let tables = published::transformed(definer, publication, tables, with_schemas)?;
            published::keep_tables(definer, publication, &tables)?;
            published::add_tables(definer, publication, tables, true)
        }
    }
}

fn change_schemas(
    definer: &mut Definer<'_>,
    publication: &Publication,
    listed: &Listed<'_>,
    done: Done,
) -> DefineResult<()> {
    let schemas = &listed.schemas;
    if schemas.is_empty() && done != Done::Set {
        return Ok(());
    }
    match done {
        Done::Drop => published::drop_schemas(definer, publication, schemas),
        Done::Add => {
            published::refuse_columns_beside(definer, publication)?;
            published::add_schemas(definer, publication, schemas, false)
        }
        Done::Set => {
            published::keep_schemas(definer, publication, schemas)?;
            published::add_schemas(definer, publication, schemas, true)
        }
    }
}

fn set_options(
    definer: &mut Definer<'_>,
    publication: &Publication,
    written: &[Definition<'_>],
) -> DefineResult<()> {
    let options = Options::read(written)?;
    if options.via_root == Some(false) && publication.via_root && !publication.all_tables {
        refuse_below(definer, publication)?;
    }
    change(definer, publication.oid, |replication| {
        if let Replication::Publication(known) = replication {
            known.actions = options.actions.unwrap_or(known.actions);
            known.via_root = options.via_root.unwrap_or(known.via_root);
        }
    })
}

/// Refuses to publish partitions by themselves where something is said of how the table above them is published.
fn refuse_below(definer: &Definer<'_>, publication: &Publication) -> DefineResult<()> {
    for entry in definer.scope.in_publication(publication.oid) {
        let Replication::Table(entry) = &**entry else { continue };
        let Some(table) = definer.scope.table(entry.table).filter(|table| table.is_partitioned()) else {
            continue;
        };
        let what = match (&entry.filter, &entry.columns) {
            (Some(_), _) => "WHERE clause",
            (None, Some(_)) => "column list",
            (None, None) => continue,
        };
        let (option, name) = ("publish_via_partition_root", &publication.name);
        return Err(detailed(
            SqlState::InvalidParameterValue,
            format!("cannot set parameter \"{option}\" to false for publication \"{name}\""),
            format!(
                "The publication contains a {what} for partitioned table \"{}\", which is not allowed when \
                 \"{option}\" is false.",
                table.name
            ),
        ));
    }
    Ok(())
}
