//! Roles as a session meets them: statements about them, `SET ROLE`, and the settings that they bring.
//!
//! Roles, databases and their settings stand in the main database's catalog. From another database they are changed by a
//! transaction of their own there, which commits with the statement: within a block that is refused, since it could not be
//! undone with the block.

use crate::client::{Client, Severity};
use crate::engine::Engine;
use crate::error::SessionError;
use crate::login::identity::Who;
use crate::session::{Session, search_path};
use crate::settings::Access;
use crate::world::literals::SessionLiterals;
use crate::world::rows::SessionRows;
use catalog::object::{Setting, SettingsOf};
use catalog::{FirstNames, Oid, Scope};
use define::setting::SettingChange;
use define::{Around, DefineResult, Definer};
use diagnostic::{Diagnostic, SqlState};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Begin, MAIN_DATABASE};
use syntax::tree::object::ObjectName;
use syntax::tree::role::{AlterRole, AlterRoleAction, GrantKind, GrantTarget};
use syntax::tree::routine::{RoutineOption, RoutineOptionKind};
use syntax::tree::session::{SetAction, SetVariable};
use syntax::tree::statement::StatementKind;

/// Why a session cannot be somebody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum IdentityError {
    #[error("role \"{name}\" does not exist")]
    NoRole { name: String },
    #[error("permission denied to set role \"{name}\"")]
    SetRole { name: String },
    #[error("permission denied to set session authorization")]
    SetAuthorization,
}

impl Diagnostic for IdentityError {
    fn sqlstate(&self) -> SqlState {
        match self {
            IdentityError::NoRole { .. } => SqlState::InvalidParameterValue,
            IdentityError::SetRole { .. } | IdentityError::SetAuthorization => {
                SqlState::InsufficientPrivilege
            }
        }
    }
}

impl Session {
    /// Statements about roles, and about privileges on databases.
    pub(crate) fn run_role(
        &mut self,
        statement: &StatementKind<'_>,
        tag: &str,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        match statement {
            StatementKind::CreateRole(create) => {
                let mut verifier = self.verifier();
                self.define_shared(client, |definer| {
                    define::role::create_role(definer, create, &mut verifier)
                })?;
            }
            StatementKind::AlterRole(alter) => match alter.action {
                AlterRoleAction::Set(set) => self.alter_role_setting(alter, &set, client)?,
                AlterRoleAction::Options(_) => {
                    let mut verifier = self.verifier();
                    self.define_shared(client, |definer| {
                        define::role::alter_role(definer, alter, &mut verifier)
                    })?;
                }
            },
            StatementKind::DropRole(dropped) => {
                // It is dropped in a transaction of its own, which would wait for what this one has named.
                let elsewhere = self.database != MAIN_DATABASE;
                if elsewhere && self.block.begun().is_some_and(|transaction| transaction.id().is_some()) {
                    let feature =
                        "dropping a role after other changes in a transaction outside of the main database";
                    return Err(SessionError::NotSupported { feature });
                }
                let engine = self.engine.clone();
                let mut others = |role| uses_elsewhere(&engine, role);
                self.define_shared(client, |definer| define::role::drop_role(definer, dropped, &mut others))?;
            }
            StatementKind::GrantRole(grant) => {
                self.define_shared(client, |definer| define::role::grant_role(definer, grant))?;
            }
            StatementKind::Grant(grant) => match grant.on {
                GrantTarget::Objects(GrantKind::Database | GrantKind::Tablespace, _) => {
                    self.define_shared(client, |definer| define::grant::grant(definer, grant))?;
                }
                GrantTarget::Objects(..) | GrantTarget::AllInSchemas(..) | GrantTarget::Defaults(_) => {
                    self.define(client, |definer| define::grant::grant(definer, grant))?;
                }
            },
            StatementKind::Rename(rename) => {
                let ObjectName::Named(from) = rename.object else {
                    return Err(SessionError::NotSupported { feature: "ALTER ROLE RENAME" });
                };
                self.define_shared(client, |definer| {
                    define::role::rename_role(definer, from.object(), rename.to.text)
                })?;
            }
            StatementKind::DefaultPrivileges(defaults) => {
                self.define(client, |definer| define::default_privileges::alter(definer, defaults))?;
            }
            StatementKind::SetOwner(owner) => {
                self.define(client, |definer| define::owner::set_owner(definer, owner))?;
            }
            StatementKind::Owned(owned) => {
                if self.define(client, |definer| define::owner::owned(definer, owned))? {
                    self.define_shared(client, |definer| define::owner::drop_owned_of_all(definer, owned))?;
                }
            }
            _ => return Err(SessionError::NotSupported { feature: "such a statement about roles" }),
        }
        client.complete(tag);
        Ok(())
    }

    /// Makes what is kept of a password.
    fn verifier(&self) -> impl FnMut(&str, &str) -> DefineResult<Option<String>> + use<> {
        let env = self.engine.env.clone();
        let md5 = self.settings.kept("password_encryption") == "md5";
        move |role: &str, password: &str| {
            if crate::login::password::is_empty(password, role) {
                return Ok(None);
            }
            if crate::login::password::is_kept(password) {
                return Ok(Some(password.to_owned()));
            }
            if md5 {
                return Ok(Some(crate::login::password::md5(password, role)));
            }
            let salt = crate::login::password::salt(&*env).map_err(store::StoreError::from)?;
            Ok(Some(crate::login::password::verifier(password, &salt)))
        }
    }

