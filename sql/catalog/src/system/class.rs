//! What stands in `pg_class`, and what hangs on it.

use super::emit::{
    Emit, SystemContext, acl, bytes, flag, int, letter, maybe, number, number_vector, small, small_vector,
    text, texts,
};
use super::typed::{alignment_of, collation_of, storage_of};
use crate::error::CatalogResult;
use crate::first::first_privileges;
use crate::object::class as of_class;
use crate::object::{
    Acl, Column, ColumnDetails, CompositeColumn, Datum, ForeignOption, Index, IndexKey, IndexedValue, Object,
    Oid, Origin, Persistence, Replica, Rule, SUPERUSER, Source,
};
use crate::operator_class::{class_of, default_class};
use crate::snapshot::{Relation, Scope};
use types::Types;
use types::array::ArrayBuilder;
use types::catalog::{Form, oid};
use types::value::Item;

/// The access method of tables.
const HEAP: Oid = 2;
const NO_ACL: Acl = None;

/// Storage parameters as `reloptions` has them.
fn options_of(options: &[String]) -> Option<Vec<u8>> {
    (!options.is_empty()).then(|| texts(oid::TEXT, options.iter().map(String::as_str)))
}

/// All that stands in `pg_class`, by number; those of the system first.
pub(super) fn all_relations(scope: &Scope) -> impl Iterator<Item = Relation> {
    let system = scope.system_tables().map(|table| Relation::System(table.clone()));
    system.chain(scope.objects().filter_map(|object| match object {
        Object::Table(table) => Some(Relation::Table(table.clone())),
        Object::View(view) => Some(Relation::View(view.clone())),
        Object::Index(index) => Some(Relation::Index(index.clone())),
        Object::Sequence(sequence) => Some(Relation::Sequence(sequence.clone())),
        Object::Composite(composite) => Some(Relation::Composite(composite.clone())),
        Object::Schema(_)
        | Object::Constraint(_)
        | Object::Enum(_)
        | Object::Domain(_)
        | Object::Base(_)
        | Object::Range(_)
        | Object::Multirange(_)
        | Object::Cast(_)
        | Object::Collation(_)
        | Object::Conversion(_)
        | Object::EventTrigger(_)
        | Object::Extension(_)
        | Object::Operator(_)
        | Object::OperatorClass(_)
        | Object::OperatorFamily(_)
        | Object::Statistics(_)
        | Object::Rewrite(_)
        | Object::Foreign(_)
        | Object::Replication(_)
        | Object::Search(_)
        | Object::Policy(_)
        | Object::Trigger(_)
        | Object::Function(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => None,
    }))
}

/// The role that owns a relation; an index's is its table's.
pub(super) fn owner_of(scope: &Scope, relation: &Relation) -> Oid {
    match relation {
        Relation::Table(table) => table.owner,
        Relation::View(view) => view.owner,
        Relation::Index(index) => scope.table(index.table).map_or(SUPERUSER, |table| table.owner),
        Relation::Sequence(sequence) => sequence.owner,
        Relation::Composite(composite) => composite.owner,
        Relation::System(_) => SUPERUSER,
    }
}

/// `relkind`.
pub(super) fn kind_of(scope: &Scope, relation: &Relation) -> u8 {
    match relation {
        Relation::Table(table) if table.is_partitioned() => b'p',
        Relation::Table(table) => match table.origin {
            Origin::Own => b'r',
            Origin::Materialized(_) => b'm',
            Origin::Foreign(_) => b'f',
        },
        Relation::View(_) => b'v',
        Relation::Index(index) if scope.table(index.table).is_some_and(|table| table.is_partitioned()) => {
            b'I'
        }
        Relation::Index(_) => b'i',
        Relation::Sequence(_) => b'S',
        Relation::Composite(_) => b'c',
        Relation::System(table) if table.is_view => b'v',
        Relation::System(_) => b'r',
    }
}

/// Whether a table has triggers, or foreign keys, or is referred to by some: PostgreSQL keeps triggers for them.
pub(super) fn has_triggers(scope: &Scope, table: Oid) -> bool {
    scope.has_triggers(table)
        || scope.foreign_keys_to(table).next().is_some()
        || scope.constraints_of(table).any(|found| matches!(found.rule, Rule::ForeignKey { .. }))
}

/// What a row of `pg_class` says besides what all have in common.
struct Facts<'a> {
    row_type: Oid,
    of_type: Oid,
    method: Oid,
    file: Oid,
    columns: usize,
    checks: usize,
    persistence: Persistence,
    has_index: bool,
    has_rules: bool,
    has_triggers: bool,
    replica: u8,
    /// Whether policies are asked, and whether of the owner, too.
    row_security: (bool, bool),
    has_children: bool,
    is_partition: bool,
    bound: Option<String>,
    acl: &'a Acl,
    options: Option<Vec<u8>>,
    populated: bool,
}

