//! Statements that are no loops and have nothing to do with cursors.

use super::expression::{COMMA, SEMICOLON, Until};
use super::{BodyKind, Parser};
use crate::failure::{Failure, Outcome};
use crate::names::Kind;
use crate::tree::{Expression, Place, Plain, ResultShape, Statement, StatementKind, Target, Told};
use diagnostic::SqlState;
use syntax::lexer::TokenKind;
use types::Type;
use types::catalog::oid;

impl Parser<'_, '_> {
    /// A statement; `NULL` leaves none.
    pub(super) fn statement(&mut self) -> Outcome<Option<Statement>> {
        let label = self.label()?;
        let start = self.reader.peek()?;
        let line = self.reader.line(start.start);
        let kind = match label {
            Some(label) => Some(self.labelled(Some(label))?),
            None => self.unlabelled()?,
        };
        Ok(kind.map(|kind| Statement { line, kind }))
    }

    /// A block or a loop.
    fn labelled(&mut self, label: Option<String>) -> Outcome<StatementKind> {
        let token = self.reader.peek()?;
        let word = if self.reader.is_word(&token) { token.text } else { "" };
        match word {
            "declare" | "begin" => {
                let block = self.block(label)?;
                self.reader.expect_kind(TokenKind::Semicolon)?;
                Ok(StatementKind::Block(block))
            }
            "loop" | "while" | "for" | "foreach" => {
                self.deeper(|parser| parser.any_loop(label)).map(StatementKind::Loop)
            }
            _ => Err(self.reader.unexpected()),
        }
    }

    fn unlabelled(&mut self) -> Outcome<Option<StatementKind>> {
        let token = self.reader.peek()?;
        let parameter = matches!(token.kind, TokenKind::Parameter(_));
        if parameter || (self.reader.is_name(&token) && self.is_assigned_to()?) {
            return self.assign().map(Some);
        }
        let word = if self.reader.is_word(&token) { token.text } else { "" };
        let kind = match word {
            "declare" | "begin" | "loop" | "while" | "for" | "foreach" => self.labelled(None),
            "if" => self.deeper(Self::if_statement),
            "case" => self.deeper(Self::case_statement),
            "exit" | "continue" => self.exit(),
            "return" => self.return_statement(),
            "null" => {
                self.reader.take()?;
                self.reader.expect_kind(TokenKind::Semicolon)?;
                return Ok(None);
            }
            _ => self.plain(word).map(StatementKind::Plain),
        };
        kind.map(Some)
    }

    fn plain(&mut self, word: &str) -> Outcome<Plain> {
        match word {
            "raise" => self.raise(),
            "assert" => self.assert(),
            "execute" => self.execute(),
            "perform" => self.perform(),
            "call" | "do" => Ok(Plain::Call(self.statement_text()?, word == "call")),
            "get" => self.get_diagnostics(),
            "open" => self.open(),
            "fetch" => self.fetch(false),
            "move" => self.fetch(true),
            "close" => self.close(),
            "commit" | "rollback" => self.end_transaction(),
            _ => self.sql(),
        }
    }

    fn assign(&mut self) -> Outcome<StatementKind> {
        let at = self.reader.peek()?;
        let Some((found, names)) = self.look_for_variable()? else { return Err(self.not_a_variable()) };
        self.refuse_constant(found.variable, at.start)?;
        let field = match names.get(found.parts) {
            Some(field) if found.is_record => Some(field.text.to_owned()),
            _ => None,
        };
        let taken = found.parts + usize::from(field.is_some());
        let expression = self.assignment(taken)?;
        Ok(StatementKind::Assign(Place { variable: found.variable, field }, expression))
    }

