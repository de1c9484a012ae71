//! The whole catalog in memory, at one version of it.
//!
//! Maps are persistent: the snapshot after a change shares all that stayed with the one before, and making it costs what
//! has changed. Everything is held by `Arc`, so a plan may keep what it was made from.
//!
//! * `apply`: from an entry of the tree to the maps. `lookup`: names. `made`: types. `scope`: as a session sees it.

mod apply;
mod conversion;
mod foreign;
mod key_triggers;
mod lookup;
mod made;
mod path;
mod records;
mod replication;
mod scope;
mod search;

pub use lookup::Relation;
pub use made::MadeType;
pub use path::{PathEntry, SearchPath};
pub use scope::{GivenTable, Scope};

use crate::dependency::{Address, DependencyKind};
use crate::first::{fixed_comments, fixed_objects};
use crate::large_object::LargeObjectTrees;
use crate::object::{
    Acl, Cast, Collation, ColumnStatistics, Composite, Constraint, Conversion, Database, DefaultFor,
    DefaultKind, Domain, EnumType, EventTrigger, ExtendedStatistics, Extension, Foreign, Function, Grant,
    Index, Multirange, Object, Oid, Operator, Policy, RangeType, Replication, RewriteRule, Role, Schema,
    Search, Sequence, Setting, SettingsOf, Table, TableStatistics, Tablespace, Trigger, View, class,
};
use crate::system::{SystemTable, system_tables};
use imbl::ordmap::DiffItem;
use imbl::{OrdMap, OrdSet};
use std::sync::Arc;

/// A comment's text.
pub type Comment = Arc<str>;

/// The catalogs that list what all databases have.
pub(crate) const SHARED_CLASSES: [Oid; 3] = [class::ROLE, class::DATABASE, class::TABLESPACE];

/// Names in a space, by space.
type Names = OrdMap<Oid, OrdMap<Arc<str>, Oid>>;

/// The catalog at one version. Cloning it costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    objects: OrdMap<Oid, Object>,
    /// Roles and databases: all databases have the same, so their numbers say nothing of the numbers here.
    shared: OrdMap<Oid, Object>,
    /// Relations of the system.
    system: OrdMap<Oid, Arc<SystemTable>>,
    schemas: OrdMap<Arc<str>, Oid>,
    extensions: OrdMap<Arc<str>, Oid>,
    event_triggers: OrdMap<Arc<str>, Oid>,
    relations: Names,
    type_names: Names,
    functions: OrdMap<Oid, OrdMap<Arc<str>, OrdSet<Oid>>>,
    roles: OrdMap<Arc<str>, Oid>,
    databases: OrdMap<Arc<str>, Oid>,
    /// A cast by its source and its target.
    casts: OrdMap<(Oid, Oid), Oid>,
    collations: Names,
    conversions: Names,
    tablespaces: OrdMap<Arc<str>, Oid>,
    /// The tablespaces of relations that are not to lie in the default one.
    places: OrdMap<Oid, Oid>,
    /// Of text search, by catalog and schema.
    searches: OrdMap<(Oid, Oid), OrdMap<Arc<str>, Oid>>,
    /// Statistics of several columns.
    statistics: Names,
    /// Operators by their symbols, of all schemas.
    operators: OrdMap<Arc<str>, OrdSet<Oid>>,
    /// Types by their numbers: users' own, and those that come with a relation or another type.
    types: OrdMap<Oid, Arc<MadeType>>,
    /// A label's enum.
    labels: OrdMap<Oid, (Oid, Arc<str>)>,
    /// A composite type by its number in pg_class.
    composites: OrdMap<Oid, Oid>,
    /// (table, who inherits from it)
    children: OrdSet<(Oid, Oid)>,
    /// (table, index)
    indexes: OrdSet<(Oid, Oid)>,
    /// (table or domain, constraint)
    constraints: OrdSet<(Oid, Oid)>,
    /// (relation, rule)
    rules: OrdSet<(Oid, Oid)>,
    /// (relation, trigger)
    triggers: OrdSet<(Oid, Oid)>,
    /// (table, policy)
    policies: OrdSet<(Oid, Oid)>,
    /// Foreign-data wrappers.
    wrappers: OrdMap<Arc<str>, Oid>,
    /// Foreign servers.
    servers: OrdMap<Arc<str>, Oid>,
    /// Mappings of users by server and role.
    mappings: OrdMap<(Oid, Oid), Oid>,
    /// Publications.
    publications: OrdMap<Arc<str>, Oid>,
    /// (table, schema or publication; the table or the schema as it is in the publication)
    published: OrdSet<(Oid, Oid)>,
    /// Subscriptions.
    subscriptions: OrdMap<Arc<str>, Oid>,
    /// (table, statistics of several of its columns)
    combined: OrdSet<(Oid, Oid)>,
    /// (table referred to, foreign key)
    referring: OrdSet<(Oid, Oid)>,
    /// Foreign keys by the numbers of their first triggers.
    firing: OrdMap<Oid, Oid>,
    /// (index, the constraint that it serves)
    served: OrdMap<Oid, Oid>,
    /// (dependent, on) -> how
    dependencies: OrdMap<(Address, Address), DependencyKind>,
    comments: OrdMap<(Oid, Address), Comment>,
    table_statistics: OrdMap<Oid, Arc<TableStatistics>>,
    column_statistics: OrdMap<(Oid, u16), Arc<ColumnStatistics>>,
    settings: OrdMap<SettingsOf, Arc<Vec<Setting>>>,
    default_acls: OrdMap<DefaultFor, Arc<Vec<Grant>>>,
    /// Where large objects lie, once there are some.
    large_objects: Option<LargeObjectTrees>,
}

