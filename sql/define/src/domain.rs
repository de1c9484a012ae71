//! Domains: `CREATE DOMAIN`, `ALTER DOMAIN`.
//!
//! What a domain asks of values is asked wherever values become of it. Values that are in tables already are looked at when
//! it begins to ask something.

use crate::definer::Definer;
use crate::drop::remove;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use crate::table::constraint::unused;
use bind::definition::{default_value, domain_check, kept_alone};
use catalog::object::{Constraint, Domain, Object, Oid, Rule, Table};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use plan::expression::Expression;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::QualifiedName;
use syntax::tree::alter::{AlterDomain, DomainAction};
use syntax::tree::expression::Expression as Written;
use syntax::tree::schema::CreateDomain;
use syntax::tree::table::{ColumnConstraint, ColumnConstraintKind, TableConstraint, TableConstraintKind};
use types::catalog::Form;
use types::{Type, Types};

/// `CREATE DOMAIN`
///
/// # Errors
/// PostgreSQL's.
pub fn create_domain(definer: &mut Definer<'_>, statement: &CreateDomain<'_>) -> DefineResult<()> {
    make_domain(definer, statement).map_err(nowhere)
}

/// PostgreSQL points at nothing in what is said of domains.
fn nowhere(error: DefineError) -> DefineError {
    match error {
        DefineError::Bind(mut error) => {
            error.position = None;
            DefineError::Bind(error)
        }
        DefineError::NoCollations { type_name, .. } => {
            let message = format!("collations are not supported by type {type_name}");
            plain(SqlState::DatatypeMismatch, message)
        }
        DefineError::DomainBase { name, .. } => {
            let message = format!("\"{name}\" is not a valid base type for a domain");
            plain(SqlState::DatatypeMismatch, message)
        }
        other => other,
    }
}

fn make_domain(definer: &mut Definer<'_>, statement: &CreateDomain<'_>) -> DefineResult<()> {
    let (schema, name) = definer.new_name(&statement.name)?;
    let base = definer.use_type(&statement.type_name)?;
    let entry = definer.scope.entry(base.oid);
    let (form, displayed) =
        entry.map_or((Form::Pseudo, String::new()), |entry| (entry.form, entry.displayed.to_owned()));
    if form == Form::Pseudo {
        let position = statement.type_name.position;
        return Err(DefineError::DomainBase { name: displayed, position });
    }
    let collation = definer.collation(base, statement.collation.as_ref())?;
    let draft = Draft::read(statement.constraints)?;
    let mut references = vec![(Address::of(schema), DependencyKind::Normal)];
    references.extend(definer.on_type(base));
    references.extend(definer.on_collation(collation));
    let (default, named) = match draft.default {
        None => default_of_base(definer, base)?,
        Some(written) => default_text(definer, name, base, &written)?,
    };
    references.extend(named);
    let first = definer.new_oids_beside(2, schema)?;
    let shell = crate::base_type::shell_to_fill(definer, schema, name)?;
    let oid = shell.unwrap_or(first);
    let domain = Domain {
        oid,
        name: name.to_owned(),
        schema,
        owner: definer.role,
        array_type: first + 1,
        base_oid: base.oid,
        modifier: base.modifier,
        collation,
        not_null: draft.not_null.unwrap_or(false),
        default,
        acl: None,
    };
    let object = Object::Domain(Arc::new(domain));
    crate::base_type::create_or_fill(definer, object, &references, shell)?;
    definer.refresh()?;
    for (name, condition) in draft.checks {
        add_check(definer, oid, name, &condition, true)?;
    }
    Ok(())
}

/// What is written of a domain.
struct Draft<'a> {
    not_null: Option<bool>,
    default: Option<Written<'a>>,
    checks: Vec<(Option<&'a str>, Written<'a>)>,
}

