//! Queries as SQL text, as `pg_get_viewdef` prints them.

use super::Deparse;
use super::level::Level;
use super::output::{JOIN, Output, STANDARD};
use crate::shape::{
    Body, DistinctShape, EntrySource, FromShape, GroupShape, OverShape, SelectShape, Shape, Shapes,
    TargetShape,
};
use catalog::name::quote_identifier;
use plan::expression::{
    Aggregate, Expression, ExpressionKind, Frame, FrameBound, FrameExclusion, FrameUnit, SortKey, WindowCall,
};
use plan::logical::{LockStrength, LockWait, SetOperator};

/// How a query's text is to be.
#[derive(Clone, Copy)]
pub struct Style {
    /// Without parentheses that nobody needs.
    pub pretty: bool,
    /// With lines.
    pub indented: bool,
}

impl Deparse<'_> {
    /// The text of a query whose columns are called `names`. `None` if a part of it cannot be printed.
    pub fn query(&self, shapes: &Shapes, names: &[String], style: Style) -> Option<String> {
        let mut output = Output::new(style.indented);
        let deparse = Deparse { pretty: style.pretty, shapes: Some(shapes), ..*self };
        deparse.append_query(shapes.root.as_deref()?, Some(names), true, &mut output)?;
        Some(output.text)
    }

    /// A query. Columns are called `names` if given; without `visible` nobody sees what they are called.
    pub(super) fn append_query(
        &self,
        shape: &Shape,
        names: Option<&[String]>,
        visible: bool,
        output: &mut Output,
    ) -> Option<()> {
        let level = Level::new(self.level, shape, self.scope);
        let deparse = Deparse { level: Some(&level), ..*self };
        let around = output.level;
        deparse.append_common(shape, output)?;
        match &shape.body {
            Body::Select(select) => deparse.append_select(shape, select, names, visible, output)?,
            Body::Set { .. } => deparse.append_set(shape, names, visible, output)?,
            Body::Change(change) => deparse.append_change(change, output)?,
        }
        deparse.append_order(shape, output)?;
        deparse.append_limits(shape, output)?;
        for lock in &shape.locks {
            let words = match lock.strength {
                LockStrength::KeyShare => " FOR KEY SHARE",
                LockStrength::Share => " FOR SHARE",
                LockStrength::NoKeyUpdate => " FOR NO KEY UPDATE",
                LockStrength::Update => " FOR UPDATE",
            };
            output.line(words, -STANDARD, STANDARD, 0);
            output.push(&format!(" OF {}", quote_identifier(level.name_of_scan(lock.relation)?)));
            match lock.wait {
                LockWait::Block => {}
                LockWait::NoWait => output.push(" NOWAIT"),
                LockWait::SkipLocked => output.push(" SKIP LOCKED"),
            }
        }
        output.level = around;
        Some(())
    }

    fn append_common(&self, shape: &Shape, output: &mut Output) -> Option<()> {
        if shape.common.is_empty() {
            return Some(());
        }
        if output.indented {
            output.level += STANDARD;
            output.push(" ");
        }
        for (place, table) in shape.common.iter().enumerate() {
            output.push(match (place, shape.recursive) {
                (0, true) => "WITH RECURSIVE ",
                (0, false) => "WITH ",
                _ => ", ",
            });
            output.push(&quote_identifier(&table.name));
            append_names(&table.columns, output);
            output.push(match table.materialized {
                None => " AS (",
                Some(true) => " AS MATERIALIZED (",
                Some(false) => " AS NOT MATERIALIZED (",
            });
            output.line("", 0, 0, 0);
            self.append_query(table.query.as_deref()?, None, true, output)?;
            output.line("", 0, 0, 0);
            output.push(")");
            table.tail.iter().for_each(|clause| output.push(clause));
        }
        if output.indented {
            output.level -= STANDARD;
            output.line("", 0, 0, 0);
        } else {
            output.push(" ");
        }
        Some(())
    }

    fn append_order(&self, shape: &Shape, output: &mut Output) -> Option<()> {
        if shape.order.is_empty() {
            return Some(());
        }
        output.line(" ORDER BY ", -STANDARD, STANDARD, 1);
        for (place, key) in shape.order.iter().enumerate() {
            if place > 0 {
                output.push(", ");
            }
            match &shape.body {
                Body::Select(select) => {
                    self.append_sorted(&select.targets.get(key.place)?.expression, output)?
                }
                Body::Set { .. } => output.push(&(key.place + 1).to_string()),
                Body::Change(_) => return None,
            }
            append_direction(key.descending, key.nulls_first, output);
        }
        Some(())
    }

    fn append_limits(&self, shape: &Shape, output: &mut Output) -> Option<()> {
        if let Some(offset) = &shape.offset {
            output.line(" OFFSET ", -STANDARD, STANDARD, 0);
            self.append_number(offset, output)?;
        }
        match &shape.limit {
            None => {}
            Some((limit, true)) => {
                output.line(" FETCH FIRST (", -STANDARD, STANDARD, 0);
                self.append_number(limit, output)?;
                output.push(") ROWS WITH TIES");
            }
            Some((limit, false)) => {
                output.line(" LIMIT ", -STANDARD, STANDARD, 0);
                match limit.as_constant() {
                    Some(value) if value.is_null() => output.push("ALL"),
                    _ => self.append_number(limit, output)?,
                }
            }
        }
        Some(())
    }

    fn append_select(
        &self,
        shape: &Shape,
        select: &SelectShape,
        names: Option<&[String]>,
        visible: bool,
        output: &mut Output,
    ) -> Option<()> {
        if output.indented {
            output.level += STANDARD;
            output.push(" ");
        }
        if let Some(rows) = plain_rows(select, names) {
            return self.append_rows(rows, output);
        }
        output.push("SELECT");
        match &select.distinct {
            DistinctShape::No => {}
            DistinctShape::Rows => output.push(" DISTINCT"),
            DistinctShape::On(places) => {
                output.push(" DISTINCT ON (");
                for (at, place) in places.iter().enumerate() {
                    output.push(if at > 0 { ", " } else { "" });
                    self.append_sorted(&select.targets.get(*place)?.expression, output)?;
                }
                output.push(")");
            }
        }
        let names = names.unwrap_or(&shape.names[..]);
        let targets = select.targets.iter().filter(|target| !target.hidden);
        self.append_targets(targets, Some(names), visible, output)?;
        self.append_from(&select.from, output)?;
        if let Some(condition) = &select.condition {
            output.line(" WHERE ", -STANDARD, STANDARD, 1);
            self.append(condition, false, output)?;
        }
        self.append_groups(select, output)?;
        if let Some(having) = &select.having {
            output.line(" HAVING ", -STANDARD, STANDARD, 0);
            self.append(having, false, output)?;
        }
        for (place, (name, window)) in select.windows.iter().enumerate() {
            if place == 0 {
                output.line(" WINDOW ", -STANDARD, STANDARD, 1);
            } else {
                output.push(", ");
            }
            output.push(&format!("{} AS ", quote_identifier(name)));
            self.append_window(window, output)?;
        }
        Some(())
    }

    /// A select list, or that of `RETURNING`.
    pub(super) fn append_targets<'t>(
        &self,
        targets: impl Iterator<Item = &'t TargetShape>,
        names: Option<&[String]>,
        visible: bool,
        output: &mut Output,
    ) -> Option<()> {
        for (place, target) in targets.enumerate() {
            output.push(if place > 0 { ", " } else { " " });
            let name = names.and_then(|names| names.get(place));
            let name = name.map_or(target.name.as_str(), String::as_str);
            output.entry(place == 0, |output| self.append_target(target, name, visible, output))?;
        }
        Some(())
    }

    fn append_target(
        &self,
        target: &TargetShape,
        name: &str,
        visible: bool,
        output: &mut Output,
    ) -> Option<()> {
        let own = match self.plain_column(&target.expression, output)? {
            Some(own) => Some(own),
            None => {
                self.append(&target.expression, true, output)?;
                (!visible).then(|| "?column?".to_owned())
            }
        };
        if own.as_deref() != Some(name) {
            output.push(&format!(" AS {}", quote_identifier(name)));
        }
        Some(())
    }

    fn append_groups(&self, select: &SelectShape, output: &mut Output) -> Option<()> {
        if select.groups.is_empty() {
            return Some(());
        }
        output.line(" GROUP BY ", -STANDARD, STANDARD, 1);
        if select.group_distinct {
            output.push("DISTINCT ");
        }
        for (place, group) in select.groups.iter().enumerate() {
            output.push(if place > 0 { ", " } else { "" });
            self.append_group(select, group, true, output)?;
        }
        Some(())
    }

    fn append_group(
        &self,
        select: &SelectShape,
        group: &GroupShape,
        outermost: bool,
        output: &mut Output,
    ) -> Option<()> {
        match group {
            GroupShape::Keys(keys) => {
                let bare = outermost && !keys.is_empty();
                output.push(if bare { "" } else { "(" });
                self.append_keys(select, keys, output)?;
                output.push(if bare { "" } else { ")" });
            }
            GroupShape::Rollup(elements) | GroupShape::Cube(elements) => {
                let cube = matches!(group, GroupShape::Cube(_));
                output.push(if cube { "CUBE(" } else { "ROLLUP(" });
                for (place, element) in elements.iter().enumerate() {
                    output.push(if place > 0 { ", " } else { "" });
                    let bare = element.len() == 1;
                    output.push(if bare { "" } else { "(" });
                    self.append_keys(select, element, output)?;
                    output.push(if bare { "" } else { ")" });
                }
                output.push(")");
            }
            GroupShape::Sets(groups) => {
                output.push("GROUPING SETS (");
                for (place, group) in groups.iter().enumerate() {
                    output.push(if place > 0 { ", " } else { "" });
                    self.append_group(select, group, false, output)?;
                }
                output.push(")");
            }
        }
        Some(())
    }

    fn append_keys(&self, select: &SelectShape, keys: &[u32], output: &mut Output) -> Option<()> {
        for (place, key) in keys.iter().enumerate() {
            output.push(if place > 0 { ", " } else { "" });
            let target = select.targets.get(*select.keys.get(*key as usize)?)?;
            self.append_sorted(&target.expression, output)?;
        }
        Some(())
    }

    /// What is sorted or grouped by: what might be read as something else stands in parentheses.
    fn append_sorted(&self, expression: &Expression, output: &mut Output) -> Option<()> {
        if let ExpressionKind::Constant(value) = &expression.kind {
            return self.typed_constant(value, expression.result, output);
        }
        if self.plain_column(expression, output)?.is_some() {
            return Some(());
        }
        let parentheses = self.pretty || self.is_call(expression);
        output.push(if parentheses { "(" } else { "" });
        self.append(expression, true, output)?;
        output.push(if parentheses { ")" } else { "" });
        Some(())
    }

    /// Keys of a sort within an expression.
    fn append_sort_keys(&self, keys: &[SortKey], output: &mut Output) -> Option<()> {
        for (place, key) in keys.iter().enumerate() {
            output.push(if place > 0 { ", " } else { "" });
            self.append_sorted(&key.expression, output)?;
            append_direction(key.descending, key.nulls_first, output);
        }
        Some(())
    }

    pub(super) fn append_window(&self, window: &OverShape, output: &mut Output) -> Option<()> {
        if let Some(name) = &window.name {
            output.push(&quote_identifier(name));
            return Some(());
        }
        output.push("(");
        let mut between = "";
        if let Some(base) = &window.base {
            output.push(&quote_identifier(base));
            between = " ";
        }
        if !window.partition.is_empty() {
            output.push(&format!("{between}PARTITION BY "));
            for (place, key) in window.partition.iter().enumerate() {
                output.push(if place > 0 { ", " } else { "" });
                self.append_sorted(&key.expression, output)?;
            }
            between = " ";
        }
        if !window.order.is_empty() {
            output.push(&format!("{between}ORDER BY "));
            self.append_sort_keys(&window.order, output)?;
            between = " ";
        }
        if let Some((frame, both)) = &window.frame {
            output.push(between);
            self.append_frame(frame, *both, output)?;
        }
        output.push(")");
        Some(())
    }

    fn append_frame(&self, frame: &Frame, between: bool, output: &mut Output) -> Option<()> {
        output.push(match frame.unit {
            FrameUnit::Rows => "ROWS ",
            FrameUnit::Range => "RANGE ",
            FrameUnit::Groups => "GROUPS ",
        });
        if between {
            output.push("BETWEEN ");
        }
        self.append_bound(&frame.start, output)?;
        if between {
            output.push(" AND ");
            self.append_bound(&frame.end, output)?;
        }
        output.push(match frame.exclusion {
            FrameExclusion::NoOthers => "",
            FrameExclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion::Group => " EXCLUDE GROUP",
            FrameExclusion::Ties => " EXCLUDE TIES",
        });
        Some(())
    }

    fn append_bound(&self, bound: &FrameBound, output: &mut Output) -> Option<()> {
        match bound {
            FrameBound::UnboundedPreceding => output.push("UNBOUNDED PRECEDING"),
            FrameBound::CurrentRow => output.push("CURRENT ROW"),
            FrameBound::UnboundedFollowing => output.push("UNBOUNDED FOLLOWING"),
            FrameBound::Preceding(offset, _) => {
                self.append_number(offset, output)?;
                output.push(" PRECEDING");
            }
            FrameBound::Following(offset, _) => {
                self.append_number(offset, output)?;
                output.push(" FOLLOWING");
            }
        }
        Some(())
    }

    pub(super) fn append_aggregate(&self, aggregate: &Aggregate, output: &mut Output) -> Option<()> {
        output.push(&self.function_name(aggregate.function.0)?);
        let direct = aggregate.direct as usize;
        let ordered_set = self.is_ordered_set(aggregate.function.0);
        output.push(if aggregate.distinct.is_empty() { "(" } else { "(DISTINCT " });
        let shown = if ordered_set { aggregate.arguments.get(..direct)? } else { &aggregate.arguments[..] };
        if shown.is_empty() && !ordered_set {
            output.push("*");
        }
        self.given(aggregate.function.0, false, shown, output)?;
        if !ordered_set && !aggregate.order.is_empty() {
            output.push(" ORDER BY ");
            self.append_sort_keys(&aggregate.order, output)?;
        }
        output.push(")");
        if ordered_set {
            output.push(" WITHIN GROUP (ORDER BY ");
            self.append_sort_keys(&aggregate.order, output)?;
            output.push(")");
        }
        self.append_filter(aggregate.filter.as_ref(), output)
    }

    pub(super) fn append_window_call(
        &self,
        call: &WindowCall,
        window: &OverShape,
        output: &mut Output,
    ) -> Option<()> {
        output.push(&format!("{}(", self.function_name(call.function.0)?));
        if call.arguments.is_empty() && self.is_aggregate(call.function.0) {
            output.push("*");
        }
        self.given(call.function.0, false, &call.arguments, output)?;
        output.push(")");
        self.append_filter(call.filter.as_ref(), output)?;
        output.push(" OVER ");
        self.append_window(window, output)
    }

    fn append_filter(&self, filter: Option<&Expression>, output: &mut Output) -> Option<()> {
        if let Some(filter) = filter {
            output.push(" FILTER (WHERE ");
            self.append(filter, false, output)?;
            output.push(")");
        }
        Some(())
    }

    /// `VALUES` without anything around it.
    pub(super) fn append_rows(&self, rows: &[Vec<Expression>], output: &mut Output) -> Option<()> {
        output.push("VALUES ");
        for (place, row) in rows.iter().enumerate() {
            output.push(if place > 0 { ", (" } else { "(" });
            for (at, value) in row.iter().enumerate() {
                output.push(if at > 0 { "," } else { "" });
                self.append_whole(value, false, output)?;
            }
            output.push(")");
        }
        Some(())
    }

    fn append_set(
        &self,
        shape: &Shape,
        names: Option<&[String]>,
        visible: bool,
        output: &mut Output,
    ) -> Option<()> {
        let Body::Set { operator, all, sides } = &shape.body else { return None };
        let (left, right) = (&sides.0, &sides.1);
        let left_is_set = is_bare_set(left);
        let differs = match &left.body {
            Body::Set { operator: inner, all: inner_all, .. } => inner != operator || inner_all != all,
            Body::Select(_) | Body::Change(_) => false,
        };
        let wrapped = left_is_set && differs;
        self.append_side(left, wrapped, names, visible, output)?;
        if wrapped {
            output.line(") ", -STANDARD, 0, 0);
        } else if output.indented {
            output.line("", 0, 0, 0);
        } else {
            output.push(" ");
        }
        output.push(match operator {
            SetOperator::Union => "UNION ",
            SetOperator::Intersect => "INTERSECT ",
            SetOperator::Except => "EXCEPT ",
        });
        output.push(if *all { "ALL " } else { "" });
        let wrapped = is_bare_set(right);
        if !wrapped {
            output.line("", 0, 0, 0);
        }
        self.append_side(right, wrapped, names, false, output)?;
        if wrapped {
            output.level -= if output.indented { STANDARD } else { 0 };
            output.line(")", 0, 0, 0);
        }
        Some(())
    }

    /// A side of a set operation: another one, in parentheses if they are needed, or a query.
    fn append_side(
        &self,
        side: &Shape,
        wrapped: bool,
        names: Option<&[String]>,
        visible: bool,
        output: &mut Output,
    ) -> Option<()> {
        if is_bare_set(side) {
            if wrapped {
                output.push("(");
                output.line("", STANDARD, 0, 0);
            }
            return self.append_set(side, names, visible, output);
        }
        let parentheses = side.is_wrapped();
        output.push(if parentheses { "(" } else { "" });
        self.append_query(side, names, visible, output)?;
        output.push(if parentheses { ")" } else { "" });
        Some(())
    }

    pub(super) fn append_from(&self, from: &[FromShape], output: &mut Output) -> Option<()> {
        self.append_list_of_from(" FROM ", from, output)
    }

    /// What is in `FROM`, behind another word.
    pub(super) fn append_list_of_from(
        &self,
        word: &str,
        from: &[FromShape],
        output: &mut Output,
    ) -> Option<()> {
        for (place, item) in from.iter().enumerate() {
            if place == 0 {
                output.line(word, -STANDARD, STANDARD, 2);
                self.append_item(item, output)?;
            } else {
                output.push(", ");
                output.entry(false, |output| self.append_item(item, output))?;
            }
        }
        Some(())
    }

    /// How far a join's words are to the left of what it joins.
    pub(super) fn join_line(word: &str, output: &mut Output) {
        output.line(word, -STANDARD, STANDARD, JOIN);
    }
}

