//! What is known while a statement is bound: what it is bound against, and all that it has made so far.

use crate::cursor::CursorTable;
use crate::error::{BindError, BindErrorKind, BindResult, Carried};
use crate::level::{FromLock, LentLock, Level};
use crate::modify::{ChangedView, RuleReturning, RuleRows};
use crate::shape::Shapes;
use crate::variable::Variables;
use crate::with::{CommonDraft, CommonScope};
use catalog::Scope;
use catalog::object::{Oid, RewriteRule, Table};
use diagnostic::Diagnostic;
use functions::resolve::ResolvedOperator;
use plan::expression::{Column, DomainRules, Expression, RelationId};
use plan::logical::{RelationUse, Scan};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::catalog::type_name;
use types::{Type, Types, Value};

/// Reads literals: what a type's input function makes of a text, which may depend on the session's settings.
pub trait Literals {
    /// The value that `text` stands for, with the types and objects of a scope.
    ///
    /// # Errors
    /// When it is none of that type.
    fn read(&self, scope: &Scope, of: Type, text: &str) -> Result<Value, Box<dyn Diagnostic>>;

    /// The row of a table, by its number and its name, on which a cursor stands: the table that has it and its id; none if
    /// nobody here keeps cursors.
    fn current_row(
        &self,
        cursor: &str,
        table: Oid,
        name: &str,
    ) -> Option<Result<(Oid, i64), Box<dyn Diagnostic>>> {
        let _ = (cursor, table, name);
        None
    }
}

/// Types that parameters are given, and names by which they may be called.
#[derive(Debug, Clone, Default)]
pub enum Parameters {
    /// There are none.
    #[default]
    None,
    /// These; what is used beyond them, and what has no type, is inferred.
    Inferred(Vec<Option<Type>>),
    /// These and no others: arguments of a function.
    Named {
        /// The function's name, by which an argument's may be qualified.
        function: String,
        /// Names (empty without) and types.
        arguments: Vec<(String, Type)>,
    },
    /// Those of a body in PL/pgSQL, whose values are parameters.
    Variables(Arc<dyn Variables>),
}

/// What a statement is bound against.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// What names mean.
    pub scope: &'c Scope,
    /// How literals are read.
    pub literals: &'c dyn Literals,
    /// How deep statements may nest: see [`crate::depth_limit`].
    pub depth_limit: usize,
    /// What backslashes are in strings of what users write: texts of the catalog are by the standard.
    pub strings: syntax::lexer::StringRules,
}

impl<'c> Context<'c> {
    /// For a text that the catalog keeps.
    pub fn kept(self) -> Context<'c> {
        Context { scope: self.scope.plain(), ..self }
    }
}

/// A relation of the statement, as messages name it.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    pub alias: Arc<str>,
    pub columns: Vec<Arc<str>>,
    /// The table it is, if it is one.
    pub table: Option<Arc<Table>>,
}