impl<'a> Draft<'a> {
    fn read(written: &'a [ColumnConstraint<'a>]) -> DefineResult<Draft<'a>> {
        let mut draft = Draft { not_null: None, default: None, checks: Vec::new() };
        for constraint in written {
            match constraint.kind {
                ColumnConstraintKind::NotNull | ColumnConstraintKind::Null => {
                    let not_null = matches!(constraint.kind, ColumnConstraintKind::NotNull);
                    if draft.not_null.is_some_and(|known| known != not_null) {
                        return Err(plain(SqlState::SyntaxError, "conflicting NULL/NOT NULL constraints"));
                    }
                    draft.not_null = Some(not_null);
                }
                ColumnConstraintKind::Default(value) => {
                    if draft.default.replace(value).is_some() {
                        return Err(plain(SqlState::SyntaxError, "multiple default expressions"));
                    }
                }
                ColumnConstraintKind::Check { no_inherit: true, .. } => {
                    let message = "check constraints for domains cannot be marked NO INHERIT";
                    return Err(plain(SqlState::InvalidObjectDefinition, message));
                }
                ColumnConstraintKind::Check { condition, no_inherit: false } => {
                    draft.checks.push((constraint.name.map(|name| name.text), condition));
                }
                ColumnConstraintKind::Unique(_) => return Err(impossible("unique")),
                ColumnConstraintKind::PrimaryKey(_) => return Err(impossible("primary key")),
                ColumnConstraintKind::References(_) => return Err(impossible("foreign key")),
                ColumnConstraintKind::Attribute(_) => {
                    let message = "specifying constraint deferrability not supported for domains";
                    return Err(plain(SqlState::FeatureNotSupported, message));
                }
                ColumnConstraintKind::Identity { .. } | ColumnConstraintKind::Generated(_) => {
                    let message = "specifying GENERATED not supported for domains";
                    return Err(plain(SqlState::FeatureNotSupported, message));
                }
            }
        }
        Ok(draft)
    }
}

fn impossible(kind: &str) -> DefineError {
    plain(SqlState::SyntaxError, format!("{kind} constraints not possible for domains"))
}

type References = Vec<(Address, DependencyKind)>;

/// The text of a default; none for null, which is none.
fn default_text(
    definer: &Definer<'_>,
    name: &str,
    base: Type,
    written: &Written<'_>,
) -> DefineResult<(Option<String>, References)> {
    let bound = default_value(definer.binding(), written, (name, base))?;
    if definer.is_no_default(&bound.value, base) {
        return Ok((None, Vec::new()));
    }
    Ok((Some(definer.text_of(&bound.written, &[])?), named_in(definer, &bound.value)))
}

/// The default that a domain over another takes over when it is made; what becomes of the other's later is not its own.
fn default_of_base(definer: &Definer<'_>, base: Type) -> DefineResult<(Option<String>, References)> {
    let Some(text) = definer.scope.domain(base.oid).and_then(|domain| domain.default.clone()) else {
        return Ok((None, Vec::new()));
    };
    let named = named_in(definer, &kept_alone(definer.binding(), &text)?);
    Ok((Some(text), named))
}

fn named_in(definer: &Definer<'_>, bound: &Expression) -> References {
    let mut references = Vec::new();
    bound.walk_written(&mut |part| {
        references.extend(crate::expression::referred_to(definer, part));
    });
    references
}

/// Adds a check. Answers it, bound over the domain's values.
fn add_check(
    definer: &mut Definer<'_>,
    domain: Oid,
    name: Option<&str>,
    condition: &Written<'_>,
    validated: bool,
) -> DefineResult<Expression> {
    let of = find_by_number(definer, domain)?;
    let bound = domain_check(definer.binding(), of.base(), condition)?;
    let known: BTreeSet<String> =
        definer.scope.constraints_of(domain).map(|constraint| constraint.name.clone()).collect();
    let name = match name {
        Some(name) if known.contains(name) => {
            let message = format!("constraint \"{name}\" for domain \"{}\" already exists", of.name);
            return Err(plain(SqlState::DuplicateObject, message));
        }
        Some(name) => name.to_owned(),
        None => unused(&of.name, None, "check", |name| known.contains(name)),
    };
    let constraint = Constraint {
        oid: definer.new_oids_beside(1, domain)?,
        name,
        schema: of.schema,
        table: 0,
        domain,
        columns: Vec::new(),
        rule: Rule::Check(definer.text_of(&bound, &[])?),
        deferrable: false,
        initially_deferred: false,
        validated,
        no_inherit: false,
        local: true,
        inherited: 0,
        parent: 0,
    };
    let mut references = vec![(Address::of(domain), DependencyKind::Auto)];
    references.extend(named_in(definer, &bound).into_iter().filter(|(on, _)| on.oid != domain));
    definer.create(&Object::Constraint(Arc::new(constraint)), &references)?;
    definer.refresh()?;
    Ok(bound)
}

fn find_by_number(definer: &Definer<'_>, domain: Oid) -> DefineResult<Arc<Domain>> {
    let found = definer.scope.domain(domain).cloned();
    found.ok_or_else(|| plain(SqlState::UndefinedObject, format!("type {domain} does not exist")))
}

/// The domain of a name.
fn find(definer: &Definer<'_>, schema: Option<&str>, name: &str, shown: &str) -> DefineResult<Arc<Domain>> {
    let oid = definer.scope.find_type(schema, name)?;
    let found = definer.scope.domain(oid).cloned();
    found.ok_or_else(|| plain(SqlState::WrongObjectType, format!("{shown} is not a domain")))
}

