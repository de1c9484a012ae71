//! What a body is once it is read: variables, expressions, statements.

use crate::failure::Failure;
use crate::names::{Names, Scope};
use diagnostic::SqlState;
use std::sync::Arc;
use types::Type;

/// A function, procedure, trigger or `DO` block, ready to be run.
#[derive(Debug)]
pub struct Function {
    /// As contexts name it: `f(integer)`.
    pub name: String,
    /// All variables, by their numbers.
    pub variables: Vec<Variable>,
    /// What names stand for.
    pub names: Names,
    /// The variables of its inputs, in order.
    pub inputs: Vec<u32>,
    /// What it gives.
    pub result: ResultShape,
    /// Its outermost block.
    pub body: Block,
    /// `FOUND`.
    pub found: u32,
    /// How many expressions it has; their numbers are below.
    pub expressions: u32,
    /// What a name means that is a variable and a column.
    pub conflict: Conflict,
    /// `#print_strict_params`
    pub prints_parameters: bool,
    /// What a trigger's variables are.
    pub trigger: Option<TriggerVariables>,
    /// Whether the result is a set.
    pub returns_set: bool,
    /// Whether it is a procedure.
    pub is_procedure: bool,
    /// Whether it may change what others see.
    pub is_volatile: bool,
    /// What was found when it was read that may not be meant.
    pub warnings: Vec<Failure>,
}

/// What a call gives.
#[derive(Debug, Clone, PartialEq)]
pub enum ResultShape {
    /// Nothing.
    Void,
    /// A value that is no row.
    Scalar(Type),
    /// A row of a type, or of any: `record`.
    Row(Type),
    /// The value of one variable: a single `OUT` parameter.
    Output(u32, Type),
    /// A row of several variables: `OUT` parameters, columns of `TABLE`.
    Outputs(Vec<u32>, Type),
    /// A trigger's row.
    Trigger,
}

/// The variables of a trigger, by their numbers.
#[derive(Debug, Clone)]
pub struct TriggerVariables {
    /// `NEW`, `OLD`
    pub rows: [u32; 2],
    /// `TG_NAME`, `TG_WHEN`, `TG_LEVEL`, `TG_OP`, `TG_RELID`, `TG_RELNAME`, `TG_TABLE_NAME`, `TG_TABLE_SCHEMA`, `TG_NARGS`,
    /// `TG_ARGV`
    pub words: [u32; 10],
}

/// What a name means that is a variable and a column: `#variable_conflict`, `plpgsql.variable_conflict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conflict {
    /// It is refused.
    #[default]
    Error,
    /// The variable.
    Variable,
    /// The column.
    Column,
}

/// A variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The line of its declaration.
    pub line: u32,
    /// Its type.
    pub of: Type,
    /// Whether it is a row.
    pub is_record: bool,
    /// `CONSTANT`
    pub constant: bool,
    /// `NOT NULL`
    pub not_null: bool,
    /// Whether it holds what a `CASE` is about, and has the type of that.
    pub of_case: bool,
    /// Its first value.
    pub default: Option<Expression>,
    /// The query of a bound cursor.
    pub cursor: Option<Box<BoundCursor>>,
}

/// A cursor that is bound to a query where it is declared.
#[derive(Debug, Clone)]
pub struct BoundCursor {
    /// The query.
    pub query: Expression,
    /// Its arguments' variables, if it has any.
    pub arguments: Vec<u32>,
    /// Whether it may go back, if that is said.
    pub scroll: Option<bool>,
}

/// How SQL within a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// What may stand behind `SELECT`.
    Expression,
    /// `target := expression`, whose target has so many bytes before `:=`, which ends at the second number.
    Assignment {
        /// Where the target ends.
        target: u32,
        /// Where the expression begins.
        value: u32,
    },
    /// A whole statement.
    Statement,
}

/// What sort of statement SQL within a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A query; an expression, too.
    Query,
    /// A change of rows.
    Change,
    /// Anything else.
    Other,
}

/// SQL within a body.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Its text.
    pub text: Arc<str>,
    /// How it is read.
    pub mode: Mode,
    /// Its number among the function's.
    pub number: u32,
    /// What sort of statement it is.
    pub sort: Sort,
    /// Whether it is about the row on which a cursor stands: `CURRENT OF`.
    pub names_cursor: bool,
    /// What is declared where it stands.
    pub scope: Scope,
}

