//! Rust closures as functions of SQL: of a row, of many rows (aggregates), and such that give rows.
//!
//! A closure's arguments and result are Rust types that say which SQL types they are: `bool`, `i16` (smallint), `i32` (integer),
//! `i64` (bigint), `f32` (real), `f64` (double precision), `String` (text), `Vec<u8>` (bytea). Overloads are several functions
//! of one name. A null is shown to a closure only where an argument is an `Option`; without, the result is null, an aggregate
//! leaves the row out, and there are no rows. What a closure answers as an `Err`, and what it panics with, is the error of the
//! statement (SQLSTATE 38000).

use functions::evaluate::Groups;
use functions::table::Native;
use functions::{AggregateState, Arguments, Context, FunctionError, FunctionResult, RowSource, Volatility};
use session::native::NativeFunction;
use std::any::Any;
use std::fmt::Display;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use types::catalog::{builtin, oid};
use types::record::record;
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

/// A function that a program gives to a database: see [`Database::register`](crate::Database::register).
pub struct Function {
    pub(crate) native: NativeFunction,
}

impl Function {
    /// A function of a row.
    ///
    /// ```
    /// use hornbeam::{Database, Function};
    ///
    /// let database = Database::open_in_memory()?;
    /// database.register(Function::scalar("hypotenuse", |a: f64, b: f64| a.hypot(b)).immutable())?;
    /// database.register(Function::scalar("half", |of: i64| match of % 2 {
    ///     0 => Ok(of / 2),
    ///     _ => Err(format!("{of} is odd")),
    /// }))?;
    /// let mut connection = database.connect()?;
    /// assert_eq!(connection.query_value::<f64>("select hypotenuse(3, 4)", ())?, 5.0);
    /// let odd = connection.query_value::<i64>("select half(7)", ()).unwrap_err();
    /// assert_eq!(odd.to_string(), "7 is odd (SQLSTATE 38000)");
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    pub fn scalar<A, F: ScalarClosure<A>>(name: &str, closure: F) -> Function {
        let of = F::RESULT;
        let (called, kind) = (name.to_owned(), kind_of(of));
        let run = move |_: &mut Context<'_>, arguments: &Arguments<'_>| -> FunctionResult<Vector> {
            let mut builder = VectorBuilder::new(kind, arguments.rows);
            for row in 0..arguments.rows {
                let items: Vec<Item<'_>> = arguments.vectors.iter().map(|vector| vector.item(row)).collect();
                builder.push(&guarded(&called, || closure.call(&items))?)?;
            }
            Ok(builder.finish())
        };
        Function::new(name, F::ARGUMENTS, of, Native::Scalar(Arc::new(run)))
    }

    /// A function that gives rows, each a tuple; they are taken from the iterator as they are asked for.
    ///
    /// ```
    /// use hornbeam::{Database, Function};
    ///
    /// let database = Database::open_in_memory()?;
    /// database.register(Function::table("words", ["place", "word"], |text: String| {
    ///     let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    ///     words.into_iter().zip(1i64..).map(|(word, place)| (place, word))
    /// }))?;
    /// let mut connection = database.connect()?;
    /// let last = "select word from words('to be or not') order by place desc limit 1";
    /// assert_eq!(connection.query_value::<String>(last, ())?, "not");
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    pub fn table<A, F: TableClosure<A>, const COLUMNS: usize>(
        name: &str,
        columns: [&str; COLUMNS],
        closure: F,
    ) -> Function {
        let called: Arc<str> = name.into();
        let of_rows = called.clone();
        type Started = FunctionResult<Box<dyn RowSource>>;
        let start = move |_: &mut Context<'_>, arguments: &Arguments<'_>, row: usize| -> Started {
            let items: Vec<Item<'_>> = arguments.vectors.iter().map(|vector| vector.item(row)).collect();
            let rows = guarded(&called, || Ok::<_, String>(closure.call(&items)))?;
            Ok(Box::new(Rows { name: of_rows.clone(), rows, columns: F::COLUMNS }))
        };
        let result = F::COLUMNS.first().copied().unwrap_or(oid::RECORD);
        let mut function = Function::new(name, F::ARGUMENTS, result, Native::Rows(Arc::new(start)));
        let names = columns.iter().map(|name| (*name).to_owned());
        let others = (names.len()..F::COLUMNS.len()).map(|place| format!("column{}", place + 1));
        function.native.columns = names.chain(others).zip(F::COLUMNS.iter().copied()).collect();
        function
    }

