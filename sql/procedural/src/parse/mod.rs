//! Bodies read: recursive descent over the tokens of SQL, with the rules and words of PostgreSQL's PL/pgSQL.
//!
//! Here a function's variables are made, and what all rules lean on. `block` has blocks and handlers, `declare` declarations,
//! `statement`, `loops`, `cursor` and `raise` statements, `expression` finds where SQL within the body ends and asks the
//! parser of SQL whether it is right.

mod block;
mod cursor;
mod declare;
mod expression;
mod loops;
mod raise;
mod reader;
mod statement;

use crate::failure::{Failure, Outcome};
use crate::host::{Catalog, RowKind};
use crate::names::{Found, Kind, Names, Scope};
use crate::settings::Settings;
use crate::tree::{
    Conflict, Expression, Function, Mode, Place, ResultShape, Sort, TriggerVariables, Variable,
};
use bumpalo::Bump;
use diagnostic::SqlState;
use reader::Reader;
use std::borrow::Cow;
use syntax::lexer::{Token, TokenKind};
use syntax::tree::Statement;
use types::Type;
use types::catalog::oid;

/// `text[]`
const TEXT_ARRAY: u32 = 1009;

/// What a body is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum BodyKind {
    Function,
    Procedure,
    Trigger,
    EventTrigger,
    /// `DO`
    Block,
}

/// An argument.
#[derive(Debug, Clone, Copy)]
pub struct Argument<'d> {
    /// Its name; empty without.
    pub name: &'d str,
    /// Its type, as it is called.
    pub of: Type,
    /// Whether a caller gives it.
    pub is_input: bool,
    /// Whether it is part of the result.
    pub is_output: bool,
}

/// What is looked for while a body is read, beyond what it needs to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looks {
    /// Whether SQL within it is right; else that turns out when it is run.
    pub syntax: bool,
    /// Whether variables hide others, and how grave that is.
    pub shadowed: Option<crate::settings::Found>,
}

/// A body and what was said of it.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'d> {
    /// As contexts name it.
    pub shown: &'d str,
    /// The function's name, by which its arguments may be qualified.
    pub name: &'d str,
    /// The body.
    pub source: &'d str,
    /// What it is of.
    pub kind: BodyKind,
    /// Its arguments, in order.
    pub arguments: &'d [Argument<'d>],
    /// The type of its result, as it is called.
    pub result: Type,
    /// SETOF, TABLE.
    pub returns_set: bool,
    /// VOLATILE
    pub is_volatile: bool,
    /// What settings say, unless the body says it.
    pub settings: Settings,
    /// What is looked for besides.
    pub looks: Looks,
    /// How deep it may nest.
    pub depth_limit: usize,
}

impl Declared<'_> {
    /// SQL of the body.
    fn parse<'a>(&self, text: &'a str, arena: &'a Bump) -> syntax::SyntaxResult<&'a [Statement<'a>]> {
        syntax::parse_by(text, arena, self.depth_limit, self.settings.strings)
    }
}

/// Reads a body.
///
/// # Errors
/// PostgreSQL's; places are those in the body's text.
pub fn compile(declared: &Declared<'_>, catalog: &mut dyn Catalog) -> Outcome<Function> {
    let arena = Bump::new();
    let reader = Reader::new(declared.source, &arena, declared.settings.strings)?;
    let mut parser = Parser {
        reader,
        catalog,
        declared,
        variables: Vec::new(),
        names: Names::default(),
        scope: None,
        expressions: 0,
        depth: 0,
        conflict: declared.settings.conflict,
        prints_parameters: declared.settings.prints_parameters,
        warnings: Vec::new(),
    };
    let read = parser.function();
    let line = parser.reader.last_line();
    read.map_err(|failure| match failure.position {
        Some(_) => failure,
        None => {
            failure.within(format!("compilation of PL/pgSQL function \"{}\" near line {line}", declared.name))
        }
    })
}

/// A body that is being read.
struct Parser<'a, 'c> {
    reader: Reader<'a>,
    catalog: &'c mut dyn Catalog,
    declared: &'c Declared<'c>,
    variables: Vec<Variable>,
    names: Names,
    scope: Scope,
    expressions: u32,
    depth: usize,
    conflict: Conflict,
    prints_parameters: bool,
    warnings: Vec<Failure>,
}

