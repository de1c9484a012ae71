//! Exclusion constraints.

use super::column::KeyDraft;
use super::constraint::{ConstraintMaker, NOWHERE};
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, plain};
use crate::index::{self, IndexDraft, IndexOf, Wanted};
use crate::storage_option::{self, StorageOf};
use catalog::object::{FIRST_USER_OID, IndexMethod, IndexedValue, Object, Oid, Rule, Table};
use catalog::operator_class::{self, OperatorClass};
use catalog::{Address, DependencyKind};
use diagnostic::SqlState;
use functions::table::operators;
use plan::expression::{CallForm, ExpressionKind};
use std::sync::Arc;
use syntax::tree::expression::Operator;
use syntax::tree::index::{IndexElement, IndexKey};
use syntax::tree::table::Exclusion;
use types::Type;

impl ConstraintMaker {
    /// Makes an exclusion constraint with its index; rows that are there are looked at.
    pub(super) fn make_exclusion(
        &mut self,
        definer: &mut Definer<'_>,
        draft: &KeyDraft<'_>,
        exclusion: &Exclusion<'_>,
    ) -> DefineResult<Oid> {
        let table = self.table().clone();
        if table.is_partitioned() {
            return Err(of_partitioned(draft.position));
        }
        definer.places.index = crate::tablespace::written(definer, exclusion.parameters.tablespace)?;
        let elements: Vec<IndexElement<'_>> =
            exclusion.elements.iter().map(|(element, _)| *element).collect();
        let included: Vec<IndexElement<'_>> =
            exclusion.include.iter().map(|name| element_of(*name)).collect();
        let method = index::method(
            definer,
            exclusion.method,
            Wanted { unique: false, excludes: true, includes: !included.is_empty(), elements: &elements },
        )?;
        let predicate = match &exclusion.condition {
            Some(condition) => index::read_predicate(definer, &table, condition)?,
            None => None,
        };
        look_for_columns(&table, elements.iter().chain(&included))?;
        let (keys, names) = index::read_keys(definer, &elements, (method, &table))?;
        let (include, more) = index::read_included(definer, &included, (method, &table))?;
        let compared = read_operators(definer, exclusion, (method, &table), &keys)?;
        let mut all = names;
        all.extend(more);
        let shown = index::told_apart(all.into_iter());
        let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
        let name = self.name_of_index(definer, draft, Some(&super::constraint::joined(&shown)), "excl");
        let column = |key: &IndexOf| match key.value {
            IndexedValue::Column(place) => Some(place),
            IndexedValue::Expression(_) => None,
        };
        let columns: Vec<u16> = keys.iter().filter_map(column).collect();
        let of_index: Vec<u16> = columns.iter().chain(&include).copied().collect();
        let more = references_of(&keys, predicate.as_ref(), &compared);
        let constraint_oid = definer.new_oids_beside(1, table.oid)?;
        let made = IndexDraft {
            name: name.clone(),
            method,
            keys,
            include,
            unique: false,
            primary: false,
            nulls_equal: false,
            immediate: !draft.deferrable,
            predicate,
            parent: 0,
            options: storage_option::set(&[], exclusion.parameters.options, StorageOf::Index(method))?,
        };
        let index_oid = made.create(definer, &table, Some(constraint_oid))?;
        let rule = Rule::Exclude(index_oid, compared.iter().map(|by| by.operator).collect());
        let mut constraint = self.constraint(definer, draft, name, columns, rule)?;
        constraint.oid = constraint_oid;
        let mut references = self.on_columns(&of_index);
        references.extend(more);
        definer.create(&Object::Constraint(Arc::new(constraint)), &references)?;
        definer.depend(index_oid, &[(Address::of(constraint_oid), DependencyKind::Internal)])?;
        definer.refresh()?;
        index::fill(definer, &table, index_oid, false)?;
        Ok(constraint_oid)
    }
}

pub(super) fn of_partitioned(position: u32) -> DefineError {
    DefineError::Plain {
        state: SqlState::FeatureNotSupported,
        message: "exclusion constraints are not supported on partitioned tables".into(),
        detail: None,
        hint: None,
        position: Some(position).filter(|position| *position != NOWHERE),
    }
}

