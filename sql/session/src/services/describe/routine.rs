//! Functions as SQL: what `pg_get_functiondef` and its like tell.

use crate::services::describe::Describe;
use bind::deparse::{ArgumentNames, Deparse, Style};
use bind::kept_routine::{RETURN, kept_body_statements};
use catalog::Scope;
use catalog::name::{qualified, quote_identifier};
use catalog::object::{
    Argument, ArgumentMode, Body, Function, FunctionKind, Oid, Parallel, Setting, Volatility,
};
use functions::table::{FunctionEntry, FunctionKind as NativeKind};
use std::fmt::Write;
use types::catalog::type_name;

/// The statement that makes a function.
pub fn definition(describe: &Describe<'_>, function: &Function) -> String {
    let scope = describe.context.scope;
    let procedure = function.kind == FunctionKind::Procedure;
    let kind = if procedure { "PROCEDURE" } else { "FUNCTION" };
    let schema = scope.schema(function.schema).map_or("", |schema| schema.name.as_str());
    let name = qualified(schema, &function.name);
    let mut text = format!("CREATE OR REPLACE {kind} {name}({})\n", arguments(describe, function, true));
    if let Some(result) = result(scope, function) {
        let _ = writeln!(text, " RETURNS {result}");
    }
    let internal = matches!(function.body, Body::Native | Body::BuiltIn(_) | Body::Uncallable(_));
    text.push_str(match function.body {
        Body::BuiltIn(_) if function.module().is_some() => " LANGUAGE c\n",
        Body::Native | Body::BuiltIn(_) | Body::Uncallable(_) => " LANGUAGE internal\n",
        Body::Procedural(_) => " LANGUAGE plpgsql\n",
        Body::Text(_) | Body::Bound(_) | Body::Aggregate(_) => " LANGUAGE sql\n",
    });
    let mut said = said_of(function);
    let usual = if internal { 1.0 } else { 100.0 };
    if function.cost.total_cmp(&usual).is_ne() {
        let _ = write!(said, " COST {}", function.cost);
    }
    if function.returns_set && function.rows.total_cmp(&1000.0).is_ne() {
        let _ = write!(said, " ROWS {}", function.rows);
    }
    if !said.is_empty() {
        let _ = writeln!(text, "{said}");
    }
    for setting in &function.settings {
        let _ = writeln!(text, " SET {} TO {}", quote_identifier(&setting.name), shown_setting(setting));
    }
    match &function.body {
        Body::Text(body) | Body::Procedural(body) => {
            let mut tag = kind.to_ascii_lowercase();
            while body.contains(&format!("${tag}$")) {
                tag.push('x');
            }
            let _ = writeln!(text, "AS ${tag}${body}${tag}$");
        }
        Body::Bound(body) => {
            let _ = writeln!(text, "{}", sql_body(describe, function, body));
        }
        Body::BuiltIn(_) => {
            let file = function.module().map(|module| format!("'{}', ", module.file())).unwrap_or_default();
            let source = function.built_in_name().unwrap_or_default();
            let _ = writeln!(text, "AS {file}$function${source}$function$");
        }
        Body::Uncallable(name) => {
            let _ = writeln!(text, "AS $function${name}$function$");
        }
        Body::Native | Body::Aggregate(_) => {
            let _ = writeln!(text, "AS $function${}$function$", function.name);
        }
    }
    text
}

/// What is said of a function in single words.
fn said_of(function: &Function) -> String {
    let mut said = String::new();
    said.push_str(match function.volatility {
        Volatility::Immutable => " IMMUTABLE",
        Volatility::Stable => " STABLE",
        Volatility::Volatile => "",
    });
    said.push_str(match function.parallel {
        Parallel::Safe => " PARALLEL SAFE",
        Parallel::Restricted => " PARALLEL RESTRICTED",
        Parallel::Unsafe => "",
    });
    for (is, word) in [
        (function.strict, " STRICT"),
        (function.security_definer, " SECURITY DEFINER"),
        (function.leakproof, " LEAKPROOF"),
    ] {
        said.push_str(if is { word } else { "" });
    }
    said
}

/// The body of a function, if it was bound when the function was made.
pub fn bound_body(describe: &Describe<'_>, function: Oid) -> Option<String> {
    let function = describe.context.scope.function(function)?;
    match &function.body {
        Body::Bound(kept) => Some(sql_body(describe, function, kept)),
        Body::Text(_)
        | Body::Native
        | Body::BuiltIn(_)
        | Body::Uncallable(_)
        | Body::Aggregate(_)
        | Body::Procedural(_) => None,
    }
}