impl<'a> Parser<'a, '_> {
    fn function(&mut self) -> Outcome<Function> {
        let label =
            if self.declared.kind == BodyKind::Block { "inline_code_block" } else { self.declared.name };
        self.scope = self.names.add(None, Kind::Block, label);
        let (mut inputs, outputs) = self.arguments()?;
        let result = self.result(&outputs);
        let trigger = match self.declared.kind {
            BodyKind::Trigger => Some(self.trigger_variables()),
            BodyKind::EventTrigger => {
                // It is called with the two.
                inputs = ["tg_event", "tg_tag"]
                    .map(|name| self.declare(name, Type::of(oid::TEXT), false, true))
                    .to_vec();
                None
            }
            BodyKind::Function | BodyKind::Procedure | BodyKind::Block => None,
        };
        let found = self.declare("found", Type::of(oid::BOOL), false, true);
        self.options()?;
        let label = self.label()?;
        let body = self.block(label)?;
        self.reader.eat_kind(TokenKind::Semicolon)?;
        if !self.reader.at_kind(TokenKind::End)? {
            return Err(self.reader.unexpected());
        }
        Ok(Function {
            name: self.declared.shown.to_owned(),
            variables: std::mem::take(&mut self.variables),
            names: std::mem::take(&mut self.names),
            inputs,
            result,
            body,
            found,
            expressions: self.expressions,
            conflict: self.conflict,
            prints_parameters: self.prints_parameters,
            trigger,
            returns_set: self.declared.returns_set,
            is_procedure: self.declared.kind == BodyKind::Procedure,
            is_volatile: self.declared.is_volatile,
            warnings: std::mem::take(&mut self.warnings),
        })
    }

    /// `#option …` at the beginning.
    fn options(&mut self) -> Outcome<()> {
        while self.reader.at_operator("#")? {
            self.reader.take()?;
            let option = self.reader.take()?;
            let word = self.reader.take()?;
            let switch = |parser: &Self| match word.text {
                "on" => Ok(true),
                "off" => Ok(false),
                _ => Err(parser.reader.refused_at("syntax error", word)),
            };
            match option.text {
                "option" if self.reader.is(&word, "dump") => {}
                "print_strict_params" => self.prints_parameters = switch(self)?,
                "variable_conflict" => {
                    self.conflict = match word.text {
                        "error" => Conflict::Error,
                        "use_variable" => Conflict::Variable,
                        "use_column" => Conflict::Column,
                        _ => return Err(self.reader.refused_at("syntax error", word)),
                    }
                }
                _ => return Err(self.reader.refused_at("syntax error", option)),
            }
        }
        Ok(())
    }

    /// The variables of arguments: inputs in order, outputs in order.
    fn arguments(&mut self) -> Outcome<(Vec<u32>, Vec<u32>)> {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        for (place, argument) in self.declared.arguments.iter().enumerate() {
            let row = self.catalog.row_kind(argument.of);
            if row == RowKind::Pseudo {
                let shown = self.catalog.shown(argument.of);
                let message = format!("PL/pgSQL functions cannot accept type {shown}");
                return Err(Failure::new(SqlState::FeatureNotSupported, message));
            }
            let name = format!("${}", place + 1);
            let number = self.declare(&name, argument.of, row == RowKind::Row, true);
            if !argument.name.is_empty() {
                self.name_variable(number, argument.name)?;
                self.variables[number as usize].name = argument.name.to_owned();
            }
            if argument.is_input {
                inputs.push(number);
            }
            if argument.is_output {
                outputs.push(number);
            }
        }
        Ok((inputs, outputs))
    }

    fn name_variable(&mut self, number: u32, name: &str) -> Outcome<()> {
        if self.names.find(self.scope, &[name], true).is_some() {
            let message = format!("parameter name \"{name}\" used more than once");
            return Err(Failure::new(SqlState::InvalidFunctionDefinition, message));
        }
        let is_record = self.variables[number as usize].is_record;
        let kind = if is_record { Kind::Record(number) } else { Kind::Scalar(number) };
        self.scope = self.names.add(self.scope, kind, name);
        Ok(())
    }

    fn result(&mut self, outputs: &[u32]) -> ResultShape {
        let of = self.declared.result;
        if self.declared.kind == BodyKind::Trigger {
            return ResultShape::Trigger;
        }
        if self.declared.kind == BodyKind::EventTrigger {
            return ResultShape::Void;
        }
        match outputs {
            [] if of.oid == oid::VOID => ResultShape::Void,
            [] => match self.catalog.row_kind(of) {
                RowKind::Row => ResultShape::Row(of),
                RowKind::Scalar | RowKind::Pseudo => ResultShape::Scalar(of),
            },
            [only] if self.declared.kind != BodyKind::Procedure => ResultShape::Output(*only, of),
            several => ResultShape::Outputs(several.to_vec(), of),
        }
    }

    fn trigger_variables(&mut self) -> TriggerVariables {
        let record = Type::of(oid::RECORD);
        let rows = ["new", "old"].map(|name| self.declare(name, record, true, true));
        let text = Type::of(oid::TEXT);
        let name = Type::of(oid::NAME);
        let words = [
            ("tg_name", name),
            ("tg_when", text),
            ("tg_level", text),
            ("tg_op", text),
            ("tg_relid", Type::of(oid::OID)),
            ("tg_relname", name),
            ("tg_table_name", name),
            ("tg_table_schema", name),
            ("tg_nargs", Type::of(oid::INT4)),
            ("tg_argv", Type::of(TEXT_ARRAY)),
        ];
        TriggerVariables { rows, words: words.map(|(word, of)| self.declare(word, of, false, true)) }
    }

    /// A variable that nobody writes a declaration for.
    fn declare(&mut self, name: &str, of: Type, is_record: bool, named: bool) -> u32 {
        let number = u32::try_from(self.variables.len()).unwrap_or(u32::MAX);
        self.variables.push(Variable {
            name: name.to_owned(),
            line: 0,
            of,
            is_record,
            constant: false,
            not_null: false,
            of_case: false,
            default: None,
            cursor: None,
        });
        if named {
            let kind = if is_record { Kind::Record(number) } else { Kind::Scalar(number) };
            self.scope = self.names.add(self.scope, kind, name);
        }
        number
    }

    /// SQL with a number of its own.
    fn numbered(&mut self, text: String, mode: Mode) -> Expression {
        self.expressions += 1;
        let (number, scope) = (self.expressions - 1, self.scope);
        let names_cursor = expression::names_cursor(&text, self.declared.settings.strings);
        Expression { text: text.into(), mode, number, sort: Sort::Query, names_cursor, scope }
    }

    /// One level deeper.
    fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth >= self.declared.depth_limit {
            return Err(Failure::new(SqlState::StatementTooComplex, "stack depth limit exceeded"));
        }
        self.depth += 1;
        let result = rule(self);
        self.depth -= 1;
        result
    }

    /// The names of a variable that stand here, `a`, `a.b`, `a.b.c`, without taking them.
    fn look_at_names(&mut self) -> Outcome<Vec<Token<'a>>> {
        let mut names = vec![self.reader.peek()?];
        while names.len() < 3 && self.reader.look(names.len() * 2 - 1)?.kind == TokenKind::Dot {
            let next = self.reader.look(names.len() * 2)?;
            if !matches!(next.kind, TokenKind::Identifier | TokenKind::Keyword(_)) {
                break;
            }
            names.push(next);
        }
        Ok(names)
    }

    /// The variable that stands here, and of how many names it takes.
    fn look_for_variable(&mut self) -> Outcome<Option<(Found, Vec<Token<'a>>)>> {
        let first = self.reader.peek()?;
        if first.kind == TokenKind::Parameter(0) || !self.is_variable_name(&first) {
            return Ok(None);
        }
        let names = self.look_at_names()?;
        let words = words_of(&names);
        let texts: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        Ok(self.names.find(self.scope, &texts, false).map(|found| (found, names)))
    }

    fn is_variable_name(&self, token: &Token<'_>) -> bool {
        matches!(token.kind, TokenKind::Parameter(_)) || self.reader.is_name(token)
    }

    /// Takes a variable, or a field of one, that values are put into.
    fn place(&mut self) -> Outcome<(Place, bool)> {
        let at = self.reader.peek()?;
        let Some((found, names)) = self.look_for_variable()? else { return Err(self.not_a_variable()) };
        let field = match names.get(found.parts) {
            Some(field) if found.is_record => Some(field.text.to_owned()),
            _ => None,
        };
        let taken = found.parts + usize::from(field.is_some());
        for _ in 0..taken * 2 - 1 {
            self.reader.take()?;
        }
        self.refuse_constant(found.variable, at.start)?;
        let is_row = found.is_record && field.is_none();
        Ok((Place { variable: found.variable, field }, is_row))
    }

    /// The refusal of what stands where a variable should.
    fn not_a_variable(&mut self) -> Box<Failure> {
        let token = match self.reader.peek() {
            Ok(token) => token,
            Err(failure) => return failure,
        };
        if !self.reader.is_name(&token) {
            return self.reader.unexpected();
        }
        match self.look_at_names() {
            Ok(names) => {
                let shown: Vec<&str> = names.iter().map(|name| name.text).collect();
                let message = format!("\"{}\" is not a known variable", shown.join("."));
                Failure::syntax(message).at(token.start)
            }
            Err(failure) => failure,
        }
    }

    fn refuse_constant(&self, variable: u32, position: u32) -> Outcome<()> {
        let known = &self.variables[variable as usize];
        if !known.constant {
            return Ok(());
        }
        let message = format!("variable \"{}\" is declared CONSTANT", known.name);
        Err(Failure::new(SqlState::ErrorInAssignment, message).at(position))
    }
}

/// Names as variables have them: a parameter's number is one by itself.
fn words_of<'a>(names: &[Token<'a>]) -> Vec<Cow<'a, str>> {
    match names.first().map(|name| name.kind) {
        Some(TokenKind::Parameter(number)) => vec![Cow::Owned(format!("${number}"))],
        _ => names.iter().map(|name| Cow::Borrowed(name.text)).collect(),
    }
}
