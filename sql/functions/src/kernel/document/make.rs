//! Documents out of values of any type.

use super::access::texts;
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, internal, text};
use diagnostic::SqlState;
use diagnostic::room;
use json::Jsonb;
use json::build::{self, Layout, Rendered, TextArray};
use types::array::ArrayView;
use types::catalog::{Category, Form, oid};
use types::record::RecordView;
use types::{Item, Type, Vector};

/// How deep arrays and rows may lie in each other.
const DEPTH_MAX: usize = 1000;

/// A value on its way into a document, with the text that it needs.
#[derive(Clone)]
pub(super) enum Owned {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Json(String),
    Jsonb(Jsonb),
}

impl Owned {
    /// Bytes that it holds.
    pub(super) fn size(&self) -> usize {
        match self {
            Owned::Null | Owned::Bool(_) => 0,
            Owned::Number(text) | Owned::Text(text) | Owned::Json(text) => text.len(),
            Owned::Jsonb(value) => value.as_bytes().len(),
        }
    }

    pub(super) fn rendered(&self) -> Rendered<'_> {
        match self {
            Owned::Null => Rendered::Null,
            Owned::Bool(value) => Rendered::Bool(*value),
            Owned::Number(text) => Rendered::Number(text),
            Owned::Text(text) => Rendered::Text(text),
            Owned::Json(text) => Rendered::Json(text),
            Owned::Jsonb(value) => Rendered::Jsonb(value.value()),
        }
    }
}

/// What a value becomes; moments are written as ISO 8601 has them.
pub(super) fn owned(context: &Context<'_>, of: Type, item: &Item<'_>) -> FunctionResult<Owned> {
    owned_at(context, of, item, Layout::Compact, 0)
}

fn owned_at(
    context: &Context<'_>,
    of: Type,
    item: &Item<'_>,
    layout: Layout,
    depth: usize,
) -> FunctionResult<Owned> {
    if depth > DEPTH_MAX {
        return Err(FunctionError::plain(SqlState::StatementTooComplex, "stack depth limit exceeded"));
    }
    let of = context.types.undomained(of);
    let entry = context.types.entry(of.oid);
    Ok(match (item, of.oid) {
        (Item::Null, _) => Owned::Null,
        (Item::Bool(value), _) => Owned::Bool(*value),
        (Item::Bytes(bytes), oid::JSON) => Owned::Json(text(bytes)?.to_owned()),
        (Item::Bytes(bytes), oid::JSONB) => Owned::Jsonb(Jsonb::from_bytes(bytes.to_vec())),
        (Item::Bytes(bytes), _) if context.types.element_of(of.oid).is_some() => {
            Owned::Json(array(context, of, bytes, layout, depth)?)
        }
        (Item::Bytes(bytes), _)
            if of.oid == oid::RECORD || entry.is_some_and(|entry| entry.form == Form::Composite) =>
        {
            Owned::Json(record(context, of, bytes, Layout::Compact, depth)?)
        }
        (Item::Int32(_) | Item::Int64(_), oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ) => {
            let mut settings = context.text.clone();
            settings.datetime.date_style = datetime::DateStyle::Iso;
            let mut shown = String::new();
            types::text::output(context.types, of, item, &settings, &mut shown)?;
            Owned::Text(moment(shown, of.oid == oid::TIMESTAMPTZ))
        }
        (item, _) => {
            let mut shown = String::new();
            types::text::output(context.types, of, item, context.text, &mut shown)?;
            let number = entry.is_some_and(|entry| {
                entry.category == Category::Numeric
                    && matches!(
                        of.oid,
                        oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8 | oid::NUMERIC
                    )
            });
            if number { Owned::Number(shown) } else { Owned::Text(shown) }
        }
    })
}

/// `T` between date and time, minutes in the zone.
fn moment(text: String, zoned: bool) -> String {
    let (body, era) = match text.strip_suffix(" BC") {
        Some(body) => (body, " BC"),
        None => (text.as_str(), ""),
    };
    let mut made = body.replacen(' ', "T", 1);
    let zone = made.rfind(['+', '-']).filter(|at| zoned && made.contains('T') && *at > 10);
    if zone.is_some_and(|at| made.len() - at == 3) {
        made.push_str(":00");
    }
    made + era
}