/// A body that was bound when the function was made, with the names that the search path needs.
fn sql_body(describe: &Describe<'_>, function: &Function, kept: &str) -> String {
    let names = function.inputs().map(|argument| argument.name.clone()).collect();
    let arguments = ArgumentNames { function: function.name.clone(), names };
    let nameless = |_| String::new();
    let deparse = Deparse::new(describe.context.scope, describe.text, &nameless).within_body(&arguments);
    let Ok(statements) = kept_body_statements(describe.context, function, kept) else {
        return kept.to_owned();
    };
    if kept.starts_with(RETURN) {
        let value = statements.first().and_then(|statement| deparse.returned(&statement.shapes, false));
        return value.map_or_else(|| kept.to_owned(), |value| format!("{RETURN}{value}"));
    }
    let mut text = "BEGIN ATOMIC\n".to_owned();
    for statement in &statements {
        let style = Style { pretty: false, indented: true };
        let told = match statement.returned {
            true => deparse.returned(&statement.shapes, true).map(|value| format!("{RETURN}{value}")),
            false => deparse.statement(&statement.shapes, style),
        };
        let Some(told) = told else { return kept.to_owned() };
        let mut lines = told.trim_start().lines();
        let _ = write!(text, " {}", lines.next().unwrap_or_default());
        lines.for_each(|line| {
            let _ = write!(text, "\n {line}");
        });
        text.push_str(";\n");
    }
    text.push_str("END");
    text
}

/// A setting's value as `SET` takes it: of a list of names each is a string.
fn shown_setting(setting: &Setting) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    if setting.name == "search_path" || setting.name == "temp_tablespaces" {
        let names = catalog::name::identifier_list(&setting.value);
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        return names.join(", ");
    }
    quoted(&setting.value)
}

/// What is given to a function, with defaults or without.
pub fn arguments(describe: &Describe<'_>, function: &Function, defaults: bool) -> String {
    let scope = describe.context.scope;
    let procedure = function.kind == FunctionKind::Procedure;
    let shown = function.arguments.iter().filter(|argument| match argument.mode {
        ArgumentMode::In | ArgumentMode::InOut | ArgumentMode::Variadic | ArgumentMode::Out => true,
        ArgumentMode::Table => false,
    });
    let shown: Vec<String> = shown
        .map(|argument| {
            let mode = match argument.mode {
                ArgumentMode::In if procedure => "IN ",
                ArgumentMode::In | ArgumentMode::Table => "",
                ArgumentMode::Out => "OUT ",
                ArgumentMode::InOut => "INOUT ",
                ArgumentMode::Variadic => "VARIADIC ",
            };
            let default = argument.default.as_ref().filter(|_| defaults);
            let default = default.map(|default| describe.argument_default(default));
            let default = default.map_or_else(String::new, |default| format!(" DEFAULT {default}"));
            format!("{mode}{}{default}", named(scope, argument))
        })
        .collect();
    shown.join(", ")
}

/// What a function returns; nothing of a procedure.
pub fn result(scope: &Scope, function: &Function) -> Option<String> {
    if function.kind == FunctionKind::Procedure {
        return None;
    }
    let columns = function.arguments.iter().filter(|argument| argument.mode == ArgumentMode::Table);
    let columns: Vec<String> = columns.map(|argument| named(scope, argument)).collect();
    if !columns.is_empty() {
        return Some(format!("TABLE({})", columns.join(", ")));
    }
    let of = type_name(scope, function.result, None);
    Some(if function.returns_set { format!("SETOF {of}") } else { of })
}

fn named(scope: &Scope, argument: &Argument) -> String {
    let of = type_name(scope, argument.type_oid, None);
    if argument.name.is_empty() { of } else { format!("{} {of}", quote_identifier(&argument.name)) }
}

/// The same of a function that is built in. Of an ordered-set aggregate those in the parentheses stand before `ORDER BY`.
pub fn native_arguments(scope: &Scope, function: &FunctionEntry, defaults: bool) -> String {
    let count = function.arguments.len();
    let without_default = count.saturating_sub(function.defaults.len());
    let mut shown: Vec<String> = Vec::with_capacity(count + function.columns.len());
    for (place, of) in function.arguments.iter().enumerate() {
        let variadic = function.variadic != 0 && place + 1 == count;
        let mode = if variadic { "VARIADIC " } else { "" };
        let name = function.names.get(place).copied().unwrap_or_default();
        let default = place.checked_sub(without_default).and_then(|place| function.defaults.get(place));
        let default =
            default.filter(|_| defaults).map_or_else(String::new, |text| format!(" DEFAULT {text}"));
        shown.push(format!("{mode}{}{default}", native_name(scope, name, *of)));
    }
    match function.kind {
        NativeKind::OrderedSet { direct } => {
            let sorted = shown.split_off(usize::from(direct).min(shown.len()));
            let space = if shown.is_empty() { "" } else { " " };
            return format!("{}{space}ORDER BY {}", shown.join(", "), sorted.join(", "));
        }
        NativeKind::Hypothetical => return format!("{0} ORDER BY {0}", shown.join(", ")),
        NativeKind::Function | NativeKind::Aggregate { .. } | NativeKind::Window => {}
    }
    let columns = function.columns.iter();
    shown.extend(columns.map(|(name, of)| format!("OUT {}", native_name(scope, name, *of))));
    shown.join(", ")
}

/// What a function that is built in returns.
pub fn native_result(scope: &Scope, function: &FunctionEntry) -> String {
    let of = type_name(scope, function.result, None);
    if function.returns_set { format!("SETOF {of}") } else { of }
}

fn native_name(scope: &Scope, name: &str, of: u32) -> String {
    let of = type_name(scope, of, None);
    if name.is_empty() { of } else { format!("{} {of}", quote_identifier(name)) }
}