/// A statement that is being bound.
pub(crate) struct Binder<'c> {
    pub context: Context<'c>,
    /// The queries around what is bound now, the outermost first.
    pub levels: Vec<Level>,
    /// How many entries PostgreSQL's range table would have: tables, subqueries, functions, joins.
    pub ranges: u32,
    /// For each relation the place among `levels` of the query that it belongs to.
    pub owners: Vec<u32>,
    pub described: BTreeMap<RelationId, Described>,
    pub scans: BTreeMap<RelationId, Scan>,
    /// Numbers and types of the columns of scans of the system's relations.
    pub system_columns: BTreeMap<RelationId, Vec<(u16, Type)>>,
    pub parameters: Vec<Option<Type>>,
    /// Parameters that stood, with their places, where anything may stand, before their types were known.
    pub untyped_parameters: Vec<(u32, u32)>,
    pub parameter_names: Parameters,
    pub common_drafts: Vec<CommonDraft>,
    pub common_scopes: Vec<CommonScope>,
    pub work_tables: u32,
    /// How many queries within expressions are around what is bound now.
    pub subqueries: u32,
    /// What domains demand, as far as it is known; `None` while it is being bound.
    pub domains: BTreeMap<Oid, Option<Arc<DomainRules>>>,
    pub uses: BTreeMap<(Oid, Option<Oid>), RelationUse>,
    /// Columns whose collation is not that of their type; 0 where none could be told.
    pub collations: BTreeMap<Column, Oid>,
    /// Columns of queries whose collation is written there.
    pub explicit_collations: BTreeSet<Column>,
    /// Whether the statement has such a column or `COLLATE`, and where which is written.
    pub collating: bool,
    pub collate_positions: Vec<(Oid, u32)>,
    /// As whom the relations that are bound now are used: the owner of a view.
    pub check_as: Option<Oid>,
    /// How the tables of the query that is bound next are locked by those around it.
    pub inherited_locks: Vec<FromLock>,
    /// What the query that was bound last leaves to be locked by the one around it.
    pub lent: Vec<LentLock>,
    /// Whether the query that is bound next is a cursor's, and what tables it was found to have.
    pub row_ids_wanted: bool,
    pub cursor_tables: Vec<CursorTable>,
    /// The columns of views in `FROM`, with their places there.
    pub view_columns: BTreeMap<Column, (Oid, usize)>,
    /// What table's columns those of queries in `FROM` and of `WITH` are, with their numbers there.
    pub origins: BTreeMap<Column, (Oid, u16)>,
    /// For makers of rows that an outer join may lack the relation that says whether there is one.
    pub presences: BTreeMap<RelationId, RelationId>,
    /// What stands for system columns of rows that a change makes.
    pub unreadable: Option<RelationId>,
    /// Views that are being expanded.
    pub views: Vec<Oid>,
    /// Whether policies of tables are put before their rows: not where nothing is run of what is bound.
    pub asks_policies: bool,
    /// Whether partitions that are being detached count among the members of their table.
    pub with_detaching: bool,
    /// Tables whose policies are being bound, and whether one of them was among those before.
    pub policies: Vec<(Oid, bool)>,
    /// What the first columns of queries are called that stand for values, by where the queries begin.
    pub first_names: BTreeMap<u32, String>,
    /// Rows that views which are barriers yield.
    pub barriers: BTreeSet<RelationId>,
    /// Rows of which something is read that the statement names.
    pub read: BTreeSet<RelationId>,
    /// The view whose rows are changed.
    pub changed: Option<Arc<ChangedView>>,
    /// The rows that the statement is done for that is bound next: it is an action of a rule.
    pub rule_rows: Option<RuleRows>,
    /// What its `RETURNING` goes through, the innermost first.
    pub rule_answers: Vec<RuleReturning>,
    /// Rules by whose conditions rows are left out of what is bound next.
    pub negated_rules: Vec<Arc<RewriteRule>>,
    /// Whether a variable's part is assigned to, which takes a value by its text where no cast leads to it.
    pub assigns_by_text: bool,
    /// Whether texts of the catalog are bound to be written down again: `tableoid` is a name then, not yet a number.
    pub writes_down: bool,
    /// What is wrong with the condition of a publication, if that is what is bound.
    pub violations: Option<Vec<crate::row_filter::Violation>>,
    /// The shapes of queries, if they are wanted.
    pub shapes: Option<Box<Shapes>>,
    /// Operators of the program that were found, with the types that stood on their sides: most statements compare alike again
    /// and again.
    pub operators: RefCell<Vec<(Option<u32>, u32, ResolvedOperator)>>,
    depth: usize,
}