/// The elements of an array of rows have their columns from the array's modifier.
fn array(
    context: &Context<'_>,
    of: Type,
    bytes: &[u8],
    layout: Layout,
    depth: usize,
) -> FunctionResult<String> {
    let view = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
    let element = Type { oid: view.element_type(), modifier: of.modifier };
    let values: FunctionResult<Vec<Owned>> =
        view.items().map(|item| owned_at(context, element, &item, Layout::Compact, depth + 1)).collect();
    let lengths: Vec<usize> = view.dimensions().map(|dimension| dimension.length.max(0) as usize).collect();
    let mut parts: Vec<String> = values?
        .iter()
        .map(|value| {
            let mut out = String::new();
            value.rendered().write(&mut out)?;
            Ok(out)
        })
        .collect::<FunctionResult<_>>()?;
    // Inner dimensions become arrays in arrays, the innermost first.
    for (place, length) in lengths.iter().enumerate().skip(1).rev() {
        let _ = place;
        room(0, parts.iter().map(|part| part.len() + 3).sum())?;
        parts = parts.chunks((*length).max(1)).map(|chunk| format!("[{}]", chunk.join(","))).collect();
    }
    Ok(build::array(parts.iter().map(|part| Rendered::Json(part)), layout)?)
}

fn record(
    context: &Context<'_>,
    of: Type,
    bytes: &[u8],
    layout: Layout,
    depth: usize,
) -> FunctionResult<String> {
    let view = RecordView::new(bytes).ok_or_else(|| internal("damaged record"))?;
    let named = match of.oid {
        oid::RECORD => context.types.record_columns(of.modifier),
        _ => None,
    };
    let columns = named.as_deref().or_else(|| context.types.columns(of.oid));
    let mut fields = Vec::with_capacity(view.len());
    for place in 0..view.len().max(columns.map_or(0, <[_]>::len)) {
        let column = columns.and_then(|columns| columns.get(place));
        if column.is_some_and(|column| column.dropped) {
            continue;
        }
        let name = column.map_or_else(|| format!("f{}", place + 1), |column| column.name.clone());
        let of = Type::of(view.column_type(place).unwrap_or(oid::TEXT));
        fields.push((name, owned_at(context, of, &view.item(place), Layout::Compact, depth + 1)?));
    }
    Ok(build::row(fields.iter().map(|(name, value)| (name.as_str(), value.rendered())), layout)?)
}

pub(crate) fn to_json(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = arguments.type_of(0);
    collect::<String>(arguments.rows, |row| {
        let mut out = String::new();
        owned(context, of, &arguments.vectors[0].item(row))?.rendered().write(&mut out)?;
        Ok(out)
    })
}

pub(crate) fn to_jsonb(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = arguments.type_of(0);
    collect::<Jsonb>(arguments.rows, |row| {
        Ok(build::to_jsonb(owned(context, of, &arguments.vectors[0].item(row))?.rendered())?)
    })
}

/// An array or a row, its parts on lines of their own if the second argument says so.
fn laid_out(context: &Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let of = context.types.undomained(arguments.type_of(0));
    let is_array = context.types.element_of(of.oid).is_some();
    let lines = match arguments.vectors.len() {
        1 => None,
        _ => Some(argument::<bool>(arguments, 1)?),
    };
    let documents = argument::<&[u8]>(arguments, 0)?;
    collect::<String>(arguments.rows, |row| {
        let pretty = lines.as_ref().map(|lines| lines.at(row)).transpose()?.unwrap_or(false);
        let layout = if pretty { Layout::Lines } else { Layout::Compact };
        match is_array {
            true => array(context, of, documents.at(row)?, layout, 0),
            false => record(context, of, documents.at(row)?, layout, 0),
        }
    })
}

