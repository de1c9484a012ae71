//! Bodies run: statement after statement, over a host.
//!
//! Here a call begins and ends: arguments go into variables, the result comes out. `block` has blocks and what handlers keep,
//! `statement` the statements, `loops` those that run others again and again, `cursor` and `raise` the rest, `assign` how
//! values get into variables, `result` how they are made the function's.

mod assign;
mod block;
mod cursor;
mod loops;
mod raise;
mod result;
mod statement;

pub use assign::{record_of, values_of};

use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Around, Frame, Host, Shape, Standing};
use crate::tree::{Expression, Function, ResultShape, Statement};
use diagnostic::SqlState;
use std::sync::Arc;
use types::{Type, Value};

/// A call of a function.
#[derive(Debug, Default)]
pub struct Call {
    /// The values of its inputs, in order.
    pub arguments: Vec<Value>,
    /// The types with which they come.
    pub types: Vec<Type>,
    /// What fields its rows are to have, if whoever calls says it.
    pub expected: Option<Shape>,
    /// What a trigger is called with.
    pub trigger: Option<TriggerData>,
}

/// What a trigger is called with.
#[derive(Debug)]
pub struct TriggerData {
    /// The values of its words, in the order of [`crate::tree::TriggerVariables::words`].
    pub words: Arc<[Value]>,
    /// The new row and the old one: those that there are.
    pub rows: [Option<Value>; 2],
    /// The type of the table's rows.
    pub row_type: Type,
    /// The columns of the table.
    pub shape: Shape,
    /// Whether it is called for rows, and what it returns counts.
    pub for_rows: bool,
}

/// What a call gives.
#[derive(Debug, Default)]
pub struct Returned {
    /// The values, or rows: one, unless the function returns a set. None of a trigger that returns no row.
    pub rows: Vec<Value>,
}

/// How a statement went on.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Return,
    /// `EXIT`, to a label perhaps.
    Exit(Option<String>),
    /// `CONTINUE`, the same.
    Continue(Option<String>),
}

/// A body that runs.
struct Runner<'r> {
    function: &'r Function,
    host: &'r mut dyn Host,
    frame: Frame,
    standing: Standing,
    row_count: u64,
    /// What `RETURN` said.
    returned: Option<Answer>,
    rows: Vec<Value>,
    expected: Option<Shape>,
    trigger: Option<TriggerData>,
    /// What handlers around have kept, the innermost last.
    kept: Vec<Failure>,
    /// The line of context of what was kept and goes on.
    fixed: Option<String>,
}

/// Runs a body.
///
/// # Errors
/// Whatever it says, with a line of context more.
pub fn run(function: &Function, host: &mut dyn Host, call: Call) -> Outcome<Returned> {
    let mut runner = Runner {
        function,
        host,
        frame: Frame::default(),
        standing: Standing::Nowhere,
        row_count: 0,
        returned: None,
        rows: Vec::new(),
        expected: call.expected,
        trigger: call.trigger,
        kept: Vec::new(),
        fixed: None,
    };
    match runner.whole(call.arguments, &call.types) {
        Ok(returned) => Ok(returned),
        Err(failure) => {
            let line = runner.context();
            Err(failure.within(line))
        }
    }
}

impl<'r> Runner<'r> {
    fn whole(&mut self, arguments: Vec<Value>, types: &[Type]) -> Outcome<Returned> {
        self.stand(Standing::Text("during initialization of execution state"));
        self.make_frame();
        self.stand(Standing::Text("while storing call arguments into local variables"));
        for (place, (number, value)) in self.function.inputs.iter().zip(arguments).enumerate() {
            self.store_argument(*number, value, types.get(place).copied())?;
        }
        self.store_trigger();
        self.stand(Standing::Text("during function entry"));
        self.set_found(false);
        self.stand(Standing::Nowhere);
        let function = self.function;
        let flow = self.block(&function.body)?;
        self.stand(Standing::Nowhere);
        match flow {
            Flow::Return => {}
            Flow::Next | Flow::Exit(_) | Flow::Continue(_) => self.reached_end()?,
        }
        self.result()
    }