impl<'c> Binder<'c> {
    /// For what is written down, or looked at without being run.
    pub fn defining(context: Context<'c>, parameters: Parameters) -> Binder<'c> {
        Binder { asks_policies: false, ..Binder::new(context, parameters) }
    }

    pub fn new(context: Context<'c>, parameters: Parameters) -> Binder<'c> {
        let types = match &parameters {
            Parameters::None | Parameters::Variables(_) => Vec::new(),
            Parameters::Inferred(types) => types.clone(),
            Parameters::Named { arguments, .. } => arguments.iter().map(|(_, of)| Some(*of)).collect(),
        };
        Binder {
            context,
            levels: Vec::new(),
            with_detaching: false,
            ranges: 0,
            owners: Vec::new(),
            described: BTreeMap::new(),
            scans: BTreeMap::new(),
            system_columns: BTreeMap::new(),
            parameters: types,
            untyped_parameters: Vec::new(),
            parameter_names: parameters,
            common_drafts: Vec::new(),
            common_scopes: Vec::new(),
            work_tables: 0,
            subqueries: 0,
            domains: BTreeMap::new(),
            uses: BTreeMap::new(),
            collations: BTreeMap::new(),
            explicit_collations: BTreeSet::new(),
            collating: false,
            collate_positions: Vec::new(),
            check_as: None,
            inherited_locks: Vec::new(),
            lent: Vec::new(),
            row_ids_wanted: false,
            cursor_tables: Vec::new(),
            view_columns: BTreeMap::new(),
            origins: BTreeMap::new(),
            presences: BTreeMap::new(),
            unreadable: None,
            views: Vec::new(),
            asks_policies: true,
            policies: Vec::new(),
            first_names: BTreeMap::new(),
            barriers: BTreeSet::new(),
            read: BTreeSet::new(),
            changed: None,
            rule_rows: None,
            rule_answers: Vec::new(),
            negated_rules: Vec::new(),
            assigns_by_text: false,
            writes_down: false,
            violations: None,
            shapes: None,
            operators: RefCell::default(),
            depth: 0,
        }
    }

    pub fn types(&self) -> &'c dyn Types {
        self.context.scope
    }

    pub fn scope(&self) -> &'c Scope {
        self.context.scope
    }

    /// The name of a type, as messages give it.
    pub fn type_name(&self, of: u32) -> String {
        type_name(self.types(), of, None)
    }

    /// A number for a relation of the innermost query.
    pub fn relation(&mut self) -> RelationId {
        let relation = RelationId(self.owners.len() as u32);
        self.owners.push(self.levels.len().saturating_sub(1) as u32);
        relation
    }

    /// A number for a relation within a query below the innermost: what a query yields is its own until it is in a `FROM`.
    pub fn inner_relation(&mut self) -> RelationId {
        let relation = RelationId(self.owners.len() as u32);
        self.owners.push(self.levels.len() as u32);
        relation
    }

    /// Says that a relation belongs to the innermost query.
    pub fn own(&mut self, relation: RelationId) {
        let level = self.levels.len().saturating_sub(1) as u32;
        if let Some(owner) = self.owners.get_mut(relation.0 as usize) {
            *owner = level;
        }
    }

    /// The place among the levels of the query that a relation belongs to.
    pub fn owner(&self, relation: RelationId) -> usize {
        self.owners.get(relation.0 as usize).map_or(0, |owner| *owner as usize)
    }

