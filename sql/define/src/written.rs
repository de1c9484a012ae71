//! An expression as SQL text: what the catalog keeps of defaults, checks and index expressions.
//!
//! Operations stand in parentheses, so that the text reads back as the same tree. Subqueries cannot stand in any of these
//! places, and were refused when the expression was bound.

use catalog::name::{append_identifier, quote_identifier};
use std::fmt::Write;
use syntax::tree::expression::{
    Call, CallSyntax, CaseArm, Expression, ExpressionKind, Indirection, IsTest, Matching, NormalForm,
    Operator, QuantifiedOperand, Quantifier, SqlValue,
};
use syntax::tree::type_name::{IntervalFields, TypeNameKind};
use syntax::tree::{QualifiedName, TypeName};

/// The text of an expression.
pub fn expression(of: &Expression<'_>) -> String {
    let mut text = String::new();
    append(of, &mut text);
    text
}

/// The name of a type as it is written.
pub fn type_name(of: &TypeName<'_>) -> String {
    let mut text = String::new();
    append_type(of, &mut text);
    text
}

fn list(of: &[Expression<'_>], separator: &str, text: &mut String) {
    for (place, one) in of.iter().enumerate() {
        if place > 0 {
            text.push_str(separator);
        }
        append(one, text);
    }
}

fn enclosed(of: &[Expression<'_>], separator: &str, text: &mut String) {
    text.push('(');
    list(of, separator, text);
    text.push(')');
}

fn string(of: &str, text: &mut String) {
    if of.contains('\\') {
        text.push('E');
    }
    text.push('\'');
    text.push_str(&of.replace('\\', "\\\\").replace('\'', "''"));
    text.push('\'');
}

fn names(of: &QualifiedName<'_>, text: &mut String) {
    for (place, part) in of.parts.iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        append_identifier(part.text, text);
    }
}

fn operator(of: &Operator<'_>, text: &mut String) {
    if of.schema.is_empty() {
        text.push_str(of.symbol);
        return;
    }
    text.push_str("OPERATOR(");
    for part in of.schema {
        append_identifier(part.text, text);
        text.push('.');
    }
    text.push_str(of.symbol);
    text.push(')');
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

/// Writes an expression: one without operands, an operation, a predicate or a construct.
fn append(of: &Expression<'_>, text: &mut String) {
    let _ = atom(of, text) || operation(of, text) || predicate(of, text) || construct(of, text);
}

/// Writes an expression without operands, if it is one.
fn atom(of: &Expression<'_>, text: &mut String) -> bool {
    match &of.kind {
        ExpressionKind::Null => text.push_str("NULL"),
        ExpressionKind::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        ExpressionKind::Integer(value) => {
            // Writing to a string cannot fail.
            let _ = if *value < 0 { write!(text, "({value})") } else { write!(text, "{value}") };
        }
        ExpressionKind::Decimal(digits) => match digits.starts_with('-') {
            true => text.extend(["(", digits, ")"]),
            false => text.push_str(digits),
        },
        ExpressionKind::String(value) => string(value, text),
        ExpressionKind::BitString(digits) => text.extend(["B'", digits, "'"]),
        ExpressionKind::HexString(digits) => text.extend(["X'", digits, "'"]),
        ExpressionKind::Parameter(number) => {
            let _ = write!(text, "${number}");
        }
        ExpressionKind::Default => text.push_str("DEFAULT"),
        ExpressionKind::Column(name) => names(name, text),
        ExpressionKind::Star(before) => {
            for part in *before {
                append_identifier(part.text, text);
                text.push('.');
            }
            text.push('*');
        }
        _ => return false,
    }
    true
}

/// Writes a path, an operation or a comparison with many, if it is one.
fn operation(of: &Expression<'_>, text: &mut String) -> bool {
    match &of.kind {
        ExpressionKind::Indirection { base, path } => {
            text.push('(');
            append(base, text);
            text.push(')');
            path.iter().for_each(|step| indirection(step, text));
        }
        ExpressionKind::Operation { operator: symbol, left, right } => {
            text.push('(');
            if let Some(left) = left {
                append(left, text);
                text.push(' ');
            }
            operator(symbol, text);
            text.push(' ');
            append(right, text);
            text.push(')');
        }
        ExpressionKind::Quantified { left, operator: symbol, quantifier, right } => {
            text.push('(');
            append(left, text);
            text.push(' ');
            operator(symbol, text);
            text.push_str(match quantifier {
                Quantifier::Any => " ANY (",
                Quantifier::All => " ALL (",
            });
            if let QuantifiedOperand::Array(array) = right {
                append(array, text);
            }
            text.push_str("))");
        }
        _ => return false,
    }
    true
}

/// Writes what has words for an operator, if it is that.
fn predicate(of: &Expression<'_>, text: &mut String) -> bool {
    match &of.kind {
        ExpressionKind::And(terms) => enclosed(terms, " AND ", text),
        ExpressionKind::Or(terms) => enclosed(terms, " OR ", text),
        ExpressionKind::Not(operand) => {
            text.push_str("(NOT ");
            append(operand, text);
            text.push(')');
        }
        ExpressionKind::Is { operand, test, negated } => {
            text.push('(');
            append(operand, text);
            text.extend([" IS ", not(*negated), is_test(*test), ")"]);
        }
        ExpressionKind::IsDistinct { left, right, negated } => {
            text.push('(');
            append(left, text);
            text.extend([" IS ", not(*negated), "DISTINCT FROM "]);
            append(right, text);
            text.push(')');
        }
        ExpressionKind::Between { operand, low, high, symmetric, negated } => {
            text.push('(');
            append(operand, text);
            text.extend([" ", not(*negated), "BETWEEN ", if *symmetric { "SYMMETRIC " } else { "" }]);
            append(low, text);
            text.push_str(" AND ");
            append(high, text);
            text.push(')');
        }
        ExpressionKind::In { operand, list, negated } => {
            text.push('(');
            append(operand, text);
            text.extend([" ", not(*negated), "IN "]);
            enclosed(list, ", ", text);
            text.push(')');
        }
        ExpressionKind::Like { matching, operand, pattern, escape, negated } => {
            text.push('(');
            append(operand, text);
            let word = match matching {
                Matching::Like => "LIKE ",
                Matching::ILike => "ILIKE ",
                Matching::SimilarTo => "SIMILAR TO ",
            };
            text.extend([" ", not(*negated), word]);
            append(pattern, text);
            if let Some(escape) = escape {
                text.push_str(" ESCAPE ");
                append(escape, text);
            }
            text.push(')');
        }
        ExpressionKind::Cast { operand, target, .. } => {
            text.push_str("CAST(");
            append(operand, text);
            text.push_str(" AS ");
            append_type(target, text);
            text.push(')');
        }
        _ => return false,
    }
    true
}

/// Writes a construct, if it is one. Subqueries and their like cannot stand in a definition.
fn construct(of: &Expression<'_>, text: &mut String) -> bool {
    match &of.kind {
        ExpressionKind::Call(of) => call(of, text),
        ExpressionKind::SqlValue(value, precision) => {
            text.push_str(sql_value(*value));
            if let Some(precision) = precision {
                let _ = write!(text, "({precision})");
            }
        }
        ExpressionKind::Case { operand, arms, otherwise } => case(*operand, arms, *otherwise, text),
        ExpressionKind::Coalesce(terms) => {
            text.push_str("COALESCE");
            enclosed(terms, ", ", text);
        }
        ExpressionKind::NullIf(one, other) => {
            text.push_str("NULLIF(");
            append(one, text);
            text.push_str(", ");
            append(other, text);
            text.push(')');
        }
        ExpressionKind::Greatest(terms) => {
            text.push_str("GREATEST");
            enclosed(terms, ", ", text);
        }
        ExpressionKind::Least(terms) => {
            text.push_str("LEAST");
            enclosed(terms, ", ", text);
        }
        ExpressionKind::Row { fields, .. } => {
            text.push_str("ROW");
            enclosed(fields, ", ", text);
        }
        ExpressionKind::Array(elements) => {
            text.push_str("ARRAY[");
            list(elements, ", ", text);
            text.push(']');
        }
        ExpressionKind::Collate { operand, collation } => {
            text.push('(');
            append(operand, text);
            text.push_str(" COLLATE ");
            names(collation, text);
            text.push(')');
        }
        ExpressionKind::AtTimeZone { operand, zone } => {
            text.push('(');
            append(operand, text);
            text.push_str(" AT TIME ZONE ");
            append(zone, text);
            text.push(')');
        }
        _ => return false,
    }
    true
}

/// `CASE … END`
fn case(
    operand: Option<&Expression<'_>>,
    arms: &[CaseArm<'_>],
    otherwise: Option<&Expression<'_>>,
    text: &mut String,
) {
    text.push_str("CASE");
    if let Some(operand) = operand {
        text.push(' ');
        append(operand, text);
    }
    for arm in arms {
        text.push_str(" WHEN ");
        append(&arm.when, text);
        text.push_str(" THEN ");
        append(&arm.then, text);
    }
    if let Some(otherwise) = otherwise {
        text.push_str(" ELSE ");
        append(otherwise, text);
    }
    text.push_str(" END");
}

fn indirection(step: &Indirection<'_>, text: &mut String) {
    match step {
        Indirection::Field(name) => {
            text.push('.');
            append_identifier(name.text, text);
        }
        Indirection::Star(_) => text.push_str(".*"),
        Indirection::Subscript(index) => {
            text.push('[');
            append(index, text);
            text.push(']');
        }
        Indirection::Slice(low, high) => {
            text.push('[');
            if let Some(low) = low {
                append(low, text);
            }
            text.push(':');
            if let Some(high) = high {
                append(high, text);
            }
            text.push(']');
        }
    }
}

fn is_test(test: IsTest) -> &'static str {
    match test {
        IsTest::Null => "NULL",
        IsTest::True => "TRUE",
        IsTest::False => "FALSE",
        IsTest::Unknown => "UNKNOWN",
        IsTest::Document => "DOCUMENT",
        IsTest::Normalized(NormalForm::Nfc) => "NFC NORMALIZED",
        IsTest::Normalized(NormalForm::Nfd) => "NFD NORMALIZED",
        IsTest::Normalized(NormalForm::Nfkc) => "NFKC NORMALIZED",
        IsTest::Normalized(NormalForm::Nfkd) => "NFKD NORMALIZED",
    }
}

fn sql_value(value: SqlValue) -> &'static str {
    match value {
        SqlValue::CurrentDate => "CURRENT_DATE",
        SqlValue::CurrentTime => "CURRENT_TIME",
        SqlValue::CurrentTimestamp => "CURRENT_TIMESTAMP",
        SqlValue::LocalTime => "LOCALTIME",
        SqlValue::LocalTimestamp => "LOCALTIMESTAMP",
        SqlValue::CurrentRole => "CURRENT_ROLE",
        SqlValue::CurrentUser => "CURRENT_USER",
        SqlValue::User => "USER",
        SqlValue::SessionUser => "SESSION_USER",
        SqlValue::CurrentCatalog => "CURRENT_CATALOG",
        SqlValue::CurrentSchema => "CURRENT_SCHEMA",
    }
}

/// Functions with a syntax of their own are calls of `pg_catalog`'s by their names.
fn call(of: &Call<'_>, text: &mut String) {
    match of.syntax {
        CallSyntax::Plain => names(&of.name, text),
        CallSyntax::Extract
        | CallSyntax::Overlay
        | CallSyntax::Position
        | CallSyntax::Substring
        | CallSyntax::Trim
        | CallSyntax::Normalize
        | CallSyntax::Overlaps
        | CallSyntax::CollationFor => {
            text.push_str("pg_catalog.");
            text.push_str(&quote_identifier(of.name.object()));
        }
    }
    text.push('(');
    for (place, argument) in of.arguments.iter().enumerate() {
        if place > 0 {
            text.push_str(", ");
        }
        if of.variadic && place + 1 == of.arguments.len() {
            text.push_str("VARIADIC ");
        }
        if let Some(name) = argument.name {
            append_identifier(name.text, text);
            text.push_str(" => ");
        }
        append(&argument.value, text);
    }
    text.push(')');
}

fn append_type(of: &TypeName<'_>, text: &mut String) {
    match &of.kind {
        TypeNameKind::Named(name) => names(name, text),
        TypeNameKind::Interval(fields) => {
            text.push_str("interval");
            text.push_str(interval_fields(*fields));
        }
        TypeNameKind::OfColumn(name) => {
            names(name, text);
            text.push_str("%TYPE");
        }
    }
    if !of.modifiers.is_empty() {
        enclosed(of.modifiers, ", ", text);
    }
    for dimension in of.dimensions {
        let _ = match dimension {
            Some(length) => write!(text, "[{length}]"),
            None => write!(text, "[]"),
        };
    }
}

fn interval_fields(fields: IntervalFields) -> &'static str {
    match fields {
        IntervalFields::Year => " year",
        IntervalFields::Month => " month",
        IntervalFields::Day => " day",
        IntervalFields::Hour => " hour",
        IntervalFields::Minute => " minute",
        IntervalFields::Second => " second",
        IntervalFields::YearToMonth => " year to month",
        IntervalFields::DayToHour => " day to hour",
        IntervalFields::DayToMinute => " day to minute",
        IntervalFields::DayToSecond => " day to second",
        IntervalFields::HourToMinute => " hour to minute",
        IntervalFields::HourToSecond => " hour to second",
        IntervalFields::MinuteToSecond => " minute to second",
    }
}