fn facts<'a>(scope: &Scope, relation: &'a Relation) -> Facts<'a> {
    let mut facts = Facts {
        row_type: 0,
        of_type: 0,
        method: 0,
        file: file_of(relation),
        columns: 0,
        checks: 0,
        persistence: Persistence::Permanent,
        has_index: false,
        has_rules: false,
        has_triggers: false,
        replica: b'n',
        row_security: (false, false),
        has_children: false,
        is_partition: false,
        bound: None,
        acl: &NO_ACL,
        options: None,
        populated: true,
    };
    match relation {
        Relation::Table(table) => facts_of_table(scope, table, &mut facts),
        Relation::View(view) => {
            facts.row_type = view.row_type;
            facts.columns = view.columns.len();
            facts.persistence = view.persistence;
            (facts.has_rules, facts.acl) = (true, &view.acl);
            facts.options = options_of(&view.options);
            facts.has_triggers = scope.has_triggers(view.oid);
        }
        Relation::Index(index) => {
            facts.method = index.method.oid();
            facts.options = options_of(&index.options);
            facts.is_partition = index.parent != 0;
            facts.has_children = scope.parts_of_index(index).next().is_some();
            facts.columns = index.keys.len() + index.include.len();
            if let Some(table) = scope.table(index.table) {
                facts.persistence = table.persistence;
                if table.is_partitioned() {
                    facts.file = 0;
                }
            }
        }
        Relation::Sequence(sequence) => {
            facts.columns = 3;
            (facts.persistence, facts.acl) = (sequence.persistence, &sequence.acl);
        }
        Relation::Composite(composite) => {
            (facts.row_type, facts.columns) = (composite.oid, composite.columns.len());
        }
        Relation::System(table) => {
            (facts.row_type, facts.columns) = (table.row_type, table.columns.len());
            facts.method = if table.is_view { 0 } else { HEAP };
            facts.has_rules = table.is_view;
        }
    }
    facts
}

/// The number by which a relation's rows or entries are known as a file, 0 of what has none: a table or index that is
/// written anew has another.
pub fn file_of(relation: &Relation) -> Oid {
    let tree = match relation {
        Relation::Table(table) if !table.is_partitioned() && !table.is_foreign() => table.tree,
        Relation::Index(index) => index.tree,
        Relation::Sequence(sequence) => sequence.tree,
        Relation::Table(_) | Relation::View(_) | Relation::Composite(_) | Relation::System(_) => 0,
    };
    (tree & u64::from(u32::MAX)) as Oid
}

/// What is told of a table.
fn facts_of_table<'a>(scope: &Scope, table: &'a crate::object::Table, facts: &mut Facts<'a>) {
    let is_check = |rule: &Rule| matches!(rule, Rule::Check(_));
    (facts.row_type, facts.of_type) = (table.row_type, table.of_type);
    if !table.is_partitioned() && !table.is_foreign() {
        facts.method = HEAP;
    }
    facts.has_children = scope.children_of(table.oid).next().is_some();
    facts.is_partition = table.partition_of().is_some();
    facts.bound = scope.partition_bound_text(table);
    facts.columns = table.columns.len();
    facts.checks = scope.constraints_of(table.oid).filter(|found| is_check(&found.rule)).count();
    facts.persistence = table.persistence;
    facts.has_index = scope.indexes_of(table.oid).next().is_some();
    facts.has_triggers = has_triggers(scope, table.oid);
    (facts.replica, facts.acl) = (table.replica.letter(), &table.acl);
    facts.row_security = (table.row_security, table.forces_row_security);
    facts.options = options_of(&table.options);
    facts.has_rules = table.is_materialized() || !scope.rules_of(table.oid).is_empty();
    facts.populated = table.materialized().is_none_or(|view| view.populated);
}

