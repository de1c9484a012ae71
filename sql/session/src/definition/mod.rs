//! Definitions: handed to `define`, with what only a session has.

pub(crate) mod databases;
pub(crate) mod extension;
pub(crate) mod kind_tags;
pub(crate) mod made_table;
pub(crate) mod roles;
pub(crate) mod schema_elements;
pub(crate) mod select_into;
pub(crate) mod tablespace;

use crate::client::{Client, Severity, SharedClient};
use crate::definition::kind_tags::{about_family, alter_command, drop_command, rename_command, tag_of};
use crate::error::SessionError;
use crate::session::{Session, search_path};
use crate::world::literals::SessionLiterals;
use crate::world::rows::SessionRows;
use bumpalo::Bump;
use catalog::{CatalogError, Snapshot};
use define::cast::create_cast;
use define::conversion::create_conversion;
use define::policy::{alter_policy, create_policy};
use define::rule::create_rule;
use define::setting::{FunctionSettings, SettingChange};
use define::trigger::create_trigger;
use define::{Around, DefineNotice, DefineResult, Definer};
use diagnostic::{Diagnostic, SqlState};
use functions::FunctionError;
use store::Isolation;
use store::locks::RelationMode;
use syntax::tree::schema::RefreshView;
use syntax::tree::{QualifiedName, Statement};

use syntax::tree::alter::{AlterAction, AlterActionKind, AlterTable, Detach};
use syntax::tree::object::{ObjectKind, SetOwner, SetSchema};
use syntax::tree::routine::CreateRoutine;
use syntax::tree::session::{Cluster, Reindex, ReindexWhat, SetAction};
use syntax::tree::statement::StatementKind;
use syntax::tree::tablespace::TablespaceStatement;

/// How often a definition begins again because others have changed what it is about. Each time it holds one lock more.
const BEGUN_AGAIN_MAX: usize = 100;

impl Session {
    pub(crate) fn run_definition(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let name = command(&statement.kind);
        if self.block.characteristics().read_only {
            return Err(SessionError::ReadOnly { statement: name });
        }
        if let Some(tag) = crate::definition::tablespace::tag(&statement.kind) {
            // What is moved is of this database; what else is said of tablespaces is of none.
            let of_database =
                matches!(statement.kind, StatementKind::Tablespace(TablespaceStatement::MoveAll(_)));
            return match of_database {
                true => self.with_event_triggers(text, statement, client, |session, client| {
                    session.run_tablespace(&statement.kind, tag, client)
                }),
                false => self.run_tablespace(&statement.kind, tag, client),
            };
        }
        if of_database(&statement.kind) {
            return self.run_database(&statement.kind, &database_tag(&statement.kind, name), client);
        }
        self.with_event_triggers(text, statement, client, |session, client| {
            session.run_in_database(text, statement, name, client)
        })
    }

    fn run_in_database(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        name: &'static str,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        self.begin_snapshot()?;
        if let Some(tag) = role_tag(&statement.kind, name) {
            return self.run_role(&statement.kind, tag, client);
        }
        self.run_own_definition(text, statement, name, client)
    }

