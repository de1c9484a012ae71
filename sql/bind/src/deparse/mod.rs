//! Bound expressions and queries as SQL text, as `pg_get_expr` and `pg_get_viewdef` print them: what the catalog keeps, and
//! shows.
//!
//! Every name in the text is resolved: it means the same again whatever the search path is, as far as users' functions and
//! types are named with their schemas where the path at hand does not find them. What cannot be printed answers `None`.

mod change;
mod composite;
mod constant;
mod from;
mod level;
mod output;
mod query;
mod settle;
mod simple;
mod subquery;

pub use query::Style;
pub(crate) use settle::column_numbers;

use crate::domain::as_written;
use crate::shape::Shapes;
use catalog::Scope;
use catalog::name::quote_identifier;
use constant::sql_value;
use functions::table::function;
use level::{Called, Level};
use output::Output;
use plan::expression::{Call, CallForm, Column, Expression, ExpressionKind, WrittenArgument};
use plan::logical::ScanSource;
use plan::written::{Piece, in_words};
use simple::{Around, is_simple};
use types::Type;
use types::catalog::oid;
use types::text::TextSettings;

/// What is printed by.
#[derive(Clone, Copy)]
pub struct Deparse<'d> {
    scope: &'d Scope,
    settings: &'d TextSettings,
    /// What a column is called that is no query's.
    column: &'d dyn Fn(Column) -> String,
    /// Whether parentheses that nobody needs are left out.
    pretty: bool,
    /// Whether what is in `FROM` is being printed.
    within_from: bool,
    shapes: Option<&'d Shapes>,
    level: Option<&'d Level<'d>>,
    /// What arguments of a function are called; numbers stand for them otherwise.
    arguments: Option<&'d ArgumentNames>,
}

/// What the arguments of a function are called in its body.
pub struct ArgumentNames {
    /// The function.
    pub function: String,
    /// Their names, empty where one has none.
    pub names: Vec<String>,
}

