//! Documents as rows of a type: `json_populate_record`, `json_to_record` and those that return rows.
//!
//! A field that the document lacks keeps the value of the row that is given, a null becomes null, and all else becomes a value
//! of its column's type: arrays and objects part by part, the rest by its text.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource, kind_of};
use crate::kernel::loops::internal;
use diagnostic::SqlState;
use json::Value as Binary;
use json::text as plain;
use std::borrow::Cow;
use types::array::{ArrayBuilder, DIMENSIONS_MAX, Dimension};
use types::catalog::{Column, Form, oid, type_name};
use types::record::{RecordView, record};
use types::vector::VectorBuilder;
use types::{Item, Kind, Type, Value, Vector};

/// A document or a part of one.
#[derive(Clone)]
enum Document<'d> {
    /// `json`: as it is written, and what it says if it is a string.
    Plain { raw: &'d str, string: Option<Cow<'d, str>> },
    /// `jsonb`
    Binary(Binary<'d>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Null,
    String,
    Array,
    Object,
    Scalar,
}

impl<'d> Document<'d> {
    fn of(item: &Item<'d>, binary: bool) -> FunctionResult<Document<'d>> {
        let Item::Bytes(bytes) = item else { return Err(internal("a document of another kind")) };
        if binary {
            return Ok(Document::Binary(Binary::from_bytes(bytes)));
        }
        let raw = crate::kernel::loops::text(bytes)?.trim_matches([' ', '\t', '\n', '\r']);
        Ok(Document::Plain { raw, string: None })
    }

    fn of_field(field: plain::Field<'d>) -> Document<'d> {
        let string = if field.raw.starts_with('"') { field.text() } else { None };
        Document::Plain { raw: field.raw, string }
    }

    fn shape(&self) -> Shape {
        match self {
            Document::Plain { raw, .. } => match raw.as_bytes().first() {
                Some(b'n') => Shape::Null,
                Some(b'"') => Shape::String,
                Some(b'[') => Shape::Array,
                Some(b'{') => Shape::Object,
                _ => Shape::Scalar,
            },
            Document::Binary(value) => match value {
                Binary::Null => Shape::Null,
                Binary::String(_) => Shape::String,
                Binary::Array(_) => Shape::Array,
                Binary::Object(_) => Shape::Object,
                Binary::Bool(_) | Binary::Number(_) => Shape::Scalar,
            },
        }
    }

    fn elements(&self) -> FunctionResult<Vec<Document<'d>>> {
        Ok(match self {
            Document::Plain { raw, .. } => {
                plain::array_elements_text(raw)?.into_iter().map(Document::of_field).collect()
            }
            Document::Binary(value) => value.array_elements()?.iter().map(Document::Binary).collect(),
        })
    }

    /// The field of a name; of a name that comes twice the last.
    fn fields(&self) -> FunctionResult<Vec<(Cow<'d, str>, Document<'d>)>> {
        Ok(match self {
            Document::Plain { raw, .. } => plain::object_fields(raw)?
                .into_iter()
                .map(|(name, field)| (name, Document::of_field(field)))
                .collect(),
            Document::Binary(value) => value
                .object_fields("populate_composite")?
                .iter()
                .map(|(name, value)| (Cow::Borrowed(name), Document::Binary(value)))
                .collect(),
        })
    }

    /// As `json` text.
    fn raw(&self) -> FunctionResult<String> {
        Ok(match self {
            Document::Plain { raw, .. } => (*raw).to_owned(),
            Document::Binary(value) => {
                let mut shown = String::new();
                json::jsonb::write(*value, &mut shown)?;
                shown
            }
        })
    }

    /// Its text, without quotes if it is a string.
    fn text(&self) -> FunctionResult<String> {
        Ok(match self {
            Document::Plain { string: Some(string), .. } => string.clone().into_owned(),
            Document::Binary(Binary::String(string)) => (*string).to_owned(),
            Document::Plain { .. } | Document::Binary(_) => self.raw()?,
        })
    }
}

/// Where a part stands, for hints.
struct Place<'p> {
    key: &'p str,
    /// The row that is there already.
    base: Option<RecordView<'p>>,
}

/// An array in the making.
struct Elements<'d> {
    documents: Vec<Document<'d>>,
    /// How many dimensions it has, once that is known.
    dimensions: Option<usize>,
    sizes: Vec<Option<usize>>,
    /// The places of the elements that are being looked at.
    at: Vec<usize>,
}

fn not_on(what: &str) -> FunctionError {
    let message = format!("cannot call populate_composite on {what}");
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

impl Elements<'_> {
    fn expected_array(&self, place: &Place<'_>) -> FunctionError {
        let places: String = self.at.iter().map(|at| format!("[{at}]")).collect();
        let hint = match (places.is_empty(), place.key.is_empty()) {
            (true, true) => None,
            (true, false) => Some(format!("See the value of key \"{}\".", place.key)),
            (false, true) => Some(format!("See the array element {places}.")),
            (false, false) => Some(format!("See the array element {places} of key \"{}\".", place.key)),
        };
        let message = "expected JSON array".to_owned();
        FunctionError::Plain { state: SqlState::InvalidTextRepresentation, message, detail: None, hint }
    }
}