    /// A function of many rows: `begin` makes what is kept of a group, `step` takes in a row, `finish` says the result. It may
    /// be asked for the result more than once, rows coming between: over windows.
    ///
    /// ```
    /// use hornbeam::{Database, Function};
    ///
    /// let database = Database::open_in_memory()?;
    /// let step = |product: &mut f64, factor: f64| *product *= factor;
    /// database.register(Function::aggregate("product", || 1.0, step, |product: &f64| *product))?;
    /// let mut connection = database.connect()?;
    /// let product = "select product(x) from generate_series(1, 5) x";
    /// assert_eq!(connection.query_value::<f64>(product, ())?, 120.0);
    /// # Ok::<(), hornbeam::Error>(())
    /// ```
    pub fn aggregate<S, A, F, R>(
        name: &str,
        begin: impl Fn() -> S + Send + Sync + 'static,
        step: F,
        finish: impl Fn(&S) -> R + Send + Sync + 'static,
    ) -> Function
    where
        S: Send + 'static,
        F: StepClosure<S, A>,
        R: Outcome,
    {
        let closures = Arc::new(Closures {
            name: name.to_owned(),
            begin: Box::new(begin),
            step: Box::new(move |state: &mut S, items: &[Item<'_>]| step.call(state, items)),
            finish: Box::new(move |state: &S| finish(state).outcome()),
            kind: kind_of(R::TYPE),
        });
        let make = move |_: &Context<'_>, _: &functions::Site| -> FunctionResult<Box<dyn AggregateState>> {
            Ok(Box::new(Groupwise { closures: closures.clone(), states: Vec::new() }))
        };
        Function::new(name, F::ARGUMENTS, R::TYPE, Native::Aggregate(Arc::new(make)))
    }

    fn new(name: &str, arguments: &[(u32, bool)], result: u32, native: Native) -> Function {
        let function = NativeFunction {
            name: name.to_owned(),
            arguments: arguments.iter().map(|(of, _)| *of).collect(),
            columns: Vec::new(),
            result,
            volatility: Volatility::Volatile,
            strict: arguments.iter().all(|(_, nullable)| !nullable),
            native,
        };
        Function { native: function }
    }

    /// Says that its result follows from its arguments, ever: it may be computed once, and indexes may be made of it.
    #[must_use]
    pub fn immutable(mut self) -> Function {
        self.native.volatility = Volatility::Immutable;
        self
    }

    /// Says that its result does not change within a statement.
    #[must_use]
    pub fn stable(mut self) -> Function {
        self.native.volatility = Volatility::Stable;
        self
    }
}

/// Runs a closure; what it answers as an error, and what it panics with, is an error of the statement.
fn guarded<T, E: Display>(name: &str, run: impl FnOnce() -> Result<T, E>) -> FunctionResult<T> {
    let failed = |message| FunctionError::plain(session::native::FAILED, message);
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(thrown) => {
            let said = thrown.downcast_ref::<&str>().map(|said| (*said).to_owned());
            match said.or_else(|| thrown.downcast_ref::<String>().cloned()) {
                Some(said) => Err(failed(format!("function {name} panicked: {said}"))),
                // Not the closure's: a simulated crash unwinds so.
                None => resume_unwind(thrown),
            }
        }
    }
}

fn kind_of(of: u32) -> Kind {
    // Those that closures have are built in and have values.
    builtin(of).and_then(|entry| entry.kind).unwrap_or(Kind::Bytes)
}

/// A Rust type that a closure may take and give.
pub trait SqlValue: Sized + Send + 'static {
    /// The number of its SQL type.
    const TYPE: u32;
    /// Whether it can be null.
    const NULLABLE: bool = false;

    /// From a value of its SQL type.
    fn from_item(item: &Item<'_>) -> Option<Self>;

    /// As a value of its SQL type.
    fn into_value(self) -> Value;
}

macro_rules! sql_values {
    ($($rust:ty, $of:ident: $from:pat => $made:expr, |$value:ident| $into:expr;)*) => {$(
        impl SqlValue for $rust {
            const TYPE: u32 = oid::$of;

            fn from_item(item: &Item<'_>) -> Option<$rust> {
                if let $from = item { $made } else { None }
            }

            fn into_value(self) -> Value {
                let $value = self;
                $into
            }
        }
    )*};
}