macro_rules! by_number {
    ($($(#[$doc:meta])* $function:ident: $map:ident $variant:ident => $type:ty;)*) => {
        $($(#[$doc])*
        pub fn $function(&self, oid: Oid) -> Option<&Arc<$type>> {
            match self.$map.get(&oid) {
                Some(Object::$variant(object)) => Some(object),
                _ => None,
            }
        })*
    };
}

impl Snapshot {
    /// Where large objects lie, once there are some.
    pub fn large_objects(&self) -> Option<LargeObjectTrees> {
        self.large_objects
    }

    /// The objects that differ from those of another snapshot: as they were there, and as they are here.
    pub fn differing<'s>(&'s self, older: &'s Snapshot) -> Vec<(Option<&'s Object>, Option<&'s Object>)> {
        let changed = older.objects.diff(&self.objects);
        let both = changed.map(|change| match change {
            DiffItem::Add(_, new) => (None, Some(new)),
            DiffItem::Update { old: (_, old), new: (_, new) } => (Some(old), Some(new)),
            DiffItem::Remove(_, old) => (Some(old), None),
        });
        both.collect()
    }

    /// Triggers of definitions, by name: the order in which they fire.
    pub fn event_triggers(&self) -> impl Iterator<Item = &Arc<EventTrigger>> {
        self.event_triggers.values().filter_map(|oid| self.event_trigger(*oid))
    }

    /// The tablespace that a relation is to lie in; 0 for the default one.
    pub fn tablespace_of(&self, relation: Oid) -> Oid {
        self.places.get(&relation).copied().unwrap_or(0)
    }

    /// The relations that are to lie in a tablespace other than the default one, by number.
    pub fn lying_in(&self, tablespace: Oid) -> impl Iterator<Item = Oid> {
        self.places.iter().filter(move |(_, of)| **of == tablespace).map(|(relation, _)| *relation)
    }

    /// All relations that are not to lie in the default tablespace, by number.
    pub fn all_placed(&self) -> Vec<Oid> {
        self.places.keys().copied().collect()
    }

    /// The tablespace of that name.
    pub fn tablespace_named(&self, name: &str) -> Option<&Arc<Tablespace>> {
        self.tablespace(*self.tablespaces.get(name)?)
    }

    /// The trigger of definitions of that name.
    pub fn event_trigger_named(&self, name: &str) -> Option<&Arc<EventTrigger>> {
        self.event_trigger(*self.event_triggers.get(name)?)
    }

    by_number! {
        /// The trigger of definitions with this number.
        event_trigger: objects EventTrigger => EventTrigger;
        /// The parser, template, dictionary or configuration of text search with this number.
        search: objects Search => Search;
        /// The wrapper, server or mapping of users with this number.
        foreign: objects Foreign => Foreign;
        /// The publication, subscription or what is in a publication with this number.
        replication: objects Replication => Replication;
        /// The schema with this number.
        schema: objects Schema => Schema;
        /// The table with this number.
        table: objects Table => Table;
        /// The index with this number.
        index: objects Index => Index;
        /// The sequence with this number.
        sequence: objects Sequence => Sequence;
        /// The view with this number.
        view: objects View => View;
        /// The constraint with this number.
        constraint: objects Constraint => Constraint;
        /// The enum type with this number.
        enumeration: objects Enum => EnumType;
        /// The domain with this number.
        domain: objects Domain => Domain;
        /// The composite type with this number, if it is no relation's.
        composite: objects Composite => Composite;
        /// The range type with this number.
        range_type: objects Range => RangeType;
        /// The type of sets of ranges with this number.
        multirange: objects Multirange => Multirange;
        /// The cast with this number, if it does not come with the program.
        cast: objects Cast => Cast;
        /// The operator with this number, if it does not come with the program.
        operator: objects Operator => Operator;
        /// The rule with this number, if it is none that a view is.
        rule: objects Rewrite => RewriteRule;
        /// The trigger with this number.
        trigger: objects Trigger => Trigger;
        /// The policy with this number.
        policy: objects Policy => Policy;
        /// The collation with this number, if it does not come with the program.
        collation: objects Collation => Collation;
        /// The conversion with this number, if it does not come with the program.
        conversion: objects Conversion => Conversion;
        /// The statistics of several columns with this number.
        statistics: objects Statistics => ExtendedStatistics;
        /// The extension with this number.
        extension: objects Extension => Extension;
        /// The function with this number.
        function: objects Function => Function;
        /// The role with this number.
        role: shared Role => Role;
        /// The tablespace with this number.
        tablespace: shared Tablespace => Tablespace;
        /// The database with this number.
        database: shared Database => Database;
    }

    /// What every database has before anything is in it.
    pub(crate) fn empty() -> Snapshot {
        let mut snapshot = Snapshot::default();
        for object in fixed_objects() {
            snapshot.put(object);
        }
        for (of, object, text) in fixed_comments() {
            snapshot.comments.insert((of, Address::of(object)), text.into());
        }
        for table in system_tables() {
            snapshot.put_system(table);
        }
        snapshot
    }

    /// The object with this number, if it is no role and no database.
    pub fn object(&self, oid: Oid) -> Option<&Object> {
        self.objects.get(&oid)
    }

    /// All objects but roles and databases, by number.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// All roles and databases, by number.
    pub fn shared_objects(&self) -> impl Iterator<Item = &Object> {
        self.shared.values()
    }

    /// The relation of the system with this number.
    pub fn system_table(&self, oid: Oid) -> Option<&Arc<SystemTable>> {
        self.system.get(&oid)
    }

    /// All relations of the system, by number.
    pub fn system_tables(&self) -> impl Iterator<Item = &Arc<SystemTable>> {
        self.system.values()
    }

    /// The tables that inherit from a table, partitions among them, by number.
    pub fn children_of(&self, table: Oid) -> impl Iterator<Item = &Arc<Table>> {
        self.children.range((table, 0)..=(table, Oid::MAX)).filter_map(|(_, child)| self.table(*child))
    }

    /// The same without partitions that are being detached: those whose rows are a table's rows, and who follow its changes.
    pub fn attached_to(&self, table: Oid) -> impl Iterator<Item = &Arc<Table>> {
        self.children_of(table).filter(|child| child.inheritance.detaching.is_none())
    }

    /// The partition of a table that is being detached: there is one at most.
    pub fn detaching_from(&self, table: Oid) -> Option<&Arc<Table>> {
        self.children_of(table).find(|child| child.inheritance.detaching.is_some())
    }

    /// The indexes of partitions that are parts of an index, by number.
    pub fn parts_of_index<'s>(&'s self, index: &'s Index) -> impl Iterator<Item = &'s Arc<Index>> {
        let of = index.oid;
        let partitions = self.children_of(index.table);
        partitions.flat_map(|child| self.indexes_of(child.oid)).filter(move |part| part.parent == of)
    }

    /// A table's indexes, by number.
    pub fn indexes_of(&self, table: Oid) -> impl Iterator<Item = &Arc<Index>> {
        self.indexes.range((table, 0)..=(table, Oid::MAX)).filter_map(|(_, index)| self.index(*index))
    }

    /// A table's or domain's constraints, by number.
    pub fn constraints_of(&self, owner: Oid) -> impl Iterator<Item = &Arc<Constraint>> {
        let found = self.constraints.range((owner, 0)..=(owner, Oid::MAX));
        found.filter_map(|(_, constraint)| self.constraint(*constraint))
    }

    /// Whether any relation has rules, besides those that views are.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// A relation's rules, by name: in the order in which they are asked.
    pub fn rules_of(&self, relation: Oid) -> Vec<&Arc<RewriteRule>> {
        let found = self.rules.range((relation, 0)..=(relation, Oid::MAX));
        let mut rules: Vec<_> = found.filter_map(|(_, rule)| self.rule(*rule)).collect();
        rules.sort_by(|one, other| one.name.cmp(&other.name));
        rules
    }

    /// A relation's triggers, by name: in the order in which they fire.
    pub fn triggers_of(&self, relation: Oid) -> Vec<&Arc<Trigger>> {
        let found = self.triggers.range((relation, 0)..=(relation, Oid::MAX));
        let mut triggers: Vec<_> = found.filter_map(|(_, trigger)| self.trigger(*trigger)).collect();
        triggers.sort_by(|one, other| one.name.cmp(&other.name));
        triggers
    }

    /// A table's policies, by name.
    pub fn policies_of(&self, table: Oid) -> Vec<&Arc<Policy>> {
        let found = self.policies.range((table, 0)..=(table, Oid::MAX));
        let mut policies: Vec<_> = found.filter_map(|(_, policy)| self.policy(*policy)).collect();
        policies.sort_by(|one, other| one.name.cmp(&other.name));
        policies
    }

    /// Statistics of several columns of a table, by number.
    pub fn statistics_of(&self, table: Oid) -> impl Iterator<Item = &Arc<ExtendedStatistics>> {
        let found = self.combined.range((table, 0)..=(table, Oid::MAX));
        found.filter_map(|(_, statistics)| self.statistics(*statistics))
    }

    /// Whether a relation has triggers.
    pub fn has_triggers(&self, relation: Oid) -> bool {
        self.triggers.range((relation, 0)..=(relation, Oid::MAX)).next().is_some()
    }

    /// The triggers of partitions that come from a trigger, by number.
    pub fn clones_of_trigger<'s>(&'s self, trigger: &'s Trigger) -> impl Iterator<Item = &'s Arc<Trigger>> {
        let of = trigger.oid;
        let partitions = self.children_of(trigger.relation);
        let all = partitions.flat_map(|child| self.triggers_of(child.oid));
        all.filter(move |clone| clone.parent == of)
    }

    /// Triggers that are constraints of this name of relations in a schema, by number.
    pub fn constraint_triggers_named(&self, schema: Oid, name: &str) -> impl Iterator<Item = &Arc<Trigger>> {
        let all = self.triggers.iter().filter_map(|(_, trigger)| self.trigger(*trigger));
        let in_schema = move |of: Oid| self.table(of).is_some_and(|table| table.schema == schema);
        all.filter(move |it| it.constraint.is_some() && it.name == name && in_schema(it.relation))
    }

    /// The constraints of this name of tables and domains in a schema, by number.
    pub fn constraints_named(&self, schema: Oid, name: &str) -> impl Iterator<Item = &Arc<Constraint>> {
        let all = self.constraints.iter().filter_map(|(_, constraint)| self.constraint(*constraint));
        all.filter(move |constraint| constraint.schema == schema && constraint.name == name)
    }

    /// The foreign keys that refer to a table, by number; its own among them.
    pub fn foreign_keys_to(&self, table: Oid) -> impl Iterator<Item = &Arc<Constraint>> {
        let found = self.referring.range((table, 0)..=(table, Oid::MAX));
        found.filter_map(|(_, constraint)| self.constraint(*constraint))
    }

    /// Whether a foreign key is the part of one of the same table's: for a partition of what that refers to.
    pub fn is_key_to_part(&self, key: &Constraint) -> bool {
        self.constraint(key.parent).is_some_and(|whole| whole.table == key.table)
    }

    /// The foreign key as it was written that a key of a table belongs to: what refers to partitions is a part of it.
    pub fn written_key<'s>(&'s self, key: &'s Constraint) -> &'s Constraint {
        let mut key = key;
        while let Some(whole) = self.constraint(key.parent).filter(|whole| whole.table == key.table) {
            key = whole;
        }
        key
    }

    /// The parts of a foreign key, for partitions of what it refers to, by number; not the parts of parts.
    pub fn keys_to_parts<'s>(&'s self, key: &'s Constraint) -> impl Iterator<Item = &'s Arc<Constraint>> {
        self.constraints_of(key.table).filter(|part| part.parent == key.oid)
    }

    /// The foreign keys by which something is done when rows of a table go, by number: what refers to it, and of what refers to
    /// the table that it is a partition of the parts for it. The parts that partitions of what refers have do nothing, as the
    /// whole does it for them.
    pub fn actions_on(&self, table: Oid) -> impl Iterator<Item = &Arc<Constraint>> {
        self.foreign_keys_to(table).filter(|key| key.parent == 0 || self.is_key_to_part(key))
    }

    /// The constraint that an index serves.
    pub fn constraint_of_index(&self, index: Oid) -> Option<&Arc<Constraint>> {
        self.constraint(*self.served.get(&index)?)
    }

    /// The functions of this name in a schema, by number.
    pub fn functions_named(&self, schema: Oid, name: &str) -> impl Iterator<Item = &Arc<Function>> {
        let found = self.functions.get(&schema).and_then(|names| names.get(name));
        found.into_iter().flatten().filter_map(|oid| self.function(*oid))
    }

    /// The operators of this symbol that users have made, of all schemas.
    pub fn operators_named(&self, name: &str) -> impl Iterator<Item = &Arc<Operator>> {
        self.operators.get(name).into_iter().flatten().filter_map(|oid| self.operator(*oid))
    }

    /// The operator that a function computes, if it does not come with the program.
    pub fn operator_computed_by(&self, function: Oid) -> Option<&Arc<Operator>> {
        let mut all = self.operators.values().flatten().filter_map(|oid| self.operator(*oid));
        all.find(|made| made.function == function)
    }

    /// The cast from one type to another, if it does not come with the program.
    pub fn cast_between(&self, source: Oid, target: Oid) -> Option<&Arc<Cast>> {
        self.cast(*self.casts.get(&(source, target))?)
    }

    /// The extension of this name.
    pub fn extension_named(&self, name: &str) -> Option<&Arc<Extension>> {
        self.extension(*self.extensions.get(name)?)
    }

    /// The extension that an object is a member of.
    pub fn extension_of(&self, oid: Oid) -> Option<&Arc<Extension>> {
        let mut whole = self
            .dependencies_of(oid)
            .filter(|(dependent, _, kind)| *kind == DependencyKind::Extension && dependent.part == 0);
        self.extension(whole.next()?.1.oid)
    }

    /// A comment on an object or a part of one.
    pub fn comment(&self, class: Oid, address: Address) -> Option<&Comment> {
        self.comments.get(&(class, address))
    }

    /// What ANALYZE found of a table.
    pub fn table_statistics(&self, table: Oid) -> Option<&Arc<TableStatistics>> {
        self.table_statistics.get(&table)
    }

    /// What ANALYZE found of a column of a table, or of a key of an index.
    pub fn column_statistics(&self, table: Oid, column: u16) -> Option<&Arc<ColumnStatistics>> {
        self.column_statistics.get(&(table, column))
    }

    /// What new objects begin with, where a role has said so.
    pub fn default_grants_of(&self, of: DefaultFor) -> Option<&Arc<Vec<Grant>>> {
        self.default_acls.get(&of)
    }

    /// For what new objects roles have said with what they begin.
    pub fn all_default_acls(&self) -> Vec<DefaultFor> {
        self.default_acls.keys().copied().collect()
    }

    /// What a new object begins with; none if nobody has said anything.
    pub fn default_acl(&self, object: &Object) -> Acl {
        if self.default_acls.is_empty() {
            return None;
        }
        let kind = match object {
            Object::Schema(_) => DefaultKind::Schema,
            Object::Table(_) | Object::View(_) => DefaultKind::Table,
            Object::Sequence(_) => DefaultKind::Sequence,
            Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_) => DefaultKind::Type,
            Object::Function(_) => DefaultKind::Function,
            Object::Index(_)
            | Object::Constraint(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_)
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
            | Object::Trigger(_) => return None,
        };
        let role = object.owner()?;
        let everywhere = self.default_acls.get(&DefaultFor { role, schema: 0, kind });
        let schema =
            object.schema().and_then(|schema| self.default_acls.get(&DefaultFor { role, schema, kind }));
        let plain = kind.grants(role);
        let mut grants = everywhere.map_or_else(|| plain.clone(), |grants| grants.to_vec());
        if let Some(more) = schema {
            crate::privilege::merge(&mut grants, more);
        }
        (grants != plain).then_some(grants)
    }

    /// The settings of a role in a database.
    pub fn settings(&self, of_whom: SettingsOf) -> Option<&Arc<Vec<Setting>>> {
        self.settings.get(&of_whom)
    }

    /// What an object or a part of it depends on, by number.
    pub fn dependencies_of(&self, oid: Oid) -> impl Iterator<Item = (Address, Address, DependencyKind)> {
        let from = (Address { oid, part: 0 }, Address { oid: 0, part: 0 });
        let to = (Address { oid, part: u16::MAX }, Address { oid: Oid::MAX, part: u16::MAX });
        self.dependencies.range(from..=to).map(|((dependent, on), kind)| (*dependent, *on, *kind))
    }

    /// All dependencies, by dependent.
    pub fn all_dependencies(&self) -> impl Iterator<Item = (Address, Address, DependencyKind)> {
        self.dependencies.iter().map(|((dependent, on), kind)| (*dependent, *on, *kind))
    }

    /// The comments on objects of a class.
    fn comments_of(&self, class: Oid) -> impl Iterator<Item = (&(Oid, Address), &Comment)> {
        let from = (class, Address { oid: 0, part: 0 });
        self.comments.range(from..).take_while(move |((of, _), _)| *of == class)
    }

    /// All comments, by class and object.
    pub fn all_comments(&self) -> impl Iterator<Item = (Oid, Address, &Comment)> {
        self.comments.iter().map(|((class, address), comment)| (*class, *address, comment))
    }

    /// Whose settings there are.
    pub fn all_settings(&self) -> impl Iterator<Item = SettingsOf> {
        self.settings.keys().copied()
    }
}