fn too_many_dimensions(count: usize) -> FunctionError {
    let message =
        format!("number of array dimensions ({count}) exceeds the maximum allowed ({DIMENSIONS_MAX})");
    FunctionError::plain(SqlState::ProgramLimitExceeded, message)
}

/// Appends the elements of an array, and of arrays in it as long as these are dimensions.
fn gather<'d>(elements: &mut Elements<'d>, array: &Document<'d>, place: &Place<'_>) -> FunctionResult<()> {
    let level = elements.at.len() + 1;
    if level > DIMENSIONS_MAX {
        return Err(too_many_dimensions(level));
    }
    let parts = array.elements()?;
    if elements.sizes.len() < level {
        elements.sizes.push(None);
    }
    elements.at.push(0);
    for (index, part) in parts.iter().enumerate() {
        elements.at[level - 1] = index;
        let inner = elements.dimensions.is_none_or(|dimensions| level < dimensions);
        if part.shape() == Shape::Array && inner {
            gather(elements, part, place)?;
            continue;
        }
        if elements.dimensions.is_some_and(|dimensions| level < dimensions) {
            return Err(elements.expected_array(place));
        }
        elements.dimensions = Some(level);
        elements.documents.push(part.clone());
    }
    elements.at.pop();
    elements.dimensions.get_or_insert(level);
    match elements.sizes[level - 1] {
        Some(size) if size != parts.len() => Err(FunctionError::detailed(
            SqlState::InvalidTextRepresentation,
            "malformed JSON array",
            "Multidimensional arrays must have sub-arrays with matching dimensions.",
        )),
        _ => {
            elements.sizes[level - 1] = Some(parts.len());
            Ok(())
        }
    }
}

fn value(
    context: &Context<'_>,
    of: Type,
    document: &Document<'_>,
    place: &Place<'_>,
) -> FunctionResult<Value> {
    let shape = document.shape();
    if shape == Shape::Null {
        return Ok(Value::Null);
    }
    let base = context.types.undomained(of);
    if shape != Shape::String
        && let Some(element) = context.types.element_of(base.oid)
    {
        return array(context, Type { oid: element, modifier: base.modifier }, document, place);
    }
    let form = context.types.entry(base.oid).map(|entry| entry.form);
    match (form, base.oid) {
        (Some(Form::Composite), composite) if shape != Shape::String => {
            let columns = context.types.columns(composite).unwrap_or_default();
            Ok(Value::Bytes(row(context, columns, document, place.base)?.into()))
        }
        (_, oid::JSON) => Ok(Value::text(&document.raw()?)),
        (_, oid::JSONB) => match document {
            Document::Binary(value) => Ok(Value::Bytes(value.to_jsonb().as_bytes().into())),
            Document::Plain { raw, .. } => Ok(Value::Bytes(json::jsonb::parse(raw)?.as_bytes().into())),
        },
        _ => Ok(types::text::input(context.types, of, &document.text()?, context.text)?),
    }
}

fn array(
    context: &Context<'_>,
    element: Type,
    document: &Document<'_>,
    place: &Place<'_>,
) -> FunctionResult<Value> {
    let mut elements =
        Elements { documents: Vec::new(), dimensions: None, sizes: Vec::new(), at: Vec::new() };
    if document.shape() != Shape::Array {
        return Err(elements.expected_array(place));
    }
    gather(&mut elements, document, place)?;
    let mut builder = ArrayBuilder::new(element.oid, kind_of(context, element)?);
    for document in &elements.documents {
        let inner = Place { key: place.key, base: None };
        builder.push(&Item::from(&value(context, element, document, &inner)?));
    }
    let dimension = |size: &Option<usize>| Dimension { length: size.unwrap_or(0) as i32, lower: 1 };
    let dimensions: Vec<Dimension> =
        elements.sizes.iter().take(elements.dimensions.unwrap_or(0)).map(dimension).collect();
    if builder.is_empty() {
        return Ok(Value::Bytes(builder.finish(&[]).into()));
    }
    Ok(Value::Bytes(builder.finish(&dimensions).into()))
}

/// A row of these columns; what the document lacks is taken from `base`.
fn values(
    context: &Context<'_>,
    columns: &[Column],
    document: &Document<'_>,
    base: Option<RecordView<'_>>,
) -> FunctionResult<Vec<Value>> {
    let fields = match document.shape() {
        Shape::Object => document.fields()?,
        Shape::Array => return Err(not_on("an array")),
        Shape::Null | Shape::String | Shape::Scalar => return Err(not_on("a scalar")),
    };
    let mut values = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        let field = fields.iter().rev().find(|(name, _)| !column.dropped && **name == *column.name);
        values.push(match field {
            Some((name, document)) => {
                let base = base.and_then(|base| match base.item(index) {
                    Item::Bytes(bytes) => RecordView::new(bytes),
                    _ => None,
                });
                value(context, column.column_type, document, &Place { key: name, base })?
            }
            None => base.map_or(Value::Null, |base| base.item(index).to_value()),
        });
    }
    Ok(values)
}

