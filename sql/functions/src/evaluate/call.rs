//! One call of a function: which one, on which types, and running it over rows.

use super::context::Context;
use super::pieces::in_pieces;
use super::rows::{Made, RowSource};
use crate::error::{FunctionError, FunctionResult};
use crate::table::{FunctionEntry, Implementation, Volatility};
use types::catalog::{Column, Form, builtin, type_name};
use types::vector::{Bitmap, Operator, VectorBuilder, compare};
use types::{Item, Kind, Type, Types, Vector};

/// Of how many rows the session is asked, until it is asked whether the statement is to stop.
const ROWS_UNCHECKED: usize = 16;

/// Where a function is called: what the binder knows of the call.
#[derive(Debug, Clone)]
pub struct Site {
    /// Which function.
    pub function: &'static FunctionEntry,
    /// Which of those that the program has given, if it is one; else 0.
    pub native: u32,
    /// The types of the arguments after all casts. For `VARIADIC "any"` of each argument as given.
    pub arguments: Box<[Type]>,
    /// The type of the result.
    pub result: Type,
    /// Whether the last argument was given as `VARIADIC` array.
    pub variadic: bool,
    /// The columns of a result of type `record`, where the query says them.
    pub columns: Box<[Column]>,
}

/// The arguments of some rows.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a> {
    /// Where the call stands.
    pub site: &'a Site,
    /// A vector for each argument, each of `rows` rows.
    pub vectors: &'a [Vector],
    /// How many rows.
    pub rows: usize,
}

impl Arguments<'_> {
    /// The type of an argument.
    pub(crate) fn type_of(&self, index: usize) -> Type {
        self.site.arguments.get(index).copied().unwrap_or(Type::of(0))
    }

    /// The kind of the result.
    pub(crate) fn result_kind(&self, context: &Context<'_>) -> FunctionResult<Kind> {
        kind_of(context, self.site.result)
    }
}

/// The kind of a type's values; an error for types without.
pub(crate) fn kind_of(context: &Context<'_>, of: Type) -> FunctionResult<Kind> {
    let of = context.types.undomained(of);
    let kind = context.types.entry(of.oid).and_then(|entry| entry.kind);
    kind.ok_or_else(|| FunctionError::Unsupported(format!("type {}", type_name(context.types, of.oid, None))))
}

/// The type by whose order a comparison goes: that for which the function is, or if it is for many the one of what it is given.
pub fn compared_type(types: &dyn Types, function: &FunctionEntry, given: Type) -> Type {
    let own = function.arguments.first().and_then(|of| builtin(*of));
    match own.filter(|entry| entry.form == Form::Base) {
        Some(entry) => Type::of(entry.oid),
        None => types.represented(given),
    }
}

