//! Who a session is: what `SET ROLE` and `SET SESSION AUTHORIZATION` may make of it, wherever they are said.
//!
//! Statements ask through the session, functions (`set_config`, `CREATE FUNCTION … SET role`) through what it lends to the
//! statement that runs (`services`). Both note by which settings their roles were looked up, and look again where those are
//! others.
//!
//! Invariant: as long as a function runs with its owner's rights nobody may become somebody else, so that going back to its
//! caller is going back to whoever that was.

use crate::definition::roles::IdentityError;
use crate::error::SessionError;
use crate::services::{Services, other};
use crate::settings::{SettingError, Settings};
use catalog::{Oid, Scope};
use functions::FunctionResult;
use std::sync::Arc;
use store::DatabaseId;

/// Who a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who {
    /// The role it logged in as.
    pub login: Oid,
    /// The one that it acts for.
    pub session: Oid,
    /// The one it acts as.
    pub acting: Oid,
    /// Where.
    pub database: DatabaseId,
}

const AUTHORIZATION: &str = "session_authorization";
const ROLE: &str = "role";
const SEARCH_CONFIGURATION: &str = "default_text_search_config";

const DEFAULT_TABLESPACE: &str = "default_tablespace";
const TEMPORARY_TABLESPACES: &str = "temp_tablespaces";

/// That tablespaces which a setting names are there.
fn demand_tablespaces(scope: &Scope, name: &str, value: &str) -> Result<(), SessionError> {
    if name == DEFAULT_TABLESPACE {
        let known = value.is_empty() || scope.tablespace_named(value).is_some();
        let detail = || Some(format!("Tablespace \"{value}\" does not exist."));
        let (name, text) = (name.to_owned(), value.to_owned());
        let wrong = || SettingError::Invalid { name, value: text, detail: detail(), hint: None };
        return if known { Ok(()) } else { Err(wrong().into()) };
    }
    let missing = catalog::name::identifier_list(value).into_iter().filter(|name| !name.is_empty());
    match missing.into_iter().find(|name| scope.tablespace_named(name).is_none()) {
        Some(missing) => {
            let message = format!("tablespace \"{missing}\" does not exist");
            Err(functions::FunctionError::plain(diagnostic::SqlState::UndefinedObject, message).into())
        }
        None => Ok(()),
    }
}

