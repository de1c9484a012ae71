//! `ADD CONSTRAINT … USING INDEX`: a unique index that is there becomes a key.

use crate::definer::Definer;
use crate::error::{DefineError, DefineNotice, DefineResult, plain};
use catalog::object::{Constraint, Index, IndexMethod, IndexedValue, Object, Oid, Rule, Table};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use std::sync::Arc;
use syntax::tree::Name;
use syntax::tree::table::TableConstraint;

const NO_SUCH_KEY: &str = "Cannot create a primary key or unique constraint using such an index.";

/// Makes the index `named` of a table the key that is `written`.
///
/// # Errors
/// PostgreSQL's.
pub(crate) fn adopt_index(
    definer: &mut Definer<'_>,
    table: Oid,
    written: &TableConstraint<'_>,
    (named, primary): (Name<'_>, bool),
) -> DefineResult<()> {
    let of = definer.table(table)?;
    let (index, columns) = fitting_index(definer, &of, named.text, written)?;
    if of.is_partitioned() {
        let message = "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables";
        return Err(plain(SqlState::FeatureNotSupported, message));
    }
    let has_primary =
        definer.scope.constraints_of(table).any(|known| matches!(known.rule, Rule::PrimaryKey(_)));
    if primary && has_primary {
        return Err(DefineError::MultiplePrimaryKeys { table: of.name.clone(), position: None });
    }
    if primary {
        for column in &columns {
            crate::alter_table::set_not_null(definer, table, *column)?;
        }
    }
    let name = written.name.map_or(index.name.as_str(), |name| name.text).to_owned();
    if name != index.name {
        let (from, to) = (&index.name, &name);
        let message =
            format!("ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{from}\" to \"{to}\"");
        definer.notice(DefineNotice::Merging(message, None));
        refuse_taken(definer, &of, &name)?;
    }
    become_key(definer, &of, &index, (name, columns), written, primary)
}

/// The index, and the places of its keys.
fn fitting_index(
    definer: &Definer<'_>,
    table: &Table,
    name: &str,
    written: &TableConstraint<'_>,
) -> DefineResult<(Arc<Index>, Vec<u16>)> {
    let refused = |state, message: String, detail: Option<&str>| DefineError::Plain {
        state,
        message,
        detail: detail.map(str::to_owned),
        hint: None,
        position: Some(written.position),
    };
    let wrong_state = |message| refused(SqlState::ObjectNotInPrerequisiteState, message, None);
    let wrong = |message| refused(SqlState::WrongObjectType, message, Some(NO_SUCH_KEY));
    let found = definer.scope.relation_in(table.schema, name).and_then(|oid| definer.scope.relation(oid));
    let index = match found {
        Some(Relation::Index(index)) => index,
        Some(other) => {
            let message = format!("\"{}\" is not an index", other.name());
            return Err(refused(SqlState::WrongObjectType, message, None));
        }
        None => {
            let message = format!("index \"{name}\" does not exist");
            return Err(refused(SqlState::UndefinedObject, message, None));
        }
    };
    if definer.scope.constraint_of_index(index.oid).is_some() {
        return Err(wrong_state(format!("index \"{name}\" is already associated with a constraint")));
    }
    if index.table != table.oid {
        let message = format!("index \"{name}\" does not belong to table \"{}\"", table.name);
        return Err(wrong_state(message));
    }
    if !index.valid {
        return Err(wrong_state(format!("index \"{name}\" is not valid")));
    }
    if !index.unique {
        return Err(wrong(format!("\"{name}\" is not a unique index")));
    }
    let mut columns = Vec::with_capacity(index.keys.len());
    for key in &index.keys {
        match key.value {
            IndexedValue::Column(column) => columns.push(column),
            IndexedValue::Expression(_) => {
                return Err(wrong(format!("index \"{name}\" contains expressions")));
            }
        }
    }
    if index.predicate.is_some() {
        return Err(wrong(format!("\"{name}\" is a partial index")));
    }
    if index.method != IndexMethod::Ordered {
        return Err(wrong(format!("index \"{name}\" is not a btree")));
    }
    let own = |column: u16| table.columns.get(usize::from(column)).map_or(0, |column| column.collation);
    for (number, (key, column)) in index.keys.iter().zip(&columns).enumerate() {
        let plain_order = !key.descending && !key.nulls_first && key.class.is_none();
        if !plain_order || key.collation != own(*column) {
            let number = number + 1;
            let message =
                format!("index \"{name}\" column number {number} does not have default sorting behavior");
            return Err(wrong(message));
        }
    }
    Ok((index, columns))
}

fn refuse_taken(definer: &Definer<'_>, table: &Table, name: &str) -> DefineResult<()> {
    if definer.scope.relation_in(table.schema, name).is_some() {
        return Err(catalog::CatalogError::DuplicateRelation { name: name.to_owned() }.into());
    }
    Ok(())
}

fn become_key(
    definer: &mut Definer<'_>,
    table: &Arc<Table>,
    index: &Index,
    (name, columns): (String, Vec<u16>),
    written: &TableConstraint<'_>,
    primary: bool,
) -> DefineResult<()> {
    let oid = definer.new_oids_beside(1, table.oid)?;
    let references = columns
        .iter()
        .chain(&index.include)
        .map(|column| (Address::column(table.oid, *column), DependencyKind::Auto))
        .collect::<Vec<_>>();
    let rule = if primary { Rule::PrimaryKey(index.oid) } else { Rule::Unique(index.oid) };
    let constraint = Constraint {
        oid,
        name: name.clone(),
        schema: table.schema,
        table: table.oid,
        domain: 0,
        columns,
        rule,
        deferrable: written.deferrable,
        initially_deferred: written.initially_deferred,
        validated: true,
        no_inherit: false,
        local: true,
        inherited: 0,
        parent: 0,
    };
    definer.create(&Object::Constraint(Arc::new(constraint)), &references)?;
    definer.change_object(index.oid, |object| {
        if let Object::Index(index) = object {
            let index = Arc::make_mut(index);
            index.name = name;
            index.primary = primary;
            index.immediate = !written.deferrable;
        }
    })?;
    // It goes with the key from now on, not with the columns.
    definer.catalog.depend_on_nothing(definer.transaction, Address::of(index.oid))?;
    definer.depend(index.oid, &[(Address::of(oid), DependencyKind::Internal)])?;
    definer.refresh()?;
    // Keys that may stand twice for a while are written otherwise.
    if written.deferrable { crate::reindex::rebuild(definer, index.oid) } else { Ok(()) }
}