/// `ALTER DOMAIN`
///
/// # Errors
/// PostgreSQL's.
pub fn alter_domain(definer: &mut Definer<'_>, statement: &AlterDomain<'_>) -> DefineResult<()> {
    change_domain(definer, statement).map_err(nowhere)
}

fn change_domain(definer: &mut Definer<'_>, statement: &AlterDomain<'_>) -> DefineResult<()> {
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.name)?;
    let domain = find(definer, schema, name, &statement.name.to_string())?;
    definer.require_owner(domain.oid)?;
    match &statement.action {
        DomainAction::SetDefault(written) => {
            let (text, named) = default_text(definer, &domain.name, domain.base(), written)?;
            set_default(definer, &domain, text, &named)
        }
        DomainAction::DropDefault => set_default(definer, &domain, None, &[]),
        DomainAction::SetNotNull => {
            if domain.not_null {
                return Ok(());
            }
            for (table, column) in columns_of(definer, &domain)? {
                look_at(definer, &table, column, None)?;
            }
            change(definer, domain.oid, |domain| domain.not_null = true)
        }
        DomainAction::DropNotNull => change(definer, domain.oid, |domain| domain.not_null = false),
        DomainAction::AddConstraint(written) => add_constraint(definer, &domain, written),
        DomainAction::DropConstraint { if_exists, name, behavior } => {
            let found = definer.scope.constraints_of(domain.oid).find(|known| known.name == name.text);
            match found.map(|constraint| constraint.oid) {
                Some(constraint) => remove(definer, &[Address::of(constraint)], *behavior).map(drop),
                None if *if_exists => {
                    let (name, domain) = (name.text.to_owned(), domain.name.clone());
                    definer.notice(DefineNotice::NoDomainConstraint { name, domain });
                    Ok(())
                }
                None => Err(no_constraint(name.text, &domain)),
            }
        }
        DomainAction::ValidateConstraint(name) => {
            let found = definer.scope.constraints_of(domain.oid).find(|known| known.name == name.text);
            let constraint = found.cloned().ok_or_else(|| no_constraint(name.text, &domain))?;
            let Rule::Check(text) = &constraint.rule else { return Ok(()) };
            if constraint.validated {
                return Ok(());
            }
            let bound = bind::definition::kept_of_domain(definer.binding(), domain.base(), text)?;
            for (table, column) in columns_of(definer, &domain)? {
                look_at(definer, &table, column, Some(&bound))?;
            }
            definer.change_object(constraint.oid, |object| {
                if let Object::Constraint(constraint) = object {
                    Arc::make_mut(constraint).validated = true;
                }
            })
        }
    }
}

fn no_constraint(name: &str, domain: &Domain) -> DefineError {
    let message = format!("constraint \"{name}\" of domain \"{}\" does not exist", domain.name);
    plain(SqlState::UndefinedObject, message)
}

fn change(definer: &mut Definer<'_>, oid: Oid, change: impl FnOnce(&mut Domain)) -> DefineResult<()> {
    definer.change_object(oid, |object| {
        if let Object::Domain(domain) = object {
            change(Arc::make_mut(domain));
        }
    })
}

fn set_default(
    definer: &mut Definer<'_>,
    domain: &Domain,
    text: Option<String>,
    named: &[(Address, DependencyKind)],
) -> DefineResult<()> {
    change(definer, domain.oid, |domain| domain.default = text)?;
    let mut references = vec![(Address::of(domain.schema), DependencyKind::Normal)];
    references.extend(definer.on_type(domain.base()));
    references.extend(definer.on_collation(domain.collation));
    references.extend(named);
    definer.catalog.depend_on_nothing(definer.transaction, Address::of(domain.oid))?;
    definer.depend(domain.oid, &references)?;
    definer.refresh()
}

