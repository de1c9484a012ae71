//! Collations that users make: other names for comparing by bytes, with what they say of themselves. Locales of an operating
//! system are not to be had here.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::view::boolean;
use catalog::object::{Collation, FIXED_COLLATIONS, Object, Oid, PG_CATALOG};
use catalog::{Address, CatalogError, DependencyKind};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::QualifiedName;
use syntax::tree::collation::{CreateCollation, CreateCollationFrom};
use syntax::tree::option::{Definition, DefinitionValue};
use syntax::tree::type_name::TypeNameKind;

/// The number of UTF-8 among encodings.
const UTF8: i32 = 6;

/// What is said of a collation in any order.
#[derive(Default)]
struct Options {
    from: Option<Oid>,
    locale: Option<String>,
    collate: Option<String>,
    ctype: Option<String>,
    provider: Option<String>,
    deterministic: Option<bool>,
    version: Option<String>,
}

impl Options {
    fn read(definer: &Definer<'_>, written: &[Definition<'_>]) -> DefineResult<Options> {
        let mut options = Options::default();
        let mut seen: Vec<&str> = Vec::new();
        // That something is said twice is found before it is looked at what is said.
        for option in written {
            let name = option.name.text;
            let known = ["from", "locale", "lc_collate", "lc_ctype", "provider", "deterministic", "version"];
            if !known.contains(&name) {
                let message = format!("collation attribute \"{name}\" not recognized");
                let position = Some(option.name.position);
                let state = SqlState::SyntaxError;
                return Err(DefineError::Plain { state, message, detail: None, hint: None, position });
            }
            if seen.contains(&name) {
                return Err(DefineError::ConflictingOptions { position: option.name.position });
            }
            seen.push(name);
        }
        let locale = |name: &&str| *name == "lc_collate" || *name == "lc_ctype";
        if seen.contains(&"locale") && seen.iter().any(locale) {
            return Err(conflicting("LOCALE cannot be specified together with LC_COLLATE or LC_CTYPE."));
        }
        if seen.contains(&"from") && seen.len() > 1 {
            return Err(conflicting("FROM cannot be specified together with any other options."));
        }
        for option in written {
            options.set(definer, option)?;
        }
        Ok(options)
    }

    fn set(&mut self, definer: &Definer<'_>, option: &Definition<'_>) -> DefineResult<()> {
        let name = option.name.text;
        if name == "deterministic" {
            self.deterministic = Some(boolean(name, option.value.as_ref())?);
            return Ok(());
        }
        let value = match &option.value {
            Some(DefinitionValue::Type(of)) => match of.kind {
                TypeNameKind::Named(written) if name == "from" => {
                    self.from = Some(named(definer, &written)?);
                    return Ok(());
                }
                TypeNameKind::Named(written) => written.object().to_owned(),
                _ => crate::written::type_name(of),
            },
            Some(DefinitionValue::String(text) | DefinitionValue::Word(text)) => (*text).to_owned(),
            Some(_) | None => {
                return Err(plain(SqlState::SyntaxError, format!("{name} requires a parameter")));
            }
        };
        match name {
            "from" => {
                let missing = || no_collation(&value);
                self.from = Some(definer.scope.look_for_collation(None, &value).ok_or_else(missing)?);
            }
            "locale" => self.locale = Some(value),
            "lc_collate" => self.collate = Some(value),
            "lc_ctype" => self.ctype = Some(value),
            "provider" => self.provider = Some(value),
            _ => self.version = Some(value),
        }
        Ok(())
    }

    /// What is to be made, but for its name.
    fn draft(self, definer: &Definer<'_>) -> DefineResult<Collation> {
        let made = |encoding, collate: String, ctype: String, version| Collation {
            oid: 0,
            name: String::new(),
            schema: 0,
            owner: definer.role,
            encoding,
            collate,
            ctype,
            version,
        };
        if let Some(from) = self.from {
            if let Some(known) = definer.scope.collation(from) {
                return Ok(made(known.encoding, known.collate.clone(), known.ctype.clone(), None));
            }
            let fixed = FIXED_COLLATIONS.iter().find(|fixed| fixed.oid == from);
            return match fixed.and_then(|fixed| Some((fixed.encoding, fixed.locale?))) {
                Some((encoding, locale)) => Ok(made(encoding, locale.to_owned(), locale.to_owned(), None)),
                None => {
                    let message = "collation \"default\" cannot be copied";
                    Err(plain(SqlState::InvalidObjectDefinition, message))
                }
            };
        }
        match self.provider.as_deref() {
            None => {}
            Some(name) if name.eq_ignore_ascii_case("libc") => {}
            Some(name) if name.eq_ignore_ascii_case("icu") => {
                return definer.unsupported("collation provider icu", None);
            }
            Some(name) => {
                let message = format!("unrecognized collation provider: {name}");
                return Err(plain(SqlState::InvalidObjectDefinition, message));
            }
        }
        let missing = |name: &str| {
            plain(SqlState::InvalidObjectDefinition, format!("parameter \"{name}\" must be specified"))
        };
        let collate = self.collate.or_else(|| self.locale.clone()).ok_or_else(|| missing("lc_collate"))?;
        let ctype = self.ctype.or(self.locale).ok_or_else(|| missing("lc_ctype"))?;
        if self.deterministic == Some(false) {
            let message = "nondeterministic collations not supported with this provider";
            return Err(plain(SqlState::FeatureNotSupported, message));
        }
        for locale in [&collate, &ctype] {
            if !matches!(locale.as_str(), "C" | "POSIX") {
                return definer.unsupported(&format!("locale \"{locale}\""), None);
            }
        }
        Ok(made(UTF8, collate, ctype, self.version))
    }
}