/// On what an exclusion constraint depends beyond its columns.
fn references_of(
    keys: &[IndexOf],
    predicate: Option<&(String, Vec<(Address, DependencyKind)>)>,
    compared: &[Compared],
) -> Vec<(Address, DependencyKind)> {
    let made = compared.iter().flat_map(|by| [by.class, by.operator]).filter(|oid| *oid >= FIRST_USER_OID);
    let mut references: Vec<_> = made.map(|oid| (Address::of(oid), DependencyKind::Normal)).collect();
    references.extend(keys.iter().flat_map(|key| key.references.iter().copied()));
    references.extend(predicate.iter().flat_map(|predicate| predicate.1.iter().copied()));
    references
}

/// A column as an element of an index.
fn element_of(name: syntax::tree::Name<'_>) -> IndexElement<'_> {
    IndexElement {
        key: IndexKey::Column(name),
        collation: None,
        class: None,
        class_options: &[],
        direction: syntax::tree::select::SortDirection::Default,
        nulls: None,
        position: name.position,
    }
}

fn look_for_columns<'e>(
    table: &Table,
    elements: impl Iterator<Item = &'e IndexElement<'e>>,
) -> DefineResult<()> {
    for element in elements {
        if let IndexKey::Column(name) = element.key
            && table.column(name.text).is_none()
        {
            let message = format!("column \"{}\" named in key does not exist", name.text);
            return Err(plain(SqlState::UndefinedColumn, message));
        }
    }
    Ok(())
}

/// By what values of a key exclude each other.
struct Compared {
    class: Oid,
    operator: Oid,
}

/// By what the keys are compared.
fn read_operators(
    definer: &mut Definer<'_>,
    exclusion: &Exclusion<'_>,
    (method, table): (IndexMethod, &Arc<Table>),
    keys: &[IndexOf],
) -> DefineResult<Vec<Compared>> {
    let mut compared = Vec::with_capacity(keys.len());
    for ((_, written), key) in exclusion.elements.iter().zip(keys) {
        let of = match key.value {
            IndexedValue::Column(place) => table.columns[usize::from(place)].column_type(),
            IndexedValue::Expression(_) => key.value_type.unwrap_or(Type::of(types::catalog::oid::TEXT)),
        };
        let class = crate::access_method::class_of_key(definer, method, key.class.clone(), of)?;
        let operator = read_operator(definer, written, of, &class)?;
        compared.push(Compared { class: class.oid, operator });
    }
    Ok(compared)
}

/// An operator that can tell which values of a type exclude each other, by an operator class.
fn read_operator(
    definer: &mut Definer<'_>,
    written: &Operator<'_>,
    of: Type,
    class: &OperatorClass,
) -> DefineResult<Oid> {
    let bound = bind::definition::between(definer.binding(), written, of)?;
    let ExpressionKind::Call(call) = &bound.kind else {
        return definer.unsupported("such an operator in an exclusion constraint", Some(written.position));
    };
    let (oid, commutator) = match call.form {
        CallForm::Made(oid) => (
            oid,
            match definer.scope.object(oid) {
                Some(Object::Operator(made)) => made.commutator,
                _ => 0,
            },
        ),
        _ => {
            let found =
                operators().find(|entry| entry.function == call.function.0 && entry.name == written.symbol);
            found.map_or((0, 0), |entry| (entry.oid, entry.commutator))
        }
    };
    let shown = || {
        let mut text = String::new();
        catalog::names::output(&definer.scope, Type::of(types::catalog::oid::REGOPERATOR), oid, &mut text);
        text
    };
    let refused = |message: String, detail: &str| {
        Err(DefineError::Plain {
            state: SqlState::WrongObjectType,
            message,
            detail: Some(detail.into()),
            hint: None,
            position: None,
        })
    };
    if commutator != oid {
        let message = format!("operator {} is not commutative", shown());
        return refused(message, "Only commutative operators can be used in exclusion constraints.");
    }
    if operator_class::strategy(&definer.scope, class.family, oid).is_none() {
        let family = operator_class::family_of(&definer.scope, class.family);
        let family = family.map_or("".into(), |(_, name)| name);
        let message = format!("operator {} is not a member of operator family \"{family}\"", shown());
        return refused(
            message,
            "The exclusion operator must be related to the index operator class for the constraint.",
        );
    }
    Ok(oid)
}