sql_values! {
    bool, BOOL: Item::Bool(value) => Some(*value), |value| Value::Bool(value);
    i16, INT2: Item::Int16(value) => Some(*value), |value| Value::Int16(value);
    i32, INT4: Item::Int32(value) => Some(*value), |value| Value::Int32(value);
    i64, INT8: Item::Int64(value) => Some(*value), |value| Value::Int64(value);
    f32, FLOAT4: Item::Float32(value) => Some(*value), |value| Value::Float32(value);
    f64, FLOAT8: Item::Float64(value) => Some(*value), |value| Value::Float64(value);
    String, TEXT: Item::Bytes(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        |value| Value::text(&value);
    Vec<u8>, BYTEA: Item::Bytes(bytes) => Some(bytes.to_vec()), |value| Value::Bytes(value.into());
}

impl<T: SqlValue> SqlValue for Option<T> {
    const TYPE: u32 = T::TYPE;
    const NULLABLE: bool = true;

    fn from_item(item: &Item<'_>) -> Option<Option<T>> {
        if item.is_null() { Some(None) } else { T::from_item(item).map(Some) }
    }

    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

/// What a closure may answer: a value, or why there is none.
pub trait Outcome {
    /// The number of its SQL type.
    const TYPE: u32;

    /// The value, or the error's message.
    ///
    /// # Errors
    /// When the closure failed.
    fn outcome(self) -> Result<Value, String>;
}

impl<T: SqlValue> Outcome for T {
    const TYPE: u32 = T::TYPE;

    fn outcome(self) -> Result<Value, String> {
        readable(T::TYPE, self.into_value())
    }
}

impl<T: SqlValue, E: Display> Outcome for Result<T, E> {
    const TYPE: u32 = T::TYPE;

    fn outcome(self) -> Result<Value, String> {
        self.map_err(|error| error.to_string()).and_then(|value| readable(T::TYPE, value.into_value()))
    }
}

/// A value as SQL can have it: texts are without zeros.
fn readable(of: u32, value: Value) -> Result<Value, String> {
    match value.as_bytes() {
        Some(bytes) if of == oid::TEXT && bytes.contains(&0) => {
            Err("invalid byte sequence for encoding \"UTF8\": 0x00".to_owned())
        }
        Some(_) | None => Ok(value),
    }
}

/// A row that a closure gives: a tuple of values.
pub trait RowValue {
    /// The numbers of the SQL types of its columns.
    const COLUMNS: &'static [u32];

    /// Its values, or why one of them is none.
    ///
    /// # Errors
    /// When a text cannot be one of SQL.
    fn into_values(self) -> Result<Vec<Value>, String>;
}

/// Rows as a closure gives them.
type GivenRows = Box<dyn Iterator<Item = Result<Vec<Value>, String>> + Send>;

/// A closure of a row with arguments `A`, a tuple.
pub trait ScalarClosure<A>: Send + Sync + 'static {
    /// The SQL types of its arguments, and whether each sees nulls.
    const ARGUMENTS: &'static [(u32, bool)];
    /// The SQL type of its result.
    const RESULT: u32;

    /// Calls it.
    ///
    /// # Errors
    /// What it answers as one.
    fn call(&self, items: &[Item<'_>]) -> Result<Value, String>;
}

/// A closure that gives rows, with arguments `A`, a tuple.
pub trait TableClosure<A>: Send + Sync + 'static {
    /// The SQL types of its arguments, and whether each sees nulls.
    const ARGUMENTS: &'static [(u32, bool)];
    /// The SQL types of its columns.
    const COLUMNS: &'static [u32];

    /// Calls it.
    fn call(&self, items: &[Item<'_>]) -> GivenRows;
}

/// A closure that takes a row, with arguments `A`, into a state.
pub trait StepClosure<S, A>: Send + Sync + 'static {
    /// The SQL types of its arguments, and whether each sees nulls.
    const ARGUMENTS: &'static [(u32, bool)];

    /// Calls it.
    fn call(&self, state: &mut S, items: &[Item<'_>]);
}

macro_rules! closures {
    ($($($name:ident $place:tt),*;)*) => {$(
        impl<Closure, R, $($name),*> ScalarClosure<($($name,)*)> for Closure
        where
            Closure: Fn($($name),*) -> R + Send + Sync + 'static,
            R: Outcome,
            $($name: SqlValue,)*
        {
            const ARGUMENTS: &'static [(u32, bool)] = &[$(($name::TYPE, $name::NULLABLE)),*];
            const RESULT: u32 = R::TYPE;

            #[allow(unused_variables)] // of a closure without arguments
            fn call(&self, items: &[Item<'_>]) -> Result<Value, String> {
                // Without a value there is a null that it is not shown.
                self($(match items.get($place).and_then($name::from_item) {
                    Some(value) => value,
                    None => return Ok(Value::Null),
                }),*).outcome()
            }
        }

        impl<Closure, I, $($name),*> TableClosure<($($name,)*)> for Closure
        where
            Closure: Fn($($name),*) -> I + Send + Sync + 'static,
            I: IntoIterator,
            I::IntoIter: Send + 'static,
            I::Item: RowValue + 'static,
            $($name: SqlValue,)*
        {
            const ARGUMENTS: &'static [(u32, bool)] = &[$(($name::TYPE, $name::NULLABLE)),*];
            const COLUMNS: &'static [u32] = <I::Item as RowValue>::COLUMNS;

            #[allow(unused_variables)] // of a closure without arguments
            fn call(&self, items: &[Item<'_>]) -> GivenRows {
                let rows = self($(match items.get($place).and_then($name::from_item) {
                    Some(value) => value,
                    None => return Box::new(std::iter::empty()),
                }),*);
                Box::new(rows.into_iter().map(RowValue::into_values))
            }
        }

        impl<Closure, S, $($name),*> StepClosure<S, ($($name,)*)> for Closure
        where
            Closure: Fn(&mut S, $($name),*) + Send + Sync + 'static,
            $($name: SqlValue,)*
        {
            const ARGUMENTS: &'static [(u32, bool)] = &[$(($name::TYPE, $name::NULLABLE)),*];

            #[allow(unused_variables)] // of a closure without arguments
            fn call(&self, state: &mut S, items: &[Item<'_>]) {
                self(state, $(match items.get($place).and_then($name::from_item) {
                    Some(value) => value,
                    None => return,
                }),*);
            }
        }
    )*};
}

closures! {
    ;
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

macro_rules! rows {
    ($($($name:ident $place:tt),+;)*) => {$(
        impl<$($name: SqlValue),+> RowValue for ($($name,)+) {
            const COLUMNS: &'static [u32] = &[$($name::TYPE),+];

            fn into_values(self) -> Result<Vec<Value>, String> {
                Ok(vec![$(readable($name::TYPE, self.$place.into_value())?),+])
            }
        }
    )*};
}

rows! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

/// Rows of a closure, as far as they have been taken.
struct Rows {
    name: Arc<str>,
    rows: GivenRows,
    columns: &'static [u32],
}

impl RowSource for Rows {
    fn next(&mut self, context: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>> {
        context.session.check()?;
        let single = if let [only] = self.columns { Some(kind_of(*only)) } else { None };
        let mut builder = VectorBuilder::new(single.unwrap_or(Kind::Bytes), limit);
        let mut count = 0;
        while count < limit.max(1) {
            let rows = &mut self.rows;
            let Some(values) = guarded(&self.name, || rows.next().transpose())? else { break };
            count += 1;
            match (single, &values[..]) {
                (Some(_), [value]) => builder.push(value)?,
                _ => {
                    let fields = self.columns.iter().zip(&values);
                    let fields: Vec<(u32, Kind, Item<'_>)> =
                        fields.map(|(of, value)| (*of, kind_of(*of), Item::from(value))).collect();
                    builder.push_bytes(&record(&fields))?;
                }
            }
        }
        Ok((count > 0).then(|| vec![builder.finish()]))
    }
}

/// Takes a row into a state.
type Step<S> = dyn Fn(&mut S, &[Item<'_>]) + Send + Sync;
/// The result of a state.
type Finish<S> = dyn Fn(&S) -> Result<Value, String> + Send + Sync;

/// What an aggregate is made of.
struct Closures<S> {
    name: String,
    begin: Box<dyn Fn() -> S + Send + Sync>,
    step: Box<Step<S>>,
    finish: Box<Finish<S>>,
    kind: Kind,
}

/// The states of an aggregate's groups.
struct Groupwise<S> {
    closures: Arc<Closures<S>>,
    states: Vec<S>,
}

impl<S: Send + 'static> AggregateState for Groupwise<S> {
    fn update(
        &mut self,
        _: &mut Context<'_>,
        groups: Groups<'_>,
        group_count: usize,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        let Groupwise { closures, states } = self;
        let name = closures.name.as_str();
        while states.len() < group_count {
            states.push(guarded(name, || Ok::<_, String>((closures.begin)()))?);
        }
        for row in 0..rows {
            let items: Vec<Item<'_>> = arguments.iter().map(|argument| argument.item(row)).collect();
            let state = &mut states[groups.of(row)];
            guarded(name, || {
                (closures.step)(state, &items);
                Ok::<_, String>(())
            })?;
        }
        Ok(())
    }

    fn merge(
        &mut self,
        _: &mut Context<'_>,
        _: Box<dyn AggregateState>,
        _: &[u32],
        _: usize,
    ) -> FunctionResult<()> {
        let name = &self.closures.name;
        Err(FunctionError::Unsupported(format!("joining of what aggregate {name} keeps of two groups")))
    }

    fn finish(&self, _: &mut Context<'_>, groups: Range<usize>) -> FunctionResult<Vector> {
        let Groupwise { closures, states } = self;
        let mut builder = VectorBuilder::new(closures.kind, groups.len());
        for group in groups {
            let value = guarded(&closures.name, || match states.get(group) {
                Some(state) => (closures.finish)(state),
                None => (closures.finish)(&(closures.begin)()),
            })?;
            builder.push(&value)?;
        }
        Ok(builder.finish())
    }

    fn clear(&mut self) {
        self.states.clear();
    }

    fn memory(&self) -> usize {
        self.states.capacity() * size_of::<S>()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
