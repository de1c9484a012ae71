//! A path's text, as PostgreSQL writes it.

use super::JsonPath;
use super::tree::{Accessor, Expression, LAST_LEVEL, operator_text};
use crate::jsonb::{Value, write_scalar};
use crate::number::Operator;
use crate::text::escape_into;

pub(super) fn write(path: &JsonPath, out: &mut String) {
    if !path.lax {
        out.push_str("strict ");
    }
    expression(&path.expression, true, out);
}

/// How tightly something binds. What it is at the start of a chain decides, as in PostgreSQL.
fn priority(of: &Expression) -> u8 {
    match of {
        Expression::Or(..) => 0,
        Expression::And(..) => 1,
        Expression::Compare(..) | Expression::StartsWith(..) => 2,
        Expression::Arithmetic(Operator::Add | Operator::Subtract, ..) => 3,
        Expression::Arithmetic(Operator::Multiply | Operator::Divide | Operator::Modulo, ..) => 4,
        Expression::Sign { .. } => 5,
        Expression::Chain(base, _) => priority(base),
        Expression::Root
        | Expression::Current
        | Expression::Last
        | Expression::Literal(_)
        | Expression::Variable(_)
        | Expression::Not(_)
        | Expression::IsUnknown(_)
        | Expression::Exists(_)
        | Expression::LikeRegex(..) => 6,
    }
}

fn operand(of: &Expression, within: &Expression, out: &mut String) {
    expression(of, priority(of) <= priority(within), out);
}

fn expression(this: &Expression, brackets: bool, out: &mut String) {
    match this {
        Expression::Root => out.push('$'),
        Expression::Current => out.push('@'),
        Expression::Last => out.push_str("last"),
        Expression::Literal(literal) => write_scalar(literal.value(), out),
        Expression::Variable(name) => {
            out.push('$');
            escape_into(name, out);
        }
        Expression::Chain(base, accessors) => {
            let number = matches!(&**base, Expression::Literal(literal) if matches!(literal.value(), Value::Number(_)));
            if number {
                out.push('(');
            }
            expression(base, brackets, out);
            if number {
                out.push(')');
            }
            accessors.iter().for_each(|step| accessor(step, out));
        }
        Expression::Arithmetic(operator, left, right) => {
            infix(this, (left, operator_text(*operator), right), brackets, out);
        }
        Expression::And(left, right) => infix(this, (left, "&&", right), brackets, out),
        Expression::Or(left, right) => infix(this, (left, "||", right), brackets, out),
        Expression::Compare(comparison, left, right) => {
            infix(this, (left, comparison.text(), right), brackets, out);
        }
        Expression::StartsWith(left, right) => infix(this, (left, "starts with", right), brackets, out),
        Expression::Sign { minus, operand: inner } => {
            bracketed(brackets, out, |out| {
                out.push(if *minus { '-' } else { '+' });
                operand(inner, this, out);
            });
        }
        Expression::LikeRegex(inner, pattern) => {
            bracketed(brackets, out, |out| {
                operand(inner, this, out);
                out.push_str(" like_regex ");
                escape_into(pattern.text(), out);
                let flags = pattern.flags();
                if !flags.is_empty() {
                    out.push_str(" flag \"");
                    out.push_str(&flags);
                    out.push('"');
                }
            });
        }
        Expression::Not(inner) => wrapped("!(", inner, ")", out),
        Expression::IsUnknown(inner) => wrapped("(", inner, ") is unknown", out),
        Expression::Exists(inner) => wrapped("exists (", inner, ")", out),
    }
}

fn wrapped(before: &str, inner: &Expression, after: &str, out: &mut String) {
    out.push_str(before);
    expression(inner, false, out);
    out.push_str(after);
}

fn bracketed(brackets: bool, out: &mut String, inner: impl FnOnce(&mut String)) {
    if brackets {
        out.push('(');
    }
    inner(out);
    if brackets {
        out.push(')');
    }
}

fn infix(this: &Expression, parts: (&Expression, &str, &Expression), brackets: bool, out: &mut String) {
    bracketed(brackets, out, |out| {
        operand(parts.0, this, out);
        out.push(' ');
        out.push_str(parts.1);
        out.push(' ');
        operand(parts.2, this, out);
    });
}

fn accessor(this: &Accessor, out: &mut String) {
    match this {
        Accessor::Key(name) => {
            out.push('.');
            escape_into(name, out);
        }
        Accessor::AnyKey => out.push_str(".*"),
        Accessor::AnyElement => out.push_str("[*]"),
        Accessor::Subscript(ranges) => {
            out.push('[');
            for (place, (from, to)) in ranges.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                expression(from, false, out);
                if let Some(to) = to {
                    out.push_str(" to ");
                    expression(to, false, out);
                }
            }
            out.push(']');
        }
        Accessor::AnyLevel { first, last } => {
            out.push_str(".**");
            match (*first, *last) {
                (0, LAST_LEVEL) => {}
                (first, last) if first == last => out.push_str(&format!("{{{}}}", level(first))),
                (first, last) => out.push_str(&format!("{{{} to {}}}", level(first), level(last))),
            }
        }
        Accessor::Filter(predicate) => wrapped("?(", predicate, ")", out),
        Accessor::Method(method) => {
            out.push('.');
            out.push_str(method.name());
            out.push_str("()");
        }
        Accessor::Datetime(template) => {
            out.push_str(".datetime(");
            if let Some(template) = template {
                escape_into(template, out);
            }
            out.push(')');
        }
    }
}

fn level(level: u32) -> String {
    if level == LAST_LEVEL { "last".to_owned() } else { level.to_string() }
}