/// `pg_class`.
pub(super) fn relations(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let facts = facts(scope, &relation);
        let known = scope.table_statistics(relation.oid());
        let partitioned = matches!(&relation, Relation::Table(table) if table.is_partitioned());
        // One whose rows are in partitions has none, which is said once it has been looked at.
        let pages = known.map_or(0, |known| if partitioned { -1 } else { known.pages as i32 });
        let rows =
            known.map_or(if matches!(relation, Relation::Index(_)) { 0.0 } else { -1.0 }, |known| known.rows);
        let access = acl(scope, facts.acl);
        let persistence = match facts.persistence {
            Persistence::Permanent => b'p',
            Persistence::Temporary => b't',
            Persistence::Unlogged => b'u',
        };
        emit.row(&[
            number(relation.oid()),
            text(relation.name()),
            number(relation.schema()),
            number(facts.row_type),
            number(facts.of_type),
            number(owner_of(scope, &relation)),
            number(facts.method),
            number(facts.file),
            number(scope.tablespace_of(relation.oid())),
            int(pages),
            Item::Float32(rows as f32),
            int(0),
            number(0),
            flag(facts.has_index),
            flag(false),
            letter(persistence),
            letter(kind_of(scope, &relation)),
            small(facts.columns),
            small(facts.checks),
            flag(facts.has_rules),
            flag(facts.has_triggers),
            flag(facts.has_children),
            flag(facts.row_security.0),
            flag(facts.row_security.1),
            flag(facts.populated),
            letter(facts.replica),
            flag(facts.is_partition),
            number(0),
            number(0),
            number(0),
            bytes(&access),
            bytes(&facts.options),
            maybe(facts.bound.as_deref()),
        ])?;
    }
    Ok(())
}

/// A row of `pg_attribute`.
struct Attribute<'a> {
    relation: Oid,
    name: &'a str,
    type_oid: Oid,
    modifier: i32,
    collation: Oid,
    /// Counted from 1; below 0 what every stored row has.
    number: i32,
    not_null: bool,
    target: i16,
    has_default: bool,
    missing: Option<&'a Datum>,
    identity: u8,
    generated: u8,
    dropped: bool,
    local: bool,
    inherited: u16,
    /// Whether its type was written down, so that brackets behind it may have been counted; of others PostgreSQL tells none.
    written: bool,
    details: Option<&'a ColumnDetails>,
    foreign_options: &'a [ForeignOption],
    acl: &'a Acl,
}

