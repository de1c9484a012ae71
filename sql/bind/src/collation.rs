//! By which collation an expression's values compare: what is written with `COLLATE` counts most, then what columns have, then
//! what types have. All collations compare by bytes; what is told apart here is what PostgreSQL refuses to guess, and which letters
//! are mapped to upper and lower case.

use crate::binder::{Binder, Bound};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::query::QueryColumn;
use catalog::object::Oid;
use functions::table::{function, mapping_ascii};
use plan::expression::{
    Column, Expression, ExpressionKind, FunctionId, SubqueryTest, SubscriptStep, WindowCall,
};
use syntax::tree::QualifiedName;
use types::Type;
use types::catalog::oid;

/// The collation `default`, which gives way to every other.
pub(crate) const DEFAULT_COLLATION: Oid = 100;
/// `COLLATION FOR`
pub(crate) const COLLATION_FOR: u32 = 3162;

/// How an expression got its collation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collated {
    /// It has none, or none could be told.
    Nothing,
    /// By its columns or its type, and by which column.
    Implicit(Oid, Option<Column>),
    /// By columns that disagree: two of their collations, and the column with the second.
    Conflict(Oid, Oid, Option<Column>),
    /// By `COLLATE`.
    Explicit(Oid),
}

impl Collated {
    fn strength(self) -> u8 {
        match self {
            Collated::Nothing => 0,
            Collated::Implicit(..) => 1,
            Collated::Conflict(..) => 2,
            Collated::Explicit(_) => 3,
        }
    }

    /// The collation; 0 if none could be told.
    pub fn collation(self) -> Oid {
        match self {
            Collated::Implicit(collation, _) | Collated::Explicit(collation) => collation,
            Collated::Nothing | Collated::Conflict(..) => 0,
        }
    }
}

