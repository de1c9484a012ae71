//! What a body asks of whoever runs it: types while it is read, SQL while it runs.

use crate::failure::{Failure, Outcome};
use crate::settings::Settings;
use crate::tree::{Expression, Function, Level, Place};
use std::sync::Arc;
use types::{Kind, Type, Value};

/// Of what kind a variable of a type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// One value.
    Scalar,
    /// A row: of a composite type, or `record`.
    Row,
    /// None: the type is no value's.
    Pseudo,
}

/// What is asked while a body is read.
pub trait Catalog {
    /// The type of a text like `numeric(3, 1)[]`.
    ///
    /// # Errors
    /// When there is none.
    fn type_named(&mut self, written: &str) -> Outcome<Type>;

    /// Of what kind a variable of a type is.
    fn row_kind(&mut self, of: Type) -> RowKind;

    /// A type's name, as messages say it.
    fn shown(&mut self, of: Type) -> String;

    /// The type of a table's rows: `%ROWTYPE`.
    ///
    /// # Errors
    /// When there is no such table.
    fn row_of(&mut self, relation: &[&str]) -> Outcome<Type>;

    /// The type of a table's column: `%TYPE`.
    ///
    /// # Errors
    /// When the table is there and has no such column.
    fn column_of(&mut self, relation: &[&str], column: &str) -> Outcome<Option<Type>>;

    /// That there is such a collation, and values of the type have one.
    ///
    /// # Errors
    /// When it is not so.
    fn collation(&mut self, name: &[&str], of: Type) -> Outcome<()>;
}

/// A field of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub of: Type,
    /// How its values lie in memory.
    pub kind: Kind,
    /// Whether it is gone: rows still have its place.
    pub dropped: bool,
}

/// The fields of a row.
pub type Shape = Arc<[Field]>;

/// A value and its type.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// It.
    pub value: Value,
    /// Its type.
    pub of: Type,
    /// Its fields, if it is a row.
    pub shape: Option<Shape>,
}

/// What an assignment yields.
#[derive(Debug, Clone, PartialEq)]
pub enum Assigned {
    /// The new value of its whole target.
    Whole(Answer),
    /// Of an array that is a variable: a place, and the element that goes there.
    Element(Value, Value),
}

/// Rows of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Their fields.
    pub shape: Shape,
    /// Their values.
    pub rows: Vec<Vec<Value>>,
}

/// The values of a body's variables while it runs.
#[derive(Debug, Default)]
pub struct Frame {
    /// By the variables' numbers.
    pub values: Vec<Value>,
    /// The types that they have now.
    pub types: Vec<Type>,
    /// The fields of rows; none of a `record` that nothing was assigned to.
    pub shapes: Vec<Option<Shape>>,
}

/// What SQL within a body sees.
#[derive(Clone, Copy)]
pub struct Around<'f> {
    /// The body.
    pub function: &'f Function,
    /// Its variables.
    pub frame: &'f Frame,
}

/// Where a body stands, for contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Between statements.
    Nowhere,
    /// At a statement that is called so, on a line.
    At(u32, &'static str),
    /// Where these words tell.
    Text(&'static str),
    /// The same, on a line.
    TextAt(u32, &'static str),
}

impl Standing {
    /// The line of a context, of a function of this name.
    pub fn line(self, function: &str) -> String {
        match self {
            Standing::Nowhere => format!("PL/pgSQL function {function}"),
            Standing::At(line, what) => format!("PL/pgSQL function {function} line {line} at {what}"),
            Standing::Text(text) => format!("PL/pgSQL function {function} {text}"),
            Standing::TextAt(line, text) => format!("PL/pgSQL function {function} line {line} {text}"),
        }
    }
}

/// SQL that is run, with what it is given.
pub enum Query<'q> {
    /// A statement of the body.
    Written(&'q Expression, Around<'q>),
    /// A text that the body has made, and the values of its `$1`, ….
    Dynamic(&'q str, Vec<Answer>),
}

/// A variable that a statement names, or a field of one by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// The variable.
    pub variable: u32,
    /// The field.
    pub field: Option<u32>,
}

/// Which rows of a statement are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All.
    All,
    /// So many, and no more are to be computed.
    Only(usize),
    /// So many, but all are computed.
    First(usize),
}

impl Wanted {
    /// How many are handed over at most.
    pub fn most(self) -> usize {
        match self {
            Wanted::All => usize::MAX,
            Wanted::Only(rows) | Wanted::First(rows) => rows,
        }
    }
}

/// What a statement did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// It is a query.
    Selected,
    /// It changed rows.
    Changed,
    /// It made a table of rows: `SELECT … INTO`.
    Created,
    /// Anything else.
    Other,
}

/// A statement that was run.
#[derive(Debug)]
pub struct Done {
    /// What it did.
    pub did: Did,
    /// Its rows, if it has some to give: no more than were wanted.
    pub rows: Option<Rows>,
    /// How many rows it read or changed.
    pub processed: u64,
}

/// What a procedure that was called gave out, and where it goes.
#[derive(Debug)]
pub struct Called {
    /// The values.
    pub rows: Option<Rows>,
    /// Where each of them goes.
    pub places: Vec<Place>,
}

/// Where a cursor is to go.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Whence.
    pub direction: crate::tree::Direction,
    /// How far.
    pub steps: i64,
}

