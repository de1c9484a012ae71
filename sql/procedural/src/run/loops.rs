//! Loops.

use super::{Flow, Runner};
use crate::failure::{Failure, Outcome};
use crate::host::{Answer, Around, OpenRows, Query};
use crate::tree::{Expression, Loop, LoopKind, LoopQuery, Target};
use diagnostic::SqlState;
use types::catalog::oid;
use types::{Type, Value};

/// What a loop does after a turn.
enum Turn {
    Again,
    /// It is over, and what comes behind it is next.
    Over,
    /// It is over, and so is what is around it.
    Out(Flow),
}

/// What a turn's flow means to the loop.
fn turn(flow: Flow, body: &Loop) -> Turn {
    match flow {
        Flow::Next | Flow::Continue(None) => Turn::Again,
        Flow::Exit(None) => Turn::Over,
        Flow::Return => Turn::Out(Flow::Return),
        Flow::Exit(Some(label)) if body.label.as_ref() == Some(&label) => Turn::Over,
        Flow::Continue(Some(label)) if body.label.as_ref() == Some(&label) => Turn::Again,
        other @ (Flow::Exit(Some(_)) | Flow::Continue(Some(_))) => Turn::Out(other),
    }
}

impl<'r> Runner<'r> {
    pub(super) fn any_loop(&mut self, statement: &'r LoopKind) -> Outcome<Flow> {
        match statement {
            LoopKind::Loop(body) => self.repeat(None, body),
            LoopKind::While(condition, body) => self.repeat(Some(condition), body),
            LoopKind::ForInteger { variable, from, to, by, reverse, body } => {
                self.for_integer(*variable, (from, to, by.as_ref()), *reverse, body)
            }
            LoopKind::ForRows { target, query, body } => self.for_rows(target, query, body),
            LoopKind::Foreach { target, slice, array, body } => self.foreach(target, *slice, array, body),
        }
    }

    fn repeat(&mut self, condition: Option<&Expression>, body: &'r Loop) -> Outcome<Flow> {
        let standing = self.standing;
        loop {
            self.stand(standing);
            self.host.check()?;
            if let Some(condition) = condition
                && !self.holds(condition)?
            {
                return Ok(Flow::Next);
            }
            match turn(self.statements(&body.body)?, body) {
                Turn::Again => {}
                Turn::Over => return Ok(Flow::Next),
                Turn::Out(flow) => return Ok(flow),
            }
        }
    }

    fn bound(&mut self, expression: &Expression, what: &str) -> Outcome<i32> {
        match self.evaluate_as(expression, Type::of(oid::INT4))? {
            Value::Int32(bound) => Ok(bound),
            _ => {
                let message = format!("{what} of FOR loop cannot be null");
                Err(Failure::new(SqlState::NullValueNotAllowed, message))
            }
        }
    }