impl Binder<'_> {
    /// The collation of a name.
    pub fn known_collation(&self, name: &QualifiedName<'_>) -> BindResult<Oid> {
        let position = name.position();
        let (schema, object) = self.schema_and_object(name, position)?;
        self.look_in_schema(schema, position)?;
        self.scope()
            .look_for_collation(schema, object)
            .ok_or_else(|| BindError::at(BindErrorKind::NoCollation { name: name.to_string() }, position))
    }

    /// `operand COLLATE collation`
    pub(crate) fn collate(
        &mut self,
        operand: Bound,
        collation: &QualifiedName<'_>,
        position: u32,
    ) -> BindResult<Bound> {
        let of = operand.expression.result;
        if self.scope().type_collation(of.oid) == 0 && of.oid != oid::UNKNOWN {
            let type_name = self.type_name(operand.oid());
            return Err(BindError::at(BindErrorKind::NoCollations { type_name }, position));
        }
        let found = self.known_collation(collation);
        let collation = found.map_err(|error| BindError { position: Some(position), ..error })?;
        let start = operand.position;
        let operand = self.settle(operand)?.expression;
        self.collating = true;
        self.collate_positions.push((collation, position));
        let result = operand.result;
        let kind = ExpressionKind::Collate { operand: Box::new(operand), collation };
        Ok(Bound { expression: Expression { kind, result }, position: start })
    }

    /// Notes that a column's collation is not its type's.
    pub fn note_collation(&mut self, column: Column, of: Type, collation: Oid) {
        if collation != self.scope().type_collation(of.oid) {
            self.collating = true;
            self.collations.insert(column, collation);
        }
    }

    /// The same of a column of a query, whose collation may be written.
    pub fn note_collated(&mut self, column: Column, of: Type, collated: Collated) {
        self.note_collation(column, of, collated.collation());
        if let Collated::Explicit(_) = collated {
            self.collating = true;
            self.explicit_collations.insert(column);
        }
    }

    /// The same of a column that stands for an expression.
    pub fn note_collation_of(&mut self, column: Column, expression: &Expression) -> BindResult<()> {
        if self.scope().type_collation(expression.result.oid) != 0 {
            let collation = self.collated(expression)?.collation();
            self.note_collation(column, expression.result, collation);
        }
        Ok(())
    }

    /// Notes the collations of columns that stand for those of a query.
    pub fn copy_collations(&mut self, from: &[Column], to: &[Column]) {
        for (from, to) in from.iter().zip(to) {
            if let Some(collation) = self.collations.get(from).copied() {
                self.collations.insert(*to, collation);
            }
        }
    }

    /// The collation of a column; 0 if it has none, or none could be told.
    pub fn column_collation(&self, column: Column, of: Type) -> Oid {
        if let Some(collation) = self.collations.get(&column) {
            return *collation;
        }
        let table = self.described.get(&column.relation).and_then(|described| described.table.as_ref());
        let stored = table.and_then(|table| table.live_columns().nth(column.index as usize));
        match stored {
            Some((_, stored)) if stored.type_oid == of.oid => stored.collation,
            Some(_) | None => self.scope().type_collation(of.oid),
        }
    }

    /// Refuses an expression whose parts have collations that do not go together.
    pub(crate) fn look_at_collation(&self, expression: &Expression) -> BindResult<()> {
        if self.collating { self.collated(expression).map(drop) } else { Ok(()) }
    }

    /// Refuses what rows cannot be sorted or grouped by, as no collation can be told.
    pub(crate) fn comparable(&self, bound: &Bound) -> BindResult<()> {
        if !self.collating || self.scope().type_collation(bound.oid()) == 0 {
            return Ok(());
        }
        match self.collated(&bound.expression)? {
            Collated::Implicit(..) | Collated::Explicit(_) => Ok(()),
            Collated::Conflict(one, other, column) => {
                Err(self.implicit_conflict(one, other, self.last_use(column).unwrap_or(bound.position)))
            }
            Collated::Nothing => Err(undetermined("string comparison")),
        }
    }

    fn implicit_conflict(&self, one: Oid, other: Oid, position: u32) -> BindError {
        let (one, other) = (self.plain_collation_name(one), self.plain_collation_name(other));
        BindError::at(BindErrorKind::ImplicitCollations { one, other }, position)
    }

    fn plain_collation_name(&self, collation: Oid) -> String {
        self.scope().collation_known(collation).map_or_else(String::new, |(_, name)| name.to_owned())
    }

    /// Where a column is used last.
    fn last_use(&self, column: Option<Column>) -> Option<u32> {
        let column = column?;
        let mut uses = self.levels.iter().rev().flat_map(|level| level.uses.iter().rev());
        uses.find(|known| known.column == column).map(|known| known.position)
    }

    /// The collation of what two come to.
    fn merged(&self, one: Collated, other: Collated) -> BindResult<Collated> {
        if one.strength() != other.strength() {
            return Ok(if one.strength() > other.strength() { one } else { other });
        }
        match (one, other) {
            (Collated::Implicit(first, _), Collated::Implicit(second, at)) => {
                Ok(if first == second || second == DEFAULT_COLLATION {
                    one
                } else if first == DEFAULT_COLLATION {
                    other
                } else {
                    Collated::Conflict(first, second, at)
                })
            }
            (Collated::Explicit(first), Collated::Explicit(second)) if first != second => {
                let written = self.collate_positions.iter().rev().find(|(known, _)| *known == second);
                let (one, other) = (self.plain_collation_name(first), self.plain_collation_name(second));
                let kind = BindErrorKind::ExplicitCollations { one, other };
                Err(match written {
                    Some((_, position)) => BindError::at(kind, *position),
                    None => BindError::new(kind),
                })
            }
            (one, _) => Ok(one),
        }
    }

    fn merged_all<'e>(&self, parts: impl IntoIterator<Item = &'e Expression>) -> BindResult<Collated> {
        parts.into_iter().try_fold(Collated::Nothing, |known, part| self.merged(known, self.collated(part)?))
    }

    /// The collation of a result whose parts have one.
    fn of_result(&self, result: Type, parts: Collated) -> Collated {
        let natural = self.scope().type_collation(result.oid);
        match (natural, parts) {
            (0, _) => Collated::Nothing,
            (_, Collated::Nothing) => Collated::Implicit(natural, None),
            (_, parts) => parts,
        }
    }

    /// The collation of an expression.
    pub(crate) fn collated(&self, expression: &Expression) -> BindResult<Collated> {
        let result = expression.result;
        match &expression.kind {
            ExpressionKind::Column(column) => Ok(match self.column_collation(*column, result) {
                0 => Collated::Nothing,
                collation => Collated::Implicit(collation, Some(*column)),
            }),
            ExpressionKind::Collate { operand, collation } => {
                self.collated(operand)?;
                Ok(Collated::Explicit(*collation))
            }
            ExpressionKind::DomainCheck { operand, .. } => {
                let parts = self.collated(operand)?;
                Ok(match self.scope().type_collation(result.oid) {
                    0 | DEFAULT_COLLATION => self.of_result(result, parts),
                    own => Collated::Implicit(own, None),
                })
            }
            ExpressionKind::Call(call) => {
                let parts = self.merged_all(&call.arguments)?;
                let some_text = || call.arguments.iter().any(|part| self.has_collation(part));
                if call.function.0 != COLLATION_FOR && parts.collation() == 0 && some_text() {
                    needs_collation(call.function)?;
                }
                Ok(self.of_result(result, parts))
            }
            ExpressionKind::Case { operand, arms, otherwise } => {
                if let Some(operand) = operand {
                    self.collated(operand)?;
                }
                for (condition, _) in arms {
                    self.collated(condition)?;
                }
                let values = arms.iter().map(|(_, value)| value).chain(otherwise.as_deref());
                Ok(self.of_result(result, self.merged_all(values)?))
            }
            ExpressionKind::Subquery(subquery) => self.collated_subquery(subquery, result),
            ExpressionKind::IsDistinct { equality: function, operands, .. }
            | ExpressionKind::NullIf { equality: function, operands }
            | ExpressionKind::Quantified { function, operands, .. } => {
                let parts = self.compared(*function, [&operands.0, &operands.1])?;
                Ok(self.of_result(result, parts))
            }
            ExpressionKind::RowCompare { fields, .. } => {
                for field in fields {
                    self.compared(field.comparison, [&field.operands.0, &field.operands.1])?;
                }
                Ok(Collated::Nothing)
            }
            _ => self.collated_construct(expression),
        }
    }

    fn collated_construct(&self, expression: &Expression) -> BindResult<Collated> {
        let result = expression.result;
        match &expression.kind {
            ExpressionKind::Row(fields) => {
                fields.iter().try_for_each(|field| self.collated(field).map(drop))?;
                Ok(Collated::Nothing)
            }
            ExpressionKind::Field { operand, .. } => {
                self.collated(operand)?;
                Ok(self.of_result(result, Collated::Nothing))
            }
            ExpressionKind::Subscript { operand, steps } => {
                for step in steps {
                    match step {
                        SubscriptStep::Index(index) => drop(self.collated(index)?),
                        SubscriptStep::Slice(low, high) => {
                            self.merged_all(low.iter().chain(high))?;
                        }
                    }
                }
                Ok(self.of_result(result, self.collated(operand)?))
            }
            ExpressionKind::Extreme { operands, .. } => {
                let parts = self.merged_all(operands)?;
                if parts.collation() == 0 && operands.iter().any(|operand| self.has_collation(operand)) {
                    return Err(undetermined("string comparison"));
                }
                Ok(self.of_result(result, parts))
            }
            ExpressionKind::ArrayCast { operand, .. } => Ok(self.of_result(result, self.collated(operand)?)),
            _ => {
                let mut parts = Ok(Collated::Nothing);
                expression.for_each_part(&mut |part| {
                    if let Ok(known) = parts {
                        parts = self.collated(part).and_then(|part| self.merged(known, part));
                    }
                });
                Ok(self.of_result(result, parts?))
            }
        }
    }

    fn has_collation(&self, expression: &Expression) -> bool {
        self.scope().type_collation(expression.result.oid) != 0
    }

    fn compared(&self, function: FunctionId, operands: [&Expression; 2]) -> BindResult<Collated> {
        let parts = self.merged_all(operands)?;
        if parts.collation() == 0 && operands.iter().any(|operand| self.has_collation(operand)) {
            needs_collation(function)?;
        }
        Ok(parts)
    }

    fn collated_subquery(&self, subquery: &plan::expression::Subquery, result: Type) -> BindResult<Collated> {
        let column = match &subquery.test {
            SubqueryTest::Scalar | SubqueryTest::Array { .. } => 0,
            SubqueryTest::RowField(place) => *place as usize,
            SubqueryTest::Exists => return Ok(Collated::Nothing),
            SubqueryTest::Any(comparison) | SubqueryTest::All(comparison) => {
                self.collated(comparison).map_err(|error| match *error.kind {
                    // PostgreSQL finds out when it looks for the first row.
                    BindErrorKind::NoCollationFor { .. } => undetermined("string hashing"),
                    _ => error,
                })?;
                return Ok(Collated::Nothing);
            }
        };
        let collation =
            subquery.columns.get(column).map_or(0, |column| self.column_collation(*column, result));
        Ok(match collation {
            0 => Collated::Nothing,
            collation => Collated::Implicit(collation, None),
        })
    }

    /// What the arguments of an aggregate or a window function come to, noted of the column that stands for its result.
    pub(crate) fn note_collation_of_call(
        &mut self,
        column: Column,
        called: FunctionId,
        arguments: &[Expression],
        result: Type,
    ) -> BindResult<()> {
        let parts = self.merged_all(arguments)?;
        if self.scope().type_collation(result.oid) != 0 {
            if self.collating && parts.collation() == 0 && arguments.iter().any(|it| self.has_collation(it)) {
                needs_collation(called)?;
            }
            let collation = self.of_result(result, parts).collation();
            self.note_collation(column, result, collation);
        }
        Ok(())
    }

    /// The collation that the rows of `VALUES` have in common in a column.
    pub(crate) fn note_collation_of_rows(
        &mut self,
        column: Column,
        of: Type,
        values: &[&Expression],
    ) -> BindResult<()> {
        let parts = self.merged_all(values.iter().copied())?;
        if self.scope().type_collation(of.oid) != 0 {
            self.note_collation(column, of, self.of_result(of, parts).collation());
        }
        Ok(())
    }

    /// The same of a call over a window.
    pub(crate) fn note_collation_of_window(&mut self, column: Column, call: &WindowCall) -> BindResult<()> {
        self.note_collation_of_call(column, call.function, &call.arguments, call.result)
    }

    /// The collations that the columns of two queries have in common, noted of the columns of what is made of them; where none
    /// can be told it is refused, unless rows are only put behind one another.
    pub(crate) fn common_collations(
        &mut self,
        sides: [&[QueryColumn]; 2],
        made: &[QueryColumn],
        may_differ: bool,
    ) -> BindResult<()> {
        if !self.collating {
            return Ok(());
        }
        for ((left, right), made) in sides[0].iter().zip(sides[1]).zip(made) {
            let collated = |side: &QueryColumn| match self.column_collation(side.column, side.column_type) {
                0 => Collated::Nothing,
                written if self.explicit_collations.contains(&side.column) => Collated::Explicit(written),
                collation => Collated::Implicit(collation, None),
            };
            let both = self.merged(collated(left), collated(right))?;
            match both {
                Collated::Conflict(one, other, _) if !may_differ => {
                    return Err(self.implicit_conflict(one, other, right.position));
                }
                Collated::Nothing
                | Collated::Implicit(..)
                | Collated::Conflict(..)
                | Collated::Explicit(_) => {
                    self.note_collation(made.column, made.column_type, both.collation());
                }
            }
        }
        Ok(())
    }

    /// Refuses a recursive query whose columns get other collations than those it starts with.
    pub(crate) fn recursive_collations(
        &self,
        name: &str,
        start: &[QueryColumn],
        made: &[QueryColumn],
    ) -> BindResult<()> {
        if !self.collating {
            return Ok(());
        }
        for (number, (start, made)) in start.iter().zip(made).enumerate() {
            let of = |it: &QueryColumn| self.column_collation(it.column, it.column_type);
            if of(start) != of(made) {
                let kind = BindErrorKind::RecursiveCollation {
                    name: name.to_owned(),
                    number: number + 1,
                    start: self.plain_collation_name(of(start)),
                    overall: self.plain_collation_name(of(made)),
                };
                return Err(BindError::at(kind, start.position));
            }
        }
        Ok(())
    }

    /// A call that maps letters, by the collation of its argument: all of them but the default one know those of ASCII alone.
    pub(crate) fn mapped_by_collation(&self, mut expression: Expression) -> BindResult<Expression> {
        let ExpressionKind::Call(call) = &expression.kind else { return Ok(expression) };
        let Some(of_ascii) = mapping_ascii(call.function.0) else { return Ok(expression) };
        let collation = self.collated(&expression)?.collation();
        if !matches!(collation, 0 | DEFAULT_COLLATION)
            && let ExpressionKind::Call(call) = &mut expression.kind
        {
            call.function = FunctionId(of_ascii);
        }
        Ok(expression)
    }

    /// `COLLATION FOR (…)`: the name, which is known as soon as the argument is.
    pub(crate) fn collation_for(&self, expression: Expression, given: Option<u32>) -> BindResult<Expression> {
        let ExpressionKind::Call(call) = &expression.kind else { return Ok(expression) };
        let (COLLATION_FOR, [argument], None) = (call.function.0, &call.arguments[..], &self.shapes) else {
            return Ok(expression);
        };
        let (of, unknown) = (argument.result, given == Some(oid::UNKNOWN));
        if !unknown && self.scope().type_collation(of.oid) == 0 {
            let type_name = self.type_name(of.oid);
            return Err(BindError::new(BindErrorKind::NoCollations { type_name }));
        }
        let collation = if unknown { 0 } else { self.collated(argument)?.collation() };
        let name = self.scope().collation_name(collation);
        let value = name.map_or(types::Value::Null, |name| types::Value::text(&name));
        Ok(Expression::constant(value, Type::of(oid::TEXT)))
    }
}

