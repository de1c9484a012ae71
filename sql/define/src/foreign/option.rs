//! Options of foreign data: what a statement makes of those that are there, and whether they may be.

use crate::error::{DefineError, DefineResult, plain};
use catalog::object::{ForeignOption, Oid, class};
use diagnostic::SqlState;
use syntax::tree::foreign::{ForeignOption as Written, OptionChange};

/// The number of `postgresql_fdw_validator`.
pub(super) const BUILT_IN_VALIDATOR: Oid = 2316;

/// What that function lets servers have.
const OF_SERVERS: [&str; 12] = [
    "authtype",
    "service",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "port",
    "tty",
    "options",
    "requiressl",
    "sslmode",
    "gsslib",
];
/// What it lets mappings of users have.
const OF_MAPPINGS: [&str; 2] = ["user", "password"];

/// What looks at options, by its number: nothing does if that is 0.
#[derive(Clone, Copy)]
pub(super) struct Validator(pub(super) Oid);

impl Validator {
    /// That a thing that is listed in `class` may have these options.
    fn look_at(self, class: Oid, options: &[ForeignOption]) -> DefineResult<()> {
        if self.0 != BUILT_IN_VALIDATOR {
            return Ok(());
        }
        let valid: &[&str] = match class {
            class::FOREIGN_SERVER => &OF_SERVERS,
            class::USER_MAPPING => &OF_MAPPINGS,
            _ => &[], // no other has any
        };
        let Some(wrong) = options.iter().find(|option| !valid.contains(&option.name.as_str())) else {
            return Ok(());
        };
        let hint = match valid.is_empty() {
            true => "There are no valid options in this context.".to_owned(),
            false => format!("Valid options in this context are: {}", valid.join(", ")),
        };
        Err(DefineError::Plain {
            state: SqlState::SyntaxError,
            message: format!("invalid option \"{}\"", wrong.name),
            detail: None,
            hint: Some(hint),
            position: None,
        })
    }
}

/// What a statement makes of options.
///
/// # Errors
/// When one is given twice or is not there, and when it may not be.
pub(super) fn changed(
    validator: Validator,
    class: Oid,
    there: &[ForeignOption],
    written: &[Written<'_>],
) -> DefineResult<Vec<ForeignOption>> {
    // Nothing is looked at anew where nothing is said, whoever looks at options from now on.
    if written.is_empty() {
        return Ok(there.to_vec());
    }
    let mut options = there.to_vec();
    for option in written {
        let name = option.name.text;
        let place = options.iter().position(|known| known.name == name);
        match (option.change, place) {
            (OptionChange::Add(_), Some(_)) => {
                let message = format!("option \"{name}\" provided more than once");
                return Err(plain(SqlState::DuplicateObject, message));
            }
            (OptionChange::Add(value), None) => {
                options.push(ForeignOption { name: name.to_owned(), value: value.to_owned() });
            }
            (OptionChange::Set(value), Some(place)) => value.clone_into(&mut options[place].value),
            (OptionChange::Drop, Some(place)) => drop(options.remove(place)),
            (OptionChange::Set(_) | OptionChange::Drop, None) => {
                return Err(plain(SqlState::UndefinedObject, format!("option \"{name}\" not found")));
            }
        }
    }
    // They are listed as `name=value`.
    if let Some(wrong) = options.iter().find(|option| option.name.contains('=')) {
        let message = format!("invalid option name \"{}\": must not contain \"=\"", wrong.name);
        return Err(plain(SqlState::InvalidParameterValue, message));
    }
    validator.look_at(class, &options)?;
    Ok(options)
}
