//! What an expression is compiled to.

use super::run::truth;
use crate::error::ExecuteResult;
use crate::keys::{KeyTable, ShortTexts};
use crate::routine::RoutineCall;
use crate::run::Run;
use functions::{Single, Site};
use plan::expression::{OuterId, SqlValue};
use plan::physical::SubplanId;
use types::vector::{Operator, Order};
use types::{Kind, Type, Value, Vector};

/// A field of a row that is made of another.
#[derive(Debug)]
pub struct CastField {
    /// The place of the other row's field that it is; null without.
    pub place: Option<u32>,
    /// What becomes of that, if it does not stay as it is.
    pub cast: Option<Node>,
    /// Its type.
    pub of: (u32, Kind),
}

/// A compiled expression. What the variants mean is told where they come from, [`plan::expression::ExpressionKind`].
#[derive(Debug)]
pub enum Node {
    /// A function in SQL.
    Routine {
        /// Which, and how.
        call: Box<RoutineCall>,
        /// Of what.
        arguments: Vec<Node>,
    },
    /// A vector of one.
    Constant(Vector),
    Parameter(u32, Kind),
    Slot(u32),
    Outer(OuterId, Kind),
    Call {
        site: Box<Site>,
        arguments: Vec<Node>,
    },
    /// A comparison by an order that is known.
    Compare {
        operator: Operator,
        order: Order,
        sides: Box<(Node, Node)>,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    IsNull {
        operand: Box<Node>,
        negated: bool,
        /// Of a row of which columns it is known whether they are there still.
        row: Option<Box<[bool]>>,
    },
    IsBoolean {
        operand: Box<Node>,
        wanted: Option<bool>,
        negated: bool,
    },
    IsDistinct {
        equality: Comparison,
        sides: Box<(Node, Node)>,
        negated: bool,
    },
    Case {
        operand: Option<Box<Node>>,
        arms: Vec<(Node, Node)>,
        otherwise: Option<Box<Node>>,
        kind: Kind,
    },
    CaseOperand,
    Coalesce(Vec<Node>, Kind),
    NullIf {
        equality: Comparison,
        sides: Box<(Node, Node)>,
    },
    Extreme {
        greatest: bool,
        order: Order,
        operands: Vec<Node>,
        kind: Kind,
    },
    ThroughText {
        operand: Box<Node>,
        from: Type,
        to: Type,
    },
    /// The same bits as values of another kind.
    SameBits {
        operand: Box<Node>,
        kind: Kind,
    },
    ArrayCast {
        operand: Box<Node>,
        element: Box<Node>,
        to: u32,
        kind: Kind,
    },
    Element,
    /// A number of a shape, or one of its points.
    ShapePart {
        operand: Box<Node>,
        index: Box<Node>,
        kind: Kind,
    },
    RowCast {
        operand: Box<Node>,
        fields: Vec<CastField>,
    },
    DomainCheck {
        operand: Box<Node>,
        name: Box<(String, String)>,
        shown: String,
        not_null: bool,
        checks: Vec<(String, Node)>,
    },
    Array {
        elements: Vec<Node>,
        nested: bool,
        element_type: u32,
        element_kind: Kind,
    },
    Row(Vec<(Node, u32, Kind)>),
    Field {
        operand: Box<Node>,
        index: u32,
        kind: Kind,
    },
    Subscript {
        operand: Box<Node>,
        steps: Vec<Step>,
        json: bool,
        kind: Kind,
    },
    ReplaceField {
        operand: Box<Node>,
        index: u32,
        value: Box<Node>,
        types: Vec<(u32, Kind)>,
    },
    ReplaceElement {
        operand: Box<Node>,
        steps: Vec<Step>,
        value: Box<Node>,
        element_type: u32,
        element_kind: Kind,
    },
    ReplaceMember {
        operand: Box<Node>,
        steps: Vec<Step>,
        value: Box<Node>,
    },
    Quantified {
        comparison: Comparison,
        all: bool,
        sides: Box<(Node, Node)>,
        element_kind: Kind,
    },
    InList {
        operand: Box<Node>,
        list: Vec<Node>,
        fixed: Option<Box<FixedList>>,
        order: Order,
        negated: bool,
    },
    RowCompare {
        fields: Vec<RowField>,
    },
    SqlValue {
        value: SqlValue,
        kind: Kind,
    },
    Subplan {
        plan: SubplanId,
        test: SubplanTest,
        outer: Vec<(OuterId, Node)>,
        kind: Kind,
    },
}

impl Node {
    /// About how much it takes to compute it for a row, if no row can make it fail.
    pub fn weight(&self) -> Option<u32> {
        let all = |terms: &[Node]| terms.iter().map(Node::weight).sum::<Option<u32>>();
        match self {
            Node::Constant(_) | Node::Slot(_) => Some(0),
            Node::Compare { order, sides, .. } => {
                let own = if Single::has(order.kind()) { 1 } else { 4 };
                Some(own + sides.0.weight()? + sides.1.weight()?)
            }
            Node::And(terms) | Node::Or(terms) => Some(1 + all(terms)?),
            Node::Not(operand) | Node::IsNull { operand, row: None, .. } => Some(1 + operand.weight()?),
            Node::InList { operand, list, order, .. } => {
                let own = if Single::has(order.kind()) { 2 } else { 6 };
                Some(own + operand.weight()? + all(list)?)
            }
            Node::Call { site, arguments } => {
                let [operand, Node::Constant(pattern)] = arguments.as_slice() else { return None };
                let likes = matches!(site.function.source, "textlike" | "textnlike");
                // An escape may stand at the end, where it is an error.
                let escapes = pattern.bytes().is_none_or(|pattern| pattern.get(0).contains(&b'\\'));
                if likes && !escapes { Some(20 + operand.weight()?) } else { None }
            }
            Node::Routine { .. }
            | Node::Parameter(..)
            | Node::Outer(..)
            | Node::IsNull { row: Some(_), .. }
            | Node::IsBoolean { .. }
            | Node::IsDistinct { .. }
            | Node::Case { .. }
            | Node::CaseOperand
            | Node::Coalesce(..)
            | Node::NullIf { .. }
            | Node::Extreme { .. }
            | Node::ThroughText { .. }
            | Node::SameBits { .. }
            | Node::ArrayCast { .. }
            | Node::Element
            | Node::ShapePart { .. }
            | Node::RowCast { .. }
            | Node::DomainCheck { .. }
            | Node::Array { .. }
            | Node::Row(_)
            | Node::Field { .. }
            | Node::Subscript { .. }
            | Node::ReplaceField { .. }
            | Node::ReplaceElement { .. }
            | Node::ReplaceMember { .. }
            | Node::Quantified { .. }
            | Node::RowCompare { .. }
            | Node::SqlValue { .. }
            | Node::Subplan { .. } => None,
        }
    }
}

/// A step of a subscript.
#[derive(Debug)]
pub enum Step {
    Index(Node),
    Slice(Option<Node>, Option<Node>),
}

impl Step {
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        let (low, high) = match self {
            Step::Index(node) => (Some(node), None),
            Step::Slice(low, high) => (low.as_ref(), high.as_ref()),
        };
        low.into_iter().chain(high)
    }
}

