//! The operations that cases name, and how their results are told.

mod path;

use diagnostic::Diagnostic;
use json::build::{self, Rendered, TextArray};
use json::jsonb::{self, Insertion};
use json::text::{self, Step};
use json::{JsonResult, Jsonb, Value};

type Arguments = [Option<String>];

fn text_of(arguments: &Arguments, place: usize) -> &str {
    arguments[place].as_deref().unwrap()
}

fn document(arguments: &Arguments, place: usize) -> JsonResult<Jsonb> {
    jsonb::parse(text_of(arguments, place))
}

/// Elements of a text array, written one behind the other with bars; `~` is null.
fn list(arguments: &Arguments, place: usize) -> Vec<Option<&str>> {
    let text = text_of(arguments, place);
    if text.is_empty() {
        return Vec::new();
    }
    text.split('|').map(|element| (element != "~").then_some(element)).collect()
}

/// Variables: `null` is none.
fn or_none(value: Value<'_>) -> Option<Value<'_>> {
    (!matches!(value, Value::Null)).then_some(value)
}

fn shown(value: Option<Value<'_>>) -> String {
    value.map_or("<NULL>".to_owned(), |value| value.to_string())
}

fn show(document: Jsonb) -> String {
    document.value().to_string()
}

fn or_null(text: Option<impl Into<String>>) -> String {
    text.map_or("<NULL>".to_owned(), Into::into)
}

/// Runs an operation and tells its result as the data does.
pub fn run(operation: &str, arguments: &Arguments) -> String {
    match result(operation, arguments) {
        Ok(text) => format!("={text}"),
        Err(error) => format!(
            "!{}|{error}|{}|{}|{}",
            error.sqlstate().code(),
            error.detail().unwrap_or_default(),
            error.hint().unwrap_or_default(),
            error.context().unwrap_or_default(),
        ),
    }
}

fn result(operation: &str, arguments: &Arguments) -> JsonResult<String> {
    match operation.split_once('.') {
        Some(("json", rest)) => of_text(rest, arguments),
        Some(("jsonb", rest)) => of_document(rest, arguments),
        Some(("change", rest)) => of_change(rest, arguments),
        Some(("build", rest)) => of_build(rest, arguments),
        Some(("path", rest)) => path::run(rest, arguments),
        Some((_, _)) | None => panic!("no operation {operation}"),
    }
}

fn of_text(operation: &str, arguments: &Arguments) -> JsonResult<String> {
    let document = text_of(arguments, 0);
    text::validate(document)?;
    Ok(match operation {
        "in" => document.to_owned(),
        "typeof" => text::type_name(document)?.to_owned(),
        "length" => text::array_length(document)?.to_string(),
        "keys" => text::object_keys(document)?.join(";"),
        "each" => {
            let fields = text::object_fields(document)?;
            fields.iter().map(|(name, value)| format!("{name}={}", value.raw)).collect::<Vec<_>>().join(";")
        }
        "each_text" => {
            let fields = text::object_fields(document)?;
            fields
                .iter()
                .map(|(name, value)| format!("{name}={}", value.text().unwrap_or("<NULL>".into())))
                .collect::<Vec<_>>()
                .join(";")
        }
        "elements" => {
            let elements = text::array_elements(document)?;
            elements.iter().map(|value| value.raw).collect::<Vec<_>>().join(";")
        }
        "elements_text" => {
            let elements = text::array_elements_text(document)?;
            elements.iter().map(|value| value.text().unwrap_or("<NULL>".into())).collect::<Vec<_>>().join(";")
        }
        "strip" => text::strip_nulls(document)?,
        "field" => or_null(text::path(document, &[Step::Key(text_of(arguments, 1))])?.map(|field| field.raw)),
        "field_text" => {
            or_null(text::path(document, &[Step::Key(text_of(arguments, 1))])?.and_then(|field| field.text()))
        }
        "element" => {
            let index = text_of(arguments, 1).parse().unwrap();
            or_null(text::path(document, &[Step::Index(index)])?.map(|field| field.raw))
        }
        "path" | "path_text" => {
            let steps = list(arguments, 1);
            let Some(steps) = steps.into_iter().map(|step| step.map(Step::Text)).collect::<Option<Vec<_>>>()
            else {
                return Ok("<NULL>".to_owned());
            };
            let found = text::path(document, &steps)?;
            if operation == "path" {
                or_null(found.map(|field| field.raw))
            } else {
                or_null(found.and_then(|field| field.text()))
            }
        }
        _ => panic!("no operation {operation}"),
    })
}

fn of_document(operation: &str, arguments: &Arguments) -> JsonResult<String> {
    let document = document(arguments, 0)?;
    let value = document.value();
    Ok(match operation {
        "in" => {
            let sent = [&[jsonb::VERSION], jsonb::text(value)?.as_bytes()].concat();
            assert_eq!(jsonb::receive(&sent)?.value(), value);
            assert_eq!(value.to_jsonb(), document);
            value.to_string()
        }
        "typeof" => value.type_name().to_owned(),
        "length" => value.array_length()?.to_string(),
        "keys" => value.object_keys()?.collect::<Vec<_>>().join(";"),
        "each" | "each_text" => {
            let function = if operation == "each" { "jsonb_each" } else { "jsonb_each_text" };
            let text = |value: Value<'_>| match operation {
                "each" => value.to_string(),
                _ => value.text().unwrap().unwrap_or("<NULL>".into()).into_owned(),
            };
            let fields = value.object_fields(function)?;
            fields.iter().map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(";")
        }
        "elements" => {
            value.array_elements()?.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(";")
        }
        "strip" => show(jsonb::strip_nulls(value)?),
        "pretty" => jsonb::pretty(value)?,
        "field" => shown(value.field(text_of(arguments, 1))),
        "field_text" => or_null(value.field(text_of(arguments, 1)).map(Value::text).transpose()?.flatten()),
        "element" => shown(value.element(text_of(arguments, 1).parse().unwrap())),
        "path" | "path_text" => {
            let Some(steps) = list(arguments, 1).into_iter().collect::<Option<Vec<_>>>() else {
                return Ok("<NULL>".to_owned());
            };
            let found = value.path(steps);
            if operation == "path" {
                shown(found)
            } else {
                or_null(found.map(Value::text).transpose()?.flatten())
            }
        }
        "exists" => jsonb::exists(value, text_of(arguments, 1)).to_string(),
        "exists_any" => jsonb::exists_any(value, list(arguments, 1)).to_string(),
        "exists_all" => jsonb::exists_all(value, list(arguments, 1)).to_string(),
        "contains" => jsonb::contains(value, self::document(arguments, 1)?.value())?.to_string(),
        "compare" => {
            let other = self::document(arguments, 1)?;
            let order = value.cmp(&other.value());
            assert_eq!(jsonb::key(value).cmp(&jsonb::key(other.value())), order, "key of {arguments:?}");
            (order as i8).to_string()
        }
        "bool" => value.to_bool()?.to_string(),
        "numeric" => value.to_number("numeric")?.text(),
        _ => panic!("no operation {operation}"),
    })
}

