//! Window functions, and aggregates over windows.

use super::call::Resolved;
use crate::binder::{Binder, Bound, internal};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{NamedWindow, WindowDraft};
use crate::names::column_expression;
use crate::shape::OverShape;
use functions::resolve::{builtin_candidates, can_cast};
use functions::table::{CastContext, FunctionKind};
use plan::expression::{
    Column, Frame, FrameBound, FrameExclusion, FrameUnit, FunctionId, SortKey, WindowCall,
};
use syntax::tree::expression::{Call, Expression as Syntax};
use syntax::tree::select::{self, Over, Window};
use types::Type;
use types::catalog::oid;

/// A window as a function sees it.
struct Definition {
    partition: Vec<SortKey>,
    order: Vec<SortKey>,
    frame: Option<Frame>,
}

impl Binder<'_> {
    pub(super) fn window_call(&mut self, call: &Call<'_>, resolved: Resolved) -> BindResult<Bound> {
        let position = resolved.position;
        let name = resolved.name.clone();
        let refuse = |kind: BindErrorKind| Err(BindError::at(kind, position));
        let is_window = resolved.found.kind == FunctionKind::Window;
        let Some(over) = &call.over else {
            return refuse(BindErrorKind::WindowWithoutOver { name });
        };
        if call.within_group {
            return refuse(BindErrorKind::WindowWithinGroup { name });
        }
        if call.distinct {
            return refuse(BindErrorKind::DistinctWindow);
        }
        if !call.order.is_empty() {
            return refuse(BindErrorKind::OrderWindow);
        }
        if is_window && call.filter.is_some() {
            return refuse(BindErrorKind::FilterWindow);
        }
        if is_window && call.star {
            return refuse(BindErrorKind::StarOfFunction { name });
        }
        if !is_window && call.arguments.is_empty() && !call.star {
            return refuse(BindErrorKind::StarArgument { name });
        }
        if let Some(place) = self.level().clause.refuses_windows() {
            return refuse(BindErrorKind::WindowNotAllowed { place });
        }
        let filter = call.filter.map(|filter| self.filter(filter)).transpose()?;
        let (definition, shape) = self.over(over)?;
        let mut columns = Vec::new();
        for argument in resolved.arguments.iter().chain(&filter) {
            argument.for_each_column(&mut |column| columns.push(column));
        }
        let level = self.level();
        for column in columns {
            if level.is_window(column.relation) {
                let inner = level.window_positions.last().copied().unwrap_or(position);
                return Err(BindError::at(BindErrorKind::NestedWindow, inner));
            }
            if level.is_set(column.relation) {
                return refuse(BindErrorKind::SetInWindow);
            }
        }
        let (result, made) = (resolved.result(), self.made_aggregate(&resolved)?);
        let made = made.map(|made| self.moving_or_not(made, resolved.arguments.iter().chain(&filter)));
        let window = WindowCall {
            function: FunctionId(resolved.found.function.0),
            arguments: resolved.arguments,
            filter,
            made,
            frame: definition.frame.unwrap_or(DEFAULT_FRAME),
            result,
        };
        let noted = window.clone();
        let column = self.place_window(definition.partition, definition.order, window);
        self.note_collation_of_window(column, &noted)?;
        if self.shapes.is_some() {
            self.level().call_shapes.entry(column).or_insert(shape);
        }
        self.level().window_positions.push(position);
        Ok(Bound { expression: column_expression(column, result), position })
    }

    fn place_window(&mut self, partition: Vec<SortKey>, order: Vec<SortKey>, call: WindowCall) -> Column {
        let same = |draft: &WindowDraft| draft.partition == partition && draft.order == order;
        let place = match self.level().windows.iter().position(same) {
            Some(place) => place,
            None => {
                let relation = self.relation();
                let draft = WindowDraft { relation, partition, order, functions: Vec::new() };
                self.level().windows.push(draft);
                self.level().windows.len() - 1
            }
        };
        let draft = &mut self.level().windows[place];
        let index = match draft.functions.iter().position(|known| *known == call) {
            Some(index) => index,
            None => {
                draft.functions.push(call);
                draft.functions.len() - 1
            }
        };
        Column { relation: draft.relation, index: index as u32 }
    }

    fn over(&mut self, over: &Over<'_>) -> BindResult<(Definition, OverShape)> {
        match over {
            Over::Named(name) => {
                let window = self.named_window(name.text, name.position)?;
                let shape = OverShape { name: Some(window.name), ..OverShape::default() };
                let (partition, order, frame) = (window.partition, window.order, window.frame);
                Ok((Definition { partition, order, frame }, shape))
            }
            Over::Window(window) => self.window_definition(window, true),
        }
    }

    fn named_window(&mut self, name: &str, position: u32) -> BindResult<NamedWindow> {
        let found = self.level().named_windows.iter().find(|window| window.name == name).cloned();
        found.ok_or_else(|| BindError::at(BindErrorKind::NoWindow { name: name.to_owned() }, position))
    }

    /// The windows of the `WINDOW` clause: each may build on those before it.
    pub fn named_windows(&mut self, windows: &[select::NamedWindow<'_>]) -> BindResult<()> {
        for window in windows {
            let (name, position) = (window.name.text.to_owned(), window.window.position);
            if self.level().named_windows.iter().any(|known| known.name == name) {
                return Err(BindError::at(BindErrorKind::WindowTwice { name }, position));
            }
            let (definition, shape) = self.window_definition(&window.window, false)?;
            let Definition { partition, order, frame } = definition;
            if self.shapes.is_some() {
                self.level().window_shapes.push((name.clone(), shape));
            }
            self.level().named_windows.push(NamedWindow { name, partition, order, frame });
        }
        Ok(())
    }

    fn window_definition(
        &mut self,
        window: &Window<'_>,
        in_call: bool,
    ) -> BindResult<(Definition, OverShape)> {
        let base = match window.base {
            Some(name) => Some(self.named_window(name.text, name.position)?),
            None => None,
        };
        let partition = self.window_keys(Clause::WindowPartition, |binder| {
            let mut keys = Vec::with_capacity(window.partition.len());
            for expression in window.partition {
                let bound = binder.expression(expression)?;
                let bound = binder.settle(bound)?;
                keys.push(binder.group_key(bound)?);
            }
            Ok(keys)
        })?;
        let order = self.window_keys(Clause::WindowOrder, |binder| {
            let mut keys = Vec::with_capacity(window.order.len());
            for key in window.order {
                let bound = binder.expression(&key.expression)?;
                let bound = binder.settle(bound)?;
                keys.push(binder.sort_key(bound, key)?);
            }
            Ok(keys)
        })?;
        let mut shape = OverShape {
            base: base.as_ref().map(|base| base.name.clone()),
            partition: partition.clone(),
            order: order.clone(),
            ..OverShape::default()
        };
        let (partition, order) = match base {
            None => (partition, order),
            Some(base) => inherit(base, partition, order, window, in_call)?,
        };
        let frame = match &window.frame {
            Some(frame) => Some(self.frame(frame, &order, window.position)?),
            None => None,
        };
        let between = window.frame.as_ref().is_some_and(|frame| frame.end.is_some());
        shape.frame = frame.clone().map(|frame| (frame, between));
        Ok((Definition { partition, order, frame }, shape))
    }

    fn window_keys<T>(
        &mut self,
        clause: Clause,
        inner: impl FnOnce(&mut Self) -> BindResult<T>,
    ) -> BindResult<T> {
        let around = std::mem::replace(&mut self.level().clause, clause);
        let result = inner(self);
        self.level().clause = around;
        result
    }

    fn frame(&mut self, frame: &select::Frame<'_>, order: &[SortKey], window: u32) -> BindResult<Frame> {
        let offset = |bound: &select::FrameBound<'_>| {
            matches!(bound, select::FrameBound::Preceding(_) | select::FrameBound::Following(_))
        };
        let unit = match frame.unit {
            select::FrameUnit::Rows => FrameUnit::Rows,
            select::FrameUnit::Range => {
                let offsets = offset(&frame.start) || frame.end.as_ref().is_some_and(offset);
                if offsets && order.len() != 1 {
                    return Err(BindError::at(BindErrorKind::RangeOneOrder, window));
                }
                FrameUnit::Range
            }
            select::FrameUnit::Groups => {
                if order.is_empty() {
                    return Err(BindError::at(BindErrorKind::GroupsOrder, window));
                }
                FrameUnit::Groups
            }
        };
        let start = self.frame_bound(&frame.start, unit, order)?;
        let end = match &frame.end {
            Some(end) => self.frame_bound(end, unit, order)?,
            None => FrameBound::CurrentRow,
        };
        let exclusion = match frame.exclusion {
            select::FrameExclusion::NoOthers => FrameExclusion::NoOthers,
            select::FrameExclusion::CurrentRow => FrameExclusion::CurrentRow,
            select::FrameExclusion::Group => FrameExclusion::Group,
            select::FrameExclusion::Ties => FrameExclusion::Ties,
        };
        Ok(Frame { unit, start, end, exclusion })
    }

    fn frame_bound(
        &mut self,
        bound: &select::FrameBound<'_>,
        unit: FrameUnit,
        order: &[SortKey],
    ) -> BindResult<FrameBound> {
        let (offset, preceding) = match bound {
            select::FrameBound::UnboundedPreceding => return Ok(FrameBound::UnboundedPreceding),
            select::FrameBound::CurrentRow => return Ok(FrameBound::CurrentRow),
            select::FrameBound::UnboundedFollowing => return Ok(FrameBound::UnboundedFollowing),
            select::FrameBound::Preceding(offset) => (offset, true),
            select::FrameBound::Following(offset) => (offset, false),
        };
        let (value, function) = self.frame_offset(offset, unit, order)?;
        let value = Box::new(value);
        Ok(match preceding {
            true => FrameBound::Preceding(value, function),
            false => FrameBound::Following(value, function),
        })
    }

    fn frame_offset(
        &mut self,
        offset: &Syntax<'_>,
        unit: FrameUnit,
        order: &[SortKey],
    ) -> BindResult<(plan::expression::Expression, Option<FunctionId>)> {
        let (clause, name) = match unit {
            FrameUnit::Rows => (Clause::WindowRows, "ROWS"),
            FrameUnit::Range => (Clause::WindowRange, "RANGE"),
            FrameUnit::Groups => (Clause::WindowGroups, "GROUPS"),
        };
        let bound = self.window_keys(clause, |binder| binder.expression(offset))?;
        let position = bound.position;
        let own = self.levels.len().saturating_sub(1);
        let mut variables = false;
        bound.expression.for_each_column(&mut |column| variables |= self.owner(column.relation) == own);
        if variables {
            return Err(BindError::at(BindErrorKind::VariablesInLimit { clause: name }, position));
        }
        if unit != FrameUnit::Range {
            let actual = self.type_name(bound.oid());
            return match self.coerce(bound, Type::of(oid::INT8), CastContext::Assignment)? {
                Some(expression) => Ok((expression, None)),
                None => {
                    let (construct, wanted) = (name.to_owned(), "bigint".to_owned());
                    Err(BindError::at(BindErrorKind::NotOfType { construct, wanted, actual }, position))
                }
            };
        }
        let Some(key) = order.first() else { return Err(internal("a range has no order")) };
        self.range_offset(bound, key.expression.result)
    }

    /// The offset of a `RANGE`, and the function that tells what is within it of a value.
    fn range_offset(
        &mut self,
        bound: Bound,
        sorted: Type,
    ) -> BindResult<(plan::expression::Expression, Option<FunctionId>)> {
        let base = self.types().undomained(sorted).oid;
        let base = if base == oid::VARCHAR { oid::TEXT } else { base };
        let known: Vec<(u32, u32)> = builtin_candidates("in_range", 0)
            .iter()
            .filter(|candidate| candidate.arguments.first() == Some(&base))
            .filter_map(|candidate| Some((candidate.function.0, *candidate.arguments.get(2)?)))
            .collect();
        let position = bound.position;
        let given = bound.oid();
        if known.is_empty() {
            let type_name = self.type_name(sorted.oid);
            return Err(BindError::at(BindErrorKind::RangeType { type_name }, position));
        }
        let exact = known.iter().find(|(_, offset)| *offset == given);
        let same = known.iter().find(|(_, offset)| *offset == base).filter(|_| given == oid::UNKNOWN);
        let only = known.first().filter(|_| known.len() == 1);
        let castable =
            known.iter().find(|(_, offset)| can_cast(self.types(), given, *offset, CastContext::Implicit));
        let only = only.filter(|(_, offset)| {
            given == oid::UNKNOWN || can_cast(self.types(), given, *offset, CastContext::Implicit)
        });
        let Some((function, offset)) = exact.or(same).or(only).or(castable).copied() else {
            let (type_name, offset) = (self.type_name(sorted.oid), self.type_name(given));
            return Err(BindError::at(BindErrorKind::RangeOffsetType { type_name, offset }, position));
        };
        let value = self.implicit(bound, offset)?;
        Ok((value, Some(FunctionId(function))))
    }
}

/// What a window is that builds on another.
fn inherit(
    base: NamedWindow,
    partition: Vec<SortKey>,
    order: Vec<SortKey>,
    window: &Window<'_>,
    in_call: bool,
) -> BindResult<(Vec<SortKey>, Vec<SortKey>)> {
    let (name, position) = (base.name, window.position);
    if !partition.is_empty() {
        return Err(BindError::at(BindErrorKind::OverridePartition { name }, position));
    }
    if !order.is_empty() && !base.order.is_empty() {
        return Err(BindError::at(BindErrorKind::OverrideOrder { name }, position));
    }
    if base.frame.is_some() {
        let kind = if in_call && order.is_empty() && window.frame.is_none() {
            BindErrorKind::CopyFrameParentheses { name }
        } else {
            BindErrorKind::CopyFrame { name }
        };
        return Err(BindError::at(kind, position));
    }
    Ok((base.partition, if order.is_empty() { base.order } else { order }))
}

/// `RANGE UNBOUNDED PRECEDING`
const DEFAULT_FRAME: Frame = Frame {
    unit: FrameUnit::Range,
    start: FrameBound::UnboundedPreceding,
    end: FrameBound::CurrentRow,
    exclusion: FrameExclusion::NoOthers,
};
