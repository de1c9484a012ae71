//! Grants, as functions ask for them: taken apart, made, and what objects begin with.

use crate::services::{Services, number, text};
use catalog::Oid;
use catalog::object::Privileges;
use diagnostic::SqlState;
use functions::{FunctionError, FunctionResult, grants};
use types::array::{ArrayBuilder, ArrayView};
use types::catalog::oid;
use types::text::{AclText, PRIVILEGE_LETTERS};
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

/// The privileges that have no object here, by letters.
const OTHERS: [(char, &str); 2] = [('s', "SET"), ('A', "ALTER SYSTEM")];

/// The word of a privilege by its letter.
fn word(letter: char) -> &'static str {
    let known = Privileges::ALL.iter().find(|(_, known, _)| *known == letter).map(|(_, _, word)| *word);
    known.or_else(|| OTHERS.iter().find(|(known, _)| *known == letter).map(|(_, word)| *word)).unwrap_or("")
}

/// What an object of a kind begins with, by its letter in `acldefault`: what everybody may, and what its owner may.
fn letters_of(kind: u8) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        b'c' => ("", ""),
        b'r' => ("", "arwdDxt"),
        b's' => ("", "rwU"),
        b'd' => ("Tc", "CTc"),
        b'f' => ("X", "X"),
        b'l' | b'T' => ("U", "U"),
        b'L' => ("", "rw"),
        b'n' => ("", "UC"),
        b'p' => ("", "sA"),
        b't' => ("", "C"),
        b'F' | b'S' => ("", "U"),
        _ => return None,
    })
}

fn bits(letters: &str) -> u16 {
    letters.chars().filter_map(|letter| PRIVILEGE_LETTERS.find(letter)).map(|place| 1 << place).sum()
}

impl Services<'_> {
    /// A role's name; its number if nobody has it.
    fn role_in_acl(&self, role: Oid) -> String {
        match role {
            0 => String::new(),
            role => self.scope.role(role).map_or_else(|| role.to_string(), |role| role.name.clone()),
        }
    }

    fn role_of_acl(&self, name: &str) -> Oid {
        let known = self.scope.role_named(name);
        known.unwrap_or_else(|| name.parse().unwrap_or(0))
    }

    /// `makeaclitem`
    pub(crate) fn make_acl_item(&self, arguments: &[Item<'_>]) -> FunctionResult<Value> {
        let [grantee, grantor, privilege, Item::Bool(grantable)] = arguments else { return Ok(Value::Null) };
        let wanted = text(privilege);
        let found =
            PRIVILEGE_LETTERS.chars().position(|letter| word(letter).eq_ignore_ascii_case(wanted.trim()));
        let temporary = wanted.trim().eq_ignore_ascii_case("TEMP").then(|| PRIVILEGE_LETTERS.find('T'));
        let Some(place) = found.or(temporary.flatten()) else {
            let message = format!("unrecognized privilege type: \"{wanted}\"");
            return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
        };
        let item = AclText {
            grantee: self.role_in_acl(number(grantee)),
            privileges: 1 << place,
            grantable: if *grantable { 1 << place } else { 0 },
            grantor: self.role_in_acl(number(grantor)),
        };
        Ok(Value::text(&item.to_string()))
    }

    /// `acldefault`
    pub(crate) fn default_acl(&self, arguments: &[Item<'_>]) -> FunctionResult<Value> {
        let [Item::Int16(kind), owner] = arguments else { return Ok(Value::Null) };
        let letter = *kind as u8;
        let Some((public, own)) = letters_of(letter) else {
            let message = format!("unrecognized objtype abbreviation: {}", char::from(letter));
            return Err(FunctionError::plain(SqlState::InternalError, message));
        };
        let owner = self.role_in_acl(number(owner));
        let mut array = ArrayBuilder::new(oid::ACLITEM, Kind::Bytes);
        for (grantee, letters) in [("", public), (owner.as_str(), own)] {
            if !letters.is_empty() {
                let (grantee, grantor) = (grantee.to_owned(), owner.clone());
                let item = AclText { grantee, privileges: bits(letters), grantable: 0, grantor };
                array.push(&Item::Bytes(item.to_string().as_bytes()));
            }
        }
        Ok(Value::Bytes(array.finish_list().into()))
    }

    /// `aclexplode`: a row for each privilege of each grant.
    pub(crate) fn explode_acl(&self, arguments: &[Item<'_>]) -> FunctionResult<Vec<Vector>> {
        let mut roles = [VectorBuilder::new(Kind::Int32, 0), VectorBuilder::new(Kind::Int32, 0)];
        let (mut words, mut options) =
            (VectorBuilder::new(Kind::Bytes, 0), VectorBuilder::new(Kind::Bool, 0));
        let list = match arguments.first() {
            Some(Item::Bytes(bytes)) => ArrayView::new(bytes),
            _ => None,
        };
        for grant in list.map_or(Ok(Vec::new()), |list| grants(&list))? {
            let numbers = [self.role_of_acl(&grant.grantor), self.role_of_acl(&grant.grantee)];
            for (place, letter) in PRIVILEGE_LETTERS.chars().enumerate() {
                if grant.privileges >> place & 1 == 0 {
                    continue;
                }
                for (builder, role) in roles.iter_mut().zip(numbers) {
                    builder.push(&Value::Int32(role.cast_signed()))?;
                }
                words.push_bytes(word(letter).as_bytes())?;
                options.push(&Value::Bool(grant.grantable >> place & 1 == 1))?;
            }
        }
        let [grantors, grantees] = roles.map(VectorBuilder::finish);
        Ok(vec![grantors, grantees, words.finish(), options.finish()])
    }
}