fn undetermined(what: &str) -> BindError {
    BindError::new(BindErrorKind::NoCollationFor { what: what.to_owned() })
}

/// Refuses functions whose result depends on the collation where none can be told.
fn needs_collation(called: FunctionId) -> BindResult<()> {
    let Some(entry) = function(called.0) else { return Ok(()) };
    let what = match entry.source {
        "" if matches!(entry.name, "max" | "min") => "string comparison",
        "texteq" | "textne" | "text_lt" | "text_le" | "text_gt" | "text_ge" | "bttextcmp" | "bpchareq"
        | "bpcharne" | "bpcharlt" | "bpcharle" | "bpchargt" | "bpcharge" | "bpcharcmp" | "text_larger"
        | "text_smaller" | "textpos" | "replace_text" | "split_part" | "nameeqtext" | "texteqname" => {
            "string comparison"
        }
        "texticlike" | "texticnlike" | "bpchariclike" | "bpcharicnlike" => "ILIKE",
        "textregexeq" | "textregexne" | "texticregexeq" | "texticregexne" => "regular expression",
        "hashtext" | "hashtextextended" => "string hashing",
        "lower" => "lower() function",
        "upper" => "upper() function",
        "initcap" => "initcap() function",
        _ => return Ok(()),
    };
    Err(undetermined(what))
}