impl<'a> Attribute<'a> {
    fn plain(relation: Oid, place: usize, name: &'a str, type_oid: Oid, modifier: i32) -> Attribute<'a> {
        Attribute {
            relation,
            name,
            type_oid,
            modifier,
            collation: collation_of(type_oid),
            number: i32::try_from(place + 1).unwrap_or(i32::MAX),
            not_null: false,
            target: -1,
            has_default: false,
            missing: None,
            identity: 0,
            generated: 0,
            dropped: false,
            local: true,
            inherited: 0,
            written: true,
            details: None,
            foreign_options: &[],
            acl: &NO_ACL,
        }
    }

    fn composite(relation: Oid, place: usize, column: &'a CompositeColumn) -> Attribute<'a> {
        Attribute {
            collation: column.collation,
            dropped: column.dropped,
            ..Attribute::plain(relation, place, &column.name, column.type_oid, column.modifier)
        }
    }

    fn table(relation: Oid, place: usize, column: &'a Column) -> Attribute<'a> {
        let (has_default, identity, generated) = match &column.source {
            Source::Null => (false, 0, 0),
            Source::Default(_) => (true, 0, 0),
            Source::Generated(_) => (true, 0, b's'),
            Source::Identity { always: true, .. } => (false, b'a', 0),
            Source::Identity { always: false, .. } => (false, b'd', 0),
        };
        Attribute {
            collation: column.collation,
            not_null: column.not_null,
            target: column.statistics_target,
            has_default,
            missing: column.missing.as_ref(),
            identity,
            generated,
            dropped: column.dropped,
            local: column.local,
            inherited: column.inherited,
            written: column.local,
            details: Some(&column.details),
            acl: &column.acl,
            ..Attribute::plain(relation, place, &column.name, column.type_oid, column.modifier)
        }
    }

    fn emit(&self, scope: &Scope, emit: &mut Emit) -> CatalogResult<()> {
        let entry = scope.entry(self.type_oid);
        let access = acl(scope, self.acl);
        let storage = self.details.and_then(|details| details.storage);
        let options = self.details.and_then(|details| options_of(&details.options));
        emit.row(&[
            number(self.relation),
            text(self.name),
            number(self.type_oid),
            int(self.target),
            small(entry.map_or(0, |entry| entry.length)),
            Item::Int16(i16::try_from(self.number).unwrap_or(i16::MAX)),
            int(i32::from(self.written && entry.is_some_and(|entry| entry.form == Form::Array))),
            int(-1),
            int(self.modifier),
            flag(entry.is_some_and(|entry| entry.by_value)),
            letter(entry.map_or(b'i', |entry| alignment_of(scope, &entry))),
            letter(storage.unwrap_or_else(|| entry.map_or(b'p', |entry| storage_of(scope, &entry)))),
            letter(self.details.and_then(|details| details.compression).unwrap_or(0)),
            flag(self.not_null),
            flag(self.has_default),
            flag(self.missing.is_some()),
            letter(self.identity),
            letter(self.generated),
            flag(self.dropped),
            flag(self.local),
            int(self.inherited),
            number(self.collation),
            bytes(&access),
            bytes(&options),
            bytes(&super::foreign::listed(self.foreign_options)),
            bytes(&self.missing_value()),
        ])
    }

    /// What rows have that are older than the column, as an array with nothing else in it.
    fn missing_value(&self) -> Option<Vec<u8>> {
        let missing = self.missing?;
        let mut array = ArrayBuilder::new(self.type_oid, missing.0.kind()?);
        array.push(&Item::from(&missing.0));
        Some(array.finish_list())
    }
}

/// `pg_attribute`.
pub(super) fn attributes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let of = relation.oid();
        match &relation {
            Relation::Table(table) => {
                for (place, column) in table.columns.iter().enumerate() {
                    let attribute = Attribute::table(of, place, column);
                    let written = attribute.written && !table.is_materialized();
                    let foreign_options = match (table.foreign(), u16::try_from(place)) {
                        (Some(foreign), Ok(place)) => foreign.column_options(place),
                        (Some(_) | None, _) => &[],
                    };
                    Attribute { written, foreign_options, ..attribute }.emit(scope, emit)?;
                }
                stored_attributes(scope, of, emit)?;
            }
            Relation::View(view) => {
                for (place, column) in view.columns.iter().enumerate() {
                    let attribute = Attribute::composite(of, place, &column.column);
                    let has_default = column.default.is_some();
                    Attribute { has_default, written: false, acl: &column.acl, ..attribute }
                        .emit(scope, emit)?;
                }
            }
            Relation::Composite(composite) => {
                for (place, column) in composite.columns.iter().enumerate() {
                    Attribute::composite(of, place, column).emit(scope, emit)?;
                }
            }
            Relation::Index(index) => index_attributes(scope, index, emit)?,
            Relation::Sequence(_) => {
                let columns = [("last_value", oid::INT8), ("log_cnt", oid::INT8), ("is_called", oid::BOOL)];
                for (place, (name, type_oid)) in columns.into_iter().enumerate() {
                    let attribute = Attribute::plain(of, place, name, type_oid, -1);
                    Attribute { not_null: true, ..attribute }.emit(scope, emit)?;
                }
                stored_attributes(scope, of, emit)?;
            }
            Relation::System(table) => {
                for (place, column) in table.columns.iter().enumerate() {
                    let attribute =
                        Attribute::plain(of, place, column.name, column.type_oid, column.modifier);
                    Attribute { not_null: column.not_null, ..attribute }.emit(scope, emit)?;
                }
                if !table.is_view {
                    stored_attributes(scope, of, emit)?;
                }
            }
        }
    }
    Ok(())
}

/// What every stored row has besides its columns.
fn stored_attributes(scope: &Scope, relation: Oid, emit: &mut Emit) -> CatalogResult<()> {
    let all = [
        ("ctid", oid::TID),
        ("xmin", oid::XID),
        ("cmin", oid::CID),
        ("xmax", oid::XID),
        ("cmax", oid::CID),
        ("tableoid", oid::OID),
    ];
    for (place, (name, of)) in all.into_iter().enumerate() {
        let attribute = Attribute::plain(relation, place, name, of, -1);
        Attribute { number: -attribute.number, not_null: true, target: 0, ..attribute }.emit(scope, emit)?;
    }
    Ok(())
}

/// The type of what an index keeps of a key: its operator class may say another than that of the key.
fn kept_type(scope: &Scope, index: &Index, key: &IndexKey) -> Oid {
    let class = match key.class {
        Some(class) => class_of(scope, class),
        None => default_class(scope, index.method, key.type_oid),
    };
    match class.map_or(0, |class| class.kept) {
        0 | oid::ANYRANGE => key.type_oid,
        oid::ANYELEMENT => scope.entry(key.type_oid).map_or(key.type_oid, |entry| entry.element),
        kept => kept,
    }
}

fn index_attributes(scope: &Scope, index: &Index, emit: &mut Emit) -> CatalogResult<()> {
    for (place, key) in index.keys.iter().enumerate() {
        let of = kept_type(scope, index, key);
        let plain = Attribute::plain(index.oid, place, &key.name, of, key.modifier);
        Attribute { collation: key.collation, target: key.statistics_target, ..plain }.emit(scope, emit)?;
    }
    let Some(table) = scope.table(index.table) else { return Ok(()) };
    for (place, column) in index.include.iter().enumerate() {
        let Some(column) = table.columns.get(usize::from(*column)) else { continue };
        let place = index.keys.len() + place;
        Attribute::plain(index.oid, place, &column.name, column.type_oid, column.modifier)
            .emit(scope, emit)?;
    }
    Ok(())
}

/// `pg_attrdef`.
pub(super) fn defaults(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for relation in all_relations(context.scope) {
        let mut one = |place: usize, expression: Option<&crate::object::Expression>| match expression {
            Some(expression) => emit.row(&[
                number(expression.oid),
                number(relation.oid()),
                small(place + 1),
                text(&expression.text),
            ]),
            None => Ok(()),
        };
        match &relation {
            Relation::Table(table) => {
                for (place, column) in table.columns.iter().enumerate() {
                    one(
                        place,
                        match &column.source {
                            Source::Default(expression) | Source::Generated(expression) => Some(expression),
                            Source::Null | Source::Identity { .. } => None,
                        },
                    )?;
                }
            }
            Relation::View(view) => {
                for (place, column) in view.columns.iter().enumerate() {
                    one(place, column.default.as_ref())?;
                }
            }
            Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) | Relation::System(_) => {}
        }
    }
    Ok(())
}

