//! `LIKE`: what a table takes over from another one.
//!
//! Columns with their types, collations and NOT NULL come always, in the place where LIKE stands; defaults, identities,
//! generations, checks, indexes and comments where they are asked for. Foreign keys never do. Expressions are read from the
//! texts that the catalog keeps: names of columns are the same in both tables.

use super::column::{ColumnDraft, KeyDraft, RuleDraft, refuse_pseudo_type};
use super::constraint::{ConstraintMaker, NOWHERE, joined, unused};
use super::{column_of_result, place};
use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use crate::index::{IndexDraft, IndexOf};
use crate::sequence::Properties;
use bumpalo::Bump;
use catalog::object::{Constraint, Index, IndexedValue, Oid, Rule, Source, Table, class};
use catalog::{Address, CatalogError, Relation};
use std::sync::Arc;
use syntax::tree::alter::{AlterAction, AlterActionKind};
use syntax::tree::expression::Expression;
use syntax::tree::select::QueryBody;
use syntax::tree::table::{IndexParameters, LikeOption, LikeWhat};
use syntax::tree::{Name, QualifiedName, StatementKind};
use types::Type;

/// A relation that a table is made like, and what is taken over from it.
pub(super) struct Model {
    relation: Relation,
    wanted: Wanted,
}

/// What is taken over besides columns: the last option that names it decides.
struct Wanted(Vec<LikeOption>);

impl Wanted {
    fn has(&self, what: LikeWhat) -> bool {
        let names = |option: &&LikeOption| [what, LikeWhat::All].contains(&option.what);
        self.0.iter().rev().find(names).is_some_and(|option| option.including)
    }
}

impl Model {
    /// The relation that is named.
    ///
    /// # Errors
    /// When there is none, or it is none that a table can be like.
    pub(super) fn find(
        definer: &mut Definer<'_>,
        name: &QualifiedName<'_>,
        options: &[LikeOption],
    ) -> DefineResult<Model> {
        let position = name.position();
        let (schema, object) = crate::names::split_name(&definer.scope, name)?;
        let relation = definer.scope.find_relation(schema, object).map_err(|error| match error {
            CatalogError::UndefinedRelation { name } => DefineError::LikeMissing { name, position },
            other => DefineError::from(other).at(position),
        })?;
        let invalid = |kinds| {
            let name = relation.name().to_owned();
            Err(DefineError::LikeKind { name, kinds, position })
        };
        let relation = match &relation {
            Relation::Table(table) => {
                Relation::Table(definer.lock_table(table, store::locks::RelationMode::AccessShare)?)
            }
            Relation::View(_) | Relation::Composite(_) | Relation::System(_) => relation,
            Relation::Index(_) => return invalid("indexes"),
            Relation::Sequence(_) => return invalid("sequences"),
        };
        Ok(Model { relation, wanted: Wanted(options.to_vec()) })
    }

