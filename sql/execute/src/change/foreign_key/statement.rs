//! The statements that PostgreSQL runs to do what `ON UPDATE` and `ON DELETE` say, as its errors show them.

use plan::target::{ForeignKey, TargetTable};
use types::Type;
use types::catalog::{Form, Types, oid};

/// What is put into columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// `NULL`
    Null,
    /// `DEFAULT`
    Default,
    /// The new key.
    Key,
}

/// A name, always in quotes.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The statement that changes rows of a table, by the places of its columns that refer: which of them are set to what; none
/// for a `DELETE`.
pub fn text(
    types: &dyn Types,
    (child, own): (&TargetTable, &[usize]),
    (parent, plan): (&TargetTable, &ForeignKey),
    set: Option<(&[usize], Assigned)>,
) -> String {
    let mut text = if set.is_some() { "UPDATE " } else { "DELETE FROM " }.to_owned();
    if child.routing.is_none() {
        text.push_str("ONLY ");
    }
    text.push_str(&format!("{}.{}", quoted(&child.schema), quoted(&child.name)));
    let mut parameters = 0;
    if let Some((chosen, to)) = set {
        let values = chosen.iter().map(|place| {
            let value = match to {
                Assigned::Null => "NULL".to_owned(),
                Assigned::Default => "DEFAULT".to_owned(),
                Assigned::Key => {
                    parameters += 1;
                    format!("${parameters}")
                }
            };
            format!("{} = {value}", quoted(&child.columns[*place].name))
        });
        text.push_str(&format!(" SET {}", values.collect::<Vec<_>>().join(", ")));
    }
    let conditions = own.iter().zip(&plan.to_columns).map(|(place, number)| {
        parameters += 1;
        let column = &child.columns[*place];
        let parent = parent.columns.iter().find(|column| column.number == *number);
        let key = parent.map_or(column.column_type, |parent| parent.column_type);
        let (left, right) = compared(types, key, column.column_type);
        let cast = |from: Type, to: Type| match types.entry(to.oid) {
            Some(entry) if from.oid != to.oid => format!("::pg_catalog.{}", entry.name),
            _ => String::new(),
        };
        let name = quoted(&column.name);
        format!(
            "${parameters}{} OPERATOR(pg_catalog.=) {name}{}",
            cast(key, left),
            cast(column.column_type, right)
        )
    });
    let conditions: Vec<String> = conditions.collect();
    format!("{text} WHERE {}", conditions.join(" AND "))
}

/// What the operator takes that compares a key with what refers to it.
fn compared(types: &dyn Types, key: Type, referring: Type) -> (Type, Type) {
    let (left, right) = (operand(types, key), operand(types, referring));
    let together = |family: &[u32]| family.contains(&left.oid) && family.contains(&right.oid);
    let families: [&[u32]; 4] = [
        &[oid::INT2, oid::INT4, oid::INT8],
        &[oid::FLOAT4, oid::FLOAT8],
        &[oid::DATE, oid::TIMESTAMP, oid::TIMESTAMPTZ],
        &[oid::TEXT, oid::NAME],
    ];
    if families.into_iter().any(together) { (left, right) } else { (left, left) }
}

/// What an operator takes values of a type as.
fn operand(types: &dyn Types, of: Type) -> Type {
    let base = types.undomained(of);
    let Some(entry) = types.entry(base.oid) else { return base };
    let taken = match entry.form {
        _ if base.oid == oid::VARCHAR => oid::TEXT,
        Form::Enum => oid::ANYENUM,
        Form::Range => oid::ANYRANGE,
        Form::Multirange => oid::ANYMULTIRANGE,
        Form::Composite => oid::RECORD,
        Form::Array => oid::ANYARRAY,
        Form::Base | Form::Domain | Form::Pseudo => base.oid,
    };
    Type::of(taken)
}