/// A set operation with nothing around it.
fn is_bare_set(shape: &Shape) -> bool {
    matches!(shape.body, Body::Set { .. }) && !shape.is_wrapped()
}

/// The rows of a query that is nothing but `VALUES` with its own names.
pub(super) fn plain_rows<'s>(
    select: &'s SelectShape,
    names: Option<&[String]>,
) -> Option<&'s [Vec<Expression>]> {
    let [FromShape::Entry(entry)] = &select.from[..] else { return None };
    let EntrySource::Values(rows) = &entry.source else { return None };
    let own = entry.columns.iter().map(|(name, _)| name);
    let same = names.is_none_or(|names| names.iter().eq(own));
    same.then_some(rows)
}

fn append_direction(descending: bool, nulls_first: bool, output: &mut Output) {
    output.push(match (descending, nulls_first) {
        (false, false) => "",
        (false, true) => " NULLS FIRST",
        (true, true) => " DESC",
        (true, false) => " DESC NULLS LAST",
    });
}

/// `(a, b)`, if there are any.
pub(super) fn append_names(names: &[String], output: &mut Output) {
    for (place, name) in names.iter().enumerate() {
        output.push(if place == 0 { "(" } else { ", " });
        output.push(&quote_identifier(name));
    }
    if !names.is_empty() {
        output.push(")");
    }
}
