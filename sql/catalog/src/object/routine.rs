//! Functions that users make.

use super::Oid;
use super::access::Acl;
use super::aggregate::Aggregate;
use super::role::Setting;
use bincode::{Decode, Encode};

/// A function or procedure in LANGUAGE sql or plpgsql, or a function of the program.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Function {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// What it is called by.
    pub kind: FunctionKind,
    /// Its arguments, those of its result among them.
    pub arguments: Vec<Argument>,
    /// The type of its result.
    pub result: Oid,
    /// SETOF or TABLE.
    pub returns_set: bool,
    /// Its body.
    pub body: Body,
    /// What its result depends on.
    pub volatility: Volatility,
    /// RETURNS NULL ON NULL INPUT.
    pub strict: bool,
    /// SECURITY DEFINER.
    pub security_definer: bool,
    /// LEAKPROOF.
    pub leakproof: bool,
    /// PARALLEL.
    pub parallel: Parallel,
    /// COST.
    pub cost: f32,
    /// ROWS.
    pub rows: f32,
    /// SET.
    pub settings: Vec<Setting>,
    /// Who may call it.
    pub acl: Acl,
}

/// What a function runs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Body {
    /// AS '…': read when it runs.
    Text(String),
    /// RETURN …, BEGIN ATOMIC … END: text with every name resolved.
    Bound(String),
    /// What the program has given: it is in no file.
    Native,
    /// Functions, of an aggregate.
    Aggregate(Box<Aggregate>),
    /// A function of the program, by its number: what comes with a range type.
    BuiltIn(Oid),
    /// One of the program's that no statement can call, by its name there: it takes what statements have no values of.
    Uncallable(String),
    /// AS '…' in PL/pgSQL.
    Procedural(String),
}

/// How a routine is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum FunctionKind {
    /// In expressions.
    Function,
    /// By CALL.
    Procedure,
    /// Once for many rows.
    Aggregate,
}

/// The default of an argument of any type that is a null: it has no type before a call has one.
pub const UNTYPED_NULL: &str = "NULL";

/// An argument of a function.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Argument {
    /// Its name; empty without.
    pub name: String,
    /// Which way it goes.
    pub mode: ArgumentMode,
    /// Its type.
    pub type_oid: Oid,
    /// DEFAULT.
    pub default: Option<String>,
}

/// Which way an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // SQL's words
pub enum ArgumentMode {
    In,
    Out,
    InOut,
    Variadic,
    Table,
}

impl ArgumentMode {
    /// Whether a caller gives it.
    pub fn is_input(self) -> bool {
        match self {
            ArgumentMode::In | ArgumentMode::InOut | ArgumentMode::Variadic => true,
            ArgumentMode::Out | ArgumentMode::Table => false,
        }
    }

    /// `pg_proc.proargmodes`.
    pub fn letter(self) -> u8 {
        match self {
            ArgumentMode::In => b'i',
            ArgumentMode::Out => b'o',
            ArgumentMode::InOut => b'b',
            ArgumentMode::Variadic => b'v',
            ArgumentMode::Table => b't',
        }
    }
}

/// What a function's result depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Volatility {
    /// Its arguments.
    Immutable,
    /// The statement's snapshot and the session besides.
    Stable,
    /// Anything.
    Volatile,
}

/// Where a function may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // SQL's words
pub enum Parallel {
    Safe,
    Restricted,
    Unsafe,
}

impl Function {
    /// Whether what it is written as may stand in the place of its calls: it is a function in SQL, and runs as its caller does.
    pub fn may_give_way(&self) -> bool {
        let is_in_sql = match self.body {
            Body::Text(_) | Body::Bound(_) => true,
            Body::Native
            | Body::BuiltIn(_)
            | Body::Uncallable(_)
            | Body::Procedural(_)
            | Body::Aggregate(_) => false,
        };
        is_in_sql && self.kind == FunctionKind::Function && !self.security_definer && self.settings.is_empty()
    }

    /// Of what it is made, if it is an aggregate that a user has made.
    pub fn aggregate(&self) -> Option<&Aggregate> {
        match &self.body {
            Body::Aggregate(aggregate) => Some(aggregate),
            Body::Text(_)
            | Body::Bound(_)
            | Body::Native
            | Body::BuiltIn(_)
            | Body::Uncallable(_)
            | Body::Procedural(_) => None,
        }
    }

    /// The library that has it, if it is in `LANGUAGE c`.
    pub fn module(&self) -> Option<&'static functions::table::Module> {
        let Body::BuiltIn(number) = self.body else { return None };
        functions::table::module_of(number)
    }

    /// What `pg_proc.prosrc` has of one of the program's.
    pub fn built_in_name(&self) -> Option<&'static str> {
        let Body::BuiltIn(number) = self.body else { return None };
        functions::table::worker(number).map(|entry| entry.source)
    }

    /// Whether it makes ranges, or sets of them: such a function comes with its type.
    pub fn is_range_constructor(&self) -> bool {
        let Body::BuiltIn(number) = self.body else { return false };
        functions::table::function(number).is_some_and(|entry| entry.source.contains("range_constructor"))
    }

    /// The types of the arguments that a caller gives.
    pub fn inputs(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| argument.mode.is_input())
    }
}