    /// Its columns, as those of a new table.
    ///
    /// # Errors
    /// When a table cannot have one of them.
    pub(super) fn columns<'a>(
        &self,
        definer: &Definer<'_>,
        arena: &'a Bump,
    ) -> DefineResult<Vec<ColumnDraft<'a>>> {
        let plain = |name: &str, of: Type, collation: Oid, not_null: bool| {
            refuse_pseudo_type(definer, name, of)?;
            let mut draft = column_of_result(arena.alloc_str(name), of);
            draft.not_null = not_null;
            draft.collation = if collation == 0 { definer.collation(of, None)? } else { collation };
            Ok(draft)
        };
        match &self.relation {
            Relation::Table(table) => table
                .live_columns()
                .map(|(_, column)| {
                    let (of, collation) = (column.column_type(), column.collation);
                    let mut draft = plain(&column.name, of, collation, column.not_null)?;
                    self.add_source(definer, &column.source, &mut draft, arena)?;
                    draft.details.storage =
                        column.details.storage.filter(|_| self.wanted.has(LikeWhat::Storage));
                    draft.details.compression =
                        column.details.compression.filter(|_| self.wanted.has(LikeWhat::Compression));
                    Ok(draft)
                })
                .collect(),
            Relation::View(view) => {
                let columns = view.columns.iter().map(|column| &column.column);
                columns.map(|it| plain(&it.name, it.column_type(), it.collation, false)).collect()
            }
            Relation::Composite(composite) => {
                let columns = composite.columns.iter().filter(|column| !column.dropped);
                columns.map(|it| plain(&it.name, it.column_type(), it.collation, false)).collect()
            }
            Relation::System(system) => {
                let columns = system.columns.iter();
                columns.map(|it| plain(it.name, it.column_type(), 0, it.not_null)).collect()
            }
            Relation::Index(_) | Relation::Sequence(_) => Ok(Vec::new()),
        }
    }

    fn add_source<'a>(
        &self,
        definer: &Definer<'_>,
        source: &Source,
        draft: &mut ColumnDraft<'a>,
        arena: &'a Bump,
    ) -> DefineResult<()> {
        match source {
            Source::Default(value) if self.wanted.has(LikeWhat::Defaults) => {
                draft.default = Some(parsed(definer, &value.text, arena)?);
            }
            Source::Generated(value) if self.wanted.has(LikeWhat::Generated) => {
                draft.generated = Some(parsed(definer, &value.text, arena)?);
            }
            Source::Identity { always, sequence } if self.wanted.has(LikeWhat::Identity) => {
                let sequence = definer.scope.sequence(*sequence);
                draft.copied_identity = sequence.map(|sequence| (*always, Properties::of(sequence)));
            }
            Source::Null | Source::Default(_) | Source::Generated(_) | Source::Identity { .. } => {}
        }
        Ok(())
    }

    /// What comes when the table is there: checks, indexes, comments.
    ///
    /// # Errors
    /// When the table has something of a name already.
    pub(super) fn finish(&self, definer: &mut Definer<'_>, made: Oid, arena: &Bump) -> DefineResult<()> {
        self.copy_column_comments(definer, made)?;
        let Relation::Table(model) = &self.relation else { return Ok(()) };
        if self.wanted.has(LikeWhat::Constraints) {
            let mut checks: Vec<Arc<Constraint>> = definer.scope.constraints_of(model.oid).cloned().collect();
            checks.sort_by(|one, two| one.name.cmp(&two.name));
            for check in checks {
                self.copy_check(definer, &check, made, arena)?;
            }
        }
        if self.wanted.has(LikeWhat::Indexes) {
            let indexes: Vec<Arc<Index>> = definer.scope.indexes_of(model.oid).cloned().collect();
            for index in indexes {
                let copy = match definer.scope.constraint_of_index(index.oid).cloned() {
                    Some(constraint) if matches!(constraint.rule, Rule::Exclude(..)) => {
                        copy_exclusion(definer, &constraint, made, arena)?
                    }
                    Some(constraint) => copy_key(definer, model, &index, &constraint, made)?,
                    None => copy_index(definer, model, &index, made, arena)?,
                };
                match definer.scope.tablespace_of(index.oid) {
                    0 => {}
                    tablespace => definer.catalog.place(definer.transaction, copy, tablespace)?,
                }
                self.copy_comment(definer, class::RELATION, Address::of(index.oid), Address::of(copy))?;
            }
        }
        if self.wanted.has(LikeWhat::Statistics) {
            let table = definer.table(made)?;
            for (from, to) in crate::statistics::make_like(definer, model.oid, &table)? {
                self.copy_comment(definer, class::STATISTICS, Address::of(from), Address::of(to))?;
            }
        }
        definer.refresh()
    }

    fn copy_column_comments(&self, definer: &mut Definer<'_>, made: Oid) -> DefineResult<()> {
        let names: Vec<(usize, String)> = match &self.relation {
            Relation::Table(table) => {
                table.live_columns().map(|(at, column)| (at, column.name.clone())).collect()
            }
            Relation::View(view) => {
                view.columns.iter().map(|column| column.column.name.clone()).enumerate().collect()
            }
            Relation::Composite(composite) => {
                composite.columns.iter().map(|column| column.name.clone()).enumerate().collect()
            }
            Relation::System(_) | Relation::Index(_) | Relation::Sequence(_) => Vec::new(),
        };
        let table = definer.table(made)?;
        for (at, name) in names {
            let Some((new, _)) = table.column(&name) else { continue };
            let (from, to) = (self.relation.oid(), made);
            let (from, to) = (Address::column(from, place(at)), Address::column(to, place(new)));
            self.copy_comment(definer, class::RELATION, from, to)?;
        }
        Ok(())
    }

    fn copy_comment(
        &self,
        definer: &mut Definer<'_>,
        class: Oid,
        from: Address,
        to: Address,
    ) -> DefineResult<()> {
        if self.wanted.has(LikeWhat::Comments)
            && let Some(text) = definer.scope.comment(class, from).cloned()
        {
            definer.catalog.comment(definer.transaction, class, to, Some(&text))?;
        }
        Ok(())
    }

    fn copy_check(
        &self,
        definer: &mut Definer<'_>,
        check: &Constraint,
        made: Oid,
        arena: &Bump,
    ) -> DefineResult<()> {
        let Rule::Check(text) = &check.rule else { return Ok(()) };
        let draft = KeyDraft {
            name: Some(&check.name),
            rule: RuleDraft::Check(parsed(definer, text, arena)?),
            deferrable: false,
            initially_deferred: false,
            not_valid: false,
            no_inherit: check.no_inherit,
            only: false,
            inherited: None,
            position: NOWHERE,
        };
        let mut maker = ConstraintMaker::new(definer, definer.table(made)?);
        let copy = maker.make(definer, &draft, true)?;
        definer.refresh()?;
        self.copy_comment(definer, class::CONSTRAINT, Address::of(check.oid), Address::of(copy))
    }
}

