//! `CREATE SUBSCRIPTION`, `ALTER SUBSCRIPTION`, and what is asked before one is dropped.

use super::{change, connection, missing, option, refuse_connection, refuse_in_block, require_superuser};
use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use catalog::object::{Object, Oid, Replication, Subscription};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::option::Definition;
use syntax::tree::replication::{AlterSubscription, CreateSubscription, SubscriptionChange};
use types::catalog::{BuiltinTypes, oid};
use types::text::TextSettings;
use types::{Type, Value};

/// Which options a statement has.
const OF_CREATE: &[&str] = &[
    "connect",
    "enabled",
    "create_slot",
    "slot_name",
    "copy_data",
    "synchronous_commit",
    "binary",
    "streaming",
    "two_phase",
    "disable_on_error",
];
const OF_SET: &[&str] = &["slot_name", "synchronous_commit", "binary", "streaming", "disable_on_error"];
const OF_PUBLICATIONS: &[&str] = &["copy_data", "refresh"];
const OF_REFRESH: &[&str] = &["copy_data"];
const OF_SKIP: &[&str] = &["lsn"];
/// Values of `synchronous_commit`.
const COMMIT: &[&str] =
    &["local", "remote_write", "remote_apply", "on", "off", "true", "false", "yes", "no", "1", "0"];
/// How long the name of a slot may be.
const SLOT_NAME_MAX: usize = 63;

/// What is written of a subscription.
#[derive(Default)]
struct Options {
    connect: Option<bool>,
    enabled: Option<bool>,
    create_slot: Option<bool>,
    /// Within: none after `NONE`.
    slot: Option<Option<String>>,
    copy_data: Option<bool>,
    synchronous_commit: Option<String>,
    refresh: Option<bool>,
    binary: Option<bool>,
    stream: Option<bool>,
    two_phase: Option<bool>,
    disable_on_error: Option<bool>,
    skip: Option<u64>,
}

