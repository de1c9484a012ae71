//! A store in memory with a catalog whose tables are made from a script, as far as binding needs them.
#![allow(dead_code)] // each test file uses its part

use bind::{Context, Parameters, PlainLiterals};
use bumpalo::Bump;
use catalog::object::*;
use catalog::{Address, Catalog, Catalogs, DependencyKind, FirstNames, Relation, Scope};
use env::memory::MemoryEnv;
use plan::logical::Query;
use std::path::Path;
use std::sync::Arc;
use store::{Begin, MAIN_DATABASE, Store, StoreOptions, Transaction};
use syntax::tree::table::{ColumnConstraintKind, TableConstraintKind, TableElement};
use syntax::tree::{Statement, StatementKind};
use types::kind::Kind;
use types::row::Storage;
use types::{Type, Types};

/// How deep statements of the tests nest.
pub const DEPTH: usize = 200;

pub struct World {
    store: Store,
    catalog: Catalog,
    transaction: Transaction,
    pub scope: Scope,
}

impl World {
    /// A database in which a script has been run, as far as it makes tables, views, domains and enums.
    pub fn of_script(script: &str) -> World {
        let store =
            Store::open(Arc::new(MemoryEnv::new()), Path::new("b.db"), StoreOptions::default()).unwrap();
        let catalogs = Arc::new(Catalogs::new());
        let mut catalog = catalogs.open(&store, MAIN_DATABASE, FirstNames::default()).unwrap();
        let mut transaction = store.begin(Begin::default()).unwrap();
        let scope = see(&store, &mut catalog, &mut transaction);
        let mut world = World { store, catalog, transaction, scope };
        let arena = Bump::new();
        for statement in syntax::parse(script, &arena, DEPTH).unwrap() {
            world.run(script, statement);
        }
        world
    }

    /// Makes what a statement makes, if it is one that makes something.
    pub fn run(&mut self, source: &str, statement: &Statement<'_>) {
        match &statement.kind {
            StatementKind::CreateTable(create) => self.create_table(source, create),
            StatementKind::CreateView(view) => {
                let start = view.query.position as usize;
                let text = source.get(start..statement.end as usize).unwrap_or("");
                self.create_view(view.name.object(), text, view.query);
            }
            StatementKind::CreateDomain(domain) => {
                let literals = PlainLiterals(&self.scope);
                let context = Context {
                    scope: &self.scope,
                    literals: &literals,
                    depth_limit: DEPTH,
                    strings: Default::default(),
                };
                let Ok(base) = bind::definition::resolve_type(context, &domain.type_name) else { return };
                let (oid, name) = (self.oids(2), domain.name.object().to_owned());
                self.make(Object::Domain(Arc::new(Domain {
                    oid,
                    name,
                    schema: PUBLIC,
                    owner: SUPERUSER,
                    array_type: oid + 1,
                    base_oid: base.oid,
                    modifier: base.modifier,
                    collation: catalog::collation_of(base.oid),
                    not_null: false,
                    default: None,
                    acl: None,
                })));
            }
            _ => {}
        }
    }

    fn oids(&self, count: u32) -> Oid {
        self.catalog.new_oids(&self.store, count).unwrap()
    }

    fn make(&mut self, object: Object) {
        let public = [(Address::of(PUBLIC), DependencyKind::Normal)];
        // A script may make the same name twice.
        if self.catalog.create(&mut self.transaction, &object, &public).is_ok() {
            self.scope = see(&self.store, &mut self.catalog, &mut self.transaction);
        }
    }

    fn create_table(&mut self, source: &str, create: &syntax::tree::table::CreateTable<'_>) {
        let name = create.name.object().to_owned();
        if matches!(self.scope.look_for_relation(None, &name), Some(Relation::Table(_))) {
            return;
        }
        let literals = PlainLiterals(&self.scope);
        let (scope, strings) = (&self.scope, Default::default());
        let context = Context { scope, literals: &literals, depth_limit: DEPTH, strings };
        let (mut columns, mut key): (Vec<Column>, Vec<String>) = Default::default();
        for element in create.elements {
            match element {
                TableElement::Column(specification) => {
                    let Some(type_name) = &specification.type_name else { return };
                    let of = bind::definition::resolve_type(context, type_name).unwrap_or(Type::of(23));
                    let mut made = column(&self.scope, specification.name.text, of);
                    for constraint in specification.constraints {
                        match &constraint.kind {
                            ColumnConstraintKind::PrimaryKey(_) => {
                                key.push(made.name.clone());
                                made.not_null = true;
                            }
                            ColumnConstraintKind::NotNull => made.not_null = true,
                            ColumnConstraintKind::Default(expression) => {
                                let start = expression.start() as usize;
                                let rest = source.get(start..).unwrap_or("");
                                let end = rest.find([',', '\n', ';']).unwrap_or(rest.len());
                                let text = rest[..end].trim_end_matches(')').to_owned();
                                made.source = Source::Default(Expression { oid: 0, text });
                            }
                            _ => {}
                        }
                    }
                    columns.push(made);
                }
                TableElement::Constraint(constraint) => {
                    if let TableConstraintKind::PrimaryKey(columns, ..) = &constraint.kind {
                        key.extend(columns.iter().map(|name| name.text.to_owned()));
                    }
                }
                TableElement::Like { .. } => {}
            }
        }
        let (oid, tree) = (self.oids(3), self.transaction.create_tree(true).unwrap().0);
        let place_of = |name: &String| columns.iter().position(|column: &Column| column.name == *name);
        let places: Vec<u16> = key.iter().filter_map(place_of).map(|place| place as u16).collect();
        let keys = places.iter().map(|place| index_key(*place, &columns[usize::from(*place)])).collect();
        self.make(Object::Table(Arc::new(Table {
            oid,
            name: name.clone(),
            schema: PUBLIC,
            owner: SUPERUSER,
            persistence: Persistence::Permanent,
            tree,
            lock: tree,
            row_type: oid + 2,
            array_type: oid + 1,
            columns,
            inheritance: Default::default(),
            options: Vec::new(),
            origin: catalog::object::Origin::Own,
            clustered: 0,
            replica: catalog::object::Replica::Default,
            row_security: false,
            forces_row_security: false,
            of_type: 0,
            acl: None,
            revision: 0,
        })));
        self.primary_key(oid, &format!("{name}_pkey"), places, keys);
    }