    /// Runs a definition of what all databases share.
    pub(crate) fn define_shared<T>(
        &mut self,
        client: &mut dyn Client,
        mut define: impl FnMut(&mut Definer<'_>) -> DefineResult<T>,
    ) -> Result<T, SessionError> {
        if self.database == MAIN_DATABASE {
            return self.define(client, define);
        }
        if self.block.is_explicit() {
            let feature = "changing roles or databases in a transaction block outside of the main database";
            return Err(SessionError::NotSupported { feature });
        }
        let scope = self.scope()?;
        let text = self.text_settings();
        let (store, settings) = (self.engine.store.clone(), self.settings.clone());
        let bodies = self.looked_at_bodies();
        let (role, session_role) = (self.role, self.session_role);
        let (depth_limit, strings, wait) = (self.depth_limit(), self.strings(), self.wait());
        let literals = SessionLiterals { text: &text };
        let mut transaction = store.begin(Begin { database: MAIN_DATABASE, wait, ..Begin::default() })?;
        let mut catalog = self.engine.catalogs.open(&store, MAIN_DATABASE, FirstNames::default())?;
        let (_, _, parts) = self.split_catalog(&text)?;
        let mut rows = SessionRows { parts };
        let mut definer = Definer {
            store: &store,
            transaction: &mut transaction,
            catalog: &mut catalog,
            scope: scope.clone(),
            path_of: &|snapshot| search_path(snapshot, &settings, (role, MAIN_DATABASE)),
            role,
            session_role,
            literals: &literals,
            depth_limit,
            strings,
            bodies,
            rows: &mut rows,
            around: Around::Nothing,
            extension: None,
            places: crate::definition::tablespace::places(&settings),
            notices: Vec::new(),
        };
        definer.refresh()?;
        let done = define(&mut definer);
        let notices = std::mem::take(&mut definer.notices);
        for notice in &notices {
            let severity = if notice.is_warning() { Severity::Warning } else { Severity::Notice };
            self.tell(client, severity, notice as &dyn Diagnostic);
        }
        let done = done?;
        transaction.commit()?;
        Ok(done)
    }

    /// `ALTER ROLE … [IN DATABASE …] SET …`
    fn alter_role_setting(
        &mut self,
        alter: &AlterRole<'_>,
        set: &SetVariable<'_>,
        client: &mut dyn Client,
    ) -> Result<(), SessionError> {
        let database = match &alter.database {
            Some(name) => {
                let scope = self.scope()?;
                let missing = || catalog::CatalogError::UndefinedDatabase { name: name.text.to_owned() };
                scope.database_named(name.text).ok_or_else(missing)?
            }
            None => 0,
        };
        let kept = self.kept_setting(&set.action)?;
        self.define_shared(client, |definer| {
            let role = match &alter.name {
                Some(name) => define::role::may_set(definer, name)?,
                None if definer.scope.is_superuser(definer.role) => 0,
                None => return Err(define::RoleError::AlterAll.into()),
            };
            keep(definer, SettingsOf { database, role }, kept.clone())
        })
    }

    /// What is said of a function's settings.
    pub(crate) fn kept_settings(
        &mut self,
        options: &[RoutineOption<'_>],
    ) -> Result<Vec<SettingChange>, SessionError> {
        let mut changes = Vec::new();
        for option in options {
            if let RoutineOptionKind::Set(set) = &option.kind {
                changes.push(self.kept_setting(&set.action)?);
            }
        }
        Ok(changes)
    }

    /// What a statement says of a setting that is kept; its value must be one.
    pub(crate) fn kept_setting(&mut self, action: &SetAction<'_>) -> Result<SettingChange, SessionError> {
        Ok(match action {
            SetAction::Values(name, values) => {
                let name = own_name(name.to_string());
                let value = self.set_value(&name, values)?;
                self.put_setting(name, value)?
            }
            SetAction::Current(name) => {
                let name = own_name(name.to_string());
                let value = self.settings.show(&name)?;
                self.put_setting(name, value)?
            }
            SetAction::Default(name) | SetAction::Reset(name) => {
                let name = name.to_string();
                let superuser = self.is_superuser_for(&name)?;
                self.settings.clone().reset(&name, false, superuser)?;
                SettingChange::Remove(name)
            }
            SetAction::ResetAll => SettingChange::RemoveAll,
            SetAction::Transaction(_) | SetAction::Characteristics(_) | SetAction::Snapshot(_) => {
                return Err(SessionError::NotSupported {
                    feature: "keeping characteristics of transactions",
                });
            }
        })
    }

    fn put_setting(&mut self, name: String, value: String) -> Result<SettingChange, SessionError> {
        let superuser = self.is_superuser_for(&name)?;
        self.settings.clone().set(&name, &value, false, superuser)?;
        Ok(SettingChange::Put(name, value))
    }

    /// Gives the session the settings of its role and its database, beside those that the engine is run by.
    pub(crate) fn take_settings(&mut self, scope: &Scope, database: Oid, engine: BTreeMap<String, String>) {
        let mut defaults = engine;
        for (database, role) in [(0, 0), (database, 0), (0, self.session_role), (database, self.session_role)]
        {
            for setting in scope.settings(SettingsOf { database, role }).iter().flat_map(|known| known.iter())
            {
                let mut trial = self.settings.clone();
                // What was a value when it was said may be none any more.
                if trial.set(&setting.name, &setting.value, false, true).is_ok() {
                    let kept = trial.kept(&setting.name).to_owned();
                    defaults.insert(setting.name.to_ascii_lowercase(), kept);
                }
            }
        }
        self.settings.set_defaults(defaults);
        let who = self.who();
        crate::login::identity::note(&mut self.settings, scope, who);
        self.identity = self.settings.typed().identity.clone();
    }

    /// Who the session is.
    pub(crate) fn who(&self) -> Who {
        Who { login: self.login_role, session: self.session_role, acting: self.role, database: self.database }
    }

    /// `SET ROLE`, `SET SESSION AUTHORIZATION`; `false` of another setting.
    pub(crate) fn set_identity(&mut self, setting: (&str, &str, bool)) -> Result<bool, SessionError> {
        if !crate::login::identity::asks_catalog(setting.0) {
            return Ok(false);
        }
        let scope = self.roles_now()?;
        let (who, definers) = (self.who(), self.kept.definers);
        crate::login::identity::set(&mut self.settings, setting, (who, definers), &scope)
    }

    /// Whether the role that the session acts as may do to a setting what superusers may. Of settings that anybody has in
    /// hand nobody asks.
    pub(crate) fn is_superuser_for(&mut self, setting: &str) -> Result<bool, SessionError> {
        match crate::settings::find(setting).map(|setting| setting.access) {
            Some(Access::Superuser) => Ok(self.roles_now()?.is_superuser(self.role)),
            None | Some(Access::User | Access::Server | Access::Reload | Access::Internal) => Ok(false),
        }
    }

    /// The roles there are, as the transaction sees them if it has begun. One that has not is not begun for this: its isolation
    /// may still be chosen.
    fn roles_now(&mut self) -> Result<Scope, SessionError> {
        if self.block.begun().is_some() {
            return self.scope();
        }
        let view = self.engine.store.view(self.database)?;
        let snapshot = self.catalog.get_mut().shared_snapshot(&self.engine.store, &view)?;
        let path = search_path(&snapshot, &self.settings, (self.role, self.database));
        Ok(Scope::new(snapshot, path))
    }

    /// Who the session is, after its settings may have changed. Costs a comparison where they have not.
    pub(crate) fn refresh_identity(&mut self) -> Result<(), SessionError> {
        let identity = &self.settings.typed().identity;
        if Arc::ptr_eq(identity, &self.identity) {
            return Ok(());
        }
        let identity = identity.clone();
        if identity == self.identity {
            // Settings were read anew and say the same.
            self.identity = identity;
            return Ok(());
        }
        let scope = self.roles_now()?;
        let who = self.who().by(&scope, &identity);
        (self.session_role, self.role) = (who.session, who.acting);
        self.identity = identity;
        crate::login::identity::note(&mut self.settings, &scope, who);
        Ok(())
    }
}

/// A setting's name as it is listed.
fn own_name(name: String) -> String {
    crate::settings::find(&name).map_or(name, |setting| setting.name.to_owned())
}

/// What databases but the main one have of a role, a line each.
fn uses_elsewhere(engine: &Engine, role: Oid) -> DefineResult<Vec<String>> {
    let (store, mut found) = (&engine.store, Vec::new());
    for database in store.databases().into_iter().filter(|other| *other != MAIN_DATABASE) {
        let view = store.view(database)?;
        let mut catalog = engine.catalogs.open(store, database, FirstNames::default())?;
        let snapshot = catalog.shared_snapshot(store, &view)?;
        // A branch that nobody names is no database.
        let Some(name) = snapshot.database_of(database.0).map(|database| &database.name) else { continue };
        let large = match snapshot.large_objects() {
            Some(trees) => trees.uses(&view, role)?.len(),
            None => 0,
        };
        match snapshot.count_uses_of_role(role) + large {
            0 => {}
            1 => found.push(format!("1 object in database {name}")),
            count => found.push(format!("{count} objects in database {name}")),
        }
    }
    Ok(found)
}

/// Puts what is said of a setting into the catalog.
pub(crate) fn keep(definer: &mut Definer<'_>, of_whom: SettingsOf, kept: SettingChange) -> DefineResult<()> {
    let mut settings: Vec<Setting> =
        definer.scope.settings(of_whom).map_or_else(Vec::new, |known| known.to_vec());
    define::setting::change_settings(&mut settings, &[kept]);
    definer.catalog.set_settings(definer.transaction, of_whom, &settings)?;
    definer.refresh()
}
