//! `current_setting`, `set_config`, and what settings are like.

use crate::services::{Services, array_of, first, other, text};
use functions::{FunctionResult, SessionFunction};
use types::catalog::oid;
use types::{Item, Value};

impl Services<'_> {
    /// Settings.
    pub(crate) fn of_settings(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        Ok(Some(match function {
            F::ShowSetting => {
                let shown = self.settings.show(text(first(arguments)));
                Value::text(&shown.map_err(other)?)
            }
            F::ShowSettingMissingOk => match self.settings.show(text(first(arguments))) {
                Ok(shown) => Value::text(&shown),
                Err(_) if matches!(arguments.get(1), Some(Item::Bool(true))) => Value::Null,
                Err(error) => return Err(other(error)),
            },
            F::SettingFlags => match crate::settings::find(text(first(arguments))) {
                Some(setting) => array_of(oid::TEXT, &crate::settings::flags(setting.name)),
                None => Value::Null,
            },
            F::SetSetting => {
                let [name, value, local] = arguments else { return Ok(None) };
                let (name, local) = (text(name), matches!(local, Item::Bool(true)));
                match value {
                    Item::Null => {
                        let (superuser, definers) =
                            (self.scope.is_superuser(self.roles.0), self.kept.definers);
                        crate::login::identity::reset(self.settings, (name, local), superuser, definers)
                            .map_err(other)?;
                    }
                    value => self.set_setting((name, text(value), local))?,
                }
                self.look_who();
                Value::text(&self.settings.show(name).map_err(other)?)
            }
            _ => return Ok(None),
        }))
    }
}