fn of_change(operation: &str, arguments: &Arguments) -> JsonResult<String> {
    let document = if arguments[0].is_some() { Some(document(arguments, 0)?) } else { None };
    let value = document.as_ref().map_or(Value::Null, Jsonb::value);
    let changed = match operation {
        "concat" => jsonb::concatenate(value, self::document(arguments, 1)?.value())?,
        "delete_key" => jsonb::delete_keys(value, [text_of(arguments, 1)])?,
        "delete_keys" => jsonb::delete_keys(value, list(arguments, 1).into_iter().flatten())?,
        "delete_index" => jsonb::delete_index(value, text_of(arguments, 1).parse().unwrap())?,
        "delete_path" => jsonb::delete_path(value, &list(arguments, 1))?,
        "set" | "insert" => {
            let new = self::document(arguments, 2)?;
            let flag = text_of(arguments, 3) == "true";
            let path = list(arguments, 1);
            let insertion = if flag { Insertion::After } else { Insertion::Before };
            match operation {
                "set" => jsonb::set(value, &path, new.value(), flag)?,
                _ => jsonb::insert(value, &path, new.value(), insertion)?,
            }
        }
        "set_lax" => {
            let new = if arguments[2].is_some() { Some(self::document(arguments, 2)?) } else { None };
            let path = list(arguments, 1);
            jsonb::set_lax(value, &path, new.as_ref().map(Jsonb::value), true, arguments[3].as_deref())?
        }
        "assign" => {
            let new = self::document(arguments, 2)?;
            let path = list(arguments, 1);
            let first_is_integer = path.first().is_some_and(|step| step.is_some_and(is_integer));
            jsonb::assign(document.as_ref().map(Jsonb::value), &path, new.value(), first_is_integer)?
        }
        _ => panic!("no operation {operation}"),
    };
    Ok(show(changed))
}