fn add_constraint(
    definer: &mut Definer<'_>,
    domain: &Domain,
    written: &TableConstraint<'_>,
) -> DefineResult<()> {
    let condition = match &written.kind {
        TableConstraintKind::Check(condition) => condition,
        TableConstraintKind::Unique(..) | TableConstraintKind::UniqueIndex(_) => {
            return Err(impossible("unique"));
        }
        TableConstraintKind::PrimaryKey(..) | TableConstraintKind::PrimaryKeyIndex(_) => {
            return Err(impossible("primary key"));
        }
        TableConstraintKind::ForeignKey(..) => return Err(impossible("foreign key")),
        TableConstraintKind::Exclude(_) => return Err(impossible("exclusion")),
    };
    if written.deferrable {
        let message = "specifying constraint deferrability not supported for domains";
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    let name = written.name.map(|name| name.text);
    let bound = add_check(definer, domain.oid, name, condition, !written.not_valid)?;
    if !written.not_valid {
        for (table, column) in columns_of(definer, domain)? {
            look_at(definer, &table, column, Some(&bound))?;
        }
    }
    Ok(())
}

/// The columns of tables whose values are of a domain.
fn columns_of(definer: &Definer<'_>, domain: &Domain) -> DefineResult<Vec<(Arc<Table>, u16)>> {
    let scope = &definer.scope;
    let mut found = Vec::new();
    for object in scope.objects() {
        let Object::Table(table) = object else { continue };
        for (place, column) in table.live_columns() {
            let mut of = column.type_oid;
            // Domains on the domain ask what it asks.
            while of != domain.oid
                && let Some(outer) = scope.domain(of)
            {
                of = outer.base_oid;
            }
            if of == domain.oid {
                found.push((table.clone(), crate::table::place(place)));
            } else if let Some(held) = held(scope, of, domain.oid, 0) {
                let name = scope.domain(held).map_or("", |held| held.name.as_str());
                let message = format!(
                    "cannot alter type \"{name}\" because column \"{}.{}\" uses it",
                    table.name, column.name
                );
                return Err(plain(SqlState::FeatureNotSupported, message));
            }
        }
    }
    Ok(found)
}

/// The type that values of a type have within them and that is a wanted one, or a domain on it.
pub(crate) fn held(scope: &catalog::Scope, of: u32, wanted: Oid, depth: usize) -> Option<Oid> {
    /// Types within types that are looked at: what is defined refers to what was there before.
    const DEPTH_MAX: usize = 64;
    if depth > DEPTH_MAX {
        return None;
    }
    let mut base = of;
    loop {
        if base == wanted {
            return Some(of);
        }
        match scope.domain(base) {
            Some(outer) => base = outer.base_oid,
            None => break,
        }
    }
    let element = scope.entry(base).map_or(0, |entry| entry.element);
    if element != 0 && element != base {
        return held(scope, element, wanted, depth + 1);
    }
    if let Some(names) = scope.range(base)
        && names.subtype != base
    {
        return held(scope, names.subtype, wanted, depth + 1);
    }
    let fields = scope.columns(base).unwrap_or_default();
    let mut fields = fields.iter().filter(|field| !field.dropped);
    fields.find_map(|field| held(scope, field.column_type.oid, wanted, depth + 1))
}

/// Looks whether a column's values are what a domain begins to ask; without a condition whether none is null.
fn look_at(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    column: u16,
    condition: Option<&Expression>,
) -> DefineResult<()> {
    // Nobody writes what the domain does not ask yet.
    let table = definer.lock_table(table, RelationMode::Share)?;
    let keep = definer.rows.column_keeps(definer.transaction, &definer.scope, table.oid, column, condition);
    if keep.map_err(DefineError::Build)? {
        // Who waits to write by what he knows of the domain has to look again.
        return definer.touch(table.oid);
    }
    let name = &table.columns[usize::from(column)].name;
    let (state, what) = match condition {
        None => (SqlState::NotNullViolation, "null values"),
        Some(_) => (SqlState::CheckViolation, "values that violate the new constraint"),
    };
    Err(plain(state, format!("column \"{name}\" of table \"{}\" contains {what}", table.name)))
}

/// `ALTER DOMAIN … RENAME CONSTRAINT`
///
/// # Errors
/// PostgreSQL's.
pub fn rename_constraint(
    definer: &mut Definer<'_>,
    name: &QualifiedName<'_>,
    from: &str,
    to: &str,
) -> DefineResult<()> {
    let (schema, object) = crate::names::split_name(&definer.scope, name)?;
    let domain = find(definer, schema, object, &name.to_string())?;
    let known: Vec<Arc<Constraint>> = definer.scope.constraints_of(domain.oid).cloned().collect();
    let Some(constraint) = known.iter().find(|constraint| constraint.name == from) else {
        let message = format!("constraint \"{from}\" for domain {} does not exist", domain.name);
        return Err(plain(SqlState::UndefinedObject, message));
    };
    if known.iter().any(|constraint| constraint.name == to) {
        let message = format!("constraint \"{to}\" for domain {} already exists", domain.name);
        return Err(plain(SqlState::DuplicateObject, message));
    }
    definer.change_object(constraint.oid, |object| {
        if let Object::Constraint(constraint) = object {
            Arc::make_mut(constraint).name = to.to_owned();
        }
    })
}