/// Whether a setting names something of the catalog, so that it is looked up when it is set.
pub(crate) fn asks_catalog(name: &str) -> bool {
    let others = [SEARCH_CONFIGURATION, DEFAULT_TABLESPACE, TEMPORARY_TABLESPACES];
    is_identity(name) || others.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Whether a setting says who the session is.
pub(crate) fn is_identity(name: &str) -> bool {
    name.eq_ignore_ascii_case(AUTHORIZATION) || name.eq_ignore_ascii_case(ROLE)
}

/// That it may be changed: `definers` functions run with their owners' rights.
fn refuse_within_definer(name: &str, definers: u32) -> Result<(), SettingError> {
    if definers == 0 {
        return Ok(());
    }
    let name = if name.eq_ignore_ascii_case(ROLE) { ROLE } else { AUTHORIZATION };
    Err(SettingError::WithinDefiner { name: name.to_owned() })
}

impl Who {
    /// That the session may be a role.
    fn demand(&self, scope: &Scope, name: &str, value: &str) -> Result<(), IdentityError> {
        let authorization = name.eq_ignore_ascii_case(AUTHORIZATION);
        if !authorization && value == "none" {
            return Ok(());
        }
        let missing = || IdentityError::NoRole { name: value.to_owned() };
        let role = scope.role_named(value).ok_or_else(missing)?;
        if authorization {
            let may = role == self.login || scope.is_superuser(self.login);
            return if may { Ok(()) } else { Err(IdentityError::SetAuthorization) };
        }
        let may = scope.is_superuser(self.session)
            || catalog::is_member(scope, self.session, role, self.database.0);
        if may { Ok(()) } else { Err(IdentityError::SetRole { name: value.to_owned() }) }
    }

    /// Who it is by the settings `session_authorization` and `role`. A role that is gone meanwhile leaves it what it was.
    pub fn by(self, scope: &Scope, (authorization, role): &(String, String)) -> Who {
        let session = match authorization.is_empty() {
            true => self.login,
            false => scope.role_named(authorization).unwrap_or(self.session),
        };
        let acting = match role.as_str() {
            "none" => session,
            role => scope.role_named(role).unwrap_or(self.acting),
        };
        Who { session, acting, ..self }
    }
}

/// Lets settings tell who the session is.
pub(crate) fn note(settings: &mut Settings, scope: &Scope, who: Who) {
    settings.set_default("is_superuser", if scope.is_superuser(who.acting) { "on" } else { "off" });
    settings.set_default("session_authorization", &scope.role_name(who.login));
}

/// Gives a setting a value if it names something of the catalog, as those do that say who the session is; `false` of another one.
/// `scope` tells what there is.
pub(crate) fn set(
    settings: &mut Settings,
    (name, value, local): (&str, &str, bool),
    (who, definers): (Who, u32),
    scope: &Scope,
) -> Result<bool, SessionError> {
    if name.eq_ignore_ascii_case(SEARCH_CONFIGURATION) {
        let found = catalog::names::search_configuration(scope, value);
        let full = found.and_then(|oid| catalog::names::full_search_name(scope, oid));
        let full = full.ok_or_else(|| SettingError::no_such(SEARCH_CONFIGURATION, value))?;
        settings.set(name, &full, local, true)?;
        return Ok(true);
    }
    if let Some(known) =
        [DEFAULT_TABLESPACE, TEMPORARY_TABLESPACES].iter().find(|it| name.eq_ignore_ascii_case(it))
    {
        demand_tablespaces(scope, known, value)?;
        settings.set(name, value, local, true)?;
        return Ok(true);
    }
    if !is_identity(name) {
        return Ok(false);
    }
    refuse_within_definer(name, definers)?;
    who.demand(scope, name, value)?;
    settings.set(name, value, local, true)?;
    if name.eq_ignore_ascii_case(AUTHORIZATION) {
        settings.reset(ROLE, local, true)?;
    }
    Ok(true)
}

/// Gives a setting its default.
pub(crate) fn reset(
    settings: &mut Settings,
    (name, local): (&str, bool),
    superuser: bool,
    definers: u32,
) -> Result<(), SettingError> {
    if is_identity(name) {
        refuse_within_definer(name, definers)?;
    }
    settings.reset(name, local, superuser)?;
    if name.eq_ignore_ascii_case(AUTHORIZATION) {
        settings.reset(ROLE, local, true)?;
    }
    Ok(())
}

impl Services<'_> {
    /// Gives a setting a value.
    pub(crate) fn set_setting(&mut self, (name, value, local): (&str, &str, bool)) -> FunctionResult<()> {
        let (who, scope) = (self.who(), self.scope);
        let setting = (name, value, local);
        let set = set(self.settings, setting, (who, self.kept.definers), scope);
        if !set.map_err(other)? {
            let superuser = scope.is_superuser(self.roles.0);
            self.settings.set(name, value, local, superuser).map_err(other)?;
            if let Some(seed) = crate::settings::seed_of(name, self.settings) {
                self.kept.random = Some(functions::random_state(seed));
            }
        }
        Ok(())
    }

    fn who(&self) -> Who {
        let login = self.live.lent.map_or(self.roles.1, |lent| lent.login_role);
        Who { login, session: self.roles.1, acting: self.roles.0, database: self.database }
    }

    /// Looks who the session is, after its settings may have changed.
    pub(crate) fn look_who(&mut self) {
        let identity = &self.settings.typed().identity;
        if Arc::ptr_eq(identity, &self.identity) {
            return;
        }
        let identity = identity.clone();
        if identity != self.identity {
            let who = self.who().by(self.scope, &identity);
            self.roles = (who.acting, who.session);
            note(self.settings, self.scope, who);
        }
        self.identity = identity;
    }

    /// Gives settings the values that a function has while it runs: what the role may that it runs as.
    pub(crate) fn set_for_function(&mut self, settings: &[(String, String)]) -> Result<(), SessionError> {
        let (who, scope, definers) = (self.who(), self.scope, self.kept.definers);
        let superuser = scope.is_superuser(who.acting);
        for (name, value) in settings {
            let setting = (name.as_str(), value.as_str(), true);
            if !set(self.settings, setting, (who, definers), scope)? {
                self.settings.set(name, value, true, superuser)?;
            }
        }
        Ok(())
    }
}