    fn if_statement(&mut self) -> Outcome<StatementKind> {
        self.reader.expect("if")?;
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let condition = self.until_word("then")?;
            arms.push((condition, self.statements()?));
            if self.reader.eat("elsif")? || self.reader.eat("elseif")? {
                continue;
            }
            if self.reader.eat("else")? {
                otherwise = self.statements()?;
            }
            self.reader.expect("end")?;
            self.reader.expect("if")?;
            self.reader.expect_kind(TokenKind::Semicolon)?;
            return Ok(StatementKind::If { arms, otherwise });
        }
    }

    fn case_statement(&mut self) -> Outcome<StatementKind> {
        self.reader.expect("case")?;
        let around = self.scope;
        let operand = if self.reader.at("when")? {
            None
        } else {
            let operand = self.until_word("when")?;
            let name = format!("__Case__Variable_{}__", self.variables.len());
            let variable = self.declare(&name, Type::of(oid::INT4), false, true);
            self.variables[variable as usize].of_case = true;
            Some((operand, variable))
        };
        if operand.is_none() {
            self.reader.expect("when")?;
        }
        let mut arms = Vec::new();
        loop {
            let condition = match &operand {
                None => self.until_word("then")?,
                Some((_, variable)) => {
                    let (start, end, _) = self.stretch(&[Until::Word("then")], "THEN", true)?;
                    let written = self.reader.text(start, end).to_owned();
                    self.check_expression(&written, start)?;
                    let name = &self.variables[*variable as usize].name;
                    let text = format!("\"{name}\" IN ({written})");
                    self.numbered(text, crate::tree::Mode::Expression)
                }
            };
            arms.push((condition, self.statements()?));
            if !self.reader.eat("when")? {
                break;
            }
        }
        let otherwise = match self.reader.eat("else")? {
            true => Some(self.statements()?),
            false => None,
        };
        self.reader.expect("end")?;
        self.reader.expect("case")?;
        self.reader.expect_kind(TokenKind::Semicolon)?;
        self.scope = around;
        Ok(StatementKind::Case { operand, arms, otherwise })
    }

    fn exit(&mut self) -> Outcome<StatementKind> {
        let start = self.reader.peek()?.start;
        let exits = self.reader.take()?.text == "exit";
        let mut label = None;
        let token = self.reader.peek()?;
        if self.reader.is_name(&token) && !self.reader.is(&token, "when") {
            self.reader.take()?;
            match self.names.label(self.scope, token.text) {
                None => {
                    let message = format!(
                        "there is no label \"{}\" attached to any block or loop enclosing this statement",
                        token.text
                    );
                    return Err(Failure::syntax(message).at(token.start));
                }
                Some(Kind::Block) if !exits => {
                    let message = format!("block label \"{}\" cannot be used in CONTINUE", token.text);
                    return Err(Failure::syntax(message).at(token.start));
                }
                Some(_) => label = Some(token.text.to_owned()),
            }
        } else if !self.names.has_loop(self.scope) {
            let message = match exits {
                true => "EXIT cannot be used outside a loop, unless it has a label",
                false => "CONTINUE cannot be used outside a loop",
            };
            return Err(Failure::syntax(message).at(start));
        }
        let when = if self.reader.eat("when")? {
            Some(self.expression(&[SEMICOLON], ";")?.0)
        } else {
            self.reader.expect_kind(TokenKind::Semicolon)?;
            None
        };
        Ok(StatementKind::Exit { exits, label, when })
    }

    fn return_statement(&mut self) -> Outcome<StatementKind> {
        let start = self.reader.take()?.start;
        let token = self.reader.peek()?;
        if token.kind == TokenKind::End {
            return Err(self.reader.refused("unexpected end of function definition"));
        }
        if self.reader.eat("next")? {
            return self.return_next(start).map(StatementKind::Plain);
        }
        if self.reader.eat("query")? {
            return self.return_query(start).map(StatementKind::Plain);
        }
        let alone = self.reader.at_kind(TokenKind::Semicolon)?;
        let refused = |message: &str| Failure::new(SqlState::DatatypeMismatch, message).at(token.start);
        let of_procedure =
            || Failure::syntax("RETURN cannot have a parameter in a procedure").at(token.start);
        let result = self.result(&self.outputs());
        let nothing = match result {
            _ if self.declared.returns_set => {
                if !alone {
                    let failure = refused("RETURN cannot have a parameter in function returning set");
                    return Err(failure.with_hint("Use RETURN NEXT or RETURN QUERY."));
                }
                true
            }
            ResultShape::Outputs(..) | ResultShape::Output(..) => {
                if !alone && self.declared.kind == BodyKind::Procedure {
                    return Err(of_procedure());
                }
                if !alone {
                    return Err(refused("RETURN cannot have a parameter in function with OUT parameters"));
                }
                true
            }
            ResultShape::Void => {
                if !alone && self.declared.kind == BodyKind::Procedure {
                    return Err(of_procedure());
                }
                if !alone {
                    return Err(refused("RETURN cannot have a parameter in function returning void"));
                }
                true
            }
            ResultShape::Scalar(_) | ResultShape::Row(_) | ResultShape::Trigger => false,
        };
        if nothing {
            self.reader.expect_kind(TokenKind::Semicolon)?;
            return Ok(StatementKind::Return(None));
        }
        let (value, _) = self.expression(&[SEMICOLON], ";")?;
        Ok(StatementKind::Return(Some(value)))
    }

    /// The variables of outputs.
    fn outputs(&self) -> Vec<u32> {
        let all = self.declared.arguments.iter().zip(0..);
        all.filter(|(argument, _)| argument.is_output).map(|(_, number)| number).collect()
    }

    fn return_next(&mut self, start: u32) -> Outcome<Plain> {
        if !self.declared.returns_set {
            let message = "cannot use RETURN NEXT in a non-SETOF function";
            return Err(Failure::new(SqlState::DatatypeMismatch, message).at(start));
        }
        let alone = self.reader.at_kind(TokenKind::Semicolon)?;
        if !self.outputs().is_empty() {
            if !alone {
                let place = self.reader.peek()?.start;
                let message = "RETURN NEXT cannot have a parameter in function with OUT parameters";
                return Err(Failure::new(SqlState::DatatypeMismatch, message).at(place));
            }
            self.reader.take()?;
            return Ok(Plain::ReturnNext(None));
        }
        let (value, _) = self.expression(&[SEMICOLON], ";")?;
        Ok(Plain::ReturnNext(Some(value)))
    }

    fn return_query(&mut self, start: u32) -> Outcome<Plain> {
        if !self.declared.returns_set {
            let message = "cannot use RETURN QUERY in a non-SETOF function";
            return Err(Failure::new(SqlState::DatatypeMismatch, message).at(start));
        }
        if self.reader.eat("execute")? {
            let (text, arguments) = self.dynamic(&[SEMICOLON], ";")?;
            return Ok(Plain::ReturnExecute(text, arguments));
        }
        Ok(Plain::ReturnQuery(self.statement_text()?))
    }

    /// `text USING a, b` up to one of these.
    pub(super) fn dynamic(
        &mut self,
        ends: &[Until],
        expected: &str,
    ) -> Outcome<(Expression, Vec<Expression>)> {
        let mut until = ends.to_vec();
        until.push(Until::Word("using"));
        let (text, token) = self.expression(&until, &format!("USING or {expected}"))?;
        let mut arguments = Vec::new();
        if self.reader.is(&token, "using") {
            let mut until = ends.to_vec();
            until.push(COMMA);
            loop {
                let (argument, token) = self.expression(&until, &format!(", or {expected}"))?;
                arguments.push(argument);
                if token.kind != TokenKind::Comma {
                    break;
                }
            }
        }
        Ok((text, arguments))
    }

    fn assert(&mut self) -> Outcome<Plain> {
        self.reader.take()?;
        let (condition, token) = self.expression(&[COMMA, SEMICOLON], ", or ;")?;
        let message = match token.kind {
            TokenKind::Comma => Some(self.expression(&[SEMICOLON], ";")?.0),
            _ => None,
        };
        Ok(Plain::Assert(condition, message))
    }

    fn perform(&mut self) -> Outcome<Plain> {
        self.reader.take()?;
        // A row without columns may be made, too.
        let (start, end) = match self.reader.at_kind(TokenKind::Semicolon)? {
            true => (self.reader.take()?.start, self.reader.taken_to() - 1),
            false => {
                let (start, end, _) = self.stretch(&[SEMICOLON], ";", false)?;
                (start, end)
            }
        };
        let written = self.reader.text(start, end).to_owned();
        let text = format!("SELECT {written}");
        // The word that stands in its place is as long.
        let query = self.statement_in(text, start.saturating_sub(7))?;
        Ok(Plain::Perform(query))
    }

    fn execute(&mut self) -> Outcome<Plain> {
        self.reader.take()?;
        let ends = [Until::Word("into"), Until::Word("using"), SEMICOLON];
        let (query, mut token) = self.expression(&ends, "INTO or USING or ;")?;
        let (mut target, mut strict, mut arguments) = (None, false, Vec::new());
        loop {
            if self.reader.is(&token, "into") {
                if target.is_some() {
                    return Err(self.reader.refused_at("syntax error", token));
                }
                strict = self.reader.eat("strict")?;
                target = Some(self.target()?);
                token = self.reader.take()?;
            } else if self.reader.is(&token, "using") {
                if !arguments.is_empty() {
                    return Err(self.reader.refused_at("syntax error", token));
                }
                loop {
                    let ends = [COMMA, SEMICOLON, Until::Word("into")];
                    let (argument, end) = self.expression(&ends, ", or ; or INTO")?;
                    arguments.push(argument);
                    token = end;
                    if end.kind != TokenKind::Comma {
                        break;
                    }
                }
            } else if token.kind == TokenKind::Semicolon {
                return Ok(Plain::Execute { query, target, strict, arguments });
            } else {
                return Err(self.reader.refused_at("syntax error", token));
            }
        }
    }

    /// Where rows go: a row, or a list of what is none.
    pub(super) fn target(&mut self) -> Outcome<Target> {
        let first_at = self.reader.peek()?;
        let (first, is_row) = self.place()?;
        if is_row {
            if self.reader.at_kind(TokenKind::Comma)? {
                let place = self.reader.peek()?.start;
                let message = "record variable cannot be part of multiple-item INTO list";
                return Err(Failure::syntax(message).at(place));
            }
            return Ok(Target::Record(first));
        }
        let _ = first_at;
        self.scalar_list(first)
    }

    /// More places behind the first.
    pub(super) fn scalar_list(&mut self, first: Place) -> Outcome<Target> {
        let mut places = vec![first];
        while self.reader.eat_kind(TokenKind::Comma)? {
            let token = self.reader.peek()?;
            let (place, is_row) = self.place()?;
            if is_row {
                let name = &self.variables[place.variable as usize].name;
                let message = format!("\"{name}\" is not a scalar variable");
                return Err(Failure::syntax(message).at(token.start));
            }
            places.push(place);
        }
        Ok(Target::List(places))
    }

    fn get_diagnostics(&mut self) -> Outcome<Plain> {
        let start = self.reader.take()?.start;
        let stacked = self.reader.eat("stacked")?;
        if !stacked {
            self.reader.eat("current")?;
        }
        self.reader.expect("diagnostics")?;
        let mut items = Vec::new();
        loop {
            let at = self.reader.peek()?;
            let (place, is_row) = self.place()?;
            if is_row {
                let name = &self.variables[place.variable as usize].name;
                return Err(Failure::syntax(format!("\"{name}\" is not a scalar variable")).at(at.start));
            }
            if !matches!(self.reader.peek()?.kind, TokenKind::Equals | TokenKind::ColonEquals) {
                return Err(self.reader.unexpected());
            }
            self.reader.take()?;
            let token = self.reader.peek()?;
            let word = if self.reader.is_word(&token) { token.text } else { "" };
            let Some(told) = told(word) else {
                return Err(self.reader.refused("unrecognized GET DIAGNOSTICS item"));
            };
            self.reader.take()?;
            if stacked == matches!(told, Told::RowCount | Told::RoutineOid | Told::Context) {
                let which = if stacked { "STACKED" } else { "CURRENT" };
                let message = format!(
                    "diagnostics item {} is not allowed in GET {which} DIAGNOSTICS",
                    word.to_ascii_uppercase()
                );
                return Err(Failure::syntax(message).at(start));
            }
            items.push((told, place));
            if !self.reader.eat_kind(TokenKind::Comma)? {
                self.reader.expect_kind(TokenKind::Semicolon)?;
                return Ok(Plain::GetDiagnostics { stacked, items });
            }
        }
    }

    fn end_transaction(&mut self) -> Outcome<Plain> {
        let commits = self.reader.take()?.text == "commit";
        let mut chain = false;
        if self.reader.eat("and")? {
            chain = !self.reader.eat("no")?;
            self.reader.expect("chain")?;
        }
        self.reader.expect_kind(TokenKind::Semicolon)?;
        Ok(if commits { Plain::Commit(chain) } else { Plain::Rollback(chain) })
    }

    /// Any statement of SQL, `INTO` taken out of it.
    fn sql(&mut self) -> Outcome<Plain> {
        let first = self.reader.peek()?;
        let next = self.reader.look(1)?;
        let assigns = matches!(
            next.kind,
            TokenKind::Equals | TokenKind::ColonEquals | TokenKind::LeftBracket | TokenKind::Dot
        );
        if self.reader.is_name(&first) && assigns {
            return Err(self.not_a_variable());
        }
        if !matches!(first.kind, TokenKind::Identifier | TokenKind::Keyword(_))
            && first.kind != TokenKind::LeftParenthesis
            || ["then", "when", "else", "by", "to", "using", "into", "from", "in", "or", "not", "all"]
                .iter()
                .any(|word| self.reader.is(&first, word))
        {
            return Err(self.reader.unexpected());
        }
        let start = first.start;
        let (mut text, mut target, mut strict) = (String::new(), None, false);
        let (mut taken, mut end, mut before) = (start, start, "");
        let mut nesting = Nesting::default();
        loop {
            let token = self.reader.peek()?;
            nesting.pass(self.reader.is_word(&token).then_some(token.text), token.kind);
            match token.kind {
                TokenKind::Semicolon if nesting.is_over() => break,
                TokenKind::End => {
                    return Err(self.reader.refused("unexpected end of function definition"));
                }
                _ => {}
            }
            let into = self.reader.is(&token, "into") && !matches!(before, "insert" | "merge");
            before = if self.reader.is_word(&token) { token.text } else { "" };
            self.reader.take()?;
            end = token.end;
            if !into || self.reader.is(&first, "import") {
                continue;
            }
            if target.is_some() {
                return Err(self.reader.refused_at("INTO specified more than once", token));
            }
            text.push_str(self.reader.text(taken, token.start));
            strict = self.reader.eat("strict")?;
            target = Some(self.target()?);
            // What comes behind stays where it stands.
            taken = self.reader.peek()?.start;
            text.extend(std::iter::repeat_n(' ', (taken - token.start) as usize));
            end = self.reader.taken_to();
        }
        self.reader.take()?;
        text.push_str(self.reader.text(taken, end.max(taken)));
        let text = text.trim_end().to_owned();
        let query = self.statement_in(text, start)?;
        Ok(Plain::Sql { query, target, strict })
    }
}