    /// The end of the body was reached without a `RETURN`.
    fn reached_end(&self) -> Outcome<()> {
        let needs = match self.function.result {
            ResultShape::Scalar(_) | ResultShape::Row(_) => !self.function.returns_set,
            ResultShape::Trigger => true,
            ResultShape::Void | ResultShape::Output(..) | ResultShape::Outputs(..) => false,
        };
        if !needs || self.function.is_procedure {
            return Ok(());
        }
        let what = if self.function.trigger.is_some() { "trigger procedure" } else { "function" };
        let message = format!("control reached end of {what} without RETURN");
        Err(Failure::new(SqlState::SREFunctionExecutedNoReturnStatement, message))
    }

    fn make_frame(&mut self) {
        let variables = &self.function.variables;
        self.frame.values = vec![Value::Null; variables.len()];
        self.frame.types = variables.iter().map(|variable| variable.of).collect();
        self.frame.shapes = Vec::with_capacity(variables.len());
        for variable in variables {
            let shape = if variable.is_record { self.host.shape(variable.of) } else { None };
            self.frame.shapes.push(shape);
        }
    }

    fn store_argument(&mut self, number: u32, value: Value, of: Option<Type>) -> Outcome<()> {
        let place = number as usize;
        let variable = &self.function.variables[place];
        if !variable.is_record {
            self.frame.values[place] = value;
            return Ok(());
        }
        let of = of.unwrap_or(variable.of);
        let shape = self.shape_of(&value, of);
        let known = if value.is_null() { shape.clone() } else { None };
        self.assign_row_value(number, Answer { value, of, shape })?;
        // A null that comes as one of a type is one of it.
        if known.is_some() {
            self.frame.types[place] = of;
            self.frame.shapes[place] = known;
        }
        Ok(())
    }

    fn store_trigger(&mut self) {
        let (Some(variables), Some(data)) = (&self.function.trigger, &mut self.trigger) else { return };
        for (number, value) in variables.words.iter().zip(&*data.words) {
            self.frame.values[*number as usize] = value.clone();
        }
        // A row that is not there is one of the table's all the same: null.
        for (number, row) in variables.rows.iter().zip(data.rows.iter_mut()) {
            let place = *number as usize;
            self.frame.values[place] = row.take().unwrap_or(Value::Null);
            self.frame.types[place] = data.row_type;
            self.frame.shapes[place] = Some(data.shape.clone());
        }
    }

    fn set_found(&mut self, found: bool) {
        self.frame.values[self.function.found as usize] = Value::Bool(found);
    }

    /// What stands in `CONTEXT` for this body.
    fn context(&self) -> String {
        if let Some(line) = &self.fixed {
            return line.clone();
        }
        self.standing.line(&self.function.name)
    }

    /// The body goes on to another place.
    fn stand(&mut self, standing: Standing) {
        self.standing = standing;
        self.host.stand(standing);
    }

    fn evaluate(&mut self, expression: &Expression) -> Outcome<Answer> {
        let around = Around { function: self.function, frame: &self.frame };
        let answer = self.host.evaluate(expression, around)?;
        self.note_counted();
        Ok(answer)
    }

    /// A value that needed a query counts as a statement, for who asks how many rows the last one had: whether it did.
    fn note_counted(&mut self) -> bool {
        let counted = self.host.counted();
        self.row_count = counted.unwrap_or(self.row_count);
        counted.is_some()
    }

    /// The value of an expression as one of a type.
    fn evaluate_as(&mut self, expression: &Expression, of: Type) -> Outcome<Value> {
        let answer = self.evaluate(expression)?;
        self.converted(answer, of)
    }

    /// The truth of an expression; null counts as false.
    fn holds(&mut self, expression: &Expression) -> Outcome<bool> {
        let value = self.evaluate_as(expression, Type::of(types::catalog::oid::BOOL))?;
        Ok(matches!(value, Value::Bool(true)))
    }

    fn statements(&mut self, statements: &'r [Statement]) -> Outcome<Flow> {
        for statement in statements {
            let flow = self.statement(statement)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }
}