    /// A definition of something in this database.
    fn run_own_definition(
        &mut self,
        text: &str,
        statement: &Statement<'_>,
        name: &'static str,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match &statement.kind {
            StatementKind::CreateTable(create) => {
                let made = self.define(client, |definer| define::table::create_table(definer, create))?;
                self.transient.get_mut().on_commit.extend(made.zip(create.on_commit));
            }
            StatementKind::CreateIndex(create) => {
                if create.concurrently {
                    self.block.refuse("CREATE INDEX CONCURRENTLY")?;
                }
                self.define(client, |definer| define::index::create_index(definer, create))?;
            }
            StatementKind::CreateView(create) => {
                self.define(client, |definer| define::view::create_view(definer, create, text))?;
            }
            StatementKind::CreateSequence(create) => {
                self.define(client, |definer| define::sequence::create_sequence(definer, create))?;
            }
            StatementKind::CreateSchema(create) => {
                self.create_schema(text, create, client)?;
            }
            StatementKind::CreateType(create) => {
                self.define(client, |definer| define::types::create_type(definer, create))?;
            }
            StatementKind::AlterBaseType(alter) => {
                self.define(client, |definer| define::base_type::alter_base(definer, alter))?;
            }
            StatementKind::AlterEnum(alter) => {
                self.define(client, |definer| define::types::alter_enum(definer, alter))?;
            }
            StatementKind::Drop(dropped) => {
                if dropped.concurrently {
                    self.block.refuse("DROP INDEX CONCURRENTLY")?;
                }
                self.define(client, |definer| define::drop::drop(definer, dropped).map(drop))?;
            }
            StatementKind::AlterSequence(alter) => {
                self.settle_sequences()?;
                self.define(client, |definer| define::sequence::alter_sequence(definer, alter))?;
            }
            StatementKind::AlterTable(alter) => {
                self.settle_sequences()?;
                self.alter_table(alter, client)?;
            }
            StatementKind::Rename(rename) => {
                self.define(client, |definer| define::rename::rename(definer, rename))?;
            }
            StatementKind::Cluster(cluster) => self.cluster(cluster, client)?,
            StatementKind::Reindex(reindex) => self.reindex(reindex, client)?,
            StatementKind::RefreshView(refresh) => self.refresh_view(refresh, client)?,
            StatementKind::Truncate(truncate) => {
                self.define(client, |definer| define::truncate::truncate(definer, truncate))?;
            }
            StatementKind::CreateTableAs(create) => return self.create_table_as(create, client),
            StatementKind::CreateExtension(create) => self.create_extension(create, client)?,
            StatementKind::AlterExtension(alter) => {
                self.define(client, |definer| define::extension::alter_extension(definer, alter))?;
            }
            kind => return self.run_other_definition(text, kind, client),
        }
        client.complete(name);
        Ok(())
    }

    /// `ALTER TABLE`. A partition that is detached `CONCURRENTLY` needs two transactions, and a wait between them for all who use
    /// the table and may see it there.
    fn alter_table(&mut self, alter: &AlterTable<'_>, client: &mut dyn Client) -> Result<(), SessionError> {
        let detaches = |action: &AlterAction<'_>| {
            matches!(action.kind, AlterActionKind::DetachPartition(_, Detach::Concurrently))
        };
        if alter.actions.iter().any(detaches) {
            self.block.refuse("ALTER TABLE ... DETACH CONCURRENTLY")?;
        }
        let begun = self.define(client, |definer| define::alter_table::alter_table(definer, alter))?;
        let Some(begun) = begun else { return Ok(()) };
        self.run_before_commit(Some(&SharedClient::new(client)))?;
        self.commit_alone()?;
        let wait = self.wait();
        let transaction = self.block.transaction(&self.store, self.database, wait)?;
        transaction.await_holders(begun.lock(), RelationMode::AccessExclusive, wait)?;
        // What has been seen of the table until now is too old.
        self.begin_anew();
        self.define(client, |definer| define::partition::finish_detaching(definer, &begun))
    }

    /// Statistics of several columns.
    fn define_statistics(
        &mut self,
        client: &mut dyn Client,
        statement: &StatementKind<'_>,
    ) -> Result<(), SessionError> {
        self.define(client, |definer| match statement {
            StatementKind::CreateStatistics(create) => define::statistics::create_statistics(definer, create),
            StatementKind::AlterStatistics(alter) => define::statistics::alter_statistics(definer, alter),
            _ => Ok(()), // nothing else is about them
        })
    }

    /// Operators, their classes and families.
    fn define_operators(
        &mut self,
        client: &mut dyn Client,
        statement: &StatementKind<'_>,
    ) -> Result<(), SessionError> {
        match statement {
            StatementKind::CreateOperator(create) => {
                self.define(client, |definer| define::operator::create_operator(definer, create))
            }
            StatementKind::AlterOperator(alter) => {
                self.define(client, |definer| define::operator::alter_operator(definer, alter))
            }
            StatementKind::CreateOperatorClass(create) => {
                self.define(client, |definer| define::operator_class::create_class(definer, create))
            }
            StatementKind::CreateOperatorFamily(create) => {
                self.define(client, |definer| define::operator_class::create_family(definer, create))
            }
            StatementKind::AlterOperatorFamily(alter) => {
                self.define(client, |definer| define::operator_class::alter_family(definer, alter))
            }
            _ => Ok(()), // no other comes here
        }
    }

    /// Domains, routines, and what is said of objects that are there.
    fn run_other_definition(
        &mut self,
        text: &str,
        statement: &StatementKind<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let name = command(statement);
        match statement {
            StatementKind::SetSchema(set) => self.define(client, |it| define::rename::set_schema(it, set))?,
            StatementKind::CreateDomain(create) => {
                self.define(client, |definer| define::domain::create_domain(definer, create))?;
            }
            StatementKind::AlterDomain(alter) => {
                self.define(client, |definer| define::domain::alter_domain(definer, alter))?;
            }
            StatementKind::CreateRoutine(create) => return self.create_routine(text, create, client),
            StatementKind::CreateAggregate(create) => {
                self.define(client, |definer| define::aggregate::create_aggregate(definer, create))?;
            }
            StatementKind::CreateCast(create) => self.define(client, |it| create_cast(it, create))?,
            StatementKind::CreateRule(create) => self.define(client, |it| create_rule(it, create))?,
            StatementKind::CreateTrigger(create) => self.define(client, |it| create_trigger(it, create))?,
            StatementKind::Foreign(it) => {
                self.define(client, |definer| define::foreign::define(definer, it))?
            }
            StatementKind::Search(it) => self.define_search(it, client)?,
            StatementKind::Replication(it) => {
                self.define(client, |definer| define::replication::define(definer, it))?
            }
            StatementKind::CreateEventTrigger(create) => {
                self.define(client, |it| define::event_trigger::create(it, create, tag_of))?
            }
            StatementKind::AlterEventTrigger(alter) => {
                self.define(client, |it| define::event_trigger::alter(it, alter))?
            }
            StatementKind::CreateConversion(of) => self.define(client, |it| create_conversion(it, of))?,
            StatementKind::CreatePolicy(create) => self.define(client, |it| create_policy(it, create))?,
            StatementKind::AlterPolicy(alter) => self.define(client, |it| alter_policy(it, alter))?,
            operators @ (StatementKind::CreateOperator(_)
            | StatementKind::AlterOperator(_)
            | StatementKind::CreateOperatorClass(_)
            | StatementKind::CreateOperatorFamily(_)
            | StatementKind::AlterOperatorFamily(_)) => self.define_operators(client, operators)?,
            StatementKind::CreateCollation(create) => {
                self.define(client, |definer| define::collation::create_collation(definer, create))?;
            }
            it @ (StatementKind::CreateStatistics(_) | StatementKind::AlterStatistics(_)) => {
                self.define_statistics(client, it)?
            }
            StatementKind::RefreshCollation(collation) => {
                self.define(client, |definer| define::collation::refresh_version(definer, collation))?;
            }
            StatementKind::AlterRoutine(alter) => {
                let settings = self.kept_settings(alter.options)?;
                self.define(client, |definer| define::routine::alter_routine(definer, alter, &settings))?;
            }
            StatementKind::Call(call) => return self.run_call(call, client),
            StatementKind::SecurityLabel(provider) => {
                let message = no_label_provider(provider.map(|name| name.text));
                return Err(FunctionError::plain(SqlState::InvalidParameterValue, message).into());
            }
            StatementKind::Comment(comment) => {
                self.define(client, |definer| define::comment::comment(definer, comment))?;
            }
            _ => return Err(SessionError::NotSupported { feature: name }),
        }
        client.complete(name);
        Ok(())
    }

    fn create_routine(
        &mut self,
        text: &str,
        create: &CreateRoutine<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        crate::procedural::refuse_in_block(create)?;
        let changes = self.kept_settings(create.options)?;
        let mut own = self.settings.clone();
        for change in &changes {
            if let SettingChange::Put(name, value) = change {
                own.set(name, value, true, true)?;
            }
        }
        let who = (self.role, self.database);
        let path = |snapshot: &Snapshot| search_path(snapshot, &own, who);
        let settings =
            FunctionSettings { changes: &changes, path: if changes.is_empty() { None } else { Some(&path) } };
        self.define(client, |definer| define::routine::create_routine(definer, create, text, settings))?;
        client.complete(if create.procedure { "CREATE PROCEDURE" } else { "CREATE FUNCTION" });
        Ok(())
    }

    /// All tables and partitioned ones are clustered one by one, which no block can hold.
    fn cluster(&mut self, cluster: &Cluster<'_>, client: &mut dyn Client) -> Result<(), SessionError> {
        let parted = match &cluster.table {
            None => true,
            Some(name) => self.is_partitioned(name)?,
        };
        if parted && self.block.is_shared() {
            return Err(SessionError::NotInBlock { statement: "CLUSTER" });
        }
        self.define(client, |definer| define::cluster::cluster(definer, cluster))
    }

    /// Whether a name means a partitioned table.
    fn is_partitioned(&mut self, name: &QualifiedName<'_>) -> Result<bool, SessionError> {
        let scope = self.scope()?;
        let found = match name.parts {
            [name] => scope.look_for_relation(None, name.text),
            [schema, name] => scope.look_for_relation(Some(schema.text), name.text),
            _ => None,
        };
        Ok(matches!(found, Some(catalog::Relation::Table(table)) if table.is_partitioned()))
    }

    /// What is said of a partitioned table or index that is to be built anew: that is done partition by partition.
    fn parted(&mut self, reindex: &Reindex<'_>) -> Result<Option<(&'static str, String)>, SessionError> {
        let scope = self.scope()?;
        let (schema, name) = match reindex.name.parts {
            [name] => (None, name.text),
            [schema, name] => (Some(schema.text), name.text),
            _ => return Ok(None),
        };
        let (statement, kind, table) = match (reindex.what, scope.look_for_relation(schema, name)) {
            (ReindexWhat::Index, Some(catalog::Relation::Index(index))) => {
                ("REINDEX INDEX", "index", index.table)
            }
            (ReindexWhat::Table, Some(catalog::Relation::Table(table))) => {
                ("REINDEX TABLE", "table", table.oid)
            }
            _ => return Ok(None),
        };
        let Some(table) = scope.table(table).filter(|table| table.is_partitioned()) else { return Ok(None) };
        let schema = scope.schema(table.schema).map_or("", |schema| &schema.name);
        let context = format!("while reindexing partitioned {kind} \"{schema}.{name}\"");
        Ok(Some((statement, context)))
    }

    fn reindex(&mut self, reindex: &Reindex<'_>, client: &mut dyn Client) -> Result<(), SessionError> {
        let alone = match (define::reindex::is_concurrent(reindex)?, reindex.what) {
            (true, _) => Some("REINDEX CONCURRENTLY"),
            (false, ReindexWhat::Schema) => Some("REINDEX SCHEMA"),
            (false, ReindexWhat::System) => Some("REINDEX SYSTEM"),
            (false, ReindexWhat::Database) => Some("REINDEX DATABASE"),
            (false, ReindexWhat::Index | ReindexWhat::Table) => None,
        };
        if let Some(statement) = alone {
            self.block.refuse(statement)?;
        }
        if self.block.refuse("REINDEX").is_err()
            && let Some((statement, context)) = self.parted(reindex)?
        {
            self.block
                .refuse(statement)
                .map_err(|error| SessionError::Within { error: Box::new(error), context })?;
        }
        self.define(client, |definer| define::reindex::reindex(definer, reindex))
    }

    /// `REFRESH MATERIALIZED VIEW`: its rows are made anew, by the role that owns it.
    fn refresh_view(
        &mut self,
        refresh: &RefreshView<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let view = self.define(client, |definer| define::materialized::begin_refresh(definer, refresh))?;
        if refresh.with_data {
            let arena = Bump::new();
            let statements = syntax::parse(arena.alloc_str(&view.query), &arena, self.depth_limit())?;
            let [Statement { kind: StatementKind::Query(query), .. }] = statements else {
                return Err(SessionError::NotSupported { feature: "such a query of a materialized view" });
            };
            let around = std::mem::replace(&mut self.role, view.owner);
            let filled =
                self.fill(&view.name, query, (bind::Parameters::None, &[]), Some(&SharedClient::new(client)));
            self.role = around;
            filled?;
        }
        self.define(client, |definer| {
            define::materialized::finish(definer, view.table, view.query.clone(), refresh.with_data)
        })
    }

    /// Runs a definition, and tells what it had to say. What it did is undone if it fails.
    pub(crate) fn define<T>(
        &mut self,
        client: &mut dyn Client,
        define: impl FnMut(&mut Definer<'_>) -> DefineResult<T>,
    ) -> Result<T, SessionError> {
        let mut notices = Vec::new();
        let done = self.define_saying(&mut notices, define);
        for notice in &notices {
            let severity = match notice {
                define::DefineNotice::Info(_) => Severity::Info,
                notice if notice.is_warning() => Severity::Warning,
                _ => Severity::Notice, // all others only tell
            };
            self.tell(client, severity, notice as &dyn Diagnostic);
        }
        done
    }

    /// What `ON COMMIT` says of temporary tables: to be run when nothing else is left to be done before the commit.
    pub(crate) fn run_on_commit(&mut self) -> Result<(), SessionError> {
        self.settle_sequences()?;
        if self.transient.get_mut().on_commit.is_empty() || self.block.begun().is_none() {
            return Ok(());
        }
        let actions = self.transient.get_mut().on_commit.clone();
        self.define_saying(&mut Vec::new(), |definer| define::persistence::on_commit(definer, &actions))?;
        let scope = self.scope()?;
        self.transient.get_mut().gone =
            actions.into_keys().filter(|oid| scope.table(*oid).is_none()).collect();
        Ok(())
    }

    /// How bodies are looked at that are made.
    pub(crate) fn looked_at_bodies(&self) -> Option<procedural::Settings> {
        let typed = self.settings.typed();
        typed.checks_bodies.then_some(typed.bodies)
    }

    /// What names mean to a definition, which changes nothing.
    pub(crate) fn look_at_names<T>(
        &mut self,
        mut look: impl FnMut(&Definer<'_>) -> T,
    ) -> Result<T, SessionError> {
        self.define_saying(&mut Vec::new(), |definer| Ok(look(definer)))
    }

    /// Begins again when others turn out to have changed what it is about, as long as it may see what they made of it.
    fn define_saying<T>(
        &mut self,
        notices: &mut Vec<DefineNotice>,
        mut define: impl FnMut(&mut Definer<'_>) -> DefineResult<T>,
    ) -> Result<T, SessionError> {
        for _ in 0..BEGUN_AGAIN_MAX {
            let done = self.define_once(notices, &mut define);
            let outdated = matches!(done, Err(SessionError::Catalog(CatalogError::Outdated { .. })));
            match self.block.begun().filter(|_| outdated) {
                Some(transaction) if transaction.isolation() == Isolation::ReadCommitted => {
                    notices.clear();
                    // What was undone may have gone back to an earlier snapshot.
                    transaction.refresh()?;
                }
                // One snapshot shows the same again.
                Some(_) | None => return done,
            }
        }
        self.define_once(notices, &mut define)
    }

    fn define_once<T>(
        &mut self,
        notices: &mut Vec<DefineNotice>,
        define: &mut dyn FnMut(&mut Definer<'_>) -> DefineResult<T>,
    ) -> Result<T, SessionError> {
        let scope = self.scope()?;
        let text = self.text_settings();
        let (depth_limit, strings) = (self.depth_limit(), self.strings());
        let settings = self.settings.clone();
        let bodies = self.looked_at_bodies();
        let (role, session_role, database) = (self.role, self.session_role, self.database);
        let extension = self.extension;
        let around = match (self.block.is_in_function(), self.block.is_shared()) {
            (true, _) => Around::Function,
            (false, true) => Around::Block,
            (false, false) => Around::Nothing,
        };
        let store = self.engine.store.clone();
        let literals = SessionLiterals { text: &text };
        let (transaction, catalog, parts) = self.split_catalog(&text)?;
        transaction.begin_statement();
        let mut rows = SessionRows { parts };
        let mut definer = Definer {
            store: &store,
            transaction,
            catalog,
            scope: scope.clone(),
            path_of: &|snapshot| search_path(snapshot, &settings, (role, database)),
            role,
            session_role,
            literals: &literals,
            depth_limit,
            strings,
            bodies,
            rows: &mut rows,
            around,
            extension,
            places: crate::definition::tablespace::places(&settings),
            notices: Vec::new(),
        };
        let done = define(&mut definer);
        notices.append(&mut definer.notices);
        let new_labels = definer.scope.new_labels().clone();
        let mut said = std::mem::take(&mut rows.parts.notices);
        self.notices.append(&mut said);
        if done.is_ok() {
            self.transient.get_mut().new_labels = new_labels;
        }
        if let Some(transaction) = self.block.begun() {
            self.transient.get_mut().used_temporary |= self.catalog.get_mut().changed_temporary(transaction);
            match &done {
                Ok(_) => transaction.end_statement(),
                Err(_) => transaction.undo_statement()?,
            }
        }
        Ok(done?)
    }
}

/// Whether a statement that is about objects of all kinds is about what all databases share.
fn of_database(statement: &StatementKind<'_>) -> bool {
    match statement {
        StatementKind::CreateDatabase(_)
        | StatementKind::AlterDatabase(_)
        | StatementKind::SetDatabase(_) => true,
        StatementKind::Drop(dropped) => dropped.kind == ObjectKind::Database,
        StatementKind::Rename(rename) => rename.kind == ObjectKind::Database,
        StatementKind::SetOwner(owner) => owner.kind == ObjectKind::Database,
        StatementKind::Comment(comment) => {
            matches!(comment.kind, ObjectKind::Database | ObjectKind::Role)
        }
        _ => false, // all others are about something within one
    }
}

/// The tag of a statement about roles, owners and privileges; none of another.
fn role_tag(statement: &StatementKind<'_>, tag: &'static str) -> Option<&'static str> {
    match statement {
        StatementKind::CreateRole(_)
        | StatementKind::AlterRole(_)
        | StatementKind::DropRole(_)
        | StatementKind::Grant(_)
        | StatementKind::GrantRole(_)
        | StatementKind::DefaultPrivileges(_)
        | StatementKind::SetOwner(_)
        | StatementKind::Owned(_) => Some(tag),
        StatementKind::Rename(rename) if rename.kind == ObjectKind::Role => Some("ALTER ROLE"),
        _ => None, // all others define something else
    }
}

/// The tag of such a statement.
fn database_tag(statement: &StatementKind<'_>, tag: &str) -> String {
    match statement {
        StatementKind::Rename(_) | StatementKind::SetOwner(_) => "ALTER DATABASE".to_owned(),
        _ => tag.to_owned(),
    }
}

/// One of two tags.
fn either(first: bool, one: &'static str, other: &'static str) -> &'static str {
    if first { one } else { other }
}

/// What a statement's tag says, and messages call it.
pub(crate) fn command(statement: &StatementKind<'_>) -> &'static str {
    use StatementKind as K;
    match statement {
        K::CreateTable(create) => either(create.foreign.is_some(), "CREATE FOREIGN TABLE", "CREATE TABLE"),
        StatementKind::CreateTableAs(_) => "CREATE TABLE AS",
        StatementKind::AlterTable(alter) => alter_command(alter.kind),
        StatementKind::CreateIndex(_) => "CREATE INDEX",
        StatementKind::CreateView(_) => "CREATE VIEW",
        K::CreateRule(_) | K::CreateTrigger(_) => about_rows(statement),
        K::CreatePolicy(_) | K::AlterPolicy(_) => about_rows(statement),
        K::CreateEventTrigger(_) | K::AlterEventTrigger(_) => about_rows(statement),
        StatementKind::RefreshView(_) => "REFRESH MATERIALIZED VIEW",
        StatementKind::CreateSequence(_) => "CREATE SEQUENCE",
        StatementKind::AlterSequence(_) => "ALTER SEQUENCE",
        StatementKind::CreateSchema(_) => "CREATE SCHEMA",
        StatementKind::CreateType(_) => "CREATE TYPE",
        StatementKind::AlterEnum(_) | StatementKind::AlterBaseType(_) => "ALTER TYPE",
        StatementKind::CreateDomain(_) => "CREATE DOMAIN",
        StatementKind::AlterDomain(_) => "ALTER DOMAIN",
        StatementKind::CreateRoutine(_) => "CREATE FUNCTION",
        StatementKind::CreateAggregate(_) => "CREATE AGGREGATE",
        StatementKind::AlterRoutine(alter) => alter_command(alter.kind),
        StatementKind::Drop(dropped) => drop_command(dropped.kind),
        StatementKind::Comment(_) => "COMMENT",
        StatementKind::SecurityLabel(_) => "SECURITY LABEL",
        K::Foreign(_) | K::Replication(_) | K::Search(_) | K::Tablespace(_) => about_family(statement),
        StatementKind::Rename(rename) => rename_command(rename),
        K::SetOwner(SetOwner { kind, .. }) | K::SetSchema(SetSchema { kind, .. }) => alter_command(*kind),
        StatementKind::CreateRole(_) => "CREATE ROLE",
        StatementKind::AlterRole(_) => "ALTER ROLE",
        StatementKind::DropRole(_) => "DROP ROLE",
        StatementKind::Grant(grant) => either(grant.grant, "GRANT", "REVOKE"),
        StatementKind::GrantRole(grant) => either(grant.grant, "GRANT ROLE", "REVOKE ROLE"),
        StatementKind::DefaultPrivileges(_) => "ALTER DEFAULT PRIVILEGES",
        StatementKind::Owned(owned) => either(owned.to.is_some(), "REASSIGN OWNED", "DROP OWNED"),
        StatementKind::CreateDatabase(_) => "CREATE DATABASE",
        K::CreateExtension(_) | K::AlterExtension(_) => about_types(statement),
        K::CreateCast(_) | K::CreateCollation(_) | K::RefreshCollation(_) => about_types(statement),
        K::CreateConversion(_) => "CREATE CONVERSION",
        K::CreateOperator(_) | K::AlterOperator(_) | K::CreateOperatorClass(_) => about_types(statement),
        K::CreateOperatorFamily(_) | K::AlterOperatorFamily(_) => about_types(statement),
        StatementKind::AlterDatabase(_) | StatementKind::SetDatabase(_) => "ALTER DATABASE",
        K::CreateStatistics(_) | K::AlterStatistics(_) => about_types(statement),
        StatementKind::Truncate(_) => "TRUNCATE TABLE",
        StatementKind::Vacuum(vacuum) => either(vacuum.vacuum, "VACUUM", "ANALYZE"),
        StatementKind::Cluster(_) => "CLUSTER",
        StatementKind::Reindex(_) => "REINDEX",
        StatementKind::Lock(_) => "LOCK TABLE",
        StatementKind::SetConstraints(_) => "SET CONSTRAINTS",
        StatementKind::Call(_) => "CALL",
        StatementKind::Do(_) => "DO",
        StatementKind::Set(set) => set_command(&set.action),
        K::Listen(_) | K::Unlisten(_) | K::Notify(_) => about_channels(statement),
        StatementKind::Load(_) => "LOAD",
        StatementKind::Copy(_) => "COPY",
        StatementKind::DeclareCursor(_) | StatementKind::Fetch(_) | StatementKind::Close(_) => "cursor",
        StatementKind::Query(_)
        | StatementKind::Insert(_)
        | StatementKind::Update(_)
        | StatementKind::Delete(_)
        | StatementKind::Merge(_)
        | StatementKind::Transaction(_)
        | StatementKind::Show(_)
        | StatementKind::Discard(_)
        | StatementKind::Prepare(_)
        | StatementKind::Execute(_)
        | StatementKind::Deallocate(_) => "statement",
        StatementKind::Explain(_) | StatementKind::Checkpoint | StatementKind::Unsupported(_) => "statement",
    }
}

/// What is said of a label for which there is no provider, which may be named.
fn no_label_provider(name: Option<&str>) -> String {
    match name {
        Some(name) => format!("security label provider \"{name}\" is not loaded"),
        None => "no security label providers have been loaded".to_owned(),
    }
}

/// The tag of what is about notifications.
fn about_channels(statement: &StatementKind<'_>) -> &'static str {
    match statement {
        StatementKind::Listen(_) => "LISTEN",
        StatementKind::Unlisten(_) => "UNLISTEN",
        _ => "NOTIFY", // the only other
    }
}

fn set_command(action: &SetAction<'_>) -> &'static str {
    either(matches!(action, SetAction::Reset(_) | SetAction::ResetAll), "RESET", "SET")
}

/// The tag of what is about the rows of a relation, whoever reads or changes them, or about what fires.
fn about_rows(statement: &StatementKind<'_>) -> &'static str {
    match statement {
        StatementKind::CreateRule(_) => "CREATE RULE",
        StatementKind::CreateEventTrigger(_) => "CREATE EVENT TRIGGER",
        StatementKind::AlterEventTrigger(_) => "ALTER EVENT TRIGGER",
        StatementKind::CreatePolicy(_) => "CREATE POLICY",
        StatementKind::AlterPolicy(_) => "ALTER POLICY",
        _ => "CREATE TRIGGER",
    }
}

/// What is made for types: casts, collations, operators.
fn about_types(statement: &StatementKind<'_>) -> &'static str {
    match statement {
        StatementKind::CreateExtension(_) => "CREATE EXTENSION",
        StatementKind::AlterExtension(_) => "ALTER EXTENSION",
        StatementKind::CreateCast(_) => "CREATE CAST",
        StatementKind::CreateStatistics(_) => "CREATE STATISTICS",
        StatementKind::AlterStatistics(_) => "ALTER STATISTICS",
        StatementKind::CreateCollation(_) => "CREATE COLLATION",
        StatementKind::RefreshCollation(_) => "ALTER COLLATION",
        StatementKind::CreateOperatorClass(_) => "CREATE OPERATOR CLASS",
        StatementKind::CreateOperatorFamily(_) => "CREATE OPERATOR FAMILY",
        StatementKind::AlterOperatorFamily(_) => "ALTER OPERATOR FAMILY",
        StatementKind::AlterOperator(_) => "ALTER OPERATOR",
        _ => "CREATE OPERATOR",
    }
}
