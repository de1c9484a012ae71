//! What may be wrong with a setting.

use diagnostic::{Diagnostic, SqlState};

/// PostgreSQL's errors about settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum SettingError {
    #[error("unrecognized configuration parameter \"{name}\"")]
    Unknown { name: String },
    #[error("invalid configuration parameter name \"{name}\"")]
    InvalidName { name: String },
    #[error("invalid configuration parameter name \"{name}\"")]
    Reserved { name: String, prefix: &'static str },
    #[error("cannot set parameter \"{name}\" within security-definer function")]
    WithinDefiner { name: String },
    #[error("invalid value for parameter \"{name}\": \"{value}\"")]
    Invalid { name: String, value: String, detail: Option<String>, hint: Option<String> },
    #[error("parameter \"{name}\" requires a Boolean value")]
    NotBoolean { name: String },
    #[error("{value} is outside the valid range for parameter \"{name}\" ({least} .. {greatest})")]
    OutOfRange { name: String, value: String, least: String, greatest: String },
    #[error("parameter \"{name}\" cannot be changed")]
    Internal { name: String },
    #[error("parameter \"{name}\" cannot be changed without restarting the server")]
    Server { name: String },
    #[error("parameter \"{name}\" cannot be changed now")]
    Reload { name: String },
    #[error("permission denied to set parameter \"{name}\"")]
    Denied { name: String },
    #[error("SET {name} takes only one argument")]
    TooMany { name: String },
    #[error("invalid value for parameter \"client_encoding\": \"{value}\"")]
    Encoding { value: String, name: &'static str },
    #[error("tables declared WITH OIDS are not supported")]
    WithOids,
    #[error("{name} = {value} is not supported")]
    NotSupported { name: String, value: String },
}

impl SettingError {
    /// That a setting names something that is not there.
    pub(crate) fn no_such(name: &str, value: &str) -> SettingError {
        SettingError::Invalid { name: name.into(), value: value.into(), detail: None, hint: None }
    }
}

impl Diagnostic for SettingError {
    fn sqlstate(&self) -> SqlState {
        match self {
            SettingError::Unknown { .. } => SqlState::UndefinedObject,
            SettingError::InvalidName { .. } | SettingError::Reserved { .. } => SqlState::InvalidName,
            SettingError::Invalid { .. }
            | SettingError::NotBoolean { .. }
            | SettingError::OutOfRange { .. }
            | SettingError::TooMany { .. } => SqlState::InvalidParameterValue,
            SettingError::Internal { .. } | SettingError::Server { .. } | SettingError::Reload { .. } => {
                SqlState::CantChangeRuntimeParam
            }
            SettingError::Denied { .. } | SettingError::WithinDefiner { .. } => {
                SqlState::InsufficientPrivilege
            }
            SettingError::Encoding { .. } | SettingError::WithOids | SettingError::NotSupported { .. } => {
                SqlState::FeatureNotSupported
            }
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            SettingError::Invalid { detail, .. } => detail.clone(),
            SettingError::InvalidName { .. } => Some(
                "Custom parameter names must be two or more simple identifiers separated by dots.".to_owned(),
            ),
            SettingError::Encoding { name, .. } => {
                Some(format!("Conversion between {name} and UTF8 is not supported."))
            }
            SettingError::Reserved { prefix, .. } => Some(format!("\"{prefix}\" is a reserved prefix.")),
            SettingError::Unknown { .. }
            | SettingError::WithinDefiner { .. }
            | SettingError::NotBoolean { .. }
            | SettingError::OutOfRange { .. }
            | SettingError::Internal { .. }
            | SettingError::Server { .. }
            | SettingError::Reload { .. }
            | SettingError::Denied { .. }
            | SettingError::TooMany { .. }
            | SettingError::WithOids
            | SettingError::NotSupported { .. } => None,
        }
    }

    fn hint(&self) -> Option<String> {
        if let SettingError::Invalid { hint, .. } = self { hint.clone() } else { None }
    }
}
