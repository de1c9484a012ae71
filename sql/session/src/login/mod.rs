//! Who may come in over a connection, and as whom: roles that log in, their passwords, and what a database lets in.
//!
//! A library that opens a session is its program, and is believed. Whoever comes over a socket says who he is: what is looked at
//! is in the order of PostgreSQL, and nothing is told of a role before the password was right. Everything that is refused here
//! ends the connection.

pub(crate) mod identity;
pub mod password;

use crate::client::{Report, Severity};
use crate::definition::databases::{Ender, Wake};
use crate::engine::{Engine, now};
use crate::error::SessionError;
use crate::session::Session;
use crate::settings::SettingError;
use catalog::object::Role;
use catalog::{FirstNames, Scope, SearchPath};
use diagnostic::{Diagnostic, SqlState};
use std::sync::Arc;
use store::{DatabaseId, MAIN_DATABASE};

/// Why somebody does not come in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum LoginError {
    #[error("role \"{0}\" does not exist")]
    NoRole(String),
    #[error("role \"{0}\" is not permitted to log in")]
    NoLogin(String),
    #[error("too many connections for role \"{0}\"")]
    RoleFull(String),
    #[error("too many connections for database \"{0}\"")]
    DatabaseFull(String),
    #[error("conversion between {0} and UTF8 is not supported")]
    Encoding(&'static str),
}

impl Diagnostic for LoginError {
    fn sqlstate(&self) -> SqlState {
        match self {
            LoginError::NoRole(_) | LoginError::NoLogin(_) => SqlState::InvalidAuthorizationSpecification,
            LoginError::RoleFull(_) | LoginError::DatabaseFull(_) => SqlState::TooManyConnections,
            LoginError::Encoding(_) => SqlState::FeatureNotSupported,
        }
    }
}

/// Who asks, for what.
#[derive(Debug, Clone, Copy)]
pub struct Login<'l> {
    /// The role.
    pub role: &'l str,
    /// The database.
    pub database: &'l str,
    /// What settings shall be from the beginning, in the order in which they were said.
    pub settings: &'l [(String, String)],
}

fn fatal(error: &(impl Diagnostic + ?Sized)) -> Box<Report> {
    Box::new(Report::new(Severity::Fatal, error))
}

impl Engine {
    /// What is kept of a role's password: a SCRAM verifier (RFC 5803), or a hash by MD5; none if there is no such role, it has no password, or that is no
    /// longer valid: whoever asks for it must not let the difference be seen.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn password_verifier(&self, role: &str) -> Result<Option<String>, Box<Report>> {
        let scope = self.shared_scope().map_err(|error| fatal(&error))?;
        let role = scope.role_named(role).and_then(|oid| scope.role(oid));
        let valid = |role: &&Arc<Role>| role.valid_until.is_none_or(|until| until > now(&*self.env).0);
        Ok(role.filter(valid).and_then(|role| role.password.clone()))
    }

    /// Roles and databases, as they are now.
    fn shared_scope(&self) -> Result<Scope, SessionError> {
        let mut main = self.catalogs.open(&self.store, MAIN_DATABASE, FirstNames::default())?;
        let snapshot = main.shared_snapshot(&self.store, &self.store.view(MAIN_DATABASE)?)?;
        Ok(Scope::new(snapshot, SearchPath::default()))
    }
}

impl Session {
    /// A session of somebody who comes over a connection, and has proved who he is.
    ///
    /// # Errors
    /// When the role may not log in or not be in the database, either has as many sessions as it may have, or a setting takes
    /// no such value.
    pub fn log_in(engine: &Engine, login: Login<'_>) -> Result<Session, Box<Report>> {
        let scope = engine.shared_scope().map_err(|error| fatal(&error))?;
        let refuse = |error: LoginError| Err(fatal(&error));
        let Some(role) = scope.role_named(login.role).and_then(|oid| scope.role(oid)) else {
            return refuse(LoginError::NoRole(login.role.to_owned()));
        };
        if !role.can_login {
            return refuse(LoginError::NoLogin(role.name.clone()));
        }
        let database = scope.database_named(login.database).and_then(|oid| scope.database(oid));
        if !role.superuser {
            let is_full = |limit: i32, count: usize| usize::try_from(limit).is_ok_and(|limit| count >= limit);
            if is_full(role.connection_limit, engine.sessions.of_role(role.oid)) {
                return refuse(LoginError::RoleFull(role.name.clone()));
            }
            if let Some(database) = database
                && is_full(
                    database.connection_limit,
                    engine.sessions.in_database(DatabaseId(database.branch)),
                )
            {
                return refuse(LoginError::DatabaseFull(database.name.clone()));
            }
        }
        let opened = Session::open(engine, Some(login.database), Some(login.role));
        let mut session = opened.map_err(|error| fatal(&error))?;
        session.settings.serve();
        for (name, value) in login.settings {
            session.begin_with(name, value, role.superuser).map_err(|error| match error {
                SettingError::Encoding { name, .. } => fatal(&LoginError::Encoding(name)),
                error => fatal(&error),
            })?;
        }
        session.note_application();
        Ok(session)
    }

    /// What a setting is from the beginning: RESET goes back to it.
    fn begin_with(&mut self, name: &str, value: &str, superuser: bool) -> Result<(), SettingError> {
        let mut trial = self.settings.clone();
        trial.set(name, value, false, superuser)?;
        let kept = trial.kept(name).to_owned();
        self.settings.set_default(name, &kept);
        Ok(())
    }

    /// Whether somebody has told the session to end. It does with the next statement.
    pub fn is_ended(&self) -> bool {
        self.check_ended().is_err()
    }

    /// What ends it, from anywhere.
    pub fn ender(&self) -> Ender {
        Ender(self.presence.clone())
    }

    /// What wakes whoever waits for its client, when the session is told to end.
    pub fn on_end(&self, wake: Wake) {
        *self.presence.wake.lock() = Some(wake);
    }

    /// The number by which users know it: `pg_backend_pid()`.
    pub fn process(&self) -> u64 {
        self.presence.pid
    }
}