/// A list of constants, looked up by hash.
#[derive(Debug)]
pub struct FixedList {
    /// All that are not null.
    pub table: KeyTable,
    /// The same, if they are few short texts.
    pub short: Option<ShortTexts>,
    /// Whether one is null.
    pub has_null: bool,
}

/// What compares two values: an operator's function.
#[derive(Debug)]
pub enum Comparison {
    /// One of the program's own.
    Site(Box<Site>),
    /// One that a user has made.
    Routine(Box<RoutineCall>),
}

impl Comparison {
    /// The answers of some rows.
    ///
    /// # Errors
    /// Those of the function.
    pub fn evaluate(&self, run: &mut Run<'_, '_>, sides: &[Vector; 2], rows: usize) -> ExecuteResult<Vector> {
        match self {
            Comparison::Site(site) => Ok(site.evaluate(&mut run.world.context, sides, rows)?),
            Comparison::Routine(routine) => routine.evaluate(run, sides, rows),
        }
    }

    /// In which rows two values are equal, as an equality says. Nothing is asked of a null: a function that a user has made
    /// might answer, which PostgreSQL's `NULLIF` and `IS DISTINCT FROM` do not let it do.
    ///
    /// # Errors
    /// Those of the function.
    pub fn equal(&self, run: &mut Run<'_, '_>, sides: &[Vector; 2], rows: usize) -> ExecuteResult<Vec<bool>> {
        let is_known = |row: &u32| !sides.iter().any(|side| side.is_null(*row as usize));
        let known: Vec<u32> = (0..rows as u32).filter(is_known).collect();
        let mut equal = vec![false; rows];
        if known.is_empty() {
            return Ok(equal);
        }
        let answers = match self {
            // The program's own take nulls for unknown.
            Comparison::Site(_) => self.evaluate(run, sides, rows)?,
            Comparison::Routine(_) if known.len() == rows => self.evaluate(run, sides, rows)?,
            Comparison::Routine(_) => {
                let known_sides = [sides[0].gather(&known)?, sides[1].gather(&known)?];
                let answers = self.evaluate(run, &known_sides, known.len())?;
                for (place, row) in known.iter().enumerate() {
                    equal[*row as usize] = truth(&answers, place) == Some(true);
                }
                return Ok(equal);
            }
        };
        equal.iter_mut().enumerate().for_each(|(row, equal)| *equal = truth(&answers, row) == Some(true));
        Ok(equal)
    }