fn conflicting(detail: &str) -> DefineError {
    DefineError::Plain {
        state: SqlState::SyntaxError,
        message: "conflicting or redundant options".into(),
        detail: Some(detail.into()),
        hint: None,
        position: None,
    }
}

/// `CREATE COLLATION`
///
/// # Errors
/// PostgreSQL's.
pub fn create_collation(definer: &mut Definer<'_>, statement: &CreateCollation<'_>) -> DefineResult<()> {
    let (schema, name) = definer.new_name(&statement.name)?;
    let options = match &statement.by {
        CreateCollationFrom::Existing(from) => {
            Options { from: Some(named(definer, from)?), ..Options::default() }
        }
        CreateCollationFrom::Options(written) => Options::read(definer, written)?,
    };
    let draft = options.draft(definer)?;
    if let Some(there) = definer.scope.collation_in(schema, name) {
        let message =
            taken(name, if encoding_of(definer, there) == draft.encoding { draft.encoding } else { -1 });
        if statement.if_not_exists {
            definer.notice(DefineNotice::Exists { what: message });
            return Ok(());
        }
        return Err(plain(SqlState::DuplicateObject, message));
    }
    let oid = definer.new_oids_beside(1, schema)?;
    let made = Collation { oid, name: name.to_owned(), schema, ..draft };
    let references = [(Address::of(schema), DependencyKind::Normal)];
    definer.create(&Object::Collation(Arc::new(made)), &references)?;
    definer.refresh()
}

/// The encoding that a collation is for; -1 for all.
fn encoding_of(definer: &Definer<'_>, collation: Oid) -> i32 {
    let fixed = || FIXED_COLLATIONS.iter().find(|fixed| fixed.oid == collation).map(|fixed| fixed.encoding);
    definer.scope.collation(collation).map(|made| made.encoding).or_else(fixed).unwrap_or(-1)
}

fn taken(name: &str, encoding: i32) -> String {
    match encoding {
        UTF8 => format!("collation \"{name}\" for encoding \"UTF8\" already exists"),
        _ => format!("collation \"{name}\" already exists"),
    }
}

/// That a collation of this name may stand in a schema.
///
/// # Errors
/// When there is one.
pub(crate) fn refuse_taken(definer: &Definer<'_>, schema: Oid, name: &str) -> DefineResult<()> {
    let Some(there) = definer.scope.collation_in(schema, name) else { return Ok(()) };
    let within = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str());
    let message = format!("{} in schema \"{within}\"", taken(name, encoding_of(definer, there)));
    Err(plain(SqlState::DuplicateObject, message))
}

fn no_collation(name: &str) -> DefineError {
    let message = format!("collation \"{name}\" for encoding \"UTF8\" does not exist");
    plain(SqlState::UndefinedObject, message)
}

/// The collation of a name.
///
/// # Errors
/// When there is none.
pub(crate) fn named(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    if let Some(schema) = schema {
        definer.scope.find_schema(schema)?;
        definer.scope.may_look_in(schema)?;
    }
    definer.scope.look_for_collation(schema, object).ok_or_else(|| no_collation(&name.to_string()))
}

/// A collation that is to be changed: those that come with the program are not.
///
/// # Errors
/// When there is none, or it comes with the program.
pub(crate) fn made(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    let found = named(definer, name)?;
    match definer.scope.collation(found) {
        Some(made) => Ok(made.oid),
        None => definer.unsupported("changing a built-in collation", None),
    }
}

/// A collation that is to get a comment; those that come with the program only a superuser describes.
///
/// # Errors
/// When there is none, or the role may not describe it.
pub(crate) fn commented(definer: &Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<Oid> {
    let found = named(definer, name)?;
    if definer.scope.collation(found).is_none() {
        crate::fixed::require_owner(definer, "collation", name.object())?;
    }
    Ok(found)
}

/// A collation that is to be dropped; none if there is none.
///
/// # Errors
/// When it comes with the program.
pub(crate) fn droppable(
    definer: &Definer<'_>,
    schema: Option<&str>,
    name: &str,
) -> DefineResult<Option<Oid>> {
    let Some(found) = definer.scope.look_for_collation(schema, name) else { return Ok(None) };
    match definer.scope.collation_known(found) {
        Some((PG_CATALOG, _)) if definer.scope.collation(found).is_none() => {
            let name = definer.scope.collation_name(found).unwrap_or_default();
            let name = if name.starts_with('"') { name } else { format!("\"{name}\"") };
            Err(CatalogError::Fixed { what: format!("collation {name}") }.into())
        }
        Some(_) | None => Ok(Some(found)),
    }
}

/// `ALTER COLLATION … REFRESH VERSION`: what compares by bytes has no version that could change.
///
/// # Errors
/// When there is none, or the role does not own it.
pub fn refresh_version(definer: &mut Definer<'_>, name: &QualifiedName<'_>) -> DefineResult<()> {
    let made = made(definer, name)?;
    definer.require_owner(made)?;
    definer.notice(DefineNotice::Plain { message: "version has not changed".to_owned() });
    Ok(())
}

impl Definer<'_> {
    /// That a column depends on its collation, if that can go.
    pub fn on_collation(&self, collation: Oid) -> Option<(Address, DependencyKind)> {
        self.scope.collation(collation).map(|made| (Address::of(made.oid), DependencyKind::Normal))
    }
}

/// The collation that is to have another name, which must not be taken.
///
/// # Errors
/// When it cannot be called so, or the role does not own it.
pub fn renamed(definer: &Definer<'_>, name: &QualifiedName<'_>, to: &str) -> DefineResult<Oid> {
    let oid = made(definer, name)?;
    definer.require_owner(oid)?;
    if let Some(made) = definer.scope.collation(oid) {
        refuse_taken(definer, made.schema, to)?;
    }
    Ok(oid)
}
