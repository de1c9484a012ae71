//! `SELECT`: the select list and the order in which everything around it is bound.

use super::{BoundQuery, QueryColumn};
use crate::binder::{Binder, Bound};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::figure::{column_name, starred_query};
use plan::expression::{Column, Expression, ExpressionKind, SortKey};
use plan::logical::Logical;
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree, Indirection};
use syntax::tree::select::{Distinct, Query, Relation, Select, TableExpression, Target as SyntaxTarget};

/// The most entries that a select list may have.
const TARGETS_MAX: usize = 1664;

/// An entry of a select list, or what is sorted by besides.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub expression: Expression,
    pub position: u32,
    pub name: String,
    /// Whether nobody sees it.
    pub hidden: bool,
}

/// What a query keeps of its rows' duplicates.
#[derive(Debug, Clone)]
pub(crate) enum DistinctBy {
    All,
    Rows,
    /// The targets of `DISTINCT ON`.
    On(Vec<usize>),
}

/// A query with all its parts bound, before they are put together.
pub(super) struct Parts {
    pub input: Logical,
    pub targets: Vec<Target>,
    pub condition: Option<Expression>,
    pub having: Option<Expression>,
    /// The targets that rows are sorted by, and how. The expressions in the keys are those of the targets.
    pub order: Vec<(usize, SortKey)>,
    pub groups: super::group::Groups,
    pub distinct: DistinctBy,
    pub grouped: bool,
    /// How many of what is sorted by are written: `DISTINCT ON` adds others.
    pub order_written: usize,
}