/// How deep within a statement its next token stands: a rule has statements in parentheses, a function's body some between
/// `BEGIN` and `END`, and each of them ends with a semicolon that does not end the whole.
#[derive(Default)]
struct Nesting {
    parentheses: u32,
    blocks: u32,
    tokens: u32,
    /// Whether it begins with `CREATE`.
    creates: bool,
    /// Whether it creates a function or procedure.
    routine: bool,
}

impl Nesting {
    fn pass(&mut self, word: Option<&str>, kind: TokenKind) {
        self.creates |= self.tokens == 0 && word == Some("create");
        // Behind `CREATE` or `CREATE OR REPLACE`.
        let early = self.creates && self.tokens < 4;
        self.routine |= early && matches!(word, Some("function" | "procedure"));
        self.tokens = self.tokens.saturating_add(1);
        match kind {
            TokenKind::LeftParenthesis => self.parentheses += 1,
            TokenKind::RightParenthesis => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        if self.routine && self.parentheses == 0 {
            match word {
                // The one is ended by `END` as the other is.
                Some("begin" | "case") => self.blocks += 1,
                Some("end") => self.blocks = self.blocks.saturating_sub(1),
                Some(_) | None => {}
            }
        }
    }

    fn is_over(&self) -> bool {
        self.parentheses == 0 && self.blocks == 0
    }
}

fn told(word: &str) -> Option<Told> {
    Some(match word {
        "row_count" => Told::RowCount,
        "pg_routine_oid" => Told::RoutineOid,
        "pg_context" => Told::Context,
        "pg_exception_context" => Told::ErrorContext,
        "pg_exception_detail" => Told::ErrorDetail,
        "pg_exception_hint" => Told::ErrorHint,
        "returned_sqlstate" => Told::ReturnedSqlstate,
        "column_name" => Told::ColumnName,
        "constraint_name" => Told::ConstraintName,
        "pg_datatype_name" => Told::DatatypeName,
        "message_text" => Told::MessageText,
        "table_name" => Told::TableName,
        "schema_name" => Told::SchemaName,
        _ => return None,
    })
}