impl<'d> Deparse<'d> {
    /// What names mean, how values look, and what a column is called that is no query's.
    pub fn new(
        scope: &'d Scope,
        settings: &'d TextSettings,
        column: &'d dyn Fn(Column) -> String,
    ) -> Deparse<'d> {
        Deparse {
            scope,
            settings,
            column,
            pretty: false,
            within_from: false,
            shapes: None,
            level: None,
            arguments: None,
        }
    }

    /// The same within the body of a function: its arguments are called by their names.
    #[must_use]
    pub fn within_body(self, arguments: &'d ArgumentNames) -> Deparse<'d> {
        Deparse { arguments: Some(arguments), ..self }
    }

    /// An argument. It is named after its function wherever something could have columns.
    fn argument(&self, number: u32) -> String {
        let named = self.arguments.and_then(|of| Some((of, of.names.get(number as usize)?)));
        match named.filter(|(_, name)| !name.is_empty()) {
            Some((_, name)) if !self.level.is_some_and(Level::names_something) => quote_identifier(name),
            Some((of, name)) => format!("{}.{}", quote_identifier(&of.function), quote_identifier(name)),
            None => format!("${}", number + 1),
        }
    }

    /// The text of an expression. `None` if there is a part that cannot be printed.
    pub fn expression(&self, expression: &Expression) -> Option<String> {
        self.expression_in(expression, Style { pretty: false, indented: false })
    }

    /// The text of an expression in a style.
    pub fn expression_in(&self, expression: &Expression, style: Style) -> Option<String> {
        let mut output = Output::new(style.indented);
        let deparse = Deparse { pretty: style.pretty, ..*self };
        deparse.append(expression, false, &mut output)?;
        Some(output.text)
    }

    /// Appends an expression; casts that nobody wrote are shown within operators and calls alone.
    fn append(&self, expression: &Expression, implicit: bool, output: &mut Output) -> Option<()> {
        match &expression.kind {
            ExpressionKind::Constant(value) => {
                self.constant(value, expression.result, true, &mut output.text)
            }
            ExpressionKind::Parameter(number) => {
                output.push(&self.argument(*number));
                Some(())
            }
            ExpressionKind::Column(column) => self.append_column(*column, expression, output),
            ExpressionKind::Call(call) => self.append_call(call, expression.result, implicit, output),
            ExpressionKind::And(terms) => self.joined(terms, " AND ", Around::And, output),
            ExpressionKind::Or(terms) => self.joined(terms, " OR ", Around::Or, output),
            ExpressionKind::Not(operand) => {
                self.open(output);
                output.push("NOT ");
                self.operand(operand, false, Around::Not, output)?;
                self.close(output);
                Some(())
            }
            ExpressionKind::IsNull { operand, negated } => {
                let test = if *negated { " IS NOT NULL" } else { " IS NULL" };
                self.tested(operand, test, output)
            }
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                let wanted = match wanted {
                    Some(true) => "TRUE",
                    Some(false) => "FALSE",
                    None => "UNKNOWN",
                };
                let not = if *negated { "NOT " } else { "" };
                self.tested(operand, &format!(" IS {not}{wanted}"), output)
            }
            ExpressionKind::IsDistinct { operands, negated, .. } => {
                if *negated {
                    self.open(output);
                    output.push("NOT ");
                }
                // Within NOT a test needs no parentheses when they are left out.
                self.open(output);
                self.operand(&operands.0, true, Around::Test, output)?;
                output.push(" IS DISTINCT FROM ");
                self.operand(&operands.1, true, Around::Test, output)?;
                self.close(output);
                if *negated {
                    self.close(output);
                }
                Some(())
            }
            _ => self.append_construct(expression, output),
        }
    }

    /// An operand, in parentheses if it needs some there.
    fn operand(
        &self,
        expression: &Expression,
        implicit: bool,
        around: Around<'_>,
        output: &mut Output,
    ) -> Option<()> {
        let parentheses = self.pretty && !is_simple(expression, around);
        output.push(if parentheses { "(" } else { "" });
        self.append(expression, implicit, output)?;
        output.push(if parentheses { ")" } else { "" });
        Some(())
    }

    /// A number whose type what stands before it says.
    fn append_number(&self, expression: &Expression, output: &mut Output) -> Option<()> {
        let shown = match expression.as_constant() {
            Some(types::Value::Int64(number)) if *number >= 0 => number.to_string(),
            Some(types::Value::Float32(number)) if *number >= 0.0 => number.to_string(),
            Some(types::Value::Float64(number)) if *number >= 0.0 => number.to_string(),
            _ => return self.append(expression, false, output),
        };
        output.push(&shown);
        Some(())
    }

    fn open(&self, output: &mut Output) {
        output.push(if self.pretty { "" } else { "(" });
    }

    fn close(&self, output: &mut Output) {
        output.push(if self.pretty { "" } else { ")" });
    }

    fn append_collate(&self, operand: &Expression, collation: u32, output: &mut Output) -> Option<()> {
        self.open(output);
        self.operand(operand, true, Around::Cast, output)?;
        output.push(" COLLATE ");
        output.push(&self.scope.collation_name(collation)?);
        self.close(output);
        Some(())
    }

    /// The kinds of expressions that [`Deparse::append`] leaves.
    fn append_construct(&self, expression: &Expression, output: &mut Output) -> Option<()> {
        if let Some(read) = as_read(expression) {
            return self.append(read, true, output);
        }
        match &expression.kind {
            ExpressionKind::Case { operand, arms, otherwise } => {
                self.case(operand.as_deref(), arms, (otherwise.as_deref(), expression.result), output)
            }
            ExpressionKind::Element => {
                output.push("VALUE");
                Some(())
            }
            ExpressionKind::Coalesce(terms) => {
                if let Some(name) = self.merged_name(expression) {
                    output.push(&quote_identifier(name));
                    return Some(());
                }
                self.listed("COALESCE(", terms, ")", output)
            }
            ExpressionKind::NullIf { operands, .. } => self.append_null_if(operands, output),
            ExpressionKind::Extreme { greatest, operands, .. } => {
                let open = if *greatest { "GREATEST(" } else { "LEAST(" };
                self.listed(open, operands, ")", output)
            }
            // A row of a type is a record without a cast.
            ExpressionKind::Relabel(operand) if expression.result.oid == oid::RECORD => {
                self.append(operand, true, output)
            }
            ExpressionKind::Relabel(operand)
            | ExpressionKind::ThroughText(operand)
            | ExpressionKind::ArrayCast { operand, .. }
            | ExpressionKind::RowCast { operand, .. }
            | ExpressionKind::DomainCheck { operand, .. } => match as_written(expression) {
                written if std::ptr::eq(written, expression) => self.cast(operand, expression.result, output),
                written => self.append(written, false, output),
            },
            ExpressionKind::Collate { operand, collation } => {
                self.append_collate(operand, *collation, output)
            }
            ExpressionKind::SqlValue(value) => {
                output.push(&sql_value(*value));
                Some(())
            }
            ExpressionKind::Subquery(subquery) => self.append_subquery(subquery, output),
            ExpressionKind::Array { .. }
            | ExpressionKind::Row(_)
            | ExpressionKind::Field { .. }
            | ExpressionKind::Subscript { .. } => self.append_composite(expression, output),
            ExpressionKind::Quantified { .. }
            | ExpressionKind::InList { .. }
            | ExpressionKind::RowCompare { .. } => self.append_comparison(expression, output),
            // What is printed above, and what only plans and changes have.
            ExpressionKind::Constant(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Call(_)
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::IsDistinct { .. }
            | ExpressionKind::CaseOperand
            | ExpressionKind::Replace { .. }
            | ExpressionKind::Grouping(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::Subplan { .. } => None,
        }
    }

    fn append_null_if(&self, operands: &(Expression, Expression), output: &mut Output) -> Option<()> {
        output.push("NULLIF(");
        self.append(&operands.0, true, output)?;
        output.push(", ");
        self.append(&operands.1, true, output)?;
        output.push(")");
        Some(())
    }

    fn joined(
        &self,
        terms: &[Expression],
        between: &str,
        around: Around<'_>,
        output: &mut Output,
    ) -> Option<()> {
        self.open(output);
        for (place, term) in terms.iter().enumerate() {
            output.push(if place > 0 { between } else { "" });
            self.operand(term, false, around, output)?;
        }
        self.close(output);
        Some(())
    }

    fn tested(&self, operand: &Expression, test: &str, output: &mut Output) -> Option<()> {
        self.open(output);
        self.operand(operand, true, Around::Test, output)?;
        output.push(test);
        self.close(output);
        Some(())
    }

    fn listed(&self, open: &str, terms: &[Expression], close: &str, output: &mut Output) -> Option<()> {
        output.push(open);
        for (place, term) in terms.iter().enumerate() {
            output.push(if place > 0 { ", " } else { "" });
            self.append(term, true, output)?;
        }
        output.push(close);
        Some(())
    }

    /// The same where a whole row would be read as all its columns, if its type did not stand there.
    fn listed_whole(&self, open: &str, terms: &[Expression], close: &str, output: &mut Output) -> Option<()> {
        output.push(open);
        for (place, term) in terms.iter().enumerate() {
            output.push(if place > 0 { ", " } else { "" });
            self.append_whole(term, true, output)?;
        }
        output.push(close);
        Some(())
    }

    fn append_whole(&self, term: &Expression, implicit: bool, output: &mut Output) -> Option<()> {
        let is_row = matches!(term.kind, ExpressionKind::Column(_) | ExpressionKind::Row(_));
        if is_row && self.level.is_some() && self.plain_column(term, output)?.is_some() {
            return Some(());
        }
        self.append(term, implicit, output)
    }

    fn case(
        &self,
        operand: Option<&Expression>,
        arms: &[(Expression, Expression)],
        (otherwise, result): (Option<&Expression>, Type),
        output: &mut Output,
    ) -> Option<()> {
        let between = if output.indented { "" } else { " " };
        output.line("CASE", 0, output::JOIN, 0);
        if let Some(operand) = operand {
            output.push(" ");
            self.append(operand, true, output)?;
        }
        for (condition, value) in arms {
            output.push(between);
            output.line("WHEN ", 0, 0, 0);
            match (operand, &condition.kind) {
                // The comparison with the operand is not written.
                (Some(_), ExpressionKind::Call(call)) => {
                    self.append(call.arguments.get(1)?, false, output)?
                }
                (Some(_), _) => return None,
                (None, _) => self.append(condition, false, output)?,
            }
            output.push(" THEN ");
            self.append(value, true, output)?;
        }
        output.push(between);
        output.line("ELSE ", 0, 0, 0);
        match otherwise {
            Some(otherwise) => self.append(otherwise, true, output)?,
            None => output.push(&format!("NULL::{}", self.type_text(result))),
        }
        output.push(between);
        output.line("END", -output::JOIN, 0, 0);
        Some(())
    }

    fn append_call(&self, call: &Call, result: Type, implicit: bool, output: &mut Output) -> Option<()> {
        if let Some(operator) = &call.operator {
            let operator = &match call.form {
                CallForm::Made(oid) => self.scope.operator_text(self.scope.operator(oid)?),
                CallForm::Call | CallForm::Cast | CallForm::ImplicitCast | CallForm::Words => {
                    self.scope.system_operator_text(operator, call.function.0)
                }
            };
            self.open(output);
            if let [left, right] = &call.arguments[..] {
                self.operand(left, true, Around::Operator(operator, true), output)?;
                output.push(&format!(" {operator} "));
                self.operand(right, true, Around::Operator(operator, false), output)?;
            } else {
                output.push(&format!("{operator} "));
                self.operand(call.arguments.first()?, true, Around::Operator(operator, true), output)?;
            }
            self.close(output);
            return Some(());
        }
        if call.form.is_cast() {
            let operand = call.arguments.first()?;
            if call.form == CallForm::ImplicitCast && !implicit {
                return self.operand(operand, false, Around::Cast, output);
            }
            return self.cast(operand, result, output);
        }
        if call.form == CallForm::Words
            && let Some(pieces) =
                function(call.function.0).and_then(|entry| in_words(entry.name, &call.arguments))
        {
            for piece in pieces {
                match piece {
                    Piece::Words(words) => output.push(words),
                    Piece::Keyword(word) => output.push(&word),
                    Piece::Name(name) => output.push(&quote_identifier(&name)),
                    Piece::Argument(place) => self.append(call.arguments.get(place)?, true, output)?,
                    Piece::Operand(place) => {
                        self.operand(call.arguments.get(place)?, true, Around::Cast, output)?;
                    }
                }
            }
            return Some(());
        }
        match self.name_for_another(call) {
            Some(full) => output.push(&full),
            None => output.push(&self.function_name(call.function.0)?),
        }
        output.push("(");
        match &call.written {
            Some(written) => self.written(call, written, output)?,
            None => self.given(call.function.0, call.variadic, &call.arguments, output)?,
        }
        output.push(")");
        Some(())
    }

    /// The full name of a function, where there is another of its name that what was written would call.
    fn name_for_another(&self, call: &Call) -> Option<String> {
        let written = call.written.as_ref().filter(|_| !self.scope.is_plain())?;
        let known = self.scope.function(call.function.0)?;
        let given = || written.iter().filter_map(|of| call.arguments.get(of.place as usize));
        let is_another = |other: &std::sync::Arc<catalog::object::Function>| {
            other.oid != known.oid
                && other.inputs().count() == written.len()
                && other.inputs().zip(given()).all(|(input, value)| input.type_oid == value.result.oid)
        };
        let mut schemas = self.scope.path().schemas_of_functions();
        let is_hidden = schemas.any(|schema| self.scope.functions_named(schema, &known.name).any(is_another));
        let schema = &self.scope.schema(known.schema)?.name;
        is_hidden.then(|| catalog::name::qualified(schema, &known.name))
    }

    /// What was given to a function as it was written: by names, and without what has defaults. What the catalog keeps names the
    /// types of these, so that the function is found again whatever others there will be of its name.
    fn written(&self, call: &Call, written: &[WrittenArgument], output: &mut Output) -> Option<()> {
        let last = call.arguments.len().checked_sub(1)?;
        let packs = call.variadic || self.packs(call.function.0);
        let mut between = "";
        let mut begin = |place: usize, name: Option<&str>, output: &mut Output| {
            output.push(std::mem::replace(&mut between, ", "));
            if packs && place == last {
                output.push("VARIADIC ");
            }
            if let Some(name) = name {
                output.push(&format!("{} => ", quote_identifier(name)));
            }
        };
        for argument in written {
            begin(argument.place as usize, argument.name.as_deref(), output);
            self.append(call.arguments.get(argument.place as usize)?, true, output)?;
        }
        if !self.scope.is_plain() {
            return Some(());
        }
        let named = written.iter().any(|argument| argument.name.is_some());
        for (place, argument) in call.arguments.iter().enumerate() {
            if written.iter().any(|of| of.place as usize == place) {
                continue;
            }
            let name = if named { Some(self.name_of_input(call.function.0, place)?) } else { None };
            begin(place, name.as_deref(), output);
            output.push(&format!(
                "pg_catalog.{}(NULL::{})",
                quote_identifier(catalog::left_out::LEFT_OUT),
                self.type_text(Type::of(argument.result.oid))
            ));
        }
        Some(())
    }

    /// What a function calls what it is given at a place.
    fn name_of_input(&self, number: u32, place: usize) -> Option<String> {
        match function(number) {
            Some(entry) => entry.names.get(place).map(|name| (*name).to_owned()),
            None => self.scope.function(number)?.inputs().nth(place).map(|argument| argument.name.clone()),
        }
    }

    /// What is given to a function; where it takes its last arguments as one array, that array.
    fn given(
        &self,
        function: u32,
        variadic: bool,
        arguments: &[Expression],
        output: &mut Output,
    ) -> Option<()> {
        match arguments.split_last() {
            Some((last, others)) if variadic || self.packs(function) => {
                self.listed("", others, if others.is_empty() { "" } else { ", " }, output)?;
                output.push("VARIADIC ");
                self.append(last, true, output)
            }
            _ => self.listed("", arguments, "", output),
        }
    }

    /// Whether a function takes its last arguments as one array.
    fn packs(&self, number: u32) -> bool {
        match function(number) {
            Some(entry) => entry.variadic != 0 && entry.variadic != oid::ANY,
            None => self.scope.function(number).is_some_and(|known| {
                known
                    .arguments
                    .iter()
                    .any(|argument| argument.mode == catalog::object::ArgumentMode::Variadic)
            }),
        }
    }

    /// `(operand)::type`; a literal of the type itself stands without parentheses.
    fn cast(&self, operand: &Expression, to: Type, output: &mut Output) -> Option<()> {
        // A cast to a length goes by way of the type alone, which nobody has written.
        let by_way = match &operand.kind {
            ExpressionKind::Relabel(inner) | ExpressionKind::ThroughText(inner) => Some(&**inner),
            ExpressionKind::Call(call) if call.form.is_cast() => call.arguments.first(),
            _ => None,
        };
        let is_way = to.modifier >= 0 && operand.result.oid == to.oid && operand.result.modifier < 0;
        let operand = by_way.filter(|_| is_way).unwrap_or(operand);
        match &operand.kind {
            ExpressionKind::Constant(value)
                if operand.result.oid == to.oid && operand.result.modifier == -1 =>
            {
                self.constant(value, operand.result, false, &mut output.text)?;
            }
            // It has parentheses of its own.
            ExpressionKind::Row(_) => self.operand(operand, false, Around::Cast, output)?,
            _ => {
                self.open(output);
                self.operand(operand, false, Around::Cast, output)?;
                self.close(output);
            }
        }
        output.push(&format!("::{}", self.type_text(to)));
        Some(())
    }

    /// A column: of a table, or what stands for an aggregate, a window function, a set.
    fn append_column(&self, column: Column, expression: &Expression, output: &mut Output) -> Option<()> {
        if self.level.is_none() {
            output.push(&(self.column)(column));
            return Some(());
        }
        let mut level = self.level;
        while let Some(known) = level {
            if let Some(select) = known.select() {
                let place = column.index as usize;
                if select.aggregates.0 == column.relation {
                    return self.append_aggregate(select.aggregates.1.get(place)?, output);
                }
                if select.groupings.0 == column.relation {
                    return self.listed("GROUPING(", select.groupings.1.get(place)?, ")", output);
                }
                if let Some((call, window)) = select.window_calls.get(&column) {
                    return self.append_window_call(call, window, output);
                }
                if let Some(set) = select.sets.iter().find(|set| set.relation == column.relation) {
                    return self.append(set.calls.get(place)?, true, output);
                }
            }
            level = known.around();
        }
        let name = self.plain_column_of(expression, false, output)?;
        name.map(drop)
    }

    /// Appends an entry of a list that is a plain column, and answers its name.
    fn plain_column(&self, expression: &Expression, output: &mut Output) -> Option<Option<String>> {
        self.plain_column_of(expression, true, output)
    }

    fn plain_column_of(
        &self,
        expression: &Expression,
        typed: bool,
        output: &mut Output,
    ) -> Option<Option<String>> {
        let level = self.level?;
        if let Some(column) = expression.as_column()
            && let Some(source) = self.shapes?.system.get(&column)
        {
            let table = quote_identifier(level.name_of_scan(column.relation)?);
            let name = match source {
                ScanSource::RowId => "ctid",
                ScanSource::Writer => "xmin",
                ScanSource::TableOid => "tableoid",
                ScanSource::Column { .. } => return None,
                ScanSource::WholeRow(_) => {
                    output.push(&format!("{table}.*"));
                    if typed {
                        output.push(&format!("::{}", self.type_text(expression.result)));
                    }
                    return Some(Some(String::new()));
                }
            };
            output.push(&if level.bare { name.to_owned() } else { format!("{table}.{name}") });
            return Some(Some(name.to_owned()));
        }
        if let ExpressionKind::Row(fields) = &expression.kind
            && let Some(table) = level.row_of(fields)
        {
            output.push(&format!("{}.*", quote_identifier(table)));
            if typed {
                output.push(&format!("::{}", self.type_text(expression.result)));
            }
            return Some(Some(String::new()));
        }
        match level.called(expression, self.within_from) {
            Some(Called::Column(_, name)) if level.bare => {
                output.push(&quote_identifier(name));
                Some(Some(name.to_owned()))
            }
            Some(Called::Column(table, name)) => {
                output.push(&format!("{}.{}", quote_identifier(table), quote_identifier(name)));
                Some(Some(name.to_owned()))
            }
            Some(Called::Merged(name)) => {
                output.push(&quote_identifier(name));
                Some(Some(name.to_owned()))
            }
            None => Some(None),
        }
    }

    /// The name of a column that a full join makes of two.
    fn merged_name(&self, expression: &Expression) -> Option<&str> {
        match self.level?.called(expression, self.within_from)? {
            Called::Merged(name) | Called::Column(_, name) => Some(name),
        }
    }

    /// Whether an expression is a call, which might be read as something else where one sorts.
    fn is_call(&self, expression: &Expression) -> bool {
        match &expression.kind {
            ExpressionKind::Call(call) => call.operator.is_none(),
            // A column that has no name stands for an aggregate, a window function or a set.
            ExpressionKind::Column(_) => true,
            _ => false,
        }
    }
}

/// What was read from a text, if all that is done with it is to ask of its parts what their domains ask.
fn as_read(expression: &Expression) -> Option<&Expression> {
    let read = match &expression.kind {
        ExpressionKind::DomainCheck { operand, .. }
        | ExpressionKind::ArrayCast { operand, .. }
        | ExpressionKind::RowCast { operand, .. } => operand,
        ExpressionKind::Relabel(checked) => match &checked.kind {
            ExpressionKind::ArrayCast { operand, .. } => match &operand.kind {
                ExpressionKind::Relabel(ranges) => ranges,
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    (read.result.oid == expression.result.oid).then_some(read)
}