    fn for_integer(
        &mut self,
        variable: u32,
        (from, to, by): (&Expression, &Expression, Option<&Expression>),
        reverse: bool,
        body: &'r Loop,
    ) -> Outcome<Flow> {
        let mut at = self.bound(from, "lower bound")?;
        let end = self.bound(to, "upper bound")?;
        let step = match by {
            None => 1,
            Some(by) => self.bound(by, "BY value")?,
        };
        if step <= 0 {
            let message = "BY value of FOR loop must be greater than zero";
            return Err(Failure::new(SqlState::InvalidParameterValue, message));
        }
        let standing = self.standing;
        let mut found = false;
        let mut out = Flow::Next;
        while if reverse { at >= end } else { at <= end } {
            found = true;
            self.stand(standing);
            self.host.check()?;
            self.frame.values[variable as usize] = Value::Int32(at);
            match turn(self.statements(&body.body)?, body) {
                Turn::Again => {}
                Turn::Over => break,
                Turn::Out(flow) => {
                    out = flow;
                    break;
                }
            }
            let next = if reverse { at.checked_sub(step) } else { at.checked_add(step) };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        self.set_found(found);
        Ok(out)
    }

    fn for_rows(&mut self, target: &Target, query: &'r LoopQuery, body: &'r Loop) -> Outcome<Flow> {
        let open = match query {
            LoopQuery::Static(query) => {
                let around = Around { function: self.function, frame: &self.frame };
                self.host.open(Query::Written(query, around))?
            }
            LoopQuery::Dynamic(text, arguments) => {
                let (text, arguments) = self.dynamic_text(text, arguments)?;
                self.host.open(Query::Dynamic(&text, arguments))?
            }
            LoopQuery::Cursor(cursor, arguments) => return self.for_cursor(*cursor, arguments, target, body),
        };
        let done = self.rows_of(open, target, body);
        self.host.close(open);
        done
    }

    fn rows_of(&mut self, open: OpenRows, target: &Target, body: &'r Loop) -> Outcome<Flow> {
        let standing = self.standing;
        let mut found = false;
        while let Some(rows) = self.host.more(open)? {
            for row in rows.rows {
                found = true;
                self.stand(standing);
                self.assign_row(target, &rows.shape, Some(row))?;
                match turn(self.statements(&body.body)?, body) {
                    Turn::Again => {}
                    Turn::Over => {
                        self.set_found(true);
                        return Ok(Flow::Next);
                    }
                    Turn::Out(flow) => {
                        self.set_found(true);
                        return Ok(flow);
                    }
                }
                self.stand(standing);
            }
            if !found {
                // There are no rows, but what they would be is known.
                self.assign_row(target, &rows.shape, None)?;
            }
        }
        self.set_found(found);
        Ok(Flow::Next)
    }

    /// A loop over a bound cursor, which is open as long as it lasts.
    fn for_cursor(
        &mut self,
        cursor: u32,
        arguments: &'r [Expression],
        target: &Target,
        body: &'r Loop,
    ) -> Outcome<Flow> {
        let given = self.frame.values[cursor as usize].clone();
        let name = self.open_bound(cursor, arguments)?;
        self.host.pin_cursor(&name, true);
        let done = self.cursor_rows(&name, target, body);
        self.host.pin_cursor(&name, false);
        let out = done?;
        self.host.close_cursor(&name)?;
        if given.is_null() {
            self.frame.values[cursor as usize] = Value::Null;
        }
        Ok(out)
    }

    fn cursor_rows(&mut self, name: &str, target: &Target, body: &'r Loop) -> Outcome<Flow> {
        let standing = self.standing;
        let way = crate::host::Way { direction: crate::tree::Direction::Forward, steps: 1 };
        let (mut found, mut out) = (false, Flow::Next);
        loop {
            self.stand(standing);
            let (rows, _) = self.host.fetch(name, way, false)?;
            let Some(row) = rows.rows.into_iter().next() else { break };
            found = true;
            self.assign_row(target, &rows.shape, Some(row))?;
            match turn(self.statements(&body.body)?, body) {
                Turn::Again => {}
                Turn::Over => break,
                Turn::Out(flow) => {
                    out = flow;
                    break;
                }
            }
        }
        self.set_found(found);
        Ok(out)
    }

    fn foreach(&mut self, target: &Target, slice: i32, array: &Expression, body: &'r Loop) -> Outcome<Flow> {
        let array = self.evaluate(array)?;
        if array.value.is_null() {
            let message = "FOREACH expression must not be null";
            return Err(Failure::new(SqlState::NullValueNotAllowed, message));
        }
        let Some(element) = self.host.element(array.of) else {
            let shown = self.host.shown(array.of);
            let message = format!("FOREACH expression must yield an array, not type {shown}");
            return Err(Failure::new(SqlState::DatatypeMismatch, message));
        };
        let (dimensions, values) = self.host.slices(&array, slice)?;
        if slice < 0 || slice > dimensions {
            let message = format!("slice dimension ({slice}) is out of the valid range 0..{dimensions}");
            return Err(Failure::new(SqlState::ArrayElementError, message));
        }
        self.refuse_loop_variable(target, slice)?;
        let of = if slice == 0 { element } else { Type::of(array.of.oid) };
        let standing = self.standing;
        let (mut found, mut out) = (false, Flow::Next);
        for value in values {
            found = true;
            self.stand(standing);
            self.host.check()?;
            self.assign_element(target, value, of)?;
            match turn(self.statements(&body.body)?, body) {
                Turn::Again => {}
                Turn::Over => break,
                Turn::Out(flow) => {
                    out = flow;
                    break;
                }
            }
        }
        self.set_found(found);
        Ok(out)
    }

    /// Slices go into arrays, elements into what is none.
    fn refuse_loop_variable(&mut self, target: &Target, slice: i32) -> Outcome<()> {
        let of = match target {
            Target::Record(_) => None,
            Target::List(places) => match &places[..] {
                [only] if only.field.is_none() => Some(self.function.variables[only.variable as usize].of),
                _ => None,
            },
        };
        let is_array = of.is_some_and(|of| self.host.element(of).is_some());
        let message = match (slice > 0, is_array) {
            (true, false) => "FOREACH ... SLICE loop variable must be of an array type",
            (false, true) => "FOREACH loop variable must not be of an array type",
            (true, true) | (false, false) => return Ok(()),
        };
        Err(Failure::new(SqlState::DatatypeMismatch, message))
    }

    fn assign_element(&mut self, target: &Target, value: Value, of: Type) -> Outcome<()> {
        let shape = self.shape_of(&value, of);
        match target {
            Target::Record(place) => self.assign(place, Answer { value, of, shape }),
            Target::List(places) => match (&places[..], shape) {
                ([only], shape) => self.assign(only, Answer { value, of, shape }),
                (_, Some(shape)) => {
                    let values = super::assign::values_of(&value, &shape);
                    self.assign_row(target, &shape, Some(values))
                }
                (_, None) => Ok(()),
            },
        }
    }
}
