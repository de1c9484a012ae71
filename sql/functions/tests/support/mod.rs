//! A small binder and a world for tests: literals become arguments, arguments find a function, the answer becomes text.

use datetime::TimestampTz;
use diagnostic::Diagnostic;
use functions::evaluate::{Groups, Site, cast, fit};
use functions::resolve::Source;
use functions::table;
use functions::{
    Argument, Cache, CastContext, Context, FunctionError, FunctionResult, Resolution, ResolveError, Session,
    SessionFunction, find_cast, resolve_function, resolve_operator,
};
use types::catalog::{builtin_named, oid};
use types::text::TextSettings;
use types::{BuiltinTypes, Item, Kind, Type, Types, Value, Vector};

/// A session that knows nothing but a clock.
pub struct World {
    random: Option<[u64; 2]>,
    text: TextSettings,
    cache: Cache,
}

impl Default for World {
    fn default() -> World {
        // 2024-03-10 12:34:56.789012 UTC
        World {
            random: None,
            text: TextSettings::new(TimestampTz(763_389_296_789_012)),
            cache: Cache::default(),
        }
    }
}

struct NoSession<'a>(&'a mut Option<[u64; 2]>);

impl Session for NoSession<'_> {
    fn call(&mut self, function: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Value> {
        Err(FunctionError::Unsupported(function.source().to_owned()))
    }

    fn rows(&mut self, function: SessionFunction, _: &Site, _: &[Item<'_>]) -> FunctionResult<Vec<Vector>> {
        Err(FunctionError::Unsupported(function.source().to_owned()))
    }

    fn clock(&mut self) -> TimestampTz {
        TimestampTz(763_389_297_000_000)
    }

    fn entropy(&mut self) -> FunctionResult<u64> {
        Ok(42)
    }

    fn random_state(&mut self) -> &mut Option<[u64; 2]> {
        self.0
    }

    fn sleep(&mut self, _: f64) -> FunctionResult<()> {
        Ok(())
    }

    fn notice(&mut self, _: Box<dyn Diagnostic>) {}
}

impl World {
    /// Runs something in a context.
    pub fn with<R>(&mut self, run: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let mut session = NoSession(&mut self.random);
        let mut context = Context {
            types: &BuiltinTypes,
            text: &self.text,
            statement_time: self.text.datetime.now,
            session: &mut session,
            cache: &mut self.cache,
            room: usize::MAX,
        };
        run(&mut context)
    }
}

/// What became of a call.
pub enum Outcome {
    /// Its text.
    Answer(String),
    /// SQLSTATE and message.
    Error(String, String),
}

/// What went wrong.
pub enum Problem {
    Resolve(ResolveError),
    Function(FunctionError),
}

impl From<ResolveError> for Problem {
    fn from(error: ResolveError) -> Problem {
        Problem::Resolve(error)
    }
}

impl From<FunctionError> for Problem {
    fn from(error: FunctionError) -> Problem {
        Problem::Function(error)
    }
}

/// A type by its catalog name, a modifier in parentheses in PostgreSQL's encoding.
fn type_of(name: &str) -> Type {
    let (name, modifier) = match name.split_once('(') {
        Some((name, rest)) => (name, rest.trim_end_matches(')').parse().expect("a modifier")),
        None => (name, -1),
    };
    let entry = builtin_named(name).unwrap_or_else(|| panic!("no type {name}"));
    Type { oid: entry.oid, modifier }
}

struct Literal {
    of: Type,
    value: Value,
}

fn literal(context: &Context<'_>, text: &str) -> Result<Literal, Problem> {
    let (name, text) = match text.split_once(' ') {
        Some((name, text)) => (name, Some(text)),
        None => (text, None),
    };
    let of = type_of(name);
    let value = match text {
        None => Value::Null,
        Some(text) => {
            types::text::input(context.types, of, text, context.text).map_err(FunctionError::from)?
        }
    };
    Ok(Literal { of, value })
}

fn kind(of: Type) -> Kind {
    BuiltinTypes.entry(of.oid).and_then(|entry| entry.kind).unwrap_or(Kind::Bytes)
}

/// A constant cast to what a function wants.
fn prepared(context: &mut Context<'_>, literal: &Literal, to: u32) -> Result<(Type, Vector), Problem> {
    if literal.of.oid == oid::UNKNOWN {
        let of = Type::of(if to == oid::ANY { oid::TEXT } else { to });
        let value = match &literal.value {
            Value::Bytes(bytes) => {
                let text = std::str::from_utf8(bytes).expect("text");
                types::text::input(context.types, of, text, context.text).map_err(FunctionError::from)?
            }
            _ => Value::Null,
        };
        return Ok((of, Vector::constant(kind(of), &value, 1).expect("room")));
    }
    let vector = Vector::constant(kind(literal.of), &literal.value, 1).expect("room");
    if literal.of.oid == to {
        return Ok((literal.of, vector));
    }
    let found = find_cast(context.types, literal.of.oid, to, CastContext::Implicit).expect("a cast");
    Ok((Type::of(to), cast(context, &found, (literal.of, Type::of(to)), false, &vector)?))
}

fn show(context: &Context<'_>, of: Type, vector: &Vector, row: usize) -> Result<String, Problem> {
    if vector.is_null(row) {
        return Ok("NULL".to_owned());
    }
    let mut text = String::new();
    types::text::output(context.types, of, &vector.item(row), context.text, &mut text)
        .map_err(FunctionError::from)?;
    Ok(text)
}

fn call(context: &mut Context<'_>, name: &str, literals: &[Literal], set: bool) -> Result<String, Problem> {
    let arguments: Vec<Argument<'_>> =
        literals.iter().map(|literal| Argument { of: literal.of.oid, name: None }).collect();
    let candidates = functions::resolve::builtin_candidates(name, 0);
    let type_named = builtin_named(name).map(|entry| entry.oid);
    let found = match resolve_function(context.types, name, &candidates, &arguments, false, type_named)? {
        Resolution::Call(found) => found,
        Resolution::Cast(to) => return explicit(context, &literals[0], Type::of(to)),
    };
    let entry = table::function(found.function.0).expect("in the table");
    let mut vectors = Vec::new();
    let mut types = Vec::new();
    for (source, to) in found.sources.iter().zip(&found.arguments) {
        let (of, vector) = match source {
            Source::Given(at) => prepared(context, &literals[*at], *to)?,
            Source::Default(slot) => {
                let text = entry.defaults[slot + entry.defaults.len() - entry.arguments.len()];
                let default = Literal { of: Type::of(oid::UNKNOWN), value: Value::text(text) };
                prepared(context, &default, *to)?
            }
        };
        types.push(of);
        vectors.push(vector);
    }
    if let Some((from, array)) = found.packed {
        let element = types.get(from).copied().unwrap_or(Type::of(oid::TEXT));
        let mut builder = types::array::ArrayBuilder::new(element.oid, kind(element));
        vectors[from..].iter().for_each(|vector| builder.push(&vector.item(0)));
        vectors.truncate(from);
        types.truncate(from);
        let value = Value::Bytes(builder.finish_list().into());
        vectors.push(Vector::constant(Kind::Bytes, &value, 1).expect("room"));
        types.push(Type::of(array));
    }
    let site = Site {
        native: 0,
        function: entry,
        arguments: types.into(),
        result: Type::of(found.result),
        variadic: found.packed.is_some(),
        columns: Box::default(),
    };
    if set {
        return rows(context, &site, &vectors);
    }
    let answer = site.evaluate(context, &vectors, 1)?;
    show(context, site.result, &answer, 0)
}

fn rows(context: &mut Context<'_>, site: &Site, vectors: &[Vector]) -> Result<String, Problem> {
    let mut source = site.rows(context, vectors, 0)?;
    let mut all = Vec::new();
    while let Some(columns) = source.next(context, 3)? {
        for row in 0..columns[0].len() {
            let parts: Result<Vec<String>, Problem> = columns
                .iter()
                .enumerate()
                .map(|(column, vector)| {
                    let of = match site.function.columns.get(column) {
                        Some((_, of)) => Type::of(*of),
                        None => site.result,
                    };
                    show(context, of, vector, row)
                })
                .collect();
            all.push(parts?.join(" , "));
        }
    }
    Ok(all.join(" ; "))
}

/// The elements of an array as a column.
fn column(context: &Context<'_>, literal: &Literal) -> (Type, Vector) {
    let element = Type::of(context.types.entry(literal.of.oid).expect("a type").element);
    let mut builder = types::vector::VectorBuilder::new(kind(element), 0);
    if let Value::Bytes(bytes) = &literal.value {
        let array = types::array::ArrayView::new(bytes).expect("an array");
        array.items().for_each(|item| builder.push_item(&item).expect("room"));
    }
    (element, builder.finish())
}

/// All rows at once, and in two states that are merged: both must tell the same.
fn aggregate(context: &mut Context<'_>, name: &str, literals: &[Literal]) -> Result<String, Problem> {
    let columns: Vec<(Type, Vector)> = literals.iter().map(|literal| column(context, literal)).collect();
    let arguments: Vec<Argument<'_>> =
        columns.iter().map(|(of, _)| Argument { of: of.oid, name: None }).collect();
    let candidates = functions::resolve::builtin_candidates(name, 0);
    let Resolution::Call(found) =
        resolve_function(context.types, name, &candidates, &arguments, false, None)?
    else {
        panic!("an aggregate")
    };
    let mut vectors = Vec::new();
    for ((of, vector), to) in columns.iter().zip(&found.arguments) {
        let way = find_cast(context.types, of.oid, *to, CastContext::Implicit).expect("a cast");
        vectors.push(cast(context, &way, (*of, Type::of(*to)), false, vector)?);
    }
    let function = table::function(found.function.0).expect("in the table");
    let arguments = found.arguments.iter().map(|of| Type::of(*of)).collect();
    let site = Site {
        native: 0,
        function,
        arguments,
        result: Type::of(found.result),
        variadic: false,
        columns: Box::default(),
    };
    let functions::Implementation::Aggregate(make) = function.implementation else { panic!("an aggregate") };
    let rows = vectors[0].len();
    let mut whole = make(context, &site)?;
    whole.update(context, Groups::One(0), 1, rows, &vectors)?;
    let answer = whole.finish(context, 0..1)?;
    let mut parts = Vec::new();
    for (start, length) in [(0, rows / 2), (rows / 2, rows - rows / 2)] {
        let part: Vec<Vector> = vectors.iter().map(|vector| vector.slice(start, length)).collect();
        let groups = vec![0; length];
        let mut state = make(context, &site)?;
        state.update(context, Groups::Each(&groups), 1, length, &part)?;
        parts.push(state);
    }
    let second = parts.pop().expect("two parts");
    let mut first = parts.pop().expect("two parts");
    first.merge(context, second, &[0], 1)?;
    let merged = first.finish(context, 0..1)?;
    let (answer, merged) = (show(context, site.result, &answer, 0)?, show(context, site.result, &merged, 0)?);
    let exact = !matches!(kind(site.result), Kind::Float32 | Kind::Float64);
    assert!(!exact || answer == merged, "{name}: {answer} at once, {merged} merged");
    Ok(answer)
}

fn operator(context: &mut Context<'_>, name: &str, literals: &[Literal]) -> Result<String, Problem> {
    let (left, right) = match literals {
        [right] => (None, right),
        [left, right] => (Some(left), right),
        _ => panic!("one or two sides"),
    };
    let found = resolve_operator(context.types, name, left.map(|left| left.of.oid), right.of.oid)?;
    let mut vectors = Vec::new();
    let mut types = Vec::new();
    for (literal, to) in literals.iter().zip(&found.arguments) {
        let (of, vector) = prepared(context, literal, *to)?;
        types.push(of);
        vectors.push(vector);
    }
    let entry = table::function(found.entry.function).expect("in the table");
    let site = Site {
        native: 0,
        function: entry,
        arguments: types.into(),
        result: Type::of(found.result),
        variadic: false,
        columns: Box::default(),
    };
    let answer = site.evaluate(context, &vectors, 1)?;
    show(context, site.result, &answer, 0)
}

fn explicit(context: &mut Context<'_>, literal: &Literal, to: Type) -> Result<String, Problem> {
    let vector = Vector::constant(kind(literal.of), &literal.value, 1).expect("room");
    if literal.of.oid == oid::UNKNOWN {
        let (_, vector) = prepared(context, literal, to.oid)?;
        return show(context, to, &fit(context, to, true, &vector)?, 0);
    }
    let Some(found) = find_cast(context.types, literal.of.oid, to.oid, CastContext::Explicit) else {
        let name = |of: u32| types::catalog::type_name(&BuiltinTypes, of, None);
        return Err(ResolveError::NoCast { from: name(literal.of.oid), to: name(to.oid) }.into());
    };
    let answer = cast(context, &found, (literal.of, to), true, &vector)?;
    show(context, to, &answer, 0)
}

/// Runs the call of a line.
pub fn run(world: &mut World, parts: &[String]) -> Outcome {
    let (what, name) = parts[0].split_once(' ').expect("what and its name");
    let answer = world.with(|context| {
        let literals: Result<Vec<Literal>, Problem> =
            parts[1..].iter().map(|text| literal(context, text)).collect();
        let literals = literals?;
        match what {
            "f" => call(context, name, &literals, false),
            "s" => call(context, name, &literals, true),
            "a" => aggregate(context, name, &literals),
            "o" => operator(context, name, &literals),
            "c" => explicit(context, &literals[0], type_of(name)),
            other => panic!("no such line: {other}"),
        }
    });
    match answer {
        Ok(text) => Outcome::Answer(text),
        Err(Problem::Resolve(error)) => Outcome::Error(error.sqlstate().code().to_owned(), error.to_string()),
        Err(Problem::Function(error)) => {
            Outcome::Error(error.sqlstate().code().to_owned(), error.to_string())
        }
    }
}