/// `pg_index`.
pub(super) fn indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let Relation::Index(index) = &relation else { continue };
        let table = scope.table(index.table);
        let column = |key: &IndexedValue| match key {
            IndexedValue::Column(column) => i16::try_from(*column).map_or(0, |column| column + 1),
            IndexedValue::Expression(_) => 0,
        };
        let included = index.include.iter().map(|place| i16::try_from(*place).map_or(0, |place| place + 1));
        let keys = small_vector(index.keys.iter().map(|key| column(&key.value)).chain(included));
        let collations = number_vector(index.keys.iter().map(|key| key.collation));
        let classes = number_vector(index.keys.iter().map(|key| {
            let default = || default_class(scope, index.method, key.type_oid).map_or(0, |class| class.oid);
            key.class.unwrap_or_else(default)
        }));
        let option =
            |descending: bool, nulls_first: bool| i16::from(descending) | i16::from(nulls_first) << 1;
        let options = small_vector(index.keys.iter().map(|key| option(key.descending, key.nulls_first)));
        let expressions: Vec<&str> = index
            .keys
            .iter()
            .filter_map(|key| match &key.value {
                IndexedValue::Expression(text) => Some(text.as_str()),
                IndexedValue::Column(_) => None,
            })
            .collect();
        let expressions = (!expressions.is_empty()).then(|| expressions.join(", "));
        emit.row(&[
            number(index.oid),
            number(index.table),
            small(index.keys.len() + index.include.len()),
            small(index.keys.len()),
            flag(index.unique),
            flag(index.nulls_not_distinct),
            flag(index.primary),
            flag(excludes(scope, index)),
            flag(index.immediate),
            flag(table.is_some_and(|table| table.clustered == index.oid)),
            flag(index.valid),
            flag(false),
            flag(true),
            flag(true),
            flag(table.is_some_and(|table| table.replica == Replica::Index(index.oid))),
            Item::Bytes(&keys),
            Item::Bytes(&collations),
            Item::Bytes(&classes),
            Item::Bytes(&options),
            maybe(expressions.as_deref()),
            maybe(index.predicate.as_deref()),
        ])?;
    }
    Ok(())
}