impl Options {
    fn read(written: &[Definition<'_>], has: &[&str]) -> DefineResult<Options> {
        let mut found = Options::default();
        for each in written {
            let name = each.name.text;
            if !has.contains(&name) {
                let message = format!("unrecognized subscription parameter: \"{name}\"");
                return Err(plain(SqlState::SyntaxError, message));
            }
            match name {
                "connect" => option::set(&mut found.connect, each, option::boolean)?,
                "enabled" => option::set(&mut found.enabled, each, option::boolean)?,
                "create_slot" => option::set(&mut found.create_slot, each, option::boolean)?,
                "slot_name" => option::set(&mut found.slot, each, slot_name)?,
                "copy_data" => option::set(&mut found.copy_data, each, option::boolean)?,
                "synchronous_commit" => option::set(&mut found.synchronous_commit, each, commit)?,
                "refresh" => option::set(&mut found.refresh, each, option::boolean)?,
                "binary" => option::set(&mut found.binary, each, option::boolean)?,
                "streaming" => option::set(&mut found.stream, each, option::boolean)?,
                "two_phase" => option::set(&mut found.two_phase, each, option::boolean)?,
                "disable_on_error" => option::set(&mut found.disable_on_error, each, option::boolean)?,
                _ => option::set(&mut found.skip, each, place_in_log)?,
            }
        }
        Ok(found)
    }

    /// Refuses what cannot be together in a new subscription, and says what follows for what is not said.
    fn settle(&mut self) -> DefineResult<()> {
        let exclusive = |one: &str, other: &str| {
            let message = format!("{one} and {other} are mutually exclusive options");
            Err(plain(SqlState::SyntaxError, message))
        };
        if self.connect == Some(false) {
            let others = [
                (self.enabled, "enabled = true"),
                (self.create_slot, "create_slot = true"),
                (self.copy_data, "copy_data = true"),
            ];
            if let Some((_, other)) = others.iter().find(|(said, _)| *said == Some(true)) {
                return exclusive("connect = false", other);
            }
            self.enabled = Some(false);
            self.create_slot = Some(false);
            self.copy_data = Some(false);
        }
        if self.slot == Some(None) {
            let others = [(self.enabled, "enabled"), (self.create_slot, "create_slot")];
            for (said, name) in others {
                match said {
                    Some(true) => return exclusive("slot_name = NONE", &format!("{name} = true")),
                    None => {
                        let message =
                            format!("subscription with slot_name = NONE must also set {name} = false");
                        return Err(plain(SqlState::SyntaxError, message));
                    }
                    Some(false) => {}
                }
            }
        }
        Ok(())
    }
}

/// The name of a slot; none of `none`.
fn slot_name(written: &Definition<'_>) -> DefineResult<Option<String>> {
    let name = option::text(written)?;
    if name.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let refused = |state, what: &str, hint: Option<&str>| {
        Err(DefineError::Plain {
            state,
            message: format!("replication slot name \"{name}\" {what}"),
            detail: None,
            hint: hint.map(str::to_owned),
            position: None,
        })
    };
    if name.is_empty() {
        return refused(SqlState::InvalidName, "is too short", None);
    }
    if name.len() > SLOT_NAME_MAX {
        return refused(SqlState::NameTooLong, "is too long", None);
    }
    let is_good = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    if !name.bytes().all(is_good) {
        let hint = "Replication slot names may only contain lower case letters, numbers, and the underscore character.";
        return refused(SqlState::InvalidName, "contains invalid character", Some(hint));
    }
    Ok(Some(name))
}

fn commit(written: &Definition<'_>) -> DefineResult<String> {
    let value = option::text(written)?;
    if COMMIT.contains(&value.to_ascii_lowercase().as_str()) {
        return Ok(value);
    }
    Err(DefineError::Plain {
        state: SqlState::InvalidParameterValue,
        message: format!("invalid value for parameter \"synchronous_commit\": \"{value}\""),
        detail: None,
        hint: Some("Available values: local, remote_write, remote_apply, on, off.".to_owned()),
        position: None,
    })
}

/// A place in the other server's log; 0 of `none`.
fn place_in_log(written: &Definition<'_>) -> DefineResult<u64> {
    let text = option::text(written)?;
    if text.eq_ignore_ascii_case("none") {
        return Ok(0);
    }
    let (builtin, settings) = (&BuiltinTypes, TextSettings::default());
    let read = types::text::input(builtin, Type::of(oid::PG_LSN), &text, &settings);
    match read.map_err(|error| plain(SqlState::InvalidTextRepresentation, error.to_string()))? {
        Value::Int64(place) if place != 0 => Ok(place.cast_unsigned()),
        _ => Err(plain(SqlState::InvalidParameterValue, "invalid WAL location (LSN): 0/0")),
    }
}

/// The names of publications, each once.
fn names(written: &[Name<'_>]) -> DefineResult<Vec<String>> {
    let mut found: Vec<String> = Vec::with_capacity(written.len());
    for name in written {
        if found.iter().any(|known| known == name.text) {
            let message = format!("publication name \"{}\" used more than once", name.text);
            return Err(plain(SqlState::DuplicateObject, message));
        }
        found.push(name.text.to_owned());
    }
    Ok(found)
}

/// `CREATE SUBSCRIPTION …`
pub(super) fn create(definer: &mut Definer<'_>, statement: &CreateSubscription<'_>) -> DefineResult<()> {
    let mut options = Options::read(statement.options, OF_CREATE)?;
    options.settle()?;
    if options.create_slot.unwrap_or(true) {
        refuse_in_block(definer, "CREATE SUBSCRIPTION ... WITH (create_slot = true)")?;
    }
    require_superuser(definer, "to create subscriptions")?;
    let name = statement.name.text;
    if definer.scope.subscription_named(name).is_some() {
        let message = format!("subscription \"{name}\" already exists");
        return Err(plain(SqlState::DuplicateObject, message));
    }
    connection::check(statement.connection)?;
    let publications = names(statement.publications)?;
    if options.connect.unwrap_or(true) {
        return refuse_connection(definer);
    }
    let subscription = Subscription {
        oid: definer.new_oid()?,
        name: name.to_owned(),
        owner: definer.role,
        skip: 0,
        enabled: options.enabled.unwrap_or(true),
        binary: options.binary.unwrap_or(false),
        stream: options.stream.unwrap_or(false),
        two_phase: options.two_phase.unwrap_or(false),
        disable_on_error: options.disable_on_error.unwrap_or(false),
        connection: statement.connection.to_owned(),
        slot: options.slot.unwrap_or_else(|| Some(name.to_owned())),
        synchronous_commit: options.synchronous_commit.unwrap_or_else(|| "off".to_owned()),
        publications,
    };
    let made = Object::Replication(Arc::new(Replication::Subscription(subscription)));
    definer.create(&made, &[])?;
    definer.refresh()?;
    let message = "tables were not subscribed, you will have to run ALTER SUBSCRIPTION ... REFRESH PUBLICATION to subscribe \
                   the tables";
    definer.notice(DefineNotice::Warning(SqlState::Warning, message.to_owned()));
    Ok(())
}

/// `ALTER SUBSCRIPTION …`
pub(super) fn alter(definer: &mut Definer<'_>, statement: &AlterSubscription<'_>) -> DefineResult<()> {
    let name = statement.name.text;
    let Some(known) = definer.scope.subscription_named(name).cloned() else {
        return Err(missing("subscription", name));
    };
    definer.require_owner(known.oid)?;
    match statement.change {
        SubscriptionChange::Options(options) => set_options(definer, &known, options),
        SubscriptionChange::Connection(text) => {
            connection::check(text)?;
            set(definer, known.oid, |known| known.connection = text.to_owned())
        }
        SubscriptionChange::Refresh(options) => {
            if !known.enabled {
                return Err(plain(
                    SqlState::ObjectNotInPrerequisiteState,
                    "ALTER SUBSCRIPTION ... REFRESH is not allowed for disabled subscriptions",
                ));
            }
            Options::read(options, OF_REFRESH)?;
            refuse_in_block(definer, "ALTER SUBSCRIPTION ... REFRESH")?;
            refuse_connection(definer)
        }
        SubscriptionChange::Set(publications, options) => {
            let options = Options::read(options, OF_PUBLICATIONS)?;
            let publications = names(publications)?;
            set_publications(
                definer,
                &known,
                publications,
                &options,
                "SET PUBLICATION ... WITH (refresh = false).",
            )
        }
        SubscriptionChange::Add(publications, options) => {
            let options = Options::read(options, OF_PUBLICATIONS)?;
            let publications = with(&known, names(publications)?)?;
            let way = "ADD PUBLICATION ... WITH (refresh = false) instead.";
            set_publications(definer, &known, publications, &options, way)
        }
        SubscriptionChange::Drop(publications, options) => {
            let options = Options::read(options, OF_PUBLICATIONS)?;
            let publications = without(&known, &names(publications)?)?;
            let way = "DROP PUBLICATION ... WITH (refresh = false) instead.";
            set_publications(definer, &known, publications, &options, way)
        }
        SubscriptionChange::Enable(enabled) => {
            if enabled && known.slot.is_none() {
                return Err(plain(
                    SqlState::ObjectNotInPrerequisiteState,
                    "cannot enable subscription that does not have a slot name",
                ));
            }
            set(definer, known.oid, |known| known.enabled = enabled)
        }
        SubscriptionChange::Skip(options) => {
            let options = Options::read(options, OF_SKIP)?;
            require_superuser(definer, "to skip transaction")?;
            set(definer, known.oid, |known| known.skip = options.skip.unwrap_or(0))
        }
    }
}

fn set(definer: &mut Definer<'_>, oid: Oid, set: impl FnOnce(&mut Subscription)) -> DefineResult<()> {
    change(definer, oid, |replication| {
        if let Replication::Subscription(known) = replication {
            set(known);
        }
    })
}

fn set_options(
    definer: &mut Definer<'_>,
    known: &Subscription,
    written: &[Definition<'_>],
) -> DefineResult<()> {
    let options = Options::read(written, OF_SET)?;
    if known.enabled && options.slot == Some(None) {
        let message = "cannot set slot_name = NONE for enabled subscription";
        return Err(plain(SqlState::ObjectNotInPrerequisiteState, message));
    }
    set(definer, known.oid, |known| {
        if let Some(slot) = options.slot {
            known.slot = slot;
        }
        if let Some(commit) = options.synchronous_commit {
            known.synchronous_commit = commit;
        }
        known.binary = options.binary.unwrap_or(known.binary);
        known.stream = options.stream.unwrap_or(known.stream);
        known.disable_on_error = options.disable_on_error.unwrap_or(known.disable_on_error);
    })
}

/// A subscription's publications with others that are not among them.
fn with(known: &Subscription, others: Vec<String>) -> DefineResult<Vec<String>> {
    let mut found = known.publications.clone();
    for other in others {
        if found.contains(&other) {
            let message = format!("publication \"{other}\" is already in subscription \"{}\"", known.name);
            return Err(plain(SqlState::DuplicateObject, message));
        }
        found.push(other);
    }
    Ok(found)
}

/// A subscription's publications without some of them.
fn without(known: &Subscription, others: &[String]) -> DefineResult<Vec<String>> {
    let mut found = known.publications.clone();
    for other in others {
        if !found.contains(other) {
            let message = format!("publication \"{other}\" is not in subscription \"{}\"", known.name);
            return Err(plain(SqlState::InvalidObjectDefinition, message));
        }
        found.retain(|known| known != other);
    }
    match found.is_empty() {
        true => {
            let message = "cannot drop all the publications from a subscription";
            Err(plain(SqlState::InvalidObjectDefinition, message))
        }
        false => Ok(found),
    }
}

/// Gives a subscription other publications. Unless that is not wanted, the other server would be asked what is in them.
fn set_publications(
    definer: &mut Definer<'_>,
    known: &Subscription,
    publications: Vec<String>,
    options: &Options,
    way: &str,
) -> DefineResult<()> {
    if options.refresh.unwrap_or(true) {
        if !known.enabled {
            return Err(DefineError::Plain {
                state: SqlState::ObjectNotInPrerequisiteState,
                message: "ALTER SUBSCRIPTION with refresh is not allowed for disabled subscriptions"
                    .to_owned(),
                detail: None,
                hint: Some(format!("Use ALTER SUBSCRIPTION ... {way}")),
                position: None,
            });
        }
        refuse_in_block(definer, "ALTER SUBSCRIPTION with refresh")?;
        return refuse_connection(definer);
    }
    set(definer, known.oid, |known| known.publications = publications)
}

/// A subscription that has a slot on another server cannot be dropped without asking that.
///
/// # Errors
/// If it has one.
pub(crate) fn before_drop(definer: &Definer<'_>, oid: Oid) -> DefineResult<()> {
    let Some(known) = definer.scope.subscription(oid).filter(|known| known.slot.is_some()) else {
        return Ok(());
    };
    refuse_in_block(definer, "DROP SUBSCRIPTION")?;
    Err(DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message: format!(
            "dropping replication slot \"{}\" on another server is not supported",
            known.slot.as_deref().unwrap_or_default()
        ),
        detail: None,
        hint: Some(
            "Use ALTER SUBSCRIPTION ... DISABLE to disable the subscription, and then use ALTER SUBSCRIPTION ... SET \
             (slot_name = NONE) to disassociate it from the slot."
                .to_owned(),
        ),
        position: None,
    })
}
