//! Settings that roles, databases and functions keep.

use catalog::object::Setting;
use catalog::{SearchPath, Snapshot};

/// What happens to a setting that is kept: of a role, a database or a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingChange {
    /// It has this value from now on.
    Put(String, String),
    /// It has none.
    Remove(String),
    /// None of them has any.
    RemoveAll,
}

/// Changes settings that are kept.
pub fn change_settings(settings: &mut Vec<Setting>, changes: &[SettingChange]) {
    for change in changes {
        match change {
            SettingChange::RemoveAll => settings.clear(),
            SettingChange::Remove(name) => {
                settings.retain(|setting| !setting.name.eq_ignore_ascii_case(name));
            }
            SettingChange::Put(name, value) => {
                match settings.iter_mut().find(|setting| setting.name.eq_ignore_ascii_case(name)) {
                    Some(setting) => setting.value.clone_from(value),
                    None => settings.push(Setting { name: name.clone(), value: value.clone() }),
                }
            }
        }
    }
}

/// What is said of a new function's settings.
#[derive(Clone, Copy)]
pub struct FunctionSettings<'s> {
    /// Each change.
    pub changes: &'s [SettingChange],
    /// The path that the function has when it runs, if it is one of its own.
    pub path: Option<&'s dyn Fn(&Snapshot) -> SearchPath>,
}