macro_rules! layouts {
    ($($name:ident ($of:ident);)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            laid_out(context, arguments)
        })*
    };
}

// kernel: scalar
layouts! {
    array_to_json (array);
    array_to_json_pretty (array);
    row_to_json (record);
    row_to_json_pretty (record);
}

/// All arguments of a row, those of a `VARIADIC` array among them; `None` if that is null.
fn all(context: &Context<'_>, arguments: &Arguments<'_>, row: usize) -> FunctionResult<Option<Vec<Owned>>> {
    if !arguments.site.variadic {
        let each =
            |(place, vector): (usize, &Vector)| owned(context, arguments.type_of(place), &vector.item(row));
        return arguments.vectors.iter().enumerate().map(each).collect::<FunctionResult<_>>().map(Some);
    }
    match arguments.vectors.first().map(|vector| vector.item(row)) {
        Some(Item::Bytes(bytes)) => {
            let view = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
            let element = Type::of(view.element_type());
            view.items().map(|item| owned(context, element, &item)).collect::<FunctionResult<_>>().map(Some)
        }
        _ => Ok(None),
    }
}

macro_rules! builders {
    ($($name:ident, $result:ty, |$values:ident| $body:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            collect::<Option<$result>>(arguments.rows, |row| {
                let Some(values) = all(context, arguments, row)? else { return Ok(None) };
                let $values: Vec<Rendered<'_>> = values.iter().map(Owned::rendered).collect();
                Ok(Some($body))
            })
        })*
    };
}

// kernel: scalar
builders! {
    json_build_array, String, |values| build::json_build_array(values)?;
    json_build_array_noargs, String, |values| build::json_build_array(values)?;
    jsonb_build_array, Jsonb, |values| build::jsonb_build_array(values)?;
    jsonb_build_array_noargs, Jsonb, |values| build::jsonb_build_array(values)?;
    json_build_object, String, |values| build::json_build_object(&values)?;
    json_build_object_noargs, String, |values| build::json_build_object(&values)?;
    jsonb_build_object, Jsonb, |values| build::jsonb_build_object(&values)?;
    jsonb_build_object_noargs, Jsonb, |values| build::jsonb_build_object(&values)?;
}

/// An object of one array of texts or of two.
fn object<R: crate::kernel::loops::Give>(
    arguments: &Arguments<'_>,
    make: impl Fn(TextArray<'_>, Option<TextArray<'_>>) -> FunctionResult<R>,
) -> FunctionResult<Vector> {
    let lengths = |view: &ArrayView<'_>| -> Vec<usize> {
        view.dimensions().map(|dimension| dimension.length.max(0) as usize).collect()
    };
    collect::<R>(arguments.rows, |row| {
        let one = argument::<ArrayView<'_>>(arguments, 0)?.at(row)?;
        let (one_lengths, one_texts) = (lengths(&one), texts(&one)?);
        let one = TextArray { dimensions: &one_lengths, elements: &one_texts };
        if arguments.vectors.len() < 2 {
            return make(one, None);
        }
        let two = argument::<ArrayView<'_>>(arguments, 1)?.at(row)?;
        let (two_lengths, two_texts) = (lengths(&two), texts(&two)?);
        make(one, Some(TextArray { dimensions: &two_lengths, elements: &two_texts }))
    })
}

macro_rules! objects {
    ($($name:ident, $make:expr;)*) => {
        $(pub(crate) fn $name(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            object(arguments, |one, two| Ok($make(one, two)?))
        })*
    };
}

// kernel: scalar
objects! {
    json_object, build::json_object;
    json_object_two_arg, build::json_object;
    jsonb_object, build::jsonb_object;
    jsonb_object_two_arg, build::jsonb_object;
}

/// Whether values of a type are written on lines of their own by `json_agg`.
pub(super) fn is_composite(context: &Context<'_>, of: Type) -> bool {
    let of = context.types.undomained(of);
    of.oid == oid::RECORD
        || context.types.element_of(of.oid).is_some()
        || context.types.entry(of.oid).is_some_and(|entry| entry.form == Form::Composite)
}