/// An expression as the catalog keeps it.
pub(crate) fn parsed<'a>(definer: &Definer<'_>, text: &str, arena: &'a Bump) -> DefineResult<Expression<'a>> {
    let source = arena.alloc_str(&format!("SELECT {text}"));
    if let Ok([statement]) = syntax::parse(source, arena, definer.depth_limit)
        && let StatementKind::Query(query) = statement.kind
        && let QueryBody::Select(select) = query.body
        && let [target] = select.targets
    {
        return Ok(target.expression);
    }
    // It was written by a definition that stood: only a stack that is smaller now makes it too deep.
    definer.unsupported("an expression that nests so deep", None)
}

fn names<'a>(table: &'a Table, places: &[u16]) -> Vec<Name<'a>> {
    let columns = places.iter().filter_map(|place| table.columns.get(usize::from(*place)));
    columns.map(|column| Name { text: &column.name, position: NOWHERE }).collect()
}

/// A primary key or a unique constraint; answers its index.
fn copy_key(
    definer: &mut Definer<'_>,
    model: &Table,
    index: &Index,
    constraint: &Constraint,
    made: Oid,
) -> DefineResult<Oid> {
    let draft = KeyDraft {
        name: None,
        rule: RuleDraft::Key {
            primary: index.primary,
            columns: names(model, &constraint.columns),
            include: names(model, &index.include),
            parameters: IndexParameters {
                nulls_distinct: !index.nulls_not_distinct,
                options: &[],
                tablespace: None,
            },
        },
        deferrable: constraint.deferrable,
        initially_deferred: constraint.initially_deferred,
        not_valid: false,
        no_inherit: false,
        only: false,
        inherited: None,
        position: NOWHERE,
    };
    make_copy(definer, &draft, made)
}

