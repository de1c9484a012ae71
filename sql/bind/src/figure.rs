//! What a column is called whose expression has no name: as PostgreSQL guesses it.

use syntax::tree::Expression;
use syntax::tree::expression::{ExpressionKind as Tree, Indirection, SqlValue};
use syntax::tree::select::{Query, QueryBody};
use syntax::tree::type_name::{TypeName, TypeNameKind};

/// The name of the column that an expression is shown as.
pub fn column_name(expression: &Expression<'_>) -> String {
    guess(expression).0.unwrap_or_else(|| "?column?".to_owned())
}

/// The name of the column that an expression is indexed as, if it has one.
pub fn index_column_name(expression: &Expression<'_>) -> Option<String> {
    guess(expression).0
}

/// A name, and how good it is: 2 is a name, 1 the name of a type, 0 none.
fn guess(expression: &Expression<'_>) -> (Option<String>, u8) {
    let (inner, fallback) = match within(expression) {
        Ok(found) => found,
        Err(field) => return (Some(field), 2),
    };
    let (name, strength) = guess_of(inner);
    match fallback {
        Some(of) if strength < 2 => (Some(of), 1),
        _ => (name, strength),
    }
}

/// What casts, collations and subscripts are of, and the type that the outermost cast names; or the name of a field.
fn within<'t>(expression: &'t Expression<'t>) -> Result<(&'t Expression<'t>, Option<String>), String> {
    // Casts and collations lean to the left, and may be many; the outermost type is the name if nothing within has one.
    let mut inner = expression;
    let mut fallback = None;
    loop {
        match &inner.kind {
            Tree::Cast { operand, target, .. } => {
                if fallback.is_none() {
                    fallback = Some(type_name(target));
                }
                inner = operand;
            }
            Tree::Collate { operand, .. } => inner = operand,
            Tree::Indirection { base, path } => {
                let field = path.iter().rev().find_map(|step| match step {
                    Indirection::Field(name) => Some(name.text),
                    Indirection::Star(_) | Indirection::Subscript(_) | Indirection::Slice(..) => None,
                });
                match field {
                    Some(field) => return Err(field.to_owned()),
                    None => inner = base,
                }
            }
            _ => return Ok((inner, fallback)),
        }
    }
}

fn guess_of(inner: &Expression<'_>) -> (Option<String>, u8) {
    let named = |name: &str| (Some(name.to_owned()), 2);
    match &inner.kind {
        Tree::Column(name) => named(name.object()),
        Tree::Call(call) => named(call.name.object()),
        Tree::Star([.., table]) => named(table.text),
        Tree::AtTimeZone { .. } => named("timezone"),
        Tree::NullIf(..) => named("nullif"),
        Tree::Coalesce(_) => named("coalesce"),
        Tree::Greatest(_) => named("greatest"),
        Tree::Least(_) => named("least"),
        Tree::Row { .. } => named("row"),
        Tree::Array(_) | Tree::ArraySubquery(_) => named("array"),
        Tree::Exists(_) => named("exists"),
        Tree::Grouping(_) => named("grouping"),
        Tree::SqlValue(value, _) => named(value_name(*value)),
        Tree::Xml(name, _) => (Some(name.to_lowercase()), 2),
        Tree::Subquery(query) => (first_column(query), 2),
        Tree::Case { otherwise, .. } => match otherwise.map(guess) {
            Some((Some(name), strength)) if strength > 1 => (Some(name), strength),
            _ => (Some("case".to_owned()), 1),
        },
        // With NOT it is a negation, which has no name.
        Tree::Is { test: syntax::tree::expression::IsTest::Normalized(_), negated: false, .. } => {
            named("is_normalized")
        }
        Tree::Null
        | Tree::Boolean(_)
        | Tree::Integer(_)
        | Tree::Decimal(_)
        | Tree::String(_)
        | Tree::BitString(_)
        | Tree::HexString(_)
        | Tree::Parameter(_)
        | Tree::Default
        | Tree::Star([])
        | Tree::Operation { .. }
        | Tree::Quantified { .. }
        | Tree::And(_)
        | Tree::Or(_)
        | Tree::Not(_)
        | Tree::Is { .. }
        | Tree::IsDistinct { .. }
        | Tree::Between { .. }
        | Tree::In { .. }
        | Tree::InSubquery { .. }
        | Tree::Like { .. }
        | Tree::CurrentOf(_)
        | Tree::Cast { .. }
        | Tree::Collate { .. }
        | Tree::Indirection { .. } => (None, 0),
    }
}

fn type_name(target: &TypeName<'_>) -> String {
    match &target.kind {
        TypeNameKind::Named(name) => name.object().to_owned(),
        TypeNameKind::Interval(_) => "interval".to_owned(),
        TypeNameKind::OfColumn(column) => column.object().to_owned(),
    }
}

fn value_name(value: SqlValue) -> &'static str {
    match value {
        SqlValue::CurrentDate => "current_date",
        SqlValue::CurrentTime => "current_time",
        SqlValue::CurrentTimestamp => "current_timestamp",
        SqlValue::LocalTime => "localtime",
        SqlValue::LocalTimestamp => "localtimestamp",
        SqlValue::CurrentRole => "current_role",
        SqlValue::CurrentUser => "current_user",
        SqlValue::User => "user",
        SqlValue::SessionUser => "session_user",
        SqlValue::CurrentCatalog => "current_catalog",
        SqlValue::CurrentSchema => "current_schema",
    }
}

/// The query that stands for a value and whose first column is called as what it reads is: `SELECT *`, `TABLE`.
pub fn starred_query<'t>(expression: &'t Expression<'t>) -> Option<&'t Query<'t>> {
    let (inner, _) = within(expression).ok()?;
    let Tree::Subquery(query) = &inner.kind else { return None };
    let mut body = &query.body;
    loop {
        match body {
            QueryBody::Select(select) => {
                let target = select.targets.first().filter(|target| target.label.is_none())?;
                return match &target.expression.kind {
                    Tree::Star(_) | Tree::Indirection { path: [.., Indirection::Star(_)], .. } => Some(query),
                    _ => starred_query(&target.expression),
                };
            }
            QueryBody::Values(_) => return None,
            QueryBody::Table(_) => return Some(query),
            QueryBody::Set(set) => body = &set.left,
            QueryBody::Nested(inner) => body = &inner.body,
        }
    }
}

/// The name of the first column of a query that stands for a value.
fn first_column(query: &Query<'_>) -> Option<String> {
    let mut body = &query.body;
    loop {
        match body {
            QueryBody::Select(select) => {
                let target = select.targets.first()?;
                return match target.label {
                    Some(label) => Some(label.text.to_owned()),
                    None => guess(&target.expression).0,
                };
            }
            QueryBody::Values(_) => return Some("column1".to_owned()),
            QueryBody::Table(_) => return None,
            QueryBody::Set(set) => body = &set.left,
            QueryBody::Nested(inner) => body = &inner.body,
        }
    }
}