/// Whether an index serves an exclusion constraint.
fn excludes(scope: &Scope, index: &Index) -> bool {
    let constraint = scope.constraint_of_index(index.oid);
    constraint.is_some_and(|constraint| matches!(constraint.rule, Rule::Exclude(..)))
}

/// `pg_sequence`.
pub(super) fn sequences(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for relation in all_relations(context.scope) {
        let Relation::Sequence(sequence) = &relation else { continue };
        emit.row(&[
            number(sequence.oid),
            number(sequence.type_oid),
            Item::Int64(sequence.start),
            Item::Int64(sequence.increment),
            Item::Int64(sequence.maximum),
            Item::Int64(sequence.minimum),
            Item::Int64(sequence.cache),
            flag(sequence.cycle),
        ])?;
    }
    Ok(())
}

/// `pg_namespace`.
pub(super) fn schemas(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for object in context.scope.objects() {
        let Object::Schema(schema) = object else { continue };
        let access = acl(context.scope, &schema.acl);
        emit.row(&[number(schema.oid), text(&schema.name), number(schema.owner), bytes(&access)])?;
    }
    Ok(())
}

/// `pg_init_privs`: what of the rights on them is no user's doing, for dumps.
pub(super) fn initial_privileges(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (schema, granted) in first_privileges() {
        let granted = acl(context.scope, &granted);
        emit.row(&[number(schema), number(of_class::NAMESPACE), int(0), letter(b'i'), bytes(&granted)])?;
    }
    for entry in functions::table::functions() {
        let granted = acl(context.scope, &super::routine::own_grants(entry.oid));
        if granted.is_some() {
            let (class, kind) = (number(of_class::FUNCTION), letter(b'i'));
            emit.row(&[number(entry.oid), class, int(0), kind, bytes(&granted)])?;
        }
    }
    Ok(())
}

/// `pg_rewrite`: a view is a rule, which has the view's number.
pub(super) fn rewrites(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for relation in all_relations(context.scope) {
        let query = match &relation {
            Relation::View(view) => view.query.as_str(),
            Relation::System(table) if table.is_view => "",
            Relation::Table(table) if table.is_materialized() => {
                table.materialized().map_or("", |view| view.query.as_str())
            }
            Relation::System(_)
            | Relation::Table(_)
            | Relation::Index(_)
            | Relation::Sequence(_)
            | Relation::Composite(_) => continue,
        };
        emit.row(&[
            number(relation.oid()),
            text("_RETURN"),
            number(relation.oid()),
            letter(b'1'),
            letter(b'O'),
            flag(true),
            text("<>"),
            text(query),
        ])?;
    }
    for object in context.scope.objects() {
        let Object::Rewrite(rule) = object else { continue };
        emit.row(&[
            number(rule.oid),
            text(&rule.name),
            number(rule.relation),
            letter(rule.event.letter()),
            letter(rule.state.letter()),
            flag(rule.instead),
            text(rule.condition.as_deref().unwrap_or("<>")),
            text(&rule.actions.join("; ")),
        ])?;
    }
    Ok(())
}