fn is_integer(step: &str) -> bool {
    step.parse::<i32>().is_ok_and(|number| number.to_string() == step)
}

/// Arguments as `kind:text`: the kinds are n(ull), b(oolean), d(ecimal), t(ext), j(son), J(sonb).
fn rendered<'a>(
    arguments: &'a Arguments,
    documents: &'a mut Vec<Option<Jsonb>>,
) -> JsonResult<Vec<Rendered<'a>>> {
    for argument in arguments.iter().flatten() {
        documents.push(match argument.strip_prefix("J:") {
            Some(text) => Some(jsonb::parse(text)?),
            None => None,
        });
    }
    let rendered = arguments.iter().flatten().zip(documents.iter()).map(|(argument, document)| {
        let text = &argument[2..];
        match &argument[..1] {
            "n" => Rendered::Null,
            "b" => Rendered::Bool(text == "true"),
            "d" => Rendered::Number(text),
            "t" => Rendered::Text(text),
            "j" => Rendered::Json(text),
            _ => Rendered::Jsonb(document.as_ref().unwrap().value()),
        }
    });
    Ok(rendered.collect())
}

fn of_build(operation: &str, arguments: &Arguments) -> JsonResult<String> {
    if let Some(count) = operation.strip_prefix("object_texts") {
        let columns = match count {
            "1" => None,
            count => Some(count[1..].parse::<usize>().unwrap()),
        };
        let elements = list(arguments, 0);
        let flat = [elements.len()];
        let rows = [elements.len() / columns.unwrap_or(1).max(1), columns.unwrap_or(1)];
        let dimensions: &[usize] = match columns {
            _ if elements.is_empty() => &[],
            None => &flat,
            Some(_) => &rows,
        };
        let one = TextArray { dimensions, elements: &elements };
        return Ok(format!("{} {}", build::json_object(one, None)?, show(build::jsonb_object(one, None)?)));
    }
    if operation == "object_pairs" {
        let (names, values) = (list(arguments, 0), list(arguments, 1));
        let (name_count, value_count) = ([names.len()], [values.len()]);
        let one =
            TextArray { dimensions: if names.is_empty() { &[] } else { &name_count }, elements: &names };
        let two =
            TextArray { dimensions: if values.is_empty() { &[] } else { &value_count }, elements: &values };
        return Ok(format!(
            "{} {}",
            build::json_object(one, Some(two))?,
            show(build::jsonb_object(one, Some(two))?)
        ));
    }
    let mut documents = Vec::new();
    let values = rendered(arguments, &mut documents)?;
    Ok(match operation {
        "array" => build::json_build_array(values)?,
        "arrayb" => show(build::jsonb_build_array(values)?),
        "object" => build::json_build_object(&values)?,
        "objectb" => show(build::jsonb_build_object(&values)?),
        "one" => {
            let mut out = String::new();
            values[0].write(&mut out)?;
            out
        }
        "oneb" => show(build::to_jsonb(values[0])?),
        "agg" => {
            let mut aggregate = build::ArrayAggregate::default();
            values.into_iter().try_for_each(|value| aggregate.add(value, false))?;
            or_null(aggregate.finish())
        }
        "aggb" => {
            let mut aggregate = build::BinaryAggregate::default();
            values.into_iter().try_for_each(|value| aggregate.add(value))?;
            or_null(aggregate.finish()?.map(show))
        }
        "object_agg" => {
            let mut aggregate = build::ObjectAggregate::default();
            values.chunks_exact(2).try_for_each(|pair| aggregate.add(pair[0], pair[1]))?;
            or_null(aggregate.finish())
        }
        "object_aggb" => {
            let mut aggregate = build::BinaryAggregate::default();
            values.chunks_exact(2).try_for_each(|pair| aggregate.add_field(pair[0], pair[1]))?;
            or_null(aggregate.finish()?.map(show))
        }
        _ => panic!("no operation {operation}"),
    })
}