/// Something that values are put into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The variable.
    pub variable: u32,
    /// A field of it.
    pub field: Option<String>,
}

/// Where a row goes.
#[derive(Debug, Clone)]
pub enum Target {
    /// Into a row.
    Record(Place),
    /// Its columns into these.
    List(Vec<Place>),
}

/// A statement and its line.
#[derive(Debug)]
pub struct Statement {
    /// The line where it begins.
    pub line: u32,
    /// What it is.
    pub kind: StatementKind,
}

/// A block.
#[derive(Debug)]
pub struct Block {
    /// The line of its `BEGIN`, or of `DECLARE`.
    pub line: u32,
    /// Its label.
    pub label: Option<String>,
    /// The variables that it declares.
    pub variables: Vec<u32>,
    /// What it does.
    pub statements: Vec<Statement>,
    /// `EXCEPTION`
    pub handlers: Option<Box<Handlers>>,
}

/// The handlers of a block.
#[derive(Debug)]
pub struct Handlers {
    /// `SQLSTATE`, `SQLERRM`
    pub state: u32,
    /// The same.
    pub message: u32,
    /// In order.
    pub handlers: Vec<Handler>,
}

/// `WHEN … THEN`
#[derive(Debug)]
pub struct Handler {
    /// What it is for.
    pub conditions: Vec<Condition>,
    /// What it does.
    pub statements: Vec<Statement>,
}

/// A condition of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// All that may be kept.
    Others,
    /// One, or all of its class.
    State(SqlState),
}

/// A loop's label and body.
#[derive(Debug)]
pub struct Loop {
    /// Its label.
    pub label: Option<String>,
    /// What is done again and again.
    pub body: Vec<Statement>,
}

/// How a cursor's query is given.
#[derive(Debug)]
pub enum OpenQuery {
    /// It is bound; these are its arguments, in order.
    Bound(Vec<Expression>),
    /// `FOR query`
    Query(Expression),
    /// `FOR EXECUTE text USING …`
    Dynamic(Expression, Vec<Expression>),
}

/// Where a cursor goes.
#[derive(Debug)]
pub struct FetchWay {
    /// Whence.
    pub direction: Direction,
    /// How far: a number, or what says it; none is one step, or all if `all`.
    pub count: Option<Expression>,
    /// The number that is written or meant.
    pub steps: i64,
}

/// Whence a cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // SQL's words
pub enum Direction {
    Forward,
    Backward,
    Absolute,
    Relative,
}

/// What `GET DIAGNOSTICS` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Told {
    RowCount,
    RoutineOid,
    Context,
    ErrorContext,
    ErrorDetail,
    ErrorHint,
    ReturnedSqlstate,
    ColumnName,
    ConstraintName,
    DatatypeName,
    MessageText,
    TableName,
    SchemaName,
}

/// Options of `RAISE … USING`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum RaiseOption {
    Errcode,
    Message,
    Detail,
    Hint,
    Column,
    Constraint,
    Datatype,
    Table,
    Schema,
}

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Level {
    Debug,
    Log,
    Info,
    Notice,
    Warning,
    Exception,
}

/// `RAISE`
#[derive(Debug)]
pub struct Raise {
    /// How grave.
    pub level: Level,
    /// The condition by its name or code: the name as written, and what it stands for.
    pub condition: Option<(String, SqlState)>,
    /// The message with places for parameters.
    pub message: Option<String>,
    /// What stands in those places.
    pub parameters: Vec<Expression>,
    /// `USING`
    pub options: Vec<(RaiseOption, Expression)>,
}

/// A query of a loop.
#[derive(Debug)]
pub enum LoopQuery {
    /// As written.
    Static(Expression),
    /// `EXECUTE text USING …`
    Dynamic(Expression, Vec<Expression>),
    /// A bound cursor's, with arguments.
    Cursor(u32, Vec<Expression>),
}