impl Binder<'_> {
    pub(super) fn select(&mut self, query: &Query<'_>, select: &Select<'_>) -> BindResult<BoundQuery> {
        if let Some(into) = select.into {
            return Err(BindError::at(BindErrorKind::IntoNotAllowed, into.name.position()));
        }
        let (parts, level) = self.within(|binder| binder.parts(query, select))?;
        // The level is put back: its windows and sets are part of the query.
        self.levels.push(level);
        let result = self.assemble(query, parts);
        self.levels.pop();
        result
    }

    fn parts(&mut self, query: &Query<'_>, select: &Select<'_>) -> BindResult<Parts> {
        let locks = self.locks_of(query);
        self.level().locks = locks;
        let row_ids_wanted = std::mem::take(&mut self.row_ids_wanted);
        self.level().row_ids_wanted = row_ids_wanted;
        let input = self.all_of_from(select.from)?;
        let input = self.with_rule_rows(input, std::ptr::from_ref(select) as usize);
        self.named_windows(select.windows)?;
        let mut targets = self.targets(select.targets, Clause::Select)?;
        let condition = self.clause(Clause::Where, |binder| match &select.condition {
            Some(condition) => binder.condition(condition, "WHERE").map(Some),
            None => Ok(None),
        })?;
        let having = self.clause(Clause::Having, |binder| match &select.having {
            Some(having) => binder.condition(having, "HAVING").map(Some),
            None => Ok(None),
        })?;
        let mut order = self.order_by(query.order, &mut targets)?;
        let groups = self.group_by(&select.group, &mut targets, &order)?;
        let order_written = order.len();
        let distinct = match &select.distinct {
            Distinct::No => DistinctBy::All,
            Distinct::Rows => {
                self.select_distinct(&mut targets, &order)?;
                DistinctBy::Rows
            }
            Distinct::On(expressions) => {
                DistinctBy::On(self.distinct_on(expressions, &mut targets, &mut order)?)
            }
        };
        let grouped = !select.group.items.is_empty() || select.having.is_some();
        Ok(Parts { input, targets, condition, having, order, groups, distinct, grouped, order_written })
    }

    /// Runs `inner` in a clause.
    pub fn clause<T>(
        &mut self,
        clause: Clause,
        inner: impl FnOnce(&mut Self) -> BindResult<T>,
    ) -> BindResult<T> {
        let around = std::mem::replace(&mut self.level().clause, clause);
        let result = inner(self);
        self.level().clause = around;
        result
    }

    /// A select list, or that of `RETURNING`.
    pub fn targets(&mut self, targets: &[SyntaxTarget<'_>], clause: Clause) -> BindResult<Vec<Target>> {
        self.clause(clause, |binder| {
            let mut bound = Vec::with_capacity(targets.len());
            for target in targets {
                binder.target(target, &mut bound)?;
            }
            if bound.len() > TARGETS_MAX {
                return Err(BindError::new(BindErrorKind::TooManyTargets));
            }
            Ok(bound)
        })
    }

    fn target(&mut self, target: &SyntaxTarget<'_>, bound: &mut Vec<Target>) -> BindResult<()> {
        let position = target.expression.position;
        match &target.expression.kind {
            Tree::Star(names) => {
                for (name, column) in self.star(names, position)? {
                    bound.push(visible(column, name));
                }
            }
            Tree::Indirection { base, path: [path @ .., Indirection::Star(at)] } => {
                for (name, column) in self.fields_of_row(base, path, *at)? {
                    bound.push(visible(column, name));
                }
            }
            _ => {
                let value = self.expression(&target.expression)?;
                let name = match target.label {
                    Some(label) => label.text.to_owned(),
                    None => self.shown_name(&target.expression),
                };
                bound.push(visible(value, name));
            }
        }
        Ok(())
    }

    /// What a column is called that has been bound and has no name of its own.
    fn shown_name(&self, expression: &Syntax<'_>) -> String {
        let known = starred_query(expression).and_then(|query| self.first_names.get(&query.position));
        known.cloned().unwrap_or_else(|| column_name(expression))
    }

    /// `(row).*`
    fn fields_of_row(
        &mut self,
        base: &Syntax<'_>,
        path: &[Indirection<'_>],
        star: u32,
    ) -> BindResult<Vec<(String, Bound)>> {
        if let (Tree::Star(names), []) = (&base.kind, path) {
            return self.star(names, base.position);
        }
        if let (Tree::Column(name), []) = (&base.kind, path)
            && let [table] = name.parts
            && self.open_table(table.text)
        {
            return self.star(name.parts, base.position);
        }
        let row = match path {
            [] => self.expression(base)?,
            path => {
                let kind = Tree::Indirection { base, path };
                self.expression(&Syntax { kind, position: base.position })?
            }
        };
        self.expanded(row, star)
    }

    /// The fields of a row with their names.
    pub(crate) fn expanded(&mut self, row: Bound, star: u32) -> BindResult<Vec<(String, Bound)>> {
        let of = self.types().undomained(row.expression.result).oid;
        if let (ExpressionKind::Row(fields), types::catalog::oid::RECORD) = (&row.expression.kind, of) {
            let fields = fields.iter().enumerate().map(|(place, field)| {
                let bound = Bound { expression: field.clone(), position: row.position };
                (format!("f{}", place + 1), bound)
            });
            return Ok(fields.collect());
        }
        let Some(columns) = self.types().columns(of) else {
            if of == types::catalog::oid::RECORD {
                let known = self.types().record_columns(row.expression.result.modifier);
                if let Some(columns) = known.filter(|columns| !columns.is_empty()) {
                    let live = columns.iter().enumerate().filter(|(_, column)| !column.dropped);
                    let fields = live.map(|(index, column)| {
                        let operand = Box::new(row.expression.clone());
                        let kind = ExpressionKind::Field { operand, index: index as u32 };
                        let expression = Expression { kind, result: column.column_type };
                        (column.name.clone(), Bound { expression, position: row.position })
                    });
                    return Ok(fields.collect());
                }
                let kind = BindErrorKind::Plain {
                    state: diagnostic::SqlState::FeatureNotSupported,
                    message: "record type has not been registered".to_owned(),
                };
                return Err(BindError::at(kind, star));
            }
            let type_name = self.type_name(row.oid());
            return Err(BindError::at(BindErrorKind::StarOfScalar { type_name }, row.position));
        };
        let names: Vec<String> =
            columns.iter().filter(|column| !column.dropped).map(|column| column.name.clone()).collect();
        let mut fields = Vec::with_capacity(names.len());
        for name in names {
            fields.push((name.clone(), self.field(row.clone(), &name, star)?));
        }
        Ok(fields)
    }

    /// Whether a name is that of a relation and of no column.
    fn open_table(&self, name: &str) -> bool {
        let open = self.levels.iter().flat_map(|level| &level.items);
        let mut columns = open.filter(|item| item.open).flat_map(|item| &item.columns);
        let tables = self.levels.iter().flat_map(|level| &level.items);
        let mut tables = tables.filter(|item| item.named);
        !columns.any(|column| &*column.name == name) && tables.any(|item| item.name.as_deref() == Some(name))
    }

    /// `TABLE name`: all columns of all rows.
    pub(super) fn table_query(
        &mut self,
        query: &Query<'_>,
        relation: &Relation<'_>,
    ) -> BindResult<BoundQuery> {
        let from = [TableExpression::Relation { relation: *relation, alias: None, sample: None }];
        let star = Syntax { kind: Tree::Star(&[]), position: query.position };
        let targets = [SyntaxTarget { expression: star, label: None }];
        let select = Select {
            distinct: Distinct::No,
            targets: &targets,
            into: None,
            from: &from,
            condition: None,
            group: syntax::tree::select::GroupBy { distinct: false, items: &[] },
            having: None,
            windows: &[],
            position: query.position,
        };
        self.select(query, &select)
    }

    /// The columns that a query yields.
    pub fn output(&self, targets: &[Target], relation: plan::expression::RelationId) -> Vec<QueryColumn> {
        let column = |(place, target): (usize, &Target)| QueryColumn {
            name: target.name.clone(),
            column: Column { relation, index: place as u32 },
            column_type: target.expression.result,
            literal: literal_of(&target.expression),
            position: target.position,
            origin: self.origin(&target.expression),
        };
        targets.iter().enumerate().filter(|(_, target)| !target.hidden).map(column).collect()
    }

    /// Keeps what the columns of a query are that another reads.
    pub fn note_origins(&mut self, columns: &[QueryColumn]) {
        let known = columns.iter().filter_map(|column| Some((column.column, column.origin?)));
        self.origins.extend(known);
    }

    /// The same of columns that stand for others.
    pub fn copy_origins(&mut self, from: &[Column], to: &[Column]) {
        for (from, to) in from.iter().zip(to) {
            if let Some(origin) = self.origins.get(from).copied() {
                self.origins.insert(*to, origin);
            }
        }
    }

    /// The table and the number of the column that an expression is.
    pub fn origin(&self, expression: &Expression) -> Option<(u32, u16)> {
        let column = expression.as_column()?;
        if let Some((view, place)) = self.view_columns.get(&column) {
            return Some((*view, *place as u16 + 1));
        }
        if let Some(origin) = self.origins.get(&column) {
            return Some(*origin);
        }
        let table = self.described.get(&column.relation)?.table.as_ref()?;
        let (place, _) = table.live_columns().nth(column.index as usize)?;
        Some((table.oid, place as u16 + 1))
    }
}

fn visible(bound: Bound, name: String) -> Target {
    Target { expression: bound.expression, position: bound.position, name, hidden: false }
}

/// What has no type yet and may take any.
pub(super) fn literal_of(expression: &Expression) -> Option<Expression> {
    let literal = matches!(expression.kind, ExpressionKind::Constant(_) | ExpressionKind::Parameter(_));
    (literal && expression.result.oid == types::catalog::oid::UNKNOWN).then(|| expression.clone())
}