impl Site {
    /// A value for each row. Strictness is seen to here: a strict function is not shown rows with a null argument.
    pub fn evaluate(
        &self,
        context: &mut Context<'_>,
        vectors: &[Vector],
        rows: usize,
    ) -> FunctionResult<Vector> {
        let arguments = Arguments { site: self, vectors, rows };
        match self.function.implementation {
            Implementation::Masked(kernel) => in_pieces(context, vectors, rows, |context, vectors, rows| {
                (kernel.rows)(context, &Arguments { vectors, rows, ..arguments })
            }),
            Implementation::Comparison(operator) => {
                let of = compared_type(context.types, self.function, arguments.type_of(0));
                let order = match operator {
                    Operator::Equal | Operator::NotEqual => context.types.equality(of),
                    _ => context.types.order(of),
                };
                let order = order.ok_or_else(|| self.no_order(context, operator))?;
                let run = |_: &mut Context<'_>, vectors: &[Vector], _| {
                    Ok(compare(operator, &vectors[0], &vectors[1], &order)?)
                };
                match self.by_values(context, vectors, run)? {
                    Some(found) => Ok(found),
                    None => in_pieces(context, vectors, rows, run),
                }
            }
            Implementation::Scalar(function) => self.strictly(context, &arguments, function),
            Implementation::Narrow(kernel) => self.strictly(context, &arguments, kernel.rows),
            Implementation::Session(function) => self.strictly(context, &arguments, |context, arguments| {
                let mut builder = VectorBuilder::new(arguments.result_kind(context)?, arguments.rows);
                for row in 0..arguments.rows {
                    if row % ROWS_UNCHECKED == ROWS_UNCHECKED - 1 {
                        context.session.check()?;
                    }
                    let items: Vec<Item<'_>> =
                        arguments.vectors.iter().map(|vector| vector.item(row)).collect();
                    builder.push(&context.session.call(function, self, &items)?)?;
                }
                Ok(builder.finish())
            }),
            Implementation::SessionSet(_)
            | Implementation::Set(_)
            | Implementation::Aggregate(_)
            | Implementation::Window(_) => Err(FunctionError::NotScalar(self.function.name)),
            Implementation::Missing => Err(self.missing()),
        }
    }

    /// The rows that one row of arguments stands for.
    pub fn rows(
        &self,
        context: &mut Context<'_>,
        vectors: &[Vector],
        row: usize,
    ) -> FunctionResult<Box<dyn RowSource>> {
        if self.function.strict && vectors.iter().any(|vector| vector.is_null(row)) {
            return Ok(Made::source(Vec::new()));
        }
        let rows = vectors.iter().map(Vector::len).max().unwrap_or(1);
        match self.function.implementation {
            Implementation::Set(function) => function(context, &Arguments { site: self, vectors, rows }, row),
            Implementation::SessionSet(function) => {
                let items: Vec<Item<'_>> = vectors.iter().map(|vector| vector.item(row)).collect();
                Ok(Made::source(context.session.rows(function, self, &items)?))
            }
            Implementation::Scalar(_)
            | Implementation::Narrow(_)
            | Implementation::Masked(_)
            | Implementation::Comparison(_)
            | Implementation::Session(_)
            | Implementation::Aggregate(_)
            | Implementation::Window(_) => Err(FunctionError::NotSet(self.function.name)),
            Implementation::Missing => Err(self.missing()),
        }
    }

    fn missing(&self) -> FunctionError {
        FunctionError::Unsupported(format!("function {}", self.function.name))
    }

    /// Of arrays it is the elements that have no order.
    fn no_order(&self, context: &Context<'_>, operator: Operator) -> FunctionError {
        let of = context.types.undomained(self.arguments.first().copied().unwrap_or(Type::of(0)));
        let entry = context.types.entry(of.oid).filter(|entry| entry.form == Form::Array);
        let name = type_name(context.types, entry.map_or(of.oid, |entry| entry.element), None);
        match operator {
            Operator::Equal | Operator::NotEqual => FunctionError::NoEquality(name),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                FunctionError::NoComparison(name)
            }
        }
    }

    /// Leaves out rows with nulls, if the function is strict, and computes once where all arguments are constant.
    fn strictly(
        &self,
        context: &mut Context<'_>,
        arguments: &Arguments<'_>,
        run: impl Fn(&mut Context<'_>, &Arguments<'_>) -> FunctionResult<Vector>,
    ) -> FunctionResult<Vector> {
        let (vectors, rows) = (arguments.vectors, arguments.rows);
        let constant = !vectors.is_empty()
            && rows > 1
            && self.function.volatility != Volatility::Volatile
            && vectors.iter().all(Vector::is_constant);
        if constant {
            let first: Vec<Vector> = vectors.iter().map(|vector| vector.slice(0, 1)).collect();
            let one = self.strictly(context, &Arguments { vectors: &first, rows: 1, ..*arguments }, run)?;
            return Ok(one.repeat(0, rows));
        }
        let run = |context: &mut Context<'_>, vectors: &[Vector], rows| {
            in_pieces(context, vectors, rows, |context, vectors, rows| {
                run(context, &Arguments { vectors, rows, ..*arguments })
            })
        };
        if !self.function.strict || !vectors.iter().any(Vector::has_nulls) {
            return match self.by_values(context, vectors, run)? {
                Some(found) => Ok(found),
                None => run(context, vectors, rows),
            };
        }
        let full: Vec<u32> = (0..rows as u32)
            .filter(|row| !vectors.iter().any(|vector| vector.is_null(*row as usize)))
            .collect();
        if full.is_empty() {
            let kind = arguments.result_kind(context)?;
            return Ok(Vector::constant(kind, &types::Value::Null, rows)?);
        }
        let dense: Result<Vec<Vector>, _> = vectors.iter().map(|vector| vector.gather(&full)).collect();
        let dense = dense?;
        let found = match self.by_values(context, &dense, run)? {
            Some(found) => found,
            None => run(context, &dense, full.len())?,
        };
        let mut places = vec![0u32; rows];
        for (place, row) in full.iter().enumerate() {
            places[*row as usize] = place as u32;
        }
        let nulls = Bitmap::from_fn(rows, |row| vectors.iter().any(|vector| vector.is_null(row)));
        Ok(found.gather(&places)?.with_nulls(&nulls)?)
    }
}