/// An exclusion constraint; answers its index.
fn copy_exclusion(
    definer: &mut Definer<'_>,
    constraint: &Constraint,
    made: Oid,
    arena: &Bump,
) -> DefineResult<Oid> {
    let definition = definer.scope.constraint_definition(constraint);
    let source = arena.alloc_str(&format!("ALTER TABLE t ADD {definition}"));
    let Ok([statement]) = syntax::parse(source, arena, definer.depth_limit) else {
        return definer.unsupported("an expression that nests so deep", None);
    };
    if let StatementKind::AlterTable(alter) = statement.kind
        && let [AlterAction { kind: AlterActionKind::AddConstraint(written), .. }] = alter.actions
    {
        let draft = KeyDraft { position: NOWHERE, ..KeyDraft::read(written)? };
        return make_copy(definer, &draft, made);
    }
    definer.unsupported("such an exclusion constraint", None)
}

/// Makes a constraint that another table has; answers its index, or itself.
fn make_copy(definer: &mut Definer<'_>, draft: &KeyDraft<'_>, made: Oid) -> DefineResult<Oid> {
    let mut maker = ConstraintMaker::new(definer, definer.table(made)?);
    let copy = maker.make(definer, draft, true)?;
    definer.refresh()?;
    Ok(match definer.scope.constraint(copy).map(|constraint| &constraint.rule) {
        Some(Rule::PrimaryKey(index) | Rule::Unique(index) | Rule::Exclude(index, _)) => *index,
        Some(Rule::Check(_) | Rule::ForeignKey { .. }) | None => copy,
    })
}

/// An index that is no constraint's. Its name is chosen anew, from the names that its keys have.
fn copy_index(
    definer: &mut Definer<'_>,
    model: &Table,
    index: &Index,
    made: Oid,
    arena: &Bump,
) -> DefineResult<Oid> {
    let table = definer.table(made)?;
    let same_place = |old: u16| {
        let column = model.columns.get(usize::from(old))?;
        table.column(&column.name).map(|(at, _)| place(at))
    };
    let mut keys = Vec::with_capacity(index.keys.len());
    for key in &index.keys {
        let of = match &key.value {
            IndexedValue::Column(old) => match same_place(*old) {
                Some(at) => IndexOf::column(at),
                None => continue,
            },
            IndexedValue::Expression(text) => {
                let bound = definer.table_expression(&table, &parsed(definer, text, arena)?)?;
                IndexOf {
                    value: IndexedValue::Expression(bound.text),
                    value_type: Some(bound.expression.result),
                    name: Some(key.name.clone()),
                    references: bound.references,
                    ..IndexOf::column(0)
                }
            }
        };
        let class = key.class.and_then(|class| catalog::operator_class::class_of(&definer.scope, class));
        keys.push(IndexOf {
            collation: Some(key.collation),
            class,
            descending: key.descending,
            nulls_first: key.nulls_first,
            class_options: key.class_options.clone(),
            ..of
        });
    }
    let predicate = match &index.predicate {
        Some(text) => {
            let written = parsed(definer, text, arena)?;
            let bound = definer.table_condition(&table, &written, bind::Clause::IndexPredicate)?;
            Some((bound.text, bound.references))
        }
        None => None,
    };
    let include: Vec<u16> = index.include.iter().filter_map(|old| same_place(*old)).collect();
    let mut shown: Vec<&str> = index.keys.iter().map(|key| key.name.as_str()).collect();
    shown.extend(names(&table, &include).into_iter().map(|name| name.text));
    let draft = IndexDraft {
        name: unused(&table.name, Some(&joined(&shown)), "idx", |name| {
            definer.scope.relation_in(table.schema, name).is_some()
        }),
        method: index.method,
        keys,
        include,
        unique: index.unique,
        primary: false,
        nulls_equal: index.nulls_not_distinct,
        immediate: index.immediate,
        predicate,
        parent: 0,
        options: index.options.clone(),
    };
    let copy = draft.create(definer, &table, None)?;
    definer.refresh()?;
    definer.build(copy).map(|_| copy)
}