    fn primary_key(&mut self, table: Oid, name: &str, columns: Vec<u16>, keys: Vec<IndexKey>) {
        if columns.is_empty() {
            return;
        }
        let (index, tree) = (self.oids(2), self.transaction.create_tree(false).unwrap().0);
        self.make(Object::Index(Arc::new(Index {
            oid: index,
            name: name.to_owned(),
            schema: PUBLIC,
            table,
            parent: 0,
            tree,
            method: IndexMethod::Ordered,
            keys,
            include: Vec::new(),
            unique: true,
            primary: true,
            nulls_not_distinct: false,
            immediate: true,
            predicate: None,
            valid: true,
            options: Vec::new(),
        })));
        self.make(Object::Constraint(Arc::new(Constraint {
            oid: index + 1,
            name: name.to_owned(),
            schema: PUBLIC,
            table,
            domain: 0,
            columns,
            rule: Rule::PrimaryKey(index),
            deferrable: false,
            initially_deferred: false,
            validated: true,
            no_inherit: false,
            local: true,
            inherited: 0,
            parent: 0,
        })));
    }

    fn create_view(&mut self, name: &str, text: &str, query: &syntax::tree::Query<'_>) {
        let literals = PlainLiterals(&self.scope);
        let context = Context {
            scope: &self.scope,
            literals: &literals,
            depth_limit: DEPTH,
            strings: Default::default(),
        };
        let Ok(columns) = bind::definition::query_columns(context, query, Parameters::None) else { return };
        let columns = columns
            .into_iter()
            .map(|column| ViewColumn {
                column: CompositeColumn {
                    name: column.name,
                    type_oid: column.column_type.oid,
                    modifier: column.column_type.modifier,
                    collation: catalog::collation_of(column.column_type.oid),
                    dropped: false,
                },
                default: None,
                acl: None,
            })
            .collect();
        let (oid, lock) = (self.oids(3), self.transaction.create_tree(false).unwrap().0);
        self.make(Object::View(Arc::new(View {
            oid,
            name: name.to_owned(),
            schema: PUBLIC,
            owner: SUPERUSER,
            persistence: Persistence::Permanent,
            lock,
            row_type: oid + 2,
            array_type: oid + 1,
            columns,
            query: text.to_owned(),
            options: Vec::new(),
            acl: None,
            revision: 0,
        })));
    }

    /// What a statement means that nests so deep at most.
    pub fn bind_within(&self, statement: &Statement<'_>, depth_limit: usize) -> bind::BindResult<Query> {
        let literals = PlainLiterals(&self.scope);
        let context =
            Context { scope: &self.scope, literals: &literals, depth_limit, strings: Default::default() };
        bind::bind(context, statement, Parameters::None)
    }

    /// What a statement means.
    pub fn bind(&self, statement: &Statement<'_>, parameters: bool) -> bind::BindResult<Query> {
        let literals = PlainLiterals(&self.scope);
        let context = Context {
            scope: &self.scope,
            literals: &literals,
            depth_limit: DEPTH,
            strings: Default::default(),
        };
        let parameters = if parameters { Parameters::Inferred(Vec::new()) } else { Parameters::None };
        bind::bind(context, statement, parameters)
    }
}

fn see(store: &Store, catalog: &mut Catalog, transaction: &mut Transaction) -> Scope {
    let view = transaction.view().unwrap();
    let snapshot = catalog.snapshot(store, &view).unwrap();
    let path = snapshot.search_path(["$user", "public"], "postgres", None);
    Scope::new(snapshot, path)
}

fn column(types: &dyn Types, name: &str, of: Type) -> Column {
    let kind = types.entry(of.oid).and_then(|entry| entry.kind).unwrap_or(Kind::Int32);
    Column {
        name: name.to_owned(),
        type_oid: of.oid,
        modifier: of.modifier,
        collation: catalog::collation_of(of.oid),
        storage: ColumnStorage(Storage::Plain(kind)),
        not_null: false,
        source: Source::Null,
        missing: None,
        statistics_target: -1,
        details: catalog::object::ColumnDetails::default(),
        acl: None,
        dropped: false,
        inherited: 0,
        local: true,
    }
}

fn index_key(place: u16, column: &Column) -> IndexKey {
    IndexKey {
        value: IndexedValue::Column(place),
        name: column.name.clone(),
        type_oid: column.type_oid,
        modifier: column.modifier,
        collation: column.collation,
        class: None,
        descending: false,
        nulls_first: false,
        class_options: Vec::new(),
        statistics_target: -1,
    }
}