/// Statements.
#[derive(Debug)]
#[allow(missing_docs)] // each is what it is called
pub enum StatementKind {
    Block(Block),
    Assign(Place, Expression),
    If {
        arms: Vec<(Expression, Vec<Statement>)>,
        otherwise: Vec<Statement>,
    },
    Case {
        operand: Option<(Expression, u32)>,
        arms: Vec<(Expression, Vec<Statement>)>,
        otherwise: Option<Vec<Statement>>,
    },
    Loop(LoopKind),
    Exit {
        exits: bool,
        label: Option<String>,
        when: Option<Expression>,
    },
    Return(Option<Expression>),
    Plain(Plain),
}

/// Statements that run others again and again.
#[derive(Debug)]
#[allow(missing_docs)] // each is what it is called
pub enum LoopKind {
    Loop(Loop),
    While(Expression, Loop),
    ForInteger {
        variable: u32,
        from: Expression,
        to: Expression,
        by: Option<Expression>,
        reverse: bool,
        body: Loop,
    },
    ForRows {
        target: Target,
        query: LoopQuery,
        body: Loop,
    },
    Foreach {
        target: Target,
        slice: i32,
        array: Expression,
        body: Loop,
    },
}

/// Statements after which the next one comes.
#[derive(Debug)]
#[allow(missing_docs)] // each is what it is called
pub enum Plain {
    ReturnNext(Option<Expression>),
    ReturnQuery(Expression),
    ReturnExecute(Expression, Vec<Expression>),
    Raise(Raise),
    Assert(Expression, Option<Expression>),
    Sql { query: Expression, target: Option<Target>, strict: bool },
    Execute { query: Expression, target: Option<Target>, strict: bool, arguments: Vec<Expression> },
    Perform(Expression),
    Call(Expression, bool),
    GetDiagnostics { stacked: bool, items: Vec<(Told, Place)> },
    Open { cursor: u32, query: OpenQuery, scroll: Option<bool> },
    Fetch { cursor: u32, way: FetchWay, target: Option<Target>, moves: bool },
    Close(u32),
    Commit(bool),
    Rollback(bool),
}

impl StatementKind {
    /// What contexts call it.
    pub fn name(&self) -> &'static str {
        match self {
            StatementKind::Block(_) => "statement block",
            StatementKind::Assign(..) => "assignment",
            StatementKind::If { .. } => "IF",
            StatementKind::Case { .. } => "CASE",
            StatementKind::Loop(kind) => kind.name(),
            StatementKind::Exit { exits: true, .. } => "EXIT",
            StatementKind::Exit { exits: false, .. } => "CONTINUE",
            StatementKind::Return(_) => "RETURN",
            StatementKind::Plain(plain) => plain.name(),
        }
    }
}

impl LoopKind {
    fn name(&self) -> &'static str {
        match self {
            LoopKind::Loop(_) => "LOOP",
            LoopKind::While(..) => "WHILE",
            LoopKind::ForInteger { .. } => "FOR with integer loop variable",
            LoopKind::ForRows { query: LoopQuery::Static(_), .. } => "FOR over SELECT rows",
            LoopKind::ForRows { query: LoopQuery::Cursor(..), .. } => "FOR over cursor",
            LoopKind::ForRows { query: LoopQuery::Dynamic(..), .. } => "FOR over EXECUTE statement",
            LoopKind::Foreach { .. } => "FOREACH over array",
        }
    }
}

impl Plain {
    fn name(&self) -> &'static str {
        match self {
            Plain::ReturnNext(_) => "RETURN NEXT",
            Plain::ReturnQuery(_) | Plain::ReturnExecute(..) => "RETURN QUERY",
            Plain::Raise(_) => "RAISE",
            Plain::Assert(..) => "ASSERT",
            Plain::Sql { .. } => "SQL statement",
            Plain::Execute { .. } => "EXECUTE",
            Plain::Perform(_) => "PERFORM",
            Plain::Call(_, true) => "CALL",
            Plain::Call(_, false) => "DO",
            Plain::GetDiagnostics { stacked: true, .. } => "GET STACKED DIAGNOSTICS",
            Plain::GetDiagnostics { stacked: false, .. } => "GET DIAGNOSTICS",
            Plain::Open { .. } => "OPEN",
            Plain::Fetch { moves: false, .. } => "FETCH",
            Plain::Fetch { moves: true, .. } => "MOVE",
            Plain::Close(_) => "CLOSE",
            Plain::Commit(_) => "COMMIT",
            Plain::Rollback(_) => "ROLLBACK",
        }
    }
}