    /// The innermost query. There is one whenever an expression is bound: see [`Binder::within`].
    pub fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            let level = Level::new(self);
            self.levels.push(level);
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Runs `inner` one level of nesting deeper.
    pub fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> BindResult<T>) -> BindResult<T> {
        if self.depth >= self.context.depth_limit {
            return Err(BindError::new(BindErrorKind::TooDeep));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// How many links a chain that leans to the left may have: what walks over the bound tree is leaner than what made it.
    pub fn chain_limit(&self) -> usize {
        self.context.depth_limit.saturating_mul(2)
    }

    /// Runs `inner` with a query of its own around it, and gives that query's level back.
    pub fn within<T>(&mut self, inner: impl FnOnce(&mut Self) -> BindResult<T>) -> BindResult<(T, Level)> {
        let depth = self.levels.len();
        let level = Level::new(self);
        self.levels.push(level);
        // Relations that `Level::new` made belong to it.
        let owner = depth as u32;
        let made = self.levels[depth].own_relations();
        for relation in made {
            if let Some(place) = self.owners.get_mut(relation.0 as usize) {
                *place = owner;
            }
        }
        let result = self.deeper(inner);
        self.levels.truncate(depth + 1);
        let level = self.levels.pop();
        match (result, level) {
            (Ok(value), Some(level)) => Ok((value, level)),
            (Err(error), _) => Err(error),
            (Ok(_), None) => Err(internal("a query lost its level")),
        }
    }

    /// Notes that a relation is used.
    pub fn note_use(&mut self, relation: Oid) -> &mut RelationUse {
        self.note_use_as(relation, self.check_as)
    }

    /// Notes that a relation is used as somebody.
    pub fn note_use_as(&mut self, relation: Oid, check_as: Option<Oid>) -> &mut RelationUse {
        let used = self.use_of(relation, check_as);
        used.inherited = false;
        used
    }

    /// Notes that a relation is used because it inherits from another.
    pub fn note_inherited(&mut self, relation: Oid) -> &mut RelationUse {
        self.use_of(relation, self.check_as)
    }

    fn use_of(&mut self, relation: Oid, check_as: Option<Oid>) -> &mut RelationUse {
        let place = self.uses.len() as u32;
        self.uses.entry((relation, check_as)).or_insert_with(|| RelationUse {
            relation,
            select: false,
            insert: false,
            update: false,
            delete: false,
            lock_rows: None,
            place,
            check_as,
            columns_read: Vec::new(),
            columns_of_rows: Vec::new(),
            columns_written: Vec::new(),
            columns_updated: Vec::new(),
            inherited: true,
        })
    }

    /// Notes that a column of a view is read, by its place among those of the view.
    pub fn note_view_read(&mut self, view: Oid, place: usize) {
        let used = self.note_use(view);
        used.select = true;
        let number = place as u16 + 1;
        if !used.columns_read.contains(&number) {
            used.columns_read.push(number);
        }
    }

    /// Notes that a column of a table is read as a field of a whole row.
    pub fn note_field_read(&mut self, column: Column) {
        let known = |binder: &mut Binder<'_>| {
            let table = binder.described.get(&column.relation)?.table.clone()?;
            let (place, _) = table.live_columns().nth(column.index as usize)?;
            Some((table.oid, place as u16 + 1))
        };
        let Some((table, number)) = known(self) else { return self.note_read(column) };
        let before = self.note_use(table).columns_read.contains(&number);
        let within = self.note_use(table).columns_of_rows.contains(&number);
        self.note_read(column);
        if !before || within {
            self.note_use(table).columns_of_rows.push(number);
        }
    }

    /// Notes that a column is read, if it is one of a table or view.
    pub fn note_read(&mut self, column: Column) {
        self.read.insert(column.relation);
        if let Some((view, place)) = self.view_columns.get(&column).copied() {
            return self.note_view_read(view, place);
        }
        let Some(table) = self.described.get(&column.relation).and_then(|entry| entry.table.clone()) else {
            return;
        };
        let number = table.live_columns().nth(column.index as usize).map(|(place, _)| place as u16 + 1);
        let used = self.note_use(table.oid);
        used.select = true;
        if let Some(number) = number {
            used.columns_of_rows.retain(|known| *known != number);
            if !used.columns_read.contains(&number) {
                used.columns_read.push(number);
            }
        }
    }
}

/// An expression and where it stands: PostgreSQL's `exprLocation`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    pub expression: Expression,
    pub position: u32,
}

impl Bound {
    pub fn oid(&self) -> u32 {
        self.expression.result.oid
    }
}

/// An error of a crate below at a place.
pub(crate) fn carried(error: &dyn Diagnostic, position: u32) -> BindError {
    BindError::at(BindErrorKind::Carried(Carried::of(error)), position)
}

/// An error that means that the program is wrong.
pub(crate) fn internal(what: &str) -> BindError {
    BindError::new(BindErrorKind::Internal { what: what.to_owned() })
}

pub(crate) fn unsupported(feature: impl Into<String>, position: u32) -> BindError {
    BindError::at(BindErrorKind::Unsupported { feature: feature.into() }, position)
}