fn row(
    context: &Context<'_>,
    columns: &[Column],
    document: &Document<'_>,
    base: Option<RecordView<'_>>,
) -> FunctionResult<Vec<u8>> {
    let values = values(context, columns, document, base)?;
    let mut items: Vec<(u32, Kind, Item<'_>)> = Vec::with_capacity(columns.len());
    for (column, value) in columns.iter().zip(&values) {
        items.push((column.column_type.oid, kind_of(context, column.column_type)?, Item::from(value)));
    }
    Ok(record(&items))
}

/// The arguments of a call: the row that is given, if any, and the document.
struct Call<'a> {
    base: Option<&'a Vector>,
    documents: &'a Vector,
    binary: bool,
    columns: Vec<Column>,
}

fn call<'a>(context: &Context<'_>, arguments: &'a Arguments<'_>) -> FunctionResult<Call<'a>> {
    let name = arguments.site.function.name;
    let base = name.contains("populate").then(|| &arguments.vectors[0]);
    let documents = &arguments.vectors[usize::from(base.is_some())];
    let result = context.types.undomained(arguments.site.result).oid;
    let columns = match context.types.columns(result) {
        Some(columns) => columns.to_vec(),
        None if result == oid::RECORD => anonymous(context, arguments, base)?,
        None => {
            let message = format!("first argument of {name} must be a row type");
            return Err(FunctionError::plain(SqlState::DatatypeMismatch, message));
        }
    };
    Ok(Call { base, documents, binary: name.starts_with("jsonb"), columns })
}

/// The columns of a `record`: those that the query says, which those of a row that is given must be, or else that row's.
fn anonymous(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    base: Option<&Vector>,
) -> FunctionResult<Vec<Column>> {
    let said = &arguments.site.columns;
    let given = (0..arguments.rows).find_map(|row| base_of(base, row));
    let Some(given) = given else {
        if said.is_empty() {
            return Err(FunctionError::hinted(
                SqlState::FeatureNotSupported,
                format!("could not determine row type for result of {}", arguments.site.function.name),
                "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.",
            ));
        }
        return Ok(said.to_vec());
    };
    let of = |place: usize| Type::of(given.column_type(place).unwrap_or(0));
    if said.is_empty() {
        let column =
            |place: usize| Column { name: format!("f{}", place + 1), column_type: of(place), dropped: false };
        return Ok((0..given.len()).map(column).collect());
    }
    let unlike = |detail: String| {
        let message = "function return row and query-specified return row do not match";
        Err(FunctionError::detailed(SqlState::DatatypeMismatch, message, detail))
    };
    if given.len() != said.len() {
        let plural = if given.len() == 1 { "" } else { "s" };
        return unlike(format!(
            "Returned row contains {} attribute{plural}, but query expects {}.",
            given.len(),
            said.len()
        ));
    }
    for (place, column) in said.iter().enumerate() {
        let (found, wanted) = (of(place).oid, column.column_type.oid);
        if found != wanted {
            let shown = |of: u32| type_name(context.types, of, None);
            return unlike(format!(
                "Returned type {} at ordinal position {}, but query expects {}.",
                shown(found),
                place + 1,
                shown(wanted)
            ));
        }
    }
    Ok(said.to_vec())
}

fn base_of<'a>(base: Option<&'a Vector>, row: usize) -> Option<RecordView<'a>> {
    match base.map(|base| base.item(row)) {
        Some(Item::Bytes(bytes)) => RecordView::new(bytes),
        _ => None,
    }
}

pub(crate) fn populate_record(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let call = call(context, arguments)?;
    let mut builder = VectorBuilder::new(Kind::Bytes, arguments.rows);
    for at in 0..arguments.rows {
        let item = call.documents.item(at);
        if item.is_null() {
            builder.push_item(&call.base.map_or(Item::Null, |base| base.item(at)))?;
            continue;
        }
        let document = Document::of(&item, call.binary)?;
        builder.push_bytes(&row(context, &call.columns, &document, base_of(call.base, at))?)?;
    }
    Ok(builder.finish())
}

pub(crate) fn populate_recordset(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    at: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let call = call(context, arguments)?;
    let item = call.documents.item(at);
    if item.is_null() {
        return Ok(Made::source(Vec::new()));
    }
    let document = Document::of(&item, call.binary)?;
    let name = arguments.site.function.name;
    let wrong = |message: String| FunctionError::plain(SqlState::InvalidParameterValue, message);
    match (document.shape(), call.binary) {
        (Shape::Array, _) => {}
        (_, true) => return Err(wrong(format!("cannot call {name} on a non-array"))),
        (Shape::Object, false) => return Err(wrong(format!("cannot call {name} on an object"))),
        (_, false) => return Err(wrong(format!("cannot call {name} on a scalar"))),
    }
    let mut builder = VectorBuilder::new(Kind::Bytes, 1);
    for element in document.elements()? {
        if element.shape() != Shape::Object {
            return Err(wrong(format!("argument of {name} must be an array of objects")));
        }
        builder.push_bytes(&row(context, &call.columns, &element, base_of(call.base, at))?)?;
    }
    Ok(Made::source(vec![builder.finish()]))
}