    /// Whether it may do more than say how values compare: fail, or have effects.
    pub fn may_fail(&self) -> bool {
        match self {
            Comparison::Site(site) => {
                !matches!(site.function.implementation, functions::Implementation::Comparison(_))
            }
            Comparison::Routine(_) => true,
        }
    }
}

/// A pair of fields of compared rows.
#[derive(Debug)]
pub struct RowField {
    pub left: Node,
    pub right: Node,
    pub equality: Comparison,
    pub comparison: Comparison,
    pub strict: Comparison,
}

/// What is looked for among the rows of a subplan.
#[derive(Debug)]
pub struct Among {
    pub comparison: Node,
    /// Over the outer values that are set.
    pub given: Vec<Node>,
    /// Over the subplan's columns.
    pub own: Vec<Node>,
    pub orders: Vec<Order>,
    pub unknown_is_no: bool,
}

/// What is asked of the rows of a subplan.
#[derive(Debug)]
pub enum SubplanTest {
    Field(u32),
    Exists,
    Array {
        element_type: u32,
        element_kind: Kind,
        nested: bool,
    },
    /// Any or all (`true`).
    Quantified(Box<Node>, bool),
    /// Any, by what can be looked up.
    Among(Box<Among>),
}

impl Node {
    /// The value, if it is known.
    pub fn constant(&self) -> Option<Value> {
        if let Node::Constant(vector) = self { Some(vector.value(0)) } else { None }
    }

    /// Calls `each` with everything directly below.
    fn children<'n>(&'n self, each: &mut dyn FnMut(&'n Node)) {
        match self {
            Node::Constant(_)
            | Node::Parameter(..)
            | Node::Slot(_)
            | Node::Outer(..)
            | Node::CaseOperand
            | Node::Element
            | Node::SqlValue { .. } => {}
            Node::Compare { sides, .. }
            | Node::IsDistinct { sides, .. }
            | Node::NullIf { sides, .. }
            | Node::Quantified { sides, .. } => {
                each(&sides.0);
                each(&sides.1);
            }
            Node::Call { arguments: terms, .. }
            | Node::Routine { arguments: terms, .. }
            | Node::And(terms)
            | Node::Or(terms)
            | Node::Coalesce(terms, _)
            | Node::Extreme { operands: terms, .. }
            | Node::Array { elements: terms, .. } => terms.iter().for_each(each),
            Node::Not(operand)
            | Node::IsNull { operand, .. }
            | Node::IsBoolean { operand, .. }
            | Node::ThroughText { operand, .. }
            | Node::SameBits { operand, .. }
            | Node::Field { operand, .. } => each(operand),
            Node::RowCast { operand, fields } => {
                each(operand);
                fields.iter().filter_map(|field| field.cast.as_ref()).for_each(each);
            }
            Node::Case { operand, arms, otherwise, .. } => {
                operand.iter().chain(otherwise).for_each(|node| each(node));
                arms.iter().flat_map(|(condition, result)| [condition, result]).for_each(each);
            }
            Node::ArrayCast { operand, element: other, .. }
            | Node::ShapePart { operand, index: other, .. }
            | Node::ReplaceField { operand, value: other, .. } => {
                each(operand);
                each(other);
            }
            Node::DomainCheck { operand, checks, .. } => {
                each(operand);
                checks.iter().for_each(|(_, check)| each(check));
            }
            Node::Row(fields) => fields.iter().for_each(|(node, ..)| each(node)),
            Node::Subscript { operand, steps, .. } => {
                each(operand);
                steps.iter().flat_map(Step::nodes).for_each(each);
            }
            Node::ReplaceElement { operand, steps, value, .. }
            | Node::ReplaceMember { operand, steps, value } => {
                each(operand);
                each(value);
                steps.iter().flat_map(Step::nodes).for_each(each);
            }
            Node::InList { operand, list, .. } => {
                each(operand);
                list.iter().for_each(each);
            }
            Node::RowCompare { fields } => {
                fields.iter().flat_map(|field| [&field.left, &field.right]).for_each(each);
            }
            // The comparison's slots are those of the subplan.
            Node::Subplan { outer, .. } => outer.iter().for_each(|(_, node)| each(node)),
        }
    }

    /// Appends the slots that it reads.
    pub fn slots(&self, slots: &mut Vec<u32>) {
        if let Node::Slot(slot) = self {
            slots.push(*slot);
        }
        self.children(&mut |child| child.slots(slots));
    }
}