/// A query whose rows come piece by piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRows(pub u64);

/// What is asked while a body runs.
pub trait Host {
    /// The body goes on to another place.
    fn stand(&mut self, standing: Standing);

    /// Asked before each turn of a loop: an error if the statement is cancelled.
    ///
    /// # Errors
    /// When it is.
    fn check(&mut self) -> Outcome<()>;

    /// The value of an expression; of an assignment the new value of its whole target.
    ///
    /// # Errors
    /// Whatever can go wrong.
    fn evaluate(&mut self, expression: &Expression, around: Around<'_>) -> Outcome<Answer>;

    /// What an assignment yields.
    ///
    /// # Errors
    /// Whatever can go wrong.
    fn assigned(&mut self, assignment: &Expression, around: Around<'_>) -> Outcome<Assigned>;

    /// How many rows were read for the last value, if it needed a query; asked once.
    fn counted(&mut self) -> Option<u64>;

    /// The whole array of an assignment that has yielded a place and an element.
    ///
    /// # Errors
    /// When there is no such place.
    fn with_element(
        &mut self,
        assignment: &Expression,
        around: Around<'_>,
        element: (Value, Value),
    ) -> Outcome<Answer>;

    /// A value as one of another type, as on assignment.
    ///
    /// # Errors
    /// When it cannot be one.
    fn cast(&mut self, value: Value, from: Type, to: Type) -> Outcome<Value>;

    /// The text of a value.
    ///
    /// # Errors
    /// When it has none.
    fn text(&mut self, value: &Value, of: Type) -> Outcome<String>;

    /// A type's name.
    fn shown(&mut self, of: Type) -> String;

    /// The fields of a composite type; none of another.
    fn shape(&mut self, of: Type) -> Option<Shape>;

    /// A field of this name and type.
    fn field(&mut self, name: &str, of: Type) -> Field;

    /// What a domain is made of, further domains looked through; none of another type. Values of a domain may be refused even if
    /// they are null.
    fn domain_base(&mut self, of: Type) -> Option<Type>;

    /// The type of elements of an array type.
    fn element(&mut self, of: Type) -> Option<Type>;

    /// How many dimensions an array has, and its elements or slices of so many dimensions.
    ///
    /// # Errors
    /// When the value is no array.
    fn slices(&mut self, array: &Answer, slice: i32) -> Outcome<(i32, Vec<Value>)>;

    /// Runs a statement. One that changes rows and of which only some are wanted may be left unfinished: whoever asks for that
    /// fails if there were more.
    ///
    /// # Errors
    /// Whatever can go wrong.
    fn run(&mut self, query: Query<'_>, wanted: Wanted) -> Outcome<Done>;

    /// The variables that a statement of the body names.
    fn parameters_of(&mut self, statement: &Expression) -> Vec<Named>;

    /// Begins a query.
    ///
    /// # Errors
    /// When it is none, or means nothing.
    fn open(&mut self, query: Query<'_>) -> Outcome<OpenRows>;

    /// Its next rows; none when all have come.
    ///
    /// # Errors
    /// Whatever can go wrong with rows.
    fn more(&mut self, open: OpenRows) -> Outcome<Option<Rows>>;

    /// It is not asked any more.
    fn close(&mut self, open: OpenRows);

    /// Opens a cursor, under a name or a new one: its name.
    ///
    /// # Errors
    /// When there is one of that name, or the query means nothing.
    fn open_cursor(&mut self, name: Option<&str>, query: Query<'_>, scroll: Option<bool>) -> Outcome<String>;

    /// Moves a cursor: the row it stands on then, if that is wanted, and how many it has passed.
    ///
    /// # Errors
    /// When there is none of that name.
    fn fetch(&mut self, name: &str, way: Way, moves: bool) -> Outcome<(Rows, u64)>;

    /// Closes a cursor.
    ///
    /// # Errors
    /// When there is none of that name.
    fn close_cursor(&mut self, name: &str) -> Outcome<()>;

    /// A cursor is one of a loop from now on, or no more: such a one outlives the transaction.
    fn pin_cursor(&mut self, name: &str, pinned: bool);

    /// `CALL` and `DO`.
    ///
    /// # Errors
    /// Those of what is called.
    fn call(&mut self, statement: &Expression, around: Around<'_>) -> Outcome<Called>;

    /// Begins what can be undone.
    ///
    /// # Errors
    /// When the store is closed.
    fn begin_inner(&mut self) -> Outcome<()>;

    /// Keeps what was done since.
    ///
    /// # Errors
    /// When the store is closed.
    fn keep_inner(&mut self) -> Outcome<()>;

    /// Undoes it.
    ///
    /// # Errors
    /// When the store is closed.
    fn undo_inner(&mut self) -> Outcome<()>;

    /// `COMMIT`, `ROLLBACK`
    ///
    /// # Errors
    /// Where it may not be.
    fn end_transaction(&mut self, commits: bool, chain: bool) -> Outcome<()>;

    /// Tells the client something.
    fn tell(&mut self, level: Level, told: Box<Failure>);

    /// What settings say now.
    fn settings(&mut self) -> Settings;

    /// The number of the function that runs; 0 of a block.
    fn routine(&self) -> u32;

    /// Where the body was called, the innermost line first.
    fn outer_context(&mut self) -> Vec<String>;
}
